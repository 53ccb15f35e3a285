"""Where a score lies among what it is made of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from egovindex.errors import listed
from egovindex.testing.cases import TOLERANCE, Case, Finding
from egovindex.testing.laws.common import not_for

__all__ = ["law_range"]

_BETWEEN = ("mean", "pool", "geometric", "harmonic", "ladder", "min", "max")


def law_range(case: Case) -> Iterator[Finding]:
    """A score lies between its lowest and its highest child."""
    why = {"weakest": "half a step may be added", "": "a total may lie outside its parts"}
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = not_for(branch, _BETWEEN, why)
        if reason is None and branch.lines:
            reason = "the node has points of its own"
        if reason is None and branch.steps:
            reason = f"steps {listed(branch.steps)} change the scale"
        if reason is not None:
            yield Finding(name, None, reason)
            continue
        children = np.stack([case.value(child) for child in branch.children])
        low = np.where(np.isnan(children), np.inf, children).min(axis=0)
        high = np.where(np.isnan(children), -np.inf, children).max(axis=0)
        score = case.scores[name]
        slack = TOLERANCE * np.maximum(1.0, np.abs(np.nan_to_num(children)).max(axis=0))
        bad = np.flatnonzero((score < low - slack) | (score > high + slack))
        if bad.size:
            row = bad[0]
            detail = f"{case.unit(row)} has {score[row]:.10g}, its children {low[row]:.10g} to {high[row]:.10g}"
            yield Finding(name, False, detail)
        else:
            yield Finding(name, True, f"{int((~np.isnan(score)).sum())} scores")
