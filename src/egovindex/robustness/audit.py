"""Whether a published ranking can come from published weights, given that these are rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.certainty import BOUND, EXACT, Certainty
from egovindex.errors import Fault, MethodError, listed
from egovindex.formulas import Floats
from egovindex.kernels.ordering import conflict, fewest_left_out, neighbours, widest
from egovindex.kernels.rank import TIE_TOLERANCE, competition_ranks
from egovindex.kernels.region import Places, Region
from egovindex.result import IndexResult
from egovindex.robustness.forms import WeightForm
from egovindex.robustness.printed import Number, Printed, places_of, printed_weights
from egovindex.shown import Shown, in_html

__all__ = ["Audit", "audit"]

# a lead of so many ties is one, whatever the rounding of sums
_APART = 10.0


@dataclass(frozen=True, eq=False)
class Conflict:
    """An order that cannot hold, in pairs.

    Parameters
    ----------
    pairs
        ``(p, 2)`` positions of the units: the first is published above the second.
    multipliers
        ``(p,)``: the margins so weighted have no more than ``most`` together.
    most
        Whatever the weights inside the rounding.
    """

    pairs: Places
    multipliers: Floats
    most: float


@dataclass(frozen=True, eq=False, repr=False)
class Audit(Shown):
    """Whether weights inside the rounding of the printed ones reproduce a published order.

    Made by :func:`audit`.

    Parameters
    ----------
    form
        The index as a linear function of weights.
    printed
        The printed weights, and what they may have been before rounding.
    units
        ``(n,)`` positions of the units that the ranking names.
    published
        ``(n,)`` places: competition ranks by the published numbers, among these units.
    consistent
        Whether some weights inside the rounding put every unit above all with a larger published rank.
    tie_only
        Not so, but units with different published ranks may tie, and with ties the order holds.
    margin
        The largest value that the smallest lead between neighbours in the order can have, in the scale of the linear
        form (logarithms, for a geometric mean). Below zero where the order cannot hold.
    shares
        ``(V,)`` shares by node that reproduce the order, of all units or of those that stay.
    out
        ``(n,)`` units to leave out so that the rest is in order.
    fewest
        No fewer do; as many as ``out`` has, unless time ran out.
    conflicts
        Orders that cannot hold; without any one of its pairs, the others of a conflict can.
    certainty
        Kind of the answer.
    """

    form: WeightForm
    printed: Printed
    units: Places
    published: npt.NDArray[np.int64]
    consistent: bool
    tie_only: bool
    margin: float
    shares: Floats
    out: npt.NDArray[np.bool_]
    fewest: int
    conflicts: tuple[Conflict, ...]
    certainty: Certainty

    @property
    def weights(self) -> dict[str, dict[str, float]]:
        """Weights that reproduce the order, of the units that are not left out; by node and child, as printed ones."""
        return self.printed.weights_at(self.form, self.shares)

    @cached_property
    def _ranks(self) -> npt.NDArray[np.int64]:
        """``(2, n)`` by the evaluator: at the printed weights as they are, and at those found."""
        shares = np.stack([self.printed.shares_as_printed(self.form), self.shares])
        return competition_ranks(self.form.evaluated(shares)[:, self.units])

    @cached_property
    def _equal(self) -> npt.NDArray[np.bool_]:
        return _among_places(self.published, self._ranks[0])

    @property
    def equal(self) -> int:
        """How many ranks the printed weights give as they are; a shared rank is any of the places shared."""
        return int(self._equal.sum())

    @property
    def left_out(self) -> tuple[str, ...]:
        """Units without which the order holds: as few as possible."""
        return tuple(self._name(int(at)) for at in np.flatnonzero(self.out))

    def _name(self, at: int) -> str:
        return self.form.units[int(self.units[at])]

    @property
    def table(self) -> pd.DataFrame:
        """The published places beside those of the weights.

        Returns
        -------
        DataFrame
            Indexed by unit, in the published order. ``published``: place among the units of the ranking.
            ``as_printed``: rank with the printed weights as they are, and ``equal``: whether it is the published one.
            ``found``: rank with :attr:`weights`. ``left_out``: whether the unit is left out there.
        """
        names = pd.Index([self._name(at) for at in range(len(self.units))], name="unit")
        table = pd.DataFrame(
            {
                "published": self.published,
                "as_printed": self._ranks[0],
                "equal": self._equal,
                "found": self._ranks[1],
                "left_out": self.out,
            },
            index=names,
        )
        return table.sort_values("published", kind="stable")

    @property
    def conflicting(self) -> pd.DataFrame:
        """Pairs in conflict.

        Returns
        -------
        DataFrame
            One row per pair: ``conflict`` (its number), ``above`` and ``below`` (as published), ``multiplier``, and
            ``most``: the largest lead of ``above`` that weights inside the rounding allow, or, where it takes several
            pairs, the largest sum of their leads times multipliers.
        """
        rows = [
            (number, self._name(int(above)), self._name(int(below)), float(multiplier), found.most)
            for number, found in enumerate(self.conflicts, start=1)
            for (above, below), multiplier in zip(found.pairs, found.multipliers, strict=True)
        ]
        return pd.DataFrame(rows, columns=["conflict", "above", "below", "multiplier", "most"])

    @property
    def words(self) -> list[str]:
        """Every conflict as a sentence."""
        return [self._sentence(found) for found in self.conflicts]

    def _sentence(self, found: Conflict) -> str:
        told = [f"{self._name(int(above))} above {self._name(int(below))}" for above, below in found.pairs]
        inside = "with weights inside the rounding"
        if len(told) == 1:
            if found.most >= -_ties(self.form)[0]:
                return f"{told[0]}: they tie at best {inside}"
            return f"{told[0]}: not {inside}, at best {-found.most:.3g} behind"
        return f"{listed(told)}: each may hold {inside}, all together they cannot"

    # --- shown
    def _summary(self) -> list[str]:
        n = len(self.units)
        answer = "consistent" if self.consistent else "consistent with ties only" if self.tie_only else "not consistent"
        head = f"<Audit {self.form.node}> {answer} with {self.printed.told()}"
        lines = [head, f"  as printed, the weights give {self.equal} of {n} ranks"]
        if self.consistent:
            unit = {"log": " in logarithms", "inverse": " in -1/score"}.get(self.form.transform, "")
            lines.append(
                f"  weights inside the rounding give all {n}; neighbours at least {self.margin:.2g}{unit} apart"
            )
        else:
            count = int(self.out.sum())
            fewest = f"{count}" if self.fewest == count else f"between {self.fewest} and {count}"
            lines.append(f"  units to leave out so that the rest is in order: {fewest} ({listed(self.left_out)})")
            lines += [f"  {sentence}" for sentence in self.words[:4]]
            lines += [f"  and {len(self.words) - 4} more conflicts"] if len(self.words) > 4 else []
        lines += [f"  {note}" for note in self.notes]
        return [*lines, f"  {self.certainty}"]

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known with the answer."""
        named = {self.form.units[at] for at in self.units}
        others = [unit for unit in self.form.units if unit not in named]
        told = f"not in the ranking, and not looked at: {listed(others)}"
        return (*self.form.notes, *([told] if others else []))

    def __repr__(self) -> str:
        return "\n".join(self._summary())

    def _repr_html_(self) -> str:
        return in_html(self._summary(), self.table)


