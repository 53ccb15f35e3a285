"""Formulas and tests: the words that stand in ``points``, ``from``, ``where`` and ``classes``.

A *formula* is arithmetic over names (``imports / gdp``, ``value - 0.5``); a *test* is a sentence
that is true or false (``weeks >= 14 or father >= 7``, ``state is proactive``, ``level in (a, b)``).
Eleven operators, five functions, no more: spec language, section 3.3.

Trees are frozen and compare by value; ``str(tree)`` writes them again, and reading that text gives
an equal tree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable

from egovindex.errors import did_you_mean
from egovindex.spec.numbers import is_number, number_text, parse_number
from egovindex.spec.syntax import (
    KEYWORDS,
    TOKEN,
    And,
    Binary,
    Call,
    Compare,
    Else,
    Formula,
    Is,
    Literal,
    Name,
    Negative,
    Not,
    Number,
    Or,
    Test,
    categories_in,
    has_not,
    names_in,
)

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
# what other languages write for "is" and "is not"
_EQUAL = re.compile(r"(?:[\w.\-]+\s*(?===|!=)|(?:value|answer)\s*(?==))(?P<sign>==|!=|=)\s*(?P<right>.+)")
# the longest rule of the indices that were written down has 30 tokens; hostile text must not recurse
_MOST_TOKENS = 400
_MOST_BRACKETS = 50


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


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        end = 0
        while end < len(text.rstrip()):
            match = TOKEN.match(text, end)
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
        if kind not in ("name", "number", "string") or text in KEYWORDS:
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
        if kind == "name" and text not in KEYWORDS:
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
