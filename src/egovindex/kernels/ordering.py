"""Orders that weights lead to: which can hold, what keeps the others from it, and the fewest to leave out.

A solver of whole numbers takes 1e-6 for zero. So it is asked for margins that may be missed by a little more, and
linear programs, scaled against their own tolerances, say who cannot stay together (Benders cuts, as in
:mod:`~egovindex.kernels.rankmilp`).

Letters: ``P`` pairs, ``L`` ends, ``V`` parts of a :class:`~egovindex.kernels.region.Region`, ``n`` units.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.kernels.program import Program, placed, proven
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import Array, Places, Region

__all__ = ["LeftOut", "Widest", "conflict", "fewest_left_out", "neighbours", "widest"]

_CLOSE = 1e-9
_TURNS = 100  # programs with more cuts, before what is known has to do
_LOOSE = 1e-5  # of the reach of a pair: ten times what the solver of whole numbers takes for zero
_LEAST_REACH = 1e-6  # of the largest number of a pair
_SCALE = 1e4  # of rows of linear programs, against the solver's own tolerances


@dataclass(frozen=True, eq=False)
class Widest:
    """The largest margin that all pairs can have at once.

    Parameters
    ----------
    margin
        Smallest ``pair @ ends`` at ``parts``; no allowed weights give more.
    parts
        ``(V,)``.
    multipliers
        ``(P,)``, adding up to one: the pairs so weighted have at most ``bound`` together, so that one has no more.
    bound
        Largest ``multipliers @ pairs @ ends``, found without the solver.
    """

    margin: float
    parts: Array
    multipliers: Array
    bound: float


def widest(pairs: Array, region: Region) -> Widest:
    """Largest ``t`` such that ``pair @ ends >= t`` for every row of ``(P, L)``, for some allowed weights.

    Examples
    --------
    >>> found = widest(np.array([[1.0, 0.0], [-1.0, 0.5]]), Region.box(np.zeros(2), np.ones(2)))
    >>> round(found.margin, 9), found.parts.round(9).tolist()
    (0.2, [0.2, 0.8])
    """
    scale = (float(np.abs(pairs).max(initial=0.0)) or 1.0) / _SCALE
    rows = np.hstack([-placed(pairs, region) / scale, np.ones((len(pairs), 1))])
    program = Program(region, rows, np.zeros(len(pairs)), np.array([-np.inf]), np.array([np.inf]))
    solved = program.least(np.r_[np.zeros(region.size), -1.0])
    if solved is None:
        raise Refusal("no weights are allowed")
    parts = np.clip(solved.x[:-1], 0.0, 1.0)
    multipliers = np.maximum(-solved.ineqlin.marginals[: len(pairs)], 0.0)
    multipliers = multipliers / multipliers.sum()
    margin = float((pairs @ parts[region.ends]).min())
    return Widest(margin, parts, multipliers, float(region.most((multipliers @ pairs)[None])[0]))


def conflict(pairs: Array, region: Region, least: float) -> Places:
    """Pairs that cannot all have a margin, while without any one of them the others can.

    The pairs with a multiplier are in conflict; a deletion filter makes them minimal (Chinneck and Dravnieks 1991, doi
    10.1287/ijoc.3.2.157).

    Returns
    -------
    ndarray of int
        Rows of ``pairs``; empty where all can have it.
    """
    kept = np.arange(len(pairs))
    found = widest(pairs, region)
    if found.margin >= least:
        return kept[:0]
    kept = _support(found, kept, pairs, region, least)
    for pair in kept.tolist():
        rest = kept[kept != pair]
        if pair not in kept or not len(rest):
            continue
        found = widest(pairs[rest], region)
        if found.margin < least:
            kept = _support(found, rest, pairs, region, least)
    return kept


def _support(found: Widest, kept: Places, pairs: Array, region: Region, least: float) -> Places:
    used = kept[found.multipliers > _CLOSE]
    return used if len(used) == len(kept) or widest(pairs[used], region).margin < least else kept


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Units without which an order holds.

    Parameters
    ----------
    out
        ``(n,)``.
    low
        No fewer do.
    """

    out: npt.NDArray[np.bool_]
    low: int


