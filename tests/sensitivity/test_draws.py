"""Draws of three units whose settings are given, so that every number is known by hand."""

from __future__ import annotations

import re
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

TINY = """
index: tiny
nothing: {unknown: skip, missing: void}
indicators: {a: {}, b: {}}
nodes: {I: {of: {a: 1, b: 1}, classes: {High: 0.5, Low: else}}}
"""
# the last unit is the best, so that no order is that of the rows
DATA = pd.DataFrame({"unit": ["z", "y", "x"], "a": [0.4, 0.0, 1.0], "b": [0.4, 1.0, 0.0]})
# ranks of z, y, x: 2 3 1, 2 1 3, 3 1 1, 2 3 1; without any draw 3 1 1
DESIGN = pd.DataFrame({"weights.I.a": [2.0, 0.0, 1.0, 1.5], "weights.I.b": [0.0, 2.0, 1.0, 0.5]})
WEIGHTS = ei.Doubt(weights={"I": ei.simplex()})
MEANS = ei.Doubt(aggregate={"I": ["mean", "geometric"]})


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> ei.Index:
    path = tmp_path_factory.mktemp("tiny") / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return ei.load_index(path)


@pytest.fixture(scope="module")
def draws(tiny) -> ei.Draws:
    return ei.simulate(tiny, DATA, WEIGHTS, design=DESIGN, rng=7, executor=1)


def numbers(table: pd.DataFrame) -> list:
    return table.astype(float).to_numpy().tolist()


# --- ranks


def test_probabilities(draws):
    table = draws.rank_probabilities()
    assert numbers(table) == [[0, 0.75, 0.25], [0.5, 0, 0.5], [0.75, 0, 0.25]]
    assert list(table.columns) == [1, 2, 3]
    assert (table.index.name, table.columns.name) == ("unit", "rank")
    errors = draws.errors_of(table)
    half, quarter = np.sqrt(0.5 * 0.5 / 4), np.sqrt(0.25 * 0.75 / 4)
    np.testing.assert_allclose(errors, [[0, quarter, quarter], [half, 0, half], [quarter, 0, quarter]])


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ({}, [[3, 2, 2, 3, 1], [1, 1, 1, 3, 2], [1, 1, 1, 3, 2]]),
        ({"level": 0.5}, [[3, 2, 2, 2, 0], [1, 1, 1, 3, 2], [1, 1, 1, 1, 0]]),
    ],
)
def test_rank_intervals(draws, level, expected):
    table = draws.rank_intervals(**level)
    assert list(table) == ["rank", "low", "median", "high", "width"]
    assert numbers(table) == expected
    assert set(map(str, table.dtypes)) == {"Int64"}
    assert table.index.tolist() == ["z", "y", "x"]


def test_the_middle_nine_tenths_are_meant(tiny):
    # of twenty draws one is first once, one last once: the one in twenty is inside of 95 %, outside of less than 90 %
    design = pd.concat([DESIGN.iloc[[0]]] * 18 + [DESIGN.iloc[[1]]] * 2)
    drawn = ei.simulate(tiny, DATA, WEIGHTS, design=design)
    assert numbers(drawn.rank_intervals(0.9))[2] == [1, 1, 1, 3, 2]
    assert drawn.rank_intervals().equals(drawn.rank_intervals(0.9))
    assert numbers(drawn.rank_intervals(0.79))[2] == [1, 1, 1, 1, 0]
    assert drawn.score_intervals().equals(drawn.score_intervals(0.9))


def test_the_most_likely_come_first(draws):
    first = draws.top(1)
    assert first.index.tolist() == ["x", "y", "z"]
    assert first["probability"].tolist() == [0.75, 0.5, 0]
    np.testing.assert_allclose(first["se"], [np.sqrt(0.75 * 0.25 / 4), 0.25, 0])
    two = draws.top(2)  # among equals the better rank without any draw
    assert two.index.tolist() == ["x", "z", "y"]
    assert two["probability"].tolist() == [0.75, 0.75, 0.5]
    assert draws.top(np.int64(3))["probability"].tolist() == [1, 1, 1]
    assert draws.top(99).equals(draws.top(3))
    for k in (0, 1.5, True):
        with pytest.raises(ei.MethodError, match="k is a whole number from 1 on"):
            draws.top(k)


