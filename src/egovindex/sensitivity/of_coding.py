"""Factors of what coders gave: each answer could have been given another category."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from egovindex.columns import Columns
from egovindex.errors import Fault, MethodError
from egovindex.points import SCORED
from egovindex.sensitivity.coding import CoderFactor, answered_as
from egovindex.sensitivity.doubt import ALL, Part
from egovindex.sensitivity.factors import Factor
from egovindex.sensitivity.scope import Scope
from egovindex.spec import language

__all__ = ["of_coding"]


def of_coding(scope: Scope, part: Part) -> Iterator[Factor]:
    """Factors of a doubt about coders, one per indicator."""
    columns = Columns(scope.index.file, scope.tree, scope.plan.data, scope.plan.records)
    if part.key != ALL:
        names = [scope.known(part.key, scope.tree.leaves, "indicator")]
    else:
        named = scope.others("coder")
        names = [name for name in scope.tree.leaves if name in scope.read and name not in named]
        with_categories = [name for name in names if _why_no_category(scope, name) is None]
        # a law for all is for the scales that have the categories it names
        names = [name for name in with_categories if part.law.fits(categories_of(scope, name))] or with_categories[:1]
    for name in names:
        reason = _why_no_category(scope, name)
        if reason is not None:
            raise MethodError(Fault(f"{name}: {reason}", check="no_category", column=name))
        yield _of_indicator(scope, part, name, columns)


def categories_of(scope: Scope, name: str) -> tuple[str, ...]:
    """The scale of an indicator, else the categories and codes that its lines of points name."""
    leaf = scope.tree.leaves[name]
    scale = scope.index.file.answers.get(leaf.scale or "")
    if scale:
        return tuple(scale)
    kinds = {kind.casefold() for kind in scope.tree.kinds}
    literals = [line.test.text for line in leaf.lines if isinstance(line.test, language.Literal)]
    return tuple(dict.fromkeys(text for text in literals if text.casefold() not in kinds))


def _why_no_category(scope: Scope, name: str) -> str | None:
    """Why an indicator has no categories that a coder could have given."""
    leaf = scope.tree.leaves[name]
    if len(leaf.columns) != 1 or leaf.columns[0].formula is not None:
        return "it is computed from several columns, and no coder gave it a category"
    if len(categories_of(scope, name)) < 2:
        return "its answers are on no scale, so there is no other category"
    return None


def _of_indicator(scope: Scope, part: Part, name: str, columns: Columns) -> CoderFactor:
    leaf = scope.tree.leaves[name]
    categories = categories_of(scope, name)
    answers = columns.named(name)
    rows = scope.plan.records
    own = np.full(len(rows), -1, dtype=np.int64)
    if answers is not None:
        for code, category in enumerate(categories):
            own[answers.match(category) & answers.answered()] = code
    heading = columns.heading(name) or leaf.columns[0].text
    own = _scored(scope, name, own)
    chances = part.law.chances(
        own, categories, _confidence(scope, name, heading) if part.law.needs_confidence else None
    )
    _refuse_no_number(scope, name, heading, categories, own, chances)
    return CoderFactor(
        name=f"coder.{name}",
        group=part.label,
        law=str(part.law),
        indicator=name,
        heading=heading,
        categories=categories,
        own=own,
        chances=chances,
        rows=tuple(rows.name(row) for row in range(len(rows))),
    )


def _scored(scope: Scope, name: str, own: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Categories that earn a number; what is skipped stays as it is."""
    state = scope.plan.leaves[name].state
    return own if state is None else np.where(state == SCORED, own, -1)


def _confidence(scope: Scope, name: str, heading: str) -> Sequence[str | None] | None:
    """What stands in the attribute ``confidence`` of an indicator's answers."""
    star = scope.index.file.columns.get("confidence", "*.confidence")
    column = scope.plan.headings.get(star.replace("*", heading), scope.plan.headings.get(star.replace("*", name)))
    if column is None:
        return None
    return [str(value) for value in scope.plan.data[column]]


def _refuse_no_number(
    scope: Scope, name: str, heading: str, categories: Sequence[str], own: npt.NDArray[np.int64], chances: np.ndarray
) -> None:
    """A category that could be given and earns no number would take the answer out, or let it in."""
    faults = []
    for code, category in enumerate(categories):
        where = (chances[:, code] > 0) & (own >= 0)
        if not where.any():
            continue
        plan = scope.index.plan(answered_as(scope.plan.data, scope.plan.headings, heading, category, own >= 0))
        state = plan.leaves[name].state
        if state is not None and (state[where] != SCORED).any():
            message = (
                f"{name}: {category} earns no number here, and could not stand in for another category; leave it out "
                "of the law, or give it points"
            )
            faults.append(Fault(message, check="no_number", column=name))
    if faults:
        raise MethodError(faults)
