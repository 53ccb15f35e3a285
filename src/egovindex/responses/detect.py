"""Which format a file may be of: a suggestion for people. No reader uses it."""

from __future__ import annotations

from pathlib import Path

from egovindex.errors import DataError, Fault
from egovindex.responses import csvs, sheets
from egovindex.responses.formats import FORMATS

__all__ = ["detect", "headings_of"]

_WHY = {
    "forms-print": "it is text with the numbers of questions",
    "msforms": "its first columns are those of Microsoft Forms (ID, Start time, Completion time, Email, Name)",
    "gforms": "its first column is that of Google Forms (Timestamp)",
    "wide": "its headings are short names, as of items",
    "tidy": "it has the columns item, and mark or text",
}


def detect(path: str | Path) -> list[str]:
    """Formats that a file may be of, each with the reason; the best first.

    A format is never chosen by it: name the format when you read.

    Raises
    ------
    DataError
        There is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(Fault("there is no such file", file=path.name, check="missing_file"))
    order = ("msforms", "gforms", "tidy", "wide", "forms-print")
    return [
        f"{name}: {_WHY.get(name, FORMATS[name].title)}"
        for name in (*order, *(name for name in FORMATS if name not in order))
        if path.suffix.lower() in FORMATS[name].suffixes and FORMATS[name].looks_like(path)
    ]


def headings_of(path: Path) -> list[str]:
    """Headings of a table; none where it is not one that can be read."""
    try:
        if path.suffix.lower() == ".xlsx":
            return list(sheets.first_row(path))
        return list(csvs.first_row(path))
    except (DataError, OSError):
        return []
