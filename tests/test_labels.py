"""Labels in another language: what is laid over, what falls back, and every fault of a label file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import egovindex as ei
from egovindex.packaged import indicators_folder
from egovindex.spec.labels import label_languages, label_paths

SPEC = """\
index: towns
title: Towns
nothing: skip
rule: graded
answers: {s: {yes: [], drafted: [], no: []}}
points: {s: {yes: 1, drafted: 0, no: 0}}
rules: {graded: {s: {drafted: 0.5}}}
indicators: {q1: {label: An act, points: s}, q1.2: {points: s}}
nodes: {top: {label: The top, of: [q1, q1.2], classes: {High: 0.6, Low: else}}}
"""
DATA = "unit,q1,q1.2\nA,yes,drafted\nB,no,no\n"
GERMAN = """\
# German
path,label
title,Städte

indicators.q1.2,"Eine Frage, mit Komma"
nodes.top,Ganz oben
rules.graded,abgestuft
answers.s.drafted,entworfen
classes.top.High,Hoch
"""


@pytest.fixture
def towns(tmp_path) -> Path:
    (tmp_path / "towns.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "towns.csv").write_text(DATA, encoding="utf-8")
    (tmp_path / "towns.de.csv").write_text(GERMAN, encoding="utf-8")
    return tmp_path


@pytest.fixture
def index(towns) -> ei.Index:
    return ei.load_index(towns / "towns.yaml")


def faults_of(index, labels) -> list[str]:
    with pytest.raises(ei.SpecError) as caught:
        index.with_labels(labels)
    return [str(fault) for fault in caught.value.faults]


# --- what is laid over


def test_labels_and_what_falls_back(index):
    german = index.with_labels("de")
    assert german.title == "Städte"
    assert german.labels == {"q1": "An act", "q1.2": "Eine Frage, mit Komma", "top": "Ganz oben"}
    assert german.file.rules["graded"].label == "abgestuft"
    words = {path: german.label(path) for path in ("answers.s.drafted", "answers.s.yes", "classes.top.High")}
    assert list(words.values()) == ["entworfen", "yes", "Hoch"]
    assert german.label("classes.top.Low") == "Low"
    assert german.label("nodes.top") == "Ganz oben"
    assert index.labels["top"] == "The top"  # the index itself is as it was
    assert german.history == (("labels", "de"),)
    assert str(german.origins["nodes", "top", "label"]) == "towns.de.csv:6"


def test_ids_categories_and_scores_stay(index, towns):
    plain, german = (ei.compute(one, towns / "towns.csv") for one in (index, index.with_labels("de")))
    assert german.ranking.equals(plain.ranking)
    assert list(german.ranking["class"]) == ["High", "Low"]
    assert dict(ei.compare(plain, german).causes) == {}  # not even the label of a rule is a cause


def test_variation_keeps_labels(index):
    german = index.with_labels("de").with_weights({"top": {"q1": 2, "q1.2": 1}}).with_rules(only=True)
    german = german.with_(nodes={"top": {"aggregate": "max"}})
    assert (german.labels["top"], german.label("classes.top.High")) == ("Ganz oben", "Hoch")


def test_later_labels_lie_over_earlier_ones(index):
    both = index.with_labels("de").with_labels({"classes.top.Low": "Niedrig", "nodes.top": "Oben"})
    assert [both.label(path) for path in ("classes.top.High", "classes.top.Low", "nodes.top")] == [
        "Hoch",
        "Niedrig",
        "Oben",
    ]


def test_a_path_of_a_file(index, towns):
    shutil.move(towns / "towns.de.csv", towns / "other.csv")
    assert index.with_labels(towns / "other.csv") == index.with_labels(str(towns / "other.csv"))
    assert index.with_labels(towns / "other.csv").labels["top"] == "Ganz oben"


def test_no_labels_change_nothing(index):
    assert index.with_labels({}) == index


def test_a_byte_order_mark_and_swapped_columns(index, towns):
    (towns / "towns.es.csv").write_bytes("\ufefflabel,path\r\nArriba,nodes.top\r\n".encode())
    assert index.with_labels("es").labels["top"] == "Arriba"


def test_explain_and_a_picture_are_in_the_language(index, towns):
    result = ei.compute(index.with_labels("de"), towns / "towns.csv")
    assert "rank 1 of 2, Hoch" in ei.explain(result, "A").text
    assert "Eine Frage, mit Komma" in ei.explain(result, "B").text
    pytest.importorskip("matplotlib")
    ax = result.plot.ranking()
    assert ax.get_title(loc="left") == "Ganz oben" or "Ganz oben" in ax.figure.axes[0].get_title()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Hoch", "Low"]


def test_a_saved_result_keeps_labels_of_records_but_not_of_classes(index, towns):
    ei.compute(index.with_labels("de"), towns / "towns.csv").save(towns / "kept")
    assert ei.verify(towns / "kept").identical
    kept = ei.load_result(towns / "kept").index
    assert (kept.labels["top"], kept.title) == ("Ganz oben", "Städte")
    assert kept.label("classes.top.High") == "High"


def test_label_of_nothing(index):
    with pytest.raises(KeyError, match="did you mean"):
        index.label("nodes.tip")


def test_paths_of_classes_in_defaults(index):
    both = index.with_(defaults={"nodes": {"classes": {"Good": 0.5, "Bad": "else"}}}, nodes={"top": {"classes": None}})
    paths = label_paths(both.with_(nodes={"other": {"of": ["q1"]}}).file)
    assert "classes.other.Good" in paths
    assert "classes.top.High" not in paths  # its own are removed, and so is the default


@pytest.mark.parametrize("name", ["un-egdi-2024", "unctad-cyberlaw-2026", "undp-hdi-2022", "un-osi-2024"])
def test_every_path_can_have_a_label_and_only_labels_change(name):
    index = ei.load_index(name)
    wanted = {path: f"L {path}" for path in label_paths(index.file)}
    labelled = index.with_labels(wanted)
    assert {path: labelled.label(path) for path in wanted} == wanted
    back = {path: index.label(path) for path in wanted if not path.startswith(("answers.", "classes."))}
    again = labelled.with_labels(back)
    assert again.tree.branches.keys() == index.tree.branches.keys()
    assert again.labels == index.labels
    data = ei.sample(name)
    assert ei.compute(labelled, data).scores.equals(ei.compute(index, data).scores)


# --- the packaged file


def test_every_packaged_label_file_loads_and_leaves_nothing_out():
    files = list(indicators_folder().glob("*.??.csv"))
    assert "un-egdi-2024.fr.csv" in [path.name for path in files]
    for path in files:
        name, _, language = path.stem.rpartition(".")
        index = ei.load_index(name)
        labelled = index.with_labels(language)
        assert label_languages(name, None) == [language]
        assert [key for key, text in labelled.labels.items() if text == index.labels[key]] == []
        bands = [key for key in label_paths(index.file) if key.startswith("classes.")]
        assert [key for key in bands if labelled.label(key) == index.label(key)] == []


def test_labels_beside_the_file_come_first(tmp_path):
    for name in ("un-egdi-2024.yaml",):
        shutil.copy(indicators_folder() / name, tmp_path / name)
    mine = ei.load_index(tmp_path / "un-egdi-2024.yaml")
    assert mine.with_labels("fr").labels["OSI"] == "Indice des services en ligne"  # the packaged one
    (tmp_path / "un-egdi-2024.fr.csv").write_text("path,label\nnodes.OSI,À moi\n", encoding="utf-8")
    assert mine.with_labels("fr").labels["OSI"] == "À moi"


# --- faults


def test_a_language_that_is_not_there(index):
    (told,) = faults_of(index, "dee")
    assert told == (
        'there are no labels "dee" of towns; did you mean "de"? Looked for towns.dee.csv beside the index file and '
        "among the packaged; there are: de. For a file of another name give its path, ending in .csv"
    )
    assert "there is no such file" in faults_of(index, "none.csv")[0]


def test_every_fault_at_once_with_its_line(index, towns):
    rows = ["path,label", "nodes.tip,a", "nodes.top,b", "nodes.top,c", "title,", "indicators.q1,a,b", "title",
            "classes.top.high,x", "wood,y", '"indicators.q1","two', 'lines"', "indicators.q1.2,last"]  # fmt: skip
    (towns / "towns.xx.csv").write_text("\n".join(rows), encoding="utf-8")
    told = faults_of(index, "xx")
    expected = [
        (2, '"nodes.tip" is nothing in towns that has a label; did you mean "nodes.top"?'),
        (4, "nodes.top has a label already (first on line 3); keep one of them"),
        (5, "title: the label is empty"),
        (6, "3 cells where path and label are expected; quote text that contains a comma"),
        (7, "1 cell where path and label are expected"),
        (8, 'did you mean "classes.top.High"?'),
        (9, "a path begins with title, indicators, nodes, rules, answers or classes, as in nodes.top"),
        (10, "indicators.q1: a label stands on one line"),
    ]
    assert len(told) == len(expected), told
    for fault, (line, words) in zip(told, expected, strict=True):
        assert fault.startswith(f"towns.xx.csv:{line}: "), fault
        assert words in fault


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"path,label\nnodes.top,caf\xe9\n", "towns.xx.csv:2: byte 0xe9 is not UTF-8"),
        (b"path;label\nnodes.top;x\n", "towns.xx.csv:1: the first line of a label file is path,label; found path;l"),
        (b"nodes.top,x\n", "towns.xx.csv:1: the first line of a label file is path,label; found nodes.top, x"),
        (b"path,label,note\nnodes.top,x,y\n", "towns.xx.csv:1: the first line"),
        (b'path,label\nnodes.top,"x\n', "towns.xx.csv:2: not CSV"),
        (b"path,label\n", "towns.xx.csv:1: there is no label in the file"),
        (b"", "towns.xx.csv:1: the file is empty"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(index, towns, content, said):
    (towns / "towns.xx.csv").write_bytes(content)
    told = faults_of(index, "xx")
    assert len(told) == 1
    assert told[0].startswith(said)


def test_labels_from_python_that_are_wrong(index):
    told = faults_of(index, {"nodes.tip": "x", "title": 3, "nodes.top": " "})
    assert len(told) == 3
    assert all(fault.startswith("with_labels(...): ") for fault in told)


# --- the command line


@pytest.fixture
def cli():
    pytest.importorskip("typer")
    from typer.testing import CliRunner

    from egovindex.cli.app import app

    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_show_score_and_explain_in_a_language(cli, towns):
    spec, data = towns / "towns.yaml", towns / "towns.csv"
    shown = cli("show", spec, "--labels", "de")
    assert "label: Ganz oben" in shown.stdout
    assert "towns.de.csv:6" in shown.stdout
    people = cli("score", spec, data, "--labels", "de").stdout
    assert "Städte" in people
    assert "Hoch" in people
    classes = cli("score", spec, data, "--labels", "de", "--table", "classes").stdout
    assert "Hoch" in classes
    programs = json.loads(cli("score", spec, data, "--labels", "de", "--json").stdout)
    assert (programs["title"], programs["rows"][0]["class"]) == ("Städte", "High")  # classes as programs know them
    assert "Hoch" in cli("explain", spec, data, "A", "--labels", "de").stdout
    assert "Hoch" not in cli("score", spec, data).stdout


def test_a_language_that_is_not_there_is_wrong_usage(cli, towns):
    done = cli("score", towns / "towns.yaml", towns / "towns.csv", "--labels", "fr")
    assert done.exit_code == 2
    assert "there are: de" in done.stderr
