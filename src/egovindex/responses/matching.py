"""Headings of a form to items of an instrument, where no binding says which is which.

A heading is the text of a question. An item is found by its number in front, by its label, or by the few words that
find it in a printed form. Many questions of a form read alike ("please give details"), so that the order decides:
among all ways to give headings to items in the order of the instrument, the one with the most agreement is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from egovindex.errors import listed
from egovindex.responses.cells import plain
from egovindex.responses.draft import HIGH, LOW, MEDIUM

if TYPE_CHECKING:
    from egovindex.instrument import Instrument
    from egovindex.spec.questions import Item

__all__ = ["Match", "matched"]

_NUMBER = re.compile(r"\s*[a-z]{0,2}(\d+(?:\.\d+)*)\s*[.):\u2013-]\s*\S", re.IGNORECASE)
_BARE = re.compile(r"\s*(\d+)\s+\S")
_LEAST = 0.6  # share of an item's words that a heading has at least


@dataclass(frozen=True)
class Match:
    """The item that a heading asks for."""

    item: str
    confidence: str
    note: str | None


@dataclass(frozen=True)
class _Seen:
    """What speaks for one item."""

    score: float
    number: bool
    label: bool
    share: float
    words: bool


def matched(headings: Sequence[str], instrument: Instrument) -> list[Match | None]:
    """The item of each heading; ``None`` where none fits."""
    if not headings:
        return []
    items = instrument.file.items
    texts = without_repeats(headings)
    numbers = _numbers(texts)
    seen = [
        [_seen(text, number, name, item) for name, item in items.items()]
        for text, number in zip(texts, numbers, strict=True)
    ]
    pairs = _best(np.array([[one.score for one in row] for row in seen]))
    names = list(items)
    return [
        None if at is None else _judged(names, at, seen[row], pairs[row - 1] if row else None)
        for row, at in enumerate(pairs)
    ]


def without_repeats(headings: Sequence[str]) -> list[str]:
    """Headings as plain text, without the number that a form puts behind a text that stood before.

    Examples
    --------
    >>> without_repeats(["Give details", "Give details2", "Web 2"])
    ['give details', 'give details', 'web 2']
    """
    before: set[str] = set()
    found = []
    for heading in headings:
        text = plain(heading)
        bare = text.rstrip("0123456789").rstrip()
        found.append(bare if text != bare and bare in before else text)
        before.add(found[-1])
    return found


def _numbers(texts: Sequence[str]) -> list[str | None]:
    """Numbers in front; one without a sign behind it counts only if half of all have such."""
    marked = [match[1] if (match := _NUMBER.match(text)) else None for text in texts]
    bare = [match[1] if (match := _BARE.match(text)) else None for text in texts]
    if 2 * sum(number is not None for number in bare) < len(texts):
        return marked
    return [one or other for one, other in zip(marked, bare, strict=True)]


def _seen(text: str, number: str | None, name: str, item: Item) -> _Seen:
    words = item.match or ()
    share = sum(_has(text, plain(word)) for word in words) / len(words) if words else 0.0
    label = bool(text) and text in {plain(name), plain(item.label or "")}
    if number is not None and item.number is not None:
        if number.lstrip("0") != item.number.lstrip("0"):
            return _Seen(0.0, False, False, share, bool(words))
        return _Seen(3.0 + share, True, label, share, bool(words))
    if label:
        return _Seen(2.5 + share, False, True, share, bool(words))
    score = share + 0.05 * share * len(words) if share >= _LEAST else 0.0
    return _Seen(score, False, False, share, bool(words))


def _has(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _best(scores: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> list[int | None]:
    """The pairs in order with the largest sum."""
    rows, columns = scores.shape
    best = np.zeros((rows + 1, columns + 1))
    for row in range(rows):
        paired = best[row, :-1] + np.where(scores[row] > 0, scores[row], -np.inf)
        best[row + 1, 1:] = np.maximum.accumulate(np.maximum(best[row, 1:], paired))
    found: list[int | None] = [None] * rows
    row, column = rows, columns
    while row and column:
        here = best[row, column]
        if here == best[row, column - 1]:
            column -= 1
        elif here == best[row - 1, column]:
            row -= 1
        else:
            row, column = row - 1, column - 1
            found[row] = column
    return found


def _judged(names: list[str], at: int, seen: Sequence[_Seen], before: int | None) -> Match:
    """How certain a pair is, and why not more."""
    one, name = seen[at], names[at]
    if one.number:
        if one.label or one.share >= _LEAST or not one.words:
            return Match(name, HIGH, None)
        return Match(name, LOW, "its number fits, and its words do not")
    if one.label:
        return Match(name, HIGH, None)
    rivals = [names[other] for other, its in enumerate(seen) if other != at and its.score >= one.score]
    if rivals:
        if before is not None and before == at - 1:
            return Match(
                name, MEDIUM, f"by its place behind {names[before]}; the same words find {listed(rivals, most=3)}"
            )
        return Match(name, LOW, f"by the order only; the same words find {listed(rivals, most=3)}")
    if one.share < 1:
        return Match(name, LOW, f"only {one.share:.0%} of the words that find it stand in the heading")
    return Match(name, HIGH, None)
