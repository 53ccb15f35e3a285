"""Two results side by side: who moved, through which node, and because of what."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any
from typing import Literal as OneOf

import numpy as np
import pandas as pd

from egovindex.compute import compute
from egovindex.errors import EgovindexError, Fault, MethodError, listed
from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.lookup import known_node
from egovindex.result import IndexResult

__all__ = ["Comparison", "compare"]

CAUSES = ("weights", "recipe", "data")
# contributions add up to the score to 1e-12; a change below it is none
_NONE = 1e-12


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
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
        if self.a.plan.rows.periods is not None and self._same_periods:
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
        table["through"] = _largest(self.parts)
        table["because"] = _largest(self.causes)
        table = table[differs]
        distance = table["moved"].abs().fillna(len(self._index) + 1).to_numpy(dtype=np.float64)
        return table.iloc[np.lexsort([-table["change"].abs().fillna(0).to_numpy(), -distance])]

    @property
    def parts(self) -> pd.DataFrame:
        """Change of each part's contribution; every row adds up to ``change``."""
        return self._part_table(self._total)

    @property
    def causes(self) -> pd.DataFrame:
        """Change of the score by cause: weights, the rest of the recipe, data; rows add up to ``change``.

        Each cause is switched from a to b in every possible order, and its effects are averaged: the
        Shapley value, which shares what only two causes together bring. Columns are the causes that
        differ; one column ``together`` where they cannot be told apart, see :attr:`note`.

        Shorrocks 2013, doi 10.1007/s10888-011-9214-z.
        """
        return pd.DataFrame(
            {cause: sum(parts.values(), np.zeros(len(self._index))) for cause, parts in self._by_cause[0].items()},
            index=self._index,
        )

    @property
    def note(self) -> str:
        """Why causes could not be told apart; empty where they were."""
        return self._by_cause[1]

    def parts_because(self, cause: str) -> pd.DataFrame:
        """Change of each part's contribution that one cause brings.

        Raises
        ------
        MethodError
            The cause does not differ between the results.
        """
        found = self._by_cause[0]
        if cause not in found:
            message = f'"{cause}" is no cause here; there is {listed(found) or "none"}'
            raise MethodError(Fault(message, check="unknown_cause"))
        return self._part_table(found[cause])

    def _part_table(self, parts: dict[str, Floats]) -> pd.DataFrame:
        return pd.DataFrame(parts, index=self._index)

    # --- the work
    @cached_property
    def _total(self) -> dict[str, Floats]:
        return _minus(_parts(self.b, self.node, self.by, self.rows_b), _parts(self.a, self.node, self.by, self.rows_a))

    @cached_property
    def _by_cause(self) -> tuple[dict[str, dict[str, Floats]], str]:
        causes = _causes(self.a, self.b, [*self.rows_a], [*self.rows_b])
        if len(causes) < 2:
            return dict.fromkeys(causes, self._total), ""
        try:
            return _shapley(causes, self._mixed), ""
        except EgovindexError as error:
            together = " and ".join(causes)
            note = f"{together} cannot be told apart: one does not compute with the other ({error.faults[0].message})"
            return {"together": self._total}, note

    def _mixed(self, from_b: frozenset[str]) -> dict[str, Floats]:
        """Contributions with some causes as in b and the others as in a."""
        if not from_b:
            return _parts(self.a, self.node, self.by, self.rows_a)
        recipe = self.b.index if "recipe" in from_b else self.a.index
        weights = self.b.index if "weights" in from_b else self.a.index
        data, rows = (self.b, self.rows_b) if "data" in from_b else (self.a, self.rows_a)
        table = data.plan.data
        assert table is not None  # noqa: S101 - every plan that is compiled holds its table
        result = compute(_reweighed(recipe, weights), table)
        return _parts(result, self.node, self.by, rows)

    # --- shown
    def _summary(self) -> list[str]:
        moved = self.moved
        lines = [f"<Comparison {self.a.index.id} / {self.b.index.id}> {self.node}, {len(self._index)} units in both"]
        lines.append(f"  {len(moved)} moved; differs in: {listed(self._by_cause[0]) or 'nothing'}")
        lines += [f"  {self.note}"] if self.note else []
        for name, units in (("a", self.only_a), ("b", self.only_b)):
            lines += [f"  only in {name}: {listed(units)}"] if units else []
        return lines

    def __repr__(self) -> str:
        moved = self.moved
        table = moved.head(5).to_string() if len(moved) else ""
        more = [f"  ... {len(moved) - 5} more in .moved"] if len(moved) > 5 else []
        return "\n".join([*self._summary(), *(f"  {line}" for line in table.splitlines()), *more])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002, FBT001 - IPython's signature
        printer.text(repr(self))

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
        Period of ``a`` and period of ``b``, whose units are matched by name. Results of one period each
        are matched by unit without it.

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
    given: tuple[Any, ...] = (a, b)
    for result in given:
        if not isinstance(result, IndexResult):
            message = f"two results of compute are compared, found {type(result).__name__}"
            raise MethodError(Fault(message, check="not_a_result"))
    if by not in ("child", "indicator"):
        raise MethodError(Fault(f'by is "child" or "indicator", found "{by}"', check="unknown_option"))
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
    message = f"the results have no unit (and period) in common: {first} against {second}; name two with periods=(a, b)"
    return Fault(message, check="nothing_in_common")


