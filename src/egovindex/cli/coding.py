"""The commands for categories: code and agreement."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import one_format
from egovindex.cli.options import AsCsv, AsJson, Everything, ExcelSafe, Force, Out, Top
from egovindex.cli.output import open_page, put_table, show_rows
from egovindex.cli.responses import (
    BindingFile,
    Files,
    FormatName,
    InstrumentName,
    Orientation,
    Period,
    Sheet,
    Unit,
    responses_of,
)
from egovindex.cli.sidetables import side_table
from egovindex.errors import Fault

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["agreement", "code"]


class CodedTable(StrEnum):
    """Which table of coded responses is asked for."""

    answers = "answers"
    categories = "categories"
    conflicts = "conflicts"
    flags = "flags"


class AgreementTable(StrEnum):
    """Which table of an agreement is asked for."""

    measures = "measures"
    disputes = "disputes"


def _coded_table(found: ei.Coded, which: CodedTable) -> pd.DataFrame:
    if which is CodedTable.answers:
        return found.long()
    if which is CodedTable.categories:
        return found.table
    return found.conflicts if which is CodedTable.conflicts else found.flags


@guarded
def code(
    files: Files,
    instrument: InstrumentName = "un-msq-2022",
    format_: FormatName = "",
    binding: BindingFile = None,
    orientation: Orientation = "auto",
    sheet: Sheet = None,
    unit: Unit = None,
    period: Period = None,
    codebook: Annotated[
        str | None,
        typer.Option("--codebook", metavar="NAME", help="Packaged codebook, or a YAML file; that of the instrument."),
    ] = None,
    table: Annotated[CodedTable, typer.Option("--table", help="Which table is shown.")] = CodedTable.answers,
    workbook: Annotated[
        Path | None,
        typer.Option("--workbook", metavar="FILE", help="Write a workbook for people who code.", readable=False),
    ] = None,
    coders: Annotated[
        list[str] | None, typer.Option("--coder", metavar="NAME", help="A sheet of the workbook; may be repeated.")
    ] = None,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Out = None,
    force: Force = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Give answers their categories by the rules of a codebook.

    answers is the brief view, which `score` takes; categories has every axis with the words it rests on and the reason;
    conflicts are marks that the text does not support; flags say which evidence to look at. What the text does not
    support is unknown, never no.
    """
    from egovindex.cli.save import check_target, save_table

    one_format(as_json=as_json, as_csv=as_csv)
    if out is not None:
        check_target(out, files, force=force)
    if workbook is not None:
        check_target(workbook, files, force=force, kinds=(".xlsx",))
    read = responses_of(
        files, instrument, format_,
        binding=binding, orientation=orientation, sheet=sheet, unit=unit, period=period,
    )  # fmt: skip
    found = ei.code(read, codebook=codebook)
    shown = _coded_table(found, table)
    about: dict[str, Any] = {"instrument": read.instrument.id, "codebook": found.codebook.name, "table": table.value}
    if workbook is not None:
        ei.coder_workbook(read, read.instrument, workbook, coders=coders or ("first", "second"), overwrite=force)
        typer.echo(f"{workbook.name}: written", err=True)
    if out is not None:
        save_table(shown, about, out, excel_safe=excel_safe, force=force)
        typer.echo(f"{out.name}: {len(shown)} rows", err=True)
    if as_json or as_csv:
        put_table(about, shown, as_json=as_json, excel_safe=excel_safe)
    elif out is None and workbook is None:
        page = open_page()
        first, *rest = repr(found).splitlines()
        page.head(read.instrument.title, first.partition("> ")[2])
        for line in rest:
            page.line(line.strip())
        page.line()
        show_rows(page, shown, most=top, everything=everything, ways="--csv and --out write")


@guarded
def agreement(
    files: Files,
    instrument: InstrumentName = "un-msq-2022",
    by_section: Annotated[bool, typer.Option("--by-section", help="For each section of the form.")] = False,
    table: Annotated[AgreementTable, typer.Option("--table", help="Which table is shown.")] = AgreementTable.measures,
    rng: Annotated[int | None, typer.Option("--rng", min=0, metavar="SEED", help="Seed of the intervals.")] = None,
    resamples: Annotated[int, typer.Option("--resamples", min=0, metavar="N", help="Bootstrap resamples.")] = 1000,
    level: Annotated[float, typer.Option("--level", metavar="SHARE", help="Of the intervals.")] = 0.90,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Say how far coders agree, from the workbooks that they filled in.

    FILE is a workbook of `code --workbook`, filled in, or a CSV of `code --table categories`. Percent agreement, kappa,
    alpha and AC1 with bootstrap intervals; --table disputes lists the items on which coders differ.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    coding = _coding_of(files, instrument)
    chosen = ei.load_instrument(instrument)
    if table is AgreementTable.disputes:
        shown, seed, lines = ei.disputes(coding, chosen), None, []
    else:
        by = ("axis", "section") if by_section else ("axis",)
        found = ei.agreement(coding, chosen, by=by, rng=rng, resamples=resamples, level=level)
        shown, seed, lines = found.table.reset_index(), found.entropy, list(found.notes)
    about: dict[str, Any] = {"instrument": chosen.id, "table": table.value, "rng": seed}
    if as_json or as_csv:
        put_table(about, shown, as_json=as_json, excel_safe=excel_safe)
        return
    page = open_page()
    page.head(chosen.title, f"{table.value} of {coding['coder'].nunique()} coders{f', seed {seed}' if seed else ''}")
    show_rows(page, shown.dropna(axis=1, how="all"), most=top, everything=everything)
    for line in lines:
        page.line(f"Note: {line}")


def _coding_of(files: list[Path], instrument: str) -> pd.DataFrame:
    """Coding tables out of workbooks and CSV files, one below the other."""
    import pandas as pd

    found = []
    for path in files:
        if path.suffix.lower() == ".xlsx":
            found.append(ei.read_coding(path, ei.load_instrument(instrument)))
        elif path.suffix.lower() == ".csv":
            found.append(side_table(path, text=("unit", "period", "item")))
        else:
            message = f'"{path.suffix}" is not read here; use a workbook (.xlsx) or a table of categories (.csv)'
            raise UsageFault(Fault(message, file=path.name, check="unknown_kind"))
    return pd.concat(found, ignore_index=True)
