"""Draws looked at one by one: their settings as a table, and the data as a draw had them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import Fault, MethodError
from egovindex.formulas import Floats
from egovindex.result import IndexResult
from egovindex.sensitivity.coding import CoderFactor
from egovindex.sensitivity.factors import ErrorFactor, Factor
from egovindex.sensitivity.study import Study
from egovindex.sensitivity.work import Job
from egovindex.streams import CHUNK

__all__ = ["data_under", "settings_of_chunk", "settings_table"]


def settings_of_chunk(job: Job, chunk: int) -> Mapping[str, Floats]:
    """Settings of all draws of a chunk, ``(CHUNK, d)`` by factor, made again from the seed."""
    return job.source.settings(job.study, chunk, CHUNK)


def settings_table(job: Job, factors: Sequence[Factor], numbers: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Settings of some draws: one row per draw, one column per number or label.

    Parameters
    ----------
    job
        What was drawn.
    factors
        Those that are told.
    numbers
        Of the draws.
    """
    parts: list[dict[str, Floats]] = []
    for chunk in dict.fromkeys(numbers // CHUNK):
        here = numbers[numbers // CHUNK == chunk] % CHUNK
        drawn = settings_of_chunk(job, int(chunk))
        parts.append({factor.name: drawn[factor.name][here] for factor in factors})
    columns: dict[str, Any] = {}
    for factor in factors:
        held = [part[factor.name] for part in parts]
        columns |= _named(factor, np.concatenate(held) if held else np.zeros((0, len(factor.columns))))
    return pd.DataFrame(columns, index=pd.Index(numbers, name="draw"))


def _named(factor: Factor, setting: Floats) -> dict[str, Any]:
    """Columns of a factor, with labels where it has alternatives."""
    if factor.labels is None:
        return dict(zip(factor.columns, factor.told(setting).T, strict=True))
    words = np.array([*factor.labels, "as it is"], dtype=object)
    return {factor.columns[0]: words[setting[:, 0].astype(np.int64)]}


def data_under(result: IndexResult, study: Study, settings: Mapping[str, Floats], draw: int) -> pd.DataFrame:
    """The data with the errors that one draw gave them.

    Raises
    ------
    MethodError
        A number with an error is computed from several columns.
    """
    data = result.plan.data
    for factor in study.factors:
        if isinstance(factor, ErrorFactor):
            data = _with_values(data, factor, settings[factor.name][draw], result)
        elif isinstance(factor, CoderFactor):
            data = factor.data_under(data, result.plan.headings, settings[factor.name][draw])
    return data


def _with_values(data: pd.DataFrame, factor: ErrorFactor, numbers: Floats, result: IndexResult) -> pd.DataFrame:
    heading = factor.heading
    columns = result.index.file.columns
    found = result.plan.headings.get(columns.get(heading, heading))
    leaf = result.index.tree.leaves[factor.indicator]
    if found is None or len(leaf.columns) != 1:
        message = f"{factor.indicator} is computed from several columns, and its error cannot be put back into the data"
        raise MethodError(Fault(message, check="computed_indicator", column=factor.indicator))
    column = data[found].astype(object).to_numpy(copy=True)
    column[factor.known] = numbers[factor.known]
    changed = data.copy()
    changed[found] = pd.Series(column, index=data.index).infer_objects()
    return changed
