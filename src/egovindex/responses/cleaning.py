"""Persons taken out of a table of responses, with a report that says where and how often, and never what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault
from egovindex.instrument import question_of
from egovindex.responses.grid import Columns, Objects, rows_of
from egovindex.responses.pseudonyms import Pseudonyms, is_sign
from egovindex.responses.redact import WORD, Known, Redactor, redacted
from egovindex.responses.states import ANSWERED, WITHHELD

if TYPE_CHECKING:
    from egovindex.instrument import Instrument

__all__ = ["REPORT", "KnownPersons", "cleaned", "of_items", "personal_items", "persons_in"]

REPORT = ("unit", "period", "item", "place", "rule", "count")
_TEXTS = ("answer", "evidence", "note")

_Who = tuple[Objects, Objects]  # unit and period of each row
KnownPersons = Mapping[tuple[Any, Any], tuple[Known, ...]]  # by unit and period


def personal_items(instrument: Instrument, *flags: str) -> set[str]:
    """Items with some of the flags ``person``, ``role``, ``organisation``, ``may_name``.

    Examples
    --------
    >>> import egovindex as ei
    >>> sorted(personal_items(ei.load_instrument("un-msq-2022"), "person"))
    ['q002', 'q005', 'q015', 'q018']
    """
    return {name for name, item in instrument.file.items.items() if item.personal in flags}


def of_items(items: pd.Series | Objects, wanted: Collection[str]) -> Any:
    """Where a column of an item, or of a choice of it, is one of some."""
    codes, names = pd.factorize(items)
    inside = np.array([question_of(str(name)) in wanted for name in names] + [False])
    return inside[codes]


def cleaned(
    table: Columns,
    instrument: Instrument,
    known: KnownPersons,
    *,
    redactor: Redactor | None = None,
    signs: Pseudonyms | None = None,
) -> tuple[Columns, pd.DataFrame]:
    """The table without persons, and the report.

    Fields that name a person lose their text and stay ``withheld``, so that it is known that they were answered; with
    ``signs`` a pseudonym stands in their place. In all other text addresses, international numbers, and what the same
    respondent wrote into those fields are taken out. Roles and organisations stay.

    Parameters
    ----------
    table
        Columns as in :data:`egovindex.responses.assemble.TABLE`.
    instrument
        Its items carry the flags.
    known
        As :func:`persons_in` gives it.
    redactor
        A further rule: a function of a text.
    signs
        Makes pseudonyms.

    Returns
    -------
    table, report
        The report has the columns :data:`REPORT`.
    """
    columns = table | {name: table[name].copy() for name in ("answer", "state", "evidence")}
    who = columns["unit"], columns["period"]
    fields = _fields(table, instrument)
    log: list[tuple[int, str, int]] = [(int(row), "field", 1) for row in fields]
    values = columns["answer"][fields]
    columns["answer"][fields] = [None if signs is None or value is None else signs.of(str(value)) for value in values]
    columns["evidence"][fields] = None
    answered = fields[columns["state"][fields] == ANSWERED]
    columns["state"][answered] = WITHHELD
    holders = _holders(who, known)
    for name in _TEXTS:
        columns[name] = _clean_column(name, columns, known, holders, redactor, log)
    return columns, _report(table, log)


def persons_in(table: Columns, instrument: Instrument) -> KnownPersons:
    """What each respondent wrote into fields that name a person, the longest first, by unit and period."""
    found: dict[tuple[Any, Any], list[str]] = {}
    fields = _fields(table, instrument)
    for name in ("answer", "evidence"):
        for unit, period, value in zip(*(table[key][fields] for key in ("unit", "period", name)), strict=True):
            if value is not None:
                found.setdefault((unit, period), []).append(str(value))
    ready = {key: [Known.of(value) for value in sorted(values, key=len, reverse=True)] for key, values in found.items()}
    return {key: tuple(one for one in values if one is not None) for key, values in ready.items()}


def _fields(table: Columns, instrument: Instrument) -> npt.NDArray[np.intp]:
    """Rows of fields that name a person and have a text, whatever the source says of them; a sign is none."""
    of_persons = of_items(table["item"], personal_items(instrument, "person"))
    there = (table["answer"] != None) | (table["evidence"] != None)  # noqa: E711 - element by element
    rows = np.flatnonzero(of_persons & there)
    signs = (table["state"][rows] == WITHHELD) & np.array(
        [is_sign(value) for value in table["answer"][rows]], dtype=bool
    )
    found: npt.NDArray[np.intp] = rows[~signs]
    return found


def _clean_column(
    name: str,
    columns: Columns,
    known: KnownPersons,
    holders: _Holders | None,
    redactor: Redactor | None,
    log: list[tuple[int, str, int]],
) -> Objects:
    values = columns[name]
    codes, words = pd.factorize(values)
    if not len(words):
        return values
    # most texts of a large table are the same few words
    suspicious = np.array([redactor is not None or _may_name(str(word)) for word in words] + [False])[codes]
    if holders is not None:
        suspicious |= _names_somebody(codes, [str(word) for word in words], holders)
    units, periods = columns["unit"], columns["period"]
    values = values.copy()
    for row in np.flatnonzero(suspicious):
        if name == "answer" and columns["state"][row] == WITHHELD:
            continue  # a sign, or nothing
        person = known.get((units[row], periods[row]), ())
        try:
            text, found = redacted(str(values[row]), person, redactor)
        except Exception as error:  # noqa: BLE001 - a function of the user's; its message may hold the text
            raise _redactor_failed(error, columns, int(row)) from None
        if found or text != values[row]:
            values[row] = text
            log += [(int(row), one.rule, one.count) for one in found]
    return values


@dataclass(frozen=True)
class _Holders:
    """Respondents by the first word of what they wrote into fields of persons.

    Parameters
    ----------
    who
        ``(rows,)`` number of the respondent of each row.
    number
        How many respondents there are.
    by_word
        Their numbers, by word.
    """

    who: Any
    number: int
    by_word: Mapping[str, Sequence[int]]


def _redactor_failed(error: Exception, columns: Columns, row: int) -> DataError:
    unit, item, place = (columns[name][row] for name in ("unit", "item", "place"))
    message = (
        f"{item} of {unit}, {place}: the redactor failed ({type(error).__name__}); it is a function of a text that "
        "gives a text"
    )
    return DataError(Fault(message, check="redactor_failed", column=str(item), units=(str(unit),)))


def _holders(who: _Who, known: KnownPersons) -> _Holders | None:
    if not known:
        return None
    number, first = rows_of(*who)
    by_word: dict[str, list[int]] = {}
    for at, key in enumerate(zip(*(column[first] for column in who), strict=True)):
        for one in known.get(key, ()):
            by_word.setdefault(one.first, []).append(at)
    return _Holders(number, len(first), by_word)


def _names_somebody(codes: Any, words: Sequence[str], holders: _Holders) -> Any:
    """Rows in which the first word stands of something that the same respondent wrote into a field of persons."""
    pairs = [
        code * holders.number + holder
        for code, text in enumerate(words)
        for word in {found.casefold() for found in WORD.findall(text)} & holders.by_word.keys()
        for holder in holders.by_word[word]
    ]
    return (codes >= 0) & np.isin(codes * holders.number + holders.who, np.array(pairs, dtype=np.int64))


def _may_name(text: str) -> bool:
    return any(sign in text for sign in "@\uff20+\uff0b[({") or "00" in text


def _report(table: Columns, log: list[tuple[int, str, int]]) -> pd.DataFrame:
    ordered = sorted(log)
    rows = np.array([row for row, _, _ in ordered], dtype=np.intp)
    found = pd.DataFrame({name: table[name][rows] for name in ("unit", "period", "item", "place")}, dtype=object)
    found["rule"] = [rule for _, rule, _ in ordered]
    found["count"] = np.array([count for _, _, count in ordered], dtype=np.int64)
    return found[list(REPORT)]
