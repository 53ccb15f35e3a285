"""What sensitivity indices say, against the same worked out of the outputs of each point."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.plots.sobol_accessor import SobolPlots
from tests.properties.drawn import index_of
from tests.sensitivity.made import FAILING, SEVERAL, SIMPLEX, spec, table


def found_of(doubt=SEVERAL, n=64, **options) -> ei.Sobol:
    return ei.sobol(spec(), table(), doubt, n=n, **({"rng": 1, "resamples": 20} | options))


@pytest.fixture(scope="module")
def scores() -> ei.Sobol:
    return found_of(target="score")


@pytest.fixture(scope="module")
def failing() -> ei.Sobol:
    return found_of(FAILING, n=300, target="score")


def outputs(found: ei.Sobol) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of all points of both samples and of the mixed ones, without those of which some evaluation failed."""
    every = slice(0, found.n)
    batches = [
        found.study.scored(found.design.settings(at, every), found.n, "double") for at in range(len(found.groups) + 2)
    ]
    good = np.all([batch.good for batch in batches], axis=0)
    a, b, *ab = (batch.scores[good] for batch in batches)
    return a, b, np.stack(ab, axis=1)


def by_hand(found: ei.Sobol, a, b, ab) -> tuple[np.ndarray, np.ndarray]:
    """First-order and total indices by the formulas of their sources."""
    centre = (a.mean(axis=0) + b.mean(axis=0)) / 2
    a, b, ab = a - centre, b - centre, ab - centre
    variance = (a**2 + b**2).mean(axis=0) / 2
    total = ((a[:, None] - ab) ** 2).mean(axis=0) / 2 / variance
    if found.estimator == "saltelli":
        return (b[:, None] * (ab - a[:, None])).mean(axis=0) / variance, total
    if found.estimator == "jansen":
        return 1 - ((b[:, None] - ab) ** 2).mean(axis=0) / 2 / variance, total
    level = ((b[:, None] + ab) / 2).mean(axis=0) ** 2
    square = ((b[:, None] ** 2 + ab**2) / 2).mean(axis=0)
    return ((b[:, None] * ab).mean(axis=0) - level) / (square - level), total


@pytest.mark.parametrize("estimator", ["saltelli", "jansen", "janon"])
def test_indices_are_those_of_their_formulas(estimator):
    found = found_of(estimator=estimator, target="score", n=300)
    a, b, ab = outputs(found)
    first, total = by_hand(found, a, b, ab)
    np.testing.assert_allclose(found.first, first, atol=1e-10)
    np.testing.assert_allclose(found.total, total, atol=1e-10)
    np.testing.assert_allclose(found.first_order, first.T, atol=1e-10)
    np.testing.assert_allclose(found.totals, total.T, atol=1e-10)
    np.testing.assert_allclose(found.interactions, 1 - first.sum(axis=0), atol=1e-10)
    table = found.convergence
    assert table.index.get_level_values("points").unique().tolist() == [16, 32, 64, 128, 256, 300]
    for points in (16, 64, 300):
        first, total = by_hand(found, a[:points], b[:points], ab[:points])
        some = table.xs(points, level="points")
        assert list(some.index) == list(found.groups)
        np.testing.assert_allclose(some["first"], first.mean(axis=1), atol=0.02)
        np.testing.assert_allclose(some["total"], total.mean(axis=1), atol=0.05)
    np.testing.assert_allclose(some["first"], first.mean(axis=1), atol=1e-10)


def test_tables_of_several_outputs(scores):
    table = scores.table
    assert table.index.names == ["output", "group"]
    units = [f"U{at}" for at in range(5)]
    assert table.index.get_level_values("output").unique().tolist() == units
    assert scores.outputs == tuple(units)
    for frame in (scores.first_order, scores.totals):
        assert frame.index.tolist() == units
        assert frame.index.name == "output"
        assert list(frame) == list(scores.groups)
    assert scores.interactions.index.tolist() == units
    assert scores.interactions.index.name == "output"
    assert scores.interactions.name == "interactions"
    one = scores.of("U2")
    assert one["total"].is_monotonic_decreasing
    assert one.index.name == "group"
    assert list(one) == ["first", "first_low", "first_high", "total", "total_low", "total_high"]
    pd.testing.assert_frame_equal(one.sort_index(), table.loc["U2"].sort_index())
    means = scores.means
    assert means["total"].is_monotonic_decreasing
    assert means.index.name == "group"
    for column, frame in (("first", scores.first_order), ("total", scores.totals)):
        np.testing.assert_allclose(means[column], frame.mean()[means.index], rtol=1e-12)
    assert scores.fixed == ()


