"""The way to a goal: what each changed answer adds to the score, and the rank after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from egovindex.errors import Fault, MethodError
from egovindex.plots.canvas import axes_for, caption, picture, title
from egovindex.plots.choice import choose
from egovindex.plots.palette import MARK
from egovindex.plots.waterfall import Move, cut_short, draw_moves
from egovindex.plots.wording import counted, number, plain, short, signed
from egovindex.robustness.leverresult import Levers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["lever_ladder"]


@picture
def lever_ladder(levers: Levers, *, ax: Axes | None = None) -> Axes:
    """The score after each change, from now to the goal, with the rank at each rung.

    The changes stand in the order of :attr:`egovindex.Levers.ladder`, the largest gain per cost first; the dashed line
    is the score that is needed. All other scores are held.

    Parameters
    ----------
    levers
        What :func:`egovindex.levers` returned.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        The x axis has the scale of the node.

    Raises
    ------
    MethodError
        It is something else, or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("msq-readiness-2022", ei.sample("msq-readiness-2022"))
    >>> ax = lever_ladder(ei.levers(result, "KHM", {"score": 0.7}, only=["q106", "q097"]))
    >>> [label.get_text().split(":")[0] for label in ax.get_yticklabels()]
    ['now', 'q106', 'q097', 'then']
    """
    given: Any = levers
    if not isinstance(given, Levers):
        message = f"a lever ladder is drawn from what levers returned, found {type(given).__name__}"
        raise MethodError(Fault(message, check="not_a_result"))
    before, after = levers.before, levers.after
    moves = _moves(levers)
    ax = axes_for(ax, rows=round(1.4 * (len(moves) + 2)), wide=8.5)
    draw_moves(ax, before.score, moves, after.score, ("now", "then"))
    if not moves:  # nothing to change: the whole scale up to the score and the goal
        ends = [0.0, after.score, *([levers.threshold] if np.isfinite(levers.threshold) else [])]
        ax.set_xlim(min(ends), max(ends) + 0.1 * (max(ends) - min(ends)))
    if np.isfinite(levers.threshold):
        ax.axvline(levers.threshold, color=MARK, lw=1.0, ls="--")
    _write_ends(ax, levers)
    ax.set_xlabel(f"score in {short(levers.node, 40)}{cut_short(ax)}")
    chosen = choose(levers.result, node=levers.node, period=levers.period, units=levers.unit)
    title(ax, f"{short(levers.name)}: {plain(levers.target)}")
    caption(ax, chosen.small_print(*_small_print(levers)))
    return ax


def _moves(levers: Levers) -> list[Move]:
    ladder = levers.ladder
    span = max(float(np.nanmax([levers.after.score, *ladder["score"]])) - levers.before.score, 0.0)
    moves, at = [], levers.before.score
    for _, step in ladder.iterrows():
        label = f"{short(step['item'], 20)}: {short(_shown(step['before']), 14)} → {short(_shown(step['after']), 14)}"
        if np.isnan(step["score"]):
            moves.append(Move(label, 0.0, "counts with a later change"))
            continue
        size = float(step["score"]) - at
        at = float(step["score"])
        moves.append(Move(label, size, f"{signed(size, span)}, rank {step['rank']}"))
    return moves


def _shown(answer: object) -> str:
    return "–" if answer is None else str(answer)


def _write_ends(ax: Axes, levers: Levers) -> None:
    """Ranks and classes behind the numbers of the first and the last bar."""
    texts = [text for text in ax.texts if text.get_gid() != "caption"]
    for text, standing in ((texts[0], levers.before), (texts[-1], levers.after)):
        band = "" if standing.class_ is None else f", {short(standing.class_, 20)}"
        text.set_text(f"{text.get_text()}, rank {standing.rank}{band}")
    low, high = ax.get_xlim()
    ax.set_xlim(low, high + 0.18 * (high - low))


def _small_print(levers: Levers) -> list[str]:
    told = []
    if np.isfinite(levers.threshold):
        told.append(f"Dashed: the score that is needed, {number(levers.threshold)}.")
    changes = len(levers.changes)
    if not changes:
        return [*told, "It is reached as it is."]
    exact = levers.cost == levers.cost_bound
    least = "no set costs less" if exact else f"no set costs less than {levers.cost_bound:g}"
    told.append(
        f"{counted(range(changes), 'change')} at a cost of {levers.cost:g}; {least}. All other scores are held."
    )
    if levers.relearned is not None and levers.relearned != levers.after:
        again = levers.relearned
        told.append(f"Learned again from the changed answers: {number(again.score)}, rank {again.rank}.")
    return told
