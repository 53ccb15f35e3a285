"""Laws of weights: which sets of weights could have been chosen for a node, and how likely each is.

A law acts on the children of one node. The total of their weights stays as it is, so that weights mean the same in
every draw. Which law it is decides how wide the ranks spread; a result always names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.formulas import Floats
from egovindex.kernels.box import sliced
from egovindex.kernels.refusal import Refusal
from egovindex.sensitivity.numberlaws import check_chances
from egovindex.sensitivity.parameters import number_of
from egovindex.sensitivity.samplers import BoxSampler, ConditionSampler, DirichletSampler, ExpertSampler, Sampler
from egovindex.sensitivity.sentences import linear, parsed
from egovindex.spec.numbers import number_text

__all__ = [
    "Between",
    "Conditions",
    "Dirichlet",
    "Edges",
    "Experts",
    "Limit",
    "Ordered",
    "Schemes",
    "WeightLaw",
    "Within",
]

Limit = float | tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Edges:
    """The children of one node and their weights as the index has them.

    Parameters
    ----------
    node, children
        Names.
    weights
        ``(k,)``.
    loose
        Whether only ratios of the weights matter.
    """

    node: str
    children: tuple[str, ...]
    weights: Floats
    loose: bool = False

    @property
    def total(self) -> float:
        """Sum of the weights, which no law changes."""
        return float(self.weights.sum())

    def refuse(self, law: WeightLaw, reason: str) -> MethodError:
        """A law that is not one of this node's weights."""
        return MethodError(Fault(f"weights.{self.node}: {law}: {reason}", check="bad_weights_law", column=self.node))


class WeightLaw:
    """A law of the weights of a node's children."""

    name: ClassVar[str]

    def sampler(self, edges: Edges) -> Sampler:
        """What draws weights of a node.

        Raises
        ------
        MethodError
            The law does not fit the node: it names no child of it, or no weights fulfil it.
        """
        raise NotImplementedError

    def written(self) -> Any:
        """As a file of doubts has it."""
        return str(self)

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, repr=False)
class Within(WeightLaw):
    """Every weight within a share of itself, uniformly over all sets with the same total."""

    share: float
    name: ClassVar[str] = "within"

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            message = (
                f"within takes a share above 0 and up to 1, 0.25 for 25 %; found {number_text(self.share)}. "
                "Wider laws are between, dirichlet and simplex"
            )
            raise MethodError(Fault(message, check="bad_law"))

    def sampler(self, edges: Edges) -> Sampler:
        reach = self.share * np.abs(edges.weights)
        return _box(self, edges, edges.weights - reach, edges.weights + reach)

    def __str__(self) -> str:
        return f"within {number_text(self.share)}"


@dataclass(frozen=True, repr=False)
class Between(WeightLaw):
    """Every share between two limits, uniformly over all sets that add up to one."""

    low: Limit = 0.0
    high: Limit = 1.0
    name: ClassVar[str] = "between"

    def __post_init__(self) -> None:
        _refuse_crossed(self.low, self.high)

    def sampler(self, edges: Edges) -> Sampler:
        low, high = shares_by_child(self, edges, self.low, self.high)
        return _box(self, edges, low, high, of_shares=True)

    def __str__(self) -> str:
        return f"between {_limit_text(self.low)} and {_limit_text(self.high)}"

    def written(self) -> Any:
        return {"between": {"low": _limit_written(self.low), "high": _limit_written(self.high)}}


@dataclass(frozen=True, repr=False)
class Dirichlet(WeightLaw):
    """A Dirichlet law: shares vary around a mean, the less the higher the concentration."""

    concentration: float | None = None
    alpha: tuple[tuple[str, float], ...] | None = None
    name: ClassVar[str] = "dirichlet"

    def __post_init__(self) -> None:
        numbers = [self.concentration] if self.alpha is None else [value for _, value in self.alpha]
        if any(value is not None and not 0 < value < float("inf") for value in numbers):
            raise MethodError(Fault("dirichlet takes numbers above 0", check="bad_law"))

    def sampler(self, edges: Edges) -> Sampler:
        _refuse_negative(self, edges)
        k = len(edges.children)
        if self.alpha is not None:
            alpha = _by_child(self, edges, dict(self.alpha), None)
        elif self.concentration is None:
            alpha = np.ones(k)
        else:
            alpha = self.concentration * edges.weights / edges.total
        return DirichletSampler(alpha, edges.total, loose=edges.loose)

    def __str__(self) -> str:
        if self.alpha is not None:
            return f"dirichlet with parameters {', '.join(f'{n} {number_text(v)}' for n, v in self.alpha)}"
        return "simplex" if self.concentration is None else f"dirichlet {number_text(self.concentration)}"

    def written(self) -> Any:
        if self.alpha is not None:
            return {"dirichlet": {"alpha": {name: number_text(value) for name, value in self.alpha}}}
        return str(self)


