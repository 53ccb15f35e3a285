"""Workbooks are read as text, within limits, and refused with a reason."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from egovindex.errors import DataError
from egovindex.responses.sheets import first_row, read_sheet, sheet_names
from egovindex.responses.xlsxparts import Limits
from tests.responses.tables_of_forms import inline, raw_workbook, refused, workbook

TEXTS = ["NO", "NA", "null", "1e5", "007", "  blanks ", "two\nlines", "مرحبا", "🏛️", "_x000D_", "TRUE", "=no formula"]


def cells(path: Path, **named):
    found = read_sheet(path, **named)
    return [list(row) for row in found.table.itertuples(index=False)]


def test_text_stays_as_written(tmp_path):
    book = Workbook()
    for at, text in enumerate(["h", *TEXTS], start=1):
        cell = book.active.cell(at, 1, text)
        cell.data_type = "s"
    book.save(tmp_path / "a.xlsx")
    assert [row[0] for row in cells(tmp_path / "a.xlsx")] == [t.replace("_x000D_", "\r") for t in TEXTS]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (5.0, "5"),
        (-0.5, "-0.5"),
        (0.1, "0.1"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (date(2021, 7, 5), "2021-07-05"),
        (datetime(2021, 7, 5, 13, 30), "2021-07-05T13:30:00"),  # noqa: DTZ001
        (time(8, 5), "08:05:00"),
        (timedelta(hours=26, minutes=3), "26:03:00"),
        (date(1900, 2, 1), "1900-02-01"),
    ],
)
def test_numbers_and_dates(tmp_path, value, text):
    path = workbook(tmp_path / "a.xlsx", ("S", [["h"], [value]]))
    assert cells(path) == [[text]]


def test_days_from_1904(tmp_path):
    book = Workbook()
    book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
    book.active.append(["h"])
    book.active.append([date(2021, 7, 5)])
    book.save(tmp_path / "a.xlsx")
    assert cells(tmp_path / "a.xlsx") == [["2021-07-05"]]


def test_gaps_rows_and_shared_texts(tmp_path):
    strings = (
        '<?xml version="1.0"?><x:sst xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<x:si><x:r><x:t>a</x:t></x:r><x:r><x:t> b</x:t></x:r><x:rPh><x:t>aloud</x:t></x:rPh></x:si></x:sst>"
    )
    sheet = (
        f'<sheetData><row r="3">{inline("h1", "B3")}{inline("h2", "D3")}</row><row r="4"/>'
        '<row r="9"><c r="D9" t="s"><v>0</v></c></row></sheetData>'
    )
    found = read_sheet(raw_workbook(tmp_path / "a.xlsx", sheet, strings=strings))
    assert found.headings == ("", "h1", "", "h2")
    assert found.table.iloc[0].tolist() == [None, None, None, "a b"]
    assert found.rows.tolist() == [9]
    assert found.place(0, 3) == 'row 9, column "h2"'
    assert "a b" not in repr(found)


def test_cells_without_places_follow_each_other(tmp_path):
    sheet = f"<sheetData><row>{inline('a')}{inline('b')}</row><row>{inline('1')}{inline('2')}</row></sheetData>"
    assert cells(raw_workbook(tmp_path / "a.xlsx", sheet)) == [["1", "2"]]


def test_a_sheet_by_name(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("one", [["a"], ["1"]]), ("two", [["b"], ["2"]]))
    assert sheet_names(path) == ["one", "two"]
    assert cells(path, sheet="two") == [["2"]]
    assert read_sheet(path).notes == {"sheet": '"one"; not read: two'}
    assert 'did you mean "two"' in str(refused("unknown_sheet", read_sheet, path, "tow"))


def test_the_first_row_alone(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("S", [["h", None, "k"], ["=1+1", 1, 2]]))
    assert first_row(path) == ("h", "", "k")


def test_formulas_and_errors_are_named(tmp_path):
    book = Workbook()
    for row in (["h", "k"], ["=1+1", "x"], ["y", "=A2"]):
        book.active.append(row)
    book["Sheet"]["C2"].value = "#DIV/0!"
    book.save(tmp_path / "a.xlsx")
    message = str(refused("formula_not_computed", read_sheet, tmp_path / "a.xlsx"))
    assert "A2, B3" in message
    assert "C2 #DIV/0!" in message


def test_a_formula_gives_what_it_last_gave(tmp_path):
    sheet = (
        f'<sheetData><row r="1">{inline("h", "A1")}</row><row r="2"><c r="A2" t="str"><f>"a"</f><v>yes</v></c></row>'
        '<row r="3"><c r="A3"><f>2+3</f><v>5</v></c></row></sheetData>'
    )
    assert cells(raw_workbook(tmp_path / "a.xlsx", sheet)) == [["yes"], ["5"]]


@pytest.mark.parametrize(
    ("content", "check", "word"),
    [
        (b"", "empty_file", "empty"),
        (b"no zip", "not_excel", "damaged"),
        (b"PK\x03\x04 broken off", "not_excel", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "not_excel", "save it as XLSX"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"),
            "password_protected",
            "without one",
        ),
    ],
)
def test_what_is_no_workbook(tmp_path, content, check, word):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert word in str(refused(check, read_sheet, path))


def test_missing_file_and_folder(tmp_path):
    refused("missing_file", read_sheet, tmp_path / "none.xlsx")
    refused("missing_file", read_sheet, tmp_path)


def test_a_workbook_cut_off(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("S", [["h"], *([f"text {n}"] for n in range(3000))]))
    whole = path.read_bytes()
    for size in range(100, len(whole), len(whole) // 40):
        path.write_bytes(whole[:size])
        refused("not_excel", read_sheet, path)


def test_damage_anywhere_is_an_error_of_ours(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("S", [["h", "k"], *([f"text {n}", n] for n in range(50))]))
    whole, refusals = bytearray(path.read_bytes()), 0
    for at in range(0, len(whole), 61):
        path.write_bytes(bytes([*whole[:at], whole[at] ^ 0x55, *whole[at + 1 :]]))
        try:
            read_sheet(path)
        except DataError:
            refusals += 1
    assert refusals


@pytest.mark.parametrize(
    ("sheet", "word"),
    [
        ("<sheetData><row", "damaged"),
        ('<sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData>', "damaged"),
        ('<sheetData><row r="1"><c r="A1" t="s"><v>-1</v></c></row></sheetData>', "damaged"),
        ('<sheetData><row r="1"><c r="??1"><v>7</v></c></row></sheetData>', "no place"),
        ('<sheetData><row r="1"><c r="XFE1"><v>7</v></c></row></sheetData>', "last column"),
        ('<sheetData><row r="1"><c r="A1"><v>x</v></c></row></sheetData>', "damaged"),
        ('<sheetData><row r="1"><c r="A1" t="odd"><v>x</v></c></row></sheetData>', "unknown type"),
        ('<sheetData><row r="2"/><row r="1"/></sheetData>', "behind row"),
        (f'<sheetData><row r="1">{inline("a", "B1")}{inline("b", "A1")}</row></sheetData>', "behind its place"),
    ],
)
def test_sheets_that_make_no_sense(tmp_path, sheet, word):
    assert word in str(refused("not_excel", read_sheet, raw_workbook(tmp_path / "a.xlsx", sheet)))


def test_entities_are_refused(tmp_path):
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
    )
    assert "entities" in str(refused("not_excel", read_sheet, raw_workbook(tmp_path / "a.xlsx", bomb)))


def test_an_empty_sheet(tmp_path):
    refused("empty_sheet", read_sheet, raw_workbook(tmp_path / "a.xlsx", "<sheetData/>"))
    assert cells(workbook(tmp_path / "b.xlsx", ("S", [["only", "headings"]]))) == []


# --- limits
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    bomb = b" " * 60_000_000
    path = raw_workbook(tmp_path / "a.xlsx", "<sheetData/>", further={"xl/worksheets/s.xml": bomb})
    assert path.stat().st_size < 200_000
    message = str(refused("unpacks_too_large", read_sheet, path))
    assert "300 times" in message


def test_a_bomb_that_lies_about_its_size(tmp_path):
    path = raw_workbook(tmp_path / "a.xlsx", "<sheetData/>", further={"xl/worksheets/s.xml": b" " * 60_000_000})
    data = path.read_bytes().replace((60_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(data)
    refused("not_excel", read_sheet, path)


def test_parts_that_are_not_read_may_be_anything(tmp_path):
    sheet = f"<sheetData><row>{inline('h')}</row></sheetData>"
    path = raw_workbook(tmp_path / "a.xlsx", sheet, further={"xl/media/large.bin": b" " * 60_000_000})
    assert read_sheet(path).headings == ("h",)


@pytest.mark.parametrize(
    ("limits", "check"),
    [
        (Limits(file=100), "file_too_large"),
        (Limits(part=300), "unpacks_too_large"),
        (Limits(all_parts=800), "unpacks_too_large"),
        (Limits(cells=20), "too_many_cells"),
    ],
)
def test_each_limit_is_named(tmp_path, limits, check):
    path = workbook(tmp_path / "a.xlsx", ("S", [["h", "k"], *([f"t{n}", n] for n in range(50))]))
    error = refused(check, read_sheet, path, limits=limits)
    assert any(str(number) in str(error).replace(",", "") for number in (100, 300, 800, 20))


def test_too_many_rows_and_cells(tmp_path):
    sheet = f'<sheetData><row r="1">{inline("h", "A1")}</row><row r="1048577">{inline("x")}</row></sheetData>'
    assert "1,048,576" in str(refused("too_many_rows", read_sheet, raw_workbook(tmp_path / "a.xlsx", sheet)))
    rows = "".join(f'<row r="{n}">{inline("x", f"A{n}")}</row>' for n in range(2, 2000))
    far = f'<sheetData><row r="1">{inline("h", "XFD1")}</row>{rows}</sheetData>'
    refused("too_many_cells", read_sheet, raw_workbook(tmp_path / "b.xlsx", far))


def test_cells_are_counted_while_they_are_read(tmp_path):
    rows = "".join(f'<row r="{n}">{inline("x", f"D{n}")}</row>' for n in range(1, 20))
    path = raw_workbook(tmp_path / "a.xlsx", f"<sheetData>{rows}</sheetData>")
    assert "more than 40 cells" in str(refused("too_many_cells", read_sheet, path, limits=Limits(cells=40)))


def test_headings_that_are_answers_are_not_repeated(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("S", [["Ilse", "ilse@lakes.example"], ["a", "b"]]))
    message = str(refused("no_headings", read_sheet, path))
    assert "column B" in message
    assert "ilse" not in message.casefold()


def test_a_locked_part(tmp_path):
    path = tmp_path / "a.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(bytes(data))
    refused("password_protected", read_sheet, path)
