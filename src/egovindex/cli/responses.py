"""The commands for filled-in questionnaires: read and redact."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli import complete
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import one_format
from egovindex.cli.options import AsCsv, AsJson, Everything, ExcelSafe, Force, Top
from egovindex.cli.output import open_page, put_table, show_rows
from egovindex.errors import Fault, listed

if TYPE_CHECKING:
    import pandas as pd

    from egovindex.cli.show import Page

__all__ = ["ReadTable", "read", "redact", "responses_of"]


class ReadTable(StrEnum):
    """Which table of responses is asked for."""

    states = "states"
    answers = "answers"
    report = "report"
    redactions = "redactions"


Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Files, or a folder of them.", show_default=False, readable=False),
]
InstrumentName = Annotated[
    str,
    typer.Option(
        "--instrument", metavar="NAME", help="Packaged instrument, or a YAML file.", autocompletion=complete.instruments
    ),
]
FormatName = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="forms-print, msforms, gforms, wide or tidy. Without it, what may fit is told.",
    ),
]
BindingFile = Annotated[
    Path | None, typer.Option("--binding", metavar="FILE", help="Which column is which item.", readable=False)
]
Orientation = Annotated[
    str,
    typer.Option("--orientation", metavar="WAY", help="Of a print: answer_first, answer_last or auto."),
]
Sheet = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="Of a workbook; the first if not given.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="Who answers, where the source does not say.")]
Period = Annotated[
    str | None, typer.Option("--period", metavar="PERIOD", help="When; the edition of the instrument if not given.")
]
OutTidy = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write one row per answer, .csv or .xlsx.", readable=False)
]


def responses_of(
    files: list[Path],
    instrument: str,
    format_: str,
    *,
    binding: Path | None,
    orientation: str,
    sheet: str | None,
    unit: str | None,
    period: str | None,
) -> ei.Responses:
    """Read responses; without a format what may fit is suggested, and nothing is read."""
    if not format_:
        first = next((path for path in files if path.is_file()), None)
        found = ei.detect(first) if first is not None else []
        hint = f"; {first.name if first else ''} may be {listed(found)}" if found else ""
        raise UsageFault(Fault(f"--format is needed, and is never guessed{hint}", check="no_format"))
    return ei.read_responses(
        files if len(files) > 1 else files[0],
        instrument,
        format=format_,
        binding=binding,
        orientation=orientation,
        sheet=sheet,
        unit=unit,
        period=period,
        progress=len(files) > 1 or files[0].is_dir(),
    )


def _table(found: ei.Responses, which: ReadTable) -> pd.DataFrame:
    if which is ReadTable.states:
        return found.states.reset_index()
    if which is ReadTable.answers:
        return found.table
    return found.report if which is ReadTable.report else found.redactions


def _show(found: ei.Responses, which: ReadTable, *, top: int | None, everything: bool) -> None:
    page = open_page()
    first, *rest = repr(found).splitlines()
    page.head(found.instrument.title, first.partition("> ")[2])
    for line in rest:
        page.line(line.strip())
    page.line()
    table = _table(found, which)
    if which is ReadTable.report and len(table):
        _show_messages(page, table if everything or top is None else table.head(top))
    elif len(table):
        show_rows(page, table.dropna(axis=1, how="all"), most=top, everything=everything)
    else:
        page.line("nothing")


def _show_messages(page: Page, report: pd.DataFrame) -> None:
    """A finding per line, whole: beside other columns its words would be the ones that do not fit."""
    for file, check, units, message in report[["file", "check", "unit", "message"]].itertuples(index=False, name=None):
        page.line(f"{check}: {message}" + "".join(f" [{part}]" for part in (file, units) if part))


@guarded
def read(
    files: Files,
    instrument: InstrumentName = "un-msq-2022",
    format_: FormatName = "",
    binding: BindingFile = None,
    orientation: Orientation = "auto",
    sheet: Sheet = None,
    unit: Unit = None,
    period: Period = None,
    table: Annotated[ReadTable, typer.Option("--table", help="Which table is shown.")] = ReadTable.states,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: OutTidy = None,
    force: Force = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Read filled-in questionnaires, and say what was understood.

    Fields that name persons lose their text as they are read, and addresses and telephone numbers are taken out of all
    other text. --table report lists what is doubtful, not understood or left over; --table redactions what was taken
    out, without values.
    """
    from egovindex.cli.save import check_target

    one_format(as_json=as_json, as_csv=as_csv)
    if out is not None:
        check_target(out, files, force=force, kinds=(".csv", ".xlsx"))
    found = responses_of(
        files, instrument, format_,
        binding=binding, orientation=orientation, sheet=sheet, unit=unit, period=period,
    )  # fmt: skip
    if out is not None:
        found.to_file(out, overwrite=force)
        typer.echo(f"{out.name}: {len(found.table)} answers of {len(found.units)} units", err=True)
    if as_json or as_csv:
        about: dict[str, Any] = {"instrument": found.instrument.id, "table": table.value, "failed": dict(found.failed)}
        put_table(about, _table(found, table), as_json=as_json, excel_safe=excel_safe)
    elif out is None:
        _show(found, table, top=top, everything=everything)


@guarded
def redact(
    files: Files,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Write one row per answer, .csv or .xlsx.", readable=False)
    ],
    instrument: InstrumentName = "un-msq-2022",
    format_: FormatName = "",
    binding: BindingFile = None,
    orientation: Orientation = "auto",
    sheet: Sheet = None,
    unit: Unit = None,
    period: Period = None,
    publish: Annotated[
        bool,
        typer.Option(
            "--publish", help="For others: without roles, organisations and own words, unless consent is recorded."
        ),
    ] = False,
    force: Force = False,
) -> None:
    """Write filled-in questionnaires without persons, and say where what was taken out.

    No value is shown. With --publish whatever identifies a respondent is left out of responses without a recorded
    consent, which is never inferred.
    """
    from egovindex.cli.save import check_target

    check_target(out, files, force=force, kinds=(".csv", ".xlsx"))
    found = responses_of(
        files, instrument, format_,
        binding=binding, orientation=orientation, sheet=sheet, unit=unit, period=period,
    )  # fmt: skip
    if publish:
        found.without_identifying(keep_agreed=True).publish(out, overwrite=force)
        agreed = int((found.consent == "yes").sum())
        said = f"{agreed} of {len(found.consent)} responses whole, by their consent"
        typer.echo(f"{out.name}: {said}; without what identifies respondents in the others", err=True)
    else:
        found.to_file(out, overwrite=force)
    _show(found, ReadTable.redactions, top=None, everything=True)
