"""Bands: the numbers for which a test holds, as intervals with exact ends.

A *cut* stands just before a number, ``(number, 0)``, or just after it, ``(number, 1)``; a span runs from one cut to
a later one, so that open, closed and single-number intervals need no cases of their own. Numbers are the fractions
that were written (``0.1`` is one tenth), not what a computer makes of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from egovindex.spec import language, values

__all__ = ["ALL", "NONE", "Band", "Cut", "Reach", "class_reach", "exact", "reach", "union", "written"]

Cut = tuple[Fraction | float, int]
_LOWEST: Cut = (-math.inf, 0)
_HIGHEST: Cut = (math.inf, 0)
_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


@dataclass(frozen=True)
class Band:
    """A set of numbers: spans that do not touch, in order.

    Examples
    --------
    >>> low, high = Band.of("<", Fraction(20)), Band.of(">=", Fraction(80))
    >>> str(low | high), str(~(low | high)), str(low & high)
    ('below 20, 80 and more', '20 to below 80', 'no number')
    """

    spans: tuple[tuple[Cut, Cut], ...] = ()

    @classmethod
    def of(cls, op: str, number: Fraction) -> Band:
        """The numbers ``> >= < <=`` a number, or equal to it (``=``)."""
        before, after = (number, 0), (number, 1)
        spans: dict[str, tuple[Cut, Cut]] = {
            ">": (after, _HIGHEST),
            ">=": (before, _HIGHEST),
            "<": (_LOWEST, before),
            "<=": (_LOWEST, after),
            "=": (before, after),
        }
        return cls((spans[op],))

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __or__(self, other: Band) -> Band:
        joined: list[tuple[Cut, Cut]] = []
        for low, high in sorted((*self.spans, *other.spans)):
            if joined and low <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], high))
            else:
                joined.append((low, high))
        return Band(tuple(joined))

    def __invert__(self) -> Band:
        ends = [_LOWEST, *(cut for span in self.spans for cut in span), _HIGHEST]
        return Band(tuple((low, high) for low, high in zip(ends[::2], ends[1::2], strict=True) if low < high))

    def __and__(self, other: Band) -> Band:
        return ~(~self | ~other)

    def __le__(self, other: Band) -> bool:
        return not self & ~other

    @property
    def is_a_number(self) -> bool:
        """Whether it is one number and nothing beside it."""
        return len(self.spans) == 1 and self.spans[0][0][0] == self.spans[0][1][0]

    @property
    def has_two_ends(self) -> bool:
        """Whether it has a lowest and a highest number."""
        return bool(self.spans) and self.spans[0][0] != _LOWEST and self.spans[-1][1] != _HIGHEST

    def inner_holes(self) -> Band:
        """Numbers between two of its spans."""
        return Band(tuple((low, high) for low, high in (~self).spans if low != _LOWEST and high != _HIGHEST))

    def ends_at(self, cut: Cut) -> bool:
        """Whether it holds for the numbers just below a cut."""
        return any(low < cut <= high for low, high in self.spans)

    def begins_at(self, cut: Cut) -> bool:
        """Whether it holds for the numbers just above a cut."""
        return any(low <= cut < high for low, high in self.spans)

    def __str__(self) -> str:
        return ", ".join(_words(low, high) for low, high in self.spans) or "no number"


NONE = Band()
ALL = ~NONE


def _words(low: Cut, high: Cut) -> str:
    """One span: ``20 to below 80``, ``80``, ``above 80``."""
    first, last = (language.number_text(float(number)) for number in (low[0], high[0]))
    if low == _LOWEST:
        return "every number" if high == _HIGHEST else f"{last} and less" if high[1] else f"below {last}"
    if high == _HIGHEST:
        return f"above {first}" if low[1] else f"{first} and more"
    if low[0] == high[0]:
        return first
    return f"{'above ' if low[1] else ''}{first} to {'' if high[1] else 'below '}{last}"


@dataclass(frozen=True)
class Reach:
    """For which numbers of one name a test holds: surely, and at most.

    Both are one where the test is about that name alone.
    """

    sure: Band
    most: Band


def reach(test: language.Test, name: str) -> Reach:
    """For which numbers of ``name`` a test holds.

    Examples
    --------
    >>> from egovindex.spec.language import parse_test
    >>> found = reach(parse_test("value > 80 and law is yes"), "value")
    >>> str(found.sure), str(found.most)
    ('no number', 'above 80')
    """
    if isinstance(test, language.Compare):
        band = _compared(test, name)
        return Reach(NONE, ALL) if band is None else Reach(band, band)
    if isinstance(test, language.Is):
        return _asked(test, name)
    if isinstance(test, language.Not):
        inner = reach(test.of, name)
        return Reach(~inner.most, ~inner.sure)
    parts = [reach(part, name) for part in test.of]
    if isinstance(test, language.Or):
        return Reach(union(part.sure for part in parts), union(part.most for part in parts))
    return Reach(~union(~part.sure for part in parts), ~union(~part.most for part in parts))


def class_reach(bound: values.Quantity | language.Test | language.Else) -> Reach:
    """For which scores a class holds: from its lower bound on, where its test holds, or everywhere.

    Examples
    --------
    >>> str(class_reach(values.Quantity(0.75)).sure)
    '0.75 and more'
    """
    if isinstance(bound, language.Else):
        return Reach(ALL, ALL)
    if isinstance(bound, values.Quantity):
        band = Band.of(">=", written(bound.value))
        return Reach(band, band)
    return reach(bound, "value")


def union(bands: Iterable[Band]) -> Band:
    """The numbers of any of several bands."""
    found = NONE
    for band in bands:
        found = found | band
    return found


def _compared(test: language.Compare, name: str) -> Band | None:
    """A comparison of a name with a number, either way round."""
    for op, one, other in ((test.op, test.left, test.right), (_FLIPPED[test.op], test.right, test.left)):
        number = _constant(other)
        if one == language.Name(name) and number is not None:
            return Band.of(op, number)
    return None


def _asked(test: language.Is, name: str) -> Reach:
    """A comparison with categories; those that are numbers hold for them, words for no number."""
    if test.name != name and not (name == "value" and test.name == "answer"):
        return Reach(NONE, ALL)
    numbers = [exact(category) for category in test.categories if language.is_number(category)]
    band = union(Band.of("=", number) for number in numbers)
    band = ~band if test.negated else band
    return Reach(band, band)


def exact(text: str) -> Fraction:
    """A written number, decimal or fraction, without rounding.

    Examples
    --------
    >>> exact("0.1") + exact("1/5") == exact("0.3")
    True
    """
    top, _, bottom = text.partition("/")
    return written(float(top)) / written(float(bottom or 1))


def written(number: float) -> Fraction:
    """The decimal or fraction that was written, which is the shortest that reads as this number.

    Examples
    --------
    >>> written(0.1), written(1 / 3)
    (Fraction(1, 10), Fraction(1, 3))
    """
    return Fraction(language.number_text(number))


def _constant(formula: language.Formula) -> Fraction | None:
    """The number that a formula without names is; ``None`` for another, also one of a function."""
    if isinstance(formula, language.Number):
        return written(formula.value) if math.isfinite(formula.value) else None
    if isinstance(formula, language.Negative):
        inner = _constant(formula.of)
        return None if inner is None else -inner
    if not isinstance(formula, language.Binary):
        return None
    left, right = _constant(formula.left), _constant(formula.right)
    if left is None or right is None or (formula.op == "/" and right == 0):
        return None
    results = {"+": left + right, "-": left - right, "*": left * right}
    return results[formula.op] if formula.op in results else left / right
