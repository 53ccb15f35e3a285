"""Files of doubts: the same words as in Python, read as strictly as an index file."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from egovindex.errors import EgovindexError, Fault, SpecError, did_you_mean, listed
from egovindex.index import Index
from egovindex.sensitivity.doubt import ALL, KINDS, Doubt, Part, told_of
from egovindex.spec.strictyaml import Document, read_text, read_yaml

__all__ = ["load_doubt"]

_ABOUT = ("doubt", "title", "note", "source")


def load_doubt(doubt: str | Path | Doubt) -> Doubt:
    """A doubt out of a file; a doubt is returned as it is.

    Parameters
    ----------
    doubt
        Path of a YAML file whose first key is ``doubt``, its name. The other keys are those of :class:`Doubt`; a law
        is written as it is shown (``within 0.25``, ``uniform 0.2 0.6``), alternatives are a list, and a mapping says
        which nodes, records or addresses are meant, ``"*"`` all that are not named.

    Raises
    ------
    SpecError
        The file is missing, or says something it may not: every fault with its line.

    Examples
    --------
    >>> import egovindex as ei, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ei.Doubt(weights=ei.within(0.25), name="quarter").save(f"{folder}/quarter.yaml")
    ...     ei.load_doubt(f"{folder}/quarter.yaml")
    <Doubt quarter> 1 doubt
      weights  within 0.25
    """
    if isinstance(doubt, Doubt):
        return doubt
    given: Any = doubt
    if not isinstance(given, (str, PathLike)):
        message = f"a doubt is a Doubt, as in Doubt(weights=within(0.25)), or the path of a file; found {given!r:.60}"
        raise SpecError(Fault(message, check="not_a_doubt"))
    path = Path(doubt)
    return doubt_of(read_yaml(read_text(path), file=path.name))


def doubt_of(document: Document) -> Doubt:
    """A doubt out of what a file says."""
    data, faults = document.data, []
    if not isinstance(data, dict) or "doubt" not in data:
        message = "a file of doubts is a map whose first key is doubt, its name"
        raise SpecError(Fault(message, file=document.file, line=1, check="not_a_doubt"))
    parts: list[Part] = []
    for key, raw in data.items():
        if key in _ABOUT:
            if not isinstance(raw, str):
                faults.append(_fault(document, (key,), f"{key} is a text"))
        elif key not in KINDS:
            known = [*_ABOUT, *KINDS]
            message = f'unknown key "{key}"{did_you_mean(key, known, otherwise=".")} Allowed: {listed(known, most=20)}'
            faults.append(_fault(document, (key,), message, "unknown_key"))
        else:
            for place, one in _laws(key, raw):
                try:
                    law = KINDS[key](_with_indices(one, document.file) if key == "recipes" else one)
                except EgovindexError as error:
                    where = (key,) if place == ALL and (key, ALL) not in document.origins else (key, place)
                    faults += [
                        _fault(document, where, f"{'.'.join(where)}: {fault.message}", fault.check)
                        for fault in error.faults
                    ]
                else:
                    where = (key,) if (key, place) not in document.origins else (key, place)
                    origin = document.origin(where)
                    parts.append(Part(key, place, law, told_of(law), origin.file, origin.line))
    if faults:
        raise SpecError(faults)
    about = {key: data.get(key) for key in ("title", "note", "source")}
    return Doubt.of(parts, data["doubt"], **about)


def _laws(kind: str, raw: Any) -> list[tuple[str, Any]]:
    return list(raw.items()) if isinstance(raw, Mapping) and kind != "include" else [(ALL, raw)]


def _fault(document: Document, path: tuple[str, ...], message: str, check: str = "bad_law") -> Fault:
    origin = document.origin(path)
    return Fault(message, origin.file, origin.line, ".".join(path), check)


def _with_indices(recipes: Any, file: str) -> Any:
    """Recipes that are whole indices as indices."""
    if not isinstance(recipes, Mapping):
        return recipes
    found = {}
    for label, keys in recipes.items():
        whole = isinstance(keys, Mapping) and set(keys) == {"index"} and isinstance(keys["index"], Mapping)
        found[label] = _index_of(keys["index"], file) if whole else keys
    return found


def _index_of(content: Any, file: str) -> Index:
    from egovindex.spec.expand import expand_index
    from egovindex.spec.load import validated_index

    document, faults = expand_index(Document(content, file, {}))
    return Index(validated_index(document, faults), document.origins)
