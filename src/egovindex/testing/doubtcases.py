"""Doubts that an index can have."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from egovindex.errors import EgovindexError, Fault, MethodError
from egovindex.index import Index
from egovindex.loading import load_index
from egovindex.sensitivity.doubt import Doubt
from egovindex.spec import values
from egovindex.spec.addresses import lines_of
from egovindex.testing.drawing import hypothesis_strategies, printed
from egovindex.testing.fitting import TableMaker

if TYPE_CHECKING:
    import pandas as pd
    from hypothesis.strategies import SearchStrategy

__all__ = ["doubts"]

_WEIGHTS = ("within 0.25", "simplex", "at_least 0.05", "dirichlet 50", "between 0 0.9")
_AGGREGATES = ("mean", "geometric", "harmonic", "min", "max")
_UNITS = 6
_TRIES = 20


def doubts(index: str | Path | Index, *, max_parts: int = 3) -> SearchStrategy[Doubt]:
    """Doubts about an index, as :func:`egovindex.simulate` and :func:`egovindex.sobol` take them.

    They are about weights, points, kinds of nothing, aggregates, errors of numbers, and what is in. Each part was
    tried once on an invented table: a doubt without effect is no example.

    Parameters
    ----------
    index
        An index, the name of a packaged one, or the path of a YAML file.
    max_parts
        Most parts of one doubt.

    Returns
    -------
    SearchStrategy[Doubt]
        The simplest doubts one thing only.

    Raises
    ------
    ImportError
        Hypothesis is not installed.
    MethodError
        Nothing about the index can be doubted; found when the first doubt is drawn.

    Examples
    --------
    >>> import egovindex as ei
    >>> from hypothesis import given, settings
    >>> data = ei.sample("un-egdi-parts-2024")
    >>> @settings(database=None, derandomize=True, max_examples=5, deadline=None)
    ... @given(doubts("un-egdi-parts-2024"))
    ... def every_unit_keeps_a_rank(doubt):
    ...     assert len(ei.simulate("un-egdi-parts-2024", data, doubt, n=4, rng=1).summary) == 193
    >>> every_unit_keeps_a_rank()
    """
    st = hypothesis_strategies()
    parts = _Parts(load_index(index))
    codes = st.lists(st.integers(0, 999), min_size=1, max_size=max(max_parts, 1))
    strategy: SearchStrategy[Doubt] = printed(codes, parts.made)
    return strategy


class _Parts:
    """Single doubts that were tried, and doubts put together out of them."""

    def __init__(self, index: Index) -> None:
        self.index = index

    def made(self, codes: list[int]) -> Doubt:
        found: dict[str, Doubt] = {}
        for code in codes:
            kinds = list(self.tried)
            of_kind = self.tried[kinds[code % len(kinds)]]
            one = of_kind[code // len(kinds) % len(of_kind)]
            found.setdefault(_subject(one), one)
        first, *others = found.values()
        return sum(others, first)

    @cached_property
    def tried(self) -> dict[str, list[Doubt]]:
        """Parts by kind that have an effect on some invented table."""
        found: dict[str, list[Doubt]] = {}
        tables = self._tables()
        for doubt in _candidates(self.index):
            if any(self._accepted(table, doubt) for table in tables):
                found.setdefault(doubt.parts[0].kind, []).append(doubt)
        if not found:
            message = f"nothing about {self.index.id} can be doubted: no node has two weighted children, no points"
            raise MethodError(Fault(message, check="no_doubt"))
        return found

    def _tables(self) -> list[pd.DataFrame]:
        maker = TableMaker(self.index, numbers=None, blanks=True, periods=())
        rng, found = np.random.default_rng(0), []
        units = max(_UNITS, maker.least)
        for _ in range(_TRIES):
            table = maker.scored(maker.frame(rng.integers(0, 256, maker.size(units)).astype(np.intp), units))
            if table is not None:
                found.append(table)
        return found[:2]

    def _accepted(self, table: pd.DataFrame, doubt: Doubt) -> bool:
        from egovindex.sensitivity.simulate import simulate

        try:
            simulate(self.index, table, doubt, n=2, rng=0)
        except EgovindexError:
            return False
        return True


def _subject(doubt: Doubt) -> str:
    """What a doubt is about; of two about one thing the first stays."""
    part = doubt.parts[0]
    return f"{part.kind}.{part.key}" if part.kind != "include" else part.kind


def _candidates(index: Index) -> Iterator[Doubt]:
    """Doubts about each part of an index, the simplest first."""
    yield from _of_weights(index)
    branches = index.tree.branches.values()
    for branch in branches:
        if branch.aggregate in _AGGREGATES and len(branch.children) > 1:
            other = next(name for name in _AGGREGATES if name != branch.aggregate)
            yield Doubt(aggregate={branch.id: [branch.aggregate, other]})
    for line in lines_of(index.file):
        if not isinstance(line.outcome, values.Quantity):
            continue
        number, key = line.outcome.value, line.address[1] if line.address[0] == "nothing" else line.short
        kind = "nothing" if line.address[0] == "nothing" else "points"
        law: dict[str, Any] = {str(key): (number - 0.25, number + 0.25)}
        yield Doubt(**{kind: law})  # type: ignore[arg-type]
    for name, outcome in index.tree.nothing.items():
        if isinstance(outcome, values.Word) and outcome.word == "skip":
            yield Doubt(nothing={name: ["skip", 0]})
    for name, leaf in index.tree.leaves.items():
        if not leaf.lines:
            yield Doubt(values={name: {"error": {"half_width": "0.5"}}})
    if len(index.tree.leaves) > 1:
        yield from (Doubt(include={name: 0.5}) for name in index.tree.leaves)


def _of_weights(index: Index) -> Iterator[Doubt]:
    for branch in index.tree.branches.values():
        if len(branch.children) > 1:
            yield from (Doubt(weights={branch.id: law}) for law in _WEIGHTS)
