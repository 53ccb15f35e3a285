"""EGDI 2024 rebuilt from raw inputs.

Source of the figures: UN DESA, UN E-Government Survey 2024, Technical Appendix, by way of the
DADS5001 course material (`indicators/samples/README.md`). The table prints OSI, TII, HCI and EGDI
with four decimals, so a value that was computed without fault is off by at most 0.00005. Constants
and golden rows were computed from the same table beforehand, in another program, and are compared
at the digits that were noted then.
"""

from __future__ import annotations

import pandas as pd
import pytest

import egovindex as ei
from tests.published.tables import by_unit, largest, learned

PRINTED = 5e-5  # half of the last printed digit
GROUPS = ["Very high", "High", "Middle", "Low"]


def compute(data: pd.DataFrame, index: ei.Index | None = None) -> ei.IndexResult:
    return ei.compute(index or ei.load_index("un-egdi-2024"), data)


def differences(result: ei.IndexResult, data: pd.DataFrame) -> pd.DataFrame:
    """Computed minus printed, one column per published value."""
    scores = by_unit(result.scores)
    printed = data.set_index("iso3")
    nodes = ["OSI", "TII", "HCI", "EGDI"]
    return pd.DataFrame({node: scores[node] - printed[node.lower()] for node in nodes})


def equal_ranks(result: ei.IndexResult, data: pd.DataFrame) -> int:
    return int((by_unit(result.ranks)["EGDI"] == data.set_index("iso3")["rank"]).sum())


def group_sizes(result: ei.IndexResult, node: str = "EGDI") -> list[int]:
    return result.classes[node].value_counts().reindex(GROUPS, fill_value=0).tolist()


@pytest.fixture(scope="module")
def corrected() -> pd.DataFrame:
    return ei.sample("un-egdi-2024")


@pytest.fixture(scope="module")
def copied() -> pd.DataFrame:
    return ei.sample("un-egdi-2024", variant="as-copied")


@pytest.fixture(scope="module")
def result(corrected: pd.DataFrame) -> ei.IndexResult:
    return compute(corrected)


@pytest.fixture(scope="module")
def result_as_copied(copied: pd.DataFrame) -> ei.IndexResult:
    return compute(copied)


# Published values, Technical Appendix of the survey ----------------------------------------------


def test_osi_equals_the_printed_osi_of_all_states(result, corrected):
    difference = differences(result, corrected)["OSI"]
    assert len(difference) == 193
    assert largest(difference) <= PRINTED


def test_tii_is_within_one_printed_digit_of_all_states(result, corrected):
    # the inputs are rounded too, so some rows are off by more than half a digit
    difference = differences(result, corrected)["TII"].abs()
    assert largest(difference) <= 1e-4
    assert (difference <= PRINTED).sum() == 155


def test_corrected_table_leads_to_the_printed_hci_and_egdi(result, corrected):
    difference = differences(result, corrected)
    assert largest(difference["HCI"]) <= 5e-4
    assert largest(difference["EGDI"]) <= 2e-4
    assert equal_ranks(result, corrected) == 187


def test_corrected_table_leads_to_the_published_groups(result):
    assert group_sizes(result) == [76, 62, 44, 11]


@pytest.mark.parametrize(
    ("node", "sizes"),
    [("OSI", [65, 45, 62, 21]), ("TII", [107, 34, 32, 20]), ("HCI", [70, 79, 37, 7])],
)
def test_the_same_cuts_give_the_published_groups_of_the_parts(result, node, sizes):
    assert group_sizes(result, node) == sizes


def test_table_as_copied_leaves_eight_states_off_in_hci(result_as_copied, copied):
    difference = differences(result_as_copied, copied)
    assert (difference["HCI"].abs() <= 1e-3).sum() == 185
    assert difference["HCI"].abs().idxmax() == "OMN"
    assert largest(difference["HCI"]) == pytest.approx(0.0390, abs=5e-5)
    assert largest(difference["EGDI"]) == pytest.approx(0.0130, abs=5e-5)
    assert equal_ranks(result_as_copied, copied) == 171
    assert group_sizes(result_as_copied) == [76, 61, 45, 11]


def test_osi_and_tii_do_not_depend_on_the_corrections(result, result_as_copied):
    parts = ["OSI", "TII"]
    pd.testing.assert_frame_equal(result.scores[parts], result_as_copied.scores[parts])


def test_range_of_the_parts_and_of_the_index(result):
    # OSI, TII and HCI run from 0 to 1; EGDI is their plain mean, without a further min-max
    parts = result.scores[["OSI", "TII", "HCI"]]
    assert parts.min().tolist() == [0, 0, 0]
    assert parts.max().tolist() == [1, 1, 1]
    assert result.scores["EGDI"].max() == pytest.approx(0.9847, abs=PRINTED)


# Golden rows: z of framework, content, services, participation, technology -> sum -> OSI ----

GOLDEN = {
    "DNK": ([0.93763, 1.31533, 1.57756, 1.77466, 1.57510], 1.56932, 0.99924),
    "THA": ([0.93763, 0.87989, 0.51003, 0.93879, -0.16865], 0.68741, 0.76105),
    "ERI": ([-3.94270, -2.16815, -2.06984, -1.71632, -1.91241], -2.13044, 0.0),
    "KOR": ([0.93763, 1.31533, 1.62204, 1.72549, 1.57510], 1.57212, 1.0),
}
OSI_GRIDS = {"osi_if": 25, "osi_cp": 9, "osi_sp": 83, "osi_epi": 73, "osi_tec": 16}
OSI_WEIGHTS = pd.Series([0.10, 0.05, 0.45, 0.35, 0.05], index=list(OSI_GRIDS))


