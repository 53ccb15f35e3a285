"""How far all weights may move together before two units swap, a rank changes, or a class is lost."""

from __future__ import annotations

import html
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

import numpy as np
import pandas as pd

from egovindex.blas import one_blas_thread
from egovindex.certainty import EXACT, Certainty
from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.kernels.pairs import contamination, nested_radius, relative_radius
from egovindex.kernels.region import Region
from egovindex.result import IndexResult
from egovindex.robustness.forms import WeightForm, weight_form
from egovindex.robustness.leastweights import least_weights
from egovindex.robustness.regions import region_within
from egovindex.shown import Shown

if TYPE_CHECKING:
    from egovindex.plots.exact_accessor import RadiusPlots

__all__ = ["ClassRadius", "Measure", "RankRadius", "SwapRadius", "class_radius", "rank_radius", "swap_radius"]

Measure = OneOf["relative", "contamination"]
_MEASURES = {
    "relative": "every weight within this share of itself",
    "contamination": "this share of all weight, put anywhere",
}
# to show weights just past a swap
_PAST = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class _Radii(Shown):
    """What all radii have."""

    form: WeightForm
    measure: str

    @property
    def certainty(self) -> Certainty:
        """Exact, but for rounding."""
        return Certainty(EXACT, "closed form" if len(self.form.ways.varied) == 1 else "enclosed to the last digits")

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known with it."""
        return self.form.notes

    @cached_property
    def _region(self) -> Region:
        return region_within(self.form, 1.0)

    def radius_of(self, differences: Floats) -> Floats:
        """``(P,)`` radius at which a lead, ``(P, L)`` differences, vanishes."""
        if self.measure == "contamination":
            return contamination(differences, self.form.own)
        if self._region.is_flat:
            return relative_radius(differences, self.form.own)
        return nested_radius(differences, self._region, self.form.shares)

    def alike(self, differences: Floats) -> Any:
        """Where no weights that the measure knows tell two units apart."""
        if self.measure == "contamination":
            return np.abs(differences).max(axis=1, initial=0.0) <= self.form.tolerance
        far = np.maximum(self._region.most(differences), -self._region.least(differences))
        return far <= self.form.tolerance

    def _shares_at(self, difference: Floats, radius: float, beyond: float) -> Floats:
        """Shares just inside (below 0) or just past (above 0) the radius at which a lead is smallest."""
        if not np.isfinite(radius):
            message = "no weights within what the measure allows do that: the radius is infinite"
            raise MethodError(Fault(message, check="out_of_reach"))
        lead = float(difference @ self.form.own)
        turned = difference if lead >= 0 else -difference
        share = min(1.0, radius * (1.0 + beyond) if radius > 0 else beyond)
        if self.measure == "contamination":
            end = int(np.argmin(turned))
            parts = self.form.parts * (1.0 - share)
            alone = self.form.ways.alone[end]
            return self._chain(parts, alone, share)
        region = region_within(self.form, share) if share > 0 else None
        return self.form.shares if region is None else region.shares_of(least_weights(region, turned))

    def _chain(self, parts: Floats, alone: Floats, share: float) -> Floats:
        added = alone.copy()
        for parent, places in reversed(self.form.ways.below):
            added[places] *= 1.0 if parent < 0 else added[parent]
        return self._region.shares_of(parts + share * added)

    @property
    def table(self) -> pd.DataFrame:
        """The radii."""
        raise NotImplementedError

    def _summary(self) -> list[str]:
        raise NotImplementedError

    def __repr__(self) -> str:
        return "\n".join([*self._summary(), *(f"  {row}" for row in self.table.head(10).to_string().splitlines())])

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        told = "<br>".join(html.escape(line.strip()) for line in rest)
        table = self.table.head(10).reset_index().to_html(index=False, escape=True, border=0)
        return f"<b>{html.escape(head)}</b><br>{told}{table}"


@dataclass(frozen=True, eq=False, repr=False)
class SwapRadius(_Radii):
    """For every pair of units, how far weights may move before the two swap.

    Made by :func:`swap_radius`.

    Parameters
    ----------
    form
        The index as a linear function of weights.
    measure
        ``"relative"`` or ``"contamination"``.
    radius
        ``(n, n)``; infinite where no weights that the measure knows swap the two, or tell them apart; else zero for
        units that are tied.
    """

    radius: Floats

    @property
    def pairs(self) -> pd.DataFrame:
        """The radii as a square table; a unit and itself have none."""
        units = pd.Index(self.form.units, name="unit")
        values = self.radius.copy()
        np.fill_diagonal(values, np.nan)
        return pd.DataFrame(values, index=units, columns=units.rename("with"))

    @property
    def table(self) -> pd.DataFrame:
        """Every pair, the one that swaps first on top.

        Returns
        -------
        DataFrame
            ``unit`` (ahead, or first in the data where tied), ``with``, their ``rank`` and ``rank_with``, ``radius``.
        """
        one, other = np.triu_indices(len(self.radius), 1)
        turn = self.form.ranks[one] > self.form.ranks[other]
        one, other = np.where(turn, other, one), np.where(turn, one, other)
        names = np.array(self.form.units, dtype=object)
        table = pd.DataFrame(
            {
                "unit": names[one],
                "with": names[other],
                "rank": self.form.ranks[one],
                "rank_with": self.form.ranks[other],
                "radius": self.radius[one, other],
            }
        )
        return table.sort_values(["radius", "rank", "rank_with"], kind="stable", ignore_index=True)

    def certificate(self, unit: Any, other: Any, *, beyond: float = _PAST) -> dict[str, dict[str, float]]:
        """Weights a little past the radius, at which two units have swapped.

        Parameters
        ----------
        unit, other
            The two.
        beyond
            How far past, as a share of the radius; below zero for how far short of it.

        Raises
        ------
        MethodError
            There is no such unit, or no weights swap the two.
        """
        i, j = self.form.position(unit), self.form.position(other)
        return self.form.table_of(self._shares_at(self.form.x[i] - self.form.x[j], float(self.radius[i, j]), beyond))

    def _summary(self) -> list[str]:
        n = len(self.radius)
        one = np.triu_indices(n, 1)
        fixed = int(np.isinf(self.radius[one]).sum())
        return [
            f"<SwapRadius {self.form.node}> {len(one[0]):,} pairs, {_MEASURES[self.measure]} (exact)",
            f"  {fixed:,} pairs never swap; median radius of the others {_median(self.radius[one])}",
            *(f"  {note}" for note in self.notes),
        ]


@dataclass(frozen=True, eq=False, repr=False)
class RankRadius(_Radii):
    """For every unit, how far weights may move before its rank changes.

    Made by :func:`rank_radius`.

    Parameters
    ----------
    form, measure
        As of :class:`SwapRadius`.
    up, down
        ``(n,)``: until it is passed by one behind it (down), and until it passes one ahead (up).
    passes, passed_by
        ``(n,)`` position of that one, -1 where there is none.
    """

    up: Floats
    down: Floats
    passes: Any
    passed_by: Any

    @property
    def radius(self) -> Floats:
        """``(n,)``: below it the rank does not change."""
        return np.minimum(self.up, self.down)

    @property
    def table(self) -> pd.DataFrame:
        """Every unit by rank.

        Returns
        -------
        DataFrame
            Indexed by unit: ``rank``, ``radius`` (below which the rank does not change), ``up`` and ``passes`` (who is
            overtaken first), ``down`` and ``passed_by``. Zero where a unit is tied: the smallest change breaks a tie,
            unless the two are alike in all that moves.
        """
        names = np.array([*self.form.units, None], dtype=object)
        table = pd.DataFrame(
            {
                "rank": self.form.ranks,
                "radius": self.radius,
                "up": self.up,
                "passes": names[self.passes],
                "down": self.down,
                "passed_by": names[self.passed_by],
            },
            index=self.form.index,
        )
        return table.sort_values("rank", kind="stable")

    def certificate(self, unit: Any, *, beyond: float = _PAST) -> dict[str, dict[str, float]]:
        """Weights a little past the radius, at which the rank has changed.

        Where two swap with the unit at the same weights, one up and one down, it is another rank at the tie alone.

        Raises
        ------
        MethodError
            There is no such unit, or no weights change its rank.
        """
        at = self.form.position(unit)
        rival = int(self.passes[at] if self.up[at] <= self.down[at] else self.passed_by[at])
        if rival < 0:
            message = f"no weights change the rank of {self.form.units[at]}"
            raise MethodError(Fault(message, check="out_of_reach"))
        difference = self.form.x[at] - self.form.x[rival]
        return self.form.table_of(self._shares_at(difference, float(self.radius[at]), beyond))

    @cached_property
    def plot(self) -> RadiusPlots:
        """Pictures; see :mod:`egovindex.plots`."""
        from egovindex.plots.exact_accessor import RadiusPlots

        return RadiusPlots(self)

    def _summary(self) -> list[str]:
        tied = int((self.radius == 0).sum())
        lines = [
            f"<RankRadius {self.form.node}> {len(self.up)} units, {_MEASURES[self.measure]} (exact)",
            f"  median radius {_median(self.radius)}{f'; {tied} are tied, radius 0' if tied else ''}",
        ]
        return lines + [f"  {note}" for note in self.notes]


@dataclass(frozen=True, eq=False, repr=False)
class ClassRadius(_Radii):
    """For every unit, how far weights may move before it changes class.

    Made by :func:`class_radius`.

    Parameters
    ----------
    form, measure
        As of :class:`SwapRadius`.
    names
        Of the classes, the best first.
    codes
        ``(n,)`` class of each unit.
    up, down
        ``(n,)``: until it reaches the next better class, and until it falls out of its own.
    """

    names: tuple[str, ...]
    codes: Any
    up: Floats
    down: Floats

    @property
    def radius(self) -> Floats:
        """``(n,)``: below it the class does not change."""
        return np.minimum(self.up, self.down)

    @property
    def table(self) -> pd.DataFrame:
        """Every unit by rank: ``rank``, ``class``, ``radius``, ``up`` (to the next better), ``down`` (to a worse)."""
        table = pd.DataFrame(
            {
                "rank": self.form.ranks,
                "class": np.array([*self.names, None], dtype=object)[self.codes],
                "radius": self.radius,
                "up": self.up,
                "down": self.down,
            },
            index=self.form.index,
        )
        return table.sort_values("rank", kind="stable")

    def certificate(self, unit: Any, *, beyond: float = _PAST) -> dict[str, dict[str, float]]:
        """Weights a little past the radius, at which the class has changed.

        Raises
        ------
        MethodError
            There is no such unit, or no weights change its class.
        """
        at = self.form.position(unit)
        limits = list(self.form.thresholds.values())
        code = int(self.codes[at]) if self.codes[at] >= 0 else len(limits)
        limit = limits[code - 1] if self.up[at] <= self.down[at] else limits[min(code, len(limits) - 1)]
        return self.form.table_of(self._shares_at(self.form.x[at] - limit, float(self.radius[at]), beyond))

    @cached_property
    def plot(self) -> RadiusPlots:
        """Pictures; see :mod:`egovindex.plots`."""
        from egovindex.plots.exact_accessor import RadiusPlots

        return RadiusPlots(self)

    def _summary(self) -> list[str]:
        fixed = int(np.isinf(self.radius).sum())
        lines = [
            f"<ClassRadius {self.form.node}> {len(self.up)} units, {_MEASURES[self.measure]} (exact)",
            f"  {fixed} never change class; median radius of the others {_median(self.radius)}",
        ]
        return lines + [f"  {note}" for note in self.notes]


def _median(radius: Floats) -> str:
    finite = radius[np.isfinite(radius)]
    return f"{np.median(finite):.1%}" if finite.size else "none"


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
    if measure not in _MEASURES:
        message = f'a measure is "relative" or "contamination", found {measure!r:.40}'
        raise MethodError(Fault(message, check="unknown_option"))
    return weight_form(result, nodes, node=node, period=period)


def _pairwise(radii: _Radii, form: WeightForm, one: Any, other: Any) -> Floats:
    """Radii of pairs; scores that are tied have none, whatever their last digits say."""
    size = max(1, 2_000_000 // max(1, form.x.shape[1]))
    blocks = []
    for at in range(0, len(one), size):
        differences = form.x[one[at : at + size]] - form.x[other[at : at + size]]
        tied = np.abs(differences @ form.own) <= form.tolerance
        found = radii.radius_of(differences)
        found[tied] = np.where(radii.alike(differences[tied]), np.inf, 0.0)
        blocks.append(found)
    return np.concatenate(blocks) if blocks else np.zeros(0)


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
            down[own] = blank.radius_of(form.x[own] - limit)
    names = tuple(bands)
    return ClassRadius(form, measure, names, np.where(codes < len(names), codes, -1), up, down)
