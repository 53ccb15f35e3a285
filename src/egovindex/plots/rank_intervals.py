"""How far ranks spread: a bar for each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import Fault, MethodError, listed
from egovindex.plots.canvas import axes_for, caption, ink, name_rows, picture, row_type, title
from egovindex.plots.choice import Choice, Names, Units, choose, gathered
from egovindex.plots.doubts import drawn, expected, laws_told, percent
from egovindex.plots.palette import FAINT, GREY, MARK, RISE, part_style
from egovindex.plots.rank_axis import grid_of_ranks, last_rank_drawn, rank_axis, room, say_in_row
from egovindex.plots.wording import counted, short
from egovindex.sensitivity.draws import Draws

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["rank_intervals"]

Floats = npt.NDArray[np.float64]
_BAR = 0.5  # of a row


@picture
def rank_intervals(
    draws: Draws,
    *,
    level: float = 0.90,
    period: Any = None,
    top: int | None = None,
    highlight: Units = (),
    names: Names = None,
    ax: Axes | None = None,
) -> Axes:
    """Between which ranks each unit lies in the middle share of the draws, the best at the top.

    A bar from the low to the high rank, a stroke at the median, a dot at the rank without any draw. The numbers are
    those of :meth:`egovindex.Draws.rank_intervals`. How wide a bar is depends on the laws, which stand below.

    Parameters
    ----------
    draws
        What :func:`egovindex.simulate` returned.
    level
        Share of the draws inside a bar, half of the others on either side.
    period
        The period; it may be left out where there is one.
    top
        The last rank shown, ties included, by the rank without any draw; units to highlight are shown all the same.
    highlight
        Units to bring out.
    names
        Column of the data, or mapping of unit to name; the units themselves by default.
    ax
        Axes to draw on. New ones are as high as the ranking is long.

    Returns
    -------
    Axes
        The x axis is the rank, 1 at the left. Units without a score stand last.

    Raises
    ------
    MethodError
        The level is not between 0 and 1; a period, unit or column is unknown; or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> doubt = ei.Doubt(weights={"EGDI": ei.simplex()})
    >>> draws = ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=500, rng=1)
    >>> ax = draws.plot.rank_intervals(top=3, names="country")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['1  Denmark', '2  Estonia', '3  Singapore']
    """
    given = expected(draws, Draws, "simulate")
    faults: list[Fault] = []
    table = gathered(faults, lambda: given.rank_intervals(level), None)
    chosen = gathered(
        faults, lambda: choose(given.result, node=given.node, period=period, units=highlight, names=names), None
    )
    if faults:
        raise MethodError(faults)
    shown = chosen.best(top)
    ax = axes_for(ax, rows=len(shown))
    states = given.result.states[given.node].to_numpy()[shown]
    _draw(ax, table.iloc[shown], states, level)
    marked = chosen.marked_among(shown)
    for at in marked:
        ax.axhspan(at - 0.5, at + 0.5, color=FAINT, alpha=0.35, lw=0, zorder=0)
    _write_numbers(ax, table.iloc[shown], marked)
    name_rows(ax, chosen.ranked_names(shown), keep=marked)
    grid_of_ranks(ax, len(shown))
    last = last_rank_drawn(chosen, _of(table.iloc[shown], "high", "rank"))
    # room for the numbers to the right of the bars
    rank_axis(ax, last, len(shown), left=0.5 + 0.02 * last, right=0.3 + 0.16 * last)
    ax.set_xlabel(f"rank in {short(chosen.node, 40)}")
    title(ax, f"{chosen.label}{chosen.when}: ranks in {given.n:,} draws")
    spread = f"Bars: the middle {percent(level)} of {drawn(given)}"
    cut = chosen.cut(top, shown)
    laws = f"Laws: {laws_told(given.job.study)}. They decide how wide a bar is."
    caption(ax, chosen.small_print(spread, laws, _outside(chosen, table, shown), _gaps(given, chosen), cut))
    return ax


def _of(table: pd.DataFrame, *columns: str) -> Floats:
    """Columns as numbers; NaN where there is none."""
    return table[list(columns)].to_numpy(dtype=np.float64, na_value=np.nan)


def _draw(ax: Axes, table: pd.DataFrame, states: npt.NDArray[Any], level: float) -> None:
    rank, low, median, high = _of(table, "rank", "low", "median", "high").T
    held, ranked = np.flatnonzero(~np.isnan(low)), np.flatnonzero(~np.isnan(rank))
    width = high[held] - low[held]
    row = room(ax)[1] / max(len(table), 1)  # points
    size = min(4.0, row)
    # the edge shows a bar of no width
    bar: dict[str, Any] = {"color": part_style(3)[0], "linewidth": 1.0, "edgecolor": part_style(3)[0]}
    bars = ax.barh(held, width, left=low[held], height=_BAR, label=f"middle {percent(level)} of the draws", **bar)
    stroke: dict[str, Any] = {"marker": "|", "s": min(70.0, (0.7 * row) ** 2), "color": RISE, "linewidths": 1.8}
    strokes = ax.scatter(median[held], held, label="median of the draws", zorder=3, **stroke)
    edge: dict[str, Any] = {"edgecolors": "white", "linewidths": 0.15 * size}
    dots = ax.scatter(rank[ranked], ranked, s=size**2, color=MARK, label="rank without any draw", zorder=4, **edge)
    ax.legend(handles=[bars, strokes, dots], loc="upper left", bbox_to_anchor=(1.01, 1.0), markerscale=4.0 / size)
    for at in np.flatnonzero(np.isnan(low) & np.isnan(rank)).tolist():
        say_in_row(ax, at, f"no score ({states[at]})")


def _write_numbers(ax: Axes, table: pd.DataFrame, marked: set[int]) -> None:
    """Low and high rank to the right of what is drawn, for the rows that have a name."""
    numbers = _of(table, "low", "high", "rank")
    size, every = row_type(ax, len(table))
    backing = {"facecolor": ax.get_facecolor(), "edgecolor": "none", "pad": 0.4}  # the grid ends at a number
    for at, (low, high, rank) in enumerate(numbers):
        if np.isnan(low) or (at % every and at not in marked):
            continue
        ax.annotate(
            f"{low:.0f}" if low == high else f"{low:.0f}–{high:.0f}",
            (np.nanmax([high, rank]), at),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=min(6.5, size),
            color=ink(ax) if at in marked else GREY,
            bbox=backing,
        )


def _outside(chosen: Choice, table: pd.DataFrame, shown: list[int]) -> str:
    """A sentence on the units drawn whose rank without any draw is outside the bar."""
    rank, low, high = _of(table, "rank", "low", "high").T
    drawn_here = set(shown)
    found = [row for row in chosen.ranked() if row in drawn_here and (rank[row] < low[row] or rank[row] > high[row])]
    if not found:
        return ""
    return f"Dot beside the bar: {counted(found)} ({listed(map(chosen.name, found), most=12)})."


def _gaps(draws: Draws, chosen: Choice) -> str:
    """A sentence on the units that have no score in some draws, of which their bar is not."""
    shares = draws.rank_probabilities().get("none")
    if shares is None:
        return ""
    share = shares.to_numpy()
    never = np.isnan(chosen.scores) & (share == 1)  # told already
    found = [row for row in chosen.ranked() if share[row] > 0 and not never[row]]
    if not found:
        return ""
    told = listed((f"{chosen.name(row)}: {percent(round(share[row], 3))} of the draws" for row in found), most=12)
    return f"Bars are over the draws with a score; without one in some: {counted(found)} ({told})."
