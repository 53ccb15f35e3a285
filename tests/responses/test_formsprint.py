"""The text of printed forms: every layout of an invented response, every trap, and the one real response."""

from __future__ import annotations

import csv
import random
import time
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egovindex.errors import DataError
from egovindex.instrument import Instrument, load_instrument
from egovindex.responses.draft import COLUMNS, HIGH, LOW, MEDIUM, Draft
from egovindex.responses.formats import Options
from egovindex.responses.formsprint import looks_like, read
from egovindex.responses.formsprint.align import find_labels
from egovindex.responses.formsprint.chain import best_chain
from egovindex.responses.formsprint.furniture import without_furniture
from egovindex.responses.formsprint.joins import damaged_link, joined
from egovindex.responses.formsprint.lines import blocks_of, lines_of
from egovindex.responses.formsprint.options import options_in
from egovindex.responses.formsprint.source import MOST
from egovindex.responses.formsprint.words import Fingerprints
from tests.responses import prints

SMALL = """
instrument: small
unit: q1
answers:
  mark: {yes: [Yes], no: [No]}
  cycle: {two: [Two-year], five: [Five-year], other: [Other]}
items:
  q1: {number: 1, kind: text, label: Country, match: [country]}
  q2: {number: 2, kind: contact, label: E-mail, match: [email]}
  q3: {number: 3, kind: text, label: Portal, match: [portal]}
  q4: {number: 4, kind: text, label: Agency, match: [agency]}
  q5: {number: 5, kind: one, answers: mark, label: Privacy law, match: [privacy, law]}
  q6: {number: 6, kind: text, label: Privacy law in detail, match: [detail]}
  q7: {number: 7, kind: one, answers: cycle, other: other, label: Period, match: [period, strategy]}
  q8: {number: 8, kind: text, label: Anything else, match: [anything, else]}
"""


@pytest.fixture(scope="module")
def msq() -> Instrument:
    return load_instrument("un-msq-2022")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Instrument:
    path = tmp_path_factory.mktemp("instrument") / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return load_instrument(path)


def read_text(folder: Path, text: str | bytes, instrument: Instrument, orientation: str = "auto") -> Draft:
    path = folder / "print.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read(path, instrument, Options(orientation=orientation))


def found_in(draft: Draft) -> dict[str, tuple[str | None, str | None]]:
    return {row.item: (row.mark, row.text) for row in draft.table.itertuples()}


def row_of(draft: Draft, item: str) -> dict[str, str | None]:
    return draft.table.set_index("item").loc[item].to_dict()


# -------------------------------------------------------------------------------------- whole invented responses

WHOLE = [
    pytest.param(layout, prints.COUNTRIES[(number + further) % 8], paragraphs, edition, marks=marks)
    for number, layout in enumerate(prints.LAYOUTS)
    for further, marks in ((0, ()), (3, pytest.mark.slow))
    for paragraphs in (1, 2)
    for edition in ("same", "another")
    if paragraphs == 1 or layout not in prints.IN_ONE
]


@pytest.mark.parametrize(("layout", "country", "paragraphs", "edition"), WHOLE)
def test_every_field_of_every_layout(tmp_path, msq, layout, country, paragraphs, edition):
    questions = prints.asked(country, paragraphs=paragraphs)
    if edition == "another":
        questions = prints.another_edition(questions)
    draft = read_text(tmp_path, prints.LAYOUTS[layout](questions), msq)
    assert found_in(draft) == prints.expected(questions, layout)
    assert list(draft.table.columns) == list(COLUMNS)
    if edition == "same":
        assert draft.notes["items"] == "112 of 112 found"
    if layout not in ("unnumbered", "by_section"):
        assert looks_like(tmp_path / "print.txt")


