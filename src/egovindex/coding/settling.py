"""Where coders differ, and how what differs is settled: by people, with a reason, and never by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from egovindex.coding.brief import BRIEF
from egovindex.coding.coded import ADJUDICATED, COLUMNS
from egovindex.coding.codingtable import (
    KEYS,
    LOG,
    AnyInstrument,
    Key,
    as_text,
    coders_of,
    coding_rows,
    doubled_rows,
    keys_of,
    loaded,
    missing_columns,
    raise_all,
    scale_of,
    told,
)
from egovindex.coding.dates import iso_date
from egovindex.coding.rules import UNKNOWN
from egovindex.errors import Fault, did_you_mean, listed
from egovindex.instrument import Instrument
from egovindex.tables import not_a_table

__all__ = ["disputes", "open_items", "reconcile"]

_DECISION = ("unit", "item", "axis", "category", "reason", "decided_by", "decided_at")


class _Item(NamedTuple):
    """What is known of one item on one axis: places of rows."""

    codes: list[int]
    settled: int | None


def _items(rows: pd.DataFrame, coders: Sequence[str]) -> dict[Key, _Item]:
    """Everything that can be settled: not the brief view of what is coded on other axes, which follows from them."""
    found: dict[Key, _Item] = {}
    compared = set(coders)
    columns = (rows["coder"].tolist(), rows["category"].tolist())
    for at, (key, coder, category) in enumerate(zip(keys_of(rows), *columns, strict=True)):
        item = found.setdefault(key, _Item([], None))
        if coder == ADJUDICATED and category is not None:
            found[key] = item._replace(settled=at)
        elif coder in compared and category is not None:
            item.codes.append(at)
    on_axes = {key[:3] for key in found if key[3] != BRIEF}
    return {key: item for key, item in found.items() if key[3] != BRIEF or key[:3] not in on_axes}


def _categories(rows: pd.DataFrame, item: _Item) -> set[str]:
    return set(rows["category"].iloc[item.codes])


def disputes(
    coding: pd.DataFrame, instrument: AnyInstrument | None = None, *, coders: Sequence[str] | None = None
) -> pd.DataFrame:
    """Items on which coders differ, side by side, those first that are furthest apart on the scale.

    Parameters
    ----------
    coding, coders
        As for :func:`agreement`.
    instrument
        Gives the order of the scales.

    Returns
    -------
    DataFrame
        Columns ``unit, period, item, axis, apart`` (places between the two furthest codes; nothing where fewer than
        two stand on an ordered scale, as with ``unknown``), ``settled`` (the adjudicated category), and for each
        coder ``category.CODER``, ``span.CODER``, ``reason.CODER``.

    Examples
    --------
    >>> rows = [("Aland", "q1", "legal", "first", "adopted"), ("Aland", "q1", "legal", "second", "drafted")]
    >>> coding = pd.DataFrame(rows, columns=["unit", "item", "axis", "coder", "category"])
    >>> disputes(coding)[["item", "category.first", "category.second"]].values.tolist()
    [['q1', 'adopted', 'drafted']]
    """
    known = loaded(instrument)
    rows = coding_rows(coding, known)
    compared = coders_of(rows, coders)
    found, apart = [], []
    for key, item in _items(rows, compared).items():
        words = _categories(rows, item)
        if len(words) < 2:
            continue
        scale = scale_of(known, str(key[3]))
        places = [scale.index(word) for word in words if word in scale]
        apart.append(max(places) - min(places) if len(places) > 1 else pd.NA)
        own = {rows["coder"].iloc[at]: at for at in item.codes}
        line = dict(zip(KEYS, key, strict=True))
        line["settled"] = None if item.settled is None else rows["category"].iloc[item.settled]
        for name in ("category", "span", "reason"):
            line.update({f"{name}.{who}": rows[name].iloc[own[who]] if who in own else None for who in compared})
        found.append(line)
    columns = [*KEYS, "settled", *(f"{name}.{who}" for name in ("category", "span", "reason") for who in compared)]
    table = pd.DataFrame(found, columns=columns, dtype=object)
    table.insert(len(KEYS), "apart", pd.Series(apart, dtype="Int64"))
    # None stands in no order: blanks go first
    order = sorted(range(len(table)), key=lambda at: (-table["apart"].fillna(-1).iloc[at], _sorting(found[at])))
    return table.iloc[order].reset_index(drop=True)


def _sorting(line: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(line[name] or "" for name in KEYS)


def open_items(coding: pd.DataFrame, *, coders: Sequence[str] | None = None) -> pd.DataFrame:
    """What is not settled yet, and why.

    Parameters
    ----------
    coding, coders
        As for :func:`agreement`.

    Returns
    -------
    DataFrame
        Columns ``unit, period, item, axis, why``.
    """
    rows = coding_rows(coding)
    found = []
    for key, item in _items(rows, coders_of(rows, coders)).items():
        if item.settled is None:
            who = rows["coder"].iloc[item.codes].tolist()
            why = "coders differ" if len(_categories(rows, item)) > 1 else "coders agree; reconcile takes it over"
            why = f"coded by {who[0]} only" if len(who) == 1 else why if who else "coded by nobody"
            found.append([*key, why])
    return pd.DataFrame(found, columns=[*KEYS, "why"], dtype=object)


def reconcile(
    coding: pd.DataFrame,
    decisions: pd.DataFrame | None = None,
    instrument: AnyInstrument | None = None,
    *,
    coders: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Add the layer ``adjudicated``: what all agree on, and what people have decided.

    Nothing else is settled: an item on which coders differ, or that one coder alone has coded, stays open until there
    is a decision about it; :func:`open_items` lists them. No row of the coding table is changed or dropped. The brief
    view of an item that is coded on other axes follows from them, and is not settled here.

    Parameters
    ----------
    coding, coders
        As for :func:`agreement`.
    decisions
        Columns ``unit, item, axis, category, reason, decided_by, decided_at`` (a date as in ``2026-05-02``),
        ``period`` where there is one, and ``confidence, span, as_of`` if wanted. One row per item that is open.
    instrument
        Its categories are allowed; without it only those that some coder gave on the axis, and ``unknown``.

    Returns
    -------
    DataFrame
        The coding table with the new rows behind, and columns ``decided_by, decided_at``, which with ``reason`` are
        the log of decisions. Where all agree, the reason is ``agreed`` and nobody has decided; confidence, span and
        date are taken over where they are the same. To score it, put its new layer beside what :func:`code` made:
        ``coded.with_coding(done[done["coder"] == "adjudicated"])``; :meth:`Coded.settled` does both.

    Raises
    ------
    DataError
        Decisions about what is not there, not open, decided twice, or without category, reason, person or date: all
        are told.

    Examples
    --------
    >>> rows = [("q1", "first", "adopted"), ("q1", "second", "drafted"), ("q2", "first", "none")]
    >>> rows += [("q2", "second", "none")]
    >>> coding = pd.DataFrame(rows, columns=["item", "coder", "category"]).assign(unit="Aland", axis="legal")
    >>> decided = {"unit": "Aland", "item": "q1", "axis": "legal", "category": "drafted", "reason": "bill of May"}
    >>> decided |= {"decided_by": "third", "decided_at": "2026-05-02"}
    >>> done = reconcile(coding, pd.DataFrame([decided]))
    >>> done[done["coder"] == "adjudicated"][["item", "category", "reason", "decided_by"]].values.tolist()
    [['q1', 'drafted', 'bill of May', 'third'], ['q2', 'none', 'agreed', None]]
    """
    known = loaded(instrument)
    rows = coding_rows(coding, known)
    items = _items(rows, coders_of(rows, coders))
    decided = _decided(decisions, rows, items, known)
    new = []
    for key, item in items.items():
        if item.settled is not None:
            continue
        same = len(item.codes) > 1 and len(_categories(rows, item)) == 1
        if key in decided:
            new.append({**decided[key], "coder": ADJUDICATED})
        elif same:
            new.append({**dict(zip(KEYS, key, strict=True)), "coder": ADJUDICATED, **_common(rows.iloc[item.codes])})
    columns = list(dict.fromkeys([*rows.columns, *LOG]))
    lines: list[Mapping[Any, Any]] = [*rows.to_dict("records"), *new]
    return pd.DataFrame({name: [line.get(name) for line in lines] for name in columns}, dtype=object)


