"""Laws of coders: chances by hand, and what is no law."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

SCALE = ("yes", "drafted", "no")
OWN = np.array([0, 1, 2, -1])


def test_chances_of_a_confusion():
    law = ei.confusion({"yes": {"drafted": 0.2, "no": 0.05}, "drafted": {"yes": 0.5, "drafted": 0.4}})
    found = law.chances(OWN, SCALE, None)
    np.testing.assert_allclose(found, [[0.75, 0.2, 0.05], [0.5, 0.5, 0], [0, 0, 1], [0, 0, 0]], rtol=1e-12)
    assert not law.needs_confidence
    assert law.fits(SCALE)
    assert not law.fits(("yes", "drafted"))


def test_a_confusion_that_is_certain_leaves_nothing():
    law = ei.confusion({"yes": {"drafted": 0.7, "no": 0.3 + 5e-10}})
    assert law.chances(OWN, SCALE, None)[0].tolist() == [0, 0.7, 0.3 + 5e-10]


def test_chances_of_a_confidence():
    law = ei.confidence(high=1, medium=0.8, low=0.6)
    found = law.chances(OWN, SCALE, ["high", " Medium ", "LOW", None])
    np.testing.assert_allclose(found, [[1, 0, 0], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0, 0, 0]], rtol=1e-12)
    assert law.needs_confidence
    np.testing.assert_allclose(law.chances(np.array([0]), ("alone",), ["low"]), [[0.6]])
    with pytest.raises(ei.MethodError, match=r"^2 coded answers have no confidence"):
        law.chances(OWN, SCALE, ["high", "none", None, None])
    with pytest.raises(ei.MethodError, match=r"^3 coded answers have no confidence"):
        law.chances(OWN, SCALE, None)


def test_a_category_that_is_not_there():
    law = ei.confusion({"yes": {"planed": 0.1, "adopted": 0.1}})
    with pytest.raises(ei.MethodError, match=r'"adopted" is no category of the scale\. Categories: yes, planned$'):
        law.chances(np.array([0]), ("yes", "planned"), None)
    law = ei.confusion({"yes": {"planed": 0.1}})
    with pytest.raises(ei.MethodError, match=r'"planed" is no category of the scale; did you mean "planned"\?'):
        law.chances(np.array([0]), ("yes", "planned"), None)


SHOWN = [
    (ei.confusion({"a": {"b": 0.2, "a": 0.8}}), "confusion a is b 0.2", {"of": {"a": {"b": "0.2", "a": "0.8"}}}),
    (
        ei.confusion({"a": {"b": 0.2, "c": 0}}, origin="a pilot"),
        "confusion a is b 0.2 (a pilot)",
        {"of": {"a": {"b": "0.2", "c": "0"}}, "origin": "a pilot"},
    ),
    (
        ei.confusion({x: {"z": 0.1} for x in "abcdefgh"}),
        f"confusion {', '.join(f'{x} is z 0.1' for x in 'abcdef')} and 2 more",
        {"of": {x: {"z": "0.1"} for x in "abcdefgh"}},
    ),
]


@pytest.mark.parametrize(("law", "shown", "written"), SHOWN)
def test_shown_and_written(law, shown, written):
    assert str(law) == repr(law) == shown
    assert law.written() == {"confusion": written}


def test_confidence_shown_and_written():
    law = ei.confidence(high=1, medium="4/5", low=0.6)
    assert str(law) == repr(law) == "confidence high 1, medium 0.8, low 0.6"
    assert law.written() == {"confidence": {"high": "1", "medium": "0.8", "low": "0.6"}}


def test_a_confusion_as_a_table():
    table = pd.DataFrame({"b": [0.2, 0.0], "c": [0.1, 0.3]}, index=["a", "b"])
    law = ei.confusion(table)
    assert law.rows == (("a", (("b", 0.2), ("c", 0.1))), ("b", (("b", 0.0), ("c", 0.3))))
    assert law == ei.confusion({"a": {"b": "1/5", "c": 0.1}, "b": {"b": 0, "c": 0.3}})


NONE = [
    (lambda: ei.confusion({"a": {"b": 1.1}}), "confusion of a: chances are shares between 0 and 1"),
    (lambda: ei.confusion({"a": {"b": -0.1}}), "confusion of a: chances are shares between 0 and 1"),
    (lambda: ei.confusion({"a": {"b": 0.6, "c": 0.5}}), "add up to at most 1; found b 0.6, c 0.5"),
    (lambda: ei.confusion({"a": {"b": 0.5, "c": 0.5 + 1e-8}}), "add up to at most 1"),
    (lambda: ei.confusion({"a": {"b": 0}}), "nothing is ever taken for something else"),
    (lambda: ei.confusion({"a": {"a": 0.5}}), "nothing is ever taken for something else"),
    (lambda: ei.confusion({}), "nothing is ever taken for something else"),
    (lambda: ei.confusion([("a", "b")]), "a confusion is {coded: {true: chance}}"),
    (lambda: ei.confusion({"a": 0.1}), "a confusion is {coded: {true: chance}}"),
    (lambda: ei.confusion({"a": {"b": 0.1}, "b": 0.1}), "a confusion is {coded: {true: chance}}"),
    (lambda: ei.confusion({"a": {"b": "much"}}), "a is b: "),
    (lambda: ei.confidence(high=1.1, medium=0.5, low=0.5), "confidence takes the chance that a category is right"),
    (lambda: ei.confidence(high=1, medium=0.5, low=0), "confidence takes the chance that a category is right"),
    (lambda: ei.confidence(high=1, medium=2, low=1), "confidence takes the chance that a category is right"),
    (lambda: ei.confidence(high=1, medium=-1, low=1), "confidence takes the chance that a category is right"),
    (lambda: ei.confidence(high=1, medium=1, low=1), "confidence takes the chance that a category is right"),
]


@pytest.mark.parametrize(("make", "said"), NONE)
def test_what_is_no_law_of_coders(make, said):
    with pytest.raises(ei.MethodError, match=re.escape(said)):
        make()


def test_all_faults_of_a_confusion_are_told():
    with pytest.raises(ei.MethodError) as caught:
        ei.confusion({"a": {"b": 2}, "b": {"a": 0.7, "c": 0.7}, "c": {"a": 0.1}})
    assert [fault.message[:15] for fault in caught.value.faults] == ["confusion of a:", "confusion of b:"]


def test_laws_at_the_edge():
    assert ei.confusion({"a": {"b": 1}}).rows == (("a", (("b", 1.0),)),)
    assert ei.confusion({"a": {"b": 0.7, "c": 0.2, "a": 0.9}})  # its own chance is what is left
    assert ei.confidence(high=1, medium=1, low=0.5).medium == 1


# --- what coders who disagree tell


def coding(*rows, columns=("unit", "item", "coder", "category")) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def test_three_coders_of_one_answer():
    # x, x, y: six ordered pairs; of x: twice x, twice y; of y: twice x
    law = ei.disagreement(coding(("A", "q", 1, "x"), ("A", "q", 2, "x"), ("A", "q", 3, "y")))
    assert law.rows == (("x", (("y", 0.5),)), ("y", (("x", 1.0),)))
    assert law.origin == "3 coders, 1 answers"


def test_shares_are_rounded_to_twelve_digits():
    rows = [
        ("A", f"q{at}", coder, said) for at, pair in enumerate(["xx", "xy", "xy"]) for coder, said in enumerate(pair)
    ]
    law = ei.disagreement(coding(*rows))
    assert dict(law.rows)["x"] == (("y", 0.5),)
    rows = [("A", f"q{at}", coder, said) for at, pair in enumerate(["xx", "xy"]) for coder, said in enumerate(pair)]
    assert dict(ei.disagreement(coding(*rows)).rows)["x"] == (("y", 0.333333333333),)


def test_what_a_coder_said_first_counts_once():
    law = ei.disagreement(coding(("A", "q", 1, "x"), ("A", "q", 1, "y"), ("A", "q", 2, "z")))
    assert law.rows == (("x", (("z", 1.0),)), ("z", (("x", 1.0),)))


def test_gaps_and_unknown_do_not_count():
    rows = [("A", "q", 1, "x"), ("A", "q", 2, None), ("A", "q", 3, "unknown"), ("B", "q", 1, "x"), ("B", "q", 2, "y")]
    assert ei.disagreement(coding(*rows)).origin == "2 coders, 1 answers"


def test_each_period_and_axis_is_an_answer_of_its_own():
    columns = ("unit", "period", "item", "axis", "coder", "category")
    rows = [("A", 2030, "q", "brief", 1, "x"), ("A", 2031, "q", "brief", 2, "y"), ("A", 2031, "q", "brief", 1, "z")]
    assert ei.disagreement(coding(*rows, columns=columns)).rows == (("y", (("z", 1.0),)), ("z", (("y", 1.0),)))
    rows += [("A", 2030, "q", "full", 1, "x"), ("A", 2030, "q", "full", 2, "w")]
    table = coding(*rows, columns=columns)
    assert dict(ei.disagreement(table).rows).keys() == {"y", "z"}  # of several axes: brief
    assert dict(ei.disagreement(table, axis="full").rows).keys() == {"w", "x"}
    with pytest.raises(ei.MethodError, match='there is no axis "long"; there are brief, full'):
        ei.disagreement(table, axis="long")
    only = table[table["axis"] == "full"]
    assert dict(ei.disagreement(only).rows).keys() == {"w", "x"}
    other = table.replace({"axis": {"brief": "short"}})
    with pytest.raises(ei.MethodError, match='there is no axis "brief"; there are short, full'):
        ei.disagreement(other)


def test_rows_come_in_the_order_of_their_names():
    rows = [
        ("A", f"q{at}", coder, said) for at, pair in enumerate(["zy", "ax", "xz"]) for coder, said in enumerate(pair)
    ]
    law = ei.disagreement(coding(*rows))
    assert [coded for coded, _ in law.rows] == ["a", "x", "y", "z"]
    assert dict(law.rows)["x"] == (("a", 0.5), ("z", 0.5))


def test_what_tells_nothing_of_errors():
    for lacking in ("unit", "item", "coder", "category"):
        with pytest.raises(ei.MethodError, match=f"it lacks {lacking}$"):
            ei.disagreement(coding(("A", "q", 1, "x")).drop(columns=lacking))
    with pytest.raises(ei.MethodError, match="no answer was coded by two coders"):
        ei.disagreement(coding(("A", "q", 1, "x"), ("B", "q", 2, "y")))
    with pytest.raises(ei.MethodError, match="the coders agree on all 1 answers"):
        ei.disagreement(coding(("A", "q", 1, "x"), ("A", "q", 2, "x"), ("B", "q", 1, "x")))
