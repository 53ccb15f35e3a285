"""Sensitivity indices against closed forms, against SciPy and SALib on the same design, and against COINr."""

from __future__ import annotations

import numpy as np
import pytest
from SALib.analyze import sobol as salib
from scipy import stats

from egovindex.kernels.sobol import FIRST_ORDER, indices, moments, resampled
from egovindex.sensitivity.sobol import scrambled

# Saltelli and others 2008, Global Sensitivity Analysis, sections 4.6 and 5; closed forms of a = 7, b = 0.1
ISHIGAMI = {"first": [0.3139, 0.4424, 0.0], "total": [0.5576, 0.4424, 0.2437]}
G_PARAMETERS = np.array([0, 1, 4.5, 9, 99, 99, 99, 99.0])


def ishigami(uniform: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * uniform - 1)
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def g_function(uniform: np.ndarray) -> np.ndarray:
    return np.prod((np.abs(4 * uniform - 2) + G_PARAMETERS) / (1 + G_PARAMETERS), axis=-1)


def g_indices() -> tuple[np.ndarray, np.ndarray]:
    parts = 1 / (3 * (1 + G_PARAMETERS) ** 2)
    whole = np.prod(1 + parts) - 1
    total = np.array([parts[i] * np.prod(1 + np.delete(parts, i)) for i in range(len(parts))])
    return parts / whole, total / whole


def design(factors: int, points: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    both = scrambled(2 * factors, points, np.random.default_rng(seed))
    a, b = both[:, :factors], both[:, factors:]
    ab = np.repeat(a[:, None], factors, axis=1)
    for factor in range(factors):
        ab[:, factor, factor] = b[:, factor]
    return a, b, ab


def outputs(function, factors, points=1024, seed=1):
    return tuple(function(sample)[..., None] for sample in design(factors, points, seed))


@pytest.mark.parametrize("first", FIRST_ORDER)
def test_ishigami(first):
    found = moments(*outputs(ishigami, 3, 4096), first=first)
    order, total, variance = indices(found, first=first)
    # half widths some four times the errors that robustness studies give for so many points
    np.testing.assert_allclose(order.ravel(), ISHIGAMI["first"], atol=0.02)
    np.testing.assert_allclose(total.ravel(), ISHIGAMI["total"], atol=0.01)
    assert variance[0] == pytest.approx(13.8446, rel=0.01)


@pytest.mark.parametrize("first", FIRST_ORDER)
def test_g_function(first):
    order, total, _ = indices(moments(*outputs(g_function, 8, 4096), first=first), first=first)
    expected = g_indices()
    np.testing.assert_allclose(order.ravel(), expected[0], atol=0.015)
    np.testing.assert_allclose(total.ravel(), expected[1], atol=0.01)


def test_closed_forms_lie_in_their_intervals():
    inside = []
    for seed in range(12):
        found = moments(*outputs(ishigami, 3, 512, seed))
        first, total = resampled(found, np.random.default_rng(seed), 500)
        for drawn, exact in ((first, ISHIGAMI["first"]), (total, ISHIGAMI["total"])):
            low, high = np.quantile(drawn[..., 0], [0.05, 0.95], axis=0)
            inside += list((low <= exact) & (exact <= high))
    # intervals of 90 % that know nothing of the even spread of the points are a little too wide, never too narrow
    assert np.mean(inside) > 0.88


def test_scipy_agrees_on_the_same_design():
    a, b, ab = design(3, 512)
    function = {"f_A": ishigami(a)[None], "f_B": ishigami(b)[None], "f_AB": ishigami(np.moveaxis(ab, 1, 0))[:, None]}
    theirs = stats.sobol_indices(func=function, n=512)
    order, total, _ = indices(moments(*(x[..., None] for x in (ishigami(a), ishigami(b), ishigami(ab)))))
    # SciPy centres by the mean of all samples, we by that of the two: the first-order sum differs by that much
    np.testing.assert_allclose(total.ravel(), theirs.total_order.ravel(), rtol=1e-12)
    np.testing.assert_allclose(order.ravel(), theirs.first_order.ravel(), atol=2e-3)


def test_salib_agrees_on_the_same_design():
    a, b, ab = design(3, 512)
    interleaved = np.concatenate([ishigami(a)[:, None], ishigami(ab), ishigami(b)[:, None]], axis=1).ravel()
    problem = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[0, 1]] * 3}
    theirs = salib.analyze(problem, interleaved, calc_second_order=False, seed=1)
    order, total, _ = indices(moments(*(x[..., None] for x in (ishigami(a), ishigami(b), ishigami(ab)))))
    np.testing.assert_allclose(total.ravel(), theirs["ST"], rtol=1e-10)
    np.testing.assert_allclose(order.ravel(), theirs["S1"], atol=2e-3)  # another centre, as above


