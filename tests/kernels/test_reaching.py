"""The nearest weights for a rank, by hand: distances, ties, rivals that are always ahead, no time."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest

from egovindex.kernels import ordering, reaching
from egovindex.kernels.ordering import conflict, fewest_left_out, neighbours, widest
from egovindex.kernels.reaching import fewest_ahead, moved, nearest, pulled, relative
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import WHOLE, Region, Shares
from tests.kernels.cases import CIRCLE, HALVES, nearly_tied, stopped

ALL = Region.box(np.zeros(2), np.ones(2))
BOTH = np.arange(2)


def within(size):
    return Region.box(np.maximum((1 - size) * HALVES, 0), np.minimum((1 + size) * HALVES, 1))


def near(ahead, enough, distance=None, tolerance=1e-12, narrowed=within, **more):
    distance = relative(HALVES, BOTH) if distance is None else distance
    return nearest(np.array(ahead, dtype=float), enough, ALL, distance, narrowed, tolerance, **more)


# --- distances
def test_a_distance_by_hand():
    """0.3 w - 0.1 (1 - w) is nothing at a quarter: each weight is half of itself away, a quarter changes hands."""
    for distance, expected in ((relative(HALVES, BOTH), 0.5), (moved(HALVES, BOTH), 0.25)):
        found = pulled(np.array([[0.3, -0.1]]), np.array([False]), ALL, distance)
        assert (found.low, found.high) == (pytest.approx(expected), pytest.approx(expected))
        assert found.parts == pytest.approx([0.25, 0.75])
        assert found.telling.tolist() == [True]
        assert found.ahead.tolist() == [False]
        # a lead of 0.02 for the unit: 0.4 w = 0.08
        inward = pulled(np.array([[0.3, -0.1]]), np.array([False]), ALL, distance, inward=0.02)
        assert inward.parts == pytest.approx([0.2, 0.8])


def test_a_distance_counts_what_moves_alone():
    """Unequal weights: a fifth of its own for the one is a twentieth for the other."""
    own = np.array([0.2, 0.8])
    ahead = np.array([[0.76, -0.24]])  # level at 0.24
    found = pulled(ahead, np.array([False]), ALL, relative(own, BOTH))
    assert found.high == 0
    ahead = np.array([[-0.76, 0.24]])
    assert pulled(ahead, np.array([False]), ALL, relative(own, BOTH)).high == pytest.approx(0.2)
    assert pulled(ahead, np.array([False]), ALL, relative(own, np.array([1]))).high == pytest.approx(0.05)
    assert pulled(ahead, np.array([False]), ALL, moved(own, BOTH)).high == pytest.approx(0.04)
    assert pulled(ahead, np.array([False]), ALL, moved(own, np.array([0]))).high == pytest.approx(0.02)


def test_parts_without_weight_count_for_nothing():
    own = np.array([0.5, 0.0, 0.5])
    region = Region.box(np.zeros(3), np.array([1.0, 0.0, 1.0]))
    found = pulled(np.array([[0.3, 5.0, -0.1]]), np.array([False]), region, relative(own, np.arange(3)))
    assert found.high == pytest.approx(0.5)
    assert found.parts == pytest.approx([0.25, 0, 0.75])


def test_who_is_always_level_or_spared_is_no_condition():
    ahead = np.array([[0.0, 0.0], [0.3, -0.1], [1.0, 1.0]])
    found = pulled(ahead, np.array([False, False, True]), ALL, relative(HALVES, BOTH))
    assert found.high == pytest.approx(0.5)
    assert found.telling.tolist() == [False, True, False]
    assert found.telling.dtype == bool
    assert pulled(ahead, np.array([False, False, False]), ALL, relative(HALVES, BOTH)) is None
    nobody = pulled(ahead, np.array([True, True, True]), ALL, relative(HALVES, BOTH))
    assert nobody.high == pytest.approx(0)
    assert nobody.parts == pytest.approx(HALVES)


# --- nearest
def test_the_nearest_weights_by_hand():
    """Who must be passed: level at a quarter, at a tenth, never; and one that is never ahead."""
    ahead = [[0.3, -0.1], [0.9, -0.1], [1.0, 0.5], [-1.0, -2.0]]
    assert near(ahead, 0) is None
    found = near(ahead, 1)
    assert (found.low, found.high) == (pytest.approx(0.8), pytest.approx(0.8))
    assert found.parts == pytest.approx([0.1, 0.9])
    assert found.ahead.tolist() == [False, False, True, False]
    found = near(ahead, 2)
    assert (found.low, found.high) == (pytest.approx(0.5), pytest.approx(0.5))
    assert found.parts == pytest.approx([0.25, 0.75])
    assert found.ahead.tolist() == [False, True, True, False]
    for enough in (3, 4):
        found = near(ahead, enough)
        assert (found.low, found.high) == (pytest.approx(0), pytest.approx(0))
        assert found.parts == pytest.approx(HALVES)


def test_leads_of_a_tolerance_are_ties():
    """A lead that is 0.25 whatever the weights: a tie to who takes so much for one."""
    ahead = [[0.25, 0.25], [0.3, -0.1]]
    assert near(ahead, 0) is None
    assert fewest_ahead(np.array(ahead), ALL, 0.25).low == 0
    assert fewest_ahead(np.array(ahead), ALL, 0.2).low == 1
    assert fewest_ahead(np.array(ahead), ALL, 0.2).ahead.tolist() == [True, False]
    assert fewest_ahead(np.array([[0.25, 0.25]]), ALL, 0.25, enough=0).ahead.tolist() == [False]


def two_of_six(seed):
    rng = np.random.default_rng(seed)
    own = rng.dirichlet(np.full(3, 3.0))
    ahead = rng.normal(size=(6, 3)) + 0.3
    region = Region.box(np.zeros(3), np.minimum(2 * own, 1.0))
    return own, ahead, region


def narrow(own, region):
    return lambda size: Region.box(
        np.maximum((1 - size) * own, 0.0), np.minimum((1 + size) * own, region.nodes[0].high)
    )


def by_trying(ahead, enough, region, distance):
    tried = []
    for spared in combinations(range(len(ahead)), enough):
        found = pulled(ahead, np.isin(np.arange(len(ahead)), spared), region, distance)
        tried += [] if found is None else [found.high]
    return min(tried, default=None)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", [relative, moved])
def test_the_nearest_is_the_nearest_of_all_who_can_be_spared(seed, kind):
    own, ahead, region = two_of_six(seed)
    distance = kind(own, np.arange(3))
    narrowed = narrow(own, region) if kind is relative else lambda size: region
    for enough in (1, 2, 3):
        expected = by_trying(ahead, enough, region, distance)
        found = nearest(ahead, enough, region, distance, narrowed, 1e-12)
        assert (found is None) == (expected is None)
        if found is not None:
            assert found.high == pytest.approx(expected, abs=1e-9)
            assert found.low == pytest.approx(expected, abs=1e-7)
            assert found.low <= found.high
            assert (ahead[~found.ahead] @ found.parts <= 1e-9).all()
            assert found.ahead.sum() <= enough


def test_where_no_narrower_region_is_known_the_whole_is_searched():
    for seed in range(4):
        own, ahead, region = two_of_six(seed)
        distance = relative(own, np.arange(3))
        for enough in (1, 2):
            one = nearest(ahead, enough, region, distance, narrow(own, region), 1e-12)
            other = nearest(ahead, enough, region, distance, lambda size: None, 1e-12)
            assert (one is None) == (other is None)
            assert one is None or other.high == pytest.approx(one.high, abs=1e-9)


def test_without_time_a_bracket_is_what_is_known():
    """Twenty-four rivals, six of whom may stay ahead: more than relaxed programs settle by themselves."""
    rng = np.random.default_rng(10)
    own, ahead = rng.dirichlet(np.full(5, 3.0)), rng.normal(size=(24, 5))
    region, distance = Region.box(np.zeros(5), np.minimum(2 * own, 1.0)), relative(own, np.arange(5))
    exact = nearest(ahead, 6, region, distance, narrow(own, region), 1e-12)
    hurried = nearest(ahead, 6, region, distance, narrow(own, region), 1e-12, time_limit=0.0)
    assert exact.low == pytest.approx(exact.high, abs=1e-7)
    assert hurried.low < exact.high - 0.1
    assert hurried.high > exact.high + 0.1
    assert (ahead @ hurried.parts > 1e-9).sum() <= 6


# --- fewest ahead
def test_the_fewest_ahead_of_a_circle():
    """Of three who beat each other in turn one is always ahead, and all are level in the middle."""
    region = Region.box(np.zeros(3), np.ones(3))
    found = fewest_ahead(CIRCLE, region, 1e-12)
    assert (found.low, found.ahead.sum()) == (0, 0)
    assert found.parts == pytest.approx([1 / 3] * 3)
    shifted = CIRCLE + 0.1
    found = fewest_ahead(shifted, region, 1e-12)
    assert (found.low, found.ahead.sum()) == (1, 1)
    assert (shifted @ found.parts > 1e-9).tolist() == found.ahead.tolist()
    assert fewest_ahead(shifted, region, 1e-12, enough=0) is None
    assert fewest_ahead(shifted, region, 1e-12, enough=1).ahead.sum() == 1
    assert fewest_ahead(shifted, region, 1e-12, enough=2).ahead.sum() <= 2


def test_nobody_to_be_ahead():
    region = Region.box(np.zeros(3), np.ones(3))
    found = fewest_ahead(np.zeros((0, 3)), region, 1e-12)
    assert (found.low, found.ahead.tolist()) == (0, [])
    behind = fewest_ahead(-np.ones((2, 3)), region, 1e-12)
    assert (behind.low, behind.ahead.tolist()) == (0, [False, False])
    always = fewest_ahead(np.ones((2, 3)), region, 1e-12, enough=2)
    assert (always.low, always.ahead.tolist()) == (2, [True, True])
    assert fewest_ahead(np.ones((2, 3)), region, 1e-12, enough=1) is None


def no_solution_in_time(monkeypatch, module):

    monkeypatch.setattr(module.Program, "least_whole", lambda *args: stopped())


def test_when_time_runs_out_all_that_may_be_ahead_are(monkeypatch):
    region = Region.box(np.zeros(3), np.ones(3))
    rows = np.vstack([CIRCLE + 0.1, np.ones((1, 3)), -np.ones((1, 3))])
    no_solution_in_time(monkeypatch, reaching)
    found = fewest_ahead(rows, region, 1e-12, time_limit=5.0)
    assert found.ahead.tolist() == [True, True, True, True, False]
    assert found.low == 1
    assert found.parts == pytest.approx([1 / 3] * 3)
    with pytest.raises(TimeoutError):
        fewest_ahead(rows, region, 1e-12, enough=2, time_limit=5.0)


def test_a_proof_that_does_not_hold_is_none(monkeypatch):
    """Where the solver's multipliers do not show that there are no weights, it is not told that there are none."""
    shifted = CIRCLE + 0.1
    region = Region.box(np.zeros(3), np.ones(3))
    monkeypatch.setattr(reaching, "widest", lambda pairs, own: replace(widest(pairs, own), margin=-1.0, bound=0.0))
    with pytest.raises(Refusal, match="whether there are such weights is too close to call"):
        fewest_ahead(shifted, region, 1e-12, enough=0)
    with pytest.raises(Refusal, match="whether there are such weights is too close to call"):
        fewest_ahead(CIRCLE[:2], region, 1e-12, enough=0)
    monkeypatch.undo()
    assert fewest_ahead(CIRCLE[:2], region, 1e-12, enough=0).low == 0
    assert fewest_ahead(shifted, region, 1e-12, enough=0) is None


