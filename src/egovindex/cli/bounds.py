"""The command that says between what a score and a rank lie: bounds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import chosen_index, files_among, one_format, reworded, table_of
from egovindex.cli.options import (
    AsCsv,
    AsJson,
    DataFile,
    Everything,
    ExcelSafe,
    IndexName,
    Node,
    OnlyRules,
    Points,
    Rules,
    Sample,
    Top,
    Variant,
    Weights,
)
from egovindex.cli.output import about_index, chosen_rows, open_page, put_table, show_rows, title_of
from egovindex.errors import listed
from egovindex.spec.language import parse_number

if TYPE_CHECKING:
    import pandas as pd

# how the library asks for limits
_LIMITS = re.compile(r'limits=\{"([^"]*)": \(low, high\)\}')

__all__ = ["bounds"]


@guarded
def bounds(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: Points = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="Kind of nothing whose answers are open: unknown (default), missing, ... May be repeated.",
        ),
    ] = None,
    limits: Annotated[
        list[str] | None,
        typer.Option(
            "--limits",
            metavar="INDICATOR=LOW:HIGH",
            help="Between which the numbers of an indicator lie, as in I-43=0:1. May be repeated.",
        ),
    ] = None,
    node: Node = None,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write .csv, .xlsx, .parquet or .json.", readable=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Say between what every score and rank lies, whatever the open answers would be.

    Open are the answers of the kinds named. Low and high, best and worst rank are exact: no answers give less or
    more. A node for which that cannot be said is named with the reason. With --node one node, without it all in
    --csv, --json and --out, and the headline for people: units with open answers first.
    """
    from egovindex.cli.save import check_target, save_table

    one_format(as_json=as_json, as_csv=as_csv)
    if out is not None:
        check_target(out, files_among(data, index, weights), force=force)
    chosen = chosen_index(index, weights, rules, points, only=only_rules)
    read, called = table_of(chosen, data, variant, sample=sample)
    with reworded({"limits={": "--limits {", "limits: ": "--limits: "}):
        found = ei.bounds(chosen, read, kind or ["unknown"], limits=_limits_from_words(limits or []))
        table = found.table if node is None else found.of(node).assign(node=node).reset_index()
    about: dict[str, Any] = {**about_index(chosen), "node": node, "kinds": list(found.kinds), "refused": found.refused}
    if out is not None:
        save_table(table, about, out, excel_safe=excel_safe, force=force)
        typer.echo(f"{out.name}: {len(table)} rows", err=True)
    if as_json or as_csv:
        put_table(about, table, as_json=as_json, excel_safe=excel_safe)
    elif out is None:
        _show(found, node, called, len(read), top=top, everything=everything)


def _show(found: ei.Bounds, node: str | None, called: str, rows: int, *, top: int | None, everything: bool) -> None:
    page = open_page()
    index = found.result.index
    shown = node or index.headline
    page.head(title_of(index), chosen_rows(index, f"bounds of {shown}; {rows} rows of {called}"))
    for line in repr(found).splitlines()[1:]:
        page.line(_LIMITS.sub(r"--limits \1=LOW:HIGH", line.strip()))
    page.line()
    if shown in found.refused:
        return
    table: pd.DataFrame = found.of(shown).reset_index()
    first = table["open"].gt(0).to_numpy()
    table = table.iloc[[*first.nonzero()[0], *(~first).nonzero()[0]]]
    show_rows(page, table, most=top, everything=everything, ways="--csv and --out write")


def _limits_from_words(words: list[str]) -> dict[str, tuple[float, float]]:
    """Limits by indicator; the last equals sign and the last colon part them."""
    found: dict[str, tuple[float, float]] = {}
    for word in words:
        name, _, ends = word.rpartition("=")
        try:
            low, high = (parse_number(end) for end in ends.split(":"))
        except ValueError:
            message = f'--limits is written INDICATOR=LOW:HIGH, as in I-43=0:1; found "{word}"'
            raise UsageFault(message) from None
        if not name.strip() or name.strip() in found:
            raise UsageFault(f"--limits needs one indicator each; found {listed(words)}")
        found[name.strip()] = low, high
    return found
