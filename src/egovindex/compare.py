"""Two results side by side: who moved, through which node, and because of what."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from typing import Literal as OneOf

import numpy as np
import pandas as pd

from egovindex.causes import Causes, Parts
from egovindex.errors import Fault, MethodError, listed
from egovindex.kernels.rank import TIE_TOLERANCE
from egovindex.lookup import known_node, refuse_no_result
from egovindex.result import IndexResult
from egovindex.rows import Rows
from egovindex.shown import Shown
from egovindex.tables import same_period

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Shown):
    """What changes from one result to another.

    Made by :func:`compare`. Tables are indexed by unit (and period), and hold the units that both
    results have; the others stand in :attr:`only_a` and :attr:`only_b`.

    Parameters
    ----------
    a, b
        The results.
    node
        The node compared.
    by
        Whether parts are the node's children or the indicators.
    rows_a, rows_b
        Rows of the same units in both.
    """

    a: IndexResult
    b: IndexResult
    node: str
    by: OneOf["child", "indicator"]
    rows_a: np.ndarray
    rows_b: np.ndarray
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()

    @cached_property
    def _index(self) -> pd.Index:
        if len(self.a.plan.rows.keys) > 1 and (self.a.plan.rows.periods is None or self._same_periods):
            return self.a.plan.rows.index[self.rows_a]
        return pd.Index(self.a.plan.rows.units[self.rows_a].astype(str), name="unit")

    @property
    def _same_periods(self) -> bool:
        a, b = self.a.plan.rows.periods, self.b.plan.rows.periods
        return a is not None and b is not None and list(a[self.rows_a]) == list(b[self.rows_b])

    @property
    def units(self) -> pd.DataFrame:
        """Every unit: score, rank (and class) in both, ``change`` of the score, ``moved`` places up."""
        columns: dict[str, Any] = {}
        for name, result, rows in (("a", self.a, self.rows_a), ("b", self.b, self.rows_b)):
            columns[f"score_{name}"] = result.nominal.by_node[self.node][rows]
            columns[f"rank_{name}"] = result.ranks[self.node].array[rows]
            if result.index.classes(self.node):
                columns[f"class_{name}"] = result.classes[self.node].array[rows]
        table = pd.DataFrame(columns, index=self._index)
        table["change"] = table["score_b"] - table["score_a"]
        table["moved"] = table["rank_a"] - table["rank_b"]
        order = ["rank_a", "rank_b", "moved", "score_a", "score_b", "change", "class_a", "class_b"]
        return table[[name for name in order if name in table]]

    @property
    def moved(self) -> pd.DataFrame:
        """Units whose rank, class or state changed, the farthest first.

        Returns
        -------
        DataFrame
            As :attr:`units`, with ``through``, the part that changed the score most, and ``because``, the
            cause that did.
        """
        table = self.units
        differs = table["moved"].ne(0).fillna(value=False).to_numpy(dtype=bool)
        differs |= (table["rank_a"].isna() != table["rank_b"].isna()).to_numpy()
        if {"class_a", "class_b"} <= set(table):
            differs |= (
                table["class_a"].astype(object).ne(table["class_b"].astype(object)).to_numpy()
                & ~(table["class_a"].isna() & table["class_b"].isna()).to_numpy()
            )
        least = TIE_TOLERANCE * np.abs(np.nan_to_num(table[["score_a", "score_b"]].to_numpy())).max()
        table["through"] = _largest(self.parts, least)
        table["because"] = _largest(self.causes, least)
        table = table[differs]
        distance = table["moved"].abs().fillna(len(self._index) + 1).to_numpy(dtype=np.float64)
        return table.iloc[np.lexsort([-table["change"].abs().fillna(0).to_numpy(), -distance])]

    @property
    def parts(self) -> pd.DataFrame:
        """Change of each part's contribution; every row adds up to ``change``."""
        return self._part_table(self._causes.total)

    @property
    def causes(self) -> pd.DataFrame:
        """Change of the score by cause: weights, the rest of the recipe, data, learned; rows add up to ``change``.

        Each cause is switched from a to b in every possible order, and its effects are averaged: the
        Shapley value, which shares what only two causes together bring. Columns are the causes that
        differ, and ``together`` where they cannot be told apart, see :attr:`note`. ``learned`` is a cause of
        its own only where a result was made with values of an earlier run, and theirs differ.

        Shorrocks 2013, doi 10.1007/s10888-011-9214-z.
        """
        effects, zero = self._causes.effects[0], np.zeros(len(self._index))
        return pd.DataFrame({cause: sum(parts.values(), zero) for cause, parts in effects.items()}, index=self._index)

    @property
    def note(self) -> str:
        """Why causes could not be told apart; empty where they were."""
        return self._causes.effects[1]

    def parts_because(self, cause: str) -> pd.DataFrame:
        """Change of each part's contribution that one cause brings.

        Raises
        ------
        MethodError
            The cause does not differ between the results.
        """
        found = self._causes.effects[0]
        if cause not in found:
            message = f'"{cause}" is no cause here; there is {listed(found) or "none"}'
            raise MethodError(Fault(message, check="unknown_cause"))
        return self._part_table(found[cause])

    def _part_table(self, parts: Parts) -> pd.DataFrame:
        return pd.DataFrame(parts, index=self._index)

    # --- the work
    @cached_property
    def _causes(self) -> Causes:
        return Causes(self.a, self.b, self.rows_a, self.rows_b, self._parts)

    def _parts(self, result: IndexResult, rows: np.ndarray) -> Parts:
        table = result.contributions(self.node, by=self.by).iloc[rows].drop(columns="score")
        return {str(name): table[name].to_numpy() for name in table}

    # --- shown
    def _summary(self) -> list[str]:
        moved = self.moved
        lines = [f"<Comparison {self.a.index.id} / {self.b.index.id}> {self.node}, {len(self._index)} units in both"]
        lines.append(f"  {len(moved)} moved; differs in: {listed(self._causes.effects[0]) or 'nothing'}")
        lines += [f"  {self.note}"] if self.note else []
        for name, units in (("a", self.only_a), ("b", self.only_b)):
            lines += [f"  only in {name}: {listed(units)}"] if units else []
        return lines

    def __repr__(self) -> str:
        moved = self.moved
        table = moved.head(5).to_string() if len(moved) else ""
        more = [f"  ... {len(moved) - 5} more in .moved"] if len(moved) > 5 else []
        return "\n".join([*self._summary(), *(f"  {line}" for line in table.splitlines()), *more])

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        body = "<br>".join(html.escape(line.strip()) for line in rest)
        table = self.moved.head(10).reset_index().to_html(index=False, escape=True, border=0)
        return f"<b>{html.escape(head)}</b><br>{body}{table}"


