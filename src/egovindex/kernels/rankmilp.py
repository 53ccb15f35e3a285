"""Best and worst rank of one unit over all weights of a region, by mixed-integer programs with tight big-M.

How many of a set of linear conditions can hold together is the maximum feasible subsystem problem: hard in general,
quick at the size of an index. A rival that no weights of the region put the other way round is counted beforehand.

A solver of whole numbers takes 1e-6 for zero: it cannot be asked for leads that are small and not zero, and where
conditions contradict each other by less, HiGHS 1.12 was seen to call a wrong count optimal. So it is asked for leads
that may be a little over level, and a linear program, which can tell, says whether those rivals can be had together.
Where not, its multipliers name a few that cannot, and the next program knows (a Benders cut: Hooker and Ottosson 2003,
doi 10.1007/s10107-003-0375-9).

Letters: ``U`` rivals that are undecided, ``L`` ends, ``V`` parts.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.kernels.program import in_rooms, parts_between
from egovindex.kernels.quiet import quiet
from egovindex.kernels.region import Region

__all__ = ["APART", "Most", "Search"]

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

# a lead that is no more, as a share of the largest difference of values in it, is taken for none
APART = 1e-8
_LOOSE = 1e-5  # of the room of a rival: how far it may be over level; ten times what the solver takes for zero
_LEAST_ROOM = 1e-6
_SCALE = 1e4  # of rows of linear programs, against the solver's own tolerances
_WHOLE = 1e-5  # how far a bound may miss a whole number by rounding
_TURNS = 60  # programs with more cuts, before what is known has to do
_MULTIPLIER = 1e-9


@dataclass(frozen=True, eq=False)
class Most:
    """How many rivals can be on one side together.

    Parameters
    ----------
    found
        As many are there at ``parts``; -1 where none was looked at in time.
    bound
        No weights have more.
    parts
        ``(V,)``, or ``None``.
    margin
        By how much all that were found are there, as a share of the largest number of each row.
    """

    found: int
    bound: int
    parts: Array | None
    margin: float


class Search:
    """Programs over one region.

    Parameters
    ----------
    region
        The weights.
    """

    def __init__(self, region: Region) -> None:
        from scipy import sparse

        self.region = region
        self.sparse = sparse
        linear = region.linear
        self.linear = linear
        self.ends = sparse.csr_array(
            (np.ones(len(region.ends)), (np.arange(len(region.ends)), region.ends)),
            shape=(len(region.ends), region.size),
        )

    def most_behind(self, leads: Array, highest: Array, limit: float | None, *, apart: bool = False) -> Most:
        """How many rivals can be behind the unit together, or level with it.

        Parameters
        ----------
        leads
            ``(U, L)`` rival minus unit.
        highest
            ``(U,)`` the most that each can be ahead.
        limit
            Seconds.
        apart
            Whether to be level is not enough.
        """
        u = len(leads)
        if u == 0:
            return Most(0, 0, self.region.inside, np.inf)
        end = math.inf if limit is None else time.monotonic() + limit
        size = 1.0 / np.maximum(np.abs(leads).max(axis=1), 1e-300)
        rows, rooms = self.sparse.csr_array(leads * size[:, None]) @ self.ends, highest * size
        best = Most(-1, u, None, -np.inf)
        cuts = _mirrored(leads * size[:, None]) if apart else []
        for _ in range(_TURNS):
            left = None if limit is None else end - time.monotonic()
            if left is not None and left <= 0:
                break
            bound, chosen = self._solve(rows, rooms, cuts, left)
            best = Most(best.found, min(best.bound, bound), best.parts, best.margin)
            if chosen is None:
                break
            known = len(cuts)
            best = self._together(rows, chosen, best, cuts, APART if apart else -APART)
            if best.found >= best.bound or len(cuts) == known:
                break
        return best

    def most_ahead(self, leads: Array, lowest: Array, limit: float | None) -> Most:
        """How many rivals can be ahead of the unit together; ``lowest`` is what each is ahead at least."""
        return self.most_behind(-leads, -lowest, limit, apart=True)

    def _together(self, rows: Any, chosen: Bools, best: Most, cuts: list[Places], least: float) -> Most:
        """The chosen rivals, less some of those that cannot be there together; why they cannot is added to the cuts."""
        chosen = chosen.copy()
        while chosen.sum() > best.found:
            found = self._largest_margin(rows[chosen])
            if found is None:
                return best
            margin, parts, telling = found
            if margin > least:
                return Most(int(chosen.sum()), max(best.bound, int(chosen.sum())), parts, margin)
            culprits = np.flatnonzero(chosen)[telling > _MULTIPLIER]
            if not culprits.size:
                return best
            cuts.append(culprits)
            chosen[np.flatnonzero(chosen)[int(telling.argmax())]] = False
        return best

    def _solve(self, rows: Any, rooms: Array, cuts: Sequence[Places], limit: float | None) -> tuple[int, Bools | None]:
        """Most conditions ``rows @ parts <= 0`` that hold together, a bound and which; ``<= rooms`` holds always."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        sparse, linear, u = self.sparse, self.linear, rows.shape[0]
        size = 1.0 / np.maximum(rooms, _LEAST_ROOM)
        # parts as shares of the room that each has: tolerances are absolute, and a room may be narrow
        least, room = parts_between(self.region)
        own = rows @ sparse.diags_array(room)
        switched = sparse.hstack([sparse.diags_array(size) @ own, sparse.diags_array(-size * rooms)])
        conditions = [LinearConstraint(switched, -np.inf, _LOOSE - size * (rows @ least))]
        if linear.upper.shape[0]:
            nothing = sparse.csr_array((linear.upper.shape[0], u))
            upper, limits = in_rooms(linear.upper, linear.limits, least, room)
            conditions.append(LinearConstraint(sparse.hstack([upper, nothing]), -np.inf, limits))
        flat = sparse.csr_array((linear.equal.shape[0], u))
        equal, sums = in_rooms(linear.equal, linear.sums, least, room)
        conditions.append(LinearConstraint(sparse.hstack([equal, flat]), sums, sums))
        if cuts:
            at = np.repeat(np.arange(len(cuts)), [len(cut) for cut in cuts])
            places = self.region.size + np.concatenate(cuts)
            one_of = sparse.csr_array((np.ones(len(at)), (at, places)), shape=(len(cuts), self.region.size + u))
            conditions.append(LinearConstraint(one_of, 1.0, np.inf))
        options: dict[str, Any] = {} if limit is None else {"time_limit": float(limit)}
        with quiet():
            solved = milp(
                np.concatenate([np.zeros(self.region.size), np.ones(u)]),
                constraints=conditions,
                integrality=np.concatenate([np.zeros(self.region.size), np.ones(u)]),
                bounds=Bounds(
                    np.concatenate([np.clip((linear.low - least) / room, 0.0, 1.0), np.zeros(u)]),
                    np.concatenate([np.clip((linear.high - least) / room, 0.0, 1.0), np.ones(u)]),
                ),
                options=options,
            )
        # solved, HiGHS may leave its dual bound behind the optimum
        fewest = solved.fun if solved.status == 0 else solved.mip_dual_bound
        bound = u if fewest is None or not math.isfinite(fewest) else u - max(0, math.ceil(fewest - _WHOLE))
        return bound, None if solved.x is None else solved.x[self.region.size :] < 0.5

    def _largest_margin(self, rows: Any) -> tuple[float, Array, Array] | None:
        """Weights at which rows are as far below zero as they can be together, how far, and which rows tell."""
        from scipy.optimize import linprog

        sparse, linear, region = self.sparse, self.linear, self.region
        if not rows.shape[0]:
            return np.inf, region.inside, np.zeros(0)
        upper = sparse.hstack([_SCALE * rows, sparse.csr_array(np.ones((rows.shape[0], 1)))])
        limits = np.zeros(rows.shape[0])
        if linear.upper.shape[0]:
            still = sparse.hstack([linear.upper, sparse.csr_array((linear.upper.shape[0], 1))])
            upper, limits = sparse.vstack([upper, still]), np.concatenate([limits, linear.limits])
        with quiet():
            solved = linprog(
                np.r_[np.zeros(region.size), -1.0],
                A_ub=upper,
                b_ub=limits,
                A_eq=sparse.hstack([linear.equal, sparse.csr_array((linear.equal.shape[0], 1))]),
                b_eq=linear.sums,
                bounds=[*zip(linear.low, linear.high, strict=True), (None, None)],
                method="highs-ds",
            )
        if solved.status != 0:
            return None
        telling = -np.asarray(solved.ineqlin.marginals[: rows.shape[0]])
        return float(solved.x[-1]) / _SCALE, np.asarray(solved.x[:-1]), telling


def _mirrored(rows: Array) -> list[Places]:
    """Rivals of whom one is ahead where the other is behind: never on the same side unless level."""
    places: dict[bytes, list[int]] = {}
    for at, row in enumerate(np.round(rows, 12) + 0.0):
        places.setdefault(row.tobytes(), []).append(at)
    found = []
    for at, row in enumerate(np.round(-rows, 12) + 0.0):
        found += [np.array([at, other]) for other in places.get(row.tobytes(), ()) if at < other]
    return found
