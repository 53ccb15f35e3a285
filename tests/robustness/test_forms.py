"""An index as a linear function of weights: equal to the evaluator wherever it is given, refused elsewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.kernels.region import WHOLE
from egovindex.robustness.regions import form_and_region, told_laws
from egovindex.robustness.weightform import nodes_with_weights, weight_form
from tests.properties.drawn import index_of


def drawn_shares(form, rng, draws):
    """Shares of every node, anywhere in its simplex."""
    found = np.empty((draws, len(form.ways.own)))
    for _, places in form.ways.below:
        found[:, places] = rng.dirichlet(np.ones(len(places)), draws)
    return found


def parts_of(form, shares):
    found = shares.copy()
    for parent, places in reversed(form.ways.below):
        found[:, places] *= 1.0 if parent == WHOLE else found[:, [parent]]
    return found


def check(form, turned):
    """The linear form, at random weights, is what the evaluator says; ``turned`` is the score of a linear form."""
    rng = np.random.default_rng(1)
    shares = drawn_shares(form, rng, 20)
    for _, places in form.ways.below:  # weights that do not vary stay
        if form.ways.edges[places[0]][0] not in form.ways.varied:
            shares[:, places] = form.ways.own[places]
    linear = parts_of(form, shares)[:, form.ways.ends] @ form.x.T
    np.testing.assert_allclose(turned(linear), form.evaluated(shares), rtol=1e-10)


@pytest.mark.parametrize(
    ("aggregate", "weights", "turned"),
    [
        ("mean", (1, 2, 3), lambda y: y),
        ("mean", (1, 2, 0), lambda y: y),
        ("sum", (0.5, 2, 3), lambda y: y),
        ("geometric", (1, 2, 3), np.exp),
        ("product", (0.5, 0.25, 0.25), np.exp),
        ("product", (0.5, 2, 3), np.exp),  # weights are exponents, whose sum stays
        ("harmonic", (1, 2, 3), lambda y: -1 / y),
    ],
)
def test_one_node_is_linear_after_its_transform(flat, aggregate, weights, turned):
    x = np.random.default_rng(2).uniform(0.2, 1, (6, 3))
    result = flat(x, weights, aggregate=aggregate)
    form = weight_form(result)
    check(form, turned)
    own = turned(form.scores)
    np.testing.assert_allclose(own, result.scores["top"].to_numpy(), rtol=1e-12)
    assert (np.diff(turned(np.sort(form.scores))) >= 0).all()  # a higher linear form is a higher score


def test_a_hierarchy_is_linear_in_parts(deep):
    x = np.random.default_rng(3).uniform(size=(6, 5))
    result = deep(x)
    assert set(nodes_with_weights(result)) == {"top", "g", "h"}
    form = weight_form(result)
    assert form.labels == ("e", "a", "b", "c", "d")
    np.testing.assert_allclose(form.own, [1 / 4, 1 / 6, 1 / 3, 1 / 8, 1 / 8])
    np.testing.assert_allclose(form.x, x[:, [4, 0, 1, 2, 3]], atol=1e-15)
    check(form, lambda y: y)
    below = weight_form(result, ["g"])
    check(below, lambda y: y)
    assert set(below.table_of(below.shares)) == {"g"}
    assert below.table_of(below.shares)["g"] == pytest.approx({"a": 1 / 3, "b": 2 / 3})
    assert weight_form(result, node="h").labels == ("c", "d")


def test_steps_that_keep_lines_are_kept(deep):
    x = np.random.default_rng(4).uniform(size=(6, 5))
    result = deep(x, steps=["minmax", "round 2"])
    form = weight_form(result)
    check(form, lambda y: y)
    # ranks are of what stands before the steps, which learn and round
    np.testing.assert_array_equal(form.ranks, weight_form(deep(x)).ranks)
    assert "learned in top" in " ".join(form.notes)
    assert "rounded in the end" in " ".join(form.notes)


@pytest.mark.parametrize(("name", "nodes"), [("un-egdi-2024", None), ("undp-hdi-2022", ["HDI"])])
def test_packaged_indices(name, nodes):
    result = ei.compute(name, ei.sample(name))
    form = weight_form(result, nodes)
    check(form, np.exp if form.transform == "log" else lambda y: y)
    assert len(form.units) == 193


def test_one_period_of_several(flat, data_of):
    x = np.random.default_rng(5).uniform(size=(4, 3))
    both = pd.concat([data_of(x).assign(period=2020), data_of(1 - x).assign(period=2022)])
    result = ei.compute(flat(x).index, both)
    form = weight_form(result, period="2022")
    np.testing.assert_allclose(form.x, 1 - x)
    assert form.index.names == ["unit"]
    with pytest.raises(ei.MethodError, match=r"the run has the periods 2020, 2022; name one with period="):
        weight_form(result)
    with pytest.raises(ei.MethodError, match=r"no period 2021"):
        weight_form(result, period=2021)
    with pytest.raises(ei.MethodError, match=r"the run has no periods; leave period= out"):
        weight_form(flat(x), period=2020)


# --- what is refused
X = np.random.default_rng(6).uniform(0.2, 1, (5, 3))
LEAVES = {"indicators": {name: {} for name in "abc"}}


def refusal(call) -> str:
    with pytest.raises(ei.MethodError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ({"top": {"of": ["a", "mid"], "aggregate": "geometric"}}, ("top: its aggregate is geometric", "'top': ...")),
        (
            {"top": {"of": ["a", "mid"]}, "mid": {"of": ["b", "c"], "aggregate": "geometric"}},
            ("mid: its aggregate is geometric", "simulate"),
        ),
        (
            {"top": {"of": ["a", "mid"], "aggregate": "min"}, "mid": {"of": ["b", "c"]}},
            ("top: its aggregate is min", "no transform", "simulate"),
        ),
        (
            {"top": {"of": ["a", "mid"]}, "mid": {"of": ["b", "c"], "steps": ["log"]}},
            ('mid: its step "log" is not linear',),
        ),
        (
            {"top": {"of": ["mid", "other"]}, "mid": {"of": ["b", "c"]}, "other": {"of": ["a", "mid"]}},
            ("mid: it stands in several nodes",),
        ),
        (
            {"top": {"of": ["a", "b", "c"], "aggregate": "min"}},
            ("no node at or below top is a mean, a sum or a product",),
        ),
        ({"top": {"of": {"a": 2, "b": -1, "c": 1}, "aggregate": "sum"}}, ("some are negative (top: b)", "simulate")),
    ],
)
def test_what_is_not_linear_is_refused_with_its_reason(data_of, nodes, said):
    # a record of mid below a geometric top is refused for the weights of mid; the others for what they are
    if nodes["top"].get("aggregate") == "geometric":
        nodes = {**nodes, "mid": {"of": ["b", "c"]}}
    result = ei.compute(index_of({**LEAVES, "nodes": nodes}), data_of(X))
    message = refusal(lambda: weight_form(result))
    for part in said:
        assert part in message, message


def test_hdi_is_refused_by_default_and_says_how_to_ask():
    result = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
    message = refusal(lambda: ei.rank_range(result, ei.within(0.25)))
    assert "HDI: its aggregate is geometric" in message
    assert "weights={'HDI': ...}" in message


def test_gaps_are_refused_with_who_and_what(data_of):
    x = X.copy()
    x[1, 2] = x[3, 0] = np.nan
    skipping = index_of({"nothing": "skip", **LEAVES, "nodes": {"top": {"of": ["a", "b", "c"]}}})
    message = refusal(lambda: weight_form(ei.compute(skipping, data_of(x))))
    assert message.startswith("U1, U3: something is not counted (a, c)")
    assert "simulate" in message
    void = index_of({"nothing": "void", **LEAVES, "nodes": {"top": {"of": ["a", "b", "c"]}}})
    form = weight_form(ei.compute(void, data_of(x)))
    assert form.units == ("U0", "U2", "U4")
    assert "U1 has no score in top" in refusal(lambda: form.position("U1"))


def test_a_transform_needs_children_above_zero(flat):
    x = X.copy()
    x[2, 1] = 0.0
    message = refusal(lambda: weight_form(flat(x, aggregate="geometric")))
    assert "children above zero" in message
    assert "look at U2" in message
    assert "simulate" in message


def test_names_that_are_not_there_are_told_together(flat, deep):
    result = flat(X)
    message = refusal(lambda: weight_form(result, ["tpo", "a"]))
    assert 'there is no node "tpo"; did you mean "top"?' in message
    assert 'there is no node "a"' in message
    nested = deep(np.random.default_rng(7).uniform(size=(4, 5)))
    assert "g is no part of h" in refusal(lambda: weight_form(nested, ["g"], node="h"))
    form = weight_form(result)
    message = refusal(lambda: form.positions(["U0", "V9", "U44"]))
    assert 'no unit "V9"' in message
    assert 'no unit "U44"' in message
    assert "compute(index, data)" in refusal(lambda: weight_form(result.index))


def test_laws_that_are_no_region_are_refused(flat):
    result = flat(X)
    experts = ei.experts(pd.DataFrame({"a": [1, 2], "b": [1, 1], "c": [1, 1]}, index=["x", "y"]))
    schemes = ei.schemes({"top": {"a": 1, "b": 1, "c": 1}}, {"top": "equal"})
    for law in (experts, schemes, {"top": experts}):
        message = refusal(lambda law=law: form_and_region(result, law))
        assert "weights.top" in message
        assert "no region" in message
        assert "simulate" in message


@pytest.mark.parametrize(
    ("law", "said"),
    [
        (ei.conditions("a >= b + 0.5", "b >= a"), "no weights fulfil the conditions together"),
        (ei.between(0.5), "no weights lie between the limits"),
        (ei.between(0, {"a": 0.2, "b": 0.2, "c": 0.2}), "no weights lie between the limits"),
        (ei.conditions("a >= b * c"), "is not linear in the weights"),
        (ei.conditions("a >= d"), '"d" is no child'),
        (ei.between({"d": 0.1}), '"d" is no child'),
        (ei.ordered("a", "d"), '"d" is no child'),
        (ei.dirichlet(alpha={"a": 1}), "b, c missing"),
    ],
)
def test_laws_that_allow_nothing_or_do_not_fit_are_refused(flat, law, said):
    message = refusal(lambda: form_and_region(flat(X), law))
    assert message.startswith("weights.top: ")
    assert said in message


def test_every_node_that_is_at_fault_is_told(deep):
    result = deep(np.random.default_rng(8).uniform(size=(4, 5)))
    message = refusal(lambda: form_and_region(result, {"g": ei.between(0.6), "h": ei.conditions("c >= x")}))
    assert "weights.g" in message
    assert "weights.h" in message


def test_doubt_about_more_than_weights_is_refused(answers):
    result = answers([["yes", "no"], ["planned", "drafted"]])
    doubt = ei.Doubt(weights=ei.within(0.25), points={"status": ei.monotone()})
    message = refusal(lambda: ei.rank_range(result, doubt))
    assert "found points.status" in message
    assert 'only("weights")' in message
    assert ei.rank_range(result, doubt.only("weights")).certainty.kind == "exact"
    assert "give weights" in refusal(lambda: ei.rank_range(result))
    assert "not both" in refusal(lambda: ei.rank_range(result, ei.within(0.25), points="status"))


def test_laws_by_node_and_a_common_one(deep):
    result = deep(np.random.default_rng(9).uniform(size=(4, 5)))
    _, _, laws = form_and_region(result, ei.Doubt(weights={"*": ei.within(0.2), "g": ei.simplex()}))
    assert {node: str(law) for node, law in laws.items()} == {"top": "within 0.2", "g": "simplex", "h": "within 0.2"}
    assert told_laws(laws) == "top: within 0.2; g: simplex; h: within 0.2"
    form, region, laws = form_and_region(result, {"h": ei.within(0.5)})
    assert told_laws(laws) == "within 0.5 in h"
    assert form.ways.varied == {"h"}
    # what does not vary stays
    assert region.least(np.array([[1.0, 0, 0, 0]])) == pytest.approx(0.5)
