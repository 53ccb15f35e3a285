"""Laws of one number: where it lies, beside closed forms and numbers by hand, and how each law is written."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import egovindex as ei
from egovindex.sensitivity.numberlaws import Error, Monotone, Normal, Triangular, Uniform, picked, truncated_normal

SHARES = np.array([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])
WITHIN = SHARES[1:-1]


# --- as it is shown and written


WRITTEN = [
    (ei.uniform(0.25, "3/4"), "uniform 0.25 0.75", "uniform 0.25 0.75"),
    (ei.triangular(0.2, 0.4, 1), "triangular 0.2 0.4 1", "triangular 0.2 0.4 1"),
    (ei.normal(0.4, 0.1), "normal 0.4 0.1", "normal 0.4 0.1"),
    (ei.normal(0.4, 0.1, 0, 1), "normal 0.4 0.1 0 1", "normal 0.4 0.1 0 1"),
    (ei.normal(0.4, 0.1, low=0), "normal 0.4 0.1, low 0", {"normal": {"mean": "0.4", "sd": "0.1", "low": "0"}}),
    (ei.normal(0.4, 0.1, high=1), "normal 0.4 0.1, high 1", {"normal": {"mean": "0.4", "sd": "0.1", "high": "1"}}),
    (ei.monotone(), "monotone", "monotone"),
    (ei.monotone(0, 1), "monotone 0 1", "monotone 0 1"),
    (ei.choice("skip", 0.0), "one of skip, 0", ["skip", "0"]),
    (ei.choice(1, 2), "one of 1, 2", ["1", "2"]),
    (
        ei.choice("skip", 0.0, chances=[0.75, 0.25]),
        "one of skip, 0 with chances [0.75, 0.25]",
        {"choice": {"of": ["skip", "0"], "chances": ["0.75", "0.25"]}},
    ),
    (ei.error(sd=2), "error sd 2", {"error": {"sd": "2"}}),
    (ei.error(half_width=0.5), "error half width 0.5", {"error": {"half_width": "0.5"}}),
    (
        ei.error(sd=0.05, relative=True, low=0, high=100),
        "error sd 0.05 of the value, low 0, high 100",
        {"error": {"sd": "0.05", "low": "0", "high": "100", "relative": "true"}},
    ),
    (ei.error(half_width=0.5, high=9), "error half width 0.5, high 9", {"error": {"half_width": "0.5", "high": "9"}}),
    (ei.error(sd="users sd"), 'error sd in column "users sd"', {"error": {"sd": "users sd"}}),
    (ei.leave_one_out(), "leave one out", "leave_one_out"),
    (ei.leave_one_out("law", "users"), "leave one out of law, users", {"leave_one_out": ["law", "users"]}),
]


@pytest.mark.parametrize(("law", "shown", "written"), WRITTEN, ids=[shown for _, shown, _ in WRITTEN])
def test_shown_and_written(law, shown, written):
    assert (str(law), repr(law)) == (shown, shown)
    assert law.written() == written


# --- where the number lies


def test_a_uniform_number():
    law = ei.uniform(2, 6)
    np.testing.assert_array_equal(law.at(SHARES), [2, 2.4, 3, 4, 5.6, 6])
    assert law.limits(0.5) == (2.0, 6.0)  # its own ends, whatever share is asked for


@pytest.mark.parametrize(("low", "mode", "high"), [(1, 2, 5), (0, 0, 3), (0, 3, 3), (-2, 0, 2)])
def test_a_triangular_number(low, mode, high):
    law = ei.triangular(low, mode, high)
    expected = stats.triang.ppf(SHARES, (mode - low) / (high - low), low, high - low)
    np.testing.assert_allclose(law.at(SHARES), expected, rtol=1e-12, atol=1e-12)
    ends = stats.triang.ppf([0.1, 0.9], (mode - low) / (high - low), low, high - low)
    np.testing.assert_allclose(law.limits(0.8), ends, rtol=1e-12)


def test_the_middle_share_of_a_normal_number():
    low, high = ei.normal(10, 2).limits(0.9)
    assert low == pytest.approx(10 - 2 * stats.norm.ppf(0.95), rel=1e-12)
    assert high == pytest.approx(10 + 2 * stats.norm.ppf(0.95), rel=1e-12)
    assert isinstance(low, float)


@pytest.mark.parametrize(
    ("mean", "sd", "low", "high"),
    [
        (10, 2, None, None), (10, 2, 9, None), (10, 2, None, 11), (10, 2, 9, 14), (0, 1, -1, 1), (0, 1, -3, 1),
        (0, 1, -1, 3), (0, 1, 8, None), (0, 1, None, -8), (0, 1, 30, 31), (0, 1, -31, -30), (5, 0.5, 6, 9),
    ],
)  # fmt: skip
def test_a_normal_number_between_limits(mean, sd, low, high):
    ends = [-np.inf if low is None else (low - mean) / sd, np.inf if high is None else (high - mean) / sd]
    law = ei.normal(mean, sd, low, high)
    np.testing.assert_allclose(law.at(WITHIN), stats.truncnorm.ppf(WITHIN, *ends, mean, sd), rtol=1e-10, atol=1e-14)
    at_the_ends = law.at(np.array([0.0, 1.0]))
    assert np.isfinite(at_the_ends).all()
    if low is not None:  # but for what the last share that is inverted leaves
        assert low <= at_the_ends[0] <= low + 1e-3
    if high is not None:
        assert high - 1e-3 <= at_the_ends[1] <= high


def test_normal_numbers_of_several_rows_at_once():
    mean, sd, low, high = np.array([0.0, 5.0, -40.0, 40.0]), np.array([1.0, 2.0, 1.0, 1.0]), -1.0, 1.0
    found = truncated_normal(np.tile(WITHIN[:, None], (1, 4)), mean, sd, low, high)
    for at in range(4):
        ends = (low - mean[at]) / sd[at], (high - mean[at]) / sd[at]
        expected = stats.truncnorm.ppf(WITHIN, *ends, mean[at], sd[at])
        np.testing.assert_allclose(found[:, at], expected, rtol=1e-10, atol=1e-14)
    assert (found >= low).all()
    assert (found <= high).all()


def test_a_share_of_nothing_is_still_a_number():
    # the first and the last share that are inverted are 1e-16 from the ends
    found = ei.normal(0, 1).at(np.array([0.0, 1e-16, 1e-17, 1.0, 1 - 1e-16]))
    least = stats.norm.ppf(1e-16)
    np.testing.assert_allclose(found[:3], least, rtol=1e-9)
    np.testing.assert_allclose(found[3:], -least, rtol=1e-2)


def test_which_alternative():
    uniform = np.array([0.0, 0.249, 0.25, 0.5, 0.999, 1.0])
    assert picked(uniform, 4, None).tolist() == [0, 0, 1, 2, 3, 3]
    assert picked(uniform, 3, (0.25, 0.25, 0.5)).tolist() == [0, 0, 1, 2, 2, 2]
    assert ei.choice(0.0, 10.0, 20.0).at(np.array([0.1, 0.5, 0.9])).tolist() == [0, 10, 20]
    assert ei.choice(0.0, 10.0, chances=[0.9, 0.1]).at(np.array([0.5, 0.95])).tolist() == [0, 10]
    # chances may add up to a little less than one
    assert picked(np.array([1.0]), 3, (1 / 3, 1 / 3, 1 / 3 - 1e-12)).tolist() == [2]


def test_alternatives_in_words():
    assert ei.choice("skip", 0.0).in_words
    assert not ei.choice(0.0, 1.0).in_words


# --- errors around a number


def test_an_error_of_half_a_width():
    value, uniform = np.array([10.0, -20.0, 0.0]), np.array([[0.0] * 3, [0.5] * 3, [1.0] * 3])
    found = ei.error(half_width=2).around(uniform, value)
    np.testing.assert_array_equal(found, [[8, -22, -2], [10, -20, 0], [12, -18, 2]])
    found = ei.error(half_width=0.1, relative=True).around(uniform, value)
    np.testing.assert_allclose(found, [[9, -22, 0], [10, -20, 0], [11, -18, 0]])
    found = ei.error(half_width=2, low=-21, high=11).around(uniform, value)
    np.testing.assert_array_equal(found, [[8, -21, -2], [9.5, -19.5, 0], [11, -18, 2]])


def test_an_error_of_a_deviation():
    value, uniform = np.array([10.0, -20.0, 0.0]), np.array([[0.5] * 3, [0.9] * 3])
    z = stats.norm.ppf(0.9)
    found = ei.error(sd=2).around(uniform, value)
    np.testing.assert_allclose(found, [[10, -20, 0], [10 + 2 * z, -20 + 2 * z, 2 * z]], rtol=1e-12, atol=1e-12)
    found = ei.error(sd=0.1, relative=True).around(uniform, value)
    np.testing.assert_allclose(found, [[10, -20, 0], [10 + z, -20 + 2 * z, 0]], rtol=1e-12)
    # out of a column: 0 is no error at all
    found = ei.error(sd="its sd").around(uniform, value, np.array([0.0, 3.0, 1.0]))
    np.testing.assert_allclose(found, [[10, -20, 0], [10, -20 + 3 * z, z]], rtol=1e-12, atol=1e-12)
    found = ei.error(sd="its sd", relative=True).around(uniform, value, np.array([0.1, 0.0, 1.0]))
    np.testing.assert_allclose(found, [[10, -20, 0], [10 + z, -20, 0]], rtol=1e-12)
    between = ei.error(sd="its sd", low=0, high=10).around(uniform[:, :2], np.array([10.0, 5.0]), np.zeros(2))
    np.testing.assert_array_equal(between, [[10, 5], [10, 5]])
    cut = ei.error(sd=2, low=9, high=12).around(uniform, np.array([10.0]))
    expected = stats.truncnorm.ppf(uniform[:, 0], -0.5, 1, 10, 2)
    np.testing.assert_allclose(cut, np.tile(expected[:, None], 3), rtol=1e-12)


# --- what is none


NONE = [
    (lambda: ei.uniform(1, 0.5), "uniform 1 0.5: its numbers are not in rising order"),
    (lambda: ei.uniform(0, math.inf), "high"),
    (lambda: ei.triangular(0, 2, 1), "rising order"),
    (lambda: ei.triangular(1, 0, 2), "rising order"),
    (lambda: ei.triangular(1, 1, 1), "rising order"),
    (lambda: ei.triangular(0, math.nan, 1), "mode"),
    (lambda: ei.normal(0, 0), "normal: sd must be above zero, found 0"),
    (lambda: ei.normal(0, -1), "normal: sd must be above zero, found -1"),
    (lambda: ei.normal(0, 1, 1, 1), "rising order"),
    (lambda: ei.normal(0, 1, 2, 1), "rising order"),
    (lambda: ei.normal(math.inf, 1), "mean"),
    (lambda: ei.monotone(1, 1), "rising order"),
    (lambda: ei.monotone(2, 1), "rising order"),
    (lambda: ei.monotone(0), "monotone has both limits or none"),
    (lambda: ei.monotone(None, 1), "monotone has both limits or none"),
    (ei.choice, "at least two, found none"),
    (lambda: ei.choice("a"), "at least two, found a"),
    (lambda: ei.choice("a", "b", "a"), "a choice names each once, found a, b, a"),
    (lambda: ei.choice("a", "b", chances=[1.0]), "2 numbers above 0 that add up to 1, found"),
    (lambda: ei.choice("a", "b", chances=[0.5, 0.25, 0.25]), "2 numbers above 0 that add up to 1, found"),
    (lambda: ei.choice("a", "b", chances=[0.0, 1.0]), "2 numbers above 0 that add up to 1, found"),
    (lambda: ei.choice("a", "b", chances=[0.5, 0.6]), "2 numbers above 0 that add up to 1, found"),
    (lambda: ei.choice("a", "b", chances=[0.5, 0.5 + 1e-8]), "2 numbers above 0 that add up to 1, found"),
    (lambda: ei.choice("a", "b", chances=[0.5, 0.4]), "2 numbers above 0 that add up to 1, found"),
    (ei.error, "either a standard deviation (sd) or a half width"),
    (lambda: ei.error(sd=1, half_width=1), "either a standard deviation (sd) or a half width"),
    (lambda: ei.error(sd=0), "error: sd must be above zero, found 0"),
    (lambda: ei.error(half_width=0), "error: half_width must be above zero, found 0"),
    (lambda: ei.error(half_width=-1), "error: half_width must be above zero, found -1"),
    (lambda: ei.error(sd=math.nan), "sd"),
    (lambda: ei.error(sd=1, low=1, high=1), "rising order"),
    (lambda: ei.error(sd=1, low=2, high=1), "rising order"),
    (lambda: ei.error(sd=5, relative=True), "0.05 for 5 %; found 5"),
    (lambda: ei.error(half_width=5, relative=True), "0.05 for 5 %; found 5"),
    (lambda: ei.error(sd="1.5"), 'sd="1.5" is a text, and means a column'),
    (lambda: ei.error(sd="5 %"), 'sd="5 %" is no number, and no heading'),
    (lambda: ei.error(sd="true"), 'sd="true" is no number, and no heading'),
    (lambda: ei.error(sd="false"), 'sd="false" is no number, and no heading'),
    (lambda: ei.leave_one_out("a", 3), 'leave_one_out takes texts, found 3: write leave_one_out("a", "b")'),
]  # fmt: skip


@pytest.mark.parametrize(("make", "said"), NONE)
def test_what_is_no_law_of_a_number(make, said):
    with pytest.raises(ei.MethodError, match=re.escape(said)):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Uniform(0.0, math.inf),
        lambda: Triangular(0.0, 1.0, math.inf),
        lambda: Normal(math.nan, 1.0),
        lambda: Monotone(0.0, math.inf),
        lambda: Error(sd=math.inf),
    ],
)
def test_a_law_has_finite_numbers(make):
    with pytest.raises(ei.MethodError, match="must be finite"):
        make()


def test_laws_at_the_edge_of_what_may_be():
    assert ei.uniform(1, 1).at(np.array([0.3])).tolist() == [1]
    assert ei.triangular(0, 0, 1).mode == 0
    assert ei.triangular(0, 1, 1).mode == 1
    assert ei.error(sd=1, relative=True).relative
    assert ei.choice("a", "b", "c", chances=[1 / 3, 1 / 3, 1 / 3 + 1e-11]).chances[2] > 1 / 3
    assert ei.error(sd="deviation").sd == "deviation"
    assert ei.error(sd="true or so").sd == "true or so"
    assert ei.error(sd=2).low is ei.error(sd=2).high is ei.error(sd=2).half_width is None
    assert ei.error(sd=2).relative is False


# --- laws of weights as calls


PANEL = {"first": {"a": 50, "b": 50}, "second": {"b": 20, "a": 80}}


def test_laws_of_weights_as_they_are_shown():
    shown = {
        "within 0.25": ei.within("1/4"),
        "between 0 and 1": ei.between(),
        "between 0.2 and a 0.5": ei.between(0.2, {"a": 0.5}),
        "between 0.05 and 1": ei.at_least(0.05),
        "between a 0.05 and 1": ei.at_least({"a": 0.05}),
        "simplex": ei.simplex(),
        "dirichlet 50": ei.dirichlet(50),
        "dirichlet with parameters a 2, b 0.5": ei.dirichlet(alpha={"a": 2, "b": "1/2"}),
        "ordered a, b, c": ei.ordered("a", "b", "c"),
        "ordered a, b; shares between 0.1 and 1": ei.ordered("a", "b", low=0.1),
        "ordered a, b; shares between 0 and 0.8": ei.ordered("a", "b", high=0.8),
        "conditions a >= b": ei.conditions("a >= b"),
        "conditions a >= b; a <= 0.5": ei.conditions("a >= b", "a <= 0.5"),
        "conditions a >= b; shares between 0.1 and 1": ei.conditions("a >= b", low=0.1),
        "conditions a >= b; shares between 0 and b 0.8": ei.conditions("a >= b", high={"b": 0.8}),
        "one of equal, mine": ei.schemes("equal", "mine"),
        "one of equal, mine with chances [0.75, 0.25]": ei.schemes("equal", "mine", chances=[0.75, 0.25]),
        "mean of a resample of 2 experts": ei.experts(PANEL),
        "one of 2 experts": ei.experts(PANEL, take="one"),
    }
    for text, law in shown.items():
        assert str(law) == text


def test_a_panel_of_experts_as_a_table():
    table = pd.DataFrame(PANEL).T
    for given in (PANEL, table, {k: pd.Series(v).to_dict() for k, v in PANEL.items()}):
        law = ei.experts(given)
        assert (law.names, law.children, law.given) == (("first", "second"), ("a", "b"), ((50, 50), (80, 20)))
        assert law.take == "mean"
    with pytest.raises(ei.MethodError, match="second gave none for c"):
        ei.experts({"first": {"a": 1, "c": 2}, "second": {"a": 1}})
    with pytest.raises(ei.MethodError, match="second gave none for a"):
        ei.experts({"first": {"a": 1, "c": 2}, "second": {"a": None, "c": 1}})
    for bad in ({"first": [1, 2], "second": {"a": 1}}, [[1, 2]], "panel.csv", 3):
        with pytest.raises(ei.MethodError, match="experts takes a DataFrame"):
            ei.experts(bad)
    with pytest.raises(ei.MethodError, match="second, a: "):
        ei.experts({"first": {"a": 1}, "second": {"a": "many"}})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ei.dirichlet(3, alpha={"a": 1}), "dirichlet takes a concentration, or parameters"),
        (ei.dirichlet, "dirichlet takes a concentration, or parameters"),
        (ei.ordered, "an order names at least two children, each once; found none"),
        (lambda: ei.ordered("a"), "at least two children, each once; found a"),
        (lambda: ei.ordered("a", "b", "a"), "at least two children, each once; found a, b, a"),
        (lambda: ei.ordered("a", 3), "ordered takes texts, found 3"),
        (ei.conditions, "conditions need a sentence"),
        (lambda: ei.conditions(["a >= b"]), "conditions takes texts, found ['a >= b']"),
        (lambda: ei.between(low={"a": "much"}), "low of a: "),
        (lambda: ei.between(high="much"), "high: "),
        (lambda: ei.dirichlet(alpha={"a": "much"}), "alpha of a: "),
        (lambda: ei.dirichlet("much"), "concentration: "),
        (lambda: ei.schemes("a", "b", chances=["much", 0.5]), "chance: "),
        (lambda: ei.choice("a", "b", chances=["much", 0.5]), "chance: "),
        (lambda: ei.error(low="much", sd=1), "low: "),
        (lambda: ei.normal(0, 1, "much"), "limit: "),
        (lambda: ei.confidence(high=1, medium="much", low=0), "medium: "),
    ],
)
def test_calls_that_cannot_be(make, said):
    with pytest.raises(ei.MethodError, match=re.escape(said)):
        make()


ARGUMENTS = {
    ei.within: {"share": "share"},
    ei.at_least: {"share": "share"},
    ei.between: {"low": "low", "high": "high"},
    ei.dirichlet: {"concentration": "concentration"},
    ei.uniform: {"low": "low", "high": "high"},
    ei.triangular: {"low": "low", "mode": "mode", "high": "high"},
    ei.normal: {"mean": "mean", "sd": "sd", "low": "limit", "high": "limit"},
    ei.monotone: {"low": "limit", "high": "limit"},
    ei.error: {"half_width": "half_width", "low": "low", "high": "high"},
    ei.confidence: {"high": "high", "medium": "medium", "low": "low"},
}
NUMBERS = {"low": 0.1, "mode": 0.2, "high": 0.3, "mean": 0.2, "sd": 0.1, "medium": 0.2, "half_width": 0.1, "share": 0.1,
           "concentration": 5}  # fmt: skip


@pytest.mark.parametrize("call", ARGUMENTS, ids=lambda call: call.__name__)
def test_what_is_no_number_is_told_by_its_name(call):
    for name, told in ARGUMENTS[call].items():
        given = {one: NUMBERS[one] for one in ARGUMENTS[call]} | {name: "much"}
        with pytest.raises(ei.MethodError, match=f"^{told}: "):
            call(**given)
        if call in (ei.between, ei.at_least):
            with pytest.raises(ei.MethodError, match=f"^{told} of a: "):
                call(**given | {name: {"a": "much"}})
    for name, told in (("low", "low"), ("high", "high")):
        for law in (ei.ordered, ei.conditions):
            with pytest.raises(ei.MethodError, match=f"^{told}: "):
                law(*(("a", "b") if law is ei.ordered else ("a >= b",)), **{name: "much"})
