"""Numbers of one evaluation: what was earned of what was attainable, coverage, draws, and how they show themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.evaluate import evaluate, settle
from tests.properties.drawn import index_of

DOCUMENT = {
    "nothing": "skip",
    "indicators": {"a": {}, "b": {}, "c": {}},
    "nodes": {
        "top": {"of": {"mid": "3", "c": "1"}, "steps": ["times 10"]},
        "mid": {"of": {"a": "1", "b": "1"}, "points": {"value > 0.7": "1"}},
        "far": {"from": "a * 2"},
    },
}
TABLE = pd.DataFrame({"unit": [*"UVW"], "a": [0.2, None, None], "b": [0.6, 0.8, None], "c": [0.4, 0.5, None]})


@pytest.fixture(scope="module")
def plan():
    return index_of(DOCUMENT).plan(TABLE)


def test_values_of_every_node_by_hand(plan):
    scores = evaluate(plan)
    assert scores.nodes == ("top", "mid", "far")
    assert (scores.shape, scores.draws, scores.rows) == ((3,), None, 3)
    # U: mid 0.4, top (3 * 0.4 + 0.4) / 4; V: mid 0.8 is lifted to 1, top (3 + 0.5) / 4; W has nothing
    np.testing.assert_allclose(scores.values, [[4, 0.4, 0.4], [8.75, 1, np.nan], [np.nan] * 3])
    np.testing.assert_allclose(scores["mid"], [0.4, 1, np.nan])
    np.testing.assert_allclose(scores.aggregated["mid"], [0.4, 0.8, np.nan])
    np.testing.assert_allclose(scores.pointed["mid"], [0.4, 1, np.nan])
    np.testing.assert_allclose(scores.pointed["top"], [0.4, 0.875, np.nan])


def test_what_was_earned_of_what_was_attainable(plan):
    scores = evaluate(plan)
    np.testing.assert_allclose(scores.attainable, [[1, 1, 1], [1, 0.5, 1], [0, 0, 1]])
    # before the node's own points and steps; of nothing that was attainable nothing was earned
    np.testing.assert_allclose(scores.earned, [[0.4, 0.4, 0.4], [0.875, 0.4, np.nan], [0, 0, np.nan]])


def test_coverage_is_the_share_that_counted_all_the_way_down(plan):
    np.testing.assert_allclose(evaluate(plan).coverage, [[1, 1, 1], [0.625, 0.5, 0], [0, 0, 0]])


def test_where_every_unit_has_a_gap_none_attains_all():
    plan = index_of(
        {
            "rows": ["unit", "rec"],
            "nothing": "skip",
            "indicators": {"x": {}},
            "nodes": {"top": {"of": "x", "over": "rec"}},
        }
    ).plan(pd.DataFrame({"unit": [*"UUVVV"], "rec": [*"abcde"], "x": [1.0, None, 2, 4, None]}))
    scores = evaluate(plan)
    assert scores["top"].tolist() == [1, 3]
    assert scores.attainable[:, 0].tolist() == [1 / 2, 2 / 3]
    assert scores.coverage[:, 0].tolist() == [1 / 2, 2 / 3]


def test_draws_have_an_axis_before_the_rows(plan):
    weights = np.tile(plan.weights, (2, 1))
    weights[1, plan.edge_places["top", "c"]] = 3
    scores = evaluate(plan, weights=weights)
    assert (scores.shape, scores.draws, scores.rows) == ((2, 3), 2, 3)
    assert scores["far"].shape == scores["top"].shape == (2, 3)  # also of what no draw moves
    assert scores.values.shape == scores.attainable.shape == scores.coverage.shape == (2, 3, 3)
    np.testing.assert_allclose(scores.values[:, :2, 0], [[4, 8.75], [4, 7.5]])
    np.testing.assert_allclose(scores.coverage[:, 1, 0], [0.625, 0.75])


def test_they_show_what_they_hold(plan):
    assert repr(evaluate(plan)) == "<Scores> 3 rows in top, mid, far; 0 learned steps"
    assert repr(settle(plan, ["top"])) == "<Settled> c, mid"


# --- what is settled, as a matrix
def test_settled_records_stand_side_by_side_where_none_has_a_gap(plan):
    whole = index_of(DOCUMENT).plan(TABLE.fillna(0.5))
    settled = settle(whole, ["top"])
    matrix, centre = settled.side_by_side(["mid", "c"])
    np.testing.assert_allclose(matrix, [[0.4, 0.65, 0.5], [0.4, 0.5, 0.5]])
    assert centre is None
    assert settled.side_by_side(["c", "mid"])[0][0].tolist() == matrix[1].tolist()
    assert settled.side_by_side(["mid", "a"]) is None  # a stands below what is settled
    assert settled.side_by_side([]) is None
    gaps = settle(plan, ["top"])
    assert gaps.side_by_side(["mid", "c"]) is None


def test_single_precision_takes_the_mean_of_each_record_off():
    whole = index_of(DOCUMENT).plan(TABLE.fillna(0.5))
    settled = settle(whole, ["top"], precision="single")
    matrix, centre = settled.side_by_side(["mid", "c"])
    assert matrix.dtype == centre.dtype == np.float32
    np.testing.assert_allclose(centre, [1.55 / 3, 1.4 / 3], rtol=1e-6)
    np.testing.assert_allclose(matrix.sum(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(matrix + centre[:, None], [[0.4, 0.65, 0.5], [0.4, 0.5, 0.5]], rtol=1e-6)
    again = settled.side_by_side(["mid", "c"])  # the mean is taken off once
    np.testing.assert_array_equal(again[0], matrix)


def test_what_settled_nodes_are_made_of_is_not_known(plan):
    settled = settle(plan, ["top"])
    scores = evaluate(plan, settled=settled, nodes=["top", "mid"])
    assert scores.values.shape == (3, 2)
    for asked in ("attainable", "earned"):
        with pytest.raises(ei.MethodError, match="only the scores of mid were kept as settled") as caught:
            getattr(scores, asked)
        assert caught.value.faults[0].check == "settled_nodes"
