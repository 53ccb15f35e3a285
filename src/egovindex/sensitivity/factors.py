"""Factors: a doubt against an index and its data. A draw is one setting of every factor.

A setting is a row of numbers, named by ``columns``; of a factor with alternatives it is the position of one of them.
Letters: ``D`` draws, ``d`` numbers of a setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.plan import Plan
from egovindex.sensitivity.inputs import Inputs
from egovindex.sensitivity.numberlaws import Choice, Error, NumberLaw, picked
from egovindex.sensitivity.patches import Patch, left_out, patched
from egovindex.sensitivity.samplers import Sampler

__all__ = [
    "Edge",
    "End",
    "ErrorFactor",
    "Factor",
    "IncludeFactor",
    "LevelsFactor",
    "PlanFactor",
    "PointsFactor",
    "SchemeFactor",
    "Touched",
    "WeightFactor",
]

Edge = tuple[str, str]
Touched = set[str]
_ROUNDING = 1e-9
# told of what varies while nothing follows: points that no answer in these data earns, policies that nobody meets
_UNEARNED = "earned by nobody in these data"
_UNFELT = "changes nothing in these data by itself"
# what is moved, where to, and the setting
End = tuple[str, str, Floats]


@dataclass(frozen=True, eq=False)
class Factor:
    """What varies by itself.

    Parameters
    ----------
    name
        Of the factor, and of its stream of chance.
    group
        The doubt it comes from.
    law
        Its law in words.
    """

    name: str
    group: str
    law: str

    @property
    def columns(self) -> tuple[str, ...]:
        """``d`` names of the numbers of a setting."""
        return (self.name,)

    @property
    def about(self) -> tuple[str, ...]:
        """What no other factor may be about."""
        return (self.name,)

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Names of alternatives, where a setting is the position of one."""
        return None

    @property
    def nominal(self) -> Floats:
        """``(d,)`` the setting that leaves the index as it is; -1 where no alternative does."""
        raise NotImplementedError

    @property
    def uniforms(self) -> int:
        """How many uniform numbers :meth:`at` takes; 0 where it cannot be used."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator, draws: int, dtype: Any = np.float64) -> Floats:  # noqa: ARG002
        """``(D, d)`` settings out of a source of chance."""
        found = self.at(rng.random((draws, self.uniforms)))
        assert found is not None  # noqa: S101 - a factor that has no such form draws by itself
        return found

    def at(self, uniform: Floats) -> Floats | None:
        """``(D, d)`` settings out of ``(D, uniforms)`` uniform numbers, or ``None``."""
        raise NotImplementedError

    def told(self, setting: Floats) -> Floats:
        """Settings as people are told them."""
        return setting

    def named(self, setting: Floats) -> dict[str, Any]:
        """One setting as people are told it, by column; the label of an alternative."""
        if self.labels is None:
            return dict(zip(self.columns, map(float, self.told(setting[None])[0]), strict=True))
        at = int(setting[0])
        return {self.name: self.labels[at] if at >= 0 else "as it is"}

    def touches(self, plan: Plan) -> Touched:
        """Nodes and indicators of a plan that vary with it."""
        raise NotImplementedError

    def apply(self, inputs: Inputs, setting: Floats) -> None:
        """Put settings into what the evaluator takes."""
        raise NotImplementedError

    def ends(self, level: float) -> list[End]:
        """Settings to try one at a time."""
        raise NotImplementedError

    def vary(self, index: Index, setting: Floats) -> Index:
        """The index under one setting."""
        raise NotImplementedError

    @property
    def idle(self) -> str | None:
        """Why nothing follows from it in these data, if that is so."""
        return None

    @property
    def diagnostics(self) -> Mapping[str, Any]:
        """How it draws, where that is worth knowing."""
        return {"method": self.idle} if self.idle else {}

    @property
    def content(self) -> Any:
        """What makes it this factor and no other, as plain data."""
        return [self.name, self.law]


# --- weights
@dataclass(frozen=True, eq=False)
class WeightFactor(Factor):
    """Weights of the children of a node."""

    node: str
    children: tuple[str, ...]
    weights: Floats
    sampler: Sampler

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"weights.{self.node}.{child}" for child in self.children)

    @property
    def nominal(self) -> Floats:
        return self.weights

    @property
    def uniforms(self) -> int:
        return self.sampler.uniforms

    def draw(self, rng: np.random.Generator, draws: int, dtype: Any = np.float64) -> Floats:
        return self.sampler.draw(rng, draws, dtype)

    def told(self, setting: Floats) -> Floats:
        return self.sampler.scaled(setting)

    def at(self, uniform: Floats) -> Floats | None:
        return self.sampler.at(uniform)

    def touches(self, plan: Plan) -> Touched:
        return {self.node} if self.node in plan.tree.branches else set()

    def apply(self, inputs: Inputs, setting: Floats) -> None:
        inputs.set_weights(self.node, self.children, setting)

    def ends(self, level: float) -> list[End]:
        """One weight at its end, told as a share of the total, the others in their proportions."""
        found = []
        total = self.weights.sum()
        for at, (child, ends) in enumerate(zip(self.children, self.sampler.ends(level), strict=True)):
            others = np.arange(len(self.children)) != at
            rest = self.weights[others].sum()
            for word, end in zip(("low", "high"), ends, strict=True):
                setting = self.weights.copy()
                setting[at] = end
                if rest != 0:
                    setting[others] *= (total - end) / rest
                else:
                    setting[others] = (total - end) / max(others.sum(), 1)
                # of a total that is no size of them the weight itself is told
                told = f"{100 * end / total:.3g} %" if total > _ROUNDING * np.abs(self.weights).sum() else f"{end:.3g}"
                found.append((f"{self.name}.{child}", f"{word}: {told}", setting))
        return found

    def vary(self, index: Index, setting: Floats) -> Index:
        weights = self.sampler.scaled(setting[None])[0]
        return _reweighted(index, {self.node: dict(zip(self.children, map(float, weights), strict=True))})

    @property
    def diagnostics(self) -> Mapping[str, Any]:
        return self.sampler.diagnostics


def _reweighted(index: Index, weights: Mapping[str, Mapping[str, float]]) -> Index:
    """Other weights of the nodes and children that are there, where a recipe leaves some out."""
    branches = index.tree.branches
    left = {
        node: {child: weight for child, weight in own.items() if child in branches[node].children}
        for node, own in weights.items()
        if node in branches
    }
    return index.with_weights(left) if left else index


# --- alternatives
@dataclass(frozen=True, eq=False)
class _Alternatives(Factor):
    """One of several alternatives."""

    of: tuple[str, ...]
    chances: tuple[float, ...] | None
    as_is: int

    @property
    def labels(self) -> tuple[str, ...]:
        return self.of

    @property
    def nominal(self) -> Floats:
        return np.array([float(self.as_is)])

    @property
    def uniforms(self) -> int:
        return 1

    def at(self, uniform: Floats) -> Floats | None:
        return picked(uniform, len(self.of), self.chances).astype(np.float64)

    def ends(self, level: float) -> list[End]:  # noqa: ARG002 - each alternative is one
        return [(self.name, label, np.array([float(at)])) for at, label in enumerate(self.of) if at != self.as_is]


@dataclass(frozen=True, eq=False)
class SchemeFactor(_Alternatives):
    """One of several weight sets, as a whole."""

    tables: tuple[Mapping[str, Mapping[str, float]], ...]

    @property
    def content(self) -> Any:
        """With the weights, which a doubt may name by a path."""
        return [self.name, self.law, self.tables]

    @property
    def about(self) -> tuple[str, ...]:
        return tuple(f"weights.{node}" for node in self.tables[0])

    def touches(self, plan: Plan) -> Touched:
        return {node for table in self.tables for node in table if node in plan.tree.branches}

    def apply(self, inputs: Inputs, setting: Floats) -> None:
        which = setting[:, 0].astype(np.int64)
        for node, children in self.tables[0].items():
            given = np.array([list(table[node].values()) for table in self.tables])
            own = np.array([inputs.plan.weights[inputs.plan.edge_places[node, child]] for child in children])
            # -1: as the index has them
            inputs.set_weights(node, list(children), np.vstack([given, own])[which])

    def vary(self, index: Index, setting: Floats) -> Index:
        at = int(setting[0])
        return index if at < 0 else _reweighted(index, self.tables[at])


@dataclass(frozen=True, eq=False)
class PlanFactor(_Alternatives):
    """Alternatives that are other indices: each is compiled by itself."""

    patches: tuple[Patch, ...]
    unfelt: bool = False

    @property
    def idle(self) -> str | None:
        return _UNFELT if self.unfelt else None

    def touches(self, plan: Plan) -> Touched:  # noqa: ARG002 - inside a plan nothing varies with it
        return set()

    def apply(self, inputs: Inputs, setting: Floats) -> None:
        """Nothing: the plan of these draws is that of the alternative."""

    def vary(self, index: Index, setting: Floats) -> Index:
        return patched(index, self.patches[int(setting[0])]) if setting[0] >= 0 else index


@dataclass(frozen=True, eq=False)
class IncludeFactor(_Alternatives):
    """Records that are left out, by giving their edges the weight 0."""

    edges: tuple[tuple[Edge, ...], ...]

    def touches(self, plan: Plan) -> Touched:
        return {node for edges in self.edges for node, _ in edges if node in plan.tree.branches}

    def apply(self, inputs: Inputs, setting: Floats) -> None:
        which = setting[:, 0].astype(np.int64)
        for at, edges in enumerate(self.edges):
            if edges and (where := which == at).any():
                inputs.leave_out(edges, where)

    def vary(self, index: Index, setting: Floats) -> Index:
        return left_out(index, self.left_out(setting))

    def left_out(self, setting: Floats) -> tuple[Edge, ...]:
        """Edges that one setting leaves out."""
        return self.edges[int(setting[0])] if setting[0] >= 0 else ()


# --- points
@dataclass(frozen=True, eq=False)
class PointsFactor(Factor):
    """What a line of points earns; ``unearned`` where nobody's answer does in these data."""

    address: tuple[str, ...]
    own: float
    number: NumberLaw
    unearned: bool = False

    @property
    def about(self) -> tuple[str, ...]:
        return (".".join(self.address),)

    @property
    def nominal(self) -> Floats:
        return np.array([self.own])

    @property
    def uniforms(self) -> int:
        return 1

    def at(self, uniform: Floats) -> Floats | None:
        return self.number.at(uniform)

    def touches(self, plan: Plan) -> Touched:
        return plan.earning(self.address)

    def apply(self, inputs: Inputs, setting: Floats) -> None:
        inputs.set_outcomes([self.address], setting)

    def ends(self, level: float) -> list[End]:
        ends = [float(one) for one in self.number.of] if isinstance(self.number, Choice) else self.number.limits(level)
        return [(self.name, f"{end:.4g}", np.array([end])) for end in dict.fromkeys(ends) if end != self.own]

    def vary(self, index: Index, setting: Floats) -> Index:
        return index.with_points({self.address: float(setting[0])})

    @property
    def idle(self) -> str | None:
        return _UNEARNED if self.unearned else None


