"""The evaluator's own arguments arrive: what was learned, which nodes, what is settled, how precise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import egovindex as ei
from egovindex.errors import MethodError
from egovindex.evaluate import evaluate, settle


@pytest.fixture(scope="module")
def plan():
    return ei.load_index("un-egdi-2024").plan(ei.sample("un-egdi-2024"))


def test_what_is_settled_is_taken_as_it_is(plan):
    settled = settle(plan, ["EGDI"])
    usual = evaluate(plan, settled=settled)
    np.testing.assert_array_equal(usual["EGDI"], evaluate(plan)["EGDI"])
    value, state = settled.parts["OSI"]
    parts = {**settled.parts, "OSI": (value + 0.3, state)}
    moved = evaluate(plan, settled=replace(settled, parts=parts))
    np.testing.assert_allclose(moved["EGDI"] - usual["EGDI"], 0.1, atol=1e-12)


def test_only_the_named_nodes_are_made(plan):
    assert "EGDI" not in evaluate(plan, nodes=["OSI"]).values
    assert sorted(settle(plan, ["HCI"], nodes=["HCI"]).parts) != sorted(settle(plan, ["HCI"]).parts)


def test_single_precision_is_single_in_weights_and_in_what_is_settled(plan):
    weights = plan.weights / 3  # no power of two: rounding to seven digits shows
    exact, single = (evaluate(plan, weights=weights, precision=precision)["EGDI"] for precision in ("double", "single"))
    assert 0 < np.abs(exact - single).max() < 1e-6
    assert settle(plan, ["EGDI"]).parts["OSI"][0].dtype == np.float64
    assert settle(plan, ["EGDI"], precision="single").parts["OSI"][0].dtype == np.float32
    with pytest.raises(MethodError, match="single"):
        evaluate(plan, precision="half")
