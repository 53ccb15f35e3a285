"""One verb that makes categories out of responses, by rules or by a coder of the user's."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from egovindex.coding.brief import BRIEF, brief_of, comes_from
from egovindex.coding.codebook import Codebook, load_codebook
from egovindex.coding.coded import COLUMNS, RESERVED, Coded
from egovindex.coding.dates import iso_date
from egovindex.coding.rules import UNKNOWN, Question, Verdict, by_rules
from egovindex.errors import CodingError, DataError, Fault, MethodError, listed
from egovindex.instrument import Instrument, load_instrument, question_of
from egovindex.responses.states import ANSWERED, WITHHELD
from egovindex.responses.table import Responses

__all__ = ["Coder", "code", "questions"]

Coder = Callable[[Question], Mapping[str, "Verdict | str"]]


def code(
    responses: Responses,
    instrument: str | Path | Instrument | None = None,
    *,
    codebook: str | Path | Codebook | None = None,
    coder: Coder | None = None,
    name: str | None = None,
    as_of: str | date | None = None,
) -> Coded:
    r"""Give each answer its categories: by the rules of a codebook, or by a coder of one's own.

    Parameters
    ----------
    responses
        What :func:`read_responses` returned.
    instrument
        What was asked; the responses know it, and another one is refused.
    codebook
        Rules, and how the brief view is derived: a name, a path, or a codebook. The packaged one of the instrument,
        ``<instrument>-rules``, by default.
    coder
        A function of a :class:`~egovindex.coding.rules.Question` that gives, for each of its axes, a
        :class:`~egovindex.coding.rules.Verdict` or a category; the rules of the codebook by default.
    name
        Of the coder; ``rules`` by default.
    as_of
        The date at which the categories hold, as in ``2026-05-02``, or the year; the period of the response by
        default.

    Returns
    -------
    Coded

    Raises
    ------
    CodingError
        The coder gave no verdict for an axis, or a category that is not on it; the codebook, or the instrument, is
        another than that of the responses; the coder raised an error, of which only the kind is told.
    DataError
        These are no responses.
    MethodError
        The coder is no function, its name is one that layers have, or ``as_of`` is no date.

    Examples
    --------
    >>> import egovindex as ei, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "answers.csv"
    ...     _ = path.write_text("unit,item,text\nAnvilla,q037,The law is being drafted.\n")
    ...     read = ei.read_responses(path, "un-msq-2022", format="tidy")
    >>> ei.code(read).brief.loc["Anvilla", "q036"]
    'drafted'
    """
    _refuse_what_is_no_response(responses)
    _refuse_what_cannot_be_called(coder)
    asked = responses.instrument
    if instrument is not None:
        _refuse_other(load_instrument(instrument).id, asked, "the instrument given is")
    rules = load_codebook(f"{asked.id}-rules" if codebook is None else codebook)
    _refuse_other(rules.instrument or asked.id, asked, f"{rules.name} is for")
    who = name or ("rules" if coder is None else str(getattr(coder, "__name__", "coder")))
    _refuse_reserved(who)
    held = _held(as_of)
    rows: list[tuple[Any, ...]] = []
    faults: list[Fault] = []
    for question in questions(responses, rules):
        given = by_rules(question, rules) if coder is None else _asked(coder, question, faults)
        verdicts = dict(_checked(question, given, faults))
        if len(verdicts) < len(question.axes):
            continue
        holds_at = held or question.period
        head = (question.unit, question.period, question.item)
        for axis, verdict in verdicts.items():
            rows.append((*head, axis, who, *_row(verdict), holds_at))
        brief = brief_of({axis: verdict.category for axis, verdict in verdicts.items()}, rules)
        rows.append((*head, BRIEF, who, *_row(_of_brief(brief, verdicts, rules)), holds_at))
    if faults:
        raise CodingError(faults)
    return Coded(pd.DataFrame(rows, columns=list(COLUMNS), dtype=object), responses, rules)


def _row(verdict: Verdict) -> tuple[str | None, ...]:
    return verdict.category, verdict.confidence, verdict.span, verdict.reason, verdict.rule


def _of_brief(brief: str, verdicts: Mapping[str, Verdict], rules: Codebook) -> Verdict:
    """The brief category with the words of the axis that it comes from."""
    first = verdicts[comes_from(brief, {axis: verdict.category for axis, verdict in verdicts.items()}, rules)]
    return Verdict(brief, first.reason, first.confidence, first.span, first.rule)


def _refuse_what_is_no_response(responses: Any) -> None:
    if not isinstance(responses, Responses):
        message = f"what read_responses returned is expected, found {type(responses).__name__}"
        more = "; give the responses themselves, not their table" if isinstance(responses, pd.DataFrame) else ""
        raise DataError(Fault(message + more, check="not_responses"))


def _refuse_what_cannot_be_called(coder: Any) -> None:
    if coder is not None and not callable(coder):
        message = f"coder is a function of a Question, found {type(coder).__name__}; name= gives its name"
        raise MethodError(Fault(message, check="bad_coder"))


def _refuse_reserved(name: str) -> None:
    if name.casefold() in RESERVED:
        message = f'no coder can be called "{name}": {RESERVED[name.casefold()]}; give another name='
        raise MethodError(Fault(message, check="bad_coder"))


def _held(as_of: str | date | None) -> str | None:
    if as_of is None:
        return None
    held = iso_date(as_of, in_part=True)
    if held is None:
        message = f"as_of is a date as in 2026-05-02, or a year, found {as_of!r:.40}"
        raise MethodError(Fault(message, check="bad_date"))
    return held


def _asked(coder: Coder, question: Question, faults: list[Fault]) -> Any:
    """What a coder of the user's says; one that fails is not asked again, and its words may hold the answer."""
    try:
        return coder(question)
    except Exception as error:  # noqa: BLE001 - it may raise anything
        message = f"{question.item} of {question.unit}: the coder raised {type(error).__name__}; what it said is left "
        message += "out, as it may hold the answer. Let the coder catch what it cannot read, and say unknown"
        faults.append(Fault(message, check="coder_failed", column=question.item, units=(question.unit,)))
    raise CodingError(faults)


