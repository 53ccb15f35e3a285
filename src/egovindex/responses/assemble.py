"""Out of drafts one table: every respondent, every item, and of each what is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from egovindex.answers import spellings_of
from egovindex.errors import DataError, Fault, listed
from egovindex.formulas import Bools
from egovindex.responses.draft import LOW
from egovindex.responses.grid import Columns, Grid, ItemColumn, Objects, item_columns
from egovindex.responses.routing import asked
from egovindex.responses.states import ANSWERED, LOST, NOT_SHOWN, SKIPPED, STATES, WITHHELD

if TYPE_CHECKING:
    from egovindex.instrument import Instrument

__all__ = ["TABLE", "Finding", "assembled", "documented", "low_confidence"]

TABLE = ("unit", "period", "item", "mark", "answer", "state", "evidence", "place", "confidence", "note")


@dataclass(frozen=True)
class Finding:
    """Something that somebody should look at.

    Parameters
    ----------
    check
        Its kind.
    item
        Where.
    units
        Of whom.
    message
        In words of ours.
    word
        In words of the respondent, whole: what names a person is taken out before it is shown, and cut after that.
    """

    check: str
    item: str
    units: tuple[str, ...]
    message: str
    word: str = ""


def assembled(grid: Grid) -> tuple[Columns, list[Finding]]:
    """The table of responses, and what was found on the way.

    Returns
    -------
    table
        Columns :data:`TABLE`; every respondent and every column of the instrument, in order.
    findings
        Options that no scale has; answers to what was not asked, or said to be none; all stay as they are.
    """
    findings: list[Finding] = []
    text, written, kind = (grid.of(name) for name in ("text", "mark", "kind"))
    marks = _marks(grid, written, findings)
    answers = np.where(text == None, written, text)  # noqa: E711 - element by element
    blank = _blank(answers)
    answers = _only(answers, ~blank)
    said = _kinds_in(grid, answers, blank)
    state = np.full(answers.shape, ANSWERED, dtype=object)
    state[blank] = SKIPPED
    state[_lost(grid, written, blank)] = LOST
    for found in (said, kind):
        there = found != None  # noqa: E711 - element by element
        state[there] = found[there]
    _refuse_unknown_states(kind)
    _route(grid, marks, state, findings)
    _none_and_answered(grid, ~blank, kind, findings)
    return {
        "unit": np.repeat(grid.units, len(grid.columns)),
        "period": np.repeat(grid.periods, len(grid.columns)),
        "item": np.tile(np.array([column.name for column in grid.columns], dtype=object), len(grid.units)),
        "mark": marks.reshape(-1),
        "answer": answers.reshape(-1),
        "state": state.reshape(-1),
        **{name: grid.of(name).reshape(-1) for name in ("evidence", "place", "confidence", "note")},
    }, findings


def _only(values: Objects, where: Bools) -> Objects:
    """Values where something holds, ``None`` elsewhere."""
    found = values.copy()
    found[~where] = None
    return found


def _blank(answers: Objects) -> Bools:
    codes, words = pd.factorize(answers.reshape(-1))
    empty = np.array([not str(word).strip() for word in words] + [True])
    found: Bools = empty[codes].reshape(answers.shape)
    return found


def _marks(grid: Grid, written: Objects, findings: list[Finding]) -> Objects:
    """Category of each mark; what no scale has is told, and stays in the answer."""
    found = np.full(written.shape, None, dtype=object)
    for at, column in enumerate(grid.columns):
        if column.scale is None:
            continue
        codes, words = pd.factorize(written[:, at])
        categories = [_category(str(word), column) for word in words]
        found[:, at] = np.array([*categories, None], dtype=object)[codes]
        for code, (word, category) in enumerate(zip(words, categories, strict=True)):
            if category is None and str(word).strip():
                units = tuple(map(str, grid.units[codes == code]))
                message = f"is no option ({listed(column.scale)})"
                findings.append(Finding("unknown_option", column.name, units, message, str(word)))
    return found


def _category(word: str, column: ItemColumn) -> str | None:
    """The category that a mark means: by its spelling, by words that tell it apart, or as words of one's own."""
    scale = column.scale or {}
    known = spellings_of(scale)
    names = {category.casefold(): category for category in scale}
    plain = " ".join(word.split()).casefold()
    if plain in known:
        return names[known[plain]]
    words = set(plain.replace("/", " ").replace(".", " ").split())
    telling = [
        category
        for category, spellings in scale.items()
        if any(len(one.split()) > 1 and set(one.casefold().split()) <= words for one in spellings)
    ]
    if len(telling) == 1:
        return telling[0]
    return column.other if plain and not telling else None


