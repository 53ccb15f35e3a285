"""Which columns of the data an index reads, and under which names it knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from egovindex.spec import language, values
from egovindex.spec.tree import names_read

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile
    from egovindex.spec.tree import Branch, Leaf, Tree

__all__ = ["attribute_headings", "attribute_names", "attributes_read", "headings_of", "headings_read", "names_beside"]


def headings_of(leaf: Leaf, file: IndexFile) -> list[str]:
    """Headings an indicator takes its value from, each once."""
    names: list[str] = []
    for column in leaf.columns:
        names += [column.text] if column.formula is None else language.names_in(column.formula)
    return list(dict.fromkeys(file.columns.get(name, name) for name in names))


def names_beside(file: IndexFile, tree: Tree) -> set[str]:
    """Names that points, tests on rows and the reference population read besides a record's own answer or score."""
    records: tuple[Leaf | Branch, ...] = (*tree.leaves.values(), *tree.branches.values())
    found = {name for record in records for line in record.lines for name in names_read(line.test, line.outcome)}
    tests = [branch.where for branch in tree.branches.values()]
    tests += [part.where for part in (file.reference, file.best) if part is not None]
    found |= {name for test in tests if test is not None for name in names_read(test, values.Word("skip"))}
    outcomes = [line.outcome for record in records for line in record.lines] + [*tree.nothing.values()]
    words = [outcome for outcome in outcomes if isinstance(outcome, values.Word)]
    found |= {word.by for word in words if word.by is not None}
    if any(word.word == "parent" for word in words):
        found.add("parent")
    return found - {"value", "answer", *tree.branches} - attribute_names(file, tree)


def attribute_names(file: IndexFile, tree: Tree) -> set[str]:
    """Names that mean something said of each answer."""
    stars = {name for name, heading in file.columns.items() if "*" in heading}
    return stars | {name for leaf in tree.leaves.values() for name in leaf.attributes}


def attribute_headings(leaf: Leaf, name: str, file: IndexFile) -> list[str]:
    """Headings under which an attribute of an indicator's answer stands, column by column."""
    if name in leaf.attributes:
        return [leaf.attributes[name]]
    star = file.columns[name]
    return [star.replace("*", file.columns.get(column.text, column.text)) for column in leaf.columns]


def attributes_read(leaf: Leaf, file: IndexFile) -> list[str]:
    """Headings of the attributes that an indicator's lines ask for."""
    known = {*leaf.attributes, *(name for name, heading in file.columns.items() if "*" in heading)}
    asked = {name for line in leaf.lines for name in names_read(line.test, line.outcome)} & known
    return [heading for name in sorted(asked) for heading in attribute_headings(leaf, name, file)]


def headings_read(file: IndexFile, tree: Tree) -> set[str]:
    """Headings an index reads: of its indicators, also inside formulas, and of sentences."""
    found = {heading for leaf in tree.leaves.values() for heading in headings_of(leaf, file)}
    found |= {heading for leaf in tree.leaves.values() for heading in attributes_read(leaf, file)}
    return found | {file.columns.get(name, name) for name in names_beside(file, tree)}
