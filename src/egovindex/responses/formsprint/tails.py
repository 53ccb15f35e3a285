"""The last lines of a question that may be an answer: taken as one where there is room for one, and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from egovindex.responses.draft import LOW, MEDIUM, Left
from egovindex.responses.formsprint.align import Label
from egovindex.responses.formsprint.layout import FIRST
from egovindex.responses.formsprint.lines import Line
from egovindex.responses.formsprint.zones import Form, Zone

__all__ = ["Parted", "without_tails"]

# the share of questions with an answer right below them from which the print has no empty lines there
_ATTACHED = 0.3
_CUT = "the line between the question and its answer is not sure"
_KEPT = "a line that reads like a part of a question may be its answer"


@dataclass
class Parted:
    """What was made of the tails.

    Parameters
    ----------
    labels
        The questions without what was taken as an answer.
    doubts
        Number of the question that an answer belongs to, how sure that is, and why.
    left
        Tails that stayed with their questions, and may be answers.
    """

    labels: list[Label]
    doubts: list[tuple[int, str, str]] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def without_tails(form: Form, zones: Sequence[Zone], lines: Sequence[Line], way: str) -> Parted:
    """The questions without their tails, where answers stand right below questions and one fits there."""
    parted = Parted(list(form.labels))
    attached = _attached(form, zones, lines)
    for at, label in enumerate(form.labels):
        slot = at + 1 if way == FIRST else at
        if label.doubt is not None:
            parted.doubts.append((slot, MEDIUM, label.doubt))
        zone = zones[at + 1]
        if label.tail is None or zone.options or not _has_room(form, zones, slot, way):
            continue
        below = _is_below(form, lines, at)
        small = label.tail.small and (bool(zone.blocks) or not _is_contact(form, slot))
        if not small and (attached or below):
            parted.labels[at] = replace(label, end=label.tail.start, tail=None)
            parted.doubts.append((slot, MEDIUM if label.tail.stop else LOW, _CUT))
        elif not zone.blocks and (attached or not label.tail.small):
            parted.doubts.append((slot, LOW, _KEPT))
            parted.left.append(_told(form, lines, label, slot))
    return parted


def _attached(form: Form, zones: Sequence[Zone], lines: Sequence[Line]) -> bool:
    """Whether answers stand right below the questions above them, with no empty line between."""
    filled = [at for at in range(len(form.labels)) if zones[at + 1].blocks or zones[at + 1].options]
    return sum(_is_below(form, lines, at) for at in filled) >= _ATTACHED * len(filled)


def _is_below(form: Form, lines: Sequence[Line], at: int) -> bool:
    end = form.labels[at].end
    following = form.labels[at + 1].start if at + 1 < len(form.labels) else len(lines)
    return end < following and not lines[end].gap


def _has_room(form: Form, zones: Sequence[Zone], slot: int, way: str) -> bool:
    """Whether a question may have an answer where the tail stands."""
    if not 0 <= slot < len(form.labels):
        return False
    return way != FIRST or form.takes_text(slot) or not zones[slot + 1].options


def _is_contact(form: Form, slot: int) -> bool:
    """Whether a question asks for a person: what may be a name is taken as one, so that it is withheld."""
    item = form.item(slot)
    return item is not None and item.kind == "contact"


def _told(form: Form, lines: Sequence[Line], label: Label, slot: int) -> Left:
    start = label.tail.start if label.tail is not None else label.end
    name = form.labels[slot].item or "a question that the instrument does not have"
    why = f"the end of a question, or the answer of {name}"
    return Left(lines[start].place, why, "\n".join(line.text for line in lines[start : label.end]))
