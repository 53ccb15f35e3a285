"""Dates that people give, as ISO 8601 writes them."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

__all__ = ["iso_date"]

_FORMS = {10: "%Y-%m-%d", 7: "%Y-%m", 4: "%Y"}
_ISO = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")


def iso_date(value: Any, *, in_part: bool = False) -> str | None:
    """A date as ISO writes it; ``None`` where it is none.

    Parameters
    ----------
    value
        Text, or a date. Of a point in time at midnight, as a table has it, the date is taken.
    in_part
        Whether a year, or a year and a month, will do.

    Examples
    --------
    >>> iso_date("2026-05-02"), iso_date("2026-02-30"), iso_date("yesterday")
    ('2026-05-02', None, None)
    >>> iso_date("2026"), iso_date("2026", in_part=True)
    (None, '2026')
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    text = str(value).strip().removesuffix(" 00:00:00").removesuffix("T00:00:00")
    if not _ISO.fullmatch(text) or (len(text) < 10 and not in_part):
        return None
    try:
        datetime.strptime(text, _FORMS[len(text)])  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return None
    return text
