"""Answers with other categories: what a draw gives them, and what each category earns under an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.plan import Plan
from egovindex.points import LeafData
from egovindex.sensitivity.factors import End, Factor, Touched

if TYPE_CHECKING:
    import pandas as pd

    from egovindex.sensitivity.inputs import Inputs

__all__ = ["CoderFactor", "Earned", "answered_as", "earned_by"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CoderFactor(Factor):
    """Categories of the answers of an indicator; a setting has the place of the category of every row on its scale.

    Parameters
    ----------
    indicator, heading
        Name, and heading of the column it reads.
    categories
        Its scale, the best first.
    own
        ``(rows,)`` place of the category that was given; -1 where there is none.
    chances
        ``(rows, categories)``.
    rows
        Names of the rows.
    """

    indicator: str
    heading: str
    categories: tuple[str, ...]
    own: Ints
    chances: Floats
    rows: tuple[str, ...]
    known: npt.NDArray[np.intp] = field(init=False)

    def __post_init__(self) -> None:
        other = np.arange(self.chances.shape[1]) != self.own[:, None]  # one category, if not its own, is a change too
        open_ = np.flatnonzero(((self.chances > 0) & other).any(axis=1))
        by_name = sorted(open_, key=lambda row: self.rows[row])  # the draws of a unit are its own, wherever it stands
        object.__setattr__(self, "known", np.array(by_name, dtype=np.intp))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"coder.{self.indicator}.{row}" for row in self.rows)

    @property
    def nominal(self) -> Floats:
        return self.own.astype(np.float64)

    @property
    def uniforms(self) -> int:
        return len(self.known)

    @property
    def idle(self) -> str | None:
        return None if len(self.known) else "nobody's category is in doubt in these data"

    def at(self, uniform: Floats) -> Floats | None:
        found = np.tile(self.nominal, (len(uniform), 1))
        every, which = np.unique(self.chances[self.known], axis=0, return_inverse=True)
        for at, chances in enumerate(every):  # answers of one category have the same law
            places = np.flatnonzero(which.reshape(-1) == at)
            ends = np.cumsum(chances)
            codes = np.searchsorted(ends, uniform[:, places] * ends[-1], side="right")
            found[:, self.known[places]] = np.minimum(codes, len(self.categories) - 1)
        return found

    def touches(self, plan: Plan) -> Touched:
        return {self.indicator} if self.indicator in plan.leaves else set()

    def apply(self, inputs: Inputs, setting: Floats) -> None:
        if self.indicator in inputs.plan.leaves:
            inputs.coded[self.indicator] = setting

    def ends(self, level: float) -> list[End]:  # noqa: ARG002 - its ends say more than a share of it
        """Every answer at the best, and at the worst, category that it could have."""
        found = []
        for word, pick in (("all best", 0), ("all worst", -1)):
            setting = self.nominal.copy()
            for row in self.known:
                setting[row] = np.flatnonzero(self.chances[row] > 0)[pick]
            found.append((self.name, word, setting))
        return found

    def vary(self, index: Index, setting: Floats) -> Index:  # noqa: ARG002 - the data vary, not the index
        return index

    def data_under(self, data: pd.DataFrame, headings: Mapping[str, Any], setting: Floats) -> pd.DataFrame:
        """The data with the categories of one draw."""
        for code in np.unique(setting[self.known]).astype(np.int64):
            where = np.zeros(len(setting), dtype=bool)
            where[self.known] = setting[self.known] == code
            data = answered_as(data, headings, self.heading, self.categories[code], where)
        return data


def answered_as(
    data: pd.DataFrame, headings: Mapping[str, Any], heading: str, category: str, where: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """The data with one category in some rows of a column."""
    column = headings[heading]
    values = data[column].astype(object).to_numpy(copy=True)
    values[where] = category
    changed = data.copy()
    changed[column] = values
    return changed


@dataclass(frozen=True, eq=False)
class Earned:
    """What each category of an indicator earns, row by row.

    Parameters
    ----------
    leaves
        The indicator, compiled once for each category.
    places
        For each of them, positions of its outcomes in those of the plan.
    """

    leaves: tuple[LeafData, ...]
    places: tuple[npt.NDArray[np.intp], ...]

    def points(self, codes: Floats, outcomes: Floats, own: Floats) -> Floats:
        """``(D, rows)`` points of the categories of each draw.

        Parameters
        ----------
        codes
            ``(D, rows)`` places of categories; -1 keeps what is there.
        outcomes
            ``(L,)`` or ``(D, L)`` of the plan.
        own
            ``(rows,)`` or ``(D, rows)`` points as the data have them.
        """
        found = np.broadcast_to(own, codes.shape).copy()
        for code, (leaf, places) in enumerate(zip(self.leaves, self.places, strict=True)):
            where = codes == code
            if where.any():
                found[where] = np.broadcast_to(leaf.points(outcomes[..., places]), codes.shape)[where]
        return found


def earned_by(index: Index, plan: Plan, factors: Sequence[CoderFactor]) -> dict[str, Earned]:
    """What each category of some indicators earns under an index, by indicator."""
    here = [factor for factor in factors if factor.indicator in plan.leaves]
    if not here:
        return {}
    most = max(len(factor.categories) for factor in here)
    plans = []
    for code in range(most):
        data = plan.data
        for factor in here:
            category = factor.categories[min(code, len(factor.categories) - 1)]
            data = answered_as(data, plan.headings, factor.heading, category, factor.own >= 0)
        plans.append(index.plan(data))
    found = {}
    for factor in here:
        mine = plans[: len(factor.categories)]
        leaves = tuple(one.leaves[factor.indicator] for one in mine)
        places = tuple(
            np.array([plan.outcome_places[address] for address in one.outcome_addresses], dtype=np.intp) for one in mine
        )
        found[factor.indicator] = Earned(leaves, places)
    return found
