"""Formulas and tests: the words that stand in ``points``, ``from``, ``where`` and ``classes``.

A *formula* is arithmetic over names (``imports / gdp``, ``value - 0.5``); a *test* is a sentence
that is true or false (``weeks >= 14 or father >= 7``, ``state is proactive``, ``level in (a, b)``).
Eleven operators, five functions, no more: spec language, section 3.3.

Trees are frozen and compare by value; ``str(tree)`` writes them again, and reading that text gives
an equal tree.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from egovindex.errors import did_you_mean

__all__ = [
    "FUNCTIONS",
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
    "hint_for_name",
    "is_number",
    "is_sentence",
    "line_key",
    "names_in",
    "number_text",
    "parse_formula",
    "parse_line",
    "parse_number",
    "parse_test",
]

FUNCTIONS = ("min", "max", "abs", "log", "sqrt")
_KEYWORDS = ("is", "in", "and", "or", "not")
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))
    | (?P<name>[^\W\d](?:\w|[.\-](?=\w))*)
    | (?P<string>"[^"]*"|'[^']*')
    | (?P<op>>=|<=|>|<|\+|-|\*|/|\(|\)|,)
    )""",
    re.VERBOSE,
)
_DECIMAL = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
# what other languages write for "is" and "is not"
_EQUAL = re.compile(r"(?:[\w.\-]+\s*(?===|!=)|(?:value|answer)\s*(?==))(?P<sign>==|!=|=)\s*(?P<right>.+)")
_LARGEST_DENOMINATOR = 1000
# the longest rule of the indices that were written down has 30 tokens; hostile text must not recurse
_MOST_TOKENS = 400
_MOST_BRACKETS = 50


def parse_number(text: str) -> float:
    """A finite number out of its written form, decimal or fraction.

    Raises
    ------
    ValueError
        The text is not a number of this language (``1_0``, ``0x1f``, ``inf``, ``nan``).

    Examples
    --------
    >>> parse_number("1/3") == 1 / 3, parse_number("1e3")
    (True, 1000.0)
    """
    top, slash, bottom = text.strip().partition("/")
    if not _DECIMAL.fullmatch(top.strip()) or (slash and not _DECIMAL.fullmatch(bottom.strip())):
        raise ValueError(f'"{text}" is not a number')
    value = float(top)
    if slash:
        if float(bottom) == 0:
            raise ValueError(f'"{text}" divides by zero')
        value /= float(bottom)
    if not math.isfinite(value):
        raise ValueError(f'"{text}" is too large for a number')
    return value


def is_number(text: str) -> bool:
    """Whether a text is a number of this language.

    Examples
    --------
    >>> is_number("1/3"), is_number("yes")
    (True, False)
    """
    try:
        parse_number(text)
    except ValueError:
        return False
    return True


def hint_for_name(name: str, known: Collection[str]) -> str:
    """What may be meant by a name that is not known: a difference of known ones, or the closest of them.

    Examples
    --------
    >>> hint_for_name("share-users", ["share", "users"]), hint_for_name("share-used", ["share-users"])
    ('; write minus with spaces: a - b', '; did you mean "share-users"?')
    """
    minus = "; write minus with spaces: a - b"
    if _is_difference(name, known):
        return minus
    return did_you_mean(name, known, otherwise=minus if "-" in name else "")


