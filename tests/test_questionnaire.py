"""`check` holds answers against the questionnaire they were given to, and scores nothing differently for it."""

from __future__ import annotations

import pandas as pd
import pytest

import egovindex as ei

FORM = """\
instrument: form
answers:
  yes_no: {yes: [x], no: ["-"]}
  channel: {portal: [], app: []}
columns: {staff: q5}
items:
  q1: {answers: yes_no, required: true}
  q2: {answers: yes_no, ask_if: q1 is yes, required: true}
  q3: {kind: many, answers: channel, ask_if: q1 is yes}
  q4: {kind: link}
  q5: {kind: number}
  q6: {kind: contact, personal: person}
checks:
  link_without_rule: {wrong_if: q1 is no and q4 is not missing, say: there is a link and no rule}
  too_many: {wrong_if: staff > 100, say: more staff than people}
"""
INDEX = """\
index: mine
instrument: form
nothing: skip
points: {yn: {yes: 1, no: 0}}
indicators: {q1: {points: yn}, q2: {points: yn}}
nodes: {top: {of: [q1, q2]}}
"""
CLEAN = {
    "unit": ["A", "B", "C"],
    "q1": ["yes", "x", "no"],
    "q2": ["no", "yes", None],
    "q3.portal": ["yes", "no", "no"],
    "q3.app": ["yes", "no", "-"],
    "q4": ["http://a", None, None],
    "q5": [10, 20, 0],
}


