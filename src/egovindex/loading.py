"""Indices and weight sets by name or path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from egovindex.errors import Fault, SpecError
from egovindex.index import Index

if TYPE_CHECKING:
    import pandas as pd

    from egovindex.spec.model import WeightSet

__all__ = ["list_indices", "load_index", "load_weights"]


def load_index(index: str | Path | Index) -> Index:
    """Load an index.

    Parameters
    ----------
    index
        Name of a packaged index (see :func:`list_indices`), path of a YAML file, or an index, which is
        returned as it is.

    Returns
    -------
    Index

    Raises
    ------
    SpecError
        The file has faults: all are told, with file and line.

    Examples
    --------
    >>> import egovindex as ei
    >>> ei.load_index("un-egdi-2024").headline
    'EGDI'
    """
    if isinstance(index, Index):
        return index
    _refuse_no_name(index)
    from egovindex.spec.load import index_path, read_index

    file, document = read_index(index)
    return Index(file, document.origins, folder=index_path(index).resolve().parent)


def _refuse_no_name(index: Any) -> None:
    """A table, or whatever else, where an index is meant."""
    if not isinstance(index, (str, Path)):
        order = "; the index comes first, then the data" if hasattr(index, "columns") else ""
        message = f"an index is a name, the path of a file, or an Index; found {type(index).__name__}{order}"
        raise SpecError(Fault(message, check="not_an_index"))


def load_weights(weights: str | Path, *, index: str | Path | Index | None = None) -> WeightSet:
    """Load a weight set and check it against its index.

    Parameters
    ----------
    weights
        Name of a packaged set, or path of a YAML file.
    index
        The index it is for; needed to find a packaged set by name.

    Returns
    -------
    WeightSet

    Raises
    ------
    SpecError
        The file has faults, or does not fit the index.

    Examples
    --------
    >>> import egovindex as ei
    >>> ei.load_weights("services-first", index="un-egdi-2024").nodes["EGDI"]["OSI"].value
    0.5
    """
    from egovindex.spec.load import read_weights

    chosen, _ = read_weights(weights, None if index is None else load_index(index).file)
    return chosen


def list_indices() -> pd.DataFrame:
    """The packaged indices.

    Returns
    -------
    DataFrame
        Indexed by name; columns ``title, edition, indicators, nodes, weight_sets, sample``.

    Examples
    --------
    >>> import egovindex as ei
    >>> "un-egdi-2024" in ei.list_indices().index
    True
    """
    import pandas as pd

    from egovindex.spec.load import packaged_indices, packaged_weights
    from egovindex.spec.samples import packaged_samples

    sampled = packaged_samples()
    rows = []
    for name in packaged_indices():
        index = load_index(name)
        rows.append(
            {
                "index": name,
                "title": index.title,
                "edition": index.file.edition or "",
                "indicators": len(index.tree.leaves),
                "nodes": len(index.tree.branches),
                "weight_sets": len(packaged_weights(name)),
                "sample": name in sampled,
            }
        )
    return pd.DataFrame(rows).set_index("index")
