"""Between which ranks a unit can come: in the worst case, by one weight, and in most draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from egovindex.certainty import EXACT
from egovindex.errors import Fault, MethodError
from egovindex.plots.canvas import axes_for, caption, ink, picture, row_type, title
from egovindex.plots.choice import Names, Units
from egovindex.plots.doubts import percent
from egovindex.plots.palette import GREY, MARK, RISE, part_style
from egovindex.plots.rank_axis import grid_of_ranks, last_rank_drawn, rank_axis, room
from egovindex.plots.ranked import Ranked, kind_told, ranked, sentences
from egovindex.plots.wording import short
from egovindex.robustness.howsure import HowSure
from egovindex.robustness.rankranges import RankRange

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["rank_ranges"]

_ONE, _DRAWN = 0.6, 0.3  # of a row


@picture
def rank_ranges(
    ranges: RankRange | HowSure,
    *,
    units: Units | None = None,
    top: int | None = None,
    highlight: Units = (),
    names: Names = None,
    ax: Axes | None = None,
) -> Axes:
    """Best and worst rank of each unit over all weights that are allowed, the best unit at the top.

    A line with closed ends runs between ranks that were reached. Where a search was stopped, a dashed line goes on to a
    ring: no rank beyond it is possible, whether or not it can be reached. Of :func:`egovindex.how_sure`, the wide bar
    is what one weight at a time does and the dark one the middle of the draws. The numbers are those of the ``table``.

    Parameters
    ----------
    ranges
        What :func:`egovindex.rank_range` or :func:`egovindex.how_sure` returned.
    units
        Some units; all by default.
    top
        The last rank shown, ties included, by the rank of the index; units to highlight are shown all the same.
    highlight
        Units to bring out.
    names
        Column of the data, or mapping of unit to name; the units themselves by default.
    ax
        Axes to draw on. New ones are as high as the ranking is long.

    Returns
    -------
    Axes
        The x axis is the rank, 1 at the left. Beside each row are the best and the worst rank, and where these are
        bounds the ranks that were reached.

    Raises
    ------
    MethodError
        A unit or column is unknown, a unit was not asked for, nothing is left to draw, or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> ax = ei.rank_range(result, ei.within(0.25)).plot.rank_ranges(top=3)
    >>> [text.get_text() for text in ax.texts if text.get_gid() != "caption"]
    ['1', '2–3', '3–4']
    """
    given: Any = ranges
    if not isinstance(given, (RankRange, HowSure)):
        message = f"this picture is drawn from what rank_range or how_sure returned, found {type(given).__name__}"
        raise MethodError(Fault(message, check="not_a_result"))
    seen = given if isinstance(given, HowSure) else None
    worst_case = given.ranges if isinstance(given, HowSure) else given
    shown = ranked(worst_case.form, units=units, top=top, highlight=highlight, names=names, asked=worst_case.places)
    table = _of(worst_case.table, shown)
    ax = axes_for(ax, rows=len(shown.shown), wide=8.5)
    handles = [*_draw_ranges(ax, table), *([] if seen is None else _draw_bars(ax, _of(seen.table, shown), seen))]
    handles.append(_draw_ranks(ax, table))
    order = handles[:-1] if seen is None else [*handles[:-1][::-1]]
    ax.legend(handles=[handles[-1], *order], loc="upper left", bbox_to_anchor=(1.01, 1.0), labelspacing=0.8)
    shown.write_names(ax)
    _write_numbers(ax, table, shown.rows)
    grid_of_ranks(ax, len(table))
    last = last_rank_drawn(shown.chosen, table[["rank", "worst"]].to_numpy())
    words = 0.18 if (table["kind"] == EXACT).all() else 0.34  # of the axis
    rank_axis(ax, last, len(table), left=0.5 + 0.02 * last, right=0.3 + words * last)
    ax.set_xlabel(f"rank in {short(worst_case.form.node, 40)}")
    title(ax, f"{shown.chosen.label}{shown.chosen.when}: {_title(worst_case, seen)}")
    caption(ax, shown.chosen.small_print(*_small_print(worst_case, seen), shown.cut()))
    return ax


def _of(table: pd.DataFrame, shown: Ranked) -> pd.DataFrame:
    """The rows that are drawn, in their order."""
    known = {str(unit): at for at, unit in enumerate(table.index)}
    return table.iloc[[known[str(shown.form.index[at])] for at in shown.shown]]


def _draw_ranges(ax: Axes, table: pd.DataFrame) -> list[Any]:
    """Lines between ranks that were reached, and on to what is certain."""
    colour, rows = ink(ax), np.arange(len(table))
    best, worst, found_best, found_worst = table[["best", "worst", "best_found", "worst_found"]].to_numpy().T
    # a search that was stopped may have found its best behind its worst
    low, high = np.minimum(found_best, found_worst), np.maximum(found_best, found_worst)
    line = ax.hlines(rows, low, high, color=colour, lw=1.0, zorder=0.9, gid="reached")
    line.set_label("best to worst rank: exact" if (table["kind"] == EXACT).all() else "ranks that were reached")
    row = room(ax)[1] / max(len(table), 1)  # points
    size = min(7.0, 0.75 * row)
    ends, at = np.concatenate([low, high]), np.concatenate([rows, rows])
    ax.scatter(ends, at, marker="|", s=size**2, color=colour, linewidths=1.0, zorder=3, gid="ends")
    before, beyond = np.flatnonzero(best < low), np.flatnonzero(worst > high)
    if not before.size and not beyond.size:
        return [line]
    open_at = np.concatenate([before, beyond])
    outer, inner = np.concatenate([best[before], worst[beyond]]), np.concatenate([low[before], high[beyond]])
    dashed = ax.hlines(open_at, outer, inner, color=colour, lw=0.9, ls=(0, (2, 2)), zorder=0.9, gid="bound")
    dashed.set_label("on to a certified bound,\nnot known to be reached")
    ring = {"facecolors": ax.get_facecolor(), "edgecolors": colour, "linewidths": 0.8}
    ax.scatter(outer, open_at, s=(0.55 * size) ** 2, zorder=3, gid="bounds", **ring)
    return [line, dashed]


def _draw_bars(ax: Axes, table: pd.DataFrame, seen: HowSure) -> list[Any]:
    """What one weight does, and the middle of the draws."""
    rows, found = np.arange(len(table)), []
    kinds = [("one_weight_best", "one_weight_worst", _ONE, part_style(3)[0], "one weight at a time: exact")]
    if seen.draws is not None:
        draws = seen.certainties["draws"]
        words = f"middle {percent(seen.level)} of {draws.n:,} draws:\nsampled, seed {draws.seed}"
        kinds.append(("draws_low", "draws_high", _DRAWN, RISE, words))
    for low, high, height, colour, words in kinds:
        left = table[low].to_numpy(dtype=np.float64)
        width = table[high].to_numpy(dtype=np.float64) - left
        # the edge shows a bar of no width
        bars = ax.barh(
            rows, width, left=left, height=height, color=colour, edgecolor=colour, linewidth=1.0, label=words
        )
        found.append(bars)
    return found


def _draw_ranks(ax: Axes, table: pd.DataFrame) -> Any:
    size = min(4.0, room(ax)[1] / max(len(table), 1))
    edge: dict[str, Any] = {"edgecolors": "white", "linewidths": 0.15 * size}
    rank = table["rank"].to_numpy(dtype=np.float64)
    return ax.scatter(rank, np.arange(len(table)), s=size**2, color=MARK, label="rank of the index", zorder=4, **edge)


def _write_numbers(ax: Axes, table: pd.DataFrame, marked: set[int]) -> None:
    """Best and worst rank to the right of what is drawn, for the rows that have a name."""
    size, every = row_type(ax, len(table))
    backing = {"facecolor": ax.get_facecolor(), "edgecolor": "none", "pad": 0.4}  # the grid ends at a number
    for row, (_, unit) in enumerate(table.iterrows()):
        if row % every and row not in marked:
            continue
        ax.annotate(
            _numbers(unit),
            (max(unit["worst"], unit["rank"]), row),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=min(6.5, size),
            color=ink(ax) if row in marked else GREY,
            bbox=backing,
        )


def _numbers(unit: pd.Series) -> str:
    """Best and worst rank, and those that were reached where these are bounds."""
    told = _span(unit["best"], unit["worst"])
    if unit["kind"] == EXACT:
        return told
    return f"{told} ({_span(*sorted([unit['best_found'], unit['worst_found']]))} reached)"


def _span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}–{high}"


def _title(ranges: RankRange, seen: HowSure | None) -> str:
    n, exact = len(ranges.places), int(ranges.exact.sum())
    kind = "exact" if exact == n else f"exact for {exact} of {n}, else bounds"
    if seen is None:
        return f"best and worst ranks ({kind})"
    drawn = "" if seen.draws is None else f" and in {seen.certainties['draws'].n:,} draws (sampled)"
    joined = "," if drawn else " and"
    return f"ranks in the worst case ({kind}){joined} by one weight at a time (exact){drawn}"


def _small_print(ranges: RankRange, seen: HowSure | None) -> list[str]:
    told = [f"Allowed: {ranges.about}. Best and worst ranks: {kind_told(ranges.certainty)}."]
    if seen is not None:
        one = kind_told(seen.certainties["one_weight"])
        told.append(f"One weight at a time, the others of its node in proportion: {one}.")
    if seen is not None and seen.draws is not None:
        draws = seen.certainties["draws"]
        told.append(
            f"Draws: sampled, N = {draws.n:,}, seed {draws.seed}; shares have a standard error up to {draws.error:.2g}."
        )
    return [*told, *sentences(ranges.notes)]
