"""Laws, data and options at their edges: each case went wrong once."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import egovindex as ei
from egovindex.sensitivity.numberlaws import truncated_normal

UNIFORM = (np.arange(20_000) + 0.5) / 20_000


# --- laws of numbers


@pytest.mark.parametrize(
    ("mean", "sd", "low", "high"),
    [(0, 1, 9, 10), (0, 1, -10, -9), (0, 1, 40, 41), (0, 1, -41, -40), (0.1, 0.01, 0.2, 0.9), (0, 1, 5, None)],
)
def test_a_normal_law_far_out(mean, sd, low, high):
    """Above the mean it used to be one number: the share that was inverted had lost its digits."""
    ends = [-np.inf if low is None else (low - mean) / sd, np.inf if high is None else (high - mean) / sd]
    expected = stats.truncnorm.ppf(UNIFORM, *ends, loc=mean, scale=sd)
    found = truncated_normal(UNIFORM, mean, sd, low, high)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert len(np.unique(found)) == len(found)


@pytest.mark.parametrize("ends", [(None, 0.5), (0.2, None), (0.2, 0.5), (None, None)])
def test_a_normal_law_with_one_limit_is_written_with_it(ends, tmp_path):
    """An upper limit alone used to be read back as a lower one."""
    doubt = ei.Doubt(points={"status.drafted": ei.normal(0.4, 0.1, *ends)}, name="one limit")
    doubt.save(tmp_path / "doubt.yaml")
    back = ei.load_doubt(tmp_path / "doubt.yaml")
    law = back.parts[0].law
    assert (law.low, law.high) == ends
    assert back == doubt
    others = {(None, 0.5), (0.2, None), (0.2, 0.5), (None, None)} - {ends}
    for other in others:
        assert ei.Doubt(points={"status.drafted": ei.normal(0.4, 0.1, *other)}) != doubt
        assert str(ei.normal(0.4, 0.1, *other)) != str(law)


# --- equality and checkpoints


def different() -> list[tuple[ei.Doubt, ei.Doubt]]:
    panel = {"a": {"rules": 1, "take-up": 2, "market": 1}, "b": {"rules": 2, "take-up": 1, "market": 1}}
    other = {**panel, "b": {"rules": 2, "take-up": 3, "market": 1}}
    sets = [{"top": {"rules": n, "take-up": 1, "market": 1}} for n in (1, 2, 3)]
    return [
        (ei.Doubt(weights={"top": ei.experts(panel)}), ei.Doubt(weights={"top": ei.experts(other)})),
        (ei.Doubt(weights=sets[:2]), ei.Doubt(weights=sets[1:])),
        (ei.Doubt(weights=ei.schemes(*sets[:2], chances=[0.9, 0.1])), ei.Doubt(weights=sets[:2])),
        (ei.Doubt(include={"law": 0.1234567}), ei.Doubt(include={"law": 0.1234568})),
        (
            ei.Doubt(recipes={"edition": {"a": {}, "b": {"title": "x"}}}),
            ei.Doubt(recipes={"edition": {"a": {}, "b": {"title": "y"}}}),
        ),
    ]


@pytest.mark.parametrize("pair", different(), ids=["experts", "schemes", "chances", "include", "recipes"])
def test_doubts_that_say_other_things_differ(pair):
    one, other = pair
    assert one != other
    assert len({one, other}) == 2
    assert one == ei.Doubt.of(one.parts)


def test_a_checkpoint_knows_the_weights_behind_a_path(index, data, tmp_path):
    """The file of a weight set may change while its path stays."""
    path = tmp_path / "mine.yaml"
    text = "weights: mine\nindex: anvilla\nnodes: {{top: {{rules: {rules}, take-up: 1, market: 1}}}}\n"
    path.write_text(text.format(rules=2), encoding="utf-8")
    other = {"top": {"rules": 1, "take-up": 1, "market": 1}}
    doubt = ei.Doubt(weights=[other, str(path)])
    given = {"rng": 1, "checkpoint": tmp_path / "run.npz"}
    before = ei.simulate(index, data, doubt, n=1024, **given)
    path.write_text(text.format(rules=50), encoding="utf-8")
    with pytest.raises(ei.DataError, match="another run: it differs in doubt"):
        ei.simulate(index, data, doubt, n=2048, **given)
    assert ei.simulate(index, data, doubt, n=64, rng=1).manifest.doubt_sha256 != before.manifest.doubt_sha256


def test_a_changed_checkpoint_is_no_checkpoint(index, data, tmp_path):
    """Whatever is taken out or changed by hand, nothing of it is counted."""
    path = tmp_path / "run.npz"
    doubt = ei.Doubt(weights={"top": "simplex"})
    ei.simulate(index, data, doubt, n=2048, rng=1, checkpoint=path)
    with np.load(path) as held:
        whole = {name: held[name] for name in held.files}
    broken = [
        {name: array for name, array in whole.items() if name != "sum.counts"},
        {**whole, "sum.counts": whole["sum.counts"] + 1},
        {**whole, "about": np.frombuffer(b"[1, 2]", dtype=np.uint8)},
        {**whole, "about": np.frombuffer(bytes(whole["about"]).replace(b"2048", b"1500"), dtype=np.uint8)},
    ]
    for arrays in broken:
        np.savez(path, **arrays)
        with pytest.raises(ei.DataError, match="no checkpoint of draws") as error:
            ei.simulate(index, data, doubt, n=4096, rng=1, checkpoint=path)
        assert "pickle" not in str(error.value)


# --- single precision


def test_an_alternative_that_is_less_precise_keeps_its_ranks(tmp_path, monkeypatch):
    """The error was measured on the first draws of a block, and a rare alternative was not among them."""
    for name in ("_KEPT", "_LEAST_KEPT"):  # draws that are kept are scored in double precision
        monkeypatch.setattr(import_module("egovindex.sensitivity.simulate"), name, 1024)
    path = tmp_path / "i.yaml"
    path.write_text(
        "index: i\nnothing: {missing: void}\nindicators: {a: {steps: [goalposts 0 1]}, b: {steps: [goalposts 0 1]}}\n"
        "nodes: {I: {of: {a: 1, b: -1}, aggregate: sum}}\n",
        encoding="utf-8",
    )
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"unit": [f"u{at}" for at in range(40)], "a": rng.random(40), "b": rng.random(40)})
    doubt = ei.Doubt(
        weights={"I": ei.within(0.1)},
        normalise=ei.choice("goalposts 0 1", "goalposts -100000 -99999", chances=[0.99, 0.01]),
    )
    single = ei.simulate(path, table, doubt, rng=1, n=8192, precision="single")
    double = ei.simulate(path, table, doubt, design=single.settings())
    pd.testing.assert_frame_equal(single.rank_probabilities(), double.rank_probabilities())


# --- draws by number


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda d: d.settings([1.7]), "whole numbers"),
        (lambda d: d.settings([True, False]), "whole numbers"),
        (lambda d: d.settings("abc"), "whole numbers"),
        (lambda d: d.settings(3.0), "whole numbers"),
        (lambda d: d.index([3, 4]), "one draw is meant"),
        (lambda d: d.index(None), "one draw is meant"),
        (lambda d: d.result_of("3"), "one draw is meant"),
        (lambda d: d.index(slice(1, 2)), "one draw is meant"),
        (lambda d: d.index(64), "from 0 to 63"),
    ],
)
def test_what_is_no_draw(index, data, ask, said):
    draws = ei.simulate(index, data, ei.Doubt(weights={"top": "simplex"}), n=64, rng=1)
    with pytest.raises(ei.MethodError, match=said):
        ask(draws)
    assert len(draws.settings(np.arange(3))) == 3
    assert draws.rank_intervals(np.float32(0.5)).equals(draws.rank_intervals(0.5))


# --- what is written


def test_a_record_may_be_left_as_it_is(index, data):
    """``None`` leaves a node alone, for every kind that has records."""
    doubt = ei.Doubt(normalise={"*": ["minmax", "zscore"], "price": None}, aggregate={"market": ["mean", "geometric"]})
    drawn = ei.simulate(index, data, doubt, n=64, rng=1)
    assert "normalise.price" not in drawn.settings().columns
    assert ei.load_doubt(doubt) == doubt
    with pytest.raises(ei.MethodError, match='no record "prize"; did you mean "price"'):
        ei.simulate(index, data, ei.Doubt(normalise={"*": ["minmax", "zscore"], "prize": None}), n=64, rng=1)


def test_one_name_of_leave_one_out_is_a_name(tmp_path):
    path = tmp_path / "doubt.yaml"
    path.write_text("doubt: x\ninclude: {leave_one_out: market}\n", encoding="utf-8")
    assert str(ei.load_doubt(path).parts[0].law) == "leave one out of market"


def test_a_design_with_a_column_twice(index, data):
    doubt = ei.Doubt(points={"status.drafted": (0.2, 0.8)})
    design = pd.DataFrame([[0.3, 0.4]], columns=["points.status.drafted"] * 2)
    with pytest.raises(ei.MethodError, match=r"points\.status\.drafted stands there twice"):
        ei.simulate(index, data, doubt, design=design)


def test_a_target_gives_numbers(index, data):
    doubt = ei.Doubt(weights={"top": "simplex"}, aggregate={"market": ["mean", "geometric"]})
    with pytest.raises(ei.MethodError, match="a function gives numbers"):
        ei.sobol(index, data, doubt, n=16, rng=1, target=lambda scores, ranks: ["much"] * len(scores))


def test_weights_that_add_up_to_zero_are_told_as_they_are(tmp_path):
    path = tmp_path / "i.yaml"
    path.write_text(
        "index: i\nnothing: {missing: void}\nindicators: {a: {}, b: {}}\n"
        "nodes: {I: {of: {a: 1, b: -1}, aggregate: sum}}\n",
        encoding="utf-8",
    )
    table = pd.DataFrame({"unit": list("xyz"), "a": [0.2, 0.4, 0.9], "b": [0.1, 0.7, 0.3]})
    doubt = ei.Doubt(weights={"I": ei.within(0.5)})
    alone = ei.one_at_a_time(path, table, doubt)
    assert alone.table["setting"].tolist() == ["low: 0.5", "high: 1.5", "low: -1.5", "high: -0.5"]
    with pytest.raises(ei.MethodError, match="add up to zero, and have no shares"):
        ei.simulate(path, table, doubt, n=64, rng=1).central_weights()


# --- conditions


def test_conditions_beside_a_child_that_is_fixed(index, data):
    """The fixed child left no room for a walk, while the others have some."""
    law = ei.conditions(
        "rules >= 0.95 * market",
        "rules <= market",
        "market <= 0.3501",
        "rules >= 0.34",
        low={"take-up": 0.3},
        high={"take-up": 0.3},
    )
    drawn = ei.simulate(index, data, ei.Doubt(weights={"top": law}), n=512, rng=1)
    shares = drawn.settings() / 4
    assert (shares["weights.top.take-up"] - 0.3).abs().max() < 1e-12
    assert shares["weights.top.rules"].between(0.34, 0.3501).all()
    assert shares["weights.top.rules"].nunique() > 500


# --- what was read wrongly, or told badly, in a file


BAD = {
    "weights: {top: {between: [0.5]}}": "between takes 2 numbers, found 1",
    "weights: {top: {within: [0.1, 0.2]}}": "within takes 1 number, found 2",
    "weights: {top: {dirichlet: [2, 1, 1]}}": "dirichlet takes 1 number, found 3",
    "weights: {top: {experts: panel.csv}}": "experts takes a map, as in {experts: {of:",
    "weights: {top: {experts: {a: {rules: 1}}}}": 'experts takes no "a"',
    "weights: {top: {experts: {take: one}}}": "experts has no of",
    "weights: {top: [0.2, 0.5]}": "a list is one of weight sets. Limits of every share are between 0.2 0.5",
    "weights: {top: 0.25}": "write within 0.25",
    "weights: {top: within(0.25)}": 'as a text it is "within 0.25"',
    "weights: {top: within 25 %}": "a share is a number, as in within 0.25",
    "weights: {top: within 25}": "up to 1, 0.25 for 25 %; found 25",
    "weights: {top: between 20 50}": "limits are shares between 0 and 1, 0.2 for 20 %; found 20, 50",
    "weights: {top: [equal, equal]}": "name each weight set once, found equal twice",
    "values: {users: {error: 2}}": "error takes a map, as in {error: {sd: 2",
    "values: {users: {error: {sd: 2, min: 0}}}": 'error takes no "min"',
    "values: {users: {error: {sd: 5 %}}}": "5 % of a value is sd=0.05",
    "values: {users: {error: {sd: 5, relative: true}}}": "a relative error is a share of the number, 0.05 for 5 %",
    "points: {status.drafted: {normal: {mean: 0}}}": "normal is incomplete: write it as in {normal: {mean: 0.4",
    "points: {status.drafted: normal 0.4 0.1 0.2}": "normal takes 2 or 4 numbers, found 3",
}


@pytest.mark.parametrize(("line", "said"), BAD.items(), ids=BAD)
def test_a_law_in_a_file_that_cannot_be(line, said, tmp_path):
    path = tmp_path / "doubt.yaml"
    path.write_text(f"doubt: x\n{line}\n", encoding="utf-8")
    with pytest.raises(ei.SpecError) as error:
        ei.load_doubt(path)
    assert said in str(error.value)
    assert "doubt.yaml:2" in str(error.value)


@pytest.mark.parametrize("written", ["between 0.2 0.5", "{between: [0.2, 0.5]}", "{between: {low: 0.2, high: 0.5}}"])
def test_limits_in_three_spellings(written, tmp_path):
    """As a list they used to be dropped, and everything between 0 and 1 was drawn."""
    path = tmp_path / "doubt.yaml"
    path.write_text(f"doubt: x\nweights: {{top: {written}}}\n", encoding="utf-8")
    assert ei.load_doubt(path) == ei.Doubt(weights={"top": ei.between(0.2, 0.5)})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ei.experts([[1, 2, 3], [2, 2, 2]]), "a row per expert and a column per child"),
        (lambda: ei.experts("panel.csv"), "A file is read first"),
        (lambda: ei.experts({"a": {"x": 1, "y": 2}, "b": {"x": 1}}), "b gave none for y"),
        (lambda: ei.Doubt(weights=ei.simplex), r"simplex is a function: call it, as in simplex\(\)"),
        (lambda: ei.error(sd="1.5"), "write the number without quotes"),
        (lambda: ei.load_doubt({"weights": "simplex"}), r"as in Doubt\(weights=within\(0.25\)\)"),
    ],
)
def test_a_call_that_cannot_be(call, said):
    with pytest.raises(ei.EgovindexError, match=said):
        call()


def test_arguments_that_changed_places(index, data):
    with pytest.raises(ei.SpecError, match="found DataFrame; the index comes first, then the data"):
        ei.simulate(data, index, ei.Doubt(weights="simplex"))


def test_targets_that_are_not_there(index, data):
    doubt = ei.Doubt(weights={"top": "simplex"}, aggregate={"market": ["mean", "geometric"]})
    with pytest.raises(ei.MethodError, match=r'of one unit it is \("rank", "T01"\)'):
        ei.sobol(index, data, doubt, n=16, rng=1, target="rank:T01")
    with pytest.raises(ei.MethodError, match=r'no unit "Anvil" in the data. Units: T01, T02'):
        ei.sobol(index, data, doubt, n=16, rng=1, target=("rank", "Anvil"))


def test_a_record_of_another_kind_is_told_with_the_way_out(index, data):
    with pytest.raises(ei.MethodError) as error:
        ei.simulate(index, data, ei.Doubt(weights={"law": "simplex"}, values={"market": ei.error(sd=1)}), n=8, rng=1)
    said = str(error.value)
    assert '"law" is an indicator, and this is about nodes; name what it is a part of (rules)' in said
    assert '"market" is a node, and this is about indicators; name its indicators (price, speed)' in said


# --- what is told of what has no effect, and of units without a score


def test_a_policy_that_nobody_meets_is_told(index, data):
    """Nobody's answer is of that kind: it is varied, and nothing follows."""
    chosen = index.with_(nothing={"unknown": "skip", "missing": "skip", "not_applicable": "skip"})
    doubt = ei.Doubt(nothing={"not_applicable": ["skip", 0], "unknown": ["skip", 0]})
    drawn = ei.simulate(chosen, data, doubt, n=64, rng=1)
    assert drawn.diagnostics["method"].to_dict() == {
        "nothing.not_applicable": "changes nothing in these data by itself"
    }
    found = ei.sobol(chosen, data, doubt, n=16, rng=1)
    for shown in (repr(drawn), repr(found)):
        assert "one of skip, 0 (changes nothing in these data by itself)" in shown


