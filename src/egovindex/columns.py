"""The columns of the data as an index names them, each read once on its own scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.answers import Answers, joined, read_answers, spellings_of
from egovindex.errors import Fault, did_you_mean, listed
from egovindex.formulas import Bools, Floats, calculate, holds, is_category
from egovindex.headings import attribute_headings
from egovindex.misspelt import misspelt
from egovindex.rows import Rows
from egovindex.spec import language
from egovindex.tables import unit_name

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile
    from egovindex.spec.tree import Leaf, Tree

__all__ = ["Columns"]

# cells below which a copy costs less than reading column by column
_SMALL = 1_000_000


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
        # which row has the best answer of each row's group, where the index asks for it
        self.best: Callable[[Leaf, Answers], npt.NDArray[np.intp]] | None = None
        self._read: dict[tuple[str, str | None], Answers] = {}
        self._own: dict[str, Answers | None] = {}
        self._which: dict[str, npt.NDArray[np.intp]] = {}
        self._chosen: dict[str, npt.NDArray[np.intp]] = {}
        self._of_items = {name for leaf in tree.leaves.values() for name in leaf.attributes}
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
        if "*" in self.file.columns.get(name, ""):
            message = (
                f'{record}: "{name}" is said of each answer, and {record} has no answer of its own; name the column'
            )
            self.fault("no_answer_of_its_own", f"{message} ({self.file.columns[name]}), or ask in an indicator", name)
            return
        if name in self.file.columns and self.heading(name) is None:
            heading = self.file.columns[name]
            hint = did_you_mean(heading, sorted(self.headings), otherwise=".")
            message = f'{record}: the data has no column "{heading}", which columns calls "{name}"{hint} Rename one'
            self.fault("unknown_name", message, name)
            return
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
        of_distinct = np.isinf(answers.number_of)
        if of_distinct.any() and (of_distinct & answers.occurs).any():
            endless = answers.spread(of_distinct)
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
        words = [category.strip().casefold() for category in test.categories]
        absent = [w for w in words if w not in self.kinds and not answers.match(w).any()]
        present = {w: self.written(answers, w) for w in answers.given if w not in answers.kinds} if absent else {}
        for category, word in zip(test.categories, words, strict=True):
            on_scale = any(word in s.values() and set(present) & set(s.values()) for s in self.scales.values())
            if word not in absent or not present or on_scale:
                continue
            found = sorted(present.values(), key=str.casefold)
            message = f'{record}: "{category}" never occurs in {test.name} ({listed(found)})'
            meant = next((written for known, written in present.items() if misspelt(word, known)), None)
            if meant is None:
                self.notes.append(Fault(message, check="never_occurs", column=test.name))
                continue
            way = "If it is an answer too, list both in a scale under answers"
            self.fault("never_occurs", f'{message}; did you mean "{meant}"? {way}', test.name)

    def words_for_numbers(self, name: str, answers: Answers, record: str) -> None:
        """Words in a column that lines compare with numbers; a category of some scale is an answer, and no number."""
        known = {word for scale in self.scales.values() for word in scale.values()} | self.kinds
        words = [word for word in answers.given if word not in known]
        if not words:
            return
        where = np.logical_or.reduce([answers.match(word) for word in words])
        shown = listed(f'"{self.written(answers, word)}"' for word in words)
        self.fault(
            "text_for_number",
            f'{record}: its points ask "{name}" for a number, and it is text for {self.rows.names(where)}: {shown}. '
            "Correct the cells, leave them blank, or list them in a scale under answers",
            name,
            where,
        )

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
        if leaf is None and heading is not None:
            readers = (r for r in self.tree.leaves.values() if [self.heading(c.text) for c in r.columns] == [heading])
            leaf = next(readers, None)
        if heading is not None and (leaf is None or [self.heading(c.text) for c in leaf.columns] != [heading]):
            return self.read(heading, leaf.scale if leaf is not None else None)
        if leaf is None or leaf.id in self._reading:
            return None
        self._reading.add(leaf.id)  # an indicator whose formula names itself reads no column of that name
        answers = self.own(leaf)
        self._reading.discard(leaf.id)
        return answers

    def own(self, leaf: Leaf) -> Answers | None:
        """The answers an indicator takes its value from; ``None`` where a column is missing."""
        if leaf.id not in self._own:
            self._own[leaf.id] = self._taken(leaf)
        return self._own[leaf.id]

    def _taken(self, leaf: Leaf) -> Answers | None:
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
        answers = found[0]
        if len(found) > 1:
            self._which[leaf.id] = which = _first_answered(found)
            answers = joined(found, which)
        if self.best is not None:
            self._chosen[leaf.id] = chosen = self.best(leaf, answers)
            answers = answers.take(chosen)
        return answers

    # --- attributes of answers
    def attribute_names(self, leaf: Leaf) -> tuple[str, ...]:
        """Names that mean something said of an indicator's answer, such as a flag or its evidence."""
        return (*leaf.attributes, *(name for name, heading in self.file.columns.items() if "*" in heading))

    def attribute(self, leaf: Leaf, name: str) -> Answers | None:
        """What is said of an indicator's answer under a name; it follows the column the answer is from.

        ``None`` where a column is missing, which is told.
        """
        headings = attribute_headings(leaf, name, self.file)
        lacking = [heading for heading in headings if heading not in self.headings]
        if lacking:
            self._missing_attribute(leaf, name, lacking)
            return None
        found = [self.read(heading, None) for heading in headings]
        answers = joined(found, self._which[leaf.id]) if len(found) > 1 else found[0]
        return answers.take(self._chosen[leaf.id]) if leaf.id in self._chosen else answers

    def _missing_attribute(self, leaf: Leaf, name: str, lacking: list[str]) -> None:
        formulas = [c.formula for c in leaf.columns if c.formula is not None and self.heading(c.text) is None]
        if formulas and name not in leaf.attributes:
            meant = self.file.columns[name].replace("*", language.names_in(formulas[0])[0])
            message = (
                f'{leaf.id}: its points ask for "{name}", and its answer is computed, so that nothing is said of it'
            )
            self.fault("missing_attribute", f"{message}; name the column that is meant, as in {meant}", name)
            return
        hint = did_you_mean(lacking[0], sorted(self.headings), otherwise=".")
        self.fault(
            "missing_attribute",
            f'{leaf.id}: its points ask for "{name}", and the data has no column {listed(lacking)}{hint} '
            "Give the column, or the indicator points that do not ask",
            lacking[0],
        )

    def beside(self, name: str, leaf: Leaf) -> Answers | None:
        """What a line of an indicator means by a name that is not its own answer."""
        if name in self.attribute_names(leaf):
            return self.attribute(leaf, name)
        if name in self._of_items:  # the form asks it of other items: a sentence about it does not hold here
            message = f'{leaf.id}: its form asks for no {name}, so that lines which ask for "{name}" are passed over'
            self.notes.append(Fault(message, check="no_such_attribute", column=leaf.id))
            return None
        answers = self.named(name)
        if answers is None:
            self.unknown_name(name, leaf.id)
        return answers

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

    def labels(self, by: str, record: str, where: Bools) -> npt.NDArray[Any]:
        """The group of each row by a column, as text; a blank for a row that needs one is a fault."""
        heading = self.heading(by)
        if heading is None:
            self.unknown_name(by, record)
            return np.full(len(self.rows), "", dtype=object)
        self.read(heading, None)  # so that it is kept with the result
        positions, found = pd.factorize(self.data[self.headings[heading]])
        names = np.array([*map(unit_name, found), ""], dtype=object)
        labels = names[positions]
        lacking = where & (labels == "")
        if lacking.any():
            message = f'{record}: "{by}" is blank for {self.rows.names(lacking)}, whose answer is filled by it'
            self.fault("no_group", message, heading, lacking)
        return labels

    # --- tests
    def holds(self, test: language.Test, own: Answers | None, record: str) -> Bools:
        """Where a test on the data is true, row by row; ``value`` and ``answer`` are ``own``."""
        found = holds(test, lambda n: self._number(n, own, record), lambda t: self._is_category(t, own, record))
        return np.broadcast_to(found, (len(self.rows),)).copy()

    def _asked(self, name: str, own: Answers | None, record: str) -> Answers | None:
        if own is not None and name in ("value", "answer"):
            return own
        if record in self.tree.leaves:
            return self.beside(name, self.tree.leaves[record])
        answers = self.named(name)
        if answers is None:
            self.unknown_name(name, record)
        return answers

    def _number(self, name: str, own: Answers | None, record: str) -> Floats:
        answers = self._asked(name, own, record)
        return np.full(len(self.rows), np.nan) if answers is None else answers.numbers

    def _is_category(self, test: language.Is, own: Answers | None, record: str) -> Bools:
        answers = self._asked(test.name, own, record)
        if answers is None:
            return np.zeros(len(self.rows), dtype=bool)
        self.never_occurs(test, answers, record)
        return is_category(test, answers)


def _with_words(numbers: Floats, columns: Sequence[Answers], kinds: frozenset[str]) -> Answers:
    """Numbers, with the words of the columns they were made of where there is no number."""
    codes = np.full(len(numbers), -1, dtype=np.int32)
    words: dict[str, int] = {}
    raw: list[str] = []
    for column in columns:
        if column.codes is None:
            continue
        for at, word in enumerate(column.words):
            rows = (column.codes == at) & (codes == -1) & np.isnan(column.numbers)
            if rows.any():
                if word not in words:
                    raw.append(column.raw[at])
                codes[rows] = words.setdefault(word, len(words))
    return Answers(numbers, codes if words else None, tuple(words), kinds, tuple(raw))


def _first_answered(columns: Sequence[Answers]) -> npt.NDArray[np.intp]:
    """Which column has the first answer of each row; the first of all where none has any."""
    which = np.zeros(len(columns[0]), dtype=np.intp)
    left: Bools = np.ones(len(columns[0]), dtype=bool)
    for turn, column in enumerate(columns):
        take = left & column.answered()
        which[take] = turn
        left &= ~take
    return which
