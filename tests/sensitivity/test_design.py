"""A doubt against an index and its data: which factors it makes, and what is said where it does not fit."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.sensitivity.design import factors_of

RICH = """
index: rich
answers: {status: {yes: [Y], drafted: [D], planned: [P], no: [N]}}
columns: {net: Internet users}
nothing: {unknown: skip, missing: void}
points:
  status: {yes: 1, drafted: 0.5, planned: 0.5, no: 0, unknown: 0.1}
  spare: {yes: 1, drafted: 0.4, no: 0}
rules:
  strict: {points: {status: {drafted: 0}}}
  lenient: {points: {status: {drafted: 0.75}}}
  other: {points: {status: {planned: 0.1}}}
indicators:
  law, plan: {points: status}
  site: {points: {there: 1, gone: 0, unknown: 0.2}}
  net: {from: net, steps: [winsorise 2, minmax]}
  price: {direction: down, steps: [zscore, minmax]}
  share: {from: p / q, steps: [goalposts 0 1]}
nodes:
  top: {of: {rules: 2, market: 1, one: 1, least: 1, sums: 1}, steps: [goalposts 0 1]}
  rules: {of: [law, plan, site]}
  market: {of: {net: 2, price: 1}}
  one: {of: [share]}
  least: {of: [law, net], aggregate: min}
  sums: {of: {plan: 0.5, price: 0.5}, aggregate: sum}
