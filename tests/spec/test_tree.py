"""The index as it acts: order of dependency, edges, defaults, rules, scales."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import egovindex as ei
from egovindex.spec import load
from egovindex.spec.expand import expand_index
from egovindex.spec.strictyaml import read_yaml
from egovindex.spec.tree import effective


def index(text: str) -> ei.Index:
    document, faults = expand_index(read_yaml(f"index: demo\n{text}", file="demo.yaml"))
    return ei.Index(load.validated_index(document, faults), document.origins)


AB = "nothing: skip\nindicators: {a: {}, b: {}, c: {}}\n"


# --- order


@pytest.mark.parametrize(
    "reader",
    [
        "{of: [late, a]}",
        "{from: late + a}",
        "{of: [a], points: {late > 1: 0}}",
        "{of: [a], points: {late is missing: 0}}",
        "{of: [a], points: {value > 0: late}}",
        "{of: [a], points: named}",
    ],
)
def test_a_node_comes_after_all_it_reads(reader):
    made = index(f"{AB}points: {{named: {{'late in (1, 2)': 0}}}}\nnodes:\n  early: {reader}\n  late: {{of: [b]}}")
    assert list(made.tree.branches) == ["late", "early"]
    assert made.tree.order == ("early", "late")  # results keep the order of the file
    data = pd.DataFrame({"unit": ["P", "Q"], "a": [1.0, 2.0], "b": [3.0, None], "c": [0.0, 0.0]})
    assert list(ei.compute(made, data).scores.columns) == ["early", "late"]


def test_the_headline_is_the_first_node_that_is_nobodys_child():
    made = index(f"{AB}nodes:\n  part: {{of: [a]}}\n  top: {{of: [part, b]}}\n  other: {{of: [c]}}")
    assert made.headline == "top"
    assert made.tree.tops == ("top", "other")


def test_a_record_of_several_nodes_has_several_parents():
    made = index(f"{AB}nodes:\n  x: {{of: [a, b]}}\n  y: {{of: [a]}}")
    assert made.tree.parents["a"] == ("x", "y")
    assert made.tree.parents["c"] == ()


# --- edges


def test_edges_are_the_same_whichever_side_says_them():
    above = index(f"{AB}nodes: {{top: {{of: {{a: 2, b: 1, c: 1}}}}}}")
    below = index(
        "nothing: skip\nindicators: {a: {in: top, weight: 2}, b: {in: top}, c: {in: top, weight: 1}}\nnodes: {top: {}}"
    )
    assert above.tree.branches["top"].children == below.tree.branches["top"].children == ("a", "b", "c")
    assert above.tree.branches["top"].weights == below.tree.branches["top"].weights


def test_weights_laid_over_stand_where_the_file_keeps_its_edges():
    below = index("nothing: skip\nindicators: {a: {in: top}, b: {in: part}}\nnodes: {top: {}, part: {in: top}}")
    changed = below.with_weights({"top": {"a": 1, "part": 3}})
    assert changed.document()["indicators"]["a"] == {"in": "top", "weight": "1"}
    assert changed.document()["nodes"]["part"] == {"in": "top", "weight": "3"}
    assert "of" not in changed.document()["nodes"]["top"]


# --- defaults


def test_a_default_is_replaced_whole_and_removed_by_a_tilde():
    made = index(
        "nothing: skip\ndefaults: {indicators: {steps: [log, minmax], direction: down}}\n"
        "indicators: {a: {}, b: {steps: [zscore]}, c: {steps: ~, direction: ~}}\nnodes: {top: {of: [a, b, c]}}"
    )
    steps = {name: [str(step) for step in leaf.steps] for name, leaf in made.tree.leaves.items()}
    assert steps == {"a": ["log", "minmax"], "b": ["zscore"], "c": []}
    assert [leaf.down for leaf in made.tree.leaves.values()] == [True, True, False]
    assert effective(made.file.indicators["c"], made.file.defaults.indicators)["steps"] is None


# --- rules

RULES: dict[str, Any] = {
    "head": "nothing: {missing: skip}\npoints: {s: {yes: 1, drafted: 0.5, planned: 0.2, no: 0}}\n"
    "rules:\n  strict: {s: {drafted: 0, planned: 0}}\n  graded: {s: {drafted: 0.4}}\n"
    "  blank: {nothing: {missing: 0, unknown: skip}}\n  open: {s: {planned: ~}}\n",
    "tail": "indicators: {a: {points: s}}\nnodes: {top: {of: [a]}}",
}


def lines(made: ei.Index) -> dict[str, str]:
    return {str(line.test): str(getattr(line.outcome, "value", line.outcome)) for line in made.tree.leaves["a"].lines}


def test_lines_of_a_rule_are_read_first_and_those_of_a_later_layer_before_them():
    base = index(RULES["head"] + RULES["tail"])
    assert lines(base) == {"yes": "1.0", "drafted": "0.5", "planned": "0.2", "no": "0.0"}
    strict = base.with_rules("strict")
    assert list(lines(strict)) == ["drafted", "planned", "yes", "no"]
    over = strict.with_rules("graded")
    assert over.rules == ("strict", "graded")
    assert lines(over)["drafted"] == "0.4"
    assert lines(over)["planned"] == "0.0"
    assert lines(strict.with_rules("graded", only=True))["planned"] == "0.2"


def test_a_rule_may_remove_a_line_and_set_kinds_of_nothing():
    made = index(RULES["head"] + RULES["tail"]).with_rules("open", "blank")
    assert "planned" not in lines(made)
    assert {kind: str(getattr(o, "value", o)) for kind, o in made.tree.nothing.items()} == {
        "missing": "0.0",
        "unknown": "skip",
    }


# --- scales

SCALES = "answers:\n  yes_no: {yes: [], no: []}\n  level: {high: [], low: [], no: []}\nnothing: skip\n"


@pytest.mark.parametrize(
    ("record", "scale"),
    [
        ("{}", None),
        ("{points: {yes: 1, no: 0}}", "yes_no"),
        ("{points: {high: 1, no: 0}}", "level"),
        ("{points: {answer is high: 1, else: 0}}", "level"),
        ("{points: {missing: 0}}", None),
        ("{points: {2: 1}}", None),
        ("{answers: level, points: {no: 0}}", "level"),
        ("{points: {no: 0}, answers: yes_no}", "yes_no"),
    ],
)
def test_answers_are_on_the_scale_that_is_named_or_that_points_speak_of(record, scale):
    made = index(f"{SCALES}indicators: {{a: {record}}}\nnodes: {{top: {{of: [a]}}}}")
    assert made.tree.leaves["a"].scale == scale


def test_a_map_named_like_a_scale_speaks_of_it():
    text = f"{SCALES}points: {{level: {{no: 0}}}}\nindicators: {{a: {{points: level}}}}\nnodes: {{top: {{of: [a]}}}}"
    assert index(text).tree.leaves["a"].scale == "level"


def test_an_else_of_a_rule_is_read_last():
    made = index(
        "nothing: skip\npoints: {status: {yes: 1, no: 0, else: 2}}\nrule: open\n"
        "rules: {open: {status: {else: 0.5, drafted: 0.1}}}\n"
        "indicators: {a: {points: status}}\nnodes: {top: {of: [a]}}"
    )
    assert [(str(line.test), line.outcome.value) for line in made.tree.leaves["a"].lines] == [
        ("drafted", 0.1),
        ("yes", 1.0),
        ("no", 0.0),
        ("else", 0.5),
    ]
