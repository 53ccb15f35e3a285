"""One unit and a million, ten thousand indicators, fifty levels; spreads that are small beside the numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.kernels.rank import TIE_TOLERANCE, competition_ranks
from egovindex.kernels.sobol import indices, moments
from egovindex.kernels.steps import KERNELS, kurtosis, skewness
from tests.properties.drawn import index_of

HALF_DIGIT = 2.0**-53


def test_ten_thousand_indicators_are_added_to_the_last_digits():
    k, units = 10_000, 20
    x = np.random.default_rng(1).random((units, k))
    names = [f"x{at}" for at in range(k)]
    index = index_of({"indicators": {name: {} for name in names}, "nodes": {"top": {"of": names}}})
    table = pd.DataFrame(x, columns=names)
    table.insert(0, "unit", [f"u{at}" for at in range(units)])
    exact = np.array([math.fsum(row) / k for row in x])
    # one number after the other: at most k roundings, some sqrt(k) of them as they fall
    assert np.abs(ei.compute(index, table).scores["top"] / exact - 1).max() <= 4 * math.sqrt(k) * HALF_DIGIT


def test_fifty_levels():
    nodes = {f"n{at}": {"of": [f"n{at + 1}", "x"]} for at in range(49)} | {"n49": {"of": ["x", "y"]}}
    index = index_of({"indicators": {"x": {}, "y": {}}, "nodes": nodes})
    table = pd.DataFrame({"unit": list("ab"), "x": [0.3, 0.5], "y": [0.4, 0.1]})
    result = ei.compute(index, table)
    exact = [
        float(x + (y - x) / Fraction(2) ** 50) for x, y in zip(*(map(Fraction, table[c]) for c in "xy"), strict=True)
    ]
    np.testing.assert_allclose(result.scores["n0"], exact, rtol=50 * HALF_DIGIT)
    np.testing.assert_allclose(result.contributions("n0").drop(columns="score").sum(axis=1), exact, rtol=1e-12)


def test_one_unit_has_ranks_draws_and_no_variance():
    index = index_of({"indicators": {"x": {}, "y": {}}, "nodes": {"top": {"of": ["x", "y"]}}})
    table = pd.DataFrame({"unit": ["a"], "x": [0.3], "y": [0.4]})
    doubt = ei.Doubt(weights=ei.within(0.3))
    assert ei.compute(index, table).ranks["top"].tolist() == [1]
    draws = ei.simulate(index, table, doubt, n=50, rng=1)
    assert draws.expected_ranks[["expected", "sd"]].to_numpy().tolist() == [[1.0, 0.0]]
    assert ei.sobol(index, table, doubt, n=16, rng=1).first.tolist() == [[0.0]]


@pytest.mark.slow
def test_a_million_units():
    n = 1_000_000
    steps = {"x": {"steps": ["minmax"]}, "y": {"steps": ["zscore"]}}
    index = index_of({"indicators": steps, "nodes": {"top": {"of": ["x", "y"]}}})
    x, y = np.random.default_rng(1).random((2, n))
    result = ei.compute(index, pd.DataFrame({"unit": np.arange(n).astype(str), "x": x, "y": y}))
    ranks = result.ranks["top"].to_numpy(dtype=np.int64)
    assert (ranks.min(), len(np.unique(ranks)) > 0.99 * n) == (1, True)


# --- spreads


def exact_moments(x):
    numbers = [Fraction(float(v)) for v in x]
    n = len(numbers)
    mean = sum(numbers) / n
    second, third, fourth = (sum((v - mean) ** power for v in numbers) / n for power in (2, 3, 4))
    skew = float(third) / float(second) ** 1.5 * math.sqrt(n * (n - 1)) / (n - 2)
    kurt = float(((n + 1) * (fourth / second**2 - 3) + 6) * (n - 1) / Fraction((n - 2) * (n - 3)))
    return float(mean), math.sqrt(second), skew, kurt


@pytest.mark.parametrize("level", [0.0, 1e9, 1e12])
def test_a_small_spread_on_a_high_level(level):
    x = level + np.random.default_rng(1).standard_normal(300) ** 3
    mean, sd, skew, kurt = exact_moments(x)
    learned = KERNELS["zscore"].learn(x, {"words": ()})
    # the mean is rounded by a share of the level, and the variance is too large by the square of that
    assert float(learned["sd"]) == pytest.approx(sd, rel=1e-12 + (level * 2.0**-52 / sd) ** 2)
    assert float(learned["mean"]) == pytest.approx(mean, rel=4 * HALF_DIGIT, abs=1e-14)
    assert skewness(x) == pytest.approx(skew, rel=1e-12)
    assert kurtosis(x) == pytest.approx(kurt, rel=1e-12)


def test_shares_of_a_small_variance_on_a_high_level():
    # powers of two: the level costs no digit of what varies
    a, b = np.rint(np.random.default_rng(1).random((2, 256, 2)) * 1024)
    ab = np.stack([np.column_stack([b[:, 0], a[:, 1]]), np.column_stack([a[:, 0], b[:, 1]])], axis=1)
    at = [indices(moments(*(level + y.sum(axis=-1, keepdims=True) for y in (a, b, ab)))) for level in (0.0, 2.0**30)]
    for one, other in zip(*at, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-9)


# --- ties


@pytest.mark.parametrize("size", [1e-300, 1.0, 1e300])
def test_the_tie_tolerance_is_a_share_of_the_largest_score(size):
    inside, outside = 0.9 * TIE_TOLERANCE, 1.1 * TIE_TOLERANCE
    assert competition_ranks(np.array([1.0, 1.0 - inside, 0.5]) * size).tolist() == [1, 1, 3]
    assert competition_ranks(np.array([1.0, 1.0 - outside, 0.5]) * size).tolist() == [1, 2, 3]
    # of the largest, not of the two: small scores beside a large one are tied
    assert competition_ranks(np.array([1.0, 1e-13, 0.0]) * size).tolist() == [1, 2, 2]
