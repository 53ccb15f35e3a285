"""Writes the table of answers, whole or not at all, after a look at every cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault, listed
from egovindex.files import fill_sheet, save_book, whole_or_not_at_all
from egovindex.responses.draft import COLUMNS
from egovindex.responses.tidytext import to_cell
from egovindex.responses.xlsxvalues import to_workbook

__all__ = ["written"]

Objects = npt.NDArray[np.object_]

# what XML has no place for, and halves of characters; a tab and line ends are text
_NOT_IN_XLSX = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_CSV = re.compile("[\x00\ud800-\udfff]")
_NEEDS_QUOTES = re.compile('[",;\t\r\n]|^ | $')
_MOST_ROWS, _MOST_LETTERS = 1_048_576, 32_767


def written(table: pd.DataFrame, path: Path, *, overwrite: bool) -> None:
    """Write a table as CSV or XLSX; see :func:`egovindex.responses.tidy.write_tidy`."""
    kind = path.suffix.lower()
    if kind not in {".csv", ".xlsx"}:
        message = f'"{path.suffix}" is not written; use .csv or .xlsx'
        raise DataError(Fault(message, file=path.name, check="unknown_kind"))
    _refuse_other_columns(table, path.name)
    columns = {name: _objects(table[name]) for name in COLUMNS if name in table.columns}
    faults = [*_not_text(columns, path.name)]
    if not faults:
        faults += _unfit(columns, path.name, kind)
    if faults:
        raise DataError(faults)
    cells = {name: _each(column, to_cell) for name, column in columns.items()}
    try:
        with whole_or_not_at_all(path, overwrite=overwrite) as beside:
            if kind == ".csv":
                beside.write_text(_csv_text(cells), encoding="utf-8", newline="")
            else:
                _write_sheet(cells, beside)
    except FileExistsError:
        message = "the file exists; give another name, or overwrite=True"
        raise DataError(Fault(message, file=path.name, check="file_exists")) from None
    except OSError as error:
        message = f"the file cannot be written: {error.strerror or error}"
        raise DataError(Fault(message, file=path.name, check="unwritable_file")) from None


def _objects(column: pd.Series[str]) -> Objects:
    """Cells of a column, with ``None`` for every kind of gap."""
    values: Objects = column.to_numpy(dtype=object, copy=True)
    values[column.isna().to_numpy(dtype=bool)] = None
    return values


def _each(column: Objects, change: Callable[[str], Any], otherwise: Any = None) -> Objects:
    """What becomes of each text, done once for those that stand there often; ``otherwise`` where there is none."""
    codes, words = pd.factorize(column)
    found = np.empty(len(words) + 1, dtype=object)
    found[:-1] = [change(word) for word in words]
    found[-1] = otherwise
    changed: Objects = found[codes]
    return changed


def _csv_text(cells: dict[str, Objects]) -> str:
    """CSV with LF line ends; also a CR alone is put in quotes, which Python's writer forgets before 3.13."""
    columns = [_each(column, _quoted, "") for column in cells.values()]
    return "\n".join([",".join(cells), *map(",".join, zip(*columns, strict=True)), ""])


def _quoted(text: str) -> str:
    if _NEEDS_QUOTES.search(text) is None:
        return text
    return '"' + text.replace('"', '""') + '"'


def _write_sheet(cells: dict[str, Objects], path: Path) -> None:
    try:
        from openpyxl import Workbook
    except ImportError:
        message = 'writing Excel needs the extra "excel": pip install egovindex[excel]'
        raise DataError(Fault(message, file=path.name, check="extra_missing")) from None
    book = Workbook()
    sheet = book.active
    sheet.title = "answers"
    escaped = [_each(column, to_workbook) for column in cells.values()]
    fill_sheet(sheet, list(cells), zip(*escaped, strict=True))
    save_book(book, path)


# --- what is refused
def _refuse_other_columns(table: pd.DataFrame, file: str) -> None:
    faults = []
    other = [str(name) for name in table.columns if name not in COLUMNS]
    if other:
        message = f"no columns of a table of answers: {listed(other)}; known are {listed(COLUMNS, most=10)}"
        faults.append(Fault(message, file=file, check="unknown_column"))
    if "item" not in table.columns or not {"mark", "text", "kind"} & set(table.columns):
        message = "the columns item, and one of mark, text and kind, have to be there"
        faults.append(Fault(message, file=file, check="missing_column"))
    if not table.columns.is_unique:
        faults.append(Fault("a column stands twice; keep one of each", file=file, check="heading_twice"))
    if faults:
        raise DataError(faults)


def _not_text(columns: dict[str, Objects], file: str) -> Iterator[Fault]:
    for name, column in columns.items():
        wrong = [at for at, value in enumerate(column) if value is not None and not isinstance(value, str)]
        if wrong:
            rows = listed(at + 2 for at in wrong)
            message = f"{name}: {len(wrong)} cells are no text (rows {rows}); write numbers as text, as in str(5)"
            yield Fault(message, file=file, check="not_text", column=name)


def _unfit(columns: dict[str, Objects], file: str, kind: str) -> Iterator[Fault]:
    """Cells with characters that the file cannot hold, and texts and tables that are too long."""
    not_allowed = _NOT_IN_XLSX if kind == ".xlsx" else _NOT_IN_CSV
    for name, column in columns.items():
        bad = np.flatnonzero(_each(column, lambda text: not_allowed.search(text) is not None, False))
        if len(bad):
            cells = listed(f"row {at + 2} (0x{ord(_found(not_allowed, column[at])):02x})" for at in bad)
            message = f"{name}: {len(bad)} cells have a character that the file cannot hold: {cells}; take it out"
            yield Fault(message, file=file, check="control_character", column=name)
    if kind != ".xlsx":
        return
    for name, column in columns.items():
        long = np.flatnonzero(_each(column, _too_long, False))
        if len(long):
            rows = listed(at + 2 for at in long)
            message = f"{name}: {len(long)} texts do not fit into a cell of {_MOST_LETTERS:,} (rows {rows}); write CSV"
            yield Fault(message, file=file, check="text_too_long", column=name)
    count = len(next(iter(columns.values())))
    if count >= _MOST_ROWS:
        message = f"{count:,} rows do not fit into a sheet of {_MOST_ROWS:,}; write CSV"
        yield Fault(message, file=file, check="too_many_rows")


def _too_long(text: str) -> bool:
    """Whether a cell cannot hold it; a spreadsheet counts halves of characters."""
    return len(text) > 4000 and len(to_workbook(to_cell(text) or "").encode("utf-16-le")) > 2 * _MOST_LETTERS


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else " "
