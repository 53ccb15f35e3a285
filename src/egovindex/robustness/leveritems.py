"""Which answers of a unit may change: columns with their possible answers, and what each change costs."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from egovindex.completions import headings_of_name
from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.headings import attributes_read, headings_of
from egovindex.lookup import heading_of
from egovindex.possible import possible_answers, takes_limits
from egovindex.result import IndexResult
from egovindex.spec import values
from egovindex.spec.language import number_text
from egovindex.spec.tree import names_read

if TYPE_CHECKING:
    from egovindex.spec.tree import Leaf

__all__ = ["Item", "LeftOut", "Wanted", "answer_key", "columns_of", "items_of"]

_SENTINEL = "§"  # "any other answer" of possible_answers: no answer that one could give


@dataclass(frozen=True)
class Item:
    """One column whose answer may change.

    Parameters
    ----------
    heading
        Its heading in the data.
    name
        The indicator that reads it, or the heading where several do.
    label
        Name for people.
    before
        The answer as it stands in the data; ``None`` for a blank.
    answers
        What it may become.
    costs
        Of each.
    """

    heading: str
    name: str
    label: str
    before: Any
    answers: tuple[Any, ...]
    costs: tuple[float, ...]

    def cost(self, answer: Any) -> float:
        """What a change to an answer costs."""
        return next(
            c for known, c in zip(self.answers, self.costs, strict=True) if answer_key(known) == answer_key(answer)
        )


class LeftOut:
    """What is not among the levers, and why."""

    def __init__(self) -> None:
        self.reasons: dict[str, list[str]] = {}

    def add(self, what: str, reason: str) -> None:
        """Note one."""
        of = self.reasons.setdefault(reason, [])
        if what not in of:
            of.append(what)

    def notes(self) -> tuple[str, ...]:
        """One sentence per reason."""
        return tuple(f"Left out, {reason}: {listed(of)}." for reason, of in self.reasons.items())


@dataclass(frozen=True)
class Wanted:
    """What a caller says of the levers; see :func:`egovindex.levers`."""

    answers: Mapping[str, Sequence[Any]]
    costs: Mapping[Any, float]
    only: Collection[str] | None
    fixed: Collection[str]


def answer_key(answer: Any) -> str:
    """An answer as it is compared: however it is spelled."""
    if isinstance(answer, str):
        return answer.strip().casefold()
    if isinstance(answer, bool) or not hasattr(answer, "__float__"):
        return str(answer).casefold()
    return number_text(float(answer))


def columns_of(result: IndexResult, leaf: Leaf) -> set[str]:
    """Every column on which an indicator depends: its own, those that its lines ask for, groups of learned numbers."""
    plan = result.plan
    found = {*headings_of(leaf, plan.file), *attributes_read(leaf, plan.file)}
    names = {name for line in leaf.lines for name in names_read(line.test, line.outcome)} - {"value", "answer"}
    outcomes = [*(line.outcome for line in leaf.lines), *plan.tree.nothing.values()]
    names |= {o.by for o in outcomes if isinstance(o, values.Word) and o.by is not None}
    return found.union(*(headings_of_name(plan, name) for name in names))


def items_of(result: IndexResult, row: int, below: Collection[str], wanted: Wanted, left_out: LeftOut) -> list[Item]:
    """The columns whose answers may change, with the costs of each change.

    Parameters
    ----------
    result, row
        The run, and the unit's row.
    below
        Nodes below the one that is aimed at, and itself.
    wanted
        What the caller says.
    left_out
        Told what is not among them.

    Raises
    ------
    MethodError
        Names, answers and costs that cannot be; all are told.
    """
    reader = _Reader(result, below, wanted)
    answers = reader.answers(left_out)
    reader.read_costs(answers)
    if reader.faults:
        raise MethodError(reader.faults)
    return [reader.item(row, heading, answers[heading]) for heading in answers if heading in reader.left]


class _Reader:
    def __init__(self, result: IndexResult, below: Collection[str], wanted: Wanted) -> None:
        self.result, self.wanted = result, wanted
        self.plan, self.tree = result.plan, result.plan.tree
        reads = set().union(*(self.tree.reads(node) for node in below))
        self.leaves = {name: leaf for name, leaf in self.tree.leaves.items() if name in reads}
        self.faults: list[Fault] = []
        self.readers: dict[str, list[str]] = {}  # indicators that take their answer from a column
        for name, leaf in self.leaves.items():
            for heading in headings_of(leaf, self.plan.file):
                self.readers.setdefault(heading, []).append(name)
        self.costs: dict[tuple[str, str], float] = {}  # by column and answer; "" for all answers
        self.given = self._given()

    def _headings(self, what: str, name: Any, *, one: bool) -> list[str]:
        """Columns behind a name; none, and a fault, where there is none or (``one``) there are several."""
        try:
            return [str(heading_of(self.result, str(name)))]
        except MethodError as error:
            leaf = self.tree.leaves.get(str(name))
            if leaf is not None and not one:
                return headings_of(leaf, self.plan.file)
            self.faults += [
                Fault(f"{what}: {fault.message}", check=fault.check, column=fault.column) for fault in error.faults
            ]
            return []

    def _given(self) -> dict[str, tuple[Any, ...]]:
        found: dict[str, tuple[Any, ...]] = {}
        for name, choices in _mapping("answers", self.wanted.answers, self.faults).items():
            if isinstance(choices, str) or not isinstance(choices, Sequence) or not len(choices):
                message = f"answers: {name} needs a list of answers, found {choices!r:.60}"
                self.faults.append(Fault(message, check="bad_answers"))
                continue
            for heading in self._headings("answers", name, one=True):
                if heading in found:
                    self.faults.append(Fault(f'answers: column "{heading}" is given twice', check="changed_twice"))
                unique = {answer_key(answer): answer for answer in choices}
                found[heading] = tuple(unique.values())
        return found

    # --- answers
    def answers(self, left_out: LeftOut) -> dict[str, tuple[Any, ...]]:
        """Possible answers by column, in the order of the index."""
        found: dict[str, tuple[Any, ...]] = {}
        left = self.left
        for heading, names in self.readers.items():
            if heading in self.given:
                found[heading] = self.given[heading]
                continue
            reasons = {name: reason for name in names if (reason := self._not_known(self.leaves[name]))}
            open_ = [name for name in names if name not in reasons]
            for name, reason in reasons.items():
                if heading in left:
                    left_out.add(name, reason)
            if open_:
                found[heading] = self._possible(open_)
        read = set().union(*(columns_of(self.result, leaf) for leaf in self.leaves.values()))
        for heading, answers in self.given.items():
            if heading in read:
                found.setdefault(heading, answers)
            else:
                message = f'answers: column "{heading}" is read by no indicator of the node'
                self.faults.append(Fault(message, check="unused_column", column=heading))
        return found

    def _not_known(self, leaf: Leaf) -> str:
        kinds = {kind.casefold() for kind in self.tree.kinds}
        if len(headings_of(leaf, self.plan.file)) > 1 or leaf.columns[0].formula is not None:
            return "made of several columns or computed; give answers={COLUMN: [...]}"
        if takes_limits(leaf, kinds):
            return "any number could be an answer; give some: answers={...}"
        reason = possible_answers(self.plan.file, self.tree, leaf, None).reason
        return f"its possible answers are not known ({reason}); give answers={{...}}" if reason else ""

    def _possible(self, names: Iterable[str]) -> tuple[Any, ...]:
        found: dict[str, Any] = {}
        for name in names:
            for answer in possible_answers(self.plan.file, self.tree, self.leaves[name], None).answers:
                if not (isinstance(answer, str) and answer.startswith(_SENTINEL)):
                    found.setdefault(answer_key(answer), answer)
        return tuple(found.values())

    # --- only, fixed
    def _named(self, what: str, given: Any) -> set[str]:
        names = [given] if isinstance(given, str) else given
        if not isinstance(names, Iterable):
            self.faults.append(Fault(f"{what} is a list of items, found {given!r:.60}", check="bad_items"))
            return set()
        return {heading for name in names for heading in self._headings(what, name, one=False)}

    @cached_property
    def left(self) -> set[str]:
        """Columns that ``only`` and ``fixed`` leave."""
        only = {*self.readers, *self.given}
        if self.wanted.only is not None:
            only = self._named("only", self.wanted.only)
        return only - self._named("fixed", self.wanted.fixed)

    # --- costs
    def read_costs(self, answers: Mapping[str, Sequence[Any]]) -> None:
        """Costs by column and by answer; those that cannot be, and costs of what is not there, are faults."""
        for key, cost in _mapping("costs", self.wanted.costs, self.faults).items():
            item, answer = key if isinstance(key, tuple) and len(key) == 2 else (key, None)
            number = hasattr(cost, "__float__") and not isinstance(cost, (bool, str))
            if not number or not math.isfinite(cost) or cost < 0:
                message = f"costs: {key!r} costs {cost!r:.40}; a cost is a number from 0 on"
                self.faults.append(Fault(message, check="bad_cost"))
                continue
            for heading in self._headings("costs", item, one=True):
                told = "" if answer is None else answer_key(answer)
                if self.costs.setdefault((heading, told), float(cost)) != float(cost):
                    message = f'costs: column "{heading}" has two costs, {self.costs[heading, told]:g} and {cost:g}'
                    self.faults.append(Fault(message, check="changed_twice", column=heading))
                known = answers.get(heading)
                if answer is not None and known is not None and told not in map(answer_key, known):
                    hint = did_you_mean(str(answer), map(str, known), otherwise=f"; possible are {listed(known)}")
                    self.faults.append(Fault(f'costs: {item} cannot become "{answer}"{hint}', check="answer_unknown"))

    def item(self, row: int, heading: str, answers: tuple[Any, ...]) -> Item:
        """A column with what it may become."""
        names = self.readers.get(heading, [])
        before = self.plan.data[self.plan.headings[heading]].iloc[row]
        default = self.costs.get((heading, ""), 1.0)
        return Item(
            heading=heading,
            name=self._name(heading, names),
            label=listed([self.result.index.labels[name] for name in names]) or heading,
            before=None if pd.isna(before) else before,
            answers=answers,
            costs=tuple(self.costs.get((heading, answer_key(answer)), default) for answer in answers),
        )

    def _name(self, heading: str, names: Sequence[str]) -> str:
        """The indicator that reads a column, where it alone does and nothing else is called so."""
        if len(names) != 1 or len(headings_of(self.leaves[names[0]], self.plan.file)) > 1:
            return heading
        return heading if names[0] in self.plan.headings else names[0]


def _mapping(what: str, given: Any, faults: list[Fault]) -> Mapping[Any, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        faults.append(Fault(f"{what} is a mapping, found {type(given).__name__}", check=f"bad_{what}"))
        return {}
    return given
