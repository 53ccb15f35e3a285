"""Which way a probability is computed, what neither way can do, and what rows in one block do to each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betainc

from egovindex.kernels.gammasums import above_zero, by_integral, by_recursion
from egovindex.kernels.refusal import Refusal

D = np.array([[1.0, -0.7, 0.2], [-1.0, 0.3, 0.1], [0.5, -0.5, 0.0]])


@pytest.mark.parametrize(
    ("alpha", "way"),
    [
        ([1, 1, 1], by_recursion),
        ([100, 60, 40], by_recursion),
        ([100, 60, 41], by_integral),
        ([1, 1, 1.5], by_integral),
        ([0.5, 0.5, 2], by_integral),
    ],
)
def test_small_whole_parameters_are_added_up_and_others_integrated(alpha, way):
    alpha = np.array(alpha, dtype=float)
    found, expected = above_zero(D, alpha), way(D, alpha)
    np.testing.assert_array_equal(found.above, expected.above)
    np.testing.assert_array_equal(found.error, expected.error)


def test_as_many_ones_as_there_are_parts_are_added_up():
    d = np.resize([1.0, -0.5, 0.25], (2, 250))
    np.testing.assert_array_equal(above_zero(d, np.ones(250)).error, by_recursion(d, np.ones(250)).error)


def test_rows_of_one_sign_are_certain():
    found = above_zero(np.array([[0.0, 2.0], [0.0, 0.0], [-1.0, 0.0], [1.0, -1.0]]), np.array([0.5, 0.5]))
    assert found.above[:3].tolist() == [1, 0, 0]
    assert found.error[:3].tolist() == [0, 0, 0]
    assert found.above[3] == pytest.approx(0.5, abs=1e-12)


def test_the_error_of_adding_up_goes_with_the_parameters():
    found = by_recursion(D, np.array([3.0, 4.0, 5.0]))
    assert found.error == pytest.approx(48 * np.finfo(float).eps)


def test_what_is_certain_but_for_nothing_has_no_error():
    """Fifty against a thousandth of a half: the bound says e-60 and less, and no integral is needed."""
    found = by_integral(np.array([[1.0, -1e-3], [-1.0, 1e-3]]), np.array([50.5, 0.5]))
    assert found.above.tolist() == [1, 0]
    assert (found.error < 1e-20).all()


@pytest.mark.parametrize(("a", "b"), [(30.5, 0.5), (20.0, 3.5), (8.25, 8.25), (0.5, 0.5), (0.05, 3.0), (40.5, 2.0)])
@pytest.mark.parametrize("ratio", [0.01, 0.1, 0.5, 1.0, 3.0])
def test_small_probabilities_are_those_of_a_beta_law(a, b, ratio):
    """x > r y where x / (x + y) is above r / (1 + r)."""
    found = by_integral(np.array([[1.0, -ratio], [-1.0, ratio]]), np.array([a, b]))
    below = betainc(a, b, ratio / (1 + ratio))
    assert (found.error <= 1e-9).all()
    assert abs(found.above[0] - (1 - below)) <= found.error[0] + 1e-15
    assert abs(found.above[1] - below) <= found.error[1] + 1e-15


def test_differences_too_far_apart_are_refused():
    alpha = np.array([1.5, 1.5])
    with pytest.raises(Refusal, match="more than 130 powers of ten apart; round the values first"):
        by_integral(np.array([[1.0, -1.0], [1.0, -1e-131]]), alpha)
    assert by_integral(np.array([[1.0, -1e-129], [0.0, -1.0], [1.0, 0.0]])[:1], alpha).above[0] == pytest.approx(1)


@pytest.mark.parametrize("size", [1e-200, 1e-150, 1e-100, 1e-3, 1e3, 1e150, 1e200])
def test_rows_of_very_different_size_do_not_disturb_each_other(size):
    d = np.array([[1.0, -0.5, 0.25], [-1.0, 0.7, 0.6], [0.2, 0.2, -0.9]])
    alpha = np.array([1.5, 0.7, 2.2])
    alone = by_integral(d, alpha)
    mixed = by_integral(d * np.array([[1.0], [size], [1.0]]), alpha)
    np.testing.assert_allclose(mixed.above, alone.above, atol=1e-11)
    assert (mixed.error <= 1e-9).all()


def test_many_rows_of_few_values_and_of_many():
    """Few values are taken together, many row by row; a value of 0 counts for nothing, whichever part has it."""
    rng = np.random.default_rng(1)
    few = rng.choice([-1.0, -0.5, 0.0, 0.5], (60, 4))
    few = few[(few > 0).any(axis=1) & (few < 0).any(axis=1)]
    many = rng.normal(size=(700, 4))
    many = many[(many > 0).any(axis=1) & (many < 0).any(axis=1)]
    alpha = np.array([0.5, 1.5, 2.5, 0.7])
    for d in (few, np.vstack([few, many])):
        together = by_integral(d, alpha)
        alone = np.array([by_integral(row[None], alpha).above[0] for row in d[:25]])
        np.testing.assert_allclose(together.above[:25], alone, atol=1e-10)
        assert (together.error <= 1e-9).all()
