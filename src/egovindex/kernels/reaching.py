"""The nearest weights under which few enough are ahead of a unit.

A solver of whole numbers takes 1e-6 for zero. So it is asked for leads that may be a little over level, and linear
programs say what weights those whom it spares leave; whom they tell of goes back to it as a cut (as in
:mod:`~egovindex.kernels.rankmilp`).

Letters: ``m`` others, ``L`` ends, ``V`` parts of a :class:`~egovindex.kernels.region.Region`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.kernels.ordering import widest
from egovindex.kernels.program import Program, placed, proven
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import Array, Places, Region

__all__ = ["Ahead", "Distance", "Nearest", "fewest_ahead", "moved", "nearest", "pulled", "relative"]

Bools = npt.NDArray[np.bool_]

# HiGHS stops at a gap of 1e-6; the cost of a distance is scaled so that this is far below what is shown
_SCALE = 1e4
_CLOSE = 1e-9
_ROUNDS = 4
_TURNS = 60  # programs with more cuts, before what is known has to do
_LOOSE = 1e-5  # of a largest lead: ten times what the solver of whole numbers takes for zero
_LEAST_LEAD = 1e-6  # of the largest number of a row
_FINER = 1e4  # of rows of linear programs, against the solver's own tolerances


@dataclass(frozen=True, eq=False)
class Ahead:
    """Who stays ahead of a unit.

    Parameters
    ----------
    parts
        ``(V,)`` weights.
    ahead
        ``(m,)`` those that may be ahead there; none of the others is.
    low
        Never fewer are ahead.
    """

    parts: Array
    ahead: Bools
    low: int


@dataclass(frozen=True, eq=False)
class _Split:
    """Others by what the region alone says of them: always ahead, or ahead under some weights (with largest lead)."""

    always: Bools
    open: Places
    leads: Array

    @classmethod
    def of(cls, ahead: Array, region: Region, tolerance: float) -> _Split:
        low, high = region.least(ahead), region.most(ahead)
        always = low > tolerance
        chosen = np.flatnonzero(~always & (high > tolerance))
        return cls(always, chosen, high[chosen])

    def rows(self, ahead: Array, region: Region, extra: int = 0) -> Array:
        """``lead / largest lead <= z`` for the open ones, after ``extra`` other variables."""
        size = np.maximum(self.leads, _LEAST_LEAD * np.abs(ahead[self.open]).max(axis=1, initial=0.0))
        scaled = placed(ahead[self.open], region) / size[:, None]
        return np.hstack([scaled, np.zeros((len(self.open), extra)), -np.diag(self.leads / size)])

    def named(self, whole: npt.NDArray[Any]) -> Bools:
        """Who may be ahead, given who of the open ones may."""
        found: Bools = self.always.copy()
        found[self.open] = whole
        return found


def fewest_ahead(
    ahead: Array, region: Region, tolerance: float, *, enough: int | None = None, time_limit: float | None = None
) -> Ahead | None:
    """Weights under which the fewest are ahead, or no more than enough.

    Parameters
    ----------
    ahead
        ``(m, L)``: by how much each other leads.
    tolerance
        Smaller leads are ties.
    enough
        Stop as soon as no more than so many are ahead.

    Returns
    -------
    Ahead or None
        ``None`` where more than enough always are.

    Raises
    ------
    TimeoutError
        Time ran out before enough were found.
    Refusal
        Too close to call.

    Examples
    --------
    >>> found = fewest_ahead(np.array([[1.0, -1.0], [-1.0, 1.0], [0.2, 0.1]]), Region.box(np.zeros(2), np.ones(2)), 0.0)
    >>> found.ahead.tolist(), found.low
    ([False, False, True], 1)
    """
    split = _Split.of(ahead, region, tolerance)
    sure, k = int(split.always.sum()), len(split.open)
    room = k if enough is None else enough - sure
    if room < 0:
        return None
    whole = np.r_[np.zeros(region.size), np.ones(k)]
    rows, limits = np.vstack([split.rows(ahead, region), whole]), np.r_[np.full(k, _LOOSE), float(room)]
    until = np.inf if time_limit is None else monotonic() + time_limit
    low, certain, chosen = sure, True, np.zeros(k, dtype=bool)
    for _ in range(_TURNS):
        if room:
            left = until - monotonic()
            program = Program(region, rows, limits, np.zeros(k), np.ones(k))
            cost = whole if enough is None else 0 * whole
            solved = program.least_whole(cost, whole, left if left < np.inf else None)
            if solved is None:
                _refuse_unless(certain=certain)
                return None
            if enough is None and certain:
                low = max(low, sure + int(np.ceil(max(proven(solved), 0.0) - _LOOSE)))
            if solved.x is None:
                break
            chosen = solved.x[region.size :] > 0.5
        if chosen.all():
            return Ahead(region.inside, split.named(chosen), min(low, sure + k))
        found = widest(-ahead[split.open[~chosen]], region)
        if found.margin >= -tolerance:
            return Ahead(found.parts, split.named(chosen), low)
        certain = certain and found.bound < -tolerance
        if not room:
            _refuse_unless(certain=certain)
            return None
        telling = np.zeros(k)
        telling[np.flatnonzero(~chosen)[found.multipliers > 0]] = -1.0
        rows, limits = np.vstack([rows, np.r_[np.zeros(region.size), telling]]), np.r_[limits, -1.0]
    if enough is not None:
        raise TimeoutError
    return Ahead(region.inside, split.named(np.ones(k, dtype=bool)), low)


def _refuse_unless(*, certain: bool) -> None:
    if not certain:
        raise Refusal("whether there are such weights is too close to call")


@dataclass(frozen=True, eq=False)
class Distance:
    """How far weights are from others: the least ``cost @ y`` with ``rows @ (parts, y) <= limits`` and ``y >= 0``."""

    cost: Array
    rows: Array
    limits: Array


def relative(own: Array, moving: Places) -> Distance:
    """The largest change of a part, as a share of the part itself.

    Parameters
    ----------
    own
        ``(V,)`` the parts that distances are from.
    moving
        The parts that count; those that are zero stay so by the region, and count for nothing.
    """
    moving = moving[own[moving] > 0]
    each = np.zeros((len(moving), len(own)))
    each[np.arange(len(moving)), moving] = 1.0 / own[moving]
    ones = np.ones((len(moving), 1))
    rows = np.vstack([np.hstack([each, -ones]), np.hstack([-each, -ones])])
    return Distance(np.ones(1), rows, np.concatenate([ones[:, 0], -ones[:, 0]]))


def moved(own: Array, ends: Places) -> Distance:
    """How much weight changes hands between the ends: half the sum of all changes."""
    each = np.zeros((len(ends), len(own)))
    each[np.arange(len(ends)), ends] = 1.0
    eye = np.eye(len(ends))
    rows = np.vstack([np.hstack([each, -eye]), np.hstack([-each, -eye])])
    return Distance(np.full(len(ends), 0.5), rows, np.concatenate([own[ends], -own[ends]]))


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest weights for a rank.

    Parameters
    ----------
    parts
        ``(V,)``.
    ahead
        ``(m,)`` those that may be ahead there.
    low, high
        No weights nearer than ``low`` do; these are at ``high``.
    telling
        ``(m,)`` those without whom nothing is nearer, whoever else is behind.
    """

    parts: Array
    ahead: Bools
    low: float
    high: float
    telling: Bools


