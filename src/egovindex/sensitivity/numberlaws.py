"""Laws of one number: how far, and how likely, it could be another."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from egovindex.errors import Fault, MethodError, listed
from egovindex.formulas import Floats
from egovindex.sensitivity.parameters import finite, positive
from egovindex.spec.numbers import number_text

__all__ = [
    "Choice",
    "Error",
    "LeaveOneOut",
    "Monotone",
    "Normal",
    "NumberLaw",
    "Triangular",
    "Uniform",
    "check_chances",
    "picked",
    "truncated_normal",
]


# the smallest share that is inverted, and the share of a tail below which logarithms are taken
_FIRST = 1e-16
_THIN = 1e-250


class NumberLaw:
    """A law of one number. ``str(law)`` is its name with its numbers, as a file of doubts has it."""

    name: ClassVar[str]

    def at(self, uniform: Floats) -> Floats:
        """The number at each uniform number between 0 and 1: the inverse of the law's distribution."""
        raise NotImplementedError

    def limits(self, level: float) -> tuple[float, float]:
        """Between which the middle share ``level`` of the law lies."""
        low, high = self.at(np.array([(1 - level) / 2, (1 + level) / 2]))
        return float(low), float(high)

    def __str__(self) -> str:
        given = (getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]
        return " ".join([self.name, *(number_text(value) for value in given if value is not None)])

    def __repr__(self) -> str:
        return str(self)

    def written(self) -> Any:
        """As a file of doubts has it."""
        return str(self)


@dataclass(frozen=True, repr=False)
class Uniform(NumberLaw):
    """Every number between two as likely as any other."""

    low: float
    high: float
    name: ClassVar[str] = "uniform"

    def __post_init__(self) -> None:
        finite(self)
        if self.low > self.high:
            raise _crossed(self)

    def at(self, uniform: Floats) -> Floats:
        return self.low + (self.high - self.low) * uniform

    def limits(self, level: float) -> tuple[float, float]:  # noqa: ARG002 - its ends say more than a share of it
        return self.low, self.high


@dataclass(frozen=True, repr=False)
class Triangular(NumberLaw):
    """A most likely number between two limits, and less likely on either side in a straight line."""

    low: float
    mode: float
    high: float
    name: ClassVar[str] = "triangular"

    def __post_init__(self) -> None:
        finite(self)
        if not self.low <= self.mode <= self.high or self.low == self.high:
            raise _crossed(self)

    def at(self, uniform: Floats) -> Floats:
        width, left = self.high - self.low, self.mode - self.low
        rising = self.low + np.sqrt(uniform * width * left)
        falling = self.high - np.sqrt((1 - uniform) * width * (width - left))
        return np.where(uniform * width < left, rising, falling)


@dataclass(frozen=True, repr=False)
class Normal(NumberLaw):
    """Normal with a mean and a standard deviation, cut at limits where there are any, and drawn anew, not clipped."""

    mean: float
    sd: float
    low: float | None = None
    high: float | None = None
    name: ClassVar[str] = "normal"

    def __post_init__(self) -> None:
        finite(self)
        positive(self, "sd")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise _crossed(self)

    def at(self, uniform: Floats) -> Floats:
        return truncated_normal(uniform, self.mean, self.sd, self.low, self.high)

    def __str__(self) -> str:
        given = {"low": self.low, "high": self.high}
        ends = {name: number_text(limit) for name, limit in given.items() if limit is not None}
        numbers = f"normal {number_text(self.mean)} {number_text(self.sd)}"
        if len(ends) == 1:
            return f"{numbers}, {' '.join(*ends.items())}"
        return " ".join([numbers, *ends.values()])

    def written(self) -> Any:
        if (self.low is None) == (self.high is None):
            return str(self)
        given = {name: getattr(self, name) for name in ("mean", "sd", "low", "high")}
        return {"normal": {name: number_text(value) for name, value in given.items() if value is not None}}


def truncated_normal(uniform: Floats, mean: Any, sd: Any, low: Any, high: Any) -> Floats:
    """Normal numbers between limits, by the inverse of their distribution; arrays are taken together."""
    from scipy.special import ndtr, ndtri

    uniform = np.clip(uniform, _FIRST, 1 - _FIRST)
    if low is None and high is None:
        found: Floats = mean + sd * ndtri(uniform)
        return found
    first = -np.inf if low is None else (low - mean) / sd
    last = np.inf if high is None else (high - mean) / sd
    # looked at from the side on which the tail is thin: there a share has all its digits
    turned = np.asarray(high is None) if low is None or high is None else np.asarray(first + last > 0)
    least, most = np.where(turned, -last, first), np.where(turned, -first, last)
    share = np.where(turned, 1 - uniform, uniform)
    below, above = ndtr(least), ndtr(most)
    standard = ndtri(np.clip(below + share * (above - below), 0.0, 1.0))
    thin = np.broadcast_to(above < _THIN, standard.shape)
    if thin.any():
        standard = np.where(thin, _far_out(share, least, most), standard)
    found = mean + sd * np.where(turned, -standard, standard)
    return np.clip(found, low, high)  # rounding of the inverse, at the ends


def _far_out(share: Floats, least: Any, most: Any) -> Floats:
    """Standard normal numbers between limits far below 0, by logarithms of the distribution."""
    from scipy.special import log_ndtr, ndtri_exp

    with np.errstate(divide="ignore"):
        logs = np.logaddexp(np.log1p(-share) + log_ndtr(least), np.log(share) + log_ndtr(most))
    found: Floats = ndtri_exp(logs)
    return found


