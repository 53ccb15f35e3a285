"""init: an index of one's own that runs at once, never in the place of something, and tells beginners what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import egovindex as ei
from egovindex.spec.load import read_instrument

FILES = [
    "README.md",
    "data/answers-template.csv",
    "indicators/towns-form.yaml",
    "indicators/towns.yaml",
    "weights/towns/first-choice.yaml",
]
SPEC, DATA, WEIGHTS = "indicators/towns.yaml", "data/answers-template.csv", "weights/towns/first-choice.yaml"


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def towns(cli, here):
    """A new index, without the instrument that gives it labels and spellings."""
    cli.fine("init", "towns")
    path = here / SPEC
    path.write_text(path.read_text(encoding="utf-8").replace("\ninstrument:", "\n# instrument:"), encoding="utf-8")
    return here


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


# --- it runs at once


def test_the_files_and_what_is_said(cli, here):
    said = cli.fine("init", "towns")
    assert files_in(here) == FILES
    assert all(name in said for name in FILES)
    assert f"Next: egovindex check {SPEC} {DATA}" in said
    for name in FILES:
        text = (here / name).read_text(encoding="utf-8")
        assert "@" not in text
        assert str(here) not in text


def test_the_index_file_and_the_questionnaire_are_sound(cli, here):
    cli.fine("init", "towns")
    assert "no fault found" in cli.fine("check", SPEC)
    instrument, _ = read_instrument(here / "indicators/towns-form.yaml")
    assert list(instrument.answers["status"]) == ["yes", "in_operation", "drafted", "planned", "no"]
    assert all(instrument.answers["status"][word] for word in ("yes", "in_operation", "no"))  # spellings
    assert {item.kind for item in instrument.items.values()} == {"one", "number", "link"}
    assert len(instrument.checks) == 1
    index = ei.load_index(here / SPEC)
    asked = (here / DATA).read_text(encoding="utf-8").splitlines()[0].split(",")
    assert asked == ["place", *instrument.items]
    assert set(index.file.indicators) <= set(instrument.items)
    assert ei.load_weights(here / WEIGHTS, index=index).weights == "first-choice"
    written = set(index.document())
    assert {
        "source",
        "instrument",
        "columns",
        "nothing",
        "points",
        "rules",
        "defaults",
        "indicators",
        "nodes",
    } <= written


def runs(cli) -> None:
    assert "error" not in cli.fine("check", SPEC, DATA)
    scores = [row["score"] for row in cli.rows_of(cli.fine("score", SPEC, DATA, "--csv"))]
    assert [round(float(score), 4) for score in scores] == [0.76, 0.5]
    other = [row["score"] for row in cli.rows_of(cli.fine("score", SPEC, DATA, "--weights", WEIGHTS, "--csv"))]
    assert [round(float(score), 4) for score in other] == [0.765, 0.35]
    strict = [row["score"] for row in cli.rows_of(cli.fine("score", SPEC, DATA, "--rules", "strict", "--csv"))]
    assert [round(float(score), 4) for score in strict] == [0.56, 0.4]


def test_it_runs_without_the_questionnaire(cli, towns):
    runs(cli)


def test_it_runs_with_the_questionnaire(cli, here):
    cli.fine("init", "towns")
    runs(cli)
    index = ei.load_index(SPEC)
    assert index.labels["q1"] == "Is there a law on electronic services?"
    data = Path(DATA)
    data.write_text(data.read_text(encoding="utf-8").replace("in_operation", "Running"), encoding="utf-8")
    runs(cli)  # a spelling


def test_by_hand(towns):
    """(2 x rules + 2 x services + 1 x people) / 5, written out."""
    result = ei.compute(towns / SPEC, towns / DATA)
    abaria = (2 * (1 + 0.75) / 2 + 2 * (1 + 0.8) / 2 + 0.25) / 5
    belmora = (2 * (0.5 + 1) / 2 + 2 * 0 + 1) / 5  # q5 is blank: q4 alone
    assert result.scores["overall"].tolist() == pytest.approx([abaria, belmora], abs=1e-12)
    assert result.classes["overall"].tolist() == ["High", "Middle"]


@pytest.mark.parametrize("name", ["no", "null", "overall", "q1", "status", "A-1_b", "x" * 60])
def test_names_that_are_fine(cli, here, name):
    cli.fine("init", name)
    cli.fine("check", f"indicators/{name}.yaml")


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "a\\b", "a b", "-", "1a", "CON", "a.b", "é", "x" * 61, "un-egdi-2024"],
)
def test_names_that_are_refused(cli, here, name):
    done = cli.run("init", "--", name)
    assert done.exit_code == 2, done.output
    assert "a name begins with a letter" in done.stderr or "packaged" in done.stderr
    assert list(here.iterdir()) == []


# --- nothing is overwritten


def test_a_folder_is_made(cli, here):
    said = cli.fine("init", "towns", "--folder", "my index/of towns")
    assert files_in(here / "my index/of towns") == FILES
    assert "cd 'my index/of towns' && egovindex check" in said


def test_other_files_are_left_alone(cli, here):
    (here / "indicators").mkdir()
    (here / "indicators/other.yaml").write_text("precious", encoding="utf-8")
    cli.fine("init", "towns")
    assert (here / "indicators/other.yaml").read_text(encoding="utf-8") == "precious"
    done = cli.run("init", "villages")  # the table and the README are there
    assert done.exit_code == 4
    assert done.stderr.splitlines() == [
        f"{name}: there is something of this name already; nothing was written. Name another folder with --folder"
        for name in ("data/answers-template.csv", "README.md")
    ]
    assert files_in(here) == sorted([*FILES, "indicators/other.yaml"])


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
@pytest.mark.parametrize("name", FILES)
def test_what_is_in_the_way_is_named_and_nothing_written(cli, here, name, kind):
    target = here / name
    target.parent.mkdir(parents=True, exist_ok=True)
    {"file": target.touch, "folder": target.mkdir, "link": lambda: target.symlink_to("nowhere")}[kind]()
    done = cli.run("init", "towns")
    assert (done.exit_code, done.stderr.split(":")[0]) == (4, name)
    assert [path for path in files_in(here) if path != name] == []


def test_a_file_where_a_folder_would_be(cli, here):
    (here / "weights").touch()
    done = cli.run("init", "towns")
    assert (done.exit_code, files_in(here)) == (4, ["weights"])
    assert done.stderr.startswith("weights/towns/first-choice.yaml: ")
    done = cli.run("init", "towns", "--folder", "weights")
    assert (done.exit_code, done.stderr) == (4, "weights: this is no folder; name another with --folder\n")


def test_all_or_nothing_when_the_disk_fails(cli, here, monkeypatch):
    (here / "data").mkdir()
    opened = Path.open

    def full(self, *args, **kwargs):
        if self.name == "first-choice.yaml":
            raise OSError(28, "No space left on device", str(self))
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", full)
    done = cli.run("init", "towns", "--folder", "new")
    assert (done.exit_code, "No space left" in done.stderr) == (4, True)
    assert [path.name for path in here.iterdir()] == ["data"]
    assert cli.run("init", "towns").exit_code == 4
    assert [path.name for path in here.rglob("*")] == ["data"]  # a folder that was there stays


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", lambda: 1)() == 0, reason="needs a user whom modes bind")
def test_a_folder_that_may_not_be_written(cli, here):
    here.chmod(0o500)
    done = cli.run("init", "towns")
    here.chmod(0o700)
    assert (done.exit_code, files_in(here)) == (4, [])


def test_the_two_beginnings_are_kept_apart_in_help(cli):
    assert "new-study" in cli.fine("init", "--help").replace("new-\n  study", "new-study")
    assert "see init" in cli.fine("new-study", "--help").replace("\n  ", " ")


# --- a beginner's slips: what is written, the line, and the words that say what to do
SLIPS = {
    "a misspelt key": ("classes: {High", "clases: {High", 'did you mean "classes"?'),
    "a misspelt key at the top": ("\nnothing:", "\nnothng:", 'did you mean "nothing"?'),
    "a tab": ("    planned: 0.25", "\tplanned: 0.25", "a tab may not indent YAML; use spaces"),
    "a colon missing": (" planned: 0.25", " planned 0.25", '"planned 0.25": a colon and a blank are missing'),
    "a colon missing behind a heading": ("\npoints:", "\npoints", '"points": a colon and a blank are missing'),
    "a colon missing in brackets": ("{label: Rules,", "{label Rules,", "a value behind a colon (label Rules: ...)"),
    "a blank missing": (" planned: 0.25", " planned:0.25", "a blank is missing behind the colon: planned: 0.25"),
    "a blank missing in brackets": ("{rules_part: 2", "{rules_part:2", "behind the colon: rules_part: 2"),
    "a child that is not there": ("[q1, q3]", "[q1, q33]", 'did you mean "q3"?'),
    "a weight of a child that is not there": ("{rules_part: 2", "{rule_part: 2", 'did you mean "rules_part"?'),
    "an id twice": ("people_part:  ", "rules_part:  ", 'key "rules_part" stands twice (first on line'),
    "an indicator twice": ("\n  q5: {", "\n  q1: {}\n  q5: {", '"q1" stands twice in indicators (first on line'),
    "a value begins with >": ("High: 0.7", "High: > 0.7", "a lower bound (Low: 0), a test (Low: value >= 0) or"),
    "a bracket is not closed": ("[q1, q3]}", "[q1, q3}", '"," or "]" is missing before this place'),
    "indented otherwise": (
        "    drafted: {",
        "   drafted: {",
        "Lines that belong together have the same",
    ),
    "a decimal comma": ("planned: 0.25", "planned: 0,25", "a decimal has a point: 0.25"),
    "a decimal comma in brackets": ("{rules_part: 2,", "{rules_part: 0,5,", "a decimal is written with a point"),
    "per cent": ("planned: 0.25", "planned: 25%", "a share is written as a number: 25/100"),
    "a list without brackets": ("of: [q1, q3]}", "of: q1, q3}", "write a list in brackets [a, b]"),
    "a colon in a text": ("title: Index towns", "title: Index: towns", 'quote text that contains ": "'),
    "the file is named otherwise": ("index: towns ", "index: town ", "a file is named after its index"),
}
IN_DATA = {
    "a category without a line": ("    in_operation: 0.75\n", "", 1, 'q3: 1 answer has no line in points "status"'),
    "nothing is forgotten": (
        "nothing: {missing: skip, unknown: 0, not_applicable: skip}\n",
        "",
        1,
        "q5: 1 of 2 values are blank (Belmora) and the file does not say what a blank means. Write nothing: skip",
    ),
    "two tops": (", people_part: 1}", "}", 0, "people_part is nobody's child: reported beside overall, and no part of"),
    "an indicator in no node": ("[q1, q3]", "[q1]", 0, "q3 is an indicator that no node uses; to count it, name it in"),
}


def slipped(folder: Path, name: str, old: str, new: str) -> int:
    """Put a slip into a file; on which line it is."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} in the skeleton"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old) + len(old) - len(old.lstrip("\n"))].count("\n") + 1


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_the_index_is_told_in_plain_words(cli, towns, slip):
    old, new, words = SLIPS[slip]
    line = slipped(towns, SPEC, old, new)
    done = cli.run("check", SPEC, DATA)
    told = [found for found in done.stdout.splitlines() if found.startswith("towns.yaml:")]
    assert (done.exit_code, len(told)) == (3, 1), done.stdout
    assert told[0].startswith(f"towns.yaml:{line}: ")
    assert words in told[0]
    assert "not YAML" not in told[0]


@pytest.mark.parametrize("slip", IN_DATA)
def test_a_slip_that_shows_with_the_answers(cli, towns, slip):
    old, new, code, words = IN_DATA[slip]
    slipped(towns, SPEC, old, new)
    done = cli.run("check", SPEC, DATA, "--csv")
    assert done.exit_code == code, done.stdout
    assert any(words in row["message"] for row in cli.rows_of(done.stdout)), done.stdout


def test_a_slip_in_the_weights(cli, towns):
    slipped(towns, WEIGHTS, "rules_part: 1", "rule_part: 1")
    done = cli.run("check", SPEC, DATA, "--weights", WEIGHTS)
    assert done.exit_code == 3
    assert 'not a child: rule_part (did you mean "rules_part"?)' in " ".join(done.stdout.split())