def _is_difference(name: str, known: Collection[str]) -> bool:
    cuts = [at for at, letter in enumerate(name) if letter == "-"]
    return any(
        name[:at] in known
        and (name[at + 1 :] in known or is_number(name[at + 1 :]) or _is_difference(name[at + 1 :], known))
        for at in cuts
    )


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number; fractions stay fractions.

    Examples
    --------
    >>> number_text(0.5), number_text(12.0), number_text(1 / 3)
    ('0.5', '12', '1/3')
    """
    if not math.isfinite(value):
        return str(value)  # in messages only: no number of the language
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    shortest = repr(float(value))
    if len(shortest) > 8:
        near = Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)
        if near.numerator / near.denominator == value:
            return f"{near.numerator}/{near.denominator}"
    return shortest


# --- trees -------------------------------------------------------------------------------------


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
    match = _TOKEN.fullmatch(category)
    # a token may stand after blanks; a category that begins with one is another category without it
    plain = match is not None and category in (match["name"], match["number"]) and category not in _KEYWORDS
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
    >>> has_not(parse_test("a > 1 and not b > 1")), has_not(parse_test("a is not b"))
    (True, False)
    """
    return any(isinstance(t, Not) for t in _walk(tree))


# --- reading -----------------------------------------------------------------------------------


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        end = 0
        while end < len(text.rstrip()):
            match = _TOKEN.match(text, end)
            if match is None:
                raise ValueError(f'"{text}" cannot be read at "{text[end:].strip()[:20]}"')
            kind = match.lastgroup or ""
            self.tokens.append((kind, match[kind]))
            end = match.end()
        if len(self.tokens) > _MOST_TOKENS or text.count("(") > _MOST_BRACKETS:
            raise ValueError(f'"{text[:40]}..." is too long to be one sentence')

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ("end", "")

    def take(self, *words: str) -> str | None:
        kind, text = self.peek()
        if kind in ("op", "name") and text in words:
            self.at += 1
            return text
        return None

    def expect(self, word: str) -> None:
        if self.take(word) is None:
            found = self.peek()[1] or "the end"
            raise ValueError(f'"{self.text}": "{word}" is expected where "{found}" stands')

    def finished(self) -> None:
        if self.at < len(self.tokens):
            raise ValueError(f'"{self.text}" cannot be read from "{self.peek()[1]}" on')

    # tests
    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self.take("or"):
            tests.append(self.all_of())
        return tests[0] if len(tests) == 1 else Or(tuple(tests))

    def all_of(self) -> Test:
        tests = [self.single()]
        while self.take("and"):
            tests.append(self.single())
        return tests[0] if len(tests) == 1 else And(tuple(tests))

    def single(self) -> Test:
        if self.take("not"):
            return Not(self.single())
        if self.peek() == ("op", "("):
            start = self.at
            try:  # a bracket may hold a test or the start of a formula
                self.at += 1
                inner = self.any_of()
                self.expect(")")
            except ValueError:
                self.at = start
            else:
                return inner
        return self.comparison()

    def comparison(self) -> Test:
        kind, text = self.peek()
        following = self.peek(1)
        if kind == "name" and following[0] == "name" and following[1] in ("is", "in", "not"):
            self.at += 1
            if self.take("is"):
                negated = self.take("not") is not None
                return Is(text, (self.category(),), negated)
            negated = self.take("not") is not None
            self.expect("in")
            self.expect("(")
            categories = [self.category()]
            while self.take(","):
                categories.append(self.category())
            self.expect(")")
            return Is(text, tuple(categories), negated)
        left = self.sum()
        op = self.take(">=", "<=", ">", "<")
        if op is None:
            found = self.peek()[1] or "the end"
            raise ValueError(f'"{self.text}": a comparison is expected before "{found}"')
        return Compare(op, left, self.sum())

    def category(self) -> str:
        kind, text = self.peek()
        sign = ""
        if (kind, text) == ("op", "-") and self.peek(1)[0] == "number":
            self.at += 1
            sign, (kind, text) = "-", self.peek()
        if kind not in ("name", "number", "string") or text in _KEYWORDS:
            raise ValueError(f'"{self.text}": a category is expected where "{text or "the end"}" stands')
        self.at += 1
        return sign + (text[1:-1] if kind == "string" else text)

    # formulas
    def sum(self) -> Formula:
        left = self.product()
        while op := self.take("+", "-"):
            left = Binary(op, left, self.product())
        return left

    def product(self) -> Formula:
        left = self.unary()
        while op := self.take("*", "/"):
            left = Binary(op, left, self.unary())
        return left

    def unary(self) -> Formula:
        if self.take("-"):
            return Negative(self.unary())
        return self.atom()

    def atom(self) -> Formula:
        kind, text = self.peek()
        if kind == "number":
            self.at += 1
            return Number(float(text))
        if kind == "name" and text not in _KEYWORDS:
            self.at += 1
            if self.peek() != ("op", "("):
                return Name(text)
            if text not in FUNCTIONS:
                hint = did_you_mean(text, FUNCTIONS, otherwise=".")
                raise ValueError(f'"{text}" is not a function{hint} Functions: {", ".join(FUNCTIONS)}')
            self.at += 1
            arguments = [self.sum()]
            while self.take(","):
                arguments.append(self.sum())
            self.expect(")")
            if text in ("abs", "log", "sqrt") and len(arguments) != 1:
                raise ValueError(f'"{self.text}": {text} takes one argument')
            return Call(text, tuple(arguments))
        if self.take("("):
            inner = self.sum()
            self.expect(")")
            return inner
        raise ValueError(f'"{self.text}": a number or a name is expected where "{text or "the end"}" stands')


