"""A small index, doubts about it, and the study of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

import egovindex as ei
from egovindex.sensitivity.simulate import Run
from tests.properties.drawn import index_of


def spec(**top) -> ei.Index:
    leaf = {"steps": ["goalposts 0 1"]}
    return index_of(
        {
            "nothing": {"missing": "void"},
            "indicators": dict.fromkeys("xyz", leaf),
            "nodes": {"top": {"of": {"x": 1, "y": 2, "z": 1}, "aggregate": "mean", **top}},
        }
    )


def table(n: int = 5) -> pd.DataFrame:
    numbers = np.random.default_rng(3).random((n, 3))
    return pd.DataFrame({"unit": [f"U{at}" for at in range(n)], **dict(zip("xyz", numbers.T, strict=True))})


SIMPLEX = ei.Doubt(weights={"top": ei.simplex()})
SEVERAL = SIMPLEX + ei.Doubt(
    normalise={"x": ["goalposts 0 1", "goalposts 0 2"]}, aggregate={"top": ["mean", "geometric", "min"]}
)
FAILING = SIMPLEX + ei.Doubt(normalise={"x": ["goalposts 0 1", "zscore"]}, aggregate={"top": ["mean", "geometric"]})


def study_of(doubt=SIMPLEX, *, index=None, data=None, learn="each_draw", **options):
    run = Run.of(index or spec(), table() if data is None else data, doubt, node=None, learn=learn, **options)
    return run.study
