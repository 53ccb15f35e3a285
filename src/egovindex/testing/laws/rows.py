"""Who stands in which row, and which draw in which batch, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from egovindex.errors import listed
from egovindex.evaluate import evaluate
from egovindex.formulas import Floats
from egovindex.kernels.rank import competition_ranks
from egovindex.scores import Scores
from egovindex.testing.cases import Case, Finding
from egovindex.testing.laws.common import OUTSIDE, scored

__all__ = ["law_draws", "law_exchangeable"]


def law_exchangeable(case: Case) -> Iterator[Finding]:
    """Units in another order have the same scores."""
    if case.rows < 2:
        yield from (Finding(name, None, "one row has no other order") for name in case.scores.nodes)
        return
    failed: dict[str, str] = {}
    orders = [np.arange(case.rows)[::-1], case.rng.permutation(case.rows)]
    for order in orders:
        scores = evaluate(case.index.plan(case.table.iloc[order]))
        for name in case.scores.nodes:
            row = case.differing(name, scores[name], case.scores[name][order])
            if row is not None and name not in failed:
                was = case.scores[name][order][row]
                failed[name] = f"{case.unit(order[row])} had {was:.17g} and has {scores[name][row]:.17g} in another row"
    for name in case.scores.nodes:
        yield Finding(name, name not in failed, failed.get(name, f"{len(orders)} orders of {case.rows} rows"))


def law_draws(case: Case) -> Iterator[Finding]:
    """A batch of draws equals its draws one at a time, with the same ranks."""
    draws = 4
    failed: dict[str, str] = {}
    compared = 0
    inputs = {
        "weights": case.drawn_weights(draws),
        "x": _other_answers(case, draws),
        "outcomes": _outcomes(case, draws),
    }
    for names in (["weights"], ["x"], ["outcomes"], ["weights", "x", "outcomes"]):
        given = {name: inputs[name] for name in names}
        ones = [{name: array[draw] for name, array in given.items()} for draw in range(draws)]
        alone = [case.tried(one) for one in ones]
        together = case.tried(given)
        if together is None or None in alone:
            if together is not None:
                failed |= dict.fromkeys(case.scores.nodes, f"draws of {listed(names)} are refused only one at a time")
            continue
        compared += 1
        for draw, scores in enumerate(alone):
            if scores is not None:
                for name, told in _unlike(case, together, scores, draw, ones[draw]).items():
                    failed.setdefault(name, f"draws of {listed(names)}: {told}")
    for name in case.scores.nodes:
        if name in failed:
            yield Finding(name, False, failed[name])
        else:
            detail = f"{draws} draws of each of {compared} kinds" if compared else OUTSIDE
            yield Finding(name, True if compared else None, detail)


def _unlike(case: Case, batch: Scores, alone: Scores, draw: int, one: Mapping[str, Floats]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in alone.nodes:
        together, single = batch[name][draw], alone[name]
        row = case.differing(name, together, single, np.zeros(case.rows))
        if row is None:
            for rows in case.plan.rows.groups:
                ranks = competition_ranks(together[rows]), competition_ranks(single[rows])
                if (ranks[0] != ranks[1]).any():
                    found[name] = f"ranks {ranks[0].tolist()}, alone {ranks[1].tolist()}"
            continue
        x = one.get("x", case.plan.x(one.get("outcomes")))
        moves = case.leeway_of(x, one.get("weights", case.plan.weights), one.get("outcomes"))
        row = case.differing(name, together, single, moves[name])
        if row is not None:
            found[name] = f"{case.unit(row)} has {together[row]:.17g}, alone {single[row]:.17g}"
    return found


def _other_answers(case: Case, draws: int) -> Floats:
    """Points in which some units have those of others."""
    x = np.tile(case.x, (draws, 1, 1))
    for leaf, at in case.plan.positions.items():
        rows = np.flatnonzero(scored(case, leaf))
        for draw in range(draws):
            some = case.rng.random(rows.size) < 0.4
            x[draw, rows[some], at] = case.rng.permutation(case.x[rows, at])[some]
    return x


def _outcomes(case: Case, draws: int) -> Floats:
    return case.plan.outcomes * case.rng.uniform(0.5, 1.0, (draws, len(case.plan.outcomes)))
