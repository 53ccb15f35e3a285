"""Features 20, 21, 23 to 26 and 33: from points to scores and classes."""

from __future__ import annotations

import math
from itertools import accumulate, product
from statistics import fmean, median

import pandas as pd
import pytest

import egovindex as ei
from tests.features.sheets import index, listed, rows_of, scored, table


# --- 20
def test_20_reversed_scales():
    # OECD PMR: answers from 0 to 6, 0 is best, and "does not apply" may earn the best score
    spec = """
nothing: {missing: skip, not_applicable: 0}
defaults: {indicators: {steps: [goalposts 6 0]}}
indicators:
  fee, licence: {}
nodes: {top: {of: [fee, licence]}}
"""
    data = table("unit fee licence\nA 0 6\nB 6 3\nC - 1.5").assign(fee=[0, "not_applicable", None])
    assert scored(spec, data).scores["top"].tolist() == [0.5, 0.75, 0.75]


def test_20_down_target_and_distance():
    # BIPA: invert, distance from a target or from the median
    spec = """
indicators:
  price: {direction: down, steps: [minmax]}
  share: {steps: [distance 0.5, goalposts 0.5 0]}
  ratio: {direction: down, steps: [distance median, minmax]}
nodes: {top: {of: [price, share, ratio]}}
"""
    data = table("unit price share ratio\nA 10 0.5 1\nB 20 0.25 2\nC 40 1 5\nD 20 0 2")
    prices, shares, ratios = ([row[name] for row in rows_of(data)] for name in ("price", "share", "ratio"))
    far = [abs(x - median(ratios)) for x in ratios]
    for unit, p, s, f, found in zip(
        "ABCD", prices, shares, far, scored(spec, data, alone=False).scores["top"], strict=True
    ):
        parts = [(40 - p) / 30, 1 - abs(s - 0.5) / 0.5, (max(far) - f) / (max(far) - min(far))]
        assert found == pytest.approx(fmean(parts)), unit


# --- 21
AGGREGATES = {
    "mean": fmean,
    "sum": sum,
    "product": math.prod,
    "geometric": lambda x: math.prod(x) ** (1 / len(x)),
    "harmonic": lambda x: 0 if 0 in x else len(x) / sum(1 / y for y in x),
    "min": min,
    "max": max,
    "weakest": lambda x: min(x) + 0.5 * (max(x) > min(x)),
    "ladder": lambda x: fmean(accumulate(x, min)),
    "pool": fmean,
}


@pytest.mark.parametrize("how", AGGREGATES)
def test_21_aggregates(how):
    rows = list(product((0, 1, 2.5, 4), repeat=3))
    data = pd.DataFrame(rows, columns=["a", "b", "c"])
    data.insert(0, "unit", [f"u{i}" for i in range(len(rows))])
    spec = "indicators:\n  a, b, c: {}\n" + f"nodes: {{top: {{of: [a, b, c], aggregate: {how}}}}}"
    expected = [AGGREGATES[how](row) for row in rows]
    assert scored(spec, data).scores["top"].tolist() == pytest.approx(expected, abs=1e-12)


PEFA = """
answers: {grade: {A: [], B: [], C: [], D: ["D*"], not_used: [NA, NU, NR]}}
nothing: {missing: skip, not_used: skip}
points: {grade: {A: 4, B: 3, C: 2, D: 1}}
defaults: {indicators: {points: grade}}
indicators:
  d1, d2, d3: {}
nodes:
  top: {of: [m1, m2]}
  m1:
    of: [d1, d2, d3]
    aggregate: weakest
    classes: {A: 4, B+: 3.5, B: 3, C+: 2.5, C: 2, D+: 1.5, D: else}
  m2:
    of: [d1, d2, d3]
    classes:
      {A: value > 3.75, B+: value > 3.25, B: value > 2.75, C+: value > 2.25, C: value > 1.75, D+: value > 1.25, D: else}
"""


