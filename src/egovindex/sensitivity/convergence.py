"""What was known after fewer draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from egovindex.formulas import Floats

__all__ = ["convergence_of"]


def convergence_of(ranks: Floats, behind: Iterable[Mapping[str, Any]], final: Floats, sd: Floats) -> pd.DataFrame:
    """Widths of intervals and means of ranks after some numbers of draws; see :attr:`egovindex.Draws.convergence`.

    Parameters
    ----------
    ranks
        ``(D, rows)`` of the draws that are kept; NaN without a score.
    behind
        What was noted after more draws: ``draws``, mean ``ranks``, ends ``low`` and ``high``.
    final, sd
        ``(rows,)`` mean and standard deviation of the ranks over all draws.
    """
    rows = []
    for number in _steps(len(ranks)):
        some = ranks[:number]
        known = np.isfinite(some).any(axis=0)
        low, high = np.nanquantile(some[:, known], [0.05, 0.95], axis=0, method="inverted_cdf")
        off = np.abs(np.nanmean(some[:, known], axis=0) - final[known])
        rows.append((number, np.mean(high - low), np.max(off)))
    for point in behind:
        width = np.nanmean(point["high"] - point["low"]) if "high" in point else np.nan
        rows.append((point["draws"], width, np.nanmax(np.abs(point["ranks"] - final))))
    table = pd.DataFrame(rows, columns=["draws", "width", "off"]).set_index("draws")
    return table.assign(se=np.nanmax(sd) / np.sqrt(np.maximum(table.index.to_numpy(), 1)))


def _steps(most: int) -> list[int]:
    """Numbers of draws, each about half as many again as the one before."""
    found = [number for power in range(5, 40) for number in (1 << power, 3 << (power - 1)) if number < most]
    return [*found, most] if most else []