def audit(
    result: IndexResult,
    ranking: Mapping[Any, Any] | pd.Series,
    *,
    digits: int | Mapping[str, int] = 2,
    total: Number = None,
    weights: Mapping[str, Any] | None = None,
    node: str | None = None,
    period: Any = None,
    time_limit: float | None = None,
) -> Audit:
    """Whether a published ranking is consistent with published weights, which are rounded.

    The weights that were used lie within half a unit of the last printed digit around the printed ones, and add up to
    the whole. Is there a set of them that puts the units in the published order? A linear program finds the largest
    ``t`` such that every unit is ahead of the next by at least ``t``. It is enough to ask this of neighbours in the
    order: of two units further apart the lead is the sum of the leads between.

    Units that share a published rank may stand either way among themselves: a printed tie is often one of rounded
    scores.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`.
    ranking
        The published rank of each unit, 1 the best. Only the order counts, so that competition, dense and mean ranks
        say the same. Units that it does not name are not looked at.
    digits
        Decimals of the weights as printed; ``{node: decimals}`` for some nodes, the others keeping their weights.
    total
        What the weights of a node add up to as printed (1, or 100), or ``{node: total}``; by default the sum of the
        weights that the index has there. The printed ones may miss it by rounding.
    weights
        The printed weights: ``{child: number}`` of the node that is ranked, or ``{node: {child: number}}``, the other
        nodes keeping their weights; by default the weights of the index, of every node.
    node, period
        The node that is ranked (the headline by default), and when, where there are several periods.
    time_limit
        Seconds for the search of the fewest units to leave out; then :attr:`Audit.fewest` is what is certain.

    Returns
    -------
    Audit

    Raises
    ------
    MethodError
        Units, ranks or weights that do not fit; no weights inside the rounding that add up to the total; a node that
        is not linear in its weights.

    Notes
    -----
    Saisana, Saltelli and Tarantola 2005 (doi 10.1111/j.1467-985X.2005.00350.x) on how weights move the ranks of the
    index that the tests audit; that the linear program has no solution is told by pairs that are in conflict
    (Chinneck and Dravnieks 1991, doi 10.1287/ijoc.3.2.157).

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> leaders = {"DNK": 1, "EST": 2, "SGP": 3}
    >>> found = audit(result, leaders, weights={"osi": 0.33, "tii": 0.33, "hci": 0.33}, total=1)
    >>> found.consistent, found.equal
    (True, 3)
    """
    form, printed = printed_weights(result, weights, digits, total, node=node, period=period)
    units, published = _read_ranking(form, ranking)
    region, x = printed.region(form), form.x[units]
    above, below = neighbours(published)
    tie, apart = _ties(form)
    found = widest(x[above] - x[below], region)
    shares = region.shares_of(found.parts)
    consistent = _in_order(form, shares, units, published)
    tie_only = not consistent and found.margin >= -tie
    # whether it is certain that there is no lead, or not even a tie
    sure = consistent or (found.bound <= tie if tie_only else found.bound < -tie)
    out, fewest = np.zeros(len(units), dtype=bool), 0
    conflicts: tuple[Conflict, ...] = ()
    if not consistent:
        left = fewest_left_out(x, published, region, apart, tie=tie, time_limit=time_limit)
        out, fewest = left.out, left.low if sure or found.bound <= tie else 0
        shares = _of_the_rest(region, x, published, ~out)
        sure = sure and _in_order(form, shares, units[~out], published[~out])
        conflicts = tuple(_conflicts(x, above, below, region, tie, apart))
    kind = EXACT if sure and fewest == int(out.sum()) else BOUND
    certainty = Certainty(kind, "linear program" if consistent else "linear and whole-number programs")
    return Audit(
        form, printed, units, published, consistent, tie_only, found.margin, shares, out, fewest, conflicts, certainty
    )


