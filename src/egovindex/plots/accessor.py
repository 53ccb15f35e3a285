"""``result.plot.<picture>()``: the pictures of one result."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from egovindex.plots.comparison import comparison_waterfall as _comparison_waterfall
from egovindex.plots.contributions import contributions as _contributions
from egovindex.plots.framework import framework as _framework
from egovindex.plots.profile import profile as _profile
from egovindex.plots.rank_flow import rank_flow as _rank_flow
from egovindex.plots.ranking import ranking as _ranking
from egovindex.plots.waterfall import waterfall as _waterfall
from egovindex.result import IndexResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Plots"]

P = ParamSpec("P")


def _of_result(draw: Callable[Concatenate[IndexResult, P], Axes]) -> Callable[Concatenate[Plots, P], Axes]:
    """The function as a method: same options, same docstring, the result filled in."""

    @wraps(draw)
    def method(self: Plots, /, *args: P.args, **kwargs: P.kwargs) -> Axes:
        return draw(self.result, *args, **kwargs)

    return method


class Plots:
    """Pictures of a result, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What the pictures show.
    """

    def __init__(self, result: IndexResult) -> None:
        self.result = result

    ranking = _of_result(_ranking)
    contributions = _of_result(_contributions)
    profile = _of_result(_profile)
    waterfall = _of_result(_waterfall)
    framework = _of_result(_framework)
    rank_flow = _of_result(_rank_flow)
    comparison_waterfall = _of_result(_comparison_waterfall)

    def __repr__(self) -> str:
        pictures = ", ".join(name for name in dir(self) if not name.startswith("_") and name != "result")
        return f"<Pictures of {self.result.index.id}: {pictures}>"
