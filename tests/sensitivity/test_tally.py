"""What is counted of draws, against the same counted one by one."""

from __future__ import annotations

import numpy as np
import pytest

from egovindex.kernels.order import ordered
from egovindex.sensitivity.tally import Partial, RankCounts, Tally, count_above, ranks_of, state_of


def drawn_ranks(draws: int, n: int, *, gaps: bool) -> np.ndarray:
    found = np.random.default_rng(draws).integers(0 if gaps else 1, n + 1, (draws, n))
    return found.astype(np.int64)


@pytest.mark.parametrize("gaps", [True, False])
@pytest.mark.parametrize(("draws", "n"), [(1, 1), (3, 2), (255, 3), (256, 3), (700, 4)])
def test_how_often_one_is_above_another(draws, n, gaps):
    ranks = drawn_ranks(draws, n, gaps=gaps)
    expected = [[sum(0 < row[i] < row[j] for row in ranks.tolist()) for j in range(n)] for i in range(n)]
    found = count_above(ranks)
    assert found.dtype == np.int64
    assert found.tolist() == expected


def test_more_draws_than_a_byte_counts_and_ranks_that_one_does_not_hold():
    ranks = np.tile(np.array([[300, 299, 0]]), (1000, 1))
    assert count_above(ranks).tolist() == [[0, 0, 0], [1000, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 9])
def test_how_often_each_rank_was_drawn(n):
    rng = np.random.default_rng(n)
    counter, expected = RankCounts(n), np.zeros((n, n + 1), dtype=int)
    for kind in ("plain", "tied", "lacking"):
        scores = rng.random((40, n))
        if kind == "tied":
            scores = np.round(scores, 1)
        if kind == "lacking":
            scores[rng.random((40, n)) < 0.3] = np.nan
        for row in scores:
            for unit, own in enumerate(row):
                expected[unit, 0 if np.isnan(own) else 1 + (row > own + 1e-9).sum()] += 1
        counter.add(*ordered(scores))
    assert counter.counts.dtype == np.int64
    assert counter.counts.tolist() == expected.tolist()


def test_ranks_are_of_each_period():
    scores = np.array([[0.5, 0.9, 0.7, np.nan, 0.1], [0.2, 0.2, 0.3, 0.4, 0.4]])
    one = (np.arange(5),)
    assert ranks_of(scores, one).tolist() == [[3, 1, 2, 0, 4], [4, 4, 3, 1, 1]]
    two = (np.array([0, 3]), np.array([1, 2, 4]))
    assert ranks_of(scores, two).tolist() == [[1, 1, 2, 0, 3], [2, 3, 2, 1, 1]]
    assert ranks_of(scores, (np.array([4, 1]),)).tolist() == [[0, 1, 0, 0, 2], [0, 2, 0, 0, 1]]
    assert ranks_of(scores[:0], one).shape == (0, 5)


def part(draws: int, failed: list[tuple[int, str]], **numbers) -> Partial:
    return Partial(
        draws,
        failed,
        {"counts": np.array(numbers["counts"])},
        [{"above.0": np.array([at])} for at in numbers.get("above", ())],
        {"scores": [np.array(numbers.get("kept", []), dtype=float)]},
    )


def test_draws_add_up_in_their_order():
    before = Tally()
    one = before.with_(part(4, [(1, "x")], counts=[[1, 2, 0]], above=[2, 3], kept=[0.5, 0.25]))
    two = one.with_(part(3, [(4, "y"), (6, "z")], counts=[[0, 0, 1]], above=[5], kept=[0.125]))
    assert (before.draws, before.sums, before.kept) == (0, {}, {})
    assert (one.draws, one.failures, one.good, one.failed) == (4, 1, 3, [(1, "x")])
    assert (two.draws, two.failures, two.good) == (7, 3, 4)
    assert two.failed == [(1, "x"), (4, "y"), (6, "z")]
    assert two.sums["counts"].tolist() == [[1, 2, 1]]
    assert one.sums["above.0"].tolist() == [5]
    assert two.sums["above.0"].tolist() == [10]
    assert one.held("scores").tolist() == [0.5, 0.25]
    assert two.held("scores").tolist() == [0.5, 0.25, 0.125]
    assert two.held("ranks") is None
    assert set(state_of(two)) == {"sum.counts", "sum.above.0", "kept.scores"}
    np.testing.assert_array_equal(state_of(two)["kept.scores"], [0.5, 0.25, 0.125])
    np.testing.assert_array_equal(state_of(two)["sum.counts"], [[1, 2, 1]])
    two.kept["draws"] = []
    assert "kept.draws" not in state_of(two)


def test_what_is_kept_by_one_of_two_only():
    one = Tally().with_(Partial(1, kept={"scores": [np.array([1.0])]}))
    two = one.with_(Partial(1, kept={"draws": [np.array([7])]}))
    assert two.held("scores").tolist() == [1]
    assert two.held("draws").tolist() == [7]


def test_the_first_thousand_failures_are_told_and_all_are_counted():
    tally = Tally()
    for start in range(0, 1500, 500):
        tally = tally.with_(Partial(500, [(start + at, "no") for at in range(500)]))
    assert tally.failures == 1500
    assert [draw for draw, _ in tally.failed] == list(range(1000))
    assert tally.good == 0


def test_sums_of_ranks_out_of_counts_and_without():
    # three draws of two units: ranks 1, 1, 2 and 2, none, 1
    counted = Tally(draws=3, sums={"counts": np.array([[0, 2, 1], [1, 1, 1]])})
    summed = Tally(
        draws=3,
        sums={"ranks": np.array([4, 3]), "rank_squares": np.array([6, 5]), "scored": np.array([3, 2])},
    )
    for tally in (counted, summed):
        assert tally.scored().tolist() == [3, 2]
        assert [sums.tolist() for sums in tally.rank_sums()] == [[4, 3], [6, 5]]
