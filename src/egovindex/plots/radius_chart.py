"""How far weights may move before a rank or a class changes: a stem for each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from egovindex.errors import Fault, MethodError, listed
from egovindex.plots.canvas import SMALL, axes_for, caption, ink, picture, row_type, title, values_above
from egovindex.plots.choice import Names, Units
from egovindex.plots.palette import FAINT, FALL, GREY, RISE
from egovindex.plots.ranked import Ranked, kind_told, ranked, sentences
from egovindex.plots.wording import counted, short
from egovindex.robustness.radii import ClassRadius, RankRadius

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["radius_chart"]

Floats = npt.NDArray[np.float64]
_MEASURES = {
    "relative": "radius: every weight within this share of itself",
    "contamination": "radius: this share of all weight, put anywhere",
}
# weights do not fall below zero, so that no weight moves by more than all of itself
_NEVER = {"relative": "not within 100 %", "contamination": "not at any weights"}
_FACTOR = 100.0  # radii further apart need a scale of factors
_DECADES = 6  # of such a scale, at most


@picture
def radius_chart(
    radii: RankRadius | ClassRadius,
    *,
    units: Units | None = None,
    top: int | None = None,
    highlight: Units = (),
    names: Names = None,
    log: bool | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How far all weights may move before a unit's rank, or its class, changes; the best unit at the top.

    A stem from nothing to the radius, and beside it what happens there first: whom the unit passes, by whom it is
    passed, or from which class to which it goes. Who is tied stands at 0. A stem with an arrow goes to the edge:
    nothing changes as far as the measure goes, which is 100 % of every weight, or all weight. The numbers are those of
    the ``table``.

    Parameters
    ----------
    radii
        What :func:`egovindex.rank_radius` or :func:`egovindex.class_radius` returned.
    units
        Some units; all by default.
    top
        The last rank shown, ties included; units to highlight are shown all the same.
    highlight
        Units to bring out.
    names
        Column of the data, or mapping of unit to name; the units themselves by default.
    log
        Whether the scale is one of factors; by default where the largest radius is more than a hundred times the
        smallest above 0. Near 0 it is an even one, so that 0 has a place.
    ax
        Axes to draw on. New ones are as high as the ranking is long.

    Returns
    -------
    Axes
        The x axis is the radius as a share, written in percent.

    Raises
    ------
    MethodError
        A unit or column is unknown, nothing is left to draw, or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> ax = ei.rank_radius(result).plot.radius_chart(top=3)
    >>> [text.get_text() for text in ax.texts if text.get_gid() != "caption"]
    ['41 %  passed by ISL', '12 %  passed by ISL', '4.5 %  passed by ISL']
    """
    given: Any = radii
    if not isinstance(given, (RankRadius, ClassRadius)):
        message = f"this picture is drawn from what rank_radius or class_radius returned, found {type(given).__name__}"
        raise MethodError(Fault(message, check="not_a_result"))
    faults: list[Fault] = []
    if log not in (None, True, False):
        faults.append(Fault(f"log is True, False or None, found {log!r:.40}", check="unknown_option"))
    shown = ranked(given.form, units=units, top=top, highlight=highlight, names=names, faults=faults)
    at = np.array(shown.shown)
    radius = given.radius[at]
    ax = axes_for(ax, rows=len(at), wide=8.5)
    even = _scale(ax, radius, log=log)
    _draw(ax, radius, given.up[at], given.down[at])
    shown.write_names(ax)
    _write(ax, [_told(given, shown, place) for place in shown.shown], shown.rows)
    values_above(ax, len(at))
    ax.grid(axis="x", color=FAINT, lw=0.4)
    ax.set_xlabel(_MEASURES[given.measure])
    what = "a class" if isinstance(given, ClassRadius) else "a rank"
    title(ax, f"{shown.chosen.label}{shown.chosen.when}: how far all weights may move before {what} changes (exact)")
    caption(ax, shown.chosen.small_print(*_small_print(given, shown, even), shown.cut()))
    return ax


