"""Printed forms as nobody lays them out twice: answers right below questions, dates on every page, no numbers.

All countries and persons are invented.
"""

from __future__ import annotations

import random
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from egovindex.errors import DataError
from egovindex.instrument import Instrument, load_instrument
from egovindex.responses.draft import HIGH, LOW, MEDIUM, Draft
from egovindex.responses.formats import Options
from egovindex.responses.formsprint import read
from egovindex.responses.formsprint.furniture import without_furniture
from egovindex.responses.formsprint.lines import lines_of
from egovindex.responses.formsprint.signs import is_bare, is_date, like_answer
from tests.responses import prints

MINI = """
instrument: mini
unit: a1
answers:
  status: {yes: [Yes], no: [No]}
items:
  a1: {number: 1, kind: text, label: Country, match: [country]}
  a2: {number: 2, kind: contact, label: Name, match: [name]}
  a3: {number: 3, kind: contact, label: Mail, match: [email]}
  a4: {number: 4, kind: link, label: Portal, match: [portal, address]}
  a5: {number: 5, kind: link, label: Shops, match: [shops, address]}
  a6: {number: 6, kind: one, answers: status, label: Law, match: [law]}
  a7: {number: 7, kind: text, label: Detail, match: [details, law]}
"""
PLAIN = """1. Your country of reporting.
Zedland
2. Your full name here.
Ottoline Quern
3. Your email here.
oq@zed.example
4. Address of the portal of the state
https://portal.gov.zed.example/start
5. Address of the shops of the state
https://shops.gov.zed.example
6. Is there a law?
( ) Yes
(x) No
7. Give details of the law
Act 12, by the cabinet
"""
TEXTS = {
    "a1": "Zedland",
    "a2": "Ottoline Quern",
    "a3": "oq@zed.example",
    "a4": "https://portal.gov.zed.example/start",
    "a5": "https://shops.gov.zed.example",
    "a7": "Act 12, by the cabinet",
}


@pytest.fixture(scope="module")
def msq() -> Instrument:
    return load_instrument("un-msq-2022")


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Instrument:
    path = tmp_path_factory.mktemp("instrument") / "mini.yaml"
    path.write_text(MINI, encoding="utf-8")
    return load_instrument(path)


def read_text(folder: Path, text: str, instrument: Instrument, orientation: str = "auto") -> Draft:
    path = folder / "print.txt"
    path.write_text(text, encoding="utf-8")
    return read(path, instrument, Options(orientation=orientation))


def texts_in(draft: Draft) -> dict[str, str]:
    """Texts that were found, each in one line."""
    rows = draft.table[["item", "text"]].dropna().itertuples(index=False)
    return {item: " ".join(text.split()) for item, text in rows}


def row_of(draft: Draft, item: str) -> dict[str, str | None]:
    return draft.table.set_index("item").loc[item].to_dict()


# ------------------------------------------------------------------------------------------------ whole responses


@dataclass(frozen=True)
class Layout:
    """How a print is laid out: widths (0: no line is wrapped), where the number stands, where empty lines are."""

    number: str = "{}. "
    wide: int = 0
    first: bool = False
    caption: str = ""
    between: bool = False
    behind: bool = False
    head: tuple[str, ...] = ()


_OPENINGS = {
    "one": ("Is there in your country", "Would you say that there is", "Does the state have"),
    "text": ("Please write about", "Say what you can on", "In a few words:"),
    "link": ("Address of", "Where on the web are", "List"),
    "contact": ("Your", "Please state your", "Enter"),
}
_ENDINGS = ("for the reviewers", "if there is one", "in your own words", "open to all", "as of this year")
_SIGNS = (".", ":", "", " *")
HEAD = ("Survey of Zed", "12/04/2022, 10:33")
LAYOUTS = {
    "one line each": Layout(),
    "wrapped": Layout(wide=70),
    "narrow": Layout(wide=60),
    "an empty line behind": Layout(behind=True),
    "wrapped, an empty line behind": Layout(wide=70, behind=True),
    "wrapped, empty lines between": Layout(wide=70, behind=True, between=True),
    "captions": Layout(caption="Answer: "),
    "captions, no numbers": Layout(number="", caption="Answer: ", behind=True),
    "short captions": Layout(number="Q{}: ", caption="A: ", wide=70),
    "no numbers": Layout(number="", behind=True),
    "no numbers, no empty line": Layout(number=""),
    "no numbers, wrapped": Layout(number="", wide=70, behind=True),
    "answers first": Layout(first=True),
    "answers first, wrapped": Layout(first=True, wide=60, number="Q{}) "),
    "answers first, no numbers": Layout(first=True, number="", behind=True),
    "answers first, number behind": Layout(first=True, number="", behind=True, head=("Page {} of 13",)),
    "date on every page": Layout(head=HEAD[1:]),
    "title and date": Layout(head=HEAD, wide=70),
    "counter, title, date": Layout(head=("Survey of Zed", "Page {} of 13", "12/04/2022, 10:33")),
    "long date, no numbers": Layout(head=("Tuesday, 12 April 2022",), number="", behind=True),
    "dates, answers first": Layout(head=HEAD, first=True),
}


