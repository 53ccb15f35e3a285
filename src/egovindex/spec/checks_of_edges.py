"""Faults of the tree: records, children, parents, weights, formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from egovindex.errors import Fault, did_you_mean, listed
from egovindex.spec import language, tree
from egovindex.spec.model import IndexFile
from egovindex.spec.places import IndexCheck, Place, lines_in_force, records, written_at

__all__ = ["CHECKS", "weights_that_cannot_be"]


def no_records(file: IndexFile, place: Place) -> Iterator[Fault]:
    for key, what in (("indicators", "indicator"), ("nodes", "node")):
        if not getattr(file, key):
            yield place("no_records", (key,), f"{key} is empty; an index has at least one {what}")


def id_twice(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name in file.nodes:
        if name in file.indicators:
            yield place(
                "id_twice", ("nodes", name), f'"{name}" is an indicator and a node; names are shared, rename one'
            )


def unknown_child(file: IndexFile, place: Place) -> Iterator[Fault]:
    known = [*file.indicators, *file.nodes]
    for name, node in file.nodes.items():
        for child in tree.effective(node, file.defaults.nodes).get("of") or ():
            if child in file.indicators or child in file.nodes:
                continue
            first, dash, second = child.partition("-")
            if dash and first in known and second in known:
                hint = f"; a range is written {first}..{second}"
            else:
                hint = did_you_mean(child, known)
            message = f'{name} has a child "{child}" that is neither an indicator nor a node{hint}'
            yield place("unknown_child", ("nodes", name, "of", child), message)


def unknown_parent(file: IndexFile, place: Place) -> Iterator[Fault]:
    for kind, name, _, keys in records(file):
        parent = keys.get("in_")
        if parent is not None and parent not in file.nodes:
            what = "is an indicator, not a node" if parent in file.indicators else "is not a node"
            hint = did_you_mean(parent, file.nodes)
            yield place("unknown_parent", (kind, name, "in"), f'{name} stands in "{parent}", which {what}{hint}')


def weight_without_parent(file: IndexFile, place: Place) -> Iterator[Fault]:
    for kind, name, record, keys in records(file):
        if "weight" in record.model_fields_set and keys.get("in_") is None:
            yield place(
                "weight_without_parent",
                (kind, name, "weight"),
                f"{name} has a weight but no parent: write in: NODE beside it, or the weight in the node's of",
            )


def default_weight_without_parent(file: IndexFile, place: Place) -> Iterator[Fault]:
    for kind, default in (("indicators", file.defaults.indicators), ("nodes", file.defaults.nodes)):
        takers = [keys for k, _, record, keys in records(file) if k == kind and "weight" not in record.model_fields_set]
        if default.weight is not None and all(keys.get("in_") is None for keys in takers):
            message = f"defaults.{kind}: weight acts beside in: NODE only, and none of the {kind} that take it has one"
            yield place("default_weight_without_parent", ("defaults", kind, "weight"), message)


def both_of_and_in(file: IndexFile, place: Place) -> Iterator[Fault]:
    said = {keys.get("in_") for _, _, _, keys in records(file)}
    for name, node in file.nodes.items():
        if name in said and tree.effective(node, file.defaults.nodes).get("of"):
            rows = [r for _, r, _, keys in records(file) if keys.get("in_") == name]
            yield place(
                "both_of_and_in",
                ("nodes", name, "of"),
                f"{name} names its children with of, and {listed(rows)} say in: {name}; use one way for one node",
            )


def of_and_formula(file: IndexFile, place: Place) -> Iterator[Fault]:
    edges = tree.edges_of(file)
    for name, node in file.nodes.items():
        if tree.effective(node, file.defaults.nodes).get("from_") is not None and edges[name]:
            yield place(
                "of_and_formula", ("nodes", name, "from"), f"{name} has both a formula and children; keep one of them"
            )


def formula_with_aggregate(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name, node in file.nodes.items():
        if tree.effective(node, file.defaults.nodes).get("from_") is not None and node.aggregate is not None:
            message = f"{name} is a formula and has nothing to aggregate; remove aggregate, or name children with of"
            yield place("formula_with_aggregate", ("nodes", name, "aggregate"), message)


def formula_without_a_name(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name, node in file.nodes.items():
        formula = tree.effective(node, file.defaults.nodes).get("from_")
        if formula is not None and not language.names_in(formula) and file.indicators:
            message = f"{name}: {formula} is the same for every unit; a formula names at least one indicator or node"
            yield place("formula_without_a_name", ("nodes", name, "from"), message)


def node_without_children(file: IndexFile, place: Place) -> Iterator[Fault]:
    edges = tree.edges_of(file)
    for name, node in file.nodes.items():
        if not edges[name] and tree.effective(node, file.defaults.nodes).get("from_") is None:
            yield place(
                "node_without_children",
                ("nodes", name),
                f"{name} has no children: write of: [...], or in: {name} on its children",
            )


def unknown_name_in_formula(file: IndexFile, place: Place) -> Iterator[Fault]:
    known = [*file.indicators, *file.nodes]
    for name, node in file.nodes.items():
        formula = tree.effective(node, file.defaults.nodes).get("from_")
        for used in language.names_in(formula) if formula is not None else ():
            if used not in known:
                message = f'{name}: "{used}" is neither an indicator nor a node{language.hint_for_name(used, known)}'
                yield place("unknown_name_in_formula", ("nodes", name, "from"), message)


def _read_by_points(keys: Mapping[str, Any], maps: Mapping[str, Mapping[Any, Any]]) -> list[str]:
    """Names that a record's lines of points read."""
    read = [maps.get(part, {}) if isinstance(part, str) else part for part in keys.get("points") or ()]
    return [name for lines in read for line, outcome in lines.items() for name in tree.names_read(line, outcome)]


