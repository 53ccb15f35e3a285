"""A few lines laid over a complete file: the one way to vary."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.spec.expand import expand_index
from egovindex.spec.merge import lay_over, merge_lines
from egovindex.spec.strictyaml import Document, read_yaml

BASE = """\
index: base
title: Base
nothing: {missing: skip, unknown: 0}
columns: {unit: country, period: year}
answers: {status: {yes: [], no: []}, level: {high: [], low: []}}
points:
  status: {yes: 1, drafted: 0.5, no: 0}
  other: {a: 1}
rules:
  strict: {status: {drafted: 0}}
  graded: {status: {drafted: 0.4}}
reference: {periods: all, where: a is b}
defaults:
  indicators: {steps: [zscore], direction: down}
indicators:
  a: {label: A, steps: [log], points: {yes: 1, no: 0}}
  b: {}
nodes:
  top: {of: {a: 1, b: 2}, classes: {High: 0.5, Low: else}}
"""


def plain(text: str, file: str) -> Document:
    document, faults = expand_index(read_yaml(text, file=file))
    assert faults == []
    return document


def merged(patch: str, base: str = BASE) -> Document:
    return lay_over(plain(base, "base.yaml"), plain(patch, "patch.yaml"))


def data(patch: str) -> dict[str, Any]:
    found: dict[str, Any] = merged(patch).data
    return found


# --- what merges how


def test_nothing_laid_over_changes_nothing():
    base = plain(BASE, "base.yaml")
    over = lay_over(base, Document({}, "patch.yaml", {}))
    assert over.data == base.data
    assert over.origins == base.origins


def test_keys_of_the_file_are_replaced_and_removed():
    found = data("title: New\nedition: 2025\nreference: {periods: each}\ncolumns: ~")
    assert found["title"] == "New"
    assert found["edition"] == "2025"
    assert found["reference"] == {"periods": "each"}
    assert "columns" not in found
    assert found["nodes"] == plain(BASE, "base.yaml").data["nodes"]


def test_records_merge_by_id_and_inside_a_record_each_key_is_replaced_whole():
    found = data("indicators:\n  a: {steps: [cap 1], points: {yes: 2}}\n  c: {label: C}")
    assert found["indicators"] == {
        "a": {"label": "A", "steps": ["cap 1"], "points": {"yes": "2"}},
        "b": {},
        "c": {"label": "C"},
    }


def test_children_are_replaced_whole():
    assert data("nodes: {top: {of: {a: 3}}}")["nodes"]["top"]["of"] == {"a": "3"}


def test_defaults_merge_like_records():
    assert data("defaults: {indicators: {steps: [minmax]}}")["defaults"] == {
        "indicators": {"steps": ["minmax"], "direction": "down"}
    }


def test_a_tilde_removes_records_maps_rules_and_kinds():
    found = data(
        "indicators: {b: ~}\npoints: {other: ~}\nrules: {graded: ~}\nanswers: {level: ~}\ncolumns: {period: ~}\n"
        "nothing: {unknown: ~}\nnodes: {top: {classes: ~}}"
    )
    assert set(found["indicators"]) == {"a"}
    assert set(found["points"]) == {"status"}
    assert set(found["rules"]) == {"strict"}
    assert set(found["answers"]) == {"status"}
    assert found["columns"] == {"unit": "country"}
    assert found["nothing"] == {"missing": "skip"}
    assert "classes" not in found["nodes"]["top"]


def test_a_tilde_stays_on_a_record_while_a_default_is_there():
    found = data("indicators: {a: {steps: ~}}")
    assert found["indicators"]["a"]["steps"] is None
    found = data("indicators: {a: {steps: ~}}\ndefaults: {indicators: {steps: ~}}")
    assert "steps" not in found["indicators"]["a"]
    assert found["defaults"] == {"indicators": {"direction": "down"}}


def test_a_tilde_of_the_base_goes_with_the_default_it_removed():
    base = BASE.replace("b: {}", "b: {steps: ~}")
    assert merged("defaults: ~", base).data["indicators"]["b"] == {}
    assert merged("title: B", base).data["indicators"]["b"] == {"steps": None}


@pytest.mark.parametrize(
    ("patch", "path"),
    [
        ("edition: ~", ("edition",)),
        ("indicators: {zzz: ~}", ("indicators", "zzz")),
        ("nodes: {top: {steps: ~}}", ("nodes", "top", "steps")),
        ("defaults: {indicators: {classes: ~}}", ("defaults", "indicators", "classes")),
        ("points: {status: {planned: ~}}", ("points", "status", "planned")),
        ("points: {third: ~}", ("points", "third")),
        ("nothing: {not_applicable: ~}", ("nothing", "not_applicable")),
        ("columns: {flag: ~}", ("columns", "flag")),
        ("rules: {stric: ~}", ("rules", "stric")),
    ],
)
def test_a_tilde_that_removes_nothing_stays_to_be_told(patch, path):
    found = merged(patch)
    at = found.data
    for part in path:
        at = at[part]
    assert at is None
    assert str(found.origin(path)) == "patch.yaml:1"


def test_kinds_that_are_inherited_keep_their_place():
    base = BASE.replace("nothing: {missing: skip, unknown: 0}", "nothing: skip")
    found = merged("\nnothing: {unknown: 0}", base)
    places = {kind: str(found.origin(("nothing", kind))) for kind in found.data["nothing"]}
    assert places == {"unknown": "patch.yaml:2", "missing": "base.yaml:3", "not_applicable": "base.yaml:3"}


def test_named_maps_merge_line_by_line_with_the_new_lines_first():
    lines = data("points: {status: {planned: 0.2, no: 0.1}}")["points"]["status"]
    assert list(lines.items()) == [("planned", "0.2"), ("no", "0.1"), ("yes", "1"), ("drafted", "0.5")]


def test_a_tilde_removes_a_line():
    assert data("points: {status: {drafted: ~}}")["points"]["status"] == {"yes": "1", "no": "0"}


def test_lines_meet_however_they_are_spelt():
    lines = data("points: {status: {Drafted: 0.1, YES: ~}}")["points"]["status"]
    assert lines == {"Drafted": "0.1", "no": "0"}


def test_points_of_a_record_are_replaced_whole():
    assert data("indicators: {a: {points: {yes: 2}}}")["indicators"]["a"]["points"] == {"yes": "2"}


def test_rules_scales_and_columns_are_replaced_by_name():
    found = data("rules: {strict: {status: {no: 1}}}\nanswers: {status: {maybe: []}}\ncolumns: {period: edition}")
    assert found["rules"]["strict"] == {"points": {"status": {"no": "1"}}}
    assert set(found["rules"]) == {"strict", "graded"}
    assert found["answers"] == {"status": {"maybe": []}, "level": {"high": [], "low": []}}
    assert found["columns"] == {"unit": "country", "period": "edition"}


def test_one_outcome_for_nothing_means_every_known_kind():
    assert data("nothing: void")["nothing"] == {"missing": "void", "unknown": "void", "not_applicable": "void"}
    base = BASE.replace("nothing: {missing: skip, unknown: 0}", "nothing: skip")
    assert merged("nothing: {unknown: 0}", base).data["nothing"] == {
        "unknown": "0",
        "missing": "skip",
        "not_applicable": "skip",
    }


# --- places


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("title",), "base.yaml:2"),
        (("edition",), "patch.yaml:1"),
        (("points", "status", "planned"), "patch.yaml:4"),
        (("points", "status", "yes"), "base.yaml:7"),
        (("indicators", "a", "steps", 0), "patch.yaml:6"),
        (("indicators", "a", "label"), "base.yaml:16"),
        (("indicators", "c"), "patch.yaml:7"),
        (("nodes", "top", "of", "b"), "patch.yaml:9"),
        (("nodes", "top", "classes", "High"), "base.yaml:19"),
        (("nothing", "unknown"), "patch.yaml:2"),
        (("nothing", "missing"), "patch.yaml:2"),
    ],
)
def test_each_value_knows_the_file_and_line_it_was_written_in(path, place):
    patch = (
        "edition: 2025\nnothing: void\npoints:\n  status: {planned: 0.2}\nindicators:\n  a: {steps: [log]}\n  c: {}\n"
        "nodes:\n  top: {of: [b]}"
    )
    assert str(merged(patch).origin(path)) == place


def test_places_of_what_was_replaced_are_gone():
    origins = merged("nodes:\n  top: {of: [b]}").origins
    assert ("nodes", "top", "of", "a") not in origins


def test_neither_document_is_changed():
    base, patch = (
        plain(BASE, "base.yaml"),
        plain("indicators: {a: {steps: [log]}}\npoints: {status: {no: 1}}", "p.yaml"),
    )
    before = (repr(base.data), dict(base.origins), repr(patch.data), dict(patch.origins))
    lay_over(base, patch)
    assert (repr(base.data), base.origins, repr(patch.data), patch.origins) == before


# --- lines

lines = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "else", "value > 0"]), st.integers(0, 9) | st.none(), max_size=5
)
base_lines = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "else", "value > 0"]), st.integers(0, 9), max_size=5)


@given(base_lines, lines)
def test_lines_keep_their_order_and_the_patch_wins(base, patch):
    found = merge_lines(base, patch)
    kept = [line for line, outcome in patch.items() if outcome is not None]
    rest = [line for line in base if line not in patch]
    last = [line for line in kept if line == "else"]  # a new else comes last: it would catch the base's lines
    assert list(found) == [line for line in kept if line != "else"] + rest + last
    assert found == {**{line: base[line] for line in rest}, **{line: patch[line] for line in kept}}


@given(base_lines, lines)
def test_laying_the_same_lines_over_again_changes_nothing(base, patch):
    once = merge_lines(base, patch)
    assert merge_lines(once, patch) == once
