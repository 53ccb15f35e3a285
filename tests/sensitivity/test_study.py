"""Settings in, scores out: blocks, failures, variants, and the index of one draw."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import egovindex as ei
from egovindex.sensitivity.study import Batch, Failure
from tests.properties.drawn import index_of
from tests.sensitivity.made import FAILING, SEVERAL, SIMPLEX, spec, study_of, table


def test_draws_of_a_block_stay_in_the_cache_of_a_core():
    assert 2**20 < study_of(data=table(1000)).at_once * 1000 * 8 <= 2**21
    assert study_of(data=table(2)).at_once == 1024
    assert study_of(block=7).at_once == 7
    assert study_of(data=table(3)).rows == 3


def test_a_block_has_some_draws_of_however_many_units():
    assert study_of(data=table(20_000)).at_once == 16


def test_the_chunks_of_a_seed():
    study = study_of(SEVERAL)
    one, again, next_one, other = study.drawn(1, 0), study.drawn(1, 0), study.drawn(1, 1), study.drawn(2, 0)
    assert set(one) == {"weights.top", "normalise.x", "aggregate.top"}
    for name, array in one.items():
        assert array.shape == (1024, 3 if name == "weights.top" else 1)
        np.testing.assert_array_equal(array, again[name])
        assert not np.array_equal(array, next_one[name])
        assert not np.array_equal(array, other[name])
    assert one["weights.top"].dtype == np.float64
    assert study.with_(precision="single").drawn(1, 0)["weights.top"].dtype == np.float32


def test_nothing_varies_in_the_nominal_draw():
    study = study_of(SEVERAL)
    settings = study.nominal()
    assert {name: array.tolist() for name, array in settings.items()} == {
        "weights.top": [[1, 2, 1]],
        "normalise.x": [[0]],
        "aggregate.top": [[0]],
    }
    expected = ei.compute(spec(), table()).scores["top"]
    np.testing.assert_allclose(study.scored(settings, 1).scores[0], expected, rtol=1e-15)
    np.testing.assert_allclose(study.scored({}, 2).scores, [expected, expected], rtol=1e-15)


def test_where_nothing_is_felt_every_draw_has_the_same_scores():
    expected = ei.compute(spec(), table()).scores["top"]
    found = study_of().scored({}, 3)
    assert found.scores.shape == (3, 5)
    np.testing.assert_allclose(found.scores, np.tile(expected, (3, 1)), rtol=1e-15)
    beside = study_of().with_(beside=("x",)).scored({}, 3)
    np.testing.assert_allclose(beside.beside["x"], np.tile(table()["x"], (3, 1)), rtol=1e-15)


@pytest.mark.parametrize("doubt", [SIMPLEX, SEVERAL], ids=["weights", "alternatives"])
@pytest.mark.parametrize("block", [None, 1, 4])
def test_every_draw_is_scored_as_its_index(doubt, block):
    study = study_of(doubt, block=block)
    settings = {name: array[:6] for name, array in study.drawn(1, 0).items()}
    found = study.scored(settings, 6)
    assert found.failures == []
    assert found.scores.dtype == np.float64
    assert found.scores.shape == (6, 5)
    for draw in range(6):
        index = study.index_under(settings, draw)
        np.testing.assert_allclose(found.scores[draw], ei.compute(index, table()).scores["top"], rtol=1e-13)
    single = study.scored(settings, 6, "single").scores
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, found.scores, rtol=1e-5)
    assert study.with_(precision="single").scored(settings, 6).scores.dtype == np.float32


def test_draws_of_the_same_choices_go_together():
    study = study_of(SEVERAL)
    assert [factor.name for factor in study.choosing] == ["normalise.x", "aggregate.top"]
    settings = {"normalise.x": np.array([[1.0], [0], [1], [-1]]), "aggregate.top": np.array([[2.0], [0], [2], [1]])}
    found = {choices: rows.tolist() for choices, rows in study.by_variant(settings, 4)}
    assert found == {(1, 2): [0, 2], (0, 0): [1], (-1, 1): [3]}
    assert {c: r.tolist() for c, r in study.by_variant({}, 3)} == {(-1, -1): [0, 1, 2]}
    assert {c: r.tolist() for c, r in study_of().by_variant(settings, 3)} == {(): [0, 1, 2]}


@pytest.mark.parametrize("block", [None, 1, 3, 8])
def test_draws_that_fail_are_told_one_by_one(block):
    study = study_of(FAILING, block=block)
    settings = {name: array[:30] for name, array in study.drawn(1, 0).items()}
    bad = ((settings["normalise.x"] == 1) & (settings["aggregate.top"] == 1)).ravel()
    assert 3 < bad.sum() < 20
    found = study.scored(settings, 30)
    assert [failure.draw for failure in found.failures] == np.flatnonzero(bad).tolist()
    assert all("geometric" in failure.message for failure in found.failures)
    assert found.good.tolist() == (~bad).tolist()
    assert np.isfinite(found.good_scores).all()
    assert found.good_scores.shape == (30 - bad.sum(), 5)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ([0.0, 0, 0], "top: weights that add up to zero"),
        ([-1.0, 2, 1], "top: negative weights; only a sum takes them"),
    ],
)
def test_the_draw_that_fails_among_others_of_its_variant(bad, said):
    study = study_of(ei.Doubt(weights={"top": ei.within(1)}), index=spec(aggregate="geometric"))
    weights = np.tile([1.0, 2.0, 1.0], (9, 1))
    weights[4] = bad
    found = study.scored({"weights.top": weights}, 9)
    assert [(one.draw, one.message) for one in found.failures] == [(4, said)]
    assert np.isnan(found.scores[4]).all()
    rows = [at for at in range(9) if at != 4]
    expected = ei.compute(spec(aggregate="geometric"), table()).scores["top"]
    np.testing.assert_allclose(found.scores[rows], np.tile(expected, (8, 1)), rtol=1e-13)


def test_draws_of_which_nothing_is_left():
    alone = {"top": {"x": 1, "y": 0, "z": 0}}
    doubt = ei.Doubt(weights=[alone, {"top": {"x": 1, "y": 1, "z": 1}}], include={"x": 0.5})
    study = study_of(doubt)
    settings = {"weights": np.array([[0.0], [0], [1], [1], [-1]]), "include.x": np.array([[0.0], [1], [0], [1], [1]])}
    found = study.scored(settings, 5)
    assert [(one.draw, one.message) for one in found.failures] == [
        (1, "nothing is left: every record below the node is left out")
    ]
    numbers = table()
    np.testing.assert_allclose(found.scores[0], numbers["x"], rtol=1e-14)
    np.testing.assert_allclose(found.scores[2], numbers[["x", "y", "z"]].mean(axis=1), rtol=1e-14)
    np.testing.assert_allclose(found.scores[3], numbers[["y", "z"]].mean(axis=1), rtol=1e-14)
    np.testing.assert_allclose(found.scores[4], (2 * numbers["y"] + numbers["z"]) / 3, rtol=1e-14)


def test_scores_beside():
    study = study_of(SEVERAL).with_(beside=("x", "z"))
    settings = {name: array[:20] for name, array in study.drawn(1, 0).items()}
    found = study.scored(settings, 20)
    assert set(found.beside) == {"x", "z"}
    scale = np.where(settings["normalise.x"] == 1, 2, 1)
    np.testing.assert_allclose(found.beside["x"], table()["x"].to_numpy() / scale, rtol=1e-14)
    np.testing.assert_allclose(found.beside["z"], np.tile(table()["z"], (20, 1)), rtol=1e-14)
    np.testing.assert_array_equal(found.scores, study_of(SEVERAL).scored(settings, 20).scores)


def test_a_batch_without_failures_is_whole():
    scores = np.arange(6.0).reshape(3, 2)
    assert Batch(scores).good.tolist() == [True] * 3
    assert Batch(scores).good_scores is scores
    some = Batch(scores, [Failure(1, "no")])
    assert some.good.tolist() == [True, False, True]
    assert some.good_scores.tolist() == [[0, 1], [4, 5]]


def test_the_index_of_a_draw_takes_what_is_given():
    study = study_of(SEVERAL)
    assert study.index_under({}, 0) == spec()
    settings = {"aggregate.top": np.array([[2.0], [1.0]])}
    assert study.index_under(settings, 1).tree.branches["top"].aggregate == "geometric"
    assert study.index_under(settings, 0).tree.branches["top"].aggregate == "min"


@pytest.mark.parametrize("learn", ["each_draw", "nominal"])
def test_learned_values_are_those_without_draws_or_of_each(learn):
    index = index_of(
        {
            "nothing": {"missing": "void"},
            "indicators": {"x": {"steps": ["minmax"]}, "y": {"steps": ["goalposts 0 1"]}},
            "nodes": {"top": {"of": {"x": 1, "y": 1}}},
        }
    )
    data = table()[["unit", "x", "y"]]
    doubt = ei.Doubt(values={"x": ei.error(half_width=0.5)}, aggregate={"top": ["mean", "min"]})
    study = study_of(doubt, index=index, data=data, learn=learn)
    settings = {"values.x": data["x"].to_numpy()[None] * np.array([[1.0], [2.0], [3.0]])}
    low, high = data["x"].min(), data["x"].max()
    for draw, scores in enumerate(study.scored(settings, 3).scores):
        own = data["x"].to_numpy() * (draw + 1)
        ends = (low, high) if learn == "nominal" else (own.min(), own.max())
        expected = ((own - ends[0]) / (ends[1] - ends[0]) + data["y"]) / 2
        np.testing.assert_allclose(scores, expected, rtol=1e-12)
    assert study.how_learned == (
        "learned in each draw" if learn == "each_draw" else "learned values of the index without any draw"
    )


def test_a_study_is_sent_to_another_process():
    study = study_of(SEVERAL)
    settings = {name: array[:50] for name, array in study.drawn(1, 0).items()}
    expected = study.scored(settings, 50).scores
    sent = pickle.loads(pickle.dumps(study))
    np.testing.assert_array_equal(sent.scored(settings, 50).scores, expected)
    assert (
        sent.laws
        == study.laws
        == {
            "weights.top": "simplex",
            "normalise.x": "one of goalposts 0 1, goalposts 0 2",
            "aggregate.top": "one of mean, geometric, min",
        }
    )
