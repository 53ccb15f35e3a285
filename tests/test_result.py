"""Results: shapes of the tables, and that nothing changes under them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

REGION = pd.DataFrame(
    {
        "unit": ["Abaria", "Belmont", "Corvo", "Dunmar"],
        "law": ["yes", "drafted", "no", None],
        "portal": [0.9, 0.5, 0.4, 0.1],
        "skills": [0.3, 0.6, 0.9, 0.2],
    }
)


@pytest.fixture
def region(tmp_path) -> ei.Index:
    path = tmp_path / "region.yaml"
    path.write_text(
        """
index: region
answers: {status: {yes: [], drafted: [], no: []}}
nothing: skip
points: {status: {yes: 1, drafted: 0.5, no: 0}}
indicators:
  law: {points: status}
  portal, skills: {}
nodes:
  readiness: {of: {rules: 1, means: 3}, classes: {High: 0.5, Low: else}}
  rules: {of: [law]}
  means: {of: [portal, skills], steps: [cap 0.6]}
""",
        encoding="utf-8",
    )
    return ei.load_index(path)


def test_tables_by_hand(region):
    result = ei.compute(region, REGION)
    # Abaria: rules 1, means min((0.9 + 0.3) / 2, 0.6) = 0.6 -> (1 + 3 * 0.6) / 4 = 0.7
    assert result.scores["readiness"].round(12).tolist() == [0.7, 0.5375, 0.45, 0.15]
    assert result.ranks["readiness"].tolist() == [1, 2, 3, 4]
    assert result.classes["readiness"].tolist() == ["High", "High", "Low", "Low"]
    # Dunmar left the question open: it is skipped, and its weight is missing
    assert result.states.loc["Dunmar"].tolist() == ["scored", "missing", "scored"]
    assert result.coverage.loc["Dunmar", "readiness"] == 0.75
    assert result.ranks.loc["Dunmar", "rules"] is pd.NA
    assert np.isnan(result.scores.loc["Dunmar", "rules"])
    assert result.headline == "readiness"
    assert result.ranking["unit"].tolist() == ["Abaria", "Belmont", "Corvo", "Dunmar"]


def test_contributions_carry_what_a_cap_takes_away(region):
    parts = ei.compute(region, REGION).contributions("readiness")
    corvo = parts.loc["Corvo"]  # means 0.65 capped to 0.6: 0.75 * -0.05
    assert corvo[["law", "portal", "skills"]].round(12).tolist() == [0.0, 0.15, 0.3375]
    assert round(corvo["steps"], 12) == -0.0375
    assert np.allclose(parts.drop(columns="score").sum(axis=1), parts["score"], atol=1e-12)


def test_units_without_a_score_stand_last(region):
    result = ei.compute(region.with_(nothing="void"), REGION)
    last = result.ranking.iloc[-1]
    assert (last["unit"], last["state"]) == ("Dunmar", "void")
    assert last["rank"] is pd.NA
    assert result.contributions("readiness").loc["Dunmar"].isna().all()


def test_changing_a_table_of_results_changes_nothing(region):
    result = ei.compute(region, REGION)
    before = result.scores
    table = result.scores
    table.iloc[:, :] = -1.0
    pd.testing.assert_frame_equal(result.scores, before)


@pytest.mark.parametrize("units", [10, 120_000])  # a small table is copied, a large one is held
def test_changing_the_data_afterwards_changes_nothing(units):
    frame = pd.DataFrame({"id": [*"abcdefghij", "top"], "in": ["top"] * 10 + [None]})
    index = ei.Index.from_frame(frame, index="held")
    data = pd.DataFrame(
        np.random.default_rng(0).random((units, 10)),
        columns=list("abcdefghij"),
        index=pd.RangeIndex(units, name="unit"),
    )
    result = ei.compute(index, data)
    before = result.points
    data.iloc[0, 0] = 99.0
    data.loc[:, "b"] = -1.0
    pd.testing.assert_frame_equal(result.points, before)


def test_panels_rank_within_each_period(region):
    later = REGION.assign(period=2026, portal=REGION["portal"][::-1].to_numpy())
    panel = pd.concat([REGION.assign(period=2024), later])
    result = ei.compute(region, panel)
    assert result.scores.index.names == ["unit", "period"]
    alone = ei.compute(region, REGION)
    pd.testing.assert_series_equal(
        result.scores["readiness"].xs(2024, level="period"), alone.scores["readiness"], check_names=False
    )
    assert sorted(result.ranks["readiness"].xs(2026, level="period")) == [1, 2, 3, 4]


def test_effective_weights_multiply_down(region):
    shares = ei.compute(region, REGION).effective_weights()["share"]
    assert shares.to_dict() == {
        "readiness": 1.0, "rules": 0.25, "means": 0.75, "law": 0.25, "portal": 0.375, "skills": 0.375
    }  # fmt: skip


def test_shown_short_and_escaped(region):
    hostile = REGION.assign(unit=["<script>alert(1)</script>", "Belmont", "Corvo", "Dunmar"])
    result = ei.compute(region, hostile)
    assert len(repr(result).splitlines()) < 12
    assert "<script>" not in result._repr_html_()
    assert "&lt;script&gt;" in result._repr_html_()
    assert "readiness" in region._repr_html_()


def test_a_wrong_name_is_told_with_a_suggestion(region):
    result = ei.compute(region, REGION)
    with pytest.raises(ei.MethodError, match='did you mean "readiness"'):
        result.contributions("readines")
    with pytest.raises(ei.MethodError, match="it has no parts"):
        result.contributions("law")


def test_a_name_in_formula_is_the_score_also_where_another_node_asks_for_its_answer(tmp_path):
    path = tmp_path / "names.yaml"
    path.write_text(
        """
