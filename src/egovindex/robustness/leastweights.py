"""Weights of a region at which a lead is smallest."""

from __future__ import annotations

import numpy as np

from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.kernels.program import Program, placed
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import Region

__all__ = ["least_weights"]


def least_weights(region: Region, direction: Floats) -> Floats:
    """``(V,)`` parts at which ``direction @ ends`` is smallest.

    Raises
    ------
    MethodError
        The solver gives none.
    """
    scale = max(1e-300, float(np.abs(direction).max()))
    # a program has costs of its own variables alone: one that is no less than the lead
    row = np.hstack([placed(direction[None] / scale, region), [[-1.0]]])
    free = np.array([np.inf])
    program = Program(region, row, np.zeros(1), -free, free)
    try:
        solved = program.least(np.r_[np.zeros(region.size), 1.0])
    except Refusal as refusal:
        raise MethodError(Fault(f"no weights were found: {refusal.reason}", check="no_solution")) from None
    if solved is None:
        raise MethodError(Fault("no weights were found: none are allowed", check="no_solution"))
    found: Floats = solved.x[: region.size]
    return found
