"""Features 15 to 19, 22, 27, 28, 31 and 32: who answered what, how often, and what a gap means."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean

import pandas as pd
import pytest

import egovindex as ei
from tests.features.sheets import index, listed, rows_of, scored, table

SERVICES = """
rows: [unit, service, url]
answers: {yes_no: {yes: [], no: [], not_relevant: [NR, NR*]}}
nothing: {missing: skip, not_relevant: skip}
best: {over: url, where: level is central}
points: {chosen: {yes: 1, no: 0}}
defaults: {indicators: {points: chosen}}
indicators:
  C1, C2: {}
nodes:
  country: {of: transparency, over: service}
  transparency: {of: url_transparency, over: url}
  url_transparency: {of: [C1, C2]}
"""
ADDRESSES = """
unit  service url level   C1  C2
North tax     a   central yes no
North tax     b   central no  yes
North bins    a   local   yes no
North bins    b   local   no  no
South tax     a   central NR  no
South tax     b   central no  nr*
South bins    a   local   yes NR
South bins    b   local   NR  -
"""


# --- 15
def test_15_best_answer_then_score_or_score_then_mean():
    # EGBR: central services take the best answer question by question, local ones the mean of their addresses
    result = scored(SERVICES, ADDRESSES)
    assert listed(result.at("unit", "service")["transparency"]) == [1, 0.25, 0, 1]
    assert listed(result.scores["country"]) == [0.625, 0.5]


def test_15_mean_everywhere_without_best():
    spec = SERVICES.replace("best: {over: url, where: level is central}\n", "")
    assert listed(scored(spec, ADDRESSES).at("unit", "service")["transparency"]) == [0.5, 0.25, 0, 1]


@pytest.mark.parametrize(("how", "expected"), [("sum", [3, 4]), ("min", [0, 4]), ("max", [2, 4]), ("mean", [1, 4])])
def test_15_several_ways_over_records(how, expected):
    spec = "rows: [unit, service]\nindicators: {x: {}}\n"
    spec += f"nodes: {{top: {{of: x, over: service, aggregate: {how}}}}}"
    assert scored(spec, "unit service x\nA s1 0\nA s2 1\nA s3 2\nB s1 4").scores["top"].tolist() == expected


BEST = """
rows: [unit, url]
answers: {state: {bad: [], none: [], good: []}}
nothing: skip
best: {over: url}
indicators: {a: RECORD}
nodes:
  top: {of: url_score, over: url}
  url_score: {of: [a]}
"""


@pytest.mark.parametrize(
    ("record", "answers", "expected"),
    [
        # what earns most by the lines, also where they are sentences
        ("{points: {'answer in (bad, none)': 0, answer is good: 1}}", ("bad", "good", "none", "bad"), [1, 0]),
        ("{points: {value > 1: 0, else: 1}}", (1, 2, 3, 0), [1, 1]),
        ("{points: {value <= 5: 1, value <= 20: value / 40, else: 0}}", (8, 20, 30, 21), [0.5, 0]),
        # what earns least where the steps turn the order round
        ("{steps: [goalposts 30 0]}", (9, 21, 6, 30), [0.7, 0.8]),
        ("{points: {good: 0, bad: 6, none: 3}, steps: [goalposts 6 0]}", ("bad", "good", "none", "bad"), [1, 0.5]),
        ("{points: {good: 1, bad: 0, none: 0.5}}", ("bad", "good", "none", "bad"), [1, 0.5]),
    ],
)
def test_15_the_best_answer_is_the_one_that_scores_best(record, answers, expected):
    data = pd.DataFrame({"unit": list("AABB"), "url": list("xyxy"), "a": answers})
    assert scored(BEST.replace("RECORD", record), data).scores["top"].tolist() == expected


# --- 16
KINDS = """
answers:
  law: {enacted: [Legislation], draft: [Draft], none: ["No"], no_data: [No Data], hidden: ["..", suppressed]}
nothing: {missing: skip, no_data: skip, hidden: void, not_applicable: 1}
points: {law: {enacted: 1, draft: 0.5, none: 0}}
defaults: {indicators: {points: law}}
indicators:
  privacy, crime: {}
