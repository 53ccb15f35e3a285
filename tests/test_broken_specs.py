"""Every fault a file can have: one broken file each, with the words and the line its message must have.

The first lines of a file of `tests/broken_specs/` say what is expected:

    # expect: words of the message | more words of it
    # line: 7
    # file: another.csv        (where the fault stands in another file than this one)

A file that begins with `# sound:` has no fault: what others are `like`, and negative controls.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import egovindex as ei
from egovindex.spec import checks, load
from egovindex.spec.strictyaml import read_yaml

FOLDER = Path(__file__).parent / "broken_specs"
SPEC = Path(checks.__file__).parent

# faults of calls from Python, and of things that are no file of the repository: tested below or in tests/spec
NOT_IN_A_FILE = {
    "like_in_with",
    "points_not_a_mapping",
    "missing_file",
    "not_yet_computed",
    "unknown_index",
    "unknown_weights",
    "unreadable_file",
    "weights_without_index",
    "rule_not_a_name",
    # see tests/spec/test_addresses.py
    # label files, see tests/test_labels.py
    "label_columns",
    "label_row",
    "no_labels",
    "not_csv",
    "unknown_labels",
    # tables of Index.from_frame
    "direction_without_steps",
    "unknown_direction",
    "unknown_column",
    "unknown_kind",
}


@dataclass(frozen=True)
class Expected:
    """What the first lines of a broken file say."""

    words: tuple[str, ...]
    file: str
    line: int


def header(path: Path) -> dict[str, str]:
    lines = path.read_bytes().decode("latin-1").splitlines()
    found = (re.match(r"# (expect|line|file|sound): (.*)", line) for line in lines[:4])
    return {match[1]: match[2] for match in found if match}


def expected(path: Path) -> Expected:
    said = header(path)
    return Expected(tuple(said["expect"].split(" | ")), said.get("file", path.name), int(said["line"]))


def name(path: Path) -> str:
    return str(path.relative_to(FOLDER).with_suffix(""))


FILES = sorted(FOLDER.rglob("*.yaml"))
SOUND = [path for path in FILES if "sound" in header(path)]
BROKEN = [path for path in FILES if path not in SOUND]


@pytest.fixture(scope="module")
def sound() -> ei.Index:
    return ei.load_index(FOLDER / "sound.yaml")


def reader(path: Path, sound: ei.Index) -> Callable[[], object]:
    """How a file of this folder is read."""
    kinds: dict[str, Callable[[], object]] = {
        "weights": lambda: ei.load_weights(path, index=sound),
        "instruments": lambda: load.read_instrument(path),
        "broken_specs": lambda: ei.load_index(path),
    }
    return kinds[path.parent.name]


def faults(read: Callable[[], object]) -> tuple[ei.Fault, ...]:
    with pytest.raises(ei.SpecError) as caught:
        read()
    return caught.value.faults


# --- one fault, one message


@pytest.mark.parametrize("path", BROKEN, ids=name)
def test_a_broken_file_has_one_fault_that_says_where_and_what(path, sound):
    found = faults(reader(path, sound))
    assert len(found) == 1, "\n".join(map(str, found))
    (fault,) = found
    wanted = expected(path)
    missing = [words for words in wanted.words if words not in fault.message]
    assert not missing, f"{missing} not in: {fault.message}"
    assert (fault.file, fault.line) == (wanted.file, wanted.line), str(fault)


@pytest.mark.parametrize("path", BROKEN, ids=name)
def test_a_message_prints_file_and_line_first_and_is_one_line(path, sound):
    (fault,) = faults(reader(path, sound))
    assert str(fault) == f"{fault.file}:{fault.line}: {fault.message}"
    assert "\n" not in str(fault)
    assert fault.check
    assert not re.search(r"pydantic|Traceback|<class|\bdict\b|NoneType", fault.message)
    # a sentence that follows another begins after one stop
    assert not re.search(r"\?[.;]|[^.?] (Allowed|Maps|Rules|Scales|Steps|Functions|Packaged|Write):", fault.message)


@pytest.mark.parametrize("path", SOUND, ids=name)
def test_a_sound_file_loads(path, sound):
    reader(path, sound)()


def test_there_are_many_broken_files_and_each_is_named_after_its_fault():
    assert len(BROKEN) >= 50
    for path in BROKEN:
        said = header(path)
        assert set(said) >= {"expect", "line"}, path.name
        assert re.fullmatch(r"[a-z0-9-]+", path.stem), path.name


MENDED = {
    "unknown-key": ("step:", "steps:"),
    "unknown-direction": ("downward", "down"),
    "fraction-of-zero": ("1/0", "1/2"),
    "line-spelt-twice": ("value > 0: 2", "value <= 0: 2"),
    "unknown-points-map": ("stauts", "status"),
    "scale-unclear": ("{points:", "{answers: kept, points:"),
    "rules-disagree": ("[strict, graded]", "strict"),
    "weight-without-parent": ("{weight: 2}", "{}"),
    "cycle-of-three": ("[a, two]", "[a]"),
    "node-in-itself": (", top]", "]"),
    "weights-of-zero": ("{a: 0, b: 0}", "{a: 0, b: 1}"),
    "classes-out-of-order": ("High: 0.75", "High: 0.25"),
    "direction-without-effect": ("down", "up"),
    "minus-without-blanks": ("share-users", "share - users"),
    "nothing-with-a-formula": ("skp", "skip"),
}


@pytest.mark.parametrize("stem", MENDED)
def test_a_broken_file_loads_once_its_line_is_mended(stem, tmp_path):
    """The negative control: nothing else is wrong with these files."""
    source = FOLDER / f"{stem}.yaml"
    lines = source.read_text(encoding="utf-8").splitlines()
    old, new = MENDED[stem]
    at = expected(source).line - 1
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new)
    path = tmp_path / source.name
    path.write_text("\n".join(lines), encoding="utf-8")
    assert ei.load_index(path).id == stem


# --- nothing is left untested


def checks_of(path: Path, sound: ei.Index) -> set[str]:
    return {fault.check for fault in faults(reader(path, sound))}


def literals(source: str) -> Iterator[str]:
    """Names of faults in a module: `place("x", ...)`, `self.fault(path, "x", ...)`, `Fault(..., check="x")`."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        callee = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        at = {"place": [0], "fault": [0, 1], "Fault": [4]}.get(callee, [])
        given: list[Any] = [node.args[n] for n in at if n < len(node.args)]
        given += [keyword.value for keyword in node.keywords if keyword.arg == "check" and callee == "Fault"]
        for value in given:
            if isinstance(value, ast.Constant) and re.fullmatch(r"[a-z][a-z0-9_]+", str(value.value)):
                yield str(value.value)


