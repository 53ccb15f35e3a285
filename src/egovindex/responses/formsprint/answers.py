"""Who gets which block: answers before or after their questions, and those that a page break moved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from egovindex.responses.draft import LOW, MEDIUM, Left
from egovindex.responses.formsprint.layout import FIRST
from egovindex.responses.formsprint.lines import Block
from egovindex.responses.formsprint.zones import Form, Zone, heading_like, may_have_heading

__all__ = ["Given", "give"]

_ENDS = re.compile(r"[.!?;:。؟！？।][\"'”’)\]»]*$")
_SHORT = 60
_HEADING = "may be a heading of the question that follows"
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")


@dataclass
class Given:
    """What a question is given.

    Parameters
    ----------
    blocks
        Text.
    doubts
        Confidence and why, where it is not high.
    """

    blocks: list[Block] = field(default_factory=list)
    doubts: list[tuple[str, str]] = field(default_factory=list)

    def doubt(self, confidence: str, why: str) -> None:
        """Less than sure."""
        self.doubts.append((confidence, why))


def give(form: Form, zones: Sequence[Zone], way: str) -> tuple[list[Given], list[Left]]:
    """The text of each question, and what is left over."""
    hands = _Hands(form, [Given() for _ in form.labels])
    for zone in zones:
        hands.left += zone.left
        if way == FIRST:
            hands.first(zone)
        else:
            hands.last(zone)
    return hands.given, sorted(hands.left, key=lambda one: int(one.place.rsplit(" ", 1)[-1]))


class _Hands:
    """Gives blocks to questions, zone by zone."""

    def __init__(self, form: Form, given: list[Given]) -> None:
        self.form = form
        self.given = given
        self.left: list[Left] = []

    def drop(self, blocks: Sequence[Block], why: str) -> None:
        """Leave some blocks over."""
        self.left += [Left(one[0].place, why, "\n".join(line.text for line in one)) for one in blocks]

    # ---------------------------------------------------------------- answers after their questions

    def last(self, zone: Zone) -> None:
        """All of a zone belongs to its question, but for a heading at the end."""
        blocks = list(zone.blocks)
        if zone.at < 0:
            self.drop(blocks, "before the first question")
            return
        heading = self._heading_at_end(zone, blocks)
        given = self.given[zone.at]
        if self.form.is_choice(zone.at):
            self._of_choice(zone, blocks)
            return
        given.blocks += blocks
        if heading is not None:
            given.doubt(MEDIUM, heading)

    def _heading_at_end(self, zone: Zone, blocks: list[Block]) -> str | None:
        following = zone.at + 1
        if not blocks or following >= len(self.form.labels) or not heading_like(self.form, zone, blocks[-1]):
            return None
        sure = len(blocks) > 1 or self.form.is_choice(zone.at) or heading_like(self.form, zone, blocks[-1], 1.0)
        if len(blocks) == 1 and not self.form.is_choice(zone.at):
            if zone.told:
                return None
            if not blocks[0][0].gap or not may_have_heading(self.form, following):
                self.given[zone.at].doubt(LOW, _HEADING)
                return None
            self.given[zone.at].doubt(LOW, "blank; the line below it reads like a heading and was left out")
        if sure:
            self.drop([blocks.pop()], "reads like a heading of the question that follows")
            return None
        return _HEADING

    def _of_choice(self, zone: Zone, blocks: list[Block]) -> None:
        """Text after options: words of one's own, or something that is no option."""
        if not blocks:
            return
        given = self.given[zone.at]
        item = self.form.item(zone.at)
        given.blocks += blocks
        if item is not None and item.other is not None:
            given.doubt(MEDIUM, "stands after the options; read as the respondent's own words")
        elif zone.options:
            given.doubt(LOW, "stands after the options and is none of them")
        else:
            given.doubt(LOW, "stands in place of the options and is none of them")

    # --------------------------------------------------------------- answers before their questions

    def first(self, zone: Zone) -> None:
        """A zone belongs to the question that follows, but for what a page break moved and for words of one's own."""
        blocks = list(zone.blocks)
        following = zone.at + 1
        if following >= len(self.form.labels):
            self._after_all(zone, blocks)
        elif zone.at < 0:
            self._before_all(blocks)
        elif self.form.is_choice(zone.at):
            self._after_choice(zone, blocks)
        elif self.form.takes_text(following):
            self._between_texts(zone, blocks)
        else:
            self._text_then_choice(zone, blocks)

    def _before_all(self, blocks: list[Block]) -> None:
        if self.form.takes_text(0) and blocks:
            self.given[0].blocks.append(blocks.pop())
        self.drop(blocks, "before the first question")

    def _after_all(self, zone: Zone, blocks: list[Block]) -> None:
        if self.form.is_choice(zone.at) and self._has_own_words(zone):
            blocks = _parted(blocks)
            self._of_choice(zone, blocks[:1])
            blocks = blocks[1:]
        elif self.form.takes_text(zone.at) and blocks and blocks[0][0].top:
            self._back(zone.at, blocks.pop(0), LOW, "stands on the page after its question, which is the last")
        self.drop(blocks, "after the last answer")

    def _after_choice(self, zone: Zone, blocks: list[Block]) -> None:
        """Options are cut already: words of one's own may follow, then a heading, then the answer of the next."""
        own = 0
        if self._has_own_words(zone):
            blocks = _parted(blocks)
            own = 1 if zone.cut is None else zone.cut
            if not self.form.takes_text(zone.at + 1):
                own = len(blocks)
            self._of_choice(zone, blocks[:own])
        elif self._marked_other(zone):
            blocks = _parted_where_short(blocks) if self.form.takes_text(zone.at + 1) else blocks
            own = 1 if len(blocks) > 1 else 0
            self._of_choice(zone, blocks[:own])
        blocks = blocks[own:]
        if self.form.takes_text(zone.at + 1):
            self._to_next(zone, blocks)
            return
        headings = [one for one in blocks if heading_like(self.form, zone, one)]
        self.drop(headings, "reads like a heading of the question that follows")
        self._of_choice(zone, [one for one in blocks if one not in headings])

    def _has_own_words(self, zone: Zone) -> bool:
        """Whether the option for words of one's own is missing from the options: the words stand in its place."""
        item = self.form.item(zone.at)
        if item is None or item.other is None or len(zone.options) < 2:
            return False
        return zone.options[-1].category is not None and all(one.category != item.other for one in zone.options)

    def _marked_other(self, zone: Zone) -> bool:
        item = self.form.item(zone.at)
        other = item.other if item is not None else None
        return any(one.state and one.category == other and not one.own for one in zone.options)

    def _text_then_choice(self, zone: Zone, blocks: list[Block]) -> None:
        """The next question takes no text: what opens a page goes back, the rest can only be a heading."""
        headings = [one for one in blocks if heading_like(self.form, zone, one)]
        rest = [one for one in blocks if one not in headings]
        self.drop(headings, "reads like a heading of the question that follows")
        if not rest:
            return
        if rest[0][0].top:
            for one in rest:
                self._back(zone.at, one, MEDIUM, "")
        elif not self.given[zone.at].blocks:
            for one in rest:
                self._back(zone.at, one, LOW, "stands after its question, where others stand before")
        else:
            self.drop(rest, "stands between an answered question and one that takes no text")

    def _between_texts(self, zone: Zone, blocks: list[Block]) -> None:
        """Text waits between two questions that both take text."""
        if blocks and blocks[0][0].top:
            given = self.given[zone.at]
            if not given.blocks:
                alone = len(blocks) == 1
                self._back(zone.at, blocks.pop(0), LOW if alone else MEDIUM, "")
                if alone:
                    why = f"the text on top of {zone.blocks[0][0].place} may be its answer"
                    self.given[zone.at + 1].doubt(LOW, why)
            elif (len(blocks) > 1 and not self._is_complete(given, blocks[0])) or (
                len(blocks) == 1 and self._goes_on(given, blocks[0])
            ):
                self._back(zone.at, blocks.pop(0), MEDIUM, "")
        self._to_next(zone, blocks)

    def _to_next(self, zone: Zone, blocks: list[Block]) -> None:
        following = self.given[zone.at + 1]
        while len(blocks) > 1 and heading_like(self.form, zone, blocks[0]):
            self.drop([blocks.pop(0)], "reads like a heading of the question that follows")
        item = self.form.item(zone.at + 1)
        is_contact = item is not None and item.kind == "contact"
        if is_contact and len(blocks) == 1 and heading_like(self.form, zone, blocks[0], 1.0):
            if may_have_heading(self.form, zone.at + 1) and blocks[0][0].gap and not zone.beside:
                self.drop([blocks.pop()], "reads like a heading of the question that follows")
                following.doubt(LOW, "blank; the line above it reads like a heading and was left out")
            else:
                following.doubt(LOW, "may be a heading")
        if is_contact and len(blocks) > 1:
            following.doubt(MEDIUM, "more than one paragraph; the first may be a heading")
        following.blocks += blocks

    def _back(self, at: int, block: Block, confidence: str, why: str) -> None:
        """Give a block to the question before it."""
        goes_on = bool(self.given[at].blocks)
        carried = "goes on after its question, on a new page" if goes_on else "stands on a new page, after its question"
        self.given[at].blocks.append(block)
        self.given[at].doubt(confidence, why or carried)

    @staticmethod
    def _is_complete(given: Given, block: Block) -> bool:
        """Whether an answer ends with a sentence and the next block does not go on."""
        ended = bool(_ENDS.search(given.blocks[-1][-1].text))
        return ended and not block[0].text[:1].islower()

    @staticmethod
    def _goes_on(given: Given, block: Block) -> bool:
        """Whether a block is the rest of a sentence."""
        words = block[0].text.split()
        return (
            words[0][:1].islower()
            and not _ADDRESS.fullmatch(words[0])
            and len(words) > 1
            and not _ENDS.search(given.blocks[-1][-1].text)
        )


def _parted_where_short(blocks: list[Block]) -> list[Block]:
    """Blocks with a first line by itself, where it is much shorter than the others."""
    if len(blocks) == 1 and len(blocks[0]) > 1:
        first, *others = (len(line.text) for line in blocks[0])
        if first < min(_SHORT, 0.5 * max(others)):
            return [blocks[0][:1], blocks[0][1:]]
    return blocks


def _parted(blocks: list[Block]) -> list[Block]:
    """Blocks with a short first line by itself: words of one's own are short, and an answer may follow right below."""
    if len(blocks) == 1 and len(blocks[0]) > 1 and len(blocks[0][0].text) < _SHORT:
        return [blocks[0][:1], blocks[0][1:]]
    return blocks
