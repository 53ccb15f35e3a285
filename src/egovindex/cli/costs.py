"""What a change of an answer costs, and which answers it may be, as written on the command line or in a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import egovindex as ei
from egovindex.cli.changes import Change, new_answers
from egovindex.cli.faults import UsageFault
from egovindex.cli.sidetables import side_table
from egovindex.errors import DataError, Fault, listed
from egovindex.spec.language import parse_number

__all__ = ["COST_FORM", "answers_from_words", "costs_from_file", "costs_from_words"]

COST_FORM = "ITEM=COST or ITEM:ANSWER=COST"
_HEADINGS = ("item", "answer", "cost")


def costs_from_words(words: list[str]) -> dict[Any, float]:
    """Costs by item, or by item and answer; the last equals sign and the first colon part them."""
    found: dict[Any, float] = {}
    faults = []
    for word in words:
        what, _, number = word.rpartition("=")
        item, colon, answer = (text.strip() for text in what.partition(":"))
        key = (item, answer) if colon else item
        try:
            value = float(parse_number(number))
        except ValueError:
            value = None
        if value is None or not item or (colon and not answer):
            faults.append(Fault(f'--cost is written {COST_FORM}; found "{word}"'))
        elif key in found:
            faults.append(Fault(f'--cost gives "{what}" twice; keep one'))
        else:
            found[key] = value
    if faults:
        raise UsageFault(faults)
    return found


def costs_from_file(path: Path) -> dict[Any, float]:
    """Costs in a table with the columns ``item, cost``, and ``answer`` where one new answer is meant."""
    table = side_table(path, text=_HEADINGS)
    headings = [str(heading) for heading in table.columns]
    missing = [name for name in ("item", "cost") if name not in headings]
    unknown = [name for name in headings if name not in _HEADINGS]
    if missing or unknown:
        raise DataError(f"{path.name}: the columns are item, cost and (if need be) answer; found {listed(headings)}")
    found: dict[Any, float] = {}
    faults = []
    for at, row in enumerate(table.astype(object).where(table.notna(), "").to_dict("records"), start=1):
        item, answer = str(row["item"]).strip(), str(row.get("answer", "")).strip()
        key = (item, answer) if answer else item
        try:
            value = float(parse_number(str(row["cost"])))
        except ValueError:
            faults.append(Fault(f'{path.name}: row {at}: a cost is a number, found "{row["cost"]}"', column="cost"))
            continue
        if not item or key in found:
            what = f'gives "{item}" twice' if item else "names no item"
            faults.append(Fault(f"{path.name}: row {at} {what}", column="item"))
        found[key] = value
    if faults:
        raise DataError(faults)
    return found


def answers_from_words(result: ei.IndexResult, unit: str, period: str | None, words: list[str]) -> dict[str, list[Any]]:
    """New answers by item, numbers where the column has numbers; the first equals sign parts the two."""
    found: dict[str, list[Any]] = {}
    for word in words:
        item, _, several = (text.strip() for text in word.partition("="))
        answers = [text.strip() for text in several.split("|")]
        if not item or not all(answers):
            raise UsageFault(f'--answers is written ITEM=A|B, as in osi_if=0.8|1; found "{word}"')
        if item in found:
            raise UsageFault(f'--answers gives "{item}" twice; keep one')
        found[item] = [
            next(iter(new_answers(result, [Change(unit, period, item, answer)]).values())) for answer in answers
        ]
    return found