def test_expected_ranks_and_shifts(draws):
    table = draws.expected_ranks
    assert list(table) == ["rank", "expected", "sd", "se"]
    assert table["rank"].tolist() == [3, 1, 1]
    assert table["expected"].tolist() == [2.25, 2, 1.5]
    np.testing.assert_allclose(table["sd"], [0.5, np.sqrt(4 / 3), 1])
    np.testing.assert_allclose(table["se"], [0.25, np.sqrt(1 / 3), 0.5])
    shifts = draws.shifts
    assert list(shifts) == ["rank", "shift", "se"]
    assert shifts["shift"].tolist() == [0.75, 1, 0.5]
    np.testing.assert_allclose(shifts["se"], [np.sqrt(3) / 8, 0.5, np.sqrt(3) / 4])


def test_the_average_rank_shift(draws):
    # each draw moves the three units by 3, 3, 0 and 3 places together
    table = draws.average_rank_shift
    assert list(table) == ["mean", "se", "low", "high", "draws"]
    assert table.index.name == "period"
    mean, se, low, high, kept = table.iloc[0]
    assert (mean, high, kept) == (0.75, 1, 4)
    assert se == pytest.approx(np.sqrt(3) / 8)
    assert low == pytest.approx(0.15)


def test_tables_are_of_the_units_in_the_order_of_the_data(draws):
    for table in (
        draws.rank_probabilities(), draws.rank_intervals(), draws.expected_ranks, draws.shifts, draws.summary,
        draws.score_intervals(), draws.class_probabilities(), draws.pairwise(), draws.central_weights(),
    ):  # fmt: skip
        assert (table.index.name, table.index.tolist()) == ("unit", ["z", "y", "x"])
    assert draws.top(1).index.name == "unit"


# --- scores and classes


def test_score_intervals(draws):
    table = draws.score_intervals(0.5)
    assert list(table) == ["score", "mean", "sd", "se", "low", "high"]
    np.testing.assert_allclose(table.loc["z"], [0.4, 0.4, 0, 0, 0.4, 0.4], atol=1e-15)
    scores = [1, 0, 0.5, 0.75]
    sd = np.std(scores, ddof=1)
    np.testing.assert_allclose(table.loc["x"], [0.5, 0.5625, sd, sd / 2, 0.375, 0.8125])
    np.testing.assert_allclose(draws.score_intervals().loc["x", ["low", "high"]], [0.075, 0.9625])
    for level in (0, 1, 90):
        with pytest.raises(ei.MethodError, match="level"):
            draws.score_intervals(level)
        with pytest.raises(ei.MethodError, match="level"):
            draws.rank_intervals(level)


def test_one_draw_has_no_deviation(tiny):
    table = ei.simulate(tiny, DATA, WEIGHTS, design=DESIGN.iloc[[0]]).score_intervals()
    assert table["mean"].tolist() == [0.4, 0, 1]
    assert table[["sd", "se"]].isna().all(axis=None)
    assert table["low"].equals(table["high"])


def test_scores_and_ranks_of_the_draws_that_are_kept(draws):
    np.testing.assert_allclose(draws.scores, [[0.4, 0, 1], [0.4, 1, 0], [0.4, 0.5, 0.5], [0.4, 0.25, 0.75]])
    assert draws.ranks.to_numpy().tolist() == [[2, 3, 1], [2, 1, 3], [3, 1, 1], [2, 3, 1]]
    for table in (draws.scores, draws.ranks):
        assert (table.index.name, table.columns.tolist()) == ("draw", ["z", "y", "x"])
        assert table.index.tolist() == [0, 1, 2, 3]
    assert (draws.kept, draws.counted, draws.good, draws.n) == (4, 4, 4, 4)
    # a table belongs to whoever asked for it
    table = draws.scores
    table.iloc[0, 0] = 9
    assert draws.scores.iloc[0, 0] == pytest.approx(0.4)


