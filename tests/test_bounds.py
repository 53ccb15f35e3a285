"""Bounds by hand: what is open, what is refused and why, and what is told about bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

SPEC = """
index: readiness
answers: {status: {yes: [Oui], drafted: [], no: []}}
nothing: {unknown: skip, missing: 0}
points: {status: {yes: 1, drafted: 0.5, no: 0}}
indicators:
  law: {points: status, in: rules}
  plan: {points: {answer is yes and proof is missing: 0.25, yes: 1, no: 0}, in: rules}
  users: {in: means, steps: [goalposts 0 100]}
  staff: {in: means}
nodes:
  top: {of: {rules: 3, means: 1}}
  rules: {}
  means: {}
"""
DATA = pd.DataFrame(
    {
        "unit": ["Abaria", "Belmora", "Cordania"],
        "law": ["unknown", "Oui", "drafted"],
        "plan": ["yes", "unknown", "unknown"],
        "proof": ["link", "link", None],
        "users": [50.0, 20.0, 80.0],
        "staff": [0.5, 0.5, 0.5],
    }
)


def index_of(folder: Path, text: str = SPEC, **changes: str) -> ei.Index:
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "readiness.yaml").write_text(text, encoding="utf-8")
    return ei.load_index(folder / "readiness.yaml")


def replaced(folder: Path, *pairs: tuple[str, str]) -> ei.Index:
    return index_of(folder, SPEC, **dict(pairs))


# --- the outside world


def test_the_tracker_prints_no_data_for_22_answers():
    """UNCTAD counts laws: a country with k areas of no data may have k more, and no fewer."""
    data = ei.sample("unctad-cyberlaw-2026")
    areas = [name for name in data if name != "code" and data[name].isin(["No Data"]).any()]
    unknown = data.set_index("code")[areas].eq("No Data").sum(axis=1)
    table = ei.bounds("unctad-cyberlaw-2026", data, "no_data").of("areas")
    assert table["open"].sum() == unknown.sum() == 22
    assert (table["low"] == table["value"]).all()
    np.testing.assert_allclose(table["high"] - table["low"], unknown.reindex(table.index), rtol=0, atol=1e-12)
    assert (table["rank_best"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_worst"]).all()


# --- by hand


def test_a_sentence_about_another_column_counts(tmp_path):
    """plan of Cordania has no proof: a yes would earn 0.25 there, and 1 in Belmora."""
    found = ei.bounds(replaced(tmp_path), DATA)
    rules, means, top = found.of("rules"), found.of("means"), found.of()
    assert rules["low"].tolist() == [0.5, 0.5, 0.25]
    assert rules["high"].tolist() == [1.0, 1.0, 0.375]
    assert means["low"].tolist() == means["high"].tolist() == [0.5, 0.35, 0.65]
    assert top["low"].tolist() == pytest.approx([(3 * 0.5 + 0.5) / 4, (3 * 0.5 + 0.35) / 4, (3 * 0.25 + 0.65) / 4])
    assert top["high"].tolist() == pytest.approx([(3 + 0.5) / 4, (3 + 0.35) / 4, (3 * 0.375 + 0.65) / 4])
    assert top["rank_best"].tolist() == [1, 1, 3]
    assert top["rank_worst"].tolist() == [2, 2, 3]
    assert top["open"].tolist() == [1, 1, 1]
    assert found.refused == {}


def test_the_value_of_the_policy_need_not_lie_between(tmp_path):
    """Abaria skips law and has 1; any answer to law but yes is less, none is more."""
    table = ei.bounds(replaced(tmp_path), DATA.assign(plan=["yes", "no", "no"])).of("rules")
    assert table.loc["Abaria", ["value", "low", "high"]].tolist() == [1, 0.5, 1]
    worst = ei.bounds(replaced(tmp_path, ("yes: 1, drafted", "yes: 0.6, drafted")), DATA).of("rules")
    assert worst.loc["Abaria", "value"] > worst.loc["Abaria", "high"]


def test_a_unit_that_has_no_score_may_get_one(tmp_path):
    data = DATA.assign(plan=["unknown", "yes", "no"], users=None, staff=None)
    index = replaced(tmp_path, ("missing: 0}\npoints", "missing: skip}\npoints"))
    found = ei.bounds(index, data)
    table = found.of()
    assert pd.isna(table.loc["Abaria", "rank"])
    assert np.isnan(table.loc["Abaria", "value"])
    assert table.loc["Abaria", ["low", "high", "rank_best", "rank_worst"]].tolist() == [0, 1, 1, 3]
    assert found.of("means")[["low", "high", "rank_best"]].isna().all(axis=None)


def test_periods_are_ranked_by_themselves(tmp_path):
    both = pd.concat([DATA.assign(period=2022), DATA.assign(period=2024, law="no", plan="no")], ignore_index=True)
    found = ei.bounds(replaced(tmp_path), both)
    alone = ei.bounds(replaced(tmp_path), DATA)
    assert found.of().xs(2022, level="period")["rank_worst"].tolist() == alone.of()["rank_worst"].tolist()
    later = found.of().xs(2024, level="period")
    assert later["rank_best"].tolist() == later["rank_worst"].tolist() == later["rank"].tolist()
    assert list(found.table.columns[:3]) == ["unit", "period", "node"]
    assert len(found.table) == 6 * 3


def test_several_kinds_and_their_spelling(tmp_path):
    data = DATA.assign(law=["unknown", None, "no"], plan=["yes", "yes", "no"])
    index = replaced(tmp_path)
    assert ei.bounds(index, data, "Unknown").of("rules")["open"].tolist() == [1, 0, 0]
    assert ei.bounds(index, data, ["unknown", "missing"]).of("rules")["open"].tolist() == [1, 1, 0]
    none = ei.bounds(index, data, "not_applicable")
    assert "no answer is not_applicable: every range is one value" in repr(none)
    assert none.of()["low"].equals(none.of()["value"])


# --- numbers


def test_open_numbers_lie_between_goalposts_or_limits(tmp_path):
    data = DATA.assign(law="no", plan="no", users=[None, 20.0, 80.0], staff=[0.5, None, 0.5])
    found = ei.bounds(replaced(tmp_path), data, "missing")
    assert "staff: it takes any number" in found.refused["means"]
    assert 'limits={"staff": (low, high)}' in found.refused["top"]
    assert "means" not in set(found.table["node"])
    with pytest.raises(ei.MethodError, match=r"means has no exact bounds\. staff: it takes any number"):
        found.of("means")
    table = ei.bounds(replaced(tmp_path), data, "missing", limits={"staff": (0.25, 2)}).of("means")
    assert table["low"].tolist() == [0.25, (0.2 + 0.25) / 2, 0.65]
    assert table["high"].tolist() == [0.75, (0.2 + 2) / 2, 0.65]


def test_numbers_whose_points_are_computed_need_their_answers(tmp_path):
    index = replaced(tmp_path, ("staff: {in: means}", "staff: {in: means, points: {0: 0, else: value - 0.5}}"))
    data = DATA.assign(law="no", plan="no", staff=[None, 1, 3])
    found = ei.bounds(index, data, "missing", limits={"staff": (0, 3)})
    assert 'its points are computed ("value - 0.5")' in found.refused["means"]
    table = ei.bounds(index, data, "missing", answers={"staff": [0, 1, 2, 3]}).of("means")
    assert table.loc["Abaria", ["low", "high"]].tolist() == [0.25, (0.5 + 2.5) / 2]


# --- what is refused, and why

# what is written in the file, what stands there in its place, the node that is refused, and why
# ruff: noqa: E501 - lines of a table
REFUSED = [
    ("  rules: {}", "  rules: {aggregate: weakest}", "rules", "may fall where a child rises"),
    ("  rules: {}", "  rules: {aggregate: product}", "rules", "may fall where a child rises"),
    ("  rules: {}", "  rules: {steps: [distance 0.5]}", "rules", 'the step "distance 0.5" turns round'),
    ("  rules: {}", "  rules: {steps: [zscore]}", "rules", 'the step "zscore" learns from all units'),
    ("law: {points: status", "law: {steps: [rank], points: status", "rules", 'law: the step "rank" learns'),
    ("  rules: {}", "  rules: {points: {value > 0.5: 1}}", "rules", "ask for a score that open answers change"),
    ("  rules: {}", "  rules: {points: {law is no: 0}}", "rules", 'read column "law"'),
    ("  means: {}", "  means: {points: {law is no: 0}}", "means", 'read column "law"'),
    ("  means: {}", "  means: {points: {rules > 0.5: 0}}", "means", "ask for a score that open answers change"),
    ("staff: {in: means}", "staff: {in: means, points: {law is no: 0}}", "means", 'staff: its points read column "law"'),
    ("no: 0}}\nind", "no: skip}}\nind", "rules", 'the answer "no" would be skip'),
    ("no: 0}}\nind", "no: void}}\nind", "rules", 'the answer "no" would be void'),
    ("plan: {points: {answer is yes and proof is missing: 0.25, yes: 1, no: 0}", "plan: {from: law, points: status", "rules", "answered in one column"),
    ("staff: {in: means}", "staff: {from: [law, staff], in: means, points: {yes: 1, no: 0, drafted: 0, else: value}}", "means", 'reads column "law"'),
    ("top: {of: {rules: 3, means: 1}}", "top: {from: rules / means}", "top", "it is a formula"),
    ("nodes:\n", "reference: {where: law is yes}\nnodes:\n  other: {of: [staff], steps: [rank]}\n", "other", 'that column "law" chooses'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "node", "reason"), REFUSED, ids=[new.strip()[:40] for _, new, _, _ in REFUSED])
def test_what_is_not_exact_is_refused_with_the_reason(tmp_path, old, new, node, reason):
    found = ei.bounds(replaced(tmp_path, (old, new)), DATA)
    assert reason in found.refused[node]
    assert f"{node}: no exact bounds. " in repr(found)
    if node not in ("top", "other"):
        assert "top" in found.refused


def test_only_what_is_above_an_open_answer_is_refused(tmp_path):
    """means is a product, learns and rounds; no answer below it is open."""
    index = replaced(tmp_path, ("  means: {}", "  means: {aggregate: product, steps: [zscore, round 2]}"))
    found = ei.bounds(index, DATA)
    assert found.refused == {}
    assert found.of("means")["low"].equals(found.of("means")["value"])


def test_an_indicator_that_pulls_both_ways_is_refused(tmp_path):
    text = SPEC.replace(
        "  top: {of: {rules: 3, means: 1}}", "  top: {of: {rules: 1, law: -1, means: 1}, aggregate: sum}"
    )
    found = ei.bounds(index_of(tmp_path, text), DATA)
    assert "law pulls it up on one way and down on another" in found.refused["top"]
    assert "rules" not in found.refused


def test_a_completion_without_a_value_is_told_for_its_node_alone(tmp_path):
    text = SPEC.replace("drafted: 0.5, no: 0}}\nind", "drafted: 0.5, no: -1}}\nind")
    index = index_of(
        tmp_path, text.replace("  rules: {}", "  rules: {}\n  both: {of: [law, staff], aggregate: geometric}")
    )
    found = ei.bounds(index, DATA)
    assert "some completion has no value: both: the geometric mean needs" in found.refused["both"]
    assert found.of("rules").loc["Abaria", ["low", "high"]].tolist() == [0, 1]


# --- bad input

BAD = [
    ({"kinds": ["unknwon"]}, 'no kind of nothing "unknwon"; did you mean "unknown"?'),
    ({"kinds": []}, "name at least one kind"),
    ({"kinds": 3}, 'no kind of nothing "3"'),
    ({"limits": {"staf": (0, 1)}}, 'no indicator "staf"; did you mean "staff"?'),
    ({"limits": {"staff": (1, 0)}}, "staff lies between 1 and 0, upside down"),
    ({"limits": {"staff": (0, float("nan"))}}, "needs two numbers"),
    ({"limits": {"staff": 3}}, "needs two numbers"),
    ({"limits": {"law": (0, 1)}}, "law has answers that its points list"),
    ({"answers": {"lw": ["yes"]}}, 'no indicator "lw"; did you mean "law"?'),
    ({"answers": {"law": "yes"}}, "law needs a list of answers"),
    ({"answers": {"law": []}}, "law needs a list of answers"),
    ({"answers": {"law": ["yes", "perhaps"]}}, 'law does not take "perhaps"'),
]


@pytest.mark.parametrize(("options", "said"), BAD, ids=[str(options) for options, _ in BAD])
def test_bad_input_is_told(tmp_path, options, said):
    with pytest.raises(ei.MethodError) as caught:
        ei.bounds(replaced(tmp_path), DATA, **options)
    assert said in str(caught.value)


def test_all_faults_of_limits_at_once(tmp_path):
    with pytest.raises(ei.MethodError) as caught:
        ei.bounds(replaced(tmp_path), DATA, limits={"staf": (0, 1), "staff": (2, 1), "law": (0, 1)})
    assert len(caught.value.faults) == 3


def test_unknown_nodes_and_how_it_shows(tmp_path):
    found = ei.bounds(replaced(tmp_path), DATA)
    with pytest.raises(ei.MethodError, match='no node "tap"; did you mean "top"'):
        found.of("tap")
    assert repr(found).splitlines()[0] == "<Bounds readiness> 3 answers of 3 units open (unknown)"
    assert "<table" in found._repr_html_()
    assert found.table["node"].unique().tolist() == ["top", "rules", "means"]


def test_units_of_any_name_and_any_type(tmp_path):
    index = replaced(tmp_path)
    for units in (["completion 0", "completion 1", "completion"], [1, 2, 3], ["001", "", "b"]):
        if "" in units:
            continue
        found = ei.bounds(index, DATA.assign(unit=units))
        assert found.of()["low"].tolist() == ei.bounds(index, DATA).of()["low"].tolist()


TAKEN = """
index: readiness
answers: {status: {yes: [], drafted: [], no: []}}
nothing: {unknown: skip, missing: 0}
indicators:
  law: {answers: status, points: {LINE, yes: 1, no: 0, else: 0.5}}
  plan: {answers: status, points: {yes: 1, drafted: 0.5, no: 0}}
