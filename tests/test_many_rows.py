"""From a thousand rows on the distinct combinations of answers are scored in place of the rows: numbers stay."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex import sight
from tests.properties.drawn import index_of

ANSWERS = ["yes", "no", "drafted", "planned", "1", "2", "3", "unknown", None]
INDEX = {
    "columns": {"flag": "*_flag"},
    "nothing": "skip",
    "indicators": {
        "a": {
            "points": {
                "flag is 1 and s is closed": "0.5",
                "b > 1": "b / 4",
                "drafted": "skip",
                "yes": "1",
                "no": "0",
                "planned": "0.25",
                "else": "value / 8",
            }
        }
    },
    "nodes": {"top": {"of": ["a"]}},
}


def rows_of(count, dtype):
    chance = np.random.default_rng(20261122)
    table = pd.DataFrame(
        {
            "unit": [f"u{row}" for row in range(count)],
            "a": chance.choice(np.array(ANSWERS, dtype=object), count),
            "b": chance.choice(np.array([*"0123456789", None], dtype=object), count),
            "a_flag": chance.choice(np.array(["0", "1", None], dtype=object), count),
            "s": chance.choice(np.array(["open", "closed", "merged", None], dtype=object), count),
        }
    )
    return table.set_index("unit").astype(dtype).reset_index()


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_many_combinations_of_a_few_answers_are_scored_like_their_rows(dtype, monkeypatch):
    """Nine answers beside 11, 3 and 4 others: more combinations than eight bits can number."""
    table = rows_of(1_200, dtype)
    by_case = ei.compute(index_of(INDEX), table)
    assert by_case.plan.leaves["a"].case is not None
    monkeypatch.setattr(sight, "_MANY_ROWS", 10_000)
    by_row = ei.compute(index_of(INDEX), table)
    assert by_row.plan.leaves["a"].case is None
    pd.testing.assert_frame_equal(by_case.scores, by_row.scores)
    pd.testing.assert_frame_equal(by_case.states, by_row.states)


def test_so_in_each_thousand_of_a_large_table():
    table = rows_of(1_200, "str")
    whole = ei.compute(index_of(INDEX), table).scores
    parts = [ei.compute(index_of(INDEX), table.iloc[start : start + 300]).scores for start in range(0, 1_200, 300)]
    pd.testing.assert_frame_equal(whole, pd.concat(parts))
