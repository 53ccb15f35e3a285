"""Sheets of a coders' workbook as people see them, and every fault that is told of them when they come back."""

from __future__ import annotations

import sys
from zipfile import ZipFile

import pandas as pd
import pytest

import egovindex as ei
from egovindex.coding.coded import COLUMNS
from egovindex.coding.safebook import safe_grids
from egovindex.coding.workbook import coder_workbook, read_coding
from egovindex.coding.workbookform import headings_of, mark_of, why_reserved
from egovindex.responses.xlsxparts import Limits
from tests.coding.told import faults

openpyxl = pytest.importorskip("openpyxl")

FORM = """\
instrument: survey
answers:
  legal: {in_force: [in force, "Yes, in force"], drafted: [], unknown: []}
  practice: {in_operation: [], none: []}
  channels: {web: [], phone: []}
items:
  q1: {number: "1", label: Is there an act?, coded_as: [practice, legal]}
  q2: {number: "2", label: Is there a decree?, coded_as: legal}
  q3: {label: Who answers?, kind: text}
  q4: {kind: many, answers: channels, coded_as: practice}
"""
ROWS = [
    ("Norland", "2026", "q1", "yes", "Act 5"),
    ("Norland", "2026", "q4.web", None, None),
    ("Norland", "2026", "q3", None, "text"),
    ("Norland", "2026", "q2", None, "-"),
    ("Sudland", "2026", "q4.phone", None, None),
    ("Sudland", "2026", "q2", None, None),
    ("Sudland", "2026", "q1", None, None),
]
ITEMS = pd.DataFrame(ROWS, columns=["unit", "period", "item", "mark", "evidence"], dtype=object)
HEADINGS = ["row", "unit", "period", "item", "number", "label", "declared", "evidence", "legal", "practice"]
HEADINGS += ["confidence", "span", "reason", "mark"]
LETTERS = dict(zip(HEADINGS, "ABCDEFGHIJKLMN", strict=True))


@pytest.fixture
def written(form, tmp_path):
    coder_workbook(ITEMS, form, tmp_path / "written.xlsx", coders=["anna", "ben"])
    return tmp_path / "written.xlsx"


@pytest.fixture
def edited(written, form, tmp_path):
    """What is told of the workbook after a change of it."""

    def of(change):
        book = openpyxl.load_workbook(written)
        change(book)
        book.save(tmp_path / "coding.xlsx")
        return faults(lambda: read_coding(tmp_path / "coding.xlsx", form))

    return of


def values(sheet):
    return [list(line) for line in sheet.iter_rows(values_only=True)]


# --- how it looks
def test_what_the_sheets_hold(written):
    book = openpyxl.load_workbook(written)
    assert book.sheetnames == ["anna", "ben", "codebook", "about"]
    lines = values(book["anna"])
    assert lines[0] == HEADINGS
    assert [line[:8] for line in lines[1:]] == [
        [1, "Norland", "2026", "q1", "1", "Is there an act?", "yes", "Act 5"],
        [2, "Norland", "2026", "q4", None, None, None, None],
        [3, "Norland", "2026", "q2", "2", "Is there a decree?", None, "-"],
        [4, "Sudland", "2026", "q4", None, None, None, None],
        [5, "Sudland", "2026", "q2", "2", "Is there a decree?", None, None],
        [6, "Sudland", "2026", "q1", "1", "Is there an act?", None, None],
    ]
    assert {cell for line in lines[1:] for cell in line[8:13]} == {None}
    assert [line[13] for line in lines[1:]] == [mark_of(str(line[0]), *line[1:4]) for line in lines[1:]]
    assert values(book["ben"]) == lines
    assert values(book["codebook"]) == [
        ["column", "place (1 is best)", "category", "also written"],
        ["legal", 1, "in_force", "in force, Yes, in force"],
        ["legal", 2, "drafted", None],
        ["legal", None, "unknown", "the evidence does not say"],
        ["practice", 1, "in_operation", None],
        ["practice", 2, "none", None],
        ["practice", None, "unknown", "the evidence does not say"],
        ["confidence", 1, "high", None],
        ["confidence", 2, "medium", None],
        ["confidence", 3, "low", None],
    ]
    assert values(book["about"]) == [
        ["what", "value"],
        ["instrument", "survey"],
        ["rows", 6],
        ["axis", "legal"],
        ["axis", "practice"],
    ]


