"""Two results and one unit: which part moved the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from egovindex.errors import Fault, MethodError
from egovindex.plots.canvas import axes_for, caption, picture, title
from egovindex.plots.choice import By, Choice, Names, about, choose, gathered, part_label
from egovindex.plots.parts import REST, least_of, parts_table
from egovindex.plots.waterfall import Move, cut_short, draw_moves
from egovindex.plots.wording import plain, short
from egovindex.result import IndexResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["both", "chosen_pair", "comparison_waterfall", "tell_apart"]


@picture
def comparison_waterfall(
    a: IndexResult,
    b: IndexResult,
    unit: str | int,
    *,
    node: str | None = None,
    period: Any = None,
    by: By = "child",
    names: Names = None,
    ax: Axes | None = None,
) -> Axes:
    """The way from a unit's score in one result to its score in another, part by part.

    A bar is the part's contribution in ``b`` less that in ``a``: it holds what the value and what the weight of the
    part did, together. :func:`egovindex.compare` tells the two apart.

    Parameters
    ----------
    a, b
        What :func:`egovindex.compute` returned, twice. The same result may be given twice, with two periods.
    unit
        A unit of both.
    node
        A node of both; the headline of ``a`` by default.
    period
        The period, or a pair: the one in ``a`` and the one in ``b``.
    by
        ``"child"``: one level; ``"indicator"``: down to the leaves.
    names
        Column of the data of ``a``, or mapping of unit to name; the units themselves by default.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        The score in ``a``, then the changes from the largest to the smallest, then the score in ``b``. The label of
        the x axis says so where it does not begin at zero.

    Raises
    ------
    MethodError
        The unit has no score in one of them; a node, period, unit or column is unknown; or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> index, data = ei.load_index("un-egdi-2024"), ei.sample("un-egdi-2024")
    >>> a, b = ei.compute(index, data), ei.compute(index.with_weights("services-first"), data)
    >>> ax = a.plot.comparison_waterfall(b, "KHM")
    >>> [label.get_text() for label in ax.get_yticklabels()][1]
    'Online Service Index'
    """
    first, second = chosen_pair(a, b, node=node, period=period, units=unit, names=names)
    rows = first.row(unit), second.row(unit)
    scores = [float(chosen.scores[row]) for chosen, row in zip((first, second), rows, strict=True)]
    lacking = [chosen for chosen, score in zip(("a", "b"), scores, strict=True) if np.isnan(score)]
    if lacking:
        message = f"{unit} has no score in {first.node} of {' and '.join(lacking)}: there is nothing to compare"
        raise MethodError(Fault(message, check="no_score", units=(str(unit),)))
    before, after = (parts_table(chosen.result, chosen.node, by) for chosen in (first, second))
    sizes = {
        name: float(after[name][rows[1]] if name in after else 0.0)
        - float(before[name][rows[0]] if name in before else 0.0)
        for name in dict.fromkeys([*before, *after])
    }
    least = least_of(*scores, *sizes.values())
    moved = sorted(
        (name for name in sizes if name not in REST and abs(sizes[name]) > least), key=lambda n: -abs(sizes[n])
    )
    moved += [name for name in REST if abs(sizes[name]) > least]
    moves = [Move(part_label(b if name in b.index.labels else a, name), sizes[name]) for name in moved]
    ax = axes_for(ax, rows=round(1.4 * (len(moves) + 2)))
    ends = tell_apart(first, second)
    draw_moves(ax, scores[0], moves, scores[1], ends)
    ax.set_xlabel(f"score in {short(first.node, 40)}{cut_short(ax)}")
    title(ax, f"{first.name(rows[0])}: {first.label}, what moved it")
    same = [part_label(a, name) for name in sizes if name not in (*moved, *REST)]
    unmoved = f"No change from: {', '.join(same)}." if same else ""
    caption(ax, [*both(first, second, ends), *([unmoved] if unmoved else [])])
    return ax


def chosen_pair(
    a: IndexResult, b: IndexResult, *, node: str | None, period: Any, units: Any, names: Names
) -> tuple[Choice, Choice]:
    """What is chosen of each; all that is wrong with either is told at once."""
    faults: list[Fault] = []
    periods = period if isinstance(period, (tuple, list)) else (period, period)
    if len(periods) != 2:
        message = f"period is one period or a pair of them, found {len(periods)}"
        raise MethodError(Fault(message, check="unknown_option"))
    first = gathered(faults, lambda: choose(a, node=node, period=periods[0], units=units, names=names), None)
    top = node if node is not None or first is None else first.node
    by_name = names
    if isinstance(names, str) and names not in b.plan.headings:
        by_name = None  # units that only b has keep their own name
    second = gathered(faults, lambda: choose(b, node=top, period=periods[1], units=units, names=by_name), None)
    if first is None or second is None:
        raise MethodError(list(dict.fromkeys(faults)))
    return first, second


def both(first: Choice, second: Choice, ends: tuple[str, str]) -> list[str]:
    """Sentences on two results: what they share is said once."""
    told = []
    for chosen, end in ((first, ends[0]), (second, ends[1])):
        told.append(about(chosen.result.index, chosen.result))
        told.append(f"{end}: {chosen.basis()} {chosen.without_score()}".strip())
    return list(dict.fromkeys(told))


def tell_apart(first: Choice, second: Choice) -> tuple[str, str]:
    """Short names of two results: by the first thing in which they differ."""
    pairs = [
        (str(first.period), str(second.period)),
        *(
            (str(getattr(first.result.index, what)), str(getattr(second.result.index, what)))
            for what in ("id", "title")
        ),
        (f"weights {first.result.index.weights}", f"weights {second.result.index.weights}"),
        (_rules(first), _rules(second)),
    ]
    found = next(((one, two) for one, two in pairs if one != two), ("first", "second"))
    one, two = (short(plain(name), 32) for name in found)
    return (one, two) if one != two else ("first", "second")


def _rules(chosen: Choice) -> str:
    return f"rules {', '.join(chosen.result.index.rules)}" if chosen.result.index.rules else "no rules"
