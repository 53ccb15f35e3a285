"""The small values of a record: sources, numbers, outcomes, steps, needs, bounds, ids, ranges."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.spec.language import Binary, Compare, Else, Name, Number, number_text
from egovindex.spec.values import (
    BASES,
    STEPS,
    WORDS,
    Column,
    Need,
    Quantity,
    Source,
    Step,
    Word,
    expand_range,
    parse_bound,
    parse_from,
    parse_id,
    parse_need,
    parse_outcome,
    parse_quantity,
    parse_source,
    parse_step,
    parse_text,
    usage,
    write_outcome,
    write_quantity,
    write_source,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
sources = st.builds(
    Source,
    words,
    page=st.none() | words,
    url=st.none() | words,
    date=st.none() | words,
    basis=st.none() | st.sampled_from(BASES),
    note=st.none() | words,
)


@st.composite
def quantities(draw: st.DrawFn) -> Quantity:
    low, value, high = sorted(draw(st.lists(numbers, min_size=3, max_size=3)))
    return Quantity(
        value,
        draw(st.none() | st.just((low, high))),
        draw(st.none() | sources),
        draw(st.none() | st.sampled_from(BASES)),
        draw(st.none() | words),
    )


# --- text, ids, ranges


@pytest.mark.parametrize(("raw", "text"), [("a", "a"), (" a ", "a"), (3, "3"), (1.5, "1.5"), ("", "")])
def test_text(raw, text):
    assert parse_text(raw) == text


@pytest.mark.parametrize(("raw", "found"), [(None, "~"), (True, "true"), ({}, "a map"), ([], "a list"), ((), "a list")])
def test_what_is_no_text(raw, found):
    with pytest.raises(ValueError, match=f"text is expected, found {found}"):
        parse_text(raw)


@pytest.mark.parametrize("text", ["a", "I-30.6", "q001", "A_b", "Zugang", "étape-2", "a.b.c", "i", "Is", "VALUE"])
def test_ids(text):
    assert parse_id(text) == text


@pytest.mark.parametrize(
    "text", ["", "1a", "_a", "-a", ".a", "a b", "a..b", "a,b", "a/b", "a:b", "value", "else", "is"]
)
def test_what_is_no_id(text):
    with pytest.raises(ValueError, match=f'"{re.escape(text)}" cannot be an id: an id begins with a letter'):
        parse_id(text)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("a", ["a"]),
        ("q008..q011", ["q008", "q009", "q010", "q011"]),
        ("q8..q11", ["q8", "q9", "q10", "q11"]),
        ("C1..C2", ["C1", "C2"]),
        ("I-19.2..I-19.4", ["I-19.2", "I-19.3", "I-19.4"]),
        ("q007.1..q007.2", ["q007.1", "q007.2"]),
        (" q1..q2 ", ["q1", "q2"]),
        ("a9..a10", ["a9", "a10"]),
        ("a098..a101", ["a098", "a099", "a100", "a101"]),
    ],
)
def test_ranges(text, ids):
    assert expand_range(text) == ids


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q2..q1", "it must count up"),
        ("q1..q1", "it must count up"),
        ("q1..p2", "write the same id twice with two numbers, as in q036..q054"),
        ("q1..q", "write the same id twice"),
        ("a..b", "write the same id twice"),
        ("q1..", "write the same id twice"),
        ("..q2", "write the same id twice"),
        ("q1..q2..q3", "write the same id twice"),
        ("q0..q10000", "names 10001 ids; the longest range has 10000"),
    ],
)
def test_what_is_no_range(text, message):
    with pytest.raises(ValueError, match=message):
        expand_range(text)


@given(st.integers(0, 500), st.integers(1, 60), st.integers(1, 5))
def test_a_range_counts_and_keeps_its_padding(low, count, width):
    ids = expand_range(f"q{low:0{width}d}..q{low + count:0{width}d}")
    assert [int(name[1:]) for name in ids] == list(range(low, low + count + 1))
    if f"{low:0{width}d}".startswith("0"):
        assert len({len(name) for name in ids[:1]}) == 1
        assert ids[0] == f"q{low:0{width}d}"


# --- sources and numbers


@given(sources)
def test_a_source_is_read_as_it_was_written(source):
    assert parse_source(write_source(source)) == source


def test_a_source_with_a_title_alone_is_text():
    assert write_source(Source("A book")) == "A book"
    assert parse_source("A book") == parse_source({"title": "A book"}) == Source("A book")


def test_a_source_is_printed_in_one_line():
    source = parse_source({"title": "A book", "page": 12, "url": "https://example.org", "date": 2024, "basis": "ours"})
    assert str(source) == "A book, p. 12, 2024, https://example.org, basis: ours"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"page": 1}, "a source needs a title"),
        ({"title": "A", "autor": "B"}, 'unknown key "autor" in a source. Allowed: title, page, url, date, basis, note'),
        ({"title": "A", "pag": 1}, 'unknown key "pag" in a source; did you mean "page"? Allowed'),
        ({"title": "A", "basis": "guess"}, 'basis "guess" is not one of published, recovered, assumed, ours'),
        ({"title": ["A"]}, "text is expected, found a list"),
        (None, "text is expected, found ~"),
        (["A"], "text is expected, found a list"),
    ],
)
def test_what_is_no_source(raw, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_source(raw)


@given(quantities())
def test_a_number_with_what_is_known_about_it_is_read_as_it_was_written(quantity):
    assert parse_quantity(write_quantity(quantity)) == quantity


def test_a_bare_number_is_written_bare():
    assert write_quantity(Quantity(1 / 3)) == "1/3"
    assert write_quantity(Quantity(0.5, basis="ours")) == {"value": "0.5", "basis": "ours"}


@pytest.mark.parametrize(
    ("raw", "value"),
    [("0.5", 0.5), ("1/4", 0.25), (2, 2), (0.5, 0.5), (1e-7, 1e-7), ({"value": "1/4"}, 0.25), ({"value": 3}, 3)],
)
def test_numbers(raw, value):
    assert parse_quantity(raw).value == value


def test_the_long_form_of_a_number():
    raw = {"value": "0.4", "range": ["1/5", 0.6], "basis": "assumed", "source": {"title": "A"}, "note": "so far"}
    assert parse_quantity(raw) == Quantity(0.4, (0.2, 0.6), Source("A"), "assumed", "so far")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (None, "a number is expected, found ~"),
        (True, "a number is expected, found true"),
        ([1], "a number is expected, found a list"),
        ("much", '"much" is not a number'),
        (float("nan"), '"nan" is not a number'),
        (float("inf"), '"inf" is not a number'),
        ({}, "the long form of a number needs a value"),
        ({"value": 1, "rang": [0, 1]}, 'unknown key "rang" in a number; did you mean "range"? Allowed: value, source'),
        ({"value": 1, "basis": "x"}, 'basis "x" is not one of'),
        ({"value": 1, "range": 2}, "a range is two numbers, as in [0.2, 0.6]"),
        ({"value": 1, "range": [0, 1, 2]}, "a range is two numbers"),
        ({"value": 1, "range": [2, 3]}, "the range [2, 3] does not hold 1"),
        ({"value": 1, "range": [3, 0]}, "the range [3, 0] does not hold 1"),
        ({"value": 1, "range": [0, "x"]}, '"x" is not a number'),
    ],
)
def test_what_is_no_number(raw, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_quantity(raw)


# --- outcomes


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        ("1", Quantity(1.0)),
        ("1/3", Quantity(1 / 3)),
        (0.5, Quantity(0.5)),
        ({"value": 0.4, "range": [0, 1]}, Quantity(0.4, (0, 1))),
        ("skip", Word("skip")),
        ("void", Word("void")),
        ("mean", Word("mean")),
        ("mean by region", Word("mean", "region")),
        ("value", Name("value")),
        ("value - 0.5", Binary("-", Name("value"), Number(0.5))),
        ("skipped", Name("skipped")),
    ],
)
def test_outcomes(raw, outcome):
    assert parse_outcome(raw) == outcome
    assert parse_outcome(write_outcome(outcome)) == outcome


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("skip by region", 'only mean and median may be "by" a column'),
        ("value -", '"value -" is not an outcome: write a number, a formula, or one of skip, void, last, parent'),
        ("1/0", '"1/0" divides by zero'),
        ("1_0", '"1_0" is not an outcome'),
        ("0x1f", '"0x1f" is not an outcome'),
        (".nan", '".nan" is not an outcome'),
        ("", '"" is not an outcome'),
        (None, "a number is expected, found ~"),
        ([], "a number is expected, found a list"),
    ],
)
def test_what_is_no_outcome(raw, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_outcome(raw)


@given(st.sampled_from(WORDS))
def test_every_word_is_an_outcome(word):
    assert parse_outcome(word) == Word(word)
    assert write_outcome(Word(word)) == word


# --- needs, bounds, columns


@pytest.mark.parametrize(
    ("raw", "need"),
    [("3", Need(count=3)), (0, Need(count=0)), ("80%", Need(share=0.8)), ("12.5 %", Need(share=0.125)), (3.0, Need(3))],
)
def test_needs(raw, need):
    assert parse_need(raw) == need
    assert parse_need(str(need)) == need


@pytest.mark.parametrize("raw", ["half", "-1", "2.5", "120%", "-1%", "%", "", "nan", "inf", "1e999"])
def test_what_is_no_need(raw):
    with pytest.raises(ValueError, match=r"is not a need: write how many children must be answered \(3\)"):
        parse_need(raw)


@given(st.integers(0, 10_000))
def test_a_need_in_per_cent_is_read_as_it_was_written(tenths):
    need = Need(share=tenths / 100 / 100)
    assert parse_need(str(need)).share == pytest.approx(need.share, rel=1e-15)


@pytest.mark.parametrize(
    ("raw", "bound"),
    [
        ("0.5", Quantity(0.5)),
        (1, Quantity(1.0)),
        ("else", Else()),
        (" else ", Else()),
        ("value <= 2.5", Compare("<=", Name("value"), Number(2.5))),
        ({"value": 0.5, "basis": "ours"}, Quantity(0.5, basis="ours")),
    ],
)
def test_bounds(raw, bound):
    assert parse_bound(raw) == bound


@pytest.mark.parametrize("raw", ["high", ">= 0.5", "value >=", None, True, "Else"])
def test_what_is_no_bound(raw):
    with pytest.raises(ValueError, match=r"; a class is a lower bound \(0.75\), a test \(value >= 0.75\) or else"):
        parse_bound(raw)


def test_columns_are_read_as_headings_and_as_formulas():
    plain, formula, heading, broken = (
        Column(text) for text in ("Life event", "imports / gdp", "GDP (2020)", "a + + b (")
    )
    assert plain.formula is None
    assert formula.formula == Binary("/", Name("imports"), Name("gdp"))
    assert heading.formula is None
    assert broken.formula is None
    assert Column("a-b").formula is None  # one name
    assert Column("2").formula is None
    assert parse_from(["a", "b"]) == (Column("a"), Column("b"))
    assert parse_from("a") == (Column("a"),)
    with pytest.raises(ValueError, match="name at least one column"):
        parse_from([])


# --- steps


@pytest.mark.parametrize(
    ("written", "step"),
    [
        ("cap 120", Step("cap", (Quantity(120.0),))),
        ("out_of 1/3", Step("out_of", (Quantity(1 / 3),))),
        ("log", Step("log")),
        ("zscore", Step("zscore")),
        ("zscore sample 10 2", Step("zscore", (Quantity(10.0), Quantity(2.0)), ("sample",))),
        ("minmax 0 100", Step("minmax", (Quantity(0.0), Quantity(100.0)))),
        ("goalposts 6 0", Step("goalposts", (Quantity(6.0), Quantity(0.0)))),
        ("goalposts 100 75000 log", Step("goalposts", (Quantity(100.0), Quantity(75000.0)), ("log",))),
        ("distance median", Step("distance", (), ("median",))),
        ("distance 0.5", Step("distance", (Quantity(0.5),))),
        ("round", Step("round")),
        ("round 0 half_up", Step("round", (Quantity(0.0),), ("half_up",))),
        ("winsorise 5 2 3.5", Step("winsorise", (Quantity(5.0), Quantity(2.0), Quantity(3.5)))),
    ],
)
def test_steps(written, step):
    assert parse_step(written) == step
    assert str(step) == written
    assert parse_step(str(step)) == step


def test_words_and_blanks_of_a_step_may_stand_elsewhere():
    assert parse_step(" zscore  10 2 sample ") == parse_step("zscore sample 10 2")
    assert parse_step("round half_up 0") == parse_step("round 0 half_up")


def test_the_long_form_of_a_step():
    assert parse_step({"cap": {"value": 120, "basis": "ours"}}) == Step("cap", (Quantity(120.0, basis="ours"),))
    assert parse_step({"goalposts log": ["100", {"value": 75000}]}) == parse_step("goalposts 100 75000 log")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("zscor", '"zscor" is not a step; did you mean "zscore"? Steps: out_of, times, grid, floor'),
        ("", '"" is not a step. Steps:'),
        ("cap", '"cap" has 0 numbers. Write: cap LIMIT'),
        ("cap 1 2", '"cap 1 2" has 2 numbers'),
        ("cap x", '"x" is not a number. Write: cap LIMIT'),
        ("minmax 0", '"minmax 0" has 1 numbers. Write: minmax [LOW] [HIGH]'),
        ("zscore 1", "Write: zscore [sample|population] [MEAN] [SD]"),
        ("zscore sample population", "only one of sample, population"),
        ("zscore 0 -1", "the standard deviation must be above zero"),
        ("minmax 1 0", "the first limit must be below the second; for low is good write direction: down"),
        ("goalposts 1 1", "worst and best are equal"),
        ("goalposts 0 1 log", "goalposts on a log scale must be above zero"),
        ("goalposts log 1", "Write: goalposts WORST BEST [log]"),
        ("out_of 0", "divides by zero"),
        ("grid 0", "n must be a whole number from 1 on, found 0"),
        ("top 2.5", "n must be a whole number from 1 on, found 2.5"),
        ("round -1", "digits must be a whole number from 0 on, found -1"),
        ("distance", "one target is needed, a number or median"),
        ("distance 1 median", "one target is needed"),
        ("log 2", '"log 2" has 1 numbers'),
        ({}, "a step in long form is one name with its numbers"),
        ({"cap": 1, "floor": 0}, "a step in long form is one name with its numbers"),
        (None, "text is expected, found ~"),
    ],
)
def test_what_is_no_step(raw, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_step(raw)


def test_a_long_step_without_a_name():
    with pytest.raises(ValueError, match="is not a step"):
        parse_step({"": 1})


@pytest.mark.parametrize("form", STEPS.values(), ids=lambda form: form.name)
def test_forms_of_steps_are_whole(form):
    assert STEPS[form.name] is form
    assert form.effect
    assert form.moves in ("affine", "monotone", "piecewise", "none")
    assert usage(form).startswith(f"Write: {form.name}")
    required = [parameter for parameter in form.parameters if parameter.default is None]
    assert list(form.parameters[: len(required)]) == required  # optional numbers stand last


@pytest.mark.parametrize(
    ("written", "parameters"),
    [
        ("zscore", {"mean": 0, "sd": 1}),
        ("minmax 0 10", {"low": 0, "high": 10}),
        ("winsorise 5", {"most": 5, "skew": 2, "kurtosis": 3.5}),
        ("round", {"digits": 0}),
    ],
)
def test_parameters_have_their_defaults(written, parameters):
    step = parse_step(written)
    assert {name: step.parameter(name) for name in parameters} == parameters
    with pytest.raises(KeyError):
        step.parameter("nonsense")


def test_what_learns():
    learning = {name for name, form in STEPS.items() if form.learns}
    assert learning == {"top", "bottom", "zscore", "winsorise", "minmax", "rank"}
    assert parse_step("distance median").learns
    assert not parse_step("distance 1").learns


@given(st.sampled_from(sorted(STEPS)), st.lists(st.integers(1, 9), min_size=3, max_size=3, unique=True))
def test_any_step_is_read_as_it_was_written(name, whole):
    form = STEPS[name]
    count = 1 if name == "distance" else len(form.parameters)
    step = parse_step(" ".join([name, *(number_text(float(n)) for n in sorted(whole)[:count])]))
    assert parse_step(str(step)) == step
    assert step.form is form
