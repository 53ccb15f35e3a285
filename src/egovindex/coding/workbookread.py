"""Coders' workbooks, read back: every word that is on no list and every row that was moved is told with its cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from egovindex.coding.coded import COLUMNS
from egovindex.coding.codingtable import AnyInstrument, instrument_item, scale_of
from egovindex.coding.rules import UNKNOWN
from egovindex.coding.safebook import Cell, Grid, safe_grids
from egovindex.coding.workbookform import (
    ABOUT,
    CODEBOOK,
    CONFIDENCE,
    FREE,
    IDS,
    MARK,
    headings_of,
    mark_of,
    why_reserved,
)
from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.instrument import Instrument, load_instrument
from egovindex.responses.cells import column_letters
from egovindex.tables import unit_name

__all__ = ["read_coding"]


Line = dict[str, Cell]  # by heading


@dataclass(frozen=True)
class _Sheet:
    """A coder's sheet: cells by heading, and what is told of a place."""

    coder: str
    letters: dict[str, str]
    lines: list[tuple[int, Line]]
    file: str

    def fault(self, check: str, message: str, at: int, heading: str = "row") -> Fault:
        place = f"sheet {self.coder}, cell {self.letters.get(heading, 'A')}{at}"
        return Fault(f"{place}: {message}", file=self.file, check=check, column=heading)


def read_coding(path: str | Path, instrument: AnyInstrument) -> pd.DataFrame:
    """Read a workbook of :func:`coder_workbook` back.

    Parameters
    ----------
    path
        The workbook.
    instrument
        The instrument it was made with.

    Returns
    -------
    DataFrame
        A coding table: a row for each axis of each item and each coder whose sheet is there. What is not coded yet
        has no category: ``table[table["category"].isna()]`` lists it. ``span`` and ``reason`` are the coder's, the
        same on all axes of an item.

    Raises
    ------
    DataError
        The file is no such workbook, nothing at all is coded, or cells are wrong: a word that is no category, a
        formula, an item that is not in the instrument, a confidence or a reason without a category, a row that is
        doubled, missing or moved. All are told, with sheet and cell. Or the file is damaged, protected by a password,
        or larger than any such workbook is.
    """
    source, known = Path(path), load_instrument(instrument)
    sheets, axes, count = _opened(source, known)
    faults = [fault for sheet in sheets for fault in wrong_cells(sheet, known, axes, count)]
    if faults:
        raise DataError(faults)
    rows = [row for sheet in sheets for row in _coded(sheet, known)]
    table = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    if all(category is None for category in table["category"]):
        message = "nothing is coded: every category is blank; choose from the lists, save, and read it again"
        raise DataError(Fault(message, file=source.name, check="nothing_coded"))
    return table


def _opened(source: Path, instrument: Instrument) -> tuple[list[_Sheet], list[str], int]:
    """Sheets of coders, axes of the workbook, and how many rows a sheet has."""
    grids = safe_grids(source)
    if ABOUT not in grids:
        message = f'no workbook of coder_workbook: the hidden sheet "{ABOUT}" is not there'
        raise DataError(Fault(message, file=source.name, check="no_coder_workbook"))
    told = [(cells.get(1), cells.get(2)) for at, cells in grids[ABOUT].items() if at > 1]
    facts = [(what.text, value.text) for what, value in told if what is not None and value is not None]
    axes = [value for what, value in facts if what == "axis"]
    of, count = dict(facts).get("instrument"), dict(facts).get("rows", "")
    if of != instrument.id:
        message = f"the workbook is of the instrument {of}, not of {instrument.id}"
        raise DataError(Fault(message, file=source.name, check="other_instrument"))
    if not count.isdecimal():
        message = f'the hidden sheet "{ABOUT}" does not say how many rows there are; take a new workbook'
        raise DataError(Fault(message, file=source.name, check="no_coder_workbook"))
    own = {title: grid for title, grid in grids.items() if title not in (CODEBOOK, ABOUT)}
    faults = [*reserved_sheets(own, source.name), *unknown_axes(axes, instrument, source.name)]
    for title, grid in own.items():
        faults += wrong_headings(title, grid, headings_of(axes), source.name)
    if faults:
        raise DataError(faults)
    return [_sheet(title, grid, source.name) for title, grid in own.items()], axes, int(count)


def reserved_sheets(titles: Iterable[str], file: str) -> Iterator[Fault]:
    for title in titles:
        why = why_reserved(title)
        if why is not None:
            message = f'no coder can be called "{title}": {why}; give the sheet the name of who coded'
            yield Fault(message, file=file, check="bad_coder")


def unknown_axes(axes: Iterable[str], instrument: Instrument, file: str) -> Iterator[Fault]:
    for axis in axes:
        if axis not in instrument.file.answers:
            message = f'the workbook codes on "{axis}", which is no scale of {instrument.id}; take a new workbook'
            yield Fault(message, file=file, check="unknown_axis")


