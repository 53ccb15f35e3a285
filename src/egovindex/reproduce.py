"""Every packaged index computed again and held against what was published.

What was published, and which of it is known not to be met and why, is data: ``indicators/samples/<index>.yaml``
(:mod:`egovindex.spec.samples`). Nothing is tolerated here. A value is met where it lies within half of
the last printed digit; whatever is not met must be named in the record, and what the record names must still be so.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import pandas as pd

from egovindex.compute import compute
from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.index import Index
from egovindex.loading import load_index
from egovindex.published import Miss, Row, compared, unrounded
from egovindex.samples import VARIANTS, sample
from egovindex.shown import Shown

if TYPE_CHECKING:
    from egovindex.spec.samples import SampleRecord

__all__ = ["Reproduction", "reproduce"]

_MOST_SHOWN = 10


@dataclass(frozen=True, eq=False, repr=False)
class Reproduction(Shown):
    """What :func:`reproduce` found.

    Parameters
    ----------
    table
        One row per index, variant and node (or indicator whose answers were counted): ``index, variant, node,
        digits``; ``cells, equal`` count the values that were compared and those that are equal at the printed
        digits, ``largest`` is the largest residual and ``where`` its unit; ``ranks, ranks_equal`` count published
        ranks, and ``sizes, sizes_equal`` published sizes: of classes, of equal values, of equal answers;
        ``as_recorded`` says whether the misses are those of the record. ``variant`` is blank where an index reads
        no corrected column.
    misses
        Every published figure that is not met: ``index, variant, node, what, of, published, computed, finding,
        reason, source``. ``of`` is a unit (with its period where there are several), a class, a value or a
        category. ``finding`` is blank where the record names the miss, else it says what is new.
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
    on_ties = [one.node for one in record.known if one.ties is not None and one.node in result.nodes]
    exact = compute(unrounded(index, on_ties), data) if on_ties else None
    for node, published in record.published.items():
        if node not in result.nodes and node not in index.tree.leaves:
            continue  # of the index whose record this one is like
        printed = data if published.table is None else sample(published.table)
        known = [one for one in record.known if one.node == node and one.variant in (None, variant)]
        yield compared(result, node, published, known, printed, variant or "", exact)
