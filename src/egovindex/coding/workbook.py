"""A workbook for people who code: a sheet for each coder, and lists to choose from.

Each row has a locked number and a hidden mark made of that number, the unit, the period and the item: a row whose
parts were moved apart is found when the workbook is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from egovindex.coding.codingtable import DECLARED, AnyInstrument, instrument_item, scale_of
from egovindex.coding.rules import UNKNOWN
from egovindex.coding.workbookform import (
    ABOUT,
    CODEBOOK,
    CONFIDENCE,
    FREE,
    IDS,
    MARK,
    OTHERS,
    extra_missing,
    headings_of,
    mark_of,
    why_reserved,
)
from egovindex.coding.workbookread import read_coding
from egovindex.errors import DataError, Fault, MethodError, did_you_mean, listed
from egovindex.files import fill_sheet, save_book, whole_or_not_at_all
from egovindex.instrument import Instrument, load_instrument, question_of
from egovindex.tables import doubled_headings, not_a_table, unit_name

__all__ = ["CONFIDENCE", "coder_workbook", "read_coding"]

_WIDTHS = {"row": 6, "unit": 16, "period": 9, "item": 9, "number": 8, "label": 36, "declared": 14, "evidence": 60}
_WIDTHS |= {"confidence": 12, "span": 36, "reason": 36, OTHERS: 40}
_WIDTH, _LONGEST, _LONGEST_NAME = 16, 32_767, 31
_BAD_IN_NAMES = frozenset("[]:*?/\\'")
_GREY = "EEEEEE"


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
        return mark_of(str(at), self.unit, self.period, self.item)


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
        elif (why := why_reserved(name)) is not None:
            yield Fault(f'no coder can be called "{name}": {why}; take another name', check="bad_coder")
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


# --- what coders see
def _rows(table: pd.DataFrame, instrument: Instrument) -> list[_Row]:
    """One row per unit, period and item that a coder has to code, in the order of the table.

    As :func:`code` does, people code a question, not each column of one with many answers.
    """
    missing = [name for name in ("unit", "item") if name not in table.columns]
    if missing:
        message = f"the table has no column {listed(missing)}; columns: {listed(table.columns) or 'none'}"
        raise DataError(Fault(message, check="missing_column"))
    if doubled := list(doubled_headings(table, "the table")):
        raise DataError(doubled)
    records = table.to_dict("records")
    faults = list(unknown_items((unit_name(record["item"]) for record in records), instrument))
    if faults:
        raise DataError(faults)
    own = {"axis", "coder", "category"} <= set(table.columns)  # a coding table: its rows are what was coded
    asked: dict[tuple[str, str, str], dict[str, _Said]] = {}
    for record in records:
        column = unit_name(record["item"])
        name = column if own else question_of(column)
        said = asked.setdefault((unit_name(record["unit"]), unit_name(record.get("period")), name), {})
        said[column] = _said(record, said.get(column, _Said(None, None)), ticked=column != name)
    found = []
    for (unit, period, name), said in asked.items():
        item = instrument_item(instrument, name)
        axes = tuple(axis for axis in item.coded_as or () if axis in instrument.file.answers)
        if axes:
            found.append(_Row(unit, period or None, name, item.number, item.label, *_together(name, said), axes))
    return found


class _Said(NamedTuple):
    """What a respondent said in a column."""

    declared: str | None
    evidence: str | None


def _said(record: dict[Any, Any], before: _Said, *, ticked: bool) -> _Said:
    """What a row says, else what an earlier one said; the answer to a choice that is ticked or not is no evidence."""
    declared = _text(record, "declared", "mark") or before.declared
    evidence = _text(record, "evidence", *(() if ticked else ("answer",))) or before.evidence
    if record.get("coder") == DECLARED:  # the respondent's own row of a coding table
        declared = declared or _text(record, "category")
        evidence = evidence or _text(record, "span")
    return _Said(declared, evidence)


def _together(item: str, said: Mapping[str, _Said]) -> _Said:
    """What was said to a question: where it has a column for each choice, that of all of them."""
    if set(said) == {item}:
        return said[item]
    declared = [f"{column.removeprefix(f'{item}.')}: {one.declared}" for column, one in said.items() if one.declared]
    evidence = dict.fromkeys(one.evidence for one in said.values() if one.evidence)
    return _Said("; ".join(declared) or None, "\n\n".join(evidence) or None)


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
        own.update({name: own.get(name) or _text(record, name) for name in FREE})
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

    Items that no coder codes (those without ``coded_as`` in the instrument) are left out. A question with many answers
    has one row, with what was ticked and all its evidence. Cells of axes on which an item is not coded are grey and
    locked. For coders who are not to see each other write a workbook each.

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
        Names of the sheets; not ``adjudicated``, ``declared`` or ``rules``, which are layers and no persons.
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
            save_book(book, beside)
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
        raise extra_missing(name) from None
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


def _coder_sheet(sheet: Any, rows: Sequence[_Row], axes: Sequence[str], coder: str, codes: Codes) -> None:
    lines = []
    for at, row in enumerate(rows, start=1):
        there = codes.get((row.unit, row.period or "", row.item), {})
        own = there.get(coder, {})
        line: list[Any] = [at, *(getattr(row, name) for name in IDS[1:]), *(own.get(axis) for axis in axes)]
        line += [own.get(name) for name in FREE]
        if codes:
            line.append(_what_others_say(there, coder, row.axes))
        lines.append([*line, row.mark(at)])
    fill_sheet(sheet, headings_of(axes, others=bool(codes)), lines)


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
            if heading in row.axes or heading in FREE:
                cell.protection = open_cell
            elif heading in axes:
                cell.fill = grey
    for heading in (*axes, "confidence"):
        open_at = [at for at, row in enumerate(rows, start=2) if heading == "confidence" or heading in row.axes]
        _choose(sheet, letters[heading], open_at, places[heading])
    for heading, letter in letters.items():
        sheet.column_dimensions[letter].width = _WIDTHS.get(heading, _WIDTH)
    sheet.column_dimensions[letters[MARK]].hidden = True
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
