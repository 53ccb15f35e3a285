"""What is drawn is what the result says: every number is read back from the picture."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import egovindex as ei
from egovindex.plots import comparison_waterfall, framework, rank_flow, ranking, waterfall


def labels(ax) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def dots(ax) -> np.ndarray:
    """(x, y) of every dot of a scatter, from the top down."""
    found = np.concatenate([np.asarray(c.get_offsets()) for c in ax.collections if hasattr(c, "get_sizes")])
    return found[np.argsort(found[:, 1], kind="stable")]


def bars(ax) -> list[tuple[float, float]]:
    """(start, length) of every bar, in the order drawn."""
    return [(bar.get_x(), bar.get_width()) for bar in ax.patches]


# --- ranking


def test_a_ranking_has_every_unit_at_its_score(egdi):
    ax = egdi.plot.ranking(names="country")
    table = egdi.ranking
    assert len(labels(ax)) == 193
    np.testing.assert_array_equal(dots(ax)[:, 0], table["score"])
    assert [int(label.split()[0]) for label in labels(ax)] == table["rank"].tolist()
    assert all(labels(ax)), "every one of 193 names is written"


def test_dots_are_in_the_colour_of_their_class(egdi):
    ax = egdi.plot.ranking()
    sizes = {c.get_label(): len(c.get_offsets()) for c in ax.collections}
    assert sizes == egdi.classes["EGDI"].value_counts().to_dict()
    colours = {tuple(c.get_facecolor()[0]) for c in ax.collections}
    assert len(colours) == len(sizes)


def test_top_keeps_ties_and_highlighted_units(egdi, cyberlaw):
    ax = egdi.plot.ranking(top=5, highlight=["KHM"])
    assert labels(ax) == ["1  DNK", "2  EST", "3  SGP", "4  KOR", "5  ISL", "120  KHM"]
    assert [label.get_fontweight() for label in ax.get_yticklabels()] == ["normal"] * 5 + ["bold"]
    tied = int((cyberlaw.ranks["areas"] == 1).sum())
    assert len(labels(cyberlaw.plot.ranking(top=1))) == tied > 1


def test_a_unit_without_a_score_stands_last_and_is_told(panel, small_print):
    ax = panel.plot.ranking(period=2024)
    assert labels(ax)[-1] == "–  Plain"
    assert len(dots(ax)) == 5
    assert [text.get_text() for text in ax.texts if "no score" in text.get_text()] == ["no score (void)"]
    assert "No score in top: 1 unit (Plain: void)." in small_print(ax)
    assert "No score" not in small_print(panel.plot.ranking(period=2022))


def test_nobody_has_a_score(tiny, panel_data, small_print):
    result = ei.compute(tiny, panel_data.assign(d=np.nan))
    for draw in (result.plot.ranking, result.plot.contributions):
        ax = draw(period=2024)
        assert "No score in top: 6 units" in small_print(ax)
        ax.figure.draw_without_rendering()


def test_the_period_asked_for_is_drawn(panel):
    for period in (2022, "2024"):
        scores = panel.scores["top"].xs(int(period), level="period").dropna().sort_values(ascending=False)
        np.testing.assert_array_equal(dots(panel.plot.ranking(period=period))[:, 0], scores)


def test_any_node_can_be_ranked(egdi):
    ax = egdi.plot.ranking(node="OSI", top=1)
    assert labels(ax) == ["1  KOR"]
    assert ax.get_title(loc="left") == "Online Service Index, 2024"


def test_names_come_from_a_column_or_a_mapping(egdi, panel):
    assert labels(egdi.plot.ranking(top=1, names="country")) == ["1  Denmark"]
    assert labels(egdi.plot.ranking(top=2, names={"DNK": "Danmark"})) == ["1  Danmark", "2  EST"]
    assert labels(egdi.plot.ranking(top=1, names=pd.Series({"DNK": "Dänemark"}))) == ["1  Dänemark"]
    assert labels(egdi.plot.ranking(top=1, names={"DNK": float("nan")})) == ["1  DNK"]


# --- contributions


@pytest.mark.parametrize("by", ["child", "indicator"])
def test_stacked_parts_are_the_contributions(egdi, by):
    ax = egdi.plot.contributions(top=10, by=by)
    table = egdi.contributions(by=by)
    table = table.loc[egdi.ranking.head(10).set_index(["unit", "period"]).index]
    total = np.zeros(10)
    for container in ax.containers:
        total += [bar.get_width() for bar in container]
    np.testing.assert_allclose(total, table["score"], atol=1e-12)
    np.testing.assert_array_equal(dots(ax)[:, 0], table["score"])
    widths = {c.get_label(): [bar.get_width() for bar in c] for c in ax.containers}
    name = {"child": "OSI", "indicator": "osi_sp"}[by]
    np.testing.assert_allclose(widths[egdi.index.labels[name]], table[name], atol=1e-14)


def test_small_parts_beyond_the_most_are_drawn_as_one(egdi, small_print):
    ax = egdi.plot.contributions(by="indicator")
    named = [container.get_label() for container in ax.containers]
    assert "2 smaller parts" in named
    assert len(named) == 15  # 13 of 15 indicators, what is joined, and the constant
    assert "Drawn as one: Content provision, Technology." in small_print(ax)
    styles = {(c[0].get_facecolor(), c[0].get_hatch()) for c in ax.containers}
    assert len(styles) == len(named), "no two parts look alike"


def test_what_takes_away_stands_left_of_zero(panel):
    ax = panel.plot.contributions(period=2022)
    for container in ax.containers:
        for bar in container:
            end = bar.get_x() + bar.get_width()
            assert min(bar.get_x(), end) >= 0 if bar.get_width() >= 0 else max(bar.get_x(), end) <= 0
    assert any(bar.get_width() < 0 for container in ax.containers for bar in container)


# --- profile


def test_a_profile_has_the_unit_and_the_quartiles_of_its_group(egdi, small_print):
    ax = egdi.plot.profile("KHM", group="region")
    members = (ei.sample("un-egdi-2024")["region"] == "Asia").to_numpy()
    scores = egdi.scores[["OSI", "TII", "HCI"]]
    expected = scores[members].quantile([0.0, 0.25, 0.5, 0.75, 1.0]).to_numpy()
    lines = {c.get_label(): c for c in ax.collections}
    whole = np.array([segment[:, 0] for segment in lines["lowest to highest"].get_segments()])
    middle = np.array([segment[:, 0] for segment in lines["middle half of the group"].get_segments()])
    np.testing.assert_allclose(whole, expected[[0, 4]].T)
    np.testing.assert_allclose(middle, expected[[1, 3]].T)
    np.testing.assert_allclose(lines["median of the group"].get_offsets()[:, 0], expected[2])
    np.testing.assert_array_equal(lines["KHM"].get_offsets()[:, 0], scores.loc[("KHM", 2024)])
    assert "Group: 47 units with region = Asia." in small_print(ax)


def test_groups_in_every_form(egdi, small_print):
    data = ei.sample("un-egdi-2024")
    assert "Group: all 193 units." in small_print(egdi.plot.profile("KHM"))
    assert "Group: 2 units, as given." in small_print(egdi.plot.profile("KHM", group=["DNK", "EST"]))
    regions = data.set_index("iso3")["region"]
    for group in (regions, regions.to_dict()):
        assert "Group: 47 units of Asia." in small_print(egdi.plot.profile("KHM", group=group))


def test_a_profile_by_indicator_has_values_after_steps(egdi):
    ax = egdi.plot.profile("KHM", by="indicator", node="OSI")
    own = next(c for c in ax.collections if c.get_label() == "KHM").get_offsets()[:, 0]
    leaves = ["osi_if", "osi_cp", "osi_sp", "osi_epi", "osi_tec"]
    np.testing.assert_array_equal(own, egdi.indicators.loc[("KHM", 2024), leaves])


def test_a_missing_value_is_named_in_a_profile(panel, small_print):
    ax = panel.plot.profile("Plain", period=2024, by="indicator")
    assert "Plain: no value" in [text.get_text() for text in ax.texts]
    assert len(next(c for c in ax.collections if c.get_label() == "Plain").get_offsets()) == 3
    assert "Plain has no score in top." in small_print(ax)
    assert "Units of the group without a value: D: 1." in small_print(ax)


# --- waterfalls


@pytest.mark.parametrize("by", ["child", "indicator"])
def test_a_waterfall_ends_at_the_score(egdi, by):
    ax = egdi.plot.waterfall("KHM", by=by)
    *moves, (start, total) = bars(ax)
    parts = egdi.contributions(by=by).loc[("KHM", 2024)]
    assert (start, total) == (0, parts["score"])
    np.testing.assert_allclose(sum(size for _, size in moves), parts["score"], atol=1e-12)
    for (begin, size), (following, _) in pairwise(moves):
        assert following == pytest.approx(begin + size, abs=1e-12)
    drawn = parts.drop("score")[lambda p: p != 0]
    np.testing.assert_allclose(sorted(size for _, size in moves), sorted(drawn), atol=1e-14)


def test_a_waterfall_names_what_has_no_value(tiny, panel_data):
    skipping = tiny.with_(nothing={"missing": "skip"})
    ax = ei.compute(skipping, panel_data).plot.waterfall("Plain", period=2024, by="indicator")
    assert "no value" in [text.get_text() for text in ax.texts]
    assert "D" in labels(ax)


def test_two_results_are_told_apart_by_what_changed(egdi, egdi_services):
    ax = comparison_waterfall(egdi, egdi_services, "KHM")
    (_, first), *moves, (_, last) = bars(ax)
    before, after = (r.contributions(by="child").loc[("KHM", 2024)] for r in (egdi, egdi_services))
    assert (first, last) == (before["score"], after["score"])
    change = (after - before).drop(["score", "base", "steps"])
    order = change.abs().sort_values(ascending=False).index
    np.testing.assert_allclose([size for _, size in moves], change[order])
    assert labels(ax) == ["weights as in the file", *(egdi.index.labels[n] for n in order), "weights services-first"]
    assert ax.get_xlabel().endswith("(the axis does not begin at zero)")


def test_a_changed_input_moves_the_score_through_its_own_node(egdi, small_print):
    """Fixed learned values: nothing else moves, and the picture says so."""
    data = ei.sample("unctad-cyberlaw-2026")
    changed = data.copy()
    changed.loc[changed["code"] == "004", "Consumer Protection"] = "Legislation"
    a, b = (ei.compute("unctad-cyberlaw-2026", table) for table in (data, changed))
    ax = a.plot.comparison_waterfall(b, "004")
    assert labels(ax)[1:-1] == ["Consumer protection"]
    assert bars(ax)[1][1] == pytest.approx(1)
    assert "No change from: Electronic transactions," in small_print(ax)


def test_the_same_result_twice_has_no_moves(egdi):
    assert len(bars(comparison_waterfall(egdi, egdi, "KHM"))) == 2


def test_two_periods_of_one_result(panel):
    ax = panel.plot.comparison_waterfall(panel, "$\\alpha_1$ $broken_{$", period=(2022, 2024))
    assert (labels(ax)[0], labels(ax)[-1]) == ("2022", "2024")
    scores = panel.scores["top"].loc["$\\alpha_1$ $broken_{$"]
    assert (bars(ax)[0][1], bars(ax)[-1][1]) == (scores[2022], scores[2024])


def test_a_cut_axis_says_so(egdi):
    assert "zero" in egdi.plot.waterfall("KHM", by="indicator").get_xlabel()
    whole = egdi.plot.waterfall("KHM")
    assert "zero" not in whole.get_xlabel()
    assert whole.get_xlim()[0] == 0


# --- framework


def test_a_framework_has_the_effective_weights(egdi):
    ax = framework(egdi)
    shares = egdi.effective_weights()["share"]
    drawn = [bar.get_width() / 100 for bar in ax.patches]
    assert len(drawn) == len(shares) == 20
    np.testing.assert_allclose(sorted(drawn), sorted(shares))
    texts = {text.get_text() for text in ax.texts}
    assert {"Online Service Index (mean)", "Services provision", "15.0 %   weight 45"} <= texts


def test_an_index_without_data_has_the_same_framework(egdi):
    assert bars(framework(egdi.index)) == bars(egdi.plot.framework())
    assert len(bars(framework(egdi, node="OSI"))) == 6


def test_a_record_with_two_parents_stands_below_each(small_print):
    index = ei.Index.from_frame(
        pd.DataFrame(
            {
                "id": ["top", "p", "q", "a", "b", "a"],
                "in": [None, "top", "top", "p", "p", "q"],
                "weight": [None] + [1] * 5,
            }
        ),
        index="shared",
    )
    ax = framework(index)
    result = ei.compute(index, pd.DataFrame({"unit": ["x"], "a": [1.0], "b": [0.0]}))
    leaves = [bar.get_width() / 100 for bar in ax.patches if bar.get_height() > 0.5]
    assert leaves == [0.25, 0.25, 0.5]
    assert result.effective_weights()["share"][["a", "b"]].tolist() == [0.75, 0.25]
    assert "Below several nodes, with the share through each: a." in small_print(ax)


def test_shares_of_no_mean_are_told(tiny, small_print):
    assert "Of no mean, so that shares only tell the order of size: top." in small_print(framework(tiny))


# --- rank flow


def test_a_flow_has_every_unit_with_both_ranks(egdi, egdi_services):
    ax = rank_flow(egdi, egdi_services)
    right = [text.get_text() for text in ax.texts if text.get_gid() != "caption"]
    for side, result in ((labels(ax), egdi), (right, egdi_services)):
        ranks = {label.split()[1]: int(label.split()[0]) for label in side}
        assert ranks == result.ranks["EGDI"].droplevel("period").astype(int).to_dict()
    for line in ax.lines:
        start, end = map(int, line.get_ydata())
        assert labels(ax)[start].split()[1] == right[end].split()[1]


def test_colours_follow_ranks_not_places(cyberlaw):
    """One result twice: nobody moves, though most units are tied."""
    ax = rank_flow(cyberlaw, cyberlaw)
    assert len({line.get_color() for line in ax.lines}) == 1
    assert all(line.get_ydata()[0] == line.get_ydata()[1] for line in ax.lines)


def test_up_and_down_have_colours_of_their_own(egdi, egdi_services, small_print):
    ax = rank_flow(egdi, egdi_services)
    one, two = egdi.ranks["EGDI"], egdi_services.ranks["EGDI"]
    up, down = int((two < one).sum()), int((two > one).sum())
    assert f"Blue: {up} up. Red: {down} down. Grey: {193 - up - down} with the same rank." in small_print(ax)
    counts = pd.Series([line.get_color() for line in ax.lines]).value_counts()
    assert counts["#0072B2"] == up
    assert counts["#D55E00"] == down


def test_a_flow_between_two_periods_keeps_who_lost_the_score(panel, small_print):
    ax = panel.plot.rank_flow()
    right = [text.get_text() for text in ax.texts if text.get_gid() != "caption"]
    assert right[-1] == "–  Plain"
    assert [line.get_linestyle() for line in ax.lines].count(":") == 1
    assert "No score in top: 1 unit (Plain: void)." in small_print(ax)


def test_units_of_one_side_only_are_told(tiny, panel_data, small_print):
    data = panel_data[panel_data["period"] == 2022].drop(columns="period")
    a, b = (ei.compute(tiny, data[data["unit"] != unit]) for unit in ("Plain", "عمان - الأردن"))
    ax = rank_flow(a, b)
    assert len(ax.lines) == 6
    assert "Only on the right: 1 unit (Plain)." in small_print(ax)
    assert "Only on the left: 1 unit (عمان - الأردن)." in small_print(ax)


def test_top_of_a_flow_counts_on_either_side(egdi, egdi_services):
    ax = rank_flow(egdi, egdi_services, top=20, highlight="KHM")
    wanted = (egdi.ranks["EGDI"] <= 20) | (egdi_services.ranks["EGDI"] <= 20)
    assert len(ax.lines) == wanted.sum() + 1
    assert max(line.get_linewidth() for line in ax.lines) > 2


# --- all of them


def test_one_unit_is_enough(tiny, panel_data):
    one = ei.compute(tiny, panel_data.iloc[:1])
    unit = str(one.plan.rows.units[0])
    for ax in (
        one.plot.ranking(),
        one.plot.contributions(),
        one.plot.profile(unit),
        one.plot.waterfall(unit),
        one.plot.rank_flow(one),
        one.plot.comparison_waterfall(one, unit),
    ):
        ax.figure.draw_without_rendering()


def test_captions_tell_index_source_and_units(egdi, cyberlaw, small_print):
    told = small_print(egdi.plot.ranking(top=1))
    assert "E-Government Development Index 2024, from raw inputs (un-egdi-2024)." in told
    assert "Source: UN E-Government Survey 2024, Technical Appendix, 2024." in told
    assert "193 units in 2024; weights as in the file." in told
    assert "rules strict" in small_print(cyberlaw.plot.ranking(top=1))
    assert "edition 2026" in small_print(cyberlaw.plot.ranking(top=1))


def test_the_source_of_other_data_is_told(tiny, panel_data, small_print):
    data = panel_data.copy()
    data.attrs["source"] = "Survey of the Isles, 2024"
    assert "Data: Survey of the Isles, 2024." in small_print(ei.compute(tiny, data).plot.ranking(period=2022))


def test_a_method_is_the_function(egdi):
    assert egdi.plot.ranking(top=3).get_title(loc="left") == ranking(egdi, top=3).get_title(loc="left")
    assert "Scores of a node" in egdi.plot.ranking.__doc__
    assert bars(egdi.plot.waterfall("KHM")) == bars(waterfall(egdi, "KHM"))


def test_groups_and_names_of_a_profile_come_in_every_form_of_lookup():
    result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    classes = result.classes["EGDI"]  # its keys are (unit, period)
    axes = result.plot.profile("KHM", group=classes, names=pd.Series("Somewhere", index=classes.index))
    written = " ".join(text.get_text() for text in axes.figure.findobj(Text))
    assert "62 units of High" in written
    assert "Somewhere" in written
