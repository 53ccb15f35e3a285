"""Laws tried on a function of the user's that makes scores out of values and weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from egovindex.errors import Fault, MethodError, listed
from egovindex.testing.aggregation import Aggregation, Function
from egovindex.testing.cases import Finding
from egovindex.testing.fitting import UNITS
from egovindex.testing.laws import ARRAY_LAWS
from egovindex.testing.names import refuse_unknown

__all__ = ["findings_of_function"]


def findings_of_function(
    function: Function, laws: Sequence[str] | None, data: Any, seed: int, n: int
) -> dict[tuple[str, str], list[Finding]]:
    """Findings of every round, by law and name of the function; a counterexample is made small."""
    names = list(ARRAY_LAWS) if laws is None else list(laws)
    refuse_unknown("law", names, {**ARRAY_LAWS})
    called = getattr(function, "__name__", None) or type(function).__name__
    found: dict[tuple[str, str], list[Finding]] = {}
    for drawn in _rounds(called, function, data, seed, n):
        for law in names:
            known = found.setdefault((law, called), [])
            if any(one.holds is False for one in known):
                continue
            finding = ARRAY_LAWS[law](drawn)
            known.append(_smallest(drawn, law, finding) if finding.holds is False else finding)
    return found


def _rounds(called: str, function: Function, data: Any, seed: int, n: int) -> Iterator[Aggregation]:
    rng = np.random.default_rng(seed)
    for turn in range(n):
        if data is None:
            # the first is the smallest; tenths, so that numbers can be read
            units, children = (3, 2) if turn == 0 else (int(rng.integers(3, 7)), int(rng.integers(2, 5)))
            x = rng.integers(1, 11, (units, children)) / 10
            names = UNITS[:units], tuple(f"child {at + 1}" for at in range(children))
        else:
            x, names = _given(data)
        weights = np.asarray(rng.integers(1, 6, x.shape[1]), dtype=np.float64)
        yield Aggregation(called, function, x, weights, *names, seed=seed + turn)


def _given(data: Any) -> tuple[Any, tuple[tuple[str, ...], tuple[str, ...]]]:
    frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(np.asarray(data))
    words = [str(name) for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    if words or frame.isna().any(axis=None) or not len(frame.columns) or not len(frame):
        what = f"{listed(words)} has words" if words else "it has gaps, or is empty"
        message = f"the table of a function has a number for each unit and child; {what}"
        raise MethodError(Fault(message, check="no_numbers"))
    return frame.to_numpy(dtype=np.float64), (tuple(map(str, frame.index)), tuple(map(str, frame.columns)))


def _smallest(drawn: Aggregation, law: str, finding: Finding) -> Finding:
    """The finding on as few units and children, and as plain weights, as are needed to see it."""
    again = True
    while again:
        again = False
        for smaller in _smaller(drawn):
            found = _tried(smaller, law)
            if found is not None and found.holds is False and found.grade >= finding.grade:
                drawn, finding, again = smaller, found, True
                break
    size = f"{len(drawn.units)} units and {len(drawn.children)} children"
    return replace(finding, detail=f"{finding.detail}\nsmallest case found, {size}:\n{drawn.table()}")


def _smaller(drawn: Aggregation) -> Iterator[Aggregation]:
    if len(drawn.units) > 1:
        yield from (drawn.without_unit(at) for at in range(len(drawn.units)))
    if len(drawn.children) > 1:
        yield from (drawn.without_child(at) for at in range(len(drawn.children)))
    for at, weight in enumerate(drawn.weights):
        if weight != 1:
            yield replace(drawn, weights=np.where(np.arange(len(drawn.weights)) == at, 1.0, drawn.weights))


def _tried(drawn: Aggregation, law: str) -> Finding | None:
    try:
        return ARRAY_LAWS[law](drawn)
    except MethodError:
        return None
