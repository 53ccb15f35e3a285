"""Whether two results are the same, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from egovindex.errors import listed
from egovindex.result import IndexResult

__all__ = ["assert_results_equal"]

_MOST_SHOWN = 8


def assert_results_equal(a: IndexResult, b: IndexResult, *, tolerance: float = 0.0) -> None:
    """Two results are the same: units, nodes, scores, states, coverage, ranks and classes.

    Rows may stand in another order. With a tolerance above zero, ranks and classes are not compared:
    the scores that decide them may differ.

    Parameters
    ----------
    a, b
        Results of :func:`egovindex.compute`.
    tolerance
        Largest difference between two scores or two coverages.

    Raises
    ------
    AssertionError
        With what differs, the largest differences first.

    Examples
    --------
    >>> import egovindex as ei
    >>> table = ei.sample("un-egdi-parts-2024")
    >>> result = ei.compute("un-egdi-parts-2024", table)
    >>> assert_results_equal(result, ei.compute("un-egdi-parts-2024", table.iloc[::-1]), tolerance=1e-15)
    >>> other = ei.compute("un-egdi-parts-2012", table)
    >>> assert_results_equal(result, other, tolerance=0.5)
    """
    told = [*_labels_differ("unit", a.scores.index, b.scores.index), *_labels_differ("node", a.nodes, b.nodes)]
    if told:
        raise AssertionError("\n".join(told))
    for what in ("scores", "coverage"):
        told += _numbers_differ(what, getattr(a, what), getattr(b, what), tolerance)
    for what in ("states", "ranks", "classes") if tolerance == 0 else ("states",):
        told += _words_differ(what, getattr(a, what), getattr(b, what))
    if told:
        raise AssertionError("\n".join(told))


def _labels_differ(what: str, a: Iterable[Any], b: Iterable[Any]) -> Iterator[str]:
    first, second = list(a), list(b)
    for names, others, side in ((first, second, "first"), (second, first, "second")):
        only = [name for name in names if name not in set(others)]
        if only:
            yield f"{what}s only in the {side} result: {listed(only)}"


def _numbers_differ(what: str, a: pd.DataFrame, b: pd.DataFrame, tolerance: float) -> Iterator[str]:
    other = b.reindex(index=a.index, columns=a.columns)
    left, right = a.to_numpy(dtype=np.float64), other.to_numpy(dtype=np.float64)
    far = np.abs(left - right)
    far = np.where(np.isnan(left) != np.isnan(right), np.inf, np.nan_to_num(far))
    bad = np.argwhere(far > tolerance)
    if not len(bad):
        return
    worst = sorted(bad.tolist(), key=lambda at: -far[tuple(at)])
    yield f"{what}: {len(bad)} of {far.size} differ by more than {tolerance:g}, the largest first"
    for row, column in worst[:_MOST_SHOWN]:
        place = f"{_name(a.index[row])} {a.columns[column]}"
        yield f"  {place}: {left[row, column]:.17g} and {right[row, column]:.17g} ({far[row, column]:.3g})"


def _words_differ(what: str, a: pd.DataFrame, b: pd.DataFrame) -> Iterator[str]:
    other = b.reindex(index=a.index)
    yield from _labels_differ(f"{what}: column", a.columns, b.columns)
    for column in a.columns.intersection(b.columns):
        left = a[column].astype(object).where(a[column].notna(), None)
        right = other[column].astype(object).where(other[column].notna(), None)
        bad = [at for at in range(len(a)) if left.iloc[at] != right.iloc[at]]
        for at in bad[:_MOST_SHOWN]:
            yield f"{what}: {_name(a.index[at])} {column}: {left.iloc[at]} and {right.iloc[at]}"
        if len(bad) > _MOST_SHOWN:
            yield f"{what}: {column}: {len(bad) - _MOST_SHOWN} more"


def _name(label: Any) -> str:
    return " ".join(map(str, label)) if isinstance(label, tuple) else str(label)
