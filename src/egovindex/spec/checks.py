"""What a file may not say, one small function per fault.

Each check takes the file as read and yields every offender with its place and the way out.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from egovindex.errors import Fault, SpecError, did_you_mean, listed
from egovindex.spec import language, tree, values
from egovindex.spec.model import IndexFile, Record, WeightSet
from egovindex.spec.strictyaml import Document
from egovindex.spec.words import KINDS, RESERVED

__all__ = ["check_index", "check_keys", "check_weights"]


# how alike a new kind of nothing and a known one may be; "not_relevant" and "not_applicable" are 0.69
_SAME_WORD = 0.85


class _Place:
    """Makes faults that stand at a path of the file."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.told: dict[tuple[str, int, str], Fault] = {}

    def __call__(self, check: str, path: tuple[str | int, ...], message: str) -> Fault:
        origin = self.document.origin(path)
        fault = Fault(message, origin.file, origin.line, ".".join(str(p) for p in path), check)
        # records out of one range share what is written, and are told once
        name = str(path[1]) if len(path) > 1 else ""
        return self.told.setdefault((check, id(origin), message.replace(name, "", 1)), fault)


IndexCheck = Callable[[IndexFile, _Place], Iterator[Fault]]


def check_index(file: IndexFile, document: Document) -> list[Fault]:
    """Every fault of an index file that one record alone cannot show."""
    place = _Place(document)
    faults = [fault for check in _CHECKS for fault in check(file, place)]
    if not faults:
        faults += list(rules_disagree(file, place))
    return faults


def check_keys(file: BaseModel, document: Document) -> list[Fault]:
    """Every ``~`` of a file that is like no other and has no defaults: a weight set, an instrument."""
    place = _Place(document)
    return [
        place("tilde_without_effect", path, _no_effect(".".join(path), "nothing is inherited here"))
        for path, _ in empty_keys(file)
    ]


def _records(file: IndexFile) -> Iterator[tuple[str, str, Record, dict[str, Any]]]:
    for name, indicator in file.indicators.items():
        yield "indicators", name, indicator, tree.effective(indicator, file.defaults.indicators)
    for name, node in file.nodes.items():
        yield "nodes", name, node, tree.effective(node, file.defaults.nodes)


def _written(kind: str, name: str, record: Record, key: str) -> tuple[tuple[str, ...], str]:
    """Where a key of a record is written, on the record or as a default, and how that place is called."""
    if key in record.model_fields_set:
        return (kind, name, key), name
    return ("defaults", kind, key), f"defaults.{kind}"


