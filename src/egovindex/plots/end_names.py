"""Names at the right ends of lines, apart from each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from egovindex.plots.canvas import ink
from egovindex.plots.rank_axis import room
from egovindex.plots.wording import width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["EndName", "apart", "name_ends"]

Floats = npt.NDArray[np.float64]
_GAP = 16.0  # points between a line and its name
_LINE = 1.25  # of the size of type: from one name to the next
_COLUMN = 0.6  # of the size of type: what a column of text takes on average
_SMALLEST, _LARGEST = 5.0, 8.0
_POINTS = 72.0
# from the middle of the left side of a name
_JOIN = {"arrowstyle": "-", "lw": 0.9, "relpos": (0.0, 0.5), "shrinkA": 0.0, "shrinkB": 0.0}
# of the height that axes seem to have: title and small print take their part when the picture is laid out
_KEPT = 0.8


@dataclass(frozen=True)
class EndName:
    """The name of a line, where the line ends, and its colour."""

    text: str
    end: float
    colour: str
    bold: bool = False


def name_ends(ax: Axes, x: float, names: Sequence[EndName]) -> dict[str, Any]:
    """Write names beside the ends of lines, each joined to its line.

    Parameters
    ----------
    ax
        Axes whose scale is settled; it is kept.
    x
        Where the lines end.
    names
        One for each line.

    Returns
    -------
    dict
        Where a legend goes, to the right of the names.
    """
    low, high = ax.get_ylim()
    ax.set_ylim(low, high)
    points = room(ax)[1] * _KEPT
    size = float(np.clip(points / (len(names) * _LINE), _SMALLEST, _LARGEST))
    ends = np.array([name.end for name in names])
    places = apart((ends - low) / (high - low), size * _LINE / points)
    for name, place in zip(names, places, strict=True):
        note = ax.annotate(
            name.text,
            (x, name.end),
            xytext=(1.0, place),
            textcoords=ax.transAxes + _shift(ax, _GAP),
            va="center",
            fontsize=size,
            fontweight="bold" if name.bold else "normal",
            color=ink(ax),
            annotation_clip=False,
            arrowprops={**_JOIN, "color": name.colour},
        )
        note.set_gid("name")
    beside = _GAP + max(width(name.text) for name in names) * size * _COLUMN + 8.0
    return {"bbox_to_anchor": (1.0, 1.0), "bbox_transform": ax.transAxes + _shift(ax, beside), "borderaxespad": 0.0}


def _shift(ax: Axes, points: float) -> Any:
    from matplotlib.transforms import ScaledTranslation

    root: Any = ax.figure
    return ScaledTranslation(points / _POINTS, 0.0, root.figure.dpi_scale_trans)


def apart(wanted: Floats, gap: float) -> Floats:
    """Places as near as can be to those wanted, in the same order, a gap apart, and from 0 to 1 if they fit.

    Neighbours that are too near share their shift: least squares under an order, by pooling adjacent violators.

    Examples
    --------
    >>> apart(np.array([0.5, 0.5, 0.9]), 0.2).round(2).tolist()
    [0.4, 0.6, 0.9]
    """
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    pools: list[tuple[float, int]] = []  # sum and number of neighbours that push each other, less their steps
    for value in wanted[order] - steps:
        pools.append((float(value), 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            total, count = pools.pop()
            pools[-1] = (pools[-1][0] + total, pools[-1][1] + count)
    level = np.concatenate([np.full(count, total / count) for total, count in pools])
    found = np.empty(len(wanted))
    found[order] = np.clip(level, 0.0, max(0.0, 1.0 - float(steps[-1]))) + steps
    return found
