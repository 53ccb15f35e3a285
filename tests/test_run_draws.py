"""Draws of weights and of points through gaps, needs, levels and what is settled: each as one evaluation by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from egovindex.evaluate import evaluate, leaf_values, settle
from tests.properties.drawn import index_of
from tests.small import GAPS, GONE, of_nodes, table_of


def as_one_by_one(plan, weights, **options):
    """Draws of weights, and the same sets of weights one after the other."""
    together = evaluate(plan, weights=weights, **options)
    for node in together.nodes:
        alone = [evaluate(plan, weights=own) for own in weights]
        np.testing.assert_allclose(together[node], [one[node] for one in alone], rtol=1e-13)
        if node not in together.attainable_by_node:  # settled
            continue
        np.testing.assert_allclose(
            np.broadcast_to(together.attainable_by_node[node], together.shape),
            [np.broadcast_to(one.attainable_by_node[node], one.shape) for one in alone], rtol=1e-13,
        )  # fmt: skip
        states = [np.broadcast_to(one.state[node], one.shape) for one in alone]
        np.testing.assert_array_equal(np.broadcast_to(together.state[node], together.shape), states)
    return together


@pytest.mark.parametrize(
    "aggregate", ["mean", "pool", "geometric", "harmonic", "sum", "product", "min", "max", "ladder"]
)
def test_who_has_a_score_depends_on_the_weights_of_each_draw(aggregate):
    """A unit whose only answer weighs nothing in a draw has no score in it."""
    index = of_nodes("abc", top={"of": ["a", "b", "c"], "aggregate": aggregate}, above={"of": ["top", "a"]})
    plan = index.plan(GAPS.assign(c=[8.0, 8, 8, None, 4, 2]))
    weights = np.tile(plan.weights, (3, 1))
    places = [plan.edge_places["top", name] for name in "abc"]
    weights[:, places] = [[1, 2, 3], [0, 2, 1], [1, 0, 0]]
    as_one_by_one(plan, weights)
    as_one_by_one(plan, weights, settled=settle(plan, ["top"]))
    as_one_by_one(plan, weights, nodes=["above"])


def test_gaps_that_are_the_same_in_every_draw_are_learned_around():
    index = of_nodes(top={"of": ["a", "b"], "aggregate": "sum", "steps": ["minmax"]})
    plan = index.plan(table_of(a=[1.0, 2, 3, None], b=[1.0, 2, 5, 1]))
    scores = evaluate(plan, weights=np.array([[1.0, 1], [3, 1]]))
    np.testing.assert_allclose(scores["top"], [[0, 1 / 3, 1, GONE], [0, 0.4, 1, GONE]])
    assert scores.learned.values["top", 0][0]["max"].tolist() == [8, 14]


def test_a_unit_whose_answers_weigh_nothing_has_no_score():
    index = of_nodes(top={"of": {"a": "0", "b": "1"}})
    scores = evaluate(index.plan(table_of(a=[1.0, 2, None], b=[3.0, None, 5])))
    np.testing.assert_array_equal(scores["top"], [3, GONE, 5])
    assert scores.attainable[:, 0].tolist() == [1, 0, 1]
    assert scores.earned[:, 0].tolist() == [3, 0, 5]


@pytest.mark.parametrize("need", ["1", "2", "60%"])
def test_need_is_asked_in_draws_too(need):
    """A part that is lifted to a number has no gap, and is not answered."""
    lifted = {"points": {"missing": "0"}}
    index = of_nodes(
        top={"of": ["low", "high"], "need": need}, low={"of": ["a"], **lifted}, high={"of": ["b"], **lifted}
    )
    plan = index.plan(table_of(a=[1.0, 3, None, None], b=[2.0, None, 1, None]))
    weights = np.array([[1.0, 1, 1, 1], [1, 2, 3, 4]])
    for options in ({}, {"settled": settle(plan, ["top"])}, {"nodes": ["top"]}):
        found = as_one_by_one(plan, weights, **options)
        expected = [False, False, False, True] if need == "1" else [False, True, True, True]
        assert np.isnan(found["top"]).tolist() == [expected] * 2


def test_need_counts_a_mean_that_is_summed_over():
    index = of_nodes("abc", top={"of": ["mid", "c"], "need": "2"}, mid={"of": ["a", "b"]})
    plan = index.plan(table_of(a=[1.0, 2, 3], b=[3.0, 4, 5], c=[5.0, None, 1]))
    weights = np.random.default_rng(2).uniform(1, 2, (3, 4))
    found = as_one_by_one(plan, weights, nodes=["top"])
    assert np.isnan(found["top"]).tolist() == [[False, True, False]] * 3
    np.testing.assert_allclose(found.coverage[:, 1, 0], weights[:, plan.edge_places["top", "mid"]] / weights[
        :, [plan.edge_places["top", "mid"], plan.edge_places["top", "c"]]].sum(axis=1))  # fmt: skip


def test_a_mean_with_a_gap_is_not_summed_over():
    index = of_nodes("abcd", top={"of": ["mid", "c"]}, mid={"of": ["low", "d"]}, low={"of": ["a", "b"]})
    plan = index.plan(table_of(a=[1.0, None, None, 4], b=[3.0, 4, None, 1], c=[5.0, 2, 3, None], d=[1.0, 2, 3, 4]))
    weights = np.random.default_rng(3).uniform(1, 2, (3, 6))
    found = as_one_by_one(plan, weights, nodes=["top"])
    np.testing.assert_allclose(found.coverage, evaluate(plan, weights=weights).coverage[..., :1])


def test_values_of_some_indicators_take_the_place_of_the_datas():
    own = {"steps": ["minmax"]}
    index = index_of({"indicators": {name: own for name in "abc"}, "nodes": {"top": {"of": [*"abc"]}}})  # noqa: C420
    plan = index.plan(table_of(a=[1.0, 2, 3], b=[5.0, 6, 9], c=[0.0, 5, 1]))
    given = {"a": np.array([0.0, 4, 1]), "b": np.array([[1.0, 2, 3], [5, 4, 3]])}
    scores = evaluate(plan, given)
    # each draw learns its own bounds: a 0, 1, 1/4; b 0, 1/2, 1 and 1, 1/2, 0; c 0, 1, 1/5
    np.testing.assert_allclose(scores["top"], [[0, 2.5 / 3, 1.45 / 3], [1 / 3, 2.5 / 3, 0.45 / 3]])
    whole = np.stack([given["b"]] * 3, axis=-1)
    whole[..., 0], whole[..., 2] = given["a"], [0, 5, 1]
    np.testing.assert_array_equal(evaluate(plan, whole)["top"], scores["top"])
    np.testing.assert_allclose(leaf_values(plan, None, given)["a"], [0, 1, 0.25])


def test_levels_learn_for_themselves_and_are_given_again():
    """Indicators learn in each period, and units, whose periods are taken together, once."""
    index = index_of(
        {
            "rows": ["unit", "period"],
            "indicators": {"a": {"steps": ["minmax"]}},
            "nodes": {"top": {"of": "a", "over": "period", "steps": ["zscore"]}},
        }
    )
    panel = pd.DataFrame({"unit": [*"UVWUVW"], "period": [1, 1, 1, 2, 2, 2], "a": [0.0, 5, 10, 3, 4, 7]})
    plan = index.plan(panel)
    scores = evaluate(plan)
    means = np.array([0, 0.375, 1])
    np.testing.assert_allclose(scores["top"], (means - means.mean()) / means.std(), atol=1e-15)
    assert scores.learned.groups == (1, 2, None)
    assert [[*group] for group in scores.learned.values["a", 0]] == [["min", "max"], ["min", "max"], []]
    assert [[*group] for group in scores.learned.values["top", 0]] == [[], [], ["mean", "sd"]]
    np.testing.assert_array_equal(evaluate(plan, learned=scores.learned)["top"], scores["top"])


def test_what_was_learned_and_given_is_what_is_told():
    index = index_of({"indicators": {"a": {"steps": ["minmax"]}}, "nodes": {"top": {"of": ["a"]}}})
    plan = index.plan(table_of(a=[1.0, 2, 3]))
    learned = evaluate(plan, np.stack([plan.x(), plan.x() * 2])).learned
    again = evaluate(plan, learned=learned)
    assert again.learned is learned
    assert again.draws == 2  # draws of what was learned alone
    np.testing.assert_allclose(again["top"], [[0, 0.5, 1], [-0.25, 0, 0.25]])


def test_indicators_whose_gaps_are_filled_go_through_steps_with_their_filled_values():
    own = {"steps": ["rank"]}
    indicators = dict.fromkeys("ab", own)
    index = index_of({"nothing": {"missing": "mean"}, "indicators": indicators, "nodes": {"top": {"of": ["a"]}}})
    plan = index.plan(table_of(a=[1.0, None, 6, 8], b=[4.0, 3, None, 2]))
    values = leaf_values(plan, evaluate(plan).learned)
    assert values["a"].tolist() == [0.25, 0.5, 0.75, 1]  # the mean of a is 5, and that of b 3
    assert values["b"].tolist() == [1, 0.75, 0.75, 0.25]
    assert evaluate(plan)["top"].tolist() == [0.25, 0.5, 0.75, 1]
