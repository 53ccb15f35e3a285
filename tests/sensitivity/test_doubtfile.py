"""Doubts as they are put together, told in words, and written into files that are read back."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

LAW = ei.confusion({"x": {"y": 0.2}})


# --- parts


def test_parts_in_the_order_of_their_kinds():
    doubt = ei.Doubt(
        recipes={"e": {"a": {}, "b": {}}}, include=["law"], coder=LAW, values=ei.error(sd=1), aggregate=["mean", "min"],
        steps=["log", "none"], normalise=["minmax", "rank"], rules=["r", "s"], nothing={"unknown": ["skip", 0]},
        points={"m.x": (0, 1)}, weights=ei.simplex(), name="n", title="t", note="o", source="s",
    )  # fmt: skip
    kinds = [
        "weights", "points", "nothing", "rules", "normalise", "steps", "aggregate", "values", "coder", "include",
        "recipes",
    ]  # fmt: skip
    assert [part.kind for part in doubt.parts] == kinds
    assert [part.key for part in doubt.parts] == ["*", "m.x", "unknown", *"*******", "e"]
    assert [part.label for part in doubt.parts] == [
        "weights",
        "points.m.x",
        "nothing.unknown",
        *kinds[3:10],
        "recipes.e",
    ]
    assert (doubt.name, doubt.title, doubt.note, doubt.source) == ("n", "t", "o", "s")
    assert ei.Doubt().parts == ()
    assert (ei.Doubt().name, ei.Doubt().title, ei.Doubt().note, ei.Doubt().source) == (None, None, None, None)
    assert [part.told for part in doubt.parts] == [
        "simplex", "uniform 0 1", "one of skip, 0", "one of r, s", "one of minmax, rank", "one of log, none",
        "one of mean, min", "error sd 1", "confusion x is y 0.2", "law in with chance 0.5", "a, b",
    ]  # fmt: skip
    assert all(part.file is part.line is None for part in doubt.parts)


def test_addresses_as_keys():
    one = ei.Doubt(points={("status", "drafted"): (0, 1)})
    assert one.parts[0].key == "status.drafted"
    assert ei.Doubt(weights={3: ei.simplex()}).parts[0].key == "3"
    assert ei.Doubt(weights={"a": None}).parts[0].told == "fixed"
    assert (
        ei.Doubt(include={"law": 0.25, "plan": 0.5}).parts[0].told == "law in with chance 0.25, plan in with chance 0.5"
    )
    assert ei.Doubt(include=ei.leave_one_out("law")).parts[0].told == "leave one out of law"


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        ("points", '{"status.drafted": (0.2, 0.6)}'),
        ("nothing", '{"unknown": ["skip", 0]}'),
        ("recipes", "{name: {label: keys}}"),
    ],
)
def test_what_has_no_law_for_all(kind, example):
    with pytest.raises(ei.MethodError, match=re.escape(f"{kind} takes a mapping, as in {example}; found ['a', 'b']")):
        ei.Doubt(**{kind: ["a", "b"]})


@pytest.mark.parametrize("kind", ["weights", "rules", "normalise", "steps", "aggregate", "values", "coder"])
def test_what_may_have_a_law_for_all(kind):
    law = {"weights": "simplex", "values": ei.error(sd=1), "coder": LAW}.get(kind, ["a", "b"])
    (part,) = ei.Doubt(**{kind: law}).parts
    assert (part.key, part.label) == ("*", kind)
    (part,) = ei.Doubt(**{kind: {"n": law}}).parts
    assert (part.key, part.label) == ("n", f"{kind}.n")


def test_faults_of_a_doubt_say_where():
    with pytest.raises(ei.MethodError) as caught:
        ei.Doubt(weights={"top": "within", "*": "zzz"}, rules="strict", include=3)
    assert [(fault.path, fault.message.split(":")[0], fault.check) for fault in caught.value.faults] == [
        ("weights.top", "weights.top", "bad_law"),
        ("weights", "weights", "bad_law"),
        ("rules", "rules", "bad_law"),
        ("include", "include", "bad_law"),
    ]


# --- put together


def test_what_is_said_twice():
    one = ei.Doubt(weights=ei.simplex(), aggregate={"top": ["mean", "min"]})
    with pytest.raises(ei.MethodError, match=r"^aggregate\.top, weights: said twice") as caught:
        one + one
    assert caught.value.faults[0].check == "doubt_twice"
    assert len((one + ei.Doubt(weights={"top": ei.simplex()})).parts) == 3
    many = ei.Doubt(weights={name: ei.simplex() for name in "hgfedcba"})
    with pytest.raises(ei.MethodError, match=f"^{', '.join(f'weights.{name}' for name in 'abcdefgh')}: said twice"):
        many + many


def test_names_of_what_is_put_together():
    a, b, none = (
        ei.Doubt(weights="simplex", name="a"),
        ei.Doubt(rules=["r", "s"], name="b"),
        ei.Doubt(values=ei.error(sd=1)),
    )
    assert ((a + b).name, (a + none).name, (none + b).name, (none + ei.Doubt(coder=LAW)).name) == (
        "a + b",
        "a",
        "b",
        None,
    )
    assert (a + b).title is None
    assert ei.Doubt.of(a.parts, "c", title="t", note="n", source="s").source == "s"
    made = ei.Doubt.of(a.parts, "c", title="t", note="n")
    assert (made.name, made.title, made.note, made.source) == ("c", "t", "n", None)
    assert ei.Doubt.of(a.parts).name is None


def test_parts_that_are_taken_or_left():
    doubt = ei.Doubt(weights={"*": ei.simplex(), "top": None}, rules=["r", "s"], name="n")
    assert [part.label for part in doubt.only("weights").parts] == ["weights", "weights.top"]
    assert [part.label for part in doubt.only("weights.top", "rules").parts] == ["weights.top", "rules"]
    assert [part.label for part in doubt.without("weights").parts] == ["rules"]
    assert [part.label for part in doubt.without("weights.top").parts] == ["weights", "rules"]
    assert doubt.only("rules").name == doubt.without("rules").name == "n"
    with pytest.raises(ei.MethodError) as caught:
        doubt.without("weights.tpo", "rules", "ruels")
    assert [fault.message for fault in caught.value.faults] == [
        'no doubt is about "weights.tpo"; did you mean "weights.top"?',
        'no doubt is about "ruels"; did you mean "rules"?',
    ]


def test_two_doubts_are_one_if_they_say_the_same():
    one, other = (
        ei.Doubt(weights={"a": "simplex", "b": "within 0.1"}),
        ei.Doubt(weights={"b": ei.within(0.1), "a": "simplex"}),
    )
    assert one == other
    assert hash(one) == hash(other)
    assert one == ei.Doubt(weights={"a": "simplex", "b": "within 0.1"}, name="x", title="y")
    assert one != ei.Doubt(weights={"a": "simplex", "b": "within 0.2"})
    assert one != "simplex"
    keys = [{"title": "x", "note": "y"}, {"note": "y", "title": "x"}]
    first, second = (ei.Doubt(recipes={"e": {"a": {}, "b": given}}) for given in keys)
    assert first == second
    assert ei.Doubt(weights={"a": None}) != ei.Doubt(weights={"a": "simplex"})


# --- shown


def test_shown():
    assert repr(ei.Doubt()) == "<Doubt> 0 doubts"
    assert repr(ei.Doubt(rules=["r", "s"])) == "<Doubt> 1 doubt\n  rules  one of r, s"
    doubt = ei.Doubt(rules=["r", "<s>"], aggregate={"top": ["mean", "min"]}, name="a & b")
    assert repr(doubt) == "<Doubt a & b> 2 doubts\n  rules          one of r, <s>\n  aggregate.top  one of mean, min"
    assert doubt._repr_html_() == (
        "<b>&lt;Doubt a &amp; b&gt; 2 doubts</b><table><tr><th>rules</th><td>one of r, &lt;s&gt;</td></tr>"
        "<tr><th>aggregate.top</th><td>one of mean, min</td></tr></table>"
    )


# --- declared


DECLARED = """
index: declared
answers: {status: {yes: [], drafted: [], no: []}}
nothing: {unknown: {value: 0.1, range: [0, 0.3]}, missing: void}
points: {status: {yes: 1, drafted: {value: 0.5, range: [0.2, 0.8]}, no: 0}}
indicators: {law: {points: status}, plan: {points: {yes: 1, no: {value: 0, range: [0, 0.1]}}}}
nodes: {top: {of: {law: {value: 3, range: [2, 4]}, plan: 1}}}
"""


def test_ranges_that_an_index_declares(tmp_path):
    path = tmp_path / "declared.yaml"
    path.write_text(DECLARED, encoding="utf-8")
    for given in (path, ei.load_index(path)):
        doubt = ei.Doubt.declared(given)
        assert doubt.name == "declared in declared"
        assert {part.label: part.told for part in doubt.parts} == {
            "points.status.drafted": "uniform 0.2 0.8",
            "points.indicators.plan.points.no": "uniform 0 0.1",
            "nothing.unknown": "uniform 0 0.3",
            "weights.top": "between law 0.5 and law 1",
        }
    assert ei.Doubt.declared(path, name="mine").name == "mine"
    table = pd.DataFrame({"unit": ["u", "v"], "law": ["drafted", "yes"], "plan": ["no", "unknown"]})
    settings = ei.simulate(path, table, ei.Doubt.declared(path), n=64, rng=1).settings()
    assert settings["weights.top.law"].between(2, 4).all()
    rows = [{"id": "a", "kind": "indicator", "in": "I"}, {"id": "I", "kind": "node"}]
    none = ei.Index.from_frame(pd.DataFrame(rows), index="plain", nothing="void")
    with pytest.raises(ei.MethodError, match=r"no number of plain has a range"):
        ei.Doubt.declared(none)


# --- files


def test_the_text_of_a_file():
    assert ei.Doubt(rules=["r", "s"]).to_yaml() == "doubt: unnamed\nrules: [r, s]\n"
    doubt = ei.Doubt(
        weights={"*": ei.within(0.25), "top": None}, points={"m.x": (0.2, 0.6)}, values=ei.error(sd=2),
        aggregate={"*": ["mean", "min"]}, include={"law": 0.75}, name="n", title="t", note="o", source="s",
    )  # fmt: skip
    assert doubt.document() == {
        "doubt": "n",
        "title": "t",
        "note": "o",
        "source": "s",
        "weights": {"*": "within 0.25", "top": "fixed"},
        "points": {"m.x": "uniform 0.2 0.6"},
        "aggregate": ["mean", "min"],
        "values": {"*": {"error": {"sd": "2"}}},
        "include": {"law": "0.75"},
    }


WRITTEN = {
    "weights": [
        "simplex", "within 0.25", None, {"top": ei.experts({"a": {"x": 1, "y": 2}, "b": {"x": 2, "y": 1}})},
        {"top": ei.ordered("x", "y", low=0.1)}, {"top": ei.conditions("x >= y")}, ["equal", "mine"],
        [{"top": {"x": 1, "y": 2}}, {"top": "equal"}], {"top": ei.dirichlet(alpha={"x": 1, "y": 2})},
    ],
    "points": [{"m.x": ei.normal(0.4, 0.1, low=0)}, {"m": "monotone"}, {"m.x": ["skip", 0.5]}],
    "values": [ei.error(sd="sd of it", low=0), {"x": ei.error(half_width=0.5, relative=True)}],
    "coder": [LAW, ei.confidence(high=1, medium=0.9, low=0.5), {"law": None, "*": LAW}],
    "include": [["law", "plan"], {"law": 0.1}, "leave_one_out", ei.leave_one_out("law", "plan")],
    "rules": [["r", ("r", "s")], ei.choice("r", "s", chances=[0.9, 0.1])],
    "steps": [{"x": ["winsorise 1", "none"]}],
    "recipes": [{"e": {"a": {}, "b": {"nodes": {"top": {"of": ["x", "y"]}}}}}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "raw"), [(kind, raw) for kind, many in WRITTEN.items() for raw in many if raw is not None]
)
def test_what_is_written_is_read_back(tmp_path, kind, raw):
    doubt = ei.Doubt(**{kind: raw}, name="n", note="o")
    doubt.save(tmp_path / "d.yaml")
    read = ei.load_doubt(tmp_path / "d.yaml")
    assert read == doubt
    assert (read.name, read.title, read.note, read.source) == ("n", None, "o", None)
    assert [(part.label, part.told) for part in read.parts] == [(part.label, part.told) for part in doubt.parts]
    assert [type(part.law) for part in read.parts] == [type(part.law) for part in doubt.parts]
    assert {part.file for part in read.parts} == {"d.yaml"}
    assert all(part.line >= 3 for part in read.parts)
    assert ei.load_doubt(str(tmp_path / "d.yaml")) == read
    assert ei.load_doubt(doubt) is doubt


def test_a_recipe_with_numbers_is_the_same_when_it_is_read_back(tmp_path):
    """Numbers of Python and the texts of a file used to differ."""
    keys = {"nodes": {"top": {"of": {"x": 1, "y": 0.5}}}, "indicators": {"x": {"steps": ("minmax", "times 2")}}}
    doubt = ei.Doubt(recipes={"e": {"a": {}, "b": keys, "c": {"nothing": {"unknown": 0, "missing": None}, "x": True}}})
    doubt.save(tmp_path / "d.yaml")
    read = ei.load_doubt(tmp_path / "d.yaml")
    assert read == doubt
    assert read.to_yaml() == doubt.to_yaml()
    more = {**keys, "nodes": {"top": {"of": {"x": 1, "y": 0.75}}}}
    assert doubt != ei.Doubt(recipes={"e": {"a": {}, "b": more, "c": {}}})


def test_an_index_in_a_recipe_is_written_whole(index, tmp_path):
    other = index.with_(title="another")
    doubt = ei.Doubt(recipes={"edition": {"old": other, "new": index}})
    doubt.save(tmp_path / "d.yaml")
    read = ei.load_doubt(tmp_path / "d.yaml")
    law = read.parts[0].law
    assert list(law) == ["old", "new"]
    assert all(isinstance(one, ei.Index) for one in law.values())
    assert [one.title for one in law.values()] == ["another", index.title]
    assert read == doubt
    assert doubt != ei.Doubt(recipes={"edition": {"old": index, "new": other}})
    # a recipe that speaks of something called index is no whole index
    path = tmp_path / "e.yaml"
    path.write_text("doubt: e\nrecipes: {e: {a: {}, b: {index: other}}}\n", encoding="utf-8")
    assert ei.load_doubt(path).parts[0].law == {"a": {}, "b": {"index": "other"}}
    path.write_text("doubt: e\nrecipes:\n  e: [1, 2]\n", encoding="utf-8")
    with pytest.raises(
        ei.SpecError, match=r"e\.yaml:3: recipes\.e: a doubt about recipes is .* at least two; found \['1', '2'\]"
    ):
        ei.load_doubt(path)
    path.write_text("doubt: e\nrecipes: {e: {a: {}, b: {index: {index: x, nods: {}}}}}\n", encoding="utf-8")
    with pytest.raises(ei.SpecError):
        ei.load_doubt(path)


def test_where_each_part_of_a_file_is_written(tmp_path):
    path = tmp_path / "d.yaml"
    path.write_text(
        "doubt: d\ntitle: t\nweights: simplex\naggregate:\n  top: [mean, min]\n  one: [max, min]\n"
        "include:\n  law: 0.5\n",
        encoding="utf-8",
    )
    assert [(part.label, part.line) for part in ei.load_doubt(path).parts] == [
        ("weights", 3), ("aggregate.top", 5), ("aggregate.one", 6), ("include", 7),
    ]  # fmt: skip


FAULTS = [
    ("- a\n", 1, None, "not_a_doubt", "a file of doubts is a map whose first key is doubt"),
    ("weights: simplex\n", 1, None, "not_a_doubt", "a file of doubts is a map whose first key is doubt"),
    ("doubt: d\ntitle: [a]\n", 2, "title", "bad_law", "title is a text"),
    ("doubt: {a: b}\n", 1, "doubt", "bad_law", "doubt is a text"),
    ("doubt: d\nnote: {a: b}\n", 2, "note", "bad_law", "note is a text"),
    ("doubt: d\nsource: [a]\n", 2, "source", "bad_law", "source is a text"),
    (
        "doubt: d\nwieghts: simplex\n",
        2,
        "wieghts",
        "unknown_key",
        'unknown key "wieghts"; did you mean "weights"? Allowed: doubt, title',
    ),
    (
        "doubt: d\nzzz: simplex\n",
        2,
        "zzz",
        "unknown_key",
        'unknown key "zzz". Allowed: doubt, title, note, source, weights, points, nothing',
    ),
    ("doubt: d\n\nweights: zzz\n", 3, "weights", "bad_law", 'weights: "zzz" is no law here'),
    ("doubt: d\nweights:\n  '*': zzz\n", 3, "weights.*", "bad_law", 'weights.*: "zzz" is no law here'),
    ("doubt: d\nweights:\n  top: zzz\n", 3, "weights.top", "bad_law", 'weights.top: "zzz" is no law here'),
    (
        "doubt: d\ninclude:\n  law: 3\n",
        2,
        "include",
        "bad_law",
        "include: the chance that a record is in lies between 0 and 1",
    ),
]


@pytest.mark.parametrize(("text", "line", "path", "check", "said"), FAULTS)
def test_a_file_that_says_what_it_may_not(tmp_path, text, line, path, check, said):
    (tmp_path / "d.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ei.SpecError) as caught:
        ei.load_doubt(tmp_path / "d.yaml")
    (fault,) = caught.value.faults
    assert fault.message.startswith(said)
    assert (fault.check, fault.file, fault.line, fault.path) == (check, "d.yaml", line, path)
    assert fault.message.endswith("include, recipes") == (check == "unknown_key")


def test_every_fault_of_a_file_is_told(tmp_path):
    (tmp_path / "d.yaml").write_text(
        "doubt: d\ntitle: [a]\nzzz: 1\nrules: r\nweights: {a: x, b: y}\n", encoding="utf-8"
    )
    with pytest.raises(ei.SpecError) as caught:
        ei.load_doubt(tmp_path / "d.yaml")
    assert [fault.path for fault in caught.value.faults] == ["title", "zzz", "rules", "weights.a", "weights.b"]


@pytest.mark.parametrize("given", [{"weights": "simplex"}, None, 3])
def test_what_is_no_doubt(given):
    with pytest.raises(ei.SpecError, match=r"a doubt is a Doubt, as in Doubt\(weights=within\(0\.25\)\), or the path"):
        ei.load_doubt(given)


# --- weights and records where a recipe has others


def test_weights_of_records_that_a_recipe_leaves_out(index, data):
    fewer = {"nodes": {"rules": {"of": ["law", "plan"]}}}
    doubt = ei.Doubt(weights={"rules": ei.simplex()}, recipes={"short": {"as it is": {}, "short": fewer}})
    drawn = ei.simulate(index, data, doubt, n=40, rng=1)
    assert drawn.good == 40
    settings = drawn.settings()
    for draw in (int(settings.index[settings["recipes.short"] == label][0]) for label in ("short", "as it is")):
        np.testing.assert_allclose(drawn.result_of(draw).scores["top"], drawn.scores.loc[draw], rtol=1e-12)
    # weights of one node, and then of another and of all records that stay
    both = ei.Doubt(weights={"market": ei.simplex(), "top": ei.simplex()}, include={"law": 0.5})
    drawn = ei.simulate(index, data, both, n=16, rng=1)
    for draw in range(4):
        np.testing.assert_allclose(drawn.result_of(draw).scores["top"], drawn.scores.loc[draw], rtol=1e-12)


def test_weights_of_the_one_node_that_there_is(tmp_path):
    text = "index: one\nnothing: {missing: void}\nindicators: {a: {}, b: {}}\nnodes: {I: {of: {a: 1, b: 1}}}\n"
    Path(tmp_path / "one.yaml").write_text(text, encoding="utf-8")
    table = pd.DataFrame({"unit": ["x", "y"], "a": [1.0, 0.0], "b": [0.0, 1.0]})
    design = pd.DataFrame({"weights.I.a": [2.0, 0.5], "weights.I.b": [0.0, 1.5]})
    doubt = ei.Doubt(weights={"I": ei.simplex()})
    for precision in ("double", "single"):
        drawn = ei.simulate(tmp_path / "one.yaml", table, doubt, design=design, precision=precision)
        assert drawn.scores.to_numpy().tolist() == [[1, 0], [0.25, 0.75]]
