"""The search of the nearest weights: by one program where it can be, else by bisection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic

import numpy as np
import numpy.typing as npt

from egovindex.certainty import BOUND, EXACT, Certainty
from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.kernels.ordering import widest
from egovindex.kernels.rank import TIE_TOLERANCE, competition_ranks
from egovindex.kernels.reaching import Ahead, Distance, Nearest, fewest_ahead, moved, nearest, pulled, relative
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import WHOLE, Region, Shares
from egovindex.robustness.forms import WeightForm
from egovindex.robustness.regions import Laws, told_laws

__all__ = ["DISTANCES", "MOVED", "RELATIVE", "WIDTH", "Outcome", "Search"]

RELATIVE, MOVED = DISTANCES = ("relative", "moved")

Bools = npt.NDArray[np.bool_]

# relative width at which a bracket is narrow enough
WIDTH = 1e-6
# leads below this, relative to the largest score, are none that a solver can tell from a tie
_APART = 1e-9
_STEPS = 120
# where the solver's own weights miss a tie by rounding, the unit is put ahead by so much, relative to the largest score
_INWARD = (0.0, 1e-11, 1e-9)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a search found.

    Parameters
    ----------
    before
        Rank of the unit with the weights of the index.
    shares
        ``(V,)`` shares under which it has the rank.
    low, high
        No weights nearer than ``low`` do; these are at ``high``.
    ahead
        ``(m,)`` others that may be ahead.
    certainty
        Kind of the distance.
    """

    before: int
    shares: Floats
    low: float
    high: float
    ahead: Bools
    certainty: Certainty


