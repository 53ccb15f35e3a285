"""Files to one table: states kept apart, routing, evidence, persons out, bad files told and the rest read."""

from __future__ import annotations

import logging

import pandas as pd
import pytest

import egovindex as ei
from egovindex.responses.grid import item_columns
from egovindex.responses.states import STATES

FORM = """
instrument: harbour
title: A form of an invented country
edition: 2031
unit: who
consent: agreed
answers:
  status: {yes: [Yes], no: [No], drafted: [], planned: [], in_operation: [], other: [Other]}
  legal: {in_force: [], adopted: [], drafted: [], planned: [], none: []}
  agree: {yes: [Yes], no: [No]}
  channel: {portal: [Portal], app: [App]}
nothing: {not_applicable: [n/a], unknown: [not known], refused: [confidential]}
items: |
  id, section, label, kind, answers, other, coded_as, ask_if, routing, evidence, personal, required
  who, about, Country, text, , , , , , , , true
  name, about, Name of the respondent, contact, , , , , , , person, true
  mail, about, E-mail, contact, , , , , , , person,
  role, about, Job title, contact, , , , , , , role,
  law, law, Is there a law?, one, status, other, legal, , , detail, , true
  detail, law, Where is it?, text, , , , law is yes, soft, , may_name,
  cio, people, Is there a CIO?, one, status, , , , , , ,
  cioname, people, Name of the CIO, contact, , , , cio is yes, hard, , person,
  ways, services, Ways in, many, channel, , , , , , ,
  free, other, Anything else?, text, , , , , , , may_name,
  agreed, end, May we publish?, one, agree, , , , , , ,
"""
PERSONS = ("Amira Dal", "amira.dal@moi.anvilla.example", "Omar Sen", "+999 20 555 0123")


@pytest.fixture(scope="module")
def form(tmp_path_factory) -> ei.Instrument:
    path = tmp_path_factory.mktemp("form") / "harbour.yaml"
    path.write_text(FORM, encoding="utf-8")
    return ei.load_instrument(path)


def written(path, rows) -> object:
    columns = ["unit", "item", "mark", "text", "kind"]
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    return path


@pytest.fixture
def anvilla(tmp_path):
    rows = [
        ("", "who", "", "Anvilla", ""),
        ("", "name", "", "Amira Dal", ""),
        ("", "mail", "", "amira.dal@moi.anvilla.example", ""),
        ("", "role", "", "Director", ""),
        ("", "law", "Yes", "", ""),
        ("", "detail", "", "Law 12 of 2019; ask Amira Dal, +999 20 555 0123", ""),
        ("", "cio", "No", "", ""),
        ("", "cioname", "", "", ""),
        ("", "ways.portal", "Portal", "", ""),
        ("", "free", "", "n/a", ""),
        ("", "agreed", "", "", "refused"),
    ]
    return written(tmp_path / "anvilla.csv", rows)


def states(responses: ei.Responses) -> dict[str, str]:
    return responses.table.set_index("item")["state"].to_dict()


def test_every_item_has_a_row_and_a_state(form, anvilla):
    read = ei.read_responses(anvilla, form, format="tidy")
    assert read.units == ["Anvilla"]
    assert set(read.table["period"]) == {"2031"}
    assert states(read) == {
        "who": "answered",
        "name": "withheld",
        "mail": "withheld",
        "role": "answered",
        "law": "answered",
        "detail": "answered",
        "cio": "answered",
        "cioname": "not_shown",
        "ways.portal": "answered",
        "ways.app": "skipped",
        "free": "not_applicable",
        "agreed": "refused",
    }
    assert set(read.table["state"]) <= set(STATES)
    row = read.table.set_index("item").loc["law"]
    assert (row["mark"], row["evidence"].startswith("Law 12")) == ("yes", True)


def test_no_person_is_left_anywhere(form, anvilla, tmp_path, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    told: list[object] = []
    read = ei.read_responses(anvilla, form, format="tidy", progress=told.append)
    read.without_identifying().to_file(tmp_path / "out.csv")
    shown = [repr(read), read._repr_html_(), str(read.table.to_dict()), str(read.report.to_dict()), str(read.notes)]
    shown += [
        str(read.redactions.to_dict()),
        str(read.wide(text=True).to_dict()),
        caplog.text,
        *capsys.readouterr(),
        str(told),
    ]
    shown += [(tmp_path / "out.csv").read_text(encoding="utf-8")]
    for person in PERSONS:
        assert not [text for text in shown if person in text]
    taken = read.redactions.groupby("rule")["count"].sum().to_dict()
    assert taken == {"field": 2, "phone": 1, "same as a field": 1}
    assert "Director" in str(read.table.to_dict())


def test_a_pseudonym_on_request(form, anvilla):
    signs = ei.Pseudonyms(b"0123456789abcdef")
    read = ei.read_responses(anvilla, form, format="tidy", pseudonyms=signs)
    row = read.table.set_index("item").loc["name"]
    assert (row["answer"], row["state"]) == (signs.of("Amira Dal"), "withheld")


def test_consent_is_read_and_never_inferred(form, anvilla, tmp_path):
    read = ei.read_responses(anvilla, form, format="tidy")
    assert read.consent.to_dict() == {("Anvilla", "2031"): "unknown"}
    with pytest.raises(ei.DataError, match="Anvilla: no recorded consent to publish") as error:
        read.publish(tmp_path / "public.csv")
    assert not (tmp_path / "public.csv").exists()
    assert "Director" not in str(error.value)
    read.without_identifying().publish(tmp_path / "public.csv")
    text = (tmp_path / "public.csv").read_text(encoding="utf-8")
    assert "Director" not in text
    assert "Law 12" not in text
    agreed = anvilla.read_text().replace("agreed,,,refused", "agreed,Yes,,")
    (tmp_path / "agreed.csv").write_text(agreed, encoding="utf-8")
    ei.read_responses(tmp_path / "agreed.csv", form, format="tidy").publish(tmp_path / "whole.csv")
    assert "Director" in (tmp_path / "whole.csv").read_text(encoding="utf-8")


def test_what_was_read_is_read_again(form, anvilla, tmp_path):
    read = ei.read_responses(anvilla, form, format="tidy")
    for name in ("out.csv", "out.xlsx"):
        read.to_file(tmp_path / name)
        back = ei.read_responses(tmp_path / name, form, format="tidy")
        columns = ["unit", "period", "item", "mark", "answer", "state", "evidence"]
        pd.testing.assert_frame_equal(back.table[columns], read.table[columns], check_dtype=False)


def test_a_folder_with_a_bad_file(form, anvilla, tmp_path):
    other = anvilla.read_text().replace("Anvilla", "Bruma")
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "a.csv").write_text(anvilla.read_text(), encoding="utf-8")
    (folder / "b.csv").write_text(other, encoding="utf-8")
    (folder / "c.csv").write_bytes(b"\x00\x01 broken")
    told = []
    read = ei.read_responses(folder, form, format="tidy", progress=told.append)
    assert read.units == ["Anvilla", "Bruma"]
    assert list(read.failed) == ["c.csv"]
    assert "not read: c.csv" in repr(read)
    assert [one.done for one in told][-1] == 3


