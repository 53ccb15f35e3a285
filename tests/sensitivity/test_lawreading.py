"""Laws as texts, lists and maps: what each spelling means, and what is said of one that means nothing."""

from __future__ import annotations

import re

import pytest
import yaml

import egovindex as ei

PANEL = {"first": {"a": 50, "b": 50}, "second": {"a": 80, "b": 20}}
TWO = {"law": {}, "other": {}}
LIMITS = {"a": 0.2, "b": 0.3}

# kind of doubt, as it is written, and the same as a call
SPELLINGS = [
    ("weights", "within 0.25", ei.within(0.25)),
    ("weights", {"within": 0.25}, ei.within(0.25)),
    ("weights", {"within": "1/4"}, ei.within(0.25)),
    ("weights", {"within": {"share": 0.25}}, ei.within(0.25)),
    ("weights", "simplex", ei.simplex()),
    ("weights", {"simplex": {}}, ei.simplex()),
    ("weights", {"simplex": []}, ei.simplex()),
    ("weights", "dirichlet 50", ei.dirichlet(50)),
    ("weights", {"dirichlet": {"concentration": 50}}, ei.dirichlet(50)),
    ("weights", {"dirichlet": {"alpha": {"a": 2, "b": 1}}}, ei.dirichlet(alpha={"a": 2, "b": 1})),
    ("weights", "at_least 0.1", ei.at_least(0.1)),
    ("weights", {"at_least": {"share": LIMITS}}, ei.at_least(LIMITS)),
    ("weights", "between 0.2 0.5", ei.between(0.2, 0.5)),
    ("weights", {"between": "0.2 0.5"}, ei.between(0.2, 0.5)),
    ("weights", {"between": {"low": 0.2}}, ei.between(low=0.2)),
    ("weights", {"between": {"high": {"a": 0.5}}}, ei.between(high={"a": 0.5})),
    ("weights", {"ordered": ["a", "b"]}, ei.ordered("a", "b")),
    ("weights", {"ordered": ("a", "b")}, ei.ordered("a", "b")),
    ("weights", {"ordered": {"of": ["a", "b"], "low": 0.1, "high": 0.8}}, ei.ordered("a", "b", low=0.1, high=0.8)),
    ("weights", {"conditions": ["a >= 2 * b"]}, ei.conditions("a >= 2 * b")),
    ("weights", {"conditions": "a >= 2 * b"}, ei.conditions("a >= 2 * b")),
    ("weights", {"conditions": {"of": "a >= b", "low": 0.1, "high": 0.8}}, ei.conditions("a >= b", low=0.1, high=0.8)),
    ("weights", {"experts": {"of": PANEL}}, ei.experts(PANEL)),
    ("weights", {"experts": {"of": PANEL, "take": "one"}}, ei.experts(PANEL, take="one")),
    ("weights", {"schemes": ["equal", "mine"]}, ei.schemes("equal", "mine")),
    ("weights", ("equal", "mine"), ei.schemes("equal", "mine")),
    ("weights", ["equal", "2"], ei.schemes("equal", "2")),
    (
        "weights",
        {"schemes": {"of": ["equal", "mine"], "chances": [0.75, "1/4"]}},
        ei.schemes("equal", "mine", chances=[0.75, 0.25]),
    ),
    ("points", (0.2, 0.7), ei.uniform(0.2, 0.7)),
    ("points", "uniform 0.2 0.7", ei.uniform(0.2, 0.7)),
    ("points", {"uniform": [0.2, 0.7]}, ei.uniform(0.2, 0.7)),
    ("points", {"uniform": {"low": 0.2, "high": 0.7}}, ei.uniform(0.2, 0.7)),
    ("points", "triangular 0.2 0.5 0.7", ei.triangular(0.2, 0.5, 0.7)),
    ("points", {"triangular": {"low": 0.2, "mode": 0.5, "high": 0.7}}, ei.triangular(0.2, 0.5, 0.7)),
    ("points", "normal 0.4 0.1", ei.normal(0.4, 0.1)),
    ("points", "normal 0.4 0.1 0 1", ei.normal(0.4, 0.1, 0, 1)),
    ("points", {"normal": {"mean": 0.4, "sd": 0.1, "high": 1}}, ei.normal(0.4, 0.1, high=1)),
    ("points", {"normal": {"mean": 0.4, "sd": 0.1, "low": 0}}, ei.normal(0.4, 0.1, low=0)),
    ("points", "monotone", ei.monotone()),
    ("points", "monotone 0 1", ei.monotone(0, 1)),
    ("points", {"monotone": {"low": 0, "high": 1}}, ei.monotone(0, 1)),
    ("points", ["skip", 0, "1/2"], ei.choice("skip", 0.0, 0.5)),
    ("points", {"choice": ["skip", "0.5"]}, ei.choice("skip", 0.5)),
    (
        "points",
        {"choice": {"of": ["skip", 0], "chances": [0.75, 0.25]}},
        ei.choice("skip", 0.0, chances=[0.75, 0.25]),
    ),
    ("nothing", ["skip", 0], ei.choice("skip", 0.0)),
    ("rules", ["strict", ["strict", "graded"]], ei.choice("strict", ("strict", "graded"))),
    ("rules", ("strict", "graded"), ei.choice("strict", "graded")),
    (
        "rules",
        {"*": {"choice": {"of": ["strict", "graded"], "chances": [0.75, 0.25]}}},
        ei.choice("strict", "graded", chances=[0.75, 0.25]),
    ),
    ("values", {"error": {"sd": 2}}, ei.error(sd=2)),
    ("values", {"error": {"sd": "2"}}, ei.error(sd=2)),
    ("values", {"error": {"sd": "sd of it", "low": 0, "high": 100}}, ei.error(sd="sd of it", low=0, high=100)),
    ("values", {"error": {"half_width": 0.5}}, ei.error(half_width=0.5)),
    ("values", {"error": {"sd": 0.05, "relative": "true"}}, ei.error(sd=0.05, relative=True)),
    ("values", {"error": {"sd": 0.05, "relative": "false"}}, ei.error(sd=0.05)),
    ("values", {"error": {"sd": 0.05, "relative": True}}, ei.error(sd=0.05, relative=True)),
    ("coder", {"confusion": {"of": {"x": {"y": 0.2}}}}, ei.confusion({"x": {"y": 0.2}})),
    (
        "coder",
        {"confusion": {"of": {"x": {"y": "1/5"}}, "origin": "a pilot"}},
        ei.confusion({"x": {"y": 0.2}}, origin="a pilot"),
    ),
    (
        "coder",
        {"confidence": {"high": 0.95, "medium": 0.8, "low": 0.6}},
        ei.confidence(high=0.95, medium=0.8, low=0.6),
    ),
]


