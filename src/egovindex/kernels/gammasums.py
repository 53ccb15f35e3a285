"""Probability that a weighted sum of gamma numbers is above 0.

Small whole parameters: the recursion of Varsi (1973, Pacific J. Math. 46:303) and Ali (1973, Pacific J. Math. 48:313),
which adds only numbers that are not negative. All others: the integral of Gil-Pelaez (1951, Biometrika 38:481) over
the logarithm of its variable, where the trapezoid rule converges geometrically (Trefethen and Weideman 2014,
doi 10.1137/130932132).

Letters: ``P`` rows, ``k`` parts, ``G`` distinct differences, ``N`` nodes of the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from egovindex.kernels.refusal import Refusal

__all__ = ["Chance", "above_zero", "by_integral", "by_recursion"]

Array = npt.NDArray[np.float64]

_EPS = float(np.finfo(np.float64).eps)
_CELLS = 1 << 20  # numbers of one block: 8 MiB an array
_ROWS = 2048  # of one block of the recursion: a row of it stays in the fast memory
_SURE = -32.0  # logarithm of a bound below which a probability is 0: 1e-14
_MOST_WHOLE = 200.0  # sum of whole parameters up to which the recursion is the faster way
_MOST_GROUPED = 2000  # distinct differences up to which equal ones are taken together
_WIDEST_ROW = 1e-130  # smallest difference of a row, as a share of its largest, whose square can be written
_START = 0.1  # below it, in units of the sum, the integrand is a polynomial
_ORDER = 13  # of that polynomial: what it leaves out is 1e-14
_FLAT = 1e15  # above it, over the smallest difference, the integrand is a power
_STEP = 0.42
_CLOSE = 2e-5  # amplitude of the error at which its square is small enough
_HALVINGS = 6
_CHUNK = 2  # steps between two looks at the end of the integral


class Chance(NamedTuple):
    """Probability of being strictly above 0, and a bound of its error, ``(P,)`` each."""

    above: Array
    error: Array


def above_zero(d: Array, alpha: Array) -> Chance:
    """Probability that ``d`` times independent gamma numbers is above 0, the way that suits the parameters.

    Parameters
    ----------
    d
        ``(P, k)`` finite numbers.
    alpha
        ``(k,)`` parameters, all above 0.

    Examples
    --------
    >>> above_zero(np.array([[2.0, -1.0], [1.0, 0.0], [0.0, 0.0]]), np.ones(2)).above.round(6).tolist()
    [0.666667, 1.0, 0.0]
    """
    positive, negative = (d > 0).any(axis=1), (d < 0).any(axis=1)
    above, error = np.where(positive & ~negative, 1.0, 0.0), np.zeros(len(d))
    mixed = np.flatnonzero(positive & negative)
    if mixed.size:
        whole = bool((alpha == np.rint(alpha)).all()) and alpha.sum() <= max(_MOST_WHOLE, len(alpha))
        above[mixed], error[mixed] = (by_recursion if whole else by_integral)(d[mixed], alpha)
    return Chance(above, error)


# --- whole parameters ---------------------------------------------------------------------------------------------
def by_recursion(d: Array, alpha: Array) -> Chance:
    """Rows of both signs, whole parameters: a gamma number of parameter 2 is two of parameter 1.

    Examples
    --------
    >>> by_recursion(np.array([[1.0, -1.0]]), np.array([2.0, 1.0])).above.tolist()
    [0.75]
    """
    repeats = alpha.astype(np.int64)
    above = np.empty(len(d))
    order = np.argsort((d > 0) @ repeats, kind="stable")  # rows alike in sign stand together
    for rows in _blocks(order, _ROWS):
        above[rows] = _of_exponentials(np.repeat(_scaled(d[rows]), repeats, axis=1))
    return Chance(above, np.full(len(d), 4.0 * _EPS * float(alpha.sum())))


def _of_exponentials(d: Array) -> Array:
    """All parameters 1; the largest absolute value of each row is 1.

    Where a row has fewer values of a sign than another, a 0 stands for a negative one and almost 0 for a positive
    one: neither changes ``beaten``.
    """
    columns = np.ascontiguousarray(np.sort(d, axis=1).T)
    lows = np.minimum(columns[: int((columns < 0).sum(axis=0).max())], 0.0)
    highs = np.maximum(columns[-int((columns > 0).sum(axis=0).max()) :], 1e-200)
    # beaten[j]: the positive terms so far outweigh the first j negative ones
    beaten = np.zeros((len(lows) + 1, len(d)))
    beaten[0] = 1.0
    step = np.empty(len(d))
    for high in highs:
        for j, share in enumerate(high / (high - lows)):
            np.subtract(beaten[j], beaten[j + 1], out=step)
            step *= share
            beaten[j + 1] += step
    return beaten[-1]


# --- any parameters -----------------------------------------------------------------------------------------------
def by_integral(d: Array, alpha: Array) -> Chance:
    """Rows of both signs, any parameters.

    Examples
    --------
    >>> by_integral(np.array([[1.0, -1.0]]), np.array([2.0, 1.0])).above.round(12).tolist()
    [0.75]
    """
    d = d / np.abs(d).max()
    own = _scaled(d)
    if (np.where(own == 0, 1.0, np.abs(own)).min(axis=1) < _WIDEST_ROW).any():
        raise Refusal("the differences of a row lie more than 130 powers of ten apart; round the values first")
    sign = np.where(own @ alpha < 0, -1.0, 1.0)
    own *= sign[:, None]  # below a positive mean 0 is the unlikely side
    bound = _chernoff(own, alpha)
    below, error = np.zeros(len(d)), np.exp(bound)
    away = (own @ alpha) / np.sqrt((own**2) @ alpha)  # standard deviations from 0
    undecided = np.flatnonzero(bound > _SURE)
    undecided = undecided[np.argsort(away[undecided], kind="stable")]  # rows whose integrals are alike stand together
    values = _distinct(d)
    for rows in _blocks(undecided, max(1, _CELLS // (16 * d.shape[1] if values is None else max(values.size, 8)))):
        # a normal law as far from 0 needs about this step (its integrand grows off the real line)
        step = _STEP / (1.0 + float(away[rows].max()) / 4.0)
        if values is None:
            unit = np.maximum(np.maximum(own[rows] @ alpha, np.sqrt((own[rows] ** 2) @ alpha)), 1.0)
            above, error[rows] = _refined(own[rows] / unit[:, None], alpha, step)
            below[rows] = 1.0 - above
        else:
            above, error[rows] = _refined(values, _grouped(d[rows], alpha, values), step)
            below[rows] = np.where(sign[rows] > 0, 1.0 - above, above)
    return Chance(np.where(sign > 0, 1.0 - below, below), error)


def _chernoff(d: Array, alpha: Array) -> Array:
    """Logarithm of an upper bound of the probability of being below 0, where the mean is not.

    Every tilt between 0 and the pole gives one; a few guarded Newton steps look for the best.
    """
    mean, variance = d @ alpha, (d**2) @ alpha
    found = np.zeros(len(d))
    rows = np.flatnonzero(mean**2 > -_SURE * variance)
    own = d[rows]
    pole = 1.0 / -own.min(axis=1)
    tilt = np.minimum(mean[rows] / variance[rows], 0.5 * pole)
    for _ in range(5):
        terms = own / (1.0 + tilt[:, None] * own)
        step = (terms @ alpha) / ((terms**2) @ alpha)
        found[rows] = np.minimum(found[rows], -np.log1p(tilt[:, None] * own) @ alpha)
        tilt = np.clip(tilt + step, 0.5 * tilt, 0.5 * (tilt + pole))
    return found


def _distinct(d: Array) -> Array | None:
    """The values that occur, but 0, if they are few and not too far apart."""
    if len(np.unique(d[:50])) > _MOST_GROUPED:
        return None
    values = np.unique(d)
    values = values[values != 0]
    few = len(values) <= _MOST_GROUPED and np.abs(values).min() >= _WIDEST_ROW
    return values if few else None


def _grouped(d: Array, alpha: Array, values: Array) -> Array:
    """Sum of the parameters at each value, ``(P, G)``."""
    size = len(values) + 1
    cells = np.searchsorted(values, d)
    cells[d == 0] = len(values)
    cells += size * np.arange(len(d))[:, None]
    weights = np.broadcast_to(alpha, d.shape)
    found = np.asarray(np.bincount(cells.ravel(), weights.ravel(), minlength=size * len(d)), dtype=np.float64)
    return found.reshape(len(d), size)[:, :-1]


def _refined(terms: Array, weights: Array, step: float) -> tuple[Array, Array]:
    """Probability of being above 0 and its error; the step is made smaller until the error is small.

    Of the step, the error is a wave in the offset of the nodes, and three offsets tell its amplitude; of a third of
    the step, which is the mean of the three, it is some cube of that; its square is taken, to be on the safe side.
    """
    many = terms if terms.ndim > 1 else weights
    above, error = np.empty(len(many)), np.empty(len(many))
    rows = np.arange(len(many))
    for _ in range(_HALVINGS):
        own = (terms[rows], weights) if terms.ndim > 1 else (terms, weights[rows])
        three, rounding = _trapezoids(*own, step)
        middle = three.mean(axis=1)
        amplitude = np.sqrt(2.0 / 3.0 * ((three - middle[:, None]) ** 2).sum(axis=1))
        above[rows] = np.clip(middle, 0.0, 1.0)
        error[rows] = np.where(amplitude < _CLOSE, amplitude**2, amplitude) + rounding
        rows, step = rows[~(amplitude < _CLOSE)], step / 2
        if not rows.size:
            break
    return above, error


def _trapezoids(terms: Array, weights: Array, step: float) -> tuple[Array, Array]:
    """The probability by the trapezoid rule with three offsets ``(P, 3)``, and what rounding may do ``(P,)``.

    ``terms (P, k)`` and ``weights (k,)``, or ``terms (G,)`` and ``weights (P, G)``. Both ends of the sum are added
    in closed form: a polynomial before the first node, a power behind the last.
    """
    size = np.abs(terms)
    mean, variance, whole = (_dot(numbers, weights) for numbers in (terms, terms**2, np.ones(terms.shape)))
    start = _START / float(np.max([np.abs(mean).max(), np.sqrt(variance.max()), size.max()]))
    end = _FLAT / float(size[size > 0].min())
    offsets = np.arange(3) / 3
    total, count = np.zeros((len(mean), 3)), 0
    while True:
        nodes = start * np.exp(step * (np.arange(count, count + _CHUNK)[:, None] + offsets))
        values, decay = _integrand(terms, weights, nodes.ravel())
        total += values.reshape(-1, _CHUNK, 3).sum(axis=1)
        count += _CHUNK
        if nodes[-1, 0] > end or decay.min() > -_SURE:
            break
    total += _before(terms * start, weights, step, offsets)
    with np.errstate(over="ignore"):
        total += values[:, -3:] / np.expm1(whole[:, None] * step)
    rounding = 16 * _EPS * (1.0 + _dot(size, weights) / np.sqrt(variance))
    return 0.5 + step / np.pi * total, rounding


def _before(terms: Array, weights: Array, step: float, offsets: Array) -> Array:
    """Sum of the integrand over all nodes before the first, for terms in units of the first, ``(P, 3)``.

    The characteristic function is the generating function of homogeneous sums, made of power sums by Newton's rule.
    """
    power, powers = np.ones(terms.shape), []
    for _ in range(_ORDER):
        power *= terms
        powers.append(_dot(power, weights))
    sums = np.ones((_ORDER + 1, len(powers[0])))
    for order in range(1, _ORDER + 1):
        sums[order] = np.sum([powers[m - 1] * sums[order - m] for m in range(1, order + 1)], axis=0) / order
    odd = np.arange(1, _ORDER + 1, 2)
    signed = sums[odd].T * np.where(odd % 4 == 1, 1.0, -1.0)
    found: Array = signed @ (np.exp(step * np.outer(odd, offsets)) / np.expm1(odd * step)[:, None])
    return found


def _dot(terms: Array, weights: Array) -> Array:
    """Weighted sum of terms ``(P,)``."""
    found: Array = terms @ weights if terms.ndim > 1 else weights @ terms
    return found


def _integrand(terms: Array, weights: Array, nodes: Array) -> tuple[Array, Array]:
    """Integrand ``(P, N)`` over the logarithm of the nodes, and minus the logarithm of its envelope at the last."""
    if terms.ndim == 1:
        products = np.outer(terms, nodes)
        phase, decay = weights @ np.arctan(products), weights @ np.log1p(products**2)
    else:
        phase, decay = np.empty((len(terms), len(nodes))), np.empty((len(terms), len(nodes)))
        product, work = np.empty(terms.shape), np.empty(terms.shape)
        for at, node in enumerate(nodes):
            np.multiply(terms, node, out=product)
            phase[:, at] = np.arctan(product, out=work) @ weights
            product *= product
            decay[:, at] = np.log1p(product, out=work) @ weights
    decay /= 2
    return np.sin(phase) * np.exp(-decay), decay[:, -1]


def _scaled(d: Array) -> Array:
    return d / np.abs(d).max(axis=1, keepdims=True)


def _blocks(rows: npt.NDArray[np.intp], size: int) -> Iterator[npt.NDArray[np.intp]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