def test_21_weakest_link_and_look_up_on_a_mean():
    # PEFA 2016: method M1 takes the weakest dimension, with a plus if any is better; M2 looks up the mean
    values = {"A": 4, "B": 3, "C": 2, "D": 1, "D*": 1}
    rows = list(product(["A", "B", "D*", "NA"], ["B", "C", "D"], ["A", "C", "NU"]))
    data = pd.DataFrame(rows, columns=["d1", "d2", "d3"])
    data.insert(0, "unit", [f"u{i}" for i in range(len(rows))])
    result = scored(PEFA, data)
    letters = {4: "A", 3: "B", 2: "C", 1: "D"}
    cuts = [(3.75, "A"), (3.25, "B+"), (2.75, "B"), (2.25, "C+"), (1.75, "C"), (1.25, "D+"), (-1, "D")]
    for row, m1, m2 in zip(rows, result.classes["m1"], result.classes["m2"], strict=True):
        found = [values[grade] for grade in row if grade in values]
        assert m1 == letters[min(found)] + "+" * (max(found) > min(found))
        assert m2 == next(letter for cut, letter in cuts if fmean(found) > cut)


# --- 23
FACETS = """
indicators:
  a, b, c, remarks_count: {}
nodes:
  top: {of: [access, quality]}
  access: {of: [a, b]}
  quality: {of: [c]}
  for_firms: {of: {a: 1, c: 3}}
"""


def test_23_unscored_items_and_facets_that_are_only_reported():
    data = "unit a b c remarks_count\nA 1 0 0.5 17\nB 0 1 1 0"
    result = scored(FACETS, data)
    assert result.headline == "top"
    assert result.scores["top"].tolist() == [0.5, 0.75]
    assert result.scores["for_firms"].tolist() == [0.625, 0.75]  # a stands in two groups
    found = ei.check(index(FACETS), table(data))
    assert found[["check", "column"]].to_numpy().tolist() == [
        ["unused_indicator", "remarks_count"],
        ["second_top", "for_firms"],
    ]


# --- 24
def test_24_three_ways_to_rescale():
    spec = """
indicators:
  points: {from: x, steps: [out_of 40]}
  field: {from: x, steps: [minmax]}
  posts: {from: x, steps: [goalposts 10 30]}
nodes:
  top: {of: [of_all, among_units, fixed]}
  of_all: {of: [points]}
  among_units: {of: [field]}
  fixed: {of: [posts], steps: [times 100]}
"""
    xs = [8, 16, 20, 28]
    data = pd.DataFrame({"unit": list("ABCD"), "x": xs})
    scores = scored(spec, data, alone=False).scores
    assert scores["of_all"].tolist() == [x / 40 for x in xs]
    assert scores["among_units"].tolist() == [(x - 8) / 20 for x in xs]
    assert scores["fixed"].tolist() == pytest.approx([100 * (x - 10) / 20 for x in xs])


def test_24_points_need_no_rescaling():
    spec = "points: {p: {yes: 1, partly: 0.5, no: 0}}\ndefaults: {indicators: {points: p}}\n"
    spec += "indicators:\n  a, b: {}\nnodes: {top: {of: {a: 12, b: 9}}}"
    assert scored(spec, "unit a b\nA yes partly\nB no no").scores["top"].tolist() == [16.5 / 21, 0]


# --- 25
def test_25_rounding_where_it_happens():
    # OxCGRT: the average of the two parts as they were published, each rounded already
    spec = """
indicators:
  nv, v: {}
nodes:
  published: {of: [NV, V], steps: [round 2]}
  NV: {of: [nv], steps: [round 2]}
  V: {of: [v], steps: [round 2]}
  unrounded: {of: [nv, v], steps: [round 2]}
"""
    data = table("unit nv v\nA 10.004 20.014\nB 33.335 33.345\nC 1.005 1.015")
    result = scored(spec, data)
    # every tie goes to the even digit: 33.335 -> 33.34, 33.345 -> 33.34, 1.005 -> 1.0, 1.015 -> 1.02
    assert result.scores["NV"].tolist() == [10.0, 33.34, 1.0]
    assert result.scores["V"].tolist() == [20.01, 33.34, 1.02]
    assert result.scores["published"].tolist() == [pytest.approx(15.0), 33.34, 1.01]
    assert result.scores["unrounded"].tolist() == [15.01, 33.34, 1.01]


@pytest.mark.parametrize(("mode", "expected"), [("round 0", [0, 2, 2, 33, 67]), ("round 0 half_up", [1, 2, 3, 33, 67])])
def test_25_ties(mode, expected):
    spec = f"indicators: {{x: {{steps: [times 100, {mode}]}}}}\nnodes: {{top: {{of: [x]}}}}"
    data = pd.DataFrame({"unit": list("ABCDE"), "x": [0.005, 0.015, 0.025, 1 / 3, 2 / 3]})
    assert scored(spec, data).scores["top"].tolist() == expected


