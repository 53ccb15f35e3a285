"""Radii of pairs: closed forms against linear programs of the definition, and tight to the last digits."""

from __future__ import annotations

import json
from math import inf

import numpy as np
import pytest
from scipy.optimize import linprog

from egovindex.kernels import pairs
from egovindex.kernels.pairs import contamination, least_leads, nested_radius, relative_radius
from egovindex.kernels.region import WHOLE, Region, Shares, boxed

# |mean .1| over .5 * .4; a third of .15 over a third of .4: lead over deviation about the median
BY_HAND = [((0.3, -0.1), (1, 1), 0.5), ((0.3, -0.1, -0.05), (1, 1, 1), 0.375)]


def relative_by_program(d, w0):
    """Smallest ``f`` with ``|w - w0| <= f w0``, the same total and no lead."""
    k = len(d)
    upper = np.vstack([np.c_[np.eye(k), -w0], np.c_[-np.eye(k), -w0]])
    solved = linprog(
        np.r_[np.zeros(k), 1.0],
        A_ub=upper,
        b_ub=np.r_[w0, -w0],
        A_eq=np.vstack([np.r_[np.ones(k), 0.0], np.r_[d, 0.0]]),
        b_eq=[1.0, 0.0],
        bounds=[(0, None)] * k + [(0, 1)],
        method="highs-ds",
    )
    return solved.fun if solved.status == 0 else inf


def contamination_by_program(d, w0):
    """Smallest share ``e`` with ``d @ ((1 - e) w0 + e v) = 0`` for some weights ``v``; ``u = e v``."""
    k = len(d)
    # d @ w0 (1 - sum(u)) + d @ u = 0
    solved = linprog(np.ones(k), A_eq=(d - d @ w0)[None], b_eq=[-(d @ w0)], A_ub=np.ones((1, k)), b_ub=[1.0])
    return solved.fun if solved.status == 0 else inf


def drawn(rng, case, k):
    """Differences and weights: continuous, or of answers that earn 0, 1/2 or 1; some weights are zero."""
    answers = case % 2 == 0
    d = rng.choice([0, 0.5, 1], k) - rng.choice([0, 0.5, 1], k) if answers else rng.normal(size=k)
    w0 = rng.integers(0, 4, k).astype(float) if case % 3 == 0 else rng.dirichlet(np.ones(k))
    if not w0.any():
        w0[0] = 1.0
    return d, w0 / w0.sum()


@pytest.mark.parametrize(("d", "w", "radius"), BY_HAND)
def test_radii_that_one_computes_by_hand(d, w, radius):
    assert relative_radius(np.array([d]), np.array(w) / sum(w)) == pytest.approx([radius])


def test_the_fractions_of_the_research_note(shared):
    given = json.loads((shared / "data/exact/hand_checkable.json").read_text(encoding="utf-8"))["swap_radius"]
    assert len(given) == len(BY_HAND)
    for case in given:
        w = np.array(case["w"])
        assert relative_radius(np.array([case["d"]]), w / w.sum()) == pytest.approx([case["r"]], abs=1e-12)


def test_the_closed_form_is_the_linear_program():
    rng = np.random.default_rng(10)
    kinds = {"none": 0, "inside": 0, "infinite": 0}
    for case in range(400):
        d, w0 = drawn(rng, case, int(rng.integers(1, 7)))
        found, expected = float(relative_radius(d[None], w0)[0]), relative_by_program(d, w0)
        if abs(d @ w0) < 1e-12:
            expected = 0.0
        kinds["infinite" if np.isinf(expected) else "inside" if expected else "none"] += 1
        assert found == pytest.approx(expected, abs=1e-7), (d, w0)
    assert min(kinds.values()) > 20


def test_a_radius_of_exactly_one_is_one():
    # all weight can go to where the two are level, and no further: whatever the last digits of the sums
    rng = np.random.default_rng(11)
    for _ in range(2000):
        k = int(rng.integers(2, 9))
        d, w0 = rng.choice([0.0, 0.1, 0.3, 0.7, 1 / 3], k), rng.dirichlet(np.ones(k))
        d[np.argmin(d)] = 0.0
        level = w0[d == 0].sum()
        # each weight may at most double: enough where those who are level have half of the weight
        expected = 0.0 if not d.any() else 1.0 if level >= 0.5 else inf
        if abs(level - 0.5) > 1e-9:
            assert relative_radius(d[None], w0)[0] == expected, (d, w0)
            assert relative_radius(-d[None], w0)[0] == expected
            assert nested_radius(d[None], of_one_node(w0), w0)[0] == pytest.approx(expected, rel=1e-12)


def of_one_node(w0):
    return Region.box(np.zeros(len(w0)), np.minimum(2 * w0, 1.0))


