"""Lines that stand on many pages and belong to none of the answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from egovindex.responses.formsprint.layout import FIRST
from egovindex.responses.formsprint.lines import Block
from egovindex.responses.formsprint.zones import Form, Zone

__all__ = ["without_repeats"]

_FEWEST = 3


def without_repeats(form: Form, zones: Sequence[Zone], way: str) -> list[Zone]:
    """The zones without lines that stand in three or more, also where no answer can be.

    An answer may be repeated too, word by word; but never where a question takes no text.
    """
    where: dict[str, list[int]] = defaultdict(list)
    for number, zone in enumerate(zones):
        for block in zone.blocks:
            if len(block) == 1:
                where[block[0].text].append(number)
    repeated = {
        text
        for text, places in where.items()
        if len(set(places)) >= _FEWEST and any(_takes_none(form, zones[one], text, way) for one in places)
    }
    found = []
    for zone in zones:
        again = [block for block in zone.blocks if len(block) == 1 and block[0].text in repeated]
        found.append(zone.without(again, "stands on many pages") if again else zone)
    return found


def _takes_none(form: Form, zone: Zone, text: str, way: str) -> bool:
    """Whether a zone has no place for an answer, and the text does not open a page there."""
    block = next(one for one in zone.blocks if _is(one, text))
    if block[0].top:
        return False
    if way == FIRST:
        return not form.takes_text(zone.at + 1) and form.takes_text(zone.at)
    item = form.item(zone.at)
    return form.is_choice(zone.at) and bool(zone.options) and item is not None and item.other is None


def _is(block: Block, text: str) -> bool:
    return len(block) == 1 and block[0].text == text
