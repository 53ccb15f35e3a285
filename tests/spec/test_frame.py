"""The index as a table of edges, and back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.spec import load
from egovindex.spec.frame import COLUMNS

TESTS = Path(__file__).parents[1]
COINR = TESTS / "data" / "coinr"
FROM_BELOW = ["wb-gtmi-2022"]  # its indicators name their nodes; a table has nodes name their children
INDICES = [name for name in load.packaged_indices() if name not in FROM_BELOW]


def through_csv(frame: pd.DataFrame) -> pd.DataFrame:
    """The table as a spreadsheet would give it back: text, blanks, and nothing beside."""
    return pd.read_csv(io.StringIO(frame.to_csv(index=False)), dtype=str, keep_default_na=False, na_values=[""])


def file_keys(index: ei.Index) -> dict[str, Any]:
    """What a table cannot say, as keys of a file."""
    return {key: value for key, value in index.document().items() if key not in ("index", "indicators", "nodes")}


def refusal(frame: pd.DataFrame, **keys: Any) -> list[str]:
    with pytest.raises(ei.SpecError) as caught:
        ei.Index.from_frame(frame, index="demo", **keys)
    assert all(fault.check for fault in caught.value.faults)
    return [str(fault) for fault in caught.value.faults]


# --- round trips


@pytest.mark.parametrize("name", INDICES)
def test_packaged_indices_come_back(name):
    index = ei.load_index(name)
    again = ei.Index.from_frame(index.to_frame())
    assert again == index
    assert list(again.file.nodes) == list(index.file.nodes)
    assert list(again.file.indicators) == list(index.file.indicators)
    assert again.to_yaml() == index.to_yaml()


@pytest.mark.parametrize("name", INDICES)
def test_packaged_indices_come_back_through_csv(name):
    index = ei.load_index(name)
    again = ei.Index.from_frame(through_csv(index.to_frame()), index=name, **file_keys(index))
    assert again == index
    assert again.headline == index.headline
    assert {n: b.children for n, b in again.tree.branches.items()} == {
        n: b.children for n, b in index.tree.branches.items()
    }


@pytest.mark.parametrize("name", ["un-egdi-2024", "undp-hdi-2022", "unctad-cyberlaw-2026", *FROM_BELOW])
def test_the_same_scores_come_back(name):
    index, data = ei.load_index(name), ei.sample(name)
    again = ei.Index.from_frame(through_csv(index.to_frame()), index=name, **file_keys(index))
    pd.testing.assert_frame_equal(
        ei.compute(again, data).scores[list(index.file.nodes)], ei.compute(index, data).scores, check_exact=True
    )


@pytest.mark.parametrize("stem", ["sound", "sound-with-tables"])
def test_edges_said_by_children_become_edges_said_by_the_node(stem):
    index = ei.load_index(TESTS / "broken_specs" / f"{stem}.yaml")
    again = ei.Index.from_frame(index.to_frame())
    for name, branch in index.tree.branches.items():
        assert again.tree.branches[name].children == branch.children
        assert again.tree.branches[name].weights == branch.weights
    assert again.tree.leaves.keys() == index.tree.leaves.keys()


def test_changed_weights_come_back_with_their_sources():
    index = ei.load_index("un-egdi-2024").with_weights("services-first")
    again = ei.Index.from_frame(through_csv(index.to_frame()), index=index.id, **file_keys(index))
    assert again == index
    assert again.file.nodes["EGDI"].of["HCI"].range == (0.2, 0.3)


def test_keys_are_laid_over_what_the_table_carries():
    frame = ei.load_index("un-egdi-parts-2024").to_frame()
    again = ei.Index.from_frame(frame, index="mine", nothing="skip", nodes={"EGDI": {"aggregate": "geometric"}})
    assert again.id == "mine"
    assert str(again.file.nothing["missing"]) == "skip"
    assert again.tree.branches["EGDI"].aggregate == "geometric"
    assert again.title == "E-Government Development Index 2024 from its published parts"


# --- the table


def test_a_table_has_one_row_for_each_record_and_parent():
    frame = ei.load_index("undp-hdi-2022").to_frame()
    assert list(frame.columns) == list(COLUMNS)
    assert frame["id"].tolist() == ["HDI", "le", "education", "eys", "mys", "gnipc"]
    assert frame["in"].tolist() == [None, "HDI", "HDI", "education", "education", "HDI"]
    assert frame["kind"].tolist() == ["node", "indicator", "node", "indicator", "indicator", "indicator"]
    assert frame.set_index("id")["steps"]["gnipc"] == "cap 75000; goalposts 100 75000 log"
    assert frame.set_index("id")["weight"]["HDI"] is None


def test_a_record_of_two_nodes_has_two_rows(tmp_path):
    text = "index: demo\nindicators: {a: {label: A}, b: {}}\nnodes: {x: {of: {a: 2, b: 1}}, y: {of: [a]}}"
    (tmp_path / "demo.yaml").write_text(text, encoding="utf-8")
    index = ei.load_index(tmp_path / "demo.yaml")
    frame = index.to_frame()
    assert frame.loc[frame["id"] == "a", ["in", "weight", "label"]].to_numpy().tolist() == [
        ["x", "2", "A"],
        ["y", "1", "A"],
    ]
    assert ei.Index.from_frame(frame) == index


def test_a_node_of_two_nodes_names_its_children_once(tmp_path):
    text = "index: demo\nindicators: {a: {}, b: {}}\nnodes: {x: {of: [part, a]}, y: {of: [part]}, part: {of: [b]}}"
    (tmp_path / "demo.yaml").write_text(text, encoding="utf-8")
    index = ei.load_index(tmp_path / "demo.yaml")
    frame = index.to_frame()
    assert list(zip(frame["id"], frame["in"], strict=True)) == [
        ("x", None),
        ("part", "x"),
        ("b", "part"),
        ("a", "x"),
        ("y", None),
        ("part", "y"),
    ]
    assert ei.Index.from_frame(frame) == index


def test_an_indicator_of_no_node_keeps_its_row(tmp_path):
    text = "index: demo\nindicators: {a: {}, spare: {steps: [log]}}\nnodes: {top: {of: [a]}}"
    (tmp_path / "demo.yaml").write_text(text, encoding="utf-8")
    index = ei.load_index(tmp_path / "demo.yaml")
    assert ei.Index.from_frame(through_csv(index.to_frame()), index="demo") == index


def test_a_formula_node_keeps_its_row(tmp_path):
    text = (
        "index: demo\ndefaults: {nodes: {classes: {High: 1}}}\nindicators: {a: {}, b: {}}\n"
        "nodes: {top: {from: (a + b) / 2, classes: ~, label: '[draft] Top'}}"
    )
    (tmp_path / "demo.yaml").write_text(text, encoding="utf-8")
    index = ei.load_index(tmp_path / "demo.yaml")
    back = ei.Index.from_frame(through_csv(index.to_frame()), index="demo", **file_keys(index))
    assert back == index


def test_a_small_table_is_enough():
    table = pd.DataFrame({"id": ["top", "a", "b"], "in": [None, "top", "top"], "weight": [np.nan, 1, 2]})
    index = ei.Index.from_frame(table, index="demo")
    assert index.headline == "top"
    assert list(index.tree.leaves) == ["a", "b"]
    assert [quantity.value for quantity in index.tree.branches["top"].weights] == [1, 2]


@pytest.mark.parametrize("blank", [None, np.nan, pd.NA, "", "  "])
def test_every_kind_of_blank_cell_is_one(blank):
    cells = pd.Series([blank, "A", blank], dtype=object)
    table = pd.DataFrame({"id": ["top", "a", "b"], "in": [blank, "top", "top"], "label": cells})
    index = ei.Index.from_frame(table, index="demo")
    assert index.file.indicators["b"].label is None
    assert index.file.indicators["a"].label == "A"


def test_numbers_in_cells_are_not_rounded():
    table = pd.DataFrame({"id": ["top", "a", "b"], "in": [None, "top", "top"], "weight": [None, 0.1 + 0.2, 1 / 3]})
    weights = ei.Index.from_frame(table, index="demo").tree.branches["top"].weights
    assert [quantity.value for quantity in weights] == [0.1 + 0.2, 1 / 3]


def test_a_table_is_not_changed():
    frame = ei.load_index("un-egdi-2024").to_frame()
    before = frame.copy(deep=True)
    ei.Index.from_frame(frame)
    pd.testing.assert_frame_equal(frame, before)


# --- faults


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{"id": "top", "in": None}, {"id": "a", "in": "top"}, *rows])


@pytest.mark.parametrize(
    ("frame", "messages"),
    [
        (pd.DataFrame({"name": ["a"]}), ["the table needs a column id (or COINr's iCode); it has name"]),
        (table({"id": "a", "in": "top"}), ['frame:3: top names its child "a" twice']),
        (table({"id": "b", "in": "tpo"}), ['frame:3: "tpo" is a parent and has no row of its own']),
        (
            table({"id": "a", "in": None, "label": "A"}),
            ['frame:3: "a" stands in several rows that differ in more than in and weight'],
        ),
        (table({"id": None, "in": "top"}), ["rows without an id: 3"]),
        (table({"id": "b", "in": "top", "kind": "leaf"}), ['frame:3: kind is indicator or node, found "leaf"']),
        (
            table({"id": "b", "in": "top", "points": "{0: 1"}),
            ['frame:3: points: "," or "}" is missing before this place; the bracket was opened on line 1'],
        ),
        (table({"id": "b", "in": "top", "weight": "much"}), ['frame:3: nodes.top.of.b: "much" is not a number']),
        (
            table({"id": "b", "in": "top", "steps": "zscor"}),
            ['frame:3: indicators.b.steps.0: "zscor" is not a step; did you mean "zscore"? Steps: '],
        ),
    ],
)
def test_faults_of_a_table_are_told_row_by_row(frame, messages):
    told = refusal(frame)
    assert len(told) == len(messages)
    assert all(line.startswith(message) for line, message in zip(told, messages, strict=True))


def test_unknown_columns_are_named():
    told = refusal(table({"id": "b", "in": "top"}).assign(colour="blue", step="log"))
    assert told == [f"unknown columns colour, step. Allowed: {', '.join(COLUMNS)}"]


def test_all_faults_of_a_table_come_at_once():
    frame = table({"id": "b", "in": "top", "steps": "zscor"}, {"id": "c", "in": "top", "direction": "sideways"})
    assert [line.split(": ")[0] for line in refusal(frame)] == ["frame:3", "frame:4"]


# --- COINr's iMeta


@pytest.mark.parametrize(
    ("folder", "indicators", "nodes", "reversed_"), [("continuous_40x18", 18, 7, 6), ("questionnaire_60x24", 24, 7, 0)]
)
def test_imeta_of_coinr(folder, indicators, nodes, reversed_):
    meta = pd.read_csv(COINR / folder / "iMeta.csv")
    index = ei.Index.from_frame(meta, index="coinr", defaults={"indicators": {"steps": ["minmax"]}})
    aggregates = meta[meta["Type"] == "Aggregate"]
    assert len(index.tree.leaves) == (meta["Type"] == "Indicator").sum() == indicators
    assert len(index.tree.branches) == len(aggregates) == nodes
    assert index.headline == aggregates.loc[aggregates["Level"].idxmax(), "iCode"]
    for row in meta.dropna(subset=["Parent"]).itertuples():
        branch = index.tree.branches[row.Parent]
        assert branch.weights[branch.children.index(row.iCode)].value == row.Weight
    down = set(meta.loc[(meta["Direction"] == -1) & (meta["Type"] == "Indicator"), "iCode"])
    assert {name for name, leaf in index.tree.leaves.items() if leaf.down} == down
    assert len(down) == reversed_


def test_rows_of_imeta_that_are_no_part_of_the_tree_are_left_out():
    meta = pd.DataFrame(
        {
            "iCode": ["a", "b", "pop", "grp", "top"],
            "Parent": ["top", "top", None, None, None],
            "Weight": [1, 2, 1, 1, 1],
            "Direction": [1, 1, 1, None, -1],
            "Type": ["Indicator", "Indicator", "Denominator", "Group", "Aggregate"],
            "iName": ["A", "B", "Population", "Group", "Top"],
            "Level": [1, 1, None, None, 2],
        }
    )
    index = ei.Index.from_frame(meta, index="demo")
    assert list(index.file.indicators) == ["a", "b"]
    assert index.labels == {"a": "A", "b": "B", "top": "Top"}
    assert index.file.nodes["top"].direction is None  # COINr turns indicators only


def test_a_direction_of_imeta_needs_a_step_and_the_message_has_one():
    meta = pd.DataFrame({"iCode": ["a", "b", "top"], "Parent": ["top", "top", None], "Direction": [-1, 1, 1]})
    (told,) = refusal(meta)
    assert told.startswith("from_frame(...): a: Direction is -1, and iMeta names no step")
    way_out = eval(f"dict({told.partition('own choice is ')[2]})")
    index = ei.Index.from_frame(meta, index="demo", **way_out)
    assert index.tree.leaves["a"].down
    assert ei.Index.from_frame(meta, index="demo", indicators={"a": {"steps": ["zscore"]}}).tree.leaves["a"].down


# --- texts and keys that a cell could change


ODD = """\
index: odd
source: "[UN] 2024"
defaults:
  indicators: {in: top, weight: 2, steps: [zscore]}
  nodes: {classes: {High: 0.5, Low: else}}
