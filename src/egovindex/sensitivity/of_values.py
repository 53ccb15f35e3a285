"""Factors of measured numbers: their error."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from egovindex.errors import Fault, MethodError, did_you_mean
from egovindex.formulas import Floats
from egovindex.points import SCORED
from egovindex.sensitivity.doubt import ALL, Part
from egovindex.sensitivity.factors import ErrorFactor, Factor
from egovindex.sensitivity.scope import Scope
from egovindex.spec import language

__all__ = ["of_values"]


def of_values(scope: Scope, part: Part) -> Iterator[Factor]:
    """Factors of a doubt about measured numbers, one per indicator."""
    names = [part.key]
    if part.key == ALL:
        named = {_indicator(scope, name) for name in scope.others("values")}
        names = [name for name in scope.tree.leaves if name in scope.read and name not in named]
        names = [name for name in names if _why_no_number(scope, name) is None]
    for name in names:
        yield _of_indicator(scope, part, scope.known(_indicator(scope, name), scope.tree.leaves, "indicator"))


def _of_indicator(scope: Scope, part: Part, name: str) -> ErrorFactor:
    reason = _why_no_number(scope, name)
    if reason is not None:
        raise MethodError(Fault(f"{name}: {reason}", check="no_measured_number", column=name))
    leaf, rows = scope.plan.leaves[name], scope.plan.records
    measured = leaf.points(scope.plan.outcomes)
    if leaf.state is not None:
        measured = np.where(leaf.state == SCORED, measured, np.nan)
    _refuse_outside(scope, part, name, measured)
    return ErrorFactor(
        name=f"values.{name}",
        group=part.label,
        law=str(part.law),
        indicator=name,
        heading=scope.tree.leaves[name].columns[0].text,
        measured=measured,
        rows=tuple(rows.name(row) for row in range(len(rows))),
        error=part.law,
        sd=_deviations(scope, part.law.sd, measured) if isinstance(part.law.sd, str) else None,
    )


def _indicator(scope: Scope, name: str) -> str:
    """An indicator by its own name, or by that of the one column it reads."""
    if name in scope.tree.leaves:
        return name
    headings = scope.index.file.columns
    reading = [
        leaf.id
        for leaf in scope.tree.leaves.values()
        if len(leaf.columns) == 1 and name in (leaf.columns[0].text, headings.get(leaf.columns[0].text))
    ]
    return reading[0] if len(reading) == 1 else name


def _why_no_number(scope: Scope, name: str) -> str | None:
    """Why the values of an indicator are no measured numbers."""
    kinds = {kind.casefold() for kind in scope.tree.kinds}
    for line in scope.tree.leaves[name].lines:
        if not isinstance(line.test, language.Literal) or line.test.text.casefold() not in kinds:
            return "its answers become points by lines, and an error could make another line hold"
    return None


def _deviations(scope: Scope, heading: str, measured: Floats) -> Floats:
    """Standard deviations out of a column."""
    column = scope.plan.headings.get(heading)
    if column is None:
        message = f'there is no column "{heading}" in the data{did_you_mean(heading, scope.plan.headings)}'
        raise MethodError(Fault(message, check="unknown_column", column=heading))
    numbers: Floats = pd.to_numeric(scope.plan.data[column], errors="coerce").to_numpy(dtype=np.float64)
    bad = np.isfinite(measured) & ~(numbers >= 0)
    if bad.any():
        where = scope.plan.records.names(bad)
        message = f'column "{heading}" has no standard deviation, a number from 0 on, for {where}'
        raise MethodError(Fault(message, check="no_deviation", column=heading))
    return numbers


def _refuse_outside(scope: Scope, part: Part, name: str, measured: Floats) -> None:
    """Measured numbers outside the limits of their law."""
    low, high = part.law.low, part.law.high
    with np.errstate(invalid="ignore"):
        bad = (measured < (-np.inf if low is None else low)) | (measured > (np.inf if high is None else high))
    if bad.any():
        message = f"{name}: measured outside the limits of {part.law}: {scope.plan.records.names(bad)}"
        raise MethodError(Fault(message, check="outside_limits", column=name))
