"""What a file may not say, one small function per fault.

Each check takes the file as read and yields every offender with its place and the way out. They stand by
subject in the modules ``checks_of_...``, and run in the order of their lists.
"""

from __future__ import annotations

from pydantic import BaseModel

from egovindex.errors import Fault, did_you_mean, listed
from egovindex.spec import (
    checks_of_bands,
    checks_of_classes,
    checks_of_edges,
    checks_of_items,
    checks_of_keys,
    checks_of_points,
    checks_of_rows,
    checks_of_rules,
    tree,
)
from egovindex.spec.checks_of_edges import weights_that_cannot_be
from egovindex.spec.checks_of_keys import empty_keys
from egovindex.spec.checks_of_rows import on_different_rows
from egovindex.spec.checks_of_rules import rules_disagree
from egovindex.spec.model import IndexFile, InstrumentFile, WeightSet
from egovindex.spec.places import IndexCheck, Place, no_effect
from egovindex.spec.strictyaml import Document

__all__ = ["check_index", "check_instrument", "check_keys", "check_weights"]

_CHECKS: tuple[IndexCheck, ...] = (
    *checks_of_edges.CHECKS,
    *checks_of_points.CHECKS,
    *checks_of_bands.CHECKS,
    *checks_of_rules.CHECKS,
    *checks_of_rows.CHECKS,
    *checks_of_classes.CHECKS,
    *checks_of_keys.CHECKS,
    *checks_of_items.CHECKS,
)


def check_index(file: IndexFile, document: Document) -> list[Fault]:
    """Every fault of an index file that one record alone cannot show."""
    place = Place(document)
    faults = [fault for check in _CHECKS for fault in check(file, place)]
    if not faults:
        faults += list(rules_disagree(file, place))
    if not faults:
        faults += list(on_different_rows(file, place))
    return faults


def check_keys(file: BaseModel, document: Document) -> list[Fault]:
    """Every ``~`` of a file that is like no other and has no defaults: a weight set, an instrument."""
    place = Place(document)
    return [
        place("tilde_without_effect", path, no_effect(".".join(path), "nothing is inherited here"))
        for path, _ in empty_keys(file)
    ]


def check_instrument(file: InstrumentFile, document: Document) -> list[Fault]:
    """Every fault of an instrument's file that one item alone cannot show."""
    return [*check_keys(file, document), *checks_of_items.faults_of_items(file, (), Place(document))]


def check_weights(weights: WeightSet, file: IndexFile, document: Document) -> list[Fault]:
    """Every way in which a weight set does not fit its index."""
    place = Place(document)
    faults: list[Fault] = []
    edges = tree.edges_of(file)
    if weights.index != file.index:
        message = f'weight set "{weights.weights}" is for {weights.index}, not for {file.index}'
        return [place("weights_of_another_index", ("index",), message)]
    for node, children in weights.nodes.items():
        if node not in edges:
            what = "an indicator" if node in file.indicators else "not a node"
            hint = did_you_mean(node, edges)
            faults.append(place("weights_of_no_node", ("nodes", node), f'"{node}" is {what} of {file.index}{hint}'))
            continue
        if isinstance(children, str):
            continue
        missing = [child for child in edges[node] if child not in children]
        extra = [child for child in children if child not in edges[node]]
        if missing or extra:
            parts = [f"missing: {listed(missing)}"] if missing else []
            hints = [did_you_mean(child, missing).removeprefix("; ") for child in extra]
            found = [f"{child} ({hint})" if hint else child for child, hint in zip(extra, hints, strict=True)]
            parts += [f"not a child: {listed(found)}"] if found else []
            message = f"weights of {node} must name each child once; {'; '.join(parts)}"
            faults.append(place("weights_do_not_fit", ("nodes", node), message))
        aggregate = tree.effective(file.nodes[node], file.defaults.nodes).get("aggregate") or "mean"
        given = {child: q.value for child, q in children.items()}
        faults += weights_that_cannot_be(node, aggregate, given, place, ("nodes", node))
    return faults
