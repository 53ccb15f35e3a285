"""Laying a few lines over a complete file: the one way to vary (spec language, section 4.5).

A variant file (``like``), a weight set, and a change asked for in Python merge alike: records by id;
inside a record each key replaced whole; points maps line by line, the new lines read first; ``~``
removes what was inherited.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from egovindex.spec import language
from egovindex.spec.strictyaml import Document, Origin
from egovindex.spec.words import KINDS

__all__ = ["lay_over", "merge_lines"]

Path_ = tuple[str | int, ...]


def merge_lines(base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Points lines: the patch's first, then the base's that it does not set.

    Examples
    --------
    >>> merge_lines({"yes": 1, "no": 0}, {"drafted": 0.5, "yes": 0.9})
    {'drafted': 0.5, 'yes': 0.9, 'no': 0}
    """
    new = {language.line_key(line) for line in patch}
    old = {line: outcome for line, outcome in base.items() if language.line_key(line) not in new}
    merged = {line: outcome for line, outcome in {**patch, **old}.items() if outcome is not None}
    if "else" in patch and "else" in merged:
        merged["else"] = merged.pop("else")  # last, or it would catch what the base's lines are for
    return merged


def lay_over(base: Document, patch: Document) -> Document:
    """The base with the patch laid over it; each value keeps the place where it was written."""
    merged: dict[str, Any] = dict(base.data)
    places = _Places(base.origins, patch.origins)
    for key, value in patch.data.items():
        old = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif key == "nothing":
            merged[key] = _merge_nothing(old, value, places)
        elif key in _MERGERS and isinstance(value, dict) and isinstance(old, dict):
            merged[key] = _MERGERS[key](old, value, key, places)
        else:
            merged[key] = value
            places.take((key,))
    return Document(merged, patch.file, places.origins)


class _Places:
    """Where each value of the merged document was written."""

    def __init__(self, base: dict[Path_, Origin], patch: dict[Path_, Origin]) -> None:
        self.origins = dict(base)
        self.patch = patch

    def take(self, path: Path_) -> None:
        """The patch's places take over at a path and below."""
        length = len(path)
        for old in [known for known in self.origins if known[:length] == path]:
            del self.origins[old]
        self.origins.update({known: origin for known, origin in self.patch.items() if known[:length] == path})


def _merge_nothing(old: Any, new: Any, places: _Places) -> dict[str, Any]:
    if isinstance(old, dict):
        for kind in _each_kind(new):
            places.take(("nothing", kind))
            if not isinstance(new, dict):  # one outcome written for every kind
                places.origins["nothing", kind] = places.patch["nothing",]
    else:
        places.take(("nothing",))
    return merge_lines(_each_kind(old), _each_kind(new))


def _each_kind(value: Any) -> dict[str, Any]:
    """A bare outcome means every known kind, spelled out before merging (section 4.2)."""
    if value is None:
        return {}
    return value if isinstance(value, dict) else dict.fromkeys(KINDS, value)


def _merge_records(old: dict[str, Any], new: dict[str, Any], key: str, places: _Places) -> dict[str, Any]:
    result = dict(old)
    for name, record in new.items():
        if record is None:
            result.pop(name, None)
        elif isinstance(record, dict) and isinstance(result.get(name), dict):
            result[name] = {**result[name], **record}
            for inner in record:
                places.take((key, name, inner))
        else:
            result[name] = record
            places.take((key, name))
    return result


def _merge_maps(old: dict[str, Any], new: dict[str, Any], key: str, places: _Places) -> dict[str, Any]:
    result = dict(old)
    for name, lines in new.items():
        if isinstance(lines, dict) and isinstance(result.get(name), dict):
            result[name] = merge_lines(result[name], lines)
            for line in lines:
                places.take((key, name, line))
        else:
            result[name] = lines
            places.take((key, name))
    return {name: lines for name, lines in result.items() if lines is not None}


def _merge_by_name(old: dict[str, Any], new: dict[str, Any], key: str, places: _Places) -> dict[str, Any]:
    for name in new:
        places.take((key, name))
    return {name: inner for name, inner in {**old, **new}.items() if inner is not None}


_MERGERS: dict[str, Callable[[dict[str, Any], dict[str, Any], str, _Places], dict[str, Any]]] = {
    "indicators": _merge_records,
    "nodes": _merge_records,
    "defaults": _merge_records,
    "points": _merge_maps,
    "columns": _merge_by_name,
    "answers": _merge_by_name,
    "rules": _merge_by_name,
}
