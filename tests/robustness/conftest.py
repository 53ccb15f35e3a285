"""Small invented indices for exact answers: one node, a hierarchy, and answers with points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from tests.properties.drawn import index_of


def names(k: int) -> list[str]:
    """Names of indicators: a, b, ..., z, aa, ab, ..."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [letters[at] if at < len(letters) else f"a{letters[at - len(letters)]}" for at in range(k)]


def named(x: Any) -> pd.DataFrame:
    """A table of units U0, U1, ... and indicators a, b, ..."""
    x = np.asarray(x, dtype=float)
    return pd.DataFrame(x, columns=names(x.shape[1])).assign(unit=[f"U{at}" for at in range(len(x))])


def flat_index(k: int, weights: Any = None, **node: Any) -> ei.Index:
    """One node, ``top``, over k indicators that count as they are."""
    of = names(k) if weights is None else {name: float(w) for name, w in zip(names(k), weights, strict=True)}
    return index_of({"indicators": {name: {} for name in names(k)}, "nodes": {"top": {"of": of, **node}}})


def deep_index(groups: Mapping[str, Mapping[str, float]], top: Mapping[str, float], **node: Any) -> ei.Index:
    """A node ``top`` over groups, and what stands beside them."""
    below = {name for of in groups.values() for name in of if name not in groups}
    leaves = sorted(below | {name for name in top if name not in groups})
    nodes = {"top": {"of": dict(top), **node}, **{name: {"of": dict(of)} for name, of in groups.items()}}
    return index_of({"indicators": {name: {} for name in leaves}, "nodes": nodes})


@pytest.fixture(scope="session")
def flat() -> Callable[..., ei.IndexResult]:
    """``flat(x, weights, **node)``: the result of one node over the columns of x."""

    def made(x: Any, weights: Any = None, **node: Any) -> ei.IndexResult:
        return ei.compute(flat_index(np.shape(x)[1], weights, **node), named(x))

    return made


@pytest.fixture(scope="session")
def deep() -> Callable[..., ei.IndexResult]:
    """``deep(x)``: the result of a top of ``g: 2, h: 1, e: 1`` with g over a and b, h over c and d."""

    def made(x: Any, groups: Any = None, top: Any = None, **node: Any) -> ei.IndexResult:
        groups = groups or {"g": {"a": 1, "b": 2}, "h": {"c": 1, "d": 1}}
        return ei.compute(deep_index(groups, top or {"g": 2, "h": 1, "e": 1}, **node), named(x))

    return made


@pytest.fixture(scope="session")
def data_of() -> Callable[..., pd.DataFrame]:
    """``data_of(x)``: the table that the results are made of."""
    return named


@pytest.fixture(scope="session")
def answers() -> Callable[..., ei.IndexResult]:
    """``answers(table, weights)``: the result of questions that are answered no, planned, drafted or yes."""

    def made(table: Any, weights: Any = None, points: Any = None) -> ei.IndexResult:
        table = np.asarray(table)
        columns = names(table.shape[1])
        of = columns if weights is None else {name: float(w) for name, w in zip(columns, weights, strict=True)}
        index = index_of(
            {
                "points": points or {"status": {"yes": 1, "drafted": 0.5, "planned": 0.25, "no": 0}},
                "indicators": {name: {"points": "status"} for name in columns},
                "nodes": {"top": {"of": of}},
            }
        )
        data = pd.DataFrame(table, columns=columns).assign(unit=[f"U{at}" for at in range(len(table))])
        return ei.compute(index, data)

    return made
