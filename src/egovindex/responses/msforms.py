"""Workbooks of Microsoft Forms: one row for each response, one column for each question, its text as the heading.

The first columns say who sent the form and when; they are told and never read. Choices of which many may be ticked
stand in one cell, with a semicolon behind each. Without a binding headings are matched to items, see
:mod:`egovindex.responses.matching`; what is not certain has a low confidence and says why.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from egovindex.errors import DataError, Fault, listed
from egovindex.instrument import question_of
from egovindex.responses.answercolumns import answer_columns
from egovindex.responses.binding import Delimited
from egovindex.responses.cells import Cells, plain
from egovindex.responses.draft import Draft
from egovindex.responses.lead import MICROSOFT, technical_columns, told
from egovindex.responses.matching import Match, matched
from egovindex.responses.resolve import Headings, check_binding, many_of, unused_columns, who_of
from egovindex.responses.sheets import read_sheet
from egovindex.responses.spread import Source, spread
from egovindex.responses.wide import used_by, with_binding

if TYPE_CHECKING:
    from egovindex.instrument import Instrument
    from egovindex.responses.formats import Options

__all__ = ["draft_of_matches", "looks_like", "read", "source_of"]


def read(path: Path, instrument: Instrument, options: Options) -> Draft:
    """Read a workbook of Microsoft Forms.

    Raises
    ------
    DataError
        The file cannot be read; its first columns are not known; columns are missing; nothing says who answers.
    SpecError
        The binding does not fit the instrument.
    """
    binding = options.binding
    if binding is not None:
        check_binding(binding, instrument, "msforms")
    cells = read_sheet(path, options.sheet)
    technical = technical_columns(cells, MICROSOFT, binding)
    notes = told(cells, technical)
    if binding is not None:
        return with_binding(cells, instrument, binding, technical, notes)
    questions = [at for at, heading in enumerate(cells.headings) if at not in technical and heading.strip()]
    matches = matched([cells.headings[at] for at in questions], instrument)
    sources = [
        source_of(at, match, instrument, ";") for at, match in zip(questions, matches, strict=True) if match is not None
    ]
    return draft_of_matches(cells, instrument, sources, technical, notes)


def source_of(at: int, match: Match, instrument: Instrument, sep: str) -> Source:
    """The column of a question that was matched to an item."""
    item = instrument.file.items[match.item]
    many = many_of(match.item, instrument, Delimited(sep)) if item.kind == "many" else None
    marks = many is not None or answer_columns(instrument)[match.item].marks
    return Source(at, match.item, marks, many=many, confidence=match.confidence, note=match.note)


def draft_of_matches(
    cells: Cells, instrument: Instrument, sources: list[Source], technical: set[int], notes: dict[str, str]
) -> Draft:
    """A draft of the columns that were matched, with what was not."""
    if not sources:
        message = f"no heading fits an item of {instrument.id}; give a binding that says which column is which item"
        raise DataError(Fault(message, file=cells.file, check="no_items"))
    who = who_of(None, Headings(cells), instrument, sources)
    table, rest = spread(cells, sources, who, {})
    left = unused_columns(cells, used_by(sources, who) | technical, "its heading fits no item; bind it if it is one")
    found = {question_of(source.column) for source in sources}
    absent = [name for name in instrument.file.items if name not in found]
    unsure = sum(source.confidence != "high" for source in sources)
    notes = {**cells.notes, **notes, "matched": f"{len(found)} items by their headings, {unsure} of them not certain"}
    if absent:
        notes["not found"] = listed(absent, most=20)
    return Draft(table, (*left, *rest), notes)


def looks_like(path: Path) -> bool:
    """Whether the first columns are those of Microsoft Forms, as a suggestion."""
    from egovindex.responses.detect import headings_of

    first = tuple(plain(heading) for heading in headings_of(path)[: len(MICROSOFT.always)])
    return path.suffix.lower() == ".xlsx" and first == MICROSOFT.always
