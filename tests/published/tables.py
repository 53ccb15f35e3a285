"""What the tests of this folder share: reading, labelling and looking up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd


def by_unit(table: Any) -> Any:
    """The table of one period, labelled by unit alone."""
    further = list(range(1, table.index.nlevels))
    return table.droplevel(further) if further else table


def largest(difference: pd.Series) -> float:
    """The largest absolute difference; a gap counts as infinite."""
    return float(difference.abs().fillna(float("inf")).max())


def learned(result: Any, record: str, name: str) -> float:
    """The one number of that name that a record learned."""
    table = result.learned
    rows = table[(table["record"] == record) & (table["name"] == name)]
    assert len(rows) == 1, f"{record} learned {name} {len(rows)} times:\n{table}"
    return float(rows["value"].iloc[0])


def read_csv(path: Path) -> pd.DataFrame:
    """A table of numbers and names; only a blank cell is missing."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def write_index(folder: Path, name: str, text: str) -> Path:
    """A small index as a file of that name."""
    path = folder / f"{name}.yaml"
    path.write_text(f"index: {name}\nsource: invented for a test\n{text}", encoding="utf-8")
    return path
