"""What each choice does alone: bars from the lowest to the highest value, the widest at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from egovindex.errors import Fault, MethodError, listed
from egovindex.plots.canvas import SMALL, axes_for, caption, ink, name_rows, picture, title
from egovindex.plots.doubts import expected, laws_told, target_told, whole, whole_title
from egovindex.plots.palette import FAINT, FALL, RISE
from egovindex.plots.wording import counted, number, short
from egovindex.sensitivity.oneatatime import OneAtATime
from egovindex.sensitivity.parameters import refuse_no_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["tornado"]

_BAR = 0.62  # of a row


@picture
def tornado(one_at_a_time: OneAtATime, *, output: Any = None, top: int | None = 15, ax: Axes | None = None) -> Axes:
    """How far each choice moves a number when all others stay as they are, the widest bar at the top.

    A bar runs from the lowest to the highest value of its choice, with the setting that gives each at its ends; the
    line is the value of the index as it is. The numbers are those of :attr:`egovindex.OneAtATime.tornado`.

    Parameters
    ----------
    one_at_a_time
        What :func:`egovindex.one_at_a_time` returned.
    output
        One of several outputs, such as a unit; needed where there are several.
    top
        Number of choices shown; ``None`` for all.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        The x axis has the scale of what was asked.

    Raises
    ------
    MethodError
        ``top`` is no positive whole number, there is no such output, it has no number in the index as it is, or
        Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> doubt = ei.Doubt(weights={"EGDI": ei.within(0.25)}, aggregate={"EGDI": ["mean", "geometric"]})
    >>> found = ei.one_at_a_time("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, target=("rank", "KHM"))
    >>> ax = found.plot.tornado(top=2)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['weights.EGDI.TII', 'weights.EGDI.HCI']
    """
    given = expected(one_at_a_time, OneAtATime, "one_at_a_time")
    if top is not None:
        refuse_no_count(top, "top")
    if output is None and len(given.outputs) > 1:
        message = (
            f"{given.target.name} has {len(given.outputs)} outputs ({listed(given.outputs)}); name one: output=..."
        )
        raise MethodError(Fault(message, check="several_outputs"))
    name = given.outputs[0] if output is None else given.target.output(output, given.result)
    what = target_told(given.target, name)
    base = float(given.base[given.outputs.index(name)])
    if np.isnan(base):
        message = f"the {what} has no number in the index as it is: there is nothing to start from"
        raise MethodError(Fault(message, check="no_score"))
    table = given.of(name)
    shown = table.head(top) if top is not None else table
    ax = axes_for(ax, rows=round(1.3 * len(shown)), wide=8.5)
    _draw(ax, shown, base, ranks=given.target.of_ranks)
    name_rows(ax, [short(choice, 44) for choice in shown.index])
    ax.axvline(base, color=ink(ax), lw=0.8)
    ax.grid(axis="x", color=FAINT, lw=0.4)
    ax.set_xlabel(short(what, 60))
    title(ax, f"What each choice does alone to the {what}: {whole_title(given.result, given.study.node)}")
    caption(ax, whole(given.result, given.study.node, *_small_print(given, table, len(shown), base)))
    return ax


def _draw(ax: Axes, shown: pd.DataFrame, base: float, *, ranks: bool) -> None:
    below, above = (RISE, FALL) if ranks else (FALL, RISE)  # a small rank is a good one
    lowest, highest = min([base, *shown["low"]]), max([base, *shown["high"]])
    for at, (_, row) in enumerate(shown.iterrows()):
        if np.isnan(row["span"]):
            _write(ax, "failed", base, at, left=False)
        elif row["span"] == 0:
            _write(ax, "no change", base, at, left=False)
        for end, colour, left in (("low", below, True), ("high", above, False)):
            if row[end] != base:
                ax.barh(at, row[end] - base, left=base, height=_BAR, color=colour)
                _write(ax, short(row[f"at_{end}"], 24), row[end], at, left=left)
    span = (highest - lowest) or abs(base) or 1.0
    room = 0.36 * span
    ax.set_xlim(lowest - (room if lowest < base else 0.04 * span), highest + (room if highest > base else 0.04 * span))


def _write(ax: Axes, words: str, x: float, y: float, *, left: bool) -> None:
    ax.annotate(
        words,
        (x, y),
        xytext=(-4 if left else 4, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=SMALL,
    )


def _small_print(found: OneAtATime, table: pd.DataFrame, shown: int, base: float) -> list[str]:
    size = max(abs(base), float(table[["low", "high"]].abs().to_numpy().max()))
    how = found.study.how_learned
    ranks = found.target.of_ranks
    line = f"{base:.0f}" if ranks else number(base, size)
    colours = "Blue: a better rank. Orange: a worse one." if ranks else "Blue: above it. Orange: below it."
    told = [
        f"Line: the index as it is, {line}. {colours} {how[0].upper()}{how[1:]}.",
        f"Laws: {laws_told(found.study)}. They decide how far a choice is moved.",
    ]
    if len(found.outputs) > 1:
        told.append(f"One of {len(found.outputs)} outputs.")
    if shown < len(table):
        widest = f"{table['span'].iloc[shown]:.0f}" if ranks else number(table["span"].iloc[shown], size)
        left_out = counted(range(len(table) - shown), "further choice")
        told.append(f"Not shown: {left_out}, of which the widest spans {widest}.")
    failed = int(found.table["reason"].notna().sum()) if "reason" in found.table else 0
    if failed:
        told.append(f"{counted(range(failed), 'setting')} failed; see the column reason of .table.")
    return told
