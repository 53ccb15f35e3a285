"""An index as a linear function of what categories earn: equal to the evaluator under every monotone coding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.kernels.rank import competition_ranks
from egovindex.robustness.codingforms import coding_form
from tests.properties.drawn import index_of

LEVELS = ("no", "planned", "drafted", "yes")


def drawn(rng, form, draws):
    """Points of each map that keep their order, and the mixtures that they are."""
    points, mixtures = [], []
    for scale in form.scales:
        heights = np.sort(rng.uniform(0, 1, (draws, scale.steps - 1)), axis=1)
        heights[rng.random(draws) < 0.3] = np.round(heights[rng.random(draws) < 0.3][:1])  # some at the ends
        points.append(scale.low + (scale.high - scale.low) * heights)
        ends = np.zeros((draws, 1)), np.ones((draws, 1))
        mixtures.append(np.diff(np.hstack([ends[0], heights, ends[1]]), axis=1))
    return points, mixtures


def two_maps() -> ei.Index:
    return index_of(
        {
            "points": {
                "status": {"yes": 1, "drafted": 0.5, "planned": 0.25, "no": 0},
                "reach": {"all": 10, "many": 7, "few": 2, "none": 1},
            },
            "indicators": {"a, b": {"points": "status"}, "c": {"points": "reach"}, "d": {}},
            "nodes": {"top": {"of": {"mid": 2, "c": 1, "d": 1}}, "mid": {"of": ["a", "b"]}},
        }
    )


def two_maps_data(rng, n=8) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit": [f"U{at}" for at in range(n)],
            "a": rng.choice(LEVELS, n),
            "b": rng.choice(LEVELS, n),
            "c": rng.choice(["all", "many", "few", "none"], n),
            "d": rng.uniform(size=n),
        }
    )


def test_scores_of_any_coding_are_mixtures(answers):
    rng = np.random.default_rng(90)
    form = coding_form(answers(rng.choice(LEVELS, (6, 4))), "status")
    assert form.scales[0].between == ("planned", "drafted")
    _, (mixture,) = drawn(rng, form, 30)
    np.testing.assert_allclose(mixture @ form.x.T, form.evaluated(mixture), atol=1e-12)
    np.testing.assert_allclose(form.scores, form.result.scores["top"].to_numpy(), atol=1e-12)
    assert form.shares.tolist() == pytest.approx([0.25, 0.25, 0.5])
    assert form.table_of(form.shares) == {"status": pytest.approx({"planned": 0.25, "drafted": 0.5})}
    assert len(form.labels) == 3


def test_several_maps_at_once():
    rng = np.random.default_rng(91)
    index, data = two_maps(), two_maps_data(rng)
    form = coding_form(ei.compute(index, data), ["status", "reach"])
    points, mixtures = drawn(rng, form, 12)
    shares = np.hstack([np.full((12, 2), 0.5), *mixtures])
    linear = 0.5 * np.hstack(mixtures) @ form.x.T
    np.testing.assert_allclose(linear, form.evaluated(shares), atol=1e-12)
    for at in range(6):
        lines = {
            ("points", scale.name, name): float(value)
            for scale, of in zip(form.scales, points, strict=True)
            for name, value in zip(scale.between, of[at], strict=True)
        }
        again = ei.compute(index.with_points(lines), data).scores["top"].loc[list(form.units)]
        np.testing.assert_allclose(again, linear[at], atol=1e-12)


def test_ranges_over_two_maps_hold_every_draw_and_are_reached():
    rng = np.random.default_rng(92)
    index, data = two_maps(), two_maps_data(rng)
    result = ei.compute(index, data)
    for maps in ("status", ["status", "reach"]):
        ranges = ei.rank_range(result, points=maps)
        form = ranges.form
        _, mixtures = drawn(rng, form, 800)
        head = [] if len(mixtures) == 1 else [np.full((800, 2), 0.5)]
        ranks = competition_ranks(form.evaluated(np.hstack([*head, *mixtures])))
        assert (ranks.min(axis=0) >= ranges.best).all()
        assert (ranks.max(axis=0) <= ranges.worst).all()
        assert ranges.exact.all()
        for unit in form.units[:3]:
            for end in ("best", "worst"):
                lines = {
                    ("points", name, category): value
                    for name, of in ranges.certificate(unit, end).items()
                    for category, value in of.items()
                }
                again = ei.compute(index.with_points(lines), data).scores["top"]
                found = competition_ranks(again.to_numpy(), tolerance=1e-8)[list(again.index).index(unit)]
                assert found == ranges.of(unit)[end]


def test_draws_of_monotone_points_lie_inside(answers):
    rng = np.random.default_rng(93)
    table = rng.choice(LEVELS, (9, 5))
    result = answers(table)
    data = pd.DataFrame(table, columns=list("abcde")).assign(unit=[f"U{at}" for at in range(9)])
    ranges = ei.rank_range(result, points="status").table
    draws = ei.simulate(result.index, data, ei.Doubt(points={"status": ei.monotone()}), 500, learn="nominal", rng=1)
    sampled = draws.ranks[ranges.index]
    assert (sampled.min() >= ranges["best"]).all()
    assert (sampled.max() <= ranges["worst"]).all()


def test_an_order_that_points_do_not_say_is_asked_for(answers):
    rng = np.random.default_rng(94)
    points = {"status": {"yes": 1, "drafted": 0, "planned": 0, "no": 0}}
    result = answers(rng.choice(LEVELS, (6, 4)), points=points)
    with pytest.raises(ei.MethodError) as caught:
        ei.dominance(result, points="status")
    message = str(caught.value)
    assert "earn the same, so that the points say no order" in message
    assert "points={'status': [" in message
    form = coding_form(result, {"status": list(LEVELS)})
    assert form.scales[0].between == ("planned", "drafted")
    np.testing.assert_allclose(form.shares, [0, 0, 1])
    _, (mixture,) = drawn(rng, form, 20)
    np.testing.assert_allclose(mixture @ form.x.T, form.evaluated(mixture), atol=1e-12)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (["no", "planned", "yes"], "drafted missing"),
        (["no", "planed", "drafted", "yes"], '"planed" is no category of it; did you mean "planned"?'),
        (["no", "drafted", "planned", "yes"], "planned below drafted"),
    ],
)
def test_an_order_that_does_not_fit_is_refused(answers, order, said):
    with pytest.raises(ei.MethodError) as caught:
        ei.dominance(answers([["yes", "no"], ["no", "planned"]]), points={"status": order})
    assert said in str(caught.value)


def test_what_has_no_coding_is_refused(answers):
    result = answers([["yes", "no"], ["no", "planned"]])
    with pytest.raises(ei.MethodError) as caught:
        coding_form(result, ["statu", "reach"])
    assert 'there is no map of points "statu"; did you mean "status"?' in str(caught.value)
    assert 'no map of points "reach"' in str(caught.value)
    with pytest.raises(ei.MethodError, match="name a map of points"):
        coding_form(result, [])
    two = answers([["yes", "no"], ["no", "yes"]], points={"status": {"yes": 1, "no": 0}})
    with pytest.raises(ei.MethodError, match="nothing lies between the lowest and the highest"):
        coding_form(two, "status")


def test_nodes_that_are_not_linear_in_points_are_refused():
    index = index_of(
        {
            "points": {"status": {"yes": 1, "drafted": 0.5, "no": 0.1}},
            "indicators": {"a, b": {"points": "status"}},
            "nodes": {"top": {"of": ["a", "b"], "aggregate": "geometric"}},
        }
    )
    data = pd.DataFrame({"unit": ["U0", "U1"], "a": ["yes", "no"], "b": ["drafted", "yes"]})
    with pytest.raises(ei.MethodError) as caught:
        coding_form(ei.compute(index, data), "status")
    assert "top is not linear in points" in str(caught.value)
    assert "simulate" in str(caught.value)


def test_categories_that_nobody_has_and_skipped_ones(answers):
    index = index_of(
        {
            "nothing": {"unknown": "skip"},
            "answers": {"status": {"yes": ["Y"], "drafted": ["D"], "planned": ["P"], "no": ["N"]}},
            "points": {"status": {"yes": 1, "drafted": 0.5, "planned": 0.25, "no": 0}},
            "indicators": {"a, b": {"points": "status"}},
            "nodes": {"top": {"of": ["a", "b"]}},
        }
    )
    data = pd.DataFrame({"unit": ["U0", "U1", "U2"], "a": ["yes", "no", "unknown"], "b": ["drafted", "yes", "no"]})
    result = ei.compute(index, data)
    form = coding_form(result, "status")
    _, (mixture,) = drawn(np.random.default_rng(95), form, 20)
    # what is skipped is skipped under every coding
    np.testing.assert_allclose(mixture @ form.x.T, form.evaluated(mixture), atol=1e-12)
    assert ei.dominance(result, points="status").necessary.loc["U0", "U2"]
