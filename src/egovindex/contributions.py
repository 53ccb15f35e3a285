"""What each part adds to a score.

A mean gives each child its share of weight times its value. Affine steps scale the parts and put
their constant into ``base``. What cannot be shared out goes to ``steps``: limits and rounding, a
node's own points, and what an aggregate that is no mean takes away from, or adds to, the mean of the
same children.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from egovindex.formulas import Floats
from egovindex.plan import NodePlan, Plan
from egovindex.points import Gathering
from egovindex.scores import Scores
from egovindex.spec import values
from egovindex.stepping import turning_step

__all__ = ["Contributions"]

Positions = npt.NDArray[np.intp]

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
        self.nodes = {node.branch.id: node for node in plan.nodes}

    def of(self, top: str, *, down_to_leaves: bool) -> dict[str, Floats]:
        """Parts of a node by child or indicator, with ``base`` and ``steps``; they add up to its score."""
        slopes, rest = self._slopes(top)
        if not down_to_leaves:
            parts = {name: self._summed(slope * self._value(name), name, top) for name, slope in slopes.items()}
            return {**parts, **rest}
        open_ = slopes
        parts = {}
        for node in reversed(self.plan.nodes):
            name = node.branch.id
            if name not in open_:
                continue
            slope = open_.pop(name)
            below, own = self._slopes(name)
            for child, inner in below.items():
                open_[child] = open_.get(child, 0.0) + self._below(slope, child, name) * inner
            for key in REST:
                rest[key] = rest[key] + self._summed(slope * own[key], name, top)
        parts = {name: self._summed(slope * self._value(name), name, top) for name, slope in open_.items()}
        return {**parts, **rest}

    def _row_above(self, name: str, above: str) -> Positions:
        """Row of one record's level in which each row of a finer one is."""
        levels = self.plan.levels
        fine, coarse = (levels[self.plan.tree.levels[record]] for record in (name, above))
        found = np.empty(len(fine.rows), dtype=np.intp)
        found[fine.of_row] = coarse.of_row
        return found

    def _summed(self, part: Floats, name: str, top: str) -> Floats:
        """What repeated records add, row by row of the node that is taken apart."""
        rows = len(self.plan.level(top).rows)
        if self.plan.tree.levels[name] == self.plan.tree.levels[top]:
            return part
        total: Floats = np.bincount(self._row_above(name, top), weights=part, minlength=rows).astype(np.float64)
        return total

    def _value(self, name: str) -> Floats:
        """A record's score or value; nothing where it has none."""
        found = self.scores.by_node[name] if name in self.scores.by_node else self.leaves[name]
        return np.nan_to_num(found, nan=0.0)

    def _slopes(self, name: str) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """A node's score as ``sum(slope * child) + base + steps``; all zero where it has no score."""
        node = self.nodes[name]
        score = self.scores.by_node[name]
        aggregated = self.scores.aggregated[name]
        n = len(score)
        slopes = dict(self._shares(node)) if node.branch.formula is None else {}
        slope, base = np.ones(n), np.zeros(n)
        for at, step in enumerate(node.branch.steps):
            slope, base = self._affine(node, at, step, slope, base)
        # where the node's own lines gave a score that was not aggregated, nothing of it is a child's
        held = ~np.isnan(aggregated) & ~np.isnan(score)
        slopes = {
            child: share * self._below(np.where(held, slope, 0.0), child, name) for child, share in slopes.items()
        }
        base = np.where(held, base, 0.0)
        parts = (self._summed(slopes[child] * self._value(child), child, name) for child in slopes)
        told = [base, *parts]
        steps = np.where(np.isnan(score), 0.0, score - sum(told, np.zeros(n)))
        # a rounding remainder of an affine chain is no step: rounding is a share of the numbers that are added up
        size = sum((np.abs(part) for part in told), np.abs(np.nan_to_num(score)))
        steps[np.abs(steps) <= 1e-13 * size] = 0.0
        return slopes, {"base": base, "steps": steps}

    def _below(self, slope: Floats, child: str, name: str) -> Floats:
        """A slope of a node for each row of its child."""
        same = self.plan.tree.levels[child] == self.plan.tree.levels[name]
        return slope if same else slope[self._row_above(child, name)]

    def _of_records(self, node: NodePlan, gathering: Gathering) -> Floats:
        """Slope of the aggregated value in each record that is taken together."""
        child, n = node.branch.children[0], len(self.scores.by_node[node.branch.id])
        x = self._raw(child)
        counted = np.zeros(len(x), dtype=bool)
        counted[gathering.order] = ~np.isnan(x[gathering.order])
        into = self._row_above(child, node.branch.id)
        if node.branch.aggregate == "sum":
            return counted.astype(np.float64)
        if node.branch.aggregate == "mean":
            size = np.bincount(into, weights=counted, minlength=n)
            return np.where(counted, 1 / np.maximum(size, 1)[into], 0.0)
        best = self.scores.aggregated[node.branch.id][into]
        reached = np.flatnonzero(counted & (x == best))
        first = reached[np.unique(into[reached], return_index=True)[1]]
        found = np.zeros(len(x))
        found[first] = 1.0
        return found

    def _shares(self, node: NodePlan) -> Iterator[tuple[str, Floats]]:
        """Slope of the aggregated value in each child."""
        if node.gathering is not None:
            yield node.branch.children[0], self._of_records(node, node.gathering)
            return
        n = len(self.scores.by_node[node.branch.id])
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
        total = np.ones(n) if aggregate == "sum" else sum(pulls, np.zeros(n))
        for child, pull in zip(children, pulls, strict=True):
            yield child, np.divide(pull, total, out=np.zeros(n), where=total != 0)

    def _raw(self, name: str) -> Floats:
        return self.scores.by_node[name] if name in self.scores.by_node else self.leaves[name]

    def _affine(self, node: NodePlan, at: int, step: values.Step, slope: Floats, base: Floats) -> tuple[Floats, Floats]:
        """Slope and constant after one more step; one that is not affine leaves them as they are."""
        branch, n = node.branch, len(slope)
        if step.name == "times":
            scale, shift = np.full(n, step.parameter("factor")), np.zeros(n)
        elif step.name == "out_of":
            scale, shift = np.full(n, 1 / step.parameter("total")), np.zeros(n)
        elif step.name == "goalposts" and "log" not in step.words:
            worst, best = step.parameter("worst"), step.parameter("best")
            scale, shift = np.full(n, 1 / (best - worst)), np.full(n, -worst / (best - worst))
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
        level = self.plan.level(record)
        found = np.full(len(level.rows), np.nan)
        groups = dict(zip(self.scores.learned.groups, self.scores.learned.values[record, at], strict=True))
        for learner in level.learners:
            if group := groups.get(learner.name):  # nobody there had a value to learn from
                found[slice(None) if learner.acts_on is None else learner.acts_on] = float(group[name])
        return found
