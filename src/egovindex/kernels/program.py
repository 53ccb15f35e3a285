"""Linear programs over weights, some with whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from egovindex.kernels.quiet import quiet
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import Array, Region

__all__ = ["Program", "placed", "proven"]

_FINE = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


@dataclass(frozen=True, eq=False)
class Program:
    """``rows @ y <= limits`` for parts that a region allows, followed by ``extra`` variables between limits."""

    region: Region
    rows: Any
    limits: Array
    low: Array
    high: Array

    def _lines(self) -> tuple[Any, Array, Any, Array, Array, Array]:
        from scipy import sparse

        linear, extra = self.region.linear, len(self.low)
        upper, equal = (
            sparse.hstack([part, sparse.csr_array((part.shape[0], extra))]) for part in (linear.upper, linear.equal)
        )
        rows = sparse.vstack([sparse.csr_array(self.rows), upper]).tocsr()
        limits = np.concatenate([self.limits, linear.limits])
        low, high = np.concatenate([linear.low, self.low]), np.concatenate([linear.high, self.high])
        return rows, limits, equal.tocsr(), linear.sums, low, high

    def least(self, cost: Array) -> Any:
        """Solution of the linear program; ``None`` where there is none."""
        from scipy.optimize import linprog

        rows, limits, equal, sums, low, high = self._lines()
        bounds = np.stack([low, high], axis=1)
        with quiet():
            solved = linprog(cost, rows, limits, equal, sums, bounds, method="highs", options=_FINE)
        if solved.status == 2:
            return None
        if solved.status != 0:
            raise Refusal(f"the solver did not finish ({solved.message:.80})")
        return solved

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
        return solved


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
