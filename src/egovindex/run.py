"""One evaluation: walks the nodes of a plan in order of dependency.

Letters: ``D`` draws, ``E`` edges, ``L`` outcomes, ``rows`` units (and periods).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.arguments import refuse_bad_weights, shaped, values_given
from egovindex.coverage import Coverage
from egovindex.errors import Fault, MethodError
from egovindex.formulas import Bools, Floats, calculate
from egovindex.kernels.aggregate import AGGREGATES, Child, mean_of_matrix, pooled
from egovindex.kernels.records import any_of, gathered, size_of
from egovindex.kernels.refusal import Refusal
from egovindex.nodelines import NodeLines, Part
from egovindex.plan import NodePlan, Plan
from egovindex.points import MISSING, SCORED, VOID, VOIDED, Gathering, LeafData, States
from egovindex.scores import Scores, Settled
from egovindex.spec import language, values
from egovindex.stepping import Learned, Stepper

__all__ = ["Run"]

_NEEDS_ALL = ("sum", "product")
# a share in per cent is met when it is met up to the last digit of the division
_SHARE_TOLERANCE = 1e-9
# cells below which a copy costs less than going column by column
_SMALL = 1_000_000


# sizes of numbers that single precision holds with all its digits, and their sums and distances too
_SINGLE = (1e-30, 1e30)
# sums of weights times values stay in range below the largest number over this: 2 ** 20 for the weights, the rest for
# how many there are
_ROOM = 2.0**60


def _beyond_single(parts: Mapping[str, Part]) -> Iterator[Fault]:
    """Records whose numbers single precision would round to nothing or to infinity."""
    for name, (value, state) in parts.items():
        size = float(np.abs(value if state is None else value[..., state == SCORED]).max(initial=0.0))
        if size and not _SINGLE[0] <= size <= _SINGLE[1]:
            message = f"{name}: its largest number is {size:.3g}, too far from one for single precision; take double"
            yield Fault(message, check="beyond_single_precision", column=name)


def _far_from_infinity(x: Floats, centre: Floats | None) -> bool:
    """Whether no weighted sum of some values can be too large for a number."""
    largest = max(float(np.abs(part).max(initial=0.0)) for part in (x, centre) if part is not None)
    return largest <= float(np.finfo(x.dtype).max) / _ROOM


class Run:
    """One evaluation.

    Parameters
    ----------
    plan, x, weights, outcomes, learned
        As for :func:`egovindex.evaluate.evaluate`.
    nodes
        The nodes that are wanted; ``None`` for all.
    settled
        Records that are known already.
    single
        Whether records and weights are held in single precision.
    """

    def __init__(
        self,
        plan: Plan,
        x: Floats | Mapping[str, Floats] | None = None,
        weights: Floats | None = None,
        outcomes: Floats | None = None,
        learned: Learned | None = None,
        *,
        nodes: Collection[str] | None = None,
        settled: Settled | None = None,
        single: bool = False,
    ) -> None:
        self.plan = plan
        self.wanted = None if nodes is None else plan.below(nodes)
        self.asked = plan.tree.order if nodes is None else tuple(nodes)
        self.dtype = np.float32 if single else np.float64
        self.x = values_given(plan, x)
        self.outcomes = plan.outcomes if outcomes is None else shaped(outcomes, "outcomes", plan.outcomes.shape)
        self.weights = plan.weights
        if weights is not None:
            self.weights = shaped(weights, "weights", plan.weights.shape, self.dtype)
            refuse_bad_weights(plan, self.weights, self.wanted)
        self.reused = learned
        self.steppers = {keys: Stepper(len(level.rows), level.learners, learned) for keys, level in plan.levels.items()}
        self.draws = self._draws()
        self.faults: list[Fault] = []
        self.settled = settled
        self.done: dict[str, Part] = {}
        self.answered: dict[str, Bools | None] = {}
        self.coverage = Coverage(plan, self.weights)
        if settled is not None:
            self.done.update(settled.parts)
            self.answered.update(settled.answered)
            self.coverage.by_node.update(settled.coverage)
            self.coverage.gappy.update(settled.gappy)
        self.together: dict[str, Floats] = {}
        self.bounded: set[str] = set()
        self.aggregated: dict[str, Floats] = {}
        self.attainable: dict[str, Floats] = {}
        self.pointed_nodes: dict[str, Floats] = {}
        # where sums over draws of weights are what takes the time
        self.foldable = {} if nodes is None or self.weights.ndim == 1 else plan.foldable(nodes)

    def _draws(self) -> int | None:
        leading = {array.shape[0] for array in (self.outcomes, self.weights) if array.ndim == 2}
        leading |= {array.shape[0] for array in self.x.values() if array.ndim == 2}
        if self.reused is not None:
            leading |= self.reused.draws()
        if len(leading) > 1:
            message = f"x, weights, outcomes and learned values have different numbers of draws: {sorted(leading)}"
            raise MethodError(Fault(message, check="draws_differ"))
        return leading.pop() if leading else None

    def size(self, record: str) -> int:
        """Number of rows a record lives on."""
        return len(self.plan.level(record).rows)

    def stepper(self, record: str) -> Stepper:
        """What applies steps to the rows of a record."""
        return self.steppers[self.plan.tree.levels[record]]

    def learned(self) -> Learned:
        """All that was learned, or what was given; a level has nothing for the groups of another."""
        if self.reused is not None:
            return self.reused
        names = list(dict.fromkeys(learner.name for level in self.plan.levels.values() for learner in level.learners))
        found: dict[tuple[str, int], tuple[Any, ...]] = {}
        for stepper in self.steppers.values():
            own = [learner.name for learner in stepper.learners]
            for key, groups in stepper.found.items():
                by_name = dict(zip(own, groups, strict=True))
                found[key] = groups if own == names else tuple(by_name.get(name, {}) for name in names)
        return Learned(found, tuple(names))

    def take_together(self) -> None:
        """In a small table, indicators that go through the same steps go through them at once."""
        alike: dict[Any, list[str]] = {}
        reused = self.reused
        if reused is not None and reused.draws():
            return
        for name, data in self.plan.leaves.items():
            leaf = self.plan.tree.leaves[name]
            known = reused is None or all((name, at) in reused.values for at, s in enumerate(leaf.steps) if s.learns)
            plain = data.state is None and data.slots is None and data.case is None and not data.fills
            if leaf.steps and known and plain:
                alike.setdefault((leaf.steps, leaf.down), []).append(name)
        for (steps, down), names in alike.items():
            if len(names) == 1 or len(names) * len(self.plan.records) > _SMALL:
                continue
            try:
                x = self.stepper(names[0]).run_together(
                    names, steps, np.stack([self.plan.leaves[name].fixed for name in names]), down=down
                )
            except (Refusal, ValueError):
                continue  # one by one, each is told by its name
            self.together.update(zip(names, x, strict=True))

    def walk(self, nodes: Collection[str] | None) -> None:
        """Score nodes in order of dependency; ``None`` for all."""
        if not self.x and self.settled is None:
            self.take_together()
        for node in self.plan.nodes:
            name = node.branch.id
            if name not in self.done and name not in self.foldable and (nodes is None or name in nodes):
                self.score(node)

    def score(self, node: NodePlan) -> None:
        """A node: its children, its points, its steps."""
        branch = node.branch
        if branch.formula is not None:
            value, share, state = self.formula(node, branch.formula)
        else:
            value, share, state = self.aggregate(node)
        self.answered[branch.id] = None if state is None else state == SCORED
        self.aggregated[branch.id], self.attainable[branch.id] = value, share
        if node.lines:  # made here, not kept: what holds a run that holds it keeps all its arrays in memory
            lines = NodeLines(self.plan, self.outcomes, self.record, self.defined, self.filled)
            value, state = lines.apply(node, value, state)
        self.pointed_nodes[branch.id] = value
        value = self.steps(branch.id, branch.steps, value, state, down=branch.down)
        value = self.finite(branch.id, value, state)
        self.done[branch.id] = (value if state is None else np.where(state == SCORED, value, np.nan), state)

    def scores(self) -> Scores:
        """Every node that is wanted."""
        self.walk(self.wanted)
        if self.wanted is None:
            for name in self.plan.leaves:
                if name not in self.plan.inputs:  # nobody's child: still learned, and checked
                    self.leaf(name)
        self.report()
        order, here = self.asked, set(self.asked)
        levels = self.plan.tree.levels
        all_scored = {keys: np.zeros(len(level.rows), dtype=np.int8) for keys, level in self.plan.levels.items()}
        states = {name: self.done[name][1] for name in order}
        return Scores(
            nodes=tuple(node for node in self.plan.nodes_here if node in here),
            draws=self.draws,
            rows=len(self.plan.rows),
            by_node={name: self.done[name][0] for name in order},
            aggregated=self.aggregated,
            pointed=self.pointed_nodes,
            attainable_by_node=self.attainable,
            coverage_by_node={name: self.coverage.by_node[name] for name in order},
            state={name: all_scored[levels[name]] if state is None else state for name, state in states.items()},
            learned=self.learned(),
        )

    def settle(self, varied: Collection[str]) -> Settled:
        """All records that nothing varied stands below, as far as records that vary read them."""
        tree = self.plan.tree
        above = [name for name in (tree.branches if self.wanted is None else self.wanted) if name in varied]
        kept = {name for node in above for name in tree.reads(node)} - set(varied)
        nodes = kept & tree.branches.keys()
        self.walk(self.plan.below(nodes))
        parts = {name: self.record(name) for name in sorted(kept)}
        if self.dtype == np.float32:
            self.faults += _beyond_single(parts)
        self.report()
        return Settled(
            parts={name: (value.astype(self.dtype, copy=False), state) for name, (value, state) in parts.items()},
            answered={name: self.answered[name] for name in nodes},
            coverage={name: self.coverage.by_node[name] for name in nodes},
            gappy=frozenset(self.coverage.gappy & nodes),
        )

    # --- faults
    def refuse(self, record: str, refusal: Refusal) -> None:
        """Note that a method is not defined for some units."""
        names = ""
        units: tuple[str, ...] = ()
        rows = self.plan.level(record).rows
        if refusal.where is not None and refusal.where.shape == (len(rows),):
            names = f" ({rows.names(refusal.where)})"
            units = tuple(rows.name(int(row)) for row in np.flatnonzero(refusal.where))
        self.faults.append(Fault(f"{record}: {refusal.reason}{names}", check="undefined", column=record, units=units))

    def defined(self, record: str, formula: language.Formula, value: Floats, where: Bools | None) -> Floats:
        """What a formula gave; where it has no value that is noted, and a zero goes on."""
        bad = ~np.isfinite(value) & (True if where is None else where)
        if not bad.any():
            return value
        reason = f'"{formula}" has no value: division by zero, or a logarithm or root it is not defined for'
        self.refuse(record, Refusal(reason, bad.reshape(-1, bad.shape[-1]).any(axis=0)))
        return np.where(bad, 0.0, value)

    def finite(self, record: str, value: Floats, state: States | None) -> Floats:
        """A score that is too large for a number is a fault, not infinity; told once, a zero goes on."""
        if record in self.bounded and not self.plan.tree.branches[record].steps:
            return value
        with np.errstate(all="ignore"):
            if state is None and np.isfinite(value.sum()):
                return value
        bad = ~np.isfinite(value) & (True if state is None else state == SCORED)
        if not bad.any():
            return value
        self.refuse(record, Refusal("its value is too large for a number", bad.reshape(-1, bad.shape[-1]).any(axis=0)))
        return np.where(bad, 0.0, value)

    def report(self) -> None:
        """Raise what was noted, each fault once."""
        if self.faults:
            raise MethodError({str(fault): fault for fault in self.faults}.values())

    # --- records
    def leaf(self, name: str) -> Part:
        """An indicator after its steps; kept only if several nodes use it."""
        if name in self.done:
            return self.done[name]
        data, leaf = self.plan.leaves[name], self.plan.tree.leaves[name]
        if name in self.together:
            return self.together[name], None
        part = self.steps(name, leaf.steps, self.pointed(name), data.state, down=leaf.down), data.state
        if self.plan.inputs[name] > 1:
            self.done[name] = part
        return part

    def pointed(self, name: str) -> Floats:
        """An indicator's points, given or learned."""
        data = self.plan.leaves[name]
        x = self.x.get(name)
        if x is None:
            x = data.points(self.outcomes)
        else:
            given = None if data.state is None else data.state == SCORED
            for fill in data.fills:
                given = ~fill.where if given is None else given & ~fill.where
            if not np.isfinite(x if given is None else x[..., given]).all():
                self.refuse(name, Refusal("x must be a finite number wherever the indicator has points"))
                x = np.nan_to_num(x, nan=0.0, posinf=0.0, neginf=0.0)
        if data.fills:
            x = self.leaf_filled(name, x, data)
        return x

    def leaf_filled(self, name: str, x: Floats, data: LeafData) -> Floats:
        """An indicator's points with the learned ones, all learned from those that were answered."""
        answered: Bools = np.ones(self.size(name), dtype=bool) if data.state is None else data.state == SCORED
        for fill in data.fills:
            answered = answered & ~fill.where
        for fill in data.fills:
            x = self.filled(name, fill.at, fill.statistic, fill.labels, x, answered, fill.where)
        return x

    def filled(
        self,
        record: str,
        at: int,
        statistic: str,
        labels: npt.NDArray[Any] | None,
        x: Floats,
        scored: Bools,
        where: Bools,
    ) -> Floats:
        """Values with the learned ones; see :meth:`egovindex.stepping.Stepper.fill`."""
        try:
            return self.stepper(record).fill(record, at, statistic, labels, x, scored, where)
        except Refusal as refusal:
            self.refuse(record, refusal)
            return np.where(where, 0.0, x)

    def record(self, name: str) -> Part:
        """Value and state of an indicator or a node."""
        if name in self.plan.leaves:
            return self.leaf(name)
        if name not in self.done:  # a mean that its parent could not sum over at once
            self.score(self.foldable[name])
        return self.done[name]

    def steps(
        self, name: str, steps: tuple[values.Step, ...], x: Floats, state: States | None, *, down: bool
    ) -> Floats:
        """Values after steps."""
        if not steps:
            return x
        try:
            return self.stepper(name).run(name, steps, x, None if state is None else state == SCORED, down=down)
        except Refusal as refusal:
            self.refuse(name, refusal)
            return x

    def counts(self, name: str, state: States | None) -> tuple[Bools | None, Bools | None]:
        """Where a child counts for its parent, and where it takes the parent's score away."""
        if state is None:
            return None, None
        counted: Bools = state == SCORED
        takes: Bools = state == VOID
        if name not in self.plan.leaves and not self.plan.skips_missing:
            takes = takes | (state == MISSING) | (state == VOIDED)
        return (None if counted.all() else counted), (takes if takes.any() else None)

    # --- aggregation
    def gather(self, node: NodePlan, gathering: Gathering) -> tuple[Floats, Floats, States | None]:
        """One child's records taken together, row by row of the node's level."""
        branch, n = node.branch, self.size(node.branch.id)
        child = branch.children[0]
        value, state = self.record(child)
        counted, takes = self.counts(child, state)
        places = gathering.order, gathering.starts, gathering.into, n
        result, share = gathered(value, counted, *places, branch.aggregate)
        lacking = [share == 0]
        if branch.aggregate == "sum":
            lacking.append(share < 1)
        if branch.need is not None:
            given = self.plan.leaves[child].answered if child in self.plan.leaves else self.answered[child]
            of = size_of(None, *places)
            wanted: Any = branch.need.count if branch.need.share is None else branch.need.share * of - _SHARE_TOLERANCE
            lacking.append(size_of(given, *places) < wanted)
        short = [mask for mask in lacking if mask.any()]
        after = self.without_score(short, [any_of(takes, *places)] if takes is not None else [], n)
        self.coverage.add_records(node, counted, gathering)
        full = np.ones(1) if (share == 1).all() else share
        return (result if after is None else np.where(after == SCORED, result, np.nan)), full, after

    def inner(self, name: str) -> NodePlan | None:
        """A child whose children may be summed over at once: a mean without a gap, of which only its parent asks."""
        found = self.foldable.get(name)
        if found is None or name in self.done:
            return None
        states = [self.record(child)[1] for child in found.branch.children if self.inner(child) is None]
        return found if all(state is None for state in states) else None

    def flattened(self, node: NodePlan) -> tuple[list[str], Floats]:
        """Children of a mean with their weights, those of inner means in their place, ``(D, children)``."""
        weights = self.weights[:, node.edges]
        names: list[str] = []
        blocks: list[Floats] = []
        start = 0
        for at, child in enumerate(node.branch.children):
            inner = self.inner(child)
            if inner is None:
                names.append(child)
                continue
            if len(names) > sum(block.shape[1] for block in blocks):
                blocks.append(weights[:, start:at])
            start = at + 1
            below, own = self.flattened(inner)
            names += below
            blocks.append(own * (weights[:, at] / own.sum(axis=1))[:, None])
            self.coverage.by_node[child], self.answered[child] = np.ones(1), None
        blocks.append(weights[:, start:])
        return names, blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)

    def aggregate(self, node: NodePlan) -> tuple[Floats, Floats, States | None]:
        """Aggregated value, attainable share and state of a node, before its own points."""
        branch = node.branch
        if node.gathering is not None:
            return self.gather(node, node.gathering)
        n = self.size(branch.id)
        names: Collection[str] = branch.children
        weights = self.weights[..., node.edges]
        if self.foldable and branch.aggregate == "mean":
            names, weights = self.flattened(node)
        if branch.aggregate == "mean" and branch.need is None and weights.ndim == 2 and self.settled is not None:
            side_by_side = self.settled.side_by_side(names)
            if side_by_side is not None:
                self.coverage.by_node[branch.id] = np.ones(1)
                if _far_from_infinity(*side_by_side):
                    self.bounded.add(branch.id)  # by the children, which are finite
                with np.errstate(all="ignore"):
                    return *mean_of_matrix(*side_by_side, weights), None
        counting: dict[str, Bools | None] = {}
        taking: list[Bools] = []

        def children() -> Iterator[Child]:
            for name in names:
                value, state = self.record(name)
                counting[name], takes = self.counts(name, state)
                if takes is not None:
                    taking.append(takes)
                yield value, counting[name]

        try:
            value, share = self.combined(node, children(), weights)
        except Refusal as refusal:
            taking.clear()
            found = list(children())
            state = self.state(node, counting, taking, np.ones(1))
            # a unit that has no score here anyway needs none that is defined
            scored: Bools = np.ones(n, dtype=bool) if state is None else state == SCORED
            if refusal.where is None or (refusal.where & scored).any():
                reached = scored.reshape(-1, n).any(axis=0)
                where = None if refusal.where is None else refusal.where & reached
                self.refuse(branch.id, Refusal(refusal.reason, where))
                value, share = np.zeros(n), np.ones(1)
            else:
                value, share = self.combined(node, [(np.where(scored, x, 1.0), mask) for x, mask in found], weights)
        # inner means have no gap
        self.coverage.add(node, [counting.get(name) for name in branch.children])
        state = self.state(node, counting, taking, share)
        return (value if state is None else np.where(state == SCORED, value, np.nan)), share, state

    def combined(self, node: NodePlan, children: Iterable[Child], weights: Floats) -> tuple[Floats, Floats]:
        """Children by the node's aggregate."""
        branch, n = node.branch, self.size(node.branch.id)
        with np.errstate(all="ignore"):
            if branch.aggregate == "pool":
                covers = (self.coverage.of(name) for name in branch.children)
                return pooled(children, covers, weights, n)
            return AGGREGATES[branch.aggregate](children, weights, n)

    def state(
        self, node: NodePlan, counting: Mapping[str, Bools | None], taking: list[Bools], share: Floats
    ) -> States | None:
        """Void first, then need, then nothing left to aggregate."""
        branch, n = node.branch, self.size(node.branch.id)
        lacking: list[Bools] = []
        gaps = [mask for mask in counting.values() if mask is not None]
        if gaps and branch.aggregate in _NEEDS_ALL:
            pulls = self.weights[..., node.edges] != 0
            if pulls.ndim == 2 and (pulls == pulls[0]).all():
                pulls = pulls[0]  # the same in every draw
            for at, mask in enumerate(counting.values()):
                if mask is not None and pulls[..., at].any():
                    lacking.append(~mask & pulls[..., at, None])
        if gaps and len(gaps) == len(counting):
            lacking.append(~reduce(np.logical_or, gaps))
        if (share == 0).any():
            lacking.append(np.broadcast_to(share == 0, (*share.shape[:-1], n)))
        if branch.need is not None:
            lacking.append(self.short(branch.children, branch.need, n))
        return self.without_score(lacking, taking, n)

    def without_score(self, lacking: list[Bools], taking: list[Bools], n: int) -> States | None:
        """States out of masks of who lacks a score, and of whose score is taken away."""
        if not lacking and not taking:
            return None
        state: States = np.zeros(n, dtype=np.int8)
        if lacking:
            state = np.where(reduce(np.logical_or, lacking), np.int8(MISSING), state)
        if taking:
            state = np.where(reduce(np.logical_or, taking), np.int8(VOIDED), state)
        return state if state.any() else None

    def short(self, children: tuple[str, ...], need: values.Need, n: int) -> Bools:
        """Where fewer children are answered than needed."""
        answered: Any = np.zeros(n, dtype=np.int64)
        for name in children:
            given = self.plan.leaves[name].answered if name in self.plan.leaves else self.answered[name]
            answered = answered + (1 if given is None else given)
        wanted = need.count if need.share is None else need.share * len(children) - _SHARE_TOLERANCE
        found: Bools = answered < wanted
        return found

    def formula(self, node: NodePlan, formula: language.Formula) -> tuple[Floats, Floats, States | None]:
        """A node that is arithmetic over others: it needs a score in each."""
        branch, n = node.branch, self.size(node.branch.id)
        parts = {name: self.record(name) for name in branch.inputs}
        counts = {name: self.counts(name, state) for name, (_, state) in parts.items()}
        with np.errstate(all="ignore"):
            value = calculate(formula, {name: x for name, (x, _) in parts.items()})
        value = np.broadcast_to(value, np.broadcast_shapes(np.shape(value), (n,)))
        gaps = [~counted for counted, _ in counts.values() if counted is not None]
        if branch.need is not None:
            gaps.append(self.short(branch.inputs, branch.need, n))
        state = self.without_score(gaps, [takes for _, takes in counts.values() if takes is not None], n)
        value = self.defined(branch.id, formula, value, None if state is None else state == SCORED)
        self.coverage.add(node, [counts[name][0] for name in branch.inputs])
        return (value if state is None else np.where(state == SCORED, value, np.nan)), np.ones(1), state
