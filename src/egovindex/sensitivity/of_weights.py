"""Factors of weights: of each node by a law, or of all together by weight sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from egovindex.errors import EgovindexError, Fault, MethodError
from egovindex.sensitivity.doubt import ALL, Part
from egovindex.sensitivity.factors import Factor, SchemeFactor, WeightFactor
from egovindex.sensitivity.scope import Scope
from egovindex.sensitivity.weightlaws import Edges, Schemes, WeightLaw
from egovindex.spec.vary import weights_of

__all__ = ["of_weights"]

_WEIGHTED = {"mean", "pool", "sum", "product", "geometric", "harmonic", "ladder"}
# those in which only ratios of weights matter
_OF_RATIOS = _WEIGHTED - {"sum", "product"}


def of_weights(scope: Scope, part: Part) -> Iterator[Factor]:
    """Factors of a doubt about weights."""
    if part.key != ALL:
        scope.known(part.key, scope.tree.branches, "node")
    if isinstance(part.law, Schemes):
        yield from _of_schemes(scope, part, part.law)
    elif part.law is not None:
        for node in [part.key] if part.key != ALL else _weighted(scope):
            yield _of_node(scope, part, part.law, node)


def _weighted(scope: Scope) -> list[str]:
    """Nodes whose weights do something, and that are not named by themselves."""
    nodes = (node for node in scope.tree.branches if node in scope.below and node not in scope.others("weights"))
    return [node for node in nodes if _why_weightless(scope, node) is None]


def _why_weightless(scope: Scope, node: str) -> str | None:
    """Why the weights of a node say nothing."""
    branch = scope.tree.branches[node]
    if branch.formula is not None:
        return "it is computed by a formula, and has no weights"
    if branch.over or len(branch.children) < 2:
        return "it has one child, whose weight says nothing; leave it out"
    if not scope.aggregates(node) & _WEIGHTED:
        return f"its aggregate is {branch.aggregate}, to which weights say nothing"
    if not any(weight.value for weight in branch.weights):
        return "all its weights are 0"
    return None


def _of_node(scope: Scope, part: Part, law: WeightLaw, node: str) -> WeightFactor:
    reason = _why_weightless(scope, node)
    if reason is not None:
        raise MethodError(Fault(f"weights.{node}: {reason}", check="doubt_without_effect", column=node))
    branch = scope.tree.branches[node]
    own = np.array([weight.value for weight in branch.weights])
    loose = scope.aggregates(node) <= _OF_RATIOS and not scope.others("recipes")
    sampler = law.sampler(Edges(node, branch.children, own, loose))
    return WeightFactor(f"weights.{node}", part.label, str(law), node, branch.children, own, sampler)


def _of_schemes(scope: Scope, part: Part, law: Schemes) -> Iterator[Factor]:
    """Weights of the nodes in which some set differs from the index."""
    one_node = part.key != ALL
    given = [{part.key: one} if one_node and isinstance(one, Mapping) else one for one in law.of]
    own = {
        node: dict(zip(branch.children, (weight.value for weight in branch.weights), strict=True))
        for node, branch in scope.tree.branches.items()
        if node in scope.below and part.key in (ALL, node)
    }
    others: list[dict[str, dict[str, float]]] = []
    faults: list[Fault] = []
    for one in given:
        try:
            others.append(own | {n: w for n, w in weights_of(scope.index.file, one).items() if n in own})
        except EgovindexError as error:
            faults += error.faults
    if faults:
        raise MethodError(faults)
    nodes = [node for node in own if any(table[node] != own[node] for table in others)]
    if nodes:
        tables = tuple({node: table[node] for node in nodes} for table in others)
        as_is = next((at for at, table in enumerate(tables) if table == {node: own[node] for node in nodes}), -1)
        yield SchemeFactor(part.label, part.label, str(law), law.labels, law.chances, as_is, tables)
