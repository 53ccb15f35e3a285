"""Answers held against the questionnaire they were given to: reported by ``check``, never scored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING

import numpy as np

from egovindex.columns import Columns
from egovindex.errors import DataError, Fault, did_you_mean, listed
from egovindex.formulas import Bools
from egovindex.headings import headings_read
from egovindex.spec import items, language, values
from egovindex.spec.tree import Leaf
from egovindex.tables import read_rows, widened

if TYPE_CHECKING:
    import pandas as pd

    from egovindex.answers import Answers
    from egovindex.index import Index
    from egovindex.rows import Rows
    from egovindex.spec.questions import InstrumentBody, Item

__all__ = ["findings", "item_headings"]

Finding = tuple[str, Fault]


def findings(index: Index, table: pd.DataFrame | None) -> Iterator[Finding]:
    """What the instruments of an index say about a table of answers.

    Parameters
    ----------
    index
        The index.
    table
        Answers, wide or long; ``None`` to look at the index alone. What is wrong with the table itself is told
        elsewhere.

    Yields
    ------
    tuple of str and Fault
        Severity, and what was found.
    """
    if not index.file.instrument:
        return
    if table is None:
        yield from _unknown_items(index, set())
        return
    try:
        wide = widened(table, index.file)
        rows = read_rows(wide, index.file)
    except DataError:
        return
    yield from _unknown_items(index, {str(heading) for heading in wide.columns})
    for name, body in index.file.instrument.items():
        yield from _Form(index, name, body, wide, rows).findings()


def item_headings(index: Index) -> dict[str, str]:
    """Headings of all items of an index's instruments, by the name of the column."""
    return items.headings(index.file, {leaf.id: leaf.columns for leaf in index.tree.leaves.values()})


def _unknown_items(index: Index, there: set[str]) -> Iterator[Finding]:
    """Indicators that read no item and no column of the data: their names may be slips."""
    file = index.file
    for leaf in index.tree.leaves.values():
        formulas = any(column.formula is not None for column in leaf.columns)
        if leaf.item is not None or formulas or any(file.columns.get(c.text, c.text) in there for c in leaf.columns):
            continue
        name = leaf.columns[0].text
        what = f"{leaf.id} is no item of {listed(file.instrument or ())}"
        if name != leaf.id:
            what = f'{leaf.id} reads "{name}", which is no item of {listed(file.instrument or ())}'
        yield "note", Fault(f"{what}{did_you_mean(name, file.taken.items)}", check="no_item", column=name)


def _reading(name: str, heading: str, scale: str | None, index: Index) -> Leaf:
    """What reads the column of an item on its scale, and gives it no points."""
    blank = index.file.defaults.indicators
    return Leaf(name, blank, (values.Column(heading, plain=True),), scale, (), (), down=False)