def _common(codes: pd.DataFrame) -> dict[str, Any]:
    """What agreeing coders have in common."""
    words = {name: set(codes[name]) for name in COLUMNS[5:]}
    return {**{name: found.pop() if len(found) == 1 else None for name, found in words.items()}, "reason": "agreed"}


def _decided(
    decisions: pd.DataFrame | None, rows: pd.DataFrame, items: Mapping[Key, _Item], instrument: Instrument | None
) -> dict[Key, dict[str, Any]]:
    """Decisions by item, once nothing is wrong with them."""
    if decisions is None:
        return {}
    if not isinstance(decisions, pd.DataFrame):
        raise not_a_table(decisions)
    raise_all(missing_columns(decisions, _DECISION, "the table of decisions"))
    columns = [*(name for name in COLUMNS if name != "coder"), *LOG]
    table = as_text(decisions, columns)[columns]
    keys = keys_of(table)
    faults = list(doubled_rows(keys, "unit, period, item and axis"))
    lines = [{str(name): value for name, value in line.items()} for line in table.to_dict("records")]
    for key, line in zip(keys, lines, strict=True):
        faults += what_cannot_be_decided(key, line, rows, items)
        faults += wrong_decision(key, line, rows, instrument)
        faults += bad_dates(key, line)
    raise_all(faults)
    return dict(zip(keys, map(_with_plain_dates, lines), strict=True))