@pytest.mark.parametrize("layout", ["forms_print", "circles", "tabs", "carried_over", "alone_above"])
def test_another_edition_is_told(tmp_path, msq, layout):
    questions = prints.another_edition(prints.asked("Orrin Republic"))
    draft = read_text(tmp_path, prints.LAYOUTS[layout](questions), msq)
    assert draft.notes["not found"] == "q010, q058, q059"
    assert draft.notes["questions that the instrument does not have"] == "9, 38, 80"
    assert "q038 is 39" in draft.notes["other numbers"]
    moved = row_of(draft, "q040")
    assert moved["confidence"] == MEDIUM
    assert "under the number 41" in str(moved["note"])
    assert any("kiosks" in left.text and "Nine." in left.text for left in draft.left)


def test_changed_wording_is_found_by_number_and_told(tmp_path, msq):
    questions = prints.asked("Tarnova")
    other_words = {"q011": "Where does one find procurement?", "q038": "Is personal data looked after by legislation?"}
    questions = [replace(one, question=other_words.get(one.item, one.question)) for one in questions]
    draft = read_text(tmp_path, prints.circles(questions), msq)
    assert found_in(draft) == prints.expected(questions, "circles")
    assert row_of(draft, "q038")["confidence"] in (MEDIUM, LOW)


def test_a_question_in_place_of_another_is_not_taken_for_it(tmp_path, msq):
    questions = prints.asked("Tarnova")
    at = next(at for at, one in enumerate(questions) if one.item == "q085")
    questions[at] = replace(questions[at], item=None, question="Do trams run at night?")
    draft = read_text(tmp_path, prints.circles(questions), msq)
    assert found_in(draft) == prints.expected(questions, "circles")
    assert "q085" in draft.notes["not found"]


# every character that a text may hold, but for controls and those that look like parts of a form
_LETTERS = st.characters(categories=["Lu", "Ll", "Lo"], exclude_characters="ªº")
_WORDS = st.text(_LETTERS, min_size=2, max_size=8).filter(lambda word: word == word.strip() and word.lower() != "other")
_SENTENCES = st.lists(_WORDS, min_size=5, max_size=30).map(lambda words: "Xy " + " ".join(words) + " zz.")
_ARABIC = st.lists(st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", min_size=2, max_size=7), min_size=5, max_size=15).map(
    lambda words: " ".join(words) + "."
)
_PARAGRAPHS = st.lists(st.one_of(_SENTENCES, _ARABIC), min_size=1, max_size=3)


MANY = [one for one in prints.LAYOUTS if one not in (*prints.IN_ONE, "carried_over")]


@pytest.mark.parametrize(
    "layout", [*MANY[::3], *(pytest.param(one, marks=pytest.mark.slow) for one in MANY if one not in MANY[::3])]
)
@given(texts=st.lists(_PARAGRAPHS, min_size=8, max_size=8), seed=st.integers(0, 10_000))
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_random_answers_come_back(tmp_path, msq, layout, texts, seed):
    rng = random.Random(seed)
    questions = prints.asked("Estavar")
    open_ = [at for at, one in enumerate(questions) if not one.options and at > 18]
    for at, paragraphs in zip(rng.sample(open_, len(texts)), texts, strict=True):
        questions[at] = replace(questions[at], paragraphs=tuple(paragraphs))
    draft = read_text(tmp_path, prints.LAYOUTS[layout](questions), msq)
    assert found_in(draft) == prints.expected(questions, layout)


# ------------------------------------------------------------------------------------------------ traps, one by one

FIRST = """Veldoria

Country * 1.

ada@office.example

Email * 2.

www.portal.example

Portal * 3.

Digital Office

Agency * 4.

Is there a law on privacy? * 5.

Yes

No

Act 14 of 2019

Detail.6.

What period has the strategy? * 7.

Two-year

Five-year

Other

Nothing more

Anything else? *

8.
"""


def test_answers_stand_before_questions(tmp_path, small):
    draft = read_text(tmp_path, FIRST, small)
    assert draft.notes["orientation"].startswith("answer_first")
    assert found_in(draft) == {
        "q1": (None, "Veldoria"),
        "q2": (None, "ada@office.example"),
        "q3": (None, "www.portal.example"),
        "q4": (None, "Digital Office"),
        "q5": (None, None),
        "q6": (None, "Act 14 of 2019"),
        "q7": (None, None),
        "q8": (None, "Nothing more"),
    }
    assert set(draft.table["confidence"]) == {HIGH}
    assert row_of(draft, "q6")["place"] == "page 1, line 23"


