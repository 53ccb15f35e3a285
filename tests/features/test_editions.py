"""Features 29, 30 and 34: what cannot be, editions, and weights that are swapped in."""

from __future__ import annotations

import pandas as pd
import pytest

import egovindex as ei
from tests.features.sheets import index, scored, table, tile

BASE = """
index: portals-2022
answers:
  status: {adopted: [2], planned: [1], none: [0]}
nothing: skip
points: {status: {adopted: 1, planned: 0.5, none: 0}}
defaults: {indicators: {points: status}}
indicators:
  I-40, I-41: {}
nodes: {top: {of: [I-40, I-41]}}
"""
NEXT = """
index: portals-2025
like: portals-2022
answers:
  status: {adopted: [3], planned: [2], none: [1]}
indicators:
  I-41: {from: I-52, label: "Records in digital form, asked as I-52 since 2025"}
nodes: {top: {of: {I-40: 2, I-41: 1}}}
"""


# --- 30
@pytest.fixture
def editions(tmp_path):
    for text, name in ((BASE, "portals-2022"), (NEXT, "portals-2025")):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [ei.load_index(tmp_path / f"{name}.yaml") for name in ("portals-2022", "portals-2025")]


def test_30_codes_that_shift_between_editions(editions):
    # the same answers, with codes that begin at 0 in one edition and at 1 in the next
    old, new = editions
    before = table("unit I-40 I-41\nA 2 0\nB 1 1\nC 0 2")
    after = table("unit I-40 I-52 I-41\nA 3 1 9\nB 2 2 9\nC 1 3 9")
    assert scored(old, before).scores["top"].tolist() == [0.5, 0.5, 0.5]
    assert scored(new, after).scores["top"].tolist() == pytest.approx([2 / 3, 0.5, 1 / 3])
    assert new.file.indicators["I-41"].label.startswith("Records")
    with pytest.raises(ei.DataError, match='"3"'):  # answers of one edition are not read with the codes of another
        ei.compute(old, table("unit I-40 I-41\nA 3 1"))


def test_30_what_an_edition_changed_is_told(editions):
    old, new = editions
    shifted = table("unit I-40 I-41\nA 2 0\nB 1 1\nC 0 2")
    data = pd.DataFrame({"unit": list("ABC"), "I-40": [3, 2, 1], "I-52": [1, 2, 3]})
    found = ei.compare(ei.compute(old, shifted), ei.compute(new, data))
    # the answers mean the same; the new weight of I-40 moves A up and C down
    assert found.units["change"].tolist() == pytest.approx([1 / 6, 0, -1 / 6])


# --- 34
WEIGHTED = """
points: {chosen: {yes: 1, partly: 0.5, no: 0}}
defaults: {indicators: {points: chosen}}
indicators:
  q1..q4: {}
nodes:
  GCI: {of: [legal, technical], aggregate: sum, steps: [times 20]}
  legal: {of: [q1, q2]}
  technical: {of: [q3, q4]}
"""
PANEL = """
weights: panel
index: demo
source: {title: invented panel, basis: ours}
nodes:
  legal: {q1: 0.7, q2: {value: 0.3, range: [0.2, 0.4]}}
  technical: {q3..q4: 1/2}
"""


def test_34_weights_of_a_panel_down_to_the_question(tmp_path):
    # GCI: a panel weights the questions of each pillar; a pillar has 20 points and the pillars are added
    path = tmp_path / "panel.yaml"
    path.write_text(PANEL, encoding="utf-8")
    data = table("unit q1 q2 q3 q4\nA yes no yes partly\nB no yes no no\nC partly partly partly partly")
    one = index(WEIGHTED)
    values = [(1, 0, 1, 0.5), (0, 1, 0, 0), (0.5, 0.5, 0.5, 0.5)]
    assert scored(one, data).scores["GCI"].tolist() == pytest.approx(
        [20 * (fmean2(a, b) + fmean2(c, d)) for a, b, c, d in values]
    )
    panel = one.with_weights(path)
    assert scored(panel, data).scores["GCI"].tolist() == pytest.approx(
        [20 * (0.7 * a + 0.3 * b + (c + d) / 2) for a, b, c, d in values]
    )
    assert scored(one.with_weights({"technical": {"q3": 9, "q4": 1}}), data).scores[
        "technical"
    ].tolist() == pytest.approx([0.95, 0, 0.5])
    with pytest.raises(ei.SpecError, match="must name each child once; missing: q2"):
        one.with_weights({"legal": {"q1": 1}})


def fmean2(a, b):
    return (a + b) / 2


# --- 29
FORM = """
instrument:
  form:
    answers: {level: {full: [2], partial: [1], none: [0]}}
    items:
      I-4: {label: Service bus, answers: level}
      exchange: {label: Exchanges data over it, answers: level, same_as: form-2020/I-12, evidence: link}
      link: {kind: link}
    checks:
      no_bus: {wrong_if: exchange is full and I-4 is not full, say: level 2 of data exchange needs a service bus}
points: {level: {full: 1, partial: 0.5, none: 0}}
defaults: {indicators: {points: level}}
indicators:
  I-4, exchange: {}
nodes: {top: {of: [I-4, exchange]}}
"""


def test_29_what_cannot_be_is_told_and_scored_as_it_stands():
    # GTMI: level 2 of "exchanges data" can only be chosen where there is a service bus
    data = table("unit I-4 exchange link\nA 2 2 x\nB 1 2 -\nC 0 1 x\nD 0 2 x")
    assert scored(FORM, data).scores["top"].tolist() == [1, 0.75, 0.25, 0.5]
    for copies in (1, 2_000):
        found = ei.check(index(FORM), tile(data, copies)).set_index("check")
        assert found.loc["answers_disagree", "severity"] == "warning"
        assert f"({2 * copies} of {4 * copies}:" in found.loc["answers_disagree", "message"]
        assert "level 2 of data exchange needs a service bus" in found.loc["answers_disagree", "message"]
    assert "answers_disagree" not in ei.check(index(FORM), data.assign(exchange=1))["check"].tolist()


def test_30_a_question_is_the_same_by_claim_only():
    items = index(FORM).items.set_index("item")["same_as"]
    assert items["exchange"] == "form-2020/I-12"
    assert not items["I-4"]  # the number alone says nothing
    with pytest.raises(ei.SpecError, match="same_as is written instrument/item"):
        index(FORM.replace("form-2020/I-12", "I-12"))


def test_06_the_item_that_documents_another():
    spec = FORM.replace("{full: 1, partial", "{answer is not none and evidence is missing: 0, full: 1, partial")
    data = table("unit I-4 exchange link\nA 2 2 x\nB 1 2 -\nC 0 1 x\nD 0 0 -")
    assert scored(spec, data).points["exchange"].tolist() == [1, 0, 0.5, 0]
