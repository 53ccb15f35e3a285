"""From a column of the data to answers: numbers, categories, and the kinds of nothing, kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.spec.language import is_number, number_text, parse_number

__all__ = ["Answers", "joined", "read_answers", "spellings_of"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]

_BOOLEANS = frozenset({bool, np.bool_})


def spellings_of(scale: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Every spelling of a scale, case folded, with its category.

    Examples
    --------
    >>> spellings_of({"yes": ("Y", "Oui")})
    {'yes': 'yes', 'y': 'yes', 'oui': 'yes'}
    """
    found: dict[str, str] = {}
    for category, spellings in scale.items():
        for spelling in (category, *spellings):
            found[spelling.strip().casefold()] = category.casefold()
    return found


@dataclass(frozen=True)
class Answers:
    """One column, read: each row is one of a few distinct answers, or a number of its own.

    Parameters
    ----------
    number_of
        ``(K,)`` numbers of the distinct answers; NaN where an answer is not a number.
    word_of
        ``(K,)`` positions in ``words``, -1 for a plain number; ``None`` where all are plain numbers.
    words
        Categories, words and kinds of nothing, case folded.
    kinds
        The words that are kinds of nothing.
    raw
        One original spelling per word.
    positions
        ``(rows,)`` each row's distinct answer, -1 for the last one; ``None``: row ``k`` has answer ``k``.
    """

    number_of: Floats
    word_of: Codes | None = None
    words: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    raw: tuple[str, ...] = ()
    positions: npt.NDArray[Any] | None = None

    def __len__(self) -> int:
        return int((self.number_of if self.positions is None else self.positions).shape[0])

    def spread(self, of_distinct: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What is known of each distinct answer, row by row."""
        return of_distinct if self.positions is None else of_distinct[self.positions]

    @cached_property
    def numbers(self) -> Floats:
        """``(rows,)`` numbers; NaN where the answer is not a number."""
        return self.spread(self.number_of)

    @cached_property
    def codes(self) -> Codes | None:
        """``(rows,)`` positions in ``words``, -1 for a plain number; ``None`` where all are plain numbers."""
        return None if self.word_of is None else self.spread(self.word_of)

    @cached_property
    def distinct(self) -> Answers:
        """The distinct answers, one row each."""
        return Answers(self.number_of, self.word_of, self.words, self.kinds, self.raw)

    @cached_property
    def occurs(self) -> Bools:
        """``(K,)`` whether any row has the answer: a categorical may know more than are given."""
        if self.positions is None:
            return np.ones(len(self.number_of), dtype=bool)
        found: Bools = np.zeros(len(self.number_of), dtype=bool)
        found[pd.unique(self.positions)] = True
        return found

    @cached_property
    def given(self) -> tuple[str, ...]:
        """The words that some row has."""
        if self.word_of is None:
            return ()
        held = np.zeros(len(self.words) + 1, dtype=bool)
        held[self.word_of[self.occurs]] = True  # a plain number marks the last entry
        return tuple(word for word, is_held in zip(self.words, held, strict=False) if is_held)

    def take(self, rows: npt.NDArray[np.intp]) -> Answers:
        """The answers of some rows, in their order."""
        if self.positions is not None:
            return Answers(self.number_of, self.word_of, self.words, self.kinds, self.raw, self.positions[rows])
        words = None if self.word_of is None else self.word_of[rows]
        return Answers(self.number_of[rows], words, self.words, self.kinds, self.raw)

    @cached_property
    def nothing(self) -> Bools | None:
        """Where the answer is a kind of nothing; ``None`` where that is nowhere so."""
        if self.word_of is None:
            return None
        is_kind = np.array([word in self.kinds for word in self.words] + [False])
        # -1, a plain number, takes the last entry
        found: Bools = self.word_of >= 0 if is_kind[:-1].all() else is_kind[self.word_of]
        return self.spread(found) if found.any() and (found & self.occurs).any() else None

    def match(self, text: str) -> Bools:
        """Where the answer is this category, number or kind."""
        word = text.strip().casefold()
        found: Bools = np.zeros(len(self.number_of), dtype=bool)
        if self.word_of is not None and word in self.words:
            found = self.word_of == self.words.index(word)
        if is_number(word):
            found = found | (self.number_of == parse_number(word))
        return self.spread(found)

    def answered(self) -> Bools:
        """Where there is an answer."""
        return np.ones(len(self), dtype=bool) if self.nothing is None else ~self.nothing

    def kind_rows(self, kind: str) -> Bools:
        """Where the answer is one kind of nothing."""
        if self.word_of is None or kind not in self.words:
            return np.zeros(len(self), dtype=bool)
        return self.spread(self.word_of == self.words.index(kind))


def joined(parts: Sequence[Answers], which: npt.NDArray[np.intp]) -> Answers:
    """Answers of several columns as one: row ``r`` is that of ``parts[which[r]]``."""
    words: dict[str, int] = {}
    raw: list[str] = []
    numbers: list[Floats] = []
    codes: list[Codes] = []
    starts: list[int] = []
    for part in parts:
        starts.append(sum(map(len, numbers)))
        numbers.append(part.number_of)
        for word, spelling in zip(part.words, part.raw, strict=True):
            if word not in words:
                words[word] = len(words)
                raw.append(spelling)
        into = np.array([*(words[word] for word in part.words), -1], dtype=np.int32)
        known = part.word_of
        codes.append(np.full(len(part.number_of), -1, dtype=np.int32) if known is None else into[known])
    positions = np.empty(len(which), dtype=np.intp)
    for at, (part, start) in enumerate(zip(parts, starts, strict=True)):
        rows = np.flatnonzero(which == at)
        own = rows if part.positions is None else part.positions[rows].astype(np.intp) % len(part.number_of)
        positions[rows] = start + own
    return Answers(np.concatenate(numbers), np.concatenate(codes), tuple(words), parts[0].kinds, tuple(raw), positions)


def _from_numbers(values: Floats, kinds: frozenset[str]) -> Answers:
    gaps = np.isnan(values)
    if not gaps.any():
        return Answers(values, kinds=kinds)
    return Answers(values, gaps.astype(np.int32) - 1, ("missing",), kinds, ("",))


def read_answers(column: pd.Series, scale: Mapping[str, str] | None, kinds: frozenset[str]) -> Answers:
    """Read a column of the data.

    Parameters
    ----------
    column
        Numbers, text, booleans or a categorical.
    scale
        Spelling with category, case folded; see :func:`spellings_of`.
    kinds
        Names of the kinds of nothing.

    Examples
    --------
    >>> read = read_answers(
    ...     pd.Series(["Yes", " no", None, "0.5", "NA"]), {"yes": "yes", "no": "no"}, frozenset({"missing"})
    ... )
    >>> read.words, read.numbers.tolist()[3], read.nothing.tolist()
    (('yes', 'no', 'na', 'missing'), 0.5, [False, False, True, False, False])
    """
    numeric = pd.api.types.is_integer_dtype(column.dtype) or pd.api.types.is_float_dtype(column.dtype)
    if numeric and scale is None:
        if isinstance(column.dtype, np.dtype):
            return _from_numbers(column.to_numpy(dtype=np.float64, copy=False), kinds)
        return _from_numbers(column.to_numpy(dtype=np.float64, na_value=np.nan), kinds)
    positions, uniques = _distinct(column)
    read = [_read_one(value, scale or {}, kinds) for value in uniques]
    words: dict[str, int] = {}
    raw: list[str] = []
    number_of = np.full(len(read) + 1, np.nan)
    word_of = np.full(len(read) + 1, -1, dtype=np.int32)
    for at, (number, word) in enumerate(read):
        number_of[at] = number
        if word is not None:
            if word not in words:
                words[word] = len(words)
                raw.append(str(uniques[at]))
            word_of[at] = words[word]
    blank = len(positions) > 0 and positions.min() < 0
    if blank:  # -1 takes the last entry
        word_of[-1] = words.setdefault("missing", len(words))
        if len(raw) < len(words):
            raw.append("")
    else:
        number_of, word_of = number_of[:-1], word_of[:-1]
    has_words = bool((word_of >= 0).any())
    return Answers(number_of, word_of if has_words else None, tuple(words), kinds, tuple(raw), positions)


def _distinct(column: pd.Series) -> tuple[npt.NDArray[Any], Sequence[Any]]:
    """Each row's position among the distinct values, in the smallest type that holds it, and these; -1 for a blank."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes), list(column.cat.categories)
    column = _booleans_as_words(column)
    try:
        positions, uniques = pd.factorize(column, use_na_sentinel=True)
    except TypeError:  # a list or a map in a cell
        positions, uniques = pd.factorize(column.map(str, na_action="ignore"), use_na_sentinel=True)
    return positions.astype(np.min_scalar_type(-max(1, len(uniques)))), list(uniques)


def _booleans_as_words(column: pd.Series) -> pd.Series:
    """A column in which true and 1 stand side by side, with its booleans written out: Python holds the two equal."""
    if column.dtype != object or pd.api.types.infer_dtype(column, skipna=True) not in ("mixed", "mixed-integer"):
        return column
    is_boolean = np.fromiter(map(_BOOLEANS.__contains__, map(type, column.array)), dtype=bool, count=len(column))
    values = column.to_numpy(copy=True)
    values[is_boolean] = [str(value) for value in values[is_boolean]]
    return pd.Series(values, dtype=object)


def _read_one(value: Any, scale: Mapping[str, str], kinds: frozenset[str]) -> tuple[float, str | None]:
    """Number and word of one answer; a plain number has no word."""
    if isinstance(value, (bool, np.bool_)):
        text = str(value).lower()
    elif isinstance(value, (int, float, np.integer, np.floating)):
        number = _as_float(value)
        text = number_text(number) if np.isfinite(number) else str(number)
        if text not in scale:
            return number, None if not np.isnan(number) else "missing"
    else:
        text = str(value).strip()
    word = text.casefold()
    if word == "":
        return np.nan, "missing"
    if word in scale:
        category = scale[word]
        try:
            return parse_number(category), category
        except ValueError:
            return np.nan, category
    if word in kinds or not isinstance(value, (str, Decimal, Fraction)):  # the year 2020 is no number of points
        return np.nan, word
    try:
        return parse_number(word), None
    except ValueError:
        return np.nan, word


def _as_float(value: Any) -> float:
    """A number of any size; one that no float holds is infinite, which is a fault told elsewhere."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf
