"""The plans that draws choose among: each combination of alternatives is an index of its own against the data."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from egovindex.errors import EgovindexError
from egovindex.evaluate import Precision, evaluate, settle
from egovindex.index import Index
from egovindex.plan import Plan
from egovindex.scores import Settled
from egovindex.sensitivity.coding import CoderFactor, Earned, earned_by
from egovindex.sensitivity.factors import Factor, PlanFactor
from egovindex.sensitivity.patches import patched, restructured
from egovindex.stepping import Learned

__all__ = ["Variant", "Variants"]

Choices = tuple[int, ...]

_KEPT = 256


@dataclass(frozen=True, eq=False)
class Variant:
    """One combination of alternatives, ready for draws.

    Parameters
    ----------
    plan
        The index against the data.
    learned
        Values learned without any draw, where those are kept; ``None`` where each draw learns.
    settled
        Records that no draw changes, by precision.
    earned
        What each category earns, by indicator whose answers are in doubt.
    """

    plan: Plan
    learned: Learned | None
    settled: dict[str, Settled]
    earned: Mapping[str, Earned] = field(default_factory=dict)


class Variants:
    """Makes and keeps variants; those least asked for are made again.

    Parameters
    ----------
    index, plan
        The index as it is, and the same against its data.
    factors
        All factors, in their order.
    node
        The node that is looked at.
    nominal
        Whether learned values are those without draws.
    """

    def __init__(self, index: Index, plan: Plan, factors: tuple[Factor, ...], node: str, *, nominal: bool) -> None:
        self.index = index
        self.plan = plan
        self.node = node
        self.nominal = nominal
        self.choosing = tuple(factor for factor in factors if isinstance(factor, PlanFactor))
        self.varying = tuple(factor for factor in factors if not isinstance(factor, PlanFactor))
        self._made: OrderedDict[Choices, Variant | EgovindexError] = OrderedDict()
        self._lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in ("_made", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._made = OrderedDict()
        self._lock = Lock()

    def of(self, choices: Choices, precision: Precision) -> Variant:
        """The variant of a combination; -1 leaves the index as it is.

        Raises
        ------
        EgovindexError
            There is no such index, or the data do not fit it.
        """
        with self._lock:
            found = self._made.get(choices)
            if found is not None:
                self._made.move_to_end(choices)
        if found is None:
            try:
                found = self._make(choices)
            except EgovindexError as error:
                found = error
            with self._lock:
                self._made[choices] = found
                while len(self._made) > _KEPT:
                    self._made.popitem(last=False)
        if isinstance(found, EgovindexError):
            raise found
        if precision not in found.settled:
            found.settled[precision] = self._settled(found, precision)
        return found

    def index_of(self, choices: Choices) -> Index:
        """The index of a combination."""
        index = self.index
        for factor, choice in zip(self.choosing, choices, strict=True):
            if choice >= 0 and choice != factor.as_is:
                index = patched(index, factor.patches[choice])
        return index

    def _make(self, choices: Choices) -> Variant:
        chosen = [
            factor.patches[choice]
            for factor, choice in zip(self.choosing, choices, strict=True)
            if choice >= 0 and choice != factor.as_is
        ]
        plan = restructured(self.plan, chosen) if chosen else self.plan
        if plan is None:
            plan = self.index_of(choices).plan(self.plan.data)
        learned = evaluate(plan, nodes=[self.node]).learned if self.nominal else None
        coders = [factor for factor in self.varying if isinstance(factor, CoderFactor)]
        return Variant(plan, learned, {}, earned_by(self.index_of(choices), plan, coders) if coders else {})

    def _settled(self, variant: Variant, precision: Precision) -> Settled:
        varied: set[str] = set()
        for factor in self.varying:
            varied |= factor.touches(variant.plan)
        if self.node not in variant.plan.above(varied):
            varied.add(self.node)
        return settle(variant.plan, varied, learned=variant.learned, nodes=[self.node], precision=precision)
