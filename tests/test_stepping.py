"""Steps over groups of rows: what is learned, kept, given again, and refused, each by its words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.evaluate import evaluate, leaf_values
from egovindex.spec.steps import parse_step
from egovindex.stepping import Learned, turning_step
from tests.properties.drawn import index_of
from tests.small import table_of

ROOT = 1.5**0.5  # the z-score of the highest of three equally spaced numbers


def of_steps(steps, indicators="a", **more):
    own = {"steps": steps, **more}
    return index_of(
        {"nothing": "skip", "indicators": dict.fromkeys(indicators, own), "nodes": {"top": {"of": [*indicators]}}}
    )


# --- less is better
DOWN = [
    (["minmax"], [1, 0.5, 0]),
    (["minmax 1 2"], [2, 1.5, 1]),
    (["zscore"], [ROOT, 0, -ROOT]),
    (["rank"], [1, 2 / 3, 1 / 3]),
    (["zscore", "minmax"], [1, 0.5, 0]),  # once, at the last of them
    (["minmax", "rank"], [1, 2 / 3, 1 / 3]),
    (["rank", "times 3"], [3, 2, 1]),
    (["minmax", "cap 0.75"], [0.75, 0.5, 0]),
    (["times 2", "minmax", "times 10"], [10, 5, 0]),
]


@pytest.mark.parametrize(("steps", "expected"), DOWN)
@pytest.mark.parametrize("indicators", ["a", "ab"])  # one by one, and several at once
def test_less_is_better_at_the_last_step_that_compares(steps, expected, indicators):
    index = of_steps(steps, indicators, direction="down")
    table = table_of(**{name: [2.0, 4.0, 6.0] for name in indicators})
    assert ei.compute(index, table).scores["top"].tolist() == pytest.approx(expected)
    up = of_steps(steps, indicators)
    assert ei.compute(up, table).scores["top"].tolist() != pytest.approx(expected)


@pytest.mark.parametrize(("steps", "expected"), DOWN)
def test_less_is_better_for_a_node_in_draws_and_beside_a_gap(steps, expected):
    index = index_of(
        {
            "nothing": "skip",
            "indicators": {"a": {}},
            "nodes": {"top": {"of": ["a"], "steps": steps, "direction": "down"}},
        }
    )
    found = ei.compute(index, table_of(a=[2.0, None, 4.0, 6.0])).scores["top"]
    assert found.dropna().tolist() == pytest.approx(expected)
    assert found.isna().tolist() == [False, True, False, False]
    plan = index.plan(table_of(a=[2.0, 4.0, 6.0]))
    np.testing.assert_allclose(evaluate(plan, np.stack([plan.x(), plan.x() * 2]))["top"][0], expected, atol=1e-15)


def test_the_step_at_which_a_direction_acts():
    steps = [["times 2", "cap 3"], [], ["zscore"], ["rank", "times 2"], ["zscore", "cap 3", "minmax", "round 1"]]
    assert [turning_step(tuple(map(parse_step, written))) for written in steps] == [-1, -1, 0, 0, 2]


# --- several indicators at once give what each gives by itself
@pytest.mark.parametrize("steps", [["minmax"], ["zscore", "times 2"], ["top 2", "rank"], ["out_of 4", "round 1"]])
def test_indicators_taken_together_learn_like_each_alone(steps):
    chance = np.random.default_rng(11)
    table = pd.concat(
        [table_of(a=chance.random(5), b=chance.random(5), c=chance.random(5)).assign(period=year) for year in (1, 2)]
    )
    together = of_steps(steps, "abc").plan(table)
    found = evaluate(together).learned
    values = leaf_values(together, found)
    for name in "abc":
        alone = of_steps(steps, name).plan(table[["unit", "period", name]])
        own = evaluate(alone).learned
        np.testing.assert_array_equal(leaf_values(alone, own)[name], values[name])
        assert {key for key in found.values if key[0] == name} == set(own.values)
        for key, groups in own.values.items():
            for group, other in zip(groups, found.values[key], strict=True):
                assert {k: v.tolist() for k, v in group.items()} == {k: v.tolist() for k, v in other.items()}
    again = evaluate(together, learned=found)
    np.testing.assert_array_equal(again["top"], evaluate(together)["top"])
    assert again.learned is found


def test_what_was_learned_of_other_rows_acts_on_several_at_once():
    plan = of_steps(["minmax"], "ab").plan(table_of(a=[1.0, 2, 3], b=[5.0, 6, 9]))
    learned = evaluate(of_steps(["minmax"], "ab").plan(table_of(a=[0.0, 10], b=[5.0, 25]))).learned
    np.testing.assert_allclose(evaluate(plan, learned=learned)["top"], [0.05, 0.125, 0.25])
    values = leaf_values(plan, learned)
    assert [values[name].tolist() for name in "ab"] == [[0.1, 0.2, 0.3], [0, 0.05, 0.2]]


def test_bounds_of_several_draws_act_on_several_indicators():
    plan = of_steps(["minmax"], "ab").plan(table_of(a=[1.0, 2, 3], b=[5.0, 6, 9]))
    x = np.stack([plan.x(), plan.x() * 2])
    learned = evaluate(plan, x).learned
    assert learned.draws() == {2}
    # a between 2 and 6, b between 10 and 18
    np.testing.assert_allclose(
        evaluate(plan, learned=learned)["top"], [[0, 0.375, 1], [-0.4375, -0.25, 0.0625]], atol=1e-15
    )


def test_an_indicator_of_several_that_is_refused_is_named():
    index = of_steps(["log"], "abc")
    with pytest.raises(ei.MethodError) as caught:
        ei.compute(index, table_of(a=[1.0, 2], b=[1.0, -1], c=[0.0, 1]))
    said = 'step "log": log needs values above zero; add a floor before it'
    assert [fault.message for fault in caught.value.faults] == [f"b: {said} (V)", f"c: {said} (U)"]
    assert [(fault.column, fault.units, fault.check) for fault in caught.value.faults] == [
        ("b", ("V",), "undefined"), ("c", ("U",), "undefined"),
    ]  # fmt: skip


# --- draws
def test_draws_that_differ_in_who_has_a_value_learn_for_themselves():
    """A line of the node below takes the score away where it is low: another unit in each draw."""
    index = index_of(
        {
            "nothing": "skip",
            "indicators": {"a": {}},
            "nodes": {
                "top": {"of": ["low"], "steps": ["minmax"]},
                "low": {"of": ["a"], "points": {"value < 1": "skip"}},
            },
        }
    )
    plan = index.plan(table_of(a=[1.0, 2, 4, 9]))
    x = np.array([[[0.0], [2], [4], [6]], [[3.0], [0], [4], [5]], [[2.0], [4], [6], [10]]])
    scores = evaluate(plan, x)
    np.testing.assert_allclose(
        scores["top"], [[np.nan, 0, 0.5, 1], [0, np.nan, 0.5, 1], [0, 0.25, 0.5, 1]], equal_nan=True
    )
    assert len(scores.learned) == 0  # numbers of other draws are of other units
    for draw in range(3):
        np.testing.assert_array_equal(evaluate(plan, x[draw])["top"], scores["top"][draw])


def test_each_draw_learns_its_own_and_gives_it_again():
    plan = of_steps(["minmax"]).plan(table_of(a=[1.0, 2, 3]))
    x = np.stack([plan.x(), plan.x() * [[1], [1], [3]]])
    scores = evaluate(plan, x)
    np.testing.assert_allclose(scores["top"], [[0, 0.5, 1], [0, 1 / 8, 1]])
    assert scores.learned.draws() == {2}
    assert scores.learned.values["a", 0][0]["max"].tolist() == [3, 9]
    np.testing.assert_allclose(evaluate(plan, learned=scores.learned)["top"], [[0, 0.5, 1], [0, 1 / 8, 1 / 4]])
    assert evaluate(plan).learned.draws() == set()


def test_sorted_values_of_a_rank_are_no_draws():
    plan = of_steps(["rank"]).plan(table_of(a=[1.0, 2, 3]))
    assert evaluate(plan).learned.draws() == set()
    assert evaluate(plan, np.stack([plan.x()] * 4)).learned.draws() == {4}
    assert evaluate(plan, learned=evaluate(plan).learned)["top"].shape == (3,)


@pytest.mark.parametrize(("statistic", "expected"), [("mean", [4, 3]), ("median", [3, 2])])
def test_draws_that_differ_in_who_has_a_value_are_filled_for_themselves(statistic, expected):
    index = index_of(
        {
            "nothing": "skip",
            "indicators": {"a": {}},
            "nodes": {
                "top": {"of": ["low"], "points": {"missing": statistic}},
                "low": {"of": ["a"], "points": {"value < 1": "skip"}},
            },
        }
    )
    plan = index.plan(table_of(a=[1.0, 2, 4, 9]))
    x = np.array([[[0.0], [2], [3], [7]], [[1.0], [2], [0], [6]]])
    found = evaluate(plan, x)["top"]
    np.testing.assert_allclose(found, [[expected[0], 2, 3, 7], [1, 2, expected[1], 6]])
    with pytest.raises(ei.MethodError, match=f"^top: nobody has a value to take the {statistic} of$"):
        evaluate(plan, np.array([[[0.0], [2], [3], [7]], [[0.0], [0], [0], [0]]]))


# --- what is shown and what is lacking
PANEL = pd.concat([table_of(a=[1.0, 2, 3]).assign(period=2020), table_of(a=[2.0, 4, 8]).assign(period=2022)])


def test_learned_values_show_where_they_are_from():
    learned = evaluate(of_steps(["zscore", "minmax"], "ab").plan(PANEL.assign(b=PANEL["a"]))).learned
    assert len(learned) == 4
    assert repr(learned) == "<Learned> values of 4 steps of 2020, 2022: a, b"
    alone = evaluate(of_steps(["minmax"]).plan(table_of(a=[1.0, 2]))).learned
    assert repr(alone) == "<Learned> values of 1 steps: a"
    assert alone.groups == (None,)
    assert {key: [*group] for key, (group,) in alone.values.items()} == {("a", 0): ["min", "max"]}


def test_values_are_found_by_the_name_of_the_group():
    index = of_steps(["minmax"])
    learned = evaluate(index.plan(PANEL)).learned
    turned = Learned({key: groups[::-1] for key, groups in learned.values.items()}, learned.groups[::-1])
    np.testing.assert_array_equal(
        evaluate(index.plan(PANEL), learned=turned)["top"], evaluate(index.plan(PANEL))["top"]
    )
    late = index.plan(PANEL[PANEL["period"] == 2022])
    np.testing.assert_allclose(evaluate(late, learned=learned)["top"], [0, 1 / 3, 1])


LACKING = "; learn from data that has all groups and records"


@pytest.mark.parametrize(
    ("periods", "said"),
    [
        ([2024, 2024, 2024], "have none for 2024"),
        ([2022, 2024, 2026], "have none for 2024, 2026"),
        (None, "have none"),
    ],
)
@pytest.mark.parametrize("indicators", ["a", "ab"])
def test_groups_that_lack_learned_values_are_named(periods, said, indicators):
    index = of_steps(["minmax"], indicators)
    panel = PANEL.assign(b=PANEL["a"])
    learned = evaluate(index.plan(panel)).learned
    table = table_of(a=[1.0, 2, 3], b=[1.0, 2, 3])
    plan = index.plan(table if periods is None else table.assign(period=periods))
    with pytest.raises(ei.MethodError) as caught:
        evaluate(plan, learned=learned)
    assert [fault.message for fault in caught.value.faults] == [
        f'{name}: step "minmax": the learned values given {said}{LACKING}' for name in indicators
    ]


def test_a_group_without_a_value_needs_no_learned_one():
    index = of_steps(["minmax"])
    plan = index.plan(pd.concat([PANEL, table_of(a=[None, None]).assign(period=2024)]))
    scores = evaluate(plan)
    np.testing.assert_allclose(scores["top"], [0, 0.5, 1, 0, 1 / 3, 1, np.nan, np.nan])
    assert scores.learned.values["a", 0][2] == {}
    again = evaluate(plan, learned=evaluate(index.plan(PANEL)).learned)
    np.testing.assert_array_equal(again["top"], scores["top"])


@pytest.mark.parametrize("by", ["", " by grp"])
def test_a_group_in_which_nobody_is_filled_needs_no_learned_number(by):
    index = index_of(
        {
            "nothing": "skip",
            "indicators": {"a": {}},
            "nodes": {"top": {"of": ["a"], "points": {"missing": f"mean{by}"}}},
        }
    )
    first = table_of(a=[2.0, None], grp=["x", "x"]).assign(period=2020)
    learned = evaluate(index.plan(first)).learned
    later = table_of(a=[4.0, 5.0], grp=["x", "y"]).assign(period=2022)
    assert evaluate(index.plan(pd.concat([first, later])), learned=learned)["top"].tolist() == [2, 2, 4, 5]
    with pytest.raises(ei.MethodError, match="none for 2022"):
        evaluate(index.plan(pd.concat([first, later.assign(a=[4.0, None])])), learned=learned)


# --- what is refused
def test_units_for_which_a_step_is_not_defined_are_named_among_all():
    index = index_of({"nothing": "skip", "indicators": {"a": {"steps": ["log"]}}, "nodes": {"top": {"of": ["a"]}}})
    table = table_of(a=[None, 1.0, -1.0, 2.0, 0.0, None])
    for given in (table, pd.concat([table.assign(period=1), table.assign(period=2, a=1.0)])):
        with pytest.raises(ei.MethodError) as caught:
            ei.compute(index, given)
        names = ("W", "Y") if given is table else ("W 1", "Y 1")
        assert caught.value.faults[0].units == names
        assert str(caught.value).endswith(f"({', '.join(names)})")


def test_a_step_that_makes_a_number_too_large_names_the_unit():
    for indicators in ("a", "ab"):
        index = of_steps(["times 10"], indicators)
        numbers = {name: [1.0, 1e308, 2.0] for name in indicators}
        with pytest.raises(ei.MethodError) as caught:
            ei.compute(index, table_of(**numbers))
        expected = [f'{name}: step "times 10": gives a number that is too large (V)' for name in indicators]
        if len(indicators) > 1:  # one child is taken over, two are added up
            expected.append("top: its value is too large for a number (V)")
        assert [fault.message for fault in caught.value.faults] == expected
    # a later cap does not hide it, and who has no value is not asked
    with pytest.raises(ei.MethodError, match=r'step "times 10": gives a number that is too large \(V\)$'):
        ei.compute(of_steps(["times 10", "cap 1"]), table_of(a=[None, 1e308, 2.0]))
    # numbers whose sum alone is too large are well
    large = ei.compute(of_steps(["times 1"]), table_of(a=[1.7e308, 1.7e308, 1.0])).scores["top"]
    assert large.tolist() == [1.7e308, 1.7e308, 1]
    plan = of_steps(["times 10"]).plan(table_of(a=[1.0, 2.0]))
    with pytest.raises(ei.MethodError, match=r"too large \(V\)$"):
        evaluate(plan, np.array([[[1.0], [2.0]], [[1.0], [1e308]]]))


def test_a_group_that_cannot_learn_is_named():
    panel = PANEL.assign(a=[1.0, 2, 3, 4, 4, 4])
    with pytest.raises(ei.MethodError, match=r'a: step "minmax": .*with goalposts \(in 2022\)$'):
        ei.compute(of_steps(["minmax"]), panel)
    everyone = of_steps(["minmax"]).with_(reference={"periods": "all"})
    with pytest.raises(ei.MethodError, match=r"with goalposts$"):
        ei.compute(everyone, panel.assign(a=4.0))
    with pytest.raises(ei.MethodError, match=r"with goalposts$"):
        ei.compute(of_steps(["minmax"]), table_of(a=[4.0, 4.0]))
