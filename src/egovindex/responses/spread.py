"""From a table with a row for each respondent to a draft with a row for each answer, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault, listed
from egovindex.responses.cells import Cells, there
from egovindex.responses.draft import COLUMNS, HIGH, Left

__all__ = ["Many", "Source", "Who", "spread"]

Objects = npt.NDArray[np.object_]
# mark, text, kind
_Read = tuple[str | None, str | None, str | None]
_PARTS = ("mark", "text", "kind")
_NOTHING = ""


@dataclass(frozen=True)
class Many:
    """Several choices in one cell.

    Parameters
    ----------
    columns
        Column of the draft for each choice.
    split
        Gives the choices that are ticked, and what is no option.
    other
        The choice for words of one's own; ``None`` where there is none.
    """

    columns: Mapping[str, str]
    split: Callable[[str], tuple[frozenset[str], str]]
    other: str | None = None


@dataclass(frozen=True)
class Source:
    """One column of a table, and what its cells answer.

    Parameters
    ----------
    at
        Position of the column.
    column
        Column of the draft; not used for several choices in one cell.
    marks
        Whether options are marked there; else words are written.
    values
        What is written, stripped, and what it means; what is not named stays as written.
    many
        How a cell with several choices is split.
    confidence, note
        Whether it is certain that the column is of the item.
    """

    at: int
    column: str
    marks: bool
    values: Mapping[str, str] = field(default_factory=dict)
    many: Many | None = None
    confidence: str = HIGH
    note: str | None = None


@dataclass(frozen=True)
class Who:
    """Who answers, and when: position of a column, or a value that all rows have."""

    unit: int | str | None = None
    period: int | str | None = None


def spread(
    cells: Cells, sources: Sequence[Source], who: Who, missing: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Left]]:
    """A table with a row for each answer, and what belongs to no choice.

    Raises
    ------
    DataError
        Several rows, and nothing says who answers; or it is blank in some.
    """
    count = len(cells.table)
    units = _units(cells, who)
    periods = _values(cells, who.period)
    rows_as_text = np.array([f"row {row}, " for row in cells.rows], dtype=object)
    blocks: list[dict[str, Any]] = []
    left: list[Left] = []
    for source in sources:
        places: Objects = rows_as_text + np.full(count, cells.where(source.at), dtype=object)
        for column, read in _answers(cells, source, missing, left):
            blocks.append(_block(column, source, read, places))
    joined = {key: np.concatenate([block[key] for block in blocks]) for key in blocks[0]} if blocks else {}
    if not joined:
        return pd.DataFrame({name: pd.Series([], dtype=object) for name in COLUMNS}), left
    order = np.argsort(joined["row"], kind="stable")
    rows = joined["row"][order]
    table = {name: joined[name][order] for name in joined if name != "row"}
    table |= {"unit": units[rows], "period": periods[rows], "evidence": np.full(len(rows), None, dtype=object)}
    return pd.DataFrame({name: pd.Series(table[name], dtype=object) for name in COLUMNS}, copy=False), left


def _block(column: str, source: Source, read: Mapping[str, Objects], places: Objects) -> dict[str, Any]:
    """The rows of one column in which something is known."""
    rows = np.flatnonzero(there(read["mark"]) | there(read["text"]) | there(read["kind"]))
    return {
        "row": rows,
        "item": np.full(len(rows), column, dtype=object),
        **{name: read[name][rows] for name in _PARTS},
        "place": places[rows],
        "confidence": np.full(len(rows), source.confidence, dtype=object),
        "note": np.full(len(rows), source.note, dtype=object),
    }


def _answers(
    cells: Cells, source: Source, missing: Mapping[str, str], left: list[Left]
) -> Iterator[tuple[str, dict[str, Objects]]]:
    """Each column of the draft that a column gives: mark, text and kind of every row."""
    codes, words = pd.factorize(cells.column(source.at))
    if source.many is None:
        reads = [_read(str(word), source, missing) for word in (*words, _NOTHING)]
        yield source.column, _mapped(reads, codes)
        return
    splits = [source.many.split(str(word)) for word in words]
    for choice, column in source.many.columns.items():
        chosen = [
            _ticked(str(word), split, choice, source.many, missing) for word, split in zip(words, splits, strict=True)
        ]
        blank: _Read = (None, None, missing[_NOTHING]) if _NOTHING in missing else ("", None, None)
        yield column, _mapped([*chosen, blank], codes)
    if source.many.other is None:
        foreign = {
            code
            for code, (word, split) in enumerate(zip(words, splits, strict=True))
            if split[1] and str(word).strip() not in missing
        }
        for row in np.flatnonzero(np.isin(codes, list(foreign))) if foreign else ():
            why = "no option of the item, and the item has none for words of one's own"
            left.append(Left(cells.place(int(row), source.at), why, splits[codes[row]][1]))


def _mapped(reads: list[_Read], codes: npt.NDArray[Any]) -> dict[str, Objects]:
    """What is known of each distinct word, row by row; the last is for blank cells."""
    found = {}
    for at, name in enumerate(_PARTS):
        of_words = np.empty(len(reads), dtype=object)
        of_words[:] = [read[at] for read in reads]
        found[name] = of_words[codes]
    return found


def _read(written: str, source: Source, missing: Mapping[str, str]) -> _Read:
    """What one cell says: mark, text and kind."""
    stripped = written.strip()
    if written != _NOTHING and not stripped:  # blanks are no blank cell: they stay
        return (written, None, None) if source.marks else (None, written, None)
    if stripped in source.values:
        return source.values[stripped], None, None
    if stripped in missing:
        return None, None, missing[stripped]
    if source.marks:
        return written, None, None
    return None, written or None, None


def _ticked(
    written: str, split: tuple[frozenset[str], str], choice: str, many: Many, missing: Mapping[str, str]
) -> _Read:
    ticked, words = split
    if written.strip() in missing:
        return None, None, missing[written.strip()]
    if not ticked and not words:
        return "", None, None
    if choice == many.other and words:
        return "yes", words, None
    return "yes" if choice in ticked else "no", None, None


# --- who answers
def _values(cells: Cells, given: int | str | None) -> Objects:
    if isinstance(given, int):
        return cells.column(given)
    return np.full(len(cells.table), given, dtype=object)


def _units(cells: Cells, who: Who) -> Objects:
    units = _values(cells, who.unit)
    if who.unit is None and len(units) > 1:
        message = (
            f"{len(units)} rows, and nothing says who answers; give a binding with unit, as in unit: {{column: 7}}, or "
            "a column with the heading unit"
        )
        raise DataError(Fault(message, file=cells.file, check="no_unit"))
    if isinstance(who.unit, int):
        blank = [row for row, unit in zip(cells.rows, units, strict=True) if unit is None or not unit.strip()]
        if blank:
            message = (
                f"{cells.where(who.unit)} says who answers, and is blank in {len(blank)} rows ({listed(blank)}); fill "
                "it in, or take the rows out"
            )
            raise DataError(Fault(message, file=cells.file, check="unit_blank"))
    return units
