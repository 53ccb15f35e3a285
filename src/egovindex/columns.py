"""The columns of the data as an index names them, each read once on its own scale."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from egovindex.answers import Answers, read_answers, spellings_of
from egovindex.errors import Fault, did_you_mean, listed
from egovindex.formulas import Bools, Floats, calculate, holds, is_category
from egovindex.spec import language, values
from egovindex.spec.tree import names_read
from egovindex.tables import Rows

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile
    from egovindex.spec.tree import Branch, Leaf, Tree

__all__ = ["Columns", "headings_of", "names_beside"]

# cells below which a copy costs less than reading column by column
_SMALL = 1_000_000
# letters: no slip is told from another word in "II" and "III"; two slips are likely in long words only
_TOO_SHORT, _LONG = 3, 8


def headings_of(leaf: Leaf, file: IndexFile) -> list[str]:
    """Headings an indicator takes its value from, each once."""
    names: list[str] = []
    for column in leaf.columns:
        names += [column.text] if column.formula is None else language.names_in(column.formula)
    return list(dict.fromkeys(file.columns.get(name, name) for name in names))


def names_beside(file: IndexFile, tree: Tree) -> set[str]:
    """Names that points and the reference population read besides a record's own answer or score."""
    records: tuple[Leaf | Branch, ...] = (*tree.leaves.values(), *tree.branches.values())
    found = {name for record in records for line in record.lines for name in names_read(line.test, line.outcome)}
    if file.reference is not None and file.reference.where is not None:
        found |= set(names_read(file.reference.where, values.Word("skip")))
    return found - {"value", "answer", *tree.branches}


def headings_read(file: IndexFile, tree: Tree) -> set[str]:
    """Headings an index reads: of its indicators, also inside formulas, and of sentences."""
    found = {heading for leaf in tree.leaves.values() for heading in headings_of(leaf, file)}
    return found | {file.columns.get(name, name) for name in names_beside(file, tree)}