@pytest.mark.parametrize("unit", GOLDEN)
def test_golden_row(result, unit):
    z, weighted_sum, osi = GOLDEN[unit]
    computed = by_unit(result.indicators).loc[unit, OSI_WEIGHTS.index]
    assert computed.tolist() == pytest.approx(z, abs=5e-6)
    assert (computed * OSI_WEIGHTS).sum() == pytest.approx(weighted_sum, abs=5e-6)
    assert by_unit(result.scores).loc[unit, "OSI"] == pytest.approx(osi, abs=5e-6)


def test_bounds_of_the_weighted_osi_sum(result):
    assert learned(result, "OSI", "min") == pytest.approx(-2.130439, abs=5e-7)
    assert learned(result, "OSI", "max") == pytest.approx(1.572125, abs=5e-7)


# Learned constants: mean and population standard deviation ---------------------------------------

OSI_CONSTANTS = {
    "osi_if": (0.807876, 0.204904),
    "osi_cp": (0.664364, 0.255173),
    "osi_sp": (0.560647, 0.270865),
    "osi_epi": (0.491873, 0.278604),
    "osi_tec": (0.536269, 0.215053),
}
TII_CONSTANTS = {
    "mobile_cellular_per100": (100.73036, 25.02937),
    "internet_users_pct": (68.27000, 26.10772),
    "active_mobile_broadband_per100": (76.50368, 35.93046),
    "price_mobile_data_pct_gni": (5.16565, 5.83869),
    "price_fixed_broadband_pct_gni": (8.33472, 9.87803),
}
HCI_CONSTANTS_AS_COPIED = {
    "adult_literacy_pct": (87.25415, 17.01931),
    "gross_enrolment_pct": (77.91881, 17.03519),
    "expected_years_schooling": (13.36565, 3.07013),
    "mean_years_schooling": (8.89456, 3.19970),
    "egov_literacy": (0.45912, 0.27536),
}


def check_constants(result, record, constants, tolerance):
    mean, sd = constants
    assert learned(result, record, "mean") == pytest.approx(mean, abs=tolerance)
    assert learned(result, record, "sd") == pytest.approx(sd, abs=tolerance)


@pytest.mark.parametrize("record", OSI_CONSTANTS)
def test_osi_constants(result, record):
    check_constants(result, record, OSI_CONSTANTS[record], 5.01e-7)


@pytest.mark.parametrize("record", TII_CONSTANTS)
def test_tii_constants(result, record):
    check_constants(result, record, TII_CONSTANTS[record], 5.01e-6)


@pytest.mark.parametrize("record", HCI_CONSTANTS_AS_COPIED)
def test_hci_constants(result_as_copied, record):
    check_constants(result_as_copied, record, HCI_CONSTANTS_AS_COPIED[record], 5.01e-6)


# Negative controls: a wrong recipe must be noticed -----------------------------------------------


def with_osi_steps(*steps: str, **grids: int) -> ei.Index:
    """The index with other steps for the parts of OSI; `N` stands for the grid of each."""
    patch = {
        record: {"steps": [step.replace("N", str(n)) for step in steps]} for record, n in (OSI_GRIDS | grids).items()
    }
    return ei.load_index("un-egdi-2024").with_(indicators=patch)


def test_control_without_the_grid_the_printed_shares_are_too_coarse(corrected):
    index = with_osi_steps("zscore")
    difference = differences(compute(corrected, index), corrected)["OSI"].abs()
    assert largest(difference) == pytest.approx(7.8e-5, abs=5e-7)
    assert (difference > PRINTED).sum() == 34


def test_control_with_two_grids_swapped_the_osi_is_wrong(corrected):
    index = with_osi_steps("grid N", "zscore", osi_sp=73, osi_epi=83)
    assert largest(differences(compute(corrected, index), corrected)["OSI"]) > 5e-3


def test_control_without_zscore_the_osi_moves(corrected):
    # z-scores change the effective weights: without them OSI moves by up to 0.0224
    index = with_osi_steps("grid N")
    scores = by_unit(compute(corrected, index).scores)["OSI"]
    assert largest(scores - corrected.set_index("iso3")["osi"]) == pytest.approx(0.0224, abs=5e-5)


def test_control_with_five_equal_weights_the_tii_is_wrong(corrected):
    inputs = ["internet_users_pct", "mobile_cellular_per100", "active_mobile_broadband_per100"]
    prices = ["price_mobile_data_pct_gni", "price_fixed_broadband_pct_gni"]
    index = ei.load_index("un-egdi-2024").with_(nodes={"TII": {"of": [*inputs, *prices]}})
    difference = differences(compute(corrected, index), corrected)["TII"]
    assert largest(difference) == pytest.approx(0.149, abs=5e-4)


def test_population_and_sample_deviation_give_the_same_index(result, corrected):
    # the factor sqrt((n - 1) / n) is common to all inputs and the min-max removes it
    other = compute(corrected, with_osi_steps("grid N", "zscore sample"))
    assert largest(other.scores["OSI"] - result.scores["OSI"]) < 1e-12
    assert largest(other.indicators["osi_if"] - result.indicators["osi_if"]) > 1e-3
