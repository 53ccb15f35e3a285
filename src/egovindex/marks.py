"""What stays linear: how each node moves with weights and with points.

Exact methods (best and worst rank, cut points) read these marks and refuse, saying why, where a node
is not what they need. Learned values count as kept from the nominal run; learned again in each draw,
``zscore`` and ``minmax`` are not linear for a parent (spec language, section 7c).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from egovindex.points import SCORED, LeafData, NodePlan
from egovindex.spec import language, values
from egovindex.spec.steps import sign_of_steps

if TYPE_CHECKING:
    from egovindex.spec.tree import Tree

__all__ = ["LEVELS", "Marks", "level_of_lines", "marks_of"]

LEVELS = ("linear", "affine", "monotone", "none")
# additive in the children; the others are monotone in them at best
_ADDITIVE = ("mean", "pool", "sum")
_MONOTONE = ("geometric", "harmonic", "min", "max", "ladder")
_MOVES = {"affine": "affine", "monotone": "monotone", "piecewise": "monotone", "none": "none"}


@dataclass(frozen=True, slots=True)
class Marks:
    """How a node moves.

    Parameters
    ----------
    weights
        In the weights of each node at or below it, the other nodes' held. ``linear`` is meant for
        weights with a fixed total (else a ratio with one denominator for all units); ``monotone``:
        raising one weight of the node moves the score one way.
    points
        In the points of the indicators. ``affine`` has a constant; ``monotone``: in each indicator.
    """

    weights: str
    points: str


def worst(levels: Iterable[str]) -> str:
    """The weakest of several marks; linear of none.

    Examples
    --------
    >>> worst(["affine", "linear"]), worst([])
    ('affine', 'linear')
    """
    return LEVELS[max((LEVELS.index(level) for level in levels), default=0)]


def marks_of(tree: Tree, leaves: Mapping[str, LeafData], nodes: Iterable[NodePlan]) -> dict[str, Marks]:
    """Marks of every node, in order of dependency."""
    signs: dict[str, dict[str, int]] = {}
    points: dict[str, str] = {}
    for name, leaf in tree.leaves.items():
        points[name] = _through_steps("linear", leaf.steps)
        signs[name] = {name: sign_of_steps(leaf.steps, down=leaf.down)}
    marks: dict[str, Marks] = {}
    for node in nodes:
        name = node.branch.id
        points[name] = _in_points(tree, node, points, signs)
        marks[name] = Marks(_in_weights(tree, leaves, node, marks), points[name])
    return marks


def _through_steps(level: str, steps: tuple[values.Step, ...]) -> str:
    return worst([level, *(_of_step(step) for step in steps)])


def _of_step(step: values.Step) -> str:
    if step.name in ("times", "out_of"):
        return "linear"
    if step.name == "goalposts" and "log" in step.words:
        return "monotone"
    return _MOVES[step.form.moves]


def _in_points(tree: Tree, node: NodePlan, points: dict[str, str], signs: dict[str, dict[str, int]]) -> str:
    branch = node.branch
    own = sign_of_steps(branch.steps, down=branch.down)
    merged: dict[str, int] = {}
    for child, weight in zip(branch.children, branch.weights, strict=True):
        turn = own if weight.value >= 0 else -own
        for leaf, sign in signs[child].items():
            merged[leaf] = sign * turn if merged.get(leaf, sign * turn) == sign * turn else 0
    signs[branch.id] = merged
    if branch.formula is not None:
        return "none"
    below = worst(points[child] for child in branch.children)
    if _fills(node):
        return "none"  # what one unit has moves what another takes
    if branch.aggregate in _ADDITIVE:
        level = below
    elif branch.aggregate in _MONOTONE:
        level = worst([below, "monotone"])
    else:
        level = "none"
    level = worst([_through_steps(level, branch.steps), level_of_lines(tree, node)])
    # a sum of monotone parts is monotone only if each indicator pulls one way
    return "none" if level == "monotone" and 0 in merged.values() else level


def level_of_lines(tree: Tree, node: NodePlan) -> str:
    """Lines that ask for answers, or for a missing score, are fixed before any draw; others are not."""
    for line, _ in node.lines:
        if isinstance(line.outcome, language.Formula):
            return "none"
        if isinstance(line.test, language.Literal):
            if line.test.text.casefold() != "missing":
                return "none"
        elif (
            isinstance(line.test, language.Else)
            or language.names_in(line.test)
            or any(_asks_for_score(tree, test) for test in language.categories_in(line.test))
        ):
            return "none"
    return "affine" if node.lines else "linear"


def _fills(node: NodePlan) -> bool:
    """Whether a line takes a number that is learned from the others."""
    return any(isinstance(line.outcome, values.Word) and line.outcome.word in values.LEARNED for line, _ in node.lines)


def _asks_for_score(tree: Tree, test: language.Is) -> bool:
    """Whether a comparison with categories looks at a score rather than at an answer."""
    scores = test.name in ("value", "answer") or test.name in tree.branches
    return scores and not all(category.casefold() == "missing" for category in test.categories)


def _in_weights(tree: Tree, leaves: Mapping[str, LeafData], node: NodePlan, marks: dict[str, Marks]) -> str:
    branch = node.branch
    if branch.formula is not None or level_of_lines(tree, node) == "none":
        return "none"
    moving = [marks[child].weights for child in branch.children if child in marks and _has_weights(tree, child)]
    if branch.aggregate in ("min", "max", "weakest"):
        level = "none" if moving else "linear"  # its own weights say nothing
    elif branch.aggregate in ("mean", "ladder"):
        level = "monotone" if _has_gap(tree, leaves, branch.children) else "linear"
        if branch.aggregate == "ladder" and moving:
            level = "none"
    elif branch.aggregate == "pool":
        level = "linear" if not _has_gap(tree, leaves, branch.children) else ("none" if moving else "monotone")
    elif branch.aggregate == "sum":
        level = "linear"
    else:
        level = "none" if moving else "monotone"
    return _through_steps(worst([level, *moving]), branch.steps)


def _has_weights(tree: Tree, name: str) -> bool:
    """Whether any weight below a node can move it."""
    branch = tree.branches[name]
    own = len(branch.children) > 1 and branch.aggregate not in ("min", "max", "weakest")
    return own or any(_has_weights(tree, child) for child in branch.inputs if child in tree.branches)


def _has_gap(tree: Tree, leaves: Mapping[str, LeafData], children: Iterable[str]) -> bool:
    """Whether a child is left out for some unit."""
    for child in children:
        if child in leaves:
            state = leaves[child].state
            if state is not None and (state != SCORED).any():
                return True
            continue
        branch = tree.branches[child]
        if branch.need is not None or branch.lines or _has_gap(tree, leaves, branch.inputs):
            return True
    return False
