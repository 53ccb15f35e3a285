"""A doubt against an index and its data: the factors, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from egovindex.errors import EgovindexError, Fault, MethodError, did_you_mean, listed
from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.plan import Plan
from egovindex.points import MISSING, VOID
from egovindex.sensitivity.doubt import ALL, Doubt, Part
from egovindex.sensitivity.factors import (
    Edge,
    ErrorFactor,
    Factor,
    IncludeFactor,
    LevelsFactor,
    PlanFactor,
    PointsFactor,
    SchemeFactor,
    WeightFactor,
)
from egovindex.sensitivity.numberlaws import Choice, LeaveOneOut, Monotone, NumberLaw
from egovindex.sensitivity.patches import NORMALISER, Patch, has_step, patched
from egovindex.sensitivity.weightlaws import Edges, Schemes, WeightLaw
from egovindex.spec import language, values
from egovindex.spec.addresses import Line, line_at, lines_of
from egovindex.spec.steps import STEPS, parse_step

__all__ = ["factors_of"]

_WEIGHTED = ("mean", "pool", "sum", "product", "geometric", "harmonic", "ladder")
# aggregates in which only ratios of weights matter
_OF_RATIOS = ("mean", "pool", "geometric", "harmonic", "ladder")
# aggregates to which a child with the weight 0 is nothing at all
_BLIND_TO_ZERO = ("mean", "pool", "geometric", "harmonic")


def factors_of(doubt: Doubt, index: Index, plan: Plan, node: str) -> tuple[Factor, ...]:
    """Factors of a doubt.

    Parameters
    ----------
    doubt
        What could have been chosen otherwise.
    index, plan
        The index, and the same against its data.
    node
        The node that is looked at; a doubt that has no effect on it is refused.

    Raises
    ------
    MethodError
        A doubt is about something that is not there, cannot be, or has no effect: all are told.
    """
    made = _Design(doubt, index, plan, node)
    found: list[Factor] = []
    faults: list[Fault] = []
    for part in doubt.parts:
        try:
            factors = list(made.of(part))
            found += factors
            faults += [no_effect(part, node)] if not factors and part.law is not None else []
        except EgovindexError as error:
            faults += [_placed(fault, part) for fault in error.faults]
    if not doubt.parts:
        faults.append(Fault("a doubt without parts: nothing could have been otherwise", check="nothing_doubted"))
    faults += _doubted_twice(found)
    if faults:
        raise MethodError(faults)
    return tuple(found)


def _placed(fault: Fault, part: Part) -> Fault:
    message = fault.message if fault.message.startswith(part.label) else f"{part.label}: {fault.message}"
    return Fault(message, path=part.label, check=fault.check, units=fault.units, column=fault.column)


def no_effect(part: Part, node: str) -> Fault:
    """A doubt that nothing of the node feels: it would be varied, and nobody would notice that nothing happened."""
    message = f"{part.label}: has no effect on {node}; leave it out, or look at another node"
    return Fault(message, path=part.label, check="doubt_without_effect")


def _doubted_twice(factors: Sequence[Factor]) -> Iterator[Fault]:
    """Two factors of the same weights, or of the same line."""
    seen: dict[str, str] = {}
    for factor in factors:
        own = [f"weights.{node}" for node in factor.tables[0]] if isinstance(factor, SchemeFactor) else [factor.name]
        if isinstance(factor, LevelsFactor):
            own = [".".join(address) for address in factor.addresses]
        elif isinstance(factor, PointsFactor):
            own = [".".join(factor.address)]
        for name in own:
            if seen.setdefault(name, factor.group) != factor.group:
                message = f"{name} is doubted twice, by {seen[name]} and by {factor.group}; keep one"
                yield Fault(message, path=name, check="doubted_twice")


class _Design:
    """Makes the factors of each kind of doubt."""

    def __init__(self, doubt: Doubt, index: Index, plan: Plan, node: str) -> None:
        self.doubt = doubt
        self.index = index
        self.tree = index.tree
        self.plan = plan
        self.node = node
        self.below = plan.below([node])
        self.read = set(self.below).union(*(self.tree.reads(name) for name in self.below))

    def of(self, part: Part) -> Iterator[Factor]:
        """Factors of one part that act on the node."""
        makers: dict[str, Callable[[Part], Iterator[Factor]]] = {
            "weights": self.weights, "points": self.points, "nothing": self.nothing, "rules": self.rules,
            "normalise": self.steps, "steps": self.steps, "aggregate": self.aggregate, "values": self.values,
            "include": self.include, "recipes": self.recipes,
        }  # fmt: skip
        yield from makers[part.kind](part)

    def known(self, record: str, among: Any, what: str) -> str:
        """A record that is there, and below the node that is looked at."""
        if record not in among:
            here = "an indicator" if record in self.tree.leaves else "a node" if record in self.tree.branches else None
            hint = f'"{record}" is {here}' if here else f'there is no {what} "{record}"{did_you_mean(record, among)}'
            raise MethodError(Fault(hint, check=f"unknown_{what}", column=record))
        if record not in self.read:
            raise MethodError(
                Fault(f"{record} is no part of {self.node}, and has no effect on it", check="doubt_without_effect")
            )
        return record

    def others(self, kind: str) -> set[str]:
        """Keys of a kind that are named by themselves."""
        return {part.key for part in self.doubt.parts if part.kind == kind and part.key != ALL}

    # --- weights
    def weights(self, part: Part) -> Iterator[Factor]:
        law = part.law
        if part.key != ALL:
            self.known(part.key, self.tree.branches, "node")
        if isinstance(law, Schemes):
            yield from self.schemes(part, law)
        elif law is not None:
            nodes = [part.key] if part.key != ALL else self.weighted()
            for name in nodes:
                yield self.weight_factor(part, law, name)

    def weighted(self) -> list[str]:
        """Nodes below the one looked at whose weights do something, and that are not named by themselves."""
        return [
            name
            for name in self.tree.branches
            if name in self.below and name not in self.others("weights") and self.why_weightless(name) is None
        ]

    def why_weightless(self, name: str) -> str | None:
        """Why the weights of a node say nothing."""
        branch = self.tree.branches[name]
        if branch.formula is not None:
            return "it is computed by a formula, and has no weights"
        if branch.over or len(branch.children) < 2:
            return "it has one child"
        if not self.aggregates(name) & set(_WEIGHTED):
            return f"its aggregate is {branch.aggregate}, to which weights say nothing"
        if not any(weight.value for weight in branch.weights):
            return "all its weights are 0"
        return None

    def aggregates(self, name: str) -> set[str]:
        """Aggregates that a node may have."""
        found = {self.tree.branches[name].aggregate}
        for part in self.doubt.parts:
            if part.kind == "aggregate" and part.key in (ALL, name):
                found |= set(map(str, part.law.of))
        return found

    def weight_factor(self, part: Part, law: WeightLaw, name: str) -> WeightFactor:
        reason = self.why_weightless(name)
        if reason is not None:
            raise MethodError(Fault(f"weights.{name}: {reason}", check="doubt_without_effect", column=name))
        branch = self.tree.branches[name]
        own = np.array([weight.value for weight in branch.weights])
        loose = self.aggregates(name) <= set(_OF_RATIOS) and not self.others("recipes")
        edges = Edges(name, branch.children, own, loose)
        sampler = law.sampler(edges)
        return WeightFactor(f"weights.{name}", part.label, str(law), name, branch.children, own, sampler)

    def schemes(self, part: Part, law: Schemes) -> Iterator[Factor]:
        given = [
            scheme if part.key == ALL or not isinstance(scheme, Mapping) else {part.key: scheme} for scheme in law.of
        ]
        indices = [self.index.with_weights(scheme) for scheme in given]
        tables = [
            {
                name: dict(zip(branch.children, (w.value for w in branch.weights), strict=True))
                for name, branch in varied.tree.branches.items()
            }
            for varied in (self.index, *indices)
        ]
        own, *others = tables
        nodes = [
            name
            for name in own
            if name in self.below and (part.key in (ALL, name)) and any(table[name] != own[name] for table in others)
        ]
        if nodes:
            chosen = tuple({name: table[name] for name in nodes} for table in others)
            as_is = next((at for at, table in enumerate(chosen) if table == {n: own[n] for n in nodes}), -1)
            yield SchemeFactor(part.label, part.label, str(law), law.labels, law.chances, as_is, chosen)

    # --- points and nothing
    def points(self, part: Part) -> Iterator[Factor]:
        if part.key == ALL:
            raise MethodError(Fault('name the lines, as in {"status.drafted": (0.2, 0.6)}', check="bad_law"))
        if isinstance(part.law, Monotone):
            yield from self.levels(part, part.law)
            return
        yield from self.outcome(part, line_at(self.index.file, part.key))

    def nothing(self, part: Part) -> Iterator[Factor]:
        kinds = {kind.casefold(): kind for kind in self.tree.kinds}
        kind = kinds.get(part.key.casefold())
        if kind is None:
            message = f'there is no kind of nothing "{part.key}"{did_you_mean(part.key, self.tree.kinds)}'
            raise MethodError(Fault(message, check="unknown_kind"))
        if kind in self.tree.nothing:
            yield from self.outcome(part, line_at(self.index.file, ("nothing", kind)))
            return
        yield from self.choice(part, [("keys", {"nothing": {kind: one}}) for one in self.listed(part)], part.law)

    def listed(self, part: Part) -> tuple[Any, ...]:
        """Alternatives of a law that has any."""
        if not isinstance(part.law, Choice):
            message = f"{part.law}: the line is no number in the file; write alternatives as a list"
            raise MethodError(Fault(message, check="bad_law"))
        return part.law.of

    def outcome(self, part: Part, line: Line) -> Iterator[Factor]:
        law: NumberLaw = part.law
        number = isinstance(line.outcome, values.Quantity)
        words = isinstance(law, Choice) and any(isinstance(one, str) for one in law.of)
        if number and not words:
            factor = PointsFactor(part.label, part.label, str(law), line.address, line.outcome.value, law)
            if factor.touches(self.plan) & self.read:
                yield factor
            return
        yield from self.choice(part, [("points", {line.address: one}) for one in self.listed(part)], law)

    def levels(self, part: Part, law: Monotone) -> Iterator[Factor]:
        maps = {line.address[1] for line in lines_of(self.index.file) if line.address[0] == "points"}
        if part.key not in maps:
            message = (
                f'there is no map of points "{part.key}"{did_you_mean(part.key, maps)}; monotone is for a whole map'
            )
            raise MethodError(Fault(message, check="unknown_points"))
        kinds = {kind.casefold() for kind in self.tree.kinds}
        lines = [
            (line.address, line.outcome.value)
            for line in lines_of(self.index.file)
            if line.address[:2] == ("points", part.key)
            and isinstance(line.outcome, values.Quantity)
            and line.address[-1].casefold() not in kinds
        ]
        numbers = [value for _, value in lines]
        low = min(numbers, default=0.0) if law.low is None else law.low
        high = max(numbers, default=0.0) if law.high is None else law.high
        moving = [(a, v) for a, v in lines if law.low is not None or min(numbers) < v < max(numbers)]
        if not moving:
            message = f'no line of "{part.key}" earns something between {low:g} and {high:g}'
            raise MethodError(Fault(message, check="doubt_without_effect"))
        own = np.array([value for _, value in moving])
        place = np.unique(own, return_inverse=True)[1]
        factor = LevelsFactor(part.label, part.label, str(law), tuple(a for a, _ in moving), own, place, low, high)
        if factor.touches(self.plan) & self.read:
            yield factor

    # --- other indices
    def choice(
        self, part: Part, patches: Sequence[Patch], law: Choice, labels: Sequence[str] | None = None
    ) -> Iterator[Factor]:
        """A factor of other indices, where they are others."""
        names = (
            [str(one) if not isinstance(one, tuple) else " + ".join(one) for one in law.of]
            if labels is None
            else labels
        )
        indices = [patched(self.index, patch) for patch in patches]
        if all(varied == self.index for varied in indices):
            return
        as_is = next((at for at, varied in enumerate(indices) if varied == self.index), -1)
        yield PlanFactor(part.label, part.label, str(law), tuple(names), law.chances, as_is, tuple(patches))

    def rules(self, part: Part) -> Iterator[Factor]:
        if part.key != ALL:
            raise MethodError(Fault('rules are of the whole index; write rules=["strict", "graded"]', check="bad_law"))
        names = [one if isinstance(one, tuple) else (str(one),) for one in part.law.of]
        yield from self.choice(part, [("rules", rules) for rules in names], part.law)

    def steps(self, part: Part) -> Iterator[Factor]:
        written = [str(one) for one in part.law.of]
        parsed = [None if one == "none" else _step(one) for one in written]
        names = {step.name for step in parsed if step is not None}
        if part.kind == "normalise":
            name = NORMALISER
            if wrong := [
                one for one, step in zip(written, parsed, strict=True) if step is None or not step.form.normaliser
            ]:
                known = [form.name for form in STEPS.values() if form.normaliser]
                message = f"{listed(wrong)}: no normaliser; normalisers are {listed(known)}"
                raise MethodError(Fault(message, check="bad_law"))
        elif len(names) != 1:
            message = f"alternatives are of one step, found {listed(sorted(names))}; none takes it away"
            raise MethodError(Fault(message, check="bad_law"))
        else:
            (name,) = names
        records = self.with_step(part, name)
        patches = [("step", (records, name, None if step is None else str(step))) for step in parsed]
        yield from self.choice(part, patches, part.law)

    def with_step(self, part: Part, name: str) -> list[str]:
        """Records that have a step; of a normaliser that is meant for all, indicators alone."""
        every = [*self.tree.leaves, *(() if part.kind == "normalise" else self.tree.branches)]
        if part.key == ALL:
            found = [
                record
                for record in every
                if record in self.read and record not in self.others(part.kind) and has_step(self.index, record, name)
            ]
            if not found:
                message = f"no record below {self.node} has {'' if name == NORMALISER else 'the step '}{name}"
                raise MethodError(Fault(message, check="doubt_without_effect"))
            return found
        self.known(part.key, {**self.tree.leaves, **self.tree.branches}, "record")
        if not has_step(self.index, part.key, name):
            message = f"{part.key} has no {'normaliser' if name == NORMALISER else f'step {name}'}"
            raise MethodError(Fault(message, check="doubt_without_effect"))
        return [part.key]

    def aggregate(self, part: Part) -> Iterator[Factor]:
        if part.key == ALL:
            nodes = [
                name
                for name, branch in self.tree.branches.items()
                if name in self.below
                and name not in self.others("aggregate")
                and branch.formula is None
                and not branch.over
                and len(branch.children) > 1
            ]
        else:
            nodes = [self.known(part.key, self.tree.branches, "node")]
        patches = [("keys", {"nodes": {name: {"aggregate": str(one)} for name in nodes}}) for one in part.law.of]
        if nodes:
            yield from self.choice(part, patches, part.law)

    def recipes(self, part: Part) -> Iterator[Factor]:
        law: Mapping[str, Any] = part.law
        patches: list[Patch] = [("index", keys) if isinstance(keys, Index) else ("keys", keys) for keys in law.values()]
        lacking = [
            label for label, keys in law.items() if isinstance(keys, Index) and self.node not in keys.tree.branches
        ]
        if lacking:
            message = f"{listed(lacking)}: there is no node {self.node} in it"
            raise MethodError(Fault(message, check="unknown_node"))
        yield from self.choice(part, patches, Choice(tuple(law)), list(law))

    # --- values
    def values(self, part: Part) -> Iterator[Factor]:
        names = [part.key]
        if part.key == ALL:
            names = [
                n
                for n in self.tree.leaves
                if n in self.read and n not in self.others("values") and not self.why_no_number(n)
            ]
        for name in names:
            indicator = self.known(self.indicator_of(name), self.tree.leaves, "indicator")
            reason = self.why_no_number(indicator)
            if reason:
                raise MethodError(Fault(f"{indicator}: {reason}", check="no_measured_number", column=indicator))
            leaf = self.plan.leaves[indicator]
            measured = leaf.points(self.plan.outcomes)
            measured = measured if leaf.state is None else np.where(leaf.state == 0, measured, np.nan)
            rows = self.plan.records
            sd = self.deviations(part.law.sd, measured) if isinstance(part.law.sd, str) else None
            self.refuse_outside(part, indicator, measured)
            yield ErrorFactor(
                name=f"values.{indicator}",
                group=part.label,
                law=str(part.law),
                indicator=indicator,
                heading=self.tree.leaves[indicator].columns[0].text,
                measured=measured,
                rows=tuple(rows.name(row) for row in range(len(rows))),
                error=part.law,
                sd=sd,
            )

    def indicator_of(self, name: str) -> str:
        """An indicator, by its own name or by that of the one column it reads."""
        if name in self.tree.leaves:
            return name
        headings = self.index.file.columns
        reading = [
            leaf.id
            for leaf in self.tree.leaves.values()
            if len(leaf.columns) == 1 and name in (leaf.columns[0].text, headings.get(leaf.columns[0].text))
        ]
        return reading[0] if len(reading) == 1 else name

    def why_no_number(self, name: str) -> str | None:
        """Why the values of an indicator are not measured numbers."""
        kinds = {kind.casefold() for kind in self.tree.kinds}
        for line in self.tree.leaves[name].lines:
            if not isinstance(line.test, language.Literal) or line.test.text.casefold() not in kinds:
                return "its answers become points by lines, and an error could make another line hold"
        return (
            None
            if self.plan.leaves[name].slots is None or not self.plan.leaves[name].by_line.all()
            else "it is no number"
        )

    def deviations(self, heading: str, measured: Floats) -> Floats:
        """Standard deviations out of a column."""
        column = self.plan.headings.get(heading)
        if column is None:
            message = f'there is no column "{heading}" in the data{did_you_mean(heading, self.plan.headings)}'
            raise MethodError(Fault(message, check="unknown_column", column=heading))
        numbers = pd.to_numeric(self.plan.data[column], errors="coerce").to_numpy(dtype=np.float64)
        bad = np.isfinite(measured) & ~(numbers >= 0)
        if bad.any():
            message = (
                f'column "{heading}" has no standard deviation, a number from 0 on, for {self.plan.records.names(bad)}'
            )
            raise MethodError(Fault(message, check="no_deviation", column=heading))
        return numbers

    def refuse_outside(self, part: Part, indicator: str, measured: Floats) -> None:
        """Measured numbers outside the limits of the law."""
        low, high = part.law.low, part.law.high
        with np.errstate(invalid="ignore"):
            bad = (measured < (-np.inf if low is None else low)) | (measured > (np.inf if high is None else high))
        if bad.any():
            message = f"{indicator}: measured outside the limits of {part.law}: {self.plan.records.names(bad)}"
            raise MethodError(Fault(message, check="outside_limits", column=indicator))

    # --- what is in
    def include(self, part: Part) -> Iterator[Factor]:
        law = part.law
        if isinstance(law, LeaveOneOut):
            names = [self.known(n, {**self.tree.leaves, **self.tree.branches}, "record") for n in law.of]
            names = names or [name for name in self.tree.leaves if name in self.read and self.edges(name)]
            if not names:
                return
            out = [self.edges(name) for name in names]
            yield self.left_out(part, part.label, str(law), ("all in", *names), None, ((), *out))
            return
        for name, chance in law.items():
            self.known(name, {**self.tree.leaves, **self.tree.branches}, "record")
            told = f"in with chance {chance:g}"
            edges = self.edges(name)
            if not edges:
                raise MethodError(Fault(f"{name} is nobody's child below {self.node}", check="doubt_without_effect"))
            yield self.left_out(part, f"include.{name}", told, ("in", "out"), (chance, 1 - chance), ((), edges))
        self.refuse_nothing_left(law)

    def edges(self, name: str) -> tuple[Edge, ...]:
        """Edges by which a record counts for the node that is looked at."""
        return tuple((parent, name) for parent in self.tree.parents[name] if parent in self.below)

    def left_out(
        self,
        part: Part,
        name: str,
        law: str,
        labels: tuple[str, ...],
        chances: tuple[float, ...] | None,
        edges: tuple[tuple[Edge, ...], ...],
    ) -> Factor:
        """By the weight 0 where that is nothing at all, else by an index without the record."""
        if all(self.is_nothing_at_zero(edge) for out in edges for edge in out):
            return IncludeFactor(name, part.label, law, labels, chances, 0, edges)
        patches: list[Patch] = [("without", out) if out else ("as it is", None) for out in edges]
        for patch in patches:
            patched(self.index, patch)
        return PlanFactor(name, part.label, law, labels, chances, 0, tuple(patches))

    def is_nothing_at_zero(self, edge: Edge) -> bool:
        """Whether a child with the weight 0 is as good as none."""
        node, child = edge
        branch = self.tree.branches[node]
        aggregates = {branch.aggregate}
        for part in self.doubt.parts:
            if part.kind == "aggregate" and part.key in (ALL, node):
                aggregates |= set(map(str, part.law.of))
        if (
            branch.need is not None
            or branch.over
            or branch.formula is not None
            or not aggregates <= set(_BLIND_TO_ZERO)
        ):
            return False
        if child in self.plan.leaves:
            state = self.plan.leaves[child].state
            return state is None or not (state == VOID).any()
        # a node without a score takes that of its parent away, unless the file says otherwise
        return self.plan.skips_missing or not self.may_lack(child)

    def may_lack(self, node: str) -> bool:
        """Whether some unit may have no score in a node."""
        from egovindex.evaluate import evaluate

        try:
            state = evaluate(self.plan, nodes=[node]).state[node]
        except EgovindexError:
            return True
        return bool((state >= min(VOID, MISSING)).any())

    def refuse_nothing_left(self, chances: Mapping[str, float]) -> None:
        """Everything below the node could be left out at once."""

        def may_go(name: str) -> bool:
            if name in chances:
                return True
            branch = self.tree.branches.get(name)
            return branch is not None and bool(branch.inputs) and all(may_go(child) for child in branch.inputs)

        if all(may_go(child) for child in self.tree.branches[self.node].inputs):
            message = f"nothing may be left of {self.node}: every record below it can be left out; keep one in"
            raise MethodError(Fault(message, check="nothing_left"))


def _step(written: str) -> Any:
    try:
        return parse_step(written)
    except ValueError as error:
        raise MethodError(Fault(str(error), check="bad_law")) from None
