"""Tables of changes: alone, together, and one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from egovindex.formulas import Floats
from egovindex.robustness.leveroptions import Change, Offer
from egovindex.robustness.leversearch import Chosen
from egovindex.robustness.levertarget import Goal, Standing

__all__ = ["alternatives_table", "changes_table", "gains_alone", "ladder_table"]

_TOLD = ["item", "label", "before", "after", "cost"]


def _rows(offer: Offer, changes: Sequence[Change]) -> list[tuple[Any, ...]]:
    found = []
    for heading, answer in changes:
        item = offer.items[heading]
        found.append((item.name, item.label, item.before, answer, item.cost(answer)))
    return found


def _table(rows: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    table = pd.DataFrame([*rows], columns=[*columns])
    return table.astype(dict.fromkeys(("item", "label", "before", "after"), object))


def gains_alone(offer: Offer, changes: Sequence[Change]) -> Floats:
    """By how much the score rises with each change alone; NaN where the index does not take it alone."""
    return _scores(offer, [[change] for change in changes]) - offer.bench.base.of(offer.bench.node)[0]


def _scores(offer: Offer, sets: Sequence[Sequence[Change]]) -> Floats:
    known = [offer.of_changes(changes) for changes in sets]
    scores = offer.bench.in_blocks([moves for moves in known if moves is not None])
    found = np.full(len(sets), np.nan)
    found[[moves is not None for moves in known]] = scores
    return found


def changes_table(offer: Offer, changes: Sequence[Change], gains: Floats) -> pd.DataFrame:
    """One row per change."""
    rows = [(*row, float(gain)) for row, gain in zip(_rows(offer, changes), gains, strict=True)]
    return _table(rows, [*_TOLD, "gain"])


def alternatives_table(offer: Offer, others: Sequence[Chosen]) -> pd.DataFrame:
    """One row per change of each set."""
    rows = []
    for nth, chosen in enumerate(others, start=1):
        changes = [change for at in chosen for change in offer.options[at].changes]
        rows += [(nth, *row) for row in _rows(offer, changes)]
    return _table(rows, ["alternative", *_TOLD])


def ladder_table(offer: Offer, goal: Goal, changes: Sequence[Change], gains: Floats) -> pd.DataFrame:
    """The changes one after the other, the largest gain per cost first."""
    costs = np.array([offer.items[heading].cost(answer) for heading, answer in changes])
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.nan_to_num(gains / costs, nan=0.0, posinf=np.inf)
    order = np.argsort(-worth, kind="stable")
    steps = [changes[at] for at in order]
    standings: list[Standing | None] = []
    for at in range(len(steps)):
        moves = offer.of_changes(steps[: at + 1])
        if moves is None:
            standings.append(None)
            continue
        tried = offer.bench.scores([moves])
        standings += goal.standings(tried.of(offer.bench.node), tried.number)
    rows = [
        (at + 1, *row, *((np.nan, pd.NA, None) if s is None else (s.score, s.rank, s.class_)))
        for at, (row, s) in enumerate(zip(_rows(offer, steps), standings, strict=True))
    ]
    table = _table(rows, ["step", *_TOLD, "score", "rank", "class"])
    return table.astype({"rank": "Int64", "class": object})
