"""Formulas and tests as trees: frozen, compared by value, written again by ``str``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from egovindex.spec.numbers import number_text

__all__ = [
    "KEYWORDS",
    "TOKEN",
    "And",
    "Binary",
    "Call",
    "Compare",
    "Else",
    "Formula",
    "Is",
    "Literal",
    "Name",
    "Negative",
    "Not",
    "Number",
    "Or",
    "Test",
    "categories_in",
    "has_not",
    "names_in",
]

KEYWORDS = ("is", "in", "and", "or", "not")
TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))
    | (?P<name>[^\W\d](?:\w|[.\-](?=\w))*)
    | (?P<string>"[^"]*"|'[^']*')
    | (?P<op>>=|<=|>|<|\+|-|\*|/|\(|\)|,)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a formula."""

    value: float

    def __str__(self) -> str:
        return number_text(self.value) if "/" not in number_text(self.value) else repr(self.value)


@dataclass(frozen=True, slots=True)
class Name:
    """A column, an attribute, a record, or ``value``."""

    id: str

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus a formula."""

    of: Formula

    def __str__(self) -> str:
        return f"-{_wrapped(self.of, 3)}"


@dataclass(frozen=True, slots=True)
class Binary:
    """One of ``+ - * /`` between two formulas."""

    op: str
    left: Formula
    right: Formula

    def __str__(self) -> str:
        level = _level(self)
        return f"{_wrapped(self.left, level)} {self.op} {_wrapped(self.right, level + 1)}"


@dataclass(frozen=True, slots=True)
class Call:
    """One of ``min max abs log sqrt``."""

    function: str
    arguments: tuple[Formula, ...]

    def __str__(self) -> str:
        return f"{self.function}({', '.join(str(a) for a in self.arguments)})"


Formula = Number | Name | Negative | Binary | Call


@dataclass(frozen=True, slots=True)
class Compare:
    """One of ``> >= < <=`` between two formulas."""

    op: str
    left: Formula
    right: Formula

    def __str__(self) -> str:
        return f"{self.left} {self.op} {self.right}"


@dataclass(frozen=True, slots=True)
class Is:
    """``name is category``, ``name is not category``, ``name in (a, b)``, ``name not in (a, b)``."""

    name: str
    categories: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        words = [_quoted(category) for category in self.categories]
        if len(words) == 1:
            return f"{self.name} is {'not ' if self.negated else ''}{words[0]}"
        return f"{self.name} {'not ' if self.negated else ''}in ({', '.join(words)})"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a test."""

    of: Test

    def __str__(self) -> str:
        inner = str(self.of)
        return f"not ({inner})" if isinstance(self.of, (And, Or)) else f"not {inner}"


@dataclass(frozen=True, slots=True)
class And:
    """All of several tests."""

    of: tuple[Test, ...]

    def __str__(self) -> str:
        return " and ".join(f"({t})" if isinstance(t, (Or, And)) else str(t) for t in self.of)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of several tests."""

    of: tuple[Test, ...]

    def __str__(self) -> str:
        return " or ".join(f"({t})" if isinstance(t, Or) else str(t) for t in self.of)


Test = Compare | Is | Not | And | Or


@dataclass(frozen=True, slots=True)
class Literal:
    """A line that names a category, a code or a kind of nothing."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Else:
    """The line that catches every answer no earlier line caught."""

    def __str__(self) -> str:
        return "else"


_Tree = Formula | Test


def _level(formula: Formula) -> int:
    if isinstance(formula, Binary):
        return 1 if formula.op in "+-" else 2
    return 3 if isinstance(formula, Negative) else 4


def _wrapped(formula: Formula, level: int) -> str:
    return f"({formula})" if _level(formula) < level else str(formula)


def _quoted(category: str) -> str:
    match = TOKEN.fullmatch(category)
    # a token may stand after blanks; a category that begins with one is another category without it
    plain = match is not None and category in (match["name"], match["number"]) and category not in KEYWORDS
    if plain:
        return category
    return f"'{category}'" if '"' in category else f'"{category}"'


def _children(tree: _Tree) -> tuple[_Tree, ...]:
    if isinstance(tree, (Number, Name, Is)):
        return ()
    if isinstance(tree, (Negative, Not)):
        return (tree.of,)
    if isinstance(tree, (And, Or)):
        return tree.of
    if isinstance(tree, Call):
        return tree.arguments
    return (tree.left, tree.right)


def _walk(tree: _Tree) -> Iterator[_Tree]:
    yield tree
    for child in _children(tree):
        yield from _walk(child)


def names_in(tree: _Tree) -> tuple[str, ...]:
    """Names used as numbers, in order of first appearance.

    Examples
    --------
    >>> from egovindex.spec.language import parse_test
    >>> names_in(parse_test("weeks >= 14 or f + m > weeks"))
    ('weeks', 'f', 'm')
    """
    return tuple(dict.fromkeys(t.id for t in _walk(tree) if isinstance(t, Name)))


def categories_in(tree: _Tree) -> tuple[Is, ...]:
    """The comparisons with categories inside a tree."""
    return tuple(t for t in _walk(tree) if isinstance(t, Is))


def has_not(tree: Test) -> bool:
    """Whether a test is turned around somewhere: ``not value > 0``.

    Examples
    --------
    >>> from egovindex.spec.language import parse_test
    >>> has_not(parse_test("a > 1 and not b > 1")), has_not(parse_test("a is not b"))
    (True, False)
    """
    return any(isinstance(t, Not) for t in _walk(tree))
