"""Between what an index lies, whatever the answers that are not known would be."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.certainty import EXACT, Certainty
from egovindex.completions import faults_given, open_leaves
from egovindex.compute import compute
from egovindex.corners import Corners
from egovindex.directions import directions_of
from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.formulas import Bools, Floats
from egovindex.kernels.rank import TIE_TOLERANCE, competition_ranks
from egovindex.lookup import known_node
from egovindex.shown import Shown
from egovindex.spec.language import number_text

if TYPE_CHECKING:
    from egovindex.compute import AnyIndex, AnyTable
    from egovindex.index import Index
    from egovindex.result import IndexResult

__all__ = ["Bounds", "bounds"]

Ranks = npt.NDArray[np.int64]

# cells of one block of ranks: some 30 MB
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Bounds(Shown):
    """Lowest and highest value, best and worst rank, of every unit in every node.

    Made by :func:`bounds`.

    Parameters
    ----------
    result
        The result as the file scores it, by its own policy for nothing.
    kinds
        The kinds of nothing whose cells are open.
    opened
        For each indicator with open answers, ``(rows,)``: where.
    low, high
        For each node that has exact bounds, ``(rows,)``; NaN for a unit that has no score in any completion.
    refused
        For each other node, why it has none.
    parts
        For each node, the indicators with open answers below it.
    """

    result: IndexResult
    kinds: tuple[str, ...]
    opened: Mapping[str, Bools]
    low: Mapping[str, Floats]
    high: Mapping[str, Floats]
    refused: Mapping[str, str]
    parts: Mapping[str, frozenset[str]]

    @property
    def certainty(self) -> Certainty:
        """Exact: the nodes that are not are refused."""
        return Certainty(EXACT, "corners of all completions")

    @property
    def table(self) -> pd.DataFrame:
        """Every unit in every node that has exact bounds.

        Returns
        -------
        DataFrame
            Columns ``unit`` (and ``period``), ``node``, ``value`` and ``rank`` (as the file scores them), ``low`` and
            ``high``, ``rank_best`` and ``rank_worst``, and ``open``: how many answers below the node are open. In the
            order of the nodes and of the data.
        """
        keys = self.result.plan.rows.index.to_frame(index=False)
        frames = []
        for node in self.low:
            rows = self._of(node).reset_index(drop=True)
            frames.append(pd.concat([keys.assign(node=node), rows], axis=1))
        return pd.concat(frames, ignore_index=True) if frames else self._nothing(keys)

    @staticmethod
    def _nothing(keys: pd.DataFrame) -> pd.DataFrame:
        columns = ["node", "value", "low", "high", "rank", "rank_best", "rank_worst", "open"]
        return keys.iloc[:0].assign(**{name: pd.Series(dtype=object) for name in columns})

    def of(self, node: str | None = None) -> pd.DataFrame:
        """One node, indexed by unit (and period); the headline by default.

        Raises
        ------
        MethodError
            There is no such node, or it has no exact bounds: the message says why.

        Examples
        --------
        >>> import egovindex as ei
        >>> found = ei.bounds("unctad-cyberlaw-2026", ei.sample("unctad-cyberlaw-2026"), kinds=["no_data"])
        >>> found.of("areas").loc["008", ["value", "low", "high"]].tolist()
        [5.0, 5.0, 5.0]
        """
        name = known_node(self.result, node)
        if name in self.refused:
            raise MethodError(Fault(f"{name} has no exact bounds. {self.refused[name]}", check="no_bounds"))
        return self._of(name)

    def _of(self, node: str) -> pd.DataFrame:
        result, (best, worst) = self.result, self._ranks[node]
        counts = [self.opened[leaf].astype(np.int64) for leaf in self.parts[node]]
        return pd.DataFrame(
            {
                "value": result.nominal.by_node[node],
                "low": self.low[node],
                "high": self.high[node],
                "rank": result.ranks[node].array,
                "rank_best": _nullable(best),
                "rank_worst": _nullable(worst),
                "open": np.sum(counts, axis=0, dtype=np.int64) if counts else np.zeros(len(best), dtype=np.int64),
            },
            index=result.plan.rows.index,
        )

    @cached_property
    def _ranks(self) -> dict[str, tuple[Ranks, Ranks]]:
        groups = self.result.plan.rows.groups
        found = {}
        for node, low in self.low.items():
            best, worst = np.zeros(len(low), dtype=np.int64), np.zeros(len(low), dtype=np.int64)
            for rows in groups:
                best[rows] = _ranks_alone(self.high[node][rows], low[rows])
                worst[rows] = _ranks_alone(low[rows], self.high[node][rows])
            found[node] = best, worst
        return found

    # --- shown
    def _summary(self) -> list[str]:
        rows, kinds = self.result.plan.rows, " or ".join(self.kinds)
        lines = [f"<Bounds {self.result.index.id}> {self._count()} open ({kinds})"]
        if not self.opened:
            lines.append(f"  no answer is {kinds}: every range is one value")
        for node, low in self.low.items():
            width = self.high[node] - low
            size = np.nan_to_num(np.maximum(np.abs(low), np.abs(self.high[node])))
            wide = np.nan_to_num(width) > TIE_TOLERANCE * size.max(initial=0.0)
            if not wide.any():
                continue
            at = int(np.nanargmax(width))
            ends = f"{_digits(low[at])} to {_digits(self.high[node][at])}"
            lines.append(f"  {node}: {int(wide.sum())} of {len(rows)} with a range; widest {rows.name(at)}, {ends}")
        lines += [f"  {node}: no exact bounds. {reason}" for node, reason in self.refused.items()]
        return lines

    def _count(self) -> str:
        answers = sum(int(where.sum()) for where in self.opened.values())
        units = int(np.any([*self.opened.values()], axis=0).sum()) if self.opened else 0
        of = "units" if self.result.plan.rows.periods is None else "rows"
        return f"{answers} answers of {units} {of}"

    def __repr__(self) -> str:
        return "\n".join(self._summary())

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        node = next(iter(self.low), None)
        shown = ""
        if node is not None:
            table = self._of(node)
            shown = table[table["open"] > 0].head(10).reset_index().to_html(index=False, escape=True, border=0)
        return f"<b>{html.escape(head)}</b><br>{'<br>'.join(html.escape(line.strip()) for line in rest)}{shown}"


def bounds(
    index: AnyIndex,
    data: AnyTable,
    kinds: str | Sequence[str] = ("unknown",),
    *,
    answers: Mapping[str, Sequence[Any]] | None = None,
    limits: Mapping[str, Sequence[float]] | None = None,
) -> Bounds:
    """Between what every value and every rank lies, whatever the answers that are not known would be.

    A cell whose answer is one of ``kinds`` is open: it could be any answer that its points know. The bounds are
    exact: no completion of the open cells gives less or more, and one gives each. A node for which that cannot be
    said is refused, with the reason.

    Parameters
    ----------
    index, data
        As for :func:`egovindex.compute`.
    kinds
        Kinds of nothing: ``"unknown"``, ``"missing"``, ``"not_applicable"``, or one that the file names.
    answers
        The answers that some indicators could have, in place of those their points know:
        ``{"C1": [0, 1, 2, 3]}``.
    limits
        Between which the numbers of some indicators lie: ``{"I-43": (0, 1)}``. An indicator that takes any number
        needs them, unless its first step is ``goalposts``.

    Returns
    -------
    Bounds

    Raises
    ------
    MethodError
        A kind or an indicator is unknown, limits are upside down, or the index has records inside a unit.
    SpecError, DataError
        As for :func:`egovindex.compute`.

    Examples
    --------
    >>> import egovindex as ei
    >>> found = ei.bounds("unctad-cyberlaw-2026", ei.sample("unctad-cyberlaw-2026"), kinds=["no_data"])
    >>> found
    <Bounds unctad-cyberlaw-2026> 22 answers of 19 units open (no_data)
      areas: 19 of 195 with a range; widest 336, 0 to 4
    """
    result = compute(index, data)
    chosen, plan = result.index, result.plan
    answers, limits = answers or {}, limits or {}
    kinds = _known_kinds(chosen, kinds)
    faults = [*faults_given(chosen, answers, limits), *_records_inside_units(chosen)]
    if faults:
        raise MethodError(faults)
    opened = open_leaves(chosen, plan, kinds, answers, limits)
    found = directions_of(plan, opened)
    ends = Corners(plan, result.nominal.learned, opened, found)
    low, high = {}, {}
    for node in result.nodes:
        if node in found.why:
            continue
        nominal = result.nominal.by_node[node]
        low[node], high[node] = ends.found.get(node, (nominal, nominal))
    return Bounds(
        result=result,
        kinds=kinds,
        opened={name: leaf.where for name, leaf in opened.items()},
        low=low,
        high=high,
        refused={node: found.why[node] for node in result.nodes if node in found.why},
        parts={node: frozenset(found.below[node]) for node in result.nodes},
    )


def _known_kinds(index: Index, kinds: Any) -> tuple[str, ...]:
    given = (kinds,) if isinstance(kinds, str) else tuple(kinds) if isinstance(kinds, (list, tuple, set)) else (kinds,)
    known = {kind.casefold(): kind for kind in index.tree.kinds}
    faults = [
        Fault(
            f'there is no kind of nothing "{kind}"{did_you_mean(str(kind), known.values(), otherwise=".")} '
            f"Kinds: {listed(known.values())}",
            check="unknown_kind",
        )
        for kind in given
        if str(kind).strip().casefold() not in known
    ]
    if not given:
        faults = [Fault(f"name at least one kind of nothing: {listed(known.values())}", check="unknown_kind")]
    if faults:
        raise MethodError(faults)
    return tuple(dict.fromkeys(str(kind).strip().casefold() for kind in given))


def _records_inside_units(index: Index) -> Iterable[Fault]:
    """Several records of a unit share its answers, and their completions are not told apart here."""
    file = index.file
    inside = [key for key in file.rows or () if key not in ("unit", "period")]
    over = [branch.id for branch in index.tree.branches.values() if branch.record.over or file.defaults.nodes.over]
    if inside or over or file.best is not None:
        found = listed([*inside, *(f"over in {name}" for name in over), *(["best"] if file.best is not None else [])])
        yield Fault(f"bounds of an index with records inside its units ({found}) are not computed", check="no_bounds")


def _ranks_alone(own: Floats, others: Floats) -> Ranks:
    """Rank of each unit at its own value, with every other unit at its."""
    n = len(own)
    found = np.zeros(n, dtype=np.int64)
    size = max(1, _BLOCK // max(1, n))
    for start in range(0, n, size):
        units = np.arange(start, min(start + size, n))
        field = np.repeat(others[None], len(units), axis=0)
        field[np.arange(len(units)), units] = own[units]
        found[units] = competition_ranks(field)[np.arange(len(units)), units]
    return found


def _nullable(ranks: Ranks) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(ranks, ranks == 0)


def _digits(value: float) -> str:
    return number_text(round(float(value), 4))
