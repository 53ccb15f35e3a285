"""A table as it stands in a file: headings, and text below them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault, listed

__all__ = [
    "Cells",
    "column_letters",
    "existing_file",
    "object_table",
    "plain",
    "refuse_headings_that_are_answers",
    "there",
]

# a longer heading would make a place unreadable; its letters stand for it
_SHORT = 40
_ADDRESS = re.compile(r"[^\s@]+@[^\s@][^\s@.]*+\.[^\s@]+")


@dataclass(frozen=True, repr=False)
class Cells:
    """A table as it stands in a file. It is never printed: nobody has looked for persons in it yet.

    Parameters
    ----------
    file
        Name of the file.
    headings
        First row; ``""`` where nothing stands.
    table
        What stands below, all text, ``None`` where nothing does; columns are 0, 1, ...
    rows
        Where each row of ``table`` stands, counted as a spreadsheet counts: the headings are row 1.
    lines
        Where each row begins in a text file; ``None`` in a workbook.
    notes
        What was found out on the way: the separator, the name of the sheet.
    apostrophes
        ``(rows, columns)`` which cells begin with one; ``None``: nobody has looked.
    """

    file: str
    headings: tuple[str, ...]
    table: pd.DataFrame
    rows: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64] | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    apostrophes: npt.NDArray[np.bool_] | None = None

    def __repr__(self) -> str:
        return f"<Cells {self.file}: {len(self.rows)} rows, {len(self.headings)} columns>"

    def column(self, at: int) -> npt.NDArray[np.object_]:
        """Texts of one column, ``None`` where nothing stands."""
        values: npt.NDArray[np.object_] = self.table[at].to_numpy(dtype=object)
        return values

    @cached_property
    def _count(self) -> Counter[str]:
        return Counter(self.headings)

    def where(self, at: int) -> str:
        """A column, for people: its heading, or its letters where the heading is long or not the only one."""
        heading = self.headings[at]
        if heading and len(heading) <= _SHORT and self._count[heading] == 1 and "\n" not in heading:
            return f'column "{heading}"'
        return f"column {column_letters(at)}"

    def place(self, row: int, at: int) -> str:
        """One cell, for people."""
        return f"row {self.rows[row]}, {self.where(at)}"


def column_letters(at: int) -> str:
    """Letters of a column, counted from 0.

    Examples
    --------
    >>> column_letters(0), column_letters(53)
    ('A', 'BB')
    """
    letters, number = "", at + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def plain(text: str) -> str:
    r"""Text to compare by: single blanks, no capitals; a hard blank is a blank.

    Examples
    --------
    >>> plain(" Is\u00a0there  a Law? ")
    'is there a law?'
    """
    return " ".join(text.split()).casefold()


def there(values: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Where something stands."""
    found: npt.NDArray[np.bool_] = values != None  # noqa: E711 - element by element
    return found


def existing_file(path: Path, *, most: int) -> int:
    """Size of a file that is there, holds something, and is not too large.

    Raises
    ------
    DataError
        It is missing, cannot be read, is empty or too large.
    """
    try:
        if not path.is_file():
            raise DataError(Fault("there is no such file", file=path.name, check="missing_file"))
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise DataError(Fault(f"the file cannot be read: {error}", file=path.name, check="unreadable_file")) from None
    if size == 0:
        raise DataError(Fault("the file is empty", file=path.name, check="empty_file"))
    if size > most:
        message = f"the file has {size:,} bytes, and at most {most:,} are read; split it"
        raise DataError(Fault(message, file=path.name, check="file_too_large"))
    return size


def refuse_headings_that_are_answers(cells: Cells) -> None:
    """A first row with addresses is no row of headings; what stands there is not repeated."""
    found = [column_letters(at) for at, heading in enumerate(cells.headings) if _ADDRESS.fullmatch(heading.strip())]
    if found:
        message = (
            f"the first row has e-mail addresses in column {listed(found)}, so it does not name the columns; "
            "put a row of headings above it"
        )
        raise DataError(Fault(message, file=cells.file, check="no_headings"))


def object_table(columns: list[Any]) -> pd.DataFrame:
    """Columns of text and ``None`` as they are: pandas guesses no type."""
    return pd.DataFrame({at: pd.Series(column, dtype=object) for at, column in enumerate(columns)}, copy=False)
