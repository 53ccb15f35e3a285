"""The work on chunks of draws, against the same draws scored and ranked one by one in double precision."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.sensitivity.simulate import Run
from egovindex.sensitivity.study import Study
from egovindex.sensitivity.tally import ranks_of
from egovindex.sensitivity.work import Job, Source
from egovindex.streams import CHUNK
from tests.properties.drawn import index_of

SIMPLEX = ei.Doubt(weights={"top": ei.simplex()})
TASK = ((0, 60), (1, 30))
ALL = 1 << 30
HIGH = {"High": 0.55, "Middle": 0.4, "Low": "else"}


def spec(**top) -> ei.Index:
    return index_of(
        {
            "nothing": {"missing": "void"},
            "indicators": {name: {} for name in "xyz"},
            "nodes": {"top": {"of": {"x": 1, "y": 2, "z": 1}, **top}},
        }
    )


def table(n: int = 9, *, seed: int = 1) -> pd.DataFrame:
    numbers = np.random.default_rng(seed).random((n, 3)).round(3)
    numbers[2] = numbers[3]  # always tied
    return pd.DataFrame({"unit": [f"U{at}" for at in range(n)], **dict(zip("xyz", numbers.T, strict=True))})


def job(index, data, doubt=SIMPLEX, *, kept=0, source=None, extra=(), **options) -> Job:
    run = Run.of(index, data, doubt, node=None, learn="each_draw", **options)
    plain = run.job(source or Source(5), kept)
    return Job(plain.study, plain.source, kept, plain.bands, frozenset(extra))


def by_hand(made: Job, task=TASK) -> dict:
    """Scores, ranks and numbers of the draws that did not fail, and those that did."""
    scores, numbers, failed, settings = [], [], [], []
    for chunk, draws in task:
        given = made.source.settings(made.study, chunk, draws)
        batch = made.study.scored(given, draws, "double")
        scores.append(batch.scores[batch.good])
        numbers.append(chunk * CHUNK + np.flatnonzero(batch.good))
        failed += [(chunk * CHUNK + one.draw, one.message) for one in batch.failures]
        settings.append({name: array[batch.good] for name, array in given.items()})
    whole = np.concatenate(scores).astype(np.float64)
    ranks = ranks_of(whole, made.study.plan.rows.groups)
    return {"scores": whole, "ranks": ranks, "numbers": np.concatenate(numbers), "failed": failed, "settings": settings}


def assert_counted(made: Job, task=TASK) -> dict:
    """Everything that is counted is what it is by hand."""
    part, hand = made(task), by_hand(made, task)
    ranks, n = hand["ranks"], made.study.rows
    assert part.draws == sum(draws for _, draws in task)
    assert part.failed == hand["failed"]
    most = max(map(len, made.study.plan.rows.groups))
    expected = [[(ranks[:, row] == rank).sum() for rank in range(most + 1)] for row in range(n)]
    assert part.numbers["counts"].tolist() == expected
    kept = hand["numbers"] < made.kept
    if kept.any():
        assert np.concatenate(part.kept["draws"]).tolist() == hand["numbers"][kept].tolist()
        found = np.concatenate(part.kept["scores"])
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, hand["scores"][kept], rtol=1e-13)
    else:
        assert not part.kept or not len(np.concatenate(part.kept["draws"]))
    return {"part": part, **hand}


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("kept", [0, 1, 40, CHUNK, CHUNK + 10, ALL])
def test_what_is_counted_and_kept(precision, kept):
    assert_counted(job(spec(), table(), kept=kept, precision=precision))


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("block", [1, 17, 30, 59, 5000])
def test_blocks_change_nothing(precision, block):
    assert_counted(job(spec(), table(), kept=40, precision=precision, block=block))


@pytest.mark.parametrize("precision", ["double", "single"])
def test_periods_are_counted_apart(precision):
    index = index_of({**spec().document(), "index": "invented", "columns": {"period": "year"}})
    data = pd.concat([table(7).assign(year=2022), table(4, seed=2).assign(year=2024)], ignore_index=True)
    data = data.iloc[np.random.default_rng(3).permutation(len(data))].reset_index(drop=True)
    assert_counted(job(index, data, kept=100, precision=precision))
    groups = job(index, data, precision=precision, extra=("above",))(TASK).extra[0]
    assert set(groups) == {"above.0", "above.1"}
    assert {len(array) for array in groups.values()} == {7, 4}


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize(
    "classes",
    [
        HIGH,
        {"High": "value >= 0.55", "Low": "else"},
        {"High": "value >= 0.5 and x >= 0.5", "Low": "else"},
        {"High": 0.5},
    ],
    ids=["bounds", "a test", "a test of another", "without else"],
)
def test_classes(precision, classes):
    made = job(spec(classes=classes), table(), precision=precision)
    found = assert_counted(made)
    scores, x = found["scores"], table()["x"].to_numpy()
    if len(classes) == 3:
        codes = np.select([scores >= 0.55, scores >= 0.4], [0, 1], 2)
    elif classes["High"] == 0.5:
        codes = np.where(scores >= 0.5, 0, 1)  # the last column is that of none
    else:
        bound = 0.55 if "x" not in classes["High"] else 0.5
        codes = np.where((scores >= bound) & ((x >= 0.5) | (bound == 0.55)), 0, 1)
    counted = found["part"].numbers["classes"]
    assert counted.shape == (9, len(classes) + 1)
    for code in range(len(classes) + 1):
        assert counted[:, code].tolist() == (codes == code).sum(axis=0).tolist()


def test_who_is_above_and_first():
    made = job(spec(), table(), extra=("above", "first"))
    found = assert_counted(made)
    assert len(found["part"].extra) == len(TASK)
    start = 0
    for own, settings in zip(found["part"].extra, found["settings"], strict=True):
        weights = settings["weights.top"]
        ranks = found["ranks"][start : start + len(weights)]
        start += len(weights)
        assert own["above.0"].tolist() == (ranks[:, :, None] < ranks[:, None, :]).sum(axis=0).tolist()
        told = weights / weights.sum(axis=1, keepdims=True) * 4
        share = (ranks == 1) / (ranks == 1).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(own["first.weights.top"], share.T @ told, rtol=1e-12)


@pytest.mark.parametrize("block", [None, 25])
def test_sums_over_blocks(block):
    one, other = (job(spec(), table(), extra=("above", "first"), block=size)(TASK).extra for size in (block, None))
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first["above.0"], second["above.0"])
        np.testing.assert_allclose(first["first.weights.top"], second["first.weights.top"], rtol=1e-12)


def test_without_room_for_a_matrix_ranks_are_summed(monkeypatch):
    # 9 rows with ranks 0 to 9 are 90 cells
    monkeypatch.setattr("egovindex.sensitivity.work.MOST_CELLS", 90)
    made = job(spec(), table(), precision="single")
    assert set(made(TASK).numbers) == {"counts"}
    monkeypatch.setattr("egovindex.sensitivity.work.MOST_CELLS", 89)
    part, ranks = made(TASK), by_hand(made)["ranks"]
    assert set(part.numbers) == {"ranks", "rank_squares", "scored"}
    assert part.numbers["ranks"].tolist() == ranks.sum(axis=0).tolist()
    assert part.numbers["rank_squares"].tolist() == (ranks**2).sum(axis=0).tolist()
    assert part.numbers["scored"].tolist() == [90] * 9
    assert part.extra == []


def test_units_without_a_score_and_draws_that_fail():
    index = index_of(
        {
            "nothing": {"missing": "void"},
            "indicators": {name: {"steps": ["goalposts 0 1"]} for name in "xyz"},
            "nodes": {"top": {"of": {"x": 1, "y": 2, "z": 1}}},
        }
    )
    data = table()
    data.loc[2, "y"] = np.nan
    doubt = SIMPLEX + ei.Doubt(normalise={"x": ["goalposts 0 1", "zscore"]}, aggregate={"top": ["mean", "geometric"]})
    for precision in ("double", "single"):
        found = assert_counted(job(index, data, doubt, kept=12, precision=precision), ((0, 20), (1, 14)))
        assert 4 < len(found["part"].failed) < 20
        assert all("geometric" in message for _, message in found["part"].failed)
        assert (found["ranks"][:, 2] == 0).all()
        assert found["part"].numbers["counts"][2, 0] == 34 - len(found["part"].failed)


# Single precision, where it cannot see the difference ---------------------------------------------------------------


def close(n: int = 12) -> pd.DataFrame:
    """Numbers near 100, of which each next unit is better by less than single precision can see."""
    base = 100 + np.random.default_rng(4).random((n // 2, 3)).round(2)
    numbers = np.concatenate([base, base + 1e-6])
    return pd.DataFrame({"unit": [f"U{at:02}" for at in range(n)], **dict(zip("xyz", numbers.T, strict=True))})


def crossing(pairs: int = 40, *, seed: int = 4) -> pd.DataFrame:
    """Pairs of units near 100, each better in some numbers, by so little that single precision may turn them round."""
    rng = np.random.default_rng(seed)
    base = 100 + rng.random((pairs, 3)).round(2)
    numbers = np.concatenate([base, base + rng.normal(0, 1e-5, base.shape)])
    return pd.DataFrame({"unit": [f"U{at:02}" for at in range(2 * pairs)], **dict(zip("xyz", numbers.T, strict=True))})


@pytest.mark.parametrize("data", [close(), crossing()], ids=["close", "crossing"])
@pytest.mark.parametrize("task", [TASK, ((0, 1),), ((0, 17), (1, 1))], ids=str)
def test_units_closer_than_single_precision_are_in_their_order(task, data):
    found = assert_counted(job(spec(), data, precision="single"), task)
    half = len(data) // 2
    if half == 6:
        assert (found["ranks"][:, half:] < found["ranks"][:, :half]).all()


def test_the_error_of_a_single_draw_is_measured():
    # one pair in one draw at a time: nothing else sends the draw to double precision
    data = crossing(1, seed=41)
    made = job(spec(), data, precision="single", block=1)
    settings = made.source.settings(made.study, 0, 100)
    single, double = (made.study.scored(settings, 100, kind).scores.astype(float) for kind in ("single", "double"))
    turned = np.diff(single) * np.diff(double) < 0
    assert turned.mean() > 0.1  # single precision alone would turn them round
    assert_counted(made, ((0, 100),))


@pytest.mark.parametrize("task", [TASK, ((0, 1),), ((0, 40),)], ids=str)
def test_scores_close_to_a_bound_are_in_their_class(task):
    data = close()
    data[["x", "y", "z"]] = 100.0
    data.loc[::2, ["x", "y", "z"]] -= 2e-6
    found = assert_counted(job(spec(classes={"High": 100.0, "Low": "else"}), data, precision="single"), task)
    draws = sum(number for _, number in task)
    assert found["part"].numbers["classes"][:, 0].tolist() == [0, draws] * 6


@pytest.mark.parametrize("chances", [[0.5, 0.5], [0.99, 0.01], [0.01, 0.99]], ids=str)
def test_an_alternative_that_is_less_precise_is_measured_by_itself(chances):
    index = index_of(
        {
            "nothing": {"missing": "void"},
            "indicators": {name: {"steps": ["goalposts 0 1"]} for name in "xyz"},
            "nodes": {"top": {"of": {"x": 1, "y": 2, "z": 1}}},
        }
    )
    data = table(40)
    data.loc[20:, ["x", "y", "z"]] = data.loc[:19, ["x", "y", "z"]].to_numpy() + 1e-4
    far = ei.choice("goalposts 0 1", "goalposts -10000 -9999", chances=chances)
    doubt = SIMPLEX + ei.Doubt(normalise={"*": far})
    for task in (TASK, ((0, 20), (1, 3))):
        found = assert_counted(job(index, data, doubt, precision="single"), task)
        assert (found["ranks"][:, 20:] < found["ranks"][:, :20]).mean() > 0.99


def apart(n: int = 6) -> pd.DataFrame:
    """Units that no weights bring close to each other."""
    return pd.DataFrame({"unit": [f"U{at}" for at in range(n)]} | {name: np.arange(n) / 10 for name in "xyz"})


def scored_in(made: Job, task, monkeypatch) -> dict[str, int]:
    """How many draws are scored in each precision."""
    seen, scored = {"single": 0, "double": 0}, Study.scored

    def counted(self, settings, draws, precision=None):
        seen[precision or self.precision] += draws
        return scored(self, settings, draws, precision)

    with monkeypatch.context() as patch:
        patch.setattr(Study, "scored", counted)
        made(task)
    return seen


def test_double_precision_is_used_where_it_decides_and_for_what_is_kept(monkeypatch):
    single = {"precision": "single"}
    some = scored_in(job(spec(), apart(), **single), ((0, 500),), monkeypatch)
    assert some["single"] == 500
    assert 10 < some["double"] < 40  # by which the error is measured
    alternatives = SIMPLEX + ei.Doubt(normalise={"*": ["goalposts 0 1", "goalposts 0 2"]})
    index = index_of(
        {
            "nothing": {"missing": "void"},
            "indicators": {name: {"steps": ["goalposts 0 1"]} for name in "xyz"},
            "nodes": {"top": {"of": {"x": 1, "y": 2, "z": 1}}},
        }
    )
    two = scored_in(job(index, apart(), alternatives, **single), ((0, 500),), monkeypatch)
    assert two == {"single": 500, "double": 2 * some["double"]}
    assert scored_in(job(spec(), close(), **single), ((0, 50),), monkeypatch)["double"] > 50
    far = job(spec(classes={"High": 0.25, "Low": "else"}), apart(), **single)  # scores are 0, 0.1, 0.2, 0.3, ...
    assert scored_in(far, ((0, 500),), monkeypatch) == some
    by_test = job(spec(classes={"High": "value >= 0.25", "Low": "else"}), apart(), **single)
    assert scored_in(by_test, ((0, 500),), monkeypatch)["double"] > 500
    kept = job(spec(), apart(), kept=CHUNK, **single)
    assert scored_in(kept, ((0, 500),), monkeypatch) == {"single": 0, "double": 500}
    assert scored_in(kept, ((1, 500),), monkeypatch) == some
    pairs = job(spec(), apart(), extra=("above",), **single)
    assert scored_in(pairs, ((0, 500),), monkeypatch) == {"single": 0, "double": 500}
    assert scored_in(job(spec(), apart()), ((0, 500),), monkeypatch) == {"single": 0, "double": 500}
    monkeypatch.setattr("egovindex.sensitivity.work.MOST_PACKED", 5)  # of six units
    assert scored_in(job(spec(), apart(), **single), ((0, 500),), monkeypatch)["double"] > 500


# Settings that are given --------------------------------------------------------------------------------------------


def test_given_settings_are_taken_chunk_by_chunk():
    weights = np.random.default_rng(1).dirichlet(np.ones(3), 1500) * 4
    source = Source(0, {"weights.top": weights})
    made = job(spec(), table(), kept=ALL, source=source)
    np.testing.assert_array_equal(source.settings(made.study, 0, 10)["weights.top"], weights[:10])
    np.testing.assert_array_equal(source.settings(made.study, 1, 476)["weights.top"], weights[1024:1500])
    part = made(((0, 1024), (1, 476)))
    numbers = table()[["x", "y", "z"]].to_numpy()
    np.testing.assert_allclose(np.concatenate(part.kept["scores"]), weights @ numbers.T / 4, rtol=1e-12)


def test_digests_of_settings():
    one, other = np.arange(4.0), np.arange(4.0) + 1
    assert Source(1).digest is None
    digests = {
        Source(1, given).digest
        for given in ({"a": one}, {"a": other}, {"b": one}, {"a": one, "b": one}, {"a": one[:3]})
    }
    assert len(digests) == 5
    assert Source(1, {"a": one}).digest == Source(2, {"a": one.copy()}).digest
    two = np.arange(8.0).reshape(2, 4)
    assert Source(1, {"a": two.T}).digest == Source(1, {"a": np.ascontiguousarray(two.T)}).digest


def test_drawn_settings_of_fewer_draws_are_the_first():
    made = job(spec(), table())
    some, all_of = (made.source.settings(made.study, 2, n)["weights.top"] for n in (7, CHUNK))
    np.testing.assert_array_equal(some, all_of[:7])
    assert all_of.shape == (CHUNK, 3)
