"""Invented indices and tables of any size: pillars of ten indicators under one top."""

from __future__ import annotations

import numpy as np
import pandas as pd

import egovindex as ei

PILLAR = 10


def index_of(indicators: int) -> ei.Index:
    """Min-max columns, ten to a pillar, pillars to a top; unequal weights."""
    pillars = -(-indicators // PILLAR)
    rows = [{"id": "top", "kind": "node"}]
    rows += [{"id": f"p{p}", "in": "top", "weight": 1 + p % 3, "kind": "node"} for p in range(pillars)]
    rows += [
        {"id": f"i{i}", "in": f"p{i // PILLAR}", "weight": 1 + i % 4, "kind": "indicator"} for i in range(indicators)
    ]
    return ei.Index.from_frame(pd.DataFrame(rows), index="bench", defaults={"indicators": {"steps": ["minmax"]}})


def table_of(units: int, indicators: int, rng: np.random.Generator) -> pd.DataFrame:
    """One contiguous block of numbers with unit names as the index, so that nothing is copied for them."""
    values = rng.random((indicators, units)).T  # as pandas keeps a block
    names = pd.Index([f"u{n:07d}" for n in range(units)], name="unit")
    return pd.DataFrame(values, index=names, columns=[f"i{i}" for i in range(indicators)], copy=False)


def ranked(scores: np.ndarray) -> np.ndarray:
    """Ranks without a rule for ties."""
    ranks = np.empty(len(scores), dtype=np.int64)
    ranks[np.argsort(-scores)] = np.arange(1, len(scores) + 1)
    return ranks


def floor_scores(values: np.ndarray, index: ei.Index) -> list[np.ndarray]:
    """The same arithmetic written by hand: min-max, pillars, top, ranks of every node."""
    scaled = values - values.min(axis=0)
    scaled /= values.max(axis=0) - values.min(axis=0)
    tree = index.tree
    pillars = []
    for name in tree.branches["top"].children:
        branch = tree.branches[name]
        weights = np.array([quantity.value for quantity in branch.weights])
        columns = [int(child[1:]) for child in branch.children]
        pillars.append(scaled[:, columns] @ (weights / weights.sum()))
    weights = np.array([quantity.value for quantity in tree.branches["top"].weights])
    top = np.column_stack(pillars) @ (weights / weights.sum())
    return [ranked(scores) for scores in (*pillars, top)]
