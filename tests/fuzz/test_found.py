"""What the fuzzer found in readers, each once, in words."""

from __future__ import annotations

import io
import json
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.cli.changes import changes_from_file
from egovindex.cli.costs import costs_from_file
from egovindex.errors import DataError, EgovindexError, Fault, MethodError, SpecError, did_you_mean
from egovindex.keep.sums import SUMS, sums_text
from egovindex.responses.formsprint.words import Fingerprints
from egovindex.sensitivity.checkpoint import Checkpoint
from tests.fuzz.tables import of_command
from tests.fuzz.yamls import small
from tests.responses.prints import COUNTRIES, LAYOUTS, asked
from tests.responses.tables_of_forms import instrument, raw_workbook

INSTRUMENT = "instrument: lakes\nanswers: {s: {yes: [], no: []}}\nitems:\n  q1: {label: A, answers: s}\n"
TABLE = pd.DataFrame(
    {"unit": ["Alva", "Borland", "Cesta"], "a": ["Yes", "Draft", "Ja"], "b": [1.5, 2, 0], "c": [3, 4, 6]}
)


# --- messages
def test_a_long_message_keeps_its_beginning_and_its_end():
    long = f'unknown key "{"x" * 60_000}"; write another'
    fault = Fault(long, file="a.yaml", line=3)
    assert len(fault.message) < 2_100
    assert fault.message.startswith('unknown key "xxx')
    assert f"[... {len(long) - 2_000:,} characters are left out ...]" in fault.message
    assert fault.message.endswith('x"; write another')
    assert Fault("x" * 2_000).message == "x" * 2_000


def test_very_many_faults_are_all_held_and_the_first_printed():
    error = DataError(Fault(f"row {at}: this is wrong in some way", file="a.csv") for at in range(5_000))
    assert len(error.faults) == 5_000
    lines = str(error).splitlines()
    assert len(str(error)) < 18_500
    assert lines[0] == "a.csv: row 0: this is wrong in some way"
    assert lines[-1] == f"... and {5_001 - len(lines)} more faults, which the attribute faults holds"


def test_no_neighbour_is_looked_for_of_a_word_that_is_none():
    assert did_you_mean("steps" * 5_000, ["steps"], otherwise=".") == "."
    assert did_you_mean("step", ["steps", "step" * 5_000]) == '; did you mean "steps"?'


# --- YAML
@pytest.mark.parametrize("raw", ["[q1 is yes]", "{q1: yes}"])
def test_a_list_or_map_for_a_test(raw, tmp_path):
    for name, text in (
        ("ask_if", f"{INSTRUMENT}  q2: {{label: B, kind: number, ask_if: {raw}}}\n"),
        ("wrong_if", f"{INSTRUMENT}checks: {{c: {{wrong_if: {raw}, say: no}}}}\n"),
    ):
        with pytest.raises(SpecError, match=f"{name}: text is expected, found a (list|map)"):
            instrument(tmp_path, text)


