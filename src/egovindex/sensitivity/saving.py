"""Texts as files that are there as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

from egovindex.errors import DataError, Fault
from egovindex.files import faults_of_files, whole_or_not_at_all
from egovindex.keep.folder import path_of

__all__ = ["save_text"]


def save_text(text: str, path: str | Path, *, overwrite: bool) -> None:
    """Write a file.

    Raises
    ------
    DataError
        The file exists, or cannot be written.
    """
    target = path_of(path)
    if not target.parent.is_dir():
        message = f'there is no folder "{target.parent.name}" to write into'
        raise DataError(Fault(message, file=target.name, check="missing_file"))
    with faults_of_files(target):
        try:
            with whole_or_not_at_all(target, overwrite=overwrite) as beside:
                beside.write_bytes(text.encode("utf-8"))
        except FileExistsError:
            message = "the file exists; overwrite=True replaces it"
            raise DataError(Fault(message, file=target.name, check="target_exists")) from None
