"""Stochastic multicriteria acceptability analysis: against the R package smaa, and against closed forms.

Lahdelma, Hokkanen and Salminen 1998, Eur. J. Operational Research 106:137-143, doi 10.1016/S0377-2217(97)00163-X.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

UNITS = ["Heparin", "Enoxaparin"]


def plain_index(criteria, weights=None):
    rows = pd.DataFrame({"id": criteria, "kind": "indicator", "in": "overall", "weight": weights or 1.0})
    node = pd.DataFrame({"id": ["overall"], "kind": "node"})
    return ei.Index.from_frame(pd.concat([rows, node]), index="benefits", nothing="void")


@pytest.fixture(scope="module")
def thrombo(shared):
    """The example of the package smaa 0.3-3: 10,000 stored draws of measurements and of weights."""
    folder = shared / "data" / "smaa"
    stored = np.load(folder / "thrombo.npz")
    expected = json.loads((folder / "thrombo_expected.json").read_text(encoding="utf-8"))
    return stored["meas"], stored["weights"], expected


def replayed(meas, weights, criteria, own=None):
    """Stored draws as a design of ours; without stored weights, those of the index."""
    index = plain_index(criteria, own)
    data = pd.DataFrame(meas.mean(axis=0), columns=criteria).assign(unit=UNITS)
    doubt = ei.Doubt(values={name: ei.error(sd=1.0) for name in criteria})
    design = {
        f"values.{name}.{unit}": meas[:, row, column]
        for column, name in enumerate(criteria)
        for row, unit in enumerate(UNITS)
    }
    if weights is not None:
        doubt += ei.Doubt(weights={"overall": ei.simplex()})
        design |= {f"weights.overall.{name}": weights[:, column] for column, name in enumerate(criteria)}
    return ei.simulate(index, data, doubt, design=pd.DataFrame(design), keep=True)


def test_rank_acceptability_and_central_weights(thrombo):
    meas, weights, expected = thrombo
    criteria = ["prox", "dist", "bleed"]
    draws = replayed(meas, weights, criteria)
    assert draws.good == 10_000
    probabilities = draws.rank_probabilities().loc[UNITS]
    np.testing.assert_array_equal(probabilities.to_numpy(), expected["rank_acceptability"])
    central = draws.central_weights().loc[UNITS]
    np.testing.assert_array_equal(central["first"], np.array(expected["rank_acceptability"])[:, 0])
    printed = np.array(expected["central_weights"])
    np.testing.assert_allclose(central.iloc[:, 1:].to_numpy(), printed, atol=5e-8)
    entropy = -sum(p * np.log2(p) for p in probabilities.loc["Heparin"])  # two units: the ranking is that of one
    assert entropy == pytest.approx(expected["ranking_entropy_bits"], abs=5e-8)


def test_confidence_factors(thrombo):
    # how likely a unit is first if weighted by its own central weights
    meas, weights, expected = thrombo
    criteria = ["prox", "dist", "bleed"]
    central = replayed(meas, weights, criteria).central_weights().loc[UNITS].iloc[:, 1:]
    found = [
        replayed(meas, None, criteria, list(central.loc[unit])).rank_probabilities().loc[unit, 1] for unit in UNITS
    ]
    assert found == expected["confidence"]


def test_fixed_weights(thrombo):
    meas, _, expected = thrombo
    draws = replayed(meas, None, ["prox", "dist", "bleed"], expected["fixed_weights"]["w"])
    assert draws.rank_probabilities()[1].loc[UNITS].tolist() == expected["fixed_weights"]["ra_first"]


# Closed forms -----------------------------------------------------------------------------------------------------


def test_three_units_each_best_in_one_criterion():
    # a weight is the score: each unit is first where its own weight is the largest of three uniform shares, whose
    # means in order are 11/18, 5/18 and 2/18; the two others share what is left
    criteria = ["a", "b", "c"]
    data = pd.DataFrame(np.eye(3), columns=criteria).assign(unit=["U1", "U2", "U3"])
    draws = ei.simulate(plain_index(criteria), data, ei.Doubt(weights=ei.simplex()), n=60_000, rng=1)
    probabilities = draws.rank_probabilities()
    error = np.sqrt(1 / 3 * 2 / 3 / 60_000)
    assert np.abs(probabilities.to_numpy() - 1 / 3).max() < 4 * error
    central = draws.central_weights().iloc[:, 1:].to_numpy()
    expected = np.full((3, 3), 7 / 36) + np.eye(3) * (11 / 18 - 7 / 36)
    assert np.abs(central - expected).max() < 4 * 0.2 / np.sqrt(20_000)


# P(w . d > 0), by integration over the simplex
CASES = [
    ([1, -1], [1, 1], 1 / 2),
    ([2, -1], [1, 1], 2 / 3),
    ([1, -1, -2], [1, 1, 1], 1 / 6),
    ([1, 1, -1], [1, 1, 1], 3 / 4),
    ([1, -1], [2, 1], 3 / 4),
    ([1, -1], [3, 2], 11 / 16),
]


@pytest.mark.parametrize(("difference", "alpha", "expected"), CASES)
def test_how_likely_one_unit_is_above_another(difference, alpha, expected):
    criteria = list("abc"[: len(alpha)])
    data = pd.DataFrame([difference, [0] * len(alpha)], columns=criteria).assign(unit=["one", "other"])
    law = ei.dirichlet(alpha=dict(zip(criteria, alpha, strict=True)))
    draws = ei.simulate(plain_index(criteria), data, ei.Doubt(weights=law), n=40_000, rng=2)
    table = draws.pairwise()
    error = np.sqrt(expected * (1 - expected) / 40_000)
    assert table.loc["one", "other"] == pytest.approx(expected, abs=4 * error)
    assert table.loc["one", "other"] + table.loc["other", "one"] == 1
    assert draws.above("one", "other")["probability"] == pytest.approx(expected, abs=8 * error)


@pytest.mark.parametrize(
    ("x", "alpha", "mean", "variance"), [([0, 1], [1, 1], 1 / 2, 1 / 12), ([0, 1, 2], [1, 1, 1], 1.0, 1 / 6)]
)
def test_mean_and_variance_of_a_score(x, alpha, mean, variance):
    criteria = list("abc"[: len(x)])
    data = pd.DataFrame([x], columns=criteria).assign(unit="one")
    law = ei.dirichlet(alpha=dict(zip(criteria, alpha, strict=True)))
    found = ei.simulate(plain_index(criteria), data, ei.Doubt(weights=law), n=10_000, rng=3).score_intervals().iloc[0]
    assert found["mean"] == pytest.approx(mean, abs=4 * np.sqrt(variance / 10_000))
    assert found["sd"] ** 2 == pytest.approx(variance, rel=0.06)
    assert found["se"] == pytest.approx(found["sd"] / 100)
