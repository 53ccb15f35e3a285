"""Draws of weights follow the law they are named after: against closed forms and plain rejection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from egovindex.kernels.box import sliced, uniform_slice, uniform_slice_from
from egovindex.kernels.polytope import prepared_walk, walked
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.simplex import dirichlet, dirichlet_from, in_order, shares_of

DRAWS = 20_000
# of some hundred comparisons none should be rarer than this by chance
RARE = 1e-5


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def assert_same_law(ours: np.ndarray, other: np.ndarray) -> None:
    """Every part, and every sum of two that is not the total, has the same distribution."""
    parts = ours.shape[1]
    if parts == 2:
        ours, other, parts = ours[:, :1], other[:, :1], 1
    for one in range(parts):
        assert stats.ks_2samp(ours[:, one], other[:, one]).pvalue > RARE
        for two in range(one):
            pair = (ours[:, one] + ours[:, two], other[:, one] + other[:, two])
            assert stats.ks_2samp(*pair).pvalue > RARE


def by_plain_rejection(rng: np.random.Generator, low, high, total, draws=DRAWS) -> np.ndarray:
    """Uniform in the box but for the last part, which is what is left; kept where it fits."""
    found = np.zeros((0, len(low)))
    while len(found) < draws:
        parts = rng.uniform(low[:-1], high[:-1], (400_000, len(low) - 1))
        last = total - parts.sum(axis=1)
        fits = (last >= low[-1]) & (last <= high[-1])
        found = np.vstack([found, np.column_stack([parts[fits], last[fits]])])
    return found[:draws]


# --- simplex
@pytest.mark.parametrize("alpha", [[1, 1, 1], [2.0, 0.5, 1.5], [30.0, 60.0, 10.0]])
def test_dirichlet_has_beta_margins(alpha):
    alpha = np.array(alpha, dtype=float)
    draws = shares_of(dirichlet(generator(), DRAWS, alpha), 1.0)
    np.testing.assert_allclose(draws.sum(axis=1), 1, atol=1e-12)
    for part, own in enumerate(alpha):
        assert stats.kstest(draws[:, part], stats.beta(own, alpha.sum() - own).cdf).pvalue > RARE


def test_dirichlet_out_of_uniform_numbers_is_the_same_law():
    alpha = np.array([2.0, 0.5, 1.5])
    drawn = shares_of(dirichlet(generator(), DRAWS, alpha), 1.0)
    made = shares_of(dirichlet_from(generator(2).random((DRAWS, 3)), alpha), 1.0)
    assert_same_law(made, drawn)


def test_a_part_without_a_parameter_is_nothing():
    alpha = np.array([1.0, 0.0, 1.0])
    assert (dirichlet(generator(), 100, alpha)[:, 1] == 0).all()
    assert (dirichlet_from(generator().random((100, 2)), alpha)[:, 1] == 0).all()


def test_in_order_is_the_law_given_the_order():
    rng = generator()
    draws = shares_of(dirichlet(rng, 400_000, np.ones(4)), 1.0)
    given_order = draws[(draws[:, 0] >= draws[:, 2]) & (draws[:, 2] >= draws[:, 3])][:DRAWS]
    assert_same_law(in_order(draws[:DRAWS], [np.array([0, 2, 3])]), given_order)


# --- box
BOXES = {
    "in the middle": ([0.25, 0.25, 0.25], [0.45, 0.45, 0.45], 1.0),
    "unequal widths": ([0.0, 0.1, 0.05, 0.2], [0.3, 0.5, 0.6, 0.35], 1.0),
    "off the middle": ([0.0, 0.0, 0.0, 0.0], [0.5, 0.6, 0.7, 0.9], 0.7),
    "off the middle, high": ([0.0, 0.0, 0.0], [0.5, 0.6, 0.7], 1.4),
    "lower limits alone": ([0.1, 0.2, 0.05], [1.0, 1.0, 1.0], 1.0),
    "upper limits alone": ([-9.0, -9.0, -9.0], [0.4, 0.5, 0.3], 1.0),
    "two parts": ([0.2, 0.1], [0.9, 0.6], 1.0),
    "one fixed": ([0.3, 0.1, 0.1, 0.1], [0.3, 0.5, 0.5, 0.5], 1.0),
    "points of a hundred": ([7.5, 3.75, 33.75, 26.25, 3.75], [12.5, 6.25, 56.25, 43.75, 6.25], 100.0),
}


@pytest.mark.parametrize("name", BOXES)
def test_box_is_uniform(name):
    low, high, total = BOXES[name]
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    draws = uniform_slice(generator(), DRAWS, sliced(low, high, total))
    np.testing.assert_allclose(draws.sum(axis=1), total, rtol=1e-12)
    assert (draws >= low - 1e-12 * total).all()
    assert (draws <= high + 1e-12 * total).all()
    wide = np.maximum(low, total - high.sum() + high)  # limits that no draw reaches do not help plain rejection
    narrow = np.minimum(high, total - low.sum() + low)
    order = np.argsort(narrow - wide)  # the widest part last
    assert_same_law(draws[:, order], by_plain_rejection(generator(2), wide[order], narrow[order], total))


@pytest.mark.parametrize("name", [name for name in BOXES if "upper limits" not in name])
def test_box_out_of_uniform_numbers_is_the_same_law(name):
    low, high, total = BOXES[name]
    box = sliced(np.array(low, dtype=float), np.array(high, dtype=float), total)
    made = uniform_slice_from(generator(3).random((DRAWS, box.dimensions)), box)
    assert made is not None
    np.testing.assert_allclose(made.sum(axis=1), total, rtol=1e-9)
    assert (made >= np.array(low) - 1e-6 * total).all()
    assert (made <= np.array(high) + 1e-6 * total).all()
    assert_same_law(made, uniform_slice(generator(4), DRAWS, box))


@given(
    weights=st.lists(st.floats(0.01, 10), min_size=2, max_size=30),
    share=st.floats(0.01, 1.0),
    seed=st.integers(0, 99),
)
def test_draws_stay_in_the_box_and_keep_the_total(weights, share, seed):
    own = np.array(weights)
    draws = uniform_slice(generator(seed), 50, sliced((1 - share) * own, (1 + share) * own, own.sum()))
    np.testing.assert_allclose(draws.sum(axis=1), own.sum(), rtol=1e-12)
    assert (draws >= (1 - share) * own - 1e-12 * own.sum()).all()
    assert (draws <= (1 + share) * own + 1e-12 * own.sum()).all()


@pytest.mark.parametrize("parts", [20, 100, 300])
def test_a_hundred_weights_within_a_quarter(parts):
    # by symmetry the mean is the middle, and the parts vary in proportion to their widths squared: closed forms
    own = np.linspace(1, 4, parts)
    draws = uniform_slice(generator(), DRAWS, sliced(0.75 * own, 1.25 * own, own.sum()))
    spread = 0.25 * own / np.sqrt(3)
    assert np.abs(draws.mean(axis=0) - own).max() < 5 * spread.max() / np.sqrt(DRAWS)
    # the total takes a little variance from each: var (1 - width^2 / sum of widths^2), up to terms in 1 / parts
    expected = spread * np.sqrt(1 - spread**2 / (spread**2).sum())
    np.testing.assert_allclose(draws.std(axis=0), expected, rtol=0.02 + 0.5 / parts)


def test_perturbing_and_scaling_back_is_another_law():
    # negative control: what other tools call within +-25 %
    own = np.array([0.6, 0.2, 0.2])
    drawn = own * generator().uniform(0.75, 1.25, (DRAWS, 3))
    scaled = drawn / drawn.sum(axis=1, keepdims=True)
    assert (scaled > 1.25 * own).any(axis=1).mean() > 0.05
    ours = uniform_slice(generator(2), DRAWS, sliced(0.75 * own, 1.25 * own, 1.0))
    assert (ours <= 1.25 * own + 1e-12).all()
    with pytest.raises(AssertionError):
        assert_same_law(ours, scaled)


@pytest.mark.parametrize(
    ("low", "high", "total", "words"),
    [
        ([0.5, 0.6], [1.0, 1.0], 1.0, "the lower limits add up to 1.1"),
        ([0.0, 0.0], [0.3, 0.3], 1.0, "the upper ones to 0.6"),
        ([0.5, 0.0], [0.2, 1.0], 1.0, "a lower limit is above the upper limit"),
    ],
)
def test_limits_that_cannot_be_met_are_refused(low, high, total, words):
    with pytest.raises(Refusal, match=words):
        sliced(np.array(low), np.array(high), total)


def test_a_box_that_meets_the_total_in_one_corner_is_that_corner():
    box = sliced(np.array([0.2, 0.3, 0.5]), np.ones(3), 1.0)
    assert box.dimensions == 0
    np.testing.assert_array_equal(uniform_slice(generator(), 3, box), np.tile([0.2, 0.3, 0.5], (3, 1)))


def test_single_precision_is_the_same_law():
    box = sliced(np.full(6, 0.1), np.full(6, 0.3), 1.0)
    single = uniform_slice(generator(), DRAWS, box, dtype=np.float32)
    assert single.dtype == np.float32
    assert_same_law(single.astype(float), uniform_slice(generator(2), DRAWS, box))


# --- conditions
def walk_of(conditions, limits, total=1.0, seed=1):
    return prepared_walk(generator(seed), np.array(conditions, dtype=float), np.array(limits, dtype=float), total)


@pytest.mark.parametrize("parts", [3, 5, 8])
def test_walks_in_an_ordered_simplex_have_its_law(parts):
    falls = np.eye(parts)[1:] - np.eye(parts)[:-1]
    conditions = np.vstack([-np.eye(parts), falls])
    walk = walk_of(conditions, np.zeros(len(conditions)))
    draws = walked(generator(2), 8000, walk)
    exact = in_order(shares_of(dirichlet(generator(3), 8000, np.ones(parts)), 1.0), [np.arange(parts)])
    assert walk.r_hat < 1.1
    assert walk.correlation < 0.15
    assert (draws @ conditions.T <= 1e-12).all()
    np.testing.assert_allclose(draws.sum(axis=1), 1, atol=1e-12)
    assert_same_law(draws, exact)


def test_a_walk_that_is_too_short_is_found_out():
    # negative control
    conditions = np.vstack([-np.eye(5), np.eye(5)[1:] - np.eye(5)[:-1]])
    walk = walk_of(conditions, np.zeros(9))
    short = walked(generator(2), 8000, type(walk)(walk.centre, walk.basis, walk.slope, walk.room, 1, 1.0, np.inf))
    exact = in_order(shares_of(dirichlet(generator(3), 8000, np.ones(5)), 1.0), [np.arange(5)])
    with pytest.raises(AssertionError):
        assert_same_law(short, exact)


@pytest.mark.parametrize(
    ("conditions", "limits", "words"),
    [
        ([[-1, 0], [0, -1], [1, 0], [0, 1]], [0, 0, 0.2, 0.3], "no weights fulfil the conditions together"),
        ([[-1, 0], [0, -1], [1, -1], [-1, 1]], [0, 0, 0, 0], "leave no room"),
        ([[1.0, -1.0]], [0], "do not bound the weights"),
    ],
)
def test_conditions_without_a_law_are_refused(conditions, limits, words):
    with pytest.raises(Refusal, match=words):
        walk_of(conditions, limits)


# --- narrow, flat and far regions


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("narrow", [1e-3, 1e-4])
def test_a_box_near_its_upper_corner(dtype, narrow):
    """Powers of e used to overflow: in double precision nothing was accepted, in single three parts stood still."""
    high = np.array([(1 + narrow / 3) / 4] * 4 + [narrow])
    found = uniform_slice(generator(), DRAWS, sliced(np.zeros(5), high, 1.0), dtype=dtype)
    # near that corner the slice is a simplex turned round, of which what falls below 0 is thrown away
    gaps = generator(2).exponential(size=(20 * DRAWS, 5))
    turned = high - gaps / gaps.sum(axis=1, keepdims=True) * (high.sum() - 1.0)
    expected = turned[(turned >= 0).all(axis=1)][:DRAWS]
    assert len(expected) == DRAWS
    assert (found <= high * (1 + 1e-6)).all()
    assert (found >= -1e-6).all()
    if dtype is np.float64:
        assert_same_law(found, expected)
    else:  # single digits make ties among gaps that are as small as they are
        error = expected.std(axis=0) * np.sqrt(2 / DRAWS) + np.finfo(np.float32).eps
        assert (np.abs(found.astype(np.float64).mean(axis=0) - expected.mean(axis=0)) < 5 * error).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("concentration", [1e-4, 1e-3, 1e-2, 0.1, 1.0])
def test_a_dirichlet_law_of_small_parameters(dtype, concentration):
    """Gamma numbers too small to be written made draws of which all parts were 0."""
    alpha = concentration * np.array([0.2, 0.3, 0.5])
    mean = alpha / alpha.sum()
    sd = np.sqrt(mean * (1 - mean) / (alpha.sum() + 1))
    drawn = shares_of(dirichlet(generator(), DRAWS, alpha, dtype=dtype), 1.0)
    inverted = shares_of(dirichlet_from(generator(3).random((DRAWS, 3)), alpha), 1.0)
    for found in (drawn, inverted):
        assert np.isfinite(found).all()
        assert np.abs(found.sum(axis=1) - 1).max() < 1e-6
        assert (np.abs(found.mean(axis=0) - mean) < 5 * sd / np.sqrt(DRAWS)).all()
        assert (np.abs(found.var(axis=0) / sd**2 - 1) < 0.06).all()


def test_two_ways_to_a_dirichlet_law_of_small_parameters():
    alpha = np.array([0.05, 0.3, 0.4])
    drawn = shares_of(dirichlet(generator(), DRAWS, alpha), 1.0)
    inverted = shares_of(dirichlet_from(generator(3).random((DRAWS, 3)), alpha), 1.0)
    assert_same_law(drawn, inverted)
    assert_same_law(drawn, generator(5).dirichlet(alpha, DRAWS))


@pytest.mark.slow
def test_walks_of_many_parts_end():
    """By chance alone the largest of twenty correlations is often above 0.1, and walks were made longer for nothing."""
    k = 20
    order = np.zeros((3, k))
    for row, (one, other) in enumerate(((0, 1), (2, 3), (4, 5))):
        order[row, one], order[row, other] = -1.0, 3.0  # three times as heavy
    conditions = np.vstack([order, -np.eye(k)])
    walk = prepared_walk(generator(), conditions, np.zeros(len(conditions)), 1.0)
    assert walk.steps <= 256 * (k - 1)
    assert walk.r_hat < 1.1
