"""The tables that come in: who stands in which row, and which column is meant.

Labels are matched exactly once, here; a missing, doubled or misspelt label is an error that names it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault, did_you_mean, listed

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

    from egovindex.spec.model import IndexFile

__all__ = ["Rows", "data_schema", "read_rows", "row_headings", "widened"]

LONG = ("item", "answer")


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
    """

    units: npt.NDArray[Any]
    periods: npt.NDArray[Any] | None
    groups: tuple[npt.NDArray[np.intp], ...]
    group_names: tuple[Any, ...]

    def __len__(self) -> int:
        return int(self.units.shape[0])

    @cached_property
    def index(self) -> pd.Index:
        """The index of every table of results: unit, or (unit, period)."""
        if self.periods is None:
            return pd.Index(self.units, name="unit", dtype="str" if pd.__version__ >= "3" else object)
        return pd.MultiIndex.from_arrays([self.units, self.periods], names=["unit", "period"])

    def names(self, where: npt.NDArray[Any], most: int = 8) -> str:
        """Units of some rows, for a message."""
        at = np.flatnonzero(where) if where.dtype == bool else where
        return listed((self.name(int(row)) for row in at), most=most)

    def name(self, row: int) -> str:
        """Unit, with its period if there is one."""
        unit = str(self.units[row])
        return unit if self.periods is None else f"{unit} {self.periods[row]}"


def row_headings(file: IndexFile) -> dict[str, str]:
    """Heading of the unit and of the period column, by the index's ``columns``."""
    wanted = file.rows or ("unit", "period")
    return {key: file.columns.get(key, key) for key in ("unit", "period") if key in wanted}


def _fault(check: str, message: str, column: str | None = None, units: Iterable[str] = ()) -> Fault:
    return Fault(message, check=check, column=column, units=tuple(units))


def not_a_table(data: Any) -> DataError:
    return DataError(
        _fault(
            "not_a_table", f"a pandas DataFrame is expected, found {type(data).__name__}; read files with pandas first"
        )
    )


def empty_table(data: pd.DataFrame) -> Iterable[Fault]:
    if len(data) == 0:
        headings = listed(data.columns) or "none"
        yield _fault("empty_table", f"the table has no rows (columns: {headings}); give one row for each unit")


def doubled_headings(data: pd.DataFrame) -> Iterable[Fault]:
    for heading, count in Counter(map(str, data.columns)).items():
        if count > 1:
            message = f'column "{heading}" stands {count} times in the data; rename one'
            yield _fault("doubled_headings", message, heading)


def missing_key(data: pd.DataFrame, headings: dict[str, str]) -> Iterable[Fault]:
    unit = headings["unit"]
    if key_values(data, "unit", unit) is None:
        hint = did_you_mean(unit, map(str, data.columns), otherwise=".")
        yield _fault(
            "missing_key",
            f'the data has no column "{unit}" that names the units{hint} Rename the column, '
            f"or write columns: {{unit: HEADING}} in the index. Columns: {listed(data.columns) or 'none'}",
            unit,
        )


def _name(value: Any) -> str:
    """A key as text; empty where there is none."""
    if isinstance(value, str):
        return value.strip()
    return "" if pd.isna(value) else str(value).strip()


def blank_key(values: Iterable[Any], heading: str, what: str) -> Iterable[Fault]:
    rows = [row for row, value in enumerate(values, start=1) if not _name(value)]
    if rows:
        yield _fault(
            f"blank_{what}",
            f'column "{heading}": {len(rows)} rows name no {what} (rows {listed(rows)}); a code such as NA (Namibia) '
            "is lost when a file is read with pandas defaults: use keep_default_na=False",
            heading,
        )