def test_an_output_that_never_varies_has_no_share():
    a = np.ones((64, 2))
    a[:, 1] = np.random.default_rng(1).random(64)
    order, total, variance = indices(moments(a, a[::-1], np.stack([a, a[::-1]], axis=1)))
    assert order[:, 0].tolist() == [0, 0]
    assert total[:, 0].tolist() == [0, 0]
    assert variance[0] == 0
    assert np.isfinite(order).all()
    first, _ = resampled(moments(a, a[::-1], np.stack([a, a[::-1]], axis=1)), np.random.default_rng(1), 20)
    assert np.isfinite(first).all()


@pytest.mark.parametrize("constant", [0.1, 1e6 / 3, -7.0])
def test_the_rounding_of_a_constant_is_no_variance(constant):
    rng = np.random.default_rng(1)
    a, b = constant * (1 + rng.choice([0, 2e-16, -1e-16], (2, 64, 1)))
    ab = constant * (1 + rng.choice([0, 2e-16, -1e-16], (64, 2, 1)))
    order, total, variance = indices(moments(a, b, ab))
    assert not order.any()
    assert not total.any()
    assert not variance.any()
    first, totals = resampled(moments(a, b, ab), rng, 20)
    assert not first.any()
    assert not totals.any()


def test_a_constant_added_changes_nothing():
    y = outputs(ishigami, 3)
    for shift in (1e3, -1e6):
        moved = indices(moments(*(part + shift for part in y)))
        for one, other in zip(indices(moments(*y)), moved, strict=True):
            np.testing.assert_allclose(other, one, atol=1e-6)


def test_without_a_centre_a_constant_added_would_ruin_it():
    # negative control: the estimator of COINr, doi 10.21105/joss.04567
    a, b, ab = (part[..., 0] for part in outputs(ishigami, 3, 512))
    uncentred = ((b + 1e4)[:, None] * (ab - a[:, None])).mean(axis=0) / np.var([a, b])
    assert np.abs(uncentred - ISHIGAMI["first"]).max() > 1


def test_resamples_are_drawn_for_all_together():
    found = moments(*(np.repeat(part, 3, axis=-1) for part in outputs(ishigami, 3)))
    first, total = resampled(found, np.random.default_rng(1), 50)
    assert first.shape == total.shape == (50, 3, 3)
    np.testing.assert_allclose(first[..., 0], first[..., 2], rtol=1e-12)
    again = resampled(found, np.random.default_rng(1), 50)
    np.testing.assert_array_equal(again[0], first)


def test_a_resample_is_the_index_of_the_points_drawn():
    y = outputs(ishigami, 3, 64)
    rng = np.random.default_rng(2)
    first, total = resampled(moments(*y), rng, 1)
    counts = np.random.default_rng(2).multinomial(64, np.full(64, 1 / 64), size=1)[0]
    drawn = np.repeat(np.arange(64), counts)
    centre = (y[0].mean() + y[1].mean()) / 2
    a, b, ab = (part[drawn] - centre for part in y)
    variance = ((a**2 + b**2) / 2).mean() - ((a + b) / 2).mean() ** 2
    np.testing.assert_allclose(total[0, :, 0], ((a - ab[..., 0]) ** 2).mean(axis=0) / (2 * variance), rtol=1e-10)
    np.testing.assert_allclose(first[0, :, 0], (b * (ab[..., 0] - a)).mean(axis=0) / variance, rtol=1e-9)


