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
