"""The text of a printed or exported form as a draft."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from egovindex.errors import DataError, Fault, listed
from egovindex.responses.draft import COLUMNS, LOW, Draft, Left
from egovindex.responses.formsprint.accounts import unaccounted
from egovindex.responses.formsprint.align import Found, find_labels
from egovindex.responses.formsprint.answers import Given, give
from egovindex.responses.formsprint.ends import with_ends
from egovindex.responses.formsprint.fields import AFTER, BEFORE, LINES, NONE, candidates, is_tight
from egovindex.responses.formsprint.furniture import without_furniture
from egovindex.responses.formsprint.inline import parted_lines
from egovindex.responses.formsprint.layout import LAST, choices_before, orientation
from egovindex.responses.formsprint.lines import Line, full_width, lines_of, wrap_width
from egovindex.responses.formsprint.repeats import without_repeats
from egovindex.responses.formsprint.rows import rows_of
from egovindex.responses.formsprint.signs import is_bare
from egovindex.responses.formsprint.source import decoded, text_of
from egovindex.responses.formsprint.tables import unrolled
from egovindex.responses.formsprint.tails import Parted, without_tails
from egovindex.responses.formsprint.words import Fingerprints
from egovindex.responses.formsprint.zones import Form, Zone, zones_of

if TYPE_CHECKING:
    from egovindex.instrument import Instrument
    from egovindex.responses.formats import Options

__all__ = ["looks_like", "read"]

# questions in a row that make a text look like a form; the share of items of which an instrument is known
_ROW, _ENOUGH, _REPEATED = 3, 0.5, 0.5
# the share of items that may stand out of order
_STRAY = 0.1
_SAMPLE = 64 * 1024


def read(path: Path, instrument: Instrument, options: Options) -> Draft:
    """Read one response out of the text of a print.

    Parameters
    ----------
    path
        A text file.
    instrument
        What was asked.
    options
        Whether answers stand before or after their questions, if that cannot be seen.

    Returns
    -------
    Draft
        A row for each item that was found.

    Raises
    ------
    DataError
        The file is no text, holds another form or several responses, or its orientation cannot be told.
    """
    path = Path(path)
    body = instrument.file
    prints = Fingerprints(body.items)
    lines, left, notes = without_furniture(lines_of(text_of(path)))
    lines, of_cells = unrolled(lines, prints)
    found = with_ends(lines, find_labels(lines, body.items, prints), prints, body)
    parted = parted_lines(lines, found.labels, body.items, body.unit)
    if parted is not None:
        lines = parted
        found = with_ends(lines, find_labels(lines, body.items, prints), prints, body)
    _refuse_another(found, lines, instrument, path.name)
    form = Form(body, found.labels)
    form, zones = zones_of(lines, form)
    zones = choices_before(form, zones)
    wanted = LAST if of_cells is not None and options.orientation == "auto" else options.orientation
    way, why, doubt = orientation(wanted, form, zones, path.name)
    parted_tails = without_tails(form, zones, lines, way)
    form, zones = zones_of(lines, replace(form, labels=parted_tails.labels))
    zones = choices_before(form, zones)
    given, over = give(form, without_repeats(form, zones, way), way)
    _doubt(given, parted_tails, doubt or _many_missing(found, len(body.items)))
    over += [*parted_tails.left, *_of_unknown(form, zones, given, lines)]
    over += unaccounted(form, zones, given, over, lines)
    width = of_cells
    if width is None:
        width = wrap_width([block for got in given for block in got.blocks], full_width(lines))
    table = pd.DataFrame(list(rows_of(form, zones, given, lines, width)), columns=list(COLUMNS), dtype=object)
    _refuse_bare_unit(table, body.unit, path.name)
    notes = {**notes, **_metadata(lines[: found.labels[0].start]), **_told(form, found, body.items)}
    notes["orientation"] = f"{way}, {'a table' if of_cells is not None else why}"
    return Draft(table, tuple(_in_order([*left, *over])), notes)


def looks_like(path: Path) -> bool:
    """Whether a file may be the text of a printed form: some questions are numbered in a row."""
    try:
        with Path(path).open("rb") as file:
            raw = file.read(_SAMPLE)
        text = decoded(raw[: raw.rfind(b"\n") + 1] if len(raw) == _SAMPLE else raw)
    except (OSError, ValueError):
        return False
    lines = lines_of(text)
    rows = unrolled(lines, None)[0]
    return any(_longest_row(rows, family) >= _ROW for family in (AFTER, BEFORE))


def _longest_row(lines: Sequence[Line], family: str) -> int:
    """How many questions count on, one after the other."""
    longest: dict[int, int] = {}
    for one in candidates(lines, family):
        if one.number is not None and one.text:
            longest[one.number] = max(longest.get(one.number, 0), longest.get(one.number - 1, 0) + 1)
    return max(longest.values(), default=0)


def _refuse_another(found: Found, lines: Sequence[Line], instrument: Instrument, file: str) -> None:
    """Another form, a part of one, or several responses in one file."""
    many, there = len(instrument.file.items), len(found.items)
    if found.by_words < _ENOUGH * many:
        last = f"; the last of them is {found.items[-1]}, so the text may be cut off" if there > _ROW else ""
        message = (
            f"this does not look like instrument {instrument.id}: found {there} of {many} items{last}. "
            "Name the instrument that was asked, or save the whole text of the form again, in the order of its pages"
        )
        raise DataError(Fault(message, file=file, check="another_instrument"))
    if found.family in (NONE, LINES) and is_tight(lines) and there < (1 - _STRAY) * many:
        message = (
            f"only {there} of {many} items are found: the questions have no numbers, and no empty lines tell where "
            "they begin. Put an empty line before each question, or save the text of the form again with its numbers"
        )
        raise DataError(Fault(message, file=file, check="no_numbers"))
    if found.elsewhere > max(_ROW, _STRAY * many):
        message = (
            f"{found.elsewhere} of {many} items stand out of order: the pages, or the columns, are mixed up. "
            "Save the text of the form again in the order in which it is read (pdftotext without -layout and -raw)"
        )
        raise DataError(Fault(message, file=file, check="out_of_order"))
    if found.repeated > _REPEATED * many:
        message = (
            f"{found.repeated} of {many} items stand there more than once: the file holds more than one response; "
            "split it into one file for each respondent"
        )
        raise DataError(Fault(message, file=file, check="several_responses"))


def _refuse_bare_unit(table: pd.DataFrame, unit: str | None, file: str) -> None:
    """A number, or a date, that would stand for the one who answers: a sign that answers are misplaced."""
    of_unit = table.loc[table["item"] == unit, "text"].dropna()
    if any(is_bare(text) for text in of_unit):
        message = (
            f"the answer to {unit}, which says who answers, would be a number or a date: answers are misplaced. Take "
            "headers and footers out of the text, or say whether answers stand before or after their questions "
            '(orientation="answer_first" or orientation="answer_last")'
        )
        raise DataError(Fault(message, file=file, check="unit"))


def _many_missing(found: Found, many: int) -> str | None:
    """Why answers are in doubt where questions have no numbers, and many are not found: they stand in answers."""
    missing = many - len(found.items)
    if found.family != NONE or missing <= _STRAY * many:
        return None
    return f"the questions have no numbers, and {missing} of {many} were not found; they may stand in this answer"


def _doubt(given: Sequence[Given], parted: Parted, of_all: str | None) -> None:
    """Tell the questions what is not sure about their answers."""
    for at, confidence, why in parted.doubts:
        if at < len(given):
            given[at].doubt(confidence, why)
    for got in given if of_all is not None else ():
        got.doubt(LOW, of_all or "")


def _of_unknown(form: Form, zones: Sequence[Zone], given: Sequence[Given], lines: Sequence[Line]) -> list[Left]:
    """Questions that the instrument does not have, with what was answered to them."""
    found = []
    for label, zone, got in zip(form.labels, zones[1:], given, strict=True):
        if label.item is not None:
            continue
        parts = [label.text, *(one.text for one in zone.options)]
        parts += [line.text for block in got.blocks for line in block]
        found.append(Left(lines[label.start].place, label.note or "no item", "\n".join(parts)))
    return found


def _told(form: Form, found: Found, items: Mapping[str, object]) -> dict[str, str]:
    """What was found, and what was not."""
    missing = [name for name in items if name not in set(found.items)]
    moved = [
        f"{one.item} is {one.number}" for one in form.labels if one.item and one.note and "under the number" in one.note
    ]
    unknown = [str(one.number or "one without a number") for one in form.labels if one.item is None]
    notes = {"items": f"{len(found.items)} of {len(items)} found"}
    if missing:
        notes["not found"] = listed(missing, most=len(missing))
    if moved:
        notes["other numbers"] = listed(moved, most=len(moved))
    if unknown:
        notes["questions that the instrument does not have"] = listed(unknown, most=len(unknown))
    return notes


def _metadata(lines: Sequence[Line]) -> dict[str, str]:
    """Number of the respondent and minutes, as a print shows them above the first question."""
    notes = {}
    text = "\n".join(line.text for line in lines)
    respondent = re.search(
        r"^(\d{1,7})\s+anonymous$|\brespondent\s*(?:no\.?|number|#|:)?\s*(\d{1,7})\b",
        text,
        re.IGNORECASE | re.MULTILINE,
    )
    if respondent:
        notes["respondent"] = respondent[1] or respondent[2]
    minutes = re.search(r"^\d{1,5}:\d{2}$", text, re.MULTILINE)
    if minutes:
        notes["time to complete, minutes and seconds"] = minutes[0]
    return notes


def _in_order(left: Sequence[Left]) -> list[Left]:
    return sorted(left, key=lambda one: int(re.sub(r"\D", "", one.place.rsplit(" ", 1)[-1]) or 0))
