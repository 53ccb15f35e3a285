"""One weight moves and the others of its node keep their proportions: where units change places, exactly.

The share ``t`` of one part in its node goes from 0 to 1. The rest of the node shrinks or grows as a whole, so every
score is a straight line in ``t``, and two units change places at most once (Triantaphyllou and Sanchez 1997, Decision
Sciences 28:151, for one node; the lines make it hold in a tree).

Letters: ``E`` parts that may move, one at a time; ``n`` units.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from egovindex.kernels.rank import TIE_TOLERANCE, competition_ranks
from egovindex.kernels.refusal import Refusal

__all__ = ["OneWeightRanks", "StableShares", "SwapPoints", "rank_range_one_weight", "stability_interval", "swap_points"]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_CELLS = 1 << 17  # numbers of one block: an array of it stays in the fast memory


class SwapPoints(NamedTuple):
    """Crossings: ``i`` is ahead of ``j`` up to the share ``t`` of part ``edge``, seen from the present share."""

    edge: Ints
    i: Ints
    j: Ints
    t: Array


class StableShares(NamedTuple):
    """Shares between which ranks stand still.

    ``low`` and ``high`` ``(E, n)`` for each unit's own rank, ``all_low`` and ``all_high`` ``(E,)`` for every rank,
    ``leader_low`` and ``leader_high`` ``(E,)`` for the units that are first now.
    """

    low: Array
    high: Array
    all_low: Array
    all_high: Array
    leader_low: Array
    leader_high: Array


class OneWeightRanks(NamedTuple):
    """Best and worst rank of each unit ``(E, n)`` while one part moves, and a share at which it has it."""

    best: Ints
    worst: Ints
    best_share: Array
    worst_share: Array


def swap_points(at_own: Array, at_one: Array, share: Array, *, tolerance: float = TIE_TOLERANCE) -> SwapPoints:
    """Every share of every part at which two units change places or draw level.

    Parameters
    ----------
    at_own
        ``(n,)`` scores with the present weights.
    at_one
        ``(E, n)`` scores when the part alone has all the weight of its node.
    share
        ``(E,)`` the present share of the part in its node, at least 0 and below 1.
    tolerance
        Scores whose distance is at most this share of the largest absolute score are tied.

    Returns
    -------
    SwapPoints
        By part, then by pair. ``t`` is between 0 and 1, both included: at an end the units only draw level. Pairs
        that are tied at every share are left out. ``i`` is ahead on the side of the present share, ``j`` beyond
        ``t``; of a pair that is tied at the present share, where ``t`` is that share, ``i`` is ahead below it and
        ``j`` above.

    Raises
    ------
    Refusal
        Scores that are no numbers, or parts (``where``) that have all the weight of their node already.

    Examples
    --------
    Two units and two parts of equal weight: the first part alone gives 1 and 0, the second 0 and 0.5.

    >>> found = swap_points(np.array([0.5, 0.25]), np.array([[1.0, 0.0], [0.0, 0.5]]), np.array([0.5, 0.5]))
    >>> found.edge.tolist(), found.i.tolist(), found.j.tolist(), found.t.round(6).tolist()
    ([0, 1], [0, 0], [1, 1], [0.333333, 0.666667])
    """
    at_own, at_one, share = _checked(at_own, at_one, share)
    first, second = np.triu_indices(len(at_own), 1)
    own = _ahead(at_own, first, second, tolerance * _largest(at_own))
    found = [
        _crossings(edges, (at_own, own), at_one[edges], share[edges], (first, second), tolerance)
        for edges in _blocks(len(share), len(first))
    ]
    none = np.zeros(0, dtype=np.int64)
    found.append((none, none, none, np.zeros(0)))
    return SwapPoints(*(np.concatenate(column) for column in zip(*found, strict=True)))


def stability_interval(at_own: Array, at_one: Array, share: Array, *, tolerance: float = TIE_TOLERANCE) -> StableShares:
    """The widest shares around the present one between which a competition rank does not change.

    Parameters
    ----------
    at_own, at_one, share, tolerance
        As for :func:`swap_points`.

    Returns
    -------
    StableShares
        Strictly between ``low`` and ``high``, and at the present share, the rank is that of now; at an end that is
        not 0 or 1 it changes, there or just beyond. A unit that shares its place may have an interval of no width.

    Examples
    --------
    >>> found = stability_interval(np.array([0.5, 0.25]), np.array([[1.0, 0.0]]), np.array([0.5]))
    >>> found.low.round(6).tolist(), found.high.tolist()
    ([[0.333333, 0.333333]], [[1.0, 1.0]])
    """
    points = swap_points(at_own, at_one, share, tolerance=tolerance)
    share = np.asarray(share, dtype=np.float64)
    shape = (len(share), len(at_own))
    low, high = np.zeros(shape), np.ones(shape)
    now = share[points.edge]
    above, below = points.t > now, points.t < now
    for unit in (points.i, points.j):
        cells = points.edge * len(at_own) + unit
        np.minimum.at(high.reshape(-1), cells[above], points.t[above])
        np.maximum.at(low.reshape(-1), cells[below], points.t[below])
    # of two that are tied now, the one falling behind loses its rank at once; the other one's stays
    tied = points.t == now
    high[points.edge[tied], points.i[tied]] = now[tied]
    low[points.edge[tied], points.j[tied]] = now[tied]
    first = competition_ranks(np.asarray(at_own, dtype=np.float64), tolerance=tolerance) == 1
    return StableShares(
        low,
        high,
        low.max(axis=1, initial=0.0),
        high.min(axis=1, initial=1.0),
        low[:, first].max(axis=1, initial=0.0),
        high[:, first].min(axis=1, initial=1.0),
    )


def rank_range_one_weight(
    at_own: Array, at_one: Array, share: Array, limits: Array, *, tolerance: float = TIE_TOLERANCE
) -> OneWeightRanks:
    """Best and worst competition rank while one part at a time moves between limits.

    Parameters
    ----------
    at_own, at_one, share, tolerance
        As for :func:`swap_points`.
    limits
        ``(E, 2)`` smallest and largest share, both reached.

    Returns
    -------
    OneWeightRanks
        ``(E, n)`` each; over all parts take the smallest ``best`` and the largest ``worst``. A unit that only draws
        level with another counts as not behind it.

    Examples
    --------
    >>> found = rank_range_one_weight(
    ...     np.array([0.5, 0.25]), np.array([[1.0, 0.0]]), np.array([0.5]), np.array([[0.25, 0.75]])
    ... )
    >>> found.best.tolist(), found.worst.tolist(), found.best_share.round(3).tolist()
    ([[1, 1]], [[2, 2]], [[0.75, 0.25]])
    """
    at_own, at_one, share = _checked(at_own, at_one, share)
    limits = np.asarray(limits, dtype=np.float64)
    if limits.shape != (len(share), 2):
        raise Refusal("limits are (parts, 2)")
    if (bad := ~((limits[:, 0] >= 0) & (limits[:, 0] <= limits[:, 1]) & (limits[:, 1] <= 1))).any():
        raise Refusal("limits of a share are from 0 to 1, the smaller one first", bad)
    n = len(at_own)
    found = OneWeightRanks(*(np.ones((len(share), n), dtype=kind) for kind in (np.int64, np.int64, float, float)))
    for edge, (low, high) in enumerate(limits):
        start, end = (_scores_at(t, at_own, at_one[edge], share[edge]) for t in (low, high))
        least = tolerance * max(_scale(t, at_own, at_one[edge], share[edge]) for t in (low, high))
        for units in _blocks(n, n):
            ranges = _range_between(start, end, units, least)
            found.best[edge, units], found.worst[edge, units] = ranges[:2]
            found.best_share[edge, units], found.worst_share[edge, units] = (low + (high - low) * v for v in ranges[2:])
    return found


def _checked(at_own: Array, at_one: Array, share: Array) -> tuple[Array, Array, Array]:
    at_own, at_one, share = (np.asarray(values, dtype=np.float64) for values in (at_own, at_one, share))
    if at_own.ndim != 1 or at_one.shape != (len(share), len(at_own)):
        raise Refusal("scores are (units,) and (parts, units), and there is one share for each part")
    if not (np.isfinite(at_own).all() and np.isfinite(at_one).all()):
        raise Refusal("every unit needs a score; leave out those without one")
    if (bad := ~((share >= 0) & (share < 1))).any():
        raise Refusal("a part that has all the weight of its node cannot move against the others; leave it out", bad)
    # ranks and shares do not depend on the unit of measurement, and products of tiny or huge scores do
    size = max(np.abs(at_own).max(initial=0.0), np.abs(at_one).max(initial=0.0)) or 1.0
    return at_own / size, at_one / size, share


def _scores_at(t: Any, at_own: Array, at_one: Array, share: Any) -> Array:
    """Scores at a share: exactly those of now at the present one."""
    found: Array = at_own + (at_one - at_own) * ((t - share) / (1.0 - share))
    return found


def _scale(t: Any, at_own: Array, at_one: Array, share: Any) -> Any:
    """Size of the numbers that scores at a share are sums of; they are rounded by a part of it, however small."""
    return np.maximum(_largest(at_own), _largest(at_one)) * np.maximum(1.0, np.abs(t - share) / (1.0 - share))


def _blocks(rows: int, width: int) -> Iterator[slice]:
    size = max(1, _CELLS // max(width, 1))
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def _largest(scores: Array) -> Array:
    found: Array = np.abs(scores).max(axis=-1, initial=0.0)
    return found


def _ahead(scores: Array, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp], least: Array) -> Array:
    """How far the first of each pair is ahead of the second, 0 where they are tied."""
    found: Array = scores[..., first] - scores[..., second]
    found[np.abs(found) <= least[..., None]] = 0.0
    return found


def _crossings(
    edges: slice,
    now: tuple[Array, Array],
    at_one: Array,
    share: Array,
    pairs: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    tolerance: float,
) -> tuple[Ints, npt.NDArray[np.intp], npt.NDArray[np.intp], Array]:
    """Of some parts; ``now`` is the scores and how far the first of each pair is ahead."""
    at_own, own = now
    at_zero = _scores_at(0.0, at_own, at_one, share[:, None])
    zero = _ahead(at_zero, *pairs, tolerance * _scale(0.0, at_own, at_one, share))
    one = _ahead(at_one, *pairs, tolerance * _largest(at_one))
    edge, pair = np.nonzero(np.sign(zero) != np.sign(one))
    zero, one, own, share = zero[edge, pair], one[edge, pair], own[pair], share[edge]
    t = zero / (zero - one)
    # a pair that is not tied now crosses strictly on one side of it, whatever rounding says
    t = np.where(
        np.sign(own) == np.sign(one), np.minimum(t, np.nextafter(share, -1)), np.maximum(t, np.nextafter(share, 2))
    )
    t = np.clip(np.where(own == 0, share, t), 0.0, 1.0)
    turned = np.where(own == 0, one > zero, own < 0)
    i, j = pairs[0][pair], pairs[1][pair]
    return edge + edges.start, np.where(turned, j, i), np.where(turned, i, j), t


def _range_between(start: Array, end: Array, units: slice, least: float) -> tuple[Ints, Ints, Array, Array]:
    """Best and worst ranks on the way from some scores to others, and how far along they are had.

    A rival is above a unit where it leads by more than ``least``: it stops at one point of the way, there
    included, or starts beyond one point. Running through these points in order counts the rivals above.
    """
    lead_start, lead_end = (scores - scores[units, None] - least for scores in (start, end))
    above = lead_start > 0
    starts, stops = ~above & (lead_end > 0), above & (lead_end <= 0)
    moving = starts | stops
    at = np.full(above.shape, np.inf)
    at[moving] = np.abs(lead_start[moving] / (lead_end[moving] - lead_start[moving]))
    # the last bit of a point says which it is, so that one sort puts those who stop first
    keys = at.view(np.int64)
    keys &= ~np.int64(1)
    keys |= starts
    keys.sort(axis=1)
    change = np.where(keys & 1, 1, -1)
    keys &= ~np.int64(1)
    at = np.concatenate([np.zeros((len(keys), 1)), keys.view(np.float64), np.full((len(keys), 1), np.inf)], axis=1)
    change[~np.isfinite(at[:, 1:-1])] = 0
    ranks = np.concatenate([np.zeros((len(keys), 1), dtype=np.int64), np.cumsum(change, axis=1)], axis=1)
    ranks += 1 + above.sum(axis=1, keepdims=True)
    # a count holds from its point to the next one; at the first and last the limit itself is a share to name
    rows = np.arange(len(keys))
    found = []
    for place in (ranks.argmin(axis=1), ranks.argmax(axis=1)):
        here, after = at[rows, place], at[rows, place + 1]
        middle = np.where(place == 0, 0.0, np.where(after > 1, 1.0, (here + after) / 2))
        found.append((ranks[rows, place], middle))
    (best, best_at), (worst, worst_at) = found
    return best, worst, best_at, worst_at