def test_the_groups_of_a_table_of_one_output_go_down():
    table = found_of().table
    assert table["total"].is_monotonic_decreasing
    assert table.index.name == "group"
    assert (table["first_low"] <= table["first_high"]).all()


def test_what_was_asked_is_told(scores):
    assert (scores.n, scores.rng, scores.estimator, scores.level) == (64, 1, "saltelli", 0.9)
    assert scores.evaluations == 64 * 5
    assert scores.certainty.n == 64
    assert scores.certainty.seed == 1
    assert scores.certainty.kind == "sampled"
    assert scores.laws["weights.top"] == "simplex"
    assert scores.failures.empty
    assert list(scores.failures) == ["point", "evaluation", "reason"]


def fixed_and_not(numbers, ranks):
    return np.stack([numbers[:, 0], np.ones(len(numbers))], axis=1)


def test_an_output_that_never_varies():
    found = found_of(target=fixed_and_not)
    assert found.fixed == ("fixed_and_not 2",)
    assert (found.of("fixed_and_not 2")[["first", "total"]] == 0).all(axis=None)
    assert found.interactions["fixed_and_not 2"] == 0
    assert found.variance[1] == 0
    varying = found.of("fixed_and_not 1")
    pd.testing.assert_frame_equal(found.means, varying[["first", "total"]])
    np.testing.assert_allclose(found.convergence.xs(64)["total"][varying.index], varying["total"])
    nothing = found_of(target=lambda scores, ranks: np.ones(len(scores)))
    assert (nothing.means == 0).all(axis=None)
    assert nothing.fixed == ("<lambda>",)


def gaps(numbers, ranks):
    found = np.stack([numbers[:, 0], numbers[:, 1]], axis=1)
    found[found[:, 0] > 0.3, 0] = np.nan
    return found


def test_an_output_without_a_number_in_some_draw_is_left_out():
    found = found_of(target=gaps)
    assert found.left_out == ("gaps 1",)
    assert found.outputs == ("gaps 2",)
    assert "1 outputs have no number in some draw, and no indices" in repr(found)
    pd.testing.assert_frame_equal(found.of("gaps 2"), found.table)
    with pytest.raises(ei.MethodError, match="gaps 1 has no number in some draw, and no indices") as caught:
        found.of("gaps 1")
    assert caught.value.faults[0].check == "no_numbers"
    with pytest.raises(ei.MethodError, match='no output "gaps 3"'):
        found.of("gaps 3")
    whole = found_of(target=lambda numbers, ranks: numbers[:, 1])
    np.testing.assert_allclose(found.table, whole.table, atol=1e-9)


def test_failed_points_are_left_out_as_a_whole(failing):
    a, b, ab = outputs(failing)
    first, total = by_hand(failing, a, b, ab)
    np.testing.assert_allclose(failing.first, first, atol=1e-10)
    np.testing.assert_allclose(failing.total, total, atol=1e-10)
    frame = failing.failures
    points = frame["point"].nunique()
    assert len(a) == 300 - points
    assert frame["point"].max() > 256
    assert f"{len(frame)} evaluations failed, see .failures; their {points} points are left out" in repr(failing)
    assert failing.convergence.index.get_level_values("points").max() == len(a)
    names = ["a", "b", *(f"a with {group} of b" for group in failing.groups)]
    assert set(frame["evaluation"]) <= set(names)
    for row in frame.iloc[::25].itertuples():
        settings = failing.design.settings(names.index(row.evaluation), slice(row.point, row.point + 1))
        batch = failing.study.scored(settings, 1)
        assert [failure.message for failure in batch.failures] == [row.reason]
    assert list(frame)[3:] == ["weights.top.x", "weights.top.y", "weights.top.z", "normalise.x", "aggregate.top"]
    np.testing.assert_allclose(frame[["weights.top.x", "weights.top.y", "weights.top.z"]].sum(axis=1), 4)
    assert (frame["normalise.x"] == "zscore").all()
    assert failing.manifest.failed == points