def tight(find):
    """Pairs whose lead is gone just inside the radius, or there just outside, by the knapsack."""
    rng = np.random.default_rng(12)
    wrong = tried = 0
    for case in range(3000):
        d, w0 = drawn(rng, case, int(rng.integers(2, 12)))
        radius, lead = float(find(d[None], w0)[0]), d @ w0
        if abs(lead) < 1e-12 or radius >= 1 - 1e-6:
            continue
        turned = (d if lead > 0 else -d)[None]
        inside, outside = (
            boxed(turned, (1 - f) * w0, (1 + f) * w0)[0] for f in (radius * (1 - 1e-9), radius * (1 + 1e-9))
        )
        tried += 1
        wrong += not (inside > 0 > outside)
    return tried, wrong


def test_a_radius_is_tight():
    tried, wrong = tight(relative_radius)
    assert tried > 1500
    assert wrong == 0


def test_the_mean_in_place_of_the_median_is_no_radius():
    def about_the_mean(differences, weights):
        lead = differences @ weights
        return np.abs(lead) / np.maximum(np.abs(differences - lead[:, None]) @ weights, 1e-300)

    assert tight(about_the_mean)[1] > 500


def test_contamination_is_its_linear_program():
    rng = np.random.default_rng(13)
    for case in range(300):
        d, w0 = drawn(rng, case, int(rng.integers(1, 6)))
        found, expected = float(contamination(d[None], w0)[0]), contamination_by_program(d, w0)
        if abs(d @ w0) < 1e-12:
            assert found < 1e-9
        else:
            assert found == pytest.approx(expected, abs=1e-7), (d, w0)


def test_contamination_is_its_definition_on_a_grid():
    rng = np.random.default_rng(14)
    for _ in range(40):
        d, w0 = rng.normal(size=3), rng.dirichlet(np.ones(3))
        found = float(contamination(d[None], w0)[0])
        # a linear lead is smallest where the other weights are all on one
        shares = np.linspace(0, 1, 2001)
        ends = np.eye(3) @ d
        leads = (1 - shares) * abs(d @ w0) + shares * (ends * np.sign(d @ w0)).min()
        first = shares[leads <= 0]
        assert found == pytest.approx(first[0], abs=1e-3) if len(first) else np.isinf(found)


# --- several nodes
def of_two_levels(rng, case=1):
    """A top of three, two of which are shared out again, and its own shares."""
    sizes = rng.integers(2, 4, 2)
    nodes, own, at = [], list(rng.dirichlet(np.ones(3))), 3
    for part, size in enumerate(sizes):
        places = np.arange(at, at + size)
        own += list(rng.dirichlet(np.ones(size)))
        nodes.append((part, places))
        at += size
    nodes.append((WHOLE, np.arange(3)))
    own = np.array(own)
    fixed = int(rng.integers(3)) if case % 3 == 0 else -1
    shares = tuple(
        Shares(
            parent,
            places,
            own[places] if turn == fixed else np.zeros(len(places)),
            own[places] if turn == fixed else np.minimum(2 * own[places], 1.0),
            np.zeros((0, len(places))),
            np.zeros(0),
        )
        for turn, (parent, places) in enumerate(nodes)
    )
    return Region(shares, np.array([2, *range(3, at)]), at), own


def at_share(region, own, f):
    """The same nodes, each weight that varies within a share of itself."""
    shares = []
    for node in region.nodes:
        mine = own[node.parts]
        varies = (node.high > node.low).any()
        low, high = ((1 - f) * mine, np.minimum((1 + f) * mine, 1.0)) if varies else (mine, mine)
        shares.append(Shares(node.parent, node.parts, low, high, node.slopes, node.limits))
    return Region(tuple(shares), region.ends, region.size)


def test_of_one_node_the_nested_radius_is_the_closed_form():
    rng = np.random.default_rng(15)
    for case in range(300):
        d, w0 = drawn(rng, case, int(rng.integers(2, 8)))
        if abs(d @ w0) < 1e-12:
            continue
        found, closed = nested_radius(d[None], of_one_node(w0), w0)[0], relative_radius(d[None], w0)[0]
        assert found == pytest.approx(closed, rel=1e-10), (d, w0)


