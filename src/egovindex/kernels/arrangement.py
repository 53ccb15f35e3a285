"""Best and worst rank of one unit over all weights of two or three parts: exact, by walking along every line of ties.

With three parts weights fill a polygon in the plane. Where two units are tied is a line; the lines cut the polygon
into cells, and in a cell the order does not change. Every cell has a side on some line, so that walking along each
line, past its crossings with the others, meets every cell, every line and every crossing.

Letters: ``U`` rivals whose lead over the unit changes sign, ``m`` walls of the polygon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import combinations

import numpy as np
import numpy.typing as npt

from egovindex.kernels.powers import scaled
from egovindex.kernels.region import Region

__all__ = ["Extremes", "Plane", "extremes"]

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# crossings nearer than this on a line are one: the plane has a size of about one
_NEAR = 1e-12
# a line that bends this little along another is parallel to it
_PARALLEL = 1e-13


@dataclass(frozen=True, eq=False)
class Plane:
    """The polygon of all weights of a node, in coordinates of its own plane.

    Parameters
    ----------
    centre, basis
        ``(k,)`` and ``(dim, k)``: weights are ``centre + y @ basis``; the basis is orthonormal.
    walls, rooms
        ``(m, dim)`` of length one, and ``(m,)``: inside is ``walls @ y <= rooms``.
    """

    centre: Array
    basis: Array
    walls: Array
    rooms: Array

    @classmethod
    def of(cls, region: Region) -> Plane | None:
        """The plane of a region of one node with two or three weights that vary; ``None`` for any other region."""
        if not region.is_flat:
            return None
        node = region.nodes[0]
        free = np.flatnonzero(node.high > node.low)
        if len(free) not in (2, 3):
            return None
        k = len(node.low)
        basis = np.zeros((len(free) - 1, k))
        basis[:, free] = np.linalg.svd(np.ones((1, len(free))))[2][1:]
        walls = np.vstack([-np.eye(k)[free], np.eye(k)[free], node.slopes])
        centre = node.inside
        rooms = np.concatenate([-node.low[free], node.high[free], node.limits]) - walls @ centre
        flat = walls @ basis.T
        length = np.linalg.norm(flat, axis=1)
        real = length > _PARALLEL
        found = cls(centre, basis, flat[real] / length[real, None], rooms[real] / length[real])
        return found if (found.rooms > _NEAR).all() else None  # else it is no more than a line

    @cached_property
    def corners(self) -> Array:
        """``(c, dim)`` corners of the polygon, or ends of the segment."""
        dim = self.walls.shape[1]
        chosen = np.array(list(combinations(range(len(self.walls)), dim)), dtype=np.intp)
        systems, sides = self.walls[chosen], self.rooms[chosen]
        regular = np.abs(np.linalg.det(systems)) > _NEAR
        found = np.linalg.solve(systems[regular], sides[regular][..., None])[..., 0]
        return found[(found @ self.walls.T <= self.rooms + _NEAR).all(axis=1)]

    def weights(self, y: Array) -> Array:
        """Weights at a point of the plane."""
        return self.centre + y @ self.basis


@dataclass(frozen=True, eq=False)
class Extremes:
    """Fewest and most rivals ahead, among those whose lead changes sign, and where.

    Parameters
    ----------
    fewest, fewest_apart, most
        Counts; ``fewest`` with rivals that are tied at the point not counted, ``fewest_apart`` at points with no ties.
    at_fewest, at_fewest_apart, at_most
        ``(k,)`` weights there.
    """

    fewest: int
    fewest_apart: int
    most: int
    at_fewest: Array
    at_fewest_apart: Array
    at_most: Array


def extremes(leads: Array, plane: Plane) -> Extremes:
    """Fewest and most rivals ahead of one unit.

    Parameters
    ----------
    leads
        ``(U, k)`` differences, rival minus unit; each is positive somewhere in the plane and not everywhere.
    plane
        The weights.

    Examples
    --------
    >>> plane = Plane.of(Region.box(np.zeros(3), np.ones(3)))
    >>> found = extremes(np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0], [-1.0, 0.0, 1.0]]), plane)
    >>> found.fewest, found.fewest_apart, found.most
    (0, 1, 2)
    """
    leads = scaled(leads)[0]  # only directions matter
    slopes, heights = leads @ plane.basis.T, leads @ plane.centre
    length = np.linalg.norm(slopes, axis=1, keepdims=True)
    slopes, heights = slopes / length, heights / length[:, 0]
    if slopes.shape[1] == 1:
        found = _along_a_segment(slopes[:, 0], heights, plane)
    else:
        found = _along_lines(slopes, heights, plane, _at_a_point(slopes, heights, plane))
    # a line that meets the polygon in a corner alone may be taken for one beside it
    ahead = (plane.corners @ slopes.T + heights > _NEAR).sum(axis=1)
    if not ahead.size or ahead.min() >= found.fewest:
        return found
    return replace(found, fewest=int(ahead.min()), at_fewest=plane.weights(plane.corners[ahead.argmin()]))


def _at_a_point(slopes: Array, heights: Array, plane: Plane) -> tuple[int, Array]:
    """Rivals ahead at some point with no ties: a little off the centre, if one is there."""
    y = np.zeros(slopes.shape[1])
    step = 0.5 * float(plane.rooms.min())
    for turn in range(64):  # a line through each of so many directions cannot be there by accident alone
        value = slopes @ y + heights
        if (np.abs(value) > _NEAR).all():
            break
        angle = 0.7 + 2.399963 * turn  # the golden angle meets no line twice
        y = step / (turn + 1) * (np.array([np.cos(angle), np.sin(angle)]) if len(y) == 2 else np.ones(1))
    return int((slopes @ y + heights > 0).sum()), y


@dataclass(frozen=True, eq=False)
class _Walk:
    """Rivals ahead along lines: at each crossing, and between it and the next.

    ``at``, ``between`` are ``(lines, stops)`` counts, ``stop`` the place of each crossing, ``span`` the length of what
    follows it; a stop that is none has a count of -1.
    """

    at: npt.NDArray[np.int64]
    between: npt.NDArray[np.int64]
    stop: Array
    span: Array


def _walk(
    crossing: Array, rising: npt.NDArray[np.int64], ahead: npt.NDArray[np.int64], low: Array, high: Array
) -> _Walk:
    """Count along lines.

    Parameters
    ----------
    crossing, rising
        ``(lines, U)``: where a rival is level with the unit, and whether it is ahead from there on (1) or up to there
        (-1); 0 for one that never is level.
    ahead
        ``(lines,)`` rivals ahead all along.
    low, high
        ``(lines,)`` between which each line is inside.
    """
    lines = len(crossing)
    met = (rising != 0) & (crossing >= low[:, None] - _NEAR) & (crossing <= high[:, None] + _NEAR)
    base = ahead + ((rising > 0) & ~met & (crossing < low[:, None])).sum(axis=1)
    base = base + ((rising < 0) & (met | (crossing > high[:, None]))).sum(axis=1)
    # a stop of its own at the start of each line, where nobody need be level
    stops = np.concatenate([low[:, None], np.where(met, crossing, np.inf)], axis=1)
    events = np.concatenate([np.zeros((lines, 1), dtype=np.int64), np.where(met, rising, 0)], axis=1)
    order = np.argsort(stops, axis=1, kind="stable")
    stops, events = np.take_along_axis(stops, order, axis=1), np.take_along_axis(events, order, axis=1)
    count = stops.shape[1]
    rises, falls = np.cumsum(events > 0, axis=1), np.cumsum(events < 0, axis=1)
    with np.errstate(invalid="ignore"):
        new = np.concatenate([np.ones((lines, 1), dtype=bool), np.diff(stops, axis=1) > _NEAR], axis=1)
    places = np.arange(count)
    first = np.maximum.accumulate(np.where(new, places, 0), axis=1)
    closing = np.concatenate([new[:, 1:], np.ones((lines, 1), dtype=bool)], axis=1)
    last = np.minimum.accumulate(np.where(closing, places, count)[:, ::-1], axis=1)[:, ::-1]
    before = np.where(first > 0, np.take_along_axis(rises, np.maximum(first - 1, 0), axis=1), 0)
    at = base[:, None] + before - np.take_along_axis(falls, last, axis=1)
    between = base[:, None] + rises - falls
    after = np.minimum(np.concatenate([stops[:, 1:], np.full((lines, 1), np.inf)], axis=1), high[:, None])
    here = np.maximum(stops, low[:, None])
    real = np.isfinite(stops)
    span = np.where(real & closing, after - np.where(real, here, 0.0), 0.0)
    return _Walk(np.where(real, at, -1), np.where(span > _NEAR, between, -1), here, span)


def _least(counts: npt.NDArray[np.int64]) -> tuple[int, tuple[int, ...]] | None:
    """Smallest count that is one, and where."""
    if not counts.size:
        return None
    masked = np.where(counts < 0, np.iinfo(np.int64).max, counts)
    where = np.unravel_index(int(masked.argmin()), counts.shape)
    return (int(counts[where]), tuple(map(int, where))) if counts[where] >= 0 else None


def _along_a_segment(slopes: Array, heights: Array, plane: Plane) -> Extremes:
    crossing = (-heights / slopes)[None]
    rising = np.sign(slopes).astype(np.int64)[None]
    ends = plane.rooms / plane.walls[:, 0]
    low, high = ends[plane.walls[:, 0] < 0].max(), ends[plane.walls[:, 0] > 0].min()
    walk = _walk(crossing, rising, np.zeros(1, dtype=np.int64), np.array([low]), np.array([high]))
    fewest, apart = _least(walk.at), _least(walk.between)
    most = np.unravel_index(int(walk.between.argmax()), walk.between.shape)
    assert fewest is not None and apart is not None  # noqa: S101, PT018 - the segment has a length

    def middle(place: tuple[int, ...]) -> Array:
        return plane.weights(np.array([walk.stop[place] + 0.5 * walk.span[place]]))

    # who is level at a stop is not ahead there: between stops never are fewer
    at = plane.weights(np.array([walk.stop[fewest[1]]]))
    top = tuple(map(int, most))
    return Extremes(fewest[0], apart[0], int(walk.between[top]), at, middle(apart[1]), middle(top))


def _along_lines(slopes: Array, heights: Array, plane: Plane, start: tuple[int, Array]) -> Extremes:
    foot = -heights[:, None] * slopes
    along = np.stack([-slopes[:, 1], slopes[:, 0]], axis=1)
    low, high = _inside(foot, along, plane)
    pace = slopes @ along.T  # (other, line)
    level = slopes @ foot.T + heights[:, None]
    parallel = np.abs(pace) <= _PARALLEL
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = np.where(parallel, np.nan, -level / pace).T
    rising = np.where(parallel, 0, np.sign(pace)).astype(np.int64).T
    same = parallel & (np.abs(level) <= _NEAR)
    ahead = (parallel & ~same & (level > 0)).sum(axis=0)
    facing = np.sign(slopes @ slopes.T)
    alike, against = (same & (facing > 0)).sum(axis=0), (same & (facing < 0)).sum(axis=0)  # a line is like itself
    within = high >= low - _NEAR
    walk = _walk(crossing[within], rising[within], ahead[within], low[within], high[within])
    lines = np.flatnonzero(within)
    # a line along a wall has cells on one side alone
    middle = foot + 0.5 * (low + high)[:, None] * along
    off_walls: Bools = np.all(plane.rooms - middle @ plane.walls.T > _NEAR, axis=1)
    between = np.where(off_walls[within][:, None], walk.between, -1)
    front = np.where(between >= 0, between + alike[within][:, None], -1)
    back = np.where(between >= 0, between + against[within][:, None], -1)

    def beside(place: tuple[int, ...], side: float) -> Array:
        row, _stop = place
        line = lines[row]
        y = foot[line] + (walk.stop[place] + 0.5 * walk.span[place]) * along[line]
        return plane.weights(y + side * 0.5 * _way(y, side * slopes[line], slopes, heights, plane) * slopes[line])

    # where a count is had is computed for the two that are told alone
    found: list[tuple[int, Callable[[], Array]]] = [(start[0], lambda: plane.weights(start[1]))]
    for counts, side in ((front, 1.0), (back, -1.0)):
        if (least := _least(counts)) is not None:
            found.append((least[0], partial(beside, least[1], side)))
            top = tuple(map(int, np.unravel_index(int(counts.argmax()), counts.shape)))
            found.append((int(counts[top]), partial(beside, top, side)))
    (apart, at_apart), (most, at_most) = min(found, key=_count), max(found, key=_count)
    beside_it = at_apart()
    fewest = apart, beside_it
    if (least := _least(walk.at)) is not None and least[0] < apart:
        line = lines[least[1][0]]
        fewest = least[0], plane.weights(foot[line] + walk.stop[least[1]] * along[line])
    return Extremes(fewest[0], apart, most, fewest[1], beside_it, at_most())


def _count(found: tuple[int, Callable[[], Array]]) -> int:
    return found[0]


def _inside(foot: Array, along: Array, plane: Plane) -> tuple[Array, Array]:
    """Between which places each line is inside the polygon."""
    pace, room = along @ plane.walls.T, plane.rooms - foot @ plane.walls.T
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = room / pace
    low = np.where(pace < -_PARALLEL, ends, -np.inf).max(axis=1)
    high = np.where(pace > _PARALLEL, ends, np.inf).min(axis=1)
    outside = ((np.abs(pace) <= _PARALLEL) & (room < -_NEAR)).any(axis=1)
    return np.where(outside, np.inf, low), np.where(outside, -np.inf, high)


def _way(y: Array, direction: Array, slopes: Array, heights: Array, plane: Plane) -> float:
    """How far one can go from a point before a line or a wall is met, the line it is on left aside."""
    with np.errstate(divide="ignore", invalid="ignore"):
        lines = -(slopes @ y + heights) / (slopes @ direction)
        walls = (plane.rooms - plane.walls @ y) / (plane.walls @ direction)
    met = np.concatenate([lines[lines > _NEAR], walls[walls > _NEAR]])
    return float(met.min(initial=1.0))
