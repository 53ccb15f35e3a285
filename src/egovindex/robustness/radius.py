"""How far all weights may move together before two units swap, a rank changes, or a class is lost."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from typing import Literal as OneOf

import numpy as np

from egovindex.blas import one_blas_thread
from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.result import IndexResult
from egovindex.robustness.forms import WeightForm
from egovindex.robustness.radii import MEASURES, ClassRadius, Radii, RankRadius, SwapRadius
from egovindex.robustness.weightform import weight_form

__all__ = ["Measure", "class_radius", "rank_radius", "swap_radius"]

Measure = OneOf["relative", "contamination"]


def swap_radius(
    result: IndexResult,
    *,
    nodes: Collection[str] | None = None,
    node: str | None = None,
    period: Any = None,
    measure: Measure = "relative",
) -> SwapRadius:
    """How far all weights may move before two units swap, for every pair.

    Relative: the smallest ``f`` such that some weights, each within ``f`` of itself and with the same total, tie the
    two: ``|d @ w0|`` over the weighted mean absolute deviation of ``d`` about its weighted median, where ``d`` is the
    difference of their values. Contamination: the smallest share of all weight that, put on one indicator, ties them.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`; its learned values are kept.
    nodes
        Nodes whose weights move; all at or below the one that is ranked, by default. Weights of several nodes move by
        the same share at once.
    node, period
        What is ranked, and when.
    measure
        ``"relative"`` or ``"contamination"`` (Foster, McGillivray and Seth 2013, doi 10.1080/07474938.2012.690647).

    Returns
    -------
    SwapRadius

    Raises
    ------
    MethodError
        The node is not linear in these weights, and why; an unknown measure.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> round(float(ei.swap_radius(result).pairs.loc["EST", "SGP"]), 3)
    0.382
    """
    form = _form(result, nodes, node, period, measure)
    one, other = np.triu_indices(len(form.x), 1)
    blank = SwapRadius(form, measure, np.zeros((0, 0)))
    found = np.zeros((len(form.x), len(form.x)))
    with one_blas_thread():
        found[one, other] = _pairwise(blank, form, one, other)
    return SwapRadius(form, measure, found + found.T)


def _form(result: IndexResult, nodes: Any, node: str | None, period: Any, measure: str) -> WeightForm:
    if measure not in MEASURES:
        message = f'a measure is "relative" or "contamination", found {measure!r:.40}'
        raise MethodError(Fault(message, check="unknown_option"))
    return weight_form(result, nodes, node=node, period=period)


def _pairwise(radii: Radii, form: WeightForm, one: Any, other: Any) -> Floats:
    """Radii of pairs; scores that are tied have none, whatever their last digits say."""
    size = max(1, 2_000_000 // max(1, form.x.shape[1]))
    blocks = []
    for at in range(0, len(one), size):
        differences = form.x[one[at : at + size]] - form.x[other[at : at + size]]
        tied = np.abs(differences @ form.own) <= form.tolerance
        found = radii.radius_of(differences)
        found[tied] = np.where(radii.turns(differences[tied]) | radii.turns(-differences[tied]), 0.0, np.inf)
        _never_past_the_end(radii, differences, found)
        blocks.append(found)
    return np.concatenate(blocks) if blocks else np.zeros(0)


# radii as near to one as this are held against the end of what the measure knows
_AT_THE_END = 1e-9


def _never_past_the_end(radii: Radii, differences: Floats, found: Floats) -> None:
    """Who only draws level at the very end of what the measure knows never swaps: there is nothing beyond."""
    end = np.flatnonzero(np.abs(found - 1.0) <= _AT_THE_END)
    turned = differences[end] * np.where(differences[end] @ radii.form.own < 0, -1.0, 1.0)[:, None]
    found[end[~radii.turns(turned)]] = np.inf


def rank_radius(
    result: IndexResult,
    *,
    nodes: Collection[str] | None = None,
    node: str | None = None,
    period: Any = None,
    measure: Measure = "relative",
) -> RankRadius:
    """How far all weights may move before a unit's rank changes: its smallest swap radius.

    Parameters
    ----------
    result, nodes, node, period, measure
        As for :func:`swap_radius`.

    Returns
    -------
    RankRadius

    Raises
    ------
    MethodError
        As for :func:`swap_radius`.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> ei.rank_radius(result).table.round(3).loc[["DNK", "EST"], ["rank", "radius", "passed_by"]]
          rank  radius passed_by
    unit
    DNK      1   0.413       ISL
    EST      2   0.128       ISL
    """
    swaps = swap_radius(result, nodes=nodes, node=node, period=period, measure=measure)
    form, n = swaps.form, len(swaps.radius)
    ahead = form.scores[None, :] - form.scores[:, None]
    up, passes = _nearest(swaps.radius, ahead >= -form.tolerance, n)
    down, passed_by = _nearest(swaps.radius, ahead <= form.tolerance, n)
    return RankRadius(form, measure, up, down, passes, passed_by)


def _nearest(radius: Floats, among: Any, n: int) -> tuple[Floats, Any]:
    values = np.where(among & ~np.eye(n, dtype=bool), radius, np.inf)
    at = values.argmin(axis=1) if n else np.zeros(0, dtype=np.intp)
    found = values[np.arange(n), at]
    return found, np.where(np.isfinite(found), at, -1)


def class_radius(
    result: IndexResult,
    *,
    nodes: Collection[str] | None = None,
    node: str | None = None,
    period: Any = None,
    measure: Measure = "relative",
) -> ClassRadius:
    """How far all weights may move before a unit changes class.

    The closed form of :func:`swap_radius`, with the limit of a class in place of the other unit.

    Parameters
    ----------
    result, nodes, node, period, measure
        As for :func:`swap_radius`.

    Returns
    -------
    ClassRadius

    Raises
    ------
    MethodError
        As for :func:`swap_radius`; or the node has no classes, or classes that are tests of more than its score.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> ei.class_radius(result).table.round(3).loc[["KHM"]]
          rank class  radius   up   down
    unit
    KHM    120  High   0.728  inf  0.728
    """
    form = _form(result, nodes, node, period, measure)
    bands = result.index.classes(form.node)
    if not bands:
        raise MethodError(Fault(f"{form.node} has no classes", check="no_classes", column=form.node))
    limits = list(form.thresholds.values())
    blank = ClassRadius(form, measure, tuple(bands), np.zeros(0), np.zeros(0), np.zeros(0))
    # each unit is in the first class whose limit it reaches
    reached = form.scores[:, None] >= np.array(limits) - form.tolerance
    codes = np.where(reached.any(axis=1), reached.argmax(axis=1), len(limits))
    n = len(form.x)
    up, down = np.full(n, np.inf), np.full(n, np.inf)
    with one_blas_thread():
        for at, limit in enumerate(limits):
            below, own = codes == at + 1, codes == at
            up[below] = blank.radius_of(form.x[below] - limit)
            down[own] = _until_below(blank, form.x[own] - limit)
    names = tuple(bands)
    return ClassRadius(form, measure, names, np.where(codes < len(names), codes, -1), up, down)


def _until_below(radii: Radii, differences: Floats) -> Floats:
    """Radii at which units fall below a limit; one that stands on it falls at once, if it can fall at all."""
    found = radii.radius_of(differences)
    on_it = np.abs(differences @ radii.form.own) <= radii.form.tolerance
    found[on_it] = np.where(radii.turns(differences[on_it]), 0.0, np.inf)
    _never_past_the_end(radii, differences, found)
    return found
