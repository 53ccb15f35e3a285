"""The tree above one unit's answers as a mixed-integer linear programme.

Every record is a sum over the options chosen and some further variables. Where a node is no sum, a variable ``y``
stands for it that may not be above it (``y <= f(children)``): the goal is "at least", so that is enough as long as
nodes rise with their children. A concave mean is held from above by tangents, which are added where a solution
needs them (Kelley 1960, doi 10.1137/0108053; Duran and Grossmann 1986, doi 10.1007/BF02592064).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from egovindex.errors import Fault, MethodError, listed
from egovindex.kernels.cheapest import LOOSE, Programme
from egovindex.marks import level_of_lines
from egovindex.points import SCORED
from egovindex.robustness.levercounts import BY_WEIGHT
from egovindex.robustness.leveroptions import Offer
from egovindex.robustness.leversteps import Sum, Through
from egovindex.spec import language
from egovindex.spec.tree import names_read

if TYPE_CHECKING:
    from egovindex.plan import NodePlan
    from egovindex.spec.tree import PointsLine

__all__ = ["Model", "model_of"]

Array = npt.NDArray[np.float64]
Rows = list[tuple[dict[int, float], float]]  # terms, and what they may not exceed

_SLACK = 1e-9  # a tangent is added where it cuts off more than this share of the value


@dataclass(frozen=True, eq=False)
class Concave:
    """A variable below a concave function of some sums."""

    variable: int
    parts: tuple[Sum, ...]
    value: Callable[[Array], float]
    slopes: Callable[[Array], Array]
    least: Array  # a tangent touches at parts of these sizes or more: near zero it is too steep for a solver

    def tangent(self, at: Array) -> tuple[dict[int, float], float]:
        """The row ``y <= f(a) + f'(a) (x - a)``."""
        at = np.maximum(at, self.least)
        slopes = self.slopes(at)
        high = self.value(at) - float(slopes @ at)
        terms = {self.variable: 1.0}
        for slope, part in zip(slopes, self.parts, strict=True):
            high += slope * part.constant
            for variable, factor in part.terms.items():
                terms[variable] = terms.get(variable, 0.0) - slope * factor
        return terms, high


@dataclass(frozen=True, eq=False)
class Model:
    """The programme without a goal: the first variables are the options, in their order.

    Parameters
    ----------
    offer
        The options.
    programme
        Limits and rows.
    top
        The node that is aimed at.
    concave
        Where tangents may be needed.
    """

    offer: Offer
    programme: Programme
    top: Sum
    concave: tuple[Concave, ...]

    @property
    def exact(self) -> bool:
        """Whether the sum is the score itself; else it is one that the score reaches, or comes close to from above."""
        return self.top.exact

    def tangents(self, x: Array) -> Rows:
        """Rows that a solution violates."""
        found: Rows = []
        for node in self.concave:
            at = np.array([part.at(x) for part in node.parts])
            if x[node.variable] > node.value(np.maximum(at, 0.0)) + _SLACK * max(1.0, abs(x[node.variable])):
                found.append(node.tangent(at))
        return found


def model_of(offer: Offer) -> Model:
    """Build it.

    Raises
    ------
    MethodError
        A node above an answer that may change cannot be modelled; all are told, with the reason and the way out.
    """
    return _Builder(offer).built()