class Columns:
    """Finds and reads columns, tries tests on them, and keeps every fault for one report.

    Parameters
    ----------
    file, tree
        The index, and the same resolved.
    data
        A wide table.
    rows
        Who stands in each row.
    """

    def __init__(self, file: IndexFile, tree: Tree, data: pd.DataFrame, rows: Rows) -> None:
        self.file = file
        self.tree = tree
        self.data = data
        self.rows = rows
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self.kinds = frozenset(kind.casefold() for kind in tree.kinds)
        self.scales = {name: spellings_of(scale) for name, scale in file.answers.items()}
        self.headings = {str(heading): heading for heading in data.columns}
        self._read: dict[tuple[str, str | None], Answers] = {}
        self._missing: dict[str, list[str]] = {}
        self._reading: set[str] = set()
        self._told: set[str] = set()

    # --- faults
    def fault(self, check: str, message: str, column: str | None = None, where: Bools | None = None) -> None:
        """Note a fault; the same message is kept once."""
        units = () if where is None else tuple(self.rows.name(int(r)) for r in np.flatnonzero(where))
        if message not in self._told:
            self._told.add(message)
            self.faults.append(Fault(message, check=check, column=column, units=units))

    def unknown_name(self, name: str, record: str) -> None:
        """A name that is neither a column nor an indicator."""
        known = ["value", *self.file.columns, *self.tree.leaves, *sorted(self.headings)]
        hint = language.hint_for_name(name, known)
        self.fault("unknown_name", f'{record}: "{name}" is neither a column of the data nor an indicator{hint}', name)

    def missing_columns(self) -> None:
        """Columns that indicators take their values from and the data does not have."""
        used = {column.text for leaf in self.tree.leaves.values() for column in leaf.columns}
        for heading, leaves in self._missing.items():
            hint = did_you_mean(heading, sorted(set(self.headings) - used), otherwise=".")
            self.fault(
                "missing_column",
                f'the data has no column "{heading}", which {listed(leaves)} takes its value from{hint} '
                "Rename the column, or write from: HEADING in the index",
                heading,
            )

    def infinite(self, heading: str, answers: Answers) -> None:
        """Infinite values, which no method can take."""
        endless = np.isinf(answers.numbers)
        if endless.any():
            count = int(endless.sum())
            values, cells = (
                ("1 value is", "it, or leave the cell")
                if count == 1
                else (f"{count} values are", "them, or leave the cells")
            )
            self.fault(
                "infinite",
                f"{heading}: {values} infinite ({self.rows.names(endless)}); correct {cells} blank",
                heading,
                endless,
            )

    def formula_undefined(self, formula: language.Formula, record: str, bad: Bools) -> None:
        """A formula without a value for some units."""
        if bad.any():
            self.fault(
                "formula_undefined",
                f'{record}: "{formula}" has no value for {self.rows.names(bad)} (division by zero, or a logarithm or '
                "root of a number it is not defined for)",
                record,
                bad,
            )

    def never_occurs(self, test: language.Is, answers: Answers, record: str) -> None:
        """A category that no answer has: a fault if it looks misspelt, else a note."""
        present = {word: self.written(answers, word) for word in answers.words if word not in answers.kinds}
        for category in test.categories:
            word = category.strip().casefold()
            on_scale = any(word in s.values() and set(present) & set(s.values()) for s in self.scales.values())
            if word in self.kinds or not present or on_scale or answers.match(word).any():
                continue
            found = sorted(present.values(), key=str.casefold)
            message = f'{record}: "{category}" never occurs in {test.name} ({listed(found)})'
            meant = next((written for known, written in present.items() if misspelt(word, known)), None)
            if meant is None:
                self.notes.append(Fault(message, check="never_occurs", column=test.name))
                continue
            way = "If it is an answer too, list both in a scale under answers"
            self.fault("never_occurs", f'{message}; did you mean "{meant}"? {way}', test.name)

    # --- words as they are written
    @cached_property
    def _categories(self) -> dict[str, str]:
        """Categories of all scales as the file writes them, by their folded form."""
        return {category.strip().casefold(): category for scale in self.file.answers.values() for category in scale}

    def written(self, answers: Answers, word: str) -> str:
        """A word as the data write it; a category that is spelt otherwise there, as the file writes it."""
        spelling = answers.raw[answers.words.index(word)].strip()
        return spelling if spelling.casefold() == word else self._categories.get(word, spelling)

    # --- columns
    def heading(self, name: str) -> str | None:
        """The heading that a name means, if the data has it."""
        found = self.file.columns.get(name, name)
        return found if found in self.headings else None

    def read(self, heading: str, scale: str | None) -> Answers:
        """A column on a scale, read once."""
        if (heading, scale) not in self._read:
            answers = read_answers(self.data[self.headings[heading]], self.scales[scale] if scale else None, self.kinds)
            self.infinite(heading, answers)
            self._read[heading, scale] = answers
        return self._read[heading, scale]

    def headings_read(self) -> tuple[str, ...]:
        """Headings of all columns that were read, in the order of the data."""
        read = {heading for heading, _ in self._read}
        return tuple(heading for heading in self.headings if heading in read)

    def read_numbers(self) -> None:
        """Plain numbers of a small table at once; a large one is read column by column, without a copy."""
        plain = [leaf for leaf in self.tree.leaves.values() if not leaf.lines and leaf.scale is None]
        wanted = {heading for leaf in plain if (heading := self.heading(leaf.columns[0].text)) is not None}
        if not wanted or len(wanted) * len(self.rows) > _SMALL:
            return
        block = self.data[[self.headings[heading] for heading in wanted]]
        if not all(dtype == np.float64 for dtype in block.dtypes):
            return
        numbers = np.ascontiguousarray(block.to_numpy().T)
        if np.isfinite(numbers).all():
            self._read.update(
                {(h, None): Answers(row, kinds=self.kinds) for h, row in zip(wanted, numbers, strict=True)}
            )

    def named(self, name: str) -> Answers | None:
        """Answers of a column, or of an indicator, on the scale of the indicator that reads it."""
        heading = self.heading(name)
        leaf = self.tree.leaves.get(name)
        if heading is None:
            if leaf is None or name in self._reading:
                return None
            self._reading.add(name)  # an indicator whose formula names itself reads no column of that name
            answers = self.own(leaf)
            self._reading.discard(name)
            return answers
        if leaf is None:
            readers = (r for r in self.tree.leaves.values() if [self.heading(c.text) for c in r.columns] == [heading])
            leaf = next(readers, None)
        return self.read(heading, leaf.scale if leaf is not None else None)

    def own(self, leaf: Leaf) -> Answers | None:
        """The answers an indicator takes its value from; ``None`` where a column is missing."""
        found: list[Answers] = []
        for column in leaf.columns:
            heading = self.heading(column.text)
            if heading is not None:
                found.append(self.read(heading, leaf.scale))
            elif (formula := column.formula) is None:
                self._missing.setdefault(column.text, []).append(leaf.id)
            elif (answers := self._computed(leaf, formula)) is not None:
                found.append(answers)
        if len(found) < len(leaf.columns):
            return None
        return found[0] if len(found) == 1 else _first_answered(found)

    def _computed(self, leaf: Leaf, formula: language.Formula) -> Answers | None:
        """Answers out of a formula over columns; a kind of nothing in any of them is the result's."""
        columns: dict[str, Answers] = {}
        for name in language.names_in(formula):
            answers = self.named(name)
            if answers is None:
                self._missing.setdefault(self.file.columns.get(name, name), []).append(leaf.id)
            else:
                columns[name] = answers
        if len(columns) < len(language.names_in(formula)):
            return None
        result = self.calculate(formula, {name: column.numbers for name, column in columns.items()}, leaf.id)
        return _with_words(result, list(columns.values()), self.kinds)

    def calculate(self, formula: language.Formula, numbers: Mapping[str, Floats], record: str) -> Floats:
        """A formula row by row; a division by zero or a logarithm of none is a fault, not a number."""
        with np.errstate(all="ignore"):
            result = np.broadcast_to(calculate(formula, numbers), (len(self.rows),))
        known = np.ones(len(self.rows), dtype=bool)
        for name in language.names_in(formula):
            known &= np.isfinite(numbers[name])
        self.formula_undefined(formula, record, known & ~np.isfinite(result))
        return result

    # --- tests
    def number(self, name: str, own: Answers | None, record: str) -> Floats:
        """The numbers behind a name; NaN where there is none."""
        if own is not None and name == "value":
            return own.numbers
        answers = self.named(name)
        if answers is None:
            self.unknown_name(name, record)
            return np.full(len(self.rows), np.nan)
        return answers.numbers

    def is_category(self, test: language.Is, own: Answers | None, record: str) -> Bools:
        """Where a comparison with categories is true."""
        answers = own if own is not None and test.name in ("answer", "value") else self.named(test.name)
        if answers is None:
            self.unknown_name(test.name, record)
            return np.zeros(len(self.rows), dtype=bool)
        self.never_occurs(test, answers, record)
        return is_category(test, answers)

    def holds(self, test: language.Test, own: Answers | None, record: str) -> Bools:
        """Where a test on the data is true."""
        found = holds(test, lambda n: self.number(n, own, record), lambda t: self.is_category(t, own, record))
        return np.broadcast_to(found, (len(self.rows),)).copy()