def no_records(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for key, what in (("indicators", "indicator"), ("nodes", "node")):
        if not getattr(file, key):
            yield place("no_records", (key,), f"{key} is empty; an index has at least one {what}")


def id_twice(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for name in file.nodes:
        if name in file.indicators:
            yield place(
                "id_twice", ("nodes", name), f'"{name}" is an indicator and a node; names are shared, rename one'
            )


def unknown_child(file: IndexFile, place: _Place) -> Iterator[Fault]:
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


def unknown_parent(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for kind, name, _, keys in _records(file):
        parent = keys.get("in_")
        if parent is not None and parent not in file.nodes:
            what = "is an indicator, not a node" if parent in file.indicators else "is not a node"
            hint = did_you_mean(parent, file.nodes)
            yield place("unknown_parent", (kind, name, "in"), f'{name} stands in "{parent}", which {what}{hint}')


def weight_without_parent(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for kind, name, record, keys in _records(file):
        if "weight" in record.model_fields_set and keys.get("in_") is None:
            yield place(
                "weight_without_parent",
                (kind, name, "weight"),
                f"{name} has a weight but no parent: write in: NODE beside it, or the weight in the node's of",
            )


def default_weight_without_parent(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for kind, default in (("indicators", file.defaults.indicators), ("nodes", file.defaults.nodes)):
        takers = [
            keys for k, _, record, keys in _records(file) if k == kind and "weight" not in record.model_fields_set
        ]
        if default.weight is not None and all(keys.get("in_") is None for keys in takers):
            message = f"defaults.{kind}: weight acts beside in: NODE only, and none of the {kind} that take it has one"
            yield place("default_weight_without_parent", ("defaults", kind, "weight"), message)


def both_of_and_in(file: IndexFile, place: _Place) -> Iterator[Fault]:
    said = {keys.get("in_") for _, _, _, keys in _records(file)}
    for name, node in file.nodes.items():
        if name in said and tree.effective(node, file.defaults.nodes).get("of"):
            rows = [r for _, r, _, keys in _records(file) if keys.get("in_") == name]
            yield place(
                "both_of_and_in",
                ("nodes", name, "of"),
                f"{name} names its children with of, and {listed(rows)} say in: {name}; use one way for one node",
            )


def of_and_formula(file: IndexFile, place: _Place) -> Iterator[Fault]:
    edges = tree.edges_of(file)
    for name, node in file.nodes.items():
        if tree.effective(node, file.defaults.nodes).get("from_") is not None and edges[name]:
            yield place(
                "of_and_formula", ("nodes", name, "from"), f"{name} has both a formula and children; keep one of them"
            )


def formula_with_aggregate(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for name, node in file.nodes.items():
        if tree.effective(node, file.defaults.nodes).get("from_") is not None and node.aggregate is not None:
            message = f"{name} is a formula and has nothing to aggregate; remove aggregate, or name children with of"
            yield place("formula_with_aggregate", ("nodes", name, "aggregate"), message)


def formula_without_a_name(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for name, node in file.nodes.items():
        formula = tree.effective(node, file.defaults.nodes).get("from_")
        if formula is not None and not language.names_in(formula) and file.indicators:
            message = f"{name}: {formula} is the same for every unit; a formula names at least one indicator or node"
            yield place("formula_without_a_name", ("nodes", name, "from"), message)


def node_without_children(file: IndexFile, place: _Place) -> Iterator[Fault]:
    edges = tree.edges_of(file)
    for name, node in file.nodes.items():
        if not edges[name] and tree.effective(node, file.defaults.nodes).get("from_") is None:
            yield place(
                "node_without_children",
                ("nodes", name),
                f"{name} has no children: write of: [...], or in: {name} on its children",
            )


def unknown_name_in_formula(file: IndexFile, place: _Place) -> Iterator[Fault]:
    known = [*file.indicators, *file.nodes]
    for name, node in file.nodes.items():
        formula = tree.effective(node, file.defaults.nodes).get("from_")
        for used in language.names_in(formula) if formula is not None else ():
            if used not in known:
                message = f'{name}: "{used}" is neither an indicator nor a node{language.hint_for_name(used, known)}'
                yield place("unknown_name_in_formula", ("nodes", name, "from"), message)


def _read_by_points(node: Record, file: IndexFile) -> list[str]:
    """Names that a node's lines of points read."""
    parts = tree.effective(node, file.defaults.nodes).get("points") or ()
    maps = [file.points.get(part, {}) if isinstance(part, str) else part for part in parts]
    return [name for lines in maps for line, outcome in lines.items() for name in tree.names_read(line, outcome)]


def cycle(file: IndexFile, place: _Place) -> Iterator[Fault]:
    below: dict[str, list[str]] = {name: list(children) for name, children in tree.edges_of(file).items()}
    for name, node in file.nodes.items():
        formula = tree.effective(node, file.defaults.nodes).get("from_")
        if formula is not None:
            below[name] += language.names_in(formula)
        below[name] += _read_by_points(node, file)
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
                loop = [*names[names.index(child) :], child]
                yield place(
                    "cycle", ("nodes", child), f"nodes are made of each other: {' -> '.join(loop)}; a tree has no loop"
                )
            elif child not in state:
                state[child] = 1
                trail.append((child, iter(below[child])))


def bad_weights(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for name, children in tree.edges_of(file).items():
        aggregate = tree.effective(file.nodes[name], file.defaults.nodes).get("aggregate") or "mean"
        yield from _bad_weights(
            name, aggregate, {c: q.value for c, q in children.items()}, place, ("nodes", name, "of")
        )


def _bad_weights(
    name: str, aggregate: str, weights: dict[str, float], place: _Place, path: tuple[str | int, ...]
) -> Iterator[Fault]:
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


def need_too_many(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for name, edges in tree.edges_of(file).items():
        keys = tree.effective(file.nodes[name], file.defaults.nodes)
        need, formula = keys.get("need"), keys.get("from_")
        children = edges or (language.names_in(formula) if formula is not None else ())
        if need is not None and need.count is not None and children and need.count > len(children):
            yield place(
                "need_too_many",
                ("nodes", name, "need"),
                f"{name} needs {need.count} answered children and has only {len(children)}",
            )


def direction_without_effect(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for kind, name, _, keys in _records(file):
        steps = keys.get("steps") or ()
        if keys.get("direction") != "down" or any(s.name in ("zscore", "minmax", "rank") for s in steps):
            continue
        goalposts = next((s for s in steps if s.name == "goalposts"), None)
        cap = next((s for s in steps if s.name == "cap"), None)
        if goalposts is not None:
            ends = [language.number_text(q.value) for q in reversed(goalposts.numbers)]
            example = f"goalposts {' '.join(ends)}"
        else:
            example = f"goalposts {language.number_text(cap.numbers[0].value) if cap else '120'} 0"
        yield place(
            "direction_without_effect",
            (kind, name, "direction"),
            f"{name}: direction down has no effect: none of its steps is zscore, minmax or rank. "
            f"For fixed limits write {example}",
        )


def unknown_points_map(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for kind, name, record, keys in _records(file):
        for part in keys.get("points") or ():
            if isinstance(part, str) and part not in file.points:
                path, where = _written(kind, name, record, "points")
                hint = did_you_mean(part, file.points, otherwise=".")
                message = f'{where}: there is no points map "{part}"{hint} Maps: {listed(file.points) or "none"}'
                yield place("unknown_points_map", path, message)


def unknown_scale(file: IndexFile, place: _Place) -> Iterator[Fault]:
    if file.instrument:
        return  # scales may come from there
    for kind, name, record, keys in _records(file):
        scale = keys.get("answers")
        if scale is not None and scale not in file.answers:
            path, where = _written(kind, name, record, "answers")
            hint = did_you_mean(scale, file.answers, otherwise=".")
            message = f'{where}: there is no scale "{scale}"{hint} Scales: {listed(file.answers) or "none"}'
            yield place("unknown_scale", path, message)


def spelling_twice(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for scale, categories in file.answers.items():
        owner: dict[str, str] = {}
        for category, spellings in categories.items():
            for spelling in dict.fromkeys(s.casefold() for s in (category, *spellings)):
                first = owner.setdefault(spelling, category)
                if first != category:
                    yield place(
                        "spelling_twice",
                        ("answers", scale, category),
                        f'scale "{scale}": "{spelling}" is a spelling of both {first} and {category}',
                    )


def scale_unclear(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for name, indicator in file.indicators.items():
        keys = tree.effective(indicator, file.defaults.indicators)
        if any(isinstance(p, str) and p not in file.points for p in keys.get("points") or ()):
            continue
        found = tree.scale_for(keys, file, file.points)
        if len(found) > 1:
            yield place(
                "scale_unclear",
                ("indicators", name),
                f"{name}: its points fit the scales {listed(found)} equally; write answers: NAME",
            )


def category_not_in_scale(file: IndexFile, place: _Place) -> Iterator[Fault]:
    if file.instrument:
        return
    kinds = {*KINDS, *(file.nothing or {}), *(k for r in file.rules.values() for k in r.nothing or ())}
    seen: set[tuple[str | int, ...]] = set()
    for name, indicator in file.indicators.items():
        keys = tree.effective(indicator, file.defaults.indicators)
        scales = tree.scale_for(keys, file, file.points)
        if len(scales) != 1 or scales[0] not in file.answers:
            continue
        allowed = {category.casefold() for category in file.answers[scales[0]]} | kinds
        for part in keys.get("points") or ():
            lines = file.points.get(part, {}) if isinstance(part, str) else part
            for line in lines:
                path: tuple[str | int, ...] = (
                    ("points", part, str(line)) if isinstance(part, str) else ("indicators", name, "points", str(line))
                )
                if not isinstance(line, language.Literal) or line.text.casefold() in allowed or path in seen:
                    continue
                seen.add(path)
                hint = did_you_mean(line.text, allowed, otherwise=".")
                yield place(
                    "category_not_in_scale",
                    path,
                    f'{".".join(str(p) for p in path[:-1])}: "{line.text}" is not a category of scale '
                    f'"{scales[0]}"{hint} Categories: {listed(file.answers[scales[0]])}',
                )


def line_after_else(file: IndexFile, place: _Place) -> Iterator[Fault]:
    kinds = {kind.casefold() for kind in (*KINDS, *(file.nothing or {}))}

    def never_holds(line: Any) -> bool:
        if isinstance(line, language.Literal):
            return line.text.casefold() not in kinds
        names = {*language.names_in(line), *(test.name for test in language.categories_in(line))}
        # "not" and a kind that is named may hold for a kind of nothing, which else leaves
        open_ = language.has_not(line) or any(
            category.casefold() in kinds for test in language.categories_in(line) for category in test.categories
        )
        return names <= {"value", "answer"} and not open_

    def late(lines: Mapping[Any, values.Outcome]) -> list[str]:
        after = False
        found = []
        for line, outcome in lines.items():
            if after and not isinstance(line, language.Else) and never_holds(line):
                found.append(str(line))
            # an else whose formula has no number for want of another column is passed over
            passed = isinstance(outcome, language.Formula) and set(language.names_in(outcome)) - {"value"}
            after = after or (isinstance(line, language.Else) and not passed)
        return found

    for name, lines in file.points.items():
        for line in late(lines):
            yield place(
                "line_after_else",
                ("points", name, line),
                f'points "{name}": line "{line}" stands after else; move it up',
            )
    for kind, name, record, _ in _records(file):
        for part in record.points or ():
            for line in late(part) if not isinstance(part, str) else ():
                yield place(
                    "line_after_else",
                    (kind, name, "points", line),
                    f'{name}: points line "{line}" stands after else and can never hold; move it up',
                )


def word_on_a_node(file: IndexFile, place: _Place) -> Iterator[Fault]:
    told: set[tuple[str, ...]] = set()
    for path, where, line in _lines_of_nodes(file):
        if path not in told and (word := _word_of(line, file)):
            told.add(path)
            message = (
                f'{where}: "{line}" can never hold: a node is a number, or missing where it has no score, and never '
                f'"{word}". Write a number, missing, a comparison (value >= 0.5), or ask a column (COLUMN is {word})'
            )
            yield place("word_on_a_node", path, message)


def _word_of(line: Any, file: IndexFile) -> str | None:
    """The first word that a line asks of a node, where only numbers and ``missing`` can be found."""
    if isinstance(line, language.Else):
        return None
    if isinstance(line, language.Literal):
        asked = [line.text]
    else:
        of_nodes = (test for test in language.categories_in(line) if test.name in ("value", "answer", *file.nodes))
        asked = [category for test in of_nodes for category in test.categories]
    return next((word for word in asked if word.casefold() != "missing" and not language.is_number(word)), None)


def _lines_of_nodes(file: IndexFile) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Every line of points that a node reads, its own, of a named map or of a rule over that: place, owner, line."""
    for name, node in file.nodes.items():
        written, where = _written("nodes", name, node, "points")
        for part in tree.effective(node, file.defaults.nodes).get("points") or ():
            if not isinstance(part, str):
                yield from (((*written, str(line)), where, line) for line in part)
                continue
            of_map = f'points "{part}", which {where} uses'
            yield from ((("points", part, str(line)), of_map, line) for line in file.points.get(part, ()))
            for rule, patch in file.rules.items():
                of_rule = f'rule "{rule}" over {of_map}'
                for line in patch.points.get(part, ()):
                    yield ("rules", rule, "points", part, str(line)), of_rule, line


def _policies(file: IndexFile) -> Iterator[tuple[tuple[str, ...], str, str, values.Outcome | None]]:
    """Lines for kinds of nothing, of the file and of its rules: place, owner, kind, outcome."""
    yield from ((("nothing", kind), "nothing", kind, outcome) for kind, outcome in (file.nothing or {}).items())
    for name, rule in file.rules.items():
        for kind, outcome in (rule.nothing or {}).items():
            yield ("rules", name, "nothing", kind), f'rule "{name}", nothing', kind, outcome


def nothing_with_formula(file: IndexFile, place: _Place) -> Iterator[Fault]:
    told: set[tuple[str, str]] = set()  # one outcome written for all stands under every kind
    for path, where, _, outcome in _policies(file):
        written = str(outcome)
        if isinstance(outcome, language.Formula) and (where, written) not in told:
            told.add((where, written))
            hint = did_you_mean(written, values.WORDS, otherwise=".")
            message = f'{where}: "{written}" is not a policy{hint} Write skip, void or a number'
            yield place("nothing_with_formula", path, message)


def no_kind_of_nothing(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for path, where, kind, _ in _policies(file):
        if language.is_sentence(kind) or language.is_number(kind) or kind.casefold() in ("else", *RESERVED):
            message = f'{where}: "{kind}" cannot be a kind of nothing; a kind is a word, such as {", ".join(KINDS)}'
            yield place("no_kind_of_nothing", path, message)


def kind_misspelt(file: IndexFile, place: _Place) -> Iterator[Fault]:
    declared = [*KINDS, *(file.nothing or {})]
    for path, where, kind, _ in _policies(file):
        known = KINDS if path[0] == "nothing" else declared
        near = [] if kind in known else difflib.get_close_matches(kind.casefold(), known, n=1, cutoff=_SAME_WORD)
        if near:
            message = (
                f'{where}: "{kind}" would be a kind of its own, beside "{near[0]}"; did you mean "{near[0]}"? '
                "Give another kind a name that is not so close"
            )
            yield place("kind_misspelt", path, message)


def tilde_without_effect(file: IndexFile, place: _Place) -> Iterator[Fault]:
    defaults: dict[str, Record] = {"indicators": file.defaults.indicators, "nodes": file.defaults.nodes}
    for path, field in empty_keys(file):
        if path[0] not in defaults:
            yield place("tilde_without_effect", path, _no_effect(".".join(path), "nothing is inherited here"))
        elif getattr(defaults[path[0]], field) is None:
            why = f"defaults.{path[0]} has no {path[-1]}"
            yield place("tilde_without_effect", path, _no_effect(f"{path[1]}.{path[-1]}", why))


def _no_effect(where: str, why: str) -> str:
    return f"{where}: ~ removes an inherited entry, and {why}; leave the line out"


def empty_keys(record: BaseModel, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Keys of records that hold a written ``~``: place, and name of the model's field."""
    for field, about in type(record).model_fields.items():
        value = getattr(record, field)
        here = (*path, about.alias or field)
        if value is None and field in record.model_fields_set:
            yield here, field
        for name, inner in {"": value}.items() if isinstance(value, BaseModel) else _records_of(value):
            yield from empty_keys(inner, (*here, name) if name else here)


def _records_of(value: Any) -> Iterator[tuple[str, BaseModel]]:
    if isinstance(value, Mapping):
        yield from ((name, inner) for name, inner in value.items() if isinstance(inner, BaseModel))


def rule_removes_nothing(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for name, rule in file.rules.items():
        others = [other for known, other in file.rules.items() if known != name]
        said = {
            *(file.nothing or {}),
            *(kind for r in others for kind, o in (r.nothing or {}).items() if o is not None),
        }
        for kind, outcome in (rule.nothing or {}).items():
            if outcome is None and kind not in said:
                message = _no_effect(f'rule "{name}", nothing, {kind}', "nothing has no line for it")
                message += did_you_mean(kind, said)
                yield place("rule_removes_nothing", ("rules", name, "nothing", kind), message)
        for points, patch in rule.points.items():
            lines = [*file.points.get(points, ())]
            lines += [line for r in others for line, o in r.points.get(points, {}).items() if o is not None]
            known = {language.line_key(str(line)) for line in lines}
            for line, outcome in patch.items():
                if outcome is None and language.line_key(str(line)) not in known:
                    message = _no_effect(f'rule "{name}", {line}', f'points "{points}" has no such line')
                    message += did_you_mean(str(line), map(str, lines))
                    yield place("rule_removes_nothing", ("rules", name, "points", points, str(line)), message)


def reserved_name(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for key in ("points", "answers", "rules"):
        for name in getattr(file, key):
            if name in RESERVED:
                yield place("reserved_name", (key, name), f'{key}: "{name}" is a reserved word; choose another name')
    for scale, categories in file.answers.items():
        for category in categories:
            if category in (*RESERVED, "else"):
                yield place(
                    "reserved_name",
                    ("answers", scale, category),
                    f'scale "{scale}": "{category}" is a reserved word and cannot be a category; keep it as a spelling',
                )


def unknown_rule(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for name in tree.rules_in_force(file):
        if name not in file.rules:
            hint = did_you_mean(name, file.rules, otherwise=".")
            yield place(
                "unknown_rule", ("rule",), f'there is no rule "{name}"{hint} Rules: {listed(file.rules) or "none"}'
            )
    for name, rule in file.rules.items():
        for other in rule.replaces or ():
            if other not in file.rules:
                yield place(
                    "unknown_rule",
                    ("rules", name, "replaces"),
                    f'rule "{name}" replaces "{other}", which is not a rule{did_you_mean(other, file.rules)}',
                )


def rule_beside_its_replacement(file: IndexFile, place: _Place) -> Iterator[Fault]:
    below: list[str] = []
    for layer in file.rule or ():
        below += layer
        for name in layer:
            replaced = (
                [other for other in file.rules[name].replaces or () if other in below] if name in file.rules else []
            )
            for other in replaced:
                message = f'rule: "{name}" replaces "{other}", and both are in force; keep one of them'
                yield place("rule_beside_its_replacement", ("rule",), message)


def rule_twice(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for name, count in Counter(tree.rules_in_force(file)).items():
        if count > 1:
            yield place("rule_twice", ("rule",), f'rule: "{name}" is in force {count} times; name it once')


def rule_beyond_points(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for name, rule in file.rules.items():
        for points in rule.points:
            if points not in file.points:
                hint = did_you_mean(points, [*file.points, "nothing"], otherwise=".")
                yield place(
                    "rule_beyond_points",
                    ("rules", name, "points", points),
                    f'rule "{name}": "{points}" is not a named points map{hint} '
                    f"A rule may set lines of {listed(file.points) or 'named maps'} and of nothing",
                )


def rules_disagree(file: IndexFile, place: _Place) -> Iterator[Fault]:
    try:
        tree.apply_rules(file)
    except SpecError as error:
        yield from (place(f.check, ("rule",), f.message) for f in error.faults)


def classes_out_of_order(file: IndexFile, place: _Place) -> Iterator[Fault]:
    seen: set[int] = set()
    for kind, name, record, keys in _records(file):
        classes = keys.get("classes")
        if not classes or id(classes) in seen:
            continue
        seen.add(id(classes))
        own = "classes" in record.model_fields_set
        path: tuple[str | int, ...] = (kind, name, "classes") if own else ("defaults", kind, "classes")
        labels = list(classes)
        for at, (label, bound) in enumerate(classes.items()):
            if isinstance(bound, language.Else) and at < len(labels) - 1:
                yield place("classes_out_of_order", (*path, label), f'class "{label}: else" must be the last one')
        for (label, earlier), (after, later) in pairwise(classes.items()):
            if _covers(earlier, later):
                shown = [
                    language.number_text(b.value) if isinstance(b, values.Quantity) else str(b)
                    for b in (later, earlier)
                ]
                message = (
                    f'class "{after}" ({shown[0]}) stands after "{label}" ({shown[1]}) and can never hold; '
                    "lower bounds fall from first to last, upper bounds rise"
                )
                yield place("classes_out_of_order", (*path, after), message)


def _covers(earlier: Any, later: Any) -> bool:
    """Whether a class takes all that a later one could: of two lower bounds the first is no higher."""
    one, two = _band(earlier), _band(later)
    if one is None or two is None or one[0] != two[0]:
        return False
    turn = 1 if one[0] == ">" else -1
    (_, bound, strict), (_, other, other_strict) = one, two
    return turn * other > turn * bound or (other == bound and (other_strict or not strict))


def _band(bound: Any) -> tuple[str, float, bool] | None:
    """A class as a comparison of value with a number: which way, the number, without the number itself."""
    if isinstance(bound, values.Quantity):
        return ">", bound.value, False
    if not isinstance(bound, language.Compare) or bound.left != language.Name("value"):
        return None
    try:
        number = language.parse_number(str(bound.right))
    except ValueError:
        return None
    return bound.op[0], number, bound.op in "<>"


def unknown_name_in_class(file: IndexFile, place: _Place) -> Iterator[Fault]:
    known = ["value", *file.indicators, *file.nodes]
    for path, where, _, test in _tests_of_classes(file):
        for used in language.names_in(test):
            if used not in known:
                message = f'{where}: a class reads "{used}", which is neither value, an indicator nor a node'
                yield place("unknown_name_in_class", path, message + language.hint_for_name(used, known))


def category_in_class(file: IndexFile, place: _Place) -> Iterator[Fault]:
    for path, where, label, test in _tests_of_classes(file):
        for found in language.categories_in(test):
            message = (
                f'{where}: class "{label}" asks for a category ("{found}"), and a class is a band of scores; compare '
                "numbers, as in value >= 0.5. Who has no score has no class"
            )
            yield place("category_in_class", path, message)


def _tests_of_classes(file: IndexFile) -> Iterator[tuple[tuple[str, ...], str, str, language.Test]]:
    """Classes that are tests: place, how the record is called, label, test; those of defaults once."""
    seen: set[tuple[str, ...]] = set()
    for kind, name, record, keys in _records(file):
        written, where = _written(kind, name, record, "classes")
        if written in seen:
            continue
        seen.add(written)
        for label, bound in (keys.get("classes") or {}).items():
            if not isinstance(bound, (values.Quantity, language.Else)):
                yield (*written, label), where, label, bound


def over_misused(file: IndexFile, place: _Place) -> Iterator[Fault]:
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


def rows_without_unit(file: IndexFile, place: _Place) -> Iterator[Fault]:
    if file.rows and file.rows[0] != "unit":
        yield place("rows_without_unit", ("rows",), f"rows begins with unit, found {file.rows[0]}")
    for name, count in Counter(file.rows or ()).items():
        if count > 1:
            yield place("rows_without_unit", ("rows",), f'rows names "{name}" twice')


_CHECKS: tuple[IndexCheck, ...] = (
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
    bad_weights,
    need_too_many,
    direction_without_effect,
    unknown_points_map,
    unknown_scale,
    spelling_twice,
    scale_unclear,
    category_not_in_scale,
    line_after_else,
    nothing_with_formula,
    no_kind_of_nothing,
    kind_misspelt,
    tilde_without_effect,
    rule_removes_nothing,
    reserved_name,
    unknown_rule,
    rule_beside_its_replacement,
    rule_twice,
    rule_beyond_points,
    classes_out_of_order,
    unknown_name_in_class,
    category_in_class,
    word_on_a_node,
    over_misused,
    rows_without_unit,
)


def check_weights(weights: WeightSet, file: IndexFile, document: Document) -> list[Fault]:
    """Every way in which a weight set does not fit its index."""
    place = _Place(document)
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
        faults += _bad_weights(node, aggregate, given, place, ("nodes", node))
    return faults