def test_literals_finds_the_names_of_faults():
    source = 'place("a_b", ()); self.fault(path, "c_d", ""); fault("e_f", "x y"); Fault("m", check="g_h"); other("no")'
    assert set(literals(source)) == {"a_b", "c_d", "e_f", "g_h"}


def test_every_fault_that_the_spec_package_names_has_a_broken_file(sound):
    shown = {check for path in BROKEN for check in checks_of(path, sound)}
    named = {check for module in SPEC.glob("*.py") for check in literals(module.read_text(encoding="utf-8"))}
    assert len(named) > 40
    assert named - shown - NOT_IN_A_FILE == set()
    assert named >= NOT_IN_A_FILE, "a fault that no longer exists"


def test_every_check_of_an_index_is_exercised_by_a_broken_file(monkeypatch, sound):
    exercised: set[str] = set()

    def watched(check: Callable[..., Iterator[ei.Fault]]) -> Callable[..., Iterator[ei.Fault]]:
        def watch(*args: Any) -> Iterator[ei.Fault]:
            for fault in check(*args):
                exercised.add(check.__name__)
                yield fault

        return watch

    names = {check.__name__ for check in checks._CHECKS} | {"rules_disagree"}
    monkeypatch.setattr(checks, "_CHECKS", tuple(map(watched, checks._CHECKS)))
    monkeypatch.setattr(checks, "rules_disagree", watched(checks.rules_disagree))
    for path in BROKEN:
        if path.parent == FOLDER:
            faults(reader(path, sound))
    assert names - exercised == set()


