"""The small values inside a record: numbers with a source, outcomes, steps, needs, bounds.

Each has a ``parse_...`` that reads the written form and raises ``ValueError`` with what was found
and what is allowed, and a ``write_...`` that gives the written form back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from egovindex.spec.language import (
    Else,
    Formula,
    Name,
    Number,
    Test,
    is_sentence,
    number_text,
    parse_formula,
    parse_number,
    parse_test,
)
from egovindex.spec.numbers import number_hint
from egovindex.spec.quantities import (
    BASES,
    Quantity,
    Source,
    parse_quantity,
    parse_source,
    parse_text,
    write_quantity,
    write_source,
)
from egovindex.spec.steps import STEPS, Parameter, Step, StepForm, parse_step, usage

__all__ = [
    "BASES",
    "ID",
    "STEPS",
    "Column",
    "Need",
    "Outcome",
    "Parameter",
    "Quantity",
    "Source",
    "Step",
    "StepForm",
    "Word",
    "expand_range",
    "parse_bound",
    "parse_from",
    "parse_id",
    "parse_need",
    "parse_outcome",
    "parse_quantity",
    "parse_source",
    "parse_step",
    "parse_text",
    "usage",
    "write_outcome",
    "write_quantity",
    "write_source",
]

ID = re.compile(r"[^\W\d_](?:\w|[.\-])*")
_DIGITS = "0123456789"
_MOST_DIGITS = 18
_LONGEST_RANGE = 10_000
_LONGEST_ID = 100  # of which a message shows no more


def parse_id(raw: Any) -> str:
    """An id: a letter first, then letters, digits, ``_ . -``, no ``..``.

    Examples
    --------
    >>> parse_id("I-30.6")
    'I-30.6'
    """
    text = parse_text(raw)
    if not ID.fullmatch(text) or ".." in text or text in _WORDS_TAKEN:
        raise ValueError(
            f'"{text}" cannot be an id: an id begins with a letter; letters, digits, "_", "." and "-" '
            f"follow. These words are taken: {', '.join(sorted(_WORDS_TAKEN))}"
        )
    return text


_WORDS_TAKEN = frozenset({"value", "answer", "else", "and", "or", "not", "is", "in"})


def expand_range(text: str) -> list[str]:
    """The ids that a range names; a plain id names itself.

    Examples
    --------
    >>> expand_range("q008..q011"), expand_range("I-19.2..I-19.4")
    (['q008', 'q009', 'q010', 'q011'], ['I-19.2', 'I-19.3', 'I-19.4'])
    """
    text = text.strip()
    if ".." not in text:
        return [text]
    # cut, not matched: a pattern with two open ends goes back and forth over a long text
    ends = [(end.rstrip(_DIGITS), end[len(end.rstrip(_DIGITS)) :]) for end in text.split("..", 1)]
    (first, from_), (second, to) = ends
    if first != second or not from_ or not to or max(len(from_), len(to)) > _MOST_DIGITS:
        shown = text if len(text) <= 2 * _LONGEST_ID else f"{text[:_LONGEST_ID]}..."
        raise ValueError(f'"{shown}" is not a range: write the same id twice with two numbers, as in q036..q054')
    low, high = int(from_), int(to)
    if high <= low:
        raise ValueError(f'"{text}" is not a range: it must count up')
    if high - low >= _LONGEST_RANGE:
        raise ValueError(f'"{text}" names {high - low + 1} ids; the longest range has {_LONGEST_RANGE}')
    width = len(from_) if from_.startswith("0") else 1
    return [f"{first}{number:0{width}d}" for number in range(low, high + 1)]


@dataclass(frozen=True, slots=True)
class Word:
    """An outcome no number can say: skip, void, last, parent, mean, median."""

    word: str
    by: str | None = None

    def __str__(self) -> str:
        return f"{self.word} by {self.by}" if self.by else self.word


Outcome = Quantity | Word | Formula
WORDS = ("skip", "void", "last", "parent", "mean", "median")
# numbers taken from the reference population
LEARNED = ("mean", "median")
# answers taken from another row
CARRIED = ("last", "parent")


def parse_outcome(raw: Any) -> Outcome:
    """What a points line gives: a number, a word, or a formula.

    Examples
    --------
    >>> parse_outcome("skip"), parse_outcome("1/3").value == 1 / 3, str(parse_outcome("value - 0.5"))
    (Word(word='skip', by=None), True, 'value - 0.5')
    """
    if isinstance(raw, (Quantity, Word, Formula)):
        return raw
    if isinstance(raw, Mapping) or not isinstance(raw, str):
        return parse_quantity(raw)
    text = raw.strip()
    first, _, by = text.partition(" by ")
    if first in WORDS:
        if by and first not in ("mean", "median"):
            raise ValueError(f'"{text}": only mean and median may be "by" a column')
        return Word(first, by.strip() or None)
    if text.casefold() in WORDS:
        raise ValueError(f'"{text}" is written in small letters: {text.casefold()}')
    try:
        return parse_quantity(text)
    except ValueError as error:
        if "/" in text and not re.search(r"[A-Za-z]", text):
            raise
        try:
            formula = parse_formula(text)
        except ValueError:
            raise ValueError(
                f'"{text}" is not an outcome: write a number, a formula, or one of {", ".join(WORDS)}'
                f"{number_hint(text)}"
            ) from error
        return formula


def write_outcome(outcome: Outcome) -> str | dict[str, Any]:
    """The written form of an outcome."""
    return write_quantity(outcome) if isinstance(outcome, Quantity) else str(outcome)


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, as written; whether it is a formula is decided where the headings are known.

    The name of an item's column is ``plain``, and no formula.
    """

    text: str
    plain: bool = False

    @property
    def formula(self) -> Formula | None:
        """The formula the text can be read as, or ``None`` for a plain heading."""
        if self.plain or not re.search(r"[-+*/(]", self.text):
            return None
        try:
            tree = parse_formula(self.text)
        except ValueError:
            return None
        return None if isinstance(tree, (Name, Number)) else tree