def test_the_nested_radius_is_where_bisection_ends():
    rng = np.random.default_rng(16)
    finite = 0
    for case in range(60):
        region, own = of_two_levels(rng, case)
        many = len(region.ends)
        d = rng.choice([0, 0.5, 1], many) - rng.choice([0, 0.5, 1], many) if case % 2 else rng.normal(size=many)
        parts = own.copy()
        for node in reversed(region.nodes):
            parts[node.parts] *= 1.0 if node.parent == WHOLE else parts[node.parent]
        lead = d @ parts[region.ends]
        if abs(lead) < 1e-12:
            continue
        turned = d[None] * np.sign(lead)
        found = float(nested_radius(d[None], region, own)[0])
        low, high = 0.0, 1.0
        if at_share(region, own, 1.0).least(turned)[0] > 1e-12:
            assert np.isinf(found)
            continue
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if at_share(region, own, middle).least(turned)[0] <= 0 else (middle, high)
        finite += 1
        assert found == pytest.approx(high, abs=1e-9)
        assert at_share(region, own, found * (1 - 1e-7)).least(turned)[0] > 0
        if found < 1 - 1e-6:
            assert at_share(region, own, found * (1 + 1e-7)).least(turned)[0] < 0
    assert finite > 20


def test_leads_of_all_pairs_are_those_of_each(monkeypatch):
    rng = np.random.default_rng(17)
    x = rng.uniform(size=(9, 4))
    w0 = np.full(4, 0.25)
    region = Region.box(0.5 * w0, 1.5 * w0)
    found = least_leads(x, region)
    for i in range(9):
        for j in range(9):
            assert found[i, j] == pytest.approx(region.least((x[i] - x[j])[None])[0], abs=1e-15)
    monkeypatch.setattr(pairs, "_CELLS", 30)  # row by row
    np.testing.assert_array_equal(least_leads(x, region), found)
    d = rng.normal(size=(50, 4))
    by_row = relative_radius(d, w0)
    monkeypatch.undo()
    np.testing.assert_allclose(by_row, relative_radius(d, w0), rtol=1e-14)


# --- edges
def test_no_pairs_and_no_lead():
    w = np.array([0.5, 0.5])
    assert relative_radius(np.zeros((0, 2)), w).tolist() == []
    flat = np.array([[0.0, 0.0], [1.0, -1.0], [0.25, 0.25], [-0.5, -0.5]])
    assert relative_radius(flat, w).tolist() == [0, 0, inf, inf]
    assert contamination(flat, w).tolist() == [0, 0, inf, inf]
    assert nested_radius(flat, of_one_node(w), w).tolist() == [0, 0, inf, inf]


def test_a_lead_that_vanishes_where_all_weight_is_on_one():
    """Level where all weight is on the second: all of it has to be moved there, or each weight to double."""
    w = np.array([0.5, 0.5])
    for sign in (1, -1):
        d = sign * np.array([[1.0, 0.0], [1.0, 0.25], [3.0, -1.0]])
        assert contamination(d, w).tolist() == [1, inf, 0.5]
        assert relative_radius(d, w).tolist() == [1, inf, 0.5]
        np.testing.assert_allclose(nested_radius(d, of_one_node(w), w), [1, inf, 0.5], rtol=1e-12)


@pytest.mark.parametrize(("miss", "radius"), [(0.9e-12, 1.0), (1e-12, 1.0), (1.1e-12, inf), (-0.9e-12, 1.0)])
def test_a_lead_that_is_left_by_rounding_alone_is_gone(miss, radius):
    """At the end a lead of no more than 1e-12 of the largest difference is none."""
    w = np.array([0.5, 0.5])
    assert nested_radius(np.array([[1.0, miss]]), of_one_node(w), w)[0] == pytest.approx(radius)
    assert nested_radius(np.array([[-8.0, -8 * miss]]), of_one_node(w), w)[0] == pytest.approx(radius)


def test_a_radius_above_one_by_rounding_is_one():
    w = np.array([0.5, 0.5])
    found = relative_radius(np.array([[1.0, 1e-13], [1.0, 1e-11]]), w)
    assert found.tolist() == [1, inf]


def test_nested_radii_of_many_pairs_are_those_of_each():
    rng = np.random.default_rng(18)
    region, own = of_two_levels(rng)
    d = rng.normal(size=(40, len(region.ends)))
    together = nested_radius(d, region, own)
    alone = np.concatenate([nested_radius(row[None], region, own) for row in d])
    np.testing.assert_allclose(together, alone, rtol=1e-11)
    assert 5 < np.isfinite(together).sum() < 40
    np.testing.assert_allclose(nested_radius(-d, region, own), together, rtol=1e-11)
    np.testing.assert_allclose(nested_radius(d * 1e-9, region, own), together, rtol=1e-11)


def test_least_leads_are_nothing_on_the_diagonal():
    x = np.array([[1.0, 0.0], [0.5, 0.25], [0.5, 0.25]])
    found = least_leads(x, Region.box(np.full(2, 0.25), np.full(2, 0.75)))
    np.testing.assert_allclose(found, [[0, -0.0625, -0.0625], [-0.3125, 0, 0], [-0.3125, 0, 0]], atol=1e-15)
    assert least_leads(np.zeros((0, 2)), Region.box(np.zeros(2), np.ones(2))).shape == (0, 0)