def test_columns_are_as_wide_as_what_they_hold(form, tmp_path):
    coder_workbook(ITEMS.iloc[[0]], form, tmp_path / "a.xlsx", coders="anna")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    wide = {"row": 6, "unit": 16, "period": 9, "item": 9, "number": 8, "label": 36, "declared": 14, "evidence": 60}
    wide |= {"legal": 16, "practice": 16, "confidence": 12, "span": 36, "reason": 36, "mark": 16}
    found = book["anna"].column_dimensions
    assert {heading: found[letter].width for heading, letter in LETTERS.items()} == wide
    assert [book["codebook"].column_dimensions[letter].width for letter in "ABCD"] == [16, 16, 20, 48]


def test_how_the_sheets_are_dressed(written):
    book = openpyxl.load_workbook(written)
    for name in ("anna", "ben"):
        sheet = book[name]
        columns = {heading: sheet.column_dimensions[letter] for heading, letter in LETTERS.items()}
        assert [heading for heading, column in columns.items() if column.hidden] == ["mark"]
        assert sheet.freeze_panes == "E2"
        assert all(cell.font.bold for cell in sheet[1])
        assert not any(cell.font.bold for cell in sheet[2])
        assert {(cell.alignment.vertical, cell.alignment.wrap_text) for cell in sheet[7]} == {("top", True)}
        assert sheet.protection.sheet
        assert not sheet.protection.formatColumns
        assert not sheet.protection.formatRows
        grey = [c.coordinate for line in sheet for c in line if c.fill.fill_type and c.fill.fgColor.rgb == "00EEEEEE"]
        assert grey == ["I3", "J4", "I5", "J6"]
        locked = {cell.coordinate for line in sheet for cell in line if cell.protection.locked}
        unlocked = {f"{letter}{at}" for at in range(2, 8) for letter in "IJKLM"} - set(grey)
        assert {cell.coordinate for line in sheet for cell in line} - locked == unlocked
    for name in ("codebook", "about"):
        assert book[name].protection.sheet
    assert [book[name].sheet_state for name in book.sheetnames] == ["visible"] * 3 + ["hidden"]
    sheet = book["codebook"]
    assert sheet.freeze_panes == "A2"
    assert [cell.font.bold for cell in sheet[1]] == [True] * 4


def test_lists_to_choose_from(written):
    book = openpyxl.load_workbook(written)
    rules = book["ben"].data_validations.dataValidation
    assert [(rule.type, str(rule.sqref), rule.formula1) for rule in rules] == [
        ("list", "I2 I4 I6:I7", "'codebook'!$C$2:$C$4"),
        ("list", "J2:J3 J5 J7", "'codebook'!$C$5:$C$7"),
        ("list", "K2:K7", "'codebook'!$C$8:$C$10"),
    ]
    for rule in rules:
        assert rule.showErrorMessage
        assert rule.errorTitle == "Not in the codebook"
        assert rule.error == "Choose one of the list; the sheet codebook explains it."
    with ZipFile(written) as parts:  # openpyxl 3.1.0 reads this word as false whatever it is
        assert parts.read("xl/worksheets/sheet2.xml").count(b'allowBlank="1"') == 3


def test_only_axes_that_are_used(form, tmp_path):
    coder_workbook(ITEMS.iloc[[3]], form, str(tmp_path / "a.XLSX"), coders="anna")
    book = openpyxl.load_workbook(tmp_path / "a.XLSX")
    assert book.sheetnames == ["anna", "codebook", "about"]
    assert [cell.value for cell in book["anna"][1]][8:10] == ["legal", "confidence"]


