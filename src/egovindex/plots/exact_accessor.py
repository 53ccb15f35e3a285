"""``ranges.plot.<picture>()`` and its like: the pictures of exact results."""

from __future__ import annotations

from egovindex.plots.lever_ladder import lever_ladder as _lever_ladder
from egovindex.plots.methods import Pictures, method_of
from egovindex.plots.radius_chart import radius_chart as _radius_chart
from egovindex.plots.rank_ranges import rank_ranges as _rank_ranges
from egovindex.plots.weight_sensitivity import weight_sensitivity as _weight_sensitivity
from egovindex.robustness.howsure import HowSure
from egovindex.robustness.leverresult import Levers
from egovindex.robustness.oneweight import WeightStability
from egovindex.robustness.radii import ClassRadius, RankRadius
from egovindex.robustness.rankranges import RankRange

__all__ = ["HowSurePlots", "LeverPlots", "RadiusPlots", "RankRangePlots", "WeightStabilityPlots"]


class RankRangePlots(Pictures[RankRange | HowSure]):
    """Pictures of exact ranks, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What :func:`egovindex.rank_range` returned.
    """

    rank_ranges = method_of(_rank_ranges)


class HowSurePlots(Pictures[RankRange | HowSure]):
    """Pictures of ranks seen in three ways, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What :func:`egovindex.how_sure` returned.
    """

    rank_ranges = method_of(_rank_ranges)


class RadiusPlots(Pictures[RankRadius | ClassRadius]):
    """Pictures of radii, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What :func:`egovindex.rank_radius` or :func:`egovindex.class_radius` returned.
    """

    radius_chart = method_of(_radius_chart)


class WeightStabilityPlots(Pictures[WeightStability]):
    """Pictures of one weight at a time, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What :func:`egovindex.weight_stability` returned.
    """

    weight_sensitivity = method_of(_weight_sensitivity)


class LeverPlots(Pictures[Levers]):
    """Pictures of levers, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What :func:`egovindex.levers` returned.
    """

    ladder = method_of(_lever_ladder)