def pulled(ahead: Array, spared: Bools, region: Region, distance: Distance, inward: float = 0.0) -> Nearest | None:
    """The nearest weights under which none but those spared is ahead; ``None`` where there are none.

    Parameters
    ----------
    inward
        By how much the unit must lead the others.
    """
    # one that ties whatever the weights is no condition
    chosen = np.flatnonzero(~spared & (np.abs(ahead).max(axis=1, initial=0.0) > 0))
    scale = np.abs(ahead[chosen]).max(axis=1)
    behind = placed(ahead[chosen], region) / scale[:, None] * _FINER
    extra = len(distance.cost)
    rows = np.vstack([np.hstack([behind, np.zeros((len(chosen), extra))]), distance.rows])
    limits = np.concatenate([-inward / scale * _FINER, distance.limits])
    program = Program(region, rows, limits, np.zeros(extra), np.full(extra, np.inf))
    solved = program.least(np.r_[np.zeros(region.size), distance.cost])
    if solved is None:
        return None
    telling = np.zeros(len(ahead), dtype=bool)
    telling[chosen] = solved.ineqlin.marginals[: len(chosen)] != 0
    parts = np.clip(solved.x[: region.size], 0.0, 1.0)
    return Nearest(parts, spared, float(solved.fun), float(solved.fun), telling)


