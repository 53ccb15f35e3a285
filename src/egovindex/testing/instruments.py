"""Invented questionnaires, and answers to them or to one of your own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from egovindex.instrument import Instrument, load_instrument
from egovindex.spec import language
from egovindex.spec.items import YES_NO, columns_of
from egovindex.testing.ascode import from_document
from egovindex.testing.drawing import hypothesis_strategies, printed
from egovindex.testing.fitting import UNITS

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["answers", "instruments"]

_SCALES: dict[str, dict[str, list[str]]] = {
    "status": {"adopted": ["Yes", "2"], "drafted": ["Draft", "1"], "none": ["No", "0"]},
    "level": {"full": [], "partial": ["half"], "nothing_yet": ["not at all"]},
    "channel": {"portal": [], "app": [], "phone": []},
}
_KINDS = ("one", "number", "one", "many", "one", "text", "one", "link", "date")
_ITEM_CODES = 8
# answers that are not out of a scale, simplest first
_FREE: dict[str, tuple[Any, ...]] = {
    "number": (0, 1, 10, 12.5, 250),
    "text": ("a portal", 'said "soon"; not yet', "Ämter & Büros"),
    "link": ("https://abaria.example/rule", "https://belmora.example/a?b=1"),
    "date": ("2024-01-31", "2025-12-01"),
    "contact": ("office@abaria.example",),
}


def instruments(*, max_items: int = 8, routing: bool = True, checks: bool = True) -> SearchStrategy[Instrument]:
    """Invented questionnaires: items of every kind, scales with spellings, gates, evidence and checks.

    Parameters
    ----------
    max_items
        Most items.
    routing
        Whether items may be asked only of some (``ask_if``).
    checks
        Whether the form may say which answers cannot go together.

    Returns
    -------
    SearchStrategy[Instrument]
        The simplest has one question with one of three answers.

    Raises
    ------
    ImportError
        Hypothesis is not installed.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(database=None, derandomize=True, max_examples=10)
    ... @given(instruments(max_items=3))
    ... def has_items(form):
    ...     assert 1 <= len(form.items) <= 3
    >>> has_items()
    """
    st = hypothesis_strategies()
    records = st.lists(st.binary(min_size=_ITEM_CODES, max_size=_ITEM_CODES), min_size=1, max_size=max(max_items, 1))
    strategy: SearchStrategy[Instrument] = printed(
        records, lambda codes: from_document(_form(codes, routing=routing, checks=checks))
    )
    return strategy


def _form(records: Sequence[bytes], *, routing: bool, checks: bool) -> dict[str, Any]:
    items: dict[str, dict[str, Any]] = {}
    used: list[str] = []
    wrong: dict[str, dict[str, str]] = {}
    gates: list[tuple[str, str]] = []
    for at, codes in enumerate(records, start=1):
        kind, scale, coded, required, gate, evidence, check, label = codes
        name = f"q{at}"
        item: dict[str, Any] = {"label": f"Question {at}" if label % 4 < 3 else f'Is "{at}" there, yes or no?'}
        item["kind"] = _KINDS[kind % len(_KINDS)]
        if item["kind"] in ("one", "many"):
            item["answers"] = "channel" if item["kind"] == "many" else ("status", "level")[scale % 2]
            used.append(item["answers"])
        if item["kind"] == "one" and coded % 6 == 5:
            item["coded_as"] = ["level"]
            used.append("level")
        if required % 2:
            item["required"] = "true"
        if routing and gates and gate % 3 == 2:
            other, answer = gates[gate % len(gates)]
            item["ask_if"] = f"{other} is {answer}" if gate % 2 else f"{other} is not {answer}"
        known = [other for other in items if items[other]["kind"] in ("link", "text")]
        if known and evidence % 3 == 2:
            item["evidence"] = known[evidence % len(known)]
        items[name] = item
        if item["kind"] == "one":
            first = next(iter(_SCALES[item["answers"]]))
            if checks and gates and check % 3 == 2:
                wrong[f"{name}_alone"] = {
                    "wrong_if": f"{name} is {first} and {gates[0][0]} is missing",
                    "say": f"{name} cannot be answered alone",
                }
            gates.append((name, first))
    scales = {name: _SCALES[name] for name in _SCALES if name in used}
    found: dict[str, Any] = {"instrument": "invented-form", "title": "An invented form"}
    found |= {"answers": scales} if scales else {}
    return found | {"items": items} | ({"checks": wrong} if wrong else {})


def answers(
    instrument: str | Path | Instrument,
    *,
    min_units: int = 2,
    max_units: int = 8,
    blanks: bool = True,
    routed: bool = True,
) -> SearchStrategy[pd.DataFrame]:
    """Tables of answers to an instrument, one row per respondent and one column per item or choice.

    Parameters
    ----------
    instrument
        An instrument, the name of a packaged one, or the path of a YAML file.
    min_units, max_units
        Number of respondents.
    blanks
        Whether an answer may be left out.
    routed
        Items are blank where their ``ask_if`` names answers that were not given. ``False`` has them answered all the
        same, as respondents do on paper.

    Returns
    -------
    SearchStrategy[DataFrame]
        A column ``unit``, and the columns that :attr:`Instrument.items` give. Categories stand in all their
        spellings; choices of a question with many answers are yes or no.

    Raises
    ------
    ImportError
        Hypothesis is not installed.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from egovindex.testing import from_document
    >>> form = from_document(
    ...     {"instrument": "f", "answers": {"s": {"yes": ["Y"], "no": []}}, "items": {"q": {"answers": "s"}}}
    ... )
    >>> @settings(database=None, derandomize=True, max_examples=10)
    ... @given(answers(form, blanks=False))
    ... def on_the_scale(table):
    ...     assert set(table["q"]) <= {"yes", "Y", "no"}
    >>> on_the_scale()
    """
    st = hypothesis_strategies()
    form = load_instrument(instrument)
    columns = list(_columns(form))
    width = max(len(columns), 1)

    def table(codes: bytes) -> pd.DataFrame:
        rows = len(codes) // width
        found: dict[str, Any] = {"unit": [_unit(row) for row in range(rows)]}
        for at, (name, cells) in enumerate(columns):
            own = codes[at::width][:rows]
            found[name] = [
                None if blanks and code >= 240 else cells[(code + row) % len(cells)] for row, code in enumerate(own)
            ]
        if routed:
            _route(form, found, rows)
        return pd.DataFrame(found)

    sizes = st.integers(max(min_units, 1), max(max_units, min_units, 1))
    codes = sizes.flatmap(lambda units: st.binary(min_size=units * width, max_size=units * width))
    strategy: SearchStrategy[pd.DataFrame] = printed(codes, table)
    return strategy


def _unit(at: int) -> str:
    turn, name = divmod(at, len(UNITS))
    return UNITS[name] if turn == 0 else f"{UNITS[name]} {turn + 1}"


def _columns(form: Instrument) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Columns of a form with the cells that may stand in them, simplest first."""
    scales: Mapping[str, Mapping[str, Sequence[str]]] = {YES_NO: {"yes": (), "no": ()}, **form.file.answers}
    for name, item in form.file.items.items():
        for column, scale, _ in columns_of(name, item, form.file.answers):
            if scale is None:
                yield column, _FREE.get(item.kind or "text", _FREE["text"])
                continue
            categories = scales[scale]
            spelt = [spelling for spellings in categories.values() for spelling in spellings]
            yield column, tuple(dict.fromkeys([*categories, *spelt]))


