"""The nearest weights under which few enough are ahead of a unit.

Letters: ``m`` others, ``L`` ends, ``V`` parts of a :class:`~egovindex.kernels.region.Region`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.kernels.ordering import widest
from egovindex.kernels.program import Program, placed, proven
from egovindex.kernels.region import Array, Places, Region

__all__ = ["Ahead", "Distance", "Nearest", "fewest_ahead", "moved", "nearest", "pulled", "relative"]

Bools = npt.NDArray[np.bool_]

# HiGHS stops at a gap of 1e-6; the cost of a distance is scaled so that this is far below what is shown
_SCALE = 1e4
_CLOSE = 1e-9
_ROUNDS = 4
_CUTS = 50


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
        scaled = placed(ahead[self.open], region) / self.leads[:, None]
        return np.hstack([scaled, np.zeros((len(self.open), extra)), -np.eye(len(self.open))])

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
        Time ran out before any were found.

    Examples
    --------
    >>> found = fewest_ahead(np.array([[1.0, -1.0], [-1.0, 1.0], [0.2, 0.1]]), Region.box(np.zeros(2), np.ones(2)), 0.0)
    >>> found.ahead.tolist(), found.low
    ([False, False, True], 1)
    """
    split = _Split.of(ahead, region, tolerance)
    sure, k = int(split.always.sum()), len(split.open)
    if enough is not None:
        return _no_more(ahead, region, split, enough - sure, tolerance, time_limit)
    whole = np.r_[np.zeros(region.size), np.ones(k)]
    program = Program(region, split.rows(ahead, region), np.zeros(k), np.zeros(k), np.ones(k))
    solved = program.least_whole(whole, whole, time_limit)
    if solved is None:
        return None
    if solved.x is None:
        raise TimeoutError
    parts = np.clip(solved.x[: region.size], 0.0, 1.0)
    fewest = sure + int(np.ceil(max(proven(solved), 0.0) - 1e-6))
    return Ahead(parts, split.named(solved.x[region.size :] > 0.5), fewest)


def _no_more(
    ahead: Array, region: Region, split: _Split, room: int, tolerance: float, time_limit: float | None
) -> Ahead | None:
    """Weights under which no more than ``room`` of the open ones are ahead.

    Whole-number programs are solved to some 1e-6, linear ones to 1e-10: who may be ahead by the former is asked of the
    latter, and if that says no, somebody else has to be ahead too.
    """
    if room < 0:
        return None
    k = len(split.open)
    whole = np.r_[np.zeros(region.size), np.ones(k)]
    rows, limits = np.vstack([split.rows(ahead, region), whole]), np.r_[np.zeros(k), float(room)]
    chosen = np.zeros(k, dtype=bool)
    until = np.inf if time_limit is None else monotonic() + time_limit
    for _ in range(_CUTS):
        if room:
            left = until - monotonic()
            program = Program(region, rows, limits, np.zeros(k), np.ones(k))
            solved = program.least_whole(0 * whole, whole, left if left < np.inf else None)
            if solved is None:
                return None
            if solved.x is None:
                raise TimeoutError
            chosen = solved.x[region.size :] > 0.5
        if chosen.all():
            return Ahead(region.inside, split.named(chosen), int(split.always.sum()))
        found = widest(-ahead[split.open[~chosen]], region)
        if found.margin >= -tolerance:
            return Ahead(found.parts, split.named(chosen), int(split.always.sum()))
        if not room:
            return None
        rows = np.vstack([rows, np.r_[np.zeros(region.size), np.where(chosen, 0.0, -1.0)]])
        limits = np.r_[limits, -1.0]
    raise TimeoutError


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
    """

    parts: Array
    ahead: Bools
    low: float
    high: float


def pulled(ahead: Array, spared: Bools, region: Region, distance: Distance, inward: float = 0.0) -> Nearest | None:
    """The nearest weights under which none but those spared is ahead; ``None`` where there are none.

    Parameters
    ----------
    inward
        By how much the unit must lead the others.
    """
    # one that ties whatever the weights is no condition
    chosen = np.flatnonzero(~spared & (np.abs(ahead).max(axis=1, initial=0.0) > 0))
    scale = np.abs(ahead[chosen]).max(axis=1, initial=0.0)
    behind = placed(ahead[chosen], region) / scale[:, None]
    extra = len(distance.cost)
    rows = np.vstack([np.hstack([behind, np.zeros((len(chosen), extra))]), distance.rows])
    limits = np.concatenate([-inward / scale, distance.limits])
    program = Program(region, rows, limits, np.zeros(extra), np.full(extra, np.inf))
    solved = program.least(np.r_[np.zeros(region.size), distance.cost])
    if solved is None:
        return None
    return Nearest(np.clip(solved.x[: region.size], 0.0, 1.0), spared, float(solved.fun), float(solved.fun))


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
            return Nearest(best.parts, best.ahead, low, best.high)
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
    left = None if time_limit is None else time_limit - (monotonic() - started)
    room = enough - int(split.always.sum())
    solved = _spared(ahead, split, room, region, distance, whole=True, time_limit=left)
    if solved is None:
        return best
    low = max(low, proven(solved) / _SCALE)
    if solved.x is not None:
        spared = split.named(solved.x[-len(split.open) :] > 0.5)
        found = pulled(ahead, spared, region, distance)
        if found is not None and (best is None or found.high < best.high):
            best = found
    return None if best is None else Nearest(best.parts, best.ahead, min(low, best.high), best.high)


def _spared(
    ahead: Array,
    split: _Split,
    room: int,
    region: Region,
    distance: Distance,
    *,
    whole: bool,
    time_limit: float | None,
) -> Any:
    """The distance if some of the open ones may stay ahead, wholly or in part."""
    extra, k = len(distance.cost), len(split.open)
    some = np.r_[np.zeros(region.size + extra), np.ones(k)]
    far = np.hstack([distance.rows, np.zeros((len(distance.rows), k))])
    rows = np.vstack([split.rows(ahead, region, extra), far, some])
    limits = np.concatenate([np.zeros(k), distance.limits, [room]])
    low, high = np.zeros(extra + k), np.r_[np.full(extra, np.inf), np.ones(k)]
    program = Program(region, rows, limits, low, high)
    cost = np.r_[np.zeros(region.size), _SCALE * distance.cost, np.zeros(k)]
    return program.least_whole(cost, some, time_limit) if whole else program.least(cost)
