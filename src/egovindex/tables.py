"""The tables that come in: who stands in which row, and which column is meant.

Labels are matched exactly once, here; a missing, doubled or misspelt label is an error that names it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.rows import Rows, alike, grouped
from egovindex.spec.levels import KEYS

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile

__all__ = [
    "empty_table",
    "further_columns",
    "key_values",
    "not_a_table",
    "period_not_there",
    "read_rows",
    "row_headings",
    "same_period",
    "unit_name",
    "unit_names",
    "widened",
]

LONG = ("item", "answer")
_DATES = (date, np.datetime64, pd.Period)  # a Timestamp is a date too


def row_headings(file: IndexFile) -> dict[str, str]:
    """Heading of each key of the rows (the unit, the period, further ones), by the index's ``columns``."""
    return {key: file.columns.get(key, key) for key in file.rows or KEYS}


def _fault(check: str, message: str, column: str | None = None, units: Iterable[str] = ()) -> Fault:
    return Fault(message, check=check, column=column, units=tuple(units))


def not_a_table(data: Any) -> DataError:
    """Something that is neither a table nor the path of one."""
    message = (
        f"a pandas DataFrame is expected, found {type(data).__name__}; read a file with egovindex.read_table, make a "
        "DataFrame of anything else"
    )
    return DataError(_fault("not_a_table", message))


def stacked_headings(data: pd.DataFrame) -> Iterable[Fault]:
    """Headings on several levels: a column has one name."""
    if data.columns.nlevels > 1:
        message = (
            f"the table has headings on {data.columns.nlevels} levels ({listed(data.columns)}); give each column one "
            "heading"
        )
        yield _fault("stacked_headings", message)


def empty_table(data: pd.DataFrame) -> Iterable[Fault]:
    """A table without rows."""
    if len(data) == 0:
        headings = listed(data.columns) or "none"
        yield _fault("empty_table", f"the table has no rows (columns: {headings}); give one row for each unit")


def doubled_headings(data: pd.DataFrame, what: str = "the data") -> Iterable[Fault]:
    """A heading that stands more than once, so that no one can tell which column is meant."""
    for heading, count in Counter(map(str, data.columns)).items():
        if count > 1:
            message = f'column "{heading}" stands {count} times in {what}; rename one'
            yield _fault("doubled_headings", message, heading)


def missing_key(data: pd.DataFrame, headings: dict[str, str], units: npt.NDArray[Any] | None) -> Iterable[Fault]:
    """No column and no level of the index names the units."""
    unit = headings["unit"]
    if units is None:
        hint = did_you_mean(unit, map(str, data.columns), otherwise=".")
        yield _fault(
            "missing_key",
            f'the data has no column "{unit}" that names the units{hint} Rename the column, '
            f"or write columns: {{unit: HEADING}} in the index. Columns: {listed(data.columns) or 'none'}",
            unit,
        )


def missing_row_key(data: pd.DataFrame, key: str, heading: str) -> Fault:
    """No column and no level of the index holds a further key of the rows."""
    hint = did_you_mean(heading, map(str, data.columns), otherwise=".")
    message = (
        f'the data has no column "{heading}", which rows names as a key{hint} Rename the column, '
        f"or write columns: {{{key}: HEADING}} in the index"
    )
    return _fault("missing_key", message, heading)


def unit_name(value: Any) -> str:
    """A key as text; empty where there is none."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (int, np.integer)):
        return str(value)
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))  # a column of codes in which one was blank comes as 516.0
    return str(value).strip()


def unit_names(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Keys as text; empty where there is none."""
    plain = set(map(type, values)) == {str}
    return _array(map(str.strip, values) if plain else map(unit_name, values))


def blank_key(names: npt.NDArray[Any], heading: str, what: str) -> Iterable[Fault]:
    """Rows that name no unit, period or item."""
    rows = (np.flatnonzero(names == "") + 1).tolist()
    if rows:
        many = f"{len(rows)} rows name no {what} (rows" if len(rows) > 1 else f"1 row names no {what} (row"
        yield _fault(
            f"blank_{what}",
            f'column "{heading}": {many} {listed(rows)}); a code such as NA (Namibia) '
            "is lost when a file is read with pandas defaults: use keep_default_na=False",
            heading,
        )


