"""Saved results, read back and checked: nothing in a folder is trusted, nothing in it is executed."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from egovindex.compute import AnyTable, read_table
from egovindex.errors import DataError, EgovindexError, Fault, SpecError, listed
from egovindex.keep.differences import differing_cells, differing_columns, differing_keys, other_versions
from egovindex.keep.folder import DATA, INDEX, MANIFEST, path_of, read_folder
from egovindex.keep.manifest import Original, read_manifest
from egovindex.keep.rebuild import Rebuilt, rebuilt
from egovindex.keep.sums import Difference, differing_bytes
from egovindex.keep.tables import data_cells, result_cells
from egovindex.result import IndexResult
from egovindex.shown import Shown
from egovindex.tables import not_a_table, row_headings

__all__ = ["Verification", "load_result", "verify"]

_MOST_SHOWN = 10
_LONGEST_SHOWN = 200


@dataclass(frozen=True, eq=False, repr=False)
class Verification(Shown):
    """What :func:`verify` found.

    Parameters
    ----------
    folder
        Name of the folder.
    differences
        Columns ``file, where, saved, found``: nothing in it means that all is as it was saved.
    notes
        What is worth knowing and is no difference, such as other versions.
    """

    folder: str
    differences: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """Whether every byte and every number is as it was saved."""
        return self.differences.empty

    @property
    def files(self) -> tuple[str, ...]:
        """Files with a difference."""
        return tuple(dict.fromkeys(self.differences["file"]))

    def _head(self) -> str:
        if self.identical:
            return f"<Verification {one_line(self.folder)}> identical: every byte, and every number when run again"
        n, files = len(self.differences), listed(map(one_line, self.files))
        return f"<Verification {one_line(self.folder)}> {n} difference{'s' if n > 1 else ''} in {files}"

    def __repr__(self) -> str:
        lines = [self._head(), *(f"  note: {note}" for note in self.notes)]
        for row in self.differences.head(_MOST_SHOWN).itertuples(index=False):
            place = f"{one_line(row.file)}: {one_line(row.where)}"
            lines += [f"  {_short(place)}: saved {_short(repr(row.saved))}, found {_short(repr(row.found))}"]
        more = len(self.differences) - _MOST_SHOWN
        return "\n".join([*lines, *([f"  ... {more} more in .differences"] if more > 0 else [])])

    def _repr_html_(self) -> str:
        notes = "".join(f"<br>note: {html.escape(note)}" for note in self.notes)
        table = "" if self.identical else self.differences.head(_MOST_SHOWN).to_html(index=False, escape=True, border=0)
        return f"<b>{html.escape(self._head())}</b>{notes}{table}"


def one_line(text: Any) -> str:
    """Text that stays in one line, whatever names it holds."""
    return repr(str(text))[1:-1]


def _short(text: str) -> str:
    """A cell may be as long as its file."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _table(found: list[Difference]) -> pd.DataFrame:
    return pd.DataFrame(list(dict.fromkeys(found)), columns=list(Difference._fields), dtype=object)


def _result(made: Rebuilt) -> IndexResult:
    return IndexResult(made.index, made.plan, made.nominal, original=made.manifest.original)


def not_as_saved(folder: Path, found: list[Difference]) -> DataError:
    by_file = {name: [one for one in found if one.file == name] for name in dict.fromkeys(one.file for one in found)}
    way_out = (
        "verify lists every difference; check=False loads the result as its index, data and learned values give it"
    )
    faults = []
    for name, ones in by_file.items():
        first = f"{one_line(ones[0].where)}: saved {ones[0].saved!r}, found {ones[0].found!r}"
        more = f" and {len(ones) - 1} more differences" if len(ones) > 1 else ""
        faults.append(Fault(f"not as it was saved ({first}{more}); {way_out}", file=name, check="not_as_saved"))
    return DataError(faults or Fault(way_out, file=folder.name))


def load_result(folder: str | Path, *, check: bool = True) -> IndexResult:
    """A saved result, made again out of its index, data and learned values.

    Parameters
    ----------
    folder
        As :meth:`egovindex.IndexResult.save` wrote it.
    check
        Whether every digest must fit and every number must come out as it was saved. ``False`` takes the index,
        the data and the learned values as they stand, also if somebody changed them, and computes.

    Returns
    -------
    IndexResult
        With the same scores, ranks, states, classes, learned values and manifest. The manifest names the versions
        that run now.

    Raises
    ------
    DataError
        There is no such folder; a file is missing, malformed or changed; the numbers come out differently.
    SpecError
        The saved index has a fault.
    MethodError
        A method is not defined for the saved data.

    Examples
    --------
    >>> import egovindex as ei, tempfile
    >>> result = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result.save(f"{folder}/hdi")
    ...     again = ei.load_result(f"{folder}/hdi")
    >>> again.scores.equals(result.scores), again.manifest == result.manifest
    (True, True)
    """
    path = path_of(folder)
    files, _ = read_folder(path)
    if not check:
        return _result(rebuilt(files))
    found = list(differing_bytes(files, {}))
    if found:
        raise not_as_saved(path, found)
    made = rebuilt(files)
    result = _result(made)
    found = [
        *differing_cells(files, result_cells(result), len(result.plan.rows.keys)),
        *differing_keys(made.manifest, result.manifest, _data_file(files)),
    ]
    if found:
        raise not_as_saved(path, found)
    return result


