"""From answers to points: what each indicator and node holds once its answers are scored.

Answers become a *case*, the line that holds for each row; a line has an outcome, one number, so that
``points = outcomes[case]``. Tests look at data only: the case is the same in every draw, and a doubt
about what "drafted" earns is a column of draws in ``outcomes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from egovindex.formulas import Bools, Floats
from egovindex.spec import values

if TYPE_CHECKING:
    from egovindex.spec.tree import Address, Branch, PointsLine

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
    "States",
]

States = npt.NDArray[np.int8]

SCORED, SKIPPED, VOID, MISSING, VOIDED = range(5)
# a node is VOID by its own line, VOIDED by a child; users see one word
STATES = ("scored", "skipped", "void", "missing", "void")


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
        return table if self.case is None else table[..., self.case]  # faster than take

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