index: names
answers: {s: {yes: [], no: []}}
nothing: skip
indicators: {p: {points: {yes: 1, no: 0}}, q: {}}
nodes:
  t: {of: [p, q], points: {value > p: p}}
  u: {of: [q], points: {p is missing: skip}}
""",
        encoding="utf-8",
    )
    data = pd.DataFrame({"unit": ["A", "B"], "p": ["yes", "no"], "q": [0.2, 0.8]})
    # A: mean 0.6 stays, p is 1; B: mean 0.4 is above p = 0, so p stands for it
    assert ei.compute(path, data).scores["t"].tolist() == [0.6, 0.0]


@pytest.mark.parametrize("line", ["A,1,2,", "A,1"])
def test_a_csv_line_of_another_length_is_refused(tmp_path, line):
    path = tmp_path / "data.csv"
    path.write_text(f"unit,a,b\n{line}\nB,3,4\n", encoding="utf-8")
    with pytest.raises(ei.DataError, match="mend the commas"):
        ei.read_table(path)


def test_units_that_look_like_numbers_stay_text(tmp_path, region):
    path = tmp_path / "data.csv"
    path.write_text("unit,law,portal,skills\n1.10,yes,0.1,.\n1.1,no,0.2,0.3\n", encoding="utf-8")
    with pytest.raises(ei.DataError, match=r'"\."'):
        ei.compute(region, path)
    path.write_text("unit,law,portal,skills\n1.10,yes,0.1,0.2\n1.1,no,0.2,0.3\n", encoding="utf-8")
    assert ei.compute(region, path).scores.index.tolist() == ["1.10", "1.1"]


def test_learned_values_belong_to_their_period(region):
    index = region.with_(nodes={"means": {"steps": ["minmax"]}})
    panel = pd.concat([REGION.assign(period=y, portal=REGION["portal"] * f) for y, f in ((2020, 1), (2022, 0.5))])
    first = ei.compute(index, panel)
    later = panel[panel["period"] == 2022]
    again = ei.evaluate(index.plan(later), learned=first.learned_values)
    kept = first.scores["means"].xs(2022, level="period").to_numpy()
    np.testing.assert_array_equal(again["means"], kept)
    with pytest.raises(ei.MethodError, match="none for 2024"):
        ei.evaluate(index.plan(later.assign(period=2024)), learned=first.learned_values)


def test_records_named_like_columns_of_contributions_are_told():
    frame = pd.DataFrame(
        {"id": ["base", "b", "top"], "in": ["top", "top", None], "kind": ["indicator", "indicator", "node"]}
    )
    data = pd.DataFrame({"unit": ["U", "V"], "base": [0.1, 0.2], "b": [0.3, 0.9]})
    with pytest.raises(ei.MethodError, match="rename"):
        ei.compute(ei.Index.from_frame(frame, index="names"), data).contributions()


def test_a_tiny_weight_that_is_left_still_counts_exactly():
    frame = pd.DataFrame({"id": ["a", "b", "top"], "in": ["top", "top", None], "weight": [1.0, 1e-15, None]})
    data = pd.DataFrame({"unit": ["U", "V"], "a": [None, 1.0], "b": [0.7, 0.7]})
    result = ei.compute(ei.Index.from_frame(frame, index="tiny", nothing="skip"), data)
    assert result.scores.loc["U", "top"] == 0.7


def test_a_class_is_reached_up_to_rounding():
    """(0.6 + 0.7 + 0.8) / 3 is 0.7 on paper and 0.6999999999999998 in the machine."""
    frame = pd.DataFrame({"id": ["a", "b", "c", "top"], "in": ["top", "top", "top", None]})
    index = ei.Index.from_frame(frame, index="edge").with_(nodes={"top": {"classes": {"High": 0.7, "Low": "else"}}})
    data = pd.DataFrame({"unit": ["U", "V"], "a": [0.8, 0.6], "b": [0.7, 0.7], "c": [0.6, 0.7]})
    result = ei.compute(index, data)
    assert result.classes["top"].tolist() == ["High", "Low"]


def test_learned_draws_meet_as_many_draws(region):
    index = region.with_(nodes={"means": {"steps": ["minmax"]}})
    plan = index.plan(REGION)
    x = plan.x()
    draws = np.stack([x, x * 0.5, x * 0.25])
    thrice = ei.evaluate(plan, draws)
    again = ei.evaluate(plan, draws, learned=thrice.learned)
    np.testing.assert_array_equal(again["readiness"], thrice["readiness"])
    once = ei.evaluate(plan, learned=thrice.learned)  # the data under each of three bounds
    assert once["readiness"].shape == (3, 4)
    with pytest.raises(ei.MethodError, match=r"different numbers of draws: \[2, 3\]"):
        ei.evaluate(plan, draws[:2], learned=thrice.learned)


def test_a_group_that_cannot_be_learned_from_is_named(region):
    index = region.with_(nodes={"means": {"steps": ["minmax"]}})
    panel = pd.concat([REGION.assign(period=2020), REGION.assign(period=2022, portal=0.5, skills=0.5)])
    with pytest.raises(ei.MethodError, match=r"means: step \"minmax\": .*in 2022"):
        ei.compute(index, panel)


def test_weights_that_are_no_numbers_are_refused(region):
    with pytest.raises(ei.MethodError, match="weights must be an array of numbers"):
        ei.evaluate(region.plan(REGION), weights=["a", "b"])


def test_a_line_that_asks_for_a_score_moves_with_the_draws(region):
    asks = region.with_(nodes={"readiness": {"points": {"means is 0.6": 0}}})
    assert asks.plan(REGION).marks["readiness"].points == "none"
    fixed = region.with_(nodes={"readiness": {"points": {"law is missing": 0}}})
    assert fixed.plan(REGION).marks["readiness"].points == "monotone"  # a cap below it


def test_one_blas_thread_is_lifted_when_the_last_has_left():
    from threadpoolctl import ThreadpoolController

    from egovindex.blas import one_blas_thread

    def threads():
        return [library["num_threads"] for library in ThreadpoolController().info() if library["user_api"] == "blas"]

    with ThreadpoolController().limit(limits=2, user_api="blas"):
        before = threads()
        if not before or max(before) < 2:
            pytest.skip("the linear algebra of this machine has one thread")
        first, second = one_blas_thread(), one_blas_thread()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert set(threads()) == {1}
        second.__exit__(None, None, None)
        assert threads() == before


def test_a_unit_without_a_score_needs_no_mean_that_is_defined(region):
    """A negative value under a geometric mean is refused only where it would be a score."""
    index = region.with_(nothing="void", nodes={"means": {"aggregate": "geometric"}})
    data = REGION.assign(portal=[-0.9, 0.5, 0.4, 0.1], skills=[None, 0.6, 0.9, 0.2], law="yes")
    result = ei.compute(index, data)
    assert result.states["means"].tolist() == ["void", "scored", "scored", "scored"]
    assert result.scores["means"].iloc[1] == pytest.approx(0.3**0.5)
    with pytest.raises(ei.MethodError, match=r"not negative.*Abaria"):
        ei.compute(index, data.assign(skills=0.3))


def test_every_public_object_shows_itself_short_and_escaped(region):
    named = REGION.replace("Abaria", "<b>Abaria</b>")
    result = ei.compute(region.with_(title="<i>Region</i>"), named)
    plan = result.index.plan(named)
    draws = ei.evaluate(plan, np.stack([plan.x()] * 3))
    objects = [result, result.index, plan, draws, draws.learned, result.manifest, result.learned_values]
    objects += [ei.load_weights("equal", index="un-egdi-2024"), ei.compare(result, result), ei.what_if(result, {})]
    objects += [ei.explain(result, "<b>Abaria</b>"), ei.reproduce("undp-hdi-2022")]
    for shown in objects:
        assert 0 < len(repr(shown)) < 4000, type(shown)
        assert "<b>Abaria" not in shown._repr_html_()
        assert "<i>Region" not in shown._repr_html_()
    assert repr(draws) == "<Scores> 3 draws of 4 rows in readiness, rules, means; 0 learned steps"