nodes: {top: {of: [privacy, crime]}}
"""


def test_16_kinds_of_nothing_stay_apart():
    # of UNCTAD: "no data" differs from "no"
    data = """
unit privacy        crime
A    Legislation    No_Data
B    No             Draft
C    ..             Legislation
D    not_applicable No
E    -              no_data
"""
    data = table(data)
    data["privacy"] = data["privacy"].replace("not applicable", "not_applicable")
    result = scored(KINDS, data)
    assert listed(result.scores["top"]) == [1, 0.25, None, 0.5, None]
    assert result.states["top"].tolist() == ["scored", "scored", "void", "scored", "missing"]


def test_16_a_kind_that_has_no_policy_is_told():
    spec = KINDS.replace(", hidden: void, not_applicable: 1", ", hidden: void")
    with pytest.raises(ei.DataError, match=r'privacy: 1 of 1 values are "unknown" \(A\)'):
        ei.compute(index(spec), pd.DataFrame({"unit": ["A"], "privacy": ["Unknown"], "crime": ["No"]}))


# --- 17
POLICIES = """
nothing: {missing: MISSING, not_applicable: APPLIES}
points: {chosen: {yes: 1, no: 0}}
defaults: {indicators: {points: chosen}}
indicators:
  a, b: {}
nodes: {top: {of: [a, b]}}
"""
PANEL = """
unit period a              b
A    2022   yes            yes
A    2024   no             -
B    2022   -              yes
B    2024   not_applicable no
"""


@pytest.mark.parametrize(
    ("missing", "applies", "expected"),
    [
        ("0", "1", [1, 0, 0.5, 0.5]),  # DGI: a blank is 0; PMR: what does not apply earns the best score
        ("skip", "skip", [1, 0, 1, 0]),  # OBS: both leave the mean
        ("void", "0", [1, None, None, 0]),
        ("last", "skip", [1, 0.5, 1, 0]),  # ITU: look back to the last year that has an answer
    ],
)
def test_17_a_policy_for_each_kind(missing, applies, expected):
    spec = POLICIES.replace("MISSING", missing).replace("APPLIES", applies)
    data = PANEL.replace("not_applicable", "n/a")
    spec = "answers: {yes_no: {yes: [], no: [], not_applicable: [n/a]}}" + spec
    assert listed(scored(spec, data).scores["top"]) == expected


def test_17_withheld_below_a_count_of_answers():
    # OxCGRT: a blank counts 0, and the index is withheld where more than one of its parts is blank
    spec = "nothing: {missing: 0}\nindicators:\n  C1..C4: {}\nnodes: {SI: {of: [C1..C4], need: 3}}"
    data = "unit C1 C2 C3 C4\nA 1 1 1 1\nB 1 1 1 -\nC 1 1 - -\nD - - - -"
    assert listed(scored(spec, data).scores["SI"]) == [1, 0.75, None, None]
    share = scored(spec.replace("need: 3", "need: 50%"), data)
    assert listed(share.scores["SI"]) == [1, 0.75, 0.5, None]


# --- 18
def test_18_weights_are_renormalised_where_the_gap_is():
    # EGBR: cross-border is 50, 25 and 25, and the last quarter is the mean of whichever of its two parts there are
    spec = """
nothing: skip
indicators:
  availability, support, eid, edocuments: {}
nodes:
  cross_border: {of: {availability: 50, support: 25, enablers: 25}}
  enablers: {of: [eid, edocuments]}
"""
    data = table("unit availability support eid edocuments\nA 0.8 0.4 1 0\nB 0.8 0.4 1 -\nC 0.8 0.4 - -")
    nested = [0.5 * 0.8 + 0.25 * 0.4 + 0.25 * 0.5, 0.5 * 0.8 + 0.25 * 0.4 + 0.25, (0.5 * 0.8 + 0.25 * 0.4) / 0.75]
    assert scored(spec, data).scores["cross_border"].tolist() == pytest.approx(nested)
    pooled = scored(spec.replace("enablers: 25}", "enablers: 25}, aggregate: pool"), data).scores["cross_border"]
    half = (0.5 * 0.8 + 0.25 * 0.4 + 0.125 * 1) / 0.875
    assert pooled.tolist() == pytest.approx([nested[0], half, nested[2]])


# --- 19
def test_19_an_outside_index_with_a_range_of_its_own():
    # GTMI: an outside index of 0 to 1 is worth 12; without it, its 12 leave numerator and denominator
    spec = """
