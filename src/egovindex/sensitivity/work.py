"""The work of one chunk of draws: settings, scores, ranks, and what they add to the tally."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.classing import band_codes
from egovindex.formulas import Floats
from egovindex.keep.manifest import sha256
from egovindex.kernels.order import MOST_PACKED, close_calls, ordered, placed
from egovindex.sensitivity.factors import WeightFactor
from egovindex.sensitivity.study import Batch, Settings, Study
from egovindex.sensitivity.tally import MOST_CELLS, Partial, RankCounts, count_above
from egovindex.spec import language, values
from egovindex.streams import CHUNK

__all__ = ["Job", "Source"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Ranking = list[tuple[Ints, Ints | None]]

# draws of each alternative by which the error of single precision is measured; two scores as far apart as so many of
# its deviations stand in the right order, but for one case in some 1e11
_TRIED = 16
_GUARD = 10.0


@dataclass(frozen=True, eq=False)
class Source:
    """Where settings come from: a seed, or a table of settings that are given.

    Parameters
    ----------
    entropy
        The seed.
    given
        ``(n, d)`` by factor, in place of drawing.
    """

    entropy: int
    given: Mapping[str, Floats] | None = None

    @property
    def digest(self) -> str | None:
        """Digest of settings that are given."""
        if self.given is None:
            return None
        return sha256(b"".join(name.encode() + np.ascontiguousarray(a).tobytes() for name, a in self.given.items()))

    def settings(self, study: Study, chunk: int, draws: int) -> Settings:
        """Settings of the first draws of a chunk."""
        if self.given is None:
            return {name: array[:draws] for name, array in study.drawn(self.entropy, chunk).items()}
        start = chunk * CHUNK
        return {name: array[start : start + draws] for name, array in self.given.items()}


@dataclass(frozen=True, eq=False)
class Job:
    """What workers do with a chunk; it can be pickled.

    Parameters
    ----------
    study
        What is drawn from.
    source
        Of the settings.
    kept
        Number of draws whose scores and ranks are kept: the first.
    bands
        Bands of the node, if classes are counted.
    extra
        Further sums: ``"above"``, ``"first"``.
    """

    study: Study
    source: Source
    kept: int
    bands: Mapping[str, Any] | None = None
    extra: frozenset[str] = field(default_factory=frozenset)

    def __call__(self, task: tuple[tuple[int, int], ...]) -> Partial:
        """Some consecutive chunks, each with its number of draws."""
        part = Partial(sum(draws for _, draws in task))
        groups = self.study.plan.rows.groups
        most = max(map(len, groups), default=0)
        n = self.study.rows
        counters = [RankCounts(len(rows)) for rows in groups] if n * (most + 1) <= MOST_CELLS else None
        if counters is None:
            part.numbers |= {name: np.zeros(n, dtype=np.int64) for name in ("ranks", "rank_squares", "scored")}
        if self.bands is not None:
            part.numbers["classes"] = np.zeros((n, len(self.bands) + 1), dtype=np.int64)
        for chunk, draws in task:
            self._chunk(part, counters, chunk, draws)
        if counters is not None:
            part.numbers["counts"] = np.zeros((n, most + 1), dtype=np.int64)
            for rows, counter in zip(groups, counters, strict=True):
                part.numbers["counts"][rows, : counter.n + 1] = counter.counts
        return part

    def _chunk(self, part: Partial, counters: list[RankCounts] | None, chunk: int, draws: int) -> None:
        """One chunk, block by block."""
        settings = self.source.settings(self.study, chunk, draws)
        if self.extra:
            part.extra.append({})
        size = self.study.at_once
        for start in range(0, draws, size):
            block = settings
            if size < draws:
                block = {name: array[start : start + size] for name, array in settings.items()}
            self._block(part, counters, block, chunk * CHUNK + start, min(size, draws - start))

    def _block(
        self, part: Partial, counters: list[RankCounts] | None, settings: Settings, first: int, draws: int
    ) -> None:
        in_full = first < self.kept or self.extra or counters is None
        if self.study.precision == "single" and not in_full:
            batch, ranking = self._in_single(settings, draws)
        else:
            batch = self.study.scored(settings, draws, "double")
            ranking = self._ranking(batch.good_scores)
        part.failed += [(first + failure.draw, failure.message) for failure in batch.failures]
        if self.bands is not None:
            self._classify(part, batch)
        if self.extra or counters is None:
            self._further(part, settings, batch, self._placed(ranking))
        if first < self.kept:
            numbers = first + np.flatnonzero(batch.good)
            keep = numbers < self.kept
            for name, array in (("scores", batch.good_scores), ("draws", numbers)):
                part.kept.setdefault(name, []).append(array[keep])
        for counter, order in zip(counters or (), ranking, strict=False):
            counter.add(*order)

    # --- ranks
    def _ranking(self, scores: Floats) -> Ranking:
        """Order of each period, as :func:`egovindex.kernels.order.ordered` gives it."""
        return [ordered(self._of(scores, rows)) for rows in self.study.plan.rows.groups]

    def _of(self, scores: Floats, rows: npt.NDArray[np.intp]) -> Floats:
        return scores if len(rows) == scores.shape[1] else scores[:, rows]

    def _in_single(self, settings: Settings, draws: int) -> tuple[Batch, Ranking]:
        """Single precision where it decides the order; draws in which it may not are scored in double precision."""
        batch = self.study.scored(settings, draws, "single")
        # one alternative may be less precise than another
        variants = [rows for _, rows in self.study.by_variant(settings, draws)]
        tried = np.concatenate([rows[:_TRIED] for rows in variants])
        exact = self.study.scored({name: array[tried] for name, array in settings.items()}, len(tried), "double")
        packed = all(len(rows) <= MOST_PACKED for rows in self.study.plan.rows.groups)
        if batch.failures or exact.failures or not packed or not np.isfinite(batch.scores).all():
            batch = self.study.scored(settings, draws, "double")
            return batch, self._ranking(batch.good_scores)
        off = exact.scores - batch.scores[tried]
        # what all units of a draw have in common turns no order round
        apart = off - off.mean(axis=1, keepdims=True)
        near, guard = np.empty(draws), np.empty(draws)
        start = 0
        for rows in variants:
            own = slice(start, start + min(_TRIED, len(rows)))
            near[rows], guard[rows] = _GUARD * _size(off[own]), _GUARD * _size(apart[own])
            start = own.stop
        doubtful = self._near_a_bound(batch.scores, near)
        found: Ranking = []
        for rows in self.study.plan.rows.groups:
            units, close = close_calls(self._of(batch.scores, rows), guard)
            doubtful |= close
            found.append((units, None))
        again = np.flatnonzero(doubtful)
        if again.size:
            chosen = {name: array[again] for name, array in settings.items()}
            scores = self.study.scored(chosen, len(again), "double").scores
            found = [
                self._with(*order, again, self._of(scores, rows)) for order, rows in zip(found, self._rows, strict=True)
            ]
            if self.bands is not None:
                batch.scores = batch.scores.astype(np.float64)
                batch.scores[again] = scores
        return batch, found

    @property
    def _rows(self) -> tuple[npt.NDArray[np.intp], ...]:
        return self.study.plan.rows.groups

    def _with(
        self, units: Ints, ranks: Ints | None, draws: npt.NDArray[np.intp], scores: Floats
    ) -> tuple[Ints, Ints | None]:
        """An order in which some draws are put in the order of other scores."""
        own, of_place = ordered(scores)
        units[draws] = own
        if of_place is not None:
            ranks = np.tile(np.arange(1, units.shape[1] + 1), (len(units), 1))
            ranks[draws] = of_place
        return units, ranks

    def _near_a_bound(self, scores: Floats, guard: Floats) -> Bools:
        """Draws in which a score may be on the wrong side of the bound of a class."""
        near = np.zeros(len(scores), dtype=bool)
        for bound in (self.bands or {}).values():
            if isinstance(bound, values.Quantity):
                near |= (np.abs(scores - np.float32(bound.value)) <= guard[:, None]).any(axis=1)
            elif not isinstance(bound, language.Else):
                near[:] = True
        return near

    def _placed(self, ranking: Ranking) -> Ints:
        """Rank of each row."""
        found = np.zeros((len(ranking[0][0]) if ranking else 0, self.study.rows), dtype=np.int64)
        for rows, order in zip(self._rows, ranking, strict=True):
            found[:, rows] = placed(*order)
        return found

    # --- further sums
    def _classify(self, part: Partial, batch: Batch) -> None:
        assert self.bands is not None  # noqa: S101 - for the type checker
        good = batch.good
        scores = batch.good_scores.astype(np.float64, copy=False)
        codes = band_codes(scores, self.bands, lambda name: batch.beside[name][good])
        for at, code in enumerate([*range(len(self.bands)), -1]):
            part.numbers["classes"][:, at] += (codes == code).sum(axis=0)

    def _further(self, part: Partial, settings: Settings, batch: Batch, ranks: Ints) -> None:
        """What is not counted unless it is asked for."""
        if "ranks" in part.numbers:
            part.numbers["ranks"] += ranks.sum(axis=0)
            part.numbers["rank_squares"] += (ranks**2).sum(axis=0)
            part.numbers["scored"] += (ranks > 0).sum(axis=0)
        found: dict[str, npt.NDArray[Any]] = {}
        if "above" in self.extra:
            found |= {f"above.{at}": count_above(ranks[:, rows]) for at, rows in enumerate(self._rows)}
        if "first" in self.extra:
            best = ranks == 1
            share = best / np.maximum(best.sum(axis=1, keepdims=True), 1)
            for factor in self.study.factors:
                if isinstance(factor, WeightFactor):
                    found[f"first.{factor.name}"] = share.T @ factor.told(settings[factor.name][batch.good])
        for name, array in found.items():
            part.extra[-1][name] = part.extra[-1].get(name, 0) + array


def _size(error: Floats) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(error**2))) if error.size else 0.0
