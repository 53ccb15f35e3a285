"""Edges of probabilities under Dirichlet weights: ties, thresholds that are met, what is refused, nobody at all."""

from __future__ import annotations

import numpy as np
import pytest

from egovindex.kernels.refusal import Refusal
from egovindex.kernels.winning import (
    expected_ranks,
    moments,
    rank_acceptability_two,
    reach_probability,
    win_matrix,
    win_probability,
)


def test_an_accuracy_that_is_missed_is_refused_by_unit():
    x, alpha = np.array([[1.0, 0.0], [0.5, 0.2], [2.0, 2.0]]), np.array([1.5, 0.5])
    with pytest.raises(Refusal, match="a probability is not sure to 1e-30: the parameters add up to 2") as told:
        win_matrix(x, alpha, accuracy=1e-30)
    assert told.value.where.tolist() == [True, True, False]
    with pytest.raises(Refusal, match="take smaller ones, or draws") as told:
        reach_probability(x, np.array([0.4]), alpha, accuracy=1e-30)
    assert told.value.where.tolist() == [True, True, False]
    exact = win_probability(np.array([[1.0, 0.5]]), alpha, accuracy=0.0)
    assert (exact.above.tolist(), exact.error.tolist()) == ([1], [0])


def test_what_is_no_matter_of_rows_names_no_units():
    with pytest.raises(Refusal, match="more than 130 powers of ten apart") as told:
        win_matrix(np.array([[1.0, 0.0], [0.0, 1e-140]]), np.array([1.5, 0.5]), tolerance=0.0)
    assert told.value.where is None


def test_values_closer_than_the_tolerance_are_equal():
    x = np.array([[4.0, 1.0], [4.0, 1.1], [1.0, 2.0]])
    found = win_matrix(x, np.ones(2), tolerance=0.05)
    assert found.tied.tolist() == [[True, True, False], [True, True, False], [False, False, True]]
    assert found.above[0, 1] == found.above[1, 0] == 0
    exact = win_matrix(x, np.ones(2), tolerance=0.0)
    assert (exact.above[0, 1], exact.above[1, 0]) == (0, 1)
    # at most the tolerance: a quarter of 4 is 1
    assert win_matrix(np.array([[4.0, 1.0], [4.0, 2.0]]), np.ones(2), tolerance=0.25).tied.all()
    assert win_matrix(np.zeros((0, 2)), np.ones(2)).above.shape == (0, 0)


def test_a_tie_without_weight_elsewhere_is_a_tie():
    found = win_matrix(np.array([[1.0, 5.0], [1.0, 2.0]]), np.array([1.0, 0.0]))
    assert found.tied.all()
    assert found.above.tolist() == [[0, 0], [0, 0]]
    assert found.error.tolist() == [[0, 0], [0, 0]]


def test_errors_of_a_matrix_are_those_of_its_pairs():
    x, alpha = np.random.default_rng(9).normal(size=(4, 3)), np.array([0.5, 1.5, 2.5])
    found = win_matrix(x, alpha)
    for i in range(4):
        for j in range(4):
            alone = win_probability((x[i] - x[j])[None], alpha)
            assert found.above[i, j] == pytest.approx(alone.above[0], abs=1e-10)
            assert found.error[i, j] == pytest.approx(alone.error[0], rel=1e-4)
    np.testing.assert_array_equal(found.error, found.error.T)
    np.testing.assert_array_equal(found.error > 0, (found.above > 0) & (found.above < 1))


