"""CSV files of Google Forms."""

from __future__ import annotations

import csv

import pytest

from egovindex.responses import gforms
from egovindex.responses.answercolumns import Splitter
from egovindex.responses.binding import Binding, Bound, Delimited
from egovindex.responses.detect import detect
from egovindex.responses.formats import Options
from tests.responses.tables_of_forms import ADDRESS, QUESTIONS, everything_said, instrument, refused, rows_of

LEAD = ["Timestamp", "Email Address"]
SENT = ["2026/01/02 10:00:00 am GMT+1", ADDRESS]
ANSWERS = ["Alva", "B. Odo", "Yes", "see, the law", "Portal, on the web, By post, A boat, or a raft", "No", "", "12"]


def form(tmp_path, *rows, head=(*LEAD, *QUESTIONS)):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def read(tmp_path, path, binding=None):
    return gforms.read(path, instrument(tmp_path), Options(binding))


def test_headings_are_matched_to_items(tmp_path):
    draft = read(tmp_path, form(tmp_path, [*SENT, *ANSWERS]))
    assert rows_of(draft, "unit", "item", "mark", "text") == [
        ("Alva", "q1", None, "Alva"),
        ("Alva", "q2", None, "B. Odo"),
        ("Alva", "q3", "Yes", None),
        ("Alva", "q4", None, "see, the law"),
        ("Alva", "q5.portal", "yes", None),
        ("Alva", "q5.app", "no", None),
        ("Alva", "q5.post", "yes", None),
        ("Alva", "q5.other", "yes", "A boat, or a raft"),
        ("Alva", "q6", "No", None),
        ("Alva", "q8", None, "12"),
    ]


def test_who_sent_the_form_is_never_read(tmp_path):
    path = form(tmp_path, [*SENT, *ANSWERS])
    for binding in (None, Binding("b", "lake-form", {"q1": 3}, "gforms", unit=3)):
        draft = read(tmp_path, path, binding)
        assert "uellmann" not in everything_said(draft)
        assert 'A "Timestamp", B "Email Address"' in draft.notes["left out"]
    for column in ("Email Address", 2, 1):
        binding = Binding("b", "lake-form", {"q1": 3, "q2": column}, "gforms")
        assert "uellmann" not in str(refused("technical_column", read, tmp_path, path, binding))


def test_other_languages_need_a_binding(tmp_path):
    path = form(tmp_path, [*SENT, "Alva"], head=["Zeitstempel", "E-Mail-Adresse", "Land"])
    assert "uellmann" not in str(refused("unknown_lead", read, tmp_path, path))
    binding = Binding("b", "lake-form", {"q1": "Land"}, "gforms", technical=("Zeitstempel", "E-Mail-Adresse"))
    draft = read(tmp_path, path, binding)
    assert rows_of(draft, "unit", "item") == [("Alva", "q1")]
    assert "uellmann" not in everything_said(draft)


def test_a_semicolon_in_a_heading_is_no_separator(tmp_path):
    path = form(tmp_path, [SENT[0], "Alva", "Yes"], head=["Timestamp", "Country; or area", "Law on lakes"])
    assert rows_of(read(tmp_path, path), "item") == [("q1",), ("q3",)]


def test_a_grid_of_choices(tmp_path):
    head = ["Timestamp", "Country", *(f"Channels of services [{row}]" for row in ("App", "Portal, on the web"))]
    draft = read(tmp_path, form(tmp_path, ["t", "Alva", "Yes", ""], head=head))
    assert rows_of(draft, "item", "mark", "confidence") == [
        ("q1", None, "high"),
        ("q5.app", "Yes", "high"),
        ("q5.portal", "", "high"),
    ]


def test_a_grid_of_items(tmp_path):
    head = ["Timestamp", "Country", "Is there a law? [Law on lakes]", "Is there a law? [Law on boats]"]
    draft = read(tmp_path, form(tmp_path, ["t", "Alva", "Yes", "No"], head=head))
    assert rows_of(draft, "item", "mark") == [("q1", None), ("q3", "Yes"), ("q6", "No")]


def test_a_binding(tmp_path):
    items = {"q1": "Country", "q5": Bound(QUESTIONS[4], Delimited(", "))}
    draft = read(tmp_path, form(tmp_path, [*SENT, *ANSWERS]), Binding("b", "lake-form", items, "gforms"))
    assert rows_of(draft, "item", "text")[-1] == ("q5.other", "A boat, or a raft")


@pytest.mark.parametrize(
    ("cell", "ticked", "rest"),
    [
        ("Portal, on the web", {"p"}, ""),
        ("portal, ON the web, App", {"p", "a"}, ""),
        ("App, Portal, on the web", {"p", "a"}, ""),
        ("Portal, elsewhere, App", {"a"}, "Portal, elsewhere"),
        ("App, App", {"a"}, ""),
        (" ", set(), ""),
        ("on the web", set(), "on the web"),
        ("App\u00a0, x, y", {"a"}, "x, y"),
    ],
)
def test_a_cell_is_split_by_the_options(cell, ticked, rest):
    split = Splitter({"portal, on the web": "p", "app": "a"}, ", ")
    assert split(cell) == (ticked, rest)


def test_detection_is_a_suggestion(tmp_path):
    assert detect(form(tmp_path, [*SENT, *ANSWERS]))[0].startswith("gforms: ")
