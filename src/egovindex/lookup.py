"""Which row, column or node of a result a caller means; a name that is none of them is told with a suggestion."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.result import IndexResult, lives_elsewhere
from egovindex.tables import row_headings, same_period, unit_name

__all__ = [
    "Group",
    "by_row",
    "group_of",
    "heading_of",
    "known_node",
    "refuse_no_result",
    "refuse_records",
    "row_of",
    "unknown_unit",
    "used_headings",
]

# who belongs together: units, a column of the data, or each unit's group
Group = str | Sequence[str] | Mapping[str, Any] | pd.Series | None


def refuse_no_result(*results: Any) -> None:
    """Refuse what is no result of :func:`egovindex.compute`.

    Raises
    ------
    MethodError
        With what was found.
    """
    for result in results:
        if not isinstance(result, IndexResult):
            message = f"a result of compute is expected, found {type(result).__name__}; write compute(index, data)"
            raise MethodError(Fault(message, check="not_a_result"))


def known_node(result: IndexResult, node: str | None) -> str:
    """A node of a result; the headline by default.

    Raises
    ------
    MethodError
        There is no node of that name.
    """
    refuse_no_result(result)
    if node is None:
        return result.headline
    if node in result.index.tree.branches and node not in result.nodes:
        raise MethodError(lives_elsewhere(result, node))
    if node not in result.nodes:
        hint = did_you_mean(node, result.nodes)
        raise MethodError(Fault(f'there is no node "{node}"{hint}', check="unknown_node"))
    return node


def row_of(result: IndexResult, unit: Any, period: Any = None) -> int:
    """Position of a unit's row.

    Raises
    ------
    MethodError
        No such unit or period, several periods and none named, or several records of a unit.
    """
    refuse_no_result(result)
    rows = result.plan.rows
    found = np.flatnonzero(rows.units == unit_name(unit))
    if found.size == 0:
        raise MethodError(unknown_unit(unit, rows.units))
    refuse_records(result)
    if rows.periods is None or (period is None and found.size == 1):
        return int(found[0])
    if period is None:
        periods = listed(rows.periods[found])
        message = f'unit "{unit}" stands in {found.size} periods ({periods}); name one with period='
        raise MethodError(Fault(message, check="several_periods"))
    here = [int(row) for row in found if same_period(rows.periods[row], period)]
    if not here:
        message = f'unit "{unit}" has no period {period}; it has {listed(rows.periods[found])}'
        raise MethodError(Fault(message, check="unknown_period"))
    return here[0]


def refuse_records(result: IndexResult) -> None:
    """Refuse a result in which one unit has several rows of answers.

    Raises
    ------
    MethodError
        With the way out.
    """
    rows = result.plan.records
    if rows.further:
        message = (
            f"a row of answers is one of ({', '.join(rows.keys)}) here, and no unit has one row to look at; see "
            "contributions for what adds to a score, and result.at(...) for the scores of records"
        )
        raise MethodError(Fault(message, check="several_records"))


def unknown_unit(unit: Any, units: Iterable[Any]) -> Fault:
    """A unit that is not among those scored."""
    names = list(dict.fromkeys(map(str, units)))
    hint = did_you_mean(str(unit), names, otherwise=f". Units: {listed(names)}")
    return Fault(f'there is no unit "{unit}" in the data{hint}', check="unknown_unit", units=(str(unit),))


def used_headings(result: IndexResult) -> list[Hashable]:
    """Columns of the data that the index reads, units and periods left out."""
    headings = result.plan.headings
    keys = set(row_headings(result.index.file).values())
    return [headings[name] for name in result.plan.read if name not in keys]


def heading_of(result: IndexResult, name: str) -> Hashable:
    """Heading of the column that a name means: a heading, or an indicator that reads one column.

    Raises
    ------
    MethodError
        No such column, or an indicator that is computed from several.
    """
    headings = result.plan.headings
    keys = set(row_headings(result.index.file).values())
    if name in headings and name not in keys:
        return headings[name]
    leaf = result.index.tree.leaves.get(name)
    if leaf is None:
        known = [*map(str, used_headings(result)), *result.index.tree.leaves]
        message = f'"{name}" is neither a column of the data nor an indicator{did_you_mean(name, known)}'
        raise MethodError(Fault(message, check="unknown_column", column=name))
    texts = [result.index.file.columns.get(column.text, column.text) for column in leaf.columns]
    if len(texts) == 1 and texts[0] in headings:
        return headings[texts[0]]
    message = f'indicator "{name}" is made of {listed(texts)}; name the column to change'
    raise MethodError(Fault(message, check="computed_indicator", column=name))


def group_of(result: IndexResult, row: int, group: Group) -> npt.NDArray[np.bool_]:
    """Rows that belong with a row: of its period, and of its group.

    Raises
    ------
    MethodError
        A unit or a column of that name is unknown, or the row's own group is not given.
    """
    rows = result.plan.rows
    found = np.ones(len(rows), dtype=bool)
    if rows.periods is not None:
        found = rows.periods == rows.periods[row]
    if group is None:
        return found
    if isinstance(group, str):
        return found & _alike(result, _column(result, group), row, f'column "{group}"')
    if isinstance(group, (Mapping, pd.Series)):
        return found & _alike(result, by_row(result, group), row, "the group")
    given: Any = group
    if not isinstance(given, Iterable):
        message = f"a group is units, a column, or a mapping of unit to group; found {given!r:.60}"
        raise MethodError(Fault(message, check="not_a_group"))
    wanted = [unit_name(unit) for unit in group]
    lacking = [unknown_unit(unit, rows.units) for unit in wanted if unit not in set(rows.units)]
    if lacking:
        raise MethodError(lacking)
    return found & np.isin(rows.units.astype(str), wanted)


def by_row(result: IndexResult, group: Mapping[Any, Any] | pd.Series) -> npt.NDArray[Any]:
    """What a mapping says of each row; the keys are units, or (unit, period) as in the tables of a result."""
    known: dict[Any, Any] = {}
    pairs: Iterable[tuple[Any, Any]] = group.items()
    for key, value in pairs:
        pair = isinstance(key, tuple) and len(key) == 2
        known[(unit_name(key[0]), str(key[1])) if pair else unit_name(key)] = value
    rows = result.plan.rows
    periods = [None] * len(rows) if rows.periods is None else rows.periods
    found = [known.get((unit, str(p)), known.get(unit)) for unit, p in zip(rows.units, periods, strict=True)]
    return np.array([*found, None], dtype=object)[:-1]


def _column(result: IndexResult, name: str) -> npt.NDArray[Any]:
    headings = result.plan.headings
    if name not in headings:
        message = f'there is no column "{name}" in the data{did_you_mean(name, headings)}'
        raise MethodError(Fault(message, check="unknown_column", column=name))
    return result.plan.data[headings[name]].to_numpy(dtype=object)


def _alike(result: IndexResult, values: npt.NDArray[Any], row: int, what: str) -> npt.NDArray[np.bool_]:
    own = values[row]
    if pd.isna(own):
        message = f"{what} is blank for {result.plan.rows.name(row)}: it belongs to no group"
        raise MethodError(Fault(message, check="no_group"))
    return np.array([not pd.isna(value) and value == own for value in values], dtype=bool)
