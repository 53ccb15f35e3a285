"""Walks under conditions: the point they start from, how a region is made round, how long they are."""

from __future__ import annotations

import numpy as np
import pytest

from egovindex.kernels import polytope
from egovindex.kernels.polytope import Walk, prepared_walk, walked
from egovindex.kernels.refusal import Refusal


def walk_of(conditions, limits, total=1.0, seed=1):
    return prepared_walk(np.random.default_rng(seed), np.array(conditions, float), np.array(limits, float), total)


def thin(width, k=3):
    """All weights, the first two no further than a width from each other."""
    apart = np.eye(k)[:2].T @ np.array([[1.0], [-1.0]])
    return np.vstack([-np.eye(k), apart.T, -apart.T]), np.r_[np.zeros(k), width, width]


@pytest.mark.parametrize("total", [1.0, 100.0, 0.01])
@pytest.mark.parametrize("width", [1.0, 0.01])
def test_a_walk_is_inside_and_keeps_the_total(total, width):
    conditions, limits = thin(width * total)
    walk = walk_of(conditions, limits, total)
    assert walk.centre.sum() == pytest.approx(total)
    assert (conditions @ walk.centre < limits).all()
    np.testing.assert_allclose(walk.slope, conditions @ walk.basis.T, atol=1e-12 * total)
    np.testing.assert_allclose(walk.room, limits - conditions @ walk.centre, atol=1e-12 * total)
    np.testing.assert_allclose(walk.basis.sum(axis=1), 0, atol=1e-12 * total)
    draws = walked(np.random.default_rng(2), 500, walk)
    np.testing.assert_allclose(draws.sum(axis=1), total, rtol=1e-12)
    assert (draws @ conditions.T <= limits).all()


@pytest.mark.parametrize("width", [1.0, 0.01, 1e-4])
def test_directions_are_scaled_so_that_the_region_is_as_wide_in_each(width):
    conditions, limits = thin(width, k=4)
    walk = walk_of(conditions, limits)
    draws = walked(np.random.default_rng(2), 4000, walk)
    places = np.linalg.lstsq(walk.basis.T, (draws - walk.centre).T, rcond=None)[0]
    spread = np.sqrt(np.linalg.eigvalsh(np.cov(places)))
    assert spread.max() < 1.6 * spread.min()
    assert 0.6 < spread.min() < spread.max() < 1.6
    assert np.abs(places.mean(axis=1)).max() < 0.3  # and the centre is in its middle
    assert walk.correlation < 0.15
    assert 0.99 < walk.r_hat < 1.1


@pytest.mark.parametrize("k", [3, 5])
def test_a_walk_in_the_simplex_is_short(k):
    """Four times between two looks, and between them four steps for each direction or a few times as many."""
    walk = walk_of(-np.eye(k), np.zeros(k))
    looks = walk.steps / (16 * (k - 1))
    assert looks in (1, 2, 4)
    np.testing.assert_allclose(walked(np.random.default_rng(3), 4000, walk).mean(axis=0), 1 / k, atol=0.02)


@pytest.mark.parametrize("steps", [1, 2, 63, 64, 65, 129])
def test_a_step_goes_to_a_random_point_of_a_random_line(steps):
    """In a square of side 2 around 0: after any number of steps inside, after many uniform."""
    walls = np.vstack([np.eye(2), -np.eye(2)])
    basis = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    walk = Walk(np.zeros(3), basis, walls, np.ones(4), steps, 0.0, 1.0)
    found = walked(np.random.default_rng(4), 4000, walk)
    places = np.stack([found[:, 0], -found[:, 2]], axis=1)
    assert np.abs(places).max() < 1
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=0.06)
    expected = 1 / 3 if steps > 10 else None
    if expected:
        np.testing.assert_allclose(places.var(axis=0), expected, atol=0.03)
        assert abs((places[:, 0] * places[:, 1]).mean()) < 0.03
    if steps == 1:  # along a line through the middle, uniform from wall to wall: half the way on average
        reach = np.abs(places).max(axis=1)
        assert reach.mean() == pytest.approx(0.5, abs=0.02)
        assert reach.var() == pytest.approx(1 / 12, abs=0.01)


def numbers_computed(monkeypatch, most):
    """How many numbers the steps of a walk compute before it is there or refused."""
    done = []
    plain = polytope._walk

    def counted(rng, walk, places, steps):
        done.append(len(places) * walk.basis.shape[0] * sum(walk.slope.shape[:1] + walk.centre.shape) * steps)
        return plain(rng, walk, places, steps)

    monkeypatch.setattr(polytope, "_walk", counted)
    monkeypatch.setattr(polytope, "_MOST_WORK", most)
    try:
        walk_of(np.vstack([-np.eye(5), np.diff(np.eye(5), axis=0)]), np.zeros(9))
    except Refusal as told:
        assert "takes too long" in str(told)  # noqa: PT017
        return sum(done), False
    return sum(done), True


def test_a_walk_that_takes_too_long_is_refused_before_it_is_taken(monkeypatch):
    whole, there = numbers_computed(monkeypatch, np.inf)
    assert there
    for most in (0.99 * whole, 0.02 * whole):
        monkeypatch.undo()
        done, there = numbers_computed(monkeypatch, most)
        assert not there
        assert done <= most
    monkeypatch.undo()
    assert numbers_computed(monkeypatch, whole) == (whole, True)


@pytest.mark.parametrize(
    ("conditions", "limits", "words"),
    [
        ([[-1, 0], [0, -1], [1, 0], [0, 1]], [0, 0, 0.2, 0.3], "no weights fulfil the conditions together"),
        ([[-1, 0], [0, -1], [1, -1], [-1, 1]], [0, 0, 0, 0], "they hold with equality wherever they hold"),
        ([[-1, 0], [0, -1], [1, -1], [-1, 1]], [0, 0, 1e-10, 1e-10], "leave no room"),
        ([[1.0, -1.0]], [0], "do not bound the weights; give limits as well"),
    ],
)
def test_conditions_without_room_are_refused(conditions, limits, words):
    with pytest.raises(Refusal, match=words):
        walk_of(conditions, limits)


def test_a_little_room_is_room():
    conditions, limits = [[-1, 0], [0, -1], [1, -1], [-1, 1]], [0, 0, 1e-7, 1e-7]
    np.testing.assert_allclose(walk_of(conditions, limits).centre, 0.5, atol=1e-7)