def test_pictures_are_of_these_indices(scores):
    assert isinstance(scores.plot, SobolPlots)
    assert scores.plot is scores.plot


# Shown ------------------------------------------------------------------------------------------------------------


def test_what_is_shown_of_one_output():
    found = found_of(n=48)
    lines = repr(found).splitlines()
    assert lines[:5] == [
        "<Sobol invented> average rank shift of top, 48 points, 240 evaluations, seed 1; learned in each draw",
        "  weights.top: simplex",
        "  normalise.x: one of goalposts 0 1, goalposts 0 2",
        "  aggregate.top: one of mean, geometric, min",
        "  48 is no power of two: the points are less evenly spread",
    ]
    assert len(lines) == 5 + 5
    assert lines[5].split() == list(found.table)
    assert f"{found.table['total'].iloc[0]:.3f}" in lines[7]
    page = found._repr_html_()
    assert page.startswith("<b>&lt;Sobol invented&gt; average rank shift of top, 48 points")
    assert "<br>weights.top: simplex<br>normalise.x: one of" in page
    assert "evenly spread<table" in page
    assert "<th>group</th>" in page
    assert f"<td>{found.table['total'].iloc[0]:.3f}</td>" in page


def test_what_is_shown_of_several_outputs(scores):
    assert "no power of two" not in repr(scores)
    assert repr(scores).splitlines()[4].split() == ["mean", "first", "mean", "total"]
    assert "<th>mean total</th>" in scores._repr_html_()


def test_five_factors_are_shown_and_the_others_counted():
    names = [f"q{at}" for at in range(7)]
    document = {
        "index": "many",
        "nothing": {"missing": "void"},
        "indicators": {name: {"steps": ["goalposts 0 1"]} for name in names},
        "nodes": {"top": {"of": dict.fromkeys(names, 1)}},
    }
    rows = pd.DataFrame(np.random.default_rng(1).random((4, 7)), columns=names).assign(unit=list("abcd"))
    for number, more in ((5, None), (6, "  and 1 more factors"), (7, "  and 2 more factors")):
        doubt = ei.Doubt(values={name: ei.error(sd=0.1) for name in names[:number]})
        lines = repr(ei.sobol(index_of(document), rows, doubt, n=8, rng=1, resamples=0)).splitlines()
        assert [line for line in lines if line.startswith("  values.") and ":" in line] == [
            f"  values.{name}: error sd 0.1" for name in names[: min(number, 5)]
        ]
        assert [line for line in lines if "more factors" in line] == ([more] if more else [])


def test_a_factor_without_effect_is_told(index, data):
    chosen = index.with_(nothing={"unknown": "skip", "missing": "skip", "not_applicable": "skip"})
    doubt = ei.Doubt(nothing={"not_applicable": ["skip", 0], "unknown": ["skip", 0]})
    lines = repr(ei.sobol(chosen, data, doubt, n=8, rng=1, resamples=0)).splitlines()
    assert "  nothing.not_applicable: one of skip, 0 (changes nothing in these data by itself)" in lines
    assert "  nothing.unknown: one of skip, 0" in lines


def test_names_are_escaped_in_a_notebook():
    doubt = SIMPLEX + ei.Doubt(
        recipes={"r": {"<b>": {}, "other": {"title": "x"}, "<i>": {"nodes": {"top": {"aggregate": "min"}}}}}
    )
    page = ei.sobol(
        spec(), table(), doubt, n=8, rng=1, resamples=0, groups={"<u>": ["weights", "recipes"]}
    )._repr_html_()
    for mark in ("<i>", "<u>"):
        assert mark not in page
    assert "&lt;i&gt;" in page
    assert "&lt;u&gt;" in page
