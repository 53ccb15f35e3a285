"""From an index and the labels of one data set to positions: the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.answers import Answers
from egovindex.carry import BestAnswers
from egovindex.columns import Columns
from egovindex.errors import DataError, Fault, listed
from egovindex.formulas import Bools, Floats
from egovindex.levels import Levels
from egovindex.marks import Marks, marks_of
from egovindex.points import Gathering, LeafData, NodePlan, Outcomes
from egovindex.rows import Rows
from egovindex.scoring import Scorer
from egovindex.shown import Shown
from egovindex.spec import values
from egovindex.spec.levels import Level
from egovindex.tables import period_not_there, read_rows, widened

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile
    from egovindex.spec.tree import Address, Tree

__all__ = ["Learner", "NodePlan", "Plan", "PlanLevel", "compile_plan"]

_COPY_ON_WRITE = 3  # the major version of pandas in which it is always on


@dataclass(frozen=True)
class Learner:
    """Rows that share learned values, and the rows these are learned from; ``None`` for all rows."""

    name: Any
    acts_on: npt.NDArray[np.intp] | None
    learns_from: npt.NDArray[np.intp] | None


@dataclass(frozen=True)
class PlanLevel:
    """The rows of one level, with the groups among them that learn together.

    Parameters
    ----------
    rows
        Who stands in each row.
    learners
        The groups.
    of_row
        ``(data rows,)`` each data row's row here.
    """

    rows: Rows
    learners: tuple[Learner, ...]
    of_row: npt.NDArray[np.intp]

    def any(self, of_data: Bools) -> Bools:
        """Where any of the data rows behind a row is marked."""
        if len(self.rows) == len(of_data):
            return of_data
        return np.bincount(self.of_row, weights=of_data, minlength=len(self.rows)) > 0


@dataclass(frozen=True, repr=False)
class Plan(Shown):
    """An index compiled against the labels of one data set.

    Made by :meth:`egovindex.Index.plan`; public for those who evaluate draws of their own.

    Parameters
    ----------
    file, tree
        The index, and the same resolved.
    rows
        Who is scored: the rows of the headline. Where records are repeated, these are fewer than the rows of the data.
    leaves
        Each indicator's answers after points, in the order of the last axis of ``x``.
    nodes
        Nodes in order of dependency.
    edges
        ``E`` pairs (node, child), in the order of ``weights``.
    weights
        ``(E,)`` weights as the index has them.
    outcomes
        ``(L,)`` what each line of points earns, as the index has it.
    outcome_addresses
        ``L`` addresses, in the order of ``outcomes``.
    learners
        Groups of ``rows`` for learned values.
    columns
        Columns that nodes' own lines read, by level.
    notes
        What is worth knowing about the data.
    data
        The table, held so that its numbers cannot change under the plan.
    read
        Headings of the columns that the index reads, also those of sentences and of the reference, in
        the order of the data.
    """

    file: IndexFile
    tree: Tree
    rows: Rows
    leaves: Mapping[str, LeafData]
    nodes: tuple[NodePlan, ...]
    edges: tuple[tuple[str, str], ...]
    weights: Floats
    outcomes: Floats
    outcome_addresses: tuple[Address, ...]
    learners: tuple[Learner, ...]
    data: pd.DataFrame
    columns: Mapping[Level, Mapping[str, Answers]] = field(default_factory=dict)
    notes: tuple[Fault, ...] = ()
    read: tuple[str, ...] = ()
    levels: Mapping[Level, PlanLevel] = field(default_factory=dict)

    def _line(self) -> str:
        size = f"{len(self.rows)} rows, {len(self.leaves)} indicators, {len(self.nodes)} nodes"
        return f"<Plan {self.file.index}> {size}, {len(self.edges)} weights, {len(self.outcomes)} outcomes"

    def level(self, record: str) -> PlanLevel:
        """The rows a record lives on."""
        return self.levels[self.tree.levels[record]]

    @property
    def records(self) -> Rows:
        """Who stands in each row of the data."""
        return self.levels[self.tree.rows].rows

    @property
    def has_records(self) -> bool:
        """Whether units have several rows that are aggregated on the way up."""
        return len(self.levels) > 1

    @cached_property
    def nodes_here(self) -> tuple[str, ...]:
        """Nodes that live on the rows of the headline, in the order they are written."""
        here = self.tree.levels[self.tree.headline]
        return tuple(node for node in self.tree.order if self.tree.levels[node] == here)

    @cached_property
    def headings(self) -> dict[str, Hashable]:
        """Headings of the data by their text."""
        return {str(heading): heading for heading in self.data.columns}

    @cached_property
    def positions(self) -> dict[str, int]:
        """Position of each indicator in the last axis of ``x``."""
        return {leaf: at for at, leaf in enumerate(self.leaves)}

    @cached_property
    def edge_places(self) -> dict[tuple[str, str], int]:
        """Position of each edge in ``weights``."""
        return {edge: at for at, edge in enumerate(self.edges)}

    @cached_property
    def node_places(self) -> dict[str, tuple[slice, tuple[str, ...]]]:
        """Positions in ``weights`` of each node's edges, and its children in that order."""
        return {node.branch.id: (node.edges, node.branch.children) for node in self.nodes}

    @cached_property
    def outcome_places(self) -> dict[Address, int]:
        """Position of each line in ``outcomes``."""
        return {address: at for at, address in enumerate(self.outcome_addresses)}

    def earning(self, address: Address) -> set[str]:
        """Indicators and nodes of which a unit earns what stands at an address of points."""
        slot = self.outcome_places.get(address)
        if slot is None:
            return set()
        leaves = {name for name, leaf in self.leaves.items() if leaf.slots is not None and (leaf.slots == slot).any()}
        return leaves | {node.branch.id for node in self.nodes if any(own == slot for _, own in node.lines)}

    @cached_property
    def skips_missing(self) -> bool:
        """Whether a node without a score is left out by its parent (spec language, section 4.2)."""
        return self.tree.nothing.get("missing") == values.Word("skip")

    @cached_property
    def marks(self) -> dict[str, Marks]:
        """How each node moves with weights and with points: linear, affine, monotone or none."""
        return marks_of(self.tree, self.leaves, self.nodes)

    def below(self, nodes: Collection[str]) -> frozenset[str]:
        """Nodes that some nodes are made of, and these themselves."""
        key = tuple(nodes)
        if key not in self._below:
            found = set(key)
            for node in reversed(self.nodes):
                if node.branch.id in found:
                    found |= self.tree.reads(node.branch.id) & self.tree.branches.keys()
            self._below[key] = frozenset(found)
        return self._below[key]

    @cached_property
    def _below(self) -> dict[tuple[str, ...], frozenset[str]]:
        return {}

    def foldable(self, nodes: Collection[str]) -> Mapping[str, NodePlan]:
        """Plain means below some nodes of which only their parent asks: it may sum over their children at once."""
        key = tuple(nodes)
        if key not in self._foldable:
            read = Counter(name for node in self.below(key) for name in self.tree.reads(node))
            self._foldable[key] = {
                node.branch.id: node
                for node in self.nodes
                if node.branch.aggregate == "mean"
                and node.branch.formula is None
                and node.gathering is None
                and node.branch.need is None
                and not node.lines
                and not node.branch.steps
                and node.branch.id not in key
                and read[node.branch.id] == 1
            }
        return self._foldable[key]

    @cached_property
    def _foldable(self) -> dict[tuple[str, ...], dict[str, NodePlan]]:
        return {}

    @cached_property
    def inputs(self) -> Counter[str]:
        """How many nodes each record is a child of."""
        return Counter(child for node in self.nodes for child in node.branch.inputs)

    def above(self, records: Collection[str]) -> frozenset[str]:
        """Nodes that some records are part of, directly or not, and these themselves."""
        found = set(records)
        for node in self.nodes:
            if self.tree.reads(node.branch.id) & found:
                found.add(node.branch.id)
        return frozenset(found)

    def x(self, outcomes: Floats | None = None) -> Floats:
        """Points of every indicator.

        Parameters
        ----------
        outcomes
            ``(L,)`` or ``(D, L)``; the index's own numbers by default.

        Returns
        -------
        ndarray
            ``(rows, indicators)`` or ``(D, rows, indicators)``; NaN where an answer has no points.
        """
        given = self.outcomes if outcomes is None else np.asarray(outcomes, dtype=np.float64)
        return np.stack(np.broadcast_arrays(*(leaf.points(given) for leaf in self.leaves.values())), axis=-1)


