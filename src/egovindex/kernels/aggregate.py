"""How the children of a node become one value.

Letters: ``k`` children, ``n`` units, ``D`` draws. A child is an array ``(n,)`` or ``(D, n)``; its mask
says where it counts (``None``: everywhere); weights are ``(k,)`` or ``(D, k)``. Children arrive one
after the other and are not kept, so that a wide index needs no wide copy; only where weights have
draws and children do not, the children are put side by side once and the sums are one matrix product.

Every aggregate returns its value and the share of weight that was attainable, both ``(n,)`` or
``(D, n)``; the value is meaningless where nothing was attainable, and the caller masks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce

import numpy as np
import numpy.typing as npt

from egovindex.kernels.refusal import Refusal

__all__ = ["AGGREGATES", "Child", "mean_of_matrix", "pooled", "share_of", "weighted_sum"]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_] | None
Child = tuple[Array, Mask]
Result = tuple[Array, Array]
Transform = Callable[[Array], Array]


def _weight(weights: Array, position: int) -> Array | float:
    """Weight of one child: a number, or one per draw beside a row of units."""
    return float(weights[position]) if weights.ndim == 1 else weights[:, position, None]


def _zero_where_not(x: Array, mask: Mask) -> Array:
    return x if mask is None else np.where(mask, x, 0.0)


def weighted_sum(children: Iterable[Child], weights: Array, units: int, transform: Transform | None = None) -> Result:
    """Sum of weight times value over the children that count, and the sum of their weights.

    Parameters
    ----------
    children
        ``k`` pairs of values and mask.
    weights
        ``(k,)`` or ``(D, k)``.
    units
        ``n``.
    transform
        Applied to each child's values before weighting.

    Returns
    -------
    total, attainable
        ``(n,)`` or ``(D, n)``; ``attainable`` may be of shape ``(1,)`` or ``(D, 1)`` where no child
        has a gap.
    """
    totals, counted = _Sum(units), _Counted(weights, units)
    for position, (values, mask) in enumerate(children):
        x = _zero_where_not(values, mask)
        if transform is not None:
            x = _zero_where_not(transform(x), mask)
        totals.add(x, weights, position)
        counted.add(mask, position)
    total = totals.result(weights)
    return (np.zeros(units) if total is None else total), counted.result()


class _Counted:
    """Sum of the weights that count, added in the order of the children whoever has a gap.

    Weights that count are added up; taking the others off the whole would leave rounding remainders,
    and another order for other gaps would let one unit's gap show in the last digit of another.
    """

    def __init__(self, weights: Array, units: int) -> None:
        self.weights = weights
        self.units = units
        self.total: Array = np.zeros(1)
        self.masks: list[Mask] = []

    def add(self, mask: Mask, position: int) -> None:
        if self.weights.ndim == 2:
            self.masks.append(mask)
        elif mask is not None:
            self.total = self.total + mask * self.weights[position]
        else:
            self.total += self.weights[position]

    def result(self) -> Array:
        if self.weights.ndim == 1:
            return self.total
        whole = _whole(self.weights)
        gaps = [mask for mask in self.masks if mask is not None]
        if not gaps:
            return whole
        total = _Sum(self.units)
        for position, mask in enumerate(self.masks):
            total.add(np.ones(self.units) if mask is None else mask.astype(np.float64), self.weights, position)
        counted = total.result(self.weights)
        # a matrix product adds in an order of its own: who has no gap has exactly the whole
        return np.where(reduce(np.logical_and, gaps), whole, whole if counted is None else counted)


def _whole(weights: Array) -> Array:
    """Sum of all weights: a single set's added in their order, as those that count are."""
    if weights.ndim == 1:
        return np.add.accumulate(weights)[-1:]
    whole: Array = weights.sum(axis=-1, keepdims=True)
    return whole


class _Sum:
    """A running weighted sum; columns without draws under weights with draws wait for one product."""

    def __init__(self, units: int) -> None:
        self.units = units
        self.total: Array | None = None
        self.part: Array | None = None
        self.waiting: list[Array] = []
        self.waiting_at: list[int] = []

    def add(self, x: Array, weights: Array, position: int) -> None:
        if weights.ndim == 2 and x.ndim == 1:
            self.waiting.append(x)
            self.waiting_at.append(position)
            return
        weight = _weight(weights, position)
        if self.total is None:
            self.total = x * weight
        elif self.total.ndim >= max(x.ndim, weights.ndim):
            # one buffer for all products: fresh memory costs more than the arithmetic
            if self.part is None:
                self.part = np.empty_like(self.total)
            np.multiply(x, weight, out=self.part)
            self.total += self.part
        else:
            self.total = self.total + x * weight
            self.part = None

    def result(self, weights: Array) -> Array | None:
        if self.waiting:
            every = len(self.waiting) == weights.shape[1]
            product = (weights if every else weights[:, self.waiting_at]) @ np.stack(self.waiting)
            self.total = product if self.total is None else product + self.total
            self.waiting = []
        return self.total


