"""The index over the questionnaire: what three rules and two readings of silence give one coder's categories."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import egovindex as ei

INDEX = ei.load_index("msq-readiness-2022")
SAMPLE = ei.sample("msq-readiness-2022")
LAWS = [f"q{number:03}" for number in range(36, 56, 2)]


def law(*rules: str) -> float:
    index = INDEX.with_rules(*rules) if rules else INDEX
    return float(ei.compute(index, SAMPLE).scores["law"].iloc[0])


def test_ten_laws_under_every_rule():
    """yes 2, drafted 2, planned 4, running without a law 1, unknown 1: nine are known."""
    assert law() == law("strict") == pytest.approx(2 / 9)
    assert law("unknown_is_no") == pytest.approx(0.20)
    assert law("practice") == pytest.approx(3 / 9)
    assert law("graded") == pytest.approx((2 + 2 * 0.4 + 4 * 0.2 + 0.5) / 9)
    assert round(law("graded"), 2) == 0.46


def test_the_sample_holds_categories_only():
    assert list(SAMPLE) == ["unit", "period", "item", "answer", "evidence_given"]
    assert set(SAMPLE["answer"]) <= {"yes", "no", "drafted", "planned", "in_operation", "unknown"}
    assert SAMPLE["answer"].value_counts().to_dict() == {
        "yes": 22, "planned": 9, "unknown": 5, "drafted": 2, "in_operation": 1,
    }  # fmt: skip
    assert set(SAMPLE.loc[SAMPLE["evidence_given"] == "no", "answer"]) == {"unknown"}


def test_weights_of_the_sections():
    branch = INDEX.tree.branches["readiness"]
    weights = {child: weight.value for child, weight in zip(branch.children, branch.weights, strict=True)}
    assert weights == {"institutions": 15, "law": 25, "strategy": 20, "inclusion": 25, "usage": 10, "covid": 5}
    sizes = {name: len(INDEX.tree.branches[name].children) for name in branch.children}
    assert sizes == {"institutions": 2, "law": 10, "strategy": 13, "inclusion": 8, "usage": 3, "covid": 3}


@pytest.mark.parametrize("name", ["equal-items", "equal-sections", "osi-like", "participation-heavy"])
def test_weight_sets_say_why(name):
    chosen = ei.load_weights(name, index=INDEX)
    assert chosen.title
    assert chosen.note
    assert 0 < ei.compute(INDEX.with_weights(name), SAMPLE).scores["readiness"].iloc[0] < 1


def test_evidence_required():
    unproven = SAMPLE.assign(evidence_given=["no" if item == "q044" else "yes" for item in SAMPLE["item"]])
    before, after = (
        ei.compute(INDEX.with_rules("evidence_required"), data).scores["law"].iloc[0] for data in (SAMPLE, unproven)
    )
    assert (before, after) == (pytest.approx(2 / 9), pytest.approx(1 / 9))


CATEGORIES = ["no", "planned", "drafted", "in_operation", "yes"]
ANSWERS = st.lists(st.sampled_from([*CATEGORIES, "unknown"]), min_size=len(SAMPLE), max_size=len(SAMPLE))


@settings(max_examples=30, deadline=None)
@given(ANSWERS, st.integers(0, len(SAMPLE) - 1), st.sampled_from(["strict", "graded", "practice"]))
def test_raising_an_answer_never_lowers_a_score(answers, at, rule):
    if answers[at] == "unknown":
        return
    place = CATEGORIES.index(answers[at])
    raised = [*answers]
    raised[at] = CATEGORIES[min(place + 1, 4)]
    if rule == "practice" and answers[at] == "in_operation":
        raised[at] = "yes"
    index = INDEX.with_rules(rule)
    before, after = (ei.compute(index, SAMPLE.assign(answer=one)).scores for one in (answers, raised))
    both = pd.concat([before.iloc[0], after.iloc[0]], axis=1).dropna()
    assert (both.iloc[:, 1] >= both.iloc[:, 0] - 1e-12).all()


@settings(max_examples=20, deadline=None)
@given(ANSWERS, st.data())
def test_bounds_hold_every_completion(answers, data):
    index = INDEX.with_rules("graded")
    table = SAMPLE.assign(answer=answers)
    found = ei.bounds(index, table, ["unknown"])
    filled = [data.draw(st.sampled_from(CATEGORIES)) if answer == "unknown" else answer for answer in answers]
    scores = ei.compute(index, SAMPLE.assign(answer=filled)).scores.iloc[0]
    for node in ("law", "strategy", "inclusion", "usage", "institutions", "readiness"):
        low, high = found.of(node)[["low", "high"]].iloc[0]
        assert low - 1e-12 <= scores[node] <= high + 1e-12