class _Builder:
    def __init__(self, offer: Offer) -> None:
        self.offer, self.bench = offer, offer.bench
        self.plan, self.tree = offer.bench.plan, offer.bench.plan.tree
        self.programme = Programme()
        self.concave: list[Concave] = []
        self.faults: list[Fault] = []
        self.broken: set[str] = set()
        for _ in offer.options:
            self.programme.variable(0, 1, whole=True)
        self.by_group: dict[int, list[int]] = {}
        for at, option in enumerate(offer.options):
            self.by_group.setdefault(option.group, []).append(at)
        for places in self.by_group.values():
            self.programme.row(dict.fromkeys(places, 1.0), high=1.0)
        self.group_of = [option.group for option in offer.options]
        self.through = Through(self.programme, self.group_of, self._tangential)
        self.counted: dict[str, Sum] = {}  # 1 where an indicator counts, where that may change
        self.sums: dict[str, Sum] = {}  # records that move
        self._leaves()

    def built(self) -> Model:
        for node in self.plan.nodes:
            if node.branch.id in self.bench.below:
                self._node(node)
        if self.faults:
            raise MethodError(self.faults)
        top = self.sums.get(self.bench.node) or self._constant(self.bench.node)
        return Model(self.offer, self.programme, top, tuple(self.concave))

    # --- indicators
    def _leaves(self) -> None:
        for group, places in self.by_group.items():
            for leaf in self.offer.groups[group][1]:
                now = self.bench.effect(leaf, None)
                then = {at: self.offer.options[at].effects[leaf] for at in places}
                if any(effect.state != now.state for effect in then.values()):
                    own = float(now.state == SCORED)
                    turned = {at: float(effect.state == SCORED) - own for at, effect in then.items()}
                    self.counted[leaf] = self._sum(own, turned)
                value = now.value if now.state == SCORED else 0.0
                moved = {at: (e.value if e.state == SCORED else 0.0) - value for at, e in then.items()}
                if leaf in self.counted or any(moved.values()):
                    self.sums[leaf] = self._sum(value, moved)

    def _sum(self, constant: float, terms: Mapping[int, float], *, exact: bool = True) -> Sum:
        return self.through.sum(constant, terms, exact=exact)

    def _constant(self, record: str) -> Sum:
        if record in self.plan.leaves:
            return self._sum(self.bench.effect(record, None).value, {})
        return self._sum(float(self.bench.base.of(record)[0]), {})

    def _counts(self, child: str) -> bool:
        """Whether a child whose state does not move counts."""
        state = self.bench.effect(child, None).state if child in self.plan.leaves else self.bench.base.state(child)
        return state == SCORED

    # --- nodes
    def _node(self, node: NodePlan) -> None:
        branch, name = node.branch, node.branch.id
        named = {n for line in branch.lines for n in self._records(line)}
        if self.broken & (self.tree.reads(name)):
            self.broken.add(name)
            return
        moving = [child for child in branch.inputs if child in self.sums]
        if not (moving or named & self.sums.keys()) or not self.bench.base.is_aggregated(name):
            return  # a constant, or without a score whatever is chosen
        reason = self._refusal(node, named)
        if not reason:
            try:
                found = self._aggregated(node)
                row = self.bench.row
                self.sums[name] = self.through.steps(self.bench.result, row, branch, found)
            except ValueError as error:
                reason = str(error)
        if reason:
            self._refuse(name, reason)

    def _records(self, line: PointsLine) -> set[str]:
        return {n for n in names_read(line.test, line.outcome) if n in self.tree.branches or n in self.plan.leaves}

    def _refusal(self, node: NodePlan, named: set[str]) -> str:
        branch = node.branch
        if branch.formula is not None:
            return f'it is a formula ("{branch.formula}")'
        asks_missing = all(
            isinstance(line.test, language.Literal) and line.test.text.casefold() == "missing" for line, _ in node.lines
        )
        if node.lines and (not asks_missing or level_of_lines(self.tree, node) == "none" or named):
            return "it has points of its own"
        return ""

    def _refuse(self, name: str, reason: str) -> None:
        self.broken.add(name)
        below = [leaf for leaf in self.offer.signs if self.bench.plan.above([leaf]) & {name}]
        headings = [h for columns, leaves in self.offer.groups if leaves & set(below) for h in columns]
        items = [self.offer.items[h].name for h in headings if h in self.offer.items]
        message = f"{name}: {reason}; hold what is below it: fixed=[{listed(map(repr, items))}]"
        self.faults.append(Fault(message, check="not_modelled", column=name))

    # --- aggregates
    def _aggregated(self, node: NodePlan) -> Sum:
        branch = node.branch
        kind = branch.aggregate
        children = [c for c in branch.children if c in self.counted or self._counts(c)]
        weight = {c: w.value for c, w in zip(branch.children, branch.weights, strict=True)}
        parts = {child: self.sums.get(child) or self._constant(child) for child in children}
        if kind in BY_WEIGHT:
            parts = {child: part for child, part in parts.items() if weight[child] != 0}
            if not any(child in self.sums for child in parts):
                return self._sum(float(self.bench.base.found.aggregated[branch.id][self.bench.base.rows[0]]), {})
        if any(child in self.counted for child in parts):
            return self._mean_of_who_counts(parts, weight)
        if kind == "sum":
            return self.through.combined(parts.values(), [weight[child] for child in parts])
        if kind in ("mean", "pool"):
            pulls = [weight[child] * (self._cover(child) if kind == "pool" else 1.0) for child in parts]
            return self.through.combined(parts.values(), np.array(pulls) / sum(pulls))
        shares = np.array([weight[child] for child in parts])
        if kind == "min":
            return self.through.least(list(parts.values()))
        if kind == "max":
            return self.through.greatest(list(parts.values()))
        if (shares < 0).any():
            raise ValueError(f"it is a {kind} mean with negative weights")
        if kind == "ladder":
            rungs: list[Sum] = []
            for part in parts.values():
                rungs.append(self.through.least([*rungs[-1:], part]))
            return self.through.combined(rungs, shares / shares.sum())
        if kind in ("geometric", "harmonic"):
            return self._concave_mean(kind, list(parts.values()), shares / shares.sum())
        raise ValueError(f'the aggregate "{kind}" may fall where a child rises, or is no sum')

    def _cover(self, child: str) -> float:
        if child in self.plan.leaves:
            return 1.0
        cover = np.broadcast_to(self.bench.base.found.coverage_by_node[child], (len(self.plan.rows),))
        return float(cover[self.bench.base.rows[0]])

    def _mean_of_who_counts(self, parts: Mapping[str, Sum], weight: Mapping[str, float]) -> Sum:
        """``y * (weights that count) <= (what is earned of them)``, each ``y * option`` a variable of its own."""
        alone = [self.through.counting(part, self.counted.get(child)) for child, part in parts.items()]
        low, high = min(one for one, _ in alone), max(one for _, one in alone)
        y = self.programme.variable(low, high)
        earned = self.through.combined(parts.values(), [weight[child] for child in parts], exact_only=False)
        terms = {variable: -factor for variable, factor in earned.terms.items()}
        terms[y] = sum(weight[c] * (self.counted[c].constant if c in self.counted else 1.0) for c in parts)
        for child in parts:
            if child not in self.counted:
                continue
            for option, turn in self.counted[child].terms.items():
                terms[self._times(y, option, low, high)] = weight[child] * turn
        self.programme.row(terms, high=earned.constant, loose=LOOSE)
        return self._sum(0.0, {y: 1.0}, exact=False)

    def _times(self, y: int, option: int, low: float, high: float) -> int:
        """A variable that is ``y`` where an option is chosen, else 0 (McCormick 1976, doi 10.1007/BF01580665)."""
        product = self.programme.variable(min(low, 0.0), max(high, 0.0))
        self.programme.row({product: 1.0, option: -high}, high=0.0, loose=LOOSE)
        self.programme.row({product: 1.0, option: -low}, low=0.0, loose=LOOSE)
        self.programme.row({product: 1.0, y: -1.0, option: -low}, high=-low, loose=LOOSE)
        self.programme.row({product: 1.0, y: -1.0, option: -high}, low=-high, loose=LOOSE)
        return product

    def _concave_mean(self, kind: str, parts: list[Sum], shares: Array) -> Sum:
        if min(part.low for part in parts) < 0:
            raise ValueError(f"it is a {kind} mean, and a child could become negative")
        fixed_zero = any(part.high == 0 for part in parts)
        if fixed_zero:
            return self._sum(0.0, {})

        def value(x: Array) -> float:
            if (x <= 0).any():
                return 0.0
            return float(np.exp(shares @ np.log(x)) if kind == "geometric" else 1 / (shares @ (1 / x)))

        def slopes(x: Array) -> Array:
            f = value(x)
            found: Array = shares * f / x if kind == "geometric" else shares * (f / x) ** 2
            return found

        most = value(np.array([part.high for part in parts]))
        found = self._tangential(parts, value, slopes, (0.0, most))
        self._zero_where_one_is(next(iter(found.terms)), parts, most)
        return found

    def _tangential(
        self,
        parts: Sequence[Sum],
        value: Callable[[Array], float],
        slopes: Callable[[Array], Array],
        ends: tuple[float, float],
    ) -> Sum:
        """A variable below a concave function, with a few tangents to begin with."""
        low, high = np.array([part.low for part in parts]), np.array([part.high for part in parts])
        y = self.programme.variable(*ends)
        node = Concave(y, tuple(parts), value, slopes, 1e-2 * np.abs(high))
        self.concave.append(node)
        for share in (0.0, 0.5, 1.0):
            terms, most = node.tangent(low + share * (high - low))
            self.programme.row(terms, high=most, loose=LOOSE)
        return self._sum(0.0, {y: 1.0}, exact=False)

    def _zero_where_one_is(self, y: int, parts: Sequence[Sum], high: float) -> None:
        """A mean that is zero where a part is: any value of an answer above zero lets it rise to its highest."""
        for part in parts:
            groups = {self.group_of[at] for at in part.terms if at < len(self.group_of)}
            if part.low == 0 and part.exact and len(groups) == 1 and max(part.terms) < len(self.group_of):
                own = float(part.constant > 0)
                turned = {at: float(part.constant + factor > 0) - own for at, factor in part.terms.items()}
                terms = {at: -high * turn for at, turn in turned.items()}
                self.programme.row({**terms, y: 1.0}, high=high * own, loose=LOOSE)
