"""What a doubt may be about: what is there, below the node that is looked at, and has an effect on it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.sensitivity.scope import Scope
from tests.properties.drawn import index_of

DOCUMENT = {
    "answers": {"status": {"yes": ["Y"], "partly": ["P"], "no": ["N"]}},
    "nothing": {"unknown": "skip", "missing": "skip"},
    "points": {"status": {"yes": 1, "partly": 0.5, "no": 0}, "other": {"yes": 1, "partly": 0.2, "no": 0}},
    "indicators": {"a": {"points": "status"}, "b": {}, "c": {}, "d": {}, "e": {"points": "other"}, "alone": {}},
    "nodes": {
        "top": {"of": {"left": 1, "right": 1}},
        "left": {"of": ["a", "b"]},
        "right": {"of": ["c", "lower"], "aggregate": "min"},
        "lower": {"of": ["d", "e"]},
        "deep": {"of": ["left", "right"]},
    },
}
UNITS = pd.DataFrame(
    {"unit": list("xyz"), "a": ["yes", "no", "partly"], "e": ["yes", "yes", "no"]}
    | {name: [0.1, 0.5, 0.9] for name in ("b", "c", "d", "alone")}
)


@pytest.fixture(scope="module")
def spec() -> ei.Index:
    return index_of(DOCUMENT)


def scope_of(spec: ei.Index, node: str = "top", doubt: ei.Doubt | None = None) -> Scope:
    doubt = doubt or ei.Doubt(weights=ei.simplex())
    return Scope(doubt, spec, spec.plan(UNITS), node)


def test_what_is_below_a_node_and_what_it_reads(spec):
    scope = scope_of(spec)
    assert set(scope.below) == {"top", "left", "right", "lower"}
    assert scope.read == {"top", "left", "right", "lower", "a", "b", "c", "d", "e"}
    assert scope_of(spec, "left").read == {"left", "a", "b"}
    assert scope.records[:3] == ["a", "b", "c"]
    assert set(scope.records) == {*DOCUMENT["indicators"], *DOCUMENT["nodes"]}


def test_a_record_that_is_there(spec):
    scope = scope_of(spec)
    assert scope.known("left", spec.tree.branches, "node") == "left"
    assert scope.known("a", spec.tree.leaves, "indicator") == "a"
    assert scope.known("e", scope.records, "record") == "e"


UNKNOWN = [
    ("lft", "node", 'there is no node "lft"; did you mean "left"?', "unknown_node"),
    ("zzzz", "indicator", 'there is no indicator "zzzz"', "unknown_indicator"),
    ("b", "node", '"b" is an indicator, and this is about nodes; name what it is a part of (left)', "unknown_node"),
    ("alone", "node", '"alone" is an indicator, and this is about nodes; name a node', "unknown_node"),
    (
        "left",
        "indicator",
        '"left" is a node, and this is about indicators; name its indicators (a, b)',
        "unknown_indicator",
    ),
    ("deep", "indicator", '"deep" is a node, and this is about indicators; name indicators', "unknown_indicator"),
    ("deep", "node", "deep is no part of top, and has no effect on it", "doubt_without_effect"),
    ("alone", "indicator", "alone is no part of top, and has no effect on it", "doubt_without_effect"),
]


@pytest.mark.parametrize(("record", "what", "said", "check"), UNKNOWN)
def test_a_record_that_is_not(spec, record, what, said, check):
    scope = scope_of(spec)
    among = spec.tree.branches if what == "node" else spec.tree.leaves
    with pytest.raises(ei.MethodError, match="^" + re.escape(said)) as caught:
        scope.known(record, among, what)
    fault = caught.value.faults[0]
    assert fault.check == check
    assert fault.column == (record if check != "doubt_without_effect" else None)


def test_parents_beside_the_node_are_no_way_out(spec):
    with pytest.raises(ei.MethodError, match=r"name what it is a part of \(lower\)"):
        scope_of(spec, "right").known("d", spec.tree.branches, "node")
    with pytest.raises(ei.MethodError, match=r"about nodes; name a node$"):
        scope_of(spec, "right").known("a", spec.tree.branches, "node")


def test_lines_that_some_answer_could_earn(spec):
    scope = scope_of(spec)
    assert scope.may_earn([("points", "status", "yes")])
    assert scope.may_earn([("nothing", "unknown")])
    assert scope.may_earn([("points", "nowhere", "yes"), ("points", "other", "no")])
    assert not scope.may_earn([("points", "nowhere", "yes")])
    assert not scope.may_earn([])
    left = scope_of(spec, "left")
    assert left.may_earn([("points", "status", "yes")])
    assert not left.may_earn([("points", "other", "yes")])


def test_whether_other_indices_score_all_the_same(spec):
    scope = scope_of(spec)
    same = [spec, spec.with_(title="other"), spec.with_(nodes={"deep": {"aggregate": "max"}})]
    assert scope.same_points(same)
    assert not scope.same_points([*same, spec.with_points({"status.partly": 0.6})])
    assert not scope.same_points([spec.with_points({"status.partly": 0.6}), spec])
    assert scope_of(spec, "right").same_points([spec, spec.with_points({"status.partly": 0.6})])
    broken = spec.with_(columns={"b": "elsewhere", "c": "nowhere"}, indicators={"b": {"from": "nobody"}})
    assert not scope.same_points([spec, broken])
    # units without a score are the same too
    lacking = UNITS.assign(a=[np.nan] * 3, b=[np.nan] * 3)
    empty = Scope(scope.doubt, spec, spec.plan(lacking), "left")
    assert empty.same_points([spec, spec.with_points({"status.partly": 0.6})])


def test_what_other_parts_of_a_doubt_are_about(spec):
    doubt = ei.Doubt(
        weights={"*": ei.simplex(), "left": ei.within(0.1), "right": None},
        aggregate={"*": ["mean", "geometric"], "right": ["min", "max"], "lower": None},
    )
    scope = scope_of(spec, doubt=doubt)
    assert scope.others("weights") == {"left", "right"}
    assert scope.others("aggregate") == {"right", "lower"}
    assert scope.others("steps") == set()
    assert scope.aggregates("right") == {"min", "max", "mean", "geometric"}
    assert scope.aggregates("left") == {"mean", "geometric"}
    plain = scope_of(spec)
    assert plain.aggregates("right") == {"min"}


def test_a_doubt_that_nothing_feels_is_refused(spec):
    doubt = ei.Doubt(points={"other.partly": (0.1, 0.3)})
    with pytest.raises(ei.MethodError) as caught:
        ei.simulate(spec, UNITS, doubt, n=8, rng=1, node="left")
    fault = caught.value.faults[0]
    assert fault.check == "doubt_without_effect"
    assert "has no effect on left" in fault.message
    assert fault.path == "points.other.partly"
