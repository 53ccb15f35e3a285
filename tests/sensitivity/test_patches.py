"""Alternatives as changed copies of an index: what is changed, what stays, and what needs no new compilation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.evaluate import evaluate
from egovindex.sensitivity.patches import NORMALISER, has_step, left_out, patched, restructured, without
from egovindex.sensitivity.simulate import Run
from tests.properties.drawn import index_of

DOCUMENT = {
    "nothing": {"missing": "skip"},
    "indicators": {
        "a": {"steps": ["minmax", "cap 0.9", "zscore", "times 2"]},
        "b": {"steps": ["goalposts 0 10"]},
        "c": {"in": "low"},
        "d": {"in": "low"},
    },
    "nodes": {
        "top": {"of": {"high": 1, "low": {"value": 2, "range": [1, 3]}, "b": 1}, "steps": ["cap 0.8", "round 2"]},
        "high": {"of": {"a": 3, "c": 1}},
        "low": {},
    },
}


@pytest.fixture(scope="module")
def tree() -> ei.Index:
    return index_of(DOCUMENT)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    numbers = np.random.default_rng(1).random((6, 4)).round(2)
    numbers[:, 1] *= 10
    return pd.DataFrame({"unit": list("uvwxyz"), **dict(zip("abcd", numbers.T, strict=True))})


def steps(index: ei.Index, record: str) -> list[str]:
    tree = index.tree
    return [str(step) for step in (tree.leaves if record in tree.leaves else tree.branches)[record].steps]


def test_whether_a_record_has_a_step(tree):
    asked = [("a", "cap"), ("a", "times"), ("a", NORMALISER), ("b", NORMALISER), ("top", "round")]
    assert all(has_step(tree, *one) for one in asked)
    lacking = [("a", "round"), ("c", NORMALISER), ("b", "cap"), ("top", NORMALISER), ("high", "cap")]
    assert not any(has_step(tree, *one) for one in lacking)


@pytest.mark.parametrize(
    ("name", "step", "expected"),
    [
        (NORMALISER, "rank", ["minmax", "cap 0.9", "rank", "times 2"]),  # the last of two
        ("minmax", "goalposts 0 1", ["goalposts 0 1", "cap 0.9", "zscore", "times 2"]),
        ("cap", "cap 0.5", ["minmax", "cap 0.5", "zscore", "times 2"]),
        ("times", None, ["minmax", "cap 0.9", "zscore"]),
    ],
)
def test_another_step(tree, name, step, expected):
    found = patched(tree, ("step", (["a", "b", "top"], name, step)))
    assert steps(found, "a") == expected
    assert steps(found, "b") == (["rank"] if name == NORMALISER else ["goalposts 0 10"])
    assert steps(found, "top")[1:] == steps(tree, "top")[1:]
    assert steps(found, "top")[0] == ("cap 0.5" if name == "cap" else steps(tree, "top")[0])
    assert steps(found, "d") == steps(tree, "d") == []


def test_a_step_that_nobody_has_changes_nothing(tree):
    assert patched(tree, ("step", (["c", "d"], "cap", "cap 1"))) is tree


def test_the_only_step_taken_away(tree):
    assert steps(patched(tree, ("step", (["b"], "goalposts", None))), "b") == []


def test_other_kinds(tree, index):
    aggregated = patched(tree, ("aggregate", (["high", "top"], "geometric")))
    assert {n: b.aggregate for n, b in aggregated.tree.branches.items()} == {
        "top": "geometric",
        "high": "geometric",
        "low": "mean",
    }
    assert patched(tree, ("index", index)) is index
    assert patched(tree, ("as it is", None)) is tree
    assert patched(index, ("rules", ("strict", "hopeful"))) == index.with_rules("strict", "hopeful")
    assert patched(index, ("points", {"status.drafted": 0.7})) == index.with_points({"status.drafted": 0.7})
    keys = {"nodes": {"market": {"aggregate": "product"}}}
    assert patched(index, ("keys", keys)) == index.with_(**keys)
    edges = (("rules", "law"),)
    assert patched(index, ("without", edges)) == without(index, edges)


# Without compilation --------------------------------------------------------------------------------------------------

PATCHES = {
    "a step": [("step", (["a", "b"], NORMALISER, "rank"))],
    "a step of a node": [("step", (["top"], "cap", "cap 0.5"))],
    "no step": [("step", (["a", "top"], "cap", None))],
    "an aggregate": [("aggregate", (["high", "top"], "min"))],
    "several": [
        ("aggregate", (["low"], "geometric")),
        ("as it is", None),
        ("step", (["a", "c"], "cap", "cap 0.3")),
        ("step", (["a"], NORMALISER, "rank")),
    ],
    "nothing": [("as it is", None)],
}


@pytest.mark.parametrize("name", PATCHES)
def test_steps_and_aggregates_need_no_compilation(tree, rows, name):
    plan = tree.plan(rows)
    found = restructured(plan, PATCHES[name])
    assert found is not None
    compiled = tree
    for patch in PATCHES[name]:
        compiled = patched(compiled, patch)
    expected = evaluate(compiled.plan(rows))
    scores = evaluate(found)
    for node in ("top", "high", "low"):
        np.testing.assert_allclose(scores.by_node[node], expected.by_node[node], rtol=1e-14)
    for record in ("a", "b", "c", "top"):
        held = found.tree.leaves if record in found.tree.leaves else found.tree.branches
        assert [str(step) for step in held[record].steps] == steps(compiled, record)
    assert [str(step) for step in plan.tree.leaves["a"].steps] == steps(tree, "a")  # the plan stays as it was


@pytest.mark.parametrize("what", ["rules", "points", "index", "without", "keys"])
def test_other_alternatives_need_one(tree, rows, what):
    assert restructured(tree.plan(rows), [("as it is", None), (what, None)]) is None


def test_draws_of_steps_and_aggregates_compile_nothing(tree, rows, monkeypatch):
    doubt = ei.Doubt(normalise={"b": ["goalposts 0 10", "rank"]}, aggregate={"high": ["mean", "min"]})
    study = Run.of(tree, rows, doubt, node=None, learn="each_draw").study
    settings = study.drawn(1, 0)
    expected = study.scored(settings, 1024).scores
    again = Run.of(tree, rows, doubt, node=None, learn="each_draw").study
    monkeypatch.setattr(ei.Index, "plan", lambda self, data: pytest.fail("compiled"))
    np.testing.assert_array_equal(again.scored(settings, 1024).scores, expected)


# Left out -------------------------------------------------------------------------------------------------------------


def weights(index: ei.Index, node: str) -> dict[str, float]:
    branch = index.tree.branches[node]
    return dict(zip(branch.children, (weight.value for weight in branch.weights), strict=True))


def test_without_a_child_that_the_node_names(tree):
    found = without(tree, [("top", "b")])
    assert weights(found, "top") == {"high": 1, "low": 2}
    assert found.tree.branches["top"].weights[1].range == (1, 3)
    assert weights(found, "high") == {"a": 3, "c": 1}
    assert weights(tree, "top") == {"high": 1, "low": 2, "b": 1}


def test_without_a_child_that_names_the_node(tree):
    found = without(tree, [("low", "d")])
    assert found.tree.branches["low"].children == ("c",)
    assert weights(found, "high") == {"a": 3, "c": 1}


def test_a_node_of_which_nothing_is_left_is_left_out(tree):
    found = without(tree, [("low", "d"), ("low", "c")])
    assert weights(found, "top") == {"high": 1, "b": 1}
    both = without(tree, [("high", "a"), ("high", "c"), ("top", "b")])
    assert weights(both, "top") == {"low": 2}


def test_left_out_by_weights_of_nothing(tree):
    found = left_out(tree, [("top", "b")])
    assert weights(found, "top") == {"high": 1, "low": 2, "b": 0}
    assert weights(found, "high") == {"a": 3, "c": 1}
    assert left_out(tree, []) is tree
    one = left_out(tree, [("high", "a"), ("high", "a")])
    assert weights(one, "high") == {"a": 0, "c": 1}
    assert weights(one, "top") == weights(tree, "top")


def test_of_a_node_of_which_nothing_is_left_the_weight_is_nothing(tree):
    found = left_out(tree, [("high", "a"), ("high", "c")])
    assert weights(found, "top") == {"high": 0, "low": 2, "b": 1}
    assert weights(found, "high") == {"a": 3, "c": 1}
    more = left_out(tree, [("high", "a"), ("top", "b"), ("high", "c"), ("low", "c")])
    assert weights(more, "top") == {"high": 0, "low": 2, "b": 0}
    assert weights(more, "low") == {"c": 0, "d": 1}


def test_of_the_whole_index_nothing_can_be_left_out(tree):
    edges = [("high", "a"), ("high", "c"), ("low", "c"), ("low", "d"), ("top", "b")]
    assert left_out(tree, edges) is tree
