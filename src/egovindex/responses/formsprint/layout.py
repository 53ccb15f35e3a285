"""Whether an answer stands before its question or after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.responses.formsprint.lines import Block
from egovindex.responses.formsprint.options import Printed, options_in
from egovindex.responses.formsprint.words import stems
from egovindex.responses.formsprint.zones import Form, Zone, heading_like

__all__ = ["FIRST", "LAST", "choices_before", "orientation"]

_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
FIRST, LAST, AUTO = "answer_first", "answer_last", "auto"
# the share of the signs that must agree, and how much an e-mail address counts
_AGREE, _EMAIL = 0.7, 3
# below that share the signs leave a doubt, and so do fewer of them than these
_SURE, _FEWEST, _THIN = 0.75, 3, 0.1


def orientation(wanted: str, form: Form, zones: Sequence[Zone], file: str) -> tuple[str, str, str | None]:
    """The orientation of a print, how it was found, and why it is in doubt if it is.

    Raises
    ------
    DataError
        The signs do not agree, or there are none.
    """
    if wanted not in (FIRST, LAST, AUTO):
        known = (FIRST, LAST, AUTO)
        hint = did_you_mean(wanted, known, otherwise=";")
        raise DataError(
            Fault(f'orientation "{wanted}" is none{hint} it is one of {listed(known)}', check="orientation")
        )
    if wanted != AUTO:
        return wanted, "as told", None
    first, last = votes(form, zones)
    enough = max(_FEWEST, _THIN * len(form.labels))
    if first + last < enough:
        by_links = votes_of_links(form, zones)
        first, last = first + by_links[0], last + by_links[1]
    total = first + last
    if total and max(first, last) >= _AGREE * total:
        way, most = (FIRST, first) if first > last else (LAST, last)
        where = "before" if way == FIRST else "after"
        why = (
            f"only {most} of {total} signs tell that answers stand {where} their questions; "
            'look at one and say orientation="answer_first" or orientation="answer_last"'
        )
        return way, f"{most} of {total} signs", why if total < enough or most < _SURE * total else None
    if not any(zone.blocks for zone in zones[1:-1]):
        return LAST, "no answer in words", None
    message = (
        f"it cannot be told whether answers stand before or after their questions ({first} signs for before, "
        f"{last} for after); "
        'look at one answer and say orientation="answer_first" or orientation="answer_last"'
    )
    raise DataError(Fault(message, file=file, check="orientation"))


def votes(form: Form, zones: Sequence[Zone]) -> tuple[int, int]:
    """Signs for answers before, and after: text beside choices, e-mail addresses, what opens and ends the print."""
    first = last = 0
    many = len(form.labels)
    for at in range(many):
        before, after = zones[at], zones[at + 1]
        if form.item(at) is None or not form.takes_text(at):
            continue
        if _asks_email(form, at):
            has = _has_email(before), _has_email(after)
            first += _EMAIL * (has == (True, False))
            last += _EMAIL * (has == (False, True))
        if form.is_choice(at - 1):
            first += bool(_answers(form, before))
        if form.is_choice(at + 1):
            last += bool([one for one in _answers(form, after) if not one[0].top])
        last += at == 0 and not before.blocks
        first += at == many - 1 and not after.blocks and bool(before.blocks)
    return first, last


def votes_of_links(form: Form, zones: Sequence[Zone]) -> tuple[int, int]:
    """Signs for answers before, and after, by addresses of pages where one is asked for; other texts have some too."""
    first = last = 0
    for at in range(len(form.labels)):
        if _asks_link(form, at) and form.takes_text(at):
            has = _has_link(zones[at]), _has_link(zones[at + 1])
            first += has == (True, False)
            last += has == (False, True)
    return first, last


def _answers(form: Form, zone: Zone) -> list[Block]:
    """Text of a zone that no heading is; of a choice with words of its own, not the first."""
    item = form.item(zone.at)
    blocks = [one for one in zone.blocks if not heading_like(form, zone, one)]
    own = item is not None and item.other is not None and form.is_choice(zone.at)
    return blocks[1:] if own else blocks


def _asks_email(form: Form, at: int) -> bool:
    item = form.item(at)
    return item is not None and item.kind == "contact" and "email" in stems(" ".join(item.match or (item.label or "",)))


def _asks_link(form: Form, at: int) -> bool:
    item = form.item(at)
    return item is not None and item.kind == "link"


def _has_link(zone: Zone) -> bool:
    return any(_LINK.search(line.text) for block in zone.blocks for line in block)


def _has_email(zone: Zone) -> bool:
    return any("@" in line.text for block in zone.blocks for line in block)


def choices_before(form: Form, zones: Sequence[Zone]) -> list[Zone]:
    """The zones, where choices show only what was chosen and show it before the question."""
    choices = [at for at in range(len(form.labels)) if form.is_choice(at)]
    after = sum(bool(zones[at + 1].options) for at in choices)
    found = list(zones)
    if len(choices) < 3 or after > 0.2 * len(choices):
        return found
    for at in choices:
        before = found[at]
        if not before.blocks:
            continue
        block = before.blocks[-1]
        options, rest = options_in(block, form.scale(at))
        item = form.item(at)
        if (not options or rest) and item is not None and item.other is not None:
            own = " ".join(line.text for line in block)
            options, rest = [Printed(None, own, None, block[0])], []
        if options and not rest:
            found[at] = replace(before, blocks=before.blocks[:-1])
            found[at + 1] = replace(found[at + 1], options=tuple(options))
    return found