# --- by the formulas, to the last digits
def by_formula(a, b, ab, first):
    """Saltelli 2010 table 2 (b), Jansen 1999, Janon 2014 eq. (6), for one output of outputs that are not centred."""
    a, b, ab = (part - (a.mean() + b.mean()) / 2 for part in (a, b, ab))
    both = np.concatenate([a, b])
    variance = (both**2).mean() - ((a + b) / 2).mean() ** 2
    order = []
    for own in ab.T:
        if first == "saltelli":
            order.append((b * (own - a)).mean() / variance)
        elif first == "jansen":
            order.append(1 - ((b - own) ** 2).mean() / (2 * variance))
        else:
            level = ((b + own) / 2).mean()
            order.append(((b * own).mean() - level**2) / (((b**2 + own**2) / 2).mean() - level**2))
    return order, ((a[:, None] - ab) ** 2).mean(axis=0) / (2 * variance), variance


@pytest.mark.parametrize("first", FIRST_ORDER)
@pytest.mark.parametrize("unit", [1.0, 1e-200, 1e250])
def test_every_estimator_is_its_formula(first, unit):
    rng = np.random.default_rng(3)
    a, b = rng.exponential(size=(2, 7, 2)) + np.array([0.0, 3.0])
    ab = rng.exponential(size=(7, 3, 2)) * 2 + 1
    found = moments(a * unit, b * unit, ab * unit, first=first)
    assert found.points == 7
    order, total, variance = indices(found, first=first)
    assert order.shape == total.shape == (3, 2)
    for output in range(2):
        expected = by_formula(a[:, output], b[:, output], ab[..., output], first)
        np.testing.assert_allclose(order[:, output], expected[0], rtol=1e-11)
        np.testing.assert_allclose(total[:, output], expected[1], rtol=1e-11)
        if unit == 1:
            assert variance[output] == pytest.approx(expected[2], rel=1e-12)
    np.testing.assert_array_equal(variance > 0, [True, True])
    assert np.isfinite(variance).all()


@pytest.mark.parametrize("first", FIRST_ORDER)
def test_resamples_of_every_estimator_are_the_indices_of_the_points_drawn(first, monkeypatch):
    from egovindex.kernels import sobol

    rng = np.random.default_rng(4)
    a, b = rng.exponential(size=(2, 9, 3))
    ab = rng.exponential(size=(9, 2, 3))
    found = moments(a, b, ab, first=first)
    order, total = resampled(found, np.random.default_rng(5), 6, first=first)
    counts = np.random.default_rng(5).multinomial(9, np.full(9, 1 / 9), size=6)
    for at, count in enumerate(counts):
        drawn = np.repeat(np.arange(9), count)
        parts = {name: part[drawn] for name, part in found.parts.items()}
        one, whole, _ = indices(sobol.Moments(parts, found.size, found.power), first=first)
        np.testing.assert_allclose(order[at], one, rtol=1e-10)
        np.testing.assert_allclose(total[at], whole, rtol=1e-10)
    monkeypatch.setattr(sobol, "_AT_ONCE", 30)
    again = resampled(found, np.random.default_rng(5), 6, first=first)
    np.testing.assert_allclose(again, (order, total), rtol=1e-12)


def test_a_variance_that_cannot_be_written_is_the_nearest_that_can():
    a, b = np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]])
    ab = np.stack([b, a], axis=1)
    for unit, expected in ((1e-200, np.finfo(float).tiny), (1e200, np.finfo(float).max), (1e100, 2.5e199)):
        assert indices(moments(a * unit, b * unit, ab * unit))[2][0] == pytest.approx(expected)
    assert indices(moments(a * 0, b * 0, ab * 0))[2][0] == 0
    assert indices(moments(np.full((2, 1), 1e200), np.full((2, 1), 1e200), np.full((2, 2, 1), 1e200)))[2][0] == 0