def test_two_coders_start_from_blank_cells_by_default(form, tmp_path):
    table = ITEMS.assign(axis="legal", coder="first", category="drafted")
    coder_workbook(table.iloc[:1], form, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames[:2] == ["first", "second"]
    assert book["first"]["I2"].value is None
    assert "others" not in [cell.value for cell in book["first"][1]]


# --- what coders see of a table
CODED = pd.DataFrame(
    [
        ("q1", "legal", "declared", "yes", None, "Act 5", None),
        ("q1", "legal", "anna", "drafted", "high", "Act", None),
        ("q1", "practice", "anna", "none", "low", "of May", "a reason"),
        ("q1", "practice", "ben", "in_operation", None, None, None),
        ("q1", "legal", "ben", "in_force", None, None, None),
        ("q1", "legal", "zoe", None, None, None, None),
        ("q2", "legal", "ben", "drafted", None, None, "b"),
        ("q2", "practice", "zoe", "none", None, None, None),  # on an axis that q2 does not have
    ],
    columns=["item", "axis", "coder", "category", "confidence", "span", "reason"],
    dtype=object,
).assign(unit=" Norland", period=2026)


def test_codes_of_the_coder_and_of_others(form, tmp_path):
    coder_workbook(CODED, form, tmp_path / "a.xlsx", coders=["anna", "ben"], blind=False)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [cell.value for cell in book["anna"][1]] == [*HEADINGS[:-1], "others", "mark"]
    for letter, width in (("N", 40), ("O", 16)):
        assert book["anna"].column_dimensions[letter].width == width
    assert book["anna"].column_dimensions["O"].hidden
    first = [1, "Norland", "2026", "q1", "1", "Is there an act?", "yes", "Act 5", "drafted", "none", "high", "Act"]
    second = [2, "Norland", "2026", "q2", "2", "Is there a decree?", *[None] * 6]
    assert [line[:14] for line in values(book["anna"])[1:]] == [
        [*first, "a reason", "ben: practice in_operation; ben: legal in_force"],
        [*second, None, "ben: legal drafted"],
    ]
    assert [line[8:14] for line in values(book["ben"])[1:]] == [
        ["in_force", "in_operation", None, None, None, "anna: practice none; anna: legal drafted"],
        ["drafted", None, None, None, "b", None],
    ]


def test_sheets_of_a_table_without_codes_are_blank(form, tmp_path):
    coder_workbook(ITEMS, form, tmp_path / "a.xlsx", coders=["anna"], blind=False)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["anna"]
    assert [cell.value for cell in sheet[1]] == HEADINGS
    assert values(sheet)[1][8:13] == [None] * 5
    partial = ITEMS.assign(axis="legal", coder="anna")  # no category
    coder_workbook(partial, form, tmp_path / "a.xlsx", coders=["anna"], blind=False, overwrite=True)
    assert [cell.value for cell in openpyxl.load_workbook(tmp_path / "a.xlsx")["anna"][1]] == HEADINGS


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        ({"declared": "yes", "mark": "no", "evidence": "e", "answer": "a"}, ["yes", "e"]),
        ({"declared": " ", "mark": "no", "evidence": None, "answer": "a"}, ["no", "a"]),
        ({"declared": float("nan"), "mark": 5, "evidence": pd.NaT, "answer": [1]}, ["5", "[1]"]),
        ({"coder": "declared", "category": "yes", "span": "s"}, ["yes", "s"]),
        ({"coder": "declared", "category": "yes", "span": "s", "mark": "no", "answer": "a"}, ["no", "a"]),
        ({"coder": "anna", "category": "yes", "span": "s"}, [None, None]),
        ({}, [None, None]),
    ],
)
def test_what_the_respondent_said(form, tmp_path, row, seen):
    coder_workbook(pd.DataFrame([{"unit": "Norland", "item": "q1", **row}]), form, tmp_path / "a.xlsx")
    assert values(openpyxl.load_workbook(tmp_path / "a.xlsx")["first"])[1][6:8] == seen


def test_rows_of_one_item_are_one_line(form, tmp_path):
    rows = [
        {"unit": "Norland", "item": "q1", "mark": "yes", "answer": "a"},
        {"unit": "Norland", "item": "q1", "mark": None, "answer": None},
        {"unit": "Norland", "item": "q1", "mark": None, "answer": "b"},
    ]
    coder_workbook(pd.DataFrame(rows), form, tmp_path / "a.xlsx")
    lines = values(openpyxl.load_workbook(tmp_path / "a.xlsx")["first"])
    assert [line[:8] for line in lines[1:]] == [[1, "Norland", None, "q1", "1", "Is there an act?", "yes", "b"]]