def test_every_kind_of_complaint_of_the_models_is_exercised(sound):
    shown = {check for path in BROKEN for check in checks_of(path, sound)}
    assert shown >= {
        "extra_forbidden",
        "missing",
        "literal_error",
        "dict_type",
        "model_type",
        "tuple_type",
        "value_error",
    }


# --- all at once

TEN = """\
index: ten-faults
edition: {first: 2024}
refrence: {periods: all}
nothing: skp
answers:
  status: {yes: [Y], no: [Y]}
points:
  level: {0: 0, else: 1, 2: 3}
rule: strict
indicators:
  a: {direction: downward}
  b: {steps: [zscor]}
  c: {points: levle}
  d: {label: D}
nodes:
  top: {of: {a: 1, b: 1/0}, need: 5}
  part: {of: [c, dee], classes: {Low: 0.2, High: 0.6}}
"""


def test_ten_faults_of_one_file_are_told_at_once_with_their_lines(tmp_path):
    path = tmp_path / "ten-faults.yaml"
    path.write_text(TEN, encoding="utf-8")
    found = faults(lambda: ei.load_index(path))
    told = [(fault.line, fault.message.split(";")[0]) for fault in found]
    assert told == [
        (2, "edition: text is expected, found a map"),
        (3, 'unknown key "refrence"'),
        (4, 'nothing: "skp" is not a policy'),
        (6, 'scale "status": "y" is a spelling of both yes and no'),
        (8, 'points "level": line "2" stands after else'),
        (9, 'there is no rule "strict". Rules: none'),
        (11, 'indicators.a.direction: "downward" is not one of up, down'),
        (12, 'indicators.b.steps.0: "zscor" is not a step'),
        (13, 'c: there is no points map "levle"'),
        (16, 'nodes.top.of.b: "1/0" divides by zero'),
        (17, 'part has a child "dee" that is neither an indicator nor a node'),
        (17, 'class "High" (0.6) stands after "Low" (0.2) and can never hold'),
    ]
    assert all(fault.file == "ten-faults.yaml" for fault in found)


def test_faults_come_in_the_order_of_the_lines(tmp_path):
    path = tmp_path / "ten-faults.yaml"
    path.write_text(TEN, encoding="utf-8")
    lines = [fault.line for fault in faults(lambda: ei.load_index(path))]
    assert lines == sorted(lines)


# --- what no file of the repository can be


def test_a_file_of_no_bytes(tmp_path):
    path = tmp_path / "empty.yaml"
    path.write_bytes(b"")
    (fault,) = faults(lambda: ei.load_index(path))
    assert str(fault) == "empty.yaml:1: the file is empty"


def test_a_file_of_blanks(tmp_path):
    path = tmp_path / "blank.yaml"
    path.write_bytes(b" \n\t\n")
    (fault,) = faults(lambda: ei.load_index(path))
    assert str(fault) == "blank.yaml:1: the file is empty"


def test_a_file_in_utf16(tmp_path):
    path = tmp_path / "wide.yaml"
    path.write_bytes("index: wide\n".encode("utf-16"))
    (fault,) = faults(lambda: ei.load_index(path))
    assert "is not UTF-8; save the file as UTF-8" in fault.message


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "marked.yaml"
    path.write_text("index: marked\nindicators: {a: {}}\nnodes: {top: {of: [a]}}\n", encoding="utf-8-sig")
    assert ei.load_index(path).id == "marked"


def test_a_file_that_is_not_there(tmp_path):
    (fault,) = faults(lambda: ei.load_index(tmp_path / "nowhere.yaml"))
    assert str(fault) == "nowhere.yaml: there is no such file"


def test_a_folder_is_not_a_file(tmp_path):
    (tmp_path / "folder.yaml").mkdir()
    (fault,) = faults(lambda: ei.load_index(tmp_path / "folder.yaml"))
    assert (fault.check, fault.file) == ("unreadable_file", "folder.yaml")


