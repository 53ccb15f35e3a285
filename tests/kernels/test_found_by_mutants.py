"""Defects that trying mutants brought to light."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.kernels.aggregate import AGGREGATES


@pytest.mark.parametrize("tiny", [1e-310, -1e-310, 5e-324])
@pytest.mark.parametrize("mask", [None, np.array([True, True])])
def test_a_tiny_value_without_weight_leaves_a_harmonic_mean_alone(tiny, mask):
    """Its inverse is infinite, and nothing times infinity is no number."""
    children = [(np.array([tiny, 2.0]), mask), (np.array([4.0, 5.0]), None)]
    value, _ = AGGREGATES["harmonic"](children, np.array([0.0, 1.0]), 2)
    assert value.tolist() == [4, 5]


@pytest.mark.parametrize("distance", ["relative", "moved"])
@pytest.mark.parametrize("twin", [[0.3, 0.6], [0.1 + 0.2, 0.6000000000000001], [0.29999999999999993, 0.6]])
def test_a_twin_that_differs_by_rounding_does_not_keep_a_unit_from_its_rank(twin, distance):
    """Ahead by 1e-16 whatever the weights, it is tied; a program took it for a condition that nothing fulfils."""
    rows = pd.DataFrame(
        {"id": ["a", "b", "top"], "kind": ["indicator", "indicator", "node"], "in": ["top", "top", None]}
    ).assign(weight=[1.0, 1.0, None])
    index = ei.Index.from_frame(rows, index="made", nothing="void")
    table = pd.DataFrame([[0.3, 0.6], twin, [0.9, 0.2]], columns=["a", "b"]).assign(unit=["own", "twin", "other"])
    found = ei.nearest_weights(ei.compute(index, table), "own", distance=distance)
    assert found.reached == 1
    # level with the other at 0.6 a = 0.4 b: a tenth of the weight changes hands, a fifth of either part
    assert found.distance == pytest.approx(0.2 if distance == "relative" else 0.1)
