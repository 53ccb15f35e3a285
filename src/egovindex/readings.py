"""What was answered, how it was read, and what it could have earned at most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from egovindex.errors import listed
from egovindex.spec import language, values

if TYPE_CHECKING:
    from egovindex.columns import Columns
    from egovindex.plan import Plan
    from egovindex.spec.tree import Leaf, Tree

__all__ = ["answer_given", "attainable_points", "category_read"]


def answer_given(plan: Plan, leaf: Leaf, row: int) -> Any:
    """One answer as it stands in the data; of several columns the first that has one, of a formula its columns."""
    data, headings = plan.data, plan.headings
    texts = [plan.file.columns.get(column.text, column.text) for column in leaf.columns]
    given = [data[headings[text]].iloc[row] for text in texts if text in headings]
    if len(texts) == 1 and len(given) == 1:
        return None if pd.isna(given[0]) else given[0]
    if not given:
        return f"= {listed(texts)}"  # computed from columns by a formula
    return next((answer for answer in given if not pd.isna(answer)), None)


def attainable_points(tree: Tree, leaf: Leaf) -> float:
    """The most that the lines of an indicator's points can give; NaN where they set no limit.

    Lines that are never reached do not count; those for kinds of nothing do, also those of the file's ``nothing``.
    There is no limit where a line computes, and where a number may stay as it is.

    Examples
    --------
    >>> import egovindex as ei
    >>> index = ei.load_index("unctad-cyberlaw-2026")
    >>> attainable_points(index.tree, index.tree.leaves["privacy"])
    1.0
    """
    kinds = {kind.casefold() for kind in tree.kinds}
    given: dict[object, values.Outcome] = {}
    closed = False
    for line in leaf.lines:
        given.setdefault(language.line_key(str(line.test)), line.outcome)
        named = isinstance(line.test, language.Literal) and line.test.text.casefold() not in kinds
        closed = closed or named or isinstance(line.test, language.Else)
    if not closed or any(isinstance(outcome, language.Formula) for outcome in given.values()):
        return math.nan
    for kind, outcome in tree.nothing.items():
        given.setdefault(language.line_key(kind), outcome)
    return max((o.value for o in given.values() if isinstance(o, values.Quantity)), default=math.nan)


def category_read(columns: Columns, leaf: Leaf, row: int) -> str | None:
    """The category, or kind of nothing, that one answer was read as, as the file writes it; none for a plain number."""
    own = columns.own(leaf)
    if own is None or own.codes is None or own.codes[row] < 0:
        return None
    word = own.words[int(own.codes[row])]
    named = [*columns.file.answers.get(leaf.scale or "", ()), *columns.tree.kinds]
    named += [line.test.text for line in leaf.lines if isinstance(line.test, language.Literal)]
    return next((name for name in named if name.strip().casefold() == word), columns.written(own, word))
