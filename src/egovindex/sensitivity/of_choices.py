"""Factors whose alternatives are other indices: rules, steps, aggregates, whole recipes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from egovindex.errors import Fault, MethodError, listed
from egovindex.index import Index
from egovindex.sensitivity.doubt import ALL, Part
from egovindex.sensitivity.factors import Factor, PlanFactor
from egovindex.sensitivity.numberlaws import Choice
from egovindex.sensitivity.patches import NORMALISER, Patch, has_step, patched
from egovindex.sensitivity.scope import Scope
from egovindex.spec.numbers import number_text
from egovindex.spec.steps import STEPS, Step, parse_step

__all__ = ["of_aggregate", "of_alternatives", "of_recipes", "of_rules", "of_steps"]


def of_alternatives(
    scope: Scope,
    part: Part,
    patches: Sequence[Patch],
    law: Choice,
    labels: Sequence[str] | None = None,
    *,
    unfelt: Callable[[Sequence[Index]], bool] | None = None,
) -> Iterator[Factor]:
    """A factor of other indices, if they are others; ``unfelt`` says whether they are the same to these data.

    Raises
    ------
    SpecError
        One of them is no index.
    """
    names = labels or [_label(one) for one in law.of]
    indices = [patched(scope.index, patch) for patch in patches]
    if all(index == scope.index for index in indices):
        return
    as_is = next((at for at, index in enumerate(indices) if index == scope.index), -1)
    nothing = unfelt is not None and unfelt(indices)
    yield PlanFactor(part.label, part.label, str(law), tuple(names), law.chances, as_is, tuple(patches), nothing)


def _label(alternative: Any) -> str:
    if isinstance(alternative, tuple):
        return " + ".join(alternative)
    return number_text(alternative) if isinstance(alternative, float) else str(alternative)


def of_rules(scope: Scope, part: Part) -> Iterator[Factor]:
    """Factor of a doubt about rules."""
    if part.key != ALL:
        raise MethodError(Fault('rules are of the whole index; write rules=["strict", "graded"]', check="bad_law"))
    names = [one if isinstance(one, tuple) else (str(one),) for one in part.law.of]
    yield from of_alternatives(scope, part, [("rules", rules) for rules in names], part.law)


def of_aggregate(scope: Scope, part: Part) -> Iterator[Factor]:
    """Factor of a doubt about how nodes make one value out of several."""
    nodes = [part.key]
    if part.key == ALL:
        nodes = [
            name
            for name, branch in scope.tree.branches.items()
            if name in scope.below
            and name not in scope.others("aggregate")
            and branch.formula is None
            and not branch.over
            and len(branch.children) > 1
        ]
    else:
        scope.known(part.key, scope.tree.branches, "node")
    patches = [_aggregated(scope, nodes, str(one)) for one in part.law.of]
    if nodes:
        yield from of_alternatives(scope, part, patches, part.law)


def _aggregated(scope: Scope, nodes: Sequence[str], aggregate: str) -> Patch:
    """Another aggregate, where the index does not have it already: written, or by silence."""
    others = [name for name in nodes if scope.tree.branches[name].aggregate != aggregate]
    return ("aggregate", (others, aggregate)) if others else ("as it is", None)


def of_recipes(scope: Scope, part: Part) -> Iterator[Factor]:
    """Factor of a doubt about the whole recipe."""
    law: Mapping[str, Any] = part.law
    lacking = [name for name, keys in law.items() if isinstance(keys, Index) and scope.node not in keys.tree.branches]
    if lacking:
        raise MethodError(Fault(f"{listed(lacking)}: there is no node {scope.node} in it", check="unknown_node"))
    patches: list[Patch] = [("index" if isinstance(keys, Index) else "keys", keys) for keys in law.values()]
    yield from of_alternatives(scope, part, patches, Choice(tuple(law)), list(law))


# --- steps
def of_steps(scope: Scope, part: Part) -> Iterator[Factor]:
    """Factor of a doubt about a normaliser, or about another step."""
    written = [str(one) for one in part.law.of]
    steps = [None if one == "none" else _step(one) for one in written]
    name = NORMALISER if part.kind == "normalise" else _one_name(steps)
    if part.kind == "normalise":
        wrong = [w for w, step in zip(written, steps, strict=True) if step is None or not step.form.normaliser]
        if wrong:
            known = listed(form.name for form in STEPS.values() if form.normaliser)
            raise MethodError(Fault(f"{listed(wrong)}: no normaliser; these are {known}", check="bad_law"))
    records = _with_step(scope, part, name)
    patches = [("step", (records, name, None if step is None else str(step))) for step in steps]
    yield from of_alternatives(scope, part, patches, part.law)


def _step(written: str) -> Step:
    try:
        return parse_step(written)
    except ValueError as error:
        raise MethodError(Fault(str(error), check="bad_law")) from None


def _one_name(steps: Sequence[Step | None]) -> str:
    names = sorted({step.name for step in steps if step is not None})
    if len(names) != 1:
        message = f"alternatives are of one step, found {listed(names)}; none takes it away"
        raise MethodError(Fault(message, check="bad_law"))
    return names[0]


def _with_step(scope: Scope, part: Part, name: str) -> list[str]:
    """Records that have a step; of a normaliser that is meant for all, indicators alone."""
    called = name if name == NORMALISER else f"the step {name}"
    if part.key != ALL:
        scope.known(part.key, scope.records, "record")
        if not has_step(scope.index, part.key, name):
            raise MethodError(Fault(f"{part.key} has not {called}", check="doubt_without_effect", column=part.key))
        return [part.key]
    every = list(scope.tree.leaves) if part.kind == "normalise" else scope.records
    named = scope.others(part.kind)
    found = [record for record in every if record in scope.read and record not in named]
    found = [record for record in found if has_step(scope.index, record, name)]
    if not found:
        raise MethodError(Fault(f"no record below {scope.node} has {called}", check="doubt_without_effect"))
    return found
