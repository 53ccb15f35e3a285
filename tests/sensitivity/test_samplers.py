"""Samplers of weights: where they draw, the ends they tell, and the method that they name."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import egovindex as ei
from egovindex.sensitivity.samplers import Sampler
from egovindex.sensitivity.weightlaws import Edges, WeightLaw
from egovindex.streams import named_generator

NODE = Edges("N", ("a", "b", "c"), np.array([2.0, 1.0, 1.0]))
EXACT = "independent draws, exact"
LAWS = {
    "within": ei.within(0.5),
    "between": ei.between({"a": 0.25}, 0.5),
    "simplex": ei.simplex(),
    "dirichlet": ei.dirichlet(10),
    "experts": ei.experts({"x": {"a": 1, "b": 2, "c": 1}, "y": {"a": 3, "b": 1, "c": 1}}),
    "one expert": ei.experts({"x": {"a": 1, "b": 2, "c": 1}, "y": {"a": 3, "b": 1, "c": 1}}, take="one"),
    "in order": ei.ordered("b", "a"),
    "some kept": ei.conditions("a >= 2 * b"),
    "walk": ei.conditions("a >= 0.9"),
}


def rng():
    return np.random.default_rng(1)


def drawn(law, draws: int = 4000, edges: Edges = NODE) -> np.ndarray:
    return law.sampler(edges).draw(rng(), draws)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("draws", [1, 2, 700])
def test_as_many_as_asked_that_keep_the_total(name, draws):
    found = drawn(LAWS[name], draws)
    assert found.shape == (draws, 3)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found.sum(axis=1), 4, rtol=1e-12)
    assert (found > -1e-12).all()


@pytest.mark.parametrize("name", LAWS)
def test_single_precision(name):
    found = LAWS[name].sampler(NODE).draw(rng(), 300, np.float32)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.sum(axis=1), 4, rtol=1e-5)


@pytest.mark.parametrize("name", ["within", "between", "simplex", "dirichlet", "experts", "one expert", "in order"])
def test_out_of_uniform_numbers_the_law_is_the_same(name):
    sampler = LAWS[name].sampler(NODE)
    assert sampler.uniforms > 0
    uniform = np.random.default_rng(2).random((8000, sampler.uniforms))
    made, found = sampler.at(uniform), sampler.draw(rng(), 8000)
    np.testing.assert_allclose(made.sum(axis=1), 4, rtol=1e-12)
    np.testing.assert_allclose(made.mean(axis=0), found.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(made.std(axis=0), found.std(axis=0), atol=0.05)
    np.testing.assert_array_equal(made, sampler.at(uniform))


# --- between limits


@pytest.mark.parametrize(
    ("law", "ends"),
    [
        (ei.within(0.5), [[1, 3], [0.5, 1.5], [0.5, 1.5]]),
        (ei.between({"a": 0.5}, 1), [[2, 4], [0, 2], [0, 2]]),
        (ei.between(0, {"b": 0.25, "c": 0.125}), [[2.5, 4], [0, 1], [0, 0.5]]),
        (ei.between({"a": 0.25, "b": 0.25}, {"a": 0.75, "c": 0.25}), [[1, 3], [1, 3], [0, 1]]),
    ],
)
def test_ends_of_a_box_are_those_that_the_others_leave(law, ends):
    for level in (0.5, 0.9):
        np.testing.assert_allclose(law.sampler(NODE).ends(level), ends, atol=1e-12)
    found = drawn(law)
    for column, (low, high) in zip(found.T, ends, strict=True):
        assert low - 1e-12 <= column.min() < low + 0.05 * 4
        assert high - 0.05 * 4 < column.max() <= high + 1e-12


# --- Dirichlet


def test_ends_of_a_uniform_law_are_quantiles_of_its_shares():
    # a share of three is Beta(1, 2), whose quantile is 1 - sqrt(1 - q)
    expected = 4 * (1 - np.sqrt(1 - np.array([0.1, 0.9])))
    np.testing.assert_allclose(ei.simplex().sampler(NODE).ends(0.8), [expected] * 3, rtol=1e-9)


def test_ends_of_a_dirichlet_law():
    found = ei.dirichlet(20).sampler(NODE).ends(0.9)
    np.testing.assert_allclose(found[0], 4 * stats.beta.ppf([0.05, 0.95], 10, 10), rtol=1e-9)
    np.testing.assert_allclose(found[1], 4 * stats.beta.ppf([0.05, 0.95], 5, 15), rtol=1e-9)
    own = ei.dirichlet(alpha={"a": 3, "b": 2, "c": 1}).sampler(NODE).ends(0.9)
    np.testing.assert_allclose(own[2], 4 * stats.beta.ppf([0.05, 0.95], 1, 5), rtol=1e-9)
    small = ei.dirichlet(alpha={"a": 0.5, "b": 0.25, "c": 1}).sampler(NODE).ends(0.9)
    np.testing.assert_allclose(small[0], 4 * stats.beta.ppf([0.05, 0.95], 0.5, 1.25), rtol=1e-9)


def test_a_dirichlet_law_spreads_as_its_concentration_says():
    found = drawn(ei.dirichlet(20), 20_000) / 4
    for column, mean in zip(found.T, (0.5, 0.25, 0.25), strict=True):
        assert column.mean() == pytest.approx(mean, abs=0.01)
        assert column.std() == pytest.approx(np.sqrt(mean * (1 - mean) / 21), rel=0.03)


def test_a_child_of_no_weight_stays_without():
    edges = Edges("N", ("a", "b", "c"), np.array([3.0, 0.0, 1.0]))
    sampler = ei.dirichlet(8).sampler(edges)
    assert sampler.uniforms == 2
    assert (sampler.draw(rng(), 50)[:, 1] == 0).all()
    assert (sampler.at(np.full((1, 2), 0.4))[:, 1] == 0).all()
    np.testing.assert_allclose(sampler.ends(0.9)[1], 0)
    np.testing.assert_allclose(sampler.ends(0.9)[0], 4 * stats.beta.ppf([0.05, 0.95], 6, 2), rtol=1e-9)


def test_of_one_child_with_weight_everything_is_its_own():
    edges = Edges("N", ("a", "b"), np.array([3.0, 0.0]))
    found = ei.dirichlet(8).sampler(edges)
    np.testing.assert_allclose(found.ends(0.9), [[3, 3], [0, 0]], atol=1e-9)
    np.testing.assert_allclose(found.draw(rng(), 5), [[3, 0]] * 5)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_where_only_ratios_matter_draws_are_told_as_shares_of_the_total(dtype):
    loose = Edges("N", NODE.children, NODE.weights, loose=True)
    sampler = ei.simplex().sampler(loose)
    raw = sampler.draw(rng(), 200, dtype)
    assert np.abs(raw.sum(axis=1) - 4).max() > 0.1
    told = sampler.scaled(raw.copy())
    assert told.dtype == np.float64
    np.testing.assert_allclose(told.sum(axis=1), 4, rtol=1e-12)
    np.testing.assert_allclose(told[:, 0] / told[:, 1], raw[:, 0].astype(float) / raw[:, 1], rtol=1e-6)
    strict = ei.simplex().sampler(NODE)
    np.testing.assert_array_equal(strict.scaled(raw), raw)
    np.testing.assert_allclose(sampler.at(np.full((2, 3), 0.3)).sum(axis=1), 4)
    np.testing.assert_allclose(sampler.ends(0.8), strict.ends(0.8))


# --- experts

PANEL = ei.experts({f"e{at}": {"a": 1 + at, "b": 2 - at, "c": 1} for at in range(3)})  # a has 1, 2, 3 of 4


def test_uniform_numbers_say_which_experts_are_asked():
    sampler = PANEL.sampler(NODE)
    assert sampler.uniforms == 3
    made = sampler.at(np.array([[0.1, 0.5, 0.9], [0.1, 0.2, 0.9], [0.0, 0.32, 1.0], [0.7, 0.8, 0.9]]))
    np.testing.assert_allclose(made[:, 0], [2, 5 / 3, 5 / 3, 3])
    np.testing.assert_allclose(made[:, 2], 1)


def test_one_expert_takes_one_uniform_number():
    table = {f"e{at}": {"a": 1 + at, "b": 2 - at, "c": 1} for at in range(3)}
    sampler = ei.experts(table, take="one").sampler(NODE)
    assert sampler.uniforms == 1
    np.testing.assert_allclose(sampler.at(np.array([[0.1], [0.4], [0.67], [1.0]]))[:, 0], [1, 2, 3, 3])


def test_ends_of_what_has_no_form_are_quantiles_of_draws():
    # ten experts: at the level 1/2 the ends are those of the third and the eighth
    table = {f"e{at}": {"a": 1 + at, "b": 19 - at, "c": 20} for at in range(10)}
    found = ei.experts(table, take="one").sampler(NODE)
    ends = found.ends(0.5)
    np.testing.assert_allclose(ends, [[0.3, 0.8], [1.2, 1.7], [2, 2]], atol=1e-12)
    np.testing.assert_array_equal(found.ends(0.5), ends)


def test_ends_are_the_same_in_every_run():
    sampler = LAWS["some kept"].sampler(NODE)
    draws = sampler.draw(named_generator("ends"), 4096)
    np.testing.assert_allclose(sampler.ends(0.8), np.quantile(draws, [0.1, 0.9], axis=0).T, rtol=1e-12)


def test_a_sampler_says_that_it_is_exact():
    for name in ("within", "simplex", "experts"):
        assert LAWS[name].sampler(NODE).diagnostics == {"method": EXACT}
    assert Sampler().at(np.zeros((1, 0))) is None
    assert Sampler().uniforms == 0
    with pytest.raises(NotImplementedError):
        Sampler().draw(rng(), 1)
    with pytest.raises(NotImplementedError):
        WeightLaw().sampler(NODE)


# --- conditions

FOUR = Edges("N", ("a", "b", "c", "d"), np.array([2.0, 1.0, 1.0, 4.0]))
ORDERS = {
    "an order": ei.ordered("c", "a", "b"),
    "two orders": ei.conditions("a >= b", "c >= d"),
    "the same in other words": ei.conditions("3 * a >= 3 * b", "b - c >= 0"),
    "said twice": ei.conditions("a >= b", "a >= b"),
    "limits of all": ei.ordered("b", "a", low=0.1, high=0.6),
    "limits that are the widest": ei.ordered("b", "a", low={"b": 0}, high={"b": 1}),
    "other limits of others": ei.ordered("b", "a", low={"c": 0.1}, high={"d": 0.5}),
}
NO_ORDERS = {
    "a number": ei.conditions("a >= b + 0.1"),
    "a factor": ei.conditions("a >= 2 * b"),
    "a sum above": ei.conditions("a + b >= c"),
    "a sum below": ei.conditions("a >= b + c"),
    "two below one": ei.conditions("a >= b", "a >= c"),
    "two above one": ei.conditions("a >= c", "b >= c"),
    "lower limits differ": ei.ordered("a", "b", low={"a": 0.1}),
    "upper limits differ": ei.ordered("a", "b", high={"a": 0.6}),
    "limits of the second order differ": ei.conditions("a >= b", "c >= d", low={"d": 0.05}),
}


def shares_fulfil(law, shares: np.ndarray) -> np.ndarray:
    names = dict(zip(FOUR.children, shares.T, strict=True))
    said = [sentence.replace(" >= ", " - (") + ") >= -1e-9" for sentence in law.sentences]
    return np.all([eval(one, {"__builtins__": {}}, names) for one in said], axis=0)


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_between_equals_is_drawn_in_order(name):
    law = ORDERS[name]
    sampler = law.sampler(FOUR)
    assert sampler.diagnostics == {"method": EXACT, "kept": 1.0}
    assert sampler.uniforms == 3
    for found in (sampler.draw(rng(), 500), sampler.at(rng().random((500, 3)))):
        np.testing.assert_allclose(found.sum(axis=1), 8, rtol=1e-12)
        assert shares_fulfil(law, found / 8).all()


@pytest.mark.parametrize("name", NO_ORDERS)
def test_other_conditions_are_drawn_by_throwing_away(name):
    law = NO_ORDERS[name]
    sampler = law.sampler(FOUR)
    assert sampler.uniforms == 0
    assert sampler.at(rng().random((4, 3))) is None
    assert sampler.diagnostics["method"] == EXACT
    found = sampler.draw(rng(), 900)
    assert shares_fulfil(law, found / 8).all()
    # the same as throwing away by hand
    free = stats.dirichlet.rvs(np.ones(4), 60_000, random_state=rng())
    low, high = (
        np.array([dict(limit).get(child, default) if isinstance(limit, tuple) else limit for child in FOUR.children])
        for limit, default in ((law.low, 0), (law.high, 1))
    )
    kept = free[shares_fulfil(law, free) & (free >= low).all(axis=1) & (free <= high).all(axis=1)]
    np.testing.assert_allclose(found.mean(axis=0) / 8, kept.mean(axis=0), atol=0.03)


def test_the_share_that_is_kept():
    # on the simplex a / (a + b) is uniform, and 2 / 3 of it or more is a third
    sampler = LAWS["some kept"].sampler(NODE)
    assert sampler.diagnostics["kept"] == pytest.approx(1 / 3, abs=0.03)
    assert drawn(LAWS["some kept"], 6000)[:, 0].mean() / 4 == pytest.approx(2 / 3 * 5 / 6, abs=0.01)


def test_where_hardly_any_draw_is_kept_a_walk_is_taken():
    sampler = LAWS["walk"].sampler(NODE)
    told = sampler.diagnostics
    assert set(told) == {"method", "steps", "correlation", "r_hat"}
    assert told["method"] == "hit-and-run"
    assert told["steps"] >= 1
    assert abs(told["correlation"]) < 0.1
    assert told["r_hat"] == pytest.approx(1, abs=0.05)
    found = sampler.draw(rng(), 3000) / 4
    assert (found[:, 0] >= 0.9 - 1e-12).all()
    np.testing.assert_allclose(found.mean(axis=0), [0.9 + 0.1 / 3, 0.1 / 3, 0.1 / 3], atol=0.003)


def test_a_walk_keeps_the_limits():
    law = ei.conditions("a >= 0.965", low={"b": 0.02}, high={"c": 0.01})
    sampler = law.sampler(NODE)
    assert sampler.diagnostics["method"] == "hit-and-run"
    a, b, c = sampler.draw(rng(), 2000).T / 4
    assert 0.965 - 1e-12 <= a.min() < 0.9655
    assert 0.02 - 1e-12 <= b.min() < 0.0205
    assert 0.0095 < c.max() <= 0.01 + 1e-12
    # c is between 0 and 0.01, and b between 0.02 and 0.035 - c
    grid = np.linspace(0, 0.01, 1001)
    assert c.mean() == pytest.approx((grid * (0.015 - grid)).sum() / (0.015 - grid).sum(), rel=0.05)


def test_a_walk_beside_a_child_that_is_fixed():
    law = ei.conditions("a >= 0.9 * d", "b <= 0.06 * d", low={"d": 0.5}, high={"d": 0.5})
    sampler = law.sampler(FOUR)
    assert sampler.diagnostics["method"] == "hit-and-run"
    found = sampler.draw(rng(), 2000) / 8
    np.testing.assert_allclose(found[:, 3], 0.5, atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-12)
    assert (found[:, 0] >= 0.45 - 1e-12).all()
    # a, b, c add up to 1/2: b and c lie in the triangle b + c <= 0.05, cut at b <= 0.03
    b = np.linspace(0, 0.03, 1001)
    assert found[:, 1].mean() == pytest.approx((b * (0.05 - b)).sum() / (0.05 - b).sum(), abs=0.001)


@pytest.mark.parametrize("edge", [("a >= b", "b >= a"), ("a >= b", "b >= c", "c >= a"), ("d >= c", "a >= b", "b >= a")])
def test_an_order_that_goes_round_is_refused(edge):
    with pytest.raises(ei.MethodError, match="leave no room: they hold with equality wherever they hold"):
        ei.conditions(*edge).sampler(FOUR)


def test_a_trial_is_the_same_in_every_run():
    one, other = (LAWS["some kept"].sampler(NODE) for _ in range(2))
    assert one.diagnostics == other.diagnostics
    assert named_generator("x").random() == named_generator("x").random()
