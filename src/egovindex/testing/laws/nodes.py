"""What a node makes of its children, whatever these are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from egovindex.errors import MethodError, listed
from egovindex.evaluate import evaluate
from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.plan import NodePlan
from egovindex.spec.tree import Branch
from egovindex.testing.aggregation import Aggregation
from egovindex.testing.ascode import from_document
from egovindex.testing.cases import Case, Finding
from egovindex.testing.laws import arrays
from egovindex.testing.laws.common import OUTSIDE
from egovindex.testing.laws.compensation import compensation

__all__ = ["law_compensation", "law_continuous_weights", "law_exchangeable_children", "law_idempotent"]

_TOTALS = ("sum", "product")
_MOST_UNITS = 12
# steps of a node after which a small change may be a jump
_JUMPS = ("round", "grid", "rank")


def _alone(case: Case, node: NodePlan) -> Aggregation | str:
    """A node as a function of its children's values, scored by the evaluator; or why it is none."""
    branch = node.branch
    if branch.formula is not None:
        return "the node is a formula"
    if node.gathering is not None or any(len(case.value(child)) != case.rows for child in branch.children):
        return "its children live on rows of their own"
    values = np.stack([case.value(child) for child in branch.children], axis=1)
    whole = np.flatnonzero(~np.isnan(values).any(axis=1))[:_MOST_UNITS]
    if not whole.size:
        return "no unit has a value in every child"
    index = _one_node(branch)
    # positions, not names: a child may be called as a column is
    names = [f"c{at}" for at in range(len(branch.children))]
    table = pd.DataFrame(values[whole], columns=names)
    units = tuple(case.unit(row) for row in whole)

    def scored(x: Floats, weights: Floats) -> Floats:
        rows = pd.DataFrame(np.nan_to_num(x), columns=names).assign(unit=[f"u{at}" for at in range(len(x))])
        return evaluate(index.plan(rows), x, weights)["top"]

    weights = case.plan.weights[node.edges]
    return Aggregation(branch.id, scored, table.to_numpy(), weights, units, branch.children, int(case.seed))


def _one_node(branch: Branch) -> Index:
    weights = {f"c{at}": weight.value for at, weight in enumerate(branch.weights)}
    document = {
        "index": "alone",
        "indicators": {name: {} for name in weights},
        "nodes": {"top": {"of": weights, "aggregate": branch.aggregate}},
    }
    index: Index = from_document(document)
    return index


def _of_each(case: Case, law: Callable[[Aggregation, Branch], Finding], *, children: int = 2) -> Iterator[Finding]:
    for node in case.plan.nodes:
        name = node.branch.id
        alone: Aggregation | str = "it has one child"
        if node.branch.formula is not None or len(node.branch.children) >= children:
            alone = _alone(case, node)
        if isinstance(alone, str):
            yield Finding(name, None, alone)
            continue
        try:
            yield law(alone, node.branch)
        except MethodError:
            yield Finding(name, None, OUTSIDE)


def law_exchangeable_children(case: Case) -> Iterator[Finding]:
    """Children in another order, their weights with them, give a node the same value."""

    def law(alone: Aggregation, branch: Branch) -> Finding:
        found = arrays.exchangeable_children(alone)
        return _unpromised(found, "the order of a ladder is its meaning") if branch.aggregate == "ladder" else found

    return _of_each(case, law)


def law_idempotent(case: Case) -> Iterator[Finding]:
    """Where all children have one value, that is the value of the node (before its own points and steps)."""

    def law(alone: Aggregation, branch: Branch) -> Finding:
        found = arrays.idempotent(alone)
        return _unpromised(found, "it is a total") if branch.aggregate in _TOTALS else found

    return _of_each(case, law, children=1)


def law_compensation(case: Case) -> Iterator[Finding]:
    """How far a drop in one child is made good by a rise in another: as far as the aggregate says."""
    return _of_each(case, lambda alone, branch: compensation(alone, branch.aggregate))


def _unpromised(found: Finding, why: str) -> Finding:
    told = f"not promised ({why}): {found.detail}" if found.holds is False else f"not promised ({why})"
    return Finding(found.node, found.holds, told, promised=False)


def law_continuous_weights(case: Case) -> Iterator[Finding]:
    """A small change of a node's weights changes its score little (learned values kept)."""
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        if branch.formula is not None or len(branch.children) < 2:
            yield Finding(name, None, "the node is a formula" if branch.formula is not None else "it has one child")
            continue
        weights = case.plan.weights.copy()
        weights[node.edges] = case.drawn_weights(1)[0][node.edges]
        try:
            found = _on_the_way(case, name, weights)
        except MethodError:
            yield Finding(name, None, OUTSIDE)
            continue
        steps = [step for step in branch.steps if step.name in _JUMPS]
        why = "the node has points of its own" if branch.lines else f"steps {listed(steps)}" if steps else ""
        yield _unpromised(found, why) if why else found


def _on_the_way(case: Case, name: str, other: Floats) -> Finding:
    own = case.plan.weights

    def at(places: Floats) -> Floats:
        draws = own + places[:, None] * (other - own)
        return evaluate(case.plan, weights=draws, learned=case.scores.learned).by_node[name] + np.zeros(
            (len(places), 1)
        )

    jump, row, _, before, after = arrays.largest_jump(at)
    scale = float(np.nan_to_num(np.abs(case.scores[name])).max(initial=0.0)) or 1.0
    if jump > arrays.JUMP * scale:
        told = f"{case.unit(row)} jumps from {before:.10g} to {after:.10g} while weights change by one part in 10^12"
        return Finding(name, False, told)
    return Finding(name, True, "no jump on a way from its weights to others")
