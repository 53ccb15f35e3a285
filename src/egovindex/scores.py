"""The numbers of one evaluation: scores, what was earned of what was attainable, states, coverage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from egovindex.errors import Fault, MethodError, listed
from egovindex.formulas import Bools, Floats
from egovindex.nodelines import Part
from egovindex.points import States
from egovindex.shown import Shown
from egovindex.stepping import Learned

__all__ = ["Scores", "Settled"]


@dataclass(frozen=True, repr=False)
class Scores(Shown):
    """Scores of every node, for one evaluation or for ``D`` draws.

    ``aggregated`` is a node's value before its own points, ``pointed`` after them and before its steps.
    ``earned / attainable`` is the aggregated value before the node's own points and steps; a mean that
    leaves a child out and one that counts it as zero differ in ``attainable`` alone.

    Parameters
    ----------
    nodes
        Nodes on the rows of the headline in the order they are written, the last axis of the arrays.
    draws
        ``D``, or ``None`` for one evaluation.
    rows
        Number of rows.
    by_node, aggregated, pointed, attainable_by_node, coverage_by_node
        By node, those of repeated records on rows of their own: ``(rows,)``, or ``(D, rows)`` where anything
        the node depends on has draws; a share that
        is the same for all rows may have one entry instead.
    state
        By node ``(rows,)`` or ``(D, rows)``; see :data:`egovindex.points.STATES`.
    learned
        Numbers taken from the reference population.
    """

    nodes: tuple[str, ...]
    draws: int | None
    rows: int
    by_node: Mapping[str, Floats]
    aggregated: Mapping[str, Floats]
    pointed: Mapping[str, Floats]
    attainable_by_node: Mapping[str, Floats]
    coverage_by_node: Mapping[str, Floats]
    state: Mapping[str, States]
    learned: Learned

    def _line(self) -> str:
        draws = "" if self.draws is None else f"{self.draws} draws of "
        return f"<Scores> {draws}{self.rows} rows in {listed(self.nodes)}; {len(self.learned)} learned steps"

    def __getitem__(self, node: str) -> Floats:
        """Scores of one node: ``(rows,)`` or ``(D, rows)``."""
        found = self.by_node[node]
        leading = () if self.draws is None else (self.draws,)
        return np.broadcast_to(found, (*leading, found.shape[-1]))

    @property
    def shape(self) -> tuple[int, ...]:
        """``(rows,)`` or ``(D, rows)``."""
        return (self.rows,) if self.draws is None else (self.draws, self.rows)

    def _stack(self, arrays: Mapping[str, Floats]) -> Floats:
        settled = [node for node in self.nodes if node not in arrays]
        if settled:
            message = f"only the scores of {listed(settled)} were kept as settled, not what they are made of"
            raise MethodError(Fault(f"{message}; evaluate without settled", check="settled_nodes"))
        return np.stack([np.broadcast_to(arrays[node], self.shape) for node in self.nodes], axis=-1)

    @cached_property
    def values(self) -> Floats:
        """``(rows, nodes)`` or ``(D, rows, nodes)``; NaN where there is no score."""
        return self._stack(self.by_node)

    @cached_property
    def attainable(self) -> Floats:
        """Share of a node's weight that counted, as :attr:`values`; refused where a node is settled."""
        return self._stack(self.attainable_by_node)

    @cached_property
    def earned(self) -> Floats:
        """What was earned of it, as :attr:`values`; refused where a node is settled."""
        # where nothing was attainable nothing was earned, and the mean of nothing is no number
        return np.where(self.attainable == 0, 0.0, self._stack(self.aggregated) * self.attainable)

    @cached_property
    def coverage(self) -> Floats:
        """Share of weight that counted all the way down, as :attr:`values`."""
        return self._stack(self.coverage_by_node)


@dataclass(frozen=True, repr=False)
class Settled(Shown):
    """Records that do not vary from draw to draw, and what their parents read of them.

    Made by :func:`egovindex.evaluate.settle`.

    Parameters
    ----------
    parts
        Value and state of each record, as the evaluator holds them.
    answered, coverage
        Of the nodes among them: who is answered, and the share that counted.
    gappy
        Nodes with a gap somewhere below.
    """

    parts: Mapping[str, Part]
    answered: Mapping[str, Bools | None]
    coverage: Mapping[str, Floats]
    gappy: frozenset[str]
    _stacks: dict[tuple[str, ...], tuple[Floats, Floats | None] | None] = field(
        default_factory=dict, init=False, compare=False
    )

    def _line(self) -> str:
        return f"<Settled> {listed(self.parts)}"

    def side_by_side(self, names: Collection[str]) -> tuple[Floats, Floats | None] | None:
        """Records as the rows of a matrix; ``None`` if one is not settled, or has a gap.

        In single precision the mean of each row is taken off and stands beside the matrix: what is added up is
        small then, and loses a third of the digits it would lose else.
        """
        key = tuple(names)
        if key not in self._stacks:
            parts = [self.parts.get(name) for name in key]
            whole = all(part is not None and part[1] is None for part in parts)
            found = np.stack([part[0] for part in parts if part is not None]) if whole and parts else None
            centre = None
            if found is not None and found.dtype == np.float32:
                centre = found.mean(axis=1, dtype=np.float64).astype(np.float32)
                found -= centre[:, None]
            self._stacks[key] = None if found is None else (found, centre)
        return self._stacks[key]
