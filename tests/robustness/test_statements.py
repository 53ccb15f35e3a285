"""Sentences are true: what they say of weights is asked of the evaluator at the weights that they give."""

from __future__ import annotations

import pytest

import egovindex as ei


@pytest.fixture(scope="module")
def hdi() -> ei.IndexResult:
    return ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))


@pytest.fixture(scope="module")
def egdi() -> ei.IndexResult:
    return ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))


def computed(result, weights, unit):
    """Rank by the unrounded score with other weights, learned values kept."""
    plan = result.plan
    row = plan.weights.copy()
    for node, children in weights.items():
        place, names = plan.node_places[node]
        row[place] = [children[name] * row[place].sum() for name in names]
    scores = ei.evaluate(plan, weights=row, learned=result.learned_values)
    values = dict(zip(map(str, plan.rows.units), scores.aggregated[result.headline], strict=True))
    rank = 1 + sum(value > values[unit] for value in values.values())
    return rank, values


def test_switzerland(hdi):
    told = ei.explain_robustness(hdi, "CHE", weights={"HDI": ei.within(0.25)})
    # 7.4 % is the reference of the research on the HDI of 2022
    assert told.sentences[0] == (
        "No change of weights below ±7.4 % moves CHE from rank 1; from there on NOR (rank 2) can draw level."
    )
    assert told.sentences[1] == "With weights within 0.25 in HDI, CHE is between rank 1 and rank 2."
    assert told.about("class").text == 'No change of weights up to ±100 % takes it out of the class "Very high".'


@pytest.mark.parametrize("unit", ["EST", "KHM", "IRQ", "TCD", "DNK", "BRA"])
def test_certificates_do_what_is_said(egdi, unit):
    told = ei.explain_robustness(egdi, unit, weights=ei.within(0.1))
    assert not told.left_out
    for statement in told.statements:
        for what, weights in statement.certificate.items():
            rank, values = computed(egdi, weights, unit)
            words = what.split()
            if words[0] == "rank":
                assert rank == int(words[1]), what
            elif words[:2] == ["passed", "by"]:
                assert values[words[2]] > values[unit], what
            elif words[0] == "passes":
                assert values[words[1]] < values[unit], what
            elif words[0] == "swaps":
                own = told.about("radius").numbers["rank"]
                other = ei.weight_stability(egdi).form.ranks[ei.weight_stability(egdi).form.position(words[2])]
                assert (values[unit] < values[words[2]]) == (own < other), what
            else:
                assert statement.about == "class", what
    for statement in told.statements:
        assert statement.certainty.kind == "exact"


def test_numbers_stand_in_the_sentences(egdi):
    told = ei.explain_robustness(egdi, "KHM", weights=ei.within(0.25))
    ranges = ei.rank_range(egdi, ei.within(0.25), units=["KHM"]).of("KHM")
    assert f"between rank {ranges['best']} and rank {ranges['worst']}" in told.about("range").text
    assert told.about("radius").numbers["radius"] == ei.rank_radius(egdi).table.loc["KHM", "radius"]
    assert told.text.startswith(" ".join(told.sentences))
    assert told.text.endswith("(Values learned in OSI, TII, HCI are those of the run, whatever the weights.)")
    assert list(told.table["about"]) == ["radius", "range", "dominance", "one_weight", "class", "chance"]


def test_what_cannot_be_said_is_left_out_with_its_reason():
    classes = {"High": "value >= 0.5 and osi >= 0.5", "Low": "else"}
    index = ei.load_index("un-egdi-parts-2024").with_(nodes={"EGDI": {"classes": classes}})
    result = ei.compute(index, ei.sample("un-egdi-parts-2024"))
    told = ei.explain_robustness(result, "KHM")
    assert told.about("class") is None
    assert any("are tests of more than its score" in reason for reason in told.left_out)


def test_an_unknown_unit_is_refused(hdi):
    with pytest.raises(ei.MethodError, match='there is no unit "CHF" in the data; did you mean'):
        ei.explain_robustness(hdi, "CHF", weights={"HDI": ei.within(0.25)})


def test_markup_in_names_is_escaped(tmp_path):
    import pandas as pd

    path = tmp_path / "two.yaml"
    path.write_text("index: two\nindicators:\n  a, b: {}\nnodes:\n  top: {of: [a, b]}\n", encoding="utf-8")
    data = pd.DataFrame({"unit": ["<b>one</b>", "two"], "a": [1.0, 0.0], "b": [0.0, 0.9]})
    told = ei.explain_robustness(ei.compute(path, data), "<b>one</b>")
    assert "<b>one</b>" not in told._repr_html_()
    assert "<b>one</b>" in repr(told)
