"""Tables with one row for each respondent, and a column for each item, or for each choice of an item.

A binding says which column is which item. Without one the headings have to be names of items (``q036``,
``q007.portal``), ``unit`` and ``period``. A blank cell of an item with options is a mark that is not set; a blank cell
of any other item is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.instrument import question_of
from egovindex.responses.answercolumns import answer_columns
from egovindex.responses.binding import Binding
from egovindex.responses.cells import Cells, column_letters
from egovindex.responses.csvs import read_cells
from egovindex.responses.draft import Draft, Left
from egovindex.responses.resolve import Headings, check_binding, sources_of, unused_columns, who_of
from egovindex.responses.sheets import read_sheet
from egovindex.responses.spread import Source, Who, spread

if TYPE_CHECKING:
    from egovindex.instrument import Instrument
    from egovindex.responses.formats import Options

__all__ = ["cells_of", "looks_like", "read", "used_by", "with_binding"]

_WHO = ("unit", "period")


def read(path: Path, instrument: Instrument, options: Options) -> Draft:
    """Read a table.

    Raises
    ------
    DataError
        The file cannot be read; columns are missing, or stand twice; nothing says who answers.
    SpecError
        The binding does not fit the instrument.
    """
    binding = options.binding
    if binding is not None:
        check_binding(binding, instrument, "wide")
    cells = cells_of(path, options)
    if binding is not None:
        return with_binding(cells, instrument, binding, set())
    sources, who, left = _by_name(cells, instrument)
    table, rest = spread(cells, sources, who, {})
    return Draft(table, (*left, *rest), dict(cells.notes))


def cells_of(path: Path, options: Options) -> Cells:
    """The cells of a CSV file or a workbook."""
    if path.suffix.lower() == ".xlsx":
        return read_sheet(path, options.sheet)
    if path.suffix.lower() != ".csv":
        message = f'"{path.suffix}" is not read here; use .csv or .xlsx'
        raise DataError(Fault(message, file=path.name, check="unknown_kind"))
    return read_cells(path, options.binding.separator if options.binding else None)


def with_binding(
    cells: Cells, instrument: Instrument, binding: Binding, technical: set[int], notes: dict[str, str] | None = None
) -> Draft:
    """A draft of the columns that a binding names."""
    headings = Headings(cells)
    sources = sources_of(binding, headings, instrument, technical)
    who = who_of(binding, headings, instrument, sources, technical)
    table, rest = spread(cells, sources, who, binding.missing)
    left = unused_columns(cells, used_by(sources, who) | technical, f"the binding {binding.name} does not name it")
    bound = {*binding.items, *(question_of(source.column) for source in sources)}
    absent = [name for name in instrument.file.items if name not in bound]
    found = {**cells.notes, **(notes or {}), **({"not bound": listed(absent, most=20)} if absent else {})}
    return Draft(table, (*left, *rest), found)


def used_by(sources: list[Source], who: Who) -> set[int]:
    """Columns that are read."""
    return {source.at for source in sources} | {one for one in (who.unit, who.period) if isinstance(one, int)}


def _by_name(cells: Cells, instrument: Instrument) -> tuple[list[Source], Who, list[Left]]:
    """Columns whose headings are names of items."""
    columns = answer_columns(instrument)
    sources, left = [], []
    for at, heading in enumerate(cells.headings):
        name = heading.strip()
        if name in columns:
            sources.append(Source(at, name, columns[name].marks))
        elif name not in _WHO and (name or cells.table[at].notna().any()):
            left.append(Left(f"column {column_letters(at)}", _why_left(name, instrument, columns), heading))
    _refuse_twice(cells, [source.column for source in sources])
    if not sources:
        message = (
            f"no heading is the name of an item of {instrument.id} ({listed(columns, most=3)}); rename the headings, "
            "or give a binding that says which column is which item"
        )
        raise DataError(Fault(message, file=cells.file, check="no_items"))
    given = {name: at for at, heading in enumerate(cells.headings) if (name := heading.strip()) in _WHO}
    asked = who_of(None, Headings(cells), instrument, sources)
    return sources, Who(given.get("unit", asked.unit), given.get("period")), left


def _why_left(name: str, instrument: Instrument, columns: Iterable[str]) -> str:
    if not name:
        return "it has no heading"
    if name in instrument.file.items:
        return f"many may be ticked at {name}: give a column for each choice, or a binding"
    if question_of(name) in instrument.file.items:
        return "a column of coders, or no choice of the item; respondents do not fill it in"
    return f"{instrument.id} has no item of this name{did_you_mean(name, columns)}"


def _refuse_twice(cells: Cells, found: list[str]) -> None:
    names = [*found, *(heading.strip() for heading in cells.headings if heading.strip() in _WHO)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"headings that stand twice: {listed(twice)}; keep one column of each"
        raise DataError(Fault(message, file=cells.file, check="heading_twice"))


def looks_like(path: Path) -> bool:
    """Whether it is a table in which most headings are short names, as a suggestion."""
    from egovindex.responses.detect import headings_of

    headings = [heading for heading in headings_of(path) if heading]
    short = [heading for heading in headings if len(heading) <= 20 and " " not in heading]
    return len(headings) > 1 and 2 * len(short) >= len(headings) and "item" not in headings
