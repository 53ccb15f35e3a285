"""Tables that fit an index, out of codes 0 to 255."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from egovindex.errors import DataError, MethodError
from egovindex.evaluate import evaluate
from egovindex.headings import attribute_headings, attribute_names
from egovindex.index import Index
from egovindex.spec import language, values
from egovindex.spec.tree import Branch, Leaf, names_read
from egovindex.tables import row_headings
from egovindex.testing.cells import Codes, Column, Limits, Reader, nice, number_or_word, numbers_beside, spread

__all__ = ["UNITS", "Numbers", "TableMaker", "by_chance", "may_refuse"]

Numbers = Limits | Mapping[str, Limits] | None

UNITS = (
    *("Abaria", "Belmora", "Cordania", "Dremia", "Estovia", "Fennmark", "Galdora", "Hestria", "Iskandia", "Jorvia"),
    *("Kaldera", "Lorvania", "Meridia", "Norlund", "Ostria", "Pelagia", "Quorland", "Ravinia", "Sundara", "Tavaria"),
    *("Umbria Nova", "Veldania", "Westmark", "Xanthia", "Yarnovia", "Zephyria"),
)


# faults of a table that depend on chance: a division by zero, a category that no unit happens to have
_BY_CHANCE = {"formula_undefined", "never_occurs", "uncaught_answer", "no_reference"}
# and of repeated records: a column that differs among those taken together
_BY_CHANCE |= {"column_differs"}
_RECORDS = 2  # of each unit, where an index has further keys
# what the rounding of numbers or their order may refuse
_PARTIAL = {"log", "top", "bottom", "zscore", "minmax", "rank", "goalposts", "winsorise"}


class TableMaker:
    """Turns codes into a table that fits an index."""

    def __init__(self, index: Index, *, numbers: Numbers, blanks: bool, periods: Sequence[Any]) -> None:
        self.index = index
        self.file = index.file
        self.tree = index.tree
        self.numbers = numbers
        self.blanks = blanks
        self.kinds = frozenset(kind.casefold() for kind in self.tree.kinds)
        self.keys = row_headings(self.file)
        reference = self.file.reference
        named = reference is not None and reference.periods not in ("each", "all")
        self.periods = tuple(periods) or ((reference.periods,) if named and reference is not None else ())
        self.across = reference is not None and reference.periods == "all"
        columns = list(self._columns())
        # about one gap in a row, so that not every score of a wide index is void
        gaps = min(32, max(256 // max(len(columns), 1), 1))
        self.columns = tuple(replace(column, gaps=gaps) for column in columns)

    @property
    def least(self) -> int:
        """Units without which a step cannot be learned."""
        return max((column.least for column in self.columns), default=0)

    def size(self, units: int) -> int:
        """Codes that a table of so many units takes."""
        return units * self.each * len(self.columns)

    @property
    def each(self) -> int:
        """Rows of each unit."""
        further = set(self.keys) - {"unit", "period"}
        return max(len(self.periods), 1) * (_RECORDS if further else 1)

    def frame(self, codes: Codes, units: int) -> pd.DataFrame:
        """The table of these codes."""
        rows = units * self.each
        codes = codes.reshape(rows, len(self.columns))
        position = np.arange(rows)
        found: dict[str, Any] = {self.keys["unit"]: [_unit(at % units) for at in range(rows)]}
        groups: tuple[Codes, ...] = (position,)
        if self.periods:
            found[self.keys["period"]] = [self.periods[at // units % len(self.periods)] for at in range(rows)]
            groups = groups if self.across else tuple(position.reshape(-1, units))
        for key in set(self.keys) - {"unit", "period"}:
            found[self.keys[key]] = [f"{key} {1 + at * _RECORDS // rows}" for at in range(rows)]
        for at, column in enumerate(self.columns):
            found[column.heading] = column.series(codes[:, at], groups)
        return pd.DataFrame(found)

    def scored(self, table: pd.DataFrame) -> pd.DataFrame | None:
        """The table, or ``None`` where the index is not defined for it."""
        try:
            evaluate(self.index.plan(table))
        except MethodError:
            return None
        except DataError as error:
            if by_chance(error):
                return None
            raise
        return table

    # --- columns
    def heading(self, name: str) -> str:
        """The heading that a name stands for."""
        return self.file.columns.get(name, name)

    def reader(self, leaf: Leaf) -> Reader:
        """What an indicator accepts."""
        policies = frozenset(kind.casefold() for kind in self.tree.nothing)
        scale = self.file.answers.get(leaf.scale, {}) if leaf.scale is not None else {}
        return Reader(leaf, self.kinds, policies, scale)

    def _limits(self, heading: str) -> Limits | None:
        if isinstance(self.numbers, Mapping):
            return self.numbers.get(heading)
        return self.numbers

    def _columns(self) -> Iterator[Column]:
        readers: dict[str, list[Reader]] = {}
        parts: dict[str, list[Reader]] = {}
        for leaf in self.tree.leaves.values():
            for column in leaf.columns:
                if column.formula is None:
                    readers.setdefault(self.heading(column.text), []).append(self.reader(leaf))
                    continue
                for name in language.names_in(column.formula):
                    other = self.tree.leaves.get(name)
                    known = other is not None and name not in self.file.columns
                    heading = other.columns[0].text if known and other is not None else name
                    parts.setdefault(self.heading(heading), []).append(self.reader(leaf))
        for heading, found in readers.items():
            yield self._read_column(heading, found, parts.pop(heading, []))
        for heading, found in parts.items():
            limits = self._limits(heading) or (1.0, 100.0)
            yield Column(heading, tuple(spread(*limits)), self._nothing(found))
        yield from self._other_columns({*readers, *parts, *self.keys.values()})

    def _read_column(self, heading: str, readers: list[Reader], parts: list[Reader]) -> Column:
        """A column that indicators read; each must accept every cell."""
        limits = self._limits(heading)
        cells = list(dict.fromkeys(cell for reader in readers for cell in reader.cells(limits)))
        spelt = {s: c for reader in readers for c, spellings in reader.scale.items() for s in spellings}

        def fits(cell: Any) -> bool:
            return all(reader.accepts(spelt.get(cell, cell)) for reader in readers)

        # a formula divides by it
        cells = [cell for cell in cells if fits(cell) and (not parts or isinstance(cell, (int, float)))] or [0, 1]
        steps = [step for reader in readers for step in reader.leaf.steps]
        return Column(
            heading,
            tuple(cells),
            self._nothing([*readers, *parts]),
            # of ten units the tenth highest is the lowest: all would be equal
            least=max((int(s.numbers[0].value) + 2 for s in steps if s.name in ("top", "bottom")), default=0),
            differs=any(step.name in ("zscore", "minmax") for step in steps),
        )

    def _nothing(self, readers: list[Reader]) -> tuple[Any, ...]:
        """Kinds of nothing that every reader has a policy for, as they are spelt."""
        if not self.blanks:
            return ()
        kinds = frozenset.intersection(*(reader.nothing for reader in readers))
        found: list[Any] = [None] if "missing" in kinds else []
        found += sorted(kinds - {"missing"})
        for reader in readers:
            for category, spellings in reader.scale.items():
                if category.casefold() in kinds:
                    found += spellings[:1]
        return tuple(dict.fromkeys(found))

    def _other_columns(self, done: set[str]) -> Iterator[Column]:
        """Columns that only tests read."""
        words: dict[str, list[Any]] = {}
        formulas: set[str] = set()
        for tree, is_outcome in self._trees():
            for test in language.categories_in(tree):
                words.setdefault(test.name, []).extend(test.categories)
            for name in language.names_in(tree):
                words.setdefault(name, []).extend(numbers_beside(tree, name))
                if is_outcome:
                    formulas.add(name)
        known = {"value", "answer", *self.tree.leaves, *self.tree.branches} - set(self.file.columns)
        attributes = attribute_names(self.file, self.tree)
        for leaf in self.tree.leaves.values():
            asked = {n for line in leaf.lines for n in names_read(line.test, line.outcome)} & attributes & set(words)
            for name in sorted(asked):
                for heading in attribute_headings(leaf, name, self.file):
                    if heading not in done:
                        done.add(heading)
                        yield self._other_column(heading, words[name], as_number=name in formulas)
        known |= attributes
        yield from self._others_of_words(done)
        for name, found in words.items():
            heading = self.heading(name)
            if name in known or heading in done:
                continue
            done.add(heading)
            yield self._other_column(heading, found, as_number=name in formulas)

    def _others_of_words(self, done: set[str]) -> Iterator[Column]:
        """Columns that outcomes read: groups of units, and the parent, of whom there is none."""
        records: tuple[Leaf | Branch, ...] = (*self.tree.leaves.values(), *self.tree.branches.values())
        outcomes = [line.outcome for record in records for line in record.lines] + [*self.tree.nothing.values()]
        found = [o for o in outcomes if isinstance(o, values.Word)]
        wanted: dict[str, tuple[Any, ...]] = {o.by: ("north", "south") for o in found if o.by is not None}
        if any(o.word == "parent" for o in found):
            wanted["parent"] = (None,)
        for name, cells in wanted.items():
            if (heading := self.heading(name)) not in done:
                done.add(heading)
                yield Column(heading, cells)

    def _other_column(self, heading: str, found: list[Any], *, as_number: bool) -> Column:
        cells: list[Any] = []
        for word in found:
            if isinstance(word, float):
                cells += [nice(word), nice(word + 1), nice(word - 1)]
            elif word.casefold() not in self.kinds:
                cells.append(number_or_word(word))
        numbers = [cell for cell in cells if not isinstance(cell, str)]
        if as_number or not cells:
            return Column(heading, tuple(dict.fromkeys([*numbers, *spread(*(self._limits(heading) or (1.0, 10.0)))])))
        other = [0] if numbers else ["xyz"]  # no category looks like it, so no message asks whether it was meant
        return Column(heading, tuple(dict.fromkeys([*cells, *other])), (None,) if self.blanks else ())

    def _trees(self) -> Iterator[tuple[Any, bool]]:
        """Every test and formula that reads columns; whether it is an outcome."""
        records: tuple[Leaf | Branch, ...] = (*self.tree.leaves.values(), *self.tree.branches.values())
        for record in records:
            for line in record.lines:
                if not isinstance(line.test, (language.Literal, language.Else)):
                    yield line.test, False
                if isinstance(line.outcome, language.Formula):
                    yield line.outcome, True
        tests = [branch.where for branch in self.tree.branches.values()]
        tests += [part.where for part in (self.file.reference, self.file.best) if part is not None]
        yield from ((test, False) for test in tests if test is not None)


def _unit(at: int) -> str:
    turn, name = divmod(at, len(UNITS))
    return UNITS[name] if turn == 0 else f"{UNITS[name]} {turn + 1}"


def by_chance(error: DataError) -> bool:
    """Whether a table was refused for what depends on chance, not for what it holds."""
    return {fault.check for fault in error.faults} <= _BY_CHANCE


def may_refuse(index: Index) -> bool:
    """Whether some table that fits the index cannot be scored by it."""
    tree = index.tree
    records: tuple[Leaf | Branch, ...] = (*tree.leaves.values(), *tree.branches.values())
    if any(step.name in _PARTIAL or "median" in step.words for record in records for step in record.steps):
        return True
    if any(isinstance(line.outcome, language.Formula) for record in records for line in record.lines):
        return True
    if any(column.formula is not None for leaf in tree.leaves.values() for column in leaf.columns):
        return True
    unusual = any(b.formula is not None or b.aggregate in ("geometric", "harmonic") for b in tree.branches.values())
    return unusual or index.file.reference is not None or any(record.lines for record in tree.branches.values())
