"""What the Tab key offers: names of indices, weight sets, rules, points, doubts, nodes and units, where they are quick.

A name is offered only where a shell takes it as it stands: one with a blank or a quote would have to be
quoted, and one with a dollar sign would be run. Whatever goes wrong offers nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

__all__ = [
    "doubts",
    "index_names",
    "instruments",
    "languages",
    "lines_of_points",
    "nodes",
    "rules",
    "units",
    "weight_sets",
]

_NEEDS_NO_QUOTES = re.compile(r"\w[\w.,+@-]*=?")
_MOST_BYTES = 2_000_000  # of a table that is read for its units


def _offering(names: Callable[[Any], Iterable[str]]) -> Callable[[Any, list[str], str], list[str]]:
    """Names that begin with what is written so far."""

    @wraps(names)
    def offered(ctx: Any, args: list[str], incomplete: str) -> list[str]:  # noqa: ARG001 - typer's signature
        try:
            found = [name for name in map(str, names(_before(ctx))) if name.startswith(incomplete)]
        except Exception:  # noqa: BLE001 - the Tab key must never print a traceback
            return []
        return sorted({name for name in found if _NEEDS_NO_QUOTES.fullmatch(name)})

    del offered.__wrapped__  # typer looks at the signature
    return offered


def _before(ctx: Any) -> dict[str, Any]:
    """What stands before; behind an option without its value, click has not told the arguments apart yet."""
    given: dict[str, Any] = dict(ctx.params)
    left: list[str] = list(ctx.args)
    if given.get("index") is None and left:
        given |= {"index": left[0], "words": left[1:]}
    return given


@_offering
def index_names(_given: Any) -> Iterable[str]:
    """Names of the packaged indices."""
    from egovindex.spec.load import packaged_indices

    return packaged_indices()


@_offering
def instruments(_given: Any) -> Iterable[str]:
    """Names of the packaged instruments."""
    from egovindex.spec.instruments import packaged_instruments

    return packaged_instruments()


@_offering
def weight_sets(given: Any) -> Iterable[str]:
    """Packaged weight sets of the index that stands before."""
    from egovindex.spec.load import packaged_weights

    return packaged_weights(given["index"])


@_offering
def languages(given: Any) -> Iterable[str]:
    """Languages that the index that stands before has labels in."""
    from egovindex.spec.labels import label_languages

    index = _index(given)
    return label_languages(index.id, index.folder)


@_offering
def rules(given: Any) -> Iterable[str]:
    """Rules of the index that stands before."""
    return _index(given).file.rules


@_offering
def lines_of_points(given: Any) -> Iterable[str]:
    """Lines of points of the index that stands before, ready for a number."""
    from egovindex.spec.addresses import lines_of

    return [f"{line.short}=" for line in lines_of(_index(given).file)]


@_offering
def doubts(given: Any) -> Iterable[str]:
    """What may be doubted in the index that stands before, ready for a law."""
    from egovindex.spec.addresses import lines_of

    index = _index(given)
    branches = [node for node, branch in index.tree.branches.items() if len(branch.children) > 1]
    found = ["weights", "normalise", "include", *(["rules"] if index.file.rules else [])]
    found += [f"{kind}.{node}" for kind in ("weights", "aggregate") for node in branches]
    found += [line.text if line.address[0] == "nothing" else f"points.{line.short}" for line in lines_of(index.file)]
    return [f"{what}=" for what in found]


@_offering
def nodes(given: Any) -> Iterable[str]:
    """Nodes of the index that stands before."""
    return _index(given).tree.branches


@_offering
def units(given: Any) -> Iterable[str]:
    """Units of the table that stands before: the packaged sample, or a CSV file that is not large."""
    from egovindex.spec.samples import table_path
    from egovindex.tables import row_headings

    index = _index(given)
    words = given.get("words") or []
    path = table_path(index.id) if given.get("sample") else Path(words[0])
    if path.suffix != ".csv" or path.stat().st_size > _MOST_BYTES:
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        heading = row_headings(index.file)["unit"]
        return [row[heading] for row in csv.DictReader(file)]


def _index(given: Any) -> Any:
    from egovindex.loading import load_index

    return load_index(given["index"])
