"""Orders and ranks that weights lead to, against enumeration of subsets and fine grids of weights."""

from __future__ import annotations

from itertools import chain, combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.kernels.ordering import conflict, fewest_left_out, widest
from egovindex.kernels.reaching import fewest_ahead, moved, nearest, pulled, relative
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import WHOLE, Region, Shares
from tests.kernels.cases import nearly_tied

LEAST = 1e-9
seeds = st.integers(0, 10**6)


def grid(region, step=0.02):
    """All weights of three parts inside a box, in steps; its corners too."""
    ticks = np.round(np.arange(0, 1 + step / 2, step), 12)
    one, two = np.meshgrid(ticks, ticks, indexing="ij")
    w = np.stack([one, two, 1 - one - two], axis=-1).reshape(-1, 3)
    node = region.nodes[0]
    w = w[((w >= node.low - 1e-12) & (w <= node.high + 1e-12)).all(axis=1)]
    return np.vstack([w, node.corners])


def box(rng, k=3):
    own = rng.dirichlet(np.full(k, 3.0))
    width = rng.uniform(0.1, 1.0)
    return own, Region.box((1 - width) * own, np.minimum((1 + width) * own, 1.0))


def subsets(items):
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


@given(seeds)
def test_no_weights_give_a_wider_margin(seed):
    rng = np.random.default_rng(seed)
    _, region = box(rng)
    pairs = rng.normal(size=(int(rng.integers(1, 6)), 3))
    found = widest(pairs, region)
    assert found.margin >= (grid(region) @ pairs.T).min(axis=1).max() - 1e-9
    assert (pairs @ found.parts).min() == found.margin
    # the proof needs no solver: a weighted sum of the margins has no more
    assert found.multipliers.sum() == pytest.approx(1)
    assert found.bound == pytest.approx(found.margin, abs=1e-9)


def nested(rng):
    """Two outer parts, the first shared out among two."""
    nothing = np.zeros((0, 2)), np.zeros(0)
    inner = Shares(0, np.array([2, 3]), np.array([0.2, 0.3]), np.array([0.7, 0.8]), *nothing)
    outer = Shares(WHOLE, np.array([0, 1]), np.array([0.3, 0.3]), np.array([0.7, 0.7]), *nothing)
    flows, shares = rng.uniform(0.3, 0.7, 500), rng.uniform(0.2, 0.7, 500)
    ends = np.stack([1 - flows, flows * shares, flows * (1 - shares)], axis=1)
    return Region((inner, outer), np.array([1, 2, 3]), 4), ends


def test_margins_of_weights_inside_weights():
    rng = np.random.default_rng(5)
    region, ends = nested(rng)
    for _ in range(20):
        pairs = rng.normal(size=(3, 3))
        found = widest(pairs, region)
        assert found.margin >= (ends @ pairs.T).min(axis=1).max() - 1e-9
        assert found.bound == pytest.approx(found.margin, abs=1e-9)


def test_weights_that_do_not_exist_are_refused():
    with pytest.raises(Refusal, match="no weights are allowed"):
        widest(np.eye(2), Region.box(np.array([0.6, 0.6]), np.ones(2)))


@given(seeds)
def test_a_conflict_is_minimal(seed):
    rng = np.random.default_rng(seed)
    _, region = box(rng, 4)
    pairs = rng.normal(size=(6, 4))
    found = conflict(pairs, region, LEAST)
    if not len(found):
        assert widest(pairs, region).margin >= LEAST
        return
    assert widest(pairs[found], region).margin < LEAST
    for left in found:
        rest = found[found != left]
        assert not len(rest) or widest(pairs[rest], region).margin >= LEAST


@pytest.mark.slow
@given(seeds)
def test_no_fewer_units_are_left_out(seed):
    rng = np.random.default_rng(seed)
    _, region = box(rng)
    n = 6
    x = rng.integers(0, 5, size=(n, 3)) / 4  # ties as in answers
    groups = rng.integers(0, 4, size=n)

    def holds(out):
        kept = [unit for unit in range(n) if unit not in out]
        pairs = [x[one] - x[two] for one in kept for two in kept if groups[one] < groups[two]]
        return not pairs or widest(np.array(pairs), region).margin >= 1e-7

    found = fewest_left_out(x, groups, region, LEAST)
    assert found.low == found.out.sum()
    assert holds(set(np.flatnonzero(found.out)))
    assert found.low == min(len(out) for out in subsets(range(n)) if holds(out))


@pytest.mark.parametrize("apart", [1e-5, 1e-7, 1e-9])
@pytest.mark.parametrize("seed", [*range(8), 13, 20, 24])  # the last three need cuts
def test_orders_that_hold_but_for_less_than_a_solver_of_whole_numbers_can_tell(seed, apart):
    rng = np.random.default_rng(seed)
    x, region = nearly_tied(rng, 5, apart)
    groups = rng.permutation(5)

    def holds(out):
        kept = [unit for unit in sorted(range(5), key=lambda unit: groups[unit]) if unit not in out]
        pairs = np.array([x[one] - x[two] for one, two in pairwise(kept)])
        return not len(pairs) or widest(pairs, region).margin >= 1e-11

    found = fewest_left_out(x, groups, region, 1e-11, tie=1e-12)
    assert found.low == found.out.sum() == min(len(out) for out in subsets(range(5)) if holds(out))
    assert holds(set(np.flatnonzero(found.out)))


