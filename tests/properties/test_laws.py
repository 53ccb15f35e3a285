"""The laws of a composite index hold on random indices and tables; a wrong evaluator breaks them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing
from egovindex.kernels import aggregate
from tests.properties.drawn import anything, index_of, told, with_table

SEEDS = st.integers(0, 99)


@pytest.mark.parametrize("law", testing.LAWS)
@given(drawn=anything(), seed=SEEDS)
def test_law(law, drawn, seed):
    index, table = drawn
    told(index, table)
    testing.check_laws(index, [law], data=table, rng=seed, n=1)


PLAIN = testing.indices(aggregates=["mean", "sum", "geometric"], steps=(), points=False, need=False, rules=False)


@given(drawn=with_table(PLAIN), seed=SEEDS)
def test_plain_indices_keep_every_law_that_speaks_of_means(drawn, seed):
    index, table = drawn
    told(index, table)
    speak = ["range", "weight_scale", "idempotent", "compensation", "contributions"]
    found = testing.check_laws(index, speak, data=table, rng=seed, n=1).set_index(["law", "node"])
    scored = ei.compute(index, table).scores.notna().any()
    for name, branch in index.tree.branches.items():
        if not scored[name]:
            continue
        assert found.loc[("range", name), "holds"] is not False
        if branch.aggregate in ("mean", "geometric"):
            assert found.loc[("range", name), "holds"], "a mean lies in the range of its children, no excuse"
            assert found.loc[("weight_scale", name), "holds"]


@given(drawn=anything())
def test_a_unit_ties_with_its_twin(drawn):
    index, table = drawn
    told(index, table)
    twin = table.iloc[[0]].assign(unit="Twin of Abaria")
    try:
        scores = ei.compute(index, pd.concat([table, twin])).scores
    except ei.MethodError:
        return
    first, last = scores.iloc[0].to_numpy(), scores.iloc[-1].to_numpy()
    np.testing.assert_allclose(first, last, rtol=1e-12, atol=1e-12)


@given(drawn=anything(), data=st.data())
def test_a_weight_set_acts_like_its_numbers(drawn, data):
    index, table = drawn
    chosen = data.draw(testing.weight_sets(index, zeros=True))
    told(index, table)
    plan = index.plan(table)
    numbers = np.array([chosen.nodes[node][child].value for node, child in plan.edges])
    try:
        expected = ei.evaluate(plan, weights=numbers)
    except ei.MethodError:
        return
    varied = index.with_weights(chosen)
    assert varied.with_weights(chosen) == varied
    found = ei.evaluate(varied.plan(table))
    np.testing.assert_array_equal(found.values, expected.values)


# Negative controls on the smallest index on which it shows; tests/laws has one for every law. --------------------

PAIR = index_of({"indicators": {"a": {}, "b": {}}, "nodes": {"top": {"of": {"a": "1", "b": "2"}}}})


def by_hand(change):
    """A weighted mean of children without gaps, changed by a function of values and weights."""

    def mean(children, weights, units):
        x = np.stack(np.broadcast_arrays(*(values for values, _ in children), np.zeros(units))[:-1], axis=-2)
        return change(x, weights[..., None]), np.ones(1)

    return mean


def right(x, w):
    return (x * w).sum(axis=-2) / w.sum(axis=-2)


def by_position(x, w):
    return right(x, w) + np.arange(x.shape[-1])


def with_digits_of_the_batch(x, w):
    return right(x, w) + (1e-9 if w.ndim == 3 else 0.0)


WRONG = {
    "range": lambda x, w: (x * w).sum(axis=-2),
    "weight_scale": lambda x, w: (x * w).sum(axis=-2) / 3,
    "exchangeable": by_position,
    "monotone_values": lambda x, w: np.abs(right(x, w) - 40),
    "monotone_weights": lambda x, w: (x * w[..., ::-1, :]).sum(axis=-2) / w.sum(axis=-2),
    "draws": with_digits_of_the_batch,
    "zero_weight": lambda x, w: right(x, w + 0.1),
}


@pytest.mark.parametrize("law", WRONG)
def test_control_of_the_controls(law, monkeypatch):
    monkeypatch.setitem(aggregate.AGGREGATES, "mean", by_hand(right))
    assert testing.check_laws(PAIR, [law])["holds"].all()


@pytest.mark.parametrize("law", WRONG)
def test_a_wrong_mean_breaks(law, monkeypatch):
    monkeypatch.setitem(aggregate.AGGREGATES, "mean", by_hand(WRONG[law]))
    with pytest.raises(AssertionError, match=f"{law} does not hold for top: ") as caught:
        testing.check_laws(PAIR, [law])
    smallest = 2 if law in ("exchangeable", "monotone_values") else 1
    assert f"smallest table found, {smallest} of " in str(caught.value)
