"""What a reader hands over: answers as they stand in the source, before anything is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

__all__ = ["COLUMNS", "HIGH", "LOW", "MEDIUM", "Draft", "Left"]

HIGH, MEDIUM, LOW = "high", "medium", "low"

# one row per answer that stands in the source; what is not there has no row, or no text
COLUMNS = {
    "unit": "who answers; None where the source does not say so outside of the items",
    "period": "edition or year that the source names; None where it names none",
    "item": "column of an item of the instrument: q036, or q007.portal of an item of which many may be ticked",
    "mark": 'option that is marked, as it is written; "" where marks can be seen and none is set; None where marks '
    "cannot be seen, or the item has none",
    "text": "what is written, as it stands; None where nothing is",
    "kind": "kind of nothing that the source itself states (not_shown, refused, ...); None elsewhere",
    "evidence": "what documents the answer, where the source has it in the same place; None elsewhere",
    "place": "where it stands, for people: page 3, line 40; row 5, column Q36",
    "confidence": "high, medium or low: whether the answer is that of this item",
    "note": "why the confidence is not high; None where it is",
}


@dataclass(frozen=True)
class Left:
    """Something in the source that belongs to no item.

    Parameters
    ----------
    place
        Where it stands.
    why
        Why it was not used.
    text
        What stands there; never shown before what names a person is taken out of it.
    """

    place: str
    why: str
    text: str = ""


@dataclass(frozen=True)
class Draft:
    """What one file holds.

    Parameters
    ----------
    table
        Columns as in :data:`COLUMNS`; all text, None where there is none.
    left
        What was not used.
    notes
        What the reader took note of, by topic: the orientation of a print, items it did not find, the date of the
        print as it is written.
    """

    table: pd.DataFrame
    left: tuple[Left, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