@dataclass(frozen=True, eq=False)
class LevelsFactor(Factor):
    """What the lines of a map earn, in the order they have.

    Parameters
    ----------
    addresses
        Of the lines that move.
    own
        ``(lines,)`` what they earn in the index.
    level
        ``(lines,)`` place of each among the levels that move; lines that earn the same go on doing so.
    low, high
        Between which they move.
    unearned
        Whether nobody's answer earns any of them in these data.
    """

    addresses: tuple[tuple[str, ...], ...]
    own: Floats
    level: npt.NDArray[np.intp]
    low: float
    high: float
    unearned: bool = False

    @property
    def about(self) -> tuple[str, ...]:
        return self.columns

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(".".join(address) for address in self.addresses)

    @property
    def nominal(self) -> Floats:
        return self.own

    @property
    def uniforms(self) -> int:
        return int(self.level.max()) + 1

    def at(self, uniform: Floats) -> Floats | None:
        """Numbers in order are numbers put in order: uniform over all rising sets."""
        return (self.low + (self.high - self.low) * np.sort(uniform, axis=1))[:, self.level]

    def touches(self, plan: Plan) -> Touched:
        return set().union(*(plan.earning(address) for address in self.addresses))

    def apply(self, inputs: Inputs, setting: Floats) -> None:
        inputs.set_outcomes(self.addresses, setting)

    def ends(self, level: float) -> list[End]:  # noqa: ARG002 - its ends say more than a share of it
        ends = (("all low", self.low), ("all high", self.high))
        return [(self.name, f"{word}: {end:.4g}", np.full(len(self.own), end)) for word, end in ends]

    def vary(self, index: Index, setting: Floats) -> Index:
        return index.with_points(dict(zip(self.addresses, map(float, setting), strict=True)))

    @property
    def idle(self) -> str | None:
        return _UNEARNED if self.unearned else None