def cycle(file: IndexFile, place: Place) -> Iterator[Fault]:
    below: dict[str, list[str]] = {name: list(children) for name, children in tree.edges_of(file).items()}
    for name, node in file.nodes.items():
        keys = tree.effective(node, file.defaults.nodes)
        if (formula := keys.get("from_")) is not None:
            below[name] += language.names_in(formula)
        below[name] += _read_by_points(keys, file.points)
    for loop in _loops(below):
        yield place(
            "cycle", ("nodes", loop[0]), f"nodes are made of each other: {' -> '.join(loop)}; a tree has no loop"
        )


def circular_lines(file: IndexFile, place: Place) -> Iterator[Fault]:
    """Gates or caps of indicators that go round; an indicator that names itself is no circle."""
    maps = lines_in_force(file)
    reads: dict[str, list[str]] = {}
    for name, indicator in file.indicators.items():
        read = _read_by_points(tree.effective(indicator, file.defaults.indicators), maps)
        reads[name] = [other for other in dict.fromkeys(read) if other != name]
    for loop in _loops(reads):
        path, _ = written_at("indicators", loop[0], file.indicators[loop[0]], "points")
        message = (
            f"points of indicators read each other: {' -> '.join(loop)}; a gate or a cap goes one way. Remove one of "
            "these lines, or give the column a name of its own under columns and ask that"
        )
        yield place("circular_lines", path, message)


def _loops(below: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Loops among records, each from a record back to itself."""
    state: dict[str, int] = {}
    for start, first in below.items():
        trail: list[tuple[str, Iterator[str]]] = []
        if start not in state:
            state[start] = 1
            trail.append((start, iter(first)))
        while trail:
            name, children = trail[-1]
            child = next((c for c in children if c in below), None)
            if child is None:
                state[name] = 2
                trail.pop()
            elif state.get(child) == 1:
                names = [n for n, _ in trail]
                yield [*names[names.index(child) :], child]
            elif child not in state:
                state[child] = 1
                trail.append((child, iter(below[child])))


def bad_weights(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name, children in tree.edges_of(file).items():
        aggregate = tree.effective(file.nodes[name], file.defaults.nodes).get("aggregate") or "mean"
        yield from weights_that_cannot_be(
            name, aggregate, {c: q.value for c, q in children.items()}, place, ("nodes", name, "of")
        )


def weights_that_cannot_be(
    name: str, aggregate: str, weights: dict[str, float], place: Place, path: tuple[str | int, ...]
) -> Iterator[Fault]:
    """Weights of a node that its aggregate cannot take."""
    negative = [child for child, weight in weights.items() if weight < 0]
    if negative and aggregate != "sum":
        yield place(
            "negative_weight",
            (*path, negative[0]),
            f"{name}: negative weight of {listed(negative)}; only aggregate: sum takes negative weights "
            "(for an indicator where less is better write direction: down)",
        )
    elif weights and aggregate in ("mean", "pool", "geometric", "harmonic", "ladder") and sum(weights.values()) == 0:
        yield place("zero_weights", path, f"{name}: the weights of its children add up to zero")


def need_too_many(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name, edges in tree.edges_of(file).items():
        keys = tree.effective(file.nodes[name], file.defaults.nodes)
        need, formula = keys.get("need"), keys.get("from_")
        children = edges or (language.names_in(formula) if formula is not None else ())
        if keys.get("over"):  # counts records, of which only the data know how many there are
            continue
        if need is not None and need.count is not None and children and need.count > len(children):
            yield place(
                "need_too_many",
                ("nodes", name, "need"),
                f"{name} needs {need.count} answered children and has only {len(children)}",
            )


def over_misused(file: IndexFile, place: Place) -> Iterator[Fault]:
    edges = tree.edges_of(file)
    for name, node in file.nodes.items():
        keys = tree.effective(node, file.defaults.nodes)
        if keys.get("over") and len(edges[name]) > 1:
            yield place(
                "over_misused", ("nodes", name, "over"), f"{name}: over aggregates one child, not {len(edges[name])}"
            )
        if keys.get("over") and keys.get("aggregate") not in (None, "mean", "sum", "min", "max"):
            yield place(
                "over_misused", ("nodes", name, "aggregate"), f"{name}: with over, aggregate is mean, sum, min or max"
            )
        if keys.get("where") is not None and not keys.get("over"):
            yield place("over_misused", ("nodes", name, "where"), f"{name}: where stands only beside over")


CHECKS: tuple[IndexCheck, ...] = (
    no_records,
    id_twice,
    unknown_child,
    unknown_parent,
    weight_without_parent,
    default_weight_without_parent,
    both_of_and_in,
    of_and_formula,
    formula_with_aggregate,
    formula_without_a_name,
    node_without_children,
    unknown_name_in_formula,
    cycle,
    circular_lines,
    bad_weights,
    need_too_many,
    over_misused,
)
