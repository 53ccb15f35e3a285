"""What has no value, or one too large for a number, is told once, where it arose, and never goes on as infinity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.evaluate import evaluate, settle
from tests.properties.drawn import index_of


def plan_of(table, **nodes):
    names = [name for name in table.columns if name != "unit"]
    return index_of({"indicators": {name: {} for name in names}, "nodes": nodes}).plan(table)


def test_draws_of_weights_over_settled_records_are_never_infinite():
    table = pd.DataFrame({"unit": [*"UV"], "a": [1.5e308, 1], "b": [1.5e308, 2]})
    plan = plan_of(table, top={"of": ["a", "b"]}, above={"of": ["top"]})
    settled = settle(plan, ["top"])
    with pytest.raises(ei.MethodError) as caught:
        evaluate(plan, weights=np.ones((2, 3)), settled=settled)
    assert [fault.message for fault in caught.value.faults] == ["top: its value is too large for a number (U)"]
    halves = evaluate(plan, weights=np.full((2, 3), 0.5), settled=settled)
    assert halves["top"].tolist() == [[1.5e308, 1.5]] * 2
    assert evaluate(plan, weights=np.full((2, 3), 1e-9), settled=settled)["above"].tolist() == [[1.5e308, 1.5]] * 2


def test_nor_are_those_in_single_precision():
    names = [f"q{at}" for at in range(500)]
    table = pd.DataFrame({"unit": [*"UV"], **{name: [1e30, 1e30] for name in names}})
    plan = plan_of(table, top={"of": names})
    settled = settle(plan, ["top"], precision="single")
    found = evaluate(plan, weights=np.ones((2, 500)), settled=settled, precision="single")["top"]
    np.testing.assert_allclose(found, [[1e30, 1e30]] * 2, rtol=1e-5)
    with pytest.raises(ei.MethodError, match=r"^top: its value is too large for a number \(U, V\)$"):
        evaluate(plan, weights=np.full((2, 500), 1e6), settled=settled, precision="single")  # 5e38 before it is divided


def test_a_formula_without_a_value_is_told_where_it_stands_and_nowhere_else():
    table = pd.DataFrame({"unit": [*"UV"], "a": [1.0, 2], "b": [0.0, 4]})
    reason = "has no value: division by zero, or a logarithm or root it is not defined for (U)"
    for node in ({"from": "a / b"}, {"of": ["a"], "points": {"a > 0": "a / b"}}):
        plan = plan_of(table, ratio=node, top={"of": ["ratio", "a"]}, side={"from": "ratio + b"})
        with pytest.raises(ei.MethodError) as caught:
            evaluate(plan)
        assert [fault.message for fault in caught.value.faults] == [f'ratio: "a / b" {reason}']


def test_settled_records_that_are_changed_are_laid_side_by_side_anew():
    table = pd.DataFrame({"unit": [*"UV"], "a": [1.0, 2], "b": [3.0, 4]})
    plan = plan_of(table, top={"of": ["a", "b"]})
    settled = settle(plan, ["top"])
    weights = np.ones((2, 2))
    assert evaluate(plan, weights=weights, settled=settled)["top"].tolist() == [[2, 3]] * 2
    other = replace(settled, parts={**settled.parts, "a": (np.array([5.0, 0.0]), None)})
    assert evaluate(plan, weights=weights, settled=other)["top"].tolist() == [[4, 2]] * 2
