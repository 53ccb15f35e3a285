"""Where a fault stands in a file, and what its checks go through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from egovindex.errors import Fault, SpecError
from egovindex.spec import tree
from egovindex.spec.model import IndexFile, Record
from egovindex.spec.strictyaml import Document

__all__ = ["IndexCheck", "Place", "lines_in_force", "no_effect", "records", "written_at"]


class Place:
    """Makes faults that stand at a path of the file."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.told: dict[tuple[str, int, str], Fault] = {}

    def __call__(self, check: str, path: tuple[str | int, ...], message: str) -> Fault:
        """The fault that a check found at a path."""
        origin = self.document.origin(path)
        fault = Fault(message, origin.file, origin.line, ".".join(str(p) for p in path), check)
        # records out of one range share what is written, and are told once
        name = str(path[1]) if len(path) > 1 else ""
        return self.told.setdefault((check, id(origin), message.replace(name, "", 1)), fault)


IndexCheck = Callable[[IndexFile, Place], Iterator[Fault]]


def records(file: IndexFile) -> Iterator[tuple[str, str, Record, dict[str, Any]]]:
    """Every record: kind, name, as written, and with its defaults taken in."""
    for name, indicator in file.indicators.items():
        yield "indicators", name, indicator, tree.effective(indicator, file.defaults.indicators)
    for name, node in file.nodes.items():
        yield "nodes", name, node, tree.effective(node, file.defaults.nodes)


def written_at(kind: str, name: str, record: Record, key: str) -> tuple[tuple[str, ...], str]:
    """Where a key of a record is written, on the record or as a default, and how that place is called."""
    if key in record.model_fields_set:
        return (kind, name, key), name
    return ("defaults", kind, key), f"defaults.{kind}"


def lines_in_force(file: IndexFile) -> Mapping[str, Mapping[Any, Any]]:
    """Named maps of points with the rules in force laid over; as they are written where those have faults."""
    try:
        return tree.apply_rules(file)[0]
    except (KeyError, SpecError):  # told by the checks of rules
        return file.points


def no_effect(where: str, why: str) -> str:
    """What is said of a ``~`` that removes nothing."""
    return f"{where}: ~ removes an inherited entry, and {why}; leave the line out"
