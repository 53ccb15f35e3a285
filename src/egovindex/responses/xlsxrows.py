"""The rows of one sheet, cell by cell."""

from __future__ import annotations

import re
from typing import Any

from egovindex.errors import DataError, Fault
from egovindex.responses.cells import column_letters
from egovindex.responses.xlsxparts import Corrupt, Package
from egovindex.responses.xlsxvalues import Styles, unescaped

__all__ = ["RowsOfSheet"]

_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_LETTERS = re.compile("[A-Z]{1,3}")


class _Positions(dict[str, int]):
    """Positions of columns by their letters."""

    def __missing__(self, letters: str) -> int:
        if not _LETTERS.fullmatch(letters):
            raise Corrupt("a cell has no place")
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        if number > _MOST_COLUMNS:
            raise Corrupt("a cell stands right of the last column")
        self[letters] = number - 1
        return number - 1


class RowsOfSheet:
    """Runs through the XML of a sheet.

    Parameters
    ----------
    package
        The file.
    strings
        Texts that cells share.
    styles
        How numbers are shown.

    Attributes
    ----------
    rows
        Number and texts of each row in which something stands.
    errors, formulas
        Cells with an error, and with a formula that was never computed.
    """

    def __init__(self, package: Package, strings: list[str], styles: Styles) -> None:
        self.limit = package.limits.cells
        self.rows: list[tuple[int, list[str | None]]] = []
        self.errors: list[str] = []
        self.formulas: list[str] = []
        self._package, self._strings, self._styles = package, strings, styles
        self._positions = _Positions()
        self._number, self._row, self._cells = 0, list[str | None](), 0
        self._at, self._type, self._style = -1, "n", ""
        self._formula, self._aloud = False, False
        self._value: list[str] | None = None
        self._parser: Any = None

    def read(self, part: str, *, most: int | None = None) -> None:
        """Read a part of the file, or no more than its first rows; fills ``rows``, ``errors`` and ``formulas``."""
        self._parser = self._package.parser(self._start, end=self._end)
        for _ in self._package.fed(self._parser, part):
            if most is not None and len(self.rows) >= most:
                return

    def _start(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "c":
            place = attributes.get("r")
            self._at = self._at + 1 if place is None else self._positions[place.rstrip("0123456789")]
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._value, self._formula = None, False
        elif kind in {"v", "t"}:
            if not self._aloud:
                self._value = self._value or []
                self._parser.CharacterDataHandler = self._value.append
        elif kind == "f":
            self._formula = True
        elif kind == "rPh":
            self._aloud = True
        elif kind == "row":
            self._begin_row(attributes.get("r"))

    def _begin_row(self, number: str | None) -> None:
        before = self._number
        self._number = before + 1 if number is None else int(number)
        self._row, self._at = [], -1
        if self._number > _MOST_ROWS:
            message = f"a sheet has at most {_MOST_ROWS:,} rows, and this one has more; split it"
            raise DataError(Fault(message, file=self._package.file, check="too_many_rows"))
        if self._number <= before:
            raise Corrupt(f"row {self._number} stands behind row {before}")

    def _end(self, kind: str) -> None:
        if kind in {"v", "t"}:
            self._parser.CharacterDataHandler = None
        elif kind == "c":
            self._end_cell()
        elif kind == "rPh":
            self._aloud = False
        elif kind == "row" and self._row:
            self.rows.append((self._number, self._row))

    def _end_cell(self) -> None:
        written = "".join(self._value or ())
        # an empty text that a formula gave is a text; an empty number is none
        if self._formula and not written and (self._value is None or self._type != "str"):
            self.formulas.append(self._place())
            return
        text = self._text(written) if self._value is not None else ""
        if text:
            self._put(text)

    def _text(self, written: str) -> str:
        kind = self._type
        if kind == "s":
            return self._strings[int(written) if written.strip().isdecimal() else len(self._strings)]
        if kind in {"str", "inlineStr"}:
            return unescaped(written)
        if kind == "n":
            return self._styles.text(written, self._style) if written.strip() else ""
        if kind == "b":
            return "TRUE" if written.strip() in {"1", "true"} else "FALSE"
        if kind == "e":
            self.errors.append(f"{self._place()} {written[:20]}")
            return ""
        if kind == "d":
            return written
        raise Corrupt(f"cell {self._place()} is of an unknown type")

    def _put(self, text: str) -> None:
        row, at = self._row, self._at
        gap = at - len(row)
        if gap < 0:
            raise Corrupt(f"cell {self._place()} stands behind its place, or twice")
        self._cells += gap + 1
        if self._cells > self.limit:
            message = f"the sheet has more than {self.limit:,} cells, which is the most that is read; split it"
            raise DataError(Fault(message, file=self._package.file, check="too_many_cells"))
        row.extend([None] * gap)
        row.append(text)

    def _place(self) -> str:
        return f"{column_letters(self._at)}{self._number}"
