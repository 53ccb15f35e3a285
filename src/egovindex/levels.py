"""Repeated records: which rows of the data stand behind each row of a coarser level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from egovindex.answers import Answers
from egovindex.columns import Columns
from egovindex.errors import Fault
from egovindex.points import Gathering
from egovindex.rows import LevelRows, level_rows, text_orders
from egovindex.spec.language import Test
from egovindex.spec.levels import Level

if TYPE_CHECKING:
    from egovindex.spec.tree import Branch

__all__ = ["Levels"]


class Levels:
    """The rows of every level of an index, and how a node's records are taken together.

    Parameters
    ----------
    columns
        The data.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.tree = columns.tree
        wanted = dict.fromkeys([self.tree.rows, *self.tree.levels.values()])
        self.rows: dict[Level, LevelRows] = {keys: level_rows(columns.rows, keys) for keys in wanted}

    def of_column(self, answers: Answers, name: str, record: str) -> Answers:
        """A column on the rows of a record; rows that are taken together must agree in it."""
        level = self.rows[self.tree.levels[record]]
        if level.first is None:
            return answers
        here = answers.take(level.first)
        self._refuse_several(self._codes(answers), name, record, level)
        return here

    def _codes(self, answers: Answers) -> npt.NDArray[Any]:
        words = np.full(len(answers), -1) if answers.codes is None else answers.codes
        return np.stack([np.nan_to_num(answers.numbers, nan=-1.0), words.astype(np.float64)])

    def _refuse_several(self, values: npt.NDArray[Any], name: str, record: str, level: LevelRows) -> None:
        """A column that differs among rows that are taken together says nothing about them."""
        assert level.first is not None  # noqa: S101 - for the type checker
        differs = (values != values[..., level.first[level.of_row]]).reshape(-1, len(level.of_row)).any(axis=0)
        if differs.any():
            keys = ", ".join(self.tree.levels[record])
            where = np.zeros(len(level.rows), dtype=bool)
            where[level.of_row[differs]] = True
            message = (
                f'{record} lives on ({keys}), and column "{name}" differs among the rows taken together there '
                f"({level.rows.names(where)}); name an attribute of ({keys}), or aggregate over it first"
            )
            self.columns.fault("column_differs", message, name)

    def groups(self, labels: npt.NDArray[Any], name: str, record: str) -> npt.NDArray[Any]:
        """The group of each row of a record, by a column; rows that are taken together must agree in it."""
        level = self.rows[self.tree.levels[record]]
        if level.first is None:
            return labels
        self._refuse_several(labels, name, record, level)
        return labels[level.first]

    def reference(self, test: Test, keys: Level) -> npt.NDArray[np.bool_]:
        """Who of a level is learned from; where a record learns there, rows that are taken together must agree."""
        level = self.rows[keys]
        passes = self.columns.holds(test, None, "reference.where")
        if level.first is None:
            return passes
        if (learner := next(self._learn_on(keys), None)) is not None:
            self._refuse_several(passes, f"reference.where: {test}", learner, level)
        return passes[level.first]

    def _learn_on(self, keys: Level) -> Iterator[str]:
        """Records of a level that learn."""
        for branch in self.tree.branches.values():
            learns = any(step.learns for step in branch.steps) or bool(self.tree.fills(branch.id))
            if learns and self.tree.levels[branch.id] == keys:
                yield branch.id

    def gathering(self, branch: Branch) -> Gathering:
        """The records that a node takes together, each node's in an order that the data's does not change."""
        fine = self.rows[self.tree.levels[branch.inputs[0]]]
        coarse = self.rows[self.tree.levels[branch.id]]
        n = len(fine.rows)
        passing = np.ones(n, dtype=bool)
        if branch.where is not None:
            of_data = self.columns.holds(branch.where, None, f"{branch.id}.where")
            passing = of_data if fine.first is None else of_data[fine.first]
            if fine.first is not None:
                name = f"where: {branch.where}"
                self._refuse_several(of_data, name, branch.inputs[0], fine)
            if not passing.any() and not self.columns.faults:
                message = f"{branch.id}: no row of the data passes where: {branch.where}; it has no score"
                self.columns.notes.append(Fault(message, check="no_row_passes", column=branch.id))
        into = coarse.of_row if fine.first is None else coarse.of_row[fine.first]
        order = np.lexsort((*text_orders([*fine.rows.keys.values()]), into))
        order = order[passing[order]]
        groups = into[order]
        first = np.r_[True, groups[1:] != groups[:-1]] if groups.size else np.zeros(0, dtype=bool)
        return Gathering(order, np.flatnonzero(first), groups[first])
