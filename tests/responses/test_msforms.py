"""Workbooks of Microsoft Forms."""

from __future__ import annotations

import pytest

from egovindex.instrument import load_instrument
from egovindex.responses import msforms
from egovindex.responses.binding import Binding, Bound, Delimited
from egovindex.responses.detect import detect
from egovindex.responses.formats import Options
from egovindex.responses.matching import matched, without_repeats
from tests.responses.tables_of_forms import (
    ADDRESS,
    LEAD,
    PERSON,
    QUESTIONS,
    everything_said,
    instrument,
    refused,
    rows_of,
    workbook,
)

SENT = [1, "2026-01-02 10:00", "2026-01-02 11:00", ADDRESS, PERSON]
ANSWERS = ["Alva", "B. Odo", "Yes", "see the law", "App;Portal, on the web;A counter;", "Nein", None, 12]


def form(tmp_path, *rows, lead=LEAD, questions=QUESTIONS, name="a.xlsx"):
    return workbook(tmp_path / name, ("Form1", [[*lead, *questions], *rows]))


def read(tmp_path, path, binding=None):
    return msforms.read(path, instrument(tmp_path), Options(binding))


def test_headings_are_matched_to_items(tmp_path):
    draft = read(tmp_path, form(tmp_path, [*SENT, *ANSWERS]))
    assert rows_of(draft, "unit", "item", "mark", "text", "confidence") == [
        ("Alva", "q1", None, "Alva", "high"),
        ("Alva", "q2", None, "B. Odo", "high"),
        ("Alva", "q3", "Yes", None, "high"),
        ("Alva", "q4", None, "see the law", "medium"),
        ("Alva", "q5.portal", "yes", None, "high"),
        ("Alva", "q5.app", "yes", None, "high"),
        ("Alva", "q5.post", "no", None, "high"),
        ("Alva", "q5.other", "yes", "A counter", "high"),
        ("Alva", "q6", "Nein", None, "high"),
        ("Alva", "q8", None, "12", "high"),
    ]
    note = draft.table.loc[draft.table["item"] == "q4", "note"].item()
    assert note == "by its place behind q3; the same words find q7"
    assert draft.left == ()


def test_the_person_who_sent_the_form_is_never_read(tmp_path):
    path = form(tmp_path, [*SENT, *ANSWERS])
    draft = read(tmp_path, path)
    everything = everything_said(draft)
    for canary in (ADDRESS, PERSON, "Quellmann", "quellmann"):
        assert canary not in everything
    assert 'D "Email", E "Name"' in draft.notes["left out"]
    bound = Binding("b", "lake-form", {"q1": 6, "q3": QUESTIONS[2]}, "msforms", unit=6)
    everything = everything_said(read(tmp_path, path, bound))
    assert "uellmann" not in everything


@pytest.mark.parametrize("column", [5, "Name", "name", "Email", 1])
def test_no_binding_gets_at_the_person(tmp_path, column):
    path = form(tmp_path, [*SENT, *ANSWERS])
    for named in ({"items": {"q1": 6, "q2": column}}, {"items": {"q1": 6}, "unit": column}):
        binding = Binding(**{"name": "b", "instrument": "lake-form", "profile": "msforms", **named})
        assert "uellmann" not in str(refused("technical_column", read, tmp_path, path, binding))


def test_a_question_may_be_called_as_a_column_of_the_form(tmp_path):
    path = form(tmp_path, [*SENT, "Alva", "B. Odo"], questions=["Country", "Name"])
    assert rows_of(read(tmp_path, path), "item", "text") == [("q1", "Alva"), ("q2", "B. Odo")]


def test_other_languages_need_a_binding(tmp_path):
    lead = ["ID", "Hora de inicio", "Hora de finalización", "Correo electrónico", "Nombre"]
    path = form(tmp_path, [*SENT, *ANSWERS], lead=lead)
    message = str(refused("unknown_lead", read, tmp_path, path))
    assert "technical: [1, 2, 3, 4, 5]" in message
    assert "uellmann" not in message
    binding = Binding("b", "lake-form", {"q1": 6, "q3": 8}, "msforms", technical=(1, *lead[1:]))
    draft = read(tmp_path, path, binding)
    assert [row[0] for row in rows_of(draft, "item")] == ["q1", "q3"]
    assert "uellmann" not in everything_said(draft)
    assert "Correo" in draft.notes["left out"]
    refused("column_not_found", read, tmp_path, path, Binding("b", "lake-form", {"q1": 6}, "msforms", technical=(99,)))


