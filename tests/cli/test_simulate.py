"""simulate on the command line: the library's tables, files that are safe, progress, and runs that go on."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import nullcontext, suppress
from importlib import import_module
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import egovindex as ei
from egovindex import plots
from egovindex.cli import runs
from egovindex.cli.simulate import Drawn
from egovindex.files import csv_text, plain_rows
from egovindex.progress import Told
from egovindex.sensitivity.checkpoint import Checkpoint
from tests.cli.terminal import on_a_terminal

# the module and its command share a name, and the package may know either
simulate_module = import_module("egovindex.cli.simulate")

EGDI = "un-egdi-2024"
LAW = "unctad-cyberlaw-2026"
DOUBT = ("--vary", "weights.EGDI=simplex", "--vary", "aggregate.EGDI=mean|geometric")
RUN = ("simulate", EGDI, "--sample", *DOUBT, "-n", "300", "--rng", "7")
KEYS = ["unit", "period"]


def doubt() -> ei.Doubt:
    return ei.Doubt(weights={"EGDI": ei.simplex()}, aggregate={"EGDI": ["mean", "geometric"]})


@pytest.fixture(scope="module")
def draws() -> ei.Draws:
    return ei.simulate(EGDI, ei.sample(EGDI), doubt(), n=300, rng=7)


def table_of(draws: ei.Draws, name: str) -> pd.DataFrame:
    if name == "top":
        return draws.top(3)
    if name == "settings":
        return draws.settings()
    method = {
        "intervals": "rank_intervals",
        "probabilities": "rank_probabilities",
        "scores": "score_intervals",
        "classes": "class_probabilities",
        "expected": "expected_ranks",
    }.get(name, name)
    found = getattr(draws, method)
    return found() if callable(found) else found


def plain(table: pd.DataFrame) -> pd.DataFrame:
    table = table.reset_index()
    table.columns = [str(heading) for heading in table.columns]
    return table


def same(rows: list[dict[str, object]], expected: pd.DataFrame) -> None:
    """The rows of the library, in whatever order, every number to the last digit."""
    known = plain_rows(plain(expected))
    first = next(iter(known[0]), "") if known else ""
    assert sorted(rows, key=lambda row: str(row[first])) == sorted(known, key=lambda row: str(row[first]))
    assert [list(row) for row in rows[:1]] == [list(row) for row in known[:1]]


def same_text(text: str, expected: pd.DataFrame) -> None:
    """The same of CSV: every line."""
    first, *rest = text.splitlines()
    known_first, *known = csv_text(plain(expected)).splitlines()
    assert (first, sorted(rest)) == (known_first, sorted(known))


# --- the library's numbers


@pytest.mark.parametrize("name", [name.value for name in Drawn])
def test_every_table_is_the_library_s(cli, draws, name):
    words = ("--table", name, *(["--k", "3"] if name == "top" else []))
    text = cli.fine(*RUN, *words, "--csv")
    expected = table_of(draws, name)
    same_text(text, expected)
    same(json.loads(cli.fine(*RUN, *words, "--json"))["rows"], expected)


def test_json_says_what_stands_around_the_table(cli, draws):
    found = json.loads(cli.fine(*RUN, "--json"))
    del found["rows"], found["title"]
    assert found == {
        "index": EGDI,
        "weights": "as in the file",
        "rules": [],
        "points": "as in the file",
        "table": "intervals",
        "node": "EGDI",
        "level": 0.9,
        "n": 300,
        "rng": 7,
        "learn": "each_draw",
        "precision": "double",
        "failed": 0,
        "laws": draws.laws,
    }


def test_units_stand_in_the_order_of_their_rank(cli, draws):
    rows = cli.rows_of(cli.fine(*RUN, "--csv"))
    assert [row["unit"] for row in rows] == draws.result.ranking["unit"].tolist()
    likely = [float(row["probability"]) for row in cli.rows_of(cli.fine(*RUN, "--table", "top", "--k", 3, "--csv"))]
    assert likely == sorted(likely, reverse=True)


def test_of_equally_likely_units_the_better_one_stands_first(cli):
    words = ("simulate", "undp-hdi-2022", "--sample", "--vary", "weights=within 0.01", "-n", 20, "--rng", 1)
    rows = cli.rows_of(cli.fine(*words, "--table", "top", "--k", 5, "--top", 2, "--csv"))
    assert [(row["unit"], float(row["probability"])) for row in rows] == [("CHE", 1.0), ("NOR", 1.0)]


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--learn", "nominal"], {"learn": "nominal"}),
        (["--precision", "single"], {"precision": "single"}),
        (["--node", "OSI"], {"node": "OSI"}),
        (["--workers", "1"], {"executor": 1}),
    ],
)
def test_options_reach_the_library(cli, words, options):
    doubt = ei.Doubt(weights=ei.within(0.25), normalise=["minmax", "zscore"])
    expected = ei.simulate(EGDI, ei.sample(EGDI), doubt, n=60, rng=3, **options)
    said = ("--vary", "weights=within 0.25", "--vary", "normalise=minmax|zscore")
    found = json.loads(cli.fine("simulate", EGDI, "--sample", *said, "-n", 60, "--rng", 3, *words, "--json"))
    same(found["rows"], expected.rank_intervals())
    assert (found["node"], found["learn"], found["precision"]) == (
        expected.node,
        expected.learn,
        options.get("precision", "double"),
    )


@pytest.mark.parametrize("command", ["simulate", "sobol"])
def test_workers_are_threads_of_the_library(cli, monkeypatch, command):
    asked: list[object] = []
    real = getattr(ei, command)
    monkeypatch.setattr(ei, command, lambda *args, **more: asked.append(more["executor"]) or real(*args, **more))
    words = (command, EGDI, "--sample", *DOUBT, "-n", 16, "--rng", 1)
    assert cli.fine(*words, "--workers", 3) == cli.fine(*words)
    assert asked == [3, None]


def test_level_is_that_of_the_intervals(cli, draws):
    found = json.loads(cli.fine(*RUN, "--level", 0.5, "--json"))
    same(found["rows"], draws.rank_intervals(0.5))
    assert found["level"] == 0.5
    found = json.loads(cli.fine(*RUN, "--table", "scores", "--level", 0.5, "--json"))
    same(found["rows"], draws.score_intervals(0.5))


def test_index_options_are_those_of_the_other_commands(cli):
    index = ei.load_index(LAW).with_rules("graded").with_points({"nothing.no_data": "skip"})
    expected = ei.simulate(index, ei.sample(LAW), ei.Doubt(points={"status.draft": (0.2, 0.6)}), n=50, rng=2)
    words = ("--rules", "graded", "--points", "nothing.no_data=skip", "--vary", "points.status.draft=uniform 0.2 0.6")
    found = json.loads(cli.fine("simulate", LAW, "--sample", *words, "-n", 50, "--rng", 2, "--json"))
    same(found["rows"], expected.rank_intervals())
    assert (found["rules"], found["points"]) == (["graded"], "nothing.no_data = skip")


def test_top_is_of_each_period_and_the_first_draws_of_settings(cli, towns, draws):
    words = ("simulate", towns.spec, towns.panel, "--vary", "weights=simplex", "-n", 50, "--rng", 1)
    rows = cli.rows_of(cli.fine(*words, "--top", 1, "--csv"))
    assert [row["period"] for row in rows] == ["2022", "2024"]
    rows = cli.rows_of(cli.fine(*RUN, "--table", "settings", "--top", 4, "--csv"))
    assert [row["draw"] for row in rows] == ["0", "1", "2", "3"]


def test_a_seed_that_is_not_given_is_told(cli, towns):
    words = ("simulate", towns.spec, towns.data, "--vary", "weights=simplex", "-n", 50)
    done = cli.run(*words, "--table", "expected", "--csv")
    word, seed = done.stderr.split()
    assert word == "seed"
    assert cli.fine(*words, "--table", "expected", "--csv", "--rng", seed) == done.stdout
    assert cli.run(*words, "--csv", "--rng", seed).stderr == ""
    text = cli.fine(*words)
    assert "seed " in text
    assert json.loads(cli.fine(*words, "--json"))["rng"] > 0


# --- for people


def test_the_page_tells_laws_draws_and_seed_and_then_the_best(cli):
    text = cli.fine(*RUN, "--top", 3)
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[0] == f"E-Government Development Index 2024, from raw inputs ({EGDI})"
    assert "intervals of EGDI at level 0.9; 193 rows of the packaged sample" in text
    assert lines[4:7] == [
        "weights.EGDI    simplex",
        "aggregate.EGDI  one of mean, geometric",
        "300 draws, seed 7; learned in each draw, double precision",
    ]
    assert lines[8].split() == ["unit", "rank", "low", "median", "high", "width"]
    assert [line.split()[0] for line in lines[10:]] == ["DNK", "EST", "SGP"]
    assert "failed" not in text
    assert all(len(line) <= 80 for line in lines)


def test_other_weights_are_in_the_style_of_the_published_index(cli):
    assert cli.fine(*RUN, "--weights", "equal", "--top", 1).startswith("In the style of: ")


def test_how_it_learned_and_which_table(cli):
    text = cli.fine(*RUN, "--learn", "nominal", "--precision", "single", "--table", "top", "--k", 10, "--top", 1)
    text = " ".join(text.split())
    assert "top 10 of EGDI; 193 rows" in text
    assert "learned values of the index without any draw, single precision" in text


def test_many_laws_are_cut(cli):
    names = list(ei.load_index(EGDI).tree.leaves)[:10]
    words = ("simulate", EGDI, "--sample", "--vary", f"include={'|'.join(names)}", "-n", 20, "--rng", 1)
    assert "... 2 more factors; --all shows them" in cli.fine(*words, "--top", 1)
    assert f"include.{names[-1]}" in cli.fine(*words, "--top", 1, "--all")


FAILING = ("--vary", "normalise=minmax|zscore", "--vary", "aggregate.top=mean|geometric", "-n", 40, "--rng", 1)


def test_failed_draws_are_told(cli, towns):
    words = ("simulate", towns.spec, towns.data, *FAILING)
    expected = ei.simulate(
        towns.spec, towns.data, ei.Doubt(normalise=["minmax", "zscore"], aggregate={"top": ["mean", "geometric"]}),
        n=40, rng=1,
    )  # fmt: skip
    failed = 40 - expected.good
    assert failed > 0
    said = f"{failed} draws failed, and are left out; --table failed lists them"
    assert said in cli.fine(*words)
    done = cli.run(*words, "--csv")
    assert (done.stderr, said in done.stdout) == (f"{said}\n", False)
    assert json.loads(cli.fine(*words, "--json"))["failed"] == failed
    rows = cli.rows_of(cli.fine(*words, "--table", "failed", "--csv"))
    assert [int(row["draw"]) for row in rows] == expected.failed.index.tolist()
    assert {(row["normalise"], row["aggregate.top"]) for row in rows} == {("zscore", "geometric")}
    text = " ".join(cli.fine(*words, "--table", "failed").split())
    assert "the geometric mean needs values that are not negative" in text
    assert "settings stand beside them with --csv" in text
    assert "Nothing failed." in cli.fine(*RUN, "--table", "failed")


def test_names_are_harmless(cli, towns):
    name = "\x1b[31mred\x07"
    towns.data.write_text(f"unit,region,act,forms\n{name},n,yes,1\nBelmora,n,no,2\n=1+1,n,no,1\n", encoding="utf-8")
    words = ("simulate", towns.spec, towns.data, "--vary", "weights=simplex", "-n", 20, "--rng", 1)
    assert not set(cli.fine(*words)) & set("\x1b\x07")
    assert [row["unit"] for row in cli.rows_of(cli.fine(*words, "--csv", "--excel-safe"))][-1] == "'=1+1"


# --- files


def test_out_writes_every_kind_of_file(cli, draws, tmp_path):
    for kind in ("csv", "parquet", "json"):
        path = tmp_path / f"ranks.{kind}"
        done = cli.run(*RUN, "--table", "probabilities", "--out", path)
        assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"ranks.{kind}: 193 rows\n")
    same_text((tmp_path / "ranks.csv").read_text(encoding="utf-8"), draws.rank_probabilities())
    same(json.loads((tmp_path / "ranks.json").read_text(encoding="utf-8"))["rows"], draws.rank_probabilities())
    same(plain_rows(pd.read_parquet(tmp_path / "ranks.parquet")), draws.rank_probabilities())
    cli.fine(*RUN, "--out", tmp_path / "ranks.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "ranks.xlsx").active
    assert [cell.value for cell in sheet[2]] == ["DNK", 2024, 1, *draws.rank_intervals().loc[("DNK", 2024)][1:]]


def test_the_doubt_is_saved_and_gives_the_same_draws(cli, tmp_path):
    path = tmp_path / "doubt.yaml"
    first = cli.run(*RUN, "--csv", "--save-doubt", path)
    assert first.stderr == "doubt.yaml: saved\n"
    assert repr(ei.load_doubt(path)).splitlines()[1:] == repr(doubt()).splitlines()[1:]
    again = ("simulate", EGDI, "--sample", "--doubt", path, "-n", 300, "--rng", 7, "--csv")
    assert cli.fine(*again) == first.stdout


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_picture_is_the_library_s(cli, draws, tmp_path, kind):
    done = cli.run(*RUN, "--plot", tmp_path / f"ranks.{kind}", "--level", 0.5, "--top", 20, "--table", "expected")
    assert (done.exit_code, done.stderr) == (0, f"ranks.{kind}: drawn\n")
    assert "expected of EGDI" in done.stdout
    plots.save(draws.plot.rank_intervals(level=0.5, top=20), tmp_path / f"same.{kind}")
    assert (tmp_path / f"ranks.{kind}").read_bytes() == (tmp_path / f"same.{kind}").read_bytes()


def test_a_picture_is_of_one_period(cli, towns, tmp_path):
    words = ("simulate", towns.spec, towns.panel, "--vary", "weights=simplex", "-n", 20, "--plot", tmp_path / "a.svg")
    done = cli.run(*words)
    assert (done.exit_code, done.stderr) == (
        2,
        "a picture is of one period, and there are 2022, 2024; name one with --period\n",
    )
    assert cli.run(*words, "--period", 2023).exit_code == 2
    assert not (tmp_path / "a.svg").exists()
    cli.fine(*words, "--period", 2022)
    assert (tmp_path / "a.svg").exists()


@pytest.mark.parametrize("option", ["--out a.csv", "--plot a.png", "--save-doubt a.yaml"])
def test_a_file_that_exists_is_kept(cli, tmp_path, monkeypatch, option):
    monkeypatch.chdir(tmp_path)
    name = Path(option.split()[1])
    name.write_bytes(b"precious")
    with monkeypatch.context() as early:
        early.setattr(ei, "simulate", lambda *_, **__: pytest.fail("it was drawn"))
        done = cli.run(*RUN, *option.split())
    assert (done.exit_code, done.stdout, name.read_bytes()) == (4, "", b"precious")
    assert done.stderr == f"{name}: the file exists; --force replaces it\n"
    cli.fine(*RUN, *option.split(), "--force")
    assert name.read_bytes() != b"precious"
    assert [path.name for path in tmp_path.iterdir()] == [name.name]


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--plot a.png", "--save-doubt a.yaml"])
def test_a_file_that_appears_meanwhile_is_kept(cli, tmp_path, monkeypatch, option):
    monkeypatch.chdir(tmp_path)
    name = Path(option.split()[1])
    real = ei.simulate

    def late(*args: object, **options: object) -> ei.Draws:
        name.write_bytes(b"precious")
        return real(*args, **options)

    monkeypatch.setattr(ei, "simulate", late)
    done = cli.run(*RUN, *option.split())
    assert (done.exit_code, done.stderr) == (4, f"{name}: the file exists; --force replaces it\n")
    assert name.read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("--plot a.jpg", 2, 'a.jpg: ".jpg" is not written'),
        ("--save-doubt a.json", 2, 'a.json: ".json" is not written'),
        ("--out a.txt", 2, "is not written"),
        ("--plot none/a.png", 4, "there is no folder"),
        ("--plot folder.png", 4, "this is a folder"),
        ("--save-doubt doubt.yaml --doubt doubt.yaml --force", 2, "doubt.yaml: this file is read"),
        ("--out run.json --checkpoint run.json", 2, "run.json: two options name this file"),
        ("--checkpoint none/run.npz", 4, "there is no folder"),
        ("--checkpoint doubt.yaml", 4, "doubt.yaml: this is no checkpoint"),
    ],
)
def test_outputs_that_cannot_be(cli, tmp_path, monkeypatch, words, code, said):
    monkeypatch.chdir(tmp_path)
    Path("folder.png").mkdir()
    Path("doubt.yaml").write_text("doubt: x\nnormalise: [minmax, zscore]\n", encoding="utf-8")
    done = cli.run(*RUN, *words.split())
    assert (done.exit_code, done.stdout, said in done.stderr) == (code, "", True), done.stderr
    assert Path("doubt.yaml").read_text(encoding="utf-8").startswith("doubt: x")
    assert sorted(path.name for path in Path().iterdir()) == ["doubt.yaml", "folder.png"]


def test_a_picture_without_matplotlib_is_told_before_anything_is_drawn(cli, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr(ei, "simulate", lambda *_, **__: pytest.fail("it was drawn"))
    done = cli.run(*RUN, "--plot", tmp_path / "a.png")
    assert (done.exit_code, done.stderr) == (
        4,
        'a.png: pictures need the extra "plot": pip install "egovindex[plot]"\n',
    )


def test_nothing_is_left_of_a_file_that_could_not_be_written(cli, tmp_path, monkeypatch):
    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    done = cli.run(*RUN, "--save-doubt", tmp_path / "a.yaml")
    assert (done.exit_code, done.stderr) == (4, "a.yaml: cannot be written: No space left on device\n")
    assert list(tmp_path.iterdir()) == []


# --- wrong usage


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--json", "--csv"], "go together"),
        (["--level", "1"], "--level is a share between 0 and 1"),
        (["--level", "0.5", "--table", "expected"], "--level goes with"),
        (["--table", "top"], "--table top needs --k"),
        (["--k", "3"], "--k goes with --table top"),
        (["--k", "0", "--table", "top"], "--k"),
        (["--period", "2024"], "--period goes with --plot"),
        (["--draws", "0"], "--draws"),
        (["--rng", "-1"], "--rng"),
        (["--workers", "0"], "--workers"),
        (["--learn", "never"], "nominal"),
        (["--precision", "half"], "single"),
        (["--table", "tops"], "intervals"),
        (["--variant", "none"], "variant"),
    ],
)
def test_wrong_usage_is_2(cli, words, said):
    done = cli.run(*RUN, *words)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_classes_are_asked_of_a_node_that_has_some(cli, monkeypatch):
    monkeypatch.setattr(ei, "simulate", lambda *_, **__: pytest.fail("it was drawn"))
    words = ("simulate", LAW, "--sample", "--vary", "weights=simplex", "--table", "classes")
    done = cli.run(*words)
    assert (done.exit_code, done.stderr) == (2, "areas has no classes\n")


def test_too_many_settings_are_asked_for_in_the_words_of_the_option(cli, monkeypatch):
    monkeypatch.setattr("egovindex.sensitivity.draws._SETTINGS_AT_ONCE", 100)
    done = cli.run(*RUN, "--table", "settings")
    assert (done.exit_code, "--top 1000" in done.stderr) == (2, True)
    assert len(cli.rows_of(cli.fine(*RUN, "--table", "settings", "--top", 10, "--csv"))) == 10


# --- a run that is stopped and goes on


def checkpointed(path: Path, n: int, seed: str | None = "5") -> tuple[str, ...]:
    words = (
        "simulate",
        EGDI,
        "--sample",
        *DOUBT,
        "-n",
        str(n),
        "--checkpoint",
        str(path),
        "--table",
        "expected",
        "--csv",
    )
    return words if seed is None else (*words, "--rng", seed)


def test_a_checkpoint_is_gone_on_from(cli, tmp_path):
    path = tmp_path / "run.npz"
    cli.fine(*checkpointed(path, 2048))
    whole = cli.fine(*checkpointed(path, 6000))
    path.unlink()
    assert cli.fine(*checkpointed(path, 6000)) == whole
    # the seed is in it
    assert cli.fine(*checkpointed(path, 6000, None)) == whole


def test_a_checkpoint_of_another_run_is_refused(cli, tmp_path):
    path = tmp_path / "run.npz"
    cli.fine(*checkpointed(path, 2048))
    before = path.read_bytes()
    done = cli.run(*checkpointed(path, 2048, "6"))
    assert (done.exit_code, "it differs in rng" in done.stderr) == (4, True), done.stderr
    done = cli.run(*checkpointed(path, 1024))
    assert (done.exit_code, "more than --draws 1024" in done.stderr) == (2, True), done.stderr
    assert path.read_bytes() == before


def stopped(words: tuple[str, ...]) -> tuple[int, str]:
    """A run that is interrupted as soon as some draws are done: exit code and standard error."""
    code = (
        # a job in the background of a script inherits that Ctrl-C is ignored
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import sys, time\nfrom contextlib import contextmanager\n"
        "from egovindex.cli import main\nimport egovindex.cli.simulate\n"
        "def slow(told):\n    if told.done:\n        print('ready', flush=True)\n        time.sleep(60)\n"
        "@contextmanager\ndef progress_line(*, quiet):\n    yield slow\n"
        "sys.modules['egovindex.cli.simulate'].progress_line = progress_line\n"
        f"sys.argv = {['egovindex', *words]!r}\nmain()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout.readline() == "ready\n"
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=180)
    return run.returncode, said


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_run_goes_on_where_it_was_and_is_the_same(cli, tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    words = checkpointed(path, 20_000)
    assert stopped(words) == (130, "interrupted; the same command goes on from run.npz\n")
    kept = Checkpoint(path).about()["draws"]
    assert 0 < kept < 20_000
    whole = ei.simulate(EGDI, ei.sample(EGDI), doubt(), n=20_000, rng=5)
    begun: list[int] = []
    monkeypatch.setattr(simulate_module, "progress_line", lambda **_: nullcontext(lambda told: begun.append(told.done)))
    same_text(cli.fine(*words), whole.expected_ranks)
    assert begun[0] == kept


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_run_without_a_checkpoint_says_nothing(tmp_path):
    words = ("simulate", EGDI, "--sample", *DOUBT, "-n", "20000")
    assert stopped(words) == (130, "")


# --- progress


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_progress_is_drawn_on_a_terminal_and_nowhere_else(cli, draws):
    code, printed, shown = on_a_terminal(*RUN, "--csv")
    assert code == 0, shown
    assert "\rdrawing EGDI: 0 of 300 (0%)" in shown
    assert "drawing EGDI: 300 of 300 (100%), 0 s left\r\n" in shown
    assert on_a_terminal(*RUN, "--csv", "--quiet") == (0, printed, "")
    done = cli.process(*RUN, "--csv")
    assert (done.stdout, done.stderr) == (printed, "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_that_is_cut_off_is_ended_and_names_are_harmless(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with suppress(KeyboardInterrupt), runs.progress_line(quiet=False) as progress:
        progress(Told("drawing \x1b[31mEGDI", 1024, 2048, 1.0, 1.0))
        raise KeyboardInterrupt
    assert screen.getvalue() == "\rdrawing \\x1b[31mEGDI: 1,024 of 2,048 (50%), 1 s left\n"
    screen.seek(0)
    screen.truncate()
    with runs.progress_line(quiet=False) as progress:
        progress(Told("drawing", 2048, 2048, 1.0, 0.0))
    assert screen.getvalue().count("\n") == 1
    with runs.progress_line(quiet=True) as progress:
        assert progress is None


def test_help_says_what_is_not_obvious(cli):
    text = " ".join(cli.fine("simulate", "--help").split())
    for word in (
        "--vary WHAT=LAW",
        "aggregate.EGDI=mean|geometric",
        "goes on from it",
        "[default: 10000",
        "-n, --draws",
    ):
        assert word in text
