"""The laws of a composite index, one function each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from egovindex.errors import listed
from egovindex.evaluate import evaluate
from egovindex.formulas import Bools, Floats
from egovindex.kernels.rank import competition_ranks
from egovindex.plan import NodePlan
from egovindex.points import MISSING, SCORED, VOID, VOIDED
from egovindex.scores import Scores
from egovindex.spec import language, values
from egovindex.spec.tree import Branch
from egovindex.testing.cases import TOLERANCE, Case, Finding

__all__ = ["FUNCTIONS", "LAWS", "Law"]

Law = Callable[[Case], Iterator[Finding]]

_SCALE_FREE = ("mean", "pool", "geometric", "harmonic", "ladder", "min", "max", "weakest")
_BETWEEN = ("mean", "pool", "geometric", "harmonic", "ladder", "min", "max")
_TOWARD = ("mean", "pool", "geometric", "harmonic")
_OUTSIDE = "what was drawn lies outside what the index is defined for"
_WITHOUT = ("mean", "pool", "sum", "product", "geometric", "harmonic")


def _not_for(branch: Branch, allowed: Sequence[str], why: Mapping[str, str]) -> str | None:
    """The reason for which a law does not apply to what a node is made by."""
    if branch.formula is not None:
        return "the node is a formula"
    if branch.aggregate in allowed:
        return None
    return f"aggregate {branch.aggregate}: {why.get(branch.aggregate) or why['']}"


def _law_range(case: Case) -> Iterator[Finding]:
    """A score lies between its lowest and its highest child."""
    why = {"weakest": "half a step may be added", "": "a total may lie outside its parts"}
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = _not_for(branch, _BETWEEN, why)
        if reason is None and branch.lines:
            reason = "the node has points of its own"
        if reason is None and branch.steps:
            reason = f"steps {listed(branch.steps)} change the scale"
        if reason is not None:
            yield Finding(name, None, reason)
            continue
        children = np.stack([case.value(child) for child in branch.children])
        low = np.where(np.isnan(children), np.inf, children).min(axis=0)
        high = np.where(np.isnan(children), -np.inf, children).max(axis=0)
        score = case.scores[name]
        slack = TOLERANCE * np.maximum(1.0, np.abs(np.nan_to_num(children)).max(axis=0))
        bad = np.flatnonzero((score < low - slack) | (score > high + slack))
        if bad.size:
            row = bad[0]
            detail = f"{case.unit(row)} has {score[row]:.10g}, its children {low[row]:.10g} to {high[row]:.10g}"
            yield Finding(name, False, detail)
        else:
            yield Finding(name, True, f"{int((~np.isnan(score)).sum())} scores")


def _law_weight_scale(case: Case) -> Iterator[Finding]:
    """Only ratios of weights matter."""
    factors = np.array([4.0, 1 / 3, 1000.0])
    why = {"": "its weights are amounts, not shares"}
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = _not_for(branch, _SCALE_FREE, why)
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


def _law_exchangeable(case: Case) -> Iterator[Finding]:
    """Units in another order have the same scores."""
    if case.rows < 2:
        yield from (Finding(name, None, "one row has no other order") for name in case.scores.nodes)
        return
    failed: dict[str, str] = {}
    orders = [np.arange(case.rows)[::-1], case.rng.permutation(case.rows)]
    for order in orders:
        scores = evaluate(case.index.plan(case.table.iloc[order]))
        for name in case.scores.nodes:
            row = case.differing(name, scores[name], case.scores[name][order])
            if row is not None and name not in failed:
                was = case.scores[name][order][row]
                failed[name] = f"{case.unit(order[row])} had {was:.17g} and has {scores[name][row]:.17g} in another row"
    for name in case.scores.nodes:
        yield Finding(name, name not in failed, failed.get(name, f"{len(orders)} orders of {case.rows} rows"))


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


def _law_monotone_values(case: Case) -> Iterator[Finding]:
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
        scored = np.flatnonzero(_scored(case, leaf))
        if scored.size:
            higher[scored, at] = np.maximum(case.x[scored, at], case.rng.permutation(case.x[scored, at]))
            lowest = scored[case.x[scored, at].argmin()]
            higher[lowest, at] = case.x[scored, at].max()
    return higher


def _scored(case: Case, leaf: str) -> Bools:
    state = case.plan.leaves[leaf].state
    return np.ones(case.rows, dtype=bool) if state is None else state == SCORED


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


def _law_monotone_weights(case: Case) -> Iterator[Finding]:
    """Raising the weight of a child moves the score toward that child (before the node's own steps)."""
    why = {"": "its weights are amounts, not shares", "ladder": "it moves toward the lowest child so far"}
    why |= dict.fromkeys(("min", "max", "weakest"), "its weights say nothing")
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = _not_for(branch, _TOWARD, why)
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
        return Finding(name, None, _OUTSIDE)
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


def _law_draws(case: Case) -> Iterator[Finding]:
    """A batch of draws equals its draws one at a time, with the same ranks."""
    draws = 4
    failed: dict[str, str] = {}
    compared = 0
    inputs = {
        "weights": case.drawn_weights(draws),
        "x": _other_answers(case, draws),
        "outcomes": _outcomes(case, draws),
    }
    for names in (["weights"], ["x"], ["outcomes"], ["weights", "x", "outcomes"]):
        given = {name: inputs[name] for name in names}
        ones = [{name: array[draw] for name, array in given.items()} for draw in range(draws)]
        alone = [case.tried(one) for one in ones]
        together = case.tried(given)
        if together is None or None in alone:
            if together is not None:
                failed |= dict.fromkeys(case.scores.nodes, f"draws of {listed(names)} are refused only one at a time")
            continue
        compared += 1
        for draw, scores in enumerate(alone):
            if scores is not None:
                for name, told in _unlike(case, together, scores, draw, ones[draw]).items():
                    failed.setdefault(name, f"draws of {listed(names)}: {told}")
    for name in case.scores.nodes:
        if name in failed:
            yield Finding(name, False, failed[name])
        else:
            detail = f"{draws} draws of each of {compared} kinds" if compared else _OUTSIDE
            yield Finding(name, True if compared else None, detail)


def _unlike(case: Case, batch: Scores, alone: Scores, draw: int, one: Mapping[str, Floats]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in alone.nodes:
        together, single = batch[name][draw], alone[name]
        row = case.differing(name, together, single, np.zeros(case.rows))
        if row is None:
            for rows in case.plan.rows.groups:
                ranks = competition_ranks(together[rows]), competition_ranks(single[rows])
                if (ranks[0] != ranks[1]).any():
                    found[name] = f"ranks {ranks[0].tolist()}, alone {ranks[1].tolist()}"
            continue
        x = one.get("x", case.plan.x(one.get("outcomes")))
        moves = case.leeway_of(x, one.get("weights", case.plan.weights), one.get("outcomes"))
        row = case.differing(name, together, single, moves[name])
        if row is not None:
            found[name] = f"{case.unit(row)} has {together[row]:.17g}, alone {single[row]:.17g}"
    return found


def _other_answers(case: Case, draws: int) -> Floats:
    """Points in which some units have those of others."""
    x = np.tile(case.x, (draws, 1, 1))
    for leaf, at in case.plan.positions.items():
        scored = np.flatnonzero(_scored(case, leaf))
        for draw in range(draws):
            some = case.rng.random(scored.size) < 0.4
            x[draw, scored[some], at] = case.rng.permutation(case.x[scored, at])[some]
    return x


def _outcomes(case: Case, draws: int) -> Floats:
    return case.plan.outcomes * case.rng.uniform(0.5, 1.0, (draws, len(case.plan.outcomes)))


def _law_zero_weight(case: Case) -> Iterator[Finding]:
    """A child of weight zero is as good as none."""
    why = {"ladder": "a child of no weight still holds the next ones down"}
    why |= dict.fromkeys(("min", "max", "weakest"), "its weights say nothing")
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = _not_for(branch, _WITHOUT, why)
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


LAWS: dict[str, str] = {
    "range": "a score lies between its lowest and its highest child",
    "weight_scale": "only ratios of weights matter",
    "exchangeable": "units in another order have the same scores",
    "monotone_values": "raising one indicator never lowers a node; raises it nowhere that less is better",
    "monotone_weights": "raising the weight of a child moves the score toward that child",
    "draws": "a batch of draws equals its draws one at a time",
    "zero_weight": "a child of weight zero is as good as none",
}
FUNCTIONS: dict[str, Law] = {
    "range": _law_range,
    "weight_scale": _law_weight_scale,
    "exchangeable": _law_exchangeable,
    "monotone_values": _law_monotone_values,
    "monotone_weights": _law_monotone_weights,
    "draws": _law_draws,
    "zero_weight": _law_zero_weight,
}
