"""Who is like a unit: by profile, by score, or by a group of the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from egovindex.errors import Fault, MethodError, listed
from egovindex.formulas import Floats
from egovindex.kernels.powers import scaled
from egovindex.lookup import Group, group_of, known_node, row_of
from egovindex.result import IndexResult

__all__ = ["peers"]

_NEAREST = 5


def peers(
    result: IndexResult,
    unit: Any,
    *,
    by: Group = "profile",
    n: int | None = None,
    node: str | None = None,
    period: Any = None,
) -> pd.DataFrame:
    """Units to compare a unit with.

    Parameters
    ----------
    result
        The result.
    unit
        The unit; it stands first.
    by
        ``"profile"``: the nearest in the scores of the node's children, each divided by its standard
        deviation over the period (Euclidean distance); ``"score"``: the nearest in the node's score; a
        column of the data, units, or a mapping or Series of each unit's group: all of the same group, the
        best first.
    n
        How many; 5 by default for the nearest, all for a group.
    node
        The headline by default.
    period
        Needed where the unit has several.

    Returns
    -------
    DataFrame
        Indexed as the result; ``rank, score``, the children of the node, and ``distance`` for the nearest.

    Raises
    ------
    MethodError
        A name is unknown, or the unit has no score to be near to.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    >>> near = ei.peers(result, "KHM", n=2)
    >>> near.index.get_level_values("unit").tolist()
    ['KHM', 'NPL', 'SLV']
    """
    top, row = known_node(result, node), row_of(result, unit, period)
    most: Any = n
    if most is not None and (not isinstance(most, (int, np.integer)) or most < 0):
        raise MethodError(Fault(f"n is a number of units, found {most!r:.60}", check="bad_number"))
    children = list(result.index.tree.branches[top].inputs)
    taken = sorted({"rank", "score", "distance"} & set(children))
    if taken:
        message = f"records named {listed(taken)} stand where the table keeps its own columns; rename them"
        raise MethodError(Fault(message, check="names_taken"))
    table = pd.DataFrame({"rank": result.ranks[top], "score": result.scores[top]})
    for child in children:
        table[child] = (result.scores if child in result.nodes else result.indicators)[child]
    nearest = isinstance(by, str) and by in ("profile", "score")
    among = group_of(result, row, None if nearest else by)
    if nearest:
        columns = table[["score"] if by == "score" else children].to_numpy(dtype=np.float64)
        distance = _distance(result, columns, row, among)
        table["distance"] = distance
        order = np.argsort(np.where(among & np.isfinite(distance), distance, np.inf), kind="stable")
        order = order[np.isfinite(distance[order]) & among[order]]
    else:
        order = np.lexsort([-table["score"].fillna(-np.inf).to_numpy()])
        order = order[among[order]]
    others = order[order != row]
    most = n if n is not None else (_NEAREST if nearest else len(others))
    return table.iloc[[row, *others[:most]]]


def _distance(result: IndexResult, columns: Floats, row: int, among: np.ndarray) -> Floats:
    """Euclidean distance over the columns the unit has; NaN for who lacks one of them."""
    known = np.isfinite(columns[row])
    if not known.any():
        message = f"{result.plan.rows.name(row)} has no score to be near to"
        raise MethodError(Fault(message, check="no_score", units=(result.plan.rows.name(row),)))
    columns = scaled(columns[:, known], axis=0)[0]
    spread = np.nanstd(columns[among], axis=0)
    apart = (columns - columns[row]) / np.where(spread > 0, spread, 1.0)
    return np.sqrt((apart**2).sum(axis=1))