nodes:
  top: {of: [law, plan], points: {BELOW}}
"""
PANEL = pd.DataFrame(
    {
        "unit": ["Abaria", "Abaria", "Belmora", "Belmora", "Cordania"],
        "period": [2020, 2022, 2020, 2022, 2022],
        "parent": [None, None, "Abaria", "Abaria", None],
        "flag": [0, 0, 1, 1, 0],
        "law": ["unknown", None, "yes", "drafted", "no"],
        "plan": ["yes", "no", "yes", "yes", "no"],
    }
)


@pytest.mark.parametrize(
    "line",
    ["missing: last", "missing: parent", "missing: mean", "drafted: median", "flag is 1 and answer is drafted: mean"],
)
def test_an_answer_taken_from_an_open_one_has_no_bounds(tmp_path, line):
    """What Abaria is given in 2022 hangs on its answer in 2020, which may be anything: one number was given as both."""
    found = ei.bounds(
        index_of(tmp_path, TAKEN.replace("LINE", line).replace("BELOW", "else: value")), PANEL, kinds="unknown"
    )
    assert f'by its line "{line}" a row takes what others have' in found.refused["top"]


@pytest.mark.parametrize("line", ["unknown: last", "unknown: mean", "not_applicable: mean"])
def test_a_line_for_what_is_open_or_nowhere_is_of_no_effect(tmp_path, line):
    index = index_of(tmp_path, TAKEN.replace("LINE", line).replace("BELOW", "else: value"))
    found = ei.bounds(index, PANEL, kinds="unknown")
    assert not [why for why in found.refused.values() if "takes what others have" in why]


def test_a_node_filled_from_the_others_has_no_bounds(tmp_path):
    found = ei.bounds(
        index_of(tmp_path, TAKEN.replace("LINE", "missing: 0").replace("BELOW", "missing: mean")),
        PANEL,
        kinds="unknown",
    )
    assert found.refused["top"] == "top: its points take the mean of the other units, which open answers change"
