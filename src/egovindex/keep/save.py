"""A result as a folder of files that make it again."""

from __future__ import annotations

from pathlib import Path
from typing import Literal as OneOf

import numpy as np

from egovindex.errors import DataError, EgovindexError, Fault, MethodError, did_you_mean, listed
from egovindex.files import faults_of_files, resolved
from egovindex.keep.cells import Cells
from egovindex.keep.folder import DATA, INDEX, MANIFEST, path_of, refuse_target, write_folder
from egovindex.keep.learned import learned_cells
from egovindex.keep.manifest import manifest_text
from egovindex.keep.rebuild import rebuilt
from egovindex.keep.tables import Result, data_cells, result_cells

__all__ = ["Format", "save_folder", "saved_files"]

Format = OneOf["csv", "parquet"]
FORMATS = ("csv", "parquet")


def unknown_format(found: object) -> MethodError:
    message = f'format is one of {listed(FORMATS)}, found "{found}"{did_you_mean(str(found), FORMATS)}'
    return MethodError(Fault(message, check="unknown_option"))


def not_made_again(what: str) -> DataError:
    message = f"the files would not give this result again ({what}), so nothing is saved; please report it"
    return DataError(Fault(message, check="not_made_again"))


def saved_files(result: Result, kind: Format) -> dict[str, bytes]:
    """Name and bytes of every file of a saved result, apart from the digests.

    Raises
    ------
    DataError
        The data cannot be kept, or the files would not give the same result again.
    """
    if kind not in FORMATS:
        raise unknown_format(kind)
    tables: dict[str, Cells] = {DATA: data_cells(result.index, result.plan)[0], **result_cells(result)}
    files = {f"{name}.{kind}": cells.csv() if kind == "csv" else cells.parquet() for name, cells in tables.items()}
    files[INDEX] = result.index.to_yaml().encode("utf-8")
    files[MANIFEST] = manifest_text(result.manifest).encode("utf-8")
    _refuse_what_would_not_read_back(result, files)
    return files


def _refuse_what_would_not_read_back(result: Result, files: dict[str, bytes]) -> None:
    try:
        again = rebuilt(files)
    except EgovindexError as error:
        raise not_made_again(str(error.faults[0])) from None
    if again.index != result.index or again.manifest != result.manifest:
        raise not_made_again("the index or the manifest reads back otherwise")
    if data_cells(again.index, again.plan) != data_cells(result.index, result.plan):
        raise not_made_again("the data")
    if learned_cells(again.index, again.nominal.learned) != learned_cells(result.index, result.nominal.learned):
        raise not_made_again("learned values")
    for node in result.nominal.nodes:
        for what in ("by_node", "state", "coverage_by_node"):
            before, after = (getattr(scores, what)[node] for scores in (result.nominal, again.nominal))
            if not np.array_equal(before, after, equal_nan=what != "state"):
                raise not_made_again(f"{node}: {what}")


def save_folder(result: Result, folder: str | Path, *, kind: Format, overwrite: bool) -> None:
    """Save a result; see :meth:`egovindex.IndexResult.save`."""
    target = path_of(folder)
    with faults_of_files(target):
        refuse_target(resolved(target), overwrite=overwrite)
        write_folder(target, saved_files(result, kind), overwrite=overwrite)
