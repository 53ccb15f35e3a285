"""Worst case, one weight at a time and draws: side by side, one inside the other, each told for what it is."""

from __future__ import annotations

import pytest

import egovindex as ei


@pytest.fixture(scope="module")
def parts() -> ei.IndexResult:
    return ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))


@pytest.mark.parametrize("law", [ei.within(0.1), ei.within(0.5), ei.between(0.2, 0.5), ei.ordered("osi", "tii", "hci")])
def test_one_lies_inside_the_other(parts, law):
    seen = ei.how_sure(parts, law, n=2000, rng=4, level=0.999)
    table = seen.table
    assert (table["worst_case_best"] <= table["one_weight_best"]).all()
    assert (table["worst_case_worst"] >= table["one_weight_worst"]).all()
    assert (table["worst_case_best"] <= table["draws_low"]).all()
    assert (table["worst_case_worst"] >= table["draws_high"]).all()


def test_every_part_says_what_it_is(parts):
    seen = ei.how_sure(parts, ei.within(0.25), n=500, rng=4)
    kinds = {name: certainty.kind for name, certainty in seen.certainties.items()}
    assert kinds == {"worst_case": "exact", "one_weight": "exact", "draws": "sampled", "radius": "exact"}
    drawn = seen.certainties["draws"]
    assert (drawn.n, drawn.seed) == (500, 4)
    assert drawn.error == pytest.approx(0.5 / 500**0.5)


def test_ranks_stand_still_inside_the_radius(parts):
    radius = ei.rank_radius(parts).table["radius"]
    unit = radius[(radius > 0.02) & (radius < 0.3)].index[0]
    share = float(radius[unit])
    inside = ei.rank_range(parts, ei.within(share * (1 - 1e-9)), units=[unit]).of(unit)
    outside = ei.rank_range(parts, ei.within(share * (1 + 1e-6)), units=[unit]).of(unit)
    assert inside["best"] == inside["worst"] == inside["rank"]
    assert outside["best"] < outside["worst"]


def test_without_draws(parts):
    seen = ei.how_sure(parts, ei.within(0.25), n=None)
    assert "draws_low" not in seen.table
    assert "draws" not in seen.certainties


def test_rounded_scores_are_not_drawn():
    result = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
    with pytest.raises(ei.MethodError, match="draws rank rounded scores"):
        ei.how_sure(result, {"HDI": ei.within(0.25)}, rng=1)
    assert ei.how_sure(result, {"HDI": ei.within(0.25)}, n=None).table.loc["CHE", "worst_case_worst"] == 2


def test_it_shows_itself(parts):
    seen = ei.how_sure(parts, ei.within(0.25), n=200, rng=4)
    assert "median width" in repr(seen)
    assert "sampled" in repr(seen)
    assert "<table" in seen._repr_html_()
