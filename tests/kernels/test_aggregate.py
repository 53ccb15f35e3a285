"""Every aggregate on numbers worked by hand, with gaps, at its limits, and with draws as one at a time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from egovindex.kernels.aggregate import AGGREGATES, pooled, weighted_sum
from egovindex.kernels.refusal import Refusal
from egovindex.spec.words import AGGREGATES as NAMES

EVERY = [*AGGREGATES, "pool"]
MEANS = ["mean", "geometric", "harmonic", "ladder"]


def children_of(values):
    """Rows of children as the kernel gets them; NaN becomes a gap."""
    for x in np.asarray(values, dtype=float):
        gaps = np.isnan(x)
        yield x, (~gaps if gaps.any() else None)


def aggregate(name, values, weights=None, covers=None):
    """Value and attainable share of each unit, ``(n,)`` each; children in rows, units in columns."""
    values = np.asarray(values, dtype=float)
    k, n = values.shape[0], values.shape[-1]
    weights = np.ones(k) if weights is None else np.asarray(weights, dtype=float)
    with np.errstate(all="ignore"):
        if name == "pool":
            covers = [np.ones(1)] * k if covers is None else [np.asarray(cover, dtype=float) for cover in covers]
            value, share = pooled(children_of(values), covers, weights, n)
        else:
            value, share = AGGREGATES[name](children_of(values), weights, n)
    return value, np.broadcast_to(share, value.shape)


def value_of(name, values, weights=None, **more):
    return aggregate(name, values, weights, **more)[0]


def test_every_aggregate_of_the_language_has_a_kernel():
    assert set(EVERY) == set(NAMES)


# By hand ------------------------------------------------------------------------------------------

BY_HAND = [
    ("mean", [1, 2, 6], [1, 1, 1], 3),
    ("mean", [1, 2, 6], [1, 2, 1], 2.75),
    ("pool", [1, 2, 6], [1, 2, 1], 2.75),
    ("sum", [1, 2, 6], [1, -2, 0.5], 0),
    ("product", [2, 3, 4], [1, 2, 0.5], 36),
    ("product", [-2, 3, 4], [3, 1, 0], -24),
    ("geometric", [1, 4, 16], [1, 1, 1], 4),
    ("geometric", [2, 16], [2, 1], 4),
    ("harmonic", [1, 2, 4], [1, 1, 2], 2),
    ("harmonic", [40, 60], [1, 1], 48),
    ("min", [3, 1, 2], [1, 5, 1], 1),
    ("max", [3, 1, 2], [1, 5, 1], 3),
    ("weakest", [3, 1, 2], [1, 1, 1], 1.5),
    ("weakest", [2, 2, 2], [1, 1, 1], 2),
    ("ladder", [1, 0.5, 1, 0], [1, 1, 1, 1], 0.5),
    ("ladder", [3, 1, 2], [2, 1, 1], 2),
]


@pytest.mark.parametrize(("name", "x", "weights", "expected"), BY_HAND)
def test_by_hand(name, x, weights, expected):
    value, share = aggregate(name, np.array(x, dtype=float)[:, None], weights)
    assert value.item() == pytest.approx(expected, rel=1e-15, abs=1e-15)
    assert share.item() == 1


@pytest.mark.parametrize(("name", "reference"), [("geometric", stats.gmean), ("harmonic", stats.hmean)])
def test_means_are_those_of_scipy(name, reference):
    rng = np.random.default_rng(1)
    x, weights = rng.lognormal(size=(7, 40)), rng.uniform(0.1, 5, 7)
    np.testing.assert_allclose(value_of(name, x, weights), reference(x, axis=0, weights=weights[:, None]), rtol=1e-14)


# Gaps ---------------------------------------------------------------------------------------------

GAP = np.nan


@pytest.mark.parametrize(
    ("name", "expected", "share"),
    [
        ("mean", 3, 0.75),
        ("pool", 3, 0.75),
        ("geometric", 2 ** (1 / 3) * 3.5 ** (2 / 3), 0.75),
        ("harmonic", 3 / (1 / 2 + 2 / 3.5), 0.75),
        ("ladder", 2, 0.75),
        ("min", 2, 1),
        ("max", 3.5, 1),
        ("weakest", 2.5, 1),
    ],
)
def test_a_gap_is_left_out(name, expected, share):
    """Children 2, a gap, 3.5 with weights 1, 1, 2."""
    value, attainable = aggregate(name, [[2, 9], [GAP, 9], [3.5, 9]], [1, 1, 2])
    assert value[0] == pytest.approx(expected, rel=1e-15)
    assert attainable[0] == share
    assert value[1] == pytest.approx(9, rel=1e-15)
    assert attainable[1] == 1


@pytest.mark.parametrize("name", ["mean", "pool", "geometric", "harmonic", "ladder"])
def test_nothing_left_has_no_attainable_weight(name):
    for values, weights in ([[GAP], [GAP], [GAP]], [0.1, 0.2, 0.3]), ([[GAP], [GAP], [1.0]], [0.1, 0.2, 0.0]):
        assert aggregate(name, np.array(values), weights)[1].item() == 0


def test_rest_of_weights_is_nothing_not_a_rounding_remainder():
    """0.1 + 0.2 + 0.3 minus the same three is 5.6e-17 in floating point."""
    values = [[GAP, 1.0], [GAP, 1.0], [GAP, 1.0]]
    _, attainable = weighted_sum(children_of(values), np.array([0.1, 0.2, 0.3]), 2)
    assert attainable[0] == 0


def test_pool_weighs_with_coverage():
    """Ten points out of ten at half coverage, none at full coverage: one third."""
    value, attainable = aggregate("pool", [[1.0], [0.0]], [1, 1], covers=[[0.5], [1.0]])
    assert value.item() == pytest.approx(1 / 3, rel=1e-15)
    assert attainable.item() == 0.75
    assert value_of("mean", [[1.0], [0.0]]).item() == 0.5


# Limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_one_child_is_the_node(name):
    x = np.array([[0.0, 0.25, 3.0]])
    np.testing.assert_allclose(value_of(name, x), x[0], rtol=1e-15)


@pytest.mark.parametrize("name", [name for name in EVERY if name not in ("sum", "product")])
def test_equal_children_are_the_node(name):
    np.testing.assert_allclose(value_of(name, np.full((5, 3), 0.7), [1, 2, 3, 4, 5]), 0.7, rtol=1e-15)


@pytest.mark.parametrize("name", ["mean", "pool", "sum", "product", "geometric", "harmonic"])
def test_weight_zero_is_absence(name):
    x = np.array([[2.0, 3.0], [0.0, 9.0], [4.0, 1.0]])
    np.testing.assert_allclose(value_of(name, x, [1, 0, 3]), value_of(name, x[[0, 2]], [1, 3]), rtol=1e-15)


@pytest.mark.parametrize("name", ["geometric", "harmonic"])
def test_a_zero_with_weight_makes_zero(name):
    np.testing.assert_array_equal(value_of(name, [[0.0, 1.0], [5.0, 5.0]], [1, 1]) == 0, [True, False])


@pytest.mark.parametrize("name", ["geometric", "harmonic"])
def test_negative_values_are_refused_by_unit(name):
    with pytest.raises(Refusal, match=rf"the {name} mean needs values that are not negative") as caught:
        value_of(name, [[1.0, -1.0, 2.0], [1.0, 1.0, -2.0]])
    assert caught.value.where.tolist() == [False, True, True]
    value_of(name, [[1.0, -1.0, 2.0], [1.0, 1.0, 2.0]], [0, 1])


def test_a_product_with_fractional_weights_refuses_negative_values():
    with pytest.raises(Refusal, match="fractional weights"):
        value_of("product", [[1.0, -1.0]], [0.5])
    assert value_of("product", [[1.0, -2.0]], [2]).tolist() == [1, 4]


@pytest.mark.parametrize("name", EVERY)
def test_children_and_weights_are_left_alone(name):
    x, weights = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 2.0])
    columns = [row.copy() for row in x]
    covers = (np.ones(1) for _ in columns)
    stream = ((column, None) for column in columns)
    _ = pooled(stream, covers, weights, 2) if name == "pool" else AGGREGATES[name](stream, weights, 2)
    np.testing.assert_array_equal(np.stack(columns), x)
    np.testing.assert_array_equal(weights, [1, 2])


# Draws --------------------------------------------------------------------------------------------

D, K, N = 6, 5, 11


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize(("on_values", "on_weights"), [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("name", EVERY)
def test_draws_are_a_loop(name, on_values, on_weights, gaps):
    rng = np.random.default_rng(2)
    x = rng.lognormal(size=(K, D, N) if on_values else (K, N))
    if gaps:
        missing = rng.random((K, N)) < 0.4
        missing[0] = False
        x = np.where(missing[:, None] if on_values else missing, np.nan, x)
    weights = rng.integers(1, 4, (D, K) if on_weights else K).astype(float)
    together, share = aggregate(name, x, weights)
    for draw in range(D):
        value, alone = aggregate(name, x[:, draw] if on_values else x, weights[draw] if on_weights else weights)
        counted = ~np.isnan(x).any(axis=(0, 1) if on_values else 0) | (name not in ("sum", "product"))
        found = np.broadcast_to(together, (D, N))[draw]
        np.testing.assert_allclose(found[counted], value[counted], rtol=1e-14)
        np.testing.assert_allclose(np.broadcast_to(share, (D, N))[draw], alone, rtol=1e-14)