def compile_plan(file: IndexFile, tree: Tree, data: pd.DataFrame) -> Plan:
    """Compile an index against a data set.

    Parameters
    ----------
    file, tree
        The index, and the same resolved.
    data
        Wide (one row per unit, or unit and period) or long (unit, item, answer).

    Returns
    -------
    Plan

    Raises
    ------
    DataError
        With every fault of the data: units, columns, and the way out.
    """
    data = _held(widened(data, file))
    rows = read_rows(data, file)
    columns = Columns(file, tree, data, rows)
    columns.notes += period_not_there(rows, data, file)
    outcomes = Outcomes()
    if file.best is not None:
        columns.best = BestAnswers(columns, file.best)
    scorer = Scorer(columns, outcomes)
    columns.read_numbers()
    leaves = {name: scorer.leaf(leaf) for name, leaf in tree.leaves.items()}
    columns.missing_columns()
    levels = Levels(columns)
    read_by_nodes = _columns_of_nodes(tree, columns, levels)
    learners = {keys: _learners(levels, keys) for keys in levels.rows}
    gatherings = {branch.id: levels.gathering(branch) for branch in tree.branches.values() if branch.over}
    labels = _labels_of_nodes(tree, columns, levels)
    if columns.faults:
        raise DataError(columns.faults)
    nodes, edges, weights = _nodes(tree, outcomes, gatherings, labels)
    plan_levels = {keys: PlanLevel(level.rows, learners[keys], level.of_row) for keys, level in levels.rows.items()}
    top = plan_levels[tree.levels[tree.headline]]
    return Plan(
        file=file,
        tree=tree,
        rows=top.rows,
        leaves={name: leaf for name, leaf in leaves.items() if leaf is not None},
        nodes=nodes,
        edges=edges,
        weights=weights,
        outcomes=np.array(outcomes.numbers, dtype=np.float64),
        outcome_addresses=tuple(outcomes.slots),
        learners=top.learners,
        columns=read_by_nodes,
        notes=tuple(columns.notes),
        data=data,
        read=columns.headings_read(),
        levels=plan_levels,
    )


