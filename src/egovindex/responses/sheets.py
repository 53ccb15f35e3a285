"""Sheets of a workbook, read as text within limits.

Text comes as it was written: ``NO``, ``NA``, ``null``, ``1e5``, ``007``. A cell that holds a number gives its shortest
form (``5``), one that shows a date the date as ISO writes it, one that holds a formula what it last gave. Nothing is
computed, and no other part of the file is opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.responses.cells import Cells, object_table, refuse_headings_that_are_answers
from egovindex.responses.xlsxparts import Limits, Package, open_package
from egovindex.responses.xlsxrows import RowsOfSheet
from egovindex.responses.xlsxvalues import Styles, kinds_of, unescaped

__all__ = ["first_row", "read_sheet", "sheet_names"]


def sheet_names(path: Path, *, limits: Limits | None = None) -> list[str]:
    """Names of the sheets with cells, in their order.

    Raises
    ------
    DataError
        As for :func:`read_sheet`.
    """
    with open_package(path, limits) as package:
        return list(_workbook(package)[0])


def first_row(path: Path) -> tuple[str, ...]:
    """The first row of the first sheet that is not blank, for a look at the file.

    Raises
    ------
    DataError
        As for :func:`read_sheet`.
    """
    with open_package(path) as package:
        found = _rows(package, None, most=1)[0]
    return tuple(cell or "" for cell in found.rows[0][1]) if found.rows else ()


def read_sheet(path: Path, sheet: str | None = None, *, limits: Limits | None = None) -> Cells:
    """One sheet; its first row that is not blank names the columns.

    Parameters
    ----------
    path
        An XLSX file.
    sheet
        Name of the sheet; the first if left out.
    limits
        What is read at most.

    Raises
    ------
    DataError
        The file is missing, empty, too large, damaged, protected by a password, or unpacks to more than the limits
        allow; there is no such sheet, or nothing stands in it; cells hold errors, or formulas that were never
        computed; the first row holds answers.
    """
    with open_package(path, limits) as package:
        found, name, others = _rows(package, sheet)
    _refuse_unreadable_cells(path.name, found)
    notes = {"sheet": f'"{name}"' + (f"; not read: {listed(others)}" if others else "")}
    cells = _as_cells(path.name, name, found, notes)
    refuse_headings_that_are_answers(cells)
    return cells


def _rows(package: Package, sheet: str | None, *, most: int | None = None) -> tuple[RowsOfSheet, str, list[str]]:
    """Rows of a sheet, its name, and those of the others."""
    sheets, strings_part, styles_part, from_1904 = _workbook(package)
    name = _chosen(package.file, list(sheets), sheet)
    strings = _strings(package, strings_part) if strings_part else []
    styles = _styles(package, styles_part, from_1904=from_1904) if styles_part else Styles((), from_1904)
    found = RowsOfSheet(package, strings, styles)
    found.read(sheets[name], most=most)
    return found, name, [other for other in sheets if other != name]


def _chosen(file: str, names: list[str], wanted: str | None) -> str:
    if not names:
        raise DataError(Fault("the workbook has no sheet with cells", file=file, check="empty_sheet"))
    if wanted is None:
        return names[0]
    if wanted not in names:
        hint = did_you_mean(wanted, names, otherwise=".")
        message = f'there is no sheet "{wanted}"{hint} Sheets: {listed(names)}'
        raise DataError(Fault(message, file=file, check="unknown_sheet"))
    return wanted


# --- the parts around the sheet
def _workbook(package: Package) -> tuple[dict[str, str], str | None, str | None, bool]:
    """Parts of the sheets by name, those of texts and styles, and whether days count from 1904."""
    top = [part for kind, part in package.related("").values() if kind == "officeDocument"]
    book = top[0] if top else "xl/workbook.xml"
    related = package.related(book)
    sheets: dict[str, str] = {}
    from_1904 = []

    def start(kind: str, attributes: dict[str, str]) -> None:
        if kind == "workbookPr":
            from_1904.append(attributes.get("date1904") in {"1", "true"})
        elif kind == "sheet":
            ids = [value for key, value in attributes.items() if key.rpartition(" ")[2] == "id"]
            kind_of, part = related.get(ids[0] if ids else "", ("", ""))
            if kind_of == "worksheet":
                sheets[attributes.get("name", "")] = part

    package.parse(book, start)
    by_kind = dict(related.values())
    return sheets, by_kind.get("sharedStrings"), by_kind.get("styles"), any(from_1904)


def _strings(package: Package, part: str) -> list[str]:
    """The texts that cells share; marks for reading aloud are no part of a text."""
    texts: list[str] = []
    state: dict[str, Any] = {"own": [], "in": False, "aloud": False}

    def start(kind: str, _: dict[str, str]) -> None:
        if kind == "si":
            state["own"] = []
        elif kind == "rPh":
            state["aloud"] = True
        state["in"] = kind == "t" and not state["aloud"]

    def text(part_of_it: str) -> None:
        if state["in"]:
            state["own"].append(part_of_it)

    def end(kind: str) -> None:
        state["in"] = False
        if kind == "rPh":
            state["aloud"] = False
        elif kind == "si":
            texts.append(unescaped("".join(state["own"])))

    package.parse(part, start, end=end, text=text)
    return texts


def _styles(package: Package, part: str, *, from_1904: bool) -> Styles:
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside: list[bool] = [False]

    def start(kind: str, attributes: dict[str, str]) -> None:
        if kind == "numFmt":
            codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif kind == "cellXfs":
            inside[0] = True
        elif kind == "xf" and inside[0]:
            formats.append(int(attributes.get("numFmtId", "0")))

    def end(kind: str) -> None:
        if kind == "cellXfs":
            inside[0] = False

    package.parse(part, start, end=end)
    return Styles(kinds_of(formats, codes), from_1904)


# --- what was found
def _refuse_unreadable_cells(file: str, found: RowsOfSheet) -> None:
    faults = []
    if found.errors:
        message = (
            f"{len(found.errors)} cells hold an error ({listed(found.errors)}); correct their formulas, or leave them "
            "blank"
        )
        faults.append(Fault(message, file=file, check="error_cells"))
    if found.formulas:
        message = (
            f"{len(found.formulas)} cells hold a formula that was never computed ({listed(found.formulas)}); open the "
            "workbook in a spreadsheet program and save it, or write the values"
        )
        faults.append(Fault(message, file=file, check="formula_not_computed"))
    if faults:
        raise DataError(faults)


def _as_cells(file: str, sheet: str, found: RowsOfSheet, notes: dict[str, str]) -> Cells:
    rows = found.rows
    if not rows:
        raise DataError(Fault(f'nothing stands in the sheet "{sheet}"', file=file, check="empty_sheet"))
    width = max(len(row) for _, row in rows)
    _refuse_wide(file, width * len(rows), found.limit)
    head = rows[0][1]
    headings = tuple((head[at] or "") if at < len(head) else "" for at in range(width))
    for _, row in rows[1:]:
        row.extend([None] * (width - len(row)))
    columns: list[Any] = list(zip(*(row for _, row in rows[1:]), strict=True)) or [()] * width
    return Cells(file, headings, object_table(columns), np.array([n for n, _ in rows[1:]], dtype=np.int64), None, notes)


def _refuse_wide(file: str, cells: int, most: int) -> None:
    if cells > most:
        message = f"the sheet is {cells:,} cells large, and at most {most:,} are read; split it"
        raise DataError(Fault(message, file=file, check="too_many_cells"))
