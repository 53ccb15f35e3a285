"""What the library's exact answers promise: radii, contributions, bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from egovindex.bounds import bounds
from egovindex.errors import DataError, EgovindexError, MethodError
from egovindex.evaluate import evaluate
from egovindex.formulas import Floats
from egovindex.kernels.rank import competition_ranks
from egovindex.points import SCORED
from egovindex.result import IndexResult
from egovindex.robustness.radius import rank_radius
from egovindex.testing.cases import TOLERANCE, Case, Finding

__all__ = ["law_contributions", "law_missing_bounds", "law_rank_stability"]

_DRAWS = 12
_PERIODS = 2
_CELLS = 4
_COMPLETIONS = 6


def law_rank_stability(case: Case) -> Iterator[Finding]:
    """While every weight stays within a unit's rank radius of itself, its rank does not change."""
    result = IndexResult(case.index, case.plan, case.scores)
    for name in case.scores.nodes:
        yield _stable(case, result, name)


def _stable(case: Case, result: IndexResult, name: str) -> Finding:
    tried = 0
    for period in case.plan.rows.group_names[:_PERIODS]:
        try:
            radius = rank_radius(result, node=name, period=period)
        except (MethodError, DataError) as error:
            return Finding(name, None, str(error.faults[0].message))
        finite = radius.radius[np.isfinite(radius.radius) & (radius.radius > 0)]
        if not finite.size:
            continue
        for share in case.rng.choice(finite, _DRAWS):
            weights = _within(case, share)
            scores = case.tried({"weights": weights}, keep=True)
            if scores is None:
                continue
            tried += 1
            rows = np.asarray(radius.form.rows)
            ranks = competition_ranks(scores[name][rows]), competition_ranks(case.scores[name][rows])
            bad = np.flatnonzero((ranks[0] != ranks[1]) & (radius.radius > share * (1 + 1e-6)))
            if bad.size:
                at = bad[0]
                told = f"{radius.form.units[at]} has radius {radius.radius[at]:.6g} and rank {ranks[1][at]}, "
                return Finding(name, False, f"{told}but rank {ranks[0][at]} with all weights within {share:.6g}")
    return (
        Finding(name, True, f"{tried} weightings inside a radius")
        if tried
        else Finding(name, None, "no rank ever changes")
    )


def _within(case: Case, share: float) -> Floats:
    """Weights each within a share of themselves, the total of each node kept; most of them at the limit."""
    weights = case.plan.weights.copy()
    for node in case.plan.nodes:
        own = weights[node.edges]
        total = np.abs(own).sum()
        if len(own) < 2 or total == 0:
            continue
        way = case.rng.choice([-1.0, 1.0], len(own)) * case.rng.uniform(0.8, 1.0, len(own))
        way -= (way * own).sum() / own.sum() if own.sum() else 0.0
        largest = np.abs(way).max()
        weights[node.edges] = own * (1 + share * way / largest) if largest > 0 else own
    return weights


def law_contributions(case: Case) -> Iterator[Finding]:
    """What the parts add is the score, by child and by indicator; of a plain mean nothing is left over."""
    result = IndexResult(case.index, case.plan, case.scores)
    for name in case.scores.nodes:
        yield _adds_up(case, result, name)


def _adds_up(case: Case, result: IndexResult, name: str) -> Finding:
    branch = case.index.tree.branches[name]
    for by in ("child", "indicator"):
        table = result.contributions(name, by=by)
        parts = table.drop(columns="score").to_numpy(dtype=np.float64)
        score = table["score"].to_numpy(dtype=np.float64)
        slack = 1e2 * TOLERANCE * np.maximum(1.0, np.abs(np.nan_to_num(parts)).max(axis=1, initial=0.0))
        bad = np.flatnonzero(~np.isnan(score) & ~(np.abs(np.nan_to_num(parts).sum(axis=1) - score) <= slack))
        if bad.size:
            row = bad[0]
            told = f"the parts of {case.unit(row)} by {by} add up to {np.nansum(parts[row]):.17g}, its score is "
            return Finding(name, False, f"{told}{score[row]:.17g}")
        plain = branch.formula is None and branch.aggregate in ("mean", "sum") and not branch.lines and not branch.steps
        if plain and by == "child":
            left = np.abs(np.nan_to_num(table["steps"].to_numpy(dtype=np.float64)))
            bad = np.flatnonzero(left > slack)
            if bad.size:
                row = bad[0]
                told = f"of the score of {case.unit(row)} {left[row]:.10g} is no child's, though the node is a plain "
                return Finding(name, False, told + branch.aggregate)
    return Finding(name, True, f"{len(result.plan.rows)} units by child and by indicator")


