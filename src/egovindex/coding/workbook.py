"""A workbook for people who code: a sheet for each coder, lists to choose from, and the way back.

Each row has a locked number and a hidden mark made of that number, the unit, the period and the item: a row whose
parts were moved apart is found when the workbook is read.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pandas as pd

from egovindex.coding.coded import COLUMNS
from egovindex.coding.codingtable import DECLARED, instrument_item, scale_of
from egovindex.coding.rules import UNKNOWN
from egovindex.errors import DataError, Fault, MethodError, did_you_mean, listed
from egovindex.files import fill_sheet, whole_or_not_at_all
from egovindex.instrument import Instrument, load_instrument
from egovindex.tables import not_a_table, unit_name

__all__ = ["CONFIDENCE", "coder_workbook", "read_coding"]

CONFIDENCE = ("high", "medium", "low")
CODEBOOK, ABOUT = "codebook", "about"
_IDS = ("row", "unit", "period", "item", "number", "label", "declared", "evidence")
_FREE, _MARK, _OTHERS = ("confidence", "span", "reason"), "mark", "others"
_WIDTHS = {"row": 6, "unit": 16, "period": 9, "item": 9, "number": 8, "label": 36, "declared": 14, "evidence": 60}
_WIDTHS |= {"confidence": 12, "span": 36, "reason": 36, _OTHERS: 40}
_WIDTH, _LONGEST, _LONGEST_NAME = 16, 32_767, 31
_BAD_IN_NAMES = frozenset("[]:*?/\\'")
_GREY = "EEEEEE"

AnyInstrument = Instrument | str | Path


@dataclass(frozen=True)
class _Row:
    """One item of one unit, as coders see it."""

    unit: str
    period: str | None
    item: str
    number: str | None
    label: str | None
    declared: str | None
    evidence: str | None
    axes: tuple[str, ...]

    def mark(self, at: int) -> str:
        """What says that number, unit, period and item belong together."""
        return _mark(str(at), self.unit, self.period, self.item)


def _mark(*parts: str | None) -> str:
    text = json.dumps([part or "" for part in parts])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


# --- faults
def bad_coders(coders: Sequence[Any]) -> Iterator[Fault]:
    if not coders:
        yield Fault("coders is empty; name at least one", check="bad_coder")
    folded = [str(name).casefold() for name in coders]
    for name in coders:
        if not isinstance(name, str) or not name.strip() or name != name.strip() or len(name) > _LONGEST_NAME:
            yield Fault(f"a coder is a name of 1 to {_LONGEST_NAME} letters, found {name!r:.60}", check="bad_coder")
        elif _BAD_IN_NAMES & set(name) or name.casefold() in (CODEBOOK, ABOUT, "history"):
            message = f'"{name}" cannot be the name of a sheet; take another without {" ".join(sorted(_BAD_IN_NAMES))}'
            yield Fault(message, check="bad_coder")
        elif folded.count(name.casefold()) > 1:
            yield Fault(f'"{name}" is there twice; a coder has one sheet', check="bad_coder")


def unknown_items(items: Iterable[str], instrument: Instrument) -> Iterator[Fault]:
    for item in dict.fromkeys(items):
        if instrument_item(instrument, item) is None:
            message = f'{instrument.id} has no item "{item}"{did_you_mean(item, instrument.file.items)}'
            yield Fault(message, check="unknown_item", column="item")


def text_no_cell_holds(rows: Iterable[_Row], illegal: Any) -> Iterator[Fault]:
    for row in rows:
        for name in ("unit", "period", "item", "label", "declared", "evidence"):
            text = getattr(row, name) or ""
            if len(text) > _LONGEST or illegal.search(text):
                message = f"{row.unit}, {row.item}: {name} has a control character or more than {_LONGEST} characters"
                yield Fault(f"{message}; a workbook cannot hold it", check="illegal_text", units=(row.unit,))


def _extra_missing(name: str) -> DataError:
    message = 'workbooks need the extra "excel": pip install "egovindex[excel]"'
    return DataError(Fault(message, file=name, check="extra_missing"))


# --- what coders see
def _rows(table: pd.DataFrame, instrument: Instrument) -> list[_Row]:
    """One row per unit, period and item that a coder has to code, in the order of the table."""
    missing = [name for name in ("unit", "item") if name not in table.columns]
    if missing:
        message = f"the table has no column {listed(missing)}; columns: {listed(table.columns) or 'none'}"
        raise DataError(Fault(message, check="missing_column"))
    found: dict[tuple[str, str, str], _Row] = {}
    records = table.to_dict("records")
    faults = list(unknown_items((unit_name(record["item"]) for record in records), instrument))
    if faults:
        raise DataError(faults)
    for record in records:
        key = (unit_name(record["unit"]), unit_name(record.get("period")), unit_name(record["item"]))
        item = instrument_item(instrument, key[2])
        axes = tuple(axis for axis in item.coded_as or () if axis in instrument.file.answers)
        if not axes:
            continue
        seen = found.get(key)
        declared = _text(record, "declared", "mark") or (seen.declared if seen else None)
        evidence = _text(record, "evidence", "answer") or (seen.evidence if seen else None)
        if record.get("coder") == DECLARED:  # the respondent's own row of a coding table
            declared = declared or _text(record, "category")
            evidence = evidence or _text(record, "span")
        found[key] = _Row(key[0], key[1] or None, key[2], item.number, item.label, declared, evidence, axes)
    return list(found.values())


def _text(record: dict[Any, Any], *names: str) -> str | None:
    """The first of some columns that has something."""
    for name in names:
        value = record.get(name)
        if value is not None and not (pd.api.types.is_scalar(value) and pd.isna(value)) and str(value).strip():
            return str(value)
    return None


def _axes(rows: Iterable[_Row], instrument: Instrument) -> list[str]:
    used = {axis for row in rows for axis in row.axes}
    return [axis for axis in instrument.file.answers if axis in used]


Codes = dict[tuple[str, str, str], dict[str, dict[str, Any]]]


def _codes(table: pd.DataFrame) -> Codes:
    """What a coding table has: by unit, period and item, then by coder, the category of each axis and the rest."""
    found: Codes = {}
    if not {"axis", "coder", "category"} <= set(table.columns):
        return found
    for record in table.to_dict("records"):
        key = (unit_name(record["unit"]), unit_name(record.get("period")), unit_name(record["item"]))
        own = found.setdefault(key, {}).setdefault(unit_name(record["coder"]), {})
        own[unit_name(record["axis"])] = _text(record, "category")
        own.update({name: own.get(name) or _text(record, name) for name in _FREE})
    return found


def coder_workbook(
    coding_or_items: pd.DataFrame | Any,
    instrument: AnyInstrument,
    path: str | Path,
    *,
    coders: Sequence[str] = ("first", "second"),
    blind: bool = True,
    overwrite: bool = False,
) -> None:
    r"""Write a workbook in which people code: one sheet per coder, and the codebook.

    Items that no coder codes (those without ``coded_as`` in the instrument) are left out. Cells of axes on which an
    item is not coded are grey and locked. For coders who are not to see each other write a workbook each.

    Parameters
    ----------
    coding_or_items
        A table of ``unit, item``, and if there is such ``period``, ``declared`` (or ``mark``: the respondent's own
        mark) and ``evidence`` (or ``answer``), as responses have them, which may be given as they are; or a coding
        table, whose coder ``declared`` is the respondent.
    instrument
        The instrument.
    path
        Ends in ``.xlsx``.
    coders
        Names of the sheets.
    blind
        Whether coders start from blank cells. Otherwise each sheet has what its coder coded before, and what others
        have coded beside it.
    overwrite
        Replace a file that exists.

    Raises
    ------
    DataError
        The table does not fit the instrument, or the file cannot be written; then there is none.
    MethodError
        A coder's name is no name of a sheet, or there is nothing to code.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> form = "instrument: form\nanswers: {legal: {adopted: [], drafted: []}}\nitems: {q1: {coded_as: legal}}"
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "form.yaml").write_text(form)
    ...     form = load_instrument(Path(folder, "form.yaml"))
    ...     coder_workbook(pd.DataFrame({"unit": ["Aland"], "item": ["q1"]}), form, Path(folder, "a.xlsx"))
    ...     Path(folder, "a.xlsx").exists()
    True
    """
    target, known = Path(path), load_instrument(instrument)
    own = isinstance(coding_or_items, pd.DataFrame)
    table = coding_or_items if own else getattr(coding_or_items, "table", coding_or_items)
    if not isinstance(table, pd.DataFrame):
        raise not_a_table(table)
    names = [coders] if isinstance(coders, str) else list(coders)
    faults = list(bad_coders(names))
    if faults:
        raise MethodError(faults)
    if target.suffix.lower() != ".xlsx":
        raise DataError(Fault("a workbook ends in .xlsx", file=target.name, check="unknown_kind"))
    if target.exists() and not overwrite:
        raise _exists(target)
    rows = _rows(table, known)
    if not rows:
        message = f"no item of the table is coded: the instrument {known.id} gives none of them coded_as"
        raise MethodError(Fault(message, check="nothing_to_code"))
    book = _book(rows, known, names, {} if blind else _codes(table), target.name)
    try:
        with whole_or_not_at_all(target, overwrite=overwrite) as beside:
            book.save(beside)
    except FileExistsError:
        raise _exists(target) from None
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        raise DataError(Fault(message, file=target.name, check="unwritable_file")) from None


def _exists(target: Path) -> DataError:
    return DataError(Fault("the file exists; overwrite=True replaces it", file=target.name, check="target_exists"))


# --- sheets
def _book(rows: Sequence[_Row], instrument: Instrument, coders: Sequence[str], codes: Codes, name: str) -> Any:
    try:
        from openpyxl import Workbook
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    except ImportError:
        raise _extra_missing(name) from None
    faults = list(text_no_cell_holds(rows, ILLEGAL_CHARACTERS_RE))
    if faults:
        raise DataError(faults)
    axes = _axes(rows, instrument)
    book = Workbook()
    book.remove(book.active)
    sheets = [(coder, book.create_sheet(coder)) for coder in coders]
    places = _codebook(book.create_sheet(CODEBOOK), axes, instrument)
    for coder, sheet in sheets:
        _coder_sheet(sheet, rows, axes, coder, codes)
        _dress(sheet, rows, axes, places)
    about = book.create_sheet(ABOUT)
    fill_sheet(about, ["what", "value"], [("instrument", instrument.id), ("rows", len(rows)), *_axes_told(axes)])
    about.sheet_state = "hidden"
    about.protection.sheet = True
    return book


def _axes_told(axes: Iterable[str]) -> list[tuple[str, str]]:
    return [("axis", axis) for axis in axes]


def _codebook(sheet: Any, axes: Sequence[str], instrument: Instrument) -> dict[str, str]:
    """Fill the sheet; where the list of each axis stands."""
    from openpyxl.styles import Font

    rows: list[tuple[Any, ...]] = []
    places = {}
    for axis in [*axes, "confidence"]:
        start = len(rows) + 2
        spelt = instrument.file.answers.get(axis, {})
        words = CONFIDENCE if axis == "confidence" else (*scale_of(instrument, axis), UNKNOWN)
        for place, word in enumerate(words, start=1):
            note = "the evidence does not say" if word == UNKNOWN else ", ".join(spelt.get(word, ()))
            rows.append((axis, None if word == UNKNOWN else place, word, note or None))
        places[axis] = f"'{CODEBOOK}'!$C${start}:$C${len(rows) + 1}"
    fill_sheet(sheet, ["column", "place (1 is best)", "category", "also written"], rows)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCD", (16, 16, 20, 48), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.protection.sheet = True
    return places


def _headings(axes: Sequence[str], *, others: bool = False) -> list[str]:
    return [*_IDS, *axes, *_FREE, *([_OTHERS] if others else []), _MARK]


def _coder_sheet(sheet: Any, rows: Sequence[_Row], axes: Sequence[str], coder: str, codes: Codes) -> None:
    lines = []
    for at, row in enumerate(rows, start=1):
        there = codes.get((row.unit, row.period or "", row.item), {})
        own = there.get(coder, {})
        line: list[Any] = [at, *(getattr(row, name) for name in _IDS[1:]), *(own.get(axis) for axis in axes)]
        line += [own.get(name) for name in _FREE]
        if codes:
            line.append(_what_others_say(there, coder, row.axes))
        lines.append([*line, row.mark(at)])
    fill_sheet(sheet, _headings(axes, others=bool(codes)), lines)


def _what_others_say(there: dict[str, dict[str, Any]], coder: str, axes: Sequence[str]) -> str | None:
    told = [
        f"{other}: {axis} {words[axis]}"
        for other, words in there.items()
        if other not in (coder, DECLARED)
        for axis in axes
        if words.get(axis)
    ]
    return "; ".join(told) or None


def _dress(sheet: Any, rows: Sequence[_Row], axes: Sequence[str], places: dict[str, str]) -> None:
    """Lists to choose from, locks, widths, and what stays in sight."""
    from openpyxl.styles import Alignment, Font, PatternFill, Protection
    from openpyxl.utils import get_column_letter

    headings = [cell.value for cell in sheet[1]]
    letters = {heading: get_column_letter(at) for at, heading in enumerate(headings, start=1)}
    grey, open_cell = PatternFill("solid", fgColor=_GREY), Protection(locked=False)
    wrap = Alignment(vertical="top", wrap_text=True)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for at, row in enumerate(rows, start=2):
        for heading, letter in letters.items():
            cell = sheet[f"{letter}{at}"]
            cell.alignment = wrap
            if heading in row.axes or heading in _FREE:
                cell.protection = open_cell
            elif heading in axes:
                cell.fill = grey
    for heading in (*axes, "confidence"):
        open_at = [at for at, row in enumerate(rows, start=2) if heading == "confidence" or heading in row.axes]
        _choose(sheet, letters[heading], open_at, places[heading])
    for heading, letter in letters.items():
        sheet.column_dimensions[letter].width = _WIDTHS.get(heading, _WIDTH)
    sheet.column_dimensions[letters[_MARK]].hidden = True
    sheet.freeze_panes = f"{letters['number']}2"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False  # False allows it


def _choose(sheet: Any, letter: str, rows: Sequence[int], place: str) -> None:
    """A list to choose from in some cells of a column."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(type="list", formula1=place, allow_blank=True, showErrorMessage=True)
    rule.error, rule.errorTitle = "Choose one of the list; the sheet codebook explains it.", "Not in the codebook"
    ends = [0, *(n for n, (one, other) in enumerate(pairwise(rows), start=1) if other != one + 1), len(rows)]
    for start, end in pairwise(ends):
        rule.add(f"{letter}{rows[start]}:{letter}{rows[end - 1]}")
    sheet.add_data_validation(rule)


