"""Coded responses as users hold them: every layer, the brief view, and what to look at."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from egovindex.coding.brief import BRIEF, brief_rows
from egovindex.coding.rules import UNKNOWN
from egovindex.errors import CodingError, DataError, Fault, listed
from egovindex.instrument import question_of
from egovindex.responses.states import ANSWERED, WITHHELD
from egovindex.shown import Shown

if TYPE_CHECKING:
    from egovindex.coding.codebook import Codebook
    from egovindex.responses.table import Responses

__all__ = ["ADJUDICATED", "COLUMNS", "RESERVED", "Coded"]

ADJUDICATED = "adjudicated"
# layers that are no person's, and why
RESERVED = {ADJUDICATED: "it is the layer of what is settled", "declared": "it is the respondent's own mark"}
Cell = tuple[Any, Any, Any]  # unit, period, item
COLUMNS = ("unit", "period", "item", "axis", "coder", "category", "confidence", "span", "reason", "rule", "as_of")


@dataclass(frozen=True, eq=False, repr=False)
class Coded(Shown):
    """Responses with categories.

    Made by :func:`code`. Scores read the coder that is asked for, the adjudicated one by default; all others are kept.

    Parameters
    ----------
    table
        One row per unit, period, item, axis and coder: ``category``, ``confidence``, ``span`` (the words it rests on),
        ``reason``, ``rule`` and ``as_of``. The axis ``brief`` is derived from the others.
    responses, codebook
        What was coded, and by which rules.
    """

    table: pd.DataFrame
    responses: Responses
    codebook: Codebook

    @property
    def coders(self) -> list[str]:
        """Who has coded."""
        return list(dict.fromkeys(self.table["coder"]))

    def coder_of(self, coder: str | None = None) -> str:
        """The coder that is meant: the one named, else ``adjudicated``, else the only one.

        Raises
        ------
        CodingError
            There is none of that name, or there are several and none is adjudicated.
        """
        known = self.coders
        if coder is not None:
            if coder not in known:
                raise CodingError(Fault(f'no coder is called "{coder}"; there are {listed(known)}', check="no_coder"))
            return coder
        if ADJUDICATED in known:
            return ADJUDICATED
        if not known:
            message = "nobody has coded anything: of none of its items the instrument says how it is coded (coded_as)"
            raise CodingError(Fault(message, check="nothing_coded"))
        if len(known) != 1:
            message = (
                f"{listed(known)} have coded; name one, as in coded.long(coder=...), or settle their disputes, as in "
            )
            message += "coded.settled(decisions)"
            raise CodingError(Fault(message, check="several_coders"))
        return known[0]

    @cached_property
    def _cells(self) -> list[Cell]:
        """Unit, period and item of everything that somebody was asked to code."""
        return list(dict.fromkeys(zip(*(self.table[name] for name in ("unit", "period", "item")), strict=True)))

    def _said(self, axis: str, who: str) -> dict[Cell, str]:
        """What a coder says on an axis."""
        rows = self.table[(self.table["axis"] == axis) & (self.table["coder"] == who) & self.table["category"].notna()]
        columns = [rows[name] for name in ("unit", "period", "item", "category")]
        return {(unit, period, item): category for unit, period, item, category in zip(*columns, strict=True)}

    def of(self, axis: str = BRIEF, coder: str | None = None) -> pd.DataFrame:
        """Categories of one axis by one coder: a row per unit (and period), a column per item.

        What the coder has not coded, or what is not settled, is ``None``.
        """
        said = self._said(axis, self.coder_of(coder))
        on_axis = set(self.table["item"][self.table["axis"] == axis])
        cells = [cell for cell in self._cells if cell[2] in on_axis]
        rows = list(dict.fromkeys(cell[:2] for cell in cells))
        items = list(dict.fromkeys(cell[2] for cell in cells))
        units = pd.Index([unit for unit, _ in rows], name="unit", dtype=object)
        periods = [period for _, period in rows]
        index = (
            units if len(set(periods)) < 2 else pd.MultiIndex.from_arrays([units, periods], names=["unit", "period"])
        )
        found = {item: [said.get((unit, period, item)) for unit, period in rows] for item in items}
        return pd.DataFrame(found, index=index, columns=items, dtype=object)

    @property
    def brief(self) -> pd.DataFrame:
        """The brief view of the coder that counts."""
        return self.of(BRIEF)

    def wide(self, *, coder: str | None = None) -> pd.DataFrame:
        """One row per unit and period, as an index reads it: ``q036`` the brief view, ``q036.legal`` an axis.

        What the coder has not coded, or what is not settled, is blank; no mark of the respondent takes its place.
        """
        who = self.coder_of(coder)
        found = self.responses.wide()
        periods = found["period"] if "period" in found else [None] * len(found)
        rows = list(zip(found["unit"], periods, strict=True))
        columns = {}
        for axis in dict.fromkeys(self.table["axis"]):
            said = self._said(axis, who)
            for item in dict.fromkeys(self.table["item"][self.table["axis"] == axis]):
                name = item if axis == BRIEF else f"{item}.{axis}"
                columns[name] = [said.get((unit, period, item)) for unit, period in rows]
        coded = pd.DataFrame(columns, index=found.index, dtype=object)
        return found.drop(columns=[name for name in coded if name in found]).join(coded)

    def as_table(self) -> pd.DataFrame:
        """As :func:`compute` takes it: :meth:`long` of the coder that counts, where nothing is open.

        Raises
        ------
        DataError
            Items are not settled; all are told.
        CodingError
            Several have coded, and nothing is settled.
        """
        return self.table_for(None)

    def table_for(self, items: Collection[str] | None) -> pd.DataFrame:
        """The same for an index that reads some items: only of these nothing may be open."""
        from egovindex.coding.notsettled import not_settled

        who = self.coder_of()
        said = self._said(BRIEF, who)
        open_cells = [cell for cell in self._cells if cell not in said and (items is None or cell[2] in items)]
        faults = list(not_settled(self.table, who, open_cells))
        if faults:
            raise DataError(faults)
        return self.long(coder=who)

    def long(self, *, coder: str | None = None) -> pd.DataFrame:
        """The brief view as a long table: ``unit, period, item, answer``, and whether evidence was given.

        It holds categories only, and no text: it may be shown. What the coder has not coded, or what is not settled,
        has no answer.
        """
        said = self._said(BRIEF, self.coder_of(coder))
        given = self._evidence_given
        units, periods, items = zip(*self._cells, strict=True) if self._cells else ((), (), ())
        columns = {
            "unit": units,
            "period": periods,
            "item": items,
            "answer": [said.get(cell) for cell in self._cells],
            "evidence_given": ["yes" if given.get((u, p, question_of(i)), False) else "no" for u, p, i in self._cells],
        }
        return pd.DataFrame(columns, dtype=object)

    @cached_property
    def _evidence_given(self) -> Mapping[Cell, bool]:
        """Whether something documents each item: its evidence, or fields that it rests on."""
        table = self.responses.table
        there = {
            (unit, period, question_of(item))
            for unit, period, item, state in table[["unit", "period", "item", "state"]].itertuples(index=False)
            if state in (ANSWERED, WITHHELD)
        }
        found: dict[Cell, bool] = {}
        for unit, period, item, evidence in table[["unit", "period", "item", "evidence"]].itertuples(index=False):
            cell = unit, period, question_of(item)
            rests_on = self.codebook.rests_on.get(cell[2], ())
            given = isinstance(evidence, str) or any((unit, period, other) in there for other in rests_on)
            found[cell] = given or found.get(cell, False)
        return found

    # --- what to look at
    @property
    def conflicts(self) -> pd.DataFrame:
        """Items of which the respondent's mark and the category disagree: columns ``mark`` and ``category``."""
        who = self.coder_of()
        rows = self.table[(self.table["axis"] == BRIEF) & (self.table["coder"] == who)]
        marks = self.responses.table[["unit", "period", "item", "mark"]]
        both = rows.merge(marks, on=["unit", "period", "item"], how="left")
        wrong = both["mark"].isin(["yes", "no"]) & (both["category"] != UNKNOWN) & (both["mark"] != both["category"])
        return both.loc[wrong, ["unit", "period", "item", "mark", "category", "reason"]].reset_index(drop=True)

    @property
    def flags(self) -> pd.DataFrame:
        """Evidence of doubtful quality; see :func:`egovindex.coding.flags.flags`."""
        from egovindex.coding.flags import flags

        return flags(self)

    def with_coding(self, table: pd.DataFrame) -> Coded:
        """The same with the categories of another coder beside those that are there.

        The brief view of an item is derived where the coder has a category on all its axes; one that the coder has
        given is kept.

        Raises
        ------
        CodingError
            The coder has coded already.
        DataError
            The table is no coding table of these responses; everything that is wrong is told.
        """
        from egovindex.coding.codingtable import LOG, coding_rows

        rows = coding_rows(table, self.responses.instrument)
        new = set(rows["coder"]) & set(self.coders)
        if new:
            raise CodingError(
                Fault(f"{listed(sorted(new))} has coded already; name the coder otherwise", check="coder_twice")
            )
        faults = list(not_in_responses(rows, self.responses.table))
        if faults:
            raise DataError(faults)
        blank = (rows["axis"] == BRIEF) & rows["category"].isna()
        rows = rows[~blank]
        derived = pd.DataFrame(list(self._derived(rows)), columns=list(COLUMNS), dtype=object)
        log = [name for name in LOG if name in rows or name in self.table]
        columns = list(dict.fromkeys([*self.table.columns, *COLUMNS, *log]))
        parts = [part.reindex(columns=columns).astype(object) for part in (self.table, rows, derived)]
        both = pd.concat([part for part in parts if len(part)], ignore_index=True)
        both = both.where(both.notna(), None)
        return replace(self, table=both)

    def _derived(self, rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
        """Rows of the brief view that follow from others."""
        from egovindex.coding.codingtable import instrument_item

        instrument = self.responses.instrument
        records = [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
        return brief_rows(records, lambda item: instrument_item(instrument, item).coded_as or (), self.codebook)

    def settled(self, decisions: pd.DataFrame | None = None, *, coders: Sequence[str] | None = None) -> Coded:
        """The same with the layer ``adjudicated``: what coders agree on, and what people decided.

        Parameters
        ----------
        decisions
            Columns ``unit, period, item, axis, category, reason, decided_by, decided_at``, for what is disputed; see
            :func:`reconcile`.
        coders
            Who is compared; everybody by default.

        Returns
        -------
        Coded
            The brief view of an item is derived where all its axes are settled; :func:`open_items` lists the others.
            They have no category, and :func:`compute` refuses an index that reads one of them.

        Raises
        ------
        MethodError, DataError
            A decision is about what is not there, or not disputed; all are told.
        """
        from egovindex.coding.settling import reconcile

        table = reconcile(self.table, decisions, self.responses.instrument, coders=coders)
        kept = table[(table["coder"] != ADJUDICATED) | (table["axis"] != BRIEF)]
        why = {"confidence": None, "span": None, "reason": "derived from the axes", "rule": None, "as_of": None}
        rows = [{**row, **why} for row in self._derived(kept[kept["coder"] == ADJUDICATED])]
        derived = pd.DataFrame(rows, columns=list(table.columns), dtype=object)
        derived = derived.where(derived.notna(), None)
        return replace(self, table=pd.concat([kept, derived], ignore_index=True))

    # --- shown
    def _summary(self) -> list[str]:
        lines = [f"<Coded {self.responses.instrument.id}> {len(self.responses.units)} units by {listed(self.coders)}"]
        for coder in self.coders:
            rows = self.table[(self.table["axis"] == BRIEF) & (self.table["coder"] == coder)]
            counts = rows["category"].value_counts()
            told = [f"{count} {name}" for name, count in counts.items()]
            left = len(self._cells) - int(counts.sum())
            told += [f"{left} not {'settled' if coder == ADJUDICATED else 'coded'}"] if left else []
            lines.append(f"  {coder}: {', '.join(told)}")
        return lines

    def __repr__(self) -> str:
        return "\n".join(self._summary())

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        return f"<b>{html.escape(head)}</b><br>{'<br>'.join(html.escape(line.strip()) for line in rest)}"


# --- faults
def not_in_responses(rows: pd.DataFrame, responses: pd.DataFrame) -> Iterator[Fault]:
    """Units, or units and periods, that have not answered."""
    there = set(zip(responses["unit"], responses["period"].where(responses["period"].notna(), None), strict=True))
    units = {unit for unit, _ in there}
    for unit, period in dict.fromkeys(zip(rows["unit"], rows["period"], strict=True)):
        if (unit, period) not in there:
            periods = sorted(str(own) for other, own in there if other == unit)
            known = f"{unit} has answered for {listed(periods)}" if unit in units else f"units: {listed(sorted(units))}"
            message = f"{unit}, period {period or 'blank'}: there is no such response ({known})"
            yield Fault(f"{message}; is the coding of other responses?", check="not_in_responses", units=(unit,))
