"""Indices of a few nodes over a few units, for scores worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

import egovindex as ei
from tests.properties.drawn import index_of

GONE = np.nan


def of_nodes(indicators="ab", nothing="skip", **nodes):
    return index_of({"nothing": nothing, "indicators": {name: {} for name in indicators}, "nodes": nodes})


def table_of(**columns):
    return pd.DataFrame({"unit": [*"UVWXYZ"][: len(next(iter(columns.values())))], **columns})


def scores_of(index, table, node="top"):
    return ei.compute(index, table).scores[node].tolist()


GAPS = table_of(a=[1.0, 2, None, None, 5, 1], b=[3.0, None, 4, None, 1, 1], c=[8.0, 8, 8, None, None, 2])
TREE = of_nodes("abcd", top={"of": {"mid": "2", "c": "1"}}, mid={"of": {"low": "1", "d": "3"}}, low={"of": ["a", "b"]})
FOUR = table_of(a=[1.0, 2, 3], b=[3.0, 6, 5], c=[9.0, 3, 6], d=[6.0, 4, 8])
