"""Numbers as they are written: decimal, fraction, and the shortest text that reads back."""

from __future__ import annotations

import math
import re
from fractions import Fraction

__all__ = ["is_number", "number_hint", "number_text", "parse_number"]

_DECIMAL = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_LARGEST_DENOMINATOR = 1000


def parse_number(text: str) -> float:
    """A finite number out of its written form, decimal or fraction.

    Raises
    ------
    ValueError
        The text is not a number of this language (``1_0``, ``0x1f``, ``inf``, ``nan``).

    Examples
    --------
    >>> parse_number("1/3") == 1 / 3, parse_number("1e3")
    (True, 1000.0)
    """
    top, slash, bottom = text.strip().partition("/")
    if not _DECIMAL.fullmatch(top.strip()) or (slash and not _DECIMAL.fullmatch(bottom.strip())):
        raise ValueError(f'"{text}" is not a number{number_hint(text)}')
    value = float(top)
    if slash:
        if float(bottom) == 0:
            raise ValueError(f'"{text}" divides by zero')
        value /= float(bottom)
    if not math.isfinite(value):
        raise ValueError(f'"{text}" is too large for a number')
    return value


def number_hint(text: str) -> str:
    """The number that was probably meant by ``0,25`` or ``25%``, as the end of a message.

    Examples
    --------
    >>> number_hint("0,25"), number_hint("25%"), number_hint("a lot")
    ('; a decimal has a point: 0.25', '; a share is written as a number: 25/100', '')
    """
    text = text.strip()
    if re.fullmatch(r"-?\d+,\d+", text):
        return f"; a decimal has a point: {text.replace(',', '.')}"
    percent = re.fullmatch(r"(-?\d+(?:\.\d+)?) ?%", text)
    return f"; a share is written as a number: {percent[1]}/100" if percent else ""


def is_number(text: str) -> bool:
    """Whether a text is a number of this language.

    Examples
    --------
    >>> is_number("1/3"), is_number("yes")
    (True, False)
    """
    try:
        parse_number(text)
    except ValueError:
        return False
    return True


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number; fractions stay fractions.

    Examples
    --------
    >>> number_text(0.5), number_text(12.0), number_text(1 / 3)
    ('0.5', '12', '1/3')
    """
    if not math.isfinite(value):
        return str(value)  # in messages only: no number of the language
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    shortest = repr(float(value))
    if len(shortest) > 8:
        near = Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)
        if near.numerator / near.denominator == value:
            return f"{near.numerator}/{near.denominator}"
    return shortest