def test_classes(draws):
    table = draws.class_probabilities()
    assert list(table) == ["class", "High", "Low"]
    assert table["class"].tolist() == ["Low", "High", "High"]
    assert numbers(table[["High", "Low"]]) == [[0, 1], [0.5, 0.5], [0.75, 0.25]]


# --- one against another


def test_one_against_another(draws):
    table = draws.pairwise()
    assert numbers(table) == [[0, 0.5, 0.25], [0.5, 0, 0.25], [0.75, 0.5, 0]]
    assert table.index.tolist() == table.columns.tolist() == ["z", "y", "x"]
    found = draws.above("x", "y")
    assert found.to_dict() == {"probability": 0.5, "tied": 0.25, "below": 0.25, "se": 0.25}
    assert found.name == "x above y"
    assert draws.above("y", "x").to_dict() == {
        "probability": 0.25, "tied": 0.25, "below": 0.5, "se": pytest.approx(np.sqrt(3) / 8),
    }  # fmt: skip


def test_central_weights(draws):
    # x is first alone with (1, 0) and (3/4, 1/4), y with (0, 1); both share the draw of (1/2, 1/2)
    table = draws.central_weights()
    assert list(table) == ["first", "weights.I.a", "weights.I.b"]
    assert table["first"].tolist() == [0, 0.5, 0.75]
    np.testing.assert_allclose(table.loc["x"], [0.75, 2 / 2.5, 0.5 / 2.5])
    np.testing.assert_allclose(table.loc["y"], [0.5, 0.25 / 1.5, 1.25 / 1.5])
    assert table.loc["z"].isna().tolist() == [False, True, True]


def test_central_weights_need_weights(tiny):
    for doubt in (MEANS, ei.Doubt(weights=[{"I": {"a": 1, "b": 2}}, {"I": {"a": 2, "b": 1}}])):
        with pytest.raises(ei.MethodError, match="no weights are varied by a law of a node"):
            ei.simulate(tiny, DATA, doubt, n=4, rng=1).central_weights()


def test_progress_of_draws_that_are_made_again(draws):
    for ask in (draws.pairwise, draws.central_weights):
        told = []
        ask(progress=told.append)
        assert [(one.what, one.done, one.total) for one in told] == [("drawing I again", 4, 4)]
        with pytest.raises(ei.MethodError, match="at least one worker"):
            ask(executor=0)


def test_made_again_over_several_chunks(tiny):
    drawn = ei.simulate(tiny, DATA, WEIGHTS, n=2060, rng=1, keep=True)
    ranks = drawn.ranks.to_numpy()
    by_hand = (ranks[:, :, None] < ranks[:, None, :]).mean(axis=0)
    told = []
    np.testing.assert_allclose(drawn.pairwise(progress=told.append), by_hand, rtol=1e-12)
    assert [one.done for one in told] == [1024, 2048, 2060]
    whole = ei.simulate(tiny, DATA, WEIGHTS, n=1024, rng=1)
    told = []
    whole.pairwise(progress=told.append)
    assert [one.done for one in told] == [1024]


# --- what was varied


def test_settings(draws):
    pd.testing.assert_frame_equal(draws.settings(), DESIGN, check_names=False)
    assert draws.settings().index.name == "draw"
    for asked, rows in (
        (2, [2]), (np.int64(2), [2]), ([3, 0], [3, 0]), (slice(1, 3), [1, 2]), (slice(None, None, 3), [0, 3]),
        (range(2), [0, 1]), (np.array([1]), [1]), ([], []), ((0, 3), [0, 3]),
    ):  # fmt: skip
        found = draws.settings(asked)
        assert found.index.tolist() == rows
        assert found["weights.I.a"].tolist() == DESIGN["weights.I.a"].iloc[rows].tolist()
    for asked, said in (
        (4, "numbered from 0 to 3, found 4"),
        (-1, "numbered from 0 to 3, found -1"),
        ([0, 9, 8], "numbered from 0 to 3, found 9"),
        ([0, 1.0, "two"], "draws are whole numbers, or a slice of them; found 1.0, 'two'"),
        ("1", "draws are whole numbers, or a slice of them; found '1'"),
        (True, "draws are whole numbers, or a slice of them; found True"),
        (1.5, "draws are whole numbers, or a slice of them; found 1.5"),
    ):
        with pytest.raises(ei.MethodError, match=said):
            draws.settings(asked)