def strange_key(values: Iterable[Any], heading: str, what: str) -> Iterable[Fault]:
    """Units, periods or items that are neither text nor numbers; a period may be a date."""
    allowed: tuple[type, ...] = (str, Number, *_DATES) if what == "period" else (str, Number)
    found_types = set(map(type, values))
    if found_types == {str}:
        return
    values = list(values)
    kinds = {
        kind for kind in found_types if issubclass(kind, (bool, np.bool_, complex)) or not issubclass(kind, allowed)
    }
    strange = [value for value in values if type(value) in kinds and unit_name(value)] if kinds else []
    if strange:
        found = listed(dict.fromkeys(map(str, strange)))
        norway = ". A code NO (Norway) is lost where YAML 1.1 is read" if "False" in found else ""
        yield _fault(
            f"strange_{what}",
            f'column "{heading}": a {what} is text or a number{" or a date" * (what == "period")}, found {found}; '
            f"write it as text{norway}",
            heading,
        )


def unit_twice(keys: Mapping[str, npt.NDArray[Any]], lacking: str | None = None) -> Iterable[Fault]:
    """More than one row for a unit (in a period, and for each further key); the heading of periods that lacks."""
    if alike([*keys.values()]).max() + 1 == len(keys["unit"]):
        return
    counts = Counter(zip(*keys.values(), strict=True))
    doubled = [" ".join(map(str, key)) for key, count in counts.items() if count > 1]
    what = listed(keys, most=len(keys)).replace(", ", " and ") if len(keys) < 3 else f"({', '.join(keys)})"
    message = f"{what} in more than one row: {listed(doubled)}; keep one row for each {what}"
    if lacking is not None:
        message += f'. Periods would be told apart by a column "{lacking}", which the data have not'
    yield _fault("unit_twice", message, None, doubled)


def period_spelt_twice(periods: npt.NDArray[Any], heading: str) -> Iterable[Fault]:
    """The same period as text and as a number: two periods, each learned from a part of the rows."""
    counts = Counter(unit_name(period) for period in pd.unique(pd.Series(periods)))
    doubled = [name for name, count in counts.items() if count > 1]
    if doubled:
        message = (
            f'column "{heading}": {listed(doubled)} written both as numbers and as text; write each period in one way'
        )
        yield _fault("period_spelt_twice", message, heading)


def periods_of_several_kinds(periods: npt.NDArray[Any], heading: str) -> Fault:
    """Periods that have no order among each other, such as dates and points in time."""
    kinds = listed(sorted({type(period).__name__ for period in periods}))
    message = f'column "{heading}" has periods of several kinds ({kinds}); write each period in one way'
    return _fault("periods_of_several_kinds", message, heading)


def key_values(data: pd.DataFrame, key: str, heading: str) -> npt.NDArray[Any] | None:
    """The values of a key: a column, or a level of the index under its heading or its own name."""
    for at, name in enumerate(data.columns):
        if str(name) == heading:
            return data.iloc[:, at].to_numpy()
    levels = [None if name is None else str(name) for name in data.index.names]
    for name in (heading, key):
        if name in levels:
            return data.index.get_level_values(levels.index(name)).to_numpy()
    return None


@dataclass(frozen=True)
class _Keys:
    """What identifies a row, read: outer blanks of text are no part of a name."""

    units: npt.NDArray[Any]
    periods: npt.NDArray[Any] | None
    further: Mapping[str, npt.NDArray[Any]]

    @property
    def by_name(self) -> dict[str, npt.NDArray[Any]]:
        """All that there are, the unit first."""
        periods = {} if self.periods is None else {"period": self.periods}
        return {"unit": self.units, **self.further, **periods}


