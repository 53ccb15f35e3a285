"""What cannot be drawn is told: all of it, with a suggestion."""

from __future__ import annotations

import sys
from datetime import date

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex import MethodError
from egovindex.plots import comparison_waterfall, framework, ranking, save


def test_all_that_is_wrong_is_told_at_once(panel):
    with pytest.raises(MethodError) as error:
        panel.plot.ranking(node="tpo", period=2023, highlight=["Plian", "Plain", "nobody"], names="kid")
    told = str(error.value)
    assert [fault.check for fault in error.value.faults] == [
        "unknown_node",
        "unknown_period",
        "unknown_unit",
        "unknown_unit",
        "unknown_column",
    ]
    for words in (
        'there is no node "tpo"; did you mean "top"?',
        'there is no period "2023" in the data',
        "Periods: 2022, 2024",
        'there is no unit "Plian"',
        'did you mean "Plain"?',
        'there is no unit "nobody"',
        'there is no column "kid" in the data; did you mean "kind"?',
    ):
        assert words in told


@pytest.mark.parametrize("draw", ["ranking", "contributions"])
def test_several_periods_need_one_to_be_named(panel, draw):
    with pytest.raises(MethodError, match=r"2 periods \(2022, 2024\); name one with period="):
        getattr(panel.plot, draw)()


def test_a_period_of_data_without_periods(cyberlaw):
    with pytest.raises(MethodError, match="the data has no periods"):
        cyberlaw.plot.ranking(period=2024)


@pytest.mark.parametrize("draw", ["profile", "waterfall"])
def test_an_unknown_unit(egdi, draw):
    with pytest.raises(MethodError, match='"khm" in 2024; did you mean "KHM"'):
        getattr(egdi.plot, draw)("khm")


def test_a_unit_without_a_score_has_no_waterfall(panel):
    with pytest.raises(MethodError, match=r"Plain has no score in top, 2024 \(void\)"):
        panel.plot.waterfall("Plain", period=2024)
    with pytest.raises(MethodError, match="no score in top of b"):
        panel.plot.comparison_waterfall(panel, "Plain", period=(2022, 2024))


def test_what_is_wrong_with_either_result_is_told(egdi, cyberlaw):
    with pytest.raises(MethodError) as error:
        comparison_waterfall(egdi, cyberlaw, "KHM")
    assert {fault.check for fault in error.value.faults} == {"unknown_node", "unknown_unit"}


@pytest.mark.parametrize("period", [None, 2022, (2022,), (2022, 2024, 2026)])
def test_a_flow_of_one_result_needs_two_periods(egdi, panel, period):
    result = egdi if period is None else panel
    with pytest.raises(MethodError, match=r"two periods|a pair of them"):
        result.plot.rank_flow(period=period)


def test_an_unknown_unit_in_a_flow(egdi, egdi_services):
    with pytest.raises(MethodError, match='"khm" in the data; did you mean "KHM"'):
        egdi.plot.rank_flow(egdi_services, highlight="khm")


def test_an_unknown_group(egdi):
    with pytest.raises(MethodError, match=r'"regoin".*did you mean "region"'):
        egdi.plot.profile("KHM", group="regoin")
    with pytest.raises(MethodError, match='"XXX"'):
        egdi.plot.profile("KHM", group=["XXX", "DNK"])


@pytest.mark.parametrize("top", [0, -1, 2.5, True, "ten"])
def test_top_is_a_number_of_ranks(egdi, top):
    with pytest.raises(MethodError, match="top is a number of ranks"):
        egdi.plot.ranking(top=top)
    with pytest.raises(MethodError, match="top is a number of ranks"):
        egdi.plot.rank_flow(egdi, top=top)


@pytest.mark.parametrize("draw", ["contributions", "profile", "waterfall"])
def test_by_has_two_words(egdi, draw):
    unit = [] if draw == "contributions" else ["KHM"]
    with pytest.raises(MethodError, match='by is "indicator" or "child", found "leaf"'):
        getattr(egdi.plot, draw)(*unit, by="leaf")


def test_an_unknown_node_of_an_index(egdi):
    with pytest.raises(MethodError, match='"EGID"; did you mean "EGDI"'):
        framework(egdi.index, node="EGID")


def test_something_else_than_a_result(egdi):
    with pytest.raises(MethodError, match="found DataFrame"):
        ranking(egdi.scores)
    with pytest.raises(MethodError, match="found str"):
        framework("un-egdi-2024")
    with pytest.raises(MethodError, match="found list"):
        ranking(egdi, ax=[])
    with pytest.raises(MethodError, match="found int"):
        ranking(egdi, names=3)


def test_without_matplotlib_the_extra_is_named(egdi, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MethodError, match=r'pip install "egovindex\[plot\]"'):
        egdi.plot.ranking()


def test_options_are_given_by_name(egdi):
    with pytest.raises(TypeError):
        ranking(egdi, "OSI")


@pytest.fixture(scope="module")
def numbered(tiny, panel_data):
    """Units are numbers, periods are dates."""
    units = {unit: 500 + at for at, unit in enumerate(panel_data["unit"].unique())}
    dates = pd.to_datetime(panel_data["period"].astype(str) + "-01-01")
    return ei.compute(tiny, panel_data.assign(unit=panel_data["unit"].map(units), period=dates))


@pytest.mark.parametrize("unit", [501, 501.0, np.int64(501), "501", " 501 "])
def test_one_unit_of_any_kind(numbered, unit):
    last = {"period": "2024-01-01"}
    for draw in (numbered.plot.waterfall, numbered.plot.profile):
        assert "501" in draw(unit, **last).get_title(loc="left")
    for draw in (numbered.plot.ranking, numbered.plot.contributions):
        assert "highlighted units" in caption_of(draw(highlight=unit, top=1, **last))
    assert "highlighted units" in caption_of(numbered.plot.rank_flow(highlight=unit, top=1))
    assert numbered.plot.comparison_waterfall(numbered, unit, period=("2022-01-01", "2024-01-01"))


def caption_of(ax) -> str:
    return " ".join(next(text for text in ax.texts if text.get_gid() == "caption").get_text().split())


@pytest.mark.parametrize("draw", ["waterfall", "profile"])
def test_several_units_where_one_is_drawn(egdi, draw):
    with pytest.raises(MethodError, match="one unit is drawn, found"):
        getattr(egdi.plot, draw)(["KHM", "DNK"])


@pytest.mark.parametrize(
    "asked", ["2024-01-01", date(2024, 1, 1), pd.Timestamp("2024-01-01"), np.datetime64("2024-01-01", "D")]
)
def test_a_period_that_is_a_date(numbered, asked):
    assert numbered.plot.ranking(period=asked).get_title(loc="left")


def test_a_date_that_is_no_period(numbered):
    with pytest.raises(MethodError, match='no period "2023-01-01" in the data'):
        numbered.plot.ranking(period="2023-01-01")


@pytest.mark.parametrize("ax", ["x", None, 3])
def test_what_is_no_picture_is_not_saved(tmp_path, ax):
    with pytest.raises(MethodError, match="the axes of a picture are expected"):
        save(ax, tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [None, 3, b"a.png"])
def test_a_picture_needs_a_path(egdi, path):
    with pytest.raises(MethodError, match=f"a path is expected.*found {type(path).__name__}"):
        save(egdi.plot.ranking(top=3), path)
