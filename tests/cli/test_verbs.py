"""explain, compare and what-if on the command line: the library's numbers, and names that cannot do harm."""

from __future__ import annotations

import json

import pytest

import egovindex as ei
from egovindex.cli.visible import visible

EGDI = "un-egdi-2024"


@pytest.fixture
def result(towns):
    return ei.compute(towns.spec, towns.data)


# --- explain


def test_explain_for_people(cli, towns, result):
    text = cli.fine("explain", towns.spec, towns.data, "Cordania")
    assert ei.explain(result, "Cordania").text.splitlines()[0] in text
    assert "drafted" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_explain_for_programs(cli, towns, result):
    expected = ei.explain(result, "Belmora", group="region")
    found = json.loads(cli.fine("explain", towns.spec, towns.data, "Belmora", "--group", "region", "--json"))
    assert (found["score"], found["group"], found["text"]) == (expected.score, 2, expected.text.splitlines())
    assert [row["gap_to_best"] for row in found["rows"]] == expected.table["gap_to_best"].tolist()
    parts = sum(row["contribution"] for row in found["rows"]) + found.get("base", 0) + found.get("steps", 0)
    assert parts == pytest.approx(found["score"], abs=1e-12)
    table = cli.rows_of(cli.fine("explain", towns.spec, towns.data, "Belmora", "--csv"))
    assert [row["indicator"] for row in table] == expected.table.index.tolist()
    assert {row["answer"] for row in table} == {"no", "30"}


def test_explain_of_a_sample_and_of_a_node(cli):
    found = json.loads(cli.fine("explain", EGDI, "--sample", "KHM", "--node", "HCI", "--json"))
    expected = ei.compute(EGDI, ei.sample(EGDI)).scores.loc["KHM", "HCI"].iloc[0]
    assert (found["node"], found["score"]) == ("HCI", expected)


def test_explain_of_a_period(cli, towns):
    found = json.loads(cli.fine("explain", towns.spec, towns.panel, "Belmora", "--period", 2024, "--json"))
    assert (found["unit"], found["score"]) == ("Belmora 2024", 1.0)
    done = cli.run("explain", towns.spec, towns.panel, "Belmora")
    assert done.exit_code == 2
    assert "2022, 2024" in done.stderr
    assert "--period" in done.stderr


def test_a_unit_that_looks_like_a_number_is_a_name(cli, towns):
    towns.data.write_text("unit,region,act,forms\n1.0,a,yes,1\n2,a,no,2\n", encoding="utf-8")
    assert json.loads(cli.fine("explain", towns.spec, towns.data, "1.0", "--json"))["unit"] == "1.0"


# --- compare


def test_compare_for_people(cli, towns):
    weights = towns.spec.with_name("forms.yaml")
    weights.write_text("weights: forms\nindex: towns\nnodes: {top: {act: 1, forms: 9}}\n", encoding="utf-8")
    text = cli.fine("compare", towns.spec, towns.data, "--with-weights", weights)
    # Abaria (1 + 0) / 2, Cordania (0.5 + 0.5) / 2, Belmora (0 + 1) / 2; then 0.1, 0.5, 0.9
    assert "2 of 3 units moved in top; what differs: weights" in text
    assert "because" in text
    assert "b: towns.csv; weights: forms" in text


def test_compare_for_programs_is_the_library(cli):
    index, data = ei.load_index(EGDI), ei.sample(EGDI)
    other = ei.compute(index.with_weights("services-first"), data)
    expected = ei.compare(ei.compute(index, data), other, by="indicator")
    words = ("compare", EGDI, "--sample", "--with-weights", "services-first", "--by", "indicator")
    found = json.loads(cli.fine(*words, "--json"))
    assert (found["differs_in"], found["units_in_both"]) == (["weights"], 193)
    assert found["b"]["weights"] == "services-first"
    assert [row["unit"] for row in found["rows"]] == expected.moved.index.get_level_values("unit").tolist()
    assert [row["through"] for row in found["rows"]] == expected.moved["through"].tolist()
    for name in ("units", "causes", "parts"):
        table = cli.rows_of(cli.fine(*words, "--table", name, "--csv"))
        assert list(table[0])[2:] == list(map(str, getattr(expected, name).columns))