@dataclass(frozen=True, repr=False)
class Choice(NumberLaw):
    """One of some numbers, or of some outcomes in words."""

    of: tuple[Any, ...]
    chances: tuple[float, ...] | None = None
    name: ClassVar[str] = "choice"

    def __post_init__(self) -> None:
        if len(self.of) < 2:
            raise MethodError(
                Fault(f"a choice is between at least two, found {listed(map(str, self.of)) or 'none'}", check="bad_law")
            )
        if len(set(map(str, self.of))) < len(self.of):
            raise MethodError(Fault(f"a choice names each once, found {listed(map(str, self.of))}", check="bad_law"))
        check_chances(self.chances, len(self.of))

    @property
    def in_words(self) -> bool:
        """Whether one of them is no number."""
        return any(isinstance(one, str) for one in self.of)

    def at(self, uniform: Floats) -> Floats:
        return np.array(self.of, dtype=np.float64)[picked(uniform, len(self.of), self.chances)]

    def __str__(self) -> str:
        words = ", ".join(number_text(one) if isinstance(one, float) else str(one) for one in self.of)
        return f"one of {words}" + (f" with chances {list(self.chances)}" if self.chances else "")

    def written(self) -> Any:
        of = [number_text(one) if isinstance(one, (int, float)) else one for one in self.of]
        if self.chances is None:
            return of
        return {"choice": {"of": of, "chances": [number_text(chance) for chance in self.chances]}}


def check_chances(chances: tuple[float, ...] | None, number: int) -> None:
    """Refuse chances that are not those of so many alternatives."""
    if chances is None:
        return
    good = len(chances) == number and all(math.isfinite(c) and c > 0 for c in chances)
    if not good or abs(math.fsum(chances) - 1) > 1e-9:
        message = f"chances are {number} numbers above 0 that add up to 1, found {list(chances)}"
        raise MethodError(Fault(message, check="bad_law"))


def picked(uniform: Floats, number: int, chances: tuple[float, ...] | None) -> npt.NDArray[np.int64]:
    """Which of some alternatives each uniform number between 0 and 1 picks."""
    if chances is None:
        return np.minimum((uniform * number).astype(np.int64), number - 1)
    ends = np.cumsum(chances)
    return np.minimum(np.searchsorted(ends, uniform, side="right"), number - 1).astype(np.int64)


@dataclass(frozen=True, repr=False)
class Monotone(NumberLaw):
    """All lines of a map between its lowest and its highest, any way that keeps their order."""

    low: float | None = None
    high: float | None = None
    name: ClassVar[str] = "monotone"

    def __post_init__(self) -> None:
        finite(self)
        if (self.low is None) != (self.high is None):
            raise MethodError(Fault("monotone has both limits or none", check="bad_law"))
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise _crossed(self)


@dataclass(frozen=True, repr=False)
class Error(NumberLaw):
    """Error of a measured number: what is added to it, or by which share it is off."""

    sd: float | str | None = None
    half_width: float | None = None
    relative: bool = False
    low: float | None = None
    high: float | None = None
    name: ClassVar[str] = "error"

    def __post_init__(self) -> None:
        finite(self)
        if (self.sd is None) == (self.half_width is None):
            message = "an error has either a standard deviation (sd) or a half width, as in error(sd=2)"
            raise MethodError(Fault(message, check="bad_law"))
        if not isinstance(self.sd, str):
            positive(self, "sd" if self.sd is not None else "half_width")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise _crossed(self)
        size = self.sd if self.half_width is None else self.half_width
        if self.relative and isinstance(size, float) and size > 1:
            message = f"a relative error is a share of the number, 0.05 for 5 %; found {number_text(size)}"
            raise MethodError(Fault(message, check="bad_law"))

    def around(self, uniform: Floats, value: Floats, sd: Floats | None = None) -> Floats:
        """Numbers around those measured; truncated at the limits, not clipped.

        Parameters
        ----------
        uniform
            ``(D, rows)`` between 0 and 1.
        value
            ``(rows,)`` as measured.
        sd
            ``(rows,)`` standard deviations out of a column, where the law names one.
        """
        size = np.abs(value) if self.relative else np.ones_like(value)
        if self.half_width is not None:
            reach = self.half_width * size
            least = value - reach if self.low is None else np.maximum(value - reach, self.low)
            most = value + reach if self.high is None else np.minimum(value + reach, self.high)
            found: Floats = least + (most - least) * uniform
            return found
        spread: Floats = np.asarray(self.sd if sd is None else sd, dtype=np.float64) * size
        moves = spread > 0
        safe = np.where(moves, spread, 1.0)
        return np.where(moves, truncated_normal(uniform, value, safe, self.low, self.high), value)

    def __str__(self) -> str:
        if self.half_width is not None:
            width = f"half width {number_text(self.half_width)}"
        else:
            width = f'sd in column "{self.sd}"' if isinstance(self.sd, str) else f"sd {number_text(self.sd or 0.0)}"
        ends = "".join(f", {n} {number_text(v)}" for n, v in (("low", self.low), ("high", self.high)) if v is not None)
        return f"error {width}{' of the value' if self.relative else ''}{ends}"

    def written(self) -> Any:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        numbers = {name: number_text(value) if isinstance(value, float) else value for name, value in given.items()}
        kept = {name: value for name, value in numbers.items() if value is not None and name != "relative"}
        return {"error": kept | ({"relative": "true"} if self.relative else {})}


@dataclass(frozen=True)
class LeaveOneOut:
    """One of some records is left out, or none; all indicators where none is named."""

    of: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"leave one out{f' of {listed(self.of)}' if self.of else ''}"

    def __repr__(self) -> str:
        return str(self)

    def written(self) -> Any:
        return {"leave_one_out": list(self.of)} if self.of else "leave_one_out"


def _crossed(law: NumberLaw) -> MethodError:
    return MethodError(Fault(f"{law}: its numbers are not in rising order", check="bad_law"))
