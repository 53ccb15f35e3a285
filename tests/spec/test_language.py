"""Formulas, tests and lines: read, written, and read again."""

from __future__ import annotations

import math
import operator
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.spec.language import (
    FUNCTIONS,
    And,
    Binary,
    Call,
    Compare,
    Else,
    Formula,
    Is,
    Literal,
    Name,
    Negative,
    Not,
    Number,
    Or,
    Test,
    categories_in,
    hint_for_name,
    is_sentence,
    line_key,
    names_in,
    number_text,
    parse_formula,
    parse_line,
    parse_number,
    parse_test,
)

# --- random trees

KEYWORDS = {"is", "in", "and", "or", "not"}
names = st.from_regex(r"[a-zA-Zéß_][a-zA-Z0-9_]{0,3}([.-][a-z0-9]{1,2})?", fullmatch=True).filter(
    lambda word: word not in KEYWORDS
)
# a formula writes a number in decimals, without a sign
numbers = st.floats(0, 1e6, allow_nan=False, width=32) | st.integers(0, 10**6).map(float)
categories = names | st.integers(0, 99).map(str) | st.sampled_from(["not applicable", "NR*", "1.10", "-1", "is", "a's"])


def _formulas(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    return st.one_of(
        st.builds(Negative, inner),
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Call, st.sampled_from(["min", "max"]), st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Call, st.sampled_from(["abs", "log", "sqrt"]), st.tuples(inner)),
    )


formulas = st.recursive(st.builds(Number, numbers) | st.builds(Name, names), _formulas, max_leaves=10)


def _tests(inner: st.SearchStrategy[Test]) -> st.SearchStrategy[Test]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, inner), st.builds(And, several), st.builds(Or, several))


comparisons = st.builds(Compare, st.sampled_from([">", ">=", "<", "<="]), formulas, formulas)
memberships = st.builds(Is, names, st.lists(categories, min_size=1, max_size=3).map(tuple), st.booleans())
tests = st.recursive(comparisons | memberships, _tests, max_leaves=6)


@given(formulas)
def test_a_formula_is_read_as_it_was_written(tree):
    assert parse_formula(str(tree)) == tree


@given(tests)
def test_a_test_is_read_as_it_was_written(tree):
    assert parse_test(str(tree)) == tree


@given(tests)
def test_a_test_is_read_as_a_line(tree):
    assert parse_line(str(tree)) == tree
    assert line_key(str(tree)) == tree


@given(formulas)
def test_blanks_do_not_matter_between_words(tree):
    assert parse_formula("  " + str(tree).replace(" ", "   ") + " ") == tree


@given(formulas)
def test_names_are_found_once_each_in_their_order(tree):
    text = str(tree)
    found = names_in(tree)
    assert len(found) == len(set(found))
    assert all(name in text for name in found)


def _value(tree: Formula) -> float:
    """The plain meaning of a formula in which every name is 3."""
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Name):
        return 3.0
    if isinstance(tree, Negative):
        return -_value(tree.of)
    if isinstance(tree, Binary):
        act = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[tree.op]
        return float(act(_value(tree.left), _value(tree.right)))
    return float({"abs": abs, "sqrt": math.sqrt}[tree.function](_value(tree.arguments[0])))


arithmetic = st.recursive(
    st.builds(Number, st.integers(1, 9).map(float)),
    lambda inner: st.one_of(
        st.builds(Negative, inner),
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Call, st.just("abs"), st.tuples(inner)),
    ),
    max_leaves=8,
)


@given(arithmetic)
def test_arithmetic_means_what_it_means_in_python(tree):
    try:
        wanted = eval(str(tree))
    except ZeroDivisionError:
        return
    assert _value(parse_formula(str(tree))) == pytest.approx(wanted)


