"""``sobol.plot.<picture>()``: the pictures of sensitivity indices."""

from __future__ import annotations

from egovindex.plots.convergence import sobol_convergence as _sobol_convergence
from egovindex.plots.methods import Pictures, method_of
from egovindex.plots.sobol_bars import sobol_bars as _sobol_bars
from egovindex.sensitivity.sobolresult import Sobol

__all__ = ["SobolPlots"]


class SobolPlots(Pictures[Sobol]):
    """Pictures of sensitivity indices, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What :func:`egovindex.sobol` returned.
    """

    bars = method_of(_sobol_bars)
    convergence = method_of(_sobol_convergence)
