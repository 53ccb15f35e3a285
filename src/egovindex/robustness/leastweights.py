"""Weights of a region at which a lead is smallest."""

from __future__ import annotations

import numpy as np

from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.kernels.quiet import quiet
from egovindex.kernels.region import Region

__all__ = ["least_weights"]


def least_weights(region: Region, direction: Floats) -> Floats:
    """``(V,)`` parts at which ``direction @ ends`` is smallest.

    Raises
    ------
    MethodError
        The solver gives none.
    """
    from scipy.optimize import linprog

    linear = region.linear
    cost = np.zeros(region.size)
    cost[region.ends] = direction / max(1e-300, float(np.abs(direction).max()))
    with quiet():
        solved = linprog(
            cost,
            A_ub=linear.upper if linear.upper.shape[0] else None,
            b_ub=linear.limits if linear.upper.shape[0] else None,
            A_eq=linear.equal,
            b_eq=linear.sums,
            bounds=np.stack([linear.low, linear.high], axis=1),
            method="highs-ds",
        )
    if solved.status != 0:
        raise MethodError(Fault(f"no weights were found: {solved.message}", check="no_solution"))
    found: Floats = solved.x
    return found
