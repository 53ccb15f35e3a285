"""Tables as text and as sheets, and files that are there as a whole or not at all."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["csv_text", "fill_sheet", "is_formula", "json_text", "plain_column", "plain_rows", "whole_or_not_at_all"]

# a spreadsheet reads text that begins like this as a formula, or may do so
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


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


# --- files
@contextmanager
def whole_or_not_at_all(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """A file beside the target, put in its place at the end; removed if anything goes wrong.

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
    path = path.resolve()
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".egovindex-") as folder:
        beside = Path(folder) / path.name
        yield beside
        if overwrite:
            beside.replace(path)
        else:
            _place(beside, path)


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