def test_orientation_may_be_told_and_is_refused_where_it_cannot_be_seen(tmp_path, small):
    assert read_text(tmp_path, FIRST, small, "answer_first").notes["orientation"] == "answer_first, as told"
    unclear = FIRST
    for sign in ("Veldoria\n\n", "ada@office.example\n\n", "Act 14 of 2019\n\n"):
        unclear = unclear.replace(sign, "")
    with pytest.raises(DataError, match='orientation="answer_first" or orientation="answer_last"'):
        read_text(tmp_path, unclear, small)
    assert found_in(read_text(tmp_path, unclear, small, "answer_first"))["q8"] == (None, "Nothing more")
    assert found_in(read_text(tmp_path, unclear, small, "answer_last"))["q7"] == (None, "Nothing more")
    with pytest.raises(DataError, match="answer_last"):
        read_text(tmp_path, FIRST, small, "answers_last")


@pytest.mark.parametrize(
    "shape", ["Portal * 3.", "Portal3.", "Portal *\n\n3.", "Portal\n3)", "Portal (3)", "Portal * 3"]
)
def test_shapes_of_a_number(tmp_path, small, shape):
    draft = read_text(tmp_path, FIRST.replace("Portal * 3.", shape), small)
    assert found_in(draft)["q3"] == (None, "www.portal.example")


@pytest.mark.parametrize(
    "pattern", ["{}. ", "{}) ", "Q{} ", "Q{}. ", "Question {}: ", "({}) ", "{} ", "{} - ", "**{}.** ", "{}\n"]
)
def test_shapes_of_a_number_before_the_question(tmp_path, msq, pattern):
    questions = prints.asked("Marovia")
    lines = []
    for one in questions:
        lines += [pattern.format(one.number) + one.question, "", *prints.marked("☑", "☐")(one), *prints.answer(one), ""]
    assert found_in(read_text(tmp_path, "\n".join(lines), msq)) == prints.expected(questions, "circles")


def test_numbered_lists_in_an_answer_are_no_questions(tmp_path, small):
    text = FIRST.replace("Act 14 of 2019", "1. first law\n2. second law, privacy\n3. a third one")
    assert found_in(read_text(tmp_path, text, small))["q6"][1] == "1. first law\n2. second law, privacy\n3. a third one"


CARRIED = FIRST.replace("Act 14 of 2019\n\nDetail.6.\n\nWhat", "Detail.6.\n Act 14 of 2019\n\nWhat")


def test_an_answer_on_the_next_page(tmp_path, small):
    draft = read_text(tmp_path, CARRIED, small)
    assert found_in(draft)["q6"] == (None, "Act 14 of 2019")
    assert row_of(draft, "q6")["confidence"] == MEDIUM
    assert row_of(draft, "q6")["place"] == "page 2, line 24"


def test_an_answer_that_goes_on_on_the_next_page(tmp_path, small):
    text = FIRST.replace(
        "Act 14 of 2019\n\nDetail.6.\n\nWhat", "Act 14 of the data-\n\nDetail.6.\n once-only rule\n\nWhat"
    )
    assert found_in(read_text(tmp_path, text, small))["q6"] == (None, "Act 14 of the data-once-only rule")


