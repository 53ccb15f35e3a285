"""CSV files of Google Forms: one row for each response, one column for each question or row of a grid.

The first columns say when the form was sent, and by whom; they are told and never read. Choices of which many may be
ticked stand in one cell with a comma and a blank between them; as options may have commas, too, a cell is split by the
list of options only. A grid gives a column for each of its rows, with the heading ``Question [Row]``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from egovindex.responses.answercolumns import options_of
from egovindex.responses.cells import Cells, plain
from egovindex.responses.csvs import read_cells
from egovindex.responses.draft import Draft
from egovindex.responses.lead import GOOGLE, technical_columns, told
from egovindex.responses.matching import Match, matched
from egovindex.responses.msforms import draft_of_matches, source_of
from egovindex.responses.resolve import check_binding
from egovindex.responses.spread import Source
from egovindex.responses.wide import with_binding

if TYPE_CHECKING:
    from egovindex.instrument import Instrument
    from egovindex.responses.formats import Options

__all__ = ["looks_like", "read"]

_GRID = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]\s*", re.DOTALL)


def read(path: Path, instrument: Instrument, options: Options) -> Draft:
    """Read a CSV file of Google Forms.

    Raises
    ------
    DataError
        The file cannot be read; its first columns are not known; columns are missing; nothing says who answers.
    SpecError
        The binding does not fit the instrument.
    """
    binding = options.binding
    if binding is not None:
        check_binding(binding, instrument, "gforms")
    # headings are texts of questions, which may have a semicolon; the form itself writes commas
    cells = read_cells(path, (binding.separator if binding else None) or ",")
    technical = technical_columns(cells, GOOGLE, binding)
    notes = told(cells, technical)
    if binding is not None:
        return with_binding(cells, instrument, binding, technical, notes)
    return draft_of_matches(cells, instrument, _sources(cells, instrument, technical), technical, notes)


def _sources(cells: Cells, instrument: Instrument, technical: set[int]) -> list[Source]:
    """Columns by their headings; a grid whose rows are choices is one question."""
    blocks = _blocks(cells, instrument, technical)
    matches = matched([text for text, _ in blocks], instrument)
    sources: list[Source] = []
    for (_, columns), match in zip(blocks, matches, strict=True):
        if match is None:
            continue
        if len(columns) == 1 and columns[0][1] is None:
            sources.append(source_of(columns[0][0], match, instrument, ", "))
        else:
            sources += _of_grid(columns, match, instrument)
    return sources


def _blocks(
    cells: Cells, instrument: Instrument, technical: set[int]
) -> list[tuple[str, list[tuple[int, str | None]]]]:
    """Texts of questions with their columns; of a grid of choices each with its row."""
    choices = [set(options_of(item, instrument)) for item in instrument.file.items.values() if item.kind == "many"]
    grids: dict[str, list[tuple[int, str]]] = {}
    for at, heading in enumerate(cells.headings):
        parts = _GRID.fullmatch(heading)
        if parts and at not in technical:
            grids.setdefault(parts[1], []).append((at, parts[2]))
    grids = {text: rows for text, rows in grids.items() if any({plain(r) for _, r in rows} <= own for own in choices)}
    found: list[tuple[str, list[tuple[int, str | None]]]] = []
    for at, heading in enumerate(cells.headings):
        parts = _GRID.fullmatch(heading)
        text = parts[1] if parts and at not in technical else ""
        if text in grids:
            if grids[text][0][0] == at:
                found.append((text, [*grids[text]]))
        elif at not in technical and heading.strip():
            found.append((heading, [(at, None)]))
    return found


def _of_grid(columns: list[tuple[int, str | None]], match: Match, instrument: Instrument) -> list[Source]:
    """Columns of a grid: each is a choice of the item; a grid of another item is left."""
    item = instrument.file.items[match.item]
    options = options_of(item, instrument) if item.kind == "many" else {}
    return [
        Source(at, f"{match.item}.{options[plain(row)]}", marks=True, confidence=match.confidence, note=match.note)
        for at, row in columns
        if row is not None and plain(row) in options
    ]


def looks_like(path: Path) -> bool:
    """Whether the first column is that of Google Forms, as a suggestion."""
    from egovindex.responses.detect import headings_of

    first = [plain(heading) for heading in headings_of(path)[:1]]
    return path.suffix.lower() == ".csv" and tuple(first) == GOOGLE.always
