"""Whether a published ranking can come from rounded weights: planted orders are found, broken ones are not."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex.errors import MethodError
from egovindex.robustness.audit import audit

seeds = st.integers(0, 10**6)


def index_of(columns, weights, aggregate="mean", **nodes):
    place = {column: node for node, own in nodes.items() for column in own}
    rows = pd.DataFrame(
        {"id": columns, "kind": "indicator", "in": [place.get(c, "top") for c in columns], "weight": weights}
    )
    inner = [{"id": node, "kind": "node", "in": "top", "weight": 0.5} for node in nodes]
    rows = pd.concat([rows, pd.DataFrame([*inner, {"id": "top", "kind": "node", "aggregate": aggregate}])])
    return ei.Index.from_frame(rows, index="made", nothing="void")


def computed(x, weights, **options):
    columns = [f"a{at}" for at in range(x.shape[1])]
    units = [f"u{at}" for at in range(len(x))]
    return ei.compute(index_of(columns, weights, **options), pd.DataFrame(x, columns=columns).assign(unit=units))


def printed_of(rng, k, digits=2):
    """True weights, and the same printed."""
    true = rng.dirichlet(np.full(k, 4.0))
    return true, {f"a{at}": round(float(weight), digits) for at, weight in enumerate(true)}


@given(seeds)
def test_what_was_printed_is_consistent_with_its_own_weights(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 7))
    true, printed = printed_of(rng, k)
    x = rng.uniform(size=(25, k))
    result = computed(x, np.full(k, 1 / k))
    ranking = pd.Series(25 - np.argsort(np.argsort(x @ true)), index=[f"u{at}" for at in range(25)])
    found = audit(result, ranking, weights=printed)
    assert found.consistent
    # no less than what the true weights give
    assert found.margin >= -np.diff(-np.sort(-(x @ true))).max() - 1e-12
    weights = found.weights["top"]
    assert all(abs(weights[name] - printed[name]) <= 0.005 + 1e-9 for name in printed)
    assert sum(weights.values()) == pytest.approx(1)
    assert found.table["found"].tolist() == list(range(1, 26))
    proportional = np.array(list(printed.values())) / sum(printed.values())
    as_printed = 25 - np.argsort(np.argsort(x @ proportional))
    assert found.equal == (as_printed == ranking.to_numpy()).sum()


@given(seeds)
def test_a_broken_order_is_told_with_a_proof(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 5))
    true, printed = printed_of(rng, k)
    x = rng.uniform(size=(12, k))
    result = computed(x, np.full(k, 1 / k))
    ranks = 12 - np.argsort(np.argsort(x @ true))
    one, other = rng.choice(12, 2, replace=False)
    ranks[[one, other]] = ranks[[other, one]]
    found = audit(result, dict(zip(result.scores.index, ranks, strict=True)), weights=printed)
    # draws inside the rounding: if one of them gives the order, so does the audit
    draws = np.array(list(printed.values())) + rng.uniform(-0.005, 0.005, size=(4000, k))
    draws /= draws.sum(axis=1, keepdims=True)
    draws = draws[(np.abs(draws - list(printed.values())) <= 0.005).all(axis=1)]
    gives = ((x @ draws.T).T[:, np.argsort(ranks)][:, :-1] > (x @ draws.T).T[:, np.argsort(ranks)][:, 1:]).all(axis=1)
    assert found.consistent >= gives.any()
    if found.consistent:
        return
    assert found.fewest == len(found.left_out) <= 2  # leaving out the two that were swapped helps
    table = found.table
    rest = table[~table["left_out"]]
    assert rest["found"].is_monotonic_increasing
    assert rest["found"].is_unique
    assert found.conflicts
    for conflict in found.conflicts:
        leads = x[conflict.pairs[:, 0]] - x[conflict.pairs[:, 1]]
        assert ((conflict.multipliers @ leads) @ draws.T).max() <= conflict.most + 1e-12
        assert conflict.most < 1e-9


def test_a_pair_by_hand():
    # with weights of 0.5 give or take 0.05 (one decimal), u0 leads u1 by 0.3 w - 0.1 (1 - w): never behind
    result = computed(np.array([[0.8, 0.4], [0.5, 0.5]]), [0.5, 0.5])
    assert audit(result, {"u0": 1, "u1": 2}, digits=1).margin == pytest.approx(0.3 * 0.55 - 0.1 * 0.45)
    found = audit(result, {"u0": 2, "u1": 1}, digits=1)
    assert not found.consistent
    assert found.margin == pytest.approx(-(0.3 * 0.45 - 0.1 * 0.55))
    assert found.words == ["u1 above u0: not with weights inside the rounding, at best 0.08 behind"]
    row = found.conflicting.iloc[0]
    assert (row["above"], row["below"], row["multiplier"]) == ("u1", "u0", 1.0)
    assert row["most"] == pytest.approx(-0.08)
    assert found.fewest == 1
    # with no decimals, any weights are printed as 0 or 1, and 0.25 is enough
    assert audit(result, {"u0": 2, "u1": 1}, digits=0, weights={"a0": 0, "a1": 1}).consistent


def test_pairs_that_hold_alone_but_not_together():
    # u0 above u1 needs a0 > a1, and u2 above u3 the reverse; u1 and u2 are far apart
    x = np.array([[9.2, 9.0], [9.0, 9.2], [1.0, 1.2], [1.2, 1.0]])
    result = computed(x, [0.5, 0.5])
    found = audit(result, {"u0": 1, "u1": 2, "u2": 3, "u3": 4})
    assert not found.consistent
    assert found.tie_only  # with equal weights both pairs tie
    assert len(found.conflicts) == 1
    assert found.conflicts[0].multipliers == pytest.approx([0.5, 0.5])
    assert found.words[0].startswith("u0 above u1, u2 above u3: each may hold")
    assert found.fewest == 1
    assert "consistent with ties only" in repr(found)


def test_equal_units_with_different_ranks_can_only_tie():
    x = np.array([[0.9, 0.9], [0.5, 0.5], [0.5, 0.5]])
    result = computed(x, [0.5, 0.5])
    found = audit(result, {"u0": 1, "u1": 2, "u2": 3})
    assert (found.consistent, found.tie_only) == (False, True)
    assert found.words == ["u1 above u2: they tie at best with weights inside the rounding"]
    together = audit(result, {"u0": 1, "u1": 2, "u2": 2})
    assert together.consistent
    assert together.equal == 3


def test_units_that_share_a_rank_may_stand_either_way():
    x = np.array([[0.9, 0.9], [0.6, 0.5], [0.5, 0.5], [0.1, 0.1]])
    result = computed(x, [0.5, 0.5])
    found = audit(result, {"u0": 1, "u1": 2, "u2": 2, "u3": 4})
    assert found.consistent
    assert found.equal == 4
    assert audit(result, {"u0": 1, "u1": 2, "u2": 2, "u3": 3}).consistent  # dense ranks say the same
    assert not audit(result, {"u0": 1, "u1": 2, "u2": 2, "u3": 1}).consistent


def test_units_that_the_ranking_does_not_name_are_told():
    x = np.array([[0.9, 0.9], [0.6, 0.5], [0.5, 0.5]])
    found = audit(computed(x, [0.5, 0.5]), {"u0": 1, "u2": 2})
    assert found.consistent
    assert found.equal == 2
    assert found.notes == ("not in the ranking, and not looked at: u1",)


def test_weights_inside_weights():
    rng = np.random.default_rng(4)
    x = rng.uniform(size=(20, 4))
    left, top = 0.337, 0.612
    true = np.array([top * left, top * (1 - left), (1 - top) * 0.5, (1 - top) * 0.5])
    ranking = {f"u{at}": rank for at, rank in enumerate(20 - np.argsort(np.argsort(x @ true)))}
    result = computed(x, [0.5, 0.5, 0.5, 0.5], left=["a0", "a1"], right=["a2", "a3"])
    printed = {"top": {"left": 0.6, "right": 0.4}, "left": {"a0": 0.3, "a1": 0.7}}
    found = audit(result, ranking, weights=printed, digits=1)
    assert found.consistent
    assert set(found.weights) == {"top", "left"}
    assert found.weights["left"]["a0"] == pytest.approx(0.3, abs=0.05 + 1e-9)
    again = ei.compute(result.index.with_weights(found.weights), result.plan.data)
    assert again.ranks["top"].to_dict() == ranking
    # with the outer weights alone, in the scale of per cent
    of_hundred = audit(result, ranking, weights={"left": 60, "right": 40}, digits=0, total=100)
    assert sum(of_hundred.weights["top"].values()) == pytest.approx(100)
    assert not of_hundred.consistent


def test_the_weights_of_the_index_by_default_and_some_nodes_alone():
    rng = np.random.default_rng(4)
    x = rng.uniform(size=(8, 4))
    result = computed(x, [0.5, 0.5, 0.3, 0.7], left=["a0", "a1"], right=["a2", "a3"])
    ranking = result.ranks["top"].astype(int)
    assert audit(result, ranking).equal == 8
    assert set(audit(result, ranking, digits={"right": 1}).weights) == {"right"}
    assert "right (1 decimal)" in repr(audit(result, ranking, digits={"right": 1, "left": 2}))


def test_a_geometric_mean_is_audited_in_logarithms():
    rng = np.random.default_rng(9)
    x = rng.uniform(1, 10, size=(15, 3))
    true = np.array([0.253, 0.334, 0.413])
    ranking = {f"u{at}": rank for at, rank in enumerate(15 - np.argsort(np.argsort(np.log(x) @ true)))}
    result = computed(x, [1 / 3, 1 / 3, 1 / 3], aggregate="geometric")
    assert audit(result, ranking, weights={"a0": 0.25, "a1": 0.33, "a2": 0.41}).consistent
    assert not audit(result, ranking, weights={"a0": 0.55, "a1": 0.33, "a2": 0.12}).consistent


def test_negative_control_the_rounding_matters():
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(60, 4))
    true = np.array([0.246, 0.254, 0.296, 0.204])
    ranking = {f"u{at}": rank for at, rank in enumerate(60 - np.argsort(np.argsort(x @ true)))}
    result = computed(x, [0.25, 0.25, 0.25, 0.25])
    printed = dict(zip(["a0", "a1", "a2", "a3"], [0.25, 0.25, 0.30, 0.20], strict=True))
    assert audit(result, ranking, weights=printed, digits=2).consistent
    assert not audit(result, ranking, weights=printed, digits=4).consistent


def test_out_of_time_is_a_bracket():
    rng = np.random.default_rng(1)
    x = rng.uniform(size=(60, 5))
    result = computed(x, [0.2] * 5)
    ranking = {f"u{at}": rank for at, rank in enumerate(rng.permutation(60) + 1)}
    found = audit(result, ranking, digits=0, time_limit=0.05)
    assert 0 <= found.fewest <= len(found.left_out) < 60
    assert found.certainty.kind == ("exact" if found.fewest == len(found.left_out) else "bound")


@pytest.mark.parametrize(
    ("ranking", "options", "message"),
    [
        ({"u0": 1, "nobody": 2, "noone": 3}, {}, 'no unit "nobody".*\n.*no unit "noone"'),
        ({"u0": 1, "u1": None}, {}, "a published rank is a number above zero; look at u1"),
        ({"u0": 1, "u1": 0}, {}, "above zero"),
        ({}, {}, "the ranking is empty"),
        ([1, 2], {}, "a mapping or a Series of unit to rank, found list"),
        ({"u0": 1, "u1": 1}, {}, "no unit above another"),
        ({("u0", 2024): 1, ("u1", 2024): 2}, {}, "take one period of it"),
        ({"u0": 1, "u1": 2}, {"digits": 2.5}, "digits: a whole number from 0 to 12, found 2.5"),
        ({"u0": 1, "u1": 2}, {"digits": {"tip": 2}}, 'no node "tip"; did you mean "top"'),
        ({"u0": 1, "u1": 2}, {"total": 0}, "total: what the printed weights add up to, a number above zero"),
        ({"u0": 1, "u1": 2}, {"total": {"tip": 1}}, 'total: no printed weights of "tip"; did you mean "top"'),
        (
            {"u0": 1, "u1": 2},
            {"weights": {"a0": 0.5, "b1": 0.5}},
            '"b1".*\n.*no printed weight of a1; name every child',
        ),
        ({"u0": 1, "u1": 2}, {"weights": {"a0": -1, "a1": 2}}, "numbers from zero on; look at a0"),
        ({"u0": 1, "u1": 2}, {"weights": {"a0": 0, "a1": 0}}, "all printed weights are zero"),
        ({"u0": 1, "u1": 2}, {"weights": {"a0": 0.6, "a1": 0.6}}, r"add up to 1\.2, and no weights within 0\.005"),
        ({"u0": 1, "u1": 2}, {"weights": {"a0": 50, "a1": 50}}, r"say what they add up to \(total=\)"),
        ({"u0": 1, "u1": 2}, {"weights": [0.5, 0.5]}, r"printed weights are \{child: number\}"),
    ],
)
def test_what_does_not_fit_is_told(ranking, options, message):
    result = computed(np.array([[0.8, 0.4], [0.5, 0.5]]), [0.5, 0.5])
    with pytest.raises(MethodError, match=re.compile(message)):
        audit(result, ranking, **options)


def test_a_unit_twice():
    result = computed(np.array([[0.8, 0.4], [0.5, 0.5]]), [0.5, 0.5])
    with pytest.raises(MethodError, match="names u0 twice"):
        audit(result, pd.Series([1, 2, 3], index=["u0", "u1", "u0"]))


def test_it_shows_itself():
    found = audit(computed(np.array([[0.8, 0.4], [0.5, 0.5]]), [0.5, 0.5]), {"u0": 2, "u1": 1}, digits=1)
    assert repr(found).splitlines()[0] == "<Audit top> not consistent with weights of top printed with 1 decimal"
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize("apart", [1e-7, 1e-9, 5e-11])
def test_a_difference_that_is_no_tie_is_none(apart):
    """Scores tie at 1e-12, not where a solver cannot tell them apart."""
    x = np.array([[0.9, 0.9], [0.5 + apart, 0.5 + apart], [0.5, 0.5]])
    result = computed(x, [0.5, 0.5])
    assert audit(result, {"u0": 1, "u1": 2, "u2": 3}).consistent
    found = audit(result, {"u0": 1, "u1": 3, "u2": 2})
    assert (found.consistent, found.tie_only, found.fewest) == (False, False, 1)
    assert found.certainty.kind == "exact"
    assert found.words == [f"u2 above u1: not with weights inside the rounding, at best {apart:.3g} behind"]


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("apart", [1e-5, 1e-7, 1e-9])
def test_pairs_that_contradict_each_other_by_little(apart, size):
    """One pair needs a0 above a1, the other below: by so little that the order holds only with the small room."""
    x = np.array([[9.2, 9.0], [9.0, 9.2], [1.0, 1.2], [1.2, 1.0]])
    order = {"u0": 1, "u1": 2, "u2": 3, "u3": 4}
    x[0] += apart
    assert audit(computed(x * size, [0.5, 0.5]), order).consistent
    x[0] -= 2 * apart
    found = audit(computed(x * size, [0.5, 0.5]), order)
    assert (found.consistent, found.tie_only, found.fewest, len(found.left_out)) == (False, False, 1, 1)
    assert found.certainty.kind == "exact"
    assert found.margin == pytest.approx(-apart / 2 * size, rel=1e-4)
    assert len(found.conflicts) == 1
