"""Periods as text, and back with their type: 2024 the number is not "2024" the word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault
from egovindex.keep.cells import TEXT, number_cell, number_of

__all__ = ["period_cells", "periods_of"]

_KINDS = {"integer": "whole", "floating": "number", "string": TEXT, "datetime64": "date", "date": "day"}
_FINER_THAN_MICROSECONDS = re.compile(r"\.\d{7}")


def unknown_kind(found: str) -> DataError:
    message = (
        f"periods of the kind {found} cannot be kept; make them all whole numbers, numbers, text, or dates of one type "
        "(datetime.date, or datetime64 without a time zone)"
    )
    return DataError(Fault(message, check="unknown_kind"))


def period_cells(periods: Sequence[Any] | npt.NDArray[Any]) -> tuple[str, list[str]]:
    """Kind of the periods (``whole``, ``number``, ``text``, ``date`` with a time, or ``day``), and each as text.

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
        raise unknown_kind(found)
    if kind == "whole":
        return kind, [str(int(period)) for period in periods]
    if kind == "number":
        return kind, [number_cell(float(period)) for period in periods]
    if kind == "date":
        return kind, [str(pd.Timestamp(period).isoformat()) for period in periods]
    if kind == "day":
        return kind, [period.isoformat() for period in periods]
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
            return _dates(cells)
        if kind == "day":
            return np.array([date.fromisoformat(cell) for cell in cells], dtype=object)
    except (OverflowError, ValueError) as error:
        raise ValueError(f"periods: {error}") from None
    if kind == "number":
        return np.array([number_of(cell) for cell in cells], dtype=np.float64)
    if kind == TEXT:
        return np.array(cells, dtype=object)
    raise ValueError(f'there is no kind of periods "{kind}"')


def _dates(cells: list[str]) -> npt.NDArray[Any]:
    """Dates with all their digits; nanoseconds, which reach from 1677 to 2262, only where they are needed."""
    unit: Literal["ns", "us"] = "ns" if any(map(_FINER_THAN_MICROSECONDS.search, cells)) else "us"
    return np.array([pd.Timestamp(cell).as_unit(unit).to_datetime64() for cell in cells], dtype=f"datetime64[{unit}]")
