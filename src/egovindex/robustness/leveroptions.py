"""What each change of an answer does to every indicator, measured by the reader itself.

Columns that meet in one indicator are taken together: an option is then a set of answers in them. So every
indicator is moved by one group of columns alone, and takes its value from the option chosen there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from egovindex.completions import headings_of_name
from egovindex.errors import Fault, MethodError
from egovindex.result import IndexResult
from egovindex.robustness.leverbench import Bench, Effect, NotAsPromised
from egovindex.robustness.levercounts import Counts, signs_of
from egovindex.robustness.leveritems import Item, LeftOut, Wanted, answer_key, columns_of, items_of
from egovindex.spec.tree import names_read

__all__ = ["Change", "Group", "Offer", "Option", "offer_of"]

_MOST_TOGETHER = 256  # combinations of answers in columns that meet in one indicator

Change = tuple[str, Any]  # a heading and the new answer
Keys = frozenset[tuple[str, str]]  # changes, however the answers are spelled
Group = tuple[tuple[str, ...], frozenset[str]]  # columns that act together, and the indicators they move


@dataclass(frozen=True, eq=False)
class Option:
    """Answers that are changed together, in the columns of one group.

    Parameters
    ----------
    group
        Place of the group; at most one option of each is chosen.
    changes
        Headings with their new answers.
    trial
        Where the bench has it.
    cost
        The sum over the changes.
    effects
        What the indicators of the group would be.
    """

    group: int
    changes: tuple[Change, ...]
    trial: int
    cost: float
    effects: dict[str, Effect]


@dataclass(frozen=True, eq=False)
class Offer:
    """All that may be chosen, and what it does.

    Parameters
    ----------
    bench
        Where sets are scored.
    items
        Columns by heading.
    options
        What may be chosen.
    groups
        The columns of each group, and the indicators that they move.
    trials
        For each group: the trial of each set of changes.
    signs
        Which way each indicator pulls the node.
    """

    bench: Bench
    items: dict[str, Item]
    options: tuple[Option, ...]
    groups: tuple[Group, ...]
    trials: tuple[dict[Keys, int], ...]
    signs: dict[str, int]

    def sets(self, chosen: Iterable[int]) -> list[tuple[int, frozenset[str]]]:
        """Some options as the bench takes them."""
        return [(self.options[at].trial, self.groups[self.options[at].group][1]) for at in chosen]

    def of_changes(self, changes: Sequence[Change]) -> list[tuple[int, frozenset[str]]] | None:
        """Some changes as the bench takes them, also a part of an option; ``None`` where the index does not."""
        found = []
        for (columns, leaves), trials in zip(self.groups, self.trials, strict=True):
            own = [change for change in changes if change[0] in columns]
            if own and _keys(own) not in trials:
                return None
            if own:
                found.append((trials[_keys(own)], leaves))
        return found

    def scores(self, choices: Sequence[Collection[int]]) -> Any:
        """Score of the node, of each of some sets of options."""
        return self.bench.in_blocks([self.sets(chosen) for chosen in choices])


def _keys(changes: Iterable[Change]) -> Keys:
    return frozenset((heading, answer_key(answer)) for heading, answer in changes)


def offer_of(result: IndexResult, row: int, node: str, wanted: Wanted, left_out: LeftOut) -> Offer:
    """Measure everything that may change.

    Raises
    ------
    MethodError
        What the caller gives cannot be; all is told.
    """
    plan = result.plan
    below = [name for name in plan.tree.order if name in plan.below([node])]
    items = {item.heading: item for item in items_of(result, row, below, wanted, left_out)}
    for heading, reason in _read_by_nodes(result, below):
        if heading in items:
            left_out.add(items.pop(heading).name, reason)
    groups = _groups(result, below, items, left_out)
    trials = [(place, changes) for place, (headings, _) in enumerate(groups) for changes in _sets(headings, items)]
    bench = Bench(result, row, node, [dict(changes) for _, changes in trials])
    _refuse_answers_not_taken(bench, trials, items, wanted, left_out)
    taken = [(at, place, changes) for at, (place, changes) in enumerate(trials) if at in bench.places]
    _only_own(bench, groups, taken)
    signs = signs_of(plan.tree, below, node)
    options = _options(bench, items, groups, taken, signs, left_out)
    return Offer(
        bench=bench,
        items=items,
        options=tuple(options),
        groups=tuple(groups),
        trials=tuple({_keys(c): at for at, p, c in taken if p == place} for place in range(len(groups))),
        signs=signs,
    )


def _read_by_nodes(result: IndexResult, below: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Columns on which points of nodes depend: a change there would change more than indicators."""
    tree = result.plan.tree
    for name in below:
        branch = tree.branches[name]
        names = {n for line in branch.lines for n in names_read(line.test, line.outcome)} - {"value", "answer"}
        names |= {word.by for word in tree.fills(name) if word.by is not None}
        for read in names - set(tree.branches):
            for heading in headings_of_name(result.plan, read):
                yield heading, f"as the points of {name} read the answer"


