"""One choice at a time: bars run between the values that its settings gave."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import matplotlib.style
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

import egovindex as ei
from egovindex import MethodError
from egovindex.plots import tornado

ABOVE, BELOW = "#0072b2", "#d55e00"


def labels(ax) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def reach(ax, base: float) -> dict[int, tuple[float, float]]:
    """From where to where the bars of a row go."""
    found: dict[int, list[float]] = {}
    for bar in ax.patches:
        row = round(bar.get_y() + bar.get_height() / 2)
        found.setdefault(row, [base]).append(bar.get_x() + bar.get_width())
        assert bar.get_x() == base
    return {row: (min(ends), max(ends)) for row, ends in found.items()}


def written(ax, row: int) -> list[tuple[str, float]]:
    """Words in a row, and at which value they stand."""
    return [(text.get_text(), text.xy[0]) for text in ax.texts if text.get_gid() != "caption" and text.xy[1] == row]


@pytest.fixture(scope="module")
def of_score(method):
    return ei.one_at_a_time("un-egdi-2024", ei.sample("un-egdi-2024"), method, target=("score", "KHM"))


@pytest.mark.parametrize("found", ["of_score", "egdi_moved", "panel_moved"])
def test_bars_run_from_the_lowest_to_the_highest_value(found, request):
    found = request.getfixturevalue(found)
    ax = found.plot.tornado(top=None)
    table, base = found.tornado, float(found.base[0])
    assert labels(ax) == [name if len(name) < 44 else labels(ax)[at] for at, name in enumerate(table.index)]
    ends = reach(ax, base)
    for row, (low, high) in enumerate(zip(table["low"], table["high"], strict=True)):
        assert ends.get(row, (base, base)) == pytest.approx((low, high))
    spans = [high - low for low, high in (ends[row] for row in sorted(ends))]
    assert all(one >= other - 1e-12 for one, other in pairwise(spans))
    line = next(line for line in ax.lines)
    assert set(line.get_xdata()) == {base}


def test_settings_stand_at_the_ends_they_give(of_score):
    ax = of_score.plot.tornado()
    base = float(of_score.base[0])
    for row, (_, choice) in enumerate(of_score.tornado.head(15).iterrows()):
        ends = [(choice["at_low"], choice["low"])] if choice["low"] != base else []
        ends += [(choice["at_high"], choice["high"])] if choice["high"] != base else []
        assert written(ax, row) == ends
    assert written(ax, 0) == [
        ("low: 25 %", of_score.tornado["low"].iloc[0]),
        ("high: 41.7 %", of_score.tornado["high"].iloc[0]),
    ]


def test_above_and_below_have_colours_of_their_own(of_score):
    base = float(of_score.base[0])
    for bar in of_score.plot.tornado().patches:
        assert to_hex(bar.get_facecolor()) == (ABOVE if bar.get_width() > 0 else BELOW)
    assert any(bar.get_width() < 0 for bar in of_score.plot.tornado().patches)
    assert base > 0


def test_as_it_is_is_written_nowhere(egdi_moved):
    """What moves nothing but upwards has one end only."""
    ax = egdi_moved.plot.tornado()
    assert set(egdi_moved.tornado["at_low"]) == {"as it is"}
    assert all(len(written(ax, row)) == 1 for row in range(15))
    assert not any("as it is" in words for row in range(15) for words, _ in written(ax, row))


def test_a_choice_without_effect_says_so(method):
    found = ei.one_at_a_time("un-egdi-2024", ei.sample("un-egdi-2024"), method, target=("rank", "DNK"))
    ax = found.plot.tornado(top=None)
    none = [row for row, span in enumerate(found.tornado["span"]) if span == 0]
    assert none
    assert all(written(ax, row) == [("no change", 1.0)] for row in none)


def test_what_is_left_out_is_counted(of_score, small_print):
    assert len(labels(of_score.plot.tornado())) == 15
    told = small_print(of_score.plot.tornado(top=4))
    table = of_score.tornado
    assert (
        f"Not shown: {len(table) - 4} further choices, of which the widest spans {table['span'].iloc[4]:.3f}." in told
    )
    assert labels(of_score.plot.tornado(top=4)) == list(table.index[:4])
    assert "Not shown" not in small_print(of_score.plot.tornado(top=None))
    assert "Not shown" not in small_print(of_score.plot.tornado(top=len(table)))
    assert "Not shown: 1 further choice," in small_print(of_score.plot.tornado(top=len(table) - 1))


def test_the_small_print_says_what_was_done(of_score, small_print):
    ax = of_score.plot.tornado()
    told = small_print(ax)
    assert f"Line: the index as it is, {of_score.base[0]:.3f}." in told
    assert "Learned in each draw." in told
    assert "Laws: weights (5 factors): within 0.25; aggregate.EGDI: one of mean, geometric." in told
    assert "193 units in 2024; weights as in the file." in told
    assert ax.get_xlabel() == "score of KHM 2024"
    assert "failed" not in told
    assert "outputs" not in told


def test_of_several_outputs_one_is_named(lenient, panel_data, doubt, small_print):
    found = ei.one_at_a_time(lenient, panel_data, doubt, target="rank")
    for ask in (found.plot.tornado, lambda: found.tornado):
        with pytest.raises(MethodError, match=r"(?s)rank has 12 outputs .* name one"):
            ask()
    name = found.target.outputs[0]
    ax = found.plot.tornado(output=name)
    assert "One of 12 outputs." in small_print(ax)
    assert ax.get_xlabel() == f"rank of {name}"
    assert reach(ax, float(found.base[0]))[0] == tuple(found.of(name)[["low", "high"]].iloc[0])


def test_a_better_rank_is_blue(lenient, panel_data, doubt, small_print):
    from egovindex.plots.palette import FALL, RISE

    of_rank = ei.one_at_a_time(lenient, panel_data, doubt, target="rank").plot.tornado(output="Plain 2022")
    of_score = ei.one_at_a_time(lenient, panel_data, doubt, target=("score", "Plain", 2022)).plot.tornado()
    for ax, below, words in ((of_rank, RISE, "Blue: a better rank."), (of_score, FALL, "Blue: above it.")):
        assert words in small_print(ax)
        from matplotlib.colors import to_hex

        colours = {to_hex(bar.get_facecolor()) for bar in ax.patches if bar.get_width() < 0}
        assert colours <= {to_hex(below)}


def test_failed_settings_are_told(lenient, panel_data, small_print):
    """A negative number has no geometric mean: at its low end the error cannot be."""
    found = ei.one_at_a_time(lenient, panel_data, ei.Doubt(values={"a": ei.error(sd=2)}, weights=ei.simplex()))
    failed = int(found.table["reason"].notna().sum())
    assert failed == 1
    assert "1 setting failed; see the column reason of .table." in small_print(found.plot.tornado())


def test_a_choice_of_which_every_setting_failed_is_not_called_without_effect(panel_moved):
    table = panel_moved.table.copy()
    gone = table["choice"] == "nothing.missing"
    table.loc[gone, "value"] = np.nan
    table["reason"] = np.where(gone, "cannot be", None)
    ax = replace(panel_moved, table=table).plot.tornado()
    assert [words for words, _ in written(ax, labels(ax).index("nothing.missing"))] == ["failed"]


def test_a_unit_without_a_score_has_nothing_to_start_from(tiny, panel_data):
    found = ei.one_at_a_time(tiny, panel_data, ei.Doubt(weights=ei.simplex()), target=("rank", "Plain", 2024))
    with pytest.raises(MethodError, match="the rank of Plain 2024 has no number in the index as it is"):
        found.plot.tornado()


@pytest.mark.parametrize("top", [0, -1, 2.5, True, "ten"])
def test_top_is_a_whole_number(of_score, top):
    with pytest.raises(MethodError, match="top is a whole number from 1 on"):
        of_score.plot.tornado(top=top)


def test_something_else(egdi):
    with pytest.raises(MethodError, match="drawn from what one_at_a_time returned, found IndexResult"):
        tornado(egdi)


def test_words_stay_inside_the_axes(of_score, egdi_moved):
    for found in (of_score, egdi_moved):
        ax = found.plot.tornado()
        ax.figure.draw_without_rendering()
        frame = ax.get_window_extent()
        for text in ax.texts:
            if text.get_gid() != "caption":
                box = text.get_window_extent()
                assert frame.x0 <= box.x0
                assert box.x1 <= frame.x1


def test_a_dark_style_leaves_everything_to_be_seen(of_score):
    with matplotlib.style.context("dark_background"):
        ax = of_score.plot.tornado()
    colours = [text.get_color() for text in (*ax.texts, *ax.get_yticklabels())] + [ax.lines[0].get_color()]
    assert all(np.mean(to_rgb(colour)) > 0.4 for colour in colours)


def test_a_method_is_the_function(of_score):
    assert labels(of_score.plot.tornado(top=3)) == labels(tornado(of_score, top=3))
    assert "How far each choice" in of_score.plot.tornado.__doc__
    assert repr(of_score.plot) == "<Pictures of un-egdi-2024: tornado>"
