"""Probabilities under Dirichlet weights: fractions by hand, beta laws, exact rationals, two algorithms, draws."""

from __future__ import annotations

import csv
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.special import betaincc
from scipy.stats import beta

from egovindex.kernels import gammasums
from egovindex.kernels.gammasums import by_integral, by_recursion
from egovindex.kernels.rank import competition_ranks
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.winning import (
    expected_ranks,
    moments,
    rank_acceptability_two,
    reach_probability,
    win_matrix,
    win_probability,
)

# differences, their parameters, the probability and the reason for it
BY_HAND = [
    ((1, -1), (1, 1), 1 / 2, "symmetry"),
    ((2, -1), (1, 1), 2 / 3, "w1 above 1/3, w1 uniform"),
    ((1, -1, -2), (1, 1, 1), 1 / 6, "1/2 against the first, 1/3 against the second"),
    ((1, 1, -1), (1, 1, 1), 3 / 4, "w3 below 1/2: 1 - (1/2)^2"),
    ((1, -1), (2, 1), 3 / 4, "beta(2, 1): 1 - (1/2)^2"),
    ((1, -1), (3, 2), 11 / 16, "beta(3, 2): at least 2 heads of 4, 1 - 5/16"),
    ((1, 0, 0, -3), (1, 1, 1, 1), 1 / 4, "parts without a difference drop out: w1 / (w1 + w4) above 3/4"),
    ((0.5, 0.0), (0.3, 7.0), 1.0, "never behind, ahead somewhere"),
    ((-0.5, 0.0), (0.3, 7.0), 0.0, "never ahead"),
    ((0.0, 0.0), (1, 1), 0.0, "a tie is not a win"),
]


def one(d, alpha) -> float:
    return float(win_probability(np.array([d], dtype=float), np.array(alpha, dtype=float)).above[0])


@pytest.mark.parametrize(("d", "alpha", "expected", "why"), BY_HAND, ids=[row[3] for row in BY_HAND])
def test_fractions_by_hand(d, alpha, expected, why):
    assert one(d, alpha) == pytest.approx(expected, abs=1e-14), why


def test_the_fractions_of_the_file_by_both_algorithms(shared):
    rows = json.loads((shared / "data" / "exact" / "hand_checkable.json").read_text())
    for row in rows["pairwise_winning"]:
        d, alpha = np.array([row["d"]], dtype=float), np.array(row["alpha"], dtype=float)
        for way in (by_recursion, by_integral):
            assert way(d, alpha).above[0] == pytest.approx(row["P"], abs=1e-13)
    for row in rows["dirichlet_variance"]:
        mean, covariance = moments(np.array([row["x"]], dtype=float), np.array(row["alpha"], dtype=float))
        assert (mean[0], covariance[0, 0]) == pytest.approx((row["mean"], row["var"]), abs=1e-15)


# --- closed forms -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "alpha",
    [
        (1, 1),
        (0.01, 0.01),
        (0.01, 1),
        (1e-4, 3),
        (0.01, 0.02),
        (3e-4, 1e-4),
        (0.5, 0.5),
        (2.5, 1.2),
        (100.5, 30),
        (1e4, 1e4),
        (1e4, 0.01),
    ],
    ids=str,
)
def test_two_parts_are_a_beta_law(alpha):
    # d = (1 - t, -t): above 0 where w1 > t, in the middle, in both tails and where the law has its mass
    rng = np.random.default_rng(1)
    t = np.concatenate([rng.random(50), 10.0 ** -rng.uniform(1, 12, 20), beta.ppf(rng.random(30), *alpha)])
    t = t[(t > 1e-14) & (t < 1 - 1e-14)]
    found = win_probability(np.column_stack([1 - t, -t]), np.array(alpha, dtype=float))
    away = np.abs(found.above - betaincc(*alpha, t))
    assert (away <= found.error + 1e-13).all(), away.max()
    assert found.error.max() <= 1e-9


