"""Coded responses as users hold them: every layer, the brief view, and what to look at."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from egovindex.coding.brief import BRIEF, brief_of
from egovindex.coding.rules import UNKNOWN
from egovindex.errors import CodingError, Fault, listed
from egovindex.responses.states import ANSWERED, WITHHELD
from egovindex.shown import Shown

if TYPE_CHECKING:
    from egovindex.coding.codebook import Codebook
    from egovindex.responses.table import Responses

__all__ = ["ADJUDICATED", "COLUMNS", "Coded"]

ADJUDICATED = "adjudicated"
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
        if len(known) != 1:
            message = f"{listed(known)} have coded; name one with coder=..., or settle their disputes with reconcile"
            raise CodingError(Fault(message, check="several_coders"))
        return known[0]

    def of(self, axis: str = BRIEF, coder: str | None = None) -> pd.DataFrame:
        """Categories of one axis by one coder: a row per unit (and period), a column per item."""
        who = self.coder_of(coder)
        rows = self.table[(self.table["axis"] == axis) & (self.table["coder"] == who)]
        keys = ["unit", "period"] if len(rows["period"].drop_duplicates()) > 1 else ["unit"]
        items = list(dict.fromkeys(rows["item"]))
        found = rows.set_index([*keys, "item"])["category"].unstack("item")  # noqa: PD010 - nothing is aggregated
        return found.reindex(columns=items).rename_axis(columns=None)

    @property
    def brief(self) -> pd.DataFrame:
        """The brief view of the coder that counts."""
        return self.of(BRIEF)

    def wide(self, *, coder: str | None = None) -> pd.DataFrame:
        """One row per unit and period, as an index reads it: ``q036`` the brief view, ``q036.legal`` an axis."""
        who = self.coder_of(coder)
        found = self.responses.wide()
        for axis in dict.fromkeys(self.table["axis"]):
            of_axis = self.of(axis, who)
            named = of_axis.rename(columns={} if axis == BRIEF else {item: f"{item}.{axis}" for item in of_axis})
            keys = list(named.index.names)
            aligned = named.reindex(pd.MultiIndex.from_frame(found[keys]) if len(keys) > 1 else found[keys[0]])
            aligned.index = found.index
            found = found.drop(columns=[name for name in aligned if name in found]).join(aligned)
        return found

    def as_table(self) -> pd.DataFrame:
        """As :func:`compute` takes it: :meth:`long`."""
        return self.long()

    def long(self, *, coder: str | None = None) -> pd.DataFrame:
        """The brief view as a long table: ``unit, period, item, answer``, and whether evidence was given.

        It holds categories only, and no text: it may be shown.
        """
        who = self.coder_of(coder)
        rows = self.table[(self.table["axis"] == BRIEF) & (self.table["coder"] == who)]
        given = self._evidence_given
        keys = zip(rows["unit"], rows["period"], rows["item"], strict=True)
        columns = {
            "unit": rows["unit"],
            "period": rows["period"],
            "item": rows["item"],
            "answer": rows["category"],
            "evidence_given": ["yes" if given.get(key, False) else "no" for key in keys],
        }
        return pd.DataFrame(columns).reset_index(drop=True)

    @cached_property
    def _evidence_given(self) -> Mapping[Any, bool]:
        """Whether something documents each item: its evidence, or fields that it rests on."""
        table = self.responses.table
        states = {
            key: state in (ANSWERED, WITHHELD)
            for *key_parts, state in table[["unit", "period", "item", "state"]].itertuples(index=False)
            for key in [tuple(key_parts)]
        }
        found = {}
        for unit, period, item, evidence in table[["unit", "period", "item", "evidence"]].itertuples(index=False):
            rests_on = self.codebook.rests_on.get(item, ())
            found[unit, period, item] = isinstance(evidence, str) or any(
                states.get((unit, period, other), False) for other in rests_on
            )
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

        Raises
        ------
        CodingError
            The coder has coded already.
        """
        new = set(table["coder"]) & set(self.coders)
        if new:
            raise CodingError(
                Fault(f"{listed(sorted(new))} has coded already; name the coder otherwise", check="coder_twice")
            )
        both = pd.concat([self.table, table.reindex(columns=list(COLUMNS))], ignore_index=True)
        return replace(self, table=both)

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

        Raises
        ------
        MethodError, DataError
            A decision is about what is not there, or not disputed; all are told.
        """
        from egovindex.coding.settling import reconcile

        table = reconcile(self.table, decisions, self.responses.instrument, coders=coders)
        items = self.responses.instrument.file.items
        own = table[(table["coder"] == ADJUDICATED) & (table["axis"] != BRIEF)]
        rows = []
        for (unit, period, item), group in own.groupby(["unit", "period", "item"], sort=False, dropna=False):
            categories = dict(zip(group["axis"], group["category"], strict=True))
            if set(items[str(item)].coded_as or ()) <= set(categories):
                brief = brief_of(categories, self.codebook)
                rows.append(
                    (unit, period, item, BRIEF, ADJUDICATED, brief, None, None, "derived from the axes", None, None)
                )
        derived = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
        kept = table[(table["coder"] != ADJUDICATED) | (table["axis"] != BRIEF)]
        return replace(self, table=pd.concat([kept, derived], ignore_index=True))

    # --- shown
    def _summary(self) -> list[str]:
        lines = [f"<Coded {self.responses.instrument.id}> {len(self.responses.units)} units by {listed(self.coders)}"]
        for coder in self.coders:
            rows = self.table[(self.table["axis"] == BRIEF) & (self.table["coder"] == coder)]
            counts = rows["category"].value_counts()
            lines.append(f"  {coder}: {', '.join(f'{count} {name}' for name, count in counts.items())}")
        return lines

    def __repr__(self) -> str:
        return "\n".join(self._summary())

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        return f"<b>{html.escape(head)}</b><br>{'<br>'.join(html.escape(line.strip()) for line in rest)}"