def verify(folder: str | Path, *, data: AnyTable | None = None) -> Verification:
    """Check a saved result: every byte, and every number by running it again.

    Every file is held against ``SHA256SUMS``; a file that is missing, changed or foreign is named. Then the saved
    index scores the saved data again, learning afresh, and every weight, learned value, score, rank, state, class
    and coverage is compared with what was saved. Other versions of the libraries are told as a note.

    Parameters
    ----------
    folder
        As :meth:`egovindex.IndexResult.save` wrote it.
    data
        The original file: is it the one that was scored? Where the result was made from a DataFrame, the columns
        that the index reads are compared instead.

    Returns
    -------
    Verification
        ``identical``, ``differences``, ``notes``.

    Raises
    ------
    DataError
        There is no such folder, or no such file of data.

    Examples
    --------
    >>> import egovindex as ei, tempfile
    >>> from pathlib import Path
    >>> result = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result.save(f"{folder}/hdi")
    ...     untouched = ei.verify(f"{folder}/hdi")
    ...     scores = Path(folder, "hdi", "scores.csv")
    ...     written = scores.write_bytes(scores.read_bytes().replace(b"CHE,0.967", b"CHE,0.976"))
    ...     touched = ei.verify(f"{folder}/hdi")
    >>> untouched
    <Verification hdi> identical: every byte, and every number when run again
    >>> touched.differences[["file", "where"]].values.tolist()
    [['scores.csv', 'bytes'], ['scores.csv', 'CHE, HDI']]
    """
    path = path_of(folder)
    _refuse_no_data(data)
    files, foreign = read_folder(path)
    found = list(differing_bytes(files, foreign))
    notes: list[str] = []
    unsound = {one.file for one in found if one.file.endswith(".parquet")}  # its reader is not for broken files
    sound = {name: content for name, content in files.items() if name not in unsound}
    result = None
    try:
        made = rebuilt(sound, afresh=True)
        result = _result(made)
        found += _not_told(found, differing_cells(sound, result_cells(result), len(result.plan.rows.keys)))
        found += differing_keys(made.manifest, result.manifest, _data_file(files))
        notes += other_versions(made.manifest, result.manifest)
        if made.manifest.learned == "given":
            notes.append("learned values were given to this result, and were not learned again")
    except EgovindexError as error:
        found += _not_told(found, (_cannot_be_run(fault, error, files) for fault in error.faults))
    if data is not None:
        found += _other_data(files, result, data, notes)
    return Verification(path.resolve().name, _table(found), tuple(notes))


def _refuse_no_data(data: object) -> None:
    if data is None or isinstance(data, pd.DataFrame):
        return
    if not isinstance(data, (str, PathLike)):
        raise not_a_table(data)
    if not Path(data).is_file():
        raise DataError(Fault("there is no such file", file=Path(data).name, check="missing_file"))


def _data_file(files: Mapping[str, bytes]) -> str:
    return next((name for name in (f"{DATA}.csv", f"{DATA}.parquet") if name in files), f"{DATA}.csv")


def _cannot_be_run(fault: Fault, error: EgovindexError, files: Mapping[str, bytes]) -> Difference:
    """A fault as a finding in the file it is about."""
    place = f"line {fault.line}" if fault.line else "file" if fault.file else "run again"
    about = INDEX if isinstance(error, SpecError) else _data_file(files)
    return Difference(fault.file or about, place, "", fault.message)


def _not_told(told: list[Difference], found: Iterable[Difference]) -> list[Difference]:
    """Without files that are told to be missing or unsound already."""
    gone = {one.file for one in told if one.where == "file" or one.file.endswith(".parquet")}
    gone |= {name.replace(".parquet", ".csv") for name in gone}
    return [one for one in found if not (one.file in gone and one.where == "file")]


# --- the original
def _other_data(
    files: Mapping[str, bytes], result: IndexResult | None, data: AnyTable, notes: list[str]
) -> Iterator[Difference]:
    """Whether a file, or a table, is the one that was scored."""
    name = "data" if isinstance(data, pd.DataFrame) else Path(data).name
    try:
        original = read_manifest(files.get(MANIFEST, b""), MANIFEST).original
    except DataError:
        return  # told already
    same_bytes = None
    if original is not None and not isinstance(data, pd.DataFrame):
        digest = Original.of(Path(data)).sha256
        same_bytes = digest == original.sha256
        if not same_bytes:
            yield Difference(name, "bytes", original.sha256, digest)
    if same_bytes or result is None:
        return
    try:
        differing = _differing_tables(result, data, name)
    except EgovindexError as error:
        more = f" (and {len(error.faults) - 1} more faults)" if len(error.faults) > 1 else ""
        differing = [Difference(name, "columns that the index reads", "", error.faults[0].message + more)]
    yield from differing
    if not differing:
        notes.append(f"the columns that the index reads are the same in {one_line(name)}")


def _differing_tables(result: IndexResult, data: AnyTable, name: str) -> list[Difference]:
    unit = row_headings(result.index.file).get("unit", "unit")
    saved, _ = data_cells(result.index, result.plan)
    other, _ = data_cells(result.index, result.index.plan(read_table(data, text=(unit,))))
    return list(differing_columns(name, saved, other, len(result.plan.records.keys)))