def _kinds_in(grid: Grid, answers: Objects, blank: Bools) -> Objects:
    """Kinds of nothing that respondents wrote in words, as the instrument spells them; whole answers only."""
    spelt = {w.casefold().strip(): kind for kind, words in grid.instrument.file.nothing.items() for w in words}
    codes, words = pd.factorize(_only(answers, ~blank).reshape(-1))
    plain = [" ".join(str(word).split()).casefold() for word in words]
    kinds = [spelt.get(word) or spelt.get(word.rstrip(".")) for word in plain]
    found: Objects = np.array([*kinds, None], dtype=object)[codes].reshape(answers.shape)
    return found


def _lost(grid: Grid, written: Objects, blank: Bools) -> Bools:
    """Where options stand and the source does not show which is marked."""
    has_options = np.array([column.scale is not None for column in grid.columns])
    there = grid.cells >= 0
    found: Bools = there & blank & has_options & (written == None)  # noqa: E711 - element by element
    return found


def _refuse_unknown_states(kind: Objects) -> None:
    wrong = sorted({str(one) for one in pd.unique(kind.reshape(-1)) if one is not None and one not in STATES})
    if wrong:
        message = f"{listed(wrong)}: no kind of nothing; these are {listed(list(STATES)[2:])}"
        raise DataError(Fault(message, check="unknown_state"))


def _route(grid: Grid, marks: Objects, state: Objects, findings: list[Finding]) -> None:
    """What a form hides was not shown; what is answered all the same is told."""
    by_name = {column.name: marks[:, at] for at, column in enumerate(grid.columns)}
    for at, column in enumerate(grid.columns):
        item = grid.instrument.file.items[column.item]
        if item.ask_if is None or item.routing not in (None, "hard"):
            continue
        shown, known = asked(item.ask_if, by_name)
        hidden = known & ~shown
        state[hidden & np.isin(state[:, at], (SKIPPED, LOST)), at] = NOT_SHOWN
        against = hidden & (state[:, at] == ANSWERED)
        if against.any():
            message = f"{column.name}: answered, though it is asked only if {item.ask_if}"
            units = tuple(map(str, grid.units[against]))
            findings.append(Finding("answered_unasked", column.name, units, message))


def _none_and_answered(grid: Grid, there: Bools, kind: Objects, findings: list[Finding]) -> None:
    """Where the source says that there is no answer, and has one; both are kept."""
    against = there & (kind != None) & (kind != WITHHELD)  # noqa: E711 - element by element
    for at in np.flatnonzero(against.any(axis=0)):
        name, rows = grid.columns[at].name, against[:, at]
        said = listed(pd.unique(kind[rows, at]))
        message = f"{name}: an answer stands there, and the source says that there is none ({said})"
        findings.append(Finding("none_and_answered", name, tuple(map(str, grid.units[rows])), message))


def documented(table: Columns, instrument: Instrument) -> Columns:
    """The table with what documents each answer: what stands in its own place, else the item that does.

    Parameters
    ----------
    table
        Every respondent with every column of the instrument, in order.
    instrument
        Its items name what documents them.
    """
    columns = item_columns(instrument)
    shape = (-1, len(columns))
    evidence, answers, states = (table[name].reshape(shape) for name in ("evidence", "answer", "state"))
    evidence = evidence.copy()
    places = {column.name: at for at, column in enumerate(columns)}
    for at, column in enumerate(columns):
        named = instrument.file.items[column.item].evidence
        if named in places:
            said = _only(answers[:, places[named]], np.asarray(states[:, places[named]] == ANSWERED))
            evidence[:, at] = np.where(evidence[:, at] == None, said, evidence[:, at])  # noqa: E711
    return table | {"evidence": evidence.reshape(-1)}


def low_confidence(table: Columns) -> Iterator[Finding]:
    """Answers of which the reader is not sure."""
    doubtful = np.flatnonzero(table["confidence"] == LOW)
    parts = (table[name][doubtful] for name in ("item", "unit", "place", "note"))
    for item, unit, place, note in zip(*parts, strict=True):
        message = f"{item} of {unit}, {place}: low confidence{'' if note is None else f' ({note})'}"
        yield Finding("low_confidence", item, (str(unit),), message)
