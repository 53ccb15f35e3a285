"""Parameters of laws, looked at when a law is made."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

from egovindex.errors import Fault, MethodError
from egovindex.spec.quantities import parse_quantity

__all__ = ["finite", "number_of", "positive"]


def number_of(raw: Any, what: str) -> float:
    """A number as a file may write it: decimal or fraction.

    Examples
    --------
    >>> number_of("1/4", "low")
    0.25
    """
    try:
        return parse_quantity(raw.item() if hasattr(raw, "item") else raw).value
    except ValueError as error:
        raise MethodError(Fault(f"{what}: {error}", check="bad_law")) from None


def finite(law: Any) -> None:
    """Refuse a law with a number that is none."""
    bad = [
        field.name
        for field in fields(law)
        if isinstance(value := getattr(law, field.name), float) and not math.isfinite(value)
    ]
    if bad:
        raise MethodError(Fault(f"{law.name}: {', '.join(bad)} must be finite", check="bad_law"))


def positive(law: Any, name: str) -> None:
    """Refuse a law whose width is not above zero."""
    value = getattr(law, name)
    if not value > 0:
        raise MethodError(Fault(f"{law.name}: {name} must be above zero, found {value}", check="bad_law"))
