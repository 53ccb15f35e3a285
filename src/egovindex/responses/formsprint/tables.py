"""Rows of cells: number, question and answer side by side, unrolled to lines one below the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from egovindex.responses.formsprint.lines import Line, full_width
from egovindex.responses.formsprint.words import Fingerprints

__all__ = ["unrolled"]

_NUMBER = re.compile(r"\W{0,2}(?:q|question|no\.?)?\s*\d{1,4}[a-z]?\W{0,3}", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:q\s*)?\d{1,4}\s*[.):]\s", re.IGNORECASE)
_RULE = re.compile(r"[\s|:=+_–—-]+")
_MARK = re.compile(r"[xX✓✔●◉☑☒√■]|\[[xX✓]\]|\([xX]\)")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
# rows of the same kind that make a table
_FEWEST = 3
Row = tuple[Line, list[str]]


def unrolled(lines: Sequence[Line], prints: Fingerprints | None) -> tuple[list[Line], float | None]:
    """The lines of a table with each row as a question and its answer, and about how wide its cells are.

    Other lines are handed back as they are, without a width.
    """
    sign = next((one for one in ("\t", "|") if _is_table(lines, one)), None)
    if sign is None:
        return list(lines), None
    rows = _rows(lines, sign)
    columns: list[list[str]] = [[] for _ in range(max(len(cells) for _, cells in rows))]
    for _, cells in rows:  # of a row only what it has: one very long row makes no long columns
        for column, cell in zip(columns, cells, strict=False):
            column.append(cell)
    numbers = next((at for at, column in enumerate(columns) if _mostly_numbers(column)), None)
    asked = _question_column(columns, numbers, prints)
    heads = rows[0][1] if not _NUMBER.fullmatch(rows[0][1][numbers or 0] if numbers is not None else "") else []
    found: list[Line] = []
    merged = _merged(rows, numbers)
    for line, cells in merged:
        found += _row(line, cells, numbers, asked, heads)
    in_lines = len(merged) < len(rows)
    width = max(
        (len(cell) for at, cells in enumerate(columns) if at not in (numbers, asked) for cell in cells), default=0
    )
    return found, float(width) if in_lines else full_width(found)


def _is_table(lines: Sequence[Line], sign: str) -> bool:
    rows = [cells for cells in (_cells(line.text, sign) for line in lines) if len(cells) > 1]
    if len(rows) < _FEWEST:
        return False
    first = [cell for cell in (cells[0] for cells in rows) if cell]
    last = [cell for cell in (cells[-1] for cells in rows) if cell]
    return any(_mostly_numbers(column) and len(column) >= _FEWEST for column in (first, last)) or (
        sum(bool(_NUMBERED.match(cell)) for cell in first) >= max(_FEWEST, 0.5 * len(first))
    )


def _cells(text: str, sign: str) -> list[str]:
    if _RULE.fullmatch(text):
        return []
    if sign == "|":
        text = text.removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in text.split(sign)]


def _rows(lines: Sequence[Line], sign: str) -> list[Row]:
    """Rows; a line without the sign goes on in the last cell of the row before."""
    found: list[Row] = []
    for line in lines:
        cells = _cells(line.text, sign)
        if len(cells) > 1 or (cells and not found):
            found.append((line, cells))
        elif cells:
            before = found[-1][1]
            before[-1] += ("\n\n" if line.gap else "\n") + cells[0]
    return found


def _merged(rows: Sequence[Row], numbers: int | None) -> list[Row]:
    """Rows; one without a number goes on in the cells of the row before."""
    found: list[Row] = []
    for line, cells in rows:
        if numbers is None or not found or len(cells) != len(found[-1][1]) or cells[numbers]:
            found.append((line, list(cells)))
            continue
        before = found[-1][1]
        for at, cell in enumerate(cells):
            before[at] += f"\n{cell}" if cell and before[at] else cell
    return found


def _mostly_numbers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in filled) >= 0.7 * max(len(filled), 1)


def _question_column(columns: Sequence[Sequence[str]], numbers: int | None, prints: Fingerprints | None) -> int:
    """The column whose words are those of the items."""
    others = [at for at in range(len(columns)) if at != numbers]
    if prints is None:
        return others[0]
    worth = {at: float(sum(np.max(prints.fits(cell)) for cell in columns[at] if cell)) for at in others}
    return max(others, key=lambda at: worth[at])


def _row(line: Line, cells: Sequence[str], numbers: int | None, asked: int, heads: Sequence[str]) -> list[Line]:
    """Lines of a question with its number before it, then of its answers."""
    if len(cells) <= asked:
        return [replace(line, text=" ".join(cells), gap=True)]
    number = cells[numbers].strip(" .)") if numbers is not None and numbers < len(cells) else ""
    question = " ".join(_BREAK.sub(" ", cells[asked]).split())
    found = [replace(line, text=f"{number}. {question}" if number else question, gap=True)]
    for at, cell in enumerate(cells):
        if at in (numbers, asked) or not cell:
            continue
        if _MARK.fullmatch(cell) and at < len(heads) and len(heads[at]) > 1:
            shown = f"[x] {heads[at]}"
        else:
            shown = _BREAK.sub("\n", cell)
        gap = True
        for piece in shown.split("\n"):
            if piece.strip():
                found.append(replace(line, text=piece.strip(), gap=gap, top=False))
            gap = not piece.strip()
    return found
