"""A batch of draws is its draws one at a time: to the last digits, with the same ranks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing
from egovindex.kernels.rank import competition_ranks
from tests.properties.drawn import CONTINUOUS, told, with_table

SMOOTH = testing.indices(steps=CONTINUOUS, need=True)
DRAWS = 5
VARIED = [("weights",), ("x",), ("outcomes",), ("weights", "outcomes"), ("weights", "x"), ("weights", "x", "outcomes")]


def drawn_inputs(plan, rng, lightest=1):
    """Five draws of everything an evaluation takes, the nominal one first; weights of zero if asked for."""
    x = np.tile(plan.x(), (DRAWS, 1, 1))
    for at, leaf in enumerate(plan.leaves.values()):
        scored = np.arange(len(plan.rows)) if leaf.state is None else np.flatnonzero(leaf.state == 0)
        for draw in range(1, DRAWS):
            x[draw, scored, at] = rng.permutation(x[draw, scored, at])
    weights = np.tile(plan.weights, (DRAWS, 1))
    outcomes = np.tile(plan.outcomes, (DRAWS, 1))
    weights[1:] *= rng.integers(lightest, 9, weights[1:].shape)
    outcomes[1:] *= rng.integers(1, 9, outcomes[1:].shape) / 8
    return {"weights": weights, "x": x, "outcomes": outcomes}


def evaluated(plan, given, **more):
    try:
        return ei.evaluate(plan, given.get("x"), given.get("weights"), outcomes=given.get("outcomes"), **more)
    except ei.MethodError:
        return None


@settings(max_examples=settings.default.max_examples * 2)
@given(
    names=st.sampled_from(VARIED),
    keep=st.booleans(),
    drawn=with_table(SMOOTH),
    seed=st.integers(0, 99),
    lightest=st.integers(0, 1),
)
def test_batch_equals_one_at_a_time(names, keep, drawn, seed, lightest):
    index, table = drawn
    told(index, table)
    plan = index.plan(table)
    more = {"learned": ei.evaluate(plan).learned} if keep else {}
    rng = np.random.default_rng(seed)
    inputs = {name: array for name, array in drawn_inputs(plan, rng, lightest).items() if name in names}
    one_at_a_time = [evaluated(plan, {name: array[d] for name, array in inputs.items()}, **more) for d in range(DRAWS)]
    batch = evaluated(plan, inputs, **more)
    if None in one_at_a_time:
        assert batch is None, "the batch must refuse what one of its draws refuses"
        return
    assert batch is not None, "the batch refuses what each of its draws allows"
    for at, node in enumerate(batch.nodes):
        state = np.broadcast_to(batch.state[node], batch.shape)
        for draw, alone in enumerate(one_at_a_time):
            assert_same_digits(batch[node][draw], alone[node])
            assert_same_digits(batch.coverage[draw, :, at], alone.coverage[:, at])
            np.testing.assert_array_equal(state[draw], np.broadcast_to(alone.state[node], alone.shape))
            np.testing.assert_array_equal(competition_ranks(batch[node][draw]), competition_ranks(alone[node]))


def assert_same_digits(found, expected):
    scale = np.nanmax(np.abs(expected), initial=0.0)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14 * scale)


@given(drawn=with_table(testing.indices()))
def test_draws_of_the_nominal_inputs_are_the_nominal_run(drawn):
    index, table = drawn
    told(index, table)
    plan = index.plan(table)
    nominal = ei.evaluate(plan)
    given_ = {"x": plan.x(), "weights": plan.weights, "outcomes": plan.outcomes}
    again = evaluated(plan, given_)
    np.testing.assert_array_equal(again.values, nominal.values)
    np.testing.assert_array_equal(again.coverage, nominal.coverage)


def test_a_batch_that_differs_in_one_digit_is_found_out():
    found = np.array([1.0, 2.0, 3.0])
    with pytest.raises(AssertionError):
        assert_same_digits(found * (1 + 1e-13), found)
