"""Whether a better answer ever makes a score worse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from egovindex.errors import listed
from egovindex.formulas import Floats
from egovindex.spec import language, values
from egovindex.spec.tree import Branch
from egovindex.testing.cases import TOLERANCE, Case, Finding
from egovindex.testing.laws.common import scored

__all__ = ["law_monotone_values"]


def _sign_of_steps(steps: Sequence[values.Step], *, down: bool) -> int:
    """1 where steps keep the order (learned values kept), -1 where they turn it, 0 where neither."""
    sign = 1
    flip = max((at for at, s in enumerate(steps) if s.name in ("zscore", "minmax", "rank")), default=-1)
    for at, step in enumerate(steps):
        if step.name == "distance":
            return 0
        if step.name in ("times", "out_of"):
            sign *= int(np.sign(step.numbers[0].value))
        if step.name == "goalposts" and step.numbers[0].value > step.numbers[1].value:
            sign = -sign
        if down and at == flip:
            sign = -sign
    return sign


def _signs(case: Case) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """For each node, the sense in which it moves with each indicator; and why some move in none."""
    signs: dict[str, dict[str, int]] = {}
    reasons: dict[str, str] = {}
    tree = case.index.tree
    for name, leaf in tree.leaves.items():
        signs[name] = {name: _sign_of_steps(leaf.steps, down=leaf.down)}
        if signs[name][name] == 0:
            reasons[name] = f"{name} has a step that is not monotone (distance)"
    for node in case.plan.nodes:
        branch = node.branch
        reason = _not_monotone(case, branch)
        own = 0 if reason else _sign_of_steps(branch.steps, down=branch.down)
        if own == 0:
            reasons[branch.id] = reason or f"{branch.id} has a step that is not monotone"
        found: dict[str, int] = {}
        weights = case.plan.weights[node.edges] if branch.formula is None else np.ones(len(branch.inputs))
        for child, weight in zip(branch.inputs, weights, strict=True):
            edge = int(np.sign(weight)) if branch.aggregate == "sum" else 1
            for leaf_name, sign in signs[child].items():
                sense = own * edge * sign
                # two ways of different sense leave none
                found[leaf_name] = sense if found.get(leaf_name, sense) == sense else 0
        read = {n for line in branch.lines for n in _names_read(line)} & set(signs)
        for other in read:
            found.update(dict.fromkeys(signs[other], 0))
        signs[branch.id] = found
    return signs, reasons


def _names_read(line: Any) -> Iterator[str]:
    if not isinstance(line.test, (language.Literal, language.Else)):
        yield from language.names_in(line.test)
        yield from (test.name for test in language.categories_in(line.test))
    if isinstance(line.outcome, language.Formula):
        yield from language.names_in(line.outcome)


def _not_monotone(case: Case, branch: Branch) -> str | None:
    if branch.formula is not None:
        return f"{branch.id} is a formula"
    if branch.lines:
        return f"{branch.id} has points of its own"
    if branch.aggregate == "weakest":
        return f"{branch.id}: raising the weakest child may take its half step away"
    if branch.aggregate == "product":
        below = [case.value(child) for child in branch.children]
        inner = any(child in case.index.tree.branches for child in branch.children)
        if inner or any((value < 0).any() for value in below):
            return f"{branch.id}: a product is monotone only where no child can be negative"
    return None


_RAISED_AT_ONCE = 32


def law_monotone_values(case: Case) -> Iterator[Finding]:
    """Raising one indicator never lowers a node (never raises it, where less is better)."""
    signs, reasons = _signs(case)
    higher = _better(case)
    failed: dict[str, str] = {}
    tried: dict[str, int] = dict.fromkeys(case.scores.nodes, 0)
    for leaf, x, scores in _raised(case, higher):
        for name in case.scores.nodes:
            sign = signs[name].get(leaf, 0)
            if sign and name not in failed:
                tried[name] += 1
                failed |= _lowered(case, name, leaf, sign, scores[name], x)
    for name in case.scores.nodes:
        if name in failed:
            yield Finding(name, False, failed[name])
        elif tried[name]:
            left = sorted(leaf for leaf, sign in signs[name].items() if sign == 0)
            without = f"; not monotone in {listed(left)}" if left else ""
            yield Finding(name, True, f"{tried[name]} indicators raised{without}")
        else:
            below = [reasons[record] for record in (name, *_below(case, name)) if record in reasons]
            yield Finding(name, None, below[0] if below else "no indicator below it has two values to choose from")


def _raised(case: Case, higher: Floats) -> Iterator[tuple[str, Floats, Mapping[str, Floats]]]:
    """One indicator after the other raised for all units: points and scores, learned values kept."""
    movable = [leaf for leaf, at in case.plan.positions.items() if (higher[:, at] > case.x[:, at]).any()]
    for start in range(0, len(movable), _RAISED_AT_ONCE):
        chunk = movable[start : start + _RAISED_AT_ONCE]
        x = np.tile(case.x, (len(chunk), 1, 1))
        for draw, leaf in enumerate(chunk):
            x[draw, :, case.plan.positions[leaf]] = higher[:, case.plan.positions[leaf]]
        together = case.tried({"x": x}, keep=True)
        for draw, leaf in enumerate(chunk):
            scores = together or case.tried({"x": x[draw]}, keep=True)
            if scores is not None:
                own = {name: scores[name] if together is None else scores[name][draw] for name in scores.nodes}
                yield leaf, x[draw], own


def _below(case: Case, node: str) -> Iterator[str]:
    for child in case.index.tree.branches[node].inputs:
        yield child
        if child in case.index.tree.branches:
            yield from _below(case, child)


def _better(case: Case) -> Floats:
    """For each unit and indicator the value of another unit, where that is higher."""
    higher = case.x.copy()
    for leaf, at in case.plan.positions.items():
        rows = np.flatnonzero(scored(case, leaf))
        if rows.size:
            higher[rows, at] = np.maximum(case.x[rows, at], case.rng.permutation(case.x[rows, at]))
            lowest = rows[case.x[rows, at].argmin()]
            higher[lowest, at] = case.x[rows, at].max()
    return higher


def _lowered(case: Case, node: str, leaf: str, sign: int, found: Floats, x: Floats) -> dict[str, str]:
    nominal = case.scores[node]
    slack = TOLERANCE * max(1.0, float(np.abs(np.nan_to_num(nominal)).max(initial=0.0)))
    bad = np.flatnonzero((sign * (found - nominal) < -slack) | (np.isnan(found) != np.isnan(nominal)))
    if not bad.size:
        return {}
    row, at = bad[0], case.plan.positions[leaf]
    verb = "lowered" if sign > 0 else "raised"
    return {
        node: f"{leaf} of {case.unit(row)} from {case.x[row, at]:.10g} to {x[row, at]:.10g} "
        f"{verb} {node} from {nominal[row]:.17g} to {found[row]:.17g}"
    }
