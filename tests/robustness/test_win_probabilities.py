"""Exact probabilities of an index, held against draws of the same law."""

from __future__ import annotations

import numpy as np
import pytest

import egovindex as ei


@pytest.fixture(scope="module")
def parts() -> ei.IndexResult:
    return ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))


@pytest.mark.parametrize("law", [ei.simplex(), ei.dirichlet(20), ei.dirichlet(alpha={"osi": 4, "tii": 2, "hci": 0.5})])
def test_draws_agree(parts, law):
    found = ei.win_probabilities(parts, law)
    n = 20_000
    draws = ei.simulate(parts.index, parts.plan.data, ei.Doubt(weights=law), n=n, rng=3, learn="nominal", keep=True)
    ranks = draws.ranks.to_numpy()
    rng = np.random.default_rng(1)
    names = list(found.form.units)
    for i, j in rng.integers(0, len(names), (300, 2)):
        if i == j:
            continue
        p = float(found.wins.above[i, j])
        drawn = (ranks[:, i] < ranks[:, j]).mean()
        assert abs(drawn - p) <= 5 * np.sqrt(max(p * (1 - p), 1e-4) / n), (names[i], names[j])
    drawn = draws.expected_ranks
    off = np.abs(found.expected_ranks.to_numpy() - drawn["expected"].to_numpy())
    assert (off <= 5 * drawn["se"].to_numpy() + 1e-9).all()
    classes = draws.class_probabilities()[list(found.classes)].to_numpy()
    assert np.abs(found.classes.to_numpy() - classes).max() < 5 * np.sqrt(0.25 / n)


def test_pairs_add_up_to_one(parts):
    found = ei.win_probabilities(parts, ei.simplex())
    above = found.wins.above
    off = ~np.eye(len(above), dtype=bool) & ~found.wins.tied
    assert np.abs((above + above.T)[off] - 1).max() < 1e-12
    n = len(above)
    assert found.expected_ranks.sum() == pytest.approx(n + above.sum(), rel=1e-12)
    assert np.allclose(found.classes.sum(axis=1), 1)


def test_moments_are_those_of_the_draws(parts):
    table = ei.win_probabilities(parts, ei.dirichlet(20)).table
    draws = ei.simulate(
        parts.index, parts.plan.data, ei.Doubt(weights=ei.dirichlet(20)), n=20_000, rng=3, learn="nominal", keep=True
    )
    scores = draws.scores
    means, sds = scores.mean(axis=0), scores.std(axis=0)
    order = parts.scores.index.droplevel("period")
    assert np.allclose(table["mean"].reindex(order), means, atol=5 * sds.max() / np.sqrt(20_000))
    assert np.allclose(table["sd"].reindex(order), sds, rtol=0.05, atol=1e-4)


def test_one_node_of_a_hierarchy():
    result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    found = ei.win_probabilities(result, {"OSI": ei.dirichlet(30)})
    n = 8000
    doubt = ei.Doubt(weights={"OSI": ei.dirichlet(30)})
    draws = ei.simulate(result.index, result.plan.data, doubt, n=n, rng=5, learn="nominal", keep=True)
    ranks = draws.ranks.to_numpy()
    for i, j in np.random.default_rng(2).integers(0, 193, (200, 2)):
        p = float(found.wins.above[i, j])
        if i != j:
            assert abs((ranks[:, i] < ranks[:, j]).mean() - p) <= 5 * np.sqrt(max(p * (1 - p), 1e-3) / n)


def test_two_children_have_exact_ranks(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text("index: two\nindicators:\n  a, b: {}\nnodes:\n  top: {of: [a, b]}\n", encoding="utf-8")
    import pandas as pd

    data = pd.DataFrame({"unit": ["one", "two", "three"], "a": [1.0, 0.0, 0.6], "b": [0.0, 1.0, 0.6]})
    found = ei.win_probabilities(ei.compute(path, data), ei.simplex()).rank_probabilities
    # with weight t on a: t, 1 - t, 0.6; one is first from 0.6 on, two up to 0.4
    assert found.round(12).to_numpy().tolist() == [[0.4, 0.1, 0.5], [0.4, 0.1, 0.5], [0.2, 0.8, 0.0]]


def test_what_has_no_exact_probability_is_refused(parts):
    whole = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    with pytest.raises(ei.MethodError, match="probabilities are exact for one node at a time"):
        ei.win_probabilities(whole, ei.simplex())
    with pytest.raises(ei.MethodError, match="probabilities are exact for simplex"):
        ei.win_probabilities(parts, ei.within(0.25))
    with pytest.raises(ei.MethodError, match="EGDI has 3 children, and probabilities of ranks are exact for two"):
        ei.win_probabilities(parts, ei.simplex()).rank_probabilities  # noqa: B018


def test_it_shows_itself(parts):
    found = ei.win_probabilities(parts, ei.simplex())
    assert "weights simplex in EGDI" in repr(found)
    assert "<table" in found._repr_html_()
    assert found.certainty.kind == "exact"
    assert found.certainty.error < 1e-9
    row = found.of("EST").loc["SGP"]
    assert row["ahead"] + row["behind"] == pytest.approx(1)