"""


@pytest.fixture(scope="module")
def rich(tmp_path_factory) -> ei.Index:
    path = tmp_path_factory.mktemp("rich") / "rich.yaml"
    path.write_text(RICH, encoding="utf-8")
    return ei.load_index(path)


DATA = pd.DataFrame(
    {
        "unit": list("abcdef"),
        "law": ["yes", "drafted", "planned", "no", "unknown", "drafted"],
        "plan": ["no", "yes", "drafted", "planned", "yes", "no"],
        "site": ["there", "gone", "there", "gone", "there", "unknown"],
        "Internet users": [10.0, 20.0, 40.0, 50.0, 70.0, 90.0],
        "price": [5.0, 3.0, 2.0, 4.0, 1.0, 2.5],
        "p": [1.0, 2.0, 3.0, 1.0, 2.0, 4.0],
        "q": [2.0, 4.0, 4.0, 5.0, 8.0, 5.0],
        "net sd": [1.0, 2.0, 0.0, 1.0, 1.0, 2.0],
        "law.confidence": ["high", "low", "low", "medium", "", "high"],
        "plan.confidence": ["high"] * 6,
        "site.confidence": ["low"] * 6,
    }
)


@cache
def planned(index: ei.Index):
    return index.plan(DATA)


def factors(index: ei.Index, node: str = "top", data: pd.DataFrame | None = None, **doubt):
    """Factors by name."""
    plan = planned(index) if data is None else index.plan(data)
    return {factor.name: factor for factor in factors_of(ei.Doubt(**doubt), index, plan, node)}


def refused(index: ei.Index, node: str = "top", data: pd.DataFrame | None = None, **doubt) -> list[str]:
    with pytest.raises(ei.MethodError) as caught:
        factors(index, node, data, **doubt)
    return [fault.message for fault in caught.value.faults]


# --- weights


def test_every_node_whose_weights_say_something(rich):
    every = ["weights.market", "weights.rules", "weights.sums", "weights.top"]
    assert sorted(factors(rich, weights=ei.within(0.2))) == every
    assert list(factors(rich, "market", weights=ei.within(0.2))) == ["weights.market"]
    named = {"*": ei.within(0.2), "top": ei.simplex(), "rules": None}
    found = factors(rich, weights=named)
    assert {name: factor.law for name, factor in found.items()} == {
        "weights.market": "within 0.2", "weights.sums": "within 0.2", "weights.top": "simplex",
    }  # fmt: skip
    assert found["weights.market"].group == "weights"
    assert found["weights.top"].group == "weights.top"
    # a node that may have another aggregate has weights that say something
    either = {"least": ["min", "mean"]}
    assert "weights.least" in factors(rich, weights=ei.within(0.2), aggregate=either)
    assert "weights.least" in factors(rich, weights=ei.within(0.2), aggregate=["min", "mean"])
    assert "weights.least" not in factors(rich, weights=ei.within(0.2), aggregate={"top": ["min", "mean"]})
    assert "weights.least" not in factors(
        rich, weights=ei.within(0.2), aggregate={"top": ["min", "mean"], "least": None}
    )


@pytest.mark.parametrize("aggregate", ["mean", "sum", "product", "geometric", "harmonic"])
def test_aggregates_to_which_weights_say_something(rich, aggregate):
    spec = rich.with_(nodes={"least": {"aggregate": aggregate}})
    assert "weights.least" in factors(spec, weights=ei.within(0.2))


@pytest.mark.parametrize("aggregate", ["min", "max", "weakest"])
def test_aggregates_to_which_weights_say_nothing(rich, aggregate):
    spec = rich.with_(nodes={"least": {"aggregate": aggregate}})
    assert refused(spec, weights={"least": ei.within(0.2)}) == [
        f"weights.least: its aggregate is {aggregate}, to which weights say nothing"
    ]


def test_why_weights_say_nothing(rich):
    formula = rich.with_(nodes={"least": {"of": None, "aggregate": None, "from": "rules * market"}})
    assert refused(formula, weights={"least": ei.within(0.2)}) == [
        "weights.least: it is computed by a formula, and has no weights"
    ]
    assert refused(rich, weights={"one": ei.within(0.2)}) == [
        "weights.one: it has one child, whose weight says nothing; leave it out"
    ]
    assert refused(rich, weights={"law": ei.within(0.2)}) == [
        'weights.law: "law" is an indicator, and this is about nodes; name what it is a part of (least, rules)'
    ]
    assert refused(rich, "market", weights={"rules": ei.within(0.2)}) == [
        "weights.rules: rules is no part of market, and has no effect on it"
    ]
    assert refused(rich, "one", weights=ei.within(0.2)) == [
        "weights: has no effect on one; leave it out, or look at another node"
    ]


def test_weights_of_which_only_ratios_count_need_not_add_up(rich):
    def adds_up(**more) -> bool:
        factor = factors(rich, weights={"market": ei.simplex()}, **more)["weights.market"]
        drawn = factor.draw(np.random.default_rng(1), 50)
        np.testing.assert_allclose(factor.told(drawn).sum(axis=1), 3)
        return np.allclose(drawn.sum(axis=1), 3)

    assert not adds_up()
    assert not adds_up(aggregate={"market": ["mean", "geometric"]})
    assert not adds_up(aggregate={"top": ["mean", "sum"]})
    assert adds_up(aggregate={"market": ["mean", "sum"]})
    assert adds_up(aggregate={"market": ["mean", "product"]})
    assert adds_up(recipes={"x": {"a": {}, "b": {"nodes": {"market": {"aggregate": "sum"}}}}})


def test_weight_sets_of_the_nodes_in_which_one_differs(rich):
    sets = [
        {"market": {"net": 2, "price": 1}},
        {"market": {"net": 1, "price": 1}, "rules": {"law": 1, "plan": 1, "site": 1}},
    ]
    (factor,) = factors(rich, weights=sets).values()
    assert factor.about == ("weights.market",)
    assert factor.nominal.tolist() == [0]
    assert factor.tables == ({"market": {"net": 2, "price": 1}}, {"market": {"net": 1, "price": 1}})
    same = [{"market": {"net": 2, "price": 1}}, {"rules": {"law": 1, "plan": 1, "site": 1}}]
    assert refused(rich, weights=same) == ["weights: has no effect on top; leave it out, or look at another node"]
    assert refused(rich, "rules", weights=sets)[0].startswith("weights: has no effect on rules")
    # of one node alone, in the words of sets of the whole index
    other = [{"market": {"net": 1, "price": 1}, "rules": {"law": 3, "plan": 1, "site": 1}}, sets[0]]
    (factor,) = factors(rich, weights=other).values()
    assert sorted(factor.about) == ["weights.market", "weights.rules"]
    assert factor.nominal.tolist() == [1]
    faults = refused(rich, weights=[{"makret": {"net": 1}}, {"market": {"net": 1, "prize": 1}}])
    assert any("makret" in fault for fault in faults)
    assert any("prize" in fault for fault in faults)


# --- values


def test_every_measured_number(rich):
    assert list(factors(rich, values=ei.error(sd=0.1))) == ["values.net", "values.price", "values.share"]
    assert list(factors(rich, "market", values=ei.error(sd=0.1))) == ["values.net", "values.price"]
    for name in ("net", "Internet users"):  # an indicator, or the heading of its column
        found = factors(rich, values={"*": ei.error(sd=0.1), name: ei.error(sd=0.2)})
        assert {factor: one.law for factor, one in found.items()} == {
            "values.price": "error sd 0.1", "values.share": "error sd 0.1", "values.net": "error sd 0.2",
        }  # fmt: skip
        assert found["values.net"].nominal.tolist() == DATA["Internet users"].tolist()
    assert list(factors(rich, values={"*": ei.error(sd=0.1), "price": None})) == ["values.net", "values.share"]
    assert (
        factors(rich, values={"share": ei.error(sd=0.1)})["values.share"].nominal.tolist()
        == (DATA["p"] / DATA["q"]).tolist()
    )


def test_two_indicators_of_one_column_are_named_by_themselves(rich):
    more = {"rules": {"of": ["law", "plan", "site", "again"]}}
    spec = rich.with_(indicators={"again": {"from": "net", "steps": ["minmax"]}}, nodes=more)
    assert list(factors(spec, values={"again": ei.error(sd=1)})) == ["values.again"]
    assert list(factors(spec, values={"net": ei.error(sd=1)})) == ["values.net"]
    (said,) = refused(spec, values={"Internet users": ei.error(sd=1)})
    assert said.startswith('values.Internet users: there is no indicator "Internet users"')


def test_answers_that_count_as_nothing_have_no_error(rich):
    spec = rich.with_(nothing={"unknown": 0, "missing": "void"})
    table = DATA.assign(**{"Internet users": ["10", "unknown", "40", "50", "70", None]})
    factor = factors(spec, data=table, values={"net": ei.error(sd=1)})["values.net"]
    assert factor.uniforms in (4, 5)
    assert np.isnan(factor.nominal[5])
    skipping = factors(rich, data=table, values={"net": ei.error(sd=1)})["values.net"]
    np.testing.assert_array_equal(skipping.nominal, [10, np.nan, 40, 50, 70, np.nan])
    assert skipping.uniforms == 4


def test_numbers_that_have_no_error(rich):
    assert refused(rich, values={"law": ei.error(sd=1)}) == [
        "values.law: law: its answers become points by lines, and an error could make another line hold"
    ]
    assert refused(rich, "rules", values=ei.error(sd=1))[0].startswith("values: has no effect on rules")
    assert refused(rich, values={"nte": ei.error(sd=1)}) == [
        'values.nte: there is no indicator "nte"; did you mean "net"?'
    ]
    lines = rich.with_(indicators={"net": {"points": {"unknown": 3}}})
    assert list(factors(lines, values={"net": ei.error(sd=1)})) == ["values.net"]


def test_deviations_out_of_a_column(rich):
    factor = factors(rich, values={"net": ei.error(sd="net sd")})["values.net"]
    assert factor.sd.tolist() == [1, 2, 0, 1, 1, 2]
    assert factors(rich, values={"net": ei.error(sd=2)})["values.net"].sd is None
    for bad, who in (([1, None, 2, 1, 1, 1], "b"), ([1, 1, -0.5, 1, 1, 1], "c"), ([1, 1, 1, "much", 1, -1], "d, f")):
        (said,) = refused(rich, data=DATA.assign(**{"net sd": bad}), values={"net": ei.error(sd="net sd")})
        assert said == f'values.net: column "net sd" has no standard deviation, a number from 0 on, for {who}'
    gap = DATA.assign(**{"net sd": [1, None, 2, 1, 1, 1], "Internet users": [1, None, 3, 4, 5, 6]})
    assert factors(rich, data=gap, values={"net": ei.error(sd="net sd")})["values.net"].uniforms == 5
    (said,) = refused(rich, values={"net": ei.error(sd="net ds")})
    assert said == 'values.net: there is no column "net ds" in the data; did you mean "net sd"?'


def test_measured_numbers_outside_the_limits(rich):
    assert factors(rich, values={"net": ei.error(sd=1, low=10, high=90)})
    (said,) = refused(rich, values={"net": ei.error(sd=1, low=10.5)})
    assert said == "values.net: net: measured outside the limits of error sd 1, low 10.5: a"
    (said,) = refused(rich, values={"net": ei.error(sd=1, high=69)})
    assert said == "values.net: net: measured outside the limits of error sd 1, high 69: e, f"
    (said,) = refused(rich, values={"net": ei.error(sd=1, low=15, high=80)})
    assert said.endswith(": a, f")
    gap = DATA.assign(**{"Internet users": [10.0, np.nan, 40, 50, 70, 90]})
    assert factors(rich, data=gap, values={"net": ei.error(sd=1, low=10, high=90)})


# --- coders


def test_every_answer_on_a_scale_of_the_law(rich):
    law = ei.confusion({"drafted": {"planned": 0.2}})
    assert list(factors(rich, coder=law)) == ["coder.law", "coder.plan"]
    # its own lines are the scale of an indicator that has none
    assert list(factors(rich, coder=ei.confusion({"there": {"gone": 0.1}}))) == ["coder.site"]
    assert list(factors(rich, coder={"*": law, "law": None})) == ["coder.plan"]
    assert list(factors(rich, coder={"*": law, "law": ei.confusion({"no": {"yes": 0.1}})})) == [
        "coder.plan",
        "coder.law",
    ]
    assert list(factors(rich, "least", coder=law)) == ["coder.law"]
    assert refused(rich, "market", coder=law)[0].startswith("coder: has no effect on market")
    # a law that fits no scale is told at the first of them
    assert refused(rich, coder=ei.confusion({"drafted": {"adopted": 0.2}})) == [
        'coder: "adopted" is no category of the scale. Categories: yes, drafted, planned, no'
    ]
    assert refused(rich, coder={"site": law})[0].startswith('coder.site: "drafted" is no category of the scale')
    assert refused(rich, coder={"market": law}) == [
        'coder.market: "market" is a node, and this is about indicators; name its indicators (net, price)'
    ]


def test_answers_that_no_coder_gave(rich):
    law = ei.confusion({"yes": {"no": 0.1}})
    assert refused(rich, coder={"net": law}) == [
        "coder.net: net: its answers are on no scale, so there is no other category"
    ]
    assert refused(rich, coder={"share": law}) == [
        "coder.share: share: it is computed from several columns, and no coder gave it a category"
    ]


def test_the_confidence_of_coders(rich):
    law = ei.confidence(high=1, medium=0.8, low=0.7)
    found = factors(rich, coder={"law": law})["coder.law"]
    np.testing.assert_allclose(
        found.chances,
        [
            [1, 0, 0, 0], [0.1, 0.7, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1], [0.2 / 3, 0.2 / 3, 0.2 / 3, 0.8], [0, 0, 0, 0],
            [0, 1, 0, 0],
        ],
    )  # fmt: skip
    assert refused(rich, data=DATA.drop(columns="law.confidence"), coder={"law": law})[0].startswith(
        "coder.law: 5 coded answers have no confidence"
    )
    elsewhere = DATA.rename(columns={"law.confidence": "sure of law"})
    named = rich.with_(columns={"net": "Internet users", "confidence": "sure of *"})
    assert factors(named, data=elsewhere, coder={"law": law})["coder.law"].uniforms == 3
    # by the heading of the column where an indicator has another name
    renamed = rich.with_(columns={"net": "Internet users", "law": "Law of it"})
    table = DATA.rename(columns={"law": "Law of it", "law.confidence": "Law of it.confidence"})
    assert factors(renamed, data=table, coder={"law": law})["coder.law"].uniforms == 3
    table = DATA.rename(columns={"law": "Law of it"})
    assert factors(renamed, data=table, coder={"law": law})["coder.law"].uniforms == 3


def test_a_category_that_earns_no_number_cannot_stand_in(rich):
    skipping = rich.with_points({"status.planned": "skip"})
    faults = refused(skipping, coder={"law": ei.confusion({"drafted": {"planned": 0.1}})})
    assert len(faults) == 1
    assert faults[0].startswith("coder.law: law: planned earns no number here, and could not stand in")
    # one that is not among those that could be given may earn what it will
    assert factors(skipping, coder={"law": ei.confusion({"drafted": {"no": 0.1}})})["coder.law"].own.tolist() == [
        0, 1, -1, 3, -1, 1,
    ]  # fmt: skip
    both = rich.with_points({"status.planned": "skip", "status.no": "skip"})
    law = ei.confusion({"drafted": {"planned": 0.1, "no": 0.1}})
    assert [fault[11:29] for fault in refused(both, coder={"law": law})] == ["law: planned earns", "law: no earns no n"]


# --- points and nothing


def test_lines_of_points(rich):
    found = factors(rich, points={"status.drafted": (0, 1)})["points.status.drafted"]
    assert (found.address, found.own, found.idle) == (("points", "status", "drafted"), 0.5, None)
    assert refused(rich, points={"*": (0, 1)}) == ['points: name the lines, as in {"status.drafted": (0.2, 0.6)}']
    assert refused(rich, "market", points={"status.drafted": (0, 1)})[0].startswith(
        "points.status.drafted: has no effect on market"
    )
    # in a map that no record reads nothing is earned, whatever is answered
    assert refused(rich, points={"spare.drafted": (0, 1)})[0].startswith("points.spare.drafted: has no effect on top")
    words = factors(rich, points={"status.drafted": ["skip", 0.5]})["points.status.drafted"]
    assert (words.labels, words.nominal.tolist()) == (("skip", "0.5"), [1])
    (said,) = refused(rich, nothing={"missing": (0, 1)})
    assert said == "nothing.missing: uniform 0 1: what the file gives here is no number; write alternatives as a list"


def test_kinds_of_nothing(rich):
    found = factors(rich, nothing={"UNKNOWN": ["skip", 0]})["nothing.UNKNOWN"]
    assert found.nominal.tolist() == [0]
    (said,) = refused(rich, nothing={"unknwon": ["skip", 0]})
    assert said.startswith('nothing.unknwon: there is no kind of nothing "unknwon"; did you mean "unknown"? Kinds: ')
    # the file says nothing of it so far
    kind = next(kind for kind in rich.tree.kinds if kind not in ("unknown", "missing"))
    found = factors(rich, nothing={kind: ["skip", 0]})[f"nothing.{kind}"]
    assert found.idle == "changes nothing in these data by itself"
    assert found.nominal.tolist() == [-1]
    (said,) = refused(rich, nothing={kind: (0, 1)})
    assert said.endswith("what the file gives here is no number; write alternatives as a list")
    number = rich.with_(nothing={"unknown": 0.2, "missing": "void"})
    found = factors(number, nothing={"unknown": (0, 1)})["nothing.unknown"]
    assert (found.own, found.address) == (0.2, ("nothing", "unknown"))


def test_maps_in_order(rich):
    found = factors(rich, points={"status": ei.monotone()})["points.status"]
    # yes and no stay, drafted and planned move together, what is unknown is no level
    assert found.columns == ("points.status.drafted", "points.status.planned")
    assert (found.uniforms, found.low, found.high) == (1, 0, 1)
    np.testing.assert_allclose(found.at(np.array([[0.3]])), [[0.3, 0.3]])
    found = factors(rich, points={"status": ei.monotone(-1, 2)})["points.status"]
    assert [column.split(".")[-1] for column in found.columns] == ["yes", "drafted", "planned", "no"]
    assert (found.uniforms, found.low, found.high) == (3, -1, 2)
    np.testing.assert_allclose(found.at(np.array([[0.9, 0.5, 0.1]])), [[1.7, 0.5, 0.5, -0.7]])
    assert refused(rich, points={"spare": ei.monotone()})[0].startswith("points.spare: has no effect on top")
    assert refused(rich, points={"staus": ei.monotone()}) == [
        'points.staus: there is no map of points "staus"; did you mean "status"?; monotone is for a whole map'
    ]
    flat = rich.with_points({"spare.drafted": 0})
    assert refused(flat, points={"spare": ei.monotone()}) == [
        'points.spare: no line of "spare" earns something between 0 and 1'
    ]
    words = rich.with_points({f"spare.{name}": "skip" for name in ("yes", "drafted", "no")})
    assert refused(words, points={"spare": ei.monotone()}) == [
        'points.spare: no line of "spare" earns something between 0 and 0'
    ]
    assert refused(words, points={"spare": ei.monotone(0.5, 2)}) == [
        'points.spare: no line of "spare" earns something between 0.5 and 2'
    ]


# --- other indices


def nodes_of(factor) -> tuple:
    """What the second alternative changes, where, and into what."""
    what, (nodes, aggregate) = factor.patches[1]
    return what, sorted(nodes), aggregate


def test_aggregates_of_every_node_that_has_one(rich):
    (factor,) = factors(rich, aggregate=["mean", "max"]).values()
    assert nodes_of(factor) == ("aggregate", ["least", "market", "rules", "sums", "top"], "max")
    found = factors(rich, aggregate={"*": ["mean", "max"], "top": ["min", "max"], "rules": None})
    assert nodes_of(found["aggregate"]) == ("aggregate", ["least", "market", "sums"], "max")
    assert nodes_of(found["aggregate.top"]) == ("aggregate", ["top"], "max")
    formula = rich.with_(nodes={"least": {"of": None, "aggregate": None, "from": "rules * market"}})
    (factor,) = factors(formula, aggregate=["mean", "max"]).values()
    assert nodes_of(factor)[1] == ["market", "rules", "sums", "top"]
    (factor,) = factors(rich, "market", aggregate=["mean", "max"]).values()
    assert nodes_of(factor)[1] == ["market"]
    assert refused(rich, "one", aggregate=["mean", "max"])[0].startswith("aggregate: has no effect on one")
    assert refused(rich, aggregate={"law": ["mean", "max"]})[0].startswith('aggregate.law: "law" is an indicator')
    assert refused(rich, "market", aggregate={"top": ["mean", "max"]})[0].startswith(
        "aggregate.top: top is no part of market"
    )


def test_an_alternative_that_is_the_index_as_it_is(rich):
    found = factors(rich, aggregate={"least": ["max", "min"]})["aggregate.least"]
    assert (found.labels, found.nominal.tolist()) == (("max", "min"), [1])
    assert found.idle is None


def test_rules(rich):
    (factor,) = factors(rich, rules=["strict", ("strict", "other")]).values()
    assert factor.labels == ("strict", "strict + other")
    assert factor.patches == (("rules", ("strict",)), ("rules", ("strict", "other")))
    assert refused(rich, rules={"top": ["strict", "lenient"]}) == [
        'rules.top: rules are of the whole index; write rules=["strict", "graded"]'
    ]


def test_normalisers(rich):
    (factor,) = factors(rich, normalise=["minmax", "rank"]).values()
    assert factor.patches[0][1][0] == ["net", "price", "share"]
    assert factor.patches[1][1][2] == "rank"
    found = factors(rich, normalise={"*": ["minmax", "rank"], "net": None, "top": ["minmax", "rank"]})
    assert found["normalise"].patches[0][1][0] == ["price", "share"]
    assert found["normalise.top"].patches[0][1][0] == ["top"]  # of a node where it is named
    assert list(factors(rich, "market", normalise=["minmax", "rank"])["normalise"].patches[0][1][0]) == ["net", "price"]
    assert refused(rich, normalise=["minmax", "round 2", "none"]) == [
        "normalise: round 2, none: no normaliser; these are zscore, minmax, goalposts, rank"
    ]
    assert refused(rich, normalise=["minmax", "many 2"])[0].startswith("normalise: ")
    assert refused(rich, normalise={"law": ["minmax", "rank"]}) == ["normalise.law: law has not a normaliser"]
    assert refused(rich, "rules", normalise=["minmax", "rank"]) == ["normalise: no record below rules has a normaliser"]
    # the last of two gives way
    price = factors(rich, normalise={"price": ["rank", "minmax"]})["normalise.price"]
    assert [str(step) for step in price.vary(rich, np.array([0.0])).tree.leaves["price"].steps] == ["zscore", "rank"]
    assert price.nominal.tolist() == [1]


def test_other_steps(rich):
    (factor,) = factors(rich, steps=["winsorise 1", "winsorise 2", "none"]).values()
    assert factor.labels == ("winsorise 1", "winsorise 2", "none")
    assert factor.nominal.tolist() == [1]
    assert [str(step) for step in factor.vary(rich, np.array([2.0])).tree.leaves["net"].steps] == ["minmax"]
    assert refused(rich, steps=["winsorise 1", "cap 2"])[0].startswith(
        "steps: alternatives are of one step, found cap, winsorise"
    )
    (said,) = refused(rich, steps={"price": ["winsorise 1", "none"]})
    assert said == "steps.price: price has not the step winsorise"
    assert refused(rich, steps=["cap 1", "cap 2"]) == ["steps: no record below top has the step cap"]
    # of nodes, too
    (factor,) = factors(rich, steps=["goalposts 0 1", "goalposts 0 2"]).values()
    assert factor.patches[0][1][0] == ["share", "top"]
    assert refused(rich, steps={"nte": ["winsorise 1", "none"]})[0].startswith('steps.nte: there is no record "nte"')


def test_recipes(rich, hand_other):
    (factor,) = factors(rich, recipes={"edition": {"old": hand_other, "new": rich, "keys": {"title": "x"}}}).values()
    assert (factor.labels, factor.nominal.tolist(), factor.law) == (
        ("old", "new", "keys"),
        [1],
        "one of old, new, keys",
    )
    assert refused(rich, recipes={"edition": {"old": hand_other.with_(index="x"), "new": rich}}, node="market") == [
        "recipes.edition: old: there is no node market in it"
    ]
    assert refused(rich, recipes={"edition": {"a": {}, "b": {}}})[0].startswith("recipes.edition: has no effect on top")


@pytest.fixture(scope="module")
def hand_other() -> ei.Index:
    rows = [{"id": "law", "kind": "indicator", "in": "top"}, {"id": "top", "kind": "node"}]
    points = {"yes": 1, "drafted": 0.5, "planned": 0.2, "no": 0}
    return ei.Index.from_frame(
        pd.DataFrame(rows), index="other", nothing="skip", points={"status": points},
        indicators={"law": {"points": "status"}},
    )  # fmt: skip


# --- what is in


PARTS = """
index: parts
nothing: {{unknown: skip, missing: {missing}}}
indicators: {{a: {{}}, b: {{}}, c: {{}}}}
nodes: {{top: {{of: {{part: 1, c: 1}}}}, part: {{of: {{a: 2, b: 1}}, aggregate: {aggregate}{need}}}}}
"""
GAPS = pd.DataFrame({"unit": list("uvw"), "a": [0.2, 0.5, 0.9], "b": [0.4, None, 0.3], "c": [0.6, 0.7, 0.8]})


@pytest.mark.parametrize(
    ("left", "missing", "aggregate", "need"),
    [
        ("b", "void", "mean", ""), ("b", "skip", "mean", ""), ("b", "skip", "mean", ', need: "100%"'),
        ("b", "skip", "geometric", ""), ("b", "skip", "harmonic", ""), ("b", "skip", "sum", ""),
        ("b", "skip", "product", ""), ("b", "skip", "min", ""),
        ("part", "void", "mean", ""), ("part", "skip", "mean", ""), ("part", "skip", "mean", ', need: "100%"'),
    ],
)  # fmt: skip
def test_left_out_is_never_having_been_there(tmp_path, left, missing, aggregate, need):
    path = tmp_path / "parts.yaml"
    path.write_text(PARTS.format(aggregate=aggregate, need=need, missing=missing), encoding="utf-8")
    spec = ei.load_index(path)
    design = pd.DataFrame({f"include.{left}": ["in", "out"]})
    drawn = ei.simulate(spec, GAPS, ei.Doubt(include={left: 0.5}), design=design, executor=1)
    others = {"b": {"part": {"of": {"a": 2}}}, "part": {"top": {"of": {"c": 1}}}}
    without = spec.with_(nodes=others[left])
    for draw, one in enumerate((spec, without)):
        np.testing.assert_allclose(drawn.scores.loc[draw], ei.compute(one, GAPS).scores["top"])
    assert np.isfinite(drawn.scores.loc[1]).all()
    assert drawn.laws == {f"include.{left}": "in with chance 0.5"}
    assert drawn.diagnostics.empty  # nobody is told that it does nothing


def test_what_is_no_index_without_a_record_is_refused_before_it_is_drawn(tmp_path):
    path = tmp_path / "parts.yaml"
    path.write_text(PARTS.format(aggregate="mean", need=", need: 2", missing="skip"), encoding="utf-8")
    with pytest.raises(ei.MethodError, match=r"include: .*need") as caught:
        ei.simulate(path, GAPS, ei.Doubt(include=["b"]), n=4, rng=1)
    assert caught.value.faults[0].path == "include"


def test_what_cannot_be_left_out(rich):
    assert refused(rich, include=["lwa"]) == ['include: there is no record "lwa"; did you mean "law"?']
    assert refused(rich, include=ei.leave_one_out("lwa")) == ['include: there is no record "lwa"; did you mean "law"?']
    assert refused(rich, "market", include=["law"]) == ["include: law is no part of market, and has no effect on it"]
    assert refused(rich, include=["top"]) == ["include: top is nobody's child below top"]
    said = "include: nothing may be left of market: every record below it can be left out; keep one in"
    assert refused(rich, "market", include=["net", "price"]) == [said]
    assert factors(rich, "market", include=["net"])
    # through a node of which everything can go
    everything = ["rules", "net", "price", "share", "least", "plan"]
    assert refused(rich, include=everything)[0].startswith("include: nothing may be left of top")
    assert len(factors(rich, include=everything[:-1])) == 5
    names = factors(rich, "market", include=ei.leave_one_out())["include"].labels
    assert names == ("all in", "net", "price")


# --- together


def test_all_faults_have_their_place(rich, tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(
        "doubt: x\nweights:\n  tpo: simplex\naggregate:\n  one: [mean, max]\nvalues:\n  law: {error: {sd: 1}}\n",
        encoding="utf-8",
    )
    doubt = ei.load_doubt(path)
    with pytest.raises(ei.MethodError) as caught:
        factors_of(doubt, rich, rich.plan(DATA), "top")
    found = [(fault.file, fault.line, fault.path) for fault in caught.value.faults]
    assert found == [("x.yaml", 3, "weights.tpo"), ("x.yaml", 7, "values.law")]


def test_nothing_is_doubted(rich):
    for doubt in ({}, {"weights": {"*": None}}, {"weights": {"top": None, "rules": None}}):
        assert refused(rich, **doubt) == ["a doubt without parts: nothing could have been otherwise"]
    # a record that is left as it is has to be there
    assert refused(rich, weights={"*": ei.within(0.1), "tpo": None}) == [
        'weights.tpo: there is no record "tpo"; did you mean "top"?'
    ]


def test_doubted_twice(rich):
    faults = refused(rich, points={"status.drafted": (0, 1), "status.planned": (0, 1), "status": ei.monotone()})
    assert faults == [
        f"points.status.{name} is doubted twice, by points.status.{name} and by points.status; keep one"
        for name in ("drafted", "planned")
    ]
    assert len(factors(rich, points={"status.drafted": (0, 1), "status.planned": (0, 1)})) == 2