@dataclass(frozen=True, eq=False)
class Search:
    """One question: which weights of a region, as near as can be, put a unit at a rank.

    Parameters
    ----------
    form, region, laws
        What may vary, and how far.
    at, rank
        Position of the unit, and the rank.
    measure
        ``"relative"`` or ``"moved"``.
    time_limit
        Seconds.
    """

    form: WeightForm
    region: Region
    laws: Laws
    at: int
    rank: int
    measure: str
    time_limit: float | None

    @cached_property
    def ahead(self) -> Floats:
        """``(m, L)`` by how much each other unit leads."""
        x = self.form.x
        leads: Floats = np.delete(x, self.at, axis=0) - x[self.at]
        # who is level in every part but for rounding is no condition, and a program would make it one
        leads[np.abs(leads) <= self.form.tolerance] = 0.0
        return leads

    @cached_property
    def scale(self) -> float:
        """Largest number that scores are made of."""
        return self.form.tolerance / TIE_TOLERANCE

    def found(self) -> Outcome:
        """Search.

        Raises
        ------
        MethodError
            Out of reach, or out of time.
        """
        own = self.form.ways.own
        before = int(self.ranks(own)[self.at])
        if before <= self.rank and _allows(self.region, self.form.parts):
            return Outcome(before, own, 0.0, 0.0, self._ahead_at(own), Certainty(EXACT, "as it is"))
        region = self.region if self.measure == MOVED else self.narrowed(1.0)
        if region is None:
            message = f"the limits allow no weights within 100 % of those of the index; take distance={MOVED!r}"
            raise MethodError(Fault(message, check="out_of_reach"))
        try:
            if self.measure == RELATIVE and not self._flows_are_fixed:
                return self._by_bisection(before, region)
            return self._by_program(before, region)
        except Refusal as refusal:
            raise MethodError(Fault(f"{self.form.node}: {refusal.reason}", check="not_solved")) from refusal

    # --- by one program
    @cached_property
    def _flows_are_fixed(self) -> bool:
        """Whether no node that varies lies below another: then parts vary in proportion to shares."""
        ways, loose = self.form.ways, set()
        for parent, places in reversed(ways.below):
            node = ways.edges[places[0]][0]
            if parent in loose and node in ways.varied:
                return False
            if parent in loose or node in ways.varied:
                loose.update(places.tolist())
        return True

    def _distance(self) -> Distance:
        if self.measure == MOVED:
            return moved(self.form.parts, self.form.ways.ends)
        varied = self.form.ways.varied
        moving = [part for part, (node, _) in enumerate(self.form.ways.edges) if node in varied]
        return relative(self.form.parts, np.array(moving, dtype=np.intp))

    def _by_program(self, before: int, region: Region) -> Outcome:
        distance = self._distance()
        narrowed: Callable[[float], Region | None] = self.narrowed if self.measure == RELATIVE else self._nearby
        tolerance, limit = self.form.tolerance, self.time_limit
        found = nearest(self.ahead, self.rank - 1, region, distance, narrowed, tolerance, time_limit=limit)
        if found is None:
            found = self._at_best(region, distance)
        for shares, step in self._candidates(found, region, distance):
            if self.ranks(shares)[self.at] <= self.rank:
                high = self._measured(shares)
                low = min(found.low, high)
                how = "linear program" if self.rank == 1 else "whole-number program"
                told = f"{how}, {step:.0e} of the largest score beyond the tie" if step else how
                return Outcome(before, shares, low, high, found.ahead, _certain(low, high, told))
        message = f"{self.form.units[self.at]}: the weights that the solver found are not confirmed by the evaluator"
        raise MethodError(Fault(message, check="not_confirmed"))

    def _candidates(self, found: Nearest, region: Region, distance: Distance) -> Iterator[tuple[Floats, float]]:
        """The solver's weights, and others a little beyond the tie."""
        for step in _INWARD:
            other = pulled(self.ahead, found.ahead, region, distance, step * self.scale) if step else found
            if other is not None:
                yield self._shares_of(other.parts), step

    def _at_best(self, region: Region, distance: Distance) -> Nearest:
        """Where the search gave none: weights for the best rank, if that is good enough."""
        try:
            best = self._fewest(region, None, self.time_limit)
        except TimeoutError:
            raise self._out_of_time() from None
        if best is None or best.low >= self.rank:
            raise self._out_of_reach(None if best is None else best.low + 1)
        found = pulled(self.ahead, best.ahead, region, distance) if best.ahead.sum() < self.rank else None
        if found is None:
            raise self._out_of_time()
        return replace(found, low=0.0)

    # --- by bisection
    def _by_bisection(self, before: int, region: Region) -> Outcome:
        """Relative distances of weights inside weights: the wider, the more is allowed."""
        until = np.inf if self.time_limit is None else monotonic() + self.time_limit
        shares, ahead = self._first(region, self.time_limit)
        low, high = 0.0, min(1.0, self._measured(shares))
        probe = high / 2
        for _ in range(_STEPS):
            if high - low <= WIDTH * high or high - probe <= 0.1 * WIDTH * high:
                break
            closer = self.narrowed(probe)
            left = until - monotonic()
            try:
                found = None if closer is None else self._fewest(closer, self.rank - 1, left if left < np.inf else None)
            except TimeoutError:
                break
            if closer is None or found is None:
                low = probe
                probe = (low + high) / 2
                continue
            confirmed = self._confirmed(found)
            if confirmed is None:  # too close to call: a little further
                probe = (probe + high) / 2
                continue
            shares, ahead = confirmed, found.ahead
            high = min(probe, self._measured(shares))
            probe = (low + high) / 2
        return Outcome(before, shares, low, high, ahead, Certainty(BOUND, "bisection"))

    def _first(self, region: Region, time_limit: float | None) -> tuple[Floats, Bools]:
        try:
            found = self._fewest(region, self.rank - 1, time_limit)
        except TimeoutError:
            raise self._out_of_time() from None
        if found is None:
            try:
                best = self._fewest(region, None, time_limit)
            except TimeoutError:
                best = None
            raise self._out_of_reach(None if best is None else best.low + 1)
        shares = self._confirmed(found)
        if shares is None:
            message = f"{self.form.units[self.at]}: rank {self.rank} is reached only where rounding decides"
            raise MethodError(Fault(message, check="not_confirmed"))
        return shares, found.ahead

    def _fewest(self, region: Region, enough: int | None, time_limit: float | None) -> Ahead | None:
        return fewest_ahead(self.ahead, region, self.form.tolerance, enough=enough, time_limit=time_limit)

    def _confirmed(self, found: Ahead) -> Floats | None:
        """Shares, if by the evaluator they give the rank."""
        shares = self._shares_of(found.parts)
        return shares if self.ranks(shares)[self.at] <= self.rank else None

    # --- regions
    def narrowed(self, share: float) -> Region | None:
        """What the region has within a share of the weights of the index; ``None`` for nothing."""
        nodes = []
        for node in self.region.nodes:
            own = self.form.ways.own[node.parts]
            free = self.form.ways.edges[node.parts[0]][0] in self.form.ways.varied
            low, high = ((1 - share) * own, (1 + share) * own) if free else (own, own)
            nodes.append(_closer(node, low, high))
        return self._region(nodes)

    def _nearby(self, distance: float) -> Region | None:
        """What the region has where so much weight changes hands, and more."""
        if not self.region.is_flat:
            return self.region
        node = self.region.nodes[0]
        own = self.form.ways.own[node.parts]
        return self._region([_closer(node, own - distance, own + distance)])

    def _region(self, nodes: list[Shares | None]) -> Region | None:
        known = [node for node in nodes if node is not None]
        return Region(tuple(known), self.region.ends, self.region.size) if len(known) == len(nodes) else None

    # --- weights
    def _shares_of(self, parts: Floats) -> Floats:
        """Shares; where nothing flows in, those of the index if they are allowed."""
        shares = self.region.shares_of(parts)
        for node in self.region.nodes:
            own = self.form.ways.own[node.parts]
            dry = node.parent != WHOLE and parts[node.parent] <= _APART
            if dry and _within(node, own):
                shares[node.parts] = own
        return shares

    def _measured(self, shares: Floats) -> float:
        """Distance of shares from those of the index."""
        ways = self.form.ways
        if self.measure == RELATIVE:
            free = np.array([node in ways.varied for node, _ in ways.edges]) & (ways.own > 0)
            return float(np.abs(shares[free] / ways.own[free] - 1).max(initial=0.0))
        parts = shares.copy()
        for parent, places in reversed(ways.below):
            parts[places] *= 1.0 if parent == WHOLE else parts[parent]
        return float(np.abs(parts - self.form.parts)[ways.ends].sum() / 2)

    def ranks(self, shares: Floats) -> npt.NDArray[np.int64]:
        """Ranks by the evaluator."""
        return competition_ranks(self.form.evaluated(shares[None])[0])

    def _ahead_at(self, shares: Floats) -> Bools:
        ranks = self.ranks(shares)
        found: Bools = np.delete(ranks < ranks[self.at], self.at)
        return found

    def only_ties(self, ahead: Bools) -> bool:
        """Whether under no weights the unit leads all who need not be ahead.

        Otherwise, sets of weights being convex, the way to such weights leaves the tie at once.
        """
        others = self.ahead[~ahead]
        # a weight of nothing stays nothing within any share of itself
        region = self.narrowed(1.0) if self.measure == RELATIVE else self.region
        return bool(len(others)) and region is not None and widest(-others, region).margin <= _APART * self.scale

    # --- refusals
    def _out_of_time(self) -> MethodError:
        unit = self.form.units[self.at]
        if self.time_limit is None:
            message = f"{unit}: whether some weights give rank {self.rank} is too close to call"
            return MethodError(Fault(message, check="not_solved", units=(unit,)))
        message = f"{unit}: no weights for rank {self.rank} were found in time; give more of it (time_limit=)"
        return MethodError(Fault(message, check="out_of_time", units=(unit,)))

    def _out_of_reach(self, best: int | None) -> MethodError:
        unit = self.form.units[self.at]
        limits = [f"under {told_laws(self.laws)}"] if self.laws else []
        limits += ["within 100 % of the weights of the index"] if self.measure == RELATIVE else []
        among = f" ({', '.join(limits)})" if limits else ""
        reach = "" if best is None else f"; the best that they give is rank {best}"
        message = f"{unit}: no weights{among} give rank {self.rank}{reach}"
        return MethodError(Fault(message, check="out_of_reach", units=(unit,)))


def _closer(node: Shares, low: Floats, high: Floats) -> Shares | None:
    """A node between further limits; ``None`` where nothing is left."""
    low, high = np.maximum(node.low, low), np.minimum(node.high, high)
    if (low > high + TIE_TOLERANCE).any():
        return None
    found = Shares(node.parent, node.parts, low, np.maximum(low, high), node.slopes, node.limits)
    try:
        found.inside  # noqa: B018 - refuses where nothing is left
    except Refusal:
        return None
    return found


def _within(node: Shares, shares: Floats) -> bool:
    between = (shares >= node.low - TIE_TOLERANCE) & (shares <= node.high + TIE_TOLERANCE)
    return bool(between.all() and (node.slopes @ shares <= node.limits + TIE_TOLERANCE).all())


def _allows(region: Region, parts: Floats) -> bool:
    shares = region.shares_of(parts)
    return all(_within(node, shares[node.parts]) for node in region.nodes)


def _certain(low: float, high: float, how: str) -> Certainty:
    close = high - low <= _APART + WIDTH * high
    return Certainty(EXACT if close else BOUND, how, error=high - low if close and high > low else None)
