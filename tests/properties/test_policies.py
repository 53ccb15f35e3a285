"""What a gap does: left out it earns nothing of nothing, as zero it earns nothing of its share."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing
from tests.properties.drawn import assert_close, told

# means of numbers as they are: what a gap is worth is then the policy alone
POOLS = testing.indices(aggregates=["pool"], steps=(), points=False, need=False, nothing=False)
MEANS = testing.indices(aggregates=["mean"], steps=(), points=False, need=False, nothing=False)


def with_policies(index, data):
    """The index under two policies, and a table with gaps."""
    drop, zero = index.with_(nothing="skip"), index.with_(nothing="0")
    table = data.draw(testing.tables(drop))
    told(drop, table)
    return ei.compute(drop, table), ei.compute(zero, table)


@given(index=POOLS, data=st.data())
def test_drop_and_zero_differ_only_in_attainable(index, data):
    drop, zero = with_policies(index, data)
    assert_close(zero.attainable, np.ones(zero.attainable.shape), relative=1e-15)
    assert_close(drop.earned.fillna(0.0), zero.earned, relative=1e-12)
    pooled = drop.earned / drop.attainable.where(drop.attainable > 0)
    assert_close(pooled, drop.scores, relative=1e-12)
    assert_close(zero.earned / zero.attainable, zero.scores, relative=1e-12)
    assert_close(drop.attainable, drop.coverage, relative=1e-12)


@given(index=MEANS, data=st.data())
def test_so_for_a_mean_of_indicators(index, data):
    drop, zero = with_policies(index, data)
    flat = [name for name, branch in index.tree.branches.items() if set(branch.children) <= set(index.tree.leaves)]
    assert_close(drop.earned[flat].fillna(0.0), zero.earned[flat], relative=1e-12)
    assert_close(drop.scores[flat], (drop.earned / drop.attainable.where(drop.attainable > 0))[flat], relative=1e-12)
    np.testing.assert_array_equal(drop.attainable[flat].eq(1), drop.coverage[flat].eq(1))
    assert (zero.attainable == 1).all(axis=None)


@given(index=testing.indices(nothing=False, points=False), data=st.data())
def test_void_leaves_whole_answers_alone(index, data):
    """Who has no gap has the same score under every policy, as far as nothing is learned from others."""
    if any(
        step.learns for record in (*index.tree.leaves.values(), *index.tree.branches.values()) for step in record.steps
    ):
        return
    skip, void = index.with_(nothing="skip"), index.with_(nothing="void")
    table = data.draw(testing.tables(skip))
    told(skip, table)
    whole = table.map(lambda cell: not isinstance(cell, str)).drop(columns="unit").all(axis=1) & table.notna().all(
        axis=1
    )
    left, right = ei.compute(skip, table), ei.compute(void, table)
    np.testing.assert_array_equal(left.scores[whole.to_numpy()], right.scores[whole.to_numpy()])
    assert right.scores.isna().sum().sum() >= left.scores.isna().sum().sum()
