"""One weight at a time: every share at which two units swap, and between which shares a rank stands still."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from egovindex.blas import one_blas_thread
from egovindex.certainty import EXACT, Certainty
from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.formulas import Floats
from egovindex.kernels.region import Places, Region
from egovindex.kernels.swappoints import SwapPoints, rank_range_one_weight, stability_interval, swap_points
from egovindex.result import IndexResult
from egovindex.robustness.forms import WeightForm
from egovindex.robustness.regions import Laws, region_of
from egovindex.robustness.weightform import weight_form
from egovindex.shown import Shown, in_html

if TYPE_CHECKING:
    from egovindex.plots.exact_accessor import WeightStabilityPlots

__all__ = ["WeightStability", "one_weight_at", "weight_stability"]


@dataclass(frozen=True, eq=False, repr=False)
class WeightStability(Shown):
    """What each weight alone can do, the others of its node in proportion.

    Made by :func:`weight_stability`.

    Parameters
    ----------
    form
        The index as a linear function of weights.
    edges
        ``(E,)`` parts that move.
    at_one
        ``(E, n)`` linear form when a part alone has all the weight of its node.
    """

    form: WeightForm
    edges: Places
    at_one: Floats

    @property
    def certainty(self) -> Certainty:
        """Exact."""
        return Certainty(EXACT, "crossings of straight lines")

    @property
    def share(self) -> Floats:
        """``(E,)`` shares as the index has them."""
        return self.form.shares[self.edges]

    @property
    def _names(self) -> pd.MultiIndex:
        names = [self.form.ways.edges[part] for part in self.edges]
        return pd.MultiIndex.from_tuples(names, names=["node", "child"])

    @cached_property
    def _points(self) -> SwapPoints:
        return swap_points(self.form.scores, self.at_one, self.share)

    @cached_property
    def _stable(self) -> Any:
        return stability_interval(self.form.scores, self.at_one, self.share)

    @property
    def swaps(self) -> pd.DataFrame:
        """Every share at which two units change places.

        Returns
        -------
        DataFrame
            ``node``, ``child`` (whose weight moves), ``share`` as it is, ``at`` (where they swap), ``change`` (``at``
            relative to ``share``), ``unit`` (ahead on this side), ``passed_by`` (ahead beyond). The nearest first.
        """
        found, now = self._points, self.share
        names = np.array(self.form.units, dtype=object)
        labels = self._names
        with np.errstate(divide="ignore", invalid="ignore"):
            change = found.t / now[found.edge] - 1.0
        table = pd.DataFrame(
            {
                "node": labels.get_level_values(0).to_numpy()[found.edge],
                "child": labels.get_level_values(1).to_numpy()[found.edge],
                "share": now[found.edge],
                "at": found.t,
                "change": change,
                "unit": names[found.i],
                "passed_by": names[found.j],
            }
        )
        order = np.argsort(np.abs(found.t - now[found.edge]), kind="stable")
        return table.iloc[order].reset_index(drop=True)

    @property
    def intervals(self) -> pd.DataFrame:
        """For every weight the shares between which no rank changes, and between which the first stays first.

        Returns
        -------
        DataFrame
            Indexed by ``node`` and ``child``: ``share``, ``low`` and ``high`` (no rank at all changes), ``first_low``
            and ``first_high`` (the leader stays).
        """
        stable = self._stable
        return pd.DataFrame(
            {
                "share": self.share,
                "low": stable.all_low + 0.0,  # no negative zero
                "high": stable.all_high,
                "first_low": stable.leader_low + 0.0,
                "first_high": stable.leader_high,
            },
            index=self._names,
        )

    def of(self, unit: Any) -> pd.DataFrame:
        """One unit: for every weight the shares between which its rank does not change.

        Returns
        -------
        DataFrame
            Indexed by ``node`` and ``child``: ``share``, ``low``, ``high``, ``down`` and ``up`` (how far the share may
            fall or rise, relative to itself; infinite where nothing happens up to 0 or 1; of a share of 0 every
            rise is infinite, and ``high`` tells), ``first_to_swap``.

        Raises
        ------
        MethodError
            There is no such unit.
        """
        at = self.form.position(unit)
        low, high, now = self._stable.low[:, at], self._stable.high[:, at], self.share
        with np.errstate(divide="ignore", invalid="ignore"):
            down = np.where(low > 0, 1.0 - low / now, np.inf)
            up = np.where(high < 1, high / now - 1.0, np.inf)
        return pd.DataFrame(
            {"share": now, "low": low, "high": high, "down": down, "up": up, "first_to_swap": self._first(at)},
            index=self._names,
        )

    def _first(self, at: int) -> list[str | None]:
        """Who swaps with a unit first, for each weight."""
        found, names = self._points, self.form.units
        mine = (found.i == at) | (found.j == at)
        edge, t = found.edge[mine], found.t[mine]
        other = np.where(found.i[mine] == at, found.j[mine], found.i[mine])
        far = np.abs(t - self.share[edge])
        first: list[str | None] = [None] * len(self.edges)
        for place in np.argsort(far, kind="stable")[::-1]:
            first[edge[place]] = names[other[place]]
        return first

    def certificate(self, node: str, child: str, share: float) -> dict[str, dict[str, float]]:
        """Weights with one share set, the others of its node in proportion.

        Raises
        ------
        MethodError
            No such weight moves here, or the share is none.
        """
        known = list(self._names)
        if (node, child) not in known:
            told = [f"{a}: {b}" for a, b in known]
            hint = did_you_mean(f"{node}: {child}", told, otherwise=f". Weights: {listed(told)}")
            raise MethodError(Fault(f"no weight of {child} in {node} moves here{hint}", check="unknown_weight"))
        if not 0 <= share <= 1:
            raise MethodError(Fault(f"a share is from 0 to 1, found {share!r:.40}", check="unknown_option"))
        return self.form.table_of(one_weight_at(self.form, int(self.edges[known.index((node, child))]), share))

    def rank_range(self, laws: Laws) -> pd.DataFrame:
        """Best and worst rank while one weight at a time moves as far as laws allow.

        Returns
        -------
        DataFrame
            Indexed by unit: ``best``, ``worst``, ``best_weight`` and ``worst_weight`` (node and child that do it).
        """
        limits = _limits(self, region_of(self.form, laws))
        with one_blas_thread():
            found = rank_range_one_weight(self.form.scores, self.at_one, self.share, limits)
        labels = np.array([f"{node}: {child}" for node, child in self._names], dtype=object)
        return pd.DataFrame(
            {
                "best": found.best.min(axis=0, initial=len(self.form.units)),
                "worst": found.worst.max(axis=0, initial=1),
                "best_weight": labels[found.best.argmin(axis=0)],
                "worst_weight": labels[found.worst.argmax(axis=0)],
            },
            index=self.form.index,
        )

    @cached_property
    def plot(self) -> WeightStabilityPlots:
        """Pictures; see :mod:`egovindex.plots`."""
        from egovindex.plots.exact_accessor import WeightStabilityPlots

        return WeightStabilityPlots(self)

    def _summary(self) -> list[str]:
        n = len(self._points.t)
        intervals = self.intervals
        width = (intervals["high"] - intervals["low"]).to_numpy()
        lines = [f"<WeightStability {self.form.node}> {len(self.edges)} weights, one at a time: {n:,} swaps (exact)"]
        if n:
            node, child = intervals.index[int(width.argmin())]
            row = intervals.iloc[int(width.argmin())]
            lines.append(
                f"  the weight that swaps two units soonest is that of {child} in {node}: no rank changes while its "
                f"share is between {row['low']:.6g} and {row['high']:.6g} (now {row['share']:.6g})"
            )
        return lines + [f"  {note}" for note in self.form.notes]

    def __repr__(self) -> str:
        rows = self.intervals.head(10).to_string().splitlines()
        return "\n".join([*self._summary(), *(f"  {row}" for row in rows)])

    def _repr_html_(self) -> str:
        return in_html(self._summary(), self.intervals)


def one_weight_at(form: WeightForm, part: int, share: float) -> Floats:
    """``(V,)`` shares with one set, the others of its node in proportion."""
    found = form.shares.copy()
    places = next(places for _, places in form.ways.below if part in places)
    now = found[part]
    found[places] *= (1.0 - share) / (1.0 - now)
    found[part] = share
    return found


def _at_one(form: WeightForm, edges: Places) -> Floats:
    shares = np.array([one_weight_at(form, int(part), 1.0) for part in edges]).reshape(len(edges), -1)
    found: Floats = form.ways.parts(shares)[:, form.ways.ends] @ form.x.T
    return found


def _limits(stability: WeightStability, region: Region) -> Floats:
    """``(E, 2)`` as far as each share alone can move with all shares of its node still allowed."""
    form, now = stability.form, stability.share
    found = np.stack([now, now], axis=1)
    for node in region.nodes:
        for at, part in enumerate(stability.edges):
            if part not in node.parts:
                continue
            here = form.shares[node.parts]
            own = here[node.parts == part][0]
            # shares are start + t * slope
            slope = np.where(node.parts == part, 1.0, -here / (1.0 - own))
            start = np.where(node.parts == part, 0.0, here / (1.0 - own))
            walls = np.concatenate([-slope, slope, node.slopes @ slope])
            rooms = np.concatenate([start - node.low, node.high - start, node.limits - node.slopes @ start])
            with np.errstate(divide="ignore", invalid="ignore"):
                ends = rooms / walls
            low = np.where(walls < 0, ends, -np.inf).max()
            high = np.where(walls > 0, ends, np.inf).min()
            if low <= own <= high:  # else the index itself is not allowed, and nothing is reached from it
                found[at] = max(0.0, low), min(1.0, high)
    return found


def weight_stability(
    result: IndexResult, *, nodes: Collection[str] | None = None, node: str | None = None, period: Any = None
) -> WeightStability:
    """What one weight alone does, all others of its node in proportion: every swap, and where ranks stand still.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`; its learned values are kept.
    nodes
        Nodes whose weights move, one weight at a time; all at or below the one that is ranked, by default.
    node, period
        What is ranked, and when.

    Returns
    -------
    WeightStability

    Raises
    ------
    MethodError
        The node is not linear in these weights, and why.

    Notes
    -----
    Weight stability intervals: Mareschal 1988, doi 10.1016/0377-2217(88)90254-8.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> ei.weight_stability(result).intervals.round(3)[["share", "first_low", "first_high"]]
                share  first_low  first_high
    node child
    EGDI osi    0.333      0.174       0.971
         tii    0.333      0.000       0.935
         hci    0.333      0.000       0.550
    """
    form = weight_form(result, nodes, node=node, period=period)
    edges = [
        part for part, (name, _) in enumerate(form.ways.edges) if name in form.ways.varied and form.shares[part] < 1.0
    ]
    chosen = np.array(edges, dtype=np.intp)
    return WeightStability(form, chosen, _at_one(form, chosen))