def unit_twice(units: npt.NDArray[Any], periods: npt.NDArray[Any] | None) -> Iterable[Fault]:
    keys: list[Any] = list(units) if periods is None else list(zip(units, periods, strict=True))
    if len(set(keys)) == len(keys):
        return
    counts = Counter(keys)
    doubled = [key for key, count in counts.items() if count > 1]
    what = "unit" if periods is None else "unit and period"
    names = [" ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in doubled]
    message = f"{what} in more than one row: {listed(names)}; keep one row for each {what}"
    yield _fault("unit_twice", message, None, names)


def key_values(data: pd.DataFrame, key: str, heading: str) -> npt.NDArray[Any] | None:
    """The values of a key: a column, or a level of the index under its heading or its own name."""
    if heading in data.columns:
        return data[heading].to_numpy()
    for name in (heading, key):
        if name in data.index.names:
            return data.index.get_level_values(name).to_numpy()
    return None


def read_rows(data: pd.DataFrame, file: IndexFile) -> Rows:
    """Who stands in each row.

    Raises
    ------
    DataError
        No rows, no unit column, a blank or doubled unit.
    """
    headings = row_headings(file)
    faults = [*doubled_headings(data), *empty_table(data), *missing_key(data, headings)]
    named = None if faults else key_values(data, "unit", headings["unit"])
    if named is None:
        raise DataError(faults)
    periods = key_values(data, "period", headings["period"]) if "period" in headings else None
    names = [_name(value) for value in named]
    faults += blank_key(names, headings["unit"], "unit")
    if periods is not None:
        faults += blank_key(periods, headings["period"], "period")
    if faults:
        raise DataError(faults)
    units = np.array(names, dtype=object)
    faults += unit_twice(units, periods)
    if faults:
        raise DataError(faults)
    if periods is None:
        return Rows(units, None, (np.arange(len(units)),), (None,))
    codes, uniques = pd.factorize(periods, sort=True)
    groups = tuple(np.flatnonzero(codes == group) for group in range(len(uniques)))
    return Rows(units, periods, groups, tuple(uniques))


def widened(data: Any, file: IndexFile) -> pd.DataFrame:
    """A long table (unit, [period,] item, answer) as a wide one; a wide table as it is.

    Raises
    ------
    DataError
        A row names no unit or item, or one unit answers one item more than once.
    """
    if not isinstance(data, pd.DataFrame):
        raise not_a_table(data)
    if not set(LONG) <= set(data.columns):
        return data
    headings = row_headings(file)
    keys = [heading for heading in headings.values() if heading in data.columns]
    further = [c for c in ("coder", "axis") if c in data.columns]
    if further:
        raise DataError(
            _fault(
                "several_coders", f"a long table with {listed(further)} is not computed yet; keep one answer per item"
            )
        )
    blank = [
        fault
        for what, heading in (*headings.items(), ("item", "item"))
        if heading in data.columns
        for fault in blank_key(data[heading], heading, what)
    ]
    if blank:
        raise DataError(blank)
    doubled = data.duplicated([*keys, "item"])
    if doubled.any():
        rows = data.loc[doubled, [*keys, "item"]].astype(str).agg(" ".join, axis=1)
        message = f"items answered more than once: {listed(rows)}; keep one answer of each unit to each item"
        raise DataError(_fault("item_twice", message, "item", rows))
    wide = data.set_index([*keys, "item"])["answer"].unstack("item")  # noqa: PD010 - pairs are unique
    wide.columns.name = None
    return wide.reset_index()


def data_schema(file: IndexFile, columns: Iterable[tuple[str, bool]], *, nothing_allowed: bool) -> DataFrameSchema:
    """The pandera schema of the wide table an index takes.

    Parameters
    ----------
    file
        The index.
    columns
        Heading of each column, and whether it holds plain numbers.
    nothing_allowed
        Whether a blank has a policy.
    """
    import pandera.pandas as pa

    headings = row_headings(file)
    finite = pa.Check(np.isfinite, name="finite", error="must be a finite number", ignore_na=True)
    spec: dict[str, Any] = {headings["unit"]: pa.Column(str, nullable=False, coerce=True)}
    if "period" in headings:
        spec[headings["period"]] = pa.Column(nullable=False, required=False)
    for heading, numeric in columns:
        spec[heading] = (
            pa.Column(float, finite, nullable=nothing_allowed, coerce=True) if numeric else pa.Column(nullable=True)
        )
    return pa.DataFrameSchema(spec, strict=False, unique=[headings["unit"]] if "period" not in headings else None)
