"""The library's own table of answers: what is written is read again, whatever stands in it."""

from __future__ import annotations

import csv
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from egovindex.instrument import Instrument, load_instrument
from egovindex.responses import tidy
from egovindex.responses.answercolumns import answer_columns
from egovindex.responses.detect import detect
from egovindex.responses.draft import COLUMNS
from egovindex.responses.formats import Options
from egovindex.responses.states import NOTHING
from egovindex.responses.tidy import write_tidy
from egovindex.responses.tidytext import from_cell, to_cell
from egovindex.spec.questions import InstrumentFile
from tests.responses.tables_of_forms import instrument, refused, rows_of, workbook

HARD = [
    *("NO", "NA", "null", "nan", "1e5", "007", "a,b", 'say "x"', "one\ntwo", "one\r\ntwo", "\rx", "مرحبا", "🏛️"),
    *("=1+1", "+1", "-x", "@me", "'", "''", "'=1", "'s Land", "\tx", "\nx", " x ", "TRUE", "_x000D_", "_x005F_"),
    *("_xD83D_", "5.0", "#N/A", "", "#DIV/0!", "{=1}", "\x7f", "\u00a0", "\ufeff", "e\u0301"),
]
# XLSX holds no control characters; the same texts are tried with CSV
LETTERS = st.characters(
    blacklist_categories=["Cs"],
    blacklist_characters="".join(chr(n) for n in range(32) if n not in {9, 10, 13}) + "\ufffe\uffff",
)
TEXT = st.sampled_from(HARD) | st.text(LETTERS, max_size=8) | st.text("'=+-@\t\r\n\",;_x0D5F", max_size=8)


@st.composite
def instruments(draw) -> Instrument:
    scale = {"yes": ("Yes",), "no": ()}
    names = draw(st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), min_size=1, max_size=5, unique=True))
    items = {}
    for name in names:
        kind = draw(st.sampled_from(["one", "many", "number", "date", "text", "link", "contact", None]))
        items[name] = {"kind": kind, "answers": "s" if kind in {"one", "many"} else None}
    return Instrument(InstrumentFile.model_validate({"instrument": "any", "answers": {"s": scale}, "items": items}))


@st.composite
def answers(draw) -> tuple[Instrument, pd.DataFrame]:
    form = draw(instruments())
    words = st.none() | TEXT
    cells = dict.fromkeys(COLUMNS, words) | {
        "item": st.sampled_from(sorted(answer_columns(form))),
        "kind": st.none() | st.sampled_from(sorted(NOTHING)),
        "confidence": st.sampled_from(["high", "medium", "low"]),
    }
    rows = draw(st.lists(st.fixed_dictionaries(cells), max_size=6))
    return form, pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert list(one.columns) == list(other.columns)
    assert one.to_numpy(dtype=object).tolist() == other.to_numpy(dtype=object).tolist()


def round_trip(form, table, path):
    write_tidy(table, path, overwrite=True)
    draft = tidy.read(path, form, Options())
    assert draft.left == ()
    return draft.table


@given(answers())
def test_any_table_survives_csv(tmp_path_factory, given_):
    form, table = given_
    same(round_trip(form, table, tmp_path_factory.getbasetemp() / "any.csv"), table)


@pytest.mark.slow
@settings(max_examples=60)
@given(answers())
def test_any_table_survives_a_workbook(tmp_path_factory, given_):
    form, table = given_
    same(round_trip(form, table, tmp_path_factory.getbasetemp() / "any.xlsx"), table)


@given(st.text())
def test_a_cell_stands_for_one_text(text):
    cell = to_cell(text)
    assert from_cell(cell) == text
    assert cell
    assert cell[0] not in "=+-@\t\r\n"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_hard_text_in_every_column(tmp_path, kind):
    form = instrument(tmp_path)
    table = pd.DataFrame(dict.fromkeys(COLUMNS, HARD), dtype=object)
    table = table.assign(item="q4", kind=None, confidence="low").astype(object)
    same(round_trip(form, table, tmp_path / f"a.{kind}"), table)


