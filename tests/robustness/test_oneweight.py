"""One weight at a time, held against the index computed again with that weight."""

from __future__ import annotations

import numpy as np
import pytest

import egovindex as ei
from egovindex.robustness.regions import form_of


@pytest.fixture(scope="module")
def parts() -> ei.IndexResult:
    return ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))


@pytest.fixture(scope="module")
def whole() -> ei.IndexResult:
    return ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))


def ranks_at(result, weights):
    """Ranks of the headline with other weights, learned values kept, by the evaluator alone."""
    plan = result.plan
    row = plan.weights.copy()
    for node, children in weights.items():
        place, names = plan.node_places[node]
        total = row[place].sum()
        row[place] = [children[name] * total for name in names]
    scores = ei.evaluate(plan, weights=row, learned=result.learned_values)
    return ei.IndexResult(result.index, plan, scores).ranks[result.headline].droplevel("period").astype(int)


def test_every_swap_swaps_in_the_evaluator(whole):
    alone = ei.weight_stability(whole)
    swaps = alone.swaps
    rng = np.random.default_rng(7)
    inner = swaps[(swaps["at"] > 0.01) & (swaps["at"] < 0.99) & ((swaps["at"] - swaps["share"]).abs() > 1e-6)]
    for row in inner.iloc[rng.integers(0, len(inner), 60)].itertuples():
        way = np.sign(row.at - row.share)
        before, after = (
            ranks_at(whole, alone.certificate(row.node, row.child, row.at + way * step)) for step in (-1e-9, 1e-9)
        )
        assert before[row.unit] < before[row.passed_by], row
        assert after[row.unit] > after[row.passed_by], row


def test_intervals_are_as_wide_as_can_be(parts):
    alone = ei.weight_stability(parts)
    own = parts.ranks["EGDI"].droplevel("period").astype(int)
    for unit in ("EST", "KHM", "IRL", "TCD"):
        for (node, child), row in alone.of(unit).iterrows():
            for end, way in ((row["low"], -1), (row["high"], 1)):
                inside = ranks_at(parts, alone.certificate(node, child, end - way * 1e-9))
                assert inside[unit] == own[unit]
                if 0 < end < 1:
                    assert ranks_at(parts, alone.certificate(node, child, end + way * 1e-9))[unit] != own[unit]


def test_the_leader_leaves_where_it_is_told(parts):
    table = ei.weight_stability(parts).intervals
    leader = parts.ranking["unit"].iloc[0]
    alone = ei.weight_stability(parts)
    for (node, child), row in table.iterrows():
        for end, way in ((row["first_low"], -1), (row["first_high"], 1)):
            if 0 < end < 1:
                assert ranks_at(parts, alone.certificate(node, child, end - way * 1e-9))[leader] == 1
                assert ranks_at(parts, alone.certificate(node, child, end + way * 1e-9))[leader] > 1


@pytest.mark.parametrize("law", [ei.within(0.25), ei.between(0.2, 0.6), ei.conditions("osi >= tii", low=0.1)])
def test_ranks_of_one_weight_lie_in_the_worst_case(parts, law):
    _, laws = form_of(parts, law)
    alone = ei.weight_stability(parts).rank_range(laws)
    worst = ei.rank_range(parts, law).table
    assert (alone["best"] >= worst["best"].reindex(alone.index)).all()
    assert (alone["worst"] <= worst["worst"].reindex(alone.index)).all()


def test_ranks_of_one_weight_by_trying(parts):
    _, laws = form_of(parts, ei.within(0.25))
    alone = ei.weight_stability(parts)
    found = alone.rank_range(laws)
    tried = [
        ranks_at(parts, alone.certificate("EGDI", child, share)).to_numpy()
        for child in ("osi", "tii", "hci")
        for share in np.linspace(0.25, 5 / 12, 401)
    ]
    tried = np.array(tried)
    assert (tried.min(axis=0) >= found["best"].to_numpy()).all()
    assert (tried.max(axis=0) <= found["worst"].to_numpy()).all()
    # a grid of 401 shares misses few of the narrow places
    assert (tried.min(axis=0) == found["best"].to_numpy()).mean() > 0.95


def test_wrong_weights_and_units_are_told(parts):
    alone = ei.weight_stability(parts)
    with pytest.raises(ei.MethodError, match="no weight of ois in EGDI moves here"):
        alone.certificate("EGDI", "ois", 0.5)
    with pytest.raises(ei.MethodError, match="a share is from 0 to 1"):
        alone.certificate("EGDI", "osi", 1.5)
    with pytest.raises(ei.MethodError, match='there is no unit "XXX"'):
        alone.of("XXX")


def test_it_shows_itself(parts):
    alone = ei.weight_stability(parts)
    assert "weights, one at a time" in repr(alone)
    assert "<table" in alone._repr_html_()
    assert alone.certainty.kind == "exact"
