"""What radii of weights are, for pairs, ranks and classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from egovindex.certainty import EXACT, Certainty
from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.kernels.pairs import contamination, nested_radius, relative_radius
from egovindex.kernels.region import Region
from egovindex.robustness.forms import WeightForm
from egovindex.robustness.leastweights import least_weights
from egovindex.robustness.regions import region_within
from egovindex.shown import Shown, in_html

if TYPE_CHECKING:
    from egovindex.plots.exact_accessor import RadiusPlots

__all__ = ["MEASURES", "ClassRadius", "Radii", "RankRadius", "SwapRadius"]

MEASURES = {
    "relative": "every weight within this share of itself",
    "contamination": "this share of all weight, put anywhere",
}
# to show weights just past a swap
_PAST = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class Radii(Shown):
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

    def turns(self, differences: Floats) -> Any:
        """``(P,)`` whether some weights that the measure knows bring a lead below zero, and not just to it."""
        if self.measure == "contamination":
            return differences.min(axis=1, initial=0.0) < -self.form.tolerance
        return self._region.least(differences) < -self.form.tolerance

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
            return self._region.shares_of(parts + share * self.form.ways.parts(alone))
        region = region_within(self.form, share) if share > 0 else None
        return self.form.shares if region is None else region.shares_of(least_weights(region, turned))

    @property
    def table(self) -> pd.DataFrame:
        """The radii."""
        raise NotImplementedError

    def _summary(self) -> list[str]:
        raise NotImplementedError

    def __repr__(self) -> str:
        return "\n".join([*self._summary(), *(f"  {row}" for row in self.table.head(10).to_string().splitlines())])

    def _repr_html_(self) -> str:
        return in_html(self._summary(), self.table)


@dataclass(frozen=True, eq=False, repr=False)
class SwapRadius(Radii):
    """For every pair of units, how far weights may move before the two swap.

    Made by :func:`egovindex.swap_radius`.

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
        if i == j:
            raise MethodError(Fault(f"{self.form.units[i]} and itself are one unit", check="one_unit"))
        return self.form.table_of(self._shares_at(self.form.x[i] - self.form.x[j], float(self.radius[i, j]), beyond))

    def _summary(self) -> list[str]:
        n = len(self.radius)
        one = np.triu_indices(n, 1)
        fixed = int(np.isinf(self.radius[one]).sum())
        return [
            f"<SwapRadius {self.form.node}> {len(one[0]):,} pairs, {MEASURES[self.measure]} (exact)",
            f"  {fixed:,} pairs never swap; median radius of the others {_median(self.radius[one])}",
            *(f"  {note}" for note in self.notes),
        ]


@dataclass(frozen=True, eq=False, repr=False)
class RankRadius(Radii):
    """For every unit, how far weights may move before its rank changes.

    Made by :func:`egovindex.rank_radius`.

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
            f"<RankRadius {self.form.node}> {len(self.up)} units, {MEASURES[self.measure]} (exact)",
            f"  median radius {_median(self.radius)}{f'; {tied} are tied, radius 0' if tied else ''}",
        ]
        return lines + [f"  {note}" for note in self.notes]


@dataclass(frozen=True, eq=False, repr=False)
class ClassRadius(Radii):
    """For every unit, how far weights may move before it changes class.

    Made by :func:`egovindex.class_radius`.

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
            f"<ClassRadius {self.form.node}> {len(self.up)} units, {MEASURES[self.measure]} (exact)",
            f"  {fixed} never change class; median radius of the others {_median(self.radius)}",
        ]
        return lines + [f"  {note}" for note in self.notes]


def _median(radius: Floats) -> str:
    finite = radius[np.isfinite(radius)]
    return f"{np.median(finite):.1%}" if finite.size else "none"
