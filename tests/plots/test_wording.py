"""Names and numbers in pictures."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.plots.palette import PARTS, part_style
from egovindex.plots.wording import number, plain, short, signed, width

ANY = st.text(st.characters(), max_size=80)


@given(ANY)
def test_a_plain_name_breaks_no_file(text):
    found = plain(text)
    assert "\n" not in found
    for character in found:
        assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
        assert ord(character) not in (0xFFFE, 0xFFFF)
    assert plain(found) == found


@given(ANY, st.integers(8, 60))
def test_a_short_name_fits(text, most):
    found = short(text, most)
    assert width(found) <= most
    assert found == plain(text) or "…" in found


def test_marks_do_not_pile_up():
    assert len(plain("a" + "\u0301" * 500)) < 10


def test_names_turn_nobody_around():
    assert plain("safe\u202egpj.exe") == "safegpj.exe"
    assert plain("می\u200cخواهم") == "می\u200cخواهم"


@pytest.mark.parametrize(
    ("value", "span", "text"),
    [(0.5754, 1, "0.575"), (57.54, 100, "57.5"), (3.0, 5, "3.00"), (-0.0004, 1, "0.000"), (-12, 1000, "−12")],
)
def test_numbers_have_the_digits_their_scale_deserves(value, span, text):
    assert number(value, span) == text


def test_a_change_has_a_sign():
    assert (signed(0.2), signed(-0.2), signed(0.00001)) == ("+0.200", "−0.200", "0.000")


def test_styles_of_parts_repeat_late():
    styles = [part_style(at) for at in range(4 * len(PARTS))]
    assert len(set(styles)) == len(styles)
    assert part_style(28) == part_style(0)


def test_colours_differ_in_lightness():
    """Neighbours in a stack can be told apart in a copy in grey (relative luminance of WCAG 2.2)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light = [luminance(colour) for colour in PARTS]
    assert all(abs(one - two) > 0.05 for one, two in pairwise(light))
