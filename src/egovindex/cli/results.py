"""The table of a result that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from egovindex.cli.faults import UsageFault
from egovindex.cli.options import TableName
from egovindex.errors import did_you_mean, listed
from egovindex.lookup import known_node

if TYPE_CHECKING:
    import pandas as pd

    from egovindex.index import Index
    from egovindex.result import IndexResult

__all__ = ["OF_A_NODE", "first_rows", "labelled_classes", "result_table"]

OF_A_NODE = (TableName.ranking, TableName.contributions)


def result_table(result: IndexResult, name: TableName, node: str | None) -> pd.DataFrame:
    """The table that was asked for, with unit and period as columns."""
    if node is not None and name not in OF_A_NODE:
        raise UsageFault("--node goes with --table ranking or contributions")
    if node in result.index.tree.branches:
        known_node(result, node)  # it may live on other rows
    elif node is not None:
        raise UsageFault(
            f'there is no node "{node}"{did_you_mean(node, result.nodes, otherwise=".")} Nodes: {listed(result.nodes)}'
        )
    if name is TableName.ranking:
        return _ranking(result, node)
    if name is TableName.contributions:
        return result.contributions(node).reset_index()
    found: pd.DataFrame = getattr(result, name.value)
    return found if name is TableName.learned else found.reset_index()


def _ranking(result: IndexResult, node: str | None) -> pd.DataFrame:
    return result.ranking if node is None else result.ranking_of(node)


def first_rows(table: pd.DataFrame, top: int | None) -> pd.DataFrame:
    """The first rows of each period."""
    if top is None:
        return table
    return table.groupby("period", sort=False).head(top) if "period" in table.columns else table.head(top)


def labelled_classes(index: Index, table: pd.DataFrame, node: str | None) -> pd.DataFrame:
    """The table as people read it: a class by its label. ``node`` is the one that a ranking is about."""
    records = {heading: node if heading == "class" else str(heading) for heading in table.columns}
    for heading, record in records.items():
        bands = index.classes(record) if record in index.labels else None
        if bands and table[heading].isin(list(bands)).any():
            words = {band: index.label(f"classes.{record}.{band}") for band in bands}
            table = table.assign(**{heading: [words.get(value, value) for value in table[heading].astype(object)]})
    return table
