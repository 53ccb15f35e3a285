"""Features 15, 22 and 31: several rows for one unit."""

from __future__ import annotations

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
