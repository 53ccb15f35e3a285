"""What keeps coded responses from being scored: items that are not settled, each with what coders say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from egovindex.coding.brief import BRIEF
from egovindex.coding.coded import ADJUDICATED, RESERVED
from egovindex.errors import Fault, listed

__all__ = ["not_settled"]

Cell = tuple[Any, Any, Any]


def not_settled(table: pd.DataFrame, who: str, cells: Sequence[Cell]) -> Iterator[Fault]:
    """One fault for each item; it names all units.

    Parameters
    ----------
    table
        A coding table.
    who
        Whose categories are to be scored.
    cells
        Unit, period and item of what has no brief category.
    """
    if not cells:
        return
    said = _said(table, who)
    several = len({period for _, period, _ in cells}) > 1
    by_item: dict[str, list[Cell]] = {}
    for cell in cells:
        by_item.setdefault(cell[2], []).append(cell)
    for item, own in by_item.items():
        told = [
            f"{cell[0]}{f' {cell[1]}' if several and cell[1] else ''} ({_axes_told(said.get(cell, {}), who)})"
            for cell in own
        ]
        if who == ADJUDICATED:
            message = f"{item} is not settled: {listed(told)}; decide (open_items lists what is open), or take one "
            message += "coder, as in coded.long(coder=...)"
        else:
            message = f"{item} is not coded by {who}: {listed(told)}; code it"
        yield Fault(message, check="not_settled", units=tuple(str(unit) for unit, _, _ in own), column=item)


def _said(table: pd.DataFrame, who: str) -> dict[Cell, dict[str, dict[str, str | None]]]:
    """By unit, period and item, then by axis: the category of each coder."""
    found: dict[Cell, dict[str, dict[str, str | None]]] = {}
    columns = (table[name] for name in ("unit", "period", "item", "axis", "coder", "category"))
    for unit, period, item, axis, coder, category in zip(*columns, strict=True):
        if axis != BRIEF and (coder == who or coder not in RESERVED):
            found.setdefault((unit, period, item), {}).setdefault(axis, {})[coder] = category
    return found


def _axes_told(by_axis: dict[str, dict[str, str | None]], who: str) -> str:
    """What coders say on each axis that is open."""
    told = []
    for axis, codes in by_axis.items():
        if codes.get(who) is None:
            words = [f"{coder} says {category}" for coder, category in codes.items() if category and coder != who]
            told.append(f"{axis}: {listed(words) or 'nobody has coded it'}")
    return "; ".join(told) or "nobody has coded it"