# --- values
@dataclass(frozen=True, eq=False)
class ErrorFactor(Factor):
    """Error of the measured numbers of an indicator; a setting has the number of every row.

    Parameters
    ----------
    indicator
        Name.
    heading
        Of the column it reads.
    measured
        ``(rows,)``; NaN where there is no number.
    rows
        Names of the rows.
    error
        The law.
    sd
        ``(rows,)`` standard deviations, where the law names a column that has them.
    """

    indicator: str
    heading: str
    measured: Floats
    rows: tuple[str, ...]
    error: Error
    sd: Floats | None = None
    known: npt.NDArray[np.intp] = field(init=False)

    def __post_init__(self) -> None:
        known = np.flatnonzero(np.isfinite(self.measured))
        by_name = sorted(known, key=lambda row: self.rows[row])  # the errors of a unit are its own, wherever it stands
        object.__setattr__(self, "known", np.array(by_name, dtype=np.intp))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"values.{self.indicator}.{row}" for row in self.rows)

    @property
    def nominal(self) -> Floats:
        return self.measured

    @property
    def uniforms(self) -> int:
        return len(self.known)

    def at(self, uniform: Floats) -> Floats | None:
        found = np.tile(self.measured, (len(uniform), 1))
        sd = None if self.sd is None else self.sd[self.known]
        found[:, self.known] = self.error.around(uniform, self.measured[self.known], sd)
        return found

    def touches(self, plan: Plan) -> Touched:
        return {self.indicator} if self.indicator in plan.leaves else set()

    def apply(self, inputs: Inputs, setting: Floats) -> None:
        if self.indicator in inputs.plan.leaves:
            inputs.x[self.indicator] = setting

    def ends(self, level: float) -> list[End]:
        """All units at the same end of their error."""
        found = []
        for word, share in (("all low", (1 - level) / 2), ("all high", (1 + level) / 2)):
            setting = self.at(np.full((1, len(self.known)), share))
            assert setting is not None  # noqa: S101 - for the type checker
            found.append((self.name, word, setting[0]))
        return found

    def vary(self, index: Index, setting: Floats) -> Index:  # noqa: ARG002 - the data vary, not the index
        return index
