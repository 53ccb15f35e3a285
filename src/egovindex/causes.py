"""Because of what a score changed: weights, the rest of the recipe, data, or learned values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import EgovindexError, listed
from egovindex.evaluate import evaluate
from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.result import IndexResult
from egovindex.stepping import Learned

__all__ = ["Causes", "Parts", "minus"]

Parts = dict[str, Floats]
Rows = npt.NDArray[np.intp]

CAUSES = ("weights", "recipe", "data", "learned")
TOGETHER = "together"
# what is written for people, and changes no score
_FOR_PEOPLE = {"title", "edition", "source", "note"}


@dataclass(frozen=True)
class Causes:
    """The causes that differ between two results, and the effect of each.

    Parameters
    ----------
    a, b
        The results.
    rows_a, rows_b
        Rows of the same units in both.
    parts
        What a score is made of in some rows of a result.
    """

    a: IndexResult
    b: IndexResult
    rows_a: Rows
    rows_b: Rows
    parts: Callable[[IndexResult, Rows], Parts]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Some of weights, recipe, data and learned, in this order."""
        weights_a, weights_b = _weights_of(self.a.index), _weights_of(self.b.index)
        same_tree = {n: set(w) for n, w in weights_a.items()} == {n: set(w) for n, w in weights_b.items()}
        found = {
            "weights": same_tree and weights_a != weights_b,
            # other children have other weights; else, laid over both, weights are written alike in both
            "recipe": not same_tree or _acting(self.a.index, weights_b) != _acting(self.b.index, weights_b),
            "data": not _same_data(self.a, self.b, self.rows_a, self.rows_b),
            "learned": self._keeps and not _same_learned(self.a.nominal.learned, self.b.nominal.learned),
        }
        return tuple(cause for cause in CAUSES if found[cause])

    @cached_property
    def _keeps(self) -> bool:
        """Whether either result was made with values that were learned before."""
        return any(_is_kept(result) for result in (self.a, self.b))

    @cached_property
    def total(self) -> Parts:
        """The whole change."""
        return minus(self.parts(self.b, self.rows_b), self.parts(self.a, self.rows_a))

    @cached_property
    def effects(self) -> tuple[dict[str, Parts], str]:
        """Effect of each cause, and why they could not be told apart, if so."""
        nothing = not any(np.nan_to_num(part).any() for part in self.total.values())
        if len(self.names) < 2 or nothing:
            return dict.fromkeys(self.names, self.total), ""
        try:
            return self._told_apart()
        except EgovindexError as error:
            together = " and ".join(self.names)
            reason = f"one does not compute with the other ({error.faults[0].message})"
            return {TOGETHER: self.total}, f"{together} cannot be told apart: {reason}"

    def _told_apart(self) -> tuple[dict[str, Parts], str]:
        """Shapley values; what has no score somewhere in between stays together."""
        effects = _shapley(self.names, self._mixed)
        scored = np.isfinite(_sum(self.total))
        apart = np.isfinite(np.sum([_sum(parts) for parts in effects.values()], axis=0))
        lost = scored & ~apart
        if not lost.any():
            return effects, ""
        for parts in effects.values():
            parts.update({name: np.where(lost, 0.0, part) for name, part in parts.items()})
        effects[TOGETHER] = {
            name: np.where(lost, part, np.where(scored, 0.0, np.nan)) for name, part in self.total.items()
        }
        units = listed(self.a.plan.rows.name(int(row)) for row in self.rows_a[lost])
        return effects, f"{' and '.join(self.names)} cannot be told apart for {units}: in between there is no score"

    def _mixed(self, from_b: frozenset[str]) -> Parts:
        """Parts with some causes as in b and the others as in a."""
        if not from_b:
            return self.parts(self.a, self.rows_a)
        if from_b == set(self.names):
            return self.parts(self.b, self.rows_b)
        recipe = self.b.index if "recipe" in from_b else self.a.index
        weights = self.b.index if "weights" in from_b else self.a.index
        data, rows = (self.b, self.rows_b) if "data" in from_b else (self.a, self.rows_a)
        learned = (self.b if "learned" in from_b else self.a).nominal.learned if self._keeps else None
        index = _reweighed(recipe, weights)
        plan = index.plan(data.plan.data)
        return self.parts(IndexResult(index=index, plan=plan, nominal=evaluate(plan, learned=learned)), rows)


def minus(left: Parts, right: Parts) -> Parts:
    """Difference by part; a part that one side lacks adds nothing there, a unit without a score has none."""
    scored = np.isfinite(next(iter(left.values()))) & np.isfinite(next(iter(right.values())))
    zero = np.where(scored, 0.0, np.nan)
    return {name: left.get(name, zero) - right.get(name, zero) for name in dict.fromkeys((*left, *right))}