def read(kind: str, raw: object):
    """The law that a doubt has of what is written."""
    keyed = raw if kind == "rules" else {"somewhere": raw}
    (part,) = ei.Doubt(**{kind: keyed}).parts
    return part.law


@pytest.mark.parametrize(("kind", "raw", "law"), SPELLINGS, ids=[f"{k} {r}"[:50] for k, r, _ in SPELLINGS])
def test_spelled_in_another_way(kind, raw, law):
    found = read(kind, raw)
    assert type(found) is type(law)
    assert found == law
    assert str(found) == str(law)
    assert read(kind, law if kind != "rules" else {"*": law}) is law


@pytest.mark.parametrize("kind", ["weights", "rules", "normalise", "steps", "aggregate", "values", "coder"])
@pytest.mark.parametrize("raw", ["fixed", " fixed ", None])
def test_what_is_fixed(kind, raw):
    (part,) = ei.Doubt(**{kind: {"x": raw}}).parts
    assert part.law is None
    assert part.told == "fixed"


OF_WEIGHTS = ["within", "simplex", "dirichlet", "at_least", "between", "ordered", "conditions", "experts", "schemes"]
OF_NUMBERS = ["uniform", "triangular", "normal", "monotone", "choice"]
OF_CODERS = ["confusion", "confidence"]


@pytest.mark.parametrize("name", [*OF_WEIGHTS, *OF_NUMBERS, "error", *OF_CODERS])
def test_the_example_that_a_message_gives_can_be_read(name):
    # an unknown parameter, answered by how the law is written; written so, it is one
    kind = "weights" if name in OF_WEIGHTS else "points" if name in OF_NUMBERS else "coder"
    kind = "values" if name == "error" else kind
    with pytest.raises(ei.MethodError) as caught:
        read(kind, {name: {"of it": 1}})
    said = str(caught.value)
    assert f'{name} takes no "of it". Write it as in {{{name}: ' in said
    example = yaml.safe_load(said[said.index("as in ") + 6 :])
    law = read(kind, example)
    # every number of the example is told by the law
    numbers = set(re.findall(r"\d+(?:\.\d+)?", str(example[name])))
    if name != "experts":
        assert numbers <= set(re.findall(r"\d+(?:\.\d+)?", str(law)))
    assert law.name == name if name not in {"simplex", "at_least"} else law.name in ("dirichlet", "between")


