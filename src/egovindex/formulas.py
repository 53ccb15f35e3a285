"""Formulas and tests over arrays: the one reader of both, for indicators, nodes and classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.answers import Answers
from egovindex.spec import language

__all__ = ["Bools", "Floats", "calculate", "holds", "is_category"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": np.abs, "log": np.log, "sqrt": np.sqrt}


def calculate(formula: language.Formula, numbers: Mapping[str, Any]) -> Any:
    """A formula over arrays.

    Examples
    --------
    >>> calculate(language.parse_formula("a / 2 + min(b, 1)"), {"a": np.array([4.0]), "b": np.array([3.0])})
    array([3.])
    """
    if isinstance(formula, language.Number):
        return formula.value
    if isinstance(formula, language.Name):
        return numbers[formula.id]
    if isinstance(formula, language.Negative):
        return -calculate(formula.of, numbers)
    if isinstance(formula, language.Binary):
        left, right = calculate(formula.left, numbers), calculate(formula.right, numbers)
        operation = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[formula.op]
        return operation(left, right)
    arguments = [calculate(argument, numbers) for argument in formula.arguments]
    if formula.function in ("min", "max"):
        return reduce(np.minimum if formula.function == "min" else np.maximum, arguments)
    return _FUNCTIONS[formula.function](*arguments)


def holds(test: language.Test, number: Callable[[str], Floats], category: Callable[[language.Is], Bools]) -> Bools:
    """Where a test is true.

    Parameters
    ----------
    test
        The test.
    number
        Numbers behind a name; NaN, which makes a comparison false, where there is none.
    category
        Where a comparison with categories is true.
    """
    if isinstance(test, language.Or):
        return reduce(np.logical_or, [holds(inner, number, category) for inner in test.of])
    if isinstance(test, language.And):
        return reduce(np.logical_and, [holds(inner, number, category) for inner in test.of])
    if isinstance(test, language.Not):
        return ~holds(test.of, number, category)
    if isinstance(test, language.Is):
        return category(test)
    numbers = {name: number(name) for name in language.names_in(test)}
    with np.errstate(all="ignore"):
        found: Bools = _COMPARISONS[test.op](calculate(test.left, numbers), calculate(test.right, numbers))
    return found


def is_category(test: language.Is, answers: Answers) -> Bools:
    """Where an answer is (not) one of some categories; a kind of nothing must be named to hold."""
    found: Bools = reduce(np.logical_or, [answers.match(category) for category in test.categories])
    return answers.answered() & ~found if test.negated else found