def test_many_equal_parts_are_a_beta_law_too():
    # 100 parts in two blocks: the sum of a block is one part, whatever the parameters inside it
    rng = np.random.default_rng(2)
    alpha = rng.uniform(0.05, 4, 100)
    d = np.where(np.arange(100) < 45, 0.7, -0.5)[None]
    expected = betaincc(alpha[:45].sum(), alpha[45:].sum(), 0.5 / 1.2)
    assert win_probability(d, alpha).above[0] == pytest.approx(expected, abs=1e-9)
    assert win_probability(-d, alpha).above[0] == pytest.approx(1 - expected, abs=1e-9)


def textbook(d: list[Fraction]) -> Fraction:
    """Sum over the positive ones of the product of a / (a - c) over all others: exact for distinct rationals."""
    return sum(
        (math.prod((a / (a - c) for c in d[:at] + d[at + 1 :]), start=Fraction(1)) for at, a in enumerate(d) if a > 0),
        Fraction(0),
    )


@pytest.mark.parametrize("k", [2, 3, 7, 30, 100])
def test_uniform_weights_against_exact_rationals(k):
    # in doubles the alternating sum of the textbook has lost every digit at 100 parts; in rationals it is exact
    rng = np.random.default_rng(k)
    rows = [rng.choice(np.setdiff1d(np.arange(-2000, 2000), [0]), k, replace=False) for _ in range(4)]
    rows.append(-np.abs(rows[0]))
    rows[-1][0] *= -1  # one above against all others
    found = win_probability(np.array(rows) / 2000, np.ones(k)).above
    for value, row in zip(found, rows, strict=True):
        exact = float(textbook([Fraction(int(number)) for number in row]))
        assert value == pytest.approx(exact, rel=1e-12, abs=0), "small probabilities keep their digits as well"


def test_rationals_say_that_the_alternating_sum_fails_in_doubles():
    d = np.random.default_rng(3).choice(np.arange(-500, 500), 100, replace=False) / 500
    others = d[:, None] - d[None]
    np.fill_diagonal(others, 1.0)
    with np.errstate(all="ignore"):
        naive = (d[:, None] / others * ~np.eye(100, dtype=bool) + np.eye(100)).prod(axis=1)[d > 0].sum()
    assert abs(naive - one(d, np.ones(100))) > 0.1


# --- two algorithms -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("k", [2, 3, 10, 100])
@pytest.mark.parametrize("kind", ["normal", "one-sided", "of every size", "three answers", "near ties"])
def test_recursion_and_integral_agree(k, kind):
    rng = np.random.default_rng(k)
    d = rng.normal(size=(150, k))
    if kind == "one-sided":
        d += 0.4
    if kind == "of every size":
        d *= 10.0 ** rng.uniform(-8, 0, d.shape)
    if kind == "three answers":
        d = rng.choice([-1.0, -0.5, 0.0, 0.5, 1.0], d.shape)
    if kind == "near ties":
        d = rng.choice([-1.0, 1.0], d.shape) + rng.normal(size=d.shape) * 1e-9
    d = d[(d > 0).any(axis=1) & (d < 0).any(axis=1)]
    for alpha in (np.ones(k), rng.integers(1, 4, k).astype(float), np.full(k, 5.0)):
        exact, integral = by_recursion(d, alpha), by_integral(d, alpha)
        away = np.abs(exact.above - integral.above)
        assert (away <= exact.error + integral.error + 1e-13).all(), away.max()
        assert integral.error.max() <= 1e-9


def test_the_error_is_no_less_than_it_says():
    # large and small parameters together, and differences that lean to one side: far from a normal law
    rng = np.random.default_rng(11)
    for trial in range(60):
        alpha = rng.choice([1.0, 2.0, 5.0, 50.0, 200.0], rng.integers(2, 10), p=[0.5, 0.2, 0.15, 0.1, 0.05])
        d = rng.normal(size=(40, len(alpha)))
        if trial % 2:
            d = np.where(d > 0, d * 10.0 ** rng.uniform(-4, 0), d)
        else:
            d -= rng.uniform(0.5, 1.5, (40, 1)) * (d @ alpha)[:, None] / alpha.sum()
        d = d[(d > 0).any(axis=1) & (d < 0).any(axis=1)]
        exact, integral = by_recursion(d, alpha), by_integral(d, alpha)
        assert (np.abs(exact.above - integral.above) <= exact.error + integral.error).all(), alpha
        assert integral.error.max() <= 1e-9