def parse_from(raw: Any) -> tuple[Column, ...]:
    """A column, a formula, or a list of columns of which the first with an answer is taken."""
    items = raw if isinstance(raw, (list, tuple)) else [raw]
    if not items:
        raise ValueError("an empty list; name at least one column")
    columns = tuple(item if isinstance(item, Column) else Column(parse_text(item)) for item in items)
    twice = sorted({column.text for column in columns if columns.count(column) > 1})
    if twice:
        raise ValueError(f'"{twice[0]}" stands twice in the list')
    return columns


@dataclass(frozen=True, slots=True)
class Need:
    """How many children must be answered: a count, or a share of them."""

    count: int | None = None
    share: float | None = None

    def __str__(self) -> str:
        return f"{number_text(100 * self.share)}%" if self.share is not None else str(self.count)


def parse_need(raw: Any) -> Need:
    """A count or a percentage.

    Examples
    --------
    >>> parse_need("80%"), parse_need(3)
    (Need(count=None, share=0.8), Need(count=3, share=None))
    """
    if isinstance(raw, Need):
        return raw
    text = parse_text(raw)
    try:
        if text.endswith("%"):
            share = parse_number(text[:-1]) / 100
            if 0 <= share <= 1:
                return Need(share=share)
        elif float(text).is_integer() and float(text) >= 0:
            return Need(count=int(float(text)))
    except ValueError:
        pass
    raise ValueError(f'"{text}" is not a need: write how many children must be answered (3) or which share (80%)')


def parse_bound(raw: Any) -> Quantity | Test | Else:
    """The right side of a class: a lower bound, a test, or else."""
    if isinstance(raw, (Else, Quantity, Test)):
        return raw
    if isinstance(raw, str) and raw.strip() == "else":
        return Else()
    try:
        return parse_test(raw.strip()) if isinstance(raw, str) and is_sentence(raw) else parse_quantity(raw)
    except ValueError as error:
        raise ValueError(f"{error}; a class is a lower bound (0.75), a test (value >= 0.75) or else") from None
