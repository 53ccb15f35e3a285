"""How likely each rank is for each unit: a map of units and ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.plots.canvas import axes_for, caption, name_rows, picture, title
from egovindex.plots.choice import Names, Units, choose
from egovindex.plots.doubts import drawn, expected, laws_told
from egovindex.plots.palette import FAINT
from egovindex.plots.rank_axis import grid_of_ranks, last_rank_drawn, rank_axis, room
from egovindex.plots.wording import number, short
from egovindex.sensitivity.draws import Draws

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["rank_probabilities"]

Floats = npt.NDArray[np.float64]
NONE = "none"  # the column of draws in which a unit has no score
_BAR = 115.0  # points: height of the colour bar
_RING = 3.0  # points
_BELOW = 7.0  # points: what is left below it
_TICKS = (0.01, 0.1, 0.25, 0.5, 1.0)
_FAINTEST = 0.04  # of the colour map: what comes next to blank is left out


@picture
def rank_probabilities(
    draws: Draws,
    *,
    period: Any = None,
    top: int | None = None,
    highlight: Units = (),
    names: Names = None,
    ax: Axes | None = None,
) -> Axes:
    """How likely each unit has each rank, the best unit at the top and the first rank at the left.

    The colour of a cell is the share of the draws; a cell is blank where no draw had it. A ring is the rank without any
    draw. The numbers are those of :meth:`egovindex.Draws.rank_probabilities`.

    Colour follows the square root of the probability, as its standard error does near zero: a step of colour is about
    as sure anywhere in the band.

    Parameters
    ----------
    draws
        What :func:`egovindex.simulate` returned.
    period, top, highlight, names, ax
        As in :func:`egovindex.plots.rank_intervals`.

    Returns
    -------
    Axes
        Columns are ranks, as far as a unit that is shown reaches; a last one, apart, for draws without a score where
        there are any.

    Raises
    ------
    MethodError
        A period, unit or column is unknown, or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> doubt = ei.Doubt(weights={"EGDI": ei.simplex()})
    >>> draws = ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=500, rng=1)
    >>> ax = draws.plot.rank_probabilities(top=3, names="country")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['1  Denmark', '2  Estonia', '3  Singapore']
    """
    given = expected(draws, Draws, "simulate")
    chosen = choose(given.result, node=given.node, period=period, units=highlight, names=names)
    shown = chosen.best(top)
    table = given.rank_probabilities().iloc[shown]
    ranks = chosen.ranks[shown]
    ax = axes_for(ax, rows=len(shown))
    last = last_rank_drawn(chosen, np.r_[_reached(table), ranks])
    _draw(ax, table, ranks, last)
    marked = chosen.marked_among(shown)
    for at in marked:
        ax.axhspan(at - 0.5, at + 0.5, color=FAINT, alpha=0.35, lw=0, zorder=0)
    name_rows(ax, chosen.ranked_names(shown), keep=marked)
    grid_of_ranks(ax, len(shown))
    ax.set_xlabel(f"rank in {short(chosen.node, 40)}")
    title(ax, f"{chosen.label}{chosen.when}: how likely each rank is")
    blank = f"Blank: in no draw; that does not make it impossible. {_error(given)}"
    laws = f"Laws: {laws_told(given.job.study)}. They decide how wide the band is."
    caption(ax, chosen.small_print(drawn(given), laws, blank, chosen.cut(top, shown)))
    return ax


def _shares(table: pd.DataFrame) -> Floats:
    return table.drop(columns=NONE, errors="ignore").to_numpy(dtype=np.float64)


def _reached(table: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Ranks that some unit had in some draw."""
    return np.flatnonzero((_shares(table) > 0).any(axis=0)) + 1


def _draw(ax: Axes, table: pd.DataFrame, ranks: npt.NDArray[np.int64], last: int) -> None:
    """The map, and a ring at the rank without any draw."""
    cells, apart = _shares(table)[:, :last], 0
    if NONE in table and table[NONE].any():
        none = table[NONE].to_numpy(dtype=np.float64)
        cells, apart = np.column_stack([cells, np.zeros(len(table)), none]), 2
    from matplotlib.colors import PowerNorm

    image = ax.imshow(
        np.ma.masked_equal(cells, 0.0),
        aspect="auto",
        interpolation="nearest",
        extent=(0.5, last + apart + 0.5, len(table) - 0.5, -0.5),
        norm=PowerNorm(0.5, 0.0, 1.0),
        cmap=_colours(ax),
        zorder=2,
    )
    rank_axis(ax, last, len(table), right=apart + 0.5, beyond="no score" if apart else "")
    held = np.flatnonzero(ranks)
    size = min(_RING, room(ax)[1] / max(len(table), 1))  # points
    ring: dict[str, Any] = {"color": "white", "edgecolors": "black", "linewidths": 0.23 * size}
    ax.scatter(ranks[held], held, s=size**2, label="rank without\nany draw", zorder=4, **ring)
    _key(ax, image, _RING / size)


def _colours(ax: Axes) -> Any:
    """Cividis, of even steps to the eye, from near the colour of the page to far from it."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap, to_rgb

    light = float(np.mean(to_rgb(ax.get_facecolor()))) > 0.5
    reach = np.linspace(1.0 - _FAINTEST, 0.0, 256) if light else np.linspace(_FAINTEST, 1.0, 256)
    return ListedColormap(colormaps["cividis"](reach))


def _key(ax: Axes, image: Any, scale: float) -> None:
    """What colours mean, beside the top of the map."""
    _, points = room(ax)
    high = min(_BAR / points, 1.0)
    beside = ax.inset_axes((1.03, 1.0 - high, 0.025, high))
    bar = beside.figure.colorbar(image, cax=beside)
    bar.set_ticks(list(_TICKS), labels=[f"{tick:g}" for tick in _TICKS])
    bar.set_label("probability")
    ax.legend(
        loc="upper left", bbox_to_anchor=(1.01, 1.0 - high - _BELOW / points), handletextpad=0.2, markerscale=scale
    )


def _error(draws: Draws) -> str:
    largest = float(draws.errors_of(pd.Series([0.5])).iloc[0])
    return f"The standard error of a probability is at most {number(largest, 1)}."
