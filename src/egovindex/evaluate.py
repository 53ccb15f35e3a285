"""The only place where a score is made.

A published score, a Monte Carlo draw, a Sobol run and a what-if all go through :func:`evaluate`, so
they cannot disagree. Letters: ``D`` draws, ``E`` edges, ``L`` outcomes, ``rows`` units (and periods).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.answers import Answers
from egovindex.errors import EgovindexError, Fault, MethodError
from egovindex.kernels.aggregate import AGGREGATES, Child, weighted_sum
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.steps import KERNELS
from egovindex.plan import (
    MISSING,
    SCORED,
    SKIPPED,
    VOID,
    VOIDED,
    NodePlan,
    Plan,
    calculate,
    compare,
    is_category,
    refuse,
)
from egovindex.spec import language, values

__all__ = ["Learned", "Scores", "evaluate", "one_blas_thread"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
# values of one record with its states; None: all scored
Part = tuple[Floats, npt.NDArray[np.int8] | None]


@cache
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_blas_thread() -> Any:
    """A context in which linear algebra uses one thread.

    With two threads on a busy machine a small product takes up to twenty times as long; callers
    that have cores to spare split the draws instead.
    """
    return _blas().limit(limits=1, user_api="blas")


@dataclass(frozen=True)
class Learned:
    """Numbers taken from the reference population: kept with the result, reused by what-ifs.

    ``values[record, step]`` holds, for each reference group, the learned arrays by name.
    """

    values: Mapping[tuple[str, int], tuple[Mapping[str, Floats], ...]]
    groups: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Scores:
    """Scores of every node, for one evaluation or for ``D`` draws.

    Mappings from node to an array ``(rows,)``, or ``(D, rows)`` where anything the node depends on
    has draws. ``earned / attainable`` is the aggregated value before the node's own points and steps;
    a mean that leaves a child out and one that counts it as zero differ in ``attainable`` alone.
    """

    nodes: tuple[str, ...]
    draws: int | None
    rows: int
    by_node: Mapping[str, Floats]
    aggregated: Mapping[str, Floats]
    attainable_by_node: Mapping[str, Floats]
    state: Mapping[str, npt.NDArray[np.int8]]
    coverage_by_node: Mapping[str, Floats]
    learned: Learned

    def __getitem__(self, node: str) -> Floats:
        """Scores of one node: ``(rows,)`` or ``(D, rows)``."""
        return np.broadcast_to(self.by_node[node], self._shape)

    @property
    def _shape(self) -> tuple[int, ...]:
        return (self.rows,) if self.draws is None else (self.draws, self.rows)

    def _stack(self, arrays: Mapping[str, Floats]) -> Floats:
        return np.stack([np.broadcast_to(arrays[node], self._shape) for node in self.nodes], axis=-1)

    @cached_property
    def values(self) -> Floats:
        """``(rows, nodes)`` or ``(D, rows, nodes)``; NaN where there is no score."""
        return self._stack(self.by_node)

    @cached_property
    def attainable(self) -> Floats:
        """Share of a node's weight that counted, as :attr:`values`."""
        return self._stack(self.attainable_by_node)

    @cached_property
    def earned(self) -> Floats:
        """What was earned of it, as :attr:`values`."""
        return self._stack(self.aggregated) * self.attainable

    @cached_property
    def coverage(self) -> Floats:
        """Share of weight that counted all the way down, as :attr:`values`."""
        return self._stack(self.coverage_by_node)


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
        The index against its data.
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


