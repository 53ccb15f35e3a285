"""Cells of a table: text, ``~``, and lists and maps in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from egovindex.errors import SpecError
from egovindex.spec.strictyaml import read_yaml

__all__ = ["read_cell"]

# text in quotes, written because it would be something else without them
_QUOTED = re.compile(r'"(?:~|[\[{\\].*)?"', re.DOTALL)
# a source is never a list, a heading never a map
_NO_BRACKET = {"source": "[", "from": "{"}
# columns of a table whose parts may be parted by a semicolon, where there are several
_PARTED = frozenset({"coded_as", "match"})
# columns of a table whose text may begin with a bracket
_TEXT = frozenset({"id", "in", "label", "note", "measured_in", "number", "section", "topic", "same_as"})


def read_cell(key: str, text: str) -> Any:
    """A cell of a table as the file would have it: ``~``, a list or map in brackets, steps parted by ``;``.

    Text that would be read as one of these stands in double quotes.

    Examples
    --------
    >>> read_cell("steps", "cap 120; zscore"), read_cell("points", "{0: 0, else: value}"), read_cell("label", "~")
    (['cap 120', 'zscore'], {'0': '0', 'else': 'value'}, None)
    """
    text = text.strip()
    if text == "~":
        return None
    if _QUOTED.fullmatch(text):
        return read_yaml(text, file=key).data
    if key in _TEXT or text.startswith(_NO_BRACKET.get(key, "\0")):
        return text
    if key == "steps" and not text.startswith("["):
        return [read_cell("step", part) for part in _parted(text)]
    if not text.startswith(("{", "[")):
        return _parted(text) if key in _PARTED and ";" in text else text
    try:
        return read_yaml(text, file=key).data
    except SpecError as error:
        way = "; put text that begins with a bracket in double quotes"
        raise SpecError([replace(fault, message=fault.message + way) for fault in error.faults]) from None


def _pieces(text: str) -> Iterator[str]:
    """Letters, and what stands between double quotes in one piece; a quote that is never closed is a letter."""
    # where a quote that is open here is closed; told from the end, so that no letter is read twice
    closed = [0] * (len(text) + 2)
    for at in reversed(range(len(text))):
        closed[at] = at + 1 if text[at] == '"' else closed[at + 1 + (text[at] == "\\")]
    at = 0
    while at < len(text):
        end = (text[at] == '"' and closed[at + 1]) or at + 1
        yield text[at:end]
        at = end


def _parted(text: str) -> list[str]:
    """Parts of a cell; a semicolon inside brackets or quotes does not part them."""
    parts = [""]
    depth = 0
    for piece in _pieces(text):
        depth += (piece in "{[") - (piece in "}]")
        if piece == ";" and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts if part.strip()]
