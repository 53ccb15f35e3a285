"""Contributions add up to the score; what can be shared out, is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import egovindex as ei
from egovindex import testing
from tests.properties.drawn import AFFINE, anything, told, with_table


@pytest.mark.parametrize("by", ["child", "indicator"])
@given(drawn=anything())
def test_contributions_add_up(by, drawn):
    index, table = drawn
    told(index, table)
    result = ei.compute(index, table)
    for node in result.nodes:
        parts = result.contributions(node, by=by)
        score = parts.pop("score")
        pd.testing.assert_series_equal(score, result.scores[node], check_names=False)
        scale = max(1.0, np.nanmax(np.abs(parts.to_numpy()), initial=0.0))
        np.testing.assert_allclose(parts.sum(axis=1, skipna=False), score, rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("by", ["child", "indicator"])
@given(drawn=with_table(testing.indices(aggregates=["mean", "pool", "sum"], steps=AFFINE, points=False)))
def test_nothing_is_left_over_where_all_is_affine(by, drawn):
    index, table = drawn
    told(index, table)
    if "log" in index.to_yaml():  # goalposts on a log scale
        return
    result = ei.compute(index, table)
    for node in result.nodes:
        parts = result.contributions(node, by=by).drop(columns="score")
        scale = max(1.0, np.nanmax(np.abs(parts.to_numpy()), initial=0.0))
        np.testing.assert_allclose(parts["steps"].fillna(0.0), 0.0, atol=1e-11 * scale)


@given(drawn=with_table(testing.indices(aggregates=["mean"], steps=(), points=False)))
def test_parts_of_a_plain_mean_are_shares_times_values(drawn):
    index, table = drawn
    told(index, table)
    result = ei.compute(index, table)
    for name, branch in index.tree.branches.items():
        parts = result.contributions(name, by="child")
        assert (parts["base"].fillna(0.0) == 0).all()
        weights = np.array([quantity.value for quantity in branch.weights])
        below = pd.concat([result.scores, result.indicators], axis=1)[list(branch.children)].to_numpy()
        counting = weights * ~np.isnan(below)
        with np.errstate(invalid="ignore"):
            shares = counting / counting.sum(axis=1, keepdims=True)
        expected = np.where(result.scores[[name]].isna(), np.nan, shares * np.nan_to_num(below))
        np.testing.assert_allclose(parts[list(branch.children)], expected, rtol=1e-12, atol=1e-12)
