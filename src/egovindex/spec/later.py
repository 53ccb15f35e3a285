"""Constructs of the language that are read and checked, and computed by a later release.

None is ignored: an index that uses one is refused by name where it would be computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from egovindex.errors import Fault

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile
    from egovindex.spec.tree import Tree

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
