"""The command that scores again with other answers: what-if."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import egovindex as ei
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import chosen_index, one_format, reworded, table_of
from egovindex.cli.options import (
    AsCsv,
    AsJson,
    DataFile,
    Everything,
    ExcelSafe,
    IndexName,
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
    plain_answers,
    put_table,
    show_rows,
    title_of,
)

if TYPE_CHECKING:
    pass

__all__ = ["what_if"]


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
    told = plain_answers(found.changes, "before", "after")
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
