"""Draws looked at one by one: their settings, and the data as a draw had them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.sensitivity.replay import data_under, settings_of_chunk, settings_table
from egovindex.streams import CHUNK
from tests.properties.drawn import index_of

DOUBT = ei.Doubt(
    weights={"top": ei.simplex()},
    points={"status.drafted": (0.2, 0.8)},
    rules=["strict", "lenient"],
    values={"users": ei.error(sd=2)},
)


@pytest.fixture(scope="module")
def draws(index, data) -> ei.Draws:
    return ei.simulate(index, data, DOUBT, n=2100, rng=4)


def test_settings_of_some_draws_are_those_of_all(draws):
    whole = draws.settings()
    assert whole.index.tolist() == list(range(2100))
    assert whole.index.name == "draw"
    assert list(whole) == [
        "weights.top.rules",
        "weights.top.take-up",
        "weights.top.market",
        "points.status.drafted",
        "rules",
    ]
    # on both sides of the ends of chunks, where they are asked for in their order
    numbers = [0, 5, 1023, 1024, 2047, 2048, 2099]
    pd.testing.assert_frame_equal(draws.settings(numbers), whole.loc[numbers], check_exact=True)
    pd.testing.assert_frame_equal(draws.settings(1500), whole.loc[[1500]], check_exact=True)
    np.testing.assert_allclose(whole.filter(like="weights.top").sum(axis=1), 4, rtol=1e-12)
    assert set(whole["rules"]) == {"strict", "lenient"}
    empty = draws.settings([])
    assert list(empty) == list(whole)
    assert len(empty) == 0


def test_settings_by_chunk(draws):
    for chunk in (0, 1, 2):
        found = settings_of_chunk(draws.job, chunk)
        assert {len(array) for array in found.values()} == {CHUNK}
        first = draws.settings(chunk * CHUNK + 3)
        assert found["points.status.drafted"][3, 0] == first["points.status.drafted"].iloc[0]


def test_values_are_told_where_they_are_asked_for(draws, data):
    values = draws.settings(range(3), values=True)
    columns = [f"values.users.{unit}" for unit in data["unit"]]
    assert [name for name in values if name.startswith("values.")] == columns
    assert values[columns].isna().any().sum() == 2  # two units have no number
    alone = settings_table(draws.job, draws.job.study.factors[-1:], np.array([1]))
    assert list(alone) == columns


def test_the_data_of_a_draw(draws, data):
    settings = settings_of_chunk(draws.job, 0)
    for draw in (0, 7):
        found = data_under(draws.result, draws.job.study, settings, draw)
        told = draws.settings(draw, values=True).filter(like="values.users.").to_numpy()[0]
        np.testing.assert_array_equal(found["users"].to_numpy(dtype=float), told)
        assert found["users"].dtype == np.float64
        pd.testing.assert_frame_equal(found.drop(columns="users"), draws.result.plan.data.drop(columns="users"))
    np.testing.assert_array_equal(draws.result.plan.data["users"], data["users"])  # they stay as they are


DOCUMENT = {
    "nothing": {"missing": "void"},
    "columns": {"share": "Share, %"},
    "indicators": {"share": {}, "per-head": {"from": "money / people"}, "plain": {}},
    "nodes": {"top": {"of": {"share": 1, "per-head": 1, "plain": 1}}},
}


def test_a_column_of_another_name_and_a_number_of_several():
    table = pd.DataFrame(
        {"unit": ["x", "y"], "Share, %": [10.0, 20.0], "money": [3.0, 4.0], "people": [2.0, 2.0], "plain": [1, 2]}
    )
    doubt = ei.Doubt(values={"share": ei.error(sd=1)})
    draws = ei.simulate(index_of(DOCUMENT), table, doubt, n=5, rng=1)
    result = draws.result_of(2)
    np.testing.assert_allclose(result.scores["top"], draws.scores.loc[2], rtol=1e-13)
    np.testing.assert_allclose(result.plan.data["Share, %"], draws.settings(2, values=True).iloc[0], rtol=1e-13)
    several = ei.simulate(index_of(DOCUMENT), table, ei.Doubt(values={"per-head": ei.error(sd=0.1)}), n=5, rng=1)
    with pytest.raises(
        ei.MethodError, match="per-head is computed from several columns, and its error cannot be put"
    ) as e:
        several.result_of(0)
    fault = e.value.faults[0]
    assert (fault.check, fault.column) == ("computed_indicator", "per-head")


def test_whole_numbers_become_decimal_ones():
    table = pd.DataFrame({"unit": ["x", "y"], "Share, %": [1.0, 2], "money": [3, 4], "people": [2, 2], "plain": [1, 2]})
    draws = ei.simulate(index_of(DOCUMENT), table, ei.Doubt(values={"plain": ei.error(sd=1)}), n=3, rng=1)
    assert draws.result_of(1).plan.data["plain"].dtype == np.float64
