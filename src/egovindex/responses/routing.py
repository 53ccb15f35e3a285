"""Who was asked what: the sentences ``ask_if`` of an instrument over the marks of many respondents."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.formulas import Bools, Floats, holds
from egovindex.spec import language

__all__ = ["asked"]

Marks = npt.NDArray[np.object_]


def asked(test: language.Test, marks: Mapping[str, Marks]) -> tuple[Bools, Bools]:
    """Where a form asks an item, and where that is known.

    Parameters
    ----------
    test
        The sentence ``ask_if`` of the item.
    marks
        ``(rows,)`` categories by column; ``None`` where no mark is known.

    Returns
    -------
    holds, known
        ``(rows,)`` each. What hangs on a mark that is not known is not known.

    Examples
    --------
    >>> asked(language.parse_test("q1 is yes"), {"q1": np.array(["yes", "no", None], dtype=object)})
    (array([ True, False, False]), array([ True,  True, False]))
    """
    names = (*(found.name for found in language.categories_in(test)), *language.names_in(test))
    known = np.ones(len(next(iter(marks.values()))), dtype=bool)
    for name in names:
        known &= marks[name] != None  # noqa: E711 - element by element

    def category(one: language.Is) -> Bools:
        return _is(one, marks[one.name])

    return holds(test, lambda name: _numbers(marks[name]), category) & known, known


def _is(one: language.Is, marks: Marks) -> Bools:
    wanted = {category.casefold() for category in one.categories}
    codes, words = pd.factorize(marks)  # a gap is -1
    inside = np.array([str(word).casefold() in wanted for word in words] + [False])
    found: Bools = inside[codes]
    return ~found if one.negated else found


def _numbers(marks: Marks) -> Floats:
    found = np.full(len(marks), np.nan)
    for row, mark in enumerate(marks):
        try:
            found[row] = float(mark)
        except (TypeError, ValueError):
            continue
    return found
