"""Coded responses as users hold them: questions, tables, what is refused, and how they show themselves."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.coding.code import questions
from egovindex.coding.coded import COLUMNS
from egovindex.coding.notsettled import not_settled
from egovindex.coding.rules import Question, Verdict
from tests.coding.told import faults

FORM = """\
instrument: survey
answers:
  legal: {in_force: [], adopted: [], drafted: [], none: []}
  practice: {pilot: [], none: []}
  status: {"yes": [], "no": [], partly: []}
items:
  q1: {label: Is there an act?, coded_as: [legal, practice], answers: status, evidence: q1t}
  q1t: {kind: text}
  q2: {coded_as: legal, answers: status}
  q3: {kind: text}
  q4: {kind: number}
"""
RULES = """\
codebook: rules
instrument: survey
kinds: {act: [q1, q2]}
rests_on: {q2: [q3, q4]}
rules:
  - {id: bill, for: act, where: bill, says: {legal: drafted, practice: none}, confidence: medium, reason: a bill,
     holds: a bill, fails: b}
  - {id: act, for: act, where: act, says: {legal: adopted}, confidence: high, reason: an act, holds: act, fails: b}
  - {id: test, for: act, where: test, says: {practice: pilot}, confidence: low, reason: a test, holds: test, fails: b}
brief:
  - {legal: [in_force, adopted], says: "yes"}
  - {practice: pilot, with: practice, says: piloted}
  - {legal: drafted, says: drafted}
  - {legal: none, says: "no"}
