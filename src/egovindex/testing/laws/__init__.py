"""The laws of a composite index, one function each."""

from __future__ import annotations

from egovindex.testing.laws.arrays import ARRAY_LAWS
from egovindex.testing.laws.common import Law
from egovindex.testing.laws.exact import law_contributions, law_missing_bounds, law_rank_stability
from egovindex.testing.laws.monotone import law_monotone_values
from egovindex.testing.laws.nodes import (
    law_compensation,
    law_continuous_weights,
    law_exchangeable_children,
    law_idempotent,
)
from egovindex.testing.laws.others import law_independent
from egovindex.testing.laws.ranges import law_range
from egovindex.testing.laws.rows import law_draws, law_exchangeable
from egovindex.testing.laws.weights import law_monotone_weights, law_weight_scale, law_zero_weight

__all__ = ["ARRAY_LAWS", "FUNCTIONS", "FUNCTION_LAWS", "LAWS", "Law"]

LAWS: dict[str, str] = {
    "range": "a score lies between its lowest and its highest child",
    "idempotent": "where all children have one value, that is the score",
    "weight_scale": "only ratios of weights matter",
    "exchangeable": "units in another order have the same scores",
    "exchangeable_children": "children in another order, their weights with them, give the same score",
    "monotone_values": "raising one indicator never lowers a node; raises it nowhere that less is better",
    "monotone_weights": "raising the weight of a child moves the score toward that child",
    "continuous_weights": "a small change of weights changes scores little",
    "zero_weight": "a child of weight zero is as good as none",
    "compensation": "a drop in one child is made good by another as far as the aggregate says",
    "independent": "what one unit answers changes no other's score",
    "draws": "a batch of draws equals its draws one at a time",
    "rank_stability": "while weights stay within a unit's rank radius, its rank does not change",
    "contributions": "what the parts add is the score",
    "missing_bounds": "whatever is filled in for missing answers, scores lie within their bounds",
}
FUNCTIONS: dict[str, Law] = {
    "range": law_range,
    "idempotent": law_idempotent,
    "weight_scale": law_weight_scale,
    "exchangeable": law_exchangeable,
    "exchangeable_children": law_exchangeable_children,
    "monotone_values": law_monotone_values,
    "monotone_weights": law_monotone_weights,
    "continuous_weights": law_continuous_weights,
    "zero_weight": law_zero_weight,
    "compensation": law_compensation,
    "independent": law_independent,
    "draws": law_draws,
    "rank_stability": law_rank_stability,
    "contributions": law_contributions,
    "missing_bounds": law_missing_bounds,
}
# those that can be tried on a function of values and weights
FUNCTION_LAWS: dict[str, str] = {law: text for law, text in LAWS.items() if law in ARRAY_LAWS}
