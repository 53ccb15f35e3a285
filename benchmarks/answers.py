"""Answers into scores: 200,000 rows of 16 levels with flags in four indices, and a million rows of 100 categories."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

CATEGORIES_INDEX = Path(__file__).with_name("categories.yaml")
LEVELS_INDEX = "oxcgrt-2022"

# the sixteen indicators of OxCGRT 2022: highest level, and whether a flag counts
LEVELS = {
    "C1": (3, True), "C2": (3, True), "C3": (2, True), "C4": (4, True), "C5": (2, True), "C6": (3, True),
    "C7": (2, True), "C8": (4, False), "E1": (2, True), "E2": (2, False), "H1": (2, True), "H2": (3, False),
    "H3": (2, False), "H6": (4, True), "H7": (5, True), "H8": (3, True),
}  # fmt: skip
CONTAINMENT = [name for name in LEVELS if name.startswith("C")]
INDICES = {
    "GRI": list(LEVELS),
    "CHI": [name for name in LEVELS if not name.startswith("E")],
    "SI": [*CONTAINMENT, "H1"],
    "ESI": ["E1", "E2"],
}
NEED = {"GRI": 15, "CHI": 13, "SI": 8, "ESI": 2}
# as they are spelt in the table, and what each earns
CATEGORIES = {"yes": 1.0, "in operation": 0.5, "drafted": 0.4, "planned": 0.2, "N": 0.0}


def levels_table(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Levels with one blank in a hundred; a flag where there is a level above zero."""
    table: dict[str, np.ndarray] = {}
    for name, (highest, flagged) in LEVELS.items():
        values = rng.integers(0, highest + 1, rows).astype(float)
        values[rng.random(rows) < 0.01] = np.nan
        table[name] = values
        if flagged:
            table[f"{name}_flag"] = np.where(values > 0, rng.integers(0, 2, rows).astype(float), np.nan)
    return pd.DataFrame(table, index=pd.Index([f"u{n:07d}" for n in range(rows)], name="country_code"))


def levels_by_hand(table: pd.DataFrame) -> pd.DataFrame:
    """The same four indices in pandas, written for them alone."""
    parts = {}
    for name, (highest, flagged) in LEVELS.items():
        value = table[name]
        if flagged:
            value = (value - 0.5 * (1 - table[f"{name}_flag"].fillna(0))).where(value > 0, 0)
        parts[name] = value.fillna(0) / highest
    found, answered = pd.DataFrame(parts), table[list(LEVELS)].notna()
    scores = {}
    for name, columns in INDICES.items():
        enough = answered[columns].sum(axis=1) >= NEED[name]
        scores[name] = (found[columns].mean(axis=1) * 100).round(2).where(enough)
    return pd.DataFrame(scores)


def categories_table(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """A hundred columns of categoricals."""
    spellings = pd.CategoricalDtype(list(CATEGORIES))
    columns = {
        f"i{at:02}": pd.Categorical.from_codes(rng.integers(0, len(CATEGORIES), rows, dtype=np.int8), dtype=spellings)
        for at in range(100)
    }
    return pd.DataFrame(columns, index=pd.Index([f"u{n:07d}" for n in range(rows)], name="unit"))


def categories_by_hand(table: pd.DataFrame) -> np.ndarray:
    """The same by the plainest look-up in NumPy: codes into points, ten to an area, areas to the top."""
    points = np.array([*CATEGORIES.values()])
    areas = []
    for area in range(10):
        total = np.zeros(len(table))
        for at in range(10 * area, 10 * area + 10):
            total += points[table.iloc[:, at].cat.codes.to_numpy()]
        areas.append(total / 10)
    weights = np.array([1, 2, 3, 1, 2, 3, 1, 2, 3, 1.0])
    return (
        sum((weight * area for weight, area in zip(weights, areas, strict=True)), np.zeros(len(table))) / weights.sum()
    )
