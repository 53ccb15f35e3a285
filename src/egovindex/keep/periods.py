"""Periods as text, and back with their type: 2024 the number is not "2024" the word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault
from egovindex.keep.cells import TEXT, number_cell, number_of

__all__ = ["period_cells", "periods_of"]

_KINDS = {"integer": "whole", "floating": "number", "string": TEXT, "datetime64": "date"}


def period_cells(periods: Sequence[Any] | npt.NDArray[Any]) -> tuple[str, list[str]]:
    """Kind of the periods (``whole``, ``number``, ``text`` or ``date``), and each as text.

    Raises
    ------
    DataError
        They are of another kind, or of several.

    Examples
    --------
    >>> period_cells(np.array([2022, 2024]))
    ('whole', ['2022', '2024'])
    """
    found = pd.api.types.infer_dtype(np.asarray(periods), skipna=False)
    kind = _KINDS.get(found)
    if kind is None:
        message = f"periods of the kind {found} cannot be kept; make them whole numbers, numbers, text or dates"
        raise DataError(Fault(message, check="unknown_kind"))
    if kind == "whole":
        return kind, [str(int(period)) for period in periods]
    if kind == "number":
        return kind, [number_cell(float(period)) for period in periods]
    if kind == "date":
        return kind, [str(pd.Timestamp(period).isoformat()) for period in periods]
    return kind, [str(period) for period in periods]


def periods_of(kind: str, cells: list[str]) -> npt.NDArray[Any]:
    """Periods out of text.

    Raises
    ------
    ValueError
        A cell is not of that kind, or there is no such kind.

    Examples
    --------
    >>> periods_of("whole", ["2022", "2024"]).tolist()
    [2022, 2024]
    """
    try:
        if kind == "whole":
            return np.array([int(cell) for cell in cells], dtype=np.int64)
        if kind == "date":
            return np.array([pd.Timestamp(cell) for cell in cells], dtype="datetime64[us]")
    except (OverflowError, ValueError) as error:
        raise ValueError(f"periods: {error}") from None
    if kind == "number":
        return np.array([number_of(cell) for cell in cells], dtype=np.float64)
    if kind == TEXT:
        return np.array(cells, dtype=object)
    raise ValueError(f'there is no kind of periods "{kind}"')
