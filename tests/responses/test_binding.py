"""Bindings are read strictly, and held against instrument and file."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.errors import DataError, SpecError
from egovindex.responses import wide
from egovindex.responses.binding import Binding, Bound, Delimited, Fixed, OneHot, load_binding
from egovindex.responses.bindingfile import binding_of
from egovindex.responses.formats import Options
from egovindex.spec.strictyaml import Document
from tests.responses.tables_of_forms import instrument, refused

WHOLE = """\
binding: lake
title: Forms of the lakes
instrument: lake-form
profile: wide
unit: {column: Land}
period: {value: "2026"}
separator: ";"
technical: [1, E-Mail]
items:
  q1: Land
  q3: {column: 3, values: {"Stimmt": yes}}
  q4: {heading: "2024"}
  q5: {shape: {onehot: {columns: {portal: 5, app: "Über App"}, true: [x], false: ["", "-"]}}}
  q8: {column: 9, shape: single}
missing: {"": skipped, "n/a": not_applicable, "{question_not_shown}": not_shown}
"""


def load(tmp_path, text):
    path = tmp_path / "b.yaml"
    path.write_text(text, encoding="utf-8")
    return load_binding(path)


def test_a_whole_binding(tmp_path):
    found = load(tmp_path, WHOLE)
    assert found == Binding(
        "lake",
        "lake-form",
        {
            "q1": "Land",
            "q3": Bound(3, values={"Stimmt": "yes"}),
            "q4": "2024",
            "q5": Bound(shape=OneHot({"portal": 5, "app": "Über App"}, ("x",), ("", "-"))),
            "q8": 9,
        },
        unit="Land",
        period=Fixed("2026"),
        missing={"": "skipped", "n/a": "not_applicable", "{question_not_shown}": "not_shown"},
        technical=(1, "E-Mail"),
        separator=";",
    )
    assert repr(found) == "<Binding lake> wide, instrument lake-form, 5 items"
    assert load_binding(found) is found


def test_a_binding_is_frozen_and_travels(tmp_path):
    found = load(tmp_path, WHOLE)
    for mapping in (found.items, found.missing, found.items["q3"].values):
        with pytest.raises(TypeError):
            mapping["q9"] = "x"
    with pytest.raises(AttributeError):
        found.name = "other"
    assert pickle.loads(pickle.dumps(found)) == found == copy.deepcopy(found)
    assert hash(found) == hash(load(tmp_path, WHOLE))


FAULTS = {
    "unknown key": ("binding: a\ninstrument: f\nitms: {q1: 1}\nitems: {q1: 1}", 3, 'unknown key "itms"; did you mean'),
    "item key": ("binding: a\ninstrument: f\nitems:\n  q1: {colum: 1}", 4, 'did you mean "column"'),
    "not a map": ("binding: a\ninstrument: f\nitems: [q1]", 3, "a map is expected"),
    "no items": ("binding: a\ninstrument: f", 1, "the key items is missing"),
    "profile": ("binding: a\ninstrument: f\nprofile: msform\nitems: {q1: 1}", 3, 'did you mean "msforms"'),
    "kind": ("binding: a\ninstrument: f\nitems: {q1: 1}\nmissing:\n  x: skiped", 5, 'did you mean "skipped"'),
    "column nought": ("binding: a\ninstrument: f\nitems:\n  q1: {column: 0}", 4, "counted from 1"),
    "column blank": ('binding: a\ninstrument: f\nitems:\n  q1: {column: " "}', 4, "counted from 1"),
    "no column": ("binding: a\ninstrument: f\nitems:\n  q1: {values: {a: b}}", 4, "column is missing"),
    "two columns": ("binding: a\ninstrument: f\nitems:\n  q1: {column: 1, heading: b}", 4, "both stand here"),
    "shape": ("binding: a\ninstrument: f\nitems:\n  q1: {column: 1, shape: double}", 4, "single, onehot or delimited"),
    "bare shape": ("binding: a\ninstrument: f\nitems:\n  q1:\n    column: 1\n    shape: onehot", 6, "onehot says how"),
    "shape key": (
        "binding: a\ninstrument: f\nitems:\n  q1: {shape: {onehot: {columns: {b: 1}, tru: [x]}}}",
        4,
        'did you mean "true"',
    ),
    "true and false": (
        "binding: a\ninstrument: f\nitems:\n  q1: {shape: {onehot: {columns: {b: 1}, false: ['1']}}}",
        4,
        "is in both",
    ),
    "onehot and column": (
        "binding: a\ninstrument: f\nitems:\n  q1: {column: 1, shape: {onehot: {columns: {b: 2}}}}",
        4,
        "no column beside",
    ),
    "choice twice": (
        (
            "binding: a\ninstrument: f\nitems:\n  q1:\n    shape:\n      onehot:\n        columns:\n          b: 2\n"
            "          c: 2"
        ),
        9,
        "bound to items.q1.b already",
    ),
    "delimited of": (
        "binding: a\ninstrument: f\nitems:\n  q1: {column: 1, shape: {delimited: {of: labels}}}",
        4,
        "of: label",
    ),
    "twice": ("binding: a\ninstrument: f\nitems:\n  q1: 1\n  q2: 1", 5, "bound to items.q1 already"),
    "unit": ("binding: a\ninstrument: f\nunit: {column: 1, value: b}\nitems: {q1: 1}", 3, "one of column"),
    "separator": ('binding: a\ninstrument: f\nseparator: "|"\nitems: {q1: 1}', 3, "a comma, a semicolon or a tab"),
    "technical": ("binding: a\ninstrument: f\ntechnical: 1\nitems: {q1: 1}", 3, "a list is expected"),
    "key twice": ("binding: a\ninstrument: f\nitems: {q1: 1}\nitems: {q2: 1}", 4, "stands twice"),
    "not one": ("index: a", 1, "first key is binding"),
    "binding not first": ("instrument: f\nbinding: a\nitems: {q1: 1}", 1, "first key is binding"),
}


@pytest.mark.parametrize(("text", "line", "word"), FAULTS.values(), ids=FAULTS)
def test_each_fault_has_its_line(tmp_path, text, line, word):
    with pytest.raises(SpecError) as caught:
        load(tmp_path, text)
    found = [fault for fault in caught.value.faults if word in fault.message]
    assert found, str(caught.value)
    assert (found[0].file, found[0].line) == ("b.yaml", line)
    assert found[0].check


def test_all_faults_are_told_at_once(tmp_path):
    with pytest.raises(SpecError) as caught:
        load(tmp_path, "binding: a\ninstrument: f\nprofile: x\nitems: {q1: 0}\nmissing: {a: b}")
    assert {fault.check for fault in caught.value.faults} == {"unknown_profile", "not_a_column", "unknown_kind"}


def test_faults_of_one_made_in_python():
    refused("unknown_kind", Binding, "a", "f", {"q1": 1}, missing={"x": "nothing"})
    refused("not_a_column", Binding, "a", "f", {"q1": Bound(True)})
    refused("not_a_column", Binding, "a", "f", {"q1": Bound(1.5)})
    refused("not_a_column", Binding, "a", "f", {"q1": Bound([1])})
    refused("not_a_map", Binding, "a", "f", ["q1"])
    refused("not_a_binding", load_binding, 3)
    refused("missing_file", load_binding, "nowhere.yaml")


WORDS = st.sampled_from(
    [
        "q1",
        "1",
        "column",
        "heading",
        "shape",
        "onehot",
        "delimited",
        "columns",
        "true",
        "sep",
        "of",
        "value",
        "wide",
        "",
    ]
)
ANY = st.recursive(
    WORDS | st.none(), lambda some: st.lists(some, max_size=3) | st.dictionaries(WORDS, some, max_size=3)
)
KEYS = ["instrument", "profile", "unit", "period", "items", "missing", "technical", "separator", "else"]


@given(st.dictionaries(st.sampled_from(KEYS), ANY))
def test_any_content_is_a_binding_or_has_named_faults(content):
    try:
        binding_of(Document({"binding": "a", **content}, "b.yaml"))
    except SpecError as error:
        faults = error.faults
    else:
        faults = ()
    assert all(fault.check and fault.file == "b.yaml" and fault.line for fault in faults)


@pytest.mark.parametrize(
    ("named", "check"),
    [
        ({"instrument": "sea-form"}, "other_instrument"),
        ({"profile": "msforms"}, "other_profile"),
        ({"items": {"q99": 1}}, "unknown_item"),
        ({"items": {"q3.status": 1}}, "unknown_item"),
        ({"items": {"q5": 1}}, "wrong_shape"),
        ({"items": {"q3": Bound(1, Delimited())}}, "wrong_shape"),
        ({"items": {"q5": Bound(shape=OneHot({"ship": 1}))}}, "unknown_choice"),
        ({"items": {"q3": Bound(1, values={"Ja": "yess"})}}, "unknown_category"),
        ({"items": {"q1": Bound(1, values={"A": "b"})}}, "unknown_category"),
    ],
)
def test_a_binding_has_to_fit_the_instrument(tmp_path, named, check):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    binding = Binding(**{"name": "b", "instrument": "lake-form", "items": {"q1": 1}, **named})
    refused(check, wide.read, path, instrument(tmp_path), Options(binding))


@pytest.mark.parametrize(
    ("named", "check", "word"),
    [
        ({"items": {"q1": 4}}, "column_not_found", "the file has 3"),
        ({"items": {"q1": "Landd"}}, "column_not_found", 'did you mean "Land"'),
        ({"items": {"q1": "twice"}}, "column_not_found", "B (2), C (3)"),
        ({"items": {"q1": 1, "q2": "Land"}}, "column_twice", "bound to q1 already"),
        ({"items": {"q1": 1}, "unit": "who"}, "column_not_found", "unit: no column"),
    ],
)
def test_a_binding_has_to_fit_the_file(tmp_path, named, check, word):
    path = tmp_path / "a.csv"
    path.write_text("Land,twice,twice\nA,b,c\n", encoding="utf-8")
    binding = Binding(**{"name": "b", "instrument": "lake-form", **named})
    error = refused(check, wide.read, path, instrument(tmp_path), Options(binding))
    assert isinstance(error, DataError)
    assert word in str(error)
