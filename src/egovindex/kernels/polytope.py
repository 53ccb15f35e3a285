"""Draws from weights under any linear conditions, uniformly: hit-and-run, with what shows that it has mixed.

Smith 1984, Efficient Monte Carlo procedures for generating points uniformly distributed over bounded regions,
Operations Research 32:1296, doi 10.1287/opre.32.6.1296. Every draw is the end of a walk of its own.

Letters: ``D`` draws, ``k`` parts, ``m`` conditions, ``d`` directions in which a draw can move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from egovindex.kernels.refusal import Refusal

__all__ = ["Walk", "prepared_walk", "walked"]

Array = npt.NDArray[np.float64]

_CHAINS = 1024  # of the trial walks
_MOST_ROUNDINGS = 60
# the region is round where the last rounding changed no direction by more
_ROUND = 1.5
_SNAPSHOTS = 4
_LONGEST = 1 << 16  # steps between two snapshots
# chains that have forgotten where they were are correlated by chance alone; the largest of many parts the more
_FORGOTTEN = 0.1
# numbers that may be computed to prepare a walk, some minutes: a region that needs more is refused
_MOST_WORK = 1e11
_FRESH = 64  # steps after which the room is computed anew
_TOO_LONG = (
    "the conditions leave a region so long and thin that a walk through it takes too long; name fewer children, write "
    "limits, or an order"
)
_WALL = 1e-30  # what is left of no room
# a draw on a wall could fall outside by rounding
_INWARD = 1.0 - 1e-12


@dataclass(frozen=True, eq=False)
class Walk:
    """What a walk needs, and how well it mixes.

    Parameters
    ----------
    centre
        ``(k,)`` a point inside.
    basis
        ``(d, k)`` directions, scaled so that the region is about as wide in each.
    slope, room
        ``(m, d)`` and ``(m,)``: a point ``centre + y @ basis`` is inside where ``slope @ y <= room``.
    steps
        How many steps each draw takes.
    correlation
        Largest correlation left, over all parts, between where a walk was and where it is a quarter of its steps later.
    r_hat
        Largest potential scale reduction over all parts (Gelman and Rubin 1992, doi 10.1214/ss/1177011136); near 1
        where the walks have mixed.
    """

    centre: Array
    basis: Array
    slope: Array
    room: Array
    steps: int
    correlation: float
    r_hat: float


def prepared_walk(rng: np.random.Generator, conditions: Array, limits: Array, total: float) -> Walk:
    """Find a point inside, round the region, and try how many steps a walk needs.

    Parameters
    ----------
    rng
        Source of chance.
    conditions, limits
        ``(m, k)`` and ``(m,)``: inside is where ``conditions @ w <= limits``.
    total
        What all parts add up to.

    Raises
    ------
    Refusal
        No point fulfils the conditions; they leave no room to move; or they do not bound the weights.

    Examples
    --------
    >>> conditions = np.vstack([-np.eye(3), [[-1, 1, 0]]])  # not negative, and the first at least the second
    >>> walk = prepared_walk(np.random.default_rng(1), conditions, np.zeros(4), 1.0)
    >>> walk.centre.sum().round(9), walk.r_hat < 1.05
    (np.float64(1.0), True)
    """
    centre = _inside(conditions, limits, total)
    k = conditions.shape[1]
    # rows that are orthogonal to (1, ..., 1): moves that keep the total
    flat = np.linalg.svd(np.ones((1, k)))[2][1:]
    walk = Walk(centre, flat, conditions @ flat.T, limits - conditions @ centre, 0, 1.0, np.inf)
    places = np.zeros((_CHAINS, k - 1))
    step = _CHAINS * (k - 1) * (len(conditions) + k)  # numbers that a step of all chains computes
    work = 0.0
    for _ in range(_MOST_ROUNDINGS):
        work += 8 * k * step
        if work > _MOST_WORK:
            raise Refusal(_TOO_LONG)
        places = _walk(rng, walk, places, 8 * k)
        points = (walk.centre + places @ walk.basis) @ flat.T
        root = np.linalg.cholesky(np.cov(points.T).reshape(k - 1, k - 1))
        spread = np.linalg.svd(np.linalg.solve(root, flat @ walk.basis.T), compute_uv=False)
        basis, middle = root.T @ flat, points.mean(axis=0)
        centre = centre + (middle - centre @ flat.T) @ flat
        walk = Walk(centre, basis, conditions @ basis.T, limits - conditions @ centre, 0, 1.0, np.inf)
        places = np.linalg.solve(root, (points - middle).T).T
        if spread.max() < _ROUND * spread.min():
            break
    between = 4 * (k - 1)
    while True:
        correlation, r_hat = _mixing(rng, walk, between)
        work += 2 * _SNAPSHOTS * between * step
        if correlation < max(_FORGOTTEN, (np.sqrt(2 * np.log(2 * k)) + 1) / np.sqrt(_CHAINS)) or between >= _LONGEST:
            break
        between *= 2
        if work + 2 * _SNAPSHOTS * between * step > _MOST_WORK:
            raise Refusal(_TOO_LONG)
    return Walk(walk.centre, walk.basis, walk.slope, walk.room, _SNAPSHOTS * between, correlation, r_hat)


def _inside(conditions: Array, limits: Array, total: float) -> Array:
    """Centre of the largest ball in the region."""
    from scipy.optimize import linprog

    k = conditions.shape[1]
    # length of each condition along the plane of the total
    flat = conditions - conditions.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(flat, axis=1)
    solved = linprog(
        np.r_[np.zeros(k), -1.0],
        A_ub=np.c_[conditions, norms],
        b_ub=limits,
        A_eq=np.r_[np.ones(k), 0.0][None],
        b_eq=[total],
        bounds=[(None, None)] * k + [(0.0, None)],
        method="highs",
    )
    if solved.status == 3:
        raise Refusal("the conditions do not bound the weights; give limits as well")
    if solved.status != 0:
        raise Refusal("no weights fulfil the conditions together")
    radius = float(solved.x[-1])
    if radius <= 1e-9 * abs(total):
        raise Refusal("the conditions leave no room: they hold with equality wherever they hold")
    found: Array = solved.x[:-1]
    return found


def _walk(rng: np.random.Generator, walk: Walk, places: Array, steps: int) -> Array:
    """Each place after a number of steps: along a random line, to a random point of what is inside."""
    places = places.copy()
    room = walk.room - places @ walk.slope.T
    for step in range(steps):
        if step and step % _FRESH == 0:
            room = walk.room - places @ walk.slope.T
        direction = rng.standard_normal(places.shape)
        speed = direction @ walk.slope.T
        # a bounded region has walls on both sides
        pace = speed / np.maximum(room, _WALL)
        ahead, behind = 1.0 / pace.max(axis=1), 1.0 / pace.min(axis=1)
        chosen = (behind + (ahead - behind) * rng.random(len(places)))[:, None]
        places += chosen * direction
        room -= chosen * speed
    return places


def _mixing(rng: np.random.Generator, walk: Walk, between: int) -> tuple[float, float]:
    """Largest correlation between snapshots, and largest R-hat, of walks from the centre."""
    places = np.zeros((_CHAINS, walk.basis.shape[0]))
    places = _walk(rng, walk, places, _SNAPSHOTS * between)
    seen = []
    for _ in range(_SNAPSHOTS):
        seen.append(places @ walk.basis)
        places = _walk(rng, walk, places, between)
    stacked = np.stack(seen)
    moving = stacked[0].std(axis=0) > 0
    snapshots = stacked[:, :, moving]
    here, there = snapshots[0], snapshots[1]
    covariance = ((here - here.mean(axis=0)) * (there - there.mean(axis=0))).mean(axis=0)
    correlation = np.abs(covariance / (here.std(axis=0) * there.std(axis=0))).max()
    n = len(snapshots)
    within = snapshots.var(axis=0, ddof=1).mean(axis=0)
    between_chains = n * snapshots.mean(axis=0).var(axis=0, ddof=1)
    r_hat = np.sqrt(((n - 1) / n * within + between_chains / n) / within).max()
    return float(correlation), float(r_hat)


def walked(rng: np.random.Generator, draws: int, walk: Walk) -> Array:
    """Draws, each the end of a walk of its own from the centre, ``(D, k)``."""
    places = _walk(rng, walk, np.zeros((draws, walk.basis.shape[0])), walk.steps)
    found: Array = walk.centre + _INWARD * (places @ walk.basis)
    return found
