"""The command that says who is ahead of whom whatever the weights, or the codings: dominance."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli import complete
from egovindex.cli.doubts import DoubtFile
from egovindex.cli.exact_options import PeriodName, about_certainty, about_varied, write_or_print
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import files_among, one_format, table_of
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
    Rules,
    Sample,
    Top,
    Variant,
)
from egovindex.cli.output import chosen_rows, open_page, show_rows, title_of
from egovindex.cli.runs import check_outputs
from egovindex.cli.varied import Varied, VariedPoints, VariedWeights, varied_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["dominance"]


class Compared(StrEnum):
    """Which table of the pairs is asked for."""

    units = "units"
    covers = "covers"
    pairs = "pairs"


@guarded
def dominance(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: VariedWeights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: VariedPoints = None,
    doubt: DoubtFile = None,
    node: Node = None,
    period: PeriodName = None,
    unit: Annotated[
        str | None,
        typer.Option(
            "--unit", metavar="UNIT", help="One unit against each of the others.", autocompletion=complete.units
        ),
    ] = None,
    table: Annotated[
        Compared | None,
        typer.Option("--table", help="Counts by unit (default), the lines of a Hasse diagram, or every pair."),
    ] = None,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Out = None,
    force: Force = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Say who is ahead of whom whatever weights are allowed, or whatever a map of points gives.

    With --points MAP a pair that is decided stays so under every scoring of the categories between the lowest and
    the highest that keeps their order. What is decided is exact, and so is what is open.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    if unit is not None and table is not None:
        raise UsageFault("--unit has a table of its own; leave --table out")
    inputs = [*files_among(data, index, *(weights or [])), *([] if doubt is None else [doubt])]
    check_outputs(inputs, table=out, force=force)
    varied = varied_of(index, weights, rules, points, doubt, only=only_rules)
    read, called = table_of(varied.index, data, variant, sample=sample)
    with varied.placed():
        found = ei.dominance(ei.compute(varied.index, read), **varied.asked, node=node, period=period)
        rows = _rows(found, table or Compared.units, unit)
    rows = rows if top is None else rows.head(top)
    about = _about(found, (table or Compared.units).value if unit is None else "unit", unit)
    done = write_or_print(rows, about, out=out, force=force, excel_safe=excel_safe, as_json=as_json, as_csv=as_csv)
    if not done:
        _show(varied, about, rows, f"{len(read)} rows of {called}", everything=everything or top is not None)


def _rows(found: ei.Dominance, table: Compared, unit: str | None) -> pd.DataFrame:
    """The table that was asked for."""
    if unit is not None:
        return found.of(unit).reset_index()
    if table is Compared.covers:
        return found.covers
    if table is Compared.units:
        return found.table.reset_index()
    # the two square tables, one row for each pair
    long = [square.T.reset_index().melt(id_vars="than") for square in (found.necessary, found.possible)]
    pairs = long[0][["unit", "than"]].assign(necessary=long[0]["value"], possible=long[1]["value"])
    return pairs[pairs["unit"] != pairs["than"]].reset_index(drop=True)


def _about(found: ei.Dominance, table: str, unit: str | None) -> dict[str, Any]:
    """What stands around the rows in JSON."""
    return {
        **about_varied(found.form, table),
        **({} if unit is None else {"unit": unit}),
        "over": found.about,
        "certainty": about_certainty(found.certainty),
        "decided": found.share,
        "undominated": list(found.undominated),
        "notes": list(found.form.notes),
    }


def _show(varied: Varied, about: dict[str, Any], rows: pd.DataFrame, rows_of: str, *, everything: bool) -> None:
    page = open_page()
    what = f"dominance in {about['node']}: {about.get('unit', about['table'])}"
    page.head(title_of(varied.index), chosen_rows(varied.index, f"{what}; {rows_of}"))
    page.line(f"{about['over']}: {about['decided']:.1%} of pairs are decided (exact)")
    page.line(f"{len(about['undominated'])} units have nobody who is always ahead")
    for note in about["notes"]:
        page.line(note)
    page.line()
    show_rows(page, rows, everything=everything, ways="--csv and --out write")