def test_text_on_top_of_a_page_between_two_texts(tmp_path, small):
    one_waits = FIRST.replace("Portal * 3.\n\nDigital Office", "Portal * 3.\n Digital Office")
    draft = read_text(tmp_path, one_waits, small)  # question 3 has an answer, so it is that of 4
    assert (found_in(draft)["q3"][1], found_in(draft)["q4"][1]) == ("www.portal.example", "Digital Office")
    two_wait = FIRST.replace("www.portal.example", "www.portal.example -").replace(
        "Portal * 3.\n\nDigital Office", "Portal * 3.\n www.other.example\n\nDigital Office"
    )
    draft = read_text(tmp_path, two_wait, small)
    assert found_in(draft)["q4"][1] == "Digital Office"
    assert "www.other.example" in str(found_in(draft)["q3"][1])
    unanswered = one_waits.replace("www.portal.example\n\n", "")
    draft = read_text(tmp_path, unanswered, small)  # of 3 or of 4: told, with little confidence
    assert (found_in(draft)["q3"][1], found_in(draft)["q4"][1]) == ("Digital Office", None)
    assert (row_of(draft, "q3")["confidence"], row_of(draft, "q4")["confidence"]) == (LOW, LOW)


def test_headers_and_footers(tmp_path, small):
    footer = "\n\n3/4/2031 Form Maker\n\nhttps://form.example/print?id=1{} {}/3\n\n"
    text = FIRST.replace(
        "Agency * 4.", "https://www.office.com/start?of=forms\n" + footer.format("a…", 2) + "Agency * 4."
    )
    text = text.replace("Yes\n\nNo", "Yes" + footer.format("abc", 3) + "No")
    draft = read_text(tmp_path, text, small)
    assert found_in(draft)["q4"] == (None, "Digital Office")
    assert found_in(draft)["q5"] == (None, None)
    assert [left.why for left in draft.left] == ["header or footer of the print"] * 5
    assert draft.notes["date of the print, as written"] == "3/4/2031"
    assert row_of(draft, "q8")["place"].startswith("page 3")


def test_static_text(tmp_path, small):
    text = "Respondent\n\n7 Anonymous\n\n12:30\n\nTime to complete\n\n" + FIRST
    text = text.replace("Digital Office", "A. Institutions\n\nDigital Office\n\nNote: all words are of our own.")
    text += "\nThanks to all\n\nhttps://more.example\n"
    draft = read_text(tmp_path, text, small)
    assert found_in(draft)["q4"] == (None, "Digital Office")
    assert len(draft.left) == 8 - 2 + 2
    assert draft.notes["respondent"] == "7"
    assert draft.notes["time to complete, minutes and seconds"] == "12:30"


def test_a_heading_where_an_answer_is_missing(tmp_path, msq):
    questions = prints.asked("Tarnova")
    gaps = [replace(one, paragraphs=()) if one.item in ("q002", "q111") else one for one in questions]
    for layout in ("forms_print", "answer_last"):
        draft = read_text(tmp_path, prints.LAYOUTS[layout](gaps), msq)
        assert found_in(draft) == prints.expected(gaps, layout)


def test_words_of_ones_own_in_place_of_other(tmp_path, small):
    text = FIRST.replace("Five-year\n\nOther\n\n", "Five-year\n\nSeven years in all\n\n")
    draft = read_text(tmp_path, text, small)
    assert found_in(draft)["q7"] == (None, "Seven years in all")
    assert found_in(draft)["q8"] == (None, "Nothing more")
    assert row_of(draft, "q7")["confidence"] == MEDIUM


def test_text_after_options_that_is_none(tmp_path, small):
    text = FIRST.replace("Act 14 of 2019\n\nDetail.6.\n\n", "Perhaps next year it will\n\n")
    draft = read_text(tmp_path, text, small)
    assert found_in(draft)["q5"] == (None, "Perhaps next year it will")
    assert row_of(draft, "q5")["confidence"] == LOW


def test_an_option_list_over_a_page(tmp_path, small):
    draft = read_text(tmp_path, FIRST.replace("Yes\n\nNo", "Yes\n No"), small)
    assert found_in(draft)["q5"] == (None, None)
    assert found_in(draft)["q6"] == (None, "Act 14 of 2019")


