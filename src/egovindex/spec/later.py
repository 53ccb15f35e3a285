"""Constructs of the language that are read and checked, and computed by a later release.

None is ignored: an index that uses one is refused by name where it would be computed. At present every construct of
an index file is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egovindex.errors import Fault
    from egovindex.spec.model import IndexFile
    from egovindex.spec.tree import Tree

__all__ = ["not_yet_computed"]


def not_yet_computed(file: IndexFile, tree: Tree) -> Iterator[Fault]:  # noqa: ARG001 - what a later construct is told by
    """A fault for every construct of the index that this release does not compute."""
    yield from ()
