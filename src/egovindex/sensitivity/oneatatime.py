"""One choice at a time: what each could do alone, all others as they are."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from egovindex.certainty import EXACT, Certainty
from egovindex.compute import AnyTable
from egovindex.errors import Fault, MethodError, listed
from egovindex.formulas import Floats
from egovindex.result import IndexResult
from egovindex.sensitivity.doubt import Doubt
from egovindex.sensitivity.parameters import refuse_bad_share
from egovindex.sensitivity.simulate import Learn, Run
from egovindex.sensitivity.study import Study
from egovindex.sensitivity.tally import ranks_of
from egovindex.sensitivity.targets import Target, target_of
from egovindex.shown import Shown

if TYPE_CHECKING:
    from pathlib import Path

    from egovindex.compute import AnyIndex
    from egovindex.plots.oneatatime_accessor import OneAtATimePlots

__all__ = ["OneAtATime", "one_at_a_time"]


@dataclass(frozen=True, eq=False, repr=False)
class OneAtATime(Shown):
    """What each choice does alone.

    Made by :func:`one_at_a_time`.

    Parameters
    ----------
    result, doubt, study
        The index as it is, what is varied, and both together.
    target
        What is asked.
    base
        ``(outputs,)`` as it is.
    table
        One row per setting: ``group``, ``choice`` (what is moved), ``setting`` (where to), then ``value`` and
        ``change`` from the base, one pair of columns per output where there are several; ``reason`` where the
        evaluation failed.
    """

    result: IndexResult
    doubt: Doubt
    study: Study
    target: Target
    base: Floats
    table: pd.DataFrame

    @property
    def certainty(self) -> Certainty:
        """Exact: every setting is computed. Between and beyond the settings nothing is said."""
        return Certainty(EXACT, "each setting computed")

    @property
    def laws(self) -> dict[str, str]:
        """The law of every factor, by its name."""
        return self.study.laws

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the numbers that were asked for."""
        return self.target.outputs

    @property
    def tornado(self) -> pd.DataFrame:
        """How far each choice moves the number that was asked for, the widest first; see :meth:`of`.

        Raises
        ------
        MethodError
            Several were asked for.
        """
        if len(self.outputs) > 1:
            message = f"{self.target.name} has {len(self.outputs)} outputs ({listed(self.outputs)}); name one: of(...)"
            raise MethodError(Fault(message, check="several_outputs"))
        return self._of(0)

    def of(self, output: Any, period: Any = None) -> pd.DataFrame:
        """How far each choice moves one output, the widest first.

        Parameters
        ----------
        output
            A unit, or an output by its name.
        period
            Of a unit; may be left out where there is one.

        Returns
        -------
        DataFrame
            Indexed by ``choice``; ``low`` and ``high``, the smallest and the largest value with the index as it is
            among them, ``at_low`` and ``at_high``, the settings that give them, and ``span = high - low``: NaN for a
            choice of which every setting failed, which stands last.

        Raises
        ------
        MethodError
            There is no such output.
        """
        return self._of(self.outputs.index(self.target.output(output, self.result, period)))

    def _of(self, output: int) -> pd.DataFrame:
        base, value = float(self.base[output]), self.table[self._value(output)]
        rows = []
        for choice in dict.fromkeys(self.table["choice"]):
            here = self.table["choice"] == choice
            settings = zip(value[here], self.table["setting"][here], strict=True)
            tried = [(number, setting) for number, setting in settings if np.isfinite(number)]
            known = [(base, "as it is"), *tried] if np.isfinite(base) else tried
            if not known:
                rows.append((choice, np.nan, np.nan, "", "", np.nan))
                continue
            low, high = min(known, key=itemgetter(0)), max(known, key=itemgetter(0))
            span = high[0] - low[0] if tried else np.nan
            rows.append((choice, low[0], high[0], low[1], high[1], span))
        table = pd.DataFrame(rows, columns=["choice", "low", "high", "at_low", "at_high", "span"]).set_index("choice")
        return table.sort_values("span", ascending=False, kind="stable")

    def _value(self, at: int) -> str:
        return "value" if len(self.base) == 1 else f"value {self.target.outputs[at]}"

    @cached_property
    def plot(self) -> OneAtATimePlots:
        """Pictures; see :mod:`egovindex.plots`."""
        from egovindex.plots.oneatatime_accessor import OneAtATimePlots

        return OneAtATimePlots(self)

    def _shown(self) -> pd.DataFrame:
        """The tornado; of several outputs how far each choice moves them in the mean and at most."""
        if len(self.outputs) == 1:
            return self.tornado
        values = self.table[[self._value(at) for at in range(len(self.outputs))]].to_numpy()
        choices = list(dict.fromkeys(self.table["choice"]))
        spans = np.full((len(choices), len(self.outputs)), np.nan)
        for at, choice in enumerate(choices):
            tried = values[(self.table["choice"] == choice).to_numpy()]
            some = np.isfinite(tried).any(axis=0)
            known = np.vstack([self.base, tried])[:, some]
            spans[at, some] = np.nanmax(known, axis=0) - np.nanmin(known, axis=0)
        lacking = np.isnan(spans).all(axis=1)
        mean, most = np.full(len(choices), np.nan), np.full(len(choices), np.nan)
        mean[~lacking], most[~lacking] = np.nanmean(spans[~lacking], axis=1), np.nanmax(spans[~lacking], axis=1)
        table = pd.DataFrame({"mean span": mean, "widest": most}, index=pd.Index(choices, name="choice"))
        return table.sort_values("mean span", ascending=False, kind="stable")

    def _head(self) -> str:
        failed = int(self.table["reason"].notna().sum()) if "reason" in self.table else 0
        told = f"; {failed} settings failed" if failed else ""
        settings = f"{len(self.table)} settings, one at a time{told}"
        return f"<OneAtATime {self.result.index.id}> {self.target.name} of {self.study.node}, {settings}"

    def __repr__(self) -> str:
        table = self._shown()
        shown = table.head(10).round(4).to_string().splitlines()
        several = len(self.outputs) > 1
        tail = [f"  ... {len(table) - 10} more in .{'table' if several else 'tornado'}"] if len(table) > 10 else []
        if several:
            tail.append(f"  over {len(self.outputs)} outputs; of(...) is the tornado of one")
        return "\n".join([self._head(), *(f"  {line}" for line in shown), *tail])

    def _repr_html_(self) -> str:
        table = self._shown().head(10).round(4).reset_index().to_html(index=False, escape=True, border=0)
        return f"<b>{html.escape(self._head())}</b>{table}"


