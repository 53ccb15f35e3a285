"""``egovindex score --save`` and ``egovindex verify``: what a script can rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import egovindex as ei
from egovindex.cli.app import app

PARTS = "un-egdi-parts-2024"


def run(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def data(tmp_path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("iso3,year,osi,tii,hci\nNA,2024,0.5,0.75,1\nNO,2024,0.6,0.5,0.7\n", encoding="utf-8")
    return path


@pytest.fixture
def kept(tmp_path, data) -> Path:
    done = run("score", PARTS, data, "--save", tmp_path / "kept", "--weights", "services-first")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "kept: saved\n")
    return tmp_path / "kept"


def test_an_untouched_folder_ends_with_0(kept, data):
    for more in ([], ["--data", data]):
        done = run("verify", kept, *more)
        assert (done.exit_code, done.stdout.strip()) == (0, "kept: identical")
    assert ei.load_result(kept).manifest.original.name == "data.csv"
    assert ei.load_result(kept).index.weights == "services-first"


def test_a_difference_ends_with_1_and_is_named(kept):
    scores = kept / "scores.csv"
    scores.write_bytes(scores.read_bytes().replace(b"NA,2024,0.6875", b"NA,2024,0.6876"))
    done = run("verify", kept)
    assert done.exit_code == 1
    assert "NA 2024, EGDI" in done.stdout
    done = run("verify", kept, "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["identical"] is False
    assert found["differences"][1] == {
        "file": "scores.csv",
        "where": "NA 2024, EGDI",
        "saved": "0.6876",
        "found": "0.6875",
    }


def test_other_data_end_with_1(kept, data, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(data.read_text(encoding="utf-8").replace("0.75", "0.76"), encoding="utf-8")
    done = run("verify", kept, "--data", other)
    assert done.exit_code == 1
    assert "NA 2024, tii" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["verify"], 2, "FOLDER"),
        (["verify", "none"], 4, "none: there is no such folder"),
        (["verify", "kept", "--data", "none.csv"], 4, "none.csv: there is no such file"),
        (["score", PARTS, "data.csv", "--save", "kept"], 4, "--force replaces a saved result"),
        (["score", PARTS, "data.csv", "--save", "none/kept"], 4, "there is no folder"),
        (["score", PARTS, "kept/data.csv", "--save", "kept", "--force"], 2, "a file of this folder is read"),
        (["score", PARTS, "--sample", "--save", ".", "--force"], 4, "no saved result"),
    ],
)
def test_what_cannot_be(kept, monkeypatch, words, code, said):
    monkeypatch.chdir(kept.parent)
    before = {path: path.read_bytes() for path in kept.iterdir()}
    done = run(*words)
    assert done.exit_code == code
    assert said in done.stderr
    assert {path: path.read_bytes() for path in kept.iterdir()} == before


def test_force_replaces_a_saved_result(kept, data):
    assert run("score", PARTS, data, "--save", kept, "--force").exit_code == 0
    assert ei.load_result(kept).index.weights == "as in the file"


def test_a_name_moves_no_cursor(tmp_path):
    (tmp_path / "\x1b[2Jkept").mkdir()
    done = run("verify", tmp_path / "\x1b[2Jkept")
    assert done.exit_code == 1
    assert "\x1b" not in done.stdout