@dataclass(frozen=True, repr=False)
class Conditions(WeightLaw):
    """Uniformly over all sets that fulfil sentences about weights, between limits of each share."""

    sentences: tuple[str, ...]
    low: Limit = 0.0
    high: Limit = 1.0
    name: ClassVar[str] = "conditions"

    def __post_init__(self) -> None:
        _refuse_crossed(self.low, self.high)
        for sentence in self.sentences:
            parsed(sentence)

    def sampler(self, edges: Edges) -> Sampler:
        _refuse_negative(self, edges)

        def refuse(reason: str) -> MethodError:
            return edges.refuse(self, reason)

        rows = [row for sentence in self.sentences for row in linear(sentence, edges.children, refuse)]
        low, high = shares_by_child(self, edges, self.low, self.high)
        slopes = np.array([slope for slope, _ in rows]).reshape(len(rows), len(edges.children))
        limits = np.array([limit for _, limit in rows])
        try:
            return ConditionSampler(slopes, limits, low, high, edges.total, f"weights.{edges.node}")
        except Refusal as refusal:
            raise edges.refuse(self, refusal.reason) from None

    def __str__(self) -> str:
        return f"conditions {'; '.join(self.sentences)}{self._ends()}"

    def written(self) -> Any:
        return {"conditions": {"of": list(self.sentences), **self._ends_written()}}

    def _ends(self) -> str:
        if (self.low, self.high) == (0.0, 1.0):
            return ""
        return f"; shares between {_limit_text(self.low)} and {_limit_text(self.high)}"

    def _ends_written(self) -> dict[str, Any]:
        ends = {"low": (self.low, 0.0), "high": (self.high, 1.0)}
        return {name: _limit_written(limit) for name, (limit, default) in ends.items() if limit != default}


@dataclass(frozen=True, repr=False)
class Ordered(Conditions):
    """Uniformly over all sets in an order of importance."""

    children: tuple[str, ...] = ()
    name: ClassVar[str] = "ordered"

    @classmethod
    def of(cls, children: Sequence[str], low: Limit, high: Limit) -> Ordered:
        """The law of an order, from the most to the least important."""
        sentences = tuple(f"{one} >= {other}" for one, other in pairwise(children))
        return cls(sentences, low, high, tuple(children))

    def __str__(self) -> str:
        return f"ordered {', '.join(self.children)}{self._ends()}"

    def written(self) -> Any:
        ends = self._ends_written()
        return {"ordered": {"of": list(self.children), **ends} if ends else list(self.children)}


@dataclass(frozen=True, repr=False)
class Experts(WeightLaw):
    """Weights that experts gave: the mean of a resample of them, or one of them."""

    names: tuple[str, ...]
    children: tuple[str, ...]
    given: tuple[tuple[float, ...], ...]
    take: str = "mean"
    source: str | None = None
    name: ClassVar[str] = "experts"

    def __post_init__(self) -> None:
        if self.take not in ("mean", "one"):
            message = f'take is "mean" (of a resample of the experts) or "one" (of them), found "{self.take}"'
            raise MethodError(Fault(message, check="bad_law"))
        table = np.array(self.given, dtype=np.float64)
        if len(table) < 2:
            raise MethodError(Fault("experts: at least two are needed to resample them", check="bad_law"))
        bad = ~np.isfinite(table).all(axis=1) | (table < 0).any(axis=1) | ~(table.sum(axis=1) > 0)
        if bad.any():
            gaps = np.flatnonzero(np.isnan(table).any(axis=1))
            lacking = [f"{self.names[at]} gave none for {listed(self._lacking(table[at]))}" for at in gaps]
            who = listed([*lacking, *(self.names[at] for at in np.flatnonzero(bad) if at not in gaps)])
            message = f"experts: weights must be numbers from 0 on that do not add up to 0; look at {who}"
            raise MethodError(Fault(message, check="bad_law"))

    def _lacking(self, row: Floats) -> list[str]:
        return [child for child, weight in zip(self.children, row, strict=True) if np.isnan(weight)]

    def sampler(self, edges: Edges) -> Sampler:
        _refuse_negative(self, edges)
        table = np.array(self.given)
        columns = [_by_child(self, edges, dict(zip(self.children, row, strict=True)), None) for row in table]
        shares = np.array(columns)
        shares = shares / shares.sum(axis=1, keepdims=True)
        return ExpertSampler(shares * edges.total, mean=self.take == "mean")

    def __str__(self) -> str:
        what = "mean of a resample" if self.take == "mean" else "one"
        return f"{what} of {len(self.names)} experts"

    def written(self) -> Any:
        rows = {
            name: dict(zip(self.children, map(number_text, row), strict=True))
            for name, row in zip(self.names, self.given, strict=True)
        }
        return {"experts": {"of": rows, "take": self.take}}


