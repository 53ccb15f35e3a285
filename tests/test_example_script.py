"""examples/score_egdi.py: the same input gives the same bytes, whoever runs it, and where."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import egovindex as ei

FILES = {"scores.csv", "ranks.csv", "contributions.csv", "learned.csv", "index.yaml", "summary.json"}


@pytest.fixture
def run(root):
    def run_(*words: object, cwd: Path = root, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(root / "examples" / "score_egdi.py"), *map(str, words)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=cwd, env=os.environ | environment, check=False
        )

    return run_


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_runs_write_the_same_bytes(run, tmp_path):
    first, second, elsewhere = tmp_path / "first", tmp_path / "sub" / "second", tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run("--out", first, PYTHONHASHSEED="1").returncode == 0
    done = run("--out", second, cwd=elsewhere, PYTHONHASHSEED="2", TZ="Asia/Kathmandu", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert contents(first) == contents(second)
    assert contents(first).keys() == FILES
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_files_hold_the_result(run, tmp_path):
    assert run("--out", tmp_path / "out").returncode == 0
    written = contents(tmp_path / "out")
    result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    for name, expected in (("scores", result.scores), ("contributions", result.contributions())):
        found = pd.read_csv(tmp_path / "out" / f"{name}.csv", keep_default_na=False, index_col=["unit", "period"])
        pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert all(b"\r" not in content for content in written.values())
    summary = json.loads(written["summary.json"])
    assert summary["sha256"]["index.yaml"] == hashlib.sha256(written["index.yaml"]).hexdigest()
    assert (summary["egovindex"], summary["index"], summary["rows"]) == (ei.__version__, "un-egdi-2024", 193)
    again = tmp_path / "un-egdi-2024.yaml"
    again.write_bytes(written["index.yaml"])
    assert ei.load_index(again) == ei.load_index("un-egdi-2024")


@pytest.mark.slow
def test_other_data_and_weights_show_in_the_digests(run, tmp_path):
    data = tmp_path / "data.csv"
    ei.sample("un-egdi-2024", variant="as-copied").to_csv(data, index=False)
    runs = {"plain": [], "weights": ["--weights", "services-first"], "data": ["--data", data]}
    for name, words in runs.items():
        assert run("--out", tmp_path / name, *words).returncode == 0
    digests = {name: json.loads(contents(tmp_path / name)["summary.json"])["sha256"] for name in runs}
    assert digests["plain"]["data"] == digests["weights"]["data"] != digests["data"]["data"]
    assert digests["plain"]["index.yaml"] == digests["data"]["index.yaml"] != digests["weights"]["index.yaml"]


def test_a_folder_with_something_in_it_is_refused(run, tmp_path):
    (tmp_path / "mine.txt").write_text("precious", encoding="utf-8")
    done = run("--out", tmp_path)
    assert done.returncode == 4
    assert "empty or a new folder" in done.stderr
    assert contents(tmp_path) == {"mine.txt": b"precious"}


def test_an_empty_folder_is_used(run, tmp_path):
    (tmp_path / "out").mkdir()
    assert run("--out", tmp_path / "out").returncode == 0
    assert contents(tmp_path / "out").keys() == FILES


def test_faults_leave_nothing_behind(run, tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("iso3,year\nA,2024\n", encoding="utf-8")
    done = run("--out", tmp_path / "out", "--data", data)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "osi_if" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


def test_a_folder_that_cannot_be_made(run, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = run("--out", tmp_path / "file" / "out")
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
