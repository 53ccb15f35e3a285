"""Scores of 1e-300 and of 1e300 are those of 1, times a number; what cannot be written is refused by name.

The tables are multiplied with powers of two, which take no digit off: results must be the same to the last bit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.kernels.aggregate import AGGREGATES, mean_of_matrix, pooled
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.sobol import indices, moments
from egovindex.kernels.steps import kurtosis, skewness
from tests.numerics.cases import EXPONENTS, NUMBERS, index, table
from tests.properties.drawn import index_of

FREE = ("zscore", "zscore sample", "minmax", "minmax 0 100", "rank")
SCALING = ("distance median", "winsorise 3", "top 2", "bottom 2", "times 0.5", "out_of 4")
OF_ONE_SIZE = ("mean", "pool", "geometric", "harmonic", "min", "max", "ladder")


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("step", FREE)
def test_a_step_that_takes_the_size_away(step, exponent):
    expected = ei.compute(index(steps=[step]), table()).indicators
    found = ei.compute(index(steps=[step]), table(exponent)).indicators
    assert (found.to_numpy() == expected.to_numpy()).all()


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("step", SCALING)
def test_a_step_that_keeps_the_size(step, exponent):
    expected = ei.compute(index(steps=[step]), table()).indicators.to_numpy()
    found = ei.compute(index(steps=[step]), table(exponent)).indicators.to_numpy()
    assert (found == np.ldexp(expected, exponent)).all()


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_winsorise_finds_the_same_outlier(exponent):
    numbers = NUMBERS.copy()
    numbers[5, 0] = 40.0
    expected = ei.compute(index(steps=["winsorise 2"]), table(0, numbers)).indicators.to_numpy()
    assert expected[5, 0] < 1.0
    found = ei.compute(index(steps=["winsorise 2"]), table(exponent, numbers)).indicators.to_numpy()
    assert (found == np.ldexp(expected, exponent)).all()


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_skewness_and_kurtosis_have_no_unit(exponent):
    x = np.array([1.0, 2.0, 4.0, 8.0, 100.0])
    assert skewness(np.ldexp(x, exponent)) == skewness(x)
    assert kurtosis(np.ldexp(x, exponent)) == kurtosis(x)


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("aggregate", OF_ONE_SIZE)
def test_an_aggregate(aggregate, exponent):
    expected = ei.compute(index(aggregate=aggregate), table()).scores["top"].to_numpy()
    found = ei.compute(index(aggregate=aggregate), table(exponent)).scores["top"].to_numpy()
    if aggregate in ("geometric", "harmonic"):  # a logarithm of 1e300 has two digits less behind the point
        np.testing.assert_allclose(np.ldexp(found, -exponent), expected, rtol=4e-13)
    else:
        assert (np.ldexp(found, -exponent) == expected).all()


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("name", ["mean", "ladder", "geometric", "harmonic", "pool", "matrix"])
def test_only_ratios_of_weights_matter(name, batch, exponent):
    def value(weights):
        weights = np.tile(weights, (2, 1)) if batch else weights
        children = [(np.ldexp(column, exponent), None) for column in NUMBERS.T]
        if name == "matrix":
            return mean_of_matrix(np.stack([x for x, _ in children]), None, np.atleast_2d(weights))[0]
        if name == "pool":
            return pooled(children, [np.ones(1)] * 3, weights, 6)[0]
        return AGGREGATES[name](children, weights, 6)[0]

    weights = np.array([1.0, 2.0, 3.0])
    for power in (-996, -60, 60, 996):
        assert (value(np.ldexp(weights, power)) == value(weights)).all()


def test_weights_of_any_size_in_an_index():
    tiny = index(weights=(1e-300, 2e-300, 3e-300))
    expected = ei.compute(index(), table()).scores["top"].to_numpy()
    np.testing.assert_allclose(ei.compute(tiny, table()).scores["top"], expected, rtol=1e-15)
    np.testing.assert_allclose(np.ldexp(ei.compute(tiny, table(-515)).scores["top"], 515), expected, rtol=1e-15)


@pytest.mark.parametrize("step", ["times 10000000000", "grid 1000", "goalposts 0 1e-10"])
@pytest.mark.parametrize("after", [[], ["cap 1"], ["rank"]])
def test_a_step_beyond_every_number_is_refused_by_name(step, after):
    # a limit after it would hide that it was infinite
    with pytest.raises(ei.MethodError, match=rf'x: step "{step}": gives a number that is too large'):
        ei.compute(index(steps=[step, *after]), table(1023))


@pytest.mark.parametrize("aggregate", ["sum", "product"])
def test_a_score_beyond_every_number_is_refused_by_name(aggregate):
    with pytest.raises(ei.MethodError, match="top: its value is too large for a number"):
        ei.compute(index(aggregate=aggregate, weights=(3, 3, 3)), table(1023))


def test_a_harmonic_mean_without_an_inverse_is_refused_by_name():
    with pytest.raises(ei.MethodError, match=r"zero or at least 1e-307.*\(a, b, c, d, e, f\)"):
        ei.compute(index(aggregate="harmonic"), table(-1030))
    with pytest.raises(Refusal, match="inverse") as told:
        AGGREGATES["harmonic"]([(np.array([1e-310, 1.0]), None)], np.ones(1), 2)
    assert told.value.where.tolist() == [True, False]


def test_what_counts_for_nothing_needs_no_inverse():
    value, _ = AGGREGATES["harmonic"](
        [(np.array([1e-310, 1.0]), np.array([False, True])), (np.array([2.0, 1.0]), None)], np.ones(2), 2
    )
    assert value.tolist() == [2.0, 1.0]


# --- what is told of draws


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_draws_have_the_same_ranks_and_spread(exponent):
    doubt = ei.Doubt(weights=ei.within(0.3))
    expected = ei.simulate(index(), table(), doubt, n=200, rng=1)
    found = ei.simulate(index(), table(exponent), doubt, n=200, rng=1)
    assert found.rank_intervals().equals(expected.rank_intervals())
    np.testing.assert_allclose(np.ldexp(found.score_intervals(), -exponent), expected.score_intervals(), rtol=1e-13)
    assert (found.score_intervals()["sd"] > 0).all()


@pytest.mark.parametrize("exponent", [-996, -333, 0, 333, 996])
@pytest.mark.parametrize("estimator", ["saltelli", "jansen", "janon"])
def test_shares_of_variance_have_no_unit(estimator, exponent):
    a, b = np.random.default_rng(1).random((2, 64, 2))
    ab = np.stack([np.column_stack([b[:, 0], a[:, 1]]), np.column_stack([a[:, 0], b[:, 1]])], axis=1)

    def y(x):
        return np.ldexp(x @ np.array([[1.0, 0.0], [2.0, 3.0]]), exponent)

    found = indices(moments(y(a), y(b), y(ab), first=estimator), first=estimator)
    exponent_was, exponent = exponent, 0
    expected = indices(moments(y(a), y(b), y(ab), first=estimator), first=estimator)
    assert (found[0] == expected[0]).all()
    assert (found[1] == expected[1]).all()
    assert (found[2] > 0).all()  # not written as nothing
    assert np.isfinite(found[2]).all()
    if abs(exponent_was) < 500:
        assert (found[2] == np.ldexp(expected[2], 2 * exponent_was)).all()


def test_sobol_of_tiny_scores():
    doubt = ei.Doubt(weights=ei.within(0.3))
    expected = ei.sobol(index(), table(), doubt, n=64, rng=1, target="score")
    found = ei.sobol(index(), table(-996), doubt, n=64, rng=1, target="score")
    assert found.first.min() > 0.5
    assert (found.first == expected.first).all()
    assert (found.total == expected.total).all()


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_what_is_exact_has_no_unit(exponent):
    one, other = (ei.compute(index(), table(e)) for e in (0, exponent))
    within = ei.within(0.3)
    for told in (
        lambda r: ei.rank_range(r, weights=within).table[["best", "worst"]],
        lambda r: ei.rank_radius(r).table.select_dtypes("number"),
        lambda r: ei.weight_stability(r).intervals.select_dtypes("number"),
        lambda r: ei.swap_radius(r).table.select_dtypes("number"),
    ):
        np.testing.assert_allclose(told(other).to_numpy(float), told(one).to_numpy(float), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_contributions_add_up_and_keep_what_a_limit_took(exponent):
    limit = float(np.ldexp(0.3, exponent))
    result = ei.compute(index(node_steps=[f"cap {limit!r}"]), table(exponent))
    parts = np.ldexp(result.contributions("top"), -exponent)
    rest = parts.drop(columns="score")
    np.testing.assert_allclose(rest.sum(axis=1), parts["score"], rtol=1e-12)
    assert (rest["steps"] < -0.01).sum() == 4


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("by", ["profile", "score"])
def test_the_same_units_are_near(by, exponent):
    one, other = (ei.peers(ei.compute(index(), table(e)), "a", by=by) for e in (0, exponent))
    assert one.index.tolist() == other.index.tolist()
    np.testing.assert_allclose(other["distance"], one["distance"], rtol=1e-12)


# --- denormals


def test_denormals_are_scored_in_the_digits_they_have():
    result = ei.compute(index(), table(-1060))
    expected = np.ldexp(ei.compute(index(), table()).scores["top"].to_numpy(), -1060)
    assert np.abs(result.scores["top"].to_numpy() - expected).max() <= 4 * 5e-324


# --- what is told of scores
@pytest.mark.parametrize("exponent", EXPONENTS)
def test_what_moved_a_unit(exponent):
    def moved(exponent):
        numbers = NUMBERS.copy()
        numbers[0, 1] *= 9
        found = [ei.compute(index(), table(exponent, given)) for given in (NUMBERS, numbers)]
        return ei.compare(*found).moved[["through", "because"]]

    expected = moved(0)
    assert expected.loc["a"].to_list() == ["y", "data"]
    assert moved(exponent).equals(expected)


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_a_range(exponent):
    document = {
        "nothing": {"unknown": 0},
        "answers": {"s": {"yes": ["yes"], "no": ["no"]}},
        "points": {"p": {"yes": float(np.ldexp(1.0, exponent)), "no": 0}},
        "indicators": {"x": {"answers": "s", "points": "p"}},
        "nodes": {"top": {"of": {"x": 1}}},
    }
    form = index_of(document)
    data = pd.DataFrame({"unit": list("abcdef"), "x": ["unknown", "yes", "no", "no", "yes", "no"]})
    assert "top: 1 of 6 with a range; widest a" in repr(ei.bounds(form, data))


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_what_the_best_have_more(exponent):
    def gaps(exponent):
        return ei.explain(ei.compute(index(), table(exponent)), "a").table[["gap_to_best", "gap_to_group"]]

    assert gaps(0).to_numpy().all()
    pd.testing.assert_frame_equal(gaps(exponent) * 2.0**-exponent, gaps(0), rtol=1e-14, check_exact=False)


@pytest.mark.parametrize("exponent", [-996, -333])
def test_no_part_is_left_out_of_a_picture(exponent):
    pyplot = pytest.importorskip("matplotlib.pyplot")

    def bars(exponent):
        first, second = ei.compute(index(), table(exponent)), ei.compute(index(weights=(3, 2, 1)), table(exponent))
        pictures = (first.plot.contributions(), first.plot.waterfall("a"), first.plot.comparison_waterfall(second, "a"))
        found = [len(ax.patches) for ax in pictures]
        pyplot.close("all")
        return found

    assert bars(exponent) == bars(0)
