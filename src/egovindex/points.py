"""From answers to points: the first line that holds decides.

Answers become a *case*, the line that holds for each row; a line has an outcome, one number, so that
``points = outcomes[case]``. Tests look at data only: the case is the same in every draw, and a doubt
about what "drafted" earns is a column of draws in ``outcomes``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.answers import Answers
from egovindex.columns import Columns
from egovindex.errors import did_you_mean
from egovindex.formulas import Bools, Floats
from egovindex.spec import language, values
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
class LeafData:
    """An indicator's answers after points.

    Parameters
    ----------
    fixed
        ``(rows,)`` numbers that no outcome changes; NaN elsewhere.
    slots
        ``(rows,)`` positions in the outcomes, -1 where ``fixed`` stands; ``None`` for nowhere.
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
    """A node with the positions of its edges; each line with its position in the outcomes, or -1."""

    branch: Branch
    edges: slice
    lines: tuple[tuple[PointsLine, int], ...]


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


@dataclass
class _Sheet:
    """What the rows of one indicator have been given so far."""

    left: Bools
    fixed: Floats
    slots: npt.NDArray[np.int32]
    state: States = field(init=False)

    def __post_init__(self) -> None:
        self.state = np.zeros(len(self.left), dtype=np.int8)

    @classmethod
    def blank(cls, rows: int) -> _Sheet:
        return cls(np.ones(rows, dtype=bool), np.full(rows, np.nan), np.full(rows, -1, dtype=np.int32))


class Scorer:
    """Turns the answers of indicators into points."""

    def __init__(self, columns: Columns, outcomes: Outcomes) -> None:
        self.columns = columns
        self.outcomes = outcomes
        self.nothing = {kind.casefold(): outcome for kind, outcome in columns.tree.nothing.items()}

    def leaf(self, leaf: Leaf) -> LeafData | None:
        """An indicator's points; ``None`` where a column is missing (a fault is noted)."""
        own = self.columns.own(leaf)
        if own is None:
            return None
        if not leaf.lines and own.codes is None:
            return LeafData(own.numbers)
        sheet = _Sheet.blank(len(own))
        for line in leaf.lines:
            self._line(line, own, leaf, sheet)
        self._nothing(own, leaf, sheet)
        self._uncaught(own, leaf, sheet)
        sheet.fixed[sheet.left] = own.numbers[sheet.left]  # in an open map a number stays as it is
        return LeafData(
            sheet.fixed,
            sheet.slots if (sheet.slots >= 0).any() else None,
            sheet.state if sheet.state.any() else None,
            None if own.nothing is None else ~own.nothing,
        )

    def _line(self, line: PointsLine, own: Answers, leaf: Leaf, sheet: _Sheet) -> None:
        if isinstance(line.test, language.Literal):
            where = own.match(line.test.text)
        elif isinstance(line.test, language.Else):
            where = own.answered()
        else:
            where = self.columns.holds(line.test, own, leaf.id)
        where = where & sheet.left
        numbers: Floats | None = None
        if isinstance(line.outcome, language.Formula):
            names = {name: self.columns.number(name, own, leaf.id) for name in language.names_in(line.outcome)}
            for known in names.values():  # a line is passed over where its formula has no number
                where &= np.isfinite(known)
            names = {name: np.where(where, known, np.nan) for name, known in names.items()}
            numbers = self.columns.calculate(line.outcome, names, leaf.id)
        self._give(line.outcome, line.address, where, sheet, numbers)

    def _give(
        self, outcome: values.Outcome, address: Address, where: Bools, sheet: _Sheet, numbers: Floats | None = None
    ) -> None:
        sheet.left &= ~where
        if isinstance(outcome, values.Quantity):
            sheet.slots[where] = self.outcomes.slot(address, outcome)
        elif isinstance(outcome, values.Word):
            sheet.state[where] = SKIPPED if outcome.word == "skip" else VOID
        elif numbers is not None:
            sheet.fixed[where] = numbers[where]

    def _nothing(self, own: Answers, leaf: Leaf, sheet: _Sheet) -> None:
        """Kinds of nothing that no line of the indicator caught follow the file's policy."""
        for kind in sorted(self.columns.kinds & set(own.words)):
            where = sheet.left & own.kind_rows(kind)
            if not where.any():
                continue
            if kind in self.nothing:
                self._give(self.nothing[kind], ("nothing", kind), where, sheet)
            else:
                self._no_policy(leaf, kind, where)
                sheet.left &= ~where

    def _no_policy(self, leaf: Leaf, kind: str, where: Bools) -> None:
        what, means = ("blank", "a blank") if kind == "missing" else (f'"{kind}"', f'"{kind}"')
        self.columns.fault(
            "no_policy",
            f"{leaf.id}: {int(where.sum())} of {len(where)} values are {what} ({self.columns.rows.names(where)}) "
            f"and the file does not say what {means} means. Write nothing: skip, void or a number",
            leaf.id,
            where,
        )

    def _uncaught(self, own: Answers, leaf: Leaf, sheet: _Sheet) -> None:
        """Answers no line catches: every word, and every number under a map with literal lines."""
        literals = (line.test.text for line in leaf.lines if isinstance(line.test, language.Literal))
        closed = any(text.casefold() not in self.columns.kinds for text in literals)
        where = sheet.left & (np.isnan(own.numbers) | closed)
        sheet.left &= ~where
        if own.codes is None:
            where &= ~np.isnan(own.numbers)  # a formula without a value is told where it was computed
        else:
            where &= (own.codes >= 0) | ~np.isnan(own.numbers)
        if not where.any():
            return
        # one fault for the column, since a column of remarks would have one in every cell
        tell = self._uncaught_answers if leaf.lines else self._text_for_number
        tell(leaf, own, _distinct(own, where), where)

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