def misspelt(word: str, known: str) -> bool:
    """Whether one word can only be the other with a slip: one edit apart, two from eight letters on.

    An insertion, a deletion, a replaced letter or two letters that changed places are one edit. Words that
    differ in a digit or in their first letter are other words: level1 and level2, north and south.

    Examples
    --------
    >>> misspelt("centrall", "central"), misspelt("northern", "southern"), misspelt("level1", "level2")
    (True, False, False)
    """
    shorter = min(len(word), len(known))
    if shorter < _TOO_SHORT or word[0] != known[0] or re.sub(r"\D", "", word) != re.sub(r"\D", "", known):
        return False
    return 0 < _edits(word, known) <= (1 if shorter < _LONG else 2)


def _edits(one: str, other: str) -> int:
    """Edits from one word to the other: optimal string alignment, Damerau 1964."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, found in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != found))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == found:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _with_words(numbers: Floats, columns: Sequence[Answers], kinds: frozenset[str]) -> Answers:
    """Numbers, with the words of the columns they were made of where there is no number."""
    codes = np.full(len(numbers), -1, dtype=np.int32)
    words: dict[str, int] = {}
    raw: list[str] = []
    for column in columns:
        for at, word in enumerate(column.words if column.codes is not None else ()):
            rows = (column.codes == at) & (codes == -1) & np.isnan(column.numbers)
            if rows.any():
                if word not in words:
                    raw.append(column.raw[at])
                codes[rows] = words.setdefault(word, len(words))
    return Answers(numbers, codes if words else None, tuple(words), kinds, tuple(raw))


def _first_answered(columns: Sequence[Answers]) -> Answers:
    """The first column that has an answer, row by row; the kind of nothing of the first where none has."""
    numbers = np.full(len(columns[0]), np.nan)
    codes = np.full(len(columns[0]), -1, dtype=np.int32)
    words: dict[str, int] = {}
    raw: list[str] = []
    left: Bools = np.ones(len(columns[0]), dtype=bool)
    for turn, column in enumerate((*columns, columns[0])):
        take = left if turn == len(columns) else left & column.answered()
        numbers[take] = column.numbers[take]
        for at, word in enumerate(column.words if column.codes is not None else ()):
            rows = take & (column.codes == at)
            if rows.any():
                if word not in words:
                    raw.append(column.raw[at])
                codes[rows] = words.setdefault(word, len(words))
        left = left & ~take
    return Answers(numbers, codes if words else None, tuple(words), columns[0].kinds, tuple(raw))