def fewest_left_out(
    x: Array,
    groups: npt.NDArray[Any],
    region: Region,
    least: float,
    *,
    tie: float = 0.0,
    time_limit: float | None = None,
) -> LeftOut:
    """Fewest units to leave out so that the others can stand in the order of their groups.

    A maximum feasible subsystem. A pair that can never stand so gives up one of its units; a pair that can, but need
    not, has to unless one of its units is out, with the smallest value of its margin as the tight big M.

    Parameters
    ----------
    x
        ``(n, L)``.
    groups
        ``(n,)``: lower ones above.
    least
        Margin that units of different groups must have.
    tie
        What certainly is no margin: units that cannot have more are known not to stand together.
    """
    n = len(x)
    rows, limits = _conditions(x, groups, region, tie)
    whole = np.r_[np.zeros(region.size), np.ones(n)]
    until, fewest, sure = np.inf if time_limit is None else monotonic() + time_limit, 0, True
    best = np.arange(n) > 0  # one alone is always in order
    for _ in range(_TURNS):
        left = until - monotonic()
        program = Program(region, rows, limits, np.zeros(n), np.ones(n))
        solved = program.least_whole(whole, whole, left if left < np.inf else None)
        if solved is None:
            break
        if sure:
            fewest = max(fewest, int(np.ceil(max(0.0, proven(solved)) - _LOOSE)))
        if solved.x is None:
            break
        out, cuts, known = _repaired(x, groups, solved.x[region.size :] > 0.5, region, least, tie, until)
        if out is not None and out.sum() < best.sum():
            best = out
        if best.sum() <= fewest or not cuts:
            break
        sure = sure and known
        rows = np.vstack([rows, *(np.r_[np.zeros(region.size), -cut.astype(float)] for cut in cuts)])
        limits = np.r_[limits, np.full(len(cuts), -1.0)]
    return LeftOut(best, min(fewest, int(best.sum())))


def _conditions(x: Array, groups: npt.NDArray[Any], region: Region, tie: float) -> tuple[Array, Array]:
    """Rows for parts and for who is out: pairs that need not have a margin have it, unless one of them is out."""
    n = len(x)
    over, under, lows, never = _doubtful(x, groups, region, tie)
    pairs, lines = x[over] - x[under], np.arange(len(over))
    reach = np.maximum(tie - lows, _LEAST_REACH * np.abs(pairs).max(axis=1, initial=0.0))
    reach = np.where(never, 1.0, reach)
    rows = np.hstack([-placed(pairs, region) / reach[:, None], np.zeros((len(pairs), n))])
    rows[never, : region.size] = 0.0
    rows[lines, region.size + over] = rows[lines, region.size + under] = -1.0
    return rows, np.where(never, -1.0, _LOOSE - tie / reach)


def _repaired(
    x: Array,
    groups: npt.NDArray[Any],
    out: npt.NDArray[np.bool_],
    region: Region,
    least: float,
    tie: float,
    until: float,
) -> tuple[npt.NDArray[np.bool_] | None, list[npt.NDArray[np.bool_]], bool]:
    """Units out until the others are in order (``None``: out of time), who could not stay, and whether that is sure."""
    cuts: list[npt.NDArray[np.bool_]] = []
    out, sure = out.copy(), True
    while True:
        clash, most = _clash(x, groups, ~out, region, least)
        if not clash.any():
            return out, cuts, sure
        cuts.append(clash)
        sure = sure and most <= tie
        out[int(np.argmax(clash))] = True
        if monotonic() > until:
            return None, cuts, sure


def neighbours(groups: npt.NDArray[Any]) -> tuple[Places, Places]:
    """Every pair of units with neighbouring groups: upper and lower.

    Examples
    --------
    >>> above, below = neighbours(np.array([4, 1, 2, 2]))
    >>> above.tolist(), below.tolist()
    ([1, 1, 2, 3], [2, 3, 0, 0])
    """
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    above = [np.repeat(one, len(other)) for one, other in pairwise(members)]
    below = [np.tile(other, len(one)) for one, other in pairwise(members)]
    nothing = [np.zeros(0, dtype=np.intp)]
    return np.concatenate(above or nothing), np.concatenate(below or nothing)


def _clash(
    x: Array, groups: npt.NDArray[Any], stay: npt.NDArray[np.bool_], region: Region, least: float
) -> tuple[npt.NDArray[np.bool_], float]:
    """Units that cannot all stay, of those that do, and the margin they have at most; none where the order holds."""
    units = np.flatnonzero(stay)
    above, below = neighbours(groups[units])
    found = np.zeros(len(x), dtype=bool)
    if not len(above):
        return found, np.inf
    pairs = x[units[above]] - x[units[below]]
    chosen = conflict(pairs, region, least)
    found[units[above[chosen]]] = found[units[below[chosen]]] = True
    return found, widest(pairs[chosen], region).bound if len(chosen) else np.inf


def _doubtful(
    x: Array, groups: npt.NDArray[Any], region: Region, tie: float
) -> tuple[Places, Places, Array, npt.NDArray[np.bool_]]:
    """Pairs, upper and lower, that need not have a margin, the smallest that they can have, and which never do."""
    over, under, lows, never = [], [], [], []
    for unit in range(len(x)):
        below = np.flatnonzero(groups > groups[unit])
        pairs = x[unit] - x[below]
        low, high = region.least(pairs), region.most(pairs)
        open_ = low <= tie
        over.append(np.full(int(open_.sum()), unit))
        under.append(below[open_])
        lows.append(low[open_])
        never.append(high[open_] <= tie)
    return np.concatenate(over), np.concatenate(under), np.concatenate(lows), np.concatenate(never)
