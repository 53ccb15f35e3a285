"""What a score is made of, in the order and the words of a picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from egovindex.errors import Fault, MethodError
from egovindex.kernels.rank import TIE_TOLERANCE
from egovindex.plots.choice import By
from egovindex.result import IndexResult

__all__ = ["REST", "least_of", "on_rows_of", "parts_of", "parts_table", "valued"]

REST = ("base", "steps")


def least_of(*sizes: float) -> float:
    """A part of no more than this is rounding: contributions add up to the score to 1e-12 of the largest."""
    return TIE_TOLERANCE * max((abs(size) for size in sizes if size == size), default=0.0)  # noqa: PLR0124 - NaN


def parts_table(result: IndexResult, node: str, by: By) -> dict[str, npt.NDArray[np.float64]]:
    """Contributions by part: the parts, ``base`` and ``steps``, one number per row of the result."""
    table = result.contributions(node, by=by).drop(columns="score")
    return {str(name): table[name].to_numpy(dtype=np.float64) for name in table}


def parts_of(result: IndexResult, node: str, by: By) -> list[str]:
    """Children of a node, or the indicators below it, in the order they are written."""
    if by == "child":
        return list(result.index.tree.branches[node].inputs)
    if by == "indicator":
        shares = result.effective_weights(node)
        return [str(name) for name in shares.index[shares["kind"] == "indicator"]]
    raise MethodError(Fault(f'by is "indicator" or "child", found "{by}"', check="unknown_option"))


def on_rows_of(result: IndexResult, node: str, parts: list[str]) -> list[str]:
    """Parts that have one value on each row of a node; those of records inside it have several."""
    levels = result.index.tree.levels
    return [part for part in parts if levels[part] == levels[node]]


def valued(result: IndexResult, parts: list[str]) -> dict[str, npt.NDArray[np.float64]]:
    """Value of each part: a node's score, an indicator after its steps; NaN where there is none."""
    indicators = result.indicators
    return {
        name: np.asarray(
            result.nominal.by_node[name] if name in result.nominal.by_node else indicators[name], dtype=np.float64
        )
        for name in parts
    }
