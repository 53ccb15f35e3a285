"""Drafts as arrays of respondents and items: ten thousand responses are one array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault
from egovindex.responses.draft import COLUMNS, Draft
from egovindex.spec.items import YES_NO, columns_of

if TYPE_CHECKING:
    from egovindex.instrument import Instrument
    from egovindex.spec.questions import Item

__all__ = ["Columns", "Grid", "ItemColumn", "Objects", "grid_of", "item_columns", "rows_of"]

Objects = npt.NDArray[np.object_]
Columns = dict[str, Objects]  # a long table while it is made: names to ``(rows,)``

_WORDS = {"yes": ("yes", "y", "true", "1", "x", "selected", "checked"), "no": ("no", "n", "false", "0", "")}


@dataclass(frozen=True)
class ItemColumn:
    """A column of answers: of an item, or of one of its choices."""

    name: str
    item: str
    scale: Mapping[str, tuple[str, ...]] | None
    other: str | None = None


def item_columns(instrument: Instrument) -> list[ItemColumn]:
    """The columns of an instrument that respondents fill in, in its order."""
    body = instrument.file
    found = []
    for name, item in body.items.items():
        own: Item = item.model_copy(update={"coded_as": None})
        for column, scale, _ in columns_of(name, own, body.answers):
            words = body.answers.get(scale or "", _WORDS if scale == YES_NO else None)
            found.append(ItemColumn(column, name, words, item.other))
    return found


@dataclass(frozen=True)
class Grid:
    """Drafts as arrays ``(respondents, columns)``.

    Parameters
    ----------
    instrument
        What was asked.
    units, periods, files
        ``(respondents,)`` who answers, when, and the number of the file.
    cells
        ``(respondents, columns)`` row of the draft table, -1 where there is none.
    table
        All drafts, one after the other.
    unknown
        Rows of the table whose item the instrument does not have.
    """

    instrument: Instrument
    units: Objects
    periods: Objects
    files: npt.NDArray[np.intp]
    cells: npt.NDArray[np.intp]
    table: pd.DataFrame
    unknown: npt.NDArray[np.intp]

    @cached_property
    def columns(self) -> list[ItemColumn]:
        """The columns, in the order of the axis."""
        return item_columns(self.instrument)

    def of(self, column: str) -> Objects:
        """``(respondents, columns)`` of one column of the drafts; ``None`` where there is nothing."""
        values = _objects(self.table[column])
        if self._as_it_stands:
            return values.reshape(self.cells.shape).copy()  # what pandas hands out cannot be written to
        found: Objects = np.append(values, np.array([None], dtype=object))[self.cells]  # -1 takes the last
        return found

    @cached_property
    def _as_it_stands(self) -> bool:
        """Whether the table has every cell, in the order of the axes."""
        return len(self.table) == self.cells.size and np.array_equal(self.cells.reshape(-1), np.arange(self.cells.size))


def _objects(column: pd.Series[Any]) -> Objects:
    """As objects, with ``None`` for every kind of gap."""
    values = column.to_numpy(dtype=object)
    gaps = pd.isna(values)
    if gaps.any():
        values = values.copy()
        values[gaps] = None
    return values


def rows_of(*keys: npt.NDArray[Any]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Number of the respondent of each row, and the first row of each respondent, in order of appearance."""
    codes = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        here, every = pd.factorize(key)
        if len(every) == 1 and here.min() == 0:  # the same in every row
            continue
        codes, _ = pd.factorize(codes * (len(every) + 1) + here + 1)  # -1 is nothing
    first = np.full(int(codes.max(initial=-1)) + 1, -1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return codes, first


def grid_of(drafts: Sequence[tuple[str, Draft]], instrument: Instrument, unit: str | None, period: str | None) -> Grid:
    """Drafts as arrays.

    Raises
    ------
    DataError
        Nobody knows who answers; a response, or an answer, stands twice.
    """
    tables = [draft.table.reindex(columns=list(COLUMNS)) for _, draft in drafts]
    table = pd.concat(tables, ignore_index=True) if len(tables) != 1 else tables[0].reset_index(drop=True)
    file = np.repeat(np.arange(len(tables)), [len(one) for one in tables])
    names = [name for name, _ in drafts]
    units = _units(table, file, instrument, unit, names)
    periods = _objects(table["period"])
    given = period if period is not None else instrument.file.edition
    periods = np.where(periods == None, np.array(given, dtype=object), periods)  # noqa: E711 - element by element
    codes, first = rows_of(file, units, periods)
    _refuse_twice(file[first], units[first], periods[first], names)
    columns = {column.name: at for at, column in enumerate(item_columns(instrument))}
    named, words = pd.factorize(table["item"])
    where = np.array([*(columns.get(word, -1) for word in words), -1], dtype=np.intp)[named]
    known = where >= 0
    cells = np.full((len(first), len(columns)), -1, dtype=np.intp)
    rows = np.flatnonzero(known)
    flat = codes[known] * len(columns) + where[known]
    _refuse_answered_twice(flat, rows, table, names, file)
    cells.reshape(-1)[flat] = rows
    return Grid(instrument, units[first], periods[first], file[first], cells, table, np.flatnonzero(~known))


def _units(
    table: pd.DataFrame, file: npt.NDArray[Any], instrument: Instrument, unit: str | None, names: list[str]
) -> Objects:
    """Who answers: as the call says, else the source, else the item that asks for it."""
    found = _objects(table["unit"])
    lacking = found == None  # noqa: E711 - element by element
    if unit is not None:
        return np.full(len(found), unit, dtype=object)
    if not lacking.any():
        return found
    asks = instrument.file.unit
    own = table["item"].to_numpy() == asks if asks else np.zeros(len(table), dtype=bool)
    found = found.copy()
    faults = []
    for number in np.unique(file[lacking]):
        here = file == number
        said = [str(text).strip() for text in _objects(table["text"])[here & own] if text and str(text).strip()]
        if len(said) == 1:
            found[here & lacking] = said[0]
            continue
        item = f", and item {asks} is blank" if asks else ", and the instrument has no item that does"
        message = f"nothing says who answers{item}; give unit=..., or a column of units in the binding"
        faults.append(Fault(message, file=names[number], check="unit_not_known"))
    if faults:
        raise DataError(faults)
    return found


def _refuse_twice(files: npt.NDArray[Any], units: Objects, periods: Objects, names: list[str]) -> None:
    """One unit in two files."""
    first: dict[Any, int] = {}
    faults = []
    for number, *parts in zip(files.tolist(), units, periods, strict=True):
        key = tuple(parts)
        if key in first:
            who = key[0] if key[1] is None else f"{key[0]} {key[1]}"
            message = f"{who} has answered in {names[first[key]]} already; leave one out"
            faults.append(Fault(message, file=names[number], check="response_twice", units=(str(key[0]),)))
        first.setdefault(key, number)
    if faults:
        raise DataError(faults)


def _refuse_answered_twice(
    flat: npt.NDArray[np.intp],
    rows: npt.NDArray[np.intp],
    table: pd.DataFrame,
    names: list[str],
    file: npt.NDArray[Any],
) -> None:
    """One item twice in one response."""
    order = np.argsort(flat, kind="stable")
    again = order[1:][flat[order][1:] == flat[order][:-1]]
    if not len(again):
        return
    faults = []
    items, places = _objects(table["item"]), _objects(table["place"])
    for at in again[:50]:
        row = rows[at]
        item, place = items[row], places[row]
        message = f"{item} is answered a second time at {place}; keep one of them"
        faults.append(Fault(message, file=names[file[row]], check="answered_twice", column=str(item)))
    if faults:
        raise DataError(faults)
