"""Whether more draws or points change anything: lines are the tables."""

from __future__ import annotations

from importlib import import_module
from itertools import pairwise

import matplotlib.style
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import egovindex as ei
from egovindex import MethodError
from egovindex.plots import convergence, sobol_convergence


def lines(ax) -> dict[str, np.ndarray]:
    """(x, y) of every line that the key names."""
    return {line.get_label().replace("\n", " "): np.asarray(line.get_xydata()) for line in ax.lines}


def ticks(ax) -> list[str]:
    return [label.get_text() for label in ax.get_xticklabels()]


# --- draws


def test_both_lines_are_the_table(egdi_draws):
    found = lines(egdi_draws.plot.convergence())
    table = egdi_draws.convergence
    assert len(table) > 5
    for column, label in (
        ("width", "mean width of the 90 % rank intervals"),
        ("se", "largest standard error of an expected rank"),
    ):
        np.testing.assert_array_equal(found[label], np.column_stack([table.index, table[column]]))


def test_both_are_in_places_and_from_zero(egdi_draws):
    ax = egdi_draws.plot.convergence()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("draws", "places")
    assert ax.get_xscale() == "log"
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > egdi_draws.convergence["width"].max()
    last = egdi_draws.convergence.iloc[-1]
    numbers = [text.get_text() for text in ax.texts if text.get_gid() != "caption"]
    assert numbers == [f"{last['width']:.2f}", f"{last['se']:.2f}"]


def test_numbers_of_draws_are_written_as_numbers(egdi_draws):
    ax = egdi_draws.plot.convergence()
    ax.figure.draw_without_rendering()
    assert ticks(ax)[-1] == "300"
    assert {int(tick) for tick in ticks(ax)} <= set(egdi_draws.convergence.index)
    assert not [tick for tick in ax.xaxis.get_minorticklabels() if tick.get_text()]
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_many_draws_have_few_ticks(lenient, panel_data):
    draws = ei.simulate(lenient, panel_data, ei.Doubt(weights=ei.simplex()), n=20_000, rng=1)
    ax = draws.plot.convergence()
    assert 4 <= len(ticks(ax)) <= 9
    assert ticks(ax)[-1] == f"{draws.convergence.index[-1]:,}"


def test_the_small_print_says_what_was_drawn(egdi_draws, panel_draws, small_print):
    told = small_print(egdi_draws.plot.convergence())
    assert "193 units in 2024; weights as in the file." in told
    assert "300 draws of EGDI, seed 1; learned in each draw." in told
    assert "Laws: weights (5 factors): within 0.25; aggregate.EGDI: one of mean, geometric." in told
    assert "6 units in 2 periods; weights as in the file." in small_print(panel_draws.plot.convergence())
    assert panel_draws.plot.convergence().get_title(loc="left") == "Readiness $x^2$ <b>: what more draws change"


def test_rows_without_a_score_are_counted(tiny, panel_data, small_print):
    draws = ei.simulate(tiny, panel_data, ei.Doubt(weights=ei.simplex()), n=50, rng=1)
    assert "No score in top: 1 of 12 rows." in small_print(draws.plot.convergence())


def test_nothing_moves(lenient, panel_data):
    draws = ei.simulate(lenient, panel_data.iloc[:1], ei.Doubt(weights=ei.simplex()), n=1, rng=1)
    ax = draws.plot.convergence()
    ax.figure.draw_without_rendering()
    assert ax.get_ylim() == (0, 1)
    assert ticks(ax) == ["1"]


# --- sensitivity indices


def test_a_line_for_each_group_and_kind(egdi_sobol):
    ax = egdi_sobol.plot.convergence()
    table = egdi_sobol.convergence
    assert len(ax.lines) == 2 * len(egdi_sobol.groups) + 1  # and the line at zero
    full = [line for line in ax.lines if line.get_linestyle() == "-" and line.get_label() in egdi_sobol.groups]
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    order = list(egdi_sobol.table.index)  # the largest total index first
    for group, total, first in zip(order, full, dashed, strict=True):
        some = table.xs(group, level="group")
        assert total.get_label() == group
        assert total.get_color() == first.get_color()
        np.testing.assert_array_equal(total.get_xydata(), np.column_stack([some.index, some["total"]]))
        np.testing.assert_array_equal(first.get_xydata(), np.column_stack([some.index, some["first"]]))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == order


def test_of_more_groups_than_colours_the_largest_are_drawn(egdi_sobol, small_print, monkeypatch):
    # the package has a function of that name
    monkeypatch.setattr(import_module("egovindex.plots.convergence"), "_MOST_GROUPS", 2)
    ax = egdi_sobol.plot.convergence()
    largest = egdi_sobol.table
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(largest.index[:2])
    words = f"Not shown: {len(largest) - 2} further groups, with total indices up to {largest['total'].iloc[2]:.2f}."
    assert words in small_print(ax)


def test_groups_are_told_apart(egdi_sobol):
    full = [line for line in egdi_sobol.plot.convergence().lines if line.get_label() in egdi_sobol.groups]
    assert len({line.get_color() for line in full}) == len({line.get_marker() for line in full}) == 6


def test_points_are_written_as_numbers(egdi_sobol):
    ax = egdi_sobol.plot.convergence()
    assert ticks(ax) == ["16", "32"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("points", "share of the variance")


def test_the_small_print_says_what_was_done(egdi_sobol, panel_sobol, small_print):
    told = small_print(egdi_sobol.plot.convergence())
    assert "Full lines: total indices. Dashed: first-order indices." in told
    assert "32 points, 256 evaluations, seed 1; learned in each draw." in told
    assert "outputs" not in told
    ax = panel_sobol.plot.convergence()
    assert "Means over 11 outputs." in small_print(ax)
    assert " ".join(ax.get_title(loc="left").split()).endswith("what more points change for the rank")


# --- both


def test_something_else(egdi, egdi_draws):
    with pytest.raises(MethodError, match="drawn from what simulate returned, found IndexResult"):
        convergence(egdi)
    with pytest.raises(MethodError, match="drawn from what sobol returned, found Draws"):
        sobol_convergence(egdi_draws)
    with pytest.raises(MethodError, match="found list"):
        convergence(egdi_draws, ax=[])


def test_on_axes_that_were_given(egdi_draws, egdi_sobol):
    left, right = Figure(figsize=(10, 4)).subplots(1, 2)
    assert egdi_draws.plot.convergence(ax=left) is left
    assert egdi_sobol.plot.convergence(ax=right) is right
    assert len(left.lines) == 2


@pytest.mark.parametrize("which", ["egdi_draws", "egdi_sobol"])
def test_a_dark_style_leaves_everything_to_be_seen(which, request):
    with matplotlib.style.context("dark_background"):
        ax = request.getfixturevalue(which).plot.convergence()
    texts = (*ax.texts, *ax.get_xticklabels(), *ax.get_legend().get_texts(), ax.yaxis.label)
    assert all(np.mean(to_rgb(text.get_color())) > 0.4 for text in texts)


def test_a_method_is_the_function(egdi_draws):
    method, function = lines(egdi_draws.plot.convergence()), lines(convergence(egdi_draws))
    assert method.keys() == function.keys()
    assert "number of draws" in egdi_draws.plot.convergence.__doc__