def compare(
    a: IndexResult,
    b: IndexResult,
    *,
    node: str | None = None,
    by: OneOf["child", "indicator"] = "child",
    periods: tuple[Any, Any] | None = None,
) -> Comparison:
    """Compare two results, or two periods of one.

    Parameters
    ----------
    a, b
        Results; they may differ in weights, in the rest of the recipe, in data, or in all.
    node
        The node to compare; the headline of ``a`` by default.
    by
        Take the change apart by the node's ``"child"`` or by ``"indicator"``.
    periods
        Period of ``a`` and period of ``b`` (``None`` where a result has none), whose units are matched by
        name. Results of one period each are matched by unit without it.

    Returns
    -------
    Comparison

    Raises
    ------
    MethodError
        The node is not in both, a period is unknown, or the results have no unit in common.

    Examples
    --------
    >>> import egovindex as ei
    >>> index, data = ei.load_index("un-egdi-2024"), ei.sample("un-egdi-2024")
    >>> comparison = ei.compare(ei.compute(index, data), ei.compute(index.with_weights("services-first"), data))
    >>> comparison.moved[["rank_a", "rank_b", "moved", "through", "because"]].head(2)
                 rank_a  rank_b  moved through  because
    unit period
    LBY  2024       125     148    -23     TII  weights
    RWA  2024       118      99     19     OSI  weights
    """
    refuse_no_result(a, b)
    if by not in ("child", "indicator"):
        raise MethodError(Fault(f'by is "child" or "indicator", found "{by}"', check="unknown_option"))
    pair: Any = periods
    if pair is not None and not (isinstance(pair, (tuple, list)) and len(pair) == 2):
        raise MethodError(not_two_periods(pair))
    top = known_node(b, known_node(a, node))
    here_a, here_b = _keys(a, periods, 0), _keys(b, periods, 1)
    if periods is None and _spans_one(a) and _spans_one(b):
        here_a, here_b = _by_unit(here_a), _by_unit(here_b)
    both = [key for key in here_a if key in here_b]
    if not both:
        raise MethodError(nothing_in_common(a, b))
    return Comparison(
        a,
        b,
        top,
        by,
        np.array([here_a[key] for key in both]),
        np.array([here_b[key] for key in both]),
        tuple(" ".join(map(str, key)) for key in here_a if key not in here_b),
        tuple(" ".join(map(str, key)) for key in here_b if key not in here_a),
    )


