"""Words of an instrument and of a print, made alike: how well a question of the print fits an item."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from egovindex.spec.questions import Item

__all__ = ["Fingerprints", "stems"]

_WORD = re.compile(r"\w+(?:[-’'‑]\w+)*")
# below this share of its words an item is not told apart by them
FITS = 0.5
# what all words of a label count: never so much that they do without a number
_LABEL = 0.45
_SMALL = frozenset(["the", "of", "and", "or", "a", "an", "in", "on", "to", "for", "is", "detail", "link"])
# more words than that say nothing more
_STRONG = 1.5


def stems(text: str) -> set[str]:
    """The words of a text without endings and spelling habits; parts of compounds too.

    Examples
    --------
    >>> sorted(stems("E-Services, organisations"))
    ['e', 'eservic', 'organisation', 'servic']
    """
    found: set[str] = set()
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        parts = re.split(r"[-’'‑_]", word)
        found.update(_stem(part) for part in (*parts, "".join(parts)) if part)
    return found


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    word = word.replace("our", "or").replace("z", "s").replace("programme", "program")
    for ending, instead in (("ies", "y"), ("ed", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending) + instead
            break
    return word.removesuffix("e") if len(word) > 3 else word


class Fingerprints:
    """The keywords of the items of an instrument, each weighted by how few items have it.

    Parameters
    ----------
    items
        The items, in order.
    """

    def __init__(self, items: Mapping[str, Item]) -> None:
        self.names = list(items)
        self.words = [[stems(word) for word in _keywords(item)] for item in items.values()]
        self.keys = sorted({stem for of_item in self.words for word in of_item for stem in word})
        among = {key: at for at, key in enumerate(self.keys)}
        self._at = among
        many = Counter(frozenset(word) for of_item in self.words for word in of_item)
        flat = [(row, word) for row, of_item in enumerate(self.words) for word in of_item]
        self._weights = np.array([1 / many[frozenset(word)] for _, word in flat])
        self._rows = np.array([row for row, _ in flat], dtype=np.intp)
        self._spelt = [_spelt(word, among) for _, word in flat]
        labels = [stems(item.label or "") - _SMALL for item in items.values()]
        self._label_sizes = np.array([max(len(label), 1) for label in labels])
        self._in_labels: dict[str, list[int]] = {}
        for row, label in enumerate(labels):
            for stem in label:
                self._in_labels.setdefault(stem, []).append(row)
        self.totals = np.bincount(self._rows, self._weights, minlength=len(self.names))
        self.strength = 0.5 + np.minimum(self.totals, _STRONG)

    def fits(self, text: str) -> npt.NDArray[np.float64]:
        """``(items,)`` weighted share of the keywords of each item that a text has.

        Words of the label count where keywords are missing, and never for enough.
        """
        words = stems(text)
        there = np.zeros(len(self.keys), dtype=bool)
        there[[self._at[stem] for stem in words if stem in self._at]] = True
        labelled = [row for word in words for row in self._in_labels.get(word, ())]
        shared = np.bincount(np.array(labelled, dtype=np.intp), minlength=len(self.names))
        by_label: npt.NDArray[np.float64] = _LABEL * shared / self._label_sizes
        if not there.any():
            return by_label
        has = np.array([there[whole] or bool(parts and there[parts].all()) for whole, parts in self._spelt])
        hit = np.bincount(self._rows, self._weights * has, minlength=len(self.names))
        shares: npt.NDArray[np.float64] = np.divide(hit, self.totals, out=np.zeros_like(hit), where=self.totals > 0)
        found: npt.NDArray[np.float64] = np.maximum(shares, by_label)
        return found


def _spelt(word: set[str], among: Mapping[str, int]) -> tuple[int, list[int]]:
    """A keyword as one word, and a compound as its parts."""
    whole = max(word, key=len)
    return among[whole], [among[one] for one in word if one != whole]


def _keywords(item: Item) -> tuple[str, ...]:
    if item.match:
        return tuple(item.match)
    return tuple(word for word in _WORD.findall(item.label or "") if len(word) > 3)
