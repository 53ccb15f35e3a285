"""The command line: every command and format, what a script can rely on, and files that are safe."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import egovindex as ei
from egovindex.cli import save
from egovindex.cli.app import app
from egovindex.cli.options import TableName

PARTS = "un-egdi-parts-2024"
LAW = "unctad-cyberlaw-2026"
# Namibia and Norway; a blank; text that a spreadsheet could take for a formula
ROWS = "iso3,year,osi,tii,hci\nNA,2024,0.5,0.75,1\nNO,2024,0.6,,0.7\n=1+1,2024,0.125,0.125,0.125\n-x,2024,-1,0.5,0\n"


def run(*words: object, **options):
    return CliRunner().invoke(app, [str(word) for word in words], **options)


def fine(*words: object, **options) -> str:
    done = run(*words, **options)
    assert done.exit_code == 0, done.output
    return done.stdout


def process(*words: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    quiet = {key: value for key, value in os.environ.items() if key not in ("FORCE_COLOR", "COLUMNS", "LINES")}
    return subprocess.run(
        [sys.executable, "-c", "from egovindex.cli import main; main()", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=quiet | environment,
        check=False,
    )


@pytest.fixture
def data(tmp_path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def spec(tmp_path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text("index: mine\nindicators: {a: {}, b: {}}\nnodes: {top: {of: [a, b]}}\n", encoding="utf-8")
    return path


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# --- help and version ------------------------------------------------------------------------------------


def test_help_names_the_commands_and_the_exit_codes():
    text = fine("--help")
    for word in ("list", "show", "check", "score", "demo", "Exit codes", "cannot be read or written"):
        assert word in text
    assert "\x1b" not in text


@pytest.mark.parametrize("command", ["list", "show", "check", "score", "demo"])
def test_every_command_has_help(command):
    assert "Usage" in fine(command, "--help")


def test_version():
    assert fine("--version") == f"egovindex {ei.__version__}\n"


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom egovindex.cli import main\nsys.argv = ['egovindex', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "typer" in loaded
    assert loaded.isdisjoint({"rich", "openpyxl", "python_calamine", "scipy", "pandera", "matplotlib"})


# --- list, show ------------------------------------------------------------------------------------------


def test_list_for_people():
    text = fine("list")
    assert "un-egdi-2024" in text
    assert "services-first" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_list_as_json_and_csv():
    found = json.loads(fine("list", "--json"))
    assert [row["index"] for row in found] == ei.list_indices().index.tolist()
    egdi = next(row for row in found if row["index"] == "un-egdi-2024")
    assert egdi["sample"] is True
    assert "services-first" in egdi["weight_sets"]
    table = rows_of(fine("list", "--csv"))
    assert [row["index"] for row in table] == [row["index"] for row in found]


def test_show_prints_the_merged_file_with_origins():
    lines = fine("show", PARTS, "--weights", "services-first").splitlines()
    assert lines[0].startswith(f"index: {PARTS}")
    assert lines[0].endswith(f"# {PARTS}.yaml:1")
    assert any("services-first.yaml" in line for line in lines)


@pytest.mark.parametrize("options", [[], ["--no-origins"]])
def test_what_show_prints_is_the_index(tmp_path, options):
    written = tmp_path / f"{LAW}.yaml"
    written.write_text(fine("show", LAW, "--rules", "graded", *options), encoding="utf-8")
    assert ei.load_index(written) == ei.load_index(LAW).with_rules("graded")


def test_show_as_json_is_the_document():
    assert json.loads(fine("show", LAW, "--json")) == ei.load_index(LAW).document()


def test_show_prints_an_instrument(tmp_path):
    path = tmp_path / "form.yaml"
    path.write_text("instrument: form\nitems: {q1: {label: Is there a law?}}\n", encoding="utf-8")
    assert fine("show", str(path)).splitlines()[0].endswith("# form.yaml:1")
    assert json.loads(fine("show", str(path), "--json")) == ei.load_instrument(path).document()
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / "form.yaml"
    again.write_text(fine("show", str(path), "--no-origins"), encoding="utf-8")
    assert ei.load_instrument(again) == ei.load_instrument(path)


def test_rules_may_be_listed_or_repeated():
    listed = fine("show", LAW, "--rules", "graded,known_only", "--no-origins")
    assert listed == fine("show", LAW, "--rules", "graded", "--rules", "known_only", "--no-origins")
    assert listed != fine("show", LAW, "--rules", "known_only", "--only-rules", "--no-origins")


# --- check -----------------------------------------------------------------------------------------------


def test_check_of_an_index_alone(spec):
    assert "no fault" in fine("check", spec)


def test_check_of_the_sample_has_only_notes():
    found = json.loads(fine("check", LAW, "--sample", "--json"))
    assert {row["severity"] for row in found} == {"note"}
    assert "10 notes" in fine("check", LAW, "--sample")


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_check_tells_faults_in_data(tmp_path, form):
    path = tmp_path / "data.csv"
    path.write_text("iso3,year,osi,tii\nNO,2024,0.5,word\n", encoding="utf-8")
    done = run("check", PARTS, path, *form)
    assert done.exit_code == 1
    assert "hci" in done.stdout
    if form == ["--json"]:
        assert "error" in {row["severity"] for row in json.loads(done.stdout)}
    if form == ["--csv"]:
        assert "error" in {row["severity"] for row in rows_of(done.stdout)}


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_check_tells_faults_in_a_spec_with_file_and_line(tmp_path, form):
    path = tmp_path / "mine.yaml"
    path.write_text("index: mine\nindicator: {}\nindicators: {a: {}}\nnodes: {top: {of: [b]}}\n", encoding="utf-8")
    done = run("check", path, *form)
    assert done.exit_code == 3
    if not form:
        assert "mine.yaml:2: " in done.stdout
    elif form == ["--json"]:
        assert ("mine.yaml", 2) in {(row["file"], row["line"]) for row in json.loads(done.stdout)}
    else:
        assert ("mine.yaml", "2") in {(row["file"], row["line"]) for row in rows_of(done.stdout)}


# --- score -----------------------------------------------------------------------------------------------


def test_score_as_csv_is_the_ranking():
    text = fine("score", "un-egdi-2024", "--sample", "--csv")
    expected = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024")).ranking
    assert text == expected.to_csv(index=False, lineterminator="\n")


def test_score_as_json_says_what_was_asked():
    found = json.loads(fine("score", LAW, "--sample", "--rules", "graded", "--json"))
    assert (found["index"], found["rules"], found["node"]) == (LAW, ["graded"], "areas")
    assert len(found["rows"]) == 195
    namibia = next(row for row in found["rows"] if row["unit"] == "516")
    assert namibia["score"] == 2


def test_score_for_people_shows_all_rows_where_there_is_no_terminal(data):
    text = fine("score", PARTS, data)
    assert all(unit in text for unit in ("NA", "NO", "=1+1", "-x"))
    assert "void" in text
    assert "\x1b" not in text


def test_other_weights_are_an_index_in_the_style_of_the_published_one():
    assert "In the style of" in fine("score", PARTS, "--sample", "--weights", "services-first", "--top", 1)
    assert "In the style of" not in fine("score", PARTS, "--sample", "--top", 1)


def test_weights_by_name_and_by_file(tmp_path, data):
    path = tmp_path / "half.yaml"
    text = f"weights: half\nindex: {PARTS}\nsource: invented\nnodes: {{EGDI: {{osi: 2, tii: 1, hci: 1}}}}\n"
    path.write_text(text, encoding="utf-8")
    assert fine("score", PARTS, data, "--weights", path, "--csv") == fine(
        "score", PARTS, data, "--weights", "services-first", "--csv"
    )


def test_variant_of_the_sample():
    corrected, copied = (
        json.loads(fine("score", "un-egdi-2024", "--sample", *more, "--json"))["rows"]
        for more in ([], ["--variant", "as-copied"])
    )
    assert corrected != copied


@pytest.mark.parametrize("node", ["EGDI", "HCI", "affordability"])
def test_ranking_of_a_node(node):
    found = rows_of(fine("score", "un-egdi-2024", "--sample", "--node", node, "--csv"))
    result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    ranks = result.ranks[node].droplevel("period")
    assert {row["unit"]: int(row["rank"]) for row in found} == ranks.to_dict()
    order = [int(row["rank"]) for row in found]
    assert order == sorted(order)
    if node == "EGDI":
        assert [row["unit"] for row in found] == result.ranking["unit"].tolist()


@pytest.mark.parametrize("name", [name.value for name in TableName])
def test_every_table_can_be_asked_for(name):
    found = json.loads(fine("score", PARTS, "--sample", "--table", name, "--json"))
    if name == "learned":
        assert found["rows"] == []  # the parts are not standardised
    else:
        assert {row["unit"] for row in found["rows"]} == set(ei.sample(PARTS)["iso3"])


def test_top_is_per_period(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("iso3,year,osi,tii,hci\nA,2022,0,0,0\nA,2024,1,1,1\nB,2022,1,1,1\nB,2024,0,0,0\n", encoding="utf-8")
    found = rows_of(fine("score", PARTS, path, "--top", 1, "--csv"))
    assert [(row["unit"], row["period"]) for row in found] == [("B", "2022"), ("A", "2024")]


def test_a_wide_table_says_that_columns_are_left_out():
    text = fine("score", "un-egdi-2024", "--sample", "--table", "contributions", "--top", 2)
    assert "more columns" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_csv_on_standard_output_keeps_codes_and_digits(data):
    found = {row["unit"]: row for row in rows_of(fine("score", PARTS, data, "--csv"))}
    assert set(found) == {"NA", "NO", "=1+1", "-x"}
    assert float(found["NA"]["score"]) == 0.75
    assert found["NO"]["score"] == ""
    assert found["NO"]["state"] == "void"


# --- files -----------------------------------------------------------------------------------------------

READERS = {
    "csv": lambda path: pd.read_csv(path, keep_default_na=False, na_values=[""]),
    "xlsx": lambda path: pd.read_excel(path, keep_default_na=False, na_values=[""], engine="calamine"),
    "parquet": pd.read_parquet,
    "json": lambda path: pd.DataFrame(json.loads(path.read_text(encoding="utf-8"))["rows"]),
}


@pytest.mark.parametrize("kind", READERS)
def test_every_kind_of_file_holds_the_ranking(tmp_path, data, kind):
    path = tmp_path / f"scores.{kind}"
    assert fine("score", PARTS, data, "--out", path) == ""
    found, expected = READERS[kind](path), ei.compute(PARTS, ei.read_table(data)).ranking
    assert found["unit"].tolist() == expected["unit"].tolist()
    assert found["score"].to_numpy(float, na_value=float("nan")) == pytest.approx(
        expected["score"].to_numpy(), rel=1e-15 if kind == "xlsx" else 0, abs=0, nan_ok=True
    )
    assert found["rank"].fillna(0).astype(int).tolist() == expected["rank"].fillna(0).astype(int).tolist()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data.csv", path.name]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_data_may_be_csv_xlsx_or_parquet(tmp_path, kind):
    table = pd.DataFrame({"iso3": ["NA", "NO"], "year": 2024, "osi": [0.5, 1], "tii": [0.5, 1], "hci": [0.5, 1.0]})
    path = tmp_path / f"data.{kind}"
    {"csv": table.to_csv, "xlsx": table.to_excel, "parquet": table.to_parquet}[kind](path, index=False)
    assert [row["unit"] for row in rows_of(fine("score", PARTS, path, "--csv"))] == ["NO", "NA"]


def test_units_that_look_like_numbers_stay_text(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("iso3,year,osi,tii,hci\n1e3,2024,1,1,1\n1.10,2024,0.5,0.5,0.5\n", encoding="utf-8")
    assert [row["unit"] for row in rows_of(fine("score", PARTS, path, "--csv"))] == ["1e3", "1.10"]


def test_doubled_headings_of_a_workbook_are_told(tmp_path):
    path = tmp_path / "data.xlsx"
    pd.DataFrame([["NA", 2024, 1, 1, 1, 1]], columns=["iso3", "year", "osi", "osi", "tii", "hci"]).to_excel(
        path, index=False
    )
    for command in ("score", "check"):
        done = run(command, PARTS, path)
        assert done.exit_code == 1
        assert 'column "osi" stands 2 times' in done.output


@pytest.mark.parametrize("kind", READERS)
def test_an_existing_file_is_kept(tmp_path, data, kind):
    path = tmp_path / f"scores.{kind}"
    path.write_bytes(b"precious")
    done = run("score", PARTS, data, "--out", path)
    assert (done.exit_code, path.read_bytes()) == (4, b"precious")
    assert "--force" in done.stderr
    fine("score", PARTS, data, "--out", path, "--force")
    assert len(READERS[kind](path)) == 4


def test_a_file_that_appears_meanwhile_is_kept(tmp_path, data, monkeypatch):
    path = tmp_path / "scores.csv"

    def late(*args: object, **options: object) -> str:
        path.write_bytes(b"precious")
        return "text"

    monkeypatch.setattr(save, "csv_text", late)
    done = run("score", PARTS, data, "--out", path)
    assert (done.exit_code, path.read_bytes()) == (4, b"precious")


@pytest.mark.parametrize("option", ["data", "index", "weights"])
def test_no_input_is_overwritten_even_by_force(tmp_path, data, option):
    # a hard link is the same file under another name
    target = tmp_path / "scores.csv"
    index, weights = tmp_path / f"{PARTS}.yaml", tmp_path / "half.yaml"
    index.write_text(fine("show", PARTS, "--no-origins"), encoding="utf-8")
    weights.write_text(f"weights: half\nindex: {PARTS}\nnodes: {{EGDI: equal}}\n", encoding="utf-8")
    source = {"data": data, "index": index, "weights": weights}[option]
    before = source.read_bytes()
    target.hardlink_to(source)
    done = run("score", index, data, "--weights", weights, "--out", target, "--force")
    assert done.exit_code == 2
    assert source.read_bytes() == before == target.read_bytes()


def test_nothing_is_left_of_a_file_that_could_not_be_written(tmp_path, data, monkeypatch):
    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    path = tmp_path / "scores.csv"
    done = run("score", PARTS, data, "--out", path)
    assert done.exit_code == 4
    assert done.stderr == "scores.csv: cannot be written: No space left on device\n"
    assert [p.name for p in tmp_path.iterdir()] == ["data.csv"]


def test_an_existing_file_survives_a_failed_force(tmp_path, data, monkeypatch):
    path = tmp_path / "scores.xlsx"
    path.write_bytes(b"precious")
    monkeypatch.setattr(
        "egovindex.cli.save.save_book", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error"))
    )
    assert run("score", PARTS, data, "--out", path, "--force").exit_code == 4
    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("none/scores.csv", 4, "there is no folder"),
        ("data.csv/scores.csv", 4, "there is no folder"),
        ("folder.csv", 4, "folder"),
        ("scores.txt", 2, "is not written"),
        ("scores", 2, "is not written"),
    ],
)
def test_outputs_that_cannot_be(tmp_path, data, name, code, said):
    (tmp_path / "folder.csv").mkdir()
    done = run("score", PARTS, data, "--out", tmp_path / name)
    assert done.exit_code == code
    assert said in done.stderr
    assert data.read_text(encoding="utf-8") == ROWS


def test_a_folder_that_may_not_be_written(tmp_path, data, monkeypatch):
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):  # the superuser may write anywhere
        monkeypatch.setattr(os, "access", lambda *_, **__: False)
    done = run("score", PARTS, data, "--out", folder / "scores.csv")
    folder.chmod(0o700)
    assert (done.exit_code, done.stderr) == (4, "scores.csv: the folder may not be written\n")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_force_replaces_the_file_behind_a_link(tmp_path, data):
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_bytes(b"old")
    link.symlink_to(real)
    fine("score", PARTS, data, "--out", link, "--force")
    assert link.is_symlink()
    assert real.read_bytes().startswith(b"unit,")


# --- spreadsheets ----------------------------------------------------------------------------------------


def test_text_in_a_workbook_is_never_a_formula(tmp_path, data):
    path = tmp_path / "scores.xlsx"
    fine("score", PARTS, data, "--out", path)
    cells = {cell.value: cell for (cell, *_) in openpyxl.load_workbook(path).active.iter_rows(min_row=2)}
    assert set(cells) == {"NA", "NO", "=1+1", "-x"}  # the text is as it was
    assert {cell.data_type for cell in cells.values()} == {"s"}
    assert {unit: bool(cell.quotePrefix) for unit, cell in cells.items()} == {
        "NA": False,
        "NO": False,
        "=1+1": True,
        "-x": True,
    }


def test_numbers_in_a_workbook_are_numbers(tmp_path, data):
    path = tmp_path / "scores.xlsx"
    fine("score", PARTS, data, "--out", path)
    rows = {row[0]: row for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2, values_only=True)}
    assert rows["-x"][2:4] == (3, pytest.approx(-1 / 6))
    assert rows["NO"][2:4] == (None, None)


def test_csv_is_left_alone_unless_asked(data):
    plain, safe = (rows_of(fine("score", PARTS, data, "--csv", *more)) for more in ([], ["--excel-safe"]))
    assert [row["unit"] for row in plain] == ["NA", "=1+1", "-x", "NO"]
    assert [row["unit"] for row in safe] == ["NA", "'=1+1", "'-x", "NO"]
    assert [row["score"] for row in plain] == [row["score"] for row in safe]  # a negative number is no text


# --- exit codes and faults -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["score"],
        ["score", PARTS],
        ["score", PARTS, "data.csv", "--sample"],
        ["score", PARTS, "--sample", "--variant", "as-copied"],
        ["score", PARTS, "data.csv", "--variant", "as-copied"],
        ["score", PARTS, "--sample", "--json", "--csv"],
        ["score", PARTS, "--sample", "--node", "EDGI"],
        ["score", PARTS, "--sample", "--node", "osi"],
        ["score", PARTS, "--sample", "--table", "scores", "--node", "EGDI"],
        ["score", PARTS, "--sample", "--top", "0"],
        ["score", PARTS, "--sample", "--weights", "service-first"],
        ["score", PARTS, "--sample", "--rules", "graded"],
        ["score", LAW, "--sample", "--only-rules"],
        ["score", "un-egdi", "--sample"],
        ["score", "un-egdi-parts-2008", "--sample"],
        ["show", "un-egdi"],
        ["check", LAW, "--sample", "--rules", "strickt"],
        ["list", "--jason"],
        ["nothing"],
    ],
)
def test_wrong_usage_is_2(data, words):
    done = run(*(data if word == "data.csv" else word for word in words))
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 4),
        (b"iso3,osi\n\xff\xfe,1\n", 4),
        (b'iso3,osi\n"A,1\n', 4),
        (b"iso3,year,osi,tii,hci\n", 1),
        (b"iso3,year,osi,tii,hci\nA,2024,1,1,1\nA,2024,1,1,1\n", 1),
        (b"iso3,year,osi,tii,hci\nA,2024,1,1,word\n", 1),
        (b"iso3,year,osi,tii,hci\nA,2024,1,1,inf\n", 1),
        (b"iso3,year,osi,tii\nA,2024,1,1\n", 1),
        (None, 4),
    ],
)
def test_faults_of_data(tmp_path, content, code):
    path = tmp_path / "data.csv"
    if content is not None:
        path.write_bytes(content)
    done = run("score", PARTS, path, "--out", tmp_path / "scores.csv")
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    assert done.stderr.count("\n") >= 1
    assert not (tmp_path / "scores.csv").exists()
    if content is not None:
        assert path.read_bytes() == content


def test_several_faults_take_one_line_each(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("iso3,year,osi\nA,2024,1\n", encoding="utf-8")
    lines = run("score", PARTS, path).stderr.splitlines()
    assert len(lines) == 2
    assert "tii" in lines[0]
    assert "hci" in lines[1]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 3),
        (b"index: mine\nstep: \xff\n", 3),
        (b"index: [mine\n", 3),
        (b"index: other\nindicators: {a: {}}\nnodes: {top: {of: [a]}}\n", 3),
        (None, 4),
    ],
)
@pytest.mark.parametrize("command", ["show", "check", "score"])
def test_faults_of_a_spec(tmp_path, data, command, content, code):
    path = tmp_path / "mine.yaml"
    if content is not None:
        path.write_bytes(content)
    done = run(command, path, *([data] if command == "score" else []))
    assert done.exit_code == code, done.output
    assert "mine.yaml" in done.output
    assert "Traceback" not in done.output


def test_faults_of_a_weight_file(tmp_path):
    path = tmp_path / "panel.yaml"
    path.write_text(f"weights: panel\nindex: {PARTS}\nnodes: {{EGDI: {{osi: 1, tii: 1, hic: 1}}}}\n", encoding="utf-8")
    done = run("score", PARTS, "--sample", "--weights", path)
    assert done.exit_code == 3
    assert done.stderr.startswith("panel.yaml:3: ")
    assert "hic" in done.stderr


def test_a_folder_is_no_file(tmp_path):
    assert run("score", PARTS, tmp_path).exit_code == 4
    (tmp_path / "mine.yaml").mkdir()
    assert run("show", tmp_path / "mine.yaml").exit_code == 4


def test_a_fault_of_ours_is_not_taken_for_one_of_the_data(monkeypatch):
    monkeypatch.setattr(ei, "compute", lambda *_: 1 / 0)
    done = run("score", PARTS, "--sample")
    assert done.exit_code == 70
    assert "ZeroDivisionError" in done.stderr
    assert "please report" in done.stderr


# --- real processes --------------------------------------------------------------------------------------


def test_a_process_prints_and_ends_as_documented(tmp_path, data):
    done = process("score", PARTS, "data.csv", "--csv", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert rows_of(done.stdout)[0]["unit"] == "NA"
    assert process("score", PARTS, "none.csv", cwd=tmp_path).returncode == 4
    assert process("score", "none", "data.csv", cwd=tmp_path).returncode == 2


def test_a_terminal_without_utf8_gets_question_marks_not_a_traceback(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("iso3,year,osi,tii,hci\nCôte,2024,1,1,1\n", encoding="utf-8")
    done = process("score", PARTS, path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "C?te" in done.stdout
    assert "Côte" in process("score", PARTS, path, "--csv", PYTHONIOENCODING="ascii", PYTHONUTF8="0").stdout


@pytest.mark.skipif(os.name == "nt", reason="needs a shell with pipes")
@pytest.mark.parametrize("words", [["score", "un-egdi-2024", "--sample"], ["demo"], ["show", "un-egdi-2024"]])
def test_a_reader_that_leaves_early_is_no_fault(words):
    left = 128 + signal.SIGPIPE
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-c", "from egovindex.cli import main; main()", *words]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (left, "")


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_is_130_without_a_traceback():
    code = (
        # a job in the background of a script inherits that Ctrl-C is ignored
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import sys, time\nfrom egovindex.cli import main\nimport egovindex as ei\n"
        "ei.compute = lambda *_: (print('ready', flush=True), time.sleep(60))\n"
        f"sys.argv = ['egovindex', 'score', '{PARTS}', '--sample']\nmain()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout.readline() == "ready\n"
        time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=180)
    assert run.returncode == 130
    assert "Traceback" not in said


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_terminal_that_is_too_short_shows_the_first_rows():
    import pty

    leader, follower = pty.openpty()
    command = [sys.executable, "-c", "from egovindex.cli import main; main()", "score", "un-egdi-2024", "--sample"]
    size = {"COLUMNS": "80", "LINES": "24", "TERM": "xterm"}
    with subprocess.Popen(command, stdout=follower, env=os.environ | size) as run:
        os.close(follower)
        shown = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
    os.close(leader)
    assert run.returncode == 0
    assert shown.count(b"\n") < 24
    assert b"more rows" in shown


def test_text_that_a_workbook_cannot_hold(tmp_path):
    data, path = tmp_path / "data.csv", tmp_path / "scores.xlsx"
    data.write_text("iso3,year,osi,tii,hci\nA\x07,2024,1,1,1\n", encoding="utf-8")
    done = run("score", PARTS, data, "--out", path)
    assert done.exit_code == 4
    assert done.stderr.startswith("scores.xlsx: a workbook cannot hold this text")
    assert not path.exists()