def test_equal_differences_taken_together_change_nothing(monkeypatch):
    rng = np.random.default_rng(4)
    d, alpha = rng.choice([-1.0, -0.25, 0.0, 0.5, 1.0], (200, 12)), rng.uniform(0.02, 6, 12)
    together = win_probability(d, alpha)
    monkeypatch.setattr(gammasums, "_MOST_GROUPED", 0)
    apart = win_probability(d, alpha)
    assert np.abs(together.above - apart.above).max() <= 2e-10


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(5)
    d, alpha = rng.normal(size=(301, 6)), rng.uniform(0.1, 3, 6)
    whole = [win_probability(d, alpha).above, win_probability(d, np.ones(6)).above]
    monkeypatch.setattr(gammasums, "_CELLS", 16 * 6 * 7)
    monkeypatch.setattr(gammasums, "_ROWS", 7)
    parts = [win_probability(d, alpha).above, win_probability(d, np.ones(6)).above]
    np.testing.assert_allclose(parts[0], whole[0], atol=2e-10)
    np.testing.assert_array_equal(parts[1], whole[1])


@pytest.mark.parametrize("alpha", [np.full(5, 0.3), np.array([0.01, 2.2, 40.0, 1.0, 0.5]), np.full(5, 1e4)], ids=str)
def test_draws_agree(alpha):
    rng = np.random.default_rng(6)
    d = rng.normal(size=(40, 5)) / np.sqrt(alpha)
    draws = 40_000
    seen = (rng.dirichlet(alpha, draws) @ d.T > 0).mean(axis=0)
    found = win_probability(d, alpha).above
    assert (np.abs(seen - found) <= 5 * np.sqrt(np.maximum(found * (1 - found), 1e-4) / draws)).all()


@pytest.mark.parametrize("alpha", [0.01, 0.7, 1.0, 33.3, 1e4])
def test_extreme_parameters_at_100_parts(alpha):
    # symmetric rows are even chances; a shift of three standard deviations is nearly certain where parts are many
    rng = np.random.default_rng(7)
    half = rng.normal(size=(20, 50))
    d, parameters = np.concatenate([half, -half], axis=1), np.full(100, alpha)
    found = win_probability(d, parameters)
    assert np.abs(found.above - 0.5).max() <= 1e-9
    shift = 3 * d.std() / np.sqrt(100 * alpha + 1)
    moved = win_probability(d + shift, parameters).above
    assert (moved > 0.5).all()
    if alpha > 1:
        assert np.abs(moved - 0.99865).max() < 0.004  # nearly normal: 0.99865 at 3 standard deviations


# --- properties ---------------------------------------------------------------------------------------------------
VALUES = st.one_of(st.sampled_from([0.0, -1.0, 1.0, 0.5]), st.floats(-10, 10).map(lambda v: round(v, 6)))
PARAMETERS = st.one_of(st.integers(1, 3).map(float), st.floats(0.01, 300))


@given(st.data(), st.integers(2, 8))
def test_sides_order_and_unit_of_measurement(data, k):
    d = data.draw(arrays.arrays(float, (3, k), elements=VALUES))
    alpha = data.draw(arrays.arrays(float, k, elements=PARAMETERS))
    found = win_probability(d, alpha).above
    tied = ~d.any(axis=1)
    np.testing.assert_allclose(found + win_probability(-d, alpha).above, np.where(tied, 0.0, 1.0), atol=1e-9)
    order = data.draw(st.permutations(range(k)))
    np.testing.assert_allclose(win_probability(d[:, order], alpha[order]).above, found, atol=1e-9)
    for unit in (1e-200, 1e-3, 1e200):
        np.testing.assert_allclose(win_probability(d * unit, alpha).above, found, atol=1e-9)
    # better in one part is never less likely above
    more = d.copy()
    more[:, data.draw(st.integers(0, k - 1))] += data.draw(st.floats(0.001, 3))
    assert (win_probability(more, alpha).above >= found - 1e-9).all()


