"""Changes of answers that an index takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from egovindex.errors import DataError, MethodError
from egovindex.lookup import refuse_no_result, refuse_records, used_headings
from egovindex.result import IndexResult
from egovindex.testing.drawing import hypothesis_strategies, printed
from egovindex.testing.fitting import TableMaker, by_chance, may_refuse
from egovindex.whatif import what_if

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["changes"]

Changes = dict[tuple[Any, ...], Any]


def changes(result: IndexResult, *, max_changes: int = 3, blanks: bool = True) -> SearchStrategy[Changes]:
    """Changes of some answers of a result, as :func:`egovindex.what_if` takes them.

    Parameters
    ----------
    result
        A result of :func:`egovindex.compute`.
    max_changes
        Most cells that are changed; at least one is.
    blanks
        Whether an answer may be taken away where the index has a policy for that.

    Returns
    -------
    SearchStrategy[dict]
        New answers by ``(unit, column)``, or by ``(unit, period, column)`` where the result has periods. The simplest
        gives the first unit the first answer of the first column.

    Raises
    ------
    ImportError
        Hypothesis is not installed.
    MethodError
        This is no result, or one of repeated records.

    Examples
    --------
    >>> import egovindex as ei
    >>> from hypothesis import given, settings
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> @settings(database=None, derandomize=True, max_examples=5)
    ... @given(changes(result, max_changes=1))
    ... def moves_one_unit_at_most(new):
    ...     assert len(ei.what_if(result, new).others) == 0
    >>> moves_one_unit_at_most()
    """
    st = hypothesis_strategies()
    refuse_no_result(result)
    refuse_records(result)
    maker = TableMaker(result.index, numbers=None, blanks=blanks, periods=())
    read = {str(heading) for heading in used_headings(result)}
    columns = [column for column in maker.columns if column.heading in read]
    rows = result.plan.rows
    cell = st.tuples(st.integers(0, len(rows) - 1), st.integers(0, max(len(columns) - 1, 0)), st.integers(0, 255))
    cells = st.lists(cell, min_size=1, max_size=max_changes, unique_by=lambda found: found[:2])

    def made(drawn: list[tuple[int, int, int]]) -> Changes:
        found: Changes = {}
        for row, at, code in drawn:
            column = columns[at]
            taken_away = bool(column.nothing) and code >= 256 - 32
            answer = (
                column.nothing[code % len(column.nothing)] if taken_away else column.cells[code % len(column.cells)]
            )
            when = () if rows.periods is None else (_plain(rows.periods[row]),)
            found[(str(rows.units[row]), *when, column.heading)] = answer
        return found

    strategy: SearchStrategy[Changes] = printed(cells, made)
    return strategy.filter(lambda new: _taken(result, new)) if may_refuse(result.index) else strategy


def _plain(found: Any) -> Any:
    return found.item() if hasattr(found, "item") else found


def _taken(result: IndexResult, new: Changes) -> bool:
    """Whether the index is defined for the new answers."""
    try:
        what_if(result, new)
    except MethodError:
        return False
    except DataError as error:
        if not by_chance(error):
            raise
        return False
    return True
