"""Whether more draws, or more points, would change anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from egovindex.plots.canvas import SMALL, axes_for, caption, ink, picture, title
from egovindex.plots.doubts import drawn, expected, indexed, laws_told, target_told, whole, whole_title
from egovindex.plots.palette import FAINT, FALL, MARKERS, RISE, part_style
from egovindex.plots.wording import number, short
from egovindex.sensitivity.draws import Draws
from egovindex.sensitivity.sobolresult import Sobol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["convergence", "sobol_convergence"]

_ROWS = 16  # as high as so many rows of a table
_TICKS = 8
_MOST_GROUPS = 7  # colours


@picture
def convergence(draws: Draws, *, ax: Axes | None = None) -> Axes:
    """How the spread of ranks, and how well it is known, change with the number of draws.

    The mean width of the 90 % rank intervals settles; the largest standard error of an expected rank goes on falling,
    by half for four times as many draws. Both are in places of the ranking. The numbers are those of
    :attr:`egovindex.Draws.convergence`.

    Parameters
    ----------
    draws
        What :func:`egovindex.simulate` returned.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        The x axis is the number of draws, by factors.

    Raises
    ------
    MethodError
        Something else than draws was given, or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> doubt = ei.Doubt(weights={"EGDI": ei.simplex()})
    >>> draws = ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=500, rng=1)
    >>> ax = draws.plot.convergence()
    >>> [int(number) for number in ax.lines[0].get_xdata()]
    [32, 48, 64, 96, 128, 192, 256, 384, 500]
    """
    given = expected(draws, Draws, "simulate")
    table = given.convergence
    ax = axes_for(ax, rows=_ROWS)
    for column, words, colour, marker in (
        ("width", "mean width of the\n90 % rank intervals", RISE, "o"),
        ("se", "largest standard error\nof an expected rank", FALL, "s"),
    ):
        known = table[column].dropna()
        ax.plot(known.index, known, color=colour, marker=marker, markersize=4, lw=1.4, label=words)
        if len(known):
            _write(ax, number(known.iloc[-1], 10), known.index[-1], known.iloc[-1])
    _numbers_below(ax, table.index.to_numpy())
    ax.margins(x=0.08)
    ax.set_ylim(0, None if table[["width", "se"]].any(axis=None) else 1)
    ax.set_xlabel("draws")
    ax.set_ylabel("places")
    title(ax, f"{whole_title(given.result, given.node)}: what more draws change")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), labelspacing=1.0)
    caption(ax, whole(given.result, given.node, drawn(given), f"Laws: {laws_told(given.job.study)}."))
    return ax


@picture
def sobol_convergence(sobol: Sobol, *, ax: Axes | None = None) -> Axes:
    """Sensitivity indices of the first points alone, a colour for each group of doubts.

    Full lines are total indices, dashed ones first-order indices; of more groups than there are colours those with the
    largest total indices. The numbers are those of :attr:`egovindex.Sobol.convergence`.

    Parameters
    ----------
    sobol
        What :func:`egovindex.sobol` returned.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        The x axis is the number of points, by factors.

    Raises
    ------
    MethodError
        Something else than sensitivity indices was given, or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> doubt = ei.Doubt(weights={"EGDI": ei.simplex()}, aggregate={"EGDI": ["mean", "geometric"]})
    >>> found = ei.sobol("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=64, rng=1)
    >>> ax = found.plot.convergence()
    >>> [int(number) for number in ax.lines[0].get_xdata()]
    [16, 32, 64]
    """
    given = expected(sobol, Sobol, "sobol")
    table = given.convergence
    ax = axes_for(ax, rows=_ROWS)
    order = table.xs(table.index[-1][0], level="points")["total"].sort_values(ascending=False, kind="stable")
    for at, group in enumerate(order.index[:_MOST_GROUPS]):
        some = table.xs(group, level="group")
        style: dict[str, Any] = {
            "color": part_style(at)[0],
            "marker": MARKERS[at % len(MARKERS)],
            "markersize": 4,
            "lw": 1.4,
        }
        ax.plot(some.index, some["total"], label=short(group, 36), **style)
        ax.plot(some.index, some["first"], ls="--", markerfacecolor="none", **style)
    ax.axhline(0, color=ink(ax), lw=0.6)
    _numbers_below(ax, table.index.unique("points").to_numpy())
    ax.set_xlabel("points")
    ax.set_ylabel("share of the variance")
    several = len(given.outputs) > 1
    what = given.target.name if several else target_told(given.target, given.outputs[0])
    title(ax, f"{whole_title(given.result, given.study.node)}: what more points change for the {what}")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    kinds = "Full lines: total indices. Dashed: first-order indices."
    first = f" Means over {len(given.outputs) - len(given.fixed)} outputs." if several else ""
    if len(order) > _MOST_GROUPS:
        left_out = order.iloc[_MOST_GROUPS:]
        first += f" Not shown: {len(left_out)} further groups, with total indices up to {number(left_out.iloc[0], 10)}."
    laws = f"Laws: {laws_told(given.study)}."
    caption(ax, whole(given.result, given.study.node, f"{kinds}{first}", indexed(given), laws))
    return ax


def _numbers_below(ax: Axes, numbers: npt.NDArray[Any]) -> None:
    """A scale of factors, with some of the numbers that are there: never as powers of ten."""
    from matplotlib.ticker import NullFormatter, NullLocator

    ax.set_xscale("log")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    written = _spread(numbers.tolist())
    ax.set_xticks(written, [f"{tick:,}" for tick in written])
    ax.grid(color=FAINT, lw=0.4)


def _spread(numbers: list[int]) -> list[int]:
    """The last number, and of those before it so many as there is room for."""
    gap = (numbers[-1] / numbers[0]) ** (1 / _TICKS)
    found = numbers[-1:]
    for earlier in reversed(numbers[:-1]):
        if found[-1] >= gap * earlier * (1 - 1e-9):
            found.append(earlier)
    return found[::-1]


def _write(ax: Axes, words: str, x: float, y: float) -> None:
    ax.annotate(words, (x, y), xytext=(6, 0), textcoords="offset points", va="center", fontsize=SMALL)
