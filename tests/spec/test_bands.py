"""Bands against the tests they are made of: a number is in the band exactly where the sentence is true of it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.spec import language
from egovindex.spec.bands import ALL, NONE, Band, class_reach, exact, reach, union, written
from egovindex.spec.values import parse_bound

LIMITS = ("0", "1/3", "0.1", "-2", "5", "1 / 3")
# around every limit and on it, so that an end that is open where it should be closed is seen
NUMBERS = sorted(
    {exact(limit.replace(" ", "")) + step for limit in LIMITS for step in (Fraction(-1, 999), 0, Fraction(1, 999))}
)

comparisons = st.builds(
    "{} {} {}".format, st.just("value"), st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from(LIMITS)
)
turned = st.builds("{} {} value".format, st.sampled_from(LIMITS), st.sampled_from(["<", "<=", ">", ">="]))
sentences = st.recursive(
    comparisons | turned,
    lambda inner: (
        st.builds("({}) and ({})".format, inner, inner)
        | st.builds("({}) or ({})".format, inner, inner)
        | st.builds("not ({})".format, inner)
    ),
    max_leaves=6,
)


def holds(test, number: Fraction) -> bool:
    """The sentence read directly, with exact numbers."""
    if isinstance(test, language.And):
        return all(holds(part, number) for part in test.of)
    if isinstance(test, language.Or):
        return any(holds(part, number) for part in test.of)
    if isinstance(test, language.Not):
        return not holds(test.of, number)

    def worth(side) -> Fraction:
        return number if side == language.Name("value") else exact(str(side).replace(" ", ""))

    one, other = worth(test.left), worth(test.right)
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[test.op]


def point(number: Fraction) -> Band:
    return Band.of("=", number)


@given(sentences)
def test_a_band_has_the_numbers_of_its_sentence(text):
    test = language.parse_test(text)
    found = reach(test, "value")
    assert found.sure == found.most
    assert [point(n) <= found.sure for n in NUMBERS] == [holds(test, n) for n in NUMBERS]


@given(sentences, sentences)
def test_bands_are_sets(one, other):
    a, b = (reach(language.parse_test(text), "value").sure for text in (one, other))
    assert ~(a | b) == ~a & ~b
    assert a & ~a == NONE
    assert a | ~a == ALL
    assert (a <= b) == (a | b == b)
    assert union([a, b, a]) == b | a


@given(sentences)
def test_what_another_name_decides_is_between_sure_and_most(text):
    band = reach(language.parse_test(text), "value").sure
    gated = reach(language.parse_test(f"({text}) and law is yes"), "value")
    assert (gated.sure, gated.most) == (NONE, band)
    either = reach(language.parse_test(f"({text}) or weeks > 3"), "value")
    assert (either.sure, either.most) == (band, ALL)


def test_numbers_are_the_ones_that_were_written():
    assert exact("0.1") + exact("0.2") == exact("0.3")
    assert written(0.1 + 0.2) != exact("0.3")  # the negative control: 0.30000000000000004
    assert written(1 / 3) == exact("1/3") == Fraction(1, 3)
    below, above = (reach(language.parse_test(text), "value").sure for text in ("value < 1/3", "value >= 1 / 3"))
    assert below | above == ALL
    assert class_reach(parse_bound("1/3")).sure == above


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("value > 1 and value < 2", "above 1 to below 2"),
        ("value >= 1 and value <= 2", "1 to 2"),
        ("value >= 1 and value <= 1", "1"),
        ("value in (3, 1)", "1, 3"),
        ("value < 1 or value > 1/3 + 2/3", "below 1, above 1"),
        ("value <= -1 or 0.5 <= value", "-1 and less, 0.5 and more"),
        ("value > 0 or value <= 0", "every number"),
        ("value is yes", "no number"),
        ("value < 2 and value > 2", "no number"),
    ],
)
def test_bands_are_told_in_words(text, words):
    assert str(reach(language.parse_test(text), "value").sure) == words


@pytest.mark.parametrize("text", ["value * 2 > 3", "min(value, 3) > 1", "value > law", "law > 3", "value > 1 / 0"])
def test_what_is_no_plain_comparison_is_no_band(text):
    found = reach(language.parse_test(text), "value")
    assert (found.sure, found.most) == (NONE, ALL)


def test_numbers_beyond_a_float_are_read_at_once():
    assert exact("1e-99999999") == 0
