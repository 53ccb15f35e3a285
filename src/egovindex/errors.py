"""The family of errors, and the one way in which faults are told.

::

    EgovindexError
    ├── SpecError      a file of indicators or weights says something it may not
    ├── DataError      the data cannot be read as the index asks
    ├── CodingError    an answer cannot be turned into a category
    └── MethodError    a method was asked for what it cannot do

An error carries every fault that was found (``error.faults``), each with the place where it stands
and the way out, and prints them one per line, as many as some pages hold.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# what stands in a file is repeated in messages, and may be as long as the file
_LONGEST_MESSAGE, _ITS_END = 2_000, 500
_MOST_PRINTED = 16_000
_LONGEST_WORD = 200  # of which a neighbour is looked for: longer ones are no misspelt words, and take long

__all__ = [
    "CodingError",
    "DataError",
    "EgovindexError",
    "Fault",
    "MethodError",
    "SpecError",
    "did_you_mean",
    "listed",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where.

    Parameters
    ----------
    message
        What was found, what is allowed, and the way out. Of more than 2,000 characters the middle is left out.
    file, line
        Where it is written, if it is written in a file.
    path
        Keys from the top of the file to the place, joined by dots.
    check
        Name of the check that found it.
    units
        Units (or unit and period) concerned.
    column
        Column of the data concerned.

    Examples
    --------
    >>> print(Fault('unknown key "step"', file="egdi.yaml", line=14))
    egdi.yaml:14: unknown key "step"
    """

    message: str
    file: str | None = None
    line: int | None = None
    path: str | None = None
    check: str = ""
    units: tuple[str, ...] = ()
    column: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _shortened(self.message))

    def __str__(self) -> str:
        place = self.file or ""
        if place and self.line is not None:
            place = f"{place}:{self.line}"
        return f"{place}: {self.message}" if place else self.message


class EgovindexError(Exception):
    """Base of all errors of this library.

    Parameters
    ----------
    faults
        Every fault found, or one message.

    Examples
    --------
    >>> error = EgovindexError("the table is empty")
    >>> error.faults[0].message
    'the table is empty'
    """

    faults: tuple[Fault, ...]

    def __init__(self, faults: str | Fault | Iterable[Fault]) -> None:
        if isinstance(faults, str):
            self.faults = (Fault(faults),)
        elif isinstance(faults, Fault):
            self.faults = (faults,)
        else:
            self.faults = tuple(faults)
        super().__init__(_printed(self.faults))

    def __reduce__(self) -> tuple[type[EgovindexError], tuple[tuple[Fault, ...]]]:
        # the default would hand the printed text to __init__ and lose the faults
        return type(self), (self.faults,)


def _shortened(message: str) -> str:
    """A message whose end, which says the way out, stays."""
    left_out = len(message) - _LONGEST_MESSAGE
    if left_out <= 0:
        return message
    begin = message[: _LONGEST_MESSAGE - _ITS_END].rstrip()
    return f"{begin} [... {left_out:,} characters are left out ...] {message[-_ITS_END:].lstrip()}"


def _printed(faults: Sequence[Fault]) -> str:
    """One fault per line; of very many the first ones."""
    lines: list[str] = []
    left = _MOST_PRINTED
    for fault in faults:
        lines.append(str(fault))
        left -= len(lines[-1]) + 1
        if left < 0 and len(lines) < len(faults):
            lines.append(f"... and {len(faults) - len(lines)} more faults, which the attribute faults holds")
            break
    return "\n".join(lines)


class SpecError(EgovindexError):
    """A file of indicators or weights says something it may not."""


class DataError(EgovindexError):
    """The data cannot be read as the index asks."""


class CodingError(EgovindexError):
    """An answer cannot be turned into a category."""


class MethodError(EgovindexError):
    """A method was asked for what it cannot do."""


def did_you_mean(found: str, allowed: Iterable[str], *, otherwise: str = "") -> str:
    """A suggestion of the closest allowed word, or nothing.

    Parameters
    ----------
    found
        What was written.
    allowed
        What may be written.
    otherwise
        What to say where no word is close: ``"."`` where another sentence follows.

    Examples
    --------
    >>> did_you_mean("step", ["steps", "points"])
    '; did you mean "steps"?'
    >>> did_you_mean("xyz", ["steps"])
    ''
    """
    if len(str(found)) > _LONGEST_WORD:
        return otherwise
    words = [word for word in map(str, allowed) if len(word) <= _LONGEST_WORD]
    close = difflib.get_close_matches(str(found), words, n=1, cutoff=0.6)
    if not close:
        lowered = {word.casefold(): word for word in reversed(words)}
        match = difflib.get_close_matches(str(found).casefold(), list(lowered), n=1, cutoff=0.6)
        close = [lowered[word] for word in match]
    return f'; did you mean "{close[0]}"?' if close else otherwise


def listed(items: Iterable[object], *, most: int = 8) -> str:
    """Items joined by commas, the tail counted when there are many.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    words: Sequence[str] = [str(item) for item in items]
    if len(words) <= most:
        return ", ".join(words)
    return f"{', '.join(words[:most])} and {len(words) - most} more"