def _read_keys(data: pd.DataFrame, headings: dict[str, str]) -> _Keys:
    faults = list(stacked_headings(data))
    named = None
    if not faults:
        faults += [*doubled_headings(data), *empty_table(data)]
        named = key_values(data, "unit", headings["unit"])
        faults += missing_key(data, headings, named)
    if named is None or faults:
        raise DataError(faults)
    further: dict[str, npt.NDArray[Any]] = {}
    for key, heading in headings.items():
        if key in ("unit", "period"):
            continue
        values = key_values(data, key, heading)
        if values is None:
            faults.append(missing_row_key(data, key, heading))
        else:
            further[key] = values
    periods = key_values(data, "period", headings["period"]) if "period" in headings else None
    names: dict[str, npt.NDArray[Any]] = {}
    for what, given in (("unit", named), ("period", periods), *further.items()):
        if given is not None:
            names[what] = unit_names(given)
            faults += [*blank_key(names[what], headings[what], what), *strange_key(given, headings[what], what)]
    if faults:
        raise DataError(faults)
    if periods is not None:
        if periods.dtype == object:
            periods = _array(period.strip() if isinstance(period, str) else period for period in periods)
        faults += period_spelt_twice(periods, headings["period"])
    if faults:
        raise DataError(faults)
    return _Keys(names["unit"], periods, {key: names[key] for key in further})


def _array(values: Iterable[Any]) -> npt.NDArray[Any]:
    return np.array([*values, None], dtype=object)[
        :-1
    ]  # the last keeps texts of one length from becoming rows of letters


def _lacking_period(periods: npt.NDArray[Any] | None, file: IndexFile) -> str | None:
    """The heading that the index gives to periods, where the data have no such column."""
    named = "period" in file.columns or "period" in (file.rows or ())
    return row_headings(file).get("period") if named and periods is None else None


def period_not_there(rows: Rows, data: pd.DataFrame, file: IndexFile) -> Iterable[Fault]:
    """The index names a column of periods that the data have not: all rows are one period."""
    heading = _lacking_period(rows.periods, file)
    if heading is not None:
        hint = did_you_mean(heading, map(str, data.columns))
        message = f'the data has no column "{heading}", which the index names as the period{hint}: all are one period'
        yield _fault("period_not_there", message, heading)


def read_rows(data: pd.DataFrame, file: IndexFile) -> Rows:
    """Who stands in each row.

    Raises
    ------
    DataError
        No rows, no unit column, a blank or doubled unit.
    """
    keys = _read_keys(data, row_headings(file))
    try:
        rows = grouped(keys.units, keys.periods, keys.further)
    except TypeError:
        rows = None
    if rows is not None and len(rows.keys) == 1 and rows.index.is_unique:
        return rows
    faults = list(unit_twice(keys.by_name, _lacking_period(keys.periods, file)))
    if not faults and rows is None:
        faults.append(periods_of_several_kinds(np.asarray(keys.periods), row_headings(file)["period"]))
    if faults or rows is None:
        raise DataError(faults)
    return rows


def _items(data: pd.DataFrame) -> npt.NDArray[Any] | None:
    """Items of a long table; ``None`` where a table is wide."""
    is_long = data.columns.nlevels == 1 and "answer" in data.columns
    return key_values(data, "item", "item") if is_long else None


def further_columns(data: pd.DataFrame, file: IndexFile) -> Iterator[str]:
    """Columns of a long table that differ among the items of a row and are no attributes: widening leaves them out."""
    if _items(data) is None:
        return
    try:
        wide = widened(data, file)
    except DataError:  # told elsewhere
        return
    known = {*row_headings(file).values(), *LONG, *_attributes(file), *map(str, wide.columns)}
    yield from (str(heading) for heading in data.columns if str(heading) not in known)


def several_coders(data: pd.DataFrame) -> Iterable[Fault]:
    """More than one answer of a unit to an item, told apart by coder or axis."""
    further = [name for name in ("coder", "axis") if name in data.columns]
    if further:
        message = f"a long table with {listed(further)} is not computed; keep one answer per item"
        yield _fault("several_coders", message)


