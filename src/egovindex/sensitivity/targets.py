"""What is asked of a ranking: one number, or one for each unit, out of the scores and ranks of a draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.classing import band_codes
from egovindex.errors import Fault, MethodError, did_you_mean
from egovindex.formulas import Floats
from egovindex.lookup import row_of
from egovindex.result import IndexResult

__all__ = ["NAMES", "Target", "target_of"]

Ints = npt.NDArray[np.int64]
Beside = dict[str, Floats]

_NONE = "unknown_output"
NAMES = ("rank_shift", "class_change", "rank", "score")


@dataclass(frozen=True, eq=False)
class Target:
    """What is asked; it can be pickled if the function in it can.

    Parameters
    ----------
    name
        In words.
    outputs
        Names of its numbers: one, or a row of the result for each.
    compute
        Numbers ``(D, s)`` out of scores and ranks ``(D, rows)``; ranks are 0 without a score.
    by_row
        Rows of the result that the numbers are of; ``None`` for numbers of the whole ranking.
    """

    name: str
    outputs: tuple[str, ...]
    compute: Callable[[Floats, Ints, Beside], Floats]
    by_row: npt.NDArray[np.intp] | None = None

    @property
    def of_ranks(self) -> bool:
        """Whether its numbers are ranks of units."""
        return isinstance(self.compute, _Rows) and self.compute.of_ranks

    def output(self, name: Any, result: IndexResult, period: Any = None) -> str:
        """Full name of an output: of a unit, or as it is written in the tables.

        Parameters
        ----------
        name
            A unit, or the name of an output.
        result
            The result without any draw, which has the units.
        period
            May be left out where there is one.

        Raises
        ------
        MethodError
            There is no such output, or the unit has several periods.
        """
        if period is None and name in self.outputs:
            return str(name)
        if self.by_row is None:
            raise MethodError(Fault(f'there is no output "{name}"{did_you_mean(str(name), self.outputs)}', check=_NONE))
        try:
            row = row_of(result, name, period)
        except MethodError as error:
            if error.faults[0].check != "unknown_unit" or not isinstance(name, str):
                raise
            hint = did_you_mean(name, self.outputs)
            raise MethodError(Fault(f'there is no output "{name}"{hint}', check=_NONE)) from None
        if row not in self.by_row:
            message = f"{result.plan.rows.name(row)}: the target is of {', '.join(self.outputs)} alone"
            raise MethodError(Fault(message, check=_NONE))
        return result.plan.rows.name(row)


@dataclass(frozen=True, eq=False)
class _Shift:
    """Average over the units of how many places each is moved (Saisana and others 2005, eq. 2)."""

    nominal: Ints

    def __call__(self, scores: Floats, ranks: Ints, beside: Beside) -> Floats:  # noqa: ARG002
        known = np.flatnonzero(self.nominal > 0)
        own = ranks[:, known]
        there = own > 0
        moved = np.where(there, np.abs(own - self.nominal[known]), 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (moved.sum(axis=1) / there.sum(axis=1))[:, None]


@dataclass(frozen=True, eq=False)
class _ClassChange:
    """Share of the units whose class is another."""

    nominal: npt.NDArray[np.int16]
    bands: Any

    def __call__(self, scores: Floats, ranks: Ints, beside: Beside) -> Floats:  # noqa: ARG002
        codes = band_codes(scores.astype(np.float64, copy=False), self.bands, beside.__getitem__)
        known = self.nominal >= 0
        found: Floats = (codes[:, known] != self.nominal[known]).mean(axis=1, dtype=np.float64)[:, None]
        return found


@dataclass(frozen=True, eq=False)
class _Rows:
    """Score or rank of some rows."""

    rows: npt.NDArray[np.intp]
    of_ranks: bool

    def __call__(self, scores: Floats, ranks: Ints, beside: Beside) -> Floats:  # noqa: ARG002
        if not self.of_ranks:
            return scores[:, self.rows].astype(np.float64)
        own = ranks[:, self.rows].astype(np.float64)
        own[own == 0] = np.nan
        return own


@dataclass(frozen=True, eq=False)
class _Own:
    """A function of the user's."""

    call: Callable[[Floats, Ints], Any]

    def __call__(self, scores: Floats, ranks: Ints, beside: Beside) -> Floats:  # noqa: ARG002
        given = self.call(scores, ranks)
        try:
            found = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError):
            message = f"target: a function gives numbers, found {given!r:.60}"
            raise MethodError(Fault(message, check="bad_target")) from None
        if found.shape[:1] != scores.shape[:1] or found.ndim not in (1, 2):
            message = (
                f"target: a function gets scores and ranks, (draws, rows), and gives a number for each draw, or a row "
                f"of numbers; for {len(scores)} draws it gave the shape {found.shape}"
            )
            raise MethodError(Fault(message, check="bad_target"))
        return found.reshape(len(scores), -1)


