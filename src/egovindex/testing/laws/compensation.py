"""How far a drop in one part is made good by a rise in another.

A weighted mean makes good at a constant rate, the geometric mean more dearly the lower the value, the minimum not
at all: OECD/JRC 2008, Handbook on Constructing Composite Indicators, step 6; Munda 2008, Social Multi-Criteria
Evaluation for a Sustainable Economy, doi 10.1007/978-3-540-73703-2. The rises below solve
``f(x - drop + rise) = f(x)``.
"""

from __future__ import annotations

import numpy as np

from egovindex.formulas import Bools, Floats
from egovindex.testing.aggregation import Aggregation
from egovindex.testing.cases import TOLERANCE, Finding

__all__ = ["CLAIMS", "compensation"]

CLAIMS = {
    "mean": "full, at a constant rate",
    "pool": "full, at a constant rate",
    "sum": "full, at a constant rate",
    "geometric": "full, dearer the lower the value; none at zero",
    "product": "full, dearer the lower the value; none at zero",
    "harmonic": "up to a limit",
    "min": "none for the lowest",
    "max": "total: one is enough",
    "weakest": "at most half a step for the lowest",
    "ladder": "none past a weak step",
}
_FAR = 1e6  # times the spread of values: as good as any rise


def compensation(f: Aggregation, aggregate: str) -> Finding:
    """What an aggregate says of making good, tried on every unit with the two children of most weight."""
    if len(f.children) < 2 or (len(f.weights[f.weights > 0]) < 2 and aggregate not in ("min", "max", "weakest")):
        return Finding(f.name, None, "fewer than two children have weight")
    i, j = np.argsort(-np.abs(f.weights), kind="stable")[:2]
    if aggregate in ("min", "max", "weakest", "ladder"):
        return _ordered(f, aggregate)
    drop = f.spread / 4
    before, x = f(), f.x.copy()
    x[:, i] -= drop
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = _rise(aggregate, f.x[:, i], f.x[:, j], drop, f.weights[i], f.weights[j])
    positive = aggregate in ("geometric", "harmonic", "product")
    rows = np.isfinite(rise) & (rise < _FAR * f.spread)
    if positive:
        rows &= (x > 0).all(axis=1)
        if aggregate == "harmonic":  # no rise is enough
            rows &= rise > 0
    if not rows.any():
        return Finding(f.name, None, "no unit can lose that much")
    return _made_good(f, aggregate, (int(i), int(j)), x, rise, rows, before)


def _rise(aggregate: str, a: Floats, b: Floats, drop: float, u: float, v: float) -> Floats:
    """What the second value must gain, of weight ``v``, for a drop of the first, of weight ``u``."""
    if aggregate in ("mean", "pool", "sum"):
        return np.full(len(a), drop * u / v)
    if aggregate == "harmonic":
        return np.asarray(v / (v / b + u / a - u / (a - drop)) - b)
    return np.asarray(b * ((a / (a - drop)) ** (u / v) - 1))


def _made_good(
    f: Aggregation,
    aggregate: str,
    pair: tuple[int, int],
    x: Floats,
    rise: Floats,
    rows: Bools,
    before: Floats,
) -> Finding:
    i, j = pair
    x[rows, j] += rise[rows]
    after = f(x=x[rows])
    slack = 1e3 * TOLERANCE * np.maximum(1.0, np.abs(x[rows]).max(axis=1)) * max(1.0, float(np.abs(f.weights).max()))
    slack = np.maximum(slack, 1e3 * TOLERANCE * np.abs(before[rows]))
    bad = np.flatnonzero(np.abs(after - before[rows]) > slack)
    told = f"{f.children[j]} makes good what {f.children[i]} loses ({CLAIMS[aggregate]})"
    if bad.size:
        row = np.flatnonzero(rows)[bad[0]]
        lost = (
            f"{f.units[row]} loses {f.spread / 4:.6g} in {f.children[i]} and gains {rise[row]:.6g} in {f.children[j]}"
        )
        return Finding(f.name, False, f"{lost}: {before[row]:.10g} becomes {after[bad[0]]:.10g}")
    return Finding(f.name, True, f"{told}, {int(rows.sum())} units")


def _ordered(f: Aggregation, aggregate: str) -> Finding:
    """The lowest (for ``max`` the highest) and what a great rise of all others does."""
    before, drop = f(), f.spread / 4
    x = f.x.copy()
    everyone = np.arange(len(x))
    if aggregate == "max":
        first = x.argmax(axis=1)
        x[everyone, first] -= drop
        x[everyone, (first + 1) % x.shape[1]] = f.x.max(axis=1)
        expected = before
    elif aggregate == "ladder":
        # the first step falls below all others; what comes after it may rise as it likes
        x[:, 0] = f.x.min(axis=1) - drop
        low = f(x=x)
        x[:, 1:] += 10 * f.spread
        expected = low
    else:
        first = x.argmin(axis=1)
        low = x[everyone, first] - drop
        x += 10 * f.spread
        x[everyone, first] = low
        expected = low + (0.5 if aggregate == "weakest" else 0.0)
    after = f(x=x)
    bad = np.flatnonzero(np.abs(after - expected) > TOLERANCE * np.maximum(1.0, np.abs(expected)))
    if bad.size:
        row = bad[0]
        told = f"{f.units[row]} should have {expected[row]:.10g} whatever its other children, and has {after[row]:.10g}"
        return Finding(f.name, False, told)
    return Finding(f.name, True, f"compensation: {CLAIMS[aggregate]}, {len(x)} units")