def test_points_feedback_and_headings_that_fit_nothing(tmp_path):
    questions = [*QUESTIONS[:3], "Points - Is there a law on lakes?", "Feedback - Is there a law on lakes?", "Colour?"]
    lead = [*LEAD, "Last modified time", "Total points", "Quiz feedback"]
    draft = read(
        tmp_path,
        form(tmp_path, [*SENT, "t", 3, "good", *ANSWERS[:3], 1, "fine", "blue"], lead=lead, questions=questions),
    )
    assert [row[0] for row in rows_of(draft, "item")] == ["q1", "q2", "q3"]
    assert [(left.place, left.text) for left in draft.left] == [("column N", "Colour?")]
    for heading in ("Total points", "Quiz feedback", "Points - Is", "Feedback - Is", "Last modified time"):
        assert heading in draft.notes["left out"]
    assert draft.notes["not found"] == "q4, q5, q6, q7, q8"


def test_a_binding_with_several_choices(tmp_path):
    binding = Binding("b", "lake-form", {"q5": Bound(10, Delimited(";"), {"A counter": "post"})}, "msforms", unit=6)
    draft = read(tmp_path, form(tmp_path, [*SENT, *ANSWERS]), binding)
    assert rows_of(draft, "item", "mark", "text") == [
        ("q5.portal", "yes", None),
        ("q5.app", "yes", None),
        ("q5.post", "yes", None),
        ("q5.other", "no", None),
    ]
    assert len(draft.left) == len(QUESTIONS) - 2


def test_nothing_ticked_is_no_answer(tmp_path):
    draft = read(tmp_path, form(tmp_path, [*SENT, "Alva", None, None, None, None, None, None, None]))
    assert rows_of(draft, "item", "mark")[1:] == [
        ("q3", ""), ("q5.portal", ""), ("q5.app", ""), ("q5.post", ""), ("q5.other", ""), ("q6", "")
    ]  # fmt: skip


def test_no_heading_fits(tmp_path):
    refused("no_items", read, tmp_path, form(tmp_path, [*SENT, 1], questions=["Favourite colour"]))
    refused("unknown_lead", read, tmp_path, workbook(tmp_path / "b.xlsx", ("S", [["Country"], ["Alva"]])))


# --- headings and items
def test_repeats_lose_their_number():
    assert without_repeats(["Details", "Details2", "Details3", "Web 2", "G5"]) == [
        "details", "details", "details", "web 2", "g5"
    ]  # fmt: skip


def test_numbers_in_front_decide(tmp_path):
    found = matched(["6. Is there a law on boats?", "3) Something else", "8 - staff"], instrument(tmp_path))
    assert [match and (match.item, match.confidence) for match in found] == [("q6", "high"), None, ("q8", "high")]
    found = matched(["1 Country", "3 Boats and lakes", "6 Law on boats"], instrument(tmp_path))
    assert [(match.item, match.confidence) for match in found] == [("q1", "high"), ("q3", "low"), ("q6", "high")]


def test_what_is_not_certain_has_a_low_confidence(tmp_path):
    found = matched(["Please provide some details", "Country"], instrument(tmp_path))
    assert [match and match.confidence for match in found] in (["low", None], [None, "high"])
    found = matched(["q1", "Law on lakes - detail"], instrument(tmp_path))
    assert [(match.item, match.confidence) for match in found] == [("q1", "high"), ("q4", "high")]


def test_the_msq_in_its_order():
    """Questions made of the words that find them, with the repeats that a form numbers, come out in order."""
    form = load_instrument("un-msq-2022")
    seen: dict[str, int] = {}
    headings = []
    for item in form.file.items.values():
        text = f"On {', '.join(reversed(item.match))}?"
        seen[text] = seen.get(text, 0) + 1
        headings.append(text if seen[text] == 1 else f"{text}{seen[text]}")
    found = matched(headings, form)
    assert [match.item if match else None for match in found] == list(form.file.items)
    certain = sum(match.confidence == "high" for match in found)
    assert certain > 30
    # one question that nobody knows does not move the others
    found = matched([*headings[:40], "What is your favourite colour?", *headings[40:]], form)
    assert [match.item for match in found if match] == list(form.file.items)


def test_detection_is_a_suggestion(tmp_path):
    assert detect(form(tmp_path, [*SENT, *ANSWERS]))[0].startswith("msforms: its first columns")
    (tmp_path / "broken.xlsx").write_bytes(b"nothing")
    assert detect(tmp_path / "broken.xlsx") == []
    refused("missing_file", detect, tmp_path / "none.xlsx")
