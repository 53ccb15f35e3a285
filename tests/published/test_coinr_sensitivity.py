"""Uncertainty and sensitivity, draw by draw, against the designs that COINr kept.

Becker et al. 2022, COINr, J. Open Source Software 7(78), 4567, doi 10.21105/joss.04567; version 1.1.14+ (commit
b968203). Tables: `tests/data/README.md`. Each run of COINr is replayed with the very alternatives that it took.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.kernels.sobol import indices, moments
from egovindex.kernels.steps import kurtosis, skewness

SETS = ["continuous_40x18", "questionnaire_60x24"]
NORMALISERS = np.array(["minmax 1 100", "zscore sample 10 2"])
AGGREGATES = np.array(["mean", "geometric"])


def schemes(index: ei.Index, table: pd.DataFrame) -> list[dict[str, dict[str, float]]]:
    """Each column of weights as one weight scheme."""
    branches = index.tree.branches.items()
    return [
        {node: {c: own[c] for c in branch.children} for node, branch in branches} for own in table.T.to_dict().values()
    ]


def columns_of(table: pd.DataFrame) -> pd.DataFrame:
    return table.filter(regex=r"^w\d+$").T


def totals(y: np.ndarray, factors: int, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Our indices of the runs A, B, AB_1, AB_2, ... one after another."""
    blocks = y[: points * (factors + 2)].reshape(factors + 2, points)
    first, total, _ = indices(moments(blocks[0][:, None], blocks[1][:, None], blocks[2:].T[..., None]))
    return first.ravel(), total.ravel()


# Our own invented tables ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=SETS)
def replayed(request, root: Path) -> SimpleNamespace:
    folder = root / "tests" / "data" / "coinr" / request.param
    chain = {"points": {"missing": "median"}, "steps": ["winsorise 5", "minmax 1 100"]}
    index = ei.Index.from_frame(
        pd.read_csv(folder / "iMeta.csv"), index="coinr", defaults={"indicators": chain}, nothing="void"
    )
    data = pd.read_csv(folder / "iData.csv").rename(columns={"uCode": "unit"})
    table = pd.read_csv(folder / "SA_weights.csv").set_index("iCode")
    doubt = ei.Doubt(
        normalise=NORMALISERS.tolist(), weights=schemes(index, columns_of(table)), aggregate=AGGREGATES.tolist()
    )
    taken = pd.read_csv(folder / "SA_alternative_index.csv")
    design = pd.DataFrame(
        {
            "normalise": NORMALISERS[taken["Normalisation"] - 1],
            "weights": [f"set {k}" for k in taken["Weights"]],
            "aggregate": AGGREGATES[taken["Aggregation"] - 1],
        }
    )
    draws = ei.simulate(index, data, doubt, design=design)
    theirs = {name: pd.read_csv(folder / f"SA_{name}.csv").set_index("uCode") for name in ("ranks", "scores")}
    return SimpleNamespace(index=index, data=data, draws=draws, folder=folder, runs=len(taken), **theirs)


def test_every_score_and_rank_of_every_run(replayed):
    assert replayed.draws.n == replayed.runs == 200
    expected = replayed.ranks.drop(columns="Nominal").T.to_numpy()
    np.testing.assert_array_equal(replayed.draws.ranks[replayed.ranks.index].to_numpy(), expected)
    scores = replayed.scores.drop(columns="Nominal").T.to_numpy()
    np.testing.assert_allclose(replayed.draws.scores[replayed.scores.index].to_numpy(), scores, rtol=1e-12)


def test_the_nominal_ranks(replayed):
    nominal = replayed.draws.result.ranks["Index"]
    assert (nominal.loc[replayed.ranks.index] == replayed.ranks["Nominal"]).all()


