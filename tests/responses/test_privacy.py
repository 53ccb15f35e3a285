"""What a respondent's words may still tell when fields of persons are gone, and who agreed to have them shown."""

from __future__ import annotations

import traceback

import pytest

import egovindex as ei

HEAD = "unit,item,mark,text\n"


@pytest.fixture
def read(tmp_path):
    def reading(text: str, name: str = "a.csv", **options) -> ei.Responses:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return ei.read_responses(tmp_path / name, "un-msq-2022", format="tidy", **options)

    return reading


def everything(responses: ei.Responses) -> str:
    tables = (responses.table, responses.report, responses.redactions, responses.wide(text=True))
    return "\n".join([repr(responses), *(str(table.to_dict()) for table in tables)])


# --- consent
TWO_YEARS = "unit,period,item,mark,text\nA,2022,q112,{},\nA,2022,q037,,private matter\nA,2024,q112,Yes,\n"


def test_consent_is_of_one_period(read, tmp_path):
    """Agreeing in 2024 says nothing of 2022."""
    responses = read(TWO_YEARS.format(""))
    assert responses.consent.to_dict() == {("A", "2022"): "unknown", ("A", "2024"): "yes"}
    with pytest.raises(ei.DataError, match=r"^A 2022: no recorded consent"):
        responses.publish(tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_consent_in_two_periods(read, tmp_path):
    """It was a pandas error about duplicate labels."""
    responses = read(TWO_YEARS.format("Yes"))
    assert set(responses.consent) == {"yes"}
    responses.publish(tmp_path / "out.csv")
    assert "private matter" in (tmp_path / "out.csv").read_text()


def test_those_who_agreed_stay_whole(read):
    responses = read(HEAD + "A,q112,Yes,\nA,q037,,Law 1\nB,q112,No,\nB,q037,,Law 2\n").without_identifying(
        keep_agreed=True
    )
    said = responses.table.set_index(["unit", "item"])["answer"]
    assert (said["A", "q037"], said["B", "q037"]) == ("Law 1", None)


# --- own words
OWN_WORDS = (
    HEAD + "A,q106,Karl Mann thinks so,\nA,q030,minister Karl Mann said,\nA,q057,cycle agreed by Karl Mann,\n"
    'A,q021,,"Ministry of X, contact Karl Mann"\nA,q036,Yes,\nA,q112,No,\n'
)


def test_no_own_words_without_consent(read, tmp_path):
    """Options that nobody knows, words beside Other, and texts without a flag can name somebody too."""
    responses = read(OWN_WORDS)
    with pytest.raises(ei.DataError, match="A: no recorded consent"):
        responses.publish(tmp_path / "out.csv")
    plain = responses.without_identifying()
    plain.publish(tmp_path / "out.csv")
    assert "Karl" not in (tmp_path / "out.csv").read_text() + everything(plain)
    kept = plain.table.set_index("item")
    assert kept.loc["q036", ["mark", "answer"]].tolist() == ["yes", "Yes"]
    assert kept.loc["q021", "state"] == "withheld"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://portal.example/start", True),
        ("12/04/2022", True),
        ("https://portal.example/start ask Karl", False),
        ("mailto:karl@portal.example", False),
    ],
)
def test_addresses_of_pages_stay(read, text, kept):
    """In an item that has no flag for persons."""
    found = read(HEAD + f"A,q021,,{text}\nA,q112,No,\n").without_identifying()
    assert (found.table.set_index("item")["answer"]["q021"] == text) is kept


# --- fields of persons
def test_the_report_takes_out_what_the_table_does(read):
    """A name in an option that nobody knows was shown in the report, and gone from the table."""
    responses = read(HEAD + "A,q002,,Ottilie Quorn\nA,q106,Ottilie Quorn says perhaps,\n")
    assert "Quorn" not in everything(responses)
    assert responses.report["message"][0].startswith('q106: "[redacted] says perhaps" is no option')


