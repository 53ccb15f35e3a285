"""``pytest --egovindex-laws``: a test for each law of each index, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

MEAN = "index: plain\nindicators: {a: {}, b: {}}\nnodes: {top: {of: [a, b]}}\n"


def run(folder, *arguments, root):
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    command = [sys.executable, "-m", "pytest", "-p", "egovindex_pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_each_law_of_each_index_is_a_test(tmp_path, root):
    (tmp_path / "plain.yaml").write_text(MEAN)
    (tmp_path / "table.csv").write_text("unit,a,b\nAbaria,1,2\nBelmora,3,1\nCordania,2,2\n")
    done = run(
        tmp_path,
        *("--egovindex-laws", "plain.yaml", "--egovindex-laws", "un-egdi-parts-2024", "-v", "-k", "range or draws"),
        root=root,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("plain.yaml", "un-egdi-parts-2024"):
        for law in ("range", "draws"):
            assert f"egovindex-laws::{name}::{law} PASSED" in done.stdout
    assert "4 passed" in done.stdout
    with_data = run(
        tmp_path, "--egovindex-laws=plain.yaml", "--egovindex-laws-data=table.csv", "-q", "-k", "range", root=root
    )
    assert "1 passed" in with_data.stdout


def test_a_failure_reads_as_a_sentence(tmp_path, root):
    (tmp_path / "plain.yaml").write_text(MEAN)
    (tmp_path / "conftest.py").write_text(
        "from egovindex import testing\nwrong = testing.faulty('range')\nwrong.__enter__()\n"
    )
    done = run(tmp_path, "--egovindex-laws", "plain.yaml", "-k", "range", root=root)
    assert done.returncode == 1
    assert "range does not hold for top: " in done.stdout
    assert "smallest table found, 1 of" in done.stdout
    assert "Traceback" not in done.stdout
    assert "checking.py" not in done.stdout


@pytest.mark.slow
def test_faults_of_the_index_and_of_the_options_are_told(tmp_path, root):
    (tmp_path / "bad.yaml").write_text(MEAN.replace("[a, b]", "[a, c]"))
    done = run(tmp_path, "--egovindex-laws", "bad.yaml", "-k", "range", root=root)
    assert done.returncode == 1
    assert 'top has a child "c"' in done.stdout
    done = run(
        tmp_path,
        *("--egovindex-laws=bad.yaml", "--egovindex-laws-data=1.csv", "--egovindex-laws-data=2.csv"),
        root=root,
    )
    assert done.returncode == 4
    assert "one table for each index" in done.stderr


def test_the_plugin_costs_nothing_where_it_is_not_asked_for(root):
    code = "import sys, egovindex_pytest; print({'egovindex', 'pandas', 'hypothesis'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.slow
def test_the_laws_run_in_parallel(tmp_path, root):
    (tmp_path / "plain.yaml").write_text(MEAN)
    done = run(tmp_path, "--egovindex-laws", "plain.yaml", "-n", "2", "--egovindex-laws-n", "1", root=root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
