"""Each kind of factor beside numbers by hand: its settings, its ends, and the index under one of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import egovindex as ei
from egovindex.sensitivity.coding import answered_as
from egovindex.sensitivity.codinglaws import CoderLaw
from egovindex.sensitivity.design import factors_of
from egovindex.sensitivity.factors import Factor
from egovindex.sensitivity.numberlaws import NumberLaw

HAND = """
index: hand
answers: {status: {yes: [Y], drafted: [D], no: [N]}}
nothing: {unknown: skip, missing: void}
points: {status: {yes: 1, drafted: 0.5, no: 0}}
rules: {strict: {points: {status: {drafted: 0}}}}
indicators:
  law, plan: {points: status}
  users: {steps: [goalposts 0 100]}
nodes:
  top: {of: {law: 1, plan: 1, users: 2}}
"""
Z90 = stats.norm.ppf(0.95)  # nine tenths lie within
DATA = pd.DataFrame(
    {
        "unit": ["w", "u", "v"],
        "law": ["yes", "drafted", "unknown"],
        "plan": ["no", "no", "yes"],
        "users": [20.0, 50.0, 80.0],
        "its sd": [1.0, 0.0, 2.0],
    }
)
UNIFORM = np.array([[0.1, 0.9, 0.5], [0.6, 0.2, 0.8]])
CONFUSED = {"yes": {"drafted": 0.2}, "drafted": {"no": 0.1}}


@pytest.fixture(scope="module")
def hand(tmp_path_factory) -> ei.Index:
    path = tmp_path_factory.mktemp("hand") / "hand.yaml"
    path.write_text(HAND, encoding="utf-8")
    return ei.load_index(path)


def factors(index: ei.Index, node: str = "top", data: pd.DataFrame = DATA, **doubt):
    """Factors by name."""
    plan = index.plan(data)
    return {factor.name: factor for factor in factors_of(ei.Doubt(**doubt), index, plan, node)}


def ends(factor, level: float = 0.9) -> list:
    return [(choice, word, np.round(setting, 9).tolist()) for choice, word, setting in factor.ends(level)]


# --- weights


def test_weights(hand):
    (factor,) = factors(hand, weights=ei.within(0.5)).values()
    assert (factor.name, factor.group, factor.law) == ("weights.top", "weights", "within 0.5")
    assert factor.columns == ("weights.top.law", "weights.top.plan", "weights.top.users")
    assert factor.about == ("weights.top",)
    assert factor.labels is None
    assert factor.nominal.tolist() == [1, 1, 2]
    assert factor.uniforms == 2
    assert factor.content == ["weights.top", "within 0.5"]
    assert factor.idle is None
    assert factor.diagnostics == {"method": "independent draws, exact"}
    assert factor.touches(hand.plan(DATA)) == {"top"}
    assert ends(factor) == [
        ("weights.top.law", "low: 12.5 %", [0.5, round(3.5 / 3, 9), round(7 / 3, 9)]),
        ("weights.top.law", "high: 37.5 %", [1.5, round(2.5 / 3, 9), round(5 / 3, 9)]),
        ("weights.top.plan", "low: 12.5 %", [round(3.5 / 3, 9), 0.5, round(7 / 3, 9)]),
        ("weights.top.plan", "high: 37.5 %", [round(2.5 / 3, 9), 1.5, round(5 / 3, 9)]),
        ("weights.top.users", "low: 25 %", [1.5, 1.5, 1]),
        ("weights.top.users", "high: 75 %", [0.5, 0.5, 3]),
    ]
    found = factor.at(UNIFORM[:, :2])
    assert found.shape == (2, 3)
    np.testing.assert_allclose(found.sum(axis=1), 4)
    assert (np.abs(found / factor.nominal - 1) <= 0.5 + 1e-12).all()
    drawn = factor.draw(np.random.default_rng(1), 5, np.float32)
    assert (drawn.shape, drawn.dtype) == ((5, 3), np.float32)
    assert factor.named(np.array([1.0, 0.5, 2.5])) == {
        "weights.top.law": 1.0, "weights.top.plan": 0.5, "weights.top.users": 2.5,
    }  # fmt: skip
    varied = factor.vary(hand, np.array([1.0, 0.5, 2.5]))
    assert [weight.value for weight in varied.tree.branches["top"].weights] == [1, 0.5, 2.5]


def test_weights_that_are_loose_are_told_as_shares_of_the_total(hand):
    (factor,) = factors(hand, weights={"top": ei.simplex()}).values()
    setting = np.array([2.0, 2.0, 4.0])
    assert factor.told(setting[None])[0].tolist() == [1, 1, 2]
    assert factor.named(setting)["weights.top.users"] == 2
    varied = factor.vary(hand, setting)
    assert [weight.value for weight in varied.tree.branches["top"].weights] == [1, 1, 2]


def test_ends_of_a_weight_whose_others_are_nothing(hand):
    alone = hand.with_weights({"top": {"law": 3, "plan": 0, "users": 0}})
    (factor,) = factors(alone, weights=ei.between(0, 1)).values()
    assert ends(factor)[:4] == [
        ("weights.top.law", "low: 0 %", [0, 1.5, 1.5]),
        ("weights.top.law", "high: 100 %", [3, 0, 0]),
        ("weights.top.plan", "low: 0 %", [3, 0, 0]),
        ("weights.top.plan", "high: 100 %", [0, 3, 0]),
    ]


def test_ends_of_a_law_without_ends_are_its_middle_share(hand):
    (factor,) = factors(hand, weights={"top": ei.dirichlet(8)}).values()
    # the share of users has a beta law of 4 and 4: symmetric about a half
    low, high = (setting[2] for _, _, setting in factor.ends(0.5)[4:])
    assert low + high == pytest.approx(4)
    assert 1 < low < 2


def test_weights_of_a_node_that_a_recipe_leaves_out(hand):
    (factor,) = factors(hand, weights={"top": ei.within(0.5)}).values()
    less = hand.with_(nodes={"top": {"of": {"law": 1, "users": 2}}})
    varied = factor.vary(less, np.array([1.5, 1.0, 1.5]))
    assert [weight.value for weight in varied.tree.branches["top"].weights] == [1.5, 1.5]
    other = ei.Index.from_frame(
        pd.DataFrame([{"id": "law", "kind": "indicator", "in": "I"}, {"id": "I", "kind": "node"}]), index="o",
        nothing="void",
    )  # fmt: skip
    assert factor.vary(other, np.array([1.5, 1.0, 1.5])) is other
    assert factor.touches(other.plan(DATA[["unit"]].assign(law=1))) == set()


def test_weight_sets(hand):
    sets = [{"top": {"law": 1, "plan": 1, "users": 2}}, {"top": {"law": 3, "plan": 1, "users": 2}}]
    (factor,) = factors(hand, weights=ei.schemes(*sets, chances=[0.75, 0.25])).values()
    assert factor.labels == ("set 1", "set 2")
    assert factor.nominal.tolist() == [0]
    assert factor.about == ("weights.top",)
    assert factor.columns == ("weights",)
    assert factor.content[2] == tuple(sets)
    assert factor.touches(hand.plan(DATA)) == {"top"}
    assert factor.at(np.array([[0.7], [0.8]])).tolist() == [[0], [1]]
    assert ends(factor) == [("weights", "set 2", [1])]
    assert factor.named(np.array([1.0])) == {"weights": "set 2"}
    assert factor.named(np.array([-1.0])) == {"weights": "as it is"}
    assert factor.vary(hand, np.array([-1.0])) is hand
    assert [w.value for w in factor.vary(hand, np.array([1.0])).tree.branches["top"].weights] == [3, 1, 2]
    neither = [sets[1], {"top": {"law": 1, "plan": 5, "users": 2}}]
    (factor,) = factors(hand, weights=neither).values()
    assert factor.nominal.tolist() == [-1]
    assert [word for _, word, _ in factor.ends(0.9)] == ["set 1", "set 2"]
    # one at a time the sets are beside the index as it is
    found = ei.one_at_a_time(hand, DATA, ei.Doubt(weights=neither), target=("score", "w"))
    np.testing.assert_allclose(found.base, [(1 + 2 * 0.2) / 4])
    np.testing.assert_allclose(found.table["value"], [(3 + 0.4) / 6, (1 + 0.4) / 8])


def test_weight_sets_of_one_node(hand):
    sets = [{"law": 1, "plan": 1, "users": 2}, {"law": 3, "plan": 1, "users": 2}]
    (factor,) = factors(hand, weights={"top": sets}).values()
    assert factor.name == "weights.top"
    assert factor.vary(hand, np.array([1.0])).tree.branches["top"].weights[0].value == 3


# --- points


def test_a_line(hand):
    (factor,) = factors(hand, points={"status.drafted": (0.2, 0.8)}).values()
    assert factor.name == factor.group == "points.status.drafted"
    assert factor.about == ("points.status.drafted",)
    assert (factor.nominal.tolist(), factor.uniforms, factor.idle, factor.diagnostics) == ([0.5], 1, None, {})
    assert ends(factor) == [("points.status.drafted", "0.2", [0.2]), ("points.status.drafted", "0.8", [0.8])]
    np.testing.assert_allclose(factor.at(UNIFORM[:, :1]), [[0.26], [0.56]])
    assert factor.touches(hand.plan(DATA)) == {"law"}
    varied = factor.vary(hand, np.array([0.25]))
    assert ei.compute(varied, DATA).scores.loc["u", "top"] == pytest.approx((0.25 + 2 * 0.5) / 4)


def test_numbers_to_choose_of(hand):
    (factor,) = factors(hand, points={"status.drafted": [0, 0.5, 1]}).values()
    assert ends(factor) == [("points.status.drafted", "0", [0]), ("points.status.drafted", "1", [1])]
    (factor,) = factors(hand, points={"status.drafted": ei.normal(0.5, 0.1)}).values()
    low, high = round(0.5 - 0.1 * Z90, 9), round(0.5 + 0.1 * Z90, 9)
    assert ends(factor) == [("points.status.drafted", "0.3355", [low]), ("points.status.drafted", "0.6645", [high])]
    (factor,) = factors(hand, points={"status.drafted": ei.uniform(0.7, 0.7)}).values()
    assert ends(factor) == [("points.status.drafted", "0.7", [0.7])]


def test_points_that_nobody_earns(hand):
    nobody = DATA.assign(law=["yes", "no", "unknown"])
    for doubt in ({"status.drafted": (0.2, 0.8)}, {"status": ei.monotone()}):
        (factor,) = factors(hand, data=nobody, points=doubt).values()
        assert factor.idle == "earned by nobody in these data"
        assert factor.diagnostics == {"method": "earned by nobody in these data"}
        (factor,) = factors(hand, points=doubt).values()
        assert factor.idle is None


def test_a_map_in_order(hand):
    (factor,) = factors(hand, points={"status": ei.monotone()}).values()
    assert factor.columns == factor.about == ("points.status.drafted",)
    assert ends(factor) == [("points.status", "all low: 0", [0]), ("points.status", "all high: 1", [1])]
    (factor,) = factors(hand, points={"status": ei.monotone(-1, 3)}).values()
    assert factor.columns == ("points.status.yes", "points.status.drafted", "points.status.no")
    assert (factor.uniforms, factor.nominal.tolist()) == (3, [1, 0.5, 0])
    # uniform numbers in order, the lowest for what earns the least
    np.testing.assert_allclose(factor.at(UNIFORM), [[2.6, 1, -0.6], [2.2, 1.4, -0.2]])
    assert ends(factor) == [("points.status", "all low: -1", [-1] * 3), ("points.status", "all high: 3", [3] * 3)]
    assert factor.touches(hand.plan(DATA)) == {"law", "plan"}
    score = ei.compute(factor.vary(hand, np.array([2.0, 1.0, 0.0])), DATA).scores.loc["w", "top"]
    assert score == pytest.approx((2 + 0 + 2 * 0.2) / 4)


# --- values


def test_errors(hand):
    gap = DATA.assign(users=[20.0, None, 80.0])
    (factor,) = factors(hand, data=gap, values={"users": ei.error(sd=2)}).values()
    assert (factor.name, factor.group, factor.heading, factor.uniforms) == ("values.users", "values.users", "users", 2)
    assert factor.columns == ("values.users.w", "values.users.u", "values.users.v")
    assert factor.touches(hand.plan(gap)) == {"users"}
    np.testing.assert_array_equal(factor.nominal, [20, np.nan, 80])
    (_, low, first), (_, high, last) = factor.ends(0.9)
    assert (low, high) == ("all low", "all high")
    np.testing.assert_allclose(first, [20 - 2 * Z90, np.nan, 80 - 2 * Z90])
    np.testing.assert_allclose(last, [20 + 2 * Z90, np.nan, 80 + 2 * Z90])
    # the error of a unit is its own wherever it stands: by name, v before w
    found = factor.at(np.array([[0.5, 0.9]]))
    np.testing.assert_allclose(found, [[20 + 2 * stats.norm.ppf(0.9), np.nan, 80]])
    turned = factors(hand, data=gap.iloc[::-1], values={"users": ei.error(sd=2)})["values.users"]
    np.testing.assert_allclose(turned.at(np.array([[0.5, 0.9]])), found[:, ::-1])
    assert factor.vary(hand, found[0]) is hand


def test_errors_of_a_column(hand):
    (factor,) = factors(hand, values=ei.error(sd="its sd")).values()
    (_, _, first), _ = factor.ends(0.9)
    np.testing.assert_allclose(first, [20 - Z90, 50, 80 - 2 * Z90])


def test_all_units_at_the_end_of_their_error(hand):
    found = ei.one_at_a_time(hand, DATA, ei.Doubt(values=ei.error(half_width=10)), target=("score", "v"))
    assert found.table["setting"].tolist() == ["all low", "all high"]
    # 5 % and 95 % of a width of 20 about 80; the answer of v to law is skipped
    np.testing.assert_allclose(found.table["value"], [(1 + 2 * 0.71) / 3, (1 + 2 * 0.89) / 3])


# --- coders


def test_categories(hand):
    found = factors(hand, coder=ei.confusion(CONFUSED))
    assert list(found) == ["coder.law", "coder.plan"]
    factor = found["coder.law"]
    assert factor.columns == ("coder.law.w", "coder.law.u", "coder.law.v")
    assert (factor.nominal.tolist(), factor.uniforms, factor.group) == ([0, 1, -1], 2, "coder")
    assert factor.touches(hand.plan(DATA)) == {"law"}
    assert ends(factor) == [("coder.law", "all best", [0, 1, -1]), ("coder.law", "all worst", [1, 2, -1])]
    # by name, u before w: drafted is no in the last tenth, yes is drafted in the last fifth
    assert factor.at(np.array([[0.85, 0.85], [0.95, 0.75], [0.0, 0.99], [0.99, 0.0]])).tolist() == [
        [1, 1, -1], [0, 2, -1], [1, 1, -1], [0, 2, -1],
    ]  # fmt: skip
    assert found["coder.plan"].uniforms == 1
    assert factor.idle is None
    certain = factors(hand, coder={"law": ei.confusion({"no": {"yes": 0.5}})})["coder.law"]
    assert certain.idle == "nobody's category is in doubt in these data"
    assert certain.uniforms == 0
    assert certain.at(np.zeros((2, 0))).tolist() == [[0, 1, -1]] * 2


def test_the_data_as_a_draw_has_them(hand):
    factor = factors(hand, coder=ei.confusion(CONFUSED))["coder.law"]
    plan = hand.plan(DATA)
    before = DATA.copy()
    found = factor.data_under(plan.data, plan.headings, np.array([1.0, 2.0, -1.0]))
    assert found["law"].tolist() == ["drafted", "no", "unknown"]
    assert found["plan"].tolist() == DATA["plan"].tolist()
    pd.testing.assert_frame_equal(DATA, before)
    assert factor.vary(hand, factor.nominal) is hand


def test_the_data_are_copied_before_they_are_changed():
    table = pd.DataFrame({"law": pd.Series(["yes", "no"], dtype=object)})
    found = answered_as(table, {"law": "law"}, "law", "drafted", np.array([True, False]))
    assert (found["law"].tolist(), table["law"].tolist()) == (["drafted", "no"], ["yes", "no"])


def test_the_best_and_the_worst_category(hand):
    found = ei.one_at_a_time(hand, DATA, ei.Doubt(coder={"law": ei.confusion(CONFUSED)}), target="score")
    table = found.table.set_index("setting")
    # law: drafted, no, still unknown: (0.5 + 2 * 0.2) / 4, (0 + 2 * 0.5) / 4, (1 + 2 * 0.8) / 3
    np.testing.assert_allclose(
        table.loc["all worst", ["value w", "value u", "value v"]].astype(float), [0.225, 0.25, 2.6 / 3]
    )
    np.testing.assert_allclose(table.loc["all best", ["value w", "value u", "value v"]].astype(float), found.base)


def test_what_a_category_earns_follows_the_points(hand):
    doubt = ei.Doubt(coder={"law": ei.confusion({"yes": {"drafted": 1}})}, points={"status.drafted": (0.2, 0.8)})
    drawn = ei.simulate(hand, DATA, doubt, n=8, rng=1)
    drafted = drawn.settings()["points.status.drafted"]
    np.testing.assert_allclose(drawn.scores["w"], (drafted + 0.4) / 4)
    np.testing.assert_allclose(drawn.scores["u"], (drafted + 1) / 4)


# --- alternatives


def test_other_indices(hand):
    (factor,) = factors(hand, aggregate=["geometric", "min"]).values()
    assert (factor.name, factor.labels, factor.nominal.tolist()) == ("aggregate", ("geometric", "min"), [-1])
    assert ends(factor) == [("aggregate", "geometric", [0]), ("aggregate", "min", [1])]
    assert factor.at(np.array([[0.2], [0.7]])).tolist() == [[0], [1]]
    assert factor.touches(hand.plan(DATA)) == set()
    assert factor.vary(hand, np.array([-1.0])) is hand
    assert factor.vary(hand, np.array([1.0])).tree.branches["top"].aggregate == "min"
    (factor,) = factors(hand, nothing={"unknown": ["skip", 0]}).values()
    assert (factor.nominal.tolist(), ends(factor)) == ([0], [("nothing.unknown", "0", [1])])
    known = DATA.assign(law="yes")
    (factor,) = factors(hand, data=known, nothing={"unknown": ["skip", 0]}).values()
    assert factor.idle == "changes nothing in these data by itself"
    (factor,) = factors(hand, rules=ei.choice("strict", (), chances=[0.9, 0.1])).values()
    assert factor.law == "one of strict, () with chances [0.9, 0.1]"
    assert factor.at(np.array([[0.85], [0.95]])).tolist() == [[0], [1]]


def test_records_that_are_left_out(hand):
    (factor,) = factors(hand, include={"law": 0.75}).values()
    assert (factor.name, factor.group, factor.law) == ("include.law", "include", "in with chance 0.75")
    assert (factor.labels, factor.nominal.tolist()) == (("in", "out"), [0])
    assert ends(factor) == [("include.law", "out", [1])]
    assert factor.at(np.array([[0.74], [0.76]])).tolist() == [[0], [1]]
    assert factor.touches(hand.plan(DATA)) == {"top"}
    assert factor.left_out(np.array([1.0])) == (("top", "law"),)
    assert factor.left_out(np.array([0.0])) == factor.left_out(np.array([-1.0])) == ()
    (factor,) = factors(hand, include=ei.leave_one_out()).values()
    assert (factor.name, factor.law, factor.labels) == ("include", "leave one out", ("all in", "law", "plan", "users"))
    assert factor.left_out(np.array([3.0])) == (("top", "users"),)
    (factor,) = factors(hand, include=ei.leave_one_out("plan")).values()
    assert factor.labels == ("all in", "plan")
    found = ei.one_at_a_time(hand, DATA, ei.Doubt(include=ei.leave_one_out()), target=("score", "w"))
    np.testing.assert_allclose(found.table["value"], [0.4 / 3, 1.4 / 3, 0.5])


def test_a_kind_of_factor_or_law_that_lacks_something_says_so(hand):
    kind, law, coder = Factor("n", "g", "l"), NumberLaw(), CoderLaw()
    assert (kind.columns, kind.about, kind.labels, kind.idle) == (("n",), ("n",), None, None)
    assert (kind.content, kind.diagnostics) == (["n", "l"], {})
    for ask in (
        lambda: kind.nominal,
        lambda: kind.uniforms,
        lambda: kind.at(UNIFORM),
        lambda: kind.touches(hand.plan(DATA)),
        lambda: kind.apply(None, UNIFORM),
        lambda: kind.ends(0.9),
        lambda: kind.vary(hand, UNIFORM),
        lambda: law.at(UNIFORM),
        lambda: coder.chances(np.zeros(1, dtype=np.int64), ("a",), None),
        coder.written,
    ):
        with pytest.raises(NotImplementedError):
            ask()
    assert coder.fits(("a",))
    assert not coder.needs_confidence
