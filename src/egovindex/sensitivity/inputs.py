"""What a batch of draws hands to the evaluator: weights, outcomes and values against one plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from egovindex.errors import Fault, MethodError, listed
from egovindex.formulas import Floats
from egovindex.plan import Plan

if TYPE_CHECKING:
    from egovindex.sensitivity.coding import Earned

__all__ = ["Inputs", "NothingLeft"]

Bools = npt.NDArray[np.bool_]


class NothingLeft(Exception):
    """In some draws, nothing is left of the node that is looked at.

    Parameters
    ----------
    where
        ``(D,)`` in which.
    """

    def __init__(self, where: Bools) -> None:
        super().__init__("nothing is left: every record below the node is left out")
        self.where = where


class Inputs:
    """Arrays for the evaluator, filled by the factors of a draw.

    Parameters
    ----------
    plan
        The index, as the draw's choices make it, against the data.
    draws
        ``D``.
    dtype
        Of weights.
    """

    def __init__(self, plan: Plan, draws: int, dtype: Any = np.float64) -> None:
        self.plan = plan
        self.draws = draws
        self.dtype = dtype
        self.weights: Floats | None = None
        self.outcomes: Floats | None = None
        self.x: dict[str, Floats] = {}
        self.coded: dict[str, Floats] = {}
        self.earned: Mapping[str, Earned] = {}
        self.out: set[tuple[str, str]] = set()

    def set_weights(self, node: str, children: Sequence[str], given: Floats) -> None:
        """Weights of a node's children, ``(D, k)``; of those that are left, where a recipe leaves some out.

        Raises
        ------
        MethodError
            The node has further children under the recipe of these draws.
        """
        here = self.plan.node_places.get(node)
        if here is None:  # left out with all its children
            return
        at, now = here
        if now != tuple(children):
            if not set(now) <= set(children):
                message = (
                    f"weights.{node}: under this recipe its children are {listed(now)}; doubt its weights in a recipe "
                    "apart"
                )
                raise MethodError(Fault(message, check="other_children", column=node))
            given = given[:, [list(children).index(child) for child in now]]
        if self.weights is None:
            if at == slice(0, len(self.plan.weights)):
                self.weights = given.astype(self.dtype, copy=False)
                return
            self.weights = np.tile(self.plan.weights.astype(self.dtype, copy=False), (self.draws, 1))
        self.weights[:, at] = given

    def leave_out(self, edges: Collection[tuple[str, str]], where: Bools) -> None:
        """Give edges the weight 0 in some draws."""
        if self.weights is None:
            self.weights = np.tile(self.plan.weights.astype(self.dtype), (self.draws, 1))
        at = [self.plan.edge_places[edge] for edge in edges if edge in self.plan.edge_places]
        self.weights[np.flatnonzero(where)[:, None], at] = 0.0
        self.out.update(edges)

    def close(self, node: str) -> None:
        """Leave out nodes of which nothing is left.

        Raises
        ------
        NothingLeft
            That is the node that is looked at.
        """
        if not self.out or self.weights is None:
            return
        touched = {parent for parent, _ in self.out}
        for here in self.plan.nodes:
            name = here.branch.id
            if name not in touched:
                continue
            own = self.weights[:, here.edges]
            empty = ~(own != 0).any(axis=1)
            if not empty.any():
                continue
            if name == node:
                raise NothingLeft(empty)
            own[empty] = self.plan.weights[here.edges]  # of a node that counts for nothing
            above = [(parent, name) for parent in self.plan.tree.parents[name]]
            self.leave_out(above, empty)
            touched |= {parent for parent, _ in above}

    def set_outcomes(self, addresses: Sequence[Any], given: Floats) -> None:
        """What lines earn, ``(D, lines)``; a line that is no number under the rules of these draws is passed over."""
        places = self.plan.outcome_places
        held = [(places[address], at) for at, address in enumerate(addresses) if address in places]
        if not held:
            return
        if self.outcomes is None:
            self.outcomes = np.tile(self.plan.outcomes, (self.draws, 1))
        for place, at in held:
            self.outcomes[:, place] = given[:, at]

    def arguments(self) -> Mapping[str, Any]:
        """What :func:`egovindex.evaluate.evaluate` takes."""
        outcomes = self.plan.outcomes if self.outcomes is None else self.outcomes
        for name, codes in self.coded.items():  # last, since what a category earns may vary too
            own = self.plan.leaves[name].points(outcomes)
            self.x[name] = self.earned[name].points(codes, outcomes, own)
        return {"weights": self.weights, "outcomes": self.outcomes, "x": self.x or None}

    @property
    def varies(self) -> bool:
        """Whether anything has an axis of draws."""
        return self.weights is not None or self.outcomes is not None or bool(self.x) or bool(self.coded)