Keys = dict[tuple[Any, ...], int]


def _keys(result: IndexResult, periods: tuple[Any, Any] | None, side: int) -> Keys:
    rows = result.plan.rows
    if rows.periods is None:
        if periods is not None:
            raise MethodError(Fault(f'result {"ab"[side]} has no periods; leave "periods" out', check="unknown_period"))
        return {(str(unit),): at for at, unit in enumerate(rows.units)}
    if periods is None:
        return {(str(u), p): at for at, (u, p) in enumerate(zip(rows.units, rows.periods, strict=True))}
    found = {(str(u),): at for at, u in enumerate(rows.units) if str(rows.periods[at]) == str(periods[side])}
    if not found:
        message = f"period {periods[side]} is not in result {'ab'[side]}; it has {listed(rows.group_names)}"
        raise MethodError(Fault(message, check="unknown_period"))
    return found


def _spans_one(result: IndexResult) -> bool:
    return len(result.plan.rows.groups) == 1


def _by_unit(keys: Keys) -> Keys:
    return {key[:1]: row for key, row in keys.items()}


def _parts(result: IndexResult, node: str, by: OneOf["child", "indicator"], rows: np.ndarray) -> dict[str, Floats]:
    table = result.contributions(node, by=by).iloc[rows].drop(columns="score")
    return {str(name): table[name].to_numpy() for name in table}


def _minus(left: dict[str, Floats], right: dict[str, Floats]) -> dict[str, Floats]:
    """Difference by part; a part that one side lacks adds nothing there, a unit without a score has none."""
    scored = np.isfinite(next(iter(left.values()))) & np.isfinite(next(iter(right.values())))
    zero = np.where(scored, 0.0, np.nan)
    return {name: left.get(name, zero) - right.get(name, zero) for name in dict.fromkeys((*left, *right))}


def _largest(table: pd.DataFrame) -> list[str]:
    """Column with the largest change, row by row; empty where nothing changed."""
    if table.shape[1] == 0:
        return [""] * len(table)
    size = np.abs(table.to_numpy(dtype=np.float64))
    size = np.where(np.isnan(size), 0.0, size)
    names = list(table.columns)
    return [names[at] if size[row, at] > _NONE else "" for row, at in enumerate(size.argmax(axis=1))]


def _weights_of(index: Index) -> dict[str, dict[str, Any]]:
    return {
        name: dict(zip(branch.children, (q.value for q in branch.weights), strict=True))
        for name, branch in index.tree.branches.items()
        if branch.formula is None
    }


def _reweighed(recipe: Index, weights: Index) -> Index:
    own, other = _weights_of(recipe), _weights_of(weights)
    return recipe if own == other else recipe.with_weights(other)


def _causes(a: IndexResult, b: IndexResult, rows_a: list[int], rows_b: list[int]) -> list[str]:
    """What differs between two results: some of weights, recipe and data."""
    weights_a, weights_b = _weights_of(a.index), _weights_of(b.index)
    same_tree = {n: set(w) for n, w in weights_a.items()} == {n: set(w) for n, w in weights_b.items()}
    found: list[str] = []
    if not same_tree:
        found.append("recipe")  # other children: there are no weights to exchange
    else:
        if weights_a != weights_b:
            found.append("weights")
        # laid over both, weights are written alike in both
        if a.index != b.index and a.index.with_weights(weights_b) != b.index.with_weights(weights_b):
            found.append("recipe")
    if not _same_data(a, b) or rows_a != rows_b:
        found.append("data")
    return found


def _same_data(a: IndexResult, b: IndexResult) -> bool:
    left, right = a.plan.data, b.plan.data
    return left is right or (left is not None and right is not None and left.equals(right))


def _shapley(
    causes: Iterable[str], value: Callable[[frozenset[str]], dict[str, Floats]]
) -> dict[str, dict[str, Floats]]:
    """Effect of each cause, averaged over the orders in which they can be switched."""
    causes = list(causes)
    known: dict[frozenset[str], dict[str, Floats]] = {}

    def at(switched: frozenset[str]) -> dict[str, Floats]:
        if switched not in known:
            known[switched] = value(switched)
        return known[switched]

    orders = list(permutations(causes))
    effects: dict[str, dict[str, Floats]] = {cause: {} for cause in causes}
    for order in orders:
        before: frozenset[str] = frozenset()
        for cause in order:
            after = before | {cause}
            for part, change in _minus(at(after), at(before)).items():
                effects[cause][part] = effects[cause].get(part, 0.0) + change / len(orders)
            before = after
    return effects
