"""The tables of a saved result, as cells: the data that was used, and what came out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from egovindex.errors import DataError, Fault
from egovindex.index import Index
from egovindex.keep.cells import NUMBER, TEXT, WHOLE, Cells, cells_of, number_cell, number_of
from egovindex.keep.learned import learned_cells
from egovindex.keep.periods import period_cells, periods_of
from egovindex.plan import Plan
from egovindex.rows import Rows
from egovindex.scores import Scores
from egovindex.tables import LONG, row_headings

if TYPE_CHECKING:
    from egovindex.keep.manifest import Manifest

__all__ = ["KEYS", "RESULTS", "Result", "data_cells", "frame_of", "result_cells"]

# what comes out of a run, in the order in which it is told
RESULTS = ("weights", "learned", "scores", "ranks", "states", "classes", "coverage")
# how many columns at the left say what a row is about; the others have unit, or unit and period
KEYS = {"weights": 2, "learned": 6}


class Result(Protocol):
    """What is needed of a result to keep it; :class:`egovindex.IndexResult` has it."""

    @property
    def index(self) -> Index:
        """The index."""

    @property
    def plan(self) -> Plan:
        """The index against its data."""

    @property
    def nominal(self) -> Scores:
        """The scores, and what was learned."""

    @property
    def manifest(self) -> Manifest:
        """What is needed to run it again."""

    @property
    def scores(self) -> pd.DataFrame:
        """Score of every unit in every node."""

    @property
    def ranks(self) -> pd.DataFrame:
        """Rank within the period."""

    @property
    def states(self) -> pd.DataFrame:
        """Whether there is a score, and why not."""

    @property
    def classes(self) -> pd.DataFrame:
        """Bands."""

    @property
    def coverage(self) -> pd.DataFrame:
        """Share of weight that counted."""


def read_as_long() -> DataError:
    message = (
        'the index reads columns named "item" and "answer", and a table that has both is read as a long one; '
        "rename one of them in the data and in the index"
    )
    return DataError(Fault(message, check="read_as_long"))


def data_cells(index: Index, plan: Plan) -> tuple[Cells, dict[str, str]]:
    """The columns that the index reads, and no others; kind of each.

    Raises
    ------
    DataError
        The columns cannot be kept.
    """
    columns = row_cells(plan.records, row_headings(index.file))
    for name in plan.read:
        if name not in [heading for heading, *_ in columns]:
            columns.append((name, *cells_of(plan.data[plan.headings[name]])))
    found = Cells.of(columns)
    if set(LONG) <= set(found.headings):
        raise read_as_long()
    return found, dict(zip(found.headings, found.kinds, strict=True))


def row_cells(rows: Rows, headings: Mapping[str, str]) -> list[tuple[str, str, list[str]]]:
    """What identifies each row: heading, kind and cells of every key."""
    found: list[tuple[str, str, list[str]]] = []
    for key, values in rows.keys.items():
        kind, cells = period_cells(values) if key == "period" else (TEXT, [str(value) for value in values])
        found.append((headings.get(key, key), kind, cells))
    return found


def frame_of(cells: Cells, kinds: Mapping[str, str], name: str) -> pd.DataFrame:
    """Cells as a table, each column of the kind it had.

    Raises
    ------
    DataError
        Other columns than were saved, or cells of another kind.
    """
    if list(cells.headings) != list(kinds):
        message = f"the columns are {', '.join(cells.headings)[:200]}; saved were {', '.join(kinds)[:200]}"
        raise DataError(Fault(message, file=name, check="other_columns"))
    faults: list[Fault] = []
    found: dict[str, Any] = {}
    for heading, column in zip(cells.headings, cells.columns, strict=True):
        try:
            found[heading] = _column(kinds[heading], column)
        except ValueError as error:
            faults.append(Fault(f'column "{heading}": {error}', file=name, check="wrong_kind", column=heading))
    if faults:
        raise DataError(faults)
    return pd.DataFrame(found)


def _column(kind: str, cells: list[str]) -> Any:
    if kind == TEXT:
        return np.array([cell or None for cell in cells], dtype=object)
    if kind == NUMBER:
        return np.array([number_of(cell) for cell in cells], dtype=np.float64)
    return periods_of(kind, cells)


def result_cells(result: Result) -> dict[str, Cells]:
    """Every table that comes out of a run, by name."""
    rows = row_cells(result.plan.rows, {})
    found = {"weights": _weights(result.plan), "learned": learned_cells(result.index, result.nominal.learned)}
    for name in RESULTS[len(found) :]:
        table: pd.DataFrame = getattr(result, name)
        columns = [(str(heading), *cells_of(table[heading])) for heading in table.columns]
        if name == "ranks":
            columns = [(heading, WHOLE, cells) for heading, _, cells in columns]
        found[name] = Cells.of([*rows, *columns])
    return found


def _weights(plan: Plan) -> Cells:
    weights = [number_cell(float(weight)) for weight in plan.weights]
    nodes, children = [node for node, _ in plan.edges], [child for _, child in plan.edges]
    return Cells.of([("node", TEXT, nodes), ("child", TEXT, children), ("weight", NUMBER, weights)])