# --- formulas by hand


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a - b - c", Binary("-", Binary("-", Name("a"), Name("b")), Name("c"))),
        ("a - (b - c)", Binary("-", Name("a"), Binary("-", Name("b"), Name("c")))),
        ("a + b * c", Binary("+", Name("a"), Binary("*", Name("b"), Name("c")))),
        ("(a + b) * c", Binary("*", Binary("+", Name("a"), Name("b")), Name("c"))),
        ("a / b / c", Binary("/", Binary("/", Name("a"), Name("b")), Name("c"))),
        ("-a * b", Binary("*", Negative(Name("a")), Name("b"))),
        ("-(a * b)", Negative(Binary("*", Name("a"), Name("b")))),
        ("--a", Negative(Negative(Name("a")))),
        ("a-b", Name("a-b")),
        ("I-30.6", Name("I-30.6")),
        ("a -b", Binary("-", Name("a"), Name("b"))),
        ("a -1", Binary("-", Name("a"), Number(1.0))),
        ("1e3", Number(1000.0)),
        (".5", Number(0.5)),
        ("min(a, 1, b + c)", Call("min", (Name("a"), Number(1.0), Binary("+", Name("b"), Name("c"))))),
        ("min", Name("min")),
        ("Zugänge / 2", Binary("/", Name("Zugänge"), Number(2.0))),
    ],
)
def test_formulas(text, tree):
    assert parse_formula(text) == tree
    assert parse_formula(str(tree)) == tree


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '"": a number or a name is expected where "the end" stands'),
        ("a +", 'is expected where "the end" stands'),
        ("a b", '"a b" cannot be read from "b" on'),
        ("(a", '")" is expected where "the end" stands'),
        ("a)", 'cannot be read from ")" on'),
        ("2a", 'cannot be read at "2a"'),
        ("1_0", 'cannot be read at "1_0"'),
        ("a % b", 'cannot be read at "% b"'),
        ("a ** b", 'is expected where "*" stands'),
        ("ln(a)", '"ln" is not a function'),
        ("mni(a)", '"mni" is not a function; did you mean "min"? Functions: min, max, abs, log, sqrt'),
        ("abs(a, b)", "abs takes one argument"),
        ("log()", 'is expected where ")" stands'),
        ("a is b", 'cannot be read from "is" on'),
        ("and", 'is expected where "and" stands'),
        ("'text'", "is expected where \"'text'\" stands"),
        ("__import__('os')", "is not a function"),
        ("lambda: 1", 'cannot be read at ": 1"'),
    ],
)
def test_formulas_that_cannot_be_read(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_formula(text)


def test_a_name_with_dots_is_a_name_never_an_attribute():
    assert parse_formula("a.__class__") == Name("a.__class__")


def test_there_are_five_functions():
    assert FUNCTIONS == ("min", "max", "abs", "log", "sqrt")


# --- tests by hand


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("value > 0", Compare(">", Name("value"), Number(0.0))),
        ("0 < value", Compare("<", Number(0.0), Name("value"))),
        ("value>=0", Compare(">=", Name("value"), Number(0.0))),
        ("value > -1", Compare(">", Name("value"), Negative(Number(1.0)))),
        ("a is yes", Is("a", ("yes",))),
        ("a is not yes", Is("a", ("yes",), True)),
        ("a is -1", Is("a", ("-1",))),
        ("a is 1.10", Is("a", ("1.10",))),
        ('a is "not applicable"', Is("a", ("not applicable",))),
        ("a is 'x y'", Is("a", ("x y",))),
        ("a in (x, y)", Is("a", ("x", "y"))),
        ("a not in (x, 'y z')", Is("a", ("x", "y z"), True)),
        ("a in (x)", Is("a", ("x",))),
        ("not a is b", Not(Is("a", ("b",)))),
        ("not not a is b", Not(Not(Is("a", ("b",))))),
    ],
)
def test_tests(text, tree):
    assert parse_test(text) == tree
    assert parse_test(str(tree)) == tree


def test_and_binds_closer_than_or():
    a, b, c = (Is(name, ("x",)) for name in "abc")
    assert parse_test("a is x or b is x and c is x") == Or((a, And((b, c))))
    assert parse_test("(a is x or b is x) and c is x") == And((Or((a, b)), c))
    assert parse_test("not (a is x and b is x) or c is x") == Or((Not(And((a, b))), c))
    assert parse_test("not a is x and b is x") == And((Not(a), b))


def test_a_bracket_may_begin_a_formula_or_a_test():
    assert parse_test("(a + b) * 2 > 1") == Compare(
        ">", Binary("*", Binary("+", Name("a"), Name("b")), Number(2.0)), Number(1.0)
    )
    assert parse_test("((a) > 1)") == Compare(">", Name("a"), Number(1.0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", 'a comparison is expected before "the end"'),
        ("a == b", 'cannot be read at "== b"'),
        ("a = b", 'cannot be read at "= b"'),
        ("a > b > c", 'cannot be read from ">" on'),
        ("a is", 'a category is expected where "the end" stands'),
        ("a is (b)", 'a category is expected where "(" stands'),
        ("a in b", '"(" is expected where "b" stands'),
        ("a in ()", 'a category is expected where ")" stands'),
        ("a in (b", '")" is expected'),
        ("a > 1 and", "is expected where"),
        ("a > 1 b > 2", 'cannot be read from "b" on'),
        ("a not b", '"in" is expected where "b" stands'),
    ],
)
def test_tests_that_cannot_be_read(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_test(text)


@pytest.mark.parametrize("text", ["(" * 60 + "a" + ")" * 60, "a + " * 300 + "a", "not " * 500 + "a is b"])
def test_hostile_text_is_too_long_to_be_one_sentence(text):
    with pytest.raises(ValueError, match="is too long to be one sentence"):
        parse_test(f"{text} > 0")


@pytest.mark.parametrize("brackets", [10, 30, 50])
def test_nested_brackets_take_no_exponential_time(brackets):
    wanted = Compare(">", Name("a"), Number(1.0))
    assert parse_test("(" * brackets + "a > 1" + ")" * brackets) == wanted
    assert parse_test("(" * brackets + "a" + ")" * brackets + " > 1") == wanted


def test_categories_and_names_are_kept_apart():
    tree = parse_test("weeks >= 14 and (level is central or not f + m > weeks)")
    assert names_in(tree) == ("weeks", "f", "m")
    assert categories_in(tree) == (Is("level", ("central",)),)


# --- lines


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("yes", Literal("yes")),
        (" yes ", Literal("yes")),
        ("else", Else()),
        ("2", Literal("2")),
        ("-1", Literal("-1")),
        ("1.10", Literal("1.10")),
        ("not applicable", Literal("not applicable")),
        ("No Legislation", Literal("No Legislation")),
        ("is", Literal("is")),
        ("in", Literal("in")),
        ("NR*", Literal("NR*")),
        ("a-b", Literal("a-b")),
        ("value > 0", Compare(">", Name("value"), Number(0.0))),
        ("answer is yes", Is("answer", ("yes",))),
    ],
)
def test_lines(text, line):
    assert parse_line(text) == line


