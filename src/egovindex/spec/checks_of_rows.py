"""Faults of rows: repeated records, answers and numbers that are taken from others."""

from __future__ import annotations

from collections.abc import Iterator

from egovindex.errors import Fault, did_you_mean
from egovindex.spec import levels, tree, values
from egovindex.spec.levels import KEYS
from egovindex.spec.model import IndexFile
from egovindex.spec.places import IndexCheck, Place, records, written_at

__all__ = ["CHECKS", "on_different_rows"]


def best_over_no_key(file: IndexFile, place: Place) -> Iterator[Fault]:
    keys = file.rows or KEYS
    for key in file.best.over if file.best is not None else ():
        if key not in keys or key == "unit":
            hint = did_you_mean(key, keys, otherwise=".")
            message = f'best: over names "{key}", which is no key inside a unit{hint} rows are {", ".join(keys)}'
            yield place("best_over_no_key", ("best", "over"), message)


def last_without_periods(file: IndexFile, place: Place) -> Iterator[Fault]:
    if "period" in (file.rows or KEYS):
        return
    for path, where, outcome in _outcomes(file):
        if outcome.word == "last":
            message = f'{where}: "last" takes the answer of an earlier period, and rows has no period'
            yield place("last_without_periods", path, message)


def carried_to_a_node(file: IndexFile, place: Place) -> Iterator[Fault]:
    told = set()
    for name, node in file.nodes.items():
        path, where = written_at("nodes", name, node, "points")
        for part in tree.effective(node, file.defaults.nodes).get("points") or ():
            for line, outcome in (file.points.get(part, {}) if isinstance(part, str) else part).items():
                if isinstance(outcome, values.Word) and outcome.word in values.CARRIED and (path, line) not in told:
                    told.add((path, line))
                    message = (
                        f'{where}: "{outcome}" takes an answer of another row, and a node has no answer; write it on '
                        "the indicators, or mean, median or a number here"
                    )
                    yield place("carried_to_a_node", path, message)


def _outcomes(file: IndexFile) -> Iterator[tuple[tuple[str, ...], str, values.Word]]:
    """Outcomes that are words, with their place: of maps, of indicators, of the policy for nothing."""
    for name, lines in file.points.items():
        for line, outcome in lines.items():
            if isinstance(outcome, values.Word):
                yield ("points", name, str(line)), f'points "{name}"', outcome
    for kind, name, record, _ in records(file):
        for part in record.points or ():
            for line, outcome in () if isinstance(part, str) else part.items():
                if isinstance(outcome, values.Word):
                    yield (kind, name, "points", str(line)), name, outcome
    for kind, outcome in (file.nothing or {}).items():
        if isinstance(outcome, values.Word):
            yield ("nothing", kind), "nothing", outcome


def on_different_rows(file: IndexFile, place: Place) -> Iterator[Fault]:
    """Nodes whose children live on different rows; a file without other faults only."""
    resolved = tree.resolve(file)
    for node, fault in levels.on_different_rows(resolved.leaves, resolved.branches, resolved.rows):
        yield place(fault.check, ("nodes", node), fault.message)


CHECKS: tuple[IndexCheck, ...] = (best_over_no_key, last_without_periods, carried_to_a_node)
