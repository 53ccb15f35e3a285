"""Exact probabilities of weighted sums under Dirichlet weights: who is above whom, above a threshold, at which rank.

A Dirichlet law is that of independent gamma numbers over their sum, so ``d . w > 0`` asks whether a sum of gamma
numbers is above 0: see :mod:`egovindex.kernels.gammasums`.

Letters: ``P`` rows, ``k`` parts, ``n`` units, ``T`` thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from egovindex.kernels.gammasums import Chance, above_zero
from egovindex.kernels.rank import TIE_TOLERANCE, competition_ranks
from egovindex.kernels.refusal import Refusal

__all__ = [
    "ACCURACY",
    "Chance",
    "Wins",
    "expected_ranks",
    "moments",
    "rank_acceptability_two",
    "reach_probability",
    "win_matrix",
    "win_probability",
]

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ACCURACY = 1e-9  # of every probability; a row that misses it is refused

_CELLS = 1 << 20  # numbers of one block: 8 MiB an array


class Wins(NamedTuple):
    """``(n, n)`` each: probability that the row's unit is strictly above the column's, its error, and who is tied."""

    above: Array
    error: Array
    tied: Bools


def win_probability(d: Array, alpha: Array, *, accuracy: float = ACCURACY) -> Chance:
    """Probability that a weighted sum of differences is above 0 when the weights are Dirichlet.

    Parameters
    ----------
    d
        ``(P, k)`` differences, unit minus rival, in any one unit of measurement.
    alpha
        ``(k,)`` parameters, not negative; a part with 0 has no weight. All ones: any weights, uniform.
    accuracy
        Largest error that is let pass.

    Returns
    -------
    Chance
        ``above`` and ``error``. A row of zeros is a tie for certain: ``above`` is 0, and so it is for the row with
        its sign changed. In every other row a tie has probability 0.

    Raises
    ------
    Refusal
        Parameters or differences that are none, or rows (``where``) whose error is above ``accuracy``.

    Examples
    --------
    >>> win_probability(np.array([[1.0, -1.0, -2.0], [2.0, -1.0, 0.0]]), np.ones(3)).above.round(6).tolist()
    [0.166667, 0.666667]
    >>> win_probability(np.array([[1.0, -1.0]]), np.array([2.5, 2.5])).above.round(9).tolist()
    [0.5]
    """
    d, alpha = _checked(d, alpha)
    above, error = above_zero(d[:, alpha > 0], alpha[alpha > 0])
    if (missed := ~(error <= accuracy)).any():
        raise Refusal(
            f"a probability is not sure to {accuracy:g}: the parameters add up to {alpha.sum():.3g}; "
            "take smaller ones, or draws",
            missed,
        )
    return Chance(above, error)


def win_matrix(x: Array, alpha: Array, *, tolerance: float = TIE_TOLERANCE, accuracy: float = ACCURACY) -> Wins:
    """Probability of every unit to be above every other.

    Parameters
    ----------
    x
        ``(n, k)``, higher is better.
    alpha
        ``(k,)``, see :func:`win_probability`.
    tolerance
        Values whose distance is at most this share of the largest absolute value are equal.

    Returns
    -------
    Wins
        ``above[i, j]`` is the probability that ``i`` is strictly above ``j``; ``above + above.T`` is 1 off the
        diagonal save where ``tied``: those have the same values in every part with weight.

    Examples
    --------
    >>> win_matrix(np.array([[2.0, 0.0], [0.0, 1.0], [0.0, 1.0]]), np.ones(2)).above.round(6)
    array([[0.      , 0.666667, 0.666667],
           [0.333333, 0.      , 0.      ],
           [0.333333, 0.      , 0.      ]])
    """
    x, alpha = _checked(x, alpha)
    n = len(x)
    above, error, tied = np.zeros((n, n)), np.zeros((n, n)), np.eye(n, dtype=bool)
    least = tolerance * float(np.abs(x).max(initial=0.0))
    first, second = np.triu_indices(n, 1)
    for pairs in _blocks(np.arange(len(first)), max(1, 4 * _CELLS // max(x.shape[1], 1))):
        i, j = first[pairs], second[pairs]
        d = _without_rounding(x[i] - x[j], least)
        try:
            found = win_probability(d, alpha, accuracy=accuracy)
        except Refusal as told:
            raise Refusal(told.reason, _of_units(told.where, i, j, n)) from told
        same = ~(d[:, alpha > 0] != 0).any(axis=1)
        above[i, j], above[j, i] = found.above, np.where(same, 0.0, 1.0 - found.above)
        error[i, j] = error[j, i] = found.error
        tied[i, j] = tied[j, i] = same
    return Wins(above, error, tied)


def expected_ranks(above: Array) -> Array:
    """Expected competition rank of every unit, ``(n,)``: 1 and the probabilities of those who may stand above it.

    Parameters
    ----------
    above
        ``(n, n)``, row strictly above column, as in :class:`Wins`.

    Examples
    --------
    >>> expected_ranks(np.array([[0.0, 0.75], [0.25, 0.0]])).tolist()
    [1.25, 1.75]
    """
    found: Array = 1.0 + above.sum(axis=0)
    return found


def reach_probability(
    x: Array, thresholds: Array, alpha: Array, *, tolerance: float = TIE_TOLERANCE, accuracy: float = ACCURACY
) -> tuple[Array, Array]:
    """Probability that a score is at least a threshold, ``(n, T)``, and a bound of its error.

    Parameters
    ----------
    x
        ``(n, k)``.
    thresholds
        ``(T,)`` on the scale of ``x``.
    alpha
        ``(k,)``, see :func:`win_probability`.
    tolerance
        A value that is below a threshold by this share of it is at it, as in :func:`egovindex.kernels.rank.reaches`.

    Examples
    --------
    >>> reach_probability(np.array([[0.0, 1.0], [0.5, 0.5]]), np.array([0.25, 0.5]), np.ones(2))[0].round(6)
    array([[0.75, 0.5 ],
           [1.  , 1.  ]])
    """
    x, alpha = _checked(x, alpha)
    found, error = np.zeros((len(x), len(thresholds))), np.zeros((len(x), len(thresholds)))
    for at, threshold in enumerate(thresholds):
        d = _without_rounding(x - threshold, tolerance * abs(float(threshold)))
        chance = win_probability(d, alpha, accuracy=accuracy)
        exactly_at = ~(d[:, alpha > 0] != 0).any(axis=1)
        found[:, at], error[:, at] = np.where(exactly_at, 1.0, chance.above), chance.error
    return found, error


def moments(x: Array, alpha: Array) -> tuple[Array, Array]:
    """Means ``(n,)`` and covariances ``(n, n)`` of scores under Dirichlet weights.

    With shares ``m`` of the parameters and their sum ``A``, the covariance is the ``m``-weighted covariance of the
    values divided by ``A + 1`` (Kotz, Balakrishnan and Johnson 2000, doi 10.1002/0471722065, chapter 49).

    Examples
    --------
    >>> mean, covariance = moments(np.array([[0.0, 1.0, 2.0]]), np.ones(3))
    >>> mean.round(12).tolist(), covariance.round(12).tolist()
    ([1.0], [[0.166666666667]])
    """
    x, alpha = _checked(x, alpha)
    shares = alpha / alpha.sum()
    mean: Array = x @ shares
    away = x - mean[:, None]
    return mean, (away * shares) @ away.T / (alpha.sum() + 1.0)


def rank_acceptability_two(x: Array, alpha: Array, *, tolerance: float = TIE_TOLERANCE) -> Array:
    """Probability of every rank of every unit when there are two parts.

    The weight of the first part has a beta law; between two neighbouring points at which units change places the
    ranks stand still.

    Parameters
    ----------
    x
        ``(n, 2)``.
    alpha
        ``(2,)``, both above 0.

    Returns
    -------
    ndarray
        ``(n, n)``: column ``r`` is competition rank ``r + 1``. Rows add up to 1; columns need not, where units are
        equal in both parts.

    Examples
    --------
    >>> rank_acceptability_two(np.array([[1.0, 0.0], [0.0, 1.0], [0.75, 0.75]]), np.ones(2))
    array([[0.25, 0.25, 0.5 ],
           [0.25, 0.25, 0.5 ],
           [0.5 , 0.5 , 0.  ]])
    """
    from scipy.special import betainc

    x, alpha = _checked(x, alpha)
    if x.shape[1] != 2 or (alpha == 0).any():
        raise Refusal("exact probabilities of ranks need two parts that both have weight; for more, take draws")
    n = len(x)
    first, second = np.triu_indices(n, 1)
    d = _without_rounding(x[first] - x[second], tolerance * float(np.abs(x).max(initial=0.0)))
    d = d[(d[:, 0] > 0) != (d[:, 1] > 0)]
    ends = np.unique(np.concatenate([[0.0, 1.0], d[:, 1] / (d[:, 1] - d[:, 0])]))
    chances = np.diff(betainc(alpha[0], alpha[1], ends))
    middles = (ends[1:] + ends[:-1]) / 2
    found = np.zeros(n * n)
    for at in _blocks(np.arange(len(middles)), max(1, _CELLS // max(n, 1))):
        scores = np.outer(middles[at], x[:, 0]) + np.outer(1.0 - middles[at], x[:, 1])
        cells = competition_ranks(scores, tolerance=tolerance) - 1 + n * np.arange(n)
        found += np.bincount(cells.ravel(), np.repeat(chances[at], n), minlength=n * n)
    return found.reshape(n, n)


# --- what all share ------------------------------------------------------------------------------------------------
def _checked(x: Array, alpha: Array) -> tuple[Array, Array]:
    x, alpha = np.asarray(x, dtype=np.float64), np.asarray(alpha, dtype=np.float64)
    if x.ndim != 2 or alpha.shape != x.shape[1:]:
        raise Refusal("values are (rows, parts), and there is one parameter for each part")
    if not (np.isfinite(alpha).all() and (alpha >= 0).all() and (alpha > 0).any()):
        raise Refusal("parameters of a Dirichlet law are finite, none is below 0 and one at least is above")
    if (bad := ~np.isfinite(x).all(axis=1)).any():
        raise Refusal("every value must be a finite number; leave out units without one", bad)
    return x, alpha


def _of_units(where: Bools | None, i: npt.NDArray[np.intp], j: npt.NDArray[np.intp], n: int) -> Bools | None:
    """Units of the pairs of a refusal."""
    return None if where is None else np.isin(np.arange(n), np.concatenate([i[where], j[where]]))


def _without_rounding(d: Array, least: float) -> Array:
    d[np.abs(d) <= least] = 0.0
    return d


def _blocks(rows: npt.NDArray[np.intp], size: int) -> Iterator[npt.NDArray[np.intp]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
