"""Words, phrases and statements of a text, each with its place."""

from __future__ import annotations

import pytest

from egovindex.coding.clauses import clauses
from egovindex.coding.phrases import Phrase, Words, first_of, words_of

EIGHT = "one two three four five six seven eight"


# --- words
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("Law 5/2019, in Force!", ("law", "5/2019", "in", "force")),
        ("data-once-only", ("data-once-only",)),
        ("cut- -cut cut-", ("cut", "cut", "cut")),
        ("-", ()),
        ("the State's", ("the", "state's")),
        ("the State\u2019s", ("the", "state's")),
        ("a_b", ("a", "b")),
        ("\ufb01nance STRASSE Stra\u00dfe", ("finance", "strasse", "strasse")),
        ("\u0915\u093f\u0924\u093e\u092c law", ("\u0915\u093f\u0924\u093e\u092c", "law")),  # with vowel signs
    ],
)
def test_words_of_a_text(text, words):
    assert words_of(text).words == words


def test_words_know_their_places():
    found = words_of(" Law-5 is (in) force")
    assert (found.starts, found.ends) == ((1, 7, 11, 15), (6, 9, 13, 20))


def test_words_between_two_places():
    found = words_of("one two three")
    assert found.within(4, 13) == Words(("two", "three"), (4, 8), (7, 13))
    assert found.within(0, 4) == Words(("one",), (0,), (3,))  # the end is left out
    assert found.within(0, 13) == found
    assert found.within(5, 8) == Words((), (), ())


# --- phrases
@pytest.mark.parametrize(
    ("phrase", "text", "place"),
    [
        ("law ... article", f"a law {EIGHT} article", (2, 53)),
        ("law ... article", f"a law {EIGHT} nine article", None),
        ("law ... article", "a law article", (2, 13)),
        ("law ... article five", "law one article five", (0, 20)),
        ("law ... article five", "law one article two five", None),  # only the gap may be filled
        ("law article", "law one article", None),
        ("law", "one law two law", (4, 7)),
        ("pilot*", "the copilot", None),
        ("pilot*", "the piloting", (4, 12)),
        ("a|pilot*|b", "b", (0, 1)),
        ("pilot", "piloting", None),
        ("LAW|Act in", "an ACT in", (3, 9)),
        ("law in", "the law", None),
    ],
)
def test_where_a_phrase_stands(phrase, text, place):
    assert Phrase.of(phrase).find(words_of(text)) == place
    assert Phrase.of(phrase).text == phrase


def test_the_first_of_some_phrases():
    words = words_of("The bill became an act")
    assert first_of(["act", "bill"], words) == (4, 8)
    assert first_of(["law", "decree"], words) is None
    assert first_of([], words) is None


# --- statements
def parts(text):
    return [text[start:end] for start, end in clauses(text)]


@pytest.mark.parametrize("word", ["No", "art", "e.g", "i.e", "etc", "nr", "dr", "mr", "ms", "h.e", "(No", "ART"])
def test_an_abbreviation_ends_nothing(word):
    assert parts(f"See {word}. Five") == [f"See {word}. Five"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Act of May. It applies", ["Act of May.", "It applies"]),
        ("Act of May. it applies", ["Act of May. it applies"]),
        ("Act of May.  it applies", ["Act of May.  it applies"]),
        ("Act of May.   it applies", ["Act of May.", "it applies"]),  # further than an abbreviation goes
        ("Act! it applies? yes", ["Act!", "it applies?", "yes"]),
        ("Act\u3002 It\u061b is\u061f So", ["Act\u3002", "It\u061b", "is\u061f", "So"]),
        ("Act 2.5 of a.example;b", ["Act 2.5 of a.example;b"]),
        (".", ["."]),
        ("a-b - c-d", ["a-b", "c-d"]),
        ("a -b", ["a -b"]),
        ("a- b", ["a- b"]),
        ("-a\n*b", ["a", "b"]),
        ("one\n\u2013 two", ["one", "two"]),
        ("one\ntwo", ["one\ntwo"]),
        ("one\n\ntwo", ["one", "two"]),
        ("one \u2013 two", ["one \u2013 two"]),
        ("- \u2022 one \u2014 ", ["one"]),
        (" \n - \n", []),
    ],
)
def test_where_a_statement_begins_and_ends(text, expected):
    assert parts(text) == expected