def nothing_in_common(a: IndexResult, b: IndexResult) -> Fault:
    """Results without a unit that is in both."""
    first, second = (listed(result.plan.rows.index, most=3) for result in (a, b))
    message = f"the results have no unit (and period) in common: {first} against {second}; name two with periods="
    message += "(a, b), None where there are none"
    return Fault(message, check="nothing_in_common")


Keys = dict[tuple[Any, ...], int]


def not_two_periods(found: Any) -> Fault:
    """Anything but a pair."""
    message = f"periods are two, of a and of b, such as (2022, 2024); None where a result has none. Found {found!r:.60}"
    return Fault(message, check="not_two_periods")


def _keys(result: IndexResult, periods: tuple[Any, Any] | None, side: int) -> Keys:
    rows = result.plan.rows
    if rows.periods is None:
        if periods is not None and periods[side] is not None:
            message = f"result {'ab'[side]} has no periods; write None in its place"
            raise MethodError(Fault(message, check="unknown_period"))
        return {names: at for at, names in enumerate(_names(rows))}
    if periods is None:
        return {(*u, p): at for at, (u, p) in enumerate(zip(_names(rows), rows.periods, strict=True))}
    found = {u: at for at, u in enumerate(_names(rows)) if same_period(rows.periods[at], periods[side])}
    if not found:
        message = f"period {periods[side]} is not in result {'ab'[side]}; it has {listed(rows.group_names)}"
        raise MethodError(Fault(message, check="unknown_period"))
    return found


def _spans_one(result: IndexResult) -> bool:
    return len(result.plan.rows.groups) == 1 and not result.plan.rows.further


def _by_unit(keys: Keys) -> Keys:
    return {key[:1]: row for key, row in keys.items()}


def _names(rows: Rows) -> list[tuple[str, ...]]:
    """Unit, and further keys of the records that are scored."""
    return [tuple(map(str, names)) for names in zip(rows.units, *rows.further.values(), strict=True)]


def _largest(table: pd.DataFrame, least: float) -> list[str]:
    """Column with the largest change, row by row; empty where none is more than the least that counts."""
    if table.shape[1] == 0:
        return [""] * len(table)
    size = np.abs(table.to_numpy(dtype=np.float64))
    size = np.where(np.isnan(size), 0.0, size)
    names = list(table.columns)
    return [names[at] if size[row, at] > least else "" for row, at in enumerate(size.argmax(axis=1))]