@pytest.fixture
def index(tmp_path):
    (tmp_path / "form.yaml").write_text(FORM, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(INDEX, encoding="utf-8")
    return ei.load_index(tmp_path / "mine.yaml")


def found(index, without=(), **columns):
    data = pd.DataFrame(CLEAN | columns).drop(columns=list(without))
    return ei.check(index, data)


def told(table, check):
    rows = table[table["check"] == check]
    return [tuple(row) for row in rows[["severity", "column", "units"]].itertuples(index=False)]


OF_FORMS = [
    "answers_disagree", "answer_off_scale", "answered_unasked", "required_blank", "personal_data", "no_item",
    "required_not_there", "check_without_column",
]  # fmt: skip


def test_clean_answers_have_no_finding_but_what_is_not_scored(index):
    table = found(index)
    assert table["check"].tolist() == ["unused_item"]
    assert table["message"].tolist() == ["3 items of form are in the data and not used by mine (q3, q4, q5)"]


@pytest.mark.parametrize(
    ("check", "columns", "wanted"),
    [
        ("answers_disagree", {"q4": [None, None, "http://c"]}, ("warning", "q1", "C")),
        ("answers_disagree", {"q5": [10, 500, 600]}, ("warning", "q5", "B, C")),
        ("answer_off_scale", {"q3.app": ["yes", "maybe", "-"]}, ("warning", "q3.app", "B")),
        ("answer_off_scale", {"q3.app": ["yes", 7, "-"]}, ("warning", "q3.app", "B")),
        ("answered_unasked", {"q2": ["no", "yes", "no"]}, ("note", "q2", "C")),
        ("answered_unasked", {"q3.app": ["yes", "no", "x"]}, ("note", "q3.portal", "C")),
        ("required_blank", {"q2": ["no", None, None]}, ("note", "q2", "B")),
        ("required_blank", {"q1": ["yes", "yes", None]}, ("note", "q1", "C")),
        ("personal_data", {"q6": ["Nobody", None, None]}, ("warning", "q6", "")),
    ],
)
def test_each_finding_names_its_column_and_units(index, check, columns, wanted):
    table = found(index, **columns)
    assert told(table, check) == [wanted]
    others = set(table["check"]) & set(OF_FORMS) - {check}
    assert others == set()


def test_a_kind_of_nothing_is_no_blank_and_no_answer(index):
    table = found(index, q2=["no", "unknown", "unknown"])
    assert set(table["check"]) & set(OF_FORMS) == set()


def test_what_the_data_lack_is_told_once_with_all_that_asks_for_it(index):
    table = found(index, without=["q1", "q5"], q2=["no", "no", "no"])
    rows = table[table["check"].isin(OF_FORMS)]
    assert rows["check"].tolist() == ["required_not_there", "check_without_column", "check_without_column"]
    assert rows["message"].tolist() == [
        "the data have no column for required items of form (q1)",
        'the data have no column "q1"; not looked at: check link_without_rule, ask_if of q2, ask_if of q3 of form',
        'the data have no column "q5"; not looked at: check too_many of form',
    ]


def test_findings_score_nothing(index):
    data = pd.DataFrame(CLEAN | {"q5": [10, 500, 600], "q4": [None, None, "http://c"]})
    assert (ei.check(index, data)["severity"] == "warning").sum() == 2
    assert ei.compute(index, data).scores.equals(ei.compute(index.with_(instrument=ONLY_SCALES), data).scores)


ONLY_SCALES = {"form": {"answers": {"yes_no": {"yes": ["x"], "no": ["-"]}}, "items": {"q1": {"answers": "yes_no"}}}}


def test_a_long_table_and_periods(index):
    wide = pd.DataFrame(CLEAN | {"q5": [10, 500, 0], "period": [2022, 2022, 2024]})
    long = wide.melt(["unit", "period"], var_name="item", value_name="answer").dropna()
    assert told(ei.check(index, long), "answers_disagree") == [("warning", "q5", "B 2022")]


def test_a_name_that_is_no_item_is_a_note(index):
    nodes = {"top": {"of": ["q1", "q2", "q22", "area"]}}
    mine = index.with_(indicators={"q22": {"points": "yn"}, "area": {}}, nodes=nodes)
    notes = ei.check(mine)
    rows = notes[notes["check"] == "no_item"]
    assert rows["message"].tolist() == ['q22 is no item of form; did you mean "q2"?', "area is no item of form"]
    data = pd.DataFrame(CLEAN | {"area": [1, 2, 3]})
    table = ei.check(mine, data)
    assert table.loc[table["check"] == "no_item", "column"].tolist() == ["q22"]


def test_a_table_that_cannot_be_read_is_told_once(index):
    table = ei.check(index, pd.DataFrame({"q1": ["yes"]}))
    assert table["severity"].tolist() == ["error"]


def test_an_item_under_another_heading_is_found(index):
    mine = index.with_(columns={"q1": "Question 1"})
    data = pd.DataFrame(CLEAN | {"q4": [None, None, "http://c"]}).rename(columns={"q1": "Question 1"})
    assert told(ei.check(mine, data), "answers_disagree") == [("warning", "Question 1", "C")]
    mine = index.with_(indicators={"q1": {"from": "Question 1", "points": "yn"}})
    assert told(ei.check(mine, data), "answers_disagree") == [("warning", "Question 1", "C")]


def test_two_forms_with_an_item_of_one_name_are_looked_at_apart(index):
    other = {"answers": {"yes_no": {"yes": ["J"], "no": ["X"]}}, "items": {"q1": {"answers": "yes_no"}}}
    other["checks"] = {"never": {"wrong_if": "q1 is no", "say": "it was promised"}}
    both = {"form": index.document()["instrument"]["form"], "other": other}
    records = {"q1": {"from": "form/q1", "points": "yn"}, "late": {"from": "other/q1", "points": "yn"}}
    mine = index.with_(instrument=both, indicators=records, nodes={"top": {"of": ["q1", "q2", "late"]}})
    data = pd.DataFrame(CLEAN | {"other/q1": ["J", "X", "J"]}).rename(columns={"q1": "form/q1"})
    table = ei.check(mine, data)
    assert told(table, "answers_disagree") == [("warning", "other/q1", "B")]
    assert set(table["check"]) == {"answers_disagree", "unused_item"}
    assert ei.compute(mine, data).points["late"].tolist() == [1, 0, 1]