def test_a_list_for_a_formula(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text("index: small\nindicators: {a: {}}\nnodes: {top: {from: [a]}}\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"text is expected, found a list"):
        ei.load_index(path)


# --- tables
@pytest.mark.parametrize("read", [changes_from_file, costs_from_file])
@pytest.mark.parametrize(
    "text", ["unit,column,answer,unit\nA,a,1,B\n", "item,cost,cost\na,1,2\n", "item,cost,item\na,1,b\n"]
)
def test_headings_that_stand_twice_in_tables_beside_the_data(read, text, tmp_path):
    path = tmp_path / "small.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r'column "(unit|cost|item)" stands 2 times in the table; rename one'):
        read(path)


def test_headings_that_stand_twice_in_a_published_ranking(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text("unit,rank,rank\nAlva,1,2\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:  # 70 would be a fault of ours
        of_command("audit", "INDEX", "DATA", "--ranking", "FILE", "--digits", "1")(path)
    assert caught.value.faults[0].check == "exit_4"


@pytest.mark.parametrize("verb", [ei.agreement, ei.reconcile, ei.disputes, ei.open_items])
def test_headings_that_stand_twice_in_a_coding_table(verb):
    rows = [["Alva", "q1", "s", "first", "yes", "Borland"], ["Alva", "q1", "s", "second", "no", "Borland"]]
    table = pd.DataFrame(rows, columns=["unit", "item", "axis", "coder", "category", "unit"])
    with pytest.raises(DataError, match='column "unit" stands 2 times in '):
        verb(table)


def test_headings_that_stand_twice_in_what_coders_get(tmp_path):
    table = pd.DataFrame([["Alva", "q036", "Borland"]], columns=["unit", "item", "unit"])
    with pytest.raises(DataError, match='column "unit" stands 2 times in the table; rename one'):
        ei.coder_workbook(table, "un-msq-2022", tmp_path / "a.xlsx")


def test_a_table_of_very_many_columns(tmp_path, monkeypatch):
    path = tmp_path / "wide.csv"
    path.write_text("unit" + ",a" * 16_384 + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"names 16,385 columns, and at most 16,384 are read"):
        ei.read_table(path)
    monkeypatch.setattr(sys.modules["egovindex.compute"], "_MOST_COLUMNS", 3)
    path.write_text("unit,a,b\nAlva,1,2\n", encoding="utf-8")
    assert ei.read_table(path).shape == (1, 3)


# --- workbooks
CORNERS = (
    '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
)
SHEET = "xl/worksheets/s.xml"


@pytest.mark.parametrize("place", ["other/s.xml", "sheets.bin", "../s.xml", "Other/S.XML"])
def test_a_sheet_in_any_folder_is_measured(place, tmp_path):
    path = raw_workbook(tmp_path / "a.xlsx", CORNERS)
    parts = _parts(path)
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"worksheets/s.xml", place.encode())
    parts[f"xl/{place}"] = parts.pop(SHEET)
    _written(path, parts.items())
    with pytest.raises(DataError, match=r"spans 17,179,869,184 cells|damaged"):
        ei.read_table(path)


@pytest.mark.parametrize("name", [SHEET, f"/{SHEET}", SHEET.upper(), SHEET.replace("/", "\\")])
def test_two_parts_of_one_name(name, tmp_path):
    path = raw_workbook(tmp_path / "a.xlsx", CORNERS)
    parts = _parts(path)
    harmless = parts[SHEET].replace(b"XFD1048576", b"A1048576").replace(b"1048576", b"2")
    with pytest.warns(UserWarning, match="Duplicate name") if name == SHEET else _nothing():
        _written(path, [*parts.items(), (name, harmless)])
    with pytest.raises(DataError, match="two of its parts have the same name"):
        ei.read_table(path)


def test_a_tag_that_does_not_end_is_not_read_again_and_again(tmp_path):
    path = raw_workbook(tmp_path / "a.xlsx", "<sheetData/>")
    parts = _parts(path)
    parts["_rels/.rels"] = b"<" + b"a" * 3_000_000
    _written(path, parts.items())
    with pytest.raises(DataError, match=r"a tag of its part _rels/\.rels does not end"):
        ei.read_responses(path, "un-msq-2022", format="tidy")


def _parts(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _written(path, parts) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts:
            archive.writestr(name, content)


def _nothing():
    from contextlib import nullcontext

    return nullcontext()


# --- what the library has written
@pytest.fixture
def saved(tmp_path):
    """A saved result of which ``learned.csv`` is written anew, and believed."""

    def made(old: str, new: str):
        folder = tmp_path / "saved"
        ei.compute(small().with_(indicators={"c": {"steps": ["minmax"]}}), TABLE).save(folder)
        path = folder / "learned.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        files = {one.name: one.read_bytes() for one in folder.iterdir() if one.name != SUMS}
        (folder / SUMS).write_text(sums_text(files), encoding="utf-8")
        return folder

    return made


def test_learned_values_of_another_name(saved):
    with pytest.raises(MethodError, match="the learned values given have none"):
        ei.load_result(saved("max", "most"), check=False)


def test_learned_values_that_are_lists(saved):
    folder = saved("c,0,minmax,max,,,6", "c,0,minmax,max,,0,6\nc,0,minmax,max,,1,7")
    with pytest.raises(DataError, match="several items where one number is meant"):
        ei.load_result(folder, check=False)


def test_a_difference_as_long_as_its_file_is_shown_in_short(saved):
    folder = saved("max", "m" * 50_000)
    found = ei.verify(folder)
    assert not found.identical
    assert len(repr(found)) < 10_000
    with pytest.raises(EgovindexError) as caught:
        ei.load_result(folder)
    assert len(str(caught.value)) < 20_000


def _refused_checkpoint(path) -> None:
    content = path.read_bytes()
    with pytest.raises(DataError, match="no checkpoint of draws") as caught:
        Checkpoint(path).about()
    assert caught.value.faults[0].check == "not_a_checkpoint"
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "header", [b"{'descr': '<f8', 'shape': (3", b"[[[[", b"{'descr': 'x'}", b"{'shape': (9999999999999999,)"]
)
def test_a_checkpoint_with_a_broken_header(header, tmp_path):
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    about = io.BytesIO()
    np.save(about, np.frombuffer(json.dumps({}).encode(), dtype=np.uint8))
    _written(tmp_path / "run.npz", [("about.npy", about.getvalue()), ("sum.counts.npy", array)])
    _refused_checkpoint(tmp_path / "run.npz")


def test_a_checkpoint_packed_by_a_method_nobody_knows(tmp_path):
    path = tmp_path / "run.npz"
    _written(path, [("about.npy", b"x")])
    content = bytearray(path.read_bytes())
    for at in (8, content.index(b"PK\x01\x02") + 10):
        content[at] = 99
    path.write_bytes(bytes(content))
    _refused_checkpoint(path)


def test_a_checkpoint_is_not_unpacked(tmp_path):
    path = tmp_path / "run.npz"
    ei.simulate(small(), TABLE, ei.Doubt(weights=ei.within(0.25)), n=64, rng=1, checkpoint=path)
    parts = _parts(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    _refused_checkpoint(path)


# --- prints
def test_one_long_row_of_a_printed_table_makes_no_long_columns(tmp_path, monkeypatch):
    """Each row was taken to be as long as the longest, and each of its cells was compared with every item."""
    compared = []
    fits = Fingerprints.fits
    monkeypatch.setattr(Fingerprints, "fits", lambda self, text: compared.append(text) or fits(self, text))
    layout = next(layout for layout in LAYOUTS.values() if "\t" in layout(asked(COUNTRIES[0])))
    path = tmp_path / "print.txt"

    def cells_compared(more: str) -> int:
        compared.clear()
        path.write_text(layout(asked(COUNTRIES[0])) + more, encoding="utf-8")
        ei.read_responses(path, "un-msq-2022", format="forms-print")
        return len(compared)

    assert cells_compared("\n900" + "\t" * 3_000 + "end\n") <= cells_compared("") + 10
