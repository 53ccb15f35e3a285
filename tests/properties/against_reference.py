"""The library and the plain reference evaluator side by side."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pandas as pd

import egovindex as ei
from egovindex.points import STATES
from egovindex.spec import values
from tests import reference

# 64 units in the last place of the larger number: two such evaluators differ by the order of their sums and by powers,
# whose error is a unit or two for each child. Where a later step blows that up (a spread that is small beside the
# numbers), moving the inputs by as little blows up as well, and `on_an_edge` tells.
RELATIVE, ABSOLUTE = 64 * 2.0**-52, 2.0**-52
NUDGE = 2.0**-50  # four units: a power may be off by two
ENLARGED = 16  # chance moves a number by less than rounding at its worst
WORDS = np.array(STATES, dtype=object)


def plain_document(index: ei.Index) -> dict[str, Any]:
    """The merged file without rules: what they set stands in the maps."""
    document = index.document()
    if document.pop("rule", None):
        document["points"] = {
            name: {str(line): values.write_outcome(outcome) for line, outcome in lines.items()}
            for name, lines in index.tree.maps.items()
        }
        document["nothing"] = {kind: values.write_outcome(outcome) for kind, outcome in index.tree.nothing.items()}
    return document


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.astype(object).where(table.notna(), None).to_dict("records")


def by_reference(index: ei.Index, table: pd.DataFrame) -> dict[str, list[reference.Result]] | None:
    """Results of every record, or None where the reference refuses."""
    try:
        return reference.score(plain_document(index), rows_of(table))
    except reference.ReferenceError_:
        return None


def by_library(index: ei.Index, table: pd.DataFrame) -> dict[str, list[reference.Result]] | None:
    """The same from the library."""
    try:
        result = ei.compute(index, table)
    except (ei.MethodError, ei.DataError):
        return None
    found: dict[str, list[reference.Result]] = {}
    for name, leaf in result.plan.leaves.items():
        states = ["scored"] * len(table) if leaf.state is None else WORDS[leaf.state].tolist()
        covers = [1.0 if state == "scored" else 0.0 for state in states]
        found[name] = results(result.indicators[name], states, covers)
    for name in result.nodes:
        found[name] = results(result.scores[name], result.states[name], result.coverage[name])
    return found


def results(numbers, states, covers) -> list[reference.Result]:
    return [
        reference.Result(None if np.isnan(number) else float(number), str(state), float(cover))
        for number, state, cover in zip(numbers, states, covers, strict=True)
    ]


def close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def same(one: reference.Result, other: reference.Result) -> bool:
    return one.state == other.state and close(one.value, other.value) and close(one.coverage, other.coverage)


def first_difference(ours, theirs, order) -> tuple[str, int] | None:
    """The first record, in order of dependency, and row in which the two differ."""
    for name in order:
        for row, (one, other) in enumerate(zip(ours[name], theirs[name], strict=True)):
            if not same(one, other):
                return name, row
    return None


class _Nudged(reference._Index):
    """The reference with every computed number moved by its last digits: where that matters, digits decide."""

    chance = random.Random(0)
    phase = 0.0

    def from_children(self, node, i):
        value, state, coverage = super().from_children(node, i)
        return (None if value is None else nudged(value)), state, coverage


def nudged(number: float) -> float:
    return number + NUDGE * _Nudged.chance.uniform(-1, 1) * (1 + abs(number))


def alike_nudged(number: float) -> float:
    """Equal numbers stay equal."""
    return number + NUDGE * math.sin(1e4 * number + _Nudged.phase) * (1 + abs(number))


def distance(a: reference.Result, b: reference.Result) -> float:
    """Between values and coverages; infinite where only one has a value."""
    if (a.value is None) != (b.value is None):
        return math.inf
    return max(abs((a.value or 0.0) - (b.value or 0.0)), abs(a.coverage - b.coverage))


def on_an_edge(index: ei.Index, table: pd.DataFrame, name: str, row: int, found: reference.Result) -> bool:
    """Whether rounding alone explains what was found: a tie of computed numbers, a threshold, a small spread.

    The reference with its last digits moved has to give another state, or to go a good part of the way to it.
    """
    exact = by_reference(index, table)
    step = reference.apply_step

    def nudged_step(name, parameters, xs, down):
        if name in ("winsorise", "round"):  # they compute before they decide
            xs = [alike_nudged(x) for x in xs]
        return [nudged(x) for x in step(name, parameters, xs, down)]

    reference.apply_step = nudged_step
    try:
        for seed in range(12):
            _Nudged.chance.seed(seed)
            _Nudged.phase = float(seed)
            try:
                other = _Nudged(plain_document(index), rows_of(table), None).evaluate(name)
            except reference.ReferenceError_:
                return True
            if exact is None:
                return True
            was, now = exact[name][row], other[row].result
            if now.state != was.state or ENLARGED * distance(was, now) >= distance(was, found) > 0:
                return True
        return False
    finally:
        reference.apply_step = step


def too_few_units(index: ei.Index, table: pd.DataFrame) -> bool:
    """Whether the library refuses `top 10` among nine units, where the reference sets no limit."""
    try:
        ei.compute(index, table)
    except ei.MethodError as error:
        return all("needs at least" in fault.message for fault in error.faults)
    return False


def disagreement(index: ei.Index, table: pd.DataFrame) -> str | None:
    """What the library and the reference tell differently; None if nothing."""
    ours, theirs = by_library(index, table), by_reference(index, table)
    if ours is None and theirs is None:
        return None
    if ours is None and too_few_units(index, table):
        return None
    if ours is None or theirs is None:
        refusing = "library" if ours is None else "reference"
        return f"only the {refusing} refuses\n{shown(index, table)}"
    order = [*index.tree.leaves, *index.tree.branches]
    found = first_difference(ours, theirs, order)
    if found is None or on_an_edge(index, table, *found, ours[found[0]][found[1]]):
        return None
    name, row = found
    return f"{name}, row {row}: {ours[name][row]} and by the reference {theirs[name][row]}\n{shown(index, table)}"


def disagreement_of_periods(index: ei.Index, table: pd.DataFrame, periods: list[int]) -> str | None:
    """What the library tells of a table with periods, and the reference of the rows of one period, differently."""
    whole = by_library(index, table.assign(period=periods))
    parts = {period: table[np.equal(periods, period)].reset_index(drop=True) for period in dict.fromkeys(periods)}
    if whole is None:
        refused = any(by_library(index, part) is None for part in parts.values())
        return None if refused else f"only all periods together are refused\n{shown(index, table)}"
    order = [*index.tree.leaves, *index.tree.branches]
    for period, part in parts.items():
        theirs = by_reference(index, part)
        if theirs is None:
            return f"the reference refuses {period}\n{shown(index, part)}"
        ours = {name: [r for r, p in zip(found, periods, strict=True) if p == period] for name, found in whole.items()}
        found = first_difference(ours, theirs, order)
        if found is not None and not on_an_edge(index, part, *found, ours[found[0]][found[1]]):
            name, row = found
            told = f"{ours[name][row]} and by the reference {theirs[name][row]}"
            return f"{name} of {period}, row {row}: {told}\n{shown(index, part)}"
    return None


def shown(index: ei.Index, table: pd.DataFrame) -> str:
    return f"{index.to_yaml()}\n{table.to_string()}"
