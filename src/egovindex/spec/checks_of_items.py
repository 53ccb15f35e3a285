"""Faults of an instrument: scales, routing, evidence, claims of identity.

Each check takes the questionnaire and the path at which it stands: nothing in a file of its own, ``instrument`` and
its id inside an index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from egovindex.errors import Fault, did_you_mean, listed
from egovindex.spec import language, values
from egovindex.spec.checks_of_keys import reserved_categories
from egovindex.spec.checks_of_points import spellings_twice
from egovindex.spec.items import YES_NO, columns_of, scales_of
from egovindex.spec.model import IndexFile
from egovindex.spec.places import IndexCheck, Place, records
from egovindex.spec.questions import InstrumentBody
from egovindex.spec.words import KINDS

__all__ = ["CHECKS", "faults_of_items"]

Path_ = tuple[str, ...]
ItemCheck = Callable[[InstrumentBody, Path_, Place], Iterator[Fault]]


def scale_of_an_item(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    for name, item in body.items.items():
        for key, scales in (("answers", (item.answers,) if item.answers else ()), ("coded_as", item.coded_as or ())):
            for scale in scales:
                if scale not in body.answers:
                    hint = did_you_mean(scale, body.answers, otherwise=".")
                    message = f'{name}: there is no scale "{scale}"{hint} Scales: {listed(body.answers) or "none"}'
                    yield place("unknown_scale", (*at, "items", name, key), message)


def many_of_nothing(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    for name, item in body.items.items():
        if item.kind == "many" and not item.answers:
            message = (
                f"{name}: of kind many, and its choices are not named; write answers: NAME of a scale that lists them"
            )
            yield place("many_of_nothing", (*at, "items", name), message)


def item_column_twice(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for name, item in body.items.items():
        for column, _, _ in columns_of(name, item, body.answers):
            other = first.setdefault(column, name)
            if other != name:
                message = f'items "{other}" and "{name}" both give a column "{column}"; rename one'
                yield place("item_column_twice", (*at, "items", name), message)


def unknown_item(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    known = _scales_of_names(body)
    for path, where, test in _tests(body, at):
        names = dict.fromkeys((*language.names_in(test), *(found.name for found in language.categories_in(test))))
        for name in names:
            if name not in known:
                hint = language.hint_for_name(name, known) or _choices(name, body)
                yield place("unknown_item", path, f'{where}: "{name}" is no item of this instrument{hint}')
    for name, item in body.items.items():
        if item.evidence is not None and item.evidence not in body.items:
            hint = did_you_mean(item.evidence, body.items)
            message = f'{name}: evidence "{item.evidence}" is no item of this instrument{hint}'
            yield place("unknown_item", (*at, "items", name, "evidence"), message)


def _choices(name: str, body: InstrumentBody) -> str:
    """What to write for an item that has a column for each choice."""
    item = body.items.get(name)
    found = [] if item is None else [column for column, _, _ in columns_of(name, item, body.answers)]
    return f" with a column of its own; it has {listed(found)}" if found else ""


def category_of_no_item(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    scales = _scales_of_names(body)
    for path, where, test in _tests(body, at):
        for found in language.categories_in(test):
            scale = scales.get(found.name)
            allowed = [*(scale or ()), *KINDS]
            spelt = {word.casefold() for word in allowed}
            spelt |= {spelling.casefold() for spellings in (scale or {}).values() for spelling in spellings}
            for category in found.categories if scale else ():
                if category.strip().casefold() not in spelt:
                    hint = did_you_mean(category, allowed, otherwise=".")
                    message = (
                        f'{where}: "{category}" is no answer to {found.name}{hint} Categories: {listed(scale or ())}'
                    )
                    yield place("category_not_in_scale", path, message)


def evidence_that_is_none(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    for name, item in body.items.items():
        path = (*at, "items", name, "evidence")
        if item.evidence == name:
            yield place(
                "evidence_of_itself", path, f"{name}: evidence names the item itself; name the one that documents it"
            )
        elif item.evidence in body.items and body.items[item.evidence].kind == "many":
            message = f"{name}: evidence {item.evidence} is of kind many and has no column of its own"
            yield place("evidence_of_many", path, message)


def same_as_unclear(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    for name, item in body.items.items():
        if item.same_as is None:
            continue
        parts = item.same_as.split("/")
        if len(parts) != 2 or not all(values.ID.fullmatch(part) for part in parts):
            message = f'{name}: same_as is written instrument/item, found "{item.same_as}"'
            yield place("same_as_unclear", (*at, "items", name, "same_as"), message)


def other_that_is_none(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    for name, item in body.items.items():
        scale = body.answers.get(item.answers or "", {})
        if item.other is not None and item.other not in scale:
            hint = did_you_mean(item.other, scale, otherwise=".")
            known = f" Categories: {listed(scale)}" if scale else " It has no scale; name one with answers"
            message = f'{name}: other names no category of its scale, found "{item.other}"{hint}{known}'
            yield place("other_that_is_none", (*at, "items", name, "other"), message)


def item_that_is_none(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    for key, name in (("unit", body.unit), ("consent", body.consent)):
        if name is not None and name not in body.items:
            message = f'{key}: there is no item "{name}"{did_you_mean(name, body.items)}'
            yield place("unknown_item", (*at, key), message)


def word_of_two_kinds(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for kind, words in body.nothing.items():
        for word in words:
            other = first.setdefault(word.casefold(), kind)
            if other != kind:
                message = f'nothing: "{word}" is written for {other} and for {kind}; keep one'
                yield place("word_of_two_kinds", (*at, "nothing", kind), message)


def ask_if_in_a_circle(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    owners = _owners(body)
    below: dict[str, list[str]] = {}
    for name, item in body.items.items():
        asked = [] if item.ask_if is None else [*language.names_in(item.ask_if), *_categories(item.ask_if)]
        below[name] = [owners[other] for other in asked if other in owners]
    told: set[str] = set()
    for start in body.items:
        circle = _circle(start, below)
        if circle and not told & set(circle):
            told |= set(circle)
            message = f"ask_if goes round: {' -> '.join([*circle, circle[0]])}; one of them has to be asked first"
            yield place("ask_if_in_a_circle", (*at, "items", start, "ask_if"), message)


def _circle(start: str, below: Mapping[str, list[str]]) -> list[str]:
    """The items from one back to itself, or none."""
    came_from = dict.fromkeys(below[start], start)
    left = list(came_from)
    while left:
        name = left.pop()
        if name == start:
            found = [came_from[start]]
            while found[-1] != start:
                found.append(came_from[found[-1]])
            return found[::-1]
        for other in below[name]:
            if other not in came_from:
                came_from[other] = name
                left.append(other)
    return []


def scales_of_an_instrument(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    yield from spellings_twice(body.answers, (*at, "answers"), place)
    yield from reserved_categories(body.answers, (*at, "answers"), place)


def _categories(test: language.Test) -> list[str]:
    return [found.name for found in language.categories_in(test)]


def _tests(body: InstrumentBody, at: Path_) -> Iterator[tuple[Path_, str, language.Test]]:
    """Every sentence over items: place, owner, sentence."""
    for name, item in body.items.items():
        if item.ask_if is not None:
            yield (*at, "items", name, "ask_if"), f"{name}, ask_if", item.ask_if
    for name, check in body.checks.items():
        yield (*at, "checks", name, "wrong_if"), f"checks.{name}", check.wrong_if


def _scales_of_names(body: InstrumentBody) -> dict[str, Mapping[str, Any] | None]:
    """The scale behind each name that a sentence may use: a column of an item, or a short name."""
    ticked: Mapping[str, Any] = body.answers.get(YES_NO, {"yes": (), "no": ()})
    found: dict[str, Mapping[str, Any] | None] = {}
    for name, item in body.items.items():
        for column, scale, _ in columns_of(name, item, body.answers):
            found[column] = ticked if scale == YES_NO else body.answers.get(scale or "")
    return found | {short: found.get(heading) for short, heading in body.columns.items() if short not in found}


def _owners(body: InstrumentBody) -> dict[str, str]:
    """The item behind each name that a sentence may use."""
    found = {c: name for name, item in body.items.items() for c, _, _ in columns_of(name, item, body.answers)}
    return found | {short: found[heading] for short, heading in body.columns.items() if heading in found}


_OF_ITEMS: tuple[ItemCheck, ...] = (
    scales_of_an_instrument,
    scale_of_an_item,
    many_of_nothing,
    item_column_twice,
    unknown_item,
    category_of_no_item,
    evidence_that_is_none,
    same_as_unclear,
    other_that_is_none,
    item_that_is_none,
    word_of_two_kinds,
    ask_if_in_a_circle,
)


def faults_of_items(body: InstrumentBody, at: Path_, place: Place) -> Iterator[Fault]:
    """Every fault of a questionnaire that one item alone cannot show."""
    for check in _OF_ITEMS:
        yield from check(body, at, place)


def instruments_in_place(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name, body in (file.instrument or {}).items():
        yield from faults_of_items(body, ("instrument", name), place)


def several_scales(file: IndexFile, place: Place) -> Iterator[Fault]:
    for kind, name, _, keys in records(file):
        scales = scales_of(file, name, keys) if kind == "indicators" and "answers" not in keys else ()
        if len(scales) > 1:
            found = listed(scale or "none" for scale in scales)
            message = f"{name}: the items it reads are on different scales ({found}); write answers: NAME"
            yield place("several_scales", ("indicators", name, "from"), message)


CHECKS: tuple[IndexCheck, ...] = (instruments_in_place, several_scales)