def test_a_word_is_cut_after_it_is_redacted(read):
    mark = "well this is quite a long unknown option that says +999 41 555 7788"
    assert "41" not in read(HEAD + f"A,q106,{mark},\n").report["message"][0]


@pytest.mark.parametrize("kind", ["skipped", "withheld", "refused", "not_shown"])
def test_a_field_of_a_person_keeps_no_text_whatever_its_kind(read, kind):
    responses = read(
        f"unit,item,mark,text,kind,evidence\nA,q002,,Ottilie Quorn,{kind},by Ottilie Quorn\nA,q036,Yes,,,\n"
    )
    assert "Quorn" not in everything(responses)
    assert responses.redactions["count"].sum() == 1
    assert responses.table.set_index("item")["state"]["q002"] == kind


def test_a_note_beside_a_person_is_redacted(read, tmp_path):
    head = "unit,item,mark,text,note,confidence\n"
    responses = read(head + "A,q002,,Ottilie Quorn,Ottilie Quorn by post,low\nA,q112,Yes,,,\n")
    responses.publish(tmp_path / "out.csv")
    assert "Quorn" not in everything(responses) + (tmp_path / "out.csv").read_text()
    assert "low confidence ([redacted] by post)" in str(responses.report["message"].tolist())


def test_a_sign_is_read_again(read, tmp_path):
    signs = ei.Pseudonyms(b"0123456789abcdef")
    read(HEAD + "A,q002,,Ottilie Quorn\n", pseudonyms=signs).to_file(tmp_path / "signs.csv")
    again = read((tmp_path / "signs.csv").read_text(), "again.csv")
    assert again.table.set_index("item")["answer"]["q002"] == signs.of("Ottilie Quorn")


@pytest.mark.parametrize("number", ["+999 [0] 41 555 7788", "+[999] 41 555 7788", "+999 (0) 41 555 7788"])
def test_a_number_with_brackets(read, number):
    assert "555" not in everything(read(HEAD + f"A,q037,,ask {number} please\n"))


# --- what cannot be
def test_an_answer_that_is_said_to_be_none_is_told(read):
    responses = read("unit,item,mark,text,kind\nA,q037,,Law 12,skipped\nA,q036,Yes,,\n")
    assert responses.report["message"].tolist() == [
        "q037: an answer stands there, and the source says that there is none (skipped)"
    ]
    assert responses.table.set_index("item").loc["q037", ["answer", "state"]].tolist() == ["Law 12", "skipped"]


@pytest.mark.parametrize("text", ["A,Q106,Yes,\n", ""])
def test_a_file_without_an_answer(read, text):
    """It was read as responses of nobody."""
    with pytest.raises(ei.DataError, match="no answer to un-msq-2022 stands in the file") as caught:
        read(HEAD + text)
    assert ('did you mean "q106"' in str(caught.value)) is bool(text)


def test_a_redactor_that_fails_shows_no_text(read):
    def broken(text: str) -> str:
        raise ValueError(f"saw {text}")

    told = HEAD + "A,q037,,Ottilie Quorn text\n"
    for redactor in (broken, lambda _: None):
        with pytest.raises(ei.DataError, match=r"q037 of A, line 2: the redactor failed") as caught:
            read(told, redactor=redactor)
        assert "Quorn" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("given", [None, 5, b"x", [3]])
def test_a_path_that_is_none(given):
    with pytest.raises(ei.DataError, match="a path is a text or a Path"):
        ei.read_responses(given, "un-msq-2022", format="tidy")


def test_a_key_that_is_none():
    with pytest.raises(ei.MethodError, match="a key is bytes or a text, found NoneType"):
        ei.Pseudonyms(None)


def test_files_of_one_name(read, tmp_path):
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_bytes(b"\0")
    (tmp_path / "one" / "a.csv").write_text(HEAD + "A,q036,Yes,\n")
    files = [tmp_path / folder / "a.csv" for folder in ("one", "two", "three")]
    responses = ei.read_responses(files, "un-msq-2022", format="tidy")
    assert sorted(responses.failed) == ["three/a.csv", "two/a.csv"]
