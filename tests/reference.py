"""A slow, plain evaluator of the spec language: one unit, one record, one number at a time.

It exists so that the fast implementation can be checked against it on random trees. It shares no
code with `egovindex` and uses the standard library only; where two ways of writing something were
possible, the more obvious one was taken. One period, no rules, no rows inside a unit, no learned
outcomes, no attributes.

    score(document, rows, weights) -> {record id: [Result for each row]}

A record is evaluated for all units before its parent is, because its steps may learn from all of
them. Section numbers refer to the specification.
"""

# One case for each name of the specification, spelt out in one place, is what makes it checkable.
# ruff: noqa: C901, PLR0911, PLR0912

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]
Formula = tuple[Any, ...]
Sentence = tuple[Any, ...]


class ReferenceError_(Exception):  # noqa: N801 - not the builtin ReferenceError
    """The document or the data break a rule of the specification."""


@dataclass(frozen=True)
class Result:
    """What one record says about one unit."""

    value: float | None
    state: str  # scored, skipped, void or missing
    coverage: float


@dataclass(frozen=True)
class _Inner:
    """A `Result` and what only the parent of the record wants to know."""

    result: Result
    answered: bool  # indicator: there was an answer; node: a score before its own points lines
    ends_parent: bool  # outcome `void`: the parent has no score, whatever `nothing` says


@dataclass(frozen=True)
class Answer:
    """What stands in one cell: exactly one of a number, a word and a kind of nothing."""

    number: float | None = None
    word: str | None = None
    kind: str | None = None

    def is_(self, name: str) -> bool:
        """Whether this is the category, code or kind of nothing of that name."""
        wanted = key(name)
        if isinstance(wanted, float):
            return self.number == wanted
        return wanted in (self.word, self.kind)


@dataclass(frozen=True)
class Scope:
    """What the names in a line mean for one unit."""

    number: Callable[[str], float | None]  # None: there is no number of that name
    answer: Callable[[str], Answer]


@dataclass(frozen=True)
class Line:
    """One line of a points map. Without literal and sentence it is the `else` line."""

    outcome: str | Formula  # "skip", "void" or a formula (a number is a formula)
    literal: str | None = None
    sentence: Sentence | None = None


# ------------------------------------------------------------------------------------------------
# Scalars and names (section 2)
# ------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def num(written: Any) -> float:
    """The number written as 0.5, "0.5", "1/3" or {"value": ...}."""
    if isinstance(written, dict) and "value" in written:
        return num(written["value"])
    if isinstance(written, int | float) and not isinstance(written, bool):
        return float(written)
    if isinstance(written, str):
        parts = [part.strip() for part in written.split("/")]
        if len(parts) <= 2 and all(_NUMBER.fullmatch(part) for part in parts):
            top, bottom = float(parts[0]), float(parts[1]) if len(parts) == 2 else 1.0
            if bottom == 0:
                raise ReferenceError_(f"division by zero in {written!r}")
            return top / bottom
    raise ReferenceError_(f"not a number: {written!r}")


def is_number(written: Any) -> bool:
    try:
        num(written)
    except ReferenceError_:
        return False
    return True


def fold(text: Any) -> str:
    """Case and outer blanks are ignored."""
    return str(text).strip().casefold()


def key(cell: Any) -> float | str:
    """What two spellings must share to be the same: the number, or else the folded text."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = fold(cell)
    return float(text) if _NUMBER.fullmatch(text) else text


def is_blank(cell: Any) -> bool:
    return (
        cell is None or (isinstance(cell, float) and math.isnan(cell)) or (isinstance(cell, str) and not cell.strip())
    )


def ids(written: Any) -> list[str]:
    """The ids in "a", "a, b" or "q036..q054" (zero padding is kept)."""
    found = []
    for part in str(written).split(","):
        first, dots, last = part.strip().partition("..")
        if not dots:
            found.append(first)
            continue
        start = re.fullmatch(r"(.*?)(\d+)(\D*)", first)
        end = re.fullmatch(r"(.*?)(\d+)(\D*)", last)
        if not start or not end or start[1] != end[1] or start[3] != end[3]:
            raise ReferenceError_(f"not a range: {part.strip()!r}")
        prefix, digits, suffix = start.groups()
        numbers = range(int(digits), int(end[2]) + 1)
        found += [f"{prefix}{n:0{len(digits)}d}{suffix}" for n in numbers]
    return found


# ------------------------------------------------------------------------------------------------
# Formulas and sentences (section 3.3)
# ------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')
          |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)
          |(?P<name>[^\W\d_][\w.\-]*)
          |(?P<sign>>=|<=|[><+\-*/(),]))""",
    re.VERBOSE,
)
_FUNCTIONS = ("min", "max", "abs", "log", "sqrt")
_KEYWORDS = ("and", "or", "not", "is", "in", "else")
_COMPARISONS = (">", ">=", "<", "<=")