MARKS = {
    "● Yes\n○ No": "Yes",
    "○ Yes\n● No": "No",
    "○ Yes\n○ No": "",
    "☒ Yes ☐ No": "Yes",
    "Yes ☐ No ☒": "No",
    "[ ] Yes\n[x] No": "No",
    "( ) Yes (x) No": "No",
    "(•) Yes\n( ) No": "Yes",
    "✓ Yes\nNo": "Yes",
    "o Yes\nx No": "No",
    "●\nYes\n○\nNo": "Yes",
    "Yes ✓\nNo": "Yes",
    "• Yes\n• No": None,
    "Yes / No": None,
    "Yes\nNo": None,
    "Yes   No": None,
}


@pytest.mark.parametrize(("shown", "mark"), MARKS.items(), ids=[one.replace("\n", " ") for one in MARKS])
def test_marks(tmp_path, small, shown, mark):
    draft = read_text(tmp_path, FIRST.replace("Yes\n\nNo", shown), small)
    assert found_in(draft)["q5"] == (mark, None)
    assert found_in(draft)["q6"] == (None, "Act 14 of 2019")


def test_two_marks_and_an_unknown_one(tmp_path, small):
    draft = read_text(tmp_path, FIRST.replace("Five-year\n\nOther", "○ Five-year\n\n● Seven-year"), small)
    assert found_in(draft)["q7"] == ("Seven-year", "Seven-year")
    assert row_of(draft, "q7")["confidence"] == MEDIUM
    draft = read_text(
        tmp_path, FIRST.replace("Two-year\n\nFive-year\n\nOther", "☒ Two-year\n☒ Five-year\n☐ Other"), small
    )
    assert found_in(draft)["q7"] == (None, "Two-year; Five-year")
    assert row_of(draft, "q7")["confidence"] == LOW
    draft = read_text(tmp_path, FIRST.replace("Five-year\n\nOther", "○ Five-year\n\n● Other: seven"), small)
    assert found_in(draft)["q7"] == ("Other", "seven")


def test_options_in_other_words_between_known_ones():
    scale = {"a": ("Two-year",), "b": ("Five-year",), "c": ("Ten-year",)}
    options, rest = options_in(lines_of("Two-year\n\nHalf a decade\n\nTen-year\n\nThe answer"), scale)
    assert [one.category for one in options] == ["a", None, "c"]
    assert [block[0].text for block in rest] == ["The answer"]


LINKS = {
    "https://law.example/doc?\npath=14.pdf": "https://law.example/doc?path=14.pdf",
    "see https://sub-\ndomain.example/a": "see https://sub-domain.example/a",
    "https://law.example/acts/\n2019/14.html": "https://law.example/acts/2019/14.html",
    "https://law.example/a.\nhttps://law.example/b": "https://law.example/a.\nhttps://law.example/b",
    "an e-\ngovernment act": "an e-government act",
    "data-\nonce-only": "data-once-only",
}


@pytest.mark.parametrize(("written", "text"), LINKS.items())
def test_lines_that_are_one(written, text):
    assert joined(blocks_of(lines_of(written)), 60) == text


def test_a_damaged_link_is_noted(tmp_path, small):
    draft = read_text(tmp_path, FIRST.replace("Act 14 of 2019", "https://law.example/%C3%A9%C3%\n%A9/"), small)
    assert row_of(draft, "q6")["note"] == "link damaged"
    assert damaged_link("www.law.example/%C3")
    assert not damaged_link("https://law.example/%E2%82%AC, 100% sure")


def test_choices_of_which_many_may_be_marked(tmp_path):
    path = tmp_path / "many.yaml"
    path.write_text(
        SMALL.replace("instrument: small", "instrument: many").replace(
            "kind: one, answers: cycle, other: other", "kind: many, answers: cycle"
        )
    )
    text = FIRST.replace("Two-year\n\nFive-year\n\nOther", "☒ Two-year\n☒ Five-year\n☐ Other")
    found = found_in(read_text(tmp_path, text, load_instrument(path)))
    assert [found[f"q7.{one}"][0] for one in ("two", "five", "other")] == ["yes", "yes", ""]