@pytest.mark.parametrize("name", OF_WEIGHTS)
def test_a_law_of_weights_is_none_of_numbers(name):
    with pytest.raises(ei.MethodError, match=f'"{name}" is no law here'):
        read("points", {name: 1})


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_a_law_of_numbers_is_none_of_weights(name):
    with pytest.raises(ei.MethodError, match=f'"{name}" is no law here'):
        read("weights", {name: 1})


def test_the_laws_that_are_known_are_listed():
    with pytest.raises(ei.MethodError, match=rf'"zzz" is no law here\. Laws: {", ".join(OF_WEIGHTS)}$'):
        read("weights", "zzz")
    with pytest.raises(ei.MethodError, match=rf'"zzz" is no law here\. Laws: {", ".join(OF_NUMBERS)}$'):
        read("points", {"zzz": 3})


# kind, as it is written, how many numbers it has, how many it takes
COUNTED = [
    ("weights", "within", 0, "1 number"),
    ("weights", "within 0.1 0.2", 2, "1 number"),
    ("weights", "simplex 3", 1, "0 numbers"),
    ("weights", "dirichlet", 0, "1 number"),
    ("weights", "dirichlet 1 2", 2, "1 number"),
    ("weights", "at_least", 0, "1 number"),
    ("weights", "at_least 0.1 0.2", 2, "1 number"),
    ("weights", "between 0.1", 1, "2 numbers"),
    ("weights", "between 0.1 0.2 0.3", 3, "2 numbers"),
    ("points", "uniform 1", 1, "2 numbers"),
    ("points", "uniform 1 2 3", 3, "2 numbers"),
    ("points", "triangular 1 2", 2, "3 numbers"),
    ("points", "triangular 1 2 3 4", 4, "3 numbers"),
    ("points", "normal 1", 1, "2 or 4 numbers"),
    ("points", "normal 1 2 3", 3, "2 or 4 numbers"),
    ("points", "normal 1 2 3 4 5", 5, "2 or 4 numbers"),
    ("points", "monotone 1", 1, "0 or 2 numbers"),
    ("points", "monotone 1 2 3", 3, "0 or 2 numbers"),
]


@pytest.mark.parametrize(("kind", "raw", "found", "takes"), COUNTED, ids=[raw for _, raw, *_ in COUNTED])
def test_a_number_too_few_or_too_many(kind, raw, found, takes):
    name = raw.split()[0]
    also = "; a share is a number, as in within 0.25" if name in ("within", "at_least") else ""
    said = f'"{raw}": {name} takes {takes}, found {found}{also}. In long form it is as in {{{name}: '
    with pytest.raises(ei.MethodError, match=re.escape(said)):
        read(kind, raw)
    if found > 1:  # the same as a list
        with pytest.raises(ei.MethodError, match=re.escape(said)):
            read(kind, {name: [int(n) if n.isdigit() else float(n) for n in raw.split()[1:]]})


