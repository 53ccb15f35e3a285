"""Small tables that are given beside the data: changes, costs, a published ranking, categories of coders."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import egovindex as ei
from egovindex.errors import DataError
from egovindex.tables import doubled_headings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["side_table"]


def side_table(path: Path, *, text: Collection[str]) -> pd.DataFrame:
    """A table of a file; no heading of its stands twice.

    Parameters
    ----------
    path
        CSV, XLSX or Parquet.
    text
        Columns of a CSV file that are no numbers, whatever they look like.

    Raises
    ------
    DataError
        As for :func:`egovindex.read_table`; two columns have the same heading, and either could be meant.
    """
    table = ei.read_table(path, text=text) if path.suffix.lower() == ".csv" else ei.read_table(path)
    if doubled := [replace(fault, file=path.name) for fault in doubled_headings(table, "the table")]:
        raise DataError(doubled)
    return table