class _Run:
    """One evaluation: walks the nodes in order of dependency."""

    def __init__(
        self, plan: Plan, x: Floats | None, weights: Floats | None, outcomes: Floats | None, learned: Learned | None
    ) -> None:
        self.plan = plan
        self.n = len(plan.rows)
        self.outcomes = _checked(plan.outcomes, outcomes, "outcomes", (len(plan.outcomes),))
        self.given = None if x is None else _checked(None, x, "x", (self.n, len(plan.leaves)))
        self.weights = _checked(plan.weights, weights, "weights", (len(plan.edges),))
        if weights is not None:
            _refuse_bad_weights(plan, self.weights)
        leading = {a.shape[0] for a in (self.outcomes, self.weights) if a.ndim == 2}
        if self.given is not None and self.given.ndim == 3:
            leading.add(self.given.shape[0])
        if len(leading) > 1:
            raise MethodError(Fault(f"x, weights and outcomes have different numbers of draws: {sorted(leading)}"))
        self.draws = leading.pop() if leading else None
        self.reused = learned
        self.learned: dict[tuple[str, int], tuple[Mapping[str, Floats], ...]] = {}
        self.faults: list[Fault] = []
        self.done: dict[str, Part] = {}
        self.answered: dict[str, Bools | None] = {}
        self.coverage: dict[str, Floats] = {}
        self.uses: dict[str, int] = {}
        for node in plan.nodes:
            for child in node.branch.inputs:
                self.uses[child] = self.uses.get(child, 0) + 1

    def scores(self) -> Scores:
        aggregated: dict[str, Floats] = {}
        attainable: dict[str, Floats] = {}
        for node in self.plan.nodes:
            name = node.branch.id
            value, share, state = self.aggregate(node)
            self.answered[name] = None if state is None else state == SCORED
            aggregated[name], attainable[name] = value, share
            value, state = self.points(node, value, state)
            value = self.steps(name, node.branch.steps, node.branch.down, value, state)
            if state is not None:
                value = np.where(state == SCORED, value, np.nan)
            self.done[name] = (value, state)
        for leaf in self.plan.leaves:
            if leaf not in self.uses:  # not referenced: still learned and checked, as its result is asked for
                self.leaf(leaf)
        if self.faults:
            raise MethodError(_joined(self.faults))
        order = self.plan.tree.order
        return Scores(
            nodes=order,
            draws=self.draws,
            rows=self.n,
            by_node={node: self.done[node][0] for node in order},
            aggregated=aggregated,
            attainable_by_node=attainable,
            state={node: self.state_of(node) for node in order},
            coverage_by_node={node: self.coverage[node] for node in order},
            learned=self.reused or Learned(self.learned, self.plan.learner_names),
        )

    def state_of(self, node: str) -> npt.NDArray[np.int8]:
        state = self.done[node][1]
        return np.zeros(self.n, dtype=np.int8) if state is None else state

    # --- records
    def leaf(self, name: str) -> Part:
        """An indicator after its steps; kept only if more than one node uses it."""
        if name in self.done:
            return self.done[name]
        leaf = self.plan.leaves[name]
        branch = self.plan.tree.leaves[name]
        if self.given is not None:
            x = self.given[..., self.plan.positions[name]]
        else:
            x = leaf.points(self.outcomes)
        scored = None if leaf.state is None else leaf.state == SCORED
        if self.given is not None and not np.isfinite(x if scored is None else x[..., scored]).all():
            self.faults.append(Fault(f"{name}: x is not finite where the indicator has points", column=name))
        x = self.steps(name, branch.steps, branch.down, x, leaf.state)
        part: Part = (x, leaf.state)
        if self.uses.get(name, 0) > 1:
            self.done[name] = part
        return part

    def record(self, name: str) -> Part:
        return self.leaf(name) if name in self.plan.leaves else self.done[name]

    def counts(self, name: str, state: npt.NDArray[np.int8] | None) -> tuple[Bools | None, Bools | None]:
        """Where a child counts for its parent, and where it takes the parent's score away."""
        if state is None:
            return None, None
        counted = state == SCORED
        if name in self.plan.leaves or self.plan.skip_missing:
            takes = state == VOID
        else:
            takes = (state == VOID) | (state == MISSING) | (state == VOIDED)
        return (None if counted.all() else counted), (takes if takes.any() else None)

    def answered_by(self, name: str) -> Bools | None:
        return self.plan.leaves[name].answered if name in self.plan.leaves else self.answered[name]

    # --- aggregation
    def aggregate(self, node: NodePlan) -> tuple[Floats, Floats, npt.NDArray[np.int8] | None]:
        """Aggregated value, attainable share and state of a node, before its own points."""
        branch = node.branch
        if branch.formula is not None:
            return self.formula(node)
        weights = self.weights[..., node.edges]
        voided: Bools | None = None
        counting: list[Bools | None] = []

        def children() -> Iterator[Child]:
            nonlocal voided
            for name in branch.children:
                value, state = self.record(name)
                mask, takes = self.counts(name, state)
                counting.append(mask)
                if takes is not None:
                    voided = takes if voided is None else voided | takes
                yield value, mask

        try:
            with np.errstate(all="ignore"):
                if branch.aggregate == "pool":
                    value, share = self.pool(branch.children, weights, children())
                else:
                    value, share = AGGREGATES[branch.aggregate](children(), weights, self.n)
        except Refusal as refusal:
            self.refuse(branch.id, refusal)
            for name in branch.children[len(counting) :]:
                counting.append(self.counts(name, self.record(name)[1])[0])
            value, share = np.zeros(self.n), np.ones(1)
        self.cover(node, counting)
        state = self.state(node, counting, voided, share)
        return self.masked(value, share, state)

    def pool(self, names: tuple[str, ...], weights: Floats, children: Iterator[Child]) -> tuple[Floats, Floats]:
        """Mean with each weight times the child's coverage: total earned over total attainable."""
        shares = weights / weights.sum(axis=-1, keepdims=True)
        earned: Any = np.zeros(self.n)
        attainable: Any = np.zeros(self.n)
        for position, (name, (value, mask)) in enumerate(zip(names, children, strict=True)):
            share = shares[:, position, None] if shares.ndim == 2 else shares[position]
            pull = share * (self.coverage_of(name) if mask is None else np.where(mask, self.coverage_of(name), 0.0))
            earned = earned + pull * (value if mask is None else np.where(mask, value, 0.0))
            attainable = attainable + pull
        return earned / attainable, attainable

    def coverage_of(self, name: str) -> Floats:
        if name in self.plan.leaves:
            state = self.plan.leaves[name].state
            return np.ones(self.n) if state is None else (state == SCORED).astype(np.float64)
        return self.coverage[name]

    def cover(self, node: NodePlan, counting: list[Bools | None]) -> None:
        """Share of weight that counted, all the way down."""
        name, children = node.branch.id, node.branch.children
        partial = [
            child for child, mask in zip(children, counting, strict=True) if mask is not None or not self.whole(child)
        ]
        if not partial:
            self.coverage[name] = np.ones(1)
            return
        weights = np.abs(self.weights[..., node.edges])
        total = weights.sum(axis=-1, keepdims=True)
        shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
        stream = ((self.coverage_of(child), mask) for child, mask in zip(children, counting, strict=True))
        self.coverage[name], _ = weighted_sum(stream, shares, self.n)

    def whole(self, child: str) -> bool:
        return child in self.plan.leaves or self.coverage[child].shape == (1,)

    def state(
        self, node: NodePlan, counting: list[Bools | None], voided: Bools | None, share: Floats
    ) -> npt.NDArray[np.int8] | None:
        """Void first, then need, then nothing left to aggregate."""
        branch = node.branch
        lacking: Bools | None = None
        gaps = [mask for mask in counting if mask is not None]
        if gaps:
            if branch.aggregate in ("sum", "product"):
                lacking = ~np.logical_and.reduce(gaps)
            elif len(gaps) == len(counting):
                lacking = ~np.logical_or.reduce(gaps)
        if (share == 0).any():
            nothing_left = np.broadcast_to(share == 0, (*share.shape[:-1], self.n))
            lacking = nothing_left if lacking is None else lacking | nothing_left
        if branch.need is not None:
            short = self.short(branch.children, branch.need)
            lacking = short if lacking is None else lacking | short
        if lacking is None and voided is None:
            return None
        state = np.zeros(np.shape(lacking) if lacking is not None else (self.n,), dtype=np.int8)
        if lacking is not None:
            state[lacking] = MISSING
        if voided is not None:
            state = np.where(voided, np.int8(VOIDED), state)
        return state if state.any() else None

    def short(self, children: tuple[str, ...], need: values.Need) -> Bools:
        """Where fewer children are answered than needed."""
        answered: Any = np.zeros(self.n, dtype=np.int64)
        for name in children:
            given = self.answered_by(name)
            answered = answered + (1 if given is None else given.astype(np.int64))
        if need.share is not None:
            # a share in per cent is met when it is met to the last digit of the division
            return np.asarray(answered < need.share * len(children) - 1e-9)
        return np.asarray(answered < (need.count or 0))

    def masked(
        self, value: Floats, share: Floats, state: npt.NDArray[np.int8] | None
    ) -> tuple[Floats, Floats, npt.NDArray[np.int8] | None]:
        if state is not None:
            value = np.where(state == SCORED, value, np.nan)
        return value, share, state

    def formula(self, node: NodePlan) -> tuple[Floats, Floats, npt.NDArray[np.int8] | None]:
        branch = node.branch
        assert branch.formula is not None
        names = language.names_in(branch.formula)
        parts = {name: self.record(name) for name in names}
        gaps: list[Bools | None] = []
        voided: Bools | None = None
        for name in names:
            mask, takes = self.counts(name, parts[name][1])
            gaps.append(mask)
            if takes is not None:
                voided = takes if voided is None else voided | takes
        with np.errstate(all="ignore"):
            value = calculate(branch.formula, {name: part[0] for name, part in parts.items()})
            value = np.broadcast_to(value, np.broadcast_shapes(np.shape(value), (self.n,)))
        present = [mask for mask in gaps if mask is not None]
        state: npt.NDArray[np.int8] | None = None
        if present or voided is not None:
            lacking = ~np.logical_and.reduce(present) if present else np.zeros(self.n, dtype=bool)
            state = np.where(lacking, np.int8(MISSING), np.int8(SCORED))
            if voided is not None:
                state = np.where(voided, np.int8(VOIDED), state)
        scored = np.ones(self.n, dtype=bool) if state is None else state == SCORED
        bad = scored & ~np.isfinite(value)
        if bad.any():
            reason = f'"{branch.formula}" has no value (division by zero, or a logarithm or root of a negative number)'
            self.refuse(branch.id, Refusal(reason, bad.reshape(-1, self.n).any(axis=0)))
        covers = [
            self.coverage_of(n) if m is None else np.where(m, self.coverage_of(n), 0.0)
            for n, m in zip(names, gaps, strict=True)
        ]
        total: Any = 0.0
        for cover in covers:
            total = total + cover
        self.coverage[branch.id] = np.asarray(total / len(covers))
        return self.masked(np.asarray(value), np.ones(1), state)

    # --- points of a node
    def points(self, node: NodePlan, value: Floats, state: npt.NDArray[np.int8] | None) -> Part:
        """A node's own lines: the first that holds decides; none passes the value on."""
        if not node.lines:
            return value, state
        state = np.zeros(self.n, dtype=np.int8) if state is None else state
        before = state
        left = np.ones(np.broadcast_shapes(value.shape, state.shape), dtype=bool)
        result = value
        for line, slot in node.lines:
            where = left & self.holds(line.test, value, before)
            outcome = line.outcome
            if isinstance(outcome, language.Formula):
                numbers = {name: self.number(name, value) for name in language.names_in(outcome)}
                for known in numbers.values():
                    where = where & np.isfinite(known)
                with np.errstate(all="ignore"):
                    given = calculate(outcome, numbers)
                bad = where & ~np.isfinite(given)
                if bad.any():
                    self.refuse(
                        node.branch.id, Refusal(f'"{outcome}" has no value', bad.reshape(-1, self.n).any(axis=0))
                    )
                result = np.where(where, given, result)
                state = np.where(where, np.int8(SCORED), state)
            elif isinstance(outcome, values.Quantity):
                number = self.outcomes[..., slot]
                result = np.where(where, number[:, None] if number.ndim else number, result)
                state = np.where(where, np.int8(SCORED), state)
            else:
                state = np.where(where, np.int8(SKIPPED if outcome.word == "skip" else VOID), state)
            left = left & ~where
        return result, (state if state.any() else None)

    def number(self, name: str, value: Floats) -> Floats:
        if name == "value":
            return value
        if name in self.plan.leaves or name in self.done:
            part, state = self.record(name)
            return part if state is None else np.where(state == SCORED, part, np.nan)
        return self.plan.columns[name].numbers

    def holds(self, test: Any, value: Floats, state: npt.NDArray[np.int8]) -> Bools:
        if isinstance(test, language.Literal):
            return self.is_value(test.text, value, state)
        if isinstance(test, language.Else):
            return np.asarray(state == SCORED)
        if isinstance(test, language.Or):
            return np.logical_or.reduce([np.broadcast_arrays(self.holds(t, value, state), value)[0] for t in test.of])
        if isinstance(test, language.And):
            return np.logical_and.reduce([np.broadcast_arrays(self.holds(t, value, state), value)[0] for t in test.of])
        if isinstance(test, language.Not):
            return ~self.holds(test.of, value, state)
        if isinstance(test, language.Compare):
            return compare(test, {name: self.number(name, value) for name in language.names_in(test)}, self.n)
        if test.name in ("value", "answer"):
            return self.is_own(test, value, state)
        if test.name in self.plan.columns:
            return is_category(test, self.plan.columns[test.name])
        part, other = self.record(test.name)
        return self.is_own(test, part, np.zeros(self.n, dtype=np.int8) if other is None else other)

    def is_own(self, test: language.Is, value: Floats, state: npt.NDArray[np.int8]) -> Bools:
        found: Bools = np.logical_or.reduce([self.is_value(category, value, state) for category in test.categories])
        return (state == SCORED) & ~found if test.negated else found

    def is_value(self, text: str, value: Floats, state: npt.NDArray[np.int8]) -> Bools:
        if text.casefold() == "missing":
            return np.asarray(state != SCORED)
        try:
            number = language.parse_number(text)
        except ValueError:
            return np.zeros(np.broadcast_shapes(value.shape, state.shape), dtype=bool)
        return (state == SCORED) & (value == number)

    # --- steps
    def steps(
        self,
        record: str,
        steps: tuple[values.Step, ...],
        down: bool,
        x: Floats,
        state: npt.NDArray[np.int8] | None,
    ) -> Floats:
        """Every step in turn, learned from the reference population of each group of rows."""
        if not steps:
            return x
        scored = None if state is None else state == SCORED
        if scored is not None and scored.ndim == 2:
            return np.stack([self.steps_of_draw(record, steps, down, x, scored, draw) for draw in range(len(scored))])
        flip = max((at for at, s in enumerate(steps) if s.name in ("zscore", "minmax", "rank")), default=-1)
        for at, step in enumerate(steps):
            options = options_of(step, down=down and at == flip)
            try:
                x = self.step(record, at, step, options, x, scored)
            except Refusal as refusal:
                self.refuse(record, refusal, step=str(step))
                return x
        return x

    def steps_of_draw(
        self, record: str, steps: tuple[values.Step, ...], down: bool, x: Floats, scored: Bools, draw: int
    ) -> Floats:
        """Where who is scored differs between draws, draws are taken one by one."""
        row = x[draw] if x.ndim == 2 else x
        state = np.where(scored[draw], np.int8(SCORED), np.int8(MISSING))
        keep = dict(self.learned)
        result = self.steps(record, steps, down, row, state)
        self.learned = keep  # they differ from draw to draw in number, not only in value
        return result

    def step(
        self, record: str, at: int, step: values.Step, options: Mapping[str, Any], x: Floats, scored: Bools | None
    ) -> Floats:
        kernel = KERNELS[step.name]
        learned = self.learn(record, at, step, options, x, scored)
        groups = self.plan.learners if step.learns else ((None, None),)
        if len(groups) == 1 and groups[0][0] is None and scored is None:
            return kernel.apply(x, dict(learned[0]), options)
        places, parts = [], []
        for (rows, _), values_of_group in zip(groups, learned, strict=True):
            where = _among(rows, scored, self.n)
            if not where.size:
                continue
            try:
                parts.append(kernel.apply(x[..., where], dict(values_of_group), options))
            except Refusal as refusal:
                raise Refusal(refusal.reason, _spread(refusal.where, where, self.n)) from None
            places.append(where)
        leading = np.broadcast_shapes(x.shape[:-1], *(part.shape[:-1] for part in parts))
        result = np.full((*leading, self.n), np.nan)
        for where, part in zip(places, parts, strict=True):
            result[..., where] = part
        return result

    def learn(
        self, record: str, at: int, step: values.Step, options: Mapping[str, Any], x: Floats, scored: Bools | None
    ) -> tuple[Mapping[str, Floats], ...]:
        if not step.learns:
            return ({},)
        if self.reused is not None:
            if (record, at) not in self.reused.values:
                raise Refusal(f'the learned values given have none for step "{step}"')
            return self.reused.values[record, at]
        kernel = KERNELS[step.name]
        assert kernel.learn is not None
        found: list[Mapping[str, Floats]] = []
        for _, rows in self.plan.learners:
            if rows is None and scored is None:
                found.append(kernel.learn(x, options))
                continue
            where = _among(rows, scored, self.n)
            found.append(kernel.learn(x[..., where], options))
        self.learned[record, at] = tuple(found)
        return self.learned[record, at]

    def refuse(self, record: str, refusal: Refusal, *, step: str | None = None) -> None:
        where = refusal.where
        reason = f'step "{step}": {refusal.reason}' if step else refusal.reason
        if where is not None and where.shape[-1] != self.n:
            where = None
        self.faults += refuse(record, reason, self.plan.rows, where).faults


