"""Coding tables: one row per unit, period, item, axis and coder, and what may be wrong with one.

They have the columns of :data:`egovindex.coding.coded.COLUMNS`. Two coders are no coders here: ``declared``, the
respondent's own mark, and ``adjudicated``, the layer of what is settled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from egovindex.coding.brief import BRIEF
from egovindex.coding.coded import ADJUDICATED, COLUMNS
from egovindex.coding.rules import UNKNOWN
from egovindex.errors import DataError, Fault, MethodError, did_you_mean, listed
from egovindex.instrument import Instrument, load_instrument
from egovindex.tables import doubled_headings, not_a_table, unit_name

__all__ = [
    "DECLARED",
    "KEYS",
    "LOG",
    "AnyInstrument",
    "Key",
    "as_text",
    "coders_of",
    "coding_rows",
    "doubled_rows",
    "instrument_item",
    "keys_of",
    "loaded",
    "missing_columns",
    "raise_all",
    "scale_of",
    "told",
]

DECLARED = "declared"
KEYS, NEEDED = COLUMNS[:4], ("unit", "item", "axis", "coder", "category")
LOG = ("decided_by", "decided_at")

AnyInstrument = Instrument | str | Path
Key = tuple[str | None, ...]


def missing_columns(table: pd.DataFrame, needed: Iterable[str], what: str) -> Iterator[Fault]:
    """Columns that a table lacks, and headings that stand twice."""
    yield from doubled_headings(table, what)
    for name in needed:
        if name not in table.columns:
            message = f'{what} has no column "{name}"{did_you_mean(name, map(str, table.columns), otherwise=".")}'
            yield Fault(f"{message} Columns: {listed(table.columns)}", check="missing_column", column=name)


def blank_keys(rows: pd.DataFrame) -> Iterator[Fault]:
    for name in ("unit", "item", "axis", "coder"):
        blank = [str(at) for at in np.nonzero(rows[name].isna().to_numpy())[0]]
        if blank:
            message = f'"{name}" is blank in rows {listed(blank)} (0 is the first); fill it in'
            yield Fault(message, check="blank_key", column=name)


def doubled_rows(keys: Iterable[Key], what: str) -> Iterator[Fault]:
    """Rows of one key that stand there more than once."""
    for key, count in Counter(keys).items():
        if count > 1:
            yield Fault(f"{told(key)}: {count} rows; keep one of each {what}", check="doubled_row")


def unknown_words(rows: pd.DataFrame, instrument: Instrument) -> Iterator[Fault]:
    scales, items = instrument.file.answers, instrument.file.items
    for item in rows["item"].dropna().unique():
        if instrument_item(instrument, item) is None:
            message = f'{instrument.id} has no item "{item}"{did_you_mean(item, items)}'
            yield Fault(message, check="unknown_item", column="item")
    for axis in rows["axis"].dropna().unique():
        if axis not in scales and axis != BRIEF:
            message = f'{instrument.id} has no scale "{axis}"{did_you_mean(axis, scales)}'
            yield Fault(f"{message} (scales: {listed(scales)})", check="unknown_axis", column="axis")


def unknown_categories(rows: pd.DataFrame, instrument: Instrument) -> Iterator[Fault]:
    wrong: dict[tuple[str, str], list[Key]] = {}
    for key, category in zip(keys_of(rows, COLUMNS[:5]), rows["category"], strict=True):
        axis = str(key[3])
        allowed = (None, *scale_of(instrument, axis), UNKNOWN)
        if axis in instrument.file.answers and category not in allowed:
            wrong.setdefault((axis, category), []).append(key)
    for (axis, category), keys in wrong.items():
        words = (*scale_of(instrument, axis), UNKNOWN)
        message = f'"{category}" is no category of {axis}{did_you_mean(category, words)} (allowed: '
        message += f"{listed(words, most=12)}): {listed(map(told, keys))}"
        yield Fault(message, check="unknown_category", column="category", units=tuple(str(key[0]) for key in keys))


def coding_rows(coding: Any, instrument: Instrument | None = None) -> pd.DataFrame:
    """A coding table as it is meant: text, ``None`` where there is none, one row per unit, period, item, axis, coder.

    Parameters
    ----------
    coding
        A coding table, or what has one, as what :func:`code` gives; columns besides ``unit, item, axis, coder,
        category`` may be left out. A row without a category is an item that is not coded yet.
    instrument
        Its items, scales and categories are held against the table.

    Raises
    ------
    DataError
        Everything that is wrong, at once.
    """
    coding = coding if isinstance(coding, pd.DataFrame) else getattr(coding, "table", coding)
    if not isinstance(coding, pd.DataFrame):
        raise not_a_table(coding)
    raise_all(missing_columns(coding, NEEDED, "the coding table"))
    rows = as_text(coding)
    faults = [*blank_keys(rows), *doubled_rows(keys_of(rows, COLUMNS[:5]), "unit, period, item, axis and coder")]
    if instrument is not None:
        faults += [*unknown_words(rows, instrument), *unknown_categories(rows, instrument)]
    raise_all(faults)
    return rows


def as_text(table: pd.DataFrame, columns: Sequence[str] = COLUMNS) -> pd.DataFrame:
    """The columns of a coding table, and others behind them as they are; text of keys and categories stripped."""
    found: dict[str, list[Any]] = {}
    for name in dict.fromkeys([*columns, *map(str, table.columns)]):
        values = table[name].tolist() if name in table.columns else [None] * len(table)
        if name in COLUMNS[:7] or name in LOG:
            found[name] = [unit_name(value) or None for value in values]
        else:
            found[name] = [None if pd.api.types.is_scalar(value) and pd.isna(value) else value for value in values]
    return pd.DataFrame(found, dtype=object)


def keys_of(rows: pd.DataFrame, columns: Sequence[str] = KEYS) -> list[Key]:
    """What tells the rows apart."""
    return list(zip(*(rows[name].tolist() for name in columns), strict=True))


def told(key: Iterable[str | None]) -> str:
    """A row for people."""
    return ", ".join(part for part in key if part)


def raise_all(faults: Iterable[Fault]) -> None:
    """All faults at once, if there are any."""
    found = list(faults)
    if found:
        raise DataError(found)


def instrument_item(instrument: Instrument, item: str) -> Any:
    """The question of an item or of one of its columns, as in ``q007.portal``; ``None`` if there is none."""
    items = instrument.file.items
    return items.get(item) or items.get(item.rpartition(".")[0])


def scale_of(instrument: Instrument | None, axis: str) -> tuple[str, ...]:
    """The categories of an axis in order, best first, without ``unknown``; none where there is no such scale."""
    scale: Mapping[str, Any] = {} if instrument is None else instrument.file.answers.get(axis, {})
    return tuple(category for category in scale if category != UNKNOWN)


def loaded(instrument: AnyInstrument | None) -> Instrument | None:
    """An instrument by name, path, or as it is."""
    return None if instrument is None else load_instrument(instrument)


def coders_of(rows: pd.DataFrame, coders: Sequence[str] | None) -> list[str]:
    """The coders that are compared, in alphabetical order."""
    there = set(rows["coder"])
    if coders is None:
        return sorted(there - {DECLARED, ADJUDICATED})
    wanted = [coders] if isinstance(coders, str) else list(coders)
    missing = [name for name in wanted if name not in there]
    if missing:
        message = f"no row is of coder {listed(missing)}; there are {listed(sorted(there)) or 'none'}"
        raise MethodError(Fault(message, check="unknown_coder"))
    return sorted(set(wanted))
