"""From answers to points: the first line that holds decides.

Answers become a *case*, the line that holds for each row; a line has an outcome, one number, so that
``points = outcomes[case]``. Tests look at data only: the case is the same in every draw, and a doubt
about what "drafted" earns is a column of draws in ``outcomes``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.answers import Answers
from egovindex.carry import source_rows
from egovindex.columns import Columns
from egovindex.errors import did_you_mean
from egovindex.formulas import Bools, Floats, calculate, holds, is_category
from egovindex.spec import language, values
from egovindex.spec.tree import names_read
from egovindex.tables import Rows

if TYPE_CHECKING:
    from egovindex.spec.tree import Address, Branch, Leaf, PointsLine

__all__ = [
    "MISSING",
    "SCORED",
    "SKIPPED",
    "STATES",
    "VOID",
    "VOIDED",
    "Fill",
    "Gathering",
    "LeafData",
    "NodePlan",
    "Outcomes",
    "Scorer",
    "States",
]

States = npt.NDArray[np.int8]

SCORED, SKIPPED, VOID, MISSING, VOIDED = range(5)
# a node is VOID by its own line, VOIDED by a child; users see one word
STATES = ("scored", "skipped", "void", "missing", "void")

_MOST_TOLD = 8


@dataclass(frozen=True)
class Fill:
    """Rows of an indicator that take a number learned from the others.

    Parameters
    ----------
    at
        Position under which the number is kept: ``-1 - i`` for the record's learned outcome ``i``.
    statistic
        ``mean`` or ``median``.
    where
        ``(rows,)`` who takes it.
    labels
        ``(rows,)`` group of each row, within which it is learned; ``None`` for one group.
    """

    at: int
    statistic: str
    where: Bools
    labels: npt.NDArray[Any] | None = None


@dataclass(frozen=True)
class LeafData:
    """An indicator's answers after points: a table of cases, and the case of each row.

    Parameters
    ----------
    fixed
        ``(cases,)`` numbers that no outcome changes; NaN elsewhere.
    slots
        ``(cases,)`` positions in the outcomes, -1 where ``fixed`` stands; ``None`` for nowhere.
    state
        ``(rows,)`` SCORED, SKIPPED or VOID; ``None`` for all scored.
    answered
        ``(rows,)``; ``None`` for all answered.
    case
        ``(rows,)`` case of each row; ``None`` where every row is a case of its own.
    fills
        Rows that take a learned number; they are scored, and their points are NaN.
    """

    fixed: Floats
    slots: npt.NDArray[np.int32] | None = None
    state: States | None = None
    answered: Bools | None = None
    case: npt.NDArray[Any] | None = None
    fills: tuple[Fill, ...] = ()

    def points(self, outcomes: Floats) -> Floats:
        """Points of each row: ``(rows,)``, or ``(D, rows)`` where outcomes have draws."""
        table = self.fixed
        if self.slots is not None:
            table = np.where(self.slots >= 0, outcomes[..., np.maximum(self.slots, 0)], self.fixed)
        return table if self.case is None else np.take(table, self.case, axis=-1)

    @property
    def by_line(self) -> Bools:
        """``(rows,)`` whose number is that of a line."""
        table = np.zeros(len(self.fixed), dtype=bool) if self.slots is None else self.slots >= 0
        return table if self.case is None else table[self.case]


@dataclass(frozen=True)
class Gathering:
    """The records of a finer level that a node takes together, row by row of its own level.

    Parameters
    ----------
    order
        ``(records,)`` positions of the records that pass the node's test, row after row.
    starts
        Where in ``order`` the records of each row begin that has any.
    into
        These rows.
    """

    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    into: npt.NDArray[np.intp]


@dataclass(frozen=True)
class NodePlan:
    """A node with the positions of its edges; each line with its position in the outcomes, or -1."""

    branch: Branch
    edges: slice
    lines: tuple[tuple[PointsLine, int], ...]
    gathering: Gathering | None = None
    labels: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


class Outcomes:
    """The numbers that lines earn, each at its address; lines that share a map share its numbers."""

    def __init__(self) -> None:
        self.slots: dict[Address, int] = {}
        self.numbers: list[float] = []

    def slot(self, address: Address, outcome: values.Quantity) -> int:
        """Position of the number at an address."""
        if address not in self.slots:
            self.slots[address] = len(self.numbers)
            self.numbers.append(outcome.value)
        return self.slots[address]


# what a row still waits for; only while an indicator is scored
_LAST, _PARENT, _FILL = 10, 11, 20
# rows from which on the few distinct answers are scored in place of the rows
_MANY_ROWS = 1_000
_MOST_CASES = 4_096


@dataclass
class _Sheet:
    """What the cases of one indicator have been given so far."""

    left: Bools
    fixed: Floats
    slots: npt.NDArray[np.int32]
    state: States = field(init=False)

    def __post_init__(self) -> None:
        self.state = np.zeros(len(self.left), dtype=np.int8)

    @classmethod
    def blank(cls, cases: int) -> _Sheet:
        return cls(np.ones(cases, dtype=bool), np.full(cases, np.nan), np.full(cases, -1, dtype=np.int32))


@dataclass(frozen=True)
class _Sight:
    """What the lines of an indicator look at, case by case.

    Lines look at a few columns, and these have few distinct combinations of answers: each is scored once.
    """

    own: Answers
    beside: Mapping[str, Answers | None]
    case: npt.NDArray[Any] | None = None
    at: npt.NDArray[np.intp] | None = None  # rows of the data, where only some are looked at
    rows: int = 0

    def spread(self, of_case: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What is known of each case, row by row of the data."""
        if self.at is not None:
            full = np.zeros(self.rows, dtype=of_case.dtype)
            full[self.at] = of_case
            return full
        return of_case if self.case is None else of_case[self.case]

    def numbers(self, name: str) -> Floats:
        """The numbers behind a name; NaN where there is none."""
        answers = self.own if name in ("value", "answer") else self.beside[name]
        return np.full(len(self.own), np.nan) if answers is None else answers.numbers

    def is_category(self, test: language.Is) -> Bools:
        """Where a comparison with categories is true."""
        answers = self.own if test.name in ("value", "answer") else self.beside[test.name]
        return np.zeros(len(self.own), dtype=bool) if answers is None else is_category(test, answers)

    def holds(self, test: language.Literal | language.Else | language.Test) -> Bools:
        """Where a line holds."""
        if isinstance(test, language.Literal):
            return self.own.match(test.text)
        if isinstance(test, language.Else):
            return self.own.answered()
        found = holds(test, self.numbers, self.is_category)
        return np.broadcast_to(found, (len(self.own),))


