"""Whatever is changed in a saved folder is found, and the file is named."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pandas as pd
import pytest

import egovindex as ei
from egovindex.keep.folder import NAMES
from egovindex.keep.sums import SUMS, sums_text

PARTS = "un-egdi-parts-2024"
TABLE = pd.DataFrame(
    {
        "unit": ["A", "B", "C", "D"],
        "law": ["yes", "drafted", "no", None],
        "portal": [0.9, 0.5, 0.4, 0.1],
        "skills": [0.3, 0.6, 0.9, 0.2],
    }
)


def small() -> ei.IndexResult:
    index = ei.Index.from_frame(
        pd.DataFrame(
            {
                "id": ["top", "law", "portal", "skills"],
                "in": [None, "top", "top", "top"],
                "steps": ["round 3", None, "minmax", "rank"],
                "classes": ["High: 0.5, Low: else", None, None, None],
            }
        ).drop(columns="classes"),
        index="small",
        nothing="skip",
        defaults={"nodes": {"classes": {"High": 0.5, "Low": "else"}}},
    ).with_(indicators={"law": {"points": {"yes": 1, "drafted": 0.5, "no": 0}}})
    return ei.compute(index, TABLE)


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    result = small()
    for kind in ("csv", "parquet"):
        result.save(folder / kind, format=kind)
    return folder


@pytest.fixture(params=["csv", "parquet"])
def folder(saved, tmp_path, request) -> Path:
    return shutil.copytree(saved / request.param, tmp_path / "kept")


def resigned(folder: Path) -> None:
    """The digests as somebody would write them who changed a file on purpose."""
    files = {p.name: p.read_bytes() for p in folder.iterdir() if p.name != SUMS}
    (folder / SUMS).write_text(sums_text(files), encoding="utf-8", newline="\n")


def test_an_untouched_folder_is_identical(folder):
    found = ei.verify(folder)
    assert found.identical
    assert found.differences.columns.tolist() == ["file", "where", "saved", "found"]
    assert (found.files, found.notes) == ((), ())
    assert repr(found) == "<Verification kept> identical: every byte, and every number when run again"


@pytest.mark.parametrize("seed", range(4))
def test_a_single_changed_byte_is_found_and_the_file_named(folder, seed):
    chance = random.Random(seed)
    for path in sorted(folder.iterdir()):
        before = path.read_bytes()
        at, bit = chance.randrange(len(before)), chance.randrange(8)
        path.write_bytes(before[:at] + bytes([before[at] ^ 1 << bit]) + before[at + 1 :])
        found = ei.verify(folder)
        assert path.name in found.files, (path.name, at, bit)
        with pytest.raises(ei.EgovindexError):
            ei.load_result(folder)
        path.write_bytes(before)
    assert ei.verify(folder).identical


@pytest.mark.parametrize("change", ["cut", "longer", "empty"])
def test_length_counts_too(folder, change):
    for path in sorted(folder.iterdir()):
        before = path.read_bytes()
        path.write_bytes({"cut": before[:-1], "longer": before + b"\n", "empty": b""}[change])
        assert path.name in ei.verify(folder).files
        path.write_bytes(before)


def test_every_missing_file_is_named(folder):
    for path in sorted(folder.iterdir()):
        before = path.read_bytes()
        path.unlink()
        found = ei.verify(folder)
        assert path.name in found.files
        assert len(found.differences[found.differences["file"] == path.name]) == 1
        path.write_bytes(before)


@pytest.mark.parametrize("name", ["notes.txt", "=1+1.csv", ".hidden", "__init__.py", "conftest.py"])
def test_a_foreign_file_is_named_and_never_run(folder, name):
    (folder / name).write_text("raise SystemExit('run')", encoding="utf-8")
    assert ei.verify(folder).files == (name,)
    assert ei.load_result(folder).manifest == small().manifest  # all that was saved is there


def test_links_and_folders_are_named_and_not_followed(folder, tmp_path):
    (folder / "inside").mkdir()
    target = tmp_path / "scores"
    scores = next(folder.glob("scores.*"))
    shutil.move(scores, target)
    scores.symlink_to(target)
    found = ei.verify(folder)
    assert {"inside", scores.name} <= set(found.files)
    assert "a link" in set(found.differences["found"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_does_not_hang(folder):
    path = next(folder.glob("data.*"))
    path.unlink()
    os.mkfifo(path)
    assert path.name in ei.verify(folder).files


def test_a_folder_that_is_not_there(tmp_path):
    for verb in (ei.verify, ei.load_result):
        with pytest.raises(ei.DataError, match="kept: there is no such folder"):
            verb(tmp_path / "kept")


def test_an_empty_folder_is_no_saved_result(tmp_path):
    assert not ei.verify(tmp_path).identical
    with pytest.raises(ei.DataError, match="SHA256SUMS"):
        ei.load_result(tmp_path)


# --- somebody who also writes the digests anew


def edited(saved: Path, tmp_path: Path, name: str, old: str, new: str) -> Path:
    folder = shutil.copytree(saved / "csv", tmp_path / "kept")
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    resigned(folder)
    return folder


def cells(found: ei.verify) -> list[tuple[str, str, str, str]]:
    return [tuple(row) for row in found.differences.to_numpy().tolist()]


@pytest.mark.parametrize(
    ("name", "old", "new", "cell"),
    [
        ("scores.csv", "A,0.833", "A,0.834", ("scores.csv", "A, top", "0.834", "0.833")),
        ("ranks.csv", "A,1", "A,2", ("ranks.csv", "A, top", "2", "1")),
        ("states.csv", "A,scored", "A,void", ("states.csv", "A, top", "void", "scored")),
        ("classes.csv", "A,High", "A,Low", ("classes.csv", "A, top", "Low", "High")),
        ("coverage.csv", "A,1", "A,0.5", ("coverage.csv", "A, top", "0.5", "1")),
        ("weights.csv", "top,law,1", "top,law,2", ("weights.csv", "top law, weight", "2", "1")),
        ("learned.csv", ",min,,,0.1", ",min,,,0.2", ("learned.csv", "portal 0 minmax min, value", "0.2", "0.1")),
    ],
)
def test_a_changed_cell_is_named_even_with_fitting_digests(saved, tmp_path, name, old, new, cell):
    folder = edited(saved, tmp_path, name, old, new)
    assert cells(ei.verify(folder)) == [cell]
    with pytest.raises(ei.DataError, match="not as it was saved"):
        ei.load_result(folder)


def test_changed_data_are_found_by_the_manifest_and_by_the_scores(saved, tmp_path):
    folder = edited(saved, tmp_path, "data.csv", "A,yes,0.9", "A,yes,0.8")
    found = ei.verify(folder)
    assert {"data.csv", "scores.csv", "learned.csv"} <= set(found.files)
    assert ei.load_result(folder, check=False).scores.shape == (4, 1)


def test_a_changed_index_is_found(saved, tmp_path):
    folder = edited(saved, tmp_path, "index.yaml", "drafted: 0.5", "drafted: 0.75")
    assert {"index.yaml", "scores.csv"} <= set(ei.verify(folder).files)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"rows": 4', '"rows": 5', "rows"),
        ('"weights": "as in the file"', '"weights": "mine"', "weights"),
        ('"title": "small"', '"title": "EGDI"', "title"),
        ('"learned": "from these data"', '"learned": "nothing"', "learned"),
    ],
)
def test_a_changed_manifest_is_found(saved, tmp_path, old, new, where):
    found = ei.verify(edited(saved, tmp_path, "manifest.json", old, new))
    assert [row[:2] for row in cells(found)] == [("manifest.json", where)]


def test_other_versions_are_a_note_and_no_difference(saved, tmp_path):
    folder = edited(saved, tmp_path, "manifest.json", f'"pandas": "{pd.__version__}"', '"pandas": "2.1.0"')
    found = ei.verify(folder)
    assert found.identical
    assert found.notes == (f"saved with pandas 2.1.0, run again with {pd.__version__}",)
    assert "note: saved with pandas 2.1.0" in repr(found)
    assert ei.load_result(folder).manifest.pandas == pd.__version__


def test_two_files_for_one_table_are_found(saved, tmp_path):
    folder = shutil.copytree(saved / "csv", tmp_path / "kept")
    shutil.copy(saved / "parquet" / "scores.parquet", folder)
    resigned(folder)
    assert "scores.parquet" in ei.verify(folder).files


BAD = {
    "manifest.json": [b"[]", b"{}", b"[" * 100_000, b'{"rows": NaN}', b"\xff", b'{"egovindex": 1}', b"null"],
    "index.yaml": [b"[]", b"like: un-egdi-2024", b"\xff", b"a: &a [*a]", b"x", b"indicators: other.csv", b"{" * 9999],
    "data.csv": [
        b"\xff",
        b"a,b\n1\n",
        b'"',
        b"unit,law,portal,skills\n",
        b"unit,law,portal,skills\nA,yes,x,1\n",
        b"\x00",
    ],
    "learned.csv": [
        b"\xff",
        b"x\n",
        b"record,at,step,name,period,item,value\nportal,x,minmax,min,,,1\n",
        b"record,at,step,name,period,item,value\nportal,0,minmax,min,2020,7,1\n",
    ],
    "scores.csv": [b"\xff", b"unit\n", b"\n", b"unit,top\nA,1\n", b"unit,top\n" + b"A,nan\n" * 4],
    SUMS: [b"\xff", b"\n", b"../../etc/passwd", b"# sha256 of the lines above: \n", b"0" * 64 + b"  ../x\n"],
}


@pytest.mark.parametrize(("name", "content"), [(name, content) for name, all_ in BAD.items() for content in all_])
@pytest.mark.parametrize("signed", [True, False])
def test_malformed_files_give_a_finding(saved, tmp_path, name, content, signed):
    folder = shutil.copytree(saved / "csv", tmp_path / "kept")
    (folder / name).write_bytes(content)
    if signed and name != SUMS:
        resigned(folder)
    found = ei.verify(folder)
    assert name in found.files
    assert found.differences.map(lambda value: isinstance(value, str)).all(axis=None)
    with pytest.raises(ei.EgovindexError):
        ei.load_result(folder)


@pytest.mark.parametrize("seed", range(30))
def test_noise_never_gives_a_traceback(saved, tmp_path, seed):
    chance = random.Random(seed)
    folder = shutil.copytree(saved / ("csv" if seed % 3 else "parquet"), tmp_path / "kept")
    path = chance.choice([p for p in sorted(folder.iterdir()) if p.name != SUMS])
    content = bytearray(path.read_bytes())
    for _ in range(chance.randrange(1, 30)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(bytes(content))
    assert path.name in ei.verify(folder).files
    resigned(folder)  # the readers meet it too
    ei.verify(folder)


# --- the original


def test_the_original_file_is_recognised(tmp_path):
    path, other = tmp_path / "my.csv", tmp_path / "other.csv"
    TABLE.assign(email="x").to_csv(path, index=False)
    ei.compute(small().index, path).save(tmp_path / "kept")
    assert ei.verify(tmp_path / "kept", data=path).identical
    TABLE.to_csv(other, index=False)
    found = ei.verify(tmp_path / "kept", data=other)
    assert [row[:2] for row in cells(found)] == [("other.csv", "bytes")]
    assert "the columns that the index reads are the same" in found.notes[0]
    TABLE.assign(portal=[0.9, 0.5, 0.4, 0.2]).to_csv(other, index=False)
    assert cells(ei.verify(tmp_path / "kept", data=other))[1] == ("other.csv", "D, portal", "0.1", "0.2")
    other.write_text("nothing", encoding="utf-8")
    assert not ei.verify(tmp_path / "kept", data=other).identical
    with pytest.raises(ei.DataError, match=r"none\.csv: there is no such file"):
        ei.verify(tmp_path / "kept", data=tmp_path / "none.csv")


def test_a_table_is_compared_where_there_was_no_file(saved, tmp_path):
    assert ei.verify(saved / "csv", data=TABLE[["skills", "portal", "law", "unit"]]).identical
    found = ei.verify(saved / "csv", data=TABLE.assign(law="yes"))
    assert {row[1] for row in cells(found)} == {"B, law", "C, law", "D, law"}
    path = tmp_path / "x.csv"
    TABLE.to_csv(path, index=False)
    assert ei.verify(saved / "csv", data=path).identical


# --- shown


def test_what_is_shown_is_escaped(tmp_path):
    table = TABLE.assign(unit=["<script>", "two\nlines", "\u202ertl", "=1+1"])
    ei.compute(small().index, table).save(tmp_path / "kept")
    scores = tmp_path / "kept" / "scores.csv"
    text = scores.read_text(encoding="utf-8").replace("<script>,0", "<script>,1").replace("=1+1,0", "=1+1,1")
    scores.write_text(text, encoding="utf-8")
    found = ei.verify(tmp_path / "kept")
    assert "<script>" not in found._repr_html_()
    assert len(repr(found).splitlines()) == 1 + len(found.differences)
    assert json.loads(found.differences.to_json(orient="records"))[1]["where"] == "<script>, top"


def test_the_names_of_a_folder_are_known():
    assert set(NAMES) >= {"data.csv", "index.yaml", "manifest.json", SUMS}


@pytest.mark.parametrize("data", [3, b"data.csv", ["data.csv"]])
def test_data_that_are_no_table_are_refused(tmp_path, data):
    small().save(tmp_path / "kept")
    with pytest.raises(ei.DataError, match=f"a pandas DataFrame is expected, found {type(data).__name__}"):
        ei.verify(tmp_path / "kept", data=data)
