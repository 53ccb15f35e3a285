"""Responses to categories: every layer side by side, by rules or by a coder of one's own."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import egovindex as ei

EVIDENCE = {
    "q037": "The law is being drafted.",
    "q039": "Data Protection Act of 2018, https://law.anvilla.example/8",
    "q051": "A law is planned. The platform is already in operation.",
    "q092": "The digital strategy ensures it.",
}


def written(path, *units: str, marks: dict[str, str] | None = None):
    rows = [{"unit": unit, "item": item, "text": text, "mark": ""} for unit in units for item, text in EVIDENCE.items()]
    rows += [
        {"unit": unit, "item": item, "mark": mark, "text": ""} for unit in units for item, mark in (marks or {}).items()
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    return ei.read_responses(path, "un-msq-2022", format="tidy")


@pytest.fixture
def read(tmp_path):
    return written(tmp_path / "a.csv", "Anvilla", "Bruma", marks={"q036": "Yes", "q038": "Yes"})


def test_categories_by_rules(read):
    coded = ei.code(read, "un-msq-2022")
    row = coded.brief.loc["Anvilla"]
    assert row[["q036", "q038", "q050", "q091", "q040"]].tolist() == [
        "drafted",
        "yes",
        "in_operation",
        "planned",
        "unknown",
    ]
    assert coded.of("legal").loc["Anvilla", "q050"] == "planned"
    assert coded.of("practice").loc["Anvilla", "q050"] == "in_operation"
    told = coded.table.set_index(["unit", "item", "axis"]).loc[("Bruma", "q036", "legal")]
    assert told[["coder", "category", "confidence", "rule", "as_of"]].tolist() == [
        "rules",
        "drafted",
        "high",
        "being_drafted",
        "2022",
    ]
    assert told["span"] == "The law is being drafted."
    assert ei.code(read, as_of="2021-07-05").table["as_of"].unique().tolist() == ["2021-07-05"]


def test_a_mark_stands_beside_the_category(read):
    coded = ei.code(read)
    found = coded.conflicts
    assert found[["unit", "item", "mark", "category"]].values.tolist() == [
        ["Anvilla", "q036", "yes", "drafted"],
        ["Bruma", "q036", "yes", "drafted"],
    ]
    assert set(coded.flags.loc[coded.flags["flag"] == "mark_against_text", "item"]) == {"q036"}


def test_a_coder_of_ones_own(read):
    asked = []

    def everything_is_planned(question):
        asked.append(question)
        return dict.fromkeys(question.axes, "planned")

    coded = ei.code(read, coder=everything_is_planned)
    assert coded.coders == ["everything_is_planned"]
    assert set(coded.brief.to_numpy().ravel()) == {"planned"}
    first = next(question for question in asked if question.item == "q036")
    assert (first.unit, first.mark, first.evidence) == ("Anvilla", "yes", "The law is being drafted.")
    both = ei.code(read).with_coding(coded.table)
    assert both.coders == ["rules", "everything_is_planned"]
    with pytest.raises(ei.CodingError, match="have coded; name one"):
        both.long()
    assert both.long(coder="rules")["answer"].tolist() == ei.code(read).long()["answer"].tolist()
    with pytest.raises(ei.CodingError, match="has coded already"):
        both.with_coding(coded.table)


def test_a_coder_that_says_nonsense_is_told_item_by_item(read):
    def bad(question):
        if question.item == "q038":
            return "yes"
        return dict.fromkeys(question.axes, "perhaps")

    with pytest.raises(ei.CodingError) as error:
        ei.code(read, coder=bad)
    said = str(error.value)
    assert 'q036 of Anvilla, legal: found "perhaps"' in said
    assert "q038 of Bruma: a coder gives a mapping" in said


def test_another_instrument_or_codebook_is_refused(read, tmp_path):
    path = tmp_path / "other.yaml"
    path.write_text("instrument: other\nitems: {a: {}}\n", encoding="utf-8")
    with pytest.raises(ei.CodingError, match="the instrument given is other"):
        ei.code(read, path)
    rules = tmp_path / "rules.yaml"
    rules.write_text("codebook: rules\ninstrument: other\nrules: []\n", encoding="utf-8")
    with pytest.raises(ei.CodingError, match="rules is for other"):
        ei.code(read, codebook=rules)


def test_it_is_scored(read):
    result = ei.compute("msq-readiness-2022", ei.code(read))
    assert result.scores.loc[("Anvilla", "2022"), "law"] == pytest.approx(1 / 3)  # yes, drafted, in operation
    long = ei.code(read).long()
    assert list(long) == ["unit", "period", "item", "answer", "evidence_given"]
    assert long.set_index(["unit", "item"])["evidence_given"].loc[("Anvilla", "q036")] == "yes"
    assert long.set_index(["unit", "item"])["evidence_given"].loc[("Anvilla", "q040")] == "no"
    wide = ei.code(read).wide()
    assert wide.loc[0, ["q036", "q036.legal", "q050.practice"]].tolist() == ["drafted", "drafted", "in_operation"]


# --- flags


def flagged(tmp_path, **texts: str) -> dict[str, set[str]]:
    rows = [{"unit": "Anvilla", "item": item, "text": text} for item, text in texts.items()]
    pd.DataFrame(rows).to_csv(tmp_path / "f.csv", index=False)
    coded = ei.code(ei.read_responses(tmp_path / "f.csv", "un-msq-2022", format="tidy"))
    return {flag: set(found["item"]) for flag, found in coded.flags.groupby("flag")}


def test_links(tmp_path):
    found = flagged(
        tmp_path,
        q037="Law 5 on access to information, law.anvilla.example",
        q039="Data protection act, https://law.anvilla.example/%E1%9E%",
        q041="Cybersecurity act",
        q043="Identity act, https://law.anvilla.example/very\u2026",
    )
    assert found["no_link"] == {"q041"}
    assert found["damaged_link"] == {"q039", "q043"}


def test_text_that_is_used_again(tmp_path):
    same = "the digital agenda for all of Anvilla until 2030 covers this"
    found = flagged(tmp_path, q059=f"{same} too", q061=same, q063=f"As said, {same}", q065="another strategy document")
    assert found["reused_text"] == {"q059", "q061", "q063"}
    assert "reused_text" not in flagged(tmp_path, q059=same, q061=same)


def test_dates_that_conflict(tmp_path):
    found = flagged(
        tmp_path,
        q035="The national digital economy agenda was adopted in May 2021",
        q059="Agenda: the national digital economy agenda, adopted on 10 June 2021",
        q061="The national digital economy agenda was approved in 2021",
        q063="The national digital economy agenda is expected to be adopted in 2025",
    )
    assert found["dates_conflict"] == {"q035", "q059"}


def test_a_subject_that_is_not_named(tmp_path):
    found = flagged(tmp_path, q041="Cybersecurity act of 2018", q045="Act on public procurement of 2004")
    assert found["subject_not_named"] == {"q045"}


def test_a_mark_is_held_against_the_text_of_its_period(tmp_path):
    """The conflict of one period was told for every period of the unit."""
    (tmp_path / "p.csv").write_text(
        "unit,period,item,mark,text\nAnvilla,2020,q036,Yes,\nAnvilla,2020,q037,,The law is being drafted.\n"
        "Anvilla,2022,q036,Yes,\nAnvilla,2022,q037,,The act of 2021 is in force.\n",
        encoding="utf-8",
    )
    coded = ei.code(ei.read_responses(tmp_path / "p.csv", "un-msq-2022", format="tidy"))
    assert coded.conflicts["period"].tolist() == ["2020"]
    flags = coded.flags
    assert flags.loc[flags["flag"] == "mark_against_text", "period"].tolist() == ["2020"]


# --- questions with many answers, each in a column of its own

MANY = """\
instrument: survey
answers: {practice: {in_operation: [], none: []}, channels: {web: [], phone: []}}
items:
  q1: {label: Bees, coded_as: practice}
  q2: {label: Forests, kind: many, answers: channels, coded_as: practice, evidence: t2}
  t2: {kind: text}
  q3: {label: Rivers, kind: many, answers: channels, coded_as: practice}
  q4: {label: Lakes, coded_as: practice}
