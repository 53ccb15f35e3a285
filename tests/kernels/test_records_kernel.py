"""Groups of rows: gathered, any of, how many, by hand, one row of numbers and several draws."""

from __future__ import annotations

import numpy as np
import pytest

from egovindex.kernels.records import any_of, gathered, size_of

# rows 3, 0 | 1 | 2, 4 go to units 2, 0, 1 of four; unit 3 has none
ORDER, STARTS, INTO = np.array([3, 0, 1, 2, 4]), np.array([0, 2, 3]), np.array([2, 0, 1])
X = np.array([[1.0, -2.0, 8.0, 4.0, 16.0], [-1.0, -3.0, -7.0, -5.0, -11.0]])
COUNTS = np.array([[True, True, True, True, False], [True, False, False, True, True]])
NONE = np.array([], dtype=int)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("mean", [[-2, 8, 2.5, np.nan], [np.nan, -11, -3, np.nan]]),
        ("sum", [[-2, 8, 5, np.nan], [np.nan, -11, -6, np.nan]]),
        ("min", [[-2, 8, 1, np.nan], [np.nan, -11, -5, np.nan]]),
        ("max", [[-2, 8, 4, np.nan], [np.nan, -11, -1, np.nan]]),
    ],
)
def test_gathered_by_hand(how, expected):
    value, share = gathered(X, COUNTS, ORDER, STARTS, INTO, 4, how)
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_array_equal(share, [[1, 0.5, 1, 0], [0, 0.5, 1, 0]])


@pytest.mark.parametrize(("how", "expected"), [("mean", [-2, 12, 2.5]), ("min", [-2, 8, 1]), ("max", [-2, 16, 4])])
def test_gathered_without_a_mask_counts_every_row(how, expected):
    value, share = gathered(X[0], None, ORDER, STARTS, INTO, 4, how)
    np.testing.assert_array_equal(value, [*expected, np.nan])
    np.testing.assert_array_equal(share, [1, 1, 1, 0])


@pytest.mark.parametrize("shape", [(5,), (2, 5)])
def test_no_groups_at_all(shape):
    x, mask = np.ones(shape), np.ones(shape, dtype=bool)
    value, share = gathered(x, mask, NONE, NONE, NONE, 3, "mean")
    assert value.shape == (*shape[:-1], 3)
    assert np.isnan(value).all()
    assert share.tolist() == [0, 0, 0]
    marked, size = any_of(mask, NONE, NONE, NONE, 3), size_of(mask, NONE, NONE, NONE, 3)
    assert marked.shape == size.shape == (*shape[:-1], 3)
    assert marked.dtype == bool
    assert not marked.any()
    assert not size.any()


def test_any_and_how_many_by_hand():
    mask = np.array([[False, True, False, False, True], [True, False, False, True, False]])
    marked = any_of(mask, ORDER, STARTS, INTO, 4)
    assert marked.dtype == bool
    assert marked.tolist() == [[True, True, False, False], [False, False, True, False]]
    assert size_of(mask, ORDER, STARTS, INTO, 4).tolist() == [[1, 1, 0, 0], [0, 0, 2, 0]]
    assert size_of(None, ORDER, STARTS, INTO, 4).tolist() == [1, 2, 2, 0]


def test_single_precision_stays_single():
    value, _ = gathered(X.astype(np.float32), COUNTS, ORDER, STARTS, INTO, 4, "mean")
    assert value.dtype == np.float32
