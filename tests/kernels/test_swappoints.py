"""One weight moves: crossings, stable shares and rank ranges against exact rationals, grids and cases by hand."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.kernels import swappoints
from egovindex.kernels.rank import competition_ranks
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.swappoints import rank_range_one_weight, stability_interval, swap_points
from tests.kernels.cases import HALVES, THREE_UNITS

Numbers = list[Fraction]


# --- the same in rationals, by trying every point -----------------------------------------------------------------
class Lines:
    """Scores of units as exact lines in the share of one part."""

    def __init__(self, own: Numbers, one: Numbers, share: Fraction) -> None:
        self.share = share
        self.one = one
        self.zero = [(a - share * b) / (1 - share) for a, b in zip(own, one, strict=True)]

    def at(self, t: Fraction) -> Numbers:
        return [a + t * (b - a) for a, b in zip(self.zero, self.one, strict=True)]

    def ranks(self, t: Fraction) -> list[int]:
        scores = self.at(t)
        return [1 + sum(other > score for other in scores) for score in scores]

    def crossings(self) -> list[tuple[int, int, Fraction]]:
        found = []
        for i, j in combinations(range(len(self.zero)), 2):
            zero, one = self.zero[i] - self.zero[j], self.one[i] - self.one[j]
            if zero != one and 0 <= (t := zero / (zero - one)) <= 1:
                found.append((i, j, t))
        return found

    def points(self, low: Fraction, high: Fraction) -> Numbers:
        """Limits, the crossings between them and a point in every gap: nothing happens anywhere else."""
        ends = sorted({low, high, *(t for _, _, t in self.crossings() if low < t < high)})
        return sorted([*ends, *((a + b) / 2 for a, b in pairwise(ends))])


FEW = st.integers(0, 4).map(lambda v: Fraction(v, 4))
MANY = st.integers(0, 60).map(lambda v: Fraction(v, 60))


@st.composite
def cases(draw):
    """Scores of a node, or of a tree above it; few different values, so that many lines meet in one point."""
    n, k = draw(st.integers(2, 6)), draw(st.integers(2, 4))
    value = draw(st.sampled_from([FEW, MANY]))
    x = [[draw(value) for _ in range(k)] for _ in range(n)]
    weights = [Fraction(draw(st.integers(0, 5))) for _ in range(k)]
    weights[0] += 1
    weights[1] += 1
    shares = [weight / sum(weights) for weight in weights]
    rest, outer = [draw(value) for _ in range(n)], draw(st.sampled_from([Fraction(0), Fraction(1, 3)]))
    own = [
        outer * r + (1 - outer) * sum(s * v for s, v in zip(shares, row, strict=True))
        for row, r in zip(x, rest, strict=True)
    ]
    one = [[outer * r + (1 - outer) * row[q] for row, r in zip(x, rest, strict=True)] for q in range(k)]
    return own, one, shares


def floats(own, one, shares):
    return tuple(np.array(values, dtype=float) for values in (own, one, shares))


@given(cases())
def test_swap_points_are_those_of_exact_rationals(case):
    own, one, shares = case
    found = swap_points(*floats(*case))
    expected = [(q, i, j, t) for q in range(len(shares)) for i, j, t in Lines(own, one[q], shares[q]).crossings()]
    pairs = [(q, *sorted(pair)) for q, *pair in zip(*(a.tolist() for a in found[:3]), strict=True)]
    assert pairs == [row[:3] for row in expected], "by part, then by pair, none missing and none too many"
    np.testing.assert_allclose(found.t, [float(row[3]) for row in expected], atol=1e-12)


@given(cases())
def test_the_first_of_a_pair_is_ahead_on_the_side_of_now(case):
    own, one, shares = case
    found = swap_points(*floats(*case))
    for q, i, j, t in zip(*(column.tolist() for column in found), strict=True):
        lines = Lines(own, one[q], shares[q])
        exact = {pair[:2]: pair[2] for pair in lines.crossings()}[min(i, j), max(i, j)]
        now, at_zero, at_one = (s[i] - s[j] for s in map(lines.at, (shares[q], Fraction(0), Fraction(1))))
        share = float(shares[q])
        assert ((t > share), (t < share)) == (exact > shares[q], exact < shares[q])
        if exact != shares[q]:
            assert now > 0
            assert (at_one if exact > shares[q] else at_zero) <= 0
        else:
            assert now == 0
            assert at_zero >= 0 >= at_one


@given(cases())
def test_stable_shares_are_the_widest(case):
    own, one, shares = case
    found = stability_interval(*floats(*case))
    for q, share in enumerate(shares):
        lines = Lines(own, one[q], share)
        points = sorted({*lines.points(Fraction(0), share), *lines.points(share, Fraction(1))})
        now = lines.ranks(share)
        ranks = {t: lines.ranks(t) for t in points}
        for unit in range(len(own)):
            other = [t for t in points if ranks[t][unit] != now[unit]]
            # a changed rank in a gap means that it changed at the gap's end
            ends = [t for t in points if t in (0, 1, share) or any(t == c for _, _, c in lines.crossings())]
            high = min((max(e for e in ends if e <= t) for t in other if t > share), default=Fraction(1))
            low = max((min(e for e in ends if e >= t) for t in other if t < share), default=Fraction(0))
            assert (found.low[q, unit], found.high[q, unit]) == pytest.approx((float(low), float(high)), abs=1e-11)
    np.testing.assert_array_equal(found.all_low, found.low.max(axis=1))
    np.testing.assert_array_equal(found.all_high, found.high.min(axis=1))
    leaders = [unit for unit, score in enumerate(own) if score == max(own)]
    np.testing.assert_array_equal(found.leader_low, found.low[:, leaders].max(axis=1))
    np.testing.assert_array_equal(found.leader_high, found.high[:, leaders].min(axis=1))


LIMITS = st.sampled_from([(0, 1), (0, 0), (1, 1), (1 / 4, 3 / 4), (1 / 2, 1 / 2), (1 / 3, 1), (0, 1 / 3)])


@given(cases(), LIMITS)
def test_rank_ranges_are_those_of_every_point(case, limits):
    own, one, shares = case
    low, high = (Fraction(limit).limit_denominator(12) for limit in limits)
    found = rank_range_one_weight(*floats(*case), np.tile([float(low), float(high)], (len(shares), 1)))
    for q, share in enumerate(shares):
        lines = Lines(own, one[q], share)
        ranks = np.array([lines.ranks(t) for t in lines.points(low, high)])
        np.testing.assert_array_equal(found.best[q], ranks.min(axis=0))
        np.testing.assert_array_equal(found.worst[q], ranks.max(axis=0))
        # at the share named the rank is had, up to ties
        for which, at in ((found.best, found.best_share), (found.worst, found.worst_share)):
            assert ((at[q] >= float(low) - 1e-12) & (at[q] <= float(high) + 1e-12)).all()
            scores = np.array([[float(s) for s in lines.at(Fraction(t))] for t in at[q]])
            seen = competition_ranks(scores, tolerance=1e-11)
            if which is found.best:
                assert (np.diagonal(seen) <= which[q]).all()
            else:
                loose = 1 + (scores > np.diagonal(scores)[:, None] - 1e-11).sum(axis=1) - 1
                assert (loose >= which[q]).all()


# --- by hand ------------------------------------------------------------------------------------------------------
# three units, two parts of weight 1/2: (1, 0), (0, 1), (3/4, 1/2)


def test_three_units_by_hand():
    found = swap_points(THREE_UNITS @ HALVES, THREE_UNITS.T, HALVES)
    # first against second are level now; first overtakes third where t = 3/4 t + 1/2 (1 - t): t = 2/3;
    # second overtakes third where 1 - t = 1/2 + t/4: t = 2/5
    assert found.edge.tolist() == [0, 0, 0, 1, 1, 1]
    assert list(zip(found.i.tolist(), found.j.tolist(), strict=True)) == [
        (1, 0),
        (2, 0),
        (2, 1),
        (0, 1),
        (2, 0),
        (2, 1),
    ]
    np.testing.assert_allclose(found.t, [1 / 2, 2 / 3, 2 / 5, 1 / 2, 1 / 3, 3 / 5], atol=1e-15)


def test_three_units_by_hand_stand_still():
    found = stability_interval(THREE_UNITS @ HALVES, THREE_UNITS.T, HALVES)
    # the leader up to both overtakings; the other two are level now and part at once, the one to rise keeping rank 2
    np.testing.assert_allclose(found.low[0], [1 / 2, 2 / 5, 2 / 5], atol=1e-15)
    np.testing.assert_allclose(found.high[0], [2 / 3, 1 / 2, 2 / 3], atol=1e-15)
    assert (found.all_low[0], found.all_high[0]) == (0.5, 0.5)
    assert (found.leader_low[0], found.leader_high[0]) == pytest.approx((2 / 5, 2 / 3))


def test_three_units_by_hand_in_limits():
    found = rank_range_one_weight(THREE_UNITS @ HALVES, THREE_UNITS.T, HALVES, np.array([[0.45, 0.7], [0.0, 1.0]]))
    assert found.best.tolist() == [[1, 2, 1], [1, 1, 1]]
    assert found.worst.tolist() == [[3, 3, 2], [3, 3, 2]]


def test_level_at_the_limit_only():
    # the second draws level at 1/3 exactly and would be ahead beyond it
    own, one, share = np.array([0.5, 0.25]), np.array([[0.0, 0.5]]), np.array([0.0])
    at = 0.25 / 0.75  # 0.5 (1 - t) = 0.25 + 0.25 t
    for limit, worst in ((at, 1), (at * (1 + 1e-9), 2), (at * (1 - 1e-9), 1)):
        assert rank_range_one_weight(own, one, share, np.array([[0.0, limit]])).worst[0, 0] == worst
    for limit, best in ((at, 1), (at * (1 - 1e-9), 2)):
        assert rank_range_one_weight(own, one, share, np.array([[0.0, limit]])).best[0, 1] == best


def test_many_lines_through_one_point_count_together():
    # at 1/3 eight units are level, in doubles only nearly so: there everybody is first, whoever leads on either side
    rng = np.random.default_rng(1)
    slopes = np.append(rng.normal(size=7), 0.3)
    own, one, share = 0.7 - slopes / 3, 0.7 + slopes * 2 / 3, np.array([0.0])
    found = rank_range_one_weight(own, one[None], share, np.array([[0.0, 1.0]]))
    assert found.best.tolist() == [[1] * 8]
    between = np.argsort(slopes)[1:-1]  # the flattest leads before, the steepest after
    assert found.best_share[0, between].tolist() == pytest.approx([1 / 3] * 6, abs=1e-9)


# --- ties by rounding, sizes --------------------------------------------------------------------------------------
def test_pairs_tied_everywhere_but_for_rounding_do_not_cross():
    rng = np.random.default_rng(2)
    x = rng.random((6, 5))
    x[3] = x[1] + rng.normal(size=5) * 1e-16
    w = np.full(5, 0.2)
    found = swap_points(x @ w, x.T, w)
    assert not ((found.i == 1) & (found.j == 3) | (found.i == 3) & (found.j == 1)).any()
    both = rank_range_one_weight(x @ w, x.T, w, np.tile([0.0, 1.0], (5, 1)))
    np.testing.assert_array_equal(both.best[:, 1], both.best[:, 3])
    np.testing.assert_array_equal(both.worst[:, 1], both.worst[:, 3])


def test_scores_that_vanish_at_a_share_of_nothing_are_level_there():
    # 1/10 = 6/7 x 7/60: without the part both units have 0, in doubles 1e-17; what counts is what it is the rest of
    found = swap_points(np.array([0.0, 1 / 10]), np.array([[0.0, 7 / 60]]), np.array([6 / 7]))
    assert (found.i.tolist(), found.j.tolist(), found.t.tolist()) == ([1], [0], [0.0])


def test_a_common_factor_changes_nothing():
    rng = np.random.default_rng(3)
    x, w = rng.choice([0.0, 0.5, 1.0], (20, 6)), rng.dirichlet(np.ones(6))
    one = swap_points(x @ w, x.T, w)
    for factor in (1e-9, 1e9):
        other = swap_points(x @ w * factor, x.T * factor, w)
        for a, b in zip(one[:3], other[:3], strict=True):
            np.testing.assert_array_equal(a, b)
        np.testing.assert_allclose(one.t, other.t, atol=1e-12)


def test_against_a_fine_grid():
    rng = np.random.default_rng(4)
    x, w = rng.random((25, 8)), rng.dirichlet(np.full(8, 3.0))
    points, stable = swap_points(x @ w, x.T, w), stability_interval(x @ w, x.T, w)
    limits = np.clip(w[:, None] * [0.5, 1.5], 0, 1)
    ranges = rank_range_one_weight(x @ w, x.T, w, limits)
    grid = np.linspace(0, 1, 4001)
    for q in range(8):
        weights = np.outer((1 - grid) / (1 - w[q]), w)
        weights[:, q] = grid
        ranks = competition_ranks(weights @ x.T)
        own = points.edge == q
        # a crossing is one exchange: between two points of the grid, ranks have moved by as many as lie between
        moved = np.abs(np.diff(ranks, axis=0)).sum(axis=1)
        crossed = np.histogram(points.t[own], grid)[0]
        assert ((moved > 0) <= (crossed > 0)).all()
        assert (moved[crossed == 1] == 2).all()
        now = competition_ranks(x @ w)
        for unit in range(25):
            inside = (grid > stable.low[q, unit]) & (grid < stable.high[q, unit])
            assert (ranks[inside, unit] == now[unit]).all()
        reached = ranks[(grid >= limits[q, 0]) & (grid <= limits[q, 1])]
        assert (ranges.best[q] <= reached.min(axis=0)).all()
        assert (ranges.worst[q] >= reached.max(axis=0)).all()
        assert (ranges.best[q] < reached.min(axis=0)).mean() < 0.1
        assert (ranges.worst[q] > reached.max(axis=0)).mean() < 0.1


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(5)
    x, w = rng.choice([0.0, 0.25, 1.0], (14, 7)), np.full(7, 1 / 7)
    limits = np.tile([0.0, 0.5], (7, 1))
    whole = [swap_points(x @ w, x.T, w), rank_range_one_weight(x @ w, x.T, w, limits)]
    monkeypatch.setattr(swappoints, "_CELLS", 100)
    parts = [swap_points(x @ w, x.T, w), rank_range_one_weight(x @ w, x.T, w, limits)]
    for one, other in zip(whole, parts, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_no_unit_one_unit_and_no_part():
    none = swap_points(np.zeros(3), np.zeros((0, 3)), np.zeros(0))
    assert [len(column) for column in none] == [0, 0, 0, 0]
    alone = stability_interval(np.array([0.3]), np.array([[1.0]]), np.array([0.5]))
    assert (alone.low.tolist(), alone.high.tolist()) == ([[0.0]], [[1.0]])
    assert len(swap_points(np.zeros(0), np.zeros((2, 0)), np.zeros(2)).t) == 0
    assert rank_range_one_weight(np.zeros(2), np.zeros((1, 2)), np.zeros(1), np.array([[0, 1]])).worst.tolist() == [
        [1, 1]
    ]


@pytest.mark.parametrize(
    ("own", "one", "share", "message"),
    [
        ([0.5, np.nan], [[1.0, 0.0]], [0.5], "every unit needs a score"),
        ([0.5, 0.1], [[1.0, 0.0]], [1.0], "all the weight of its node"),
        ([0.5, 0.1], [[1.0, 0.0]], [-0.1], "all the weight"),
        ([0.5, 0.1], [[1.0, 0.0]], [0.5, 0.5], "one share for each part"),
    ],
)
def test_what_is_refused(own, one, share, message):
    with pytest.raises(Refusal, match=message):
        swap_points(np.array(own), np.array(one), np.array(share))


def test_limits_that_are_none_are_refused_by_part():
    with pytest.raises(Refusal, match="smaller one first") as told:
        rank_range_one_weight(THREE_UNITS @ HALVES, THREE_UNITS.T, HALVES, np.array([[0.1, 0.2], [0.3, 0.2]]))
    assert told.value.where.tolist() == [False, True]