def _shown(word: str) -> str:
    """What a coder gave, if it can be a category; anything longer may be the answer that it has read."""
    return f'"{word}"' if re.fullmatch(r"[\w-]{1,40}", word) else f"a text of {len(word)} characters"


def _refuse_other(name: str, asked: Instrument, what: str) -> None:
    if name != asked.id:
        message = f"{what} {name}, and the responses are to {asked.id}"
        raise CodingError(Fault(message, check="other_instrument"))


def _checked(question: Question, given: Any, faults: list[Fault]) -> Iterator[tuple[str, Verdict]]:
    """The verdicts of a coder, each on its axis."""
    where = f"{question.item} of {question.unit}"
    if not isinstance(given, Mapping):
        message = f"{where}: a coder gives a mapping of axis to verdict, found {type(given).__name__}"
        faults.append(Fault(message, check="bad_verdict", column=question.item, units=(question.unit,)))
        return
    for axis, categories in question.axes.items():
        raw = given.get(axis)
        verdict = Verdict(raw) if isinstance(raw, str) else raw
        known = (*categories, UNKNOWN)
        if not isinstance(verdict, Verdict) or verdict.category not in known:
            found = "nothing" if raw is None else _shown(str(getattr(verdict, "category", raw)))
            message = f"{where}, {axis}: found {found}, and the categories are {listed(known, most=12)}"
            faults.append(Fault(message, check="bad_verdict", column=question.item, units=(question.unit,)))
            continue
        yield axis, verdict


def questions(responses: Responses, codebook: Codebook) -> Iterator[Question]:
    """What there is to code, item by item.

    Yields
    ------
    Question
        One for each unit, period and item with axes, in the order of the instrument.
    """
    body = responses.instrument.file
    asked = {name: item for name, item in body.items.items() if item.coded_as}
    scales = {name: tuple(body.answers[name]) for item in asked.values() for name in item.coded_as or ()}
    for (unit, period), rows in responses.table.groupby(["unit", "period"], sort=False, dropna=False):
        by_item = rows.set_index("item")
        answers, marks = by_item["answer"].to_dict(), by_item["mark"].to_dict()
        written, there = defaultdict(list), set()  # by question; one of many answers has a column for each
        for place, text, state in rows[["item", "evidence", "state"]].itertuples(index=False):
            written[question_of(place)].append(text)
            there |= {question_of(place)} if state in (ANSWERED, WITHHELD) else set()
        for name, item in asked.items():
            further = codebook.rests_on.get(name, ())
            texts = [*written[name], *(answers.get(other) for other in further if _is_text(body.items, other))]
            filled = [other for other in further if other in there]
            yield Question(
                unit=str(unit),
                period=str(period) if isinstance(period, str) else None,
                item=name,
                label=item.label or name,
                axes={axis: scales[axis] for axis in item.coded_as or ()},
                mark=marks.get(name) if isinstance(marks.get(name), str) else None,
                evidence="\n\n".join(dict.fromkeys(text for text in texts if isinstance(text, str) and text.strip())),
                filled=tuple(filled),
            )


def _is_text(items: Mapping[str, Any], name: str) -> bool:
    return name in items and items[name].kind in ("text", "link")