def test_compare_with_other_data_index_and_rules(cli, towns):
    other = towns.data.with_name("later.csv")
    other.write_text(
        "unit,region,act,forms\nAbaria,north,no,10\nBelmora,north,no,30\nDremia,,no,20\n", encoding="utf-8"
    )
    found = json.loads(cli.fine("compare", towns.spec, towns.data, "--with-data", other, "--json"))
    assert (found["differs_in"], found["only_a"], found["only_b"]) == (["data"], ["Cordania"], ["Dremia"])
    assert "Only in b: Dremia" in cli.fine("compare", towns.spec, towns.data, "--with-data", other)
    geometric = towns.spec.with_name("geo.yaml")
    geometric.write_text(
        towns.spec.read_text(encoding="utf-8")
        .replace("index: towns", "index: geo")
        .replace("{top: {", "{top: {aggregate: harmonic, "),
        encoding="utf-8",
    )
    found = json.loads(cli.fine("compare", towns.spec, towns.data, "--with-index", geometric, "--json"))
    assert (found["b"]["index"], found["differs_in"]) == ("geo", ["recipe"])
    law = json.loads(cli.fine("compare", "unctad-cyberlaw-2026", "--sample", "--with-rules", "graded", "--json"))
    assert law["a"]["rules"] != law["b"]["rules"] == ["graded"]
    copied = json.loads(cli.fine("compare", EGDI, "--sample", "--with-variant", "as-copied", "--json"))
    assert copied["differs_in"] == ["data"]


def test_compare_two_periods(cli, towns):
    found = json.loads(cli.fine("compare", towns.spec, towns.panel, "--periods", 2022, 2024, "--json"))
    # all at 0.5 in 2022; in 2024 Belmora has (1 + 1) / 2 and the others stand behind it
    assert {row["unit"]: row["moved"] for row in found["rows"]} == {"Abaria": -1, "Cordania": -1}
    assert {row["because"] for row in found["rows"]} == {""}
    assert (found["a"]["period"], found["b"]["period"]) == ("2022", "2024")
    done = cli.run("compare", towns.spec, towns.data, "--periods", 2022, 2024)
    assert "leave --periods out" in done.stderr


def test_nothing_moved_is_said(cli, towns):
    text = cli.fine("compare", towns.spec, towns.data, "--with-data", towns.data)
    assert "0 of 3 units moved in top; nothing differs" in text


# --- what-if


def test_what_if_is_the_library(cli, towns, result):
    words = ("what-if", towns.spec, towns.data, "--set", "Belmora:act=yes", "--set", "Abaria:forms=50")
    changes = {("Belmora", "act"): "yes", ("Abaria", "forms"): 50.0}
    for learn in ("nominal", "each_draw"):
        expected = ei.what_if(result, changes, learn=learn)
        found = json.loads(cli.fine(*words, "--learn", learn, "--json"))
        assert [row["score_b"] for row in found["rows"]] == expected.units["score_b"].tolist()
        assert found["others"] == len(expected.others)
        assert found["changes"][1] == {"unit": "Abaria", "column": "forms", "before": 10, "after": 50.0}
    table = cli.rows_of(cli.fine(*words, "--table", "changes", "--csv"))
    assert [row["after"] for row in table] == ["yes", "50.0"]
    text = cli.fine(*words, "--learn", "each_draw")
    assert "have another rank or class" in text
    assert "learned values taken again" in text


