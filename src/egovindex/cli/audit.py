"""The command that asks whether a published ranking fits published weights: audit."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli.exact_options import (
    PeriodName,
    TimeLimit,
    about_certainty,
    about_varied,
    by_name,
    in_words,
    told_numbers,
    write_or_print,
)
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import chosen_index, files_among, one_format, table_of
from egovindex.cli.options import (
    AsCsv,
    AsJson,
    DataFile,
    Everything,
    ExcelSafe,
    Force,
    IndexName,
    Node,
    OnlyRules,
    Out,
    Points,
    Rules,
    Sample,
    Top,
    Variant,
    Weights,
)
from egovindex.cli.output import chosen_rows, open_page, plain, show_rows, title_of
from egovindex.cli.runs import check_outputs, notes
from egovindex.cli.sidetables import side_table
from egovindex.errors import DataError, Fault, listed
from egovindex.spec.language import parse_number
from egovindex.tables import same_period

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["audit"]


class Audited(StrEnum):
    """Which table of the audit is asked for."""

    ranks = "ranks"
    conflicts = "conflicts"
    weights = "weights"


_PLACES = {
    "digits": "--digits",
    "total": "--total",
    "no_such_weights": "--weights",
}


@guarded
def audit(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: Points = None,
    ranking: Annotated[
        Path | None,
        typer.Option(
            "--ranking",
            metavar="FILE",
            help="The published ranking: a table with the columns unit and rank (and period).",
            readable=False,
        ),
    ] = None,
    digits: Annotated[
        list[str] | None,
        typer.Option(
            "--digits",
            metavar="N",
            help="Decimals of the weights as printed, 2 if not given; NODE=N for some nodes, the others keep theirs.",
        ),
    ] = None,
    total: Annotated[
        list[str] | None,
        typer.Option(
            "--total",
            metavar="SUM",
            help="What the weights add up to as printed, as in 1 or 100; or NODE=SUM. If not given, what they do.",
        ),
    ] = None,
    node: Node = None,
    period: PeriodName = None,
    time_limit: TimeLimit = None,
    table: Annotated[
        Audited, typer.Option("--table", help="Ranks side by side, pairs in conflict, or weights that fit best.")
    ] = Audited.ranks,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Out = None,
    force: Force = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Ask whether a published ranking can come from published weights, which are rounded.

    The weights of the index are the printed ones; --weights lays others over. Ends with 0 if some weights inside the
    rounding put the units in the published order, and with 1 if none do: then as few units as possible are named
    without which it holds, and pairs that are in conflict.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    if ranking is None:
        raise UsageFault("--ranking is missing: name the table of the published ranking")
    inputs = [*files_among(data, index, weights), ranking]
    check_outputs(inputs, table=out, force=force)
    decimals, sums = _by_node("--digits", digits or [], int), _by_node("--total", total or [], float)
    chosen = chosen_index(index, weights, rules, points, only=only_rules)
    read, called = table_of(chosen, data, variant, sample=sample)
    published, unranked = _published(ranking, period)
    places = _PLACES | dict.fromkeys(("not_a_ranking", "unit_twice"), ranking.name)
    with in_words(places, "--digits {}=N"):
        asked: dict[str, Any] = {} if decimals is None else {"digits": decimals}
        result = ei.compute(chosen, read)
        found = ei.audit(result, published, total=sums, node=node, period=period, time_limit=time_limit, **asked)
    rows = _rows(found, table)
    rows = rows if top is None else rows.head(top)
    about = _about(found, table, ranking.name, unranked)
    done = write_or_print(rows, about, out=out, force=force, excel_safe=excel_safe, as_json=as_json, as_csv=as_csv)
    if not done:
        _show(found, about, rows, f"{len(read)} rows of {called}", everything=everything or top is not None)
    elif not as_json:
        notes(about["notes"])
    raise typer.Exit(0 if found.consistent else 1)


# --- what is asked
def _by_node(option: str, words: list[str], number: Any) -> Any:
    """A number for all nodes, or numbers by node; ``None`` where nothing is said."""
    found: dict[str, Any] = {}
    for word in words:
        node, _, text = (part.strip() for part in word.rpartition("="))
        try:
            value = number(parse_number(text)) if number is not int else int(text)
        except ValueError:
            form = "N or NODE=N, as in 2" if number is int else "SUM or NODE=SUM, as in 100"
            raise UsageFault(f'{option} is written {form}; found "{word}"') from None
        if node in found:
            raise UsageFault(f"{option} is given twice for {node or 'all nodes'}; keep one")
        found[node] = value
    if "" in found and len(found) > 1:
        raise UsageFault(f"{option} is one number for all nodes, or NODE=... for each")
    return found.get("", found or None)


def _published(path: Path, period: str | None) -> tuple[dict[str, float], list[str]]:
    """Ranks by unit, and the units that have none."""
    table = side_table(path, text=("unit", "rank", "period"))
    headings = [str(heading) for heading in table.columns]
    missing = [name for name in ("unit", "rank") if name not in headings]
    if missing:
        raise DataError(f"{path.name}: there is no column {listed(missing)}; found {listed(headings)}")
    if "period" in headings and period is not None:
        table = table[[same_period(one, period) for one in table["period"]]]
    ranks: dict[str, float] = {}
    unranked, faults = [], []
    for unit, raw in zip(table["unit"], table["rank"], strict=True):
        name, rank = (_text(value) for value in (unit, raw))
        if not rank:
            unranked.append(name)
            continue
        try:
            value = float(parse_number(rank))
        except ValueError:
            faults.append(Fault(f'{path.name}: {name}: a rank is a number, found "{rank}"', column="rank"))
            continue
        if name in ranks:
            faults.append(Fault(f"{path.name}: {name} stands twice; a ranking is of one --period", column="unit"))
        ranks[name] = value
    if faults:
        raise DataError(faults)
    return ranks, unranked


def _text(value: Any) -> str:
    """A cell as text; empty for none."""
    value = plain(value)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value).strip()


# --- what is told
def _rows(found: ei.Audit, table: Audited) -> pd.DataFrame:
    """The table that was asked for."""
    import pandas as pd

    if table is Audited.conflicts:
        return found.conflicting
    if table is Audited.ranks:
        return found.table.reset_index()
    printed = {
        (node, child): number
        for node, children in found.printed.weights_at(found.form, found.printed.shares_as_printed(found.form)).items()
        for child, number in children.items()
    }
    rows = [(node, child, printed[node, child], weight) for node, child, weight in by_name(found.weights)]
    return pd.DataFrame(rows, columns=["node", "child", "printed", "found"])


def _about(found: ei.Audit, table: Audited, called: str, unranked: list[str]) -> dict[str, Any]:
    """What stands around the rows in JSON."""
    told = [*found.notes, *([f"no rank in {called}: {listed(unranked)}"] if unranked else [])]
    return {
        **about_varied(found.form, table.value),
        "ranking": called,
        "digits": dict(found.printed.digits),
        "consistent": found.consistent,
        "tie_only": found.tie_only,
        "units": len(found.units),
        "equal": found.equal,
        "margin": plain(found.margin),
        "fewest_left_out": found.fewest,
        "left_out": list(found.left_out),
        "conflicts": list(found.words),
        "certainty": about_certainty(found.certainty),
        "notes": told,
    }


def _show(found: ei.Audit, about: dict[str, Any], rows: pd.DataFrame, rows_of: str, *, everything: bool) -> None:
    page = open_page()
    index = found.form.result.index
    what = f"{about['ranking']} against {about['node']}"
    page.head(title_of(index), chosen_rows(index, f"{what}; {rows_of}"))
    head, *rest = repr(found).splitlines()
    for line in [head.partition("> ")[2], *(line.strip() for line in rest)]:
        page.line(line)
    for note in about["notes"][len(found.notes) :]:
        page.line(note)
    page.line()
    if rows.empty:
        page.line("No pairs are in conflict.")
        return
    show_rows(page, told_numbers(rows), everything=everything, ways="--csv and --out write")