def test_too_many_settings_at_once(draws, monkeypatch):
    monkeypatch.setattr(import_module("egovindex.sensitivity.draws"), "_SETTINGS_AT_ONCE", 6)
    assert len(draws.settings(range(3))) == 3
    with pytest.raises(ei.MethodError, match=r"4 draws of 2 numbers are much; ask for some"):
        draws.settings()


def test_numbers_with_an_error_are_told_when_they_are_asked_for(tiny):
    doubt = ei.Doubt(values={"a": ei.error(sd=0.1)}, weights={"I": ei.simplex()})
    drawn = ei.simulate(tiny, DATA, doubt, n=3, rng=1)
    assert list(drawn.settings()) == ["weights.I.a", "weights.I.b"]
    assert list(drawn.settings(values=True)) == ["weights.I.a", "weights.I.b", "values.a.z", "values.a.y", "values.a.x"]


def test_one_draw_as_an_index_and_as_a_result(draws):
    assert [w.value for w in draws.index(3).tree.branches["I"].weights] == [1.5, 0.5]
    result = draws.result_of(np.int64(3))
    np.testing.assert_allclose(result.scores["I"], draws.scores.loc[3])
    for draw in (1.0, "1", None, [1], True, slice(1, 2)):
        with pytest.raises(ei.MethodError, match="one draw is meant, by its number; found"):
            draws.index(draw)
    with pytest.raises(ei.MethodError, match="numbered from 0 to 3, found 4"):
        draws.result_of(4)


def test_draws_of_the_second_chunk(tiny):
    drawn = ei.simulate(tiny, DATA, WEIGHTS, n=1100, rng=3)
    for draw in (1023, 1024, 1099):
        weights = [w.value for w in drawn.index(draw).tree.branches["I"].weights]
        assert weights == drawn.settings(draw).iloc[0].tolist()
        np.testing.assert_allclose(drawn.result_of(draw).scores["I"], drawn.scores.loc[draw], rtol=1e-12)


# --- together


def test_the_summary(draws):
    table = draws.summary
    np.testing.assert_allclose(table["score"], [0.4, 0.5, 0.5])
    assert table["rank"].tolist() == [3, 1, 1]
    assert table["expected"].tolist() == [2.25, 2, 1.5]
    assert table["low"].tolist() == [2, 1, 1]
    assert table["high"].tolist() == [3, 3, 3]
    assert table["stays"].tolist() == [0.25, 0.5, 0.75]
    np.testing.assert_allclose(table["score_low"], [0.4, 0.0375, 0.075])
    np.testing.assert_allclose(table["score_high"], [0.4, 0.925, 0.9625])
    assert table["scored"].tolist() == [1, 1, 1]


def test_what_it_says_of_itself(draws):
    assert (draws.node, draws.learn, draws.rng, draws.laws) == ("I", "each_draw", 7, {"weights.I": "simplex"})
    assert str(draws.certainty) == "sampled: draws; N = 4, seed 7, standard error at most 0.25"
    assert draws.failed.empty
    assert list(draws.failed) == ["reason"]
    table = draws.diagnostics
    assert table.index.name == "factor"
    assert table.loc["weights.I"].to_dict() == {"law": "simplex", "method": "independent draws, exact"}
    assert draws.plot.result is draws
    assert draws.plot is draws.plot
    manifest = draws.manifest
    assert (manifest.n, manifest.failed, manifest.rng, manifest.chunk, manifest.node) == (4, 0, 7, 1024, "I")
    assert (manifest.learn, manifest.precision, manifest.options) == ("each_draw", "double", ())
    assert manifest.design is not None
    assert manifest.laws == (("weights.I", "simplex"),)
    assert manifest.doubt == WEIGHTS.to_yaml()
    assert manifest is draws.manifest


