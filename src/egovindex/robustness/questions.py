"""What an exact question is about: a node as a linear form, and the region over which it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from egovindex.errors import Fault, MethodError, listed
from egovindex.kernels.region import Region
from egovindex.result import IndexResult
from egovindex.robustness.codingforms import coding_form
from egovindex.robustness.forms import LinearForm
from egovindex.robustness.regions import form_and_region, told_laws

__all__ = ["Question", "question_of"]


@dataclass(frozen=True, eq=False)
class Question:
    """A linear form, its region, and both in words."""

    form: LinearForm
    region: Region
    about: str


def question_of(
    result: IndexResult, weights: Any, points: Any, *, node: str | None = None, period: Any = None
) -> Question:
    """The question that a law of weights, or maps of points, ask.

    Raises
    ------
    MethodError
        Both are given, or none; or what is asked has no exact answer.
    """
    if (weights is None) == (points is None):
        message = "give weights, as in weights=within(0.25), or points, the map whose categories are free; not both"
        raise MethodError(Fault(message, check="what_varies"))
    if weights is not None:
        form, region, laws = form_and_region(result, weights, node=node, period=period)
        return Question(form, region, f"weights {told_laws(laws)}")
    coding = coding_form(result, points, node=node, period=period)
    return Question(coding, coding.region, f"every monotone coding of {listed([s.name for s in coding.scales])}")