def test_a_response_given_twice(form, anvilla, tmp_path):
    again = tmp_path / "again.csv"
    again.write_text(anvilla.read_text(), encoding="utf-8")
    with pytest.raises(ei.DataError, match=r"again\.csv: Anvilla 2031 has answered in anvilla\.csv already"):
        ei.read_responses([anvilla, again], form, format="tidy")


def test_an_answer_given_twice(form, tmp_path):
    path = written(tmp_path / "x.csv", [("A", "law", "Yes", "", ""), ("A", "law", "No", "", "")])
    with pytest.raises(ei.DataError, match="law is answered a second time"):
        ei.read_responses(path, form, format="tidy")


def test_nobody_says_who_answers(form, tmp_path):
    path = written(tmp_path / "x.csv", [("", "law", "Yes", "", "")])
    with pytest.raises(ei.DataError, match="item who is blank; give unit="):
        ei.read_responses(path, form, format="tidy")
    assert ei.read_responses(path, form, format="tidy", unit="Anvilla").units == ["Anvilla"]


def test_options_and_items_that_are_not_known_are_told(form, tmp_path):
    rows = [("A", "law", "Perhaps", "", ""), ("A", "cio", "Maybe", "", ""), ("A", "nowhere", "", "text", "")]
    read = ei.read_responses(written(tmp_path / "x.csv", rows), form, format="tidy")
    table = read.table.set_index("item")
    # an item with an open category takes other words as that; another one keeps them as they stand
    assert table.loc["law", ["mark", "answer"]].tolist() == ["other", "Perhaps"]
    assert table.loc["cio", ["mark", "answer"]].tolist() == [None, "Maybe"]
    assert read.report["check"].tolist() == ["unknown_option", "left_over"]
    assert "nowhere" in read.report["message"].iloc[1]


def test_what_is_hidden_and_answered_is_told(form, tmp_path):
    rows = [("A", "cio", "No", "", ""), ("A", "cioname", "", "Omar Sen", "")]
    read = ei.read_responses(written(tmp_path / "x.csv", rows), form, format="tidy")
    assert read.report["check"].tolist() == ["answered_unasked"]
    assert states(read)["cioname"] == "withheld"
    assert "Omar" not in str(read.report.to_dict())


def test_a_router_that_is_not_known_hides_nothing(form, tmp_path):
    read = ei.read_responses(written(tmp_path / "x.csv", [("A", "law", "Yes", "", "")]), form, format="tidy")
    assert states(read)["cioname"] == "skipped"


def test_wide_is_what_an_index_reads(form, anvilla):
    wide = ei.read_responses(anvilla, form, format="tidy").wide()
    row = wide.iloc[0].to_dict()
    assert row["law"] == "yes"
    assert row["detail"] == "given"
    assert row["cioname"] == "not_applicable"
    assert row["agreed"] == "unknown"
    assert row["name"] == "given"
    assert pd.isna(row["ways.app"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"format": "tidi"}, 'no format "tidi"; did you mean "tidy"'),
        ({"format": "tidy", "orientation": "sideways"}, "orientation is one of auto"),
        ({"format": "tidy", "path": "nowhere.csv"}, "no such file"),
    ],
)
def test_bad_calls(form, anvilla, given, said):
    given = {"path": anvilla, **given}
    with pytest.raises(ei.DataError, match=said):
        ei.read_responses(given.pop("path"), form, **given)


def test_an_empty_folder(form, tmp_path):
    with pytest.raises(ei.DataError, match="no file that ends in"):
        ei.read_responses(tmp_path, form, format="tidy")


@pytest.mark.parametrize("whole", [True, False], ids=["every cell in order", "one cell left out"])
def test_a_user_may_write_into_the_table(form, tmp_path, whole):
    """Arrays that pandas hands out are closed to writing; none of them may reach the user."""
    items = [column.name for column in item_columns(form)]
    rows = [("Anvilla", item, "", "a text", "") for item in items][0 if whole else 1 :]
    read = ei.read_responses(written(tmp_path / "a.csv", rows), form, format="tidy")
    for column in read.table.columns:
        read.table.loc[0, column] = "changed"
    assert (read.table.loc[0] == "changed").all()
    assert not (read.table.loc[1] == "changed").any()
