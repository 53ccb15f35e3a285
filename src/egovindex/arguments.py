"""What a caller hands to the evaluator: shapes and weights, looked at before anything is computed."""

from __future__ import annotations

import numpy as np

from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.plan import Plan

__all__ = ["refuse_bad_weights", "shaped"]

_NEEDS_WEIGHT = ("mean", "pool", "geometric", "harmonic", "ladder")


def shaped(given: Floats, name: str, shape: tuple[int, ...]) -> Floats:
    """An array of numbers of a shape, with or without a leading axis of draws."""
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        message = f"{name} must be an array of numbers, found {given!r:.60}"
        raise MethodError(Fault(message, check="not_numbers")) from None
    if array.shape[-len(shape) :] != shape or array.ndim not in (len(shape), len(shape) + 1):
        expected = ", ".join(map(str, shape))
        message = f"{name} must have the shape ({expected}) or (draws, {expected}), found {array.shape}"
        raise MethodError(Fault(message, check="wrong_shape"))
    return array


def refuse_bad_weights(plan: Plan, weights: Floats) -> None:
    """Weights that are negative, not finite, or all zero in a node, node by node."""
    faults: list[Fault] = []
    for node in plan.nodes:
        own, name, aggregate = weights[..., node.edges], node.branch.id, node.branch.aggregate
        if not np.isfinite(own).all():
            faults.append(Fault(f"{name}: weights that are not finite", check="bad_weights"))
        elif aggregate != "sum" and (own < 0).any():
            faults.append(Fault(f"{name}: negative weights; only a sum takes them", check="bad_weights"))
        elif aggregate in _NEEDS_WEIGHT and own.size and (own.sum(axis=-1) <= 0).any():
            faults.append(Fault(f"{name}: weights that add up to zero", check="bad_weights"))
    if faults:
        raise MethodError(faults)
