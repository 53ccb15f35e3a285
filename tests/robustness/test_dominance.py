"""Who is ahead whatever the weights, or the points: by definition, by draws, and by every coding tried."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

import egovindex as ei
from egovindex.robustness import dominance as dominance_module

LEVELS = ("no", "planned", "drafted", "yes")


# --- weights
def test_leads_are_linear_programs_over_conditions(flat):
    rng = np.random.default_rng(80)
    x = rng.uniform(size=(6, 4))
    result = flat(x)
    found = ei.dominance(result, ei.conditions("a >= 2 * b", "c <= 0.3", low=0.05))
    slopes, limits = np.array([[-1.0, 2, 0, 0], [0, 0, 1, 0]]), np.array([0.0, 0.3])
    for i in range(6):
        for j in range(6):
            if i == j:
                continue
            solved = linprog(x[i] - x[j], A_ub=slopes, b_ub=limits, A_eq=np.ones((1, 4)), b_eq=[1], bounds=(0.05, 1))
            assert found.leads[i, j] == pytest.approx(solved.fun, abs=1e-9)


@pytest.mark.parametrize("law", [ei.within(0.4), ei.simplex(), ei.ordered("c", "a", "b"), ei.between(0.1, 0.5)])
def test_no_draw_contradicts(flat, data_of, law):
    rng = np.random.default_rng(81)
    for case in range(2):
        x = rng.choice([0, 0.5, 1], (8, 3)) if case else rng.uniform(size=(8, 3))
        result = flat(x, [1, 2, 1])
        found = ei.dominance(result, law)
        draws = ei.simulate(result.index, data_of(x), ei.Doubt(weights=law), 500, learn="nominal", rng=rng)
        scores = draws.scores[list(found.form.units)].to_numpy()
        lead = scores[:, :, None] - scores[:, None, :]
        necessary, possible = found.necessary.to_numpy(), found.possible.to_numpy()
        assert (lead.min(axis=0)[necessary] >= -1e-12).all()
        assert (lead.max(axis=0)[~possible] <= 1e-12).all()
        # the one is the other's denial, but for a unit and itself
        assert (possible == ~necessary.T)[~np.eye(8, dtype=bool)].all()


def test_over_all_weights_it_is_to_be_better_everywhere(flat):
    x = np.random.default_rng(82).choice([0, 0.5, 1], (9, 3))
    found = ei.dominance(flat(x), ei.simplex())
    expected = (x[:, None, :] >= x[None, :, :]).all(axis=2) & ~np.eye(9, dtype=bool)
    np.testing.assert_array_equal(found.necessary.to_numpy(), expected)


def test_tables_tell_the_same(flat):
    x = [[1.0, 1.0], [0.8, 0.9], [0.9, 0.3], [0.9, 0.3], [0.8, 0.3]]
    found = ei.dominance(flat(x), ei.simplex())
    table = found.table
    assert table.loc["U0"].tolist() == [1, 4, 0, 0, 0]
    # U4 is level with U1 where all weight is on a: open in the table, necessary in the other
    assert table.loc["U1", ["always_ahead_of", "always_behind", "open"]].tolist() == [0, 1, 3]
    assert found.necessary.loc["U1", "U4"]
    assert table.loc["U2", "always_level"] == 1
    assert found.of("U1")["verdict"].to_dict() == {"U0": "behind", "U2": "open", "U3": "open", "U4": "at least level"}
    assert found.of("U4")["verdict"].to_dict()["U1"] == "at most level"
    assert found.of("U2")["verdict"].to_dict()["U3"] == "level"
    assert found.of("U1").loc["U2", ["least", "most"]].tolist() == pytest.approx([-0.1, 0.6])
    assert found.undominated == ("U0",)
    assert found.share == pytest.approx(8 / 10)
    assert not np.diag(found.necessary).any()
    # U0 is above U1 and the twins, and U4 below those of whom somebody is always ahead of it
    assert set(map(tuple, found.covers.to_numpy())) == {("U0", "U1"), ("U0", "U2"), ("U0", "U3"), ("U0", "U4")}
    assert "80.0% of pairs are decided" in repr(found)


def test_the_lines_of_a_diagram_lead_everywhere(flat):
    x = np.random.default_rng(83).uniform(size=(12, 3))
    found = ei.dominance(flat(x), ei.within(0.5))
    units = list(found.form.units)
    ahead = found.leads > found.form.tolerance
    reach = np.zeros((12, 12), dtype=bool)
    for one, other in found.covers.to_numpy():
        reach[units.index(one), units.index(other)] = True
    for _ in range(12):
        reach |= (reach.astype(int) @ reach.astype(int)) > 0
    np.testing.assert_array_equal(reach, ahead)


def test_one_unit_has_nobody_to_compare_with(flat):
    with pytest.raises(ei.MethodError, match="fewer than two units"):
        ei.dominance(flat([[0.1, 0.2]]), ei.within(0.1))


# --- points
def cumulative(table, weights, levels=LEVELS):
    """Weighted shares of answers that are at least so good, ``(n, levels - 1)``: by hand, from the definition."""
    table, weights = np.asarray(table), np.asarray(weights) / np.sum(weights)
    rank = np.vectorize(levels.index)(table)
    return np.stack([(rank >= level) @ weights for level in range(1, len(levels))], axis=1)


def test_over_all_codings_it_is_first_order_dominance(answers):
    rng = np.random.default_rng(84)
    for _ in range(5):
        table, weights = rng.choice(LEVELS, (10, 5)), rng.integers(1, 4, 5)
        result = answers(table, weights)
        found = ei.dominance(result, points="status")
        shares = cumulative(table, weights)
        difference = shares[:, None, :] - shares[None, :, :]
        # a coding with all of its height in one step
        expected = difference.min(axis=2)
        np.testing.assert_allclose(found.leads, expected, atol=1e-12)
        # the shares of the best alone, and of the not worst, enter whatever is free: the ends earn 0 and 1
        np.testing.assert_array_equal(found.necessary.to_numpy(), (expected >= -1e-12) & ~np.eye(10, dtype=bool))


def test_every_coding_of_a_grid_tried(answers):
    rng = np.random.default_rng(85)
    table = rng.choice(LEVELS, (7, 4))
    result = answers(table)
    found = ei.dominance(result, points="status")
    leads = []
    for planned, drafted in product(np.linspace(0, 1, 6), repeat=2):
        if planned > drafted:
            continue
        index = result.index.with_points({"status.planned": float(planned), "status.drafted": float(drafted)})
        scores = ei.compute(index, result_table(table)).scores["top"].loc[list(found.form.units)].to_numpy()
        leads.append(scores[:, None] - scores[None, :])
    # the grid has the corners, where leads are smallest
    np.testing.assert_allclose(found.leads, np.min(leads, axis=0), atol=1e-12)


def result_table(table):
    import pandas as pd

    columns = [chr(ord("a") + at) for at in range(np.shape(table)[1])]
    return pd.DataFrame(table, columns=columns).assign(unit=[f"U{at}" for at in range(len(table))])


def test_cyberlaw_in_the_world():
    index = ei.load_index("unctad-cyberlaw-2026").with_rules("graded")
    result = ei.compute(index, ei.sample("unctad-cyberlaw-2026"))
    found = ei.dominance(result, points="status")
    rng = np.random.default_rng(86)
    # draft is what lies between: any points for it keep what is decided
    names = list(found.form.scales[0].between)
    necessary = found.necessary.to_numpy()
    for _ in range(5):
        points = np.sort(rng.uniform(found.form.scales[0].low, found.form.scales[0].high, len(names)))
        varied = index.with_points({("points", "status", n): float(p) for n, p in zip(names, points, strict=True)})
        scores = ei.compute(varied, ei.sample("unctad-cyberlaw-2026")).scores["areas"]
        scores = scores.loc[list(found.form.units)].to_numpy()
        assert ((scores[:, None] - scores[None, :])[necessary] >= -1e-12).all()


def test_larger_leads_in_place_of_the_smallest_are_seen(flat, data_of, monkeypatch):
    # the negative control
    whole = dominance_module.least_leads
    monkeypatch.setattr(dominance_module, "least_leads", lambda x, region: -whole(x, region).T)
    with pytest.raises(AssertionError):
        test_over_all_weights_it_is_to_be_better_everywhere(flat)
