"""Which way each indicator pulls, and which changes of who counts can be modelled exactly."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from egovindex.points import SCORED, SKIPPED, VOID
from egovindex.robustness.leverbench import Bench, Effect
from egovindex.spec.steps import sign_of_steps

if TYPE_CHECKING:
    from egovindex.spec.tree import Tree

__all__ = ["BY_WEIGHT", "Counts", "signs_of"]

# a child with weight zero has no part in these
BY_WEIGHT = ("mean", "pool", "sum", "geometric", "harmonic")


def signs_of(tree: Tree, below: Collection[str], node: str) -> dict[str, int]:
    """Which way the value of each indicator pulls a node: 1 up, -1 down, 0 both or not known."""
    signs: dict[str, dict[str, int]] = {}
    for name, branch in tree.branches.items():
        if name not in below:
            continue
        merged: dict[str, int] = {}
        own = 0 if branch.formula is not None else sign_of_steps(branch.steps, down=branch.down)
        weights = [1.0] * len(branch.inputs) if branch.formula is not None else [w.value for w in branch.weights]
        for child, weight in zip(branch.inputs, weights, strict=True):
            if weight == 0 and branch.aggregate in BY_WEIGHT:
                continue
            turn = -own if weight < 0 and branch.aggregate in BY_WEIGHT else own
            for leaf, sign in ({child: 1} if child in tree.leaves else signs[child]).items():
                merged[leaf] = sign * turn if merged.get(leaf, sign * turn) == sign * turn else 0
        signs[name] = merged
    return signs[node]


class Counts:
    """Whether a change of who counts is exact in the model: only beside a child of a mean that always counts.

    Parameters
    ----------
    bench
        The unit.
    effects
        For each indicator, what it would be with each answer.
    """

    def __init__(self, bench: Bench, effects: Mapping[str, Collection[Effect]]) -> None:
        self.bench = bench
        self.plan = bench.plan
        self.now = {leaf: bench.effect(leaf, None) for leaf in bench.plan.leaves}
        self.turns = {leaf for leaf, found in effects.items() if any(e.state != self.now[leaf].state for e in found)}

    def reason(self, leaf: str, effect: Effect) -> str:
        """Why an answer is left out; empty where it need not be."""
        now = self.now[leaf]
        if effect.state == VOID != now.state:
            return "as the answer would take the score away"
        if now.state == VOID != effect.state:
            return "as the indicator is void now, and would change what counts"
        turns = effect.state != now.state
        if not turns and effect.answered == now.answered:
            return ""
        for name in self.bench.below:
            branch = self.plan.tree.branches[name]
            if leaf not in branch.inputs or branch.formula is not None:
                continue
            if branch.need is not None and (not self.bench.base.is_aggregated(name) or not effect.answered):
                return f"as the answer would change how many are answered, and {name} needs {branch.need}"
            if turns and (found := self._of_parent(leaf, name)):
                return found
        return ""

    def _of_parent(self, leaf: str, name: str) -> str:
        branch = self.plan.tree.branches[name]
        above = self.plan.above([name])
        word = "counts for nothing now" if self.now[leaf].state == SKIPPED else "would count no more"
        pool = next(
            (n for n in self.bench.below if n in above and self.plan.tree.branches[n].aggregate == "pool"), None
        )
        if pool is not None:
            return f'as it {word}, and {pool} is a "pool", whose weights would change'
        if branch.aggregate != "mean" or any(weight.value < 0 for weight in branch.weights):
            return f"as it {word}, and {name} is no mean"
        if not self.bench.base.is_aggregated(name):
            return f"as it {word}, and {name} has no score now"
        if not any(
            self._always(child) for child, w in zip(branch.children, branch.weights, strict=True) if w.value > 0
        ):
            return f"as it {word}, and no other part of {name} always counts"
        return ""

    def _always(self, child: str) -> bool:
        if child in self.plan.leaves:
            return self.now[child].state == SCORED and child not in self.turns
        return self.bench.base.state(child) == SCORED
