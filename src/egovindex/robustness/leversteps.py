"""Sums over variables, and what steps and simple aggregates make of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from egovindex.kernels.cheapest import LOOSE, Programme
from egovindex.result import IndexResult
from egovindex.stepping import turning_step

if TYPE_CHECKING:
    from egovindex.spec.tree import Branch
    from egovindex.spec.values import Step

__all__ = ["Sum", "Through", "learned_for"]

Array = npt.NDArray[np.float64]
Tangential = Callable[[Sequence["Sum"], Callable[[Array], float], Callable[[Array], Array], tuple[float, float]], "Sum"]
_ROUNDED = 1 + 1e-9


@dataclass(frozen=True, eq=False)
class Sum:
    """A constant and some variables with factors.

    Parameters
    ----------
    constant, terms
        Of the sum.
    low, high
        Between which it lies, whatever is chosen.
    exact
        Whether it is the value of the record; else the value is at least this, or what it is rounded from.
    """

    constant: float
    terms: Mapping[int, float]
    low: float
    high: float
    exact: bool

    def at(self, x: Array) -> float:
        """Its value in a solution."""
        return self.constant + sum(factor * float(x[at]) for at, factor in self.terms.items())


class Through:
    """Makes sums out of sums; where it adds variables and rows to the programme, the result is a bound.

    Parameters
    ----------
    programme
        The programme.
    groups
        Group of each option; at most one option of each is chosen. Options are the first variables.
    tangential
        Makes a variable below a concave function.
    """

    def __init__(self, programme: Programme, groups: Sequence[int], tangential: Tangential) -> None:
        self.programme = programme
        self.groups = groups
        self.tangential = tangential

    def sum(self, constant: float, terms: Mapping[int, float], *, exact: bool = True) -> Sum:
        """A sum with its limits."""
        kept = {at: factor for at, factor in terms.items() if factor != 0.0}
        low = high = constant
        by_group: dict[int, list[float]] = {}
        for at, factor in kept.items():
            if at < len(self.groups):
                by_group.setdefault(self.groups[at], [0.0]).append(factor)
                continue
            ends = factor * self.programme.low[at], factor * self.programme.high[at]
            low, high = low + min(ends), high + max(ends)
        low += sum(map(min, by_group.values()))
        high += sum(map(max, by_group.values()))
        return Sum(constant, kept, low, high, exact)

    def combined(self, parts: Iterable[Sum], factors: Iterable[float], *, exact_only: bool = True) -> Sum:
        """A weighted sum; a bound may not be turned round."""
        constant, exact = 0.0, True
        terms: dict[int, float] = {}
        for part, factor in zip(parts, map(float, factors), strict=True):
            if factor < 0 and not part.exact:
                raise ValueError("it turns round what is a minimum, a limit or another node that is no sum")
            constant += factor * part.constant
            exact = exact and part.exact
            for at, own in part.terms.items():
                terms[at] = terms.get(at, 0.0) + factor * own
        return self.sum(constant, terms, exact=exact or not exact_only)

    def counting(self, part: Sum, counted: Sum | None) -> tuple[float, float]:
        """Between what a child lies where it counts."""
        if counted is None:
            return part.low, part.high
        values = [part.constant + factor for factor in part.terms.values()]
        values += [part.constant + part.terms.get(at, 0.0) for at in counted.terms]
        values += [part.constant] if counted.constant else []
        return min(values), max(values)

    def least(self, parts: Sequence[Sum]) -> Sum:
        """The lowest: below each."""
        if len(parts) == 1:
            return parts[0]
        low, high = min(part.low for part in parts), min(part.high for part in parts)
        always = next(
            (part for part in parts if all(part.high <= other.low for other in parts if other is not part)), None
        )
        if always is not None:
            return always
        y = self.programme.variable(low, high)
        for part in parts:
            if part.low < high:
                self._below(y, part)
        return self.sum(0.0, {y: 1.0}, exact=False)

    def greatest(self, parts: Sequence[Sum]) -> Sum:
        """The highest: below one of them, whichever is chosen."""
        low, high = max(part.low for part in parts), max(part.high for part in parts)
        rivals = [part for part in parts if part.high > low]
        if not rivals:
            return self.sum(low, {})
        if len(rivals) == 1 and (rivals[0].low == low or len(parts) == 1):
            return rivals[0]
        y = self.programme.variable(low, high)
        choices = []
        for part in rivals:
            chosen = self.programme.variable(0, 1, whole=True)
            choices.append(chosen)
            self._below(y, part, unless=chosen, by=high - part.low)
        # none chosen: the best of what is certain
        self.programme.row({y: 1.0, **dict.fromkeys(choices, low - high)}, high=low, loose=LOOSE)
        self.programme.row(dict.fromkeys(choices, 1.0), high=1.0)
        return self.sum(0.0, {y: 1.0}, exact=False)

    def _below(self, y: int, part: Sum, *, unless: int | None = None, by: float = 0.0) -> None:
        terms = {at: -factor for at, factor in part.terms.items()}
        terms[y] = terms.get(y, 0.0) + 1.0
        if unless is None:
            self.programme.row(terms, high=part.constant, loose=LOOSE)
        else:
            self.programme.row({**terms, unless: by}, high=part.constant + by, loose=LOOSE)

    # --- steps
    def steps(self, result: IndexResult, row: int, branch: Branch, found: Sum) -> Sum:
        """A node's steps in turn.

        Raises
        ------
        ValueError
            A step cannot be modelled.
        """
        turning = turning_step(branch.steps) if branch.down else -1
        for at, step in enumerate(branch.steps):
            learned = learned_for(result, row, branch.id, at) if step.learns else {}
            found = self._step(step, found, learned, down=at == turning)
        return found

    def _step(self, step: Step, x: Sum, learned: Mapping[str, float], *, down: bool) -> Sum:
        name = step.name
        if name in ("cap", "top"):
            return self.least([x, self._number(step.parameter("limit") if name == "cap" else learned["limit"])])
        if name in ("floor", "bottom"):
            return self.greatest([x, self._number(step.parameter("limit") if name == "floor" else learned["limit"])])
        if name == "winsorise":
            return self.least([self.greatest([x, self._number(learned["low"])]), self._number(learned["high"])])
        if name in ("round", "grid"):
            half = 0.5 / (10.0 ** step.parameter("digits") if name == "round" else step.parameter("n"))
            return self._nearly(x, half * _ROUNDED)
        if name == "log" or (name == "goalposts" and "log" in step.words):
            return self._logarithm(step, x)
        line = _line(step, learned, down=down)
        if line is None:
            raise ValueError(f'its step "{step}" is neither a line nor a limit')
        slope, constant = line
        moved = self.combined([x], [slope])
        return self.sum(moved.constant + constant, moved.terms, exact=moved.exact)

    def _number(self, number: float) -> Sum:
        return self.sum(float(number), {})

    def _nearly(self, x: Sum, half: float) -> Sum:
        """What is rounded is at most half a step higher; whether it is, the evaluator tells."""
        return self.sum(x.constant + half, x.terms, exact=False)

    def _logarithm(self, step: Step, x: Sum) -> Sum:
        if x.low <= 0:
            raise ValueError(f'its step "{step}" needs values above zero, and it could become {x.low:g}')
        slope, constant = 1.0, 0.0
        if step.name == "goalposts":
            worst, best = math.log(step.parameter("worst")), math.log(step.parameter("best"))
            slope, constant = 1 / (best - worst), -worst / (best - worst)
        if slope < 0:
            raise ValueError(f'its step "{step}" turns the logarithm round')
        ends = math.log(x.low), math.log(x.high)
        log = self.tangential([x], lambda v: math.log(max(v[0], x.low)), lambda v: 1 / v, ends)
        moved = self.combined([log], [slope])
        return self.sum(moved.constant + constant, moved.terms, exact=False)


def _line(step: Step, learned: Mapping[str, float], *, down: bool) -> tuple[float, float] | None:
    """Slope and constant of a step that is a line."""
    if step.name == "times":
        return step.parameter("factor"), 0.0
    if step.name == "out_of":
        return 1 / step.parameter("total"), 0.0
    if step.name == "goalposts":
        worst, best = step.parameter("worst"), step.parameter("best")
        return 1 / (best - worst), -worst / (best - worst)
    if step.name == "zscore":
        slope = (-1.0 if down else 1.0) / learned["sd"] * step.parameter("sd")
        return slope, step.parameter("mean") - slope * learned["mean"]
    if step.name == "minmax":
        wide = step.parameter("high") - step.parameter("low")
        slope = (-1.0 if down else 1.0) * wide / (learned["max"] - learned["min"])
        return slope, step.parameter("low") - slope * (learned["max"] if down else learned["min"])
    return None


def learned_for(result: IndexResult, row: int, record: str, at: int) -> dict[str, float]:
    """Numbers of a step that act on a row."""
    learned: Any = result.learned_values
    groups = dict(zip(learned.groups, learned.values[record, at], strict=True))
    for learner in result.plan.level(record).learners:
        if learner.acts_on is None or row in learner.acts_on:
            return {name: float(value) for name, value in groups[learner.name].items() if np.ndim(value) == 0}
    return {}