class _Form:
    """One instrument and the answers to it."""

    def __init__(self, index: Index, name: str, body: InstrumentBody, data: pd.DataFrame, rows: Rows) -> None:
        self.index = index
        self.name = name
        self.body = body
        self.rows = rows
        headings = item_headings(index)
        # inside its own form an item has its own name, also where another form has one of that name
        taken = [item for item in index.file.taken.items.values() if item.instrument == name]
        own = {item: item.name.removeprefix(f"{name}/") for item in taken}
        called = {own[item]: headings[item.name] for item in taken}
        short = {word: called.get(heading, heading) for word, heading in self.body.columns.items()}
        file = index.file.model_copy(update={"columns": {**index.file.columns, **short, **called}})
        leaves = {own[item]: _reading(own[item], headings[item.name], item.scale, index) for item in taken}
        self.columns = Columns(file, replace(index.tree, leaves=leaves), data, rows)
        self.there: dict[str, list[str]] = {item: [] for item in body.items}
        for item in taken:
            if self.columns.heading(own[item]) is not None:
                self.there[item.item].append(own[item])
        self.lacking: dict[str, list[str]] = {}

    def findings(self) -> Iterator[Finding]:
        """Everything about one form; a sentence that lacks a column is told last."""
        yield from self.answers_disagree()
        yield from self.answers_off_scale()
        yield from self.answered_unasked()
        yield from self.left_blank()
        yield from self.personal_data()
        yield from self.items_not_scored()
        yield from self.not_looked_at()

    # --- reading
    def read(self, item: str) -> dict[str, Answers]:
        """The answers of an item, by the name of the column."""
        found = {name: self.columns.named(name) for name in self.there[item]}
        return {name: answers for name, answers in found.items() if answers is not None}

    def holds(self, test: language.Test, owner: str) -> Bools | None:
        """Where a sentence is true; ``None``, and noted, where the data lack a column of it."""
        names = dict.fromkeys((*language.names_in(test), *(found.name for found in language.categories_in(test))))
        lacking = [name for name in names if self.columns.heading(name) is None]
        for name in lacking:
            self.lacking.setdefault(name, []).append(owner)
        return None if lacking else self.columns.holds(test, None, owner)

    @cached_property
    def asked(self) -> dict[str, Bools | None]:
        """Whether each item that has a column was asked, row by row."""
        return {
            name: self.holds(item.ask_if, f"ask_if of {name}")
            for name, item in self.body.items.items()
            if item.ask_if is not None and self.there[name]
        }

    def fault(self, check: str, message: str, column: str, where: Bools) -> Fault:
        """A finding with the rows it is about."""
        count, rows = int(where.sum()), self.rows
        units = tuple(rows.name(int(row)) for row in np.flatnonzero(where))
        found = f"{message} ({count} of {len(rows)}: {rows.names(where)})"
        return Fault(found, check=check, column=column, units=units)

    # --- what is told
    def answers_disagree(self) -> Iterator[Finding]:
        for name, check in self.body.checks.items():
            where = self.holds(check.wrong_if, f"check {name}")
            if where is not None and where.any():
                message = f"{self.name}, {name}: {check.say}"
                yield "warning", self.fault("answers_disagree", message, self._first_heading(check.wrong_if), where)

    def _first_heading(self, test: language.Test) -> str:
        names = (*(found.name for found in language.categories_in(test)), *language.names_in(test))
        return next((heading for name in names if (heading := self.columns.heading(name))), "")

    def answers_off_scale(self) -> Iterator[Finding]:
        for item in self.body.items:
            for name, answers in self.read(item).items():
                scale = self.columns.tree.leaves[name].scale
                if scale is None:
                    continue
                categories = self.index.file.answers[scale]
                known = {category.casefold() for category in categories} | self.columns.kinds
                off = [word for word in answers.words if word not in known]
                plain = ~np.isnan(answers.numbers) & (answers.codes == -1 if answers.codes is not None else True)
                where = reduce(np.logical_or, [answers.match(word) for word in off], plain)
                if where.any():
                    written = [f'"{self.columns.written(answers, word)}"' for word in off]
                    written += [f'"{language.number_text(float(n))}"' for n in np.unique(answers.numbers[plain])]
                    what = f"{name}: {listed(written)} is not on scale {scale} of {self.name}"
                    message = f"{what} with {listed(categories)}"
                    yield "warning", self.fault("answer_off_scale", message, self.columns.heading(name) or "", where)

    def answered_unasked(self) -> Iterator[Finding]:
        for name, asked in self.asked.items():
            if asked is None:
                continue
            item = self.body.items[name]
            if item.routing not in (None, "hard"):  # the form shows it to everybody
                continue
            # a box that is left unticked is no answer
            given = [a.match("yes") if item.kind == "many" else a.answered() for a in self.read(name).values()]
            where = reduce(np.logical_or, given) & ~asked
            if where.any():
                message = f"{name}: answered, though {self.name} asks it only if {item.ask_if}"
                yield "note", self.fault("answered_unasked", message, self._heading_of(name), where)

    def left_blank(self) -> Iterator[Finding]:
        for name, item in self.body.items.items():
            asked = self.asked.get(name, np.ones(len(self.rows), dtype=bool))
            if item.required != "true" or not self.there[name] or asked is None:
                continue
            where = self._blank(name, item) & asked
            if where.any():
                message = f"{name}: required, and blank"
                yield "note", self.fault("required_blank", message, self._heading_of(name), where)

    def _blank(self, name: str, item: Item) -> Bools:
        """Where the respondent left an item blank; what coders wrote stands for it where it is not there itself."""
        read = self.read(name)
        mark = [read[name]] if item.kind != "many" and name in read else list(read.values())
        return reduce(np.logical_and, [answers.kind_rows("missing") for answers in mark])

    def _heading_of(self, item: str) -> str:
        return self.columns.heading(self.there[item][0]) or ""

    def personal_data(self) -> Iterator[Finding]:
        found = [name for name, item in self.body.items.items() if item.personal is not None and self.there[name]]
        if found:
            message = f"{listed(found)} of {self.name} may hold personal data, which no index needs; leave them out"
            yield "warning", Fault(message, check="personal_data", column=self._heading_of(found[0]))

    def items_not_scored(self) -> Iterator[Finding]:
        read = headings_read(self.index.file, self.index.tree)
        read |= {heading for leaf in self.index.tree.leaves.values() for heading in leaf.attributes.values()}
        found = [
            item for item, names in self.there.items() if names and not read & {self.columns.heading(n) for n in names}
        ]
        if found:
            what = f"1 item of {self.name} is" if len(found) == 1 else f"{len(found)} items of {self.name} are"
            message = f"{what} in the data and not used by {self.index.id} ({listed(found)})"
            yield "note", Fault(message, check="unused_item")

    def not_looked_at(self) -> Iterator[Finding]:
        lacking = [name for name, item in self.body.items.items() if item.required == "true" and not self.there[name]]
        if lacking:
            message = f"the data have no column for required items of {self.name} ({listed(lacking)})"
            yield "note", Fault(message, check="required_not_there")
        for name, owners in self.lacking.items():
            heading = self.columns.file.columns.get(name, name)
            message = f'the data have no column "{heading}"; not looked at: {listed(owners)} of {self.name}'
            yield "note", Fault(message, check="check_without_column", column=heading)
