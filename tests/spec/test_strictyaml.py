"""The strict reader: text stays text, every value knows its line, and what YAML hides is refused."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from egovindex.errors import Fault, SpecError
from egovindex.spec import strictyaml
from egovindex.spec.strictyaml import Document, Origin, read_text, read_yaml


def refusal(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        read_yaml(text, file="x.yaml")
    (fault,) = caught.value.faults
    return str(fault)


@pytest.mark.parametrize(
    "word",
    [
        "yes",
        "no",
        "NO",
        "on",
        "off",
        "y",
        "true",
        "null",
        "Null",
        "1e3",
        "1.10",
        "007",
        "0o17",
        "0x1f",
        "1_000",
        "2024-01-01",
        "12:30",
        ".5",
        ".nan",
        "-.inf",
        "=",
        "<<x",
        "1/3",
        "80%",
        "NA",
    ],
)
@pytest.mark.parametrize("shape", ["a: {}", "a: [{}]", "{}: b", "a: {{b: {}}}", "- {}"])
def test_plain_words_stay_as_they_are_written(word, shape):
    document = read_yaml(shape.format(word))
    assert word in str(document.data)
    flat = document.data
    while isinstance(flat, (dict, list)):
        flat = next(iter(flat)) if shape == "{}: b" else next(iter(flat.values() if isinstance(flat, dict) else flat))
    assert flat == word


def test_norway_is_another_key_than_no():
    assert read_yaml("{no: 1, NO: 2, No: 3}").data == {"no": "1", "NO": "2", "No": "3"}


def test_a_tilde_is_nothing_and_only_a_plain_one():
    assert read_yaml("{a: ~, b: '~', c: \"~\", d: [~], e: null}").data == {
        "a": None,
        "b": "~",
        "c": "~",
        "d": [None],
        "e": "null",
    }


def test_quoted_text_may_be_empty():
    assert read_yaml("a: ''\nb: \"\"").data == {"a": "", "b": ""}


def test_block_text_keeps_or_folds_its_lines():
    assert read_yaml("a: |\n  x, y\n  1, 2\nb: >-\n  one\n  two").data == {"a": "x, y\n1, 2\n", "b": "one two"}


@pytest.mark.parametrize("text", ["---\na: 1\n", "a: 1\n...\n", "%YAML 1.1\n---\na: 1\n", "\ufeffa: 1\n", "a: 1\r\n"])
def test_marks_around_one_document_are_no_fault(text):
    assert read_yaml(text).data == {"a": "1"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", 'x.yaml:3: key "a" stands twice (first on line 1)'),
        ("a:\n  b: 1\n  'b': 2", 'x.yaml:3: key "b" stands twice (first on line 2)'),
        ("a: *b", 'x.yaml:1: aliases are refused ("*b"); write the value out'),
        ("a: {<<: {b: 1}}", 'x.yaml:1: merge keys are refused ("<<"); write the lines out'),
        ("a: !!int 1", 'x.yaml:1: tags are refused ("tag:yaml.org,2002:int"); write the value without it'),
        ("a: ! b", 'x.yaml:1: tags are refused ("!"); write the value without it'),
        ("!t a: b", 'x.yaml:1: tags are refused ("!t"); write the value without it'),
        ("!!map {a: b}", 'x.yaml:1: tags are refused ("tag:yaml.org,2002:map"); write the value without it'),
        ("a: 1\n---\nb: 2", "x.yaml:2: one file holds one document; remove '---'"),
        ("a:\nb: 1", 'x.yaml:1: nothing stands after "a"; write a value, or ~ to remove one'),
        ("- a\n-", 'x.yaml:2: nothing stands after "1"; write a value, or ~ to remove one'),
        ("a: {b:1}", 'x.yaml:1: nothing stands after "b:1"; a blank is missing behind the colon: b: 1'),
        ("a: 1\nb 2\nc: 3", 'x.yaml:2: "b 2": a colon and a blank are missing, as in name: value'),
        ("a: 1\nb:2", 'x.yaml:2: "b:2": a blank is missing behind the colon: b: 2'),
        ("a: 1\nb\n  c: 3", 'x.yaml:2: "b": a colon and a blank are missing, as in name: value'),
        ("? [a]\n: b", "x.yaml:1: a key must be text"),
        ("? {a: b}\n: c", "x.yaml:1: a key must be text"),
        ("a: {: b}", "x.yaml:1: a key is empty"),
        ("a:\n\tb: 1", "x.yaml:2: a tab may not indent YAML; use spaces"),
        ("a: @b", 'x.yaml:1: a value may not begin with "@" in YAML; put it in quotes'),
        ("a: `b`", 'x.yaml:1: a value may not begin with "`" in YAML; put it in quotes'),
        ("a: b: c", 'x.yaml:1: quote text that contains ": "'),
        ("a: {b: c: d}", 'x.yaml:1: quote text that contains ": "'),
        ("a: [b\nc: d", 'x.yaml:2: "," or "]" is missing before this place; the bracket was opened on line 1'),
        ("a: 'b\nc: d", "x.yaml:1: the quote ' opened here is never closed"),
        ("a: b\x00", "x.yaml:1: a control character (0x00) stands in the line; remove it"),
        ("# only this", "x.yaml:1: the file holds only comments"),
        ("", "x.yaml:1: the file is empty"),
        ("a: [b]]", "x.yaml:1: not YAML: did not find expected key (near: a: [b]])"),
    ],
)
def test_refusals(text, message):
    assert refusal(text) == message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: {label: b, c}", 'x.yaml:1: nothing stands after "c"; quote text that contains a comma, write a list in'),
        ("a: {b: 0,25}", 'x.yaml:1: nothing stands after "25"; a decimal is written with a point (0.25), a list'),
        ("a:\n    b: 1\n   c: 2", "x.yaml:3: the line has 3 blanks in front, and fits none of the lines above"),
        ("a:\n  b: 1\n c: 2", "x.yaml:3: the line has 1 blank in front, and fits none"),
        ("a:\n  - 1\n - 2", "x.yaml:3: the line has 1 blank in front"),
        ("a: {b: 1\nc: 2", 'x.yaml:2: "," or "}" is missing before this place'),
    ],
)
def test_refusals_that_say_more(text, words):
    assert refusal(text).startswith(words)


def test_all_faults_of_the_reading_come_at_once():
    with pytest.raises(SpecError) as caught:
        read_yaml("a: 1\na: 2\nb: *c\nd:\ne: !x f", file="x.yaml")
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4, 5]


def test_an_anchor_is_told_once_and_its_aliases_not_again():
    assert refusal("a: &x [1]\nb: *x\nc: *x").startswith("x.yaml:1: anchors are refused")


def test_depth_is_limited_at_the_same_place_in_both_styles():
    deepest = strictyaml.MAX_DEPTH
    assert read_yaml("[" * deepest + "x" + "]" * deepest).data
    assert "nested deeper" in refusal("[" * (deepest + 1) + "x" + "]" * (deepest + 1))
    block = "".join(f"{' ' * n}k:\n" for n in range(deepest - 1)) + " " * deepest + "k: x"
    assert read_yaml(block).data
    assert "nested deeper" in refusal(f"a: [{'[' * deepest}x{']' * deepest}]")


# --- places


DOCUMENT = """\
index: demo
nodes:
  top: {of: [a,
             b]}
  part:
    of:
      c: 1
      d: {value: 2,
          note: here}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("index",), 1),
        (("nodes",), 2),
        (("nodes", "top"), 3),
        (("nodes", "top", "of", 0), 3),
        (("nodes", "top", "of", 1), 4),
        (("nodes", "part", "of", "d"), 8),
        (("nodes", "part", "of", "d", "note"), 9),
        (("nodes", "part", "of", "zzz"), 6),
        (("nowhere", "at", "all"), 1),
    ],
)
def test_every_value_knows_its_line_or_the_nearest_above(path, line):
    assert read_yaml(DOCUMENT, file="d.yaml").origin(path) == Origin("d.yaml", line)


