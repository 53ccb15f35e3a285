"""Texts, and numbers with what is known about them: a source, a basis, a range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from egovindex.errors import did_you_mean
from egovindex.spec.numbers import number_text, parse_number

__all__ = [
    "BASES",
    "Quantity",
    "Source",
    "parse_quantity",
    "parse_source",
    "parse_text",
    "write_quantity",
    "write_source",
]

BASES = ("published", "recovered", "assumed", "ours")


def parse_text(raw: Any) -> str:
    """Text as written; numbers given from Python become their text."""
    if isinstance(raw, bool) or raw is None or isinstance(raw, (dict, list, tuple)):
        raise ValueError(f"text is expected, found {_kind(raw)}")
    text = raw if isinstance(raw, str) else str(raw)
    return text.strip()


def _kind(raw: Any) -> str:
    if raw is None:
        return "~"
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, Mapping):
        return "a map"
    if isinstance(raw, (list, tuple)):
        return "a list"
    return f'"{raw}"'


@dataclass(frozen=True, slots=True)
class Source:
    """Where something comes from; ``basis`` is one of published, recovered, assumed, ours."""

    title: str
    page: str | None = None
    url: str | None = None
    date: str | None = None
    basis: str | None = None
    note: str | None = None

    def __str__(self) -> str:
        rest = [f"p. {self.page}" if self.page else None, self.date, self.url]
        rest.append(f"basis: {self.basis}" if self.basis else None)
        return ", ".join([self.title, *(part for part in rest if part)])


_SOURCE_KEYS = ("title", "page", "url", "date", "basis", "note")


def parse_source(raw: Any) -> Source:
    """A source as text or ``{title, page, url, date, basis, note}``."""
    if isinstance(raw, Source):
        return raw
    if not isinstance(raw, Mapping):
        return Source(parse_text(raw))
    for key in raw:
        if key not in _SOURCE_KEYS:
            hint = did_you_mean(key, _SOURCE_KEYS, otherwise=".")
            raise ValueError(f'unknown key "{key}" in a source{hint} Allowed: {", ".join(_SOURCE_KEYS)}')
    if "title" not in raw:
        raise ValueError("a source needs a title")
    parts = {key: parse_text(value) for key, value in raw.items()}
    if parts.get("basis", BASES[0]) not in BASES:
        raise ValueError(f'basis "{parts["basis"]}" is not one of {", ".join(BASES)}')
    return Source(**parts)


def write_source(source: Source) -> str | dict[str, str]:
    """The written form of a source."""
    parts = {key: getattr(source, key) for key in _SOURCE_KEYS if getattr(source, key) is not None}
    return source.title if set(parts) == {"title"} else parts


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, with what is known about it.

    ``range`` states how far it could reasonably be otherwise; it is used by a doubt only when asked.
    """

    value: float
    range: tuple[float, float] | None = None
    source: Source | None = None
    basis: str | None = None
    note: str | None = None


_QUANTITY_KEYS = ("value", "source", "basis", "range", "note")


def parse_quantity(raw: Any) -> Quantity:
    """A number: decimal, fraction, or the long form ``{value, source, basis, range, note}``.

    Examples
    --------
    >>> parse_quantity("1/4").value
    0.25
    >>> parse_quantity({"value": "0.4", "range": ["0.2", "0.6"]}).range
    (0.2, 0.6)
    """
    if isinstance(raw, Quantity):
        return raw
    if isinstance(raw, Mapping):
        for key in raw:
            if key not in _QUANTITY_KEYS:
                hint = did_you_mean(key, _QUANTITY_KEYS, otherwise=".")
                raise ValueError(f'unknown key "{key}" in a number{hint} Allowed: {", ".join(_QUANTITY_KEYS)}')
        if "value" not in raw:
            raise ValueError("the long form of a number needs a value")
        value = parse_quantity(raw["value"]).value
        basis = parse_text(raw["basis"]) if "basis" in raw else None
        if basis is not None and basis not in BASES:
            raise ValueError(f'basis "{basis}" is not one of {", ".join(BASES)}')
        return Quantity(
            value,
            _parse_limits(raw["range"], value) if "range" in raw else None,
            parse_source(raw["source"]) if "source" in raw else None,
            basis,
            parse_text(raw["note"]) if "note" in raw else None,
        )
    if isinstance(raw, bool) or raw is None or isinstance(raw, (list, tuple)):
        raise ValueError(f"a number is expected, found {_kind(raw)}")
    return Quantity(parse_number(raw if isinstance(raw, str) else repr(float(raw))))


def _parse_limits(raw: Any, value: float) -> tuple[float, float]:
    if not isinstance(raw, (list, tuple)) or len(raw) != 2:
        raise ValueError("a range is two numbers, as in [0.2, 0.6]")
    low, high = (parse_quantity(limit).value for limit in raw)
    if not low <= value <= high:
        raise ValueError(f"the range [{number_text(low)}, {number_text(high)}] does not hold {number_text(value)}")
    return low, high


def write_quantity(quantity: Quantity) -> str | dict[str, Any]:
    """The written form of a number."""
    parts: dict[str, Any] = {"value": number_text(quantity.value)}
    if quantity.source is not None:
        parts["source"] = write_source(quantity.source)
    if quantity.basis is not None:
        parts["basis"] = quantity.basis
    if quantity.range is not None:
        parts["range"] = [number_text(limit) for limit in quantity.range]
    if quantity.note is not None:
        parts["note"] = quantity.note
    text: str = parts["value"]
    return parts if len(parts) > 1 else text
