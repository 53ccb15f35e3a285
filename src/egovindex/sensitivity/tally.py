"""What is kept of draws while they pass: counts and sums, whose size does not grow with the number of draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.formulas import Floats
from egovindex.kernels.order import ordered, placed

__all__ = ["MOST_CELLS", "Partial", "RankCounts", "Tally", "count_above", "ranks_of", "state_of"]

Ints = npt.NDArray[np.int64]
Groups = tuple[npt.NDArray[np.intp], ...]

# cells of the matrix of rank counts: 200 MB
MOST_CELLS = 25_000_000


@dataclass
class Partial:
    """What some consecutive chunks of draws add. Whole numbers add up to the same in any order; other sums do not.

    Parameters
    ----------
    draws
        How many.
    failed
        Numbers and messages of those that failed.
    numbers
        Whole numbers that add up, by name. ``counts`` ``(rows, most + 1)``: how often a row had each rank of its
        period, 0 for none. Where that is too large, ``ranks`` and ``rank_squares`` ``(rows,)``, sums of them, and
        ``scored``, how often it had any. ``classes`` ``(rows, bands + 1)``: how often it was in each band, the last
        for none.
    extra
        Further sums, by name, of each chunk apart.
    kept
        Of the draws that are kept, by name: ``scores``, ``ranks``, ``draws``.
    """

    draws: int
    failed: list[tuple[int, str]] = field(default_factory=list)
    numbers: dict[str, Ints] = field(default_factory=dict)
    extra: list[dict[str, npt.NDArray[Any]]] = field(default_factory=list)
    kept: dict[str, list[npt.NDArray[Any]]] = field(default_factory=dict)


@dataclass
class Tally:
    """All draws so far; partials are added in the order of the draws, so that sums come out bit for bit the same.

    Parameters
    ----------
    draws
        How many draws passed, failed ones among them.
    failed
        The first of those that failed.
    failures
        How many failed.
    sums
        What :class:`Partial` adds up, by name.
    kept
        What it keeps, by name.
    trace
        Snapshots for the convergence: number of draws, and by name what was known then.
    """

    draws: int = 0
    failed: list[tuple[int, str]] = field(default_factory=list)
    failures: int = 0
    sums: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    kept: dict[str, list[npt.NDArray[Any]]] = field(default_factory=dict)
    trace: list[dict[str, Any]] = field(default_factory=list)

    MOST_FAILED = 1000

    def with_(self, part: Partial) -> Tally:
        """With the next draws. This one stays as it is: whoever interrupts finds one or the other, never a half."""
        sums = dict(self.sums)
        for numbers in (part.numbers, *part.extra):
            for name, array in numbers.items():
                sums[name] = sums[name] + array if name in sums else array
        return Tally(
            draws=self.draws + part.draws,
            failed=[*self.failed, *part.failed][: self.MOST_FAILED],
            failures=self.failures + len(part.failed),
            sums=sums,
            kept={name: [*self.kept.get(name, []), *part.kept.get(name, [])] for name in {**self.kept, **part.kept}},
            trace=self.trace,
        )

    def held(self, name: str) -> npt.NDArray[Any] | None:
        """Draws that are kept, one after the other."""
        arrays = self.kept.get(name)
        if not arrays:
            return None
        if len(arrays) > 1:
            self.kept[name] = arrays = [np.concatenate(arrays)]
        return arrays[0]

    @property
    def good(self) -> int:
        """Draws that did not fail."""
        return self.draws - self.failures

    def scored(self) -> Ints:
        """``(rows,)`` in how many draws a row has a rank."""
        counts = self.sums.get("counts")
        found: Ints = self.sums["scored"] if counts is None else counts[:, 1:].sum(axis=1)
        return found

    def rank_sums(self) -> tuple[Ints, Ints]:
        """``(rows,)`` sums of ranks, and of their squares."""
        counts = self.sums.get("counts")
        if counts is None:
            return self.sums["ranks"], self.sums["rank_squares"]
        place = np.arange(counts.shape[1])
        return counts @ place, counts @ place**2


def ranks_of(scores: Floats, groups: Groups) -> Ints:
    """Rank of each row within its period, ``(D, rows)``; 0 without a score."""
    found = np.zeros(scores.shape, dtype=np.int64)
    for rows in groups:
        whole = len(rows) == scores.shape[1]
        own = scores if whole else scores[:, rows]
        ranks = placed(*ordered(own))
        if whole:
            return ranks
        found[:, rows] = ranks
    return found


class RankCounts:
    """Counts how often each row of a period had each rank; kept in the order in which counting is quick.

    Parameters
    ----------
    n
        Rows of the period.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self.wide = 1 << max(n - 1, 1).bit_length()
        self.places = self.wide * np.arange(1, n + 1)
        self.cells = np.zeros(self.wide * (n + 1), dtype=np.int64)

    def add(self, units: Ints, ranks: Ints | None) -> None:
        """Count some draws: units and ranks as :func:`ordered` gives them; ``units`` is written over."""
        units += self.places if ranks is None else self.wide * ranks
        self.cells += np.bincount(units.ravel(), minlength=self.cells.size)

    @property
    def counts(self) -> Ints:
        """``(n, n + 1)``, rank 0 (none) first."""
        found: Ints = self.cells.reshape(self.n + 1, self.wide)[:, : self.n].T
        return found


# rows of a block of comparisons: their sum fits a byte
_BYTE = 255


def count_above(ranks: Ints) -> Ints:
    """In how many draws unit ``i`` has a better rank than unit ``j``; without a score it is neither above nor below.

    Parameters
    ----------
    ranks
        ``(D, n)``; 0 without a score.

    Returns
    -------
    ndarray of int
        ``(n, n)``.

    Examples
    --------
    >>> count_above(np.array([[1, 2, 2], [2, 1, 0]]))
    array([[0, 1, 1],
           [1, 0, 0],
           [0, 0, 0]])
    """
    draws, n = ranks.shape
    none = ranks == 0
    small: npt.NDArray[Any] = ranks.astype(np.uint16 if n < 65_535 else np.uint32)
    found = np.zeros((n, n), dtype=np.int64)
    gaps = bool(none.any())
    for start in range(0, draws, _BYTE):
        block, missing = small[start : start + _BYTE], none[start : start + _BYTE]
        for unit in range(n):
            better: npt.NDArray[np.bool_] = block[:, unit, None] < block
            if gaps:
                better &= ~(missing[:, unit, None] | missing)
            found[unit] += np.add.reduce(better.view(np.uint8), axis=0, dtype=np.uint8)
    return found


def state_of(tally: Tally) -> dict[str, npt.NDArray[Any]]:
    """A tally as arrays by name, for a file."""
    found = {f"sum.{name}": array for name, array in tally.sums.items()}
    for name in tally.kept:
        array = tally.held(name)
        if array is not None:
            found[f"kept.{name}"] = array
    return found
