"""Tables as text and as sheets, and files that are there as a whole or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import io
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egovindex.beside import flush, room_beside
from egovindex.errors import DataError, Fault

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "csv_text",
    "faults_of_files",
    "fill_sheet",
    "is_formula",
    "json_text",
    "plain_column",
    "plain_rows",
    "resolved",
    "save_book",
    "whole_or_not_at_all",
]

# a spreadsheet reads text that begins like this as a formula, or may do so
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


_NO_TIME = dt.datetime(1980, 1, 1)  # noqa: DTZ001 - the first that an archive can hold


# --- text
def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of plain Python values; ``None`` where there is nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> plain_rows(pd.DataFrame({"unit": ["NA"], "score": [float("nan")], "rank": pd.array([1], dtype="Int64")}))
    [{'unit': 'NA', 'score': None, 'rank': 1}]
    """
    columns = {str(heading): list(plain_column(table[heading])) for heading in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain_column(column: pd.Series[Any]) -> Iterator[Any]:
    """Plain Python values; ``None`` where there is nothing."""
    for value, nothing in zip(column.tolist(), column.isna().tolist(), strict=True):
        yield None if nothing else value


def json_text(content: Any) -> str:
    """JSON with a line feed at the end; what JSON has no word for becomes text."""
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False, default=str) + "\n"


def csv_text(table: pd.DataFrame, *, excel_safe: bool = False) -> str:
    """CSV with LF line ends; numbers in the shortest form that reads back as the same number."""
    table = _with_apostrophes(table) if excel_safe else table
    text = str(table.to_csv(index=False, lineterminator="\n"))
    if "\r" in text:  # Python before 3.13 writes it without quotes, and it would end a row
        return str(table.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC))
    return text


def _with_apostrophes(table: pd.DataFrame) -> pd.DataFrame:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    table = table.copy()
    for heading in table.columns:
        values = list(plain_column(table[heading]))
        if any(is_formula(value) for value in values):
            table[heading] = [f"'{value}" if is_formula(value) else value for value in values]
    return table.rename(columns=lambda heading: f"'{heading}" if is_formula(heading) else heading)


def is_formula(value: Any) -> bool:
    """Whether a spreadsheet may take a value for a formula.

    Examples
    --------
    >>> is_formula("=1+1"), is_formula("-x"), is_formula(-1.0), is_formula("yes")
    (True, True, False, False)
    """
    return isinstance(value, str) and value.startswith(_FORMULA)


# --- sheets
def fill_sheet(sheet: Any, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Fill a sheet of an openpyxl workbook; text is text, whatever it begins with.

    Raises
    ------
    openpyxl.utils.exceptions.IllegalCharacterError
        A text has a control character.
    """
    for at, row in enumerate([headings, *rows], start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(at, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula or an error code
                cell.quotePrefix = is_formula(value)  # and none when somebody edits it


def save_book(book: Any, path: Path) -> None:
    """Write an openpyxl workbook: the same content gives the same bytes, and no file anywhere else.

    openpyxl writes the time of day into the workbook and into its archive, and each sheet into the system's temporary
    folder first, where a process that is killed would leave it. A workbook is made in memory instead.

    Raises
    ------
    OSError
        It cannot be written.
    """
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class Writer(ExcelWriter):  # type: ignore[misc]
        def write_worksheet(self, ws: Any) -> None:
            writer = WorksheetWriter(ws, out=io.BytesIO())
            writer.write()
            # what our sheets have: no charts and no pictures
            ws._drawing, ws._rels = None, writer._rels  # noqa: SLF001
            self._archive.writestr(ws.path[1:], writer.out.getvalue())
            self.manifest.append(ws)

    book.properties.created = book.properties.modified = _NO_TIME
    content = io.BytesIO()
    archive = _Timeless(content, "w", zipfile.ZIP_DEFLATED)
    Writer(book, archive).save()
    path.write_bytes(content.getvalue())


class _Timeless(zipfile.ZipFile):
    """An archive whose members have no time of their own."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *args: Any, **options: Any) -> None:
        member = zipfile.ZipInfo(zinfo_or_arcname, _NO_TIME.timetuple()[:6])
        member.compress_type = self.compression
        member.external_attr = 0o600 << 16
        super().writestr(member, data, *args, **options)


# --- files
def resolved(path: Path) -> Path:
    """A path without links.

    Raises
    ------
    OSError
        Links go round in a circle, or the path cannot be one.
    """
    try:
        return path.resolve()
    except RuntimeError:  # Python before 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None
    except ValueError as error:  # a zero byte in the name
        raise OSError(errno.EINVAL, str(error), str(path)) from None


@contextmanager
def faults_of_files(path: Path, doing: str = "cannot be written", *, check: str = "unwritable_file") -> Iterator[None]:
    """What the system says of a file, as a fault of the data.

    Raises
    ------
    DataError
        In place of an ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise DataError(Fault(f"{doing}: {error.strerror or error}", file=path.name, check=check)) from None


@contextmanager
def whole_or_not_at_all(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """A file beside the target, put in its place at the end; removed if anything goes wrong.

    What is in place is on the disk. A process that is killed leaves the old file or the new one, and perhaps a room
    beside it, which the next that writes into the folder removes.

    Parameters
    ----------
    path
        The target. Behind a link, the file is replaced, not the link.
    overwrite
        Replace a file that exists.

    Yields
    ------
    pathlib.Path
        The file to write.

    Raises
    ------
    FileExistsError
        The target exists and is not to be replaced, or appeared meanwhile.
    OSError
        It cannot be written.
    """
    path = resolved(path)
    with room_beside(path, [path.name]) as room:
        beside = room / path.name
        yield beside
        flush(beside)
        if overwrite:
            beside.replace(path)
        else:
            _place(beside, path)
        flush(path.parent)


def _place(beside: Path, path: Path) -> None:
    """Give the file its name, unless somebody else has taken it meanwhile."""
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError from None
        beside.replace(path)
