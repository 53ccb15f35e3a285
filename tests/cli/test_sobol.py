"""sobol on the command line: the library's indices, and what one choice at a time does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import egovindex as ei
from egovindex import plots
from egovindex.files import csv_text, plain_rows
from tests.cli.terminal import on_a_terminal

EGDI = "un-egdi-2024"
LAW = "unctad-cyberlaw-2026"
DOUBT = ("--vary", "weights=within 0.25", "--vary", "aggregate.EGDI=mean|geometric")
RUN = ("sobol", EGDI, "--sample", *DOUBT, "-n", "32", "--rng", "7")
FAILING = ("--vary", "normalise=minmax|zscore", "--vary", "aggregate.top=mean|geometric")


def doubt() -> ei.Doubt:
    return ei.Doubt(weights=ei.within(0.25), aggregate={"EGDI": ["mean", "geometric"]})


def library(**options) -> ei.Sobol:
    return ei.sobol(EGDI, ei.sample(EGDI), doubt(), **{"n": 32, "rng": 7} | options)


@pytest.fixture(scope="module")
def found() -> ei.Sobol:
    return library()


@pytest.fixture(scope="module")
def alone() -> ei.OneAtATime:
    return ei.one_at_a_time(EGDI, ei.sample(EGDI), doubt())


def plain(table: pd.DataFrame) -> pd.DataFrame:
    return table.reset_index()


# --- the library's numbers


def test_indices_are_those_of_the_library(cli, found):
    assert cli.fine(*RUN, "--csv") == csv_text(plain(found.table))
    told = json.loads(cli.fine(*RUN, "--json"))
    assert told["rows"] == plain_rows(plain(found.table))
    assert [row["group"] for row in told["rows"]] == ["aggregate.EGDI", "weights"]
    del told["rows"], told["title"], told["laws"], told["groups"]
    assert told.pop("outputs") == [
        {
            "output": "average rank shift",
            "variance": found.variance[0],
            "interactions": found.interactions.iloc[0],
        }
    ]
    assert told == {
        "index": EGDI,
        "weights": "as in the file",
        "rules": [],
        "points": "as in the file",
        "table": "indices",
        "node": "EGDI",
        "target": "average rank shift",
        "learn": "each_draw",
        "n": 32,
        "evaluations": 128,
        "rng": 7,
        "estimator": "saltelli",
        "level": 0.9,
        "left_out": [],
        "failed": 0,
    }


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--target", "class_change"], {"target": "class_change"}),
        (["--target", "rank"], {"target": "rank"}),
        (["--target", "rank:KHM"], {"target": ("rank", "KHM")}),
        (["--target", " score : KHM"], {"target": ("score", "KHM")}),
        (["--target", "score:KHM", "--period", "2024"], {"target": ("score", "KHM", 2024)}),
        (["--groups", "factors"], {"groups": "factors"}),
        (["--groups", "doubts"], {}),
        (["--estimator", "jansen"], {"estimator": "jansen"}),
        (["--estimator", "janon"], {"estimator": "janon"}),
        (["--resamples", "0"], {"resamples": 0}),
        (["--level", "0.5"], {"level": 0.5}),
        (["--workers", "1"], {"executor": 1}),
    ],
)
def test_options_reach_the_library(cli, words, options):
    like(library(**options), cli.fine(*RUN, *words, "--json"))


def test_node_and_learning_reach_the_library(cli):
    said = ei.Doubt(weights={"OSI": ei.simplex()}, include=["osi_if"])
    expected = ei.sobol(EGDI, ei.sample(EGDI), said, n=32, rng=7, node="OSI", learn="nominal")
    words = ("--vary", "weights.OSI=simplex", "--vary", "include=osi_if", "--node", "OSI", "--learn", "nominal")
    like(expected, cli.fine("sobol", EGDI, "--sample", *words, "-n", 32, "--rng", 7, "--json"))


def like(expected: ei.Sobol, text: str) -> None:
    """The numbers of the library, and what stands around them."""
    told = json.loads(text)
    assert told["rows"] == plain_rows(plain(expected.table))
    assert (told["target"], told["estimator"], told["level"], told["learn"], told["node"]) == (
        expected.target.name,
        expected.estimator,
        expected.level,
        expected.study.learn,
        expected.study.node,
    )
    assert told["groups"] == {name: list(members) for name, members in expected.groups.items()}
    assert told["laws"] == expected.study.laws


def test_other_tables_are_the_library_s(cli, found, alone, towns):
    assert cli.fine(*RUN, "--table", "convergence", "--csv") == csv_text(plain(found.convergence))
    assert cli.fine(*RUN, "--table", "one-at-a-time", "--csv") == csv_text(plain(alone.tornado))
    told = json.loads(cli.fine(*RUN, "--table", "one-at-a-time", "--json"))
    assert (told["as_it_is"], told["target"], told["laws"]) == (0.0, "average rank shift", alone.study.laws)
    assert "rng" not in told
    words = ("sobol", towns.spec, towns.data, *FAILING, "-n", 64, "--rng", 1)
    both = ei.Doubt(normalise=["minmax", "zscore"], aggregate={"top": ["mean", "geometric"]})
    expected = ei.sobol(towns.spec, towns.data, both, n=64, rng=1)
    assert cli.fine(*words, "--table", "failures", "--csv") == csv_text(expected.failures)
    assert len(expected.failures) > 0


def test_one_at_a_time_of_a_unit(cli):
    words = ("--table", "one-at-a-time", "--target", "rank:KHM", "--level", "0.5", "--learn", "nominal")
    expected = ei.one_at_a_time(
        EGDI, ei.sample(EGDI), doubt(), target=("rank", "KHM"), level=0.5, learn="nominal"
    ).tornado
    assert cli.fine(*RUN, *words, "--csv") == csv_text(plain(expected))
    text = cli.fine(*RUN, *words)
    assert "as it is: 120; learned values of the index" in text
    shown = [line.split() for line in text.splitlines() if line.startswith("weights.EGDI.TII")]
    (low, high) = expected.loc["weights.EGDI.TII", ["low", "high"]]
    assert shown[0][1:3] == [str(int(low)), str(int(high))]


def test_a_seed_that_is_not_given_is_told(cli):
    words = ("sobol", EGDI, "--sample", *DOUBT, "-n", 16, "--resamples", 0)
    done = cli.run(*words, "--csv")
    word, seed = done.stderr.split()
    assert (word, cli.fine(*words, "--csv", "--rng", seed)) == ("seed", done.stdout)
    assert cli.run(*words, "--csv", "--table", "one-at-a-time").stderr == ""


def test_index_options_are_those_of_the_other_commands(cli):
    index = ei.load_index(LAW).with_rules("graded")
    both = ei.Doubt(points={"status.draft": (0.2, 0.6)}, weights=ei.simplex())
    expected = ei.sobol(index, ei.sample(LAW), both, n=16, rng=2)
    words = ("--rules", "graded", "--vary", "weights=simplex", "--vary", "points.status.draft=uniform 0.2 0.6")
    words = (*words, "-n", 16, "--rng", 2)
    assert cli.fine("sobol", LAW, "--sample", *words, "--csv") == csv_text(plain(expected.table))


# --- for people


def test_the_page_tells_laws_points_and_seed_and_then_the_largest(cli):
    lines = [line.rstrip() for line in cli.fine(*RUN).splitlines()]
    assert lines[0].endswith(f"({EGDI})")
    assert "indices: average rank shift of EGDI; 193 rows of the packaged sample" in " ".join(lines[1:3])
    assert "weights.EGDI           within 0.25" in lines
    assert "32 points, 128 evaluations, seed 7; learned in each draw" in lines
    head = next(at for at, line in enumerate(lines) if line.startswith("group"))
    assert lines[head].split() == ["group", "first", "first_low", "first_high", "total", "total_low", "total_high"]
    assert [line.split()[0] for line in lines[head + 2 :]] == ["aggregate.EGDI", "weights"]
    assert all(len(line) <= 80 for line in lines)


def test_what_the_indices_do_not_tell_is_said(cli, towns):
    words = ("sobol", towns.spec, towns.data, *FAILING, "-n", 40, "--rng", 1)
    expected = ei.sobol(
        towns.spec, towns.data, ei.Doubt(normalise=["minmax", "zscore"], aggregate={"top": ["mean", "geometric"]}),
        n=40, rng=1,
    )  # fmt: skip
    points = len({point for point, *_ in expected.failed})
    said = f"{len(expected.failed)} evaluations failed; their {points} points are left out; --table failures lists them"
    text = cli.fine(*words)
    assert said in text
    assert "40 is no power of two" in text
    assert cli.run(*words, "--csv").stderr == f"{said}\n"
    assert "geometric mean needs" in " ".join(cli.fine(*words, "--table", "failures").split())
    assert "Nothing failed." in cli.fine(*RUN, "--table", "failures")
    rows = cli.rows_of(cli.fine(*words, "--table", "failures", "--top", 3, "--csv"))
    assert len(rows) == 3


def test_units_that_never_vary_are_named(cli, towns):
    towns.data.write_text("unit,region,act,forms\nBest,n,yes,30\nMiddle,n,drafted,20\nLast,n,no,10\n", encoding="utf-8")
    words = ("sobol", towns.spec, towns.data, "--vary", "weights=simplex", "-n", 16, "--rng", 1, "--target", "rank")
    assert "never varies, and has indices of 0: Best, Middle, Last" in cli.fine(*words)


def test_settings_that_failed_alone_are_told(cli, towns):
    spec = towns.spec.read_text(encoding="utf-8").replace("{top: {", "{top: {aggregate: geometric, ")
    towns.spec.write_text(spec, encoding="utf-8")
    words = ("sobol", towns.spec, towns.data, "--vary", "normalise=minmax|zscore", "--table", "one-at-a-time")
    assert "1 settings failed, and are left out" in cli.fine(*words)
    assert json.loads(cli.fine(*words, "--json"))["failed"] == 1
    assert cli.run(*words, "--csv").stderr == "1 settings failed, and are left out\n"


# --- files


def test_files_are_written_beside_the_table(cli, found, alone, tmp_path):
    done = cli.run(*RUN, "--out", tmp_path / "a.csv", "--save-doubt", tmp_path / "a.yaml", "--plot", tmp_path / "a.svg")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.splitlines() == ["a.csv: 2 rows", "a.yaml: saved", "a.svg: drawn"]
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == csv_text(plain(found.table))
    assert repr(ei.load_doubt(tmp_path / "a.yaml")).splitlines()[1:] == repr(doubt()).splitlines()[1:]
    cli.fine(*RUN, "--table", "one-at-a-time", "--plot", tmp_path / "b.svg")
    for name, ax in (("a", found.plot.bars()), ("b", alone.plot.tornado())):
        plots.save(ax, tmp_path / "same.svg")
        assert (tmp_path / f"{name}.svg").read_bytes() == (tmp_path / "same.svg").read_bytes()


@pytest.mark.parametrize("option", ["--out a.csv", "--plot a.png", "--save-doubt a.yaml"])
def test_a_file_that_exists_is_kept(cli, tmp_path, monkeypatch, option):
    monkeypatch.chdir(tmp_path)
    name = Path(option.split()[1])
    name.write_bytes(b"precious")
    done = cli.run(*RUN, *option.split())
    assert (done.exit_code, name.read_bytes()) == (4, b"precious")
    assert done.stderr == f"{name}: the file exists; --force replaces it\n"
    cli.fine(*RUN, *option.split(), "--force")
    assert name.read_bytes() != b"precious"


# --- wrong usage


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--json", "--csv"], "go together"),
        (["--target", "rank_shfit"], 'did you mean "rank_shift"?'),
        (["--target", "ranks:KHM"], "rank:UNIT"),
        (["--target", "rank:"], "rank:UNIT"),
        (["--target", "rank_shift:KHM"], "rank:UNIT"),
        (["--target", "rank:DKN"], 'there is no unit "DKN"'),
        (["--target", "rank:KHM", "--period", "2022"], "has no period 2022"),
        (["--period", "2024"], "--period goes with"),
        (["--target", "rank", "--table", "one-at-a-time"], "--target rank:UNIT"),
        (["--target", "score", "--table", "convergence"], "--target score:UNIT"),
        (["--level", "1"], "--level is a share"),
        (["--n", "1"], "--n"),
        (["--resamples", "-1"], "--resamples"),
        (["--estimator", "sobol"], "saltelli"),
        (["--groups", "nodes"], "factors"),
        (["--table", "tornado"], "one-at-a-time"),
        (["--rng", "-1"], "--rng"),
    ],
)
def test_wrong_usage_is_2(cli, words, said):
    done = cli.run(*RUN, *words)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_classes_and_periods_are_asked_for_where_there_are_some(cli, towns):
    words = ("sobol", LAW, "--sample", "--vary", "weights=simplex", "--target", "class_change")
    done = cli.run(*words)
    assert (done.exit_code, done.stderr) == (2, "areas has no classes\n")
    words = ("sobol", towns.spec, towns.panel, "--vary", "weights=simplex", "--target", "rank:Abaria", "-n", 16)
    done = cli.run(*words)
    assert (done.exit_code, "name one with --period" in done.stderr) == (2, True)
    assert "rank of Abaria 2024" in cli.fine(*words, "--period", 2024)


def test_all_points_failed_is_no_wrong_usage(cli, towns):
    spec = towns.spec.read_text(encoding="utf-8").replace("{top: {", "{top: {aggregate: geometric, ")
    towns.spec.write_text(spec, encoding="utf-8")
    words = ("sobol", towns.spec, towns.data, "--vary", "normalise=zscore|rank", "--vary", "weights=simplex", "-n", 16)
    done = cli.run(*words, "--rng", 1)
    assert done.exit_code == 1, done.output
    assert "points have a failed evaluation, too many to go on" in done.stderr


# --- progress


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_progress_is_drawn_on_a_terminal_and_nowhere_else(cli):
    code, printed, shown = on_a_terminal(*RUN, "--csv")
    assert code == 0, shown
    assert "evaluating EGDI: 128 of 128 (100%), 0 s left\r\n" in shown
    assert on_a_terminal(*RUN, "--csv", "--quiet") == (0, printed, "")
    assert on_a_terminal(*RUN, "--csv", "--table", "one-at-a-time")[2] == ""
    done = cli.process(*RUN, "--csv")
    assert (done.stdout, done.stderr) == (printed, "")


def test_help_says_what_is_not_obvious(cli):
    text = " ".join(cli.fine("sobol", "--help").split())
    said = ("rank:UNIT or score:UNIT", "best a power of two", "one-at-a-time moves each choice alone", "[default: 1024")
    assert [word for word in said if word not in text] == []


def test_the_command_line_loads_no_sensitivity_until_it_is_asked_for():
    code = (
        "import sys\nimport egovindex.cli.app\n"
        "print(*(name for name in sys.modules if name.startswith(('egovindex.sensitivity', 'scipy'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
