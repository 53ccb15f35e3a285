"""An index as a linear function of weights: what every exact answer about weights starts from.

In the parts of :mod:`egovindex.kernels.region` the score of a unit is ``x @ parts``. A row of ``x`` is what the
evaluator gives with all weight on one way down; that this is all there is to know is asked of the evaluator again,
at other weights, before anything is built on it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.evaluate import evaluate
from egovindex.formulas import Floats
from egovindex.kernels.rank import TIE_TOLERANCE, competition_ranks
from egovindex.kernels.region import Places
from egovindex.result import IndexResult
from egovindex.robustness.ways import Way
from egovindex.spec import values
from egovindex.tables import same_period, unit_name

__all__ = ["AGREES", "LinearForm", "WeightForm", "rows_of"]

# how far the evaluator and a linear form may be apart, relative to the largest score
AGREES = 1e-9


@dataclass(frozen=True, eq=False)
class LinearForm:
    """One node of a result, in one period, as a linear function of shares: ``x @ ends``.

    Parameters
    ----------
    result, node, period
        What is looked at.
    rows
        ``(n,)`` rows of the result that have a score.
    x
        ``(n, L)``: value of each unit at each end, transformed where the node is no arithmetic mean.
    notes
        What has to be known with every answer.
    """

    result: IndexResult
    node: str
    period: Any
    rows: Places
    x: Floats
    notes: tuple[str, ...]

    @property
    def own(self) -> Floats:
        """``(L,)`` the ends as the index has them."""
        raise NotImplementedError

    @property
    def shares(self) -> Floats:
        """``(V,)`` share of every part in its node, as the index has it."""
        raise NotImplementedError

    def evaluated(self, shares: Floats) -> Floats:
        """``(D, n)`` scores before the node's own steps, by the evaluator, from ``(D, V)`` shares."""
        raise NotImplementedError

    def table_of(self, shares: Floats) -> dict[str, dict[str, float]]:
        """What shares mean: numbers by what they belong to, and name."""
        raise NotImplementedError

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Names, in the order of the rows."""
        return tuple(map(str, self.result.plan.rows.units[self.rows]))

    @cached_property
    def index(self) -> pd.Index:
        """The units as tables have them; the period is one, and said elsewhere."""
        rows = self.result.plan.rows
        whole: Any = rows.index[self.rows]
        return whole if rows.periods is None else whole.droplevel("period")

    @cached_property
    def ranks(self) -> npt.NDArray[np.int64]:
        """``(n,)`` competition ranks as the index is, before rounding."""
        return competition_ranks(self.scores)

    @cached_property
    def scores(self) -> Floats:
        """``(n,)`` linear form as the index is."""
        return self.x @ self.own

    @cached_property
    def tolerance(self) -> float:
        """Forms that differ by no more are tied."""
        return TIE_TOLERANCE * float(np.abs(self.x).max(initial=0.0))

    def position(self, unit: Any) -> int:
        """Place of a unit among the rows.

        Raises
        ------
        MethodError
            There is no such unit, or it has no score.
        """
        name = unit_name(unit)
        if name in self.units:
            return self.units.index(name)
        if name in set(map(str, self.result.plan.rows.units)):
            message = f"{name} has no score in {self.node}, and so no rank"
            raise MethodError(Fault(message, check="no_score", units=(name,)))
        hint = did_you_mean(name, self.units, otherwise=f". Units: {listed(self.units)}")
        raise MethodError(Fault(f'there is no unit "{name}" in the data{hint}', check="unknown_unit", units=(name,)))

    def positions(self, units: Any) -> list[int]:
        """Places of some units, all by default; all that are unknown are told."""
        if units is None:
            return list(range(len(self.units)))
        names = [units] if isinstance(units, str) or not isinstance(units, Collection) else list(units)
        found: list[int] = []
        faults: list[Fault] = []
        for name in names:
            try:
                found.append(self.position(name))
            except MethodError as error:
                faults += error.faults
        if faults:
            raise MethodError(faults)
        return found


@dataclass(frozen=True, eq=False)
class WeightForm(LinearForm):
    """The linear form in weights.

    Parameters
    ----------
    x
        Value of each unit with all weight on one end.
    ways
        The ``L`` ways down, and the nodes whose weights vary on them.
    transform
        ``"none"``, ``"log"`` or ``"inverse"``: the score is an increasing function of the linear form.
    """

    ways: Way
    transform: str

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the ends: the last record of each way."""
        return tuple(self.ways.edges[part][1] for part in self.ways.ends)

    @property
    def shares(self) -> Floats:
        """``(V,)`` share of every edge in its node, as the index has it."""
        return self.ways.own

    @cached_property
    def parts(self) -> Floats:
        """``(V,)`` parts as the index has them."""
        return self.ways.parts(self.ways.own)

    @cached_property
    def own(self) -> Floats:
        """``(L,)`` the parts that are ends."""
        return self.parts[self.ways.ends]

    # --- weights
    def weights_at(self, shares: Floats) -> Floats:
        """Weights of all edges for :func:`egovindex.evaluate.evaluate`, from ``(..., V)`` shares of each node."""
        plan = self.result.plan
        found = np.broadcast_to(plan.weights, (*shares.shape[:-1], len(plan.weights))).copy()
        found[..., self.ways.places] = shares * self.ways.totals
        return found

    def evaluated(self, shares: Floats) -> Floats:
        """``(D, n)`` scores before the node's own steps, by the evaluator."""
        scores = evaluate(
            self.result.plan, weights=self.weights_at(shares), learned=self.result.learned_values, nodes=[self.node]
        )
        found = scores.aggregated[self.node]
        return np.broadcast_to(found, (len(shares), found.shape[-1]))[:, self.rows]

    def table_of(self, shares: Floats) -> dict[str, dict[str, float]]:
        """Shares by node and child, of the nodes that vary: what :meth:`Index.with_weights` takes."""
        found: dict[str, dict[str, float]] = {}
        for (node, child), share in zip(self.ways.edges, shares, strict=True):
            if node in self.ways.varied:
                found.setdefault(node, {})[child] = float(share)
        return found

    # --- thresholds
    def transformed(self, score: float) -> float:
        """The linear form at which the node, before its steps, has a score."""
        if self.transform == "none":
            return score
        if score <= 0:
            return -np.inf
        return float(np.log(score)) if self.transform == "log" else -1.0 / score

    @cached_property
    def thresholds(self) -> dict[str, float]:
        """The linear form from which on a unit is in each class, or a better one; empty without classes.

        Raises
        ------
        MethodError
            A class is a test, or the node's steps cannot be turned back.
        """
        bands = self.result.index.classes(self.node) or {}
        tests = [name for name, bound in bands.items() if not _is_plain(bound)]
        if tests:
            message = (
                f"classes of {self.node} ({listed(tests)}) are tests of more than its score; only limits are exact"
            )
            raise MethodError(Fault(message, check="class_of_tests"))
        return {
            name: self.transformed(self._before_steps(bound.value))
            for name, bound in bands.items()
            if isinstance(bound, values.Quantity)
        }

    def _before_steps(self, score: float) -> float:
        """The value before the node's steps that leads to a score."""
        steps = self.result.index.tree.branches[self.node].steps
        if not steps:
            return score
        if len(steps) == 1 and steps[0].name == "round":
            return score - 0.5 * 10.0 ** -steps[0].parameter("digits")
        if any(step.name == "round" for step in steps):
            message = (
                f"classes of {self.node} are of scores that are scaled and rounded; radii of classes are not known"
            )
            raise MethodError(Fault(message, check="class_of_steps"))
        before = self.result.nominal.aggregated[self.node][self.rows]
        after = self.result.nominal.by_node[self.node][self.rows]
        one, other = int(np.argmin(before)), int(np.argmax(before))
        slope = (after[other] - after[one]) / (before[other] - before[one])
        return float(before[one] + (score - after[one]) / slope)