@dataclass(frozen=True, repr=False)
class Schemes(WeightLaw):
    """One of some weight sets, as a whole; not a law of one node."""

    of: tuple[Any, ...]
    chances: tuple[float, ...] | None = None
    name: ClassVar[str] = "schemes"

    def __post_init__(self) -> None:
        if len(self.of) < 2:
            message = f"schemes are at least two weight sets, found {len(self.of)}"
            raise MethodError(Fault(message, check="bad_law"))
        check_chances(self.chances, len(self.of))
        twice = sorted({label for label in self.labels if self.labels.count(label) > 1})
        if twice:
            message = f"schemes name each weight set once, found {listed(twice)} twice; chances say how likely each is"
            raise MethodError(Fault(message, check="bad_law"))

    @property
    def labels(self) -> tuple[str, ...]:
        """Name of each set: its own, that of the one scheme it is made of, or its place."""
        return tuple(_scheme_label(scheme, at) for at, scheme in enumerate(self.of, start=1))

    def __str__(self) -> str:
        return f"one of {listed(self.labels)}" + (f" with chances {list(self.chances)}" if self.chances else "")

    def written(self) -> Any:
        of = [_scheme_written(scheme) for scheme in self.of]
        if self.chances is None:
            return of
        return {"schemes": {"of": of, "chances": [number_text(chance) for chance in self.chances]}}


def _scheme_label(scheme: Any, at: int) -> str:
    if isinstance(scheme, (str, Path)):
        return str(scheme)
    if isinstance(scheme, Mapping) and len(set(map(str, scheme.values()))) == 1:
        named = next(iter(scheme.values()))
        if isinstance(named, str):
            return f"{named} in {listed(map(str, scheme))}"
    return getattr(scheme, "weights", None) or f"set {at}"


def _scheme_written(scheme: Any) -> Any:
    if isinstance(scheme, (str, Path)):
        return str(scheme)
    found: dict[str, Any] = {}
    for node, children in (scheme.nodes if hasattr(scheme, "nodes") else scheme).items():
        if isinstance(children, str):
            found[node] = children
            continue
        found[node] = {name: number_text(number_of(getattr(w, "value", w), name)) for name, w in children.items()}
    return found


# --- what laws share
def _refuse_crossed(low: Limit, high: Limit) -> None:
    ends = [end for limit in (low, high) for end in ([limit] if isinstance(limit, float) else [v for _, v in limit])]
    outside = [number_text(end) for end in ends if not 0 <= end <= 1]
    if outside:
        message = f"limits are shares between 0 and 1, 0.2 for 20 %; found {listed(outside)}"
        raise MethodError(Fault(message, check="bad_law"))
    if isinstance(low, float) and isinstance(high, float) and low > high:
        message = f"the lower limit {number_text(low)} is above the upper limit {number_text(high)}"
        raise MethodError(Fault(message, check="bad_law"))


def _box(law: WeightLaw, edges: Edges, low: Floats, high: Floats, *, of_shares: bool = False) -> Sampler:
    try:
        if of_shares:  # a fault is told in the words of the law
            sliced(low, high, 1.0)
            low, high = low * edges.total, high * edges.total
        return BoxSampler(low, high, edges.total)
    except Refusal as refusal:
        where = "" if refusal.where is None else f" ({listed(np.array(edges.children)[refusal.where])})"
        raise edges.refuse(law, f"{refusal.reason}{where}") from None


def _refuse_negative(law: WeightLaw, edges: Edges) -> None:
    if (edges.weights < 0).any():
        raise edges.refuse(law, "its weights are shares, and this node has negative ones; within() takes them")


def shares_by_child(law: WeightLaw, edges: Edges, low: Limit, high: Limit) -> tuple[Floats, Floats]:
    """Limits of every child's share; where a child has none: 0 and 1."""
    _refuse_negative(law, edges)
    return tuple(  # type: ignore[return-value]
        np.full(len(edges.children), limit) if isinstance(limit, float) else _by_child(law, edges, dict(limit), default)
        for limit, default in ((low, 0.0), (high, 1.0))
    )


def _by_child(law: WeightLaw, edges: Edges, given: Mapping[str, float], default: float | None) -> Floats:
    """Numbers in the order of the children; every child has one, unless there is a default."""
    unknown = [name for name in given if name not in edges.children]
    missing = [] if default is not None else [name for name in edges.children if name not in given]
    if unknown or missing:
        told = [f"{listed(missing)} missing"] if missing else []
        told += [f'"{name}" is no child{did_you_mean(name, edges.children)}' for name in unknown]
        reason = "; ".join(told)
        end = "" if reason.endswith("?") else "."
        raise edges.refuse(law, f"{reason}{end} Children: {listed(edges.children)}")
    return np.array([given.get(name, default) for name in edges.children], dtype=np.float64)


def _limit_text(limit: Limit) -> str:
    if isinstance(limit, float):
        return number_text(limit)
    return ", ".join(f"{name} {number_text(value)}" for name, value in limit)


def _limit_written(limit: Limit) -> Any:
    return number_text(limit) if isinstance(limit, float) else {name: number_text(value) for name, value in limit}
