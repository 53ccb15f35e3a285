"""What is packed is unpacked once within limits, before a reader without limits is let at it."""

from __future__ import annotations

import gzip
from pathlib import Path

from egovindex.errors import DataError, Fault
from egovindex.responses.xlsxparts import LIMITS, Corrupt, Limits, Package, open_package

__all__ = ["refuse_unsafe_gzip", "refuse_unsafe_workbook"]

_SHEETS = "xl/worksheets/"
_VALUES = {"v", "is"}
_CHUNK = 1 << 20


def refuse_unsafe_workbook(path: Path, limits: Limits = LIMITS) -> bool:
    """Refuse an XLSX file that would take more memory than it should.

    A reader may make a grid from the first cell to the last one: two cells in opposite corners of a sheet are enough
    to end the process.

    Parameters
    ----------
    path
        The file.
    limits
        What is read at most.

    Returns
    -------
    bool
        Whether a cell holds an error, such as ``#DIV/0!``.

    Raises
    ------
    DataError
        As for :func:`open_package`; a sheet spans more cells than the limits allow.
    """
    errors = False
    with open_package(path, limits) as package:
        pointed = _pointed_to(package)
        for name in package.names:
            if (name.startswith(_SHEETS) and name.endswith(".xml")) or name.rpartition("/")[2] in pointed:
                errors |= _Extent(package, limits).read(name)
            else:
                for _ in package.chunks(name):
                    pass
    return errors


def _pointed_to(package: Package) -> set[str]:
    """Last names of the parts that some part calls a sheet: they may lie in any folder."""
    found: set[str] = set()

    def start(kind: str, attributes: dict[str, str]) -> None:
        if kind == "Relationship" and attributes.get("Type", "").lower().endswith("sheet"):
            found.add(attributes.get("Target", "").replace("\\", "/").lower().rpartition("/")[2])

    for name in package.names:
        if name.endswith(".rels"):
            package.parse(name, start)
    return found


class _Extent:
    """The corners of a sheet between which something stands."""

    def __init__(self, package: Package, limits: Limits) -> None:
        self._package, self._limits = package, limits
        self._row, self._column = 0, 0
        self._rows: set[int] = set()
        self._columns: set[int] = set()
        self._errors = False

    def read(self, name: str) -> bool:
        self._package.parse(name, self._start)
        return self._errors

    def _start(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "row":
            self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0
        elif kind == "c":
            place = attributes.get("r", "")
            letters = place.rstrip("0123456789")
            self._row = int(place[len(letters) :]) if place[len(letters) :] else self._row
            self._column = _number_of(letters) if letters else self._column + 1
            self._errors |= attributes.get("t") == "e"
        elif kind in _VALUES:
            self._meet()

    def _meet(self) -> None:
        self._rows = _ends(self._rows, self._row)
        self._columns = _ends(self._columns, self._column)
        cells = (max(self._rows) - min(self._rows) + 1) * (max(self._columns) - min(self._columns) + 1)
        if cells > self._limits.cells:
            message = (
                f"a sheet spans {cells:,} cells from the first to the last, and at most {self._limits.cells:,} are "
                "read; delete what stands far from the table, or split it"
            )
            raise DataError(Fault(message, file=self._package.file, check="too_many_cells"))


def _ends(seen: set[int], place: int) -> set[int]:
    return seen if place in seen else {min(place, *seen), max(place, *seen)} if seen else {place}


def _number_of(letters: str) -> int:
    """Position of a column by its letters, counted from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        raise Corrupt("a cell has no place")
    return number


def refuse_unsafe_gzip(path: Path, limits: Limits = LIMITS) -> None:
    """Refuse a packed file that unpacks to far more than its size.

    Raises
    ------
    DataError
        It unpacks to more than the limits allow.
    OSError, EOFError, zlib.error
        It is damaged.
    """
    packed, size = path.stat().st_size, 0
    with gzip.open(path) as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > limits.part or (size > limits.small and size > limits.ratio * packed):
                message = (
                    f"it unpacks to more than {limits.ratio} times its size, or to more than {limits.part:,} bytes, "
                    "which no table of answers does; unpack it yourself, and split it, if it is one"
                )
                raise DataError(Fault(message, file=path.name, check="unpacks_too_large"))
