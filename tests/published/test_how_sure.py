"""How sure a ranking is, against what is known of it without drawing, and against what was found elsewhere.

Technology Achievement Index: 23 countries of the OECD/JRC handbook (2008), min-max over the 23, equal weights; exact
expected ranks and rank ranges by two algorithms each. EGDI 2024: the figures of the project's own research.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei


@pytest.fixture(scope="module")
def tai(shared):
    raw = pd.read_csv(shared / "data" / "tai" / "tai23_raw.csv").rename(columns={"country": "unit"})
    exact = pd.read_csv(shared / "data" / "exact" / "tai23_minmax_equal_exact.csv").set_index("country")
    indicators = raw.columns[1:]
    rows = pd.concat(
        [
            pd.DataFrame({"id": indicators, "kind": "indicator", "in": "TAI", "weight": 1.0}),
            pd.DataFrame({"id": ["TAI"], "kind": "node"}),
        ]
    )
    index = ei.Index.from_frame(rows, index="tai", nothing="void", defaults={"indicators": {"steps": ["minmax"]}})
    return index, raw, exact


def test_expected_ranks_are_the_exact_ones(tai):
    index, data, exact = tai
    draws = ei.simulate(index, data, ei.Doubt(weights=ei.simplex()), n=50_000, rng=1)
    found = draws.expected_ranks.loc[exact.index]
    off = (found["expected"] - exact["expected_rank_uniform"]) / found["se"]
    # 23 standard normal numbers, each of them dependent on the others
    assert off.abs().max() < 4.5
    assert 0.4 < np.sqrt((off**2).mean()) < 1.8


@pytest.mark.parametrize(
    ("law", "best", "worst"), [(ei.within(0.25), "best_pm25", "worst_pm25"), (ei.simplex(), "best_full", "worst_full")]
)
def test_no_draw_leaves_the_exact_range(tai, law, best, worst):
    index, data, exact = tai
    draws = ei.simulate(index, data, ei.Doubt(weights=law), n=20_000, rng=2, keep=True)
    ranks = draws.ranks[exact.index]
    assert (ranks.min().to_numpy() >= exact[best].to_numpy()).all()
    assert (ranks.max().to_numpy() <= exact[worst].to_numpy()).all()
    # and most of it is reached
    width = (ranks.max() - ranks.min()).to_numpy().sum()
    assert width > 0.6 * (exact[worst] - exact[best]).sum()


def test_control_wider_weights_leave_the_range_of_a_quarter(tai):
    index, data, exact = tai
    draws = ei.simulate(index, data, ei.Doubt(weights=ei.within(0.5)), n=20_000, rng=2, keep=True)
    assert (draws.ranks[exact.index].max().to_numpy() > exact["worst_pm25"].to_numpy()).any()


@pytest.fixture(scope="module")
def egdi():
    doubt = ei.Doubt(weights={"EGDI": ei.simplex()})
    return ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=10_000, rng=2024)


def test_egdi_2024_under_any_weights_of_the_three(egdi):
    # Dirichlet(1, 1, 1): a median width of about 24 ranks, and Denmark first in about 68 % of the draws
    intervals = egdi.rank_intervals(0.90)
    assert intervals["width"].median() == pytest.approx(24, abs=1)
    first = egdi.top(1)
    assert first.index[0][0] == "DNK"
    assert first["probability"].iloc[0] == pytest.approx(0.68, abs=0.015)
    assert first["se"].iloc[0] == pytest.approx(np.sqrt(0.68 * 0.32 / 10_000), abs=1e-4)


def test_the_law_of_the_weights_decides_the_width(egdi):
    index, data = "un-egdi-2024", ei.sample("un-egdi-2024")
    narrow = ei.simulate(index, data, ei.Doubt(weights={"EGDI": ei.within(0.25)}), n=4000, rng=1)
    assert narrow.rank_intervals()["width"].median() < egdi.rank_intervals()["width"].median() / 2
    assert narrow.laws == {"weights.EGDI": "within 0.25"}
    assert egdi.laws == {"weights.EGDI": "simplex"}
    assert "within 0.25" in repr(narrow)


def test_a_dirichlet_of_high_concentration_approaches_the_index():
    index, data = "un-egdi-2024", ei.sample("un-egdi-2024")
    widths = []
    for concentration in (3, 30, 3000):
        doubt = ei.Doubt(weights={"EGDI": ei.dirichlet(concentration)})
        widths.append(ei.simulate(index, data, doubt, n=2000, rng=1).rank_intervals()["width"].mean())
    assert widths[0] > widths[1] > widths[2]
    assert widths[2] < 3
