"""--vary, --doubt and --declared: words into a doubt, and where slips are told."""

from __future__ import annotations

import json

import pytest

import egovindex as ei
from egovindex.cli.doubts import asked_doubt, doubt_from_words
from egovindex.cli.faults import UsageFault, exit_code
from egovindex.errors import MethodError

EGDI = "un-egdi-2024"
LAW = "unctad-cyberlaw-2026"
FEW = ("--sample", "-n", "20", "--rng", "1")


# --- words


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("weights=simplex", {"weights": "simplex"}),
        (" weights = within 0.25 ", {"weights": "within 0.25"}),
        ("weights.EGDI=dirichlet 50", {"weights": {"EGDI": "dirichlet 50"}}),
        ("weights.EGDI=fixed", {"weights": {"EGDI": "fixed"}}),
        ("weights=equal|services-first", {"weights": ["equal", "services-first"]}),
        ("points.status.drafted=uniform 0.2 0.6", {"points": {"status.drafted": "uniform 0.2 0.6"}}),
        ("points.status.drafted=uniform 1/4 3/4", {"points": {"status.drafted": "uniform 0.25 0.75"}}),
        ("points.status=monotone", {"points": {"status": "monotone"}}),
        ("points.age.value >= 3=uniform 0 1", {"points": {"age.value >= 3": "uniform 0 1"}}),
        ("nothing.unknown=skip|0", {"nothing": {"unknown": ["skip", "0"]}}),
        ("rules=strict|graded", {"rules": ["strict", "graded"]}),
        ("rules=strict|graded,known_only", {"rules": ["strict", ["graded", "known_only"]]}),
        ("normalise=minmax | zscore", {"normalise": ["minmax", "zscore"]}),
        ("steps.price=winsorise 1|winsorise 5|none", {"steps": {"price": ["winsorise 1", "winsorise 5", "none"]}}),
        ("aggregate=mean|geometric", {"aggregate": ["mean", "geometric"]}),
        ("aggregate.EGDI=mean|geometric", {"aggregate": {"EGDI": ["mean", "geometric"]}}),
        ("include=leave_one_out", {"include": "leave_one_out"}),
        ("include=mobile", {"include": {"mobile": "0.5"}}),
        ("include=mobile|internet", {"include": {"mobile": "0.5", "internet": "0.5"}}),
    ],
)
def test_a_word_is_what_a_file_has(word, written, tmp_path):
    doubt = doubt_from_words([word])
    found = json.loads(json.dumps(doubt.document()))
    assert {key: law for key, law in found.items() if key != "doubt"} == written
    doubt.save(tmp_path / "doubt.yaml")
    assert repr(ei.load_doubt(tmp_path / "doubt.yaml")).splitlines()[1:] == repr(doubt).splitlines()[1:]


def test_several_words_are_one_doubt():
    doubt = doubt_from_words(["weights=simplex", "aggregate.EGDI=mean|geometric"])
    assert repr(doubt) == repr(ei.Doubt(weights=ei.simplex(), aggregate={"EGDI": ["mean", "geometric"]}))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("weights", "write WHAT=LAW"),
        ("weights=", "write WHAT=LAW"),
        ("=simplex", "write WHAT=LAW"),
        ("", "write WHAT=LAW"),
        ("wieghts=simplex", 'did you mean "weights"?'),
        ("weights.=simplex", "weights.EGDI=..."),
        ("points=uniform 0 1", "points.status.drafted=uniform"),
        ("nothing=skip|0", "nothing.unknown=skip|0"),
        ("nothing.unknown=skip", "parted by |, as in skip|0"),
        ("points.s.no=0.3", "parted by |, as in 0.2|0.5"),
        ("weights=equal", "parted by |, as in equal|services-first"),
        ("weights=simplx", 'did you mean "simplex"?'),
        ("weights=within", "within takes 1 number, found 0"),
        ("weights=within much", '"much" is not a number'),
        ("weights=within -1", "above 0 and up to 1, 0.25 for 25 %"),
        ("weights.EGDI=ordered OSI TII", "write it in a file (--doubt), as in {ordered: [a, b]}"),
        ("points.s.no=uniform 0.6 0.2", "not in rising order"),
        ("aggregate.EGDI=mean", "at least two"),
        ("aggregate.EGDI=mean|mean", "each once"),
        ("aggregate.EGDI=mean||geometric", "an alternative is empty"),
        ("aggregate.EGDI=|mean", "an alternative is empty"),
        ("rules.x=a|b", "rules=strict|graded"),
        ("include.x=a", "include=mobile|internet"),
        ("values.internet=sd 2", "values: {internet: {error: {sd: 2}}}"),
        ("recipes=a|b", "in a file (--doubt)"),
    ],
)
def test_a_bad_word_is_told(word, said):
    with pytest.raises(UsageFault) as found:
        doubt_from_words([word])
    (fault,) = found.value.faults
    assert fault.message.startswith(f'--vary "{word}": ')
    assert said in fault.message
    assert fault.message.count("weights: ") == fault.message.count("points.s.no: ") == 0


