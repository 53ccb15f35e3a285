"""The cells of a small workbook, formulas and all, read within limits and without trust in the file."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from egovindex.coding.workbookform import extra_missing
from egovindex.errors import DataError, Fault
from egovindex.responses.sheets import sheet_names
from egovindex.responses.xlsxparts import Corrupt, Limits, open_package

__all__ = ["LIMITS", "Cell", "Grid", "safe_grids"]

LIMITS = Limits(file=100_000_000, part=300_000_000, all_parts=600_000_000, cells=5_000_000)
_MOST_PARTS, _LAST_ROW = 2_000, 1_048_576
_XML = (".xml", ".rels")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that is not blank."""

    value: Any
    is_formula: bool

    @property
    def text(self) -> str:
        """What stands there, as text."""
        return str(self.value)


Grid = dict[int, dict[int, Cell]]  # by row and column, counted from 1


def safe_grids(source: Path, limits: Limits = LIMITS) -> dict[str, Grid]:
    """The sheets by name.

    Raises
    ------
    DataError
        The file is missing, empty, too large, damaged, protected by a password, no XLSX workbook, or unpacks to more
        than the limits allow; the extra for workbooks is not installed.
    """
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise extra_missing(source.name) from None
    refuse_unsafe_parts(source, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Excel adds to lists of choices is not ours to read
            # opened here: older readers leave a file open of which they have not read every row
            with source.open("rb") as stream:
                grids = dict(_grids(load_workbook(stream, read_only=True), source.name, limits))
    except DataError:
        raise
    except Exception as error:  # noqa: BLE001 - the reader has no error family of its own
        message = f"not an XLSX workbook, or a damaged one ({type(error).__name__}); save it again as XLSX"
        raise DataError(Fault(message, file=source.name, check="not_excel")) from None
    faults = list(missing_sheets(sheet_names(source, limits=limits), grids, source.name))
    if faults:
        raise DataError(faults)
    return grids


def missing_sheets(names: Iterable[str], grids: Mapping[str, Grid], file: str) -> Iterator[Fault]:
    """Sheets without their part, which the reader passes over."""
    for name in names:
        if name not in grids:
            message = f'not an XLSX workbook, or a damaged one (its sheet "{name}" has no cells); save it again as XLSX'
            yield Fault(message, file=file, check="not_excel")


def refuse_unsafe_parts(source: Path, limits: Limits) -> None:
    """Unpack every part once, so that the reader meets none that is too large, broken, or defines entities."""
    with open_package(source, limits) as package:
        with ZipFile(source) as archive:
            names = archive.namelist()
        if len(names) > _MOST_PARTS:
            raise Corrupt(f"it has {len(names):,} parts, and at most {_MOST_PARTS:,} are read")
        if len({name.lower().lstrip("/") for name in names}) < len(names):
            raise Corrupt("two of its parts have the same name")
        for name in names:
            if name.lower().endswith(_XML):
                package.parse(name.lstrip("/"), _nothing)
            elif not name.endswith("/"):
                for _ in package.chunks(name.lstrip("/")):
                    pass


def _nothing(*_: Any) -> None:
    """No element is looked at."""


def _grids(book: Any, file: str, limits: Limits) -> Iterator[tuple[str, Grid]]:
    left = limits.cells
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the file says of its size is not trusted
        grid: Grid = {}
        for row in sheet.iter_rows(max_row=_LAST_ROW):
            left -= len(row) + 1
            if left < 0:
                message = f"its sheets are more than {limits.cells:,} cells large; delete the blank rows below the last"
                raise DataError(Fault(message, file=file, check="too_many_cells"))
            for cell in row:
                if cell.value is not None:
                    grid.setdefault(cell.row, {})[cell.column] = Cell(cell.value, cell.data_type == "f")
        yield sheet.title, grid
