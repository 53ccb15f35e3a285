"""A text cut into statements, each with its place: what is said of one law is not said of the next."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["clauses"]

_ENDS = ".;!?\u3002\u061b\u061f"
_BULLETS = "-\u2022*\u00b7\u25aa"
_DASHES = "\u2013\u2014"  # bullets where a line begins with them, else part of a sentence


def clauses(text: str) -> list[tuple[int, int]]:
    """Where the statements of a text begin and end.

    A statement ends with a sentence, at a semicolon, at a bullet, or at a line that a bullet begins. A full stop inside
    an address, a number or an abbreviation ends nothing.

    Examples
    --------
    >>> text = "- Law 5 is in force. See a.example/x - A decree is being drafted; adopted in 2022"
    >>> [text[start:end] for start, end in clauses(text)]
    ['Law 5 is in force.', 'See a.example/x', 'A decree is being drafted;', 'adopted in 2022']
    """
    found = []
    start = 0
    for end, follows in _cuts(text):
        found.append((start, end))
        start = follows
    found.append((start, len(text)))
    trimmed = (_trimmed(text, start, end) for start, end in found)
    return [(start, end) for start, end in trimmed if start < end]


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """Where a statement ends, and where the next begins."""
    size = len(text)
    for at, letter in enumerate(text):
        before = text[at - 1] if at else "\n"
        after = text[at + 1] if at + 1 < size else "\n"
        if letter in _ENDS and after.isspace() and not (letter == "." and _abbreviates(text, at)):
            yield at + 1, at + 1
        elif (letter in _BULLETS and before.isspace() and after.isspace()) or (
            before == "\n" and letter in _BULLETS + _DASHES + "\n"
        ):
            yield at, at + 1


def _abbreviates(text: str, at: int) -> bool:
    """Whether a full stop belongs to a word such as "No." or "e.g."."""
    start = at
    while start and not text[start - 1].isspace():
        start -= 1
    word = text[start:at].casefold().lstrip("(")
    follows = text[at + 1 : at + 4].lstrip()[:1]
    return word in {"no", "art", "e.g", "i.e", "etc", "nr", "dr", "mr", "ms", "h.e"} or follows.islower()


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in _BULLETS + _DASHES):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _BULLETS + _DASHES):
        end -= 1
    return start, end
