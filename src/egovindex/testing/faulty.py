"""Indices and functions that break a law on purpose: a check that cannot fail proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.kernels import aggregate
from egovindex.testing.aggregation import Function
from egovindex.testing.ascode import from_document
from egovindex.testing.laws import ARRAY_LAWS, LAWS
from egovindex.testing.names import refuse_unknown

__all__ = ["faulty", "faulty_function"]

# values (..., units, children) and weights (..., children) to scores (..., units)
_Wrong = Callable[[Floats, Floats], Floats]


def right(x: Floats, w: Floats) -> Floats:
    """The weighted mean."""
    x, w = np.broadcast_arrays(x, w[..., None, :])
    return np.asarray((x * w).sum(axis=-1) / w.sum(axis=-1))


def _steps_of_weights(x: Floats, w: Floats) -> Floats:
    """Weights count up to a tenth of all."""
    shares = w / w.sum(axis=-1, keepdims=True)
    return right(x, np.floor(shares * 10) + 1e-9)


def _turned_alone(x: Floats, w: Floats) -> Floats:
    """Weights other than the index's own are taken from the other end, where they come alone and not in a batch."""
    own = w.ndim > 1 or bool(np.array_equal(w, np.arange(1.0, len(w) + 1)))
    return right(x, w if own else w[::-1])


WRONG: dict[str, _Wrong] = {
    "range": lambda x, w: (x * w[..., None, :]).sum(axis=-1),
    "idempotent": lambda x, w: right(x, w) ** 2,
    "weight_scale": lambda x, w: (x * w[..., None, :]).sum(axis=-1) / 3,
    "exchangeable": lambda x, w: right(x, w) + np.arange(x.shape[-2]),
    "exchangeable_children": lambda x, w: right(x, w * np.arange(1, x.shape[-1] + 1)),
    "monotone_values": lambda x, w: -right(x, w),
    "monotone_weights": lambda x, w: right(x, w[..., ::-1]),
    "continuous_weights": _steps_of_weights,
    "zero_weight": lambda x, w: right(x, w + 0.1),
    "compensation": lambda x, w: right(np.sqrt(np.abs(x)), w) ** 2,
    "independent": lambda x, w: right((x - x.min(axis=-2, keepdims=True)) / (1 + np.ptp(x, axis=-2, keepdims=True)), w),
    "draws": lambda x, w: right(x, w) + (1e-9 if w.ndim > 1 else 0.0),
    "rank_stability": _turned_alone,
    "contributions": lambda x, w: right(x, w) + 0.1,
    "missing_bounds": lambda x, w: np.abs(right(x, w) - 50) ** 1.5,
}


@contextmanager
def faulty(law: str) -> Iterator[Index]:
    """An index that breaks a law, as long as the block lasts: in it, every weighted mean of the library is wrong.

    It is the negative control of :func:`check_laws`. Not for threads that score something else meanwhile.

    Parameters
    ----------
    law
        One of :data:`LAWS`.

    Yields
    ------
    Index
        Two indicators ``a`` and ``b`` of weight 1 and 2, and their mean ``top``.

    Raises
    ------
    MethodError
        There is no such law.

    Examples
    --------
    >>> from egovindex import testing
    >>> with testing.faulty("range") as index:
    ...     testing.check_laws(index, "range", raise_errors=False)["holds"].tolist()
    [False]
    """
    refuse_unknown("law", [law], LAWS)
    document = {
        "index": "faulty",
        "nothing": {"missing": "skip"},
        "indicators": {"a": {}, "b": {}},
        "nodes": {"top": {"of": {"a": 1, "b": 2}}},
    }
    index = from_document(document)
    sound = aggregate.AGGREGATES["mean"]
    aggregate.AGGREGATES["mean"] = _kernel(WRONG[law])
    try:
        yield index
    finally:
        aggregate.AGGREGATES["mean"] = sound


def _kernel(wrong: _Wrong) -> Callable[[Iterable[aggregate.Child], Floats, int], aggregate.Result]:
    """A wrong mean in the place of the right one; where a child is left out, the others count."""

    def mean(children: Iterable[aggregate.Child], weights: Floats, units: int) -> aggregate.Result:
        given = [(x, np.ones(units, dtype=bool) if mask is None else mask) for x, mask in children]
        x = np.stack(np.broadcast_arrays(*(x for x, _ in given), np.zeros(units))[:-1], axis=-1)
        counted = np.stack(np.broadcast_arrays(*(mask for _, mask in given), np.zeros(units))[:-1], axis=-1) > 0
        whole = np.asarray(counted.all(axis=-1))
        with np.errstate(divide="ignore", invalid="ignore"):
            score = wrong(np.where(counted, x, 0.0), weights)
            gaps = right(np.where(counted, x, 0.0), weights) if whole.all() else _among(x, weights, counted)
        return np.where(whole, score, gaps), np.ones(1)

    return mean


def _among(x: Floats, weights: Floats, counted: np.ndarray) -> Floats:
    w = weights[..., None, :] * counted
    return np.asarray((np.where(counted, x, 0.0) * w).sum(axis=-1) / w.sum(axis=-1))


def faulty_function(law: str) -> Function:
    """A function of values and weights that breaks a law, for :func:`check_laws`.

    Parameters
    ----------
    law
        One of those that can be tried on a function.

    Returns
    -------
    callable
        ``f(x, weights) -> scores``.

    Raises
    ------
    MethodError
        There is no such law, or it is one of indices only.

    Examples
    --------
    >>> from egovindex import testing
    >>> testing.check_laws(testing.faulty_function("zero_weight"), "zero_weight", raise_errors=False)["holds"].tolist()
    [False]
    """
    refuse_unknown("law", [law], ARRAY_LAWS)

    def wrong(x: Floats, weights: Floats) -> Floats:
        return WRONG[law](x, weights)

    wrong.__name__ = f"faulty_{law}"
    return wrong
