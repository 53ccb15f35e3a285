"""Names and numbers as they stand in a picture: harmless in any file, and no longer than there is room."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable

__all__ = ["counted", "number", "plain", "short", "signed", "width"]

_JOINERS = "\u200c\u200d"  # they shape Persian and Indic words
_MOST_MARKS = 4  # combining marks on one letter; more are drawn over the neighbours
_MINUS = "\u2212"


def plain(text: object) -> str:
    """A name on one line, without characters that draw nothing, turn text around or break a file.

    Examples
    --------
    >>> plain("Land" + chr(10) + "of" + chr(0) + " Two" + chr(0x202E) + " rivers")
    'Land of Two rivers'
    """
    found: list[str] = []
    marks = 0
    for character in str(text):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind.startswith("M") else 0
        if kind in ("Cc", "Zl", "Zp"):
            found.append(" ")
        elif kind == "Cs" or ord(character) & 0xFFFE == 0xFFFE:
            found.append("\ufffd")
        elif (kind != "Cf" or character in _JOINERS) and marks <= _MOST_MARKS:
            found.append(character)
    return " ".join("".join(found).split())


def width(text: str) -> int:
    """Columns that a text takes: two for wide characters, none for marks.

    Examples
    --------
    >>> width("abc"), width("日本")
    (3, 4)
    """
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character).startswith("M") or character in _JOINERS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def short(text: object, most: int = 36) -> str:
    """A plain name of at most so many columns; the middle gives way, since names differ at both ends.

    Examples
    --------
    >>> short("Ministry of Digital Affairs of the Northern Isles", 24)
    'Ministry of…rthern Isles'
    """
    whole = plain(text)
    if width(whole) <= most:
        return whole
    head = _leading(whole, (most - 1) // 2).rstrip()
    tail = _leading(whole[::-1], most - 1 - width(head))[::-1].lstrip()
    while tail and not _columns(tail[0]):  # a mark whose letter was cut off
        tail = tail[1:]
    return f"{head}…{tail}"


def _leading(text: str, most: int) -> str:
    taken = 0
    for at, character in enumerate(text):
        taken += _columns(character)
        if taken > most:
            return text[:at]
    return text


def number(value: float, span: float = 1.0) -> str:
    """A number with the digits that a scale of this span deserves: about one in a thousand.

    Examples
    --------
    >>> number(0.98474, 1), number(98.474, 100), number(-1234.5, 10_000), number(-0.00001, 1)
    ('0.985', '98.5', '−1234', '0.000')
    """
    size = abs(span) if math.isfinite(span) and span else 1.0
    places = min(max(3 - math.ceil(math.log10(size) - 1e-9), 0), 12)
    text = f"{value:.{places}f}"
    if not text.strip("-0."):
        text = text.lstrip("-")
    return text.replace("-", _MINUS)


def signed(value: float, span: float = 1.0) -> str:
    """A change, with its sign.

    Examples
    --------
    >>> signed(0.25), signed(-0.25), signed(0.0)
    ('+0.250', '−0.250', '0.000')
    """
    text = number(value, span)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def counted(items: Iterable[object], one: str = "unit", many: str | None = None) -> str:
    """How many there are, in words.

    Examples
    --------
    >>> counted(["a"]), counted("ab", "year")
    ('1 unit', '2 years')
    """
    count = len(list(items))
    return f"{count} {one if count == 1 else many or one + 's'}"
