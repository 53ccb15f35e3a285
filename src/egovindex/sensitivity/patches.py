"""Alternatives as changed copies of an index; a patch says what is changed, so that several go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from egovindex.index import Index
from egovindex.plan import Plan
from egovindex.spec import values
from egovindex.spec.steps import Step, parse_step
from egovindex.spec.tree import edges_of, effective

__all__ = ["NORMALISER", "Patch", "has_step", "left_out", "patched", "restructured", "without"]

# what is changed, and into what
Patch = tuple[str, Any]

NORMALISER = "a normaliser"


def patched(index: Index, patch: Patch) -> Index:
    """The index with an alternative.

    Raises
    ------
    SpecError
        It is no index then.
    """
    what, given = patch
    found: Index = index
    if what == "rules":
        found = index.with_rules(*given)
    elif what == "points":
        found = index.with_points(given)
    elif what == "index":
        found = given
    elif what == "step":
        records, name, step = given
        found = _with_step(index, records, name, step)
    elif what == "aggregate":
        nodes, aggregate = given
        found = index.with_(nodes={node: {"aggregate": aggregate} for node in nodes})
    elif what == "without":
        found = without(index, given)
    elif what == "keys":
        found = index.with_(**given)
    return found


def has_step(index: Index, record: str, name: str) -> bool:
    """Whether a record has a step of a name, or a normaliser."""
    return _place(_steps(index, record), name) is not None


def _steps(index: Index, record: str) -> tuple[Step, ...]:
    tree = index.tree
    return (tree.leaves if record in tree.leaves else tree.branches)[record].steps


def _place(steps: Sequence[Step], name: str) -> int | None:
    """Where the last step of a name stands, or the last normaliser."""
    found = [at for at, step in enumerate(steps) if (step.form.normaliser if name == NORMALISER else step.name == name)]
    return found[-1] if found else None


def _with_step(index: Index, records: Sequence[str], name: str, step: str | None) -> Index:
    """Another step in the place of one; ``None`` takes it away."""
    keys: dict[str, dict[str, Any]] = {}
    for record in records:
        steps = _stepped(_steps(index, record), name, step)
        if steps is not None:  # under this recipe the record has none
            kind = "indicators" if record in index.tree.leaves else "nodes"
            keys.setdefault(kind, {})[record] = {"steps": [str(one) for one in steps] or None}
    return index.with_(**keys) if keys else index


def restructured(plan: Plan, patches: Sequence[Patch]) -> Plan | None:
    """A plan with other steps and aggregates; ``None`` if an alternative changes more, and has to be compiled.

    Answers are read and scored before any step, so that a plan of other steps is the same but for them. Each
    alternative was checked as an index before; nothing is checked here.
    """
    if any(what not in ("step", "aggregate", "as it is") for what, _ in patches):
        return None
    tree = plan.tree
    leaves, branches = dict(tree.leaves), dict(tree.branches)
    for what, given in patches:
        if what == "aggregate":
            nodes, aggregate = given
            branches.update({node: replace(branches[node], aggregate=aggregate) for node in nodes})
        elif what == "step":
            records, name, step = given
            for record in records:
                held: dict[str, Any] = leaves if record in leaves else branches
                steps = _stepped(held[record].steps, name, step)
                if steps is not None:
                    held[record] = replace(held[record], steps=steps)
    nodes = tuple(replace(node, branch=branches[node.branch.id]) for node in plan.nodes)
    return replace(plan, tree=replace(tree, leaves=leaves, branches=branches), nodes=nodes)


def _stepped(steps: Sequence[Step], name: str, step: str | None) -> tuple[Step, ...] | None:
    """Steps with another in the place of one; ``None`` where there is none of that name."""
    at = _place(steps, name)
    if at is None:
        return None
    return (*steps[:at], *(() if step is None else (parse_step(step),)), *steps[at + 1 :])


def without(index: Index, edges: Sequence[tuple[str, str]]) -> Index:
    """An index without some edges; a node without children is left out too."""
    file = index.file
    held = edges_of(file)
    out = set(edges)
    empty = [node for node, children in held.items() if children and all((node, child) in out for child in children)]
    parents = index.tree.parents
    further = [(parent, node) for node in empty for parent in parents[node] if (parent, node) not in out]
    if further:
        return without(index, [*edges, *further])
    keys: dict[str, dict[str, Any]] = {"indicators": {}, "nodes": {}}
    for node in {node for node, _ in out if node not in empty}:
        written = effective(file.nodes[node], file.defaults.nodes).get("of")
        if written:
            left = {child: values.write_quantity(w) for child, w in held[node].items() if (node, child) not in out}
            keys["nodes"].setdefault(node, {})["of"] = left
            continue
        for child in held[node]:
            if (node, child) in out:
                kind = "indicators" if child in file.indicators else "nodes"
                keys[kind].setdefault(child, {})["in"] = None
    return index.with_(**{kind: records for kind, records in keys.items() if records})


def left_out(index: Index, edges: Sequence[tuple[str, str]]) -> Index:
    """An index in which some edges weigh nothing; a node of which nothing is left weighs nothing either."""
    tree = index.tree
    out = list(dict.fromkeys(edges))
    weights: dict[str, dict[str, float]] = {}
    for node, child in out:  # grows while nodes go
        branch = tree.branches[node]
        own = weights.setdefault(node, dict(zip(branch.children, (w.value for w in branch.weights), strict=True)))
        own[child] = 0.0
        if not any(own.values()):
            out += [edge for edge in ((parent, node) for parent in tree.parents[node]) if edge not in out]
    left = {node: own for node, own in weights.items() if any(own.values())}
    return index.with_weights(left) if left else index