def test_a_spreadsheet_sees_no_formula(tmp_path):
    form = instrument(tmp_path)
    table = pd.DataFrame({"item": ["q4"] * 3, "text": ["=1+1", "-2", "'x"]}, dtype=object)
    round_trip(form, table, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        assert [row[1] for row in csv.reader(file)] == ["text", "'=1+1", "'-2", "''x"]
    write_tidy(table, tmp_path / "a.xlsx")
    cells = [row[1] for row in load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * 3


def test_no_mark_and_nothing_stay_apart(tmp_path):
    form = instrument(tmp_path)
    table = pd.DataFrame({"item": ["q3", "q6"], "mark": ["", None], "text": [None, ""]}, dtype=object)
    draft = round_trip(form, table, tmp_path / "a.csv")
    assert draft["mark"].tolist() == ["", None]
    assert draft["text"].tolist() == [None, ""]
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "item,mark,text\nq3,',\nq6,,'\n"


# --- tables that others wrote
def read(tmp_path, text, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return tidy.read(path, instrument(tmp_path), Options())


def test_a_table_written_by_hand(tmp_path):
    draft = read(tmp_path, "item;unit;mark;text\r\nq3;NO;Yes;\r\n\r\nq4;NO;;'s Gravenhage\r\n")
    assert rows_of(draft, "unit", "item", "mark", "text", "place", "confidence") == [
        ("NO", "q3", "Yes", None, "line 2", "high"),
        ("NO", "q4", None, "'s Gravenhage", "line 4", "high"),
    ]
    assert list(draft.table.columns) == list(COLUMNS)


def test_a_workbook_written_by_hand(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("S", [["unit", "item", "text"], ["A", "q8", 5]]))
    draft = tidy.read(path, instrument(tmp_path), Options())
    assert rows_of(draft, "unit", "item", "text", "place") == [("A", "q8", "5", "row 2")]


def test_what_is_not_used_is_told(tmp_path):
    draft = read(tmp_path, "unit,item,mark,colour,\nA,q3,Yes,red,x\nA,q33,No,,\nB,q33,No,,\nB,q5,App,,\n")
    assert rows_of(draft, "item") == [("q3",)]
    told = {left.place: left.why for left in draft.left}
    assert list(told) == ["column D", "column E", "lines 3, 4", "line 5"]
    assert 'did you mean "q3"' in told["lines 3, 4"]
    assert "red" not in str(draft.left)


@pytest.mark.parametrize(
    ("text", "check", "word"),
    [
        ("unit,itm,mark\nA,q3,x\n", "missing_column", 'did you mean "itm"'),
        ("unit,item\nA,q3\n", "missing_column", "mark, text, kind"),
        ("unit,item,mark,mark\nA,q3,x,y\n", "heading_twice", "mark"),
        ("unit,item,kind\nA,q3,skiped\n", "unknown_kind", 'line 2: kind "skiped" is not known; did you mean "skipped"'),
        ("item,mark,confidence\nq3,x,High\n", "unknown_confidence", 'did you mean "high"'),
        ("item,mark\nq3,x\n,y\n", "no_item", "line 3"),
        ("item,mark\nq3\n", "cells_missing", "line 2"),
    ],
)
def test_bad_tables(tmp_path, text, check, word):
    assert word in str(refused(check, read, tmp_path, text))


def test_what_slipped_into_another_column_is_not_repeated(tmp_path):
    draft = read(tmp_path, "unit,item,mark\nA,Ilse Quellmann,x\nA,q3,y\n")
    assert [left.place for left in draft.left] == ["line 2"]
    assert "uellmann" not in str(draft.left)
    assert "uellmann" not in str(refused("unknown_kind", read, tmp_path, "item,kind\nq3,Ilse Quellmann\n"))


def test_another_ending(tmp_path):
    refused("unknown_kind", read, tmp_path, "item,mark\n", name="a.txt")


# --- what cannot be written
def table_with(text) -> pd.DataFrame:
    return pd.DataFrame({"item": ["q4", "q4"], "text": ["fine", text]}, dtype=object)


@pytest.mark.parametrize(
    ("text", "kind", "check", "word"),
    [
        (
            "a\x01b",
            "xlsx",
            "control_character",
            "text: 1 cells have a character that the file cannot hold: row 3 (0x01)",
        ),
        ("a\x00b", "csv", "control_character", "row 3 (0x00)"),
        ("\ud800", "csv", "control_character", "row 3 (0xd800)"),
        ("\uffff", "xlsx", "control_character", "row 3"),
        ("x" * 32_768, "xlsx", "text_too_long", "32,767 (rows 3); write CSV"),
        ("🏛" * 16_384, "xlsx", "text_too_long", "rows 3"),
        (5, "csv", "not_text", "rows 3"),
        ("x", "ods", "unknown_kind", ".csv or .xlsx"),
    ],
)
def test_what_a_file_cannot_hold(tmp_path, text, kind, check, word):
    assert word in str(refused(check, write_tidy, table_with(text), tmp_path / f"a.{kind}"))
    assert list(tmp_path.iterdir()) == []


def test_a_control_character_survives_csv(tmp_path):
    table = table_with("a\x01\x0b\x1fb")
    assert round_trip(instrument(tmp_path), table, tmp_path / "a.csv")["text"].tolist() == ["fine", "a\x01\x0b\x1fb"]


def test_other_columns_and_other_files(tmp_path):
    refused("unknown_column", write_tidy, table_with("x").assign(colour="red"), tmp_path / "a.csv")
    refused("missing_column", write_tidy, table_with("x")[["text"]], tmp_path / "a.csv")
    write_tidy(table_with("x"), tmp_path / "a.csv")
    refused("file_exists", write_tidy, table_with("y"), tmp_path / "a.csv")
    assert "x" in (tmp_path / "a.csv").read_text(encoding="utf-8")
    refused("unwritable_file", write_tidy, table_with("y"), tmp_path / "none" / "a.csv")


def test_gaps_of_pandas_are_nothing(tmp_path):
    table = pd.DataFrame({"item": ["q4", "q4"], "text": ["x", np.nan], "mark": pd.array([None, "y"], dtype="string")})
    assert round_trip(instrument(tmp_path), table, tmp_path / "a.csv")["text"].tolist() == ["x", None]


def test_detection_is_a_suggestion(tmp_path):
    write_tidy(table_with("x"), tmp_path / "a.csv")
    assert detect(tmp_path / "a.csv") == ["tidy: it has the columns item, and mark or text"]


# --- a million answers
@pytest.mark.slow
def test_ten_thousand_respondents(tmp_path):
    form = load_instrument("un-msq-2022")
    items = list(form.file.items)
    count = 10_000 * len(items)
    table = pd.DataFrame(
        {
            "unit": np.repeat([f"U{n}" for n in range(10_000)], len(items)),
            "item": items * 10_000,
            "mark": np.resize(np.array(["Yes", "", "No", None], dtype=object), count),
            "text": np.resize(np.array([None, 'some, "words"'], dtype=object), count),
        },
        dtype=object,
    )
    write_tidy(table, tmp_path / "a.csv")
    alone = min(_seconds(pd.read_csv, tmp_path / "a.csv", dtype=str, keep_default_na=False) for _ in range(3))
    ours = min(_seconds(tidy.read, tmp_path / "a.csv", form, Options()) for _ in range(3))
    assert len(tidy.read(tmp_path / "a.csv", form, Options()).table) == count
    assert ours < 5 * alone + 1  # about 1.6 times on a quiet machine


def _seconds(call, *arguments, **named) -> float:
    begin = time.process_time()
    call(*arguments, **named)
    return time.process_time() - begin


def test_reading_csv_needs_no_extra():
    code = (
        "import sys; import egovindex.responses.tidy, egovindex.responses.msforms, egovindex.responses.gforms;"
        "assert not {'openpyxl', 'python_calamine'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
