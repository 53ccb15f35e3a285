"""How likely each unit is ahead of each other, and in each class, under Dirichlet weights: computed, not drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from egovindex.blas import one_blas_thread
from egovindex.certainty import EXACT, Certainty
from egovindex.errors import Fault, MethodError, listed
from egovindex.formulas import Floats
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.winning import (
    Wins,
    expected_ranks,
    moments,
    rank_acceptability_two,
    reach_probability,
    win_matrix,
)
from egovindex.result import IndexResult
from egovindex.robustness.forms import WeightForm
from egovindex.robustness.oneweight import weight_stability
from egovindex.robustness.regions import form_of
from egovindex.sensitivity.samplers import DirichletSampler
from egovindex.sensitivity.weightlaws import Dirichlet, Edges
from egovindex.shown import Shown, in_html

__all__ = ["WinProbabilities", "win_probabilities"]


@dataclass(frozen=True, eq=False, repr=False)
class WinProbabilities(Shown):
    """Probabilities under Dirichlet weights of one node.

    Made by :func:`win_probabilities`.

    Parameters
    ----------
    form
        The index as a linear function of weights.
    varied, law
        The node whose weights vary, and its law in words.
    x
        ``(n, k)`` value of each unit with all weight of that node on one child.
    alpha
        ``(k,)`` parameters of the law.
    wins
        Probability that the row's unit is strictly ahead of the column's.
    """

    form: WeightForm
    varied: str
    law: str
    x: Floats
    alpha: Floats
    wins: Wins

    @property
    def certainty(self) -> Certainty:
        """Exact, to the numerical error that is told."""
        how = "recursion over the simplex" if (self.alpha == 1).all() else "inverted characteristic function"
        return Certainty(EXACT, how, error=float(self.wins.error.max(initial=0.0)))

    @property
    def pairs(self) -> pd.DataFrame:
        """Probability that the row's unit is ahead of the column's; a unit and itself: NaN. Ties count for neither."""
        units = pd.Index(self.form.units, name="unit")
        values = self.wins.above.copy()
        np.fill_diagonal(values, np.nan)
        return pd.DataFrame(values, index=units, columns=units.rename("than"))

    @property
    def expected_ranks(self) -> pd.Series:
        """Expected competition rank of every unit."""
        return pd.Series(expected_ranks(self.wins.above), index=self.form.index, name="expected_rank")

    @property
    def classes(self) -> pd.DataFrame:
        """Probability of each class, by unit; the best class first.

        Raises
        ------
        MethodError
            The node has no classes, or classes that are tests of more than its score.
        """
        bands = self.form.result.index.classes(self.form.node)
        if not bands:
            raise MethodError(Fault(f"{self.form.node} has no classes", check="no_classes", column=self.form.node))
        limits = np.array(list(self.form.thresholds.values()))
        reached, _ = reach_probability(self.x, limits, self.alpha)
        steps = np.diff(reached, axis=1, prepend=0.0)
        found = {name: steps[:, at] for at, name in enumerate(self.form.thresholds)}
        for name in bands:
            if name not in found:
                found[name] = 1.0 - reached[:, -1]
        return pd.DataFrame(found, index=self.form.index)

    @property
    def rank_probabilities(self) -> pd.DataFrame:
        """Probability of every rank, by unit; exact for a node of two children alone.

        Raises
        ------
        MethodError
            The node has more; :func:`egovindex.simulate` draws them.
        """
        if len(self.alpha) != 2:
            message = (
                f"{self.varied} has {len(self.alpha)} children, and probabilities of ranks are exact for two; draw "
                f"them: simulate(index, data, Doubt(weights={{{self.varied!r}: ...}}), rng=1).rank_probabilities()"
            )
            raise MethodError(Fault(message, check="only_two_parts"))
        found = rank_acceptability_two(self.x, self.alpha)
        return pd.DataFrame(found, index=self.form.index, columns=pd.RangeIndex(1, len(found) + 1, name="rank"))

    @property
    def table(self) -> pd.DataFrame:
        """Every unit by rank.

        Returns
        -------
        DataFrame
            Indexed by unit: ``rank``, ``expected_rank``, ``ahead_of_next`` (probability to be ahead of the unit behind
            it, in the order of the index), and, where the node is an arithmetic mean without steps of its own but
            rounding, ``mean`` and ``sd`` of the score before it is rounded.
        """
        form = self.form
        order = np.argsort(-form.scores, kind="stable")
        ahead = np.full(len(order), np.nan)
        ahead[order[:-1]] = self.wins.above[order[:-1], order[1:]]
        table = pd.DataFrame(
            {"rank": form.ranks, "expected_rank": self.expected_ranks.to_numpy(), "ahead_of_next": ahead},
            index=form.index,
        )
        if form.transform == "none" and all(step.name == "round" for step in self._steps):
            size = float(np.abs(self.x).max(initial=0.0)) or 1.0
            mean, covariance = moments(self.x / size, self.alpha)
            table["mean"], table["sd"] = mean * size, np.sqrt(np.maximum(np.diag(covariance), 0.0)) * size
        return table.iloc[order]

    @property
    def _steps(self) -> Any:
        return self.form.result.index.tree.branches[self.form.node].steps

    def of(self, unit: Any) -> pd.DataFrame:
        """One unit against each other: ``rank`` of the other, ``ahead``, ``behind``, ``tied`` (probabilities).

        Raises
        ------
        MethodError
            There is no such unit.
        """
        at = self.form.position(unit)
        table = pd.DataFrame(
            {
                "rank": self.form.ranks,
                "ahead": self.wins.above[at],
                "behind": self.wins.above[:, at],
                "tied": self.wins.tied[at].astype(np.float64),
            },
            index=self.form.index,
        )
        return table.drop(self.form.index[at]).sort_values("rank", kind="stable")

    def _summary(self) -> list[str]:
        lines = [
            f"<WinProbabilities {self.form.node}> {len(self.x)} units, weights {self.law} in {self.varied}",
            f"  {self.certainty}",
        ]
        return lines + [f"  {note}" for note in self.form.notes]

    def __repr__(self) -> str:
        rows = self.table.head(10).round(4).to_string().splitlines()
        return "\n".join([*self._summary(), *(f"  {row}" for row in rows)])

    def _repr_html_(self) -> str:
        return in_html(self._summary(), self.table.round(4))


def win_probabilities(
    result: IndexResult, weights: Any, *, node: str | None = None, period: Any = None
) -> WinProbabilities:
    """Exact probabilities of every pair, expected ranks and probabilities of classes, under Dirichlet weights.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`; its learned values are kept.
    weights
        A Dirichlet law of one node: ``simplex()``, ``dirichlet(50)``; ``{"EGDI": simplex()}`` where several nodes have
        weights.
    node, period
        What is ranked, and when.

    Returns
    -------
    WinProbabilities

    Raises
    ------
    MethodError
        The law is no Dirichlet law, several nodes vary, or the node is not linear in these weights.

    Notes
    -----
    Uniform weights: Varsi 1973, Ali 1973; others: Gil-Pelaez 1951, doi 10.1093/biomet/38.3-4.481, for a difference of
    gamma sums. Equal differences are grouped, so that answers with few categories cost little.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    >>> found = ei.win_probabilities(result, ei.simplex())
    >>> round(float(found.pairs.loc["EST", "SGP"]), 3), round(float(found.expected_ranks["DNK"]), 2)
    (0.712, 1.65)
    """
    form, laws = form_of(result, weights, node=node, period=period)
    if len(laws) > 1:
        example = f"weights={{{form.node!r}: simplex()}}"
        message = (
            f"weights of {listed(laws)} vary, and probabilities are exact for one node at a time; write {example}, or "
            "draw them with simulate"
        )
        raise MethodError(Fault(message, check="several_nodes"))
    ((name, law),) = laws.items()
    if not isinstance(law, Dirichlet):
        message = f"{law}: probabilities are exact for simplex() and dirichlet(...); draw others with simulate"
        raise MethodError(Fault(message, check="no_dirichlet"))
    stability = weight_stability(result, nodes=[name], node=node, period=period)
    places = next(places for _, places in form.ways.below if form.ways.edges[places[0]][0] == name)
    children = tuple(form.ways.edges[part][1] for part in places)
    edges = Edges(name, children, form.ways.own[places] * form.ways.totals[places[0]])
    sampler = law.sampler(edges)
    assert isinstance(sampler, DirichletSampler)  # noqa: S101 - for the type checker
    x = _alone(stability.at_one, stability.edges, places, form)
    try:
        with one_blas_thread():
            wins = win_matrix(x, sampler.alpha)
    except Refusal as refusal:
        raise MethodError(Fault(f"weights.{name}: {refusal.reason}", check="not_sure")) from None
    return WinProbabilities(form, name, str(law), x, sampler.alpha, wins)


def _alone(at_one: Floats, edges: Any, places: Any, form: WeightForm) -> Floats:
    """``(n, k)`` value of each unit with all weight of a node on one child, those with all of it now among them."""
    known = {int(part): row for part, row in zip(edges, at_one, strict=True)}
    return np.stack([known.get(int(part), form.scores) for part in places], axis=-1)
