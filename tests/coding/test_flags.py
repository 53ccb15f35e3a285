"""Flags of evidence, each by what a reader sees: which text is flagged, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import egovindex as ei

# q1 to q4 are documented by a field each, q5 by evidence of its own; t9 documents q4 too, t8 nothing
FORM = """\
instrument: survey
answers: {legal: {adopted: [], drafted: []}, status: {"yes": [], "no": []}}
items:
  q1: {label: Forests, coded_as: legal, answers: status, evidence: t1}
  t1: {kind: text}
  q2: {label: Forests, coded_as: legal, answers: status, evidence: t2}
  t2: {kind: link}
  q3: {label: Forests, coded_as: legal, answers: status, evidence: t3}
  t3: {kind: text}
  q4: {label: Forests, coded_as: legal, answers: status, evidence: t4}
  t4: {kind: text}
  q5: {label: Forests, coded_as: legal, answers: status}
  t8: {kind: text}
  t9: {kind: text}
  n1: {kind: number}
"""
RULES = """\
codebook: rules
instrument: survey
kinds: {act: [q1, q2, q3, q4, q5]}
rests_on: {q4: [t4, t9]}
rules:
  - {id: draft, for: act, where: draft, says: {legal: drafted}, confidence: high, reason: r, holds: draft, fails: none}
brief:
  - {legal: adopted, says: "yes"}
  - {legal: drafted, says: drafted}
