"""Answers that are taken from another row: of an earlier period, of a parent unit, of the best record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.answers import Answers
from egovindex.columns import Columns
from egovindex.errors import Fault
from egovindex.formulas import Bools, Floats, calculate, holds, is_category
from egovindex.rows import alike, text_orders
from egovindex.spec import language, values
from egovindex.spec.steps import sign_of_steps
from egovindex.spec.tree import names_read
from egovindex.tables import unit_name

if TYPE_CHECKING:
    from egovindex.spec.model import Best
    from egovindex.spec.tree import Leaf

__all__ = ["BestAnswers", "source_rows"]

PARENT = "parent"
Rows_ = npt.NDArray[np.intp]


def source_rows(columns: Columns, word: str, waiting: Bools, asked: Bools, record: str) -> Rows_:
    """The row whose answer each row takes, -1 for none.

    Parameters
    ----------
    columns
        Where a unit's parent is found, and faults are noted.
    word
        ``last``: the same unit's last earlier period that has an answer of its own; ``parent``: the unit named in
        the column ``parent``, in the same period, or that unit's parent if it has no answer of its own.
    waiting
        ``(rows,)`` who has no answer of its own.
    asked
        ``(rows,)`` who asks for one in this way.
    record
        The indicator, for faults.
    """
    if word == "last":
        return _last(columns, waiting, asked, record)
    return _parents(columns, waiting, asked, record)


def _last(columns: Columns, waiting: Bools, asked: Bools, record: str) -> Rows_:
    rows = columns.rows
    found: Rows_ = np.full(len(rows), -1, dtype=np.intp)
    if rows.periods is None:
        message = f'{record}: "last" takes the answer of an earlier period, and the data have no periods'
        columns.fault("no_periods", message, record, asked)
        return found
    who = alike([values for key, values in rows.keys.items() if key != "period"])
    order = np.lexsort((rows.period_codes, who))
    own = np.where(waiting[order], -1, np.arange(len(rows)))
    # positions in the order, carried forward as long as the unit stays the same
    latest = np.maximum.accumulate(own)
    starts = np.r_[True, who[order][1:] != who[order][:-1]]
    start = np.maximum.accumulate(np.where(starts, np.arange(len(rows)), 0))
    known = latest >= start
    found[order] = np.where(known, order[np.maximum(latest, 0)], -1)
    return found


def _parents(columns: Columns, waiting: Bools, asked: Bools, record: str) -> Rows_:
    rows = columns.rows
    found: Rows_ = np.full(len(rows), -1, dtype=np.intp)
    heading = columns.heading(PARENT)
    if heading is None:
        message = (
            f'{record}: "parent" takes the answer of the unit named in a column "{PARENT}", which the data have not; '
            f"name it, or write columns: {{{PARENT}: HEADING}} in the index"
        )
        columns.fault("no_parents", message, record, asked)
        return found
    columns.read(heading, None)  # so that it is kept with the result
    of_row = np.array([unit_name(value) for value in columns.data[columns.headings[heading]]], dtype=object)
    others = [values for key, values in rows.keys.items() if key != "unit"]
    known = pd.MultiIndex.from_arrays([rows.units, *others])
    above = known.get_indexer(pd.MultiIndex.from_arrays([of_row, *others]))
    # follow the parents to the first with an answer; each pass doubles the way. The last place stands for nobody
    nobody = len(rows)
    way = np.append(np.where(waiting, np.where(above < 0, nobody, above), np.arange(nobody)), nobody)
    for _ in range(nobody.bit_length()):
        way = way[way]
    ends = way[:-1]
    circular = asked & (ends < nobody) & np.append(waiting, False)[ends]
    if circular.any():
        message = (
            f'column "{heading}" goes round for {rows.names(circular)}: no unit on the way has an answer of its own'
        )
        columns.fault("circular_parents", message, heading, circular)
    unknown = asked & (above < 0) & (of_row != "")
    if unknown.any():
        message = f"{record}: {rows.names(unknown)} has a parent that is not in the data, and is skipped"
        units = tuple(rows.name(int(row)) for row in np.flatnonzero(unknown))
        columns.notes.append(Fault(message, check="parent_not_in_data", column=heading, units=units))
    return np.where(asked & (ends < nobody) & ~circular, ends, found)


class BestAnswers:
    """Which row has the best answer of those that are taken together.

    Best is the answer that earns most by the indicator's own lines, as the index has them, or least where its
    steps turn the order round (``direction: down``, ``goalposts 6 0``). Lines that ask for something besides the
    answer, such as a flag, are passed over. Of answers that earn the same, and of those without a number, it is the
    one that stands first on its scale. An answer is better than any kind of nothing.

    Parameters
    ----------
    columns
        The data.
    best
        The rows that are taken together.
    """

    def __init__(self, columns: Columns, best: Best) -> None:
        rows = columns.rows
        lacking = [key for key in best.over if key not in rows.keys]
        if lacking:
            message = f"best: over names {', '.join(lacking)}, and rows are identified by {', '.join(rows.keys)}"
            columns.fault("best_over_no_key", message)
        kept = [values for key, values in rows.keys.items() if key not in best.over]
        self.scales = columns.file.answers
        self.group = alike(kept)
        n = len(rows)
        among = np.ones(n, dtype=bool) if best.where is None else columns.holds(best.where, None, "best.where")
        self.among: Rows_ = np.flatnonzero(among)
        self.by_name = text_orders([*rows.keys.values()])[::-1]  # the first key decides first

    def __call__(self, leaf: Leaf, answers: Answers) -> Rows_:
        """``(rows,)`` the row whose answer stands for each row's."""
        chosen: Rows_ = np.arange(len(answers))
        if not self.among.size:
            return chosen
        better = answers.spread(self._order(leaf, answers))[self.among]
        # equal answers: the record whose name comes first, so that the order of the rows does not matter
        names = [places[self.among] for places in self.by_name]
        order = self.among[np.lexsort((*names, -better, self.group[self.among]))]
        groups = self.group[order]
        first = np.r_[True, groups[1:] != groups[:-1]]
        of_group = np.zeros(int(self.group.max()) + 1, dtype=np.intp)
        of_group[groups[first]] = order[first]
        chosen[self.among] = of_group[self.group[self.among]]
        return chosen

    def _order(self, leaf: Leaf, answers: Answers) -> npt.NDArray[np.intp]:
        """``(K,)`` place of each distinct answer, the best highest."""
        scale = [c.strip().casefold() for c in self.scales.get(leaf.scale or "", ())]
        distinct = answers.distinct
        place = np.array([-scale.index(word) if word in scale else -len(scale) for word in answers.words] + [0])
        on_scale = place[-1] if distinct.word_of is None else place[distinct.word_of]
        earns = self._earns(leaf, distinct)
        earns = np.where(np.isnan(earns), -np.inf, earns * sign_of_steps(leaf.steps, down=leaf.down) + 0.0)
        keys = np.stack([distinct.answered().astype(np.float64), earns, np.broadcast_to(on_scale, earns.shape)])
        _, order = np.unique(keys.T, axis=0, return_inverse=True)
        return order.reshape(-1)

    def _earns(self, leaf: Leaf, distinct: Answers) -> Floats:
        """``(K,)`` what each distinct answer earns by lines that ask for nothing besides it; NaN for no number."""
        earns = distinct.numbers.copy()
        left: Bools = np.ones(len(distinct), dtype=bool)
        for line in leaf.lines:
            if set(names_read(line.test, line.outcome)) - {"value", "answer"}:
                continue
            where = left & _holds(line.test, distinct)
            given: Any = np.nan
            if isinstance(line.outcome, values.Quantity):
                given = line.outcome.value
            elif not isinstance(line.outcome, values.Word):
                where &= np.isfinite(distinct.numbers)
                with np.errstate(all="ignore"):
                    given = calculate(line.outcome, {"value": distinct.numbers})
            left &= ~where
            earns = np.where(where, given, earns)
        return earns


def _holds(test: Any, distinct: Answers) -> Bools:
    """Where a line holds that asks for the answer alone."""
    if isinstance(test, language.Literal):
        return distinct.match(test.text)
    if isinstance(test, language.Else):
        return distinct.answered()
    return holds(test, lambda _: distinct.numbers, lambda inner: is_category(inner, distinct))
