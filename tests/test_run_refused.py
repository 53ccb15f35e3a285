"""Values that are given to an evaluation, and what is refused: each by its words and its units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.evaluate import evaluate
from tests.properties.drawn import index_of
from tests.small import FOUR, GONE, TREE, of_nodes, scores_of, table_of


# --- values that are given
def test_given_points_are_finite_where_there_are_points():
    index = of_nodes(top={"of": ["a", "b"]})
    plan = index.plan(table_of(a=[1.0, 2, None], b=[1.0, 2, 3]))
    np.testing.assert_allclose(evaluate(plan, plan.x())["top"], [1, 2, 3])
    for bad in (np.nan, np.inf, -np.inf):
        x = plan.x()
        x[1, 0] = bad
        with pytest.raises(ei.MethodError) as caught:
            evaluate(plan, x)
        assert [fault.message for fault in caught.value.faults] == [
            "a: x must be a finite number wherever the indicator has points"
        ]
        assert caught.value.faults[0].units == ()
    np.testing.assert_allclose(evaluate(plan, {"b": np.array([5.0, 6, 7])})["top"], [3, 4, 7])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_given_points_that_are_refused_are_told_once(bad):
    index = index_of(
        {"indicators": {"a": {"steps": ["times 10"]}}, "nodes": {"top": {"of": ["a"], "steps": ["times 10"]}}}
    )
    plan = index.plan(table_of(a=[1.0, 2]))
    with pytest.raises(ei.MethodError) as caught:
        evaluate(plan, {"a": np.array([[1.0, 2], [bad, 2]])})
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize("others", [[1.0, 2, None, 6], [1.0, 2, 3, 6]])
def test_given_points_are_filled_like_the_datas_own(others):
    index = index_of(
        {
            "nothing": {"missing": "mean"},
            "indicators": {"a": {}, "b": {"points": {"missing": "median"}}},
            "nodes": {"top": {"of": ["a", "b"]}},
        }
    )
    plan = index.plan(table_of(a=[1.0, None, 5, 3], b=others))
    own = evaluate(plan)
    np.testing.assert_array_equal(evaluate(plan, plan.x())["top"], own["top"])
    twice = evaluate(plan, np.stack([plan.x(), plan.x() * 2]))["top"]
    np.testing.assert_allclose(twice, [own["top"], own["top"] * 2])
    x = plan.x()
    x[0, 0] = np.nan
    with pytest.raises(ei.MethodError, match="a: x must be a finite number"):
        evaluate(plan, x)


def test_two_learned_outcomes_of_one_indicator_are_learned_from_who_answered():
    points = {"yes": "1", "no": "0", "unknown": "mean", "missing": "mean by grp"}
    index = index_of(
        {
            "answers": {"s": {"yes": [], "no": [], "unknown": []}},
            "indicators": {"a": {"points": points}},
            "nodes": {"top": {"of": ["a"]}},
        }
    )
    table = pd.DataFrame({"unit": [*"UVWXYZ"], "a": ["yes", "no", "yes", "unknown", None, None], "grp": [*"ppqqpq"]})
    np.testing.assert_allclose(scores_of(index, table), [1, 0, 1, 2 / 3, 0.5, 1])
    plan = index.plan(table)
    for bad in range(6):  # given, they are looked at where there was an answer
        x = plan.x()
        np.testing.assert_array_equal(np.isnan(x[:, 0]), [False, False, False, True, True, True])
        x[bad] = np.nan
        if bad < 3:
            with pytest.raises(ei.MethodError, match="x must be a finite number"):
                evaluate(plan, x)
        else:
            np.testing.assert_allclose(evaluate(plan, x)["top"], [1, 0, 1, 2 / 3, 0.5, 1])


def test_numbers_of_draws_must_agree():
    plan = TREE.plan(FOUR)
    x, weights = np.stack([plan.x()] * 3), np.tile(plan.weights, (2, 1))
    with pytest.raises(ei.MethodError, match=r"have different numbers of draws: \[2, 3\]$"):
        evaluate(plan, x, weights)
    with pytest.raises(ei.MethodError, match=r"\[2, 4\]$"):
        evaluate(plan, {"a": np.ones((4, 3))}, weights)
    assert evaluate(plan, {"a": np.ones((2, 3)), "b": np.ones(3)}, weights).draws == 2
    assert evaluate(plan, plan.x(), plan.weights).draws is None
    points = index_of(
        {
            "answers": {"s": {"yes": [], "no": []}},
            "indicators": {"a": {"points": {"yes": "1", "no": "0"}}},
            "nodes": {"top": {"of": ["a"]}},
        }
    ).plan(table_of(a=["yes", "no"]))
    with pytest.raises(ei.MethodError, match=r"\[2, 3\]$"):
        evaluate(points, weights=np.ones((2, 1)), outcomes=np.tile(points.outcomes, (3, 1)))
    assert evaluate(points, outcomes=np.tile(points.outcomes, (3, 1))).draws == 3


# --- what is refused
def test_only_a_unit_that_would_have_a_score_is_refused():
    index = of_nodes(
        "abc", top={"of": ["low", "b"], "aggregate": "geometric"}, low={"of": ["a"], "points": {"value < 1": "void"}}
    )
    table = table_of(a=[0.5, 2, 4], b=[-1.0, 2, 4], c=[1.0, 1, 1])
    np.testing.assert_allclose(scores_of(index, table), [GONE, 2, 4])
    plan = index.plan(table)
    draws = np.stack([plan.x(), plan.x()])
    draws[1, 0, 0] = 1.5  # in this draw U has a score, and a negative value below a root
    with pytest.raises(ei.MethodError) as caught:
        evaluate(plan, draws)
    assert [(fault.column, fault.units) for fault in caught.value.faults] == [("top", ("U",))]
    assert caught.value.faults[0].message.endswith("(U)")
    # W is negative too, and void in every draw
    other = index.plan(table.assign(a=[0.5, 2, 0.1], b=[-1.0, 2, -3]))
    draws = np.stack([other.x(), other.x()])
    draws[1, 0, 0] = 1.5
    with pytest.raises(ei.MethodError, match=r"\(U\)$"):
        evaluate(other, draws)


def test_every_refusal_is_told_once_with_its_units():
    index = of_nodes(
        "abc", top={"of": ["a", "b"]}, low={"of": ["a"], "steps": ["log"]}, far={"of": ["b"], "steps": ["log"]}
    )
    with pytest.raises(ei.MethodError) as caught:
        ei.compute(index, table_of(a=[-1.0, 1, -2], b=[1.0, 0, 1], c=[1.0, 1, 1]))
    assert [(fault.column, fault.units, fault.check) for fault in caught.value.faults] == [
        ("low", ("U", "W"), "undefined"), ("far", ("V",), "undefined"),
    ]  # fmt: skip


def test_a_score_too_large_for_a_number_is_refused():
    index = of_nodes(top={"of": ["a", "b"], "aggregate": "sum"}, side={"of": ["a", "b"], "aggregate": "max"})
    table = table_of(a=[1e308, 1, 1e308], b=[1e308, 1, -1e308])
    with pytest.raises(ei.MethodError) as caught:
        ei.compute(index, table)
    assert [fault.message for fault in caught.value.faults] == ["top: its value is too large for a number (U)"]
    # scores whose sum alone is too large are well
    plan = of_nodes(top={"of": ["a", "b"], "aggregate": "max"}).plan(table_of(a=[1.7e308] * 3, b=[1.0, 2, None]))
    assert evaluate(plan)["top"].tolist() == [1.7e308] * 3
    assert evaluate(plan, np.stack([plan.x()] * 2))["top"].tolist() == [[1.7e308] * 3] * 2
    small = of_nodes(top={"of": ["a", "b"], "aggregate": "sum"}).plan(table_of(a=[1.0, 1], b=[1.0, 1]))
    with pytest.raises(ei.MethodError, match=r"too large for a number \(V\)$"):
        evaluate(small, np.array([[[1.0, 1], [1, 1]], [[1.0, 1], [1e308, 1e308]]]))


def test_a_weak_group_is_named_where_nobody_has_a_value_to_learn_from():
    index = of_nodes(top={"of": ["a"], "points": {"missing": "median"}}, side={"of": ["b"]})
    panel = pd.concat(
        [table_of(a=[1.0, None], b=[1.0, 1]).assign(period=1), table_of(a=[None, None], b=[1.0, 1]).assign(period=2)]
    )
    with pytest.raises(ei.MethodError, match=r"top: nobody has a value to take the median of \(in 2\)$"):
        ei.compute(index, panel)
    alone = ei.compute(index, panel[panel["period"] == 1])
    assert alone.scores["top"].tolist() == [1, 1]
    grouped = of_nodes(top={"of": ["a"], "points": {"missing": "mean by grp"}}, side={"of": ["b"]})
    with pytest.raises(ei.MethodError, match=r'top: nobody has a value to take the mean of for "y"$'):
        ei.compute(grouped, table_of(a=[1.0, None], b=[1.0, 1], grp=["x", "y"]))
    learned = evaluate(grouped.plan(table_of(a=[1.0, None], b=[1.0, 1], grp=["x", "x"]))).learned
    with pytest.raises(ei.MethodError, match=r'top: the learned values given have no mean for "y"$'):
        evaluate(grouped.plan(table_of(a=[None, None], b=[1.0, 1], grp=["x", "y"])), learned=learned)
    again = evaluate(grouped.plan(table_of(a=[None, 4.0], b=[1.0, 1], grp=["x", "y"])), learned=learned)
    assert again["top"].tolist() == [1, 4]
