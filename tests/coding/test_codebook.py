"""Codebooks: what is read, what is refused and where, and what rules make of a text."""

from __future__ import annotations

import pytest

import egovindex as ei
from egovindex.coding.brief import brief_of, brief_rows, comes_from
from egovindex.coding.codebook import Brief, Rule, load_codebook
from egovindex.coding.rules import Question, Verdict, by_rules, statements

WHOLE = """\
codebook: acts
title: Acts of parliament
instrument: survey
note: for tests
source: invented
kinds: {act: q1; q2, plan: [q3, " q4 "]}
rests_on: {q1: q1t; q2t}
words: {body: [Senate, council, two words]}
rules:
  - id: passed
    for: act
    where: ["{body} ... passed", "*"]
    unless: not passed
    says: {legal: adopted}
    instead_of: hoped
    confidence: high
    reason: it was passed
    holds: The senate has passed it.
    fails: It was not passed.
  - {id: hoped, for: act; plan, where: hope*, says: {legal: planned, practice: none}, only_if_alone: "true",
     confidence: low, reason: it is hoped for, holds: We hope., fails: We do.}
brief:
  - {legal: adopted; in_force, with: practice, says: "yes"}
  - {legal: planned, practice: [none, pilot], says: planned}
"""


@pytest.fixture
def book(tmp_path):
    def of(text, name="acts.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return load_codebook(tmp_path / name)

    return of


@pytest.fixture
def refused(book):
    """Check, line, path and message of each fault."""

    def of(text):
        with pytest.raises(ei.SpecError) as caught:
            book(text)
        assert all(fault.file == "acts.yaml" for fault in caught.value.faults)
        return [(fault.check, fault.line, fault.path, fault.message) for fault in caught.value.faults]

    return of


# --- what is read
def test_everything_that_a_codebook_says(book):
    found = book(WHOLE)
    assert (found.name, found.title, found.instrument, found.note) == (
        "acts",
        "Acts of parliament",
        "survey",
        "for tests",
    )
    assert found.kinds == {"act": ("q1", "q2"), "plan": ("q3", "q4")}
    assert found.rests_on == {"q1": ("q1t", "q2t")}
    assert found.rules == (
        Rule(
            id="passed",
            kinds=("act",),
            where=("council|senate ... passed", "*"),
            unless=("not passed",),
            says={"legal": "adopted"},
            instead_of=("hoped",),
            only_if_alone=False,
            confidence="high",
            reason="it was passed",
            holds="The senate has passed it.",
            fails="It was not passed.",
        ),
        Rule(
            id="hoped",
            kinds=("act", "plan"),
            where=("hope*",),
            unless=(),
            says={"legal": "planned", "practice": "none"},
            instead_of=(),
            only_if_alone=True,
            confidence="low",
            reason="it is hoped for",
            holds="We hope.",
            fails="We do.",
        ),
    )
    assert found.brief == (
        Brief(when={"legal": ("adopted", "in_force")}, beside="practice", says="yes"),
        Brief(when={"legal": ("planned",), "practice": ("none", "pilot")}, beside=None, says="planned"),
    )
    assert repr(found) == "<Codebook acts> 2 rules for 4 items of survey"
    assert [found.kind_of(item) for item in ("q2", "q3", "q9")] == ["act", "plan", None]
    assert load_codebook(found) is found


@pytest.mark.parametrize("name", ["acts.yaml", "acts.yml"])
def test_a_short_codebook(book, name):
    found = book("codebook: acts\n", name)
    assert (found.title, found.instrument, found.note) == ("acts", "", None)
    assert (found.kinds, found.rests_on, found.rules, found.brief) == ({}, {}, (), ())


def test_a_path_is_no_name(book, tmp_path, monkeypatch):
    book("codebook: acts\n", "acts.txt")
    monkeypatch.chdir(tmp_path)
    assert load_codebook(tmp_path / "acts.txt").name == "acts"
    assert load_codebook("./acts.txt").name == "acts"
    with pytest.raises(ei.SpecError) as caught:
        load_codebook("acts")
    (fault,) = caught.value.faults
    assert fault.check == "unknown_codebook"
    assert fault.message == 'there is no packaged codebook "acts". Packaged: un-msq-2022-rules'
    assert load_codebook("un-msq-2022-rules").name == "un-msq-2022-rules"


# --- what is refused
@pytest.mark.parametrize("text", ["- a\n- b\n", "title: x\n", "rules\n"])
def test_what_is_no_codebook(refused, text):
    message = "a codebook is a map whose first key is codebook, its name"
    assert refused(text) == [("not_a_codebook", 1, None, message)]


def test_parts_of_another_shape(refused):
    text = "codebook: acts\nkinds: q1\nrests_on: [q1]\nwords: body\nrules: {id: a}\nbrief: {says: planned}\n"
    assert refused(text) == [
        ("bad_codebook", 2, "kinds", "kinds is a map"),
        ("bad_codebook", 3, "rests_on", "rests_on is a map"),
        ("bad_codebook", 4, "words", "words is a map"),
        ("bad_codebook", 5, "rules", "rules are a list"),
        ("bad_codebook", 6, "brief", "brief is a list of lines"),
    ]


def test_lines_of_another_shape(refused):
    text = "codebook: acts\nrules:\n  - text\nbrief:\n  - text\n  - {legal: adopted}\n  - {legal: none, says: none}\n"
    line = "a line of brief is a map with says"
    assert refused(text) == [
        ("bad_codebook", 3, "rules.0", "a rule is a map"),
        ("bad_codebook", 5, "brief.0", line),
        ("bad_codebook", 6, "brief.1", line),
    ]


def test_an_empty_rule(refused):
    assert refused("codebook: acts\nrules:\n  - {}\n") == [
        *(
            ("missing_key", 3, "rules.0", f"rule 1: {key} is missing")
            for key in ("id", "for", "where", "says", "confidence", "reason", "holds", "fails")
        ),
        ("bad_codebook", 3, "rules.0.confidence", "rule 1: confidence is one of high, medium, low"),
    ]


def test_unknown_keys(refused):
    allowed = "codebook, title, instrument, note, source, kinds, rests_on, words, rules and brief"
    text = WHOLE.replace("title:", "titel:").replace("    unless:", "    unles:").replace("source:", "zzz:")
    found = refused(text)
    assert [(check, path) for check, _, path, _ in found] == [
        ("unknown_key", "titel"),
        ("unknown_key", "zzz"),
        ("unknown_key", "rules.0.unles"),
    ]
    assert found[0][3].startswith('unknown key "titel"; did you mean "title"? Allowed: ')
    assert found[1][3].startswith('unknown key "zzz". Allowed: ')
    for word in allowed.replace(" and", ",").split(", "):
        assert word in found[0][3].partition("Allowed: ")[2]
    assert found[2][3] == 'passed: unknown key "unles"; did you mean "unless"?'


def test_rules_that_do_not_fit(refused):
    text = WHOLE.replace("for: act\n", "for: atc\n").replace("high", "hgh").replace("{body}", "{bdy}")
    text = text.replace("unless: not passed", "unless: [not ..., '{body']").replace(
        "instead_of: hoped", "instead_of: h"
    )
    assert refused(text) == [
        ("bad_codebook", 11, "rules.0.for", 'passed: there is no kind "atc"; did you mean "act"?'),
        ("bad_codebook", 16, "rules.0.confidence", "passed: confidence is one of high, medium, low"),
        ("bad_codebook", 12, "rules.0.where", 'passed: there is no list of words {bdy}; did you mean "body"?'),
        ("bad_codebook", 13, "rules.0.unless", 'passed: "not ...": a phrase begins and ends with a word'),
        ("bad_codebook", 15, "rules.0.instead_of", 'passed: instead_of names no rule "h"'),
    ]


def test_what_stands_twice(refused):
    text = WHOLE.replace("id: hoped", "id: passed").replace("instead_of: hoped", "instead_of: passed")
    text = text.replace("plan: [q3", "plan: [q2")
    assert refused(text) == [
        ("bad_codebook", 20, "rules.1", 'rule "passed" stands twice; rename one'),
        ("bad_codebook", 6, "kinds.plan", "q2 is of kind act and of kind plan; keep one"),
    ]


# --- what rules make of a text
RULES = """\
codebook: acts
kinds: {act: q1}
rules:
  - {id: no_act, for: act, where: no act, says: {legal: none}, confidence: high, reason: it says so, holds: h, fails: f}
  - {id: passed, for: act, where: passed, unless: not, says: {legal: adopted}, instead_of: hoped, confidence: high,
     reason: it passed, holds: h, fails: f}
  - {id: bill, for: act, where: bill, says: {legal: drafted, practice: none}, confidence: medium, reason: a bill,
     holds: h, fails: f}
  - {id: hoped, for: act, where: hope*, says: {legal: in_force}, confidence: low, reason: hope, holds: h, fails: f}
  - {id: alone, for: act, where: act, says: {legal: adopted}, only_if_alone: "true", confidence: low, reason: an act,
     holds: h, fails: f}
  - {id: odd, for: act, where: odd, says: {legal: repealed}, confidence: low, reason: odd, holds: h, fails: f}
  - {id: other, for: plan, where: plan, says: {legal: planned}, confidence: low, reason: r, holds: h, fails: f}
"""
RULES = RULES.replace("kinds: {act: q1}", "kinds: {act: q1, plan: q2}")
LEGAL = ("in_force", "adopted", "drafted", "planned", "none")


@pytest.mark.parametrize(
    ("text", "rule", "span"),
    [
        ("There is no act.", "no_act", "There is no act."),  # the first rule that holds
        ("A bill. It passed.", "passed", "It passed."),  # the best category
        ("It passed. We hope so.", "passed", "It passed."),  # instead of a better one
        ("It was not passed. A bill.", "bill", "A bill."),
        ("An act. A bill.", "bill", "A bill."),
        ("An act. Nothing.", "alone", "An act."),
        ("Odd. There is no act.", "no_act", "There is no act."),  # what is on no scale comes last
        ("Odd.", "odd", "Odd."),
        ("A plan.", None, None),  # a rule of another kind
        ("Read www.example.org/bill now. https://a.example/act", None, None),
        ("See https://a.example/hope a bill", "bill", "See https://a.example/hope a bill"),
    ],
)
def test_which_rule_counts(book, text, rule, span):
    verdict = by_rules(Question("Norland", None, "q1", "", {"legal": LEGAL}, evidence=text), book(RULES))["legal"]
    assert (verdict.rule, verdict.span) == (rule, span)


def test_a_verdict_says_what_its_rule_says(book):
    question = Question("Norland", None, "q1", "", {"legal": LEGAL, "practice": ("pilot", "none")}, evidence="A bill.")
    assert by_rules(question, book(RULES)) == {
        "legal": Verdict("drafted", "a bill", "medium", "A bill.", "bill"),
        "practice": Verdict("none", "a bill", "medium", "A bill.", "bill"),
    }
    silent = Verdict("unknown", "the text says nothing of it")
    passed = Question("Norland", None, "q1", "", question.axes, evidence="It passed.", filled=("q2",))
    assert by_rules(passed, book(RULES))["practice"] == silent
    assert by_rules(Question("Norland", None, "q9", "", question.axes, evidence="A bill."), book(RULES)) == {
        "legal": silent,
        "practice": silent,
    }


def test_every_statement_has_a_rule_of_its_own(book):
    found = statements("A bill passed. Nothing. A bill; an act", "act", book(RULES))
    assert [(rule.id, span) for rule, span in found] == [
        ("passed", "A bill passed."),
        ("bill", "A bill;"),
        ("alone", "an act"),
    ]


def test_a_star_is_any_statement(book):
    rules = book(RULES.replace("where: odd", 'where: "*"').replace("says: {legal: repealed}", "says: {legal: none}"))
    found = by_rules(Question("Norland", None, "q1", "", {"legal": LEGAL}, evidence=" Seen. "), rules)
    assert found["legal"] == Verdict("none", "odd", "low", "Seen.", "odd")


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ({"legal": LEGAL}, {"legal": "adopted"}),
        ({"practice": ("in_operation", "none")}, {"practice": "in_operation"}),
        ({"legal": ("yes", "none")}, {"legal": "unknown"}),
        ({"legal": LEGAL, "practice": ("in_operation", "none")}, {"legal": "adopted", "practice": None}),
    ],
)
def test_fields_that_are_filled_in(book, axes, said):
    found = by_rules(Question("Norland", None, "q1", "", axes, filled=("q2", "q3")), book(RULES))
    filled = "q2, q3 are filled in, which are asked of those who have it"
    assert found == {
        axis: Verdict("unknown", "no evidence is given")
        if category is None
        else Verdict(category, filled, "high", None, "filled_fields")
        for axis, category in said.items()
    }


