"""A doubt against an index and its data: the factors, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from egovindex.errors import EgovindexError, Fault, MethodError
from egovindex.index import Index
from egovindex.plan import Plan
from egovindex.sensitivity.doubt import ALL, Doubt, Part
from egovindex.sensitivity.factors import Factor
from egovindex.sensitivity.of_choices import of_aggregate, of_recipes, of_rules, of_steps
from egovindex.sensitivity.of_coding import of_coding
from egovindex.sensitivity.of_inclusion import of_inclusion
from egovindex.sensitivity.of_points import of_nothing, of_points
from egovindex.sensitivity.of_values import of_values
from egovindex.sensitivity.of_weights import of_weights
from egovindex.sensitivity.scope import Scope, no_effect

__all__ = ["factors_of"]

_MAKERS: dict[str, Callable[[Scope, Part], Iterator[Factor]]] = {
    "weights": of_weights,
    "points": of_points,
    "nothing": of_nothing,
    "rules": of_rules,
    "normalise": of_steps,
    "steps": of_steps,
    "aggregate": of_aggregate,
    "values": of_values,
    "coder": of_coding,
    "include": of_inclusion,
    "recipes": of_recipes,
}


def factors_of(doubt: Doubt, index: Index, plan: Plan, node: str) -> tuple[Factor, ...]:
    """Factors of a doubt.

    Parameters
    ----------
    doubt
        What could have been chosen otherwise.
    index, plan
        The index, and the same against its data.
    node
        The node that is looked at; a doubt that has no effect on it is refused.

    Raises
    ------
    MethodError
        A doubt is about something that is not there, cannot be, or has no effect: all are told.

    Examples
    --------
    >>> import egovindex as ei
    >>> index = ei.load_index("un-egdi-2024")
    >>> doubt = ei.Doubt(weights={"EGDI": ei.simplex()})
    >>> [factor.name for factor in factors_of(doubt, index, index.plan(ei.sample(index)), "EGDI")]
    ['weights.EGDI']
    """
    scope = Scope(doubt, index, plan, node)
    found: list[Factor] = []
    faults: list[Fault] = []
    for part in doubt.parts:
        try:
            factors = [] if _is_fixed(scope, part) else list(_MAKERS[part.kind](scope, part))
        except EgovindexError as error:
            faults += [_placed(fault, part) for fault in error.faults]
            continue
        found += factors
        faults += [no_effect(part, node)] if not factors and part.law is not None else []
    if not any(part.law is not None for part in doubt.parts):
        faults.append(Fault("a doubt without parts: nothing could have been otherwise", check="nothing_doubted"))
    faults += _doubted_twice(found)
    if faults:
        raise MethodError(faults)
    return tuple(found)


def _is_fixed(scope: Scope, part: Part) -> bool:
    """Whether a record that is there is left as it is, while others are doubted."""
    if part.law is None and part.key != ALL:
        scope.known(part.key, scope.records, "record")
    return part.law is None


def _placed(fault: Fault, part: Part) -> Fault:
    message = fault.message if fault.message.startswith(part.label) else f"{part.label}: {fault.message}"
    return replace(fault, message=message, file=part.file, line=part.line, path=part.label)


def _doubted_twice(factors: Sequence[Factor]) -> Iterator[Fault]:
    """Two doubts about the same weights, or the same line."""
    seen: dict[str, str] = {}
    for factor in factors:
        for name in factor.about:
            if seen.setdefault(name, factor.group) != factor.group:
                message = f"{name} is doubted twice, by {seen[name]} and by {factor.group}; keep one"
                yield Fault(message, path=name, check="doubted_twice")
