"""Sets of weights of several kinds, out of codes 0 to 255."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from egovindex.index import Index
from egovindex.spec.model import WeightSet

__all__ = ["KINDS", "WeightMaker"]

Weights = list[str]


def _integer(codes: Sequence[int], own: Sequence[float]) -> Weights:  # noqa: ARG001 - one signature for all kinds
    return [str(1 + code % 9) for code in codes]


def _simplex(codes: Sequence[int], own: Sequence[float]) -> Weights:  # noqa: ARG001
    parts = [(1 + code) % 10 for code in codes]
    return _shares(parts if any(parts) else [1] * len(parts))


def _bounded(codes: Sequence[int], own: Sequence[float]) -> Weights:
    """Each within a quarter of its own weight; zero stays zero, and so does a sign."""
    twentieths = [20 + (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5)[code % 11] for code in codes]
    return [
        str(Fraction(weight).limit_denominator(10**6) * at / 20) for at, weight in zip(twentieths, own, strict=True)
    ]


def _ordered(codes: Sequence[int], own: Sequence[float]) -> Weights:  # noqa: ARG001
    """Each child at least as heavy as the next."""
    found: list[int] = []
    for code in reversed(codes):
        found.append((found[-1] if found else 1) + code % 4)
    return [str(weight) for weight in reversed(found)]


def _sparse(codes: Sequence[int], own: Sequence[float]) -> Weights:  # noqa: ARG001
    """One child counts, or two."""
    first, second = codes[0] % len(codes), codes[-1] % len(codes)
    return ["1" if at in (first, second) else "0" for at in range(len(codes))]


def _extreme(codes: Sequence[int], own: Sequence[float]) -> Weights:  # noqa: ARG001
    """Up to eighteen powers of ten between two weights."""
    powers = [(0, 9, -9, 6, -6, 3, -3)[code % 7] for code in codes]
    return [f"1e{power}" if power else "1" for power in powers]


def _shares(parts: Sequence[int]) -> Weights:
    return [str(Fraction(part, sum(parts))) for part in parts]


KINDS: dict[str, Callable[[Sequence[int], Sequence[float]], Weights]] = {
    "integer": _integer,
    "simplex": _simplex,
    "bounded": _bounded,
    "ordered": _ordered,
    "sparse": _sparse,
    "extreme": _extreme,
}


class WeightMaker:
    """Turns codes into a set of weights for an index.

    Parameters
    ----------
    index
        The index.
    kind
        One of :data:`KINDS`.
    zeros
        Whether whole weights may be zero; never all of one node.
    """

    def __init__(self, index: Index, kind: str, *, zeros: bool) -> None:
        self.index = index
        self.kind = kind
        self.zeros = zeros
        self.branches = [branch for branch in index.tree.branches.values() if branch.children]

    @property
    def size(self) -> int:
        """Codes that one set takes."""
        return sum(len(branch.children) for branch in self.branches)

    def made(self, codes: bytes) -> WeightSet:
        """The set of these codes."""
        nodes: dict[str, dict[str, str]] = {}
        start = 0
        for branch in self.branches:
            own = codes[start : start + len(branch.children)]
            start += len(own)
            # weights of a product are exponents: a negative number has none that is a fraction
            kind = "integer" if branch.aggregate == "product" else self.kind
            weights = KINDS[kind](list(own), [quantity.value for quantity in branch.weights])
            if self.zeros and kind == "integer":
                weights = ["0" if code % 10 == 9 else weight for code, weight in zip(own, weights, strict=True)]
                weights = weights if any(weight != "0" for weight in weights) else ["1"] * len(weights)
            nodes[branch.id] = dict(zip(branch.children, weights, strict=True))
        return WeightSet.model_validate({"weights": "drawn", "index": self.index.id, "nodes": nodes})
