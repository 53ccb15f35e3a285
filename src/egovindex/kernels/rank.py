"""Competition ranks: 1 is best, equal scores share the smaller number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["TIE_TOLERANCE", "competition_ranks", "reaches", "snapped_to_halves"]

# Scores that differ by less, relative to the largest score, are equal: sums of the same numbers in
# another order differ by some 1e-16, and no published score has more than 12 digits.
TIE_TOLERANCE = 1e-12


def reaches(
    scores: npt.NDArray[np.float64], bound: float, *, tolerance: float = TIE_TOLERANCE
) -> npt.NDArray[np.bool_]:
    """Where a score is at least a bound, or below it by rounding only.

    Examples
    --------
    >>> reaches(np.array([0.7499999999999999, 0.7499, 0.75]), 0.75)
    array([ True, False,  True])
    """
    found: npt.NDArray[np.bool_] = scores >= bound - tolerance * abs(bound)
    return found


def snapped_to_halves(x: npt.NDArray[np.float64], *, tolerance: float = TIE_TOLERANCE) -> npt.NDArray[np.float64]:
    """Values that miss a half by rounding only, as that half; the others as they are.

    Which way a half is rounded must not depend on the order in which a sum was taken.

    Examples
    --------
    >>> snapped_to_halves(np.array([2.4999999999999996, 2.4999])).tolist()
    [2.5, 2.4999]
    """
    halves = np.rint(2 * x) / 2
    return np.where(np.abs(x - halves) <= tolerance * np.abs(x), halves, x)


def competition_ranks(scores: npt.NDArray[np.float64], *, tolerance: float = TIE_TOLERANCE) -> npt.NDArray[np.int64]:
    """Rank units, the highest score first.

    Parameters
    ----------
    scores
        ``(..., n)``, finite, higher is better; NaN has no rank.
    tolerance
        Scores whose distance is at most this share of the largest absolute score are tied.

    Returns
    -------
    ndarray of int
        ``(..., n)``; 0 where there is no score.

    Examples
    --------
    >>> competition_ranks(np.array([0.5, 0.9, np.nan, 0.9]))
    array([3, 1, 0, 1])
    """
    order = np.argsort(-scores, axis=-1)  # NaN last; the order of equals does not matter
    ordered = np.take_along_axis(scores, order, axis=-1)
    with np.errstate(invalid="ignore"):
        scale = np.fmax.reduce(np.abs(ordered), axis=-1, initial=0.0, keepdims=True)
        fresh = np.ones(ordered.shape, dtype=bool)
        fresh[..., 1:] = ~(ordered[..., :-1] - ordered[..., 1:] <= tolerance * scale)
    places = np.arange(1, scores.shape[-1] + 1)
    ranks = np.maximum.accumulate(np.where(fresh, places, 0), axis=-1)
    ranks = np.where(np.isnan(ordered), 0, ranks)
    result = np.empty(ranks.shape, dtype=np.int64)
    np.put_along_axis(result, order, ranks, axis=-1)
    return result
