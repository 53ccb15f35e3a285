"""The index as it acts: defaults taken in, rules laid over, every edge once, in order of dependency."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from egovindex.errors import Fault, SpecError
from egovindex.spec import items, language, values
from egovindex.spec.levels import KEYS, Level, levels_of
from egovindex.spec.words import KINDS

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile, Indicator, Node, Record, Rule

__all__ = [
    "Branch",
    "Leaf",
    "PointsLine",
    "Tree",
    "edges_of",
    "effective",
    "keys_of_indicator",
    "names_read",
    "resolve",
    "rules_in_force",
]

Address = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class PointsLine:
    """One line of points: test, outcome, and the address a doubt may name it by."""

    test: language.Literal | language.Else | language.Test
    outcome: values.Outcome
    address: Address

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names whose numbers the line reads, in its outcome and in its test."""
        found = language.names_in(self.outcome) if isinstance(self.outcome, language.Formula) else ()
        if isinstance(self.test, (language.Literal, language.Else)):
            return found
        return tuple(dict.fromkeys((*found, *language.names_in(self.test))))

    @property
    def categories(self) -> tuple[language.Is, ...]:
        """Comparisons with categories in its test."""
        if isinstance(self.test, (language.Literal, language.Else)):
            return ()
        return tuple(language.categories_in(self.test))


@dataclass(frozen=True, slots=True)
class Leaf:
    """An indicator with its defaults taken in.

    ``item`` is the column of an instrument that it reads; ``attributes`` gives the heading of each attribute of its
    answers that the instrument names (``evidence``).
    """

    id: str
    record: Indicator
    columns: tuple[values.Column, ...]
    scale: str | None
    lines: tuple[PointsLine, ...]
    steps: tuple[values.Step, ...]
    down: bool
    item: items.ItemColumn | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def label(self) -> str:
        """Name for people: its own, else the item's."""
        return self.record.label or (self.item.label if self.item is not None else None) or self.id


@dataclass(frozen=True, slots=True)
class Branch:
    """A node with its defaults taken in and all its edges."""

    id: str
    record: Node
    children: tuple[str, ...]
    weights: tuple[values.Quantity, ...]
    formula: language.Formula | None
    aggregate: str
    need: values.Need | None
    lines: tuple[PointsLine, ...]
    steps: tuple[values.Step, ...]
    down: bool
    over: tuple[str, ...] = ()
    where: language.Test | None = None

    @property
    def label(self) -> str:
        """Name for people."""
        return self.record.label or self.id

    @property
    def inputs(self) -> tuple[str, ...]:
        """Records that must be known before this node."""
        return self.children if self.formula is None else language.names_in(self.formula)


