"""What was printed: ranks, and weights with what they may have been before rounding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.formulas import Floats
from egovindex.kernels.region import Region, Shares
from egovindex.lookup import known_node
from egovindex.result import IndexResult
from egovindex.robustness.forms import WeightForm
from egovindex.robustness.weightform import weight_form
from egovindex.spec.language import number_text

__all__ = ["Number", "Printed", "places_of", "printed_weights"]

Number = float | Mapping[str, float] | None

# by how much sums of decimals may miss what they are
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Printed:
    """Weights as printed.

    Parameters
    ----------
    numbers
        For each node, ``(k,)`` printed weights in the order of its children.
    digits, totals
        For each node, decimals printed, and what the weights add up to.
    """

    numbers: Mapping[str, Floats]
    digits: Mapping[str, int]
    totals: Mapping[str, float]

    def limits(self, node: str) -> tuple[Floats, Floats]:
        """Smallest and largest shares that are printed so."""
        half, total = 0.5 * 10.0 ** -self.digits[node], self.totals[node]
        low, high = self.numbers[node] - half, self.numbers[node] + half
        return np.maximum(low, 0.0) / total, np.minimum(high / total, 1.0)

    def region(self, form: WeightForm) -> Region:
        """All weights inside the rounding; nodes that are not printed keep theirs."""
        nodes = []
        for parent, places in form.ways.below:
            node = form.ways.edges[places[0]][0]
            own = form.ways.own[places]
            low, high = self.limits(node) if node in self.numbers else (own, own)
            nodes.append(Shares(parent, places, low, high, np.zeros((0, len(places))), np.zeros(0)))
        return Region(tuple(nodes), form.ways.ends, len(form.ways.edges))

    def shares_as_printed(self, form: WeightForm) -> Floats:
        """``(V,)`` shares that are the printed weights in proportion."""
        found = form.ways.own.copy()
        for _, places in form.ways.below:
            numbers = self.numbers.get(form.ways.edges[places[0]][0])
            if numbers is not None:
                found[places] = numbers / numbers.sum()
        return found

    def weights_at(self, form: WeightForm, shares: Floats) -> dict[str, dict[str, float]]:
        """Weights of the printed nodes, in the scale of the printed ones."""
        table = form.table_of(shares)
        return {node: {c: s * self.totals[node] for c, s in table[node].items()} for node in self.numbers}

    def told(self) -> str:
        """Which weights, and how they are rounded."""
        same = set(self.digits.values())
        if len(same) == 1:
            return f"weights of {listed(self.numbers)} printed with {_decimals(same.pop())}"
        each = (f"{node} ({_decimals(self.digits[node])})" for node in self.numbers)
        return f"printed weights of {listed(each)}"


def _decimals(digits: int) -> str:
    return f"{digits} decimal{'' if digits == 1 else 's'}"


def printed_weights(
    result: IndexResult, weights: Any, digits: Any, total: Any, *, node: str | None = None, period: Any = None
) -> tuple[WeightForm, Printed]:
    """The linear form of the nodes whose weights were printed, and these.

    Raises
    ------
    MethodError
        Names, numbers or sums do not fit.
    """
    given = _by_node(result, weights, node)
    nodes = list(given) if given is not None else list(digits) if isinstance(digits, Mapping) else None
    form = weight_form(result, nodes, node=node, period=period)
    children: dict[str, list[str]] = {}
    own: dict[str, Floats] = {}
    for _, places in reversed(form.ways.below):
        name = form.ways.edges[places[0]][0]
        if name in form.ways.varied:
            children[name] = [form.ways.edges[part][1] for part in places]
            own[name] = form.ways.own[places] * form.ways.totals[places]
    faults = [*_strange_digits(digits, children), *_strange_totals(total, children)]
    if given is not None:
        faults += [fault for name, names in children.items() for fault in _strange_weights(name, names, given[name])]
    if faults:
        raise MethodError(faults)
    numbers = own if given is None else {n: np.array([float(given[n][c]) for c in cs]) for n, cs in children.items()}
    totals = {n: float(own[n].sum()) for n in children} | (dict(total) if isinstance(total, Mapping) else {})
    if isinstance(total, (int, float)):
        totals = {name: float(total) for name in children}
    decimals = dict(digits) if isinstance(digits, Mapping) else dict.fromkeys(children, int(digits))
    printed = Printed(numbers, decimals, totals)
    if faults := list(_no_sum(printed)):
        raise MethodError(faults)
    return form, printed


def _by_node(result: IndexResult, weights: Any, node: str | None) -> dict[str, dict[str, Any]] | None:
    if weights is None:
        return None
    if isinstance(weights, (Mapping, pd.Series)) and len(weights):
        given = dict(weights.items())
        nested = [isinstance(value, (Mapping, pd.Series)) for value in given.values()]
        if all(nested):
            return {str(name): dict(value.items()) for name, value in given.items()}
        if not any(nested):
            return {known_node(result, node): given}
    message = "printed weights are {child: number} of the node that is ranked, or {node: {child: number}}"
    raise MethodError(Fault(message, check="not_weights"))


def _strange_weights(node: str, children: list[str], given: Mapping[str, Any]) -> Iterator[Fault]:
    for name in given:
        if name not in children:
            hint = did_you_mean(str(name), children, otherwise=f". Children: {listed(children)}")
            yield Fault(f'{node} has no child "{name}"{hint}', check="unknown_child", column=node)
    if lacking := [name for name in children if name not in given]:
        message = f"{node}: no printed weight of {listed(lacking)}; name every child"
        yield Fault(message, check="missing_weight", column=node)
    numbers = {name: given[name] for name in children if name in given}
    bad = [name for name, number in numbers.items() if not _is_number(number) or number < 0]
    if bad:
        message = f"{node}: printed weights are numbers from zero on; look at {listed(bad)}"
        yield Fault(message, check="bad_weight", column=node)
    elif not any(numbers.values()):
        yield Fault(f"{node}: all printed weights are zero", check="bad_weight", column=node)


def _strange_digits(digits: Any, children: Mapping[str, Any]) -> Iterator[Fault]:
    given = dict(digits) if isinstance(digits, Mapping) else dict.fromkeys(children, digits)
    yield from _strange_nodes("digits", given, children)
    if lacking := [name for name in children if name not in given]:
        yield Fault(f"digits: none for {listed(lacking)}", check="missing_digits")
    for name in given:
        value = given[name]
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not 0 <= value <= 12:
            yield Fault(f"digits: a whole number from 0 to 12, found {value!r:.40}", check="bad_digits")
            return


def _strange_totals(total: Any, children: Mapping[str, Any]) -> Iterator[Fault]:
    given = dict(total) if isinstance(total, Mapping) else {} if total is None else dict.fromkeys(children, total)
    yield from _strange_nodes("total", given, children)
    if any(not _is_number(value) or value <= 0 for value in given.values()):
        yield Fault("total: what the printed weights add up to, a number above zero", check="bad_total")


def _strange_nodes(what: str, given: Mapping[str, Any], children: Mapping[str, Any]) -> Iterator[Fault]:
    for name in given:
        if name not in children:
            hint = did_you_mean(str(name), children, otherwise=f". Nodes: {listed(children)}")
            yield Fault(f'{what}: no printed weights of "{name}"{hint}', check="unknown_node")


def _no_sum(printed: Printed) -> Iterator[Fault]:
    """Printed weights too far from the whole for any rounding."""
    for node, numbers in printed.numbers.items():
        low, high = printed.limits(node)
        if low.sum() > 1 + _ROUNDING or high.sum() < 1 - _ROUNDING:
            total, found = number_text(printed.totals[node]), number_text(round(float(numbers.sum()), 12))
            half = number_text(0.5 * 10.0 ** -printed.digits[node])
            message = (
                f"{node}: the printed weights add up to {found}, and no weights within {half} of them add up to "
                f"{total}; say what they add up to (total=) or how many decimals were printed (digits=)"
            )
            yield Fault(message, check="no_such_weights", column=node)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and bool(np.isfinite(value))


def places_of(ranking: Mapping[Any, Any] | pd.Series) -> tuple[list[Any], Floats]:
    """Units of a published ranking, and their numbers.

    Raises
    ------
    MethodError
        A rank is no number, or the ranking is empty.
    """
    given: list[tuple[Any, Any]] = list(ranking.items())
    if not given:
        raise MethodError(Fault("the ranking is empty", check="not_a_ranking"))
    if any(isinstance(unit, tuple) for unit, _ in given):
        message = "the ranking is of units alone; take one period of it, and name that with period="
        raise MethodError(Fault(message, check="not_a_ranking"))
    bad = [unit for unit, rank in given if not _is_number(rank) or rank <= 0]
    if bad:
        message = f"a published rank is a number above zero; look at {listed(bad)}, or leave them out"
        raise MethodError(Fault(message, check="bad_rank", units=tuple(map(str, bad))))
    return [unit for unit, _ in given], np.array([float(rank) for _, rank in given])
