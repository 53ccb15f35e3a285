"""What most properties draw, and how numbers are compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import note, strategies

import egovindex as ei
from egovindex import testing
from egovindex.spec.expand import expand_index
from egovindex.spec.load import document_of, validated_index

MEANS = ("mean", "pool", "geometric", "harmonic", "min", "max", "ladder")
# steps after which a small difference stays small
CONTINUOUS = ("out_of", "times", "floor", "cap", "log", "distance", "zscore", "minmax", "goalposts", "top", "bottom")
AFFINE = ("out_of", "times", "zscore", "minmax", "goalposts")


def with_table(indices, **options):
    """An index and a table for it."""
    return indices.flatmap(lambda i: strategies.tuples(strategies.just(i), testing.tables(i, **options)))


def anything(**options):
    return with_table(testing.indices(), **options)


def told(index: ei.Index, table: pd.DataFrame) -> None:
    """Print the case beside a failure."""
    note(index.to_yaml())
    note(table.to_string())


def index_of(document) -> ei.Index:
    """An index out of plain data."""
    expanded, faults = expand_index(document_of({"index": "invented", **document}, "invented"))
    return ei.Index(validated_index(expanded, faults), expanded.origins)


def assert_close(found, expected, *, relative: float, what: str = "") -> None:
    """Equal up to a share of the largest number; gaps in the same places."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert (np.isnan(found) == np.isnan(expected)).all(), f"{what}: gaps differ\n{found}\n{expected}"
    scale = np.abs(np.nan_to_num(expected)).max(initial=0.0)
    far = np.abs(np.nan_to_num(found) - np.nan_to_num(expected)).max(initial=0.0)
    assert far <= relative * scale, f"{what}: {far / scale:.3g} of the largest\n{found}\n{expected}"
