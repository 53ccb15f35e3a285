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
