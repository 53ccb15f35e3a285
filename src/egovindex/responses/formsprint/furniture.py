"""What a printer adds to every page: counters, dates, titles, addresses of the form."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from egovindex.responses.draft import Left
from egovindex.responses.formsprint.lines import Line, with_break
from egovindex.responses.formsprint.signs import is_date

__all__ = ["without_furniture"]

_COUNTER = re.compile(
    r"(?P<before>.*?)(?<!\S)(?P<word>(?:page|p\.?)\s*)?(?P<n>\d{1,4})\s*(?:/|of)\s*(?P<m>\d{1,4})", re.IGNORECASE
)
_PAGE = re.compile(r"(?:page\s+\d{1,4}|[-–—]\s*\d{1,4}\s*[-–—])", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}")
_FORM_HOSTS = re.compile(r"https?://(?:\S*\.)?(?:office\.com|forms\.gle|docs\.google\.com/forms)\S*", re.IGNORECASE)
_ASKED = re.compile(r"\b(?:question|item|q)\s*$", re.IGNORECASE)
# many questions may have the same words; their numbers tell them apart
_NUMBERED = re.compile(
    r"^\W{0,3}(?:(?:q|question|item|no\.?|nr\.?)\s*)?\d{1,4}[a-z]?\s*[.):\]]\W{0,3}\s[^\W\d]|[^\d./-]\d{1,4}[.)]$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
# a date with the time of the day
# a day, and later in the line a time: two patterns, since one with a gap between would look for each day again
_STAMP_DAY, _STAMP_TIME = re.compile(r"\d[./-]\d|\d{4}"), re.compile(r"\d:\d{2}")
_EDGE = 3
# characters of the shortest title
_TITLE = 10


def without_furniture(lines: Sequence[Line]) -> tuple[list[Line], list[Left], dict[str, str]]:
    """Lines without what a printer adds, what was taken out, and the dates that stood there as they are written."""
    counters = _counters(lines)
    counters |= _dates(lines, counters)
    taken = set(counters) | _running(lines, counters) | _page_numbers(lines)
    for at, line in enumerate(lines):
        beside = any(near in taken for near in range(at - 1, at + 2))
        if beside and _FORM_HOSTS.fullmatch(line.text):
            taken.add(at)
    left = []
    dates = {match[0] for at in taken if (match := _DATE.search(lines[at].text))}
    notes = {"date of the print, as written": ", ".join(sorted(dates))} if dates else {}
    kept: list[Line] = []
    pages, last = 0, -1
    for at, line in enumerate(lines):
        if at in taken:
            place = with_break(line, pages, top=False).place
            left.append(Left(place, "header or footer of the print", line.text))
            continue
        after = [one for one in range(last + 1, at) if one in taken]
        new_page = bool(after) and last >= 0 and not line.top
        already = any(lines[one].top for one in after)
        pages += new_page and not already
        kept.append(with_break(line, pages, top=new_page))
        last = at
    return kept, left, notes


def _counters(lines: Sequence[Line]) -> set[int]:
    """Lines such as 2/23 or Page 3 of 12, with the address of the form before them or nothing."""
    by_total: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    found = set()
    for at, line in enumerate(lines):
        if _PAGE.fullmatch(line.text):
            found.add(at)
        match = _COUNTER.fullmatch(line.text) if len(line.text) < 300 else None
        if match and int(match["n"]) <= int(match["m"]) and not _ASKED.search(match["before"]):
            by_total[match["before"][:20], match["m"]].append((at, int(match["n"])))
            if match["word"] and not match["before"]:
                found.add(at)
    for group in by_total.values():
        numbers = [number for _, number in group]
        if len(numbers) > 1 and all(a < b for a, b in itertools.pairwise(numbers)):
            found.update(at for at, _ in group)
    return found


def _page_numbers(lines: Sequence[Line]) -> set[int]:
    """Bare numbers that open, or end, page after page and count as the pages do."""
    tops = [at for at, line in enumerate(lines) if line.top]
    found: set[int] = set()
    for edge in (tops, [at - 1 for at in (*tops[1:], len(lines))]):
        numbers = {at: int(lines[at].text) for at in edge if at >= 0 and re.fullmatch(r"\d{1,4}", lines[at].text)}
        offsets = {number - lines[at].page for at, number in numbers.items()}
        if len(numbers) > 1 and len(offsets) == 1 and len(numbers) >= 0.5 * len(edge):
            found.update(numbers)
    return found


def _dates(lines: Sequence[Line], counters: set[int]) -> set[int]:
    """Lines that are only a date or a time, and come again: at the edges of pages, or beside a line that comes again.

    The digits may differ. One that is the same, with its time, comes from the printer wherever it stands.
    """
    where: dict[str, list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        if is_date(line.text):
            where[_DIGITS.sub("#", line.text)].append(at)
    edges = _edges(lines, counters)
    found: set[int] = set()
    for places in where.values():
        many = Counter(lines[at].text for at in places)
        stamped = [at for at in places if _is_stamp(lines[at].text)]
        again = [at for at in places if many[lines[at].text] > 1]
        for group in (edges.intersection(stamped), edges.intersection(again), _beside_again(lines, again)):
            found.update(group if len(group) > 1 else ())
        found.update(set(stamped) & set(again))
    return found


def _is_stamp(text: str) -> bool:
    day = _STAMP_DAY.search(text)
    return day is not None and _STAMP_TIME.search(text, day.end()) is not None


def _beside_again(lines: Sequence[Line], places: Sequence[int]) -> set[int]:
    """The places whose neighbour, above or below, is a line of some length that stands beside another of them."""
    found: set[int] = set()
    for step in (-1, 1):
        beside = {at: lines[at + step].text for at in places if 0 <= at + step < len(lines)}
        many = Counter(beside.values())
        found.update(at for at, text in beside.items() if many[text] > 1 and len(text) >= _TITLE)
    return found


def _running(lines: Sequence[Line], counters: set[int]) -> set[int]:
    """Lines that stand again and again, and only, at the edge of a page."""
    edges = _edges(lines, counters)
    where: dict[str, list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        where[line.text if _NUMBERED.search(line.text) else _DIGITS.sub("#", line.text)].append(at)
    found = set()
    for text, places in where.items():
        if not edges.issuperset(places) or len(re.sub(r"\W|#", "", text)) < 4:
            continue
        beside = all(any(at + step in counters for step in (-2, -1, 1, 2)) for at in places)
        if len(places) >= (2 if beside else 3):
            found.update(places)
    return found


def _edges(lines: Sequence[Line], counters: set[int]) -> set[int]:
    edges: set[int] = set()
    tops = [at for at, line in enumerate(lines) if line.top and at > 0]
    for at in tops:
        edges.update(range(at - _EDGE + 1, at + _EDGE - 1))
    if tops:
        edges.update((0, 1))
    for at in counters:
        edges.update(range(at - _EDGE + 1, at + _EDGE))
    return edges
