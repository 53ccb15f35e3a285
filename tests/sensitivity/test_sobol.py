"""Sensitivity indices of indices: closed forms through the whole chain, targets, groups, failures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

TWO = ei.Doubt(points={"status.drafted": (0.25, 0.75), "status.planned": (0.0, 0.5)})


@pytest.fixture(scope="module")
def whole(index, data) -> ei.Sobol:
    doubt = ei.Doubt(
        weights={"top": ei.simplex(), "market": ei.within(0.5)},
        points={"status.drafted": (0.25, 0.75)},
        aggregate={"market": ["mean", "geometric"]},
        name="whole",
    )
    return ei.sobol(index, data, doubt, n=512, rng=1)


def test_an_additive_score_has_the_shares_of_its_terms(index, data):
    # the score of a unit with k answers drafted and m planned is a constant plus (k d + m p) / 8
    found = ei.sobol(index, data, TWO, n=1024, rng=1, target="score")
    answers = data.set_index("unit")[["law", "plan", "portal", "consult"]]
    tried = 0
    for unit, own in answers.iterrows():
        k, m = (own == "drafted").sum(), (own == "planned").sum()
        known = (own != "unknown").sum()
        if k + m == 0:
            assert unit in found.fixed
            assert (found.of(unit)[["first", "total"]] == 0).all(axis=None)
            continue
        variances = np.array([k**2, m**2]) / 48  # a uniform number of width 1/2 has the variance 1/48
        share = variances / variances.sum()
        table = found.of(unit).loc[["points.status.drafted", "points.status.planned"]]
        np.testing.assert_allclose(table["first"], share, atol=0.01)
        np.testing.assert_allclose(table["total"], share, atol=0.01)
        at = found.outputs.index(unit)
        assert found.variance[at] == pytest.approx(variances.sum() / (2 * known) ** 2, rel=0.02)
        tried += 1
    assert tried > 10
    assert found.interactions.abs().max() < 0.01


def test_a_product_has_the_interaction_of_its_terms():
    # y = d p with d, p uniform: V(d p) = E(d^2) E(p^2) - E(d)^2 E(p)^2, and S_d = E(p)^2 V(d) / V
    rows = [
        {"id": "law", "kind": "indicator", "in": "top"},
        {"id": "plan", "kind": "indicator", "in": "top"},
        {"id": "top", "kind": "node"},
    ]
    spec = ei.Index.from_frame(
        pd.DataFrame(rows),
        index="both",
        nothing="void",
        answers={"status": {"yes": [], "drafted": [], "planned": [], "no": []}},
        points={"status": {"yes": 1, "drafted": 0.5, "planned": 0.25, "no": 0}},
        defaults={"indicators": {"points": "status"}, "nodes": {"aggregate": "product"}},
    )
    table = pd.DataFrame({"unit": ["A", "B"], "law": ["drafted", "no"], "plan": ["planned", "yes"]})
    found = ei.sobol(spec, table, TWO, n=4096, rng=2, target=("score", "A"))
    d, p = 1 / 48 + 1 / 4, 1 / 48 + 1 / 16
    variance = d * p - 1 / 4 / 16
    first = {"points.status.drafted": (1 / 16) / 48 / variance, "points.status.planned": (1 / 4) / 48 / variance}
    for name, expected in first.items():
        other = next(own for key, own in first.items() if key != name)
        row = found.table.loc[name]
        assert row["first"] == pytest.approx(expected, abs=0.01)
        assert row["total"] == pytest.approx(1 - other, abs=0.01)
        assert row["first_low"] < expected < row["first_high"]
    assert found.interactions.iloc[0] == pytest.approx(1 - sum(first.values()), abs=0.02)
    assert found.variance[0] == pytest.approx(variance, rel=0.02)


def test_the_table_says_how_sure_it_is(whole):
    table = whole.table
    assert list(table) == ["first", "first_low", "first_high", "total", "total_low", "total_high"]
    assert set(table.index) == {"weights.top", "weights.market", "points.status.drafted", "aggregate.market"}
    assert table["total"].is_monotonic_decreasing
    for name in ("first", "total"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    assert (table["total"] >= -1e-12).all()
    assert whole.evaluations == 512 * 6
    assert "average rank shift of top, 512 points, 3,072 evaluations, seed 1" in repr(whole)
    assert "<table" in whole._repr_html_()


def test_intervals_become_narrow_with_more_points(index, data, whole):
    more = ei.sobol(index, data, whole.doubt, n=4096, rng=1)
    wide, narrow = ((t.table["total_high"] - t.table["total_low"]).mean() for t in (whole, more))
    assert narrow < wide / 2
    better = more.table["total"].loc[whole.table.index]
    inside = (whole.table["total_low"] <= better) & (better <= whole.table["total_high"])
    assert inside.sum() >= 3


@pytest.mark.parametrize("estimator", ["saltelli", "jansen", "janon"])
def test_estimators_agree(index, data, whole, estimator):
    other = ei.sobol(index, data, whole.doubt, n=2048, rng=3, estimator=estimator)
    np.testing.assert_allclose(other.table["first"], whole.table["first"][other.table.index], atol=0.1)


def test_the_average_of_shifts_is_that_of_simulate(index, data, whole):
    # two ways to the same variance
    draws = ei.simulate(index, data, whole.doubt, n=5000, rng=5)
    moved = (draws.ranks - draws.result.ranks["top"].to_numpy(dtype=int)).abs().mean(axis=1)
    assert whole.variance[0] == pytest.approx(moved.var(), rel=0.1)


def test_convergence(whole):
    table = whole.convergence
    last = table.xs(512, level="points")
    np.testing.assert_allclose(last["total"], whole.table["total"][last.index])


def test_the_same_seed_is_the_same_indices(index, data, whole):
    again = ei.sobol(index, data, whole.doubt, n=512, rng=1)
    pd.testing.assert_frame_equal(again.table, whole.table, check_exact=True)
    other = ei.sobol(index, data, whole.doubt, n=512, rng=2)
    assert not other.table.equals(whole.table)
    assert again.manifest == whole.manifest
    assert "estimator" in repr(whole.manifest)


def test_without_resamples(index, data):
    found = ei.sobol(index, data, TWO, n=64, rng=1, resamples=0)
    assert found.table[["first_low", "total_high"]].isna().all(axis=None)
    assert found.table["total"].notna().all()


# Targets ----------------------------------------------------------------------------------------------------------


def test_targets_of_units(index, data):
    for what in ("rank", "score"):
        every = ei.sobol(index, data, TWO, n=128, rng=1, target=what, resamples=50)
        assert every.table.index.names == ["output", "group"]
        assert every.totals.shape == (30, 2)
        one = ei.sobol(index, data, TWO, n=128, rng=1, target=(what, "T04"), resamples=50)
        pd.testing.assert_frame_equal(one.table[["first", "total"]], every.of("T04")[["first", "total"]])
        np.testing.assert_allclose(every.first_order.loc["T04"], one.table["first"][every.first_order.columns])


def test_change_of_class(index, data):
    found = ei.sobol(index, data, TWO, n=256, rng=1, target="class_change")
    draws = ei.simulate(index, data, TWO, n=4000, rng=1)
    nominal = draws.result.classes["top"].to_numpy()
    classes = np.select([draws.scores >= 0.55, draws.scores >= 0.4], ["High", "Middle"], "Low")
    assert found.variance[0] == pytest.approx((classes != nominal).mean(axis=1).var(), rel=0.15)


def test_a_target_of_ones_own(index, data):
    def gap(scores, ranks):
        ordered = np.sort(scores, axis=1)
        return ordered[:, -1] - ordered[:, 0]

    found = ei.sobol(index, data, TWO, n=64, rng=1, target=gap)
    assert found.outputs == ("gap",)

    def halves(scores, ranks):
        return np.stack([scores[:, :15].mean(axis=1), scores[:, 15:].mean(axis=1)], axis=1)

    found = ei.sobol(index, data, TWO, n=64, rng=1, target=halves)
    assert found.outputs == ("halves 1", "halves 2")


# Groups -----------------------------------------------------------------------------------------------------------


def test_groups(index, data):
    doubt = ei.Doubt(weights=ei.within(0.3)) + TWO
    plain = ei.sobol(index, data, doubt, n=64, rng=1)
    assert set(plain.groups) == {"weights", "points.status.drafted", "points.status.planned"}
    assert tuple(sorted(plain.groups["weights"])) == ("weights.market", "weights.rules", "weights.top")
    factors = ei.sobol(index, data, doubt, n=64, rng=1, groups="factors")
    assert len(factors.groups) == 5
    named = ei.sobol(index, data, doubt, n=64, rng=1, groups={"how much": "points", "how heavy": ["weights"]})
    assert named.groups["how much"] == ("points.status.drafted", "points.status.planned")
    assert named.evaluations == 64 * 4


def test_one_group_of_everything_has_the_whole_variance(index, data):
    doubt = ei.Doubt(weights=ei.within(0.3)) + TWO
    found = ei.sobol(index, data, doubt, n=512, rng=1, groups={"all": ["weights", "points"]})
    assert found.table["first"].iloc[0] == pytest.approx(1, abs=0.1)
    assert found.table["total"].iloc[0] == pytest.approx(1, abs=0.15)


# Failures ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def failing(index, data) -> ei.Sobol:
    # a z-score is negative for some unit, and has no geometric mean
    doubt = ei.Doubt(
        normalise={"speed": ["minmax 1 100", "zscore"]},
        aggregate={"market": ["mean", "geometric"]},
        weights={"top": ei.simplex()},
    )
    return ei.sobol(index, data, doubt, n=128, rng=1)


def test_failed_evaluations_are_told_with_their_settings(failing):
    table = failing.failures
    assert len(table) > 50
    assert {"point", "evaluation", "reason"} < set(table)
    assert (table["normalise.speed"] == "zscore").all()
    assert (table["aggregate.market"] == "geometric").all()
    assert table["reason"].str.contains("geometric").all()
    assert "evaluations failed, see .failures" in repr(failing)


def test_failures_never_make_indices_nan(failing):
    assert np.isfinite(failing.table.to_numpy()).all()
    points = set(failing.failures["point"])
    assert len(failing.moments.parts["total"]) == 128 - len(points)


def test_failed_draws_are_told_with_their_settings(index, data):
    doubt = ei.Doubt(normalise={"speed": ["minmax 1 100", "zscore"]}, aggregate={"market": ["mean", "geometric"]})
    draws = ei.simulate(index, data, doubt, n=400, rng=1)
    settings = draws.settings()
    bad = (settings["normalise.speed"] == "zscore") & (settings["aggregate.market"] == "geometric")
    assert draws.failed.index.tolist() == settings.index[bad].tolist()
    assert draws.good == 400 - bad.sum()
    assert draws.scores.notna().all(axis=None)
    np.testing.assert_allclose(draws.rank_probabilities().sum(axis=1), 1)


def test_if_nothing_is_left_that_is_an_error(index, data):
    bad = index.with_(indicators={"speed": {"steps": ["zscore"]}})
    doubt = ei.Doubt(aggregate={"market": ["geometric", "harmonic"]})
    with pytest.raises(ei.MethodError, match="all 50 draws failed: "):
        ei.simulate(bad, data, doubt, n=50, rng=1)
    with pytest.raises(ei.MethodError, match="64 of 64 points have a failed evaluation, too many to go on"):
        ei.sobol(bad, data, doubt, n=64, rng=1)


def test_a_unit_without_a_score_is_left_out(index, data):
    spec = index.with_(nothing={"unknown": "skip", "missing": "void"})
    table = data.copy()
    table.loc[2, "speed"] = np.nan
    found = ei.sobol(spec, table, TWO, n=64, rng=1, target="score")
    assert found.left_out == ("T03",)
    assert len(found.outputs) == 29
    assert np.isfinite(found.table.to_numpy()).all()
    assert "1 outputs have no number in some draw, and no indices" in repr(found)
