"""Hypothesis strategies for indices, tables and weight sets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from egovindex.index import Index
from egovindex.loading import load_index
from egovindex.spec import values
from egovindex.spec.model import WeightSet
from egovindex.spec.words import AGGREGATES
from egovindex.testing.ascode import from_document
from egovindex.testing.drawing import hypothesis_strategies, printed
from egovindex.testing.fitting import Numbers, TableMaker, may_refuse
from egovindex.testing.invented import FILE_CODES, INDICATOR_CODES, NODE_CODES, Options, Writer
from egovindex.testing.names import refuse_unknown
from egovindex.testing.weightcases import KINDS, WeightMaker

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["indices", "tables", "weight_sets"]

AnyIndex = str | Path | Index


def tables(
    index: AnyIndex,
    *,
    min_units: int = 2,
    max_units: int = 8,
    periods: Sequence[Any] = (),
    blanks: bool = True,
    numbers: Numbers = None,
    scorable: bool = True,
) -> SearchStrategy[pd.DataFrame]:
    """Tables that fit an index, also one of your own.

    Categories are taken from the scales and from the lines of points, in several spellings; numbers from
    the limits that stand in the steps, else from 0 to 100; kinds of nothing only where the index has a
    policy for them. The simplest table has ``min_units`` units with the first answers.

    Parameters
    ----------
    index
        An index, the name of a packaged one, or the path of a YAML file.
    min_units, max_units
        Number of units; raised where a step such as ``top 10`` needs more.
    periods
        Labels of periods; every unit stands in each. None by default.
    blanks
        Whether there may be gaps.
    numbers
        Lowest and highest number, for all columns or by heading: ``{"gdp": (100, 90000)}``.
    scorable
        Leave out tables that the index refuses, such as a constant column under ``zscore``.

    Returns
    -------
    SearchStrategy[DataFrame]

    Raises
    ------
    ImportError
        Hypothesis is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> from hypothesis import given, settings
    >>> @settings(database=None, derandomize=True, max_examples=10)
    ... @given(tables("unctad-cyberlaw-2026"))
    ... def no_more_than_five(table):
    ...     assert (ei.compute("unctad-cyberlaw-2026", table).scores["areas"] <= 5).all()
    >>> no_more_than_five()
    """
    st = hypothesis_strategies()
    maker = TableMaker(load_index(index), numbers=numbers, blanks=blanks, periods=periods)
    fewest = max(min_units, maker.least, 1)
    sizes = st.integers(fewest, max_units if fewest <= min_units else max(max_units, fewest + 4))

    def drawn(units: int) -> Any:
        codes = st.binary(min_size=maker.size(units), max_size=maker.size(units))
        return printed(codes, lambda found: maker.frame(np.frombuffer(found, dtype=np.uint8).astype(np.intp), units))

    strategy: SearchStrategy[pd.DataFrame] = sizes.flatmap(drawn)
    if not scorable or not may_refuse(maker.index):
        return strategy
    return strategy.filter(lambda table: maker.scored(table) is not None)


def weight_sets(index: AnyIndex, *, kind: str = "integer", zeros: bool = False) -> SearchStrategy[WeightSet]:
    """Weight sets for an index, with every child of every node.

    Parameters
    ----------
    index
        An index, the name of a packaged one, or the path of a YAML file.
    kind
        ``integer``: whole numbers from 1 to 9. ``simplex``: shares that add up to 1, some of them 0. ``bounded``: each
        within a quarter of its weight in the index. ``ordered``: each child at least as heavy as the next. ``sparse``:
        one child counts, or two. ``extreme``: powers of ten from 1e-9 to 1e9. Weights of a product are exponents, and
        whole numbers in every kind.
    zeros
        Whether whole weights may be zero; never all of one node.

    Returns
    -------
    SearchStrategy[WeightSet]

    Raises
    ------
    ImportError
        Hypothesis is not installed.
    MethodError
        There is no such kind.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(database=None, derandomize=True, max_examples=10)
    ... @given(weight_sets("un-egdi-parts-2024", kind="ordered"))
    ... def falls(weights):
    ...     osi, tii, hci = (weights.nodes["EGDI"][part].value for part in ("osi", "tii", "hci"))
    ...     assert osi >= tii >= hci
    >>> falls()
    """
    st = hypothesis_strategies()
    refuse_unknown("kind_of_weights", [kind], KINDS)
    maker = WeightMaker(load_index(index), kind, zeros=zeros)
    strategy: SearchStrategy[WeightSet] = printed(st.binary(min_size=maker.size, max_size=maker.size), maker.made)
    return strategy


def indices(
    *,
    aggregates: Collection[str] | None = None,
    max_indicators: int = 8,
    max_depth: int = 3,
    numeric: bool = False,
    steps: Collection[str] | None = None,
    points: bool = True,
    nothing: bool = True,
    need: bool = True,
    rules: bool = True,
) -> SearchStrategy[Index]:
    """Invented indices of every shape: ragged trees, shared children, several tops, all of the language.

    The numbers of an index fit its methods, so that nearly every table drawn by :func:`tables` has
    scores: no logarithm of zero, no geometric mean of negative values.

    Parameters
    ----------
    aggregates
        Aggregates to draw from, and ``"formula"`` for nodes with a formula; all by default. A node whose
        children suit none of them (a geometric mean of negative values) is a mean.
    max_indicators, max_depth
        Most indicators, and most levels of nodes.
    numeric
        Only numbers in the data: no scales, no words.
    steps
        Names of steps to draw from; all by default, ``()`` for none.
    points
        Whether indicators and nodes may have points.
    nothing
        Whether blanks have a policy (``skip``, ``void`` or a number, by kind).
    need
        Whether nodes may ask for answered children.
    rules
        Whether named rules may stand over the points.

    Returns
    -------
    SearchStrategy[Index]

    Raises
    ------
    ImportError
        Hypothesis is not installed.
    MethodError
        An aggregate or a step of that name does not exist.

    Examples
    --------
    >>> import egovindex as ei
    >>> from hypothesis import given, settings, strategies
    >>> with_table = indices(aggregates=["mean"]).flatmap(lambda i: strategies.tuples(strategies.just(i), tables(i)))
    >>> @settings(database=None, derandomize=True, max_examples=10)
    ... @given(with_table)
    ... def scores_every_unit(drawn):
    ...     index, table = drawn
    ...     assert len(ei.compute(index, table).scores) == len(table)
    >>> scores_every_unit()
    """
    st = hypothesis_strategies()
    known = [*AGGREGATES, "formula"]
    refuse_unknown("aggregate", aggregates or (), known)
    refuse_unknown("step", steps or (), values.STEPS)
    options = Options(
        aggregates=tuple(known if aggregates is None else [name for name in known if name in aggregates]),
        steps=tuple(values.STEPS if steps is None else [name for name in values.STEPS if name in steps]),
        max_indicators=max(max_indicators, 1),
        max_depth=max(max_depth, 1),
        numeric=numeric,
        points=points,
        nothing=nothing,
        need=need,
        rules=rules and points and not numeric,
    )

    def records(codes: int, most: int) -> Any:
        return st.lists(st.binary(min_size=codes, max_size=codes), min_size=1, max_size=most)

    def written(drawn: tuple[bytes, list[bytes], list[bytes]]) -> Index:
        index: Index = from_document(Writer(*drawn, options).document())
        return index

    most_nodes = options.max_indicators + options.max_depth - 1
    codes = st.tuples(
        st.binary(min_size=FILE_CODES, max_size=FILE_CODES),
        records(INDICATOR_CODES, options.max_indicators),
        records(NODE_CODES, most_nodes),
    )
    strategy: SearchStrategy[Index] = printed(codes, written)
    return strategy
