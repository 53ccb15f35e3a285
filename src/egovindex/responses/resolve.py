"""A binding held against a table and an instrument: which column of this file is which item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from egovindex.errors import DataError, Fault, SpecError, did_you_mean, listed
from egovindex.instrument import question_of
from egovindex.responses.answercolumns import Splitter, answer_columns, choices_of, options_of
from egovindex.responses.binding import Binding, Bound, Column, Delimited, Fixed, OneHot
from egovindex.responses.cells import Cells, column_letters, plain
from egovindex.responses.draft import Left
from egovindex.responses.spread import Many, Source, Who

if TYPE_CHECKING:
    from egovindex.instrument import Instrument

__all__ = ["Headings", "check_binding", "many_of", "sources_of", "unused_columns", "who_of"]


class Headings:
    """Positions of the columns of a file by number or heading.

    Parameters
    ----------
    cells
        The table.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._alike: dict[str, list[int]] = defaultdict(list)
        for at, heading in enumerate(cells.headings):
            self._exact[heading].append(at)
            self._alike[plain(heading)].append(at)

    def find(self, column: Column) -> int | Fault:
        """Position of a column, or why there is none."""
        if isinstance(column, int):
            width = len(self.cells.headings)
            return column - 1 if column <= width else self._fault(f"there is no column {column}; the file has {width}")
        found = self._exact.get(column) or self._alike.get(plain(column)) or []
        if len(found) > 1:
            letters = listed(f"{column_letters(at)} ({at + 1})" for at in found)
            return self._fault(f'the heading "{column:.60}" stands in columns {letters}; bind the number of one')
        if not found:
            hint = did_you_mean(column, [heading for heading in self.cells.headings if heading])
            return self._fault(f'no column has the heading "{column:.60}"{hint}')
        return found[0]

    def _fault(self, message: str) -> Fault:
        return Fault(message, file=self.cells.file, check="column_not_found")


# --- the binding and the instrument
def check_binding(binding: Binding, instrument: Instrument, profile: str) -> None:
    """What a binding says has to fit the instrument and the format.

    Raises
    ------
    SpecError
        Another instrument or format; an item, choice or category that there is none of; a shape that does not fit the
        kind of the item. All are told.
    """
    faults = [*_other_instrument(binding, instrument), *_other_profile(binding, profile)]
    if not faults:
        faults = [fault for name, bound in binding.items.items() for fault in _wrong_item(name, bound, instrument)]
    if faults:
        raise SpecError(faults)


def _other_instrument(binding: Binding, instrument: Instrument) -> Iterator[Fault]:
    if binding.instrument != instrument.id:
        message = f"the binding {binding.name} is for the instrument {binding.instrument}, not for {instrument.id}"
        yield Fault(message, check="other_instrument")


def _other_profile(binding: Binding, profile: str) -> Iterator[Fault]:
    if binding.profile != profile:
        message = (
            f"the binding {binding.name} is for the format {binding.profile}, and the file is read as {profile}; name "
            "the same in both"
        )
        yield Fault(message, check="other_profile")


def _wrong_item(name: str, bound: Bound, instrument: Instrument) -> Iterator[Fault]:
    columns = answer_columns(instrument)
    items = instrument.file.items
    where = f"items.{name}"
    if name not in columns and name not in items:
        known = [*items, *columns]
        coder = " (a column of coders; no respondent fills it in)" if question_of(name) in items else ""
        message = f"{where}: {instrument.id} has no such item{coder}{did_you_mean(name, known)}"
        yield Fault(message, check="unknown_item")
        return
    item = items[columns[name].item if name in columns else name]
    several = item.kind == "many" and name in items
    shape = bound.shape
    if several and shape == "single":
        yield Fault(f"{where}: many may be ticked, so its shape is onehot or delimited", check="wrong_shape")
    if not several and shape != "single":
        yield Fault(f"{where}: one answer is given, so its shape is single", check="wrong_shape")
    scale = choices_of(item, instrument)
    allowed = ("yes", "no") if isinstance(shape, OneHot) or (item.kind == "many" and not several) else scale
    if isinstance(shape, OneHot):
        for choice in shape.columns:
            if choice not in scale:
                hint = did_you_mean(choice, scale, otherwise=".")
                yield Fault(f'{where}: "{choice}" is no choice{hint} Choices: {listed(scale)}', check="unknown_choice")
    for category in sorted(set(bound.values.values())):
        if category not in allowed:
            hint = did_you_mean(category, allowed, otherwise=".")
            message = f'{where}: values: "{category}" is no category{hint} Categories: {listed(allowed) or "none"}'
            yield Fault(message, check="unknown_category")


