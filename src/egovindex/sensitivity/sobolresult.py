"""What sensitivity indices say, with how sure they are."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from egovindex.certainty import SAMPLED, Certainty
from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.kernels.sobol import Moments, indices
from egovindex.result import IndexResult
from egovindex.sensitivity.doubt import Doubt
from egovindex.sensitivity.study import Study
from egovindex.sensitivity.targets import Target
from egovindex.shown import Shown

if TYPE_CHECKING:
    from egovindex.plots.sobol_accessor import SobolPlots

__all__ = ["Sobol"]

_COLUMNS = ("first", "first_low", "first_high", "total", "total_low", "total_high")


@dataclass(frozen=True, eq=False, repr=False)
class Sobol(Shown):
    """First-order and total indices of the doubts about an index.

    Made by :func:`sobol`. Arrays are ``(groups, outputs)``.

    Parameters
    ----------
    result, doubt, study
        The index without any draw, what was varied, and both together.
    target
        What varies.
    groups
        Names of factors by group.
    n, rng
        Number of points of each sample, and the seed.
    estimator, level
        Of first-order indices, and of the intervals.
    first, total, variance
        The indices, and the variance ``(outputs,)`` that they share out; 0 for an output that never varies.
    intervals
        Ends of the bootstrap intervals, by name.
    moments
        What the indices are means of.
    failed
        Point, evaluation and reason of those that failed. Their points are left out, as a whole.
    left_out
        Outputs without a number in some draw.
    design
        The settings of all points.
    """

    result: IndexResult
    doubt: Doubt
    study: Study
    target: Target
    groups: Mapping[str, tuple[str, ...]]
    n: int
    rng: int
    estimator: str
    level: float
    first: Floats
    total: Floats
    variance: Floats
    intervals: Mapping[str, Floats]
    moments: Moments
    failed: list[tuple[int, str, str]]
    left_out: tuple[str, ...]
    design: Any

    @property
    def certainty(self) -> Certainty:
        """Sampled: points of each of two samples and their seed; the intervals say how far an index may be off."""
        return Certainty(SAMPLED, "scrambled Sobol points", n=self.n, seed=self.rng)

    @property
    def laws(self) -> dict[str, str]:
        """The law of every factor, by its name."""
        return self.study.laws

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the numbers whose variance is shared out."""
        return tuple(name for name in self.target.outputs if name not in self.left_out)

    @property
    def evaluations(self) -> int:
        """How often the index was evaluated."""
        return self.n * (len(self.groups) + 2)

    @property
    def table(self) -> pd.DataFrame:
        """Indices of every group.

        Returns
        -------
        DataFrame
            Columns ``first``, ``first_low``, ``first_high``, ``total``, ``total_low``, ``total_high``. Indexed by
            ``group``, the largest total index first; by ``(output, group)``, in the order of the outputs, where
            there are several.
        """
        if len(self.outputs) == 1:
            return self._of(0).sort_values("total", ascending=False, kind="stable")
        frames = {name: self._of(at) for at, name in enumerate(self.outputs)}
        return pd.concat(frames, names=["output"])

    def of(self, output: Any, period: Any = None) -> pd.DataFrame:
        """Indices of one output, such as a unit; the largest total index first.

        Parameters
        ----------
        output
            A unit, or an output as the tables name it.
        period
            Of a unit; may be left out where there is one.

        Raises
        ------
        MethodError
            There is none of that name, or it has no number in some draw.
        """
        name = self.target.output(output, self.result, period)
        if name in self.left_out:
            raise MethodError(Fault(f"{name} has no number in some draw, and no indices", check="no_numbers"))
        return self._of(self.outputs.index(name)).sort_values("total", ascending=False, kind="stable")

    def _of(self, at: int) -> pd.DataFrame:
        arrays = {"first": self.first, "total": self.total, **self.intervals}
        table = {name: arrays[name][:, at] for name in _COLUMNS}
        return pd.DataFrame(table, index=pd.Index(list(self.groups), name="group"))

    @property
    def first_order(self) -> pd.DataFrame:
        """First-order indices: one row per output, one column per group."""
        return pd.DataFrame(self.first.T, index=pd.Index(self.outputs, name="output"), columns=list(self.groups))

    @property
    def totals(self) -> pd.DataFrame:
        """Total indices: one row per output, one column per group."""
        return pd.DataFrame(self.total.T, index=pd.Index(self.outputs, name="output"), columns=list(self.groups))

    @property
    def means(self) -> pd.DataFrame:
        """Mean of the indices over the outputs that vary, each counting alike; the largest total index first."""
        table = pd.DataFrame(self._means(self.first, self.total), index=pd.Index(list(self.groups), name="group"))
        return table.sort_values("total", ascending=False, kind="stable")

    def _means(self, first: Floats, total: Floats) -> dict[str, Floats]:
        varies = self.variance > 0 if (self.variance > 0).any() else np.ones_like(self.variance, dtype=bool)
        return {"first": first[:, varies].mean(axis=1), "total": total[:, varies].mean(axis=1)}

    @property
    def interactions(self) -> pd.Series:
        """Share of the variance that no doubt explains alone: one minus the sum of the first-order indices."""
        share = np.where(self.variance > 0, 1.0 - self.first.sum(axis=0), 0.0)
        return pd.Series(share, index=pd.Index(self.outputs, name="output"), name="interactions")

    @property
    def fixed(self) -> tuple[str, ...]:
        """Outputs that never vary: their indices are 0."""
        return tuple(name for name, variance in zip(self.outputs, self.variance, strict=True) if variance == 0)

    @property
    def failures(self) -> pd.DataFrame:
        """Evaluations that failed, with the reason and their settings; the points they belong to are left out.

        Returns
        -------
        DataFrame
            Columns ``point``, ``evaluation``, ``reason``, then the settings.
        """
        names = list(self.design.names)
        rows = []
        for point, evaluation, reason in self.failed:
            settings = self.design.settings(names.index(evaluation), slice(point, point + 1))
            row: dict[str, Any] = {"point": point, "evaluation": evaluation, "reason": reason}
            for factor in self.study.factors:
                row |= factor.named(settings[factor.name][0])
            rows.append(row)
        return pd.DataFrame(rows, columns=None if rows else ["point", "evaluation", "reason"])

    @property
    def convergence(self) -> pd.DataFrame:
        """Indices of the first points alone: whether more would change anything.

        Returns
        -------
        DataFrame
            Indexed by ``(points, group)``; columns ``first`` and ``total``, means over those that vary where there are
            several outputs.
        """
        frames = {}
        points = self.moments.points
        number = 16
        while number < points:
            frames[number] = self._with(number)
            number *= 2
        frames[points] = self._with(points)
        return pd.concat(frames, names=["points"])

    def _with(self, points: int) -> pd.DataFrame:
        parts = {name: part[:points] for name, part in self.moments.parts.items()}
        first, total, _ = indices(Moments(parts, self.moments.size, self.moments.power), first=self.estimator)
        return pd.DataFrame(self._means(first, total), index=pd.Index(list(self.groups), name="group"))

    @cached_property
    def manifest(self) -> Any:
        """What is needed to run it again: the manifest of the result, the doubt, the seed, the options."""
        from egovindex.sensitivity.manifest import manifest_of_sobol

        return manifest_of_sobol(self)

    @cached_property
    def plot(self) -> SobolPlots:
        """Pictures of these indices; see :mod:`egovindex.plots`."""
        from egovindex.plots.sobol_accessor import SobolPlots

        return SobolPlots(self)

    # --- shown
    def _summary(self) -> list[str]:
        what = f"<Sobol {self.result.index.id}> {self.target.name} of {self.study.node}"
        size = f"{self.n:,} points, {self.evaluations:,} evaluations"
        lines = [f"{what}, {size}, seed {self.rng}; {self.study.how_learned}"]
        lines += [
            f"  {factor.name}: {factor.law}{f' ({factor.idle})' if factor.idle else ''}"
            for factor in self.study.factors[:5]
        ]
        if len(self.study.factors) > 5:
            lines.append(f"  and {len(self.study.factors) - 5} more factors")
        if self.n & (self.n - 1):
            lines.append(f"  {self.n} is no power of two: the points are less evenly spread")
        if self.failed:
            bad = len({point for point, _, _ in self.failed})
            lines.append(f"  {len(self.failed)} evaluations failed, see .failures; their {bad} points are left out")
        if self.left_out:
            lines.append(f"  {len(self.left_out)} outputs have no number in some draw, and no indices")
        return lines

    def _shown(self) -> pd.DataFrame:
        if len(self.outputs) == 1:
            return self.table
        return self.means.add_prefix("mean ")

    def __repr__(self) -> str:
        return "\n".join([*self._summary(), *(f"  {line}" for line in self._shown().round(3).to_string().splitlines())])

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        body = "<br>".join(html.escape(line.strip()) for line in rest)
        return (
            f"<b>{html.escape(head)}</b><br>{body}{self._shown().round(3).reset_index().to_html(index=False, border=0)}"
        )
