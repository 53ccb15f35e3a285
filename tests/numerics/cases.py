"""An invented index of six units whose numbers are of any size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.properties.drawn import index_of

NUMBERS = np.array(
    [
        [0.11, 0.22, 0.35],
        [0.47, 0.51, 0.26],
        [0.78, 0.13, 0.62],
        [0.5, 0.6, 0.1],
        [0.33, 0.34, 0.36],
        [0.9, 0.2, 0.15],
    ]
)
UNITS = list("abcdef")
# powers of two, so that the same digits are expected whatever the size; 1e-300 to 1e300
EXPONENTS = (-996, -700, -515, -333, 0, 333, 515, 700, 996)


def table(exponent: int = 0, numbers=NUMBERS) -> pd.DataFrame:
    """The numbers times a power of two."""
    return pd.DataFrame({"unit": UNITS, **dict(zip("xyz", np.ldexp(numbers, exponent).T, strict=True))})


def index(*, steps=(), aggregate="mean", weights=(1, 2, 3), node_steps=()):
    """Three indicators and one node."""
    of = dict(zip("xyz", weights, strict=True))
    top = {"of": of, "aggregate": aggregate, "steps": list(node_steps)}
    return index_of({"indicators": {name: {"steps": list(steps)} for name in "xyz"}, "nodes": {"top": top}})