def parse_formula(text: str) -> Formula:
    """Read a formula.

    Raises
    ------
    ValueError
        With what was expected and what was found.

    Examples
    --------
    >>> str(parse_formula("(share * V + (100 - share) * NV) / 100"))
    '(share * V + (100 - share) * NV) / 100'
    """
    parser = _Parser(text)
    tree = parser.sum()
    parser.finished()
    return tree


def parse_test(text: str) -> Test:
    """Read a test.

    Raises
    ------
    ValueError
        With what was expected and what was found.

    Examples
    --------
    >>> str(parse_test("not (a > 1 or b is not yes) and level in (regional, local)"))
    'not (a > 1 or b is not yes) and level in (regional, local)'
    """
    parser = _Parser(text)
    tree = parser.any_of()
    parser.finished()
    return tree


def is_sentence(text: str) -> bool:
    """Whether a line is meant as a test, not as the name of a category.

    Examples
    --------
    >>> is_sentence("value > 0"), is_sentence("answer is yes"), is_sentence("not applicable")
    (True, True, False)
    """
    try:
        tokens = _Parser(text).tokens
    except ValueError:
        return bool(re.search(r"[<>]", text))
    return any(
        (kind == "op" and token in (">", "<", ">=", "<="))
        or (kind == "name" and token in ("is", "in") and 0 < at < len(tokens) - 1)
        for at, (kind, token) in enumerate(tokens)
    )


def parse_line(text: str) -> Literal | Else | Test:
    """Read the left side of a points line.

    Examples
    --------
    >>> parse_line("yes"), parse_line("else"), str(parse_line("value > 0"))
    (Literal(text='yes'), Else(), 'value > 0')
    """
    text = text.strip()
    if text == "else":
        return Else()
    if text.casefold() == "else":
        raise ValueError(f'"{text}" is written in small letters: else')
    if is_sentence(text):
        return parse_test(text)
    if equal := _EQUAL.match(text):
        raise ValueError(
            f'"{text}": there is no "{equal["sign"]}" in this language; a number or category stands alone as the line '
            f"({equal['right']}: ...), or after is, is not, in"
        )
    return Literal(text)


def line_key(text: str) -> Hashable:
    """What a points line says, however it is spelt: two lines with one key hold for the same answers.

    Examples
    --------
    >>> (
    ...     line_key("value>0") == line_key("value > 0"),
    ...     line_key("Yes") == line_key("yes"),
    ...     line_key("1") == line_key("1.0"),
    ... )
    (True, True, True)
    """
    try:
        line = parse_line(text)
    except ValueError:
        return text
    if not isinstance(line, Literal):
        return line
    try:
        return parse_number(line.text)
    except ValueError:
        return line.text.casefold()