def options_of(step: values.Step, *, down: bool) -> dict[str, Any]:
    """A step's numbers and words by name."""
    options: dict[str, Any] = {"words": step.words, "down": down}
    for parameter in step.form.parameters:
        if parameter.default is not None or len(step.numbers) > step.form.parameters.index(parameter):
            options[parameter.name] = step.parameter(parameter.name)
    return options


def _among(rows: npt.NDArray[np.intp] | None, scored: Bools | None, n: int) -> npt.NDArray[np.intp]:
    if rows is None:
        return np.arange(n) if scored is None else np.flatnonzero(scored)
    return rows if scored is None else rows[scored[rows]]


def _spread(where: Bools | None, rows: npt.NDArray[np.intp], n: int) -> Bools | None:
    """A mask over some rows as a mask over all."""
    if where is None:
        return None
    full = np.zeros(n, dtype=bool)
    full[rows] = where
    return full


def _checked(nominal: Floats | None, given: Floats | None, name: str, shape: tuple[int, ...]) -> Floats:
    if given is None:
        assert nominal is not None
        return nominal
    array = np.asarray(given, dtype=np.float64)
    if array.shape[-len(shape) :] != shape or array.ndim not in (len(shape), len(shape) + 1):
        expected = ", ".join(map(str, shape))
        raise MethodError(Fault(f"{name} must have the shape ({expected}) or (draws, {expected}), found {array.shape}"))
    return array


