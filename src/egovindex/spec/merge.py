"""Laying a few lines over a complete file: the one way to vary (spec language, section 4.5).

A variant file (``like``), a weight set, and a change asked for in Python merge alike: records by id;
inside a record each key replaced whole; points maps line by line, the new lines read first; ``~``
removes what was inherited.
"""

from __future__ import annotations

from typing import Any

from egovindex.spec import language
from egovindex.spec.strictyaml import Document, Origin
from egovindex.spec.words import KINDS

__all__ = ["lay_over", "merge_lines"]

_BY_NAME = frozenset({"columns", "answers", "rules"})


def _line(text: str) -> str:
    try:
        return str(language.parse_line(text))
    except ValueError:
        return text


def merge_lines(base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Points lines: the patch's first, then the base's that it does not set.

    Examples
    --------
    >>> merge_lines({"yes": 1, "no": 0}, {"drafted": 0.5, "yes": 0.9})
    {'drafted': 0.5, 'yes': 0.9, 'no': 0}
    """
    new = {_line(line): outcome for line, outcome in patch.items()}
    old = {line: outcome for line, outcome in base.items() if _line(line) not in new}
    return {line: outcome for line, outcome in {**new, **old}.items() if outcome is not None}


def lay_over(base: Document, patch: Document) -> Document:
    """The base with the patch laid over it; each value keeps the place where it was written."""
    merged: dict[str, Any] = dict(base.data)
    origins: dict[tuple[str | int, ...], Origin] = dict(base.origins)

    def place(path: tuple[str | int, ...]) -> None:
        """The patch's places take over at ``path`` and below."""
        length = len(path)
        for old in [known for known in origins if known[:length] == path]:
            del origins[old]
        for known, origin in patch.origins.items():
            if known[:length] == path:
                origins[known] = origin

    for key, value in patch.data.items():
        old = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif key == "nothing":
            merged[key] = merge_lines(_each_kind(old), _each_kind(value))
            place((key,)) if not isinstance(old, dict) else [place((key, kind)) for kind in _each_kind(value)]
        elif not (isinstance(value, dict) and isinstance(old, dict)):
            merged[key] = value
            place((key,))
        elif key in ("indicators", "nodes", "defaults"):
            merged[key] = _merge_records(old, value, key, place)
        elif key == "points":
            merged[key] = dict(old)
            for name, lines in value.items():
                both = isinstance(lines, dict) and isinstance(old.get(name), dict)
                merged[key][name] = merge_lines(old[name], lines) if both else lines
                if both:
                    for line in lines:
                        place((key, name, line))
                else:
                    place((key, name))
        elif key in _BY_NAME:
            merged[key] = {name: inner for name, inner in {**old, **value}.items() if inner is not None}
            for name in value:
                place((key, name))
        else:
            merged[key] = value
            place((key,))
    return Document(merged, patch.file, origins)


def _each_kind(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    return value if isinstance(value, dict) else dict.fromkeys(KINDS, value)


def _merge_records(old: dict[str, Any], new: dict[str, Any], key: str, place: Any) -> dict[str, Any]:
    result = dict(old)
    for name, record in new.items():
        if record is None:
            result.pop(name, None)
        elif isinstance(record, dict) and isinstance(result.get(name), dict):
            result[name] = {**result[name], **record}
            for inner in record:
                place((key, name, inner))
        else:
            result[name] = record
            place((key, name))
    return result
