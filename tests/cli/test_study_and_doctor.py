"""new-study, doctor, completion and help."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import egovindex as ei
from egovindex.cli import study
from egovindex.cli.app import app
from egovindex.spec import load

FILES = ["Makefile", "README.md", "data/answers.csv", "run.py", "specs/equal.yaml"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def files_in(folder) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# --- new-study


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None or os.name == "nt", reason="needs make")
@pytest.mark.parametrize("like", [None, "un-egdi-2024"])
def test_a_new_study_runs(cli, here, like):
    said = cli.fine("new-study", "towns", *(["--like", like] if like else []))
    assert "cd towns && make run" in said
    folder = here / "towns"
    assert files_in(folder) == sorted([*FILES, "specs/towns.yaml"])
    for goal in ("check", "run", "run"):  # a second time, too
        done = subprocess.run(
            ["make", goal, f"PYTHON={sys.executable}"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert ("Estovia" if like is None else "DNK") in done.stdout
    assert ei.verify(folder / "results").identical


def test_the_invented_study_teaches(cli, here):
    cli.fine("new-study", "towns")
    index = ei.load_index(here / "towns/specs/towns.yaml")
    assert len(index.tree.leaves) == 6
    assert len(index.tree.branches) == 4
    result = ei.compute(index, here / "towns/data/answers.csv")
    other = ei.compute(index.with_weights(here / "towns/specs/equal.yaml"), here / "towns/data/answers.csv")
    assert len(ei.compare(result, other).moved) == 2
    script = (here / "towns/run.py").read_text(encoding="utf-8")
    assert 10 <= len([line for line in script.splitlines() if line]) <= 20


def test_no_path_and_nothing_to_fill_in_is_left(cli, here):
    cli.fine("new-study", "towns")
    for name in files_in(here):
        text = (here / name).read_text(encoding="utf-8")
        assert str(here) not in text
        assert not re.search(r"@[A-Z]+@|/home|/Users|/tmp", text), name


@pytest.mark.parametrize("name", ["no", "null", "y", "A-1_b", "x" * 60])
def test_names_that_are_fine(cli, here, name):
    cli.fine("new-study", name)
    assert ei.load_index(here / name / "specs" / f"{name}.yaml").id == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "a\\b", "/tmp/x", "a b", "a\n", "-", "a--b", "1a", "CON", "Lpt1", "a.b", "é", "$(x)",
     "a;b", "a\u202eb", "\x1b[31m", "~", "x" * 61, "un-egdi-2024"],
)  # fmt: skip
def test_names_that_are_refused(cli, here, name):
    done = cli.run("new-study", "--", name)
    assert done.exit_code == 2, done.output
    assert not set(done.output) & set("\x1b\u202e")
    assert list(here.iterdir()) == []
    assert list(here.parent.iterdir()) == [here]


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_exists_is_left_alone(cli, here, kind):
    target = here / "towns"
    if kind == "folder":
        target.mkdir()
    elif kind == "file":
        target.write_text("precious", encoding="utf-8")
    else:
        target.symlink_to("nowhere")
    done = cli.run("new-study", "towns")
    assert done.exit_code == 4
    assert "already" in done.stderr
    assert [path.name for path in here.rglob("*")] == ["towns"]


def test_a_study_is_there_as_a_whole_or_not_at_all(cli, here, monkeypatch):
    bad = {"README.md": "fine", "data/x": "\ud800"}  # the second cannot be encoded
    monkeypatch.setattr(study, "_files", lambda *_: bad)
    assert cli.run("new-study", "towns").exit_code != 0
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("like", "code", "said"),
    [("un-egdi-2042", 2, "un-egdi-2024"), ("un-egdi-parts-2008", 2, "sample"), ("none.yaml", 4, "no such file")],
)
def test_like_what_cannot_be(cli, here, like, code, said):
    done = cli.run("new-study", "towns", "--like", like)
    assert (done.exit_code, said in done.stderr) == (code, True), done.output
    assert list(here.iterdir()) == []


# --- doctor


def test_doctor_of_a_sound_installation(cli):
    found = json.loads(cli.fine("doctor", "--json"))
    assert found["sound"] is True
    states = {row["what"]: row for row in found["findings"]}
    assert states["egovindex"]["found"] == ei.__version__
    assert {"Python", "numpy", "pandas", "scipy", "packaged files", "terminal", "linear algebra"} <= set(states)
    assert "all load" in states["packaged files"]["found"]
    assert "sound" in cli.fine("doctor")


def test_doctor_tells_nothing_of_machine_and_user(cli):
    import getpass
    import platform
    from pathlib import Path

    text = cli.fine("doctor") + cli.fine("doctor", "--json")
    assert platform.node() == "" or not re.search(rf"\b{re.escape(platform.node())}\b", text)
    for word in (getpass.getuser() if "USER" in os.environ else None, str(Path.home()), str(Path.cwd())):
        assert word is None or len(word) < 4 or word not in text


def test_doctor_names_a_missing_extra(cli, monkeypatch):
    version = importlib.metadata.version

    def without(package: str) -> str:
        if package == "openpyxl":
            raise importlib.metadata.PackageNotFoundError(package)
        return version(package)

    monkeypatch.setattr(importlib.metadata, "version", without)
    found = json.loads(cli.fine("doctor", "--json"))
    excel = next(row for row in found["findings"] if row["what"] == "extra excel")
    assert excel["state"] == "note"
    assert 'pip install "egovindex[excel]"' in excel["found"]
    assert "openpyxl" in excel["found"]


def test_doctor_finds_what_is_not_sound(cli, tmp_path, monkeypatch):
    folder = tmp_path / "indicators"
    folder.mkdir()
    (folder / "bad.yaml").write_text("index: bad\nindicators: {a: {step: 1}}\n", encoding="utf-8")
    monkeypatch.setattr(load, "indicators_folder", lambda: folder)
    done = cli.run("doctor", "--json")
    assert done.exit_code == 3
    assert "bad.yaml" in done.stdout
    monkeypatch.setattr(load, "indicators_folder", lambda: (_ for _ in ()).throw(FileNotFoundError(str(folder))))
    done = cli.run("doctor")
    assert done.exit_code == 4
    assert str(folder) not in done.output


# --- help and completion


def commands() -> list[str]:
    return [command.name or command.callback.__name__ for command in app.registered_commands]


@pytest.mark.parametrize("command", commands())
def test_every_command_has_an_example(cli, command):
    text = cli.fine(command, "--help")
    assert f"egovindex {command}" in text.partition("Example")[2]


def test_python_m_egovindex(cli):
    done = cli.process("--version")
    assert (done.returncode, done.stdout) == (0, f"egovindex {ei.__version__}\n")


def completed(cli, line: str, cwd=None) -> list[str]:
    words = line.split(" ")
    asked = {"_EGOVINDEX_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = cli.process(cwd=cwd, **asked)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("egovindex score un-egdi-20", ["un-egdi-2024"]),
        ("egovindex explain un-egdi-2024 --sample KH", ["KHM"]),
        ("egovindex explain towns.yaml towns.csv ", ["Abaria", "Belmora"]),
        ("egovindex score un-egdi-2024 --sample --node EG", ["EGDI"]),
        ("egovindex score un-egdi-2024 --sample --weights serv", ["services-first"]),
        ("egovindex score none.yaml --node x", []),
    ],
)
def test_completion(cli, towns, tmp_path, line, offered):
    # what a shell would have to quote, or would run, is not offered
    towns.data.write_text("unit,region\nAbaria,n\n$(touch x),n\nCosta Rica,n\nd'Or,n\nBelmora,n\n", encoding="utf-8")
    assert completed(cli, line, cwd=tmp_path) == offered