def _in_cases(own: Answers, beside: Mapping[str, Answers | None]) -> _Sight:
    """Distinct combinations in place of rows where these are many and the combinations few."""
    everywhere = _Sight(own, beside, rows=len(own))
    columns = {id(answers): answers for answers in (own, *beside.values()) if answers is not None}
    if len(own) < _MANY_ROWS or any(answers.positions is None for answers in columns.values()):
        return everywhere
    sizes = [len(answers.number_of) for answers in columns.values()]
    if math.prod(sizes) > _MOST_CASES:
        return everywhere
    if len(columns) == 1:
        return _Sight(own.distinct, {name: a and a.distinct for name, a in beside.items()}, own.positions)
    case = np.zeros(len(own), dtype=np.int16)
    combinations = np.arange(math.prod(sizes))
    distinct: dict[int, Answers] = {}
    below = math.prod(sizes)
    for (key, answers), size in zip(columns.items(), sizes, strict=True):
        below //= size
        positions = np.asarray(answers.positions)
        case += (np.where(positions < 0, size - 1, positions) * below).astype(np.int16)
        distinct[key] = answers.distinct.take(combinations // below % size)
    seen = {name: answers and distinct[id(answers)] for name, answers in beside.items()}
    return _Sight(distinct[id(own)], seen, case)


class Scorer:
    """Turns the answers of indicators into points.

    Parameters
    ----------
    columns
        Where answers are found, and faults are noted.
    outcomes
        The numbers that lines earn.
    carry
        Whether answers may be taken from other rows; a schema looks at each row alone.
    """

    def __init__(self, columns: Columns, outcomes: Outcomes, *, carry: bool = True) -> None:
        self.columns = columns
        self.outcomes = outcomes
        self.carry = carry
        self.nothing = {kind.casefold(): outcome for kind, outcome in columns.tree.nothing.items()}

    def leaf(self, leaf: Leaf) -> LeafData | None:
        """An indicator's points; ``None`` where a column is missing (a fault is noted)."""
        own = self.columns.own(leaf)
        if own is None:
            return None
        if not leaf.lines and own.word_of is None and own.positions is None:
            return LeafData(own.numbers)
        sight = _in_cases(own, self._beside(leaf))
        self._never_occurs(leaf, sight, own)
        sheet = self._scored(leaf, sight)
        waiting = sheet.state >= _LAST
        if waiting.any() and sight.spread(waiting).any():
            sight, sheet, own = self._waited_for(leaf, sight, sheet, own)
        return self._data(leaf, sight, sheet, own)

    def _beside(self, leaf: Leaf) -> dict[str, Answers | None]:
        """Answers behind every name that the indicator's lines read besides its own."""
        names = {name: None for line in leaf.lines for name in names_read(line.test, line.outcome)}
        return {name: self.columns.beside(name, leaf) for name in names if name not in ("value", "answer")}

    def _never_occurs(self, leaf: Leaf, sight: _Sight, own: Answers) -> None:
        for line in leaf.lines:
            if isinstance(line.test, (language.Literal, language.Else)):
                continue
            for test in language.categories_in(line.test):
                answers = own if test.name in ("value", "answer") else sight.beside[test.name]
                if answers is not None:
                    self.columns.never_occurs(test, answers, leaf.id)

    def _scored(self, leaf: Leaf, sight: _Sight) -> _Sheet:
        """The first line that holds, case by case."""
        sheet = _Sheet.blank(len(sight.own))
        for line in leaf.lines:
            self._line(line, leaf, sight, sheet)
        self._nothing(leaf, sight, sheet)
        self._uncaught(leaf, sight, sheet)
        np.putmask(sheet.fixed, sheet.left, sight.own.numbers)  # in an open map a number stays as it is
        return sheet

    def _line(self, line: PointsLine, leaf: Leaf, sight: _Sight, sheet: _Sheet) -> None:
        where = sight.holds(line.test) & sheet.left
        numbers: Floats | None = None
        if isinstance(line.outcome, language.Formula):
            names = {name: sight.numbers(name) for name in language.names_in(line.outcome)}
            for known in names.values():  # a line is passed over where its formula has no number
                where = where & np.isfinite(known)
            with np.errstate(all="ignore"):
                numbers = np.broadcast_to(calculate(line.outcome, names), where.shape)
            self.columns.formula_undefined(line.outcome, leaf.id, sight.spread(where & ~np.isfinite(numbers)))
        self._give(line.outcome, line.address, where, sheet, leaf, numbers)

    def _give(
        self,
        outcome: values.Outcome,
        address: Address,
        where: Bools,
        sheet: _Sheet,
        leaf: Leaf,
        numbers: Floats | None = None,
    ) -> None:
        sheet.left &= ~where
        if isinstance(outcome, values.Quantity):
            np.putmask(sheet.slots, where, self.outcomes.slot(address, outcome))
        elif isinstance(outcome, values.Word):
            np.putmask(sheet.state, where, self._waits(outcome, leaf))
        elif numbers is not None:
            np.putmask(sheet.fixed, where, numbers)

    def _waits(self, outcome: values.Word, leaf: Leaf) -> int:
        if outcome.word in values.LEARNED:
            return _FILL + self.columns.tree.fills(leaf.id).index(outcome)
        return {"skip": SKIPPED, "void": VOID, "last": _LAST, "parent": _PARENT}[outcome.word]

    # --- answers of other rows, numbers of other units
    def _waited_for(self, leaf: Leaf, sight: _Sight, sheet: _Sheet, own: Answers) -> tuple[_Sight, _Sheet, Answers]:
        """Every row with what it waits for: an answer of another row is scored as if it were its own."""
        waits = sight.spread(sheet.state)
        full = _Sheet(sight.spread(sheet.left), sight.spread(sheet.fixed), sight.spread(sheet.slots))
        full.state = waits.copy()
        for word, code in (("last", _LAST), ("parent", _PARENT)):
            rows = np.flatnonzero(waits == code)
            if not rows.size:
                continue
            full.state[rows] = SKIPPED
            if not self.carry:
                continue
            source = source_rows(self.columns, word, waits >= _LAST, waits == code, leaf.id)[rows]
            rows, source = rows[source >= 0], source[source >= 0]
            if not rows.size:
                continue
            attributes = self.columns.attribute_names(leaf)
            beside = {
                name: answers and answers.take(source if name in attributes else rows)
                for name, answers in self._beside(leaf).items()
            }
            carried = self._scored(leaf, _Sight(own.take(source), beside, at=rows, rows=len(own)))
            full.fixed[rows], full.slots[rows] = carried.fixed, carried.slots
            full.state[rows] = np.where(carried.state >= _LAST, np.int8(SKIPPED), carried.state)
        return _Sight(own, {}, rows=len(own)), full, own

    def _fills(self, leaf: Leaf, state: States) -> tuple[Fill, ...]:
        found: list[Fill] = []
        for i, outcome in enumerate(self.columns.tree.fills(leaf.id)):
            where = state == _FILL + i
            if where.any():
                labels = None if outcome.by is None else self.columns.labels(outcome.by, leaf.id, where)
                found.append(Fill(-1 - i, outcome.word, where, labels))
        return tuple(found)

    def _data(self, leaf: Leaf, sight: _Sight, sheet: _Sheet, own: Answers) -> LeafData:
        state: States | None = None
        fills: tuple[Fill, ...] = ()
        if sheet.state.any():
            state = sight.spread(sheet.state)
            if (state >= _FILL).any():
                fills = self._fills(leaf, state)
                state = np.where(state >= _FILL, np.int8(SCORED), state)
            state = state if state.any() else None
        return LeafData(
            sheet.fixed,
            sheet.slots if (sheet.slots >= 0).any() else None,
            state,
            None if own.nothing is None else ~own.nothing,
            sight.case,
            fills,
        )

    # --- what no line catches
    def _nothing(self, leaf: Leaf, sight: _Sight, sheet: _Sheet) -> None:
        """Kinds of nothing that no line of the indicator caught follow the file's policy."""
        own = sight.own
        for kind in sorted(self.columns.kinds & set(own.words)):
            where = sheet.left & own.kind_rows(kind)
            if not where.any():
                continue
            if kind in self.nothing:
                self._give(self.nothing[kind], ("nothing", kind), where, sheet, leaf)
                continue
            sheet.left &= ~where
            if (rows := sight.spread(where)).any():
                self._no_policy(leaf, kind, rows)

    def _no_policy(self, leaf: Leaf, kind: str, where: Bools) -> None:
        what, means = ("blank", "a blank") if kind == "missing" else (f'"{kind}"', f'"{kind}"')
        self.columns.fault(
            "no_policy",
            f"{leaf.id}: {int(where.sum())} of {len(where)} values are {what} ({self.columns.rows.names(where)}) "
            f"and the file does not say what {means} means. Write nothing: skip, void or a number",
            leaf.id,
            where,
        )

    def _uncaught(self, leaf: Leaf, sight: _Sight, sheet: _Sheet) -> None:
        """Answers no line catches: every word, and every number under a map with literal lines."""
        own = sight.own
        literals = (line.test.text for line in leaf.lines if isinstance(line.test, language.Literal))
        closed = any(text.casefold() not in self.columns.kinds for text in literals)
        where = sheet.left & (np.isnan(own.numbers) | closed)
        sheet.left &= ~where
        if own.codes is None:
            where &= ~np.isnan(own.numbers)  # a formula without a value is told where it was computed
        else:
            where &= (own.codes >= 0) | ~np.isnan(own.numbers)
        if not where.any() or sight.at is not None:  # an answer of another row is told there
            return
        rows = sight.spread(where)
        if not rows.any():
            return
        full = self.columns.own(leaf)
        assert full is not None  # noqa: S101 - it was read
        # one fault for the column, since a column of remarks would have one in every cell
        tell = self._uncaught_answers if leaf.lines else self._text_for_number
        tell(leaf, full, _distinct(full, rows), rows)

    def _text_for_number(self, leaf: Leaf, own: Answers, found: _Distinct, where: Bools) -> None:
        count, rows = int(where.sum()), self.columns.rows
        told = [f'"{self._shown(own, answer)}" {_place(rows, answer.where)}' for answer in found.first]
        are, value, lines = ("is", "value", "a line for it") if count == 1 else ("are", "values", "lines for them")
        self.columns.fault(
            "text_for_number",
            f"{leaf.id}: {count} of {len(rows)} values {are} text where a number is expected: {found.listed(told)}. "
            f"Correct the {value}, or give the indicator points with {lines}",
            leaf.id,
            where,
        )

    def _uncaught_answers(self, leaf: Leaf, own: Answers, found: _Distinct, where: Bools) -> None:
        count, rows = int(where.sum()), self.columns.rows
        maps = [line.address[1] for line in leaf.lines if line.address[0] == "points"]
        points = f'points "{maps[0]}"' if maps else "its points"
        answers = "1 answer has" if count == 1 else f"{count} answers have"
        scale = self.columns.file.answers[leaf.scale] if leaf.scale is not None else {}
        categories = {category.casefold() for category in scale}
        literals = (line.test.text for line in leaf.lines if isinstance(line.test, language.Literal))
        meant = dict.fromkeys((*scale, *(text for text in literals if not language.is_number(text))))
        told: list[str] = []
        for answer in found.first:
            text = self._shown(own, answer)
            hint = "" if answer.word in categories or answer.is_number else did_you_mean(text, meant)
            told.append(f'"{text}" {_place(rows, answer.where, hint)}')
        way = f'a line "{self._shown(own, found.first[0])}: ..."' if found.count == 1 else "a line for each"
        if leaf.scale is not None and any(answer.word not in categories for answer in found.first):
            way = f"a spelling to answers.{leaf.scale}, or {way}"
        self.columns.fault(
            "uncaught_answer",
            f"{leaf.id}: {answers} no line in {points}: {found.listed(told)}. Add {way}",
            leaf.id,
            where,
        )

    def _shown(self, own: Answers, answer: _Uncaught) -> str:
        return answer.word if answer.is_number else self.columns.written(own, answer.word)


@dataclass(frozen=True)
class _Uncaught:
    """One answer that no line catches, and the rows that have it."""

    word: str
    where: npt.NDArray[np.intp]
    is_number: bool = False


@dataclass(frozen=True)
class _Distinct:
    """The first distinct answers of some rows, and how many there are: each costs, and all are not read."""

    first: tuple[_Uncaught, ...]
    count: int

    def listed(self, told: list[str]) -> str:
        more = self.count - len(told)
        return ", ".join(told) + (f" and {more} more" if more else "")


def _distinct(own: Answers, where: Bools) -> _Distinct:
    """The distinct answers of some rows: words as they are met, then numbers upwards."""
    at = np.flatnonzero(where)
    codes = np.full(len(at), -1, dtype=np.int32) if own.codes is None else own.codes[at]
    words = pd.unique(codes[codes >= 0])
    plain = at[codes < 0]
    numbers = np.unique(own.numbers[plain])
    first = [_Uncaught(own.words[code], at[codes == code]) for code in words[:_MOST_TOLD]]
    for number in numbers[: _MOST_TOLD - len(first)]:
        rows = plain[own.numbers[plain] == number]
        first.append(_Uncaught(language.number_text(float(number)), rows, is_number=True))
    return _Distinct(tuple(first), len(words) + len(numbers))


def _place(rows: Rows, where: npt.NDArray[np.intp], hint: str = "") -> str:
    """How often and in which units; a single one with the number of its row."""
    if len(where) == 1:
        return f"({rows.name(int(where[0]))}, row {int(where[0]) + 1}{hint})"
    return f"{len(where)} times ({rows.names(where)}{hint})"
