"""What a hundred tables of answers cost, beside drawing their codes alone.

The floor draws the same bytes with Hypothesis and makes a DataFrame of them by one look-up. The research note that
chose integer codes measured 0.17 s for a hundred tables of 6 x 8 answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egovindex import testing

UNITS, ITEMS, EXAMPLES = 6, 8, 100
ANSWERS = ("yes", "drafted", "no")
STEADY = settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def index_of_answers() -> Any:
    """Eight questions with three answers each."""
    items = {f"q{at}": {"points": "status"} for at in range(ITEMS)}
    return testing.from_document(
        {
            "index": "eight",
            "nothing": "skip",
            "answers": {"status": {answer: [] for answer in ANSWERS}},
            "points": {"status": {"yes": "1", "drafted": "1/2", "no": "0"}},
            "indicators": items,
            "nodes": {"top": {"of": list(items)}},
        }
    )


def run(strategy: Any) -> Callable[[], None]:
    """A test of a hundred examples that looks at nothing."""

    @settings(STEADY)
    @given(strategy)
    def drawn(table: pd.DataFrame) -> None:
        if len(table) != UNITS:
            raise SystemExit("the tables are of another size")

    return drawn


def plain() -> Any:
    """The same number of codes, looked up at once."""
    words = np.array(ANSWERS, dtype=object)
    names = [f"q{at}" for at in range(ITEMS)]
    return st.binary(min_size=UNITS * ITEMS, max_size=UNITS * ITEMS).map(
        lambda codes: pd.DataFrame(words[np.frombuffer(codes, dtype=np.uint8) % 3].reshape(UNITS, ITEMS), columns=names)
    )


def ours() -> Callable[[], None]:
    """The strategy of the library."""
    return run(testing.tables(index_of_answers(), min_units=UNITS, max_units=UNITS))


def floor() -> Callable[[], None]:
    """The codes alone."""
    return run(plain())
