"""Leads and units that several kernels are asked about, and a solver that gives up."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from egovindex.kernels.region import Region

# rock, paper, scissors: any one of the others can be ahead alone, and all three are level in the middle
CIRCLE = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0], [-1.0, 0.0, 1.0]])

# three units of two parts, and equal weights
THREE_UNITS = np.array([[1.0, 0.0], [0.0, 1.0], [0.75, 0.5]])
HALVES = np.array([0.5, 0.5])


def nearly_tied(rng: np.random.Generator, n: int, apart: float) -> tuple[np.ndarray, Region]:
    """Units that are level at some weights but for small numbers, and a narrow box about these weights."""
    own = np.array([0.25, 0.35, 0.4])
    x = rng.uniform(size=(n, 3)).round(2)
    x[:, 2] = (0.5 - x[:, :2] @ own[:2]) / own[2] + apart * rng.integers(-2, 3, size=n)
    half = 0.5 * 10.0 ** -rng.integers(2, 5)
    return x, Region.box(own - half, own + half)


def stopped(bound: float | None = None) -> SimpleNamespace:
    """What a solver of whole numbers gives that ran out of time without a solution."""
    return SimpleNamespace(status=1, x=None, fun=None, mip_dual_bound=bound)
