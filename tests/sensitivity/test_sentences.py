"""Sentences about weights as rows of `slope @ shares <= limit`, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

import egovindex as ei
from egovindex.errors import Fault
from egovindex.sensitivity.sentences import linear

CHILDREN = ["a", "b"]
LINEAR = {
    "a >= b": [([-1, 1], 0)],
    "a > b": [([-1, 1], 0)],
    "a < b": [([1, -1], 0)],
    "a <= b": [([1, -1], 0)],
    "a >= 0.2": [([-1, 0], -0.2)],
    "a + b <= 0.6": [([1, 1], 0.6)],
    "a + 0.1 >= b": [([-1, 1], 0.1)],
    "a - b - 0.1 <= 0": [([1, -1], 0.1)],
    "a - 0.5 <= b - 0.25": [([1, -1], 0.25)],
    "-a <= -0.2": [([-1, 0], -0.2)],
    "a/2 <= b": [([0.5, -1], 0)],
    "(a + 1)/4 <= b": [([0.25, -1], -0.25)],
    "3 * 0.1 <= a": [([-1, 0], -0.3)],
    "(a + b) * (1 + 1) <= 1": [([2, 2], 1)],
    "2 * a * 3 - 1 <= 0": [([6, 0], 1)],
    "2 * (a + 0.5) <= b * 3": [([2, -3], -1)],
    "1/2 * a >= b": [([-0.5, 1], 0)],
    "a >= b and b >= 0.1": [([-1, 1], 0), ([0, -1], -0.1)],
}
NOT_LINEAR = "is not linear in the weights"
REFUSED = {
    "a * b <= 1": NOT_LINEAR,
    "a / b >= 1": NOT_LINEAR,
    "1 / a >= 2": NOT_LINEAR,
    "a / 0 >= 1": NOT_LINEAR,
    "min(a, b) >= 0.1": NOT_LINEAR,
    "a >= b or b >= a": "is no comparison of weights",
    "a is b": "is no comparison of weights",
    "0.2 >= 0.1": "says nothing about weights",
    "a >= a": "says nothing about weights",
    "ab >= 0.1": r'"ab >= 0.1": "ab" is no child; did you mean "b"\? Children: a, b',
    "zzz >= 0.1": r'"zzz >= 0.1": "zzz" is no child\. Children: a, b',
    "a >= b and ": "cannot be read|is expected",
}


def refuse(reason: str) -> ei.MethodError:
    return ei.MethodError(Fault(reason, check="refused"))


@pytest.mark.parametrize("sentence", LINEAR)
def test_rows_of_a_sentence(sentence):
    rows = linear(sentence, CHILDREN, refuse)
    assert len(rows) == len(LINEAR[sentence])
    for (slope, limit), (expected, end) in zip(rows, LINEAR[sentence], strict=True):
        np.testing.assert_allclose(slope, expected, atol=1e-15)
        assert limit == pytest.approx(end, abs=1e-15)


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_is_no_linear_sentence(sentence):
    with pytest.raises(ei.MethodError, match=REFUSED[sentence]):
        linear(sentence, CHILDREN, refuse)
