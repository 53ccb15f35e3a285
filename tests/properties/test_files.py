"""An index written and read again is the same index."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing
from egovindex.spec.strictyaml import read_yaml
from tests.properties.drawn import anything, index_of, told, with_table

INDICES = testing.indices(max_depth=5)


def read_again(index: ei.Index, folder) -> ei.Index:
    path = folder / f"{index.id}.yaml"
    path.write_text(index.to_yaml(), encoding="utf-8")
    return ei.load_index(path)


@given(index=INDICES)
def test_yaml(index, tmp_path_factory):
    again = read_again(index, tmp_path_factory.getbasetemp())
    assert again == index
    assert hash(again) == hash(index)
    assert again.to_yaml() == index.to_yaml()
    assert again.tree == index.tree


@given(index=INDICES)
def test_yaml_with_origins(index):
    assert read_yaml(index.to_yaml(origins=True), file="a").data == read_yaml(index.to_yaml(), file="a").data


@given(index=INDICES)
def test_plain_data(index):
    assert index_of(index.document()) == index


@given(drawn=with_table(INDICES))
def test_table_of_edges(drawn):
    """The same index, but for who says an edge: a table has one row for it either way."""
    index, table = drawn
    told(index, table)
    frame = index.to_frame()
    again = ei.Index.from_frame(frame)
    pd.testing.assert_frame_equal(again.to_frame(), frame)
    assert ei.Index.from_frame(again.to_frame()) == again
    testing.assert_results_equal(ei.compute(again, table), ei.compute(index, table))


@given(index=INDICES, data=st.data())
def test_yaml_of_a_variant(index, data, tmp_path_factory):
    variant = index.with_weights(data.draw(testing.weight_sets(index, zeros=True)))
    if index.file.rules:
        variant = variant.with_rules("open")
    assert read_again(variant, tmp_path_factory.getbasetemp()) == variant


@given(index=INDICES)
def test_nothing_laid_over_changes_nothing(index):
    assert index.with_(title=index.file.title) == index
    assert index.with_(nodes={index.headline: {}}) == index


@given(drawn=anything())
def test_what_was_read_scores_alike(drawn, tmp_path_factory):
    index, table = drawn
    told(index, table)
    again = read_again(index, tmp_path_factory.getbasetemp())
    testing.assert_results_equal(ei.compute(again, table), ei.compute(index, table))
