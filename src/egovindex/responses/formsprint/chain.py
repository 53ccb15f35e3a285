"""The best increasing chain through a table of worths: an alignment of two sequences, by dynamic programming."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["best_chain"]

Floats = npt.NDArray[np.float64]
# what it counts that a pair stands right after the pair before
_NEXT = 0.4


def best_chain(pairs: Floats, places: npt.NDArray[np.intp]) -> tuple[float, list[tuple[int, int]]]:
    """The increasing chain of most worth; what stands right after its neighbour counts a little more."""
    rows, columns = pairs.shape
    best = np.zeros(columns + 1)  # best of all chains up to an item
    ends = np.zeros(columns + 1)  # of those that end in the row before
    back = np.zeros((rows, columns), dtype=bool)  # whether the pair is taken after its neighbour
    taken = np.zeros((rows, columns + 1), dtype=bool)
    come = np.zeros((rows, columns + 1), dtype=np.int16)
    for row in range(rows):
        beside = row > 0 and places[row] - places[row - 1] == 1
        after = ends[:-1] + _NEXT if beside else np.full(columns, -np.inf)
        here = pairs[row] + np.maximum(best[:-1], after)
        back[row] = after > best[:-1]
        usable = pairs[row] > 0
        here = np.where(usable, here, -np.inf)
        ends = np.concatenate([[-np.inf], here])
        upto = np.maximum.accumulate(ends)
        which = np.maximum.accumulate(np.where(ends >= upto, np.arange(columns + 1), 0))
        taken[row] = upto > best
        come[row] = which
        best = np.maximum(best, upto)
    return float(best[-1]), _walk(back, taken, come, columns)


def _walk(
    back: npt.NDArray[np.bool_], taken: npt.NDArray[np.bool_], come: npt.NDArray[np.int16], columns: int
) -> list[tuple[int, int]]:
    found = []
    row, upto, forced = len(taken) - 1, columns, False
    while row >= 0 and upto > 0:
        if forced or taken[row, upto]:
            item = upto if forced else int(come[row, upto])
            found.append((row, item - 1))
            forced = bool(back[row, item - 1])
            upto = item - 1
        row -= 1
    return found[::-1]
