"""How sure the ranking is that the demo shows: intervals under two laws of the weights, and which doubt matters."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

import egovindex as ei
from egovindex.demo.figures import EGDI, by_unit

__all__ = ["Sure", "how_sure"]

DRAWS, POINTS, SEED, LEVEL = 10_000, 512, 2024, 0.90
SHARE = 0.25


@dataclass(frozen=True)
class Sure:
    """Ranks in many draws.

    Parameters
    ----------
    near, any_weights
        Draws of the weights of the headline within a share of themselves, and of any weights.
    table
        One row per state: ``state, rank``, then ``low, high`` under the first law, ``any_low, any_high`` and
        ``first``, the probability of rank 1, under the second.
    doubts
        Sensitivity indices of the choices behind the index.
    """

    near: ei.Draws
    any_weights: ei.Draws
    table: pd.DataFrame
    doubts: ei.Sobol


def how_sure() -> Sure:
    """Draws of the weights under two laws, and the share of each doubt in how far ranks move."""
    data = ei.sample(EGDI)
    top = ei.load_index(EGDI).headline
    weights = ei.Doubt(weights={top: ei.within(SHARE)})
    near = ei.simulate(EGDI, data, weights, n=DRAWS, rng=SEED)
    any_weights = ei.simulate(EGDI, data, ei.Doubt(weights={top: ei.simplex()}), n=DRAWS, rng=SEED)
    others = ei.Doubt(aggregate={top: ["mean", "geometric"]}, normalise=["zscore", "minmax"])
    doubts = ei.sobol(EGDI, data, weights + others, n=POINTS, rng=SEED)
    inside, outside = (by_unit(draws.rank_intervals(LEVEL)) for draws in (near, any_weights))
    table = pd.DataFrame(
        {
            "state": data.set_index(near.result.index.file.columns["unit"])["country"],
            "rank": inside["rank"],
            "low": inside["low"],
            "high": inside["high"],
            "any_low": outside["low"],
            "any_high": outside["high"],
            "first": by_unit(any_weights.top(1))["probability"],
        }
    )
    return Sure(near, any_weights, table.sort_values("rank", kind="stable"), doubts)
