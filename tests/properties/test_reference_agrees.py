"""The library agrees with the plain evaluator of tests/reference.py on random indices and tables."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, find, given, settings, strategies

import egovindex as ei
from egovindex import testing
from egovindex.kernels import aggregate, steps
from tests.properties.against_reference import (
    by_library,
    by_reference,
    disagreement,
    disagreement_of_periods,
    first_difference,
)
from tests.properties.drawn import anything, index_of, with_table

MANY = settings(max_examples=settings.default.max_examples * 5)
FEW = settings(max_examples=settings.default.max_examples * 2)


@MANY
@given(anything(scorable=False))
def test_scores_states_and_coverage_are_those_of_the_reference(drawn):
    assert (told := disagreement(*drawn)) is None, told


@FEW
@given(with_table(testing.indices(numeric=True), scorable=False, numbers=(-60, 140)))
def test_so_with_numbers_beyond_every_limit(drawn):
    assert (told := disagreement(*drawn)) is None, told


@FEW
@given(anything(scorable=False, min_units=1, max_units=1))
def test_so_for_one_unit(drawn):
    assert (told := disagreement(*drawn)) is None, told


@FEW
@given(with_table(testing.indices(max_depth=6, steps=(), points=False), min_units=2, max_units=3))
def test_so_for_deep_trees(drawn):
    assert (told := disagreement(*drawn)) is None, told


@FEW
@given(anything(scorable=False, min_units=4, max_units=9), strategies.data())
def test_so_period_by_period(drawn, data):
    """What is learned, is learned of one period: the reference sees no other."""
    index, table = drawn
    years = strategies.lists(strategies.sampled_from([2022, 2024]), min_size=len(table), max_size=len(table))
    assert (told := disagreement_of_periods(index, table, data.draw(years))) is None, told


@pytest.mark.parametrize("name", ["undp-hdi-2022", "un-egdi-2024", "un-egdi-parts-2008", "unctad-cyberlaw-2026"])
@settings(max_examples=5)
@given(data=strategies.data())
def test_so_for_packaged_indices(name, data):
    index = ei.load_index(name)
    table = data.draw(testing.tables(index))
    assert (told := disagreement(index, table)) is None, told


# Computed numbers on a threshold: random cases leave them out, because rounding may decide there. ------------


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({"value >= 0.5": "1", "else": "0"}, [1, 1, 0]),
        ({"value > 0.5": "1", "else": "0"}, [1, 0, 0]),
        ({"value <= 0.5": "1", "else": "0"}, [0, 1, 1]),
        ({"0.5": "skip", "else": "value"}, [0.75, None, 0.25]),
        ({"value is 0.5": "void", "else": "value"}, [0.75, None, 0.25]),
    ],
)
def test_a_node_on_a_threshold(points, expected):
    index = index_of({"indicators": {"a": {}, "b": {}}, "nodes": {"top": {"of": ["a", "b"], "points": points}}})
    table = pd.DataFrame({"unit": list("xyz"), "a": [1.0, 1.0, 0.5], "b": [0.5, 0.0, 0.0]})
    ours, theirs = by_library(index, table), by_reference(index, table)
    assert first_difference(ours, theirs, ["a", "b", "top"]) is None
    assert [result.value for result in ours["top"]] == expected


@pytest.mark.parametrize(("steps_", "expected"), [(["round 0"], [2, 2, 0]), (["round 0 half_up"], [3, 2, 1])])
def test_a_node_between_two_roundings(steps_, expected):
    index = index_of({"indicators": {"a": {}, "b": {}}, "nodes": {"top": {"of": ["a", "b"], "steps": steps_}}})
    table = pd.DataFrame({"unit": list("xyz"), "a": [2.0, 1.0, 1.0], "b": [3.0, 2.0, 0.0]})
    ours, theirs = by_library(index, table), by_reference(index, table)
    assert first_difference(ours, theirs, ["a", "b", "top"]) is None
    assert [result.value for result in ours["top"]] == expected


# Negative controls: a wrong evaluator is found out. -----------------------------------------------------------


def _unweighted_gaps(children, weights, units):
    """A mean that counts a gap as zero."""
    total = sum(
        w * np.where(np.isnan(x), 0.0, x) if m is None else w * np.where(m, x, 0.0)
        for w, (x, m) in zip(weights, children, strict=True)
    )
    return total / weights.sum() + np.zeros(units), np.ones(1)


def _highest(children, weights, units):
    return np.max([x for x, _ in children], axis=0), np.ones(1)


def _too_high(x, _, options):
    return np.minimum(x, options["limit"] + 0.01)


def _plus(kernel, *given):
    return kernel(*given) + 1e-6


WRONG = {
    "mean": (aggregate.AGGREGATES, _unweighted_gaps),
    "max": (aggregate.AGGREGATES, _highest),
    "cap": (steps.KERNELS, steps.StepKernel(_too_high)),
    "zscore": (
        steps.KERNELS,
        steps.StepKernel(partial(_plus, steps.KERNELS["zscore"].apply), steps.KERNELS["zscore"].learn),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_kernel_disagrees(name, monkeypatch):
    kernels, wrong = WRONG[name]
    monkeypatch.setitem(kernels, name, wrong)
    few = settings(max_examples=2000, database=None, derandomize=True, phases=[Phase.generate])
    aggregates = [name] if kernels is aggregate.AGGREGATES else ["mean"]
    allowed = [] if kernels is aggregate.AGGREGATES else [name]
    drawn = with_table(testing.indices(aggregates=aggregates, steps=allowed, points=False))
    index, table = find(drawn, lambda case: disagreement(*case) is not None, settings=few)
    assert disagreement(index, table) is not None


def test_learning_from_all_periods_disagrees():
    document = {"indicators": {"a": {"steps": ["minmax"]}}, "nodes": {"top": {"of": ["a"]}}}
    table = pd.DataFrame({"unit": list("wxyz"), "a": [1.0, 2.0, 3.0, 5.0]})
    years = [2022, 2022, 2024, 2024]
    assert disagreement_of_periods(index_of(document), table, years) is None
    assert disagreement_of_periods(index_of({**document, "reference": {"periods": "all"}}), table, years) is not None
