"""Compare, what-if, one unit more, explain, peers, chain: by hand, then as laws on invented indices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing

FEW = settings(max_examples=20, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))

FRAME = pd.DataFrame(
    {
        "id": ["portal", "payments", "skills", "online", "people", "top"],
        "in": ["online", "online", "people", "top", "top", None],
        "weight": [1, 3, 1, 1, 1, None],
    }
)
DATA = pd.DataFrame(
    {
        "unit": ["Abaria", "Belmora", "Cordania", "Dremia"],
        "region": ["north", "north", "south", None],
        "portal": [1.0, 0.5, 0.0, 0.2],
        "payments": [0.0, 0.5, 1.0, 0.1],
        "skills": [0.4, 0.6, 0.2, 0.9],
    }
)


@pytest.fixture
def index() -> ei.Index:
    return ei.Index.from_frame(FRAME, index="region", nothing="skip")


@pytest.fixture
def result(index) -> ei.IndexResult:
    return ei.compute(index, DATA)


def drawn(data, **options):
    index = data.draw(testing.indices(**options))
    table = data.draw(testing.tables(index, min_units=3))
    try:
        return index, table, ei.compute(index, table)
    except ei.MethodError:
        return None


# Compare ------------------------------------------------------------------------------------------


def test_weights_by_hand(index, result):
    """Abaria: online (1 * 1 + 3 * 0) / 4 = 0.25, with equal weights 0.5; top 0.325 and 0.45."""
    other = ei.compute(index.with_weights({"online": "equal"}), DATA)
    comparison = ei.compare(result, other)
    row = comparison.units.loc["Abaria"]
    assert row["score_a"] == pytest.approx(0.325, abs=1e-15)
    assert row["score_b"] == pytest.approx(0.45, abs=1e-15)
    assert list(comparison.causes) == ["weights"]
    assert comparison.parts.loc["Abaria"].to_dict() == pytest.approx(
        {"online": 0.125, "people": 0, "base": 0, "steps": 0}, abs=1e-15
    )
    moved = comparison.moved
    assert set(moved["because"]) == {"weights"}
    assert set(moved["through"]) == {"online"}


def test_two_causes_are_told_apart_by_hand(index, result):
    """Weights alone move Abaria by 0.125; payments from 0 to 1 by 3/8 under the old weights and 1/4 under the new."""
    data = DATA.assign(payments=[1.0, 0.5, 1.0, 0.1])
    other = ei.compute(index.with_weights({"online": "equal"}), data)
    causes = ei.compare(result, other).causes.loc["Abaria"]
    # with the new data, weights change nothing: both parts of online are 1
    assert causes.to_dict() == pytest.approx({"weights": (0.125 + 0) / 2, "data": (0.375 + 0.25) / 2}, abs=1e-15)


def test_the_recipe_is_a_cause(index, result):
    other = ei.compute(index.with_(nodes={"top": {"aggregate": "geometric"}}), DATA)
    assert list(ei.compare(result, other).causes) == ["recipe"]
    assert list(ei.compare(result, result).causes) == []
    assert ei.compare(result, result).moved.empty


def test_indices_with_other_children_still_compare(result):
    smaller = ei.Index.from_frame(FRAME.drop(index=1), index="smaller", nothing="skip")
    comparison = ei.compare(result, ei.compute(smaller, DATA), by="indicator")
    assert list(comparison.causes) == ["recipe"]
    np.testing.assert_allclose(comparison.parts.sum(axis=1), comparison.units["change"], atol=1e-15)


def test_what_cannot_be_told_apart_is_said(index, result):
    renamed = index.with_(indicators={"portal": {"from": "website"}})
    other = ei.compute(renamed, DATA.rename(columns={"portal": "website"}).assign(skills=0.5))
    comparison = ei.compare(result, other)
    assert list(comparison.causes) == ["together"]
    assert "does not compute" in comparison.note
    assert "website" in repr(comparison)


def test_units_of_one_result_only_are_listed(index, result):
    other = ei.compute(index, DATA.iloc[1:].replace("Dremia", "Estovia"))
    comparison = ei.compare(result, other)
    assert (comparison.only_a, comparison.only_b) == (("Abaria", "Dremia"), ("Estovia",))
    assert comparison.units.index.tolist() == ["Belmora", "Cordania"]


def test_periods_of_one_result(index):
    panel = pd.concat([DATA.assign(period=2020), DATA.assign(period=2022, portal=1.0)])
    result = ei.compute(index, panel)
    comparison = ei.compare(result, result, periods=(2020, 2022))
    assert comparison.units.index.tolist() == DATA["unit"].tolist()
    assert comparison.units.loc["Cordania", "change"] == pytest.approx(0.125)
    assert list(comparison.causes) == ["data"]
    with pytest.raises(ei.MethodError, match="2021 is not in result a; it has 2020, 2022"):
        ei.compare(result, result, periods=(2021, 2022))
    with pytest.raises(ei.MethodError, match="no unit"):
        ei.compare(result, ei.compute(index, DATA))


@FEW
@given(data=st.data())
def test_parts_and_causes_add_up_to_the_change(data):
    found = drawn(data)
    if found is None:
        return
    index, table, result = found
    weights = data.draw(testing.weight_sets(index))
    try:
        other = ei.compute(index.with_weights(weights), table)
    except ei.EgovindexError:
        return
    comparison = ei.compare(result, other, by=data.draw(st.sampled_from(["child", "indicator"])))
    change = comparison.units["change"].to_numpy()
    scale = max(1.0, np.nanmax(np.abs(result.scores.to_numpy()), initial=0.0))
    np.testing.assert_allclose(comparison.parts.sum(axis=1, min_count=1), change, atol=1e-11 * scale)
    if len(comparison.causes.columns):
        np.testing.assert_allclose(comparison.causes.sum(axis=1, min_count=1), change, atol=1e-11 * scale)
    else:
        assert not np.nan_to_num(change).any()


# What if ------------------------------------------------------------------------------------------


@FEW
@given(data=st.data())
def test_no_change_is_identity(data):
    found = drawn(data)
    if found is None:
        return
    _, _, result = found
    what = ei.what_if(result, {})
    pd.testing.assert_frame_equal(what.after.scores, result.scores, check_exact=True)
    assert what.moved.empty
    assert what.others.empty


def test_learned_values_are_kept_unless_asked(index):
    scaled = ei.compute(index.with_(defaults={"indicators": {"steps": ["minmax"]}}), DATA)
    kept = ei.what_if(scaled, {("Abaria", "portal"): 2.0})
    assert kept.others.empty
    assert kept.after.indicators.loc["Abaria", "portal"] == 2.0  # beyond the old best
    again = ei.what_if(scaled, {("Abaria", "portal"): 2.0}, learn="each_draw")
    assert again.others.index.tolist() == ["Belmora", "Dremia"]  # Cordania is the worst in both
    assert "2 other units" in repr(again)


def test_changes_are_told_all_at_once(result):
    with pytest.raises(ei.MethodError) as told:
        ei.what_if(result, {("Abari", "portal"): 1, ("Abaria", "portl"): 1, "portal": 1})
    message = str(told.value)
    assert 'did you mean "Abaria"' in message
    assert 'did you mean "portal"' in message
    assert "(unit, column)" in message
    with pytest.raises(ei.DataError, match="lots"):
        ei.what_if(result, {("Abaria", "portal"): "lots"})
    with pytest.raises(ei.MethodError, match="each_draw"):
        ei.what_if(result, {}, learn="always")


def test_an_answer_may_become_a_word_and_the_data_stay(tmp_path):
    path = tmp_path / "law.yaml"
    path.write_text(
        "index: law\nanswers: {s: {yes: [], drafted: [], no: []}}\npoints: {s: {yes: 1, drafted: 0.5, no: 0}}\n"
        "indicators: {act: {points: s}}\nnodes: {top: {of: [act]}}\n",
        encoding="utf-8",
    )
    data = pd.DataFrame({"unit": ["Abaria", "Belmora"], "act": ["no", "yes"]})
    result = ei.compute(path, data)
    what = ei.what_if(result, {("Abaria", "act"): "drafted"})
    assert what.units["score_b"].tolist() == [0.5]
    assert what.changes.to_dict("list") == {
        "unit": ["Abaria"], "column": ["act"], "before": ["no"], "after": ["drafted"],
    }  # fmt: skip
    assert data["act"].tolist() == ["no", "yes"]


# One unit more ------------------------------------------------------------------------------------


@FEW
@given(data=st.data())
def test_a_unit_scored_again_has_its_own_score(data):
    found = drawn(data, nothing=False)
    if found is None:
        return
    _, table, result = found
    row = data.draw(st.integers(0, len(table) - 1))
    from egovindex.lookup import used_headings

    again = ei.score_unit(result, {str(h): table[h].iloc[row] for h in used_headings(result)}, unit="Twin")
    np.testing.assert_array_equal(again.table["score"], result.scores.iloc[row])


def test_one_unit_more_learns_nothing(index):
    result = ei.compute(index.with_(defaults={"indicators": {"steps": ["minmax"]}}), DATA)
    score = ei.score_unit(result, {"portal": 2.0, "payments": 0.0, "skills": None})
    assert score.table.loc["online", "score"] == pytest.approx(0.5)  # (1 * 2 + 3 * 0) / 4
    assert score.table.loc["people", "state"] == "missing"
    assert "learned values of the run" in repr(score)
    with pytest.raises(ei.MethodError, match="no answer is given for payments, skills; write None"):
        ei.score_unit(result, {"portal": 2.0})
    with pytest.raises(ei.MethodError, match="already in the run"):
        ei.score_unit(result, {"portal": 2.0}, unit="Abaria")


def test_one_unit_more_in_a_panel(index):
    panel = pd.concat([DATA.assign(period=2020), DATA.assign(period=2022, portal=DATA["portal"] * 2)])
    result = ei.compute(index.with_(defaults={"indicators": {"steps": ["minmax"]}}), panel)
    values = {"portal": 1.0, "payments": 0.0, "skills": 0.2}
    first, second = (ei.score_unit(result, values, period=p).table.loc["online", "score"] for p in (2020, 2022))
    assert (first, second) == pytest.approx((0.25, 0.125))
    with pytest.raises(ei.MethodError, match="2020, 2022"):
        ei.score_unit(result, values)


# Explain ------------------------------------------------------------------------------------------


@FEW
@given(data=st.data())
def test_explanations_add_up(data):
    found = drawn(data)
    if found is None:
        return
    _, _, result = found
    row = data.draw(st.integers(0, len(result.scores) - 1))
    explained = ei.explain(result, result.scores.index[row])
    assert explained.text
    score = explained.score
    if np.isnan(score):
        assert "no score" in explained.text
    else:
        assert explained.contributions.sum() == pytest.approx(score, abs=1e-11 * max(1, abs(score)))
        last = explained.steps.groupby("record", sort=False)["value"].last()
        assert float(last[result.headline]) == score
    for node, effects in explained.effects.items():
        total = result.contributions(node).iloc[row][["base", "steps"]].sum() + effects.sum()
        own = result.scores[node].iloc[row]
        if np.isfinite(own):
            assert total == pytest.approx(own, abs=1e-11 * max(1, abs(own)))


def test_gaps_by_hand(result):
    """Abaria online: portal best; payments 0 against 1 (weight 3/8); skills 0.4 against 0.9 (weight 1/2)."""
    explained = ei.explain(result, "Abaria", group="region")
    gaps = explained.table[["gap_to_best", "gap_to_group", "best"]].loc[["portal", "payments", "skills"]]
    assert gaps["gap_to_best"].tolist() == pytest.approx([0, 3 / 8, 1 / 4], abs=1e-15)
    assert gaps["gap_to_group"].tolist() == pytest.approx([-0.25 / 8, 0.25 * 3 / 8, 0.1 / 2], abs=1e-15)
    assert gaps["best"].tolist() == ["Abaria", "Cordania", "Dremia"]
    assert explained.table.index[0] == "payments"
    with pytest.raises(ei.MethodError, match='column "region" is blank for Dremia'):
        ei.explain(result, "Dremia", group="region")
    with pytest.raises(ei.MethodError, match='did you mean "Belmora"'):
        ei.explain(result, "Abaria", group=["Belmor"])


def test_gaps_of_a_geometric_mean_are_scored_not_estimated(index):
    result = ei.compute(index.with_(nodes={"top": {"aggregate": "geometric"}}), DATA)
    explained = ei.explain(result, "Belmora")
    better = ei.what_if(result, {("Belmora", "skills"): 0.9}).units.loc["Belmora", "change"]
    assert explained.table.loc["skills", "gap_to_best"] == pytest.approx(better, abs=1e-15)


def test_steps_in_order(index):
    scaled = index.with_(
        indicators={"portal": {"steps": ["minmax", "times 100"]}}, nodes={"online": {"steps": ["cap 20"]}}
    )
    steps = ei.explain(ei.compute(scaled, DATA), "Belmora").steps
    portal = steps[steps["record"] == "portal"]
    assert portal["at"].tolist() == ["answer", "points", "minmax", "times 100"]
    assert portal["value"].tolist() == [0.5, 0.5, 0.5, 50]
    online = steps[steps["record"] == "online"]
    assert online["at"].tolist() == ["mean", "cap 20"]
    assert online["value"].tolist() == [(50 + 3 * 0.5) / 4, (50 + 3 * 0.5) / 4]


def test_a_unit_without_a_score_is_explained(index):
    gaps = DATA.copy()
    gaps.loc[0, ["portal", "payments"]] = None
    strict = index.with_(nothing="void")
    text = ei.explain(ei.compute(strict, gaps), "Abaria").text
    assert "no score in top" in text
    assert "portal, payments" in text


TERMS = """
index: terms
answers: {status: {yes: [Oui], drafted: [], no: []}}
nothing: {missing: skip, unknown: 0, refused: 3}
points: {status: {yes: 2, drafted: 0.5, no: 0}}
indicators:
  law: {points: status, weight: 3, in: rules}
  plan: {points: [status, {yes: 9, refused: void}], in: rules}
  size: {in: rules}
  open: {points: {value > 3: 1}, in: rules}
  bonus: {points: {no: 0, else: value}, in: rules}
  band: {points: {value >= 4: 1, else: 0.25, missing: 0}, in: rules}
