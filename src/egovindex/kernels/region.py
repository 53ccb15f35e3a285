"""Sets of weights: shares of every node between limits or under linear conditions, one node inside the other.

A *part* is what flows to one child: the product of the shares on the way down from the top. In parts a hierarchy of
shares is linear, because limits and conditions of shares hold for parts in proportion to what flows into their node;
so that the score, linear in each node's shares, is linear in parts.

Letters: ``V`` parts, ``L`` ends (parts whose child is not shared out further), ``k`` children of a node, ``P``
directions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.kernels.quiet import quiet
from egovindex.kernels.refusal import Refusal

__all__ = ["WHOLE", "Linear", "Region", "Shares", "boxed"]

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

WHOLE = -1  # the parent of the top node's children: all of the weight
# how far a share may miss a condition by rounding
_SLACK = 1e-9
# corners are listed where there are no more candidates than this; else each direction is a linear program
_MOST_CANDIDATES = 200_000
_ENDLESS = "the conditions do not bound the weights; give limits as well"
_CELLS = 4_000_000  # numbers in one block of directions


@dataclass(frozen=True, eq=False)
class Shares:
    """How one node's children may share what flows into it.

    Parameters
    ----------
    parent
        The part that flows in; :data:`WHOLE` at the top.
    parts
        ``(k,)`` the children's parts.
    low, high
        ``(k,)`` limits of the shares, which add up to one.
    slopes, limits
        ``(m, k)`` and ``(m,)``: shares fulfil ``slopes @ share <= limits``.
    """

    parent: int
    parts: Places
    low: Array
    high: Array
    slopes: Array
    limits: Array

    @property
    def is_box(self) -> bool:
        """Whether limits say all."""
        return len(self.limits) == 0

    @cached_property
    def inside(self) -> Array:
        """Shares that fulfil all: in the middle of a box, else of some corners or solutions.

        Raises
        ------
        Refusal
            No shares do.
        """
        if self.is_box:
            self._refuse_endless_box()
            room, rest = self.high - self.low, 1.0 - self.low.sum()
            if rest < -_SLACK or rest > room.sum() + _SLACK:
                raise Refusal("no weights lie between the limits and add up to the whole")
            return self.low + (room * (rest / room.sum()) if room.sum() > 0 else 0.0)
        if self.corners is not None:
            found: Array = self.corners.mean(axis=0)
            return found
        ends = [self._solved(sign * row) for row in np.eye(len(self.parts)) for sign in (1.0, -1.0)]
        return np.mean(ends, axis=0)

    @cached_property
    def corners(self) -> Array | None:
        """``(c, k)`` corners; ``None`` where there are too many candidates to try."""
        k = len(self.parts)
        length = np.linalg.norm(self.slopes, axis=1)
        length[length == 0] = 1.0  # the others become one: in which units a condition is written does not matter
        # shares from 0 on that add up to one are no larger than one anyway
        above = (self.high < 1.0) | (self.low.min() < 0.0)
        walls = np.vstack([-np.eye(k), np.eye(k)[above], self.slopes / length[:, None]])
        rooms = np.concatenate([-self.low, self.high[above], self.limits / length])
        if comb(len(walls), k - 1) > _MOST_CANDIDATES or not np.isfinite(rooms).all():
            return None
        chosen = np.array(list(combinations(range(len(walls)), k - 1)), dtype=np.intp).reshape(-1, k - 1)
        systems = np.concatenate([walls[chosen], np.ones((len(chosen), 1, k))], axis=1)
        sides = np.concatenate([rooms[chosen], np.ones((len(chosen), 1))], axis=1)
        regular = np.abs(np.linalg.det(systems)) > _SLACK
        found = np.linalg.solve(systems[regular], sides[regular][..., None])[..., 0]
        found = found[(found @ walls.T <= rooms + _SLACK).all(axis=1)]
        if not len(found):
            raise Refusal("no weights fulfil the conditions together")
        return np.unique(np.round(found, 12), axis=0)

    def least(self, values: Array) -> Array:
        """``(P,)`` smallest ``values @ shares`` for each row of ``(P, k)``."""
        if self.is_box:
            self._refuse_endless_box()
            return boxed(values, self.low, self.high)
        if self.corners is not None:
            found: Array = (values @ self.corners.T).min(axis=1)
            return found
        return np.array([row @ self._solved(row) for row in values])

    def _refuse_endless_box(self) -> None:
        if not (np.isfinite(self.low).all() and np.isfinite(self.high).all()):
            raise Refusal(_ENDLESS)

    def _solved(self, row: Array) -> Array:
        from scipy.optimize import linprog

        with quiet():
            solved = linprog(
                row,
                A_ub=self.slopes,
                b_ub=self.limits,
                A_eq=np.ones((1, len(row))),
                b_eq=[1.0],
                bounds=np.stack([self.low, self.high], axis=1),
                method="highs",
            )
        if solved.status == 3:
            raise Refusal(_ENDLESS)
        if solved.status != 0:
            raise Refusal("no weights fulfil the conditions together")
        found: Array = solved.x
        return found


def boxed(values: Array, low: Array, high: Array) -> Array:
    """Smallest ``values @ w`` with every ``w`` between its limits and ``w`` adding up to one.

    The fractional knapsack problem (Dantzig 1957, doi 10.1287/opre.5.2.266): what the lower limits leave goes to the
    smallest values first.

    Parameters
    ----------
    values
        ``(P, k)``.
    low, high
        ``(k,)`` with sums at most and at least one.

    Examples
    --------
    >>> boxed(np.array([[0.3, -0.1]]), np.array([0.4, 0.4]), np.array([0.6, 0.6])).round(12)
    array([0.06])
    """
    room, rest = high - low, 1.0 - float(low.sum())
    if len(low) == 1:
        return values[:, 0]  # whatever its limits, one child has all
    if rest <= 0 or not room.any():
        found: Array = values @ low
        return found
    order = np.argsort(values, axis=1)
    widths = room[order]
    before = np.cumsum(widths, axis=1)
    before -= widths
    taken = np.clip(rest - before, 0.0, widths, out=before)
    taken *= np.take_along_axis(values, order, axis=1)
    return values @ low + taken.sum(axis=1)


@dataclass(frozen=True, eq=False)
class Linear:
    """Conditions on parts: ``upper @ parts <= limits``, ``equal @ parts == sums``, ``low <= parts <= high``."""

    upper: Any
    limits: Array
    equal: Any
    sums: Array
    low: Array
    high: Array


@dataclass(frozen=True, eq=False)
class Region:
    """All weights that are allowed.

    Parameters
    ----------
    nodes
        Every node that is shared out, each after those below it.
    ends
        ``(L,)`` the parts that are ends.
    size
        ``V``.
    """

    nodes: tuple[Shares, ...]
    ends: Places
    size: int

    @classmethod
    def box(cls, low: Array, high: Array) -> Region:
        """One node between limits.

        Examples
        --------
        >>> Region.box(np.array([0.4, 0.4]), np.array([0.6, 0.6])).least(np.array([[0.3, -0.1]])).round(12)
        array([0.06])
        """
        k = len(low)
        nothing = np.zeros((0, k))
        return cls((Shares(WHOLE, np.arange(k), low, high, nothing, np.zeros(0)),), np.arange(k), k)

    @property
    def is_flat(self) -> bool:
        """Whether it is about one node alone."""
        return len(self.nodes) == 1

    @cached_property
    def inside(self) -> Array:
        """``(V,)`` parts that are allowed."""
        found = np.ones(self.size)
        for node in reversed(self.nodes):
            found[node.parts] = (1.0 if node.parent == WHOLE else found[node.parent]) * node.inside
        return found

    def shares_of(self, parts: Array) -> Array:
        """``(V,)`` each part as a share of its node; where nothing flows in, shares that are allowed."""
        found = np.empty(self.size)
        for node in self.nodes:
            flow = 1.0 if node.parent == WHOLE else float(parts[node.parent])
            shares = parts[node.parts] / flow if flow > _SLACK else node.inside
            found[node.parts] = np.where((shares < 0) & (shares > -_SLACK), 0.0, shares)  # a solver's -1e-17
        return found

    def allows(self, shares: Array) -> bool:
        """Whether ``(V,)`` shares of each node are allowed, but for rounding."""
        return all(
            bool((shares[node.parts] >= node.low - _SLACK).all())
            and bool((shares[node.parts] <= node.high + _SLACK).all())
            and bool((node.slopes @ shares[node.parts] <= node.limits + _SLACK).all())
            for node in self.nodes
        )

    def least(self, directions: Array) -> Array:
        """Smallest ``direction @ ends`` of each row of ``(P, L)``, ``(P,)``.

        Node by node from below: outer shares are not negative, so that each node may take its own smallest value.
        """
        size = max(1, _CELLS // max(1, self.size))
        blocks = [self._least(directions[at : at + size]) for at in range(0, len(directions), size)]
        return np.concatenate(blocks) if blocks else np.zeros(0)

    def _least(self, directions: Array) -> Array:
        values = np.empty((len(directions), self.size))
        values[:, self.ends] = directions
        found = np.zeros(len(directions))
        for node in self.nodes:
            found = node.least(values[:, node.parts])
            if node.parent != WHOLE:
                values[:, node.parent] = found
        return found

    def most(self, directions: Array) -> Array:
        """Largest ``direction @ ends`` of each row."""
        return -self.least(-directions)

    @cached_property
    def linear(self) -> Linear:
        """The same as conditions for a solver."""
        from scipy import sparse

        low, high = np.zeros(self.size), np.ones(self.size)
        equal = sparse.lil_array((len(self.nodes), self.size))
        sums, limits = np.zeros(len(self.nodes)), []
        rows: list[tuple[Places, Array]] = []
        for at, node in enumerate(self.nodes):
            equal[at, node.parts] = 1.0
            for slope, limit in self._conditions(node):
                places = node.parts if node.parent == WHOLE else np.append(node.parts, node.parent)
                rows.append((places, slope if node.parent == WHOLE else np.r_[slope, -limit]))
                limits.append(limit if node.parent == WHOLE else 0.0)
            if node.parent == WHOLE:
                sums[at] = 1.0
                low[node.parts], high[node.parts] = node.low, node.high
            else:
                equal[at, node.parent] = -1.0
        upper = sparse.lil_array((len(rows), self.size))
        for at, (row, slope) in enumerate(rows):
            upper[at, row] = slope
        return Linear(upper.tocsr(), np.array(limits), equal.tocsr(), sums, low, high)

    @staticmethod
    def _conditions(node: Shares) -> Iterator[tuple[Array, float]]:
        yield from zip(node.slopes, map(float, node.limits), strict=True)
        if node.parent == WHOLE:
            return  # its limits are limits of parts
        for child, (low, high) in enumerate(zip(node.low, node.high, strict=True)):
            unit = np.eye(len(node.parts))[child]
            if low > 0:
                yield -unit, -float(low)
            if high < 1:
                yield unit, float(high)
