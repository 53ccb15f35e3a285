"""The pandera schema of the wide table an index takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from egovindex.columns import Columns
from egovindex.errors import DataError
from egovindex.headings import attributes_read, headings_of, names_beside
from egovindex.points import Outcomes
from egovindex.rows import Rows
from egovindex.scoring import Scorer
from egovindex.spec.tree import names_read
from egovindex.tables import empty_table, read_rows, row_headings

if TYPE_CHECKING:
    from pandera.pandas import Check, DataFrameSchema

    from egovindex.spec.model import IndexFile
    from egovindex.spec.tree import Leaf, Tree

__all__ = ["table_schema"]


def table_schema(file: IndexFile, tree: Tree) -> DataFrameSchema:
    """The columns an index needs, each with the answers it takes, and what names the rows.

    Parameters
    ----------
    file, tree
        The index, and the same resolved.
    """
    import pandera.pandas as pa

    alone: dict[str, list[Check]] = {}
    together: list[Check] = []
    for leaf in tree.leaves.values():
        # a check of one column tells its cells; one of several columns can only tell rows
        heading = _only_heading(leaf, file)
        told: dict[str, Any] = {"name": leaf.id, "error": f"must be what {leaf.id} takes", "ignore_na": False}
        for name in (*headings_of(leaf, file), *attributes_read(leaf, file)):
            alone.setdefault(name, [])
        if heading is None:
            together.append(pa.Check(_rows_fit(file, tree, leaf), **told))
        else:
            alone[heading].append(pa.Check(_cells_fit(file, tree, leaf, heading), **told))
    for name in sorted(names_beside(file, tree) - set(tree.leaves)):
        alone.setdefault(file.columns.get(name, name), [])
    keys = {heading: pa.Column(required=False) for heading in row_headings(file).values()}
    columns = {heading: pa.Column(checks=checks, nullable=True) for heading, checks in alone.items()}
    has_rows = pa.Check(lambda data: not list(empty_table(data)), name="has_rows", error="must have rows")
    named = pa.Check(
        lambda data: data.empty or _names_its_rows(data, file),
        name="names_its_rows",
        error="must name the unit (and period) of each row, in one row each",
    )
    return pa.DataFrameSchema(
        keys | columns, checks=[has_rows, named, *together], strict=False, unique_column_names=True
    )


def _only_heading(leaf: Leaf, file: IndexFile) -> str | None:
    """The column an indicator reads, if it reads no other and no name could mean one."""
    headings = headings_of(leaf, file)
    beside = {name for line in leaf.lines for name in names_read(line.test, line.outcome)} - {"value", "answer"}
    return headings[0] if len(headings) == 1 and not beside else None


def _names_its_rows(data: pd.DataFrame, file: IndexFile) -> bool:
    try:
        read_rows(data, file)
    except DataError:
        return False
    return True


def _rows_fit(file: IndexFile, tree: Tree, leaf: Leaf) -> Callable[[pd.DataFrame], pd.Series[Any]]:
    """Where an indicator takes what stands in a row: the very reading of ``compute``, row by row."""

    def fit(data: pd.DataFrame) -> pd.Series[Any]:
        positions = np.arange(len(data))
        rows = Rows(positions.astype(str).astype(object), None, (positions,), (None,))
        columns = Columns(file, tree, data, rows)
        Scorer(columns, Outcomes(), carry=False).leaf(leaf)
        fits = np.ones(len(data), dtype=bool)
        for fault in columns.faults:
            # a fault without units is one of all rows
            fits[[int(unit) for unit in fault.units] if fault.units else slice(None)] = False
        return pd.Series(fits, index=data.index)

    return fit


def _cells_fit(file: IndexFile, tree: Tree, leaf: Leaf, heading: str) -> Callable[[pd.Series[Any]], pd.Series[Any]]:
    """The same for an indicator that reads one column."""
    fit = _rows_fit(file, tree, leaf)
    return lambda column: fit(column.to_frame(heading))
