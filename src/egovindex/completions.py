"""Open answers: the cells whose answer is a kind of nothing, and the fewest and most points that they could have.

Every possible answer is put into the table and scored by the same reader and the same lines as any other, so that
a sentence such as ``answer is yes and evidence is missing`` counts here as it does in a score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.columns import Columns
from egovindex.errors import DataError, Fault, MethodError, did_you_mean
from egovindex.formulas import Bools, Floats
from egovindex.headings import headings_of
from egovindex.points import SCORED, SKIPPED
from egovindex.possible import Possible, heading_of_name, possible_answers, takes_limits
from egovindex.spec import language, values
from egovindex.spec.tree import names_read
from egovindex.tables import row_headings

if TYPE_CHECKING:
    from egovindex.index import Index
    from egovindex.plan import Plan
    from egovindex.spec.tree import Leaf, PointsLine

__all__ = ["OpenLeaf", "faults_given", "headings_of_name", "open_leaves"]

Limits = Mapping[str, Sequence[float]]

_UNCAUGHT = ("uncaught_answer", "text_for_number")


@dataclass(frozen=True)
class OpenLeaf:
    """An indicator with open answers.

    Parameters
    ----------
    name
        The indicator.
    where
        ``(rows,)``: where its answer is open.
    low, high
        ``(rows,)``: fewest and most points; those of the answer where there is one.
    reason
        Why they are not known; empty where they are.
    """

    name: str
    where: Bools
    low: Floats
    high: Floats
    reason: str = ""


@dataclass(frozen=True)
class _Asked:
    """One possible answer in one row, to be scored."""

    leaf: str
    row: int
    answer: Any


def open_leaves(
    index: Index, plan: Plan, kinds: Sequence[str], answers: Mapping[str, Sequence[Any]], limits: Limits
) -> dict[str, OpenLeaf]:
    """Every indicator that has open answers, in the order of the plan.

    Parameters
    ----------
    index, plan
        The index, and the same against its data.
    kinds
        Kinds of nothing whose cells are open.
    answers
        Possible answers of some indicators, in place of what their points know.
    limits
        Between which the numbers of some indicators lie.
    """
    columns = Columns(plan.file, plan.tree, plan.data, plan.rows)
    where = {name: _open_rows(columns, leaf, kinds) for name, leaf in plan.tree.leaves.items()}
    where = {name: rows for name, rows in where.items() if rows.any()}
    found: dict[str, Possible] = {}
    for name in where:
        leaf = plan.tree.leaves[name]
        computed = next((c.text for c in leaf.columns if heading_of_name(plan.file, c.text) not in plan.headings), None)
        if reason := _taken_from_others(columns, leaf, kinds):
            found[name] = Possible(reason=reason)
        elif computed is not None:
            found[name] = Possible(reason=f'its answer is computed from columns ("{computed}")')
        elif name in answers:
            found[name] = Possible(tuple(answers[name]))
        else:
            ends = (float(limits[name][0]), float(limits[name][1])) if name in limits else None
            found[name] = possible_answers(plan.file, plan.tree, leaf, ends)
    asked = [
        _Asked(name, int(row), answer)
        for name, possible in found.items()
        for row in _rows_that_differ(plan, plan.tree.leaves[name], where[name])
        for answer in possible.answers
    ]
    scored = _scored(index, plan, asked)
    _refuse_answers_not_taken(answers, asked, scored)
    return {name: _open_leaf(plan, name, where[name], found[name], scored) for name in where}


def _open_rows(columns: Columns, leaf: Leaf, kinds: Sequence[str]) -> Bools:
    own = columns.own(leaf)
    rows: Bools = np.zeros(len(columns.rows), dtype=bool)
    if own is not None:
        for kind in kinds:
            rows |= own.kind_rows(kind)
    return rows


def _taken_from_others(columns: Columns, leaf: Leaf, kinds: Sequence[str]) -> str:
    """A line that takes an answer or a number from other rows, where these may be open and it may hold.

    A line for a kind that is open, or that no row has, holds in no completion.
    """
    own, tree = columns.own(leaf), columns.tree
    lines: list[tuple[Any, Any]] = [(line.test, line.outcome) for line in leaf.lines]
    lines += [(language.Literal(kind), outcome) for kind, outcome in tree.nothing.items()]
    for test, outcome in lines:
        if not isinstance(outcome, values.Word) or outcome.word not in (*values.LEARNED, "last", "parent"):
            continue
        kind = test.text.casefold() if isinstance(test, language.Literal) else ""
        if kind in columns.kinds and (kind in kinds or own is None or not own.kind_rows(kind).any()):
            continue
        return f'by its line "{test}: {outcome}" a row takes what others have, and open answers would change that'
    return ""


def headings_of_name(plan: Plan, name: str) -> set[str]:
    """Columns behind a name that a line reads: a heading, or those of an indicator."""
    heading = heading_of_name(plan.file, name)
    if heading in plan.headings or name not in plan.tree.leaves:
        return {heading}
    return set(headings_of(plan.tree.leaves[name], plan.file))


def _rows_that_differ(plan: Plan, leaf: Leaf, where: Bools) -> npt.NDArray[np.intp]:
    """Rows in which one answer may earn different points: all, if a line reads another column; else any one."""
    own = set(headings_of(leaf, plan.file))
    rows = np.flatnonzero(where)
    return rows if any(not _is_own(plan, line, own) for line in leaf.lines) else rows[:1]


def _is_own(plan: Plan, line: PointsLine, own: set[str]) -> bool:
    """Whether a line reads nothing but the answer itself."""
    names = set(names_read(line.test, line.outcome)) - {"value", "answer"}
    return all(headings_of_name(plan, name) <= own for name in names)


# --- scoring
def _scored(index: Index, plan: Plan, asked: Sequence[_Asked]) -> dict[_Asked, tuple[float, int]]:
    """Points and state of each possible answer; those that no line catches fall away."""
    names = _names_for(plan, len(asked))
    left = dict(zip(names, asked, strict=True))
    while left:
        try:
            tried = index.plan(_table(plan, left))
            break
        except DataError as error:
            refused = {unit for fault in error.faults if fault.check in _UNCAUGHT for unit in fault.units}
            bad = [name for name, ask in left.items() if _row_name(plan, name, ask.row) in refused]
            if not bad:
                raise
            left = {name: ask for name, ask in left.items() if name not in set(bad)}
    found: dict[_Asked, tuple[float, int]] = {}
    start = len(plan.rows)
    for at, ask in enumerate(left.values()):
        data = tried.leaves[ask.leaf]
        state = SCORED if data.state is None else int(data.state[start + at])
        found[ask] = float(data.points(tried.outcomes)[start + at]), state
    return found


def _names_for(plan: Plan, count: int) -> list[str]:
    """Units that are not among those of the data."""
    stem = "completion"
    while any(str(unit).startswith(stem) for unit in plan.rows.units):
        stem += "_"
    return [f"{stem} {at}" for at in range(count)]


def _row_name(plan: Plan, unit: str, row: int) -> str:
    return replace(plan.rows, units=np.array([unit] * len(plan.rows), dtype=object)).name(row)


def _table(plan: Plan, asked: Mapping[str, _Asked]) -> pd.DataFrame:
    """The data, and below them a row for each possible answer, as its unit has it but for that answer."""
    rows, start = plan.rows, len(plan.rows)
    from_row = [ask.row for ask in asked.values()]
    table = plan.data.iloc[[*range(start), *from_row]].reset_index(drop=True)
    new: dict[Any, list[Any]] = {}
    for at, ask in enumerate(asked.values()):
        heading = plan.headings[heading_of_name(plan.file, plan.tree.leaves[ask.leaf].columns[0].text)]
        if heading not in new:
            new[heading] = table[heading].astype(object).tolist()
        new[heading][start + at] = ask.answer
    keys = row_headings(plan.file)
    new[plan.headings.get(keys["unit"], keys["unit"])] = [*rows.units, *asked]
    if rows.periods is not None:
        new[plan.headings.get(keys["period"], keys["period"])] = [*rows.periods, *rows.periods[from_row]]
    for heading, cells in new.items():
        table[heading] = pd.Series(cells, dtype=object).infer_objects()
    return table


def _refuse_answers_not_taken(
    answers: Mapping[str, Sequence[Any]], asked: Sequence[_Asked], scored: Mapping[_Asked, tuple[float, int]]
) -> None:
    lost = {(ask.leaf, ask.answer): None for ask in asked if ask.leaf in answers and ask not in scored}
    if lost:
        raise MethodError(
            Fault(f'answers: {leaf} does not take "{answer}"; no line of its points catches it', check="answer_unknown")
            for leaf, answer in lost
        )


def _open_leaf(
    plan: Plan, name: str, where: Bools, possible: Possible, scored: Mapping[_Asked, tuple[float, int]]
) -> OpenLeaf:
    nominal = np.array(plan.leaves[name].points(plan.outcomes), dtype=np.float64)
    low, high = nominal.copy(), nominal.copy()
    mine = [(ask, points, state) for ask, (points, state) in scored.items() if ask.leaf == name]
    reason = possible.reason or _without_points(mine)
    if reason:
        return OpenLeaf(name, where, low, high, reason)
    by_row: dict[int, list[float]] = {}
    for ask, points, _ in mine:
        by_row.setdefault(ask.row, []).append(points)
    rows = _rows_that_differ(plan, plan.tree.leaves[name], where)
    if set(by_row) != set(rows.tolist()):
        return OpenLeaf(name, where, low, high, "its points know no answer that it could have")
    if len(rows) < where.sum():
        low[where], high[where] = min(by_row[int(rows[0])]), max(by_row[int(rows[0])])
    else:
        for row, found in by_row.items():
            low[row], high[row] = min(found), max(found)
    return OpenLeaf(name, where, low, high)


def _without_points(mine: Sequence[tuple[_Asked, float, int]]) -> str:
    """A possible answer that counts neither way: it would change who counts, not only how much."""
    for ask, _, state in mine:
        if state != SCORED:
            word = "skip" if state == SKIPPED else "void"
            return f'the answer "{ask.answer}" would be {word}, so that it would change what counts'
    return ""


# --- what a caller gives
def faults_given(index: Index, answers: Mapping[str, Sequence[Any]], limits: Limits) -> Iterator[Fault]:
    """Faults of possible answers and limits that a caller gives."""
    leaves = index.tree.leaves
    kinds = [kind.casefold() for kind in index.tree.kinds]
    for word, given in (("answers", answers), ("limits", limits)):
        for name in given:
            if name not in leaves:
                hint = did_you_mean(str(name), leaves)
                yield Fault(f'{word}: there is no indicator "{name}"{hint}', check="unknown_indicator")
    given_answers: Mapping[str, Any] = answers
    for name, choices in given_answers.items():
        if isinstance(choices, str) or not isinstance(choices, Sequence) or not len(choices):
            yield Fault(f"answers: {name} needs a list of answers, found {choices!r:.60}", check="bad_answers")
    for name, ends in limits.items():
        if name not in leaves:
            continue
        try:
            low, high = (float(end) for end in ends)
        except (TypeError, ValueError):
            low, high = np.nan, np.nan
        if not (np.isfinite(low) and np.isfinite(high)):
            yield Fault(f"limits: {name} needs two numbers, as in (0, 1); found {ends!r:.60}", check="bad_limits")
        elif low > high:
            yield Fault(f"limits: {name} lies between {low:g} and {high:g}, upside down", check="bad_limits")
        elif not takes_limits(leaves[name], kinds):
            message = f"limits: {name} has answers that its points list, and needs no limits; leave them out"
            yield Fault(message, check="limits_without_effect")
