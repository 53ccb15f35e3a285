"""The nearest weights that put a unit at a rank."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from egovindex.certainty import Certainty
from egovindex.errors import Fault, MethodError, listed
from egovindex.formulas import Floats
from egovindex.kernels.region import Region, Shares
from egovindex.result import IndexResult
from egovindex.robustness.forms import WeightForm
from egovindex.robustness.nearsearch import DISTANCES, RELATIVE, WIDTH, Search
from egovindex.robustness.regions import Laws, form_of, region_of, told_laws
from egovindex.robustness.weightform import weight_form
from egovindex.shown import Shown

__all__ = ["DISTANCES", "NearestWeights", "nearest_weights"]


@dataclass(frozen=True, eq=False, repr=False)
class NearestWeights(Shown):
    """The nearest weights under which a unit has a rank, or a better one.

    Made by :func:`nearest_weights`.

    Parameters
    ----------
    form
        The index as a linear function of weights.
    unit, rank
        Who is to have which rank.
    before, reached
        The unit's rank with the weights of the index, and with those found (by the evaluator).
    measure
        ``"relative"`` or ``"moved"``.
    distance
        Of the weights found, as a share: 0.074 is 7.4 %.
    low
        No weights nearer than this do.
    shares
        ``(V,)`` shares by node.
    tied
        Units with which it ties there.
    by_tie
        Whether it has the rank only because ties count in its favour, and no allowed weights with the same units ahead
        break the tie. Where this is not so, any step beyond the nearest weights, however small, can break it.
    limits
        Laws that limit the weights; empty without.
    certainty
        Kind of the distance.
    """

    form: WeightForm
    unit: str
    rank: int
    before: int
    reached: int
    measure: str
    distance: float
    low: float
    shares: Floats
    tied: tuple[str, ...]
    by_tie: bool
    limits: Laws
    certainty: Certainty

    @property
    def weights(self) -> dict[str, dict[str, float]]:
        """The weights found, by node and child, adding up to what those of the index do: for ``Index.with_weights``."""
        return {
            str(node): dict(zip(rows["child"], rows["nearest"].astype(float), strict=True))
            for node, rows in self._table.groupby("node", sort=False)
        }

    @property
    def table(self) -> pd.DataFrame:
        """Every weight that may change.

        Returns
        -------
        DataFrame
            Columns ``node``, ``child``, ``weight`` (of the index), ``nearest``, ``change`` (the difference), and
            ``relative`` (the change as a share of the weight; NaN where that is zero).
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        ways = self.form.ways
        chosen = [part for part, (node, _) in enumerate(ways.edges) if node in ways.varied]
        before, after = (ways.own * ways.totals)[chosen], (self.shares * ways.totals)[chosen]
        relative_change = np.full(len(chosen), np.nan)
        np.divide(after - before, before, out=relative_change, where=before != 0)
        columns: dict[str, Any] = {
            "node": [ways.edges[part][0] for part in chosen],
            "child": [ways.edges[part][1] for part in chosen],
            "weight": before,
            "nearest": after,
            "change": after - before,
            "relative": relative_change,
        }
        return pd.DataFrame(columns)

    # --- shown
    def _summary(self) -> list[str]:
        head = f"<NearestWeights {self.form.node}> {self.unit}: from rank {self.before} to {self.reached}"
        if self.distance == 0:
            lines = [f"{head}, with the weights as they are"]
        elif self.measure == RELATIVE:
            lines = [head, f"  every weight within {self.distance:.4%} of itself"]
        else:
            lines = [head, f"  {self.distance:.4%} of the weight changes hands"]
        if self.distance - self.low > WIDTH * self.distance:
            lines.append(f"  no weights nearer than {self.low:.4%} do")
        if self.tied:
            how = "and no allowed weights break the tie" if self.by_tie else "a step further breaks the tie"
            lines.append(
                f"  ties there with {listed(self.tied)}" + (f"; {how}" if self.distance or self.by_tie else "")
            )
        if self.limits:
            lines.append(f"  limits: {told_laws(self.limits)}")
        return [*lines, *(f"  {note}" for note in self.form.notes), f"  {self.certainty}"]

    def __repr__(self) -> str:
        return "\n".join(self._summary())

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        shown = self.table.to_html(index=False, escape=True, border=0)
        return f"<b>{html.escape(head)}</b><br>{'<br>'.join(html.escape(line.strip()) for line in rest)}{shown}"


