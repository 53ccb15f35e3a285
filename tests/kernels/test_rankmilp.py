"""Programs with whole numbers against every set of rivals tried by a linear program each."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import scipy.optimize
from scipy.optimize import linprog

from egovindex.kernels import rankmilp
from egovindex.kernels.ordering import widest
from egovindex.kernels.rankmilp import APART, Search
from egovindex.kernels.region import WHOLE, Region, Shares
from tests.kernels.cases import CIRCLE, nearly_tied, stopped


def nested(rng):
    """A top of three, of which the first is shared out again under conditions."""
    nothing = np.zeros((0, 3)), np.zeros(0)
    own = rng.dirichlet(np.full(3, 3.0))
    top = Shares(WHOLE, np.arange(3), 0.5 * own, np.minimum(1.5 * own, 1.0), *nothing)
    order = np.diff(np.eye(3), axis=0)
    below = Shares(0, np.arange(3, 6), np.full(3, 0.1), np.ones(3), order, np.zeros(2))
    return Region((below, top), np.array([1, 2, 3, 4, 5]), 6)


def region_of(rng, case):
    if case % 3 == 0:
        return nested(rng)
    k = int(rng.integers(2, 6))
    if case % 3 == 1:
        return Region.box(np.zeros(k), np.ones(k))
    own = np.full(k, 1 / k)
    return Region.box(0.75 * own, 1.25 * own)


def leads_of(rng, case, region):
    many = len(region.ends)
    x = rng.uniform(size=(6, many)) if case % 2 else rng.choice([0, 0.5, 1], (6, many))
    leads = x[1:] - x[0]
    return leads[(region.least(leads) <= 1e-12) & (region.most(leads) > 1e-12)]


def together(region, leads, strict):
    """The largest set of rivals behind together: every set tried, the largest first."""
    linear, u = region.linear, len(leads)
    ends = np.zeros((u, region.size))
    ends[:, region.ends] = leads
    for many in range(u, 0, -1):
        for chosen in combinations(range(u), many):
            upper, limits = [np.c_[ends[list(chosen)], np.ones(many)]], [np.zeros(many)]
            if linear.upper.shape[0]:
                upper.append(np.c_[linear.upper.toarray(), np.zeros(linear.upper.shape[0])])
                limits.append(linear.limits)
            solved = linprog(
                np.r_[np.zeros(region.size), -1.0],
                A_ub=np.vstack(upper),
                b_ub=np.concatenate(limits),
                A_eq=np.c_[linear.equal.toarray(), np.zeros(linear.equal.shape[0])],
                b_eq=linear.sums,
                bounds=[*zip(linear.low, linear.high, strict=True), (-1, 1)],
            )
            if -solved.fun > (1e-7 if strict else -1e-9):
                return many
    return 0


def check(found, leads, region, expected, least):
    assert (found.found, found.bound) == (expected, expected)
    linear = region.linear
    assert (linear.upper @ found.parts <= linear.limits + 1e-8).all()
    np.testing.assert_allclose(linear.equal @ found.parts, linear.sums, atol=1e-8)
    value = leads @ found.parts[region.ends] / np.abs(leads).max(axis=1)
    assert int((value <= -least).sum()) >= expected


def test_programs_are_every_set_of_rivals_tried():
    rng = np.random.default_rng(30)
    seen = tied = 0
    for case in range(75):
        region = region_of(rng, case)
        leads = leads_of(rng, case, region)
        if not len(leads):
            continue
        search, highest, lowest = Search(region), region.most(leads), region.least(leads)
        behind, apart = together(region, leads, strict=False), together(region, leads, strict=True)
        check(search.most_behind(leads, highest, None), leads, region, behind, -1e-7)
        check(search.most_behind(leads, highest, None, apart=True), leads, region, apart, 0.5 * APART)
        ahead = together(region, -leads, strict=True)
        check(search.most_ahead(leads, lowest, None), -leads, region, ahead, 0.5 * APART)
        seen += 1
        tied += apart < behind
    assert seen > 50
    assert tied > 4


def test_rivals_that_are_mirror_images_are_never_ahead_together():
    # one is ahead where the other is behind, in many ways at once: a solver that takes 1e-6 for zero has both
    rng = np.random.default_rng(31)
    for k in (2, 4, 6):
        half = rng.permuted(np.tile(np.repeat([-0.5, 0.5], k // 2), (3, 1)), axis=1)
        leads = np.vstack([half, -half, half])
        region = Region.box(np.full(k, 0.75 / k), np.full(k, 1.25 / k))
        search = Search(region)
        both = search.most_behind(leads, region.most(leads), None)
        assert (both.found, both.bound) == (len(leads), len(leads))  # all are level at equal shares
        assert abs(both.margin) < APART
        ahead = search.most_ahead(leads, region.least(leads), None)
        assert ahead.found == ahead.bound == together(region, -leads, strict=True)
        assert ahead.found <= 2 * len(half)


def test_a_small_lead_is_one():
    # the first two are ahead together where the first weight is 0.3 give or take the width, the third is there too
    region = Region.box(np.zeros(2), np.ones(2))
    search = Search(region)
    for width in (1e-3, 1e-5, 1e-6, 1e-7, -1e-7, -1e-6, -1e-3):
        leads = np.array([[0.7 + width, -0.3 + width], [-0.7 + width, 0.3 + width], [-1.0, 1.0]])
        ahead = search.most_ahead(leads, region.least(leads), None)
        assert ahead.found == ahead.bound == (3 if width > 0 else 2), width


def test_without_rivals_there_is_nothing_to_look_for():
    region = Region.box(np.zeros(2), np.ones(2))
    found = Search(region).most_behind(np.zeros((0, 2)), np.zeros(0), None)
    assert (found.found, found.bound, found.margin) == (0, 0, np.inf)
    assert found.parts == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("limit", [-1.0, 0.0, 0.02, 0.1, 0.5])
def test_a_time_limit_gives_a_bracket(limit):
    rng = np.random.default_rng(32)
    k = 40
    leads = rng.normal(size=(60, k))
    region = Region.box(np.zeros(k), np.full(k, 2 / k))
    search = Search(region)
    found = search.most_ahead(leads, region.least(leads), limit)
    assert -1 <= found.found <= found.bound <= 60
    if found.parts is None:
        assert found.found == -1
    else:
        assert int((leads @ found.parts > 0).sum()) >= found.found
    if limit <= 0:
        assert (found.found, found.bound) == (-1, 60)
    # nothing that is sampled is above the bound
    weights = rng.dirichlet(np.ones(k), 3000)
    weights = weights[(weights <= 2 / k).all(axis=1)]
    sampled = (weights @ leads.T > 0).sum(axis=1).max(initial=0)
    assert sampled <= found.bound


def test_a_margin_that_is_not_looked_at_is_seen(monkeypatch):
    # the negative control: whatever the solver chose is taken for true
    def trusting(self, rows):
        return np.inf, self.region.inside, np.zeros(rows.shape[0])

    monkeypatch.setattr(rankmilp.Search, "_largest_margin", trusting)
    region = Region.box(np.zeros(3), np.ones(3))
    assert Search(region).most_ahead(CIRCLE, region.least(CIRCLE), None).found == 3
    monkeypatch.undo()
    assert Search(region).most_ahead(CIRCLE, region.least(CIRCLE), None).found == 2


@pytest.mark.parametrize("apart", [1e-5, 1e-6, 1e-7])
@pytest.mark.parametrize("seed", [2, 20, 86, 131])
def test_leads_in_a_narrow_box_that_are_smaller_than_a_solver_of_whole_numbers_can_tell(seed, apart):
    rng = np.random.default_rng(seed)
    x, region = nearly_tied(rng, 7, apart)
    leads = x[1:] - x[0]
    lowest, highest = region.least(leads), region.most(leads)
    undecided = (highest > 0) & (lowest < 0)
    leads, highest = leads[undecided], highest[undecided]

    def together(margin):
        """The most rivals that weights put level with the unit or behind it, but for a margin."""
        sizes = range(len(leads), -1, -1)
        sets = (np.array(chosen, dtype=int) for size in sizes for chosen in combinations(range(len(leads)), size))
        scaled = leads / np.abs(leads).max(axis=1, keepdims=True)
        return next(len(one) for one in sets if not len(one) or widest(-scaled[one], region).margin >= margin)

    found = Search(region).most_behind(leads, highest, None)
    assert together(-1e-12) <= found.found <= together(-1.5 * APART)
    assert found.bound == found.found


# --- edges
def test_counts_and_margins_by_hand():
    """Behind together: the first from 0.5 down, the second from 0.3 up, the third never in between."""
    region = Region.box(np.zeros(2), np.ones(2))
    leads = np.array([[0.5, -0.5], [-0.7, 0.3], [-0.1, 0.9]])
    search = Search(region)
    found = search.most_behind(leads, region.most(leads), None)
    assert (found.found, found.bound) == (2, 2)
    assert ((leads @ found.parts) <= 1e-9).sum() == 2
    assert found.margin > -APART
    apart = search.most_behind(leads[:2], region.most(leads[:2]), None, apart=True)
    assert (apart.found, apart.bound) == (2, 2)
    # both are furthest behind, as shares of their largest numbers, where 1 - 2 w = (w - 0.3) / 0.7
    assert apart.parts[0] == pytest.approx(1 / 2.4)
    assert apart.margin == pytest.approx(1 - 2 / 2.4)


def test_who_can_only_be_level_is_behind_and_not_apart():
    region = Region.box(np.array([0.5, 0.0]), np.array([1.0, 0.5]))
    leads = np.array([[0.5, -0.5], [-0.25, 0.75]])  # level at 0.5 at best, ahead up to 0.75
    search = Search(region)
    behind = search.most_behind(leads[:1], region.most(leads[:1]), None)
    assert (behind.found, behind.bound) == (1, 1)
    apart = search.most_behind(leads[:1], region.most(leads[:1]), None, apart=True)
    assert (apart.found, apart.bound) == (0, 0)
    assert search.most_behind(leads, region.most(leads), None).found == 1
    assert search.most_ahead(leads, region.least(leads), None).found == 2


def test_conditions_of_nodes_hold_where_rivals_are_counted():
    """Ahead where the first of two inner parts has more than the second, which a condition forbids."""
    top = Shares(WHOLE, np.arange(2), np.full(2, 0.25), np.full(2, 0.75), np.zeros((0, 2)), np.zeros(0))
    below = Shares(0, np.array([2, 3]), np.zeros(2), np.ones(2), np.array([[1.0, -1.0]]), np.zeros(1))
    region = Region((below, top), np.array([1, 2, 3]), 4)
    leads = np.array([[0.0, 1.0, -1.0], [-0.5, 1.0, 1.0], [0.5, -1.0, -1.0]])
    search = Search(region)
    found = search.most_ahead(leads, region.least(leads), None)
    assert (found.found, found.bound) == (1, 1)
    linear = region.linear
    assert (linear.upper @ found.parts <= linear.limits + 1e-9).all()


def test_a_bound_that_was_not_reached_is_told(monkeypatch):
    """The solver knows that no more than three are behind, and found nobody."""
    region = Region.box(np.zeros(3), np.ones(3))
    leads = np.random.default_rng(33).normal(size=(5, 3))
    asked = []
    for bound, expected in (
        (1.2, 3),
        (2.0, 3),
        (2.0 + 1e-7, 3),
        (2.1, 2),
        (None, 5),
        (np.inf, 5),
        (np.nan, 5),
        (-1.0, 5),
    ):
        monkeypatch.setattr(scipy.optimize, "milp", lambda *args, own=bound, **more: asked.append(more) or stopped(own))
        found = Search(region).most_behind(leads, region.most(leads), 60.0)
        assert (found.found, found.bound, found.parts, found.margin) == (-1, expected, None, -np.inf)
    assert len(asked) == 8, "nothing is asked again that was not answered"
    assert all(0 < more["options"]["time_limit"] <= 60 for more in asked)


def test_a_program_that_is_not_solved_leaves_the_bound(monkeypatch):
    region = Region.box(np.zeros(3), np.ones(3))
    monkeypatch.setattr(rankmilp.Search, "_largest_margin", lambda self, rows: None)
    found = Search(region).most_behind(CIRCLE, region.most(CIRCLE), None)
    assert (found.found, found.parts) == (-1, None)
    assert found.bound == 3
    monkeypatch.setattr(
        rankmilp.Search, "_largest_margin", lambda self, rows: (-1.0, self.region.inside, np.zeros(rows.shape[0]))
    )
    assert Search(region).most_behind(CIRCLE, region.most(CIRCLE), None).found == -1


def test_two_that_are_mirror_images_are_level_together():
    region = Region.box(np.zeros(2), np.ones(2))
    leads = np.array([[1.0, -1.0], [-0.5, 0.5], [0.25, -0.25]])
    search = Search(region)
    behind = search.most_behind(leads, region.most(leads), None)
    assert (behind.found, behind.bound) == (3, 3)
    assert behind.parts == pytest.approx([0.5, 0.5])
    apart = search.most_behind(leads, region.most(leads), None, apart=True)
    assert (apart.found, apart.bound) == (2, 2)
    assert apart.parts[0] < 0.5


def test_what_was_found_is_no_bound(monkeypatch):
    """All three are level in the middle, two at most are ahead; the solver stops before it has proven that."""
    plain, asked = scipy.optimize.milp, []

    def solver(*args, **more):
        asked.append(more)
        if len(asked) == 1:
            return plain(*args, **more)
        return stopped()

    monkeypatch.setattr(scipy.optimize, "milp", solver)
    region = Region.box(np.zeros(3), np.ones(3))
    found = Search(region).most_ahead(CIRCLE, region.least(CIRCLE), None)
    assert len(asked) == 2
    assert (found.found, found.bound) == (2, 3)
    assert int((CIRCLE @ found.parts > 0).sum()) == 2