def _is_plain(bound: Any) -> bool:
    from egovindex.spec import language

    return isinstance(bound, (values.Quantity, language.Else))


def rows_of(result: IndexResult, node: str, period: Any) -> tuple[Places, Any]:
    """Rows that have a score, in the one period that is meant.

    Raises
    ------
    MethodError
        There are several periods and none is named, or it is not there.
    """
    rows = result.plan.rows
    if rows.further:
        keys = ", ".join(rows.keys)
        message = f"a row is one of ({keys}) here, and ranks of units are not told; score each of them by itself"
        raise MethodError(Fault(message, check="several_records"))
    scored = ~np.isnan(result.nominal.by_node[node])
    if not scored.any():
        raise MethodError(Fault(f"no unit has a score in {node}; look at result.states", check="no_score"))
    if rows.periods is None:
        if period is not None:
            raise MethodError(Fault("the run has no periods; leave period= out", check="unknown_period"))
        return np.flatnonzero(scored), None
    names = list(rows.group_names)
    if period is None and len(names) == 1:
        period = names[0]
    found = next((name for name in names if same_period(name, period)), None) if period is not None else None
    if found is None:
        hint = "" if period is None else f"no period {period}{did_you_mean(str(period), map(str, names))}; "
        message = f"{hint}the run has the periods {listed(names)}; name one with period="
        raise MethodError(Fault(message, check="unknown_period"))
    group: npt.NDArray[np.intp] = rows.groups[names.index(found)]
    return group[scored[group]], found