# --- the way back
@dataclass(frozen=True)
class _Sheet:
    """A coder's sheet: cells by heading, and what is told of a place."""

    coder: str
    letters: dict[str, str]
    lines: list[tuple[int, dict[str, Any]]]
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
        formula, an item that is not in the instrument, a row that is doubled, missing or moved. All are told, with
        sheet and cell.
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
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError:
        raise _extra_missing(source.name) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Excel adds to lists of choices is not ours to read
            book = load_workbook(source)
    except FileNotFoundError:
        raise DataError(Fault("there is no such file", file=source.name, check="missing_file")) from None
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        raise DataError(Fault(f"not an Excel workbook: {error}", file=source.name, check="not_excel")) from None
    if ABOUT not in book.sheetnames:
        message = f'no workbook of coder_workbook: the hidden sheet "{ABOUT}" is not there'
        raise DataError(Fault(message, file=source.name, check="no_coder_workbook"))
    told = [(row[0].value, row[1].value) for row in book[ABOUT].iter_rows(min_row=2, max_col=2)]
    axes = [str(value) for what, value in told if what == "axis"]
    facts = dict(told)
    if facts.get("instrument") != instrument.id:
        message = f"the workbook is of the instrument {facts.get('instrument')}, not of {instrument.id}"
        raise DataError(Fault(message, file=source.name, check="other_instrument"))
    own = [sheet for sheet in book.worksheets if sheet.title not in (CODEBOOK, ABOUT)]
    faults = [fault for sheet in own for fault in wrong_headings(sheet, _headings(axes), source.name)]
    if faults:
        raise DataError(faults)
    return [_sheet(sheet, source.name) for sheet in own], axes, int(facts.get("rows") or 0)


