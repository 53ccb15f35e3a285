"""An invented instrument, and files for it made by hand."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from egovindex.errors import DataError, EgovindexError
from egovindex.instrument import Instrument, load_instrument
from egovindex.responses.formats import Options

FORM = """\
instrument: lake-form
unit: q1
answers:
  status: {yes: [Yes, Ja], no: [No, Nein], other: [Other]}
  channel: {portal: ["Portal, on the web"], app: [App], post: [By post], other: []}
items:
  q1: {number: 1, kind: text, label: Country, match: [country]}
  q2: {number: 2, kind: contact, label: Respondent name, match: [name], personal: person}
  q3: {number: 3, kind: one, answers: status, label: Law on lakes, match: [law, lakes], coded_as: status}
  q4: {number: 4, kind: text, label: Law on lakes - detail, match: [provide, details]}
  q5: {number: 5, kind: many, answers: channel, other: other, label: Channels, match: [channels, services]}
  q6: {number: 6, kind: one, answers: status, label: Law on boats, match: [law, boats]}
  q7: {number: 7, kind: text, label: Law on boats - detail, match: [provide, details]}
  q8: {number: 8, kind: number, label: Staff, match: [staff]}
"""
LEAD = ["ID", "Start time", "Completion time", "Email", "Name"]
QUESTIONS = [
    "Country",
    "Name of the person who answers",
    "Is there a law on\u00a0lakes?",
    "Please provide details",
    "Through which channels are services offered?",
    "Is there a law on boats?",
    "Please provide details2",
    "How many staff are there?",
]
ADDRESS, PERSON = "ilse.quellmann@lakes.example", "Ilse Quellmann"


def instrument(tmp_path: Path, text: str = FORM) -> Instrument:
    path = tmp_path / f"{text.split()[1]}.yaml"
    path.write_text(text, encoding="utf-8")
    return load_instrument(path)


def workbook(path: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def raw_workbook(path: Path, sheet: str, *, strings: str = "", further: dict[str, bytes] | None = None) -> Path:
    """A workbook written by hand: what stands in it need not make sense."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rels = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    parts = {
        "_rels/.rels": f'{head}<Relationships {rels}><Relationship Id="a" Type="{kinds}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook {main} xmlns:r="{kinds}"><sheets><sheet name="S" sheetId="1" r:id="b"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships {rels}><Relationship Id="b" Type="{kinds}/worksheet" '
        f'Target="worksheets/s.xml"/><Relationship Id="c" Type="{kinds}/sharedStrings" Target="/xl/strings.xml"/>'
        "</Relationships>",
        "xl/strings.xml": strings or f"{head}<sst {main}/>",
        "xl/worksheets/s.xml": sheet if sheet.startswith("<?xml") else f"{head}<worksheet {main}>{sheet}</worksheet>",
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, text in {**parts, **(further or {})}.items():
            archive.writestr(name, text)
    return path


def inline(text: str, place: str = "") -> str:
    where = f' r="{place}"' if place else ""
    return f'<c{where} t="inlineStr"><is><t>{text}</t></is></c>'


def refused(check: str, call, *arguments, **named) -> EgovindexError:
    """The error of a call, which has to be of this check and to say what to do."""
    with pytest.raises(EgovindexError) as caught:
        call(*arguments, **named)
    assert check in {fault.check for fault in caught.value.faults}, str(caught.value)
    return caught.value


def rows_of(draft, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in draft.table[list(columns)].itertuples(index=False)]


def everything_said(draft) -> str:
    """All that a draft tells besides its answers."""
    return f"{draft!r}{draft.notes}{draft.left}{draft.table.to_csv()}"


__all__ = ["ADDRESS", "FORM", "LEAD", "PERSON", "QUESTIONS", "BytesIO", "DataError", "Options"]