def test_what_a_form_prints_for_an_empty_answer(tmp_path, small):
    draft = read_text(tmp_path, FIRST.replace("Act 14 of 2019", "Enter your answer"), small)
    assert found_in(draft)["q6"] == (None, None)
    draft = read_text(tmp_path, FIRST.replace("Act 14 of 2019", "-"), small)
    assert found_in(draft)["q6"] == (None, None)
    assert row_of(draft, "q6")["note"] == "a dash stands there"


@pytest.mark.parametrize("seed", range(30))
def test_the_best_chain_is_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    pairs = np.round(rng.normal(size=(5, 4)), 1)
    places = np.cumsum(rng.integers(1, 3, size=5))
    score, chain = best_chain(pairs, places)
    rows, columns = pairs.shape
    worths = [0.0]
    for size in range(1, columns + 1):
        both = product(combinations(range(rows), size), combinations(range(columns), size))
        worths += [worth(list(zip(at, items, strict=True)), pairs, places) for at, items in both]
    assert score == pytest.approx(max(worths))
    assert worth(chain, pairs, places) == pytest.approx(score)


def worth(chain, pairs, places):
    """By hand: each pair must count something; one right after its neighbour counts a little more."""
    if any(pairs[one] <= 0 for one in chain):
        return -np.inf
    beside = [places[c] - places[a] == 1 and c - a == 1 and d - b == 1 for (a, b), (c, d) in pairwise(chain)]
    return sum(pairs[one] for one in chain) + 0.4 * sum(beside)


def test_what_stands_on_many_pages_is_no_answer(tmp_path, msq):
    draft = read_text(tmp_path, prints.running_title(prints.asked("Tarnova")), msq)
    assert len([left for left in draft.left if left.why == "stands on many pages"]) == 12


# -------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_encodings(tmp_path, msq, encoding, ends):
    questions = prints.asked("Kastavia")
    text = prints.circles(questions).replace("\n", ends)
    assert found_in(read_text(tmp_path, text.encode(encoding), msq)) == prints.expected(questions, "circles")


REFUSED = {
    b"": ("empty_file", "no text"),
    b" \n\x0c\n": ("empty_file", "no text"),
    b"%PDF-1.7 ...": ("not_text", "pdftotext"),
    b"PK\x03\x04": ("not_text", "save it as plain text"),
    b"a\x00b": ("not_text", "binary"),
    "Émile".encode("latin-1"): ("encoding", "UTF-8"),
    b"1. What is this?\n\nNothing.\n": ("another_instrument", "found 0 of 8 items"),
    b"x" * (MOST + 1): ("too_large", "5 MB"),
}


@pytest.mark.parametrize(
    ("raw", "check", "words"), [(raw, *told) for raw, told in REFUSED.items()], ids=range(len(REFUSED))
)
def test_refused(tmp_path, small, raw, check, words):
    with pytest.raises(DataError, match=words) as caught:
        read_text(tmp_path, raw, small)
    assert caught.value.faults[0].check == check
    assert caught.value.faults[0].file == "print.txt"
    assert not looks_like(tmp_path / "print.txt")


def test_a_file_that_is_not_there(tmp_path, small):
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "none.txt", small, Options())


