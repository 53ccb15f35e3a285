"""Scores in rational numbers, and how far rounding may take a double from them.

Shares no code with `egovindex`, as :mod:`tests.reference`, which reads what is written. Only what is rational can be
computed: no logarithm, no root, no standard deviation. Indicators are plain numbers, and all are answered.

Every number carries a bound of the error that arithmetic in double precision makes on the way to it, in whatever
order sums are taken (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1: a sum of `k` products
is off by at most `k u / (1 - k u)` times the sum of their absolute values, with `u = 2**-53`). So the tolerance is
proved, number by number, and is not chosen.
"""

# One case for each name of the specification, spelt out in one place, is what makes it checkable.
# ruff: noqa: PLR0911

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests import reference

U = Fraction(1, 2**53)
# what each operation of a bound leaves out: products of two errors
MORE = Fraction(1_000_001, 1_000_000)


@dataclass(frozen=True)
class Near:
    """A rational number, and how far a double that stands for it may be off."""

    value: Fraction
    error: Fraction = Fraction(0)

    def rounded(self, operations: int = 1) -> Near:
        return Near(self.value, (self.error + operations * U * abs(self.value)) * MORE)

    def __add__(self, other: Near) -> Near:
        return Near(self.value + other.value, self.error + other.error).rounded()

    def __sub__(self, other: Near) -> Near:
        return Near(self.value - other.value, self.error + other.error).rounded()

    def __mul__(self, other: Near) -> Near:
        error = abs(self.value) * other.error + abs(other.value) * self.error + self.error * other.error
        return Near(self.value * other.value, error).rounded()

    def __truediv__(self, other: Near) -> Near:
        value = self.value / other.value
        smallest = abs(other.value) - other.error
        assert smallest > 0, "a quotient by what may be nothing"
        return Near(value, (self.error + abs(value) * other.error) / smallest).rounded()

    def __abs__(self) -> Near:
        return Near(abs(self.value), self.error)


def least(*numbers: Near) -> Near:
    """The smaller one; the error of one that is as near may be taken in its place."""
    return Near(min(n.value for n in numbers), max(n.error for n in numbers))


def most(*numbers: Near) -> Near:
    return Near(max(n.value for n in numbers), max(n.error for n in numbers))


def dot(weights: list[Near], values: list[Near]) -> Near:
    """A sum of products, taken in any order."""
    size = sum((abs(w.value * x.value) for w, x in zip(weights, values, strict=True)), Fraction(0))
    value = sum((w.value * x.value for w, x in zip(weights, values, strict=True)), Fraction(0))
    error = sum((w.error * abs(x.value) + abs(w.value) * x.error for w, x in zip(weights, values, strict=True)), U * 0)
    return Near(value, (error + (len(values) + 1) * U * size) * MORE)


def mean(weights: list[Near], values: list[Near]) -> Near:
    return dot(weights, values) / dot(weights, [Near(Fraction(1))] * len(weights))


def step(name: str, numbers: list[Near], xs: list[Near], *, down: bool) -> list[Near]:
    """One step, straight from section 3.4 of the specification."""
    if name == "out_of":
        return [x / numbers[0] for x in xs]
    if name == "times":
        return [x * numbers[0] for x in xs]
    if name == "floor":
        return [most(x, numbers[0]) for x in xs]
    if name == "cap":
        return [least(x, numbers[0]) for x in xs]
    ordered = sorted(xs, key=lambda x: x.value)
    if name in ("top", "bottom"):
        place = int(numbers[0].value)
        limit = ordered[-place if name == "top" else place - 1]
        limit = Near(limit.value, max(x.error for x in xs))  # rounding may choose another that is as near
        return [least(x, limit) if name == "top" else most(x, limit) for x in xs]
    if name == "distance":
        return [abs(x - (numbers[0] if numbers else median(ordered))) for x in xs]
    if name == "goalposts":
        worst, best = numbers
        return [(x - worst) / (best - worst) for x in xs]
    assert name == "minmax", name
    low, high = least(*xs), most(*xs)
    shares = [(high - x if down else x - low) / (high - low) for x in xs]
    if not numbers:
        return shares
    worst, best = numbers
    return [share * (best - worst) + worst for share in shares]


def median(ordered: list[Near]) -> Near:
    error = max(x.error for x in ordered)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return Near(ordered[half].value, error)
    return Near((ordered[half - 1].value + ordered[half].value) / 2, error).rounded(2)


def aggregate(name: str, weights: list[Near], values: list[Near]) -> Near:
    if name in ("mean", "pool"):  # without a gap they are the same
        return mean(weights, values)
    if name == "sum":
        return dot(weights, values)
    if name == "min":
        return least(*values)
    if name == "max":
        return most(*values)
    assert name == "ladder", name
    return mean(weights, [least(*values[: at + 1]) for at in range(len(values))])


def score(document: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, list[Near]]:
    """Every record's numbers, one for each row."""
    index = reference._Index(document, rows, None)
    found: dict[str, list[Near]] = {}

    def own(name: str) -> list[Near]:
        if name in found:
            return found[name]
        record = index.indicators.get(name) or index.nodes.get(name) or {}
        if name in index.indicators:
            xs = [Near(Fraction(index.own_answer(name, row).number or 0.0)) for row in rows]
        else:
            children = index.children[name]
            weights = [Near(Fraction(weight)) for weight in children.values()]
            columns = [own(child) for child in children]
            how = str(record.get("aggregate", "mean"))
            xs = [aggregate(how, weights, [column[i] for column in columns]) for i in range(len(rows))]
        written = record.get("steps") or []
        words = [str(s).split() for s in (written.split(";") if isinstance(written, str) else written)]
        turning = [at for at, word in enumerate(words) if word[0] in ("zscore", "minmax", "rank")]
        for at, (called, *rest) in enumerate(words):
            numbers = [Near(Fraction(reference.num(part))) for part in rest if part != "median"]
            down = record.get("direction") == "down" and at == turning[-1]
            xs = step(called, numbers, xs, down=down)
        found[name] = xs
        return xs

    for name in [*index.indicators, *index.nodes]:
        own(name)
    return found
