"""Points by their address: the number that is in force is the one that changes, and nothing else."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing
from egovindex.spec import language, values
from egovindex.spec.addresses import lines_of

FEW = settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))

SPEC = """\
index: readiness
source: {title: A working paper, basis: ours}
answers: {status: {yes: [], drafted: [], planned: [], no: []}}
nothing: {unknown: skip, missing: 0}
points:
  status: {yes: 1, drafted: 0.5, planned: {value: 0.2, range: [0, 0.3]}, no: 0}
  level: {value>0: 1, else: 0}
rule: strict
rules:
  strict: {status: {drafted: 0, planned: 0}}
  gentle: {source: The council, status: {drafted: 0.7}}
  silent: {nothing: {unknown: 0}}
  agreed: {status: {drafted: 0}}
defaults: {indicators: {points: {yes: 1, no: 0, missing: 0}}}
indicators:
  law: {points: status}
  plan: {points: [status, {value > 3: 1}]}
  portal: {}
  forms: {}
  I-30.6: {points: {value > 0: 1, else: 0}}
nodes:
  top: {of: [law, plan, portal, forms, I-30.6], points: {missing: 0}}
"""
DATA = pd.DataFrame(
    {
        "unit": ["Abaria", "Belmora", "Cordania", "Dremia"],
        "law": ["drafted", "yes", "unknown", "planned"],
        "plan": ["drafted", "no", "yes", None],
        "portal": ["yes", "no", "yes", "no"],
        "forms": ["yes", "yes", "no", "no"],
        "I-30.6": [1, 0, 2, 0],
    }
)


@pytest.fixture
def index(tmp_path: Path) -> ei.Index:
    path = tmp_path / "readiness.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return ei.load_index(path)


def score(index: ei.Index, unit: str = "Abaria") -> float:
    return float(ei.compute(index, DATA).scores.loc[unit, "top"])


def outcome(index: ei.Index, address: str) -> float:
    table = index.numbers().set_index("address")
    return float(table.loc[address, "value"])


# --- what is set is what acts


@pytest.mark.parametrize("address", ["status.drafted", "points.status.drafted", ("points", "status", "drafted")])
def test_the_rule_in_force_gives_way(index, address):
    """Abaria: law and plan drafted, the other three 1; (2 d + 3) / 5."""
    assert score(index) == pytest.approx(3 / 5, abs=1e-15)
    varied = index.with_points({address: 0.4})
    assert score(varied) == pytest.approx((2 * 0.4 + 3) / 5, abs=1e-15)
    assert varied.history == (("points", "status.drafted = 0.4"),)
    assert varied.points == "status.drafted = 0.4"
    assert varied.rules == ("strict",)
    assert score(index) == pytest.approx(3 / 5, abs=1e-15)  # the index itself stays


def test_without_a_rule_the_map_gives_way(index):
    plain = index.with_rules(only=True)
    assert score(plain) == pytest.approx((2 * 0.5 + 3) / 5)
    assert score(plain.with_points({"status.drafted": "1/4"})) == pytest.approx((2 * 0.25 + 3) / 5)
    assert plain.with_points({"status.drafted": "1/4"}).file.rules == plain.file.rules


def test_the_highest_layer_gives_way(index):
    laid = index.with_rules("gentle")
    assert score(laid) == pytest.approx((2 * 0.7 + 3) / 5)
    varied = laid.with_points({"status.drafted": 0.4})
    assert score(varied) == pytest.approx((2 * 0.4 + 3) / 5)
    assert varied.file.rules["strict"] == laid.file.rules["strict"]


def test_rules_that_agree_give_way_together(index):
    both = index.with_rules("strict", "agreed", only=True)
    assert score(both.with_points({"status.drafted": 0.4})) == pytest.approx((2 * 0.4 + 3) / 5)


def test_rules_after_points_still_work(index):
    varied = index.with_points({"status.drafted": 0.4, "status.no": 0.1})
    assert score(varied.with_rules("gentle")) == pytest.approx((2 * 0.7 + 3) / 5)  # the rule sets its own line again
    assert outcome(varied.with_rules("gentle"), "points.status.no") == 0.1
    assert outcome(varied.with_rules("gentle", only=True), "points.status.planned") == 0.2


def test_points_of_nothing(index):
    """Cordania: law unknown and skipped, plan 1, portal 1, forms 0, I-30.6 1."""
    assert score(index, "Cordania") == pytest.approx(3 / 4)
    assert score(index.with_points({"nothing.unknown": 0}), "Cordania") == pytest.approx(3 / 5)
    silent = index.with_rules("silent")
    assert score(silent.with_points({("nothing", "unknown"): "skip"}), "Cordania") == pytest.approx(3 / 4)


def test_one_record_leaves_the_defaults_of_the_others(index):
    varied = index.with_points({"indicators.portal.points.yes": 0.5})
    assert outcome(varied, "indicators.portal.points.yes") == 0.5
    assert outcome(varied, "indicators.forms.points.yes") == 1
    assert score(varied) == pytest.approx((0.5 + 1 + 1) / 5)


def test_two_lines_of_a_record_that_has_them_from_defaults(index):
    varied = index.with_points({"indicators.portal.points.yes": 0.5, "indicators.portal.points.no": 0.1})
    table = varied.numbers().set_index("address")["value"]
    assert table[["indicators.portal.points.yes", "indicators.portal.points.no"]].tolist() == [0.5, 0.1]
    assert table["indicators.portal.points.missing"] == 0


@pytest.mark.parametrize(
    ("address", "to"),
    [
        ("indicators.I-30.6.points.value > 0", 0.25),
        ("indicators.I-30.6.points.value>0", 0.25),
        (("indicators", "I-30.6", "points", "value>0"), 0.25),
        (("indicators", "plan", "points", "value > 3"), 0.25),
        (("nodes", "top", "points", "missing"), 0.25),
        ("level.value > 0", 0.25),
    ],
)
def test_addresses_with_dots_lists_and_sentences(index, address, to):
    varied = index.with_points({address: to})
    text = ".".join(address) if isinstance(address, tuple) else address
    changed = varied.numbers()["outcome"].ne(index.numbers()["outcome"])
    assert changed.sum() == 1
    assert varied.numbers().loc[changed, "value"].tolist() == [to]
    assert text.split(".")[0] in varied.numbers().loc[changed, "address"].iloc[0]


@pytest.mark.parametrize(
    "given_", ["skip", "void", "value / 2", {"value": 0.4, "range": [0.2, 0.6], "basis": "ours"}, 3]
)
def test_outcomes_of_every_kind(index, given_):
    varied = index.with_points({"indicators.I-30.6.points.value > 0": given_})
    line = next(line for line in lines_of(varied.file) if "I-30.6" in line.address and "value > 0" in line.address)
    assert line.outcome == values.parse_outcome(given_)


def test_a_line_that_is_never_read_is_none(tmp_path):
    """Behind the map's own yes, the record's yes is never read: to set it would change nothing."""
    text = SPEC.replace("plan: {points: [status, {value > 3: 1}]}", "plan: {points: [status, {yes: 3}]}")
    (tmp_path / "readiness.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ei.SpecError, match=r'no line "indicators\.plan\.points\.yes"'):
        ei.load_index(tmp_path / "readiness.yaml").with_points({"indicators.plan.points.yes": 0.5})


# --- round trips


def test_written_and_read_again_it_scores_the_same(index, tmp_path):
    varied = index.with_points(
        {"status.drafted": {"value": 0.4, "range": [0.2, 0.6], "source": "A guess"}, "indicators.portal.points.yes": 2}
    )
    path = tmp_path / "again" / "readiness.yaml"
    path.parent.mkdir()
    path.write_text(varied.to_yaml(), encoding="utf-8")
    again = ei.load_index(path)
    assert again == varied
    pd.testing.assert_frame_equal(ei.compute(again, DATA).scores, ei.compute(varied, DATA).scores)
    pd.testing.assert_frame_equal(again.numbers()[["address", "value"]], varied.numbers()[["address", "value"]])


def test_saved_and_loaded_it_is_the_same(index, tmp_path):
    result = ei.compute(index.with_points({"status.drafted": 0.4, "nothing.unknown": 0}), DATA)
    assert result.manifest.history == (("points", "status.drafted = 0.4, nothing.unknown = 0"),)
    result.save(tmp_path / "kept")
    loaded = ei.load_result(tmp_path / "kept")
    pd.testing.assert_frame_equal(loaded.scores, result.scores)
    assert loaded.index == result.index
    assert loaded.index.points == result.index.points


# --- compare


def test_compare_says_recipe(index):
    comparison = ei.compare(ei.compute(index, DATA), ei.compute(index.with_points({"status.drafted": 0.4}), DATA))
    assert list(comparison.causes) == ["recipe"]
    assert comparison.causes.loc["Abaria", "recipe"] == pytest.approx(0.8 / 5)


def test_what_is_known_about_a_number_is_no_cause(index):
    known = index.with_points({"status.drafted": {"value": 0, "range": [0, 0.3], "basis": "assumed"}})
    comparison = ei.compare(ei.compute(index, DATA), ei.compute(known, DATA))
    assert list(comparison.causes) == []


# --- the table of numbers


def test_every_number_with_its_rule_source_and_line(index):
    table = index.numbers().set_index("address")
    drafted = table.loc["points.status.drafted"]
    assert (drafted["rule"], drafted["origin"]) == ("strict", "readiness.yaml:10")
    assert table.loc["points.status.yes", "origin"] == "readiness.yaml:6"
    assert table.loc["points.level.value > 0", "origin"] == "readiness.yaml:7"
    assert table.loc["nothing.unknown", "outcome"] == "skip"
    assert math.isnan(table.loc["nothing.unknown", "value"])
    planned = index.with_rules(only=True).numbers().set_index("address").loc["points.status.planned"]
    assert (planned["range"], planned["basis"], planned["source"]) == ((0, 0.3), "ours", "A working paper")
    assert (
        index.with_rules("gentle").numbers().set_index("address").loc["points.status.drafted", "source"]
        == "The council"
    )


def test_a_number_given_in_a_call_is_not_the_papers(index):
    line = index.with_points({"status.yes": 0.9}).numbers().set_index("address").loc["points.status.yes"]
    assert (line["source"], line["basis"], line["origin"]) == (None, None, "with_points(...)")


# --- faults


def test_every_fault_is_told_at_once(index):
    wrong = {
        "status.draftd": 0.4,
        "nothing.unknwon": 0,
        ("nodes", "top", "of", "law"): 2,
        "indicators.law.weight": 2,
        ("indicators", "law", "steps", 0, "best"): 2,
        "status.no": None,
        "status.yes": "one or two",
        "points.status.planned": float("nan"),
        ("points", "status", "drafted"): 0.3,
        "status.drafted": 0.4,
        7: 0.4,
    }
    with pytest.raises(ei.SpecError) as caught:
        index.with_points(wrong)
    found = [fault.check for fault in caught.value.faults]
    assert found == [
        *("unknown_points", "unknown_points", "points_of_weights", "points_of_weights", "points_of_steps"),
        *("points_removed", "unreadable_outcome", "unreadable_outcome", "points_twice", "unknown_points"),
    ]
    text = str(caught.value)
    for said in ('"status.drafted"?', '"nothing.unknown"?', "with_weights", "with_(", "with_rules", "numbers()"):
        assert said in text


def test_a_text_that_reads_two_ways_is_refused():
    index = ei.Index.from_frame(
        pd.DataFrame({"id": ["a", "top"], "in": ["top", None], "points": ["m", None]}),
        index="two",
        points={"m": {"x.y": 1}, "m.x": {"y": 2}},
    )
    with pytest.raises(ei.SpecError, match=r"2 ways; write \('points', 'm', 'x.y'\), \('points', 'm.x', 'y'\)"):
        index.with_points({"m.x.y": 0})
    assert index.with_points({("points", "m", "x.y"): 0}).numbers()["value"].tolist() == [0, 2]


def test_a_formula_for_nothing_is_refused_by_the_file(index):
    with pytest.raises(ei.SpecError, match="not a policy"):
        index.with_points({"nothing.unknown": "value / 2"})


@pytest.mark.parametrize("wrong", [None, 3, "status.drafted", [("status.drafted", 1)]])
def test_no_mapping(index, wrong):
    with pytest.raises(ei.SpecError, match="takes a mapping"):
        index.with_points(wrong)


# --- a law


@FEW
@given(data=st.data())
def test_what_is_set_is_what_the_plan_uses(data):
    """Every number of an invented index, rules and all, can be set, and then stands in the plan at its address."""
    index = data.draw(testing.indices(points=True, rules=True, nothing=True))
    table = data.draw(testing.tables(index, min_units=3))
    lines = [line for line in lines_of(index.file) if isinstance(line.outcome, values.Quantity)]
    if not lines:
        return
    line = data.draw(st.sampled_from(lines))
    varied = index.with_points({line.address: 0.375})
    plan = varied.plan(table)
    addressed = dict(zip(plan.outcome_addresses, plan.outcomes, strict=True))
    assert addressed.get(line.address, 0.375) == 0.375
    before, after = lines_of(index.file), lines_of(varied.file)
    assert [one.address for one in before] == [one.address for one in after]
    changed = [b.address for a, b in zip(before, after, strict=True) if a.outcome != b.outcome]
    assert changed in ([line.address], [])
    assert ei.Index(varied.file).numbers()["value"].tolist() == pytest.approx(
        varied.numbers()["value"].tolist(), nan_ok=True
    )
    given_addresses = {(*address[:-1], language.line_key(str(address[-1]))) for address in plan.outcome_addresses}
    known = {(*line.address[:-1], line.key) for line in after}
    assert given_addresses <= known
    assert np.isfinite(plan.outcomes).all()
