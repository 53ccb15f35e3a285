"""What coders who disagree tell of their errors."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import TYPE_CHECKING, Any

from egovindex.errors import Fault, MethodError, listed
from egovindex.sensitivity.codinglaws import Confusion

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["confusion_of"]

_KEYS = ("unit", "period", "item", "axis")
_DIGITS = 12
UNKNOWN = "unknown"


def confusion_of(coding: pd.DataFrame, axis: str | None) -> Confusion:
    """The confusion between coders; see :func:`egovindex.disagreement`."""
    lacking = [name for name in ("unit", "item", "coder", "category") if name not in coding.columns]
    if lacking:
        message = f"a coding table has the columns unit, item, coder and category; it lacks {listed(lacking)}"
        raise MethodError(Fault(message, check="missing_column"))
    rows = _of_axis(coding, axis)
    rows = rows[rows["category"].notna() & (rows["category"] != UNKNOWN)]
    pairs: Counter[tuple[str, str]] = Counter()
    answers = 0
    for _, group in rows.groupby([name for name in _KEYS if name in rows.columns], dropna=False, sort=False):
        said = group.drop_duplicates("coder")["category"].astype(str).tolist()
        answers += len(said) > 1
        pairs.update(permutations(said, 2))
    if not answers:
        message = "no answer was coded by two coders; disagreement needs a second one"
        raise MethodError(Fault(message, check="one_coder"))
    totals: Counter[str] = Counter()
    for (one, _), count in pairs.items():
        totals[one] += count
    table: dict[str, list[tuple[str, float]]] = {}
    for (one, other), count in sorted(pairs.items()):
        if one != other:
            table.setdefault(one, []).append((other, round(count / totals[one], _DIGITS)))
    if not table:
        raise MethodError(Fault(f"the coders agree on all {answers} answers: nothing is in doubt", check="no_dispute"))
    coders: Any = rows["coder"].nunique()
    found = tuple((one, tuple(others)) for one, others in table.items())
    return Confusion(found, f"{coders} coders, {answers} answers")


def _of_axis(coding: pd.DataFrame, axis: str | None) -> pd.DataFrame:
    if "axis" not in coding.columns:
        return coding
    known = list(dict.fromkeys(coding["axis"]))
    chosen = axis if axis is not None else (known[0] if len(known) == 1 else "brief")
    if chosen not in known:
        raise MethodError(Fault(f'there is no axis "{chosen}"; there are {listed(known)}', check="unknown_axis"))
    return coding[coding["axis"] == chosen]
