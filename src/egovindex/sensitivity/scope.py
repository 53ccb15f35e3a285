"""An index, its data and the node that is looked at, as a doubt meets them: what is there, and what has an effect."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from egovindex.errors import EgovindexError, Fault, MethodError, did_you_mean, listed
from egovindex.evaluate import evaluate
from egovindex.index import Index
from egovindex.plan import Plan
from egovindex.sensitivity.doubt import ALL, Doubt, Part
from egovindex.spec.tree import Address

__all__ = ["Scope", "no_effect"]


class Scope:
    """What the parts of a doubt are held against.

    Parameters
    ----------
    doubt
        All that is doubted.
    index, plan
        The index, and the same against its data.
    node
        The node that is looked at.
    """

    def __init__(self, doubt: Doubt, index: Index, plan: Plan, node: str) -> None:
        self.doubt = doubt
        self.index = index
        self.tree = index.tree
        self.plan = plan
        self.node = node
        self.below = plan.below([node])
        # with the indicators
        self.read = frozenset(self.below).union(*(self.tree.reads(name) for name in self.below))

    def known(self, record: str, among: Collection[str], what: str) -> str:
        """A record that is there, and that the node is made of.

        Raises
        ------
        MethodError
            It is not.
        """
        if record not in among:
            here = "an indicator" if record in self.tree.leaves else "a node" if record in self.tree.branches else None
            hint = f'there is no {what} "{record}"{did_you_mean(record, among)}'
            if here:
                hint = f'"{record}" is {here}, and this is about {what}s; {self._way_out(record)}'
            raise MethodError(Fault(hint, check=f"unknown_{what}", column=record))
        if record not in self.read:
            message = f"{record} is no part of {self.node}, and has no effect on it"
            raise MethodError(Fault(message, check="doubt_without_effect"))
        return record

    def _way_out(self, record: str) -> str:
        """What is meant instead of an indicator, or of a node."""
        if record in self.tree.leaves:
            parents = [parent for parent in self.tree.parents[record] if parent in self.below]
            return f"name what it is a part of ({listed(parents)})" if parents else "name a node"
        below = [name for name in self.tree.branches[record].inputs if name in self.tree.leaves]
        return f"name its indicators ({listed(below)})" if below else "name indicators"

    @property
    def records(self) -> list[str]:
        """Indicators and nodes, in the order they are written."""
        return [*self.tree.leaves, *self.tree.branches]

    def may_earn(self, addresses: Collection[Address]) -> bool:
        """Whether some answer could earn what stands at one of some addresses, whatever was answered."""
        held = self.tree.leaves, self.tree.branches
        lines = (line for name in self.read for records in held if name in records for line in records[name].lines)
        earned = {line.address for line in lines}
        return any(address in earned or address[0] == "nothing" for address in addresses)

    def same_points(self, indices: Sequence[Index]) -> bool:
        """Whether all units have the same score of the node under each of some indices, everything else as it is."""
        scores = []
        for index in indices:
            try:
                plan = index.plan(self.plan.data)
                scores.append(evaluate(plan, nodes=[self.node]).by_node[self.node])
            except EgovindexError:  # told where it is drawn
                return False
        return all(np.array_equal(scores[0], other, equal_nan=True) for other in scores[1:])

    def others(self, kind: str) -> set[str]:
        """Keys of a kind of doubt that are named by themselves."""
        return {part.key for part in self.doubt.parts if part.kind == kind and part.key != ALL}

    def aggregates(self, node: str) -> set[str]:
        """Aggregates that a node may have."""
        found = {self.tree.branches[node].aggregate}
        for part in self.doubt.parts:
            if part.kind == "aggregate" and part.law is not None and part.key in (ALL, node):
                found |= set(map(str, part.law.of))
        return found


def no_effect(part: Part, node: str) -> Fault:
    """A doubt that nothing of the node feels: it would be varied, and nobody would see that nothing happened."""
    message = f"{part.label}: has no effect on {node}; leave it out, or look at another node"
    return Fault(message, part.file, part.line, part.label, "doubt_without_effect")
