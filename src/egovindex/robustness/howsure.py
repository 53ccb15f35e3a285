"""Worst case, one weight at a time, and probability: three answers to one question, side by side.

With many indicators a box of weights lets all of them conspire, so that the worst case is wide where hardly any draw
moves a rank. None of the three says it all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from egovindex.certainty import Certainty
from egovindex.errors import Fault, MethodError
from egovindex.progress import Progress
from egovindex.result import IndexResult
from egovindex.robustness.forms import WeightForm
from egovindex.robustness.oneweight import WeightStability, weight_stability
from egovindex.robustness.radii import RankRadius
from egovindex.robustness.radius import rank_radius
from egovindex.robustness.rankrange import rank_range
from egovindex.robustness.rankranges import RankRange
from egovindex.robustness.regions import form_of, laws_of
from egovindex.sensitivity.doubt import Doubt
from egovindex.sensitivity.parameters import refuse_bad_share, refuse_no_count
from egovindex.sensitivity.simulate import simulate
from egovindex.shown import Shown, in_html

if TYPE_CHECKING:
    from egovindex.plots.exact_accessor import HowSurePlots
    from egovindex.sensitivity.draws import Draws

__all__ = ["HowSure", "how_sure"]

_LEVEL = 0.90


@dataclass(frozen=True, eq=False, repr=False)
class HowSure(Shown):
    """What a law of weights does to ranks, seen in three ways.

    Made by :func:`how_sure`.

    Parameters
    ----------
    ranges
        Worst case: exact best and worst ranks.
    stability, one_weight
        One weight at a time, and the ranks that it gives within the law.
    draws
        Draws from the law with the learned values kept; ``None`` if none were asked for.
    radius
        How far weights may move before a rank changes.
    level
        Share of the draws inside their interval.
    """

    ranges: RankRange
    stability: WeightStability
    one_weight: pd.DataFrame
    draws: Draws | None
    radius: RankRadius
    level: float

    @cached_property
    def certainties(self) -> dict[str, Certainty]:
        """How certain each part is: ``worst_case``, ``one_weight``, ``draws``, ``radius``."""
        found = {"worst_case": self.ranges.certainty, "one_weight": self.stability.certainty}
        if self.draws is not None:
            found["draws"] = replace(self.draws.certainty, how=f"{self.level:.0%} of draws")
        return {**found, "radius": self.radius.certainty}

    @property
    def table(self) -> pd.DataFrame:
        """Every unit by rank.

        Returns
        -------
        DataFrame
            Indexed by unit: ``rank``; ``worst_case_best`` and ``worst_case_worst``; ``one_weight_best`` and
            ``one_weight_worst``; ``draws_low`` and ``draws_high``, ``same_rank`` (share of draws with the rank of the
            index) and its standard error ``same_rank_error``, where draws were asked for; ``radius``. How certain each
            is stands in :attr:`certainties`.
        """
        ranges = self.ranges.table
        table = pd.DataFrame(
            {
                "rank": ranges["rank"],
                "worst_case_best": ranges["best"],
                "worst_case_worst": ranges["worst"],
                "one_weight_best": self.one_weight["best"].reindex(ranges.index),
                "one_weight_worst": self.one_weight["worst"].reindex(ranges.index),
            }
        )
        if self.draws is not None:
            drawn = self._drawn
            for name in ("low", "high"):
                table[f"draws_{name}"] = drawn[name].reindex(ranges.index)
            table["same_rank"] = drawn["same_rank"].reindex(ranges.index)
            table["same_rank_error"] = self.draws.errors_of(table["same_rank"])
        table["radius"] = self.radius.table["radius"].reindex(ranges.index)
        return table

    @cached_property
    def _drawn(self) -> pd.DataFrame:
        assert self.draws is not None  # noqa: S101 - for the type checker
        form = self.ranges.form
        intervals = self.draws.rank_intervals(self.level).iloc[form.rows].set_axis(form.index)
        shares = self.draws.rank_probabilities().iloc[form.rows].to_numpy()
        same = [row[rank - 1] for row, rank in zip(shares, intervals["rank"], strict=True)]
        return intervals.assign(same_rank=same)

    @cached_property
    def plot(self) -> HowSurePlots:
        """Pictures; see :mod:`egovindex.plots`."""
        from egovindex.plots.exact_accessor import HowSurePlots

        return HowSurePlots(self)

    def _summary(self) -> list[str]:
        table = self.table
        widths = [("worst case", table["worst_case_worst"] - table["worst_case_best"])]
        widths.append(("one weight at a time", table["one_weight_worst"] - table["one_weight_best"]))
        if self.draws is not None:
            widths.append((f"{self.level:.0%} of draws", table["draws_high"] - table["draws_low"]))
        names = ("worst_case", "one_weight", "draws")
        lines = [f"<HowSure {self.ranges.form.node}> {len(table)} units over {self.ranges.about}"]
        for (what, width), name in zip(widths, names, strict=False):
            lines.append(f"  {what}: median width {np.median(width):g} ranks ({self.certainties[name]})")
        return lines + [f"  {note}" for note in self.ranges.notes]

    def __repr__(self) -> str:
        rows = self.table.head(10).round(3).to_string().splitlines()
        return "\n".join([*self._summary(), *(f"  {row}" for row in rows)])

    def _repr_html_(self) -> str:
        return in_html(self._summary(), self.table.round(3))


def how_sure(
    result: IndexResult,
    weights: Any,
    *,
    n: int | None = 1000,
    rng: Any = None,
    level: float = _LEVEL,
    node: str | None = None,
    period: Any = None,
    time_limit: float | None = None,
    progress: Progress = None,
) -> HowSure:
    """Worst case, one weight at a time, and draws of one law of weights, side by side.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`; its learned values are kept in all three.
    weights
        A law of weights, as for :func:`egovindex.rank_range`.
    n, rng, level
        Number of draws (``None`` for no draws), their seed, and the share of them inside an interval.
    node, period
        What is ranked, and when.
    time_limit, progress
        Of the exact ranks, as for :func:`egovindex.rank_range`.

    Returns
    -------
    HowSure

    Raises
    ------
    MethodError
        As :func:`egovindex.rank_range` and :func:`egovindex.simulate`.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> seen = ei.how_sure(result, ei.within(0.25), rng=1)
    >>> seen.table.loc["KHM"].iloc[:7].astype(int).tolist()
    [120, 118, 123, 119, 122, 118, 122]
    """
    form, laws = form_of(result, weights, node=node, period=period)
    doubt = None if n is None else _drawable(form, weights, n, level)
    ranges = rank_range(result, weights, node=node, period=period, time_limit=time_limit, progress=progress)
    stability = weight_stability(result, nodes=list(laws), node=node, period=period)
    one_weight = stability.rank_range(laws)
    radius = rank_radius(result, nodes=list(laws), node=node, period=period)
    draws = None
    if doubt is not None and n is not None:
        data = result.plan.data
        draws = simulate(result.index, data, doubt, n=n, rng=rng, node=form.node, learn="nominal", progress=progress)
    return HowSure(ranges, stability, one_weight, draws, radius, level)


def _drawable(form: WeightForm, weights: Any, n: Any, level: Any) -> Doubt:
    """The doubt that is drawn from, before anything long begins.

    What is ranked before rounding cannot be told from what is not, beside what is ranked after it.
    """
    refuse_no_count(n, "n")
    refuse_bad_share(level, "level")
    if any(step.name == "round" for step in form.result.index.tree.branches[form.node].steps):
        message = (
            f"{form.node} is rounded in the end: draws rank rounded scores, exact ranges unrounded ones. Leave the "
            "draws out here (n=None), and draw with simulate"
        )
        raise MethodError(Fault(message, check="rounded"))
    doubt = weights if isinstance(weights, Doubt) else Doubt(weights=weights)
    laws_of(doubt)
    return doubt
