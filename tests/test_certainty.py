"""Every result says whether it is exact, a certified bound, or sampled."""

from __future__ import annotations

import pytest

import egovindex as ei


def test_kinds_are_three():
    assert str(ei.Certainty("exact", "closed form")) == "exact: closed form"
    assert str(ei.Certainty("bound")) == "bound"
    assert str(ei.Certainty("exact", "integral", error=1e-12)) == "exact: integral; numerical error at most 1e-12"
    with pytest.raises(ei.MethodError, match="a kind is exact, bound, sampled, found 'sure'"):
        ei.Certainty("sure")


def test_every_result_says_its_own():
    index, data = ei.load_index("un-egdi-parts-2024"), ei.sample("un-egdi-parts-2024")
    result, law = ei.compute(index, data), ei.within(0.25)
    draws = ei.simulate(index, data, ei.Doubt(weights=law), n=400, rng=3)
    assert str(draws.certainty) == "sampled: draws; N = 400, seed 3, standard error at most 0.025"
    assert ei.sobol(index, data, ei.Doubt(weights=law), n=16, rng=3).certainty.kind == "sampled"
    found = [
        ei.rank_range(result, law, units=["KHM"]),
        ei.dominance(result, law),
        ei.swap_radius(result),
        ei.rank_radius(result),
        ei.class_radius(result),
        ei.weight_stability(result),
        ei.win_probabilities(result, ei.simplex()),
        ei.nearest_weights(result, "SGP", 2, distance="moved"),
        ei.levers(result, "KHM", {"rank": 119}, answers={"osi": [0.6]}, alternatives=0),
        ei.audit(result, {"DNK": 1, "EST": 2}, total=1, weights={"osi": 0.33, "tii": 0.33, "hci": 0.33}),
        ei.one_at_a_time(index, data, ei.Doubt(weights=law)),
        ei.bounds("unctad-cyberlaw-2026", ei.sample("unctad-cyberlaw-2026"), kinds=["no_data"]),
    ]
    assert [one.certainty.kind for one in found] == ["exact"] * len(found)
