"""The order of units in many draws at once: one sort of integers in place of an argsort.

A key holds a score in its high bits and the unit's number in its low bits, so that sorting the keys sorts the
units. What the shortened score cannot decide, an equality or a close call, is decided by the scores themselves:
ranks are those of :func:`egovindex.kernels.rank.competition_ranks`, always.

Letters: ``D`` draws, ``n`` units.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.kernels.rank import TIE_TOLERANCE, competition_ranks

__all__ = ["MOST_PACKED", "close_calls", "ordered", "placed"]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_PACKED = 4096  # units whose number leaves enough bits for the score
_DOUBLE_BITS = 52  # of a double behind its exponent
_SINGLE_BITS = 32
_SMALLEST = float(np.finfo(np.float64).smallest_subnormal)


def _bits_of_units(n: int) -> int:
    return max(int(n - 1).bit_length(), 1)


def _blur(span: Any, bits: int) -> Any:
    """What the bits given to the number of the unit can hide of a distance; next to zero a share of it is nothing."""
    return span * 2.0 ** (bits - _DOUBLE_BITS) + _SMALLEST * 2.0**bits


def ordered(scores: Array, *, tolerance: float = TIE_TOLERANCE) -> tuple[Ints, Ints | None]:
    """Units from the best to the worst of each draw, and the rank at each place.

    Parameters
    ----------
    scores
        ``(D, n)``, higher is better; NaN has no rank.
    tolerance
        Scores whose distance is at most this share of the draw's largest absolute score are tied.

    Returns
    -------
    units, ranks
        ``(D, n)`` each. ``ranks`` is ``None`` where nobody is tied and everybody has a score in every draw: the
        ranks are then 1, 2, 3, ...; a rank of 0 is none.

    Examples
    --------
    >>> ordered(np.array([[0.5, 0.9, 0.7]]))
    (array([[1, 2, 0]]), None)
    >>> ordered(np.array([[0.5, np.nan, 0.5]]))
    (array([[0, 2, 1]]), array([[1, 1, 0]]))
    """
    draws, n = scores.shape
    if n > MOST_PACKED:
        return _by_argsort(scores, tolerance)
    if n == 0 or draws == 0:
        return np.zeros((draws, n), dtype=np.int64), None
    bits = _bits_of_units(n)
    best = float(scores.max())
    whole = best == best  # noqa: PLR0124 - NaN is not itself
    if not whole:
        best = float(np.fmax.reduce(scores, axis=None))
    # 0 for the best score of all, never negative, so that its bits are in its order; draw after draw in memory
    below = np.subtract(best, scores, order="C")
    keys = below.view(np.uint64)
    low = np.uint64((1 << bits) - 1)
    keys &= ~low
    keys |= np.arange(n, dtype=np.uint64)
    keys.sort(axis=1)
    gaps = _gaps(below)
    worst = best - float(np.fmax.reduce(below[:, -1]))
    # the number of the unit and what was cut off blur both ends of a gap; NaN stands last
    blur = _blur(best - worst, bits)
    limit = tolerance * max(abs(best), abs(worst)) + 2.0 * blur
    rows = np.zeros(0, dtype=np.intp)
    if not (whole and gaps.min(initial=np.inf) > limit):
        with np.errstate(invalid="ignore"):
            rows = np.flatnonzero(~(gaps.min(axis=1, initial=np.inf) > limit) | ~(below[:, -1] <= np.inf))
    units = np.bitwise_and(keys, low, out=gaps.view(np.uint64)).view(np.int64)  # the gaps have told what they know
    if not rows.size:
        return units, None
    keys &= ~low
    ranks = np.broadcast_to(np.arange(1, n + 1), (draws, n)).copy()
    _decide(scores, below, units, ranks, rows, tolerance, bits)
    return units, ranks


def _gaps(below: Array) -> Array:
    """How far each place is from the one after it, ``(D, n)``, row after row in one go; infinite behind the last."""
    flat = below.ravel()
    found = np.empty(below.shape)
    np.subtract(flat[1:], flat[:-1], out=found.reshape(-1)[:-1])
    found[:, -1] = np.inf
    return found


def _decide(
    scores: Array, below: Array, units: Ints, ranks: Ints, rows: npt.NDArray[np.intp], tolerance: float, bits: int
) -> None:
    """Ranks of draws with a tie, a close call or a unit without a score, in place."""
    own = scores[rows]
    there = below[rows]
    n = own.shape[1]
    with np.errstate(invalid="ignore"):
        limit = tolerance * np.fmax.reduce(np.abs(own), axis=1, initial=0.0)
        blur = _blur(np.fmax.reduce(there, axis=1, initial=0.0), bits)
        gaps = there[:, 1:] - there[:, :-1]
        unclear = (np.abs(gaps - limit[:, None]) <= blur[:, None]).any(axis=1)
        fresh = np.ones(own.shape, dtype=bool)
        fresh[:, 1:] = ~(gaps <= limit[:, None])
    found = np.maximum.accumulate(np.where(fresh, np.arange(1, n + 1), 0), axis=1)
    found[np.isnan(there)] = 0
    ranks[rows] = found
    if unclear.any():
        again = rows[unclear]
        units[again], ranks[again] = _by_argsort(scores[again], tolerance)


def _by_argsort(scores: Array, tolerance: float) -> tuple[Ints, Ints]:
    units = np.argsort(-scores, axis=1, kind="stable")
    of_unit = competition_ranks(scores, tolerance=tolerance)
    return units, np.take_along_axis(of_unit, units, axis=1)


def close_calls(scores: npt.NDArray[Any], guard: npt.NDArray[np.float64]) -> tuple[Ints, Bools]:
    """Units from the best to the worst by scores in single precision, and draws in which that may be wrong.

    Parameters
    ----------
    scores
        ``(D, n)``, ``n`` at most :data:`MOST_PACKED`; no NaN.
    guard
        ``(D,)``: two scores of a draw this close to each other may stand in the wrong order.

    Returns
    -------
    units
        ``(D, n)``; ranks are 1, 2, 3, ... in the draws that are not doubtful.
    doubtful
        ``(D,)`` draws with two scores within the guard.

    Examples
    --------
    >>> close_calls(np.array([[0.5, 0.9, 0.7], [0.5, 0.9, 0.5000001]], dtype=np.float32), np.full(2, 1e-6))
    (array([[1, 2, 0],
           [1, 2, 0]]), array([False,  True]))
    """
    draws, n = scores.shape
    bits = _bits_of_units(n)
    if draws == 0 or n == 0:
        return np.zeros((draws, n), dtype=np.int64), np.zeros(draws, dtype=bool)
    best, worst = scores.max(), scores.min()
    # two units of the key are left free, or rounding up could overflow into the number of the unit
    steps = np.float32(2.0 ** (_SINGLE_BITS - bits) - 2.0 ** max(_SINGLE_BITS - bits - 23, 1))
    span = np.float32(best - worst)
    scale = steps / span if span > 0 else np.float32(0.0)
    below = np.subtract(best, scores, order="C")
    below *= scale
    keys = below.astype(np.uint32)
    keys <<= np.uint32(bits)
    keys |= np.arange(n, dtype=np.uint32)
    keys.sort(axis=1)
    gaps = keys[:, 1:] - keys[:, :-1]
    # one more step than the two that rounding takes, for the numbers of the units in the keys
    wide = (float(scale) * guard + 3.0) * 2.0**bits
    doubtful = ~(gaps.min(axis=1, initial=np.uint32(2**32 - 1)) > wide)
    keys &= np.uint32((1 << bits) - 1)
    return keys.astype(np.int64), doubtful


def placed(units: Ints, ranks: Ints | None) -> Ints:
    """Rank of each unit out of the units and ranks at each place.

    Parameters
    ----------
    units, ranks
        As :func:`ordered` gives them.

    Returns
    -------
    ndarray of int
        ``(D, n)``; 0 where there is no score.

    Examples
    --------
    >>> placed(*ordered(np.array([[0.5, 0.9, 0.5]])))
    array([[2, 1, 2]])
    """
    found = np.empty(units.shape, dtype=np.int64)
    if ranks is None:
        ranks = np.broadcast_to(np.arange(1, units.shape[1] + 1), units.shape)
    np.put_along_axis(found, units, ranks, axis=1)
    return found
