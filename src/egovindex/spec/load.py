"""From a name, a path or a text to a checked model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from egovindex.errors import EgovindexError, Fault, SpecError, did_you_mean, listed
from egovindex.packaged import indicators_folder, is_file, weights_folder
from egovindex.spec.checks import check_index, check_keys, check_weights
from egovindex.spec.expand import expand_index, expand_weights
from egovindex.spec.faults import follows, in_order, named_otherwise, validate
from egovindex.spec.instruments import inlined, packaged_instruments, read_instrument
from egovindex.spec.merge import lay_over
from egovindex.spec.model import IndexFile, WeightSet
from egovindex.spec.strictyaml import Document, Origin, read_text, read_yaml
from egovindex.spec.values import ID

__all__ = [
    "document_of",
    "index_path",
    "packaged_indices",
    "packaged_instruments",
    "packaged_weights",
    "read_index",
    "read_instrument",
    "read_weights",
    "validated_index",
    "validated_weights",
]

# a variant of an edition, an edition of a base: no further (spec language, section 4.5)
_LONGEST_LIKE = 2


def packaged_indices() -> list[str]:
    """Names of the packaged indices."""
    return (
        sorted(path.stem for path in indicators_folder().glob("*.yaml") if path.read_bytes().lstrip()[:6] == b"index:")
        if indicators_folder().is_dir()
        else []
    )


def packaged_weights(index: str) -> list[str]:
    """Names of the packaged weight sets of an index."""
    return sorted(path.stem for path in (weights_folder() / index).glob("*.yaml"))


def document_of(content: Mapping[str, Any], file: str) -> Document:
    """Plain data from Python as a document; every place is the call itself."""
    return Document(dict(content), file, {(): Origin(file, 1)})


def index_path(name: str | Path, beside: Path | None = None) -> Path:
    """The file of an index given by name or path.

    Raises
    ------
    SpecError
        No index of that name is packaged.
    """
    if isinstance(name, Path) or str(name).endswith((".yaml", ".yml")) or "/" in str(name):
        return Path(name)
    for folder in (beside, indicators_folder()):
        if folder is not None and is_file(folder / f"{name}.yaml"):
            return folder / f"{name}.yaml"
    known = packaged_indices()
    hint = did_you_mean(str(name), known, otherwise=".")
    raise SpecError(
        Fault(
            f'there is no packaged index "{name}"{hint} Packaged: {listed(known, most=30)}. '
            "For a file of your own give its path, ending in .yaml",
            check="unknown_index",
        )
    )


def _plain_document(path: Path) -> tuple[Document, list[Fault]]:
    document = read_yaml(read_text(path), file=path.name)
    if not isinstance(document.data, dict):
        raise SpecError(Fault("an index file is a map of keys", file=path.name, line=1, check="not_a_map"))
    if "items" in document.data and not document.data.keys() & {"index", "like", "indicators", "nodes"}:
        message = "this is an instrument and no index; an index names it by its id, as in instrument: ID"
        raise SpecError(Fault(message, path.name, document.origin(()).line, check="instrument_for_an_index"))
    plain, faults = expand_index(document, path.parent)
    return inlined(plain, path.parent, faults), faults


def _merged_document(path: Path, chain: tuple[str, ...] = ()) -> tuple[Document, list[Fault]]:
    """The document with what it is ``like`` below it."""
    document, faults = _plain_document(path)
    base_name = document.data.pop("like", None)
    if base_name is None:
        return document, faults
    origin = document.origin(("like",))

    def fault(check: str, message: str) -> SpecError:
        return SpecError([*faults, Fault(message, origin.file, origin.line, "like", check)])

    if not isinstance(base_name, str) or not ID.fullmatch(base_name) or base_name.endswith((".yaml", ".yml")):
        raise fault("like_not_a_name", "like: the name of one index is expected, without folder or ending")
    chain = (*chain, path.stem)
    if base_name in chain:
        raise fault("like_cycle", f"like goes round: {' -> '.join([*chain, base_name])}")
    if len(chain) > _LONGEST_LIKE:
        raise fault("like_too_long", f"like goes too far: {' -> '.join([*chain, base_name])}; at most {_LONGEST_LIKE}")
    try:
        base, base_faults = _merged_document(index_path(base_name, path.parent), chain)
    except EgovindexError as error:
        if error.faults[0].check == "unknown_index":
            known = [*packaged_indices(), *(other.stem for other in path.parent.glob("*.yaml") if other != path)]
            hint = did_you_mean(base_name, known)
            message = f'like: there is no index "{base_name}" beside this file, nor packaged{hint}'
            raise fault("like_unknown", message) from None
        raise SpecError([*faults, *error.faults]) from None
    return lay_over(base, document), [*base_faults, *faults]


def validated_index(document: Document, faults: list[Fault] | None = None, *, name: str | None = None) -> IndexFile:
    """The model of a plain document.

    Raises
    ------
    SpecError
        With every fault, in the order of files and lines.
    """
    found = list(faults or ())
    tables: list[tuple[Any, ...]] = [(f.path,) for f in found if f.path in ("indicators", "nodes")]
    file, wrong, bad = validate(IndexFile, document)
    found += wrong
    if file is not None:
        found += [fault for fault in check_index(file, document) if not follows(fault, [*bad, *tables])]
        found += named_otherwise("index", file.index, name, "index", document)
    if found or file is None:
        raise SpecError(in_order(found))
    return file


def read_index(name: str | Path) -> tuple[IndexFile, Document]:
    """Read, merge and check an index file.

    Parameters
    ----------
    name
        Name of a packaged index, or path of a file.

    Returns
    -------
    IndexFile
        The merged file as a model.
    Document
        The merged file as data, with the origin of every line.

    Raises
    ------
    SpecError
        With every fault found, file and line.
    """
    path = index_path(name)
    document, faults = _merged_document(path)
    return validated_index(document, faults, name=path.stem), document


def validated_weights(document: Document, index: IndexFile | None, *, name: str | None = None) -> WeightSet:
    """The model of a weight set, checked against its index if that is given."""
    if not isinstance(document.data, dict):
        raise SpecError(Fault("a weight set is a map of keys", file=document.file, line=1, check="not_a_map"))
    document, faults = expand_weights(document)
    weights, wrong, bad = validate(WeightSet, document)
    faults += wrong
    if weights is not None and index is not None:
        faults += [fault for fault in check_weights(weights, index, document) if not follows(fault, bad)]
    if weights is not None:
        faults += check_keys(weights, document)
        faults += named_otherwise("weights", weights.weights, name, "set", document)
    if faults or weights is None:
        raise SpecError(in_order(faults))
    return weights


def read_weights(name: str | Path, index: IndexFile | None = None) -> tuple[WeightSet, Document]:
    """Read and check a weight set, by path or by the name of a packaged set."""
    if isinstance(name, Path) or str(name).endswith((".yaml", ".yml")):
        path = Path(name)
    elif index is None:
        raise SpecError(Fault(f'weight set "{name}": say of which index', check="weights_without_index"))
    else:
        path = weights_folder() / index.index / f"{name}.yaml"
        if "/" in str(name) or not is_file(path):
            known = packaged_weights(index.index)
            raise SpecError(
                Fault(
                    f'there is no weight set "{name}" for {index.index}{did_you_mean(str(name), known, otherwise=".")} '
                    f"Packaged: {listed(known, most=30) or 'none'}. For a file of your own give its path",
                    check="unknown_weights",
                )
            )
    document = read_yaml(read_text(path), file=path.name)
    return validated_weights(document, index, name=path.stem), document
