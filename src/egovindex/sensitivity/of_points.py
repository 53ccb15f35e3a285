"""Factors of points: what a line earns, what a kind of nothing counts as, what the levels of a map earn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.sensitivity.doubt import ALL, Part
from egovindex.sensitivity.factors import Factor, LevelsFactor, PointsFactor
from egovindex.sensitivity.numberlaws import Choice, Monotone, NumberLaw
from egovindex.sensitivity.of_choices import of_alternatives
from egovindex.sensitivity.patches import Patch
from egovindex.sensitivity.scope import Scope
from egovindex.spec import values
from egovindex.spec.addresses import Line, line_at, lines_of

__all__ = ["of_nothing", "of_points"]


def of_points(scope: Scope, part: Part) -> Iterator[Factor]:
    """Factors of a doubt about a line of points, or about a whole map."""
    if part.key == ALL:
        raise MethodError(Fault('name the lines, as in {"status.drafted": (0.2, 0.6)}', check="bad_law"))
    if isinstance(part.law, Monotone):
        yield from _of_levels(scope, part, part.law)
    else:
        yield from _of_line(scope, part, line_at(scope.index.file, part.key))


def of_nothing(scope: Scope, part: Part) -> Iterator[Factor]:
    """Factors of a doubt about what a kind of nothing counts as."""
    kinds = {kind.casefold(): kind for kind in scope.tree.kinds}
    kind = kinds.get(part.key.casefold())
    if kind is None:
        hint = did_you_mean(part.key, scope.tree.kinds, otherwise=".")
        message = f'there is no kind of nothing "{part.key}"{hint} Kinds: {listed(scope.tree.kinds)}'
        raise MethodError(Fault(message, check="unknown_kind"))
    if kind in scope.tree.nothing:
        yield from _of_line(scope, part, line_at(scope.index.file, ("nothing", kind)))
    else:  # the file has no policy for it so far
        choice = _listed(part.law)
        patches: list[Patch] = [("keys", {"nothing": {kind: one}}) for one in choice.of]
        yield from of_alternatives(scope, part, patches, choice, unfelt=scope.same_points)


def _listed(law: NumberLaw) -> Choice:
    """A law that has alternatives."""
    if not isinstance(law, Choice):
        message = f"{law}: what the file gives here is no number; write alternatives as a list"
        raise MethodError(Fault(message, check="bad_law"))
    return law


def _of_line(scope: Scope, part: Part, line: Line) -> Iterator[Factor]:
    law: NumberLaw = part.law
    if isinstance(line.outcome, values.Quantity) and not (isinstance(law, Choice) and law.in_words):
        if scope.may_earn([line.address]):
            unearned = not scope.plan.earning(line.address) & scope.read
            yield PointsFactor(part.label, part.label, str(law), line.address, line.outcome.value, law, unearned)
        return
    choice = _listed(law)
    patches: list[Patch] = [("points", {line.address: one}) for one in choice.of]
    yield from of_alternatives(scope, part, patches, choice, unfelt=scope.same_points)


def _of_levels(scope: Scope, part: Part, law: Monotone) -> Iterator[Factor]:
    lines = _numbers_of_map(scope, part.key)
    numbers = [number for _, number in lines]
    low = min(numbers, default=0.0) if law.low is None else law.low
    high = max(numbers, default=0.0) if law.high is None else law.high
    moving = [(a, n) for a, n in lines if law.low is not None or min(numbers) < n < max(numbers)]
    if not moving:
        message = f'no line of "{part.key}" earns something between {low:g} and {high:g}'
        raise MethodError(Fault(message, check="doubt_without_effect"))
    own = np.array([number for _, number in moving])
    place = np.unique(own, return_inverse=True)[1].reshape(-1)
    addresses = tuple(address for address, _ in moving)
    if scope.may_earn(addresses):
        unearned = not any(scope.plan.earning(address) & scope.read for address in addresses)
        yield LevelsFactor(part.label, part.label, str(law), addresses, own, place, low, high, unearned)


def _numbers_of_map(scope: Scope, name: str) -> list[tuple[Any, float]]:
    """Lines of a map that earn a number, but for those of kinds of nothing."""
    lines = lines_of(scope.index.file)
    maps = {line.address[1] for line in lines if line.address[0] == "points"}
    if name not in maps:
        message = f'there is no map of points "{name}"{did_you_mean(name, maps)}; monotone is for a whole map'
        raise MethodError(Fault(message, check="unknown_points"))
    kinds = {kind.casefold() for kind in scope.tree.kinds}
    return [
        (line.address, line.outcome.value)
        for line in lines
        if line.address[:2] == ("points", name)
        and isinstance(line.outcome, values.Quantity)
        and line.address[-1].casefold() not in kinds
    ]
