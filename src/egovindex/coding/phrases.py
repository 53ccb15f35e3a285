"""Phrases found in text, word by word: no regular expression ever meets a respondent's text.

A phrase is written as people say it: ``is|are|was being drafted``, ``planning to``, ``law ... article``. ``|`` parts
words of which one stands there, ``...`` leaves out up to eight words, a word that ends in ``*`` is the beginning of
words. Matching takes time in proportion to the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Phrase", "Words", "first_of", "words_of"]

_GAP = "..."
_MOST_LEFT_OUT = 8
_INSIDE = "-/'\u2019"  # these join words, as in data-once-only


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, case folded, with where each stands.

    Parameters
    ----------
    words
        The words.
    starts, ends
        Where each begins and ends in the text.
    """

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def within(self, start: int, end: int) -> Words:
        """Those between two places of the text."""
        chosen = [at for at, place in enumerate(self.starts) if start <= place < end]
        if not chosen:
            return Words((), (), ())
        part = slice(chosen[0], chosen[-1] + 1)
        return Words(self.words[part], self.starts[part], self.ends[part])


def words_of(text: str) -> Words:
    """The words of a text.

    Examples
    --------
    >>> words_of("A data-once-only law (2019).").words
    ('a', 'data-once-only', 'law', '2019')
    """
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    start = None
    for at, letter in enumerate([*text, " "]):
        inside = letter.isalnum() or unicodedata.category(letter).startswith("M")
        joins = letter in _INSIDE and start is not None and at + 1 < len(text) and text[at + 1].isalnum()
        if start is None and inside:
            start = at
        elif start is not None and not inside and not joins:
            words.append(unicodedata.normalize("NFKC", text[start:at]).casefold().replace("\u2019", "'"))
            starts.append(start)
            ends.append(at)
            start = None
    return Words(tuple(words), tuple(starts), tuple(ends))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, ready to be found.

    Parameters
    ----------
    text
        As it is written.
    steps
        Words of which one stands at each step; ``None`` for words that are left out.
    """

    text: str
    steps: tuple[frozenset[str] | None, ...]

    @classmethod
    def of(cls, text: str) -> Phrase:
        """A phrase as it is written; a word that ends in ``*`` stands for all that begin so.

        Examples
        --------
        >>> Phrase.of("is|are being drafted").find(words_of("Two laws are being drafted now."))
        (9, 26)
        """
        steps = [None if word == _GAP else frozenset(word.casefold().split("|")) for word in text.split()]
        if not steps or steps[0] is None or steps[-1] is None:
            raise ValueError(f'"{text}": a phrase begins and ends with a word')
        return cls(text, tuple(steps))

    def find(self, words: Words) -> tuple[int, int] | None:
        """Where the phrase stands first, as places of the text; ``None`` if it does not."""
        for start in range(len(words.words)):
            end = self._from(words.words, start)
            if end is not None:
                return words.starts[start], words.ends[end]
        return None

    def _from(self, words: Sequence[str], at: int) -> int | None:
        """The last word of the phrase that begins at a word."""
        last, left_out = at - 1, 0
        for step in self.steps:
            if step is None:
                left_out = _MOST_LEFT_OUT
                continue
            found = next(
                (place for place in range(last + 1, min(last + 2 + left_out, len(words))) if _is(words[place], step)),
                None,
            )
            if found is None:
                return None
            last, left_out = found, 0
        return last


def _is(word: str, step: frozenset[str]) -> bool:
    return word in step or any(one.endswith("*") and word.startswith(one[:-1]) for one in step)


@lru_cache(maxsize=4096)
def _phrase(text: str) -> Phrase:
    return Phrase.of(text)


def first_of(phrases: Iterable[str], words: Words) -> tuple[int, int] | None:
    """Where the first of some phrases stands.

    Examples
    --------
    >>> first_of(["plans to", "planning to"], words_of("It is planning to do so"))
    (6, 17)
    """
    found = [place for phrase in phrases if (place := _phrase(phrase).find(words)) is not None]
    return min(found, default=None)
