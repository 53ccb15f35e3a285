"""``draws.plot.<picture>()``: the pictures of many draws."""

from __future__ import annotations

from egovindex.plots.convergence import convergence as _convergence
from egovindex.plots.methods import Pictures, method_of
from egovindex.plots.rank_intervals import rank_intervals as _rank_intervals
from egovindex.plots.rank_probabilities import rank_probabilities as _rank_probabilities
from egovindex.sensitivity.draws import Draws

__all__ = ["DrawsPlots"]


class DrawsPlots(Pictures[Draws]):
    """Pictures of draws, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What :func:`egovindex.simulate` returned.
    """

    rank_intervals = method_of(_rank_intervals)
    rank_probabilities = method_of(_rank_probabilities)
    convergence = method_of(_convergence)
