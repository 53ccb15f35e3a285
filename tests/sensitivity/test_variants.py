"""The plans that draws choose among: each combination of alternatives is made once, and told where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

import egovindex as ei
from tests.sensitivity.made import SEVERAL, SIMPLEX, spec, study_of


def test_the_plan_that_is_there_is_the_variant_without_choices():
    study = study_of()
    assert study.variants.of((), "double").plan is study.plan
    several = study_of(SEVERAL)
    assert several.variants.of((-1, -1), "double").plan is several.plan
    assert several.variants.of((0, 0), "double").plan is several.plan  # the alternatives that are as it is


def test_a_variant_is_made_once_while_it_is_kept(monkeypatch):
    monkeypatch.setattr("egovindex.sensitivity.variants._KEPT", 2)
    variants = study_of(SEVERAL).variants
    first, second = variants.of((0, 1), "double"), variants.of((0, 2), "double")
    assert variants.of((0, 1), "double") is first
    variants.of((1, 1), "double")  # the one asked for least recently is made again
    assert variants.of((0, 1), "double") is first
    assert variants.of((0, 2), "double") is not second
    assert set(first.settled) == {"double"}
    variants.of((0, 2), "single")
    assert set(variants.of((0, 2), "double").settled) == {"single", "double"}


def test_a_combination_that_is_no_index_is_told_each_time():
    recipes = {"as it is": {}, "of others": {"columns": {"x": "other"}}}
    study = study_of(ei.Doubt(recipes={"which": recipes}))
    for _ in range(2):
        with pytest.raises(ei.EgovindexError, match='has no column "x"'):
            study.variants.of((1,), "double")
    found = study.scored({"recipes.which": np.array([[1.0], [0], [1]])}, 3)
    assert [failure.draw for failure in found.failures] == [0, 2]
    assert 'has no column "x"' in found.failures[0].message
    assert np.isfinite(found.scores[1]).all()


def test_the_index_of_a_combination():
    variants = study_of(SEVERAL).variants
    assert variants.index_of((-1, -1)) == variants.index_of((0, 0)) == spec()
    index = variants.index_of((1, 2))
    assert index.tree.branches["top"].aggregate == "min"
    assert [str(step) for step in index.tree.leaves["x"].steps] == ["goalposts 0 2"]


def test_what_no_draw_changes_is_settled_beforehand():
    def settled(doubt, choices=()):
        variant = study_of(doubt).variants.of(choices, "double")
        return repr(variant.settled["double"])

    assert settled(SIMPLEX) == "<Settled> x, y, z"
    assert settled(ei.Doubt(values={"x": ei.error(sd=1)})) == "<Settled> y, z"
    assert settled(ei.Doubt(aggregate={"top": ["mean", "min"]}), (1,)) == "<Settled> x, y, z"  # but for the node itself
    both = ei.Doubt(values={"x": ei.error(sd=1), "z": ei.error(sd=1)})
    assert settled(both) == "<Settled> y"
