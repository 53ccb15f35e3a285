"""New answers as they are written on the command line, or in a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import egovindex as ei
from egovindex.cli.faults import UsageFault
from egovindex.cli.sidetables import side_table
from egovindex.errors import DataError, EgovindexError, Fault, MethodError, did_you_mean, listed
from egovindex.lookup import heading_of
from egovindex.spec.language import number_text, parse_number

__all__ = ["Change", "changes_from_file", "changes_from_words", "new_answers"]

_PIECES = re.compile(r"\\[\\:=]|[:=]|[^\\:=]+|\\")
_FORM = "UNIT:COLUMN=ANSWER or UNIT:PERIOD:COLUMN=ANSWER"
_HEADINGS = ("unit", "period", "column", "answer")
_NEEDED = ("unit", "column", "answer")


@dataclass(frozen=True)
class Change:
    """One new answer, as written.

    Parameters
    ----------
    unit, column, answer
        As text; an empty answer is none.
    period
        ``None`` where none is written.
    """

    unit: str
    period: str | None
    column: str
    answer: str

    @property
    def key(self) -> tuple[str, ...]:
        """Unit, period if there is one, column."""
        return (self.unit, self.column) if self.period is None else (self.unit, self.period, self.column)


def changes_from_words(words: Iterable[str]) -> list[Change]:
    r"""Read ``UNIT:COLUMN=ANSWER``.

    Parameters
    ----------
    words
        In unit, period and column, ``\:``, ``\=`` and ``\\`` stand for the character itself. The answer is
        what follows the first ``=``, as it is.

    Raises
    ------
    UsageFault
        With every word that has another form.

    Examples
    --------
    >>> [change.key for change in changes_from_words([r"Abaria:portal=yes", r"A\:B:2024:a\=b=c=d"])]
    [('Abaria', 'portal'), ('A:B', '2024', 'a=b')]
    """
    found, faults = [], []
    for word in words:
        names, equals, answer = _split(word)
        if not equals:
            faults.append(Fault(f'--set "{word}": there is no = before the answer; write {_FORM}'))
        elif len(names) not in (2, 3) or not all(names):
            said = f"{len(names)} names before =, expected 2 or 3" if all(names) else "a name is empty"
            rest = r"a colon in a name is written \: (or use --changes FILE)"
            faults.append(Fault(f'--set "{word}": {said}; write {_FORM}; {rest}'))
        else:
            found.append(Change(names[0], names[1] if len(names) == 3 else None, names[-1], answer))
    if faults:
        raise UsageFault(faults)
    return found


def _split(word: str) -> tuple[list[str], bool, str]:
    """Names before the first plain ``=``, whether there is one, and what follows it."""
    names = [""]
    for piece in _PIECES.finditer(word):
        text = piece.group()
        if text == "=":
            return [name.strip() for name in names], True, word[piece.end() :].strip()
        if text == ":":
            names.append("")
        else:
            names[-1] += text[1] if len(text) == 2 and text[0] == "\\" else text
    return names, False, ""


def changes_from_file(path: Path) -> list[Change]:
    """Read a table with the columns ``unit, column, answer``, and ``period`` where there are periods.

    Raises
    ------
    DataError
        The file cannot be read, a column is missing or unknown, or a cell that is needed is blank.
    """
    table = side_table(path, text=_HEADINGS)
    headings = [str(heading) for heading in table.columns]
    faults = [
        Fault(f'{path.name}: there is no column "{name}"; the columns are {listed(_HEADINGS)}', column=name)
        for name in _NEEDED
        if name not in headings
    ]
    for name in headings:
        if name not in _HEADINGS:
            hint = did_you_mean(name, _HEADINGS, otherwise=".")
            message = f'{path.name}: unknown column "{name}"{hint} The columns are {listed(_HEADINGS)}'
            faults.append(Fault(message, column=name))
    if not faults:
        columns = {name: [_text(value) for value in table[name]] for name in headings}
        periods = columns.get("period") or [""] * len(table)
        for at, (unit, column) in enumerate(zip(columns["unit"], columns["column"], strict=True), start=1):
            if not unit or not column:
                blank = "unit" if not unit else "column"
                faults.append(Fault(f"{path.name}: row {at} names no {blank}", column=blank))
    if faults:
        raise DataError(faults)
    rows = zip(columns["unit"], periods, columns["column"], columns["answer"], strict=True)
    return [Change(unit, period or None, column, answer) for unit, period, column, answer in rows]


def _text(value: Any) -> str:
    """A cell as text; empty for none."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is not itself
        return ""
    return number_text(value) if isinstance(value, float) else str(value).strip()


def new_answers(result: ei.IndexResult, asked: Iterable[Change]) -> dict[tuple[str, ...], Any]:
    """The changes as :func:`egovindex.what_if` takes them; numbers where the column has numbers.

    Raises
    ------
    MethodError
        The same cell is changed twice, or a period is named where the data have none; all are told.
    """
    answers: dict[tuple[str, ...], Any] = {}
    faults = list(_refused(result, asked := list(asked)))
    for change in asked:
        answers[change.key] = _typed(result, change)
    if faults:
        raise MethodError(faults)
    return answers


def _refused(result: ei.IndexResult, asked: Iterable[Change]) -> Iterator[Fault]:
    seen: set[tuple[str, ...]] = set()
    for change in asked:
        if change.period is not None and result.plan.rows.periods is None:
            message = f"{' '.join(change.key)}: the data have no periods, so none is named; a colon in a name is \\:"
            yield Fault(message, check="unknown_period")
        place = (change.unit, change.period or "", _heading(result, change.column))
        if place in seen:
            yield Fault(f"{' '.join(change.key)} is changed twice; keep one", check="unknown_option")
        seen.add(place)


def _heading(result: ei.IndexResult, name: str) -> str:
    """The column that a name means; the name itself if it is none, which what_if tells."""
    try:
        return str(heading_of(result, name))
    except EgovindexError:
        return name


def _typed(result: ei.IndexResult, change: Change) -> Any:
    """A number in a column of numbers; else the word, which the index reads or tells."""
    if change.answer == "":
        return None
    data = result.plan.data
    heading = _heading(result, change.column)
    if heading not in data.columns or data[heading].dtype.kind not in "iuf":
        return change.answer
    try:
        return float(parse_number(change.answer))
    except ValueError:
        return change.answer
