"""The cheapest sets of changes: solve, let the evaluator check, cut off what it does not confirm, solve again.

A set that fails is cut off with everything that is no better in any indicator, so that the search ends with sets
that the evaluator has scored, whatever the tolerances of the solver (logic-based Benders cuts, Hooker and Ottosson
2003, doi 10.1007/s10107-003-0375-9).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from egovindex.errors import Fault, MethodError
from egovindex.kernels.cheapest import INFEASIBLE, LOOSE, OPTIMAL, Programme, Solution, common_unit
from egovindex.kernels.refusal import Refusal
from egovindex.progress import Reporter
from egovindex.robustness.leverbench import Effect, NotAsPromised
from egovindex.robustness.levermodel import Model
from egovindex.robustness.levertarget import Goal

__all__ = ["Chosen", "Found", "Search"]

Array = npt.NDArray[np.float64]
Chosen = tuple[int, ...]  # places of options

_SLACK = 1e-9  # how far below the goal the model may stay; the evaluator decides
_WHOLE = 1e-6  # tolerance of the solver for whole numbers
_EQUAL = 1e-9  # costs that differ by less, as a share of the dearest change, are equal
_FINE = 1e4  # the dearest change, where costs have no common unit, or where the solver can still tell units apart
_NEAR = 500  # sets that cost nearly the same, and are looked at before the answer is a bracket


@dataclass(frozen=True)
class Found:
    """What the search found.

    Parameters
    ----------
    chosen
        The cheapest set; ``None`` where none was found in the time.
    cost, bound
        Its cost, and what no set costs less than.
    others
        Further sets of that cost.
    complete
        Whether there is no further one.
    stopped
        ``""``, ``"time"``, ``"interrupt"``, or ``"close"`` where too many sets cost nearly the same.
    """

    chosen: Chosen | None
    cost: float
    bound: float
    others: tuple[Chosen, ...] = ()
    complete: bool = False
    stopped: str = ""


@dataclass
class Search:
    """One model, one goal.

    Parameters
    ----------
    model, goal
        What may be chosen, and what for.
    time_limit
        Seconds for everything together.
    reporter
        Told of every set that is found.
    """

    model: Model
    goal: Goal
    time_limit: float | None
    reporter: Reporter
    start: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.offer = self.model.offer
        self.options = self.offer.options
        self.costs = np.array([option.cost for option in self.options])
        unit = common_unit(self.costs)
        self.whole = unit is not None
        self.unit = unit if unit is not None else float(self.costs.max()) / _FINE
        self.sharp = self.whole and float(self.costs.max()) / self.unit <= _FINE
        self.groups: dict[int, list[int]] = {}
        for at, option in enumerate(self.options):
            self.groups.setdefault(option.group, []).append(at)
        bench = self.offer.bench
        self.now = {leaf: bench.effect(leaf, None) for group in self.groups for leaf in self.offer.groups[group][1]}

    # --- the evaluator's word
    def scores(self, sets: Sequence[Collection[int]]) -> Array:
        """Score of some sets of options."""
        found: Array = self.offer.scores(sets)
        return found

    def reached(self, chosen: Collection[int]) -> bool:
        """Whether a set reaches the goal."""
        return bool(self.goal.reached(self.scores([chosen]))[0])

    def cost(self, chosen: Collection[int]) -> float:
        """What a set costs."""
        return float(sum(self.options[at].cost for at in sorted(chosen)))

    def _left(self) -> float | None:
        return None if self.time_limit is None else max(0.0, self.time_limit - (time.monotonic() - self.start))

    # --- the cheapest set
    def cheapest(self, most: int) -> Found:
        """The cheapest set, and at most so many others of its cost."""
        programme = self._with_goal()
        bound = 0.0
        while True:
            found = self._solved(programme, self._objective())
            bound = max(bound, self._in_costs(found.bound))
            if found.status == INFEASIBLE:
                return Found(None, np.inf, np.inf)
            if found.status != OPTIMAL:
                return self._stopped(found, bound)
            chosen = self._chosen(found)
            if self._checked(chosen, found):
                break
            self._cut_off(programme, chosen, found)
        return self._of_that_cost(programme, chosen, most)

    def _with_goal(self) -> Programme:
        top, programme = self.model.top, self.model.programme.copy()
        slack = _SLACK * max(abs(self.goal.threshold), top.high - top.low, np.abs(self.goal.others).max(initial=0.0))
        programme.row(top.terms, low=self.goal.threshold - slack - top.constant, loose=LOOSE)
        return programme

    def _solved(self, programme: Programme, costs: Mapping[int, float]) -> Solution:
        try:
            return programme.solve(costs, self._left())
        except Refusal as refusal:
            message = f"{self.offer.bench.node}: {refusal.reason}; hold some of what may change: fixed=[...]"
            raise MethodError(Fault(message, check="not_solved")) from refusal

    def _objective(self) -> dict[int, float]:
        return {at: float(np.rint(c) if self.whole else c) for at, c in enumerate(self.costs / self.unit)}

    def _in_costs(self, bound: float) -> float:
        if not np.isfinite(bound):
            return max(bound, 0.0)
        return float((np.ceil(bound - _WHOLE) if self.whole else bound) * self.unit)

    def _chosen(self, found: Solution) -> Chosen:
        x = found.x if found.x is not None else np.zeros(0)
        return tuple(int(at) for at in np.flatnonzero(x[: len(self.options)] > 0.5))

    def _checked(self, chosen: Chosen, found: Solution) -> bool:
        """Whether a set reaches the goal; where the model is exact, the model must have the same score."""
        score = float(self.scores([chosen])[0])
        if self.model.exact and found.x is not None:
            x = np.zeros(len(found.x))
            x[list(chosen)] = 1.0
            if not abs(self.model.top.at(x) - score) <= _SLACK * max(1.0, abs(score)):
                raise NotAsPromised(f"the model has {self.model.top.at(x)!r}, the evaluator {score!r}")
        return bool(self.goal.reached(np.array([score]))[0])

    def _cut_off(self, programme: Programme, chosen: Chosen, found: Solution) -> None:
        terms, least = self.better_than(chosen)
        programme.row(terms, low=least)
        if found.x is not None:
            for row, high in self.model.tangents(found.x):
                programme.row(row, high=high, loose=LOOSE)

    # --- what is better than a set
    def better_than(self, chosen: Collection[int]) -> tuple[dict[int, float], float]:
        """A row that holds for every set that is better in some indicator, and not for this one."""
        terms: dict[int, float] = {}
        least = 1.0
        for places in self.groups.values():
            here = next((at for at in places if at in chosen), None)
            if here is not None and self._may_be_better(None, here):
                terms[here] = -1.0  # any other choice may be
                least -= 1.0
                continue
            for at in places:
                if at != here and self._may_be_better(at, here):
                    terms[at] = 1.0
        return terms, least

    def _may_be_better(self, one: int | None, other: int | None) -> bool:
        option = self.options[one if one is not None else other if other is not None else 0]
        for leaf in self.offer.groups[option.group][1]:
            new, old = self._effect(leaf, one), self._effect(leaf, other)
            sign = self.offer.signs.get(leaf)
            if sign is None or new.same(old):
                continue
            turns = any(self._effect(leaf, at).state != self.now[leaf].state for at in self.groups[option.group])
            if turns or sign == 0 or (new.value - old.value) * sign > 0:
                return True
        return False

    def _effect(self, leaf: str, at: int | None) -> Effect:
        return self.now[leaf] if at is None else self.options[at].effects[leaf]

    # --- what is reachable
    def strongest(self) -> Chosen | None:
        """In every group an option that is at least as good as any other; ``None`` where some group has none."""
        found = []
        for places in self.groups.values():
            best = next(
                (a for a in places if not any(self._may_be_better(b, a) for b in [None, *places] if b != a)), None
            )
            if best is None:
                return None
            found.append(best)
        return tuple(found)

    def highest(self) -> tuple[Chosen, bool]:
        """The set with the highest score, and whether that is proven."""
        known = self.strongest()
        if known is not None:
            return known, True
        programme, top = self.model.programme.copy(), self.model.top
        scale = _FINE / ((top.high - top.low) or 1.0)  # the gap at which the solver stops is absolute
        best: Chosen = ()
        score = float(self.scores([()])[0])
        while True:
            found = self._solved(programme, {at: -factor * scale for at, factor in top.terms.items()})
            if found.status == INFEASIBLE:
                return best, True
            if found.x is None:
                return best, False
            chosen = self._chosen(found)
            here = float(self.scores([chosen])[0])
            if here > score:
                best, score = chosen, here
            if top.constant - found.bound / scale <= score + _SLACK * max(1.0, abs(score)):
                return best, True
            if found.status != OPTIMAL:
                return best, False
            self._cut_off(programme, chosen, found)

    # --- all sets of one cost
    def _of_that_cost(self, programme: Programme, chosen: Chosen, most: int) -> Found:
        """The sets of lowest cost from which nothing can be left out, those with the fewest changes first.

        Where costs are too fine for the solver, all sets that cost nearly as much are looked at, which shows that none
        costs less.
        """
        cost, dearest = self.cost(chosen), float(self.costs.max())
        known: list[Chosen] = [] if self.sharp else [self._reduced(chosen)]
        if known:
            cost = self.cost(known[0])
        objective = {at: float(len(option.changes)) for at, option in enumerate(self.options)}
        programme = programme.copy()
        programme.row(self._objective(), high=cost / self.unit + (0.5 if self.whole else 0.0), loose=LOOSE)
        stopped, complete, seen = "", False, set(known)
        try:
            for nth, found in enumerate(self._solutions(programme, objective)):
                if found is None:
                    stopped = "time"
                    break
                here = self.cost(found)
                if here < cost - _EQUAL * dearest:
                    known, cost = [], here
                if here <= cost + _EQUAL * dearest and found not in seen:
                    known.append(found)
                    seen.add(found)
                    self.reporter.at(len(known))
                if self.sharp and len(known) > most:
                    break
                if nth >= _NEAR and not self.sharp:
                    stopped = "close"
                    break
            else:
                complete = True
        except KeyboardInterrupt:  # what is found stays found
            stopped = "interrupt"
        if not known:
            known = [self._reduced(chosen)]
        known = self._smallest(known)
        complete = complete and len(known) <= most + 1
        cost = self.cost(known[0])
        bound = cost if complete or self.sharp or not stopped else max(0.0, cost - LOOSE * dearest)
        return Found(known[0], cost, bound, tuple(known[1 : most + 1]), complete, stopped)

    def _smallest(self, known: Sequence[Chosen]) -> list[Chosen]:
        """Without those that hold another; the first is the cheapest, to the last digit."""
        sets = [frozenset(repr(c) for at in one for c in self.options[at].changes) for one in known]
        kept = [one for one, own in zip(known, sets, strict=True) if not any(other < own for other in sets)]
        first = min(kept, key=self.cost)
        return [first, *(one for one in kept if one != first)]

    def _solutions(self, programme: Programme, objective: dict[int, float]) -> Iterator[Chosen | None]:
        """Sets that reach the goal, one after the other; ``None`` where the time is up."""
        while True:
            found = self._solved(programme, objective)
            if found.status == INFEASIBLE:
                return
            if found.status != OPTIMAL:
                yield None
                return
            chosen = self._chosen(found)
            if self._checked(chosen, found):
                yield chosen
                self._exclude(programme, chosen)
            else:
                self._cut_off(programme, chosen, found)

    def _exclude(self, programme: Programme, chosen: Chosen) -> None:
        """Neither this set again, nor one with further changes beside it."""
        terms: dict[int, float] = {}
        for at in chosen:
            own = set(map(repr, self.options[at].changes))
            for other in self.groups[self.options[at].group]:
                if own <= set(map(repr, self.options[other].changes)):
                    terms[other] = 1.0
        programme.row(terms, high=len(chosen) - 1.0)

    # --- when the time is up
    def _stopped(self, found: Solution, bound: float) -> Found:
        """The cheapest set that is known, and what is proven."""
        known = [] if found.x is None else [self._chosen(found)]
        strongest = self.strongest()
        known.append(self._by_gain() if strongest is None else strongest)
        reaching = [self._reduced(chosen) for chosen in known if self.reached(chosen)]
        if not reaching:
            return Found(None, np.inf, bound, stopped="time")
        best = min(reaching, key=self.cost)
        return Found(best, self.cost(best), min(bound, self.cost(best)), stopped="time")

    def _by_gain(self) -> Chosen:
        gains = self.scores([(at,) for at in range(len(self.options))])
        return tuple(max(places, key=lambda at: gains[at]) for places in self.groups.values())

    def _reduced(self, chosen: Chosen) -> Chosen:
        """A set without what it does not need, the dearest left out first."""
        kept = list(chosen)
        for at in sorted(chosen, key=lambda at: -self.options[at].cost):
            less = [other for other in kept if other != at]
            if self.reached(less):
                kept = less
        return tuple(kept)