"""
MANY_RULES = """\
codebook: rules
kinds: {thing: [q1, q2, q3, q4]}
rests_on: {q4: q3}
rules: [{id: a, for: thing, where: runs, says: {practice: none}, confidence: low, reason: r, holds: runs, fails: f}]
brief: [{practice: in_operation, says: "yes"}, {practice: none, says: "no"}]
"""


@pytest.fixture
def many(tmp_path):
    (tmp_path / "survey.yaml").write_text(MANY, encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(MANY_RULES, encoding="utf-8")
    (tmp_path / "m.csv").write_text(
        "unit,item,mark,text,evidence\nAnvilla,q1,,,Bees\nAnvilla,q2.web,Yes,,\nAnvilla,t2,,One runs in the forests.,\n"
        "Anvilla,q3.web,Yes,,On rivers\nAnvilla,q3.phone,Yes,,On lakes\nBruma,q3.web,No,,On rivers\n",
        encoding="utf-8",
    )
    read = ei.read_responses(tmp_path / "m.csv", tmp_path / "survey.yaml", format="tidy")
    return ei.code(read, codebook=tmp_path / "rules.yaml")


def test_the_evidence_of_a_question_with_many_answers_is_read(many):
    """Its columns have the evidence, which no coder was shown: "no evidence is given"."""
    asked = {}

    def coder(question):
        asked[question.unit, question.item] = (question.evidence, question.filled)
        return {"practice": "unknown"}

    ei.code(many.responses, codebook=many.codebook, coder=coder)
    assert [asked["Anvilla", item] for item in ("q1", "q2", "q3", "q4")] == [
        ("Bees", ()),
        ("One runs in the forests.", ()),
        ("On rivers\n\nOn lakes", ()),
        ("", ("q3",)),
    ]
    assert many.brief.loc["Anvilla"].tolist() == ["unknown", "no", "unknown", "yes"]
    assert many.long()["evidence_given"].tolist() == ["yes"] * 4 + ["no"] * 2 + ["yes"] * 2


def test_flags_of_a_question_with_many_answers(many):
    """They ended with KeyError: 'q3.phone'."""
    flags = many.flags
    found = flags.loc[flags["flag"] == "subject_not_named", ["item", "detail"]]
    assert found.to_numpy().tolist() == [["q3.phone", "no word of the label of q3.phone stands in it"]]
    own = flags.loc[flags["unit"] == "Anvilla", "item"].tolist()
    assert own == ["q1", "t2", "q3.phone", "q3.phone", "q3.web"]  # in the order of the instrument


def test_what_responses_do_not_hold_is_not_documented(many):
    """Rows of a part of the items: the others are coded all the same, without evidence."""
    table = many.responses.table
    part = replace(many.responses, table=table[table["item"] != "q1"])
    coded = ei.code(part, codebook=many.codebook).long().set_index(["unit", "item"])
    assert coded.loc[("Anvilla", "q1"), ["answer", "evidence_given"]].tolist() == ["unknown", "no"]
    assert coded.loc[("Anvilla", "q2"), "evidence_given"] == "yes"


def test_a_question_with_many_answers_is_coded_by_people_as_one(many, tmp_path):
    """A workbook had a row for each of its columns, and what they said never settled the question."""
    openpyxl = pytest.importorskip("openpyxl")
    form = many.responses.instrument
    ei.coder_workbook(many.responses, form, tmp_path / "coders.xlsx", coders=["anna", "ben"])
    book = openpyxl.load_workbook(tmp_path / "coders.xlsx")
    lines = [list(line) for line in book["anna"].iter_rows(values_only=True)]
    assert lines[0][6:9] == ["declared", "evidence", "practice"]
    assert [[line[1], line[3], *line[6:8]] for line in lines[1:]] == [
        ["Anvilla", "q1", None, "Bees"],
        ["Anvilla", "q2", "web: yes", "One runs in the forests."],
        ["Anvilla", "q3", "web: yes; phone: yes", "On rivers\n\nOn lakes"],
        ["Anvilla", "q4", None, None],
        ["Bruma", "q1", None, None],
        ["Bruma", "q2", None, None],
        ["Bruma", "q3", "web: no", "On rivers"],
        ["Bruma", "q4", None, None],
    ]
    for sheet in ("anna", "ben"):
        for row in range(2, len(lines) + 1):
            book[sheet][f"I{row}"] = "in_operation"
    book.save(tmp_path / "coders.xlsx")
    by_people = many.with_coding(ei.read_coding(tmp_path / "coders.xlsx", form))
    settled = by_people.settled(coders=["anna", "ben"])
    assert settled.of("practice").to_numpy().tolist() == [["in_operation"] * 4] * 2


def test_a_tick_is_no_evidence(many, tmp_path):
    """The cell of the evidence said "Yes" or "No" where nothing documents a choice."""
    openpyxl = pytest.importorskip("openpyxl")
    table = many.responses.table.assign(evidence=None)
    ei.coder_workbook(table, many.responses.instrument, tmp_path / "coders.xlsx", coders=["anna"])
    lines = openpyxl.load_workbook(tmp_path / "coders.xlsx")["anna"].iter_rows(values_only=True, min_row=2)
    found = {(line[1], line[3]): line[6:8] for line in lines}
    assert found["Anvilla", "q3"] == ("web: yes; phone: yes", None)
    assert found["Bruma", "q3"] == ("web: no", None)


def test_columns_that_were_coded_one_by_one_keep_a_row_each(many, tmp_path):
    """In a coding table that a user made: what was coded is not put together."""
    openpyxl = pytest.importorskip("openpyxl")
    rows = [("Anvilla", f"q3.{name}", "practice", "anna", "none") for name in ("web", "phone")]
    coding = pd.DataFrame(rows, columns=["unit", "item", "axis", "coder", "category"])
    path = tmp_path / "coders.xlsx"
    ei.coder_workbook(coding, many.responses.instrument, path, coders=["anna"], blind=False)
    lines = [list(line) for line in openpyxl.load_workbook(path)["anna"].iter_rows(values_only=True, min_row=2)]
    assert [[line[3], line[8]] for line in lines] == [["q3.web", "none"], ["q3.phone", "none"]]


def test_nobody_has_coded_anything(tmp_path):
    """The message began with no name: " have coded; name one"."""
    (tmp_path / "survey.yaml").write_text("instrument: survey\nitems: {q1: {kind: number}}\n", encoding="utf-8")
    (tmp_path / "rules.yaml").write_text("codebook: rules\n", encoding="utf-8")
    (tmp_path / "n.csv").write_text("unit,item,text\nAnvilla,q1,5\n", encoding="utf-8")
    read = ei.read_responses(tmp_path / "n.csv", tmp_path / "survey.yaml", format="tidy")
    coded = ei.code(read, codebook=tmp_path / "rules.yaml")
    with pytest.raises(ei.CodingError, match="nobody has coded anything") as error:
        coded.long()
    assert error.value.faults[0].check == "nothing_coded"


@pytest.mark.parametrize(
    ("wrong", "key", "said"),
    [
        ("says: adopted", "says", "a: says is a map of axis to category, as in {legal: adopted}"),
        ("says: {}", "says", "a: says is a map of axis to category, as in {legal: adopted}"),
        ("says: {legal: adopted}, only_if_alone: yes", "only_if_alone", "a: only_if_alone is true or false"),
    ],
)
def test_a_rule_that_would_count_otherwise_than_it_is_written(tmp_path, wrong, key, said):
    """It was read as a rule that says nothing, or as one that counts always."""
    rule = f"{{id: a, for: law, where: act, {wrong}, confidence: low, reason: r, holds: act, fails: f}}"
    text = "codebook: x\nkinds: {law: q036}\nrules:\n  - "
    (tmp_path / "x.yaml").write_text(f"{text}{rule}\n", encoding="utf-8")
    with pytest.raises(ei.SpecError) as error:
        ei.load_codebook(tmp_path / "x.yaml")
    (fault,) = error.value.faults
    assert (fault.line, fault.path, fault.message) == (4, f"rules.0.{key}", said)
    for flag in ("true", "false"):
        good = rule.replace(wrong, f"says: {{legal: adopted}}, only_if_alone: {flag}")
        (tmp_path / "y.yaml").write_text(f"{text}{good}\n", encoding="utf-8")
        assert [one.only_if_alone for one in ei.load_codebook(tmp_path / "y.yaml").rules] == [flag == "true"]
