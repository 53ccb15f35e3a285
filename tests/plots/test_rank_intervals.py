"""Rank intervals: what is drawn is what the draws say."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.style
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import egovindex as ei
from egovindex import MethodError
from egovindex.plots import rank_intervals

STROKE, DOT = "median of the draws", "rank without any draw"


def labels(ax) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def bars(ax) -> np.ndarray:
    """(low, high, row) of every bar."""
    (container,) = ax.containers
    return np.array([(b.get_x(), b.get_x() + b.get_width(), b.get_y() + b.get_height() / 2) for b in container])


def marks(ax, label: str) -> np.ndarray:
    """(rank, row) of every mark."""
    return np.asarray(next(c for c in ax.collections if c.get_label() == label).get_offsets())


def written(ax) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_gid() != "caption"]


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_every_bar_stroke_and_dot_is_a_number_of_the_table(egdi_draws, level):
    ax = egdi_draws.plot.rank_intervals(level=level)
    table = egdi_draws.rank_intervals(level).reset_index().sort_values(["rank", "unit"]).astype({"rank": int})
    np.testing.assert_array_equal(bars(ax), np.column_stack([table["low"], table["high"], np.arange(193)]))
    np.testing.assert_array_equal(marks(ax, STROKE)[:, 0], table["median"])
    np.testing.assert_array_equal(marks(ax, DOT)[:, 0], table["rank"])
    assert labels(ax) == [f"{rank}  {unit}" for rank, unit in zip(table["rank"], table["unit"], strict=True)]
    ends = zip(table["low"], table["high"], strict=True)
    assert written(ax) == [f"{low}" if low == high else f"{low}–{high}" for low, high in ends]


def test_a_wider_share_has_wider_bars(egdi_draws):
    """Otherwise the level would be a word only."""
    narrow, wide = (bars(egdi_draws.plot.rank_intervals(level=level)) for level in (0.5, 0.99))
    assert (wide[:, 0] <= narrow[:, 0]).all()
    assert (wide[:, 1] >= narrow[:, 1]).all()
    assert ((wide[:, 1] - wide[:, 0]) > (narrow[:, 1] - narrow[:, 0])).sum() > 100


def test_the_first_rank_stands_at_the_left(egdi_draws):
    ax = egdi_draws.plot.rank_intervals(top=20)
    left, right = ax.get_xlim()
    assert left < 1 < bars(ax)[:, 1].max() < right
    assert ax.get_xticks()[0] == 1
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert ax.get_xlabel() == "rank in EGDI"


def test_the_small_print_says_what_was_drawn(egdi_draws, small_print):
    ax = egdi_draws.plot.rank_intervals(level=0.995, top=20, highlight="KHM")
    told = small_print(ax)
    assert "193 units in 2024; weights as in the file." in told
    assert "Bars: the middle 99.5 % of 300 draws of EGDI, seed 1; learned in each draw." in told
    assert "Laws: weights (5 factors): within 0.25; aggregate.EGDI: one of mean, geometric. They decide" in told
    assert "Shown: ranks up to 20 and highlighted units; 172 further units." in told
    assert "failed" not in told
    assert "middle 99.5 % of the draws" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert ax.get_title(loc="left") == "E-Government Development Index, 2024: ranks in 300 draws"


def test_every_law_is_told(egdi_draws, small_print):
    told = small_print(egdi_draws.plot.rank_intervals(top=1))
    assert all(law in told for law in egdi_draws.laws.values())


def test_many_laws_are_counted(small_print):
    parts = [f"osi_{name}" for name in ("if", "cp", "sp", "epi", "tec")]
    errors = {name: ei.error(sd=(at + 1) / 100) for at, name in enumerate(parts)}
    weights = {node: ei.within((at + 1) / 10) for at, node in enumerate(("EGDI", "OSI", "TII", "HCI", "affordability"))}
    include = {"osi_if": 0.5, "osi_cp": 0.5, "osi_tec": 0.4}
    doubt = ei.Doubt(values=errors, weights=weights, aggregate={"EGDI": ["mean", "geometric"]}, include=include)
    draws = ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), doubt, n=20, rng=1)
    told = small_print(draws.plot.rank_intervals(top=1))
    shown = told[told.index("Laws: ") : told.index("They decide")]
    # factors of one doubt with one law are told together
    assert "include (2 factors): in with chance 0.5" in shown
    assert shown.count(";") == 12
    assert shown.endswith("; and 1 more. ")


def test_settings_that_were_given_have_no_seed(egdi_draws, method, small_print):
    data = ei.sample("un-egdi-2024")
    again = ei.simulate("un-egdi-2024", data, method, n=20, design=egdi_draws.settings(range(20)))
    assert "20 draws of EGDI, settings as given; learned in each draw." in small_print(again.plot.rank_intervals(top=1))
    nominal = ei.simulate("un-egdi-2024", data, method, n=20, rng=3, learn="nominal")
    told = small_print(nominal.plot.rank_intervals(top=1))
    assert "seed 3; learned values of the index without any draw." in told


def test_top_keeps_ties_and_highlighted_units(egdi_draws, cyberlaw):
    ax = egdi_draws.plot.rank_intervals(top=3, highlight=["KHM"])
    assert labels(ax) == ["1  DNK", "2  EST", "3  SGP", "120  KHM"]
    assert [label.get_fontweight() for label in ax.get_yticklabels()] == ["normal"] * 3 + ["bold"]
    doubt = ei.Doubt(weights=ei.simplex())
    tied = ei.simulate(cyberlaw.index, ei.sample("unctad-cyberlaw-2026"), doubt, n=20, rng=1)
    first = int((cyberlaw.ranks[cyberlaw.headline] == 1).sum())
    ax = tied.plot.rank_intervals(top=1)
    assert len(labels(ax)) == len(bars(ax)) == first > 1
    assert set(marks(ax, DOT)[:, 0]) == {1}
    # where no other rank is reached, it is seen that there are some
    assert ax.get_xticks().max() == 8


def test_names_come_from_a_column_or_a_mapping(egdi_draws):
    assert labels(egdi_draws.plot.rank_intervals(top=1, names="country")) == ["1  Denmark"]
    assert labels(egdi_draws.plot.rank_intervals(top=2, names={"DNK": "Danmark"})) == ["1  Danmark", "2  EST"]


@pytest.mark.parametrize("period", [2022, "2024"])
def test_the_period_asked_for_is_drawn(panel_draws, period):
    table = panel_draws.rank_intervals().xs(int(period), level="period").sort_values("rank")
    ax = panel_draws.plot.rank_intervals(period=period)
    np.testing.assert_array_equal(bars(ax)[:, :2], table[["low", "high"]].astype(float))
    assert ax.get_title(loc="left").startswith(f"Readiness $x^2$ <b>, {period}: ")


def test_a_unit_without_a_score_in_some_draws_is_told(panel_draws, small_print):
    share = panel_draws.rank_probabilities().loc[("Plain", 2024), "none"]
    assert 0.3 < share < 0.7
    told = small_print(panel_draws.plot.rank_intervals(period=2024))
    words = f"over the draws with a score; without one in some: 1 unit (Plain: {100 * share:.3g} % of the draws)."
    assert words in told
    assert "Without a score" not in small_print(panel_draws.plot.rank_intervals(period=2022))


def test_a_unit_without_a_score_stands_last_and_is_told(tiny, panel_data, small_print):
    draws = ei.simulate(tiny, panel_data, ei.Doubt(weights=ei.simplex()), n=50, rng=1)
    ax = draws.plot.rank_intervals(period=2024)
    assert labels(ax)[-1] == "–  Plain"
    assert len(bars(ax)) == len(marks(ax, DOT)) == 5
    assert [words for words in written(ax) if "score" in words] == ["no score (void)"]
    told = small_print(ax)
    assert "No score in top: 1 unit (Plain: void)." in told
    assert "Without a score in some draws" not in told


def test_a_unit_that_has_a_score_in_draws_only_has_a_bar_and_no_dot(tiny, panel_data, doubt):
    draws = ei.simulate(tiny, panel_data, doubt, n=50, rng=1)
    ax = draws.plot.rank_intervals(period=2024)
    assert labels(ax)[-1] == "–  Plain"
    assert (len(bars(ax)), len(marks(ax, DOT))) == (6, 5)
    table = draws.rank_intervals().loc[("Plain", 2024)]
    assert tuple(bars(ax)[-1]) == (table["low"], table["high"], 5)


def test_nobody_has_a_score(tiny, panel_data, small_print):
    data = panel_data.copy()
    data.loc[data["period"] == 2024, "d"] = np.nan
    draws = ei.simulate(tiny, data, ei.Doubt(weights=ei.simplex()), n=20, rng=1)
    ax = draws.plot.rank_intervals(period=2024)
    assert "No score in top: 6 units" in small_print(ax)
    ax.figure.draw_without_rendering()


def test_a_dot_beside_its_bar_is_told(small_print):
    """With the geometric mean in nearly all draws, many ranks are others in every draw."""
    other = ei.Doubt(aggregate={"EGDI": ei.choice("mean", "geometric", chances=[0.001, 0.999])})
    draws = ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), other, n=20, rng=1)
    table = draws.rank_intervals()
    beside = (table["rank"] < table["low"]) | (table["rank"] > table["high"])
    assert f"Dot beside the bar: {int(beside.sum())} units (" in small_print(draws.plot.rank_intervals())
    ax = draws.plot.rank_intervals()
    np.testing.assert_array_equal(bars(ax)[:, 0], bars(ax)[:, 1])


def test_failed_draws_are_told(tiny, panel_data, small_print):
    """With an error as large, some numbers are negative, of which there is no geometric mean."""
    draws = ei.simulate(tiny, panel_data, ei.Doubt(values={"a": ei.error(sd=0.4)}), n=100, rng=1)
    failed = draws.tally.failures
    assert 0 < failed < 100
    told = small_print(draws.plot.rank_intervals(period=2022))
    assert f"{failed} of them failed and count for nothing; see .failed." in told


def test_counts_of_kept_draws_are_told(lenient, panel_data, small_print, monkeypatch):
    """So many units that ranks are counted in the draws that are kept."""
    monkeypatch.setattr("egovindex.sensitivity.work.MOST_CELLS", 10)
    doubt = ei.Doubt(weights=ei.simplex())
    draws = ei.simulate(lenient, panel_data, doubt, n=20_000, rng=1)
    assert draws.kept < draws.n
    told = small_print(draws.plot.rank_intervals(period=2022))
    assert f"20,000 draws of top, seed 1; learned in each draw. Ranks are counted in the first {draws.kept:,}." in told


# --- what cannot be drawn


def test_all_that_is_wrong_is_told_at_once(panel_draws):
    with pytest.raises(MethodError) as error:
        panel_draws.plot.rank_intervals(level=90, period=2023, highlight=["Plian", "Plain"], names="kid")
    checks = [fault.check for fault in error.value.faults]
    assert checks == ["unknown_option", "unknown_period", "unknown_unit", "unknown_column"]
    assert "level is a share between 0 and 1, found 90" in str(error.value)
    assert 'did you mean "Plain"?' in str(error.value)


@pytest.mark.parametrize("level", [0, 1, -0.1, 90, "0.9", True])
def test_a_level_is_a_share(egdi_draws, level):
    with pytest.raises(MethodError, match="level is a share between 0 and 1"):
        egdi_draws.plot.rank_intervals(level=level)


def test_several_periods_need_one_to_be_named(panel_draws):
    with pytest.raises(MethodError, match=r"2 periods \(2022, 2024\); name one with period="):
        panel_draws.plot.rank_intervals()


@pytest.mark.parametrize("top", [0, -1, 2.5, True, "ten"])
def test_top_is_a_number_of_ranks(egdi_draws, top):
    with pytest.raises(MethodError, match="top is a number of ranks"):
        egdi_draws.plot.rank_intervals(top=top)


def test_something_else_than_draws(egdi):
    with pytest.raises(MethodError, match="drawn from what simulate returned, found IndexResult"):
        rank_intervals(egdi)


# --- how it looks


def test_little_room_thins_names_and_numbers_but_not_the_bars(egdi_draws):
    figure = Figure(figsize=(6, 4))
    ax = egdi_draws.plot.rank_intervals(highlight="KHM", ax=figure.add_subplot())
    named = [label for label in labels(ax) if label]
    assert 20 < len(named) < 80
    assert "120  KHM" in named
    assert len(written(ax)) == len(named)
    assert len(bars(ax)) == 193
    assert marks(ax, DOT).shape == (193, 2)


@pytest.mark.slow
def test_ranks_do_not_overlap_on_the_axis(egdi_draws):
    for wide in (3, 4, 6, 12):
        ax = egdi_draws.plot.rank_intervals(ax=Figure(figsize=(wide, 4), layout="constrained").add_subplot())
        ax.figure.draw_without_rendering()
        boxes = [tick.label1.get_window_extent() for tick in ax.xaxis.get_major_ticks()]
        assert len(boxes) >= 2
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_a_dark_style_leaves_everything_to_be_seen(egdi_draws):
    with matplotlib.style.context("dark_background"):
        ax = egdi_draws.plot.rank_intervals(top=5, highlight="DNK")
    page = np.mean(to_rgb(ax.get_facecolor()))
    (container,) = ax.containers
    colours = [text.get_color() for text in (*ax.texts, *ax.get_yticklabels(), ax.title)]
    colours += [bar.get_facecolor()[:3] for bar in container]
    assert all(abs(np.mean(to_rgb(colour)) - page) > 0.3 for colour in colours)


def test_a_method_is_the_function(egdi_draws):
    assert bars(egdi_draws.plot.rank_intervals(top=3)).tolist() == bars(rank_intervals(egdi_draws, top=3)).tolist()
    assert "Between which ranks" in egdi_draws.plot.rank_intervals.__doc__
    pictures = "convergence, rank_intervals, rank_probabilities"
    assert repr(egdi_draws.plot) == f"<Pictures of un-egdi-2024: {pictures}>"


def test_names_may_be_a_series(egdi_draws):
    names = pd.Series({"DNK": "Dänemark"})
    assert labels(egdi_draws.plot.rank_intervals(top=1, names=names)) == ["1  Dänemark"]