def test_the_manifest_shown(draws, tiny):
    manifest = draws.manifest
    lines = repr(manifest).splitlines()
    assert lines[:-7] == repr(draws.result.manifest).splitlines()
    assert lines[-7:] == [
        "draws         4 of I, 0 failed",
        "seed          7, in chunks of 1024",
        "learn         each_draw",
        "precision     double",
        f"doubt         {manifest.doubt_sha256}",
        "  weights.I   simplex",
        f"design        {manifest.design}",
    ]
    shown = manifest._repr_html_()
    assert shown.startswith(draws.result.manifest._repr_html_())
    assert "<tr><th>learn</th><td>each_draw</td></tr>" in shown
    drawn = ei.simulate(tiny, DATA, ei.Doubt(values={"a": ei.error(sd="a")}), n=3, rng=1)
    assert "&quot;a&quot;" in drawn.manifest._repr_html_()
    assert drawn.manifest.design is None
    assert "design" not in repr(drawn.manifest)


def test_the_manifest_of_sensitivity_indices(tiny):
    found = ei.sobol(tiny, DATA, ei.Doubt(weights={"I": ei.simplex()}) + MEANS, n=8, rng=2).manifest
    assert dict(found.options)["groups"] == "weights.I: weights.I; aggregate.I: aggregate.I"
    assert found.laws == (("weights.I", "simplex"), ("aggregate.I", "one of mean, geometric"))
    assert [name for name, _ in found.options] == ["target", "estimator", "groups"]
    assert (found.n, found.rng, found.failed) == (8, 2, 0)


def test_shown(draws):
    assert repr(draws).splitlines() == [
        "<Draws tiny> 4 draws of I, settings as given; learned in each draw, double precision",
        "  weights.I: simplex (independent draws, exact)",
        "  unit  rank  low  high  width",
        "     y     1    1     3      2",
        "     x     1    1     3      2",
        "     z     3    2     3      1",
    ]
    shown = draws._repr_html_()
    assert shown.startswith("<b>&lt;Draws tiny&gt; 4 draws of I, settings as given; ")
    assert "<br>weights.I: simplex (independent draws, exact)<table" in shown
    assert "border" not in shown
    assert re.findall("<td>(.*)</td>", shown) == [*"y1132", *"x1132", *"z3231"]


def test_convergence_of_few_draws(draws):
    table = draws.convergence
    assert table.index.tolist() == [4]
    np.testing.assert_allclose(table.iloc[0], [5 / 3, 0, np.sqrt(4 / 3) / 2])


# --- many units, many factors


@pytest.mark.parametrize(("units", "more"), [(5, None), (6, "  ... 1 more in .rank_intervals()"), (12, "  ... 7 more")])
def test_five_units_are_shown(tiny, units, more):
    data = pd.DataFrame({"unit": [f"<u{at}>" for at in range(units)], "a": np.linspace(0, 1, units), "b": 0.5})
    drawn = ei.simulate(tiny, data, WEIGHTS, n=8, rng=1)
    lines = repr(drawn).splitlines()
    assert [line.split()[0] for line in lines[3:8]] == [f"<u{at}>" for at in range(units - 1, units - 6, -1)]
    assert lines[8:] == [] if more is None else lines[8].startswith(more)
    assert drawn._repr_html_().count("&lt;u") == min(units, 10)
    assert "<u" not in drawn._repr_html_()


@pytest.mark.parametrize(("factors", "more"), [(5, None), (6, "  and 1 more factors, in .laws")])
def test_five_factors_are_shown(tmp_path, factors, more):
    names = [f"n{at}" for at in range(factors)]
    text = "index: f\nnothing: {missing: void}\nindicators: {a: {}, b: {}}\nnodes:\n  I: {of: [" + ", ".join(names)
    text += "]}\n" + "".join(f"  {name}: {{of: [a, b]}}\n" for name in names)
    (tmp_path / "f.yaml").write_text(text, encoding="utf-8")
    doubt = ei.Doubt(aggregate={name: ["mean", "max"] for name in names})
    drawn = ei.simulate(tmp_path / "f.yaml", DATA, doubt, n=4, rng=1)
    lines = repr(drawn).splitlines()
    assert lines[1:6] == [f"  aggregate.{name}: one of mean, max" for name in names[:5]]
    assert ([line for line in lines if "factors" in line] == [more]) is (more is not None)
    assert ("more factors" in repr(drawn)) is (more is not None)


# --- draws that fail, units without a score


