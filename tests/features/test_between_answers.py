"""Features 8 to 14: answers that decide about other answers."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pandas as pd
import pytest

import egovindex as ei
from tests.features.sheets import index, listed, rows_of, scored, table

GATED = """
answers: {yes_no: {yes: [], no: []}}
nothing: skip
points: {chosen: {yes: 1, no: 0}}
defaults: {indicators: {points: chosen}}
indicators:
  F1, F2, F3, A1: {}
nodes:
  top: {of: [eid, portal]}
  eid: {of: [F2, F3], points: {F1 is not yes: OUTCOME}}
  portal: {of: [A1]}
"""
GATES = "unit F1 F2 F3 A1\nA yes yes no yes\nB no yes yes yes\nC no - - no\nD yes no - no"


# --- 8
@pytest.mark.parametrize(
    ("outcome", "eid", "top"),
    [
        ("skip", [0.5, None, None, 0], [0.75, 1, 0, 0]),  # EGBR: a failed gate is no score, and leaves the mean
        ("0", [0.5, 0, 0, 0], [0.75, 0.5, 0, 0]),
        ("void", [0.5, None, None, 0], [0.75, None, None, 0]),  # GDB: it ends the block, and what stands above
    ],
)
def test_08_a_gate_gives_no_score_or_zero_or_ends_the_block(outcome, eid, top):
    result = scored(GATED.replace("OUTCOME", outcome), GATES)
    assert listed(result.scores["eid"]) == eid
    assert listed(result.scores["top"]) == top


def test_08_a_gate_on_one_item():
    # a question that is asked only after a yes: whatever stands in the cell, it does not count
    spec = """
answers: {yes_no: {yes: [], no: []}}
nothing: skip
points: {chosen: {yes: 1, no: 0}}
defaults: {indicators: {points: chosen}}
indicators:
  q1: {}
  q1a: {points: [{q1 is no: skip}, chosen]}
nodes: {top: {of: [q1, q1a]}}
"""
    assert scored(spec, "unit q1 q1a\nA yes yes\nB yes no\nC no yes\nD no -").scores["top"].tolist() == [1, 0.5, 0, 0]


def test_08_a_gate_without_an_answer_is_not_closed():
    # "is not" asks for an answer; who wants a blank to close the gate names it
    data = "unit F1 F2 F3 A1\nA yes yes no yes\nB - yes yes no\nC no no no no"
    assert listed(scored(GATED.replace("OUTCOME", "0"), data).scores["eid"]) == [0.5, 1, 0]
    closed = GATED.replace("F1 is not yes: OUTCOME", '"F1 in (no, missing)": 0')
    assert listed(scored(closed, data).scores["eid"]) == [0.5, 0, 0]


# --- 9
def test_09_a_state_stands_above_all_items():
    # EGBR: a proactive service has 100 in every indicator, one that is not applicable has none
    spec = """
nothing: skip
points:
  chosen: {yes: 1, no: 0}
  state: {state is proactive: 1, state is "not applicable": skip}
defaults: {indicators: {points: chosen}}
indicators:
  A1, A2, F1, F2: {}
nodes:
  top: {of: [availability, eid]}
  availability: {of: {A1: 25, A2: 50}, points: state}
  eid: {of: [F2], points: [state, {F1 is not yes: skip}]}
"""
    data = """
unit state          A1  A2  F1  F2
A    -              yes no  yes no
B    proactive      no  no  no  no
C    not_applicable yes yes yes yes
D    -              no  yes no  yes
E    proactive      -   -   -   -
"""
    result = scored(spec, data)
    assert listed(result.scores["availability"]) == [25 / 75, 1, None, 50 / 75, 1]
    assert listed(result.scores["eid"]) == [0, 1, None, None, 1]
    assert listed(result.scores["top"]) == [pytest.approx(1 / 6), 1, None, 50 / 75, 1]
    assert result.states["availability"]["C"] == "skipped"


# --- 10
def test_10_no_more_than_another_item():
    # ODIN: elements 2 to 5 may not exceed element 1 of the same category
    spec = """
nothing: skip
indicators:
  e1: {}
  e2..e5: {points: {value > e1: e1}}
nodes: {coverage: {of: [e1..e5], aggregate: sum}}
"""
    rows = list(product((0, 0.5, 1), repeat=3))
    data = pd.DataFrame([(a, b, c, a, 1) for a, b, c in rows], columns=["e1", "e2", "e3", "e4", "e5"], dtype=float)
    data.insert(0, "unit", [f"u{i}" for i in range(len(rows))])
    result = scored(spec, data)
    assert result.scores["coverage"].tolist() == [a + min(a, b) + min(a, c) + a + min(a, 1) for a, b, c in rows]
    # without the first there is nothing to compare with, and the number stays
    assert ei.compute(index(spec), table("unit e1 e2 e3 e4 e5\nA - 1 0 1 1")).points["e2"].tolist() == [1]


# --- 11
CASES = """
points:
  availability:
    A1 is yes and A2 is yes and A3 is yes: 100
    A1 is yes and A2 is yes: 75
    A2 is yes and A3 is yes: 75
    A1 is yes and A3 is yes: 50
    A2 is yes: 50
    A1 is yes: 25
    A3 is yes: 25
    else: 0
answers: {yes_no: {yes: [], no: []}}
indicators:
  cases: {from: A1, points: availability, answers: yes_no}
  A1, A2, A3: {points: {yes: 1, no: 0}}
nodes:
  top: {of: [table]}
  table: {of: [cases]}
  sum: {of: {A1: 25, A2: 50, A3: 25}, steps: [times 100]}
