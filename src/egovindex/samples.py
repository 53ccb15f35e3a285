"""Packaged example tables: real data with their source named."""

from __future__ import annotations

import pandas as pd

from egovindex.compute import read_table
from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.index import Index
from egovindex.loading import load_index

__all__ = ["VARIANTS", "sample"]

VARIANTS = ("corrected", "as-copied")


def sample(index: str | Index, variant: str | None = None) -> pd.DataFrame:
    """The packaged example table of an index.

    Parameters
    ----------
    index
        Name of a packaged index, or the index. Indices that are scored from one table share it.
    variant
        Where a table has known errors: ``"corrected"`` (the default) replaces them and names the
        columns concerned in a column ``corrected``; ``"as-copied"`` is the table as it was found.

    Returns
    -------
    DataFrame
        One row per unit; ``attrs`` hold the source, and the corrections where there are any.

    Raises
    ------
    DataError
        There is no such sample or variant.

    Examples
    --------
    >>> import egovindex as ei
    >>> table = ei.sample("un-egdi-2024")
    >>> int((table["corrected"] != "").sum())
    13
    """
    name = index.id if isinstance(index, Index) else str(index)
    from egovindex.spec.samples import CORRECTIONS, packaged_samples, table_path

    known = packaged_samples()
    if name not in known:
        message = f'there is no sample "{name}"{did_you_mean(name, known, otherwise=".")} Samples: {listed(known)}'
        raise DataError(Fault(message, check="unknown_sample"))
    path = table_path(name)
    table = read_table(path)
    corrections = path.with_name(f"{path.name.split('.csv')[0]}{CORRECTIONS}.csv")
    allowed = VARIANTS if corrections.is_file() else ()
    if variant is not None and variant not in allowed:
        message = f'the sample "{name}" has no variant "{variant}". Variants: {listed(allowed) or "none"}'
        raise DataError(Fault(message, check="unknown_variant"))
    source = load_index(name).file.source
    table.attrs["source"] = str(source) if source else ""
    if not corrections.is_file() or variant == "as-copied":
        return table
    return _corrected(table, read_table(corrections, text=("unit",)))


def _corrected(table: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """The table with its corrections, each marked in its row."""
    unit = table.columns[0]
    marks = dict.fromkeys(table[unit], "")
    table = table.copy()
    for row in corrections.to_dict("records"):
        where = table[unit] == row["unit"]
        found = table.loc[where, row["column"]]
        if len(found) != 1 or abs(float(found.iloc[0]) - float(row["table_value"])) > 1e-9:
            raise DataError(
                Fault(f"the correction of {row['unit']} {row['column']} does not fit the table", check="correction")
            )
        table.loc[where, row["column"]] = float(row["value"])
        marks[row["unit"]] = ", ".join(filter(None, [marks[row["unit"]], row["column"]]))
    table["corrected"] = table[unit].map(marks)
    table.attrs["corrections"] = corrections.to_dict("records")
    return table