@given(st.data(), st.integers(2, 6))
def test_a_part_may_be_split_and_an_empty_one_left_out(data, k):
    d = data.draw(arrays.arrays(float, (2, k), elements=VALUES))
    alpha = data.draw(arrays.arrays(float, k, elements=st.floats(0.05, 20)))
    found = win_probability(d, alpha).above
    split = np.concatenate([d, d[:, :1]], axis=1)
    parameters = np.concatenate([[alpha[0] * 0.3], alpha[1:], [alpha[0] * 0.7]])
    np.testing.assert_allclose(win_probability(split, parameters).above, found, atol=1e-9)
    without = np.concatenate([d, np.full((2, 1), -5.0)], axis=1)
    np.testing.assert_allclose(win_probability(without, np.append(alpha, 0.0)).above, found, atol=1e-9)


# --- matrices, ranks, thresholds ----------------------------------------------------------------------------------
def test_a_matrix_of_wins_and_its_ties():
    x = np.array([[1.0, 0.0, 0.3], [1.0 + 1e-15, 0.0, 0.3 - 1e-16], [0.0, 1.0, 0.3], [0.2, 0.0, 0.1]])
    found = win_matrix(x, np.array([1.5, 0.5, 2.0]))
    assert found.tied[:2, :2].all()
    assert found.tied.sum() == 6, "the first two with each other, and each with itself"
    assert found.above[0, 1] == found.above[1, 0] == 0
    assert (found.above[0, 3], found.above[3, 0]) == (1, 0)
    together = found.above + found.above.T
    np.testing.assert_allclose(together[~found.tied], 1.0, atol=1e-15)
    assert expected_ranks(found.above)[:2].tolist() == pytest.approx([1 + found.above[2, 0]] * 2)


def test_three_unit_vectors_share_the_ranks():
    found = win_matrix(np.eye(3), np.ones(3))
    np.testing.assert_allclose(found.above, (1 - np.eye(3)) / 2, atol=1e-15)
    np.testing.assert_allclose(expected_ranks(found.above), 2.0)


def test_expected_ranks_are_the_mean_of_drawn_ranks():
    rng = np.random.default_rng(8)
    x = rng.choice([0.0, 0.5, 1.0], (12, 4))
    x[3] = x[7]
    alpha, draws = np.array([0.4, 2.0, 1.0, 5.5]), 20_000
    ranks = competition_ranks(rng.dirichlet(alpha, draws) @ x.T)
    away = np.abs(ranks.mean(axis=0) - expected_ranks(win_matrix(x, alpha).above))
    assert (away <= 5 * ranks.std(axis=0) / np.sqrt(draws) + 1e-12).all()


def test_expected_ranks_of_the_technology_index(shared):
    with (shared / "data" / "tai" / "tai23_raw.csv").open() as lines:
        raw = list(csv.DictReader(lines))
    with (shared / "data" / "exact" / "tai23_minmax_equal_exact.csv").open() as lines:
        expected = {row["country"]: row for row in csv.DictReader(lines)}
    values = np.array([[float(value) for name, value in row.items() if name != "country"] for row in raw])
    x = (values - values.min(axis=0)) / (values.max(axis=0) - values.min(axis=0))
    rows = [expected[row["country"]] for row in raw]
    np.testing.assert_allclose(x.mean(axis=1), [float(row["score_minmax23_equal"]) for row in rows], atol=1e-11)
    known = [float(row["expected_rank_uniform"]) for row in rows]
    np.testing.assert_allclose(expected_ranks(win_matrix(x, np.ones(8)).above), known, rtol=1e-10)
    # and by the other way, with parameters that are one but for rounding
    np.testing.assert_allclose(expected_ranks(win_matrix(x, np.full(8, 1 + 1e-12)).above), known, rtol=1e-9)


def test_reaching_a_threshold():
    x = np.array([[0.0, 1.0], [0.75, 0.75], [0.2, 0.4], [0.75 * (1 - 1e-14), 0.75]])
    thresholds = np.array([0.25, 0.75])
    found, error = reach_probability(x, thresholds, np.array([2.0, 3.5]))
    assert found[0].tolist() == pytest.approx([1 - beta(3.5, 2).cdf(t) for t in thresholds], abs=1e-9)
    assert found[1].tolist() == [1, 1], "a score that is the threshold for certain reaches it"
    assert found[3].tolist() == [1, 1], "and so it does when only rounding is between"
    assert found[2, 0] == pytest.approx(1 - beta(3.5, 2).cdf(0.25), abs=1e-9)
    assert found[2, 1] == 0
    assert error.max() <= 1e-9


