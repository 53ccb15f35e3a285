"""Coverage: the share of a node that was answered, all the way down to the indicators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np

from egovindex.formulas import Bools, Floats
from egovindex.kernels.aggregate import Child, share_of, weighted_sum
from egovindex.kernels.records import gathered
from egovindex.plan import NodePlan, Plan
from egovindex.points import SCORED, Gathering

__all__ = ["Coverage"]


class Coverage:
    """Coverage of every node, filled in order of dependency.

    Parameters
    ----------
    plan
        The index against its data.
    weights
        ``(E,)`` or ``(D, E)``.
    """

    def __init__(self, plan: Plan, weights: Floats) -> None:
        self.plan = plan
        self.weights = weights
        self.by_node: dict[str, Floats] = {}
        self.gappy: set[str] = set()  # nodes with a gap somewhere below

    def of(self, name: str) -> Floats:
        """Share of a record that counted: ``(1,)`` where no gap is, else ``(n,)`` or ``(D, n)``."""
        if name not in self.plan.leaves:
            return self.by_node[name]
        state = self.plan.leaves[name].state
        return np.ones(1) if state is None else (state == SCORED).astype(np.float64)

    def _of_all(self, name: str) -> Floats:
        cover = self.of(name)
        return np.broadcast_to(cover, (*cover.shape[:-1], len(self.plan.level(name).rows)))

    def add_records(self, node: NodePlan, counted: Bools | None, gathering: Gathering) -> None:
        """Note a node that takes the records of one child together: they count alike."""
        name, child = node.branch.id, node.branch.children[0]
        cover = self._of_all(child)
        covered = cover if counted is None else np.where(counted, cover, 0.0)
        rows = len(self.plan.level(name).rows)
        mean, _ = gathered(covered, None, gathering.order, gathering.starts, gathering.into, rows, "mean")
        found = np.nan_to_num(mean, nan=0.0)
        if (found == 1).all():
            self.by_node[name] = np.ones(1)
            return
        self.gappy.add(name)
        self.by_node[name] = found

    def add(self, node: NodePlan, counting: Sequence[Bools | None]) -> None:
        """Note a node whose children counted where their masks say; ``None``: everywhere."""
        name, children = node.branch.id, node.branch.inputs
        if all(mask is None for mask in counting) and not self.gappy.intersection(children):
            self.by_node[name] = np.ones(1)
            return
        self.gappy.add(name)
        complete: list[Bools] = []

        def covers() -> Iterator[Child]:
            for child, mask in zip(children, counting, strict=True):
                cover = self._of_all(child)
                complete.append((cover == 1) if mask is None else (cover == 1) & mask)
                yield cover, mask

        # the parts of a formula have no weights: they count alike
        formula = node.branch.formula is not None
        weights = np.ones(len(children)) if formula else np.abs(self.weights[..., node.edges])
        covered, _ = weighted_sum(covers(), weights, len(self.plan.level(name).rows))
        self.by_node[name] = share_of(covered, weights, reduce(np.logical_and, complete))
