"""Trying laws on a table of yours or on invented ones, with the smallest counterexample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from egovindex.compute import read_for
from egovindex.errors import DataError, Fault, MethodError
from egovindex.index import Index
from egovindex.loading import load_index
from egovindex.tables import row_headings
from egovindex.testing.aggregation import Function
from egovindex.testing.cases import Case, Finding, Smaller
from egovindex.testing.fitting import TableMaker
from egovindex.testing.functions import findings_of_function
from egovindex.testing.laws import FUNCTIONS, LAWS
from egovindex.testing.names import refuse_unknown

__all__ = ["check_laws"]

AnyIndex = str | Path | Index
_MOST_TRIALS = 60
# laws that draw nothing
_SAME_EVERY_ROUND = {"range", "weight_scale", "zero_weight", "idempotent", "compensation", "contributions"}


def check_laws(
    index: AnyIndex | Function,
    laws: Iterable[str] | None = None,
    *,
    data: Any = None,
    rng: int = 0,
    n: int = 10,
    raise_errors: bool = True,
) -> pd.DataFrame:
    """Try the laws of a composite index, or of a function that makes scores, and tell the smallest counterexample.

    Which laws a node keeps depends on how it is made: a sum may lie outside the range of its children,
    ``distance`` is not monotone. A law that does not apply is told as such, with the reason; it is not
    counted as kept. A law that applies but that the recipe does not promise is tried all the same: scores of
    z-scores are not independent of other units, and ``detail`` shows who moves whom. :data:`LAWS` lists the laws.

    Values are raised within what occurs in the table, with learned values (bounds, means) kept as they
    are, except for ``independent``, which learns them again. Scores may differ by rounding, and by what a change of
    1e-12 in the inputs does.

    Parameters
    ----------
    index
        An index, the name of a packaged one, the path of a YAML file; or a function ``f(x, weights) -> scores``
        with ``x`` of shape ``(units, children)``, ``weights`` ``(children,)`` and ``scores`` ``(units,)``. It must
        not change what it is given, is called with other numbers of units and children and with weights of zero
        (not all), and gets no NaN: gaps are a matter of indices.
    laws
        Names of laws; all by default, for a function those of :data:`FUNCTION_LAWS`. A function promises every law
        it is tried on: name those that it should keep.
    data
        A table of yours, or its path; by default ``n`` invented tables of 2 to 8 units, more where a step needs
        them. For a function units in rows and children in columns, numbers only.
    rng
        Seed of all that is drawn.
    n
        Number of tables, or of rounds on the table given (there, each costs some evaluations).
    raise_errors
        Raise where a law that is promised fails; ``False`` returns the table only.

    Returns
    -------
    DataFrame
        Columns ``law, node, holds, promised, detail``. ``holds`` is ``<NA>`` where the law does not apply;
        ``promised`` says whether the recipe promises it; ``detail`` has the reason, what was tried, or the smallest
        counterexample found.

    Raises
    ------
    AssertionError
        A law that is promised fails: node, unit, numbers, and the smallest table found on which it fails.
    MethodError
        There is no such law; none of the invented tables can be scored; a function does not give one number for
        each unit.

    Examples
    --------
    >>> found = check_laws("undp-hdi-2022", ["monotone_values", "range"], n=3)
    >>> found.loc[found["node"] == "HDI", ["law", "holds"]].values.tolist()
    [['monotone_values', True], ['range', <NA>]]
    >>> found["detail"][2]
    'steps round 3 change the scale'

    >>> def lowest(x, weights):
    ...     return x.min(axis=1)
    >>> check_laws(lowest, ["range", "idempotent", "weight_scale"])["holds"].tolist()
    [True, True, True]
    >>> print(str(check_laws(lowest, ["zero_weight"], raise_errors=False)["detail"].item()).splitlines()[0])
    child 2 of weight zero gives Cordania 0.1, without it 0.4
    """
    if callable(index):
        given = [laws] if isinstance(laws, str) else None if laws is None else list(laws)
        found = findings_of_function(index, given, data, rng, max(n, 1))
        name = next(iter(found))[1] if found else ""
        told = {key: _summary(known) for key, known in found.items()}
        return _report(told, [name], [law for law, _ in told], raise_errors=raise_errors)
    chosen = load_index(index)
    names = list(LAWS) if laws is None else [laws] if isinstance(laws, str) else list(laws)
    refuse_unknown("law", names, LAWS)
    n = max(n, 1)
    table = None if data is None else read_for(chosen, data)
    rounds = _invented(chosen, rng, n) if table is None else [(table, rng + turn) for turn in range(n)]
    found = {}
    smaller: Smaller = {}
    for turn, (rows, seed) in enumerate(rounds):
        case = Case(chosen, rows, seed, smaller)
        for law in names:
            if turn and data is not None and law in _SAME_EVERY_ROUND:
                continue
            for finding in FUNCTIONS[law](case):
                known = found.setdefault((law, finding.node), [])
                if finding.holds is not False:
                    known.append(case.counted(finding))
                elif not any(one.holds is False and one.grade >= finding.grade for one in known):
                    known.append(_smallest(case, law, finding, seed))
    return _report(
        {key: _summary(known) for key, known in found.items()}, chosen.tree.order, names, raise_errors=raise_errors
    )


def _summary(findings: list[Finding]) -> Finding:
    """One finding out of those of all rounds."""
    failed = [one for one in findings if one.holds is False]
    kept = [one for one in findings if one.holds]
    last = [*findings, *kept, *failed][-1]
    return replace(last, detail=f"{last.detail}, {len(kept)} times") if len(kept) > 1 and not failed else last


def _report(
    found: Mapping[tuple[str, str], Finding], nodes: Sequence[str], names: Sequence[str], *, raise_errors: bool
) -> pd.DataFrame:
    order = {name: at for at, name in enumerate(nodes)}
    rows = sorted(found.items(), key=lambda item: (names.index(item[0][0]), order[item[0][1]]))
    failed = [
        f"{law} does not hold for {node}: {one.detail}"
        for (law, node), one in rows
        if one.holds is False and one.promised
    ]
    if failed and raise_errors:
        raise AssertionError("\n\n".join(failed))
    return pd.DataFrame(
        {
            "law": [law for (law, _), _ in rows],
            "node": [node for (_, node), _ in rows],
            "holds": pd.array([one.holds for _, one in rows], dtype="boolean"),
            "promised": [one.promised and one.holds is not None for _, one in rows],
            "detail": [one.detail for _, one in rows],
        }
    )


def _invented(index: Index, seed: int, n: int) -> list[tuple[pd.DataFrame, int]]:
    """Tables that the index can score."""
    maker = TableMaker(index, numbers=None, blanks=True, periods=())
    rng = np.random.default_rng(seed)
    found: list[tuple[pd.DataFrame, int]] = []
    fewest = max(2, maker.least)
    for attempt in range(20 * n):
        units = int(rng.integers(fewest, fewest + 7))
        codes = rng.integers(0, 256, maker.size(units)).astype(np.intp)
        table = maker.scored(maker.frame(codes, units))
        if table is not None:
            found.append((table, seed + attempt))
        if len(found) == n:
            return found
    if found:
        return found
    message = f"none of {20 * n} invented tables can be scored by {index.id}; give a table of your own with data="
    raise MethodError(Fault(message, check="no_table"))


def _smallest(case: Case, law: str, finding: Finding, seed: int) -> Finding:
    """The finding on as few rows as are needed to see it."""
    index, table = case.index, case.table
    rows = list(range(len(table)))
    trials, size = 0, max(len(rows) // 2, 1)
    while trials < _MOST_TRIALS:
        for start in range(0, len(rows), size):
            fewer = rows[:start] + rows[start + size :]
            trials += 1
            again = _again(case, law, finding, fewer, seed) if fewer else None
            if again is not None:
                rows, finding = fewer, again
                break
        else:
            if size == 1:
                break
            size //= 2
        size = min(size, max(len(rows) // 2, 1))
    read = [column.heading for column in TableMaker(index, numbers=None, blanks=True, periods=()).columns]
    headings = dict.fromkeys([*row_headings(index.file).values(), *read])
    text = table.iloc[rows][[name for name in headings if name in table.columns]].to_string(index=False, max_rows=12)
    detail = f"{finding.detail}\nsmallest table found, {len(rows)} of {len(table)} rows:\n{text}"
    return replace(finding, detail=detail)


def _again(case: Case, law: str, finding: Finding, rows: list[int], seed: int) -> Finding | None:
    """The same law broken by the same node on some of the rows, no less clearly."""
    node, grade = finding.node, finding.grade
    try:
        fewer = Case(case.index, case.table.iloc[rows], seed, case.smaller)
        return next(
            (one for one in FUNCTIONS[law](fewer) if one.node == node and one.holds is False and one.grade >= grade),
            None,
        )
    except (MethodError, DataError):
        return None
