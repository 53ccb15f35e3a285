"""Learned values as a table, one number in each row, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from egovindex.errors import DataError, Fault
from egovindex.index import Index
from egovindex.keep.cells import NUMBER, TEXT, WHOLE, Cells, number_cell, number_of
from egovindex.keep.periods import period_cells, periods_of
from egovindex.plan import Plan
from egovindex.stepping import Learned

__all__ = ["learned_cells", "learned_of"]

_HEADINGS = ("record", "at", "step", "name", "period", "item", "value")
_KINDS = (TEXT, WHOLE, TEXT, TEXT, TEXT, WHOLE, NUMBER)


def _period_cell(name: Any) -> str:
    """Name of a reference group; empty where there are no periods."""
    return "" if name is None else name if name == "all" else period_cells([name])[1][0]


def learned_cells(index: Index, learned: Learned) -> Cells:
    """Learned values as cells.

    ``at`` is the position of the step among those of its record, below zero for a learned outcome of points;
    ``item`` that of the value where a step
    learns many (the sorted values of ``rank``).
    """
    rows: list[tuple[str, ...]] = []
    periods = [_period_cell(name) for name in learned.groups]
    for (record, at), groups in learned.values.items():
        step = index.tree.learns_at(record, at)
        for period, group in zip(periods, groups, strict=True):
            for name, value in group.items():
                if np.ndim(value) == 0:
                    rows.append((record, str(at), step, name, period, "", number_cell(float(value))))
                    continue
                for item, one in enumerate(np.asarray(value, dtype=np.float64).tolist()):
                    rows.append((record, str(at), step, name, period, str(item), number_cell(one)))
    columns = tuple([row[at] for row in rows] for at in range(len(_HEADINGS)))
    return Cells(_HEADINGS, columns, _KINDS)


def learned_of(cells: Cells, plan: Plan, kind: str, name: str) -> Learned:
    """Learned values out of cells.

    Parameters
    ----------
    cells
        As :func:`learned_cells` writes them.
    plan
        Whose reference groups they are for.
    kind
        Kind of the periods.
    name
        Of the file, for messages.

    Raises
    ------
    DataError
        The table is not one of learned values.
    """
    if cells.headings != _HEADINGS:
        raise DataError(Fault(f"the columns are not {', '.join(_HEADINGS)}", file=name, check="other_columns"))
    learners = (learner for level in plan.levels.values() for learner in level.learners)
    groups = {_period_cell(learner.name): learner.name for learner in learners}
    found: dict[tuple[str, int], dict[str, dict[str, list[float] | float]]] = {}
    faults = []
    for row, (record, at, _, what, period, item, value) in enumerate(zip(*cells.columns, strict=True), start=1):
        try:
            if period not in groups:
                groups[period] = period if period in ("", "all") else periods_of(kind, [period])[0]
            number = number_of(value)
            group = found.setdefault((record, int(at)), {}).setdefault(period, {})
            if item == "":
                group[what] = number
            else:
                _append(group.setdefault(what, []), int(item), number)
        except ValueError as error:
            faults.append(Fault(f"row {row}: {error}", file=name, check="wrong_kind"))
    if faults:
        raise DataError(faults)
    values = {
        key: tuple({what: np.array(v) for what, v in by_period.get(period, {}).items()} for period in groups)
        for key, by_period in found.items()
    }
    return Learned(values, tuple(groups.values()))


def _append(held: list[float] | float, item: int, number: float) -> None:
    if not isinstance(held, list) or item != len(held):
        raise ValueError(f"item {item} is not the next one")
    held.append(number)
