"""What if an answer were another: the run's learned values are kept unless asked otherwise."""

from __future__ import annotations

import html
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from typing import Literal as OneOf

import numpy as np
import pandas as pd

from egovindex.compare import Comparison, compare
from egovindex.errors import EgovindexError, Fault, MethodError, did_you_mean, listed
from egovindex.evaluate import evaluate
from egovindex.lookup import heading_of, refuse_no_result, refuse_records, row_of, used_headings
from egovindex.result import IndexResult
from egovindex.shown import Shown
from egovindex.tables import row_headings, same_period, unit_name

__all__ = ["UnitScore", "WhatIf", "score_unit", "what_if"]

Changes = Mapping[tuple[Any, ...], Any]


@dataclass(frozen=True, eq=False, repr=False)
class WhatIf(Shown):
    """A result before and after some answers are changed.

    Made by :func:`what_if`.

    Parameters
    ----------
    before, after
        The results.
    changes
        One row per changed cell: ``unit`` (and ``period``), ``column``, ``before``, ``after``.
    learn
        Whether learned values were kept (``"nominal"``) or learned again (``"each_draw"``).
    """

    before: IndexResult
    after: IndexResult
    changes: pd.DataFrame
    learn: str

    @cached_property
    def comparison(self) -> Comparison:
        """Before and after side by side; see :func:`egovindex.compare`."""
        return compare(self.before, self.after)

    @property
    def moved(self) -> pd.DataFrame:
        """Units whose rank or class in the headline changed; see :attr:`Comparison.moved`."""
        return self.comparison.moved

    @property
    def units(self) -> pd.DataFrame:
        """The changed units alone: score, rank and class before and after."""
        return self.comparison.units[self._changed]

    @property
    def others(self) -> pd.DataFrame:
        """Units that were not changed and whose score in some node did: only what is learned again moves them.

        Returns
        -------
        DataFrame
            As :attr:`units`; ranks of others also change because a changed unit passes them.
        """
        before, after = self.before.nominal.values, self.after.nominal.values
        differs = ~np.isclose(before, after, rtol=1e-12, atol=0, equal_nan=True).all(axis=-1)
        return self.comparison.units[differs & ~self._changed]

    @cached_property
    def _changed(self) -> np.ndarray:
        keys = [name for name in ("unit", "period") if name in self.changes]
        changed = {tuple(row) for row in self.changes[keys].astype(str).to_numpy()}
        index = self.before.plan.rows.index.to_frame(index=False).astype(str)
        return np.array([tuple(row) in changed for row in index.to_numpy()], dtype=bool)

    def _summary(self) -> list[str]:
        kept = "learned values kept" if self.learn == "nominal" else "learned again"
        head = f"<WhatIf {self.before.index.id}> {len(self.changes)} answers changed, {kept}"
        lines = [head]
        if self.learn != "nominal":
            lines.append(f"  {len(self.others)} other units have another score")
        return lines

    def __repr__(self) -> str:
        shown = [f"  {line}" for line in self.changes.head(5).to_string(index=False).splitlines()]
        shown += [f"  {line}" for line in self.units.head(5).to_string().splitlines()]
        return "\n".join([*self._summary(), *(shown if len(self.changes) else [])])

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        body = "<br>".join(html.escape(line.strip()) for line in rest)
        tables = (self.changes.head(10), self.units.head(10).reset_index())
        shown = "".join(table.to_html(index=False, escape=True, border=0) for table in tables)
        return f"<b>{html.escape(head)}</b><br>{body}{shown}"


