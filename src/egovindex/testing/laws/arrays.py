"""Laws of an aggregation: a function of values and weights, whatever it is made by."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from egovindex.formulas import Floats
from egovindex.testing.aggregation import Aggregation
from egovindex.testing.cases import TOLERANCE, Finding

__all__ = ["ARRAY_LAWS", "JUMP", "exchangeable_children", "idempotent", "largest_jump", "swapped"]

# A change of weights by one part in 10^12 moves no score by more than this share of the values' spread.
JUMP = 1e-6
_CUTS, _ROUNDS = 16, 10


def _far(found: Floats, expected: Floats) -> int | None:
    """The first place where two arrays differ by more than rounding."""
    slack = TOLERANCE * max(1.0, float(np.abs(expected).max(initial=0.0)))
    bad = np.flatnonzero(~(np.abs(found - expected) <= slack))
    return int(bad[0]) if bad.size else None


def between(f: Aggregation) -> Finding:
    """A score lies between its lowest and its highest child."""
    score, low, high = f(), f.x.min(axis=1), f.x.max(axis=1)
    slack = TOLERANCE * np.maximum(1.0, np.abs(f.x).max(axis=1))
    bad = np.flatnonzero((score < low - slack) | (score > high + slack))
    if bad.size:
        row = bad[0]
        told = f"{f.units[row]} has {score[row]:.10g}, its children {low[row]:.10g} to {high[row]:.10g}"
        return Finding(f.name, False, told)
    return Finding(f.name, True, f"{len(score)} scores")


def weight_scale(f: Aggregation) -> Finding:
    """Only ratios of weights matter."""
    before = f()
    for factor in (4.0, 1 / 3, 1000.0):
        after = f(weights=f.weights * factor)
        if (row := _far(after, before)) is not None:
            told = f"weights times {factor:.4g}: {f.units[row]} {before[row]:.10g} became {after[row]:.10g}"
            return Finding(f.name, False, told)
    return Finding(f.name, True, "factors 4, 0.3333, 1000")


def exchangeable(f: Aggregation) -> Finding:
    """Units in another order have the same scores."""
    before = f()
    for order in (np.arange(len(f.x))[::-1], f.rng.permutation(len(f.x))):
        after = f(x=f.x[order])
        if (row := _far(after, before[order])) is not None:
            told = f"{f.units[order[row]]} had {before[order[row]]:.10g} and has {after[row]:.10g} in another row"
            return Finding(f.name, False, told)
    return Finding(f.name, True, f"2 orders of {len(f.x)} units")


def exchangeable_children(f: Aggregation) -> Finding:
    """Children in another order, their weights with them, give the same scores."""
    before = f()
    for order in (np.arange(f.x.shape[1])[::-1], f.rng.permutation(f.x.shape[1])):
        after = f(f.x[:, order], f.weights[order])
        if (row := _far(after, before)) is not None:
            names = ", ".join(f.children[at] for at in order)
            told = (
                f"{f.units[row]} has {before[row]:.10g}, and {after[row]:.10g} with its children in the order {names}"
            )
            return Finding(f.name, False, told)
    return Finding(f.name, True, f"2 orders of {f.x.shape[1]} children")


def idempotent(f: Aggregation) -> Finding:
    """Where all children have one value, that is the score."""
    values = np.unique(f.x)
    x = np.repeat(values[:, None], f.x.shape[1], axis=1)
    score = f(x=x)
    if (row := _far(score, values)) is not None:
        return Finding(f.name, False, f"all children at {values[row]:.10g} give {score[row]:.10g}")
    return Finding(f.name, True, f"{len(values)} values")


def monotone_values(f: Aggregation) -> Finding:
    """Raising one value never lowers the score of its unit."""
    before, rng = f(), f.rng
    slack = TOLERANCE * max(1.0, float(np.abs(before).max(initial=0.0)))
    for at, child in enumerate(f.children):
        x = f.x.copy()
        x[:, at] += rng.integers(1, 11, len(x)) * f.spread / 10
        for row in range(len(x)):
            one = f.x.copy()
            one[row] = x[row]
            after = f(x=one)
            if after[row] < before[row] - slack:
                told = f"{child} of {f.units[row]} from {f.x[row, at]:.10g} to {x[row, at]:.10g} lowered its score "
                return Finding(f.name, False, f"{told}from {before[row]:.10g} to {after[row]:.10g}")
    return Finding(f.name, True, f"{len(f.children)} children raised")


def monotone_weights(f: Aggregation) -> Finding:
    """Raising the weight of a child moves the score toward that child."""
    before, rng = f(), f.rng
    for at, child in enumerate(f.children):
        weights = f.weights.copy()
        weights[at] += f.weights.max() * rng.uniform(0.2, 2.0)
        way, step = f.x[:, at] - before, f(weights=weights) - before
        slack = TOLERANCE * np.maximum(1.0, np.abs(f.x).max(axis=1))
        bad = np.flatnonzero((np.sign(way) * step < -slack) | (np.abs(step) > np.abs(way) + slack))
        if bad.size:
            row = bad[0]
            told = f"more weight for {child} ({f.x[row, at]:.10g}) moved {f.units[row]} "
            return Finding(f.name, False, f"{told}from {before[row]:.10g} to {before[row] + step[row]:.10g}")
    return Finding(f.name, True, f"{len(f.children)} weights raised")


def zero_weight(f: Aggregation) -> Finding:
    """A child of weight zero is as good as none."""
    if len(f.children) < 2:
        return Finding(f.name, None, "it has one child")
    for at, child in enumerate(f.children):
        weights = f.weights.copy()
        weights[at] = 0.0
        zero, without = f(weights=weights), f.without_child(at)()
        if (row := _far(zero, without)) is not None:
            told = f"{child} of weight zero gives {f.units[row]} {zero[row]:.10g}, without it {without[row]:.10g}"
            return Finding(f.name, False, told)
    return Finding(f.name, True, f"{len(f.children)} children left out")


def largest_jump(at: Callable[[Floats], Floats]) -> tuple[float, int, float, float, float]:
    """The largest change within one part in 10^12 of a way: how much, of which row, where, from what to what.

    Parameters
    ----------
    at
        Scores ``(t, rows)`` at some places ``(t,)`` between 0 and 1.
    """
    low, high = 0.0, 1.0
    for _ in range(_ROUNDS):
        places = np.linspace(low, high, _CUTS + 1)
        values = at(places)
        steps = np.nan_to_num(np.abs(np.diff(values, axis=0)))
        step, row = np.unravel_index(int(steps.argmax()), steps.shape)
        low, high = places[step], places[step + 1]
    return float(steps[step, row]), int(row), high, float(values[step, row]), float(values[step + 1, row])


def continuous_weights(f: Aggregation) -> Finding:
    """A small change of weights changes scores little."""
    other = f.weights * f.rng.uniform(0.25, 4.0, len(f.weights))

    def at(places: Floats) -> Floats:
        return np.stack([f(weights=f.weights + t * (other - f.weights)) for t in places])

    jump, row, _, before, after = largest_jump(at)
    if jump > JUMP * f.spread:
        told = f"{f.units[row]} jumps from {before:.10g} to {after:.10g} while weights change by one part in 10^12"
        return Finding(f.name, False, told)
    return Finding(f.name, True, "no jump on a way from these weights to others")


def independent(f: Aggregation) -> Finding:
    """What one unit answers changes no other's score."""
    if len(f.x) < 2:
        return Finding(f.name, None, "one unit has no other")
    before = f()
    found: Finding | None = None
    for row in range(len(f.x)):
        others = np.delete(np.arange(len(f.x)), row)
        for at, child in enumerate(f.children):
            for value in (f.x[:, at].max() + f.spread, f.x[:, at].min()):
                x = f.x.copy()
                x[row, at] = value
                after = f(x=x)
                moved = _far(after[others], before[others])
                if moved is None:
                    continue
                verb = "raising" if value > f.x[row, at] else "lowering"
                told = f"{verb} {f.units[row]}'s {child} from {f.x[row, at]:.6g} to {value:.6g} "
                if (pair := swapped(before, after, others)) is not None:
                    b, c = pair
                    told += f"swaps {f.units[b]} and {f.units[c]}: {before[b]:.6g} and {before[c]:.6g} become "
                    return Finding(f.name, False, f"{told}{after[b]:.6g} and {after[c]:.6g}", grade=1)
                b = int(others[moved])
                told += f"moves {f.units[b]} from {before[b]:.6g} to {after[b]:.6g}"
                found = found or Finding(f.name, False, told)
    return found or Finding(f.name, True, f"{len(f.x)} units changed")


def swapped(before: Floats, after: Floats, rows: np.ndarray) -> tuple[int, int] | None:
    """Two rows of which the first was clearly ahead and the second clearly is."""
    slack = 1e-9 * max(1.0, float(np.abs(np.nan_to_num(before)).max(initial=0.0)))
    was, now = before[rows], after[rows]
    turned = (was[:, None] - was > slack) & (now[:, None] - now < -slack)
    places = np.argwhere(turned)
    return (int(rows[places[0][0]]), int(rows[places[0][1]])) if len(places) else None


ARRAY_LAWS: dict[str, Callable[[Aggregation], Finding]] = {
    "range": between,
    "weight_scale": weight_scale,
    "exchangeable": exchangeable,
    "exchangeable_children": exchangeable_children,
    "idempotent": idempotent,
    "monotone_values": monotone_values,
    "monotone_weights": monotone_weights,
    "continuous_weights": continuous_weights,
    "zero_weight": zero_weight,
    "independent": independent,
}
