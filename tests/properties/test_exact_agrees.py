"""The library is as near to rational arithmetic as double precision can promise, and ranks as it does."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings

import egovindex as ei
from egovindex import testing
from egovindex.kernels import aggregate
from tests import exact
from tests.properties.against_reference import plain_document, rows_of
from tests.properties.drawn import index_of, told, with_table

MANY = settings(max_examples=settings.default.max_examples * 4)
RATIONAL = ("mean", "pool", "sum", "min", "max", "ladder")
STEPS = ("out_of", "times", "floor", "cap", "top", "bottom", "distance", "minmax", "goalposts")
TIE = Fraction(1, 10**12)  # of the largest score, as the definitions say


def rational(**options):
    """Indices that fractions can score, and tables without gaps."""
    kind = {"numeric": True, "points": False, "nothing": False, "need": False, "rules": False, **options}
    return with_table(testing.indices(aggregates=RATIONAL, steps=STEPS, **kind), blanks=False)


def computed(index, table):
    """Both; what either refuses (a constant column, `log` of a goalpost) is no case."""
    assume("log" not in str(index.document()))
    try:
        result = ei.compute(index, table)
    except ei.MethodError:
        assume(False)
    try:
        return result, exact.score(plain_document(index), rows_of(table))
    except (AssertionError, ZeroDivisionError):  # rounding alone decides whether a column is constant
        assume(False)


@MANY
@given(rational())
def test_scores_are_within_the_rounding_that_is_proved(drawn):
    told(*drawn)
    result, expected = computed(*drawn)
    for name in [*result.nodes, *result.indicators.columns]:
        found = (result.scores if name in result.nodes else result.indicators)[name]
        for at, near in enumerate(expected[name]):
            away = abs(Fraction(float(found.iloc[at])) - near.value)
            assert away <= near.error, f"{name}, row {at}: off by {float(away):.3g}, proved {float(near.error):.3g}"


@MANY
@given(rational(max_indicators=4))
def test_ranks_are_those_of_rational_scores(drawn):
    told(*drawn)
    result, expected = computed(*drawn)
    for name in result.nodes:
        ranks, scores = result.ranks[name].to_numpy(), expected[name]
        least = TIE * max(abs(near.value) for near in scores)
        error = 2 * max(near.error for near in scores)
        ordered = sorted(near.value for near in scores)
        apart = [b - a for a, b in pairwise(ordered)]
        # one chain of near scores is one tie, however long: the rank of both its ends is the same
        assume(all(gap == 0 or gap > least + error for gap in apart))
        assume(error < least or error == 0)
        assert ranks.tolist() == [1 + sum(other.value > near.value for other in scores) for near in scores]


@pytest.mark.parametrize("children", [2, 7, 30])
def test_thirds_and_tenths_that_tie_exactly_are_tied(children):
    # the same numbers in another order: sums in double precision differ, fractions do not
    values = [0.1 * (at + 1) for at in range(children)]
    names = [f"x{at}" for at in range(children)]
    index = index_of({"indicators": {name: {} for name in names}, "nodes": {"top": {"of": names}}})
    rng = np.random.default_rng(1)
    table = pd.DataFrame([rng.permutation(values) for _ in range(50)], columns=names)
    table.insert(0, "unit", [f"u{at}" for at in range(50)])
    result, expected = ei.compute(index, table), exact.score(plain_document(index), rows_of(table))
    assert len({near.value for near in expected["top"]}) == 1
    assert set(result.ranks["top"]) == {1}


# Negative controls ---------------------------------------------------------------------------------------------


def test_a_mean_that_is_off_by_ten_digits_behind_is_found_out(monkeypatch):
    right = aggregate.AGGREGATES["mean"]

    def wrong(children, weights, units):
        value, share = right(children, weights, units)
        return value * (1 + 2.0**-45), share

    monkeypatch.setitem(aggregate.AGGREGATES, "mean", wrong)
    index = index_of({"indicators": {"a": {}, "b": {}}, "nodes": {"top": {"of": ["a", "b"]}}})
    table = pd.DataFrame({"unit": ["u", "v"], "a": [0.1, 0.2], "b": [0.7, 0.4]})
    found = ei.compute(index, table).scores["top"]
    expected = exact.score(plain_document(index), rows_of(table))["top"]
    assert any(abs(Fraction(float(x)) - near.value) > near.error for x, near in zip(found, expected, strict=True))