def one_at_a_time(
    index: AnyIndex,
    data: AnyTable,
    doubt: Doubt | str | Path,
    *,
    target: Any = "rank_shift",
    level: float = 0.90,
    node: str | None = None,
    learn: Learn = "each_draw",
) -> OneAtATime:
    """Move one choice at a time to its ends, and see what that does.

    A weight goes to the ends of its law, the others keeping their proportions; a number of points to the ends of its
    range; of alternatives each is tried. Nothing here is random. What choices do together is not seen: see
    :func:`sobol`.

    Parameters
    ----------
    index, data, doubt, node, learn
        As for :func:`simulate`.
    target
        As for :func:`sobol`.
    level
        Where a law has no ends, its middle share.

    Returns
    -------
    OneAtATime

    Raises
    ------
    MethodError
        As for :func:`sobol`.

    Examples
    --------
    >>> import egovindex as ei
    >>> doubt = ei.Doubt(weights={"EGDI": ei.within(0.25)}, aggregate={"EGDI": ["mean", "geometric"]})
    >>> ei.one_at_a_time("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, target=("rank", "KHM")).tornado["span"]
    choice
    weights.EGDI.TII    2.0
    weights.EGDI.HCI    2.0
    weights.EGDI.OSI    1.0
    aggregate.EGDI      1.0
    Name: span, dtype: float64
    """
    refuse_bad_share(level, "level")
    run = Run.of(index, data, doubt, node=node, learn=learn)
    study = run.job_study()
    asked = target_of(target, run.result, study.node)
    ends = [(factor, *end) for factor in study.factors for end in factor.ends(level)]
    draws = len(ends) + 1
    settings = {factor.name: np.tile(factor.nominal, (draws, 1)) for factor in study.factors}
    for draw, (factor, _, _, setting) in enumerate(ends, start=1):
        settings[factor.name][draw] = setting
    batch = study.scored(settings, draws)
    values = asked.compute(batch.scores, ranks_of(batch.scores, study.plan.rows.groups), batch.beside)
    values[[failure.draw for failure in batch.failures]] = np.nan
    columns: dict[str, Any] = {
        "group": [factor.group for factor, *_ in ends],
        "choice": [choice for _, choice, _, _ in ends],
        "setting": [setting for _, _, setting, _ in ends],
    }
    for at, name in enumerate(asked.outputs):
        suffix = "" if len(asked.outputs) == 1 else f" {name}"
        columns[f"value{suffix}"] = values[1:, at]
        columns[f"change{suffix}"] = values[1:, at] - values[0, at]
    if batch.failures:
        reasons = {failure.draw - 1: failure.message for failure in batch.failures}
        columns["reason"] = [reasons.get(at) for at in range(len(ends))]
    return OneAtATime(run.result, run.doubt, study, asked, values[0], pd.DataFrame(columns))
