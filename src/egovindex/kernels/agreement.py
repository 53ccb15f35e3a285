"""How far coders agree: percent, Cohen's and Fleiss' kappa, Krippendorff's alpha, Gwet's AC1.

Letters: ``n`` subjects, ``m`` coders, ``k`` categories, ``B`` resamples. A rating is the number of a category from 0
on, -1 is a gap. ``times`` says how often each subject counts, as a bootstrap has it (:func:`multiplicities`): every
measure is a function of sums over subjects, so all resamples are one matrix product. A measure that is not defined is
NaN: nothing can be paired, or chance alone would make the coders agree (for all but AC1: one category only).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from egovindex.kernels.refusal import Refusal

__all__ = [
    "ALPHA",
    "KAPPA",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "krippendorff_alpha",
    "multiplicities",
    "percent",
]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# what is left of 1 by rounding
_NOTHING = 1e-12


# --- sums
def multiplicities(rows: Ints, subjects: int) -> Array:
    """How often each subject stands in each resample.

    Parameters
    ----------
    rows
        ``(B, any)`` numbers of the subjects drawn.
    subjects
        ``n``.

    Returns
    -------
    ndarray
        ``(B, n)``.

    Examples
    --------
    >>> multiplicities(np.array([[0, 0, 2], [1, 2, 0]]), 3).tolist()
    [[2.0, 0.0, 1.0], [1.0, 1.0, 1.0]]
    """
    resamples = len(rows)
    flat = rows + subjects * np.arange(resamples)[:, None]
    return np.bincount(flat.ravel(), minlength=resamples * subjects).reshape(resamples, subjects).astype(np.float64)


def _counts(ratings: Ints, categories: int | None) -> Array:
    """``(n, k)`` how many coders gave each category to each subject."""
    _refuse_bad_ratings(ratings, categories)
    known = ratings >= 0
    k = max(int(ratings.max(initial=-1)) + 1, categories or 1)
    found = np.zeros((len(ratings), k))
    np.add.at(found, (np.nonzero(known)[0], ratings[known]), 1.0)
    return found


def _refuse_bad_ratings(ratings: Ints, categories: int | None) -> None:
    if ratings.ndim != 2 or not np.issubdtype(ratings.dtype, np.integer):
        raise Refusal("ratings are whole numbers, subjects by coders")
    wrong = ratings < -1
    if categories is not None:
        wrong |= ratings >= categories
    if wrong.any():
        raise Refusal("a rating is the number of a category, from 0 on; -1 is a gap", wrong.any(axis=1))


def _times(ratings: Ints, times: Array | None) -> Array:
    return np.ones(len(ratings)) if times is None else np.asarray(times, dtype=np.float64)


def _ratio(above: Array, below: Array, nothing: float = 0.0) -> Array:
    """A quotient; NaN where there is nothing below."""
    safe = below > nothing
    return np.where(safe, above / np.where(safe, below, 1.0), np.nan)


# --- measures
def percent(ratings: Ints, times: Array | None = None) -> Array:
    """Share of pairs of coders that agree, averaged over the subjects with two ratings or more.

    ``p_a = mean over i of sum_c r_ic (r_ic - 1) / (r_i (r_i - 1))`` (Gwet 2014, Handbook of Inter-Rater Reliability,
    4th edition, chapter 2; Fleiss 1971, doi 10.1037/h0031619, eq. 2, where all subjects have as many ratings).

    Parameters
    ----------
    ratings
        ``(n, m)``.
    times
        ``(..., n)`` how often each subject counts; once if left out.

    Returns
    -------
    ndarray
        ``(...)``.

    Examples
    --------
    >>> percent(np.array([[0, 0], [1, 0], [1, -1]])).item()
    0.5
    """
    return _percent(_counts(ratings, None), _times(ratings, times))


def _percent(counts: Array, times: Array) -> Array:
    given = counts.sum(axis=1)
    two = given >= 2
    pairs = (counts * (counts - 1)).sum(axis=1)[two] / (given * (given - 1))[two]
    return _ratio(times[..., two] @ pairs, times[..., two].sum(axis=-1))


def _shares(counts: Array, times: Array) -> Array:
    """``(..., k)`` share of each category, every subject with a rating weighing the same."""
    given = counts.sum(axis=1)
    some = given >= 1
    share = counts[some] / given[some, None]
    return _ratio(times[..., some] @ share, times[..., some].sum(axis=-1)[..., None])


def _beyond_chance(agreed: Array, chance: Array) -> Array:
    return _ratio(agreed - chance, 1.0 - chance, _NOTHING)


def fleiss_kappa(ratings: Ints, times: Array | None = None) -> Array:
    """Fleiss' kappa, ``(p_a - p_e) / (1 - p_e)`` with ``p_e = sum_c p_c ** 2``.

    Fleiss 1971, doi 10.1037/h0031619, eq. 1 to 7, has as many ratings for every subject. With unequal numbers it is
    Gwet's generalisation (2014, chapter 2): ``p_c`` is the mean over subjects of the share of their ratings, and
    subjects with one rating count in ``p_c`` alone.

    Parameters
    ----------
    ratings, times
        As for :func:`percent`.

    Returns
    -------
    ndarray
        ``(...)``; NaN where one category only was used.

    Examples
    --------
    >>> round(fleiss_kappa(np.array([[0, 0, 0], [0, 0, 1], [1, 1, 1]])).item(), 3)
    0.55
    """
    counts, weights = _counts(ratings, None), _times(ratings, times)
    return _beyond_chance(_percent(counts, weights), (_shares(counts, weights) ** 2).sum(axis=-1))


def gwet_ac1(ratings: Ints, times: Array | None = None, *, categories: int | None = None) -> Array:
    """Gwet's AC1, ``(p_a - p_e) / (1 - p_e)`` with ``p_e = sum_c p_c (1 - p_c) / (k - 1)``.

    Gwet 2008, doi 10.1348/000711006X126600; with gaps as in his Handbook (2014, chapter 2). Chance agreement is small
    where one category dominates, so AC1 does not collapse there as kappa does.

    Parameters
    ----------
    ratings, times
        As for :func:`percent`.
    categories
        ``k``; as many as were used if left out. With one category ``p_e`` is 0, as it is for any ``k`` when all
        ratings are the same.

    Returns
    -------
    ndarray
        ``(...)``.

    Examples
    --------
    >>> round(gwet_ac1(np.array([[0, 0]] * 28 + [[0, 1]])).item(), 3)
    0.964
    """
    counts, weights = _counts(ratings, categories), _times(ratings, times)
    share = _shares(counts, weights)
    k = categories or int((counts.sum(axis=0) > 0).sum())
    chance = (share * (1.0 - share)).sum(axis=-1) / max(k - 1, 1)
    return _beyond_chance(_percent(counts, weights), chance)


def _equal(k: int) -> Array:
    return 1.0 - np.eye(k)


def _linear(k: int) -> Array:
    return np.abs(np.subtract.outer(np.arange(k), np.arange(k))).astype(np.float64)


def _quadratic(k: int) -> Array:
    return _linear(k) ** 2


# how far apart two categories are for Cohen's kappa
KAPPA: dict[str, Callable[[int], Array]] = {"equal": _equal, "linear": _linear, "quadratic": _quadratic}


def cohen_kappa(ratings: Ints, times: Array | None = None, *, distance: str = "equal") -> Array:
    """Cohen's kappa of two coders, over the subjects that both have rated.

    ``1 - sum v_ab p_ab / sum v_ab p_a. p_.b``: Cohen 1960, doi 10.1177/001316446002000104, for ``v`` of 0 and 1; Cohen
    1968, doi 10.1037/h0026256, for others.

    Parameters
    ----------
    ratings, times
        As for :func:`percent`, with ``m = 2``.
    distance
        A key of :data:`KAPPA`: ``equal``, ``linear`` or ``quadratic`` in the places between two categories.

    Returns
    -------
    ndarray
        ``(...)``; NaN where both used the same one category.

    Examples
    --------
    >>> table = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], [20, 5, 10, 15], axis=0)
    >>> round(cohen_kappa(table).item(), 6)
    0.4
    """
    k = _counts(ratings, None).shape[1]
    if ratings.shape[1] != 2:
        raise Refusal("Cohen's kappa is of two coders; take Fleiss' kappa, alpha or AC1 for more")
    both = (ratings >= 0).all(axis=1)
    cells = np.eye(k * k)[ratings[both] @ np.array([k, 1])]
    weights = _times(ratings, times)[..., both]
    joint = (weights @ cells).reshape(*weights.shape[:-1], k, k)
    far = KAPPA[distance](k)
    chance = joint.sum(axis=-1)[..., :, None] * joint.sum(axis=-2)[..., None, :]
    total = joint.sum(axis=(-1, -2))
    found: Array = 1.0 - _ratio((far * joint).sum(axis=(-1, -2)) * total, (far * chance).sum(axis=(-1, -2)))
    return found


def _nominal(values: Array, used: Array) -> Array:
    return np.broadcast_to(_equal(used.shape[-1]), (*used.shape, used.shape[-1]))


def _interval(values: Array, used: Array) -> Array:
    return np.broadcast_to(np.subtract.outer(values, values) ** 2, (*used.shape, used.shape[-1]))


def _ordinal(values: Array, used: Array) -> Array:
    # sum of the counts from one category to the other, less half of both: a difference of mid-ranks
    rank = np.cumsum(used, axis=-1) - used / 2
    found: Array = (rank[..., :, None] - rank[..., None, :]) ** 2
    return found


def _ratio_scale(values: Array, used: Array) -> Array:
    both = np.add.outer(values, values)
    far = np.subtract.outer(values, values) / np.where(both > 0, both, 1.0)
    return np.broadcast_to(far**2, (*used.shape, used.shape[-1]))


# squared difference of two categories, by their values and by how often each was used
ALPHA: dict[str, Callable[[Array, Array], Array]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio_scale,
}


def krippendorff_alpha(
    ratings: Ints, times: Array | None = None, *, level: str = "nominal", values: Array | None = None
) -> Array:
    """Krippendorff's alpha of any number of coders, with gaps.

    ``1 - (N - 1) sum o_ck d_ck / sum n_c n_k d_ck`` over the ``N`` ratings that can be paired, with coincidences
    ``o_ck`` (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, repository.upenn.edu/asc_papers/43;
    Hayes and Krippendorff 2007, doi 10.1080/19312450709336664). Subjects with one rating do not count.

    Parameters
    ----------
    ratings, times
        As for :func:`percent`.
    level
        A key of :data:`ALPHA`: ``nominal``, ``ordinal``, ``interval`` or ``ratio``.
    values
        ``(k,)`` values of the categories, for ``interval`` (their places if left out) and ``ratio``.

    Returns
    -------
    ndarray
        ``(...)``; NaN where one category only was used.

    Examples
    --------
    >>> krippendorff_alpha(np.array([[0, 0], [1, 1], [0, 1], [0, -1]])).round(3).item()
    0.444
    """
    counts = _counts(ratings, None)
    known = np.arange(counts.shape[1], dtype=np.float64) if values is None else np.asarray(values, dtype=np.float64)
    _refuse_bad_values(level, values, known, counts.shape[1])
    counts = np.pad(counts, ((0, 0), (0, len(known) - counts.shape[1])))
    given = counts.sum(axis=1)
    two = given >= 2
    counts, weights = counts[two], _times(ratings, times)[..., two]
    pairs = counts[:, :, None] * counts[:, None, :] / (given[two, None, None] - 1)
    used = weights @ counts
    together = (weights @ pairs.reshape(len(counts), counts.shape[1] ** 2)).reshape(*used.shape, used.shape[-1])
    far = ALPHA[level](known, used)  # 0 on the diagonal, where `together` has pairs of a rating with itself
    by_chance = (used[..., :, None] * used[..., None, :] * far).sum(axis=(-1, -2))
    found: Array = 1.0 - _ratio((used.sum(axis=-1) - 1) * (together * far).sum(axis=(-1, -2)), by_chance)
    return found


def _refuse_bad_values(level: str, values: Array | None, known: Array, least: int) -> None:
    if known.ndim != 1 or len(known) < least or not np.isfinite(known).all():
        raise Refusal(f"values are numbers, one for each category; there are {least} categories")
    if level == "ratio" and (values is None or (known < 0).any()):
        raise Refusal("a ratio scale needs the values of the categories, none below 0; or take interval")
