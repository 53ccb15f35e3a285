"""The command that takes one unit's score apart: explain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import egovindex as ei
from egovindex.cli import complete
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import chosen_index, one_format, reworded, table_of
from egovindex.cli.options import (
    AsCsv,
    AsJson,
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
from egovindex.cli.output import (
    about_index,
    chosen_rows,
    open_page,
    plain,
    plain_answers,
    put_table,
    show_rows,
    title_of,
)
from egovindex.errors import listed

if TYPE_CHECKING:
    pass

__all__ = ["explain"]


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
    rows = plain_answers(found.table.reset_index(), "answer")
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
