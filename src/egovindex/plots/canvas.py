"""Where pictures are drawn: axes that show themselves in a notebook, texts that stay what they are.

Nothing here touches pyplot or changes a setting for good. A figure of ours belongs to its axes alone, so
that a loop over a thousand units keeps none of them.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Callable, Collection, Sequence
from functools import cache, wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, ParamSpec

from egovindex.errors import Fault, MethodError
from egovindex.plots.wording import plain, width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = [
    "PICTURE_DPI",
    "SMALL",
    "axes_for",
    "caption",
    "ink",
    "matplotlib_",
    "name_rows",
    "picture",
    "row_type",
    "settings",
    "title",
    "values_above",
]

P = ParamSpec("P")

PICTURE_DPI = 150
SMALL = 7.0
_SMALLEST = 5.0
_ROW = 0.165  # inches
_TALLEST = 60.0  # inches; above it labels are thinned
_FAR = 60  # rows
_COLUMN = 0.6  # of the type size: what a column of text takes on average
_POINTS = 72.0

# a name is never read as a formula, whatever the user's settings say
_AS_WRITTEN = {"text.usetex": False, "text.parse_math": False, "axes.formatter.use_mathtext": False}
_STYLE = {
    **_AS_WRITTEN,
    "font.size": 8.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "hatch.linewidth": 0.6,
}


def matplotlib_() -> ModuleType:
    """Matplotlib, or an error that says how to get it.

    Raises
    ------
    MethodError
        Matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        message = 'pictures need the extra "plot": pip install "egovindex[plot]"'
        raise MethodError(Fault(message, check="no_matplotlib")) from None
    return mpl


def settings(**more: Any) -> Any:
    """A context in which names are drawn as they are written; afterwards all is as before."""
    return matplotlib_().rc_context({**_AS_WRITTEN, **more})


def picture(draw: Callable[P, Axes]) -> Callable[P, Axes]:
    """Draw with our settings, and leave the user's as they are."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Axes:
        with settings(**_STYLE):
            ax = draw(*args, **kwargs)
            ax.set_axisbelow(True)
            # these texts may be older than our settings: the axes were given
            for text in (ax.xaxis.label, *ax.get_xticklabels(), *ax.get_yticklabels()):
                _as_written(text)
            return ax

    return drawn


def _as_written(text: Text) -> None:
    text.set_parse_math(False)
    text.set_usetex(False)


@cache
def _picture_axes() -> type[Axes]:
    from matplotlib.axes import Axes

    class PictureAxes(Axes):
        """Axes that a notebook shows, although no pyplot knows of them."""

        def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
            content = io.BytesIO()
            root: Any = self.figure
            with settings():
                root.figure.savefig(content, format="png", dpi=PICTURE_DPI, bbox_inches="tight")
            data = content.getvalue()
            # a notebook shows it in the size it was made for, at the sharpness of today's screens
            wide, high = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
            return data, {"width": round(wide * 96 / PICTURE_DPI), "height": round(high * 96 / PICTURE_DPI)}

    return PictureAxes


def axes_for(ax: Any, *, rows: int, wide: float = 8.0, extra: float = 1.5) -> Axes:
    """The axes given, or new ones that are high enough for so many rows."""
    if ax is not None:
        from matplotlib.axes import Axes

        if not isinstance(ax, Axes):
            message = f"ax must be the Axes of Matplotlib, found {type(ax).__name__}; plt.subplots() gives them"
            raise MethodError(Fault(message, check="not_axes"))
        return ax
    from matplotlib.figure import Figure

    figure = Figure(figsize=(wide, min(max(_ROW * rows, 0.8) + extra, _TALLEST)), layout="constrained")
    return figure.add_subplot(axes_class=_picture_axes())


def ink(ax: Axes) -> Any:
    """Colour of text on these axes: of a dark style too."""
    return ax.xaxis.label.get_color()


def name_rows(ax: Axes, names: Sequence[str], *, keep: Collection[int] = ()) -> None:
    """Rows from the top down, one per name; where there is no room for all, some names are left out.

    Parameters
    ----------
    names
        Name of each row, drawn as it is.
    keep
        Rows whose name is never left out, and is bold.
    """
    size, every = row_type(ax, len(names))
    ax.set_yticks(
        range(len(names)), [name if row % every == 0 or row in keep else "" for row, name in enumerate(names)]
    )
    ax.set_ylim(max(len(names), 1) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    for row, label in enumerate(ax.get_yticklabels()):
        label.set_fontsize(size)
        if row in keep:
            label.set_fontweight("bold")


def _width(ax: Axes) -> float:
    root: Any = ax.figure
    return float(ax.get_position().width * root.figure.get_size_inches()[0])


def row_type(ax: Axes, rows: int) -> tuple[float, int]:
    """Size of type for so many rows, in points, and which of them there is room to name: every, every second, ..."""
    room = _height(ax) * _POINTS / max(rows, 1)
    size = min(8.0, max(_SMALLEST, room * 0.72))
    return size, max(1, math.ceil(size * 1.1 / room))


def _height(ax: Axes) -> float:
    root: Any = ax.figure
    return float(ax.get_position().height * root.figure.get_size_inches()[1])


def title(ax: Axes, text: str) -> None:
    """A title on as many lines as it takes."""
    root: Any = ax.figure
    room = (root.figure.get_size_inches()[0] - 2.0) if isinstance(ax, _picture_axes()) else _width(ax)
    columns = max(int(room * _POINTS / (10 * 0.65)), 24)
    _as_written(ax.set_title("\n".join(textwrap.wrap(plain(text), columns))))


def values_above(ax: Axes, rows: int) -> None:
    """A scale above as well where the one below is far away."""
    if rows > _FAR:
        ax.tick_params(axis="x", top=True, labeltop=True)


def caption(ax: Axes, sentences: Sequence[str], *, beside: float = 0.0) -> None:
    """Small print below the label of the x axis, wrapped to what is there.

    Parameters
    ----------
    sentences
        Each begins a line.
    beside
        Points that are taken to the left of the axes, besides the labels of the rows.
    """
    root: Any = ax.figure
    if isinstance(ax, _picture_axes()):
        labels = max((width(label.get_text()) for label in ax.get_yticklabels()), default=0)
        room = root.figure.get_size_inches()[0] - 0.3 - (labels * 8 * _COLUMN + beside) / _POINTS
    else:
        room = _width(ax)
    columns = max(int(room * _POINTS / (SMALL * _COLUMN * 0.97)), 40)
    lines = [line for sentence in sentences for line in textwrap.wrap(plain(sentence), columns)]
    ax.annotate(
        "\n".join(lines),
        xy=(0, 0),
        xycoords=("axes fraction", ax.xaxis.label),
        xytext=(0, -5),
        textcoords="offset points",
        va="top",
        ha="left",
        fontsize=SMALL,
        annotation_clip=False,
        gid="caption",
    )
