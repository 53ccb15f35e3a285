"""Lines that are no words of a question: addresses, numbers, dates, options."""

from __future__ import annotations

import re
from collections.abc import Iterable

from egovindex.responses.formsprint.options import Scale, shows_option

__all__ = ["is_bare", "is_date", "like_answer"]

_ADDRESS = re.compile(
    r"[(<\[]*+(?:(?:https?:|mailto:|www\.)\S+|[^\s@]+@[^\s@][^\s@.]*+\.[^\s@]+|(?:[\w-]+\.)+[a-z]{2,}/\S*)",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"[\d\s.,:/()+%–—-]+")
_NUMERIC_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[ap]\.?m\.?)?z?", re.IGNORECASE)
_DAY = re.compile(r"\d{1,4}(?:st|nd|rd|th)?", re.IGNORECASE)
_MONTHS = frozenset(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
_WEEKDAYS = frozenset(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
_WHOLE = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "sept",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "tues",
        "thurs",
    ]
)
_BESIDE = frozenset(
    ["am", "pm", "a.m", "p.m", "utc", "gmt", "cet", "est", "at", "on", "of", "date", "printed", "print"]
)
_LONGEST = 60


def is_date(text: str) -> bool:
    """Whether a line is a date, or a time, and nothing else.

    Examples
    --------
    >>> [is_date(one) for one in ("12/04/2022, 10:33", "Tuesday, 12 April 2022", "2022", "10:33 am", "May 4")]
    [True, True, False, True, False]
    """
    if len(text) > _LONGEST:
        return False
    kinds = [_kind(word.strip(",;()").rstrip(":.").casefold()) for word in text.split()]
    if None in kinds:
        return False
    return "date" in kinds or "time" in kinds or ("month" in kinds and kinds.count("day") > 1)


def _kind(word: str) -> str | None:
    if not word or word in _BESIDE or word in ("-", "–", "—", "|"):
        return "beside"
    if _NUMERIC_DATE.fullmatch(word):
        return "date"
    if _TIME.fullmatch(word):
        return "time"
    if _DAY.fullmatch(word):
        return "day"
    if word in _MONTHS or word in _WEEKDAYS or word in _WHOLE:
        return "month" if word[:3] in _MONTHS else "beside"
    return None


def is_bare(text: str) -> bool:
    """Whether a text is a number or a date, with no word.

    Examples
    --------
    >>> is_bare("12/04/2022, 10:33"), is_bare("14"), is_bare("Act 14")
    (True, True, False)
    """
    return len(text) <= _LONGEST and (bool(_NUMERIC.fullmatch(text)) or is_date(text))


def like_answer(text: str, scales: Iterable[Scale] = ()) -> bool:
    """Whether a line can be no part of a question: only addresses, a number, a date, or an option.

    Examples
    --------
    >>> (
    ...     like_answer("https://gov.example"),
    ...     like_answer("see https://gov.example)"),
    ...     like_answer("Yes", [{"y": ("Yes",)}]),
    ... )
    (True, False, True)
    """
    words = text.split()
    if all(_ADDRESS.fullmatch(word) or word in ("-", "and", ";", ",", "&", "|") for word in words):
        return True
    return is_bare(text) or any(shows_option(text, scale) for scale in scales)