def _refuse_bad_weights(plan: Plan, weights: Floats) -> None:
    faults: list[Fault] = []
    for node in plan.nodes:
        own = weights[..., node.edges]
        if not own.size:
            continue
        name, aggregate = node.branch.id, node.branch.aggregate
        if not np.isfinite(own).all():
            faults.append(Fault(f"{name}: weights that are not finite", check="bad_weights"))
        elif aggregate != "sum" and (own < 0).any():
            faults.append(Fault(f"{name}: negative weights; only a sum takes them", check="bad_weights"))
        elif aggregate in ("mean", "pool", "geometric", "harmonic", "ladder") and (own.sum(axis=-1) <= 0).any():
            faults.append(Fault(f"{name}: weights that add up to zero", check="bad_weights"))
    if faults:
        raise MethodError(faults)


def _joined(faults: list[Fault]) -> list[Fault]:
    return list({str(fault): fault for fault in faults}.values())


def columns_of(plan: Plan) -> Mapping[str, Answers]:
    """Columns that nodes' own lines read."""
    return plan.columns


def leaf_values(plan: Plan, learned: Learned) -> dict[str, Floats]:
    """Every indicator after its steps, ``(rows,)``; NaN where it has no points."""
    run = _Run(plan, None, None, None, learned)
    found: dict[str, Floats] = {}
    for name in plan.leaves:
        value, state = run.leaf(name)
        found[name] = value if state is None else np.where(state == SCORED, value, np.nan)
    if run.faults:
        raise EgovindexError(run.faults)
    return found