def test_all_bad_words_are_told_at_once():
    with pytest.raises(UsageFault) as found:
        doubt_from_words(["weights=simplx", "weights=simplex", "agregate=mean|geometric"])
    assert [fault.message.partition(":")[0] for fault in found.value.faults] == [
        '--vary "weights=simplx"',
        '--vary "agregate=mean|geometric"',
    ]


def test_the_same_thing_twice_is_told():
    with pytest.raises(MethodError, match="weights: said twice; a doubt says each thing once; keep one") as found:
        doubt_from_words(["weights=simplex", "weights=within 0.25"])
    assert exit_code(found.value) == 2


# --- put together


@pytest.fixture
def ranged(towns):
    text = towns.spec.read_text(encoding="utf-8").replace("drafted: 0.5,", "drafted: {value: 0.5, range: [0.2, 0.8]},")
    towns.spec.write_text(text, encoding="utf-8")
    return towns


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "method.yaml"
    path.write_text(
        "doubt: method\ntitle: How it is made\naggregate: {top: [mean, harmonic]}\nnormalise: [minmax, rank]\n",
        encoding="utf-8",
    )
    return path


def test_file_words_and_ranges_are_put_together(ranged, file):
    index = ei.load_index(ranged.spec)
    asked = asked_doubt(index, file, ["weights=simplex", "include=forms"], declared=True)
    assert asked.doubt.name == "method + declared in towns"
    assert asked.places == {
        "aggregate.top": "method.yaml",
        "normalise": "method.yaml",
        "weights": "--vary",
        "include": "--vary",
        "points.s.drafted": "--declared",
    }
    assert {part.label for part in asked.doubt.parts} == set(asked.places)


def test_a_file_alone_keeps_its_title(towns, file):
    assert asked_doubt(ei.load_index(towns.spec), file, None, declared=False).doubt.title == "How it is made"


def test_ranges_are_those_of_the_index(cli, ranged):
    found = json.loads(cli.fine("simulate", ranged.spec, ranged.data, "-n", 20, "--rng", 1, "--declared", "--json"))
    assert found["laws"] == {"points.s.drafted": "uniform 0.2 0.8"}


@pytest.mark.parametrize("command", ["simulate", "sobol"])
def test_nothing_doubted_is_wrong_usage_with_an_example(cli, command):
    done = cli.run(command, EGDI, "--sample")
    assert (done.exit_code, done.stdout) == (2, "")
    assert '--vary "weights=within 0.25"' in done.stderr


