"""What may stand in a column of an index: answers and numbers its lines accept, nothing that has a policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.formulas import Bools, Floats, holds
from egovindex.spec import language, values
from egovindex.spec.tree import Leaf

__all__ = ["Codes", "Column", "Limits", "Reader", "limits_of", "nice", "number_or_word", "numbers_beside", "spread"]

Codes = npt.NDArray[np.intp]
Limits = tuple[float, float]


def nice(number: float) -> float:
    """A number with at most six digits, so that a counterexample can be read."""
    short = float(f"{number:.6g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def limits_of(steps: Sequence[values.Step]) -> Limits:
    """Sensible numbers for a column, read off the first step that has limits."""
    low, high = 0.0, 100.0
    for step in steps:
        given = [quantity.value for quantity in step.numbers]
        if step.name == "goalposts":
            worst, best = given
            # a little better than the best is common, worse than the worst ends a geometric mean
            beyond = best if "log" in step.words else best + (best - worst) / 20
            low, high = min(worst, beyond), max(worst, beyond)
        elif step.name == "cap":
            low, high = min(0.0, 1.2 * given[0]), max(1.2 * given[0], 1.0)
        elif step.name == "floor":
            low, high = given[0] - abs(given[0]) / 2, given[0] + max(10.0, abs(given[0]))
        elif step.name == "grid":
            high = 1.0
        elif step.name in ("out_of", "distance"):
            high = abs(given[0]) * (1 if step.name == "out_of" else 2) if given else high
        elif step.name == "times":
            high = 100 / max(abs(given[0]), 1.0)
        elif step.name != "log":
            continue
        break
    logs = [at for at, step in enumerate(steps) if step.name == "log" or "log" in step.words]
    lifted = any(step.name == "floor" and step.numbers[0].value > 0 for step in steps[: logs[0]]) if logs else True
    return (low if lifted else max(low, high / 100)), high


def number_or_word(text: str) -> float | str:
    """The number a text is, or the text."""
    try:
        return nice(language.parse_number(text))
    except ValueError:
        return text


def spread(low: float, high: float) -> list[float]:
    """Numbers between two limits: round ones first, some uneven ones after."""
    even = np.linspace(low, high, 11)
    uneven = low + (high - low) * (np.arange(1, 20) * 0.6180339887498949 % 1)
    return list(dict.fromkeys(nice(float(number)) for number in (*even, *uneven)))


def _truth(test: Any, answer: float | str, own: Collection[str]) -> bool | None:
    """Whether a sentence is true of an answer alone; ``None`` where it depends on something else."""
    if isinstance(test, (language.And, language.Or)):
        parts = [_truth(part, answer, own) for part in test.of]
        decisive = isinstance(test, language.Or)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(test, language.Not):
        inner = _truth(test.of, answer, own)
        return None if inner is None else not inner
    if isinstance(test, language.Is):
        if test.name not in own:
            return None
        return any(_is(category, answer) for category in test.categories) != test.negated
    if set(language.names_in(test)) - {"value"}:
        return None
    number = np.array([answer if isinstance(answer, (int, float)) else np.nan])
    return bool(np.all(holds(test, lambda _: number, _no_category)))


def _no_category(test: language.Is) -> Bools:
    raise AssertionError(f"a comparison has no categories: {test}")


def _is(category: str, answer: float | str) -> bool:
    if isinstance(answer, str):
        return category.strip().casefold() == answer.strip().casefold()
    return number_or_word(category) == answer


@dataclass(frozen=True)
class Reader:
    """What one indicator accepts in its column."""

    leaf: Leaf
    kinds: frozenset[str]  # every known kind of nothing
    policies: frozenset[str]  # kinds the file has a policy for
    scale: Mapping[str, tuple[str, ...]]

    @cached_property
    def own(self) -> frozenset[str]:
        """Names that mean the indicator's own answer in its lines."""
        return frozenset({"answer", "value", self.leaf.id, *(column.text for column in self.leaf.columns)})

    @cached_property
    def named(self) -> list[str]:
        """Categories and numbers that lines name."""
        found = [line.test.text for line in self.leaf.lines if isinstance(line.test, language.Literal)]
        for line in self.leaf.lines:
            if not isinstance(line.test, (language.Literal, language.Else)):
                found += [c for i in language.categories_in(line.test) if i.name in self.own for c in i.categories]
        return [word for word in found if word.casefold() not in self.kinds]

    @cached_property
    def thresholds(self) -> list[float]:
        """Numbers that lines compare the answer with."""
        found: list[float] = []
        for line in self.leaf.lines:
            if not isinstance(line.test, (language.Literal, language.Else)):
                found += numbers_beside(line.test, "value")
        return found

    @cached_property
    def nothing(self) -> frozenset[str]:
        """Kinds of nothing that have a policy here."""
        tests = [line.test for line in self.leaf.lines]
        own = {test.text.casefold() for test in tests if isinstance(test, language.Literal)} & self.kinds
        return self.policies | own

    def accepts(self, answer: float | str) -> bool:
        """Whether some line catches the answer, or a number may pass."""
        closed = False
        for line in self.leaf.lines:
            test, outcome = line.test, line.outcome
            names = set(language.names_in(outcome)) if isinstance(outcome, language.Formula) else set()
            if isinstance(test, language.Literal):
                closed = closed or test.text.casefold() not in self.kinds
                holds: bool | None = _is(test.text, answer)
            else:
                holds = True if isinstance(test, language.Else) else _truth(test, answer, self.own)
            if holds and not (names and isinstance(answer, str)):
                return True
        return not isinstance(answer, str) and not closed

    def cells(self, limits: Limits | None) -> list[Any]:
        """Answers, simplest first, in several spellings."""
        found: list[Any] = []
        known = [word for word in dict.fromkeys([*self.named, *self.scale]) if word.casefold() not in self.kinds]
        words = [word for word in map(number_or_word, known) if self.accepts(word)]
        found += words
        for word in words:
            if isinstance(word, str):
                found += [word.upper(), *self.scale.get(word, ())[:1]]
        if not self.scale and not any(isinstance(word, str) for word in words):
            found += [number for number in self.numbers(limits) if self.accepts(number)]
            # a text counts as an answer where no line speaks of numbers
            found += ["given"] if self.accepts("given") and not words and not self.thresholds else []
        return list(dict.fromkeys(found))

    def numbers(self, limits: Limits | None) -> list[float]:
        """Sensible numbers, those that lines compare with among them."""
        marks = self.thresholds
        if limits is None and marks:
            limits = min(0.0, *marks), 1.5 * max(1.0, *marks)
        low, high = limits or limits_of(self.leaf.steps)
        around = [nice(mark + shift * (high - low)) for mark in marks for shift in (0, 0.02, -0.02)]
        return [*spread(low, high), *(number for number in around if low <= number <= high)]


