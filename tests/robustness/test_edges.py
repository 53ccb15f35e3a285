"""Where exact answers meet their edges: weights of 0, scores on a limit, the end of a measure, gaps, tiny numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from tests.properties.drawn import index_of

BANDS = {"A": 0.6, "B": 0.3, "C": "else"}


def test_a_weight_of_zero_may_rise(flat):
    result = flat([[0.1, 0.5, 0.9], [0.4, 0.4, 0.4], [0.9, 0.2, 0.1], [0.3, 0.8, 0.3]], [1, 0, 0])
    told = ei.explain_robustness(result, "U0", ei.simplex()).about("one_weight")
    swaps = ei.weight_stability(result).swaps
    mine = swaps[(swaps["unit"] == "U0") | (swaps["passed_by"] == "U0")]
    first = mine.iloc[(mine["at"] - mine["share"]).abs().argmin()]
    assert told.numbers["at"] == pytest.approx(first["at"])
    assert told.numbers["child"] == first["child"]
    assert "rises from 0 to" in told.text


def test_a_score_on_the_limit_of_a_class(flat):
    # all values on the limit: nothing takes it out
    assert ei.class_radius(flat([[0.6] * 3, [0.1] * 3], classes=BANDS)).table.loc["U0", "radius"] == np.inf
    # the one weight cannot move
    assert ei.class_radius(flat([[0.3, 0.9, 0.1]], [1, 0, 0], classes=BANDS)).table.loc["U0", "down"] == np.inf
    # on the limit and free: the smallest change takes it out, and the certificate does
    found = ei.class_radius(flat([[0.1, 0.5, 0.9], [0.2, 0.2, 0.2]], [1, 1, 2], classes=BANDS))
    assert found.table.loc["U0", "down"] == 0
    weights = found.certificate("U0")["top"]
    assert 0.1 * weights["a"] + 0.5 * weights["b"] + 0.9 * weights["c"] < 0.6 - 1e-9


def test_level_at_the_end_is_no_swap(flat):
    # U1 draws level with U0 only where all weight is on a: nothing lies beyond
    result = flat([[0.5, 0.5], [0.5, 0.1]])
    assert ei.swap_radius(result).pairs.loc["U0", "U1"] == np.inf
    assert ei.swap_radius(result, measure="contamination").pairs.loc["U0", "U1"] == np.inf
    assert ei.swap_radius(flat([[0.5, 0.5], [0.5 + 1e-6, 0.1]])).pairs.loc["U0", "U1"] < 1


def test_units_with_several_rows_are_refused():
    index = index_of(
        {
            "rows": ["unit", "year"],
            "indicators": {"a": {}, "b": {}},
            "nodes": {"top": {"of": ["a", "b"]}},
        }
    )
    data = pd.DataFrame({"unit": ["p", "p", "q"], "year": ["1", "2", "1"], "a": [1.0, 2, 3], "b": [3.0, 1, 2]})
    result = ei.compute(index, data)
    for ask in (
        lambda: ei.rank_range(result, ei.within(0.25)),
        lambda: ei.rank_radius(result),
        lambda: ei.explain_robustness(result, "p"),
        lambda: ei.nearest_weights(result, "p", 1),
        lambda: ei.audit(result, {"p": 1, "q": 2}),
    ):
        with pytest.raises(ei.MethodError, match=r"a row is one of \(unit, year\) here"):
            ask()


@pytest.mark.parametrize("scale", [1e-200, 1e-300, 1e200, 1e300])
def test_the_unit_of_measurement_does_not_matter(flat, scale):
    x = np.array([[0.1, 0.5, 0.9], [0.4, 0.3, 0.4], [0.9, 0.2, 0.1], [0.3, 0.8, 0.3]])
    one, other = (ei.weight_stability(flat(values)) for values in (x, x * scale))
    assert np.allclose(one.intervals, other.intervals, rtol=1e-9)
    chances = ei.win_probabilities(flat(x * scale), ei.simplex()).table
    assert np.isfinite(chances).all(axis=None) or chances["ahead_of_next"].isna().sum() == 1
    assert np.isfinite(chances[["mean", "sd"]]).all(axis=None)


def test_a_gap_below_what_varies_changes_no_weight():
    index = index_of(
        {
            "nothing": "skip",
            "indicators": {"a": {}, "b": {}, "c": {}},
            "nodes": {"top": {"of": ["p", "c"]}, "p": {"of": ["a", "b"]}},
        }
    )
    data = pd.DataFrame({"unit": list("xyz"), "a": [1.0, None, 0.3], "b": [0.5, 0.9, 0.1], "c": [0.2, 0.4, 0.6]})
    result = ei.compute(index, data)
    ranges = ei.rank_range(result, {"top": ei.simplex()})
    for unit in "xyz":
        for end in ("best", "worst"):
            varied = ei.compute(index.with_weights(ranges.certificate(unit, end)), data)
            assert varied.ranks.loc[unit, "top"] == ranges.of(unit)[f"{end}_found"]
    with pytest.raises(ei.MethodError, match=r"y: something is not counted \(a\).*nodes without gaps alone"):
        ei.rank_range(result, ei.simplex())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"workers": 0}, "workers is a whole number from 1 on, found 0"),
        ({"workers": "x"}, "workers is a whole number from 1 on, found 'x'"),
        ({"workers": 2.5}, "workers is a whole number"),
        ({"time_limit": "x"}, "time_limit is a number of seconds, found 'x'"),
        ({"time_limit": -1}, "time_limit is a number of seconds"),
        ({"time_limit": float("nan")}, "time_limit is a number of seconds"),
        ({"time_limit": True}, "time_limit is a number of seconds"),
    ],
)
def test_bad_limits_are_refused(flat, options, said):
    with pytest.raises(ei.MethodError, match=said):
        ei.rank_range(flat([[1, 2], [2, 1]]), ei.simplex(), **options)


def test_nothing_that_varies_is_refused(flat):
    result = flat([[1, 2], [2, 1]])
    for ask in (ei.rank_range, ei.win_probabilities, ei.how_sure):
        with pytest.raises(ei.MethodError, match="every law given is None"):
            ask(result, {"top": None})
    for ask in (ei.rank_radius, ei.weight_stability):
        with pytest.raises(ei.MethodError, match="name a node whose weights vary"):
            ask(result, nodes=[])


def test_long_work_is_not_begun_in_vain(flat):
    rounded = flat([[1, 2, 3], [2, 1, 4]], steps=["round 1"])
    with pytest.raises(ei.MethodError, match="rounded in the end"):
        ei.how_sure(rounded, ei.within(0.25), progress=pytest.fail)
    with pytest.raises(ei.MethodError, match="n is a whole number from 1 on"):
        ei.how_sure(flat([[1, 2, 3], [2, 1, 4]]), ei.within(0.25), n=0, progress=pytest.fail)
    with pytest.raises(ei.MethodError, match="level is a share between 0 and 1"):
        ei.how_sure(flat([[1, 2, 3], [2, 1, 4]]), ei.within(0.25), level=2, progress=pytest.fail)


def test_ties_are_told_as_ties(flat):
    result = flat([[0.5, 0.5], [0.5, 0.5], [0.4, 0.6], [0.1, 0.1]])
    told = ei.explain_robustness(result, "U0", ei.within(0.25))
    assert told.about("dominance").numbers == {"ahead": 1, "behind": 0, "level": 1, "open": 1}
    assert "level with 1 unit" in told.about("dominance").text
    assert told.about("one_weight").text.startswith("A tie with U2 breaks with the smallest change")
    assert "it is level with" in told.about("chance").text


def test_a_unit_and_itself_are_one(flat):
    with pytest.raises(ei.MethodError, match="U1 and itself are one unit"):
        ei.swap_radius(flat([[1, 2], [2, 1]])).certificate("U1", "U1")


def test_nobody_with_a_score_is_told():
    index = index_of({"nothing": "void", "indicators": {"a": {}, "b": {}}, "nodes": {"top": {"of": ["a", "b"]}}})
    data = pd.DataFrame({"unit": list("xy"), "a": [None, 1.0], "b": [1.0, None]})
    with pytest.raises(ei.MethodError, match="no unit has a score in top"):
        ei.rank_range(ei.compute(index, data), ei.simplex())


def test_an_order_may_be_written_as_a_sentence(answers):
    result = answers([["yes", "no"], ["drafted", "planned"], ["planned", "yes"]])
    one = ei.dominance(result, points={"status": "no < planned < drafted < yes"})
    other = ei.dominance(result, points={"status": ["no", "planned", "drafted", "yes"]})
    assert one.necessary.equals(other.necessary)


def test_a_twin_under_a_weight_of_zero_is_never_passed(flat):
    # c counts nothing, and stays at nothing within any share of itself: U1 is a twin
    result = flat([[0.2, 0.5, 0.9], [0.2, 0.5, 0.1], [0.4, 0.4, 0.1]], [1, 1, 0])
    found = ei.nearest_weights(result, "U0", 1)
    assert found.by_tie
    assert "U1" in found.tied


def test_levers_say_that_some_answers_are_left_out():
    index = index_of(
        {
            "nothing": "skip",
            "points": {"status": {"yes": 1, "none": 0}},
            "indicators": {name: {"points": "status"} for name in "abc"},
            "nodes": {"top": {"of": ["p", "c"]}, "p": {"of": ["a", "b"], "aggregate": "max"}},
        }
    )
    data = pd.DataFrame({"unit": ["u"], "a": ["missing"], "b": ["none"], "c": ["none"]}).replace("missing", None)
    found = ei.levers(ei.compute(index, data), "u", {"score": 0.5}, costs={"a": 1, "b": 5, "c": 5})
    # a = yes would do it at a cost of 1, but nothing else in p need count then
    assert found.cost == 5
    assert "among the answers that are not left out" in str(found.certainty)
    assert any("a" in note for note in found.notes)


def test_steps_that_turn_the_ranking_round_are_refused(flat):
    # goalposts from 10 down to 0: the highest mean is the last
    result = flat([[2, 2], [3, 3]], steps=["goalposts 10 0"])
    assert result.ranks["top"].tolist() == [1, 2]
    with pytest.raises(ei.MethodError, match="its steps turn the order of its units round"):
        ei.rank_radius(result)
