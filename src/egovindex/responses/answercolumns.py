"""Where the answers to an instrument go: a column for each item, or for each of its choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from egovindex.responses.cells import plain
from egovindex.spec.items import columns_of

if TYPE_CHECKING:
    from egovindex.instrument import Instrument
    from egovindex.spec.questions import Item

__all__ = ["AnswerColumn", "Splitter", "answer_columns", "choices_of", "has_marks", "options_of"]


@dataclass(frozen=True)
class AnswerColumn:
    """A column that respondents fill in.

    Parameters
    ----------
    name
        ``q036``, or ``q007.portal``.
    item
        Its item.
    choice
        The choice; ``None`` where the column is the whole item.
    marks
        Whether options are marked there.
    """

    name: str
    item: str
    choice: str | None
    marks: bool


def has_marks(item: Item) -> bool:
    """Whether options of the item are marked."""
    return item.kind == "many" or (item.kind in {None, "one"} and item.answers is not None)


def answer_columns(instrument: Instrument) -> dict[str, AnswerColumn]:
    """The columns that respondents fill in, by name; those of coders are not among them."""
    found = {}
    for name, item in instrument.file.items.items():
        own = item.model_copy(update={"coded_as": None})
        for column, _, _ in columns_of(name, own, instrument.file.answers):
            choice = column[len(name) + 1 :] if item.kind == "many" else None
            found[column] = AnswerColumn(column, name, choice, has_marks(item))
    return found


def choices_of(item: Item, instrument: Instrument) -> tuple[str, ...]:
    """Categories of the scale of an item."""
    return tuple(instrument.file.answers.get(item.answers or "", ()))


def options_of(item: Item, instrument: Instrument, *, of: str = "label") -> dict[str, str]:
    """Every option as it may be written, ready to compare, with its category."""
    scale: Mapping[str, tuple[str, ...]] = instrument.file.answers.get(item.answers or "", {})
    spelt = {plain(category): category for category in scale}
    if of == "label":
        spelt |= {plain(word): category for category, words in scale.items() for word in words}
    return spelt


@dataclass(frozen=True)
class Splitter:
    """Splits a cell with several options by the list of options, since an option may contain the separator.

    Parameters
    ----------
    options
        Category of each option, see :func:`options_of`.
    sep
        What stands between two of them.

    Examples
    --------
    >>> split = Splitter({"portal": "p", "app, or site": "a"}, ", ")
    >>> split("App, or site, Portal, by post, or not")
    (frozenset({...}), 'by post, or not')
    """

    options: Mapping[str, str]
    sep: str
    _most: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        sep = plain(self.sep) or self.sep
        object.__setattr__(self, "_most", 1 + max((option.count(sep) for option in self.options), default=0))

    def __call__(self, text: str) -> tuple[frozenset[str], str]:
        """Categories that are ticked, and what is no option."""
        pieces = text.replace("\u00a0", " ").split(self.sep)
        ticked: set[str] = set()
        rest: list[str] = []
        at = 0
        while at < len(pieces):
            for size in range(min(self._most, len(pieces) - at), 0, -1):
                category = self.options.get(plain(self.sep.join(pieces[at : at + size])))
                if category is not None:
                    ticked.add(category)
                    break
            else:
                size = 1
                rest.append(pieces[at])
            at += size
        words = self.sep.join(piece for piece in rest if piece.strip())
        return frozenset(ticked), words.strip()
