"""Text of unknown origin, made harmless for a terminal."""

from __future__ import annotations

import unicodedata

__all__ = ["visible"]

_JOINERS = "\u200c\u200d"  # they shape Persian and Indic words
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def visible(text: str, *, keep: str = "") -> str:
    r"""The text with every character written out that moves a cursor, sets a colour or turns text around.

    Parameters
    ----------
    text
        Names, answers and messages as they came.
    keep
        Characters that stay all the same, such as a line feed in a paragraph.

    Examples
    --------
    >>> print(visible("\x1b[31mred, \u202eleft"))
    \x1b[31mred, \u202eleft
    """
    if text.isprintable():
        return text
    return "".join(c if c in keep or _is_shown(c) else _escaped(c) for c in text)


def _is_shown(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _HIDDEN


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
