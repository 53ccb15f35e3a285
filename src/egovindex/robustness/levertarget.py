"""The goal of a unit: a score, a rank or a class, and the least score that reaches it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.classing import band_codes
from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.formulas import Bools, Floats
from egovindex.kernels.rank import competition_ranks, reaches
from egovindex.lookup import group_of
from egovindex.result import IndexResult
from egovindex.spec import values
from egovindex.spec.language import Else, number_text

__all__ = ["Goal", "Standing", "goal_of"]

Ranks = npt.NDArray[np.int64]
_FORMS = '{"score": 0.75}, {"rank": 10} or {"class": "High"}'


@dataclass(frozen=True)
class Standing:
    """Where a unit stands in a node.

    Parameters
    ----------
    score
        On the scale of the node.
    rank
        Competition rank within the period.
    class_
        Its class; ``None`` where the node has none.
    """

    score: float
    rank: int
    class_: str | None = None

    def __str__(self) -> str:
        band = "" if self.class_ is None else f", {self.class_}"
        return f"{number_text(round(self.score, 4))}, rank {self.rank}{band}"


@dataclass(frozen=True)
class Goal:
    """What is to be reached, all other scores held.

    Parameters
    ----------
    kind
        ``"score"``, ``"rank"`` or ``"class"``.
    words
        The goal in words.
    threshold
        The least score that reaches it; minus infinity where any score does.
    others
        Scores of the other units of the period, without those that have none.
    bands
        Classes of the node, the best first.
    wanted
        The rank, or the place of the class.
    """

    kind: str
    words: str
    threshold: float
    others: Floats = field(repr=False)
    bands: Mapping[str, Any] = field(repr=False)
    wanted: int = 0

    def reached(self, scores: Floats) -> Bools:
        """Which of some scores of the unit reach it; ties as in ranks and classes."""
        if self.kind == "rank":
            return self.ranks(scores) <= self.wanted
        return reaches(scores, self.threshold)

    def ranks(self, scores: Floats) -> Ranks:
        """Rank of the unit with each of some scores."""
        field_ = np.concatenate(
            [scores[:, None], np.broadcast_to(self.others, (len(scores), len(self.others)))], axis=1
        )
        return competition_ranks(field_)[:, 0]

    def standings(self, scores: Floats, number: Callable[[str], Floats]) -> list[Standing]:
        """Rank and class of the unit with each of some scores; ``number`` gives what tests of classes read."""
        names = [*self.bands, None]
        codes = band_codes(scores, self.bands, number)
        ranks = self.ranks(scores)
        return [Standing(float(s), int(r), names[c]) for s, r, c in zip(scores, ranks, codes, strict=True)]


def goal_of(result: IndexResult, node: str, row: int, target: Any) -> Goal:
    """The goal that a caller gives.

    Parameters
    ----------
    result, node, row
        The node, and the unit's row.
    target
        ``{"score": 0.75}``, ``{"rank": 10}`` or ``{"class": "High"}``.

    Raises
    ------
    MethodError
        It is none of these, there is no such class, or the class is a test.
    """
    if not isinstance(target, Mapping) or len(target) != 1 or next(iter(target)) not in ("score", "rank", "class"):
        raise MethodError(Fault(f"a target is {_FORMS}; found {target!r:.60}", check="bad_target"))
    ((kind, wanted),) = target.items()
    scores = result.nominal.by_node[node]
    others = group_of(result, row, None) & ~np.isnan(scores)
    others[row] = False
    bands: Mapping[str, Any] = result.index.classes(node) or {}
    maker = {"score": _score, "rank": _rank, "class": _class}[kind]
    words, threshold, place = maker(node, wanted, np.sort(scores[others])[::-1], bands)
    return Goal(kind, words, threshold, scores[others], bands, place)


def _score(node: str, wanted: Any, _: Floats, __: Mapping[str, Any]) -> tuple[str, float, int]:
    number = isinstance(wanted, (int, float, np.integer, np.floating)) and not isinstance(wanted, bool)
    if not number or not math.isfinite(wanted):
        raise MethodError(Fault(f'the score of a target is a number, found "{wanted}"', check="bad_target"))
    return f"a score of at least {number_text(float(wanted))} in {node}", float(wanted), 0


def _rank(node: str, wanted: Any, others: Floats, _: Mapping[str, Any]) -> tuple[str, float, int]:
    if isinstance(wanted, bool) or not isinstance(wanted, (int, np.integer)) or wanted < 1:
        raise MethodError(
            Fault(f'the rank of a target is a whole number from 1 on, found "{wanted}"', check="bad_target")
        )
    # a tie with the k-th best of the others shares its rank
    threshold = float(others[wanted - 1]) if wanted <= len(others) else -np.inf
    return f"rank {wanted} or better in {node}", threshold, int(wanted)


def _class(node: str, wanted: Any, _: Floats, bands: Mapping[str, Any]) -> tuple[str, float, int]:
    if not bands:
        raise MethodError(Fault(f"{node} has no classes; give a score or a rank", check="no_classes"))
    if wanted not in bands:
        hint = did_you_mean(str(wanted), bands, otherwise=f". Classes: {listed(bands)}")
        raise MethodError(Fault(f'{node} has no class "{wanted}"{hint}', check="unknown_class"))
    bound, place = bands[wanted], list(bands).index(wanted)
    words = f'class "{wanted}" or better in {node}' if place else f'class "{wanted}" in {node}'
    if isinstance(bound, Else):
        return words, -np.inf, place
    if not isinstance(bound, values.Quantity):
        message = (
            f'class "{wanted}" of {node} is a test ("{bound}"), and no single score reaches it; '
            'give target={"score": ...}, and look at the class that comes out'
        )
        raise MethodError(Fault(message, check="class_is_a_test"))
    return words, float(bound.value), place