# --- the binding and the file
def sources_of(
    binding: Binding, headings: Headings, instrument: Instrument, technical: Collection[int] = ()
) -> list[Source]:
    """The columns that a binding names.

    Raises
    ------
    DataError
        The file has not got them, or they are filled in by the form with the person who answers. All are told.
    """
    faults: list[Fault] = []
    sources: list[Source] = []
    columns = answer_columns(instrument)
    for name, bound in binding.items.items():
        shape = bound.shape
        if isinstance(shape, OneHot):
            words = {word.strip(): "yes" for word in shape.true} | {word.strip(): "no" for word in shape.false}
            for choice, column in shape.columns.items():
                at = _found(headings, column, f"{name}.{choice}", technical, faults)
                sources.append(Source(at, f"{name}.{choice}", marks=True, values=words))
            continue
        at = _found(headings, bound.column or 0, name, technical, faults)
        if isinstance(shape, Delimited):
            sources.append(Source(at, name, marks=True, many=many_of(name, instrument, shape, bound)))
        else:
            values = {word.strip(): category for word, category in bound.values.items()}
            sources.append(Source(at, name, marks=columns[name].marks, values=values))
    faults += _columns_twice(sources, headings.cells)
    if faults:
        raise DataError(faults)
    return sources


def many_of(name: str, instrument: Instrument, shape: Delimited, bound: Bound | None = None) -> Many:
    """How a cell with several choices of an item is split."""
    item = instrument.file.items[name]
    options = options_of(item, instrument, of=shape.of)
    options |= {plain(word): category for word, category in (bound.values if bound else {}).items()}
    columns = {choice: f"{name}.{choice}" for choice in choices_of(item, instrument)}
    return Many(columns, Splitter(options, shape.sep), item.other)


def _found(headings: Headings, column: Column, what: str, technical: Collection[int], faults: list[Fault]) -> int:
    at = headings.find(column)
    if isinstance(at, Fault):
        faults.append(Fault(f"{what}: {at.message}", file=at.file, check=at.check))
        return -1
    if at in technical:
        message = (
            f"{what}: column {column_letters(at)} is filled in by the form, with who sent it and when, and is never "
            "read; bind the column of a question"
        )
        faults.append(Fault(message, file=headings.cells.file, check="technical_column"))
    return at


def _columns_twice(sources: list[Source], cells: Cells) -> Iterator[Fault]:
    """A heading and a number may mean the same column."""
    first: dict[int, str] = {}
    for source in sources:
        if source.at >= 0 and source.at in first:
            message = f"{source.column}: column {column_letters(source.at)} is bound to {first[source.at]} already"
            yield Fault(message, file=cells.file, check="column_twice")
        first.setdefault(source.at, source.column)


def who_of(
    binding: Binding | None,
    headings: Headings,
    instrument: Instrument,
    sources: list[Source],
    technical: Collection[int] = (),
) -> Who:
    """Who answers, and when: as the binding says, else the item that asks for it.

    Raises
    ------
    DataError
        The file has not got the column, or the form fills it in.
    """
    faults: list[Fault] = []
    given: dict[str, int | str | None] = {}
    for key in ("unit", "period"):
        one = getattr(binding, key, None)
        if one is None:
            given[key] = None
        elif isinstance(one, Fixed):
            given[key] = one.value
        else:
            given[key] = _found(headings, one, key, technical, faults)
    if faults:
        raise DataError(faults)
    if given["unit"] is None:
        given["unit"] = next((s.at for s in sources if s.column == instrument.file.unit and not s.marks), None)
    return Who(given["unit"], given["period"])


def unused_columns(cells: Cells, used: Collection[int], why: str) -> list[Left]:
    """Columns in which something stands and that were not read; their cells are not repeated."""
    found = []
    for at, heading in enumerate(cells.headings):
        if at not in used and (heading or cells.table[at].notna().any()):
            found.append(Left(f"column {column_letters(at)}", why if heading else "it has no heading", heading))
    return found
