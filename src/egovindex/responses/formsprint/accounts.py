"""The last step: every line stands in a question, in an answer, among the options or in what is left over."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from egovindex.responses.draft import Left
from egovindex.responses.formsprint.answers import Given
from egovindex.responses.formsprint.lines import Line
from egovindex.responses.formsprint.static import is_placeholder
from egovindex.responses.formsprint.zones import Form, Zone, is_caption

__all__ = ["unaccounted"]

_WORD = re.compile(r"\w+")


def unaccounted(
    form: Form, zones: Sequence[Zone], given: Sequence[Given], left: Sequence[Left], lines: Sequence[Line]
) -> Iterator[Left]:
    """Lines that no one has."""
    known: dict[int, list[str]] = defaultdict(list)
    for at, got in enumerate(given):
        for line in [line for block in got.blocks for line in block if not _only_options(form, zones[at + 1])]:
            known[line.number].append(line.text)
    shown: dict[int, str] = {}
    options = [_usable(form, zone) for zone in zones]
    for zone, own, moved in zip(zones, options, [*options[1:], ""], strict=True):
        shown.update((at, f"{own} {moved}") for at in range(*_range(form, zone, len(lines))))
    told = _Told(left)
    for at, line in enumerate(lines):
        if at not in shown or is_placeholder(line) or is_caption(line):
            continue
        if any(text in line.text for text in known[line.number]):
            continue
        if not told.has(line) and not _is_shown(line, shown[at]):
            yield Left(line.place, "no place was found for it", line.text)


def _usable(form: Form, zone: Zone) -> str:
    """The options of a zone that have a place in the answers."""
    only = _only_options(form, zone)
    return " ".join(f"{one.text} {one.own or ''}" for one in zone.options if one.category is not None or not only)


def _only_options(form: Form, zone: Zone) -> bool:
    """Whether a question has rows for its options, and none for words of one's own."""
    item = form.item(zone.at)
    return item is not None and item.kind == "many" and bool(zone.options)


def _range(form: Form, zone: Zone, many: int) -> tuple[int, int]:
    start = form.labels[zone.at].end if zone.at >= 0 else 0
    end = form.labels[zone.at + 1].start if zone.at + 1 < len(form.labels) else many
    return start, end


def _is_shown(line: Line, options: str) -> bool:
    """Whether the words of a line, but for marks such as x, are those of options."""
    words = [word for word in _WORD.findall(line.text) if len(word) > 1]
    return bool(options.strip()) and all(word in options for word in words)


class _Told:
    """What is left over, by its lines."""

    def __init__(self, left: Sequence[Left]) -> None:
        self.lines = {piece for one in left for piece in one.text.split("\n")}

    def has(self, line: Line) -> bool:
        """Whether a line is among it."""
        return line.text in self.lines