@pytest.mark.parametrize("command", ["simulate", "sobol"])
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--vary", "aggregate.EGDI=mean|geometrc"], 2, '--vary: aggregate.EGDI: nodes.EGDI.aggregate: "geometrc"'),
        (["--vary", "aggregate.EDGI=mean|geometric"], 2, '--vary: aggregate.EDGI: there is no node "EDGI"'),
        (["--vary", "weights=equal|services-frst"], 2, 'did you mean "services-first"?'),
        (["--vary", "weights.HCI=simplex", "--node", "OSI"], 2, "has no effect on it"),
        (["--vary", "weights=simplex", "--node", "ODI"], 2, 'did you mean "OSI"?'),
        (["--vary", "weights.EGDI=at_least 0.5"], 2, "--vary: weights.EGDI: between 0.5 and 1"),
        (["--vary", "weights.EGDI=fixed"], 2, "nothing could have been otherwise"),
        (["--vary", "include=OSI|TII|HCI"], 2, "keep one in"),
        (["--vary", "include=OSX"], 2, 'did you mean "OSI"?'),
        (["--vary", "rules=a|b"], 2, '--vary: rules: there is no rule "a"'),
        (["--vary", "steps.osi_if=winsorise 1|winsorise 5"], 2, "has not the step winsorise"),
        (["--vary", "nothing.unknwn=skip|0"], 2, "there is no kind of nothing"),
        (["--vary", "points.s.no=0|1"], 2, "--vary: points.s.no: there is no line"),
        (["--vary", "weights.EGDI=simplex", "--vary", "weights=equal|services-first"], 2, "is doubted twice"),
        (["--vary", "weights=simplex", "--vary", "weights=within 0.2"], 2, "said twice"),
        (["--declared"], 2, "has a range"),
        (["--doubt", "none.yaml"], 4, "none.yaml: there is no such file"),
    ],
)
def test_slips_are_told(cli, command, words, code, said):
    done = cli.run(command, EGDI, *FEW, *words)
    assert said in done.stderr, done.stderr
    assert (done.exit_code, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr
    assert "without(...)" not in done.stderr


@pytest.mark.parametrize("command", ["simulate", "sobol"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "doubt: x\nweights: witin 0.25\n",
            'mine.yaml:2: weights: "witin 0.25" is no law here; did you mean "within"?',
        ),
        ("doubt: x\nagregate: {EGDI: [mean, geometric]}\n", 'mine.yaml:2: unknown key "agregate"'),
        ("doubt: x\naggregate:\n  EGDI: mean\n", "mine.yaml:3: aggregate.EGDI: alternatives are a list"),
        ("weights: simplex\n", "mine.yaml:1: a file of doubts is a map whose first key is doubt"),
        # what stands in the file, and does not fit the index
        ("doubt: x\nweights: {EDGI: simplex}\n", 'mine.yaml:2: weights.EDGI: there is no node "EDGI"'),
        ("doubt: x\naggregate: {EGDI: [mean, geometrc]}\n", "mine.yaml:2: aggregate.EGDI: nodes.EGDI.aggregate"),
    ],
)
def test_a_fault_of_the_file_is_3_with_its_place(cli, command, text, said, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    done = cli.run(command, EGDI, *FEW, "--doubt", path)
    assert done.stderr.startswith(said), done.stderr
    assert (done.exit_code, done.stdout) == (3, "")


def test_a_fault_of_the_data_stays_one(cli, tmp_path):
    path = tmp_path / "measured.yaml"
    path.write_text("doubt: x\nvalues: {osi_if: {error: {sd: 0.1, low: 0.5}}}\n", encoding="utf-8")
    done = cli.run("simulate", EGDI, *FEW, "--doubt", path)
    assert (done.exit_code, "measured outside the limits" in done.stderr) == (1, True), done.stderr


# --- the Tab key


@pytest.mark.parametrize(
    ("begun", "offered"),
    [
        ("weights.E", ["weights.EGDI="]),
        ("aggregate.O", ["aggregate.OSI="]),
        ("inc", ["include="]),
        ("rul", []),
    ],
)
def test_completion(cli, begun, offered):
    line = f"egovindex simulate {EGDI} --sample --vary {begun}"
    asked = {"_EGOVINDEX_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    assert cli.process(**asked).stdout.split() == offered


def test_completion_of_points_rules_and_nothing(cli):
    line = f"egovindex sobol {LAW} --sample --vary "
    asked = {"_EGOVINDEX_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    assert {"points.status.draft=", "nothing.no_data=", "rules="} <= set(cli.process(**asked).stdout.split())
