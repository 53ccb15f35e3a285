"""Scores as stacked bars of what they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from egovindex.plots.canvas import SMALL, axes_for, caption, ink, name_rows, picture, title, values_above
from egovindex.plots.choice import By, Choice, Names, Units, choose, part_label
from egovindex.plots.palette import BASE, FAINT, GREY, STEPS, part_style
from egovindex.plots.parts import REST, least_of, parts_table
from egovindex.plots.wording import short
from egovindex.result import IndexResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["contributions"]

Floats = npt.NDArray[np.float64]
MOST = 14  # parts with a colour and hatch of their own


@picture
def contributions(
    result: IndexResult,
    *,
    node: str | None = None,
    period: Any = None,
    by: By = "child",
    top: int | None = None,
    highlight: Units = (),
    names: Names = None,
    ax: Axes | None = None,
) -> Axes:
    """What each score is made of: a stacked bar per unit, the best at the top.

    Parts that add stand to the right of zero, parts that take away to its left; the dot is the score, their
    sum. The numbers are those of :meth:`egovindex.IndexResult.contributions`.

    Parameters
    ----------
    result
        What :func:`egovindex.compute` returned.
    node
        The node to take apart; the headline by default.
    period
        The period; it may be left out where there is one.
    by
        ``"child"``: one level; ``"indicator"``: down to the leaves. Beyond 14 parts the smallest are
        drawn as one.
    top, highlight, names, ax
        As in :func:`egovindex.plots.ranking`.

    Returns
    -------
    Axes
        The x axis has the scale of the node.

    Raises
    ------
    MethodError
        A node, period, unit or column is unknown, or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    >>> ax = result.plot.contributions(top=10)
    >>> [text.get_text() for text in ax.get_legend().get_texts()][:2]
    ['score', 'Online Service Index']
    """
    chosen = choose(result, node=node, period=period, units=highlight, names=names)
    shown = chosen.best(top)
    table = {name: values[shown] for name, values in parts_table(result, chosen.node, by).items()}
    drawn, joined = _joined(table)
    labels = {name: f"{len(joined)} smaller parts" if name == "" else part_label(result, name, 40) for name in drawn}
    ax = axes_for(ax, rows=max(len(shown), len(drawn)), wide=9.0)
    _stack(ax, drawn, labels)
    _scores(ax, chosen, shown)
    marked = chosen.marked_among(shown)
    name_rows(ax, chosen.ranked_names(shown), keep=marked)
    ax.axvline(0, color=ink(ax), lw=0.6)
    ax.grid(axis="x", color=FAINT, lw=0.4)
    values_above(ax, len(shown))
    ax.set_xlabel(f"contribution to the score in {short(chosen.node, 40)}")
    title(ax, f"What the scores are made of: {chosen.label}{chosen.when}")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), handlelength=1.4)
    cut = chosen.cut(top, shown)
    small = f"Drawn as one: {', '.join(part_label(result, name) for name in joined)}." if joined else ""
    nil = [part_label(result, name) for name in table if name not in drawn and name not in (*joined, *REST)]
    no_part = f"Zero for all shown: {', '.join(nil)}." if nil else ""
    caption(ax, chosen.small_print(cut, small, no_part))
    return ax


def _joined(table: dict[str, Floats]) -> tuple[dict[str, Floats], list[str]]:
    """Parts that are not zero throughout; beyond the most there is room for, the smallest as one, named ""."""
    sizes = {
        name: float(np.nanmean(np.abs(values))) if np.isfinite(values).any() else 0.0 for name, values in table.items()
    }
    least = least_of(*sizes.values())
    own = [name for name in table if name not in REST and sizes[name] > least]
    kept = own if len(own) <= MOST else sorted(own, key=lambda name: -sizes[name])[: MOST - 1]
    joined = [name for name in own if name not in kept]
    drawn = {"base": table["base"]} if sizes["base"] > least else {}
    drawn |= {name: table[name] for name in own if name in kept}
    if joined:
        drawn[""] = np.sum([table[name] for name in joined], axis=0)
    if sizes["steps"] > least:
        drawn["steps"] = table["steps"]
    return drawn, joined


def _stack(ax: Axes, drawn: dict[str, Floats], labels: dict[str, str]) -> None:
    rows = len(next(iter(drawn.values()))) if drawn else 0
    right, left = np.zeros(rows), np.zeros(rows)
    grey = {"base": (BASE, ""), "steps": (STEPS, "xxxx"), "": (GREY, "....")}
    colours = iter(range(len(drawn)))
    for name, values in drawn.items():
        colour, hatch = grey[name] if name in grey else part_style(next(colours))
        size = np.nan_to_num(values)
        start = np.where(size >= 0, right, left)
        ax.barh(
            range(rows),
            size,
            left=start,
            height=0.78,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.3,
            label=labels[name],
        )
        right, left = right + np.maximum(size, 0), left + np.minimum(size, 0)


def _scores(ax: Axes, chosen: Choice, shown: list[int]) -> None:
    scores, states = chosen.scores[shown], chosen.result.states[chosen.node].to_numpy()[shown]
    held = np.flatnonzero(~np.isnan(scores))
    ax.scatter(scores[held], held, s=10, color="black", edgecolors="white", linewidths=0.6, label="score", zorder=4)
    for at in np.flatnonzero(np.isnan(scores)).tolist():
        words = f"no score ({states[at]})"
        ax.text(0.01, at, words, transform=ax.get_yaxis_transform(), va="center", color=GREY, fontsize=SMALL)