def law_missing_bounds(case: Case) -> Iterator[Finding]:
    """Whatever answers are filled in for those missing, scores and ranks lie within :func:`egovindex.bounds`."""
    names = case.scores.nodes
    opened = _opened(case)
    if isinstance(opened, str):
        yield from (Finding(name, None, opened) for name in names)
        return
    table, donors = opened
    limits = {leaf: (min(values), max(values)) for leaf, (_, values) in donors.items() if _numbers(values)}
    try:
        found = _bounds(case, table, limits)
    except EgovindexError as error:
        yield from (Finding(name, None, str(error.faults[0].message)) for name in names)
        return
    if set(found.opened) - set(donors):
        yield from (Finding(name, None, "an indicator with gaps has no answers to fill in") for name in names)
        return
    failed: dict[str, str] = {}
    for _ in range(_COMPLETIONS):
        filled = _completed(case, table, found.opened, donors)
        try:
            scores = evaluate(case.index.plan(filled))
        except (MethodError, DataError):
            continue
        for name in found.low:
            if name not in failed and name in names:
                failed |= _outside(case, found, name, scores[name])
    for name in names:
        if name in found.refused:
            yield Finding(name, None, found.refused[name])
        elif not found.parts.get(name):
            yield Finding(name, None, "no open answer below it")
        else:
            yield Finding(name, name not in failed, failed.get(name, f"{_COMPLETIONS} completions"))


def _bounds(case: Case, table: pd.DataFrame, limits: Mapping[str, tuple[float, float]]) -> Any:
    try:
        return bounds(case.index, table, ["missing"], limits=limits)
    except MethodError as error:
        # indicators whose points list their answers need no limits
        needless = {
            leaf
            for fault in error.faults
            if fault.check == "limits_without_effect"
            for leaf in limits
            if f"limits: {leaf} " in fault.message
        }
        if not needless:
            raise
        return bounds(case.index, table, ["missing"], limits={k: v for k, v in limits.items() if k not in needless})


def _numbers(values: list[Any]) -> bool:
    return all(isinstance(value, (int, float, np.number)) for value in values)


def _opened(case: Case) -> tuple[pd.DataFrame, dict[str, tuple[str, list[Any]]]] | str:
    """The table with some answers taken out, and for each indicator its column and the answers that occur."""
    plan, tree = case.plan, case.index.tree
    if "missing" not in tree.nothing:
        return "the index has no policy for a missing answer"
    if len(plan.data) != case.rows or plan.has_records:
        return "units have several rows"
    columns: dict[str, tuple[str, list[Any]]] = {}
    for name, leaf in tree.leaves.items():
        if len(leaf.columns) != 1 or leaf.columns[0].formula is not None:
            continue
        heading = plan.headings.get(case.index.file.columns.get(leaf.columns[0].text, leaf.columns[0].text))
        state = plan.leaves[name].state
        rows = np.arange(case.rows) if state is None else np.flatnonzero(state == SCORED)
        if heading is not None and rows.size and heading in case.table.columns:
            column = case.table[heading].iloc[rows]
            columns[name] = str(heading), column.dropna().tolist()
    columns = {name: found for name, found in columns.items() if found[1]}
    if not columns:
        return "no indicator is read from one column of the table"
    table = case.table.copy()
    for name in case.rng.choice(list(columns), min(_CELLS, len(columns)), replace=False):
        heading = columns[name][0]
        row = int(case.rng.integers(case.rows))
        table[heading] = [None if at == row else value for at, value in enumerate(table[heading])]
    return table, columns


def _completed(
    case: Case, table: pd.DataFrame, opened: Mapping[str, Any], donors: Mapping[str, tuple[str, list[Any]]]
) -> pd.DataFrame:
    filled = table.copy()
    for leaf, where in opened.items():
        heading, values = donors[leaf]
        cells = filled[heading].astype(object).tolist()
        for row in np.flatnonzero(where):
            cells[row] = values[int(case.rng.integers(len(values)))]
        filled[heading] = pd.Series(cells, dtype=object, index=filled.index).infer_objects()
    return filled


def _outside(case: Case, found: Any, name: str, score: Floats) -> dict[str, str]:
    low, high = found.low[name], found.high[name]
    slack = 1e2 * TOLERANCE * np.maximum(1.0, np.abs(np.nan_to_num(high)))
    bad = np.flatnonzero((score < low - slack) | (score > high + slack) | (np.isnan(low) & ~np.isnan(score)))
    if not bad.size:
        return {}
    row = bad[0]
    return {
        name: f"a completion gives {case.unit(row)} {score[row]:.10g}, bounds are {low[row]:.10g} to {high[row]:.10g}"
    }