"""
ANSWERS = [
    ("Norland", "2024", "q1", "Yes", None, None),
    ("Norland", "2024", "q1t", None, "A bill.", None),
    ("Norland", "2024", "q2", "No", None, "An act."),
    ("Norland", "2026", "q1", "Yes", None, None),
    ("Norland", "2026", "q1t", None, "An act.", None),
    ("Norland", "2026", "q3", None, "A bill.", None),
    ("Sudland", "2024", "q1", "Partly", None, None),
    ("Sudland", "2024", "q4", None, "5", None),
]


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return ei.load_codebook(path)


@pytest.fixture(scope="module")
def read(form, tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")

    def of(rows):
        table = pd.DataFrame(rows, columns=["unit", "period", "item", "mark", "text", "evidence"])
        if table["period"].isna().all():
            table = table.drop(columns="period")
        table.to_csv(folder / "a.csv", index=False)
        return ei.read_responses(folder / "a.csv", form, format="tidy")

    return of


@pytest.fixture(scope="module")
def responses(read):
    return read(ANSWERS)


@pytest.fixture
def coded(responses, rules):
    return ei.code(responses, codebook=rules)


def codes(coder, *rows, **more):
    """Rows of unit, period, item, axis and category."""
    table = pd.DataFrame(rows, columns=["unit", "period", "item", "axis", "category"], dtype=object)
    return table.assign(coder=coder, **more)


# --- verdicts
def test_rows_of_a_coder_by_rules(coded):
    filled = "q4 are filled in, which are asked of those who have it"
    assert list(coded.table) == list(COLUMNS)
    assert coded.table[coded.table["period"] == "2024"].to_numpy().tolist() == [
        ["Norland", "2024", "q1", "legal", "rules", "drafted", "medium", "A bill.", "a bill", "bill", "2024"],
        ["Norland", "2024", "q1", "practice", "rules", "none", "medium", "A bill.", "a bill", "bill", "2024"],
        ["Norland", "2024", "q1", "brief", "rules", "drafted", "medium", "A bill.", "a bill", "bill", "2024"],
        ["Norland", "2024", "q2", "legal", "rules", "adopted", "high", "An act.", "an act", "act", "2024"],
        ["Norland", "2024", "q2", "brief", "rules", "yes", "high", "An act.", "an act", "act", "2024"],
        *(
            ["Sudland", "2024", "q1", axis, "rules", "unknown", None, None, "no evidence is given", None, "2024"]
            for axis in ("legal", "practice", "brief")
        ),
        *(
            ["Sudland", "2024", "q2", axis, "rules", category, "high", None, filled, "filled_fields", "2024"]
            for axis, category in (("legal", "adopted"), ("brief", "yes"))
        ),
    ]


def test_the_brief_row_has_the_words_of_the_axis_that_it_comes_from(read, rules):
    rows = [("Norland", None, "q1", None, None, None), ("Norland", None, "q1t", None, "A bill. A test.", None)]
    table = ei.code(read(rows), codebook=rules).table
    brief = table[(table["axis"] == "brief") & (table["item"] == "q1")]
    assert brief[["category", "span", "rule", "as_of"]].to_numpy().tolist() == [["piloted", "A test.", "test", None]]


def verdicts(question):
    return {axis: Verdict("none", "seen", "low", "s", "u") for axis in question.axes}


def test_a_coder_may_give_verdicts(responses, rules):
    found = ei.code(responses, codebook=rules, coder=verdicts, name="anna", as_of=date(2025, 7, 1))
    assert found.coders == ["anna"]
    assert found.table.iloc[0].tolist() == [
        *["Norland", "2024", "q1", "legal", "anna", "none", "low", "s", "seen", "u", "2025-07-01"]
    ]
    assert found.table.loc[found.table["axis"] == "brief", "category"].unique().tolist() == ["no"]
    assert ei.code(responses, codebook=rules, coder=verdicts).coders == ["verdicts"]


class Nameless:
    """A coder that is no function."""

    def __call__(self, question):
        return dict.fromkeys(question.axes, "unknown")


def test_a_coder_without_a_name(responses, rules):
    assert ei.code(responses, codebook=rules, coder=Nameless()).coders == ["coder"]
    assert ei.code(responses, codebook=rules, name="mine").coders == ["mine"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, "nothing"),
        ("sure thing", "a text of 10 characters"),
        ("x" * 40, f'"{"x" * 40}"'),
        ("x" * 41, "a text of 41 characters"),
        (Verdict("in-part"), '"in-part"'),
        (5, '"5"'),
    ],
)
def test_every_verdict_that_is_none_is_told(responses, rules, given, found):
    def coder(question):
        return {"legal": given, "practice": "pilot", "other": "x"}

    told = faults(lambda: ei.code(responses, codebook=rules, coder=coder), ei.CodingError)
    allowed = "in_force, adopted, drafted, none, unknown"
    assert told[:2] == [
        ("bad_verdict", f"q1 of Norland, legal: found {found}, and the categories are {allowed}"),
        ("bad_verdict", f"q2 of Norland, legal: found {found}, and the categories are {allowed}"),
    ]
    assert len(told) == 6


def test_every_axis_needs_a_verdict(responses, rules):
    told = faults(lambda: ei.code(responses, codebook=rules, coder=lambda question: {}), ei.CodingError)
    assert [message.partition(":")[0] for _, message in told[:3]] == [
        "q1 of Norland, legal",
        "q1 of Norland, practice",
        "q2 of Norland, legal",
    ]
    assert len(told) == 9
    assert told[1][1] == "q1 of Norland, practice: found nothing, and the categories are pilot, none, unknown"
    told = faults(lambda: ei.code(responses, codebook=rules, coder=lambda question: ["none"]), ei.CodingError)
    assert told[0] == ("bad_verdict", "q1 of Norland: a coder gives a mapping of axis to verdict, found list")


def test_what_a_failing_coder_is_told(responses, rules):
    def coder(question):
        if question.item == "q2":
            raise KeyError(question.evidence)
        return {"legal": "adopted", "practice": "none"} if question.period == "2026" else {"legal": "x"}

    assert faults(lambda: ei.code(responses, codebook=rules, coder=coder), ei.CodingError)[-1] == (
        "coder_failed",
        (
            "q2 of Norland: the coder raised KeyError; what it said is left out, as it may hold the answer. Let the "
            "coder catch what it cannot read, and say unknown"
        ),
    )


def test_what_is_refused_before_anything_is_coded(responses, rules):
    assert faults(lambda: ei.code(responses.table)) == [
        (
            "not_responses",
            "what read_responses returned is expected, found DataFrame; give the responses themselves, not their table",
        )
    ]
    assert faults(lambda: ei.code("a.csv")) == [
        ("not_responses", "what read_responses returned is expected, found str")
    ]
    assert faults(lambda: ei.code(responses, coder="anna"), ei.MethodError) == [
        ("bad_coder", "coder is a function of a Question, found str; name= gives its name")
    ]
    assert faults(lambda: ei.code(responses, "un-msq-2022", codebook=rules), ei.CodingError) == [
        ("other_instrument", "the instrument given is un-msq-2022, and the responses are to survey")
    ]
    assert faults(lambda: ei.code(responses, codebook="un-msq-2022-rules"), ei.CodingError) == [
        ("other_instrument", "un-msq-2022-rules is for un-msq-2022, and the responses are to survey")
    ]
    assert faults(lambda: ei.code(responses, codebook=rules, name="Declared"), ei.MethodError) == [
        ("bad_coder", 'no coder can be called "Declared": it is the respondent\'s own mark; give another name=')
    ]
    assert faults(lambda: ei.code(responses, codebook=rules, name="adjudicated"), ei.MethodError) == [
        ("bad_coder", 'no coder can be called "adjudicated": it is the layer of what is settled; give another name=')
    ]
    assert faults(lambda: ei.code(responses, codebook=rules, as_of="May"), ei.MethodError) == [
        ("bad_date", "as_of is a date as in 2026-05-02, or a year, found 'May'")
    ]
    with pytest.raises(ei.SpecError, match='no packaged codebook "survey-rules"'):
        ei.code(responses)


def test_a_codebook_of_no_instrument_is_for_all(responses, tmp_path):
    (tmp_path / "r.yaml").write_text("codebook: r\n", encoding="utf-8")
    assert ei.code(responses, responses.instrument, codebook=tmp_path / "r.yaml").brief.iloc[0, 0] == "unknown"


# --- what a coder is asked
def test_questions_in_the_order_of_the_instrument(responses, rules):
    axes = {"legal": ("in_force", "adopted", "drafted", "none"), "practice": ("pilot", "none")}
    one, other = {"label": "Is there an act?", "axes": axes}, {"label": "q2", "axes": {"legal": axes["legal"]}}
    assert list(questions(responses, rules)) == [
        Question("Norland", "2024", "q1", **one, mark="yes", evidence="A bill."),
        Question("Norland", "2024", "q2", **other, mark="no", evidence="An act."),
        Question("Norland", "2026", "q1", **one, mark="yes", evidence="An act."),
        Question("Norland", "2026", "q2", **other, evidence="A bill.", filled=("q3",)),
        Question("Sudland", "2024", "q1", **one, mark="partly"),
        Question("Sudland", "2024", "q2", **other, filled=("q4",)),
    ]


def test_texts_of_an_item_are_told_once_each(read, rules):
    rows = [("Norland", None, "q2", None, None, "An act."), ("Norland", None, "q3", None, "A bill.", None)]
    assert [question.evidence for question in questions(read(rows), rules)][1] == "An act.\n\nA bill."
    rows = [("Norland", None, "q2", None, None, "An act."), ("Norland", None, "q3", None, "An act.", None)]
    asked = list(questions(read(rows), rules))[1]
    assert (asked.period, asked.evidence, asked.filled) == (None, "An act.", ("q3",))


# --- tables
def lines(table):
    """A table with its index, as lists, headings first."""
    found = table.reset_index()
    return [list(found), *found.to_numpy().tolist()]


def test_categories_of_one_axis(coded):
    assert lines(coded.brief) == [
        ["unit", "period", "q1", "q2"],
        ["Norland", "2024", "drafted", "yes"],
        ["Norland", "2026", "yes", "drafted"],
        ["Sudland", "2024", "unknown", "yes"],
    ]
    assert lines(coded.of("practice")) == [
        ["unit", "period", "q1"],
        ["Norland", "2024", "none"],
        ["Norland", "2026", "unknown"],
        ["Sudland", "2024", "unknown"],
    ]
    assert set(coded.brief.dtypes) == {np.dtype(object)}


def test_one_period_is_no_level(read, rules):
    found = ei.code(read([row for row in ANSWERS if row[1] == "2024"]), codebook=rules)
    assert lines(found.of("practice")) == [["unit", "q1"], ["Norland", "none"], ["Sudland", "unknown"]]
    assert found.of("practice").index.dtype == np.dtype(object)


def test_one_row_for_each_unit_and_period(coded):
    found = coded.wide()
    assert found[["unit", "period"]].to_numpy().tolist() == [
        ["Norland", "2024"],
        ["Norland", "2026"],
        ["Sudland", "2024"],
    ]
    own = ["q1.legal", "q1.practice", "q1", "q2.legal", "q2"]
    assert set(own) <= set(found)
    assert not found.columns.duplicated().any()
    assert found[sorted(own)].to_numpy().tolist() == [
        ["drafted", "drafted", "none", "yes", "adopted"],
        ["yes", "adopted", "unknown", "drafted", "drafted"],
        ["unknown", "unknown", "unknown", "yes", "adopted"],
    ]
    assert list(found)[-5:] == ["q1.legal", "q2.legal", "q1.practice", "q1", "q2"]
    rest = coded.responses.wide()
    pd.testing.assert_frame_equal(found[[name for name in rest if name not in own]], rest.drop(columns=["q1", "q2"]))


def test_units_without_a_period(read, rules):
    rows = [(unit, None, *rest) for unit, period, *rest in ANSWERS if period == "2024"]
    coded = ei.code(read(rows), codebook=rules)
    assert coded.wide()[["unit", "q1"]].to_numpy().tolist() == [["Norland", "drafted"], ["Sudland", "unknown"]]
    assert coded.long()["period"].tolist() == [None] * 4


def test_the_long_table_holds_categories_only(coded):
    found = coded.long()
    assert found.to_numpy().tolist() == [
        ["Norland", "2024", "q1", "drafted", "yes"],
        ["Norland", "2024", "q2", "yes", "yes"],
        ["Norland", "2026", "q1", "yes", "yes"],
        ["Norland", "2026", "q2", "drafted", "yes"],
        ["Sudland", "2024", "q1", "unknown", "no"],
        ["Sudland", "2024", "q2", "yes", "yes"],  # a number that it rests on is given
    ]
    assert list(found) == ["unit", "period", "item", "answer", "evidence_given"]
    pd.testing.assert_frame_equal(coded.as_table(), found)


def test_a_field_that_was_left_blank_is_no_evidence(read, rules):
    rows = [("Norland", None, "q2", "Yes", None, None), ("Norland", None, "q3", None, None, None)]
    found = ei.code(read(rows), codebook=rules).long().set_index("item")["evidence_given"]
    assert found.to_dict() == {"q1": "no", "q2": "no"}


def test_marks_against_categories(coded):
    found = coded.conflicts
    assert list(found) == ["unit", "period", "item", "mark", "category", "reason"]
    assert found.to_numpy().tolist() == [
        ["Norland", "2024", "q1", "yes", "drafted", "a bill"],
        ["Norland", "2024", "q2", "no", "yes", "an act"],
    ]
    assert found.index.tolist() == [0, 1]


# --- several coders
def test_who_counts(coded, responses, rules):
    both = coded.with_coding(ei.code(responses, codebook=rules, coder=verdicts, name="anna"))
    assert both.coders == ["rules", "anna"]
    assert coded.coder_of() == "rules"
    assert both.coder_of("anna") == "anna"
    assert faults(lambda: both.coder_of("ben"), ei.CodingError) == [
        ("no_coder", 'no coder is called "ben"; there are rules, anna')
    ]
    assert faults(both.coder_of, ei.CodingError) == [
        (
            "several_coders",
            (
                "rules, anna have coded; name one, as in coded.long(coder=...), or settle their disputes, as in "
                "coded.settled(decisions)"
            ),
        )
    ]
    assert both.settled().coder_of() == "adjudicated"
    assert both.of("legal", "anna").to_numpy().ravel().tolist() == ["none"] * 6
    assert faults(lambda: both.with_coding(coded), ei.CodingError) == [
        ("coder_twice", "rules has coded already; name the coder otherwise")
    ]


def test_the_coding_of_somebody_is_added_behind(coded):
    anna = codes(
        "anna",
        ("Norland", "2024", "q1", "legal", "none"),
        ("Norland", "2024", "q1", "practice", None),
        ("Norland", "2024", "q2", "legal", "adopted"),
        ("Norland", "2026", "q2", "brief", None),
        decided_by="ben",
    )
    both = coded.with_coding(anna)
    assert list(both.table) == [*COLUMNS, "decided_by"]
    pd.testing.assert_frame_equal(both.table.iloc[: len(coded.table)][list(COLUMNS)], coded.table)
    new = both.table.iloc[len(coded.table) :]
    assert new[["period", "item", "axis", "coder", "category", "decided_by"]].to_numpy().tolist() == [
        ["2024", "q1", "legal", "anna", "none", "ben"],
        ["2024", "q1", "practice", "anna", None, "ben"],
        ["2024", "q2", "legal", "anna", "adopted", "ben"],
        ["2024", "q2", "brief", "anna", "yes", None],
    ]
    assert both.table.index.tolist() == list(range(len(both.table)))
    assert both.table["span"].iloc[-1] is None


def test_a_log_of_decisions_is_kept(coded):
    first = coded.with_coding(codes("anna", ("Norland", "2024", "q2", "legal", "none"), decided_at="2026-05-02"))
    second = first.with_coding(codes("ben", ("Norland", "2024", "q2", "legal", "none")))
    assert list(second.table) == [*COLUMNS, "decided_at"]
    assert second.table["decided_at"].dropna().tolist() == ["2026-05-02"]


def test_the_coding_of_what_nobody_answered(coded):
    told = faults(
        lambda: coded.with_coding(
            codes(
                "anna",
                ("Norland", "2025", "q2", "legal", "none"),
                ("Norland", "2025", "q1", "legal", "none"),
                ("Westland", None, "q2", "legal", "none"),
            )
        )
    )
    end = "; is the coding of other responses?"
    assert told == [
        (
            "not_in_responses",
            f"Norland, period 2025: there is no such response (Norland has answered for 2024, 2026){end}",
        ),
        (
            "not_in_responses",
            f"Westland, period blank: there is no such response (units: Norland, Sudland){end}",
        ),
    ]


# --- what is settled
def two_coders(coded, *, legal=("none", "none"), practice=("none", "none")):
    rows = [
        codes(coder, ("Norland", "2024", "q1", "legal", one), ("Norland", "2024", "q1", "practice", other))
        for coder, one, other in zip(("anna", "ben"), legal, practice, strict=True)
    ]
    return coded.with_coding(pd.concat(rows).assign(confidence="low", span="s", as_of="2023"))


def test_the_layer_of_what_is_settled(coded):
    done = two_coders(coded).settled(coders=["anna", "ben"])
    layer = done.table[done.table["coder"] == "adjudicated"]
    head = ["Norland", "2024", "q1"]
    assert layer[list(COLUMNS)].to_numpy().tolist() == [
        [*head, "legal", "adjudicated", "none", "low", "s", "agreed", None, "2023"],
        [*head, "practice", "adjudicated", "none", "low", "s", "agreed", None, "2023"],
        [*head, "brief", "adjudicated", "no", None, None, "derived from the axes", None, None],
    ]
    assert done.table.index.tolist() == list(range(len(done.table)))
    assert layer[["decided_by", "decided_at"]].isna().all(axis=None)
    assert all(value is None for value in layer["decided_by"])
    again = done.settled(coders=["anna", "ben"])
    pd.testing.assert_frame_equal(again.table, done.table)


def test_everybody_is_compared_by_default(coded):
    done = two_coders(coded, legal=("drafted", "drafted")).settled()
    layer = done.table[done.table["coder"] == "adjudicated"]
    assert layer[["item", "axis", "category"]].to_numpy().tolist() == [
        ["q1", "legal", "drafted"],
        ["q1", "practice", "none"],
        ["q1", "brief", "drafted"],
    ]


def test_what_is_open_is_told_by_item(coded):
    both = two_coders(coded, practice=("none", "pilot"))
    done = both.settled(coders=["anna", "ben"])
    end = "; decide (open_items lists what is open), or take one coder, as in coded.long(coder=...)"
    told = faults(done.as_table)
    assert [check for check, _ in told] == ["not_settled", "not_settled"]
    assert told[0][1] == (
        "q1 is not settled: Norland 2024 (practice: rules says none, anna says none, ben says pilot), "
        "Norland 2026 (legal: rules says adopted; practice: rules says unknown), "
        f"Sudland 2024 (legal: rules says unknown; practice: rules says unknown){end}"
    )
    assert faults(lambda: done.table_for(["q2"]))[0][1] == told[1][1]
    assert len(faults(lambda: done.table_for(["q2"]))) == 1
    assert len(done.table_for([])) == 6


def test_a_coder_who_says_nothing_is_not_named(coded):
    both = two_coders(coded, legal=(None, "adopted"))
    done = both.with_coding(codes("adjudicated", ("Norland", "2024", "q1", "legal", None)))
    (fault,) = not_settled(done.table, "adjudicated", [("Norland", "2024", "q1")])
    assert fault.message.startswith("q1 is not settled: Norland (legal: rules says drafted, ben says adopted; practice")
    (fault,) = not_settled(done.table, "anna", [("Norland", "2024", "q1")])
    assert fault.message == "q1 is not coded by anna: Norland (legal: rules says drafted, ben says adopted); code it"


def test_what_one_coder_has_not_coded_is_told(coded):
    alone = codes("anna", ("Norland", "2024", "q1", "legal", "none"), ("Norland", "2024", "q1", "practice", None))
    rows = coded.table[coded.table["unit"] == "Norland"].iloc[:3]
    one = type(coded)(rows.iloc[:0], coded.responses, coded.codebook).with_coding(alone)
    assert faults(one.as_table) == [
        ("not_settled", "q1 is not coded by anna: Norland (practice: nobody has coded it); code it")
    ]


# --- shown
def test_it_shows_itself(coded):
    both = two_coders(coded).settled(coders=["anna", "ben"])
    assert repr(both).splitlines() == [
        "<Coded survey> 2 units by rules, anna, ben, adjudicated",
        "  rules: 3 yes, 2 drafted, 1 unknown",
        "  anna: 1 no, 5 not coded",
        "  ben: 1 no, 5 not coded",
        "  adjudicated: 1 no, 5 not settled",
    ]
    named = coded.with_coding(codes("<i>", ("Norland", "2024", "q1", "brief", "no")))
    assert named._repr_html_() == (
        "<b>&lt;Coded survey&gt; 2 units by rules, &lt;i&gt;</b><br>rules: 3 yes, 2 drafted, 1 unknown"
        "<br>&lt;i&gt;: 1 no, 5 not coded"
    )
