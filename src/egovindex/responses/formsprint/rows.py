"""Rows of the draft: mark, text, place and how sure, for each question that was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from egovindex.responses.draft import COLUMNS, HIGH, LOW, MEDIUM
from egovindex.responses.formsprint.align import Label
from egovindex.responses.formsprint.answers import Given
from egovindex.responses.formsprint.joins import damaged_link, joined
from egovindex.responses.formsprint.lines import Line
from egovindex.responses.formsprint.options import Printed
from egovindex.responses.formsprint.zones import Form, Zone

__all__ = ["only_chosen", "rows_of"]

_ORDER = (HIGH, MEDIUM, LOW)
Row = dict[str, str | None]


@dataclass(frozen=True)
class _Mark:
    mark: str | None = None
    text: str | None = None
    confidence: str = HIGH
    note: str | None = None


def rows_of(
    form: Form, zones: Sequence[Zone], given: Sequence[Given], lines: Sequence[Line], width: float
) -> Iterator[Row]:
    """One row for each question that is an item, in the order of the print."""
    alone = only_chosen(form, zones)
    for at, (label, zone, got) in enumerate(zip(form.labels, zones[1:], given, strict=True)):
        if label.item is None:
            continue
        item = form.item(at)
        if item is not None and item.kind == "many" and zone.options:
            yield from _many(label, zone)
            continue
        mark = _mark(zone.options, alone=alone) if form.is_choice(at) else _Mark()
        text = joined(got.blocks, width) or None
        if mark.text and (text is None or mark.text != mark.mark):
            text = "\n\n".join(part for part in (mark.text, text) if part)
        if text is not None and text.strip() in ("-", "–", "—"):
            text = None
            got.doubt(HIGH, "a dash stands there")
        if text is not None and damaged_link(text):
            got.doubt(HIGH, "link damaged")
        doubts = [(label.confidence, label.note), (mark.confidence, mark.note), *got.doubts]
        where = got.blocks[0][0] if got.blocks else zone.options[0].line if zone.options else lines[label.start]
        yield _row(label.item, mark.mark, text, where, doubts)


def _row(item: str, mark: str | None, text: str | None, where: Line, doubts: Sequence[tuple[str, str | None]]) -> Row:
    row: Row = dict.fromkeys(COLUMNS)
    notes = dict.fromkeys(why for _, why in doubts if why)
    confidence = max((one for one, _ in doubts), key=_ORDER.index, default=HIGH)
    row.update(item=item, mark=mark, text=text, place=where.place, confidence=confidence)
    row["note"] = "; ".join(notes) or None
    return row


def only_chosen(form: Form, zones: Sequence[Zone]) -> bool:
    """Whether a print shows of each choice only the option that was chosen."""
    unmarked = [
        zone.options
        for zone in zones[1:]
        if form.item(zone.at) is not None and zone.options and all(one.state is None for one in zone.options)
    ]
    single = sum(len(options) == 1 for options in unmarked)
    return single > 0 and single >= 0.7 * len(unmarked)


def _mark(options: Sequence[Printed], *, alone: bool) -> _Mark:
    """The mark of a choice of which one may be marked."""
    seen = [one for one in options if one.state is not None]
    marked = [one for one in options if one.state]
    own = next((one.own for one in options if one.own), None)
    if not seen or (len(seen) > 1 and len(marked) == len(options)):  # the same sign before all is no mark
        return _unmarked(options, own, alone=alone)
    if len(marked) > 1:
        return _Mark(None, "; ".join(one.text for one in marked), LOW, "more than one option is marked")
    if not marked:
        unread = len(seen) < len(options)
        return _Mark(None, own, MEDIUM, "the sign before one option cannot be read") if unread else _Mark("", own)
    one = marked[0]
    if one.category is not None:
        return _Mark("Other" if one.own else one.text, one.own)
    if one is options[-1]:
        return _Mark(one.text, one.text, MEDIUM, "marked, and none of the options; read as the respondent's own words")
    return _Mark(one.text, own, MEDIUM, "marked, and worded like none of the options")


def _unmarked(options: Sequence[Printed], own: str | None, *, alone: bool) -> _Mark:
    """The mark where no signs can be seen: known only if nothing but the chosen option is printed."""
    if len(options) != 1:
        return _Mark(None, own)
    one = options[0]
    if not alone:
        return _Mark(None, own, MEDIUM, "only one option is printed")
    if one.category is None:
        return _Mark(one.text, one.text, MEDIUM, "none of the options; read as the respondent's own words")
    return _Mark(one.text, own)


def _many(label: Label, zone: Zone) -> Iterator[Row]:
    """A row for each choice of which many may be marked."""
    visible = any(one.state is not None for one in zone.options)
    for one in zone.options:
        if one.category is None:
            continue
        mark = None if not visible else "yes" if one.state else ""
        doubts = [(label.confidence, label.note)]
        yield _row(f"{label.item}.{one.category}", mark, one.own, one.line, doubts)
