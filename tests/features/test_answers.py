"""Features 1 to 7: from one answer, or a few, to points."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

import egovindex as ei
from tests.features.sheets import index, listed, rows_of, scored, table


# --- 1
def test_01_free_values_codes_and_spellings():
    # the Open Budget Survey: a, b, c, d earn 100, 67, 33, 0; e leaves the mean
    spec = """
answers:
  choice: {a: [A., "1"], b: [B.], c: [], d: [none], e: [n/a]}
points:
  choice: {a: 100, b: 67, c: 33, d: 0, e: skip}
defaults: {indicators: {points: choice}}
indicators: {q1: {}, q2: {}, q3: {}}
nodes: {top: {of: [q1..q3]}}
"""
    data = """
unit  q1 q2  q3
North a  B.  c
South A. n/a d
East  1  b   none
West  e  e   e
"""
    result = scored(spec, data)
    assert result.scores["top"].tolist()[:3] == [pytest.approx(200 / 3), 50, pytest.approx(167 / 3)]
    assert result.states["top"]["West"] == "missing"
    assert listed(result.points["q2"]) == [67, None, 67, None]


def test_01_numbers_on_a_scale_are_codes():
    spec = "answers: {level: {none: [0], some: [1], most: [2], all: [3]}}\n"
    spec += "points: {level: {none: 0, some: 0.25, most: 0.75, all: 1}}\n"
    spec += "indicators: {q: {points: level}}\nnodes: {top: {of: [q]}}"
    data = table("unit q\nA 0\nB 1\nC 2\nD 3")
    assert scored(spec, data).points["q"].tolist() == [0, 0.25, 0.75, 1]
    mixed = data.assign(q=[0.0, "some", "2", 3])
    assert ei.compute(index(spec), mixed).points["q"].tolist() == [0, 0.25, 0.75, 1]
    with pytest.raises(ei.DataError, match=r'q: 1 answer has no line in points "level": "4" \(D, row 4\)'):
        ei.compute(index(spec), data.assign(q=[0, 1, 2, 4]))


# --- 2
GTMI = """
nothing: {missing: 0}
points:
  half:  {0: 0, 1: 0.5, 2: 1}
  third: {0: 0, 1: 1/3, 2: 2/3, 3: 1}
indicators:
  I-45: {in: GTEI, weight: 12, points: half}
  I-42: {in: GTEI, weight: 9, points: third}
  I-48: {in: GTEI, weight: 4.5, points: half}
nodes: {GTEI: {}}
"""


def test_02_points_times_weight():
    # GTMI 2022: points earned over points attainable, a question left open earns nothing and keeps its place
    data = table("unit I-45 I-42 I-48\nA 2 3 1\nB 1 2 0\nC - 1 2")
    worth = {"I-45": (12, 2), "I-42": (9, 3), "I-48": (4.5, 2)}
    expected = [sum(w * (row[q] or 0) / n for q, (w, n) in worth.items()) / 25.5 for row in rows_of(data)]
    assert scored(GTMI, data).scores["GTEI"].tolist() == pytest.approx(expected, abs=1e-15)


def test_02_absolute_points_say_the_same():
    absolute = """
nothing: {missing: 0}
indicators:
  I-45: {points: {0: 0, 1: 6, 2: 12}}
  I-42: {points: {0: 0, 1: 3, 2: 6, 3: 9}}
  I-48: {points: {0: 0, 1: 2.25, 2: 4.5}}
nodes: {GTEI: {of: [I-45, I-42, I-48], aggregate: sum, steps: [out_of 25.5]}}
"""
    rows = [f"u{i} {a} {b} {c}" for i, (a, b, c) in enumerate(product("012", "0123", "012"))]
    data = table("\n".join(["unit I-45 I-42 I-48", *rows]))
    one, other = scored(GTMI, data), scored(absolute, data)
    assert other.scores["GTEI"].to_numpy() == pytest.approx(one.scores["GTEI"].to_numpy(), abs=1e-15)


def test_02_a_cap_below_the_weight():
    # I-48 is announced with 9 points and can earn 4.5
    spec = "indicators: {q: {points: {yes: 9, no: 0}, steps: [cap 4.5]}}\nnodes: {top: {of: [q], aggregate: sum}}"
    assert scored(spec, "unit q\nA yes\nB no").scores["top"].tolist() == [4.5, 0]


# --- 3
def test_03_any_positive_level_is_full():
    spec = "nothing: {missing: 0}\nindicators: {q: {points: {0: 0, value > 0: 1}}}\nnodes: {top: {of: [q]}}"
    assert scored(spec, "unit q\nA 0\nB 1\nC 2\nD 7\nE -").scores["top"].tolist() == [0, 1, 1, 1, 0]
    with pytest.raises(ei.DataError, match="no line"):  # closed by its line for 0
        ei.compute(index(spec), table("unit q\nA 0\nB -1"))


# --- 4
def test_04_level_and_flag_with_a_zero_rule():
    # OxCGRT: 100 (v - 0.5 (F - f)) / N, and 0 where v is 0
    spec = """
