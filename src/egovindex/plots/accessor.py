"""``result.plot.<picture>()``: the pictures of one result."""

from __future__ import annotations

from egovindex.plots.comparison import comparison_waterfall as _comparison_waterfall
from egovindex.plots.contributions import contributions as _contributions
from egovindex.plots.framework import framework as _framework
from egovindex.plots.methods import Pictures, method_of
from egovindex.plots.profile import profile as _profile
from egovindex.plots.rank_flow import rank_flow as _rank_flow
from egovindex.plots.ranking import ranking as _ranking
from egovindex.plots.waterfall import waterfall as _waterfall
from egovindex.result import IndexResult

__all__ = ["Plots"]


class Plots(Pictures[IndexResult]):
    """Pictures of a result, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What the pictures show.
    """

    ranking = method_of(_ranking)
    contributions = method_of(_contributions)
    profile = method_of(_profile)
    waterfall = method_of(_waterfall)
    framework = method_of(_framework)
    rank_flow = method_of(_rank_flow)
    comparison_waterfall = method_of(_comparison_waterfall)
