"""What holds of every rubric: spelling and order are nothing, points have no unit, more is never less."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import egovindex as ei
from tests.properties.drawn import index_of

CATEGORIES = ("full", "partial", "planned", "none")
SPELT = {"full": ["Yes", "2"], "partial": ["In part"], "planned": [], "none": ["No", "0"]}
BOUNDED = ("mean", "pool", "min", "max", "geometric", "ladder")
ITEMS = ("q1", "q2", "q3", "q4")

shares = st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 2 / 3, 0.9, 1.0])
weights = st.sampled_from([0.5, 1.0, 2.0, 3.0, 12.0])


@st.composite
def rubrics(draw, aggregates=BOUNDED, nothing=("skip", 0), monotone=False):
    """Points from 0 to 1 on one scale, for four items in two groups."""
    earned = [draw(shares) for _ in CATEGORIES]
    if monotone:
        earned.sort(reverse=True)
    groups = {"left": ITEMS[:2], "right": ITEMS[2:]}
    nodes = {
        name: {"of": {item: draw(weights) for item in items}, "aggregate": draw(st.sampled_from(aggregates))}
        for name, items in groups.items()
    }
    top = {"of": {"left": draw(weights), "right": draw(weights)}, "aggregate": draw(st.sampled_from(aggregates))}
    return {
        "answers": {"status": SPELT},
        "nothing": draw(st.sampled_from(nothing)),
        "points": {"status": dict(zip(CATEGORIES, earned, strict=True))},
        "defaults": {"indicators": {"points": "status"}},
        "indicators": {item: {} for item in ITEMS},
        "nodes": {"top": top, **nodes},
    }


@st.composite
def answers(draw, blanks=True):
    cell = st.sampled_from(CATEGORIES)
    cell = st.none() | cell if blanks else cell
    rows = draw(st.lists(st.tuples(*[cell] * len(ITEMS)), min_size=1, max_size=8))
    return pd.DataFrame(rows, columns=list(ITEMS)).assign(unit=[f"u{i}" for i in range(len(rows))])


def scores_of(document, table):
    return ei.compute(index_of(document), table).scores


@given(rubrics(), answers(), st.data())
def test_case_blanks_and_spelling_of_answers_never_matter(document, table, data):
    def respelt(word):
        if pd.isna(word):
            return data.draw(st.sampled_from([None, "", "  ", "missing"]))
        spelling = data.draw(st.sampled_from([word, *SPELT[word]]))
        return data.draw(st.sampled_from([spelling, spelling.upper(), spelling.lower(), f" {spelling}  "]))

    other = table.assign(**{item: [respelt(word) for word in table[item]] for item in ITEMS})
    pd.testing.assert_frame_equal(scores_of(document, table), scores_of(document, other), check_exact=True)


@given(rubrics(), answers(), st.randoms(use_true_random=False))
def test_the_order_of_rows_columns_and_records_never_matters(document, table, random):
    rows, columns, items = list(range(len(table))), list(table.columns), list(ITEMS)
    for order in (rows, columns, items):
        random.shuffle(order)
    turned = {**document, "indicators": {item: {} for item in items}}
    one, other = scores_of(document, table), scores_of(turned, table.iloc[rows][columns])
    pd.testing.assert_frame_equal(one, other.loc[one.index], check_exact=True)


@given(rubrics(aggregates=("mean", "pool", "min", "max", "geometric", "harmonic", "ladder")), answers(), weights)
def test_points_have_no_unit(document, table, factor):
    larger = {category: x * factor for category, x in document["points"]["status"].items()}
    scaled = {**document, "points": {"status": larger}}
    one, other = scores_of(document, table), scores_of(scaled, table)
    np.testing.assert_allclose(other / factor, one, rtol=1e-12, atol=1e-12)


@given(rubrics(aggregates=("mean", "pool"), nothing=("skip",)), answers())
def test_left_out_and_counted_as_zero_differ_in_attainable_only(document, table):
    skipped = ei.compute(index_of(document), table)
    zero = ei.compute(index_of({**document, "nothing": 0}), table)
    for node in ("left", "right"):
        np.testing.assert_allclose(skipped.earned[node].fillna(0), zero.earned[node], rtol=1e-12, atol=1e-12)
        assert zero.attainable[node].eq(1).all()
        given_all = table[list(ITEMS[:2] if node == "left" else ITEMS[2:])].notna().all(axis=1)
        assert (skipped.attainable[node] == 1).tolist() == given_all.tolist()


@given(rubrics(), answers())
def test_scores_stay_within_the_points(document, table):
    found = scores_of(document, table).to_numpy()
    earned = list(document["points"]["status"].values()) + ([0] if document["nothing"] == 0 else [])
    found = found[~np.isnan(found)]
    assert ((found >= min(earned) - 1e-12) & (found <= max(earned) + 1e-12)).all()


def better(document, table, at, item, word):
    """Scores before and after one unit gives a better answer."""
    raised = table.copy()
    raised.loc[at, item] = word
    return scores_of(document, table)["top"].iloc[at], scores_of(document, raised)["top"].iloc[at]


@given(rubrics(monotone=True), answers(blanks=False), st.data())
def test_a_better_answer_never_lowers_a_score(document, table, data):
    at = data.draw(st.integers(0, len(table) - 1))
    item = data.draw(st.sampled_from(ITEMS))
    place = CATEGORIES.index(table.loc[at, item])
    assume(place > 0)
    before, after = better(document, table, at, item, data.draw(st.sampled_from(CATEGORIES[:place])))
    assert after >= before - 1e-12


def test_the_control_a_rubric_that_is_not_monotone_is_lowered():
    nodes = {"top": {"of": list(ITEMS)}}
    points = {"status": {"full": 0, "partial": 1, "planned": 0.5, "none": 0}}
    document = {
        "answers": {"status": SPELT}, "points": points, "defaults": {"indicators": {"points": "status"}},
        "indicators": {item: {} for item in ITEMS}, "nodes": nodes,
    }  # fmt: skip
    table = pd.DataFrame([["partial"] * 4], columns=list(ITEMS)).assign(unit="u0")
    before, after = better(document, table, 0, "q1", "full")
    assert (before, after) == (1, 0.75)
    # and answering where nothing was said can lower a mean that skips: silence is rewarded there
    document["nothing"] = "skip"
    table.loc[0, "q1"] = None
    before, after = better(document, table, 0, "q1", "none")
    assert (before, after) == (1, 0.75)


@given(rubrics(), answers(), st.integers(1_000, 5_000))
def test_many_rows_are_scored_as_few(document, table, size):
    copies = -(-size // len(table))
    tiled = table.iloc[np.tile(np.arange(len(table)), copies)].assign(
        unit=[f"u{i}" for i in range(copies * len(table))]
    )
    found = scores_of(document, tiled).to_numpy()
    assert np.array_equal(found, np.tile(scores_of(document, table).to_numpy(), (copies, 1)), equal_nan=True)


@pytest.mark.parametrize("how", BOUNDED)
def test_the_control_points_above_one_leave_the_interval(how):
    document = {
        "indicators": {item: {"points": {"yes": 2, "no": 1.5}} for item in ITEMS},
        "nodes": {"top": {"of": list(ITEMS), "aggregate": how}},
    }
    table = pd.DataFrame([["yes", "no", "yes", "no"]], columns=list(ITEMS)).assign(unit="u")
    assert scores_of(document, table)["top"].iloc[0] > 1
