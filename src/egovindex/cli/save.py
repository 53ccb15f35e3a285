"""Tables as text and as files. A file is there as a whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egovindex.cli.faults import FileFault, UsageFault
from egovindex.errors import Fault, listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_target", "csv_text", "json_text", "plain_rows", "save"]

# a spreadsheet reads text that begins like this as a formula, or may do so
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
KINDS = (".csv", ".xlsx", ".parquet", ".json")


# --- text
def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of plain Python values; ``None`` where there is nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> plain_rows(pd.DataFrame({"unit": ["NA"], "score": [float("nan")], "rank": pd.array([1], dtype="Int64")}))
    [{'unit': 'NA', 'score': None, 'rank': 1}]
    """
    columns = {str(heading): list(_plain_column(table[heading])) for heading in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain_column(column: pd.Series[Any]) -> Iterator[Any]:
    for value, nothing in zip(column.tolist(), column.isna().tolist(), strict=True):
        yield None if nothing else value


def json_text(content: Any) -> str:
    """JSON with a line feed at the end; what JSON has no word for becomes text."""
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False, default=str) + "\n"


def csv_text(table: pd.DataFrame, *, excel_safe: bool = False) -> str:
    """CSV with LF line ends; numbers in the shortest form that reads back as the same number."""
    table = _with_apostrophes(table) if excel_safe else table
    return str(table.to_csv(index=False, lineterminator="\n"))


def _with_apostrophes(table: pd.DataFrame) -> pd.DataFrame:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    table = table.copy()
    for heading in table.columns:
        values = list(_plain_column(table[heading]))
        if any(_is_formula(value) for value in values):
            table[heading] = [f"'{value}" if _is_formula(value) else value for value in values]
    return table.rename(columns=lambda heading: f"'{heading}" if _is_formula(heading) else heading)


def _is_formula(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_FORMULA)


# --- files
def check_target(path: Path, inputs: Iterable[Path], *, force: bool) -> None:
    """Refuse early what cannot be written, before anything is computed.

    Raises
    ------
    UsageFault
        The ending is unknown, or the file is one of those that are read.
    FileFault
        The file exists, or its folder cannot be written.
    """
    if path.suffix.lower() not in KINDS:
        raise UsageFault(Fault(f'"{path.suffix}" is not written; use {listed(KINDS)}', file=path.name))
    if not path.parent.is_dir():
        raise FileFault(Fault(f'there is no folder "{path.parent.name}" to write into', file=path.name))
    if path.is_dir():
        raise FileFault(Fault("this is a folder", file=path.name))
    if any(path.exists() and other.exists() and path.samefile(other) for other in inputs):
        raise UsageFault(Fault("this file is read; give the output another name", file=path.name))
    if path.exists() and not force:
        raise FileFault(Fault("the file exists; --force replaces it", file=path.name))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise FileFault(Fault("the folder may not be written", file=path.name))


def save(table: pd.DataFrame, about: Mapping[str, Any], path: Path, *, excel_safe: bool, force: bool) -> None:
    """Write a table in the format that the ending names.

    Parameters
    ----------
    table
        What to write.
    about
        What stands around the rows in JSON.
    path
        Ending in ``.csv``, ``.xlsx``, ``.parquet`` or ``.json``.
    excel_safe
        Put an apostrophe before text in CSV that could be a formula. In a workbook such text is marked as
        text instead, and stays as it is.
    force
        Replace a file that exists.

    Raises
    ------
    FileFault
        The file exists or cannot be written; nothing is left behind.
    """
    text: dict[str, Callable[[], str]] = {
        ".csv": lambda: csv_text(table, excel_safe=excel_safe),
        ".json": lambda: json_text({**about, "rows": plain_rows(table)}),
    }
    kind = path.suffix.lower()
    with _whole_or_not_at_all(path, force=force) as target:
        if kind in text:
            target.write_bytes(text[kind]().encode("utf-8"))
        elif kind == ".xlsx":
            _write_workbook(table, target, path.name)
        else:
            _write_parquet(table, target, path.name)


@contextmanager
def _whole_or_not_at_all(path: Path, *, force: bool) -> Iterator[Path]:
    """A file beside the target, put in its place at the end; removed if anything goes wrong."""
    path = path.resolve()  # the file behind a link is replaced, not the link
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}-") as folder:
            beside = Path(folder) / path.name
            yield beside
            if force:
                beside.replace(path)
            else:
                _place(beside, path)
    except FileExistsError:
        raise FileFault(Fault("the file exists; --force replaces it", file=path.name)) from None
    except (TypeError, ValueError) as error:  # a value that the format has no place for
        message = f"cannot be written as {path.suffix}: {error}"
        raise FileFault(Fault(message, file=path.name)) from None
    except OSError as error:
        raise FileFault(Fault(f"cannot be written: {error.strerror or error}", file=path.name)) from None


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


def _write_workbook(table: pd.DataFrame, path: Path, name: str) -> None:
    try:
        from openpyxl import Workbook
        from openpyxl.utils.exceptions import IllegalCharacterError
    except ImportError:
        raise FileFault(
            Fault('writing Excel needs the extra "excel": pip install "egovindex[excel]"', file=name)
        ) from None
    book = Workbook()
    sheet = book.active
    try:
        for at, row in enumerate([dict.fromkeys(table.columns), *plain_rows(table)], start=1):
            for column, value in enumerate(row.values() if at > 1 else map(str, row), start=1):
                cell = sheet.cell(at, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # never a formula or an error code
                    cell.quotePrefix = _is_formula(value)  # and none when somebody edits it
    except IllegalCharacterError as error:
        raise FileFault(Fault(f"a workbook cannot hold this text: {str(error)!r}", file=name)) from None
    book.save(path)


def _write_parquet(table: pd.DataFrame, path: Path, name: str) -> None:
    try:
        table.to_parquet(path, index=False)
    except ImportError:
        message = 'writing Parquet needs the extra "parquet": pip install "egovindex[parquet]"'
        raise FileFault(Fault(message, file=name)) from None
