"""From the compact written form to one plain form, every value with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from egovindex.errors import Fault, SpecError
from egovindex.spec.cells import read_cell
from egovindex.spec.expand import expand_index, expand_instrument, expand_weights
from egovindex.spec.strictyaml import Document, read_yaml


def expanded(text: str, folder: Path | None = None) -> tuple[Document, list[Fault]]:
    return expand_index(read_yaml(text, file="x.yaml"), folder)


def plain(text: str, folder: Path | None = None) -> dict[str, Any]:
    document, faults = expanded(text, folder)
    assert faults == []
    data: dict[str, Any] = document.data
    return data


def faults(text: str, folder: Path | None = None) -> list[tuple[str | None, int | None, str]]:
    _, found = expanded(text, folder)
    return [(fault.file, fault.line, fault.check) for fault in found]


# --- records


def test_a_key_may_name_several_records():
    assert plain("indicators:\n  q1..q3, I-30: {label: L}\n  b: {}")["indicators"] == {
        "q1": {"label": "L"},
        "q2": {"label": "L"},
        "q3": {"label": "L"},
        "I-30": {"label": "L"},
        "b": {},
    }


def test_records_of_a_range_do_not_share_what_they_hold():
    records = plain("indicators:\n  q1..q2: {points: {yes: 1}}")["indicators"]
    records["q1"]["points"]["yes"] = "2"
    assert records["q2"]["points"]["yes"] == "1"


def test_records_of_a_range_know_their_lines():
    document, _ = expanded("indicators:\n  a: {}\n  q1..q2:\n    steps:\n      - cap 1\n      - log")
    for name in ("q1", "q2"):
        assert document.origin(("indicators", name)).line == 3
        assert document.origin(("indicators", name, "steps", 1)).line == 6


def test_a_record_twice_through_a_range_is_told_with_its_first_line():
    _, found = expanded("indicators:\n  q1..q9: {}\n  q3: {}\n  q5..q6: {}")
    assert [(fault.line, fault.message) for fault in found] == [
        (3, '"q3" stands twice in indicators (first on line 2)'),
        (4, '"q5" stands twice in indicators (first on line 2)'),
        (4, '"q6" stands twice in indicators (first on line 2)'),
    ]


def test_what_is_no_map_is_left_for_the_model_to_refuse():
    assert plain("indicators: [a, b]\nnodes: {top: x}") == {"indicators": ["a", "b"], "nodes": {"top": "x"}}


# --- children


@pytest.mark.parametrize(
    ("of", "children"),
    [
        ("a", {"a": "1"}),
        ("[a, b]", {"a": "1", "b": "1"}),
        ("[a1..a3]", {"a1": "1", "a2": "1", "a3": "1"}),
        ("{a: 1/2, b1..b2: 3}", {"a": "1/2", "b1": "3", "b2": "3"}),
        ("{a: {value: 1, range: [0, 2]}}", {"a": {"value": "1", "range": ["0", "2"]}}),
        ("{}", {}),
    ],
)
def test_children_are_a_map_of_weights(of, children):
    assert plain(f"nodes: {{top: {{of: {of}}}}}")["nodes"]["top"]["of"] == children
    assert plain(f"defaults: {{nodes: {{of: {of}}}}}")["defaults"]["nodes"]["of"] == children


def test_children_know_their_lines():
    document, _ = expanded("nodes:\n  top:\n    of:\n      - a\n      - b1..b2")
    assert document.origin(("nodes", "top", "of", "a")).line == 4
    assert document.origin(("nodes", "top", "of", "b2")).line == 5


@pytest.mark.parametrize(
    ("of", "check"),
    [
        ("[a, a]", "child_twice"),
        ("{a1..a3: 1, a2: 2}", "child_twice"),
        ("[[a]]", "child_not_text"),
        ("[a3..a1]", "bad_range"),
    ],
)
def test_children_that_cannot_be_spelled_out(of, check):
    assert faults(f"nodes:\n  top: {{of: {of}}}") == [("x.yaml", 2, check)]


# --- rules


def test_patches_of_a_rule_stand_under_points():
    text = "rules:\n  strict: {label: L, status: {drafted: 0}, nothing: {missing: 0}, replaces: other}"
    assert plain(text)["rules"]["strict"] == {
        "label": "L",
        "nothing": {"missing": "0"},
        "replaces": "other",
        "points": {"status": {"drafted": "0"}},
    }


def test_patches_may_stand_under_points_already():
    text = "rules: {r: {points: {status: {a: 0}}, other: {b: 1}}}"
    assert plain(text)["rules"]["r"] == {"points": {"status": {"a": "0"}, "other": {"b": "1"}}}


@pytest.mark.parametrize("order", ["points: {s: {a: 0}}, s: {a: 1}", "s: {a: 1}, points: {s: {a: 0}}"])
def test_a_map_twice_in_a_rule_is_not_lost(order):
    assert faults(f"rules:\n  r: {{{order}}}") == [("x.yaml", 2, "map_twice")]


def test_lines_of_a_patch_know_their_place():
    document, _ = expanded("rules:\n  r:\n    status:\n      a: 0\n      b: 1")
    assert document.origin(("rules", "r", "points", "status", "b")).line == 5


# --- lines said twice


@pytest.mark.parametrize(
    "text",
    [
        "points:\n  m:\n    {}: 1\n    {}: 2",
        "indicators:\n  a: {{points: {{\n    {}: 1,\n    {}: 2}}}}",
        "nodes:\n  a: {{points: [m, {{\n    {}: 1,\n    {}: 2}}]}}",
        "defaults:\n  nodes: {{points: {{\n    {}: 1,\n    {}: 2}}}}",
        "rules:\n  r: {{m: {{\n    {}: 1,\n    {}: 2}}}}",
        "rules:\n  r: {{nothing: {{\n    {}: 1,\n    {}: 2}}}}",
    ],
)
@pytest.mark.parametrize(("one", "other"), [("yes", "Yes"), ("value>0", "value > 0"), ("1", "1.0")])
def test_lines_that_differ_in_spelling_only_are_told_wherever_they_stand(text, one, other):
    _, found = expanded(text.format(one, other))
    assert [(fault.line, fault.check) for fault in found] == [(4, "line_twice")]
    assert f'line "{other}" says the same as "{one}" on line 3' in found[0].message


def test_lines_of_different_parts_may_be_alike():
    assert plain("nodes: {a: {points: [{yes: 1}, {yes: 2}]}}")


# --- tables


CSV = 'id, label, steps, points\na, "One, two", cap 120; zscore, ~\nb1..b2, , , {0: 0}'


def test_records_as_csv_in_place():
    text = "indicators: |\n" + "".join(f"  {line}\n" for line in CSV.splitlines())
    assert plain(text)["indicators"] == {
        "a": {"label": "One, two", "steps": ["cap 120", "zscore"], "points": None},
        "b1": {"points": {"0": "0"}},
        "b2": {"points": {"0": "0"}},
    }


def test_records_as_csv_in_a_file_beside(tmp_path):
    (tmp_path / "items.csv").write_text(CSV, encoding="utf-8-sig")
    in_place = "indicators: |\n" + "".join(f"  {line}\n" for line in CSV.splitlines())
    assert plain("indicators: items.csv", tmp_path) == plain(in_place)


def test_rows_of_a_table_know_their_lines(tmp_path):
    (tmp_path / "items.csv").write_text("# a remark\n\nid,label\na,A\n\nb1..b2,B\n", encoding="utf-8")
    document, _ = expanded("index: x\nindicators: items.csv", tmp_path)
    assert str(document.origin(("indicators", "a", "label"))) == "items.csv:4"
    assert str(document.origin(("indicators", "b2"))) == "items.csv:6"
    document, _ = expanded("index: x\nindicators: |\n\n  id, label\n  a, A\nnodes: {}")
    assert str(document.origin(("indicators", "a"))) == "x.yaml:5"


@pytest.mark.parametrize(
    ("rows", "line", "check"),
    [
        (["name, label", "a, A", "b, B"], 2, "table_without_id"),
        (["id, label, label", "a, A, B"], 2, "duplicate_column"),
        (["id, label", "a, A, B"], 3, "table_row_too_long"),
        (["id, label", ", A"], 3, "table_without_id"),
        (["id", "a", "a"], 4, "duplicate_record"),
        (["id", "a3..a1"], 3, "bad_range"),
        (["id, points", "a, {0: 1"], 3, "bad_cell"),
        (["id, label", 'a, "A" B'], 3, "bad_table"),
        (["# nothing", "# at all"], 1, "bad_table"),
    ],
)
def test_tables_that_cannot_be_spelled_out(rows, line, check):
    text = "indicators: |\n" + "".join(f"  {row}\n" for row in rows)
    assert faults(text) == [("x.yaml", line, check)]


@pytest.mark.parametrize("name", ["../items.csv", "/etc/items.csv", "sub/items.csv", "..\\items.csv"])
def test_a_table_stands_beside_its_file(tmp_path, name):
    ((_, line, check),) = faults(f"indicators: {name}", tmp_path)
    assert (line, check) == (1, "table_elsewhere")


def test_a_table_that_is_not_there_is_told_where_it_is_named(tmp_path):
    _, (fault,) = expanded("index: x\nindicators: items.csv", tmp_path)
    assert str(fault) == 'x.yaml:2: "items.csv": there is no such file'


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("label", "A", "A"),
        ("label", "~", None),
        ("label", "A; B", "A; B"),
        ("steps", "cap 1", ["cap 1"]),
        ("steps", "cap 1; log ;", ["cap 1", "log"]),
        ("steps", "{cap: {value: 1, note: a; b}}; log", [{"cap": {"value": "1", "note": "a; b"}}, "log"]),
        ("steps", "[cap 1, log]", ["cap 1", "log"]),
        ("steps", "~", None),
        ("points", "{0: 0, else: value}", {"0": "0", "else": "value"}),
        ("from", "[a, b]", ["a", "b"]),
        ("weight", "1/3", "1/3"),
        ("in", " top ", "top"),
    ],
)
def test_cells(key, text, value):
    assert read_cell(key, text) == value


def test_a_cell_that_cannot_be_read():
    with pytest.raises(SpecError, match="is missing before this place"):
        read_cell("points", "{0: 1")


# --- weight sets and instruments


def test_ranges_in_a_weight_set():
    document, found = expand_weights(read_yaml("weights: w\nnodes:\n  top: {q1..q2: 1/2}\n  part: equal"))
    assert found == []
    assert document.data["nodes"] == {"top": {"q1": "1/2", "q2": "1/2"}, "part": "equal"}
    assert document.origin(("nodes", "top", "q2")).line == 3


def test_items_of_an_instrument(tmp_path):
    (tmp_path / "items.csv").write_text("id,kind\nq1..q2,one\n", encoding="utf-8")
    for text in ("items: {q1..q2: {kind: one}}", "items: items.csv", "items: |\n  id, kind\n  q1..q2, one"):
        document, found = expand_instrument(read_yaml(text), tmp_path)
        assert found == []
        assert document.data["items"] == {"q1": {"kind": "one"}, "q2": {"kind": "one"}}


# --- twice is once


@pytest.mark.parametrize(
    "text",
    [
        "indicators: {q1..q3: {}}\nnodes: {top: {of: [q1..q3]}}",
        "points: {m: {a: 1}}\nrules: {r: {m: {a: 0}, label: L}}",
        "defaults: {nodes: {of: [a]}, indicators: {steps: [log]}}\nnothing: skip",
    ],
)
def test_the_plain_form_is_its_own_plain_form(text):
    once, _ = expanded(text)
    twice, found = expand_index(once)
    assert found == []
    assert twice.data == once.data
    assert twice.origins == once.origins
