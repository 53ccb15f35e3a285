"""One choice at a time: each setting is an index that can be computed by itself."""

from __future__ import annotations

import numpy as np
import pytest

import egovindex as ei


@pytest.fixture(scope="module")
def doubt() -> ei.Doubt:
    return ei.Doubt(
        weights={"top": ei.within(0.25)},
        points={"status.drafted": (0.2, 0.8)},
        nothing={"unknown": ["skip", 0]},
        rules=["strict", "lenient"],
        aggregate={"market": ["mean", "geometric"]},
    )


def test_every_setting_is_an_index(index, data, doubt):
    found = ei.one_at_a_time(index, data, doubt.without("rules"), target=("score", "T05"))
    assert found.base[0] == ei.compute(index, data).scores.loc["T05", "top"]
    by_hand = {
        ("weights.top.rules", "low: 37.5 %"): index.with_weights(
            {"top": {"rules": 1.5, "take-up": 1.25, "market": 1.25}}
        ),
        ("weights.top.market", "high: 31.2 %"): index.with_weights(
            {"top": {"rules": 2 * 2.75 / 3, "take-up": 2.75 / 3, "market": 1.25}}
        ),
        ("points.status.drafted", "0.8"): index.with_points({"status.drafted": 0.8}),
        ("nothing.unknown", "0"): index.with_points({("nothing", "unknown"): 0}),
        ("aggregate.market", "geometric"): index.with_(nodes={"market": {"aggregate": "geometric"}}),
    }
    table = found.table.set_index(["choice", "setting"])
    for (choice, setting), other in by_hand.items():
        score = ei.compute(other, data).scores.loc["T05", "top"]
        assert table.loc[(choice, setting), "value"] == pytest.approx(score, rel=1e-12)
        assert table.loc[(choice, setting), "change"] == pytest.approx(score - found.base[0], abs=1e-14)


def test_tornado(index, data, doubt):
    found = ei.one_at_a_time(index, data, doubt)
    table = found.tornado
    assert table["span"].is_monotonic_decreasing
    assert (table["low"] <= table["high"]).all()
    assert found.base[0] == 0
    assert (table["low"] >= 0).all()
    assert set(table.index) == set(found.table["choice"])
    assert {"weights.top.rules", "rules", "points.status.drafted", "aggregate.market"} <= set(table.index)
    assert "settings, one at a time" in repr(found)
    assert "<table" in found._repr_html_()


def test_settings_that_fail_are_told(index, data):
    bad = ei.Doubt(normalise={"speed": ["minmax 1 100", "zscore"]})
    geometric = index.with_(nodes={"market": {"aggregate": "geometric"}})
    found = ei.one_at_a_time(geometric, data, bad)
    failed = found.table["reason"].notna()
    assert failed.sum() == 1
    assert found.table.loc[failed, "setting"].item() == "zscore"
    assert found.table.loc[failed, "value"].isna().all()
    assert found.tornado["span"].isna().all()  # no setting of the choice gave a number: not the same as no change
    assert "1 settings failed" in repr(found) or "1 setting failed" in repr(found)


def test_nothing_in_it_is_random(index, data, doubt):
    one, other = (ei.one_at_a_time(index, data, doubt) for _ in range(2))
    assert one.table.equals(other.table)


def test_of_every_unit(index, data):
    found = ei.one_at_a_time(index, data, ei.Doubt(points={"status.drafted": (0.2, 0.8)}), target="rank")
    assert found.table.filter(like="change ").shape == (2, 30)
    with pytest.raises(ei.MethodError, match="level"):
        ei.one_at_a_time(index, data, ei.Doubt(points={"status.drafted": (0.2, 0.8)}), level=90)


def test_of_one_output(index, data):
    doubt = ei.Doubt(points={"status.drafted": (0.2, 0.8)}, aggregate={"market": ["mean", "geometric"]})
    every = ei.one_at_a_time(index, data, doubt, target="score")
    one = ei.one_at_a_time(index, data, doubt, target=("score", "T07"))
    assert every.of("T07").equals(one.tornado)
    assert every.outputs[6] == "T07"
    assert every.laws == {"points.status.drafted": "uniform 0.2 0.8", "aggregate.market": "one of mean, geometric"}
    with pytest.raises(ei.MethodError, match='there is no output "T0077"; did you mean'):
        every.of("T0077")
    with pytest.raises(ei.MethodError, match="the target is of T07 alone"):
        one.of("T08")


def test_a_unit_without_a_score_can_still_be_shown(index, data):
    table = data.copy()
    table.loc[2, "speed"] = np.nan
    spec = index.with_(nothing={"unknown": "skip", "missing": "void"})
    found = ei.one_at_a_time(spec, table, ei.Doubt(points={"status.drafted": (0.2, 0.8)}), target=("rank", "T03"))
    assert np.isnan(found.base[0])
    assert found.tornado["span"].isna().all()
    assert "rank of T03" in repr(found)