def question(words: Sequence[str], kind: str, rng: random.Random) -> str:
    sign = "?" if kind == "one" else rng.choice(_SIGNS)
    return f"{rng.choice(_OPENINGS[kind])} {' and '.join(words)} {rng.choice(_ENDINGS)}{sign}"


def wrapped(text: str, wide: int) -> list[str]:
    return textwrap.wrap(text, wide, break_long_words=False, break_on_hyphens=False) if wide else [text]


def laid_out(asked: Sequence[object], instrument: Instrument, layout: Layout) -> str:
    rng = random.Random(5)
    lines: list[str] = []
    for at, one in enumerate(asked):
        if layout.head and at % 9 == 0:
            head = [line.format(at // 9 + 1) for line in layout.head]
            lines += [("\f" if at else "") + head[0], *head[1:]]
        item = instrument.file.items[one.item]
        asking = wrapped(
            layout.number.format(one.number) + question(item.match or (), item.kind or "one", rng), layout.wide
        )
        marks = prints.marked("(x)", "( )")(one)
        text = [line for part in one.paragraphs for line in wrapped(part, layout.wide)]
        if text and not marks:
            text[0] = layout.caption + text[0]
        below = [""] if layout.between else []
        lines += [*text, *below, *asking] if layout.first and not marks else [*asking, *below, *marks, *text]
        lines += [""] if layout.behind else []
    return "\n".join(lines)


@pytest.mark.parametrize("country", ["Veldoria", pytest.param("Tarnova", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_field_of_every_layout(tmp_path, msq, name, country):
    asked = prints.asked(country)
    draft = read_text(tmp_path, laid_out(asked, msq, LAYOUTS[name]), msq)
    assert texts_in(draft) == {one.item: one.text for one in asked if one.text}
    assert draft.notes["items"] == "112 of 112 found"
    marks = dict(draft.table[["item", "mark"]].dropna().itertuples(index=False))
    assert marks == {one.item: one.options[one.mark] for one in asked if one.options}
    assert (draft.table["confidence"] == LOW).sum() <= 12
    others = [left for left in draft.left if left.why != "header or footer of the print"]
    assert len(others) <= 4  # ends of questions that have no answer
    blank = {one.item for one in asked if not one.text}
    assert all(left.why.startswith("the end of a question") and left.why[-4:] in blank for left in others)


@pytest.mark.parametrize("name", [one for one in LAYOUTS if "first" not in one])
@pytest.mark.parametrize("country", ["Quillonia", pytest.param("Marovia", marks=pytest.mark.slow)])
def test_nothing_is_lost_in_silence(tmp_path, msq, name, country):
    """With two paragraphs to an answer and a heading here and there, all words stand in an answer or are told."""
    asked = prints.asked(country, paragraphs=2)
    text = laid_out(asked, msq, LAYOUTS[name])
    draft = read_text(tmp_path, text, msq)
    kept = "".join("".join([*texts_in(draft).values(), *(left.text for left in draft.left)]).split())
    lost = [one.item for one in asked for part in one.paragraphs if "".join(part.split()) not in kept]
    assert lost == []


def test_no_numbers_and_no_empty_lines_between_wrapped_questions_are_refused(tmp_path, msq):
    text = laid_out(prints.asked("Veldoria"), msq, Layout(number="", wide=70))
    with pytest.raises(DataError, match="Put an empty line before each question") as caught:
        read_text(tmp_path, text, msq)
    assert caught.value.faults[0].check == "no_numbers"


# ----------------------------------------------------------------------------------------------- traps, one by one


def test_answers_right_below_questions(tmp_path, mini):
    draft = read_text(tmp_path, PLAIN, mini)
    assert texts_in(draft) == TEXTS
    assert set(draft.table["confidence"]) == {HIGH}
    assert not draft.left


def test_an_answer_below_a_full_line_is_taken_and_told(tmp_path, mini):
    long = "Please state your full name as it is in the passport"
    draft = read_text(tmp_path, PLAIN.replace("Your full name here.", long), mini)
    assert texts_in(draft) == TEXTS
    assert row_of(draft, "a2")["confidence"] == LOW
    assert "not sure" in str(row_of(draft, "a2")["note"])
    draft = read_text(tmp_path, PLAIN.replace("Your full name here.", f"{long}."), mini)
    assert texts_in(draft) == TEXTS
    assert row_of(draft, "a2")["confidence"] == MEDIUM


def test_a_name_with_a_small_letter_is_never_a_part_of_the_question(tmp_path, mini):
    long = "2. Please state your full name as it is in the passport\nvan der Quern"
    draft = read_text(tmp_path, PLAIN.replace("2. Your full name here.\nOttoline Quern", long), mini)
    assert texts_in(draft)["a2"] == "van der Quern"
    assert row_of(draft, "a2")["confidence"] == LOW


def test_a_question_that_goes_on_is_no_answer(tmp_path, mini):
    long = "4. Address, on the open web and in whatever language, of the\nPortal of the state"
    draft = read_text(tmp_path, PLAIN.replace("4. Address of the portal of the state", long), mini)
    assert texts_in(draft) == TEXTS
    assert row_of(draft, "a4")["confidence"] == HIGH


def test_the_end_of_a_question_with_nothing_below_is_told(tmp_path, mini):
    spaced = "\n\n".join(PLAIN.rstrip().split("\n")).replace("( ) Yes\n\n", "( ) Yes\n")
    long = "4. Address of the portal as it is in the meaning of the\nNational Act on everything"
    old = f"4. Address of the portal of the state\n\n{TEXTS['a4']}"
    assert old in spaced
    draft = read_text(tmp_path, spaced.replace(old, long), mini)
    assert "a4" not in texts_in(draft)
    assert row_of(draft, "a4")["confidence"] == LOW
    assert [left.text for left in draft.left] == ["National Act on everything"]
    assert "a4" in draft.left[0].why


@pytest.mark.parametrize("date", ["12/04/2022, 10:33", "2022-04-12 10:33", "12 April 2022", "12/04/2022"])
@pytest.mark.parametrize("pages", ["", "\f"])
def test_a_date_on_every_page_is_no_answer(tmp_path, mini, date, pages):
    head = f"Form of Zed\n{date}\n"
    text = head + PLAIN.replace("5. Address", f"{pages}{head}5. Address").replace("7. Give", f"{pages}{head}7. Give")
    draft = read_text(tmp_path, text, mini)
    assert texts_in(draft) == TEXTS
    assert draft.notes["orientation"].startswith("answer_last")
    assert [left.why for left in draft.left] == ["header or footer of the print"] * 6


def test_times_that_differ_on_every_page(tmp_path, mini):
    parts = PLAIN.split("\n5. ")
    text = f"12/04/2022, 10:33\n{parts[0]}\n\f12/04/2022, 10:34\n5. {parts[1]}"
    draft = read_text(tmp_path, text, mini)
    assert texts_in(draft) == TEXTS
    assert len(draft.left) == 2


def test_dates_that_answer_are_kept(tmp_path, mini):
    text = PLAIN.replace("Act 12, by the cabinet", "12/04/2022").replace(TEXTS["a4"], "12/05/2021")
    assert texts_in(read_text(tmp_path, text, mini)) == {**TEXTS, "a7": "12/04/2022", "a4": "12/05/2021"}


def test_questions_in_the_same_words_at_the_edges_of_pages_are_kept():
    page = "{}. Give a link, or details:\nyes\n{}. What else?\n\f"
    lines = lines_of("".join(page.format(at, at + 1) for at in (1, 3, 5, 7)))
    assert not without_furniture(lines)[1]


def test_a_date_is_no_unit(tmp_path, mini):
    with pytest.raises(DataError, match="a number or a date") as caught:
        read_text(tmp_path, PLAIN.replace("Zedland", "12/04/2022"), mini)
    assert caught.value.faults[0].check == "unit"
    assert "12/04" not in str(caught.value)


def test_few_signs_for_the_orientation_are_told(tmp_path, mini):
    text = PLAIN.replace("( ) Yes\n(x) No\n", "").replace("Act 12, by the cabinet\n", "")
    for item in ("a3", "a4", "a5"):
        text = text.replace(TEXTS[item], f"By letter {item}")
    draft = read_text(tmp_path, text, mini)
    assert set(draft.table["confidence"]) == {LOW}
    assert all("orientation=" in note for note in draft.table["note"])
    sure = read_text(tmp_path, text, mini, "answer_last")
    assert LOW not in set(sure.table["confidence"])


@pytest.mark.parametrize("shape", ["{q}\n{a}", "{q}\n\n{a}", "{q}\nAnswer: {a}"])
def test_what_reads_like_a_heading_may_be_an_answer(tmp_path, msq, shape):
    """A title of a person has the words of a heading: no heading stands where no empty line does."""
    asked = prints.asked("Estavar")
    parts = []
    for one in asked:
        asking = f"{one.number}. {prints.question_of(one.item, msq)}"
        text = "Government CIO" if one.item == "q016" else one.text
        marks = "\n".join(prints.marked("(x)", "( )")(one))
        parts.append("\n".join([asking, marks, text or ""]) if marks else shape.format(q=asking, a=text or "-"))
    draft = read_text(tmp_path, "\n\n".join(parts), msq)
    row = row_of(draft, "q016")
    if shape == "{q}\n\n{a}":  # it may be a heading here, so the blank is told
        assert (row["text"], row["confidence"]) == (None, LOW)
        assert any(left.text == "Government CIO" for left in draft.left)
    else:
        assert row["text"] == "Government CIO"
        assert row["confidence"] == (HIGH if "Answer" in shape else LOW)


def test_own_words_beside_an_option_and_below_it_are_both_kept(tmp_path):
    path = tmp_path / "mini.yaml"
    path.write_text(
        MINI.replace("no: [No]}", "no: [No], other: [Other]}").replace(
            "label: Law, match: [law]", "label: Law, other: other, match: [law]"
        ),
        encoding="utf-8",
    )
    text = PLAIN.replace("(x) No", "( ) No\n(x) Other: a decree\nof the cabinet")
    draft = read_text(tmp_path, text, load_instrument(path))
    assert "a decree" in str(row_of(draft, "a6")["text"])
    assert "of the cabinet" in str(row_of(draft, "a6")["text"])


def test_options_of_many_lose_no_other_words(tmp_path):
    path = tmp_path / "mini.yaml"
    path.write_text(MINI.replace("kind: one", "kind: many"), encoding="utf-8")
    text = PLAIN.replace("(x) No", "(x) No\n(x) Perhaps in spring\n\nWe wait for the vote.")
    draft = read_text(tmp_path, text, load_instrument(path))
    assert {left.text for left in draft.left} >= {"(x) Perhaps in spring", "We wait for the vote."}


@pytest.mark.parametrize(
    ("text", "date", "bare", "answer"),
    [
        ("12/04/2022, 10:33", True, True, True),
        ("Tue 12 Apr 2022 10:33 AM", True, True, True),
        ("May 2022", False, False, False),
        ("2022", False, True, True),
        ("+999 41 555", False, True, True),
        ("https://gov.example and www.law.example", False, False, True),
        ("ada@office.example", False, False, True),
        ("see https://gov.example", False, False, False),
        ("The 12 April 2022", False, False, False),
        ("x" * 100_000, False, False, False),
        ("1" * 100_000, False, False, False),
    ],
)
def test_lines_that_are_no_words_of_a_question(text, date, bare, answer):
    assert (is_date(text), is_bare(text), like_answer(text)) == (date, bare, answer)


@pytest.mark.parametrize("country", prints.COUNTRIES)
def test_links_of_other_answers_do_not_tell_the_orientation(tmp_path, msq, country):
    """Answers that a page carries over leave fewer signs; links of the next answer once outvoted them."""
    questions = prints.another_edition(prints.asked(country))
    draft = read_text(tmp_path, prints.LAYOUTS["carried_over"](questions), msq)
    found = {row.item: (row.mark, row.text) for row in draft.table.itertuples()}
    assert found == prints.expected(questions, "carried_over")
    assert not (draft.table["confidence"] == LOW).any()
