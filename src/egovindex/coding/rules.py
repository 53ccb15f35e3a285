"""The coder that reads by rules: statement by statement, the first rule that holds, the best status of each axis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from egovindex.coding.clauses import clauses
from egovindex.coding.codebook import ANY, Codebook, Rule
from egovindex.coding.phrases import Words, first_of, words_of
from egovindex.errors import listed

__all__ = ["UNKNOWN", "Question", "Verdict", "by_rules", "statements"]

UNKNOWN = "unknown"
# an address is no statement; bounded on both sides
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s]{1,2000}", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """What a coder is asked: one item of one response.

    Parameters
    ----------
    unit, period, item, label
        Whose answer to what.
    axes
        Scales to code on, each with its categories, the best first.
    mark
        What the respondent marked; ``None`` where it cannot be seen.
    evidence
        What the respondent wrote about it; empty where nothing is.
    filled
        Further items that the category rests on, and that are filled in.
    """

    unit: str
    period: str | None
    item: str
    label: str
    axes: Mapping[str, tuple[str, ...]]
    mark: str | None = None
    evidence: str = ""
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What a coder says of one item on one axis.

    Parameters
    ----------
    category
        One of the axis, or ``unknown``.
    reason
        Why.
    confidence
        ``high``, ``medium`` or ``low``; ``None`` where nothing is known.
    span
        The words it rests on, as they stand in the evidence.
    rule
        Name of the rule; ``None`` for a person.
    """

    category: str
    reason: str = ""
    confidence: str | None = None
    span: str | None = None
    rule: str | None = None


def by_rules(question: Question, codebook: Codebook) -> dict[str, Verdict]:
    """A verdict for each axis.

    Examples
    --------
    >>> from egovindex.coding.codebook import load_codebook
    >>> asked = Question(
    ...     "Anvilla",
    ...     None,
    ...     "q036",
    ...     "",
    ...     {"legal": ("in_force", "adopted", "drafted", "planned", "none")},
    ...     evidence="The law is being drafted and expected to be adopted in 2026.",
    ... )
    >>> by_rules(asked, load_codebook("un-msq-2022-rules"))["legal"].category
    'drafted'
    """
    kind = codebook.kind_of(question.item)
    said = list(statements(question.evidence, kind, codebook)) if kind else []
    found = {}
    for axis, categories in question.axes.items():
        best = _best([(rule, span) for rule, span in said if axis in rule.says], axis, categories)
        if best is not None:
            rule, span = best
            found[axis] = Verdict(rule.says[axis], rule.reason, rule.confidence, span, rule.id)
        elif question.filled and not said:
            found[axis] = _of_fields(question, axis, categories)
        else:
            reason = "the text says nothing of it" if question.evidence.strip() else "no evidence is given"
            found[axis] = Verdict(UNKNOWN, reason)
    return found


def statements(text: str, kind: str, codebook: Codebook) -> Iterator[tuple[Rule, str]]:
    """The first rule that holds for each statement of a text, with the words it rests on."""
    masked = _ADDRESS.sub(lambda match: " " * len(match[0]), text)
    words = words_of(masked)
    for start, end in clauses(masked):
        here = words.within(start, end)
        for rule in codebook.rules:
            if kind in rule.kinds and (span := _holds(rule, here, start, end)) is not None:
                yield rule, text[span[0] : span[1]]
                break


def _holds(rule: Rule, words: Words, start: int, end: int) -> tuple[int, int] | None:
    if rule.unless and first_of(rule.unless, words) is not None:
        return None
    if ANY in rule.where:
        return (start, end)
    return (start, end) if first_of(rule.where, words) is not None else None


def _best(said: Sequence[tuple[Rule, str]], axis: str, categories: Sequence[str]) -> tuple[Rule, str] | None:
    """What counts of all that is said of an axis: the best category, but for rules that give way."""
    gone = {name for rule, _ in said for name in rule.instead_of}
    left = [one for one in said if one[0].id not in gone]
    counts = [one for one in left if not one[0].only_if_alone] or left
    order = {category: at for at, category in enumerate(categories)}

    def place(one: tuple[Rule, str]) -> int:
        return order.get(one[0].says[axis], len(order))

    return min(counts, key=place, default=None)


def _of_fields(question: Question, axis: str, categories: Sequence[str]) -> Verdict:
    """Fields that are asked only of those who have the thing are filled in."""
    category: Any = next((one for one in ("adopted", "in_operation") if one in categories), UNKNOWN)
    if axis != "legal" and "legal" in question.axes:
        return Verdict(UNKNOWN, "no evidence is given")
    reason = f"{listed(question.filled)} are filled in, which are asked of those who have it"
    return Verdict(category, reason, "high", None, "filled_fields")