def test_a_threshold_is_reached_where_it_is_met():
    x = np.array([[0.5, 0.5], [0.5 - 1e-14, 0.5], [0.4, 0.5], [0.5, 0.7], [0.0, 0.5]])
    found, error = reach_probability(x, np.array([0.5, -1.0, 2.0]), np.array([1.0, 1.0]))
    assert found[:, 0].tolist() == [1, 1, 0, 1, 0]
    assert found[:, 1].tolist() == [1] * 5
    assert found[:, 2].tolist() == [0] * 5
    assert error.shape == (5, 3)
    loose, _ = reach_probability(np.array([[-4.0, -4.5]]), np.array([-4.0]), np.ones(2), tolerance=0.125)
    assert loose.tolist() == [[1]]
    strict, _ = reach_probability(np.array([[-4.0, -4.5]]), np.array([-4.0]), np.ones(2), tolerance=0.1)
    assert strict.tolist() == [[0]]
    assert reach_probability(np.array([[1.0, 2.0]]), np.array([1.0]), np.array([1.0, 0.0]))[0].tolist() == [[1]]


def test_moments_by_hand():
    """Shares 1/4 and 3/4 of a sum of 4: variance 3/16 / 5, and covariances with it."""
    mean, covariance = moments(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([1.0, 3.0]))
    assert mean.tolist() == [0.25, 1.5]
    np.testing.assert_allclose(covariance, np.array([[1, -2], [-2, 4]]) * 3 / 80, rtol=1e-14)


def test_ranks_of_two_parts_that_are_equal_or_ordered():
    found = rank_acceptability_two(np.array([[1.0, 0.0], [1.0, 0.0], [2.0, 1.0]]), np.array([2.0, 1.0]))
    assert found.tolist() == [[0, 1, 0], [0, 1, 0], [1, 0, 0]]
    # the first leads where its weight is above 1/2, with a chance of 1 - (1/2)^2 for beta(2, 1)
    found = rank_acceptability_two(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([2.0, 1.0]))
    np.testing.assert_allclose(found, [[0.75, 0.25], [0.25, 0.75]], atol=1e-14)
    loose = rank_acceptability_two(np.array([[4.0, 0.0], [4.0, 0.1]]), np.ones(2), tolerance=0.05)
    assert loose.tolist() == [[1, 0], [1, 0]]
    assert rank_acceptability_two(np.array([[4.0, 0.0], [4.0, 0.1]]), np.ones(2)).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("alpha", [[1.0, 0.0], [1.0, 1.0, 1.0]])
def test_ranks_are_exact_for_two_parts_with_weight_alone(alpha):
    with pytest.raises(Refusal, match="need two parts that both have weight; for more, take draws"):
        rank_acceptability_two(np.eye(len(alpha)), np.array(alpha))


@pytest.mark.parametrize("alpha", [[-1.0, 1.0], [np.inf, 1.0], [np.nan, 1.0], [0.0, 0.0]])
def test_what_cannot_be_parameters_is_refused(alpha):
    for ask in (lambda a: win_matrix(np.eye(2), a), lambda a: moments(np.eye(2), a)):
        with pytest.raises(Refusal, match="are finite, none is below 0 and one at least is above"):
            ask(np.array(alpha))


def test_shapes_that_do_not_fit_and_gaps_are_refused():
    with pytest.raises(Refusal, match="there is one parameter for each part"):
        win_probability(np.ones(3), np.ones(3))
    with pytest.raises(Refusal, match="there is one parameter for each part"):
        win_probability(np.ones((2, 3)), np.ones(2))
    with pytest.raises(Refusal, match="leave out units without one") as told:
        moments(np.array([[1.0, 2.0], [np.nan, 1.0], [1.0, np.inf]]), np.ones(2))
    assert told.value.where.tolist() == [False, True, True]


def test_no_units_have_no_ranks():
    assert rank_acceptability_two(np.zeros((0, 2)), np.ones(2)).shape == (0, 0)
    assert reach_probability(np.zeros((0, 2)), np.array([0.5]), np.ones(2))[0].shape == (0, 1)
    assert expected_ranks(np.zeros((0, 0))).tolist() == []
    mean, covariance = moments(np.zeros((0, 2)), np.ones(2))
    assert (mean.shape, covariance.shape) == ((0,), (0, 0))
