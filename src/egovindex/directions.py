"""Which way each open answer pulls each node, and why a node has no exact bounds.

A node that never falls when the points of one indicator rise, the others held, is lowest where all open answers
are lowest: the corners of the box of all completions are enough. Here the way down is followed from the open
answers alone; what has no open answer below is a constant, whatever its aggregate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from egovindex.completions import OpenLeaf, headings_of_name
from egovindex.errors import listed
from egovindex.headings import headings_of
from egovindex.marks import level_of_lines
from egovindex.points import NodePlan
from egovindex.spec import values
from egovindex.spec.steps import sign_of_steps
from egovindex.spec.tree import names_read

if TYPE_CHECKING:
    from egovindex.plan import Plan
    from egovindex.spec.tree import Branch

__all__ = ["Directions", "directions_of"]

# a child with weight zero has no part in these
_BY_WEIGHT = ("mean", "pool", "sum", "geometric", "harmonic")
_MONOTONE = (*_BY_WEIGHT, "min", "max", "ladder")


@dataclass
class Directions:
    """What is known about every record.

    Parameters
    ----------
    signs
        For each record that has exact bounds: 1 or -1 for each open indicator below it.
    below
        For each record: the open indicators that have any part in it.
    why
        For each other record: why it has none, beginning with the record that is to blame.
    """

    signs: dict[str, dict[str, int]] = field(default_factory=dict)
    below: dict[str, set[str]] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)


def directions_of(plan: Plan, opened: Mapping[str, OpenLeaf]) -> Directions:
    """Follow every open answer up the tree, in order of dependency."""
    return _Walk(plan, opened).found


class _Walk:
    def __init__(self, plan: Plan, opened: Mapping[str, OpenLeaf]) -> None:
        self.plan = plan
        self.opened = opened
        self.found = Directions()
        # columns with open answers, and who takes these from there
        self.columns: dict[str, list[str]] = {}
        for name in opened:
            for heading in headings_of(plan.tree.leaves[name], plan.file):
                self.columns.setdefault(heading, []).append(name)
        self.population = self._open_in_reference()
        for name in plan.leaves:
            self._leaf(name)
        for node in plan.nodes:
            self._node(node)

    def _open_in_reference(self) -> str | None:
        """A column with open answers on which it depends who is in the reference population."""
        reference = self.plan.file.reference
        if reference is None or reference.where is None:
            return None
        return self._open_among(names_read(reference.where, values.Word("skip")))

    def _open_among(self, names: Iterable[str]) -> str | None:
        """The first column with open answers behind some names."""
        headings = (heading for name in names for heading in headings_of_name(self.plan, name))
        return next((heading for heading in headings if heading in self.columns), None)

    # --- records
    def _leaf(self, name: str) -> None:
        leaf, opened = self.plan.tree.leaves[name], self.opened.get(name)
        self.found.below[name] = set() if opened is None else {name}
        reason = self._of_columns(name) or self._of_steps(leaf.steps, is_open=opened is not None)
        reason = reason or (opened.reason if opened is not None else "")  # last: a caller can give limits and answers
        if reason:
            self.found.why[name] = f"{name}: {reason}"
        else:
            self.found.signs[name] = {} if opened is None else {name: sign_of_steps(leaf.steps, down=leaf.down)}

    def _of_columns(self, name: str) -> str:
        """A column with open answers of another indicator that this one reads too."""
        leaf = self.plan.tree.leaves[name]
        own = headings_of(leaf, self.plan.file)
        for heading in own:
            for other in self.columns.get(heading, ()):
                if other != name and (len(own) > 1 or not self._same_cells(name, other)):
                    return f'it reads column "{heading}", in which answers of {other} are open'
        read = {name for line in leaf.lines for name in names_read(line.test, line.outcome)} - {"value", "answer"}
        column = next((c for n in sorted(read) if (c := self._open_among([n])) is not None and c not in own), None)
        return "" if column is None else f'its points read column "{column}", in which answers are open'

    def _same_cells(self, one: str, other: str) -> bool:
        return one in self.opened and bool((self.opened[one].where == self.opened[other].where).all())

    def _of_steps(self, steps: tuple[values.Step, ...], *, is_open: bool) -> str:
        for step in steps:
            if step.learns and is_open:
                return f'the step "{step}" learns from all units, and open answers would change what it learns'
            if step.learns and self.population is not None:
                return (
                    f'the step "{step}" learns from units that column "{self.population}" chooses; it has open answers'
                )
            if is_open and step.form.moves == "none":
                return f'the step "{step}" turns round on its way'
        return ""

    def _node(self, node: NodePlan) -> None:
        branch, found = node.branch, self.found
        found.below[branch.id] = set().union(*(found.below[name] for name in branch.inputs))
        named = [name for line in branch.lines for name in names_read(line.test, line.outcome)]
        named = [name for name in named if name not in ("value", "answer")]
        blamed = next((found.why[n] for n in (*branch.inputs, *named) if n in found.why and self._is_record(n)), None)
        if blamed is not None:
            found.why[branch.id] = blamed
            return
        reason = self._of_lines(node, named) or self._of_node(branch)
        if not reason:
            signs = self._signs(branch)
            unclear = next((leaf for leaf, sign in signs.items() if sign == 0), None)
            reason = "" if unclear is None else f"{unclear} pulls it up on one way and down on another"
        if reason:
            found.why[branch.id] = f"{branch.id}: {reason}"
        else:
            found.signs[branch.id] = signs

    def _is_record(self, name: str) -> bool:
        return name in self.plan.leaves or name in self.plan.tree.branches

    def _of_node(self, branch: Branch) -> str:
        below = self.found.below[branch.id]
        if below and branch.formula is not None:
            return f'it is a formula ("{branch.formula}")'
        if below and branch.aggregate not in _MONOTONE:
            return f'the aggregate "{branch.aggregate}" may fall where a child rises'
        for heading, leaves in self.columns.items():
            together = [leaf for leaf in leaves if leaf in below]
            if len(together) > 1:
                return f'{listed(together)} are answered in one column, "{heading}", and would change together'
        return self._of_steps(branch.steps, is_open=bool(below))

    def _of_lines(self, node: NodePlan, named: list[str]) -> str:
        """Lines of a node that ask for something which open answers change."""
        tree = self.plan.tree
        column = self._open_among(name for name in named if name not in tree.branches)
        if column is not None:
            return f'its points read column "{column}", in which answers are open'
        if self.found.below[node.branch.id] and (fills := tree.fills(node.branch.id)):
            return f"its points take the {fills[0]} of the other units, which open answers change"
        if level_of_lines(tree, node) != "none":
            return ""
        touched = {node.branch.id, *named} & set(self.found.below)
        if any(self.found.below[name] for name in touched):
            return "its points ask for a score that open answers change"
        return ""

    def _signs(self, branch: Branch) -> dict[str, int]:
        own = sign_of_steps(branch.steps, down=branch.down)
        merged: dict[str, int] = {}
        if branch.formula is not None:
            return merged
        for child, weight in zip(branch.children, branch.weights, strict=True):
            if weight.value == 0 and branch.aggregate in _BY_WEIGHT:
                continue
            turn = -own if weight.value < 0 and branch.aggregate in _BY_WEIGHT else own
            for leaf, sign in self.found.signs[child].items():
                merged[leaf] = sign * turn if merged.get(leaf, sign * turn) == sign * turn else 0
        return merged
