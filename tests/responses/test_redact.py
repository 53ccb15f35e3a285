"""What names a person is taken out, and nothing else: invented persons only."""

from __future__ import annotations

import pickle
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex.responses.redact import MARK, redacted

TAKEN = {
    "Ask amira.dal@moi.example.": f"Ask {MARK}.",
    "amira_dal+egov@mail.moi.example, or by post": f"{MARK}, or by post",
    "amira [at] moi.example": MARK,
    "\u0623\u0645\u064a\u0631\u0629@\u0645\u062b\u0627\u0644.example": MARK,
    "call +999 20 555 0123 now": f"call {MARK} now",
    "call +999-(0)20-5550123": f"call {MARK}",
    "0099920 5550123": MARK,
}
KEPT = [
    "from 2021-2035",
    "document 1599480028.pdf",
    "https://moi.example/request/doc/url?path=1599480028",
    "article 32, paragraph 5",
    "5 + 3 = 8",
    "@ the ministry",
    "Follow us @moi",
    "+ further services",
    "1 000 000 citizens",
    "version 2.0.1",
]


@pytest.mark.parametrize(("text", "expected"), TAKEN.items())
def test_addresses_and_numbers_are_taken_out(text, expected):
    found, told = redacted(text)
    assert found == expected
    assert sum(one.count for one in told) == 1


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_it_stays(text):
    assert redacted(text) == (text, ())


def test_what_stands_in_a_field_goes_from_other_text_too():
    text, told = redacted("Our director, amira  DAL, and Dalia; Dal alone stays", ["Amira Dal"])
    assert text == f"Our director, {MARK}, and Dalia; Dal alone stays"
    assert [(one.rule, one.count) for one in told] == [("same as a field", 1)]
    assert redacted("n/a and no", ["n/a"])[0] == "n/a and no"


def test_a_rule_of_ones_own():
    text, told = redacted("Ms Dal said so", own=lambda text: text.replace("Ms Dal", MARK))
    assert text == f"{MARK} said so"
    assert told[0].rule == "own rule"


@given(st.text(max_size=200))
def test_nothing_that_looks_like_an_address_is_left(text):
    found, _ = redacted(f"{text} amira.dal@moi.example {text}")
    assert "amira.dal@moi.example" not in found


@pytest.mark.parametrize("text", ["a" * 100_000, "a@" * 50_000, "+1" * 50_000, "+" + "1 " * 50_000, "[at]" * 30_000])
def test_hostile_text_takes_time_in_proportion(text):
    """Twice the text in much less than four times the time: nothing looks back over all of it."""

    def seconds(size: int) -> float:
        start = time.perf_counter()
        redacted(text[:size])
        return time.perf_counter() - start

    half, whole = min(seconds(len(text) // 2) for _ in range(3)), min(seconds(len(text)) for _ in range(3))
    assert whole < 3.5 * half + 0.05


# --- pseudonyms


def test_pseudonyms_are_the_same_for_the_same_person_and_key():
    signs = ei.Pseudonyms(b"0123456789abcdef")
    assert signs.of("Amira Dal") == signs.of("  amira   DAL ")
    assert signs.of("Amira Dal") != signs.of("Omar Sen")
    assert signs.of("Amira Dal") != ei.Pseudonyms(b"fedcba9876543210").of("Amira Dal")


def test_a_key_is_shown_nowhere():
    key = "a key that nobody sees"
    signs = ei.Pseudonyms(key)
    assert key not in repr(signs)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(signs)
    with pytest.raises(ei.MethodError, match="5 bytes; take at least 16") as error:
        ei.Pseudonyms("short")
    assert "short" not in str(error.value).replace("short_key", "")
