"""Where a question ends and an answer begins, where no empty line stands between them.

All questions of a print are looked at together: in a print whose questions take one line each, the line below a
question is no part of it, however full the line of the question is. What cannot be told is kept apart as a tail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from egovindex.responses.formsprint.align import Found, Label, Tail
from egovindex.responses.formsprint.fields import AFTER, MOST_LINES, NONE, asks, is_alone
from egovindex.responses.formsprint.lines import Line, full_width
from egovindex.responses.formsprint.options import Scale
from egovindex.responses.formsprint.signs import like_answer
from egovindex.responses.formsprint.words import Fingerprints
from egovindex.responses.formsprint.zones import captioned
from egovindex.spec.questions import InstrumentBody

__all__ = ["with_ends"]

_STOPS = (".", "!", "?", "*", ":", ";", "؟", "？", "：", "。", "।")
# the share of the width that a line must have to go on, and where the print shows by itself how full its lines are
_FULL, _NEARLY = 0.7, 0.95
_FEWEST, _NARROW = 8, 45.0
# the shares of open places up to which no question takes two lines, and the fewest places that tell
_GOING_ON, _APART, _TELLING = 0.2, 0.5, 3
_WHOLE = 0.99


class _Place(Enum):
    """What stands between two lines of a block that a question opens."""

    ANSWER = "the line below can be no part of a question"
    ASKED = "a question mark, a star or a colon ends the question"
    SHORT = "the line is not full"
    GOES_ON = "the line below is a part of the question"
    SMALL = "the line below begins with a small letter"
    COLON = "so it does, and ends with a colon"
    STOP = "a sentence ends"
    OPEN = "nothing tells"


_ENDED = (_Place.ANSWER, _Place.ASKED, _Place.SHORT)
_ON = (_Place.GOES_ON, _Place.SMALL, _Place.COLON)


@dataclass(frozen=True)
class _Block:
    """A question with the lines right below it: its first line, the line after the last, and the places between."""

    label: Label
    first: int
    stop: int
    places: tuple[_Place, ...]
    followed: bool


def with_ends(lines: Sequence[Line], found: Found, prints: Fingerprints, body: InstrumentBody) -> Found:
    """The questions with their ends, and with tails where it cannot be told what is an answer."""
    if not found.labels:
        return found
    looker = _Looker(lines, found, prints, tuple(body.answers.values()))
    in_words = {name for name, item in body.items.items() if item.kind not in (None, "one", "many")}
    if found.family == AFTER:
        return replace(found, labels=looker.without_answers_above(in_words))
    blocks = list(looker.blocks())
    texts = [block for block in blocks if block.label.item in in_words]
    upside_down = found.family == NONE and looker.questions_last(texts)
    one_line = _one_line([block for block in blocks if not upside_down or block not in texts])
    labels = [
        looker.at_the_end(block) if upside_down and block in texts else _ended(block, one_line=one_line)
        for block in blocks
    ]
    return replace(found, labels=labels)


class _Looker:
    """Looks at the lines below each question."""

    def __init__(self, lines: Sequence[Line], found: Found, prints: Fingerprints, scales: Sequence[Scale]) -> None:
        self.lines = lines
        self.labels = found.labels
        self.prints = prints
        self.scales = scales
        self.at = {name: at for at, name in enumerate(prints.names)}
        self.width = _width(lines, found.labels)
        self.captions = captioned(lines, len(found.labels))
        self.full = _FULL
        self.full = self._full()

    def blocks(self) -> Iterator[_Block]:
        """A block for each question."""
        following = [*(label.start for label in self.labels[1:]), len(self.lines)]
        for label, edge in zip(self.labels, following, strict=True):
            first = label.start
            if label.end - first > 1 and is_alone(self.lines[first].text):
                first += 1
            stop = min(first + 1, edge)
            while stop < min(edge, first + MOST_LINES) and not self.lines[stop].gap:
                stop += 1
            places = tuple(self._places(label, first, stop))
            yield _Block(label, first, stop, places, followed=stop < edge)

    def _places(self, label: Label, first: int, stop: int) -> Iterator[_Place]:
        """What stands after each line but the last, up to the place where the question ends for sure."""
        item = self.at.get(label.item or "")
        text = ""
        for at in range(first, stop - 1):
            text = f"{text} {self.lines[at].text}"
            place = self._place(text, item, at)
            yield place
            if place in _ENDED:
                return

    def _place(self, text: str, item: int | None, at: int) -> _Place:
        last, below = self.lines[at].text, self.lines[at + 1].text
        if like_answer(below, self.scales) or (self.captions and captioned([self.lines[at + 1]], 0)):
            return _Place.ANSWER
        if asks(last) and not below.startswith(("-", "*")):
            return _Place.ASKED
        if item is not None and not last.endswith(_STOPS) and self._needs(text, below, item):
            return _Place.GOES_ON
        goes_on = self._asks_on(text, below, item)
        if len(last) + 1 + len(below.split(maxsplit=1)[0]) < self.full * self.width and not goes_on:
            return _Place.SHORT
        if goes_on:
            return _Place.GOES_ON
        if last.endswith(_STOPS):
            return _Place.STOP
        if below[:1].islower():
            return _Place.COLON if asks(below) else _Place.SMALL
        return _Place.OPEN

    def _asks_on(self, text: str, below: str, item: int | None) -> bool:
        """Whether the line below ends the question with a sign; a colon may also stand in an answer."""
        if not asks(below):
            return False
        if not below.rstrip().endswith((":", "：")):
            return True
        return item is None or float(self.prints.fits(text)[item]) < _WHOLE

    def _needs(self, text: str, below: str, item: int) -> bool:
        """Whether words of the item are missing, and stand in the line below."""
        has = float(self.prints.fits(text)[item])
        return has < _WHOLE and float(self.prints.fits(f"{text} {below}")[item]) > has + 1e-9

    def questions_last(self, blocks: Sequence[_Block]) -> bool:
        """Whether the last lines of most blocks have the words of the items, and the first lines have not."""
        first = last = 0
        for block in blocks:
            item = self.at.get(block.label.item or "")
            if item is None or block.stop - block.first < 2:
                continue
            opens, ends = (self.prints.fits(self.lines[at].text)[item] for at in (block.first, block.stop - 1))
            first += bool(opens > ends)
            last += bool(ends > opens)
        return last >= _TELLING and last >= (1 - _GOING_ON) * (first + last)

    def without_answers_above(self, in_words: Collection[str]) -> list[Label]:
        """The questions that their numbers end, without what stands above them in most blocks and can be no part."""
        several = [one for one in self.labels if one.item in in_words and one.end - one.start > 1]
        shorter = {one.item: self.at_the_end(_Block(one, one.start, one.end, (), followed=False)) for one in several}
        sure = sum(self._breaks(one.start, shorter[one.item].start) for one in several)
        if sure < _TELLING or sure < (1 - _GOING_ON) * len(several):
            return list(self.labels)
        return [shorter.get(one.item, one) for one in self.labels]

    def _breaks(self, first: int, start: int) -> bool:
        """Whether what stands above a line is no part of the same sentence."""
        if start == first:
            return False
        above, line = self.lines[start - 1].text, self.lines[start].text
        short = len(above) + 1 + len(line.split(maxsplit=1)[0]) < _FULL * self.width
        return short or like_answer(above) or (above.endswith(_STOPS) and not line[:1].islower())

    def at_the_end(self, block: _Block) -> Label:
        """The question that ends a block, as short as its words allow."""
        item = self.at.get(block.label.item or "")
        if item is None:
            return block.label
        needed = float(self.prints.fits(self._text(block.first, block.stop))[item])
        start = block.stop - 1
        while start > block.first and (
            self.lines[start].text[:1].islower() or self.prints.fits(self._text(start, block.stop))[item] < needed
        ):
            start -= 1
        return replace(block.label, start=start, end=block.stop)

    def _text(self, start: int, stop: int) -> str:
        return " ".join(line.text for line in self.lines[start:stop])

    def _full(self) -> float:
        """How full lines are that go on for sure, where there are enough of them."""
        shares = []
        for block in self.blocks():
            for at, place in enumerate(block.places, start=block.first):
                if place in _ON:
                    first = self.lines[at + 1].text.split(maxsplit=1)[0]
                    shares.append((len(self.lines[at].text) + 1 + len(first)) / self.width)
        return max(_FULL, _NEARLY * float(np.quantile(shares, 0.05))) if len(shares) >= _FEWEST else _FULL


def _width(lines: Sequence[Line], labels: Sequence[Label]) -> float:
    """About how many characters a full line of a question has."""
    lengths = sorted(len(lines[label.start].text) for label in labels)
    if len(lengths) < _FEWEST:
        return full_width(lines)
    return max(_NARROW, lengths[int(0.95 * (len(lengths) - 1))])


def _one_line(blocks: Sequence[_Block]) -> bool:
    """Whether each question of a print takes one line: hardly any goes on where it could."""
    could = [block for block in blocks if block.places and block.places[0] not in _ENDED]
    going_on = sum(block.places[0] in _ON for block in could)
    apart = sum(block.followed for block in could)
    return len(could) >= _TELLING and going_on <= _GOING_ON * len(could) and apart <= _APART * len(could)


def _ended(block: _Block, *, one_line: bool) -> Label:
    """A question with its end, and the place where it may end before."""
    end, tails = block.stop, dict[_Place, int]()
    for at, place in enumerate(block.places, start=block.first + 1):
        if place in _ENDED:
            end = at
        elif place == _Place.GOES_ON:
            tails.clear()
        elif one_line:
            why = "the question may go on in this line" if place in _ON else None
            return replace(block.label, end=at, doubt=why)
        elif place != _Place.COLON and (place == _Place.SMALL or not tails.keys() - {_Place.SMALL}):
            tails.setdefault(place, at)
    for place in (_Place.STOP, _Place.OPEN, _Place.SMALL):
        if place in tails:
            return replace(block.label, end=end, tail=Tail(tails[place], place == _Place.STOP, place == _Place.SMALL))
    return replace(block.label, end=end)
