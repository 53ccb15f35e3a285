"""Levers equal brute force, and are confirmed by the evaluator."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import egovindex as ei
from egovindex import MethodError
from egovindex.robustness.leverbench import NotAsPromised
from egovindex.robustness.leverresult import Levers
from egovindex.robustness.levers import levers
from egovindex.robustness.leversteps import Sum
from egovindex.spec.language import number_text
from egovindex.spec.model import IndexFile
from tests.robustness.levercases import POINTS, SUMS, Case, cheapest_by_hand, every_set, sets_of

COSTS = ("one", "whole", "any")


def scores_of(case: Case, table: pd.DataFrame) -> np.ndarray:
    return ei.compute(case.index, table).scores["top"].to_numpy()


def compare_with_brute_force(case: Case, kind: str, choices: dict[str, list[str]], where: float) -> str:
    """Everything that levers says of one unit of a case, against every combination; what was found."""
    costs = {key: cost for key, cost in case.costs(kind).items() if isinstance(key, str) or key[1] in choices[key[0]]}
    sets, table = every_set(case.data, 0, choices)
    scores = scores_of(case, table)
    now = case.result.scores["top"].iloc[0]
    better = np.sort(scores[scores > now + 1e-9 * abs(scores).max()])
    goal = better[int(where * (len(better) - 1))] if len(better) else scores.max() * 1.1 + 1e-3
    reached = scores >= goal - 1e-12 * abs(goal)
    least, best = cheapest_by_hand(sets, reached, lambda n, a: costs.get((n, a), costs.get(n, 1.0)))

    def asked() -> Levers:
        more = {"costs": costs, "only": list(choices), "alternatives": len(sets), "answers": choices}
        return levers(case.result, "u0", {"score": goal}, **more)

    if not reached.any():
        with pytest.raises(MethodError, match=f"At best it gets to {number_text(round(float(scores.max()), 4))}"):
            asked()
        return "out of reach"
    found = asked()
    assert found.cost == pytest.approx(least, abs=1e-9)
    assert found.cost_bound == pytest.approx(found.cost, abs=1e-9)
    assert found.certainty.kind == "exact"
    assert found.complete
    named = sets_of(found)
    assert len(named) == len(set(named))
    assert set(named) == best
    assert found.after.score >= goal * (1 - 1e-12)
    return "reached"


@pytest.mark.parametrize("seed", range(15))
def test_equal_to_brute_force(seed):
    case = Case(seed, items=4 + seed % 2)
    choices = {name: list(POINTS) for name in case.names}
    compare_with_brute_force(case, COSTS[seed % 3], choices, (seed % 7) / 6)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.sampled_from(COSTS), st.floats(0, 1))
def test_equal_to_brute_force_wherever_the_goal_is(seed, kind, where):
    case = Case(seed, items=4)
    compare_with_brute_force(case, kind, {name: ["no", "drafted", "yes"] for name in case.names}, where)


FAR_APART = {
    "tiny": {"yes": 1e-6, "drafted": 5e-7, "planned": 3e-7, "no": 0.0},
    "one-in-a-million": {"yes": 1.0, "drafted": 1 - 1e-7, "planned": 1e-7, "no": 0.0},
    "wide": {"yes": 1e6, "drafted": 1.0, "planned": 1e-3, "no": 0.0},
}


@pytest.mark.parametrize("points", FAR_APART.values(), ids=FAR_APART)
@pytest.mark.parametrize("seed", range(8))
def test_equal_to_brute_force_where_a_solver_cannot_tell_points_apart(seed, points):
    """Solvers of whole numbers take 1e-6 for zero."""
    case = Case(700 + seed, items=4, steps=(None, "times 1000", "times 0.000001"), points=points)
    compare_with_brute_force(case, COSTS[seed % 3], {name: ["planned", "drafted", "yes"] for name in case.names}, 0.8)


@pytest.mark.parametrize(
    "costs", [(1e6, 999_999.0, 999_998.0), (1e-6, 1e6, 1e-6 * 3), (1 + 2e-8, 1 + 1e-8, 1 + 1e-8), (np.pi, np.e, np.pi)]
)
def test_costs_that_a_solver_cannot_tell_apart(costs):
    """The cheapest is the cheapest, to 1e-9 of the dearest."""
    names = ["q0", "q1", "q2", "q3"]
    case = Case(31, items=4, kinds=("mean",), steps=(None,))
    case.data.loc[0, names] = "no"
    case.result = ei.compute(case.index, case.data)
    own = dict(zip(names, (*costs, costs[0]), strict=True))
    sets, table = every_set(case.data, 0, {name: ["yes"] for name in names})
    goal = float(np.median(scores_of(case, table)))
    reached = scores_of(case, table) >= goal - 1e-12
    least = min(sum(own[n] for n in one) for one, r in zip(sets, reached, strict=True) if r)
    for alternatives in (0, 20):
        found = levers(case.result, "u0", {"score": goal}, costs=own, only=names, alternatives=alternatives,
                       answers={name: ["yes"] for name in names})  # fmt: skip
        assert found.cost == pytest.approx(least, abs=1e-9 * max(costs))
        assert found.certainty.kind == "exact"
    cheap = {frozenset(one.items()) for one, r in zip(sets, reached, strict=True)
             if r and sum(own[n] for n in one) <= least + 1e-9 * max(costs)}  # fmt: skip
    assert set(sets_of(found)) == {one for one in cheap if not any(less < one for less in cheap)}
    assert found.complete


def test_too_many_sets_of_nearly_one_cost_are_a_bracket(monkeypatch):
    monkeypatch.setattr("egovindex.robustness.leversearch._NEAR", 3)
    case = Case(31, items=12, kinds=("mean",), steps=(None,))
    case.data.loc[0, case.names] = "no"
    result = ei.compute(case.index, case.data)
    costs = {name: 1e6 + at for at, name in enumerate(case.names)}
    found = levers(result, "u0", {"score": 0.55}, costs=costs)
    assert found.certainty.kind == "bound"
    assert found.cost - 11 <= found.cost_bound < found.cost
    assert "cost nearly the same" in found.notes[-1]
    assert not found.complete


@pytest.mark.parametrize("seed", range(4))
def test_twelve_items(seed):
    case = Case(100 + seed, items=12, kinds=(*SUMS, "min", "geometric"), steps=(None,))
    choices = {name: ["yes"] for name in case.names}
    assert compare_with_brute_force(case, COSTS[seed % 3], choices, 0.6) == "reached"


@pytest.mark.parametrize("seed", range(8))
def test_an_answer_where_there_is_none_changes_who_counts(seed):
    """A mean over who counts: filling a gap with a low answer may lower it."""
    case = Case(300 + seed, items=5, kinds=("mean",), gaps=True)
    data = case.data.copy()
    data.loc[0, case.names] = ["no", "unknown", "planned", "unknown", "no"]
    case.data, case.result = data, ei.compute(case.index, data)
    counted = {name for name in case.names if data.loc[0, name] != "unknown"}
    anchored = all(counted & set(case.index.tree.branches[node].children) for node in ("one", "two"))
    choices = {name: list(POINTS) for name in case.names}
    if anchored:
        assert compare_with_brute_force(case, COSTS[seed % 3], choices, 0.8) == "reached"
        return
    found = levers(case.result, "u0", {"score": case.result.scores["top"].iloc[0] + 0.01})
    assert "no score now" in " ".join(found.notes)


# --- by hand


TWO = {
    "index": "two",
    "answers": {"status": {word: [] for word in POINTS}},
    "points": {"status": POINTS},
    "nothing": {"missing": 0, "unknown": "skip"},
    "indicators": {
        "law": {"points": ["status"]},
        "practice": {"points": [{"planned": 0.5}, "status"], "from": "law"},
        "plan": {"points": ["status"]},
    },
    "nodes": {
        "top": {"of": {"law": 1, "practice": 1, "plan": 2}, "classes": {"High": 0.75, "Low": "else"}},
    },
}
ANSWERS = pd.DataFrame(
    {
        "unit": ["A", "B", "C", "D"],
        "law": ["no", "yes", "yes", "unknown"],
        "plan": ["no", "no", "yes", "drafted"],
    }
)


@pytest.fixture(scope="module")
def two():
    index = ei.Index(IndexFile.model_validate(TWO))
    return ei.compute(index, ANSWERS)


def test_a_column_of_two_indicators_changes_both(two):
    found = levers(two, "A", {"score": 0.5}, answers={"plan": ["planned"]})
    assert found.changes[["item", "before", "after", "cost"]].to_numpy().tolist() == [["law", "no", "yes", 1.0]]
    assert found.changes["label"].tolist() == ["law, practice"]
    assert found.after.score == 0.5
    assert levers(two, "A", {"score": 0.15}, only=["practice"]).changes["item"].tolist() == ["law"]


def test_a_tie_is_enough_for_a_rank(two):
    """B has 1/2: whoever has as much shares its rank."""
    found = levers(two, "A", {"rank": 3}, costs={"plan": 2})
    assert (found.threshold, found.after.score, found.after.rank, found.cost) == (0.5, 0.5, 3, 1)
    assert found.before.rank == 4
    assert levers(two, "A", {"rank": 1}).after.score == 1
    assert levers(two, "A", {"rank": 4}).cost == 0
    assert levers(two, "A", {"rank": 99}).threshold == -np.inf


def test_a_class_is_its_bound(two):
    found = levers(two, "B", {"class": "High"})
    assert (found.threshold, found.after.class_, found.before.class_) == (0.75, "High", "Low")
    assert found.changes["item"].tolist() == ["plan"]
    assert set(found.alternatives["after"]) | set(found.changes["after"]) == {"yes", "drafted"}
    assert levers(two, "A", {"class": "Low"}).changes.empty


def test_what_is_reached_needs_no_change(two):
    found = levers(two, "C", {"score": 1})
    assert (found.cost, found.cost_bound, len(found.changes), len(found.ladder), found.complete) == (0, 0, 0, 0, True)
    assert found.before == found.after
    assert "reached as it is" in repr(found)


def test_out_of_reach_says_what_is_reachable(two):
    with pytest.raises(
        MethodError, match=r"out of reach of A .*At best it gets to 0\.5, rank 3, Low; now it has 0"
    ) as e:
        levers(two, "A", {"class": "High"}, fixed=["law"])
    assert e.value.faults[0].check == "target_out_of_reach"
    with pytest.raises(MethodError, match="out of reach"):
        levers(two, "A", {"score": 2})
    with pytest.raises(MethodError, match="out of reach"):
        levers(two, "A", {"score": 0.1}, only=["plan"], answers={"plan": ["no"]})


def test_costs_by_item_and_by_answer(two):
    costs = {"law": 5, ("plan", "drafted"): 0.5, ("plan", "yes"): 3}
    found = levers(two, "A", {"score": 0.3}, costs=costs)
    assert (found.cost, found.changes["after"].tolist()) == (0.5, ["drafted"])
    assert levers(two, "A", {"score": 0.5}, costs=costs).cost == 3
    assert levers(two, "A", {"score": 0.5}, costs={"plan": 0, "law": 0}).cost == 0
    assert len(levers(two, "A", {"score": 0.5}, costs={"plan": 0, "law": 0}).changes) == 1


def test_a_gap_that_cannot_be_modelled_is_told(two):
    """D skips law and practice; beside plan, which always counts, both can be filled."""
    found = levers(two, "D", {"score": 0.75})
    assert found.changes["item"].tolist() == ["plan"]
    both = levers(two, "D", {"score": 0.75}, fixed=["plan"])
    assert both.changes["after"].tolist() == ["yes"]
    assert both.after.score == pytest.approx((1 + 1 + 2 * 0.6) / 4)


def test_the_ladder_goes_by_gain_per_cost(two):
    found = levers(two, "A", {"score": 1}, costs={"law": 4, "plan": 1})
    assert found.ladder["item"].tolist() == ["plan", "law"]
    assert found.ladder["score"].tolist() == [0.5, 1.0]
    assert found.ladder["rank"].tolist() == [3, 1]
    assert found.ladder["class"].tolist() == ["Low", "High"]
    assert found.changes.set_index("item")["gain"].to_dict() == {"law": 0.5, "plan": 0.5}


# --- what meets in one indicator


PROOF = {
    "index": "proof",
    "answers": {"status": {"yes": [], "no": []}},
    "nothing": {"missing": 0},
    "indicators": {
        "law": {"points": [{"answer is yes and proof is missing": 0.25, "yes": 1, "no": 0}]},
        "plan": {"points": [{"yes": 1, "no": 0}]},
    },
    "nodes": {"top": {"of": {"law": 1, "plan": 1}}},
}


def test_columns_that_meet_in_an_indicator_are_taken_together():
    index = ei.Index(IndexFile.model_validate(PROOF))
    data = pd.DataFrame({"unit": ["A", "B"], "law": ["no", "no"], "plan": ["no", "yes"], "proof": [None, "link"]})
    result = ei.compute(index, data)
    found = levers(result, "A", {"score": 0.5}, fixed=["plan"], answers={"proof": ["link"]})
    assert set(zip(found.changes["item"], found.changes["after"], strict=True)) == {("law", "yes"), ("proof", "link")}
    assert found.changes.set_index("item")["gain"].to_dict() == {"law": 0.125, "proof": 0.0}
    assert found.after.score == 0.5
    few = levers(result, "A", {"score": 0.1}, fixed=["plan"], answers={"proof": ["link"]})
    assert few.changes["item"].tolist() == ["law"]
    assert few.alternatives.empty
    with pytest.raises(MethodError, match=r"At best it gets to 0\.125"):
        levers(result, "A", {"score": 0.5}, fixed=["plan"])


# --- packaged indices


@pytest.fixture(scope="module")
def msq():
    return ei.compute("msq-readiness-2022", ei.sample("msq-readiness-2022"))


@pytest.fixture(scope="module")
def egdi():
    return ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))


def test_the_questionnaire_equals_brute_force(msq):
    """All pairs and triples of twelve items, by what-ifs of their own."""
    items = ["q036", "q040", "q048", "q050", "q052", "q054", "q091", "q093", "q097", "q106", "q108", "q042"]
    before = msq.plan.data.iloc[0]
    sets = [one for size in range(4) for one in combinations(items, size)]
    table = pd.concat([msq.plan.data.iloc[[0]]] * len(sets), ignore_index=True)
    table["unit"] = [f"try {at}" for at in range(len(sets))]
    for at, one in enumerate(sets):
        table.loc[at, list(one)] = "yes"
    scores = ei.compute("msq-readiness-2022", table).scores["readiness"].to_numpy()
    goal = 0.73
    reached = scores >= goal - 1e-12
    least = min(len(one) for one, r in zip(sets, reached, strict=True) if r)
    best = {
        frozenset((name, "yes") for name in one)
        for one, r in zip(sets, reached, strict=True)
        if r and len(one) == least and all(before[name] != "yes" for name in one)
    }
    found = levers(msq, "KHM", {"score": goal}, only=items, alternatives=1000)
    assert least == found.cost == 3
    assert set(sets_of(found)) == best
    assert found.complete


def test_egdi_equals_brute_force_with_the_values_of_the_run(egdi):
    options = {name: [0.7, 1.0] for name in ("osi_if", "osi_cp", "osi_sp", "osi_epi")}
    costs = {(name, answer): round(1 + answer * (at + 1), 2) for at, name in enumerate(options) for answer in (0.7, 1)}
    found = levers(egdi, "KHM", {"rank": 100}, answers=options, costs=costs)
    known = []
    for answers in product(*([None, *answers] for answers in options.values())):
        changes = {name: a for name, a in zip(options, answers, strict=True) if a is not None}
        what_if = ei.what_if(egdi, {("KHM", name): answer for name, answer in changes.items()})
        if what_if.after.ranks["EGDI"].loc[("KHM", 2024)] <= 100:
            known.append(sum(costs[name, answer] for name, answer in changes.items()))
    assert found.cost == pytest.approx(min(known), abs=1e-9)
    assert found.after.rank <= 100
    assert 'OSI ("minmax")' in found.notes[0]
    assert found.relearned is not None
    assert found.relearned.score != found.after.score
    again = ei.what_if(
        egdi,
        {("KHM", item): answer for item, answer in zip(found.changes["item"], found.changes["after"], strict=True)},
        learn="each_draw",
    )
    assert found.relearned.score == again.after.scores["EGDI"].loc[("KHM", 2024)]


def test_the_certificate_is_a_what_if(egdi):
    found = levers(
        egdi, "KHM", {"class": "Very high"}, answers={f"osi_{n}": [1] for n in ("if", "cp", "sp", "epi", "tec")}
    )
    assert found.what_if.after.scores["EGDI"].loc[("KHM", 2024)] == pytest.approx(found.after.score, abs=1e-12)
    assert found.certificate["score"] >= found.certificate["threshold"] == 0.75
    assert found.certificate["cost"] == found.certificate["cost_bound"] == len(found.changes)


def test_learning_again_is_refused_where_the_unit_is_learned_from(egdi, msq):
    with pytest.raises(MethodError, match=r'mobile_cellular_per100 \("zscore"\).*goalposts.*without the unit') as error:
        levers(egdi, "KHM", {"rank": 100}, answers={"osi_if": [1]}, learn="each_draw")
    assert error.value.faults[0].check == "learned_again"
    same = levers(msq, "KHM", {"score": 0.7}, learn="each_draw", alternatives=0)
    assert same.cost == levers(msq, "KHM", {"score": 0.7}, alternatives=0).cost
    assert same.what_if.learn == "each_draw"


def test_any_number_could_be_an_answer(egdi):
    with pytest.raises(MethodError, match=r"out of reach.*Left out, any number could be an answer; give some"):
        levers(egdi, "KHM", {"rank": 1})


# --- time, interrupts, faults of our own


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_time_limit_gives_a_bracket(seed):
    case = Case(seed, items=6, kinds=("mean", "geometric"))
    goal = {"score": float(case.result.scores["top"].iloc[0]) * 1.2 + 0.05}
    exact = levers(case.result, "u0", goal)
    found = levers(case.result, "u0", goal, time_limit=0)
    assert found.certainty.kind == "bound"
    assert found.cost_bound <= exact.cost <= found.cost
    assert found.cost_bound == 0
    assert found.after.score >= goal["score"]
    assert not found.complete
    assert "The time was up" in found.notes[-1]
    assert "at least 0" in repr(found)


def test_an_interrupt_keeps_what_is_found(msq):
    def told(told):
        if told.done == 3:
            raise KeyboardInterrupt

    found = levers(msq, "KHM", {"score": 0.7}, alternatives=50, progress=told)
    assert found.alternatives["alternative"].nunique() == 2
    assert not found.complete
    assert "interrupted" in found.notes[-1]


def test_alternatives_are_counted_and_progress_is_told(msq):
    seen = []
    found = levers(msq, "KHM", {"score": 0.7}, alternatives=4, progress=seen.append)
    assert found.alternatives["alternative"].unique().tolist() == [1, 2, 3, 4]
    assert not found.complete
    assert [told.done for told in seen] == [1, 2, 3, 4, 5]


def test_a_model_that_differs_from_the_evaluator_is_no_answer(two, monkeypatch):
    monkeypatch.setattr(Sum, "at", lambda self, x: 0.123)
    with pytest.raises(NotAsPromised, match="the evaluator"):
        levers(two, "A", {"score": 0.4})
