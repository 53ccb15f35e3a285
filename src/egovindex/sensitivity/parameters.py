"""Parameters of laws, looked at when a law is made."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np

from egovindex.errors import Fault, MethodError
from egovindex.spec.quantities import parse_quantity
from egovindex.streams import is_whole

__all__ = ["finite", "is_whole", "number_of", "positive", "refuse_bad_share", "refuse_no_count"]


def refuse_no_count(raw: Any, what: str, *, least: int = 1, check: str = "unknown_option") -> None:
    """Refuse what is no whole number from some number on.

    Raises
    ------
    MethodError
        With what was found.
    """
    if not is_whole(raw) or raw < least:
        raise MethodError(Fault(f"{what} is a whole number from {least} on, found {raw!r:.40}", check=check))


def refuse_bad_share(raw: Any, what: str) -> None:
    """Refuse what is no share between 0 and 1.

    Raises
    ------
    MethodError
        With what was found.
    """
    if not isinstance(raw, (int, float, np.integer, np.floating)) or isinstance(raw, bool) or not 0 < raw < 1:
        raise MethodError(Fault(f"{what} is a share between 0 and 1, found {raw!r:.40}", check="unknown_option"))


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