# --- orders
def test_neighbours_of_groups():
    above, below = neighbours(np.array([0, 5, 0, 2]))
    assert list(zip(above.tolist(), below.tolist(), strict=True)) == [(0, 3), (2, 3), (3, 1)]
    alone = neighbours(np.array([3, 3]))
    assert [len(side) for side in alone] == [0, 0]


def test_the_widest_margin_by_hand():
    """Ahead by 1 - 2 a and by 2 a - 1 + 0.5: a quarter each, half of the weight of the proof on either."""
    found = widest(np.array([[-1.0, 1.0], [1.5, -0.5]]), ALL)
    assert found.margin == pytest.approx(0.25)
    assert found.parts == pytest.approx([0.375, 0.625])
    assert found.multipliers == pytest.approx([0.5, 0.5])
    assert found.bound == pytest.approx(0.25)
    level = widest(np.zeros((2, 2)), ALL)
    assert (level.margin, level.bound) == (0, 0)


def test_a_conflict_names_who_cannot_stand_together():
    region = Region.box(np.zeros(3), np.ones(3))
    pairs = np.vstack([[0.1, 0.1, 0.2], CIRCLE - 0.05, [1.0, 1.0, 1.0]])
    assert conflict(pairs, region, 1e-9).tolist() == [1, 2, 3]
    assert conflict(np.vstack([pairs, [-1.0, -1.0, -1.0]]), region, 1e-9).tolist() == [5]
    assert conflict(pairs[:3], region, 1e-9).tolist() == []
    assert conflict(pairs[:1], region, 0.15).tolist() == []
    assert conflict(pairs[:1], region, 0.25).tolist() == [0]
    assert conflict(np.vstack([pairs[:1], pairs[:1]]), region, 0.25).tolist() in ([0], [1])


