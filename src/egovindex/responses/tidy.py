"""The library's own table: one row for each answer, as CSV or XLSX, read and written.

Every text comes back as it was. A cell that a spreadsheet would take for a formula (``=``, ``+``, ``-``, ``@``, a tab
or a line end in front), and one that begins with an apostrophe, gets an apostrophe in front, which is taken away on
reading. A blank cell is nothing; a cell with an apostrophe alone is a text of no length: in the column ``mark``, marks
that can be seen and of which none is set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.responses.answercolumns import answer_columns
from egovindex.responses.cells import Cells, column_letters, there
from egovindex.responses.csvs import read_cells
from egovindex.responses.draft import COLUMNS, HIGH, LOW, MEDIUM, Draft, Left
from egovindex.responses.sheets import read_sheet
from egovindex.responses.states import NOTHING, WITHHELD
from egovindex.responses.tidytext import from_cell

if TYPE_CHECKING:
    from egovindex.instrument import Instrument
    from egovindex.responses.formats import Options

__all__ = ["looks_like", "read", "write_tidy"]

Objects = npt.NDArray[np.object_]

_ANSWERS = ("mark", "text", "kind")
_WORDS = {"kind": (*NOTHING, WITHHELD), "confidence": (HIGH, MEDIUM, LOW)}


def read(path: Path, instrument: Instrument, options: Options) -> Draft:
    """Read a table of answers.

    The columns are those of :data:`~egovindex.responses.draft.COLUMNS`; ``item`` has to be there, and one of ``mark``,
    ``text`` and ``kind``. Without a column ``place`` the line is the place, without ``confidence`` it is high.

    Raises
    ------
    DataError
        The file cannot be read; columns are missing or stand twice; a kind of nothing or a confidence that there is
        none of; a row without an item.
    """
    cells = _cells(path, options)
    at = _positions(cells)
    left = [
        Left(f"column {column_letters(number)}", _why(heading), heading)
        for number, heading in enumerate(cells.headings)
        if number not in at.values() and (heading or cells.table[number].notna().any())
    ]
    columns = {name: _texts(cells, number) for name, number in at.items()}
    _refuse_other_words(cells, columns)
    _refuse_no_item(cells, columns["item"])
    known, foreign = _known(cells, columns["item"], instrument)
    count = len(cells.table)
    for name in COLUMNS:
        if name not in columns:
            columns[name] = _standard(name, cells, count)
    table = pd.DataFrame({name: pd.Series(columns[name], dtype=object) for name in COLUMNS}, copy=False)
    if foreign:
        table = table[known].reset_index(drop=True)
    return Draft(table, (*left, *foreign), dict(cells.notes))


def _cells(path: Path, options: Options) -> Cells:
    if path.suffix.lower() == ".xlsx":
        return read_sheet(path, options.sheet)
    if path.suffix.lower() != ".csv":
        message = f'"{path.suffix}" is not read here; use .csv or .xlsx'
        raise DataError(Fault(message, file=path.name, check="unknown_kind"))
    return read_cells(path)


def _positions(cells: Cells) -> dict[str, int]:
    """Where each column stands."""
    names = [heading.strip() for heading in cells.headings]
    faults = []
    twice = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
    if twice:
        message = f"columns that stand twice: {listed(twice)}; keep one of each"
        faults.append(Fault(message, file=cells.file, check="heading_twice"))
    if "item" not in names:
        message = f"there is no column item{did_you_mean('item', names)}"
        faults.append(Fault(message, file=cells.file, check="missing_column", column="item"))
    if not set(_ANSWERS) & set(names):
        message = f"there is none of the columns {listed(_ANSWERS)}, which hold the answers"
        faults.append(Fault(message, file=cells.file, check="missing_column", column="mark"))
    if faults:
        raise DataError(faults)
    return {name: names.index(name) for name in COLUMNS if name in names}


def _why(heading: str) -> str:
    if not heading:
        return "it has no heading"
    hint = did_you_mean(heading, COLUMNS, otherwise=".")
    return f"no column of a table of answers{hint} Known: {listed(COLUMNS, most=10)}"


def _texts(cells: Cells, at: int) -> Objects:
    """Cells as the texts they stand for; few of them begin with an apostrophe."""
    values = cells.column(at)
    if cells.apostrophes is None:
        rows = np.array([row for row, value in enumerate(values) if value and value[0] == "'"], dtype=np.intp)
    else:
        rows = np.flatnonzero(cells.apostrophes[:, at])
    if not len(rows):
        return values
    found = values.copy()
    alone = values[rows] == "'"
    found[rows[alone]] = ""
    found[rows[~alone]] = [from_cell(value) for value in values[rows[~alone]]]
    return found


def _standard(name: str, cells: Cells, count: int) -> Objects:
    """What a column holds that the file has not got."""
    if name == "place":
        word, numbers = ("row", cells.rows) if cells.lines is None else ("line", cells.lines)
        return np.array([f"{word} {number}" for number in numbers.tolist()], dtype=object)
    return np.full(count, HIGH if name == "confidence" else None, dtype=object)


# --- what is refused, and what is left
def _where(cells: Cells, rows: Iterable[Any]) -> str:
    """Rows, for people."""
    numbers = cells.rows if cells.lines is None else cells.lines
    chosen = [int(numbers[row]) for row in rows]
    word = "row" if cells.lines is None else "line"
    return f"{word}{'s' if len(chosen) > 1 else ''} {listed(chosen)}"


def _refuse_other_words(cells: Cells, columns: dict[str, Objects]) -> None:
    faults = []
    for name, allowed in _WORDS.items():
        if name not in columns:
            continue
        codes, words = pd.factorize(columns[name])
        for code, word in enumerate(words):
            if word not in allowed:
                hint = did_you_mean(word, allowed, otherwise=".")
                where = _where(cells, np.flatnonzero(codes == code))
                message = f"{where}: {name}{_shown(word)} is not known{hint} Allowed: {listed(allowed)}"
                faults.append(Fault(message, file=cells.file, check=f"unknown_{name}", column=name))
    if faults:
        raise DataError(faults)


def _shown(word: str) -> str:
    """What stands in a cell, if it can be a name of ours; a column that slipped may hold the name of a person."""
    return f' "{word}"' if re.fullmatch(r"[\w./-]{1,40}", word) else ""


def _refuse_no_item(cells: Cells, items: Objects) -> None:
    blank = np.flatnonzero(~there(items))
    if len(blank):
        message = f"{_where(cells, blank)}: no item is named; name it, or take the row out"
        raise DataError(Fault(message, file=cells.file, check="no_item", column="item"))


def _known(cells: Cells, items: Objects, instrument: Instrument) -> tuple[npt.NDArray[np.bool_], list[Left]]:
    """Rows whose item the instrument has, and the others, an item at a time."""
    columns = answer_columns(instrument)
    codes, words = pd.factorize(items)
    known = np.array([word in columns for word in words], dtype=bool)
    left = []
    for code in np.flatnonzero(~known):
        why = f"{instrument.id} has no item{_shown(words[code])}{did_you_mean(words[code], columns)}"
        left.append(Left(_where(cells, np.flatnonzero(codes == code)), why))
    return known[codes] if len(words) else np.ones(len(items), dtype=bool), left


def looks_like(path: Path) -> bool:
    """Whether it has the columns of a table of answers, as a suggestion."""
    from egovindex.responses.detect import headings_of

    headings = {heading.strip() for heading in headings_of(path)}
    return "item" in headings and bool(headings & set(_ANSWERS))


# --- writing
def write_tidy(table: pd.DataFrame, path: str | Path, *, overwrite: bool = False) -> None:
    """Write a table of answers so that reading it gives the same table.

    Parameters
    ----------
    table
        Columns as in :data:`~egovindex.responses.draft.COLUMNS`, all text, with ``None`` where there is nothing.
    path
        ``.csv`` or ``.xlsx``.
    overwrite
        Replace a file that exists.

    Raises
    ------
    DataError
        A column is not known or missing; a cell is no text, or has a character that the file cannot hold; more rows
        than a sheet has; the file exists.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> table = pd.DataFrame({"unit": ["Alva"], "item": ["q1"], "mark": [""], "text": ["=1+1"]}, dtype=object)
    >>> with TemporaryDirectory() as folder:
    ...     write_tidy(table, f"{folder}/a.csv")
    ...     Path(folder, "a.csv").read_text().splitlines()
    ['unit,item,mark,text', "Alva,q1,','=1+1"]
    """
    from egovindex.responses.tidywrite import written

    written(table, Path(path), overwrite=overwrite)
