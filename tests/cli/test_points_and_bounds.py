"""--points and bounds on the command line: the library's numbers, and slips told in its own words."""

from __future__ import annotations

import json

import pytest

import egovindex as ei

LAW = "unctad-cyberlaw-2026"


@pytest.fixture(scope="module")
def varied():
    return ei.load_index(LAW).with_points({"status.draft": "2/5", "nothing.no_data": "skip"})


def test_points_are_those_of_the_library(cli, varied):
    words = ("--points", "status.draft=2/5", "--points", "nothing.no_data = skip")
    found = json.loads(cli.fine("score", LAW, "--sample", *words, "--json"))
    expected = ei.compute(varied, ei.sample(LAW)).ranking["score"]
    assert [row["score"] for row in found["rows"]] == expected.tolist()
    assert found["points"] == varied.points == "status.draft = 0.4, nothing.no_data = skip"
    assert "In the style of" in cli.fine("score", LAW, "--sample", *words)
    assert "draft: 0.4" in cli.fine("show", LAW, *words, "--no-origins")


def test_points_of_side_b(cli):
    found = json.loads(cli.fine("compare", LAW, "--sample", "--with-points", "status.draft=0.4", "--json"))
    assert (found["a"]["points"], found["b"]["points"]) == ("as in the file", "status.draft = 0.4")
    assert found["differs_in"] == ["recipe"]
    both = json.loads(
        cli.fine("compare", LAW, "--sample", "--points", "status.draft=0.4", "--with-rules", "known_only", "--json")
    )
    assert both["a"]["points"] == both["b"]["points"] == "status.draft = 0.4"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["status.draft"], 2, "ADDRESS=OUTCOME"),
        (["=1"], 2, "ADDRESS=OUTCOME"),
        (["status.draft="], 2, "ADDRESS=OUTCOME"),
        (["status.draft=1", "--points", "status.draft=2"], 2, "twice"),
        (["status.drft=1"], 2, '"status.draft"?'),
        (["status.draft=one or"], 2, "not an outcome"),
        (["nodes.areas.of.privacy=1"], 2, "with_weights"),
    ],
)
def test_slips_are_told(cli, words, code, said):
    done = cli.run("score", LAW, "--sample", "--points", *words)
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["score", "--points", "status.drft=1"], "--points: there is no line"),
        (["compare", "--with-points", "status.drft=1"], "--with-points: there is no line"),
        (["score", "--rules", "graded,strict"], "--rules: "),
        (["compare", "--with-rules", "graded,strict"], "--with-rules: "),
    ],
)
def test_slips_name_the_option_that_has_them(cli, words, said):
    done = cli.run(words[0], LAW, "--sample", *words[1:])
    assert (done.exit_code, done.stderr.startswith(said)) == (2, True), done.stderr


def test_a_formula_without_its_column_is_told_once_for_an_indicator(cli):
    done = cli.run("score", LAW, "--sample", "--points", "status.draft=half")
    told = done.stderr.splitlines()
    assert (done.exit_code, len(told)) == (1, 5), done.stderr
    assert all('"half" is neither a column of the data nor an indicator' in line for line in told)


def test_limits_are_asked_for_in_the_words_of_the_option(cli):
    said = " ".join(cli.fine("bounds", "wb-gtmi-2022", "--sample", "--kind", "missing").split())
    assert "--limits I-16=LOW:HIGH" in said
    assert "limits={" not in said


def test_bounds_are_those_of_the_library(cli, tmp_path):
    expected = ei.bounds(LAW, ei.sample(LAW), "no_data")
    found = json.loads(cli.fine("bounds", LAW, "--sample", "--kind", "no_data", "--json"))
    assert [row["high"] for row in found["rows"]] == expected.table["high"].tolist()
    assert (found["kinds"], found["refused"]) == (["no_data"], {})
    cli.fine("bounds", LAW, "--sample", "--kind", "no_data", "--node", "areas", "--out", tmp_path / "bounds.csv")
    rows = cli.rows_of((tmp_path / "bounds.csv").read_text(encoding="utf-8"))
    assert list(rows[0])[-1] == "node"
    assert [float(row["low"]) for row in rows] == expected.of()["low"].tolist()


def test_bounds_for_people(cli):
    text = cli.fine("bounds", LAW, "--sample", "--kind", "no_data", "--top", "2")
    assert "19 of 195 with a range" in text
    assert "084" in text
    assert "no answer is missing: every range is one value" in cli.fine(
        "bounds", "un-egdi-2024", "--sample", "--kind", "missing"
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--kind", "no_dat"], 2, '"no_data"?'),
        (["--node", "area"], 2, '"areas"?'),
        (["--limits", "privacy"], 2, "INDICATOR=LOW:HIGH"),
        (["--limits", "privacy=0:1"], 2, "needs no limits"),
        (["--limits", "privcy=0:1"], 2, '"privacy"?'),
    ],
)
def test_slips_of_bounds_are_told(cli, words, code, said):
    done = cli.run("bounds", LAW, "--sample", *words)
    assert said in done.stderr, done.stderr
    assert done.exit_code == code
