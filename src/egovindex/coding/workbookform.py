"""What writing and reading of a coders' workbook share: headings, names of sheets, and the mark of a row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from egovindex.coding.coded import RESERVED
from egovindex.errors import DataError, Fault

__all__ = [
    "ABOUT",
    "CODEBOOK",
    "CONFIDENCE",
    "FREE",
    "IDS",
    "MARK",
    "OTHERS",
    "extra_missing",
    "headings_of",
    "mark_of",
    "why_reserved",
]

CONFIDENCE = ("high", "medium", "low")
CODEBOOK, ABOUT = "codebook", "about"
IDS = ("row", "unit", "period", "item", "number", "label", "declared", "evidence")
FREE, MARK, OTHERS = ("confidence", "span", "reason"), "mark", "others"


def mark_of(*parts: str | None) -> str:
    """What says that number, unit, period and item belong together."""
    text = json.dumps([part or "" for part in parts])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


def headings_of(axes: Sequence[str], *, others: bool = False) -> list[str]:
    """The first row of a coder's sheet."""
    return [*IDS, *axes, *FREE, *([OTHERS] if others else []), MARK]


def why_reserved(name: str) -> str | None:
    """Why no person can have a name; ``None`` where one can.

    Examples
    --------
    >>> why_reserved("Rules"), why_reserved("Ada Third")
    ('it is the coder that reads by rules', None)
    """
    return {**RESERVED, "rules": "it is the coder that reads by rules"}.get(name.strip().casefold())


def extra_missing(name: str) -> DataError:
    """The library for workbooks is not installed."""
    message = 'workbooks need the extra "excel": pip install "egovindex[excel]"'
    return DataError(Fault(message, file=name, check="extra_missing"))
