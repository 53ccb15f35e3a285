"""An index as a linear function of what the categories of a map earn: every monotone coding at once.

A coding that keeps the order of the categories between the lowest and the highest is a mixture of codings with one
step: some categories earn the lowest, all further up the highest. So that scores under every monotone coding are
mixtures of the scores under those few.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.evaluate import evaluate
from egovindex.formulas import Floats
from egovindex.kernels.region import WHOLE, Region, Shares
from egovindex.lookup import known_node, refuse_no_result
from egovindex.result import IndexResult
from egovindex.robustness.forms import AGREES, LinearForm, rows_of
from egovindex.spec import values
from egovindex.spec.addresses import lines_of

__all__ = ["CodingForm", "Scale", "coding_form"]


@dataclass(frozen=True, eq=False)
class Scale:
    """A map whose categories may earn anything that keeps their order.

    Parameters
    ----------
    name
        Of the map.
    between
        Categories between the lowest and the highest, from the lower to the higher; each with all lines that it has.
    places
        For each, positions of its lines in the outcomes.
    low, high
        What the lowest and the highest earn, which do not move.
    own
        What those between earn in the index.
    """

    name: str
    between: tuple[str, ...]
    places: tuple[tuple[int, ...], ...]
    low: float
    high: float
    own: Floats

    @property
    def steps(self) -> int:
        """How many codings with one step there are."""
        return len(self.between) + 1

    def shares(self) -> Floats:
        """``(steps,)`` the index as a mixture of codings with one step: the first is the most generous."""
        height = (np.concatenate([[self.low], self.own, [self.high]]) - self.low) / (self.high - self.low)
        return np.diff(height)

    def points(self, shares: Floats) -> Floats:
        """``(..., between)`` what the categories earn in a mixture, ``(..., steps)``."""
        return self.low + (self.high - self.low) * np.cumsum(shares, axis=-1)[..., :-1]


@dataclass(frozen=True, eq=False)
class CodingForm(LinearForm):
    """The linear form in mixtures of codings.

    Parameters
    ----------
    x
        Score of each unit under each coding with one step of each map, the other maps as they are; scaled so that the
        mean over maps is the score.
    scales
        The maps.
    region
        Every mixture.
    """

    scales: tuple[Scale, ...]
    region: Region

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the ends."""
        return tuple(
            f"{scale.name}: {listed(scale.between[at:]) or 'nothing between'} as the highest"
            for scale in self.scales
            for at in range(scale.steps)
        )

    @cached_property
    def shares(self) -> Floats:
        """The index as a mixture, map by map."""
        parts = [scale.shares() for scale in self.scales]
        return np.concatenate(parts if len(parts) == 1 else [np.full(len(parts), 1 / len(parts)), *parts])

    @cached_property
    def own(self) -> Floats:
        """``(L,)`` the ends as the index has them."""
        whole = np.concatenate([scale.shares() for scale in self.scales])
        return whole / len(self.scales)

    def _mixtures(self, shares: Floats) -> Iterator[tuple[Scale, Floats]]:
        at = 0 if len(self.scales) == 1 else len(self.scales)
        for scale in self.scales:
            yield scale, shares[..., at : at + scale.steps]
            at += scale.steps

    def evaluated(self, shares: Floats) -> Floats:
        """``(D, n)`` scores, by the evaluator, under mixtures of codings."""
        plan = self.result.plan
        outcomes = np.tile(plan.outcomes, (len(shares), 1))
        for scale, mixture in self._mixtures(shares):
            for at, column in zip(scale.places, scale.points(mixture).T, strict=True):
                outcomes[:, list(at)] = column[:, None]
        scores = evaluate(plan, outcomes=outcomes, learned=self.result.learned_values, nodes=[self.node])
        found = scores.by_node[self.node]
        return np.broadcast_to(found, (len(shares), found.shape[-1]))[:, self.rows]

    def table_of(self, shares: Floats) -> dict[str, dict[str, float]]:
        """Points by map and category."""
        return {
            scale.name: dict(zip(scale.between, map(float, scale.points(mixture)), strict=True))
            for scale, mixture in self._mixtures(shares)
        }


def coding_form(result: IndexResult, points: Any, *, node: str | None = None, period: Any = None) -> CodingForm:
    """One node of a result as a linear function of codings.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`; its learned values and weights are kept.
    points
        A map of points, several, or ``{map: categories from the lowest to the highest}`` where the points of the index
        do not say the order.
    node, period
        What is ranked, and when.

    Raises
    ------
    MethodError
        There is no such map, its order is not known, or the node is not linear in points.
    """
    refuse_no_result(result)
    top = known_node(result, node)
    rows, period = rows_of(result, top, period)
    marks = result.plan.marks[top].points
    if marks not in ("linear", "affine"):
        message = (
            f"{top} is not linear in points ({marks}); sample codings with simulate and points={{...: monotone()}}"
        )
        raise MethodError(Fault(message, check="not_linear", column=top))
    scales = _scales(result, points)
    region = _region(scales)
    blank = CodingForm(result, top, period, rows, np.zeros((len(rows), 0)), (), scales, region)
    alone = _alone(scales)
    parts = blank.evaluated(np.vstack([alone, blank.shares]))
    own = parts[-1]
    x = own[:, None] + len(scales) * (parts[:-1] - own).T
    form = CodingForm(result, top, period, rows, x, _notes(result), scales, region)
    inside = region.inside
    middle, linear = form.evaluated(region.shares_of(inside)[None])[0], x @ inside[region.ends]
    agrees = AGREES * max(1e-300, float(np.abs(own).max(initial=0.0)))
    if not (np.allclose(form.scores, own, rtol=0, atol=agrees) and np.allclose(linear, middle, rtol=0, atol=agrees)):
        message = f"{top} is no linear function of points; sample codings with simulate"
        raise MethodError(Fault(message, check="not_linear", column=top))
    return form


