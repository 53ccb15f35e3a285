"""Ranks over weights of two or three parts: walking along lines against programs, sign patterns and points."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog

from egovindex.kernels import arrangement
from egovindex.kernels.arrangement import Plane, extremes
from egovindex.kernels.rankmilp import Search
from egovindex.kernels.region import WHOLE, Region, Shares
from tests.kernels.cases import CIRCLE

NEAR = 1e-10


def region_of(rng, case, k=3):
    """Every weight, a box, or a polygon that conditions cut out."""
    if case % 4 == 0:
        return Region.box(np.zeros(k), np.ones(k))
    own = rng.integers(1, 4, k) / 1.0 if case % 2 else rng.dirichlet(np.full(k, 2.0))
    own = own / own.sum()
    f = rng.choice([0.1, 0.25, 0.5, 1.0])
    low, high = (1 - f) * own, np.minimum((1 + f) * own, 1.0)
    if case % 4 < 3:
        return Region.box(low, high)
    slopes = np.vstack([np.diff(np.eye(k), axis=0)[:1], rng.normal(size=(1, k))])
    limits = np.array([0.0, 0.0])
    own = np.sort(own)[::-1]
    limits[1] = slopes[1] @ own + 0.05
    shares = Shares(WHOLE, np.arange(k), np.zeros(k), np.ones(k), slopes, limits)
    return Region((shares,), np.arange(k), k)


def leads_of(rng, case, region, units, k=3):
    """Rivals that can be on either side of a unit: continuous values, or answers that earn 0, 1/2 or 1."""
    x = rng.uniform(size=(units, k)) if case % 3 == 0 else rng.choice([0, 0.5, 1], (units, k))
    leads = x[1:] - x[0]
    both = (region.least(leads) <= 1e-12) & (region.most(leads) > 1e-12)
    return leads[both]


def count(leads, weights):
    value = leads @ weights
    return int((value > NEAR).sum()), int((np.abs(value) <= NEAR).sum())


def by_patterns(region, leads):
    """Fewest, fewest without ties, and most ahead: every set of rivals asked of a linear program."""
    linear, u, size = region.linear, len(leads), region.size
    ends = np.zeros((u, size))
    ends[:, region.ends] = leads

    def margin(signs):
        """How far all leads can be on their sides together."""
        rows = np.c_[-signs[:, None] * ends, np.ones(u)]
        upper = [rows[signs != 0]]
        limits = [np.zeros(int((signs != 0).sum()))]
        if linear.upper.shape[0]:
            upper.append(np.c_[linear.upper.toarray(), np.zeros(linear.upper.shape[0])])
            limits.append(linear.limits)
        solved = linprog(
            np.r_[np.zeros(size), -1.0],
            A_ub=np.vstack(upper),
            b_ub=np.concatenate(limits),
            A_eq=np.c_[linear.equal.toarray(), np.zeros(linear.equal.shape[0])],
            b_eq=linear.sums,
            bounds=[*zip(linear.low, linear.high, strict=True), (-1, 1)],
        )
        assert solved.status == 0
        return -solved.fun

    def largest(sign, needed):
        for many in range(u, 0, -1):
            for chosen in combinations(range(u), many):
                signs = np.zeros(u)
                signs[list(chosen)] = sign
                if margin(signs) > needed:
                    return many
        return 0

    return u - largest(-1, -1e-9), u - largest(-1, 1e-7), largest(1, 1e-7)


def check_where(found, leads, region):
    """The counts are reached at the weights that are given, and these are allowed."""
    for weights in (found.at_fewest, found.at_fewest_apart, found.at_most):
        node = region.nodes[0]
        assert weights.sum() == pytest.approx(1)
        assert (weights >= node.low - 1e-9).all()
        assert (weights <= node.high + 1e-9).all()
        assert (node.slopes @ weights <= node.limits + 1e-9).all()
    assert count(leads, found.at_fewest)[0] == found.fewest
    assert count(leads, found.at_fewest_apart) == (found.fewest_apart, 0)
    assert count(leads, found.at_most)[0] == found.most


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 3])
def test_walking_along_lines_is_the_program_with_whole_numbers(k):
    rng = np.random.default_rng(20 + k)
    seen = tied = 0
    for case in range(150 if k == 3 else 80):
        region = region_of(rng, case, k)
        plane = Plane.of(region)
        if plane is None:
            continue
        leads = leads_of(rng, case, region, int(rng.integers(4, 16)), k)
        if not len(leads):
            continue
        found, search = extremes(leads, plane), Search(region)
        behind = search.most_behind(leads, region.most(leads), None)
        apart = search.most_behind(leads, region.most(leads), None, apart=True)
        ahead = search.most_ahead(leads, region.least(leads), None)
        assert found.fewest == len(leads) - behind.found == len(leads) - behind.bound, (case, leads)
        assert found.fewest_apart == len(leads) - apart.found == len(leads) - apart.bound, (case, leads)
        assert found.most == ahead.found == ahead.bound, (case, leads)
        check_where(found, leads, region)
        seen += 1
        tied += found.fewest < found.fewest_apart
    assert seen > (100 if k == 3 else 40)
    assert tied > (20 if k == 3 else 5)


def test_walking_along_lines_is_every_set_of_rivals_tried():
    rng = np.random.default_rng(25)
    seen = 0
    for case in range(90):
        k = 2 + case % 2
        region = region_of(rng, case // 2, k)
        plane = Plane.of(region)
        leads = leads_of(rng, case, region, 5, k)
        if plane is None or not len(leads):
            continue
        found = extremes(leads, plane)
        assert (found.fewest, found.fewest_apart, found.most) == by_patterns(region, leads), (case, leads)
        seen += 1
    assert seen > 50


def test_no_point_of_a_grid_is_outside():
    rng = np.random.default_rng(26)
    weights = np.array([(i, j, 60 - i - j) for i in range(61) for j in range(61 - i)]) / 60
    for case in range(40):
        region = Region.box(np.zeros(3), np.ones(3))
        leads = leads_of(rng, case, region, 12)
        if not len(leads):
            continue
        found = extremes(leads, Plane.of(region))
        ahead = (weights @ leads.T > NEAR).sum(axis=1)
        # fractions of 60 meet where two lines of halves cross more often than any draw does
        assert found.fewest <= ahead.min()
        assert found.most >= ahead.max()


def test_three_units_in_a_circle():
    found = extremes(CIRCLE, Plane.of(Region.box(np.zeros(3), np.ones(3))))
    assert (found.fewest, found.fewest_apart, found.most) == (0, 1, 2)
    np.testing.assert_allclose(found.at_fewest, 1 / 3)


def test_many_lines_through_the_middle_of_the_region():
    # all ties meet at equal weights, which is the centre of the box
    rng = np.random.default_rng(27)
    for _ in range(30):
        leads = rng.normal(size=(9, 3))
        leads -= leads.mean(axis=1, keepdims=True)
        region = Region.box(np.full(3, 0.2), np.full(3, 7 / 15))
        found = extremes(leads, Plane.of(region))
        assert found.fewest == 0
        check_where(found, leads, region)
        angles = np.linspace(0, 2 * np.pi, 20_001)[:, None]
        basis = np.linalg.svd(np.ones((1, 3)))[2][1:]
        around = 1 / 3 + 0.01 * (np.cos(angles) * basis[0] + np.sin(angles) * basis[1])
        ahead = (around @ leads.T > 0).sum(axis=1)
        assert (found.fewest_apart, found.most) == (ahead.min(), ahead.max())


def test_lines_along_a_wall_and_the_same_line_twice():
    # leads that are level where the first weight is at its limit, on either side of it
    region = Region.box(np.array([0.2, 0.0, 0.0]), np.array([0.6, 1.0, 1.0]))
    at_a_wall = np.array([1.0, 0, 0]) - 0.2
    inside = np.array([1.0, 0, 0]) - 0.4
    leads = np.array([-at_a_wall, inside, 2 * inside, -inside, 0.5 * inside])
    both = (region.least(leads) <= 1e-12) & (region.most(leads) > 1e-12)
    assert both.tolist() == [False, True, True, True, True]  # at most level is never ahead
    found = extremes(leads[both], Plane.of(region))
    assert (found.fewest, found.fewest_apart, found.most) == (0, 1, 3)
    found = extremes(np.array([at_a_wall, -inside]), Plane.of(region))
    assert (found.fewest, found.fewest_apart, found.most) == by_patterns(region, np.array([at_a_wall, -inside]))


def test_a_tie_in_a_sharp_corner_of_the_polygon():
    # found by chance among thousands: the fifth is level where all weight is on the third part alone, a corner
    slopes = np.array([[-1.0, 1.0, 0.0], [2.01497926, 0.21240193, 0.19991404]])
    shares = Shares(WHOLE, np.arange(3), np.zeros(3), np.ones(3), slopes, np.array([0.0, 1.03315109]))
    region = Region((shares,), np.arange(3), 3)
    leads = [[21, 18, -28], [-14, 92, -31], [0, 38, -66], [26, 63, -29], [47, 29, 0], [43, 68, -58], [46, 30, -10]]
    leads += [[-6, 82, 1], [68, 92, -7], [33, 94, -19], [8, 89, -34]]
    leads = np.array(leads) / 100
    found = extremes(leads, Plane.of(region))
    assert (found.fewest, found.fewest_apart, found.most) == (1, 2, 11)
    check_where(found, leads, region)
    search = Search(region)
    assert len(leads) - search.most_behind(leads, region.most(leads), None).bound == 1


def test_which_regions_have_a_plane():
    three = np.array([0.2, 0.3, 0.5])
    assert Plane.of(Region.box(three, three)) is None  # a point
    assert Plane.of(Region.box(np.full(4, 0.1), np.full(4, 0.9))) is None  # a solid
    assert Plane.of(Region.box(np.array([0.5, 0.5, 0.0]), np.array([0.6, 0.6, 1.0]))) is None  # a corner
    # a fourth weight that stays is no dimension
    still = Region.box(np.array([0.1, 0.1, 0.25, 0.1]), np.array([0.5, 0.5, 0.25, 0.5]))
    plane = Plane.of(still)
    assert plane.weights(np.array([0.01, -0.02]))[2] == 0.25
    leads = np.array([[1.0, -1.0, 0.2, -0.3], [-1.0, 0.5, 0.1, 0.6], [0.2, -0.5, 0.0, 0.4]])
    found = extremes(leads, plane)
    assert (found.fewest, found.fewest_apart, found.most) == by_patterns(still, leads)
    equal = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]])
    shares = Shares(WHOLE, np.arange(3), np.zeros(3), np.ones(3), equal, np.zeros(2))
    assert Plane.of(Region((shares,), np.arange(3), 3)) is None  # a line


def test_crossings_that_are_counted_short_are_seen(monkeypatch):
    # the negative control: rivals that rise at a crossing are forgotten
    rng = np.random.default_rng(28)
    region = Region.box(np.zeros(3), np.ones(3))
    cases = [leads_of(rng, 0, region, 6) for _ in range(10)]
    whole = arrangement._walk

    def broken(crossing, rising, ahead, low, high):
        return whole(crossing, np.minimum(rising, 0), ahead, low, high)

    monkeypatch.setattr(arrangement, "_walk", broken)
    found = [extremes(leads, Plane.of(region)) for leads in cases if len(leads)]
    expected = [by_patterns(region, leads) for leads in cases if len(leads)]
    assert [(one.fewest, one.fewest_apart, one.most) for one in found] != expected


# --- edges
def on_a_segment(leads, low=0.2, high=0.8):
    region = Region.box(np.array([low, 1 - high]), np.array([high, 1 - low]))
    return extremes(np.array(leads), Plane.of(region)), region


def test_where_counts_are_had_on_a_segment():
    """One is ahead from 0.5 on, the other up to 0.3: nobody between them, and one of them on either side."""
    found, _ = on_a_segment([[0.5, -0.5], [-0.7, 0.3]])
    assert (found.fewest, found.fewest_apart, found.most) == (0, 0, 1)
    assert found.at_fewest_apart == pytest.approx([0.4, 0.6])
    assert found.at_fewest[0] == pytest.approx(0.3) or found.at_fewest[0] == pytest.approx(0.5)
    assert found.at_most[0] == pytest.approx(0.25) or found.at_most[0] == pytest.approx(0.65)
    # both between 0.3 and 0.5, and level with one and behind the other at these
    found, _ = on_a_segment([[0.7, -0.3], [-0.5, 0.5]])
    assert (found.fewest, found.fewest_apart, found.most) == (1, 1, 2)
    assert found.at_most == pytest.approx([0.4, 0.6])


def test_the_ends_of_a_segment_are_counted():
    """Level at the very end: behind everywhere else, and at no point apart without a rival ahead."""
    found, region = on_a_segment([[0.8, -0.2], [1.6, -0.4]])
    assert (found.fewest, found.fewest_apart, found.most) == (0, 2, 2)
    assert found.at_fewest == pytest.approx([0.2, 0.8])
    assert found.at_most == pytest.approx([0.5, 0.5])
    assert found.at_fewest_apart == pytest.approx([0.5, 0.5])
    check_where(found, np.array([[0.8, -0.2], [1.6, -0.4]]), region)
    found, _ = on_a_segment([[0.9, -0.1], [-0.9, 0.1]])  # 0.1 is outside: one is ahead always, the other never
    assert (found.fewest, found.fewest_apart, found.most) == (1, 1, 1)


def test_several_rivals_level_at_one_point():
    """Three are level at 0.4: two of them ahead beyond it, one before it; a fourth beyond 0.6."""
    leads = [[0.6, -0.4], [1.2, -0.8], [-0.6, 0.4], [0.4, -0.6]]
    found, _ = on_a_segment(leads)
    assert (found.fewest, found.fewest_apart, found.most) == (0, 1, 3)
    assert found.at_fewest == pytest.approx([0.4, 0.6])
    assert found.at_fewest_apart == pytest.approx([0.3, 0.7])
    assert found.at_most == pytest.approx([0.7, 0.3])


@pytest.mark.parametrize("k", [2, 3])
def test_counts_are_had_where_they_are_told_and_no_draw_has_others(k):
    rng = np.random.default_rng(40 + k)
    seen = apart = 0
    for case in range(120):
        region = region_of(rng, case, k)
        plane = Plane.of(region)
        leads = leads_of(rng, case, region, int(rng.integers(3, 14)), k)
        if plane is None or not len(leads):
            continue
        found = extremes(leads, plane)
        check_where(found, leads, region)
        corners = plane.weights(plane.corners)
        draws = rng.dirichlet(np.full(len(corners), 0.6), 400) @ corners
        ahead, level = (draws @ leads.T > NEAR).sum(axis=1), (np.abs(draws @ leads.T) <= NEAR).any(axis=1)
        assert found.fewest <= ahead.min()
        assert found.fewest_apart <= ahead[~level].min(initial=99)
        assert found.most >= ahead.max()
        assert found.fewest <= found.fewest_apart <= found.most
        for factor in (1e-250, 1e250):
            other = extremes(leads * factor, plane)
            assert (other.fewest, other.fewest_apart, other.most) == (found.fewest, found.fewest_apart, found.most)
        seen += 1
        apart += found.fewest < found.fewest_apart
    assert seen > 60
    assert apart > 3


def test_the_plane_of_a_box():
    plane = Plane.of(Region.box(np.zeros(3), np.ones(3)))
    np.testing.assert_allclose(plane.basis @ plane.basis.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(plane.basis.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(plane.walls, axis=1), 1)
    # all weight on one is sqrt(2/3) from the middle, and the walls half as far
    np.testing.assert_allclose(sorted(plane.rooms)[:3], np.sqrt(1 / 6))
    corners = plane.weights(plane.corners)
    np.testing.assert_allclose(np.unique(corners.round(9) + 0.0, axis=0), np.eye(3)[::-1], atol=1e-9)
    ends = Plane.of(Region.box(np.array([0.2, 0.3]), np.array([0.7, 0.8])))
    np.testing.assert_allclose(np.unique(ends.weights(ends.corners)[:, 0].round(9)), [0.2, 0.7])


def test_a_region_of_several_nodes_has_no_plane():
    nothing = np.zeros((0, 2)), np.zeros(0)
    top = Shares(WHOLE, np.array([0, 1]), np.zeros(2), np.ones(2), *nothing)
    below = Shares(0, np.array([2, 3]), np.zeros(2), np.ones(2), *nothing)
    assert Plane.of(Region((below, top), np.array([1, 2, 3]), 4)) is None


def test_lines_through_the_middle_in_many_directions_leave_a_point_to_start_from():
    """Sixty rivals that are level at equal weights: half of them ahead wherever one goes, or nearly."""
    angles = np.pi * (np.arange(60) + 0.25) / 60
    basis = np.array([[1, -1, 0], [1, 1, -2]]) / np.sqrt([[2], [6]])
    leads = np.cos(angles)[:, None] * basis[0] + np.sin(angles)[:, None] * basis[1]
    region = Region.box(np.zeros(3), np.ones(3))
    found = extremes(leads, Plane.of(region))
    assert (found.fewest, found.fewest_apart, found.most) == (0, 0, 60)
    check_where(found, leads, region)
