"""What each part adds to a score.

A mean gives each child its share of weight times its value. Affine steps scale the parts and put
their constant into ``base``. What cannot be shared out goes to ``steps``: limits and rounding, a
node's own points, and what an aggregate that is no mean takes away from, or adds to, the mean of the
same children.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from egovindex.formulas import Floats
from egovindex.plan import NodePlan, Plan
from egovindex.scores import Scores
from egovindex.spec import values
from egovindex.stepping import turning_step

__all__ = ["Contributions"]

REST = ("base", "steps")


class Contributions:
    """Takes the scores of one evaluation apart.

    Parameters
    ----------
    plan, scores
        What was evaluated, without draws, and what came out.
    leaves
        Every indicator after its steps.
    """

    def __init__(self, plan: Plan, scores: Scores, leaves: Mapping[str, Floats]) -> None:
        self.plan = plan
        self.scores = scores
        self.leaves = leaves
        self.n = len(plan.rows)
        self.nodes = {node.branch.id: node for node in plan.nodes}

    def of(self, top: str, *, down_to_leaves: bool) -> dict[str, Floats]:
        """Parts of a node by child or indicator, with ``base`` and ``steps``; they add up to its score."""
        slopes, rest = self._slopes(top)
        if not down_to_leaves:
            parts = {name: slope * self._value(name) for name, slope in slopes.items()}
            return {**parts, **rest}
        open_ = slopes
        parts = {}
        for node in reversed(self.plan.nodes):
            name = node.branch.id
            if name not in open_ or node.gathering is not None:  # its parts live on other rows
                continue
            slope = open_.pop(name)
            below, own = self._slopes(name)
            for child, inner in below.items():
                open_[child] = open_.get(child, 0.0) + slope * inner
            for key in REST:
                rest[key] = rest[key] + slope * own[key]
        parts = {name: slope * self._value(name) for name, slope in open_.items()}
        return {**parts, **rest}

    def _value(self, name: str) -> Floats:
        """A record's score or value; nothing where it has none."""
        found = self.scores.by_node[name] if name in self.scores.by_node else self.leaves[name]
        return np.nan_to_num(found, nan=0.0)

    def _slopes(self, name: str) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """A node's score as ``sum(slope * child) + base + steps``; all zero where it has no score."""
        node = self.nodes[name]
        score = self.scores.by_node[name]
        aggregated = self.scores.aggregated[name]
        additive = node.branch.formula is None and node.gathering is None
        slopes = dict(self._shares(node)) if additive else {}
        slope, base = np.ones(self.n), np.zeros(self.n)
        for at, step in enumerate(node.branch.steps):
            slope, base = self._affine(node, at, step, slope, base)
        # where the node's own lines gave a score that was not aggregated, nothing of it is a child's
        held = ~np.isnan(aggregated) & ~np.isnan(score)
        slopes = {child: np.where(held, share * slope, 0.0) for child, share in slopes.items()}
        base = np.where(held, base, 0.0)
        explained = base + sum((slopes[child] * self._value(child) for child in slopes), np.zeros(self.n))
        steps = np.where(np.isnan(score), 0.0, score - explained)
        # a rounding remainder of an affine chain is no step
        steps[np.abs(steps) <= 1e-13 * np.maximum(1.0, np.abs(np.nan_to_num(score)))] = 0.0
        return slopes, {"base": base, "steps": steps}

    def _shares(self, node: NodePlan) -> Iterator[tuple[str, Floats]]:
        """Slope of the aggregated value in each child."""
        children, aggregate = node.branch.children, node.branch.aggregate
        weights = self.plan.weights[node.edges]
        counts = [~np.isnan(self._raw(child)) for child in children]
        if aggregate in ("min", "max", "weakest"):
            worst = -np.inf if aggregate == "max" else np.inf
            stacked = np.stack(
                [np.where(c, self._value(child), worst) for child, c in zip(children, counts, strict=True)]
            )
            chosen = stacked.argmax(axis=0) if aggregate == "max" else stacked.argmin(axis=0)
            for position, (child, counted) in enumerate(zip(children, counts, strict=True)):
                yield child, ((chosen == position) & counted).astype(np.float64)
            return
        pulls = [np.where(counted, weight, 0.0) for counted, weight in zip(counts, weights, strict=True)]
        if aggregate == "pool":
            covers = (self.scores.coverage_by_node.get(child, np.ones(1)) for child in children)
            pulls = [pull * cover for pull, cover in zip(pulls, covers, strict=True)]
        total = np.ones(self.n) if aggregate == "sum" else sum(pulls, np.zeros(self.n))
        for child, pull in zip(children, pulls, strict=True):
            yield child, np.divide(pull, total, out=np.zeros(self.n), where=total != 0)

    def _raw(self, name: str) -> Floats:
        return self.scores.by_node[name] if name in self.scores.by_node else self.leaves[name]

    def _affine(self, node: NodePlan, at: int, step: values.Step, slope: Floats, base: Floats) -> tuple[Floats, Floats]:
        """Slope and constant after one more step; one that is not affine leaves them as they are."""
        branch = node.branch
        if step.name == "times":
            scale, shift = np.full(self.n, step.parameter("factor")), np.zeros(self.n)
        elif step.name == "out_of":
            scale, shift = np.full(self.n, 1 / step.parameter("total")), np.zeros(self.n)
        elif step.name == "goalposts" and "log" not in step.words:
            worst, best = step.parameter("worst"), step.parameter("best")
            scale, shift = np.full(self.n, 1 / (best - worst)), np.full(self.n, -worst / (best - worst))
        elif step.name == "zscore":
            scale = step.parameter("sd") / self._learned(branch.id, at, "sd")
            if branch.down and at == turning_step(branch.steps):
                scale = -scale
            shift = step.parameter("mean") - self._learned(branch.id, at, "mean") * scale
        elif step.name == "minmax":
            low, high = self._learned(branch.id, at, "min"), self._learned(branch.id, at, "max")
            scale = (step.parameter("high") - step.parameter("low")) / (high - low)
            start = low
            if branch.down and at == turning_step(branch.steps):
                scale, start = -scale, high
            shift = step.parameter("low") - start * scale
        else:
            return slope, base
        return slope * scale, base * scale + shift

    def _learned(self, record: str, at: int, name: str) -> Floats:
        """A learned number beside each row."""
        found = np.full(self.n, np.nan)
        for learner, group in zip(self.plan.learners, self.scores.learned.values[record, at], strict=True):
            if group:  # nobody there had a value to learn from
                found[slice(None) if learner.acts_on is None else learner.acts_on] = float(group[name])
        return found
