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
    columns = {id(answers): answers for answers in (own, *beside.values()) if answers is not None}
    if len(own) < _MANY_ROWS or any(answers.positions is None for answers in columns.values()):
        return everywhere
    sizes = [len(answers.number_of) for answers in columns.values()]
    if math.prod(sizes) > _MOST_CASES:
        return everywhere
    if len(columns) == 1:
        return Sight(own.distinct, {name: a and a.distinct for name, a in beside.items()}, own.positions)
    case = np.zeros(len(own), dtype=np.int16)
    combinations = np.arange(math.prod(sizes))
    distinct: dict[int, Answers] = {}
    below = math.prod(sizes)
    for (key, answers), size in zip(columns.items(), sizes, strict=True):
        below //= size
        positions = np.asarray(answers.positions)
        case += (np.where(positions < 0, size - 1, positions) * below).astype(np.int16)
        distinct[key] = answers.distinct.take(combinations // below % size)
    seen = {name: answers and distinct[id(answers)] for name, answers in beside.items()}
    return Sight(distinct[id(own)], seen, case)
