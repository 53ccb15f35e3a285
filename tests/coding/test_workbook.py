"""Workbooks for coders, there and back: nothing is lost, and everything that went wrong is told with its cell."""

from __future__ import annotations

import hashlib
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
import pytest

import egovindex as ei
from egovindex.coding.agreement import agreement
from egovindex.coding.coded import COLUMNS
from egovindex.coding.safebook import safe_grids
from egovindex.coding.settling import reconcile
from egovindex.coding.workbook import coder_workbook, read_coding
from egovindex.errors import DataError, MethodError
from egovindex.responses.xlsxparts import Limits

openpyxl = pytest.importorskip("openpyxl")

FORM = """\
instrument: survey
answers:
  legal: {in_force: [in force], adopted: [], drafted: [], none: []}
  practice: {in_operation: [], none: []}
items:
  q1: {number: "1", label: "=Is there an act?", coded_as: [legal, practice]}
  q2: {number: "2", label: Is there a decree?, coded_as: legal}
  q3: {number: "3", label: Who answers?, kind: text}
  q4: {number: "4", label: Is there a portal?, coded_as: practice}
"""
ITEMS = pd.DataFrame(
    [
        ("Norland", "2026", "q1", "yes", "=HYPERLINK('x')"),
        ("Norland", "2026", "q2", "no", "-"),
        ("Norland", "2026", "q3", None, "Ada Example"),
        ("Norland", "2026", "q4", None, None),
        ("Sudland", None, "q1", "yes", "Act 5\nof May"),
    ],
    columns=["unit", "period", "item", "mark", "evidence"],
    dtype=object,
)
IDS = ["row", "unit", "period", "item", "number", "label", "declared", "evidence"]
LETTERS = dict(zip([*IDS, "legal", "practice", "confidence", "span", "reason", "mark"], "ABCDEFGHIJKLMN", strict=True))


@pytest.fixture
def path(form, tmp_path):
    coder_workbook(ITEMS, form, tmp_path / "coding.xlsx")
    return tmp_path / "coding.xlsx"


def edited(path, **cells):
    """Cells of a sheet by heading and line: first_legal_2="adopted"."""
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        sheet, heading, line = place.split("_")
        book[sheet][f"{LETTERS[heading]}{line}"] = value
    book.save(path)
    return path


