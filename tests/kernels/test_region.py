"""Sets of weights: every shortcut against a linear program over the same set."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import WHOLE, Region, Shares, boxed


def box_of(rng, k, own=None):
    """Limits around shares, some of which are fixed."""
    own = rng.dirichlet(np.ones(k)) if own is None else own
    reach = rng.uniform(0, 1, k) * rng.choice([0, 1], k, p=[0.2, 0.8])
    return own, own * (1 - reach), np.minimum(own * (1 + reach), 1.0)


def node_of(rng, parent, parts, kind):
    k = len(parts)
    own, low, high = box_of(rng, k)
    if kind == "box":
        return Shares(parent, parts, low, high, np.zeros((0, k)), np.zeros(0))
    slopes = rng.normal(size=(2, k)) if kind == "rows" else np.diff(np.eye(k), axis=0)
    if kind == "order":
        own = np.sort(own)[::-1]
        return Shares(parent, parts, np.zeros(k), np.ones(k), slopes, np.zeros(k - 1))
    return Shares(parent, parts, np.zeros(k), np.ones(k), slopes, slopes @ own + rng.uniform(0, 0.2, 2))


def tree_of(rng, kinds=("box", "order", "rows")):
    """Two to three nodes below the top, one of them two levels down, and ends beside them."""
    k, below = int(rng.integers(2, 5)), []
    at, nodes = k, [node_of(rng, WHOLE, np.arange(k), rng.choice(kinds))]
    open_parts = list(range(k))
    for _ in range(int(rng.integers(1, 4))):
        parent = open_parts.pop(int(rng.integers(len(open_parts))))
        size = int(rng.integers(2, 4))
        nodes.insert(0, node_of(rng, parent, np.arange(at, at + size), rng.choice(kinds)))
        below.append(parent)
        open_parts += range(at, at + size)
        at += size
    # each after those below it: a node that was added later hangs no higher than its parent
    ends = np.array([part for part in range(at) if part not in below])
    return Region(tuple(nodes), ends, at)


def by_program(region, direction):
    linear = region.linear
    cost = np.zeros(region.size)
    cost[region.ends] = direction
    solved = linprog(
        cost,
        A_ub=linear.upper if linear.upper.shape[0] else None,
        b_ub=linear.limits if linear.upper.shape[0] else None,
        A_eq=linear.equal,
        b_eq=linear.sums,
        bounds=np.stack([linear.low, linear.high], axis=1),
    )
    assert solved.status == 0, solved.message
    return solved.fun


def test_a_knapsack_is_the_linear_program():
    rng = np.random.default_rng(1)
    for case in range(150):
        k = int(rng.integers(1, 7))
        _, low, high = box_of(rng, k, np.ones(1) if k == 1 else None)
        values = rng.choice([-1, -0.5, 0, 0.5, 1], (3, k)) if case % 2 else rng.normal(size=(3, k))
        found = boxed(values, low, high)
        for row, value in zip(values, found, strict=True):
            solved = linprog(row, A_eq=np.ones((1, k)), b_eq=[1.0], bounds=np.stack([low, high], axis=1))
            assert value == pytest.approx(solved.fun, abs=1e-9)


@pytest.mark.parametrize("kinds", [("box",), ("order",), ("rows",), ("box", "order", "rows")])
def test_nodes_taken_one_by_one_are_one_program_over_all_parts(kinds):
    rng = np.random.default_rng(2)
    for _ in range(40):
        region = tree_of(rng, kinds)
        directions = rng.choice([0, 0.5, 1], (2, len(region.ends))) - rng.uniform(0, 1, (2, len(region.ends)))
        found, most = region.least(directions), region.most(directions)
        for at, row in enumerate(directions):
            assert found[at] == pytest.approx(by_program(region, row), abs=1e-8)
            assert most[at] == pytest.approx(-by_program(region, -row), abs=1e-8)


def test_the_point_inside_is_inside_and_parts_are_shares_of_shares():
    rng = np.random.default_rng(3)
    for _ in range(60):
        region = tree_of(rng)
        parts, linear = region.inside, region.linear
        assert (linear.upper @ parts <= linear.limits + 1e-9).all()
        np.testing.assert_allclose(linear.equal @ parts, linear.sums, atol=1e-9)
        shares = region.shares_of(parts)
        for node in region.nodes:
            assert shares[node.parts].sum() == pytest.approx(1)
            flow = 1.0 if node.parent == WHOLE else parts[node.parent]
            np.testing.assert_allclose(shares[node.parts] * flow, parts[node.parts], atol=1e-9)


def test_shares_of_a_node_into_which_nothing_flows_are_allowed_ones():
    two = np.array([0.3, 0.3]), np.array([0.7, 0.7]), np.zeros((0, 2)), np.zeros(0)
    top = Shares(WHOLE, np.array([0, 1]), np.zeros(2), np.ones(2), np.zeros((0, 2)), np.zeros(0))
    region = Region((Shares(0, np.array([2, 3]), *two), top), np.array([1, 2, 3]), 4)
    assert region.shares_of(np.array([0.0, 1.0, 0.0, 0.0])).tolist() == [0.0, 1.0, 0.5, 0.5]


def test_corners_are_those_that_one_knows():
    # decreasing weights: (1, 0, 0), (1/2, 1/2, 0), (1/3, 1/3, 1/3)
    order = Shares(WHOLE, np.arange(3), np.zeros(3), np.ones(3), np.diff(np.eye(3), axis=0), np.zeros(2))
    expected = np.array([[1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0], [1, 0, 0]])
    np.testing.assert_allclose(order.corners, expected, atol=1e-9)
    whole = Shares(WHOLE, np.arange(2), np.zeros(2), np.ones(2), np.array([[1.0, 1.0]]), np.array([2.0]))
    np.testing.assert_allclose(whole.corners, [[0, 1], [1, 0]], atol=1e-9)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_in_which_units_a_condition_is_written_does_not_matter(scale):
    slopes = np.array([[-1.0, 1.0, 0, 0], [0, -1.0, 1.1, 0], [0, 0, -1.0, 1.2], [1.0, -3.0, 0, 0]])
    zero = np.zeros(4)
    plain = Shares(WHOLE, np.arange(4), zero, np.ones(4), slopes, zero)
    scaled = Shares(WHOLE, np.arange(4), zero, np.ones(4), slopes * scale, zero)
    directions = np.random.default_rng(4).normal(size=(20, 4))
    np.testing.assert_allclose(scaled.least(directions), plain.least(directions), atol=1e-9)


def test_a_long_order_has_its_corners_too():
    k = 12
    order = Shares(WHOLE, np.arange(k), np.zeros(k), np.ones(k), np.diff(np.eye(k), axis=0), np.zeros(k - 1))
    values = np.random.default_rng(5).normal(size=(4, k))
    corners = np.tril(np.ones((k, k))) / np.arange(1, k + 1)[:, None]
    np.testing.assert_allclose(order.least(values), (values @ corners.T).min(axis=1), atol=1e-9)
    assert order.inside.sum() == pytest.approx(1)


def test_what_allows_nothing_is_refused():
    k = np.arange(2)
    nothing = np.zeros((0, 2)), np.zeros(0)
    with pytest.raises(Refusal, match="no weights lie between the limits"):
        _ = Shares(WHOLE, k, np.array([0.6, 0.6]), np.ones(2), *nothing).inside
    with pytest.raises(Refusal, match="no weights lie between the limits"):
        _ = Shares(WHOLE, k, np.zeros(2), np.array([0.4, 0.4]), *nothing).inside
    against = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([-0.1, -0.1])
    with pytest.raises(Refusal, match="no weights fulfil the conditions together"):
        _ = Shares(WHOLE, k, np.zeros(2), np.ones(2), *against).inside


def test_what_is_not_bounded_is_refused():
    k, low, high = np.arange(3), np.full(3, -np.inf), np.full(3, np.inf)
    with pytest.raises(Refusal, match="do not bound the weights"):
        Shares(WHOLE, k, low, high, np.array([[1.0, -1.0, 0.0]]), np.zeros(1)).least(np.array([[1.0, 2.0, 3.0]]))
    with pytest.raises(Refusal, match="do not bound the weights"):
        Shares(WHOLE, k, low, high, np.zeros((0, 3)), np.zeros(0)).least(np.array([[1.0, 2.0, 3.0]]))
    with pytest.raises(Refusal, match="do not bound the weights"):
        _ = Shares(WHOLE, k, low, high, np.zeros((0, 3)), np.zeros(0)).inside
    # conditions alone may bound them
    slopes = np.vstack([-np.eye(3), np.eye(3)])
    bounded = Shares(WHOLE, k, low, high, slopes, np.array([0.0, 0, 0, 1, 1, 1]))
    assert bounded.least(np.array([[1.0, 2.0, 3.0]])) == pytest.approx([1.0])


# --- edges
NOTHING = np.zeros((0, 2)), np.zeros(0)


def inner_and_outer():
    """Parts 0 and 1 of the whole; 2 and 3 share out the first, under a condition: 2 has no more than 3."""
    outer = Shares(WHOLE, np.array([0, 1]), np.array([0.25, 0.0]), np.array([0.75, 1.0]), *NOTHING)
    rows = np.array([[1.0, -1.0]]), np.zeros(1)
    inner = Shares(0, np.array([2, 3]), np.array([0.125, 0.0]), np.array([1.0, 0.75]), *rows)
    return Region((inner, outer), np.array([1, 2, 3]), 4)


def test_which_shares_are_allowed():
    region = inner_and_outer()
    good = np.array([0.5, 0.5, 0.25, 0.75])
    assert region.allows(good)
    for change in (
        [-0.26, 0, 0, 0],
        [0.26, 0, 0, 0],
        [0, -0.51, 0, 0],
        [0, 0.51, 0, 0],
        [0, 0, -0.13, 0],
        [0, 0, 0, 0.01],
        [0, 0, 0.26, -0.26],
    ):
        assert not region.allows(good + change), change
    assert region.allows(np.array([0.25, 0.75, 0.5, 0.5]))


@pytest.mark.parametrize(("miss", "allowed"), [(0.9e-9, True), (1e-9, True), (1.1e-9, False)])
def test_shares_that_miss_a_limit_by_rounding_are_allowed(miss, allowed):
    box = Region.box(np.array([0.5, 0.0]), np.array([1.0, 0.5]))
    assert box.allows(np.array([0.5 - miss, 0.5])) == allowed
    assert box.allows(np.array([0.5, 0.5 + miss])) == allowed
    rows = Shares(WHOLE, np.arange(2), np.zeros(2), np.ones(2), np.array([[1.0, 0.0]]), np.array([0.5]))
    assert Region((rows,), np.arange(2), 2).allows(np.array([0.5 + miss, 0.5])) == allowed


def test_conditions_for_a_solver_by_hand():
    linear = inner_and_outer().linear
    # 2 <= 3; 2 at least an eighth of what flows in, 3 no more than three quarters of it
    expected = [[0, 0, 1, -1], [0.125, 0, -1, 0], [-0.75, 0, 0, 1]]
    np.testing.assert_array_equal(linear.upper.toarray(), expected)
    assert linear.limits.tolist() == [0, 0, 0]
    np.testing.assert_array_equal(linear.equal.toarray(), [[-1, 0, 1, 1], [1, 1, 0, 0]])
    assert linear.sums.tolist() == [0, 1]
    assert linear.low.tolist() == [0.25, 0, 0, 0]
    assert linear.high.tolist() == [0.75, 1, 1, 1]
    top = Shares(WHOLE, np.arange(2), np.zeros(2), np.ones(2), np.array([[1.0, -2.0]]), np.array([0.25]))
    linear = Region((top,), np.arange(2), 2).linear
    assert linear.upper.toarray().tolist() == [[1, -2]]
    assert linear.limits.tolist() == [0.25]


def test_the_inside_by_hand():
    box = Region.box(np.array([0.25, 0.0, 0.5]), np.array([0.5, 0.25, 0.5]))
    np.testing.assert_allclose(box.inside, [0.375, 0.125, 0.5])  # a quarter to share, in proportion to the rooms
    point = Region.box(np.array([0.25, 0.75]), np.array([0.25, 0.75]))
    assert point.inside.tolist() == [0.25, 0.75]
    region = inner_and_outer()
    # outer: 3/4 to share over rooms of 1/2 and 1, half of each; inner: part 2 is between 1/4 (3 at its limit) and 1/2
    # (2 = 3), 3/8 in the middle
    np.testing.assert_allclose(region.inside, [0.5, 0.5, 0.5 * 0.375, 0.5 * 0.625])
    assert region.is_flat is False
    assert box.is_flat is True


@pytest.mark.parametrize(("miss", "refused"), [(0.5e-9, False), (2e-9, True)])
def test_limits_that_miss_the_whole_by_rounding_hold(miss, refused):
    for low, high in (([0.5 + miss, 0.5], [1.0, 1.0]), ([0.0, 0.0], [0.5 - miss, 0.5])):
        box = Region.box(np.array(low), np.array(high))
        if refused:
            with pytest.raises(Refusal, match="no weights lie between the limits and add up to the whole"):
                _ = box.inside
        else:
            np.testing.assert_allclose(box.inside, 0.5, atol=1e-8)


def test_shares_of_parts_that_a_solver_left_a_little_below_nothing():
    region = inner_and_outer()
    found = region.shares_of(np.array([0.5, 0.5, -1e-17, 0.5]))
    assert found.tolist() == [0.5, 0.5, 0, 1]
    assert region.shares_of(np.array([0.5, 0.5, -0.25, 0.75])).tolist() == [0.5, 0.5, -0.5, 1.5]
    # what flows into a node is nothing up to rounding
    assert region.shares_of(np.array([5e-10, 1.0, 5e-10, 0.0]))[2:].tolist() == pytest.approx([0.375, 0.625])
    assert region.shares_of(np.array([2e-9, 1.0, 2e-9, 0.0]))[2:].tolist() == [1, 0]


def many_corners():
    """Twenty-four parts in an order, each twice: more candidates for corners than are tried."""
    k = 24
    falls = np.diff(np.eye(k), axis=0)
    return Shares(WHOLE, np.arange(k), np.zeros(k), np.ones(k), np.vstack([falls, falls]), np.zeros(2 * (k - 1)))


def test_where_corners_are_too_many_programs_are_solved():
    order = many_corners()
    k = len(order.parts)
    assert order.corners is None
    values = np.random.default_rng(6).normal(size=(3, k))
    corners = np.tril(np.ones((k, k))) / np.arange(1, k + 1)[:, None]
    np.testing.assert_allclose(order.least(values), (values @ corners.T).min(axis=1), atol=1e-9)
    inside = order.inside
    assert inside.sum() == pytest.approx(1)
    assert (np.diff(inside) <= 1e-9).all()
    assert inside[0] > inside[-1] > 0
    # the mean of where each part is smallest and largest: the first is 1/24 at least and 1 at most
    assert inside.max() < 1


def test_programs_without_a_solution_are_refused():
    order = many_corners()
    k = len(order.parts)
    never = Shares(WHOLE, order.parts, order.low, np.full(k, 1 / 48), order.slopes, order.limits)
    with pytest.raises(Refusal, match="no weights fulfil the conditions together"):
        never.least(np.ones((1, k)))
    with pytest.raises(Refusal, match="no weights fulfil the conditions together"):
        _ = never.inside


def test_corners_between_limits_that_matter():
    """An upper limit below one cuts the corner off; one above does not, unless a lower limit is below nothing."""
    rows = np.array([[0.0, 0.0, 1.0]]), np.array([0.5])
    cut = Shares(WHOLE, np.arange(3), np.zeros(3), np.array([0.75, 1.0, 2.0]), *rows)
    expected = [[0, 0.5, 0.5], [0, 1, 0], [0.5, 0, 0.5], [0.75, 0, 0.25], [0.75, 0.25, 0]]
    np.testing.assert_allclose(cut.corners, expected, atol=1e-12)
    below = Shares(WHOLE, np.arange(2), np.array([-0.5, 0.0]), np.array([1.0, 1.25]), np.eye(2)[:1], np.ones(1))
    np.testing.assert_allclose(below.corners, [[-0.25, 1.25], [1, 0]], atol=1e-12)


def test_a_condition_without_coefficients_is_no_wall():
    rows = np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([1.0, 0.5])
    node = Shares(WHOLE, np.arange(2), np.zeros(2), np.ones(2), *rows)
    np.testing.assert_allclose(node.corners, [[0, 1], [0.5, 0.5]], atol=1e-12)
    assert node.is_box is False
    assert Region.box(np.zeros(2), np.ones(2)).nodes[0].is_box is True


@pytest.mark.parametrize("low", [0.3, 1.0, 2.0])
def test_an_only_child_has_all(low):
    assert boxed(np.array([[3.0], [-2.0]]), np.array([low]), np.array([low])).tolist() == [3, -2]


def test_a_knapsack_by_hand():
    values = np.array([[3.0, 1.0, 2.0], [-1.0, -1.0, 5.0]])
    low, high = np.array([0.25, 0.0, 0.125]), np.array([0.5, 0.5, 1.0])
    # five eighths to share: half of the whole to the second, the rest to the third; of equal ones to either
    np.testing.assert_allclose(boxed(values, low, high), [0.75 + 0.5 + 0.5, -0.25 - 0.625 + 0.625])
    # what is missing is taken from nobody: limits that add up to the whole, or more by rounding
    assert boxed(values, np.array([0.5, 0.25, 0.25]), np.ones(3)).tolist() == [2.25, 0.5]
    assert boxed(values, np.array([0.5, 0.25, 0.25]), np.array([0.5, 0.25, 0.25])).tolist() == [2.25, 0.5]


def test_blocks_of_directions_change_nothing(monkeypatch):
    from egovindex.kernels import region as own

    region = inner_and_outer()
    directions = np.random.default_rng(7).normal(size=(23, 3))
    whole = region.least(directions)
    monkeypatch.setattr(own, "_CELLS", 20)
    np.testing.assert_array_equal(region.least(directions), whole)
    assert region.least(np.zeros((0, 3))).shape == (0,)
    np.testing.assert_array_equal(region.most(directions), -region.least(-directions))