def target_of(raw: Any, result: IndexResult, node: str) -> Target:
    """What is asked.

    Parameters
    ----------
    raw
        ``"rank_shift"``, ``"class_change"``; ``"rank"`` or ``"score"`` of every unit; a pair such as
        ``("rank", "KHM")`` or ``("score", "KHM", 2024)`` of one; or a function of scores and ranks, ``(draws, rows)``
        each, that gives a number or a row of numbers for each draw.
    result, node
        The result without any draw, and the node that is looked at.

    Raises
    ------
    MethodError
        It is none of these, or the unit is unknown.
    """
    rows = result.plan.rows
    every = np.arange(len(rows))
    if callable(raw):
        scores = result.nominal.by_node[node][None]
        width = _Own(raw)(scores, _nominal_ranks(result, node)[None], {}).shape[1]
        name = getattr(raw, "__name__", type(raw).__name__)
        outputs = (name,) if width == 1 else tuple(f"{name} {at + 1}" for at in range(width))
        return Target(name, outputs, _Own(raw))
    if isinstance(raw, (tuple, list)) and len(raw) in (2, 3) and raw[0] in ("rank", "score"):
        at = row_of(result, raw[1], *raw[2:])
        one = np.array([at])
        return Target(f"{raw[0]} of {rows.name(at)}", (rows.name(at),), _Rows(one, raw[0] == "rank"), one)
    if raw == "rank_shift":
        return Target("average rank shift", ("average rank shift",), _Shift(_nominal_ranks(result, node)))
    if raw == "class_change":
        bands = result.index.classes(node)
        if not bands:
            raise MethodError(Fault(f"{node} has no classes", check="no_classes"))
        codes = band_codes(result.nominal.by_node[node], bands, _beside(result))
        return Target("share of units in another class", ("class change",), _ClassChange(codes, bands))
    if raw in ("rank", "score"):
        return Target(raw, tuple(map(rows.name, range(len(rows)))), _Rows(every, raw == "rank"), every)
    hint = "."
    if isinstance(raw, str):
        kind, colon, unit = raw.partition(":")
        hint = f'; of one unit it is ("{kind}", "{unit}")' if colon else did_you_mean(raw, NAMES, otherwise=".")
    message = (
        f'target is one of {", ".join(NAMES)}, a pair such as ("rank", unit), or a function of scores and ranks; '
        f"found {raw!r:.60}{hint}"
    )
    raise MethodError(Fault(message, check="bad_target"))


def _nominal_ranks(result: IndexResult, node: str) -> Ints:
    found: Ints = result.ranks[node].to_numpy(dtype=np.int64, na_value=0)
    return found


def _beside(result: IndexResult) -> Callable[[str], Floats]:
    def number(name: str) -> Floats:
        if name in result.nominal.by_node:
            return result.nominal.by_node[name]
        found: Floats = result.indicators[name].to_numpy()
        return found

    return number
