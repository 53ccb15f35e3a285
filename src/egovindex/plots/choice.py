"""What a picture shows: which node, which period, which units, by which names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from typing import Literal as OneOf

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.index import Index
from egovindex.lookup import by_row, known_node, unknown_unit
from egovindex.plots.wording import counted, plain, short
from egovindex.result import IndexResult
from egovindex.tables import same_period, unit_name

__all__ = ["By", "Choice", "Names", "Units", "about", "choose", "gathered", "last_rank", "named_units", "part_label"]

By = OneOf["child", "indicator"]
Names = str | Mapping[str, Any] | pd.Series | None
Units = str | int | Iterable[str | int]


@dataclass(frozen=True)
class Choice:
    """A node of a result in one period.

    Parameters
    ----------
    result, node, period
        What was chosen; the period is ``None`` where the data has none.
    rows
        Positions of the rows of that period, in the order of the data.
    marked
        Units to bring out.
    named
        Name of each row of the result.
    """

    result: IndexResult
    node: str
    period: Any
    rows: npt.NDArray[np.intp]
    marked: tuple[str, ...] = ()
    named: Sequence[str] = field(default=(), repr=False)

    @property
    def label(self) -> str:
        """Name of the node for people."""
        return short(self.result.index.labels[self.node], 60)

    @property
    def when(self) -> str:
        """The period with a comma in front, or nothing."""
        return "" if self.period is None else f", {plain(self.period)}"

    @property
    def scores(self) -> npt.NDArray[np.float64]:
        """Score of each row of the result in the node."""
        return np.asarray(self.result.nominal.by_node[self.node], dtype=np.float64)

    @property
    def ranks(self) -> npt.NDArray[np.int64]:
        """Rank of each row of the result in the node; 0 where there is none."""
        return self.result.ranks[self.node].to_numpy(dtype=np.int64, na_value=0)

    def unit(self, row: int) -> str:
        """Unit of a row."""
        return str(self.result.plan.rows.units[row])

    def name(self, row: int, most: int = 36) -> str:
        """Name of a row's unit, as it is drawn."""
        return short(self.named[row], most)

    def row(self, unit: Any) -> int:
        """Row of a unit that is known to be there.

        Raises
        ------
        MethodError
            It is a list of units.
        """
        if pd.api.types.is_list_like(unit):
            raise MethodError(Fault(f"one unit is drawn, found {unit!r:.60}; name one", check="several_units"))
        (wanted,) = named_units(unit)
        return next(int(row) for row in self.rows if self.unit(int(row)) == wanted)

    def ranked(self) -> list[int]:
        """Rows from the best to the last; those without a score stand last."""
        ranks = self.ranks
        return sorted(map(int, self.rows), key=lambda row: (ranks[row] or len(ranks) + 1, self.unit(row)))

    def best(self, top: int | None) -> list[int]:
        """Rows whose rank is at most ``top``, and the marked ones; all rows if it is ``None``."""
        if top is None:
            return self.ranked()
        last, ranks = last_rank(top), self.ranks
        return [row for row in self.ranked() if 0 < ranks[row] <= last or self.unit(row) in self.marked]

    def ranked_names(self, shown: list[int]) -> list[str]:
        """Rank and name of some rows."""
        ranks = self.ranks
        return [f"{ranks[row] or '–'}  {self.name(row)}" for row in shown]

    def marked_among(self, shown: list[int]) -> set[int]:
        """Places of the highlighted units among the rows that are drawn."""
        return {at for at, row in enumerate(shown) if self.unit(row) in self.marked}

    def cut(self, top: int | None, shown: list[int]) -> str:
        """A sentence on what is left out, empty if nothing is."""
        if not top:
            return ""
        marked = " and highlighted units" if self.marked_among(shown) else ""
        return f"Shown: ranks up to {top}{marked}; {len(self.rows) - len(shown)} further units."

    def without_score(self) -> str:
        """A sentence on the units that have no score, empty if all have one."""
        states = self.result.states[self.node].to_numpy()
        lacking = [row for row in map(int, self.rows) if np.isnan(self.scores[row])]
        if not lacking:
            return ""
        told = listed((f"{self.name(row)}: {states[row]}" for row in lacking), most=12)
        return f"No score in {plain(self.node)}: {counted(lacking)} ({told})."

    def basis(self) -> str:
        """A sentence on the units, the weights and the rules."""
        index = self.result.index
        rules = f", rules {', '.join(index.rules)}" if index.rules else ""
        period = f" in {plain(self.period)}" if self.period is not None else ""
        return f"{counted(self.rows)}{period}; weights {index.weights}{rules}."

    def small_print(self, *more: str) -> list[str]:
        """Sentences below a picture; empty ones are left out."""
        told = [about(self.result.index, self.result), f"{self.basis()} {self.without_score()}".strip(), *more]
        return [sentence for sentence in told if sentence]