def numbers_beside(tree: Any, name: str) -> list[float]:
    """Numbers that a test compares a name with."""
    if isinstance(tree, (language.And, language.Or)):
        return [number for part in tree.of for number in numbers_beside(part, name)]
    if isinstance(tree, language.Not):
        return numbers_beside(tree.of, name)
    if isinstance(tree, language.Compare):
        sides = (tree.left, tree.right)
        if language.Name(name) in sides:
            return [side.value for side in sides if isinstance(side, language.Number)]
    return []


@dataclass(frozen=True)
class Column:
    """A heading with the cells that may stand under it, simplest first."""

    heading: str
    cells: tuple[Any, ...]
    nothing: tuple[Any, ...] = ()  # spellings of nothing; None is a blank
    least: int = 0  # answers that are needed, by a step such as top 10
    differs: bool = False  # zscore and minmax need two that differ
    gaps: int = 32  # of 256 codes, the highest that stand for nothing

    @property
    def numeric(self) -> bool:
        """Whether all cells are numbers or blank."""
        return all(isinstance(cell, (int, float)) for cell in self.cells) and set(self.nothing) <= {None}

    def series(self, codes: Codes, groups: Sequence[Codes]) -> list[Any] | Floats:
        """Codes 0 to 255 as cells: zeros walk through the cells, the highest are nothing."""
        at = (codes + np.arange(len(codes))) % len(self.cells)
        blank = (codes >= 256 - self.gaps) if self.nothing else np.zeros(len(codes), dtype=bool)
        for rows in groups:
            least = max(self.least, 2 if self.differs else 0)
            lacking = least - int((~blank[rows]).sum())
            if lacking > 0:
                blank[rows[blank[rows]][:lacking]] = False
            answered = rows[~blank[rows]]
            if self.differs and len(answered) > 1 and len(set(at[answered])) == 1:
                at[answered[0]] = (at[answered[0]] + len(self.cells) // 2) % len(self.cells)
        found = [self.cells[position] for position in at]
        for row in np.flatnonzero(blank):
            found[row] = self.nothing[(255 - codes[row]) % len(self.nothing)]
        if self.numeric:
            return np.array([np.nan if cell is None else cell for cell in found], dtype=np.float64)
        return found