def _notes(result: IndexResult) -> tuple[str, ...]:
    learned = list(dict.fromkeys(name for name, _ in result.learned_values.values))
    return (f"values learned in {listed(learned)} are those of the run, whatever the points",) if learned else ()


def _region(scales: Sequence[Scale]) -> Region:
    many = len(scales)
    nodes, at = [], 0 if many == 1 else many
    for place, scale in enumerate(scales):
        k = scale.steps
        parent = WHOLE if many == 1 else place
        nodes.append(Shares(parent, np.arange(at, at + k), np.zeros(k), np.ones(k), np.zeros((0, k)), np.zeros(0)))
        at += k
    if many > 1:
        even = np.full(many, 1 / many)
        nodes.append(Shares(WHOLE, np.arange(many), even, even, np.zeros((0, many)), np.zeros(0)))
    ends = np.arange(0 if many == 1 else many, at)
    return Region(tuple(nodes), ends, at)


def _alone(scales: Sequence[Scale]) -> Floats:
    """Each map in turn at each of its codings with one step, the others as they are."""
    head = [] if len(scales) == 1 else [np.full(len(scales), 1 / len(scales))]
    rows = []
    for turn, scale in enumerate(scales):
        rows += [
            np.concatenate([*head, *(step if at == turn else s.shares() for at, s in enumerate(scales))])
            for step in np.eye(scale.steps)
        ]
    return np.array(rows)


def _scales(result: IndexResult, points: Any) -> tuple[Scale, ...]:
    given: dict[str, Sequence[str] | None] = {}
    if isinstance(points, Mapping):
        given = {str(name): _order(order) for name, order in points.items()}
    else:
        given = dict.fromkeys([points] if isinstance(points, str) else map(str, points))
    found: list[Scale] = []
    faults: list[Fault] = []
    for name, order in given.items():
        try:
            found.append(_scale(result, name, order))
        except MethodError as error:
            faults += error.faults
    if faults or not found:
        raise MethodError(faults or [Fault("name a map of points", check="unknown_points")])
    return tuple(found)


def _order(given: Any) -> list[str] | None:
    """Categories from the lowest to the highest, as a list or as "none < draft < all"."""
    if isinstance(given, str):
        return [text.strip() for text in given.split("<")]
    return None if given is None else [str(text) for text in given]


def _scale(result: IndexResult, name: str, order: Sequence[str] | None) -> Scale:
    file, kinds = result.index.file, {kind.casefold() for kind in result.index.tree.kinds}
    lines = lines_of(file)
    maps = {line.address[1] for line in lines if line.address[0] == "points"}
    if name not in maps:
        known = f". Maps: {listed(maps) or 'none'}"
        message = f'there is no map of points "{name}"{did_you_mean(name, maps, otherwise=known)}'
        raise MethodError(Fault(message, check="unknown_points"))
    mine = {
        str(line.address[-1]): line
        for line in lines
        if line.address[:2] == ("points", name)
        and isinstance(line.outcome, values.Quantity)
        and str(line.address[-1]).casefold() not in kinds
    }
    earned = {text: line.outcome.value for text, line in mine.items() if isinstance(line.outcome, values.Quantity)}
    ordered = _in_order(name, earned, order)
    slots = result.plan.outcome_places
    between = ordered[1:-1]
    places = tuple((slots[mine[text].address],) if mine[text].address in slots else () for text in between)
    low, high = earned[ordered[0]], earned[ordered[-1]]
    own = np.array([earned[text] for text in between], dtype=np.float64)
    return Scale(name, tuple(between), places, low, high, own)


def _in_order(name: str, earned: Mapping[str, float], order: Sequence[str] | None) -> list[str]:
    """Categories from the lowest to the highest, by their points or as they were given."""
    if order is not None:
        unknown = [text for text in order if text not in earned]
        missing = [text for text in earned if text not in order]
        falls = [f"{b} below {a}" for a, b in itertools.pairwise(order) if not unknown and earned[b] < earned[a]]
        told = [f'"{text}" is no category of it{did_you_mean(text, earned)}' for text in unknown]
        told += [f"{listed(missing)} missing"] if missing else []
        told += [f"the index has {listed(falls)}"] if falls else []
        if told:
            raise MethodError(Fault(f"points.{name}: {'; '.join(told)}", check="bad_order"))
        found = list(order)
    else:
        found = sorted(earned, key=earned.__getitem__)
        same = [f"{a} and {b}" for a, b in itertools.pairwise(found) if earned[a] == earned[b]]
        if same:
            example = f"points={{{name!r}: [{', '.join(map(repr, found))}]}}"
            message = f"points.{name}: {listed(same)} earn the same, so that the points say no order; say it, {example}"
            raise MethodError(Fault(message, check="order_unknown"))
    if len(found) < 3 or earned[found[0]] == earned[found[-1]]:
        message = f"points.{name}: nothing lies between the lowest and the highest, and there is one coding alone"
        raise MethodError(Fault(message, check="doubt_without_effect"))
    return found
