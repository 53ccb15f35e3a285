"""Answers that no line of points catches, told once for a column with what may be meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.answers import Answers
from egovindex.columns import Columns
from egovindex.errors import did_you_mean
from egovindex.formulas import Bools
from egovindex.rows import Rows
from egovindex.spec import language

if TYPE_CHECKING:
    from egovindex.spec.tree import Leaf

__all__ = ["no_policy", "uncaught"]

_MOST_TOLD = 8


def uncaught(columns: Columns, leaf: Leaf, own: Answers, where: Bools) -> None:
    """One fault for the column, since a column of remarks would have one in every cell."""
    tell = _uncaught_answers if leaf.lines else _text_for_number
    tell(columns, leaf, own, _distinct(own, where), where)


def no_policy(columns: Columns, leaf: Leaf, kind: str, where: Bools) -> None:
    """A kind of nothing that neither the indicator nor the file has a word for."""
    what, means = ("blank", "a blank") if kind == "missing" else (f'"{kind}"', f'"{kind}"')
    columns.fault(
        "no_policy",
        f"{leaf.id}: {int(where.sum())} of {len(where)} values are {what} ({columns.rows.names(where)}) "
        f"and the file does not say what {means} means. Write nothing: skip, void or a number",
        leaf.id,
        where,
    )


def _text_for_number(columns: Columns, leaf: Leaf, own: Answers, found: _Distinct, where: Bools) -> None:
    count, rows = int(where.sum()), columns.rows
    told = [f'"{_shown(columns, own, answer)}" {_place(rows, answer.where)}' for answer in found.first]
    are, value, lines = ("is", "value", "a line for it") if count == 1 else ("are", "values", "lines for them")
    columns.fault(
        "text_for_number",
        f"{leaf.id}: {count} of {len(rows)} values {are} text where a number is expected: {found.listed(told)}. "
        f"Correct the {value}, or give the indicator points with {lines}",
        leaf.id,
        where,
    )


def _uncaught_answers(columns: Columns, leaf: Leaf, own: Answers, found: _Distinct, where: Bools) -> None:
    count, rows = int(where.sum()), columns.rows
    maps = [line.address[1] for line in leaf.lines if line.address[0] == "points"]
    points = f'points "{maps[0]}"' if maps else "its points"
    answers = "1 answer has" if count == 1 else f"{count} answers have"
    scale = columns.file.answers[leaf.scale] if leaf.scale is not None else {}
    categories = {category.casefold() for category in scale}
    literals = (line.test.text for line in leaf.lines if isinstance(line.test, language.Literal))
    spellings = (spelling for category in scale.values() for spelling in category)
    meant = [text for text in dict.fromkeys((*scale, *spellings, *literals)) if not language.is_number(text)]
    told: list[str] = []
    for answer in found.first:
        text = _shown(columns, own, answer)
        hint = "" if answer.word in categories or answer.is_number else did_you_mean(text, meant)
        told.append(f'"{text}" {_place(rows, answer.where, hint)}')
    way = f'a line "{_shown(columns, own, found.first[0])}: ..."' if found.count == 1 else "a line for each"
    if leaf.scale is not None and any(answer.word not in categories for answer in found.first):
        way = f"a spelling to answers.{leaf.scale}, or {way}"
    columns.fault(
        "uncaught_answer",
        f"{leaf.id}: {answers} no line in {points}: {found.listed(told)}. Add {way}",
        leaf.id,
        where,
    )


def _shown(columns: Columns, own: Answers, answer: _Uncaught) -> str:
    return answer.word if answer.is_number else columns.written(own, answer.word)


@dataclass(frozen=True)
class _Uncaught:
    """One answer that no line catches, and the rows that have it."""

    word: str
    where: npt.NDArray[np.intp]
    is_number: bool = False


@dataclass(frozen=True)
class _Distinct:
    """The first distinct answers of some rows, and how many there are: each costs, and all are not read."""

    first: tuple[_Uncaught, ...]
    count: int

    def listed(self, told: list[str]) -> str:
        more = self.count - len(told)
        return ", ".join(told) + (f" and {more} more" if more else "")


def _distinct(own: Answers, where: Bools) -> _Distinct:
    """The distinct answers of some rows: words as they are met, then numbers upwards."""
    at = np.flatnonzero(where)
    codes = np.full(len(at), -1, dtype=np.int32) if own.codes is None else own.codes[at]
    words = pd.unique(codes[codes >= 0])
    plain = at[codes < 0]
    numbers = np.unique(own.numbers[plain])
    first = [_Uncaught(own.words[code], at[codes == code]) for code in words[:_MOST_TOLD]]
    for number in numbers[: _MOST_TOLD - len(first)]:
        rows = plain[own.numbers[plain] == number]
        first.append(_Uncaught(language.number_text(float(number)), rows, is_number=True))
    return _Distinct(tuple(first), len(words) + len(numbers))


def _place(rows: Rows, where: npt.NDArray[np.intp], hint: str = "") -> str:
    """How often and in which units; a single one with the number of its row."""
    if len(where) == 1:
        return f"({rows.name(int(where[0]))}, row {int(where[0]) + 1}{hint})"
    return f"{len(where)} times ({rows.names(where)}{hint})"
