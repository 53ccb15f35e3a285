"""What instruments give to the index that names them: columns, scales, short names, evidence.

An instrument says what is asked. An index that names one takes its scales and short names in below its own, and
an indicator that reads an item takes the item's scale and label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from egovindex.spec import values

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile, InstrumentBody, Item

__all__ = [
    "YES_NO",
    "ItemColumn",
    "Taken",
    "columns_of",
    "evidence_of",
    "headings",
    "item_of",
    "keys_of",
    "scales_of",
    "taken_from",
]

# the scale of each choice of an item of which many may be ticked, unless the instrument spells it
YES_NO = "yes_no"
_SPELT: dict[str, tuple[str, ...]] = {"yes": (), "no": ()}


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """A column of answers that an item gives.

    Parameters
    ----------
    name
        As indices and data call it: ``q036``, ``q050.legal``, ``q007.portal``; ``form/q036`` where two
        instruments have an item of that name.
    instrument, item
        Ids of both.
    scale
        Name of its scale in the index; ``None`` for numbers and text.
    label
        Name for people.
    """

    name: str
    instrument: str
    item: str
    scale: str | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What an index takes from its instruments: scales, short names, and columns by name."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, ItemColumn] = field(default_factory=dict)


def columns_of(name: str, item: Item, answers: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str]]:
    """The columns of one item: name, scale, and what stands behind the item's label."""
    if item.kind == "many":
        for choice in answers.get(item.answers or "", ()):
            yield f"{name}.{choice}", YES_NO, f" ({choice})"
    else:
        yield name, item.answers, ""
    for scale in item.coded_as or ():
        yield f"{name}.{scale}", scale, f" ({scale})"


def _scales(body: InstrumentBody) -> dict[str, Any]:
    """Scales of an instrument, with yes and no where choices are ticked."""
    ticked = any(item.kind == "many" for item in body.items.values())
    return {**body.answers, **({YES_NO: _SPELT} if ticked and YES_NO not in body.answers else {})}


def taken_from(instruments: Mapping[str, InstrumentBody] | None) -> Taken:
    """What an index takes from its instruments.

    A name that two instruments give, each in its own meaning, is written ``instrument/name`` for both.

    Examples
    --------
    >>> from egovindex.spec.model import InstrumentBody
    >>> form = InstrumentBody(answers={"status": {"yes": ["Y"], "no": []}}, items={"q1": {"answers": "status"}})
    >>> taken_from({"form": form}).items["q1"].scale
    'status'
    >>> sorted(taken_from({"form": form, "other": InstrumentBody(items={"q1": {}, "q2": {}})}).items)
    ['form/q1', 'other/q1', 'q2']
    """
    instruments = instruments or {}
    shared = {
        name for name, count in Counter(q for body in instruments.values() for q in body.items).items() if count > 1
    }
    scales = {form: _scales(body) for form, body in instruments.items()}
    answers: dict[str, Any] = {}
    columns: dict[str, str] = {}
    items: dict[str, ItemColumn] = {}
    for form, body in instruments.items():
        others = [other for other in instruments if other != form]
        called = {
            name: f"{form}/{name}" if any(scales[o].get(name, scale) != scale for o in others) else name
            for name, scale in scales[form].items()
        }
        answers.update({called[name]: scale for name, scale in scales[form].items()})
        for name, heading in body.columns.items():
            differs = any(instruments[other].columns.get(name, heading) != heading for other in others)
            columns[f"{form}/{name}" if differs else name] = f"{form}/{heading}" if heading in shared else heading
        for name, item in body.items.items():
            for column, scale, behind in columns_of(name, item, scales[form]):
                full = f"{form}/{column}" if name in shared else column
                label = None if item.label is None else f"{item.label}{behind}"
                items[full] = ItemColumn(full, form, name, called.get(scale or ""), label)
    return Taken(answers, columns, items)


def item_of(file: IndexFile, name: str, keys: Mapping[str, Any]) -> ItemColumn | None:
    """The column of an item that an indicator reads: the first its ``from`` names, else the one of its own id."""
    items = file.taken.items
    for column in keys.get("from_") or ():
        found = items.get(column.text) or items.get(file.columns.get(column.text, ""))
        if found is not None:
            return found
    return items.get(name)


def keys_of(file: IndexFile, name: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of an indicator with the scale of its item, unless the index names a scale.

    A heading that is the name of an item's column is no formula, whatever signs stand in it.
    """
    found = dict(keys)
    items = file.taken.items
    if not items:
        return found
    if found.get("from_"):
        found["from_"] = tuple(replace(c, plain=True) if c.text in items else c for c in found["from_"])
    scales = scales_of(file, name, keys)
    if len(scales) == 1 and scales[0] is not None and "answers" not in found:
        found["answers"] = scales[0]
    return found


def scales_of(file: IndexFile, name: str, keys: Mapping[str, Any]) -> tuple[str | None, ...]:
    """The scales of the items an indicator reads; several are a fault, unless the index names the one."""
    read = [item_of(file, "", {"from_": (column,)}) for column in keys.get("from_") or ()]
    if not any(read):
        read = [item_of(file, name, {})]
    return tuple(dict.fromkeys(item.scale for item in read if item is not None))


def headings(file: IndexFile, indicators: Mapping[str, tuple[values.Column, ...]]) -> dict[str, str]:
    """Heading of each column of an item; an indicator of the same name may read it under another."""
    found = {name: file.columns.get(name, name) for name in file.taken.items}
    for name in found.keys() & indicators.keys():
        text = indicators[name][0].text
        if len(indicators[name]) == 1 and indicators[name][0].formula is None and text not in found:
            found[name] = file.columns.get(text, text)
    return found


def evidence_of(file: IndexFile, item: ItemColumn, found: Mapping[str, str]) -> dict[str, str]:
    """The attribute ``evidence`` of an item's answers: the heading of the item that documents it.

    Parameters
    ----------
    file
        The index.
    item
        The column that is documented.
    found
        Headings by the name of the column, see :func:`headings`.
    """
    named = (file.instrument or {})[item.instrument].items[item.item].evidence
    heading = found.get(f"{item.instrument}/{named}", found.get(str(named)))
    return {} if named is None or heading is None else {"evidence": heading}
