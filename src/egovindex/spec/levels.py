"""On which rows of the data each record lives: the row keys that identify its values.

Indicators live on the rows of the data. A node lives where its children do, without the keys it
aggregates ``over`` (spec language, sections 3.1 and 3.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from egovindex.errors import Fault

if TYPE_CHECKING:
    from egovindex.spec.tree import Branch, Leaf

__all__ = ["KEYS", "Level", "levels_of", "on_different_rows"]

# what identifies a row where the file does not say; the period where the data has one
KEYS = ("unit", "period")

Level = tuple[str, ...]


def levels_of(leaves: Mapping[str, Leaf], branches: Mapping[str, Branch], rows: Level) -> dict[str, Level]:
    """Row keys of every record, indicators first, nodes in order of dependency.

    Examples
    --------
    >>> from egovindex.spec.model import IndexFile
    >>> from egovindex.spec.tree import resolve
    >>> tree = resolve(
    ...     IndexFile(
    ...         index="demo",
    ...         rows=["unit", "service"],
    ...         indicators={"online": {}},
    ...         nodes={"top": {"of": {"online": 1}, "over": "service"}},
    ...     )
    ... )
    >>> tree.levels
    {'online': ('unit', 'service'), 'top': ('unit',)}
    """
    found: dict[str, Level] = dict.fromkeys(leaves, rows)
    for branch in branches.values():
        below = next((found[name] for name in branch.inputs if name in found), rows)
        found[branch.id] = tuple(key for key in below if key not in branch.over)
    return found


def on_different_rows(
    leaves: Mapping[str, Leaf], branches: Mapping[str, Branch], rows: Level
) -> Iterator[tuple[str, Fault]]:
    """Nodes whose children, or the records their points read, live on other rows than they do, with the fault."""
    levels = levels_of(leaves, branches, rows)
    for branch in branches.values():
        unknown = [key for key in branch.over if key not in levels[branch.inputs[0]]] if branch.inputs else []
        if unknown:
            child = branch.inputs[0]
            message = (
                f"{branch.id} aggregates over {', '.join(unknown)}, and {child} lives on {_shown(levels[child])}; name "
                "the keys of its rows in rows, and each in one over"
            )
            yield branch.id, Fault(message, check="over_no_key")
            continue
        if "unit" in branch.over:
            message = f"{branch.id} aggregates over unit; units are what is scored, and are never taken together"
            yield branch.id, Fault(message, check="over_units")
        here = levels[branch.inputs[0]] if branch.inputs else rows
        others = [name for name in branch.inputs if levels[name] != here]
        if others:
            first, other = branch.inputs[0], others[0]
            finer = first if len(here) > len(levels[other]) else other
            further = [key for key in levels[finer] if key not in levels[other if finer == first else first]]
            message = (
                f"{branch.id}: {first} lives on {_shown(here)}, {other} on {_shown(levels[other])}. "
                f"Aggregate {finer} with over: {', '.join(further)} first"
            )
            yield branch.id, Fault(message, check="on_different_rows")
            continue
        for name in _scores_read(branch, levels, leaves):
            if levels[name] != levels[branch.id]:
                message = (
                    f"{branch.id} lives on {_shown(levels[branch.id])}, and its points read {name}, which lives on "
                    f"{_shown(levels[name])}"
                )
                yield branch.id, Fault(message, check="on_different_rows")


def _scores_read(branch: Branch, levels: Mapping[str, Level], leaves: Mapping[str, Leaf]) -> Iterator[str]:
    """Records whose scores a node's own lines read; the answers of an indicator are a column."""
    for line in branch.lines:
        scores = {*line.numbers, *({test.name for test in line.categories} - set(leaves))}
        yield from sorted(name for name in scores if name in levels)


def _shown(level: Level) -> str:
    return f"({', '.join(level)})"
