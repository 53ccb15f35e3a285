"""OSI, TII, HCI and EPI 2024 as indices of their own.

Source of the figures: UN DESA, UN E-Government Survey 2024, Technical Appendix, by way of the DADS5001 course
material, and the data download of the same survey (`indicators/samples/README.md`). The parts are `like`
un-egdi-2024, so a number of theirs stands in one file.
"""

from __future__ import annotations

import pandas as pd
import pytest

import egovindex as ei
from tests.published.tables import by_unit, largest

PARTS = ["OSI", "TII", "HCI"]
PRINTED = 5e-5  # half of the last printed digit
FIFTH = 5e-6  # the same, of the data download
OTHER_VINTAGE = {
    # the E-Participation Index in the data download, and inside the OSI table
    "BEL": (0.5068, 0.5479),
    "CYP": (0.6986, 0.7260),
    "KEN": (0.5205, 0.6712),
    "KWT": (0.3014, 0.4795),
    "MLT": (0.7397, 0.7671),
    "OMN": (0.6575, 0.7260),
}


def scores(index: str | ei.Index, data: pd.DataFrame | None = None) -> pd.DataFrame:
    return by_unit(ei.compute(index, ei.sample(index) if data is None else data).scores)


def printed(sample: str = "un-egdi-2024") -> pd.DataFrame:
    return ei.sample(sample).set_index("iso3")


def own(node: str) -> str:
    return f"un-{node.lower()}-2024"


@pytest.mark.parametrize(("node", "tolerance"), [("OSI", PRINTED), ("TII", 1e-4), ("HCI", 5e-4)])
def test_a_part_is_the_printed_one(node, tolerance):
    difference = scores(own(node))[node] - printed()[node.lower()]
    assert len(difference) == 193
    assert largest(difference) <= tolerance


def test_the_osi_is_met_at_the_five_digits_of_the_download_too():
    assert largest(scores("un-osi-2024")["OSI"] - printed("un-egdi-parts-2024")["osi"]) <= FIFTH


@pytest.mark.parametrize("variant", ["corrected", "as-copied"])
@pytest.mark.parametrize("node", PARTS)
def test_a_part_is_the_node_of_the_whole_index(node, variant):
    data = ei.sample("un-egdi-2024", variant)
    whole, alone = ei.compute("un-egdi-2024", data), ei.compute(own(node), data)
    assert alone.headline == node
    for name in alone.nodes:
        pd.testing.assert_series_equal(alone.scores[name], whole.scores[name], check_exact=True)
    pd.testing.assert_series_equal(alone.ranks[node], whole.ranks[node])
    pd.testing.assert_series_equal(alone.classes[node], whole.classes[node])


@pytest.mark.parametrize("node", PARTS)
def test_a_part_has_no_number_of_its_own(node):
    # every record stands in the file of the whole index, word for word
    part, whole = ei.load_index(own(node)).document(), ei.load_index("un-egdi-2024").document()
    assert part["indicators"] == {name: whole["indicators"][name] for name in part["indicators"]}
    assert part["nodes"] == {name: whole["nodes"][name] for name in part["nodes"]}
    assert part["defaults"] == whole["defaults"]


@pytest.mark.parametrize("node", PARTS)
def test_the_parts_together_are_the_whole(node):
    whole = ei.load_index("un-egdi-2024").tree
    trees = [ei.load_index(own(part)).tree for part in PARTS]
    assert sorted(leaf for tree in trees for leaf in tree.leaves) == sorted(whole.leaves)
    assert node in trees[PARTS.index(node)].branches


@pytest.mark.parametrize("name", ["un-osi-2024", "un-tii-2024", "un-hci-2024", "un-epi-2024"])
def test_one_table_serves_them_all(name, root):
    assert not (root / "indicators" / "samples" / f"{name}.csv").exists()
    for variant in ("corrected", "as-copied"):
        pd.testing.assert_frame_equal(ei.sample(name, variant), ei.sample("un-egdi-2024", variant))
    assert ei.list_indices().loc[name, "sample"]


def test_an_edition_like_another_has_no_table():
    assert not ei.list_indices().loc["un-egdi-parts-2008", "sample"]
    with pytest.raises(ei.DataError, match='no sample "un-egdi-parts-2008"'):
        ei.sample("un-egdi-parts-2008")


# E-participation ---------------------------------------------------------------------------------


def test_the_epi_stands_on_its_grid_and_is_that_of_the_osi_table():
    table, epi = printed(), scores("un-epi-2024")["EPI"]
    points = epi * 73
    assert largest(points - points.round()) < 1e-12
    assert largest(epi - table["osi_epi"]) <= PRINTED
    assert (epi.min(), epi.max()) == (0, 1)


def test_the_epi_is_the_downloaded_one_but_for_six_states():
    download, epi = printed("un-egdi-parts-2024")["epi"], scores("un-epi-2024")["EPI"]
    away = (epi - download).abs()
    assert sorted(away.index[away > PRINTED]) == sorted(OTHER_VINTAGE)
    for unit, (downloaded, inside) in OTHER_VINTAGE.items():
        assert download[unit] == downloaded
        assert round(epi[unit], 4) == inside


def test_the_grid_of_the_epi_is_the_one_that_the_osi_uses():
    whole, epi = (ei.load_index(name).document()["indicators"]["osi_epi"] for name in ("un-egdi-2024", "un-epi-2024"))
    assert epi["steps"][0] == whole["steps"][0]


@pytest.mark.parametrize("grid", [72, 74])
def test_control_another_grid_does_not_meet_the_shares(grid):
    index = ei.load_index("un-epi-2024").with_(indicators={"osi_epi": {"steps": [f"grid {grid}"]}})
    assert largest(scores(index)["EPI"] - printed()["osi_epi"]) > 50 * PRINTED


def test_control_with_the_downloaded_epi_the_osi_is_not_the_printed_one():
    data = ei.sample("un-osi-2024").set_index("iso3")
    data["osi_epi"] = printed("un-egdi-parts-2024")["epi"]
    difference = scores("un-osi-2024", data.reset_index())["OSI"] - printed()["osi"]
    assert largest(difference) > 0.05
