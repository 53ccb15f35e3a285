"""Who is at least as good as whom whatever the weights (or the coding), and who can be ahead at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.blas import one_blas_thread
from egovindex.certainty import EXACT, Certainty
from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.kernels.pairs import least_leads
from egovindex.kernels.region import Region
from egovindex.result import IndexResult
from egovindex.robustness.forms import LinearForm
from egovindex.robustness.questions import question_of
from egovindex.shown import Shown, in_html

__all__ = ["Dominance", "dominance"]

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class Dominance(Shown):
    """Necessary and possible preference among all units.

    Made by :func:`dominance`.

    Parameters
    ----------
    form, region, about
        What is compared, over what, and the same in words.
    leads
        ``(n, n)`` smallest lead of the row's unit over the column's.
    """

    form: LinearForm
    region: Region
    about: str
    leads: Floats

    @property
    def certainty(self) -> Certainty:
        """Exact."""
        return Certainty(EXACT, "smallest lead of every pair")

    @cached_property
    def _necessary(self) -> Bools:
        found: Bools = self.leads >= -self.form.tolerance
        np.fill_diagonal(found, False)
        return found

    @cached_property
    def _always_ahead(self) -> Bools:
        return self.leads > self.form.tolerance

    def _framed(self, values: Any) -> pd.DataFrame:
        units = pd.Index(self.form.units, name="unit")
        return pd.DataFrame(values, index=units, columns=units.rename("than"))

    @property
    def necessary(self) -> pd.DataFrame:
        """Whether the row's unit is at least as good as the column's whatever is allowed; a unit and itself: no."""
        return self._framed(self._necessary.copy())

    @property
    def possible(self) -> pd.DataFrame:
        """Whether the row's unit is ahead of the column's somewhere in what is allowed."""
        return self._framed(self.form.tolerance < -self.leads.T)

    @property
    def share(self) -> float:
        """Share of all pairs of units of which one is ahead, or level, whatever is allowed."""
        n = len(self.leads)
        decided = np.triu(self._necessary | self._necessary.T, 1).sum()
        return float(decided / (n * (n - 1) / 2)) if n > 1 else 1.0

    @property
    def table(self) -> pd.DataFrame:
        """Every unit: how many it is always ahead of, always behind, and how many are open.

        Returns
        -------
        DataFrame
            Indexed by unit, by rank: ``rank``, ``always_ahead_of``, ``always_behind``, ``always_level`` and ``open``.
            A lead that can shrink to a tie, but not turn, leaves a pair open here and is in :attr:`necessary`.
        """
        ahead = self._always_ahead
        level = self._necessary & self._necessary.T
        n = len(self.leads)
        table = pd.DataFrame(
            {
                "rank": self.form.ranks,
                "always_ahead_of": ahead.sum(axis=1),
                "always_behind": ahead.sum(axis=0),
                "always_level": level.sum(axis=1),
                "open": n - 1 - ahead.sum(axis=1) - ahead.sum(axis=0) - level.sum(axis=1),
            },
            index=self.form.index,
        )
        return table.sort_values("rank", kind="stable")

    def of(self, unit: Any) -> pd.DataFrame:
        """One unit against each other.

        Returns
        -------
        DataFrame
            Indexed by the other: ``rank`` of the other, ``least`` and ``most``, between which the unit's lead lies (in
            the units of the linear form: scores, or their logarithms where the node is a geometric mean), and
            ``verdict``: ``ahead``, ``at least level``, ``level``, ``open``, ``at most level`` or ``behind``.

        Raises
        ------
        MethodError
            There is no such unit.
        """
        at = self.form.position(unit)
        least, most, near = self.leads[at], -self.leads[:, at], self.form.tolerance
        verdicts = np.select(
            [
                (np.abs(least) <= near) & (np.abs(most) <= near),
                least > near,
                most < -near,
                least >= -near,
                most <= near,
            ],
            ["level", "ahead", "behind", "at least level", "at most level"],
            "open",
        )
        table = pd.DataFrame(
            {"rank": self.form.ranks, "least": least, "most": most, "verdict": verdicts}, index=self.form.index
        )
        return table.drop(self.form.index[at]).sort_values("rank", kind="stable")

    @property
    def covers(self) -> pd.DataFrame:
        """Pairs (``unit``, ``than``) always ahead with nobody always between: the lines of a Hasse diagram."""
        ahead = self._always_ahead
        between = (ahead.astype(np.float32) @ ahead.astype(np.float32)) > 0
        one, other = np.nonzero(ahead & ~between)
        units = np.array(self.form.units, dtype=object)
        return pd.DataFrame({"unit": units[one], "than": units[other]})

    @property
    def undominated(self) -> tuple[str, ...]:
        """Units that nobody is always ahead of."""
        first = ~self._always_ahead.any(axis=0)
        return tuple(np.array(self.form.units)[first])

    def _summary(self) -> list[str]:
        n = len(self.leads)
        lines = [
            f"<Dominance {self.form.node}> {n} units over {self.about}: {self.share:.1%} of pairs are decided (exact)",
            f"  {len(self.undominated)} of them have nobody who is always ahead",
        ]
        return lines + [f"  {note}" for note in self.form.notes]

    def __repr__(self) -> str:
        return "\n".join([*self._summary(), *(f"  {row}" for row in self.table.head(10).to_string().splitlines())])

    def _repr_html_(self) -> str:
        return in_html(self._summary(), self.table)


def dominance(
    result: IndexResult, weights: Any = None, *, points: Any = None, node: str | None = None, period: Any = None
) -> Dominance:
    """Necessary and possible preference: which pairs stay as they are whatever weights, or codings, are allowed.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`; its learned values are kept.
    weights
        A law of weights, as for :func:`egovindex.rank_range`.
    points
        In place of weights: maps of points. A pair that is decided then stays so under every scoring of the
        categories between that keeps their order, so that no choice of points for "drafted" or "planned" turns it.
    node, period
        What is compared, and when.

    Returns
    -------
    Dominance

    Raises
    ------
    MethodError
        As :func:`egovindex.rank_range`.

    Notes
    -----
    Necessary and possible preference: Greco, Mousseau and Slowinski 2008, doi 10.1016/j.ejor.2007.08.013. Over all
    monotone codings it is first-order dominance of the weighted shares of answers.

    Examples
    --------
    >>> import egovindex as ei
    >>> index = ei.load_index("unctad-cyberlaw-2026").with_rules("graded")
    >>> result = ei.compute(index, ei.sample("unctad-cyberlaw-2026"))
    >>> round(ei.dominance(result, points="status").share, 3)
    0.999
    """
    asked = question_of(result, weights, points, node=node, period=period)
    if len(asked.form.units) < 2:
        raise MethodError(Fault(f"{asked.form.node}: fewer than two units have a score", check="too_few_units"))
    with one_blas_thread():
        return Dominance(asked.form, asked.region, asked.about, least_leads(asked.form.x, asked.region))
