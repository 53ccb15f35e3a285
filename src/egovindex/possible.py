"""What an open answer could be, as far as the points of its indicator know answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from egovindex.spec import language, values

if TYPE_CHECKING:
    from egovindex.spec.model import IndexFile
    from egovindex.spec.tree import Leaf, PointsLine, Tree

__all__ = ["Possible", "heading_of_name", "possible_answers", "takes_limits"]

Limits = tuple[float, float]

# an answer that no category and no line names; what else catches, or "is not yes"
_OTHER = "§ any other answer"


@dataclass(frozen=True, slots=True)
class Possible:
    """Answers that stand for all possible ones of an indicator: among them are those with the fewest and most points.

    Parameters
    ----------
    answers
        Categories and words as text, numbers as numbers; those that no line catches are no answers and fall away
        when they are scored.
    reason
        Why they are not known; empty where they are.
    """

    answers: tuple[Any, ...] = ()
    reason: str = ""


def heading_of_name(file: IndexFile, name: str) -> str:
    """The heading that a name of the file means."""
    return file.columns.get(name, name)


def possible_answers(file: IndexFile, tree: Tree, leaf: Leaf, limits: Limits | None) -> Possible:
    """The answers of an indicator that are possible.

    Parameters
    ----------
    file, tree, leaf
        The index, and one of its indicators that is answered in columns (not by a formula).
    limits
        Between which its numbers lie, if that was said.

    Examples
    --------
    >>> import egovindex as ei
    >>> index = ei.load_index("unctad-cyberlaw-2026")
    >>> possible_answers(index.file, index.tree, index.tree.leaves["privacy"], None).answers
    ('legislation', 'draft', 'none')
    """
    own = {"value", "answer", leaf.id, *_names_of(file, heading_of_name(file, leaf.columns[0].text))}
    kinds = {kind.casefold() for kind in tree.kinds}
    words = _words(file, leaf, own, kinds)
    if leaf.scale is not None:
        return Possible(words)
    numbers: list[float] = []
    for line in leaf.lines:
        if not isinstance(line.test, (language.Literal, language.Else)):
            found = _breaks(line.test, own)
            if found is None:
                return Possible(reason=f'its points compare it with more than a number ("{line.test}")')
            numbers += found
    if limits is None and any(isinstance(line.test, language.Else) or _says_not(line, own) for line in leaf.lines):
        words = (*words, _OTHER)
    if not _is_open_to_numbers(leaf, kinds):
        return Possible((*words, *(limits or ()), *_within(numbers, limits)))
    formula = next((str(line.outcome) for line in _open_formulas(leaf) if str(line.outcome) != "value"), None)
    if formula is not None:
        return Possible(reason=f'its points are computed ("{formula}")')
    ends = limits or _goalposts(leaf.steps)
    if ends is None:
        return Possible(reason=f'it takes any number; say between which it lies: limits={{"{leaf.id}": (low, high)}}')
    return Possible((*words, *ends, *_within(numbers, ends)))


def _names_of(file: IndexFile, heading: str) -> set[str]:
    """Names of the file that mean a heading."""
    return {heading, *(name for name, found in file.columns.items() if found == heading)}


def _words(file: IndexFile, leaf: Leaf, own: set[str], kinds: set[str]) -> tuple[str, ...]:
    """Categories of the scale, and whatever the lines name; kinds of nothing are no answers."""
    named = list(file.answers[leaf.scale]) if leaf.scale is not None else []
    for line in leaf.lines:
        if isinstance(line.test, language.Literal):
            named.append(line.test.text)
        elif not isinstance(line.test, language.Else):
            named += [c for test in language.categories_in(line.test) if test.name in own for c in test.categories]
    first: dict[str, str] = {}
    for word in named:
        first.setdefault(word.strip().casefold(), word)
    return tuple(word for key, word in first.items() if key not in kinds)


def _says_not(line: PointsLine, own: set[str]) -> bool:
    if isinstance(line.test, (language.Literal, language.Else)):
        return False
    negated = any(test.negated and test.name in own for test in language.categories_in(line.test))
    return negated or language.has_not(line.test)


def takes_limits(leaf: Leaf, kinds: Iterable[str]) -> bool:
    """Whether its points depend on how large its number is."""
    compares = any(
        not isinstance(line.test, (language.Literal, language.Else)) and language.names_in(line.test)
        for line in leaf.lines
    )
    return leaf.scale is None and (compares or _is_open_to_numbers(leaf, kinds))


def _is_open_to_numbers(leaf: Leaf, kinds: Iterable[str]) -> bool:
    """Whether its points grow with its number, so that no list of answers has them all."""
    literals = [line.test.text.casefold() for line in leaf.lines if isinstance(line.test, language.Literal)]
    closed = any(text not in set(kinds) for text in literals)
    caught = any(isinstance(line.test, language.Else) for line in leaf.lines)
    return not (closed or caught) or any(True for _ in _open_formulas(leaf))


def _open_formulas(leaf: Leaf) -> Iterator[PointsLine]:
    """Lines for more than one answer whose points are computed."""
    for line in leaf.lines:
        if isinstance(line.outcome, language.Formula) and not isinstance(line.test, language.Literal):
            yield line


def _goalposts(steps: Sequence[values.Step]) -> Limits | None:
    """Worst and best of the first step, if it has goalposts; later steps see other numbers."""
    if not steps or steps[0].name != "goalposts":
        return None
    ends = steps[0].parameter("worst"), steps[0].parameter("best")
    return min(ends), max(ends)


def _within(numbers: Iterable[float], limits: Limits | None) -> tuple[float, ...]:
    """Numbers at which a comparison changes, and their neighbours: between them nothing changes."""
    near = [
        float(n) for number in numbers for n in (np.nextafter(number, -np.inf), number, np.nextafter(number, np.inf))
    ]
    return tuple(dict.fromkeys(n for n in near if limits is None or limits[0] <= n <= limits[1]))


def _breaks(test: Any, own: set[str]) -> list[float] | None:
    """Numbers that a sentence compares the answer with; ``None`` where it is compared with something else."""
    if isinstance(test, language.Not):
        return _breaks(test.of, own)
    if isinstance(test, (language.And, language.Or)):
        parts = [_breaks(part, own) for part in test.of]
        return None if None in parts else [number for part in parts for number in part or ()]
    if not isinstance(test, language.Compare) or not own.intersection(language.names_in(test)):
        return []
    for name, number in ((test.left, test.right), (test.right, test.left)):
        if isinstance(name, language.Name) and isinstance(number, language.Number):
            return [number.value]
        if isinstance(name, language.Name) and isinstance(number, language.Negative):
            return [-number.of.value] if isinstance(number.of, language.Number) else None
    return None
