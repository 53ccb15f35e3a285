"""Where changed answers of one unit are tried: rows below the data, scored by the same reader and evaluator.

Learned values are those of the run. A trial is a set of answers in one or a few columns; what it does to every
indicator is read off its row. Many sets of trials are then scored at once, each in a row of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from egovindex.classing import names_of_bands
from egovindex.errors import DataError, MethodError
from egovindex.evaluate import evaluate, leaf_points, leaf_values
from egovindex.formulas import Floats
from egovindex.points import SCORED, LeafData
from egovindex.result import IndexResult
from egovindex.spec import values
from egovindex.tables import row_headings

if TYPE_CHECKING:
    from egovindex.plan import Plan

__all__ = ["Bench", "Effect", "NotAsPromised"]

_TOGETHER = 64  # sets that are scored at once
_SAME = 1e-12

Answers = Mapping[str, Any]


class NotAsPromised(RuntimeError):
    """A model and the evaluator disagree: a fault of this library, never of the caller."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an indicator is with some answers.

    Parameters
    ----------
    value
        After its steps; NaN where it has no points.
    state
        See :data:`egovindex.points.STATES`.
    answered
        Whether it counts as answered.
    """

    value: float
    state: int
    answered: bool

    def same(self, other: Effect) -> bool:
        """Whether nothing that a node reads differs."""
        alike = self.value == other.value or (np.isnan(self.value) and np.isnan(other.value))
        return alike and self.state == other.state and self.answered == other.answered


class Bench:
    """One unit's row, once for each trial and some times as it is.

    Parameters
    ----------
    result, row
        The run, and the unit's row.
    node
        The node that is aimed at.
    trials
        Answers by heading, each to be tried alone.

    Attributes
    ----------
    refused
        Why the index does not take some trials, by their place.
    """

    def __init__(self, result: IndexResult, row: int, node: str, trials: Sequence[Answers]) -> None:
        self.result, self.row, self.node = result, row, node
        self.sources, self.at = _history(result, row)
        self.refused: dict[int, str] = {}
        self.places: dict[int, int] = {}
        self.learned = result.learned_values
        self.below = tuple(name for name in result.plan.tree.order if name in result.plan.below([node]))
        read = names_of_bands(result.index.classes(node) or {})
        self.asked = tuple(dict.fromkeys([*self.below, *(n for n in read if n in result.plan.tree.branches)]))
        self.plan = self._planned(trials)
        self.pointed = leaf_points(self.plan, self.learned)
        self.values = leaf_values(self.plan, self.learned)
        self.base = self.scores([()])
        self._as_in_the_run()

    # --- the table
    def _planned(self, trials: Sequence[Answers]) -> Plan:
        """The data with the rows below; trials that the index does not take fall away."""
        left = dict(enumerate(trials))
        while True:
            table, names = self._table(left)
            try:
                plan = self.result.index.plan(table)
                leaf_values(plan, self.learned)
                break
            except (DataError, MethodError) as error:
                bad = {place: fault.message for fault in error.faults for unit in fault.units
                       if (place := names.get(unit, -1)) >= 0}  # fmt: skip
                if not bad:
                    raise
                self.refused.update(bad)
                left = {place: answers for place, answers in left.items() if place not in bad}
        start, size = len(self.result.plan.rows), len(self.sources)
        self.places = {place: start + nth * size + self.at for nth, place in enumerate(left)}
        first = start + len(left) * size + self.at
        self.free = np.arange(first, first + _TOGETHER * size, size)
        return plan

    def _table(self, left: Mapping[int, Answers]) -> tuple[pd.DataFrame, dict[str, int]]:
        plan, size = self.result.plan, len(self.sources)
        rows, n = plan.rows, len(plan.rows)
        copies = [*left, *[-1] * _TOGETHER]
        from_row = [*self.sources] * len(copies)
        table = plan.data.iloc[[*range(n), *from_row]].reset_index(drop=True)
        new: dict[Any, list[Any]] = {}
        for nth, answers in enumerate(left.values()):
            for name, answer in answers.items():
                heading = plan.headings[name]
                if heading not in new:
                    new[heading] = table[heading].astype(object).tolist()
                new[heading][n + nth * size + self.at] = answer
        units = [unit for unit in self._names(len(copies)) for _ in self.sources]
        keys = row_headings(plan.file)
        new[plan.headings.get(keys["unit"], keys["unit"])] = [*rows.units, *units]
        if rows.periods is not None:
            new[plan.headings.get(keys["period"], keys["period"])] = [*rows.periods, *rows.periods[from_row]]
        for heading, cells in new.items():
            table[heading] = pd.Series(cells, dtype=object).infer_objects()
        named = replace(
            rows,
            units=np.array([*rows.units, *units], dtype=object),
            periods=None if rows.periods is None else np.concatenate([rows.periods, rows.periods[from_row]]),
        )
        return table, {named.name(n + at): copies[at // size] for at in range(len(copies) * size)}

    def _names(self, count: int) -> list[str]:
        """Units that are not among those of the data."""
        stem = "trial"
        while any(str(unit).startswith(stem) for unit in self.result.plan.rows.units):
            stem += "_"
        return [f"{stem} {at}" for at in range(count)]

    def _as_in_the_run(self) -> None:
        """A copy of the unit must score what the unit does."""
        here, there = self.base.of(self.node)[0], self.result.nominal.by_node[self.node][self.row]
        if not abs(here - there) <= _SAME * max(1.0, abs(there)):
            message = f"a copy of the row scores {here!r} in {self.node}, the row itself {there!r}"
            raise NotAsPromised(message)

    # --- trials
    def effect(self, leaf: str, trial: int | None) -> Effect:
        """What an indicator is in a trial; as it is now without one."""
        at = int(self.free[0]) if trial is None else self.places[trial]
        data = self.plan.leaves[leaf]
        state = SCORED if data.state is None else int(data.state[at])
        answered = True if data.answered is None else bool(data.answered[at])
        return Effect(float(self.values[leaf][at]), state, answered)

    def scores(self, sets: Sequence[Collection[tuple[int, Collection[str]]]]) -> Tried:
        """Score some sets of trials, each of which says which indicators it moves.

        Parameters
        ----------
        sets
            At most 64; each a collection of (trial, indicators). No indicator is moved twice in one.
        """
        leaves = dict(self.plan.leaves)
        moved = {leaf for one in sets for _, names in one for leaf in names}
        for leaf in moved:
            data = self.plan.leaves[leaf]
            fixed = self.pointed[leaf].copy()
            state = None if data.state is None else data.state.copy()
            answered = None if data.answered is None else data.answered.copy()
            for at, one in zip(self.free, sets, strict=False):
                for trial, names in one:
                    if leaf in names:
                        source = self.places[trial]
                        for array in (fixed, state, answered):
                            if array is not None:
                                array[at] = array[source]
            leaves[leaf] = LeafData(fixed=fixed, state=state, answered=answered)
        plan = replace(self.plan, leaves=leaves)
        found = evaluate(plan, learned=self.learned, nodes=self.asked)
        return Tried(self, plan, found, self.free[: len(sets)])

    def in_blocks(self, sets: Sequence[Collection[tuple[int, Collection[str]]]]) -> Floats:
        """Scores of the node, of as many sets as there are."""
        blocks = [sets[start : start + _TOGETHER] for start in range(0, len(sets), _TOGETHER)]
        return np.concatenate([self.scores(block).of(self.node) for block in blocks]) if blocks else np.zeros(0)


@dataclass(frozen=True)
class Tried:
    """Scores of some sets of trials."""

    bench: Bench
    plan: Plan
    found: Any
    rows: Any

    def of(self, node: str) -> Floats:
        """Score of each set in a node."""
        scores: Floats = self.found.by_node[node][self.rows]
        return scores

    def state(self, node: str) -> int:
        """State of a node in the first set."""
        return int(self.found.state[node][self.rows[0]])

    def is_aggregated(self, node: str) -> bool:
        """Whether a node has a value of its children in the first set, before lines of its own."""
        return bool(np.isfinite(np.broadcast_to(self.found.aggregated[node], (len(self.plan.rows),))[self.rows[0]]))

    def number(self, name: str) -> Floats:
        """Score or value of each set in a node or an indicator."""
        if name in self.found.by_node:
            return self.of(name)
        return leaf_values(self.plan, self.bench.learned, names=[name])[name][self.rows]


def _history(result: IndexResult, row: int) -> tuple[list[int], int]:
    """Rows that a copy of the unit needs, and which of them is the row: all periods where answers are carried on."""
    tree, rows = result.plan.tree, result.plan.rows
    outcomes = [line.outcome for leaf in tree.leaves.values() for line in leaf.lines] + [*tree.nothing.values()]
    if rows.periods is None or values.Word("last") not in outcomes:
        return [row], 0
    own = np.flatnonzero(rows.units == rows.units[row]).tolist()
    return own, own.index(row)