def item_like_key(items: Iterable[str], headings: dict[str, str]) -> Iterable[Fault]:
    """An item that has the name of a key: its column would stand twice in the wide table."""
    names = set(items)
    for what, heading in headings.items():
        if heading in names:
            message = f'item "{heading}" has the name of the column of the {what}s; rename one'
            yield _fault("item_like_key", message, heading)


def item_twice(keys: pd.MultiIndex) -> Iterable[Fault]:
    """More than one answer of a unit (in a period) to one item."""
    doubled = keys[keys.duplicated()].unique()
    if len(doubled):
        rows = [" ".join(map(str, key)) for key in doubled]
        message = f"items answered more than once: {listed(rows)}; keep one answer of each unit to each item"
        yield _fault("item_twice", message, "item", rows)


def widened(data: Any, file: IndexFile) -> pd.DataFrame:
    """A long table (unit, [period,] item, answer) as a wide one; a wide table as it is.

    Units, periods and items lose their outer blanks, as they do in a wide table.

    Raises
    ------
    DataError
        A row names no unit or item, or one unit answers one item more than once.
    """
    if not isinstance(data, pd.DataFrame):
        raise not_a_table(data)
    items = _items(data)
    if items is None:
        return data
    headings = row_headings(file)
    faults = [*several_coders(data), *blank_key(unit_names(items), "item", "item"), *strange_key(items, "item", "item")]
    try:
        keys = _read_keys(data, headings)
    except DataError as error:
        raise DataError([*error.faults, *faults]) from None
    names = [unit_name(item) for item in items]
    faults = faults or list(item_like_key(names, headings))
    if faults:
        raise DataError(faults)
    levels = {headings[name]: values for name, values in keys.by_name.items()}
    index = pd.MultiIndex.from_arrays([*levels.values(), names], names=[*levels, "item"])
    faults = list(item_twice(index))
    if faults:
        raise DataError(faults)
    wide = data["answer"].set_axis(index).unstack("item")  # noqa: PD010 - pairs are unique
    wide.columns.name = None
    told: list[pd.DataFrame | pd.Series[Any]] = [wide]
    for name, star in _attributes(file).items():
        if name in data.columns:
            said = data[name].set_axis(index).unstack("item")  # noqa: PD010 - pairs are unique
            told.append(said.set_axis([star.replace("*", str(item)) for item in said.columns], axis=1))
    told += _of_rows(data, file, index.droplevel("item"), wide)
    return (wide if len(told) == 1 else pd.concat(told, axis=1)).reset_index()


def _of_rows(data: pd.DataFrame, file: IndexFile, rows: pd.Index, wide: pd.DataFrame) -> Iterator[pd.Series[Any]]:
    """Columns that say one thing of all items of a row, such as a region: they go with the row."""
    known = {*LONG, *_attributes(file), *map(str, rows.names), *map(str, wide.columns)}
    for heading in data.columns:
        if str(heading) in known:
            continue
        column = data[heading].set_axis(rows)
        held = column[~column.index.duplicated()]
        said = held.reindex(rows)
        if ((said == column) | (said.isna() & column.isna()).to_numpy()).all():
            yield held.reindex(wide.index).rename(str(heading))


def _attributes(file: IndexFile) -> dict[str, str]:
    """Names of what may be said of each answer, with the pattern of its heading in a wide table."""
    return {name: heading for name, heading in file.columns.items() if "*" in heading}


def same_period(label: Any, asked: Any) -> bool:
    """Whether a period of the data is the one that a caller names, as a value or as it is printed.

    Examples
    --------
    >>> same_period(2022, "2022"), same_period(np.datetime64("2022-01-01T00:00:00"), "2022-01-01")
    (True, True)
    >>> same_period(pd.Timestamp("2022-01-01"), np.datetime64("2022-01-01")), same_period("2022", 2024)
    (True, False)
    """
    if str(label) == str(asked):
        return True
    dates = (np.datetime64, pd.Timestamp, date)
    if not isinstance(label, dates):
        return False
    try:
        return pd.Timestamp(label) == pd.Timestamp(asked)
    except (TypeError, ValueError):
        return False
