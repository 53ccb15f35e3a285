"""Who moves up and down: the ranking on the left, the ranking on the right, a line for each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from egovindex.errors import Fault, MethodError, listed
from egovindex.lookup import unknown_unit
from egovindex.plots.canvas import axes_for, caption, ink, name_rows, picture, row_type, title
from egovindex.plots.choice import Choice, Names, Units, last_rank, named_units
from egovindex.plots.comparison import both, chosen_pair, tell_apart
from egovindex.plots.palette import FALL, GREY, RISE
from egovindex.plots.wording import counted, short
from egovindex.result import IndexResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["rank_flow"]


@picture
def rank_flow(
    a: IndexResult,
    b: IndexResult | None = None,
    *,
    node: str | None = None,
    period: Any = None,
    top: int | None = None,
    highlight: Units = (),
    names: Names = None,
    ax: Axes | None = None,
) -> Axes:
    """Two rankings beside each other, and a line from each unit's place in one to its place in the other.

    Units of one rank stand below each other, so a line tells its direction by its colour: blue up, red down,
    grey the same rank.

    Parameters
    ----------
    a, b
        What :func:`egovindex.compute` returned, twice; or one result and two periods.
    node
        A node of both; the headline of ``a`` by default.
    period
        The period, or a pair: the one on the left and the one on the right. It may be left out for one result
        with two periods.
    top
        The last rank shown, on either side, ties included; units to highlight are shown all the same.
    highlight
        Units to bring out; the others fade.
    names
        Column of the data, or mapping of unit to name; the units themselves by default.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        One line per unit; a unit without a rank on one side stands last there, and its line is dashed.

    Raises
    ------
    MethodError
        A node, period, unit or column is unknown, one result was given without two periods, or Matplotlib is
        not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> index, data = ei.load_index("un-egdi-2024"), ei.sample("un-egdi-2024")
    >>> a, b = ei.compute(index, data), ei.compute(index.with_weights("services-first"), data)
    >>> ax = a.plot.rank_flow(b, top=10, names="country")
    >>> ax.get_yticklabels()[0].get_text()
    '1  Denmark'
    """
    if b is None:
        b, period = a, _two_periods(a, period)
    first, second = chosen_pair(a, b, node=node, period=period, units=(), names=names)
    ranks = [_ranks(first), _ranks(second)]
    marked = _marked(highlight, ranks)
    named = {chosen.unit(int(row)): chosen.name(int(row), 30) for chosen in (second, first) for row in chosen.rows}
    limit = len(named) if top is None else last_rank(top)
    shown = [u for u in named if top is None or u in marked or any(0 < rank.get(u, 0) <= limit for rank in ranks)]
    last = len(named) + 1
    left = sorted(shown, key=lambda u: (ranks[0].get(u) or last, ranks[1].get(u) or last, u))
    at_left = {unit: at for at, unit in enumerate(left)}
    right = sorted(shown, key=lambda u: (ranks[1].get(u) or last, at_left[u]))
    at_right = {unit: at for at, unit in enumerate(right)}
    ax = axes_for(ax, rows=len(shown))
    _draw_lines(ax, left, at_right, ranks, marked)
    name_rows(ax, [_label(ranks[0], u, named[u]) for u in left], keep={at_left[u] for u in marked})
    _name_right(ax, [_label(ranks[1], u, named[u]) for u in right], {at_right[u] for u in marked})
    ends = tell_apart(first, second)
    ax.set_xlim(-0.01, 1.01)
    ax.set_xticks([0, 1], ends, fontweight="bold")
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel(f"rank in {short(first.node, 40)}")
    title(ax, f"{first.label}: {ends[0]} → {ends[1]}")
    hidden = len(named) - len(shown)
    cut = (
        f"Shown: ranks up to {top} on either side{' and highlighted units' if marked else ''}; {hidden} further units."
    )
    caption(ax, [_moves(ranks), *both(first, second, ends), *_alone(ranks), *([cut] if top else [])])
    return ax


def _two_periods(result: IndexResult, period: Any) -> Any:
    if isinstance(period, (tuple, list)):
        return period
    known = list(result.plan.rows.group_names)
    if period is None and len(known) == 2:
        return known
    periods = listed(str(name) for name in known if name is not None) or "none"
    message = f"one result needs two periods: period=(FIRST, SECOND). Periods: {periods}; or give a second result"
    raise MethodError(Fault(message, check="several_periods"))


def _ranks(chosen: Choice) -> dict[str, int]:
    """Rank of every unit of a result; 0 where it has none."""
    ranks = chosen.ranks
    return {chosen.unit(int(row)): int(ranks[row]) for row in chosen.rows}


def _marked(highlight: Units, ranks: list[dict[str, int]]) -> set[str]:
    wanted = set(named_units(highlight))
    known = ranks[0] | ranks[1]
    faults = [unknown_unit(unit, known) for unit in sorted(wanted) if unit not in known]
    if faults:
        raise MethodError(faults)
    return wanted


def _label(ranks: dict[str, int], unit: str, name: str) -> str:
    return f"{ranks.get(unit) or '–'}  {name}"


def _draw_lines(
    ax: Axes, left: list[str], at_right: dict[str, int], ranks: list[dict[str, int]], marked: set[str]
) -> None:
    for at, unit in enumerate(left):
        one, two = ranks[0].get(unit, 0), ranks[1].get(unit, 0)
        colour = GREY if one == two or not (one and two) else RISE if two < one else FALL
        faded = bool(marked) and unit not in marked
        ax.plot(
            [0, 1],
            [at, at_right[unit]],
            color=colour,
            lw=2.4 if unit in marked else 0.9,
            alpha=0.3 if faded else 0.9,
            ls="-" if one and two else ":",
            marker="o",
            markersize=3.5 if unit in marked else 2,
            zorder=4 if unit in marked else 2,
        )


def _name_right(ax: Axes, names: list[str], keep: set[int]) -> None:
    size, every = row_type(ax, len(names))
    for at, name in enumerate(names):
        if at % every and at not in keep:
            continue
        ax.annotate(
            name,
            (1, at),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            fontsize=size,
            fontweight="bold" if at in keep else "normal",
            color=ink(ax),
            annotation_clip=False,
        )


def _moves(ranks: list[dict[str, int]]) -> str:
    both = [(rank, ranks[1][unit]) for unit, rank in ranks[0].items() if rank and ranks[1].get(unit)]
    up, down = sum(two < one for one, two in both), sum(two > one for one, two in both)
    return f"Blue: {up} up. Red: {down} down. Grey: {len(both) - up - down} with the same rank."


def _alone(ranks: list[dict[str, int]]) -> list[str]:
    """Sentences on the units that only one side has."""
    told = []
    for side, (own, other) in (("left", (ranks[0], ranks[1])), ("right", (ranks[1], ranks[0]))):
        alone = [unit for unit in own if unit not in other]
        if alone:
            told.append(f"Only on the {side}: {counted(alone)} ({listed(short(u, 30) for u in alone)}).")
    return told
