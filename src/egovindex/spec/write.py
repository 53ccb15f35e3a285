"""A merged file written as YAML that reads back as the same file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from egovindex.spec.strictyaml import Origin

__all__ = ["flow_text", "yaml_text"]

Path_ = tuple[str | int, ...]
_PLAIN = re.compile(r"[A-Za-z0-9_./+\-](?:[A-Za-z0-9_./+\-%<>=*() ]*[A-Za-z0-9_./+\-%)])?")
_WIDTH = 100


def _scalar(text: str) -> str:
    """Text as a YAML scalar: plain where that is safe, else quoted."""
    if text not in ("~", "-", "---", "...") and _PLAIN.fullmatch(text) and not text.startswith(("- ", "--", "...")):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    escaped = "".join(
        c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in escaped
    )
    return f'"{escaped}"'


def flow_text(value: Any) -> str:
    """A value in one line, with brackets.

    Examples
    --------
    >>> flow_text({"of": ["a", "b"], "label": "one, two", "classes": None})
    '{of: [a, b], label: "one, two", classes: ~}'
    """
    if value is None:
        return "~"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(str(k))}: {flow_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow_text(v) for v in value) + "]"
    return _scalar(str(value))


def yaml_text(document: Mapping[str, Any], origins: Mapping[Path_, Origin] | None = None) -> str:
    """A document as YAML.

    Parameters
    ----------
    document
        Maps, lists, text, ``None`` for ``~``.
    origins
        Where each value was written; adds a comment to each line.

    Examples
    --------
    >>> print(yaml_text({"index": "demo", "answers": {"yes_no": {"yes": ["Y"], "no": []}}}), end="")
    index: demo
    answers: {yes_no: {yes: [Y], no: []}}
    """
    lines: list[tuple[str, Path_]] = []
    _block(document, (), 0, lines)
    if origins is None:
        return "".join(f"{text}\n" for text, _ in lines)
    column = min(max((len(text) for text, _ in lines), default=0), _WIDTH)
    return "".join(f"{text:<{column}}  # {_origin(path, origins)}\n" for text, path in lines)


def _origin(path: Path_, origins: Mapping[Path_, Origin]) -> str:
    # a line holds several values: those laid over it come from elsewhere, and are named too
    found = {str(o): None for known, o in origins.items() if known[: len(path)] == path and len(known) > 0}
    if not found:
        near = next((origins[path[:n]] for n in range(len(path), -1, -1) if path[:n] in origins), None)
        return str(near) if near else "?"
    files: dict[str, list[int]] = {}
    for known, origin in origins.items():
        if known[: len(path)] == path:
            files.setdefault(origin.file, []).extend([] if origin.line is None else [origin.line])
    return ", ".join(_lines(file, at) for file, at in files.items())


def _lines(file: str, at: list[int]) -> str:
    if not at:
        return file
    return f"{file}:{min(at)}" if min(at) == max(at) else f"{file}:{min(at)}-{max(at)}"


def _block(value: Mapping[str, Any], path: Path_, indent: int, lines: list[tuple[str, Path_]]) -> None:
    for key, inner in value.items():
        head = " " * indent + _scalar(str(key)) + ":"
        here = (*path, key)
        flow = flow_text(inner)
        deep = isinstance(inner, Mapping) and inner and (len(path) < 1 and key in ("indicators", "nodes", "rules"))
        if not deep and len(head) + 1 + len(flow) <= _WIDTH:
            lines.append((f"{head} {flow}", here))
        elif isinstance(inner, Mapping) and inner:
            lines.append((head, here) if not deep else (head, (*here, "")))
            _block(inner, here, indent + 2, lines)
        elif isinstance(inner, (list, tuple)) and inner:
            lines.append((head, (*here, "")))
            lines += [(" " * (indent + 2) + "- " + flow_text(item), (*here, at)) for at, item in enumerate(inner)]
        else:
            lines.append((f"{head} {flow}", here))
