"""Exact ranks, radii, coding-free dominance and levers, each with the plainest part of it as its floor."""

from __future__ import annotations

import numpy as np
import pandas as pd

import egovindex as ei
from benchmarks import answers

QUARTER = ei.within(0.25)
ANSWERS = (0.0, 0.5, 1.0)


def three_parts() -> ei.IndexResult:
    """Three real parts of 193 states."""
    return ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))


def questionnaire(units: int, indicators: int) -> ei.IndexResult:
    """Answers no, half or yes; units differ in how often they say yes."""
    rng = np.random.default_rng(1)
    level = rng.beta(2, 2, (units, 1))
    chosen = (rng.random((units, indicators, 1)) > np.stack([1 - level, 1 - level * 0.85], axis=-1)).sum(axis=-1)
    names = [f"i{at}" for at in range(indicators)]
    table = pd.DataFrame(np.array(ANSWERS)[chosen], columns=names)
    table.index = pd.Index([f"u{at:05d}" for at in range(units)], name="unit")
    rows = pd.DataFrame({"id": [*names, "top"], "kind": ["indicator"] * indicators + ["node"]})
    rows["in"] = ["top"] * indicators + [None]
    return ei.compute(ei.Index.from_frame(rows, index="flat", nothing="void"), table)


def ranges(result: ei.IndexResult, time_limit: float | None = None) -> ei.RankRange:
    """Best and worst rank of every unit, every weight within a quarter."""
    return ei.rank_range(result, QUARTER, time_limit=time_limit)


def pairs(result: ei.IndexResult) -> ei.Dominance:
    """Floor: the smallest lead of every pair alone."""
    return ei.dominance(result, QUARTER)


def radii(result: ei.IndexResult) -> ei.SwapRadius:
    """Swap radius of every pair."""
    return ei.swap_radius(result)


def sorted_differences(result: ei.IndexResult) -> np.ndarray:
    """Floor: the difference of every pair, each row sorted; a weighted median reads no less."""
    x = result.indicators.to_numpy()
    first, second = np.triu_indices(len(x), 1)
    return np.sort(x[first] - x[second], axis=1)


def categories(units: int) -> ei.IndexResult:
    """A hundred answers of five categories, ten to an area."""
    return ei.compute(
        ei.load_index(answers.CATEGORIES_INDEX), answers.categories_table(units, np.random.default_rng(1))
    )


def coding_free(result: ei.IndexResult) -> ei.Dominance:
    """Every pair under every monotone coding of the five categories."""
    return ei.dominance(result, points="status")


def compared(result: ei.IndexResult) -> np.ndarray:
    """Floor: every pair under one coding, in NumPy."""
    scores = result.nominal.by_node[result.headline]
    return scores[:, None] >= scores[None, :]


def levers(result: ei.IndexResult) -> ei.Levers:
    """Cheapest answers with which the median unit comes ten places up."""
    ranking = result.ranking
    at = len(ranking) // 2
    return ei.levers(
        result, ranking["unit"].iloc[at], target={"rank": int(ranking["rank"].iloc[at]) - 10}, alternatives=1
    )
