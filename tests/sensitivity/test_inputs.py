"""What a batch hands to the evaluator: weights, points and values put together by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.sensitivity.inputs import Inputs, NothingLeft

TREE = """
index: tree
nothing: {missing: void}
answers: {status: {yes: [], no: []}}
points: {status: {yes: 1, no: 0}}
indicators: {a: {points: status}, b: {}, c: {}}
nodes:
  top: {of: {left: 1, right: 3}}
  left: {of: {a: 1, b: 2}}
  right: {of: {c: 4}}
"""
DATA = pd.DataFrame({"unit": ["x", "y"], "a": ["yes", "no"], "b": [0.5, 0.25], "c": [0.1, 0.2]})


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    path = tmp_path_factory.mktemp("tree") / "tree.yaml"
    path.write_text(TREE, encoding="utf-8")
    return ei.load_index(path).plan(DATA)


def weights(inputs: Inputs, node: str) -> list:
    at, _ = inputs.plan.node_places[node]
    return inputs.weights[:, at].tolist()


def test_nothing_is_put_in(plan):
    inputs = Inputs(plan, 2)
    assert not inputs.varies
    assert inputs.arguments() == {"weights": None, "outcomes": None, "x": None}
    inputs.close("top")
    assert not inputs.varies


def test_weights_of_a_node(plan):
    inputs = Inputs(plan, 2)
    given = np.array([[2.0, 2.0], [1.0, 3.0]])
    inputs.set_weights("top", ("left", "right"), given)
    assert inputs.varies
    assert weights(inputs, "top") == [[2, 2], [1, 3]]
    assert weights(inputs, "left") == [[1, 2], [1, 2]]
    assert weights(inputs, "right") == [[4], [4]]
    inputs.set_weights("left", ("a", "b"), np.array([[3.0, 0.0], [0.0, 3.0]]))
    assert weights(inputs, "top") == [[2, 2], [1, 3]]
    assert weights(inputs, "left") == [[3, 0], [0, 3]]
    assert inputs.weights.dtype == np.float64
    assert inputs.arguments()["weights"] is inputs.weights
    # a node that is left out, and children that are
    inputs.set_weights("nowhere", ("a",), np.array([[1.0], [1.0]]))
    inputs.set_weights("left", ("z", "b", "a"), np.array([[9.0, 1.0, 2.0], [9.0, 3.0, 4.0]]))
    assert weights(inputs, "left") == [[2, 1], [4, 3]]
    with pytest.raises(ei.MethodError, match=r"weights\.left: under this recipe its children are a, b"):
        inputs.set_weights("left", ("a",), np.array([[1.0], [1.0]]))
    assert sorted(plan.weights) == [1, 1, 2, 3, 4]  # those of the index stay


def test_weights_in_single_precision(plan):
    for fill in (
        lambda inputs: inputs.set_weights("top", ("left", "right"), np.ones((2, 2))),
        lambda inputs: inputs.leave_out([("left", "a")], np.array([True, False])),
    ):
        inputs = Inputs(plan, 2, np.float32)
        fill(inputs)
        assert inputs.weights.dtype == np.float32


def test_records_that_are_left_out(plan):
    inputs = Inputs(plan, 3)
    inputs.leave_out([("left", "a"), ("nowhere", "a")], np.array([True, False, True]))
    assert weights(inputs, "left") == [[0, 2], [1, 2], [0, 2]]
    assert weights(inputs, "top") == [[1, 3]] * 3
    inputs.close("top")
    assert weights(inputs, "left") == [[0, 2], [1, 2], [0, 2]]
    inputs.leave_out([("left", "b")], np.array([False, True, True]))
    inputs.close("top")
    # of the third draw nothing is left of the node: it is left out itself, with any weights
    assert weights(inputs, "left") == [[0, 2], [1, 0], [1, 2]]
    assert weights(inputs, "top") == [[1, 3], [1, 3], [0, 3]]
    assert inputs.varies


def test_nothing_is_left(plan):
    inputs = Inputs(plan, 3)
    inputs.leave_out([("left", "a"), ("left", "b")], np.array([True, False, True]))
    inputs.leave_out([("right", "c")], np.array([True, True, False]))
    with pytest.raises(NothingLeft, match="nothing is left: every record below the node is left out") as caught:
        inputs.close("top")
    assert caught.value.where.tolist() == [True, False, False]
    other = Inputs(plan, 2)
    other.leave_out([("right", "c")], np.array([False, True]))
    with pytest.raises(NothingLeft) as caught:
        other.close("right")
    assert caught.value.where.tolist() == [False, True]


def test_weights_that_are_zero_are_no_records_left_out(plan):
    inputs = Inputs(plan, 1)
    inputs.set_weights("left", ("a", "b"), np.zeros((1, 2)))
    inputs.close("left")
    assert weights(inputs, "left") == [[0, 0]]


def test_what_lines_earn(plan):
    yes, no = ("points", "status", "yes"), ("points", "status", "no")
    inputs = Inputs(plan, 2)
    inputs.set_outcomes([("points", "status", "maybe")], np.array([[5.0], [6.0]]))
    assert not inputs.varies
    inputs.set_outcomes([("points", "status", "maybe"), yes], np.array([[5.0, 2.0], [6.0, 3.0]]))
    assert inputs.varies
    places = plan.outcome_places
    assert inputs.outcomes[:, places[yes]].tolist() == [2, 3]
    assert inputs.outcomes[:, places[no]].tolist() == [0, 0]
    inputs.set_outcomes([no], np.array([[0.5], [0.6]]))
    assert inputs.outcomes[:, places[yes]].tolist() == [2, 3]
    assert inputs.outcomes[:, places[no]].tolist() == [0.5, 0.6]
    assert inputs.arguments()["outcomes"] is inputs.outcomes


def test_values_of_indicators(plan):
    inputs = Inputs(plan, 2)
    inputs.x["b"] = np.ones((2, 2))
    assert inputs.varies
    assert list(inputs.arguments()["x"]) == ["b"]
