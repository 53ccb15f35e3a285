"""The nearest weights for a rank: closed form for two units, grids for three weights, and nothing nearer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex.errors import MethodError
from egovindex.kernels.rank import competition_ranks
from egovindex.robustness.nearest import nearest_weights

seeds = st.integers(0, 10**6)


def computed(x, weights, **nodes):
    """An index with one column per weight; with nodes={name: columns}, in sub-indices of equal weight."""
    columns = [f"a{at}" for at in range(x.shape[1])]
    place = {column: node for node, own in nodes.items() for column in own}
    rows = pd.DataFrame(
        {"id": columns, "kind": "indicator", "in": [place.get(c, "top") for c in columns], "weight": weights}
    )
    inner = [{"id": node, "kind": "node", "in": "top", "weight": 1.0} for node in nodes]
    rows = pd.concat([rows, pd.DataFrame([*inner, {"id": "top", "kind": "node"}])])
    index = ei.Index.from_frame(rows, index="made", nothing="void")
    units = [f"u{at}" for at in range(len(x))]
    return ei.compute(index, pd.DataFrame(x, columns=columns).assign(unit=units))


def own_weights(rng, k):
    return rng.integers(1, 6, size=k).astype(float)


def mean_deviation(lead, own):
    """Smallest weighted mean absolute deviation: about the weighted median, which is one of the values."""
    return min(own @ np.abs(lead - value) for value in lead)


@given(seeds)
def test_two_units_swap_at_their_radius(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 6))
    x, weights = rng.uniform(size=(2, k)), own_weights(rng, k)
    own = weights / weights.sum()
    behind = int(np.argmin(x @ own))
    lead = x[1 - behind] - x[behind]
    radius = own @ lead / mean_deviation(lead, own)
    result = computed(x, weights)
    if radius > 1:
        with pytest.raises(MethodError, match="the best that they give is rank 2"):
            nearest_weights(result, f"u{behind}")
        return
    found = nearest_weights(result, f"u{behind}")
    assert found.distance == pytest.approx(radius, abs=1e-9)
    assert (found.before, found.reached, found.certainty.kind) == (2, 1, "exact")
    assert found.tied == (f"u{1 - behind}",)
    assert not found.by_tie


def test_two_units_by_hand():
    # lead (0.3, -0.1): mean 0.1, deviation 0.2; the swap is at a half
    found = nearest_weights(computed(np.array([[0.5, 0.5], [0.8, 0.4]]), [1.0, 1.0]), "u0")
    assert found.distance == pytest.approx(0.5)
    assert found.weights["top"] == pytest.approx({"a0": 0.5, "a1": 1.5})
    assert found.table["relative"].tolist() == pytest.approx([-0.5, 0.5])
    moved = nearest_weights(found.form.result, "u0", distance="moved")
    assert moved.distance == pytest.approx(0.25)


def nearby(rng, own, share, size=4000):
    """Weights within a share of themselves with the same sum, one of them at its limit in each row."""
    change = rng.uniform(-1, 1, size=(size, len(own)))
    change -= (change @ own / own.sum())[:, None]
    return own * (1 + share * change / np.abs(change).max(axis=1, keepdims=True))


@given(seeds, st.integers(1, 5))
def test_nothing_nearer_reaches_the_rank(seed, rank):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(3, 6))
    x, weights = rng.uniform(size=(12, k)), own_weights(rng, k)
    own = weights / weights.sum()
    result = computed(x, weights)
    unit = int(np.argsort(-(x @ own))[7])
    try:
        found = nearest_weights(result, f"u{unit}", rank)
    except MethodError as error:
        reach = int(str(error).rsplit("rank ", 1)[1])
        assert rank < reach <= 8
        assert nearest_weights(result, f"u{unit}", reach).reached == reach
        return
    assert 0 < found.distance <= 1
    assert found.reached <= rank
    assert found.certainty.kind == "exact"
    again = ei.compute(result.index.with_weights(found.weights), result.plan.data)
    assert again.ranks["top"][f"u{unit}"] == found.reached
    tried = nearby(rng, own, 0.999 * found.distance)
    assert np.allclose(tried.sum(axis=1), 1)
    assert (competition_ranks(tried @ x.T)[:, unit] > rank).all()


@pytest.mark.parametrize("distance", ["relative", "moved"])
def test_three_weights_against_a_fine_grid(distance):
    rng = np.random.default_rng(11)
    for _ in range(12):
        x, weights = rng.uniform(size=(8, 3)), own_weights(rng, 3)
        own = weights / weights.sum()
        unit, rank = int(np.argsort(-(x @ own))[5]), int(rng.integers(1, 4))
        one, two = np.meshgrid(np.linspace(0, 1, 401), np.linspace(0, 1, 401), indexing="ij")
        w = np.stack([one, two, 1 - one - two], axis=-1).reshape(-1, 3)
        w = w[w.min(axis=1) >= 0]
        far = (np.abs(w - own) / own).max(axis=1) if distance == "relative" else np.abs(w - own).sum(axis=1) / 2
        there = (competition_ranks(w @ x.T)[:, unit] <= rank) & ((far <= 1) | (distance == "moved"))
        try:
            found = nearest_weights(computed(x, weights), f"u{unit}", rank, distance=distance)
        except MethodError:
            assert not there.any()
            continue
        assert found.distance <= far[there].min(initial=np.inf) + 1e-9
        if there.any():
            assert found.distance >= far[there].min() - 0.01 / own.min()


@pytest.mark.slow
@given(seeds, st.integers(1, 4))
def test_weights_inside_weights_have_a_bracket(seed, rank):
    rng = np.random.default_rng(seed)
    x = rng.uniform(size=(10, 5))
    result = computed(x, own_weights(rng, 5), left=["a0", "a1"], right=["a2", "a3", "a4"])
    order = result.scores["top"].sort_values(ascending=False).index
    try:
        found = nearest_weights(result, order[5], rank)
    except MethodError as error:
        assert "the best that they give" in str(error)  # noqa: PT017
        return
    assert found.certainty.kind == "bound"
    assert found.low <= found.distance <= found.low * (1 + 2e-6) + 1e-12
    assert found.reached <= rank
    assert found.table["relative"].abs().max() == pytest.approx(found.distance, abs=1e-12)
    # all three nodes within a little less
    tried = np.tile(found.form.ways.own, (4000, 1))
    for _, places in found.form.ways.below:
        tried[:, places] = nearby(rng, tried[0, places], 0.999 * found.low)
    assert (competition_ranks(found.form.evaluated(tried))[:, found.form.position(order[5])] > rank).all()


def test_a_hierarchy_with_free_ends_alone_is_exact_and_agrees_with_bisection():
    rng = np.random.default_rng(2)
    x = rng.uniform(size=(10, 5))
    result = computed(x, own_weights(rng, 5), left=["a0", "a1"], right=["a2", "a3", "a4"])
    order = result.scores["top"].sort_values(ascending=False).index
    inner = {node: ei.within(1.0) for node in ("left", "right")}
    found = nearest_weights(result, order[3], 2, weights=inner)
    assert found.certainty.kind == "exact"
    assert set(found.weights) == {"left", "right"}
    # a law that lets the outer weights move by next to nothing asks for the bisection
    other = nearest_weights(result, order[3], 2, weights={**inner, "top": ei.within(1e-9)})
    assert other.certainty.kind == "bound"
    assert other.distance == pytest.approx(found.distance, rel=1e-5)


@given(seeds)
def test_less_weight_changes_hands_in_no_other_way(seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(size=(9, 4))
    result = computed(x, own_weights(rng, 4), left=["a0", "a1"], right=["a2", "a3"])
    order = result.scores["top"].sort_values(ascending=False).index
    try:
        found = nearest_weights(result, order[4], 2, distance="moved")
    except MethodError:
        return
    assert found.certainty.kind == "exact"
    at = int(order[4][1:])
    w = rng.dirichlet(np.full(4, 0.5), size=4000)  # what reaches the ends is any share of the whole
    w = found.form.own + (w - found.form.own) * rng.uniform(size=(4000, 1))
    there = competition_ranks(w @ x.T)[:, at] <= 2
    assert (np.abs(w[there] - found.form.own).sum(axis=1) / 2 >= found.distance - 1e-9).all()


def test_who_is_there_stays():
    found = nearest_weights(computed(np.array([[0.5, 0.5], [0.8, 0.4]]), [1.0, 1.0]), "u1")
    assert (found.distance, found.reached, found.before, found.certainty.kind) == (0.0, 1, 1, "exact")
    assert (found.table["change"] == 0).all()
    assert "with the weights as they are" in repr(found)


def test_a_tie_that_no_weights_break_is_told():
    x = np.array([[0.5, 0.5, 0.1], [0.5, 0.5, 0.1], [0.9, 0.3, 0.1]])
    found = nearest_weights(computed(x, [1.0, 1.0, 1.0]), "u0")
    assert found.reached == 1
    assert set(found.tied) == {"u1", "u2"}
    assert found.by_tie
    assert "no allowed weights break the tie" in repr(found)
    alone = nearest_weights(computed(x[[0, 2]], [1.0, 1.0, 1.0]), "u0")
    assert alone.tied == ("u1",)
    assert not alone.by_tie
    assert alone.distance == pytest.approx(found.distance)


def test_limits_move_the_nearest_away_or_out_of_reach():
    result = computed(np.array([[0.5, 0.5, 0.6], [0.8, 0.4, 0.6]]), [1.0, 1.0, 1.0])
    free = nearest_weights(result, "u0")
    tied = nearest_weights(result, "u0", weights=ei.conditions("a0 >= a2"))
    assert tied.distance > free.distance
    assert tied.weights["top"]["a0"] >= tied.weights["top"]["a2"] - 1e-9
    with pytest.raises(MethodError, match=r"under within 0\.1 in top.* rank 2"):
        nearest_weights(result, "u0", weights=ei.within(0.1))


def test_a_law_that_the_weights_of_the_index_break():
    result = computed(np.array([[0.5, 0.5], [0.8, 0.4]]), [1.0, 1.0])
    found = nearest_weights(result, "u1", weights=ei.between(low={"a0": 0.6, "a1": 0.0}, high=1.0))
    assert found.before == found.reached == 1
    assert found.distance == pytest.approx(0.2)
    with pytest.raises(MethodError, match="distance='moved'"):
        nearest_weights(
            computed(np.array([[0.5, 0.5], [0.8, 0.4]]), [1.0, 9.0]),
            "u1",
            weights=ei.between(low={"a0": 0.6, "a1": 0.0}, high=1.0),
        )


def test_a_geometric_mean_is_looked_at_in_logarithms():
    columns = ["a0", "a1"]
    rows = pd.DataFrame({"id": columns, "kind": "indicator", "in": "top", "weight": 1.0})
    rows = pd.concat([rows, pd.DataFrame({"id": ["top"], "kind": "node", "aggregate": "geometric"})])
    index = ei.Index.from_frame(rows, index="made", nothing="void")
    x = np.array([[2.0, 2.0], [8.0, 1.0]])
    result = ei.compute(index, pd.DataFrame(x, columns=columns).assign(unit=["u0", "u1"]))
    lead, own = np.log(x[1] / x[0]), np.array([0.5, 0.5])
    found = nearest_weights(result, "u0")
    assert found.distance == pytest.approx(own @ lead / mean_deviation(lead, own))
    assert found.reached == 1


def test_out_of_time_gives_a_bracket_or_says_so():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(120, 12))
    result = computed(x, np.ones(12))
    unit = result.scores["top"].sort_values(ascending=False).index[60]
    try:
        found = nearest_weights(result, unit, 15, time_limit=0.2)
    except MethodError as error:
        assert "time" in str(error)  # noqa: PT017
        return
    assert 0 <= found.low <= found.distance
    assert found.reached <= 15
    assert found.certainty.kind in ("bound", "exact")


def test_all_that_is_wrong_is_told():
    result = computed(np.array([[0.5, 0.5], [0.8, 0.4]]), [1.0, 1.0])
    with pytest.raises(MethodError) as error:
        nearest_weights(result, "u0", 3, distance="square")
    assert {fault.check for fault in error.value.faults} == {"bad_rank", "unknown_option"}
    with pytest.raises(MethodError, match="there is no unit"):
        nearest_weights(result, "u9")
    with pytest.raises(MethodError, match="a result of compute is expected"):
        nearest_weights("result", "u0")


@pytest.mark.parametrize("size", [1.0, 1e-4, 1e-6])
@pytest.mark.parametrize("distance", ["relative", "moved"])
def test_small_leads_are_leads(size, distance):
    """The swap of two units is where it is, however close they are; a third never ahead, and one always."""
    x = np.array([[0.5, 0.5], [0.5 + 0.3 * size, 0.5 - 0.1 * size], [0.1, 0.1], [0.9, 0.9]])
    found = nearest_weights(computed(x, [1.0, 1.0]), "u0", 2, distance=distance)
    assert found.distance == pytest.approx(0.5 if distance == "relative" else 0.25, abs=1e-9 / size)
    assert found.certainty.kind == "exact"
    with pytest.raises(MethodError, match="the best that they give is rank 2"):
        nearest_weights(computed(x, [1.0, 1.0]), "u0", 1, distance=distance)


@pytest.mark.parametrize("apart", [1e-6, 1e-8, 1e-10])
def test_leads_that_contradict_each_other_by_little(apart):
    """u1 and u2 lead by the opposite, and a little: one of them is always ahead of u0."""
    lead = np.array([0.3, -0.1])
    x = np.array([[0.5, 0.5], 0.5 + lead, 0.5 - lead + apart])
    result = computed(x, [1.0, 1.0])
    with pytest.raises(MethodError, match="the best that they give is rank 2"):
        nearest_weights(result, "u0", 1)
    x[2] = 0.5 - lead - apart
    found = nearest_weights(computed(x, [1.0, 1.0]), "u0", 1)
    assert found.distance == pytest.approx(0.5, abs=1e-9)
    assert found.certainty.kind == "exact"


@pytest.mark.parametrize("distance", ["relative", "moved"])
@pytest.mark.parametrize("twin", [[0.3, 0.6], [0.1 + 0.2, 0.6000000000000001], [0.29999999999999993, 0.6]])
def test_a_twin_that_differs_by_rounding_does_not_keep_a_unit_from_its_rank(twin, distance):
    """Ahead by 1e-16 whatever the weights, it is tied; a program took it for a condition that nothing fulfils."""
    rows = pd.DataFrame(
        {"id": ["a", "b", "top"], "kind": ["indicator", "indicator", "node"], "in": ["top", "top", None]}
    ).assign(weight=[1.0, 1.0, None])
    index = ei.Index.from_frame(rows, index="made", nothing="void")
    table = pd.DataFrame([[0.3, 0.6], twin, [0.9, 0.2]], columns=["a", "b"]).assign(unit=["own", "twin", "other"])
    found = ei.nearest_weights(ei.compute(index, table), "own", distance=distance)
    assert found.reached == 1
    # level with the other at 0.6 a = 0.4 b: a tenth of the weight changes hands, a fifth of either part
    assert found.distance == pytest.approx(0.2 if distance == "relative" else 0.1)