def test_statistics_of_the_ranks(replayed):
    # COINr summarises the runs A and B alone, with the quantiles of R's type 7
    expected = pd.read_csv(replayed.folder / "SA_rankstats.csv").set_index("uCode")
    own = replayed.draws.ranks.iloc[: 2 * replayed.runs // 5]
    for name, ours in {
        "Mean": own.mean(),
        "Median": own.median(),
        "Q5": own.quantile(0.05),
        "Q95": own.quantile(0.95),
    }.items():
        np.testing.assert_allclose(ours[expected.index], expected[name], rtol=1e-12)


def test_the_same_jansen_totals(replayed):
    shift = (replayed.draws.ranks - replayed.draws.result.ranks["Index"]).abs().mean(axis=1).to_numpy(dtype=float)
    points = replayed.runs // 5
    first, total = totals(shift, 3, points)
    expected = pd.read_csv(replayed.folder / "SA_indices.csv")
    # COINr divides by the variance with n - 1, which with 2 x 40 runs is a share of 1/80 more
    np.testing.assert_allclose(total * (2 * points - 1) / (2 * points), expected["STi"], rtol=1e-12)
    # its first-order sums are not centred, so that they carry the mean with them: here is the same sum
    blocks = shift.reshape(5, points)
    uncentred = (blocks[1] * (blocks[2:] - blocks[0])).mean(axis=1) / shift[: 2 * points].var(ddof=1)
    np.testing.assert_allclose(uncentred, expected["Si"], rtol=1e-12)
    assert np.abs(first - expected["Si"]).max() > 0.1


@pytest.mark.parametrize("level", [1, 2])
def test_leaving_one_out(replayed, level):
    expected = pd.read_csv(replayed.folder / f"remove_L{level}_scores.csv").set_index("uCode")
    names = [name for name in expected if name != "Nominal"]
    doubt = ei.Doubt(include=ei.leave_one_out(*names))
    draws = ei.simulate(replayed.index, replayed.data, doubt, design=pd.DataFrame({"include": names}))
    scores = draws.scores.set_axis(names)[expected.index].T
    np.testing.assert_allclose(scores.to_numpy(), expected[names].to_numpy(), rtol=1e-12)
    # COINr ranks sums whose last digits differ: of its rank shifts one is off by a tie that it does not see
    ranked = expected.round(9).rank(ascending=False, method="min")
    shifts = ranked[names].sub(ranked["Nominal"], axis=0).abs().mean()
    ours = (draws.ranks - draws.result.ranks["Index"]).abs().mean(axis=1).to_numpy(dtype=float)
    np.testing.assert_allclose(ours, shifts, rtol=1e-12)
    printed = pd.read_csv(replayed.folder / f"remove_L{level}_meanabs.csv").set_index("element")["v"][names]
    tie_unseen = replayed.folder.name == "questionnaire_60x24" and level == 2
    assert printed.index[~np.isclose(ours, printed, rtol=1e-12)].tolist() == (["SVC"] if tie_unseen else [])


def test_control_another_normaliser_is_another_rank(replayed):
    settings = replayed.draws.settings()
    other = settings["normalise"].map({NORMALISERS[0]: NORMALISERS[1], NORMALISERS[1]: NORMALISERS[0]})
    doubt = replayed.draws.doubt
    draws = ei.simulate(replayed.index, replayed.data, doubt, design=settings.assign(normalise=other))
    assert not draws.ranks.equals(replayed.draws.ranks)


# The ASEM example -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asem(root: Path) -> SimpleNamespace:
    folder = root / "tests" / "data" / "coinr" / "asem"
    meta = pd.read_csv(folder / "iMeta.csv")
    meta = meta[meta["Type"].isin(["Indicator", "Aggregate"])]
    data = pd.read_csv(folder / "iData.csv").rename(columns={"uCode": "unit"}).drop(columns="Time")
    weights = pd.read_csv(folder / "weights_alternatives_100.csv").set_index("iCode")
    return SimpleNamespace(folder=folder, meta=meta, data=data, weights=weights)


def asem_index(
    meta: pd.DataFrame, *, divided: bool, directed: bool = True, points: dict[str, str], steps: list[str]
) -> ei.Index:
    indicator = meta["Type"] == "Indicator"
    rows = pd.DataFrame(
        {
            "id": meta["iCode"],
            "kind": np.where(indicator, "indicator", "node"),
            "in": meta["Parent"],
            "weight": meta["Weight"].where(indicator),
        }
    )
    if directed:
        rows["direction"] = (meta["Direction"].map({1: "up", -1: "down"})).where(indicator)
    if divided:
        rows["from"] = (meta["iCode"] + " / " + meta["Denominator"]).where(meta["Denominator"].notna())
    defaults = {"indicators": {"points": points, "steps": steps}}
    return ei.Index.from_frame(rows, index="asem", nothing="void", defaults=defaults)


def runs_of(asem: SimpleNamespace, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    taken = pd.read_csv(asem.folder / f"{name}_alternative_index_1based.csv")
    ranks = pd.read_csv(asem.folder / f"{name}_ranks.csv").set_index("uCode")
    return taken, ranks


def replay(
    asem: SimpleNamespace, index: ei.Index, data: pd.DataFrame, taken: pd.DataFrame, *, treated: bool = False
) -> ei.Draws:
    doubt = ei.Doubt(
        steps=[f"winsorise {k}" for k in range(1, 6)],
        normalise=NORMALISERS.tolist(),
        weights=schemes(index, columns_of(asem.weights)),
        aggregate=AGGREGATES.tolist(),
    )
    design = pd.DataFrame(
        {
            "steps": [f"winsorise {k}" for k in taken["Winmax"]],
            "normalise": NORMALISERS[taken["Normalisation"] - 1],
            "weights": [f"set {k}" for k in taken["Weights"]],
            "aggregate": AGGREGATES[taken["Aggregation"] - 1],
        }
    )
    if treated:
        doubt, design = doubt.without("steps"), design.drop(columns="steps")
    return ei.simulate(index, data, doubt, design=design)


RUNS = {"UA_N100": 100, "SA_N50": 300}


@pytest.mark.parametrize("name", RUNS)
def test_runs_whose_conventions_agree(asem, name):
    index = asem_index(
        asem.meta, divided=True, points={"missing": "mean by EurAsia_group"}, steps=["winsorise 5", "minmax 0 100"]
    )
    taken, ranks = runs_of(asem, name)
    assert len(taken) == RUNS[name]
    draws = replay(asem, index, asem.data, taken)
    nominal = draws.result.ranks["Index"].loc[ranks.index]
    assert (nominal == ranks["Nominal"]).all()
    expected = ranks.drop(columns="Nominal").T.to_numpy()
    same = (draws.ranks[ranks.index].to_numpy() == expected).all(axis=1)
    # with at most 1, 2 or 3 points winsorising fails for some indicator, and COINr takes a logarithm instead
    assert same[taken["Winmax"] >= 4].all()
    assert not same[taken["Winmax"] == 1].any()


@pytest.mark.parametrize("name", RUNS)
def test_the_other_runs_differ_by_the_logarithm_alone(asem, name):
    # COINr: where an indicator is still skewed (|skew| > 2 and kurtosis > 3.5) once its points are spent, its first
    # values are taken again as log(x - min + 0.01 range); made here by hand, every rank of every run is the same
    table = {"points": {"missing": "mean by EurAsia_group"}, "steps": []}
    filled = ei.compute(asem_index(asem.meta, divided=True, directed=False, **table), asem.data).indicators
    taken, ranks = runs_of(asem, name)
    expected = ranks.drop(columns="Nominal").T.to_numpy()
    logged = {}
    for most in (1, 2, 3):
        by_hand = asem_index(asem.meta, divided=False, directed=False, points={}, steps=[f"winsorise {most}"])
        treated = ei.compute(by_hand, filled.reset_index()).indicators
        values = {column: treated[column].to_numpy() for column in treated}
        logged[most] = [name for name, x in values.items() if abs(skewness(x)) > 2 and kurtosis(x) > 3.5]
        for column in logged[most]:
            x = filled[column]
            treated[column] = np.log(x - x.min() + 0.01 * (x.max() - x.min()))
        own = (taken["Winmax"] == most).to_numpy()
        index = asem_index(asem.meta, divided=False, points={}, steps=["minmax 0 100"])
        draws = replay(asem, index, treated.reset_index(), taken[own], treated=True)
        np.testing.assert_array_equal(draws.ranks[ranks.index].to_numpy(), expected[own])
    assert [len(logged[most]) for most in (1, 2, 3)] == [11, 8, 1]


@pytest.mark.parametrize("name", ["ishigami_N1000", "linear_N500"])
def test_functions_that_coinr_was_given(shared, name):
    folder = shared / "data" / "coinr" / "sensitivity"
    y = pd.read_csv(folder / f"{name}_y.csv")["y"].to_numpy()
    expected = pd.read_csv(folder / f"{name}_indices.csv")
    factors = len(expected)
    points = len(y) // (factors + 2)
    first, total = totals(y, factors, points)
    share = (2 * points - 1) / (2 * points)
    np.testing.assert_allclose(total * share, expected["STi"], rtol=1e-12)
    assert np.abs(first - expected["Si"]).max() < 0.2