columns: {flag: "*_flag"}
points: {flagged: {0: 0, flag is not 1: value - 0.5, else: value, missing: 0}}
indicators: {C1: {points: flagged, steps: [out_of 3, times 100]}}
nodes: {top: {of: [C1]}}
"""
    data = table("unit C1 C1_flag\nA 0 -\nB 1 0\nC 1 1\nD 2 0\nE 3 1\nF 3 0\nG - -")
    printed = [
        100 * (v - 0.5 * (1 - f)) / 3 if v else 0 for v, f in [(0, 0), (1, 0), (1, 1), (2, 0), (3, 1), (3, 0), (0, 0)]
    ]
    assert scored(spec, data).scores["top"].tolist() == pytest.approx(printed, abs=1e-12)


def test_04_the_older_formula():
    # OxCGRT until 2020: 100 (v + f) / (N + 1), and 0 where v is 0
    spec = """
columns: {flag: "*_flag"}
points: {flagged: {0: 0, flag is 1: value + 1, else: value}}
indicators: {C1: {points: flagged, steps: [out_of 4, times 100]}}
nodes: {top: {of: [C1]}}
"""
    rows = [(v, f) for v in range(4) for f in (0, 1)]
    data = pd.DataFrame(
        {"unit": [f"u{i}" for i in range(8)], "C1": [v for v, _ in rows], "C1_flag": [f for _, f in rows]}
    )
    printed = [100 * (v + f) / 4 if v else 0 for v, f in rows]
    assert scored(spec, data).scores["top"].tolist() == printed


# --- 5
CHOICES = """
points: {chosen: {yes: 1, no: 0}}
defaults: {indicators: {points: chosen}}
indicators:
  q7.a, q7.b, q7.c, q7.d: {}
nodes:
  top:      {of: [share, weighted, capped, any, all]}
  share:    {of: [q7.a, q7.b, q7.c, q7.d]}
  weighted: {of: {q7.a: 4, q7.b: 3, q7.c: 2, q7.d: 1}}
  capped:   {of: [q7.a, q7.b, q7.c, q7.d], aggregate: sum, steps: [cap 3, out_of 3]}
  any:      {of: [q7.a, q7.b, q7.c, q7.d], aggregate: max}
  all:      {of: [q7.a, q7.b, q7.c, q7.d], aggregate: min}
"""


def test_05_many_choices():
    rows = list(product((0, 1), repeat=4))
    words = [["yes" if x else "no" for x in row] for row in rows]
    data = pd.DataFrame(words, columns=["q7.a", "q7.b", "q7.c", "q7.d"])
    data.insert(0, "unit", [f"u{i}" for i in range(len(rows))])
    scores = scored(CHOICES, data).scores
    for (a, b, c, d), found in zip(rows, scores.to_dict("records"), strict=True):
        count = a + b + c + d
        assert found["share"] == count / 4
        assert found["weighted"] == (4 * a + 3 * b + 2 * c + d) / 10
        assert found["capped"] == min(count, 3) / 3
        assert (found["any"], found["all"]) == (float(count > 0), float(count == 4))


# --- 6
def test_06_text_that_is_given():
    # GTMI: a list of names earns its point when it is not empty
    spec = "indicators: {names: {points: {else: 1, missing: 0}}}\nnodes: {top: {of: [names]}}"
    data = pd.DataFrame({"unit": list("ABCDE"), "names": ["portal, tax office", "  ", None, "no", "0"]})
    assert ei.compute(index(spec), data).scores["top"].tolist() == [1, 0, 0, 1, 1]
    many = pd.DataFrame({"unit": [f"u{i}" for i in range(6_000)], "names": [f"list {i}" for i in range(6_000)]})
    assert ei.compute(index(spec), many).scores["top"].eq(1).all()


def test_06_no_points_without_evidence():
    spec = """
columns: {evidence: "*_evidence"}
answers: {yes_no: {yes: [Y], no: [N]}}
nothing: skip
points: {proven: {answer is yes and evidence is missing: 0, yes: 1, no: 0}}
defaults: {indicators: {points: proven}}
indicators: {law: {}, plan: {}}
nodes: {top: {of: [law, plan]}}
"""
    data = """
unit law law_evidence plan plan_evidence
A    yes address      yes  -
B    Y   -            no   -
C    N   address      N    address
D    -   address      Y    address
"""
    result = scored(spec, data)
    assert [listed(result.points[q]) for q in ("law", "plan")] == [[1, 0, 0, None], [0, 0, 0, 1]]


# --- 7
LEAVE = """
indicators: {days: {points: {"value >= 98 or weeks >= 14 or (father >= 7 and mother >= 7)": 1, else: 0, missing: 0}}}
nodes: {top: {of: [days]}}
"""


def test_07_thresholds_with_alternatives():
    # Women, Business and the Law: fourteen weeks of paid leave, or an equivalent
    data = table(
        """
unit days weeks father mother
A    98   0     0      0
B    97   14    0      0
C    97   13    7      7
D    97   13    14     6
E    -    20    0      0
F    0    -     -      -
"""
    )

    def rule(row):
        days, weeks, father, mother = (
            (-1 if row[name] is None else row[name]) for name in ("days", "weeks", "father", "mother")
        )
        return float(days >= 98 or weeks >= 14 or (father >= 7 and mother >= 7))

    assert scored(LEAVE, data).scores["top"].tolist() == [rule(row) for row in rows_of(data)]


def test_07_bands_are_read_from_above():
    spec = "indicators: {days: {points: {value <= 5: 1, value <= 20: 0.5, else: 0}}}\nnodes: {top: {of: [days]}}"
    assert scored(spec, "unit days\nA 5\nB 5.01\nC 20\nD 21").scores["top"].tolist() == [1, 0.5, 0.5, 0]
