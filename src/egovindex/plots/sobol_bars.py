"""Which doubt matters: the share of the variance that each explains, alone and with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from egovindex.errors import listed
from egovindex.plots.canvas import SMALL, axes_for, caption, ink, name_rows, picture, title
from egovindex.plots.doubts import expected, indexed, laws_told, percent, target_told, whole, whole_title
from egovindex.plots.palette import FAINT, part_style
from egovindex.plots.wording import counted, number, short
from egovindex.sensitivity.sobolresult import Sobol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["sobol_bars"]

_BAR = 0.36  # of a row
# the words of the key, and the place among the colours
_KINDS = {"first": ("alone (first-order index)", 3), "total": ("with others (total index)", 0)}


@picture
def sobol_bars(sobol: Sobol, *, output: str | None = None, ax: Axes | None = None) -> Axes:
    """First-order and total index of each doubt, the largest total index at the top.

    Two bars for each group of doubts: what it explains alone, and what it explains together with the others. A line
    across the end is the bootstrap interval, where there is one. The numbers are those of :meth:`egovindex.Sobol.of`.

    Parameters
    ----------
    sobol
        What :func:`egovindex.sobol` returned.
    output
        One of several outputs, such as a unit. Without it, bars are means over all outputs, which have no intervals.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        The x axis is the share of the variance.

    Raises
    ------
    MethodError
        There is no output of that name, or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> doubt = ei.Doubt(weights={"EGDI": ei.simplex()}, aggregate={"EGDI": ["mean", "geometric"]})
    >>> found = ei.sobol("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=64, rng=1)
    >>> ax = found.plot.bars()
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['weights.EGDI', 'aggregate.EGDI']
    """
    given = expected(sobol, Sobol, "sobol")
    several = output is None and len(given.outputs) > 1
    table = _means(given) if several else given.table if output is None else given.of(output)
    ax = axes_for(ax, rows=round(2.2 * len(table)), wide=8.5)
    _draw(ax, table)
    name_rows(ax, [short(group, 44) for group in table.index])
    ax.axvline(0, color=ink(ax), lw=0.6)
    ax.grid(axis="x", color=FAINT, lw=0.4)
    ax.set_xlabel("share of the variance")
    number_of = len(given.outputs) - len(given.fixed)
    what = f"{given.target.name}, mean over {number_of} outputs" if several else target_told(given.target, output)
    title(ax, f"Which doubt matters for the {what}: {whole_title(given.result, given.study.node)}")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    caption(ax, whole(given.result, given.study.node, indexed(given), *_small_print(given, table, several=several)))
    return ax


def _means(sobol: Sobol) -> pd.DataFrame:
    """Means over the outputs, without intervals."""
    ends = ["first_low", "first_high", "total_low", "total_high"]
    return sobol.means.reindex(columns=["first", "total", *ends])


def _draw(ax: Axes, table: pd.DataFrame) -> None:
    beside = {"first": -0.2, "total": 0.2}  # of a row
    reached = [0.0]
    for name, (words, style) in _KINDS.items():
        value, low, high = table[[name, f"{name}_low", f"{name}_high"]].to_numpy(dtype=np.float64).T
        rows = np.arange(len(table)) + beside[name]
        ax.barh(rows, value, height=_BAR, color=part_style(style)[0], label=words)
        some = np.flatnonzero(~np.isnan(low))
        # the interval is of resamples, and need not hold the value
        ax.hlines(rows[some], low[some], high[some], color=ink(ax), lw=0.9, zorder=3)
        for ends in (low[some], high[some]):
            ax.scatter(ends, rows[some], marker="|", s=20, color=ink(ax), linewidths=0.9, zorder=3)
        right = np.fmax(np.fmax(value, high), 0.0)
        for x, end, row in zip(value, right, rows, strict=True):
            _write(ax, number(x, 10), end, row)
        reached += [*right.tolist(), *np.fmin(value, low).tolist()]
    first, last = min(reached), max(reached)
    span = (last - first) or 1.0
    ax.set_xlim(first - 0.04 * span if first < 0 else 0.0, last + 0.14 * span)


def _write(ax: Axes, words: str, x: float, y: float) -> None:
    ax.annotate(words, (x, y), xytext=(6, 0), textcoords="offset points", va="center", fontsize=SMALL)


def _small_print(sobol: Sobol, table: pd.DataFrame, *, several: bool) -> list[str]:
    laws = f"Laws: {laws_told(sobol.study)}. They decide how much each varies."
    count = counted(range(len(sobol.outputs) - len(sobol.fixed)), "output")
    told = [laws, f"Bars: means over {count}, each counting alike, which have no intervals."] if several else [laws]
    if table["first_low"].notna().any():
        told.append(f"Lines at the ends: {percent(sobol.level)} bootstrap intervals.")
    if (table[["first", "total"]] < 0).any(axis=None):
        told.append("What is below zero is the error of an estimate.")
    if several and sobol.fixed:
        told.append(f"Not among them: {counted(sobol.fixed, 'output')} without any variance.")
    if sobol.left_out:
        lacking = listed(map(short, sobol.left_out), most=12)
        told.append(f"Without a number in some draw, and so without indices: {lacking}.")
    return told
