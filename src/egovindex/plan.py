"""From an index and the labels of one data set to positions: the plan.

Answers become a *case index*, the line of points that holds for each row and indicator; lines have
outcomes, one number each, and ``x = outcomes[case]``. Tests look at data only, so the case index is
the same in every draw, and a doubt about what "drafted" earns is a column of draws in ``outcomes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.answers import Answers, read_answers, spellings_of
from egovindex.errors import DataError, Fault, MethodError, SpecError, did_you_mean, listed
from egovindex.spec import language, values
from egovindex.spec.later import not_yet_computed
from egovindex.spec.tree import Address, Branch, Leaf, PointsLine, Tree
from egovindex.tables import Rows, read_rows, row_headings, widened

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile

__all__ = ["MISSING", "SCORED", "SKIPPED", "STATES", "VOID", "VOIDED", "LeafData", "NodePlan", "Plan", "compile_plan"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
States = npt.NDArray[np.int8]

SCORED, SKIPPED, VOID, MISSING, VOIDED = range(5)
# a node is VOID by its own line, VOIDED by a child; users see one word
STATES = ("scored", "skipped", "void", "missing", "void")


@dataclass(frozen=True)
class LeafData:
    """An indicator's answers after points.

    Parameters
    ----------
    fixed
        ``(rows,)`` numbers that no outcome changes; NaN elsewhere.
    slots
        ``(rows,)`` positions in the plan's outcomes, -1 where ``fixed`` stands; ``None`` for nowhere.
    state
        ``(rows,)`` SCORED, SKIPPED or VOID; ``None`` for all scored.
    answered
        ``(rows,)``; ``None`` for all answered.
    """

    fixed: Floats
    slots: npt.NDArray[np.int32] | None = None
    state: States | None = None
    answered: Bools | None = None

    def points(self, outcomes: Floats) -> Floats:
        """Points of each row: ``(rows,)``, or ``(D, rows)`` where outcomes have draws."""
        if self.slots is None:
            return self.fixed
        return np.where(self.slots >= 0, outcomes[..., np.maximum(self.slots, 0)], self.fixed)


@dataclass(frozen=True)
class NodePlan:
    """A node with the positions of its edges."""

    branch: Branch
    edges: slice
    lines: tuple[tuple[PointsLine, int], ...]  # with position in outcomes, -1 for none


@dataclass(frozen=True)
class Plan:
    """An index compiled against the labels of one data set.

    ``E`` edges, ``L`` outcomes, ``rows`` of the data. Made by :func:`compile_plan`; public for those
    who evaluate draws of their own.
    """

    file: IndexFile
    tree: Tree
    rows: Rows
    leaves: Mapping[str, LeafData]
    nodes: tuple[NodePlan, ...]
    edges: tuple[tuple[str, str], ...]
    weights: Floats
    outcomes: Floats
    outcome_addresses: tuple[Address, ...]
    learners: tuple[tuple[npt.NDArray[np.intp] | None, npt.NDArray[np.intp] | None], ...]
    learner_names: tuple[Any, ...]
    columns: Mapping[str, Answers] = field(repr=False, default_factory=dict)
    notes: tuple[Fault, ...] = ()

    @cached_property
    def positions(self) -> dict[str, int]:
        """Position of each indicator in ``x``."""
        return {leaf: at for at, leaf in enumerate(self.leaves)}

    @cached_property
    def skip_missing(self) -> bool:
        """Whether a node without a score is left out by its parent (spec language, 4.2)."""
        return self.tree.nothing.get("missing") == values.Word("skip")

    def x(self, outcomes: Floats | None = None) -> Floats:
        """Points of every indicator.

        Parameters
        ----------
        outcomes
            ``(L,)`` or ``(D, L)``; the file's own numbers by default.

        Returns
        -------
        ndarray
            ``(rows, indicators)`` or ``(D, rows, indicators)``; NaN where an answer has no points.
        """
        given = self.outcomes if outcomes is None else np.asarray(outcomes, dtype=np.float64)
        return np.stack(np.broadcast_arrays(*(leaf.points(given) for leaf in self.leaves.values())), axis=-1)


def compile_plan(file: IndexFile, tree: Tree, data: pd.DataFrame) -> Plan:
    """Compile an index against a data set.

    Parameters
    ----------
    file, tree
        The index, and the same resolved.
    data
        Wide (one row per unit, or unit and period) or long (unit, item, answer).

    Returns
    -------
    Plan

    Raises
    ------
    SpecError
        The index uses a construct that is not computed yet.
    DataError
        With every fault of the data: units, columns, and the way out.
    """
    refused = list(not_yet_computed(file, tree))
    if refused:
        raise SpecError(refused)
    data, rows = read_rows(widened(data, file), file)
    return _Compiler(file, tree, data, rows).plan()


class _Compiler:
    """Reads columns once, tries the lines of points, and collects every fault on the way."""

    def __init__(self, file: IndexFile, tree: Tree, data: pd.DataFrame, rows: Rows) -> None:
        self.file = file
        self.tree = tree
        self.data = data
        self.rows = rows
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self.kinds = frozenset(kind.casefold() for kind in tree.kinds)
        self.scales = {name: spellings_of(scale) for name, scale in file.answers.items()}
        self.cache: dict[tuple[str, str | None], Answers] = {}
        self.slots: dict[Address, int] = {}
        self.outcomes: list[float] = []
        self.headings = {str(heading) for heading in data.columns}
        self.missing_columns: dict[str, list[str]] = {}

    # --- columns
    def fault(self, check: str, message: str, column: str | None = None, where: Bools | None = None) -> None:
        units = () if where is None else tuple(self.rows.name(int(r)) for r in np.flatnonzero(where))
        self.faults.append(Fault(message, check=check, column=column, units=units))

    def heading(self, name: str) -> str | None:
        """The heading that a name means, if the data has it."""
        if name in self.file.columns:
            name = self.file.columns[name]
        return name if name in self.headings else None

    def read(self, heading: str, scale: str | None) -> Answers:
        key = (heading, scale)
        if key not in self.cache:
            answers = read_answers(self.data[heading], self.scales[scale] if scale else None, self.kinds)
            endless = np.isinf(answers.numbers)
            if endless.any():
                self.fault(
                    "infinite",
                    f"{heading}: {int(endless.sum())} values are infinite ({self.rows.names(endless)}); "
                    "correct them, or leave the cell blank",
                    heading,
                    endless,
                )
            self.cache[key] = answers
        return self.cache[key]

    def named(self, name: str) -> Answers | None:
        """Answers of a column, an attribute or an indicator, read on its own scale."""
        heading = self.heading(name)
        leaf = self.tree.leaves.get(name)
        if leaf is not None and heading is None and len(leaf.columns) == 1:
            heading = self.heading(leaf.columns[0].text)
        if heading is None:
            return None
        if leaf is None:
            reading = [
                other
                for other in self.tree.leaves.values()
                if [self.heading(c.text) for c in other.columns] == [heading]
            ]
            leaf = reading[0] if reading else None
        return self.read(heading, leaf.scale if leaf is not None else None)

    def own(self, leaf: Leaf) -> Answers | None:
        """The answers an indicator takes its value from."""
        found: list[Answers] = []
        for column in leaf.columns:
            heading = self.heading(column.text)
            if heading is not None:
                found.append(self.read(heading, leaf.scale))
            elif (formula := column.formula) is not None:
                answers = self.computed(leaf, formula)
                if answers is None:
                    return None
                found.append(answers)
            else:
                self.missing_columns.setdefault(column.text, []).append(leaf.id)
        if len(found) < len(leaf.columns):
            return None
        return found[0] if len(found) == 1 else _first_answered(found)

    def computed(self, leaf: Leaf, formula: language.Formula) -> Answers | None:
        numbers: dict[str, Answers] = {}
        for name in language.names_in(formula):
            answers = self.named(name)
            if answers is None:
                self.missing_columns.setdefault(self.file.columns.get(name, name), []).append(leaf.id)
            else:
                numbers[name] = answers
        if len(numbers) < len(language.names_in(formula)):
            return None
        result = self.calculate(formula, {name: a.numbers for name, a in numbers.items()}, leaf.id)
        codes = np.full(len(self.rows), -1, dtype=np.int32)
        words: dict[str, int] = {}
        for answers in numbers.values():
            if answers.codes is None:
                continue
            for at, word in enumerate(answers.words):
                rows = (answers.codes == at) & (codes == -1) & np.isnan(answers.numbers)
                if rows.any():
                    codes[rows] = words.setdefault(word, len(words))
        if not words:
            return Answers(result, kinds=self.kinds)
        return Answers(result, codes, tuple(words), self.kinds, tuple(words))

    def calculate(self, formula: language.Formula, numbers: Mapping[str, Floats], record: str) -> Floats:
        """A formula row by row; a division by zero or a logarithm of none is a fault, not a number."""
        with np.errstate(all="ignore"):
            result = np.broadcast_to(calculate(formula, numbers), (len(self.rows),))
        known = np.ones(len(self.rows), dtype=bool)
        for name in language.names_in(formula):
            known &= np.isfinite(numbers[name])
        bad = known & ~np.isfinite(result)
        if bad.any():
            self.fault(
                "formula_undefined",
                f'{record}: "{formula}" has no value for {self.rows.names(bad)} (division by zero, or a logarithm or '
                "root of a number it is not defined for)",
                record,
                bad,
            )
        return result

    # --- tests
    def holds(self, test: language.Test, own: Answers | None, record: str) -> Bools:
        """Where a test is true; a comparison with a kind of nothing is false unless it names that kind."""
        if isinstance(test, language.Or):
            return np.logical_or.reduce([self.holds(t, own, record) for t in test.of])
        if isinstance(test, language.And):
            return np.logical_and.reduce([self.holds(t, own, record) for t in test.of])
        if isinstance(test, language.Not):
            return ~self.holds(test.of, own, record)
        if isinstance(test, language.Is):
            return self.is_category(test, own, record)
        numbers = {name: self.number(name, own, record) for name in language.names_in(test)}
        return compare(test, numbers, len(self.rows))

    def number(self, name: str, own: Answers | None, record: str) -> Floats:
        if own is not None and name == "value":
            return own.numbers
        answers = self.named(name)
        if answers is None:
            self.unknown_name(name, record)
            return np.full(len(self.rows), np.nan)
        return answers.numbers

    def unknown_name(self, name: str, record: str) -> None:
        known = [*self.file.columns, *self.tree.leaves, *sorted(self.headings)]
        hint = did_you_mean(name, known) or ("; write minus with spaces: a - b" if "-" in name else "")
        message = f'{record}: "{name}" is neither a column of the data nor an indicator{hint}'
        if not any(fault.message == message for fault in self.faults):
            self.faults.append(Fault(message, check="unknown_name", column=name))

    def is_category(self, test: language.Is, own: Answers | None, record: str) -> Bools:
        answers = own if own is not None and test.name in ("answer", "value") else self.named(test.name)
        if answers is None:
            self.unknown_name(test.name, record)
            return np.zeros(len(self.rows), dtype=bool)
        self.never_occurs(test, answers, record)
        return is_category(test, answers)

    def never_occurs(self, test: language.Is, answers: Answers, record: str) -> None:
        present = [w for w in answers.words if w not in answers.kinds]
        for category in test.categories:
            word = category.strip().casefold()
            if word in answers.words or word in self.kinds or not present:
                continue
            scale = next(
                (s for s in self.scales.values() if word in s.values() and set(present) & set(s.values())), None
            )
            if scale is not None or answers.match(word).any():
                continue
            hint = did_you_mean(word, present)
            message = f'{record}: "{category}" never occurs in {test.name} ({listed(sorted(present))}){hint}'
            target = self.faults if hint else self.notes
            if not any(fault.message == message for fault in target):
                target.append(Fault(message, check="never_occurs", column=test.name))

    # --- points
    def slot(self, address: Address, outcome: values.Quantity) -> int:
        if address not in self.slots:
            self.slots[address] = len(self.outcomes)
            self.outcomes.append(outcome.value)
        return self.slots[address]

    def leaf(self, leaf: Leaf) -> LeafData | None:
        own = self.own(leaf)
        if own is None:
            return None
        if not leaf.lines and own.codes is None:
            return LeafData(own.numbers)
        rows = len(self.rows)
        left: Bools = np.ones(rows, dtype=bool)
        fixed = np.full(rows, np.nan)
        slots = np.full(rows, -1, dtype=np.int32)
        state = np.zeros(rows, dtype=np.int8)
        for line in leaf.lines:
            where, formula_values = self.line(line, own, leaf)
            where &= left
            left &= ~where
            self.give(line.outcome, line.address, where, formula_values, fixed, slots, state)
        nothing = own.nothing if own.nothing is not None else np.zeros(rows, dtype=bool)
        for kind in sorted(self.kinds & set(own.words)):
            where = left & own.kind_rows(kind)
            if not where.any():
                continue
            outcome = {k.casefold(): o for k, o in self.tree.nothing.items()}.get(kind)
            if outcome is None:
                self.no_policy(leaf, kind, where)
            else:
                self.give(outcome, ("nothing", kind), where, None, fixed, slots, state)
        left &= ~nothing
        closed = any(
            isinstance(line.test, language.Literal) and line.test.text.casefold() not in self.kinds
            for line in leaf.lines
        )
        uncaught = left & (np.isnan(own.numbers) | closed)
        if uncaught.any():
            self.uncaught(leaf, own, uncaught)
        left &= ~uncaught
        fixed[left] = own.numbers[left]
        return LeafData(
            fixed,
            slots if (slots >= 0).any() else None,
            state if state.any() else None,
            None if own.nothing is None else ~own.nothing,
        )

    def line(self, line: PointsLine, own: Answers, leaf: Leaf) -> tuple[Bools, Floats | None]:
        """Where a line holds, and the numbers of its formula."""
        test = line.test
        if isinstance(test, language.Literal):
            where = own.match(test.text)
        elif isinstance(test, language.Else):
            where = own.answered()
        else:
            where = self.holds(test, own, leaf.id)
        if not isinstance(line.outcome, language.Formula):
            return where, None
        numbers = {name: self.number(name, own, leaf.id) for name in language.names_in(line.outcome)}
        for known in numbers.values():
            where = where & np.isfinite(known)
        masked = {name: np.where(where, known, np.nan) for name, known in numbers.items()}
        return where, self.calculate(line.outcome, masked, leaf.id)

    def give(
        self,
        outcome: values.Outcome,
        address: Address,
        where: Bools,
        formula_values: Floats | None,
        fixed: Floats,
        slots: npt.NDArray[np.int32],
        state: States,
    ) -> None:
        if isinstance(outcome, values.Quantity):
            slots[where] = self.slot(address, outcome)
        elif isinstance(outcome, values.Word):
            state[where] = SKIPPED if outcome.word == "skip" else VOID
        elif formula_values is not None:
            fixed[where] = formula_values[where]

    def no_policy(self, leaf: Leaf, kind: str, where: Bools) -> None:
        total, count = len(self.rows), int(where.sum())
        what = "blank" if kind == "missing" else f'"{kind}"'
        means = "a blank" if kind == "missing" else f'"{kind}"'
        self.fault(
            "no_policy",
            f"{leaf.id}: {count} of {total} values are {what} ({self.rows.names(where)}) and the file does not say "
            f"what {means} means. Write nothing: skip, void or a number",
            leaf.id,
            where,
        )

    def uncaught(self, leaf: Leaf, own: Answers, where: Bools) -> None:
        codes = own.codes if own.codes is not None else np.full(len(own), -1)
        names = [part for part in effective_points(leaf) if isinstance(part, str)]
        points = f' in points "{names[0]}"' if names else (" in its points" if leaf.lines else "")
        for code in np.unique(codes[where]):
            rows = where & (codes == code)
            if code >= 0:
                found = own.words[code]
                self.uncaught_answer(leaf, found, rows, points)
                continue
            for number in np.unique(own.numbers[rows])[:8]:
                found = language.number_text(float(number))
                self.uncaught_answer(leaf, found, rows & (own.numbers == number), points)

    def uncaught_answer(self, leaf: Leaf, found: str, rows: Bools, points: str) -> None:
        count = int(rows.sum())
        first = int(np.flatnonzero(rows)[0])
        answers = "1 answer has" if count == 1 else f"{count} answers have"
        place = f"{self.rows.name(first)}, row {first + 1}" if count == 1 else self.rows.names(rows)
        if not leaf.lines:
            what = f'{leaf.id}: {count} of {len(self.rows)} values are text, "{found}", where a number is expected ({place})'
            way = "Correct the value, or give the indicator points with a line for it"
            self.fault("text_for_number", f"{what}. {way}", leaf.id, rows)
            return
        hint = ""
        if leaf.scale is not None:
            hint = did_you_mean(found, self.file.answers[leaf.scale])
            way = f'Add a spelling to answers.{leaf.scale}, or a line "{found}: ..."'
        else:
            way = f'Add a line "{found}: ...", or else'
        self.fault(
            "uncaught_answer", f'{leaf.id}: {answers} no line{points}: "{found}" ({place}){hint}. {way}', leaf.id, rows
        )

    # --- the whole
    def plan(self) -> Plan:
        leaves: dict[str, LeafData] = {}
        for leaf in self.tree.leaves.values():
            read = self.leaf(leaf)
            if read is not None:
                leaves[leaf.id] = read
        self.report_missing_columns()
        used: dict[str, Answers] = {}
        for branch in self.tree.branches.values():
            self.node_columns(branch, used)
        learners, names = self.learners()
        if self.faults:
            raise DataError(self.faults)
        nodes: list[NodePlan] = []
        edges: list[tuple[str, str]] = []
        weights: list[float] = []
        for branch in self.tree.branches.values():
            start = len(edges)
            edges += [(branch.id, child) for child in branch.children]
            weights += [quantity.value for quantity in branch.weights]
            lines = tuple(
                (line, self.slot(line.address, line.outcome) if isinstance(line.outcome, values.Quantity) else -1)
                for line in branch.lines
            )
            nodes.append(NodePlan(branch, slice(start, len(edges)), lines))
        return Plan(
            self.file,
            self.tree,
            self.rows,
            leaves,
            tuple(nodes),
            tuple(edges),
            np.array(weights, dtype=np.float64),
            np.array(self.outcomes, dtype=np.float64),
            tuple(self.slots),
            learners,
            names,
            used,
            tuple(self.notes),
        )

    def report_missing_columns(self) -> None:
        for heading, leaves in self.missing_columns.items():
            used = [i for leaf in self.tree.leaves.values() for i in (c.text for c in leaf.columns)]
            free = [h for h in self.headings if h not in used]
            hint = did_you_mean(heading, free)
            self.faults.append(
                Fault(
                    f'the data has no column "{heading}", which {listed(leaves)} takes its value from{hint}; '
                    "rename the column, or write from: HEADING in the index",
                    check="missing_column",
                    column=heading,
                )
            )

    def node_columns(self, branch: Branch, used: dict[str, Answers]) -> None:
        """Columns that a node's own lines read."""
        records = {*self.tree.leaves, *self.tree.branches}
        for line in branch.lines:
            trees: list[Any] = [line.test] if not isinstance(line.test, (language.Literal, language.Else)) else []
            trees += [line.outcome] if isinstance(line.outcome, language.Formula) else []
            for tree in trees:
                for name in language.names_in(tree):
                    if name != "value" and name not in records:
                        self.node_column(name, branch, used)
                for test in language.categories_in(tree):
                    if test.name in ("value", "answer") or test.name in self.tree.branches:
                        continue
                    answers = self.node_column(test.name, branch, used)
                    if answers is not None:
                        self.never_occurs(test, answers, branch.id)

    def node_column(self, name: str, branch: Branch, used: dict[str, Answers]) -> Answers | None:
        answers = self.named(name)
        if answers is None:
            self.unknown_name(name, branch.id)
        else:
            used[name] = answers
        return answers

    def learners(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """For each group of rows: where learned values act, and whom they are learned from."""
        reference = self.file.reference
        everyone = np.arange(len(self.rows))
        among: Bools = np.ones(len(self.rows), dtype=bool)
        periods = "each"
        if reference is not None:
            periods = reference.periods
            if reference.where is not None:
                among = self.holds(reference.where, None, "reference.where")
                if not among.any() and not self.faults:
                    self.fault("no_reference", f"reference.where: no unit passes the test ({reference.where})")
        if periods == "all" or (periods == "each" and len(self.rows.groups) == 1):
            whole = None if among.all() else everyone[among]
            name = self.rows.group_names[0] if len(self.rows.groups) == 1 else "all"
            return ((None, whole),), (name,)
        if periods == "each":
            return tuple((rows, rows[among[rows]]) for rows in self.rows.groups), self.rows.group_names
        for rows, name in zip(self.rows.groups, self.rows.group_names, strict=True):
            if str(name) == periods:
                return ((None, rows[among[rows]]),), (name,)
        self.fault(
            "no_reference",
            f'reference.periods: "{periods}" is no period of the data ({listed(self.rows.group_names)})',
        )
        return (), ()


def effective_points(leaf: Leaf) -> tuple[Any, ...]:
    """The parts an indicator's points are written of, by name where they have one."""
    return tuple(dict.fromkeys(line.address[1] for line in leaf.lines if line.address[0] == "points"))


def _first_answered(columns: Sequence[Answers]) -> Answers:
    """The first column that has an answer, row by row; the kind of the first where none has."""
    kinds = columns[0].kinds
    words: dict[str, int] = {}
    numbers = np.full(len(columns[0]), np.nan)
    codes = np.full(len(columns[0]), -1, dtype=np.int32)
    open_: Bools = np.ones(len(columns[0]), dtype=bool)
    raw: dict[str, str] = {}
    for turn, answers in enumerate((*columns, columns[0])):
        take = open_ if turn == len(columns) else open_ & answers.answered()
        numbers[take] = answers.numbers[take]
        if answers.codes is not None:
            for at, word in enumerate(answers.words):
                rows = take & (answers.codes == at)
                if rows.any():
                    codes[rows] = words.setdefault(word, len(words))
                    raw.setdefault(word, answers.raw[at])
        open_ = open_ & ~take
    return Answers(numbers, codes if words else None, tuple(words), kinds, tuple(raw[w] for w in words))


def calculate(formula: language.Formula, numbers: Mapping[str, Any]) -> Any:
    """A formula over arrays.

    Examples
    --------
    >>> calculate(language.parse_formula("a / 2 + min(b, 1)"), {"a": np.array([4.0]), "b": np.array([3.0])})
    array([3.])
    """
    if isinstance(formula, language.Number):
        return formula.value
    if isinstance(formula, language.Name):
        return numbers[formula.id]
    if isinstance(formula, language.Negative):
        return -calculate(formula.of, numbers)
    if isinstance(formula, language.Binary):
        left, right = calculate(formula.left, numbers), calculate(formula.right, numbers)
        if formula.op == "+":
            return left + right
        if formula.op == "-":
            return left - right
        return left * right if formula.op == "*" else np.divide(left, right)
    arguments = [calculate(argument, numbers) for argument in formula.arguments]
    if formula.function in ("min", "max"):
        pick = np.minimum if formula.function == "min" else np.maximum
        result = arguments[0]
        for argument in arguments[1:]:
            result = pick(result, argument)
        return result
    return {"abs": np.abs, "log": np.log, "sqrt": np.sqrt}[formula.function](arguments[0])


def compare(test: language.Compare, numbers: Mapping[str, Any], rows: int) -> Bools:
    """A comparison over arrays; false where a number is missing."""
    with np.errstate(all="ignore"):
        left, right = calculate(test.left, numbers), calculate(test.right, numbers)
    found = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}[test.op](left, right)
    return np.broadcast_to(found, (rows,)).copy() if np.ndim(found) < 2 else found


def is_category(test: language.Is, answers: Answers) -> Bools:
    """Where an answer is (not) one of some categories."""
    found: Bools = np.logical_or.reduce([answers.match(category) for category in test.categories])
    return answers.answered() & ~found if test.negated else found


def unused_columns(plan_file: IndexFile, tree: Tree, data: pd.DataFrame) -> Iterator[str]:
    """Columns of the data the index does not read."""
    read = {*row_headings(plan_file).values(), *plan_file.columns.values()}
    for leaf in tree.leaves.values():
        for column in leaf.columns:
            read.add(column.text)
            if column.formula is not None:
                read |= {plan_file.columns.get(n, n) for n in language.names_in(column.formula)}
    for heading in data.columns:
        if str(heading) not in read:
            yield str(heading)


def refuse(record: str, reason: str, rows: Rows, where: Bools | None) -> MethodError:
    """A method that is not defined for some units, told with record and units."""
    names = "" if where is None else f" ({rows.names(where)})"
    units = () if where is None else tuple(rows.name(int(r)) for r in np.flatnonzero(where))
    return MethodError(Fault(f"{record}: {reason}{names}", check="undefined", column=record, units=units))