@dataclass(frozen=True)
class Tree:
    """A resolved index.

    ``branches`` stand in order of dependency: every node after all it is made of; ``order`` is the
    order in which nodes are written.
    """

    leaves: Mapping[str, Leaf]
    branches: Mapping[str, Branch]
    nothing: Mapping[str, values.Outcome]
    kinds: tuple[str, ...]
    maps: Mapping[str, Mapping[Any, values.Outcome]]
    order: tuple[str, ...]
    rows: Level = KEYS

    @cached_property
    def levels(self) -> dict[str, Level]:
        """Row keys that identify the values of each record."""
        return levels_of(self.leaves, self.branches, self.rows)

    def fills(self, record: str) -> tuple[values.Word, ...]:
        """Outcomes of a record that are learned, each once: its own, then those of the policy for nothing.

        A learned number of outcome ``i`` stands at position ``-1 - i`` of the record, its steps from 0 up.
        """
        found = (self.leaves if record in self.leaves else self.branches)[record]
        outcomes = [line.outcome for line in found.lines]
        if record in self.leaves:
            outcomes += self.nothing.values()
        words = (o for o in outcomes if isinstance(o, values.Word) and o.word in values.LEARNED)
        return tuple(dict.fromkeys(words))

    def learns_at(self, record: str, at: int) -> str:
        """What is learned at a position of a record, as it is written: a step, or an outcome."""
        if at < 0:
            return str(self.fills(record)[-1 - at])
        return str((self.leaves if record in self.leaves else self.branches)[record].steps[at])

    @cached_property
    def parents(self) -> dict[str, tuple[str, ...]]:
        """Nodes that each record is a child of."""
        found: dict[str, list[str]] = {record: [] for record in (*self.leaves, *self.branches)}
        for branch in self.branches.values():
            for child in branch.children:
                found[child].append(branch.id)
        return {record: tuple(above) for record, above in found.items()}

    def reads(self, node: str) -> frozenset[str]:
        """Records that a node is made of: its children, and those that its formula and its points read."""
        return self._reads[node]

    @cached_property
    def _reads(self) -> dict[str, frozenset[str]]:
        known = {*self.leaves, *self.branches}
        return {name: frozenset(node_inputs(branch, known)) for name, branch in self.branches.items()}

    @cached_property
    def tops(self) -> tuple[str, ...]:
        """Nodes that are nobody's child, in the order they are written; the first is the headline."""
        used = {name for branch in self.branches.values() for name in branch.inputs}
        return tuple(node for node in self.order if node not in used)

    @property
    def headline(self) -> str:
        """The node the ranking is about."""
        return self.tops[0]

    def parts(self, node: str) -> tuple[tuple[str, float, float], ...]:
        """What a node is made of: each record, its weight as written, and its share of all weights of the node.

        The inputs of a formula have no weights (NaN) and equal shares, as have children whose weights are all zero.
        """
        branch = self.branches[node]
        if branch.formula is not None:
            return tuple((name, math.nan, 1 / len(branch.inputs)) for name in branch.inputs)
        weights = [quantity.value for quantity in branch.weights]
        total = math.fsum(map(abs, weights))
        return tuple(
            (child, weight, weight / total if total > 0 else 1 / len(weights))
            for child, weight in zip(branch.children, weights, strict=True)
        )


def effective(record: Record, default: Record) -> dict[str, Any]:
    """Keys of a record with the defaults it does not override; a written ``~`` removes one."""
    keys = {name: getattr(default, name) for name in default.model_fields_set}
    keys.update({name: getattr(record, name) for name in record.model_fields_set})
    return keys


def keys_of_indicator(file: IndexFile, name: str) -> dict[str, Any]:
    """Keys of an indicator with its defaults, and with the scale of the item it reads."""
    return items.keys_of(file, name, effective(file.indicators[name], file.defaults.indicators))


def edges_of(file: IndexFile) -> dict[str, dict[str, values.Quantity]]:
    """Children of every node with their weights, whichever side says the edge."""
    edges: dict[str, dict[str, values.Quantity]] = {}
    one = values.Quantity(1.0)
    for name, node in file.nodes.items():
        edges[name] = dict(effective(node, file.defaults.nodes).get("of") or {})
    for records, default in ((file.indicators, file.defaults.indicators), (file.nodes, file.defaults.nodes)):
        for name, record in records.items():
            keys = effective(record, default)
            parent = keys.get("in_")
            if parent in edges:
                edges[parent].setdefault(name, keys.get("weight") or one)
    return edges


def rules_in_force(file: IndexFile) -> tuple[str, ...]:
    """Names of the rules in force, the lowest layer first."""
    return tuple(name for layer in file.rule or () for name in layer)


def _layer(file: IndexFile, names: tuple[str, ...]) -> Iterator[tuple[Address, values.Outcome | None]]:
    """What a layer of rules sets; two rules that set the same line differently are a fault."""
    set_by: dict[Address, tuple[str, values.Outcome | None, Address]] = {}
    faults: list[Fault] = []
    for name in names:
        rule: Rule = file.rules[name]
        lines: dict[Address, values.Outcome | None] = {
            ("nothing", kind): outcome for kind, outcome in (rule.nothing or {}).items()
        }
        for points, patch in rule.points.items():
            lines.update({("points", points, line): outcome for line, outcome in patch.items()})
        for address, outcome in lines.items():
            where = (*address[:2], language.line_key(str(address[2]))) if len(address) > 2 else address
            first, earlier, _ = set_by.setdefault(where, (name, outcome, address))
            if earlier != outcome:
                faults.append(_rules_disagree(first, earlier, name, outcome, address))
    if faults:
        raise SpecError(faults)
    yield from ((address, outcome) for _, outcome, address in set_by.values())


