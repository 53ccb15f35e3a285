"""Nodes at the corners of the box of all completions: everything open at its fewest points, or at its most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from egovindex.completions import OpenLeaf
from egovindex.directions import Directions
from egovindex.errors import MethodError
from egovindex.evaluate import evaluate
from egovindex.formulas import Floats
from egovindex.points import SCORED, LeafData
from egovindex.spec.tree import node_inputs

if TYPE_CHECKING:
    from egovindex.plan import Plan
    from egovindex.stepping import Learned

__all__ = ["Corners"]


class Corners:
    """Every node at its lowest and highest, with as few evaluations as the directions allow."""

    def __init__(self, plan: Plan, learned: Learned, opened: Mapping[str, OpenLeaf], found: Directions) -> None:
        self.plan = plan
        self.learned = learned
        self.opened = opened
        self.directions = found
        self.found: dict[str, tuple[Floats, Floats]] = {}
        for signs, nodes in self._alike():
            self._evaluate(signs, nodes)

    def _alike(self) -> list[tuple[dict[str, int], list[str]]]:
        """Nodes that are lowest in the same corner, together."""
        groups: list[tuple[dict[str, int], list[str]]] = []
        for node in self.plan.tree.branches:
            signs = self.directions.signs.get(node)
            if signs is None or not self.directions.below[node]:
                continue
            for known, nodes in groups:
                if all(known.get(leaf, sign) == sign for leaf, sign in signs.items()):
                    known.update(signs)
                    nodes.append(node)
                    break
            else:
                groups.append((dict(signs), [node]))
        return groups

    def _evaluate(self, signs: Mapping[str, int], nodes: list[str]) -> None:
        """Both corners; where some completion has no value, the nodes one by one, to learn which that concerns."""
        plan = _restricted(self.plan, nodes)
        try:
            corners = [
                evaluate(replace(plan, leaves=self._leaves(nodes, signs, turn)), learned=self.learned).by_node
                for turn in (1, -1)
            ]
        except MethodError as error:
            if len(nodes) > 1:
                for node in nodes:
                    self._evaluate({leaf: signs[leaf] for leaf in self.directions.signs[node]}, [node])
                return
            reason = f"some completion has no value: {error.faults[0].message}"
            self.directions.why[nodes[0]] = f"{nodes[0]}: {reason}"
            return
        self.found.update({node: (corners[0][node], corners[1][node]) for node in nodes})

    def _leaves(self, nodes: Iterable[str], signs: Mapping[str, int], turn: int) -> dict[str, LeafData]:
        """Indicators at one corner: all open answers given, each with its fewest or its most points.

        An answer without weight pulls nothing, and is given all the same: its node is scored, or counts it.
        """
        leaves = dict(self.plan.leaves)
        for name in set().union(*(self.directions.below[node] for node in nodes)):
            leaf, data, sign = self.opened[name], self.plan.leaves[name], signs.get(name, 1)
            state = None if data.state is None else np.where(leaf.where, np.int8(SCORED), data.state)
            answered = None if data.answered is None else data.answered | leaf.where
            leaves[name] = LeafData(
                fixed=leaf.low if sign == turn else leaf.high,
                state=state if state is not None and state.any() else None,
                answered=None if answered is None or answered.all() else answered,
            )
        return leaves


def _restricted(plan: Plan, nodes: Iterable[str]) -> Plan:
    """The plan with some nodes and what they are made of: the others may have no value at a corner."""
    tree, kept = plan.tree, set(nodes)
    for node in reversed(plan.nodes):
        if node.branch.id in kept:
            kept |= node_inputs(node.branch, tree.branches) & set(tree.branches)
    branches = {name: branch for name, branch in tree.branches.items() if name in kept}
    smaller = replace(tree, branches=branches, order=tuple(name for name in tree.order if name in kept))
    return replace(plan, tree=smaller, nodes=tuple(node for node in plan.nodes if node.branch.id in kept))
