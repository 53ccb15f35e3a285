"""Which question of a print is which item: one alignment in order, by words and by numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from egovindex.responses.draft import HIGH, LOW, MEDIUM
from egovindex.responses.formsprint.chain import best_chain
from egovindex.responses.formsprint.fields import AFTER, BEFORE, LINES, NONE, Candidate, candidates
from egovindex.responses.formsprint.lines import Line
from egovindex.responses.formsprint.words import FITS, Fingerprints
from egovindex.spec.questions import Item

__all__ = ["Found", "Label", "Tail", "find_labels"]

Floats = npt.NDArray[np.float64]
# what a number, and a missing number, count against words
_NUMBER, _NO_NUMBER = 1.0, -0.2
# what a question mark, or a star, counts where there are no numbers
_ASKS, _ASKING = 0.3, ("?", "*", ":", "؟", "？")
# questions that a form may have, and characters that a question may have
_MOST, _LONG = 20_000, 2_000
# the share of its words with which an item is told by its number, and what that counts
_SOME, _LITTLE = 0.25, 0.2


@dataclass(frozen=True, slots=True)
class Tail:
    """The last lines of a question, where they may be an answer.

    Parameters
    ----------
    start
        Their first line.
    stop
        Whether a sentence ends before it.
    small
        Whether it begins with a small letter, so that it more likely is no answer.
    """

    start: int
    stop: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A question of the print.

    Parameters
    ----------
    start, end
        Its lines, the second not included.
    number
        As printed.
    text
        The question as printed.
    item
        The item that it is; None for a question that the instrument does not have.
    confidence, note
        Of that.
    tail
        Lines of it that may be an answer.
    doubt
        Why the answer below it may begin later.
    """

    start: int
    end: int
    number: int | None
    text: str
    item: str | None = None
    confidence: str = HIGH
    note: str | None = None
    tail: Tail | None = None
    doubt: str | None = None


@dataclass(frozen=True)
class Found:
    """The questions of a print, in order.

    Parameters
    ----------
    labels
        All of them.
    by_words
        How many were found by their words.
    repeated
        How many items stand there once more.
    elsewhere
        How many items stand there, and not in order.
    family
        Where the numbers stand.
    """

    labels: list[Label]
    by_words: int = 0
    repeated: int = 0
    elsewhere: int = 0
    family: str = NONE

    @property
    def items(self) -> list[str]:
        """The items that were found."""
        return [label.item for label in self.labels if label.item is not None]


@dataclass(frozen=True)
class _Aligned:
    score: float
    options: list[Candidate]
    fits: Floats
    pairs: dict[int, int]  # item to candidate
    family: str


def find_labels(lines: Sequence[Line], items: Mapping[str, Item], prints: Fingerprints) -> Found:
    """The questions of a print, in the family of layouts that fits best."""
    numbers = np.array([_number(item.number) for item in items.values()])
    known: dict[str, Floats] = {}
    best = max((_aligned(lines, family, numbers, prints, known) for family in (AFTER, BEFORE, NONE, LINES)), key=_score)
    labels = _with_fills(best, numbers)
    found = _labels(best, labels, numbers, prints)
    agree = (best.fits >= FITS) & (numbers[None, :] == _printed(best.options)[:, None])
    repeated = int((agree.sum(axis=0) > 1).sum()) if len(best.options) else 0
    elsewhere = int(agree[:, [item for item in range(len(numbers)) if item not in labels]].any(axis=0).sum())
    return Found(found, len(best.pairs), repeated, elsewhere, best.family)


def _score(aligned: _Aligned) -> float:
    return aligned.score


def _number(text: str | None) -> float:
    return float(text) if text and text.strip().isdecimal() else np.nan


def _printed(options: Sequence[Candidate]) -> Floats:
    return np.array([np.nan if one.number is None or one.suffix else one.number for one in options], dtype=float)


