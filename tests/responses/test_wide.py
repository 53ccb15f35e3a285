"""Tables with one row for each respondent, with and without a binding."""

from __future__ import annotations

import csv
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.instrument import load_instrument
from egovindex.responses import wide
from egovindex.responses.binding import Binding, Bound, Delimited, Fixed, OneHot
from egovindex.responses.draft import COLUMNS
from egovindex.responses.formats import FORMATS, Options
from tests.responses.tables_of_forms import instrument, refused, rows_of, workbook


def read(tmp_path, text, binding=None, name="a.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return wide.read(path, instrument(tmp_path), Options(binding))


def test_headings_that_are_items(tmp_path):
    draft = read(tmp_path, "unit,period,q3,q4,q5.portal\nNO,2024,Yes,007,x\nNA,2024,,,\n")
    assert list(draft.table.columns) == list(COLUMNS)
    assert rows_of(draft, "unit", "item", "mark", "text", "place") == [
        ("NO", "q3", "Yes", None, 'row 2, column "q3"'),
        ("NO", "q4", None, "007", 'row 2, column "q4"'),
        ("NO", "q5.portal", "x", None, 'row 2, column "q5.portal"'),
        ("NA", "q3", "", None, 'row 3, column "q3"'),
        ("NA", "q5.portal", "", None, 'row 3, column "q5.portal"'),
    ]
    assert draft.table["period"].tolist() == ["2024"] * 5
    assert set(draft.table["confidence"]) == {"high"}
    assert draft.left == ()


def test_what_is_not_used_is_told(tmp_path):
    draft = read(tmp_path, "unit,q3,q44,q3.status,q5,,Email\nA,Yes,hidden,yes,App,x,ilse@lakes.example\n")
    told = {left.text: left.why for left in draft.left}
    assert list(told) == ["q44", "q3.status", "q5", "", "Email"]
    assert 'did you mean "q4"' in told["q44"]
    assert "coders" in told["q3.status"]
    assert "a column for each choice" in told["q5"]
    assert [left.place for left in draft.left] == ["column C", "column D", "column E", "column F", "column G"]
    assert "hidden" not in repr(draft)
    assert "ilse" not in repr(draft)


def test_the_item_that_asks_who_answers(tmp_path):
    draft = read(tmp_path, "q1,q3\nAlva,Yes\nBorduria,No\n")
    assert rows_of(draft, "unit", "item", "text")[:2] == [("Alva", "q1", "Alva"), ("Alva", "q3", None)]
    refused("unit_blank", read, tmp_path, "q1,q3\nAlva,Yes\n,No\n")
    refused("no_unit", read, tmp_path, "q3,q4\nYes,a\nNo,b\n")
    assert read(tmp_path, "q3,q4\nYes,a\n").table["unit"].tolist() == [None, None]


def test_bad_headings(tmp_path):
    refused("no_items", read, tmp_path, "unit,law\nA,Yes\n")
    refused("heading_twice", read, tmp_path, "unit,q3,q3\nA,Yes,No\n")
    refused("heading_twice", read, tmp_path, "unit,unit,q3\nA,B,No\n")
    refused("unknown_kind", read, tmp_path, "a", name="a.ods")


def test_a_binding_with_every_shape(tmp_path):
    text = 'Land;Gesetz;Wege;Web;App;Stellen\nAlva;Stimmt;"By post, Portal, on the web, Boat";x;;n/a\nBordur;?;;;-;5\n'
    binding = Binding(
        "b",
        "lake-form",
        {
            "q1": 1,
            "q3": Bound("gesetz", values={"Stimmt": "yes"}),
            "q5": Bound("Wege", Delimited(", ")),
            "q8": "Stellen",
        },
        unit="Land",
        period=Fixed("2026"),
        missing={"n/a": "not_applicable"},
    )
    draft = read(tmp_path, text, binding)
    assert rows_of(draft, "unit", "item", "mark", "text", "kind") == [
        ("Alva", "q1", None, "Alva", None),
        ("Alva", "q3", "yes", None, None),
        ("Alva", "q5.portal", "yes", None, None),
        ("Alva", "q5.app", "no", None, None),
        ("Alva", "q5.post", "yes", None, None),
        ("Alva", "q5.other", "yes", "Boat", None),
        ("Alva", "q8", None, None, "not_applicable"),
        ("Bordur", "q1", None, "Bordur", None),
        ("Bordur", "q3", "?", None, None),
        *(("Bordur", f"q5.{choice}", "", None, None) for choice in ("portal", "app", "post", "other")),
        ("Bordur", "q8", None, "5", None),
    ]
    assert set(draft.table["period"]) == {"2026"}
    assert [left.text for left in draft.left] == ["Web", "App"]
    assert draft.notes["not bound"] == "q2, q4, q6, q7"


def test_a_column_for_each_choice(tmp_path):
    shape = OneHot({"portal": "Web", "app": "App"}, ("x",), ("-",))
    binding = Binding("b", "lake-form", {"q5": Bound(shape=shape)}, unit="Land", missing={"": "not_shown"})
    draft = read(tmp_path, "Land,Web,App\nA,x,\nB,-,maybe\n", binding)
    assert rows_of(draft, "item", "mark", "kind") == [
        ("q5.portal", "yes", None),
        ("q5.app", None, "not_shown"),
        ("q5.portal", "no", None),
        ("q5.app", "maybe", None),
    ]
    blank_is_no = Bound(shape=OneHot({"portal": "Web"}, ("x",), ("",)))
    draft = read(tmp_path, "Land,Web\nA,\n", Binding("b", "lake-form", {"q5": blank_is_no}, unit="Land"))
    assert rows_of(draft, "item", "mark") == [("q5.portal", "no")]


def test_codes_and_options_that_are_none(tmp_path):
    form = instrument(
        tmp_path, "instrument: f\nanswers: {c: {p: [Portal], a: [App]}}\nitems: {q: {kind: many, answers: c}}"
    )
    path = tmp_path / "a.csv"
    path.write_text("u,q\nA,p;a\nB,p;Portal\n", encoding="utf-8")
    codes = Binding("b", "f", {"q": Bound("q", Delimited(";", "code"))}, unit="u")
    draft = wide.read(path, form, Options(codes))
    assert rows_of(draft, "unit", "mark") == [("A", "yes"), ("A", "yes"), ("B", "yes"), ("B", "no")]
    assert [(left.place, left.text) for left in draft.left] == [('row 3, column "q"', "Portal")]


def test_a_blank_cell_may_be_a_kind_of_nothing(tmp_path):
    binding = Binding("b", "lake-form", {"q3": 2, "q4": 3}, unit=1, missing={"": "skipped"})
    draft = read(tmp_path, "u,a,b\nA,,\nB,  ,x\n", binding)
    assert rows_of(draft, "item", "mark", "text", "kind") == [
        ("q3", None, None, "skipped"),
        ("q4", None, None, "skipped"),
        ("q3", "  ", None, None),
        ("q4", None, "x", None),
    ]


def test_a_workbook(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("x", [["no"]]), ("data", [["unit", "q3", "q8"], ["A", "Yes", 5]]))
    draft = wide.read(path, instrument(tmp_path), Options(sheet="data"))
    assert rows_of(draft, "unit", "item", "mark", "text", "place") == [
        ("A", "q3", "Yes", None, 'row 2, column "q3"'),
        ("A", "q8", None, "5", 'row 2, column "q8"'),
    ]


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")), min_size=1, max_size=4))
def test_any_text_arrives_as_written(tmp_path_factory, texts):
    folder = tmp_path_factory.getbasetemp()
    with (folder / "any.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [["A", text, text] for text in texts]
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["unit", "q3", "q4"], *rows])
    draft = wide.read(folder / "any.csv", instrument(folder), Options())
    of_q3, of_q4 = (draft.table[draft.table["item"] == item] for item in ("q3", "q4"))
    assert of_q3["mark"].tolist() == texts
    assert of_q4["text"].tolist() == [text for text in texts if text]


def test_no_respondents(tmp_path):
    draft = read(tmp_path, "unit,q3\n")
    assert len(draft.table) == 0
    assert list(draft.table.columns) == list(COLUMNS)


def test_it_is_a_format(tmp_path):
    assert FORMATS["wide"].read is wide.read
    path = tmp_path / "a.csv"
    path.write_text("unit,q3\nA,b\n", encoding="utf-8")
    assert FORMATS["wide"].looks_like(path)


@pytest.mark.slow
def test_ten_thousand_respondents(tmp_path):
    form = load_instrument("un-msq-2022")
    names = list(form.file.items)
    cells = np.where(np.arange(10_000 * len(names)).reshape(10_000, -1) % 3 == 0, "Yes", "some words")
    frame = pd.DataFrame(cells, columns=names)
    frame.insert(0, "unit", [f"U{n}" for n in range(10_000)])
    frame.to_csv(tmp_path / "a.csv", index=False)
    begin = time.perf_counter()
    draft = wide.read(tmp_path / "a.csv", form, Options())
    assert len(draft.table) == 10_000 * len(names)
    assert time.perf_counter() - begin < 60
