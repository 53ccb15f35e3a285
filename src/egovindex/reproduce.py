"""Every packaged index computed again and held against what was published.

What was published, and which of it is known not to be met and why, is data: ``indicators/samples/<index>.yaml``
(:mod:`egovindex.spec.samples`). Nothing is tolerated here. A value is met where it lies within half of
the last printed digit; whatever is not met must be named in the record, and what the record names must still be so.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from egovindex.compute import compute
from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.index import Index, load_index
from egovindex.kernels.rank import TIE_TOLERANCE
from egovindex.result import IndexResult
from egovindex.samples import VARIANTS, sample
from egovindex.shown import Shown
from egovindex.spec.values import Source
from egovindex.tables import row_headings

if TYPE_CHECKING:
    from egovindex.spec.samples import Known, Published, SampleRecord

__all__ = ["Reproduction", "reproduce"]

_MOST_SHOWN = 10


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


@dataclass(frozen=True, eq=False, repr=False)
class Reproduction(Shown):
    """What :func:`reproduce` found.

    Parameters
    ----------
    table
        One row per index, variant and node: ``index, variant, node, digits``; ``cells, equal`` count the values
        that were compared and those that are equal at the printed digits, ``largest`` is the largest residual
        and ``where`` its unit; ``ranks, ranks_equal`` and ``sizes, sizes_equal`` count published ranks, and
        published sizes of classes; ``as_recorded`` says whether the misses are those of the record. ``variant``
        is blank where an index reads no corrected column.
    misses
        Every published figure that is not met: ``index, variant, node, what, of, published, computed, finding,
        reason, source``. ``of`` is a unit, a class or a value. ``finding`` is blank where the record names the
        miss, else it says what is new.
    without
        Packaged indices whose published values do not ship.
    """

    table: pd.DataFrame
    misses: pd.DataFrame
    without: tuple[str, ...] = ()

    @property
    def as_recorded(self) -> bool:
        """Whether everything that is not met is recorded, and everything recorded is still so."""
        return bool(self.table["as_recorded"].all())

    @property
    def findings(self) -> pd.DataFrame:
        """Misses that are not as recorded."""
        return self.misses[self.misses["finding"] != ""].reset_index(drop=True)

    @property
    def reasons(self) -> pd.DataFrame:
        """The known misses by reason: ``reason, source, index, variant, node, what, number``."""
        keys = ["reason", "source", "index", "variant", "node", "what"]
        known = self.misses[self.misses["finding"] == ""]
        return known.groupby(keys, sort=False).size().rename("number").reset_index()

    def _head(self) -> str:
        n = len(self.findings)
        said = "as recorded" if self.as_recorded else f"{n} finding{'s' if n > 1 else ''} not as recorded"
        return f"<Reproduction of {listed(self.table['index'].unique(), most=_MOST_SHOWN)}> {said}"

    def __repr__(self) -> str:
        lines = [self._head(), self.table.to_string(index=False, na_rep="-")]
        lines += [
            f"  {row.index} {row.node} {row.what} of {row.of}: {row.finding}"
            for row in self.findings.head(_MOST_SHOWN).itertuples()
        ]
        more = len(self.findings) - _MOST_SHOWN
        return "\n".join([*lines, *([f"  ... {more} more in .findings"] if more > 0 else [])])

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(self._head())}</b>" + self.table.to_html(index=False, na_rep="-", border=0)


def reproduce(index: str | Index | None = None) -> Reproduction:
    """Compute packaged indices again and compare them with what was published.

    Parameters
    ----------
    index
        Name of a packaged index, or the index; a varied one is held against the record of the one it was made from.
        All that have published values in the package, if not given.

    Returns
    -------
    Reproduction
        ``table``, ``misses``, ``as_recorded``.

    Raises
    ------
    DataError
        Nothing that was published of this index is packaged.

    Examples
    --------
    >>> import egovindex as ei
    >>> found = ei.reproduce("un-osi-2024")
    >>> found.table[["index", "node", "cells", "equal", "where"]].values.tolist()
    [['un-osi-2024', 'OSI', 193, 193, 'GAB']]
    >>> found.as_recorded
    True
    """
    # the models of the files load with the first file, not with the package
    from egovindex.spec.load import packaged_indices
    from egovindex.spec.samples import packaged_samples, read_record

    recorded = packaged_samples()
    chosen = [load_index(name) for name in recorded] if index is None else [load_index(index)]
    rows: list[Row] = []
    misses: list[Miss] = []
    for one in chosen:
        record = read_record(one.id) if one.id in recorded else None
        if record is None:
            hint = did_you_mean(one.id, recorded, otherwise=".")
            message = f"no data and no published values ship for {one.id}{hint} They ship for {listed(recorded)}"
            raise DataError(Fault(message, check="unknown_sample"))
        for variant in _variants(one):
            for row, missed in _compared(one, record, variant):
                rows.append(row)
                misses += missed
    counts = dict.fromkeys(("digits", "cells", "equal", "ranks", "ranks_equal", "sizes", "sizes_equal"), "Int64")
    table = pd.DataFrame(rows, columns=[one.name for one in fields(Row)]).astype({**counts, "largest": float})
    numbers = dict.fromkeys(("published", "computed"), float)
    without = () if index is not None else tuple(name for name in packaged_indices() if name not in recorded)
    unmet = pd.DataFrame(misses, columns=[one.name for one in fields(Miss)]).astype(numbers)
    return Reproduction(table, unmet, without)


def _variants(index: Index) -> tuple[str | None, ...]:
    """The variants of a table, or none of them where the index reads no column in which they differ."""
    table = sample(index)
    corrected = {row["column"] for row in table.attrs.get("corrections", ())}
    return VARIANTS if corrected & set(index.plan(table).read) else (None,)


def _compared(index: Index, record: SampleRecord, variant: str | None) -> Iterator[tuple[Row, list[Miss]]]:
    """Each published node of an index, over one variant of its table."""
    data = sample(index, variant)
    result = compute(index, data)
    unit = row_headings(index.file)["unit"]
    for node, published in record.published.items():
        if node not in result.nodes:
            continue  # of the index whose record this one is like
        printed = data if published.table is None else sample(published.table)
        known = [one for one in record.known if one.node == node and one.variant in (None, variant)]
        yield _of_node(result, node, published, known, printed.set_index(printed[unit].astype(str)), variant or "")


# --- one node
class _Compared(NamedTuple):
    """Published and computed figures of one sort, and how far they may be apart."""

    what: str
    published: pd.Series[float]
    computed: pd.Series[float]
    half: float = 0.0

    @property
    def away(self) -> pd.Series[float]:
        both_blank = self.published.isna() & self.computed.isna()
        return (self.computed - self.published).abs().fillna(float("inf")).mask(both_blank, 0.0)

    @property
    def missed(self) -> pd.Series[float]:
        away = self.away
        return away[away > self.half + TIE_TOLERANCE]


def _of_node(
    result: IndexResult, node: str, published: Published, known: list[Known], printed: pd.DataFrame, variant: str
) -> tuple[Row, list[Miss]]:
    found = {one.what: one for one in _figures(result, node, published, printed)}
    misses = [
        Miss(result.index.id, variant, node, *rest)
        for what in ("values", "ranks", "classes", "counts")
        for rest in _misses(what, found.get(what), [one for one in known if one.what == what])
    ]
    values, ranks = found.get("values"), found.get("ranks")
    sizes = [found[what] for what in ("classes", "counts") if what in found]
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


def _figures(result: IndexResult, node: str, published: Published, printed: pd.DataFrame) -> Iterator[_Compared]:
    """What was published of a node, beside what is computed."""
    scores, ranks, classes = (_by_unit(table, node) for table in (result.scores, result.ranks, result.classes))
    if published.column is not None and published.digits is not None:
        half = 10.0**-published.digits / 2
        yield _Compared("values", printed[published.column].reindex(scores.index).astype(float), scores, half)
    if published.rank is not None:
        yield _Compared("ranks", printed[published.rank].reindex(ranks.index).astype(float), ranks.astype(float))
    if published.classes:
        yield _sizes("classes", published.classes, {name: int((classes == name).sum()) for name in published.classes})
    if published.counts:
        near = {value: (scores - float(value)).abs() <= TIE_TOLERANCE for value in published.counts}
        yield _sizes("counts", published.counts, {value: int(found.sum()) for value, found in near.items()})


def _sizes(what: str, published: Mapping[str, int], computed: Mapping[str, int]) -> _Compared:
    return _Compared(what, pd.Series(published, dtype=float), pd.Series(computed, dtype=float))


def _by_unit(table: pd.DataFrame, node: str) -> pd.Series[Any]:
    if node not in table.columns:
        return pd.Series(dtype=float)
    return table[node].set_axis(table.index.get_level_values(0).astype(str))


def _number(one: _Compared | None) -> int:
    return 0 if one is None else len(one.published)


def _missed(one: _Compared | None) -> int:
    return 0 if one is None else len(one.missed)


# --- what is known
class _Told(NamedTuple):
    """One figure that the record says is not met."""

    within: float | None
    size: int | None
    reason: str
    source: Source


def _misses(what: str, figures: _Compared | None, known: list[Known]) -> Iterator[tuple[Any, ...]]:
    """Figures that are not met or are recorded not to be: what, of, published, computed, finding, reason, source."""
    told = {of: entry for one in known for of, entry in _entries(one)}
    missed = pd.Series(dtype=float) if figures is None else figures.missed
    for of in [*missed.index, *(name for name in told if name not in missed.index)]:
        entry = told.get(of)
        published, computed = (None, None) if figures is None else (figures.published.get(of), figures.computed.get(of))
        finding = _finding(missed.get(of), computed, entry)
        reason, source = ("", "") if entry is None or finding else (entry.reason, str(entry.source))
        yield what, of, published, computed, finding, reason, source


def _entries(one: Known) -> Iterator[tuple[str, _Told]]:
    within = None if one.within is None else one.within.value
    for unit in one.units:
        yield unit, _Told(within, None, one.reason, one.source)
    for name, size in one.sizes.items():
        yield name, _Told(None, size, one.reason, one.source)


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
