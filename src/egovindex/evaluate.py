"""The only place where a score is made.

A published score, a Monte Carlo draw, a Sobol run and a what-if all go through :func:`evaluate`, so
they cannot disagree. Letters: ``D`` draws, ``E`` edges, ``L`` outcomes, ``rows`` units (and periods).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.arguments import refuse_bad_weights, shaped
from egovindex.blas import one_blas_thread
from egovindex.coverage import Coverage
from egovindex.errors import Fault, MethodError
from egovindex.formulas import Bools, Floats, calculate
from egovindex.kernels.aggregate import AGGREGATES, Child, pooled
from egovindex.kernels.records import any_of, gathered, size_of
from egovindex.kernels.refusal import Refusal
from egovindex.nodelines import NodeLines, Part
from egovindex.plan import NodePlan, Plan
from egovindex.points import MISSING, SCORED, VOID, VOIDED, Gathering, LeafData, States
from egovindex.scores import Scores
from egovindex.spec import language, values
from egovindex.stepping import Learned, Stepper

__all__ = ["evaluate", "leaf_points", "leaf_values"]

_NEEDS_ALL = ("sum", "product")
# a share in per cent is met when it is met up to the last digit of the division
_SHARE_TOLERANCE = 1e-9
# cells below which a copy costs less than going column by column
_SMALL = 1_000_000


def evaluate(
    plan: Plan,
    x: Floats | None = None,
    weights: Floats | None = None,
    *,
    outcomes: Floats | None = None,
    learned: Learned | None = None,
) -> Scores:
    """Score every node.

    Parameters
    ----------
    plan
        The index against its data; see :meth:`egovindex.Index.plan`.
    x
        Points of the indicators before their steps, ``(rows, indicators)`` or ``(D, rows, indicators)``
        in the order of ``plan.leaves``; the data's own by default.
    weights
        ``(E,)`` or ``(D, E)`` in the order of ``plan.edges``; the index's own by default. Only ratios
        inside a node matter, except for ``sum`` and ``product``.
    outcomes
        ``(L,)`` or ``(D, L)``: what each line of points earns, in the order of
        ``plan.outcome_addresses``; the index's own by default.
    learned
        ``None`` learns bounds, means and cut points from the reference population (in every draw, if
        there are draws); values of an earlier run are reused as they are.

    Returns
    -------
    Scores

    Raises
    ------
    MethodError
        Wrong shapes; weights that are negative, not finite, or all zero in a node; a column that is
        constant where it must vary; a method that is not defined for a value. All are listed.

    Examples
    --------
    >>> import egovindex as ei, numpy as np
    >>> plan = ei.load_index("undp-hdi-2022").plan(ei.sample("undp-hdi-2022"))
    >>> scores = evaluate(plan, weights=np.tile(plan.weights, (3, 1)))
    >>> scores["HDI"].shape
    (3, 193)
    """
    run = _Run(plan, x, weights, outcomes, learned)
    with one_blas_thread():
        return run.scores()


def leaf_points(plan: Plan, learned: Learned) -> dict[str, Floats]:
    """Every indicator after its points, those learned from others among them, ``(rows,)``; NaN where it has none."""
    run = _Run(plan, None, None, None, learned)
    parts = {name: run.pointed(name) for name in plan.leaves}
    run.report()
    states = {name: leaf.state for name, leaf in plan.leaves.items()}
    return {
        name: x if states[name] is None else np.where(states[name] == SCORED, x, np.nan) for name, x in parts.items()
    }


def leaf_values(plan: Plan, learned: Learned) -> dict[str, Floats]:
    """Every indicator after its steps, ``(rows,)``; NaN where it has no points."""
    run = _Run(plan, None, None, None, learned)
    parts = {name: run.leaf(name) for name in plan.leaves}
    run.report()
    return {name: x if state is None else np.where(state == SCORED, x, np.nan) for name, (x, state) in parts.items()}


class _Run:
    """One evaluation: walks the nodes in order of dependency."""

    def __init__(
        self, plan: Plan, x: Floats | None, weights: Floats | None, outcomes: Floats | None, learned: Learned | None
    ) -> None:
        self.plan = plan
        self.x = None if x is None else shaped(x, "x", (len(plan.records), len(plan.leaves)))
        self.outcomes = plan.outcomes if outcomes is None else shaped(outcomes, "outcomes", plan.outcomes.shape)
        self.weights = plan.weights
        if weights is not None:
            self.weights = shaped(weights, "weights", plan.weights.shape)
            refuse_bad_weights(plan, self.weights)
        self.reused = learned
        self.steppers = {keys: Stepper(len(level.rows), level.learners, learned) for keys, level in plan.levels.items()}
        self.draws = self._draws()
        self.faults: list[Fault] = []
        self.done: dict[str, Part] = {}
        self.answered: dict[str, Bools | None] = {}
        self.coverage = Coverage(plan, self.weights)
        self.lines = NodeLines(plan, self.outcomes, self.record, self.undefined, self.filled)
        self.together: dict[str, Floats] = {}
        inputs = [child for node in plan.nodes for child in node.branch.inputs]
        self.shared = (
            {child for child in inputs if inputs.count(child) > 1} if len(inputs) > len(set(inputs)) else set()
        )
        self.used = set(inputs)

    def _draws(self) -> int | None:
        leading = {array.shape[0] for array in (self.outcomes, self.weights) if array.ndim == 2}
        if self.x is not None and self.x.ndim == 3:
            leading.add(self.x.shape[0])
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

    def scores(self) -> Scores:
        if self.x is None:
            self.take_together()
        aggregated: dict[str, Floats] = {}
        attainable: dict[str, Floats] = {}
        pointed: dict[str, Floats] = {}
        for node in self.plan.nodes:
            branch = node.branch
            if branch.formula is not None:
                value, share, state = self.formula(node, branch.formula)
            else:
                value, share, state = self.aggregate(node)
            self.answered[branch.id] = None if state is None else state == SCORED
            aggregated[branch.id], attainable[branch.id] = value, share
            value, state = self.lines.apply(node, value, state)
            pointed[branch.id] = value
            value = self.steps(branch.id, branch.steps, value, state, down=branch.down)
            self.finite(branch.id, value, state)
            self.done[branch.id] = (value if state is None else np.where(state == SCORED, value, np.nan), state)
        for name in self.plan.leaves:
            if name not in self.used:  # nobody's child: still learned, and checked
                self.leaf(name)
        self.report()
        order = self.plan.tree.order
        all_scored = {keys: np.zeros(len(level.rows), dtype=np.int8) for keys, level in self.plan.levels.items()}
        states = {name: self.done[name][1] for name in order}
        levels = self.plan.tree.levels
        return Scores(
            nodes=self.plan.nodes_here,
            draws=self.draws,
            rows=len(self.plan.rows),
            by_node={name: self.done[name][0] for name in order},
            aggregated=aggregated,
            pointed=pointed,
            attainable_by_node=attainable,
            coverage_by_node={name: self.coverage.by_node[name] for name in order},
            state={name: all_scored[levels[name]] if state is None else state for name, state in states.items()},
            learned=self.learned(),
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

    def undefined(self, record: str, formula: language.Formula, bad: Bools) -> None:
        if bad.any():
            reason = f'"{formula}" has no value: division by zero, or a logarithm or root it is not defined for'
            self.refuse(record, Refusal(reason, bad.reshape(-1, bad.shape[-1]).any(axis=0)))

    def finite(self, record: str, value: Floats, state: States | None) -> None:
        """A score that is too large for a number is a fault, not infinity."""
        with np.errstate(all="ignore"):
            if state is None and np.isfinite(value.sum()):
                return
        bad = ~np.isfinite(value) & (True if state is None else state == SCORED)
        if bad.any():
            self.refuse(
                record, Refusal("its value is too large for a number", bad.reshape(-1, bad.shape[-1]).any(axis=0))
            )

    def report(self) -> None:
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
        if name in self.shared:
            self.done[name] = part
        return part

    def pointed(self, name: str) -> Floats:
        """An indicator's points, given or learned."""
        data = self.plan.leaves[name]
        x = data.points(self.outcomes) if self.x is None else self.x[..., self.plan.positions[name]]
        if self.x is not None:
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
        return self.leaf(name) if name in self.plan.leaves else self.done[name]

    def steps(
        self, name: str, steps: tuple[values.Step, ...], x: Floats, state: States | None, *, down: bool
    ) -> Floats:
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

    def aggregate(self, node: NodePlan) -> tuple[Floats, Floats, States | None]:
        """Aggregated value, attainable share and state of a node, before its own points."""
        branch = node.branch
        if node.gathering is not None:
            return self.gather(node, node.gathering)
        n = self.size(branch.id)
        counting: list[Bools | None] = []
        taking: list[Bools] = []

        def children() -> Iterator[Child]:
            for name in branch.children:
                value, state = self.record(name)
                counted, takes = self.counts(name, state)
                counting.append(counted)
                if takes is not None:
                    taking.append(takes)
                yield value, counted

        try:
            value, share = self.combined(node, children())
        except Refusal as refusal:
            counting.clear()
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
                value, share = self.combined(node, [(np.where(scored, x, 1.0), mask) for x, mask in found])
        self.coverage.add(node, counting)
        state = self.state(node, counting, taking, share)
        return (value if state is None else np.where(state == SCORED, value, np.nan)), share, state

    def combined(self, node: NodePlan, children: Iterable[Child]) -> tuple[Floats, Floats]:
        """Children by the node's aggregate."""
        branch, weights, n = node.branch, self.weights[..., node.edges], self.size(node.branch.id)
        with np.errstate(all="ignore"):
            if branch.aggregate == "pool":
                covers = (self.coverage.of(name) for name in branch.children)
                return pooled(children, covers, weights, n)
            return AGGREGATES[branch.aggregate](children, weights, n)

    def state(self, node: NodePlan, counting: list[Bools | None], taking: list[Bools], share: Floats) -> States | None:
        """Void first, then need, then nothing left to aggregate."""
        branch, n = node.branch, self.size(node.branch.id)
        lacking: list[Bools] = []
        gaps = [mask for mask in counting if mask is not None]
        if gaps and branch.aggregate in _NEEDS_ALL:
            pulls = np.any(self.weights[..., node.edges].reshape(-1, len(counting)) != 0, axis=0)
            needed = [mask for mask, pull in zip(counting, pulls, strict=True) if mask is not None and pull]
            lacking += [~reduce(np.logical_and, needed)] if needed else []
        if gaps and len(gaps) == len(counting):
            lacking.append(~reduce(np.logical_or, gaps))
        if (share == 0).any():
            lacking.append(np.broadcast_to(share == 0, (*share.shape[:-1], n)))
        if branch.need is not None:
            lacking.append(self.short(branch.children, branch.need, n))
        return self.without_score(lacking, taking, n)

    def without_score(self, lacking: list[Bools], taking: list[Bools], n: int) -> States | None:
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
        self.undefined(branch.id, formula, ~np.isfinite(value) & (True if state is None else state == SCORED))
        self.coverage.add(node, [counts[name][0] for name in branch.inputs])
        return (value if state is None else np.where(state == SCORED, value, np.nan)), np.ones(1), state
