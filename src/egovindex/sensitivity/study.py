"""A doubt about an index, ready to be drawn from: settings in, scores of one node out.

This is what workers get: it can be pickled, and what it computes depends on nothing but the settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.errors import EgovindexError, Fault, MethodError
from egovindex.evaluate import Precision, evaluate, leaf_values
from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.plan import Plan
from egovindex.sensitivity.factors import Edge, Factor, IncludeFactor, PlanFactor
from egovindex.sensitivity.inputs import Inputs, NothingLeft
from egovindex.sensitivity.patches import left_out
from egovindex.sensitivity.variants import Variant, Variants
from egovindex.streams import CHUNK, Streams

__all__ = ["Batch", "Failure", "Settings", "Study"]

Settings = Mapping[str, Floats]

# cells of a block of scores: what stays in the cache of one core
_CELLS = 1 << 18
_MOST_AT_ONCE = 1024
_LEAST_AT_ONCE = 16


@dataclass(frozen=True)
class Failure:
    """A draw that has no scores.

    Parameters
    ----------
    draw
        Its number.
    message
        Why.
    """

    draw: int
    message: str


@dataclass
class Batch:
    """Scores of some draws.

    Parameters
    ----------
    scores
        ``(D, rows)``; NaN where there is none.
    failures
        Draws that failed: their rows mean nothing.
    beside
        The same of records that the bands of the node read.
    """

    scores: Floats
    failures: list[Failure] = field(default_factory=list)
    beside: dict[str, Floats] = field(default_factory=dict)

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """``(D,)`` draws that did not fail."""
        found = np.ones(len(self.scores), dtype=bool)
        found[[failure.draw for failure in self.failures]] = False
        return found

    @property
    def good_scores(self) -> Floats:
        """Scores of the draws that did not fail."""
        return self.scores[self.good] if self.failures else self.scores


@dataclass(frozen=True, eq=False)
class Study:
    """An index, its data, and the factors of a doubt.

    Parameters
    ----------
    index, plan
        The index, and the same against its data.
    factors
        What varies.
    node
        The node that is looked at.
    learn
        ``each_draw`` or ``nominal``.
    precision
        ``double`` or ``single``.
    block
        Draws evaluated at once; ``None`` for as many as fit the cache.
    beside
        Other records whose scores are wanted too.
    variants
        The plans that draws choose among.
    """

    index: Index
    plan: Plan
    factors: tuple[Factor, ...]
    node: str
    learn: str = "each_draw"
    precision: Precision = "double"
    block: int | None = None
    beside: tuple[str, ...] = ()
    variants: Variants = field(init=False)

    def __post_init__(self) -> None:
        made = Variants(self.index, self.plan, self.factors, self.node, nominal=self.learn == "nominal")
        object.__setattr__(self, "variants", made)

    @property
    def rows(self) -> int:
        """Rows that are ranked."""
        return len(self.plan.rows)

    @property
    def at_once(self) -> int:
        """Draws of one block."""
        if self.block is not None:
            return self.block
        return int(np.clip(_CELLS // max(self.rows, 1), _LEAST_AT_ONCE, _MOST_AT_ONCE))

    # --- settings
    def drawn(self, entropy: int, chunk: int) -> dict[str, Floats]:
        """Settings of one chunk of draws: :data:`CHUNK` of them, each factor by a stream of its own."""
        streams = Streams(entropy)
        dtype = np.float32 if self.precision == "single" else np.float64
        return {factor.name: factor.draw(streams.of(factor.name, chunk), CHUNK, dtype) for factor in self.factors}

    def nominal(self) -> dict[str, Floats]:
        """One draw that leaves everything as it is."""
        return {factor.name: factor.nominal[None] for factor in self.factors}

    # --- scores
    def scored(self, settings: Settings, draws: int, precision: Precision | None = None) -> Batch:
        """Scores of the node under settings.

        Parameters
        ----------
        settings
            ``(D, d)`` by factor; a factor that is left out stays as it is.
        draws
            ``D``.
        precision
            In place of the study's own.
        """
        kind = precision or self.precision
        if not self.variants.choosing and not self.beside and draws <= self.at_once:
            try:  # one block, as it nearly always is
                variant = self.variants.of((), kind)
                return Batch(self.evaluated(variant, settings, np.arange(draws), kind)[self.node])
            except (EgovindexError, NothingLeft):
                pass  # told below, draw by draw
        dtype = np.float32 if kind == "single" else np.float64
        found = Batch(np.full((draws, self.rows), np.nan, dtype=dtype))
        found.beside = {name: np.full((draws, self.rows), np.nan) for name in self.beside}
        for choices, rows in self.by_variant(settings, draws):
            try:
                variant = self.variants.of(choices, kind)
            except EgovindexError as error:
                found.failures += [Failure(int(row), _told(error)) for row in rows]
                continue
            for start in range(0, len(rows), self.at_once):
                self._block(variant, settings, rows[start : start + self.at_once], kind, found)
        found.failures.sort(key=lambda failure: failure.draw)
        return found

    def by_variant(self, settings: Settings, draws: int) -> Iterator[tuple[tuple[int, ...], npt.NDArray[np.intp]]]:
        """Draws that choose the same alternatives."""
        choosing = self.variants.choosing
        if not choosing:
            yield (), np.arange(draws)
            return
        as_is = np.full((draws, 1), -1.0)
        codes = np.concatenate([settings.get(factor.name, as_is) for factor in choosing], axis=1).astype(np.int64)
        every, which = np.unique(codes, axis=0, return_inverse=True)
        for at, choices in enumerate(every):
            yield tuple(map(int, choices)), np.flatnonzero(which.reshape(-1) == at)

    def _block(
        self, variant: Variant, settings: Settings, rows: npt.NDArray[np.intp], kind: Precision, found: Batch
    ) -> None:
        """One block; where it fails, its halves, down to the draws that do."""
        try:
            scores = self.evaluated(variant, settings, rows, kind)
        except NothingLeft as error:
            found.failures += [Failure(int(row), str(error)) for row in rows[error.where]]
            left = rows[~error.where]
            if left.size:
                self._block(variant, settings, left, kind, found)
        except MethodError as error:
            if len(rows) == 1:
                found.failures.append(Failure(int(rows[0]), _told(error)))
                return
            middle = len(rows) // 2
            self._block(variant, settings, rows[:middle], kind, found)
            self._block(variant, settings, rows[middle:], kind, found)
        else:
            for name, own in scores.items():
                (found.scores if name == self.node else found.beside[name])[rows] = own

    def evaluated(
        self, variant: Variant, settings: Settings, rows: npt.NDArray[np.intp], kind: Precision
    ) -> dict[str, Floats]:
        """Scores of some draws of one variant, out of the one evaluator."""
        given = self.inputs(variant, settings, rows, kind).arguments()
        tree = variant.plan.tree
        nodes = [self.node, *(name for name in self.beside if name in tree.branches)]
        scores = evaluate(
            variant.plan,
            **given,
            learned=variant.learned,
            nodes=nodes,
            settled=variant.settled[kind] if not self.beside else None,
            precision=kind,
        )
        found = {name: scores[name] for name in nodes}
        if found[self.node].ndim == 1:  # nothing that varies is felt by these data
            found = {name: np.broadcast_to(own, (len(rows), self.rows)) for name, own in found.items()}
        leaves = [name for name in self.beside if name in tree.leaves]
        if leaves:
            found |= leaf_values(variant.plan, variant.learned, given["x"], given["outcomes"], leaves)
        return found

    def inputs(self, variant: Variant, settings: Settings, rows: npt.NDArray[np.intp], kind: Precision) -> Inputs:
        """Settings as what the evaluator takes."""
        whole = len(rows) == len(next(iter(settings.values()), rows))
        inputs = Inputs(variant.plan, len(rows), np.float32 if kind == "single" else np.float64)
        inputs.earned = variant.earned
        for factor in self.variants.varying:
            setting = settings.get(factor.name)
            if setting is not None:
                factor.apply(inputs, setting if whole else setting[rows])
        inputs.close(self.node)
        return inputs

    # --- one draw as an index
    def index_under(self, settings: Settings, draw: int) -> Index:
        """The index under one draw."""
        index = self.index
        gone: list[Edge] = []
        for factor in (*self.variants.choosing, *self.variants.varying):
            if factor.name not in settings:
                continue
            setting = settings[factor.name][draw]
            if isinstance(factor, IncludeFactor):  # all at once: together they may leave nothing of a node
                gone += factor.left_out(setting)
            else:
                index = factor.vary(index, setting)
        return left_out(index, gone)

    def with_(self, **changes: Any) -> Study:
        """A copy with other options."""
        return replace(self, **changes)

    @property
    def laws(self) -> dict[str, str]:
        """Law of each factor by its name."""
        return {factor.name: factor.law for factor in self.factors}

    @property
    def how_learned(self) -> str:
        """When bounds, means and cut points are taken from the data, in words."""
        return "learned in each draw" if self.learn == "each_draw" else "learned values of the index without any draw"

    @property
    def choosing(self) -> tuple[PlanFactor, ...]:
        """Factors whose alternatives are other indices."""
        return self.variants.choosing


def _told(error: EgovindexError) -> str:
    """All faults of an error in one line."""
    faults: tuple[Fault, ...] = error.faults
    return "; ".join(str(fault) for fault in faults)