def _groups(result: IndexResult, below: Iterable[str], items: dict[str, Item], left_out: LeftOut) -> list[Group]:
    """Columns that meet in some indicator, and the indicators they move."""
    tree = result.plan.tree
    reads = set().union(*(tree.reads(node) for node in below))
    read = {name: columns_of(result, leaf) & set(items) for name, leaf in tree.leaves.items() if name in reads}
    parent = {heading: heading for heading in items}

    def top(heading: str) -> str:
        while parent[heading] != heading:
            heading = parent[heading]
        return heading

    for together in read.values():
        first, *rest = sorted(together) or [""]
        for heading in rest:
            parent[top(heading)] = top(first)
    members: dict[str, list[str]] = {}
    for heading in items:
        members.setdefault(top(heading), []).append(heading)
    found = []
    for headings in members.values():
        if prod(len(items[heading].answers) + 1 for heading in headings) > _MOST_TOGETHER and len(headings) > 1:
            for heading in headings:
                reason = (
                    f"as their answers act together and have more than {_MOST_TOGETHER} combinations; name few in only="
                )
                left_out.add(items.pop(heading).name, reason)
            continue
        found.append((tuple(headings), frozenset(name for name, own in read.items() if own & set(headings))))
    return found


def _sets(headings: Sequence[str], items: dict[str, Item]) -> Iterator[tuple[Change, ...]]:
    """Every set of new answers in some columns."""
    choices = [[None, *(answer for answer in items[h].answers if not _is_now(items[h], answer))] for h in headings]
    for answers in product(*choices):
        changes = tuple((h, answer) for h, answer in zip(headings, answers, strict=True) if answer is not None)
        if changes:
            yield changes


def _is_now(item: Item, answer: Any) -> bool:
    return item.before is not None and answer_key(item.before) == answer_key(answer)


def _refuse_answers_not_taken(
    bench: Bench,
    trials: Sequence[tuple[int, tuple[Change, ...]]],
    items: dict[str, Item],
    wanted: Wanted,
    left_out: LeftOut,
) -> None:
    faults = []
    given = {str(name) for name in wanted.answers}
    for at, message in bench.refused.items():
        changes = trials[at][1]
        told = " and ".join(f'{items[h].name} "{answer}"' for h, answer in changes)
        if len(changes) == 1 and given & {changes[0][0], items[changes[0][0]].name}:
            faults.append(Fault(f"answers: the index does not take {told}: {message}", check="answer_unknown"))
        else:
            left_out.add(told, "as the index does not take the answer")
    if faults:
        raise MethodError(faults)


def _only_own(
    bench: Bench,
    groups: Sequence[Group],
    taken: Sequence[tuple[int, int, tuple[Change, ...]]],
) -> None:
    """No column moves an indicator that was not seen to read it."""
    now = {leaf: bench.effect(leaf, None) for leaf in bench.plan.leaves}
    reads = set().union(*(bench.plan.tree.reads(node) for node in bench.below))
    for at, place, changes in taken:
        for leaf in (now.keys() & reads) - groups[place][1]:
            if not bench.effect(leaf, at).same(now[leaf]):
                raise NotAsPromised(f"{leaf} moves with {changes}, and is not known to read that")


def _options(
    bench: Bench,
    items: dict[str, Item],
    groups: Sequence[Group],
    taken: Sequence[tuple[int, int, tuple[Change, ...]]],
    signs: dict[str, int],
    left_out: LeftOut,
) -> Iterator[Option]:
    effects = {at: {leaf: bench.effect(leaf, at) for leaf in groups[place][1]} for at, place, _ in taken}
    by_leaf: dict[str, list[Effect]] = {}
    for found in effects.values():
        for leaf, effect in found.items():
            by_leaf.setdefault(leaf, []).append(effect)
    counts = Counts(bench, by_leaf)
    known: dict[int, list[tuple[Keys, dict[str, Effect]]]] = {}
    for at, place, changes in sorted(taken, key=lambda one: len(one[2])):
        own = effects[at]
        keys = _keys(changes)
        smaller = known.setdefault(place, [(frozenset(), {leaf: counts.now[leaf] for leaf in own})])
        redundant = any(less < keys and _alike(own, found) for less, found in smaller)
        smaller.append((keys, own))
        if redundant:
            continue
        reason = next((r for leaf, effect in own.items() if (r := counts.reason(leaf, effect))), "")
        if reason:
            left_out.add(" and ".join(f'{items[h].name} "{answer}"' for h, answer in changes), reason)
            continue
        if any(_may_help(counts.now[leaf], effect, signs.get(leaf)) for leaf, effect in own.items()):
            cost = sum(items[heading].cost(answer) for heading, answer in changes)
            yield Option(place, changes, at, cost, own)


def _alike(one: dict[str, Effect], other: dict[str, Effect]) -> bool:
    return all(effect.same(other[leaf]) for leaf, effect in one.items())


def _may_help(now: Effect, then: Effect, sign: int | None) -> bool:
    """Whether the node may rise; an indicator without a sign has no weight in it."""
    if sign is None:
        return False
    if then.state != now.state:
        return True
    return (then.value - now.value) * sign > 0 or (sign == 0 and then.value != now.value)