"""


@pytest.fixture(scope="module")
def coded(tmp_path_factory):
    """Coded answers: texts by field, of one unit or of several."""
    folder = tmp_path_factory.mktemp("flags")
    (folder / "survey.yaml").write_text(FORM, encoding="utf-8")
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    form, rules = ei.load_instrument(folder / "survey.yaml"), ei.load_codebook(folder / "rules.yaml")

    def of(units):
        rows = [
            {"unit": unit, "item": item, **({"evidence": text} if item == "q5" else {"text": text})}
            for unit, texts in units.items()
            for item, text in texts.items()
        ]
        table = pd.DataFrame(rows, columns=["unit", "item", "text", "evidence", "mark"])
        table.to_csv(folder / "a.csv", index=False)
        return ei.code(ei.read_responses(folder / "a.csv", form, format="tidy"), codebook=rules)

    return of


@pytest.fixture(scope="module")
def told(coded):
    """Details of one flag by item, for each unit; or of one unit alone."""

    def of(flag, units=None, **texts):
        found = coded(units or {"Norland": texts}).flags
        found = found[found["flag"] == flag]
        by_unit = {unit: {} for unit in units or {"Norland": texts}}
        for unit, item, detail in found[["unit", "item", "detail"]].to_numpy().tolist():
            by_unit[unit][item] = detail
        return by_unit if units else by_unit["Norland"]

    return of


@pytest.fixture(scope="module")
def dated(tmp_path_factory):
    """What is said of the dates of pairs of texts, each pair with a title of its own in place of TITLE."""
    folder = tmp_path_factory.mktemp("pairs")
    (folder / "rules.yaml").write_text("codebook: rules\n", encoding="utf-8")

    def of(pairs):
        form, lines = ["instrument: pairs", "answers: {legal: {adopted: []}}", "items:", "  q: {coded_as: legal}"], []
        for at, pair in enumerate(pairs):
            words = [f"{word}{at}" for word in ("Pine", "oak", "elm", "ash")]
            halves = {"TITLE": " ".join(words), "HALF": " ".join(words[:2]), "REST": " ".join(words[2:])}
            for name, text in zip("ab", pair, strict=True):
                form.append(f"  {name}{at}: {{kind: text}}")
                said = " ".join(halves.get(word, word) for word in text.split())
                lines.append({"unit": "Norland", "item": f"{name}{at}", "text": said})
        (folder / "pairs.yaml").write_text("\n".join(form) + "\n", encoding="utf-8")
        pd.DataFrame(lines).to_csv(folder / "a.csv", index=False)
        read = ei.read_responses(folder / "a.csv", folder / "pairs.yaml", format="tidy")
        flags = ei.code(read, codebook=folder / "rules.yaml").flags
        found = dict(zip(flags["item"], flags["detail"], strict=True))
        return [found.get(f"a{at}") for at in range(len(pairs))]

    return of


# --- links
def test_no_link_is_told_where_a_field_documents_something(told):
    plain = dict.fromkeys(("t1", "t2", "t3", "q5", "t8", "t9"), "The act on forests")
    assert told("no_link", **plain) == dict.fromkeys(("t1", "t2", "t3", "q5", "t9"), "no address in the evidence")


ADDRESSES = [
    "https://law.example",
    "HTTP://law.norland/12",
    "WWW.norland.forest",
    "gazette.norland/act-12",
    "see law.norland.example",
    "see law.gov",
    "see law.no",
]
DAMAGED = [
    "https://law.example/%E1%9E%",
    "https://law.example/very\u2026",
    "https://law.example/very...",
    "https://law.example/very-",
    "https://law.example/whole and https://law.example/cut-",
]
WHOLE = ["https://law.example/%E1%9E", "https://law.example/very-long", "cut- but no address"]


def test_what_counts_as_an_address(told):
    texts = dict(enumerate([*ADDRESSES, "see section.twelve", "Act 12 of 2019."]))
    found = told("no_link", {f"U{at}": {"t1": text} for at, text in texts.items()})
    assert [text for at, text in texts.items() if not found[f"U{at}"]] == ADDRESSES


def test_what_counts_as_damage(told):
    texts = dict(enumerate([*DAMAGED, *WHOLE]))
    found = told("damaged_link", {f"U{at}": {"t1": text} for at, text in texts.items()})
    assert [text for at, text in texts.items() if found[f"U{at}"]] == DAMAGED
    assert found["U0"] == {"t1": "an address is cut off or has lost a sign"}


def test_damage_that_the_reader_has_noted(coded):
    found = coded({"Norland": {"t1": "https://law.example/a", "t3": "https://law.example/a"}})
    table = found.responses.table
    noted = table.assign(note=["an address is damaged" if item == "t1" else None for item in table["item"]])
    flags = replace(found, responses=replace(found.responses, table=noted)).flags
    assert flags.loc[flags["flag"] == "damaged_link", "item"].tolist() == ["t1"]


# --- text that is used again
def test_six_words_in_three_fields_are_copied(told):
    six = "all six of these same words"
    found = told("reused_text", t1=six, t2=f"First {six}", t3=f"{six} last", t4="only five of these same words")
    assert found == {
        "t1": "the same words as t2, t3",
        "t2": "the same words as t1, t3",
        "t3": "the same words as t1, t2",
    }
    assert told("reused_text", t1=six, t2=six) == {}  # twice is no copying
    five = "only five of these words"
    assert told("reused_text", t1=f"One {five}", t2=f"Two {five}", t3=f"Three {five}") == {}


def test_an_address_is_no_words(told):
    link = "https://law.example/one/two/three/four/five/six/seven"
    assert told("reused_text", t1=link, t2=link, t3=link) == {}


# --- dates
ADOPTED = ["adopted", "approved", "enacted", "passed", "promulgated", "signed", "endorsed", "issued"]
SMALL = ["a", "an", "and", "at", "by", "for", "in", "of", "on", "the", "to", "with"]
STATUS = ["just", "has", "have", "been", "is", "are", "was", "were", "get", "got", "law", "government", "however"]
MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6,
    "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9, "october": 10,
    "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}  # fmt: skip
BOTH = {"t1": "adopted 2020, and another date in t2", "t2": "adopted 2021, and another date in t1"}


def conflict(date, at):
    return f"adopted {date}, and another date in b{at}"


def test_every_word_of_adoption_counts(dated):
    found = dated([(f"TITLE {word} 2020", f"TITLE {word} 2021") for word in ADOPTED])
    assert found == [conflict("2020", at) for at in range(len(ADOPTED))]
    assert dated([("TITLE 2020", "TITLE 2021")]) == [None]


def test_words_beside_a_title_are_no_part_of_it(dated):
    words = [*SMALL, *STATUS, *ADOPTED, *MONTHS, "3rd", "12"]
    found = dated([(f"HALF {word} REST adopted 2020", "TITLE adopted 2021") for word in words])
    assert found == [conflict("2020", at) for at in range(len(words))]
    assert dated([("HALF other REST adopted 2020", "TITLE adopted 2021")]) == [None]


def test_what_is_not_adopted_yet_has_no_date_of_adoption(dated):
    words = ["draft", "drafted", "drafting", "expected", "will", "planned", "planning", "yet"]
    assert dated([(f"TITLE adopted {word} 2020", "TITLE adopted 2021") for word in words]) == [None] * len(words)


def test_months_are_read(dated):
    found = dated([(f"TITLE adopted {word} 2020", "TITLE adopted 1999") for word in MONTHS])
    assert found == [conflict(f"2020-{month:02}", at) for at, month in enumerate(MONTHS.values())]


DATES = {
    "May one two 2020": "2020-05",  # three words before
    "May one two six 2020": "2020",  # four
    "2020 May": "2020-05",  # one after
    "2020 on May": "2020",  # two after
    "March then May 2020": "2020-05",  # the nearest before
    "1900": "1900",
    "1899 1950": "1950",
    "2100": "2100",
    "2101 1950": "1950",
    "20201 1950": "1950",
    "2019 2018": "2018, 2019",
}
FIRST = {"2020 May": "2020-05", "2020": "2020", "May 2020": "2020-05", "On May 2020": "2020-05"}


def test_dates_of_a_statement(dated):
    found = dated([(f"TITLE adopted {said}", "TITLE adopted 2025") for said in DATES])
    assert found == [conflict(date, at) for at, date in enumerate(DATES.values())]
    found = dated([(f"{said} adopted TITLE", "TITLE adopted 2025") for said in FIRST])
    assert found == [conflict(date, at) for at, date in enumerate(FIRST.values())]


def test_a_year_holds_its_months(told):
    title = "Pine oak elm ash adopted"
    found = told("dates_conflict", t1=f"{title} 2021", t2=f"{title} May 2021", t3=f"{title} June 2021")
    assert found == {
        "t2": "adopted 2021-05, and another date in t3",
        "t3": "adopted 2021-06, and another date in t2",
    }
    assert told("dates_conflict", t1=f"{title} 2021 2022", t2=f"{title} 2022 2023") == {}  # one is the same


def test_a_title_is_four_words_in_a_row(told):
    assert told("dates_conflict", t1="Pine oak elm adopted 2020", t2="Pine oak elm adopted 2021") == {}
    assert told("dates_conflict", t1="Oak elm ash fir adopted 2020", t2="Pine oak elm ash fir adopted 2021") == BOTH
    assert told("dates_conflict", t1="Pine oak elm ash adopted", t2="Pine oak elm ash adopted 2021") == {}


def test_each_statement_has_its_own_date(told):
    first = "Pine oak elm ash. Seen in 1999; Pine oak elm ash adopted 2020"
    assert told("dates_conflict", t1=first, t2="Pine oak elm ash adopted 2021") == BOTH


# --- subjects
GENERAL = [
    "a", "an", "and", "by", "for", "from", "government", "governments", "how", "in", "into", "is", "law", "laws", "of",
    "legislation", "link", "links", "measure", "measures", "national", "new", "on", "or", "other", "policy", "policies",
    "provide", "publishes", "services", "shape", "strategy", "the", "to", "used", "uses", "with", "covers", "aligned",
    "across", "e-government", "detail", "exists", "equivalent", "collects", "specific", "digital",
]  # fmt: skip


@pytest.fixture(scope="module")
def by_label(tmp_path_factory):
    """Which of some labels are not named in a text of their own: the details by label."""
    folder = tmp_path_factory.mktemp("labels")

    def of(texts, match=()):
        form = ["instrument: labels", "answers: {legal: {adopted: []}}", "items:"]
        lines = []
        for at, (label, text) in enumerate(texts.items()):
            more = f", match: [{', '.join(match)}]" if match else ""
            form.append(f'  q{at}: {{label: "{label}", coded_as: legal{more}}}')
            lines.append({"unit": "Norland", "item": f"q{at}", "text": "", "evidence": text})
        (folder / "labels.yaml").write_text("\n".join(form) + "\n", encoding="utf-8")
        (folder / "rules.yaml").write_text("codebook: rules\nkinds: {}\nrules: []\n", encoding="utf-8")
        pd.DataFrame(lines).to_csv(folder / "a.csv", index=False)
        read = ei.read_responses(folder / "a.csv", folder / "labels.yaml", format="tidy")
        found = ei.code(read, codebook=folder / "rules.yaml").flags
        found = found[found["flag"] == "subject_not_named"]
        labels = list(texts)
        return {labels[int(item[1:])]: detail for item, detail in zip(found["item"], found["detail"], strict=True)}

    return of


def test_words_that_tell_no_subject(by_label):
    assert by_label(dict.fromkeys(GENERAL, "Something else")) == {}
    found = by_label({f"{word} forests": f"{word} something" for word in GENERAL})
    assert list(found) == [f"{word} forests" for word in GENERAL]


def test_a_subject_is_named_by_the_beginning_of_a_word(by_label):
    found = by_label(
        {
            "Forests": "On forestry",  # all but two letters
            "Forest": "On forms",
            "Woods": "On wood",  # four letters at least
            "Bee": "On bees",
            "Is ok": "ok",  # two letters name nothing
            "Rivers/lakes": "On lakes",
            "Seas": "On rivers",
        }
    )
    assert list(found) == ["Forest", "Is ok", "Seas"]
    assert found["Seas"] == "no word of the label of q6 stands in it"
    assert by_label({"Seas": "On rivers"}, match=["Rivers"]) == {}


def test_the_subject_of_each_item_that_a_text_documents(told):
    found = told("subject_not_named", t1="On bees", t2="On forests", q5="On bees", t8="On bees", t9="On bees")
    assert found == {
        "t1": "no word of the label of q1 stands in it",
        "q5": "no word of the label of q5 stands in it",
        "t9": "no word of the label of q4 stands in it",
    }


# --- the whole table
def test_rows_stand_by_unit_item_and_flag(tmp_path):
    (tmp_path / "survey.yaml").write_text(FORM, encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "a.csv").write_text(
        "unit,item,mark,text,evidence\n"
        "Sudland,t3,,A draft on bees,\nSudland,t1,,A draft of law.example/forests-,\n"
        "Norland,q3,Yes,,\nNorland,t3,,A draft on forests,\nNorland,q5,No,,A draft on forests law.example\n",
        encoding="utf-8",
    )
    read = ei.read_responses(tmp_path / "a.csv", tmp_path / "survey.yaml", format="tidy")
    found = ei.code(read, codebook=tmp_path / "rules.yaml").flags
    assert list(found.columns) == ["unit", "period", "item", "flag", "detail"]
    assert found["period"].isna().all()
    assert found.drop(columns="period").to_numpy().tolist() == [
        ["Norland", "q3", "mark_against_text", "marked yes, coded drafted"],
        ["Norland", "t3", "no_link", "no address in the evidence"],
        ["Norland", "q5", "mark_against_text", "marked no, coded drafted"],
        ["Sudland", "t1", "damaged_link", "an address is cut off or has lost a sign"],
        ["Sudland", "t1", "subject_not_named", "no word of the label of q1 stands in it"],
        ["Sudland", "t3", "no_link", "no address in the evidence"],
        ["Sudland", "t3", "subject_not_named", "no word of the label of q3 stands in it"],
    ]
    assert ei.coding.flags.FLAGS == (
        "no_link",
        "damaged_link",
        "reused_text",
        "dates_conflict",
        "subject_not_named",
        "mark_against_text",
    )


def test_without_text_there_are_no_flags(coded):
    found = coded({"Norland": {"n1": "5"}}).flags
    assert len(found) == 0
    assert list(found.columns) == ["unit", "period", "item", "flag", "detail"]
