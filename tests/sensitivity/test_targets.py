"""What is asked of a ranking, with numbers worked out by hand."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.sensitivity.targets import target_of
from tests.properties.drawn import index_of

FILE = """
index: towns
nothing: {missing: void}
columns: {period: year}
indicators: {a: {}, b: {}}
nodes:
  top: {of: {a: 1, b: 1}, classes: {High: 0.6, Low: else}}
  plain: {of: {a: 1, b: 3}, classes: {Above: "> b", Below: else}}
  none: {of: {a: 1, b: 2}}
"""
ROWS = [
    ("X", 2022, 0.9, 0.5),  # 0.7
    ("Y", 2022, 0.5, 0.5),  # 0.5
    ("Z", 2022, 0.2, 0.4),  # 0.3
    ("X", 2024, 0.8, 0.6),  # 0.7
    ("Y", 2024, 0.9, 0.9),  # 0.9
    ("W", 2024, np.nan, 0.5),  # none
]


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> ei.IndexResult:
    path = tmp_path_factory.mktemp("towns") / "towns.yaml"
    path.write_text(FILE.replace(', classes: {Above: "> b", Below: else}', ""), encoding="utf-8")
    return ei.compute(path, pd.DataFrame(ROWS, columns=["unit", "year", "a", "b"]))


SCORES = np.array([[0.7, 0.5, 0.3, 0.7, 0.9, np.nan], [0.5, 0.7, 0.65, 0.9, 0.9, 0.1], [0.1, 0.2, 0.3, 0.4, np.nan, 0]])
RANKS = np.array([[1, 2, 3, 2, 1, 0], [3, 1, 2, 1, 1, 3], [3, 2, 1, 1, 0, 2]])


def numbers(target, scores=SCORES, ranks=RANKS):
    return target.compute(scores, ranks, {})


def test_the_average_shift(result):
    target = target_of("rank_shift", result, "top")
    assert target.name == "average rank shift"
    assert target.outputs == ("average rank shift",)
    assert target.by_row is None
    assert not target.of_ranks
    # ranks without any draw: 1, 2, 3 and 2, 1; W has none, and does not count; nor does Y where it has none
    np.testing.assert_allclose(numbers(target), [[0], [(2 + 1 + 1 + 1 + 0) / 5], [(2 + 0 + 2 + 1) / 4]])
    assert np.isnan(numbers(target, SCORES[:1], np.zeros((1, 6), dtype=int))).all()


def test_the_share_in_another_class(result):
    target = target_of("class_change", result, "top")
    assert target.name == "share of units in another class"
    assert target.outputs == ("class change",)
    assert not target.of_ranks
    # High, Low, Low, High, High without any draw; without a score is another class
    np.testing.assert_allclose(numbers(target), [[0], [3 / 5], [3 / 5]])
    single = numbers(target, SCORES.astype(np.float32))
    assert single.dtype == np.float64


def test_scores_and_ranks_of_all_rows(result):
    names = ("X, 2022", "Y, 2022", "Z, 2022", "X, 2024", "Y, 2024", "W, 2024")
    score, rank = (target_of(name, result, "top") for name in ("score", "rank"))
    assert (score.name, rank.name) == ("score", "rank")
    assert len(score.outputs) == 6
    assert score.outputs == rank.outputs == tuple(map(result.plan.rows.name, range(6)))
    assert all(unit.split(",")[0] in name for unit, name in zip(names, score.outputs, strict=True))
    assert (score.of_ranks, rank.of_ranks) == (False, True)
    assert score.by_row.tolist() == rank.by_row.tolist() == list(range(6))
    np.testing.assert_array_equal(numbers(score), SCORES)
    np.testing.assert_array_equal(numbers(rank), np.where(RANKS == 0, np.nan, RANKS))
    assert numbers(score, SCORES.astype(np.float32)).dtype == np.float64


@pytest.mark.parametrize("kind", [tuple, list])
def test_the_number_of_one_unit(result, kind):
    target = target_of(kind(["rank", "Y", 2024]), result, "top")
    assert target.of_ranks
    assert target.by_row.tolist() == [4]
    assert target.outputs == (result.plan.rows.name(4),)
    assert target.name == f"rank of {result.plan.rows.name(4)}"
    np.testing.assert_array_equal(numbers(target), [[1], [1], [np.nan]])
    other = target_of(kind(["score", "X", 2022]), result, "top")
    assert not other.of_ranks
    np.testing.assert_array_equal(numbers(other), [[0.7], [0.5], [0.1]])
    # of a unit with one period it may be left out
    np.testing.assert_array_equal(numbers(target_of(kind(["score", "Z"]), result, "top")), [[0.3], [0.65], [0.3]])
    with pytest.raises(ei.MethodError, match="2022"):
        target_of(kind(["rank", "X"]), result, "top")


def test_a_function_of_ones_own(result):
    def first(scores, ranks):
        return (ranks == 1).sum(axis=1)

    target = target_of(first, result, "top")
    assert (target.name, target.outputs, target.by_row) == ("first", ("first",), None)
    np.testing.assert_array_equal(numbers(target), [[2], [3], [2]])

    def both(scores, ranks):
        return np.stack([scores[:, 0], ranks[:, 1]], axis=1)

    target = target_of(both, result, "top")
    assert target.outputs == ("both 1", "both 2")
    np.testing.assert_array_equal(numbers(target), [[0.7, 2], [0.5, 1], [0.1, 2]])

    class Best:
        def __call__(self, scores, ranks):
            return np.nanmax(scores, axis=1)

    assert target_of(Best(), result, "top").outputs == ("Best",)

    # it is asked once about the index without any draw
    seen = []
    target_of(lambda scores, ranks: seen.append((scores, ranks)) or [0.0], result, "top")
    assert len(seen) == 1
    np.testing.assert_allclose(seen[0][0], [[0.7, 0.5, 0.3, 0.7, 0.9, np.nan]])
    assert seen[0][1].tolist() == [[1, 2, 3, 2, 1, 0]]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s, r: ["much"] * len(s), "a function gives numbers, found ['much']"),
        (lambda s, r: None, "for 1 draws it gave the shape ()"),
        (lambda s, r: 1.0, "for 1 draws it gave the shape ()"),
        (lambda s, r: np.zeros(2), "it gave the shape (2,)"),
        (lambda s, r: np.zeros((1, 2, 2)), "it gave the shape (1, 2, 2)"),
    ],
)
def test_a_function_that_gives_something_else(result, call, said):
    with pytest.raises(ei.MethodError, match=re.escape(said)) as caught:
        target_of(call, result, "top")
    assert caught.value.faults[0].check == "bad_target"


KNOWN = 'target is one of rank_shift, class_change, rank, score, a pair such as ("rank", unit), or a function'


@pytest.mark.parametrize(
    ("raw", "end"),
    [
        ("ranks", "found 'ranks'; did you mean \"rank\"?"),
        ("rank:X", 'found \'rank:X\'; of one unit it is ("rank", "X")'),
        ("zzzzzz", "found 'zzzzzz'."),
        (3, "found 3."),
        (("rank",), "found ('rank',)."),
        (("place", "X"), "found ('place', 'X')."),
        (("rank", "X", 2022, 1), "found ('rank', 'X', 2022, 1)."),
        (None, "found None."),
    ],
)
def test_what_is_no_target(result, raw, end):
    with pytest.raises(ei.MethodError) as caught:
        target_of(raw, result, "top")
    fault = caught.value.faults[0]
    assert fault.check == "bad_target"
    assert fault.message.startswith(KNOWN)
    assert fault.message.endswith(end)


def test_classes_need_bands(result):
    with pytest.raises(ei.MethodError, match="none has no classes") as caught:
        target_of("class_change", result, "none")
    assert caught.value.faults[0].check == "no_classes"


def test_classes_that_read_other_records():
    document = {
        "nothing": {"missing": "void"},
        "indicators": {"a": {}, "b": {}},
        "nodes": {
            "top": {
                "of": {"a": 1, "part": 1},
                "classes": {"High": "value >= 0.5 and a >= 0.5 and part >= 0.5", "Low": "else"},
            },
            "part": {"of": {"b": 1}},
        },
    }
    rows = pd.DataFrame({"unit": list("xyz"), "a": [0.9, 0.4, 0.6], "b": [0.5, 0.8, 0.6]})
    result = ei.compute(index_of(document), rows)  # High, Low, High
    target = target_of("class_change", result, "top")
    scores = np.array([[0.7, 0.6, 0.6], [0.7, 0.6, 0.6]])
    beside = {"a": np.array([[0.9, 0.4, 0.6], [0.9, 0.6, 0.4]]), "part": np.array([[0.5, 0.8, 0.6], [0.1, 0.9, 0.9]])}
    found = target.compute(scores, np.ones((2, 3), dtype=int), beside)
    np.testing.assert_allclose(found, [[0], [1]])


def test_outputs_by_name(result):
    rank = target_of("rank", result, "top")
    name = result.plan.rows.name(4)
    assert rank.output(name, result) == name
    assert rank.output("Y", result, 2024) == name
    assert rank.output("Z", result) == result.plan.rows.name(2)
    with pytest.raises(ei.MethodError, match="2022"):
        rank.output("Y", result)
    with pytest.raises(ei.MethodError, match='there is no output "V"') as caught:
        rank.output("V", result)
    assert caught.value.faults[0].check == "unknown_output"
    with pytest.raises(ei.MethodError) as caught:
        rank.output(77, result)
    assert caught.value.faults[0].check == "unknown_unit"


def test_outputs_of_one_unit_and_of_the_ranking(result):
    one = target_of(("rank", "Z"), result, "top")
    assert one.output("Z", result) == result.plan.rows.name(2)
    with pytest.raises(ei.MethodError, match=r"the target is of .*Z.* alone") as caught:
        one.output("X", result, 2022)
    assert result.plan.rows.name(0) in str(caught.value)
    shift = target_of("rank_shift", result, "top")
    assert shift.output("average rank shift", result) == "average rank shift"
    with pytest.raises(ei.MethodError, match='no output "average rank shit"; did you mean "average rank shift"'):
        shift.output("average rank shit", result)
    with pytest.raises(ei.MethodError, match='no output "X"'):
        shift.output("X", result, 2022)