def _aligned(
    lines: Sequence[Line], family: str, numbers: Floats, prints: Fingerprints, known: dict[str, Floats]
) -> _Aligned:
    """The best chain of pairs (item, candidate), both in order."""
    options, rows = [], []
    for one in candidates(lines, family):
        if one.text not in known:
            known[one.text] = prints.fits(one.text[:_LONG])
        options.append(one)
        rows.append(known[one.text])
        if len(options) > _MOST:
            break
    if not options or len(options) > _MOST:
        return _Aligned(0.0, [], np.zeros((0, len(numbers))), {}, family)
    fits = np.array(rows)
    same = _printed(options)[:, None] == numbers[None, :]
    pairs = np.where(fits >= FITS, prints.strength * (2 * fits - 1) + _NUMBER * same, -1.0)
    pairs = np.where((fits >= _SOME) & (fits < FITS) & same, _LITTLE, pairs)
    if family in (NONE, LINES):
        asking = np.array([one.text.endswith(_ASKING) for one in options])
        pairs = np.where(fits >= 0.99, pairs + np.where(asking, _ASKS, _NO_NUMBER)[:, None], -1.0)
    useful = np.flatnonzero((pairs > 0).any(axis=1))
    score, chain = best_chain(pairs[useful], useful)
    return _Aligned(score, options, fits, {item: int(useful[row]) for row, item in chain}, family)


def _with_fills(best: _Aligned, numbers: Floats) -> dict[int, tuple[int, bool]]:
    """The pairs, and those between two of them that the numbers alone, with some of the words, make likely."""
    printed = _printed(best.options)
    pairs = {item: (at, True) for item, at in best.pairs.items()}
    there = set(printed)
    for item in range(len(numbers)):
        if item in pairs or np.isnan(numbers[item]) or numbers[item] not in there:
            continue
        low = max((at for one, (at, _) in pairs.items() if one < item), default=-1)
        high = min((at for one, (at, _) in pairs.items() if one > item), default=len(printed))
        fitting = [at for at in range(low + 1, high) if printed[at] == numbers[item] and best.fits[at, item] > 0]
        if len(fitting) == 1:
            pairs[item] = (fitting[0], False)
    return pairs


def _labels(
    best: _Aligned, pairs: Mapping[int, tuple[int, bool]], numbers: Floats, prints: Fingerprints
) -> list[Label]:
    chosen = {at: (item, by_words) for item, (at, by_words) in pairs.items()}
    extra = _extras(best.options, sorted(chosen)) if best.family not in (NONE, LINES) else _asking(best.options, chosen)
    found = []
    for at in sorted({*chosen, *extra}):
        one = best.options[at]
        if at in extra:
            named = "a question" if one.number is None else f"question {one.number}{one.suffix}"
            note = f"{named} that the instrument does not have"
            found.append(Label(one.start, one.end, one.number, one.text, None, LOW, note))
            continue
        item, by_words = chosen[at]
        confidence, why = _sure(one, numbers[item], float(best.fits[at, item]), by_words=by_words)
        found.append(Label(one.start, one.end, one.number, one.text, prints.names[item], confidence, why))
    return found


def _sure(one: Candidate, number: float, fit: float, *, by_words: bool) -> tuple[str, str | None]:
    if not by_words:
        return LOW, f"found by its number {one.number}; few of its words are there"
    if one.number is None:
        return MEDIUM, "found by its words; the print has no number for it"
    if one.number != number or one.suffix:
        return MEDIUM, f"found by its words, under the number {one.number}{one.suffix}"
    if fit < FITS:
        return LOW, f"found by its number {one.number}; few of its words are there"
    return HIGH, None


def _asking(options: Sequence[Candidate], chosen: Mapping[int, object]) -> set[int]:
    """Questions without numbers that no item is: they end with a question mark or a star."""
    return {
        at
        for at, one in enumerate(options)
        if at not in chosen and one.text.endswith(_ASKING) and not one.text.endswith(":")
    }


def _extras(options: Sequence[Candidate], chosen: Sequence[int]) -> set[int]:
    """Numbered questions that no item is: they go on counting between two that are items."""
    found: set[int] = set()
    for low, high in zip([-1, *chosen], [*chosen, len(options)], strict=True):
        last = options[high].number if high < len(options) else None
        between = range(low + 1, high)
        if low < 0:
            found |= _counting(options, reversed(between), last, -1, 0)
        else:
            found |= _counting(options, between, options[low].number, 1, last)
    return found


def _counting(
    options: Sequence[Candidate], between: Iterable[int], start: int | None, step: int, stop: int | None
) -> set[int]:
    found: set[int] = set()
    if start is None:
        return found
    at = start
    for one in between:
        candidate = options[one]
        if candidate.suffix and candidate.number == at:
            found.add(one)
        elif candidate.number == at + step and at + step != stop:
            found.add(one)
            at += step
    return found
