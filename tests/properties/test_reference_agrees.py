"""The library agrees with the plain evaluator of tests/reference.py on random indices and tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, find, given, settings

import egovindex as ei
from egovindex import testing
from egovindex.kernels import aggregate, steps
from tests.properties.against_reference import by_library, by_reference, disagreement, first_difference
from tests.properties.drawn import anything, index_of, with_table

MANY = settings(max_examples=settings.default.max_examples * 2)
FEW = settings(max_examples=max(settings.default.max_examples // 2, 1))


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


@pytest.mark.parametrize("name", ["undp-hdi-2022", "un-egdi-2024", "un-egdi-parts-2008", "unctad-cyberlaw-2026"])
@settings(max_examples=10)
@given(data=...)
def test_so_for_packaged_indices(name, data: None):
    table = testing.tables(name)
    found = find(table, lambda _: True, settings=settings(max_examples=1, database=None))
    assert (told := disagreement(ei.load_index(name), found)) is None, told
