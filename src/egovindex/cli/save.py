"""Tables as text and as files. A file is there as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egovindex.cli.faults import FileFault, UsageFault
from egovindex.errors import Fault, listed
from egovindex.files import csv_text, fill_sheet, json_text, plain_rows, resolved, save_book, whole_or_not_at_all
from egovindex.keep.folder import refuse_target

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_folder", "check_target", "csv_text", "json_text", "plain_rows", "save_table"]

KINDS = (".csv", ".xlsx", ".parquet", ".json")


# --- files
def check_target(path: Path, inputs: Iterable[Path], *, force: bool, kinds: Sequence[str] = KINDS) -> None:
    """Refuse early what cannot be written, before anything is computed.

    Parameters
    ----------
    path
        The file to write.
    inputs
        Files that are read.
    force
        Replace a file that exists.
    kinds
        Endings that it may have.

    Raises
    ------
    UsageFault
        The ending is unknown, or the file is one of those that are read.
    FileFault
        The file exists, or its folder cannot be written.
    """
    if path.suffix.lower() not in kinds:
        raise UsageFault(Fault(f'"{path.suffix}" is not written; use {listed(kinds)}', file=path.name))
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


def check_folder(folder: Path, inputs: Iterable[Path], *, force: bool) -> None:
    """Refuse early a folder that cannot be saved into, before anything is computed.

    Raises
    ------
    UsageFault
        A file that is read stands in it.
    FileFault, DataError
        There is something of this name, or what is there is no saved result.
    """
    if any(path.exists() and resolved(folder) in resolved(path).parents for path in inputs):
        raise UsageFault(Fault("a file of this folder is read; give the output another name", file=folder.name))
    if folder.exists() and not force:
        message = "there is something of this name already; --force replaces a saved result"
        raise FileFault(Fault(message, file=folder.name))
    refuse_target(resolved(folder), overwrite=force)


def save_table(table: pd.DataFrame, about: Mapping[str, Any], path: Path, *, excel_safe: bool, force: bool) -> None:
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
    """A file that is there as a whole or not at all; what goes wrong is told as a fault."""
    try:
        with whole_or_not_at_all(path, overwrite=force) as beside:
            yield beside
    except FileExistsError:
        raise FileFault(Fault("the file exists; --force replaces it", file=path.name)) from None
    except (TypeError, ValueError) as error:  # a value that the format has no place for
        message = f"cannot be written as {path.suffix}: {error}"
        raise FileFault(Fault(message, file=path.name)) from None
    except OSError as error:
        raise FileFault(Fault(f"cannot be written: {error.strerror or error}", file=path.name)) from None


def _write_workbook(table: pd.DataFrame, path: Path, name: str) -> None:
    try:
        from openpyxl import Workbook
        from openpyxl.utils.exceptions import IllegalCharacterError
    except ImportError:
        raise FileFault(
            Fault('writing Excel needs the extra "excel": pip install "egovindex[excel]"', file=name)
        ) from None
    book = Workbook()
    try:
        fill_sheet(
            book.active, [str(heading) for heading in table.columns], [list(row.values()) for row in plain_rows(table)]
        )
    except IllegalCharacterError as error:
        raise FileFault(Fault(f"a workbook cannot hold this text: {str(error)!r}", file=name)) from None
    save_book(book, path)


def _write_parquet(table: pd.DataFrame, path: Path, name: str) -> None:
    try:
        table.to_parquet(path, index=False)
    except ImportError:
        message = 'writing Parquet needs the extra "parquet": pip install "egovindex[parquet]"'
        raise FileFault(Fault(message, file=name)) from None
