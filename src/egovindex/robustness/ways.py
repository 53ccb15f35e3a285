"""The ways down from a node along which weights vary."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from egovindex.formulas import Floats
from egovindex.kernels.region import WHOLE, Places

if TYPE_CHECKING:
    from egovindex.result import IndexResult

__all__ = ["Way", "ways_down"]


@dataclass(frozen=True, eq=False)
class Way:
    """Every edge on the way down to what weights no longer reach.

    Parameters
    ----------
    nodes
        Nodes on the way: those that vary, and those between.
    varied
        Those that vary.
    twice
        Nodes that are reached on several ways.
    edges
        ``V`` pairs (node, child).
    own
        ``(V,)`` share of each edge in its node, as the index has it.
    below
        For each node, those further down first: the part that flows in, and its edges.
    ends
        ``(L,)`` edges whose child is not shared out further.
    places, totals
        ``(V,)`` position in the weights of the plan, and the sum of the node's weights.
    alone
        ``(L, V)`` shares with all weight on the way to one end.
    """

    nodes: tuple[str, ...]
    varied: frozenset[str]
    twice: frozenset[str]
    edges: tuple[tuple[str, str], ...]
    own: Floats
    below: tuple[tuple[int, Places], ...]
    ends: Places
    places: Places
    totals: Floats
    alone: Floats

    def parts(self, shares: Floats) -> Floats:
        """``(..., V)`` parts: the products of ``(..., V)`` shares on the way down."""
        found = shares.copy()
        for parent, places in reversed(self.below):
            if parent != WHOLE:
                found[..., places] *= found[..., parent, None]
        return found


def ways_down(result: IndexResult, top: str, varied: Collection[str]) -> Way:
    """Edges from a node down to the children of the last nodes that vary."""
    plan, tree = result.plan, result.index.tree
    carrying = plan.above(varied) & plan.below([top])
    edges: list[tuple[str, str]] = []
    below: list[tuple[int, Places]] = []
    order: list[str] = []
    open_: list[tuple[str, int]] = [(top, WHOLE)]
    twice = set()
    while open_:
        node, parent = open_.pop(0)
        if node in order:
            twice.add(node)
            continue
        order.append(node)
        start = len(edges)
        edges += [(node, child) for child in tree.branches[node].children]
        places = np.arange(start, len(edges))
        below.insert(0, (parent, places))
        open_ += [(child, start + at) for at, child in enumerate(tree.branches[node].children) if child in carrying]
    at = np.array([plan.edge_places[edge] for edge in edges], dtype=np.intp)
    weights = plan.weights[at]
    totals = np.empty(len(edges))
    for _, places in below:
        totals[places] = weights[places].sum()
    ends = np.array([part for part, (_, child) in enumerate(edges) if child not in carrying], dtype=np.intp)
    # of signed weights there are no shares: they keep their signs, and are refused by them
    own = weights / np.where(totals > 0, totals, 1.0)
    return Way(
        nodes=tuple(order),
        varied=frozenset(varied),
        twice=frozenset(twice),
        edges=tuple(edges),
        own=own,
        below=tuple(below),
        ends=ends,
        places=at,
        totals=totals,
        alone=_alone(own, below, ends),
    )


def _alone(own: Floats, below: list[tuple[int, Places]], ends: Places) -> Floats:
    above = {int(part): (parent, places) for parent, places in below for part in places}
    found = np.tile(own, (len(ends), 1))
    for row, end in enumerate(ends):
        part = int(end)
        while part != WHOLE:
            parent, places = above[part]
            found[row, places] = 0.0
            found[row, part] = 1.0
            part = parent
    return found
