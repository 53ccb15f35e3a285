"""Responses as users hold them: one long table, what was not understood, and what was taken out."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.answers import spellings_of
from egovindex.errors import DataError, Fault, listed
from egovindex.responses.cleaning import of_items, personal_items
from egovindex.responses.grid import item_columns, rows_of
from egovindex.responses.states import ANSWERED, NOTHING, STATES, WITHHELD
from egovindex.shown import Shown

if TYPE_CHECKING:
    from egovindex.instrument import Instrument

__all__ = ["Responses"]

# a web address, a number, a date: they say nothing of who answers
_PLAIN = re.compile(r"(?:https?://|www\.)[^\s@]+|[\d.,:/%-]+")


@dataclass(frozen=True, eq=False, repr=False)
class Responses(Shown):
    """Filled-in questionnaires.

    Made by :func:`read_responses`. It holds no name and no address of a person unless pseudonyms were asked for.

    Parameters
    ----------
    table
        One row per unit, period and item: ``mark``, the category that is marked; ``answer``, what is written;
        ``state``, one of :data:`egovindex.responses.states.STATES`; ``evidence``, what documents the answer;
        ``place`` in the source; ``confidence`` that the answer is that of this item, with a ``note`` where it is not
        high.
    instrument
        What was asked.
    report
        What was not understood, is doubtful, or was left over: columns ``file, check, item, unit, message``.
    redactions
        What was taken out: columns ``unit, period, item, place, rule, count``; no values.
    notes
        What the reader took note of, by file.
    failed
        Files that could not be read, with the reason.
    """

    table: pd.DataFrame
    instrument: Instrument
    report: pd.DataFrame
    redactions: pd.DataFrame
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    # --- who and what
    @property
    def units(self) -> list[str]:
        """Who has answered, in order."""
        return list(dict.fromkeys(self.table["unit"]))

    @property
    def states(self) -> pd.DataFrame:
        """How many answers of each unit are in each state."""
        counts = pd.crosstab([self.table["unit"], self.table["period"].fillna("")], self.table["state"])
        return counts.reindex(columns=[state for state in STATES if state in counts.columns])

    @property
    def consent(self) -> pd.Series:
        """Whether each response may be published: its mark, or ``unknown``; never inferred from anything else.

        By unit and period, since who agrees in one year says nothing of another.
        """
        who = self.table[["unit", "period"]].drop_duplicates()
        asks = self.table[self.table["item"] == self.instrument.file.consent]
        said = dict(zip(zip(asks["unit"], asks["period"], strict=True), asks["mark"], strict=True))
        marks = [said.get(key) or "unknown" for key in who.itertuples(index=False, name=None)]
        return pd.Series(marks, index=pd.MultiIndex.from_frame(who), name="consent", dtype=object)

    def wide(self, *, text: bool = False) -> pd.DataFrame:
        """One row per unit and period, one column per item: as an index reads it.

        Parameters
        ----------
        text
            Whether items without options have their text; by default only that there is one: ``given``.

        Returns
        -------
        DataFrame
            Marks; ``unknown``, ``not_applicable`` and blanks for what there is no answer to.
        """
        units, periods = (self.table[name].to_numpy(dtype=object) for name in ("unit", "period"))
        codes, first = rows_of(units, periods)
        at, columns = pd.factorize(self.table["item"])
        cells = np.full((len(first), len(columns)), None, dtype=object)
        cells[codes, at] = self._cells(text=text)
        found = pd.DataFrame(cells, columns=list(columns), dtype=object)
        found.insert(0, "unit", units[first])
        if self.table["period"].notna().any():
            found.insert(1, "period", periods[first])
        return found

    def as_table(self) -> pd.DataFrame:
        """As :func:`compute` takes it: :meth:`wide`."""
        return self.wide()

    def _cells(self, *, text: bool) -> Any:
        mark, answer, state = (self.table[name].to_numpy(dtype=object) for name in ("mark", "answer", "state"))
        nothing: dict[str, str | None] = {name: None if word == "missing" else word for name, word in NOTHING.items()}
        codes, states = pd.factorize(state)
        words = np.array([nothing.get(one, "given") for one in states], dtype=object)[codes]
        given = np.isin(state, (ANSWERED, WITHHELD))
        said = np.where(given & (mark != None), mark, words)  # noqa: E711 - element by element
        if text:
            said = np.where(given & (mark == None) & (answer != None), answer, said)  # noqa: E711
        return said

    # --- written
    def to_file(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the tidy table, CSV or XLSX by the ending; :func:`read_responses` reads it back with ``format="tidy"``.

        Raises
        ------
        DataError
            The file exists, or cannot be written.
        """
        from egovindex.responses.tidy import write_tidy

        table = self.table.rename(columns={"answer": "text", "state": "kind"})
        table["kind"] = table["kind"].where(table["kind"] != ANSWERED, None)
        write_tidy(table, path, overwrite=overwrite)

    def publish(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the tidy table for others, if nobody in it can be told, or has agreed.

        Roles, organisations and what respondents wrote in their own words identify them. It is written of those
        responses alone whose consent is recorded; :meth:`without_identifying` leaves it out.

        Raises
        ------
        DataError
            A response has no recorded consent, and holds something identifying.
        """
        self._refuse_without_consent()
        self.to_file(path, overwrite=overwrite)

    def without_identifying(self, *, keep_agreed: bool = False) -> Responses:
        """The same without roles, organisations, and respondents' own words; that they were given stays known.

        Marks stay, and so do web addresses, numbers and dates in items without a flag for persons. The report keeps
        what was found, and leaves out its words.

        Parameters
        ----------
        keep_agreed
            Whether responses with a recorded consent stay whole.
        """
        found = self.table.copy()
        consent = self.consent.to_dict()
        whole = [keep_agreed and consent[key] == "yes" for key in zip(found["unit"], found["period"], strict=True)]
        open_ = ~np.array(whole, dtype=bool)
        rows = self._identifying() & open_
        found.loc[rows & found["mark"].isna() & (found["state"] == ANSWERED), "state"] = WITHHELD
        found.loc[rows, "answer"] = None
        found.loc[open_, ["evidence", "note"]] = None
        report = self.report.assign(message="left out; it may hold words of a respondent")
        return Responses(found, self.instrument, report, self.redactions, {}, self.failed)

    def _identifying(self) -> npt.NDArray[np.bool_]:
        """Rows with an answer in the respondent's own words, or in a field with a flag for persons."""
        items = self.table["item"]
        codes, words = pd.factorize(self.table["answer"])
        plain = np.array([all(map(_PLAIN.fullmatch, str(word).split())) for word in words] + [True])[codes]
        flagged = of_items(items, personal_items(self.instrument, "role", "organisation", "may_name", "person"))
        asks = of_items(items, [name for name in (self.instrument.file.unit, self.instrument.file.consent) if name])
        found: npt.NDArray[np.bool_] = (codes >= 0) & (flagged | ~plain) & ~self._of_options(codes, words) & ~asks
        return found

    def _of_options(self, codes: Any, words: Any) -> npt.NDArray[np.bool_]:
        """Rows whose answer is the wording of an option, which is marked."""
        found = np.zeros(len(codes), dtype=bool)
        plain = [" ".join(str(word).split()).casefold() for word in words]
        at, names = pd.factorize(self.table["item"])
        scales = {column.name: column.scale or {} for column in item_columns(self.instrument)}
        for number, name in enumerate(names):
            known = spellings_of(scales.get(name, {}))
            rows = at == number
            found[rows] = np.array([*(word in known for word in plain), False])[codes[rows]]
        return found & self.table["mark"].notna().to_numpy()

    def _refuse_without_consent(self) -> None:
        held = self._identifying() | self.table["evidence"].notna().to_numpy()
        consent = self.consent.to_dict()
        who = self.table.loc[held, ["unit", "period"]].drop_duplicates().itertuples(index=False, name=None)
        wrong = [key for key in who if consent[key] != "yes"]
        if wrong:
            several = len(consent) > len(self.units)
            names = [f"{unit} {period}" if several else str(unit) for unit, period in wrong]
            said = "consent is never inferred; publish responses.without_identifying(), or record the consent"
            item = self.instrument.file.consent or "no item"
            message = (
                f"{listed(names)}: no recorded consent to publish ({item}), and the responses hold what identifies; "
            )
            raise DataError(Fault(f"{message}{said}", check="no_consent", units=tuple(str(unit) for unit, _ in wrong)))

    # --- shown
    def _summary(self) -> list[str]:
        units = self.units
        states = self.table["state"].value_counts()
        told = ", ".join(f"{states[name]} {name}" for name in STATES if name in states)
        lines = [f"<Responses {self.instrument.id}> {len(units)} units: {listed(units)}", f"  {told}"]
        taken = int(self.redactions["count"].sum()) if len(self.redactions) else 0
        lines.append(f"  {taken} taken out, see .redactions; {len(self.report)} to look at, see .report")
        lines += [f"  not read: {name}: {reason}" for name, reason in self.failed.items()]
        return lines

    def __repr__(self) -> str:
        return "\n".join(self._summary())

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        return f"<b>{html.escape(head)}</b><br>{'<br>'.join(html.escape(line.strip()) for line in rest)}"
