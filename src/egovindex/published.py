"""One node's published figures beside the computed ones, and beside what is known not to be met.

Nothing is tolerated: a value is met where it lies within half of the last printed digit, and a record names what
is not (:mod:`egovindex.spec.samples`). One rounding is nobody's choice: a value that lies exactly between two
printed ones goes up or down by the last bit of a sum. Such ties are found in the unrounded values, and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from egovindex.columns import Columns
from egovindex.index import Index
from egovindex.kernels.rank import TIE_TOLERANCE
from egovindex.result import IndexResult
from egovindex.spec.values import Source
from egovindex.tables import row_headings

if TYPE_CHECKING:
    from egovindex.spec.samples import Known, Published

__all__ = ["Miss", "Row", "compared", "unrounded"]

# a sum of numbers near 100 is off by some 1e-14; half a printed digit is 1e-6 and more
_ON_A_TIE = 1e-9
_ORDER = ("values", "ranks", "classes", "counts", "answers")


@dataclass(frozen=True, slots=True)
class Row:
    """One node of one index, over one variant of its table."""

    index: str
    variant: str
    node: str
    digits: int | None
    cells: int
    equal: int
    largest: float | None
    where: str
    ranks: int
    ranks_equal: int
    sizes: int
    sizes_equal: int
    as_recorded: bool


@dataclass(frozen=True, slots=True)
class Miss:
    """One published figure that is not met. ``finding`` is blank where the record knows it."""

    index: str
    variant: str
    node: str
    what: str
    of: str
    published: float | None
    computed: float | None
    finding: str
    reason: str
    source: str


# --- one node
class _Compared(NamedTuple):
    """Published and computed figures of one sort, and how far they may be apart.

    ``unrounded`` are the computed values before the last rounding, where the record speaks of ties.
    """

    what: str
    published: pd.Series[float]
    computed: pd.Series[float]
    half: float = 0.0
    unrounded: pd.Series[float] | None = None

    @property
    def away(self) -> pd.Series[float]:
        both_blank = self.published.isna() & self.computed.isna()
        return (self.computed - self.published).abs().fillna(float("inf")).mask(both_blank, 0.0)

    @property
    def missed(self) -> pd.Series[float]:
        away = self.away
        return away[away > self.half + TIE_TOLERANCE]

    @property
    def ties(self) -> set[str]:
        """Labels of values that lie exactly between two printed ones, of which one was published."""
        if self.unrounded is None:
            return set()
        away = (self.unrounded - self.published).abs() - self.half
        return set(away.index[away.abs() <= _ON_A_TIE])


def compared(
    result: IndexResult,
    node: str,
    published: Published,
    known: list[Known],
    printed: pd.DataFrame,
    variant: str = "",
    exact: IndexResult | None = None,
) -> tuple[Row, list[Miss]]:
    """What was published of one node or indicator, beside what is computed.

    Parameters
    ----------
    result
        The index computed over its table.
    node
        A node, or an indicator whose answers were counted.
    published, known
        What the record says of it.
    printed
        The table with the printed columns.
    variant
        Variant of the table, for the rows.
    exact
        The result without the last rounding, see :func:`unrounded`.
    """
    found = {one.what: one for one in _figures(result, node, published, printed, exact)}
    misses = [
        Miss(result.index.id, variant, node, *rest)
        for what in _ORDER
        for rest in _misses(what, found.get(what), [one for one in known if one.what == what])
    ]
    values, ranks = found.get("values"), found.get("ranks")
    sizes = [found[what] for what in ("classes", "counts", "answers") if what in found]
    away = values.away if values is not None else None
    row = Row(
        index=result.index.id,
        variant=variant,
        node=node,
        digits=published.digits,
        cells=_number(values),
        equal=_number(values) - _missed(values),
        largest=None if away is None else float(away.max()),
        where="" if away is None or away.max() <= TIE_TOLERANCE else str(away.idxmax()),
        ranks=_number(ranks),
        ranks_equal=_number(ranks) - _missed(ranks),
        sizes=sum(map(_number, sizes)),
        sizes_equal=sum(_number(one) - _missed(one) for one in sizes),
        as_recorded=not any(miss.finding for miss in misses),
    )
    return row, misses


def unrounded(index: Index, nodes: Iterable[str]) -> Index:
    """The index with the last step of some nodes taken off where that step rounds.

    Examples
    --------
    >>> import egovindex as ei
    >>> index = unrounded(ei.load_index("undp-hdi-2022"), ["HDI"])
    >>> index.tree.branches["HDI"].steps
    ()
    """
    patch = {}
    for node in nodes:
        steps = index.tree.branches[node].steps
        if steps and steps[-1].name == "round":
            patch[node] = {"steps": [str(step) for step in steps[:-1]]}
    return index.with_(nodes=patch) if patch else index


def _figures(
    result: IndexResult, node: str, published: Published, printed: pd.DataFrame, exact: IndexResult | None
) -> Iterator[_Compared]:
    """What was published of a node, beside what is computed."""
    labels = _labels(result)
    scores, ranks, classes = (_labelled(table, node, labels) for table in (result.scores, result.ranks, result.classes))
    in_print = printed.set_axis(_printed_labels(result, printed))
    if published.column is not None and published.digits is not None:
        half = 10.0**-published.digits / 2
        values = in_print[published.column].reindex(scores.index).astype(float)
        before = None if exact is None else _labelled(exact.scores, node, labels)
        yield _Compared("values", values, scores, half, before)
    if published.rank is not None:
        yield _Compared("ranks", in_print[published.rank].reindex(ranks.index).astype(float), ranks.astype(float))
    if published.classes:
        yield _sizes("classes", published.classes, {name: int((classes == name).sum()) for name in published.classes})
    if published.counts:
        near = {value: (scores - float(value)).abs() <= TIE_TOLERANCE for value in published.counts}
        yield _sizes("counts", published.counts, {value: int(found.sum()) for value, found in near.items()})
    if published.answers:
        yield _sizes("answers", published.answers, _answers(result, node, published.answers))


def _sizes(what: str, published: Mapping[str, int], computed: Mapping[str, int]) -> _Compared:
    return _Compared(what, pd.Series(published, dtype=float), pd.Series(computed, dtype=float))


def _answers(result: IndexResult, name: str, categories: Iterable[str]) -> dict[str, int]:
    """How many rows have each category, or kind of nothing, in an indicator."""
    index, plan = result.index, result.plan
    leaf = index.tree.leaves.get(name)
    own = None if leaf is None else Columns(index.file, index.tree, plan.data, plan.rows).own(leaf)
    return {category: 0 if own is None else int(own.match(category).sum()) for category in categories}


def _labels(result: IndexResult) -> pd.Index:
    """What a figure is called: its unit, with the period where a unit has several."""
    rows = result.plan.rows
    units = pd.Index(rows.units.astype(str))
    return units if units.is_unique else pd.Index([rows.name(row) for row in range(len(rows))])


def _printed_labels(result: IndexResult, printed: pd.DataFrame) -> pd.Index:
    """The same for the rows of the table with the printed columns."""
    headings = row_headings(result.index.file)
    units = printed[headings["unit"]].astype(str)
    if units.is_unique:
        return pd.Index(units)
    return pd.Index(units + " " + printed[headings["period"]].astype(str))


def _labelled(table: pd.DataFrame, node: str, labels: pd.Index) -> pd.Series[Any]:
    if node not in table.columns:
        return pd.Series(dtype=float)
    return table[node].set_axis(labels)


def _number(one: _Compared | None) -> int:
    return 0 if one is None else len(one.published)


def _missed(one: _Compared | None) -> int:
    return 0 if one is None else len(one.missed)


# --- what is known
class _Told(NamedTuple):
    """One figure that the record says is not met."""

    reason: str
    source: Source
    within: float | None = None
    size: int | None = None


_Found = tuple[str, str, float | None, float | None, str, str, str]


def _misses(what: str, figures: _Compared | None, known: list[Known]) -> Iterator[_Found]:
    """Figures that are not met or are recorded not to be: what, of, published, computed, finding, reason, source."""
    told = {of: entry for one in known for of, entry in _entries(one)}
    on_ties = next((one for one in known if one.ties is not None), None)
    ties = set() if figures is None or on_ties is None else figures.ties
    missed = pd.Series(dtype=float) if figures is None else figures.missed
    for of in [*missed.index, *(name for name in told if name not in missed.index)]:
        entry = told.get(of)
        if entry is None and on_ties is not None and of in ties:
            entry = _Told(on_ties.reason, on_ties.source)
        published, computed = (None, None) if figures is None else (figures.published.get(of), figures.computed.get(of))
        finding = _finding(missed.get(of), computed, entry)
        reason, source = ("", "") if entry is None or finding else (entry.reason, str(entry.source))
        yield what, of, published, computed, finding, reason, source
    if on_ties is not None and on_ties.ties != len(ties):
        finding = f"{len(ties)} values lie between two printed ones, recorded as {on_ties.ties}"
        yield what, "ties", on_ties.ties, len(ties), finding, "", ""


def _entries(one: Known) -> Iterator[tuple[str, _Told]]:
    within = None if one.within is None else one.within.value
    for unit in one.units:
        yield unit, _Told(one.reason, one.source, within)
    for name, size in one.sizes.items():
        yield name, _Told(one.reason, one.source, size=size)


def _finding(away: float | None, computed: float | None, entry: _Told | None) -> str:
    """What is not as recorded about one figure; blank where nothing is."""
    if away is None:
        return "recorded as a miss, and is met or not there"
    if entry is None:
        return f"off by {away:.6g}, and not recorded"
    if entry.within is not None and away > entry.within + TIE_TOLERANCE:
        return f"off by {away:.6g}, recorded as within {entry.within:.6g}"
    if entry.size is not None and computed != entry.size:
        return f"{computed:.6g}, recorded as {entry.size}"
    return ""
