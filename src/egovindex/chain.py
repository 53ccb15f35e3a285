"""The scores of one index as data of the next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from egovindex.compute import compute, read_for
from egovindex.errors import DataError, Fault, listed
from egovindex.headings import headings_read
from egovindex.index import Index
from egovindex.loading import load_index
from egovindex.lookup import refuse_no_result
from egovindex.result import IndexResult
from egovindex.tables import read_rows, row_headings, widened

__all__ = ["chain"]


def chain(
    results: IndexResult | Sequence[IndexResult],
    index: str | Path | Index,
    data: pd.DataFrame | str | Path | None = None,
) -> IndexResult:
    """Score an index whose data are scores of other indices.

    Parameters
    ----------
    results
        One result or several; each node is a column of the next index, under its name.
    index
        The next index; ``from: NODE`` names a node.
    data
        Further columns, for the same units (and periods).

    Returns
    -------
    IndexResult

    Raises
    ------
    DataError
        Units are not the same everywhere, or two sources have a column of the same name that is used.

    Examples
    --------
    >>> import egovindex as ei
    >>> egdi = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    >>> parts = ei.load_index("un-egdi-parts-2024").with_(
    ...     columns={"osi": "OSI", "tii": "TII", "hci": "HCI"}, indicators={"osi": {"from": "osi"}}
    ... )
    >>> again = ei.chain(egdi, parts)
    >>> round(float((again.scores["EGDI"] - egdi.scores["EGDI"]).abs().max()), 12)
    0.0
    """
    chosen = load_index(index)
    given: list[Any] = list(results) if isinstance(results, (list, tuple)) else [results]
    refuse_no_result(*given)
    if not given:
        raise DataError(Fault("give at least one result", check="nothing_chained"))
    headings = row_headings(chosen.file)
    sources = [(f"the scores of {result.index.id}", _scores(result, headings)) for result in given]
    if data is not None:
        sources.append(("data", _keyed(widened(read_for(chosen, data), chosen.file), chosen, headings)))
    read = headings_read(chosen.file, chosen.tree)
    faults = [*keys_differ(sources), *columns_twice(sources, read), *named_like_keys(sources, headings)]
    if faults:
        raise DataError(faults)
    # of a name that stands in two sources and is not read, the first will do
    together = pd.concat([table for _, table in sources], axis=1)
    return compute(chosen, together.loc[:, ~together.columns.duplicated()].reset_index())


def _scores(result: IndexResult, headings: dict[str, str]) -> pd.DataFrame:
    table = result.scores
    if "period" not in headings and isinstance(table.index, pd.MultiIndex):
        if len(result.plan.rows.groups) > 1:
            message = f"{result.index.id} has {len(result.plan.rows.groups)} periods, and the next index has none"
            raise DataError(Fault(f"{message}; give rows: [unit, period] there", check="periods_differ"))
        table = table.droplevel("period")
    names = [headings["unit"]] if table.index.nlevels == 1 else [headings["unit"], headings["period"]]
    return table.rename_axis(names if len(names) > 1 else names[0])


def _keyed(table: pd.DataFrame, index: Index, headings: dict[str, str]) -> pd.DataFrame:
    """Further data by unit (and period), which are read as :func:`egovindex.compute` reads them."""
    rows = read_rows(table, index.file)
    names = [headings["unit"]] if rows.periods is None else [headings["unit"], headings["period"]]
    rest = table.loc[:, [str(heading) not in names for heading in table.columns]]
    return rest.set_axis(rows.index, axis=0).rename_axis(names if len(names) > 1 else names[0])


def named_like_keys(sources: Sequence[tuple[str, pd.DataFrame]], headings: dict[str, str]) -> list[Fault]:
    """A node or column that is named like the column of units or periods."""
    return [
        Fault(f'{name} have a column "{heading}", which names the {key}s; rename one', check="column_twice")
        for name, table in sources
        for key, heading in headings.items()
        if heading in map(str, table.columns)
    ]


def keys_differ(sources: Sequence[tuple[str, pd.DataFrame]]) -> list[Fault]:
    """Units that one source has and another lacks: a join would leave them out or blank."""
    name, first = sources[0]
    faults: list[Fault] = []
    for other, table in sources[1:]:
        if table.index.nlevels != first.index.nlevels:
            message = f"{name} and {other} do not both have periods"
            faults.append(Fault(message, check="periods_differ"))
            continue
        for left, right, lacking in (
            (name, other, first.index.difference(table.index)),
            (other, name, table.index.difference(first.index)),
        ):
            if len(lacking):
                units = [" ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in lacking]
                message = f"{len(units)} rows of {left} are not in {right}: {listed(units)}; give both the same units"
                faults.append(Fault(message, check="units_differ", units=tuple(units)))
    return faults


def columns_twice(sources: Sequence[tuple[str, pd.DataFrame]], read: Collection[str]) -> list[Fault]:
    """A column that is read and stands in two sources: nothing says which is meant."""
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for name, table in sources:
        for column in map(str, table.columns):
            if column in seen and column in read:
                message = f'column "{column}" stands in {seen[column]} and in {name}; rename or drop one'
                faults.append(Fault(message, check="column_twice", column=column))
            seen.setdefault(column, name)
    return faults
