"""First-order and total sensitivity indices of any number of outputs, and their bootstrap.

Letters: ``N`` points of the design, ``G`` groups of factors, ``s`` outputs, ``B`` resamples. The design has two
independent samples ``a`` and ``b`` and, for each group, ``ab``: the sample ``a`` with the group taken from ``b``
(Saltelli and others 2010, Computer Physics Communications 181:259, doi 10.1016/j.cpc.2009.09.018).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from egovindex.kernels.powers import power_of

__all__ = ["FIRST_ORDER", "Moments", "indices", "moments", "resampled"]

Array = npt.NDArray[np.float64]

# outputs taken at once in a bootstrap: some 100 MB
_AT_ONCE = 8_000_000


@dataclass(frozen=True, eq=False)
class Moments:
    """Per point, what the indices are means of; outputs are centred first, which changes no index, only its error.

    Parameters
    ----------
    parts
        By name ``(N, s)`` for those of the whole, ``(N, G, s)`` for those of the groups.
    size
        ``(s,)`` the largest absolute output, before it was centred: what its rounding is a share of.
    power
        ``(s,)`` exponents of two that outputs and size were divided by, so that they can be squared.
    """

    parts: dict[str, Array]
    size: Array
    power: npt.NDArray[np.int64]

    @property
    def points(self) -> int:
        """``N``."""
        return len(self.parts["sum"])


def _saltelli(a: Array, b: Array, ab: Array) -> dict[str, Array]:
    return {"first": b[:, None] * (ab - a[:, None])}


def _saltelli_index(mean: dict[str, Array], variance: Array) -> Array:
    found: Array = mean["first"] / variance
    return found


def _jansen(a: Array, b: Array, ab: Array) -> dict[str, Array]:
    return {"first": (b[:, None] - ab) ** 2}


def _jansen_index(mean: dict[str, Array], variance: Array) -> Array:
    found: Array = 1.0 - mean["first"] / (2.0 * variance)
    return found


def _janon(a: Array, b: Array, ab: Array) -> dict[str, Array]:
    return {"first": b[:, None] * ab, "level": (b[:, None] + ab) / 2, "square": (b[:, None] ** 2 + ab**2) / 2}


def _janon_index(mean: dict[str, Array], variance: Array) -> Array:
    level = mean["level"] ** 2
    spread = mean["square"] - level
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, (mean["first"] - level) / spread, 0.0)


Parts = Callable[[Array, Array, Array], dict[str, Array]]
Index = Callable[[dict[str, Array], Array], Array]

# estimators of the first-order index: Saltelli 2010, table 2 (b); Jansen 1999, doi 10.1016/S0010-4655(98)00154-4;
# Janon and others 2014, doi 10.1051/ps/2013040, eq. (6)
FIRST_ORDER: dict[str, tuple[Parts, Index]] = {
    "saltelli": (_saltelli, _saltelli_index),
    "jansen": (_jansen, _jansen_index),
    "janon": (_janon, _janon_index),
}


def moments(a: Array, b: Array, ab: Array, *, first: str = "saltelli") -> Moments:
    """Per point, what the indices are means of.

    Parameters
    ----------
    a, b
        ``(N, s)`` outputs of the two samples.
    ab
        ``(N, G, s)`` outputs of ``a`` with each group in turn taken from ``b``.
    first
        Estimator of the first-order index, a key of :data:`FIRST_ORDER`; that of the total index is Jansen's.
    """
    power = power_of(np.concatenate([a, b]), axis=0)
    if power.any():
        a, b, ab = (np.ldexp(y, -power) for y in (a, b, ab))
    size = np.maximum(np.abs(a).max(axis=0, initial=0.0), np.abs(b).max(axis=0, initial=0.0))
    centre = (a.mean(axis=0) + b.mean(axis=0)) / 2
    a, b, ab = a - centre, b - centre, ab - centre
    total = a[:, None] - ab
    total *= total
    whole = {"sum": (a + b) / 2, "squares": (a**2 + b**2) / 2}
    return Moments({**whole, "total": total, **FIRST_ORDER[first][0](a, b, ab)}, size, power)


def indices(found: Moments, *, first: str = "saltelli") -> tuple[Array, Array, Array]:
    """First-order and total indices, and the variance of each output.

    Returns
    -------
    first, total
        ``(G, s)``; 0 for an output that does not vary.
    variance
        ``(s,)``, divided by the number of outputs of both samples; where it is too small or too large to be written,
        the smallest or largest number that can.

    Examples
    --------
    Two factors, of which the output is twice the first alone:

    >>> rng = np.random.default_rng(1)
    >>> a, b = rng.random((2, 4096, 2))
    >>> ab = np.stack([np.column_stack([b[:, 0], a[:, 1]]), np.column_stack([a[:, 0], b[:, 1]])], axis=1)
    >>> y = lambda x: 2 * x[..., :1]
    >>> S, T, V = indices(moments(y(a), y(b), y(ab)))
    >>> S.round(1).ravel().tolist(), T.round(1).ravel().tolist(), V.round(2).tolist()
    ([1.0, 0.0], [1.0, 0.0], [0.33])
    """
    mean = {name: part.mean(axis=0) for name, part in found.parts.items()}
    order, total, variance = _indices(mean, found.size, first)
    if found.power.any():
        limits = np.finfo(np.float64)
        with np.errstate(over="ignore"):
            own = np.ldexp(variance, 2 * found.power)
        variance = np.where(variance > 0, np.clip(own, limits.tiny, limits.max), 0.0)
    return order, total, variance


def _indices(mean: dict[str, Array], size: Array, first: str) -> tuple[Array, Array, Array]:
    variance = mean["squares"] - mean["sum"] ** 2
    fixed = variance <= (_ROUNDING * size) ** 2
    safe = np.where(fixed, 1.0, variance)
    # the groups stand on the last axis but one
    below = safe[..., None, :]
    order = FIRST_ORDER[first][1](mean, below)
    total = mean["total"] / (2.0 * below)
    nothing = np.broadcast_to(fixed[..., None, :], total.shape)
    return np.where(nothing, 0.0, order), np.where(nothing, 0.0, total), np.where(fixed, 0.0, variance)


# standard deviation of a constant output, as a share of it
_ROUNDING = 1e-13


def resampled(
    found: Moments, rng: np.random.Generator, resamples: int, *, first: str = "saltelli"
) -> tuple[Array, Array]:
    """Indices of resamples of the points, the same points for all groups and outputs.

    Drawing points with replacement is counting how often each is drawn: the means of all resamples are one matrix
    product.

    Returns
    -------
    first, total
        ``(B, G, s)``.
    """
    n = found.points
    outputs = found.parts["sum"].shape[1]
    groups = found.parts["total"].shape[1]
    shares = rng.multinomial(n, np.full(n, 1.0 / n), size=resamples) / n
    order, total = np.empty((2, resamples, groups, outputs))
    step = max(1, _AT_ONCE // (n * (groups + 1)))
    for start in range(0, outputs, step):
        here = slice(start, min(start + step, outputs))
        mean = {}
        for name, part in found.parts.items():
            own = part[..., here]
            mean[name] = (shares @ own.reshape(n, -1)).reshape(resamples, *own.shape[1:])
        order[..., here], total[..., here], _ = _indices(mean, found.size[here], first)
    return order, total