def _rules_disagree(first: str, one: Any, second: str, two: Any, address: Address) -> Fault:
    def shown(outcome: Any) -> str:
        if isinstance(outcome, values.Quantity):
            return language.number_text(outcome.value)
        return "~" if outcome is None else str(outcome)

    where = ".".join(str(part) for part in address)
    return Fault(
        f'rules "{first}" and "{second}" both set {where} ({shown(one)} and {shown(two)}). Ask for one of them',
        path=where,
        check="rules_disagree",
    )


def apply_rules(
    file: IndexFile,
) -> tuple[dict[str, dict[Any, values.Outcome]], dict[str, values.Outcome]]:
    """Named maps and the policy for nothing, with the rules in force laid over."""
    maps: dict[str, dict[Any, values.Outcome]] = {name: dict(lines) for name, lines in file.points.items()}
    nothing: dict[str, values.Outcome] = dict(file.nothing or {})
    for names in file.rule or ():
        fresh: dict[str, dict[Any, values.Outcome]] = {name: {} for name in maps}
        for address, outcome in _layer(file, names):
            if address[0] == "nothing":
                kind = str(address[1])
                nothing.pop(kind, None)
                if outcome is not None:
                    nothing[kind] = outcome
                continue
            name, line = str(address[1]), address[2]
            key = language.line_key(str(line))
            maps[name] = {known: o for known, o in maps[name].items() if language.line_key(str(known)) != key}
            if outcome is not None:
                fresh[name][line] = outcome
        maps = {name: _else_last({**fresh[name], **lines}) for name, lines in maps.items()}
    return maps, nothing


def _else_last(lines: dict[Any, values.Outcome]) -> dict[Any, values.Outcome]:
    """An else laid over a map is read last, or it would catch what the map's lines are for."""
    last = {line: outcome for line, outcome in lines.items() if isinstance(line, language.Else)}
    return {**{line: outcome for line, outcome in lines.items() if line not in last}, **last}


def _lines(
    points: tuple[Any, ...] | None,
    maps: Mapping[str, Mapping[Any, values.Outcome]],
    record: str,
    kind: OneOf["indicators", "nodes"],
) -> tuple[PointsLine, ...]:
    found: list[PointsLine] = []
    for part in points or ():
        named = isinstance(part, str)
        for test, outcome in (maps[part] if named else part).items():
            address: Address = ("points", part, str(test)) if named else (kind, record, "points", str(test))
            found.append(PointsLine(test, outcome, address))
    return tuple(found)


def scale_for(keys: Mapping[str, Any], file: IndexFile, maps: Mapping[str, Mapping[Any, Any]]) -> tuple[str, ...]:
    """The scales an indicator's answers may be on: the one named, else those its points speak of."""
    if keys.get("answers"):
        return (str(keys["answers"]),)
    words: set[str] = set()
    for part in keys.get("points") or ():
        for test in maps.get(part, {}) if isinstance(part, str) else part:
            if isinstance(test, language.Literal):
                words.add(test.text.casefold())
            elif not isinstance(test, language.Else):
                words |= {
                    c.casefold() for i in language.categories_in(test) if i.name == "answer" for c in i.categories
                }
    words -= set(KINDS)
    fitting = {name: len(words & {category.casefold() for category in scale}) for name, scale in file.answers.items()}
    best = max(fitting.values(), default=0)
    found = tuple(name for name, count in fitting.items() if count == best and best > 0)
    # a map named like a scale speaks of that scale
    same = tuple(part for part in keys.get("points") or () if isinstance(part, str) and part in found)
    return same[:1] or found