# weights whose sum is within these exponents of two can be multiplied with any value that is in range itself
_EXPONENTS = 20


def _in_range(weights: Array) -> Array:
    """Weights times a power of two, which changes no digit: as only their ratios matter, their size must not."""
    power = np.frexp(weights.max(axis=-1, initial=0.0, keepdims=True))[1]
    if (np.abs(power) <= _EXPONENTS).all():
        return weights
    return np.ldexp(weights, np.where(np.abs(power) > _EXPONENTS, -power, 0)).astype(weights.dtype, copy=False)


def _divided(total: Array, attainable: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        if total.ndim >= attainable.ndim and total.flags.writeable:
            total /= attainable
            return total
        return total / attainable


def _shares(weights: Array) -> Array:
    """Weights as shares of their sum."""
    weights = _in_range(weights)
    return weights / _whole(weights)


def mean(children: Iterable[Child], weights: Array, units: int) -> Result:
    """Weighted arithmetic mean over the children that count."""
    # weights are divided by at the end, not before: counts and equal weights stay exact
    weights = _in_range(weights)
    total, attainable = weighted_sum(children, weights, units)
    share = _share(attainable, weights, units)
    return _divided(total, attainable), share


_FULL = np.ones(1)


def mean_of_matrix(x: Array, centre: Array | None, weights: Array) -> Result:
    """Weighted mean of children without a gap that stand side by side.

    Parameters
    ----------
    x
        ``(k, n)``.
    centre
        ``(k,)`` what was taken off each child; ``None`` for nothing.
    weights
        ``(D, k)``.
    """
    weights = _in_range(weights)
    whole = _whole(weights)
    total = weights @ x
    total /= whole
    if centre is not None:
        total += (weights @ centre)[:, None] / whole
    return total, _FULL


def _no_gap(attainable: Array, units: int) -> bool:
    return attainable.shape[-1] == 1 and units != 1


def pooled(children: Iterable[Child], covers: Iterable[Array], weights: Array, units: int) -> Result:
    """Mean with each weight times the child's coverage: total earned over total attainable.

    Parameters
    ----------
    children, weights, units
        As everywhere here.
    covers
        ``k`` shares of each child that counted, ``(1,)``, ``(n,)`` or ``(D, n)``.
    """
    weights = _in_range(weights)
    earned: Array = np.zeros(units)
    attainable: Array = np.zeros(units)
    complete: npt.NDArray[np.bool_] = np.ones(units, dtype=bool)
    for position, ((x, mask), cover) in enumerate(zip(children, covers, strict=True)):
        counted = _zero_where_not(cover, mask)
        pull = _weight(weights, position) * counted
        earned = earned + pull * _zero_where_not(x, mask)
        attainable = attainable + pull
        complete = complete & (counted == 1)
    return earned / attainable, share_of(attainable, weights, complete)


def share_of(part: Array, weights: Array, complete: npt.NDArray[np.bool_]) -> Array:
    """A part of the weights as a share of their sum: exactly one where it is all of them, zero of nothing."""
    whole = _whole(weights)
    share = np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole > 0)
    return np.where(complete & (whole > 0), 1.0, share)


def sum_(children: Iterable[Child], weights: Array, units: int) -> Result:
    """Sum of weight times value; the caller asks for all children."""
    total, _ = weighted_sum(children, weights, units)
    return total, np.ones(1)


class _Negative:
    """Units with a negative value in any child whose weight matters, told together."""

    def __init__(self, what: str, weights: Array, units: int) -> None:
        self.what = what
        self.weights = weights
        self.where = np.zeros(units, dtype=bool)

    def look(self, x: Array, mask: Mask, position: int) -> None:
        if np.any(self.weights[..., position] != 0):
            bad = x < 0 if mask is None else (x < 0) & mask
            self.where |= bad.reshape(-1, self.where.size).any(axis=0)

    def refuse(self) -> None:
        if self.where.any():
            raise Refusal(
                f"the {self.what} mean needs values that are not negative; rescale its children first, "
                "for example with minmax or goalposts",
                self.where,
            )


def geometric(children: Iterable[Child], weights: Array, units: int) -> Result:
    """Weighted geometric mean: a zero with weight makes it zero."""
    return _by_logarithm(children, _shares(weights), units, "geometric")


_LEAST_INVERSE = 1e-307


