"""Tables as text cells in one canonical form, as CSV and as Parquet.

The same values give the same text, whatever types the table had; the text reads back as the same answers.
Two tables are equal when their cells are.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from egovindex.errors import DataError, Fault, listed
from egovindex.spec.language import number_text

__all__ = ["NUMBER", "TEXT", "WHOLE", "Cells", "cells_of", "number_cell", "number_of", "read_csv", "read_parquet"]

TEXT, NUMBER, WHOLE = "text", "number", "whole"

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|[-+]?inf")
_QUOTED = re.compile(r'[,"\r\n]|^\s|\s$')
_WHOLE_BELOW = 1e15


def number_cell(value: float) -> str:
    """A number in the fewest digits that read back as the same number; nothing for NaN.

    Examples
    --------
    >>> number_cell(0.1), number_cell(2.0), number_cell(-0.0), number_cell(float("nan"))
    ('0.1', '2', '-0.0', '')
    """
    if math.isnan(value):
        return ""
    if abs(value) < _WHOLE_BELOW and value == int(value) and (value or math.copysign(1, value) > 0):
        return str(int(value))
    return repr(float(value))


def number_of(cell: str) -> float:
    """The number in a cell; NaN for an empty one.

    Raises
    ------
    ValueError
        It is not a number.
    """
    if cell == "":
        return math.nan
    if not _NUMBER.fullmatch(cell):
        raise ValueError(f'"{cell[:40]}" is not a number')
    return float(cell)


def cells_of(column: pd.Series[Any]) -> tuple[str, list[str]]:
    """Kind of a column, and its cells as text; nothing is an empty cell.

    A column is of numbers where all its values are, whatever its type. In a column of text a number is
    written as the spec language reads it, and a boolean as ``True`` or ``False``.

    Examples
    --------
    >>> cells_of(pd.Series([1, None, 0.5]))
    ('number', ['1', '', '0.5'])
    >>> cells_of(pd.Series(["004", None, 2.0, True], dtype=object))
    ('text', ['004', '', '2', 'True'])
    """
    values, nothing = column.tolist(), column.isna().tolist()
    given = [value for value, empty in zip(values, nothing, strict=True) if not empty]
    if pd.api.types.is_float_dtype(column.dtype) or (given and all(map(_is_number, given))):
        pairs = zip(values, nothing, strict=True)
        return NUMBER, ["" if empty else number_cell(float(value)) for value, empty in pairs]
    return TEXT, ["" if empty else _word(value) for value, empty in zip(values, nothing, strict=True)]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, (bool, np.bool_))


def _word(value: Any) -> str:
    return number_text(float(value)) if _is_number(value) else str(value)


@dataclass(frozen=True)
class Cells:
    """A table as text.

    Parameters
    ----------
    headings
        Heading of each column.
    columns
        Cells of each column.
    kinds
        ``number``, ``whole`` (whole numbers) or another word, which is kept as text, for each column; Parquet has
        types.
    """

    headings: tuple[str, ...]
    columns: tuple[list[str], ...]
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, columns: Iterable[tuple[str, str, list[str]]]) -> Cells:
        """A table out of heading, kind and cells of each column."""
        found = list(columns)
        return cls(tuple(c[0] for c in found), tuple(c[2] for c in found), tuple(c[1] for c in found))

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def csv(self) -> bytes:
        """CSV: UTF-8, LF line ends, quotes only where they are needed.

        Raises
        ------
        DataError
            A text has half of a surrogate pair, which UTF-8 cannot hold.
        """
        rows = [self.headings, *zip(*self.columns, strict=True)]
        text = "".join(",".join(_quoted(cell, alone=len(row) == 1) for cell in row) + "\n" for row in rows)
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:
            raise DataError(self._half_characters()) from None

    def _half_characters(self) -> Fault:
        cells = [*self.headings, *(cell for column in self.columns for cell in column)]
        bad = [ascii(cell) for cell in dict.fromkeys(cells) if any("\ud800" <= c <= "\udfff" for c in cell)]
        return Fault(f"text that UTF-8 cannot hold: {listed(bad)}; mend how it was read", check="half_characters")

    def parquet(self) -> bytes:
        """Parquet with text, double or 64-bit integer columns.

        Raises
        ------
        DataError
            The extra is not installed, or two columns have the same heading.
        """
        doubled = {heading for heading in self.headings if self.headings.count(heading) > 1}
        if doubled:
            message = f"Parquet has no two columns of one name: {listed(sorted(doubled))}; save as CSV"
            raise DataError(Fault(message, check="doubled_headings"))
        self.csv()  # refuses text that no file can hold
        pa, pq = _pyarrow()
        types: dict[str, tuple[Any, Any]] = {NUMBER: (float, pa.float64()), WHOLE: (int, pa.int64())}
        text = (str, pa.string())  # dates too: all their digits, and no zone
        arrays = [
            _array(pa, cells, *types.get(kind, text)) for cells, kind in zip(self.columns, self.kinds, strict=True)
        ]
        file = io.BytesIO()
        pq.write_table(pa.table(arrays, names=list(self.headings)), file)
        return file.getvalue()


def _array(pa: Any, cells: list[str], value: Any, stored: Any) -> Any:
    return pa.array([value(cell) if cell else None for cell in cells], type=stored)


def _quoted(cell: str, *, alone: bool) -> str:
    if _QUOTED.search(cell) or (alone and not cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        message = 'Parquet needs the extra "parquet": pip install "egovindex[parquet]"'
        raise DataError(Fault(message, check="extra_missing")) from None
    return pa, pq


def read_csv(content: bytes, name: str) -> Cells:
    """A CSV file as cells.

    Raises
    ------
    DataError
        It is not UTF-8, not CSV, or a row has more or fewer cells than the first.
    """
    try:
        text = content.decode("utf-8")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(Fault(f"byte {error.start} is not UTF-8", file=name, line=line, check="not_utf8")) from None
    except csv.Error as error:
        raise DataError(Fault(f"not CSV: {error}", file=name, check="not_csv")) from None
    if not rows or not rows[0]:
        raise DataError(Fault("the first line, which names the columns, is empty", file=name, check="not_csv"))
    wrong = [f"row {at}: {len(row)}" for at, row in enumerate(rows) if len(row) != len(rows[0])]
    if wrong:
        message = f"{len(wrong)} rows do not have {len(rows[0])} cells as the first line has ({listed(wrong)})"
        raise DataError(Fault(message, file=name, check="cells_missing"))
    headings, *body = rows
    return _unread(headings, [list(column) for column in zip(*body, strict=True)] or [[] for _ in headings])


def read_parquet(content: bytes, name: str) -> Cells:
    """A Parquet file as cells.

    Raises
    ------
    DataError
        It is not a Parquet file, or the extra is not installed.
    """
    _, pq = _pyarrow()
    try:
        table = pq.read_table(io.BytesIO(content))
        columns = [table.column(at).to_pylist() for at in range(table.num_columns)]
    except Exception as error:  # noqa: BLE001 - the reader has no error family of its own
        raise DataError(Fault(f"not a Parquet file: {error}", file=name, check="not_parquet")) from None
    return _unread(table.column_names, [[_plain(value) for value in column] for column in columns])


def _plain(value: Any) -> str:
    return "" if value is None else number_cell(float(value)) if _is_number(value) else str(value)


def _unread(headings: Sequence[str], columns: Sequence[list[str]]) -> Cells:
    return Cells(tuple(headings), tuple(columns), (TEXT,) * len(headings))