def _read_ranking(form: WeightForm, ranking: Any) -> tuple[Places, npt.NDArray[np.int64]]:
    """Positions of the units, and their places by the published numbers."""
    if not isinstance(ranking, (Mapping, pd.Series)):
        message = f"a ranking is a mapping or a Series of unit to rank, found {type(ranking).__name__}"
        raise MethodError(Fault(message, check="not_a_ranking"))
    names, ranks = places_of(ranking)
    units = np.array(form.positions(names), dtype=np.intp)
    if len(set(units.tolist())) < len(units):
        twice = [form.units[at] for at in sorted(set(units.tolist())) if int((units == at).sum()) > 1]
        message = f"the ranking names {listed(twice)} twice"
        raise MethodError(Fault(message, check="unit_twice", units=tuple(twice)))
    published = competition_ranks(-ranks)
    if len(set(published.tolist())) < 2:
        message = "the ranking puts no unit above another: there is nothing to audit"
        raise MethodError(Fault(message, check="not_a_ranking"))
    return units, published


def _among_places(published: npt.NDArray[np.int64], ranks: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Where a rank is one of the places that units with a published rank share."""
    shared = np.array([(published == place).sum() for place in published])
    found: npt.NDArray[np.bool_] = (ranks >= published) & (ranks < published + shared)
    return found


def _in_order(form: WeightForm, shares: Floats, units: Places, published: npt.NDArray[np.int64]) -> bool:
    """Whether, by the evaluator, every unit is ahead of all with a larger published rank."""
    ranks = competition_ranks(form.evaluated(shares[None])[:, units])[0]
    above, below = neighbours(published)
    return bool((ranks[above] < ranks[below]).all())


def _of_the_rest(region: Region, x: Floats, published: npt.NDArray[np.int64], stay: npt.NDArray[np.bool_]) -> Floats:
    """Shares that put those who stay in order, with the largest margin."""
    rest = published[stay]
    if len(set(rest.tolist())) < 2:
        return region.shares_of(region.inside)
    above, below = neighbours(rest)
    return region.shares_of(widest(x[stay][above] - x[stay][below], region).parts)


def _ties(form: WeightForm) -> tuple[float, float]:
    """Leads in the linear form up to which two scores tie, and from which on they do not."""
    sizes = np.abs(form.x)
    largest, smallest = float(sizes.max(initial=0.0)), float(sizes.min(initial=np.inf))
    if form.transform == "log":  # a share of a score is a difference of logarithms
        low, high = TIE_TOLERANCE, TIE_TOLERANCE * float(np.exp(np.ptp(form.x)))
    elif form.transform == "inverse":
        low, high = TIE_TOLERANCE * smallest, TIE_TOLERANCE * largest**2 / smallest
    else:
        low = high = form.tolerance
    return low, _APART * max(high, TIE_TOLERANCE * largest)


def _conflicts(x: Floats, above: Places, below: Places, region: Region, tie: float, apart: float) -> Sequence[Conflict]:
    """Pairs that cannot hold alone; then, of the others, sets that cannot hold together, none sharing a pair."""
    pairs = x[above] - x[below]
    most = region.most(pairs)
    never = np.flatnonzero(most <= tie)
    found = [Conflict(np.array([[above[at], below[at]]]), np.ones(1), float(most[at])) for at in never]
    rest = np.flatnonzero(most > tie)
    while len(rest):
        chosen = rest[conflict(pairs[rest], region, apart)]
        if not len(chosen):
            break
        proof = widest(pairs[chosen], region)
        if proof.bound <= tie:  # else too close to call
            found.append(Conflict(np.stack([above[chosen], below[chosen]], axis=1), proof.multipliers, proof.bound))
        rest = np.setdiff1d(rest, chosen)
    return found
