"""Linear programs over weights, some with whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from egovindex.kernels.quiet import quiet
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import WHOLE, Array, Region

__all__ = ["Program", "in_rooms", "parts_between", "placed", "proven"]

_NARROW = 1e-14  # a part that has no more room has none
_FINE = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
# where the solver ends without an answer, another way to the same
_TRIES = (("highs", _FINE), ("highs-ds", _FINE | {"presolve": False}), ("highs-ipm", _FINE))


@dataclass(frozen=True, eq=False)
class Program:
    """``rows @ y <= limits`` for parts that a region allows, followed by ``extra`` variables between limits.

    Parts are asked of the solver as shares of the room that each has, because its tolerances are absolute and a room
    may be narrow.
    """

    region: Region
    rows: Any
    limits: Array
    low: Array
    high: Array

    def _lines(self) -> tuple[Any, Array, Any, Array, Array, Array]:
        from scipy import sparse

        linear, extra = self.region.linear, len(self.low)
        least, room = self._rooms
        upper, uppermost = in_rooms(linear.upper, linear.limits, least, room)
        equal, sums = in_rooms(linear.equal, linear.sums, least, room)
        upper, equal = (sparse.hstack([part, sparse.csr_array((part.shape[0], extra))]) for part in (upper, equal))
        given = sparse.csr_array(self.rows)
        own = given @ sparse.diags_array(np.r_[room, np.ones(extra)])
        rows = sparse.vstack([own, upper]).tocsr()
        limits = np.concatenate([self.limits - given @ np.r_[least, np.zeros(extra)], uppermost])
        low = np.concatenate([np.clip((linear.low - least) / room, 0.0, 1.0), self.low])
        high = np.concatenate([np.clip((linear.high - least) / room, 0.0, 1.0), self.high])
        return rows, limits, equal.tocsr(), sums, low, high

    @cached_property
    def _rooms(self) -> tuple[Array, Array]:
        return parts_between(self.region)

    def _told(self, solved: Any) -> Any:
        """The solution in parts."""
        if solved.x is not None:
            least, room = self._rooms
            solved.x = np.r_[least + room * solved.x[: len(room)], solved.x[len(room) :]]
        return solved

    def least(self, cost: Array) -> Any:
        """Solution of the linear program, whose costs are of the variables alone; ``None`` where there is none."""
        from scipy.optimize import linprog

        rows, limits, equal, sums, low, high = self._lines()
        bounds = np.stack([low, high], axis=1)
        for method, options in _TRIES:
            with quiet():
                solved = linprog(cost, rows, limits, equal, sums, bounds, method=method, options=options)
            if solved.status in (0, 2):
                break
        if solved.status == 2:
            return None
        if solved.status != 0:
            raise Refusal(f"the solver did not finish ({solved.message:.80})")
        return self._told(solved)

    def least_whole(self, cost: Array, whole: Array, limit: float | None) -> Any:
        """The same where some variables are whole numbers; ``None`` where there is no solution."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows, limits, equal, sums, low, high = self._lines()
        lines = [LinearConstraint(rows, -np.inf, limits), LinearConstraint(equal, sums, sums)]
        options = {"mip_rel_gap": 0.0} | ({} if limit is None else {"time_limit": max(limit, 0.01)})
        with quiet():
            solved = milp(cost, integrality=whole, bounds=Bounds(low, high), constraints=lines, options=options)
        if solved.status == 2:
            return None
        if solved.status not in (0, 1):
            raise Refusal(f"the solver did not finish ({solved.message:.80})")
        return self._told(solved)


def parts_between(region: Region) -> tuple[Array, Array]:
    """``(V,)`` and ``(V,)``: the least that each part can be, and how much more it can be at most.

    Examples
    --------
    >>> least, room = parts_between(Region.box(np.array([0.25, 0.25]), np.array([0.5, 1.0])))
    >>> least.tolist(), room.tolist()
    ([0.25, 0.25], [0.25, 0.75])
    """
    least, most = np.zeros(region.size), np.ones(region.size)
    for node in reversed(region.nodes):
        flows = (1.0, 1.0) if node.parent == WHOLE else (least[node.parent], most[node.parent])
        least[node.parts] = flows[0] * np.clip(node.low, 0.0, 1.0)
        most[node.parts] = flows[1] * np.clip(node.high, 0.0, 1.0)
    return least, np.where(most - least > _NARROW, most - least, 1.0)


def in_rooms(rows: Any, limits: Array, least: Array, room: Array) -> tuple[Any, Array]:
    """Conditions on parts as conditions on shares of their rooms, with one as the largest number of each."""
    from scipy import sparse

    found, left = rows @ sparse.diags_array(room), limits - rows @ least
    size = np.asarray(abs(found).max(axis=1).todense()).reshape(-1) if found.shape[0] else np.zeros(0)
    size = np.where(size > 0, size, 1.0)
    return sparse.diags_array(1.0 / size) @ found, left / size


def placed(directions: Array, region: Region) -> Array:
    """Directions over ends, ``(P, L)``, as directions over parts, ``(P, V)``."""
    found = np.zeros((len(directions), region.size))
    found[:, region.ends] = directions
    return found


def proven(solved: Any) -> float:
    """What no solution of a program with whole numbers is below, however early it was stopped."""
    if solved.status == 0:  # solved; HiGHS then may leave its dual bound behind the optimum
        return float(solved.fun)
    found = solved.mip_dual_bound
    return -np.inf if found is None or not np.isfinite(found) else float(found)
