"""An invented region whose scores can be checked on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import pandas as pd

from egovindex.index import Index
from egovindex.loading import load_index
from egovindex.spec.strictyaml import read_text, read_yaml

__all__ = ["InventedRegion", "invented_region"]

_FOLDER = Path(__file__).parent / "region"


@dataclass(frozen=True, eq=False)
class InventedRegion:
    """An index, answers to it, and the scores that come out by hand.

    Made by :func:`invented_region`.

    Parameters
    ----------
    index
        Two indicators of answers, two of numbers, three nodes, two classes.
    answers
        Four invented islands, one gap; columns ``unit, law, portal, online, users``.
    expected
        Score of each node by unit, as a fraction.
    """

    index: Index
    answers: pd.DataFrame
    expected: Mapping[str, Mapping[str, Fraction]]

    @property
    def scores(self) -> pd.DataFrame:
        """The expected scores as numbers, units by nodes."""
        numbers = {unit: {node: float(score) for node, score in nodes.items()} for unit, nodes in self.expected.items()}
        return pd.DataFrame.from_dict(numbers, orient="index").rename_axis("unit")


def invented_region() -> InventedRegion:
    """The Amber Isles: four islands and an index of their digital services, small enough to check by hand.

    A fixture for tests of code that takes an index or a result. Two islands tie, one stands on the edge of a class, one
    left an answer blank. The arithmetic of each score stands beside it in ``testing/region/expected.yaml``.

    Returns
    -------
    InventedRegion
        With a table of its own each time.

    Examples
    --------
    >>> import egovindex as ei
    >>> region = invented_region()
    >>> region.expected["Sandvik"]["isles"]
    Fraction(2, 3)
    >>> ei.compute(region.index, region.answers).scores["isles"].round(4).tolist()
    [1.0, 0.6667, 0.1875, 0.1875]
    """
    index, expected = _read()
    return InventedRegion(index, pd.read_csv(_FOLDER / "answers.csv"), expected)


@cache
def _read() -> tuple[Index, Mapping[str, Mapping[str, Fraction]]]:
    path = _FOLDER / "expected.yaml"
    found = read_yaml(read_text(path), file=path.name).data
    expected = {unit: {node: Fraction(score) for node, score in nodes.items()} for unit, nodes in found.items()}
    return load_index(_FOLDER / "island-services.yaml"), expected
