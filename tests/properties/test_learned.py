"""Learned values: kept ones repeat the run, and tie no unit to another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing
from tests.properties.drawn import anything, index_of, told, with_table


@given(drawn=anything())
def test_kept_values_repeat_the_run(drawn):
    index, table = drawn
    told(index, table)
    plan = index.plan(table)
    nominal = ei.evaluate(plan)
    again = ei.evaluate(plan, learned=nominal.learned)
    np.testing.assert_array_equal(again.values, nominal.values)
    np.testing.assert_array_equal(again.coverage, nominal.coverage)
    for node in nominal.nodes:
        np.testing.assert_array_equal(again.state[node], nominal.state[node])


@given(drawn=anything(), seed=st.integers(0, 99))
def test_what_one_unit_does_changes_no_other(drawn, seed):
    index, table = drawn
    told(index, table)
    plan = index.plan(table)
    nominal = ei.evaluate(plan)
    rng = np.random.default_rng(seed)
    unit = int(rng.integers(len(table)))
    x = plan.x()
    other = x[int(rng.integers(len(table)))]
    x[unit] = np.where(np.isnan(x[unit]) | np.isnan(other), x[unit], other)
    try:
        varied = ei.evaluate(plan, x, learned=nominal.learned)
    except ei.MethodError:
        assume(False)
    rest = np.arange(len(table)) != unit
    np.testing.assert_array_equal(varied.values[rest], nominal.values[rest])


def test_learned_again_others_do_change():
    """The control: with bounds learned again, a new leader lowers everyone else."""
    index = index_of({"indicators": {"a": {"steps": ["minmax"]}}, "nodes": {"top": {"of": ["a"]}}})
    plan = index.plan(ei.sample("un-egdi-parts-2024").rename(columns={"iso3": "unit", "osi": "a"})[["unit", "a"]])
    nominal = ei.evaluate(plan)
    x = plan.x()
    leader = int(x[:, 0].argmax())
    x[leader] *= 2
    kept, again = ei.evaluate(plan, x, learned=nominal.learned), ei.evaluate(plan, x)
    others = (np.arange(len(x)) != leader) & (x[:, 0] > x[:, 0].min())
    np.testing.assert_array_equal(kept.values[others], nominal.values[others])
    assert (again.values[others] < nominal.values[others]).all()


PERIODS = (2022, 2024)


@given(drawn=with_table(testing.indices(), periods=PERIODS, max_units=5))
def test_each_period_of_a_panel_is_scored_alone(drawn):
    index, panel = drawn
    told(index, panel)
    together = ei.compute(index, panel)
    for period in PERIODS:
        alone = ei.compute(index, panel[panel["period"] == period])
        here = together.scores.xs(period, level="period")
        np.testing.assert_array_equal(alone.scores, here)
        np.testing.assert_array_equal(
            alone.ranks.to_numpy(float, na_value=0),
            together.ranks.xs(period, level="period").to_numpy(float, na_value=0),
        )
        assert (alone.states.to_numpy() == together.states.xs(period, level="period").to_numpy()).all()
        np.testing.assert_array_equal(alone.coverage, together.coverage.xs(period, level="period"))


@given(drawn=with_table(testing.indices(), periods=PERIODS, max_units=5))
def test_periods_learned_from_together_are_one_table(drawn):
    index, panel = drawn
    told(index, panel)
    index = index.with_(reference={"periods": "all"})
    try:
        together = ei.compute(index, panel)
    except ei.MethodError:
        assume(False)
    as_units = panel.assign(unit=panel["unit"] + panel["period"].astype(str)).drop(columns="period")
    np.testing.assert_array_equal(ei.compute(index, as_units).scores, together.scores)


@pytest.mark.parametrize("reference", ["each", "all"])
def test_the_reference_of_a_panel_matters(reference):
    """The control: bounds of each period give each its own best unit."""
    index = index_of(
        {
            "reference": {"periods": reference},
            "indicators": {"a": {"steps": ["minmax"]}},
            "nodes": {"top": {"of": ["a"]}},
        }
    )
    panel = small_panel([1.0, 2.0, 3.0, 5.0])
    best = ei.compute(index, panel).scores["top"].groupby("period").max()
    assert best.tolist() == ([1, 1] if reference == "each" else [0.25, 1])


def small_panel(numbers):
    units = list(testing.UNITS[:2]) * 2
    return pd.DataFrame({"unit": units, "period": [2022, 2022, 2024, 2024], "a": numbers})