REFUSED = [
    ("weights", "", '"" is no law here'),
    ("weights", {}, "one name with what it takes, found nothing"),
    ("weights", {"within": 1, "simplex": 2}, "one name with what it takes, found within, simplex"),
    ("weights", "ordered", '"ordered" is no law here; write it in long form, as in {ordered: [a, b]}'),
    ("weights", "within(0.25)", 'as a text it is "within 0.25". Laws'),
    ("weights", "simplex()", 'as a text it is "simplex ". Laws'),
    ("weights", "ordered(a, b)", '"ordered(a, b)" is no law here; it is no text. Laws'),
    ("weights", "nowhere(1)", '"nowhere(1)" is no law here. Laws'),
    ("weights", ei.simplex, "simplex is a function: call it, as in simplex()"),
    ("weights", ei.within, "within is a function: call it, as in within(...)"),
    ("weights", ei.uniform, "is no law here"),
    ("weights", 0.25, "for each weight within that share of itself write within 0.25"),
    ("weights", "1/4", "for each weight within that share of itself write within 0.25"),
    ("weights", [0.2, "0.5"], "0.2, 0.5: a list is one of weight sets"),
    ("weights", [], "schemes are at least two weight sets, found 0"),
    ("weights", {"within": {}}, "within is incomplete: write it as in {within: {share: 0.25}}"),
    ("weights", {"within": {"shere": 1}}, 'within takes no "shere"; did you mean "share"? Write it as in'),
    ("weights", {"ordered": {"low": 0.1}}, "ordered has no of: write it as in {ordered: [a, b]}"),
    ("weights", {"experts": ["a"]}, "experts takes a map, as in {experts: "),
    ("points", 0.5, "a range is a pair, as in (0.25, 0.75), and alternatives are a list; found 0.5"),
    ("points", (1, 2, 3), "a range is a pair, as in (0.25, 0.75), and alternatives are a list; found (1, 2, 3)"),
    ("points", ei.error(sd=1), "a range is a pair"),
    ("points", {"uniform": {"low": 0}}, "uniform is incomplete"),
    ("rules", "strict", "alternatives are a list, as in [mean, geometric]; found 'strict'"),
    ("rules", {"*": {"choice": ["a"]}}, "at least two"),
    ("rules", {"*": {"chance": ["a", "b"]}}, "alternatives are a list"),
    ("rules", {"*": {"choice": ["a", "b"], "more": 1}}, "alternatives are a list"),
    ("rules", 3, "alternatives are a list, as in [mean, geometric]; found 3"),
    ("values", 3, "the error of a measured number is written error(sd=2), found 3"),
    ("values", {"uniform": [1, 2]}, '"uniform" is no law here'),
    ("values", {"error": 2}, "error takes a map, as in {error: {sd: 2, low: 0, high: 100}}"),
    ("coder", "confusion", "a doubt about coders is a confusion, a disagreement or a confidence; found 'confusion'"),
    ("coder", {"error": {"sd": 1}}, '"error" is no law here'),
    ("coder", {"confidence": {"high": 1}}, "confidence is incomplete"),
]


@pytest.mark.parametrize(
    ("kind", "raw", "said"), REFUSED, ids=[f"{k} {getattr(r, '__name__', repr(r)):.40}" for k, r, _ in REFUSED]
)
def test_what_is_no_law(kind, raw, said):
    with pytest.raises(ei.MethodError, match=re.escape(said)):
        read(kind, raw)


def test_a_truth_value_is_no_number():
    assert read("points", [True, 0.5]).of == ("True", 0.5)


# --- what is in


INCLUDED = [
    (["law", "users"], {"law": 0.5, "users": 0.5}),
    (("law",), {"law": 0.5}),
    ({"law": "3/4", "users": 0.1}, {"law": 0.75, "users": 0.1}),
    ("leave_one_out", ei.leave_one_out()),
    (ei.leave_one_out("law"), ei.leave_one_out("law")),
    ({"leave_one_out": ["law", "users"]}, ei.leave_one_out("law", "users")),
    ({"leave_one_out": "law"}, ei.leave_one_out("law")),
]


@pytest.mark.parametrize(("raw", "law"), INCLUDED)
def test_what_may_be_left_out(raw, law):
    (part,) = ei.Doubt(include=raw).parts
    assert part.law == law
    assert (part.kind, part.key, part.label) == ("include", "*", "include")


@pytest.mark.parametrize("raw", ["law", [], ["law", 3], 3, {"law": 0}, {"law": 1}, {"law": 1.5}, {"law": -0.1}])
def test_what_is_no_inclusion(raw):
    said = "lies between 0 and 1; look at law$" if isinstance(raw, dict) else "include takes a list of records"
    with pytest.raises(ei.MethodError, match=said):
        ei.Doubt(include=raw)


def test_every_chance_that_is_none_is_told():
    with pytest.raises(ei.MethodError, match=r"look at law, plan$"):
        ei.Doubt(include={"law": 0, "users": 0.5, "plan": 2})


# --- recipes


def test_recipes(index):
    law = ei.Doubt(recipes={"edition": {"as it is": index, 2: {"title": "x"}}}).parts[0].law
    assert law == {"as it is": index, "2": {"title": "x"}}
    for raw in ({"only": {}}, ["a", "b"], {}):
        with pytest.raises(ei.MethodError, match=r"at least two; found"):
            ei.Doubt(recipes={"edition": raw})
    with pytest.raises(ei.MethodError, match=r"look at two$"):
        ei.Doubt(recipes={"edition": {"one": {}, "two": 3, "three": index}})
