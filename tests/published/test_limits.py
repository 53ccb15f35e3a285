"""The limits `cap`, `floor`, `top` and `bottom` on invented rows, values worked out by hand.

UN E-Government Survey 2022, Technical Appendix: inputs are cut off at 120. In the table of 2024,
prices end at 1.00 below and at the tenth highest above. The copied table is cut already but for
enrolment, so the published figures alone would not notice a missing limit.
"""

from __future__ import annotations

from math import nan

import pandas as pd
import pytest

import egovindex as ei
from tests.published.tables import by_unit, largest, learned, write_index

INDEX = """
nothing: skip
columns: {unit: unit, period: year}
indicators:
  mobile: {steps: [cap 120]}
  price:  {steps: [floor 1, top 2]}
  low:    {from: price, steps: [bottom 2]}
  mirror: {from: mobile, steps: [cap 120, floor 100, out_of 120]}
nodes:
  all: {of: [mobile, price, low, mirror]}
"""

ROWS = pd.DataFrame(
    [
        # unit, year, mobile, price
        ("A", 2024, 130.0, 0.4),
        ("B", 2024, 120.0, 1.0),
        ("C", 2024, 90.0, 9.0),
        ("D", 2024, 119.9, 30.0),
        ("E", 2024, None, 7.5),
    ],
    columns=["unit", "year", "mobile", "price"],
)


@pytest.fixture
def index(tmp_path):
    return ei.load_index(write_index(tmp_path, "limits", INDEX))


@pytest.fixture
def values(index):
    return by_unit(ei.compute(index, ROWS).indicators)


def test_cap_lowers_only_what_is_above(values):
    assert values["mobile"].tolist() == pytest.approx([120, 120, 90, 119.9, nan], nan_ok=True)


def test_floor_raises_what_is_below_and_top_lowers_to_the_second_highest(values):
    # floor 1: .4 -> 1; the highest two are 30 and 9: 30 -> 9
    assert values["price"].tolist() == pytest.approx([1, 1, 9, 9, 7.5])


def test_bottom_raises_to_the_second_lowest(values):
    # the lowest two are .4 and 1: .4 -> 1
    assert values["low"].tolist() == pytest.approx([1, 1, 9, 30, 7.5])


def test_limits_are_applied_in_the_order_written(values):
    assert values["mirror"].tolist() == pytest.approx([1, 1, 100 / 120, 119.9 / 120, nan], nan_ok=True)


def test_top_is_learned_in_each_period(index):
    later = ROWS.assign(year=2025, price=[2.0, 3.0, 4.0, 5.0, 6.0])
    prices = ei.compute(index, pd.concat([ROWS, later])).indicators["price"]
    assert prices.loc[("D", 2024)] == pytest.approx(9)
    assert prices.loc[("E", 2025)] == pytest.approx(5)


def test_top_with_a_tie_at_the_limit_keeps_the_tied_value(index):
    tied = ROWS.assign(price=[5.0, 5.0, 5.0, 1.0, 2.0])
    prices = by_unit(ei.compute(index, tied).indicators)["price"]
    assert prices.tolist() == pytest.approx([5, 5, 5, 1, 2])


def test_top_does_not_count_a_gap(index):
    gap = ROWS.assign(price=[1.0, 4.0, None, 30.0, 7.0])
    prices = by_unit(ei.compute(index, gap).indicators)["price"]
    assert prices.tolist() == pytest.approx([1, 4, nan, 7, 7], nan_ok=True)


# The table of 2024 -------------------------------------------------------------------------------

TELECOM = ["mobile_cellular_per100", "active_mobile_broadband_per100"]
PRICES = {"price_mobile_data_pct_gni": (51, 20.39), "price_fixed_broadband_pct_gni": (29, 33.04)}


def test_limits_of_the_telecommunication_inputs_bind_nowhere_in_the_copied_table():
    index, data = ei.load_index("un-egdi-2024"), ei.sample("un-egdi-2024", variant="as-copied")
    patch = {record: {"steps": ["zscore"]} for record in [*TELECOM, *PRICES]}
    unlimited = index.with_(indicators=patch)
    tii, tii_unlimited = (ei.compute(i, data).scores["TII"] for i in (index, unlimited))
    assert largest(tii - tii_unlimited) < 1e-12
    # 79 and 32 states stand at the cap; 51 and 29 at the floor; ten at either ceiling
    assert (data["mobile_cellular_per100"] == 120).sum() == 79
    assert (data["active_mobile_broadband_per100"] == 120).sum() == 32
    for column, (at_floor, ceiling) in PRICES.items():
        assert (data[column] == 1).sum() == at_floor
        assert data[column].max() == ceiling
        assert (data[column] == ceiling).sum() == 10


def test_ceiling_of_the_prices_is_learned():
    result = ei.compute(ei.load_index("un-egdi-2024"), ei.sample("un-egdi-2024"))
    table = result.learned
    for record, (_, ceiling) in PRICES.items():
        rows = table[(table["record"] == record) & table["step"].astype(str).str.contains("top")]
        assert rows["value"].tolist() == [ceiling]


def test_cap_on_enrolment_binds():
    index, data = ei.load_index("un-egdi-2024"), ei.sample("un-egdi-2024", variant="as-copied")
    assert (data["gross_enrolment_pct"] > 100).sum() == 19
    uncapped = index.with_(indicators={"gross_enrolment_pct": {"steps": ["zscore"]}})
    with_cap, without = (ei.compute(i, data) for i in (index, uncapped))
    assert largest(with_cap.scores["HCI"] - without.scores["HCI"]) > 0.01
    assert learned(with_cap, "gross_enrolment_pct", "mean") == pytest.approx(77.91881, abs=5.01e-6)
