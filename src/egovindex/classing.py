"""Which band a score falls into: the first that holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats, holds
from egovindex.kernels.rank import reaches
from egovindex.spec import language, values

__all__ = ["band_codes", "names_of_bands"]

Codes = npt.NDArray[np.int16]


def band_codes(scores: Floats, bands: Mapping[str, Any], number: Callable[[str], Floats]) -> Codes:
    """Position of the band of each score.

    Parameters
    ----------
    scores
        ``(rows,)`` or ``(D, rows)``; NaN has no band.
    bands
        Label and bound or test of each, in the order in which they are asked.
    number
        Scores behind another name in a test.

    Returns
    -------
    ndarray of int
        Of the shape of the scores; -1 where there is no band.

    Examples
    --------
    >>> bands = {"High": values.Quantity(0.5), "Low": language.Else()}
    >>> band_codes(np.array([0.5, 0.2, np.nan]), bands, lambda name: np.zeros(3))
    array([ 0,  1, -1], dtype=int16)
    """
    codes: Codes = np.full(scores.shape, -1, dtype=np.int16)
    left = ~np.isnan(scores)
    for code, bound in enumerate(bands.values()):
        if isinstance(bound, language.Else):
            found = left
        elif isinstance(bound, values.Quantity):
            found = left & reaches(scores, bound.value)
        else:
            found = left & holds(bound, lambda name: scores if name == "value" else number(name), _no_category)
        codes[found] = code
        left = left & ~found
    return codes


def names_of_bands(bands: Mapping[str, Any]) -> tuple[str, ...]:
    """Records whose scores the tests of bands read, besides the one they are about."""
    tests = (bound for bound in bands.values() if not isinstance(bound, (language.Else, values.Quantity)))
    return tuple(dict.fromkeys(name for test in tests for name in language.names_in(test) if name != "value"))


def _no_category(found: language.Is) -> Any:
    raise MethodError(Fault(f'a class is a test of numbers, found "{found}"', check="class_of_categories"))
