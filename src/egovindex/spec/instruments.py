"""Instruments: read from their files, and written into the index that names them.

An index that names an instrument holds it from then on: the merged file is complete, and what is shown, hashed and
kept needs no second file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from egovindex.errors import Fault, SpecError, did_you_mean, listed
from egovindex.packaged import indicators_folder, is_file
from egovindex.spec.checks import check_instrument
from egovindex.spec.expand import expand_instrument
from egovindex.spec.faults import follows, in_order, named_otherwise, validate
from egovindex.spec.model import InstrumentFile
from egovindex.spec.strictyaml import Document, read_text, read_yaml
from egovindex.spec.values import ID

__all__ = ["find_instrument", "inlined", "packaged_instruments", "read_instrument"]

_KEY = b"instrument:"


def _instruments_in(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(path.stem for path in folder.glob("*.yaml") if path.read_bytes().lstrip().startswith(_KEY))


def packaged_instruments() -> list[str]:
    """Names of the packaged instruments."""
    return _instruments_in(indicators_folder())


def find_instrument(name: str, beside: Path | None = None) -> Path:
    """The file of an instrument that is named by its id.

    Raises
    ------
    SpecError
        There is none of that name beside the index, nor among the packaged ones.
    """
    folders = [folder for folder in (beside, indicators_folder()) if folder is not None]
    for folder in folders:
        if is_file(folder / f"{name}.yaml"):
            return folder / f"{name}.yaml"
    known = list(dict.fromkeys(found for folder in folders for found in _instruments_in(folder)))
    hint = did_you_mean(name, known, otherwise=".")
    if beside is None:
        there, way = f'there is no packaged instrument "{name}"', ". For a file of your own give its path"
    else:
        there, way = f'there is no instrument "{name}" beside this file, nor packaged', ""
    message = f"{there}{hint} Found: {listed(known, most=30) or 'none'}{way}"
    raise SpecError(Fault(message, check="unknown_instrument"))


def read_instrument(path: Path) -> tuple[InstrumentFile, Document]:
    """Read and check an instrument file.

    Raises
    ------
    SpecError
        With every fault found, file and line.
    """
    document = read_yaml(read_text(path), file=path.name)
    if not isinstance(document.data, dict):
        raise SpecError(Fault("an instrument is a map of keys", file=path.name, line=1, check="not_a_map"))
    document, faults = expand_instrument(document, path.parent)
    tables = [("items",)] if any(fault.path == "items" for fault in faults) else []
    instrument, wrong, bad = validate(InstrumentFile, document)
    faults += wrong
    if instrument is not None:
        faults += [fault for fault in check_instrument(instrument, document) if not follows(fault, [*bad, *tables])]
        faults += named_otherwise("instrument", instrument.instrument, path.stem, "instrument", document)
    if faults or instrument is None:
        raise SpecError(in_order(faults))
    return instrument, document


def inlined(document: Document, folder: Path | None, faults: list[Fault]) -> Document:
    """The document with the content of each instrument that it names.

    Parameters
    ----------
    document
        The plain form of an index file, or of the part of one that is laid over another.
    folder
        Where the file stands; ``None`` for what was given in a call, which finds packaged instruments only.
    faults
        What was found wrong with the document before; told too where an instrument cannot be read.

    Raises
    ------
    SpecError
        There is no such instrument, or its file has faults.
    """
    written = document.data.get("instrument")
    if written is None or isinstance(written, dict):
        return document
    names = written if isinstance(written, list) else [written]
    _refuse_twice(names, document, faults)
    content: dict[str, Any] = {}
    origins = dict(document.origins)
    for number, name in enumerate(names):
        place = document.origin(("instrument", number) if isinstance(written, list) else ("instrument",))
        origins.pop(("instrument", number), None)
        if not isinstance(name, str) or not ID.fullmatch(name) or name.endswith((".yaml", ".yml")):
            message = "instrument: the id of an instrument is expected, or a list of ids, without folder or ending"
            raise SpecError([*faults, Fault(message, place.file, place.line, "instrument", "instrument_not_a_name")])
        try:
            _, found = read_instrument(find_instrument(name, folder))
        except SpecError as error:
            raise SpecError([*faults, *(_placed(fault, place) for fault in error.faults)]) from None
        content[name] = {key: value for key, value in found.data.items() if key != "instrument"}
        path = ("instrument", name)
        origins.update({(*path, *at): origin for at, origin in found.origins.items() if at != ("instrument",)})
        origins[path] = place
    return Document({**document.data, "instrument": content}, document.file, origins)


def _refuse_twice(names: list[Any], document: Document, faults: list[Fault]) -> None:
    twice = [str(name) for at, name in enumerate(names) if name in names[:at]]
    if twice:
        place = document.origin(("instrument",))
        message = f'instrument: "{twice[0]}" stands twice in the list; name it once'
        raise SpecError([*faults, Fault(message, place.file, place.line, "instrument", "instrument_twice")])


def _placed(fault: Fault, place: Any) -> Fault:
    """A fault of looking for the file stands where the instrument is named."""
    if fault.check != "unknown_instrument":
        return fault
    return Fault(f"instrument: {fault.message}", place.file, place.line, "instrument", fault.check)