def what_if(result: IndexResult, changes: Changes, *, learn: OneOf["nominal", "each_draw"] = "nominal") -> WhatIf:
    """Score again with some answers changed.

    Parameters
    ----------
    result
        The result to start from.
    changes
        New answers by ``(unit, column)`` or ``(unit, period, column)``. A column is a heading of the
        data, or an indicator that reads one. Answers are written as in the data.
    learn
        ``"nominal"`` keeps the bounds, means and cut points of the run, so that a change moves nobody
        else's score; ``"each_draw"`` learns them again, and :attr:`WhatIf.others` lists whom that moves.

    Returns
    -------
    WhatIf

    Raises
    ------
    MethodError
        A unit, period or column is unknown; all are told.
    DataError
        The index does not take the new answer.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    >>> ei.what_if(result, {("KHM", "osi_if"): 1.0}).units[["rank_a", "rank_b"]]
                 rank_a  rank_b
    unit period
    KHM  2024       120     118
    """
    if learn not in ("nominal", "each_draw"):
        raise MethodError(Fault(f'learn is "nominal" or "each_draw", found "{learn}"', check="unknown_option"))
    refuse_no_result(result)
    refuse_records(result)
    data = result.plan.data
    cells = _cells(result, changes)
    table = data.copy()
    for heading in dict.fromkeys(heading for _, heading in cells):
        column = table[heading].astype(object).to_numpy(copy=True)
        for (row, name), answer in cells.items():
            if name == heading:
                column[row] = answer
        table[heading] = pd.Series(column, index=table.index).infer_objects()
    plan = result.index.plan(table)
    learned = result.learned_values if learn == "nominal" else None
    after = IndexResult(index=result.index, plan=plan, nominal=evaluate(plan, learned=learned))
    return WhatIf(result, after, _told(result, cells), learn)


def _cells(result: IndexResult, changes: Changes) -> dict[tuple[int, Hashable], Any]:
    """Row and heading of every change, with the new answer."""
    found: dict[tuple[int, Hashable], Any] = {}
    faults: list[Fault] = []
    given: Any = changes
    if not isinstance(given, Mapping):
        message = f"changes are a mapping {{(unit, column): answer}}, found {type(given).__name__}"
        raise MethodError(Fault(message, check="bad_change"))
    read = set(used_headings(result))
    for key, answer in changes.items():
        try:
            cell = _cell(result, key)
        except EgovindexError as error:
            faults += error.faults
            continue
        if cell in found:
            faults.append(changed_twice(key))
        elif cell[1] not in read:
            faults.append(not_read(result, cell[1]))
        found[cell] = answer
    if faults:
        raise MethodError(faults)
    return found


def changed_twice(key: Any) -> Fault:
    """Two answers for one cell, under two names."""
    return Fault(f"{key!r} is changed twice; keep one", check="changed_twice")


def not_read(result: IndexResult, heading: Hashable) -> Fault:
    """A column that the index does not read: a change there changes nothing."""
    message = f'column "{heading}" is not read by {result.index.id}; it reads {listed(used_headings(result))}'
    return Fault(message, check="unused_column", column=str(heading))


def _cell(result: IndexResult, key: Any) -> tuple[int, Hashable]:
    if not isinstance(key, tuple) or len(key) not in (2, 3):
        message = f"a change is written (unit, column) or (unit, period, column), found {key!r:.80}"
        raise MethodError(Fault(message, check="bad_change"))
    unit, *period, column = key
    return row_of(result, unit, *period), heading_of(result, str(column))


def _told(result: IndexResult, cells: Mapping[tuple[int, Hashable], Any]) -> pd.DataFrame:
    rows, data = result.plan.rows, result.plan.data
    table: dict[str, list[Any]] = {"unit": [str(rows.units[row]) for row, _ in cells]}
    if rows.periods is not None:
        table["period"] = [rows.periods[row] for row, _ in cells]
    table["column"] = [str(heading) for _, heading in cells]
    table["before"] = [data[heading].iloc[row] for row, heading in cells]
    table["after"] = list(cells.values())
    return pd.DataFrame(table)


@dataclass(frozen=True, eq=False, repr=False)
class UnitScore(Shown):
    """One more unit, scored against the learned values of a run.

    Made by :func:`score_unit`.

    Parameters
    ----------
    unit
        Its name.
    result
        The run with the unit among the others.
    row
        Its row there.
    """

    unit: str
    result: IndexResult
    row: int

    @property
    def table(self) -> pd.DataFrame:
        """Per node: ``label, score, rank`` (that it would take), ``class`` (if any), ``state, coverage``."""
        at = self.row
        table = pd.DataFrame(
            {
                "label": [self.result.index.labels[node] for node in self.result.nodes],
                "score": self.result.scores.iloc[at].to_numpy(),
                "rank": self.result.ranks.iloc[at].to_numpy(),
                "state": self.result.states.iloc[at].to_numpy(),
                "coverage": self.result.coverage.iloc[at].to_numpy(),
            },
            index=pd.Index(self.result.nodes, name="node"),
        )
        classes = self.result.classes
        if len(classes.columns):
            bands = [classes[node].iloc[at] if node in classes else None for node in self.result.nodes]
            table.insert(3, "class", pd.Series(bands, index=table.index, dtype=object))
        return table

    @property
    def score(self) -> float:
        """Score in the headline."""
        return float(self.result.nominal.by_node[self.result.headline][self.row])

    def __repr__(self) -> str:
        return "\n".join([self._head(), *(f"  {line}" for line in self.table.to_string().splitlines())])

    def _head(self) -> str:
        return f"<UnitScore {self.unit}> {self.result.index.id}, against the learned values of the run"

    def _repr_html_(self) -> str:
        return (
            f"<b>{html.escape(self._head())}</b>{self.table.reset_index().to_html(index=False, escape=True, border=0)}"
        )