def nearest_weights(
    result: IndexResult,
    unit: Any,
    rank: int = 1,
    *,
    weights: Any = None,
    distance: str = RELATIVE,
    node: str | None = None,
    period: Any = None,
    time_limit: float | None = None,
) -> NearestWeights:
    """The nearest weights that put a unit at a rank, or at a better one.

    Ties count in the unit's favour, as competition ranks do. The nearest weights nearly always lie on such a tie: one
    step before it, the other unit is ahead.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`.
    unit, rank
        Who is to have which rank; 1 is the best.
    weights
        Laws that limit the search, as :func:`egovindex.rank_range` takes them; nodes that they do not name keep their
        weights. By default all weights of all nodes may vary, as far as the distance goes.
    distance
        ``"relative"``: the smallest share ``f`` such that every weight, of every node, stays within ``f`` times
        itself; at most 1. A weight of zero stays zero. ``"moved"``: how much of the whole weight has to change hands,
        half the sum of all changes; in a hierarchy, of the weights that reach the ends.
    node, period
        The node that is ranked (the headline by default), and when, where there are several periods.
    time_limit
        Seconds; then :attr:`NearestWeights.low` and ``distance`` are a bracket that is certain.

    Returns
    -------
    NearestWeights

    Raises
    ------
    MethodError
        No such unit or rank; no weights reach the rank (the message says which is the best that they do); the node is
        not linear in its weights; or time ran out before any weights were found.

    Notes
    -----
    For rank 1 a linear program; for others with a yes-or-no variable for each unit that may stay ahead. Relative
    distances of weights inside weights that vary are found by bisection, to one millionth, and are a bound.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> nearest_weights(result, "SGP", 2)
    <NearestWeights EGDI> SGP: from rank 3 to 2
      every weight within 38.9470% of itself
      ties there with EST, KOR; a step further breaks the tie
      exact: whole-number program
    """
    form, region, laws = _form_and_region(result, weights, node, period)
    at = form.position(unit)
    _refuse_request(rank, distance, len(form.units))
    search = Search(form, region, laws, at, int(rank), distance, time_limit)
    found = search.found()
    after = search.ranks(found.shares)
    tied = [name for other, name in enumerate(form.units) if other != at and after[other] == after[at]]
    return NearestWeights(
        form=form,
        unit=form.units[at],
        rank=int(rank),
        before=found.before,
        reached=int(after[at]),
        measure=distance,
        distance=found.high,
        low=found.low,
        shares=found.shares,
        tied=tuple(tied),
        by_tie=int(after[at]) + len(tied) > rank and search.only_ties(found.ahead),
        limits=laws,
        certainty=found.certainty,
    )


def _form_and_region(
    result: IndexResult, weights: Any, node: str | None, period: Any
) -> tuple[WeightForm, Region, Laws]:
    if weights is not None:
        form, laws = form_of(result, weights, node=node, period=period)
        return form, region_of(form, laws), laws
    form = weight_form(result, node=node, period=period)
    nodes = []
    for parent, places in form.ways.below:
        own = form.ways.own[places]
        free = form.ways.edges[places[0]][0] in form.ways.varied
        low, high = (np.zeros(len(places)), np.ones(len(places))) if free else (own, own)
        nodes.append(Shares(parent, places, low, high, np.zeros((0, len(places))), np.zeros(0)))
    return form, Region(tuple(nodes), form.ways.ends, len(form.ways.edges)), {}


def _refuse_request(rank: Any, distance: Any, n: int) -> None:
    faults = []
    if isinstance(rank, bool) or not isinstance(rank, (int, np.integer)) or not 1 <= rank <= n:
        message = f"a rank is a whole number from 1 to {n} here, found {rank!r:.40}"
        faults.append(Fault(message, check="bad_rank"))
    if distance not in DISTANCES:
        message = f"a distance is {' or '.join(map(repr, DISTANCES))}, found {distance!r:.40}"
        faults.append(Fault(message, check="unknown_option"))
    if faults:
        raise MethodError(faults)
