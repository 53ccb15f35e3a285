"""Numbers whose squares and fourth powers can be written, whatever unit they are measured in.

A power of two takes no digit off a number. So values of 1e-300 or 1e300 are multiplied with one before they are
squared, and what comes out is multiplied back.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["power_of", "scaled"]

# fourth powers of numbers within these exponents of two, and sums of them, are neither zero nor infinite
_NEAR = 200


def power_of(x: npt.NDArray[Any], axis: int | None = -1) -> npt.NDArray[np.int64]:
    """Exponent of two of the largest number along an axis; 0 where numbers can be squared as they are.

    Parameters
    ----------
    x
        Finite numbers, or NaN, which says nothing.
    axis
        Axis that is taken together; ``None`` for all.

    Returns
    -------
    ndarray of int
        One for each line along the axis.

    Examples
    --------
    >>> power_of(np.array([[1e-300, 2e-300], [0.5, 40.0]])).tolist()
    [-995, 0]
    """
    largest = np.fmax.reduce(np.abs(x), axis=axis, initial=0.0)
    power = np.asarray(np.frexp(largest)[1], dtype=np.int64)
    found: npt.NDArray[np.int64] = np.where(np.abs(power) > _NEAR, power, 0)
    return found


def scaled(x: npt.NDArray[Any], axis: int = -1) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Numbers that can be squared, and the exponents that :func:`numpy.ldexp` takes them back with.

    Examples
    --------
    >>> found, power = scaled(np.array([1e300, -2e300]))
    >>> bool((np.ldexp(found, power) == np.array([1e300, -2e300])).all()), float((found**2).sum()) < 10
    (True, True)
    """
    power = power_of(x, axis)
    return (np.ldexp(x, -np.expand_dims(power, axis)) if power.any() else x), power
