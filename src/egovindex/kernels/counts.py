"""What counts of ranks say: quantiles, means, shares. Letters: ``n`` units, ``m`` ranks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["mean_shift", "quantile_of_counts", "share_error"]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# a share that misses the level by rounding only reaches it
_ROUNDING = 1e-12


def quantile_of_counts(counts: Ints, level: float) -> Array:
    """Smallest rank that at least a share ``level`` of the counts does not exceed: the inverse of their distribution.

    It is a rank that was drawn, never something between two. Ranks of 0 (none) do not count.

    Parameters
    ----------
    counts
        ``(n, m + 1)`` how often each rank was drawn, 0 first.
    level
        Between 0 and 1.

    Returns
    -------
    ndarray
        ``(n,)``; NaN where no rank was ever drawn.

    Examples
    --------
    >>> quantile_of_counts(np.array([[0, 5, 4, 1], [10, 0, 0, 0]]), 0.9)
    array([ 2., nan])
    """
    ranked = counts[:, 1:]
    cumulated = np.cumsum(ranked, axis=1)
    total = cumulated[:, -1:]
    reached = cumulated >= level * total - _ROUNDING * total
    reached &= cumulated > 0
    found = 1.0 + np.argmax(reached, axis=1)
    return np.where(total[:, 0] > 0, found, np.nan)


def mean_shift(counts: Ints, nominal: Ints) -> tuple[Array, Array]:
    """Mean and standard deviation of how many places a unit is from its nominal rank, either way.

    Parameters
    ----------
    counts
        ``(n, m + 1)``.
    nominal
        ``(n,)``; 0 where there is none.

    Returns
    -------
    mean, sd
        ``(n,)``; NaN without a nominal rank, or where no rank was ever drawn.
    """
    places = np.abs(np.arange(1, counts.shape[1]) - nominal[:, None])
    ranked = counts[:, 1:]
    total = ranked.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (ranked * places).sum(axis=1) / total
        square = (ranked * places**2).sum(axis=1) / total
    known = (nominal > 0) & (total > 0)
    sd = np.sqrt(np.maximum(square - mean**2, 0.0))
    return np.where(known, mean, np.nan), np.where(known, sd, np.nan)


def share_error(share: Array, draws: float) -> Array:
    """Standard error of a share of independent draws, ``sqrt(p (1 - p) / N)``.

    Examples
    --------
    >>> share_error(np.array([0.5, 1.0]), 100)
    array([0.05, 0.  ])
    """
    found: Array = np.sqrt(share * (1.0 - share) / max(draws, 1.0))
    return found