def test_a_category_that_reads_like_a_sentence_is_refused():
    # it can still be a spelling of a category of another name
    with pytest.raises(ValueError, match=r'"\(" is expected where "progress" stands'):
        parse_line("work in progress")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("value > 0", True),
        ("value>0", True),
        ("a is b", True),
        ("a in (b)", True),
        ("is it", False),
        ("it is", False),
        ("yes", False),
        ("a + b", False),
        ("x < % y", True),
        ("50 %", False),
    ],
)
def test_a_sentence_is_told_from_the_name_of_a_category(text, sentence):
    assert is_sentence(text) is sentence


@pytest.mark.parametrize(
    ("one", "other"),
    [("Yes", "yes"), ("value>0", "value  >  0"), ("1", "1.0"), ("1e3", "1000"), ("a in (x)", "a is x"), ("1/2", "0.5")],
)
def test_lines_that_say_the_same_have_one_key(one, other):
    assert line_key(one) == line_key(other)


@pytest.mark.parametrize(("one", "other"), [("yes", "no"), ("value > 0", "value >= 0"), ("1", "else"), ("a", "a is a")])
def test_lines_that_say_something_else_have_another_key(one, other):
    assert line_key(one) != line_key(other)


# --- numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("1.10", 1.1),
        ("-0.5", -0.5),
        ("+3", 3),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1E-2", 0.01),
        ("1/3", 1 / 3),
        (" 1 / 4 ", 0.25),
        ("-1/4", -0.25),
        ("1.5/3", 0.5),
    ],
)
def test_numbers(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "1_0",
        "0x1f",
        "inf",
        "-inf",
        "nan",
        ".nan",
        "1,5",
        "1 000",
        "1e",
        "e3",
        "1/2/3",
        "1/",
        "/2",
        "1/a",
        "50%",
        "True",
        "--1",
        "1e999",
        "1/0",
        "1/0.0",
        ".",
    ],
)
def test_text_that_is_no_number(text):
    with pytest.raises(ValueError, match=r"is not a number|divides by zero|is too large"):
        parse_number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_as_it_was_written(value):
    assert parse_number(number_text(value)) == value


@given(st.integers(-999, 999), st.integers(1, 999))
def test_a_fraction_is_read_as_it_was_written(top, bottom):
    assert parse_number(number_text(top / bottom)) == top / bottom


@pytest.mark.parametrize(
    ("value", "text"), [(1 / 3, "1/3"), (0.25, "0.25"), (12.0, "12"), (-2 / 7, "-2/7"), (1e20, "1e+20"), (0.1, "0.1")]
)
def test_numbers_are_written_as_people_would(value, text):
    assert number_text(value) == text


def test_trees_are_frozen():
    with pytest.raises(AttributeError):
        parse_formula("a + b").op = "-"


# --- categories as they were written


@pytest.mark.parametrize(
    "text",
    [
        "state is 'say \"hi\"'",
        'state is " yes"',
        'state is "yes "',
        'state in (" yes", yes, "it\'s", \'"\')',
        'state is ""',
        'state is not "and"',
        'state is "-1"',
        "state is -1",
    ],
)
def test_a_category_with_quotes_or_blanks_is_read_back(text):
    tree = parse_test(text)
    assert parse_test(str(tree)) == tree


# --- names that nobody knows


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("a-b", ["a", "b", "a-c"], "; write minus with spaces: a - b"),
        ("I-1-I-2", ["I-1", "I-2"], "; write minus with spaces: a - b"),
        ("value-0.5", ["value"], "; write minus with spaces: a - b"),
        ("a-b-c", ["a", "b", "c"], "; write minus with spaces: a - b"),
        ("price-mobil", ["price-mobile"], '; did you mean "price-mobile"?'),
        ("zz-yy", ["price"], "; write minus with spaces: a - b"),
        ("zz", ["price"], ""),
    ],
)
def test_a_difference_of_known_names_is_told_before_a_guess(name, known, hint):
    assert hint_for_name(name, known) == hint
