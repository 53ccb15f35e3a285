"""A mark is a promise about every draw: what is called linear, affine or monotone is tried on numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing

DRAWS = np.linspace(0, 1, 7)


def line_between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    return start + DRAWS.reshape(-1, *[1] * start.ndim) * (end - start)


@given(data=st.data())
def test_affine_in_points_along_any_line(data):
    index = data.draw(testing.indices(numeric=True))
    plan = index.plan(data.draw(testing.tables(index, min_units=3)))
    try:
        nominal = ei.evaluate(plan)
    except ei.MethodError:
        return
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x = plan.x()
    try:
        scores = ei.evaluate(plan, line_between(x, x + rng.uniform(0, 0.5, x.shape)), learned=nominal.learned)
    except ei.MethodError:
        return
    for node, marks in plan.marks.items():
        values = scores[node]
        if marks.points in ("linear", "affine"):
            expected = line_between(values[0], values[-1])
            scale = np.nanmax(np.abs(values), initial=1.0)
            np.testing.assert_allclose(values, expected, atol=1e-9 * scale, err_msg=node)


@given(data=st.data())
def test_monotone_in_each_indicator(data):
    index = data.draw(testing.indices(numeric=True))
    plan = index.plan(data.draw(testing.tables(index, min_units=3)))
    try:
        nominal = ei.evaluate(plan)
    except ei.MethodError:
        return
    x = plan.x()
    at = data.draw(st.integers(0, x.shape[1] - 1))
    higher = x.copy()
    higher[:, at] += 0.5
    try:
        scores = ei.evaluate(plan, line_between(x, higher), learned=nominal.learned)
    except ei.MethodError:
        return
    for node, marks in plan.marks.items():
        if marks.points == "none":
            continue
        moves = np.diff(scores[node], axis=0)
        small = 1e-9 * np.nanmax(np.abs(scores[node]), initial=1.0)
        up, down = np.nanmax(moves, initial=0.0), np.nanmin(moves, initial=0.0)
        assert up <= small or down >= -small, f"{node} goes both ways in {list(plan.leaves)[at]}"


@given(data=st.data())
def test_linear_in_the_weights_of_one_node_with_a_fixed_total(data):
    index = data.draw(testing.indices(numeric=True))
    plan = index.plan(data.draw(testing.tables(index, min_units=3)))
    try:
        nominal = ei.evaluate(plan)
    except ei.MethodError:
        return
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    chosen = data.draw(st.sampled_from(plan.nodes))
    own = plan.weights[chosen.edges]
    if own.size == 0 or own.sum() <= 0 or (own < 0).any():
        return
    other = rng.uniform(0.1, 1, own.shape)
    weights = np.tile(plan.weights, (len(DRAWS), 1))
    weights[:, chosen.edges] = line_between(own, other * own.sum() / other.sum())
    try:
        scores = ei.evaluate(plan, weights=weights, learned=nominal.learned)
    except ei.MethodError:
        return
    for node, marks in plan.marks.items():
        if marks.weights in ("linear", "affine"):
            values = scores[node]
            scale = np.nanmax(np.abs(values), initial=1.0)
            np.testing.assert_allclose(values, line_between(values[0], values[-1]), atol=1e-9 * scale, err_msg=node)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"of": ["a", "b"]}, ("linear", "affine")),
        ({"of": ["a", "b"], "aggregate": "geometric"}, ("monotone", "monotone")),
        ({"of": ["a", "b"], "aggregate": "min"}, ("linear", "monotone")),
        ({"of": ["a", "b"], "steps": ["cap 0.5"]}, ("monotone", "monotone")),
        ({"of": ["a", "b"], "steps": ["distance 0.5"]}, ("none", "none")),
        ({"from": "a * b"}, ("none", "none")),
        ({"of": ["a", "b"], "points": {"value > 0.5": "1"}}, ("none", "none")),
    ],
)
def test_marks_by_construction(node, expected):
    import pandas as pd

    frame = pd.DataFrame(
        {"id": ["a", "b", "top"], "in": ["top", "top", None], "kind": ["indicator", "indicator", "node"]}
    )
    index = ei.Index.from_frame(frame, index="marks", indicators={"a": {"steps": ["minmax"]}})
    keys = dict(node)
    if "from" in keys:
        keys["of"] = None
    marks = (
        index.with_(nodes={"top": keys})
        .plan(pd.DataFrame({"unit": ["u", "v"], "a": [1.0, 2.0], "b": [0.1, 0.9]}))
        .marks
    )
    assert (marks["top"].weights, marks["top"].points) == expected
