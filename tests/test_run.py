"""One evaluation by hand: what is aggregated, who has a score, what is computed once, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.evaluate import evaluate, settle
from egovindex.scores import Settled
from tests.properties.drawn import index_of
from tests.small import FOUR, GAPS, GONE, TREE, of_nodes, scores_of, table_of


# --- who has a score
@pytest.mark.parametrize(
    ("top", "expected", "states"),
    [
        ({}, [4, 5, 6, GONE, 3, 4 / 3], "sssmss"),
        ({"need": "1"}, [4, 5, 6, GONE, 3, 4 / 3], "sssmss"),
        ({"need": "2"}, [4, 5, 6, GONE, 3, 4 / 3], "sssmss"),
        ({"need": "3"}, [4, GONE, GONE, GONE, GONE, 4 / 3], "smmmms"),
        ({"need": "60%"}, [4, 5, 6, GONE, 3, 4 / 3], "sssmss"),
        ({"need": "67%"}, [4, GONE, GONE, GONE, GONE, 4 / 3], "smmmms"),
        ({"need": "100%"}, [4, GONE, GONE, GONE, GONE, 4 / 3], "smmmms"),
        ({"aggregate": "sum"}, [12, GONE, GONE, GONE, GONE, 4], "smmmms"),
        ({"aggregate": "product"}, [24, GONE, GONE, GONE, GONE, 2], "smmmms"),
        ({"aggregate": "min"}, [1, 2, 4, GONE, 1, 1], "sssmss"),
        ({"aggregate": "max", "need": "3"}, [8, GONE, GONE, GONE, GONE, 2], "smmmms"),
        ({"aggregate": "sum", "of": {"a": "1", "b": "0", "c": "2"}}, [17, 18, GONE, GONE, GONE, 5], "ssmmms"),
        ({"aggregate": "sum", "of": {"a": "1", "b": "-1", "c": "0"}}, [-2, GONE, GONE, GONE, 4, 0], "smmmss"),
    ],
)
def test_who_has_a_score(top, expected, states):
    result = ei.compute(of_nodes("abc", top={"of": ["a", "b", "c"], **top}), GAPS)
    np.testing.assert_allclose(result.scores["top"], expected)
    words = {"s": "scored", "m": "missing"}
    assert result.states["top"].tolist() == [words[letter] for letter in states]


def test_need_is_a_share_up_to_the_last_digit():
    """A third of three is one, and 70 % of ten seven, whatever the division rounds to."""
    names = "abcdefghij"
    for share, count in (("70%", 7), ("30%", 3), ("10%", 1)):
        index = of_nodes(names, top={"of": [*names], "need": share})
        enough = {name: [1.0 if at < count else None, 1.0 if at < count - 1 else None] for at, name in enumerate(names)}
        assert np.isnan(ei.compute(index, table_of(**enough)).scores["top"]).tolist() == [False, True]


def test_need_counts_nodes_that_are_answered():
    index = of_nodes("abc", top={"of": ["low", "c"], "need": "2"}, low={"of": ["a", "b"], "points": {"missing": "0"}})
    # X has no answer to low: its points are a number, and it is not answered
    np.testing.assert_allclose(scores_of(index, GAPS), [5, 5, 6, GONE, GONE, 1.5])


@pytest.mark.parametrize(
    ("nothing", "expected", "states"),
    [
        ("skip", [2, 4, GONE], ["scored", "scored", "missing"]),
        ("void", [2, GONE, GONE], ["scored", "void", "void"]),
        ("0", [2, 2, 0], ["scored"] * 3),
    ],
)
def test_what_a_node_without_a_score_does_to_its_parent(nothing, expected, states):
    index = of_nodes(nothing=nothing, top={"of": ["low", "b"]}, low={"of": ["a"]})
    result = ei.compute(index, table_of(a=[2.0, None, None], b=[2.0, 4, None]))
    np.testing.assert_allclose(result.scores["top"], expected)
    assert result.states["top"].tolist() == states


def test_without_a_policy_a_node_without_a_score_takes_its_parents():
    """An indicator that is skipped by its own line leaves its node without a score; nothing says it may be left out."""
    index = index_of(
        {
            "answers": {"s": {"yes": [], "no": [], "unknown": []}},
            "indicators": {"a": {"points": {"yes": "1", "no": "0", "unknown": "skip"}}, "b": {}},
            "nodes": {"top": {"of": ["low", "b"]}, "low": {"of": ["a"]}, "leaf": {"of": ["a", "b"]}},
        }
    )
    result = ei.compute(index, table_of(a=["yes", "unknown"], b=[0.5, 0.25]))
    assert result.states.loc["V"].tolist() == ["void", "missing", "scored"]
    np.testing.assert_allclose(result.scores.loc["V"], [GONE, GONE, 0.25])


def test_a_void_line_takes_every_parents_score_away():
    index = of_nodes("abc", top={"of": ["low", "c"]}, low={"of": ["a", "b"], "points": {"value > 4": "void"}})
    result = ei.compute(index, GAPS.assign(a=[1.0, 2, None, None, 5, 9]))
    assert result.states["low"].tolist() == ["scored", "scored", "scored", "missing", "scored", "void"]
    assert result.states["top"].tolist() == ["scored", "scored", "scored", "missing", "scored", "void"]


# --- formulas
FORMULA = table_of(a=[1.0, 2, None, 4], b=[4.0, None, 1, 0])


def test_a_node_of_a_formula_needs_every_part():
    index = of_nodes(top={"from": "a + b / 2"}, above={"of": ["top", "a"]})
    result = ei.compute(index, FORMULA)
    np.testing.assert_allclose(result.scores["top"], [3, GONE, GONE, 4])
    assert result.states["top"].tolist() == ["scored", "missing", "missing", "scored"]
    np.testing.assert_allclose(result.scores["above"], [2, 2, GONE, 4])
    np.testing.assert_allclose(result.coverage["top"], [1, 0.5, 0.5, 1])
    np.testing.assert_allclose(evaluate(index.plan(FORMULA)).attainable[:, 0], 1)


def test_a_formula_without_a_value_names_the_units():
    with pytest.raises(ei.MethodError) as caught:
        ei.compute(of_nodes(top={"from": "a / b"}), FORMULA)
    reason = "division by zero, or a logarithm or root it is not defined for"
    assert caught.value.faults[0].message == f'top: "a / b" has no value: {reason} (X)'
    assert caught.value.faults[0].units == ("X",)
    # who lacks a part is not asked
    found = scores_of(of_nodes(top={"from": "log(b)"}), FORMULA.assign(b=[1.0, None, 1, 1]))
    np.testing.assert_allclose(found, [0, GONE, 0, 0])
    plan = of_nodes(top={"from": "a / b"}).plan(table_of(a=[1.0, 2, 3, 4], b=[1.0, 1, 1, 1]))
    with pytest.raises(ei.MethodError, match=r"has no value: .* \(U, X\)$"):
        evaluate(plan, {"b": np.array([[1.0, 1, 1, 0], [0.0, 1, 1, 1]])})


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        ({}, [3, 3, 1, 7]),
        ({"need": "1"}, [3, 3, 1, 7]),
        ({"need": "2"}, [3, GONE, GONE, 7]),
        ({"need": "75%"}, [3, GONE, GONE, 7]),
    ],
)
def test_a_formula_needs_answers_to_its_parts(need, expected):
    """A part that is lifted to a number is there, and is not answered."""
    lifted = {"points": {"missing": "0"}}
    index = of_nodes(top={"from": "low + high", **need}, low={"of": ["a"], **lifted}, high={"of": ["b"], **lifted})
    result = ei.compute(index, table_of(a=[1.0, 3, None, 4], b=[2.0, None, 1, 3]))
    np.testing.assert_allclose(result.scores["top"], expected)
    assert (result.states["top"] == "missing").tolist() == [np.isnan(number) for number in expected]


def test_a_formula_of_a_void_part_is_void():
    index = of_nodes(top={"from": "low * 2"}, low={"of": ["a"], "points": {"value > 3": "void"}})
    assert ei.compute(index, FORMULA).states["top"].tolist() == ["scored", "scored", "missing", "void"]


def test_a_formula_that_names_one_constant_number_has_it_everywhere():
    index = of_nodes("a", top={"from": "a * 0 + 2"}, side={"of": ["top", "a"]})
    assert scores_of(index, table_of(a=[1.0, 2.0]), "side") == [1.5, 2]


# --- records
RECORDS = pd.DataFrame({"unit": [*"UUUVVW"], "rec": [*"abcaba"], "x": [1.0, 2, None, 4, 8, None], "kind": [*"ppqpqq"]})


@pytest.mark.parametrize(
    ("node", "expected", "states"),
    [
        ({}, [1.5, 6, GONE], "ssm"),
        ({"aggregate": "sum"}, [GONE, 12, GONE], "msm"),
        ({"aggregate": "min"}, [1, 4, GONE], "ssm"),
        ({"aggregate": "max", "need": "2"}, [2, 8, GONE], "ssm"),
        ({"need": "3"}, [GONE, GONE, GONE], "mmm"),
        ({"need": "66%"}, [1.5, 6, GONE], "ssm"),
        ({"need": "67%"}, [GONE, 6, GONE], "msm"),
        ({"where": "kind is p"}, [1.5, 4, GONE], "ssm"),
        ({"where": "kind is p", "need": "100%"}, [1.5, 4, GONE], "ssm"),
        ({"where": "kind is p", "aggregate": "sum"}, [3, 4, GONE], "ssm"),
        ({"points": {"missing": "0"}}, [1.5, 6, 0], "sss"),
    ],
)
def test_records_taken_together(node, expected, states):
    index = index_of(
        {
            "rows": ["unit", "rec"],
            "nothing": "skip",
            "indicators": {"x": {}},
            "nodes": {
                "top": {"of": "x", "over": "rec", **node},
                "through": {"of": "one", "over": "rec", **node},
                "one": {"of": ["x"]},
            },
        }
    )
    result = ei.compute(index, RECORDS)
    words = {"s": "scored", "m": "missing"}
    for name in ("top", "through"):
        np.testing.assert_allclose(result.scores[name], expected)
        assert result.states[name].tolist() == [words[letter] for letter in states]


def test_a_record_that_is_void_takes_its_units_score():
    index = index_of(
        {
            "rows": ["unit", "rec"],
            "nothing": "skip",
            "indicators": {"x": {}},
            "nodes": {"top": {"of": "one", "over": "rec"}, "one": {"of": ["x"], "points": {"value > 7": "void"}}},
        }
    )
    result = ei.compute(index, RECORDS)
    assert result.states["top"].tolist() == ["scored", "void", "missing"]
    assert result.scores["top"].isna().tolist() == [False, True, True]
    plan = index.plan(RECORDS.assign(x=[1.0, 2, 3, 4, 5, 6]))
    drawn = evaluate(plan, np.array([[[1.0], [2], [3], [4], [5], [6]], [[8.0], [2], [3], [4], [5], [6]]]))
    np.testing.assert_allclose(drawn["top"], [[2, 4.5, 6], [GONE, 4.5, 6]])


# --- which nodes, and what is done already
def test_nodes_that_are_not_wanted_are_not_checked():
    index = of_nodes(top={"of": ["good"]}, good={"of": ["a"]}, bad={"of": ["b"], "steps": ["log"]})
    plan = index.plan(table_of(a=[1.0, 2], b=[-1.0, 1]))
    wanted = evaluate(plan, nodes=["top"])
    assert wanted["top"].tolist() == [1, 2]
    assert list(wanted.by_node) == ["top"]
    with pytest.raises(ei.MethodError, match="bad"):
        evaluate(plan)
    weights = plan.weights.copy()
    weights[plan.edge_places["bad", "b"]] = -1
    assert evaluate(plan, weights=weights, nodes="top")["top"].tolist() == [1, 2]  # nor are their weights


def test_an_indicator_of_no_node_is_learned_and_checked():
    index = index_of({"indicators": {"a": {}, "spare": {"steps": ["minmax"]}}, "nodes": {"top": {"of": ["a"]}}})
    plan = index.plan(table_of(a=[1.0, 2], spare=[1.0, 3]))
    assert list(evaluate(plan).learned.values) == [("spare", 0)]
    assert len(evaluate(plan, nodes=["top"]).learned) == 0
    constant = index.plan(table_of(a=[1.0, 2], spare=[1.0, 1]))
    assert evaluate(constant, nodes=["top"])["top"].tolist() == [1, 2]
    with pytest.raises(ei.MethodError, match="spare"):
        evaluate(constant)


@pytest.mark.parametrize(
    ("varied", "nodes", "parts"),
    [
        (["top"], None, ["c", "mid"]),
        (["mid"], None, ["c", "d", "low"]),
        (["low"], None, ["a", "b", "c", "d"]),
        (["a"], None, ["b", "c", "d"]),
        (["low", "c"], None, ["a", "b", "d"]),
        (["mid"], ["mid"], ["d", "low"]),
        (["low"], ["mid"], ["a", "b", "d"]),
        (["top"], ["mid"], []),
    ],
)
def test_what_is_settled_stands_just_below_what_varies(varied, nodes, parts):
    settled = settle(TREE.plan(FOUR), varied, nodes=nodes)
    assert list(settled.parts) == parts
    assert set(settled.answered) == set(settled.coverage) == set(parts) & {"top", "mid", "low"}


def test_what_is_settled_is_used_in_every_draw():
    plan = TREE.plan(FOUR)
    weights = np.tile(plan.weights, (2, 1))
    weights[1, plan.edge_places["top", "c"]] = 6
    settled = settle(plan, ["top"])
    mid = np.array([5.0, 4, 7])
    for nodes in (None, ["top"]):
        known = evaluate(plan, weights=weights, settled=settled, nodes=nodes)
        np.testing.assert_allclose(known["top"], [(2 * mid + FOUR["c"]) / 3, (2 * mid + 6 * FOUR["c"]) / 8])
        parts = {**settled.parts, "mid": (np.array([0.0, 0, 8]), None)}
        other = Settled(parts, settled.answered, settled.coverage, settled.gappy)
        moved = evaluate(plan, weights=weights, settled=other, nodes=nodes)
        np.testing.assert_allclose(moved["top"], [[3, 1, 22 / 3], [54 / 8, 18 / 8, 52 / 8]])
    gaps = TREE.plan(FOUR.assign(a=[None, 2, 3], b=[None, 6, 5]))
    gappy = settle(gaps, ["mid"])
    assert gappy.gappy == {"low"}
    whole = evaluate(gaps, weights=weights)
    again = evaluate(gaps, weights=weights, settled=gappy)
    np.testing.assert_array_equal(again["top"], whole["top"])
    np.testing.assert_array_equal(again.coverage, whole.coverage)


def test_means_are_summed_over_in_any_order_of_children():
    """Inner means before, between and behind indicators, and two deep: the weights go to the right child."""
    chance = np.random.default_rng(4)
    tops = [["one", "c"], ["c", "one"], ["c", "one", "d"], ["one", "two"], ["c", "d", "one", "e", "two"], ["deep", "e"]]
    table = pd.DataFrame(chance.random((6, 8)), columns=[*"abcdefgh"]).assign(unit=[*"UVWXYZ"])
    for top in tops:
        one, two, deep = {"of": ["a", "b"]}, {"of": ["f", "g", "h"]}, {"of": ["one", "d", "two"]}
        more = {"deep": deep} if "deep" in top else {}
        index = of_nodes([*"abcdefgh"], top={"of": top}, one=one, two=two, **more)
        plan = index.plan(table)
        weights = chance.uniform(1, 2, (3, len(plan.edges)))
        for settled in (None, settle(plan, [*more, "one", "two", "top"], nodes=["top"])):
            found = evaluate(plan, weights=weights, nodes=["top"], settled=settled)
            np.testing.assert_allclose(found["top"], evaluate(plan, weights=weights)["top"], rtol=1e-13)
            np.testing.assert_allclose(found.coverage, 1)
