"""What draws say, against the same said by hand from the ranks of each draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

N = 3000


@pytest.fixture(scope="module")
def draws(index, data) -> ei.Draws:
    doubt = ei.Doubt(weights={"top": ei.simplex()}, points={"status.drafted": (0, 1)}, include={"law": 0.5})
    return ei.simulate(index, data, doubt, n=N, rng=1)


@pytest.fixture(scope="module")
def ranks(draws) -> np.ndarray:
    return draws.ranks.to_numpy()


def test_ranks_are_those_of_the_scores(draws):
    expected = draws.scores.rank(axis=1, ascending=False, method="min")
    assert (draws.ranks == expected).all(axis=None)
    assert draws.kept == N


def test_probabilities(draws, ranks):
    table = draws.rank_probabilities()
    np.testing.assert_allclose(table.sum(axis=1), 1, rtol=1e-12)
    for unit, own in zip(table.index, ranks.T, strict=True):
        for rank in (1, 2, 15, 30):
            assert table.loc[unit, rank] == (own == rank).mean()
    errors = draws.errors_of(table)
    share = table.iloc[0, 0]
    assert errors.iloc[0, 0] == pytest.approx(np.sqrt(share * (1 - share) / N))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_rank_intervals(draws, ranks, level):
    found = draws.rank_intervals(level)
    tail = round((1 - level) / 2, 12)
    low, median, high = np.quantile(ranks, [tail, 0.5, 1 - tail], axis=0, method="inverted_cdf")
    for name, expected in (("low", low), ("median", median), ("high", high)):
        np.testing.assert_array_equal(found[name].to_numpy(dtype=float), expected)
    assert (found["width"] == found["high"] - found["low"]).all()
    assert (found["rank"] == draws.result.ranks["top"]).all()


def test_top(draws, ranks):
    found = draws.top(5)
    expected = pd.Series((ranks <= 5).mean(axis=0), index=draws.result.scores.index)
    pd.testing.assert_series_equal(found["probability"].sort_index(), expected.sort_index(), check_names=False)
    assert found["probability"].is_monotonic_decreasing
    np.testing.assert_allclose(found["se"], np.sqrt(found["probability"] * (1 - found["probability"]) / N))
    assert (draws.top(30)["probability"] == 1).all()


def test_expected_ranks_and_shifts(draws, ranks):
    found = draws.expected_ranks
    np.testing.assert_allclose(found["expected"], ranks.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found["sd"], ranks.std(axis=0, ddof=1), rtol=1e-9)
    np.testing.assert_allclose(found["se"], found["sd"] / np.sqrt(N), rtol=1e-12)
    nominal = draws.result.ranks["top"].to_numpy(dtype=int)
    moved = np.abs(ranks - nominal)
    np.testing.assert_allclose(draws.shifts["shift"], moved.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(draws.shifts["se"], moved.std(axis=0) / np.sqrt(N), rtol=1e-2)
    average = draws.average_rank_shift.iloc[0]
    each = moved.mean(axis=1)
    assert average["mean"] == pytest.approx(each.mean(), rel=1e-12)
    assert average["se"] == pytest.approx(each.std() / np.sqrt(N), rel=1e-9)
    assert average[["low", "high"]].tolist() == pytest.approx(np.quantile(each, [0.05, 0.95]).tolist())


def test_score_intervals(draws):
    scores = draws.scores
    found = draws.score_intervals(0.8)
    np.testing.assert_allclose(found["mean"], scores.mean(), rtol=1e-12)
    np.testing.assert_allclose(found["sd"], scores.std(), rtol=1e-9)
    np.testing.assert_allclose(found["low"], scores.quantile(0.1), rtol=1e-12)
    np.testing.assert_allclose(found["high"], scores.quantile(0.9), rtol=1e-12)
    np.testing.assert_allclose(found["score"], draws.result.scores["top"], rtol=1e-15)


def test_classes(draws):
    found = draws.class_probabilities()
    expected = pd.DataFrame(
        {
            "High": (draws.scores >= 0.55).mean(),
            "Middle": ((draws.scores >= 0.4) & (draws.scores < 0.55)).mean(),
            "Low": (draws.scores < 0.4).mean(),
        }
    )
    pd.testing.assert_frame_equal(found[["High", "Middle", "Low"]], expected, check_names=False)
    assert (found["class"] == draws.result.classes["top"]).all()
    np.testing.assert_allclose(found[["High", "Middle", "Low"]].sum(axis=1), 1, rtol=1e-12)


def test_one_against_another(draws, ranks):
    table = draws.pairwise()
    by_hand = (ranks[:, :, None] < ranks[:, None, :]).mean(axis=0)
    np.testing.assert_allclose(table.to_numpy(), by_hand, rtol=1e-12)
    one, other = table.index[3], table.index[8]
    found = draws.above(one, other)
    assert found["probability"] == pytest.approx(table.loc[one, other])
    assert found["below"] == pytest.approx(table.loc[other, one])
    assert found[["probability", "tied", "below"]].sum() == pytest.approx(1)


def test_central_weights(draws, ranks):
    found = draws.central_weights()
    settings = draws.settings()
    weights = settings.filter(like="weights.top.")
    shares = weights.div(weights.sum(axis=1), axis=0)
    first = ranks == 1
    for at, unit in enumerate(found.index):
        assert found.loc[unit, "first"] == first[:, at].mean()
        own = first[:, at] / first.sum(axis=1)
        if own.any():
            expected = np.average(shares, axis=0, weights=own)
            np.testing.assert_allclose(found.loc[unit, shares.columns], expected, rtol=1e-9)
        else:
            assert found.loc[unit, shares.columns].isna().all()


def test_summary_and_what_is_shown(draws):
    summary = draws.summary
    assert list(summary) == ["score", "rank", "expected", "low", "high", "stays", "score_low", "score_high", "scored"]
    nominal = draws.result.ranks["top"]
    stays = (draws.ranks == nominal.to_numpy(dtype=int)).mean()
    np.testing.assert_allclose(summary["stays"], stays, rtol=1e-12)
    told = repr(draws)
    for part in ("3,000 draws of top, seed 1; learned in each draw", "weights.top: simplex", "points.status.drafted"):
        assert part in told
    assert "<table" in draws._repr_html_()
    assert "simplex" in draws._repr_html_()


def test_convergence(draws, ranks):
    found = draws.convergence
    assert found.index[-1] == N
    assert found["off"].iloc[-1] == pytest.approx(0, abs=1e-12)
    some = ranks[:192]
    low, high = np.quantile(some, [0.05, 0.95], axis=0, method="inverted_cdf")
    assert found.loc[192, "width"] == pytest.approx((high - low).mean())
    assert found.loc[192, "off"] == pytest.approx(np.abs(some.mean(axis=0) - ranks.mean(axis=0)).max())
    assert found["se"].is_monotonic_decreasing


def test_convergence_goes_on_behind_the_draws_that_are_kept(index, data):
    draws = ei.simulate(index, data, ei.Doubt(weights={"top": ei.simplex()}), n=40_000, rng=1)
    assert draws.kept == 10_000
    found = draws.convergence
    assert found.index.is_monotonic_increasing
    assert found.index[-1] > 32_000
    whole = ei.simulate(index, data, ei.Doubt(weights={"top": ei.simplex()}), n=40_000, rng=1, keep=True)
    behind = found[found.index > 10_000]
    assert len(behind) >= 2
    for number, row in behind.iterrows():
        some = whole.ranks.iloc[: int(number)].to_numpy()
        low, high = np.quantile(some, [0.05, 0.95], axis=0, method="inverted_cdf")
        assert row["width"] == pytest.approx((high - low).mean())
    # all tables but those of scores are of all draws
    pd.testing.assert_frame_equal(whole.rank_probabilities(), draws.rank_probabilities(), check_exact=True)
    pd.testing.assert_frame_equal(whole.expected_ranks, draws.expected_ranks, check_exact=True)
    pd.testing.assert_frame_equal(whole.pairwise(), draws.pairwise(), check_exact=True)
    assert whole.kept == 40_000
    np.testing.assert_array_equal(
        draws.pairwise(), (whole.ranks.to_numpy()[:, :, None] < whole.ranks.to_numpy()[:, None, :]).mean(axis=0)
    )


def test_standard_errors_are_those_of_repeated_runs(index, data):
    doubt = ei.Doubt(weights={"top": ei.simplex()})
    runs = [ei.simulate(index, data, doubt, n=500, rng=seed) for seed in range(60)]
    for table, column, error in (("expected_ranks", "expected", "se"), ("shifts", "shift", "se")):
        values = np.array([getattr(run, table)[column] for run in runs], dtype=float)
        told = np.mean([getattr(run, table)[error] for run in runs], axis=0)
        moving = told > 0
        ratio = values.std(axis=0, ddof=1)[moving] / told[moving]
        assert ratio.mean() == pytest.approx(1, abs=0.25)  # sixty runs, and units that move together
    top = np.array([run.top(3).sort_index()["probability"] for run in runs])
    told = np.mean([run.top(3).sort_index()["se"] for run in runs], axis=0)
    assert (top.std(axis=0, ddof=1)[told > 0.005] / told[told > 0.005]).mean() == pytest.approx(1, abs=0.25)
    average = np.array([run.average_rank_shift["mean"].iloc[0] for run in runs])
    told = np.mean([run.average_rank_shift["se"].iloc[0] for run in runs])
    assert average.std(ddof=1) / told == pytest.approx(1, abs=0.25)


# Units and periods ------------------------------------------------------------------------------------------------


def test_each_period_is_ranked_by_itself(index, data):
    spec = index.with_(columns={"period": "year"})
    rng = np.random.default_rng(1)
    later = data.assign(speed=np.round(data["speed"] * rng.uniform(0.5, 2, len(data)), 1)).iloc[:25]
    panel = pd.concat([data.assign(year=2022), later.assign(year=2024)], ignore_index=True)
    draws = ei.simulate(spec, panel, ei.Doubt(weights={"top": ei.simplex()}), n=1500, rng=1, learn="nominal")
    probabilities = draws.rank_probabilities()
    assert probabilities.index.names == ["unit", "period"]
    assert probabilities.shape == (55, 30)
    second = probabilities.xs(2024, level="period")
    assert (second.loc[:, 26:] == 0).all(axis=None)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert list(draws.average_rank_shift.index) == [2022, 2024]
    table = draws.pairwise()
    ahead = draws.ranks["T01", 2022] < draws.ranks["T02", 2022]
    assert table.loc[("T01", 2022), ("T02", 2022)] == pytest.approx(ahead.mean())
    assert np.isnan(table.loc[("T01", 2022), ("T02", 2024)])
    assert draws.above("T01", "T02", period=2022)["probability"] == table.loc[("T01", 2022), ("T02", 2022)]
    assert draws.top(3).index.get_level_values("period").nunique() == 2


def test_a_unit_without_a_score_has_no_rank(index, data):
    spec = index.with_(nothing={"unknown": "skip", "missing": "void"})
    table = data.copy()
    table.loc[2, "speed"] = np.nan
    draws = ei.simulate(spec, table, ei.Doubt(weights={"top": ei.simplex()}), n=200, rng=1)
    unit = table["unit"][2]
    assert draws.rank_probabilities().loc[unit, "none"] == 1
    assert draws.rank_intervals().loc[unit].isna().all()
    assert draws.score_intervals().loc[unit].isna().all()
    assert np.isnan(draws.expected_ranks.loc[unit, "expected"])
    assert (draws.ranks[unit] == 0).all()
    assert draws.class_probabilities().loc[unit, "none"] == 1
    others = draws.rank_probabilities().drop(columns="none").drop(unit)
    np.testing.assert_allclose(others.sum(axis=1), 1)
    assert (others[30] == 0).all()


def test_a_unit_that_has_a_score_in_some_draws_only(index, data):
    spec = index.with_(nothing={"unknown": "skip", "missing": "void"})
    table = data.copy()
    table.loc[2, ["law", "plan", "portal", "consult"]] = "unknown"
    doubt = ei.Doubt(nothing={"unknown": ["skip", 0]})
    draws = ei.simulate(spec, table, doubt, n=400, rng=1)
    unit = table["unit"][2]
    none = (draws.settings()["nothing.unknown"] == "skip").to_numpy()
    assert draws.rank_probabilities().loc[unit, "none"] == none.mean()
    assert draws.expected_ranks.loc[unit, "expected"] == pytest.approx(draws.ranks[unit][~none].mean())
    assert draws.score_intervals().loc[unit, "mean"] == pytest.approx(draws.scores[unit].mean())


def test_many_units_are_counted_without_a_matrix(index, data, monkeypatch):
    monkeypatch.setattr("egovindex.sensitivity.work.MOST_CELLS", 100)
    doubt = ei.Doubt(weights={"top": ei.simplex()})
    without = ei.simulate(index, data, doubt, n=2000, rng=1)
    monkeypatch.undo()
    with_matrix = ei.simulate(index, data, doubt, n=2000, rng=1)
    assert "counts" not in without.tally.sums
    for table in ("expected_ranks", "summary", "shifts"):
        pd.testing.assert_frame_equal(getattr(without, table), getattr(with_matrix, table))


# Learned in each draw, or kept ------------------------------------------------------------------------------------


def test_learned_in_each_draw_or_once(index, data):
    doubt = ei.Doubt(values={"users": ei.error(sd=8, low=0, high=100)})
    each = ei.simulate(index, data, doubt, n=300, rng=1)
    once = ei.simulate(index, data, doubt, n=300, rng=1, learn="nominal")
    assert "learned in each draw" in repr(each)
    assert "learned values of the index without any draw" in repr(once)
    users = each.settings(values=True).filter(like="values.users.")
    low, high = data["users"].min(), data["users"].max()
    unit = "T01"
    # the indicator counts for a quarter of the index
    moved = once.scores[unit] - once.result.scores.loc[unit, "top"]
    expected = (users[f"values.users.{unit}"] - data["users"][0]) / (high - low) / 4
    np.testing.assert_allclose(moved, expected, atol=1e-12)
    assert np.abs(each.scores - once.scores).max().max() > 0.01


# Precision --------------------------------------------------------------------------------------------------------


def test_single_precision_changes_no_rank(data):
    # the same weights in both, given in double precision
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.random((120, 12)), columns=[f"q{at}" for at in range(12)])
    table["unit"] = [f"U{at:03}" for at in range(120)]
    table.loc[5, "q0":"q11"] = table.loc[6, "q0":"q11"].to_numpy()  # two units that are always equal
    rows = pd.DataFrame({"id": [*table.columns[:-1], "top"], "kind": ["indicator"] * 12 + ["node"]})
    rows["in"] = ["top"] * 12 + [None]
    flat = ei.Index.from_frame(rows, index="flat", nothing="void")
    doubt = ei.Doubt(weights=ei.simplex())
    single = ei.simulate(flat, table, doubt, n=30_000, rng=1, precision="single")
    settings = single.settings()
    double = ei.simulate(flat, table, doubt, design=settings)
    exact = ei.simulate(flat, table, doubt, design=settings, precision="single")
    pd.testing.assert_frame_equal(exact.rank_probabilities(), double.rank_probabilities(), check_exact=True)
    pd.testing.assert_frame_equal(single.rank_probabilities(), double.rank_probabilities(), check_exact=True)
    assert "single precision" in repr(single)
