"""read, redact, code and agreement on files: what the library says, and nobody's name."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from openpyxl import load_workbook

import egovindex as ei

ANSWERS = """unit,item,mark,text
Anvilla,q002,,Amira Dal
Anvilla,q005,,amira.dal@moi.anvilla.example
Anvilla,q036,Yes,
Anvilla,q037,,The law is being drafted. Ask Amira Dal.
Anvilla,q039,,"Data Act of 2018, https://law.anvilla.example/8"
Bruma,q002,,Omar Sen
Bruma,q051,,A law is planned. The platform is already in operation.
"""
PERSONS = ("Amira", "amira.dal", "Omar Sen")


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


def test_read_shows_states(cli, answers):
    text = cli.fine("read", answers, "--format", "tidy")
    assert "2 units: Anvilla, Bruma" in text
    assert "withheld" in text
    assert not [person for person in PERSONS if person in text]


def test_read_gives_the_library_s_table(cli, answers, tmp_path):
    text = cli.fine("read", answers, "--format", "tidy", "--table", "answers", "--csv")
    expected = ei.read_responses(answers, "un-msq-2022", format="tidy").table
    assert [row["state"] for row in cli.rows_of(text)] == expected["state"].tolist()
    done = cli.run("read", answers, "--format", "tidy", "--out", tmp_path / "out.csv")
    assert done.exit_code == 0
    again = ei.read_responses(tmp_path / "out.csv", "un-msq-2022", format="tidy").table
    assert again["state"].tolist() == expected["state"].tolist()
    found = json.loads(cli.fine("read", answers, "--format", "tidy", "--table", "redactions", "--json"))
    assert sum(row["count"] for row in found["rows"]) == 4
    assert not [person for person in PERSONS if person in (tmp_path / "out.csv").read_text()]


def test_a_format_is_never_guessed(cli, answers):
    done = cli.run("read", answers)
    assert done.exit_code == 2
    assert "--format is needed" in done.output
    assert "tidy" in done.output


def test_a_folder(cli, answers, tmp_path):
    folder = tmp_path / "all"
    folder.mkdir()
    for name in ("Anvilla", "Bruma"):
        rows = [line for line in ANSWERS.splitlines() if line.startswith(("unit", name))]
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "bad.csv").write_bytes(b"\x00")
    done = cli.run("read", folder, "--format", "tidy")
    assert done.exit_code == 0, done.output
    assert "2 units" in done.stdout
    assert "not read: bad.csv" in done.stdout


def test_redact(cli, answers, tmp_path):
    out = tmp_path / "clean.csv"
    text = cli.fine("redact", answers, "--format", "tidy", "--out", out)
    assert "field" in text
    assert not [person for person in PERSONS if person in text + out.read_text()]
    assert cli.run("redact", answers, "--format", "tidy", "--out", out).exit_code == 4
    assert cli.run("redact", answers, "--format", "tidy", "--out", answers, "--force").exit_code == 2
    cli.fine("redact", answers, "--format", "tidy", "--out", tmp_path / "public.csv", "--publish")
    assert "being drafted" not in (tmp_path / "public.csv").read_text()


def test_code_and_score(cli, answers, tmp_path):
    text = cli.fine("code", answers, "--format", "tidy", "--csv")
    expected = ei.code(ei.read_responses(answers, "un-msq-2022", format="tidy")).long()
    assert [row["answer"] for row in cli.rows_of(text)] == expected["answer"].tolist()
    assert cli.run("code", answers, "--format", "tidy", "--out", tmp_path / "coded.csv").exit_code == 0
    score = cli.fine("score", "msq-readiness-2022", tmp_path / "coded.csv", "--csv")
    assert [row["unit"] for row in cli.rows_of(score)] == ["Anvilla", "Bruma"]
    assert "q036" in cli.fine("code", answers, "--format", "tidy", "--table", "conflicts")
    assert "no_link" in cli.fine("code", answers, "--format", "tidy", "--table", "flags")


def test_a_workbook_there_and_back(cli, answers, tmp_path):
    book = tmp_path / "coders.xlsx"
    words = ("code", answers, "--format", "tidy", "--workbook", book, "--coder", "anna", "--coder", "ben")
    assert cli.run(*words).exit_code == 0
    assert cli.run(*words).exit_code == 4  # it exists
    opened = load_workbook(book)
    for name, answer in (("anna", "drafted"), ("ben", "planned")):
        sheet = opened[name]
        headings = {cell.value: cell.column for cell in sheet[1]}
        for row in range(2, sheet.max_row + 1):
            if sheet.cell(row, headings["item"]).value in ("q036", "q038"):
                category = answer if sheet.cell(row, headings["item"]).value == "q036" else "planned"
                sheet.cell(row, headings["legal"]).value = category
    opened.save(book)
    found = cli.rows_of(cli.fine("agreement", book, "--rng", "1", "--csv"))
    assert [row["axis"] for row in found] == ["legal"]
    assert float(found[0]["percent"]) == 0.5
    disputes = cli.fine("agreement", book, "--table", "disputes", "--csv")
    assert {row["item"] for row in cli.rows_of(disputes)} == {"q036"}


def test_agreement_of_a_table(cli, tmp_path):
    rows = [
        ("Anvilla", f"q0{at}", "legal", coder, category)
        for at, pair in enumerate([("drafted", "drafted"), ("planned", "drafted"), ("adopted", "adopted")], start=36)
        for coder, category in zip(("anna", "ben"), pair, strict=True)
    ]
    path = tmp_path / "coding.csv"
    pd.DataFrame(rows, columns=["unit", "item", "axis", "coder", "category"]).to_csv(path, index=False)
    assert "2 coders" in cli.fine("agreement", path, "--rng", "3")
    assert cli.run("agreement", tmp_path / "x.txt").exit_code == 2
