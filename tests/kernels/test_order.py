"""One sort of packed integers ranks as the plain ranking does: with ties, gaps and close calls, whatever the block."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from egovindex.kernels import order
from egovindex.kernels.order import MOST_PACKED, close_calls, ordered, placed
from egovindex.kernels.rank import TIE_TOLERANCE, competition_ranks


def ranked(scores: np.ndarray) -> np.ndarray:
    return placed(*ordered(scores))


def assert_ranked(scores: np.ndarray) -> None:
    np.testing.assert_array_equal(ranked(scores), competition_ranks(scores))


ELEMENTS = st.one_of(
    st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, np.nan]),
    st.floats(-1e3, 1e3, allow_nan=False),
    st.floats(1e-9, 1e-7),
    st.sampled_from([0.0, -0.0, 5e-324, 1e-320, -1e-320]),
)


@settings(max_examples=settings.default.max_examples * 8)
@given(scores=arrays.arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 40)), elements=ELEMENTS))
def test_ranks_are_the_plain_ones(scores):
    assert_ranked(scores)


@pytest.mark.parametrize("units", [1, 2, 3, 193, 256, 257, 1000, MOST_PACKED, MOST_PACKED + 1])
def test_ranks_of_many_units(units):
    rng = np.random.default_rng(units)
    assert_ranked(rng.normal(size=(20, units)))
    assert_ranked(rng.integers(0, 5, (20, units)) / 4)


@pytest.mark.parametrize("shift", [0.0, -0.5, 1e6, -1e6])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_ranks_do_not_depend_on_where_the_scale_lies(shift, scale):
    scores = (np.random.default_rng(1).random((50, 193)) + shift) * scale
    scores[:, 7] = scores[:, 9]
    assert_ranked(scores)


def test_scores_as_close_as_the_tolerance_are_decided_by_the_scores():
    # three units at the edge: what is cut off a packed score must not decide
    rng = np.random.default_rng(3)
    scores = rng.random((2000, 193))
    scores[:, 1] = scores[:, 0] + TIE_TOLERANCE * rng.uniform(0.99, 1.01, 2000)
    scores[:, 2] = scores[:, 1] + TIE_TOLERANCE * rng.uniform(0.5, 1.5, 2000)
    assert_ranked(scores)


def test_a_batch_of_draws_is_its_draws_one_at_a_time():
    rng = np.random.default_rng(4)
    scores = rng.integers(0, 30, (64, 50)) / 7 + rng.integers(0, 3, (64, 50)) * 1e-15
    scores *= 10.0 ** rng.integers(-6, 6, (64, 1))  # draws of very different size in one block
    together = ranked(scores)
    for draw in range(len(scores)):
        np.testing.assert_array_equal(ranked(scores[draw : draw + 1])[0], together[draw])


@pytest.mark.parametrize("how", [np.asfortranarray, lambda x: np.broadcast_to(x[:1], x.shape), lambda x: x[::-1, ::2]])
def test_how_scores_lie_in_memory_is_nothing(how):
    scores = how(np.random.default_rng(8).integers(0, 9, (60, 40)) / 8)
    assert not scores.flags.c_contiguous
    assert_ranked(scores)
    gaps = order._gaps(scores)
    np.testing.assert_array_equal(gaps[:, :-1], scores[:, 1:] - scores[:, :-1])
    single = how(np.random.default_rng(8).random((60, 40)).astype(np.float32))
    one, other = close_calls(single, guard=1e-6), close_calls(single.copy(order="C"), guard=1e-6)
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1], other[1])


def test_no_ranks_are_made_where_nobody_is_tied():
    units, ranks = ordered(np.random.default_rng(5).random((100, 193)))
    assert ranks is None
    assert (np.sort(units, axis=1) == np.arange(193)).all()


def test_nobody_has_a_score():
    units, ranks = ordered(np.full((2, 3), np.nan))
    assert ranks is not None
    assert (placed(units, ranks) == 0).all()


def test_no_draws_and_no_units():
    assert ordered(np.zeros((0, 5)))[0].shape == (0, 5)
    assert ordered(np.zeros((5, 0)))[0].shape == (5, 0)


def test_a_packed_score_alone_would_not_do(monkeypatch):
    # negative control: without a second look at close scores, ties and their ranks are lost
    monkeypatch.setattr(order, "TIE_TOLERANCE", 0.0)
    scores = np.full((1, 5), 0.1) + np.arange(5) * 1e-15
    assert placed(*ordered(scores, tolerance=0.0)).tolist() != competition_ranks(scores).tolist()


# --- single precision
def test_single_precision_tells_what_it_cannot_decide():
    rng = np.random.default_rng(6)
    exact = rng.random((3000, 193))
    single = exact.astype(np.float32)
    units, doubtful = close_calls(single, guard=2e-6)
    sure = ~doubtful
    # 193 uniform numbers lie closer than d somewhere with a chance of 1 - exp(-193 * 192 * d)
    assert 0.05 < doubtful.mean() < 0.1
    right = np.argsort(-exact, axis=1)
    np.testing.assert_array_equal(units[sure], right[sure])


def test_without_a_guard_single_precision_is_sometimes_wrong():
    rng = np.random.default_rng(7)
    exact = rng.random((20_000, 193))
    units, doubtful = close_calls(exact.astype(np.float32), guard=0.0)
    wrong = (units != np.argsort(-exact, axis=1)).any(axis=1)
    assert wrong.any()
    assert (wrong & ~doubtful).sum() < wrong.sum()


def test_equal_scores_are_doubtful():
    _, doubtful = close_calls(np.full((3, 4), 0.5, dtype=np.float32), guard=0.0)
    assert doubtful.all()


# --- edges
def test_no_draws_and_no_units_in_single_precision():
    for shape in ((0, 5), (5, 0)):
        units, doubtful = close_calls(np.zeros(shape, dtype=np.float32), guard=0.0)
        assert units.shape == shape
        assert units.dtype == np.int64
        assert doubtful.tolist() == [False] * shape[0]


def test_one_unit_is_first_and_sure():
    units, doubtful = close_calls(np.array([[0.5], [0.25]], dtype=np.float32), guard=np.full(2, 1e-6))
    assert units.tolist() == [[0], [0]]
    assert doubtful.tolist() == [False, False]
    units, ranks = ordered(np.array([[0.5], [0.25]]))
    assert (units.tolist(), ranks) == ([[0], [0]], None)
    assert ranked(np.array([[0.5], [np.nan]])).tolist() == [[1], [0]]


@pytest.mark.parametrize("units", [2, 3, 100, 1000, MOST_PACKED])
@pytest.mark.parametrize("span", [1e-6, 1.0, 1e6])
def test_what_is_further_apart_than_the_guard_is_sure_and_what_is_not_is_not(units, span):
    """Even steps from 1 on: doubtful as soon as the guard reaches a step, whatever the range."""
    scores = (span * np.linspace(0, 1, units))[None].astype(np.float32)
    step = span / (units - 1)
    found, doubtful = close_calls(scores, guard=np.array([0.2 * step]))
    assert found[0].tolist() == list(range(units))[::-1]
    assert doubtful.tolist() == [False]
    assert close_calls(scores, guard=np.array([1.5 * step]))[1].tolist() == [True]


def test_a_guard_of_each_draw():
    scores = np.array([[0.0, 0.5, 1.0], [0.0, 0.5, 1.0]], dtype=np.float32)
    assert close_calls(scores, guard=np.array([0.1, 0.6]))[1].tolist() == [False, True]


def test_a_single_draw_of_many_decides_for_itself():
    """A tie, a gap and a close call stand beside draws that have none."""
    scores = np.array([[0.1, 0.2, 0.3], [0.2, 0.2, 0.1], [np.nan, 0.5, 0.4], [0.5, 0.5 - 1e-13, 0.1], [3.0, 1.0, 2.0]])
    units, ranks = ordered(scores)
    assert units[[0, 4]].tolist() == [[2, 1, 0], [0, 2, 1]]
    assert ranks.tolist() == [[1, 2, 3], [1, 1, 3], [1, 2, 0], [1, 1, 3], [1, 2, 3]]
    assert placed(units, ranks).tolist() == [[3, 2, 1], [1, 1, 3], [0, 1, 2], [1, 1, 3], [1, 3, 2]]


def test_a_tolerance_of_ones_own():
    scores = np.array([[1.0, 0.95, 0.5], [1.0, 0.89, 0.5]])
    ranks = ordered(scores, tolerance=0.1)[1]
    assert ranks.tolist() == [[1, 1, 3], [1, 2, 3]]
    assert ordered(scores)[1] is None
    many = np.concatenate([scores, np.zeros((2, MOST_PACKED))], axis=1)
    assert ordered(many, tolerance=0.1)[1][:, :3].tolist() == [[1, 1, 3], [1, 2, 3]]


@pytest.mark.parametrize("offset", [0.0, 1.0, -1.0, 100.0])
@pytest.mark.parametrize("units", [3, 193])
def test_gaps_of_a_few_last_digits(units, offset):
    """With a tolerance of nothing, scores that differ in their last digits have ranks of their own."""
    rng = np.random.default_rng(units)
    scores = offset + rng.permuted(np.tile(np.arange(units), (40, 1)), axis=1) * 4e-16 * max(abs(offset), 1)
    np.testing.assert_array_equal(placed(*ordered(scores, tolerance=0.0)), competition_ranks(scores, tolerance=0.0))
    wide = np.concatenate([scores, np.full((40, 1), offset + 1e6)], axis=1)
    np.testing.assert_array_equal(placed(*ordered(wide, tolerance=0.0)), competition_ranks(wide, tolerance=0.0))


@pytest.mark.parametrize("units", [2, 3, 5, 100])
def test_numbers_next_to_nothing_have_their_ranks(units):
    rng = np.random.default_rng(units)
    scores = rng.permuted(np.tile(np.arange(units), (20, 1)), axis=1) * 5e-324 * rng.integers(1, 200, (20, 1))
    np.testing.assert_array_equal(placed(*ordered(scores, tolerance=0.0)), competition_ranks(scores, tolerance=0.0))


def test_two_numbers_next_to_nothing_that_only_their_last_bits_tell_apart():
    """The better of the two has the larger number of a unit, which its bits in the key hide."""
    scores = np.arange(100)[None] * 1000 * 5e-324
    scores[0, 60] = 5 * 5e-324
    np.testing.assert_array_equal(placed(*ordered(scores, tolerance=0.0)), competition_ranks(scores, tolerance=0.0))
