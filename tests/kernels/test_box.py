"""Edges of a box cut by a total: what is refused, where a corner is all there is, what cannot be drawn from a grid."""

from __future__ import annotations

import numpy as np
import pytest

from egovindex.kernels.box import sliced, uniform_slice, uniform_slice_from
from egovindex.kernels.refusal import Refusal


def cut(low, high, total):
    return sliced(np.array(low, dtype=float), np.array(high, dtype=float), total)


def test_a_box_moved_to_zero():
    box = cut([0.25, 0.5, -1.0], [0.5, 0.5, 1.0], 0.25)
    assert box.low.tolist() == [0.25, 0.5, -1]
    assert box.width.tolist() == [0.25, 0, 2]
    assert box.rest == 0.5
    assert box.free.tolist() == [0, 2]
    assert box.dimensions == 1


def test_crossed_limits_are_named():
    with pytest.raises(Refusal, match="a lower limit is above the upper limit") as caught:
        cut([0.5, 0.0, 0.4], [0.2, 1.0, 0.3], 1.0)
    assert caught.value.where.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("low", "high", "total", "words"),
    [
        ([0.5, 0.625], [1, 1], 1, "add up to 1: the lower limits add up to 1.125, the upper ones to 2"),
        ([0, 0], [0.25, 0.5], 1, "add up to 1: the lower limits add up to 0, the upper ones to 0.75"),
        ([0.5, 0.5 + 4e-12], [1, 1], 1, "no weights within the limits"),
        ([0, 0], [0.5, 0.5 - 4e-12], 1, "no weights within the limits"),
        ([0, 0], [1e-9, 1e-9], 2e-9 * (1 + 1e-11), "no weights within the limits"),
    ],
)
def test_a_total_that_is_missed_is_told(low, high, total, words):
    with pytest.raises(Refusal, match=words):
        cut(low, high, total)


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("miss", [-1e-13, 0.0, 1e-13])
def test_a_corner_that_meets_the_total_but_for_rounding_is_all_there_is(size, miss):
    """Where the limits themselves add up to the total, on either side, nothing can move."""
    inner, outer = np.array([0.25, 0.25, 0.5]) * size, np.array([0.5, 0.75, 1.0]) * size
    for low, high, corner in ((inner, outer, inner), (np.zeros(3), inner, inner)):
        box = cut(low, high, size * (1 + miss))
        assert box.dimensions == 0
        assert len(box.free) == 0
        assert box.rest == 0
        assert box.width.tolist() == [0, 0, 0]
        np.testing.assert_array_equal(uniform_slice(np.random.default_rng(1), 2, box), [corner, corner])
        made = uniform_slice_from(np.zeros((2, 0)), box)
        np.testing.assert_array_equal(made, [corner, corner])


def test_a_little_more_than_a_corner_can_move():
    for total in (1 + 1e-10, 1.5 - 1e-10):
        box = cut([0.25, 0.25, 0.5], [0.5, 0.5, 0.5], total)
        assert box.dimensions == 1
        assert 0 < box.rest < 0.5


def test_nothing_moves_where_one_part_alone_has_room():
    box = cut([0.2, 0.3, 0.0], [0.2, 0.3, 1.0], 1.0)
    assert box.dimensions == 0
    assert cut([], [], 0.0).dimensions == 0


