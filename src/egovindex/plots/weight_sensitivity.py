"""What one weight does to scores: a line for each unit, and every share at which two of them swap."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import Fault, MethodError, listed
from egovindex.plots.canvas import axes_for, caption, ink, picture, title
from egovindex.plots.choice import Names, Units, gathered, last_rank
from egovindex.plots.doubts import expected
from egovindex.plots.end_names import EndName, name_ends
from egovindex.plots.palette import FAINT, MARK, PARTS
from egovindex.plots.ranked import Ranked, kind_told, ranked, sentences
from egovindex.plots.wording import counted, plain, short
from egovindex.robustness.oneweight import WeightStability

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["weight_sensitivity"]

Floats = npt.NDArray[np.float64]
_ROWS = 22
_COLOURS = PARTS[:-1]  # a thin yellow line is hardly seen
_SLACK = 100.0  # tolerances by which values at a crossing, which is rounded, may differ
_NARROW = 1e-5  # an interval that four digits of a percentage would not show
_DASHES = ("-", "--", ":")


@dataclass(frozen=True)
class _Lines:
    """Straight lines of all units in the share of one weight."""

    stability: WeightStability
    edge: int
    limits: tuple[float, float]

    @property
    def share(self) -> float:
        """The present share."""
        return float(self.stability.share[self.edge])

    @property
    def weight(self) -> tuple[str, str]:
        """Node and child."""
        return self.stability.form.ways.edges[self.stability.edges[self.edge]]

    def still(self, *ends: str) -> tuple[float, float]:
        """Ends of a stability interval."""
        low, high = self.stability.intervals[list(ends)].to_numpy(dtype=np.float64)[self.edge]
        return float(low), float(high)

    def at(self, share: Any, units: Any = slice(None)) -> Floats:
        """``(shares, units)`` values of the linear form."""
        own, one = self.stability.form.scores[units], self.stability.at_one[self.edge][units]
        way = (np.asarray(share, dtype=np.float64) - self.share) / (1.0 - self.share)
        return own + np.multiply.outer(way, one - own)

    def swaps(self) -> pd.DataFrame:
        """Swaps of this weight within the limits, by share."""
        node, child = self.weight
        table, (low, high) = self.stability.swaps, self.limits
        here = (table["node"] == node) & (table["child"] == child) & table["at"].between(low, high)
        return table[here].sort_values("at", kind="stable", ignore_index=True)

    def of_leader(self, swaps: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Which swaps change who is first among all units."""
        form = self.stability.form
        place = {unit: at for at, unit in enumerate(form.units)}
        at = swaps["at"].to_numpy(dtype=np.float64)
        values = self.at(at)
        own = values[np.arange(len(at)), [place[unit] for unit in swaps["unit"]]]
        # at 0 and at 1 two units only draw level
        return (own >= values.max(axis=1, initial=-np.inf) - _SLACK * form.tolerance) & (at > 0) & (at < 1)


