"""What the laws share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from egovindex.formulas import Bools
from egovindex.points import SCORED
from egovindex.spec.tree import Branch
from egovindex.testing.cases import Case, Finding

__all__ = ["OUTSIDE", "Law", "not_for", "scored"]

Law = Callable[[Case], Iterator[Finding]]

OUTSIDE = "what was drawn lies outside what the index is defined for"


def not_for(branch: Branch, allowed: Sequence[str], why: Mapping[str, str]) -> str | None:
    """The reason for which a law does not apply to what a node is made by."""
    if branch.formula is not None:
        return "the node is a formula"
    if branch.aggregate in allowed:
        return None
    return f"aggregate {branch.aggregate}: {why.get(branch.aggregate) or why['']}"


def scored(case: Case, leaf: str) -> Bools:
    """Rows in which an indicator has points."""
    state = case.plan.leaves[leaf].state
    return np.ones(case.rows, dtype=bool) if state is None else state == SCORED
