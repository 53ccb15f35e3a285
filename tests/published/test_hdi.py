"""The Human Development Index 2022.

UNDP, Human Development Report 2023/2024, Statistical Annex table 1 and Technical note 1 (CC BY 3.0
IGO): the index with three decimals and its four inputs for 193 countries and territories.
"""

from __future__ import annotations

import pytest

import egovindex as ei
from tests.published.tables import by_unit


@pytest.fixture(scope="module")
def data():
    return ei.sample("undp-hdi-2022")


@pytest.fixture(scope="module")
def result(data):
    return ei.compute(ei.load_index("undp-hdi-2022"), data)


def test_hdi_equals_the_published_three_decimals_of_all(result, data):
    computed = by_unit(result.scores)["HDI"].round(3)
    assert len(computed) == 193
    assert (computed == data.set_index("iso3")["hdi_2022"]).all()


def test_groups_are_the_published_groups(result, data):
    published = data.set_index("iso3")["hdicode"].str.lower()
    assert (by_unit(result.classes)["HDI"].str.lower() == published).all()


def test_control_groups_of_the_unrounded_index_misplace_uganda(data):
    unrounded = ei.load_index("undp-hdi-2022").with_(nodes={"HDI": {"steps": []}})
    result = ei.compute(unrounded, data)
    groups = by_unit(result.classes)["HDI"].str.lower()
    published = data.set_index("iso3")["hdicode"].str.lower()
    assert groups.index[groups != published].tolist() == ["UGA"]
    assert by_unit(result.scores).loc["UGA", "HDI"] == pytest.approx(0.549838, abs=5e-7)


def test_control_without_the_caps_the_rich_and_the_schooled_are_too_high(data):
    uncapped = ei.load_index("undp-hdi-2022").with_(
        indicators={
            "eys": {"steps": ["goalposts 0 18"]},
            "gnipc": {"steps": ["goalposts 100 75000 log"]},
        }
    )
    computed = by_unit(ei.compute(uncapped, data).scores)["HDI"]
    higher = computed.index[computed > data.set_index("iso3")["hdi_2022"]]
    capped = (data["eys_2022"] > 18) | (data["gnipc_2022"] > 75000)
    assert set(higher) == set(data.loc[capped, "iso3"])


def test_dimension_indices_of_one_row(result, data):
    # by hand, Technical note 1: (value - minimum) / (maximum - minimum)
    row = data.set_index("iso3").loc["AFG"]
    indicators = by_unit(result.indicators).loc["AFG"]
    assert indicators["le"] == pytest.approx((row["le_2022"] - 20) / 65)
    assert by_unit(result.scores).loc["AFG", "education"] == pytest.approx(
        (row["eys_2022"] / 18 + row["mys_2022"] / 15) / 2
    )