def test_a_slice_that_touches_a_limit_exactly_is_a_simplex():
    """With 0.5 left no part of 0.5 or more can reach its limit; turned round, the same."""
    rest = uniform_slice(np.random.default_rng(1), 4000, cut([0, 0, 0], [0.5, 0.7, 0.9], 0.5))
    turned = uniform_slice(np.random.default_rng(1), 4000, cut([0, 0, 0], [0.5, 0.7, 0.9], 2.1 - 0.5))
    np.testing.assert_allclose(turned, [0.5, 0.7, 0.9] - rest, atol=1e-12)
    np.testing.assert_allclose(rest.mean(axis=0), 1 / 6, atol=0.01)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("low", "high", "total"),
    [
        ([0.2, 0.1], [0.9, 0.6], 1.0),
        ([0.1, 0.2, 0.1], [0.9, 0.9, 0.9], 0.7),
        ([0.0, 0.0, 0.0], [0.4, 0.4, 0.4], 1.0),
        ([0.0, 0.1, 0.1], [0.4, 0.4, 0.6], 0.8),
        ([0.3, 0.1, 0.1, 0.1], [0.3, 0.5, 0.5, 0.5], 1.0),
    ],
)
def test_draws_have_the_precision_that_is_asked_for(dtype, low, high, total):
    found = uniform_slice(np.random.default_rng(2), 500, cut(low, high, total), dtype=dtype)
    assert found.dtype == dtype
    assert found.shape == (500, len(low))
    close = 10 * np.finfo(dtype).eps
    np.testing.assert_allclose(found.sum(axis=1), total, rtol=close)
    assert (found >= np.array(low) - close).all()
    assert (found <= np.array(high) + close).all()
    assert (np.ptp(found, axis=0) > 0).tolist() == [a < b for a, b in zip(low, high, strict=True)]


def test_no_draws_are_no_rows():
    assert uniform_slice(np.random.default_rng(3), 0, cut([0.0, 0.1, 0.1], [0.4, 0.4, 0.6], 0.8)).shape == (0, 3)


# --- out of uniform numbers
def test_one_uniform_number_of_two_parts_is_the_share_of_the_way():
    """Of two parts each is uniform between its ends: the widest first, from its least to its most."""
    made = uniform_slice_from(np.array([[0.0], [0.25], [1.0]]), cut([0.2, 0.1], [0.9, 0.6], 1.0))
    np.testing.assert_allclose(made, [[0.4, 0.6], [0.525, 0.475], [0.9, 0.1]], atol=1e-6)


def test_uniform_numbers_of_nothing_and_of_everything_are_ends():
    """The widest part at its least leaves the others all they can have."""
    box = cut([0, 0, 0], [0.3, 0.9, 0.5], 1.0)
    low, high = uniform_slice_from(np.array([[0.0, 0.0], [1.0, 1.0]]), box)
    np.testing.assert_allclose(low, [0.3, 0.2, 0.5], atol=1e-6)
    np.testing.assert_allclose(high[1], 0.9, atol=1e-6)
    np.testing.assert_allclose(high.sum(), 1.0, atol=1e-12)


def test_the_law_of_the_first_part_is_inverted():
    """Three parts between 0 and 1 that add up to 1: the first is below t with 1 - (1 - t)^2."""
    uniform = np.array([[0.0, 0.5], [0.19, 0.5], [0.75, 0.5], [0.99, 0.5]])
    made = uniform_slice_from(uniform, cut([0, 0, 0], [1, 1, 1], 1.0))
    np.testing.assert_allclose(made[:, 0], 1 - np.sqrt(1 - uniform[:, 0]), atol=1e-6)
    np.testing.assert_allclose(made[:, 1], made[:, 2], atol=1e-6)


@pytest.mark.parametrize(("share", "thin"), [(0.5, False), (0.06, False), (0.02, True), (0.94, False), (0.98, True)])
def test_too_near_a_corner_no_grid_tells_the_law(share, thin):
    """Near its end the density of four parts goes as x^3 / 6: at 0.24 of 4 it is 1/290 of its peak, at 0.08 1/7800."""
    assert (uniform_slice_from(np.full((1, 3), 0.5), cut([0.0] * 4, [1.0] * 4, 4 * share)) is None) == thin


def test_a_thousandth_of_the_peak_is_thin():
    """x^3 / 6 is a thousandth of 2/3 at 0.1587."""
    at = (4e-3) ** (1 / 3)
    for factor, thin in ((0.98, True), (1.02, False)):
        assert (uniform_slice_from(np.full((1, 3), 0.5), cut([0.0] * 4, [1.0] * 4, at * factor)) is None) == thin