@picture
def weight_sensitivity(
    stability: WeightStability,
    node: str,
    child: str,
    *,
    units: Units | None = None,
    top: int = 8,
    limits: tuple[float, float] = (0.0, 1.0),
    highlight: Units = (),
    names: Names = None,
    ax: Axes | None = None,
) -> Axes:
    """Scores while one weight moves and the others of its node keep their proportions.

    Every score is a straight line in the share of that weight. A dot is a swap of two of the units that are drawn, a
    diamond one that changes who is first of all units; the upright line is the share as it is, and in the band around
    it the first stays first. The numbers are those of :attr:`WeightStability.swaps` and ``intervals``.

    Parameters
    ----------
    stability
        What :func:`egovindex.weight_stability` returned.
    node, child
        The weight: of which child in which node.
    units
        Some units; by default the first ``top`` by rank, and whoever else comes first somewhere within the limits.
    top
        The last rank shown where no units are named, ties included.
    limits
        Smallest and largest share, from 0 to 1.
    highlight
        Units to bring out; the others fade.
    names
        Column of the data, or mapping of unit to name; the units themselves by default.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        The x axis is the share of the weight in its node; the y axis the score before the node's own steps, or what is
        linear in weights where the node is a geometric or harmonic mean.

    Raises
    ------
    MethodError
        No such weight moves, the limits are none, a unit or column is unknown, nothing is left to draw, or Matplotlib
        is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> ax = ei.weight_stability(result).plot.weight_sensitivity("EGDI", "tii", units=["DNK", "EST"])
    >>> len([line for line in ax.lines if line.get_gid() == "score"])
    2
    """
    given = expected(stability, WeightStability, "weight_stability")
    faults: list[Fault] = []
    pair = gathered(faults, lambda: _limits(limits), (0.0, 1.0))
    last = gathered(faults, lambda: last_rank(top), None)
    known = [given.form.ways.edges[part] for part in given.edges]
    if (node, child) not in known:
        gathered(faults, lambda: given.certificate(node, child, 0.0), None)  # says which there are
    if faults:
        ranked(given.form, units=units, highlight=highlight, names=names, faults=faults)  # tells them with its own
    lines = _Lines(given, known.index((node, child)), pair)
    swaps = lines.swaps()
    leads = lines.of_leader(swaps)
    wanted = units
    if units is None:
        wanted = [unit for unit, rank in zip(given.form.units, given.form.ranks, strict=True) if rank <= last]
        wanted += [*swaps["unit"][leads], *swaps["passed_by"][leads]]
    shown = ranked(given.form, units=wanted, highlight=highlight, names=names)
    ax = axes_for(ax, rows=_ROWS, wide=8.5)
    handles = _draw_now(ax, lines)
    _draw_lines(ax, lines, shown)
    here = [given.form.units[at] for at in shown.shown]
    drawn = (swaps["unit"].isin(here) & swaps["passed_by"].isin(here)).to_numpy()
    handles += _draw_swaps(ax, lines, swaps[drawn], leads[drawn])
    ax.set_xlim(*lines.limits)
    ax.set_xlabel(f"share of {short(child, 40)} in {short(node, 40)}")
    ax.set_ylabel(_scale(given))
    ax.grid(color=FAINT, lw=0.4)
    beside = name_ends(ax, lines.limits[1], _names(lines, shown))
    ax.legend(handles=handles, loc="upper left", **beside)
    title(
        ax, f"{shown.chosen.label}{shown.chosen.when}: scores by the weight of {plain(child)} in {plain(node)} (exact)"
    )
    told = _small_print(lines, swaps[leads], (int(drawn.sum()), len(swaps)), shown)
    caption(ax, shown.chosen.small_print(*told, shown.cut()))
    return ax


def _limits(limits: Any) -> tuple[float, float]:
    try:
        low, high = (float(limit) for limit in limits)
    except (TypeError, ValueError):
        low = high = np.nan
    if not 0 <= low < high <= 1:
        message = f"limits are two shares from 0 to 1, the smaller one first, found {limits!r:.60}"
        raise MethodError(Fault(message, check="unknown_option"))
    return low, high


def _draw_now(ax: Axes, lines: _Lines) -> list[Any]:
    """The share as it is, and the band in which the first stays first."""
    from matplotlib.ticker import FuncFormatter

    low, high = np.clip(lines.still("first_low", "first_high"), *lines.limits)
    found: list[Any] = []
    if low < high:
        found.append(ax.axvspan(low, high, color=FAINT, alpha=0.3, lw=0, zorder=0, label="the first stays first"))
        found[0].set_gid("first")
    if lines.limits[0] <= lines.share <= lines.limits[1]:
        found.insert(0, ax.axvline(lines.share, color=ink(ax), lw=0.9, label=f"share now, {_percent(lines.share)}"))
        found[0].set_gid("now")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{100 * tick:.6g} %"))
    return found


