"""Sentences about weights, such as "OSI >= 2 * TII", as linear conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.formulas import Floats
from egovindex.spec import language

__all__ = ["linear", "parsed"]

Refuse = Callable[[str], MethodError]


def parsed(sentence: str) -> Any:
    """A sentence as the language has it.

    Raises
    ------
    MethodError
        It cannot be read.
    """
    try:
        return language.parse_test(sentence)
    except ValueError as error:
        raise MethodError(Fault(f'"{sentence}": {error}', check="bad_law")) from None


def linear(sentence: str, children: Sequence[str], refuse: Refuse) -> list[tuple[Floats, float]]:
    """A sentence as ``slope @ shares <= limit``; ``and`` gives several.

    Parameters
    ----------
    sentence
        A test of the language of the files.
    children
        Names that may stand in it.
    refuse
        Makes an error out of a reason.

    Raises
    ------
    MethodError
        It names no child, or is not linear.

    Examples
    --------
    >>> linear("OSI >= 2 * TII", ["OSI", "TII"], MethodError)
    [(array([-1.,  2.]), 0.0)]
    """
    test = parsed(sentence)
    return [_row(sentence, part, children, refuse) for part in (test.of if isinstance(test, language.And) else (test,))]


def _row(sentence: str, test: Any, children: Sequence[str], refuse: Refuse) -> tuple[Floats, float]:
    if not isinstance(test, language.Compare):
        raise refuse(f'"{sentence}" is no comparison of weights, as in "OSI >= 2 * TII"')
    unknown = [name for name in language.names_in(test) if name not in children]
    if unknown:
        hint = did_you_mean(unknown[0], children, otherwise=".")
        raise refuse(f'"{sentence}": "{unknown[0]}" is no child{hint} Children: {listed(children)}')
    difference = _coefficients(sentence, test.left, children, refuse)
    difference = difference - _coefficients(sentence, test.right, children, refuse)
    if not difference[:-1].any():
        raise refuse(f'"{sentence}" says nothing about weights')
    sign = 1.0 if test.op in ("<", "<=") else -1.0
    return sign * difference[:-1], -sign * float(difference[-1])


def _coefficients(sentence: str, formula: Any, children: Sequence[str], refuse: Refuse) -> Floats:
    """``(k + 1,)``: a coefficient for each child, and the constant."""
    k = len(children)

    def of(part: Any) -> Floats:
        if isinstance(part, language.Number):
            return np.r_[np.zeros(k), part.value]
        if isinstance(part, language.Name):
            return np.eye(k + 1)[list(children).index(part.id)]
        if isinstance(part, language.Negative):
            return -of(part.of)
        if isinstance(part, language.Binary):
            one, other = of(part.left), of(part.right)
            if part.op in "+-":
                return one + other if part.op == "+" else one - other
            if part.op == "*" and not (one[:-1].any() and other[:-1].any()):
                return one * other[-1] if one[:-1].any() else other * one[-1]
            if part.op == "/" and not other[:-1].any() and other[-1] != 0:
                return one / other[-1]
        raise refuse(f'"{sentence}" is not linear in the weights')

    return of(formula)
