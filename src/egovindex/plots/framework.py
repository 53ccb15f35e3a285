"""The tree of an index, with the share of the whole that every record has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from egovindex.errors import Fault, MethodError, did_you_mean
from egovindex.index import Index
from egovindex.plots.canvas import SMALL, axes_for, caption, picture, title
from egovindex.plots.choice import about
from egovindex.plots.palette import FAINT, GREY, RISE
from egovindex.plots.wording import counted, number, short, width
from egovindex.result import IndexResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["framework"]

_INDENT = 14.0  # points per level
_TEXT = 8.0  # points


@dataclass(frozen=True)
class _Line:
    """One line of the tree: a record below one of its parents."""

    name: str
    depth: int
    share: float
    weight: float | None
    parent: int | None


@picture
def framework(index_or_result: Index | IndexResult, *, node: str | None = None, ax: Axes | None = None) -> Axes:
    """What an index is made of: the tree from the top down, and each record's share of the whole.

    Shares are the products of the shares of weight on the way down, as in
    :meth:`egovindex.IndexResult.effective_weights`. A record with several parents stands below each, with the share
    that goes through that parent.

    Parameters
    ----------
    index_or_result
        An index, or what :func:`egovindex.compute` returned.
    node
        The node to begin with; the headline by default.
    ax
        Axes to draw on.

    Returns
    -------
    Axes
        The x axis is the share, from 0 to 100 %; indicators in blue, nodes in grey.

    Raises
    ------
    MethodError
        There is no such node, or Matplotlib is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> from egovindex.plots import framework
    >>> ax = framework(ei.load_index("un-egdi-2024"))
    >>> [round(float(bar.get_width()), 1) for bar in ax.patches][:3]
    [100.0, 33.3, 3.3]
    """
    index = _index(index_or_result)
    top = index.headline if node is None else node
    if top not in index.tree.branches:
        hint = did_you_mean(top, index.tree.branches)
        raise MethodError(Fault(f'there is no node "{top}"{hint}', check="unknown_node"))
    lines = _unfolded(index, top)
    ax = axes_for(ax, rows=round(1.15 * len(lines)), wide=9.0)
    _draw_bars(ax, index, lines)
    wide = _draw_tree(ax, index, lines)
    ax.set_ylim(len(lines) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlim(0, 118 * max((abs(line.share) for line in lines), default=1.0))
    ax.set_xlabel(f"share in {short(top, 40)}, %")
    title(ax, short(index.labels[top] if node else index.title, 70))
    caption(ax, [about(index), *_small_print(index, lines)], beside=wide)
    return ax


def _index(given: Any) -> Index:
    if isinstance(given, IndexResult):
        return given.index
    if isinstance(given, Index):
        return given
    message = f"a framework is drawn of an index or a result, found {type(given).__name__}"
    raise MethodError(Fault(message, check="not_a_result"))


def _unfolded(index: Index, top: str) -> list[_Line]:
    found: list[_Line] = []

    def add(name: str, depth: int, share: float, weight: float | None, parent: int | None) -> None:
        found.append(_Line(name, depth, share, weight, parent))
        own = len(found) - 1
        if name in index.tree.branches:
            for child, written, part in index.tree.parts(name):
                add(child, depth + 1, share * part, None if written != written else written, own)  # noqa: PLR0124 - NaN

    add(top, 0, 1.0, None, None)
    return found


def _draw_bars(ax: Axes, index: Index, lines: list[_Line]) -> None:
    for at, line in enumerate(lines):
        leaf = line.name in index.tree.leaves
        ax.barh(at, 100 * line.share, height=0.66 if leaf else 0.3, color=RISE if leaf else FAINT)
        weight = "" if line.weight is None else f"   weight {line.weight:g}"
        ax.annotate(
            f"{number(100 * line.share, 100)} %{weight}",
            (100 * line.share, at),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )


def _draw_tree(ax: Axes, index: Index, lines: list[_Line]) -> float:
    """Names and branches left of the bars, in points, whatever the scale of the axes; how wide they are."""
    from matplotlib.lines import Line2D
    from matplotlib.transforms import Affine2D, ScaledTranslation, blended_transform_factory

    labels = [_name(index, line.name) for line in lines]
    wide = max(line.depth * _INDENT + width(label) * _TEXT * 0.62 for line, label in zip(lines, labels, strict=True))
    figure, origin = ax.figure, cast("Any", ax.transAxes)
    points = Affine2D().scale(1 / 72) + figure.dpi_scale_trans + ScaledTranslation(0, 0, origin)
    place = blended_transform_factory(points, ax.transData)
    for at, (line, label) in enumerate(zip(lines, labels, strict=True)):
        x = line.depth * _INDENT - wide - 6
        weight = "bold" if line.name in index.tree.branches else "normal"
        ax.text(x, at, label, transform=place, va="center", fontsize=_TEXT, fontweight=weight)
        if line.parent is not None:
            elbow = x - _INDENT + 4
            branch = Line2D([elbow, elbow, x - 3], [line.parent + 0.4, at, at], transform=place, color=GREY, lw=0.7)
            branch.set_clip_on(False)
            ax.add_artist(branch)
    return wide


def _name(index: Index, name: str) -> str:
    label = short(index.labels[name], 44)
    branch = index.tree.branches.get(name)
    if branch is None:
        return label
    return f"{label} ({'formula' if branch.formula is not None else branch.aggregate})"


def _small_print(index: Index, lines: list[_Line]) -> list[str]:
    tree = index.tree
    leaves = {line.name for line in lines if line.name in tree.leaves}
    nodes = {line.name for line in lines if line.name in tree.branches}
    told = [f"{counted(leaves, 'indicator')}, {counted(nodes, 'node')}; weights {index.weights}."]
    shared = {line.name for line in lines if sum(other.name == line.name for other in lines) > 1}
    if shared:
        told.append(f"Below several nodes, with the share through each: {', '.join(sorted(shared))}.")
    other = sorted(name for name in nodes if tree.branches[name].formula or tree.branches[name].aggregate not in _MEANS)
    if other:
        told.append(f"Of no mean, so that shares only tell the order of size: {', '.join(other)}.")
    return told


_MEANS = ("mean", "pool", "sum")
