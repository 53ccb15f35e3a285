"""The points of sensitivity indices: their spread, their groups, the options, and what cannot be."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

import egovindex as ei
from egovindex.kernels.sobol import resampled
from egovindex.sensitivity.sobol import groups_of, scrambled, two_samples
from egovindex.streams import Streams
from tests.properties.drawn import index_of
from tests.sensitivity.made import FAILING, SEVERAL, SIMPLEX, spec, study_of, table

LINES = ei.Doubt(points={"status.drafted": (0.25, 0.75), "status.planned": (0.0, 0.5)}, include={"law": 0.5})


def found_of(doubt=SEVERAL, n=32, **options) -> ei.Sobol:
    return ei.sobol(spec(), table(), doubt, n=n, **({"rng": 1, "resamples": 20} | options))


# Points -----------------------------------------------------------------------------------------------------------


def test_scrambled_points():
    points = scrambled(3, 64, np.random.default_rng(1))
    assert points.shape == (64, 3)
    assert ((points >= 0) & (points < 1)).all()
    for column in points.T:  # one in each of 64 bins, and not in their corners
        assert sorted((column * 64).astype(int)) == list(range(64))
        assert len({round(share, 6) for share in column * 64 % 1}) > 30
    np.testing.assert_array_equal(points, scrambled(3, 64, np.random.default_rng(1)))
    assert not np.array_equal(points, scrambled(3, 64, np.random.default_rng(2)))
    assert scrambled(0, 5, np.random.default_rng(1)).shape == (5, 0)
    assert scrambled(2, 7, np.random.default_rng(1)).shape == (7, 2)


def test_the_same_points_by_the_older_name_of_the_seed(monkeypatch):
    expected, made = scrambled(3, 16, np.random.default_rng(1)), qmc.Sobol

    class Older:
        def __init__(self, d, *, scramble, seed):
            try:
                self.engine = made(d, scramble=scramble, rng=seed)
            except TypeError:
                self.engine = made(d, scramble=scramble, seed=seed)

        def random(self, n):
            return self.engine.random(n)

    monkeypatch.setattr(qmc, "Sobol", Older)
    np.testing.assert_array_equal(scrambled(3, 16, np.random.default_rng(1)), expected)


def test_two_samples_are_evenly_spread_and_independent(index, data):
    found = ei.sobol(index, data, LINES, n=64, rng=3, resamples=0)
    a, b = found.design.sample_a, found.design.sample_b
    columns = []
    for sample in (a, b):
        for name, low in (("points.status.drafted", 0.25), ("points.status.planned", 0.0)):
            share = (sample[name][:, 0] - low) / 0.5
            assert sorted((share * 64).astype(int)) == list(range(64))
            columns.append(share)
        assert (sample["include.law"] == 0).sum() == 32
        columns.append(sample["include.law"][:, 0])
    assert np.abs(np.corrcoef(columns) - np.eye(6)).max() < 0.3


def test_samples_of_the_same_seed():
    factors = study_of(SEVERAL).factors
    one, again, other = two_samples(factors, 32, 1), two_samples(factors, 32, 1), two_samples(factors, 32, 2)
    back = two_samples(factors[::-1], 32, 1)
    for sample, same, differs, turned in zip(one, again, other, back, strict=True):
        for name, array in sample.items():
            np.testing.assert_array_equal(array, same[name])
            np.testing.assert_array_equal(array, turned[name])
        assert not np.array_equal(sample["weights.top"], differs["weights.top"])


def test_what_a_seed_means():
    """Points, draws and resamples come from streams of their own: a seed that is told gives them again."""
    doubt = ei.Doubt(weights={"top": ei.conditions("x >= 2 * y")}, values={"x": ei.error(half_width=0.1)})
    weights, errors = study_of(doubt).factors
    samples, streams = two_samples((weights, errors), 8, 5), Streams(5)
    points = scrambled(10, 8, streams.of("design", 0))
    for sample, own, letter in zip(samples, (points[:, :5], points[:, 5:]), "ab", strict=True):
        np.testing.assert_array_equal(sample["values.x"], errors.at(own))
        expected = weights.draw(streams.of(f"weights.top sample {letter}", 0), 8)
        np.testing.assert_array_equal(sample["weights.top"], expected)
    found = found_of(n=16, rng=5, resamples=30, level=0.8, estimator="jansen")
    first, total = resampled(found.moments, streams.of("bootstrap", 0), 30, first="jansen")
    for name, drawn in (("first", first), ("total", total)):
        low, high = np.quantile(drawn, [0.1, 0.9], axis=0)
        np.testing.assert_allclose(found.intervals[f"{name}_low"], low, rtol=1e-12)
        np.testing.assert_allclose(found.intervals[f"{name}_high"], high, rtol=1e-12)


def test_weights_of_a_sample_are_told_with_their_total():
    for sample in two_samples(study_of(SIMPLEX).factors, 50, 1):
        np.testing.assert_allclose(sample["weights.top"].sum(axis=1), 4, rtol=1e-12)


def test_factors_without_a_form_are_drawn():
    law = ei.conditions("x >= 2 * y")
    factors = study_of(ei.Doubt(weights={"top": law}, aggregate={"top": ["mean", "min"]})).factors
    a, b = two_samples(factors, 40, 1)
    for sample in (a, b):
        weights = sample["weights.top"]
        assert (weights[:, 0] >= 2 * weights[:, 1] - 1e-9).all()
        assert (sample["aggregate.top"] == 0).sum() == 20
    assert not np.isclose(a["weights.top"], b["weights.top"]).any(axis=None)
    again, _ = two_samples(factors, 40, 1)
    np.testing.assert_array_equal(a["weights.top"], again["weights.top"])


@pytest.mark.parametrize(("units", "even"), [(64, True), (65, False)])
def test_large_factors_are_drawn_and_small_ones_are_points(units, even):
    doubt = ei.Doubt(values={"x": ei.error(half_width=0.1)})
    factors = study_of(doubt, data=table(units)).factors
    spread = []
    for sample in two_samples(factors, 32, 1):
        off = (sample["values.x"] - table(units)["x"].to_numpy()) / 0.2 + 0.5
        spread += [sorted((column * 32).astype(int)) == list(range(32)) for column in off.T]
    assert all(spread) == even
    assert any(spread) == even


# Groups -----------------------------------------------------------------------------------------------------------

MORE = ei.Doubt(
    weights={"*": ei.within(0.3), "top": ei.simplex()},
    points={"status.drafted": (0.2, 0.8)},
    rules=["strict", "lenient"],
)
WEIGHTS = ("weights.rules", "weights.market")


@pytest.fixture(scope="module")
def factors(index, data):
    return ei.sobol(index, data, MORE, n=4, rng=1, resamples=0).study.factors


def test_groups_by_doubt_by_factor_and_by_name(factors):
    by_doubt = {
        "weights": WEIGHTS,
        "weights.top": ("weights.top",),
        "points.status.drafted": ("points.status.drafted",),
        "rules": ("rules",),
    }
    assert {name: set(own) for name, own in groups_of(None, factors).items()} == {
        n: set(own) for n, own in by_doubt.items()
    }
    assert groups_of("doubts", factors) == groups_of(None, factors)
    names = [factor.name for factor in factors]
    assert groups_of("factors", factors) == {name: (name,) for name in names}
    given = {"heavy": "weights", 2: ["points", "rules"]}
    found = groups_of(given, factors)
    assert set(found["heavy"]) == {"weights.top", *WEIGHTS}
    assert found["2"] == ("points.status.drafted", "rules")
    apart = groups_of({"one": ["weights.top"], "two": (*WEIGHTS, "points.status.drafted", "rules")}, factors)
    assert apart["one"] == ("weights.top",)
    twice = groups_of({"all": ["weights", "weights.top", "rules", "points"]}, factors)
    assert sorted(twice["all"]) == sorted(names)


BAD_GROUPS = [
    ("nodes", ["groups are None, \"factors\", or {name: [doubts or factors]}; found 'nodes'"], "unknown_option"),
    (["weights"], ["groups are None"], "unknown_option"),
    ({"a": ["weights", "points"]}, ["rules: in no group; put the rest into one"], "unknown_group"),
    (
        {"a": "weights", "b": ["weights.top", "points"], "c": "rules"},
        ["weights.top: in two groups; a factor is in one"],
        "unknown_group",
    ),
    (
        {"a": ["wieghts", "qqq"], "b": "ruls"},
        [
            'group a: there is no "wieghts"; did you mean "weights"?',
            'group a: there is no "qqq"',
            'group b: there is no "ruls"; did you mean "rules"?',
        ],
        "unknown_group",
    ),
]


@pytest.mark.parametrize(("given", "said", "check"), BAD_GROUPS)
def test_groups_that_cannot_be(factors, given, said, check):
    with pytest.raises(ei.MethodError) as caught:
        groups_of(given, factors)
    assert [fault.check for fault in caught.value.faults] == [check] * len(said)
    for fault, words in zip(caught.value.faults, said, strict=True):
        assert fault.message.startswith(words)


def test_a_group_varies_as_a_whole(index, data):
    found = ei.sobol(index, data, MORE, n=16, rng=1, resamples=0, groups={"w": "weights", "rest": ["points", "rules"]})
    design, every = found.design, slice(0, 16)
    a, b, w, rest = (design.settings(at, every) for at in range(4))
    for name in a:
        mixed, other = (w, rest) if name.startswith("weights") else (rest, w)
        np.testing.assert_array_equal(mixed[name], b[name])
        np.testing.assert_array_equal(other[name], a[name])
    assert design.settings(1, slice(3, 5))["rules"].tolist() == b["rules"][3:5].tolist()


# Options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said", "check"),
    [
        ({"n": 1}, "n is a whole number from 2 on, found 1", "no_draws"),
        ({"n": 8.0}, "n is a whole number from 2 on, found 8.0", "no_draws"),
        ({"resamples": -1}, "resamples is a whole number from 0 on, found -1", "unknown_option"),
        ({"level": 0}, "level is a share between 0 and 1, found 0", "unknown_option"),
        ({"level": 1.0}, "level is a share between 0 and 1, found 1.0", "unknown_option"),
        ({"level": True}, "level is a share between 0 and 1, found True", "unknown_option"),
        ({"level": "0.9"}, "level is a share between 0 and 1, found '0.9'", "unknown_option"),
        (
            {"estimator": "janson"},
            'estimator is one of saltelli, jansen, janon, found "janson"; did you',
            "unknown_option",
        ),
        ({"estimator": 3}, 'estimator is one of saltelli, jansen, janon, found "3".', "unknown_option"),
    ],
)
def test_options_that_cannot_be(options, said, check):
    with pytest.raises(ei.MethodError) as caught:
        found_of(**options)
    assert caught.value.faults[0].message.startswith(said)
    assert caught.value.faults[0].check == check


def test_two_points_are_enough_and_defaults_are_as_told():
    assert found_of(n=2).table.shape == (3, 6)
    usual = ei.sobol(spec(), table(), SIMPLEX, rng=1)
    assert (usual.n, usual.level, usual.estimator, usual.target.name) == (1024, 0.9, "saltelli", "average rank shift")
    assert usual.study.learn == "each_draw"
    same = ei.sobol(spec(), table(), SIMPLEX, 1024, rng=1, level=0.9, resamples=1000)
    pd.testing.assert_frame_equal(usual.table, same.table)
    assert found_of(learn="nominal").study.learn == "nominal"


def test_widths_of_intervals_are_those_of_a_normal_law():
    # an interval of nine in ten is 1.645 / 0.674 times as wide as one of one in two
    wide, narrow = (found_of(n=64, level=level, resamples=2000, target=("score", "U1")) for level in (0.9, 0.5))
    for name in ("first", "total"):
        widths = [(one.table[f"{name}_high"] - one.table[f"{name}_low"]) for one in (wide, narrow)]
        np.testing.assert_allclose(widths[0] / widths[1], 1.645 / 0.674, rtol=0.13)
        for one in (wide, narrow):
            middle = (one.table[f"{name}_high"] + one.table[f"{name}_low"]) / 2
            np.testing.assert_allclose(middle, one.table[name], atol=0.2 * widths[0].max())
    assert (wide.table["total_low"] >= 0).all()


def test_without_resamples_there_are_no_intervals():
    table = found_of(resamples=0).table
    assert table.filter(regex="_(low|high)$").isna().all(axis=None)
    assert table[["first", "total"]].notna().all(axis=None)
    assert found_of(resamples=1).table.notna().all(axis=None)


def test_progress_counts_evaluations():
    told = []
    found_of(n=600, progress=told.append, resamples=0)
    assert [report.done for report in told][-3:] == [256 * 5, 512 * 5, 600 * 5]
    assert {report.total for report in told} == {600 * 5}
    assert {report.what for report in told} == {"evaluating top"}


def test_points_are_evaluated_in_parts_that_change_nothing():
    few, more = (found_of(n=n, resamples=0, target="score") for n in (256, 512))
    np.testing.assert_allclose(few.moments.parts["total"].shape, (256, 3, 5))
    assert more.moments.points == 512
    every = slice(0, 512)
    scores = more.study.scored(more.design.settings(0, every), 512).scores
    expected = more.target.compute(scores, scores, {})
    assert more.variance == pytest.approx(
        np.concatenate([expected, more.study.scored(more.design.settings(1, every), 512).scores]).var(axis=0), rel=1e-9
    )


def test_an_executor_changes_nothing():
    one, two = (found_of(n=600, resamples=5, executor=workers) for workers in (1, 2))
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)


# What cannot be ---------------------------------------------------------------------------------------------------


def test_at_least_eight_points_without_a_failure():
    seen = set()
    for n in (13, 14, 15, 16, 17, 18):
        try:
            good = n - found_of(FAILING, n=n, resamples=0).failures["point"].nunique()
            assert good >= 8
        except ei.MethodError as error:
            fault = error.faults[0]
            assert fault.check == "all_failed"
            assert "geometric" in fault.message
            told = re.match(r"(\d+) of (\d+) points have a failed evaluation, too many to go on", fault.message)
            assert int(told[2]) == n
            good = n - int(told[1])
            assert good < 8
        seen.add(good)
    assert {7, 8} <= seen


def test_of_fewer_points_all_must_be_good():
    assert found_of(n=4).moments.points == 4


def nothing(scores, ranks):
    return np.full(len(scores), np.nan)


def nothing_twice(scores, ranks):
    return np.full((len(scores), 2), np.nan)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (nothing, "nothing: it has no number in some draw, where a choice leaves nothing to score."),
        (nothing_twice, "nothing_twice: each of its 2 outputs has no number in some draw"),
    ],
)
def test_a_target_without_numbers(target, said):
    with pytest.raises(ei.MethodError) as caught:
        found_of(target=target)
    assert caught.value.faults[0].check == "no_numbers"
    assert caught.value.faults[0].message.startswith(said)


def test_a_number_that_lacks_in_one_evaluation_is_enough_to_leave_it_out():
    # the first unit has no score where its answer counts for nothing; the others always have one
    document = {
        "nothing": {"missing": "skip"},
        "indicators": {name: {} for name in "xy"},
        "nodes": {"top": {"of": {"x": 1, "y": 1}}},
    }
    data = pd.DataFrame({"unit": list("abc"), "x": [0.5, 0.2, 0.3], "y": [np.nan, 0.4, 0.9]})
    doubt = ei.Doubt(include={"x": 0.9}, weights={"top": ei.simplex()})
    found = ei.sobol(index_of(document), data, doubt, n=64, rng=1, target="score", resamples=0)
    assert found.left_out == ("a",)
    assert found.outputs == ("b", "c")


@pytest.mark.parametrize("lacking", range(5))
def test_whichever_evaluation_lacks_a_number_the_output_is_left_out(lacking):
    calls = []

    def two(scores, ranks):
        found = scores[:, :2].copy()
        if len(calls) == 1 + lacking:  # it is asked once before, about the index without any draw
            found[3, 0] = np.nan
        calls.append(len(scores))
        return found

    found = found_of(n=8, target=two, resamples=0, executor=1)
    assert calls == [1, 8, 8, 8, 8, 8]
    assert found.left_out == ("two 1",)
    assert np.isfinite(found.table[["first", "total"]].to_numpy()).all()
