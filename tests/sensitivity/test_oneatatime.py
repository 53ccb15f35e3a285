"""One choice at a time: each setting is an index that can be computed by itself."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import egovindex as ei


@pytest.fixture(scope="module")
def doubt() -> ei.Doubt:
    return ei.Doubt(
        weights={"top": ei.within(0.25)},
        points={"status.drafted": (0.2, 0.8)},
        nothing={"unknown": ["skip", 0]},
        rules=["strict", "lenient"],
        aggregate={"market": ["mean", "geometric"]},
    )


def test_every_setting_is_an_index(index, data, doubt):
    found = ei.one_at_a_time(index, data, doubt.without("rules"), target=("score", "T05"))
    assert found.base[0] == ei.compute(index, data).scores.loc["T05", "top"]
    by_hand = {
        ("weights.top.rules", "low: 37.5 %"): index.with_weights(
            {"top": {"rules": 1.5, "take-up": 1.25, "market": 1.25}}
        ),
        ("weights.top.market", "high: 31.2 %"): index.with_weights(
            {"top": {"rules": 2 * 2.75 / 3, "take-up": 2.75 / 3, "market": 1.25}}
        ),
        ("points.status.drafted", "0.8"): index.with_points({"status.drafted": 0.8}),
        ("nothing.unknown", "0"): index.with_points({("nothing", "unknown"): 0}),
        ("aggregate.market", "geometric"): index.with_(nodes={"market": {"aggregate": "geometric"}}),
    }
    table = found.table.set_index(["choice", "setting"])
    for (choice, setting), other in by_hand.items():
        score = ei.compute(other, data).scores.loc["T05", "top"]
        assert table.loc[(choice, setting), "value"] == pytest.approx(score, rel=1e-12)
        assert table.loc[(choice, setting), "change"] == pytest.approx(score - found.base[0], abs=1e-14)


def test_tornado(index, data, doubt):
    found = ei.one_at_a_time(index, data, doubt)
    table = found.tornado
    assert table["span"].is_monotonic_decreasing
    assert (table["low"] <= table["high"]).all()
    assert found.base[0] == 0
    assert (table["low"] >= 0).all()
    assert set(table.index) == set(found.table["choice"])
    assert {"weights.top.rules", "rules", "points.status.drafted", "aggregate.market"} <= set(table.index)
    assert "settings, one at a time" in repr(found)
    assert "<table" in found._repr_html_()


def test_settings_that_fail_are_told(index, data):
    bad = ei.Doubt(normalise={"speed": ["minmax 1 100", "zscore"]})
    geometric = index.with_(nodes={"market": {"aggregate": "geometric"}})
    found = ei.one_at_a_time(geometric, data, bad)
    failed = found.table["reason"].notna()
    assert failed.sum() == 1
    assert found.table.loc[failed, "setting"].item() == "zscore"
    assert found.table.loc[failed, "value"].isna().all()
    assert found.tornado["span"].isna().all()  # no setting of the choice gave a number: not the same as no change
    assert "1 settings failed" in repr(found)


def test_nothing_in_it_is_random(index, data, doubt):
    one, other = (ei.one_at_a_time(index, data, doubt) for _ in range(2))
    assert one.table.equals(other.table)


def test_of_every_unit(index, data):
    found = ei.one_at_a_time(index, data, ei.Doubt(points={"status.drafted": (0.2, 0.8)}), target="rank")
    assert found.table.filter(like="change ").shape == (2, 30)
    with pytest.raises(ei.MethodError, match="level"):
        ei.one_at_a_time(index, data, ei.Doubt(points={"status.drafted": (0.2, 0.8)}), level=90)


def test_of_one_output(index, data):
    doubt = ei.Doubt(points={"status.drafted": (0.2, 0.8)}, aggregate={"market": ["mean", "geometric"]})
    every = ei.one_at_a_time(index, data, doubt, target="score")
    one = ei.one_at_a_time(index, data, doubt, target=("score", "T07"))
    assert every.of("T07").equals(one.tornado)
    assert every.outputs[6] == "T07"
    assert every.laws == {"points.status.drafted": "uniform 0.2 0.8", "aggregate.market": "one of mean, geometric"}
    with pytest.raises(ei.MethodError, match='there is no output "T0077"; did you mean'):
        every.of("T0077")
    with pytest.raises(ei.MethodError, match="the target is of T07 alone"):
        one.of("T08")


def test_a_unit_without_a_score_can_still_be_shown(index, data):
    table = data.copy()
    table.loc[2, "speed"] = np.nan
    spec = index.with_(nothing={"unknown": "skip", "missing": "void"})
    found = ei.one_at_a_time(spec, table, ei.Doubt(points={"status.drafted": (0.2, 0.8)}), target=("rank", "T03"))
    assert np.isnan(found.base[0])
    assert found.tornado["span"].isna().all()
    assert "rank of T03" in repr(found)


# --- three units, by hand


TINY = """
index: tiny
nothing: {unknown: skip, missing: void}
indicators: {a: {}, b: {}}
nodes: {I: {of: {a: 1, b: 1}}}
"""
DATA = pd.DataFrame({"unit": ["z", "y", "x"], "a": [0.4, 0.0, 1.0], "b": [0.4, 1.0, 0.0]})
BOTH = ei.Doubt(weights={"I": ei.within(0.25)}, aggregate={"I": ["mean", "geometric", "max"]})


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> ei.Index:
    path = tmp_path_factory.mktemp("tiny") / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return ei.load_index(path)


@pytest.fixture(scope="module")
def one(tiny) -> ei.OneAtATime:
    return ei.one_at_a_time(tiny, DATA, BOTH, target=("score", "x"))


def test_the_table_of_one_unit(one):
    table = one.table
    assert list(table) == ["group", "choice", "setting", "value", "change"]
    assert table["group"].tolist() == ["weights.I"] * 4 + ["aggregate.I"] * 2
    assert table["choice"].tolist() == ["weights.I.a"] * 2 + ["weights.I.b"] * 2 + ["aggregate.I"] * 2
    assert table["setting"].tolist() == ["low: 37.5 %", "high: 62.5 %"] * 2 + ["geometric", "max"]
    np.testing.assert_allclose(table["value"], [0.375, 0.625, 0.625, 0.375, 0, 1])
    np.testing.assert_allclose(table["change"], [-0.125, 0.125, 0.125, -0.125, -0.5, 0.5], atol=1e-15)
    assert one.base.tolist() == [0.5]
    assert one.outputs == ("x",)
    assert str(one.certainty) == "exact: each setting computed"


def test_the_tornado_of_one_unit(one):
    table = one.tornado
    assert table.index.tolist() == ["aggregate.I", "weights.I.a", "weights.I.b"]
    assert table.index.name == "choice"
    assert list(table) == ["low", "high", "at_low", "at_high", "span"]
    assert table.loc["aggregate.I"].tolist() == [0, 1, "geometric", "max", 1]
    assert table.loc["weights.I.b"].tolist() == pytest.approx([0.375, 0.625, "high: 62.5 %", "low: 37.5 %", 0.25])
    assert one.of("x").equals(table)
    assert one.plot.result is one
    assert one.plot is one.plot


def test_shown(one):
    assert [line.split() for line in repr(one).splitlines()] == [
        ["<OneAtATime", "tiny>", "score", "of", "x", "of", "I,", "6", "settings,", "one", "at", "a", "time"],
        ["low", "high", "at_low", "at_high", "span"],
        ["choice"],
        ["aggregate.I", "0.000", "1.000", "geometric", "max", "1.00"],
        ["weights.I.a", "0.375", "0.625", "low:", "37.5", "%", "high:", "62.5", "%", "0.25"],
        ["weights.I.b", "0.375", "0.625", "high:", "62.5", "%", "low:", "37.5", "%", "0.25"],
    ]
    shown = one._repr_html_()
    assert shown.startswith("<b>&lt;OneAtATime tiny&gt; score of x of I, 6 settings, one at a time</b><table")
    assert "border" not in shown
    assert re.findall("<th>(.*)</th>", shown) == ["choice", "low", "high", "at_low", "at_high", "span"]
    assert re.findall("<td>(.*)</td>", shown)[:6] == ["aggregate.I", "0.000", "1.000", "geometric", "max", "1.00"]


def test_of_several_units(tiny):
    found = ei.one_at_a_time(tiny, DATA, BOTH, target="score")
    assert list(found.table)[3:] == ["value z", "change z", "value y", "change y", "value x", "change x"]
    assert found.base.tolist() == [0.4, 0.5, 0.5]
    assert found.of("z")["span"].tolist() == pytest.approx([0, 0, 0], abs=1e-15)
    assert found.of("y").loc["weights.I.a"].tolist() == pytest.approx(
        [0.375, 0.625, "high: 62.5 %", "low: 37.5 %", 0.25]
    )
    with pytest.raises(ei.MethodError, match=r"score has 3 outputs \(z, y, x\); name one: of\(\.\.\.\)"):
        _ = found.tornado
    with pytest.raises(ei.MethodError, match=r"score has 2 outputs \(y, x\)"):
        _ = ei.one_at_a_time(tiny, DATA.iloc[1:], BOTH, target="score").tornado
    lines = [line.split() for line in repr(found).splitlines()]
    assert lines[0] == ["<OneAtATime", "tiny>", "score", "of", "I,", "6", "settings,", "one", "at", "a", "time"]
    assert lines[1:3] == [["mean", "span", "widest"], ["choice"]]
    assert lines[3:6] == [
        ["aggregate.I", "0.6667", "1.00"], ["weights.I.a", "0.1667", "0.25"], ["weights.I.b", "0.1667", "0.25"],
    ]  # fmt: skip
    assert repr(found).splitlines()[6:] == ["  over 3 outputs; of(...) is the tornado of one"]
    assert re.findall("<td>(.*)</td>", found._repr_html_())[:3] == ["aggregate.I", "0.6667", "1.00"]


def test_the_average_rank_shift_is_asked_for_by_default(tiny):
    found = ei.one_at_a_time(tiny, DATA, BOTH)
    assert found.outputs == ("average rank shift",)
    # a little less of either weight puts one of the two that tie behind the third
    assert found.tornado["low"].eq(0).all()
    assert (
        found.table["value"].tolist() == ei.one_at_a_time(tiny, DATA, BOTH, target="rank_shift").table["value"].tolist()
    )


def test_the_middle_nine_tenths_of_a_law_without_ends(index, data):
    doubt = ei.Doubt(points={"status.drafted": ei.normal(0.5, 0.1)})
    given = {"target": ("score", "T05")}
    assert ei.one_at_a_time(index, data, doubt, **given).table["setting"].tolist() == ["0.3355", "0.6645"]
    found = ei.one_at_a_time(index, data, doubt, level=0.5, **given)
    assert found.table["setting"].tolist() == ["0.4326", "0.5674"]
    assert found.study.learn == "each_draw"
    assert ei.one_at_a_time(index, data, doubt, learn="nominal", node="rules", **given).study.node == "rules"


def test_settings_that_fail_by_hand(tiny):
    negative = DATA.assign(a=[0.4, -1.0, 1.0])
    found = ei.one_at_a_time(tiny, negative, BOTH, target=("score", "x"))
    assert found.table["reason"].notna().tolist() == [False] * 4 + [True, False]
    assert found.table["reason"].iloc[4].startswith("I: the geometric mean needs")
    assert found.table["value"].isna().tolist() == [False] * 4 + [True, False]
    assert "6 settings, one at a time; 1 settings failed" in repr(found)
    # of the choice the settings that did not fail count, and the index as it is
    assert found.tornado.loc["aggregate.I"].tolist() == [0.5, 1, "as it is", "max", 0.5]
    every = ei.one_at_a_time(tiny, negative, BOTH, target="score")
    assert every.table.iloc[4][["value z", "value y", "value x"]].isna().all()
    lines = [line.split() for line in repr(every).splitlines()]
    # z 0, y 0 to 1, x 1/2 to 1
    assert [float(cell) for cell in lines[3][1:]] == [0.5, 1]
    assert [line[0] for line in lines[3:6]] == ["aggregate.I", "weights.I.a", "weights.I.b"]


def test_a_unit_that_has_a_score_under_some_settings_alone(tiny):
    data = pd.DataFrame({"unit": ["q", "x"], "a": ["unknown", "1"], "b": ["unknown", "0"]})
    doubt = ei.Doubt(nothing={"unknown": ["skip", 0, 0.5]}, weights={"I": ei.within(0.25)})
    found = ei.one_at_a_time(tiny, data, doubt, target=("score", "q"))
    assert np.isnan(found.base[0])
    table = found.tornado
    assert table.index.tolist() == ["nothing.unknown", "weights.I.a", "weights.I.b"]
    assert table.loc["nothing.unknown"].tolist() == [0, 0.5, "0", "0.5", 0.5]
    assert table.loc["weights.I.a"].isna().tolist() == [True, True, False, False, True]
    assert table.loc["weights.I.a", ["at_low", "at_high"]].tolist() == ["", ""]
    every = ei.one_at_a_time(tiny, data, doubt, target="score")
    lines = [line.split() for line in repr(every).splitlines()]
    # x moves by 1/4 with either weight, q by 1/2 with the policy, which x does not meet
    assert [line[0] for line in lines[3:6]] == ["weights.I.a", "weights.I.b", "nothing.unknown"]
    assert [float(cell) for line in lines[3:6] for cell in line[1:]] == [0.25, 0.25, 0.25, 0.25, 0.25, 0.5]
    alone = ei.one_at_a_time(tiny, data.head(1), ei.Doubt(weights={"I": ei.within(0.25)}), target="score")
    assert "NaN" in repr(alone)


@pytest.mark.parametrize(("children", "more"), [(10, 0), (11, 1)])
def test_ten_choices_are_shown(tmp_path, children, more):
    names = [f"c{at}" for at in range(children)]
    text = f"index: many\nnothing: {{missing: void}}\nindicators: {{{', '.join(f'{n}: {{}}' for n in names)}}}\n"
    (tmp_path / "many.yaml").write_text(f"{text}nodes: {{I: {{of: [{', '.join(names)}]}}}}\n", encoding="utf-8")
    table = pd.DataFrame({"unit": ["<u>", "v"], **{n: [at / 10, 0.5] for at, n in enumerate(names)}})
    doubt = ei.Doubt(weights={"I": ei.within(0.5)})
    one = ei.one_at_a_time(tmp_path / "many.yaml", table, doubt, target=("score", "<u>"))
    every = ei.one_at_a_time(tmp_path / "many.yaml", table, doubt, target="score")
    for found, where, tail in (
        (one, "tornado", []),
        (every, "table", ["  over 2 outputs; of(...) is the tornado of one"]),
    ):
        lines = repr(found).splitlines()
        assert len(lines) == 13 + more + len(tail)
        assert lines[13:] == [f"  ... {more} more in .{where}"] * more + tail
        assert found._repr_html_().count("<td>weights.I.c") == 10
        assert "<u>" not in found._repr_html_()
    assert len(one.tornado) == children


def test_names_are_escaped_in_a_notebook(tiny):
    doubt = ei.Doubt(recipes={"e": {"<b>": {"nodes": {"I": {"aggregate": "max"}}}, "as it is": {}}})
    found = ei.one_at_a_time(tiny, DATA, doubt, target=("score", "x"))
    assert found.tornado["at_high"].tolist() == ["<b>"]
    assert "<td>&lt;b&gt;</td>" in found._repr_html_()


def test_choices_that_do_the_same_stay_in_their_order(tmp_path):
    names = [f"c{at}" for at in range(32)]
    maps = ", ".join(f"{name}: {{yes: 0.5, no: 0}}" for name in names)
    rows = ", ".join(f"{name}: {{points: {name}}}" for name in names)
    text = f"index: many\nnothing: {{missing: void}}\npoints: {{{maps}}}\nindicators: {{{rows}}}\n"
    (tmp_path / "many.yaml").write_text(f"{text}nodes: {{I: {{of: [{', '.join(names)}]}}}}\n", encoding="utf-8")
    table = pd.DataFrame({"unit": ["u", "v"], **{name: ["yes", "yes"] for name in names}})
    # every third line moves the score by a 32nd, the others by a 64th
    wide, narrow = names[::3], [name for at, name in enumerate(names) if at % 3]
    doubt = ei.Doubt(points={f"{name}.yes": (0, 1) if name in wide else (0.25, 0.75) for name in names})
    expected = [f"points.{name}.yes" for name in wide + narrow]
    for target in ("score", ("score", "u")):
        found = ei.one_at_a_time(tmp_path / "many.yaml", table, doubt, target=target)
        assert found.of("u").index.tolist() == expected
        assert set(found.of("u")["span"]) == {1 / 32, 1 / 64}
        assert re.findall(r"<td>(points\.c\d+\.yes)</td>", found._repr_html_()) == expected[:10]


@pytest.mark.parametrize("name", ["un-egdi-parts-2024", "undp-hdi-2022"])
def test_the_aggregate_of_the_index_is_no_change_whether_written_or_not(name):
    """The EGDI's file says nothing of its mean, the HDI's names its geometric mean."""
    index = ei.load_index(name)
    doubt = ei.Doubt(aggregate={index.headline: ["mean", "geometric"]})
    table = ei.one_at_a_time(index, ei.sample(name), doubt).table
    assert table["setting"].tolist() == [{"un-egdi-parts-2024": "geometric", "undp-hdi-2022": "mean"}[name]]
