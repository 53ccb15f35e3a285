"""One score, built up step by step from its contributions; and the way from one score to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from egovindex.errors import Fault, MethodError
from egovindex.plots.canvas import SMALL, axes_for, caption, ink, name_rows, picture, title
from egovindex.plots.choice import By, Names, choose, part_label
from egovindex.plots.palette import FAINT, FALL, GREY, RISE
from egovindex.plots.parts import REST, on_rows_of, parts_of, parts_table, valued
from egovindex.plots.wording import number, short, signed
from egovindex.result import IndexResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Move", "cut_short", "draw_moves", "waterfall"]


@dataclass(frozen=True)
class Move:
    """One bar of a waterfall: its label, how far it goes, and a remark."""

    label: str
    size: float
    remark: str = ""


@picture
def waterfall(
    result: IndexResult,
    unit: str | int,
    *,
    node: str | None = None,
    period: Any = None,
    by: By = "child",
    names: Names = None,
    ax: Axes | None = None,
) -> Axes:
    """A score from its contributions: each bar begins where the one above it ends.

    Parameters
    ----------
    result
        What :func:`egovindex.compute` returned.
    unit
        The unit.
    node
        The node to take apart; the headline by default.
    period
        The period; it may be left out where there is one.
    by
        ``"child"``: one level; ``"indicator"``: down to the leaves.
    names
        Column of the data, or mapping of unit to name; the units themselves by default.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        The constant of the steps first, if there is one; then the parts from the largest to the smallest; then
        what limits, rounding and aggregates that are no mean add or take away; then the score.

    Raises
    ------
    MethodError
        The unit has no score; a node, period, unit or column is unknown; or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    >>> ax = result.plot.waterfall("KHM")
    >>> [round(float(bar.get_width()), 4) for bar in ax.patches]
    [0.2536, 0.1716, 0.1501, 0.5754]
    """
    chosen = choose(result, node=node, period=period, units=unit, names=names)
    row = chosen.row(unit)
    score = chosen.scores[row]
    if np.isnan(score):
        state = result.states[chosen.node].to_numpy()[row]
        message = f"{unit} has no score in {chosen.node}{chosen.when} ({state}): there is nothing to take apart"
        raise MethodError(Fault(message, check="no_score", units=(str(unit),)))
    sizes = {name: float(values[row]) for name, values in parts_table(result, chosen.node, by).items()}
    values = valued(result, on_rows_of(result, chosen.node, parts_of(result, chosen.node, by)))
    parts = sorted((name for name in sizes if name not in REST), key=lambda name: -abs(sizes[name]))
    order = [*parts, *(["steps"] if sizes["steps"] else [])]
    moves = [
        Move(
            part_label(result, name),
            sizes[name],
            "no value" if name in values and np.isnan(values[name][row]) else "",
        )
        for name in order
    ]
    ax = axes_for(ax, rows=round(1.4 * (len(moves) + 1)))
    begin = part_label(result, "base") if sizes["base"] else ""
    draw_moves(ax, sizes["base"], moves, float(score), (begin, short(chosen.node, 24)))
    ax.set_xlabel(f"contribution to the score in {short(chosen.node, 40)}{cut_short(ax)}")
    title(ax, f"{chosen.name(row)}: {chosen.label}{chosen.when}")
    caption(ax, chosen.small_print())
    return ax


def draw_moves(ax: Axes, start: float, moves: Sequence[Move], end: float, ends: tuple[str, str]) -> None:
    """Bars that each begin where the last one ended, between two totals; a start without a name is not drawn."""
    span = max(abs(start), abs(end), *(abs(move.size) for move in moves))
    labels = []
    if ends[0]:
        labels.append(ends[0])
        ax.barh(0, start, height=_BAR, color=GREY)
        _write(ax, start, 0, number(start, span), before=start < 0)
    at, reached = start, [start, end]
    changes = max((abs(move.size) for move in moves), default=span) or span
    for move in moves:
        place = len(labels)
        ax.barh(place, move.size, left=at, height=_BAR, color=RISE if move.size >= 0 else FALL)
        _join(ax, at, place)
        at += move.size
        reached.append(at)
        labels.append(move.label)
        _write(ax, at, place, move.remark or signed(move.size, changes), before=move.size < 0)
    last = len(labels)
    ax.barh(last, end, height=_BAR, color=GREY)
    _join(ax, at, last)
    _write(ax, end, last, number(end, span), before=end < 0)
    name_rows(ax, [*labels, ends[1]], keep={0, last} if ends[0] else {last})
    ax.set_xlim(*_limits(reached, whole=not ends[0]))
    if ax.get_xlim()[0] <= 0 <= ax.get_xlim()[1]:
        ax.axvline(0, color=ink(ax), lw=0.6)
    ax.grid(axis="x", color=FAINT, lw=0.4)


_BAR = 0.62  # of a row
# zero is left out where the bars between the totals would use less than this share of the axis
_LITTLE = 0.5


def _limits(reached: Sequence[float], *, whole: bool) -> tuple[float, float]:
    """From where to where; with zero, unless everything that happens is far away from it."""
    low, high = min(reached), max(reached)
    far = min(abs(low), abs(high)) > (1 - _LITTLE) * max(abs(low), abs(high)) and low * high > 0
    if whole or not far:
        low, high = min(low, 0.0), max(high, 0.0)
    room = max(0.16 * (high - low), 1e-6 * max(abs(low), abs(high)))
    return (low if low == 0 else low - room), (high if high == 0 else high + room)


def cut_short(ax: Axes) -> str:
    """A remark for the label of an axis on which there is no zero."""
    low, high = ax.get_xlim()
    return "" if low <= 0 <= high else " (the axis does not begin at zero)"


def _join(ax: Axes, x: float, place: int) -> None:
    if place:
        ax.vlines(x, place - 1 + _BAR / 2, place + _BAR / 2, color=GREY, lw=0.6)


def _write(ax: Axes, x: float, y: float, words: str, *, before: bool) -> None:
    ax.annotate(
        words,
        (x, y),
        xytext=(-4 if before else 4, 0),
        textcoords="offset points",
        ha="right" if before else "left",
        va="center",
        fontsize=SMALL,
        annotation_clip=False,
    )
