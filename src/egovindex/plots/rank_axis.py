"""The axis of ranks: the first at the left, whole numbers only, and what each row says where it has none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from egovindex.plots.canvas import SMALL, row_type, values_above
from egovindex.plots.choice import Choice
from egovindex.plots.palette import FAINT, GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["grid_of_ranks", "last_rank_drawn", "rank_axis", "rank_ticks", "room", "say_in_row"]

_LEAST, _MOST = 3, 12  # ticks
_FEW = 8  # ranks that are drawn at least, if there are so many
_POINTS = 72.0


def room(ax: Axes) -> tuple[float, float]:
    """Width and height of the axes in points."""
    box, root = ax.get_window_extent(), ax.figure
    return float(box.width / root.dpi * _POINTS), float(box.height / root.dpi * _POINTS)


def rank_ticks(last: int, most: int = _MOST) -> list[int]:
    """Ranks to write at an axis: the first, then round ones.

    Examples
    --------
    >>> rank_ticks(8), rank_ticks(193)
    ([1, 2, 3, 4, 5, 6, 7, 8], [1, 20, 40, 60, 80, 100, 120, 140, 160, 180])
    """
    steps = (size * 10**power for power in range(12) for size in (1, 2, 5) if (size, power) != (2, 0))
    step = next(step for step in steps if last <= step * most)
    return [1, *range(max(step, 2), last + 1, step)]


def last_rank_drawn(chosen: Choice, reached: npt.NDArray[Any]) -> int:
    """The last rank that is reached; a few more where hardly any is, so that it is seen that they are not."""
    few = min(_FEW, len(chosen.rows))
    return int(np.nanmax(reached, initial=few))


def rank_axis(ax: Axes, last: int, rows: int, *, left: float = 0.5, right: float = 0.5, beyond: str = "") -> None:
    """Whole ranks from 1 at the left.

    Parameters
    ----------
    last
        The last rank that is drawn.
    rows
        Rows of the picture: where there are many, ranks stand above them as well.
    left, right
        Room beside the first and the last rank, in ranks.
    beyond
        What is written in the middle of the last place to the right, which is no rank.
    """
    from matplotlib.ticker import FuncFormatter

    ax.set_xlim(1 - left, last + right)
    ax.xaxis.set_major_locator(_locator()(last, [last + right - 0.5] if beyond else []))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: beyond if beyond and tick > last else f"{tick:,.0f}"))
    values_above(ax, rows)


@cache
def _locator() -> Any:
    from matplotlib.ticker import Locator

    class RankLocator(Locator):
        """Ticks at ranks, as many as there is room for when the picture is laid out; and some more ticks."""

        def __init__(self, last: int, more: Sequence[float]) -> None:
            self.last, self.more = last, more

        def __call__(self) -> Any:
            axis: Any = self.axis
            most = min(max(axis.get_tick_space(), _LEAST), _MOST)
            return np.array([*rank_ticks(self.last, most), *self.more], dtype=np.float64)

    return RankLocator


def grid_of_ranks(ax: Axes, rows: int) -> None:
    """Lines for ranks, and for rows if each has its name."""
    _, every = row_type(ax, rows)
    ax.grid(visible=False)
    ax.grid(axis="both" if every == 1 else "x", color=FAINT, lw=0.3)


def say_in_row(ax: Axes, at: int, words: str) -> None:
    """A remark at the left of a row that has nothing to draw."""
    ax.text(0.01, at, words, transform=ax.get_yaxis_transform(), va="center", color=GREY, fontsize=SMALL)