def put(cell, value):
    """Copied text is no formula, in a spreadsheet as here."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


def swap(sheet, letters):
    """Cells of the first two rows change places."""
    for letter in letters:
        one, other = sheet[f"{letter}2"].value, sheet[f"{letter}3"].value
        put(sheet[f"{letter}2"], other)
        put(sheet[f"{letter}3"], one)


def faults(path, form):
    with pytest.raises(DataError) as caught:
        read_coding(path, form)
    return [(fault.check, fault.message) for fault in caught.value.faults]


# --- how it looks
def test_sheets_and_headings(path):
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["first", "second", "codebook", "about"]
    assert [cell.value for cell in book["first"][1]] == list(LETTERS)
    assert book["first"].max_row == 5  # q3 is coded by nobody
    assert [cell.value for cell in book["second"][2]][:8] == [
        1,
        "Norland",
        "2026",
        "q1",
        "1",
        "=Is there an act?",
        "yes",
        "=HYPERLINK('x')",
    ]
    assert book["about"].sheet_state == "hidden"


def test_text_is_text_whatever_it_begins_with(path):
    sheet = openpyxl.load_workbook(path)["first"]
    for place in ("F2", "H2", "H3"):
        assert sheet[place].data_type == "s"
        assert sheet[place].quotePrefix


def test_only_what_is_to_be_coded_is_open(path):
    sheet = openpyxl.load_workbook(path)["first"]
    assert sheet.protection.sheet
    open_cells = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    coded = {"I2", "J2", "I3", "J4", "I5", "J5"}
    assert open_cells == coded | {f"{letter}{at}" for letter in "KLM" for at in range(2, 6)}
    assert sheet["J3"].fill.fgColor.rgb == "00EEEEEE"
    assert sheet.column_dimensions["N"].hidden
    assert sheet.freeze_panes == "E2"
    assert sheet.column_dimensions["H"].width == 60


def test_lists_to_choose_from(path):
    book = openpyxl.load_workbook(path)
    chosen = {}
    for rule in book["first"].data_validations.dataValidation:
        place = rule.formula1.removeprefix("'codebook'!").replace("$", "")
        words = [cell.value for (cell,) in book["codebook"][place]]
        chosen[str(rule.sqref)] = (words, rule.type, rule.allow_blank)
    assert chosen == {
        "I2:I3 I5": (["in_force", "adopted", "drafted", "none", "unknown"], "list", True),
        "J2 J4:J5": (["in_operation", "none", "unknown"], "list", True),
        "K2:K5": (["high", "medium", "low"], "list", True),
    }
    assert [cell.value for cell in book["codebook"][2]] == ["legal", 1, "in_force", "in force"]
    assert [cell.value for cell in book["codebook"][6]] == ["legal", None, "unknown", "the evidence does not say"]


def test_blind_sheets_show_no_codes_and_others_do(form, tmp_path):
    table = pd.DataFrame(
        [
            ("Norland", "q1", "legal", "declared", "yes", None, "Act 5"),
            ("Norland", "q1", "legal", "first", "adopted", "a reason", None),
            ("Norland", "q1", "practice", "first", "none", None, None),
            ("Norland", "q1", "legal", "second", "drafted", None, None),
        ],
        columns=["unit", "item", "axis", "coder", "category", "reason", "span"],
    )
    texts = {}
    for blind in (True, False):
        coder_workbook(table, form, tmp_path / "b.xlsx", blind=blind, overwrite=True)
        sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["first"]
        texts[blind] = dict(zip([c.value for c in sheet[1]], [c.value for c in sheet[2]], strict=True))
    assert texts[True]["declared"] == texts[False]["declared"] == "yes"
    assert texts[True]["evidence"] == "Act 5"
    assert [texts[True][name] for name in ("legal", "practice", "reason")] == [None] * 3
    assert "others" not in texts[True]
    assert [texts[False][name] for name in ("legal", "practice", "reason")] == ["adopted", "none", "a reason"]
    assert texts[False]["others"] == "second: legal drafted"
    back = read_coding(tmp_path / "b.xlsx", form)
    assert back.loc[back["category"].notna(), ["coder", "axis", "category"]].to_numpy().tolist() == [
        ["first", "legal", "adopted"],
        ["first", "practice", "none"],
        ["second", "legal", "drafted"],
    ]


# --- there and back
def test_there_and_back(path, form):
    edited(path, first_legal_2="adopted", first_practice_2="none", first_confidence_2="high", first_reason_2="=1+1"[1:])
    edited(path, second_legal_2=" drafted ", second_legal_3="unknown", second_span_3="Act 5")
    table = read_coding(path, form)
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == 12  # six axes of items, twice
    coded = table[table["category"].notna()]
    assert coded.to_numpy().tolist() == [
        ["Norland", "2026", "q1", "legal", "first", "adopted", "high", None, "1+1", None, None],
        ["Norland", "2026", "q1", "practice", "first", "none", "high", None, "1+1", None, None],
        ["Norland", "2026", "q1", "legal", "second", "drafted", None, None, None, None, None],
        ["Norland", "2026", "q2", "legal", "second", "unknown", None, "Act 5", None, None, None],
    ]
    blank = table[table["category"].isna() & (table["coder"] == "first")]
    assert blank[["unit", "item", "axis"]].to_numpy().tolist() == [
        ["Norland", "q2", "legal"],
        ["Norland", "q4", "practice"],
        ["Sudland", "q1", "legal"],
        ["Sudland", "q1", "practice"],
    ]
    assert agreement(table, form, resamples=0).table["items"].tolist() == [1, 0]
    assert len(reconcile(table, None, form)) == len(table)


def test_one_sheet_with_one_coder(form, tmp_path):
    coder_workbook(ITEMS, form, tmp_path / "one.xlsx", coders=["Ada Third"])
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    book["Ada Third"]["I2"] = "none"
    book.save(tmp_path / "one.xlsx")
    assert read_coding(tmp_path / "one.xlsx", form)["coder"].unique().tolist() == ["Ada Third"]


def test_a_table_with_a_column_called_table(form, tmp_path):
    coder_workbook(ITEMS.assign(table="x"), form, tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["first"].max_row == 5


def test_responses_as_they_are(tmp_path):
    source = tmp_path / "answers.csv"
    source.write_text("unit,item,mark,text,evidence\nNorland,q036,Yes,,Act 5 of May\n", encoding="utf-8")
    responses = ei.read_responses(source, "un-msq-2022", format="tidy")
    coder_workbook(responses, "un-msq-2022", tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["first"]
    lines = {line[3]: line for line in sheet.iter_rows(values_only=True)}
    assert lines["q036"][6:8] == ("yes", "Act 5 of May")


def test_the_packaged_questionnaire(tmp_path):
    msq = ei.load_instrument("un-msq-2022")
    items = pd.DataFrame({"unit": "Norland", "item": list(msq.file.items)})
    coder_workbook(items, msq, tmp_path / "msq.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "msq.xlsx")["first"]
    assert sheet.max_row - 1 == sum(bool(item.coded_as) for item in msq.file.items.values())


# --- what is told
def test_wrong_cells_are_told_with_sheet_and_cell(path, form):
    edited(
        path,
        first_legal_2="adoptd",
        first_legal_3="=A1",
        first_practice_3="none",
        second_legal_2="none",
        second_confidence_2="hi",
        second_practice_4="adopted",
        second_legal_5="none",
        second_reason_5="=1+1",
    )
    told = faults(path, form)
    assert [check for check, _ in told] == [
        "unknown_category",
        "formula",
        "axis_not_coded",
        "unknown_confidence",
        "unknown_category",
        "formula",
    ]
    places = ["first, cell I2", "first, cell I3", "first, cell J3", "second, cell K2", "second, cell J4"]
    assert [message.split(":")[0] for _, message in told] == [
        f"sheet {place}" for place in [*places, "second, cell M5"]
    ]
    assert 'did you mean "adopted"' in told[0][1]
    assert "q2 is not coded on practice" in told[2][1]


def test_a_row_without_a_category_is_told(path, form):
    edited(path, first_legal_2="adopted", first_reason_2="a reason", first_confidence_3="high", second_reason_4="seen")
    found = faults(path, form)
    assert [check for check, _ in found] == ["no_category", "no_category"]
    more = "and no category; choose one (unknown is one), or clear the rest"
    assert [message for _, message in found] == [
        f"sheet first, cell K3: q2 of Norland has confidence, {more}",
        f"sheet second, cell M4: q4 of Norland has reason, {more}",
    ]


@pytest.mark.parametrize("name", ["adjudicated", "declared", "Rules"])
def test_a_sheet_that_has_the_name_of_a_layer(path, form, name):
    edited(path, first_legal_2="adopted")
    book = openpyxl.load_workbook(path)
    book["first"].title = name
    book.save(path)
    ((check, message),) = faults(path, form)
    assert check == "bad_coder"
    assert f'no coder can be called "{name}"' in message


def test_changed_and_doubled_and_missing_rows(path, form):
    book = openpyxl.load_workbook(path)
    first, second = book["first"], book["second"]
    first["D2"] = "q99"
    for letter in LETTERS.values():  # row 1 once more, in place of row 4
        put(second[f"{letter}5"], second[f"{letter}2"].value)
    first.delete_rows(4)
    book.save(path)
    told = faults(path, form)
    assert [check for check, _ in told] == ["moved_row", "unknown_item", "missing_row", "doubled_row", "missing_row"]
    assert told[0][1].startswith("sheet first, cell A2: row, unit, period and item are not as they were written")
    assert 'no item "q99"' in told[1][1]
    assert "rows 3 are not there" in told[2][1]
    assert told[3][1].startswith("sheet second, cell A5: row 1 stands in line 2 too")


def test_rows_out_of_order_are_told(path, form):
    book = openpyxl.load_workbook(path)
    swap(book["first"], LETTERS.values())
    book.save(path)
    assert faults(path, form) == [
        ("moved_row", "sheet first, cell A3: row 1 was moved behind row 2; sort the whole sheet by the column row")
    ]


def test_codes_sorted_without_their_items_are_found(path, form):
    # unit to evidence of two rows change places, the hidden mark stays
    book = openpyxl.load_workbook(path)
    swap(book["first"], "BCDEFGH")
    book.save(path)
    assert [check for check, _ in faults(path, form)] == ["moved_row", "moved_row"]


def test_headings_and_sheets_that_are_not_those_of_a_coder(path, form):
    book = openpyxl.load_workbook(path)
    book["first"]["I1"] = "law"
    book["second"]["J1"] = "legal"
    book.create_sheet("notes")["A1"] = "to do"
    book.save(path)
    assert [check for check, _ in faults(path, form)] == [
        "missing_heading",
        "missing_heading",
        "doubled_heading",
        "missing_heading",
    ]


def test_nothing_coded(path, form):
    assert [check for check, _ in faults(path, form)] == ["nothing_coded"]


def test_files_that_are_none(form, tmp_path):
    (tmp_path / "text.xlsx").write_text("text", encoding="utf-8")
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    for name, check in (("no.xlsx", "missing_file"), ("text.xlsx", "not_excel"), ("other.xlsx", "no_coder_workbook")):
        assert [found for found, _ in faults(tmp_path / name, form)] == [check]


def rewritten(path, change, more=()):
    """The same file with other parts: change gives the bytes of a part, or None to leave it out."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            new = change(name, content)
            if new is not None:
                archive.writestr(name, new)
        for name, content in more:
            archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "part", ["xl/styles.xml", "xl/workbook.xml", SHEET, "[Content_Types].xml", "docProps/core.xml"]
)
def test_a_part_that_is_cut_off(path, form, part):
    rewritten(path, lambda name, content: content[: len(content) // 2] if name == part else content)
    ((check, message),) = faults(path, form)
    assert check == "not_excel"
    assert "damaged" in message


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
def test_a_part_that_is_missing(path, form, part):
    rewritten(path, lambda name, content: None if name == part else content)
    assert [check for check, _ in faults(path, form)] == ["not_excel"]


def test_bombs_and_entities(path, form):
    rewritten(path, lambda name, content: ENTITIES + content.split(b"?>")[-1] if name == SHEET else content)
    ((check, message),) = faults(path, form)
    assert check == "not_excel"
    assert "entities" in message
    rewritten(path, lambda name, content: b" " * 60_000_000 if name == SHEET else content)
    assert [check for check, _ in faults(path, form)] == ["unpacks_too_large"]


def test_many_parts_and_doubled_parts(path, form):
    rewritten(path, lambda _, content: content, more=[("XL/styles.xml", b"<a/>")])
    assert "same name" in faults(path, form)[0][1]
    rewritten(path, lambda _, content: content, more=[(f"x/{n}.bin", b"") for n in range(2_001)])
    assert "parts" in faults(path, form)[0][1]


def test_cells_far_away_and_merged_cells_cost_nothing(path, form):
    edited(path, first_legal_2="adopted")
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="P1:XFD1048576"/></mergeCells>'
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'

    def change(name, content):
        if name != SHEET:
            return content
        head, _, tail = content.partition(b"</sheetData>")
        return head + far + merged + tail

    rewritten(path, change)
    assert read_coding(path, form)["category"].notna().sum() == 1


def test_the_limit_of_cells(path):
    with pytest.raises(DataError, match="more than 50 cells") as caught:
        safe_grids(path, Limits(cells=50))
    assert caught.value.faults[0].check == "too_many_cells"


def test_protected_by_a_password(form, tmp_path):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "a.xlsx").write_bytes(ole)
    assert [check for check, _ in faults(tmp_path / "a.xlsx", form)] == ["password_protected"]
    (tmp_path / "b.xlsx").write_bytes(b"")
    assert [check for check, _ in faults(tmp_path / "b.xlsx", form)] == ["empty_file"]


def test_damage_anywhere_is_an_error_of_ours(path, form):
    edited(path, first_legal_2="adopted")
    whole, refusals = path.read_bytes(), 0
    for at in range(0, len(whole), 211):
        path.write_bytes(bytes([*whole[:at], whole[at] ^ 0x55, *whole[at + 1 :]]))
        try:
            read_coding(path, form)
        except DataError:
            refusals += 1
    assert refusals


def test_another_instrument(path):
    with pytest.raises(DataError, match="of the instrument survey, not of un-msq-2022"):
        read_coding(path, "un-msq-2022")


# --- whole or not at all
def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_is_replaced_only_when_asked(path, form):
    before = digest(path)
    with pytest.raises(DataError, match="overwrite=True"):
        coder_workbook(ITEMS, form, path)
    assert digest(path) == before
    coder_workbook(ITEMS.iloc[:1], form, path, overwrite=True)
    assert openpyxl.load_workbook(path)["first"].max_row == 2


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"item": "q9"}, "unknown_item"),
        ({"evidence": "a\x01b"}, "illegal_text"),
        ({"evidence": "x" * 40_000}, "illegal_text"),
    ],
)
def test_what_cannot_be_written_leaves_no_file(form, tmp_path, change, check):
    with pytest.raises(DataError) as caught:
        coder_workbook(ITEMS.assign(**change), form, tmp_path / "a.xlsx")
    assert {fault.check for fault in caught.value.faults} == {check}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "coders",
    [
        [],
        ["a", "A"],
        ["codebook"],
        ["a/b"],
        [" a"],
        ["x" * 32],
        [""],
        ["adjudicated"],
        ["Declared"],
        ["rules"],
    ],
)
def test_names_that_no_sheet_has(form, tmp_path, coders):
    with pytest.raises(MethodError) as caught:
        coder_workbook(ITEMS, form, tmp_path / "a.xlsx", coders=coders)
    assert {fault.check for fault in caught.value.faults} == {"bad_coder"}


def test_other_refusals(form, tmp_path):
    with pytest.raises(DataError, match=r"ends in \.xlsx"):
        coder_workbook(ITEMS, form, tmp_path / "a.csv")
    with pytest.raises(DataError, match="no column unit"):
        coder_workbook(ITEMS.drop(columns="unit"), form, tmp_path / "a.xlsx")
    with pytest.raises(MethodError, match="coded_as"):
        coder_workbook(ITEMS[ITEMS["item"] == "q3"], form, tmp_path / "a.xlsx")
    with pytest.raises(DataError, match="DataFrame is expected"):
        coder_workbook([1], form, tmp_path / "a.xlsx")
    with pytest.raises(DataError, match="cannot be written"):
        coder_workbook(ITEMS, form, tmp_path / "nowhere" / "a.xlsx")
