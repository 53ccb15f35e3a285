"""Every aggregate on numbers worked by hand, with gaps, at its limits, and with draws as one at a time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from egovindex.kernels.aggregate import AGGREGATES, mean_of_matrix, pooled, share_of, weighted_sum
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


# Edges --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("gap", [False, True])
def test_zeros_warn_of_nothing(name, gap):
    """A zero is a value like any other, and so it is beside a gap; a warning is an error in these tests."""
    x = [np.array([0.0, 1.0, 0.0, np.nan if gap else 1.0]), np.array([0.0, 2.0, 3.0, 2.0])]
    children = [(x[0], ~np.isnan(x[0]) if gap else None), (x[1], None)]
    if name == "pool":
        value, _ = pooled(children, [np.ones(1)] * 2, np.ones(2), 4)
    else:
        value, _ = AGGREGATES[name](children, np.ones(2), 4)
    assert value[0] == 0
    assert np.isfinite(value[:3]).all()


def test_a_share_of_no_weight_is_nothing():
    one = np.ones(2, dtype=bool)
    assert share_of(np.zeros(2), np.zeros(3), one).tolist() == [0, 0]
    assert share_of(np.array([0.5, 3.0]), np.array([1.0, 2.0]), np.array([False, True])).tolist() == [0.5 / 3, 1]
    draws = share_of(np.array([[1.0], [0.0]]), np.array([[1.0, 1.0], [0.0, 0.0]]), one[:1])
    assert draws.tolist() == [[1], [0]]


@pytest.mark.parametrize("name", ["geometric", "harmonic", "product"])
def test_a_value_that_is_negative_in_one_draw_alone_is_refused(name):
    x = np.full((2, 4, 3), 2.0)
    x[1, 2, 1] = -2.0
    for given in (x, np.where(np.arange(3) == 2, np.nan, x)):  # a gap elsewhere changes nothing
        with pytest.raises(Refusal) as caught:
            value_of(name, given, [1, 0.5])
        assert caught.value.where.tolist() == [False, True, False]
    x[1, :, 1] = np.nan  # a gap is not negative
    assert np.isfinite(value_of(name, x, [1, 0.5])[:, [0, 2]]).all()


def test_a_product_whose_weights_are_fractional_in_one_draw_alone_refuses_negative_values():
    with pytest.raises(Refusal, match="fractional weights"):
        value_of("product", [[-1.0], [2.0]], [[2, 1], [0.5, 1], [1, 1]])
    assert value_of("product", [[-3.0], [2.0]], [[2, 1], [1, 3], [1, 1]]).tolist() == [[18], [-24], [-6]]


@pytest.mark.parametrize("name", ["geometric", "harmonic"])
def test_a_negative_value_whose_weight_is_zero_in_some_draws_is_refused(name):
    with pytest.raises(Refusal):
        value_of(name, [[-1.0], [2.0]], [[0, 1], [0.5, 0.5]])


def test_a_harmonic_mean_refuses_values_whose_inverse_cannot_be_written():
    assert value_of("harmonic", [[1e-307], [1.0]]).item() == pytest.approx(2e-307)
    with pytest.raises(Refusal, match="zero or at least 1e-307, whose inverse can be written; rescale") as caught:
        value_of("harmonic", [[1.0, 0.9e-307, 0.0], [1.0, 1.0, 1.0]])
    assert caught.value.where.tolist() == [False, True, False]
    assert value_of("harmonic", [[0.0, 1.0, 4.0], [4.0, 0.0, 4.0]], [0, 1]).tolist() == [4, 0, 4]


@pytest.mark.parametrize("name", ["mean", "pool", "geometric", "harmonic", "ladder"])
@pytest.mark.parametrize("size", [1e-306, 2.0**-21, 2.0**-20, 2.0**20, 2.0**21, 1e306])
def test_the_size_of_weights_does_not_matter(name, size):
    x, weights = np.array([[0.5, GAP, 3.0], [2.0, 4.0, 1.0]]), np.array([1.0, 3.0])
    expected, share = aggregate(name, x, weights)
    for given in (weights * size, np.stack([weights * size, weights * size])):
        value, attainable = aggregate(name, x, given)
        np.testing.assert_allclose(value, np.broadcast_to(expected, value.shape), rtol=1e-14)
        np.testing.assert_allclose(attainable, np.broadcast_to(share, value.shape), rtol=1e-14)
    value, _ = mean_of_matrix(x[:, ::2], None, weights[None] * size)
    np.testing.assert_allclose(value, value_of("mean", x[:, ::2], weights)[None], rtol=1e-14)


def test_draws_of_weights_of_very_different_size():
    weights = np.array([[1e-300, 3e-300], [1e300, 3e300], [1.0, 3.0]])
    np.testing.assert_allclose(value_of("mean", [[2.0], [6.0]], weights), np.full((3, 1), 5.0), rtol=1e-15)
    single = AGGREGATES["mean"]([(np.float32([2, 2]), None), (np.float32([6, 6]), None)], np.float32([1e-30, 3e-30]), 2)
    assert single[0].dtype == np.float32
    assert single[0] == pytest.approx(5)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("on_weights", [False, True])
@pytest.mark.parametrize("with_draws", [[1, 0, 0, 1, 0], [0, 1, 1, 0, 1], [0, 0, 0, 0, 1], [1, 0, 0, 0, 0]])
def test_children_with_draws_beside_children_without(name, on_weights, with_draws):
    rng = np.random.default_rng(6)
    x = [rng.lognormal(size=(D, N) if drawn else N) for drawn in with_draws]
    masks = [None, rng.random(N) < 0.7, None, rng.random(N) < 0.7, None]
    if name in ("sum", "product"):
        masks = [None] * K
    weights = rng.integers(1, 4, (D, K) if on_weights else K).astype(float)
    covers = [np.ones(1), np.full(N, 0.5), np.ones(N), rng.random((D, N)), np.ones(1)]

    def of(draw, children):
        own = weights if draw is None or not on_weights else weights[draw]
        if name != "pool":
            return AGGREGATES[name](children, own, N)
        return pooled(children, [c if draw is None or c.ndim == 1 else c[draw] for c in covers], own, N)

    together, share = of(None, list(zip(x, masks, strict=True)))
    for draw in range(D):
        alone = [(one if one.ndim == 1 else one[draw], mask) for one, mask in zip(x, masks, strict=True)]
        value, attained = of(draw, alone)
        np.testing.assert_allclose(np.broadcast_to(together, (D, N))[draw], value, rtol=1e-13)
        np.testing.assert_allclose(
            np.broadcast_to(share, (D, N))[draw], np.broadcast_to(attained, N), rtol=1e-13, err_msg=name
        )


def test_a_matrix_of_children_is_their_mean():
    rng = np.random.default_rng(7)
    x, weights = rng.normal(size=(4, 6)), rng.dirichlet(np.ones(4), 3) * 5
    expected = value_of("mean", x, weights)
    value, share = mean_of_matrix(x, None, weights)
    np.testing.assert_allclose(value, expected, rtol=1e-13)
    assert share.tolist() == [1]
    centre = np.array([1.0, -2.0, 30.0, 0.5])
    np.testing.assert_allclose(mean_of_matrix(x - centre[:, None], centre, weights)[0], expected, atol=1e-13)


def test_no_children_add_up_to_nothing():
    total, attainable = weighted_sum([], np.zeros(0), 3)
    assert total.tolist() == [0, 0, 0]
    assert attainable.tolist() == [0]


def test_one_unit_with_a_gap_attains_a_part():
    for name in ("mean", "geometric", "harmonic", "ladder", "pool"):
        value, share = aggregate(name, [[GAP], [2.0]], [1, 3])
        assert (value.item(), share.item()) == (pytest.approx(2), 0.75)


def test_who_has_no_gap_attains_the_whole_in_every_draw_of_weights():
    """A matrix product adds in an order of its own; a share of 0.9999999999999999 would be a gap."""
    weights = np.random.default_rng(8).dirichlet(np.ones(7), 200)
    x = np.ones((7, 3))
    x[2, 1] = x[5, 1] = x[3, 2] = GAP
    _, share = aggregate("mean", x, weights)
    assert (share[:, 0] == 1).all()
    assert (share[:, 1:] < 1).all()
    np.testing.assert_allclose(share[:, 1], 1 - weights[:, 2] - weights[:, 5], rtol=1e-12)


@pytest.mark.parametrize("tiny", [1e-310, -1e-310, 5e-324])
@pytest.mark.parametrize("mask", [None, np.array([True, True])])
def test_a_tiny_value_without_weight_leaves_a_harmonic_mean_alone(tiny, mask):
    """Its inverse is infinite, and nothing times infinity is no number."""
    children = [(np.array([tiny, 2.0]), mask), (np.array([4.0, 5.0]), None)]
    value, _ = AGGREGATES["harmonic"](children, np.array([0.0, 1.0]), 2)
    assert value.tolist() == [4, 5]