def _sum(parts: Parts) -> Floats:
    return np.sum(list(parts.values()), axis=0)


def _shapley(causes: tuple[str, ...], value: Callable[[frozenset[str]], Parts]) -> dict[str, Parts]:
    """Effect of each cause, averaged over the orders in which they can be switched."""
    known: dict[frozenset[str], Parts] = {}

    def at(switched: frozenset[str]) -> Parts:
        if switched not in known:
            known[switched] = value(switched)
        return known[switched]

    orders = list(permutations(causes))
    effects: dict[str, Parts] = {cause: {} for cause in causes}
    for order in orders:
        before: frozenset[str] = frozenset()
        for cause in order:
            after = before | {cause}
            for part, change in minus(at(after), at(before)).items():
                effects[cause][part] = effects[cause].get(part, 0.0) + change / len(orders)
            before = after
    return effects


# --- what differs
def _weights_of(index: Index) -> dict[str, dict[str, Any]]:
    return {
        name: dict(zip(branch.children, (q.value for q in branch.weights), strict=True))
        for name, branch in index.tree.branches.items()
        if branch.formula is None
    }


def _reweighed(recipe: Index, weights: Index) -> Index:
    own, other = _weights_of(recipe), _weights_of(weights)
    return recipe if own == other else recipe.with_weights(other)


def _acting(index: Index, weights: Mapping[str, Any]) -> dict[str, Any]:
    """What of an index can change a score, with some weights laid over."""
    document = {key: value for key, value in index.with_weights(weights).document().items() if key not in _FOR_PEOPLE}
    document.pop("index")
    document = {key: _bare(value) for key, value in document.items()}
    for records in ("indicators", "nodes", "rules"):
        document[records] = {
            name: {k: v for k, v in (record or {}).items() if k not in {*_FOR_PEOPLE, "label", "measured_in"}}
            for name, record in document.get(records, {}).items()
        }
    return document


def _bare(value: Any) -> Any:
    """A part of a document with numbers alone: what is known about a number changes no score."""
    if isinstance(value, Mapping):
        if set(value) - {"value"} and set(value) <= {"value", "source", "basis", "range", "note"} and "value" in value:
            return value["value"]
        return {key: _bare(inner) for key, inner in value.items()}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def _same_data(a: IndexResult, b: IndexResult, rows_a: Rows, rows_b: Rows) -> bool:
    """Whether both read the same answers, in whatever order, type or company they stand."""
    if a.plan.data is b.plan.data and np.array_equal(rows_a, rows_b):
        return True
    read = {*a.plan.read, *b.plan.read}  # what one recipe alone reads is a difference of recipes, if both have it
    left, right = _answers(a, read), _answers(b, read)
    repeated = a.plan.has_records or b.plan.has_records
    if not repeated and left.index.nlevels > 1 and list(left.index[rows_a]) != list(right.index[rows_b]):
        return False  # two periods of a panel
    if set(left.index) != set(right.index):
        return False
    right = right.loc[left.index]
    return all(_same_column(left[name].tolist(), right[name].tolist()) for name in left if name in right)


def _answers(result: IndexResult, read: Collection[str]) -> pd.DataFrame:
    """Some columns, as far as they are there, by unit (and record, and period, where there are several)."""
    data, rows, headings = result.plan.data, result.plan.records, result.plan.headings
    index = rows.index if len(rows.groups) > 1 or rows.further else pd.Index(rows.units.astype(str))
    return pd.DataFrame({name: data[headings[name]].to_numpy() for name in read if name in headings}, index=index)


def _same_column(left: list[Any], right: list[Any]) -> bool:
    return all(
        (pd.isna(x) and pd.isna(y)) or (x == y and isinstance(x, bool) == isinstance(y, bool))
        for x, y in zip(left, right, strict=True)
    )


def _is_kept(result: IndexResult) -> bool:
    """Whether learned values are not those that the data give."""
    if not len(result.nominal.learned):
        return False
    try:
        return not _same_learned(evaluate(result.plan).learned, result.nominal.learned)
    except EgovindexError:  # nothing can be learned from these data: it was learned elsewhere
        return True


def _same_learned(left: Learned, right: Learned) -> bool:
    def flat(learned: Learned) -> dict[Any, Any]:
        return {
            (record, at, str(group), name): np.asarray(value)
            for (record, at), groups in learned.values.items()
            for group, values in zip(learned.groups, groups, strict=True)
            for name, value in values.items()
        }

    first, second = flat(left), flat(right)
    return set(first) == set(second) and all(np.array_equal(first[key], second[key]) for key in first)
