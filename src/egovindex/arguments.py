"""What a caller hands to the evaluator: shapes and weights, looked at before anything is computed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from egovindex.errors import Fault, MethodError, did_you_mean
from egovindex.formulas import Floats
from egovindex.plan import Plan

__all__ = ["known_nodes", "known_precision", "refuse_bad_weights", "shaped", "values_given"]

_NEEDS_WEIGHT = ("mean", "pool", "geometric", "harmonic", "ladder")


def known_nodes(plan: Plan, nodes: Any) -> Collection[str] | None:
    """The nodes that are asked for; ``None`` for all."""
    if nodes is None:
        return None
    asked = [nodes] if isinstance(nodes, str) else list(nodes)
    known = plan.tree.branches
    unknown = [name for name in asked if name not in known]
    if unknown:
        faults = [Fault(f'there is no node "{n}"{did_you_mean(n, known)}', check="unknown_node") for n in unknown]
        raise MethodError(faults)
    return asked


def known_precision(precision: Any) -> bool:
    """Whether single precision is asked for."""
    if precision not in ("double", "single"):
        message = f'precision is "double" or "single", found {precision!r:.40}'
        raise MethodError(Fault(message, check="unknown_option"))
    return bool(precision == "single")


def values_given(plan: Plan, x: Any) -> dict[str, Floats]:
    """Values of indicators by name, out of an array of all or a mapping of some."""
    if x is None:
        return {}
    if not isinstance(x, Mapping):
        array = shaped(x, "x", (len(plan.records), len(plan.leaves)))
        return {name: array[..., at] for at, name in enumerate(plan.leaves)}
    unknown = [name for name in x if name not in plan.leaves]
    if unknown:
        faults = [
            Fault(f'x: there is no indicator "{name}"{did_you_mean(str(name), plan.leaves)}', check="unknown_indicator")
            for name in unknown
        ]
        raise MethodError(faults)
    return {name: shaped(array, f"x of {name}", (len(plan.records),)) for name, array in x.items()}


def shaped(given: Any, name: str, shape: tuple[int, ...], dtype: Any = np.float64) -> Floats:
    """An array of numbers of a shape, with or without a leading axis of draws."""
    try:
        array = np.asarray(given, dtype=dtype)
    except (TypeError, ValueError):
        message = f"{name} must be an array of numbers, found {given!r:.60}"
        raise MethodError(Fault(message, check="not_numbers")) from None
    if array.shape[-len(shape) :] != shape or array.ndim not in (len(shape), len(shape) + 1):
        expected = ", ".join(map(str, shape))
        message = f"{name} must have the shape ({expected}) or (draws, {expected}), found {array.shape}"
        raise MethodError(Fault(message, check="wrong_shape"))
    return array


def refuse_bad_weights(plan: Plan, weights: Floats, nodes: Collection[str] | None = None) -> None:
    """Weights that are negative, not finite, or all zero in a node, node by node; of some nodes, or of all."""
    faults: list[Fault] = []
    for node in plan.nodes:
        own, name, aggregate = weights[..., node.edges], node.branch.id, node.branch.aggregate
        if own.size == 0 or (nodes is not None and name not in nodes):
            continue
        lowest, total = own.min(), own.sum(axis=-1)
        # NaN and infinity go through to one or the other
        if not (np.isfinite(lowest) and np.isfinite(total).all()) and not np.isfinite(own).all():
            faults.append(Fault(f"{name}: weights that are not finite", check="bad_weights"))
        elif aggregate != "sum" and lowest < 0:
            faults.append(Fault(f"{name}: negative weights; only a sum takes them", check="bad_weights"))
        elif aggregate in _NEEDS_WEIGHT and (total <= 0).any():
            faults.append(Fault(f"{name}: weights that add up to zero", check="bad_weights"))
    if faults:
        raise MethodError(faults)