def _draw_lines(ax: Axes, lines: _Lines, shown: Ranked) -> None:
    values = lines.at(lines.limits, list(shown.shown))
    for place, at in enumerate(shown.shown):
        marked = at in shown.marked
        ax.plot(
            lines.limits,
            values[:, place],
            color=_colour(place),
            ls=_DASHES[place // len(_COLOURS) % len(_DASHES)],
            lw=2.4 if marked else 1.3,
            alpha=0.35 if shown.marked and not marked else 1.0,
            zorder=3 if marked else 2,
            gid="score",
        )


def _colour(place: int) -> str:
    return _COLOURS[place % len(_COLOURS)]


def _draw_swaps(ax: Axes, lines: _Lines, swaps: pd.DataFrame, leads: npt.NDArray[np.bool_]) -> list[Any]:
    place = {unit: at for at, unit in enumerate(lines.stability.form.units)}
    share = swaps["at"].to_numpy(dtype=np.float64)
    value = np.array([lines.at(t, place[unit]) for t, unit in zip(share, swaps["unit"], strict=True)])
    found = []
    kinds: tuple[tuple[Any, str, dict[str, Any]], ...] = (
        (~leads, "two units swap", {"s": 12, "color": ink(ax), "marker": "o", "gid": "swaps"}),
        (leads, "the first place changes", {"s": 42, "color": MARK, "marker": "D", "gid": "leads"}),
    )
    for some, words, style in kinds:
        if some.any():
            edge: dict[str, Any] = {"edgecolors": ax.get_facecolor(), "linewidths": 0.5, "clip_on": False}
            found.append(ax.scatter(share[some], value[some], zorder=5, label=words, **edge, **style))
    return found


def _names(lines: _Lines, shown: Ranked) -> list[EndName]:
    """Who each line is, and the rank now."""
    ends = lines.at(lines.limits[1], list(shown.shown))
    return [
        EndName(f"{shown.name(at, 24)} ({shown.form.ranks[at]})", float(end), _colour(place), bold=at in shown.marked)
        for place, (at, end) in enumerate(zip(shown.shown, ends, strict=True))
    ]


def _scale(given: WeightStability) -> str:
    """What is linear in weights."""
    node = short(given.form.node, 40)
    told = {"log": f"logarithm of the score in {node}", "inverse": f"−1 / score in {node}"}
    what = told.get(given.form.transform, f"score in {node}")
    steps = given.form.result.index.tree.branches[given.form.node].steps
    if not steps:
        return what
    return f"{what}, before {'rounding' if all(step.name == 'round' for step in steps) else 'its own steps'}"


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _small_print(lines: _Lines, firsts: pd.DataFrame, swaps: tuple[int, int], shown: Ranked) -> list[str]:
    low, high = map(_percent, lines.limits)
    others = f"The other weights of {plain(lines.weight[0])} keep their proportions; in brackets the rank now."
    dots = (
        f"Swaps from {low} to {high}: {swaps[0]:,} of the {counted(shown.shown)} drawn, {swaps[1]:,} of all; "
        f"{kind_told(lines.stability.certainty)}."
    )
    first, last = map(_percent, lines.still("first_low", "first_high"))
    still = f"The first stays first from {first} to {last}; "
    start, end = lines.still("low", "high")
    digits = 4 if end - start > _NARROW else 10
    # of units that are tied now, one falls behind at once
    tied = start == end
    still += (
        "a tie of now breaks at once"
        if tied
        else f"no rank at all changes from {100 * start:.{digits}f} % to {100 * end:.{digits}f} %"
    )
    return [
        others,
        dots,
        f"{still}. {_first(lines, firsts, shown)}",
        *sentences(lines.stability.form.notes),
    ]


def _first(lines: _Lines, firsts: pd.DataFrame, shown: Ranked) -> str:
    """Who is first, from the smallest share to the largest."""
    cuts = dict.fromkeys([lines.limits[0], *firsts["at"], lines.limits[1]])
    told = []
    for start, end in pairwise(cuts):
        values = lines.at((start + end) / 2)
        best = np.flatnonzero(values >= values.max() - lines.stability.form.tolerance)
        names = " and ".join(shown.name(int(at), 24) for at in best[:3]) + (" and others" if len(best) > 3 else "")
        told.append(f"{names} from {_percent(start)}")
    return f"First: {listed(told, most=8)}."
