"""Kernels on numbers that can be checked on paper, at their limits, and against other packages."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from egovindex.kernels.aggregate import AGGREGATES
from egovindex.kernels.rank import competition_ranks, reaches
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.steps import KERNELS, kurtosis, skewness

X = np.array([1.0, 2.0, 4.0])


def step(name: str, x: np.ndarray, **options: object) -> np.ndarray:
    given = {"words": (), "down": False, **options}
    kernel = KERNELS[name]
    learned = kernel.learn(x, given) if kernel.learn is not None else {}
    return kernel.apply(x, learned, given)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("out_of", {"total": 4}, [0.25, 0.5, 1]),
        ("times", {"factor": 3}, [3, 6, 12]),
        ("floor", {"limit": 2}, [2, 2, 4]),
        ("cap", {"limit": 2}, [1, 2, 2]),
        ("top", {"n": 2}, [1, 2, 2]),
        ("bottom", {"n": 2}, [2, 2, 4]),
        ("log", {}, [0, np.log(2), np.log(4)]),
        ("distance", {"target": 2.5}, [1.5, 0.5, 1.5]),
        ("distance", {"target": 0, "words": ("median",)}, [1, 0, 2]),
        ("minmax", {"low": 0, "high": 1}, [0, 1 / 3, 1]),
        ("minmax", {"low": 1, "high": 100, "down": True}, [100, 67, 1]),
        ("goalposts", {"worst": 0, "best": 8}, [0.125, 0.25, 0.5]),
        ("goalposts", {"worst": 8, "best": 0}, [0.875, 0.75, 0.5]),
        ("goalposts", {"worst": 1, "best": 16, "words": ("log",)}, [0, 0.25, 0.5]),
        ("rank", {}, [1 / 3, 2 / 3, 1]),
        ("rank", {"down": True}, [1, 2 / 3, 1 / 3]),
    ],
)
def test_steps(name, options, expected):
    np.testing.assert_allclose(step(name, X, **options), expected, rtol=1e-15, atol=1e-15)


def test_zscore_is_scipys():
    for ddof, words in ((0, ()), (1, ("sample",))):
        found = step("zscore", X, mean=0.0, sd=1.0, words=words)
        np.testing.assert_allclose(found, stats.zscore(X, ddof=ddof), rtol=1e-14)
    np.testing.assert_allclose(step("zscore", X, mean=10.0, sd=2.0), 10 + 2 * stats.zscore(X), rtol=1e-14)


def test_grid_and_rounding_on_ties():
    assert step("grid", np.array([0.1111, 0.6667]), n=9).tolist() == [1 / 9, 6 / 9]
    halves = np.array([0.5, 1.5, 2.5])
    assert step("round", halves, digits=0).tolist() == [0, 2, 2]
    assert step("round", halves, digits=0, words=("half_up",)).tolist() == [1, 2, 3]


def test_skewness_and_kurtosis_are_scipys():
    rng = np.random.default_rng(1)
    for n in (4, 5, 30):
        x = rng.lognormal(size=n)
        assert skewness(x) == pytest.approx(stats.skew(x, bias=False), rel=1e-12)
        assert kurtosis(x) == pytest.approx(stats.kurtosis(x, bias=False), rel=1e-11)


@pytest.mark.parametrize("name", ["zscore", "minmax"])
def test_a_constant_column_is_refused(name):
    with pytest.raises(Refusal, match="all equal"):
        step(name, np.full(5, 0.1), mean=0.0, sd=1.0, low=0.0, high=1.0)


def test_a_logarithm_names_the_rows():
    with pytest.raises(Refusal) as refused:
        step("log", np.array([1.0, 0.0, -2.0]))
    assert refused.value.where.tolist() == [False, True, True]


@pytest.mark.parametrize("name", ["minmax", "zscore", "top", "rank", "winsorise"])
def test_draws_at_once_are_draws_one_by_one(name):
    rng = np.random.default_rng(2)
    x = rng.lognormal(size=(7, 20))
    options = {"n": 3, "low": 0.0, "high": 1.0, "mean": 0.0, "sd": 1.0, "most": 4, "skew": 2.0, "kurtosis": 3.5}
    together = step(name, x, **options)
    np.testing.assert_allclose(together, [step(name, row, **options) for row in x], rtol=1e-14)


CHILDREN = [(np.array([1.0, 4.0]), None), (np.array([3.0, 1.0]), None)]
WEIGHTS = np.array([1.0, 3.0])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean", [2.5, 1.75]),
        ("sum", [10, 7]),
        ("product", [27, 4]),
        ("geometric", [27**0.25, 4**0.25]),
        ("harmonic", [2, 4 / 3.25]),
        ("min", [1, 1]),
        ("max", [3, 4]),
        ("weakest", [1.5, 1.5]),
        ("ladder", [1, 1.75]),
    ],
)
def test_aggregates(name, expected):
    value, _ = AGGREGATES[name](iter(CHILDREN), WEIGHTS, 2)
    np.testing.assert_allclose(value, expected, rtol=1e-14)
    draws, _ = AGGREGATES[name](iter(CHILDREN), np.tile(WEIGHTS, (3, 1)), 2)
    np.testing.assert_allclose(np.broadcast_to(draws, (3, 2)), [expected] * 3, rtol=1e-14)


def test_geometric_and_harmonic_at_zero():
    children = [(np.array([0.0, 0.0]), None), (np.array([4.0, 9.0]), None)]
    for name in ("geometric", "harmonic"):
        assert AGGREGATES[name](iter(children), np.array([1.0, 1.0]), 2)[0].tolist() == [0, 0]
        np.testing.assert_allclose(AGGREGATES[name](iter(children), np.array([0.0, 1.0]), 2)[0], [4, 9])


def test_a_child_left_out_takes_its_weight_along():
    gap = np.array([True, False])
    value, share = AGGREGATES["mean"](iter([CHILDREN[0], (CHILDREN[1][0], gap)]), WEIGHTS, 2)
    assert value.tolist() == [2.5, 4.0]
    assert share.tolist() == [1.0, 0.25]


def test_ranks():
    assert competition_ranks(np.array([0.5, 0.9, np.nan, 0.9])).tolist() == [3, 1, 0, 1]
    # 0.1 + 0.2 and 0.3 differ in the last bit and are tied; rounding to three digits would tie more
    assert competition_ranks(np.array([0.1 + 0.2, 0.3, 0.2999])).tolist() == [1, 1, 3]
    assert competition_ranks(np.array([0.65442, 0.65438, 0.65449])).tolist() == [2, 3, 1]
    many = np.random.default_rng(3).random((4, 50)).round(1)
    expected = [stats.rankdata(-row, method="min") for row in many]
    assert (competition_ranks(many) == expected).all()


@pytest.mark.parametrize("aggregate", ["mean", "geometric", "harmonic", "ladder"])
def test_who_has_no_gap_attains_exactly_the_whole_beside_one_who_has(aggregate):
    """3/7 + 1/7 + 3/7 and 3/7 + 3/7 + 1/7 differ in the last digit: a gap elsewhere must not show here."""
    one, gap = np.array([10.0, 10.0]), np.array([True, False])
    children = [(one, None), (one, gap), (one, None)]
    for weights in (np.array([1.0, 1.0, 1 / 3]), np.array([[1.0, 1.0, 1 / 3], [0.1, 0.2, 0.3]])):
        value, share = AGGREGATES[aggregate](children, weights, 2)
        assert (share[..., 0] == 1).all()
        assert (share[..., 1] < 1).all()
        np.testing.assert_allclose(value, 10.0, rtol=1e-15)


NOISE = np.array([0.1 + 0.2, 0.3])  # one number twice, in two spellings of the machine


def test_equal_up_to_rounding_is_equal_for_rank_round_and_grid():
    assert NOISE[0] != NOISE[1]
    assert len(set(step("rank", NOISE))) == 1
    assert len(set(step("rank", NOISE, down=True))) == 1
    below = np.array([2.4999999999999996, 2.5])
    assert step("round", below, digits=0, words=("half_up",)).tolist() == [3, 3]
    assert step("round", below + 1, digits=0).tolist() == [4, 4]
    assert step("grid", below / 4, n=4).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("x", "digits", "even", "up"),
    [
        (0.35, 1, 0.4, 0.4),
        (0.25, 1, 0.2, 0.3),
        (2.675, 2, 2.68, 2.68),
        (1.005, 2, 1.0, 1.01),
        (-2.5, 0, -2, -2),
        (-3.5, 0, -4, -3),
        (2.4999, 0, 2, 2),
        (1234.5, -2, 1200, 1200),
        (1e300, 10, 1e300, 1e300),
    ],
)
def test_round_means_the_decimals_that_are_printed(x, digits, even, up):
    assert step("round", np.array([x]), digits=digits).tolist() == [even]
    assert step("round", np.array([x]), digits=digits, words=("half_up",)).tolist() == [up]


def test_a_bound_is_reached_up_to_rounding():
    assert reaches(np.array([0.1 + 0.7, 0.8, 0.8 - 1e-9]), 0.8).tolist() == [True, True, False]
    assert reaches(np.array([-0.1, -0.1 - 1e-9, 0.0, np.nan]), -0.1).tolist() == [True, False, True, False]
