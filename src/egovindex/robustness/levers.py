"""The cheapest set of answer changes with which one unit reaches a score, a rank or a class."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from typing import Literal as OneOf

import numpy as np
import pandas as pd

from egovindex.certainty import BOUND, EXACT, Certainty
from egovindex.errors import EgovindexError, Fault, MethodError
from egovindex.lookup import known_node, refuse_no_result, refuse_records, row_of
from egovindex.progress import Progress, reporter_of
from egovindex.result import IndexResult
from egovindex.robustness.leverbench import NotAsPromised
from egovindex.robustness.leveritems import LeftOut, Wanted
from egovindex.robustness.leverlearned import learned_with, refuse_each_draw, refuse_shared_rows
from egovindex.robustness.levermodel import model_of
from egovindex.robustness.leveroptions import Change, Offer, offer_of
from egovindex.robustness.leverresult import Levers
from egovindex.robustness.leversearch import Found, Search
from egovindex.robustness.levertables import alternatives_table, changes_table, gains_alone, ladder_table
from egovindex.robustness.levertarget import Goal, Standing, goal_of
from egovindex.whatif import WhatIf, what_if

__all__ = ["levers"]

_SAME = 1e-9
Learn = OneOf["nominal", "each_draw"]


def levers(
    result: IndexResult,
    unit: Any,
    target: Mapping[str, Any],
    *,
    node: str | None = None,
    period: Any = None,
    costs: Mapping[Any, float] | None = None,
    answers: Mapping[str, Sequence[Any]] | None = None,
    only: Collection[str] | None = None,
    fixed: Collection[str] | None = None,
    learn: Learn = "nominal",
    alternatives: int = 10,
    time_limit: float | None = None,
    progress: Progress = None,
) -> Levers:
    r"""The cheapest set of answer changes with which one unit reaches its goal, all other scores held.

    For one unit the tree of an index is a mixed-integer linear programme over its answers: at most one new answer
    per column, the least total cost, and a score that reaches the goal. It is solved to optimality, and every set
    it gives is scored by the evaluator before it is told.

    Parameters
    ----------
    result
        The run.
    unit
        The unit.
    target
        ``{"score": 0.75}``, ``{"rank": 10}`` (or better; a tie with the tenth is enough) or ``{"class": "High"}``
        (or better).
    node
        The node that is to reach it; the headline by default.
    period
        The period; it may be left out where the unit has one.
    costs
        What a changed answer costs: ``{item: cost}``, or ``{(item, answer): cost}`` for one new answer, which goes
        before. An item is an indicator or a column; all others cost 1. Costs are in units of your own, from 0 on.
    answers
        New answers that some items may have, in place of those their points know: ``{"osi_if": [0.6, 0.8, 1]}``.
        Needed where points take any number.
    only, fixed
        Items that alone may change; items that may not.
    learn
        ``"nominal"`` holds the bounds, means and cut points of the run. ``"each_draw"`` learns them again, and is
        refused where the unit is among those they are learned from.
    alternatives
        How many further sets of the same cost are looked for.
    time_limit
        Seconds; where they are over, the cheapest set known comes with a proven lower bound of the cost.
    progress
        Told of each set that is found; ``True`` for a line on standard error.

    Returns
    -------
    Levers

    Raises
    ------
    MethodError
        The goal is out of reach (``target_out_of_reach``: the message says what can be reached); a node above an
        answer cannot be modelled (formulas, points of nodes, ``weakest``, ``product``, steps that turn round or
        jump); a unit, node, class, item, answer or cost cannot be. All faults are told.

    Notes
    -----
    The problem is a multiple-choice knapsack where all nodes are means (Sinha and
    Zoltners 1979, doi 10.1287/opre.27.3.503). Minima, maxima, limits and means over
    who counts are linear with a variable of their own; geometric and harmonic means are concave and held from above
    by tangents. With :math:`b_o \in \{0, 1\}` for each option :math:`o` of group :math:`g` of columns:

    .. math:: \min \sum_o c_o b_o \quad \text{s.t.} \quad \sum_{o \in g} b_o \le 1, \quad f(b) \ge \tau

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("msq-readiness-2022", ei.sample("msq-readiness-2022"))
    >>> found = ei.levers(result, "KHM", {"score": 0.7}, alternatives=0)
    >>> found.cost, found.after.class_, found.certainty.kind
    (2.0, 'High', 'exact')
    """
    refuse_no_result(result)
    refuse_records(result)
    name = known_node(result, node)
    row = row_of(result, unit, period)
    _refuse_options(learn, alternatives, time_limit)
    goal = goal_of(result, name, row, target)
    refuse_shared_rows(result, row, goal.kind)
    if np.isnan(result.nominal.by_node[name][row]):
        message = f"{result.plan.rows.name(row)} has no score in {name}; give the answers it needs first, with what_if"
        raise MethodError(Fault(message, check="no_score", units=(result.plan.rows.name(row),)))
    below = result.plan.below([name])
    if learn == "each_draw":
        refuse_each_draw(result, row, below)
    left_out = LeftOut()
    wanted = Wanted(answers or {}, costs or {}, only, () if fixed is None else fixed)
    offer = offer_of(result, row, name, wanted, left_out)
    reporter = reporter_of(progress, "sets of changes", alternatives + 1)
    found = _searched(offer, goal, time_limit, alternatives, reporter, left_out)
    return _told(offer, goal, found, learn, left_out)


def _refuse_options(learn: Any, alternatives: Any, time_limit: Any) -> None:
    faults = []
    if learn not in ("nominal", "each_draw"):
        faults.append(Fault(f'learn is "nominal" or "each_draw", found "{learn}"', check="unknown_option"))
    if isinstance(alternatives, bool) or not isinstance(alternatives, (int, np.integer)) or alternatives < 0:
        message = f"alternatives is a whole number from 0 on, found {alternatives!r:.40}"
        faults.append(Fault(message, check="unknown_option"))
    number = isinstance(time_limit, (int, float)) and not isinstance(time_limit, bool)
    if time_limit is not None and not (number and time_limit >= 0):
        faults.append(Fault(f"time_limit is a number of seconds, found {time_limit!r:.40}", check="unknown_option"))
    if faults:
        raise MethodError(faults)


def _searched(
    offer: Offer, goal: Goal, time_limit: float | None, alternatives: int, reporter: Any, left_out: LeftOut
) -> Found:
    now = offer.bench.base.of(offer.bench.node)[:1]
    if goal.reached(now)[0]:
        return Found((), 0.0, 0.0, complete=True)
    if not offer.options:
        raise MethodError(_out_of_reach(offer, goal, (), left_out, proven=True))
    search = Search(model_of(offer), goal, time_limit, reporter)
    strongest = search.strongest()
    if strongest is not None and not search.reached(strongest):
        raise MethodError(_out_of_reach(offer, goal, strongest, left_out, proven=True))
    found = search.cheapest(alternatives)
    if found.chosen is not None:
        return found
    if found.stopped:
        message = (
            f"in {time_limit} s neither a set that reaches {goal.words} was found nor that there is none; give more"
        )
        raise MethodError(Fault(message, check="time_limit"))
    highest, proven = search.highest()
    if search.reached(highest):
        raise NotAsPromised(f"the model knows no way to {goal.words}, and {highest} is one")
    raise MethodError(_out_of_reach(offer, goal, highest, left_out, proven=proven))


def _out_of_reach(offer: Offer, goal: Goal, best: Collection[int], left_out: LeftOut, *, proven: bool) -> Fault:
    bench = offer.bench
    name = bench.result.plan.rows.name(bench.row)
    tried = bench.scores([(), offer.sets(best)])
    now, then = goal.standings(tried.of(bench.node), tried.number)
    most = "At best it gets to" if proven else "The best that was found is"
    notes = left_out.notes()
    message = (
        f"{goal.words} is out of reach of {name} with the answers that may change (a score of "
        f"{goal.threshold:.6g} is needed). {most} {then}; now it has {now}"
    )
    return Fault(
        ". ".join([message, *(note.rstrip(".") for note in notes)]), check="target_out_of_reach", units=(name,)
    )


def _told(offer: Offer, goal: Goal, found: Found, learn: Learn, left_out: LeftOut) -> Levers:
    """The result, after the evaluator has confirmed it by a what-if of its own."""
    bench = offer.bench
    result, row, rows = bench.result, bench.row, bench.result.plan.rows
    chosen = found.chosen or ()
    changes = [change for at in chosen for change in offer.options[at].changes]
    gains = gains_alone(offer, changes)
    tables = {
        "changes": changes_table(offer, changes, gains),
        "alternatives": alternatives_table(offer, found.others),
        "ladder": ladder_table(offer, goal, changes, gains),
    }
    tried = bench.scores([(), offer.sets(chosen)])
    before, promised = goal.standings(tried.of(bench.node), tried.number)
    confirmed = _what_if(result, row, changes, learn)
    after = _standing(confirmed.after, bench.node, row)
    differs = abs(after.score - promised.score) > _SAME * max(1.0, abs(promised.score))
    if differs or after.rank != promised.rank or not goal.reached(np.array([after.score]))[0]:
        raise NotAsPromised(f"{promised} was promised, and the what-if gives {after}")
    relearned, notes = _relearned(offer, confirmed, chosen, changes, after)
    return Levers(
        result=result,
        unit=str(rows.units[row]),
        period=None if rows.periods is None else rows.periods[row],
        node=bench.node,
        target=goal.words,
        threshold=goal.threshold,
        before=before,
        after=after,
        cost=found.cost,
        cost_bound=found.bound,
        certainty=_certainty(found, left_out),
        complete=found.complete,
        relearned=relearned,
        notes=(*notes, *left_out.notes(), *_ended(found)),
        what_if=confirmed,
        tables=tables,
    )


def _certainty(found: Found, left_out: LeftOut) -> Certainty:
    if found.bound < found.cost:
        why = {"close": "too many sets cost nearly the same", "interrupt": "interrupted"}
        told = why.get(found.stopped, "the time was up")
        return Certainty(BOUND, f"{told}: the least cost lies between the one that is proven and the one that is known")
    how = "mixed-integer programme, confirmed by the evaluator"
    return Certainty(EXACT, f"{how}; among the answers that are not left out" if left_out.notes() else how)


def _ended(found: Found) -> list[str]:
    words = {
        "time": "The time was up",
        "interrupt": "The search was interrupted",
        "close": "Too many sets cost nearly the same: the search ended",
    }
    return [f"{words[found.stopped]} before all sets of this cost were found."] if found.stopped else []


def _what_if(result: IndexResult, row: int, changes: Sequence[Change], learn: Learn) -> WhatIf:
    rows = result.plan.rows
    key = (rows.units[row],) if rows.periods is None else (rows.units[row], rows.periods[row])
    return what_if(result, {(*key, heading): answer for heading, answer in changes}, learn=learn)


def _standing(result: IndexResult, node: str, row: int) -> Standing:
    classes = result.classes
    band = classes[node].iloc[row] if node in classes else None
    rank = int(result.ranks[node].iloc[row])
    return Standing(float(result.nominal.by_node[node][row]), rank, None if pd.isna(band) else str(band))


def _relearned(
    offer: Offer, confirmed: WhatIf, chosen: Collection[int], changes: Sequence[Change], after: Standing
) -> tuple[Standing | None, list[str]]:
    """Where the unit stands if everything is learned again, and what is held to keep the answer exact."""
    bench = offer.bench
    moved = {leaf for at in chosen for leaf in offer.groups[offer.options[at].group][1]}
    records = bench.result.plan.above(moved) & {*bench.below, *moved}
    held = learned_with(bench.result, bench.row, records)
    if not held or confirmed.learn != "nominal":
        return after, []
    told = ", ".join(held)
    note = f"Held: what the run has learned from all units, this one among them ({told}); learned again it would move."
    try:
        again = _what_if(bench.result, bench.row, changes, "each_draw")
        return _standing(again.after, bench.node, bench.row), [note]
    except (EgovindexError, ValueError) as error:
        return None, [note, f"Learned again, there is no score: {error}"]
