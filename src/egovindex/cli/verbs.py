"""The commands that take a score apart: explain, compare, what-if."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli import complete
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import chosen_index, one_format, reworded, table_of
from egovindex.cli.options import (
    AsCsv,
    AsJson,
    DataFile,
    Everything,
    ExcelSafe,
    IndexName,
    Labels,
    Node,
    OnlyRules,
    Points,
    Rules,
    Sample,
    Top,
    Variant,
    Weights,
)
from egovindex.cli.output import about_index, chosen_rows, open_page, plain, put_table, show_rows, title_of
from egovindex.errors import listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare", "explain", "what_if"]


class By(StrEnum):
    """How a change is taken apart."""

    child = "child"
    indicator = "indicator"


class Compared(StrEnum):
    """Which table of a comparison is asked for."""

    moved = "moved"
    units = "units"
    causes = "causes"
    parts = "parts"


class Changed(StrEnum):
    """Which table of a what-if is asked for."""

    units = "units"
    changes = "changes"
    moved = "moved"
    others = "others"


class Learn(StrEnum):
    """Whether learned values are kept."""

    nominal = "nominal"
    each_draw = "each_draw"


# --- explain
@guarded
def explain(
    index: IndexName,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DATA] UNIT",
            help="Table, unless --sample stands for it, and the unit; quote a name with blanks.",
            autocompletion=complete.units,
            show_default=False,
        ),
    ] = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    labels: Labels = None,
    points: Points = None,
    node: Node = None,
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help="Needed where the unit has several.")
    ] = None,
    group: Annotated[
        str | None,
        typer.Option("--group", metavar="COLUMN", help="Hold the unit against those with the same entry there."),
    ] = None,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Take one unit's score apart, and say what keeps it from the best.

    A few sentences, then a table of the indicators, the largest gap to the best first. A gap is by how much the
    node's score would rise if this indicator alone were as the best unit has it.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    data, unit = _data_and_unit(words or [], sample=sample)
    chosen = chosen_index(index, weights, rules, points, only=only_rules, labels=labels)
    read, called = table_of(chosen, data, variant, sample=sample)
    with reworded({"period=": "--period"}):
        found = ei.explain(ei.compute(chosen, read), unit, node=node, period=period, group=group)
    rows = _plain_answers(found.table.reset_index(), "answer")
    if as_json or as_csv:
        rest = {name: plain(found.contributions[name]) for name in ("base", "steps") if name in found.contributions}
        about = {
            **about_index(chosen),
            "node": found.node,
            "unit": found.unit,
            "score": plain(found.score),
            "text": found.text.splitlines(),
            "group": int(found.group.sum()),
            **rest,
        }
        put_table(about, rows, as_json=as_json, excel_safe=excel_safe)
        return
    page = open_page()
    page.head(title_of(chosen), chosen_rows(chosen, f"{found.node} of {found.unit}; {len(read)} rows of {called}"))
    page.line(found.text)
    page.line()
    first = ["indicator", "answer", "points", "gap_to_best", "best", "gap_to_group", "share", "contribution"]
    show_rows(page, rows[[*first, *(name for name in rows if name not in first)]], most=top, everything=everything)


def _data_and_unit(words: list[str], *, sample: bool) -> tuple[Path | None, str]:
    """Table and unit out of one word or two."""
    wanted = 1 if sample else 2
    if len(words) > wanted:
        what = "UNIT" if sample else "DATA and UNIT"
        more = " (with --sample there is no DATA)" if sample else ""
        raise UsageFault(f"{what} expected, found {listed(words)}{more}; put quotes around a name with blanks")
    if len(words) == wanted:
        return (None if sample else Path(words[0])), words[-1]
    if words and not Path(words[0]).is_file():
        raise UsageFault("DATA is missing; --sample uses the packaged one")
    raise UsageFault("UNIT is missing: name the unit to explain")


def _plain_answers(table: pd.DataFrame, *headings: str) -> pd.DataFrame:
    """Answers as they are in the data, in plain Python, for JSON."""
    import pandas as pd

    for heading in headings:
        table[heading] = pd.Series([plain(value) for value in table[heading]], index=table.index, dtype=object)
    return table


# --- compare
@guarded
def compare(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: Points = None,
    with_weights: Annotated[
        str | None,
        typer.Option("--with-weights", metavar="SET", help="Weights of b.", autocompletion=complete.weight_sets),
    ] = None,
    with_rules: Annotated[
        list[str] | None,
        typer.Option("--with-rules", metavar="A,B", help="Rules of b.", autocompletion=complete.rules),
    ] = None,
    with_only_rules: Annotated[
        bool, typer.Option("--with-only-rules", help="The rules of b take the place of its default rule.")
    ] = False,
    with_points: Annotated[
        list[str] | None,
        typer.Option(
            "--with-points", metavar="ADDRESS=OUTCOME", help="Points of b.", autocompletion=complete.lines_of_points
        ),
    ] = None,
    with_data: Annotated[
        Path | None, typer.Option("--with-data", metavar="FILE", help="Table of b.", readable=False)
    ] = None,
    with_sample: Annotated[bool, typer.Option("--with-sample", help="b has the packaged table of its index.")] = False,
    with_variant: Annotated[
        str | None, typer.Option("--with-variant", metavar="NAME", help="b has this variant of the packaged table.")
    ] = None,
    with_index: Annotated[
        str | None,
        typer.Option("--with-index", metavar="OTHER", help="Index of b.", autocompletion=complete.index_names),
    ] = None,
    periods: Annotated[
        tuple[str, str] | None,
        typer.Option("--periods", metavar="A B", help="Period of a and period of b.", show_default=False),
    ] = None,
    node: Node = None,
    by: Annotated[By, typer.Option("--by", help="Take the change apart by the node's child or by indicator.")] = (
        By.child
    ),
    table: Annotated[Compared, typer.Option("--table", help="Which table of the comparison.")] = Compared.moved,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Compare two results: who moved, through which part, and because of what.

    INDEX, DATA and the options are side a. Side b repeats them, except for what a --with option names. The same
    data in two periods: --periods. Moved counts places up from a to b. Because of weights, of the rest of the recipe
    or of the data: each is switched in every order, and the effects are averaged.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    given = (with_weights, with_rules, with_points, with_data, with_variant, with_index, periods)
    if not any(value is not None for value in given) and not (with_sample or with_only_rules):
        raise UsageFault(
            "nothing to compare with: name what differs, by --with-weights, --with-rules, --with-points, "
            "--with-data, --with-sample, --with-variant, --with-index or --periods"
        )
    if with_data is not None and (with_sample or with_variant is not None):
        raise UsageFault("--with-data does not go with --with-sample or --with-variant")
    index_a = chosen_index(index, weights, rules, points, only=only_rules)
    data_a, called_a = table_of(index_a, data, variant, sample=sample)
    if with_only_rules and with_rules is None and rules is None:
        raise UsageFault("--with-only-rules needs --with-rules")
    index_b = chosen_index(
        with_index or index,
        weights if with_weights is None else with_weights,
        rules if with_rules is None else with_rules,
        points if with_points is None else with_points,
        only=with_only_rules or (only_rules and with_rules is None),
    )
    data_b, called_b = data_a, called_a
    if with_data is not None or with_sample or with_variant is not None:
        data_b, called_b = table_of(index_b, with_data, with_variant, sample=with_data is None)
    a = ei.compute(index_a, data_a)
    same = index_a == index_b and data_b is data_a
    b = a if same else ei.compute(index_b, data_b)
    words = {
        "periods=(a, b), None where there are none": "--periods A B",
        "write None in its place": "leave --periods out",
    }
    with reworded(words):
        found = ei.compare(a, b, node=node, by=by.value, periods=periods)
    rows = getattr(found, table.value).reset_index()
    about: dict[str, Any] = {
        "a": {**about_index(index_a), "data": called_a, "period": periods[0] if periods else None},
        "b": {**about_index(index_b), "data": called_b, "period": periods[1] if periods else None},
        "node": found.node,
        "by": by.value,
        "table": table.value,
        "units_in_both": len(found.units),
        "units_moved": len(found.moved),
        "differs_in": list(found.causes),
        "note": found.note,
        "only_a": list(found.only_a),
        "only_b": list(found.only_b),
    }
    if as_json or as_csv:
        put_table(about, rows, as_json=as_json, excel_safe=excel_safe)
    else:
        _show_comparison(found, about, rows, top=top, everything=everything)


def _show_comparison(
    found: ei.Comparison, about: dict[str, Any], rows: pd.DataFrame, *, top: int | None, everything: bool
) -> None:
    page = open_page()
    title = title_of(found.a.index)
    if found.a.index.id != found.b.index.id:
        title += f" and {title_of(found.b.index)}"
    sides = []
    for side, result in (("a", found.a), ("b", found.b)):
        period = f", period {about[side]['period']}" if about[side]["period"] else ""
        sides.append(f"{side}: {chosen_rows(result.index, about[side]['data'] + period)}")
    page.head(title, *sides)
    differs = f"; what differs: {listed(found.causes)}" if about["differs_in"] else "; nothing differs"
    page.line(f"{about['units_moved']} of {about['units_in_both']} units moved in {found.node}{differs}")
    if found.note:
        page.line(found.note)
    page.line()
    if len(rows):
        first = ["unit", "period", "rank_a", "rank_b", "moved", "change", "through", "because"]
        order = [*(name for name in first if name in rows), *(name for name in rows if name not in first)]
        show_rows(page, rows[order], most=top, everything=everything)
    if about["differs_in"] and about["table"] == Compared.moved:
        page.line()
        page.table(["cause", "mean size of the change", "largest", "unit"], _causes(found))
    for side, units in (("a", found.only_a), ("b", found.only_b)):
        if units:
            page.line(f"\nOnly in {side}: {listed(units, most=len(units) if everything else 8)}")


def _causes(found: ei.Comparison) -> list[list[Any]]:
    """What each cause does on average, and where most."""
    rows: list[list[Any]] = []
    for cause, change in found.causes.items():
        size = change.abs()
        if size.notna().any():
            at = int(size.fillna(-1).to_numpy().argmax())
            label = change.index[at]
            name = " ".join(map(str, label)) if isinstance(label, tuple) else str(label)
            rows.append([str(cause), float(size.mean()), float(change.iloc[at]), name])
    return rows


# --- what if
@guarded
def what_if(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: Points = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="UNIT:COLUMN=ANSWER",
            help=r"A new answer; UNIT:PERIOD:COLUMN=ANSWER where there are periods. May be repeated. Nothing after = "
            r"is no answer. In a name, write \: for a colon, \= for an equals sign and \\ for a backslash.",
        ),
    ] = None,
    changes: Annotated[
        Path | None,
        typer.Option(
            "--changes",
            metavar="FILE",
            help="New answers in a table with the columns unit, column, answer (and period), as they are.",
            readable=False,
        ),
    ] = None,
    learn: Annotated[
        Learn, typer.Option("--learn", help="Keep the learned values of the run, or learn them again.")
    ] = Learn.nominal,
    table: Annotated[Changed, typer.Option("--table", help="Which table of the what-if.")] = Changed.units,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Score again with some answers changed.

    a is before, b is after. COLUMN is a heading of the data, or an indicator that reads one. With --learn nominal a
    change moves nobody else's score, though it may move others' ranks; with each_draw, bounds and means are taken from
    the changed data.
    """
    from egovindex.cli.changes import changes_from_file, changes_from_words, new_answers

    one_format(as_json=as_json, as_csv=as_csv)
    if not sets and changes is None:
        raise UsageFault('nothing to change: give --set "UNIT:COLUMN=ANSWER" or --changes FILE')
    asked = [*changes_from_words(sets or []), *([] if changes is None else changes_from_file(changes))]
    chosen = chosen_index(index, weights, rules, points, only=only_rules)
    read, called = table_of(chosen, data, variant, sample=sample)
    result = ei.compute(chosen, read)
    with reworded({"name one with period=": "write UNIT:PERIOD:COLUMN=ANSWER"}):
        found = ei.what_if(result, new_answers(result, asked), learn=learn.value)
    told = _plain_answers(found.changes, "before", "after")
    rows = told if table is Changed.changes else getattr(found, table.value).reset_index()
    if as_json or as_csv:
        from egovindex.cli.save import plain_rows

        about = {
            **about_index(chosen),
            "node": result.headline,
            "learn": learn.value,
            "table": table.value,
            "changes": plain_rows(told),
            "units_moved": len(found.moved),
            "others": len(found.others),
        }
        put_table(about, rows, as_json=as_json, excel_safe=excel_safe)
        return
    page = open_page()
    kept = "learned values kept" if learn is Learn.nominal else "learned values taken again"
    page.head(title_of(chosen), f"{chosen_rows(chosen, f'{len(read)} rows of {called}')}", f"{result.headline}; {kept}")
    if table is not Changed.changes:
        show_rows(page, told, everything=True)
        page.line()
    show_rows(page, rows, most=top, everything=everything)
    others = f"; {len(found.others)} units that were not changed have another score" if len(found.others) else ""
    page.line(f"\n{len(found.moved)} units have another rank or class{others}")
