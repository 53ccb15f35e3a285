"""A ranking as a column of dots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from egovindex.plots.canvas import SMALL, axes_for, caption, ink, name_rows, picture, title, values_above
from egovindex.plots.choice import Choice, Names, Units, choose
from egovindex.plots.palette import FAINT, GREY, MARKERS, part_style
from egovindex.plots.wording import number, short
from egovindex.result import IndexResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ranking"]


@picture
def ranking(
    result: IndexResult,
    *,
    node: str | None = None,
    period: Any = None,
    top: int | None = None,
    highlight: Units = (),
    names: Names = None,
    ax: Axes | None = None,
) -> Axes:
    """Scores of a node, the best at the top; a dot each, in the colour and shape of its class.

    Parameters
    ----------
    result
        What :func:`egovindex.compute` returned.
    node
        The node to rank by; the headline by default.
    period
        The period; it may be left out where there is one.
    top
        The last rank shown, ties included; units to highlight are shown all the same.
    highlight
        Units to bring out.
    names
        Column of the data, or mapping of unit to name; the units themselves by default.
    ax
        Axes to draw on. New ones are as high as the ranking is long.

    Returns
    -------
    Axes
        The x axis has the scale of the node. Units without a score stand last, with their state.

    Raises
    ------
    MethodError
        A node, period, unit or column is unknown, or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    >>> ax = result.plot.ranking(top=3, highlight="KHM", names="country")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['1  Denmark', '2  Estonia', '3  Singapore', '120  Cambodia']
    """
    chosen = choose(result, node=node, period=period, units=highlight, names=names)
    shown = chosen.best(top)
    ax = axes_for(ax, rows=len(shown))
    scores = chosen.scores
    scored = [at for at, row in enumerate(shown) if not np.isnan(scores[row])]
    _draw_dots(ax, chosen, shown, scored)
    marked = chosen.marked_among(shown)
    for at in marked:
        ax.axhspan(at - 0.5, at + 0.5, color=FAINT, alpha=0.35, lw=0, zorder=0)
    _write_numbers(ax, chosen, shown, marked)
    name_rows(ax, chosen.ranked_names(shown), keep=marked)
    ax.grid(color=FAINT, lw=0.3)
    _leave_room(ax, scores[shown])
    values_above(ax, len(shown))
    ax.set_xlabel(f"score in {short(chosen.node, 40)}")
    title(ax, f"{chosen.label}{chosen.when}")
    cut = chosen.cut(top, shown)
    caption(ax, chosen.small_print(cut))
    return ax


def _draw_dots(ax: Axes, chosen: Choice, shown: list[int], scored: list[int]) -> None:
    bands = chosen.result.index.classes(chosen.node)
    scores = chosen.scores
    of_class = chosen.result.classes[chosen.node].tolist() if bands else None
    groups: dict[Any, list[int]] = {band: [] for band in bands or (None,)}
    for at in scored:
        groups.setdefault(of_class[shown[at]] if of_class else None, []).append(at)
    for position, (band, places) in enumerate(groups.items()):
        if not places:
            continue
        ax.scatter(
            [scores[shown[at]] for at in places],
            places,
            s=22,
            color=part_style(position)[0],
            marker=MARKERS[position % len(MARKERS)],
            label=_class_label(chosen, band),
            zorder=3,
        )
    if bands and scored:
        ax.legend(title="class", loc="upper left", bbox_to_anchor=(1.01, 1.0), alignment="left")


def _class_label(chosen: Choice, band: Any) -> str:
    if not isinstance(band, str):
        return "no class"
    return short(chosen.result.index.label(f"classes.{chosen.node}.{band}"), 30)


def _leave_room(ax: Axes, scores: npt.NDArray[np.float64]) -> None:
    """Room for the numbers to the right of the dots."""
    known = scores[~np.isnan(scores)]
    if known.size:
        low, high = float(known.min()), float(known.max())
        span = (high - low) or abs(high) or 1.0
        ax.set_xlim(low - 0.06 * span, high + 0.14 * span)


def _write_numbers(ax: Axes, chosen: Choice, shown: list[int], marked: set[int]) -> None:
    scores, states = chosen.scores, chosen.result.states[chosen.node].to_numpy()
    known = [scores[row] for row in shown if not np.isnan(scores[row])]
    span = float(np.max(np.abs(known), initial=0.0)) or 1.0
    for at, row in enumerate(shown):
        if np.isnan(scores[row]):
            words = f"no score ({states[row]})"
            ax.text(0.01, at, words, transform=ax.get_yaxis_transform(), va="center", color=GREY, fontsize=SMALL)
        else:
            ax.annotate(
                number(scores[row], span),
                (scores[row], at),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=6.5,
                color=ink(ax) if at in marked else GREY,
            )