nothing: {missing: 0}
indicators:
  outside: {in: DCEI, weight: 12, points: {missing: skip}, steps: [goalposts 0 100]}
  q1: {in: DCEI, weight: 9, points: {0: 0, 1: 1}}
  q2: {in: DCEI, weight: 2, points: {0: 0, 1: 1}}
nodes: {DCEI: {}}
"""
    data = table("unit outside q1 q2\nA 75.5 1 -\nB - 1 -\nC - 0 1")
    result = scored(spec, data)
    assert result.scores["DCEI"].tolist() == pytest.approx([(12 * 0.755 + 9) / 23, 9 / 11, 2 / 11])
    assert result.attainable["DCEI"].tolist() == pytest.approx([1, 11 / 23, 11 / 23])


# --- 22
def test_22_fixed_shares_whatever_the_counts():
    # EGBR: 80 % for services that can be had, 20 % for those that inform, however many there are of each
    spec = """
rows: [unit, service]
nothing: skip
indicators: {x: {}}
nodes:
  top: {of: {obtained: 80, informing: 20}}
  obtained: {of: online, over: service, where: type is transactional}
  informing: {of: online, over: service, where: type is informational}
  online: {of: [x]}
"""
    data = table(
        """
unit service type          x
A    s1      transactional 1
A    s2      informational 0
A    s3      informational 1
A    s4      informational 1
B    s1      transactional 0.5
C    s2      informational 0.25
C    s3      informational -
"""
    )
    expected = []
    for unit in "ABC":
        parts = []
        for kind, share in (("transactional", 80), ("informational", 20)):
            found = [r["x"] for r in rows_of(data) if (r["unit"], r["type"]) == (unit, kind) and r["x"] is not None]
            parts += [(share, fmean(found))] if found else []
        expected.append(sum(w * x for w, x in parts) / sum(w for w, _ in parts))
    assert scored(spec, data, alone=False).scores["top"].tolist() == pytest.approx(expected)


# --- 27
def test_27_what_does_not_apply_to_a_unit():
    # ODIN: a small economy is not asked for data below the national level
    spec = """
points: {element: {small_state is yes: skip}}
nothing: {missing: 0}
indicators:
  national: {}
  subnational: {points: element}
nodes: {top: {of: [national, subnational]}}
"""
    data = "unit small_state national subnational\nA no 1 0.5\nB yes 1 -\nC yes 0.5 1\nD no 1 -"
    result = scored(spec, data)
    assert result.scores["top"].tolist() == [0.75, 1, 0.5, 0.5]
    assert result.coverage["top"].tolist() == [1, 0.5, 0.5, 1]


# --- 28
def test_28_a_territory_takes_the_answer_of_its_parent():
    spec = """
answers: {law: {enacted: [Legislation], none: ["No"]}}
nothing: skip
points: {law: {enacted: 1, none: 0, missing: parent}}
indicators: {privacy: {points: law}}
nodes: {top: {of: [privacy]}}
"""
    data = """
unit   parent privacy
Mainia -      Legislation
Port   Mainia -
Isle   Port   -
Reef   Mainia No
Free   -      -
"""
    result = scored(spec, data, alone=False)
    assert listed(result.scores["top"]) == [1, 1, 1, 0, None]


# --- 31
POOLED = """
rows: ROWS
nothing: skip
indicators: {x: {}}
nodes:
  top: {of: event_score, over: OVER}
  event_score: {of: [x]}
