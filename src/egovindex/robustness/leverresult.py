"""What levers gives: the cheapest changes, what they do one after the other, and the certificate."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from egovindex.certainty import Certainty
from egovindex.result import IndexResult
from egovindex.robustness.levertarget import Standing
from egovindex.shown import Shown
from egovindex.spec.language import number_text
from egovindex.whatif import WhatIf

if TYPE_CHECKING:
    from egovindex.plots.exact_accessor import LeverPlots

__all__ = ["Levers"]


@dataclass(frozen=True, eq=False, repr=False)
class Levers(Shown):
    """The cheapest set of answer changes with which one unit reaches its goal.

    Made by :func:`egovindex.levers`.

    Parameters
    ----------
    result
        The run.
    unit, period, node
        Who is to reach it, and in which node.
    target
        The goal in words.
    threshold
        The least score that reaches it; minus infinity where any score does.
    before, after
        Score, rank and class (``class_``) without and with the changes, all other scores held.
    cost, cost_bound
        What the changes cost, and what no set of the answers that may change costs less than, if it reaches the goal;
        equal where the certainty is exact. Answers that are left out are not among them: see :attr:`notes`.
    certainty
        ``exact``, or ``bound`` where the time limit ended the search.
    complete
        Whether :attr:`alternatives` has every other set of the same cost.
    relearned
        Where the unit would stand if everything were learned again from the changed answers; ``None`` where that
        has no value.
    notes
        What is held, and what is not among the levers and why.
    what_if
        The run with the changes, as :func:`egovindex.what_if` gives it.
    tables
        The tables behind :attr:`changes`, :attr:`alternatives` and :attr:`ladder`.
    """

    result: IndexResult
    unit: str
    period: Any
    node: str
    target: str
    threshold: float
    before: Standing
    after: Standing
    cost: float
    cost_bound: float
    certainty: Certainty
    complete: bool
    relearned: Standing | None
    notes: tuple[str, ...]
    what_if: WhatIf
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def changes(self) -> pd.DataFrame:
        """The answers to change.

        Returns
        -------
        DataFrame
            Columns ``item`` (the indicator, or the column where several read it), ``label``, ``before``, ``after``,
            ``cost`` and ``gain``: by how much the score would rise with this change alone.
        """
        return self.tables["changes"].copy()

    @property
    def alternatives(self) -> pd.DataFrame:
        """Other sets that cost the same and reach the goal, and from which nothing can be left out.

        Returns
        -------
        DataFrame
            Columns ``alternative`` (1, 2, ...), ``item, label, before, after, cost``.
        """
        return self.tables["alternatives"].copy()

    @property
    def ladder(self) -> pd.DataFrame:
        """The changes one after the other, the largest gain per cost first.

        Returns
        -------
        DataFrame
            Columns ``step`` (1, 2, ...), ``item, label, before, after, cost``, and ``score, rank, class`` after the
            step; NaN where the index does not take a change without the next one.
        """
        return self.tables["ladder"].copy()

    @property
    def certificate(self) -> pd.Series:
        """What makes the answer certain.

        Returns
        -------
        Series
            ``score`` (of the evaluator, with all changes), ``threshold``, ``reached``, ``cost``, ``cost_bound``
            (proven: no set costs less), ``learned`` (how).
        """
        learned = "as in the run" if self.what_if.learn == "nominal" else "again"
        found = {
            "score": self.after.score,
            "threshold": self.threshold,
            "reached": True,
            "cost": self.cost,
            "cost_bound": self.cost_bound,
            "learned": learned,
        }
        return pd.Series(found, dtype=object)

    @cached_property
    def plot(self) -> LeverPlots:
        """Pictures; see :mod:`egovindex.plots`."""
        from egovindex.plots.exact_accessor import LeverPlots

        return LeverPlots(self)

    # --- shown
    @property
    def name(self) -> str:
        """The unit, with its period if there is one."""
        return self.unit if self.period is None else f"{self.unit} {self.period}"

    def _summary(self) -> list[str]:
        lines = [f"<Levers {self.result.index.id}> {self.name}: {self.target}"]
        count = len(self.tables["changes"])
        price = number_text(round(self.cost, 6))
        if count == 0:
            lines.append(f"  reached as it is: {self.before}")
            return lines
        proven = "" if self.cost_bound == self.cost else f" (at least {number_text(round(self.cost_bound, 6))})"
        lines.append(f"  {count} {'change' if count == 1 else 'changes'}, cost {price}{proven}; {self.certainty}")
        lines.append(f"  {self.before}  ->  {self.after}")
        others = self.tables["alternatives"]["alternative"].nunique()
        more = "" if self.complete else ", and there may be more"
        if others:
            lines.append(f"  {others} other {'set' if others == 1 else 'sets'} of the same cost{more}")
        elif not self.complete:
            lines.append("  there may be other sets of the same cost")
        if self.relearned is not None and self.relearned != self.after:
            lines.append(f"  learned again: {self.relearned}")
        return lines

    def __repr__(self) -> str:
        lines = self._summary()
        table = self.tables["changes"][["item", "before", "after", "cost", "gain"]]
        if len(table):
            lines += [f"  {line}" for line in table.head(12).to_string(index=False).splitlines()]
        if len(table) > 12:
            lines.append(f"  ... {len(table) - 12} more in .changes")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        body = "<br>".join(html.escape(line.strip()) for line in (*rest, *self.notes))
        table = self.tables["changes"].to_html(index=False, escape=True, border=0)
        return f"<b>{html.escape(head)}</b><br>{body}{table if len(self.tables['changes']) else ''}"