def test_units_that_have_a_score_in_some_draws_alone_are_counted(index, data):
    table = data.copy()
    table.loc[3, ["law", "plan", "portal", "consult"]] = "unknown"
    void = index.with_(nothing={"unknown": "skip", "missing": "void"})
    drawn = ei.simulate(void, table, ei.Doubt(nothing={"unknown": ["skip", 0]}), n=256, rng=1)
    scored = drawn.summary["scored"]
    lacking = scored.index[scored < 1].tolist()
    assert "T04" in lacking
    assert drawn.result.ranks["top"].isna()["T04"]
    assert "without a score in some draws" not in repr(drawn)  # it has none without any draw either: no news
    none = drawn.rank_probabilities()["none"]
    np.testing.assert_allclose(scored, 1 - none)


def test_one_at_a_time_of_all_units_shows_them_together(index, data, recwarn):
    found = ei.one_at_a_time(index, data, ei.Doubt(weights={"top": ei.within(0.25)}), target="rank")
    assert "over 30 outputs; of(...) is the tornado of one" in repr(found)
    spans = {name: found.of(name)["span"] for name in found.outputs}
    shown = found._shown()
    expected = pd.DataFrame(spans).mean(axis=1)
    np.testing.assert_allclose(shown["mean span"], expected[shown.index])
    assert not [warning for warning in recwarn if "fragmented" in str(warning.message)]
