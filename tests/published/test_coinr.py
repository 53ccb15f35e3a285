"""The chain of the OECD/JRC handbook, against COINr.

Becker et al. 2022, COINr: An R package for developing composite indicators, J. Open Source Software
7(78), 4567, doi 10.21105/joss.04567; version 1.1.14+ (commit b968203). Tables: `tests/data/coinr`,
our own invented data run through COINr, every stage with 17 significant digits; see
`tests/data/README.md` for which setting made which file.

What COINr has and this language has not: a step for its `n_fracmax`, `n_rank` and `n_borda`, and an
aggregate for `a_genmean` and `a_copeland`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from tests.published.tables import by_unit

EXACT = {"rtol": 1e-12, "atol": 1e-12}
SETS = ["continuous_40x18", "questionnaire_60x24"]
MINMAX = {"steps": ["minmax 1 100"]}


class Reference:
    """One of the two sets: what went into COINr and what came out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.meta = pd.read_csv(folder / "iMeta.csv")
        self.indicators = self.meta.loc[self.meta["Type"] == "Indicator", "iCode"].tolist()
        self.nodes = self.meta.loc[self.meta["Type"] == "Aggregate", "iCode"].tolist()

    def table(self, stage: str, key: str = "uCode") -> pd.DataFrame:
        """A stage of COINr, one row per unit."""
        path = self.folder / f"{stage}.csv"
        return pd.read_csv(path).set_index(key)

    def compute(self, stage, *, indicators=MINMAX, nodes=None, nothing="void", without=()):
        """The index over a stage of COINr, with these keys for every indicator and every node.

        `without` names columns of the metadata that are left out.
        """
        meta = self.meta.drop(columns=list(without))
        defaults = {"indicators": indicators, "nodes": nodes or {}}
        index = ei.Index.from_frame(meta, index="coinr", nothing=nothing, defaults=defaults)
        data = self.table(stage)[self.indicators].rename_axis("unit").reset_index()
        return ei.compute(index, data)


@pytest.fixture(scope="module", params=SETS)
def coinr(request, root: Path) -> Reference:
    return Reference(root / "tests" / "data" / "coinr" / request.param)


def assert_same(computed: pd.DataFrame, expected: pd.DataFrame) -> None:
    computed = by_unit(computed).loc[expected.index, expected.columns]
    numbers = (table.to_numpy(dtype=float) for table in (computed, expected))
    np.testing.assert_allclose(*numbers, **EXACT)


# Normalising -------------------------------------------------------------------------------------


def test_minmax_with_directions(coinr):
    computed = coinr.compute("treated").indicators
    assert_same(computed, coinr.table("normalised")[coinr.indicators])


def test_minmax_leaves_gaps_as_gaps(coinr):
    computed = coinr.compute("iData", nothing="skip").indicators
    expected = coinr.table("normalised_with_NA")[coinr.indicators]
    assert expected.isna().sum().sum() in (12, 15)
    assert_same(computed, expected)


def test_zscore_with_sample_deviation(coinr):
    computed = coinr.compute("treated", indicators={"steps": ["zscore sample"]}).indicators
    assert_same(computed, coinr.table("norm_n_zscore")[coinr.indicators])


def test_zscore_with_mean_10_and_deviation_2(coinr):
    # COINr's n_zscore(m_sd = c(10, 2)) is 10 + 2 z
    computed = coinr.compute("treated", indicators={"steps": ["zscore sample 10 2"]}).indicators
    assert_same(computed, 10 + 2 * coinr.table("norm_n_zscore")[coinr.indicators])


def test_distance_to_the_maximum_is_minmax(coinr):
    # COINr's n_dist2max is 1 - (max - x) / (max - min)
    computed = coinr.compute("treated", indicators={"steps": ["minmax"]}).indicators
    assert_same(computed, coinr.table("norm_n_dist2max")[coinr.indicators])