def wrong_headings(sheet: Any, needed: Sequence[str], file: str) -> Iterator[Fault]:
    found = [str(cell.value) for cell in sheet[1] if cell.value is not None]
    missing = [heading for heading in needed if heading not in found]
    doubled = [heading for heading in needed if found.count(heading) > 1]
    if missing:
        message = f"sheet {sheet.title}, row 1: no heading {listed(missing)}; a coder's sheet has all, so put them back"
        yield Fault(f"{message}, or take the sheet out if it is no coder's", file=file, check="missing_heading")
    if doubled:
        message = f"sheet {sheet.title}, row 1: heading {listed(doubled)} stands more than once; keep one"
        yield Fault(message, file=file, check="doubled_heading")


def _sheet(sheet: Any, file: str) -> _Sheet:
    letters = {str(cell.value): cell.column_letter for cell in sheet[1] if cell.value is not None}
    lines = []
    for cells in sheet.iter_rows(min_row=2):
        line = {heading: sheet[f"{letter}{cells[0].row}"] for heading, letter in letters.items()}
        if any(cell.value is not None and str(cell.value).strip() for cell in line.values()):
            lines.append((cells[0].row, line))
    return _Sheet(sheet.title, letters, lines, file)


def _value(line: dict[str, Any], heading: str) -> str | None:
    value = line[heading].value
    return unit_name(value) or None if heading not in ("span", "reason") else (None if value is None else str(value))


def wrong_cells(sheet: _Sheet, instrument: Instrument, axes: Sequence[str], count: int) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    last = 0
    for at, line in sheet.lines:
        formulas = [heading for heading, cell in line.items() if cell.data_type == "f"]
        for heading in formulas:
            yield sheet.fault("formula", "a formula; write what it gives", at, heading)
        row, unit, period, item = (_value(line, name) for name in _IDS[:4])
        if _value(line, _MARK) != _mark(row, unit, period, item):
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
    missing = [str(at) for at in range(1, count + 1) if str(at) not in seen]
    if missing:
        message = f"rows {listed(missing)} are not there any more; put them back, blank if they are not coded"
        yield sheet.fault("missing_row", message, 1)


def wrong_words(
    sheet: _Sheet, instrument: Instrument, axes: Sequence[str], at: int, line: dict[str, Any]
) -> Iterator[Fault]:
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
        own = {name: _value(line, name) for name in ("unit", "period", "item", *_FREE)}
        for axis in instrument_item(instrument, str(own["item"])).coded_as or ():
            if axis in sheet.letters:
                yield {
                    **dict.fromkeys(COLUMNS),
                    **own,
                    "axis": axis,
                    "coder": sheet.coder,
                    "category": _value(line, axis),
                }
