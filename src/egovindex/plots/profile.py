"""One unit beside its peers: dots on a line for each part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.lookup import Group, by_row, group_of, refuse_records
from egovindex.plots.canvas import SMALL, axes_for, caption, name_rows, picture, title
from egovindex.plots.choice import By, Choice, Names, choose, part_label
from egovindex.plots.palette import FAINT, GREY, MARK, RISE
from egovindex.plots.parts import on_rows_of, parts_of, valued
from egovindex.plots.wording import counted, number, plain, short
from egovindex.result import IndexResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["profile"]

Floats = npt.NDArray[np.float64]


@picture
def profile(
    result: IndexResult,
    unit: str | int,
    *,
    group: Group = None,
    node: str | None = None,
    period: Any = None,
    by: By = "child",
    names: Names = None,
    ax: Axes | None = None,
) -> Axes:
    """A unit against the median, the quartiles and the range of a group, part by part.

    Quartiles lie between two values in proportion (definition 7 of Hyndman and Fan 1996, NumPy's default),
    over those of the group that have a value.

    Parameters
    ----------
    result
        What :func:`egovindex.compute` returned.
    unit
        The unit.
    group
        A list of units; or a column of the data, or a Series or mapping of unit to group: then the units that
        share the group of the unit, which is one of them. All units by default.
    node
        The node whose parts are shown; the headline by default.
    period
        The period; it may be left out where there is one.
    by
        ``"child"``: one level; ``"indicator"``: down to the leaves, after their steps.
    names
        Column of the data, or mapping of unit to name; the units themselves by default.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        One row per part, on the scale the parts are aggregated on. A part without a value is named so.

    Raises
    ------
    MethodError
        A node, period, unit, group or column is unknown, a part lives on records inside the units, or Matplotlib is not
        installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    >>> ax = result.plot.profile("KHM", group="region", names="country")
    >>> ax.get_title(loc="left")
    'Cambodia: E-Government Development Index, 2024'
    """
    chosen = choose(result, node=node, period=period, units=unit, names=names)
    row = chosen.row(unit)
    members = group_of(result, row, group)
    parts = parts_of(result, chosen.node, by)
    if on_rows_of(result, chosen.node, parts) != parts:
        refuse_records(result)
    values = valued(result, parts)
    ax = axes_for(ax, rows=round(1.7 * len(parts)), wide=8.5)
    who = _who(result, row, group, members)
    lacking = _draw(ax, [values[name] for name in parts], row, members, chosen.name(row, 24))
    labels = [part_label(result, name) for name in parts]
    name_rows(ax, labels)
    ax.grid(axis="x", color=FAINT, lw=0.4)
    ax.margins(x=0.06)
    ax.set_xlabel("score or value after steps")
    title(ax, f"{chosen.name(row)}: {chosen.label}{chosen.when}")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    gaps = [f"{label}: {count}" for label, count in zip(labels, lacking, strict=True) if count]
    without = f"Units of the group without a value: {', '.join(gaps)}." if gaps else ""
    caption(ax, chosen.small_print(f"{_standing(chosen, row)} {who}", without))
    return ax


def _draw(ax: Axes, values: list[Floats], row: int, members: npt.NDArray[np.bool_], name: str) -> list[int]:
    """The parts of the unit and of its group; how many of the group have no value in each."""
    rows = np.arange(len(values))
    of_group = [part[members & ~np.isnan(part)] for part in values]
    held = [at for at in rows if of_group[at].size]
    cuts = np.array([np.quantile(of_group[at], [0, 0.25, 0.5, 0.75, 1]) for at in held]).reshape(-1, 5)
    ax.hlines(held, cuts[:, 0], cuts[:, 4], color=FAINT, lw=1.2, label="lowest to highest", zorder=1)
    ax.hlines(held, cuts[:, 1], cuts[:, 3], color=RISE, alpha=0.35, lw=7, label="middle half of the group", zorder=2)
    ax.scatter(cuts[:, 2], held, marker="|", s=110, color=RISE, linewidths=2, label="median of the group", zorder=3)
    own = np.array([part[row] for part in values])
    known = np.flatnonzero(~np.isnan(own))
    ax.scatter(own[known], known, s=42, color=MARK, edgecolors="white", linewidths=0.7, label=name, zorder=4)
    span = float(np.max(np.abs([*own[known], *cuts.ravel()]), initial=0.0)) or 1.0
    for at in known:
        ax.annotate(
            number(own[at], span),
            (own[at], at),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL,
            color=MARK,
        )
    for at in np.flatnonzero(np.isnan(own)):
        ax.annotate(
            f"{name}: no value",
            (0.01, at),
            xycoords=ax.get_yaxis_transform(),
            xytext=(0, 6),
            textcoords="offset points",
            fontsize=SMALL,
            color=GREY,
        )
    return [int((members & np.isnan(part)).sum()) for part in values]


def _standing(chosen: Choice, row: int) -> str:
    score, rank, of = chosen.scores[row], chosen.ranks[row], int((chosen.ranks[chosen.rows] > 0).sum())
    if np.isnan(score):
        return f"{chosen.name(row)} has no score in {plain(chosen.node)}."
    return f"{chosen.name(row)}: score {number(score, max(abs(score), 1e-300))}, rank {rank} of {of}."


def _who(result: IndexResult, row: int, group: Group, members: npt.NDArray[np.bool_]) -> str:
    size = counted(np.flatnonzero(members))
    if group is None:
        return f"Group: all {size}."
    if isinstance(group, str):
        own = result.plan.data[result.plan.headings[group]].iloc[row]
        return f"Group: {size} with {short(group, 40)} = {short(own, 40)}."
    if isinstance(group, (Mapping, pd.Series)):
        own = by_row(result, group)[row]
        return f"Group: {size} of {short(own, 40)}."
    return f"Group: {size}, as given."
