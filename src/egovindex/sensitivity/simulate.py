"""Draw an index again and again, each time with choices that could have been made, and count the ranks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

import numpy as np
import pandas as pd

from egovindex.arguments import known_precision
from egovindex.classing import names_of_bands
from egovindex.compute import AnyTable, compute
from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.evaluate import Precision
from egovindex.formulas import Floats
from egovindex.kernels.counts import quantile_of_counts
from egovindex.lookup import known_node
from egovindex.progress import Progress, reporter_of
from egovindex.result import IndexResult
from egovindex.sensitivity.checkpoint import Checkpoint
from egovindex.sensitivity.design import factors_of
from egovindex.sensitivity.doubt import Doubt
from egovindex.sensitivity.doubtfile import load_doubt
from egovindex.sensitivity.draws import Draws
from egovindex.sensitivity.executors import engine_of
from egovindex.sensitivity.factors import Factor
from egovindex.sensitivity.manifest import digest_of
from egovindex.sensitivity.parameters import refuse_no_count
from egovindex.sensitivity.study import Study
from egovindex.sensitivity.tally import Tally
from egovindex.sensitivity.work import Job, Source
from egovindex.streams import CHUNK, entropy_of

if TYPE_CHECKING:
    from pathlib import Path

    from egovindex.compute import AnyIndex

__all__ = ["Learn", "Run", "settings_of", "simulate"]

Learn = OneOf["each_draw", "nominal"]

_KEPT = 10_000  # draws whose scores are kept for quantiles
_LEAST_KEPT = 1_000
_KEPT_CELLS = 4_000_000
_ALL = 1 << 62
_CHUNKS_AT_ONCE = 4  # of one task; snapshots are taken between tasks, so it is the same for all executors


def simulate(
    index: AnyIndex,
    data: AnyTable,
    doubt: Doubt | str | Path,
    n: int = 10_000,
    *,
    rng: Any = None,
    node: str | None = None,
    learn: Learn = "each_draw",
    executor: Any = None,
    precision: Precision = "double",
    keep: bool = False,
    design: pd.DataFrame | None = None,
    checkpoint: str | Path | None = None,
    progress: Progress = None,
    block: int | None = None,
) -> Draws:
    """Score an index in many draws of what could have been chosen otherwise, and count the ranks of every unit.

    Memory does not grow with the number of draws. The same seed gives the same numbers, bit for bit, whoever
    computes them and however often the run was stopped.

    Parameters
    ----------
    index, data
        As for :func:`egovindex.compute`.
    doubt
        What could have been chosen otherwise, or a file of it; see :class:`Doubt`.
    n
        Number of draws. Those of a smaller number are the first of a larger one.
    rng
        Seed (0 is one like any other), or a Generator; ``None`` takes a seed from the operating system, which the
        result tells.
    node
        The node whose scores and ranks are looked at; the headline by default.
    learn
        ``"each_draw"`` learns bounds, means and cut points in each draw: the index as it would have been published
        under those choices. ``"nominal"`` keeps those of the index without any draw.
    executor
        ``None`` for a thread on each core, a number of threads, or any executor of :mod:`concurrent.futures`
        (processes, Dask by ``client.get_executor()``, ...).
    precision
        ``"single"`` draws and adds in single precision. Units that come so close to each other that it could order
        them wrongly are scored again in double precision, so that no rank depends on it.
    keep
        Keep the scores and ranks of all draws; by default those of the first 10,000 at most.
    design
        Settings of the draws, as :meth:`Draws.settings` gives them, in place of drawing; ``n`` is the number of rows
        then.
    checkpoint
        A file from which a stopped run goes on. It is written every few seconds, and when the run ends or is
        interrupted. Called again with a larger ``n``, the run is extended; fewer draws than it has are refused.
    progress
        Called with how far the run is; ``True`` shows a line on standard error.
    block
        Draws evaluated at once; may change the last digits of a score, never a rank.

    Returns
    -------
    Draws

    Raises
    ------
    MethodError
        A doubt is about something that is not there or has no effect, cannot be fulfilled, or all draws failed; a
        bad ``n``, ``rng`` or ``executor``.
    SpecError, DataError
        As for :func:`egovindex.compute`; the checkpoint belongs to another run.

    Examples
    --------
    >>> import egovindex as ei
    >>> data = ei.sample("un-egdi-2024")
    >>> draws = ei.simulate("un-egdi-2024", data, ei.Doubt(weights={"EGDI": ei.simplex()}), n=2000, rng=1)
    >>> draws.rank_intervals(0.90).loc[("DNK", 2024), ["rank", "low", "high"]].tolist()
    [1, 1, 4]
    """
    run = Run.of(index, data, doubt, node=node, learn=learn, precision=precision, block=block)
    given = None if design is None else settings_of(design, run.study.factors, run.study)
    number = _number_of_draws(n, given, design)
    store = Checkpoint(checkpoint)
    held = store.about()
    entropy = int(held["rng"]) if rng is None and held is not None and "rng" in held else entropy_of(rng)
    source = Source(entropy, given)
    job = run.job(source, _ALL if keep else _kept(run.study.rows))
    identity = run.identity(source, job.kept) if checkpoint is not None else {}
    tally = store.resume(identity) or Tally()
    _refuse_fewer(tally, number, store)
    tally = _drawn(job, number, tally, store, identity, executor, progress)
    if tally.failures == tally.draws:
        raise all_failed(tally, "draws")
    return Draws(result=run.result, doubt=run.doubt, job=job, tally=tally, n=number, identity=identity)


@dataclass(frozen=True, eq=False)
class Run:
    """What is drawn, checked and compiled; shared by all that draws.

    Parameters
    ----------
    result
        The index without any draw.
    doubt
        What varies.
    study
        Both, ready to be drawn from.
    """

    result: IndexResult
    doubt: Doubt
    study: Study

    @classmethod
    def of(
        cls,
        index: Any,
        data: Any,
        doubt: Any,
        *,
        node: str | None,
        learn: str,
        precision: Precision = "double",
        block: int | None = None,
    ) -> Run:
        """Check and compile.

        Raises
        ------
        EgovindexError
            As for :func:`simulate`.
        """
        return cls.about(
            compute(index, data), load_doubt(doubt), node=node, learn=learn, precision=precision, block=block
        )

    @classmethod
    def about(
        cls,
        result: IndexResult,
        doubt: Doubt,
        *,
        node: str | None,
        learn: str,
        precision: Precision = "double",
        block: int | None = None,
    ) -> Run:
        """The same of a result that is there."""
        if learn not in ("each_draw", "nominal"):
            raise MethodError(Fault(f'learn is "nominal" or "each_draw", found "{learn}"', check="unknown_option"))
        known_precision(precision)
        if block is not None:
            refuse_no_count(block, "block")
        name = known_node(result, node)
        factors = factors_of(doubt, result.index, result.plan, name)
        study = Study(result.index, result.plan, factors, name, learn, precision, None if block is None else int(block))
        return cls(result, doubt, study)

    def job(self, source: Source, kept: int) -> Job:
        """What workers do."""
        return Job(self.job_study(), source, kept, self.result.index.classes(self.study.node))

    def job_study(self) -> Study:
        """The study, with the scores that the bands of the node read beside its own."""
        bands = self.result.index.classes(self.study.node)
        return self.study.with_(beside=names_of_bands(bands)) if bands else self.study

    def identity(self, source: Source, kept: int) -> dict[str, Any]:
        """What makes a run this run and no other."""
        manifest = self.result.manifest
        return {
            "index": manifest.index_sha256,
            "data": manifest.data_sha256,
            "doubt": digest_of(self.doubt, self.study),
            "node": self.study.node,
            "learn": self.study.learn,
            "precision": self.study.precision,
            "rng": str(source.entropy),
            "design": source.digest,
            "kept": kept,
            "chunk": CHUNK,
            "egovindex": manifest.egovindex,
            "numpy": manifest.numpy,
        }


def _kept(rows: int) -> int:
    return max(_LEAST_KEPT, min(_KEPT, _KEPT_CELLS // max(rows, 1)))


def _number_of_draws(n: Any, given: Mapping[str, Floats] | None, design: pd.DataFrame | None) -> int:
    if given is not None and design is not None:
        n = len(design)
    refuse_no_count(n, "n, the number of draws,", check="no_draws")
    return int(n)


def _refuse_fewer(tally: Tally, n: int, store: Checkpoint) -> None:
    if tally.draws > n:
        name = store.path.name if store.path is not None else ""
        message = (
            f"{name} has {tally.draws} draws already, more than n = {n}; ask for at least as many, or name another file"
        )
        raise MethodError(Fault(message, check="fewer_draws"))


def all_failed(tally: Tally, what: str) -> MethodError:
    """No draw has scores."""
    told = dict.fromkeys(message for _, message in tally.failed)
    return MethodError(Fault(f"all {tally.draws} {what} failed: {listed(told, most=3)}", check="all_failed"))


def _drawn(
    job: Job, n: int, tally: Tally, store: Checkpoint, identity: Mapping[str, Any], executor: Any, progress: Progress
) -> Tally:
    """With what is missing; whatever happens, what is known is kept."""
    reporter = reporter_of(progress, f"drawing {job.study.node}", n, tally.draws)
    reporter.at(tally.draws)
    whole = n // CHUNK
    with engine_of(executor) as engine:
        tasks = list(_tasks(tally.draws // CHUNK, whole))
        try:
            for part in engine.results(job, tasks):
                tally = _traced(tally.with_(part), job)
                reporter.at(tally.draws)
                if store.due():
                    store.write(identity, tally)
        finally:
            store.write(identity, tally)
        if n % CHUNK:  # not in the checkpoint: a run that is extended draws this chunk as a whole
            for part in engine.results(job, [((whole, n % CHUNK),)]):
                tally = tally.with_(part)
            reporter.at(tally.draws)
    return tally


def _tasks(start: int, stop: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """Whole chunks in tasks that begin at the same places, wherever a run goes on."""
    while start < stop:
        end = min(stop, (start // _CHUNKS_AT_ONCE + 1) * _CHUNKS_AT_ONCE)
        yield tuple((chunk, CHUNK) for chunk in range(start, end))
        start = end


def _traced(tally: Tally, job: Job) -> Tally:
    """With what was known after so many draws, where they are no longer kept; at numbers ever further apart."""
    tasks, rest = divmod(tally.draws, CHUNK * _CHUNKS_AT_ONCE)
    if tally.draws <= job.kept or rest or tasks % (1 << max(tasks.bit_length() - 2, 0)):
        return tally
    point: dict[str, Any] = {"draws": tally.good, "ranks": tally.rank_sums()[0] / max(tally.good, 1)}
    if "counts" in tally.sums:
        point["low"] = quantile_of_counts(tally.sums["counts"], 0.05)
        point["high"] = quantile_of_counts(tally.sums["counts"], 0.95)
    return replace(tally, trace=[*tally.trace, point])


# --- settings that are given
def settings_of(design: pd.DataFrame, factors: Sequence[Factor], study: Study) -> dict[str, Floats]:
    """Settings by factor out of a table of settings.

    Parameters
    ----------
    design
        One row per draw; a column for each number of a setting, as :meth:`Draws.settings` names them, with labels
        of alternatives. A factor none of whose columns is there stays as it is.

    Raises
    ------
    MethodError
        Columns are unknown or missing, or a cell is no number or alternative; all are told.
    """
    given: Any = design
    if not isinstance(given, pd.DataFrame) or not len(given):
        raise MethodError(Fault("a design is a table with a row for each draw", check="bad_design"))
    known = [column for factor in factors for column in factor.columns]
    twice = design.columns[design.columns.duplicated()]
    if len(twice):
        message = f"design: {listed(map(str, twice.unique()))} stands there twice"
        raise MethodError(Fault(message, check="bad_design"))
    unknown = [str(column) for column in design.columns if column not in known]
    faults = [
        Fault(f'design: no factor has a column "{name}"{did_you_mean(name, known)}', check="bad_design", column=name)
        for name in unknown
    ]
    found: dict[str, Floats] = {}
    for factor in factors:
        here = [column for column in factor.columns if column in design.columns]
        lacking = [column for column in factor.columns if column not in design.columns]
        if not here:
            found[factor.name] = np.tile(factor.nominal, (len(design), 1))
        elif lacking:
            faults.append(Fault(f"design: {factor.name} lacks {listed(lacking)}", check="bad_design"))
        else:
            faults += _read(design, factor, found)
    if faults:
        raise MethodError(faults)
    return {name: array for name, array in found.items() if name in {factor.name for factor in study.factors}}


def _read(design: pd.DataFrame, factor: Factor, found: dict[str, Floats]) -> Iterator[Fault]:
    if factor.labels is None:
        numbers = design[list(factor.columns)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
        free = (
            np.isfinite(factor.nominal) if factor.name.startswith("values.") else np.ones(numbers.shape[1], dtype=bool)
        )
        bad = ~np.isfinite(numbers[:, free]).all(axis=1)
        if bad.any():
            message = f"design: {factor.name} has no number in draws {listed(np.flatnonzero(bad))}"
            yield Fault(message, check="bad_design")
        found[factor.name] = numbers
        return
    place = {label: float(at) for at, label in enumerate(factor.labels)} | {AS_IT_IS: -1.0}
    cells = [str(cell) for cell in design[factor.columns[0]]]
    wrong = dict.fromkeys(cell for cell in cells if cell not in place)
    if wrong:
        message = f"design: {factor.name} has no alternative {listed(wrong)}; alternatives are {listed(factor.labels)}"
        yield Fault(message, check="bad_design", column=factor.name)
        return
    found[factor.name] = np.array([[place[cell]] for cell in cells])


AS_IT_IS = "as it is"
