"""From the files of a saved result to a plan and its scores, through the one evaluator. Nothing is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from egovindex.errors import DataError, EgovindexError, Fault, SpecError
from egovindex.evaluate import evaluate
from egovindex.index import Index
from egovindex.keep.cells import TEXT, Cells, read_csv, read_parquet
from egovindex.keep.folder import DATA, INDEX, MANIFEST
from egovindex.keep.learned import learned_of
from egovindex.keep.manifest import Manifest, read_manifest
from egovindex.keep.tables import frame_of
from egovindex.plan import Plan
from egovindex.scores import Scores
from egovindex.tables import row_headings

__all__ = ["Rebuilt", "rebuilt", "saved_table"]


@dataclass(frozen=True)
class Rebuilt:
    """A result made again out of its files, and the manifest that was saved."""

    index: Index
    plan: Plan
    nominal: Scores
    manifest: Manifest


def file_missing(name: str) -> DataError:
    return DataError(Fault("this file is missing in the folder", file=name, check="missing_file"))


def saved_table(files: Mapping[str, bytes], table: str) -> tuple[str, Cells]:
    """Name of the file of a table, and its cells.

    Raises
    ------
    DataError
        The file is missing or malformed.
    """
    csv, parquet = f"{table}.csv", f"{table}.parquet"
    if csv in files and parquet in files:
        raise DataError(Fault(f"{csv} stands beside it; which of them was saved?", file=parquet, check="two_files"))
    if csv in files:
        return csv, read_csv(files[csv], csv)
    if parquet in files:
        return parquet, read_parquet(files[parquet], parquet)
    raise file_missing(csv)


def rebuilt(files: Mapping[str, bytes], *, afresh: bool = False) -> Rebuilt:
    """Run a saved result again.

    Parameters
    ----------
    files
        Name and bytes of each file.
    afresh
        Learn from the saved data, where the result did so, instead of reusing the learned values that were
        saved.

    Raises
    ------
    EgovindexError
        With every file that is missing or malformed, or the reason why it cannot be computed.
    """
    faults: list[Fault] = []
    manifest, index = None, None
    try:
        manifest = read_manifest(_bytes(files, MANIFEST), MANIFEST)
    except EgovindexError as error:
        faults += error.faults
    try:
        index = _index(_bytes(files, INDEX), manifest)
    except EgovindexError as error:
        faults += error.faults
    if manifest is None or index is None:
        raise DataError(faults)
    kinds = dict(manifest.columns)
    name, cells = saved_table(files, DATA)
    plan = index.plan(frame_of(cells, kinds, name))
    if afresh and manifest.learned != "given":
        return Rebuilt(index, plan, evaluate(plan), manifest)
    name, cells = saved_table(files, "learned")
    period = row_headings(index.file).get("period", "")
    learned = learned_of(cells, plan, kinds.get(period, TEXT), name)
    if learned.draws():
        message = "some values have several items where one number is meant"
        raise DataError(Fault(message, file=name, check="wrong_kind"))
    return Rebuilt(index, plan, evaluate(plan, learned=learned if learned.values else None), manifest)


def _bytes(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise file_missing(name)
    return files[name]


def _index(content: bytes, manifest: Manifest | None) -> Index:
    """The index as merged; no other file is read for it."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SpecError(Fault(f"byte {error.start} is not UTF-8", file=INDEX, line=line, check="not_utf8")) from None
    # the models of the files load with the first file, not with the package
    from egovindex.spec.expand import expand_index
    from egovindex.spec.load import validated_index
    from egovindex.spec.strictyaml import read_yaml

    document = read_yaml(text, file=INDEX)
    if not isinstance(document.data, dict):
        raise SpecError(Fault("an index file is a map of keys", file=INDEX, line=1, check="not_a_map"))
    if "like" in document.data:
        raise SpecError(Fault("a saved index is whole and is not like another", file=INDEX, check="like_in_saved"))
    expanded, faults = expand_index(document)
    file = validated_index(expanded, faults)
    return Index(file, expanded.origins, manifest.history if manifest else ())