def test_a_document_without_places_points_at_its_file():
    assert str(Document({}, "d.yaml").origin(("a",))) == "d.yaml:1"


# --- files


def test_text_of_a_file(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes("a: é".encode("utf-8-sig"))
    assert read_text(path) == "a: é"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.yaml:1: the file is empty"),
        (b"a: 1\nb: \xe9\n", "a.yaml:2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
    ],
)
def test_files_that_are_no_text(tmp_path, content, message):
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(SpecError) as caught:
        read_text(tmp_path / "a.yaml")
    assert str(caught.value) == message


def test_messages_name_files_without_their_folder(tmp_path):
    with pytest.raises(SpecError) as caught:
        read_text(tmp_path / "nowhere.yaml")
    assert str(caught.value) == "nowhere.yaml: there is no such file"


# --- against another reader

words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
trees = st.recursive(
    words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=12
)


@given(trees)
def test_what_another_writer_quotes_is_read_as_written(tree):
    text = yaml.safe_dump(tree, default_style='"', allow_unicode=True)
    assert read_yaml(text).data == tree


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_by_name(text):
    faults: tuple[Fault, ...] = ()
    try:
        read_yaml(text, file="x.yaml")
    except SpecError as error:
        faults = error.faults
    breaks = sum(text.count(mark) for mark in "\n\r\x85\u2028\u2029")  # YAML 1.1 breaks lines at all of these
    assert all(fault.file == "x.yaml" for fault in faults)
    assert all(1 <= (fault.line or 0) <= breaks + 2 for fault in faults)


def test_without_the_c_library_the_same_files_are_refused(monkeypatch):
    monkeypatch.setattr(strictyaml, "_Loader", yaml.SafeLoader)
    assert read_yaml("a: [yes, {b: ~}]").data == {"a": ["yes", {"b": None}]}
    assert "a tab may not indent" in refusal("a:\n\tb: 1")
    assert "a value may not begin with" in refusal("a: {b: >= 0}")
    assert "quote text that contains" in refusal("a: b: c")
