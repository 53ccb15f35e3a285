"""Pictures: a result goes in, Matplotlib's Axes come out (``pip install "egovindex[plot]"``).

Every picture is also a method of what it shows: ``result.plot.ranking()``, ``draws.plot.rank_intervals()``. The axes
show themselves at the end of a notebook cell and belong to no pyplot; to lay out several pictures, make axes with
``plt.subplots`` and hand them over as ``ax``. Matplotlib is imported when the first picture is drawn.

>>> import egovindex as ei
>>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
>>> ax = result.plot.ranking(top=10)
>>> ax.get_title(loc="left")
'E-Government Development Index, 2024'
"""

from egovindex.plots.comparison import comparison_waterfall
from egovindex.plots.contributions import contributions
from egovindex.plots.convergence import convergence, sobol_convergence
from egovindex.plots.framework import framework
from egovindex.plots.lever_ladder import lever_ladder
from egovindex.plots.profile import profile
from egovindex.plots.radius_chart import radius_chart
from egovindex.plots.rank_flow import rank_flow
from egovindex.plots.rank_intervals import rank_intervals
from egovindex.plots.rank_probabilities import rank_probabilities
from egovindex.plots.rank_ranges import rank_ranges
from egovindex.plots.ranking import ranking
from egovindex.plots.saving import save
from egovindex.plots.sobol_bars import sobol_bars
from egovindex.plots.tornado import tornado
from egovindex.plots.waterfall import waterfall
from egovindex.plots.weight_sensitivity import weight_sensitivity

__all__ = [
    "comparison_waterfall",
    "contributions",
    "convergence",
    "framework",
    "lever_ladder",
    "profile",
    "radius_chart",
    "rank_flow",
    "rank_intervals",
    "rank_probabilities",
    "rank_ranges",
    "ranking",
    "save",
    "sobol_bars",
    "sobol_convergence",
    "tornado",
    "waterfall",
    "weight_sensitivity",
]
