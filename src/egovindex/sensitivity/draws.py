"""What draws give: how far ranks and scores spread, how likely each rank is, and what was varied in each draw."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.certainty import SAMPLED, Certainty
from egovindex.errors import Fault, MethodError, listed
from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.kernels.counts import mean_shift, quantile_of_counts, share_error
from egovindex.kernels.powers import scaled
from egovindex.lookup import row_of
from egovindex.progress import Progress, reporter_of
from egovindex.result import IndexResult
from egovindex.sensitivity.coding import CoderFactor
from egovindex.sensitivity.convergence import convergence_of
from egovindex.sensitivity.doubt import Doubt
from egovindex.sensitivity.executors import engine_of
from egovindex.sensitivity.factors import ErrorFactor, WeightFactor
from egovindex.sensitivity.parameters import is_whole, refuse_bad_share, refuse_no_count
from egovindex.sensitivity.replay import data_under, settings_of_chunk, settings_table
from egovindex.sensitivity.tally import Tally, ranks_of
from egovindex.sensitivity.work import Job
from egovindex.shown import Shown
from egovindex.streams import CHUNK

if TYPE_CHECKING:
    from egovindex.plots.draws_accessor import DrawsPlots

__all__ = ["Draws"]

Ints = npt.NDArray[np.int64]

_SETTINGS_AT_ONCE = 10_000_000
_MOST_SHOWN = 5


@dataclass(frozen=True, eq=False, repr=False)
class Draws(Shown):
    """Many draws of an index.

    Made by :func:`simulate`. Tables are indexed by ``unit``, or by ``(unit, period)``. All that is said of ranks and
    scores is over the draws that did not fail; every number is a sample's, with its standard error beside it.

    Parameters
    ----------
    result
        The index without any draw.
    doubt
        What was varied.
    job, tally
        What was drawn from, and what was counted.
    n
        Number of draws.
    identity
        Digests of what makes the run; empty without a checkpoint.
    """

    result: IndexResult
    doubt: Doubt
    job: Job
    tally: Tally
    n: int
    identity: Mapping[str, Any]

    # --- what was drawn
    @property
    def node(self) -> str:
        """The node that is looked at."""
        return self.job.study.node

    @property
    def learn(self) -> str:
        """``each_draw`` or ``nominal``."""
        return self.job.study.learn

    @property
    def rng(self) -> int:
        """The seed: given again, it gives these draws again."""
        return self.job.source.entropy

    @property
    def certainty(self) -> Certainty:
        """Sampled: the number of draws that were counted, the seed, and the largest standard error of a probability."""
        error = 0.5 / math.sqrt(max(self.counted, 1))
        return Certainty(SAMPLED, "draws", n=self.counted, seed=self.rng, error=error)

    @property
    def laws(self) -> dict[str, str]:
        """The law of every factor, by its name. How wide ranks spread depends on it."""
        return self.job.study.laws

    @property
    def good(self) -> int:
        """Draws that did not fail, over which everything is counted."""
        return self.tally.good

    @property
    def diagnostics(self) -> pd.DataFrame:
        """How weights were drawn, one row per node.

        Returns
        -------
        DataFrame
            Columns ``law`` and ``method``; where draws were thrown away the share ``kept``; for hit-and-run the
            number of ``steps``, the largest ``correlation`` left, and the largest ``r_hat``.
        """
        rows = {f.name: {"law": f.law, **f.diagnostics} for f in self.job.study.factors if f.diagnostics}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("factor")

    @property
    def failed(self) -> pd.DataFrame:
        """Draws without scores, with the reason and their settings; the first thousand.

        Returns
        -------
        DataFrame
            Indexed by the number of the draw; column ``reason``, then the settings.
        """
        numbers = [draw for draw, _ in self.tally.failed]
        table = pd.DataFrame(
            {"reason": [message for _, message in self.tally.failed]}, index=pd.Index(numbers, name="draw")
        )
        return table.join(self.settings(numbers)) if numbers else table

    def settings(self, draws: int | Sequence[int] | slice | None = None, *, values: bool = False) -> pd.DataFrame:
        """What was varied in each draw, made again from the seed.

        Parameters
        ----------
        draws
            Numbers of draws; all by default.
        values
            Whether numbers with an error, and categories of coders, are among them, one column per unit.

        Returns
        -------
        DataFrame
            One row per draw: weights, points, labels of alternatives. :func:`simulate` takes it as ``design``.

        Raises
        ------
        MethodError
            A number is none of these draws, or all together are too many: ask for some.

        Examples
        --------
        >>> import egovindex as ei
        >>> doubt = ei.Doubt(aggregate={"EGDI": ["mean", "geometric"]})
        >>> drawn = ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=100, rng=1)
        >>> sorted(set(drawn.settings(range(20))["aggregate.EGDI"]))
        ['geometric', 'mean']
        """
        numbers = self._numbers(draws)
        factors = [f for f in self.job.study.factors if values or not isinstance(f, (ErrorFactor, CoderFactor))]
        width = sum(len(factor.columns) for factor in factors)
        if len(numbers) * width > _SETTINGS_AT_ONCE:
            message = f"{len(numbers)} draws of {width} numbers are much; ask for some, as in settings(range(1000))"
            raise MethodError(Fault(message, check="too_many_settings"))
        return settings_table(self.job, factors, numbers)

    def _numbers(self, draws: Any) -> Ints:
        if draws is None:
            return np.arange(self.n)
        if isinstance(draws, slice):
            return np.arange(self.n)[draws]
        given = [draws] if isinstance(draws, (Integral, str)) or not hasattr(draws, "__iter__") else list(draws)
        no_numbers = [one for one in given if not is_whole(one)]
        if no_numbers:
            message = f"draws are whole numbers, or a slice of them; found {listed(map(repr, no_numbers))}"
            raise MethodError(Fault(message, check="unknown_draw"))
        asked = np.array(given, dtype=np.int64)
        wrong = asked[(asked < 0) | (asked >= self.n)]
        if wrong.size:
            message = f"draws are numbered from 0 to {self.n - 1}, found {int(wrong[0])}"
            raise MethodError(Fault(message, check="unknown_draw"))
        return asked

    def _one(self, draw: Any) -> int:
        if not is_whole(draw):
            raise MethodError(Fault(f"one draw is meant, by its number; found {draw!r:.40}", check="unknown_draw"))
        return int(self._numbers(draw)[0])

    def index(self, draw: int) -> Index:
        """The index as one draw had it, to look at or to compute with.

        Examples
        --------
        >>> import egovindex as ei
        >>> doubt = ei.Doubt(aggregate={"EGDI": ["mean", "geometric"]})
        >>> drawn = ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=100, rng=1)
        >>> drawn.index(0).tree.branches["EGDI"].aggregate == drawn.settings(0)["aggregate.EGDI"].item()
        True
        """
        number = self._one(draw)
        settings = settings_of_chunk(self.job, number // CHUNK)
        return self.job.study.index_under(settings, number % CHUNK)

    def result_of(self, draw: int) -> IndexResult:
        """The whole result as one draw had it: every node, contributions, and all else a result has.

        Raises
        ------
        MethodError
            Numbers with an error are computed from several columns, and cannot be put back into the data.
        """
        from egovindex.compute import compute

        number = self._one(draw)
        settings = settings_of_chunk(self.job, number // CHUNK)
        return compute(self.index(number), data_under(self.result, self.job.study, settings, number % CHUNK))

    # --- ranks
    @property
    def _index(self) -> pd.Index:
        return self.result.plan.rows.index

    @cached_property
    def _nominal(self) -> Ints:
        found: Ints = self.result.ranks[self.node].to_numpy(dtype=np.int64, na_value=0)
        return found

    @cached_property
    def _counts(self) -> Ints:
        """``(rows, most + 1)`` how often each rank was drawn; of the draws kept where there are too many units."""
        counts = self.tally.sums.get("counts")
        if counts is not None:
            return counts
        ranks = self._kept_ranks
        most = max(len(rows) for rows in self.result.plan.rows.groups)
        found = np.zeros((ranks.shape[1], most + 1), dtype=np.int64)
        for row in range(ranks.shape[1]):
            found[row] = np.bincount(ranks[:, row], minlength=most + 1)
        return found

    @property
    def counted(self) -> int:
        """Draws in which ranks were counted: fewer than all where there are so many units that kept draws must do."""
        return int(self._counts[0].sum()) if len(self._counts) else 0

    def rank_intervals(self, level: float = 0.90) -> pd.DataFrame:
        """Between which ranks a unit lies in the middle share of the draws.

        Parameters
        ----------
        level
            Share of the draws inside, half of the others on either side.

        Returns
        -------
        DataFrame
            Columns ``rank`` (without any draw), ``low``, ``median``, ``high`` and ``width = high - low``. An end is a
            rank that was drawn: the first that at least that share of draws does not exceed.

        Raises
        ------
        MethodError
            The level is not between 0 and 1.
        """
        refuse_bad_share(level, "level")
        low, median, high = (quantile_of_counts(self._counts, q) for q in ((1 - level) / 2, 0.5, (1 + level) / 2))
        columns = {"rank": self._nominal, "low": low, "median": median, "high": high, "width": high - low}
        return pd.DataFrame({name: _whole(array) for name, array in columns.items()}, index=self._index)

    def rank_probabilities(self) -> pd.DataFrame:
        """How likely each rank is for each unit.

        Returns
        -------
        DataFrame
            One column per rank, 1 first; a last column ``none`` where a unit has no score in some draw. Rows add up
            to one. The standard error of an entry ``p`` is ``sqrt(p (1 - p) / N)``: see :meth:`errors_of`.
        """
        shares = self._counts / max(self.counted, 1)
        table = pd.DataFrame(shares[:, 1:], index=self._index, columns=pd.RangeIndex(1, shares.shape[1], name="rank"))
        if shares[:, 0].any():
            table.columns = pd.Index([*table.columns], name="rank", dtype=object)
            table["none"] = shares[:, 0]
        return table

    def errors_of(self, probabilities: pd.DataFrame | pd.Series) -> Any:
        """Standard errors of a table of probabilities that these draws gave.

        Where no draw had something, its probability is not known to be 0: with 95 % certainty it is below ``3 / N``.
        """
        return np.sqrt(probabilities * (1 - probabilities) / max(self.counted, 1))

    def top(self, k: int) -> pd.DataFrame:
        """How likely a unit is among the first.

        Parameters
        ----------
        k
            Ranks 1 to ``k``; ties count.

        Returns
        -------
        DataFrame
            Columns ``probability`` and ``se``, the most likely first; among equals the better rank without any draw.

        Examples
        --------
        >>> import egovindex as ei
        >>> doubt = ei.Doubt(weights={"EGDI": ei.simplex()})
        >>> drawn = ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=2000, rng=1)
        >>> drawn.top(1).index.get_level_values("unit")[0]
        'DNK'
        """
        refuse_no_count(k, "k")
        share = self._counts[:, 1 : int(k) + 1].sum(axis=1) / max(self.counted, 1)
        table = pd.DataFrame({"probability": share, "se": share_error(share, self.counted)}, index=self._index)
        nominal = np.where(self._nominal > 0, self._nominal, np.iinfo(np.int64).max)
        return table.iloc[np.lexsort([nominal, -share])]

    @property
    def expected_ranks(self) -> pd.DataFrame:
        """Mean of the ranks of each unit.

        Returns
        -------
        DataFrame
            Columns ``rank`` (without any draw), ``expected``, ``sd`` and ``se``; over the draws in which it has one.
        """
        number = self.tally.scored()
        mean, sd = _moments(*self.tally.rank_sums(), number)
        with np.errstate(invalid="ignore", divide="ignore"):
            se = sd / np.sqrt(number)
        return pd.DataFrame({"rank": _whole(self._nominal), "expected": mean, "sd": sd, "se": se}, index=self._index)

    @property
    def shifts(self) -> pd.DataFrame:
        """By how many places a unit is moved, up or down, in the mean.

        Returns
        -------
        DataFrame
            Columns ``rank`` (without any draw), ``shift`` and ``se``.
        """
        mean, sd = mean_shift(self._counts, self._nominal)
        se = sd / np.sqrt(np.maximum(self._counts[:, 1:].sum(axis=1), 1))
        return pd.DataFrame({"rank": _whole(self._nominal), "shift": mean, "se": se}, index=self._index)

    @property
    def average_rank_shift(self) -> pd.DataFrame:
        """Average over the units of how many places each is moved: one number for the whole ranking.

        Saisana, Saltelli and Tarantola 2005, J. R. Stat. Soc. A 168:307, doi 10.1111/j.1467-985X.2005.00350.x, eq. (2).

        Returns
        -------
        DataFrame
            One row per period; ``mean`` over all draws; its standard error ``se``, and ``low`` and ``high``, between
            which nine draws in ten lie, over the ``draws`` whose ranks are kept.
        """
        mean, _ = mean_shift(self._counts, self._nominal)
        ranks, nominal = self._kept_ranks.astype(np.float64), self._nominal
        rows = []
        for name, group in zip(self.result.plan.rows.group_names, self.result.plan.rows.groups, strict=True):
            known = group[nominal[group] > 0]
            there = ranks[:, known] > 0
            with np.errstate(invalid="ignore", divide="ignore"):
                off = np.where(there, np.abs(ranks[:, known] - nominal[known]), 0.0).sum(axis=1) / there.sum(axis=1)
            low, high = np.nanquantile(off, [0.05, 0.95]) if len(off) else (np.nan, np.nan)
            se = np.nanstd(off) / np.sqrt(max(self.good, 1))
            rows.append((name, float(np.nanmean(mean[known])), float(se), float(low), float(high), len(off)))
        table = pd.DataFrame(rows, columns=["period", "mean", "se", "low", "high", "draws"])
        return table.set_index("period")

    # --- scores
    def score_intervals(self, level: float = 0.90) -> pd.DataFrame:
        """Between which scores a unit lies in the middle share of the draws.

        Parameters
        ----------
        level
            Share of the draws inside.

        Returns
        -------
        DataFrame
            Columns ``score`` (without any draw), ``mean``, ``sd``, ``se`` of the mean, ``low`` and ``high``, over the
            :attr:`kept` draws: ten thousand, where there are more and ``keep=True`` was not asked for.
        """
        refuse_bad_share(level, "level")
        kept = self._kept("scores")
        found = {name: np.full(kept.shape[1], np.nan) for name in ("mean", "sd", "se", "low", "high")}
        number = np.isfinite(kept).sum(axis=0)
        some = number > 0
        if some.any():
            held, power = scaled(kept[:, some], axis=0)
            spread = np.nanstd(held, axis=0, ddof=1) if len(held) > 1 else np.full(held.shape[1], np.nan)
            found["mean"][some], found["sd"][some] = np.nanmean(held, axis=0), spread
            found["se"][some] = spread / np.sqrt(number[some])
            found["low"][some], found["high"][some] = np.nanquantile(held, [(1 - level) / 2, (1 + level) / 2], axis=0)
            for column in found.values():
                column[some] = np.ldexp(column[some], power)
        return pd.DataFrame({"score": self.result.nominal.by_node[self.node], **found}, index=self._index)

    @property
    def kept(self) -> int:
        """Draws whose scores and ranks are kept: the first, as many as fit; all with ``keep=True``."""
        return len(self._kept("draws"))

    def _kept(self, name: str) -> npt.NDArray[Any]:
        found = self.tally.held(name)
        assert found is not None  # noqa: S101 - the first draws are always kept
        return found

    @cached_property
    def _kept_ranks(self) -> Ints:
        """Ranks in the draws that are kept; they are in double precision whatever the others are."""
        return ranks_of(self._kept("scores"), self.result.plan.rows.groups)

    def _kept_table(self, array: npt.NDArray[Any]) -> pd.DataFrame:
        numbers = pd.Index(self._kept("draws"), name="draw")
        return pd.DataFrame(array, index=numbers, columns=self._index, copy=True)

    @property
    def scores(self) -> pd.DataFrame:
        """Scores in the draws that are kept: one row per draw, one column per unit (and period)."""
        return self._kept_table(self._kept("scores"))

    @property
    def ranks(self) -> pd.DataFrame:
        """Ranks in the draws that are kept: one row per draw, one column per unit (and period); 0 without a score."""
        return self._kept_table(self._kept_ranks)

    # --- classes
    def class_probabilities(self) -> pd.DataFrame:
        """How likely each class is for each unit.

        Returns
        -------
        DataFrame
            Column ``class`` (without any draw), then one per class; a last column ``none`` where a unit has no class
            in some draw.

        Raises
        ------
        MethodError
            The node has no classes.
        """
        counts = self.tally.sums.get("classes")
        bands = self.job.bands
        if counts is None or bands is None:
            raise MethodError(Fault(f"{self.node} has no classes", check="no_classes"))
        shares = counts / max(self.good, 1)
        table = pd.DataFrame(shares[:, :-1], index=self._index, columns=list(bands))
        if shares[:, -1].any():
            table["none"] = shares[:, -1]
        table.insert(0, "class", self.result.classes[self.node].to_numpy())
        return table

    # --- one against another
    def pairwise(self, *, executor: Any = None, progress: Progress = None) -> pd.DataFrame:
        """How likely each unit stands above each other, within a period.

        Ties count for neither. Where not all draws are kept, the draws are made again to count them.

        Parameters
        ----------
        executor, progress
            As for :func:`simulate`.

        Returns
        -------
        DataFrame
            Rows and columns are units; several periods stand one after the other, with blanks between.
        """
        n = len(self._index)
        found = np.full((n, n), np.nan)
        sums = self._again("above", executor, progress)
        for at, rows in enumerate(self.result.plan.rows.groups):
            found[np.ix_(rows, rows)] = sums[f"above.{at}"] / max(self.good, 1)
        return pd.DataFrame(found, index=self._index, columns=self._index)

    def above(self, one: Any, other: Any, *, period: Any = None) -> pd.Series:
        """How likely one unit stands above another.

        Parameters
        ----------
        one, other
            Units.
        period
            May be left out where there is one.

        Returns
        -------
        Series
            ``probability``, ``tied`` and ``below``, then ``se`` of the first, over the draws that are kept.

        Examples
        --------
        >>> import egovindex as ei
        >>> doubt = ei.Doubt(weights={"EGDI": ei.simplex()})
        >>> drawn = ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=2000, rng=1)
        >>> bool(drawn.above("DNK", "KHM")["probability"] > 0.99)
        True
        """
        rows = [row_of(self.result, unit, period) for unit in (one, other)]
        ranks = self._kept_ranks
        first, second = (np.where(ranks[:, row] > 0, ranks[:, row], np.iinfo(np.int64).max) for row in rows)
        share = float((first < second).mean())
        found = {
            "probability": share,
            "tied": float((first == second).mean()),
            "below": float((first > second).mean()),
            "se": float(share_error(np.array(share), len(ranks))),
        }
        return pd.Series(found, name=f"{one} above {other}")

    def central_weights(self, *, executor: Any = None, progress: Progress = None) -> pd.DataFrame:
        """Mean of the weights with which a unit is first, and how often it is (Lahdelma and others 1998, SMAA).

        Which weights would a unit need to be first? Where many units could be, this describes each one's case; a
        unit that is never first has none. Ties share the draw.

        Parameters
        ----------
        executor, progress
            As for :func:`simulate`.

        Returns
        -------
        DataFrame
            Column ``first``, the share of draws in which the unit is first, then one column per weight, shares of
            the total of their node.

        Raises
        ------
        MethodError
            No weights are varied by a law.
        """
        sums = self._again("first", executor, progress)
        weights = {name: array for name, array in sums.items() if name.startswith("first.")}
        if not weights:
            raise MethodError(Fault("no weights are varied by a law of a node", check="no_weights"))
        columns: dict[str, Floats] = {"first": self._counts[:, 1] / max(self.counted, 1)}
        for factor in self.job.study.factors:
            array = weights.get(f"first.{factor.name}")
            if array is not None:
                total = factor.weights.sum() if isinstance(factor, WeightFactor) else 0.0
                if abs(total) <= 1e-9 * np.abs(factor.nominal).sum():
                    message = f"the weights of {factor.name} add up to zero, and have no shares"
                    raise MethodError(Fault(message, check="no_shares"))
                with np.errstate(invalid="ignore", divide="ignore"):
                    shares = array / array.sum(axis=1, keepdims=True)
                columns |= dict(zip(factor.columns, shares.T, strict=True))
        return pd.DataFrame(columns, index=self._index)

    def _again(self, what: str, executor: Any, progress: Progress) -> dict[str, npt.NDArray[Any]]:
        """Further sums over the same draws."""
        from dataclasses import replace

        job = replace(self.job, extra=frozenset([what]), kept=0)
        whole, rest = divmod(self.n, CHUNK)
        tasks = [((chunk, CHUNK),) for chunk in range(whole)] + ([((whole, rest),)] if rest else [])
        tally = Tally()
        reporter = reporter_of(progress, f"drawing {self.node} again", self.n)
        with engine_of(executor) as engine:
            for part in engine.results(job, tasks):
                tally = tally.with_(part)
                reporter.at(tally.draws)
        return tally.sums

    # --- together
    @property
    def summary(self) -> pd.DataFrame:
        """One row per unit: what a table in a report needs.

        Returns
        -------
        DataFrame
            ``score`` and ``rank`` without any draw, ``expected`` rank, ``low`` and ``high`` of the 90 % rank
            interval, ``stays`` (how likely the rank is the same), ``score_low`` and ``score_high`` of the 90 % score
            interval, and ``scored``, the share of draws in which the unit has a score at all: ranks and scores are
            over these, ``stays`` is over all.
        """
        ranks, scores = self.rank_intervals(), self.score_intervals()
        nominal = self._nominal
        stays = np.where(nominal > 0, self._counts[np.arange(len(nominal)), nominal] / max(self.counted, 1), np.nan)
        return pd.DataFrame(
            {
                "score": scores["score"],
                "rank": ranks["rank"],
                "expected": self.expected_ranks["expected"],
                "low": ranks["low"],
                "high": ranks["high"],
                "stays": stays,
                "score_low": scores["low"],
                "score_high": scores["high"],
                "scored": 1 - self._counts[:, 0] / max(self.counted, 1),
            },
            index=self._index,
        )

    @property
    def convergence(self) -> pd.DataFrame:
        """What was known after fewer draws: whether more would change anything.

        Returns
        -------
        DataFrame
            Indexed by the number of draws; ``width``, the mean width of the 90 % rank intervals; ``off``, the largest
            difference of an expected rank from the one at the end; ``se``, the largest standard error that one has
            after so many draws, by the standard deviation over all of them.
        """
        ranks = self._kept_ranks.astype(np.float64)
        ranks[ranks == 0] = np.nan
        found = self.expected_ranks
        return convergence_of(ranks, self._points(), found["expected"].to_numpy(), found["sd"].to_numpy())

    def _points(self) -> list[dict[str, Any]]:
        """What was known behind the draws that are kept, and at the end."""
        points = list(self.tally.trace)
        if self.good > self.kept and (not points or points[-1]["draws"] < self.good):
            last: dict[str, Any] = {"draws": self.good, "ranks": self.expected_ranks["expected"].to_numpy()}
            if "counts" in self.tally.sums:
                last["low"], last["high"] = (quantile_of_counts(self._counts, level) for level in (0.05, 0.95))
            points.append(last)
        return points

    @cached_property
    def manifest(self) -> Any:
        """What is needed to run the draws again: the manifest of the result, the doubt, the seed, the options."""
        from egovindex.sensitivity.manifest import manifest_of_draws

        return manifest_of_draws(self)

    @cached_property
    def plot(self) -> DrawsPlots:
        """Pictures of these draws; see :mod:`egovindex.plots`."""
        from egovindex.plots.draws_accessor import DrawsPlots

        return DrawsPlots(self)

    # --- shown
    def _summary(self) -> list[str]:
        study = self.job.study
        seed = "settings as given" if self.job.source.given is not None else f"seed {self.rng}"
        what = f"<Draws {self.result.index.id}> {self.n:,} draws of {self.node}, {seed}"
        lines = [f"{what}; {study.how_learned}, {study.precision} precision"]
        for factor in study.factors[:_MOST_SHOWN]:
            method = factor.diagnostics.get("method")
            lines.append(f"  {factor.name}: {factor.law}{f' ({method})' if method else ''}")
        if len(study.factors) > _MOST_SHOWN:
            lines.append(f"  and {len(study.factors) - _MOST_SHOWN} more factors, in .laws")
        if self.tally.failures:
            lines.append(f"  {self.tally.failures:,} draws failed, see .failed; all that is told is of the others")
        lacking = (self._counts[:, 0] > 0) & (self._nominal > 0)
        if lacking.any():
            who = listed(self.result.plan.rows.name(int(row)) for row in np.flatnonzero(lacking))
            lines.append(f"  without a score in some draws, see .summary: {who}")
        return lines

    def _best(self, most: int) -> pd.DataFrame:
        table = self.rank_intervals().drop(columns="median").reset_index()
        ranks = table["rank"].fillna(len(table) + 1)
        return table.iloc[np.argsort(ranks.to_numpy(dtype=float), kind="stable")].head(most)

    def __repr__(self) -> str:
        shown = self._best(_MOST_SHOWN).to_string(index=False).splitlines()
        more = len(self._index) - _MOST_SHOWN
        tail = [f"  ... {more} more in .rank_intervals()"] if more > 0 else []
        return "\n".join([*self._summary(), *(f"  {line}" for line in shown), *tail])

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        body = "<br>".join(html.escape(line.strip()) for line in rest)
        table = self._best(10).to_html(index=False, escape=True, border=0)
        return f"<b>{html.escape(head)}</b><br>{body}{table}"


def _moments(total: Any, squares: Any, number: Ints) -> tuple[Floats, Floats]:
    """Mean and standard deviation (of the sample) out of sums."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / number
        variance = (squares - number * mean**2) / np.maximum(number - 1, 1)
    sd = np.sqrt(np.maximum(variance, 0.0))
    return np.where(number > 0, mean, np.nan), np.where(number > 0, sd, np.nan)


def _whole(array: npt.NDArray[Any]) -> Any:
    """Whole numbers with <NA> where there is none."""
    gone = ~np.isfinite(np.asarray(array, dtype=np.float64)) | (np.asarray(array) < 0)
    if array.dtype.kind == "i":
        gone = array == 0
    return pd.arrays.IntegerArray(np.where(gone, 0, np.nan_to_num(array)).astype(np.int64), gone)
