"""From a column of the data to answers: numbers, categories, and the kinds of nothing, kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.spec.language import number_text, parse_number

__all__ = ["Answers", "read_answers", "spellings_of"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

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
    """One column, read.

    Parameters
    ----------
    numbers
        ``(rows,)``; NaN where the answer is not a number.
    codes
        ``(rows,)`` positions in ``words``, -1 for a plain number; ``None`` where all are plain numbers.
    words
        Categories, words and kinds of nothing that occur, case folded.
    kinds
        The words that are kinds of nothing.
    raw
        One original spelling per word.
    """

    numbers: Floats
    codes: npt.NDArray[np.int32] | None = None
    words: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    raw: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.numbers.shape[0])

    @cached_property
    def nothing(self) -> Bools | None:
        """Where the answer is a kind of nothing; ``None`` where that is nowhere so."""
        if self.codes is None:
            return None
        is_kind = np.array([word in self.kinds for word in self.words] + [False])
        found: Bools = is_kind[self.codes]  # code -1 takes the last entry
        return found if found.any() else None

    def match(self, text: str) -> Bools:
        """Where the answer is this category, number or kind."""
        word = text.strip().casefold()
        found: Bools = np.zeros(len(self), dtype=bool)
        if self.codes is not None and word in self.words:
            found = self.codes == self.words.index(word)
        try:
            number = parse_number(word)
        except ValueError:
            return found
        return found | (self.numbers == number)

    def answered(self) -> Bools:
        """Where there is an answer."""
        return np.ones(len(self), dtype=bool) if self.nothing is None else ~self.nothing

    def kind_rows(self, kind: str) -> Bools:
        """Where the answer is one kind of nothing."""
        if self.codes is None or kind not in self.words:
            return np.zeros(len(self), dtype=bool)
        found: Bools = self.codes == self.words.index(kind)
        return found


def _from_numbers(values: Floats, kinds: frozenset[str]) -> Answers:
    gaps = np.isnan(values)
    if not gaps.any():
        return Answers(values, kinds=kinds)
    codes = np.where(gaps, 0, -1).astype(np.int32)
    return Answers(values, codes, ("missing",), kinds, ("",))


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
    column = _booleans_as_words(column)
    try:
        positions, uniques = pd.factorize(column, use_na_sentinel=True)
    except TypeError:  # a list or a map in a cell
        positions, uniques = pd.factorize(column.map(str, na_action="ignore"), use_na_sentinel=True)
    read = [_read_one(value, scale or {}, kinds) for value in uniques]
    words: dict[str, int] = {}
    raw: list[str] = []
    number_of = np.full(len(read) + 1, np.nan)
    code_of = np.full(len(read) + 1, -1, dtype=np.int32)
    for at, (number, word) in enumerate(read):
        number_of[at] = number
        if word is not None:
            if word not in words:
                words[word] = len(words)
                raw.append(str(uniques[at]))
            code_of[at] = words[word]
    if (positions == -1).any():
        code_of[-1] = words.setdefault("missing", len(words))
        if len(raw) < len(words):
            raw.append("")
    codes = code_of[positions]
    return Answers(number_of[positions], codes if (codes >= 0).any() else None, tuple(words), kinds, tuple(raw))


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