def test_draws_that_fail(tiny):
    data = DATA.assign(a=[0.4, -1.0, 1.0])
    design = pd.DataFrame({"aggregate.I": ["mean", "geometric", "mean", "geometric", "mean"]})
    drawn = ei.simulate(tiny, data, MEANS, design=design, rng=1)
    assert (drawn.n, drawn.good, drawn.counted, drawn.kept) == (5, 3, 3, 3)
    assert drawn.scores.index.tolist() == [0, 2, 4]
    table = drawn.failed
    assert (table.index.name, table.index.tolist()) == ("draw", [1, 3])
    assert list(table) == ["reason", "aggregate.I"]
    assert table["reason"].str.startswith("I: the geometric mean needs").all()
    assert table["aggregate.I"].tolist() == ["geometric", "geometric"]
    assert "  2 draws failed, see .failed; all that is told is of the others" in repr(drawn).splitlines()
    np.testing.assert_allclose(drawn.rank_probabilities().sum(axis=1), 1)
    assert numbers(drawn.pairwise()) == [[0, 1, 0], [0, 0, 0], [1, 1, 0]]
    assert numbers(drawn.class_probabilities()[["High", "Low"]]) == [[0, 1], [0, 1], [1, 0]]
    assert drawn.certainty.n == 3
    assert drawn.manifest.failed == 2
    with pytest.raises(ei.MethodError, match="all 2 draws failed: I: the geometric mean"):
        ei.simulate(tiny, data, MEANS, design=design.iloc[[1, 3]])


SKIP = ei.Doubt(nothing={"unknown": ["skip", 0]})


@pytest.fixture(scope="module")
def lacking(tiny) -> ei.Draws:
    """Unit q has answers that are unknown alone: a score in two draws of five; unit m never has one."""
    data = pd.DataFrame(
        {"unit": ["m", "q", "x", "y"], "a": [None, "unknown", "1", "0.5"], "b": ["1", "unknown", "0", "1"]}
    )
    design = pd.DataFrame({"nothing.unknown": ["skip", "0", "skip", "0", "skip"]})
    return ei.simulate(tiny, data, SKIP, design=design, rng=1)


def test_units_without_a_score(lacking):
    table = lacking.rank_probabilities()
    assert list(table.columns) == [1, 2, 3, 4, "none"]
    assert table.columns.name == "rank"
    assert numbers(table) == [[0, 0, 0, 0, 1], [0, 0, 0.4, 0, 0.6], [0, 1, 0, 0, 0], [1, 0, 0, 0, 0]]
    assert lacking.ranks.to_numpy().tolist() == [[0, 0, 2, 1], [0, 3, 2, 1]] * 2 + [[0, 0, 2, 1]]
    intervals = lacking.rank_intervals()
    assert intervals.isna().to_numpy().tolist() == [
        [True] * 5,
        [True, False, False, False, False],
        [False] * 5,
        [False] * 5,
    ]
    assert intervals.loc["q"].tolist()[1:] == [3, 3, 3, 0]
    expected = lacking.expected_ranks
    np.testing.assert_array_equal(expected["expected"], [np.nan, 3, 2, 1])
    np.testing.assert_array_equal(expected["sd"], [np.nan, 0, 0, 0])
    np.testing.assert_array_equal(expected["se"], [np.nan, 0, 0, 0])
    np.testing.assert_array_equal(lacking.shifts["shift"], [np.nan, np.nan, 0, 0])
    assert lacking.shifts["rank"].isna().tolist() == [True, True, False, False]
    scores = lacking.score_intervals()
    np.testing.assert_array_equal(scores["mean"], [np.nan, 0, 0.5, 0.75])
    np.testing.assert_array_equal(scores["se"], [np.nan, 0, 0, 0])
    np.testing.assert_array_equal(scores["low"], [np.nan, 0, 0.5, 0.75])
    summary = lacking.summary
    np.testing.assert_allclose(summary["scored"], [0, 0.4, 1, 1])
    np.testing.assert_array_equal(summary["stays"], [np.nan, np.nan, 1, 1])
    classes = lacking.class_probabilities()
    assert list(classes) == ["class", "High", "Low", "none"]
    assert numbers(classes[["High", "Low", "none"]]) == [[0, 0, 1], [0, 0.4, 0.6], [1, 0, 0], [1, 0, 0]]
    mean, se, low, high, kept = lacking.average_rank_shift.iloc[0]
    assert (mean, se, low, high, kept) == (0, 0, 0, 0, 5)


