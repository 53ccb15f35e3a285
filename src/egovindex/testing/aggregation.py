"""A rule that makes one score out of several values: a node by itself, or a function of the user's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats

__all__ = ["Aggregation", "Function"]

Function = Callable[[Floats, Floats], Any]


@dataclass(frozen=True)
class Aggregation:
    """A function of values and weights, with the values and weights on which laws are tried.

    Parameters
    ----------
    name
        For messages.
    function
        ``f(x, weights) -> scores``; ``x`` is ``(units, children)`` without NaN, ``weights`` is ``(children,)``,
        the scores are ``(units,)``.
    x, weights
        What is tried.
    units, children
        Names, for messages.
    seed
        Of all that laws draw.
    """

    name: str
    function: Function
    x: Floats
    weights: Floats
    units: tuple[str, ...]
    children: tuple[str, ...]
    seed: int = 0

    def __call__(self, x: Floats | None = None, weights: Floats | None = None) -> Floats:
        """Scores, ``(units,)``.

        Raises
        ------
        MethodError
            The function gives something else than one number for each unit.
        """
        values = (self.x if x is None else x).copy()
        found = np.asarray(self.function(values, (self.weights if weights is None else weights).copy()))
        if found.shape != (len(values),) or found.dtype.kind not in "fiu":
            what = f"{found.dtype} of shape {found.shape}"
            units = f"{len(values)} units, shape ({len(values)},)"
            message = f"{self.name} must give one number for each of {units}; found {what}"
            raise MethodError(Fault(message, check="not_one_score_each"))
        scores = found.astype(np.float64)
        if np.isnan(scores).any():
            bad = int(np.isnan(scores).sum())
            message = f"{self.name} gives NaN to {bad} of {len(scores)} units whose values are all there"
            raise MethodError(Fault(message, check="no_number"))
        return scores

    @property
    def rng(self) -> np.random.Generator:
        """The same numbers each time."""
        return np.random.default_rng(self.seed)

    @property
    def spread(self) -> float:
        """Distance of the largest from the smallest value; one where all are equal."""
        return float(np.ptp(self.x)) or 1.0

    def without_unit(self, at: int) -> Aggregation:
        """One unit fewer."""
        units = tuple(np.delete(np.array(self.units, dtype=object), at))
        return replace(self, x=np.delete(self.x, at, axis=0), units=units)

    def without_child(self, at: int) -> Aggregation:
        """One child fewer."""
        children = tuple(np.delete(np.array(self.children, dtype=object), at))
        return replace(self, x=np.delete(self.x, at, axis=1), weights=np.delete(self.weights, at), children=children)

    def table(self) -> str:
        """Weights and values as text."""
        width = max(len(name) for name in (*self.units, "weights"))
        columns = [
            [name, f"{weight:.6g}", *(f"{value:.6g}" for value in values)]
            for name, weight, values in zip(self.children, self.weights, self.x.T, strict=True)
        ]
        widths = [max(map(len, column)) for column in columns]
        heads = ["", "weights", *self.units]
        return "\n".join(
            "  ".join(
                [head.ljust(width), *(column[row].rjust(size) for column, size in zip(columns, widths, strict=True))]
            )
            for row, head in enumerate(heads)
        )
