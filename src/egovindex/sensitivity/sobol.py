"""Which doubt matters: first-order and total sensitivity indices over a designed set of draws."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from egovindex.compute import AnyTable
from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.formulas import Floats
from egovindex.kernels.sobol import FIRST_ORDER, Moments, indices, moments, resampled
from egovindex.progress import Progress, reporter_of
from egovindex.sensitivity.doubt import Doubt
from egovindex.sensitivity.executors import engine_of
from egovindex.sensitivity.factors import Factor
from egovindex.sensitivity.parameters import refuse_bad_share, refuse_no_count
from egovindex.sensitivity.simulate import Learn, Run
from egovindex.sensitivity.sobolresult import Sobol
from egovindex.sensitivity.study import Settings, Study
from egovindex.sensitivity.tally import ranks_of
from egovindex.sensitivity.targets import Target, target_of
from egovindex.streams import Streams, entropy_of

if TYPE_CHECKING:
    from pathlib import Path

    from egovindex.compute import AnyIndex

__all__ = ["sobol"]

Groups = Mapping[str, tuple[str, ...]]

# numbers of one factor that are points of a low-discrepancy set; those of larger factors are drawn
_MOST_DESIGNED = 64
_ROWS_AT_ONCE = 256
_FEWEST = 8


def sobol(
    index: AnyIndex,
    data: AnyTable,
    doubt: Doubt | str | Path,
    n: int = 1024,
    *,
    rng: Any = None,
    target: Any = "rank_shift",
    groups: str | Mapping[str, Any] | None = None,
    node: str | None = None,
    learn: Learn = "each_draw",
    estimator: str = "saltelli",
    resamples: int = 1000,
    level: float = 0.90,
    executor: Any = None,
    progress: Progress = None,
) -> Sobol:
    """Share out the variance of a ranking among the doubts about it.

    The first-order index of a doubt is the share of variance that is gone, in the mean, once that choice is known; its
    total index is the share that is left while all others are known. What total indices add up to above one is
    interaction.

    Parameters
    ----------
    index, data, doubt
        As for :func:`simulate`.
    n
        Points of each of the two samples; a power of two keeps them evenly spread. There are ``n (groups + 2)``
        evaluations.
    rng
        Seed or Generator, for the points and for the resamples.
    target
        What varies: ``"rank_shift"``, the average number of places a unit is moved; ``"class_change"``, the share of
        units in another class; ``"rank"`` or ``"score"`` of every unit; ``("rank", unit)`` of one; or a function of
        scores and ranks, ``(draws, rows)`` each.
    groups
        What is varied together: ``None``, each doubt as it was written; ``"factors"``, each node and line by itself;
        or ``{name: [doubts or factors]}``.
    node, learn, executor, progress
        As for :func:`simulate`.
    estimator
        Of first-order indices: ``"saltelli"``, ``"jansen"`` or ``"janon"``; total indices are by Jansen.
    resamples
        Bootstrap resamples of the points, the same for all indices; 0 for none.
    level
        Of the bootstrap intervals.

    Returns
    -------
    Sobol

    Raises
    ------
    MethodError
        As for :func:`simulate`; the target or a group is unknown; too few points are left without a failure.

    Examples
    --------
    >>> import egovindex as ei
    >>> doubt = ei.Doubt(weights={"EGDI": ei.simplex()}, aggregate={"EGDI": ["mean", "geometric"]})
    >>> found = ei.sobol("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=256, rng=1)
    >>> found.table["total"].idxmax()
    'weights.EGDI'
    """
    _refuse_bad_options(n, estimator, resamples, level)
    run = Run.of(index, data, doubt, node=node, learn=learn)
    study = run.job_study()
    asked = target_of(target, run.result, study.node)
    members = groups_of(groups, study.factors)
    entropy = entropy_of(rng)
    design = _Design(study, members, asked, *two_samples(study.factors, n, entropy))
    found = _evaluated(design, n, executor, progress)
    whole = moments(found.a, found.b, found.ab, first=estimator)
    first, total, variance = indices(whole, first=estimator)
    ends = _intervals(whole, Streams(entropy).of("bootstrap", 0), estimator, resamples, level)
    return Sobol(
        result=run.result,
        doubt=run.doubt,
        study=study,
        target=asked,
        groups=members,
        n=n,
        rng=entropy,
        estimator=estimator,
        level=level,
        first=first,
        total=total,
        variance=variance,
        intervals=ends,
        moments=whole,
        failed=found.failed,
        left_out=found.left_out,
        design=design,
    )


def _refuse_bad_options(n: Any, estimator: str, resamples: Any, level: Any) -> None:
    refuse_no_count(n, "n", least=2, check="no_draws")
    refuse_no_count(resamples, "resamples", least=0)
    refuse_bad_share(level, "level")
    if estimator not in FIRST_ORDER:
        hint = did_you_mean(str(estimator), FIRST_ORDER, otherwise=".")
        message = f'estimator is one of {listed(FIRST_ORDER)}, found "{estimator}"{hint}'
        raise MethodError(Fault(message, check="unknown_option"))


def groups_of(asked: Any, factors: tuple[Factor, ...]) -> Groups:
    """Names of factors by group.

    Raises
    ------
    MethodError
        A group names what is not there, names a factor twice, or leaves one out; all are told.
    """
    if asked is None or asked == "doubts":
        found: dict[str, list[str]] = {}
        for factor in factors:
            found.setdefault(factor.group, []).append(factor.name)
        return {name: tuple(members) for name, members in found.items()}
    if asked == "factors":
        return {factor.name: (factor.name,) for factor in factors}
    if not isinstance(asked, Mapping):
        message = f'groups are None, "factors", or {{name: [doubts or factors]}}; found {asked!r:.60}'
        raise MethodError(Fault(message, check="unknown_option"))
    return _given_groups(asked, factors)


def _given_groups(asked: Mapping[str, Any], factors: tuple[Factor, ...]) -> Groups:
    known: dict[str, tuple[str, ...]] = {factor.name: (factor.name,) for factor in factors}
    for factor in factors:
        for label in (factor.group, factor.group.partition(".")[0]):
            if label not in known or known[label] != (label,):
                known[label] = tuple(f.name for f in factors if label in (f.group, f.group.partition(".")[0]))
    faults: list[Fault] = []
    found: dict[str, tuple[str, ...]] = {}
    for name, members in asked.items():
        labels = [members] if isinstance(members, str) else list(members)
        unknown = [label for label in labels if label not in known]
        faults += [
            Fault(f'group {name}: there is no "{label}"{did_you_mean(str(label), known)}', check="unknown_group")
            for label in unknown
        ]
        found[str(name)] = tuple(dict.fromkeys(f for label in labels for f in known.get(label, ())))
    named = [factor for members in found.values() for factor in members]
    twice = sorted({name for name in named if named.count(name) > 1})
    lacking = [factor.name for factor in factors if factor.name not in named]
    if twice:
        faults.append(Fault(f"{listed(twice)}: in two groups; a factor is in one", check="unknown_group"))
    if lacking and not faults:
        faults.append(Fault(f"{listed(lacking)}: in no group; put the rest into one", check="unknown_group"))
    if faults:
        raise MethodError(faults)
    return found


# --- the design
def two_samples(factors: tuple[Factor, ...], n: int, entropy: int) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Settings of two independent samples of ``n`` points.

    Factors whose law has the form of uniform numbers get them from scrambled Sobol points, in two halves; the others
    are drawn.
    """
    streams = Streams(entropy)
    sizes = {f.name: f.uniforms for f in factors if 0 < f.uniforms <= _MOST_DESIGNED}
    points = scrambled(2 * sum(sizes.values()), n, streams.of("design", 0))
    half = points.shape[1] // 2
    samples: tuple[dict[str, Floats], dict[str, Floats]] = ({}, {})
    start = 0
    for factor in sorted(factors, key=lambda factor: factor.name):  # however the doubts were put together
        size = sizes.get(factor.name, 0)
        for number, (sample, offset) in enumerate(zip(samples, (0, half), strict=True)):
            made = factor.at(points[:, offset + start : offset + start + size]) if size else None
            if made is None:
                made = factor.draw(streams.of(f"{factor.name} sample {'ab'[number]}", 0), n)
            sample[factor.name] = factor.told(made)
        start += size
    return samples


def scrambled(dimensions: int, n: int, rng: np.random.Generator) -> Floats:
    """Scrambled Sobol points between 0 and 1, ``(n, dimensions)`` (Owen 1998, doi 10.1006/jcom.1998.0487)."""
    if dimensions == 0:
        return np.zeros((n, 0))
    from scipy.stats import qmc

    try:
        sampler = qmc.Sobol(dimensions, scramble=True, rng=rng)
    except TypeError:  # SciPy before 1.15
        sampler = qmc.Sobol(dimensions, scramble=True, seed=rng)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a number that is no power of two: the result tells it
        found: Floats = sampler.random(n)
    return found


@dataclass(frozen=True, eq=False)
class _Part:
    """Outputs of some points: ``a`` and ``b`` ``(N, s)``, ``ab`` ``(N, G, s)``; failures by point and sample."""

    start: int
    a: Floats
    b: Floats
    ab: Floats
    failed: list[tuple[int, str, str]]


@dataclass(frozen=True, eq=False)
class _Design:
    """What workers do with some points; it can be pickled if the target can."""

    study: Study
    groups: Groups
    target: Target
    sample_a: Settings
    sample_b: Settings

    @property
    def names(self) -> tuple[str, ...]:
        """Of the evaluations of a point."""
        return ("a", "b", *(f"a with {group} of b" for group in self.groups))

    def settings(self, which: int, rows: slice) -> dict[str, Floats]:
        """Settings of one evaluation of some points."""
        if which < 2:
            sample = (self.sample_a, self.sample_b)[which]
            return {name: array[rows] for name, array in sample.items()}
        taken = list(self.groups.values())[which - 2]
        return {name: (self.sample_b if name in taken else self.sample_a)[name][rows] for name in self.sample_a}

    def __call__(self, task: tuple[int, int]) -> _Part:
        """Evaluate some points."""
        start, stop = task
        rows = slice(start, stop)
        outputs, failed = [], []
        for which, name in enumerate(self.names):
            batch = self.study.scored(self.settings(which, rows), stop - start, "double")
            ranks = ranks_of(batch.scores, self.study.plan.rows.groups)
            outputs.append(self.target.compute(batch.scores, ranks, batch.beside))
            failed += [(start + failure.draw, name, failure.message) for failure in batch.failures]
        a, b, *ab = outputs
        return _Part(start, a, b, np.stack(ab, axis=1), failed)


@dataclass(frozen=True, eq=False)
class _Evaluated:
    """All outputs of the points that did not fail."""

    a: Floats
    b: Floats
    ab: Floats
    failed: list[tuple[int, str, str]]
    left_out: tuple[str, ...]


def _evaluated(design: _Design, n: int, executor: Any, progress: Progress) -> _Evaluated:
    each = len(design.names)
    reporter = reporter_of(progress, f"evaluating {design.study.node}", n * each)
    tasks = [(start, min(start + _ROWS_AT_ONCE, n)) for start in range(0, n, _ROWS_AT_ONCE)]
    parts: list[_Part] = []
    with engine_of(executor) as engine:
        for part in engine.results(design, tasks):
            parts.append(part)
            reporter.at(min(part.start + _ROWS_AT_ONCE, n) * each)
    failed = [failure for part in parts for failure in part.failed]
    good = np.ones(n, dtype=bool)
    good[[row for row, _, _ in failed]] = False
    if good.sum() < min(_FEWEST, n):
        told = dict.fromkeys(message for _, _, message in failed)
        message = f"{n - good.sum()} of {n} points have a failed evaluation, too many to go on: {listed(told, most=3)}"
        raise MethodError(Fault(message, check="all_failed"))
    a, b, ab = (np.concatenate([getattr(part, name) for part in parts])[good] for name in ("a", "b", "ab"))
    # a unit that has no score in some draw has no variance that could be shared out
    known = np.isfinite(a).all(axis=0) & np.isfinite(b).all(axis=0) & np.isfinite(ab).all(axis=(0, 1))
    left_out = tuple(name for name, there in zip(design.target.outputs, known, strict=True) if not there)
    if not known.any():
        raise MethodError(_no_numbers(design.target))
    return _Evaluated(a[:, known], b[:, known], ab[:, :, known], failed, left_out)


def _no_numbers(target: Target) -> Fault:
    """Everything that was asked for lacks a number in some draw."""
    which = "it has" if len(target.outputs) == 1 else f"each of its {len(target.outputs)} outputs has"
    message = (
        f"{target.name}: {which} no number in some draw, where a choice leaves nothing to score. Leave that choice out "
        "of the doubt (simulate's rank_probabilities has a column none that tells how often), or ask for another target"
    )
    return Fault(message, check="no_numbers")


def _intervals(
    whole: Moments, rng: np.random.Generator, estimator: str, resamples: int, level: float
) -> dict[str, Floats]:
    """Ends of the bootstrap intervals of both indices, ``(G, s)`` each; NaN without resamples."""
    shape = whole.parts["total"].shape[1:]
    if not resamples:
        return {name: np.full(shape, np.nan) for name in ("first_low", "first_high", "total_low", "total_high")}
    first, total = resampled(whole, rng, resamples, first=estimator)
    tail = (1 - level) / 2
    ends = {}
    for name, drawn in (("first", first), ("total", total)):
        ends[f"{name}_low"], ends[f"{name}_high"] = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return ends