def test_cut_off_shuffled_and_doubled_prints(tmp_path, msq):
    text = prints.circles(prints.asked("Tarnova"))
    lines = text.split("\n")
    with pytest.raises(DataError, match="may be cut off"):
        read_text(tmp_path, "\n".join(lines[: len(lines) // 3]), msq)
    draft = read_text(tmp_path, "\n".join(lines[: 4 * len(lines) // 5]), msq)
    assert "q112" in draft.notes["not found"]
    blocks = text.split("\n\n")
    random.Random(1).shuffle(blocks)
    with pytest.raises(DataError) as caught:
        read_text(tmp_path, "\n\n".join(blocks), msq)
    assert caught.value.faults[0].check in ("another_instrument", "out_of_order")
    half = len(lines) // 3
    with pytest.raises(DataError, match="out of order"):
        read_text(tmp_path, "\n".join([*lines[half:], *lines[:half]]), msq)
    with pytest.raises(DataError, match="more than one response"):
        read_text(tmp_path, f"{text}\n\n{text}", msq)


def test_time_grows_with_the_size_and_no_faster(tmp_path, msq):
    questions = prints.asked("Tarnova")
    took = []
    for many in (2_000, 8_000):
        long = replace(questions[30], paragraphs=("1. An act on identity\nof many words ( ) x\n" * many,))
        text = prints.circles([*questions[:30], long, *questions[31:]])
        start = time.perf_counter()
        read_text(tmp_path, text, msq)
        took.append(time.perf_counter() - start)
    assert took[1] < 12 * max(took[0], 0.2)


# ------------------------------------------------------------------------------------- the real response, never shown

EMPTY = ["q012", "q049", "q071", "q080", "q084", "q086", "q109"]


@dataclass(frozen=True)
class Facts:
    """What a failing test may show of the real response: names of items, numbers, places."""

    items: list[str]
    filled: list[str]
    marked: int
    doubted: dict[str, list[str]]
    damaged: list[str]
    mail: list[str]
    orientation: str
    left: list[str]
    lost_lines: int
    characters: int


@pytest.fixture(scope="module")
def real(shared: Path, msq: Instrument) -> Facts:
    path = shared / "data" / "msq" / "msq-2022-response.txt"
    try:
        return facts_of(path, msq)
    except Exception as fault:  # noqa: BLE001 - a traceback would show what was read
        name = type(fault).__name__
    pytest.fail(f"the real response cannot be read: {name}", pytrace=False)


def facts_of(path: Path, msq: Instrument) -> Facts:
    draft = read(path, msq, Options())
    table = draft.table.set_index("item")
    texts = table["text"].dropna()
    lines = without_furniture(lines_of(path.read_text(encoding="utf-8")))[0]
    labels = find_labels(lines, msq.file.items, Fingerprints(msq.file.items)).labels
    asked = {at for label in labels for at in range(label.start, label.end)}
    options = {"yes", "no", "other", "two-year", "three-year", "five-year", "ten-year"}
    kept = "".join("".join([*texts, *(one.text for one in draft.left)]).split())
    others = ["".join(line.text.split()) for at, line in enumerate(lines) if at not in asked]
    return Facts(
        items=table.index.tolist(),
        filled=texts.index.tolist(),
        marked=int(table["mark"].notna().sum()),
        doubted={one: table.index[table["confidence"] == one].tolist() for one in (MEDIUM, LOW)},
        damaged=table.index[table["note"] == "link damaged"].tolist(),
        mail=texts.index[texts.str.contains("@")].tolist(),
        orientation=draft.notes["orientation"].split(",")[0],
        left=[one.place for one in draft.left],
        lost_lines=sum(piece not in kept and piece.lower() not in options for piece in others),
        characters=int(texts.str.len().sum()),
    )


def test_real_response_has_all_fields(shared, real):
    with (shared / "data" / "msq" / "msq-2022-gold.csv").open(encoding="utf-8") as file:
        gold = {f"q{int(row['n']):03}": row["kind"] for row in csv.DictReader(file)}
    assert real.items == list(gold)
    choices = {name for name, kind in gold.items() if kind.startswith(("yes/no", "choice"))}
    in_own_words = {"q006", "q057"}
    assert real.filled == [name for name in gold if name in in_own_words or name not in (*choices, *EMPTY)]
    assert real.marked == 0
    assert real.orientation == "answer_first"


def test_real_response_in_doubt_and_left_over(real):
    assert real.doubted[LOW] == ["q079", "q080"]
    assert real.doubted[MEDIUM] == ["q006", "q008", "q013", "q053", "q057", "q073", "q090", "q101"]
    assert real.damaged == ["q045"]
    assert real.mail == ["q005", "q018"]
    assert len(real.left) == 31
    assert real.left[0] == "page 1, line 1"
    assert real.left[-1] == "page 23, line 834"


def test_real_response_loses_no_line(real):
    assert real.lost_lines == 4  # the four options of question 6, which print no mark
    assert real.characters > 10_000
