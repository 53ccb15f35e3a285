"""What is done to the values of one record: limits, scales, standardisation, rounding.

Letters: ``n`` units of the reference population, ``m`` units the step is applied to; a leading axis of
draws may stand before either. A step that learns has ``learn(reference, ...) -> dict``, whose arrays
carry the leading axes of the reference; ``apply`` takes them back, so that a learned step can be
reused on other values. Inputs hold no NaN: the caller passes the units that have a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.kernels.powers import scaled
from egovindex.kernels.rank import TIE_TOLERANCE, snapped_to_halves
from egovindex.kernels.refusal import Refusal

__all__ = ["KERNELS", "StepKernel", "kurtosis", "skewness"]

Array = npt.NDArray[np.float64]
Learned = dict[str, Array]
Options = Mapping[str, Any]

# from here on every floating-point number is whole
_ALL_WHOLE = 2.0**53


@dataclass(frozen=True, slots=True)
class StepKernel:
    """One step: how it learns (or not), what that is called, and how it acts."""

    apply: Callable[[Array, Learned, Options], Array]
    learn: Callable[[Array, Options], Learned] | None = None
    names: tuple[str, ...] = ()


def _column(learned: Array) -> Array:
    """A learned number beside a row of units."""
    return np.asarray(learned)[..., None]


def _refuse_constant(x: Array, what: str) -> None:
    if x.shape[-1] == 0:
        raise Refusal(f"{what} has no unit to learn from")
    high, low = x.max(axis=-1), x.min(axis=-1)
    if np.any(high - low <= TIE_TOLERANCE * np.maximum(np.abs(high), np.abs(low))):
        raise Refusal(
            f"{what} needs values that differ, and they are all equal in the reference population; "
            "leave the column out, or give it fixed limits with goalposts"
        )


# --- scale and limits


def _out_of(x: Array, _: Learned, options: Options) -> Array:
    return x / options["total"]


def _times(x: Array, _: Learned, options: Options) -> Array:
    return x * options["factor"]


def _grid(x: Array, _: Learned, options: Options) -> Array:
    return np.rint(snapped_to_halves(x * options["n"])) / options["n"]


def _floor(x: Array, _: Learned, options: Options) -> Array:
    return np.maximum(x, options["limit"])


def _cap(x: Array, _: Learned, options: Options) -> Array:
    return np.minimum(x, options["limit"])


def _learn_top(x: Array, options: Options) -> Learned:
    n, units = int(options["n"]), x.shape[-1]
    if n > units:
        raise Refusal(f"top {n} needs at least {n} units in the reference population, it has {units}")
    return {"limit": np.partition(x, units - n, axis=-1)[..., units - n]}


def _learn_bottom(x: Array, options: Options) -> Learned:
    n, units = int(options["n"]), x.shape[-1]
    if n > units:
        raise Refusal(f"bottom {n} needs at least {n} units in the reference population, it has {units}")
    return {"limit": np.partition(x, n - 1, axis=-1)[..., n - 1]}


def _log(x: Array, _: Learned, __: Options) -> Array:
    _refuse_not_positive(x, "log")
    return np.log(x)


def _refuse_not_positive(x: Array, what: str) -> None:
    bad = ~(x > 0)
    if bad.any():
        raise Refusal(
            f"{what} needs values above zero; add a floor before it", bad.reshape(-1, x.shape[-1]).any(axis=0)
        )


def _learn_distance(x: Array, options: Options) -> Learned:
    if "median" not in options["words"]:
        return {}
    if x.shape[-1] == 0:
        raise Refusal("distance median has no unit to learn from")
    return {"target": np.median(x, axis=-1)}


def _distance(x: Array, learned: Learned, options: Options) -> Array:
    target = _column(learned["target"]) if "target" in learned else options["target"]
    return np.abs(x - target)


# --- standardisation


def _learn_zscore(x: Array, options: Options) -> Learned:
    _refuse_constant(x, "zscore")
    ddof = 1 if "sample" in options["words"] else 0
    near, power = scaled(x)
    return {"mean": np.ldexp(near.mean(axis=-1), power), "sd": np.ldexp(near.std(axis=-1, ddof=ddof), power)}


def _zscore(x: Array, learned: Learned, options: Options) -> Array:
    sign = -1.0 if options["down"] else 1.0
    z = x - _column(learned["mean"])
    z /= _column(sign * learned["sd"])
    if (options["mean"], options["sd"]) != (0.0, 1.0):
        z = z * options["sd"] + options["mean"]
    return z


def _learn_minmax(x: Array, _: Options) -> Learned:
    _refuse_constant(x, "minmax")
    return {"min": x.min(axis=-1), "max": x.max(axis=-1)}


def _minmax(x: Array, learned: Learned, options: Options) -> Array:
    low, high = _column(learned["min"]), _column(learned["max"])
    share = high - x if options["down"] else x - low
    share /= high - low
    if (options["low"], options["high"]) != (0.0, 1.0):
        share = share * (options["high"] - options["low"]) + options["low"]
    return share


def _goalposts(x: Array, _: Learned, options: Options) -> Array:
    worst, best = options["worst"], options["best"]
    if "log" in options["words"]:
        _refuse_not_positive(x, "goalposts on a log scale")
        return (np.log(x) - np.log(worst)) / (np.log(best) - np.log(worst))
    return (x - worst) / (best - worst) + 0.0  # the worst of a scale that runs down is 0, not -0


def _learn_rank(x: Array, options: Options) -> Learned:
    return {"reference": np.sort(-x if options["down"] else x, axis=-1)}


def _rank(x: Array, learned: Learned, options: Options) -> Array:
    reference = learned["reference"]
    n = reference.shape[-1]
    if n == 0:
        raise Refusal("rank has no unit to learn from")
    # equal up to rounding counts as reached, as in the ranks of scores
    size = np.maximum(np.abs(reference[..., :1]), np.abs(reference[..., -1:]))
    values = (-x if options["down"] else x) + TIE_TOLERANCE * size
    if values.ndim == 1 and reference.ndim == 1:
        return np.searchsorted(reference, values, side="right") / n
    shape = np.broadcast_shapes(values.shape[:-1], reference.shape[:-1])
    values = np.broadcast_to(values, (*shape, values.shape[-1]))
    reference = np.broadcast_to(reference, (*shape, n))
    share = np.empty(values.shape)
    for draw in np.ndindex(shape):
        share[draw] = np.searchsorted(reference[draw], values[draw], side="right") / n
    return share


def _round(x: Array, _: Learned, options: Options) -> Array:
    digits = 10.0 ** int(options["digits"])
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = snapped_to_halves(x * digits)
        whole = np.floor(scaled + 0.5) if "half_up" in options["words"] else np.rint(scaled)
        return np.where(np.abs(scaled) < _ALL_WHOLE, whole / digits, x)


# --- outliers


def _centred(x: Array) -> Array:
    """Distances from the mean; taken twice, for the mean of large numbers is rounded more than their distances."""
    near = scaled(x)[0]
    d = near - near.mean()
    return d - d.mean()


def skewness(x: Array) -> float:
    """Skewness G1, bias-corrected (type 2 of Joanes and Gill 1998, doi 10.1111/1467-9884.00122)."""
    n, d = x.size, _centred(x)
    s2 = (d**2).mean()
    if n < 3 or s2 == 0:
        return 0.0
    return float((d**3).mean() / s2**1.5 * np.sqrt(n * (n - 1)) / (n - 2))


def kurtosis(x: Array) -> float:
    """Excess kurtosis G2, bias-corrected (type 2 of Joanes and Gill 1998)."""
    n, d = x.size, _centred(x)
    s2 = (d**2).mean()
    if n < 4 or s2 == 0:
        return 0.0
    g2 = (d**4).mean() / s2**2 - 3
    return float(((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3)))


def _winsorised_limits(x: Array, most: int, skew_limit: float, kurtosis_limit: float) -> tuple[float, float]:
    """Limits inside which skew or kurtosis passes, replacing at most ``most`` units."""
    values = x.copy()
    low, high = float(x.min()), float(x.max())
    while True:
        skew = skewness(values)
        if abs(skew) < skew_limit or kurtosis(values) < kurtosis_limit:
            break
        distinct = np.unique(values)
        if distinct.size < 3:
            break
        next_low, next_high = (low, float(distinct[-2])) if skew >= 0 else (float(distinct[1]), high)
        if int(((x > next_high) | (x < next_low)).sum()) > most:
            break
        low, high = next_low, next_high
        values = np.clip(x, low, high)
    return low, high


def _learn_winsorise(x: Array, options: Options) -> Learned:
    if x.shape[-1] == 0:
        raise Refusal("winsorise has no unit to learn from")
    flat = x.reshape(-1, x.shape[-1])
    limits = [_winsorised_limits(row, int(options["most"]), options["skew"], options["kurtosis"]) for row in flat]
    shape = x.shape[:-1]
    return {
        "low": np.array([low for low, _ in limits]).reshape(shape),
        "high": np.array([high for _, high in limits]).reshape(shape),
    }


KERNELS: dict[str, StepKernel] = {
    "out_of": StepKernel(_out_of),
    "times": StepKernel(_times),
    "grid": StepKernel(_grid),
    "floor": StepKernel(_floor),
    "cap": StepKernel(_cap),
    "top": StepKernel(lambda x, learned, _: np.minimum(x, _column(learned["limit"])), _learn_top, ("limit",)),
    "bottom": StepKernel(lambda x, learned, _: np.maximum(x, _column(learned["limit"])), _learn_bottom, ("limit",)),
    "log": StepKernel(_log),
    "distance": StepKernel(_distance, _learn_distance, ("target",)),
    "zscore": StepKernel(_zscore, _learn_zscore, ("mean", "sd")),
    "winsorise": StepKernel(
        lambda x, learned, _: np.clip(x, _column(learned["low"]), _column(learned["high"])),
        _learn_winsorise,
        ("low", "high"),
    ),
    "minmax": StepKernel(_minmax, _learn_minmax, ("min", "max")),
    "goalposts": StepKernel(_goalposts),
    "rank": StepKernel(_rank, _learn_rank, ("reference",)),
    "round": StepKernel(_round),
}
