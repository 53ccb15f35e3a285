"""Draws as they are asked for: designs, numbers of draws, what is kept, checkpoints, progress."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.sensitivity.checkpoint import Checkpoint
from tests.properties.drawn import index_of

SIMPLEX = ei.Doubt(weights={"top": ei.simplex()})


def spec(**more) -> ei.Index:
    top = {"of": {"x": 1, "y": 2, "z": 1}}
    return index_of(
        {"nothing": {"missing": "void"}, "indicators": {name: {} for name in "xyz"}, "nodes": {"top": top}} | more
    )


def table(n: int = 4) -> pd.DataFrame:
    numbers = np.random.default_rng(7).random((n, 3))
    return pd.DataFrame({"unit": [f"U{at}" for at in range(n)], **dict(zip("xyz", numbers.T, strict=True))})


def draws_of(n: int = 64, *, rows: int = 4, doubt: ei.Doubt = SIMPLEX, **options) -> ei.Draws:
    return ei.simulate(spec(), table(rows), doubt, n=n, **({"rng": 1} | options))


# Settings that are given ----------------------------------------------------------------------------------------------

MIXED = ei.Doubt(
    weights={"top": ei.simplex()},
    points={"status.drafted": (0.2, 0.8)},
    rules=["strict", "lenient"],
    values={"users": ei.error(sd=2)},
)


def test_a_design_of_some_columns_leaves_the_others_as_they_are(index, data):
    given = pd.DataFrame({"points.status.drafted": [0.25, "0.75", 0.5]})
    draws = ei.simulate(index, data, MIXED, design=given, n=99)
    assert draws.n == 3
    settings = draws.settings()
    assert settings["points.status.drafted"].tolist() == [0.25, 0.75, 0.5]
    assert settings[["weights.top.rules", "weights.top.take-up"]].to_numpy().tolist() == [[2, 1]] * 3
    assert settings["rules"].tolist() == ["as it is"] * 3
    for draw, points in enumerate((0.25, 0.75, 0.5)):
        expected = ei.compute(index.with_points({"status.drafted": points}), data).scores["top"]
        np.testing.assert_allclose(draws.scores.loc[draw], expected, rtol=1e-13)
    assert "settings as given" in repr(draws)


def test_alternatives_of_a_design_are_named(index, data):
    rules = pd.DataFrame({"rules": ["lenient", "as it is", "strict"]})
    draws = ei.simulate(index, data, MIXED.only("rules", "weights"), design=rules)
    for draw, given in enumerate((index.with_rules("lenient"), index, index.with_rules("strict"))):
        np.testing.assert_allclose(draws.scores.loc[draw], ei.compute(given, data).scores["top"], rtol=1e-13)


def test_a_unit_without_a_number_needs_none_in_a_design(index, data):
    columns = [f"values.users.{unit}" for unit in data["unit"]]
    given = pd.DataFrame([data["users"].to_numpy() + 1.0, data["users"].to_numpy()], columns=columns)
    assert given.isna().to_numpy().any()
    draws = ei.simulate(index, data, MIXED, design=given)
    shifted = ei.compute(index, data.assign(users=data["users"] + 1.0)).scores["top"]
    np.testing.assert_allclose(draws.scores.loc[0], shifted, rtol=1e-13)
    broken = given.copy()
    broken.loc[1, "values.users.T01"] = np.nan
    with pytest.raises(ei.MethodError, match=r"values\.users has no number in draws 1$"):
        ei.simulate(index, data, MIXED, design=broken)


def one(**columns) -> pd.DataFrame:
    return pd.DataFrame({name.replace("__", "."): [value] for name, value in columns.items()})


BAD_DESIGNS = {
    "no rows": (pd.DataFrame({"rules": []}), ["a design is a table with a row for each draw"]),
    "twice": (pd.DataFrame([["strict"] * 2], columns=["rules"] * 2), ["design: rules stands there twice"]),
    "unknown": (
        one(ruels="strict", qqqq=1),
        ['design: no factor has a column "ruels"; did you mean "rules"?', 'design: no factor has a column "qqqq"'],
    ),
    "lacking": (
        one(weights__top__market=1.0),
        ["design: weights.top lacks weights.top.rules, weights.top.take-up"],
    ),
    "no alternative": (
        pd.DataFrame({"rules": ["strict", "sloppy", "lax", "sloppy"]}),
        ["design: rules has no alternative sloppy, lax; alternatives are strict, lenient"],
    ),
    "no number": (
        pd.DataFrame({"points.status.drafted": [0.5, "half", np.inf]}),
        ["design: points.status.drafted has no number in draws 1, 2"],
    ),
    "all together": (
        one(weights__top__market=1.0, rules="lax", points__status__drafted=None, more=1),
        ['no factor has a column "more"', "weights.top lacks", "has no number in draws 0", "has no alternative lax"],
    ),
}


@pytest.mark.parametrize("name", BAD_DESIGNS)
def test_a_design_that_cannot_be(index, data, name):
    design, said = BAD_DESIGNS[name]
    with pytest.raises(ei.MethodError) as caught:
        ei.simulate(index, data, MIXED, design=design)
    assert len(caught.value.faults) == len(said)
    assert {fault.check for fault in caught.value.faults} == {"bad_design"}
    for words in said:
        assert any(words in fault.message for fault in caught.value.faults), words


@pytest.mark.parametrize("design", [[[1]], {"rules": ["strict"]}, 3])
def test_what_is_no_design(index, data, design):
    with pytest.raises(ei.MethodError, match="a design is a table with a row for each draw"):
        ei.simulate(index, data, MIXED, design=design)


# Numbers of draws -----------------------------------------------------------------------------------------------------


def test_one_draw_is_a_number_of_draws():
    draws = draws_of(1)
    assert (draws.n, len(draws.scores)) == (1, 1)
    assert draws_of(np.int64(5)).n == 5


@pytest.mark.parametrize("n", [0, -1, 2.0, True, "3"])
def test_what_is_no_number_of_draws(n):
    with pytest.raises(
        ei.MethodError, match=f"n, the number of draws, is a whole number from 1 on, found {n!r}"
    ) as caught:
        draws_of(n)
    assert caught.value.faults[0].check == "no_draws"


@pytest.mark.parametrize(
    ("options", "said", "check"),
    [
        ({"block": 0}, "block is a whole number from 1 on, found 0", "unknown_option"),
        ({"block": 2.5}, "block is a whole number from 1 on, found 2.5", "unknown_option"),
        ({"learn": "often"}, 'learn is "nominal" or "each_draw", found "often"', "unknown_option"),
    ],
)
def test_options_that_cannot_be(options, said, check):
    with pytest.raises(ei.MethodError) as caught:
        draws_of(**options)
    assert caught.value.faults[0].message == said
    assert caught.value.faults[0].check == check


def test_a_block_of_any_whole_number():
    for block in (1, np.int64(3)):
        np.testing.assert_allclose(draws_of(8, block=block).scores, draws_of(8).scores, rtol=1e-14)
        assert type(draws_of(8, block=block).job.study.block) is int


def test_what_was_asked_for_is_told():
    draws = draws_of(learn="nominal", precision="single")
    assert (draws.learn, draws.node, draws.rng) == ("nominal", "top", 1)
    assert draws.identity == {}
    assert "single precision" in repr(draws)
    assert "learned values of the index without any draw" in repr(draws)
    usual = draws_of()
    assert usual.learn == "each_draw"
    assert "double precision" in repr(usual)
    assert len(ei.simulate(spec(), table(), SIMPLEX, rng=1).scores) == 10_000


def test_how_many_draws_are_kept():
    # ten thousand, four million scores, and a thousand at least; or all
    assert draws_of(10_100).kept == 10_000
    assert draws_of(10_100, keep=True).kept == 10_100
    assert [draws_of(1, rows=rows).job.kept for rows in (400, 401)] == [10_000, 9_975]
    assert draws_of(1, rows=401, keep=True).job.kept > 10**15


def test_a_thousand_draws_are_kept_of_however_many_units():
    assert draws_of(1, rows=5000).job.kept == 1000


# Checkpoints ----------------------------------------------------------------------------------------------------------


def test_a_checkpoint_of_whole_chunks_is_read_again(tmp_path):
    path = tmp_path / "run.npz"
    one = draws_of(2048, checkpoint=path)
    told = []
    again = draws_of(2048, checkpoint=path, progress=told.append)
    assert [(report.done, report.total) for report in told] == [(2048, 2048)]
    pd.testing.assert_frame_equal(again.scores, one.scores, check_exact=True)
    assert Checkpoint(path).about()["draws"] == 2048


def test_a_resumed_run_tells_first_what_it_has(tmp_path):
    path = tmp_path / "run.npz"
    draws_of(3 * 1024, checkpoint=path)
    told = []
    draws_of(9 * 1024 + 5, checkpoint=path, progress=told.append)
    # tasks end at multiples of four chunks, wherever a run begins
    assert [report.done // 1024 for report in told] == [3, 4, 8, 9, 9]
    assert told[-1].done == 9 * 1024 + 5
    assert told[0].left is None
    assert {report.total for report in told} == {9 * 1024 + 5}
    assert {report.what for report in told} == {"drawing top"}


def test_a_checkpoint_is_written_on_the_way(tmp_path, monkeypatch):
    monkeypatch.setattr("egovindex.sensitivity.checkpoint._EVERY", 0.0)
    path = tmp_path / "run.npz"
    seen = []

    def look(told):
        seen.append((told.done // 1024, Checkpoint(path).about()["draws"] // 1024 if path.exists() else None))

    draws_of(9 * 1024, checkpoint=path, executor=1, progress=look)
    assert seen == [(0, None), (4, None), (8, 4), (9, 8)]
    assert Checkpoint(path).about()["draws"] == 9 * 1024


def test_a_checkpoint_is_written_at_the_end_of_a_short_run(tmp_path, monkeypatch):
    monkeypatch.setattr("egovindex.sensitivity.checkpoint._EVERY", 1e9)
    path = tmp_path / "run.npz"
    seen = []
    draws_of(9 * 1024, checkpoint=path, executor=1, progress=lambda told: seen.append(path.exists()))
    assert not any(seen)
    assert path.exists()


def test_fewer_draws_than_the_checkpoint_has(tmp_path):
    path = tmp_path / "run.npz"
    draws_of(2048, checkpoint=path)
    words = "run.npz has 2048 draws already, more than n = 2047; ask for at least as many, or name another file"
    with pytest.raises(ei.MethodError, match=words) as caught:
        draws_of(2047, checkpoint=path)
    assert caught.value.faults[0].check == "fewer_draws"


def test_the_seed_of_a_checkpoint_is_taken_up(tmp_path):
    path = tmp_path / "run.npz"
    one = draws_of(1024, checkpoint=path, rng=77)
    other = draws_of(1200, checkpoint=path, rng=None)
    assert other.rng == one.rng == 77
    pd.testing.assert_frame_equal(other.scores.iloc[:1024], one.scores, check_exact=True)


def test_a_checkpoint_says_what_run_it_is_of(tmp_path):
    path = tmp_path / "run.npz"
    draws = draws_of(1100, checkpoint=path, learn="nominal")
    manifest = draws.result.manifest
    expected = {
        "index": manifest.index_sha256,
        "data": manifest.data_sha256,
        "doubt": draws.manifest.doubt_sha256,
        "node": "top",
        "learn": "nominal",
        "precision": "double",
        "rng": "1",
        "design": None,
        "kept": 10_000,
        "chunk": 1024,
        "egovindex": ei.__version__,
        "numpy": np.__version__,
    }
    assert draws.identity == expected
    about = Checkpoint(path).about()
    assert {key: about[key] for key in expected} == expected
    assert about["draws"] == 1024  # the rest is drawn as a whole chunk when the run is extended


def test_a_checkpoint_of_another_design(tmp_path):
    path = tmp_path / "run.npz"
    settings = draws_of(1024).settings()
    ei.simulate(spec(), table(), SIMPLEX, design=settings, rng=1, checkpoint=path)
    other = settings.iloc[::-1].reset_index(drop=True)
    with pytest.raises(ei.DataError, match="differs in design"):
        ei.simulate(spec(), table(), SIMPLEX, design=other, rng=1, checkpoint=path)


# What was known on the way --------------------------------------------------------------------------------------------


def test_snapshots_stand_ever_further_apart_behind_the_draws_that_are_kept():
    draws = draws_of(40_000)
    behind = draws.convergence.index[draws.convergence.index > 10_000].tolist()
    assert behind == [12_288, 16_384, 24_576, 32_768, 40_000]
    whole = draws_of(40_000, keep=True)
    for point in draws.tally.trace:
        some = whole.ranks.iloc[: point["draws"]].to_numpy()
        np.testing.assert_allclose(point["ranks"], some.mean(axis=0), rtol=1e-12)
        low, high = np.quantile(some, [0.05, 0.95], axis=0, method="inverted_cdf")
        np.testing.assert_array_equal(point["low"], low)
        np.testing.assert_array_equal(point["high"], high)
    assert whole.tally.trace == []


def test_snapshots_without_room_for_a_matrix_have_no_intervals(monkeypatch):
    monkeypatch.setattr("egovindex.sensitivity.work.MOST_CELLS", 1)
    trace = draws_of(12_288).tally.trace
    assert [set(point) for point in trace] == [{"draws", "ranks"}]
    monkeypatch.undo()
    np.testing.assert_allclose(trace[0]["ranks"], draws_of(12_288, keep=True).ranks.mean(), rtol=1e-12)


def test_if_all_draws_fail_each_reason_is_told_once():
    doubt = SIMPLEX + ei.Doubt(aggregate={"top": ["geometric", "harmonic"]})
    data = table()
    data.loc[1, "x"] = -1.0
    with pytest.raises(ei.MethodError, match="all 30 draws failed: ") as caught:
        ei.simulate(spec(), data, doubt, n=30, rng=1)
    fault = caught.value.faults[0]
    assert fault.check == "all_failed"
    assert [fault.message.count(name) for name in ("geometric", "harmonic")] == [1, 1]
    with pytest.raises(ei.MethodError, match="all 30 draws failed"):
        ei.simulate(spec(), data, doubt, n=30, rng=1, executor=1)
