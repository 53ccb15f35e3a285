"""Single precision: ranks of double precision, scores within the stated error, no number that is infinite."""

from __future__ import annotations

import numpy as np
import pytest

import egovindex as ei
from egovindex.evaluate import evaluate, settle
from tests.numerics.cases import index, table

# of the largest score, as docs/methods/numerics.md states it
STATED = 1e-6


@pytest.mark.parametrize("name", ["un-egdi-2024", "wb-gtmi-2022", "un-osi-2024"])
def test_scores_are_within_the_stated_error(name):
    plan = ei.load_index(name).plan(ei.sample(name))
    top = plan.tree.headline
    own = next(node.edges for node in plan.nodes if node.branch.id == top)
    weights = np.tile(plan.weights, (200, 1))
    weights[:, own] *= np.random.default_rng(1).uniform(0.5, 1.5, weights[:, own].shape)
    full = evaluate(plan, weights=weights, nodes=[top])[top]
    short = evaluate(
        plan, weights=weights, nodes=[top], settled=settle(plan, [top], precision="single"), precision="single"
    )
    away = np.abs(short[top].astype(float) - full)
    assert 0 < np.nanmax(away) <= STATED * np.nanmax(np.abs(full))


@pytest.mark.parametrize("exponent", [-90, 0, 90])
def test_ranks_are_those_of_double(exponent):
    doubt = ei.Doubt(weights=ei.within(0.3))
    expected, found = (
        ei.simulate(index(), table(e), doubt, n=20_000, rng=1, precision="single", executor=1) for e in (0, exponent)
    )
    assert (found.tally.sums["counts"] == expected.tally.sums["counts"]).all()


@pytest.mark.parametrize("exponent", [-996, -130, 130, 996])
def test_numbers_beyond_it_are_scored_in_double(exponent):
    doubt = ei.Doubt(weights=ei.within(0.3))
    expected, found = (
        ei.simulate(index(), table(e), doubt, n=20_000, rng=1, precision="single", executor=1) for e in (0, exponent)
    )
    assert len(found.failed) == 0
    assert (found.tally.sums["counts"] == expected.tally.sums["counts"]).all()


@pytest.mark.parametrize("exponent", [-996, -130, 130, 996])
def test_numbers_beyond_it_are_refused_by_name(exponent):
    plan = index().plan(table(exponent))
    with pytest.raises(ei.MethodError, match=r"x: its largest number is .* take double"):
        settle(plan, ["top"], precision="single")
