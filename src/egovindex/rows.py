"""Who stands in which row: units, records inside them, periods; and rows taken together at a coarser level."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import listed

__all__ = ["LevelRows", "Rows", "alike", "grouped", "level_rows", "text_orders"]

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Rows:
    """Who stands in each row of the data.

    Parameters
    ----------
    units
        Unit of each row, as text.
    periods
        Period of each row, or ``None`` where the data has none.
    groups
        Row positions of each period, in order; one group of all rows without periods.
    group_names
        Period of each group.
    further
        Further keys of records inside a unit, as text.
    """

    units: npt.NDArray[Any]
    periods: npt.NDArray[Any] | None
    groups: tuple[npt.NDArray[np.intp], ...]
    group_names: tuple[Any, ...]
    further: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.units.shape[0])

    @cached_property
    def keys(self) -> dict[str, npt.NDArray[Any]]:
        """What identifies a row: the unit, further keys, and the period where there is one."""
        periods = {} if self.periods is None else {"period": self.periods}
        return {"unit": self.units, **self.further, **periods}

    @cached_property
    def period_codes(self) -> npt.NDArray[np.intp]:
        """``(rows,)`` place of each row's period in the order of periods; zeros without periods."""
        codes = np.zeros(len(self), dtype=np.intp)
        for code, group in enumerate(self.groups):
            codes[group] = code
        return codes

    @cached_property
    def index(self) -> pd.Index:
        """The index of every table of results: unit, or all keys."""
        if len(self.keys) == 1:
            return pd.Index(self.units, name="unit", dtype="str" if pd.__version__ >= "3" else object)
        return pd.MultiIndex.from_arrays([*self.keys.values()], names=[*self.keys])

    def names(self, where: npt.NDArray[Any], most: int = 8) -> str:
        """Units of some rows, for a message."""
        at = np.flatnonzero(where) if where.dtype == bool else where
        return listed((self.name(int(row)) for row in at), most=most)

    def name(self, row: int) -> str:
        """Unit, with its period if there is one."""
        return " ".join(str(values[row]) for values in self.keys.values())


@dataclass(frozen=True)
class LevelRows:
    """The rows of one level: every combination of some keys that the data have.

    Parameters
    ----------
    rows
        Who stands in each row of the level.
    of_row
        ``(data rows,)`` each data row's row here.
    first
        ``(rows,)`` the first data row of each; ``None`` where the data rows are the rows.
    """

    rows: Rows
    of_row: npt.NDArray[np.intp]
    first: npt.NDArray[np.intp] | None


def level_rows(rows: Rows, keys: Sequence[str]) -> LevelRows:
    """The rows of the data taken together where they agree in some keys."""
    held = [key for key in rows.keys if key in keys]
    if len(held) == len(rows.keys):
        return LevelRows(rows, np.arange(len(rows)), None)
    of_row = alike([rows.keys[key] for key in held])
    first = np.full(int(of_row.max()) + 1, len(rows), dtype=np.intp)
    np.minimum.at(first, of_row, np.arange(len(rows)))
    periods = rows.periods[first] if rows.periods is not None and "period" in held else None
    further = {key: values[first] for key, values in rows.further.items() if key in held}
    return LevelRows(grouped(rows.units[first], periods, further), of_row, first)


def text_orders(keys: Sequence[npt.NDArray[Any]]) -> list[npt.NDArray[np.intp]]:
    """Each key as numbers in the order of its text: an order of rows that the data's own does not change."""
    return [np.unique(key.astype(str), return_inverse=True)[1].reshape(-1) for key in keys]


def alike(columns: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.intp]:
    """A number for each combination of values, in the order they are met."""
    found: npt.NDArray[np.intp] | None = None
    for column in columns:
        codes = pd.factorize(column)[0]
        found = codes if found is None else pd.factorize(found * (int(codes.max()) + 1) + codes)[0]
    assert found is not None  # noqa: S101 - there is a key
    return found


def grouped(units: npt.NDArray[Any], periods: npt.NDArray[Any] | None, further: Mapping[str, npt.NDArray[Any]]) -> Rows:
    """Rows with their periods in order.

    Raises
    ------
    TypeError
        Periods that have no order among each other, such as dates and text.
    """
    if periods is None:
        return Rows(units, None, (np.arange(len(units)),), (None,), further)
    codes, uniques = _in_order(periods)
    groups = tuple(np.flatnonzero(codes == group) for group in range(len(uniques)))
    return Rows(units, periods, groups, tuple(uniques), further)


def _in_order(periods: npt.NDArray[Any]) -> tuple[npt.NDArray[np.intp], list[Any]]:
    """Each row's place among the periods, and these in order: that of numbers, of dates, or of texts as people count.

    Texts go by the numbers in them, so that wave 9 is before wave 10, and the year 2020 before the text "2021".
    """
    codes, uniques = pd.factorize(periods)
    if not any(isinstance(period, str) for period in uniques):
        codes, uniques = pd.factorize(periods, sort=True)
        return codes, list(uniques)
    if not all(isinstance(period, (str, Number)) for period in uniques):
        raise TypeError
    order = sorted(range(len(uniques)), key=lambda at: _counted(str(uniques[at])))
    places = np.empty(len(order), dtype=np.intp)
    places[order] = np.arange(len(order))
    return places[codes], [uniques[at] for at in order]


def _counted(text: str) -> tuple[list[Any], str]:
    """A text with its numbers compared as numbers: by length first."""
    parts: list[Any] = _DIGITS.split(text)
    for at in range(1, len(parts), 2):
        digits = parts[at].lstrip("0")
        parts[at] = (len(digits), digits)
    return parts, text