def last_rank(top: Any) -> int:
    """The last rank to show.

    Raises
    ------
    MethodError
        It is not a positive whole number.
    """
    if isinstance(top, bool) or not isinstance(top, (int, np.integer)) or top < 1:
        raise MethodError(Fault(f"top is a number of ranks, 1 or more, found {top!r:.60}", check="unknown_option"))
    return int(top)


def about(index: Index, result: IndexResult | None = None) -> str:
    """A sentence on the index, its source and that of the data."""
    file = index.file
    edition = f", edition {file.edition}" if file.edition and file.edition not in index.title else ""
    told = f"{index.title}{edition} ({index.id})."
    if file.source is not None:
        told += f" Source: {file.source.title}{f', {file.source.date}' if file.source.date else ''}."
    data = None if result is None else result.plan.data.attrs.get("source")
    if isinstance(data, str) and data.strip() and (file.source is None or file.source.title not in data):
        told += f" Data: {data}."
    return told


def choose(
    result: Any,
    *,
    node: str | None = None,
    period: Any = None,
    units: Units = (),
    names: Names = None,
) -> Choice:
    """What a picture is to show.

    Raises
    ------
    MethodError
        A node, period, unit or column of names is unknown (all are told), or there are several periods
        and none is named.
    """
    if not isinstance(result, IndexResult):
        message = f"a picture is drawn from what compute returned, found {type(result).__name__}"
        raise MethodError(Fault(message, check="not_a_result"))
    faults: list[Fault] = []
    found = gathered(faults, lambda: known_node(result, node), result.headline)
    when, rows = gathered(faults, lambda: _period(result, period), (None, np.arange(len(result.plan.rows))))
    wanted = named_units(units)
    here = {str(unit) for unit in result.plan.rows.units[rows]}
    for unit in dict.fromkeys(wanted):
        if unit not in here:
            absent = unknown_unit(unit, sorted(here))
            faults.append(absent if when is None else _absent(absent, when))
    named = gathered(faults, lambda: _names(result, names), ())
    if faults:
        raise MethodError(faults)
    return Choice(result, found, when, rows, wanted, named)


def gathered(faults: list[Fault], ask: Callable[[], Any], otherwise: Any) -> Any:
    """What is asked for; what is wrong with it goes to the others that are wrong."""
    try:
        return ask()
    except MethodError as error:
        faults.extend(error.faults)
        return otherwise


def _absent(fault: Fault, period: Any) -> Fault:
    message = fault.message.replace("in the data", f"in {period}", 1)
    return Fault(message, check=fault.check, units=fault.units)


def named_units(units: Any) -> tuple[str, ...]:
    """One unit or several, by the names that they have in a result."""
    several = units if pd.api.types.is_list_like(units) else [units]
    return tuple(unit_name(unit) or str(unit) for unit in several)


def _period(result: IndexResult, period: Any) -> tuple[Any, npt.NDArray[np.intp]]:
    rows = result.plan.rows
    if rows.periods is None:
        if period is not None:
            message = f"the data has no periods, found period={period!r:.60}; leave it out"
            raise MethodError(Fault(message, check="unknown_period"))
        return None, rows.groups[0]
    known = [str(name) for name in rows.group_names]
    if period is None:
        if len(known) == 1:
            return rows.group_names[0], rows.groups[0]
        message = f"there are {len(known)} periods ({listed(known)}); name one with period="
        raise MethodError(Fault(message, check="several_periods"))
    at = next((at for at, label in enumerate(rows.group_names) if same_period(label, period)), None)
    if at is None:
        hint = did_you_mean(str(period), known, otherwise=".")
        message = f'there is no period "{period}" in the data{hint} Periods: {listed(known)}'
        raise MethodError(Fault(message, check="unknown_period"))
    return rows.group_names[at], rows.groups[at]


def _names(result: IndexResult, names: Any) -> list[str]:
    units = [str(unit) for unit in result.plan.rows.units]
    if names is None:
        return units
    given: list[Any]
    if isinstance(names, str):
        headings = result.plan.headings
        if names not in headings:
            message = f'names: there is no column "{names}" in the data{did_you_mean(names, headings)}'
            raise MethodError(Fault(message, check="unknown_column", column=names))
        given = result.plan.data[headings[names]].tolist()
    elif isinstance(names, (Mapping, pd.Series)):
        given = by_row(result, names).tolist()
    else:
        message = f"names is a column of the data or a mapping of unit to name, found {type(names).__name__}"
        raise MethodError(Fault(message, check="unknown_option"))
    return [
        unit if name is None or name is pd.NA or name != name or not plain(name) else str(name)  # noqa: PLR0124 - NaN
        for unit, name in zip(units, given, strict=True)
    ]


def part_label(result: IndexResult, name: str, most: int = 40) -> str:
    """Name of a part of a score for people."""
    rest = {"base": "constant of the steps", "steps": "limits, rounding, shape"}
    return rest[name] if name in rest else short(result.index.labels.get(name, name), most)