# Filling and treating ----------------------------------------------------------------------------


def test_gaps_filled_with_the_median(coinr):
    median = {"points": {"missing": "median"}}
    computed = coinr.compute("iData", indicators=median, without=["Direction"]).indicators
    assert_same(computed, coinr.table("imputed")[coinr.indicators])


def test_winsorise_at_most_five_points(coinr):
    winsorise = {"steps": ["winsorise 5"]}
    computed = coinr.compute("imputed", indicators=winsorise, without=["Direction"]).indicators
    treated, untreated = (coinr.table(stage)[coinr.indicators] for stage in ("treated", "imputed"))
    changed = (treated != untreated).sum().loc[lambda n: n > 0].to_dict()
    assert changed == ({"c3": 2, "c11": 1} if "c3" in coinr.indicators else {})
    assert_same(computed, treated)


# Aggregating -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "aggregate"),
    [("aggregated", "mean"), ("agg_a_gmean", "geometric"), ("agg_a_hmean", "harmonic")],
)
def test_three_means_on_every_level(coinr, stage, aggregate):
    computed = coinr.compute("treated", nodes={"aggregate": aggregate}).scores
    assert_same(computed, coinr.table(stage)[coinr.nodes])


def test_mean_over_what_is_there(coinr):
    computed = coinr.compute("iData", nothing="skip").scores
    assert_same(computed, coinr.table("aggregated_with_NA")[coinr.nodes])


def test_mean_needs_80_percent_of_the_children(coinr):
    expected = coinr.table("aggregated_with_NA_thresh0.8")[coinr.nodes]
    assert expected.isna().sum().sum() == (21 if "c3" in coinr.indicators else 0)
    computed = coinr.compute("iData", nodes={"need": "80%"}, nothing="skip").scores
    assert_same(computed, expected)


def test_the_chain_from_the_filled_table(coinr):
    computed = coinr.compute("imputed", indicators={"steps": ["winsorise 5", "minmax 1 100"]})
    assert_same(computed.indicators, coinr.table("normalised")[coinr.indicators])
    assert_same(computed.scores, coinr.table("aggregated")[coinr.nodes])


def test_the_whole_chain_from_the_table_with_gaps(coinr):
    chain = {"points": {"missing": "median"}, "steps": ["winsorise 5", "minmax 1 100"]}
    computed = coinr.compute("iData", indicators=chain).scores
    assert_same(computed, coinr.table("aggregated")[coinr.nodes])


def test_control_without_weights_the_scores_differ(coinr):
    unweighted = by_unit(coinr.compute("treated", without=["Weight"]).scores)["Index"]
    assert (unweighted - coinr.table("aggregated")["Index"]).abs().max() > 0.1


# Ranks and effective weights ---------------------------------------------------------------------


def test_ranks(coinr):
    # COINr ranks sums whose last digits differ, so equal scores may have different ranks there:
    # a rank must lie among those that the units with the same score take up together
    ranks = by_unit(coinr.compute("treated").ranks)[coinr.nodes].astype(int)
    expected = coinr.table("ranks").loc[ranks.index, coinr.nodes]
    scores = coinr.table("aggregated").loc[ranks.index, coinr.nodes].round(9)
    best, worst = (scores.rank(ascending=False, method=method) for method in ("min", "max"))
    assert ((best <= ranks) & (ranks <= worst)).all(axis=None)
    assert ((best <= expected) & (expected <= worst)).all(axis=None)
    assert (ranks == expected).to_numpy()[(best == worst).to_numpy()].all()
    assert (ranks["Index"] == expected["Index"]).all()


def test_effective_weights(coinr):
    computed = coinr.compute("treated").effective_weights()["share"]
    expected = coinr.table("effective_weights", key="iCode")
    assert set(expected.index) <= set(computed.index)
    np.testing.assert_allclose(computed[expected.index], expected["EffWeight"], **EXACT)
