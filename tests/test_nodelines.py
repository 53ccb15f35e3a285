"""Points of a node by hand: which line decides, what it earns, and who is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.evaluate import evaluate
from tests.properties.drawn import index_of

TABLE = pd.DataFrame(
    {
        "unit": [*"UVWXYZ"],
        "a": [0.1, 0.4, 0.5, 0.8, 1.0, None],
        "b": [0.6, 0.6, None, 0.2, 0.2, 0.2],
        "law": ["yes", "no", None, "no", "yes", "drafted"],
        "n": [2.0, None, 3.0, 0.5, 4.0, 1.0],
        "grp": [*"xxxyyy"],
    }
)
GONE = np.nan


def of_lines(points, **more):
    """A node of one indicator with lines, a score and an indicator beside it."""
    return index_of(
        {
            "answers": {"s": {"yes": [], "drafted": [], "no": []}},
            "nothing": "skip",
            "indicators": {
                "a": {}, "b": {}, "law": {"points": {"yes": "1", "drafted": "skip", "no": "0"}},
            },
            "nodes": {
                "top": {"of": ["a"], "points": points, **more},
                "half": {"from": "b / 2"},
                "rule": {"of": ["law"]},
            },
        }
    )  # fmt: skip


LINES = [
    # numbers: the first line that holds decides, and where none holds the value stays
    ({"value > 0.7": "1", "value > 0.3": "0.5", "else": "value"}, [0.1, 0.5, 0.5, 1, 1, GONE]),
    ({"value >= 0.8": "1", "value < 0.4": "0", "else": "value"}, [0, 0.4, 0.5, 1, 1, GONE]),
    ({"value > 0.3": "0.5", "a < 0.45": "3"}, [3, 0.5, 0.5, 0.5, 0.5, GONE]),
    ({"value > 0.7": "1"}, [0.1, 0.4, 0.5, 1, 1, GONE]),
    ({"value > 0.7": "1", "else": "0"}, [0, 0, 0, 1, 1, GONE]),
    ({"missing": "0"}, [0.1, 0.4, 0.5, 0.8, 1, 0]),
    ({"else": "value * 2"}, [0.2, 0.8, 1, 1.6, 2, GONE]),
    ({"1": "7", "0.5": "8", "else": "value"}, [0.1, 0.4, 8, 0.8, 7, GONE]),
    ({"value is 1 or value is 0.5": "9"}, [0.1, 0.4, 9, 0.8, 9, GONE]),
    ({"value is not 0.5": "9"}, [9, 9, 0.5, 9, 9, GONE]),  # who has no score is not something else
    ({"value is missing": "9"}, [0.1, 0.4, 0.5, 0.8, 1, 9]),
    ({"value is not missing": "9"}, [9, 9, 9, 9, 9, GONE]),
    ({"answer is missing": "9"}, [0.1, 0.4, 0.5, 0.8, 1, 9]),
    # states
    ({"value > 0.7": "skip", "missing": "0.25"}, [0.1, 0.4, 0.5, GONE, GONE, 0.25]),
    ({"value > 0.7": "void", "value < 0.2": "skip"}, [GONE, 0.4, 0.5, GONE, GONE, GONE]),
    # answers and numbers of columns
    ({"law is yes": "1"}, [1, 0.4, 0.5, 0.8, 1, GONE]),
    ({"law is yes or law is drafted": "1"}, [1, 0.4, 0.5, 0.8, 1, 1]),
    ({"law is not yes": "0"}, [0.1, 0, 0.5, 0, 1, 0]),
    ({"law is missing": "0"}, [0.1, 0.4, 0, 0.8, 1, GONE]),
    ({"n > 2": "n / 4"}, [0.1, 0.4, 0.75, 0.8, 1, GONE]),
    ({"n > 2 and law is yes": "5"}, [0.1, 0.4, 0.5, 0.8, 5, GONE]),
    ({"n > 2 or law is yes": "5"}, [5, 0.4, 5, 0.8, 5, GONE]),
    ({"not n > 2": "5"}, [5, 5, 0.5, 5, 1, 5]),
    ({"value > n": "n"}, [0.1, 0.4, 0.5, 0.5, 1, GONE]),
    ({"value > 0.3": "n", "else": "0"}, [0, 0, 3, 0.5, 4, GONE]),  # passed over where n has no number
    # scores of other records
    ({"half > 0.2": "half"}, [0.3, 0.3, 0.5, 0.8, 1, GONE]),
    ({"half is missing": "0"}, [0.1, 0.4, 0, 0.8, 1, GONE]),
    ({"half is 0.3": "3"}, [3, 3, 0.5, 0.8, 1, GONE]),
    ({"half is not 0.3": "3"}, [0.1, 0.4, 0.5, 3, 3, 3]),
    ({"b > 0.5": "b - value"}, [0.5, 0.2, 0.5, 0.8, 1, GONE]),
    ({"rule < 1": "0"}, [0.1, 0, 0.5, 0, 1, GONE]),
    ({"rule is missing": "0"}, [0.1, 0.4, 0, 0.8, 1, 0]),
    # learned from the others
    ({"missing": "mean"}, [0.1, 0.4, 0.5, 0.8, 1, 0.56]),
    ({"missing": "median"}, [0.1, 0.4, 0.5, 0.8, 1, 0.5]),
    ({"missing": "mean by grp"}, [0.1, 0.4, 0.5, 0.8, 1, 0.9]),
    ({"value > 0.7": "median by grp", "missing": "mean"}, [0.1, 0.4, 0.5, 0.9, 0.9, 0.56]),
    ({"value < 0.2": "mean", "law is missing": "median"}, [0.56, 0.4, 0.5, 0.8, 1, GONE]),
]


@pytest.mark.parametrize(("points", "expected"), LINES)
def test_lines_of_a_node(points, expected):
    index = of_lines(points)
    result = ei.compute(index, TABLE)
    np.testing.assert_allclose(result.scores["top"], expected, rtol=1e-12)
    plan = index.plan(TABLE)
    drawn = evaluate(plan, np.stack([plan.x(), plan.x()]))  # the same in every draw
    np.testing.assert_array_equal(drawn["top"], np.tile(result.scores["top"], (2, 1)))


def test_each_draw_is_looked_at_by_itself():
    plan = of_lines({"value > 0.7": "half", "value < 0.2": "skip", "missing": "0.25"}).plan(TABLE)
    x = np.stack([plan.x(), plan.x()])
    x[1, :, 0] = [0.9, 0.6, 0.5, 0.3, 0, GONE]
    np.testing.assert_allclose(
        evaluate(plan, x)["top"],
        [[GONE, 0.4, 0.5, 0.1, 0.1, 0.25], [0.3, 0.6, 0.5, 0.3, GONE, 0.25]], rtol=1e-12,
    )  # fmt: skip


def test_what_a_line_earns_is_an_outcome():
    plan = of_lines({"value > 0.7": "1", "else": "0.5"}).plan(TABLE)
    outcomes = np.stack([plan.outcomes, plan.outcomes * 10 + 2])
    drawn = evaluate(plan, outcomes=outcomes)["top"]
    np.testing.assert_array_equal(drawn, [[0.5, 0.5, 0.5, 1, 1, GONE], [7, 7, 7, 12, 12, GONE]])


@pytest.mark.parametrize(
    ("points", "states"),
    [
        ({"value > 0.7": "skip"}, ["scored"] * 3 + ["skipped", "skipped", "missing"]),
        ({"value > 0.7": "void", "missing": "skip"}, ["scored"] * 3 + ["void", "void", "skipped"]),
        ({"missing": "mean"}, ["scored"] * 6),
        ({"missing": "0"}, ["scored"] * 6),
    ],
)
def test_states_that_lines_give(points, states):
    assert ei.compute(of_lines(points), TABLE).states["top"].tolist() == states


def test_numbers_learned_on_a_node_are_kept_and_given_again():
    index = of_lines({"value > 0.9": "median by grp", "missing": "mean"})
    nominal = evaluate(index.plan(TABLE))
    kept = {key: [dict(group) for group in groups] for key, groups in nominal.learned.values.items()}
    assert kept == {("top", -1): [{"y": 0.9}], ("top", -2): [{"mean": pytest.approx(0.56)}]}
    other = index.plan(TABLE.assign(a=[0.0, 0, 0, 0, 1.0, None]))
    np.testing.assert_allclose(evaluate(other, learned=nominal.learned)["top"], [0, 0, 0, 0, 0.9, 0.56])
    np.testing.assert_allclose(evaluate(other)["top"], [0, 0, 0, 0, 0.5, 0.2])


def test_groups_that_only_some_draws_ask_for_are_learned():
    index = of_lines({"value > 0.7": "mean by grp"})
    plan = index.plan(TABLE)
    x = np.stack([plan.x(), plan.x()])
    x[:, :, 0] = [[0.9, 0.3, 0.6, 0.2, 0.4, GONE], [0.1, 0.3, 0.5, 0.2, 0.8, GONE]]
    scores = evaluate(plan, x)
    expected = [[0.6, 0.3, 0.6, 0.2, 0.4, GONE], [0.1, 0.3, 0.5, 0.2, 0.5, GONE]]
    np.testing.assert_allclose(scores["top"], expected)
    np.testing.assert_allclose(evaluate(plan, x, learned=scores.learned)["top"], expected)


def test_a_formula_of_a_line_without_a_value_is_told():
    with pytest.raises(ei.MethodError) as caught:
        ei.compute(of_lines({"value > 0.3": "1 / (n - 3)", "else": "0"}), TABLE)
    assert [(fault.message, fault.units) for fault in caught.value.faults] == [
        ('top: "1 / (n - 3)" has no value: division by zero, or a logarithm or root it is not defined for (W)', ("W",))
    ]
    # where another line decides it is not asked
    found = ei.compute(of_lines({"n is 3": "0", "value > 0.3": "1 / (n - 3)"}), TABLE).scores["top"]
    np.testing.assert_allclose(found, [0.1, 0.4, 0, -0.4, 1, GONE])


def test_a_line_looks_at_the_value_its_children_gave():
    """Not at what a step makes of it, and not at what an earlier line did."""
    index = of_lines({"value > 0.7": "value - 0.5"}, steps=["times 10"])
    np.testing.assert_allclose(ei.compute(index, TABLE).scores["top"], [1, 4, 5, 3, 5, GONE])