def test_no_answer_and_a_period(cli, towns):
    found = json.loads(cli.fine("what-if", towns.spec, towns.data, "--set", "Belmora:forms=", "--json"))
    assert found["changes"][0]["after"] is None
    found = json.loads(cli.fine("what-if", towns.spec, towns.panel, "--set", "Belmora:2022:act=yes", "--json"))
    assert (found["changes"][0]["period"], found["rows"][0]["score_b"]) == (2022, 1.0)
    done = cli.run("what-if", towns.spec, towns.panel, "--set", "Belmora:act=yes")
    assert (done.exit_code, "UNIT:PERIOD:COLUMN=ANSWER" in done.stderr) == (2, True)
    done = cli.run("what-if", towns.spec, towns.data, "--set", "Belmora:2022:act=yes")
    assert (done.exit_code, "no periods" in done.stderr) == (2, True)


ODD = ["A:B", "A=B", "A\\B", "A:B=C\\", "2024:x"]


@pytest.mark.parametrize("unit", ODD)
def test_names_with_colons_can_be_written(cli, towns, unit):
    data = f"unit,region,act,forms\n{unit},n,yes,1\nBelmora,n,no,2\n"
    towns.data.write_text(data, encoding="utf-8")
    written = unit.replace("\\", "\\\\").replace(":", "\\:").replace("=", "\\=")
    found = json.loads(cli.fine("what-if", towns.spec, towns.data, "--set", f"{written}:act=no", "--json"))
    assert [row["unit"] for row in found["rows"]] == [unit]
    changes = towns.data.with_name("changes.csv")
    changes.write_text(f"unit,column,answer\n{unit},act,no\n", encoding="utf-8")
    assert json.loads(cli.fine("what-if", towns.spec, towns.data, "--changes", changes, "--json")) == found


def test_changes_from_a_workbook_with_periods(cli, towns):
    import pandas as pd

    path = towns.data.with_name("changes.xlsx")
    rows = {"unit": ["Abaria", "Belmora"], "period": [2022, 2024], "column": ["act", "forms"], "answer": ["no", 15]}
    pd.DataFrame(rows).to_excel(path, index=False)
    found = json.loads(cli.fine("what-if", towns.spec, towns.panel, "--changes", path, "--json"))
    assert [(row["period"], row["after"]) for row in found["changes"]] == [(2022, "no"), (2024, 15)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit,colum,answer\nAbaria,act,no\n", ['no column "column"', 'unknown column "colum"; did you mean "column"']),
        ("unit,column,answer\n,act,no\nAbaria,,no\n", ["row 1 names no unit", "row 2 names no column"]),
        ("unit,column,answer\nAbari,act,no\nAbaria,akt,no\n", ['mean "Abaria"', 'mean "act"']),
        ("unit,column,answer\nAbaria,act,no\nAbaria,act,yes\n", ["changed twice"]),
    ],
)
def test_faults_of_changes_are_told_at_once(cli, towns, text, said):
    path = towns.data.with_name("changes.csv")
    path.write_text(text, encoding="utf-8")
    done = cli.run("what-if", towns.spec, towns.data, "--changes", path)
    assert done.exit_code in (1, 2)
    assert done.stdout == ""
    assert all(word in done.stderr for word in said), done.stderr
    assert "Traceback" not in done.stderr


def test_an_answer_that_the_index_does_not_take_is_a_fault_of_data(cli, towns):
    done = cli.run("what-if", towns.spec, towns.data, "--set", "Abaria:forms=lots")
    assert done.exit_code == 1
    assert "lots" in done.stderr