def nearest(
    ahead: Array,
    enough: int,
    region: Region,
    distance: Distance,
    narrowed: Callable[[float], Region | None],
    tolerance: float,
    *,
    time_limit: float | None = None,
) -> Nearest | None:
    """The nearest weights under which no more than enough are ahead of a unit.

    One linear program where nobody may be ahead who need not be. Else the relaxed program says who should be spared;
    what that costs narrows the region, and with it the big M's, before whole numbers are asked for.

    Parameters
    ----------
    ahead
        ``(m, L)``: by how much each other leads.
    narrowed
        All weights of the region within a distance, or more.
    time_limit
        Seconds; then the bracket is what is known.

    Returns
    -------
    Nearest or None
        ``None`` where there are none, or where time ran out before some were found.
    """
    started = monotonic()
    near: Region = region
    best, low = None, 0.0
    split = _Split.of(ahead, near, tolerance)
    for _ in range(_ROUNDS):
        room = enough - int(split.always.sum())
        if room < 0:
            return best
        if room == 0 or len(split.open) <= room:
            spared = split.always if room == 0 else split.named(np.ones(len(split.open), dtype=bool))
            return pulled(ahead, spared, region, distance)
        relaxed = _spared(ahead, split, room, region, distance, whole=False, time_limit=None)
        if relaxed is None:
            return None
        order = np.argsort(-relaxed.x[-len(split.open) :], kind="stable")
        chosen = np.isin(np.arange(len(order)), order[:room])
        found = pulled(ahead, split.named(chosen), region, distance)
        low = max(low, float(relaxed.fun) / _SCALE)
        if found is None or (best is not None and found.high > best.high * (1 - 1e-3)):
            break
        best = found
        if best.high - low <= _CLOSE:
            return replace(best, low=low)
        closer = narrowed(best.high * (1 + _CLOSE) + _CLOSE)
        if closer is None:
            break
        near = closer
        split = _Split.of(ahead, near, tolerance)
    return _whole(ahead, enough, region, distance, split, best, low, time_limit, started)


def _whole(
    ahead: Array,
    enough: int,
    region: Region,
    distance: Distance,
    split: _Split,
    best: Nearest | None,
    low: float,
    time_limit: float | None,
    started: float,
) -> Nearest | None:
    """By whole numbers: whoever is spared, the nearest weights; then only what may be nearer is looked at."""
    room = enough - int(split.always.sum())
    cuts: list[Bools] = []
    for _ in range(_TURNS):
        left = None if time_limit is None else time_limit - (monotonic() - started)
        solved = _spared(ahead, split, room, region, distance, whole=True, time_limit=left, cuts=cuts)
        high = np.inf if best is None else best.high
        bound = np.inf if solved is None else proven(solved) / _SCALE
        low = max(low, min(bound, high))
        if solved is None or solved.x is None or high - low <= _CLOSE:
            break
        spared = split.named(solved.x[-len(split.open) :] > 0.5)
        found = pulled(ahead, spared, region, distance)
        if found is not None and found.high < high:
            best = found
        cuts.append(_telling(ahead, spared, region) if found is None else found.telling)
        if not cuts[-1][split.open].any():
            break
    return None if best is None else replace(best, low=min(low, best.high))


def _telling(ahead: Array, spared: Bools, region: Region) -> Bools:
    """Some who cannot all be behind."""
    others = np.flatnonzero(~spared & (np.abs(ahead).max(axis=1, initial=0.0) > 0))
    found = np.zeros(len(ahead), dtype=bool)
    found[others] = widest(-ahead[others], region).multipliers > 0
    return found


def _spared(
    ahead: Array,
    split: _Split,
    room: int,
    region: Region,
    distance: Distance,
    *,
    whole: bool,
    time_limit: float | None,
    cuts: Sequence[Bools] = (),
) -> Any:
    """The distance if some of the open ones may stay ahead, wholly or in part."""
    extra, k = len(distance.cost), len(split.open)
    some = np.r_[np.zeros(region.size + extra), np.ones(k)]
    far = np.hstack([distance.rows, np.zeros((len(distance.rows), k))])
    telling = [np.r_[np.zeros(region.size + extra), -cut[split.open].astype(float)] for cut in cuts]
    rows = np.vstack([split.rows(ahead, region, extra), far, some, *telling])
    loose = np.full(k, _LOOSE if whole else 0.0)
    limits = np.concatenate([loose, distance.limits, [room], np.full(len(telling), -1.0)])
    low, high = np.zeros(extra + k), np.r_[np.full(extra, np.inf), np.ones(k)]
    program = Program(region, rows, limits, low, high)
    cost = np.r_[np.zeros(region.size), _SCALE * distance.cost, np.zeros(k)]
    return program.least_whole(cost, some, time_limit) if whole else program.least(cost)
