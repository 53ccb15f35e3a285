"""How scores answer to weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from egovindex.errors import listed
from egovindex.evaluate import evaluate
from egovindex.formulas import Bools
from egovindex.plan import NodePlan
from egovindex.points import MISSING, SCORED, VOID, VOIDED
from egovindex.spec.tree import Branch
from egovindex.testing.cases import TOLERANCE, Case, Finding
from egovindex.testing.laws.common import OUTSIDE, not_for

__all__ = ["law_monotone_weights", "law_weight_scale", "law_zero_weight"]

_SCALE_FREE = ("mean", "pool", "geometric", "harmonic", "ladder", "min", "max", "weakest")
_TOWARD = ("mean", "pool", "geometric", "harmonic")
_WITHOUT = ("mean", "pool", "sum", "product", "geometric", "harmonic")


def law_weight_scale(case: Case) -> Iterator[Finding]:
    """Only ratios of weights matter."""
    factors = np.array([4.0, 1 / 3, 1000.0])
    why = {"": "its weights are amounts, not shares"}
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = not_for(branch, _SCALE_FREE, why)
        if reason is not None:
            yield Finding(name, None, reason)
            continue
        weights = np.tile(case.plan.weights, (len(factors), 1))
        weights[:, node.edges] *= factors[:, None]
        for factor, found in zip(factors, evaluate(case.plan, weights=weights)[name], strict=True):
            row = case.differing(name, found, case.scores[name])
            if row is not None:
                moved = f"{case.scores[name][row]:.17g} became {found[row]:.17g}"
                yield Finding(name, False, f"weights times {factor:.4g}: {case.unit(row)} {moved}")
                break
        else:
            yield Finding(name, True, f"factors {listed(f'{factor:.4g}' for factor in factors)}")


def law_monotone_weights(case: Case) -> Iterator[Finding]:
    """Raising the weight of a child moves the score toward that child (before the node's own steps)."""
    why = {"": "its weights are amounts, not shares", "ladder": "it moves toward the lowest child so far"}
    why |= dict.fromkeys(("min", "max", "weakest"), "its weights say nothing")
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = not_for(branch, _TOWARD, why)
        if reason is None and len(branch.children) < 2:
            reason = "it has one child"
        if reason is not None:
            yield Finding(name, None, reason)
            continue
        yield _moved_toward(case, node)


def _moved_toward(case: Case, node: NodePlan) -> Finding:
    branch, name = node.branch, node.branch.id
    own = case.plan.weights[node.edges]
    weights = np.tile(case.plan.weights, (len(own), 1))
    weights[:, node.edges] += np.diag(own.max() * case.rng.uniform(0.2, 2.0, len(own)))
    scores = case.tried({"weights": weights}, keep=True)
    if scores is None:
        return Finding(name, None, OUTSIDE)
    before = case.aggregated(name)
    moved = np.broadcast_to(case.aggregated(name, scores), (len(own), case.rows))
    for draw, child in enumerate(branch.children):
        value, after = case.value(child), moved[draw]
        slack = TOLERANCE * np.maximum(1.0, np.maximum(np.abs(np.nan_to_num(before)), np.abs(np.nan_to_num(value))))
        way, step = value - before, after - before
        # a child without a score pulls nowhere
        away = np.where(np.isnan(way), np.abs(step) > slack, np.sign(way) * step < -slack)
        beyond = np.abs(step) > np.abs(way) + slack
        bad = np.flatnonzero(~np.isnan(step) & (away | beyond))
        if bad.size:
            row = bad[0]
            detail = f"more weight for {child} ({value[row]:.10g}) moved {case.unit(row)} "
            return Finding(name, False, f"{detail}from {before[row]:.17g} to {after[row]:.17g}")
    return Finding(name, True, f"{len(own)} weights raised{', before its steps' if branch.steps else ''}")


def law_zero_weight(case: Case) -> Iterator[Finding]:
    """A child of weight zero is as good as none."""
    why = {"ladder": "a child of no weight still holds the next ones down"}
    why |= dict.fromkeys(("min", "max", "weakest"), "its weights say nothing")
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = not_for(branch, _WITHOUT, why)
        if reason is None and branch.need is not None:
            reason = "need counts children of no weight too"
        if reason is None and len(branch.children) < 2:
            reason = "it has one child"
        yield Finding(name, None, reason) if reason is not None else _weightless(case, node)


def _weightless(case: Case, node: NodePlan) -> Finding:
    branch, name = node.branch, node.branch.id
    own = case.plan.weights[node.edges]
    tried = 0
    for at, child in enumerate(branch.children):
        rest = np.delete(own, at)
        smaller = case.without(name, child)
        if smaller is None or not np.abs(rest).sum() > 0:
            continue
        weights = case.plan.weights.copy()
        weights[node.edges.start + at] = 0.0
        with_zero, without = case.tried({"weights": weights}, keep=True), case.tried_without(smaller)
        if with_zero is None or without is None:
            continue
        tried += 1
        zero, none = case.aggregated(name, with_zero), case.aggregated(name, without)
        rows = _free_of(case, branch, child)
        row = case.differing(
            name, np.where(rows, zero, np.nan), np.where(rows, none, np.nan), leeway=np.zeros(case.rows)
        )
        if row is not None:
            told = f"{child} of weight zero gives {case.unit(row)} {zero[row]:.17g}, without it {none[row]:.17g}"
            return Finding(name, False, told)
    return (
        Finding(name, True, f"{tried} children left out") if tried else Finding(name, None, "no child can be left out")
    )


def _free_of(case: Case, branch: Branch, child: str) -> Bools:
    """Rows in which a child neither takes the score away nor is one of a sum that needs it."""
    leaf = case.plan.leaves.get(child)
    state = case.scores.state[child] if leaf is None else leaf.state
    if state is None:
        return np.ones(case.rows, dtype=bool)
    state = np.broadcast_to(state, (case.rows,))
    if branch.aggregate in ("sum", "product"):
        return np.asarray(state == SCORED)
    taking = [VOID] if child in case.plan.leaves or case.plan.skips_missing else [VOID, VOIDED, MISSING]
    return ~np.isin(state, taking)