# --- what is not written
@pytest.mark.parametrize(
    ("coders", "message"),
    [
        ([], "coders is empty; name at least one"),
        ([5], "a coder is a name of 1 to 31 letters, found 5"),
        ([" "], "a coder is a name of 1 to 31 letters, found ' '"),
        (["anna "], "a coder is a name of 1 to 31 letters, found 'anna '"),
        (["x" * 32], f"a coder is a name of 1 to 31 letters, found '{'x' * 32}'"),
        (["a?"], '"a?" cannot be the name of a sheet; take another without \' * / : ? [ \\ ]'),
        (["History"], '"History" cannot be the name of a sheet; take another without \' * / : ? [ \\ ]'),
        (["About"], '"About" cannot be the name of a sheet; take another without \' * / : ? [ \\ ]'),
        (["Codebook"], '"Codebook" cannot be the name of a sheet; take another without \' * / : ? [ \\ ]'),
        (["Rules"], 'no coder can be called "Rules": it is the coder that reads by rules; take another name'),
        (["declared"], 'no coder can be called "declared": it is the respondent\'s own mark; take another name'),
    ],
)
def test_names_that_no_coder_has(form, tmp_path, coders, message):
    assert faults(lambda: coder_workbook(ITEMS, form, tmp_path / "a.xlsx", coders=coders), ei.MethodError) == [
        ("bad_coder", message)
    ]


def test_a_name_that_is_there_twice(form, tmp_path):
    names = ["Ann", "ben", "ANN"]
    told = faults(lambda: coder_workbook(ITEMS, form, tmp_path / "a.xlsx", coders=names), ei.MethodError)
    assert told == [("bad_coder", f'"{name}" is there twice; a coder has one sheet') for name in ("Ann", "ANN")]


@pytest.mark.parametrize("sign", "[]:*?/\\'")
def test_signs_that_no_sheet_has(form, tmp_path, sign):
    told = faults(lambda: coder_workbook(ITEMS, form, tmp_path / "a.xlsx", coders=[f"a{sign}b"]), ei.MethodError)
    assert "cannot be the name of a sheet" in told[0][1]


def test_a_name_as_long_as_a_sheet_may_have(form, tmp_path):
    coder_workbook(ITEMS, form, tmp_path / "a.xlsx", coders=["x" * 31])
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames[0] == "x" * 31


def test_tables_that_are_not_written(form, tmp_path):
    def told(table, name="a.xlsx", **options):
        return faults(lambda: coder_workbook(table, form, tmp_path / name, **options))

    assert told(ITEMS.drop(columns=["unit", "item"])) == [
        ("missing_column", "the table has no column unit, item; columns: period, mark, evidence")
    ]
    assert told(pd.DataFrame()) == [("missing_column", "the table has no column unit, item; columns: none")]
    wrong = ITEMS.assign(item=["q1", "q11", "q11", "zzz", "q2", "q2", "q2"])
    assert told(wrong) == [
        ("unknown_item", 'survey has no item "q11"; did you mean "q1"?'),
        ("unknown_item", 'survey has no item "zzz"'),
    ]
    assert told(ITEMS, "a.csv") == [("unknown_kind", "a workbook ends in .xlsx")]
    assert told(ITEMS, "none/a.xlsx") == [("unwritable_file", "cannot be written: No such file or directory")]
    assert told(5)[0][0] == "not_a_table"
    (tmp_path / "b.xlsx").write_bytes(b"mine")
    assert told(ITEMS, "b.xlsx") == [("target_exists", "the file exists; overwrite=True replaces it")]
    assert (tmp_path / "b.xlsx").read_bytes() == b"mine"
    nothing = ITEMS[ITEMS["item"] == "q3"]
    assert faults(lambda: coder_workbook(nothing, form, tmp_path / "a.xlsx"), ei.MethodError) == [
        ("nothing_to_code", "no item of the table is coded: the instrument survey gives none of them coded_as")
    ]