def harmonic(children: Iterable[Child], weights: Array, units: int) -> Result:
    """Weighted harmonic mean; its limit, zero, where a child with weight is zero."""
    shares = _shares(weights)
    hit: list[Child] = []

    def inverted() -> Iterable[Child]:
        for position, (x, mask) in enumerate(children):
            negative.look(x, mask, position)
            tiny.look(np.where((x > 0) & (x < _LEAST_INVERSE), -1.0, 1.0), mask, position)
            hit.append(((x == 0).astype(np.float64), mask))
            small = np.abs(x) < _LEAST_INVERSE  # zero, refused, or without weight: 0 times infinity is no number
            yield 1.0 / np.where(small if mask is None else small | ~mask, 1.0, x), mask

    negative, tiny = _Negative("harmonic", shares, units), _Negative("harmonic", shares, units)
    total, attainable = weighted_sum(inverted(), shares, units)
    negative.refuse()
    if tiny.where.any():
        raise Refusal(
            f"the harmonic mean needs values that are zero or at least {_LEAST_INVERSE:g}, whose inverse can be "
            "written; rescale its children first, for example with times",
            tiny.where,
        )
    zeros, _ = weighted_sum(hit, shares, units)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = attainable / total
    return np.where(zeros > 0, 0.0, value), _share(attainable, shares, units)


def _share(attainable: Array, weights: Array, units: int) -> Array:
    return np.ones(1) if _no_gap(attainable, units) else attainable / _whole(weights)


def _by_logarithm(children: Iterable[Child], shares: Array, units: int, what: str) -> Result:
    hit: list[Child] = []

    def logarithms() -> Iterable[Child]:
        for position, (x, mask) in enumerate(children):
            negative.look(x, mask, position)
            zero = x == 0 if mask is None else (x == 0) & mask
            if zero.any():
                hit.append((zero.astype(np.float64), None))
                positions.append(position)
            with np.errstate(divide="ignore", invalid="ignore"):
                yield np.log(np.where(x > 0, x, 1.0)), mask

    positions: list[int] = []
    negative = _Negative(what, shares, units)
    total, attainable = weighted_sum(logarithms(), shares, units)
    negative.refuse()
    total = _divided(total, attainable)
    value = np.exp(total)
    if hit:
        zeros, _ = weighted_sum(hit, shares[..., positions], units)
        value = np.where(zeros > 0, 0.0, value)
    return value, _share(attainable, shares, units)


def product(children: Iterable[Child], weights: Array, units: int) -> Result:
    """Product of the values, each to the power of its weight; the caller asks for all children."""
    value: Array = np.ones(units)
    for position, (x, mask) in enumerate(children):
        weight = _weight(weights, position)
        bad = x < 0 if mask is None else (x < 0) & mask
        if bad.any() and np.any(np.asarray(weight) != np.rint(weight)):
            raise Refusal(
                "a product with fractional weights needs values that are not negative",
                bad.reshape(-1, x.shape[-1]).any(axis=0),
            )
        value = value * (x if isinstance(weight, float) and weight == 1.0 else np.power(x, weight))
    return value, np.ones(1)


def _extreme(children: Iterable[Child], units: int, *, best: bool) -> Array:
    pick, start = (np.fmax, -np.inf) if best else (np.fmin, np.inf)
    value: Array = np.full(units, start)
    for x, mask in children:
        value = pick(value, x if mask is None else np.where(mask, x, np.nan))
    return value


def minimum(children: Iterable[Child], weights: Array, units: int) -> Result:
    """Lowest child that counts; weights say nothing."""
    return _extreme(children, units, best=False), np.ones(1)


def maximum(children: Iterable[Child], weights: Array, units: int) -> Result:
    """Highest child that counts; weights say nothing."""
    return _extreme(children, units, best=True), np.ones(1)


def weakest(children: Iterable[Child], weights: Array, units: int) -> Result:
    """Lowest child, plus half a step if any child is better (PEFA 2016, method M1)."""
    lowest, highest = np.full(units, np.inf), np.full(units, -np.inf)
    for x, mask in children:
        counted = x if mask is None else np.where(mask, x, np.nan)
        lowest, highest = np.fmin(lowest, counted), np.fmax(highest, counted)
    return lowest + np.where(highest > lowest, 0.5, 0.0), np.ones(1)


def ladder(children: Iterable[Child], weights: Array, units: int) -> Result:
    """Weighted mean of running minima: a step counts only as far as all before it."""

    def running() -> Iterable[Child]:
        low: Array = np.full(units, np.inf)
        for x, mask in children:
            low = np.minimum(low, x) if mask is None else np.where(mask, np.minimum(low, x), low)
            yield low, mask

    return mean(running(), weights, units)


AGGREGATES: dict[str, Callable[[Iterable[Child], Array, int], Result]] = {
    "mean": mean,
    "sum": sum_,
    "product": product,
    "geometric": geometric,
    "harmonic": harmonic,
    "min": minimum,
    "max": maximum,
    "weakest": weakest,
    "ladder": ladder,
}
