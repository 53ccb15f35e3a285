"""The map of ranks: every cell is a probability of the draws, and blank where there is none."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.style
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import egovindex as ei
from egovindex import MethodError
from egovindex.plots import rank_probabilities


def labels(ax) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def cells(ax) -> np.ma.MaskedArray:
    (image,) = ax.images
    return image.get_array()


def rings(ax) -> np.ndarray:
    (found,) = (c for c in ax.collections if c.get_label().startswith("rank without"))
    return np.asarray(found.get_offsets())


def colours(ax) -> np.ndarray:
    """(rows, columns, 4) as it is drawn."""
    (image,) = ax.images
    return image.cmap(image.norm(image.get_array()))


def in_order(draws, period=None):
    """Probabilities in the order of ranks without any draw."""
    table = draws.rank_probabilities()
    ranks = draws.rank_intervals()["rank"]
    if period is not None:
        table, ranks = (found.xs(period, level="period") for found in (table, ranks))
    order = ranks.reset_index().sort_values(["rank", "unit"]).index
    return table.iloc[order], ranks.iloc[order]


def test_every_cell_is_a_probability(egdi_draws):
    ax = egdi_draws.plot.rank_probabilities()
    table, ranks = in_order(egdi_draws)
    np.testing.assert_array_equal(cells(ax).filled(0), table.to_numpy())
    np.testing.assert_array_equal(rings(ax), np.column_stack([ranks.astype(int), np.arange(193)]))
    assert labels(ax) == [f"{rank}  {unit}" for (unit, _), rank in ranks.items()]
    assert cells(ax).filled(0).sum(axis=1) == pytest.approx(1)


def test_a_cell_stands_at_its_rank_and_row(egdi_draws):
    """The middle of the first cell is rank 1 of the first row."""
    ax = egdi_draws.plot.rank_probabilities(top=20)
    (image,) = ax.images
    rows, columns = image.get_array().shape
    left, right, bottom, top = image.get_extent()
    assert (left, right) == (0.5, columns + 0.5) == ax.get_xlim()
    assert (top, bottom) == (-0.5, rows - 0.5) == ax.get_ylim()[::-1]
    assert image.origin == "upper"


def test_never_is_blank_and_hardly_ever_is_not(egdi_draws):
    ax = egdi_draws.plot.rank_probabilities()
    drawn, shares = colours(ax), cells(ax).filled(0)
    assert (drawn[shares == 0][:, 3] == 0).all()
    assert (drawn[shares > 0][:, 3] == 1).all()
    rare = drawn[(shares > 0) & (shares < 0.005)][:, :3]
    assert len(rare)
    assert (np.abs(rare - 1.0).max(axis=1) > 0.5).all(), "even one draw is seen on white"


def test_more_likely_is_darker(egdi_draws):
    (image,) = egdi_draws.plot.rank_probabilities(top=5).images
    likely = np.linspace(0.001, 1, 50)
    lightness = image.cmap(image.norm(likely))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) < 0).all()
    assert (image.norm.vmin, image.norm.vmax) == (0, 1)


def test_a_dark_style_turns_the_colours_around(egdi_draws):
    with matplotlib.style.context("dark_background"):
        ax = egdi_draws.plot.rank_probabilities(top=20, highlight="KHM")
    (image,) = ax.images
    lightness = image.cmap(image.norm(np.linspace(0.001, 1, 50)))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > 0).all()
    (key,) = ax.child_axes
    for text in (*ax.texts, *ax.get_yticklabels(), *key.get_yticklabels(), key.yaxis.label):
        assert np.mean(to_rgb(text.get_color())) > 0.4


def test_the_key_has_the_colours_of_the_map(egdi_draws):
    ax = egdi_draws.plot.rank_probabilities(top=20)
    (key,) = ax.child_axes
    assert key.get_ylim() == (0, 1)
    assert [label.get_text() for label in key.get_yticklabels()] == ["0.01", "0.1", "0.25", "0.5", "1"]
    assert key.get_ylabel() == "probability"
    ax.figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in key.get_yticklabels()]
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))


@pytest.mark.slow
def test_the_key_is_read_at_any_height(egdi_draws, panel_draws):
    for ax in (
        egdi_draws.plot.rank_probabilities(),
        panel_draws.plot.rank_probabilities(period=2024, top=1),
        egdi_draws.plot.rank_probabilities(ax=Figure(figsize=(6, 3), layout="constrained").add_subplot()),
    ):
        ax.figure.draw_without_rendering()
        (key,) = ax.child_axes
        boxes = [label.get_window_extent() for label in key.get_yticklabels()]
        assert all(below.y1 <= above.y0 + 2 for below, above in pairwise(boxes))
        assert key.get_window_extent().height / ax.figure.dpi < 2.5


def test_columns_end_where_nobody_who_is_shown_is(egdi_draws):
    ax = egdi_draws.plot.rank_probabilities(top=20)
    table, _ = in_order(egdi_draws)
    reached = table.iloc[:20].columns[(table.iloc[:20] > 0).any()]
    assert cells(ax).shape == (20, reached.max())
    np.testing.assert_array_equal(cells(ax).filled(0), table.iloc[:20, : reached.max()])


def test_where_hardly_a_rank_is_reached_some_more_are_shown(cyberlaw):
    draws = ei.simulate(cyberlaw.index, ei.sample("unctad-cyberlaw-2026"), ei.Doubt(weights=ei.simplex()), n=20, rng=1)
    ax = draws.plot.rank_probabilities(top=1)
    found = cells(ax).filled(0)
    assert found.shape == (int((cyberlaw.ranks[cyberlaw.headline] == 1).sum()), 8)
    assert (found[:, 0] == 1).all()
    assert not found[:, 1:].any()
    assert set(rings(ax)[:, 0]) == {1}


def test_draws_without_a_score_have_a_column_apart(panel_draws):
    ax = panel_draws.plot.rank_probabilities(period=2024)
    table, _ = in_order(panel_draws, 2024)
    found = cells(ax).filled(0)
    np.testing.assert_array_equal(found[:, :6], table[list(range(1, 7))])
    assert not found[:, 6].any()
    np.testing.assert_array_equal(found[:, 7], table["none"])
    assert found[labels(ax).index("3  Plain"), 7] == panel_draws.rank_probabilities().loc[("Plain", 2024), "none"] > 0
    words = [label.get_text() for label in ax.get_xticklabels()]
    assert words == ["1", "2", "3", "4", "5", "6", "no score"]
    assert ax.get_xticks()[-1] == 8


def test_without_such_draws_there_is_no_such_column(panel_draws):
    ax = panel_draws.plot.rank_probabilities(period=2022)
    assert cells(ax).shape == (6, 6)
    assert "no score" not in [label.get_text() for label in ax.get_xticklabels()]


def test_a_unit_without_a_score_has_no_ring(tiny, panel_data, small_print):
    draws = ei.simulate(tiny, panel_data, ei.Doubt(weights=ei.simplex()), n=50, rng=1)
    ax = draws.plot.rank_probabilities(period=2024)
    assert labels(ax)[-1] == "–  Plain"
    assert len(rings(ax)) == 5
    assert cells(ax).filled(0)[-1].tolist() == [0] * 7 + [1]
    assert "No score in top: 1 unit (Plain: void)." in small_print(ax)


def test_the_small_print_says_what_was_drawn(egdi_draws, small_print):
    told = small_print(egdi_draws.plot.rank_probabilities(top=20, highlight="KHM"))
    assert "300 draws of EGDI, seed 1; learned in each draw." in told
    assert "Laws: weights (5 factors): within 0.25; aggregate.EGDI: one of mean, geometric." in told
    assert f"The standard error of a probability is at most {np.sqrt(0.25 / 300):.3f}." in told
    assert "Shown: ranks up to 20 and highlighted units; 172 further units." in told


def test_top_names_and_highlight(egdi_draws):
    ax = egdi_draws.plot.rank_probabilities(top=2, highlight=["KHM"], names="country")
    assert labels(ax) == ["1  Denmark", "2  Estonia", "120  Cambodia"]
    assert [label.get_fontweight() for label in ax.get_yticklabels()] == ["normal", "normal", "bold"]
    assert rings(ax)[-1].tolist() == [120, 2]


def test_little_room_thins_the_names_but_not_the_map(egdi_draws):
    ax = egdi_draws.plot.rank_probabilities(ax=Figure(figsize=(6, 4)).add_subplot())
    assert 20 < sum(map(bool, labels(ax))) < 80
    assert cells(ax).shape == (193, 193)
    (ring,) = (c for c in ax.collections if c.get_label().startswith("rank without"))
    assert ring.get_sizes()[0] < 3, "a ring is no higher than its row"


def test_one_unit_is_enough(lenient, panel_data):
    draws = ei.simulate(lenient, panel_data.iloc[:1], ei.Doubt(weights=ei.simplex()), n=20, rng=1)
    for ax in (draws.plot.rank_probabilities(), draws.plot.rank_intervals(), draws.plot.convergence()):
        ax.figure.draw_without_rendering()
    assert cells(draws.plot.rank_probabilities()).tolist() == [[1.0]]


def test_what_cannot_be_drawn(egdi, panel_draws):
    with pytest.raises(MethodError, match=r"2 periods \(2022, 2024\); name one with period="):
        panel_draws.plot.rank_probabilities()
    with pytest.raises(MethodError, match='"Plian" in 2024; did you mean "Plain"'):
        panel_draws.plot.rank_probabilities(period=2024, highlight="Plian")
    with pytest.raises(MethodError, match="drawn from what simulate returned, found IndexResult"):
        rank_probabilities(egdi)
    with pytest.raises(MethodError, match="top is a number of ranks"):
        panel_draws.plot.rank_probabilities(period=2024, top=0)
