"""Doubts as they are written, put together, shown, saved, and refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

FULL = ei.Doubt(
    weights={"*": ei.within(0.25), "top": ei.ordered("rules", "market", low=0.1), "market": None},
    points={"status.drafted": (0.25, 0.75)},
    nothing={"unknown": ["skip", 0]},
    rules=["strict", "lenient"],
    name="all",
    title="All that could be otherwise",
    note="invented",
)


# Written in several ways ------------------------------------------------------------------------------------------

SAME = [
    (ei.Doubt(weights=ei.within(0.25)), ei.Doubt(weights="within 0.25")),
    (ei.Doubt(weights=ei.within(0.25)), ei.Doubt(weights={"*": "within 1/4"})),
    (ei.Doubt(weights=ei.at_least(0.1)), ei.Doubt(weights=ei.between(0.1, 1))),
    (ei.Doubt(weights=ei.at_least(0.1)), ei.Doubt(weights={"*": {"between": {"low": 0.1}}})),
    (ei.Doubt(weights={"top": ei.simplex()}), ei.Doubt(weights={"top": "simplex"})),
    (ei.Doubt(weights={"top": None}), ei.Doubt(weights={"top": "fixed"})),
    (ei.Doubt(points={"status.drafted": (0.2, 0.6)}), ei.Doubt(points={"status.drafted": "uniform 0.2 0.6"})),
    (
        ei.Doubt(points={("points", "status", "drafted"): (0.2, 0.6)}),
        ei.Doubt(points={"points.status.drafted": (0.2, 0.6)}),
    ),
    (ei.Doubt(points={"status": ei.monotone()}), ei.Doubt(points={"status": "monotone"})),
    (ei.Doubt(nothing={"unknown": ["skip", 0]}), ei.Doubt(nothing={"unknown": ei.choice("skip", 0)})),
    (ei.Doubt(rules=["strict", "lenient"]), ei.Doubt(rules=ei.choice("strict", "lenient"))),
    (ei.Doubt(values={"users": ei.error(sd=2)}), ei.Doubt(values={"users": {"error": {"sd": 2}}})),
    (ei.Doubt(include=["law"]), ei.Doubt(include={"law": 0.5})),
    (
        ei.Doubt(weights={"top": ei.ordered("rules", "market")}),
        ei.Doubt(weights={"top": {"ordered": ["rules", "market"]}}),
    ),
    (
        ei.Doubt(weights={"top": ei.conditions("rules >= market")}),
        ei.Doubt(weights={"top": {"conditions": ["rules >= market"]}}),
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_doubt_in_other_words(index, data, one, other):
    assert one.to_yaml() == other.to_yaml()
    if one.parts[0].law is not None:
        first, second = (ei.simulate(index, data, doubt, n=20, rng=1).scores for doubt in (one, other))
        pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_put_together_and_taken_apart():
    one, other = ei.Doubt(weights=ei.simplex(), name="w"), ei.Doubt(rules=["strict", "lenient"], name="r")
    both = one + other
    assert [part.label for part in both.parts] == ["weights", "rules"]
    assert both.name == "w + r"
    assert both.only("rules") == other
    assert both.without("rules") == one
    assert FULL.without("weights").only("points.status.drafted").parts[0].told == "uniform 0.25 0.75"
    with pytest.raises(ei.MethodError, match='no doubt is about "wieghts"; did you mean "weights"'):
        both.only("wieghts")
    with pytest.raises(ei.MethodError, match="weights: said twice"):
        one + ei.Doubt(weights=ei.within(0.1))
    with pytest.raises(TypeError):
        one + "within 0.25"


def test_the_order_in_which_a_doubt_is_put_together_is_nothing(index, data, tmp_path):
    parts = [
        ei.Doubt(include=["law", "price"]),
        ei.Doubt(weights=ei.simplex()),
        ei.Doubt(points={"status.drafted": (0.2, 0.8)}),
        ei.Doubt(aggregate={"market": ["mean", "geometric"]}),
    ]
    one = parts[0] + parts[1] + parts[2] + parts[3]
    other = parts[3] + parts[2] + parts[1] + parts[0]
    one.save(tmp_path / "one.yaml")
    read = ei.load_doubt(tmp_path / "one.yaml")
    assert one == other == read
    assert hash(one) == hash(other)
    assert one != parts[0] + parts[1]
    first = ei.simulate(index, data, one, n=60, rng=1)
    indices = ei.sobol(index, data, one, n=32, rng=1).table
    for doubt in (other, read):
        pd.testing.assert_frame_equal(ei.simulate(index, data, doubt, n=60, rng=1).scores, first.scores)
        pd.testing.assert_frame_equal(ei.sobol(index, data, doubt, n=32, rng=1).table, indices)
    # weights are set before records are left out, whatever was written first
    settings = first.settings()
    assert ((settings["include.law"] == "out") & (settings["include.price"] == "out")).any()
    result = first.result_of(int(settings.index[settings["include.law"] == "out"][0]))
    np.testing.assert_allclose(
        first.scores.loc[settings.index[settings["include.law"] == "out"][0]], result.scores["top"], rtol=1e-12
    )


def test_a_doubt_of_a_file_that_does_not_fit_is_told_with_its_line(index, data, tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("doubt: x\nweights:\n  tpo: simplex\nrules: [strict, leniant]\n", encoding="utf-8")
    with pytest.raises(ei.MethodError, match=r'x\.yaml:3: weights\.tpo: there is no node "tpo"') as caught:
        ei.simulate(index, data, path, n=10)
    assert [fault.line for fault in caught.value.faults] == [3, 4]


def test_shown():
    assert repr(FULL).splitlines()[0] == "<Doubt all> 6 doubts"
    assert "  weights.top            ordered rules, market; shares between 0.1 and 1" in repr(FULL).splitlines()
    assert "weights.market         fixed" in repr(FULL)
    assert "one of strict, lenient" in FULL._repr_html_()
    assert "&lt;b&gt;" in ei.Doubt(rules=["strict", "<b>"])._repr_html_()


def test_a_file(tmp_path, index, data):
    path = tmp_path / "all.yaml"
    FULL.save(path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("doubt: all\ntitle: All that could be otherwise\nnote: invented\n")
    read = ei.load_doubt(path)
    assert read == FULL
    assert (read.name, read.title, read.note) == (FULL.name, FULL.title, FULL.note)
    with pytest.raises(ei.DataError, match="the file exists; overwrite=True replaces it"):
        FULL.save(path)
    ei.Doubt(weights=ei.simplex(), name="other").save(path, overwrite=True)
    assert ei.load_doubt(path).name == "other"
    draws = ei.simulate(index, data, path, n=10, rng=1)
    assert draws.manifest.doubt == path.read_text(encoding="utf-8")
    with pytest.raises(ei.DataError, match='no folder "nowhere"'):
        FULL.save(tmp_path / "nowhere" / "all.yaml")


def test_the_manifest_says_what_was_varied(index, data):
    draws = ei.simulate(index, data, FULL, n=10, rng=4)
    manifest = draws.manifest
    assert (manifest.n, manifest.rng, manifest.learn, manifest.node) == (10, 4, "each_draw", "top")
    assert dict(manifest.laws)["weights.rules"] == "within 0.25"
    assert ei.load_doubt(FULL) is FULL
    told = repr(manifest)
    for part in ("seed", "weights.top", "uniform 0.25 0.75", manifest.doubt_sha256):
        assert part in told
    again = ei.simulate(index, data, FULL, n=10, rng=4).manifest
    assert again == manifest
    assert ei.simulate(index, data, FULL, n=10, rng=5).manifest != manifest


# Files that say what they may not ---------------------------------------------------------------------------------

BROKEN = {
    "weights: within 0.25": "is a map whose first key is doubt",
    "doubt: x\nwieghts: within 0.25": 'x.yaml:2: unknown key "wieghts"; did you mean "weights"',
    "doubt: x\nweights: within": 'x.yaml:2: weights: "within": within takes 1 number, found 0',
    "doubt: x\nweights: whitin 0.25": 'x.yaml:2: weights: "whitin 0.25" is no law here; did you mean "within"',
    "doubt: x\nweights: between 0.1": "x.yaml:2: weights: .*takes 2 numbers, found 1. In long form",
    "doubt: x\nweights:\n  top: within 1,5": "x.yaml:3: weights.top: ",
    "doubt: x\nweights:\n  top: {within: 0.2, simplex: 1}": "x.yaml:3: weights.top: a law in long form is one name",
    "doubt: x\nweights: within -0.1": "x.yaml:2: weights: ",
    "doubt: x\npoints: within 0.25": "x.yaml:2: points",
    "doubt: x\npoints:\n  status.drafted: uniform 0.6 0.2": "x.yaml:3: points.status.drafted: ",
    "doubt: x\npoints:\n  status.drafted: uniform 0.2 many": "x.yaml:3: points.status.drafted: ",
    "doubt: x\nrules: strict": "x.yaml:2: rules: alternatives are a list",
    "doubt: x\nrules: [strict]": "x.yaml:2: rules: ",
    "doubt: x\ninclude: {law: 1}": "x.yaml:2: include: the chance that a record is in lies between 0 and 1",
    "doubt: x\nvalues:\n  users: {error: {sdd: 2}}": "x.yaml:3: values.users: ",
    "doubt: x\nvalues:\n  users: {error: {sd: -2}}": "x.yaml:3: values.users: ",
    "doubt: x\ntitle: [a]": "x.yaml:2: title is a text",
    "doubt: x\nweights: {top: within 0.1, top: simplex}": "x.yaml:2: ",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_told_with_its_line(tmp_path, text):
    path = tmp_path / "x.yaml"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(ei.SpecError, match=BROKEN[text]):
        ei.load_doubt(path)


def test_all_faults_of_a_file_at_once(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("doubt: x\nweights: whitin 0.25\nrules: strict\nponts: 3\n", encoding="utf-8")
    with pytest.raises(ei.SpecError) as caught:
        ei.load_doubt(path)
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4]


def test_what_is_no_doubt(tmp_path):
    with pytest.raises(ei.SpecError, match="a doubt is a Doubt, as in Doubt"):
        ei.load_doubt({"weights": "within 0.25"})
    with pytest.raises(ei.SpecError, match=r"nowhere\.yaml"):
        ei.load_doubt(tmp_path / "nowhere.yaml")


# Laws that cannot be ----------------------------------------------------------------------------------------------

BAD_LAWS = {
    "within nothing": (lambda: ei.within(0), "share"),
    "within words": (lambda: ei.within("25 %"), "share"),
    "within nan": (lambda: ei.within(np.nan), "share"),
    "within true": (lambda: ei.within(True), "share"),
    "crossed limits": (lambda: ei.between(0.6, 0.4), "the lower limit 0.6 is above the upper limit 0.4"),
    "no order": (lambda: ei.ordered("a"), "at least two children"),
    "twice in an order": (lambda: ei.ordered("a", "b", "a"), "each once"),
    "a list in an order": (lambda: ei.ordered(["a", "b"]), r'ordered takes texts.*write ordered\("a", "b"\)'),
    "no conditions": (ei.conditions, "need a sentence"),
    "a bad sentence": (lambda: ei.conditions("a is more than b"), "a is more than b"),
    "concentration 0": (lambda: ei.dirichlet(0), "numbers above 0"),
    "two dirichlets": (lambda: ei.dirichlet(3, alpha={"a": 1}), "a concentration, or parameters"),
    "no dirichlet": (ei.dirichlet, "simplex"),
    "alpha below zero": (lambda: ei.dirichlet(alpha={"a": -1, "b": 1}), "numbers above 0"),
    "one scheme": (lambda: ei.schemes("equal"), "two"),
    "chances do not fit": (lambda: ei.schemes("a", "b", chances=[1]), "chances"),
    "chances below zero": (lambda: ei.choice("a", "b", chances=[-1, 2]), "chances"),
    "no experts": (lambda: ei.experts({}), "expert"),
    "an expert without a weight": (
        lambda: ei.experts({"e": {"a": 1, "b": None}, "f": {"a": 1, "b": 1}}),
        "look at e gave none for b",
    ),
    "another take": (
        lambda: ei.experts({"e": {"a": 1, "b": 1}}, take="median"),
        r"take is \"mean\" \(of a resample of the experts\) or \"one\"",
    ),
    "uniform upside down": (lambda: ei.uniform(1, 0), "uniform"),
    "mode outside": (lambda: ei.triangular(0, 2, 1), "triangular 0 2 1: its numbers are not in rising order"),
    "no spread": (lambda: ei.normal(0, 0), "normal: sd must be above zero, found 0"),
    "no room": (lambda: ei.normal(0, 1, 2, 1), "rising order"),
    "no error": (ei.error, "sd"),
    "two errors": (lambda: ei.error(sd=1, half_width=1), "sd"),
    "one alternative": (lambda: ei.choice("a"), "two"),
    "twice the same": (lambda: ei.choice("a", "a"), "each once"),
    "points of nothing": (lambda: ei.Doubt(points=(0.2, 0.6)), "points takes a mapping"),
    "weights of a number": (lambda: ei.Doubt(weights=0.25), "weights"),
    "include everything": (lambda: ei.Doubt(include="law"), "include"),
    "include surely": (lambda: ei.Doubt(include={"law": 1.0}), "between 0 and 1"),
    "one recipe": (lambda: ei.Doubt(recipes={"a": {"only": {}}}), "at least two"),
    "no recipes": (lambda: ei.Doubt(recipes={"a": {"one": 1, "two": 2}}), "one, two"),
}


@pytest.mark.parametrize("name", BAD_LAWS)
def test_a_law_that_cannot_be(name):
    make, words = BAD_LAWS[name]
    with pytest.raises(ei.MethodError, match=words):
        make()


def test_all_bad_laws_of_a_doubt_are_told_at_once():
    with pytest.raises(ei.MethodError) as caught:
        ei.Doubt(weights={"top": "within", "rules": "simples"}, rules="strict")
    assert [fault.path for fault in caught.value.faults] == ["weights.top", "weights.rules", "rules"]


# Against an index and data ----------------------------------------------------------------------------------------

BAD_DOUBTS = {
    "a node that is not there": (ei.Doubt(weights={"tpo": ei.simplex()}), 'there is no node "tpo"; did you mean "top"'),
    "an indicator for a node": (ei.Doubt(weights={"law": ei.simplex()}), '"law" is an indicator'),
    "one child": (ei.Doubt(weights={"take-up": ei.simplex()}), "it has one child"),
    "limits below": (ei.Doubt(weights={"top": ei.between(0.4, 1)}), "lower limits add up to 1.2"),
    "limits above": (ei.Doubt(weights={"top": ei.between(0, 0.3)}), "the upper ones to 0.9"),
    "a child that is not there": (
        ei.Doubt(weights={"top": ei.between({"ruels": 0.4}, 1)}),
        'ruels.*did you mean "rules"',
    ),
    "conditions that cannot be": (
        ei.Doubt(weights={"top": ei.conditions("rules >= 2 * market", "market >= 2 * rules", "take-up <= 0.4")}),
        "no weights fulfil the conditions together|leave no room",
    ),
    "conditions against each other": (
        ei.Doubt(weights={"top": ei.conditions("rules >= 0.7", "market >= 0.5")}),
        "no weights fulfil the conditions together",
    ),
    "an order in a circle": (
        ei.Doubt(weights={"top": ei.conditions("rules >= market", "market >= rules")}),
        "leave no room",
    ),
    "experts of other children": (
        ei.Doubt(weights={"top": ei.experts({"e": {"rules": 1, "users": 2}, "f": {"rules": 1, "users": 1}})}),
        "take-up",
    ),
    "a scheme that is not there": (ei.Doubt(weights=["equal", "no such set"]), r"(?s)\"equal\".*\"no such set\""),
    "a line that is not there": (ei.Doubt(points={"status.draft": (0, 1)}), "status.draft.*did you mean"),
    "a map that is not there": (
        ei.Doubt(points={"stauts": ei.monotone()}),
        'no map of points "stauts"; did you mean "status"',
    ),
    "no number": (ei.Doubt(points={"indicators.users.points.missing": (0, 1)}), "no number; write alternatives"),
    "a kind that is not there": (ei.Doubt(nothing={"unknwon": ["skip", 0]}), 'no kind of nothing "unknwon"'),
    "a rule that is not there": (ei.Doubt(rules=["strict", "leniant"]), 'leniant.*did you mean "lenient"'),
    "no normaliser": (ei.Doubt(normalise=["minmax", "round 2"]), "round 2: no normaliser"),
    "a step that nobody has": (ei.Doubt(steps=["cap 1", "cap 2"]), "no record below top has the step cap"),
    "two steps": (ei.Doubt(steps=["winsorise 1", "log"]), "alternatives are of one step"),
    "an aggregate that is not there": (
        ei.Doubt(aggregate={"top": ["mean", "geomtric"]}),
        'geomtric.*did you mean "geometric"',
    ),
    "values by lines": (ei.Doubt(values={"law": ei.error(sd=1)}), "its answers become points by lines"),
    "values of nobody": (ei.Doubt(values={"uesrs": ei.error(sd=1)}), 'no indicator "uesrs"; did you mean "users"'),
    "no such column": (ei.Doubt(values={"users": ei.error(sd="usres")}), 'no column "usres".*did you mean "users"'),
    "outside the limits": (ei.Doubt(values={"users": ei.error(sd=1, low=50)}), "measured outside the limits"),
    "left out of nothing": (ei.Doubt(include=["lwa"]), 'no record "lwa"; did you mean "law"'),
    "nothing left": (ei.Doubt(include=["rules", "market", "take-up"]), "nothing may be left of top"),
    "twice": (ei.Doubt(points={"status.drafted": (0, 1), "status": ei.monotone()}), "doubted twice"),
    "twice by schemes": (
        ei.Doubt(
            weights={
                "top": ei.simplex(),
                "*": ei.schemes({"top": {"rules": 1, "market": 2, "take-up": 1}}, {"market": {"price": 2, "speed": 3}}),
            }
        ),
        "doubted twice",
    ),
    "nothing doubted": (ei.Doubt(), "nothing could have been otherwise"),
    "all fixed": (ei.Doubt(weights={"top": None}), "nothing could have been otherwise"),
    "no others": (ei.Doubt(aggregate={"take-up": ["mean", "mean "]}), 'aggregate.take-up: .*"mean " is not one of'),
}


@pytest.mark.parametrize("name", BAD_DOUBTS)
def test_a_doubt_that_does_not_fit(index, data, name):
    doubt, words = BAD_DOUBTS[name]
    for run in (ei.simulate, ei.sobol):
        with pytest.raises(ei.EgovindexError, match=words):
            run(index, data, doubt, n=16, rng=1)
    with pytest.raises(ei.EgovindexError, match=words):
        ei.one_at_a_time(index, data, doubt)


def test_all_that_does_not_fit_is_told_at_once(index, data):
    doubt = ei.Doubt(weights={"tpo": ei.simplex()}, rules=["strict", "leniant"], points={"status.draft": (0, 1)})
    with pytest.raises(ei.MethodError) as caught:
        ei.simulate(index, data, doubt, n=10)
    assert [fault.path for fault in caught.value.faults] == ["weights.tpo", "points.status.draft", "rules"]


def test_a_doubt_about_another_part_of_the_index_is_refused(index, data):
    for doubt in (
        ei.Doubt(weights={"rules": ei.simplex()}),
        ei.Doubt(points={"status.drafted": (0, 1)}),
        ei.Doubt(values={"users": ei.error(sd=1)}),
        ei.Doubt(include=["users"]),
    ):
        with pytest.raises(ei.MethodError, match=r"no part of market|has no effect on market"):
            ei.simulate(index, data, doubt, n=10, node="market")


BAD_OPTIONS = {
    "no draws": ({"n": 0}, r"n, the number of draws, .* found 0"),
    "less than none": ({"n": -5}, "number of draws"),
    "half a draw": ({"n": 1.5}, "number of draws"),
    "many": ({"n": "many"}, "number of draws"),
    "no node": ({"node": "tpo"}, 'tpo.*did you mean "top"'),
    "another learning": ({"learn": "never"}, 'learn is "nominal" or "each_draw", found "never"'),
    "another precision": ({"precision": "half"}, "precision"),
    "no block": ({"block": 0}, "block"),
    "another seed": ({"rng": -1}, "rng is a seed"),
    "a seed in words": ({"rng": "one"}, "rng is a seed"),
    "a state of old": ({"rng": np.random.RandomState(1)}, "rng is a seed"),
    "an empty design": ({"design": pd.DataFrame()}, "a design is a table"),
    "no design": ({"design": [1, 2]}, "a design is a table"),
    "another column": (
        {"design": pd.DataFrame({"weights.top.ruels": [1.0]})},
        'no factor has a column "weights.top.ruels". did you mean',
    ),
    "half a node": ({"design": pd.DataFrame({"weights.top.rules": [1.0]})}, "weights.top lacks weights.top.take-up"),
    "no number": (
        {"design": pd.DataFrame({f"weights.top.{c}": [1.0, None] for c in ("rules", "take-up", "market")})},
        "has no number in draws 1",
    ),
}


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_bad_options(index, data, name):
    options, words = BAD_OPTIONS[name]
    with pytest.raises(ei.EgovindexError, match=words):
        ei.simulate(index, data, ei.Doubt(weights={"top": ei.simplex()}), **({"n": 10} | options))


def test_bad_options_of_indices(index, data):
    doubt = ei.Doubt(weights={"top": ei.simplex()})
    for options, words in (
        ({"n": 1}, "n "),
        ({"resamples": -1}, "resamples"),
        ({"level": 90}, "level"),
        ({"estimator": "homma"}, "estimator is one of .* found .homma"),
        ({"target": "ranks"}, 'target is one of .*did you mean "rank"'),
        ({"target": ("rank", "T99")}, "T99"),
        ({"target": lambda scores, ranks: 1.0}, "gives a number for each draw"),
        ({"groups": "nodes"}, "groups are None"),
        ({"groups": {"a": ["wieghts"]}}, 'group a: there is no "wieghts".*did you mean "weights'),
        ({"groups": {"a": ["weights.top"], "b": ["weights"]}}, "in two groups"),
    ):
        with pytest.raises(ei.EgovindexError, match=words):
            ei.sobol(index, data, doubt, **({"n": 16, "rng": 1} | options))
    more = doubt + ei.Doubt(points={"status.drafted": (0, 1)})
    with pytest.raises(ei.EgovindexError, match=r"points\.status\.drafted: in no group"):
        ei.sobol(index, data, more, n=16, groups={"a": ["weights"]})


def test_questions_about_draws_that_cannot_be_answered(index, data):
    draws = ei.simulate(index, data, ei.Doubt(points={"status.drafted": (0, 1)}), n=10, rng=1)
    for ask, words in (
        (lambda: draws.rank_intervals(90), "level"),
        (lambda: draws.score_intervals(0), "level"),
        (lambda: draws.top(0), "k is a whole number from 1 on, found 0"),
        (lambda: draws.settings([10]), "numbered from 0 to 9, found 10"),
        (lambda: draws.index(-1), "numbered from 0 to 9, found -1"),
        (lambda: draws.above("T01", "T99"), "T99"),
        (draws.central_weights, "no weights are varied"),
    ):
        with pytest.raises(ei.EgovindexError, match=words):
            ask()
    market = ei.simulate(index, data, ei.Doubt(aggregate={"market": ["mean", "geometric"]}), n=10, node="market")
    with pytest.raises(ei.MethodError, match="market has no classes"):
        market.class_probabilities()
    with pytest.raises(ei.MethodError, match=r"no number of .* has a range"):
        ei.Doubt.declared("un-egdi-2024")