def test_who_is_left_out_by_hand():
    """The third is never below the second; without either the order holds."""
    x = np.array([[1.0, 0.0], [0.5, 0.2], [0.6, 0.3], [0.0, 0.9]])
    found = fewest_left_out(x, np.array([0, 1, 2, 3]), ALL, 1e-9)
    assert (found.low, found.out.sum()) == (1, 1)
    assert found.out[1] or found.out[2]
    found = fewest_left_out(x, np.array([0, 2, 1, 3]), ALL, 1e-9)
    assert (found.low, found.out.tolist()) == (0, [False] * 4)
    together = fewest_left_out(x, np.array([1, 1, 1, 1]), ALL, 1e-9)
    assert (together.low, together.out.any()) == (0, False)


def close_order():
    """Five units that cannot all stand in their order, by less than a solver of whole numbers can tell."""
    rng = np.random.default_rng(24)
    x, region = nearly_tied(rng, 5, 1e-7)
    return x, rng.permutation(5), region


def test_an_order_that_needs_a_second_look():
    x, groups, region = close_order()
    found = fewest_left_out(x, groups, region, 1e-11, tie=1e-12)
    assert (found.low, found.out.sum()) == (1, 1)


def test_time_that_runs_out_in_the_middle(monkeypatch):
    x, groups, region = close_order()
    ticks = iter([0.0, 0.0])
    monkeypatch.setattr(ordering, "monotonic", lambda: next(ticks, 9.0))
    found = fewest_left_out(x, groups, region, 1e-11, tie=1e-12, time_limit=5.0)
    assert 0 <= found.low <= 1 <= found.out.sum() <= 4
    monkeypatch.undo()
    no_solution_in_time(monkeypatch, ordering)
    found = fewest_left_out(x, groups, region, 1e-11, tie=1e-12, time_limit=5.0)
    assert (found.low, found.out.tolist()) == (0, [False, True, True, True, True])