"""


def test_11_a_case_table():
    # EGBR's printed table of cases equals 25 A1 + 50 A2 + 25 A3 once the case "A3 only" is added
    rows = list(product(("yes", "no"), repeat=3))
    data = pd.DataFrame(rows, columns=["A1", "A2", "A3"])
    data.insert(0, "unit", [f"u{i}" for i in range(8)])
    scores = scored(CASES, data).scores
    assert scores["table"].tolist() == [25 * (a == "yes") + 50 * (b == "yes") + 25 * (c == "yes") for a, b, c in rows]
    assert scores["table"].tolist() == scores["sum"].tolist()
    printed = CASES.replace("    A3 is yes: 25\n", "")
    assert (ei.compute(index(printed), data).scores["table"] != scores["table"]).sum() == 1


def test_11_a_chain_of_questions():
    # a third party's rules for GTMI: the wide question first, then the partial one, then the key question
    spec = """
nothing: {missing: 0}
indicators:
  use: {from: [full_use, partial, key], points: {wide: 1, limited: 0.75, planned: 0.5, none: 0}}
nodes: {top: {of: [use]}}
"""
    data = table(
        "unit full_use partial key\nA wide limited planned\nB - limited none\nC - - planned\nD - - -\nE none wide wide"
    )

    def chain(row):
        given = [row[name] for name in ("full_use", "partial", "key") if row[name] is not None]
        return {"wide": 1, "limited": 0.75, "planned": 0.5, "none": 0}[given[0]] if given else 0

    assert scored(spec, data).scores["top"].tolist() == [chain(row) for row in rows_of(data)]


def test_11_an_outcome_that_is_another_column():
    spec = "nothing: {missing: other}\nindicators: {a: {points: {missing: b / 2}}}\nnodes: {top: {of: [a]}}"
    spec = spec.replace("nothing: {missing: other}\n", "")
    assert scored(spec, "unit a b\nA 1 8\nB - 8").points["a"].tolist() == [1, 4]
    with pytest.raises(ei.DataError, match="1 of 2 values are blank"):  # the formula has no number either
        ei.compute(index(spec), table("unit a b\nA 1 8\nB - -"))


# --- 12
def test_12_multipliers():
    spec = """
points: {exists: {none: 0, partial: 0.5, full: 1}}
indicators:
  existence: {points: exists}
  extent: {points: {national: 1, some: 0.6}}
  e1, e2: {points: {yes: 1, partly: 0.5, no: 0}}
nodes:
  top: {of: [existence, elements, extent], aggregate: product, steps: [times 100]}
  elements: {of: {e1: 3, e2: 1}}
"""
    data = "unit existence extent e1 e2\nA full national yes yes\nB partial some partly no\nC none some yes yes"
    assert scored(spec, data).scores["top"].tolist() == pytest.approx([100, 0.5 * 0.6 * 37.5, 0])


def test_12_penalties():
    # Freedom in the World: political rights are A + B + C - AddQ + AddA, and no lower than 0
    spec = """
indicators:
  A, B, C, AddQ, AddA: {}
nodes: {PR: {of: {A: 1, B: 1, C: 1, AddQ: -1, AddA: 1}, aggregate: sum, steps: [floor 0]}}
"""
    data = table("unit A B C AddQ AddA\nN 12 16 12 0 0\nS 0 1 0 4 0\nE 3 4 5 2 3")
    expected = [max(0, r["A"] + r["B"] + r["C"] - r["AddQ"] + r["AddA"]) for r in rows_of(data)]
    assert scored(spec, data).scores["PR"].tolist() == expected


# --- 13
def test_13_the_best_of_alternatives():
    # OxCGRT's legacy index has seven slots; the third is max(C3, C4), the fifth max(C6, C7)
    spec = """
nothing: skip
indicators:
  C1, C3, C4, C6, C7: {steps: [out_of 4]}
nodes:
  legacy: {of: [C1, slot3, slot5]}
  slot3: {of: [C3, C4], aggregate: max}
  slot5: {of: [C6, C7], aggregate: max}
"""
    data = table("unit C1 C3 C4 C6 C7\nA 4 1 2 3 0\nB 0 0 0 - 4\nC 2 4 - 1 1")
    expected = [
        (
            r["C1"]
            + max(x for x in (r["C3"], r["C4"]) if x is not None)
            + max(x for x in (r["C6"], r["C7"]) if x is not None)
        )
        / 12
        for r in rows_of(data)
    ]
    assert scored(spec, data).scores["legacy"].tolist() == pytest.approx(expected)


# --- 14
VERSIONS = """
columns: {flag: "*_flag"}
points: {flagged: {0: 0, flag is not 1: value - 0.5, else: value}}
defaults: {indicators: {points: flagged, steps: [out_of 3, times 100]}}
indicators:
  NV: {from: [C1NV, C1E]}
  V:  {from: [C1V, C1E]}
  share: {points: ~, steps: ~}
nodes:
  average:  {of: [NV_score, V_score]}
  weighted: {from: (share * V_score + (100 - share) * NV_score) / 100}
  NV_score: {of: [NV]}
  V_score:  {of: [V]}
"""


def test_14_a_version_for_a_group_else_that_for_everyone():
    data = table(
        """
unit C1E C1E_flag C1NV C1NV_flag C1V C1V_flag share
A    2   1        -    -         -   -        40
B    2   0        3    1         1   1        75
C    -   -        3    0         0   -        10
"""
    )
    printed = {"A": (2, 2, 40), "B": (3, 1, 75), "C": (Fraction(5, 2), 0, 10)}
    scores = scored(VERSIONS, data).scores
    for unit, (nv, v, share) in printed.items():
        assert scores.loc[unit, "average"] == pytest.approx(float(100 * (Fraction(nv) + v) / 6))
        assert scores.loc[unit, "weighted"] == pytest.approx(
            float((share * Fraction(v) + (100 - share) * Fraction(nv)) / 3)
        )
