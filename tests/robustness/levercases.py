"""Small indices with random trees and answers, and every combination of their answers scored as a unit of its own."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

import egovindex as ei

POINTS = {"yes": 1.0, "drafted": 0.6, "planned": 0.25, "no": 0.0}
SUMS = ("mean", "sum", "pool")
KINDS = ("mean", "min", "max", "geometric", "harmonic", "ladder", "sum", "pool")
STEPS = (None, "times 2", "cap 0.8", "floor 0.3", "round 1", "goalposts 0 2", "grid 4")
OTHERS = 6


class Case:
    """One random index: ``items`` indicators, each below one of two nodes (or of both), below a top."""

    def __init__(
        self,
        seed: int,
        *,
        items: int,
        kinds: Any = KINDS,
        steps: Any = STEPS,
        gaps: bool = False,
        points: dict[str, float] = POINTS,
    ) -> None:
        self.words = ["no", "no", "planned", "drafted", "yes", *(["unknown"] * 2 if gaps else [])]
        self.rng = np.random.default_rng(seed)
        self.names = [f"q{at}" for at in range(items)]
        split = int(self.rng.integers(1, items))
        twice = [self.names[0]] if self.rng.random() < 0.3 else []
        inner = {
            "one": self._weighted(self.names[:split]),
            "two": self._weighted([*self.names[split:], *twice]),
        }
        nodes: dict[str, Any] = {"top": {"of": self._weighted(["one", "two"]), "aggregate": self._pick(kinds)}}
        for name, of in inner.items():
            nodes[name] = {"of": of, "aggregate": self._pick(kinds)}
            if (step := self._pick(steps)) is not None:
                nodes[name]["steps"] = [step]
        nodes["top"]["classes"] = {"High": 0.75, "Middle": 0.4, "Low": "else"}
        text = {
            "index": "drawn",
            "answers": {"status": {name: [] for name in POINTS}},
            "points": {"status": {**points}},
            "nothing": {"missing": 0, "unknown": "skip"},
            "defaults": {"indicators": {"points": "status"}},
            "indicators": {name: {} for name in self.names},
            "nodes": nodes,
        }
        frame = self._frame(text)
        self.index = ei.Index(frame)
        self.data = pd.DataFrame(
            [[f"u{at}", *self._answers()] for at in range(OTHERS + 1)], columns=["unit", *self.names]
        )
        self.result = ei.compute(self.index, self.data)

    def _frame(self, text: dict[str, Any]) -> Any:
        from egovindex.spec.model import IndexFile

        return IndexFile.model_validate(text)

    def _pick(self, from_: Any) -> Any:
        return from_[int(self.rng.integers(len(from_)))]

    def _weighted(self, names: list[str]) -> dict[str, float]:
        return {name: float(self.rng.integers(1, 6)) for name in names}

    def _answers(self) -> list[str]:
        # low answers, so that there is something to reach
        return [self._pick(self.words) for _ in self.names]

    def costs(self, kind: str) -> dict[Any, float]:
        """No costs (all 1), small whole ones with ties, or any."""
        if kind == "one":
            return {}
        if kind == "whole":
            return {name: float(self.rng.integers(0, 4)) for name in self.names}
        return {(name, answer): float(self.rng.uniform(0.1, 5)) for name in self.names for answer in POINTS}


def every_set(data: pd.DataFrame, row: int, choices: dict[str, list[Any]]) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """Every set of changes of one unit, and a table in which each is a unit."""
    now = data.iloc[row]
    sets, rows = [], []
    for answers in product(*([None, *choices[name]] for name in choices)):
        changes = {n: a for n, a in zip(choices, answers, strict=True) if a is not None}
        if any(now[name] == answer for name, answer in changes.items()):
            continue
        sets.append(changes)
        rows.append({**now.to_dict(), **changes, "unit": f"try {len(rows)}"})
    return sets, pd.DataFrame(rows)


def cheapest_by_hand(
    sets: list[dict[str, Any]], reached: np.ndarray, cost_of: Any
) -> tuple[float, set[frozenset[tuple[str, Any]]]]:
    """The lowest cost, and all sets of it of which no part reaches the goal."""
    costs = np.array([sum(cost_of(n, a) for n, a in changes.items()) for changes in sets])
    if not reached.any():
        return np.inf, set()
    least = costs[reached].min()
    equal = [at for at in np.flatnonzero(reached) if costs[at] <= least + 1e-9]
    reaching = [frozenset(sets[at].items()) for at in np.flatnonzero(reached & (costs <= least + 1e-9))]
    found = {frozenset(sets[at].items()) for at in equal}
    return float(least), {one for one in found if not any(other < one for other in reaching)}


def sets_of(found: Any) -> list[frozenset[tuple[str, Any]]]:
    """The chosen set and its alternatives."""
    first = frozenset(zip(found.changes["item"], found.changes["after"], strict=True))
    others = found.alternatives.groupby("alternative")
    return [first, *(frozenset(zip(rows["item"], rows["after"], strict=True)) for _, rows in others)]