def test_units_without_a_score_against_others(lacking):
    # without a score a unit is neither above nor below another
    assert numbers(lacking.pairwise()) == [[0] * 4, [0] * 4, [0, 0.4, 0, 0], [0, 0.4, 1, 0]]
    # of two alone, the one with a score stands before the one without
    assert lacking.above("x", "q").to_dict() == {"probability": 1, "tied": 0, "below": 0, "se": 0}
    assert lacking.above("q", "m").to_dict() == {
        "probability": 0.4, "tied": 0.6, "below": 0, "se": pytest.approx(np.sqrt(0.24 / 5)),
    }  # fmt: skip
    assert lacking.top(3).index.tolist() == ["y", "x", "q", "m"]
    assert [line.split()[0] for line in repr(lacking).splitlines()[-4:]] == ["y", "x", "m", "q"]
    assert lacking.convergence.iloc[0].tolist() == [0, 0, 0]


def test_units_that_have_a_score_in_no_draw_are_no_news(lacking, tiny):
    assert "without a score" not in repr(lacking)
    # told of those that have one without any draw, be it in one draw alone that they lack it
    data = pd.DataFrame({"unit": ["q", "x"], "a": ["unknown", "1"], "b": ["unknown", "0"]})
    zero = tiny.with_(nothing={"unknown": 0, "missing": "void"})
    doubt = ei.Doubt(nothing={"unknown": [0, "skip"]})
    drawn = ei.simulate(zero, data, doubt, design=pd.DataFrame({"nothing.unknown": ["0", "skip", "0"]}), rng=1)
    assert "  without a score in some draws, see .summary: q" in repr(drawn).splitlines()
    assert drawn.summary["stays"].tolist() == [pytest.approx(2 / 3), 1]
    whole = ei.simulate(zero, data, doubt, design=pd.DataFrame({"nothing.unknown": ["0", "0"]}), rng=1)
    assert "without a score" not in repr(whole)


def test_no_unit_at_all(tiny):
    data = pd.DataFrame({"unit": ["m", "n"], "a": [None, None], "b": ["1", "2"]})
    drawn = ei.simulate(tiny, data, WEIGHTS, design=DESIGN)
    assert drawn.rank_probabilities()["none"].tolist() == [1, 1]
    assert drawn.score_intervals().isna().all(axis=None)


# --- periods


def test_periods_are_ranked_apart(tiny):
    spec = tiny.with_(columns={"period": "year"})
    later = DATA.iloc[[2, 1]].assign(year=2031)
    panel = pd.concat([DATA.assign(year=2030), later], ignore_index=True)
    drawn = ei.simulate(spec, panel, WEIGHTS, design=DESIGN, rng=1)
    assert drawn.pairwise().isna().to_numpy().sum() == 12
    table = drawn.pairwise()
    assert table.loc[("x", 2031), ("y", 2031)] == 0.5
    assert table.loc[("x", 2030), ("y", 2030)] == 0.5
    average = drawn.average_rank_shift
    assert average.index.tolist() == [2030, 2031]
    # x and y alone: ranks 1 2, 2 1, 1 1, 1 2 in place of 1 1
    np.testing.assert_allclose(average["mean"], [0.75, 3 / 8])
    assert drawn.above("x", "y", period=2031).to_dict()["tied"] == 0.25
    with pytest.raises(ei.MethodError, match="stands in 2 periods"):
        drawn.above("x", "y")
    assert numbers(drawn.rank_probabilities())[3] == [0.75, 0.25, 0]
    assert len(drawn.central_weights()) == 5


# --- too many units for a table of ranks


