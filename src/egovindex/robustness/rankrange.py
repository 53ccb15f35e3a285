"""Best and worst rank of every unit over all weights (or codings) that are allowed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.blas import one_blas_thread
from egovindex.formulas import Floats
from egovindex.kernels.arrangement import Plane, extremes
from egovindex.kernels.pairs import least_leads
from egovindex.kernels.quiet import quiet
from egovindex.kernels.rank import competition_ranks
from egovindex.kernels.rankmilp import APART, Search
from egovindex.kernels.region import Region
from egovindex.progress import Progress, reporter_of
from egovindex.result import IndexResult
from egovindex.robustness.forms import LinearForm
from egovindex.robustness.limits import refuse_bad_limits
from egovindex.robustness.questions import question_of
from egovindex.robustness.rankranges import RankRange

__all__ = ["rank_range"]

Ranks = npt.NDArray[np.int64]

# a program is stopped no earlier than this many seconds, and gets this many times its part of what is left
_LEAST, _GENEROUS = 0.2, 8.0


def rank_range(
    result: IndexResult,
    weights: Any = None,
    *,
    points: Any = None,
    node: str | None = None,
    period: Any = None,
    units: Any = None,
    time_limit: float | None = None,
    workers: int | None = None,
    progress: Progress = None,
) -> RankRange:
    """Exact best and worst rank of every unit, over all weights that are allowed; nothing is sampled.

    At three weights the ties are lines in a plane, and every cell between them is visited; else each end is a
    mixed-integer program over the rivals that can be on either side. Learned values are those of the run.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`.
    weights
        A law of weights as for :class:`egovindex.Doubt`: ``within(0.25)``, ``simplex()``, ``between(...)``,
        ``ordered(...)``, ``conditions(...)``; for every node at or below the one that is ranked, or by node,
        ``{"EGDI": within(0.25)}``. Limits of a hierarchy hold at every node.
    points
        In place of weights: a map of points whose categories may earn anything that keeps their order, by its name, or
        ``{map: categories from the lowest to the highest}``.
    node
        What is ranked; the headline by default.
    period
        Needed where there are several.
    units
        Some units; all by default.
    time_limit
        Seconds. What is not proven by then has a certified bound: ``kind`` says which.
    workers
        How many programs run at once; as many as there are processors, by default. Ranks do not depend on it.
    progress
        ``True``, or a callable, to be told how far it is. Interrupted, it gives what is known by then.

    Returns
    -------
    RankRange

    Raises
    ------
    MethodError
        The node is not linear in what varies, or the law is no region; with the reason, and what to ask instead.

    Notes
    -----
    Competition ranks: a tie counts for the unit, at both ends. Pair bounds are fractional knapsacks; ranks over a
    polytope after Salo and Punkka 2011, doi 10.1287/mnsc.1100.1265, and Kadzinski, Greco and Slowinski 2012, Omega
    40:488. Where programs decide, units count as apart from 1e-8 of the largest score on.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> ranges = ei.rank_range(result, ei.within(0.25), units=["DNK", "EST", "KHM"])
    >>> ranges.table[["rank", "best", "worst", "kind"]]
          rank  best  worst   kind
    unit
    DNK      1     1      1  exact
    EST      2     2      3  exact
    KHM    120   118    123  exact
    """
    refuse_bad_limits(time_limit=time_limit, workers=workers)
    start = time.monotonic()
    asked = question_of(result, weights, points, node=node, period=period)
    form, region = asked.form, asked.region
    places = np.array(form.positions(units), dtype=np.int64)
    with one_blas_thread(), quiet():
        leads = least_leads(form.x, region)
        work = _Ranges(form, region, leads)
        plane = Plane.of(region)
        if plane is not None:
            ends, stopped = [work.in_plane(at, plane) for at in places], ""
            how = "arrangement of the lines of ties"
        else:
            ends, stopped = _programs(work, places, time_limit, workers, progress)
            how = "pair bounds and mixed-integer programs"
        found = _checked(form, ends)
    return RankRange(form, region, asked.about, places, *found, how, time.monotonic() - start, stopped)


@dataclass(eq=False)
class _Ends:
    """What is known of one unit."""

    at: int
    best: int
    worst: int
    untied: int
    shares: list[Floats]


class _Ranges:
    """Ranks of one unit after the other."""

    def __init__(self, form: LinearForm, region: Region, leads: Floats) -> None:
        self.form = form
        self.region = region
        self.leads = leads
        self.search = Search(region)

    def _rivals(self, at: int) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
        """Who is undecided, with the least and the most of every lead over the unit."""
        lowest, highest = self.leads[:, at], -self.leads[at]
        undecided = (lowest <= self.form.tolerance) & (highest > self.form.tolerance)
        return undecided, lowest, highest

    def bounded(self, at: int) -> _Ends:
        """What pairs alone say: certain, and cheap."""
        undecided, lowest, _ = self._rivals(at)
        best = 1 + int((lowest > self.form.tolerance).sum())
        here = self.region.shares_of(self.region.inside)
        return _Ends(at, best, best + int(undecided.sum()), best, [here, here])

    def in_plane(self, at: int, plane: Plane) -> _Ends:
        undecided, _, _ = self._rivals(at)
        known = self.bounded(at)
        if not undecided.any():
            return known
        found = extremes(self.form.x[undecided] - self.form.x[at], plane)
        base = known.best
        at_best = found.at_fewest_apart if found.fewest_apart == found.fewest else found.at_fewest
        shares = [self._shares_of_plane(weights) for weights in (at_best, found.at_most)]
        return _Ends(at, base + found.fewest, base + found.most, base + found.fewest_apart, shares)

    def _shares_of_plane(self, weights: Floats) -> Floats:
        found = np.empty(self.region.size)
        found[self.region.nodes[0].parts] = weights
        return self.region.shares_of(found)

    def by_programs(self, at: int, left: Callable[[], float | None]) -> _Ends:
        undecided, lowest, highest = self._rivals(at)
        known = self.bounded(at)
        if not undecided.any():
            return known
        leads, low, high = self.form.x[undecided] - self.form.x[at], lowest[undecided], highest[undecided]
        behind = self.search.most_behind(leads, high, left())
        total = int(undecided.sum())
        known.untied = known.best = known.best + total - behind.bound
        if behind.parts is not None:
            parts = behind.parts
            if behind.margin <= APART:
                apart = self.search.most_behind(leads, high, left(), apart=True)
                known.untied += behind.bound - min(apart.bound, behind.bound)
                if apart.parts is not None and apart.found == behind.found:
                    parts = apart.parts
            known.shares[0] = self.region.shares_of(parts)
        ahead = self.search.most_ahead(leads, low, left())
        known.worst += ahead.bound - total
        if ahead.parts is not None:
            known.shares[1] = self.region.shares_of(ahead.parts)
        return known


def _checked(form: LinearForm, ends: list[_Ends]) -> tuple[Ranks, Ranks, Ranks, Ranks, Ranks, Floats]:
    """Bounds, and the ranks that the evaluator gives at the certificates; it has the last word."""
    best, worst, untied = (
        np.array([getattr(end, name) for end in ends], dtype=np.int64) for name in ("best", "worst", "untied")
    )
    if not ends:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing, nothing, nothing, np.zeros((0, 2, 0))
    at = np.array([end.shares for end in ends])
    units = np.array([end.at for end in ends])
    found = []
    for place, goal in ((0, best), (1, worst)):
        scores = form.evaluated(at[:, place])
        rows = np.arange(len(units))
        ranks = competition_ranks(scores)[rows, units]
        # a tie that a solver finds is one to its own tolerance
        loose = competition_ranks(scores, tolerance=APART)[rows, units]
        found.append(np.where((ranks != goal) & (loose == goal), loose, ranks))
    best, worst = np.minimum(best, found[0]), np.maximum(worst, found[1])  # what was reached is possible
    return best, worst, found[0], found[1], np.maximum(untied, best), at


def _programs(
    work: _Ranges, places: Ranks, time_limit: float | None, workers: int | None, progress: Progress
) -> tuple[list[_Ends], str]:
    """Every unit, several at a time; what was not done in time has the bounds of pairs."""
    end = None if time_limit is None else time.monotonic() + time_limit
    reporter = reporter_of(progress, f"ranks of {work.form.node}", len(places))
    done: dict[int, _Ends] = {}
    stopped = ""
    many = workers or os.cpu_count() or 1

    def left() -> float | None:
        if end is None:
            return None
        whole, share = end - time.monotonic(), max(1, len(places) - len(done))
        return min(whole, max(_LEAST, _GENEROUS * many * whole / share / 2))

    pool = ThreadPoolExecutor(many)
    futures: dict[Future[_Ends], int] = {pool.submit(work.by_programs, int(at), left): int(at) for at in places}
    try:
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                done[futures[future]] = future.result()
            reporter.at(len(done))
    except KeyboardInterrupt:
        stopped = "interrupted"
    finally:
        pool.shutdown(wait=not stopped, cancel_futures=True)
    if end is not None and time.monotonic() >= end:
        stopped = stopped or f"stopped after {time_limit:g} s"
    return [done.get(int(at)) or work.bounded(int(at)) for at in places], stopped
