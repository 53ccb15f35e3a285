"""Filled-in questionnaires: printed forms, exports, tables with a binding, the library's own table, workbooks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

import egovindex as ei
from egovindex.instrument import Instrument
from egovindex.responses.detect import detect
from tests.fuzz.archives import mutated_archive
from tests.fuzz.reader import Reader
from tests.fuzz.tables import book
from tests.responses.prints import COUNTRIES, LAYOUTS, asked
from tests.responses.tables_of_forms import FORM, LEAD, QUESTIONS

__all__ = ["READERS"]

_ROWS = [
    ["1", "2024-01-01 10:00", "2024-01-01 11:00", "a@lakes.example", "Ilse Quellmann", "Alva", "Ilse Quellmann",
    "Yes", "Act 3",
     "Portal, on the web;App;", "No", "", "12"],
    ["2", "2024-01-01 10:00", "2024-01-01 11:00", "b@lakes.example", "Bo Tamarind", "Borland", "Bo Tamarind",
    "Nein", "",
     "By post;A counter", "Yes", "see https://x.example/y", "-99"],
]  # fmt: skip
_TIDY = (
    "unit,item,mark,text,kind\nAlva,q3,Yes,,\nAlva,q4,,'=Act 3,\nAlva,q5.portal,yes,,\nBorland,q3,,,not_applicable\n"
    "Borland,q8,,12,\n"
)
_WIDE = 'Country;3;Channels;Staff\nAlva;Ja;"Portal, on the web";12\nBorland;Nein;App,By post;3\n'
_BINDING = """binding: lake
instrument: lake-form
profile: wide
unit: {column: Country}
items:
  q3: {column: {heading: "3"}, values: {Ja: yes, Nein: no}}
  q5: {column: Channels, shape: {delimited: {sep: ",", of: label}}}
  q8: Staff
missing: {"-99": skipped}
"""
_WORDS = (
    *QUESTIONS, *LEAD, "unit", "item", "mark", "text", "kind", "place", "confidence", "q3", "q5.portal", "q99",
    "Yes", "Ja", "skipped", "refused", "high", "Alva", "Timestamp", "[x]", "( )", "☑", "☐", "Enter your answer",
    "1.", "Required",
)  # fmt: skip
# a form of one page as most people have it before they save its text
_PDF = b"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Contents 4 0 R>> endobj
4 0 obj <</Length 40>> stream
BT /F1 12 Tf 20 50 Td (1. Country) Tj ET
endstream endobj
trailer <</Root 1 0 R>>
%%EOF
"""
_XML = (
    "s", "v", "r", "t", "str", "inlineStr", "e", "b", "d", "A1", "XFD1048576", "ZZZZ1", "date1904", "_x0000_",
    "_xD800_", "_x000D_",
)  # fmt: skip


@cache
def _beside() -> tuple[Instrument, Any]:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-form-"))
    form, binding = folder / "lake-form.yaml", folder / "lake.yaml"
    form.write_text(FORM, encoding="utf-8")
    binding.write_text(_BINDING, encoding="utf-8")
    found = ei.load_instrument(form), ei.load_binding(binding)
    shutil.rmtree(folder)
    return found


def _read(path: Path, instrument: Any, **options: Any) -> object:
    detect(path)
    found = ei.read_responses(path, instrument, **options)
    return found, found.report, found.wide()


def _of_lakes(format_: str, *, bound: bool = False) -> Callable[[Path], object]:
    def read(path: Path) -> object:
        form, binding = _beside()
        return _read(path, form, format=format_, binding=binding if bound else None)

    return read


def _print(path: Path) -> object:
    return _read(path, "un-msq-2022", format="forms-print")


def _coding(path: Path) -> object:
    return ei.read_coding(path, "un-msq-2022")


# --- seeds
@cache
def _prints() -> list[bytes]:
    found = [layout(asked(COUNTRIES[at % len(COUNTRIES)])) for at, layout in enumerate(LAYOUTS.values())]
    return [*(text.encode() for text in found), _PDF]


@cache
def _workbooks_of_coders() -> list[bytes]:
    from openpyxl import load_workbook

    rows = [
        ("Alva", "2024", "q036", "yes", "Act 3"),
        ("Alva", "2024", "q038", "no", "-"),
        ("Borland", "2024", "q036", None, None),
    ]
    items = pd.DataFrame(rows, columns=["unit", "period", "item", "mark", "evidence"], dtype=object)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "coders.xlsx")
        ei.coder_workbook(items, "un-msq-2022", path)
        empty = path.read_bytes()
        opened = load_workbook(path)
        sheet = opened["first"]
        headings = {cell.value: cell.column for cell in sheet[1]}
        for line in (2, 3):
            sheet.cell(line, headings["legal"], "in_force")
        opened.save(path)
        return [path.read_bytes(), path.read_bytes(), empty]


def _csv(rows: list[list[str]]) -> bytes:
    return pd.DataFrame(rows[1:], columns=rows[0]).to_csv(index=False).encode()


@cache
def _of_forms() -> list[bytes]:
    return [book([*LEAD, *QUESTIONS], *_ROWS)]


@cache
def _tidy_books() -> list[bytes]:
    return [book(*([cell or None for cell in line.split(",")] for line in _TIDY.splitlines()))]


def _of_google() -> list[bytes]:
    return [_csv([["Timestamp", *QUESTIONS], *(["2024/01/01 10:00:00", *row[5:]] for row in _ROWS)])]


READERS = [
    Reader("forms_print", ".txt", _print, _prints, words=_WORDS, share=3),
    Reader("msforms_xlsx", ".xlsx", _of_lakes("msforms"), _of_forms, mutated_archive, (*_WORDS, *_XML), 2),
    Reader("gforms_csv", ".csv", _of_lakes("gforms"), _of_google, words=_WORDS),
    Reader("wide_csv", ".csv", _of_lakes("wide", bound=True), lambda: [_WIDE.encode()], words=_WORDS),
    Reader("tidy_csv", ".csv", _of_lakes("tidy"), lambda: [_TIDY.encode()], words=_WORDS),
    Reader("tidy_xlsx", ".xlsx", _of_lakes("tidy"), _tidy_books, mutated_archive, (*_WORDS, *_XML)),
    Reader("coders_xlsx", ".xlsx", _coding, _workbooks_of_coders, mutated_archive, _XML, 2),
]
