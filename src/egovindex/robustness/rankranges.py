"""Best and worst ranks: what is known of every unit, and the weights that show it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.certainty import BOUND, EXACT, Certainty
from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.kernels.region import Region
from egovindex.robustness.forms import LinearForm
from egovindex.shown import Shown, in_html

if TYPE_CHECKING:
    from egovindex.plots.exact_accessor import RankRangePlots

__all__ = ["RankRange"]

Ranks = npt.NDArray[np.int64]

_ENDS = ("best", "worst")


@dataclass(frozen=True, eq=False, repr=False)
class RankRange(Shown):
    """Between which ranks each unit can come.

    Made by :func:`egovindex.rank_range`.

    Parameters
    ----------
    form
        What is ranked.
    region
        Over what.
    about
        The same in words.
    places
        ``(units,)`` positions in the form.
    best, worst
        ``(units,)``: nothing that is allowed gives a better, or a worse, rank.
    best_found, worst_found
        ``(units,)`` ranks that the evaluator gives at weights of the certificate: equal to the former where exact.
    best_untied
        ``(units,)`` best rank where no tie is broken in the unit's favour.
    at
        ``(units, 2, V)`` shares that give the best and the worst rank found.
    how
        Method.
    seconds
        How long it took.
    stopped
        Why it was stopped early; empty if it was not.
    """

    form: LinearForm
    region: Region
    about: str
    places: Ranks
    best: Ranks
    worst: Ranks
    best_found: Ranks
    worst_found: Ranks
    best_untied: Ranks
    at: Floats
    how: str
    seconds: float
    stopped: str = ""

    @property
    def exact(self) -> npt.NDArray[np.bool_]:
        """``(units,)``: where both ends were reached."""
        return (self.best == self.best_found) & (self.worst == self.worst_found)

    @property
    def certainty(self) -> Certainty:
        """Exact, or a certified bound where the search was stopped."""
        return Certainty(EXACT if self.exact.all() else BOUND, self.how)

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known with it."""
        tied = int((self.best_untied > self.best).sum())
        found = [*self.form.notes]
        if not self.region.allows(self.form.shares):
            found.append("the weights of the index are not among those that are allowed; its ranks may lie outside")
        if tied:
            found.append(f"the best rank of {tied} is reached in a tie alone; see best_untied")
        open_ = int((~self.exact).sum())
        if open_ and not self.stopped:
            found.append(
                f"{open_} of {len(self.places)} are bounds: leads are too unequal for the solver to tell apart"
            )
        if self.stopped:
            found.append(f"{self.stopped}: {int((~self.exact).sum())} of {len(self.places)} are bounds")
        return tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """Every unit, best rank first.

        Returns
        -------
        DataFrame
            Indexed by unit: ``rank`` as the index is, ``best`` and ``worst`` (certain: nothing allowed is better or
            worse), ``width``, ``kind`` (``exact`` or ``bound``), ``best_found`` and ``worst_found`` (ranks that were
            reached), ``best_untied``.
        """
        own = self.form.ranks[self.places]
        table = pd.DataFrame(
            {
                "rank": own,
                "best": self.best,
                "worst": self.worst,
                "width": self.worst - self.best,
                "kind": np.where(self.exact, EXACT, BOUND),
                "best_found": self.best_found,
                "worst_found": self.worst_found,
                "best_untied": self.best_untied,
            },
            index=self.form.index[self.places],
        )
        return table.iloc[np.lexsort((np.array(self.form.units)[self.places], own))]

    def of(self, unit: Any) -> pd.Series:
        """One unit's row of the table."""
        return self.table.iloc[self._row_in_table(unit)]

    def _row_in_table(self, unit: Any) -> int:
        name = self.form.units[self.places[self._row(unit)]]
        units = self.table.index.get_level_values("unit").astype(str)
        return int(np.flatnonzero(units == name)[0])

    def _row(self, unit: Any) -> int:
        at = self.form.position(unit)
        found = np.flatnonzero(self.places == at)
        if not found.size:
            raise MethodError(Fault(f"{self.form.units[at]} was not asked for", check="unknown_unit"))
        return int(found[0])

    def certificate(self, unit: Any, end: str = "best") -> dict[str, dict[str, float]]:
        """Weights (or points) at which a unit has the best, or the worst, rank that was found.

        Parameters
        ----------
        unit
            Its name.
        end
            ``"best"`` or ``"worst"``.

        Returns
        -------
        dict
            Shares by node and child: what :meth:`egovindex.Index.with_weights` takes; points by map and category.

        Raises
        ------
        MethodError
            There is no such unit or end.
        """
        if end not in _ENDS:
            raise MethodError(Fault(f'an end is "best" or "worst", found "{end}"', check="unknown_option"))
        return self.form.table_of(self.at[self._row(unit), _ENDS.index(end)])

    @cached_property
    def plot(self) -> RankRangePlots:
        """Pictures; see :mod:`egovindex.plots`."""
        from egovindex.plots.exact_accessor import RankRangePlots

        return RankRangePlots(self)

    def _summary(self) -> list[str]:
        width, exact = self.worst - self.best, int(self.exact.sum())
        n = len(self.places)
        kind = "all exact" if exact == n else f"{exact} of {n} exact, the others certified bounds"
        lines = [f"<RankRange {self.form.node}> {n} units over {self.about}: {kind}"]
        if n:
            widest = int(width.argmax())
            unit = self.form.units[self.places[widest]]
            lines.append(
                f"  median width {np.median(width):g} ranks; widest {unit}, {self.best[widest]} to {self.worst[widest]}"
            )
        return lines + [f"  {note}" for note in self.notes]

    def __repr__(self) -> str:
        rows = self.table[["rank", "best", "worst", "kind"]].head(10).to_string().splitlines()
        return "\n".join([*self._summary(), *(f"  {row}" for row in rows)])

    def _repr_html_(self) -> str:
        return in_html(self._summary(), self.table)
