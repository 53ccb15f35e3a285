"""A merged file written as YAML: it reads back as the same file, and says where each line comes from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex.spec import load
from egovindex.spec.expand import expand_index
from egovindex.spec.strictyaml import Origin, read_yaml
from egovindex.spec.write import flow_text, yaml_text

BROKEN = Path(__file__).parents[1] / "broken_specs"
words = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(
        [
            "yes",
            "NO",
            "~",
            "null",
            "1e3",
            "1.10",
            "-",
            "- a",
            "---",
            "...",
            "?",
            "a: b",
            "a #b",
            "#",
            "%",
            ">= 0",
            "a,b",
            "[a]",
            "{a}",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "'",
            '"',
            "\\",
            "a\nb",
            "\t",
            " ",
            "  a",
            "a ",
            "",
            "<<",
            "=",
            "@",
        ]
    ),
)
trees = st.recursive(
    words | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)
documents = st.dictionaries(words, trees, min_size=1, max_size=5)


# --- any document


@given(documents)
def test_what_is_written_is_read_back(document):
    assert read_yaml(yaml_text(document)).data == document


@given(documents)
def test_comments_about_origins_change_nothing(document):
    text = yaml_text(document, {(): Origin("a.yaml", 1)})
    assert read_yaml(text).data == document
    assert all(re.search(r"  # a\.yaml:1$", line) for line in text.splitlines())


@given(trees)
def test_one_line_is_read_back(value):
    text = flow_text(value)
    assert "\n" not in text
    assert read_yaml(f"a: {text}").data == {"a": value}


@given(documents)
def test_other_readers_of_yaml_find_the_same_text(document):
    def text_only(value: object) -> object:
        if isinstance(value, dict):
            return {key: text_only(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [text_only(inner) for inner in value]
        return "~" if value is None else value

    assert yaml.load(yaml_text(document), Loader=yaml.BaseLoader) == text_only(document)


def test_short_values_stand_in_one_line_and_long_ones_below_each_other():
    document = {
        "index": "demo",
        "indicators": {"a": {"label": "A", "steps": ["cap 1", "log"]}, "b": {}},
        "note": "x" * 120,
        "columns": {f"a{n}": "y" * 20 for n in range(6)},
    }
    assert yaml_text(document).splitlines()[:5] == [
        "index: demo",
        "indicators:",
        "  a: {label: A, steps: [cap 1, log]}",
        "  b: {}",
        f"note: {'x' * 120}",
    ]
    assert yaml_text(document).splitlines()[5:8] == ["columns:", f"  a0: {'y' * 20}", f"  a1: {'y' * 20}"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("zscore", "zscore"),
        ("cap 120", "cap 120"),
        ("1/3", "1/3"),
        ("value > 0", "value > 0"),
        ("yes", "yes"),
        ("~", '"~"'),
        ("", '""'),
        ("% of people", '"% of people"'),
        ("a, b", '"a, b"'),
        ("a: b", '"a: b"'),
        ('say "a"', '"say \\"a\\""'),
        ("two\nlines", '"two\\nlines"'),
        ("- a", '"- a"'),
        ("é", '"é"'),
    ],
)
def test_quotes_stand_where_they_are_needed(text, written):
    assert flow_text(text) == written


# --- indices


def indices() -> list[str]:
    return load.packaged_indices()


def read_back(index: ei.Index, text: str) -> ei.Index:
    document = read_yaml(text, file=f"{index.id}.yaml")
    plain, faults = expand_index(document)
    return ei.Index(load.validated_index(plain, faults, name=index.id), plain.origins)


@pytest.mark.parametrize("name", indices())
@pytest.mark.parametrize("origins", [False, True])
def test_packaged_indices_are_read_back(name, origins):
    index = ei.load_index(name)
    again = read_back(index, index.to_yaml(origins=origins))
    assert again == index
    assert hash(again) == hash(index)
    assert again.to_yaml() == index.to_yaml()
    assert again.document() == index.document()


@pytest.mark.parametrize("stem", ["sound", "sound-with-tables", "sound-variant"])
def test_invented_indices_are_read_back(stem):
    index = ei.load_index(BROKEN / f"{stem}.yaml")
    assert read_back(index, index.to_yaml()) == index


def test_changed_indices_are_read_back():
    index = ei.load_index("unctad-cyberlaw-2026")
    for changed in (
        index.with_rules("graded"),
        index.with_rules("graded", only=True),
        index.with_rules("known_only"),
        index.with_(nodes={"areas": {"aggregate": "sum", "steps": None}}),
        index.with_weights(
            {
                "areas": {"etransactions": {"value": 2, "basis": "ours"}}
                | dict.fromkeys(["consumer", "privacy", "cybercrime", "taxation"], "1/3")
            }
        ),
    ):
        assert changed != index
        assert read_back(changed, changed.to_yaml()) == changed


def test_a_written_file_says_where_each_line_comes_from():
    text = ei.load_index(BROKEN / "sound-variant.yaml").to_yaml(origins=True)
    said = {line.split(":")[0]: line.partition("  # ")[2] for line in text.splitlines()}
    assert said["index"] == "sound-variant.yaml:2"
    assert said["edition"] == "sound-edition.yaml:4"
    assert said["columns"] == "sound.yaml:5"
    assert said["answers"] == "sound.yaml:6-7"
    assert said["points"] == "sound.yaml:9-10, sound-variant.yaml:5"
    assert said["indicators"] == "sound.yaml:14"
    assert said["  law"] == said["  plan"] == "sound.yaml:15"
    assert said["  users"] == "sound.yaml:16, sound-edition.yaml:6"
    assert said["  graded"] == "sound.yaml:13"


def test_a_changed_index_names_the_call():
    index = ei.load_index("un-egdi-parts-2024").with_weights("services-first")
    line = next(line for line in index.to_yaml(origins=True).splitlines() if line.strip().startswith("of:"))
    assert "services-first.yaml:6" in line
    changed = index.with_(nodes={"EGDI": {"aggregate": "geometric"}}).to_yaml(origins=True)
    assert "# with_(...)" in next(line for line in changed.splitlines() if "aggregate" in line)


QUOTED = """\
index: quoted
points:
  gate: {'state is ''say "hi"''': 0, 'state is " yes"': 1, else: value}
indicators: {a: {points: gate}, b: {}}
nodes: {top: {of: [a, b]}}
"""


def test_categories_with_quotes_and_blanks_survive(tmp_path):
    path = tmp_path / "quoted.yaml"
    path.write_text(QUOTED, encoding="utf-8")
    index = ei.load_index(path)
    written = index.to_yaml()
    path.write_text(written, encoding="utf-8")
    assert ei.load_index(path) == index
    lines = [str(line) for line in index.file.points["gate"]]
    assert lines == ["state is 'say \"hi\"'", 'state is " yes"', "else"]