def test_nothing_given(book):
    found = by_rules(Question("Norland", None, "q1", "", {"legal": LEGAL}, evidence=" \n"), book(RULES))
    assert found["legal"] == Verdict("unknown", "no evidence is given")
    assert Verdict("none") == Verdict("none", "", None, None, None)


# --- the brief view
@pytest.mark.parametrize(
    ("categories", "brief", "axis"),
    [
        ({"legal": "in_force", "practice": "none"}, "yes", "legal"),
        ({"legal": "in_force"}, "unknown", "legal"),  # the line is for items that are coded on practice too
        ({"legal": "planned", "practice": "pilot"}, "planned", "legal"),
        ({"legal": "planned", "practice": "unknown"}, "unknown", "legal"),
        ({"legal": "planned"}, "unknown", "legal"),
    ],
)
def test_the_brief_view(book, categories, brief, axis):
    rules = book(WHOLE)
    assert brief_of(categories, rules) == brief
    assert comes_from(brief, categories, rules) == axis


def test_the_brief_view_comes_from_the_axis_that_gives_it_alone():
    rules = load_codebook("un-msq-2022-rules")
    for categories in ({"legal": "none", "practice": "in_operation"}, {"legal": "unknown", "practice": "none"}):
        brief = brief_of(categories, rules)
        assert brief != "unknown"
        assert comes_from(brief, categories, rules) == "practice"


def row(axis, category, coder="first", item="q1", **more):
    found = {"unit": "Norland", "period": "2026", "item": item, "axis": axis, "coder": coder, "category": category}
    return {**found, **more}


def test_rows_of_the_brief_view(book):
    rest = {"confidence": "low", "span": "s", "reason": "r", "rule": "u", "as_of": "2025"}
    records = [
        row("legal", "adopted", **rest),
        row("practice", "none", confidence="high"),
        row("legal", "adopted", coder="half"),
        row("practice", None, coder="half"),
        row("legal", "adopted", coder="own"),
        row("practice", "none", coder="own"),
        row("brief", "no", coder="own"),
        row("legal", "adopted", item="q9"),
    ]
    axes = {"q1": ("legal", "practice"), "q9": ()}
    assert list(brief_rows(records, axes.get, book(WHOLE))) == [row("brief", "yes", **rest)]
    short = list(brief_rows(records[4:6], axes.get, book(WHOLE)))
    assert short == [row("brief", "yes", coder="own", **dict.fromkeys(rest))]
