"""Cyberlaw adoption.

UNCTAD, Global Cyberlaw Tracker (2026): the answer of 195 countries in five areas. UNCTAD counts the
areas with legislation; the counts below are those of its table.
"""

from __future__ import annotations

import pandas as pd
import pytest

import egovindex as ei
from tests.published.tables import by_unit

AREAS = {
    # area: legislation, draft, none, no data
    "Electronic Transactions": (176, 4, 14, 1),
    "Consumer Protection": (119, 3, 55, 18),
    "Privacy and Data Protection": (155, 5, 33, 2),
    "Cybercrime": (175, 5, 14, 1),
    "Indirect Taxation": (98, 0, 97, 0),
}
ANSWERS = ["Legislation", "Draft Legislation", "No Legislation", "No Data"]


@pytest.fixture(scope="module")
def data():
    return ei.sample("unctad-cyberlaw-2026")


@pytest.fixture(scope="module")
def index():
    return ei.load_index("unctad-cyberlaw-2026")


def areas(index: ei.Index, data: pd.DataFrame) -> pd.Series:
    return by_unit(ei.compute(index, data).scores)["areas"]


def answers(data: pd.DataFrame, answer: str) -> pd.Series:
    """How many areas of each country have that answer."""
    return (data.set_index("code")[list(AREAS)] == answer).sum(axis=1)


def test_numeric_codes_keep_their_zeros(data):
    assert len(data) == 195
    assert data["code"].iloc[0] == "004"
    assert (data["code"].str.len() == 3).all()


@pytest.mark.parametrize("area", AREAS)
def test_answers_of_an_area_are_those_of_the_table(data, area):
    assert tuple((data[area] == answer).sum() for answer in ANSWERS) == AREAS[area]


def test_regions_are_told_apart_after_66_corrections(data):
    regions = ["Africa", "Latin America and Caribbean", "Asia and Oceania"]
    assert data[regions].sum().tolist() == [54, 33, 62]
    assert (data[regions].sum(axis=1) <= 1).all()
    elsewhere = data["country"][data[regions].sum(axis=1) == 0]
    assert len(elsewhere) == 46
    assert {"Albania", "Canada", "Russian Federation", "Holy See"} < set(elsewhere)
    copied = ei.sample("unctad-cyberlaw-2026", variant="as-copied")
    kenya = copied.index[copied["country"] == "Kenya"].item()
    assert (copied.loc[kenya + 1 :, "Asia and Oceania"] == 1).all()
    assert (data["corrected"] != "").sum() == 66 == (copied["Asia and Oceania"] - data["Asia and Oceania"]).sum()
    assert copied[list(AREAS)].equals(data[list(AREAS)])


def test_strict_is_the_default_and_counts_areas_with_legislation(index, data):
    counts = areas(index, data)
    assert counts.round(9).value_counts().to_dict() == {5: 73, 4: 54, 3: 33, 2: 15, 1: 13, 0: 7}
    assert counts.to_numpy() == pytest.approx(answers(data, "Legislation").to_numpy())
    pd.testing.assert_series_equal(areas(index.with_rules("strict"), data), counts)


def test_graded_differs_only_where_there_is_a_draft(index, data):
    gain = areas(index.with_rules("graded"), data) - areas(index, data)
    drafts = answers(data, "Draft Legislation")
    assert (drafts > 0).sum() == 16
    assert gain.to_numpy() == pytest.approx(0.5 * drafts.to_numpy())
    assert drafts["516"] == 2  # Namibia: privacy and cybercrime


def test_no_data_is_a_policy_of_its_own(index, data):
    strict, known = areas(index, data), areas(index.with_rules("known_only"), data)
    no_data = answers(data, "No Data")
    legislation = answers(data, "Legislation")
    assert (no_data > 0).sum() == 19
    assert known.to_numpy() == pytest.approx((5 * legislation / (5 - no_data)).to_numpy())
    assert (known[no_data == 0] == strict[no_data == 0]).all()
    # Holy See: no data in four areas, no legislation in the fifth. Bhutan: four of four known areas
    assert (strict["336"], known["336"]) == (0, 0)
    assert known["064"] == pytest.approx(5)


def test_two_rules_together(index, data):
    both = areas(index.with_rules("graded", "known_only"), data)
    # Liberia: electronic transactions, no data, none, draft, none
    assert both["430"] == pytest.approx(5 * 1.5 / 4)


def test_coverage_says_what_share_of_the_areas_counted(index, data):
    coverage = by_unit(ei.compute(index.with_rules("known_only"), data).coverage)["areas"]
    assert coverage["336"] == pytest.approx(1 / 5)
    assert coverage["004"] == pytest.approx(1)


def test_no_data_in_all_areas_is_no_score(index, data):
    nothing = data[data["code"] == "336"].assign(**dict.fromkeys(AREAS, "No Data"))
    assert areas(index, nothing).tolist() == [0]
    assert areas(index.with_rules("known_only"), nothing).isna().all()


def test_spelling_is_free_in_case_and_outer_blanks_but_not_otherwise(index, data):
    loud = data.assign(**{area: "  " + data[area].str.upper() + " " for area in AREAS})
    pd.testing.assert_series_equal(areas(index, loud), areas(index, data))
    unknown = data.assign(Cybercrime=data["Cybercrime"].replace("Draft Legislation", "In debate"))
    with pytest.raises(ei.DataError, match=r"(?i)in debate"):
        ei.compute(index, unknown)


def test_a_blank_is_an_error_because_the_tracker_leaves_none(index, data):
    with pytest.raises(ei.DataError, match="blank"):
        ei.compute(index, data.assign(Cybercrime=data["Cybercrime"].replace("No Data", None)))