def _with_plain_dates(line: dict[str, Any]) -> dict[str, Any]:
    """Points in time at midnight, as pandas reads dates, become dates."""
    as_of = line["as_of"]
    return {**line, "decided_at": iso_date(line["decided_at"]), "as_of": iso_date(as_of, in_part=True) or as_of}


def what_cannot_be_decided(
    key: Key, line: Mapping[str, Any], rows: pd.DataFrame, items: Mapping[Key, _Item]
) -> Iterator[Fault]:
    blank = [name for name in _DECISION if line[name] is None or not str(line[name]).strip()]
    if blank:
        yield Fault(f"{told(key)}: a decision needs {listed(blank)}", check="blank_decision")
    item = items.get(key)
    if item is None:
        hint = did_you_mean(told(key), map(told, items))
        yield Fault(f"{told(key)}: nothing of the kind is coded{hint}", check="not_there")
    elif len(item.codes) > 1 and len(words := _categories(rows, item)) == 1:
        message = f'{told(key)}: coders agree on "{words.pop()}", so there is nothing to decide; drop the decision'
        yield Fault(f"{message}, or correct a coder's row", check="not_disputed")
    elif item.settled is not None:
        message = f'{told(key)}: settled as "{rows["category"].iloc[item.settled]}" already; take that row of '
        yield Fault(f"{message}{ADJUDICATED} out to decide again", check="already_settled")


def wrong_decision(
    key: Key, line: Mapping[str, Any], rows: pd.DataFrame, instrument: Instrument | None
) -> Iterator[Fault]:
    axis, category = key[3], line["category"]
    allowed = [*scale_of(instrument, str(axis))]
    more = "" if allowed else "; give instrument= to allow what nobody has coded"
    allowed = [*(allowed or sorted(set(rows["category"][rows["axis"] == axis].dropna()) - {UNKNOWN})), UNKNOWN]
    if category is not None and category not in allowed:
        message = f'{told(key)}: "{category}" is no category of {axis}{did_you_mean(category, allowed)}'
        yield Fault(f"{message} (allowed: {listed(allowed, most=12)}{more})", check="unknown_category")


def bad_dates(key: Key, line: Mapping[str, Any]) -> Iterator[Fault]:
    when, held = line["decided_at"], line["as_of"]
    if when is not None and str(when).strip() and iso_date(when) is None:
        message = f"{told(key)}: decided_at is a date as in 2026-05-02, found {when!r:.40}"
        yield Fault(message, check="bad_date", column="decided_at", units=(str(key[0]),))
    if held is not None and held != line["period"] and iso_date(held, in_part=True) is None:
        message = f"{told(key)}: as_of is a date as in 2026-05-02, a year, or the period, found {held!r:.40}"
        yield Fault(message, check="bad_date", column="as_of", units=(str(key[0]),))