def test_an_alias_bomb_is_refused_before_it_grows(tmp_path):
    path = tmp_path / "bomb.yaml"
    lines = ["index: bomb", "a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    path.write_text("\n".join(lines), encoding="utf-8")
    found = faults(lambda: ei.load_index(path))
    assert len(found) == 30  # one for each anchor, none for its 9 aliases
    assert all("write the value out" in fault.message for fault in found)
    assert [fault.line for fault in found] == list(range(2, 32))


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "{a: " * 100_000, "- " * 100_000])
def test_hostile_nesting_does_not_exhaust_the_stack(text):
    with pytest.raises(ei.SpecError, match="nested deeper than 60 levels"):
        read_yaml(text)


# --- names given in Python


def test_an_unknown_packaged_index_is_suggested():
    (fault,) = faults(lambda: ei.load_index("un-egdi-2042"))
    assert fault.message.startswith('there is no packaged index "un-egdi-2042"; did you mean "un-egdi-20')
    assert "For a file of your own give its path, ending in .yaml" in fault.message


def test_a_packaged_index_without_a_near_name():
    (fault,) = faults(lambda: ei.load_index("zzz"))
    assert fault.message.startswith('there is no packaged index "zzz". Packaged: msq-readiness-2022, oxcgrt-2022, ')


def test_an_unknown_packaged_weight_set_is_suggested():
    (fault,) = faults(lambda: ei.load_weights("equall", index="un-egdi-2024"))
    assert 'there is no weight set "equall" for un-egdi-2024; did you mean "equal"? Packaged: ' in fault.message


def test_a_weight_set_by_name_needs_its_index():
    (fault,) = faults(lambda: ei.load_weights("equal"))
    assert fault.message == 'weight set "equal": say of which index'


def test_like_is_a_key_of_files_only(sound):
    (fault,) = faults(lambda: sound.with_(like="sound"))
    assert fault.message == "with_ varies this index; like is a key of files"


def test_with_rules_refuses_rules_that_disagree(sound):
    # message 7 of the spec language
    (fault,) = faults(lambda: sound.with_rules("strict", "graded"))
    wanted = 'rules "strict" and "graded" both set points.status.drafted (0 and 0.4). Ask for one of them'
    assert fault.message == wanted


def test_with_rules_refuses_an_unknown_rule(sound):
    found = faults(lambda: sound.with_rules("strickt", "gradde"))
    assert [fault.message for fault in found] == [
        'there is no rule "strickt" in sound; did you mean "strict"? Rules: strict, graded',
        'there is no rule "gradde" in sound; did you mean "graded"? Rules: strict, graded',
    ]


def test_with_rules_takes_names_one_by_one(sound):
    (fault,) = faults(lambda: sound.with_rules(["strict"]))
    assert str(fault) == """with_rules takes names, one by one, as in with_rules("strict"); found ['strict']"""


def test_with_rules_refuses_a_rule_twice(sound):
    (fault,) = faults(lambda: sound.with_rules("graded", "graded"))
    assert str(fault) == 'with_rules(...): rule: "graded" is in force 2 times; name it once'


def test_a_fault_of_what_was_given_in_a_call_names_the_call_and_no_file(sound):
    given = [
        lambda: sound.with_weights({"top": {"rules": 1}}),
        lambda: sound.with_(nodes={"top": {"aggregate": "meen"}}),
        lambda: ei.Index.from_frame(sound.to_frame(), nothing="skp"),
    ]
    found = [faults(call)[0] for call in given]
    assert [(fault.file, fault.line) for fault in found] == [
        ("with_weights(...)", None),
        ("with_(...)", None),
        ("from_frame(...)", None),
    ]
    assert str(found[0]).startswith("with_weights(...): weights of top must name each child once; missing: users, mark")


def test_a_record_twice_in_a_call(sound):
    (fault,) = faults(lambda: sound.with_(indicators={"a1..a3": {}, "a2": {}}))
    assert str(fault) == 'with_(...): "a2" stands twice in indicators (first in the same call)'


def test_a_table_in_a_call(sound):
    (fault,) = faults(lambda: sound.with_(indicators="id, label\nx, one, two"))
    assert str(fault).startswith("with_(...): 3 cells under 2 columns")


def test_weights_found_by_a_method_are_refused_by_name(sound):
    (fault,) = faults(lambda: sound.with_weights({"top": "entropy"}))
    assert fault.check == "not_yet_computed"
    assert 'nodes.top: weights found by a method ("entropy") are read and checked, but not computed' in fault.message
