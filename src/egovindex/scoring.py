"""Turns the answers of an indicator into points: the first line that holds decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from egovindex.answers import Answers
from egovindex.carry import source_rows
from egovindex.columns import Columns
from egovindex.formulas import Bools, Floats, calculate
from egovindex.points import SCORED, SKIPPED, VOID, Fill, LeafData, Outcomes, States
from egovindex.sight import Sight, in_cases
from egovindex.spec import language, values
from egovindex.spec.tree import names_read
from egovindex.uncaught import no_policy, uncaught

if TYPE_CHECKING:
    from egovindex.spec.tree import Address, Leaf, PointsLine

__all__ = ["Scorer"]

# what a row still waits for; only while an indicator is scored
_LAST, _PARENT, _FILL = 10, 11, 20


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
        beside = self._beside(leaf)
        self._look(leaf, own, beside)
        sight = in_cases(own, beside)
        sheet = self._scored(leaf, sight)
        waiting = sheet.state >= _LAST
        if waiting.any() and sight.spread(waiting).any():
            sight, sheet, own = self._waited_for(leaf, sight, sheet, own)
        return self._data(leaf, sight, sheet, own)

    def _beside(self, leaf: Leaf) -> dict[str, Answers | None]:
        """Answers behind every name that the indicator's lines read besides its own."""
        names = {name: None for line in leaf.lines for name in names_read(line.test, line.outcome)}
        return {name: self.columns.beside(name, leaf) for name in names if name not in ("value", "answer")}

    def _look(self, leaf: Leaf, own: Answers, beside: Mapping[str, Answers | None]) -> None:
        """Categories that never occur, and words where lines ask another column for numbers."""
        for line in leaf.lines:
            for test in line.categories:
                answers = own if test.name in ("value", "answer") else beside[test.name]
                if answers is not None:
                    self.columns.never_occurs(test, answers, leaf.id)
            for name in line.numbers:
                if (numbers := beside.get(name)) is not None:
                    self.columns.words_for_numbers(name, numbers, leaf.id)

    def _scored(self, leaf: Leaf, sight: Sight) -> _Sheet:
        """The first line that holds, case by case."""
        sheet = _Sheet.blank(len(sight.own))
        for line in leaf.lines:
            self._line(line, leaf, sight, sheet)
        self._nothing(leaf, sight, sheet)
        self._uncaught(leaf, sight, sheet)
        np.putmask(sheet.fixed, sheet.left, sight.own.numbers)  # in an open map a number stays as it is
        return sheet

    def _line(self, line: PointsLine, leaf: Leaf, sight: Sight, sheet: _Sheet) -> None:
        where = sight.holds(line.test) & sheet.left
        numbers: Floats | None = None
        if isinstance(line.outcome, language.Formula):
            if any(sight.unread(name) for name in language.names_in(line.outcome)):
                sheet.left &= ~where  # told where it was looked for, and its answers do have a line
                return
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
    def _waited_for(self, leaf: Leaf, sight: Sight, sheet: _Sheet, own: Answers) -> tuple[Sight, _Sheet, Answers]:
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
            carried = self._scored(leaf, Sight(own.take(source), beside, at=rows, rows=len(own)))
            full.fixed[rows], full.slots[rows] = carried.fixed, carried.slots
            full.state[rows] = np.where(carried.state >= _LAST, np.int8(SKIPPED), carried.state)
        return Sight(own, {}, rows=len(own)), full, own

    def _fills(self, leaf: Leaf, state: States) -> tuple[Fill, ...]:
        found: list[Fill] = []
        for i, outcome in enumerate(self.columns.tree.fills(leaf.id)):
            where = state == _FILL + i
            if where.any():
                labels = None if outcome.by is None else self.columns.labels(outcome.by, leaf.id, where)
                found.append(Fill(-1 - i, outcome.word, where, labels))
        return tuple(found)

    def _data(self, leaf: Leaf, sight: Sight, sheet: _Sheet, own: Answers) -> LeafData:
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
    def _nothing(self, leaf: Leaf, sight: Sight, sheet: _Sheet) -> None:
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
                no_policy(self.columns, leaf, kind, rows)

    def _uncaught(self, leaf: Leaf, sight: Sight, sheet: _Sheet) -> None:
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
        uncaught(self.columns, leaf, full, rows)
