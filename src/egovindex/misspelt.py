"""Whether a word looks like a slip of another."""

from __future__ import annotations

import re

__all__ = ["misspelt"]

# letters: no slip is told from another word in "II" and "III"; two slips are likely in long words only
_TOO_SHORT, _LONG = 3, 8


def misspelt(word: str, known: str) -> bool:
    """Whether one word can only be the other with a slip: one edit apart, two from eight letters on.

    An insertion, a deletion, a replaced letter or two letters that changed places are one edit. Words that
    differ in a digit or in their first letter are other words: level1 and level2, north and south.

    Examples
    --------
    >>> misspelt("centrall", "central"), misspelt("northern", "southern"), misspelt("level1", "level2")
    (True, False, False)
    """
    shorter = min(len(word), len(known))
    if shorter < _TOO_SHORT or word[0] != known[0] or re.sub(r"\D", "", word) != re.sub(r"\D", "", known):
        return False
    return 0 < _edits(word, known) <= (1 if shorter < _LONG else 2)


def _edits(one: str, other: str) -> int:
    """Edits from one word to the other: optimal string alignment, Damerau 1964."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, found in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != found))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == found:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
