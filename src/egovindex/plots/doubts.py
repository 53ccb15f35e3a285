"""What stands below a picture of doubts: what was drawn, how often, and by which laws."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from egovindex.errors import Fault, MethodError
from egovindex.plots.choice import Choice, about, choose
from egovindex.plots.wording import counted, short
from egovindex.result import IndexResult
from egovindex.sensitivity.draws import Draws
from egovindex.sensitivity.sobolresult import Sobol
from egovindex.sensitivity.study import Study
from egovindex.sensitivity.targets import Target

__all__ = [
    "drawn",
    "expected",
    "indexed",
    "laws_told",
    "percent",
    "target_told",
    "whole",
    "whole_title",
]

T = TypeVar("T")
_MOST_LAWS = 12


def expected(given: object, kind: type[T], verb: str) -> T:
    """What a picture is drawn from, if it is that.

    Raises
    ------
    MethodError
        It is something else.
    """
    if not isinstance(given, kind):
        message = f"this picture is drawn from what {verb} returned, found {type(given).__name__}"
        raise MethodError(Fault(message, check="not_a_result"))
    return given


def percent(share: float) -> str:
    """A share in percent.

    Examples
    --------
    >>> percent(0.9), percent(0.9999)
    ('90 %', '99.99 %')
    """
    return f"{100 * share:.10g} %"


def laws_told(study: Study) -> str:
    """The laws of all factors; factors of one doubt and one law are told together."""
    together: dict[tuple[str, str], list[str]] = {}
    for factor in study.factors:
        together.setdefault((factor.group, factor.law), []).append(factor.name)
    told = [
        f"{short(names[0] if len(names) == 1 else f'{group} ({len(names)} factors)', 60)}: {short(law, 120)}"
        for (group, law), names in together.items()
    ]
    more = len(told) - _MOST_LAWS
    return "; ".join([*told[:_MOST_LAWS], *([f"and {more} more"] if more > 0 else [])])


def drawn(draws: Draws) -> str:
    """Sentences on the draws: how many, of which node, how they can be had again, and how many failed."""
    seed = "settings as given" if draws.job.source.given is not None else f"seed {draws.rng}"
    told = f"{draws.n:,} draws of {short(draws.node, 40)}, {seed}; {draws.job.study.how_learned}."
    if draws.tally.failures:
        told += f" {draws.tally.failures:,} of them failed and count for nothing; see .failed."
    if draws.counted < draws.good:
        told += f" Ranks are counted in the first {draws.counted:,}."
    return told


def indexed(sobol: Sobol) -> str:
    """Sentences on the points of sensitivity indices: how many, how they can be had again, and how many failed."""
    told = f"{sobol.n:,} points, {sobol.evaluations:,} evaluations, seed {sobol.rng}; {sobol.study.how_learned}."
    if sobol.failed:
        points = len({point for point, _, _ in sobol.failed})
        told += f" {counted(sobol.failed, 'evaluation')} failed, whose {points} points are left out; see .failures."
    return told


def target_told(target: Target, output: str | None = None) -> str:
    """What varies, in words; of one output where there are several."""
    if output is None or len(target.outputs) == 1:
        return target.name
    return f"{target.name} of {output}" if target.by_row is not None else output


def whole_title(result: IndexResult, node: str) -> str:
    """Name of a node for people, with the period where there is one."""
    if len(result.plan.rows.groups) > 1:
        return short(result.index.labels[node], 60)
    chosen = choose(result, node=node)
    return f"{chosen.label}{chosen.when}"


def whole(result: IndexResult, node: str, *more: str) -> list[str]:
    """Sentences on a result of which every period is meant; empty ones are left out."""
    rows = result.plan.rows
    if len(rows.groups) == 1:
        return choose(result, node=node).small_print(*more)
    _, firsts = np.unique(rows.units.astype(str), return_index=True)
    every = Choice(result, node, f"{len(rows.groups)} periods", firsts)
    lacking = int(np.isnan(every.scores).sum())
    gaps = f" No score in {short(node, 40)}: {lacking} of {counted(rows.units, 'row')}." if lacking else ""
    told = [about(result.index, result), f"{every.basis()}{gaps}", *more]
    return [sentence for sentence in told if sentence]
