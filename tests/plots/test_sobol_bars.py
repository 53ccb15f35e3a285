"""Which doubt matters: bars, intervals and order are those of the indices."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.style
import numpy as np
import pytest
from matplotlib.colors import to_rgb

import egovindex as ei
from egovindex import MethodError
from egovindex.plots import sobol_bars

ALONE, WITH_OTHERS = "alone (first-order index)", "with others (total index)"


def labels(ax) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def lengths(ax) -> dict[str, list[float]]:
    """Length of every bar, from the top down."""
    assert all(bar.get_x() == 0 for container in ax.containers for bar in container)
    return {container.get_label(): [bar.get_width() for bar in container] for container in ax.containers}


def intervals(ax) -> np.ndarray:
    """(row, low, high) of every line, from the top down."""
    found = [s for c in ax.collections if hasattr(c, "get_segments") for s in c.get_segments()]
    return np.array(sorted((s[0, 1], s[0, 0], s[1, 0]) for s in found)).reshape(-1, 3)


@pytest.fixture(scope="module")
def one_output(lenient, panel_data, doubt):
    return ei.sobol(lenient, panel_data, doubt, n=32, rng=1)


def test_bars_and_intervals_are_the_table(egdi_sobol):
    ax = egdi_sobol.plot.bars()
    table = egdi_sobol.table
    assert labels(ax) == list(table.index)
    assert lengths(ax) == {ALONE: table["first"].tolist(), WITH_OTHERS: table["total"].tolist()}
    ends = np.array([table.loc[g, [f"{k}_low", f"{k}_high"]] for g in table.index for k in ("first", "total")])
    np.testing.assert_array_equal(intervals(ax)[:, 1:], ends.astype(float))


def test_the_largest_total_index_is_at_the_top(egdi_sobol):
    total = lengths(egdi_sobol.plot.bars())[WITH_OTHERS]
    assert total == sorted(total, reverse=True)
    assert list(egdi_sobol.groups) != labels(egdi_sobol.plot.bars()), "another order than that of the groups"


def test_each_interval_crosses_its_own_bar(egdi_sobol):
    ax = egdi_sobol.plot.bars()
    middles = sorted(bar.get_y() + bar.get_height() / 2 for container in ax.containers for bar in container)
    np.testing.assert_allclose(intervals(ax)[:, 0], middles)
    ticks = [c for c in ax.collections if not hasattr(c, "get_segments")]
    drawn = sorted((y, x) for c in ticks for x, y in c.get_offsets())
    ends = sorted((y, x) for y, low, high in intervals(ax) for x in (low, high))
    np.testing.assert_allclose(drawn, ends)


def test_the_axis_has_room_for_everything(egdi_sobol):
    ax = egdi_sobol.plot.bars()
    left, right = ax.get_xlim()
    assert left <= min(0, intervals(ax)[:, 1].min())
    assert right > intervals(ax)[:, 2].max()
    assert any(set(line.get_xdata()) == {0} for line in ax.lines), "a line at zero"


def test_without_resamples_there_are_no_intervals(egdi, method, small_print):
    data = ei.sample("un-egdi-2024")
    found = ei.sobol("un-egdi-2024", data, method, n=16, rng=1, resamples=0)
    ax = found.plot.bars()
    assert len(intervals(ax)) == 0
    assert lengths(ax)[WITH_OTHERS] == found.table["total"].tolist()
    assert "bootstrap" not in small_print(ax)
    ax.figure.draw_without_rendering()


def test_an_interval_beside_its_value_is_drawn(egdi_sobol):
    """A bootstrap interval need not hold the value; a bar with an error of less than nothing would be an error."""
    off = {name: ends + (1.0 if name.startswith("total") else 0.0) for name, ends in egdi_sobol.intervals.items()}
    ax = replace(egdi_sobol, intervals=off).plot.bars()
    assert intervals(ax)[1, 1] > lengths(ax)[WITH_OTHERS][0]


def test_the_small_print_says_what_was_done(egdi_sobol, small_print):
    ax = egdi_sobol.plot.bars()
    told = small_print(ax)
    assert "193 units in 2024; weights as in the file." in told
    assert "32 points, 256 evaluations, seed 1; learned in each draw." in told
    assert "Laws: weights (5 factors): within 0.25; aggregate.EGDI: one of mean, geometric." in told
    assert "Lines at the ends: 90 % bootstrap intervals." in told
    assert "means over" not in told
    title = " ".join(ax.get_title(loc="left").split())
    assert title == "Which doubt matters for the average rank shift: E-Government Development Index, 2024"


def test_a_negative_index_is_told(one_output, egdi_sobol, small_print):
    words = "What is below zero is the error of an estimate."
    below = replace(egdi_sobol, first=egdi_sobol.first - 1.0)
    ax = below.plot.bars()
    assert words in small_print(ax)
    assert ax.get_xlim()[0] < min(lengths(ax)[ALONE])
    assert words not in small_print(replace(egdi_sobol, first=np.abs(egdi_sobol.first)).plot.bars())


# --- several outputs


def test_one_of_several_outputs(panel_sobol, small_print):
    ax = panel_sobol.plot.bars(output="Plain 2022")
    table = panel_sobol.of("Plain 2022")
    assert labels(ax) == list(table.index)
    assert lengths(ax)[WITH_OTHERS] == table["total"].tolist()
    assert len(intervals(ax)) == 4
    assert "rank of Plain 2022" in " ".join(ax.get_title(loc="left").split())
    assert "means over" not in small_print(ax)


def test_several_outputs_are_a_mean_and_say_so(panel_sobol, small_print):
    ax = panel_sobol.plot.bars()
    mean = panel_sobol.totals.mean().sort_values(ascending=False)
    assert labels(ax) == list(mean.index)
    np.testing.assert_allclose(lengths(ax)[WITH_OTHERS], mean)
    np.testing.assert_allclose(lengths(ax)[ALONE], panel_sobol.first_order.mean()[mean.index])
    assert len(intervals(ax)) == 0
    told = small_print(ax)
    assert "Bars: means over 11 outputs, each counting alike, which have no intervals." in told
    assert "6 units in 2 periods; weights as in the file." in told
    assert "rank, mean over 11 outputs" in " ".join(ax.get_title(loc="left").split())


def test_outputs_without_a_number_are_told(panel_sobol, small_print):
    assert panel_sobol.left_out == ("Plain 2024",)
    words = "Without a number in some draw, and so without indices: Plain 2024."
    assert words in small_print(panel_sobol.plot.bars())


def test_outputs_that_never_vary_are_told(panel_sobol, small_print):
    fixed = replace(panel_sobol, variance=np.where(np.arange(11) < 2, 0.0, panel_sobol.variance))
    assert "Not among them: 2 outputs without any variance." in small_print(fixed.plot.bars())
    varying = fixed.first_order.iloc[2:].mean()
    assert fixed.means["first"].to_dict() == pytest.approx(varying.to_dict(), abs=1e-15)
    assert "without any variance" not in small_print(fixed.plot.bars(output="Plain 2022"))


def test_one_output_needs_no_name(one_output):
    assert one_output.outputs == ("average rank shift",)
    assert lengths(one_output.plot.bars()) == lengths(one_output.plot.bars(output="average rank shift"))


# --- failures, names, looks


def test_failed_points_are_told(tiny, panel_data, small_print):
    found = ei.sobol(tiny, panel_data, ei.Doubt(values={"a": ei.error(sd=0.4)}), n=64, rng=1)
    points = len({point for point, _, _ in found.failed})
    assert points > 1
    words = f"{len(found.failed)} evaluations failed, whose {points} points are left out; see .failures."
    assert words in small_print(found.plot.bars())


def test_names_of_groups_are_drawn_as_they_are_written(lenient, panel_data, doubt):
    groups = {"$w_{$ <b>": ["weights"], "N" * 80: ["nothing.missing"]}
    found = ei.sobol(lenient, panel_data, doubt, n=16, rng=1, groups=groups)
    for ax in (found.plot.bars(), found.plot.convergence()):
        ax.figure.draw_without_rendering()
    assert "$w_{$ <b>" in labels(found.plot.bars())
    assert any("…" in label and len(label) <= 44 for label in labels(found.plot.bars()))


def test_an_unknown_output(panel_sobol):
    with pytest.raises(MethodError, match='no output "Plian 2022"; did you mean "Plain 2022"'):
        panel_sobol.plot.bars(output="Plian 2022")


def test_something_else_than_indices(egdi):
    with pytest.raises(MethodError, match="drawn from what sobol returned, found IndexResult"):
        sobol_bars(egdi)


def test_a_dark_style_leaves_everything_to_be_seen(egdi_sobol):
    with matplotlib.style.context("dark_background"):
        ax = egdi_sobol.plot.bars()
    colours = [text.get_color() for text in (*ax.texts, *ax.get_yticklabels())]
    colours += [c.get_color()[0] for c in ax.collections if hasattr(c, "get_segments")]
    assert all(np.mean(to_rgb(colour)) > 0.4 for colour in colours)


def test_a_method_is_the_function(egdi_sobol):
    assert lengths(egdi_sobol.plot.bars()) == lengths(sobol_bars(egdi_sobol))
    assert "total index" in egdi_sobol.plot.bars.__doc__
    assert repr(egdi_sobol.plot) == "<Pictures of un-egdi-2024: bars, convergence>"
