"""Files and names of unknown origin: nothing outside is read, nothing large is unpacked, no code runs."""

from __future__ import annotations

import gzip
import os
import stat
import zipfile

import pytest

import egovindex as ei
from egovindex.spec.strictyaml import read_yaml

PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://'
    'schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="s"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
UNIT = '<row r="1"><c r="A1" t="inlineStr"><is><t>unit</t></is></c></row>'


def workbook(path, rows, further=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet {NS}><sheetData>{rows}</sheetData></worksheet>")
        for name, content in further:
            archive.writestr(name, content)
    return path


def check_of(call, *arguments, **options):
    with pytest.raises(ei.EgovindexError) as error:
        call(*arguments, **options)
    return error.value.faults[0].check


# --- YAML
@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("a: !!python/object/apply:os.system ['true']", "tag"),
        ("a: !x 1", "tag"),
        ("a: &b [1]\nc: *b", "anchor"),
        ("<<: {a: 1}", "merge_key"),
        ("[" * 5_000 + "]" * 5_000, "too_deep"),
        ("- " * 5_000 + "a", "too_deep"),
        ("a: 1\n---\nb: 2", "several_documents"),
        ("a: \x1b[2J", "yaml_syntax"),
    ],
)
def test_yaml_has_no_code_and_no_bombs(text, check):
    assert check_of(read_yaml, text) == check


# --- packed files
def test_a_workbook_of_two_cells_does_not_end_the_process(tmp_path):
    """The reader makes a grid from the first cell to the last: 400 GB of it, and an abort that nothing catches."""
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert check_of(ei.read_table, workbook(tmp_path / "far.xlsx", UNIT + far)) == "too_many_cells"
    blank = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'  # formatted, and nothing in it
    assert ei.read_table(
        workbook(tmp_path / "near.xlsx", UNIT + '<row r="2"><c r="A2"><v>1</v></c></row>' + blank)
    ).shape == (1, 1)


def test_a_workbook_that_unpacks_to_too_much(tmp_path):
    path = workbook(tmp_path / "a.xlsx", UNIT, [("xl/media/a.bin", b" " * 30_000_000)])
    assert check_of(ei.read_table, path) == "unpacks_too_large"


def test_a_packed_table_that_unpacks_to_too_much(tmp_path):
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"unit,a\n" + b"A,1\n" * 6_000_000)
    assert check_of(ei.read_table, path) == "unpacks_too_large"


def test_names_inside_an_archive_lead_nowhere(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    path = workbook(
        inside / "a.xlsx", UNIT + '<row r="2"><c r="A2"><v>1</v></c></row>', [("../../escaped.xml", "<a/>")]
    )
    ei.read_table(path)
    assert [found.name for found in tmp_path.rglob("*")] == ["inside", "a.xlsx"]


# --- names
NAMES = ["../../etc/passwd", "/etc/passwd", "..\\..\\x", "un-egdi-2024/../x", "a\0b", "\0", "x" * 5_000, "", "~/x.yaml"]
LOADERS = {
    "load_index": ei.load_index,
    "load_weights": lambda name: ei.load_weights(name, index="un-egdi-2024"),
    "load_instrument": ei.load_instrument,
    "load_codebook": ei.load_codebook,
    "load_binding": ei.load_binding,
    "load_doubt": ei.load_doubt,
    "load_result": ei.load_result,
    "sample": ei.sample,
    "variant": lambda name: ei.sample("unctad-cyberlaw-2026", variant=name),
    "read_table": ei.read_table,
    "read_responses": lambda name: ei.read_responses(name, "un-msq-2022", format="tidy"),
}


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_no_way_out(loader, name):
    with pytest.raises(ei.EgovindexError) as error:
        LOADERS[loader](name)
    assert "root:" not in str(error.value)


@pytest.mark.parametrize("name", ["../x", "a/b", "/etc/passwd", "a\\b", ".", "..", ".hidden", "a..b", ""])
def test_an_id_in_a_file_is_no_path(name):
    from egovindex.spec.values import parse_id

    with pytest.raises(ValueError, match=r"cannot be an id|nothing|text"):
        parse_id(name)


# --- what is written
@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_what_is_written_has_the_usual_mode_and_no_more(tmp_path):
    result = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
    before = os.umask(0o077)
    try:
        result.save(tmp_path / "kept")
    finally:
        os.umask(before)
    assert {
        stat.S_IMODE(path.stat().st_mode) & 0o077 for path in [tmp_path / "kept", *(tmp_path / "kept").iterdir()]
    } == {0}


def test_a_link_in_a_saved_result_is_not_followed(tmp_path):
    ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022")).save(tmp_path / "kept")
    secret = tmp_path / "secret"
    secret.write_text("unit,HDI\nA,1\n")
    (tmp_path / "kept" / "scores.csv").unlink()
    (tmp_path / "kept" / "scores.csv").symlink_to(secret)
    assert not ei.verify(tmp_path / "kept").identical
    assert secret.read_text() == "unit,HDI\nA,1\n"
