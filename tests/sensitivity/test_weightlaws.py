"""Laws of weights as they are told, written and read again, and what is refused; all in the words of the user."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.sensitivity.weightlaws import Between, Conditions, Edges, Experts

NODE = Edges("N", ("a", "b", "c"), np.array([2.0, 1.0, 1.0]))
PANEL = {"ann": {"a": 50, "b": 30, "c": 20}, "bo": {"a": 20, "b": 20, "c": 60}}
SETS = [{"N": {"a": 1, "b": 1}}, {"N": {"a": 0.25, "b": 0.75}}]

# law, as it is told, as a file has it
LAWS = [
    (ei.within(0.25), "within 0.25", "within 0.25"),
    (ei.within(1), "within 1", "within 1"),
    (ei.between(), "between 0 and 1", {"between": {"low": "0", "high": "1"}}),
    (ei.between(0.2, 0.5), "between 0.2 and 0.5", {"between": {"low": "0.2", "high": "0.5"}}),
    (ei.between(0.25, 0.25), "between 0.25 and 0.25", {"between": {"low": "0.25", "high": "0.25"}}),
    (
        ei.between({"a": 0.2, "b": 0.1}, {"c": 0.5}),
        "between a 0.2, b 0.1 and c 0.5",
        {"between": {"low": {"a": "0.2", "b": "0.1"}, "high": {"c": "0.5"}}},
    ),
    (ei.at_least(0.05), "between 0.05 and 1", {"between": {"low": "0.05", "high": "1"}}),
    (ei.simplex(), "simplex", "simplex"),
    (ei.dirichlet(50), "dirichlet 50", "dirichlet 50"),
    (
        ei.dirichlet(alpha={"a": 3, "b": 0.5}),
        "dirichlet with parameters a 3, b 0.5",
        {"dirichlet": {"alpha": {"a": "3", "b": "0.5"}}},
    ),
    (ei.conditions("a >= b"), "conditions a >= b", {"conditions": {"of": ["a >= b"]}}),
    (
        ei.conditions("a >= b", "c <= 0.2", low=0.1),
        "conditions a >= b; c <= 0.2; shares between 0.1 and 1",
        {"conditions": {"of": ["a >= b", "c <= 0.2"], "low": "0.1"}},
    ),
    (
        ei.conditions("a >= b", high={"a": 0.6}),
        "conditions a >= b; shares between 0 and a 0.6",
        {"conditions": {"of": ["a >= b"], "high": {"a": "0.6"}}},
    ),
    (ei.ordered("a", "b", "c"), "ordered a, b, c", {"ordered": ["a", "b", "c"]}),
    (
        ei.ordered("a", "b", low=0.1, high=0.7),
        "ordered a, b; shares between 0.1 and 0.7",
        {"ordered": {"of": ["a", "b"], "low": "0.1", "high": "0.7"}},
    ),
    (
        ei.experts(PANEL),
        "mean of a resample of 2 experts",
        {
            "experts": {
                "of": {"ann": {"a": "50", "b": "30", "c": "20"}, "bo": {"a": "20", "b": "20", "c": "60"}},
                "take": "mean",
            }
        },
    ),
    (
        ei.experts({name: {"a": 1, "b": 1} for name in "xyz"}, take="one"),
        "one of 3 experts",
        {"experts": {"of": {name: {"a": "1", "b": "1"} for name in "xyz"}, "take": "one"}},
    ),
    (ei.schemes("equal", "own"), "one of equal, own", ["equal", "own"]),
    (
        ei.schemes(*SETS, chances=[0.75, 0.25]),
        "one of set 1, set 2 with chances [0.75, 0.25]",
        {
            "schemes": {
                "of": [{"N": {"a": "1", "b": "1"}}, {"N": {"a": "0.25", "b": "0.75"}}],
                "chances": ["0.75", "0.25"],
            }
        },
    ),
    (
        ei.schemes({"M": "equal", "N": "equal"}, {"N": {"a": "1/4", "b": 1}}),
        "one of equal in M, N, set 2",
        [{"M": "equal", "N": "equal"}, {"N": {"a": "0.25", "b": "1"}}],
    ),
]


@pytest.mark.parametrize(("law", "told", "written"), LAWS, ids=[told for _, told, _ in LAWS])
def test_a_law_is_told_and_written(law, told, written):
    assert str(law) == repr(law) == told
    assert law.written() == written


@pytest.mark.parametrize("law", [law for law, _, _ in LAWS], ids=[told for _, told, _ in LAWS])
def test_a_law_that_is_written_is_read_again(law, tmp_path):
    path = tmp_path / "doubt.yaml"
    doubt = ei.Doubt(weights={"N": law})
    doubt.save(path)
    back = ei.load_doubt(path)
    assert back == doubt
    assert str(back.parts[0].law) == str(law)


def test_laws_have_the_names_by_which_they_are_called():
    panel = ei.experts(PANEL)
    laws = [ei.within(1), ei.between(), ei.dirichlet(1), ei.conditions("a >= b"), ei.ordered("a", "b"), panel]
    names = ["within", "between", "dirichlet", "conditions", "ordered", "experts"]
    assert [law.name for law in laws] == names
    assert ei.schemes("x", "y").name == "schemes"


def test_names_of_weight_sets():
    of = [
        "own",
        Path("sets/mine.yaml"),
        {"M": "equal"},
        {"M": "equal", "N": "own"},
        {"M": {"a": 1, "b": 2}},
        {},
        ei.load_weights("equal", index="un-egdi-2024"),
    ]
    labels = ei.schemes(*of).labels
    assert labels == ("own", str(Path("sets/mine.yaml")), "equal in M", "set 4", "set 5", "set 6", "equal")
    assert ei.schemes(*of).written()[-1] == {"EGDI": {"OSI": "1", "TII": "1", "HCI": "1"}}
    assert ei.schemes(*of).written()[1] == str(Path("sets/mine.yaml"))


def test_a_table_of_experts_is_a_mapping_of_them():
    table = pd.DataFrame(PANEL).T
    assert ei.experts(table).written() == ei.experts(PANEL).written()


# --- what is refused

REFUSED = {
    "nothing around a weight": (lambda: ei.within(0), "above 0 and up to 1, 0.25 for 25 %; found 0. Wider laws are"),
    "more than all of a weight": (lambda: ei.within(1.01), "found 1.01"),
    "below nothing": (lambda: ei.between(-0.1), "limits are shares between 0 and 1, 0.2 for 20 %; found -0.1"),
    "above everything": (lambda: ei.between(0, 1.5), "found 1.5"),
    "of a child": (lambda: ei.between({"a": 0.1, "b": 2}, {"c": -1}), "found 2, -1"),
    "crossed": (lambda: ei.between(0.6, 0.4), "the lower limit 0.6 is above the upper limit 0.4"),
    "crossed in an order": (lambda: ei.ordered("a", "b", low=0.6, high=0.4), "0.6 is above the upper limit 0.4"),
    "limits of conditions": (lambda: ei.conditions("a >= b", high=40), "found 40"),
    "no concentration": (lambda: ei.dirichlet(0), "dirichlet takes numbers above 0"),
    "one parameter of two": (lambda: ei.dirichlet(alpha={"a": 1, "b": 0}), "dirichlet takes numbers above 0"),
    "take": (lambda: ei.experts(PANEL, take="all"), 'take is "mean" (of a resample of the experts) or "one"'),
    "one expert": (lambda: ei.experts({"ann": {"a": 1}}), "experts: at least two are needed to resample them"),
    "one set": (lambda: ei.schemes("equal"), "schemes are at least two weight sets, found 1"),
    "a set twice": (lambda: ei.schemes("x", "y", "x"), "name each weight set once, found x twice; chances say"),
    "chances that lack": (lambda: ei.schemes("x", "y", chances=[0.5, 0.4]), "2 numbers above 0 that add up to 1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_law_that_cannot_be(name):
    make, words = REFUSED[name]
    with pytest.raises(ei.MethodError, match=re.escape(words)) as caught:
        make()
    assert caught.value.faults[0].check == "bad_law"


def test_laws_without_limits():
    assert Between() == ei.between()
    assert Conditions(("a >= b",)) == ei.conditions("a >= b")
    given = Experts(("x", "y"), ("a", "b"), ((1.0, 2.0), (2.0, 1.0)))
    assert given == ei.experts({"x": {"a": 1, "b": 2}, "y": {"a": 2, "b": 1}})
    assert not Edges("N", ("a",), np.array([1.0])).loose


def test_limits_may_be_the_ends():
    assert str(ei.between(0, 1)) == "between 0 and 1"
    assert str(ei.between({"a": 0}, {"a": 1})) == "between a 0 and a 1"


def test_experts_whose_weights_are_none_are_named():
    table = {
        "good": {"a": 1, "b": 2},
        "below": {"a": -1, "b": 4},
        "zero": {"a": 0, "b": 0},
        "gap": {"a": 1},
        "half": {"a": 0, "b": 3},
    }
    with pytest.raises(ei.MethodError) as caught:
        ei.experts(table)
    said = caught.value.faults[0].message
    assert said.endswith("that do not add up to 0; look at gap gave none for b, below, zero")
    del table["below"], table["zero"], table["gap"]
    np.testing.assert_allclose(ei.experts(table).sampler(Edges("N", ("a", "b"), np.array([1.0, 1.0]))).given[1], [0, 2])


NEGATIVE = Edges("N", ("a", "b", "c"), np.array([2.0, -1.0, 1.0]))


@pytest.mark.parametrize(
    "law", [ei.between(), ei.simplex(), ei.conditions("a >= b"), ei.ordered("a", "b"), ei.experts(PANEL)], ids=str
)
def test_shares_need_weights_that_are_not_negative(law):
    with pytest.raises(ei.MethodError, match="this node has negative ones; within") as caught:
        law.sampler(NEGATIVE)
    fault = caught.value.faults[0]
    assert (fault.check, fault.column) == ("bad_weights_law", "N")
    law.sampler(Edges("N", ("a", "b", "c"), np.array([2.0, 0.0, 1.0])))


def test_within_takes_negative_weights():
    ends = ei.within(0.5).sampler(NEGATIVE).ends(0.9)
    np.testing.assert_allclose(ends, [[1, 3], [-1.5, -0.5], [0.5, 1.5]])


DO_NOT_FIT = {
    "a child that is none": (
        ei.between({"aa": 0.1}),
        'weights.N: between aa 0.1 and 1: "aa" is no child; did you mean',
    ),
    "nothing near": (ei.between({"zzz": 0.1}), '"zzz" is no child. Children: a, b, c'),
    "parameters that lack": (ei.dirichlet(alpha={"a": 1}), "b, c missing. Children: a, b, c"),
    "lacking and unknown": (ei.dirichlet(alpha={"a": 1, "b": 1, "zzz": 1}), 'c missing; "zzz" is no child. Children'),
    "an expert of others": (ei.experts({n: {"a": 1, "b": 1} for n in "xy"}), "c missing. Children: a, b, c"),
    "limits too low": (ei.between(0, 0.25), "weights.N: between 0 and 0.25: "),
    "limits too high": (ei.between(0.5), "lower limits add up to 1.5"),
    "a child crossed": (ei.between({"b": 0.6}, {"b": 0.3}), "(b)"),
    "a sentence of others": (ei.conditions("a >= q"), 'weights.N: conditions a >= q: "a >= q": "q" is no child'),
    "sentences against each other": (
        ei.conditions("a >= 0.7", "b >= 0.5"),
        "no weights fulfil the conditions together",
    ),
}


@pytest.mark.parametrize("name", DO_NOT_FIT)
def test_a_law_that_does_not_fit_the_node(name):
    law, words = DO_NOT_FIT[name]
    with pytest.raises(ei.MethodError, match=re.escape(words)) as caught:
        law.sampler(NODE)
    assert str(law) in str(caught.value)


def test_limits_by_child_leave_the_others_free():
    found = ei.between({"b": 0.5}, {"c": 0.125}).sampler(NODE).ends(0.9)
    np.testing.assert_allclose(found, [[0, 2], [2, 4], [0, 0.5]], atol=1e-12)


def test_experts_may_give_shares():
    given = ei.experts({"x": {"a": 0.25, "b": 0.5, "c": 0.25}, "y": {"a": 0, "b": 0.001, "c": 0}}).sampler(NODE).given
    np.testing.assert_allclose(given, [[1, 2, 1], [0, 4, 0]])


def test_shares_of_experts_are_scaled_to_the_total():
    given = ei.experts(PANEL).sampler(NODE).given
    np.testing.assert_allclose(given, [[2, 1.2, 0.8], [0.8, 0.8, 2.4]])