def wrong_headings(title: str, grid: Grid, needed: Sequence[str], file: str) -> Iterator[Fault]:
    found = [cell.text for cell in grid.get(1, {}).values()]
    missing = [heading for heading in needed if heading not in found]
    doubled = [heading for heading in needed if found.count(heading) > 1]
    if missing:
        message = f"sheet {title}, row 1: no heading {listed(missing)}; a coder's sheet has all, so put them back"
        yield Fault(f"{message}, or take the sheet out if it is no coder's", file=file, check="missing_heading")
    if doubled:
        message = f"sheet {title}, row 1: heading {listed(doubled)} stands more than once; keep one"
        yield Fault(message, file=file, check="doubled_heading")


def _sheet(title: str, grid: Grid, file: str) -> _Sheet:
    places = {cell.text: at for at, cell in grid.get(1, {}).items()}
    lines = []
    for row, cells in grid.items():
        line = {heading: cells[at] for heading, at in places.items() if at in cells}
        if row > 1 and any(cell.text.strip() for cell in line.values()):
            lines.append((row, line))
    letters = {heading: column_letters(at - 1) for heading, at in places.items()}
    return _Sheet(title, letters, lines, file)


def _value(line: Line, heading: str) -> str | None:
    if heading not in line:
        return None
    value = line[heading].value
    return unit_name(value) or None if heading not in ("span", "reason") else str(value)


def wrong_cells(sheet: _Sheet, instrument: Instrument, axes: Sequence[str], count: int) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    last = 0
    for at, line in sheet.lines:
        formulas = [heading for heading, cell in line.items() if cell.is_formula]
        for heading in formulas:
            yield sheet.fault("formula", "a formula; write what it gives", at, heading)
        row, unit, period, item = (_value(line, name) for name in IDS[:4])
        if _value(line, MARK) != mark_of(row, unit, period, item):
            message = "row, unit, period and item are not as they were written: something was moved or changed"
            yield sheet.fault("moved_row", f"{message}; take them from a new workbook", at)
        elif row in seen:
            yield sheet.fault("doubled_row", f"row {row} stands in line {seen[row]} too; keep one", at)
        elif int(row or 0) < last:  # the mark holds, so it is a number that was written
            message = f"row {row} was moved behind row {last}; sort the whole sheet by the column row"
            yield sheet.fault("moved_row", message, at)
        else:
            last = int(row or 0)
        seen.setdefault(str(row), at)
        if item is not None and instrument_item(instrument, item) is None:
            message = f'{instrument.id} has no item "{item}"{did_you_mean(item, instrument.file.items)}'
            yield sheet.fault("unknown_item", message, at, "item")
        else:
            yield from wrong_words(sheet, instrument, axes, at, {k: c for k, c in line.items() if k not in formulas})
            yield from no_category(sheet, axes, at, line)
    missing = [str(at) for at in range(1, count + 1) if str(at) not in seen]
    if missing:
        message = f"rows {listed(missing)} are not there any more; put them back, blank if they are not coded"
        yield sheet.fault("missing_row", message, 1)


def no_category(sheet: _Sheet, axes: Sequence[str], at: int, line: Line) -> Iterator[Fault]:
    filled = [name for name in FREE if name in line and line[name].text.strip()]
    if filled and not any(axis in line and line[axis].text.strip() for axis in axes):
        message = f"{_value(line, 'item')} of {_value(line, 'unit')} has {listed(filled)}, and no category; choose one"
        yield sheet.fault("no_category", f"{message} ({UNKNOWN} is one), or clear the rest", at, filled[0])


def wrong_words(sheet: _Sheet, instrument: Instrument, axes: Sequence[str], at: int, line: Line) -> Iterator[Fault]:
    item = instrument_item(instrument, str(_value(line, "item"))) if "item" in line else None
    for axis in axes:
        word = _value(line, axis) if axis in line else None
        allowed = (*scale_of(instrument, axis), UNKNOWN)
        if word is not None and item is not None and axis not in (item.coded_as or ()):
            message = f'"{word}", but {_value(line, "item")} is not coded on {axis}; leave it blank'
            yield sheet.fault("axis_not_coded", message, at, axis)
        elif word is not None and word not in allowed:
            message = f'"{word}" is no category of {axis}{did_you_mean(word, allowed)} (allowed: '
            yield sheet.fault("unknown_category", f"{message}{listed(allowed, most=12)})", at, axis)
    word = _value(line, "confidence") if "confidence" in line else None
    if word is not None and word not in CONFIDENCE:
        message = f'"{word}" is no confidence{did_you_mean(word, CONFIDENCE)} (allowed: {listed(CONFIDENCE)})'
        yield sheet.fault("unknown_confidence", message, at, "confidence")


def _coded(sheet: _Sheet, instrument: Instrument) -> Iterator[dict[str, str | None]]:
    """A row for each axis of each item."""
    for _, line in sheet.lines:
        own = {name: _value(line, name) for name in ("unit", "period", "item", *FREE)}
        for axis in instrument_item(instrument, str(own["item"])).coded_as or ():
            if axis in sheet.letters:
                yield {
                    **dict.fromkeys(COLUMNS),
                    **own,
                    "axis": axis,
                    "coder": sheet.coder,
                    "category": _value(line, axis),
                }
