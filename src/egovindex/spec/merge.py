"""Laying a few lines over a complete file: the one way to vary (spec language, section 4.5).

A variant file (``like``), a weight set, and a change asked for in Python merge alike: records by id;
inside a record each key replaced whole; points maps line by line, the new lines read first; ``~``
removes what was inherited. A ``~`` that finds nothing to remove stays where it is, and the checks of
the merged file tell it.
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
        if value is None and old is not None:
            del merged[key]
        elif value is None:
            merged[key] = None
            places.take((key,))
        elif key == "nothing":
            merged[key] = _merge_nothing(old, value, places)
        elif key in _MERGERS and isinstance(value, dict) and isinstance(old, dict):
            merged[key] = _MERGERS[key](old, value, key, places)
        else:
            merged[key] = value
            places.take((key,))
    for kind in ("indicators", "nodes"):
        if isinstance(merged.get(kind), dict):
            merged[kind] = _without_spent(kind, merged, base.data)
    return Document(merged, patch.file, places.origins)


def _without_spent(kind: str, merged: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """Records without each ``~`` that has done its work: no default is left for it to remove."""
    default, before = (_part(_part(data, "defaults"), kind) for data in (merged, base))
    old = _part(base, kind)

    def spent(name: str, key: str, value: Any) -> bool:
        had = _part(old, name).get(key) is not None or before.get(key) is not None
        return value is None and default.get(key) is None and had

    return {
        name: {key: value for key, value in record.items() if not spent(name, key, value)}
        if isinstance(record, dict)
        else record
        for name, record in merged[kind].items()
    }


def _part(data: dict[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


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
    kept, patch = _each_kind(old), _each_kind(new)
    for kind in kept if isinstance(old, str) else ():  # written once for every kind
        places.origins["nothing", kind] = places.origins["nothing",]
    if old is None:
        places.take(("nothing",))
    for kind in patch:
        places.take(("nothing", kind))
        if not isinstance(new, dict):
            places.origins["nothing", kind] = places.patch["nothing",]
    return _merge_kept(kept, patch)


def _merge_kept(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Points lines, and each ``~`` that removes none of them."""
    known = {language.line_key(line) for line in old}
    useless = {line: None for line, outcome in new.items() if outcome is None and language.line_key(line) not in known}
    return {**merge_lines(old, new), **useless}


def _each_kind(value: Any) -> dict[str, Any]:
    """A bare outcome means every known kind, spelled out before merging (section 4.2)."""
    if value is None:
        return {}
    return value if isinstance(value, dict) else dict.fromkeys(KINDS, value)


def _merge_records(old: dict[str, Any], new: dict[str, Any], key: str, places: _Places) -> dict[str, Any]:
    result = dict(old)
    for name, record in new.items():
        known = result.get(name)
        if record is None and known is not None:
            del result[name]
        elif isinstance(record, dict) and isinstance(known, dict):
            # below defaults nothing is left for a ~ to remove; a record's may be there for a default
            spent = {inner for inner in record if key == "defaults" and record[inner] is None and inner in known}
            result[name] = {inner: v for inner, v in {**known, **record}.items() if inner not in spent}
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
            result[name] = _merge_kept(result[name], lines)
            for line in lines:
                places.take((key, name, line))
        elif lines is None and name in result:
            del result[name]
        else:
            result[name] = lines
            places.take((key, name))
    return result


def _merge_by_name(old: dict[str, Any], new: dict[str, Any], key: str, places: _Places) -> dict[str, Any]:
    for name in new:
        places.take((key, name))
    removed = {name for name, inner in new.items() if inner is None and name in old}
    return {name: inner for name, inner in {**old, **new}.items() if name not in removed}


_MERGERS: dict[str, Callable[[dict[str, Any], dict[str, Any], str, _Places], dict[str, Any]]] = {
    "indicators": _merge_records,
    "nodes": _merge_records,
    "defaults": _merge_records,
    "points": _merge_maps,
    "columns": _merge_by_name,
    "answers": _merge_by_name,
    "rules": _merge_by_name,
}
