"""Exact answers and levers on the command line: the library's numbers, and slips told in its own words."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import numpy as np
import openpyxl
import pandas as pd
import pytest

import egovindex as ei
from egovindex.files import csv_text, plain_rows

EGDI = "un-egdi-parts-2024"
RAW = "un-egdi-2024"
HDI = "undp-hdi-2022"
LAW = "unctad-cyberlaw-2026"
MSQ = "msq-readiness-2022"
WITHIN = ("--weights", "within 0.25")
RANGES = ("rank-range", EGDI, "--sample", *WITHIN)


def computed(name: str) -> ei.IndexResult:
    return ei.compute(name, ei.sample(name))


@pytest.fixture(scope="module")
def egdi() -> ei.IndexResult:
    return computed(EGDI)


@pytest.fixture(scope="module")
def law() -> ei.IndexResult:
    index = ei.load_index(LAW).with_rules("graded")
    return ei.compute(index, ei.sample(index))


@pytest.fixture(scope="module")
def msq() -> ei.IndexResult:
    return computed(MSQ)


def plain(table: pd.DataFrame) -> str:
    return csv_text(table.reset_index())


def lines(text: str) -> str:
    return " ".join(text.split())


# --- rank-range
def test_ranges_are_those_of_the_library(cli, egdi):
    expected = ei.rank_range(egdi, ei.within(0.25))
    assert cli.fine(*RANGES, "--csv") == plain(expected.table)
    told = json.loads(cli.fine(*RANGES, "--top", 2, "--json"))
    assert told["rows"] == plain_rows(expected.table.head(2).reset_index())
    del told["rows"], told["title"]
    assert told == {
        "index": EGDI,
        "weights": "as in the file",
        "rules": [],
        "points": "as in the file",
        "table": "ranges",
        "node": "EGDI",
        "period": 2024,
        "over": "weights within 0.25 in EGDI",
        "certainty": {"kind": "exact", "how": expected.how},
        "notes": [],
    }


@pytest.mark.parametrize(
    ("words", "weights"),
    [
        (["--weights", "EGDI=simplex"], {"EGDI": ei.simplex()}),
        (["--weights", "between 0.2 0.5"], ei.between(0.2, 0.5)),
        (["--weights", " within 0.25 ", "--weights", "OSI=fixed"], {"...": ei.within(0.25), "OSI": None}),
        (["--weights", "within 0.1", "--node", "OSI"], ei.within(0.1)),
    ],
)
def test_laws_reach_the_library(cli, words, weights):
    index = RAW if {"--node", "OSI=fixed"} & set(words) else EGDI
    asked = ei.Doubt(weights=weights) if not isinstance(weights, dict) or "..." not in weights else None
    if asked is None:
        asked = ei.Doubt(weights=ei.within(0.25)) + ei.Doubt(weights={"OSI": None})
    node = "OSI" if "--node" in words else None
    expected = ei.rank_range(computed(index), asked, node=node, units=["DNK", "KHM"])
    found = cli.fine("rank-range", index, "--sample", *words, "--unit", "KHM", "--unit", "DNK", "--csv")
    assert found == plain(expected.table)


def test_a_weight_set_and_points_are_those_to_begin_with(cli):
    index = ei.load_index(EGDI).with_weights("services-first")
    expected = ei.rank_range(ei.compute(index, ei.sample(index)), ei.within(0.1))
    words = ("rank-range", EGDI, "--sample", "--weights", "services-first", "--weights", "within 0.1")
    assert cli.fine(*words, "--csv") == plain(expected.table)
    assert json.loads(cli.fine(*words, "--json"))["weights"] == "services-first"
    graded = ei.load_index(LAW).with_rules("graded").with_points({"status.draft": "0.4"})
    exact = ei.rank_range(ei.compute(graded, ei.sample(graded)), points="status")
    words = ("rank-range", LAW, "--sample", "--rules", "graded", "--points", "status.draft=0.4", "--points", "status")
    assert cli.fine(*words, "--csv") == plain(exact.table)


def test_a_file_of_doubts(cli, egdi, tmp_path):
    doubt = ei.Doubt(weights={"EGDI": ei.ordered("osi", "tii", "hci")})
    doubt.save(tmp_path / "order.yaml")
    expected = ei.rank_range(egdi, doubt)
    words = ("rank-range", EGDI, "--sample", "--doubt", tmp_path / "order.yaml")
    assert cli.fine(*words, "--csv") == plain(expected.table)


def test_certificates_are_weights_that_give_the_rank(cli, tmp_path):
    words = ("rank-range", RAW, "--sample", "--weights", "EGDI=simplex", "--certificate")
    told = json.loads(cli.fine(*words, "KHM:worst", "--json"))
    assert [row["node"] for row in told["rows"]] == ["EGDI"] * 3
    weights = {"EGDI": {row["child"]: row["certificate"] for row in told["rows"]}}
    result = ei.compute(ei.load_index(RAW).with_weights(weights), ei.sample(RAW))
    rank = result.ranks["EGDI"].xs("KHM", level="unit").iloc[0]
    assert (told["unit"], told["end"], told["rank"]) == ("KHM", "worst", rank)
    assert rank > 120
    assert f"KHM at its worst rank, {rank}, in EGDI" in lines(cli.fine(*words, "KHM:worst"))
    found = cli.fine(
        "rank-range", LAW, "--sample", "--rules", "graded", "--points", "status", "--certificate", "116:best"
    )
    assert "category" in found


def test_how_sure_side_by_side(cli, egdi):
    expected = ei.how_sure(egdi, ei.within(0.25), n=50, rng=3, level=0.8)
    words = (*RANGES, "--draws", 50, "--seed", 3, "--level", 0.8)
    assert cli.fine(*words, "--csv") == plain(expected.table)
    told = json.loads(cli.fine(*words, "--unit", "KHM", "--json"))
    assert (told["table"], told["level"]) == ("side-by-side", 0.8)
    assert told["certainty"]["draws"] | {"error": 0} == {
        "kind": "sampled",
        "how": "80% of draws",
        "n": 50,
        "seed": 3,
        "error": 0,
    }
    assert told["rows"] == plain_rows(expected.table.loc[["KHM"]].reset_index())
    row = expected.table.loc["KHM"]
    text = cli.fine(*words, "--unit", "KHM")
    assert f"{row['worst_case_best']:g} to {row['worst_case_worst']:g}" in text
    assert f"{row['draws_low']:g} to {row['draws_high']:g}" in text
    assert "worst_case: exact" in text
    assert "draws: sampled" in text


def test_ranges_for_people(cli):
    text = cli.fine(*RANGES, "--top", 2)
    assert "weights within 0.25 in EGDI" in text
    assert "exact: arrangement" in text
    assert "best_found" not in text  # it repeats best
    assert "In the style of" not in text


def test_what_a_solver_prints_never_reaches_standard_output(cli):
    """HiGHS writes to the file descriptor itself, past sys.stdout; these units of a hierarchy make it do so."""
    units = ["CHL", "CIV", "COL"]
    words = ("rank-range", RAW, "--sample", *WITHIN, *(word for unit in units for word in ("--unit", unit)), "--csv")
    done = cli.process(*words)
    expected = ei.rank_range(computed(RAW), ei.within(0.25), units=units)
    assert "mixed-integer" in expected.how
    assert (done.returncode, done.stdout, done.stderr) == (0, plain(expected.table), "")


def wide(folder) -> tuple[str, str]:
    """So many units and indicators that no program is done at once."""
    values = np.random.default_rng(1).random((120, 40)).round(3)
    names = [f"i{at}" for at in range(values.shape[1])]
    table = pd.DataFrame(values, columns=names, index=pd.Index([f"U{at}" for at in range(len(values))], name="unit"))
    table.to_csv(folder / "wide.csv")
    inside = ", ".join(f"{name}: {{}}" for name in names)
    of = ", ".join(f"{name}: 1" for name in names)
    text = f"index: wide\nindicators: {{{inside}}}\nnodes: {{top: {{of: {{{of}}}}}}}\n"
    (folder / "wide.yaml").write_text(text, encoding="utf-8")
    return str(folder / "wide.yaml"), str(folder / "wide.csv")


def test_a_time_limit_leaves_bounds_that_are_told(cli, tmp_path):
    words = ("rank-range", *wide(tmp_path), *WITHIN, "--time-limit", "0.3")
    done = cli.run(*words, "--csv")
    rows = cli.rows_of(done.stdout)
    assert (done.exit_code, len(rows)) == (0, 120)
    assert {row["kind"] for row in rows} >= {"bound"}
    assert "stopped after 0.3 s: " in done.stderr
    assert all(int(row["best"]) <= int(row["rank"]) <= int(row["worst"]) for row in rows)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_prints_what_is_known(cli, tmp_path):
    words = ["egovindex", "rank-range", *wide(tmp_path), *WITHIN, "--csv"]
    code = (
        # a job in the background of a script inherits that Ctrl-C is ignored
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import sys\nfrom egovindex.cli import main\nimport egovindex.robustness.rankrange as module\n"
        "wait = module.wait\n"
        "def told(*given, **more):\n    print('ready', file=sys.stderr, flush=True)\n    return wait(*given, **more)\n"
        f"module.wait = told\nsys.argv = {words!r}\nmain()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stderr.readline() == "ready\n"
        run.send_signal(signal.SIGINT)
        # at once: what is being solved is not waited for
        printed, said = run.communicate(timeout=15)
    rows = cli.rows_of(printed)
    assert (run.returncode, len(rows)) == (130, 120)
    assert {row["kind"] for row in rows} >= {"bound"}
    assert "interrupted: " in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "nothing may vary: give --weights"),
        (["--weights", "witin 0.25"], 2, '--weights "witin 0.25": "witin 0.25" is no law here; did you mean "within"?'),
        (["--weights", "EGD=within 0.25"], 2, 'no node "EGD"; did you mean "EGDI"?'),
        (["--weights", "EGDI=between 0.5 0.9"], 2, "--weights: weights.EGDI: between 0.5 and 0.9"),
        (["--weights", "services-frst"], 2, '"services-first"?'),
        (["--weights", "services-first", "--weights", "equal"], 2, "begin with one"),
        (["--weights", "services-first"], 2, "nothing may vary"),
        (["--weights", "equal|services-first"], 2, "it names some sets of weights and no region"),
        ([*WITHIN, "--weights", "within 0.1"], 2, "twice"),
        ([*WITHIN, "--points", "status"], 2, "not both"),
        (["--points", "status"], 2, 'no map of points "status"'),
        (["--points", "status: no <"], 2, "no < drafted < yes"),
        ([*WITHIN, "--unit", "KHMM"], 2, '"KHM"?'),
        ([*WITHIN, "--period", "2020"], 2, "no period 2020"),
        ([*WITHIN, "--certificate", "KHM"], 2, "UNIT:best or UNIT:worst"),
        ([*WITHIN, "--certificate", "KHM:best", "--unit", "DNK"], 2, "leave --unit out"),
        ([*WITHIN, "--certificate", "KHM:best", "--draws", "9"], 2, "leave --draws out"),
        ([*WITHIN, "--seed", "1"], 2, "--rng goes with --draws"),
        ([*WITHIN, "--draws", "9", "--workers", "1"], 2, "--workers goes without --draws"),
        (["--points", "status", "--draws", "9"], 2, "--draws goes with --weights"),
    ],
)
def test_slips_of_ranges_are_told(cli, words, code, said):
    done = cli.run("rank-range", EGDI, "--sample", *words)
    assert (done.exit_code, said in lines(done.stderr)) == (code, True), done.stderr
    assert "weights={" not in done.stderr


def test_a_node_that_is_not_linear_is_refused_with_the_way_out(cli):
    done = cli.run("rank-range", HDI, "--sample", *WITHIN)
    assert (done.exit_code, done.stderr.count("--weights 'HDI=LAW'")) == (1, 1), done.stderr
    fine = cli.fine("rank-range", HDI, "--sample", "--weights", "HDI=within 0.25", "--unit", "KHM", "--csv")
    assert fine == plain(ei.rank_range(computed(HDI), {"HDI": ei.within(0.25)}, units=["KHM"]).table)


def test_faults_of_a_file_of_doubts_name_it(cli, tmp_path):
    ei.Doubt(weights=ei.within(0.25), aggregate={"EGDI": ["mean", "geometric"]}).save(tmp_path / "more.yaml")
    done = cli.run("rank-range", EGDI, "--sample", "--doubt", tmp_path / "more.yaml")
    assert (done.exit_code, done.stderr.startswith("more.yaml: exact answers are about weights")) == (3, True), (
        done.stderr
    )


# --- radius
@pytest.mark.parametrize(
    ("words", "table"),
    [
        ([], lambda r: ei.rank_radius(r).table),
        (["--of", "rank", "--measure", "contamination"], lambda r: ei.rank_radius(r, measure="contamination").table),
        (["--of", "class"], lambda r: ei.class_radius(r).table),
        (["--of", "one-weight"], lambda r: ei.weight_stability(r).intervals),
        (["--of", "one-weight", "--unit", "KHM"], lambda r: ei.weight_stability(r).of("KHM")),
        (["--unit", "KHM"], lambda r: ei.rank_radius(r).table.loc[["KHM"]]),
        (["--weights-of", "EGDI", "--node", "EGDI"], lambda r: ei.rank_radius(r).table),
    ],
)
def test_radii_are_those_of_the_library(cli, egdi, words, table):
    assert cli.fine("radius", EGDI, "--sample", *words, "--csv") == plain(table(egdi))


def test_swaps_of_all_pairs_of_one_unit_and_of_two(cli, egdi):
    expected = ei.swap_radius(egdi).table
    words = ("radius", EGDI, "--sample", "--of", "swap", "--csv")
    assert cli.fine(*words, "--top", 9) == csv_text(expected.head(9))
    rows = cli.rows_of(cli.fine(*words, "--unit", "KHM"))
    assert (len(rows), all("KHM" in (row["unit"], row["with"]) for row in rows)) == (192, True)
    (row,) = cli.rows_of(cli.fine(*words, "--unit", "ISL", "--unit", "DNK"))
    assert (row["unit"], row["with"]) == ("DNK", "ISL")
    swaps = csv_text(ei.weight_stability(egdi).swaps.head(4))
    assert cli.fine("radius", EGDI, "--sample", "--of", "one-weight", "--table", "swaps", "--top", 4, "--csv") == swaps


def test_a_radius_without_end_is_nothing_in_json_and_a_workbook(cli, tmp_path):
    words = ("radius", EGDI, "--sample", "--of", "class", "--unit", "DNK")
    assert json.loads(cli.fine(*words, "--json"))["rows"][0]["radius"] is None
    assert ",inf" in cli.fine(*words, "--csv")
    assert "inf" not in cli.fine(*words)
    cli.fine(*words, "--out", tmp_path / "radius.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "radius.xlsx").active
    assert [cell.value for cell in sheet[2]][-1] is None


@pytest.mark.parametrize(("words", "units"), [(["--of", "rank"], "SGP"), (["--of", "swap"], "SGP:ISL")])
def test_weights_past_a_radius_change_the_order(cli, words, units):
    told = json.loads(cli.fine("radius", EGDI, "--sample", *words, "--certificate", units, "--json"))
    weights = {"EGDI": {row["child"]: row["certificate"] for row in told["rows"]}}
    ranks = ei.compute(ei.load_index(EGDI).with_weights(weights), ei.sample(EGDI)).ranks["EGDI"].droplevel("period")
    assert ranks["SGP"] > ranks["ISL"]
    assert told["certificate"] == units


def test_nearest_weights(cli, egdi):
    expected = ei.nearest_weights(egdi, "SGP", 2)
    words = ("radius", EGDI, "--sample", "--of", "nearest", "--unit", "SGP", "--rank", 2)
    assert cli.fine(*words, "--csv") == csv_text(expected.table)
    told = json.loads(cli.fine(*words, "--json"))
    assert (told["before"], told["reached"], told["distance"]) == (3, 2, expected.distance)
    assert "SGP: from rank 3 to 2" in cli.fine(*words)
    moved = ei.nearest_weights(egdi, "SGP", 2, weights={"EGDI": ei.within(0.5)}, distance="moved")
    limited = (*words, "--weights", "EGDI=within 0.5", "--measure", "moved", "--csv")
    assert cli.fine(*limited) == csv_text(moved.table)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--rank", "3"], 2, "--rank goes with --of nearest"),
        (["--of", "class", "--table", "swaps"], 2, "--table goes with --of one-weight"),
        (["--of", "nearest"], 2, "--of nearest needs one --unit"),
        (["--of", "nearest", "--unit", "KHM", "--measure", "contamination"], 2, "goes with --of rank or class or swap"),
        (["--measure", "moved"], 2, "--measure moved goes with --of nearest"),
        (["--of", "nearest", "--unit", "KHM", "--rank", "900"], 2, "--rank: a rank is a whole number from 1 to 193"),
        (["--of", "one-weight", "--certificate", "KHM"], 2, "--certificate goes with"),
        (["--of", "swap", "--certificate", "KHM"], 2, "UNIT:OTHER"),
        (["--of", "swap", "--certificate", "DNK:KHM"], 1, "the radius is infinite"),
        (["--weights-of", "EGD"], 2, '"EGDI"?'),
        ([*WITHIN], 2, "go with --of nearest"),
        (["--points", "status"], 2, "ADDRESS=OUTCOME"),
        (["--certificate", "KHMM"], 2, '"KHM"?'),
    ],
)
def test_slips_of_radii_are_told(cli, words, code, said):
    done = cli.run("radius", EGDI, "--sample", *words)
    assert (done.exit_code, said in lines(done.stderr)) == (code, True), done.stderr


def test_classes_that_are_not_there(cli):
    done = cli.run("radius", LAW, "--sample", "--of", "class")
    assert (done.exit_code, "has no classes" in done.stderr) == (2, True), done.stderr


# --- dominance
def test_dominance_is_that_of_the_library(cli, law, egdi):
    expected = ei.dominance(law, points="status")
    words = ("dominance", LAW, "--sample", "--rules", "graded", "--points", "status")
    assert cli.fine(*words, "--csv") == plain(expected.table)
    assert cli.fine(*words, "--table", "covers", "--csv") == csv_text(expected.covers)
    assert cli.fine(*words, "--unit", "116", "--csv") == plain(expected.of("116"))
    told = json.loads(cli.fine(*words, "--top", 1, "--json"))
    assert (told["decided"], told["over"]) == (expected.share, "every monotone coding of status")
    assert told["undominated"] == list(expected.undominated)
    over = ei.dominance(egdi, ei.simplex())
    assert cli.fine("dominance", EGDI, "--sample", "--weights", "simplex", "--csv") == plain(over.table)


def test_every_pair_is_one_row(cli, egdi):
    rows = cli.rows_of(cli.fine("dominance", EGDI, "--sample", "--weights", "simplex", "--table", "pairs", "--csv"))
    over = ei.dominance(egdi, ei.simplex())
    assert len(rows) == 193 * 192
    for name, square in (("necessary", over.necessary), ("possible", over.possible)):
        assert sum(row[name] == "True" for row in rows) == int(square.to_numpy().sum())
        first = rows[200]
        assert first[name] == str(square.loc[first["unit"], first["than"]])


def test_an_order_of_categories_is_said_in_a_word(cli):
    """Under the default rule a draft earns nothing, as no law does: the points say no order."""
    words = ("dominance", LAW, "--sample", "--points")
    done = cli.run(*words, "status")
    assert done.exit_code == 2, done.stderr
    (told,) = (part for part in done.stderr.split('"') if part.startswith("status: "))
    assert "points={" not in done.stderr
    order = [text.strip() for text in told.partition(":")[2].split("<")]
    expected = ei.dominance(computed(LAW), points={"status": order})
    assert cli.fine(*words, told, "--csv") == plain(expected.table)


def test_slips_of_dominance_are_told(cli):
    words = ("dominance", LAW, "--sample", "--rules", "graded", "--points")
    for more, said in (
        (["stats"], '--points: there is no map of points "stats"; did you mean "status"?'),
        (["status: yes < no"], "--points: points.status"),
        (["status", "--points", "status"], "twice"),
        (["status", "--unit", "117"], "117"),
        (["status", "--unit", "116", "--table", "covers"], "leave --table out"),
    ):
        done = cli.run(*words, *more)
        assert (done.exit_code, said in lines(done.stderr)) == (2, True), done.stderr


# --- levers
def test_levers_are_those_of_the_library(cli, msq):
    expected = ei.levers(msq, "KHM", {"score": 0.7})
    words = ("levers", MSQ, "--sample", "--unit", "KHM", "--score", "0.7")
    assert cli.fine(*words, "--csv") == csv_text(expected.changes)
    assert cli.fine(*words, "--table", "ladder", "--csv") == csv_text(expected.ladder)
    assert cli.fine(*words, "--table", "alternatives", "--csv") == csv_text(expected.alternatives)
    told = json.loads(cli.fine(*words, "--json"))
    assert (told["cost"], told["cost_bound"], told["certainty"]["kind"]) == (2.0, 2.0, "exact")
    assert told["after"]["score"] == expected.after.score
    text = cli.fine(*words)
    assert str(expected.after) in text
    assert "One after the other:" in text


def test_costs_answers_and_items_reach_the_library(cli, msq, tmp_path):
    costs = tmp_path / "costs.csv"
    costs.write_text("item,answer,cost\nq106,,3\nq097,yes,2.5\n", encoding="utf-8")
    words = ("levers", MSQ, "--sample", "--unit", "KHM", "--class", "Very high", "--alternatives", 0)
    known = set(ei.levers(msq, "KHM", {"class": "Very high"}, alternatives=0).changes["item"])
    priced = {"q106": 3.0, ("q097", "yes"): 2.5, "q038": 1.5}
    expected = ei.levers(msq, "KHM", {"class": "Very high"}, costs=priced, fixed=[min(known)], alternatives=0)
    more = ("--costs", costs, "--cost", "q038=3/2", "--fix", min(known))
    assert cli.fine(*words, *more, "--csv") == csv_text(expected.changes)
    assert min(known) not in set(expected.changes["item"])
    raw = computed(RAW)
    numbers = ei.levers(raw, "KHM", {"rank": 118}, answers={"osi_if": [0.9, 1.0]}, only=["osi_if"])
    typed = ("levers", RAW, "--sample", "--unit", "KHM", "--rank", 118, "--answers", "osi_if=0.9|1", "--only", "osi_if")
    assert cli.fine(*typed, "--csv") == csv_text(numbers.changes)


def test_a_goal_that_is_reached_or_out_of_reach(cli):
    words = ("levers", MSQ, "--sample", "--unit", "KHM")
    assert "Nothing to change." in cli.fine(*words, "--score", "0.5")
    done = cli.run(*words, "--score", "0.99999", "--only", "q106")
    assert (done.exit_code, "out of reach" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give one goal: --score 0.75, --rank 10 or --class High"),
        (["--score", "0.7", "--rank", "1"], "found --score, --rank"),
        (["--class", "Hihg"], '--class: readiness has no class "Hihg"; did you mean "High"?'),
        (["--score", "0.7", "--cost", "q106"], "--cost is written ITEM=COST"),
        (["--score", "0.7", "--cost", "q106=2", "--cost", "q106=3"], "twice"),
        (["--score", "0.7", "--cost", "q106=-2"], "--cost: "),
        (["--score", "0.7", "--cost", "q1066=2"], '"q106"?'),
        (["--score", "0.7", "--fix", "q1066"], '--fix: "q1066"'),
        (["--score", "0.7", "--only", "q1066"], '--only: "q1066"'),
        (["--score", "0.7", "--answers", "q106"], "--answers is written ITEM=A|B"),
    ],
)
def test_slips_of_levers_are_told(cli, words, said):
    done = cli.run("levers", MSQ, "--sample", "--unit", "KHM", *words)
    assert (done.exit_code, said in lines(done.stderr)) == (2, True), done.stderr


def test_levers_need_a_unit_and_costs_that_can_be_read(cli, tmp_path):
    done = cli.run("levers", MSQ, "--sample", "--score", "0.7")
    assert (done.exit_code, "--unit is missing" in done.stderr) == (2, True)
    costs = tmp_path / "costs.csv"
    costs.write_text("item,cost\nq106,much\nq106,1\nq106,1\n", encoding="utf-8")
    done = cli.run("levers", MSQ, "--sample", "--unit", "KHM", "--score", "0.7", "--costs", costs)
    assert done.exit_code == 1
    assert ("row 1: a cost is a number" in done.stderr, "row 3 gives" in done.stderr) == (True, True), done.stderr


# --- audit
@pytest.fixture
def rankings(cli, tmp_path):
    """The ranking of the index, as score writes it; and one with the first two turned round."""
    right, wrong = tmp_path / "right.csv", tmp_path / "wrong.csv"
    cli.fine("score", EGDI, "--sample", "--out", right)
    text = right.read_text(encoding="utf-8")
    wrong.write_text(text.replace("DNK,2024,1,", "DNK,2024,2,").replace("EST,2024,2,", "EST,2024,1,"), encoding="utf-8")
    return right, wrong


def test_a_consistent_ranking_ends_with_0(cli, egdi, rankings):
    words = ("audit", EGDI, "--sample", "--ranking", rankings[0])
    expected = ei.audit(egdi, egdi.ranks["EGDI"].droplevel("period"))
    assert cli.fine(*words, "--csv") == plain(expected.table)
    told = json.loads(cli.fine(*words, "--digits", 2, "--json"))
    assert (told["consistent"], told["equal"], told["left_out"], told["digits"]) == (True, 193, [], {"EGDI": 2})
    assert "No pairs are in conflict" in cli.fine(*words, "--table", "conflicts")
    rows = cli.rows_of(cli.fine(*words, "--table", "weights", "--csv"))
    assert (rows[0]["node"], rows[0]["child"], float(rows[0]["printed"])) == ("EGDI", "osi", 1.0)
    assert all(abs(float(row["found"]) - 1) <= 0.005 for row in rows)


def test_an_order_that_no_rounding_explains_ends_with_1(cli, rankings):
    words = ("audit", EGDI, "--sample", "--ranking", rankings[1])
    done = cli.run(*words)
    assert done.exit_code == 1
    assert "not consistent" in done.stdout
    assert "EST above DNK: not with weights inside the rounding" in lines(done.stdout)
    done = cli.run(*words, "--table", "conflicts", "--csv")
    assert (done.exit_code, [(row["above"], row["below"]) for row in cli.rows_of(done.stdout)]) == (1, [("EST", "DNK")])
    told = json.loads(cli.run(*words, "--json").stdout)
    assert (told["consistent"], told["fewest_left_out"]) == (False, 1)


def test_printed_weights_are_a_weight_set(cli, egdi, rankings, tmp_path):
    printed = tmp_path / "printed.yaml"
    printed.write_text(
        f"weights: printed\nindex: {EGDI}\nnodes: {{EGDI: {{osi: 0.33, tii: 0.33, hci: 0.33}}}}\n", encoding="utf-8"
    )
    words = ("audit", EGDI, "--sample", "--weights", printed, "--ranking", rankings[0], "--total", "EGDI=1", "--json")
    told = json.loads(cli.fine(*words))
    weights = {"osi": 0.33, "tii": 0.33, "hci": 0.33}
    expected = ei.audit(egdi, egdi.ranks["EGDI"].droplevel("period"), weights=weights, total=1)
    assert (told["consistent"], told["equal"], told["margin"]) == (True, expected.equal, pytest.approx(expected.margin))


def test_units_without_a_rank_are_told(cli, tmp_path):
    ranking = tmp_path / "published.csv"
    ranking.write_text("unit,rank\nDNK,1\nEST,2\nSGP,\n", encoding="utf-8")
    text = lines(cli.fine("audit", EGDI, "--sample", "--ranking", ranking))
    assert "no rank in published.csv: SGP" in text
    assert "not looked at" in text


@pytest.mark.parametrize(
    ("content", "words", "code", "said"),
    [
        ("unit,place\nDNK,1\n", [], 1, "no column rank; found unit, place"),
        ("unit,rank\nDNK,first\nEST,2\n", [], 1, 'DNK: a rank is a number, found "first"'),
        ("unit,rank\nDNK,1\nDNK,2\n", [], 1, "DNK stands twice"),
        ("unit,rank\nDNK,1\nETS,2\n", [], 2, 'no unit "ETS"'),
        ("unit,rank\nDNK,1\nEST,2\n", ["--digits", "two"], 2, "--digits is written N or NODE=N"),
        ("unit,rank\nDNK,1\nEST,2\n", ["--digits", "EGD=2"], 2, '"EGDI"?'),
        ("unit,rank\nDNK,1\nEST,2\n", ["--digits", "2", "--digits", "EGDI=2"], 2, "one number for all nodes"),
        ("unit,rank\nDNK,1\nEST,2\n", ["--total", "1"], 2, "how many decimals were printed (--digits)"),
        ("unit,rank\nDNK,1\n", [], 3, "published.csv: the ranking puts no unit above another"),
    ],
)
def test_slips_of_an_audit_are_told(cli, tmp_path, content, words, code, said):
    ranking = tmp_path / "published.csv"
    ranking.write_text(content, encoding="utf-8")
    done = cli.run("audit", EGDI, "--sample", "--ranking", ranking, *words)
    assert (done.exit_code, said in lines(done.stderr)) == (code, True), done.stderr


def test_an_audit_needs_a_ranking(cli):
    done = cli.run("audit", EGDI, "--sample")
    assert (done.exit_code, "--ranking is missing" in done.stderr) == (2, True)


# --- files
def test_tables_are_written_as_other_commands_write_them(cli, egdi, tmp_path):
    out = tmp_path / "ranges.csv"
    done = cli.run(*RANGES, "--out", out)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "ranges.csv: 193 rows\n")
    assert out.read_text(encoding="utf-8") == plain(ei.rank_range(egdi, ei.within(0.25)).table)
    done = cli.run(*RANGES, "--out", out)
    assert (done.exit_code, "--force replaces it" in done.stderr) == (4, True)
    assert cli.run(*RANGES, "--csv", "--json").exit_code == 2
