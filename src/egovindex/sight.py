"""What the lines of an indicator look at: few distinct combinations of answers in place of many rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.answers import Answers
from egovindex.formulas import Bools, Floats, holds, is_category
from egovindex.spec import language

__all__ = ["Sight", "in_cases"]

# rows from which on the few distinct answers are scored in place of the rows
_MANY_ROWS = 1_000
_MOST_CASES = 4_096
# whole numbers up to which a column of numbers is one of levels
_HIGHEST_LEVEL = 100


@dataclass(frozen=True)
class Sight:
    """What the lines of an indicator look at, case by case.

    Lines look at a few columns, and these have few distinct combinations of answers: each is scored once.
    """

    own: Answers
    beside: Mapping[str, Answers | None]
    case: npt.NDArray[Any] | None = None
    at: npt.NDArray[np.intp] | None = None  # rows of the data, where only some are looked at
    rows: int = 0

    def spread(self, of_case: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What is known of each case, row by row of the data."""
        if self.at is not None:
            full = np.zeros(self.rows, dtype=of_case.dtype)
            full[self.at] = of_case
            return full
        return of_case if self.case is None else of_case[self.case]

    def numbers(self, name: str) -> Floats:
        """The numbers behind a name; NaN where there is none."""
        answers = self.own if name in ("value", "answer") else self.beside[name]
        return np.full(len(self.own), np.nan) if answers is None else answers.numbers

    def unread(self, name: str) -> bool:
        """Whether there is no column behind a name."""
        return name not in ("value", "answer") and self.beside[name] is None

    def is_category(self, test: language.Is) -> Bools:
        """Where a comparison with categories is true."""
        answers = self.own if test.name in ("value", "answer") else self.beside[test.name]
        return np.zeros(len(self.own), dtype=bool) if answers is None else is_category(test, answers)

    def holds(self, test: language.Literal | language.Else | language.Test) -> Bools:
        """Where a line holds."""
        if isinstance(test, language.Literal):
            return self.own.match(test.text)
        if isinstance(test, language.Else):
            return self.own.answered()
        found = holds(test, self.numbers, self.is_category)
        return np.broadcast_to(found, (len(self.own),))


def in_cases(own: Answers, beside: Mapping[str, Answers | None]) -> Sight:
    """Distinct combinations in place of rows where these are many and the combinations few."""
    everywhere = Sight(own, beside, rows=len(own))
    if len(own) < _MANY_ROWS:
        return everywhere
    columns: dict[int, Answers] = {}
    for answers in (own, *beside.values()):
        if answers is not None and id(answers) not in columns:
            coded = _coded(answers)
            if coded is None:
                return everywhere
            columns[id(answers)] = coded
    sizes = [len(answers.number_of) for answers in columns.values()]
    if math.prod(sizes) > _MOST_CASES:
        return everywhere
    if len(columns) == 1:
        only = columns[id(own)]
        return Sight(only.distinct, {name: a and only.distinct for name, a in beside.items()}, only.positions)
    case = np.zeros(len(own), dtype=np.int16)
    combinations = np.arange(math.prod(sizes))
    distinct: dict[int, Answers] = {}
    below = math.prod(sizes)
    for (key, answers), size in zip(columns.items(), sizes, strict=True):
        below //= size
        positions = np.asarray(answers.positions).astype(np.int16)  # a column of few answers has them in eight bits
        case += np.where(positions < 0, size - 1, positions) * np.int16(below)
        distinct[key] = answers.distinct.take(combinations // below % size)
    seen = {name: answers and distinct[id(answers)] for name, answers in beside.items()}
    return Sight(distinct[id(own)], seen, case)


def _coded(answers: Answers) -> Answers | None:
    """The answers by position among the distinct ones; ``None`` where numbers are too many to be levels."""
    if answers.positions is not None:
        return answers
    if answers.word_of is not None and answers.words != ("missing",):
        return None
    blank = np.isnan(answers.number_of)
    filled = np.where(blank, -1.0, answers.number_of)
    if len(filled) == 0 or filled.max() > _HIGHEST_LEVEL or ((filled < 0) != blank).any():
        return None
    positions = filled.astype(np.int8)
    if (positions != filled).any():
        return None
    levels = np.arange(positions.max() + 1, dtype=np.float64)
    if not blank.any():
        return Answers(levels, None, (), answers.kinds, (), positions)
    # a blank is -1, the last entry
    words = np.append(np.full(len(levels), -1, dtype=np.int32), np.int32(0))
    return Answers(np.append(levels, np.nan), words, ("missing",), answers.kinds, ("",), positions)
