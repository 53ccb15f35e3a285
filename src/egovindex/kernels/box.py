"""Draws from a box cut by a total: each part between two limits, all together a fixed sum, uniformly.

Uniform on the slice means that no point of it is preferred. Drawing each part by itself and dividing by the sum is
something else: it leaves the box, and it prefers the middle.

Letters: ``D`` draws, ``k`` parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.kernels.refusal import Refusal
from egovindex.kernels.simplex import exponential

__all__ = ["Slice", "sliced", "uniform_slice", "uniform_slice_from"]

Array = npt.NDArray[np.float64]

# a sum of limits that misses the total by less, as a share of it, meets it
_ROUNDING = 1e-12
_MOST_AT_ONCE = 4096
_GRID = 4097
# a density below this share of its peak is not inverted on a grid: its digits are lost
_THIN = 1e-3
# a density that falls by more than e to this power over the total takes double precision
_STEEP = 1e3


@dataclass(frozen=True, eq=False)
class Slice:
    """A box cut by a total, moved so that the lower limits are 0.

    Parameters
    ----------
    low
        ``(k,)`` lower limits.
    width
        ``(k,)`` widths of the box.
    rest
        What is left of the total above the lower limits.
    free
        Positions of the parts that can move.
    """

    low: Array
    width: Array
    rest: float
    free: npt.NDArray[np.intp]

    @property
    def dimensions(self) -> int:
        """In how many directions a draw can move."""
        return max(len(self.free) - 1, 0)


def sliced(low: Array, high: Array, total: float) -> Slice:
    """Look at a box and a total.

    Parameters
    ----------
    low, high
        ``(k,)`` limits.
    total
        What all parts add up to.

    Raises
    ------
    Refusal
        No point of the box has that total; its ``where`` marks parts with a lower limit above the upper one.

    Examples
    --------
    >>> sliced(np.array([0.2, 0.2, 0.2]), np.array([0.6, 0.6, 0.2]), 1.0).free
    array([0, 1])
    """
    crossed = low > high
    if crossed.any():
        raise Refusal("a lower limit is above the upper limit", crossed)
    size = _ROUNDING * max(abs(total), float(np.abs(low).sum()), float(np.abs(high).sum()))
    if low.sum() > total + size or high.sum() < total - size:
        reason = (
            f"no weights within the limits add up to {total:.10g}: the lower limits add up to {low.sum():.10g}, "
            f"the upper ones to {high.sum():.10g}"
        )
        raise Refusal(reason)
    width = high - low
    rest = float(np.clip(total - low.sum(), 0.0, width.sum()))
    free = np.flatnonzero(width > 0)
    # a part cannot be further from its limit than all that is left
    if rest <= size or width.sum() - rest <= size:
        corner = low if rest <= size else high
        return Slice(corner, np.zeros_like(width), 0.0, free[:0])
    return Slice(low, width, rest, free)


def uniform_slice(rng: np.random.Generator, draws: int, where: Slice, *, dtype: Any = np.float64) -> Array:
    """Independent draws, uniform on the slice, exactly.

    Where no upper limit can be reached, or no lower one, the slice is a simplex. Else all parts but one are drawn
    from the box, tilted by ``exp(t x)`` so that their mean has the total; the last is what is left, and the draw is
    kept if that lies between its limits, with the probability that makes the kept draws uniform: on the slice the
    tilt is the same everywhere.

    Parameters
    ----------
    rng
        Source of chance.
    draws
        ``D``.
    where
        The slice.
    dtype
        Double or single precision.

    Returns
    -------
    ndarray
        ``(D, k)``.

    Examples
    --------
    >>> box = sliced(np.array([0.25, 0.25, 0.25]), np.array([0.4, 0.4, 0.4]), 1.0)
    >>> found = uniform_slice(np.random.default_rng(1), 1000, box)
    >>> found.sum(axis=1).round(12).min(), bool((found >= 0.25).all()), bool((found <= 0.4).all())
    (np.float64(1.0), True, True)
    """
    found = np.tile(where.low.astype(dtype), (draws, 1))
    if where.dimensions:
        parts = _parts(rng, draws, where.width[where.free], where.rest, dtype)
        found[:, where.free] += parts.astype(dtype, copy=False)
    return found


def _parts(rng: np.random.Generator, draws: int, width: Array, rest: float, dtype: Any) -> Array:
    if rest <= width.min():  # no upper limit can be reached
        return _simplex(rng, draws, len(width), rest, dtype)
    turned = float(width.sum()) - rest
    if turned <= width.min():  # nor a lower one
        return width.astype(dtype) - _simplex(rng, draws, len(width), turned, dtype)
    if len(width) == 2:
        first = rng.uniform(max(0.0, rest - width[1]), min(width[0], rest), draws)
        return np.stack([first, rest - first], axis=1).astype(dtype)
    return _by_rejection(rng, draws, width, rest, dtype)


def _simplex(rng: np.random.Generator, draws: int, k: int, total: float, dtype: Any) -> Array:
    parts = exponential(rng, (draws, k), dtype)
    found: Array = parts * (dtype(total) / parts.sum(axis=1, keepdims=True))
    return found


def _by_rejection(rng: np.random.Generator, draws: int, width: Array, rest: float, dtype: Any) -> Array:
    tilt = _tilt(width, rest)
    if abs(tilt) * rest > _STEEP:  # single digits do not tell what is kept from what is not
        dtype = np.float64
    # the widest part has the most room for what is left
    last = int(np.argmax(width))
    others = np.delete(np.arange(len(width)), last)
    own, room = width[others].astype(dtype), width[last]
    found = np.empty((draws, len(width)), dtype=dtype)
    done, accepted, tried = 0, 1.0, 4.0
    while done < draws:
        size = min(int(1.1 * (draws - done) * tried / accepted) + 16, max(_MOST_AT_ONCE, 4 * (draws - done)))
        uniform = rng.random((size, len(others)), dtype=dtype)
        parts = own if tilt == 0 else None
        if parts is None:
            uniform = _tilted(uniform, own, tilt)
            left = rest - uniform.sum(axis=1)
        else:
            left = rest - uniform @ own
        keep = (left >= 0) & (left <= room)
        if tilt:
            highest = room if tilt > 0 else 0.0
            keep &= rng.random(size) < np.exp(np.minimum(tilt * (left - highest), 0.0))
        rows = np.flatnonzero(keep)
        accepted, tried = accepted + len(rows), tried + size
        rows = rows[: draws - done]
        place = slice(done, done + len(rows))
        found[place, others] = uniform[rows] * own if parts is not None else uniform[rows]
        found[place, last] = left[rows]
        done += len(rows)
    return found


def _tilted(uniform: Array, width: Array, tilt: float) -> Array:
    """Numbers between 0 and a width with a density that goes as ``exp(tilt x)``."""
    power = np.abs(tilt * width)
    # from the end where the density is highest: no power of e can overflow
    far = 1.0 - uniform if tilt > 0 else uniform
    with np.errstate(divide="ignore"):  # log(0) is the other end
        inwards = -np.log1p(far * np.expm1(-power)) / abs(tilt)
    found = np.where(power < 1e-9, far * width, inwards)
    found = np.clip(width - found if tilt > 0 else found, 0.0, width)
    return found.astype(uniform.dtype, copy=False)


def _tilt(width: Array, rest: float) -> float:
    """The tilt under which the parts add up to the rest in the mean; 0 in the middle."""
    from scipy.optimize import brentq

    middle = float(width.sum()) / 2
    if abs(rest - middle) <= 1e-9 * middle:
        return 0.0

    def excess(tilt: float) -> float:
        power = tilt * width
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            mean = np.where(np.abs(power) < 1e-5, width * (0.5 + power / 12), width / -np.expm1(-power) - 1.0 / tilt)
        return float(mean.sum()) - rest

    sign = 1.0 if rest > middle else -1.0
    end = sign / float(width.max())
    while sign * excess(end) < 0:
        end *= 2.0
    return float(brentq(excess, sign * 1e-9 / float(width.max()), end))


# --- out of uniform numbers
def uniform_slice_from(uniform: Array, where: Slice) -> Array | None:
    """The same out of uniform numbers, one for each direction: part after part by its law given those before.

    The laws of sums of the parts that are left are kept on a grid; the draws are uniform to some six digits.

    Parameters
    ----------
    uniform
        ``(D, dimensions)``.
    where
        The slice.

    Returns
    -------
    ndarray or None
        ``(D, k)``; ``None`` where the total is so close to a corner of the box that the digits would be lost.
    """
    found = np.tile(where.low, (len(uniform), 1))
    if where.dimensions:
        width = where.width[where.free]
        parts = _in_turn(uniform, width, where.rest)
        if parts is None:
            return None
        found[:, where.free] += parts
    return found


def _in_turn(uniform: Array, width: Array, rest: float) -> Array | None:
    order = np.argsort(-width, kind="stable")
    laws = _laws_of_sums(width[order])
    if laws[0].density(rest) < _THIN * laws[0].peak:
        return None
    found = np.empty((len(uniform), len(width)))
    left = np.full(len(uniform), rest)
    for place, part in enumerate(order[:-1]):
        after = laws[place + 1]
        least = np.maximum(0.0, left - after.most)
        most = np.minimum(width[part], left)
        # the part is what is left minus the sum of those after it
        high, low = after.below(left - least), after.below(left - most)
        sums = after.at(low + (1.0 - uniform[:, place]) * (high - low))
        found[:, part] = np.clip(left - sums, least, most)
        left = left - found[:, part]
    found[:, order[-1]] = left
    return found


class _LawOfSum:
    """The sum of independent uniform parts, its distribution kept on a grid."""

    def __init__(self, grid: Array, cumulated: Array) -> None:
        self.grid = grid
        self.cumulated = cumulated
        self.most = float(grid[-1])
        self.peak = float(np.diff(cumulated).max() / (grid[1] - grid[0]))

    def below(self, value: Array) -> Array:
        return np.interp(value, self.grid, self.cumulated)

    def at(self, share: Array) -> Array:
        return np.interp(share, self.cumulated, self.grid)

    def density(self, value: float) -> float:
        step = self.most / (_GRID - 1)
        low, high = max(value - step, 0.0), min(value + step, self.most)
        return float(self.below(np.array(high)) - self.below(np.array(low))) / (high - low)


def _laws_of_sums(width: Array) -> list[_LawOfSum]:
    """Of the parts from each place on."""
    found = [_LawOfSum(np.linspace(0.0, width[-1], _GRID), np.linspace(0.0, 1.0, _GRID))]
    for part in width[-2::-1]:
        before = found[0]
        grid = np.linspace(0.0, before.most + part, _GRID)
        density = (before.below(grid) - before.below(grid - part)) / part
        steps = (density[1:] + density[:-1]) / 2
        cumulated = np.concatenate([[0.0], np.cumsum(steps)])
        found.insert(0, _LawOfSum(grid, cumulated / cumulated[-1]))
    return found