@pytest.mark.parametrize("name", ["unit", "period", "mark", "evidence"])
def test_text_that_no_cell_holds(form, tmp_path, name):
    seen = {"mark": "declared"}.get(name, name)
    end = "has a control character or more than 32767 characters; a workbook cannot hold it"
    for text in ("x" * 32_768, "a\x01"):
        with pytest.raises(ei.DataError) as caught:
            coder_workbook(ITEMS.iloc[:2].assign(**{name: [text, "b"]}), form, tmp_path / "a.xlsx")
        (fault,) = caught.value.faults
        (unit,) = fault.units
        assert unit == (text if name == "unit" else "Norland")
        assert fault.check == "illegal_text"
        assert fault.message.endswith(f"{unit[-3:]}, q1: {seen} {end}")
    coder_workbook(ITEMS.iloc[:1].assign(**{name: "x" * 32_767}), form, tmp_path / "b.xlsx")
    assert (tmp_path / "b.xlsx").exists()


def test_without_the_library_for_workbooks(form, written, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    message = 'workbooks need the extra "excel": pip install "egovindex[excel]"'
    assert faults(lambda: coder_workbook(ITEMS, form, tmp_path / "a.xlsx")) == [("extra_missing", message)]
    assert faults(lambda: read_coding(written, form)) == [("extra_missing", message)]


# --- read back
def code(book, *cells):
    for sheet, place, value in cells:
        book[sheet][place] = value


def test_a_workbook_as_it_comes_back(written, form, tmp_path):
    book = openpyxl.load_workbook(written)
    code(book, ("anna", "I2", " drafted "), ("anna", "J2", "none"), ("anna", "K2", "low"), ("anna", "L2", " as it is "))
    code(book, ("ben", "J3", "unknown"), ("ben", "M3", 5), ("ben", "J5", "in_operation"))
    book.save(tmp_path / "a.xlsx")
    found = read_coding(str(tmp_path / "a.xlsx"), form)
    assert list(found) == list(COLUMNS)
    assert found["coder"].tolist() == ["anna"] * 8 + ["ben"] * 8
    assert found.iloc[:8][["unit", "period", "item", "axis"]].to_numpy().tolist() == [
        ["Norland", "2026", "q1", "practice"],
        ["Norland", "2026", "q1", "legal"],
        ["Norland", "2026", "q4", "practice"],
        ["Norland", "2026", "q2", "legal"],
        ["Sudland", "2026", "q4", "practice"],
        ["Sudland", "2026", "q2", "legal"],
        ["Sudland", "2026", "q1", "practice"],
        ["Sudland", "2026", "q1", "legal"],
    ]
    coded = found[found["category"].notna()]
    assert coded.drop(columns=["unit", "period"]).to_numpy().tolist() == [
        ["q1", "practice", "anna", "none", "low", " as it is ", None, None, None],
        ["q1", "legal", "anna", "drafted", "low", " as it is ", None, None, None],
        ["q4", "practice", "ben", "unknown", None, None, "5", None, None],
        ["q4", "practice", "ben", "in_operation", None, None, None, None, None],
    ]


def test_an_axis_that_is_not_in_the_workbook_is_passed_over(form, tmp_path):
    coder_workbook(ITEMS.iloc[[3]], form, tmp_path / "a.xlsx", coders="anna")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book["anna"]["I2"] = "in_force"
    book.save(tmp_path / "a.xlsx")
    assert read_coding(tmp_path / "a.xlsx", form)[["item", "axis"]].to_numpy().tolist() == [["q2", "legal"]]


CHANGED = "row, unit, period and item are not as they were written: something was moved or changed; "
CHANGED += "take them from a new workbook"
CHOOSE = "and no category; choose one (unknown is one), or clear the rest"
WRONG = [
    (
        {"I2": "drafed"},
        "unknown_category",
        'I2: "drafed" is no category of legal; did you mean "drafted"? (allowed: in_force, drafted, unknown)',
    ),
    ({"I3": "drafted"}, "axis_not_coded", 'I3: "drafted", but q4 is not coded on legal; leave it blank'),
    (
        {"J2": "none", "K2": "hgh"},
        "unknown_confidence",
        'K2: "hgh" is no confidence; did you mean "high"? (allowed: high, medium, low)',
    ),
    ({"J2": "=A1"}, "formula", "J2: a formula; write what it gives"),
    ({"K4": "high", "L4": "s"}, "no_category", f"K4: q2 of Norland has confidence, span, {CHOOSE}"),
    ({"M7": "r", "J7": " "}, "no_category", f"M7: q1 of Sudland has reason, {CHOOSE}"),
    ({"B3": "Sudland"}, "moved_row", f"A3: {CHANGED}"),
    ({"N3": None}, "moved_row", f"A3: {CHANGED}"),
    ({"D3": None, "J3": "none"}, "moved_row", f"A3: {CHANGED}"),
]


@pytest.mark.parametrize(("cells", "check", "message"), WRONG)
def test_what_is_told_of_cells(edited, cells, check, message):
    found = edited(lambda book: code(book, *(("anna", place, value) for place, value in cells.items())))
    assert found == [(check, f"sheet anna, cell {message}")]


def test_what_is_told_of_a_row_with_another_number_or_item(edited):
    assert edited(lambda book: code(book, ("anna", "A3", 9), ("anna", "D4", "q22"))) == [
        ("moved_row", f"sheet anna, cell A3: {CHANGED}"),
        ("moved_row", f"sheet anna, cell A4: {CHANGED}"),
        ("unknown_item", 'sheet anna, cell D4: survey has no item "q22"; did you mean "q2"?'),
        (
            "missing_row",
            "sheet anna, cell A1: rows 2 are not there any more; put them back, blank if they are not coded",
        ),
    ]


def test_rows_that_are_gone(edited):
    def change(book):
        book["ben"].delete_rows(6, 2)
        book["ben"].delete_rows(3)

    assert edited(change) == [
        (
            "missing_row",
            ("sheet ben, cell A1: rows 2, 5, 6 are not there any more; put them back, blank if they are not coded"),
        )
    ]


def test_rows_in_another_order(edited):
    def change(book):
        lines = values(book["ben"])[1:]
        for at, line in enumerate([lines[3], lines[0], lines[4], lines[4], lines[1], lines[2], lines[5]], start=2):
            for place, value in enumerate(line, start=1):
                book["ben"].cell(at, place).value = value

    end = "sort the whole sheet by the column row"
    assert edited(change) == [
        ("moved_row", f"sheet ben, cell A3: row 1 was moved behind row 4; {end}"),
        ("doubled_row", "sheet ben, cell A5: row 5 stands in line 4 too; keep one"),
        ("moved_row", f"sheet ben, cell A6: row 2 was moved behind row 5; {end}"),
        ("moved_row", f"sheet ben, cell A7: row 3 was moved behind row 5; {end}"),
    ]


def test_columns_in_another_order_and_blank_rows(written, form, tmp_path):
    book = openpyxl.load_workbook(written)
    sheet = book["anna"]
    for line in sheet.iter_rows(min_row=1, max_row=7):
        line[9].value, line[10].value = line[10].value, line[9].value  # practice and confidence
        line[14 - 1].value, sheet.cell(line[0].row, 16).value = None, line[13].value
    sheet["K2"], sheet["A20"], sheet["B21"] = "none", " ", "\n"
    book.save(tmp_path / "a.xlsx")
    found = read_coding(tmp_path / "a.xlsx", form)
    assert found.loc[found["category"].notna(), ["item", "axis", "category"]].to_numpy().tolist() == [
        ["q1", "practice", "none"]
    ]
    sheet["K3"] = "nne"
    book.save(tmp_path / "a.xlsx")
    assert faults(lambda: read_coding(tmp_path / "a.xlsx", form))[0][1].startswith("sheet anna, cell K3:")


def test_what_is_told_of_sheets(edited):
    def change(book):
        code(book, ("anna", "A1", "rw"), ("anna", "I1", "law"), ("ben", "O1", "legal"), ("ben", "P1", "item"))
        book.create_sheet("declared")

    why = "it is the respondent's own mark; give the sheet the name of who coded"
    end = "a coder's sheet has all, so put them back, or take the sheet out if it is no coder's"
    assert edited(change) == [
        ("bad_coder", f'no coder can be called "declared": {why}'),
        ("missing_heading", f"sheet anna, row 1: no heading row, legal; {end}"),
        ("doubled_heading", "sheet ben, row 1: heading item, legal stands more than once; keep one"),
        ("missing_heading", f"sheet declared, row 1: no heading {', '.join(HEADINGS[:8])} and 6 more; {end}"),
    ]


def test_what_is_told_of_the_hidden_sheet(edited):
    ends = "take a new workbook"
    assert edited(lambda book: book.remove(book["about"])) == [
        ("no_coder_workbook", 'no workbook of coder_workbook: the hidden sheet "about" is not there')
    ]
    assert edited(lambda book: code(book, ("about", "B2", "other"))) == [
        ("other_instrument", "the workbook is of the instrument other, not of survey")
    ]
    assert edited(lambda book: code(book, ("about", "A2", None))) == [
        ("other_instrument", "the workbook is of the instrument None, not of survey")
    ]
    for place, value in (("A3", "rws"), ("B3", None), ("B3", "six"), ("B3", "-6")):
        assert edited(lambda book, place=place, value=value: code(book, ("about", place, value))) == [
            ("no_coder_workbook", f'the hidden sheet "about" does not say how many rows there are; {ends}')
        ]
    assert edited(lambda book: code(book, ("about", "A6", "axis"), ("about", "B6", "lawful")))[0] == (
        "unknown_axis",
        f'the workbook codes on "lawful", which is no scale of survey; {ends}',
    )


def test_nothing_coded(edited):
    message = "nothing is coded: every category is blank; choose from the lists, save, and read it again"
    assert edited(lambda book: None) == [("nothing_coded", message)]

    def emptied(book):
        book["about"]["B3"] = 0
        for name in ("anna", "ben"):
            book[name].delete_rows(2, 6)

    assert edited(emptied) == [("nothing_coded", message)]


def test_what_a_spreadsheet_adds_to_lists_is_passed_over(written, form, tmp_path):
    """openpyxl warns of it: "Data Validation extension is not supported"."""
    book = openpyxl.load_workbook(written)
    book["anna"]["I2"] = "drafted"
    book.save(written)
    added = b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
    with ZipFile(written) as old, ZipFile(tmp_path / "a.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"</worksheet>", added))
    assert read_coding(tmp_path / "a.xlsx", form)["category"].dropna().tolist() == ["drafted"]


# --- the cells of a workbook
def test_cells_as_they_are(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "one"
    code(book, ("one", "B2", 5), ("one", "C4", "=1+1"), ("one", "D4", "'=x"))
    book.create_sheet("two")
    book.save(tmp_path / "a.xlsx")
    grids = safe_grids(tmp_path / "a.xlsx")
    assert list(grids) == ["one", "two"]
    assert grids["two"] == {}
    found = {(at, column): (c.text, c.is_formula) for at, line in grids["one"].items() for column, c in line.items()}
    assert found == {(2, 2): ("5", False), (4, 3): ("=1+1", True), (4, 4): ("'=x", False)}


@pytest.mark.parametrize(("cells", "fits"), [(20, True), (19, False)])
def test_how_large_the_sheets_may_be(tmp_path, cells, fits):
    book = openpyxl.Workbook()
    for title, size in (("one", 3), ("two", 2)):
        sheet = book.create_sheet(title)
        for at in range(1, size + 1):
            for column in range(1, 4):
                sheet.cell(at, column).value = at
    book.remove(book.active)
    book.save(tmp_path / "a.xlsx")
    limits = Limits(cells=cells)  # 3 x 3 + 2 x 3 cells, and one for each of 5 rows
    if fits:
        assert [len(grid) for grid in safe_grids(tmp_path / "a.xlsx", limits).values()] == [3, 2]
    else:
        message = f"its sheets are more than {cells} cells large; delete the blank rows below the last"
        assert faults(lambda: safe_grids(tmp_path / "a.xlsx", limits)) == [("too_many_cells", message)]


# --- the form
def test_headings_and_marks():
    assert headings_of(["legal", "practice"]) == HEADINGS
    assert headings_of([], others=True) == [*HEADINGS[:8], "confidence", "span", "reason", "others", "mark"]
    assert mark_of("1", "Norland", None, "q1") == mark_of("1", "Norland", "", "q1")
    marks = {mark_of("1", "a", "b", "c"), mark_of("1", "a", "", "bc"), mark_of("1", "ab", "", "c"), mark_of("2", "a")}
    assert len(marks) == 4
    assert {len(mark) for mark in marks} == {12}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("adjudicated", "it is the layer of what is settled"),
        (" Declared ", "it is the respondent's own mark"),
        ("RULES", "it is the coder that reads by rules"),
        ("anna", None),
    ],
)
def test_why_a_name_is_reserved(name, why):
    assert why_reserved(name) == why
