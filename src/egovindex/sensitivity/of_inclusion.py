"""Factors of what is in: records that could be left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from egovindex.errors import EgovindexError, Fault, MethodError
from egovindex.evaluate import evaluate
from egovindex.points import MISSING, VOID
from egovindex.sensitivity.doubt import Part
from egovindex.sensitivity.factors import Edge, Factor, IncludeFactor, PlanFactor
from egovindex.sensitivity.numberlaws import LeaveOneOut
from egovindex.sensitivity.patches import Patch, patched
from egovindex.sensitivity.scope import Scope

__all__ = ["of_inclusion"]

# to these a child with the weight 0 is nothing at all
_BLIND_TO_ZERO = {"mean", "pool", "geometric", "harmonic"}

Out = tuple[tuple[Edge, ...], ...]


def of_inclusion(scope: Scope, part: Part) -> Iterator[Factor]:
    """Factors of a doubt about which records are in."""
    law = part.law
    if isinstance(law, LeaveOneOut):
        names = [scope.known(name, scope.records, "record") for name in law.of]
        names = names or [name for name in scope.tree.leaves if name in scope.read and _edges(scope, name)]
        if names:
            out = ((), *(_edges(scope, name) for name in names))
            yield _factor(scope, part, part.label, str(law), ("all in", *names), None, out)
        return
    for name, chance in law.items():
        scope.known(name, scope.records, "record")
        edges = _edges(scope, name)
        if not edges:
            raise MethodError(Fault(f"{name} is nobody's child below {scope.node}", check="doubt_without_effect"))
        told = f"in with chance {chance:g}"
        yield _factor(scope, part, f"include.{name}", told, ("in", "out"), (chance, 1 - chance), ((), edges))
    _refuse_nothing_left(scope, law)


def _edges(scope: Scope, name: str) -> tuple[Edge, ...]:
    """Edges by which a record counts for the node that is looked at."""
    return tuple((parent, name) for parent in scope.tree.parents[name] if parent in scope.below)


def _factor(
    scope: Scope, part: Part, name: str, law: str, labels: tuple[str, ...], chances: tuple[float, ...] | None, out: Out
) -> Factor:
    """By the weight 0 where that is as good as leaving out, else by an index without the record."""
    if all(_is_nothing_at_zero(scope, edge) for edges in out for edge in edges):
        return IncludeFactor(name, part.label, law, labels, chances, 0, out)
    patches: list[Patch] = [("without", edges) if edges else ("as it is", None) for edges in out]
    for patch in patches:
        patched(scope.index, patch)
    return PlanFactor(name, part.label, law, labels, chances, 0, tuple(patches))


def _is_nothing_at_zero(scope: Scope, edge: Edge) -> bool:
    node, child = edge
    branch = scope.tree.branches[node]
    if branch.need is not None or branch.over or branch.formula is not None:
        return False
    if not scope.aggregates(node) <= _BLIND_TO_ZERO:
        return False
    if child in scope.plan.leaves:
        state = scope.plan.leaves[child].state
        return state is None or not (state == VOID).any()
    # a node without a score takes that of its parent away, unless the file says otherwise
    return scope.plan.skips_missing or not _may_lack(scope, child)


def _may_lack(scope: Scope, node: str) -> bool:
    """Whether some unit has no score in a node."""
    try:
        state = evaluate(scope.plan, nodes=[node]).state[node]
    except EgovindexError:
        return True
    return bool((state >= min(VOID, MISSING)).any())


def _refuse_nothing_left(scope: Scope, chances: Mapping[str, float]) -> None:
    """Everything below the node could be left out at once."""

    def may_go(name: str) -> bool:
        if name in chances:
            return True
        branch = scope.tree.branches.get(name)
        return branch is not None and bool(branch.inputs) and all(map(may_go, branch.inputs))

    if all(map(may_go, scope.tree.branches[scope.node].inputs)):
        message = f"nothing may be left of {scope.node}: every record below it can be left out; keep one in"
        raise MethodError(Fault(message, check="nothing_left"))
