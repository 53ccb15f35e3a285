"""An index against one table, with what laws ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from egovindex.errors import MethodError, SpecError
from egovindex.evaluate import evaluate
from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.plan import Plan
from egovindex.result import IndexResult
from egovindex.scores import Scores
from egovindex.testing.ascode import from_document

__all__ = ["TOLERANCE", "Case", "Finding", "Smaller"]


@dataclass(frozen=True)
class Finding:
    """What one law says of one node on one table; ``holds`` is ``None`` where it does not apply.

    ``promised`` is whether the recipe promises the law: a counterexample to what is not promised is no fault.
    Of two counterexamples the one of the higher ``grade`` says more; a smaller table must not lose it.
    """

    node: str
    holds: bool | None
    detail: str = ""
    promised: bool = True
    grade: int = 0


# Sums of the same numbers in another order differ by about 1e-15; what a change of 1e-12 in the inputs
# does is allowed besides, so that a score on the edge of a rounding is no counterexample.
TOLERANCE = 1e-12
_NUDGE = 1e-12


# an index with one edge less, by the edge
Smaller = dict[tuple[str, str], Index | None]


class Case:
    """An index against one table, with all that laws ask for.

    Parameters
    ----------
    index, table
        What is tried.
    seed
        Of everything that laws draw.
    smaller
        Indices with one edge less that other cases of this index have made.
    """

    def __init__(self, index: Index, table: pd.DataFrame, seed: int, smaller: Smaller | None = None) -> None:
        self.index = index
        self.smaller = {} if smaller is None else smaller
        self.table = table
        self.plan: Plan = index.plan(table)
        self.scores: Scores = evaluate(self.plan)
        self.seed = seed
        self.rng = np.random.default_rng(seed)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.plan.rows)

    def unit(self, row: int) -> str:
        """Unit (and period) of a row."""
        return self.plan.rows.name(int(row))

    @cached_property
    def leaves(self) -> dict[str, Floats]:
        """Every indicator after its steps."""
        result = IndexResult(self.index, self.plan, self.scores).indicators
        return {str(name): result[name].to_numpy(dtype=np.float64) for name in result}

    @cached_property
    def x(self) -> Floats:
        """Points of every indicator before its steps."""
        return self.plan.x()

    def tried(self, given: Mapping[str, Floats], *, keep: bool = False) -> Scores | None:
        """Scores for other inputs (learned values kept, if asked); ``None`` where the index is not defined."""
        learned = self.scores.learned if keep else None
        x, weights, outcomes = (given.get(name) for name in ("x", "weights", "outcomes"))
        try:
            return evaluate(self.plan, x, weights, outcomes=outcomes, learned=learned)
        except MethodError:
            return None

    def tried_without(self, smaller: Index) -> Scores | None:
        """Scores of the same table by an index with one edge less."""
        try:
            return evaluate(smaller.plan(self.table))
        except MethodError:
            return None

    def without(self, node: str, child: str) -> Index | None:
        """The index with one edge less; ``None`` where a default makes the edge."""
        if (node, child) not in self.smaller:
            self.smaller[node, child] = _without(self.index, node, child)
        return self.smaller[node, child]

    def value(self, name: str) -> Floats:
        """Scores of a node, or an indicator after its steps; NaN where there is none."""
        return self.scores.by_node[name] if name in self.scores.by_node else self.leaves[name]

    def aggregated(self, node: str, scores: Scores | None = None) -> Floats:
        """A node before its own points and steps."""
        found = (scores or self.scores).aggregated[node]
        return np.broadcast_to(found, (*found.shape[:-1], self.rows))

    @cached_property
    def fractional(self) -> Floats:
        """1 for weights that need not be whole numbers: all but exponents."""
        found = np.ones(len(self.plan.weights))
        for node in self.plan.nodes:
            if node.branch.aggregate == "product":
                found[node.edges] = 0.0
        return found

    @cached_property
    def leeway(self) -> dict[str, Floats]:
        """How far each node's scores move when the inputs change by 1e-12."""
        return self.leeway_of(self.x, self.plan.weights)

    def leeway_of(self, x: Floats, weights: Floats, outcomes: Floats | None = None) -> dict[str, Floats]:
        """The same for other inputs, of one draw."""
        rng = np.random.default_rng(0)
        # the first of five draws is as given, so that all five come out of one batch
        turns = np.arange(5.0)
        chance = self.fractional * rng.uniform(-1, 1, (len(turns), *weights.shape)) * (turns > 0)[:, None]
        # equal answers stay equal
        waves = np.sin(np.nan_to_num(x) * 1e4 + turns[:, None, None]) * (turns > 0)[:, None, None]
        nudged = {"weights": weights * (1 + _NUDGE * chance)} | ({} if outcomes is None else {"outcomes": outcomes})
        found = {node: np.zeros(self.rows) for node in self.scores.nodes}
        for moved in (x, x + _NUDGE * waves * np.abs(x)):
            scores = self.tried({**nudged, "x": moved})
            if scores is None:  # a hair over the edge of what a method takes
                continue
            for node, at in found.items():
                first, others = scores[node][0], scores[node][1:]
                gaps = np.isnan(first) != np.isnan(others)
                far = np.where(gaps, np.inf, np.abs(np.nan_to_num(others) - np.nan_to_num(first)))
                found[node] = np.maximum(at, far.max(axis=0))
        return found

    def differing(self, node: str, found: Floats, expected: Floats, leeway: Floats | None = None) -> int | None:
        """The first row where two arrays of scores differ by more than rounding explains."""
        gaps = np.isnan(found) != np.isnan(expected)
        far = np.abs(np.nan_to_num(found) - np.nan_to_num(expected))
        allowed = TOLERANCE * np.maximum(1.0, np.abs(np.nan_to_num(expected)).max(initial=0.0))
        bad = gaps | (far > allowed)
        if bad.any():
            moves = self.leeway[node] if leeway is None else leeway
            bad &= ~np.where(gaps, np.isinf(moves), far <= allowed + moves)
        return int(np.flatnonzero(bad)[0]) if bad.any() else None

    def counted(self, finding: Finding) -> Finding:
        """The finding, unless nobody has a score that could have broken the law."""
        if finding.holds and np.isnan(self.scores[finding.node]).all():
            return replace(finding, holds=None, detail="no unit has a score")
        return finding

    def drawn_weights(self, draws: int) -> Floats:
        """Other weights of the same signs, zeros kept."""
        factors = self.rng.uniform(0.25, 4.0, (draws, len(self.plan.weights)))
        return self.plan.weights * np.where(self.fractional > 0, factors, 1.0)


def _without(index: Index, node: str, child: str) -> Index | None:
    document = index.document()
    record = document["nodes"][node]
    of = record.get("of")
    if isinstance(of, dict):
        record["of"] = {name: weight for name, weight in of.items() if name != child}
    elif of is not None:
        record["of"] = [name for name in of if name != child]
    else:
        below = document["indicators" if child in document["indicators"] else "nodes"][child]
        if below.get("in") != node:
            return None
        below.pop("in")
        below.pop("weight", None)
    try:
        smaller: Index = from_document(document)
    except SpecError:
        return None
    return smaller
