"""Cells of a workbook as text: numbers in their shortest form, dates as ISO writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Styles", "number_text", "to_workbook", "unescaped"]

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_QUOTED = r'"[^"]*"|\\.|_.|\*.'
_NO_DATE = re.compile(_QUOTED + r"|\[(?!h+\]|m+\]|s+\])(?:[^\]]*\]|(?P<rest>(?s:.*)))", re.IGNORECASE)
_NO_DATE_WITHOUT_BRACKETS = re.compile(_QUOTED)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
# numbers of formats that every workbook has, without writing them down
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_DAY = 86_400_000  # milliseconds


@dataclass(frozen=True)
class Styles:
    """How the cells of a workbook show numbers.

    Parameters
    ----------
    kinds
        For each style ``""`` (a number), ``"date"`` or ``"elapsed"``.
    from_1904
        Whether days are counted from 1904.
    """

    kinds: tuple[str, ...] = ()
    from_1904: bool = False

    def text(self, written: str, style: str | None) -> str:
        """A number of the file as text."""
        at = int(style) if style and style.isdigit() else 0
        kind = self.kinds[at] if at < len(self.kinds) else ""
        return date_text(written, kind, from_1904=self.from_1904) if kind else number_text(written)


def format_kind(number: int, code: str | None) -> str:
    """What a format of numbers shows: ``""``, ``"date"`` or ``"elapsed"``.

    Examples
    --------
    >>> (
    ...     format_kind(14, None),
    ...     format_kind(164, "yyyy-mm-dd"),
    ...     format_kind(165, '0.0 "days"'),
    ...     format_kind(166, "[h]:mm"),
    ... )
    ('date', 'date', '', 'elapsed')
    """
    if code is None:
        return "elapsed" if number == 46 else "date" if number in _DATES else ""
    first = _NO_DATE.sub(_left, code).split(";")[0]
    if _ELAPSED.search(first):
        return "elapsed"
    return "date" if first.casefold() != "general" and re.search("[dmyhs]", first, re.IGNORECASE) else ""


def _left(found: re.Match[str]) -> str:
    """Nothing; of a bracket that is never closed, all but what is quoted: then no other bracket is closed either."""
    return "" if found["rest"] is None else "[" + _NO_DATE_WITHOUT_BRACKETS.sub("", found["rest"])


def number_text(written: str) -> str:
    """A number in its shortest form.

    Examples
    --------
    >>> number_text("5"), number_text("5.0"), number_text("0.10000000000000001"), number_text("1E+20")
    ('5', '5', '0.1', '1e+20')
    """
    value = float(written)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def date_text(written: str, kind: str, *, from_1904: bool = False) -> str:
    """A day number as ISO writes dates and times; a number that is no date stays a number.

    Examples
    --------
    >>> date_text("44382", "date"), date_text("44382.5", "date"), date_text("0.75", "date"), date_text("1.5", "elapsed")
    ('2021-07-05', '2021-07-05T12:00:00', '18:00:00', '36:00:00')
    """
    value = float(written)
    milliseconds = round(value * _DAY) if abs(value) < 1e7 else -1
    if milliseconds < 0:
        return number_text(written)
    if kind == "elapsed":
        return _clock(milliseconds)
    if milliseconds < _DAY and not from_1904:
        return _clock(milliseconds)
    # 1900 was no leap year, and the first two months of a workbook pretend that it was
    begin = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 31 if value < 60 else 30)  # noqa: DTZ001
    try:
        moment = begin + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return number_text(written)
    day, rest = moment.date().isoformat(), milliseconds % _DAY
    return f"{day}T{_clock(rest)}" if rest else day


def _clock(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    behind = f".{thousandths:03d}" if thousandths else ""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{behind}"


def unescaped(text: str) -> str:
    r"""Text of a workbook, in which ``_x000D_`` stands for a character that XML would change.

    Examples
    --------
    >>> unescaped("a_x000D_b"), unescaped("_x005F_x000D_")
    ('a\rb', '_x000D_')
    """
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return found[0] if 0xD800 <= number <= 0xDFFF else chr(number)


def to_workbook(text: str) -> str:
    r"""Text as a workbook holds it, so that :func:`unescaped` gives it back.

    Examples
    --------
    >>> to_workbook("a\r\nb"), unescaped(to_workbook("_x0041_x0042_"))
    ('a_x000D_\nb', '_x0041_x0042_')
    """
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return text.replace("\r", "_x000D_")


def kinds_of(style_formats: Sequence[int], codes: dict[int, str]) -> tuple[str, ...]:
    """What each style shows."""
    return tuple(format_kind(number, codes.get(number)) for number in style_formats)