def resolve(file: IndexFile) -> Tree:
    """Resolve a file that has passed its checks.

    Raises
    ------
    SpecError
        Two rules in force set the same line differently.

    Examples
    --------
    >>> from egovindex.spec.model import IndexFile
    >>> tree = resolve(IndexFile(index="demo", indicators={"a": {}, "b": {}}, nodes={"top": {"of": {"a": 1, "b": 3}}}))
    >>> tree.headline, tree.branches["top"].children
    ('top', ('a', 'b'))
    """
    maps, nothing = apply_rules(file)
    edges = edges_of(file)
    leaves: dict[str, Leaf] = {}
    every = {name: keys_of_indicator(file, name) for name in file.indicators}
    columns = {name: keys.get("from_") or (values.Column(name),) for name, keys in every.items()}
    headings = items.headings(file, columns)
    for name, keys in every.items():
        scales = scale_for(keys, file, file.points)  # a rule may change what answers earn, not how they are read
        item = items.item_of(file, name, keys)
        leaves[name] = Leaf(
            id=name,
            record=file.indicators[name],
            columns=columns[name],
            scale=scales[0] if scales else None,
            lines=_lines(keys.get("points"), maps, name, "indicators"),
            steps=keys.get("steps") or (),
            down=keys.get("direction") == "down",
            item=item,
            attributes={} if item is None else items.evidence_of(file, item, headings),
        )
    branches: dict[str, Branch] = {}
    for name, node in file.nodes.items():
        keys = effective(node, file.defaults.nodes)
        branches[name] = Branch(
            id=name,
            record=node,
            children=tuple(edges[name]),
            weights=tuple(edges[name].values()),
            formula=keys.get("from_"),
            aggregate=keys.get("aggregate") or "mean",
            need=keys.get("need"),
            lines=_lines(keys.get("points"), maps, name, "nodes"),
            steps=keys.get("steps") or (),
            down=keys.get("direction") == "down",
            over=keys.get("over") or (),
            where=keys.get("where"),
        )
    kinds = tuple(dict.fromkeys((*KINDS, *nothing)))
    ordered = {name: branches[name] for name in _dependency_order(branches)}
    return Tree(leaves, ordered, nothing, kinds, maps, tuple(file.nodes), tuple(file.rows or KEYS))


def node_inputs(branch: Branch, known: Collection[str]) -> set[str]:
    """Records a node's points and formula read, besides its children."""
    read = {name for line in branch.lines for name in names_read(line.test, line.outcome)}
    return (set(branch.inputs) | {name for name in read if name in known}) - {branch.id}


def names_read(test: Any, outcome: values.Outcome) -> tuple[str, ...]:
    """Names that one line of points reads, as numbers or as categories.

    Examples
    --------
    >>> names_read(language.parse_test("a > 1 or b is missing"), language.parse_formula("c / 2"))
    ('a', 'b', 'c')
    """
    found: list[str] = []
    if not isinstance(test, (language.Literal, language.Else)):
        found += [*language.names_in(test), *(part.name for part in language.categories_in(test))]
    if isinstance(outcome, language.Formula):
        found += language.names_in(outcome)
    return tuple(found)


def _dependency_order(branches: Mapping[str, Branch]) -> list[str]:
    order: list[str] = []
    done: set[str] = set()
    open_: set[str] = set()
    for start in branches:
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, ready = stack.pop()
            if name in done:
                continue
            if ready:
                done.add(name)
                open_.discard(name)
                order.append(name)
                continue
            if name in open_:
                raise SpecError(Fault(f"{name} is made of itself, through its points or its children", check="cycle"))
            open_.add(name)
            stack.append((name, True))
            below = node_inputs(branches[name], branches) & set(branches)
            stack += [(child, False) for child in sorted(below - done, reverse=True)]
    return order
