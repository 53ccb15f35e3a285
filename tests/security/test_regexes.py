"""Every regular expression of the source takes steps in proportion to the text, however hostile it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.regex_growth import Use, exponent, uses

LINEAR = 1.25  # of a doubling; a square has 2
# As used, the text is short: who cuts it.
SHORT = {
    "egovindex.responses.redact:_BEFORE": "64 characters before a sign, see _without_addresses",
    "egovindex.cli.doctor:_EXTRA": "lines of the metadata of this package itself",
}
# Made as the program runs, out of text that is escaped first.
ESCAPED = {"egovindex.findings", "egovindex.responses.matching"}
# One sign of a few between options that are found first; words of a name, escaped, with blanks between.
SIGNS = {"egovindex.responses.formsprint.options", "egovindex.responses.redact"}

FOUND, MADE = uses()


@pytest.mark.slow
@pytest.mark.parametrize("use", FOUND, ids=lambda use: use.place)
def test_steps_grow_with_the_text(use):
    if use.place not in SHORT:
        grown, text = exponent(use)
        if grown >= LINEAR:  # a repetition of a few dozen at most does not level off in a text of forty letters
            grown, text = exponent(use, 160)
        assert grown < LINEAR, f"{use.place} {use.pattern!r} on {text}"


def test_every_pattern_is_found():
    assert len(FOUND) > 90
    assert set(SHORT) <= {use.place for use in FOUND}
    assert {place.partition(":")[0] for place in MADE} == ESCAPED | SIGNS
    assert all("re.escape(" in place for place in MADE if place.partition(":")[0] in ESCAPED)


@pytest.mark.parametrize(
    ("pattern", "how"),
    [
        (r"(a+)+b", "match"),
        (r"[\w-]+(?:[.-][\w-]+)+/", "fullmatch"),
        (r"\d[./-]\d.*\d:\d{2}|\d{4}.*\d:\d{2}", "search"),
        (r"[?*]\s*(?:x)?\s*$", "search"),
        (r"(?P<a>.*?)(?P<b>\d+)\.\.(?P<c>.*?)(?P<d>\d+)", "fullmatch"),
    ],
)
def test_what_grows_faster_is_seen(pattern, how):
    """Patterns that stood in the source, or in every textbook."""
    assert exponent(Use("x", pattern, 0, frozenset({how})))[0] > 1.6


@pytest.mark.parametrize("pattern", [r"a+b", r"[a-z]+@[0-9]+", r"(?:ab)+c"])
def test_what_does_not_is_not(pattern):
    assert exponent(Use("x", pattern, 0, frozenset({"match"})))[0] < LINEAR


# --- the patterns that were mended, on texts that would not have ended
def test_a_long_word_with_hyphens_after_a_link():
    from egovindex.responses.formsprint import joins

    word = "a-" * 3_000 + "!"
    assert joins._PATH.fullmatch(word) is None
    assert joins._PATH.fullmatch("laws-of-the-land.html")
    assert joins._PATH.fullmatch("a-b/c")


def test_a_long_range_of_an_index_file():
    from egovindex.spec.values import expand_range

    with pytest.raises(ValueError, match="is not a range") as error:
        expand_range("1" * 1_000_000 + "..")
    assert len(str(error.value)) < 300
    with pytest.raises(ValueError, match="is not a range"):
        expand_range("q" + "1" * 5_000 + "..q" + "1" * 5_001)


FORMATS = st.text(st.sampled_from('"[]\\\\_*hHmsyd;x\n'), max_size=20)
CELLS = st.text(st.sampled_from('"\\\\;[]{}x \n'), max_size=20)


@settings(max_examples=500)
@given(FORMATS)
def test_formats_of_numbers_are_read_as_by_the_pattern_before(code):
    from egovindex.responses import xlsxvalues

    before = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
    assert xlsxvalues._NO_DATE.sub(xlsxvalues._left, code) == before.sub("", code)


@settings(max_examples=500)
@given(CELLS)
def test_cells_of_a_table_are_parted_as_by_the_pattern_before(text):
    from egovindex.spec import cells

    assert list(cells._pieces(text)) == re.findall(r'"(?:[^"\\]|\\.)*"|.', text, re.DOTALL)


@pytest.mark.slow
def test_brackets_and_quotes_that_are_never_closed():
    from egovindex.responses.xlsxvalues import format_kind
    from egovindex.spec.cells import read_cell

    assert format_kind(200, "[" * 500_000) == ""
    assert read_cell("match", '"\\' * 250_000 + ";x")[-1] == "x"


def test_lines_of_a_print_that_never_end():
    from egovindex.responses.formsprint import fields, furniture, options

    assert furniture._is_stamp("2024 " + "1" * 500_000 + " 10:30")
    assert not furniture._is_stamp("1" * 500_000)
    assert fields.asks("Is there a law? (Optional) ")
    assert not fields.asks("?" + " " * 500_000 + "x")
    assert options._without_remark("(" * 500_000) == "(" * 500_000
    assert options._without_remark("Yes (in force) ") == "Yes "
