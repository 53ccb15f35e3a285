"""Making the linear form in weights, or saying who or what stands against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.evaluate import leaf_values
from egovindex.formulas import Floats
from egovindex.lookup import known_node, refuse_no_result
from egovindex.result import IndexResult
from egovindex.robustness.forms import AGREES, WeightForm, rows_of
from egovindex.robustness.ways import Way, ways_down
from egovindex.spec import values
from egovindex.spec.steps import sign_of_steps

__all__ = ["nodes_with_weights", "weight_form"]

_ADDITIVE = ("mean", "pool", "sum")
# means that are sums of transformed children: exp(sum w ln x) and 1 / sum(w / x)
_TRANSFORMS = {"geometric": "log", "product": "log", "harmonic": "inverse"}
_WEIGHTED = (*_ADDITIVE, *_TRANSFORMS)


def weight_form(
    result: IndexResult, nodes: Collection[str] | None = None, *, node: str | None = None, period: Any = None
) -> WeightForm:
    """One node of a result as a linear function of weights.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`; its learned values are kept whatever the weights.
    nodes
        Nodes whose weights may vary; all that have weights, by default.
    node
        The node that is ranked; the headline by default.
    period
        Needed where there are several.

    Raises
    ------
    MethodError
        The node is not linear in these weights: who or what is to blame, and what can be asked instead.
    """
    refuse_no_result(result)
    top = known_node(result, node)
    rows, period = rows_of(result, top, period)
    varied = _varied(result, top, nodes)
    ways = ways_down(result, top, varied)
    faults = [*_negative(ways), *_not_linear(result, top, ways)]
    if faults:
        raise MethodError(faults)
    transform = _TRANSFORMS.get(result.index.tree.branches[top].aggregate, "none")
    blank = WeightForm(result, top, period, rows, np.zeros((len(rows), 0)), _notes(result, top, ways), ways, transform)
    x = _by_evaluator(blank) if transform == "none" else _by_children(blank)
    form = WeightForm(result, top, period, rows, x, blank.notes, ways, transform)
    if faults := list(_gaps(form)):
        raise MethodError(faults)
    _refuse_disagreement(form)
    return form


def nodes_with_weights(result: IndexResult, node: str | None = None) -> tuple[str, ...]:
    """Nodes at or below one (the headline by default) whose weights say something."""
    top = known_node(result, node)
    below = result.plan.below([top])
    return tuple(name for name in result.index.tree.branches if name in below and _has_weights(result, name))


def _varied(result: IndexResult, top: str, nodes: Collection[str] | None) -> tuple[str, ...]:
    tree, below = result.index.tree, result.plan.below([top])
    weighted = nodes_with_weights(result, top)
    if nodes is None:
        if not weighted:
            message = (
                f"no node at or below {top} is a mean, a sum or a product of several children with weights; doubts "
                "about other choices are drawn with simulate"
            )
            raise MethodError(Fault(message, check="no_weights", column=top))
        return weighted
    given = [nodes] if isinstance(nodes, str) else list(nodes)
    if not given:
        raise MethodError(Fault("name a node whose weights vary, or leave nodes out for all", check="no_nodes"))
    faults = []
    for name in given:
        if name not in tree.branches:
            faults.append(Fault(f'there is no node "{name}"{did_you_mean(name, tree.branches)}', check="unknown_node"))
        elif name not in below:
            faults.append(Fault(f"{name} is no part of {top}, and its weights change nothing there", check="no_part"))
        elif name not in weighted:
            aggregate = tree.branches[name].aggregate
            message = f"{name}: weights say nothing there (aggregate {aggregate}); leave it out"
            faults.append(Fault(message, check="no_weights", column=name))
    if faults:
        raise MethodError(faults)
    return tuple(given)


def _has_weights(result: IndexResult, name: str) -> bool:
    branch = result.index.tree.branches[name]
    if branch.formula is not None or branch.over or len(branch.children) < 2:
        return False
    return branch.aggregate in (*_WEIGHTED, "ladder") and any(weight.value for weight in branch.weights)


def _negative(ways: Way) -> Iterator[Fault]:
    """Weights below zero are no shares."""
    if (ways.own < 0).any():
        bad = [f"{node}: {child}" for (node, child), own in zip(ways.edges, ways.own, strict=True) if own < 0]
        message = f"weights are shares here, and some are negative ({listed(bad)}); sample them with simulate"
        yield Fault(message, check="negative_weights")


def _not_linear(result: IndexResult, top: str, ways: Way) -> Iterator[Fault]:
    """Nodes on the way down in which the score is not linear."""
    tree = result.index.tree
    below = [node for node in ways.nodes if node != top]
    transform = tree.branches[top].aggregate in _TRANSFORMS
    if transform and below:
        message = (
            f"{top}: its aggregate is {tree.branches[top].aggregate}, linear (after a transform) in its own weights "
            f"alone, and weights below it vary too; ask about {top} alone: weights={{{top!r}: ...}}, or nodes=[{top!r}]"
        )
        yield Fault(message, check="not_linear", column=top)
        return
    for name in ways.nodes:
        branch = tree.branches[name]
        why = ""
        if name in ways.twice:
            why = "it stands in several nodes, so that its weights act in products"
        elif branch.formula is not None:
            why = "it is computed by a formula"
        elif branch.over:
            why = "it takes records of a unit together"
        elif branch.lines:
            why = "its own points turn its value"
        elif branch.aggregate not in _ADDITIVE and not (transform and name == top):
            why = f"its aggregate is {branch.aggregate}, which has no transform that is linear in weights"
        elif bad := [str(step) for step in branch.steps if not _keeps(step, last=name == top)]:
            why = f'its step "{bad[0]}" is not linear'
        elif name == top and sign_of_steps(branch.steps, down=branch.down) < 0:
            why = "its steps turn the order of its units round"
        if why:
            way_out = "doubt the weights of others alone, as in weights={node: law}, or sample them with simulate"
            yield Fault(f"{name}: {why}; {way_out}", check="not_linear", column=name)


def _keeps(step: values.Step, *, last: bool) -> bool:
    """Whether a step keeps the score linear, or at the top at least its order."""
    if step.form.moves == "affine" and not (step.name == "goalposts" and "log" in step.words):
        return True
    return last and step.name == "round"


def _notes(result: IndexResult, top: str, ways: Way) -> tuple[str, ...]:
    found = []
    learning = [name for name in ways.nodes if any(step.learns for step in result.index.tree.branches[name].steps)]
    if learning:
        found.append(f"values learned in {listed(learning)} are those of the run, whatever the weights")
    if any(step.name == "round" for step in result.index.tree.branches[top].steps):
        found.append(f"{top} is rounded in the end; ranks here are of scores before rounding")
    return tuple(found)


def _by_evaluator(form: WeightForm) -> Floats:
    """Scores with all weight on one way down, for each."""
    return form.evaluated(form.ways.alone).T.copy()


def _by_children(form: WeightForm) -> Floats:
    """Transformed values of the children of the one node that varies."""
    result, scores = form.result, form.result.nominal
    leaves = [name for name in form.labels if name not in scores.by_node]
    known = leaf_values(result.plan, result.learned_values, names=leaves) if leaves else {}
    x = np.stack([scores.by_node[n] if n in scores.by_node else known[n] for n in form.labels], axis=-1)[form.rows]
    if (x <= 0).any():
        units = listed(np.array(form.units)[(x <= 0).any(axis=1)])
        aggregate = result.index.tree.branches[form.node].aggregate
        message = (
            f"{form.node}: the {aggregate} mean is linear in weights after a transform that needs children above zero; "
            f"look at {units}, and leave them out, or sample with simulate"
        )
        raise MethodError(Fault(message, check="not_positive", column=form.node))
    if form.transform == "inverse":
        return -1.0 / x
    # weights of a product are exponents: their sum counts, and stays as it is
    total = form.ways.totals[0] if result.index.tree.branches[form.node].aggregate == "product" else 1.0
    return np.log(x) * total


def _gaps(form: WeightForm) -> Iterator[Fault]:
    """Units with a gap, whose weights are shared out among what they have: a ratio, not linear in weights."""
    lacking = np.isnan(form.x)
    anywhere: npt.NDArray[np.bool_] = np.any(lacking, axis=0)
    bad = lacking.any(axis=1) | _partly(form)
    if bad.any():
        ends = listed([name for name, gap in zip(form.labels, anywhere, strict=True) if gap])
        message = (
            f"{listed(np.array(form.units)[bad])}: something is not counted{f' ({ends})' if ends else ''}, and weights "
            "are shared out among the rest: scores are no linear function of weights. Say what nothing counts as "
            "(nothing: 0, or mean), ask about the weights of nodes without gaps alone, compute without these units, or "
            "sample with simulate"
        )
        yield Fault(message, check="gaps", units=tuple(np.array(form.units)[bad]))


def _partly(form: WeightForm) -> npt.NDArray[np.bool_]:
    """``(n,)`` who has a node on the way of which not all weight counted; further down a gap changes no weight."""
    n = len(form.result.plan.rows)
    found = np.zeros(len(form.rows), dtype=bool)
    for name in form.ways.nodes:
        counted = np.broadcast_to(form.result.nominal.attainable_by_node[name], (n,))[form.rows]
        found |= counted < 1 - AGREES
    return found


def _refuse_disagreement(form: WeightForm) -> None:
    """The evaluator has the last word, at the weights of the index and at others."""
    own = form.ways.own
    tilted = own * (1.0 + 0.5 * np.cos(np.arange(len(own))))
    for _, places in form.ways.below:
        tilted[places] /= tilted[places].sum()
    shares = np.stack([own, tilted])
    given = form.evaluated(shares)
    linear = form.ways.parts(shares)[:, form.ways.ends] @ form.x.T
    if form.transform == "log":
        linear = np.exp(linear)
    elif form.transform == "inverse":
        linear = -1.0 / linear
    if not np.allclose(given, linear, rtol=0, atol=AGREES * max(1e-300, float(np.abs(given).max(initial=0.0)))):
        message = f"{form.node} is no linear function of these weights; sample them with simulate"
        raise MethodError(Fault(message, check="not_linear", column=form.node))
