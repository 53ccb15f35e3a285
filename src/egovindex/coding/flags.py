"""Quality of evidence: what a reader should look at before believing a category.

A flag is no verdict. Each is one function, named after what it finds, and says which other items it holds against.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from egovindex.coding.clauses import clauses
from egovindex.coding.phrases import words_of
from egovindex.errors import listed
from egovindex.instrument import question_of

if TYPE_CHECKING:
    from egovindex.coding.coded import Coded
    from egovindex.spec.questions import Item

__all__ = ["FLAGS", "flags"]

_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,2000}|\b[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}/\S{0,2000}", re.IGNORECASE)
_HOST = re.compile(r"\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}\b", re.IGNORECASE)
_ENDINGS = re.compile(r"\.(?:[a-z]{2}|com|org|net|int|gov|edu|info|example)\Z", re.IGNORECASE)
_DAMAGED = re.compile(r"%(?![0-9a-fA-F]{2})|\u2026|\.\.\.")
# as many words in a row stand in three texts by copying; five may be the name of a ministry
_RUN = 6
# as many words of a title, without the small ones, tell what was adopted
_TITLE = 4
_SMALL = {"a", "an", "and", "at", "by", "for", "in", "of", "on", "the", "to", "with"}
_NOT_YET = {"draft", "drafted", "drafting", "expected", "will", "planned", "planning", "yet"}
_STATUS = {"just", "has", "have", "been", "is", "are", "was", "were", "get", "got", "law", "government", "however"}
_FEWEST_FIELDS = 3
_MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6,
    "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9, "october": 10, "oct": 10,
    "november": 11, "nov": 11, "december": 12, "dec": 12,
}  # fmt: skip
_ADOPTED = {"adopted", "approved", "enacted", "passed", "promulgated", "signed", "endorsed", "issued"}
# words of a label that tell no subject
_GENERAL = {
    "a", "an", "and", "by", "for", "from", "government", "governments", "how", "in", "into", "is", "law", "laws", "of",
    "legislation", "link", "links", "measure", "measures", "national", "new", "on", "or", "other", "policy", "policies",
    "provide", "publishes", "services", "shape", "strategy", "the", "to", "used", "uses", "with", "covers", "aligned",
    "across", "e-government", "detail", "exists", "equivalent", "collects", "specific", "digital",
}  # fmt: skip


@dataclass(frozen=True)
class _Field:
    """One text, and the items that it documents."""

    item: str
    about: tuple[str, ...]
    text: str
    note: str
    words: tuple[str, ...]


Found = Iterator[tuple[str, str]]


def flags(coded: Coded) -> pd.DataFrame:
    """What to look at in the evidence.

    Parameters
    ----------
    coded
        What :func:`egovindex.code` returned.

    Returns
    -------
    DataFrame
        Columns ``unit, period, item, flag, detail``; ``item`` is where the text stands, and the flags are those of
        :data:`FLAGS`. Details name items and dates, and quote no text.
    """
    conflicts = coded.conflicts[["unit", "period", "item", "mark", "category"]]
    rows: list[tuple[Any, ...]] = [
        (unit, period, item, "mark_against_text", f"marked {mark}, coded {category}")
        for unit, period, item, mark, category in conflicts.itertuples(index=False)
    ]
    items = coded.responses.instrument.file.items
    table = coded.responses.table
    about = _about(items, coded.codebook.rests_on)
    for (unit, period), own in table.groupby(["unit", "period"], sort=False, dropna=False):
        fields = list(_fields(own, items, about))
        for name, find in _OF_FIELDS.items():
            rows += [(unit, period, item, name, detail) for item, detail in find(fields, items)]
    rows = [(unit, period if isinstance(period, str) else None, *rest) for unit, period, *rest in rows]
    order = {name: at for at, name in enumerate(items)}
    rows.sort(key=lambda row: (str(row[0]), str(row[1]), order[question_of(row[2])], row[2], row[3]))
    return pd.DataFrame(rows, columns=["unit", "period", "item", "flag", "detail"])


def _about(items: Mapping[str, Item], rests_on: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Coded items by the field that documents them."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, item in items.items():
        if item.coded_as:
            for field in dict.fromkeys([item.evidence or name, *rests_on.get(name, ())]):
                found[field].append(name)
    return {field: tuple(names) for field, names in found.items()}


def _fields(own: pd.DataFrame, items: Mapping[str, Item], about: Mapping[str, tuple[str, ...]]) -> Iterator[_Field]:
    given = {item: text for item, text in own[["item", "answer"]].itertuples(index=False) if isinstance(text, str)}
    for item, text, evidence, note in own[["item", "answer", "evidence", "note"]].itertuples(index=False):
        told = note if isinstance(note, str) else ""
        body = items[question_of(item)]
        if body.coded_as and isinstance(evidence, str) and body.evidence not in given:
            yield _Field(item, (item,), evidence, told, _plain_words(evidence))
        elif body.kind in ("text", "link") and isinstance(text, str):
            yield _Field(item, about.get(item, ()), text, told, _plain_words(text))


def _plain_words(text: str) -> tuple[str, ...]:
    return words_of(_ADDRESS.sub(" ", text)).words


# --- one function for each flag
def no_link(fields: list[_Field], items: Mapping[str, Item]) -> Found:  # noqa: ARG001 - all flags look alike
    """Evidence was asked for with a link, and none is given."""
    for field in fields:
        if field.about and not _has_address(field.text):
            yield field.item, "no address in the evidence"


def _has_address(text: str) -> bool:
    return bool(_ADDRESS.search(text)) or any(_ENDINGS.search(host) for host in _HOST.findall(text))


def damaged_link(fields: list[_Field], items: Mapping[str, Item]) -> Found:  # noqa: ARG001 - all flags look alike
    """An address that is cut off, or of which a sign is lost."""
    for field in fields:
        broken = any(_DAMAGED.search(found[0]) or found[0].endswith("-") for found in _ADDRESS.finditer(field.text))
        if broken or "damaged" in field.note:
            yield field.item, "an address is cut off or has lost a sign"


def reused_text(fields: list[_Field], items: Mapping[str, Item]) -> Found:  # noqa: ARG001 - all flags look alike
    """Six words in a row that stand in the text of at least three items."""
    for item, others in _shared_runs(fields).items():
        yield item, f"the same words as {listed(sorted(others), most=4)}"


def _shared_runs(fields: list[_Field]) -> dict[str, set[str]]:
    """Items by each item that share a run of words with it, where enough items do."""
    holders: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for field in fields:
        for at in range(len(field.words) - _RUN + 1):
            holders[field.words[at : at + _RUN]].add(field.item)
    found: dict[str, set[str]] = defaultdict(set)
    for held in holders.values():
        if len(held) >= _FEWEST_FIELDS:
            for item in held:
                found[item] |= held - {item}
    return found


def dates_conflict(fields: list[_Field], items: Mapping[str, Item]) -> Found:  # noqa: ARG001 - all flags look alike
    """The same words, adopted at different dates."""
    said: dict[tuple[str, ...], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for field in fields:
        for start, end in clauses(field.text):
            words = _plain_words(field.text[start:end])
            dates = _dates(words)
            if not dates or not _ADOPTED & set(words) or _NOT_YET & set(words):
                continue
            title = [word for word in words if word not in _SMALL | _STATUS | _ADOPTED and not word[:1].isdigit()]
            title = [word for word in title if word not in _MONTHS]
            for at in range(len(title) - _TITLE + 1):
                said[tuple(title[at : at + _TITLE])][field.item] |= dates
    told: dict[str, str] = {}
    for by_item in said.values():
        for item, dates in by_item.items():
            others = {other for other, found in by_item.items() if other != item and _differ(dates, found)}
            if others:
                told.setdefault(item, f"adopted {listed(sorted(dates))}, and another date in {listed(sorted(others))}")
    yield from told.items()


def _dates(words: tuple[str, ...]) -> set[str]:
    """Years, with the month where one stands within three words."""
    found = set()
    for at, word in enumerate(words):
        if word.isdigit() and len(word) == 4 and 1900 <= int(word) <= 2100:
            near = [_MONTHS[other] for other in words[max(at - 3, 0) : at + 2] if other in _MONTHS]
            found.add(f"{word}-{near[-1]:02}" if near else word)
    return found


def _differ(one: set[str], other: set[str]) -> bool:
    """Whether no date of one can be a date of the other: a year alone holds all its months."""
    return not any(a.startswith(b) or b.startswith(a) for a in one for b in other)


def subject_not_named(fields: list[_Field], items: Mapping[str, Item]) -> Found:
    """No word of the item's label or topic stands in its evidence: it may be of another subject."""
    for field in fields:
        said = set(field.words)
        for name in field.about:
            item = items[question_of(name)]
            label = words_of(f"{item.label or ''} {' '.join(item.match or ())}").words
            subject = {word for one in label for word in one.split("/")} - _GENERAL
            if subject and not any(_alike(word, other) for word in subject for other in said):
                yield field.item, f"no word of the label of {name} stands in it"


def _alike(word: str, other: str) -> bool:
    stem = word[: max(len(word) - 2, 4)]
    return len(word) > 2 and other.startswith(stem)


_OF_FIELDS: dict[str, Callable[[list[_Field], Any], Found]] = {
    "no_link": no_link,
    "damaged_link": damaged_link,
    "reused_text": reused_text,
    "dates_conflict": dates_conflict,
    "subject_not_named": subject_not_named,
}
FLAGS = (*_OF_FIELDS, "mark_against_text")
