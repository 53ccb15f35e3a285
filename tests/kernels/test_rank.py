"""Competition ranks: 1, 2, 2, 4."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from egovindex.kernels.rank import TIE_TOLERANCE, competition_ranks, reaches, snapped_to_halves


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.5, 0.9, 0.7], [3, 1, 2]),
        ([0.5, 0.9, 0.9, 0.1], [3, 1, 1, 4]),
        ([0.7, 0.7, 0.7], [1, 1, 1]),
        ([0.5, np.nan, 0.9], [2, 0, 1]),
        ([np.nan, np.nan], [0, 0]),
        ([4.0], [1]),
        ([], []),
        ([-1.0, 0.0, 1.0, -0.0], [4, 2, 1, 2]),
        ([0.0, 0.0], [1, 1]),
    ],
)
def test_by_hand(scores, expected):
    ranks = competition_ranks(np.array(scores, dtype=float))
    assert ranks.tolist() == expected
    assert ranks.dtype == np.int64


def test_ranks_are_those_of_scipy():
    scores = np.random.default_rng(1).integers(0, 20, 200) / 7
    np.testing.assert_array_equal(competition_ranks(scores), stats.rankdata(-scores, method="min"))


def test_order_of_addition_makes_no_difference_of_rank():
    one, other = (0.1 + 0.2) + 0.3, 0.1 + (0.2 + 0.3)
    assert one != other
    assert competition_ranks(np.array([one, other, 0.0])).tolist() == [1, 1, 3]
    assert competition_ranks(np.array([one, other, 0.0]), tolerance=0).tolist() == [1, 2, 3]


def test_tolerance_is_a_share_of_the_largest_score():
    near, far = 100 * (1 - TIE_TOLERANCE / 2), 100 * (1 - TIE_TOLERANCE * 4)
    assert competition_ranks(np.array([100.0, near, far])).tolist() == [1, 1, 3]
    assert competition_ranks(np.array([100.0, near, far]) * 1e-9).tolist() == [1, 1, 3]
    assert competition_ranks(np.array([1.0, 1.0 - 1e-10])).tolist() == [1, 2]


def test_draws_are_a_loop():
    rng = np.random.default_rng(2)
    scores = rng.integers(0, 9, (4, 5, 30)) / 8
    scores[rng.random(scores.shape) < 0.2] = np.nan
    together = competition_ranks(scores)
    for at in np.ndindex(4, 5):
        np.testing.assert_array_equal(together[at], competition_ranks(scores[at]))


def test_the_input_is_left_alone():
    scores = np.array([0.5, np.nan, 0.9])
    competition_ranks(scores)
    np.testing.assert_array_equal(scores, [0.5, np.nan, 0.9])


def test_a_bound_is_reached_within_the_tolerance_and_no_further():
    bound = np.array([4.0, -4.0, 0.0])
    tolerance = 2.0**-40  # exact in binary, so that the edge itself is tested
    edge = bound - tolerance * np.abs(bound)
    assert reaches(edge, bound, tolerance=tolerance).tolist() == [True, True, True]
    assert reaches(np.nextafter(edge, -np.inf), bound, tolerance=tolerance).tolist() == [False, False, False]


def test_halves_are_snapped_to_within_the_tolerance_and_no_further():
    tolerance = 2.0**-40
    x = 2.5 / (1 - tolerance * np.array([0.5, -0.5, 3, -3]))
    assert (snapped_to_halves(x, tolerance=tolerance) == 2.5).tolist() == [True, True, False, False]


def test_ranks_go_along_the_last_axis():
    scores = np.random.default_rng(2).integers(0, 9, (3, 4, 50)) / 7
    expected = [[competition_ranks(row) for row in block] for block in scores]
    np.testing.assert_array_equal(competition_ranks(scores), expected)
