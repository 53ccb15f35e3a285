"""Draws from the simplex: numbers that are not negative and add up to a total.

Letters: ``D`` draws, ``k`` parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["dirichlet", "dirichlet_from", "exponential", "in_order", "shares_of"]

Array = npt.NDArray[np.float64]

# gamma numbers of smaller parameters are often too small to be written
_SMALL = 0.5
_NEAR_ZERO = 1e-17
_TINY = 1e-300


def exponential(rng: np.random.Generator, shape: tuple[int, int], dtype: Any = np.float64) -> Array:
    """Standard exponential numbers as minus the logarithm of uniform ones, whole arrays at a time.

    In single precision a uniform number has the 32 bits of half a word of the generator, so that small ones are as
    fine as they can be, and none is 0.

    Examples
    --------
    >>> exponential(np.random.default_rng(1), (1, 3)).round(3)
    array([[0.717, 3.005, 0.156]])
    """
    found: Array
    if np.dtype(dtype) == np.float32:
        size = shape[0] * shape[1]
        bits = rng.bit_generator.random_raw(-(-size // 2)).view(np.uint32)[:size]
        bits |= np.uint32(1)
        found = bits.astype(dtype).reshape(shape)
        found *= 2.0**-32
    else:
        found = rng.random(shape)
        np.subtract(1.0, found, out=found)  # above 0
    np.log(found, out=found)
    return np.negative(found, out=found)


def dirichlet(rng: np.random.Generator, draws: int, alpha: Array, *, dtype: Any = np.float64) -> Array:
    """Draws of a Dirichlet law, not yet divided by their sum; see :func:`shares_of`.

    A Dirichlet law is that of independent gamma numbers over their sum (Devroye 1986, Non-Uniform Random Variate
    Generation, theorem XI.4.1, doi 10.1007/978-1-4613-8643-8). Where only ratios matter the division is not needed.

    Parameters
    ----------
    rng
        Source of chance.
    draws
        ``D``.
    alpha
        ``(k,)`` parameters, not negative; a part with 0 is always 0. All ones: uniform.
    dtype
        Double or single precision.

    Returns
    -------
    ndarray
        ``(D, k)`` gamma numbers.

    Examples
    --------
    >>> dirichlet(np.random.default_rng(1), 2, np.array([1.0, 0.0])).round(3)
    array([[0.717, 0.   ],
           [3.005, 0.   ]])
    """
    free = np.flatnonzero(alpha > 0)
    if (alpha[free] == 1).all():
        parts = exponential(rng, (draws, len(free)), dtype)
    elif alpha[free].min() < _SMALL:
        # a gamma number of a + 1 times u ** (1 / a) is one of a (Devroye 1986, p. 420), in logarithms
        size = (draws, len(free))
        logs = np.log(rng.standard_gamma(alpha[free] + 1.0, size)) + np.log1p(-rng.random(size)) / alpha[free]
        parts = _out_of_logs(logs).astype(dtype, copy=False)
    else:
        parts = rng.standard_gamma(alpha[free].astype(dtype), (draws, len(free)), dtype=dtype)
    if len(free) == len(alpha):
        return parts
    found = np.zeros((draws, len(alpha)), dtype=dtype)
    found[:, free] = parts
    return found


def dirichlet_from(uniform: Array, alpha: Array) -> Array:
    """The same out of uniform numbers, one for each part whose parameter is above 0.

    Parameters
    ----------
    uniform
        ``(D, number of parts above 0)``, between 0 and 1.
    alpha
        ``(k,)``.
    """
    from scipy.special import gammaincinv, gammaln

    found = np.zeros((len(uniform), len(alpha)))
    free = np.flatnonzero(alpha > 0)
    own = alpha[free]
    inner = np.clip(uniform, 1e-16, 1 - 1e-16)
    if (own == 1).all():
        found[:, free] = -np.log1p(-inner)
        return found
    parts = gammaincinv(own, inner)
    if own.min() < _SMALL:
        # where x is small, u = x ** a / gamma(a + 1) to the last digit
        logs = np.log(np.maximum(parts, _TINY))
        parts = _out_of_logs(np.where(parts < _NEAR_ZERO, (np.log(inner) + gammaln(own + 1.0)) / own, logs))
    found[:, free] = parts
    return found


def _out_of_logs(logs: Array) -> Array:
    """Numbers in the same ratios, the largest of each draw 1: none is infinite, and not all are 0."""
    found: Array = np.exp(logs - logs.max(axis=1, keepdims=True))
    return found


def shares_of(parts: Array, total: float) -> Array:
    """Parts divided by their sum, times a total, in place.

    Examples
    --------
    >>> shares_of(np.array([[1.0, 3.0]]), 100)
    array([[25., 75.]])
    """
    found: Array = parts
    found *= total / parts.sum(axis=1, keepdims=True)
    return found


def in_order(parts: Array, chains: Sequence[npt.NDArray[np.intp]]) -> Array:
    """Draws with the parts of each chain put in order, the largest first.

    Of a law that treats the parts of a chain alike, this is the law given that they stand in that order.

    Parameters
    ----------
    parts
        ``(D, k)``.
    chains
        Positions of the parts of each chain; no part stands in two.

    Examples
    --------
    >>> in_order(np.array([[0.2, 0.3, 0.5]]), [np.array([0, 1])])
    array([[0.3, 0.2, 0.5]])
    """
    found = parts.copy()
    for chain in chains:
        found[:, chain] = -np.sort(-parts[:, chain], axis=1)
    return found