@pytest.mark.parametrize("apart", [1e-5, 1e-7, 1e-9])
@pytest.mark.parametrize("seed", range(8))
def test_leads_that_are_smaller_than_a_solver_of_whole_numbers_can_tell(seed, apart):
    rng = np.random.default_rng(seed)
    x, region = nearly_tied(rng, 7, apart)
    ahead = x[1:] - x[0]
    own = np.array([0.25, 0.35, 0.4])

    def behind(spared):
        return widest(-ahead[[at for at in range(6) if at not in spared]], region).margin >= -1e-12

    least = next(len(spared) for spared in subsets(range(6)) if len(spared) == 6 or behind(spared))
    found = fewest_ahead(ahead, region, 1e-12)
    assert found.low == found.ahead.sum() == least
    assert not least or fewest_ahead(ahead, region, 1e-12, enough=least - 1) is None
    distance = relative(own, np.arange(3))
    reached = nearest(ahead, least, region, distance, lambda size: Region.box(
        np.maximum((1 - size) * own, region.nodes[0].low), np.minimum((1 + size) * own, region.nodes[0].high)
    ), 1e-12)  # fmt: skip
    tried = [pulled(ahead, np.isin(np.arange(6), spared), region, distance) for spared in combinations(range(6), least)]
    assert reached.high == pytest.approx(min(one.high for one in tried if one is not None), abs=1e-9, rel=1e-6)
    assert reached.low == pytest.approx(reached.high, abs=1e-9, rel=1e-6)


def test_what_is_too_close_to_call_is_no_proof():
    """Two units that can be apart by less than is asked for, and by more than a tie: one may have to go."""
    x = np.array([[0.5 + 5e-12, 0.5 + 5e-12], [0.5, 0.5]])
    region = Region.box(np.zeros(2), np.ones(2))
    found = fewest_left_out(x, np.array([0, 1]), region, 1e-11, tie=1e-12)
    assert (found.low, found.out.sum()) == (0, 1)
    assert fewest_left_out(x, np.array([1, 0]), region, 1e-11, tie=1e-12).low == 1


def test_out_of_time_leaves_a_bracket():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 6))
    region = Region.box(np.zeros(6), np.ones(6))
    found = fewest_left_out(x, np.arange(40), region, LEAST, time_limit=0.01)
    assert 0 <= found.low <= found.out.sum() < 40


def ranks(w, x, unit):
    scores = w @ x.T
    return (scores > scores[:, [unit]] + 1e-12).sum(axis=1)


@given(seeds)
def test_no_fewer_are_ahead(seed):
    rng = np.random.default_rng(seed)
    _, region = box(rng)
    x = rng.integers(0, 9, size=(9, 3)) / 8
    ahead = x[1:] - x[0]
    found = fewest_ahead(ahead, region, 1e-12)
    w = grid(region)
    assert found.low == found.ahead.sum() <= ranks(w, x, 0).min()
    others = ahead[~found.ahead]
    assert not len(others) or widest(-others, region).margin >= -1e-9
    for enough in range(4):
        reached = fewest_ahead(ahead, region, 1e-12, enough=enough)
        assert (reached is not None) == (found.low <= enough)
        assert reached is None or reached.ahead.sum() <= enough


def farness(kind, w, own):
    change = np.abs(w - own)
    return (change / own).max(axis=-1) if kind == "relative" else change.sum(axis=-1) / 2


@pytest.mark.parametrize("kind", ["relative", "moved"])
@given(seed=seeds, enough=st.integers(0, 3))
def test_no_weights_of_a_fine_grid_are_nearer(kind, seed, enough):
    rng = np.random.default_rng(seed)
    own = rng.dirichlet(np.full(3, 3.0))
    x = rng.normal(size=(10, 3))
    region = Region.box(np.zeros(3), np.minimum(2 * own, 1.0))

    def narrowed(size):
        reach = size * own if kind == "relative" else size
        return Region.box(np.maximum(own - reach, 0), np.minimum(own + reach, region.nodes[0].high))

    distance = relative(own, np.arange(3)) if kind == "relative" else moved(own, np.arange(3))
    found = nearest(x[1:] - x[0], enough, region, distance, narrowed, 1e-12)
    w = grid(region, 0.01)
    there = ranks(w, x, 0) <= enough
    if found is None:
        assert not there.any()
        return
    assert found.high == pytest.approx(farness(kind, found.parts, own), abs=1e-9)
    assert found.low == pytest.approx(found.high, abs=1e-7)
    assert ((found.parts - 1e-12) @ (x[1:] - x[0]).T > 1e-9).sum() <= enough
    if there.any():
        assert found.high <= farness(kind, w[there], own).min() + 1e-9
    # and the nearest is about as far as the grid says, where the grid is near it
    close = np.abs(w - found.parts).max(axis=1) < 0.02
    if (there & close).any():
        assert found.high >= farness(kind, w[there & close], own).min() - 0.06 / own.min()
