"""What names a person is taken out: whole fields by their flag, then addresses and numbers inside other text.

A redacted field keeps the fact that it was answered. What was taken out is counted by place and rule, and shown
nowhere. Numbers without a leading + stay: document ids and spans of years look the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

__all__ = ["MARK", "WORD", "Found", "Known", "Redactor", "redacted", "without"]

MARK = "[redacted]"
# letters of an address before and after the sign; the longest that mail allows (RFC 5321, section 4.5.3.1)
_BEFORE = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\Z")
_AFTER = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_SIGN = re.compile(r"@|\uff20| ?[\[({](?:at|AT|At)[\])}] ?")
# an international number: a plus, and seven digits or more with what is written between them
_PHONE = re.compile(r"(?:\+|\uff0b|\b00(?=[1-9]))\s?[(\[]?\d(?:[\d \u00a0()\[\]./\u2010-\u2015-]{5,24})\d")
_FEWEST_DIGITS = 7
_SHORTEST = 4  # letters of a name
WORD = re.compile(r"\w+")

Redactor = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was taken out.

    Parameters
    ----------
    rule
        ``field``, ``e-mail``, ``phone``, ``same as a field`` or ``own rule``.
    count
        How often.
    """

    rule: str
    count: int


def redacted(
    text: str, known: Iterable[str | Known] = (), own: Redactor | None = None
) -> tuple[str, tuple[Found, ...]]:
    """A text without addresses, numbers, and what stands in a field that names a person.

    Parameters
    ----------
    text
        Any text.
    known
        What the same respondent wrote into fields that name a person.
    own
        A rule of the user's: a function of a text that gives the text without what it takes out.

    Examples
    --------
    >>> redacted("Ask amira.dal@moi.example or +999 20 555 0123, from 2021-2035.")
    ('Ask [redacted] or [redacted], from 2021-2035.', (Found(rule='e-mail', count=1), Found(rule='phone', count=1)))
    """
    found: list[Found] = []
    for rule, take_out in (("e-mail", _without_addresses), ("phone", _without_numbers)):
        text, count = take_out(text)
        if count:
            found.append(Found(rule, count))
    text, count = without(text, known)
    if count:
        found.append(Found("same as a field", count))
    if own is not None:
        changed = own(text)
        if not isinstance(changed, str):
            raise TypeError("a redactor gives a text")
        if changed != text:
            found.append(Found("own rule", 1))
        text = changed
    return text, tuple(found)


def _without_addresses(text: str) -> tuple[str, int]:
    spans: list[tuple[int, int]] = []
    for sign in _SIGN.finditer(text):
        before = _BEFORE.search(text[max(sign.start() - 64, 0) : sign.start()])
        after = _AFTER.match(text, sign.end())
        if before and after:
            spans.append((sign.start() - len(before[0]), after.end()))
    return _cut(text, spans)


def _without_numbers(text: str) -> tuple[str, int]:
    found = _PHONE.finditer(text)
    return _cut(text, [match.span() for match in found if sum(map(str.isdigit, match[0])) >= _FEWEST_DIGITS])


@dataclass(frozen=True, slots=True)
class Known:
    """Something that names a person, ready to be looked for.

    Parameters
    ----------
    first
        Its first word, case folded: a text without it need not be looked at.
    words
        All of them.
    """

    first: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, value: str) -> Known | None:
        """A value of a field; ``None`` where it is so short that it stands everywhere, as initials do."""
        words = value.split()
        if sum(map(len, words)) < _SHORTEST:
            return None
        first = WORD.search(value)
        return cls(words[0].casefold() if first is None else first[0].casefold(), tuple(words))

    def taken_out(self, text: str) -> tuple[str, int]:
        """A text without it, whatever its case and the blanks in it, and how often it stood there."""
        pattern = r"(?<!\w)" + r"\s+".join(map(re.escape, self.words)) + r"(?!\w)"
        return re.subn(pattern, MARK, text, flags=re.IGNORECASE)


def without(text: str, known: Iterable[str | Known]) -> tuple[str, int]:
    """A text without some others, whatever their case and the blanks in them."""
    count = 0
    for value in known:
        found = Known.of(value) if isinstance(value, str) else value
        if found is not None and found.first in text.casefold():
            text, here = found.taken_out(text)
            count += here
    return text, count


def _cut(text: str, spans: list[tuple[int, int]]) -> tuple[str, int]:
    parts: list[str] = []
    at = 0
    for start, end in _apart(spans):
        parts += [text[at:start], MARK]
        at = end
    return "".join([*parts, text[at:]]), len(parts) // 2


def _apart(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans that overlap are one."""
    current: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if current is None:
            current = (start, end)
        elif start <= current[1]:
            current = (current[0], max(end, current[1]))
        else:
            yield current
            current = (start, end)
    if current is not None:
        yield current
