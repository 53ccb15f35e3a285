"""What stands between the questions of a print: options of the question before, text, and text of the form itself."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from egovindex.responses.draft import Left
from egovindex.responses.formsprint.align import Label
from egovindex.responses.formsprint.lines import Block, Line, blocks_of
from egovindex.responses.formsprint.options import Printed, Scale, options_in
from egovindex.responses.formsprint.static import closing, is_placeholder, section_title, titled, told_by_the_form
from egovindex.responses.formsprint.words import stems
from egovindex.spec.questions import InstrumentBody, Item

__all__ = ["Form", "Zone", "captioned", "heading_like", "is_caption", "may_have_heading", "zones_of"]

_CAPTION = re.compile(r"(?:answers?|responses?|reply|ans|a|r)\s*[.:：]\s*(?=\S|$)", re.IGNORECASE)
_MOSTLY = 0.5


@dataclass(frozen=True)
class Form:
    """The questions of a print with the items that they are.

    Parameters
    ----------
    body
        The instrument.
    labels
        The questions, in order.
    marked
        Questions that no item is, and that are followed by options.
    """

    body: InstrumentBody
    labels: Sequence[Label]
    marked: frozenset[int] = frozenset()

    def item(self, at: int) -> Item | None:
        """The item of a question; None before the first, after the last and where no item is."""
        name = self.labels[at].item if 0 <= at < len(self.labels) else None
        return self.body.items[name] if name is not None else None

    def is_choice(self, at: int) -> bool:
        """Whether a question is answered by a mark."""
        item = self.item(at)
        return at in self.marked if item is None else item.kind in (None, "one", "many")

    def takes_text(self, at: int) -> bool:
        """Whether a question is answered in words, or may be."""
        return 0 <= at < len(self.labels) and not self.is_choice(at)

    def scale(self, at: int) -> Scale | None:
        """The options of a question; those of all scales for one that the instrument does not have."""
        item = self.item(at)
        if item is not None:
            return self.body.answers.get(item.answers or "") if self.is_choice(at) else None
        if not 0 <= at < len(self.labels):
            return None
        return {category: words for scale in self.body.answers.values() for category, words in scale.items() if words}

    def about(self, at: int) -> set[str]:
        """Words that a heading before a question may have: of its section and topic, and of the choices beside it."""
        item = self.item(at)
        if item is None:
            return set()
        words = f"{item.section or ''} {(item.topic or '').replace('.', ' ').replace('_', ' ')}"
        near = [one for one in map(self.item, (at - 1, at)) if one is not None and one.kind in (None, "one")]
        return stems(" ".join([words, *(" ".join(one.match or ()) for one in near)]))


@dataclass(frozen=True)
class Zone:
    """What stands after a question, up to the next.

    Parameters
    ----------
    at
        Number of the question in its form; -1 before the first.
    options
        Options of the question.
    blocks
        What else stands there.
    cut
        How many of the blocks stand before the title of a section, or a note.
    left
        Text of the form itself.
    told
        Whether it begins with a word such as Answer, or in the line of its question: then the first text answers.
    beside
        Whether the question that follows stands right below.
    """

    at: int
    options: tuple[Printed, ...] = ()
    blocks: tuple[Block, ...] = ()
    cut: int | None = None
    left: tuple[Left, ...] = field(default=())
    told: bool = False
    beside: bool = False

    def without(self, blocks: Sequence[Block], why: str) -> Zone:
        """The same without some blocks, which are told."""
        told = tuple(Left(one[0].place, why, "\n".join(line.text for line in one)) for one in blocks)
        kept = tuple(one for one in self.blocks if one not in blocks)
        return replace(self, blocks=kept, left=self.left + told)


def zones_of(lines: Sequence[Line], form: Form) -> tuple[Form, list[Zone]]:
    """All zones: before the first question, and after each; and the form, which now knows the choices among them."""
    labels = form.labels
    edges = [(0, labels[0].start)]
    edges += [(one.end, two.start) for one, two in itertools.pairwise(labels)]
    edges.append((labels[-1].end, len(lines)))
    parts, captions = _without_captions([lines[start:end] for start, end in edges])
    found = []
    last = ""
    for at, part in enumerate(parts, start=-1):
        zone, last = _zone(part, form, at, last)
        start, end = edges[at + 1]
        in_line = 0 < start < end and lines[start].number == lines[start - 1].number
        beside = start < end < len(lines) and not lines[end].gap
        found.append(replace(zone, told=in_line or captions[at + 1], beside=beside))
    marked = frozenset(zone.at for zone in found if zone.options and form.item(zone.at) is None)
    return replace(form, marked=marked), found


def is_caption(line: Line) -> bool:
    """Whether a line is such a word and nothing else."""
    return bool(_CAPTION.fullmatch(line.text))


def captioned(lines: Sequence[Line], labels: int) -> bool:
    """Whether as many lines as half of the questions, and one at least, begin with a word such as Answer."""
    return sum(bool(_CAPTION.match(line.text)) for line in lines) >= max(1, _MOSTLY * labels)


def _without_captions(parts: Sequence[Sequence[Line]]) -> tuple[list[list[Line]], list[bool]]:
    """The zones without what a form prints for an empty answer, and without a word such as Answer: before most.

    And which of them had such a word.
    """
    kept = [[line for line in part if not is_placeholder(line)] for part in parts]
    captions = [any(_CAPTION.match(line.text) for line in part) for part in kept]
    if sum(captions[1:]) < max(3, _MOSTLY * sum(bool(part) for part in kept[1:])):
        return kept, [False] * len(kept)
    return [_without_caption(part) for part in kept], captions


def _without_caption(part: list[Line]) -> list[Line]:
    found = []
    open_ = begins = True
    for line in part:
        is_caption = open_ and bool(_CAPTION.match(line.text))
        text = _CAPTION.sub("", line.text, count=1) if is_caption else line.text
        open_ = open_ and not is_caption
        begins = begins or is_caption
        if text:
            found.append(replace(line, text=text, gap=line.gap or begins))
            begins = False
    return found


def _zone(part: Sequence[Line], form: Form, at: int, last: str) -> tuple[Zone, str]:
    """One zone, with the letter of the section that begins in it."""
    has_options = form.is_choice(at) or (at >= 0 and form.item(at) is None)
    options, blocks = options_in(part, form.scale(at)) if has_options else ([], blocks_of(part))
    if at == len(form.labels) - 1:
        blocks, end = _before_closing(blocks)
    else:
        end = []
    kept: list[Block] = []
    static: list[Block] = []
    cut = None
    for block in blocks:
        letter = section_title(block, last) if at + 1 < len(form.labels) else None
        if letter is None and not told_by_the_form(block):
            kept.append(block)
            continue
        last = letter or last
        cut = len(kept) if cut is None and letter is not None else cut
        static.append(block)
    zone = Zone(at, tuple(options), tuple(blocks), cut)
    zone = zone.without(static, "text of the form: the title of a section, a note or an instruction")
    return zone.without(end, "after the last answer") if not end else replace(zone, left=zone.left + _told(end)), last


def _told(blocks: Sequence[Block]) -> tuple[Left, ...]:
    return tuple(Left(one[0].place, "after the last answer", "\n".join(line.text for line in one)) for one in blocks)


def _before_closing(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    for number, block in enumerate(blocks):
        if closing(block):
            return blocks[:number], blocks[number:]
    return blocks, []


def may_have_heading(form: Form, at: int) -> bool:
    """Whether a heading may stand before a question: its section, or its topic, is another than that before."""
    before, item = form.item(at - 1), form.item(at)
    return before is None or item is None or (before.section, before.topic) != (item.section, item.topic)


def heading_like(form: Form, zone: Zone, block: Block, share: float = 0.5) -> bool:
    """Whether a block of a zone reads like a heading of the question that follows it."""
    return titled(block, form.about(zone.at + 1), share)