def test_moments_are_those_of_draws():
    rng = np.random.default_rng(9)
    x, alpha, draws = rng.normal(size=(4, 3)), np.array([0.5, 2.0, 6.0]), 100_000
    scores = rng.dirichlet(alpha, draws) @ x.T
    mean, covariance = moments(x, alpha)
    assert (np.abs(scores.mean(axis=0) - mean) <= 5 * np.sqrt(np.diag(covariance) / draws)).all()
    np.testing.assert_allclose(np.cov(scores.T), covariance, atol=0.02 * covariance.max())
    np.testing.assert_allclose(moments(x + 7, alpha)[1], covariance, atol=1e-14)


# --- two parts ----------------------------------------------------------------------------------------------------
def test_rank_probabilities_of_three_units_by_hand():
    # w leads below 1/4, v between 1/4 and 3/4, u above 3/4; u and w cross at 1/2
    x = np.array([[1.0, 0.0], [0.75, 0.75], [0.0, 1.0]])
    alpha = np.array([2.0, 5.0])
    quarter, half, high = (beta(*alpha).cdf(t) for t in (0.25, 0.5, 0.75))
    expected = [
        [1 - high, high - half, half],
        [high - quarter, 1 - high + quarter, 0],
        [quarter, half - quarter, 1 - half],
    ]
    np.testing.assert_allclose(rank_acceptability_two(x, alpha), expected, atol=1e-14)


@given(st.data(), st.integers(2, 7))
def test_rank_probabilities_agree_with_wins_and_draws(data, n):
    x = data.draw(arrays.arrays(float, (n, 2), elements=st.integers(0, 6).map(lambda v: v / 6)))
    alpha = data.draw(arrays.arrays(float, 2, elements=st.floats(0.05, 40)))
    found = rank_acceptability_two(x, alpha)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_allclose(found @ np.arange(1, n + 1), expected_ranks(win_matrix(x, alpha).above), atol=1e-8)
    draws = 4000
    weights = np.random.default_rng(1).beta(*alpha, draws)
    assume(((weights > 1e-9) & (weights < 1 - 1e-9)).all())  # a rival in between at 1e-13 is a tie to the ranking
    ranks = competition_ranks(np.outer(weights, x[:, 0]) + np.outer(1 - weights, x[:, 1]))
    seen = (ranks[:, :, None] == np.arange(1, n + 1)).mean(axis=0)
    assert (np.abs(seen - found) <= 5.5 * np.sqrt(np.maximum(found * (1 - found), 1e-3) / draws)).all()


# --- refusals -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("d", "alpha", "message"),
    [
        ([[1.0, np.nan], [0.0, 1.0]], [1.0, 1.0], "finite number"),
        ([[1.0, 0.0]], [1.0, -1.0], "none is below 0"),
        ([[1.0, 0.0]], [0.0, 0.0], "one at least is above"),
        ([[1.0, 0.0]], [1.0, np.inf], "finite"),
        ([[1.0, 0.0]], [1.0], "one parameter for each part"),
        ([[1.0, -1e-150]], [0.5, 0.5], "powers of ten"),
        ([[1.0, -1.0]], [1e16, 1e16], "not sure to 1e-09"),
    ],
)
def test_what_is_refused(d, alpha, message):
    with pytest.raises(Refusal, match=message):
        win_probability(np.array(d), np.array(alpha))


def test_a_refusal_says_which_rows():
    with pytest.raises(Refusal) as told:
        win_probability(np.array([[1.0, -1.0], [1.0, np.inf]]), np.ones(2))
    assert told.value.where.tolist() == [False, True]
    with pytest.raises(Refusal, match="take smaller ones") as told:
        win_matrix(np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]), np.full(2, 1e16))
    assert told.value.where.tolist() == [True, True, False]
    with pytest.raises(Refusal, match="two parts"):
        rank_acceptability_two(np.zeros((2, 3)), np.ones(3))