def test_25_bands_on_the_rounded_score():
    # Open Budget Survey: 0-20, 21-40, 41-60, 61-80, 81-100 on the score as it is printed
    spec = """
indicators: {x: {}}
nodes:
  band:
    of: [score]
    steps: [round 0 half_up]
    classes: {extensive: 81, substantial: 61, limited: 41, minimal: 21, scant: else}
  score: {of: [x]}
"""
    data = pd.DataFrame({"unit": list("ABCD"), "x": [60.4, 60.5, 80.49, 20.5]})
    result = scored(spec, data)
    assert result.classes["band"].tolist() == ["limited", "substantial", "substantial", "minimal"]
    assert result.scores["score"].tolist() == data["x"].tolist()


# --- 26
FREEDOM = """
indicators:
  PR_total, CL_total: {}
nodes:
  status: {of: [PR, CL], classes: {F: value <= 2.5, PF: value <= 5, NF: else}}
  PR:
    of: [PR_total]
    points: {value >= 36: 1, value >= 30: 2, value >= 24: 3, value >= 18: 4, value >= 12: 5, value >= 6: 6, else: 7}
  CL:
    of: [CL_total]
    points: {value >= 53: 1, value >= 44: 2, value >= 35: 3, value >= 26: 4, value >= 17: 5, value >= 8: 6, else: 7}
"""


def test_26_a_class_of_the_mean_of_other_classes():
    # Freedom in the World: ratings of 1 to 7 from two totals, status from their mean, both bounds inclusive
    rows = [(pr, cl) for pr in (0, 5, 6, 12, 18, 24, 29, 30, 36, 40) for cl in (0, 8, 17, 26, 34, 35, 44, 53, 60)]
    data = pd.DataFrame(rows, columns=["PR_total", "CL_total"])
    data.insert(0, "unit", [f"u{i}" for i in range(len(rows))])
    result = scored(FREEDOM, data)
    for (pr, cl), ratings, status in zip(
        rows, result.scores[["PR", "CL"]].to_numpy(), result.classes["status"], strict=True
    ):
        expected = [
            7 - sum(pr >= cut for cut in (6, 12, 18, 24, 30, 36)),
            7 - sum(cl >= cut for cut in (8, 17, 26, 35, 44, 53)),
        ]
        assert ratings.tolist() == expected
        mean = fmean(expected)
        assert status == ("F" if mean <= 2.5 else "PF" if mean <= 5 else "NF")


def test_26_lower_bounds_belong_to_the_class_above():
    # GTMI: A from 0.75, B from 0.50, C from 0.25
    spec = "indicators: {x: {}}\nnodes: {top: {of: [x], classes: {A: 0.75, B: 0.50, C: 0.25, D: else}}}"
    data = pd.DataFrame({"unit": list("abcdefgh"), "x": [1, 0.75, 0.7499999, 0.5, 0.49, 0.25, 0.2, None]})
    result = scored(spec.replace("nodes", "nothing: skip\nnodes"), data)
    assert listed(result.classes["top"]) == ["A", "A", "B", "B", "C", "C", "D", None]


# --- 33
LADDER = """
points: {reached: {yes: 1, no: 0}}
defaults: {indicators: {points: reached}}
indicators:
  l1..l5: {}
nodes:
  top: {of: [ladder, best]}
  ladder: {of: [l1..l5], aggregate: ladder}
  best: {of: [r1..r5], aggregate: max}
  r1: {of: [l1], steps: [times 1, out_of 5]}
  r2: {of: [l2], steps: [times 2, out_of 5]}
  r3: {of: [l3], steps: [times 3, out_of 5]}
  r4: {of: [l4], steps: [times 4, out_of 5]}
  r5: {of: [l5], steps: [times 5, out_of 5]}
"""


def test_33_a_ladder_and_the_highest_step():
    # SPAR: level k of five counts only where all lower ones hold, k fifths; best-of takes the highest that is held
    rows = list(product((0, 1), repeat=5))
    data = pd.DataFrame([["yes" if x else "no" for x in row] for row in rows], columns=["l1", "l2", "l3", "l4", "l5"])
    data.insert(0, "unit", [f"u{i}" for i in range(len(rows))])
    scores = scored(LADDER, data).scores
    for row, found in zip(rows, scores.to_dict("records"), strict=True):
        held = next((k for k, x in enumerate(row) if not x), 5)
        assert found["ladder"] == held / 5
        assert found["best"] == max((k for k, x in enumerate(row, start=1) if x), default=0) / 5