nodes:
  top: {of: [rules]}
  rules: {}
"""
ANSWERS = {
    "unit": ["Abaria", "Belmora", "Cordania"],
    "law": ["Oui", "unknown", None],
    "plan": [" Drafted", "no", "refused"],
    "size": [3.5, 1, 2],
    "open": [4, 2, 5],
    "bonus": ["no", "1.5", "0.5"],
    "band": [1, None, 9],
}


@pytest.fixture
def terms(tmp_path):
    (tmp_path / "terms.yaml").write_text(TERMS, encoding="utf-8")
    return ei.compute(tmp_path / "terms.yaml", pd.DataFrame(ANSWERS))


def test_explain_says_how_an_answer_was_read_and_what_it_could_earn(terms):
    """A line never reached (yes: 9), and the policy for a kind that a line catches (refused of plan), do not count."""
    names = ["law", "plan", "size", "open", "bonus", "band"]
    table = ei.explain(terms, "Abaria").table.loc[names]
    assert table["category"].tolist() == ["yes", "drafted", None, None, "no", None]
    assert table["points"].tolist() == [2, 0.5, 3.5, 1, 0, 0.25]
    assert table["attainable"].fillna(-1).tolist() == [3, 2, -1, -1, -1, 3]
    assert table["weight"].tolist() == [3, 1, 1, 1, 1, 1]
    belmora = ei.explain(terms, "Belmora").table.loc[names]
    assert belmora["category"].tolist() == ["unknown", "no", None, None, None, "missing"]
    cordania = ei.explain(terms, "Cordania").table.loc[names]
    assert cordania["category"].tolist() == ["missing", "refused", None, None, None, None]
    assert cordania["attainable"].fillna(-1).tolist() == [0, -1, -1, -1, -1, 3]


def test_effects_reach_every_node_above(terms):
    effects = ei.explain(terms, "Abaria", node="rules").effects
    assert list(effects.columns) == ["top", "rules"]
    assert effects["top"].sum() == pytest.approx(terms.scores.loc["Abaria", "top"], abs=1e-12)
    assert effects.loc["law", "rules"] == pytest.approx(3 * 2 / 8, abs=1e-12)


@FEW
@given(data=st.data())
def test_terms_of_an_explanation_are_those_of_the_result(data):
    """Points are the result's and no more than attainable; what is skipped is what lowers the parent's share."""
    found = drawn(data, points=True, nothing=True)
    if found is None:
        return
    index, _, result = found
    row = data.draw(st.integers(0, len(result.plan.rows) - 1))
    unit = result.plan.rows.units[row]
    period = None if result.plan.rows.periods is None else result.plan.rows.periods[row]
    node = data.draw(st.sampled_from(result.nodes))
    table = ei.explain(result, unit, node=node, period=period).table
    assert table["points"].equals(result.points.iloc[row][table.index].rename("points"))
    limited = table["attainable"].notna() & table["points"].notna()
    assert (table["points"] <= table["attainable"])[limited].all()
    skipped = {
        name for name in table.index if (state := result.plan.leaves[name].state) is not None and state[row] == 1
    }
    assert {*table.index[table["attainable"].eq(0) & table["points"].isna()]} == skipped
    branch, parents = index.tree.branches[node], index.tree.parents
    plain = branch.aggregate == "mean" and branch.formula is None and not branch.lines
    alone = all(child in index.tree.leaves and len(parents[child]) == 1 for child in branch.children)
    if plain and alone and np.isfinite(result.scores[node].iloc[row]):
        share = table["weight"].where(table["points"].notna(), 0.0).sum() / table["weight"].sum()
        assert share == pytest.approx(result.attainable[node].iloc[row], abs=1e-12)


# Peers --------------------------------------------------------------------------------------------


def test_peers(result):
    assert ei.peers(result, "Abaria", by="region").index.tolist() == ["Abaria", "Belmora"]
    assert ei.peers(result, "Abaria", by=["Dremia", "Cordania"]).index.tolist() == ["Abaria", "Dremia", "Cordania"]
    near = ei.peers(result, "Abaria", by="score", n=1)
    # top: Abaria 0.325, Belmora 0.55, Cordania 0.475, Dremia 0.5125
    assert near.index.tolist() == ["Abaria", "Cordania"]
    profile = ei.peers(result, "Belmora", n=3)
    spread = result.scores[["online", "people"]].std(ddof=0)
    apart = (result.scores[["online", "people"]] - result.scores.loc["Belmora", ["online", "people"]]) / spread
    expected = np.sqrt((apart**2).sum(axis=1)).sort_values()
    assert profile.index.tolist() == expected.index.tolist()
    np.testing.assert_allclose(profile["distance"], expected)


# Chain --------------------------------------------------------------------------------------------


def test_chain_by_hand(index, result):
    following = ei.Index.from_frame(
        pd.DataFrame({"id": ["online", "trust", "both"], "in": ["both", "both", None]}), index="next"
    )
    further = pd.DataFrame({"unit": DATA["unit"][::-1], "trust": [0.1, 0.2, 0.3, 0.4]})
    chained = ei.chain(result, following, further)
    assert chained.scores.loc["Abaria", "both"] == pytest.approx((0.25 + 0.4) / 2)
    with pytest.raises(ei.DataError, match="Dremia"):
        ei.chain(result, following, further.iloc[1:])
    with pytest.raises(ei.DataError, match='"online" stands in the scores of region and in data'):
        ei.chain(result, following, further.rename(columns={"trust": "online"}))


# What a cold review found ---------------------------------------------------------------------------

SCALED = ei.Index.from_frame(
    pd.DataFrame(
        {
            "id": ["a", "b", "c", "ab", "top"],
            "in": ["ab", "ab", "top", "top", None],
            "weight": [1, 1, 1, 2, None],
            "steps": ["minmax", "zscore", None, None, None],
        }
    ),
    index="scaled",
    nothing="skip",
)
FIVE = pd.DataFrame(
    {
        "unit": list("ABCDE"),
        "a": [1, 2, 3, 4, 5.0],
        "b": [3, 1, 4, 1, 5.0],
        "c": [0.1, 0.9, 0.5, 0.7, 0.3],
        "x": [1, 2, 3, 4, 5],
    }
)
PAIR = ei.Index.from_frame(pd.DataFrame({"id": ["a", "b", "pair"], "in": ["pair", "pair", None]}), index="pair")
PANEL = pd.DataFrame(
    {"unit": list("ABC") * 2, "period": [2022] * 3 + [2024] * 3, "a": range(6), "b": [2.0] * 3 + [4] * 3}
)


def adds_up(comparison) -> None:
    np.testing.assert_allclose(comparison.causes.sum(axis=1), comparison.units["change"], atol=1e-13)


def test_causes_add_up_where_learned_values_were_kept():
    result = ei.compute(SCALED, FIVE)
    other = ei.compute(SCALED.with_weights({"top": {"ab": 1, "c": 3}}), FIVE)
    kept = ei.what_if(result, {("A", "a"): 10}).after
    comparison = ei.compare(other, kept)
    assert list(comparison.causes) == ["weights", "data"]  # both have the same learned values
    adds_up(comparison)


def test_learned_values_are_a_cause():
    changes = {("A", "a"): 10, ("B", "b"): 9}
    result = ei.compute(SCALED, FIVE)
    kept, again = (ei.what_if(result, changes, learn=how).after for how in ("nominal", "each_draw"))
    comparison = ei.compare(kept, again)
    assert list(comparison.causes) == ["learned"]
    adds_up(comparison)
    mixed = ei.compare(ei.compute(SCALED.with_weights({"top": {"ab": 1, "c": 3}}), FIVE), kept)
    adds_up(mixed)


def test_what_has_no_score_in_between_stays_together():
    data = pd.DataFrame({"unit": ["A", "B"], "a": [0.2, 0.4], "b": [0.6, 0.8]})
    index = PAIR.with_(nothing="skip")
    strict = index.with_(nodes={"pair": {"need": 2}})
    comparison = ei.compare(ei.compute(strict, data), ei.compute(index, data.assign(b=[None, 0.9])))
    adds_up(comparison)
    assert comparison.causes.loc["A"].to_dict() == pytest.approx({"recipe": 0, "data": 0, "together": -0.2})
    assert "for A: in between" in comparison.note


@pytest.mark.parametrize(
    "other",
    [
        FIVE.assign(x=0),
        FIVE.iloc[::-1],
        FIVE.assign(a=FIVE["a"].astype(int)),
        FIVE.rename(index=lambda label: label + 10),
    ],
    ids=["unused column", "order", "type", "labels"],
)
def test_data_that_read_the_same_are_no_cause(other):
    result = ei.compute(SCALED, FIVE)
    assert list(ei.compare(result, ei.compute(SCALED, other)).causes) == []
    assert list(ei.compare(result, ei.compute(SCALED.with_(title="Another title"), other)).causes) == []
    changed = other.assign(a=other["a"] * 2.0 + (other["unit"] == "A"))
    assert list(ei.compare(result, ei.compute(SCALED, changed)).causes) == ["data"]


def test_the_best_of_a_penalty_is_the_lowest():
    frame = pd.DataFrame({"id": ["a", "fine", "net"], "in": ["net", "net", None], "weight": [1, -1, None]})
    index = ei.Index.from_frame(frame.assign(aggregate=[None, None, "sum"]), index="net")
    result = ei.compute(index, pd.DataFrame({"unit": ["A", "B"], "a": [2, 2], "fine": [3, 0]}))
    table = ei.explain(result, "A").table
    assert table.loc["fine", ["best", "gap_to_best"]].tolist() == ["B", 3]


def test_children_named_like_columns_of_peers_are_told():
    frame = pd.DataFrame({"id": ["rank", "c", "top"], "in": ["top", "top", None]})
    result = ei.compute(ei.Index.from_frame(frame, index="named"), FIVE.assign(rank=1.0)[["unit", "rank", "c"]])
    with pytest.raises(ei.MethodError, match="named rank stand where"):
        ei.peers(result, "A")


@pytest.mark.parametrize(
    "shaped",
    [
        lambda t: t.rename(columns={"unit": "iso", "period": "yr"}),
        lambda t: t.rename(columns={"unit": "iso", "period": "yr"}).set_index("yr"),
        lambda t: t.set_index(["unit", "period"]),
    ],
    ids=["columns", "one level", "levels"],
)
def test_one_unit_more_wherever_the_keys_stand(shaped):
    index = PAIR.with_(columns={"unit": "iso", "period": "yr"})
    result = ei.compute(index, shaped(PANEL))
    assert ei.score_unit(result, {"a": 2, "b": 1}, unit="N", period=2022).score == 1.5


def test_one_unit_more_where_the_index_reads_the_period():
    index = PAIR.with_(indicators={"b": {"from": "2030 - period"}})
    result = ei.compute(index, PANEL)
    assert ei.score_unit(result, {"a": 3}, period=2022).score == (3 + 8) / 2


def test_dates_are_named_as_they_are_printed():
    table = PANEL.assign(period=pd.to_datetime(PANEL["period"].astype(str) + "-01-01"))
    result = ei.compute(PAIR, table)
    label = result.ranking["period"].iloc[-1]
    for period in (label, "2024-01-01", pd.Timestamp("2024-01-01")):
        assert ei.explain(result, "A", period=period).score == 3.5
        assert ei.score_unit(result, {"a": 1, "b": 2}, period=period).score == 1.5
        assert len(ei.compare(result, result, periods=("2022-01-01", period)).units) == 3


def test_a_table_without_periods_beside_a_panel():
    plain = ei.compute(PAIR.with_(rows=["unit"]), PANEL[PANEL["period"] == 2022].drop(columns="period"))
    panel = ei.compute(PAIR, PANEL)
    with pytest.raises(ei.MethodError, match=r"periods=\(a, b\), None where"):
        ei.compare(plain, panel)
    assert ei.compare(plain, panel, periods=(None, 2024)).units["change"].tolist() == [2.5] * 3
    assert not ei.compare(plain, panel, periods=(None, 2022)).units["change"].any()


@pytest.mark.parametrize("periods", [(2022,), 2022, "2022", (2022, 2024, 2026)])
def test_periods_are_a_pair(periods):
    result = ei.compute(PAIR, PANEL)
    with pytest.raises(ei.MethodError, match="periods are two"):
        ei.compare(result, result, periods=periods)


def test_groups_come_in_every_form():
    result = ei.compute(PAIR.with_(nodes={"pair": {"classes": {"High": 3, "Low": "else"}}}), PANEL)
    assert len(ei.peers(result, "A", period=2024, by=result.classes["pair"])) == 3
    numbered = ei.compute(PAIR, pd.DataFrame({"unit": [4, 516, 20], "a": [1, 2, 3.0], "b": [1, 2, 3.0]}))
    for group in ({516: 1, 20: 1}, {516.0: 1, 20.0: 1}, pd.Series({516: 1, 20: 1}), [516, 20.0]):
        assert ei.peers(numbered, 516, by=group).index.tolist() == ["516", "20"]
    with pytest.raises(ei.MethodError, match="a group is units"):
        ei.explain(numbered, 516, group=3)


def test_chain_reads_keys_as_compute_does():
    index = ei.Index.from_frame(
        pd.DataFrame({"id": ["pair", "z", "both"], "in": ["both", "both", None]}), index="both"
    ).with_(columns={"unit": "iso"})
    result = ei.compute(PAIR, pd.DataFrame({"unit": [4, 516], "a": [1, 2.0], "b": [1, 2.0]}))
    further = pd.DataFrame({"iso": [4.0, 516.0], "z": [3.0, 4.0], "top": [0, 0]})
    expected = [2.0, 3.0]
    assert ei.chain(result, index, further).scores["both"].tolist() == expected
    assert ei.chain(result, index, further.set_index("iso")).scores["both"].tolist() == expected
    # a name that stands twice and is not read is nobody's concern
    alone = ei.Index.from_frame(pd.DataFrame({"id": ["z", "q"], "in": ["q", None]}), index="alone")
    assert ei.chain(result, alone, further.rename(columns={"iso": "unit"}).assign(pair=1)).scores["q"].tolist() == [
        3,
        4,
    ]
    with pytest.raises(ei.DataError, match="more than one row"):
        ei.chain(result, index, pd.concat([further, further]))
    with pytest.raises(ei.DataError, match='column "pair", which names the units'):
        ei.chain(result, alone.with_(columns={"unit": "pair"}), None)


def test_chain_refuses_a_name_that_stands_twice_inside_a_formula():
    index = ei.Index.from_frame(
        pd.DataFrame({"id": ["half", "top"], "in": ["top", None], "from": ["pair / 2", None]}), index="half"
    )
    result = ei.compute(PAIR, FIVE)
    assert ei.chain(result, index).scores["top"].tolist() == (result.scores["pair"] / 2).tolist()
    with pytest.raises(ei.DataError, match='"pair" stands in the scores of pair and in data'):
        ei.chain(result, index, FIVE[["unit"]].assign(pair=9.0))


def test_what_is_no_result_is_told():
    result = ei.compute(SCALED, FIVE)
    for call in (
        lambda: ei.explain(FIVE, "A"),
        lambda: ei.peers(FIVE, "A"),
        lambda: ei.what_if(FIVE, {}),
        lambda: ei.score_unit(FIVE, {}),
        lambda: ei.chain("x", PAIR),
        lambda: ei.chain([1], PAIR),
        lambda: ei.compare(result, FIVE),
    ):
        with pytest.raises(ei.MethodError, match="a result of compute is expected"):
            call()
    for call in (lambda: ei.what_if(result, None), lambda: ei.what_if(result, [1]), lambda: ei.score_unit(result, [1])):
        with pytest.raises(ei.MethodError, match="a mapping"):
            call()
    with pytest.raises(ei.MethodError, match="n is a number of units"):
        ei.peers(result, "A", n=2.5)


def test_one_cell_is_changed_once_and_by_a_column_that_is_read():
    index = SCALED.with_(columns={"a": "Col A"})
    result = ei.compute(index, FIVE.rename(columns={"a": "Col A"}))
    with pytest.raises(ei.MethodError, match="changed twice"):
        ei.what_if(result, {("A", "a"): 2, ("A", "Col A"): 5})
    with pytest.raises(ei.MethodError, match="changed twice"):
        ei.score_unit(result, {"a": 1, "Col A": 5, "b": 2, "c": 3})
    with pytest.raises(ei.MethodError, match='"x" is not read by scaled; it reads Col A, b, c'):
        ei.what_if(result, {("A", "x"): 99})


def test_the_first_lines_of_the_design_run_as_written():
    index = ei.load_index("un-egdi-2024")
    data = ei.sample("un-egdi-2024")
    result = ei.compute(index, data)
    assert len(result.ranking.head(10)) == 10
    parts = result.contributions("EGDI").loc["KHM"]
    assert parts.drop(columns="score").sum(axis=1).iloc[0] == pytest.approx(parts["score"].iloc[0], abs=1e-12)
    assert len(ei.compare(result, ei.compute(index.with_weights("services-first"), data)).moved) == 175
    assert "KHM" in ei.what_if(result, {("KHM", "osi_if"): 1.0}).moved.index.get_level_values("unit")


def test_periods_of_several_kinds_are_told():
    from datetime import date

    mixed = PANEL.assign(period=[date(2022, 1, 1)] * 3 + [pd.Timestamp("2024-01-01")] * 3)
    with pytest.raises(ei.DataError, match=r"several kinds \(Timestamp, date\)"):
        ei.compute(PAIR, mixed)


# Nasty names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=1+1", "../x", "\u202eabc", "a" * 200, 'He said "hi"'])
def test_names_are_harmless_in_html(index, name):
    result = ei.compute(index, DATA.replace("Abaria", name))
    for shown in (
        ei.explain(result, name),
        ei.what_if(result, {(name, "payments"): 1.0}),
        ei.compare(result, ei.what_if(result, {(name, "payments"): 1.0}).after),
        ei.score_unit(result, {"portal": 1, "payments": 1, "skills": 1}, unit=name + "!"),
    ):
        assert "<script" not in shown._repr_html_()
        assert repr(shown)


def test_a_score_of_many_parts_is_told_by_the_largest():
    result = ei.compute("wb-gtmi-2022", ei.sample("wb-gtmi-2022"))
    parts = result.contributions("PSDI", by="child").loc["UGA"].drop(["score", "base", "steps"])
    told = ei.explain(result, "UGA", node="PSDI").text.splitlines()[1]
    assert len(parts) == 35
    largest = parts.nlargest(11)
    assert [word for word in told.split() if word in parts.index] == [name for name in parts.index if name in largest]
    assert told.endswith(f"+ 24 others {parts.drop(largest.index).sum():.4g}.")
    # a label that only repeats the name is not told
    assert "I-19.4 as ALB" in ei.explain(result, "UGA", node="PSDI").text