# --- wrong usage


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["explain"], "INDEX"),
        (["explain", "SPEC"], "UNIT is missing"),
        (["explain", "SPEC", "DATA"], "UNIT is missing"),
        (["explain", "SPEC", "Abaria"], "DATA is missing"),
        (["explain", "SPEC", "DATA", "Abaria", "Belmora"], "quotes"),
        (["explain", EGDI, "--sample", "DATA", "KHM"], "no DATA"),
        (["explain", "SPEC", "DATA", "Abari"], 'mean "Abaria"'),
        (["explain", "SPEC", "DATA", "Abaria", "--node", "tops"], 'mean "top"'),
        (["explain", "SPEC", "DATA", "Abaria", "--group", "regio"], 'mean "region"'),
        (["explain", "SPEC", "DATA", "Abaria", "--json", "--csv"], "go together"),
        (["compare", "SPEC", "DATA"], "--with-weights"),
        (["compare", "SPEC", "DATA", "--with-data", "DATA", "--with-sample"], "does not go"),
        (["compare", "SPEC", "DATA", "--with-weights", "equla"], "no weight set"),
        (["compare", "SPEC", "DATA", "--with-data", "DATA", "--node", "tops"], 'mean "top"'),
        (["compare", "SPEC", "DATA", "--with-data", "DATA", "--by", "leaf"], "indicator"),
        (["compare", "SPEC", "DATA", "--with-only-rules"], "--with-rules"),
        (["compare", EGDI, "--sample", "--periods", "2020", "2024"], "2020"),
        (["what-if", "SPEC", "DATA"], "--set"),
        (["what-if", "SPEC", "DATA", "--set", "Abaria:act"], "no = before"),
        (["what-if", "SPEC", "DATA", "--set", "act=yes"], "UNIT:COLUMN=ANSWER"),
        (["what-if", "SPEC", "DATA", "--set", "a:b:c:act=yes"], r"\:"),
        (["what-if", "SPEC", "DATA", "--set", ":act=yes"], "empty"),
        (["what-if", "SPEC", "DATA", "--set", "Abari:act=yes", "--set", "Abaria:akt=yes"], 'mean "act"'),
        (["what-if", "SPEC", "DATA", "--set", "Abaria:act=yes", "--learn", "always"], "each_draw"),
    ],
)
def test_wrong_usage_is_2(cli, towns, words, said):
    done = cli.run(*({"SPEC": towns.spec, "DATA": towns.data}.get(word, word) for word in words))
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_files_that_are_not_there_are_4(cli, towns):
    for words in (
        ["explain", towns.spec, "none.csv", "Abaria"],
        ["compare", towns.spec, towns.data, "--with-data", "none.csv"],
        ["what-if", towns.spec, towns.data, "--changes", "none.csv"],
    ):
        assert cli.run(*words).exit_code == 4


# --- nasty names

NASTY = ["\x1b[31mred\x07", "\u202eabc", "[bold]x[/bold]", "=1+1", "<b>", "a" * 200, "日本"]


@pytest.mark.parametrize("name", NASTY)
def test_names_are_harmless(cli, towns, name):
    towns.data.write_text(f"unit,region,act,forms\n{name},n,yes,1\nBelmora,n,no,2\n", encoding="utf-8")
    new = towns.data.with_name("changes.csv")
    new.write_text(f"unit,column,answer\n{name},act,no\n", encoding="utf-8")
    for words in (
        ["score", towns.spec, towns.data],
        ["explain", towns.spec, towns.data, name],
        ["compare", towns.spec, towns.data, "--with-index", towns.spec, "--table", "units"],
        ["what-if", towns.spec, towns.data, "--changes", new],
        ["explain", towns.spec, towns.data, name + "!"],
    ):
        done = cli.run(*words)
        assert done.exit_code == (2 if words[-1] == name + "!" else 0), done.output
        assert not set(done.output) & set("\x1b\x07\u202e")
        assert "".join(visible(name).split())[:20] in "".join(done.output.split())
    plain, safe = (
        cli.rows_of(cli.fine("what-if", towns.spec, towns.data, "--changes", new, "--csv", *more))
        for more in ([], ["--excel-safe"])
    )
    assert plain[0]["unit"] == name
    assert safe[0]["unit"] == ("'" + name if name == "=1+1" else name)


def test_visible_keeps_what_people_write():
    for text in ("Côte d'Ivoire", "日本", "می\u200cخواهم", "[bold]", ""):
        assert visible(text) == text
    assert visible("a\nb\tc") == "a\\nb\\tc"
    assert visible("a\nb", keep="\n") == "a\nb"
