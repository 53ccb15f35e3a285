"""Edges of one weight that moves: limits, ties, units of measurement, nobody at all."""

from __future__ import annotations

import numpy as np
import pytest

from egovindex.kernels.refusal import Refusal
from egovindex.kernels.swappoints import rank_range_one_weight, stability_interval, swap_points
from tests.kernels.cases import HALVES, THREE_UNITS

# three units, two parts of weight 1/2


def test_without_units_everything_stands_still():
    found = stability_interval(np.zeros(0), np.zeros((2, 0)), np.array([0.25, 0.5]))
    assert found.low.shape == found.high.shape == (2, 0)
    for low, high in ((found.all_low, found.all_high), (found.leader_low, found.leader_high)):
        assert low.tolist() == [0, 0]
        assert high.tolist() == [1, 1]


def test_a_share_of_nothing_can_only_grow():
    """A part without weight: the second is first from 1/3 on, and at the limits ranks are those of the ends."""
    own, one, share = np.array([0.5, 0.25]), np.array([[0.0, 0.75]]), np.array([0.0])
    points = swap_points(own, one, share)
    assert [column.tolist() for column in points[:3]] == [[0], [0], [1]]
    assert points.t == pytest.approx([0.25])
    found = stability_interval(own, one, share)
    assert found.low.tolist() == [[0, 0]]
    assert found.high[0] == pytest.approx([0.25, 0.25])
    ranges = rank_range_one_weight(own, one, share, np.array([[0.0, 1.0]]))
    assert (ranges.best.tolist(), ranges.worst.tolist()) == ([[1, 1]], [[2, 2]])
    assert ranges.best_share[0] == pytest.approx([0.0, 1.0])
    assert ranges.worst_share[0] == pytest.approx([1.0, 0.0])


def test_the_share_that_is_named_is_in_the_middle_of_where_the_rank_is_had():
    """Three lines: the second is first between 0.25 and 0.75, and last nowhere inside."""
    own = np.array([1.0, 0.75, 0.0])
    one = np.array([[0.0, 0.75, 1.0]])
    found = rank_range_one_weight(own, one, np.array([0.0]), np.array([[0.0, 1.0]]))
    assert found.best.tolist() == [[1, 1, 1]]
    assert found.worst.tolist() == [[3, 2, 3]]
    assert found.best_share[0] == pytest.approx([0.0, 0.5, 1.0])
    assert found.worst_share[0] == pytest.approx([1.0, 0.0, 0.0])
    half = rank_range_one_weight(own, one, np.array([0.0]), np.array([[0.125, 0.625]]))
    assert half.best_share[0, 1] == pytest.approx(0.625)  # up to the limit: the limit itself is named
    assert half.worst.tolist() == [[3, 2, 3]]


def test_scores_within_the_tolerance_neither_cross_nor_part():
    own, one, share = np.array([1.0, 0.96]), np.array([[1.0, 1.04]]), np.array([0.5])
    assert len(swap_points(own, one, share).t) == 1
    assert len(swap_points(own, one, share, tolerance=0.2).t) == 0
    ranges = rank_range_one_weight(own, one, share, np.array([[0.0, 1.0]]), tolerance=0.2)
    assert ranges.worst.tolist() == [[1, 1]]
    assert rank_range_one_weight(own, one, share, np.array([[0.0, 1.0]])).worst.tolist() == [[2, 2]]
    loose = stability_interval(own, one, share, tolerance=0.2)
    assert (loose.low.tolist(), loose.high.tolist()) == ([[0, 0]], [[1, 1]])
    assert stability_interval(own, one, share).high[0, 0] < 1


@pytest.mark.parametrize("factor", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_the_unit_of_measurement_changes_nothing_however_small_or_large(factor):
    found = swap_points(THREE_UNITS @ HALVES * factor, THREE_UNITS.T * factor, HALVES)
    np.testing.assert_allclose(found.t, [1 / 2, 2 / 3, 2 / 5, 1 / 2, 1 / 3, 3 / 5], atol=1e-15)


@pytest.mark.parametrize(
    ("limits", "where"),
    [
        ([[-0.1, 0.5], [0.0, 1.0]], [True, False]),
        ([[0.0, 1.1], [0.5, 0.4]], [True, True]),
        ([[0.2, np.nan], [0.3, 0.3]], [True, False]),
    ],
)
def test_limits_beside_the_range_are_refused_by_part(limits, where):
    with pytest.raises(Refusal, match="limits of a share are from 0 to 1, the smaller one first") as told:
        rank_range_one_weight(THREE_UNITS @ HALVES, THREE_UNITS.T, HALVES, np.array(limits))
    assert told.value.where.tolist() == where
    with pytest.raises(Refusal, match="limits are"):
        rank_range_one_weight(THREE_UNITS @ HALVES, THREE_UNITS.T, HALVES, np.array(limits)[:1])


def test_parts_with_all_the_weight_are_named():
    with pytest.raises(Refusal, match="cannot move against the others; leave it out") as told:
        swap_points(THREE_UNITS @ HALVES, THREE_UNITS.T, np.array([0.5, 1.0]))
    assert told.value.where.tolist() == [False, True]
    for bad in (np.ones((1, 3)), np.ones((2, 2))):
        with pytest.raises(Refusal, match="one share for each part"):
            swap_points(THREE_UNITS @ HALVES, bad, HALVES)
    with pytest.raises(Refusal, match="leave out those without one"):
        swap_points(THREE_UNITS @ HALVES, np.where(THREE_UNITS.T == 0.5, np.inf, THREE_UNITS.T), HALVES)


def test_each_part_has_a_scale_of_its_own():
    """Scores of ten thousand millions where one part has all: what is a tie there is none for another part."""
    own, share = np.array([1.0, 0.9]), np.array([0.5, 0.5])
    one = np.array([[1e10, 2e10], [1.0, 1.001]])
    found = swap_points(own, one, share)
    assert found.edge.tolist() == [0, 1]
    # ahead by 0.201 without the second part, behind by 0.001 with it alone
    assert found.t[1] == pytest.approx(0.201 / 0.202)
    ranges = rank_range_one_weight(own, one, share, np.array([[0.0, 1.0], [0.0, 1.0]]))
    assert ranges.worst.tolist() == [[2, 2], [2, 2]]
    assert ranges.best.tolist() == [[1, 1], [1, 1]]
