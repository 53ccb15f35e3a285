"""The Technology Achievement Index of the OECD/JRC handbook (2008): 23 countries, eight indicators.

Goalposts and caps of UNDP (2001), tables 22 and 23 (weights and ranks by weighting) and 38 (ranks by aggregation).
"""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog

import egovindex as ei
from egovindex.robustness.audit import audit
from egovindex.robustness.nearest import nearest_weights

INDEX = """
index: tai
nothing: void
indicators:
  patents: {steps: [goalposts 0 994]}
  royalties: {steps: [goalposts 0 272.6]}
  internet: {steps: [goalposts 0 232.4]}
  exports: {steps: [goalposts 0 80.8]}
  telephones: {steps: [cap 901, goalposts 1 901 log]}
  electricity: {steps: [cap 6969, goalposts 22 6969 log]}
  schooling: {steps: [goalposts 0.8 12]}
  university: {steps: [goalposts 0.1 27.4]}
nodes:
  TAI: {of: [patents, royalties, internet, exports, telephones, electricity, schooling, university]}
"""
CHILDREN = ["patents", "royalties", "internet", "exports", "telephones", "electricity", "schooling", "university"]


def read(shared, name):
    return json.loads((shared / "data" / "tai" / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def raw(shared):
    return pd.read_csv(shared / "data" / "tai" / "tai23_raw.csv").rename(columns={"country": "unit"})


@pytest.fixture(scope="module")
def result(raw, tmp_path_factory):
    path = tmp_path_factory.mktemp("tai") / "tai.yaml"
    path.write_text(INDEX, encoding="utf-8")
    logs = {name: 10 ** raw[f"{name}_log"] for name in ("telephones", "electricity")}
    index = ei.load_index(path).with_weights({"TAI": dict.fromkeys(CHILDREN, 0.125)})
    return ei.compute(index, raw.assign(**logs)[["unit", *CHILDREN]])


@pytest.fixture(scope="module")
def printed(shared):
    weights, ranks = read(shared, "table22_weights.json"), read(shared, "table23_ranks_by_weighting.json")
    return (
        {name: dict(zip(CHILDREN, weights[name], strict=True)) for name in ("FA", "BAP", "AHP")},
        {name: pd.Series(ranks[name], index=ranks["order"]) for name in ("EW", "FA", "BAP", "AHP")},
    )


def test_the_goalposts_are_those_of_the_report(shared):
    posts = read(shared, "goalposts_hdr2001.json")["goalposts"]
    steps = {line.split(":")[0].strip(): line for line in INDEX.splitlines() if "goalposts" in line}
    assert steps.keys() == posts.keys()
    for name, (low, high) in posts.items():
        assert f"goalposts {low:g} {high:g}" in steps[name]


def test_equal_weights_give_the_published_ranks(result, printed):
    _, ranks = printed
    assert result.ranks["TAI"].loc[ranks["EW"].index].tolist() == ranks["EW"].tolist()


@pytest.mark.parametrize(("scheme", "equal"), [("FA", 19), ("AHP", 20), ("BAP", 23)])
def test_the_published_order_is_consistent_with_the_rounded_weights(result, printed, scheme, equal):
    weights, ranks = printed[0][scheme], printed[1][scheme]
    found = audit(result, ranks, weights=weights, digits=2, total=1)
    assert found.equal == equal
    assert found.consistent
    assert not found.tie_only
    assert found.certainty.kind == "exact"
    assert found.margin > 0
    # the certificate: weights that are printed so, add up to one, and give the order
    inside = found.weights["TAI"]
    assert all(abs(inside[name] - weights[name]) <= 0.005 + 1e-12 for name in CHILDREN)
    assert sum(inside.values()) == pytest.approx(1, abs=1e-12)
    again = ei.compute(result.index.with_weights(found.weights), result.plan.data).ranks["TAI"]
    assert again.loc[ranks.index].tolist() == ranks.tolist()


@pytest.mark.parametrize("scheme", ["FA", "AHP"])
def test_control_another_order_is_not(result, printed, scheme):
    weights, ranks = printed[0][scheme], printed[1][scheme].copy()
    ranks[["Finland", "Slovenia"]] = ranks[["Slovenia", "Finland"]].to_numpy()
    found = audit(result, ranks, weights=weights, digits=2, total=1)
    assert not found.consistent
    assert not found.tie_only
    assert set(found.left_out) == {"Finland", "Slovenia"}
    assert found.fewest == 2
    assert found.words


def test_control_a_neighbouring_swap_is_not(result, printed):
    weights, ranks = printed[0]["AHP"], printed[1]["AHP"].copy()
    ranks[["Spain", "Italy"]] = ranks[["Italy", "Spain"]].to_numpy()
    found = audit(result, ranks, weights=weights, digits=2, total=1)
    assert not found.consistent
    assert found.fewest >= 1
    assert not audit(result, printed[1]["FA"], weights=weights, total=1).consistent


def test_the_nearest_weights_for_the_second_to_be_first(result):
    found = nearest_weights(result, "United States")
    x = np.stack([found.form.x[found.form.position(name)] for name in ("United States", "Finland")])
    lead, own = x[1] - x[0], found.form.own
    median = np.sort(lead)[[3, 4]].mean()  # of eight equal weights
    assert found.distance >= own @ lead / (own @ np.abs(lead - median)) - 1e-12
    assert found.reached == 1


# --- table 38: the order that the handbook gives for the non-compensatory aggregation
@pytest.fixture(scope="module")
def outranking(shared, raw):
    table = read(shared, "table38_ranks_by_aggregation.json")
    x = raw.set_index("unit").loc[table["order"]].to_numpy()
    wins = (x[:, None] > x[None]) + 0.5 * (x[:, None] == x[None])
    return wins.mean(axis=-1), np.array(table["NCMC"])


def score(e, order):
    return sum(e[one, other] for one, other in combinations(order, 2))


def improved(e, order):
    """Insertion search: move one at a time to its best place until nothing helps."""
    order = list(order)
    better = True
    while better:
        better = False
        for unit in list(order):
            rest = [other for other in order if other != unit]
            tries = [[*rest[:at], unit, *rest[at:]] for at in range(len(order))]
            best = max(tries, key=lambda tried: score(e, tried))
            if score(e, best) > score(e, order) + 1e-12:
                order, better = best, True
    return order


def test_the_printed_order_of_table_38_is_not_the_best(shared, outranking):
    e, ranks = outranking
    known = json.loads((shared / "data" / "exact" / "hand_checkable.json").read_text(encoding="utf-8"))["kemeny_tai23"]
    # units that share a printed rank stand the better way round
    pairs = list(combinations(range(len(ranks)), 2))
    best_way = [
        max(e[i, j], e[j, i]) if ranks[i] == ranks[j] else e[(i, j) if ranks[i] < ranks[j] else (j, i)]
        for i, j in pairs
    ]
    assert sum(best_way) == known["published_table38_ncmc_score"] == 182.125
    found = improved(e, np.argsort(ranks, kind="stable"))
    assert sorted(found) == list(range(23))
    assert 182.125 < score(e, found) <= known["optimum"] == 184.5


def test_the_best_order_has_184_5(outranking):
    # linear ordering: y_ij + y_jk - y_ik between 0 and 1; an upper bound, and integral here
    e, _ = outranking
    n = len(e)
    places = {pair: at for at, pair in enumerate(combinations(range(n), 2))}
    gains = np.array([e[i, j] - e[j, i] for i, j in places])
    triples = list(combinations(range(n), 3))
    rows = sparse.lil_array((len(triples), len(places)))
    for at, (i, j, k) in enumerate(triples):
        rows[at, [places[i, j], places[j, k], places[i, k]]] = [1, 1, -1]
    rows = rows.tocsr()
    limits = np.repeat([1.0, 0.0], len(triples))
    solved = linprog(-gains, A_ub=sparse.vstack([rows, -rows]), b_ub=limits, bounds=(0, 1))
    assert -solved.fun + sum(e[j, i] for i, j in places) == pytest.approx(184.5, abs=1e-9)
    assert np.allclose(solved.x, np.rint(solved.x))
    before = np.zeros(n)
    for (i, j), at in places.items():
        before[j] += np.rint(solved.x[at])
        before[i] += 1 - np.rint(solved.x[at])
    assert score(e, np.argsort(before)) == 184.5
