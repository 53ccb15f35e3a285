"""The formats that responses come in: one line for each, and a module that reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.responses.draft import Draft

if TYPE_CHECKING:
    from egovindex.instrument import Instrument
    from egovindex.responses.binding import Binding

__all__ = ["FORMATS", "Format", "Options", "format_named"]


@dataclass(frozen=True)
class Options:
    """What a reader may be told.

    Parameters
    ----------
    binding
        Which column is which item; only tables have one.
    orientation
        ``"answer_first"``, ``"answer_last"`` or ``"auto"``: whether an answer of a print stands before its question.
    sheet
        Name of the sheet of a workbook; the first if left out.
    """

    binding: Binding | None = None
    orientation: str = "auto"
    sheet: str | None = None


@dataclass(frozen=True)
class Format:
    """One format.

    Parameters
    ----------
    name
        As users write it.
    title
        For people.
    suffixes
        Endings of files that may be of it.
    module
        Has ``read(path, instrument, options) -> Draft`` and ``looks_like(path) -> bool``; imported when it is used.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    module: str

    @property
    def read(self) -> Callable[[Path, Instrument, Options], Draft]:
        """Reads one file."""
        found: Callable[[Path, Instrument, Options], Draft] = import_module(self.module).read
        return found

    @property
    def looks_like(self) -> Callable[[Path], bool]:
        """Whether a file may be of this format; a suggestion, never a decision."""
        found: Callable[[Path], bool] = import_module(self.module).looks_like
        return found


_HERE = "egovindex.responses"
FORMATS = {
    found.name: found
    for found in (
        Format("forms-print", "text of a printed or exported form", (".txt",), f"{_HERE}.formsprint"),
        Format("msforms", "workbook of Microsoft Forms", (".xlsx",), f"{_HERE}.msforms"),
        Format("gforms", "CSV of Google Forms", (".csv",), f"{_HERE}.gforms"),
        Format("wide", "one row per respondent, with a binding", (".csv", ".xlsx"), f"{_HERE}.wide"),
        Format("tidy", "one row per answer, as this library writes it", (".csv", ".xlsx"), f"{_HERE}.tidy"),
    )
}


def format_named(name: str) -> Format:
    """The format of a name.

    Raises
    ------
    DataError
        There is none of that name; a format is never guessed.
    """
    if name not in FORMATS:
        hint = did_you_mean(str(name), FORMATS, otherwise=".")
        raise DataError(Fault(f'there is no format "{name}"{hint} Formats: {listed(FORMATS)}', check="unknown_format"))
    return FORMATS[name]