points: {"[m]": {0: 0}}
indicators:
  a: {from: "[a] share", source: "[1] Smith 2020", label: "[x]", steps: []}
  b: {from: "{b}", source: "{x} study", label: "~", note: ""}
  c: {from: ["[c]", "~"], source: {title: "[2]", basis: ours}, label: '"~"', weight: 1}
  d: {points: "[m]", source: '"[3]"', measured_in: '"quoted"'}
  e: {in: ~, steps: [{cap: {value: 120, note: 'see "]"; and [1'}}, log], from: "[e"}
nodes:
  top: {source: "[4]"}
  other: {of: [e, a], classes: ~}
"""


def test_odd_texts_and_edges_of_defaults_come_back(tmp_path):
    (tmp_path / "odd.yaml").write_text(ODD, encoding="utf-8")
    index = ei.load_index(tmp_path / "odd.yaml")
    back = ei.Index.from_frame(index.to_frame())
    again = ei.Index.from_frame(
        through_csv(index.to_frame()), index="odd", **file_keys(back) | {"points": {"[m]": {0: 0}}}
    )
    for found in (back, again):
        assert {n: (x.children, x.weights) for n, x in found.tree.branches.items()} == {
            n: (x.children, x.weights) for n, x in index.tree.branches.items()
        }
        for name in index.tree.leaves:
            one, two = found.tree.leaves[name], index.tree.leaves[name]
            assert (one.columns, one.steps, one.lines) == (two.columns, two.steps, two.lines)
            assert (one.label, one.record.source, one.record.note) == (two.label, two.record.source, two.record.note)
            assert one.record.measured_in == two.record.measured_in
        assert found.classes("top") == index.classes("top")
        assert found.classes("other") is None


def test_a_source_or_heading_with_a_bracket_needs_no_quotes():
    frame = table({"id": "b", "in": "top", "source": "[1] Smith 2020", "from": "{b} share"})
    index = ei.Index.from_frame(frame, index="demo")
    assert str(index.file.indicators["b"].source) == "[1] Smith 2020"
    assert index.tree.leaves["b"].columns[0].text == "{b} share"
    (told,) = refusal(table({"id": "b", "in": "top", "from": "[b] share"}))
    assert told.endswith("; put text that begins with a bracket in double quotes")


def test_steps_that_are_none_stay_none(tmp_path):
    text = "index: demo\ndefaults: {indicators: {steps: [zscore]}}\nindicators: {a: {steps: []}, b: {}}\n"
    (tmp_path / "demo.yaml").write_text(text + "nodes: {top: {of: [a, b]}}", encoding="utf-8")
    index = ei.load_index(tmp_path / "demo.yaml")
    assert ei.Index.from_frame(index.to_frame()).tree.leaves["a"].steps == ()


def test_keys_of_from_frame_may_be_numbers():
    index = ei.Index.from_frame(table(), index="demo", points={"m": {0: 0, 1: 0.5}}, indicators={"a": {"points": "m"}})
    assert [str(line.test) for line in index.tree.leaves["a"].lines] == ["0", "1"]


# --- what a table must not lose


def test_a_column_that_stands_twice_is_refused():
    frame = pd.DataFrame([["top", None, None], ["a", "top", "other"]], columns=["id", "in", "in"])
    assert refusal(frame) == ["columns that stand twice in the table: in"]


def test_a_weight_without_a_parent_is_told():
    frame = pd.DataFrame({"id": ["top", "a"], "in": [None, "top"], "weight": [3, 1]})
    assert refusal(frame)[0].startswith("frame:1: top has a weight but no parent")


def test_blanks_around_an_id_do_not_count():
    frame = pd.DataFrame({"id": ["top ", " a"], "in": [None, " top"]})
    assert ei.Index.from_frame(frame, index="demo").tree.branches["top"].children == ("a",)


def test_a_row_is_called_by_its_number_in_the_table():
    frame = pd.DataFrame({"id": ["top", None, "a"], "in": [None, None, "top"], "steps": [None, None, "zscor"]})
    assert refusal(frame)[0].startswith("frame:3: ")


@pytest.mark.parametrize("direction", [0, "down", 2.0])
def test_a_direction_that_imeta_does_not_know_is_told(direction):
    frame = pd.DataFrame({"iCode": ["top", "a"], "Parent": [None, "top"], "Direction": [1, direction]}, dtype=object)
    assert refusal(frame) == [f"frame:2: Direction is 1 or -1 in iMeta, found {direction}"]