def test_one_unit_alone_is_in_order():
    found = fewest_left_out(np.array([[1.0, 2.0]]), np.array([0]), ALL, 1e-9)
    assert (found.low, found.out.tolist()) == (0, [False])


def test_weights_that_cannot_be_have_no_order():
    never = Shares(WHOLE, BOTH, np.zeros(2), np.ones(2), np.array([[1.0, 1.0]]), np.array([0.5]))
    with pytest.raises(Refusal):
        widest(np.eye(2), Region((never,), BOTH, 2))


def test_the_solver_is_given_the_time_that_is_left(monkeypatch):
    """The clock stands at 1000, and goes on by a second each time one looks."""
    x, groups, region = close_order()
    shifted, three = CIRCLE + 0.1, Region.box(np.zeros(3), np.ones(3))
    own = np.full(3, 1 / 3)

    def far():
        rows = np.array([[0.3, -0.1, 0.0], [0.0, 0.3, -0.1], [-0.1, 0.0, 0.3], [0.2, 0.2, -0.3]]) + 0.01
        narrowed = narrow(own, three)
        return nearest(rows, 1, three, relative(own, np.arange(3)), narrowed, 1e-12, time_limit=50.0)

    for module, ask in (
        (ordering, lambda: fewest_left_out(x, groups, region, 1e-11, tie=1e-12, time_limit=50.0)),
        (reaching, lambda: fewest_ahead(shifted, three, 1e-12, time_limit=50.0)),
        (reaching, far),
    ):
        given, clock = [], iter(range(1000, 2000))
        plain = module.Program.least_whole

        def spied(self, cost, whole, limit, plain=plain, given=given):
            given.append(limit)
            return plain(self, cost, whole, limit)

        monkeypatch.setattr(module, "monotonic", lambda clock=clock: float(next(clock)))
        monkeypatch.setattr(module.Program, "least_whole", spied)
        ask()
        monkeypatch.undo()
        assert given
        assert given[0] == 49
        assert all(40 < later < sooner for sooner, later in pairwise(given))


def test_who_may_be_level_at_best_is_left_out_of_nothing():
    """Two units that are level where all weight is on the second part: at a margin of nothing, and of a little."""
    x = np.array([[1.0, 0.0], [0.0, 0.0]])
    for least in (0.0, 1e-9):
        found = fewest_left_out(x, np.array([0, 1]), ALL, least)
        assert (found.low, found.out.tolist()) == (0, [False, False])
        turned = fewest_left_out(x, np.array([1, 0]), ALL, 1e-9)
        assert (turned.low, turned.out.sum()) == (1, 1)


def test_who_is_never_passed_need_not_be_spared():
    """Nobody can be ahead, or so few that all of them may be: the weights stay as they are."""
    for ahead in ([[-1.0, -2.0]], [[-1.0, -2.0], [0.0, 0.0]], [[0.3, -0.1], [-1.0, -1.0]], [[1.0, 0.5], [-1.0, -1.0]]):
        found = near(ahead, 1)
        assert (found.low, found.high) == (pytest.approx(0), pytest.approx(0))
        assert found.parts == pytest.approx(HALVES)
    assert near([[-1.0, -2.0]], 0).high == pytest.approx(0)
    assert near([[-1.0, -2.0]], 0).ahead.tolist() == [False]
