"""Whatever is doubted: a draw is the index that it names, computed; and what is varied follows its law."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

PANEL = {"first": {"rules": 3, "take-up": 1, "market": 1}, "second": {"rules": 1, "take-up": 2, "market": 1}}

DOUBTS = {
    "weights within": ei.Doubt(weights=ei.within(0.4)),
    "weights of one node": ei.Doubt(weights={"top": ei.simplex()}),
    "weights, others fixed": ei.Doubt(weights={"*": ei.simplex(), "rules": None}),
    "weights dirichlet": ei.Doubt(weights=ei.dirichlet(20)),
    "weights dirichlet alpha": ei.Doubt(weights={"top": ei.dirichlet(alpha={"rules": 3, "take-up": 1, "market": 0.5})}),
    "weights between": ei.Doubt(weights={"top": ei.between({"rules": 0.2}, 0.6)}),
    "weights in order": ei.Doubt(weights={"top": ei.ordered("rules", "market")}),
    "weights on conditions": ei.Doubt(weights={"top": ei.conditions("rules >= 2 * market", "take-up <= 0.5")}),
    "weights of experts": ei.Doubt(weights={"top": ei.experts(PANEL)}),
    "weights of one expert": ei.Doubt(weights={"top": ei.experts(PANEL, take="one")}),
    "schemes": ei.Doubt(
        weights=[{"top": {"rules": 1, "take-up": 1, "market": 1}}, {"market": {"price": 0, "speed": 1}}]
    ),
    "a line": ei.Doubt(points={"status.drafted": (0.25, 0.75)}),
    "two lines": ei.Doubt(
        points={"status.drafted": ei.triangular(0.2, 0.5, 0.8), "status.planned": ei.normal(0.25, 0.1, 0, 0.5)}
    ),
    "numbers to choose": ei.Doubt(points={"status.drafted": [0, 0.5, 1]}),
    "a policy to choose": ei.Doubt(points={"indicators.users.points.missing": ["skip", "mean", 0]}),
    "a monotone map": ei.Doubt(points={"status": ei.monotone()}),
    "a kind of nothing": ei.Doubt(nothing={"unknown": ["skip", 0, 0.5]}),
    "rules": ei.Doubt(rules=["strict", "lenient"]),
    "rules together": ei.Doubt(rules=["strict", ("strict", "hopeful")]),
    "normalisers": ei.Doubt(normalise={"users": ["minmax", "zscore", "rank"]}),
    "a normaliser of all": ei.Doubt(normalise=["minmax 1 100", "zscore sample 10 2"]),
    "another step": ei.Doubt(steps=["winsorise 1", "winsorise 4", "none"]),
    "aggregates": ei.Doubt(aggregate={"top": ["mean", "geometric", "min"]}),
    "aggregates of all": ei.Doubt(aggregate=["mean", "harmonic"]),
    "errors": ei.Doubt(values={"users": ei.error(sd=5, low=0, high=100)}),
    "errors in shares": ei.Doubt(values={"*": ei.error(sd=0.1, relative=True)}),
    "rounding": ei.Doubt(values={"speed": ei.error(half_width=0.05)}),
    "left out": ei.Doubt(include=["law", "price", "take-up"]),
    "left out with chances": ei.Doubt(include={"law": 0.9, "market": 0.5, "rules": 0.3}),
    "one left out": ei.Doubt(include=ei.leave_one_out()),
    "left out of a need, with weights": ei.Doubt(weights=ei.simplex(), include=["law", "speed"]),
    "recipes": ei.Doubt(
        recipes={"market": {"as it is": {}, "product": {"nodes": {"market": {"aggregate": "product"}}}}}
    ),
    "several": ei.Doubt(
        weights={"top": ei.simplex()},
        points={"status.drafted": (0.25, 0.75)},
        nothing={"unknown": ["skip", 0]},
        rules=["strict", "lenient"],
        steps=["winsorise 1", "winsorise 3"],
        aggregate={"market": ["mean", "geometric"]},
        values={"users": ei.error(sd=3, low=0, high=100)},
        include={"plan": 0.5},
    ),
}


@pytest.mark.parametrize("learn", ["each_draw", "nominal"])
@pytest.mark.parametrize("name", DOUBTS)
def test_a_draw_is_the_index_that_it_names(index, data, name, learn):
    draws = ei.simulate(index, data, DOUBTS[name], n=24, rng=5, learn=learn)
    assert draws.learn == learn
    assert draws.good + len(draws.failed) == 24
    for draw in sorted(set(range(24)) - set(draws.failed.index))[:8]:
        if learn == "nominal" and any(label.startswith("values.") for label in draws.laws):
            continue  # the errors are in the data: limits learned from them are others
        result = draws.result_of(draw)
        np.testing.assert_allclose(draws.scores.loc[draw], result.scores["top"], rtol=0, atol=1e-13)
        np.testing.assert_array_equal(draws.ranks.loc[draw], result.ranks["top"])


@pytest.mark.parametrize("name", DOUBTS)
def test_settings_given_back_are_the_same_draws(index, data, name):
    draws = ei.simulate(index, data, DOUBTS[name], n=40, rng=6)
    settings = draws.settings(values=True)
    again = ei.simulate(index, data, DOUBTS[name], design=settings)
    pd.testing.assert_frame_equal(again.scores, draws.scores, check_exact=False, rtol=1e-13)
    pd.testing.assert_frame_equal(again.ranks, draws.ranks)
    pd.testing.assert_frame_equal(again.settings(values=True), settings, check_exact=False, rtol=1e-12)


@pytest.mark.parametrize("name", DOUBTS)
def test_every_doubt_moves_something(index, data, name):
    # negative control of the two tests above: they would hold of a doubt that does nothing
    draws = ei.simulate(index, data, DOUBTS[name], n=40, rng=7)
    assert draws.scores.std().max() > 1e-5
    assert len(draws.settings(values=True).drop_duplicates()) > 1


@pytest.mark.parametrize("name", DOUBTS)
def test_a_doubt_survives_its_file(index, data, name, tmp_path):
    path = tmp_path / "doubt.yaml"
    doubt = DOUBTS[name]
    doubt.save(path)
    read = ei.load_doubt(path)
    assert read == doubt
    assert read.to_yaml() == doubt.to_yaml()
    one, other = (ei.simulate(index, data, given, n=30, rng=8) for given in (doubt, path))
    pd.testing.assert_frame_equal(one.scores, other.scores)


# What is varied follows its law --------------------------------------------------------------------------------


def test_weights_keep_the_total_of_their_node(index, data):
    settings = ei.simulate(index, data, ei.Doubt(weights=ei.within(0.4)), n=500, rng=1).settings()
    nodes = {"top": 4.0, "rules": 4.0, "market": 3.0}
    for node, total in nodes.items():
        own = settings.filter(regex=rf"^weights\.{node}\.")
        np.testing.assert_allclose(own.sum(axis=1), total, rtol=1e-12)
    assert settings["weights.top.rules"].between(2 * 0.6, 2 * 1.4).all()


def test_a_declared_range_is_doubted_as_it_stands(index, data):
    draws = ei.simulate(index, data, ei.Doubt.declared(index), n=2000, rng=1)
    settings = draws.settings()
    assert settings["points.status.drafted"].between(0.2, 0.8).all()
    assert settings["points.status.drafted"].mean() == pytest.approx(0.5, abs=0.02)
    assert settings["weights.top.market"].between(0.5, 1.5).all()


def test_levels_keep_their_order(index, data):
    settings = ei.simulate(index, data, DOUBTS["a monotone map"], n=500, rng=1).settings()
    assert (settings["points.status.planned"] <= settings["points.status.drafted"]).all()
    # two uniform numbers in order: means a third and two thirds
    assert settings["points.status.planned"].mean() == pytest.approx(1 / 3, abs=0.04)
    assert settings["points.status.drafted"].mean() == pytest.approx(2 / 3, abs=0.04)


def test_chances_of_alternatives(index, data):
    doubt = ei.Doubt(rules=ei.choice("strict", "lenient", chances=[0.8, 0.2]), include={"law": 0.9})
    settings = ei.simulate(index, data, doubt, n=4000, rng=1).settings()
    assert (settings["rules"] == "strict").mean() == pytest.approx(0.8, abs=0.03)
    assert (settings["include.law"] == "in").mean() == pytest.approx(0.9, abs=0.02)


def test_errors_are_independent_and_stay_in_their_limits(index, data):
    doubt = ei.Doubt(values={"users": ei.error(sd=10, low=0, high=100)})
    settings = ei.simulate(index, data, doubt, n=1000, rng=1).settings(values=True)
    assert settings["values.users.T05"].isna().all()  # no number, no error
    known = settings.dropna(axis=1)
    assert known.shape[1] == 28
    assert known.min().min() >= 0
    assert known.max().max() <= 100
    assert not (known == 100).any().any()  # the law is cut, and nothing piles up at the limit
    correlation = np.corrcoef(known.to_numpy().T)
    assert np.abs(correlation - np.eye(28)).max() < 0.2
    middle = data.set_index("unit")["users"].between(40, 60)
    for unit in middle.index[middle]:
        own = settings[f"values.users.{unit}"]
        assert own.mean() == pytest.approx(data.set_index("unit")["users"][unit], abs=1.5)
        assert own.std() == pytest.approx(10, rel=0.1)


def test_a_column_may_say_how_large_the_error_of_each_is(index, data):
    table = data.assign(**{"users sd": np.where(data["unit"] == "T01", 9.0, 0.5)})
    doubt = ei.Doubt(values={"users": ei.error(sd="users sd")})
    settings = ei.simulate(index, table, doubt, n=1000, rng=1).settings(values=True)
    assert settings["values.users.T01"].std() == pytest.approx(9, rel=0.1)
    assert settings["values.users.T02"].std() == pytest.approx(0.5, rel=0.1)


def test_experts_are_resampled_as_a_panel(index, data):
    panel = {f"expert {at}": {"rules": 1 + at, "take-up": 5 - at, "market": 2} for at in range(5)}
    together = ei.simulate(index, data, ei.Doubt(weights={"top": ei.experts(panel)}), n=4000, rng=1).settings()
    one = ei.simulate(index, data, ei.Doubt(weights={"top": ei.experts(panel, take="one")}), n=4000, rng=1).settings()
    shares = np.array([1 + at for at in range(5)]) / 8 * 4
    assert together["weights.top.rules"].mean() == pytest.approx(shares.mean(), abs=0.05)
    assert together["weights.top.rules"].std() == pytest.approx(shares.std() / np.sqrt(5), rel=0.05)
    assert one["weights.top.rules"].std() == pytest.approx(shares.std(), rel=0.05)
    assert set(one["weights.top.rules"].round(9)) == set(shares.round(9))


def test_a_node_of_which_everything_is_left_out_is_left_out(index, data):
    doubt = ei.Doubt(include={"price": 0.5, "speed": 0.5})
    draws = ei.simulate(index, data, doubt, n=200, rng=1)
    settings = draws.settings()
    gone = (settings[["include.price", "include.speed"]] == "out").all(axis=1)
    assert gone.any()
    without = ei.compute(index.with_weights({"top": {"rules": 2, "take-up": 1, "market": 0}}), data)
    np.testing.assert_allclose(draws.scores[gone].iloc[0], without.scores["top"], rtol=1e-12)


def test_an_index_of_which_nothing_is_left_is_told(index, data):
    alone = {"top": {"rules": 1, "take-up": 0, "market": 0}}
    doubt = ei.Doubt(weights=[alone, {"top": {"rules": 1, "take-up": 1, "market": 1}}], include={"rules": 0.5})
    draws = ei.simulate(index, data, doubt, n=200, rng=1)
    settings = draws.settings()
    nothing = (settings["weights"] == "set 1") & (settings["include.rules"] == "out")
    assert draws.failed.index.tolist() == settings.index[nothing].tolist()
    assert (draws.failed["reason"] == "nothing is left: every record below the node is left out").all()
    assert draws.good == 200 - nothing.sum()
    assert "draws failed, see .failed" in repr(draws)


def test_a_wider_doubt_about_a_node_of_another_recipe_is_told(index, data):
    doubt = ei.Doubt(
        weights={"market": ei.simplex()},
        recipes={"speed": {"as it is": {}, "no speed": {"nodes": {"market": {"of": {"price": 1, "users": 1}}}}}},
    )
    draws = ei.simulate(index, data, doubt, n=60, rng=1)
    assert 0 < draws.good < 60
    assert "under this recipe its children are price, users" in draws.failed["reason"].iloc[0]
    assert set(draws.failed["recipes.speed"]) == {"no speed"}


def test_weights_and_what_is_left_out_go_together_where_leaving_out_is_not_a_weight_of_zero(index, data):
    # a node that needs all its children has others without them: the recipe is another, the weights are the rest
    spec = index.with_(nodes={"market": {"need": "100%"}, "rules": {"aggregate": "min"}})
    doubt = ei.Doubt(weights={"market": ei.simplex(), "top": ei.simplex()}, include=["speed", "law"])
    draws = ei.simulate(spec, data, doubt, n=60, rng=1)
    assert draws.good == 60
    settings = draws.settings()
    out = (settings["include.speed"] == "out") & (settings["include.law"] == "out")
    assert out.any()
    for draw in settings.index[out][:5]:
        assert draws.index(draw).tree.branches["market"].children == ("price",)
        result = draws.result_of(draw)
        np.testing.assert_allclose(draws.scores.loc[draw], result.scores["top"], rtol=1e-12)