class _NotReadableError(Exception):
    """The text is not a formula, or not a sentence."""


class _Parser:
    """Recursive descent; a formula and a sentence become nested tuples."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        text, position = text.strip(), 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if not match or match.lastgroup is None:
                raise _NotReadableError(text)
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, *texts: str) -> str | None:
        """The next token, if it is one of these signs or keywords."""
        kind, text = self.peek()
        if kind in ("sign", "name") and text in texts:
            self.at += 1
            return text
        return None

    def expect(self, text: str) -> None:
        if self.take(text) is None:
            raise _NotReadableError(f"{text} expected")

    def finish(self, tree: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.peek()[0] != "end":
            raise _NotReadableError(self.peek()[1])
        return tree

    # formula := product (("+" | "-") product)*
    def formula(self) -> Formula:
        left = self.product()
        while sign := self.take("+", "-"):
            left = (sign, left, self.product())
        return left

    def product(self) -> Formula:
        left = self.factor()
        while sign := self.take("*", "/"):
            left = (sign, left, self.factor())
        return left

    def factor(self) -> Formula:
        if self.take("-"):
            return ("negative", self.factor())
        if self.take("("):
            inner = self.formula()
            self.expect(")")
            return inner
        kind, text = self.peek()
        self.at += 1
        if kind == "number":
            return ("number", float(text))
        if kind != "name" or text in _KEYWORDS:
            raise _NotReadableError(text)
        if text in _FUNCTIONS and self.take("("):
            arguments = [self.formula()]
            while self.take(","):
                arguments.append(self.formula())
            self.expect(")")
            return ("call", text, arguments)
        return ("name", text)

    # sentence := part ("or" part)*, part := negation ("and" negation)*
    def sentence(self) -> Sentence:
        left = self.sentence_part()
        while self.take("or"):
            left = ("or", left, self.sentence_part())
        return left

    def sentence_part(self) -> Sentence:
        left = self.negation()
        while self.take("and"):
            left = ("and", left, self.negation())
        return left

    def negation(self) -> Sentence:
        if self.take("not"):
            return ("not", self.negation())
        start = self.at
        try:
            return self.comparison()
        except _NotReadableError:
            self.at = start  # a bracket may hold a sentence instead of a formula
            self.expect("(")
            inner = self.sentence()
            self.expect(")")
            return inner

    def comparison(self) -> Sentence:
        kind, name = self.peek()
        if kind == "name" and name not in _KEYWORDS:
            start = self.at
            self.at += 1
            if self.take("is"):
                negated = self.take("not") is not None
                return ("is", name, [self.category()], negated)
            negated = self.take("not") is not None
            if self.take("in"):
                self.expect("(")
                categories = [self.category()]
                while self.take(","):
                    categories.append(self.category())
                self.expect(")")
                return ("is", name, categories, negated)
            self.at = start
        left = self.formula()
        sign = self.take(*_COMPARISONS)
        if sign is None:
            raise _NotReadableError("a comparison is missing")
        return (sign, left, self.formula())

    def category(self) -> str:
        minus = "-" if self.take("-") else ""
        kind, text = self.peek()
        self.at += 1
        if kind == "number":
            return minus + text
        if kind == "quoted" and not minus:
            return text[1:-1]
        if kind == "name" and not minus and text not in _KEYWORDS:
            return text
        raise _NotReadableError(text)


def parse_formula(text: str) -> Formula:
    try:
        parser = _Parser(text)
        return parser.finish(parser.formula())
    except _NotReadableError as error:
        raise ReferenceError_(f"not a formula: {text!r}") from error


def parse_sentence(text: str) -> Sentence | None:
    """The sentence, or None where the text is just a word."""
    try:
        parser = _Parser(text)
        return parser.finish(parser.sentence())
    except _NotReadableError as error:
        if re.search(r"[<>=]|\sis\s", text):
            raise ReferenceError_(f"not a test: {text!r}") from error
        return None


def names_in(formula: Formula) -> list[str]:
    """The names in a formula, in order of appearance, each once."""
    operator, *operands = formula
    if operator == "name":
        return [operands[0]]
    if operator == "number":
        return []
    inner = operands[1] if operator == "call" else operands
    return list(dict.fromkeys(name for part in inner for name in names_in(part)))


def calculate(formula: Formula, scope: Scope) -> float | None:
    """The value of a formula; None if one of its names has no number."""
    numbers = {}
    for name in names_in(formula):
        number = scope.number(name)
        if number is None:
            return None
        numbers[name] = number
    try:
        value = _calculate(formula, numbers)
    except (ZeroDivisionError, OverflowError, ValueError) as error:
        raise ReferenceError_(f"{error} in a formula") from error
    if not math.isfinite(value):
        raise ReferenceError_("a formula gives no finite number")
    return value


def _calculate(formula: Formula, numbers: dict[str, float]) -> float:
    operator, *operands = formula
    if operator == "number":
        return float(operands[0])
    if operator == "name":
        return numbers[operands[0]]
    if operator == "call":
        function, arguments = operands
        values = [_calculate(argument, numbers) for argument in arguments]
        if function == "min":
            return min(values)
        if function == "max":
            return max(values)
        if len(values) != 1:
            raise ReferenceError_(f"{function} takes one number")
        if function == "abs":
            return abs(values[0])
        return math.log(values[0]) if function == "log" else math.sqrt(values[0])
    if operator == "negative":
        return -_calculate(operands[0], numbers)
    left, right = (_calculate(part, numbers) for part in operands)
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    return left * right if operator == "*" else left / right


def holds(sentence: Sentence, scope: Scope) -> bool:
    """Ordinary logic over comparisons; a comparison with a kind of nothing must name that kind."""
    operator, *operands = sentence
    if operator == "and":
        return holds(operands[0], scope) and holds(operands[1], scope)
    if operator == "or":
        return holds(operands[0], scope) or holds(operands[1], scope)
    if operator == "not":
        return not holds(operands[0], scope)
    if operator == "is":
        name, categories, negated = operands
        answer = scope.answer(name)
        named = any(answer.is_(category) for category in categories)
        if answer.kind is not None and not named:
            return False
        return bool(named != negated)
    left, right = calculate(operands[0], scope), calculate(operands[1], scope)
    if left is None or right is None:
        return False
    if operator == ">":
        return left > right
    if operator == ">=":
        return left >= right
    return left < right if operator == "<" else left <= right


# ------------------------------------------------------------------------------------------------
# Points (section 3.3)
# ------------------------------------------------------------------------------------------------


def parse_outcome(written: Any) -> str | Formula:
    if isinstance(written, dict) and "value" in written:
        return parse_outcome(written["value"])
    if is_number(written):
        return ("number", num(written))
    text = str(written).strip()
    if text in ("skip", "void"):
        return text
    if text in ("last", "parent") or text.split(" ")[0] in ("mean", "median"):
        raise ReferenceError_(f"the reference evaluator has no outcome {text!r}")
    return parse_formula(text)


def parse_line(test: Any, outcome: Any) -> Line:
    text = str(test).strip()
    if text == "else":
        return Line(parse_outcome(outcome))
    if isinstance(key(text), float):
        return Line(parse_outcome(outcome), literal=text)
    sentence = parse_sentence(text)
    if sentence is None:
        return Line(parse_outcome(outcome), literal=text)
    return Line(parse_outcome(outcome), sentence=sentence)


def decide(lines: list[Line], answer: Answer, scope: Scope) -> str | float | None:
    """What the first line that holds says: "skip", "void", a number; None if no line holds."""
    for line in lines:
        if line.literal is not None:
            caught = answer.is_(line.literal)
        elif line.sentence is not None:
            caught = holds(line.sentence, scope)
        else:
            caught = answer.kind is None
        if not caught:
            continue
        if isinstance(line.outcome, str):
            return line.outcome
        number = calculate(line.outcome, scope)
        if number is not None:  # otherwise a name has no number: the line is passed over
            return number
    return None


# ------------------------------------------------------------------------------------------------
# Steps (section 3.4): from the values of all scored units to new ones
# ------------------------------------------------------------------------------------------------

_DIRECTED = ("zscore", "minmax", "rank")


def apply_steps(values: list[float | None], steps: Any, direction: str) -> list[float | None]:
    """All steps from left to right. None, a unit without a score, stays None."""
    if isinstance(steps, str):
        steps = steps.split(";")
    words = [str(step).split() for step in steps or [] if str(step).strip()]
    directed = [i for i, step in enumerate(words) if step[0] in _DIRECTED]
    if direction not in ("up", "down"):
        raise ReferenceError_(f"direction {direction!r}")
    if direction == "down" and not directed:
        raise ReferenceError_("direction down has no effect: no step is zscore, minmax or rank")
    where = [i for i, value in enumerate(values) if value is not None]
    scored = [value for value in values if value is not None]
    for i, (name, *parameters) in enumerate(words):
        down = direction == "down" and i == directed[-1]
        try:
            scored = apply_step(name, parameters, scored, down)
        except (ZeroDivisionError, OverflowError, ValueError) as error:
            raise ReferenceError_(f"step {name}: {error}") from error
        if not all(math.isfinite(x) for x in scored):
            raise ReferenceError_(f"step {name} gives no finite number")
    result: list[float | None] = [None] * len(values)
    for i, x in zip(where, scored, strict=True):
        result[i] = x
    return result


def apply_step(name: str, parameters: list[str], xs: list[float], down: bool) -> list[float]:
    match name, parameters:
        case "out_of", [a]:
            return [x / num(a) for x in xs]
        case "times", [a]:
            return [x * num(a) for x in xs]
        case "grid", [n]:
            return [round(x * num(n)) / num(n) for x in xs]
        case "floor", [a]:
            return [max(x, num(a)) for x in xs]
        case "cap", [a]:
            return [min(x, num(a)) for x in xs]
        case "top", [n]:
            limit = nth(sorted(xs, reverse=True), n)
            return [x if limit is None else min(x, limit) for x in xs]
        case "bottom", [n]:
            limit = nth(sorted(xs), n)
            return [x if limit is None else max(x, limit) for x in xs]
        case "log", []:
            return [math.log(x) for x in xs]
        case "distance", ["median"]:
            return [abs(x - median(xs)) for x in xs]
        case "distance", [target]:
            return [abs(x - num(target)) for x in xs]
        case "zscore", _:
            return zscore(xs, parameters, down)
        case "winsorise", [n]:
            return winsorise(xs, count(n))
        case "minmax", []:
            return minmax(xs, 0.0, 1.0, down)
        case "minmax", [a, b]:
            return minmax(xs, num(a), num(b), down)
        case "goalposts", [worst, best]:
            return goalposts(xs, num(worst), num(best))
        case "goalposts", [worst, best, "log"]:
            logs = [math.log(x) for x in xs]
            return goalposts(logs, math.log(num(worst)), math.log(num(best)))
        case "rank", []:
            ys = [-x for x in xs] if down else xs
            slack = 1e-12 * max(map(abs, ys), default=0.0)  # equal up to rounding is equal
            return [sum(other <= y + slack for other in ys) / len(ys) for y in ys]
        case "round", [n]:
            return [in_decimals(x, int(n), ROUND_HALF_EVEN) for x in xs]
        case "round", [n, "half_up"]:
            return [in_decimals(x, int(n), ROUND_HALF_UP) for x in xs]
    raise ReferenceError_(f"no such step: {' '.join([name, *parameters])}")


def in_decimals(x: float, digits: int, way: str) -> float:
    """Rounded as the number that is printed with 12 significant digits; halves go up, not away from zero."""
    if way == ROUND_HALF_UP and x < 0:
        way = ROUND_HALF_DOWN
    return float(Decimal(f"{x:.12g}").quantize(Decimal(1).scaleb(-digits), rounding=way))


def count(written: str) -> int:
    if num(written) < 1 or num(written) != int(num(written)):
        raise ReferenceError_(f"{written} is not a count of units")
    return int(num(written))


def nth(ordered: list[float], n: str) -> float | None:
    """The n-th value; None, no limit, where there are fewer units."""
    return ordered[count(n) - 1] if count(n) <= len(ordered) else None


def median(xs: list[float]) -> float:
    ordered, half = sorted(xs), len(xs) // 2
    if len(xs) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def constant(xs: list[float]) -> bool:
    """Equal up to rounding is equal."""
    return max(xs) - min(xs) <= 1e-12 * max(map(abs, xs))


def goalposts(xs: list[float], worst: float, best: float) -> list[float]:
    return [(x - worst) / (best - worst) for x in xs]


def zscore(xs: list[float], options: list[str], down: bool) -> list[float]:
    sample = options[:1] == ["sample"]
    target = [num(option) for option in (options[1:] if sample else options)]
    if len(target) not in (0, 2):
        raise ReferenceError_(f"zscore {' '.join(options)}")
    if not xs:
        return []
    if constant(xs):
        raise ReferenceError_("zscore of a constant column")
    ys = [-x for x in xs] if down else xs
    mean = sum(ys) / len(ys)
    squares = sum((y - mean) ** 2 for y in ys)
    sd = math.sqrt(squares / (len(ys) - 1 if sample else len(ys)))
    new_mean, new_sd = target or (0.0, 1.0)
    return [new_mean + new_sd * (y - mean) / sd for y in ys]


def minmax(xs: list[float], worst: float, best: float, down: bool) -> list[float]:
    if not xs:
        return []
    low, high = min(xs), max(xs)
    if constant(xs):
        raise ReferenceError_("minmax of a constant column")
    shares = [(high - x if down else x - low) / (high - low) for x in xs]
    return [worst + (best - worst) * share for share in shares]


def skewness(xs: list[float]) -> float:
    """G1: the bias-corrected sample skewness, SKEW in Excel."""
    n, mean = len(xs), sum(xs) / len(xs)
    sd = math.sqrt(sum((x - mean) ** 2 for x in xs) / (n - 1))
    return n / ((n - 1) * (n - 2)) * sum(((x - mean) / sd) ** 3 for x in xs)


def kurtosis(xs: list[float]) -> float:
    """G2: the bias-corrected sample excess kurtosis, KURT in Excel."""
    n, mean = len(xs), sum(xs) / len(xs)
    sd = math.sqrt(sum((x - mean) ** 2 for x in xs) / (n - 1))
    fourth = sum(((x - mean) / sd) ** 4 for x in xs)
    return n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))


def winsorise(xs: list[float], most: int) -> list[float]:
    # two distinct values stay: a yes/no item with one yes must not become constant
    xs, replaced = list(xs), set[int]()
    while len(xs) > 3 and len(set(xs)) > 2 and len(replaced) < most:
        skew = skewness(xs)
        if abs(skew) < 2 or kurtosis(xs) < 3.5:
            break
        distinct = sorted(set(xs), reverse=skew < 0)
        end, next_to_end = distinct[-1], distinct[-2]
        at_end = {i for i, x in enumerate(xs) if x == end}
        if len(replaced | at_end) > most:
            break
        replaced |= at_end
        for i in at_end:
            xs[i] = next_to_end
    return xs


# ------------------------------------------------------------------------------------------------
# Aggregates (section 3.5)
# ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """A child that counts."""

    value: float
    weight: float
    coverage: float


def aggregate(name: str, children: list[Counted], all_scored: bool) -> float | None:
    """The aggregated value, None where there is none. There is at least one child."""
    try:
        value = _aggregate(name, children, all_scored)
    except (ZeroDivisionError, OverflowError, ValueError) as error:
        raise ReferenceError_(f"aggregate {name}: {error}") from error
    if value is not None and not math.isfinite(value):
        raise ReferenceError_(f"aggregate {name} gives no finite number")
    return value


def _aggregate(name: str, children: list[Counted], all_scored: bool) -> float | None:
    values = [child.value for child in children]
    weights = [child.weight for child in children]
    if name == "mean":
        return weighted_mean(values, weights)
    if name == "pool":
        return weighted_mean(values, [child.weight * child.coverage for child in children])
    if name == "sum":
        return dot(weights, values) if all_scored else None
    if name == "product":
        return math.prod(map(math.pow, values, weights)) if all_scored else None
    if name == "min":
        return min(values)
    if name == "max":
        return max(values)
    if name == "weakest":
        return min(values) + 0.5 if max(values) > min(values) else min(values)
    if name == "ladder":
        return weighted_mean([min(values[: i + 1]) for i in range(len(values))], weights)
    if name not in ("geometric", "harmonic"):
        raise ReferenceError_(f"no such aggregate: {name}")
    children = [child for child in children if child.weight != 0]
    total = sum(child.weight for child in children)
    if total == 0:
        return None
    if any(child.value < 0 for child in children):
        raise ReferenceError_(f"aggregate {name}: a negative value")
    if any(child.value == 0 and child.weight > 0 for child in children):
        return 0.0
    if name == "geometric":
        return math.prod(math.pow(child.value, child.weight / total) for child in children)
    return total / sum(child.weight / child.value for child in children)


def dot(weights: list[float], values: list[float]) -> float:
    return sum(w * x for w, x in zip(weights, values, strict=True))


def weighted_mean(values: list[float], weights: list[float]) -> float | None:
    return dot(weights, values) / sum(weights) if sum(weights) != 0 else None


# ------------------------------------------------------------------------------------------------
# The index
# ------------------------------------------------------------------------------------------------

# `rules` may stand in a file; a `rule` in force must have been merged before.
_FILE_KEYS = (
    *("index", "title", "edition", "source", "note", "rows", "columns", "answers", "nothing"),
    *("points", "rules", "reference", "defaults", "indicators", "nodes"),
)
_RECORD_KEYS = (
    *("label", "note", "source", "measured_in"),
    *("in", "weight", "from", "points", "steps", "direction"),
)
_INDICATOR_KEYS = (*_RECORD_KEYS, "answers")
_NODE_KEYS = (*_RECORD_KEYS, "of", "aggregate", "need", "classes")


def _check_keys(found: dict[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for name in found:
        if name not in allowed:
            raise ReferenceError_(f"unknown key {name!r} in {where}")


class _Index:
    def __init__(self, document: dict[str, Any], rows: list[Row], weights: Any) -> None:
        _check_keys(document, _FILE_KEYS, "the file")
        if document.get("reference") not in (None, {"periods": "each"}, {"periods": "all"}):
            raise ReferenceError_("the reference evaluator learns from all units")
        self.rows = rows
        self.headings = {heading for row in rows for heading in row}
        self.columns = {
            name: str(heading) for name, heading in (document.get("columns") or {}).items() if "*" not in str(heading)
        }
        self.scales = {name: _scale(spellings) for name, spellings in _of(document, "answers")}
        self.maps = dict(_of(document, "points"))
        self.nothing = self.read_nothing(document.get("nothing"))
        defaults = document.get("defaults") or {}
        self.indicators = _records(document.get("indicators"), defaults.get("indicators"), _INDICATOR_KEYS)
        self.nodes = _records(document.get("nodes"), defaults.get("nodes"), _NODE_KEYS)
        if both := self.indicators.keys() & self.nodes.keys():
            raise ReferenceError_(f"indicator and node of the same name: {sorted(both)}")
        self.children = {node: self.read_children(node) for node in self.nodes}
        self.lay_over(weights)
        self.lines = {name: self.read_lines(record) for name, record in (self.indicators | self.nodes).items()}
        self.scale_of = {name: self.find_scale(name) for name in self.indicators}
        self.done: dict[str, list[_Inner]] = {}
        self.under_way: list[str] = []

    # -- reading the file ------------------------------------------------------------------------

    def read_nothing(self, written: Any) -> dict[str, str | Formula | None]:
        """The policy of every known kind of nothing; None: it has none."""
        kinds: dict[str, str | Formula | None] = {
            "missing": None,
            "unknown": None,
            "not_applicable": None,
        }
        if written is None:
            return kinds
        if isinstance(written, dict) and "value" not in written:
            named = {fold(kind): parse_outcome(outcome) for kind, outcome in written.items()}
            return kinds | named
        return dict.fromkeys(kinds, parse_outcome(written))

    def read_children(self, node: str) -> dict[str, float]:
        """The children of a node and their weights, in the order written."""
        record = self.nodes[node]
        edges: list[tuple[str, float]] = []
        of = record.get("of")
        if isinstance(of, dict):
            edges = [(child, num(w)) for names, w in of.items() for child in ids(names)]
        elif of is not None:
            names = of if isinstance(of, list) else [of]
            edges = [(child, 1.0) for name in names for child in ids(name)]
        upward = [
            (child, num(other.get("weight", 1)))
            for child, other in (self.indicators | self.nodes).items()
            if "in" in other and str(other["in"]) == node
        ]
        formula = []
        if "from" in record:
            formula = [(name, 1.0) for name in names_in(parse_formula(str(record["from"])))]
        if sum(map(bool, (edges, upward, formula))) != 1:
            raise ReferenceError_(f"{node} needs children said in one way: of, in, or from")
        edges = edges or upward or formula
        for child, _ in edges:
            if child not in self.indicators and child not in self.nodes:
                raise ReferenceError_(f"{node} has a child {child!r} that is no record")
        if len(dict(edges)) != len(edges):
            raise ReferenceError_(f"{node} names a child twice")
        return dict(edges)

    def lay_over(self, weights: Any) -> None:
        """A weight set (section 3.6), whole or only its `nodes`."""
        if not weights:
            return
        if "weights" in weights or "index" in weights or "nodes" in weights:
            weights = weights.get("nodes") or {}
        for node, written in weights.items():
            if node not in self.nodes or "from" in self.nodes[node]:
                raise ReferenceError_(f"weights for {node!r}, which has none")
            if written == "equal":
                new = dict.fromkeys(self.children[node], 1.0)
            elif isinstance(written, dict):
                edges = [(child, num(w)) for names, w in written.items() for child in ids(names)]
                new = dict(edges)
                if len(new) != len(edges) or new.keys() != self.children[node].keys():
                    raise ReferenceError_(f"weights of {node} must name each child once")
            else:
                raise ReferenceError_(f"the reference evaluator has no weights {written!r}")
            self.children[node] = {child: new[child] for child in self.children[node]}

    def read_lines(self, record: dict[str, Any]) -> list[Line]:
        written = record.get("points")
        lines = []
        for part in written if isinstance(written, list) else [written]:
            if part is None:
                continue
            if not isinstance(part, dict) and str(part) not in self.maps:
                raise ReferenceError_(f"no points map {part!r}")
            points = part if isinstance(part, dict) else self.maps[str(part)]
            lines += [parse_line(test, out) for test, out in points.items() if out is not None]
        return lines

    def is_closed(self, lines: list[Line]) -> bool:
        return any(line.literal is not None and fold(line.literal) not in self.nothing for line in lines)

    def find_scale(self, indicator: str) -> dict[str, list[Any]]:
        """The scale the answers are on: the one named, or the one whose categories are used."""
        named = self.indicators[indicator].get("answers")
        if named is not None:
            if str(named) not in self.scales:
                raise ReferenceError_(f"no scale {named!r}")
            return self.scales[str(named)]
        used = set()
        for line in self.lines[indicator]:
            words = own_categories(line.sentence) if line.sentence else [line.literal]
            used |= {key(word) for word in words if word and fold(word) not in self.nothing}
        some = [s for s in self.scales.values() if used & set(map(key, s))]
        if len(some) > 1:
            some = [s for s in some if used <= set(map(key, s))] or some
        if len(some) > 1:
            raise ReferenceError_(f"{indicator} may be on several scales: name one in answers")
        return some[0] if some else {}

    # -- reading the data ------------------------------------------------------------------------

    def heading(self, column: str) -> str | None:
        """The heading a column name stands for; None if there is no such column."""
        for name in (self.columns.get(column), column):
            if name in self.headings:
                return name
        return None

    def read(self, cell: Any, scale: dict[str, list[Any]]) -> Answer:
        if is_blank(cell):
            return Answer(kind="missing")
        found = key(cell)
        for category, spellings in scale.items():
            if found in (key(category), *map(key, spellings)):
                found = key(category)
                break
        if isinstance(found, float):
            if not math.isfinite(found):
                raise ReferenceError_(f"not a finite number: {cell!r}")
            return Answer(number=found)
        return Answer(kind=found) if found in self.nothing else Answer(word=found)

    def is_formula(self, indicator: str) -> bool:
        """Whether `from` is neither a list nor a column."""
        written = self.indicators[indicator].get("from", indicator)
        return not isinstance(written, list) and self.heading(str(written)) is None

    def sources(self, indicator: str) -> list[str]:
        """The headings an indicator takes its value from, or those its formula uses."""
        written = self.indicators[indicator].get("from", indicator)
        columns = written if isinstance(written, list) else [written]
        if self.is_formula(indicator):
            columns = names_in(parse_formula(str(written)))
        headings = [self.heading(str(column)) for column in columns]
        if None in headings:
            raise ReferenceError_(f"{indicator}: no column for {written!r}")
        return [heading for heading in headings if heading is not None]

    def own_answer(self, indicator: str, row: Row) -> Answer:
        written = self.indicators[indicator].get("from", indicator)
        scale = self.scale_of[indicator]
        answers = [self.read(row.get(heading), scale) for heading in self.sources(indicator)]
        if self.is_formula(indicator):
            return self.formula_answer(str(written), row, scale)
        for answer in answers:
            if answer.kind is None:
                return answer
        return answers[0]

    def formula_answer(self, written: str, row: Row, scale: dict[str, list[Any]]) -> Answer:
        """`imports / gdp`; if a part is nothing, so is the whole, and of that kind."""

        def part(name: str) -> Answer:
            return self.read(row.get(str(self.heading(name))), scale)

        formula = parse_formula(written)
        for name in names_in(formula):
            if part(name).kind is not None:
                return part(name)
            if part(name).number is None:
                raise ReferenceError_(f"{name} in {written!r} is not a number")
        return Answer(number=calculate(formula, Scope(lambda name: part(name).number, part)))

    def column_answer(self, column: str, row: Row) -> Answer:
        """A cell that a test names, on the scale of the indicators that read its column."""
        heading = self.heading(column)
        if heading is None:
            raise ReferenceError_(f"no column {column!r}")
        scales = [
            self.scale_of[indicator]
            for indicator in self.indicators
            if self.scale_of[indicator] and heading in self.sources(indicator)
        ]
        answers = {self.read(row.get(heading), scale) for scale in scales or [{}]}
        if len(answers) > 1:
            raise ReferenceError_(f"column {column} is read on several scales")
        return answers.pop()

    # -- evaluating ------------------------------------------------------------------------------

    def evaluate(self, name: str) -> list[_Inner]:
        if name not in self.done:
            if name in self.under_way:
                raise ReferenceError_(f"{name} needs itself")
            self.under_way.append(name)
            record = self.indicators.get(name) or self.nodes.get(name) or {}
            one = self.indicator if name in self.indicators else self.node
            before = [one(name, i) for i in range(len(self.rows))]
            after = apply_steps(
                [inner.result.value for inner in before],
                record.get("steps"),
                str(record.get("direction", "up")),
            )
            self.done[name] = [
                _Inner(
                    Result(value, inner.result.state, inner.result.coverage),
                    inner.answered,
                    inner.ends_parent,
                )
                for inner, value in zip(before, after, strict=True)
            ]
            self.under_way.pop()
        return self.done[name]

    def indicator(self, name: str, i: int) -> _Inner:
        """One indicator for one unit, before its steps."""
        row, lines = self.rows[i], self.lines[name]
        own = self.own_answer(name, row)

        def answer(called: str) -> Answer:
            if called in ("answer", "value"):
                return own
            heading = self.heading(called)
            if heading is None and called in self.indicators:
                return self.own_answer(called, row)
            if [heading] == self.sources(name) and not self.is_formula(name):
                return own
            return self.column_answer(called, row)

        def number(called: str) -> float | None:
            return own.number if called == "value" else self.column_answer(called, row).number

        policies = [Line(out, literal=kind) for kind, out in self.nothing.items() if out]
        outcome = decide(lines + policies, own, Scope(number, answer))
        if outcome is None:
            if own.number is None or self.is_closed(lines):
                raise ReferenceError_(f"{name}, row {i}: no line for {own}")
            outcome = own.number
        answered = own.kind is None
        if outcome == "skip":
            return _Inner(Result(None, "skipped", 0.0), answered, False)
        if outcome == "void":
            return _Inner(Result(None, "void", 0.0), answered, True)
        return _Inner(Result(float(outcome), "scored", 1.0), answered, False)

    def node(self, name: str, i: int) -> _Inner:
        """One node for one unit, before its steps."""
        value, state, coverage = self.from_children(name, i)
        own = Answer(kind="missing") if value is None else Answer(number=value)
        row, lines = self.rows[i], self.lines[name]

        def answer(called: str) -> Answer:
            if called == "value":
                return own
            if self.heading(called) is not None:
                return self.column_answer(called, row)
            if called in self.indicators:
                return self.own_answer(called, row)
            score = number(called)
            return Answer(kind="missing") if score is None else Answer(number=score)

        def number(called: str) -> float | None:
            if called == "value":
                return value
            if called not in self.indicators and called not in self.nodes:
                raise ReferenceError_(f"{name}: no record {called!r}")
            return self.evaluate(called)[i].result.value

        outcome = decide(lines, own, Scope(number, answer))
        answered = value is not None
        if outcome is None:
            if value is not None and self.is_closed(lines):
                raise ReferenceError_(f"{name}, row {i}: no line for {value}")
            return _Inner(Result(value, state, coverage), answered, False)
        if outcome == "skip":
            return _Inner(Result(None, "skipped", coverage), answered, False)
        if outcome == "void":
            return _Inner(Result(None, "void", coverage), answered, True)
        return _Inner(Result(float(outcome), "scored", coverage), answered, False)

    def from_children(self, node: str, i: int) -> tuple[float | None, str, float]:
        """Value, state and coverage of a node before its own points lines."""
        record, weights = self.nodes[node], self.children[node]
        inner = {child: self.evaluate(child)[i] for child in weights}
        counting = [child for child in weights if inner[child].result.state == "scored"]

        coverage = 0.0
        total = sum(abs(w) for w in weights.values())
        for child in counting:
            if total > 0:
                coverage += abs(weights[child]) / total * inner[child].result.coverage

        if any(self.ends_parent(child, inner[child]) for child in weights):
            return None, "void", coverage
        answered = sum(inner[child].answered for child in weights)
        if not enough(record.get("need", 0), answered, len(weights)) or not counting:
            return None, "missing", coverage
        all_scored = len(counting) == len(weights)
        value: float | None
        if "from" in record:

            def number(called: str) -> float | None:
                return inner[called].result.value

            formula = parse_formula(str(record["from"]))
            value = calculate(formula, Scope(number, self.no_answers)) if all_scored else None
        else:
            value = aggregate(
                str(record.get("aggregate", "mean")),
                [
                    Counted(score_, weights[child], inner[child].result.coverage)
                    for child in counting
                    if (score_ := inner[child].result.value) is not None
                ],
                # a child without weight neither adds nor is missed
                all(child in counting for child, weight in weights.items() if weight != 0),
            )
        return value, "missing" if value is None else "scored", coverage

    def ends_parent(self, child: str, inner: _Inner) -> bool:
        """Whether a child leaves its parent without a score."""
        if inner.result.state in ("scored", "skipped"):
            return False
        return inner.ends_parent or self.nothing["missing"] != "skip"

    def no_answers(self, name: str) -> Answer:
        raise ReferenceError_(f"{name}: a formula has no answers")


def _of(document: dict[str, Any], name: str) -> list[tuple[str, Any]]:
    return [(str(key_), value) for key_, value in (document.get(name) or {}).items()]


def _scale(written: dict[Any, Any]) -> dict[str, list[Any]]:
    return {
        str(category): spellings if isinstance(spellings, list) else [spellings]
        for category, spellings in written.items()
    }


def _records(written: Any, defaults: Any, allowed: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The records with their defaults; `~` (None) removes a default."""
    if not isinstance(written, dict):
        raise ReferenceError_("records must be a map")
    records: dict[str, dict[str, Any]] = {}
    for names, own in written.items():
        merged = (defaults or {}) | (own or {})
        _check_keys(merged, allowed, str(names))
        for name in ids(names):
            if name in records:
                raise ReferenceError_(f"two records {name!r}")
            records[name] = {k: v for k, v in merged.items() if v is not None}
    return records


def own_categories(sentence: Sentence) -> list[str]:
    """The categories that a sentence looks for in the record's own answer."""
    operator, *operands = sentence
    if operator in ("and", "or", "not"):
        return [word for part in operands for word in own_categories(part)]
    return operands[1] if operator == "is" and operands[0] == "answer" else []


def enough(need: Any, answered: int, children: int) -> bool:
    text = str(need).strip()
    if text.endswith("%"):
        return answered * 100 >= num(text[:-1]) * children
    return answered >= num(need)


def score(document: dict[str, Any], rows: list[Row], weights: dict[str, Any] | None = None) -> dict[str, list[Result]]:
    """Every record's results, one for each row, in the order of the rows."""
    index = _Index(document, rows, weights)
    return {name: [inner.result for inner in index.evaluate(name)] for name in [*index.indicators, *index.nodes]}
