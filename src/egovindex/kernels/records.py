"""Repeated records: the values of several rows become one.

``x`` is ``(n,)`` or ``(D, n)``, ``counts`` a mask of the same shape or ``None``. ``order`` lists the rows to be
taken, group after group; ``starts`` says where each group begins in it, ``into`` which result it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["any_of", "gathered", "size_of"]

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]


def gathered(
    x: Array, counts: Bools | None, order: Positions, starts: Positions, into: Positions, rows: int, how: str
) -> tuple[Array, Array]:
    """Mean, sum, lowest or highest of each group's values, and the share of its rows that count.

    Returns
    -------
    value, share
        ``(rows,)`` or ``(D, rows)``; NaN and 0 for a result without a row, or where none counts.

    Examples
    --------
    >>> x = np.array([1.0, 3.0, 8.0])
    >>> gathered(x, None, np.array([0, 1, 2]), np.array([0, 2]), np.array([1, 0]), 3, "mean")
    (array([ 8.,  2., nan]), array([1., 1., 0.]))
    """
    if not len(starts):
        return np.full((*x.shape[:-1], rows), np.nan), np.zeros(rows)
    taken = x[..., order]
    mask = np.ones(len(order), dtype=bool) if counts is None else counts[..., order]
    size = np.add.reduceat(np.ones(len(order)), starts)
    number = np.add.reduceat(mask.astype(np.float64), starts, axis=-1)
    if how in ("mean", "sum"):
        total = np.add.reduceat(np.where(mask, taken, 0.0), starts, axis=-1)
        value = total if how == "sum" else np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)
    elif how == "min":
        value = np.minimum.reduceat(np.where(mask, taken, np.inf), starts, axis=-1)
    else:
        value = np.maximum.reduceat(np.where(mask, taken, -np.inf), starts, axis=-1)
    value = np.where(number > 0, value, np.nan)
    return _placed(value, into, rows, np.nan), _placed(number / size, into, rows, 0.0)


def any_of(mask: Bools, order: Positions, starts: Positions, into: Positions, rows: int) -> Bools:
    """Where any of a group's rows is marked."""
    if not len(starts):
        return np.zeros((*mask.shape[:-1], rows), dtype=bool)
    return _placed(np.logical_or.reduceat(mask[..., order], starts, axis=-1), into, rows, fill=False)


def size_of(mask: Bools | None, order: Positions, starts: Positions, into: Positions, rows: int) -> Array:
    """How many of a group's rows are marked; all of them without a mask."""
    marked = np.ones(len(order)) if mask is None else mask[..., order].astype(np.float64)
    if not len(starts):
        return np.zeros((*marked.shape[:-1], rows))
    return _placed(np.add.reduceat(marked, starts, axis=-1), into, rows, 0.0)


def _placed(of_group: npt.NDArray[Any], into: Positions, rows: int, fill: float) -> npt.NDArray[Any]:
    result = np.full((*of_group.shape[:-1], rows), fill, dtype=of_group.dtype)
    result[..., into] = of_group
    return result