"""


@pytest.mark.parametrize(("rows", "over"), [("[unit, event]", "event"), ("[unit, event, period]", "[event, period]")])
def test_31_parts_of_two_years_form_one_score(rows, over):
    # EGBR: the life events of two collection years are one benchmark
    data = table("unit event period x\nA move 2021 0.5\nA work 2022 1\nB move 2021 0.25\nB work 2022 -")
    spec = POOLED.replace("ROWS", rows).replace("OVER", over)
    assert listed(scored(spec, data).scores["top"]) == [0.75, 0.25]


def test_31_a_period_that_is_not_among_the_rows_does_not_split_them():
    data = table("unit event period x\nA move 2021 0.5\nA move 2022 1")
    with pytest.raises(ei.DataError, match="unit and event in more than one row: A move"):
        ei.compute(index(POOLED.replace("ROWS", "[unit, event]").replace("OVER", "event")), data)


# --- 32
def test_32_where_an_answer_comes_from():
    spec = """
columns: {source: "*_source", confidence: "*_confidence"}
nothing: skip
points:
  sourced:
    confidence is low: skip
    answer is yes and source is self_reported: 0.5
    yes: 1
    no: 0
defaults: {indicators: {points: sourced}}
indicators:
  a, b: {}
nodes: {top: {of: [a, b], need: 1}}
"""
    data = """
unit a   a_source      a_confidence b   b_source      b_confidence
A    yes remote        high         yes self_reported high
B    yes self_reported low          no  remote        -
C    no  self_reported -            -   -             -
D    yes remote        low          yes remote        low
"""
    data = table(data)
    for name in ("a_source", "b_source"):
        data[name] = data[name].str.replace(" ", "_")
    result = scored(spec, data)
    assert listed(result.scores["top"]) == [0.75, 0, 0, None]
    assert listed(result.points["a"]) == [1, None, 0, None]


def test_32_need_counts_answers_that_were_given():
    # an answer that its quality takes out is still an answer: need counts answers, not points
    spec = """
columns: {confidence: "*_confidence"}
nothing: skip
points: {sourced: {confidence is low: skip}}
defaults: {indicators: {points: sourced}}
indicators:
  a, b: {}
nodes: {top: {of: [a, b], need: 2}}
"""
    data = "unit a a_confidence b b_confidence\nA 1 low 0 high\nB 1 high - high"
    assert listed(scored(spec, data).scores["top"]) == [0, None]


def test_the_policies_are_told_apart_by_what_was_attainable():
    spec = "nothing: {missing: POLICY}\nindicators:\n  a, b: {}\nnodes: {top: {of: {a: 3, b: 1}}}"
    data = "unit a b\nA 0.5 1\nB - 1\nC 0.5 -"
    results = [scored(spec.replace("POLICY", policy), data) for policy in ("skip", "0")]
    for one, other in pairwise(results):
        assert one.earned["top"].tolist() == other.earned["top"].tolist()
        assert one.attainable["top"].tolist() == [1, 0.25, 0.75]
        assert other.attainable["top"].tolist() == [1, 1, 1]


def test_what_is_said_of_an_answer_is_asked_where_there_is_one():
    base = 'columns: {flag: "*_flag"}\nnothing: skip\n'
    data = pd.DataFrame({"unit": ["A"], "x": [1], "y": [2], "x_flag": [1]})
    node = "indicators: {x: {}}\nnodes: {top: {of: [x], points: {flag is 1: 0}}}"
    with pytest.raises(ei.DataError, match=r'"flag" is said of each answer, and top has no answer of its own.*\*_flag'):
        ei.compute(index(base + node), data)
    computed = "indicators: {z: {from: x - y, points: {flag is 1: 0}}}\nnodes: {top: {of: [z]}}"
    with pytest.raises(ei.DataError, match=r"its answer is computed, so that nothing is said of it.*as in x_flag"):
        ei.compute(index(base + computed), data)


def test_the_worst_of_a_scale_that_runs_down_is_zero():
    spec = "indicators: {x: {steps: [goalposts 6 0]}}\nnodes: {top: {of: [x]}}"
    assert str(ei.compute(index(spec), pd.DataFrame({"unit": ["A"], "x": [6]})).scores["top"]["A"]) == "0.0"
