"""Pictures of exact results: what is drawn is what their tables say, and of what kind each number is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import matplotlib.style
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

import egovindex as ei
from egovindex import MethodError
from egovindex.plots import radius_chart, rank_ranges, save, weight_sensitivity
from egovindex.plots.end_names import apart
from egovindex.plots.palette import FALL, GREY, RISE


def labels(ax) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def written(ax) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_gid() not in ("caption", "name")]


def of_gid(ax, gid: str):
    return next(c for c in ax.collections if c.get_gid() == gid)


def segments(ax, gid: str) -> np.ndarray:
    """(from, to, row) of horizontal lines."""
    return np.array([(s[0][0], s[1][0], s[0][1]) for s in of_gid(ax, gid).get_segments()])


def points(ax, gid: str) -> np.ndarray:
    return np.asarray(of_gid(ax, gid).get_offsets())


def bars(container) -> np.ndarray:
    return np.array([(b.get_x(), b.get_x() + b.get_width(), b.get_y() + b.get_height() / 2) for b in container])


def legend(ax) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.get_legend().get_texts()]


@pytest.fixture(scope="module")
def parts():
    return ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))


@pytest.fixture(scope="module")
def seen(parts):
    return ei.how_sure(parts, ei.within(0.25), n=300, rng=1)


@pytest.fixture(scope="module")
def stopped(seen):
    """As if the search had been stopped: bounds one beyond what was reached, at every second unit."""
    ranges, every = seen.ranges, np.arange(193) % 2
    best, worst = np.maximum(ranges.best - every, 1), np.minimum(ranges.worst + 2 * every, 193)
    return replace(ranges, best=best, worst=worst, how="programs", stopped="stopped after 1 s")


@pytest.fixture(scope="module")
def hdi():
    return ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))


# --- rank ranges


def test_every_exact_range_is_a_line_of_the_table(seen):
    ax = seen.ranges.plot.rank_ranges()
    table = seen.ranges.table
    np.testing.assert_array_equal(segments(ax, "reached"), np.column_stack([table["best"], table["worst"], range(193)]))
    ends = np.concatenate([table["best"], table["worst"]])
    np.testing.assert_array_equal(points(ax, "ends"), np.column_stack([ends, [*range(193)] * 2]))
    dots = next(c for c in ax.collections if c.get_label() == "rank of the index")
    np.testing.assert_array_equal(dots.get_offsets()[:, 0], table["rank"])
    assert labels(ax) == [f"{rank}  {unit}" for unit, rank in table["rank"].items()]
    told = [f"{b}" if b == w else f"{b}–{w}" for b, w in zip(table["best"], table["worst"], strict=True)]
    assert written(ax) == told
    assert not ax.containers
    assert legend(ax) == ["rank of the index", "best to worst rank: exact"]
    assert ax.get_title(loc="left").endswith("best and worst ranks (exact)")


def test_the_three_answers_stand_together(seen):
    ax = seen.plot.rank_ranges(top=40)
    table = seen.table.head(40)
    one, drawn = (bars(container) for container in ax.containers)
    rows = np.arange(40)
    columns = ["one_weight_best", "one_weight_worst"]
    np.testing.assert_array_equal(one, np.column_stack([table[columns], rows]))
    np.testing.assert_array_equal(drawn, np.column_stack([table[["draws_low", "draws_high"]], rows]))
    exact = segments(ax, "reached")
    np.testing.assert_array_equal(exact[:, :2], table[["worst_case_best", "worst_case_worst"]])
    assert ((exact[:, 0] <= one[:, 0]) & (one[:, 1] <= exact[:, 1])).all()
    assert ax.containers[0][0].get_height() > ax.containers[1][0].get_height()
    assert legend(ax) == [
        "rank of the index",
        "middle 90 % of 300 draws: sampled, seed 1",
        "one weight at a time: exact",
        "best to worst rank: exact",
    ]


def test_wider_doubt_has_longer_lines(parts, seen):
    """Otherwise any range would do."""
    wide = segments(ei.rank_range(parts, ei.within(0.5)).plot.rank_ranges(), "reached")
    narrow = segments(seen.ranges.plot.rank_ranges(), "reached")
    assert ((wide[:, 0] <= narrow[:, 0]) & (wide[:, 1] >= narrow[:, 1])).all()
    assert (wide[:, 1] - wide[:, 0] > narrow[:, 1] - narrow[:, 0]).sum() > 100


def test_bounds_are_told_apart_from_what_was_reached(stopped, small_print):
    ax = stopped.plot.rank_ranges()
    table = stopped.table
    np.testing.assert_array_equal(segments(ax, "reached")[:, :2], table[["best_found", "worst_found"]])
    before = np.flatnonzero(table["best"] < table["best_found"])
    beyond = np.flatnonzero(table["worst"] > table["worst_found"])
    rings = [
        *zip(table["best"].iloc[before], before, strict=True),
        *zip(table["worst"].iloc[beyond], beyond, strict=True),
    ]
    np.testing.assert_array_equal(points(ax, "bounds"), rings)
    dashed = segments(ax, "bound")
    np.testing.assert_array_equal(dashed[:, 0], [at for at, _ in rings])
    np.testing.assert_array_equal(dashed[: len(before), 1], table["best_found"].iloc[before])
    n = int((table["kind"] == "exact").sum())
    assert 0 < n < 193
    assert f"(exact for {n} of 193, else bounds)" in " ".join(ax.get_title(loc="left").split())
    assert legend(ax)[1:] == ["ranks that were reached", "on to a certified bound, not known to be reached"]
    told = small_print(ax)
    assert "Best and worst ranks: certified bounds (programs)." in told
    assert f"Stopped after 1 s: {193 - n} of 193 are bounds." in told
    row = int(np.flatnonzero(table["kind"] == "bound")[3])
    one = table.iloc[row]
    assert written(ax)[row].startswith(f"{one['best']}–{one['worst']} (")
    assert written(ax)[row].endswith(" reached)")


def test_without_draws_none_are_spoken_of(hdi, small_print):
    ax = ei.how_sure(hdi, {"HDI": ei.within(0.25)}, n=None).plot.rank_ranges(top=5)
    assert len(ax.containers) == 1
    assert "draws" not in small_print(ax) + ax.get_title(loc="left") + str(legend(ax))
    assert "HDI is rounded in the end; ranks here are of scores before rounding." in small_print(ax)


def test_the_small_print_says_how_certain_each_is(seen, small_print):
    told = small_print(seen.plot.rank_ranges(top=10, highlight="KHM"))
    assert (
        "Allowed: weights within 0.25 in EGDI. Best and worst ranks: exact (arrangement of the lines of ties)." in told
    )
    assert "One weight at a time, the others of its node in proportion: exact (crossings of straight lines)." in told
    assert "Draws: sampled, N = 300, seed 1; shares have a standard error up to 0.029." in told
    assert "Shown: ranks up to 10 and highlighted units; 182 further units." in told


def test_some_units_in_order_of_rank(seen, small_print):
    ax = seen.plot.rank_ranges(units=["KHM", "DNK", "KHM"], names={"KHM": "Cambodia"})
    assert labels(ax) == ["1  DNK", "120  Cambodia"]
    assert "Shown: 2 units; 191 further units." in small_print(ax)
    alone = ei.rank_range(seen.ranges.form.result, ei.within(0.25), units=["KHM", "EST"])
    assert labels(alone.plot.rank_ranges()) == ["2  EST", "120  KHM"]
    with pytest.raises(MethodError, match="DNK was not asked for"):
        alone.plot.rank_ranges(units=["DNK", "EST"])


# --- one weight


@pytest.mark.parametrize("child", ["osi", "tii", "hci"])
def test_lines_are_scores_at_other_weights(parts, seen, child):
    """The evaluator at the certificate gives what is drawn."""
    ax = seen.stability.plot.weight_sensitivity("EGDI", child, units=["DNK", "EST", "KHM"], limits=(0.1, 0.6))
    drawn = [line for line in ax.lines if line.get_gid() == "score"]
    assert [list(line.get_xdata()) for line in drawn] == [[0.1, 0.6]] * 3
    for at, share in enumerate((0.1, 0.6)):
        weights = seen.stability.certificate("EGDI", child, share)
        scores = ei.compute(parts.index.with_weights(weights), parts.plan.data).scores["EGDI"]
        units = scores.index.get_level_values("unit")
        for line, unit in zip(drawn, ("DNK", "EST", "KHM"), strict=True):
            assert line.get_ydata()[at] == pytest.approx(float(scores[units == unit].iloc[0]), abs=1e-12)
    assert ax.get_xlim() == (0.1, 0.6)
    now = next(line for line in ax.lines if line.get_gid() == "now")
    assert list(now.get_xdata()) == pytest.approx([1 / 3, 1 / 3])


def test_every_swap_of_the_units_drawn_is_a_dot(seen, small_print):
    ax = seen.stability.plot.weight_sensitivity("EGDI", "tii")
    here = [text.get_text().split(" (")[0] for text in ax.texts if text.get_gid() == "name"]
    swaps = seen.stability.swaps.query("child == 'tii'")
    among = swaps[swaps["unit"].isin(here) & swaps["passed_by"].isin(here)]
    dots = np.vstack([points(ax, "swaps"), points(ax, "leads")])
    np.testing.assert_allclose(np.sort(dots[:, 0]), np.sort(among["at"]))
    # two lines cross at each
    drawn = [line for line in ax.lines if line.get_gid() == "score"]
    for x, y in dots:
        through = [np.interp(x, line.get_xdata(), line.get_ydata()) for line in drawn]
        assert sum(abs(value - y) < 1e-9 for value in through) >= 2
    assert (
        f"Swaps from 0 % to 100 %: {len(among)} of the {len(here)} units drawn, {len(swaps):,} of all"
        in small_print(ax)
    )


def test_who_comes_first_is_shown_and_marked(seen, small_print):
    """Of all units, not only of those that are first now."""
    stability = seen.stability
    ax = stability.plot.weight_sensitivity("EGDI", "tii")
    ((at, value),) = points(ax, "leads")
    assert at == pytest.approx(stability.intervals.loc[("EGDI", "tii"), "first_high"])
    form = stability.form
    scores = stability.form.scores + (stability.at_one[1] - form.scores) * (at - 1 / 3) / (2 / 3)
    assert scores.max() == pytest.approx(value)
    names = [text.get_text() for text in ax.texts if text.get_gid() == "name"]
    assert "ARE (11)" in names
    assert "First: DNK from 0 %, ARE from 93.54 %." in small_print(ax)
    some = stability.plot.weight_sensitivity("EGDI", "tii", units=["DNK", "EST"])
    assert not [c for c in some.collections if c.get_gid() == "leads"]
    assert "ARE from 93.54 %" in small_print(some)
    band = next(patch for patch in ax.patches if patch.get_gid() == "first").get_extents()
    assert ax.transData.inverted().transform(band.get_points())[:, 0] == pytest.approx([0, at], abs=1e-6)


def test_a_geometric_mean_has_straight_logarithms(hdi, small_print):
    stability = ei.weight_stability(hdi, nodes=["HDI"])
    ax = stability.plot.weight_sensitivity("HDI", "le", units=["CHE", "NOR"])
    assert ax.get_ylabel() == "logarithm of the score in HDI, before rounding"
    line = next(line for line in ax.lines if line.get_gid() == "score")
    weights = hdi.index.with_weights(stability.certificate("HDI", "le", 0.0))
    scores = ei.compute(weights, hdi.plan.data).scores["HDI"]
    assert np.exp(line.get_ydata()[0]) == pytest.approx(float(scores["CHE"]), abs=5.1e-4)
    assert "HDI is rounded in the end" in small_print(ax)


def test_a_tie_is_no_interval(seen, small_print):
    assert "a tie of now breaks at once" in small_print(seen.stability.plot.weight_sensitivity("EGDI", "tii"))


def test_names_at_the_ends_do_not_overlap(seen):
    units = seen.table.index[:25].tolist()
    for ax in (
        seen.stability.plot.weight_sensitivity("EGDI", "tii"),
        seen.stability.plot.weight_sensitivity("EGDI", "hci", units=units),
    ):
        ax.figure.draw_without_rendering()
        # without the line to it
        boxes = [Text.get_window_extent(text) for text in ax.texts if text.get_gid() == "name"]
        boxes.sort(key=lambda box: box.y0)
        assert all(below.y1 <= above.y0 for below, above in pairwise(boxes))
        beside = ax.get_legend().get_window_extent()
        assert all(box.x1 < beside.x0 for box in boxes)


@pytest.mark.parametrize("seed", range(20))
def test_places_are_apart_and_in_order(seed):
    rng = np.random.default_rng(seed)
    wanted = rng.uniform(0, 1, int(rng.integers(1, 12)))
    found = apart(wanted, 0.08)
    order = np.argsort(wanted)
    assert (np.diff(found[order]) >= 0.08 - 1e-12).all()
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-12
    far = np.arange(5) / 5
    assert apart(far, 0.1) == pytest.approx(far)


# --- radii


def test_every_radius_is_a_stem_of_the_table(seen, small_print):
    ax = seen.radius.plot.radius_chart(top=30)
    table = seen.radius.table.head(30)
    stems = segments(ax, "stems")
    np.testing.assert_array_equal(stems, np.column_stack([np.zeros(30), table["radius"], range(30)]))
    np.testing.assert_array_equal(points(ax, "radii")[:, 0], table["radius"])
    for row, (_, unit) in enumerate(table.iterrows()):
        first = f"passes {unit['passes']}" if unit["up"] < unit["down"] else f"passed by {unit['passed_by']}"
        assert written(ax)[row].endswith(f"%  {first}")
        told = float(written(ax)[row].split(" %")[0]) / 100
        assert 0.9 * unit["radius"] < told <= unit["radius"]
    colours = [to_hex(colour) for colour in of_gid(ax, "stems").get_colors()]
    assert colours == [(RISE if u < d else FALL).lower() for u, d in zip(table["up"], table["down"], strict=True)]
    assert ax.get_xscale() == "symlog"
    assert "The scale is one of factors from 0.01 % on, and even below." in small_print(ax)
    assert "Radii are exact (closed form); numbers are rounded down." in small_print(ax)
    assert ax.get_title(loc="left").endswith("(exact)")


def test_an_even_scale_where_radii_are_alike(seen):
    ax = seen.radius.plot.radius_chart(units=["DNK", "EST", "SGP"])
    assert ax.get_xscale() == "linear"
    assert seen.radius.plot.radius_chart(units=["DNK", "EST"], log=True).get_xscale() == "symlog"
    assert seen.radius.plot.radius_chart(log=False).get_xscale() == "linear"
    assert [label.get_text()[-2:] for label in ax.get_xticklabels()] == [" %"] * len(ax.get_xticks())


def test_units_that_are_tied_stand_at_zero(seen):
    table = seen.radius.table
    tied = table.index[table["radius"] == 0]
    assert len(tied) == 2
    for log in (True, False):
        ax = seen.radius.plot.radius_chart(units=[*tied, "DNK"], log=log)
        np.testing.assert_array_equal(points(ax, "radii")[1:, 0], 0.0)
        assert written(ax)[1:] == [f"0  tied with {tied[1]}", f"0  tied with {tied[0]}"]
        assert to_hex(of_gid(ax, "stems").get_colors()[1]) == GREY


def test_infinite_radii_go_to_the_edge(parts, small_print):
    radii = ei.class_radius(parts)
    ax = radii.plot.radius_chart()
    table = radii.table
    infinite = np.flatnonzero(np.isinf(table["radius"]))
    edge = ax.get_xlim()[1]
    np.testing.assert_array_equal(points(ax, "infinite"), np.column_stack([np.full(len(infinite), edge), infinite]))
    finite = np.flatnonzero(np.isfinite(table["radius"]))
    np.testing.assert_array_equal(points(ax, "radii"), np.column_stack([table["radius"].iloc[finite], finite]))
    assert edge > table["radius"].iloc[finite].max()
    assert f"Arrow: the class does not change within 100 %: {len(infinite)} units (" in small_print(ax)
    assert written(ax)[0] == "∞  not within 100 %"
    names = list(radii.names)
    for row in finite:
        unit = table.iloc[row]
        to = ([names[names.index(unit["class"]) - 1]] if unit["up"] == unit["radius"] else []) + (
            [names[names.index(unit["class"]) + 1]] if unit["down"] == unit["radius"] else []
        )
        assert written(ax)[row].endswith(f"%  {unit['class']} → {' or '.join(to)}")


def test_another_measure_is_said(parts):
    ax = ei.rank_radius(parts, measure="contamination").plot.radius_chart(top=3)
    assert ax.get_xlabel() == "radius: this share of all weight, put anywhere"


# --- faults


def test_all_that_is_wrong_is_told_at_once(seen):
    for draw, more in (
        (seen.plot.rank_ranges, {"top": 0}),
        (seen.radius.plot.radius_chart, {"top": 0, "log": "yes"}),
        (lambda **o: seen.stability.plot.weight_sensitivity("EGDI", "tii", **o), {"top": 0, "limits": (0.5, 2)}),
    ):
        with pytest.raises(MethodError) as error:
            draw(units=["khm"], highlight=["Xyz"], names="kid", **more)
        checks = sorted(fault.check for fault in error.value.faults)
        assert checks == sorted(["unknown_unit", "unknown_unit", "unknown_column", *["unknown_option"] * len(more)])
        assert 'did you mean "KHM"' in str(error.value)


def test_nothing_to_draw(seen):
    for draw in (seen.plot.rank_ranges, seen.radius.plot.radius_chart):
        with pytest.raises(MethodError, match=r"no unit of EGDI is left to draw; look at units= and top="):
            draw(units=["KHM"], top=3)
        with pytest.raises(MethodError, match="left to draw"):
            draw(units=[])
    with pytest.raises(MethodError, match="left to draw"):
        seen.stability.plot.weight_sensitivity("EGDI", "tii", units=[])


@pytest.mark.parametrize("limits", [(0.5, 0.5), (-0.1, 1), (0, 1.1), (0.6, 0.2), 3, "ab", (0, 0.5, 1), (np.nan, 1)])
def test_limits_are_two_shares(seen, limits):
    with pytest.raises(MethodError, match="limits are two shares from 0 to 1"):
        seen.stability.plot.weight_sensitivity("EGDI", "tii", limits=limits)


def test_a_weight_that_does_not_move(seen):
    with pytest.raises(MethodError, match=r"no weight of tiii in EGDI moves here; did you mean"):
        seen.stability.plot.weight_sensitivity("EGDI", "tiii")
    with pytest.raises(MethodError) as error:
        seen.stability.plot.weight_sensitivity("EGDI", "tiii", units=["khm"], limits=3)
    assert [fault.check for fault in error.value.faults] == ["unknown_option", "unknown_weight", "unknown_unit"]


@pytest.mark.parametrize("draw", [rank_ranges, radius_chart, lambda x: weight_sensitivity(x, "EGDI", "tii")])
def test_something_else(egdi, draw):
    with pytest.raises(MethodError, match=r"drawn from what .* returned, found IndexResult"):
        draw(egdi)


# --- how it looks


def all_of(seen):
    return {
        "rank_ranges": seen.plot.rank_ranges,
        "radius_chart": seen.radius.plot.radius_chart,
        "weight_sensitivity": lambda **o: seen.stability.plot.weight_sensitivity("EGDI", "tii", **o),
    }


@pytest.mark.parametrize("name", ["rank_ranges", "radius_chart", "weight_sensitivity"])
def test_the_same_picture_is_the_same_bytes(seen, name, tmp_path):
    draw = all_of(seen)[name]
    first, second, other = (
        save(draw(top=top), tmp_path / f"{at}.svg").read_bytes() for at, top in enumerate((12, 12, 13))
    )
    assert first == second != other


@pytest.mark.parametrize("name", ["rank_ranges", "radius_chart", "weight_sensitivity"])
def test_a_dark_style_leaves_everything_to_be_seen(seen, name):
    with matplotlib.style.context("dark_background"):
        ax = all_of(seen)[name](top=5, highlight="DNK")
    colours = [text.get_color() for text in (*ax.texts, *ax.get_yticklabels(), ax.title)]
    assert all(np.mean(to_rgb(colour)) > 0.4 for colour in colours)


@pytest.mark.parametrize("name", ["rank_ranges", "radius_chart"])
def test_little_room_thins_words_but_not_what_is_drawn(seen, name):
    ax = all_of(seen)[name](highlight="KHM", ax=Figure(figsize=(6, 4)).add_subplot())
    assert 20 < sum(map(bool, labels(ax))) < 80
    assert "120  KHM" in labels(ax)
    assert len(written(ax)) == sum(map(bool, labels(ax)))
    assert len(segments(ax, "reached" if name == "rank_ranges" else "stems")) == 193


def test_a_method_is_the_function(seen):
    assert written(seen.plot.rank_ranges(top=3)) == written(rank_ranges(seen, top=3))
    for shown, name in ((seen, "rank_ranges"), (seen.ranges, "rank_ranges"), (seen.radius, "radius_chart")):
        assert repr(shown.plot) == f"<Pictures of un-egdi-parts-2024: {name}>"
    assert repr(seen.stability.plot) == "<Pictures of un-egdi-parts-2024: weight_sensitivity>"


def test_one_of_several_periods(panel, small_print):
    """Plain has no score in the second one."""
    radii = ei.rank_radius(panel, nodes=["top"], period=2024)
    ax = radii.plot.radius_chart()
    assert len(labels(ax)) == 5
    assert "No score in top: 1 unit (Plain: void)." in small_print(ax)
    with pytest.raises(MethodError, match="Plain has no score in top"):
        radii.plot.radius_chart(units=["Plain"])
    assert isinstance(radii.table, pd.DataFrame)
