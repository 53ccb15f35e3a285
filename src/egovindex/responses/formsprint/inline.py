"""Question and answer in one line: parted at the sign that ends the question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from egovindex.responses.formsprint.align import Label
from egovindex.responses.formsprint.lines import Line
from egovindex.spec.questions import Item

__all__ = ["parted_lines"]

_SIGNS = [re.compile(rf"(?:{signs})(?:\s+|$)") for signs in (r"[?？؟]\s*\*?|\*", "[:：]")]
_NUMBERED = re.compile(r"[\W_]{0,6}(?:q|question|item|no\.?)?\s*\d", re.IGNORECASE)
# the share of questions with nothing below them, and of those with something behind their sign
_EMPTY, _BEHIND = 0.7, 0.5
# characters before the sign: its number is no question
_FEWEST = 5


def parted_lines(
    lines: Sequence[Line], labels: Sequence[Label], items: Mapping[str, Item], unit: str | None
) -> list[Line] | None:
    """The lines with a line end after each question, where most answers stand in the line of the question.

    Where only some do, those of contacts: ``2. Name: Ada``.
    """
    if not labels:
        return None
    following = [*(label.start for label in labels[1:]), len(lines)]
    empty = [label for label, start in zip(labels, following, strict=True) if label.end >= start]
    cuts = {at: end for label in labels for at, end in _cut(lines, label)}
    if len(empty) < _EMPTY * len(labels) or len(cuts) < _BEHIND * len(labels):
        short = [
            one for one in empty if one.item is not None and (items[one.item].kind == "contact" or one.item == unit)
        ]
        cuts = {
            at: end for label in short if _NUMBERED.match(lines[label.start].text) for at, end in _cut(lines, label)
        }
    if not cuts:
        return None
    found: list[Line] = []
    for at, line in enumerate(lines):
        end = cuts.get(at)
        if end is None:
            found.append(line)
            continue
        found.append(replace(line, text=line.text[:end].strip()))
        found.append(replace(line, text=line.text[end:].strip(), gap=True, top=False))
    return found


def _cut(lines: Sequence[Line], label: Label) -> list[tuple[int, int]]:
    """Line and place where a question ends, if something stands behind it."""
    for sign in _SIGNS:
        for at in range(label.start, label.end):
            text = lines[at].text
            match = sign.search(text, _FEWEST)
            if match:
                return [(at, match.end())] if text[match.end() :].strip() else []
    return []