def _route(form: Instrument, found: dict[str, Any], rows: int) -> None:
    """Blank what was not asked; a sentence that compares numbers is taken as true."""
    spelt = {
        spelling.casefold(): category
        for scale in form.file.answers.values()
        for category, spellings in scale.items()
        for spelling in spellings
    }
    for name, item in form.file.items.items():
        if item.ask_if is None:
            continue
        for row in range(rows):
            given = {column: cells[row] for column, cells in found.items()}
            if not _asked(item.ask_if, given, spelt):
                for column, _, _ in columns_of(name, item, form.file.answers):
                    found[column][row] = None


def _asked(test: Any, given: Mapping[str, Any], spelt: Mapping[str, str]) -> bool:
    if isinstance(test, language.And):
        return all(_asked(part, given, spelt) for part in test.of)
    if isinstance(test, language.Or):
        return any(_asked(part, given, spelt) for part in test.of)
    if isinstance(test, language.Not):
        return not _asked(test.of, given, spelt)
    if isinstance(test, language.Is) and test.name in given:
        answer = given[test.name]
        if answer is None and test.negated:  # of a blank nothing is said
            return False
        word = "missing" if answer is None else str(answer).casefold()
        known = {word, spelt.get(word, word).casefold()}
        return any(category.casefold() in known for category in test.categories) != test.negated
    return True
