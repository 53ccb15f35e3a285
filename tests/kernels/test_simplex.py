"""Edges of draws from the simplex: the smallest uniform number, parameters of nothing, chains."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import gammainc

from egovindex.kernels.simplex import dirichlet, dirichlet_from, exponential, in_order, shares_of


def bits(words):
    """A source of chance that gives these words of 64 bits."""
    return SimpleNamespace(bit_generator=SimpleNamespace(random_raw=lambda n: np.array(words, dtype=np.uint64)[:n]))


def test_in_single_precision_no_uniform_number_is_zero():
    """Of a word without a bit the last is set: 2^-32, and its exponential number 32 log 2."""
    found = exponential(bits([0, 0, 0]), (1, 5), np.float32)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.full((1, 5), 32 * np.log(2)), rtol=1e-6)


def test_in_single_precision_small_numbers_are_as_fine_as_they_can_be():
    found = exponential(bits([3 | (5 << 32), 2 | (1 << 63)]), (2, 2), np.float32)
    uniform = np.array([[3, 5], [3, 2.0**31]]) * 2.0**-32
    np.testing.assert_allclose(found, -np.log(uniform), rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_exponential_numbers_have_mean_and_spread_of_one(dtype):
    found = exponential(np.random.default_rng(1), (101, 201), dtype)
    assert found.shape == (101, 201)
    assert (found >= 0).all()
    assert found.mean() == pytest.approx(1, abs=0.03)
    assert found.std() == pytest.approx(1, abs=0.03)


def test_a_uniform_number_of_nothing_is_an_exponential_number_of_nothing():
    rng = SimpleNamespace(random=np.zeros)
    assert exponential(rng, (1, 2)).tolist() == [[0, 0]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("alpha", [[1, 0, 1], [2, 0, 0.5], [0.3, 0, 0.7], [1, 1, 1], [3, 4, 5], [0.2, 0.2, 0.2]])
def test_precision_and_places_of_a_dirichlet_law(alpha, dtype):
    alpha = np.array(alpha, dtype=float)
    found = dirichlet(np.random.default_rng(2), 400, alpha, dtype=dtype)
    assert found.dtype == dtype
    assert found.shape == (400, 3)
    assert ((found > 0).any(axis=0) == (alpha > 0)).all()
    made = dirichlet_from(np.random.default_rng(2).random((400, (alpha > 0).sum())), alpha)
    assert ((made > 0).any(axis=0) == (alpha > 0)).all()


@pytest.mark.parametrize("alpha", [[1.0, 1.0, 1.0], [1.0, 2.0, 0.5], [0.25, 1.0, 7.0], [0.5, 1.0, 0.6]])
def test_uniform_numbers_are_inverted_part_by_part(alpha):
    """Gamma numbers of a parameter are below the one that belongs to a share with just that probability."""
    uniform = np.array([[0.5, 0.25, 0.75], [0.1, 0.9, 0.6]])
    made = dirichlet_from(uniform, np.array(alpha))
    one = alpha.index(1.0)  # small parameters give shares of the largest; an exponential number tells of how much
    made *= (-np.log1p(-uniform[:, one]) / made[:, one])[:, None]
    np.testing.assert_allclose(gammainc(alpha, made), uniform, rtol=1e-9)


def test_small_parameters_are_inverted_where_the_number_cannot_be_written():
    """Near nothing u = x^a / gamma(a + 1): of two of 0.001, 1/2 and 1/4 are 2^1000 apart."""
    made = dirichlet_from(np.array([[0.5, 0.25]]), np.array([1e-3, 1e-3]))
    assert made[0, 0] == 1
    assert np.log2(made[0, 1]) == pytest.approx(-1000)


def test_uniform_numbers_at_their_ends_stay_finite():
    for alpha in ([1.0, 1.0], [2.0, 3.0], [0.2, 2.0]):
        made = dirichlet_from(np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]), np.array(alpha))
        assert np.isfinite(made).all()
        assert shares_of(made, 1.0).sum(axis=1) == pytest.approx(1), alpha


def test_shares_are_made_in_place():
    parts = np.array([[1.0, 3.0], [2.0, 2.0]])
    found = shares_of(parts, 10.0)
    assert found is parts
    assert found.tolist() == [[2.5, 7.5], [5, 5]]


def test_every_chain_is_put_in_order_and_nothing_else():
    parts = np.array([[1.0, 2, 3, 4, 5], [5, 4, 3, 2, 1]])
    found = in_order(parts, [np.array([3, 0]), np.array([1, 4])])
    assert found.tolist() == [[1, 5, 3, 4, 2], [2, 4, 3, 5, 1]]
    assert parts.tolist() == [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]]
    assert in_order(parts, []).tolist() == parts.tolist()