def _held(data: pd.DataFrame) -> pd.DataFrame:
    """The data as they are now: a later change of the caller's table does not reach the plan.

    From pandas 3 on, whoever writes to a table that is shared makes a copy first; before that, we must.
    """
    return data.copy(deep=int(pd.__version__.split(".")[0]) < _COPY_ON_WRITE)


def _nodes(
    tree: Tree,
    outcomes: Outcomes,
    gatherings: Mapping[str, Gathering],
    labels: Mapping[str, Mapping[str, npt.NDArray[Any]]],
) -> tuple[tuple[NodePlan, ...], tuple[tuple[str, str], ...], Floats]:
    nodes: list[NodePlan] = []
    edges: list[tuple[str, str]] = []
    weights: list[float] = []
    for branch in tree.branches.values():
        start = len(edges)
        edges += [(branch.id, child) for child in branch.children]
        weights += [quantity.value for quantity in branch.weights]
        lines = tuple(
            (line, outcomes.slot(line.address, line.outcome) if isinstance(line.outcome, values.Quantity) else -1)
            for line in branch.lines
        )
        gathering = gatherings.get(branch.id)
        nodes.append(NodePlan(branch, slice(start, len(edges)), lines, gathering, labels.get(branch.id, {})))
    return tuple(nodes), tuple(edges), np.array(weights, dtype=np.float64)


def _columns_of_nodes(tree: Tree, columns: Columns, levels: Levels) -> dict[Level, dict[str, Answers]]:
    """Columns that nodes' own lines read, on their rows; a name that is a record is its score, not a column."""
    found: dict[Level, dict[str, Answers]] = {keys: {} for keys in levels.rows}
    for branch in tree.branches.values():
        here = found[tree.levels[branch.id]]
        for line in branch.lines:
            for test in line.categories:
                if test.name in ("value", "answer") or test.name in tree.branches:
                    continue
                answers = columns.named(test.name)
                if answers is None:
                    columns.unknown_name(test.name, branch.id)
                    continue
                columns.never_occurs(test, answers, branch.id)
                here[test.name] = levels.of_column(answers, test.name, branch.id)
            for name in set(line.numbers) - {"value", *tree.leaves, *tree.branches}:
                answers = columns.named(name)
                if answers is None:
                    columns.unknown_name(name, branch.id)
                else:
                    columns.words_for_numbers(name, answers, branch.id)
                    here[name] = levels.of_column(answers, name, branch.id)
    return found


def _labels_of_nodes(tree: Tree, columns: Columns, levels: Levels) -> dict[str, dict[str, npt.NDArray[Any]]]:
    """Groups within which nodes without a score are filled, by the column that names them."""
    found: dict[str, dict[str, npt.NDArray[Any]]] = {}
    for branch in tree.branches.values():
        for word in tree.fills(branch.id):
            if word.by is not None:
                labels = columns.labels(word.by, branch.id, np.zeros(len(columns.rows), dtype=bool))
                found.setdefault(branch.id, {})[word.by] = levels.groups(labels, word.by, branch.id)
    return found


def _learners(levels: Levels, keys: Level) -> tuple[Learner, ...]:
    """For each group of rows: where learned values act, and whom they are learned from."""
    columns, level = levels.columns, levels.rows[keys]
    rows, reference = level.rows, columns.file.reference
    among: Bools = np.ones(len(rows), dtype=bool)
    if reference is not None and reference.where is not None:
        among = levels.reference(reference.where, keys)
        if not among.any() and not columns.faults:
            columns.fault("no_reference", f"reference.where: no unit passes the test ({reference.where})")
    periods = reference.periods if reference is not None else "each"
    everyone = None if among.all() else np.flatnonzero(among)
    if rows.periods is None and columns.rows.periods is not None and periods not in ("each", "all"):
        return (Learner("all", None, everyone),)  # periods are taken together here
    if periods == "each" and len(rows.groups) > 1:
        groups = zip(rows.group_names, rows.groups, strict=True)
        return tuple(Learner(name, group, group[among[group]]) for name, group in groups)
    if periods in ("each", "all"):
        return (Learner("all" if periods == "all" else rows.group_names[0], None, everyone),)
    for name, group in zip(rows.group_names, rows.groups, strict=True):
        if str(name) == periods:
            return (Learner(name, None, group[among[group]]),)
    known = listed(rows.group_names)
    columns.fault("no_reference", f'reference.periods: "{periods}" is no period of the data ({known})')
    return ()
