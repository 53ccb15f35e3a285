"""The only place where a score is made.

A published score, a Monte Carlo draw, a Sobol run and a what-if all go through :func:`evaluate`, so
they cannot disagree. Letters: ``D`` draws, ``E`` edges, ``L`` outcomes, ``rows`` units (and periods).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal as OneOf

import numpy as np

from egovindex.arguments import known_nodes, known_precision
from egovindex.blas import one_blas_thread
from egovindex.formulas import Floats
from egovindex.plan import Plan
from egovindex.points import SCORED
from egovindex.run import Run
from egovindex.scores import Scores, Settled
from egovindex.stepping import Learned

__all__ = ["Precision", "evaluate", "leaf_points", "leaf_values", "settle"]

Precision = OneOf["double", "single"]


def evaluate(
    plan: Plan,
    x: Floats | Mapping[str, Floats] | None = None,
    weights: Floats | None = None,
    *,
    outcomes: Floats | None = None,
    learned: Learned | None = None,
    nodes: Collection[str] | None = None,
    settled: Settled | None = None,
    precision: Precision = "double",
) -> Scores:
    """Score every node.

    Parameters
    ----------
    plan
        The index against its data; see :meth:`egovindex.Index.plan`.
    x
        Points of the indicators before their steps, ``(rows, indicators)`` or ``(D, rows, indicators)``
        in the order of ``plan.leaves``, or those of some indicators by name, ``(rows,)`` or ``(D, rows)``; the
        data's own by default.
    weights
        ``(E,)`` or ``(D, E)`` in the order of ``plan.edges``; the index's own by default. Only ratios
        inside a node matter, except for ``sum`` and ``product``.
    outcomes
        ``(L,)`` or ``(D, L)``: what each line of points earns, in the order of
        ``plan.outcome_addresses``; the index's own by default.
    learned
        ``None`` learns bounds, means and cut points from the reference population (in every draw, if
        there are draws); values of an earlier run are reused as they are.
    nodes
        The nodes that are wanted, all by default. What is not below one of them is neither computed nor checked,
        and what lies between may be summed over at once, equal to the last digits.
    settled
        What :func:`settle` gave: records that do not vary are not computed again.
    precision
        ``"single"`` holds weights in single precision, and so the records that ``settle(..., precision="single")``
        gave: quicker for large draws, with some seven digits. Records that are computed here stay in double.

    Returns
    -------
    Scores

    Raises
    ------
    MethodError
        Wrong shapes; weights that are negative, not finite, or all zero in a node; a column that is
        constant where it must vary; a method that is not defined for a value; a node or an indicator is unknown.
        All are listed.

    Examples
    --------
    >>> import egovindex as ei, numpy as np
    >>> plan = ei.load_index("undp-hdi-2022").plan(ei.sample("undp-hdi-2022"))
    >>> scores = evaluate(plan, weights=np.tile(plan.weights, (3, 1)))
    >>> scores["HDI"].shape
    (3, 193)
    """
    nodes, single = known_nodes(plan, nodes), known_precision(precision)
    run = Run(plan, x, weights, outcomes, learned, nodes=nodes, settled=settled, single=single)
    with one_blas_thread():
        return run.scores()


def settle(
    plan: Plan,
    varied: Collection[str],
    *,
    learned: Learned | None = None,
    nodes: Collection[str] | None = None,
    precision: Precision = "double",
) -> Settled:
    """What does not vary from draw to draw, computed once for :func:`evaluate`.

    Parameters
    ----------
    plan
        The index against its data.
    varied
        Nodes whose weights, and nodes or indicators whose points or values, are going to vary. All that stands
        above them varies too.
    learned, nodes, precision
        As for :func:`evaluate`.

    Returns
    -------
    Settled

    Raises
    ------
    MethodError
        As for :func:`evaluate`, of what does not vary.

    Examples
    --------
    >>> import egovindex as ei
    >>> plan = ei.load_index("un-egdi-2024").plan(ei.sample("un-egdi-2024"))
    >>> sorted(settle(plan, ["EGDI"]).parts)
    ['HCI', 'OSI', 'TII']
    """
    run = Run(plan, learned=learned, nodes=known_nodes(plan, nodes), single=known_precision(precision))
    with one_blas_thread():
        return run.settle(plan.above(varied))


def leaf_points(plan: Plan, learned: Learned) -> dict[str, Floats]:
    """Every indicator after its points, those learned from others among them, ``(rows,)``; NaN where it has none."""
    run = Run(plan, learned=learned)
    parts = {name: run.pointed(name) for name in plan.leaves}
    run.report()
    states = {name: leaf.state for name, leaf in plan.leaves.items()}
    return {
        name: x if states[name] is None else np.where(states[name] == SCORED, x, np.nan) for name, x in parts.items()
    }


def leaf_values(
    plan: Plan,
    learned: Learned | None,
    x: Mapping[str, Floats] | None = None,
    outcomes: Floats | None = None,
    names: Collection[str] | None = None,
) -> dict[str, Floats]:
    """Indicators after their steps, ``(rows,)`` or ``(D, rows)``; NaN where they have no points.

    Parameters
    ----------
    plan, learned, x, outcomes
        As for :func:`evaluate`.
    names
        The indicators that are wanted; all by default.
    """
    run = Run(plan, x, None, outcomes, learned)
    parts = {name: run.leaf(name) for name in (plan.leaves if names is None else names)}
    run.report()
    return {name: x if state is None else np.where(state == SCORED, x, np.nan) for name, (x, state) in parts.items()}
