"""The plan: places of weights and outcomes, who earns what, what is below and above, groups that learn together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.evaluate import evaluate
from tests.properties.drawn import index_of

TREE = {
    "answers": {"s": {"yes": [], "no": []}},
    "nothing": "skip",
    "points": {"s": {"yes": "1", "no": "0.25"}},
    "indicators": {"p": {"points": "s"}, "q": {"points": "s"}, "r": {"points": {"yes": "0.5", "no": "0"}}, "x": {}},
    "nodes": {
        "top": {"of": {"law": "3", "x": "1"}},
        "law": {"of": {"p": "1", "q": "2"}, "points": {"r is yes": "0.75"}},
        "side": {"of": ["r"]},
    },
}
TABLE = pd.DataFrame(
    {"unit": [*"ABC"], "p": ["yes", "no", "no"], "q": ["yes"] * 3, "r": ["no", "yes", "no"], "x": [0.1, 0.2, 0.3]}
)


@pytest.fixture(scope="module")
def plan():
    return index_of(TREE).plan(TABLE)


def test_it_shows_its_sizes(plan):
    assert repr(plan) == "<Plan invented> 3 rows, 4 indicators, 3 nodes, 5 weights, 5 outcomes"


def test_places_of_weights_and_outcomes(plan):
    assert dict(zip(plan.edges, plan.weights.tolist(), strict=True)) == {
        ("law", "p"): 1, ("law", "q"): 2, ("side", "r"): 1, ("top", "law"): 3, ("top", "x"): 1,
    }  # fmt: skip
    assert [plan.edges[at] for at in plan.edge_places.values()] == list(plan.edge_places)
    for node, (places, children) in plan.node_places.items():
        assert [plan.edges[at] for at in range(places.start, places.stop)] == [(node, child) for child in children]
    assert sorted(plan.node_places) == ["law", "side", "top"]
    assert plan.positions == {"p": 0, "q": 1, "r": 2, "x": 3}
    assert [plan.outcome_addresses[at] for at in plan.outcome_places.values()] == list(plan.outcome_places)
    assert sorted(plan.outcomes.tolist()) == [0, 0.25, 0.5, 0.75, 1]
    assert plan.headings == {name: name for name in TABLE.columns}
    assert plan.nodes_here == ("top", "law", "side")


def test_who_earns_the_number_of_a_line(plan):
    """Lines that share a map share its numbers; a category that nobody gave earns nothing."""
    earning = {plan.outcomes[at]: plan.earning(address) for address, at in plan.outcome_places.items()}
    assert earning == {1: {"p", "q"}, 0.25: {"p"}, 0.5: {"r"}, 0: {"r"}, 0.75: {"law"}}
    assert plan.earning(("no", "such address")) == set()


def test_a_node_of_several_lines_earns_each_of_them():
    lines = {"r is yes": "0.75", "x > 0.2": "0.5", "else": "value / 2"}
    index = index_of({**TREE, "nodes": {**TREE["nodes"], "side": {"of": ["x"], "points": lines}}})
    plan = index.plan(TABLE)
    own = [address for address, at in plan.outcome_places.items() if "side" in plan.earning(address)]
    assert sorted(plan.outcomes[plan.outcome_places[address]] for address in own) == [0.5, 0.75]


def test_what_is_below_and_above(plan):
    assert plan.below(["top"]) == {"top", "law"}
    assert plan.below(["side", "law"]) == {"side", "law"}
    assert plan.below([]) == frozenset()
    assert plan.above(["p"]) == {"p", "law", "top"}
    assert plan.above(["r"]) == {"r", "side", "law", "top"}  # a line of law asks for it
    assert plan.above(["side"]) == {"side"}
    assert plan.above(["law", "x"]) == {"law", "x", "top"}


def test_whether_a_node_without_a_score_is_left_out():
    for nothing, expected in [("skip", True), ("void", False), (None, False)]:
        document = {key: value for key, value in TREE.items() if key != "nothing"}
        index = index_of(document if nothing is None else {**document, "nothing": nothing})
        assert index.plan(TABLE).skips_missing is expected
    assert index_of({**TREE, "nothing": {"missing": "skip"}}).plan(TABLE).skips_missing


def test_points_under_other_outcomes(plan):
    np.testing.assert_array_equal(plan.x(), [[1, 1, 0, 0.1], [0.25, 1, 0.5, 0.2], [0.25, 1, 0, 0.3]])
    other = [7 if number == 0.25 else 2 for number in plan.outcomes]  # whole numbers in a list
    np.testing.assert_array_equal(plan.x(other), [[2, 2, 2, 0.1], [7, 2, 2, 0.2], [7, 2, 2, 0.3]])
    draws = plan.x([plan.outcomes, other])
    assert draws.shape == (2, 3, 4)
    np.testing.assert_array_equal(draws[0], plan.x())
    np.testing.assert_array_equal(draws[1], plan.x(other))


# --- means that a parent may sum over
def test_only_plain_means_of_which_one_parent_asks_are_folded():
    two = ["a", "b"]
    index = index_of(
        {
            "nothing": "skip",
            "indicators": {name: {} for name in "abc"},
            "nodes": {
                "top": {"of": ["plain", "geo", "form", "needing", "lined", "stepped", "twice", "asked", "asks", "c"]},
                "plain": {"of": ["inner", "c"]},
                "inner": {"of": two},
                "geo": {"of": two, "aggregate": "geometric"},
                "form": {"from": "a + twice"},
                "needing": {"of": two, "need": "1"},
                "lined": {"of": two, "points": {"value > 10": "1"}},
                "stepped": {"of": two, "steps": ["cap 10"]},
                "twice": {"of": two},
                "asked": {"of": two},
                "asks": {"of": two, "points": {"asked > 10": "1"}},
                "apart": {"of": two},
            },
        }
    )
    plan = index.plan(pd.DataFrame({"unit": [*"UVW"], "a": [0.1, 0.5, 0.7], "b": [0.2, 0.9, 0.4], "c": [0.3, 0.6, 1]}))
    assert set(plan.foldable(["top"])) == {"plain", "inner"}
    assert set(plan.foldable(["top", "plain"])) == {"inner"}
    assert set(plan.foldable(["plain"])) == {"inner"}
    assert set(plan.foldable(["inner"])) == set()
    assert {name: node.branch.id for name, node in plan.foldable(["top"]).items()} == {
        "plain": "plain", "inner": "inner",
    }  # fmt: skip
    weights = np.random.default_rng(5).uniform(1, 3, (4, len(plan.edges)))
    folded = evaluate(plan, weights=weights, nodes=["top"])
    assert "plain" not in folded.by_node
    np.testing.assert_allclose(folded["top"], evaluate(plan, weights=weights)["top"], rtol=1e-14)


# --- repeated records
RECORDS = pd.DataFrame(
    {"unit": [*"xxyyz"], "rec": [*"ababa"], "a": [1.0, 2, 4, 8, 16], "lvl": [*"cdccd"], "own": [*"ccddd"]}
)
OVER = {
    "rows": ["unit", "rec"],
    "nothing": "skip",
    "indicators": {"a": {}},
    "nodes": {"top": {"of": "one", "over": "rec"}, "one": {"of": ["a"]}},
}


def test_rows_of_records_and_of_units(plan):
    repeated = index_of(OVER).plan(RECORDS)
    assert repeated.has_records is True
    assert plan.has_records is False
    assert [len(rows) for rows in (repeated.rows, repeated.records)] == [3, 5]
    assert [len(repeated.level(name).rows) for name in ("top", "one", "a")] == [3, 5, 5]
    assert repeated.nodes_here == ("top",)
    assert set(repeated.foldable(["top"])) == {"one"}  # the node that takes records together is none
    assert set(index_of({**OVER, "nodes": {**OVER["nodes"], "above": {"of": ["top"]}}}).plan(RECORDS).foldable(
        ["above"])) == {"one"}  # fmt: skip


def test_a_mark_on_any_record_is_one_on_its_unit():
    level = index_of(OVER).plan(RECORDS).level("top")
    assert level.any(np.array([False, True, False, False, False])).tolist() == [True, False, False]
    assert level.any(np.array([True, True, False, False, True])).tolist() == [True, False, True]
    assert level.any(np.zeros(5, dtype=bool)).tolist() == [False] * 3
    own = np.array([True, False, True, False, False])
    assert index_of(OVER).plan(RECORDS).level("one").any(own).tolist() == own.tolist()


# --- groups that learn together
PANEL = pd.DataFrame({"unit": [*"ABAB"], "period": [2020, 2020, 2022, 2022], "a": [0.0, 10, 5, 20], "own": [*"cdcc"]})
LEARNS = {"indicators": {"a": {}}, "nodes": {"top": {"of": ["a"], "steps": ["minmax"]}}}


@pytest.mark.parametrize(
    ("reference", "groups", "scores"),
    [
        (None, (2020, 2022), [0, 1, 0, 1]),
        ({"periods": "each"}, (2020, 2022), [0, 1, 0, 1]),
        ({"periods": "all"}, ("all",), [0, 0.5, 0.25, 1]),
        ({"periods": "2020"}, (2020,), [0, 1, 0.5, 2]),
        ({"periods": "2022"}, (2022,), [-1 / 3, 1 / 3, 0, 1]),
        ({"periods": "all", "where": "own is c"}, ("all",), [0, 0.5, 0.25, 1]),
        ({"periods": "all", "where": "a < 15"}, ("all",), [0, 1, 0.5, 2]),
        ({"periods": "2022", "where": "own is c"}, (2022,), [-1 / 3, 1 / 3, 0, 1]),
    ],
)
def test_whom_a_period_learns_from(reference, groups, scores):
    index = index_of(LEARNS if reference is None else {**LEARNS, "reference": reference})
    plan = index.plan(PANEL)
    assert tuple(learner.name for learner in plan.learners) == groups
    result = ei.compute(index, PANEL)
    assert result.scores["top"].tolist() == pytest.approx(scores, abs=1e-15)
    assert result.learned_values.groups == groups


def test_each_period_learns_from_its_own_reference_units():
    table = pd.concat([PANEL, PANEL.assign(unit=[*"CDCD"], a=[100.0, 5, 90, 10], own=[*"dccd"])])
    index = index_of({**LEARNS, "reference": {"where": "own is c"}})
    found = ei.compute(index, table).scores["top"]
    # 2020: A and D, 0 to 5; 2022: A, B and C, 5 to 90
    by_period = {period: found.xs(period, level="period").to_dict() for period in (2020, 2022)}
    assert by_period[2020] == {"A": 0, "B": 2, "C": 20, "D": 1}
    assert by_period[2022] == pytest.approx({"A": 0, "B": 15 / 85, "C": 1, "D": 5 / 85})


def test_one_period_and_no_period_have_one_group():
    alone = PANEL[PANEL["period"] == 2020]
    assert [learner.name for learner in index_of(LEARNS).plan(alone).learners] == [2020]
    assert index_of(LEARNS).plan(alone).learners[0].acts_on is None
    assert index_of(LEARNS).plan(alone).learners[0].learns_from is None
    without = index_of(LEARNS).plan(alone.drop(columns="period"))
    assert [learner.name for learner in without.learners] == [None]
    together = index_of({**LEARNS, "reference": {"periods": "all"}}).plan(alone)
    assert [learner.name for learner in together.learners] == ["all"]


@pytest.mark.parametrize(("periods", "group"), [("each", None), ("all", "all"), ("2020", "all")])
def test_where_periods_are_taken_together_all_learn_together(periods, group):
    index = index_of(
        {
            "rows": ["unit", "event", "period"],
            "reference": {"periods": periods},
            "indicators": {"a": {}},
            "nodes": {"top": {"of": "a", "over": ["event", "period"], "steps": ["minmax"]}},
        }
    )
    plan = index.plan(PANEL.assign(event="e"))
    assert [learner.name for learner in plan.learners] == [group]
    assert ei.compute(index, PANEL.assign(event="e")).scores["top"].to_dict() == {"A": 0, "B": 1}


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ({"where": "a > 99"}, "reference.where: no unit passes the test (a > 99)"),
        ({"periods": "2021"}, 'reference.periods: "2021" is no period of the data (2020, 2022)'),
    ],
)
def test_a_reference_that_nobody_is_in_is_told(reference, said):
    with pytest.raises(ei.DataError) as caught:
        index_of({**LEARNS, "reference": reference}).plan(PANEL)
    assert [fault.message for fault in caught.value.faults] == [said]
    assert [fault.check for fault in caught.value.faults] == ["no_reference"]


# --- columns that nodes read
NODE = {"answers": {"s": {"yes": [], "no": []}}, "nothing": "skip", "indicators": {"a": {}, "r": {"points": {
    "yes": "1", "no": "0"}}}}  # fmt: skip
ANSWERED = pd.DataFrame({"unit": [*"ABC"], "a": [0.2, 0.4, 0.9], "r": [*["yes", "no"], None], "n": [1.0, 0.1, None]})


def test_a_node_reads_numbers_and_answers_of_columns():
    lines = {"value > n": "n / 2", "r is missing": "0.5"}
    index = index_of({**NODE, "nodes": {"top": {"of": ["a"], "points": lines}, "side": {"of": ["r"]}}})
    assert ei.compute(index, ANSWERED).scores["top"].tolist() == [0.2, 0.05, 0.5]
    assert index.plan(ANSWERED).read == ("a", "r", "n")


def test_every_unknown_name_of_a_node_is_told():
    lines = {"q1 is yes and q2 is yes": "1", "q3 > 1": "q4"}
    index = index_of({**NODE, "nodes": {"top": {"of": ["a"], "points": lines}, "side": {"of": ["r"]}}})
    with pytest.raises(ei.DataError) as caught:
        index.plan(ANSWERED)
    told = str(caught.value)
    assert [f'"{name}"' in told for name in ("q1", "q2", "q3", "q4", "r")] == [True] * 4 + [False]


def test_a_name_that_is_no_column_hides_none_behind_it():
    lines = {"value is 1 and answer is not missing and top2 is missing and r is never": "1"}
    nodes = {"top": {"of": ["a"], "points": lines}, "top2": {"of": ["r"]}}
    notes = index_of({**NODE, "nodes": nodes}).plan(ANSWERED).notes
    assert [note.check for note in notes] == ["never_occurs"]
    assert "never" in notes[0].message


def test_words_in_a_column_that_a_node_takes_for_numbers_are_told():
    index = index_of({**NODE, "nodes": {"top": {"of": ["a"], "points": {"n > 0": "1"}}, "side": {"of": ["r"]}}})
    with pytest.raises(ei.DataError, match='"some"'):
        index.plan(ANSWERED.assign(n=["1", "some", "2"]))


def test_nodes_without_a_score_are_filled_within_the_group_of_a_column():
    table = pd.DataFrame({"unit": [*"ABCDE"], "a": [1.0, 3, None, 5, None], "grp": [*"xxxyy"]})
    nodes = {"top": {"of": ["a"], "points": {"missing": "mean by grp"}}}
    index = index_of({"nothing": "skip", "indicators": {"a": {}}, "nodes": nodes})
    assert ei.compute(index, table).scores["top"].tolist() == [1, 3, 2, 5, 5]
    assert index.plan(table).nodes[0].labels["grp"].tolist() == [*"xxxyy"]
    with pytest.raises(ei.DataError, match='"grp"'):
        index.plan(table.drop(columns="grp"))
    # a blank harms only who needs a group
    blank = ei.compute(index, table.assign(grp=[None, *"xxyy"])).scores["top"]
    assert blank.tolist() == [1, 3, 3, 5, 5]


def test_the_data_are_held_as_they_were():
    table = TABLE.copy()
    plan = index_of(TREE).plan(table)
    table.loc[0, "x"] = 99.0
    assert plan.data["x"].tolist() == [0.1, 0.2, 0.3]
