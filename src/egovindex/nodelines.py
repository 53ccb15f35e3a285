"""Points of a node: what its own lines make of the value its children gave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from egovindex.answers import Answers
from egovindex.formulas import Bools, Floats, calculate, holds, is_category
from egovindex.plan import NodePlan, Plan
from egovindex.points import SCORED, SKIPPED, VOID, States
from egovindex.spec import language, values

__all__ = ["NodeLines", "Part"]

# values of one record with its states; no states: all scored
Part = tuple[Floats, States | None]


class NodeLines:
    """Applies the lines of nodes.

    Parameters
    ----------
    plan
        The index against its data.
    outcomes
        ``(L,)`` or ``(D, L)``: what each line earns.
    record
        Value and state of a record that a line names.
    defined
        Notes where a formula has no value: record, formula, what it gave, where it is asked; returns what goes on.
    filled
        Values with those that are learned; see :meth:`egovindex.stepping.Stepper.fill`.
    """

    def __init__(
        self,
        plan: Plan,
        outcomes: Floats,
        record: Callable[[str], Part],
        defined: Callable[[str, language.Formula, Floats, Bools], Floats],
        filled: Callable[..., Floats],
    ) -> None:
        self.plan = plan
        self.outcomes = outcomes
        self.record = record
        self.defined = defined
        self.filled = filled

    def apply(self, node: NodePlan, value: Floats, state: States | None) -> Part:
        """The first line that holds decides; where none holds the aggregated value stays."""
        columns = self.plan.columns[self.plan.tree.levels[node.branch.id]]
        before = np.zeros(value.shape[-1], dtype=np.int8) if state is None else state
        left: Bools = np.ones(np.broadcast_shapes(value.shape, before.shape), dtype=bool)
        result, after = value, before
        for line, slot in node.lines:
            where = left & self.holds(line.test, value, before, columns)
            outcome = line.outcome
            if isinstance(outcome, values.Word):
                left = left & ~where
                if outcome.word in values.LEARNED:
                    result = self.learned(node, outcome, value, before == SCORED, where, result)
                    after = np.where(where, np.int8(SCORED), after)
                    continue
                after = np.where(where, np.int8(SKIPPED if outcome.word == "skip" else VOID), after)
                continue
            if isinstance(outcome, values.Quantity):
                given: Any = self.outcomes[..., slot, None]
            else:
                numbers = {name: self.number(name, value, columns) for name in language.names_in(outcome)}
                for known in numbers.values():
                    where = where & np.isfinite(known)
                with np.errstate(all="ignore"):
                    given = calculate(outcome, numbers)
                given = self.defined(node.branch.id, outcome, given, where)
            left = left & ~where
            result = np.where(where, given, result)
            after = np.where(where, np.int8(SCORED), after)
        return result, (after if after.any() else None)

    def learned(
        self, node: NodePlan, outcome: values.Word, value: Floats, scored: Bools, where: Bools, result: Floats
    ) -> Floats:
        """The result so far, with what the node takes from the others where a line holds."""
        if not where.any():
            return result
        name = node.branch.id
        at = -1 - self.plan.tree.fills(name).index(outcome)
        labels = None if outcome.by is None else node.labels[outcome.by]
        return np.where(where, self.filled(name, at, outcome.word, labels, value, scored, where), result)

    def number(self, name: str, value: Floats, columns: Mapping[str, Answers]) -> Floats:
        """The score behind a name, or the numbers of a column."""
        if name == "value":
            return value
        if name not in self.plan.leaves and name not in self.plan.tree.branches:
            return columns[name].numbers
        part, state = self.record(name)
        return part if state is None else np.where(state == SCORED, part, np.nan)

    def holds(self, test: Any, value: Floats, state: States, columns: Mapping[str, Answers]) -> Bools:
        """Where the test of a line is true."""
        if isinstance(test, language.Literal):
            return _is_value(test.text, value, state)
        if isinstance(test, language.Else):
            found: Bools = state == SCORED
            return found
        return holds(
            test,
            lambda name: self.number(name, value, columns),
            lambda inner: self.is_category(inner, value, state, columns),
        )

    def is_category(self, test: language.Is, value: Floats, state: States, columns: Mapping[str, Answers]) -> Bools:
        """Where an answer, or a score, is one of some categories."""
        if test.name in columns:
            return is_category(test, columns[test.name])
        if test.name not in ("value", "answer"):
            value, other = self.record(test.name)
            state = np.zeros(value.shape[-1], dtype=np.int8) if other is None else other
        found = reduce(np.logical_or, [_is_value(category, value, state) for category in test.categories])
        return (state == SCORED) & ~found if test.negated else found


def _is_value(text: str, value: Floats, state: States) -> Bools:
    """Where a node's value is a number, or is missing."""
    if text.casefold() == "missing":
        found: Bools = state != SCORED
        return found
    try:
        number = language.parse_number(text)
    except ValueError:
        return np.zeros(np.broadcast_shapes(value.shape, state.shape), dtype=bool)
    return (state == SCORED) & (value == number)