def score_unit(
    result: IndexResult, values: Mapping[str, Any], *, unit: str = "new unit", period: Any = None
) -> UnitScore:
    """Score one more unit against a run: nothing is learned from it, and nobody else's score moves.

    Parameters
    ----------
    result
        The run.
    values
        An answer for every column the index reads, by heading or indicator; ``None`` for no answer.
    unit
        Its name; not one of the run (:func:`what_if` changes those).
    period
        Needed where the run has several.

    Returns
    -------
    UnitScore

    Raises
    ------
    MethodError
        A column is unknown or left out, the unit is already there, or the period is needed or unknown.
    DataError
        The index does not take an answer.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> score = ei.score_unit(result, {"osi": 0.6, "tii": 0.7, "hci": 0.5})
    >>> round(score.score, 4)
    0.6
    """
    refuse_no_result(result)
    refuse_records(result)
    data = result.plan.data
    rows, unit = result.plan.rows, unit_name(unit)
    if unit in set(rows.units):
        message = f'unit "{unit}" is already in the run; change its answers with what_if, or name the new one'
        raise MethodError(Fault(message, check="unit_twice", units=(unit,)))
    row = _answers_by_heading(result, values)
    keys = {"unit": (rows.units, unit)}
    if rows.periods is not None:
        keys["period"] = (rows.periods, _period(result, period))
    headings = row_headings(result.index.file)
    names = {headings[key] for key in keys}
    table = data.loc[:, [str(heading) not in names for heading in data.columns]].astype(object).reset_index(drop=True)
    added = pd.DataFrame({heading: [row.get(heading)] for heading in table.columns}, dtype=object)
    together = pd.concat([table, added], ignore_index=True).infer_objects()
    for key, (known, own) in keys.items():
        together[headings[key]] = pd.Series([*known, own], dtype=object).infer_objects()
    plan = result.index.plan(together)
    scores = evaluate(plan, learned=result.learned_values)
    return UnitScore(unit, IndexResult(index=result.index, plan=plan, nominal=scores), len(together) - 1)


def _answers_by_heading(result: IndexResult, values: Mapping[str, Any]) -> dict[Any, Any]:
    faults: list[Fault] = []
    row: dict[Any, Any] = {}
    given: Any = values
    if not isinstance(given, Mapping):
        message = f"values are a mapping {{column: answer}}, found {type(given).__name__}"
        raise MethodError(Fault(message, check="bad_change"))
    for name, answer in values.items():
        try:
            heading = heading_of(result, str(name))
        except MethodError as error:
            faults += error.faults
            continue
        if heading in row:
            faults.append(changed_twice(str(name)))
        row[heading] = answer
    faults += left_out([heading for heading in used_headings(result) if heading not in row])
    if faults:
        raise MethodError(faults)
    return row


def left_out(headings: list[Hashable]) -> Iterable[Fault]:
    """Columns without an answer: a gap has to be said."""
    if headings:
        message = f"no answer is given for {listed(headings)}; write None where there is none"
        yield Fault(message, check="left_out")


def _period(result: IndexResult, period: Any) -> Any:
    names = result.plan.rows.group_names
    if period is None and len(names) == 1:
        return names[0]
    found = next((name for name in names if same_period(name, period)), None)
    if found is None:
        has = f"the run has the periods {listed(names)}; name one with period="
        hint = "" if period is None else f"no period {period}{did_you_mean(str(period), map(str, names))}; "
        raise MethodError(Fault(hint + has, check="unknown_period"))
    return found
