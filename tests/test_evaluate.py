"""The evaluator's own arguments arrive: what was learned, which nodes, what is settled, how precise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.errors import MethodError
from egovindex.evaluate import evaluate, leaf_points, leaf_values, settle
from tests.properties.drawn import index_of


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
    alone = evaluate(plan, nodes=["HCI"])
    assert alone.nodes == tuple(alone.by_node) == ("HCI",)
    np.testing.assert_array_equal(alone["HCI"], evaluate(plan)["HCI"])
    assert evaluate(plan, nodes=["HCI", "TII"]).nodes == ("TII", "HCI")  # as they are written
    own, whole = settle(plan, ["HCI"], nodes=["HCI"]).parts, settle(plan, ["HCI"]).parts
    assert set(whole) - set(own) == {"OSI", "TII"}


def test_single_precision_is_single_in_weights_and_in_what_is_settled(plan):
    weights = plan.weights / 3  # no power of two: rounding to seven digits shows
    exact, single = (evaluate(plan, weights=weights, precision=precision)["EGDI"] for precision in ("double", "single"))
    assert 0 < np.abs(exact - single).max() < 1e-6
    assert settle(plan, ["EGDI"]).parts["OSI"][0].dtype == np.float64
    assert settle(plan, ["EGDI"], precision="single").parts["OSI"][0].dtype == np.float32
    with pytest.raises(MethodError, match="single"):
        evaluate(plan, precision="half")


# --- an index that learns: a from the reference, b from those who answered
LEARNS = {
    "nothing": {"missing": "mean"},
    "indicators": {"a": {"steps": ["minmax"]}, "b": {}, "c": {"points": {"yes": "1", "no": "0", "missing": "skip"}}},
    "answers": {"s": {"yes": [], "no": []}},
    "nodes": {"top": {"of": ["mid", "b", "c"]}, "mid": {"of": ["a"], "steps": ["zscore"]}},
}
TABLE = pd.DataFrame({"unit": [*"UVW"], "a": [0.0, 5, 10], "b": [0.2, None, 0.8], "c": ["yes", None, "no"]})
WIDE = TABLE.assign(a=[0.0, 5, 20], b=[0.4, None, 0.8])  # in the third place something else is learned


@pytest.fixture(scope="module")
def learning():
    return index_of(LEARNS).plan(TABLE)


@pytest.fixture(scope="module")
def learned():
    return evaluate(index_of(LEARNS).plan(WIDE)).learned


def test_indicators_after_their_points_and_after_their_steps(learning, learned):
    own, given = evaluate(learning).learned, learned
    points = leaf_points(learning, own)
    assert points["a"].tolist() == [0, 5, 10]
    assert points["b"].tolist() == [0.2, 0.5, 0.8]
    np.testing.assert_array_equal(points["c"], [1, np.nan, 0])
    assert leaf_points(learning, given)["b"].tolist() == pytest.approx([0.2, 0.6, 0.8])
    values = leaf_values(learning, own)
    assert list(values) == [*"abc"]
    assert values["a"].tolist() == [0, 0.5, 1]
    np.testing.assert_array_equal(values["c"], [1, np.nan, 0])
    assert leaf_values(learning, given)["a"].tolist() == [0, 0.25, 0.5]
    assert leaf_values(learning, None)["a"].tolist() == [0, 0.5, 1]  # learned anew
    assert list(leaf_values(learning, own, names=["b"])) == ["b"]


def test_values_of_indicators_under_other_points_and_outcomes(learning):
    own = evaluate(learning).learned
    moved = leaf_values(learning, own, {"a": np.array([1.0, 2.0, 3.0])})
    assert moved["a"].tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert moved["b"].tolist() == [0.2, 0.5, 0.8]
    outcomes = np.stack([learning.outcomes, learning.outcomes + 1])
    drawn = leaf_values(learning, own, outcomes=outcomes)["c"]
    np.testing.assert_array_equal(drawn, [[1, np.nan, 0], [2, np.nan, 1]])


def test_what_indicators_lack_is_told(learning):
    """Learned from other indicators: neither the mean of b nor the bounds of a are there."""
    foreign = evaluate(index_of({**LEARNS, "indicators": {"a": {}, "b": {}, "c": LEARNS["indicators"]["c"]}}).plan(
        TABLE.assign(b=0.5))).learned  # fmt: skip
    for asked in (leaf_points, leaf_values):
        with pytest.raises(MethodError, match="b: the learned values given have none"):
            asked(learning, foreign)
    with pytest.raises(MethodError, match='a: step "minmax": the learned values given have none'):
        leaf_values(learning, foreign, names=["a"])
    assert leaf_values(learning, foreign, names=["c"])["c"][0] == 1


def test_what_is_settled_is_learned_or_given(learning, learned):
    value, state = settle(learning, ["b"]).parts["mid"]
    assert state is None
    assert value.tolist() == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])
    given = settle(learning, ["b"], learned=learned).parts["mid"][0]
    np.testing.assert_allclose(given, evaluate(learning, learned=learned)["mid"])
    other = np.array(
        [0, 0.25, 1]
    )  # a of the wider table after minmax; that of this one under its bounds is 0, 1/4, 1/2
    np.testing.assert_allclose(given, ([0, 0.25, 0.5] - other.mean()) / other.std())


def test_what_does_not_vary_is_checked_and_what_varies_is_not():
    index = index_of(
        {
            "indicators": {"a": {}, "b": {}},
            "nodes": {"top": {"of": ["low", "b"]}, "low": {"of": ["a"], "steps": ["log"]}},
        }
    )
    plan = index.plan(pd.DataFrame({"unit": [*"UV"], "a": [1.0, -1.0], "b": [1.0, 2.0]}))
    with pytest.raises(MethodError, match=r'low: step "log": .* \(V\)$'):
        settle(plan, ["b"])
    assert list(settle(plan, ["a"]).parts) == ["b"]
    with pytest.raises(MethodError, match=r"\(V\)$"):
        evaluate(plan)


def test_records_beyond_single_precision_are_told():
    index = index_of(
        {"nothing": "skip", "indicators": {name: {} for name in "abcde"}, "nodes": {"top": {"of": [*"abcde"]}}}
    )
    table = pd.DataFrame(
        {"unit": [*"UV"], "a": [2e30, 0], "b": [None, 5e-31], "c": [0.0, 0.0], "d": [1e30, 1], "e": [1e-30, 0]}
    )
    plan = index.plan(table)
    assert sorted(settle(plan, ["top"]).parts) == [*"abcde"]
    with pytest.raises(MethodError) as caught:
        settle(plan, ["top"], precision="single")
    assert [(fault.column, fault.check) for fault in caught.value.faults] == [
        ("a", "beyond_single_precision"), ("b", "beyond_single_precision"),
    ]  # fmt: skip
    assert caught.value.faults[0].message == (
        "a: its largest number is 2e+30, too far from one for single precision; take double"
    )
    nobody = settle(index.plan(table.assign(a=np.nan, b=np.nan)), ["top"], precision="single")
    assert np.isnan(nobody.parts["a"][0]).all()