def test_counts_of_the_draws_that_are_kept(tiny, monkeypatch):
    for name in ("_KEPT", "_LEAST_KEPT"):
        monkeypatch.setattr(import_module("egovindex.sensitivity.simulate"), name, 100)
    monkeypatch.setattr("egovindex.sensitivity.work.MOST_CELLS", 5)
    drawn = ei.simulate(tiny, DATA, WEIGHTS, n=300, rng=5)
    assert (drawn.n, drawn.good, drawn.kept, drawn.counted) == (300, 300, 100, 100)
    assert drawn.certainty.n == 100
    ranks = drawn.ranks.to_numpy()
    assert len(ranks) == 100
    for rank in (1, 2, 3):
        np.testing.assert_allclose(drawn.rank_probabilities()[rank], (ranks == rank).mean(axis=0), rtol=1e-12)
    # sums are of all draws
    monkeypatch.undo()
    whole = ei.simulate(tiny, DATA, WEIGHTS, n=300, rng=5)
    pd.testing.assert_frame_equal(drawn.expected_ranks, whole.expected_ranks, check_exact=True)
    points = drawn.convergence
    assert points.index.tolist() == [32, 48, 64, 96, 100, 300]
    assert np.isnan(points["width"].iloc[-1])
    assert points["off"].iloc[-1] == 0
    assert drawn.average_rank_shift["draws"].item() == 100


def test_what_was_known_behind_the_draws_that_are_kept(tiny, monkeypatch):
    for name in ("_KEPT", "_LEAST_KEPT"):
        monkeypatch.setattr(import_module("egovindex.sensitivity.simulate"), name, 40)
    drawn = ei.simulate(tiny, DATA, WEIGHTS, n=8192, rng=5, executor=1)
    assert (drawn.kept, drawn.counted) == (40, 8192)
    table = drawn.convergence
    assert table.index.tolist() == [32, 40, 4096, 8192]  # the end is noted once
    assert table["off"].iloc[-1] == 0
    more = ei.simulate(tiny, DATA, WEIGHTS, n=8200, rng=5, executor=1, keep=True)
    assert more.kept == 8200
    ranks = more.ranks.to_numpy()
    for number in (4096, 8192):
        low, high = np.quantile(ranks[:number], [0.05, 0.95], axis=0, method="inverted_cdf")
        assert table.loc[number, "width"] == pytest.approx((high - low).mean())
    off = np.abs(ranks[:4096].mean(axis=0) - ranks[:8192].mean(axis=0)).max()
    assert table.loc[4096, "off"] == pytest.approx(off)
    rest = ei.simulate(tiny, DATA, WEIGHTS, n=8200, rng=5, executor=1).convergence
    assert rest.index.tolist() == [32, 40, 4096, 8192, 8200]
    low, high = np.quantile(ranks, [0.05, 0.95], axis=0, method="inverted_cdf")
    assert rest.loc[8200, "width"] == pytest.approx((high - low).mean())


def test_one_draw_is_all_there_is(tiny):
    drawn = ei.simulate(tiny, DATA, WEIGHTS, design=DESIGN.iloc[[3]], rng=1)
    assert numbers(drawn.rank_probabilities()) == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert drawn.errors_of(pd.Series([0.5])).tolist() == [0.5]
    assert drawn.top(1)["probability"].tolist() == [1, 0, 0]
    assert numbers(drawn.pairwise()) == [[0, 1, 0], [0, 0, 0], [1, 1, 0]]
    assert numbers(drawn.class_probabilities()[["High", "Low"]]) == [[0, 1], [0, 1], [1, 0]]
    table = drawn.central_weights()
    assert table["first"].tolist() == [0, 0, 1]
    np.testing.assert_allclose(table.loc["x"], [1, 0.75, 0.25])
    assert drawn.summary["stays"].tolist() == [0, 0, 1]
    assert drawn.summary["scored"].tolist() == [1, 1, 1]
    assert drawn.expected_ranks["expected"].tolist() == [2, 3, 1]
    assert drawn.expected_ranks[["sd", "se"]].eq(0).all(axis=None)
    assert drawn.average_rank_shift.iloc[0].tolist() == [1, 0, 1, 1, 1]
    assert drawn.certainty.error == 0.5
    assert drawn.convergence.index.tolist() == [1]
    assert drawn.above("x", "y").to_dict() == {"probability": 1, "tied": 0, "below": 0, "se": 0}
