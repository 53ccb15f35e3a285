"""Where a result that was run again differs from what was saved: cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from egovindex.errors import DataError
from egovindex.keep.cells import Cells
from egovindex.keep.folder import INDEX, MANIFEST
from egovindex.keep.manifest import VERSIONS, Manifest
from egovindex.keep.rebuild import saved_table
from egovindex.keep.sums import Difference
from egovindex.keep.tables import KEYS

__all__ = ["differing_cells", "differing_columns", "differing_keys", "other_versions"]


def differing_cells(files: Mapping[str, bytes], found: Mapping[str, Cells], keys: int) -> Iterator[Difference]:
    """Cells of every saved table that are not what the run gives.

    Parameters
    ----------
    files
        The saved files.
    found
        Tables of the run, by name.
    keys
        How many columns at the left identify a row of scores.
    """
    for table, again in found.items():
        try:
            name, saved = saved_table(files, table)
        except DataError as error:
            yield from (Difference(f.file or table, "file", "", f.message) for f in error.faults)
            continue
        if saved.headings != again.headings:
            yield Difference(name, "headings", ", ".join(saved.headings), ", ".join(again.headings))
        elif len(saved) != len(again):
            yield Difference(name, "rows", str(len(saved)), str(len(again)))
        else:
            yield from _differing(name, saved, again, KEYS.get(table, keys))


def _differing(name: str, saved: Cells, again: Cells, keys: int) -> Iterator[Difference]:
    for heading, before, after in zip(again.headings, saved.columns, again.columns, strict=True):
        if before == after:
            continue
        for row, (was, now) in enumerate(zip(before, after, strict=True)):
            if was != now:
                about = " ".join(filter(None, (column[row] for column in again.columns[:keys])))
                yield Difference(name, f"{about}, {heading}", was, now)


def differing_columns(name: str, saved: Cells, other: Cells, keys: int) -> Iterator[Difference]:
    """Where two tables differ, whatever the order of their columns; rows stand in the same order."""
    columns = dict(zip(other.headings, other.columns, strict=True))
    if set(columns) != set(saved.headings):
        yield Difference(name, "columns that the index reads", ", ".join(saved.headings), ", ".join(other.headings))
    elif len(saved) != len(other):
        yield Difference(name, "rows", str(len(saved)), str(len(other)))
    else:
        again = Cells(saved.headings, tuple(columns[heading] for heading in saved.headings), saved.kinds)
        yield from _differing(name, saved, again, keys)


def differing_keys(saved: Manifest, again: Manifest, data: str) -> Iterator[Difference]:
    """What a manifest says and the run does not; a digest is told at the file it is of.

    Parameters
    ----------
    saved, again
        Manifest as saved, and of the run.
    data
        Name of the file of data.
    """
    of_files = {"index_sha256": INDEX, "data_sha256": data}
    for field in fields(Manifest):
        before, after = getattr(saved, field.name), getattr(again, field.name)
        if before == after or field.name in VERSIONS:
            continue
        if field.name in of_files:
            yield Difference(of_files[field.name], "content, as the manifest has its digest", before, after)
        else:
            yield Difference(MANIFEST, field.name, str(before), str(after))


def other_versions(saved: Manifest, again: Manifest) -> Iterator[str]:
    """Versions that differ; that is no difference of results."""
    for name in VERSIONS:
        before, after = getattr(saved, name), getattr(again, name)
        if before != after:
            yield f"saved with {name} {before}, run again with {after}"