def _scale(ax: Axes, radius: Floats, *, log: bool | None) -> float | None:
    """An even scale, or one of factors; the latter's smallest part, below which it is even."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

    some = radius[np.isfinite(radius) & (radius > 0)]
    largest = float(some.max(initial=0.0)) or 1.0
    factors = bool(some.size) and (bool(some.max() > _FACTOR * some.min()) if log is None else log)
    written = FuncFormatter(lambda tick, _: f"{100 * tick:,.6g} %")
    if not factors:
        ax.set_xlim(0, 1.06 * largest)
        ax.xaxis.set_major_locator(MaxNLocator(6))
        ax.xaxis.set_major_formatter(written)
        return None
    highest = int(np.ceil(np.log10(largest)))
    lowest = max(int(np.floor(np.log10(some.min()))), highest - _DECADES)
    even = 10.0**lowest
    ax.set_xscale("symlog", linthresh=even)
    ax.set_xlim(0, 1.4 * max(largest, even))
    ax.xaxis.set_major_locator(FixedLocator([0.0, *(10.0**power for power in range(lowest, highest + 1))]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(written)  # a scale brings its own
    return even


def _draw(ax: Axes, radius: Floats, up: Floats, down: Floats) -> None:
    rows, edge = np.arange(len(radius)), ax.get_xlim()[1]
    colours = np.where(up < down, RISE, np.where(down < up, FALL, GREY))
    ends = np.where(np.isfinite(radius), radius, edge)
    ax.hlines(rows, 0.0, ends, colors=colours.tolist(), lw=1.2, zorder=2, gid="stems")
    for gid, some, marker in (("radii", np.isfinite(radius), "o"), ("infinite", np.isinf(radius), ">")):
        if some.any():
            dots = ax.scatter(ends[some], rows[some], s=16, marker=marker, c=colours[some].tolist(), zorder=3, gid=gid)
            dots.set_clip_on(False)


def _told(radii: RankRadius | ClassRadius, shown: Ranked, at: int) -> str:
    """What happens first, and where."""
    radius = float(radii.radius[at])
    if np.isinf(radius):
        return f"∞  {_NEVER[radii.measure]}"
    up, down = radii.up[at] == radius, radii.down[at] == radius
    if isinstance(radii, ClassRadius):
        code = int(radii.codes[at])
        names = [*(short(name, 16) for name in radii.names), "no class"]
        to = ([names[code - 1] if code >= 0 else names[-2]] if up else []) + ([names[code + 1]] if down else [])
        return f"{_percent(radius)}  {names[code]} → {' or '.join(to)}"
    passes, passed_by = (shown.name(int(rivals[at]), 24) for rivals in (radii.passes, radii.passed_by))
    if radius == 0:
        return f"0  tied with {passes}"
    told = [*([f"passes {passes}"] if up else []), *([f"passed by {passed_by}"] if down else [])]
    return f"{_percent(radius)}  {', '.join(told)}"


def _percent(radius: float) -> str:
    """Two digits that count, never rounded up: below a radius nothing changes."""
    if radius == 0:
        return "0"
    places = 1 - int(np.floor(np.log10(100 * radius)))
    down = np.floor(100 * radius * 10.0**places * (1 + 1e-12)) / 10.0**places
    return f"{down:.{max(places, 0)}f} %"


def _write(ax: Axes, words: list[str], marked: set[int]) -> None:
    """What happens, in a column to the right of the axes."""
    size, every = row_type(ax, len(words))
    for row, told in enumerate(words):
        if row % every == 0 or row in marked:
            ax.annotate(
                told,
                (1, row),
                xycoords=ax.get_yaxis_transform(),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                fontsize=min(SMALL, size),
                fontweight="bold" if row in marked else "normal",
                color=ink(ax),
                annotation_clip=False,
            )


def _small_print(radii: RankRadius | ClassRadius, shown: Ranked, even: float | None) -> list[str]:
    at = np.array(shown.shown)
    infinite = [shown.name(int(place)) for place in at[np.isinf(radii.radius[at])]]
    of_class = isinstance(radii, ClassRadius)
    up, down = ("a better class", "a worse class") if of_class else ("it passes another", "it is passed")
    what = "class" if of_class else "rank"
    first = (
        f"Below the radius no weights change the {what}; just beyond it some do. Blue: {up} first; red: {down} first."
    )
    told = [f"{first} Radii are {kind_told(radii.certainty)}; numbers are rounded down."]
    if infinite:
        never = _NEVER[radii.measure].replace("not", "does not change", 1)
        told.append(f"Arrow: the {what} {never}: {counted(infinite)} ({listed(infinite, most=12)}).")
    if even is not None:
        told.append(f"The scale is one of factors from {100 * even:.6g} % on, and even below.")
    return [*told, *sentences(radii.notes)]
