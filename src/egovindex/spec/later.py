"""Constructs of the language that are read and checked, and computed by a later release.

None is ignored: an index that uses one is refused by name where it would be computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from egovindex.errors import Fault
from egovindex.spec import values

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile
    from egovindex.spec.tree import Branch, Leaf, Tree

__all__ = ["not_yet_computed"]


def _fault(construct: str, where: str) -> Fault:
    return Fault(
        f"{where}: {construct} is read and checked, but this release does not compute it yet",
        path=where,
        check="not_yet_computed",
    )


def not_yet_computed(file: IndexFile, tree: Tree) -> Iterator[Fault]:
    """A fault for every construct of the index that this release does not compute."""
    if file.instrument:
        yield _fault("instrument", "instrument")
    if file.best is not None:
        yield _fault("best", "best")
    further = [key for key in file.rows or () if key not in ("unit", "period")]
    if further:
        yield _fault(f"a row key besides unit and period ({', '.join(further)})", "rows")
    for name, heading in file.columns.items():
        if "*" in heading:
            yield _fault(f'an attribute of answers ("{heading}")', f"columns.{name}")
    for branch in tree.branches.values():
        if branch.record.over or file.defaults.nodes.over:
            yield _fault("over", f"nodes.{branch.id}.over")
    for place, outcome in _outcomes(tree):
        if isinstance(outcome, values.Word) and outcome.word not in ("skip", "void"):
            yield _fault(f'the outcome "{outcome}"', place)


def _outcomes(tree: Tree) -> Iterator[tuple[str, values.Outcome]]:
    seen = set()
    records: list[Leaf | Branch] = [*tree.leaves.values(), *tree.branches.values()]
    for record in records:
        for line in record.lines:
            if line.address not in seen:
                seen.add(line.address)
                yield ".".join(str(part) for part in line.address), line.outcome
    for kind, outcome in tree.nothing.items():
        yield f"nothing.{kind}", outcome
