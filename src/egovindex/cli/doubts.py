"""What could have been chosen otherwise, as it is said on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli import complete
from egovindex.cli.faults import UsageFault
from egovindex.cli.given import reworded
from egovindex.errors import EgovindexError, Fault, MethodError, SpecError, did_you_mean, listed

if TYPE_CHECKING:
    from egovindex.sensitivity.doubt import Doubt

__all__ = ["Asked", "Declared", "DoubtFile", "Vary", "asked_doubt", "doubt_from_words"]

DoubtFile = Annotated[
    Path | None,
    typer.Option(
        "--doubt", metavar="FILE", help="A YAML file of what could have been chosen otherwise.", readable=False
    ),
]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="WHAT=LAW",
        help="What could have been chosen otherwise, and how, as in 'weights=within 0.25' or "
        "'aggregate.EGDI=mean|geometric'. May be repeated.",
        autocompletion=complete.doubts,
    ),
]
Declared = Annotated[
    bool, typer.Option("--declared", help="Vary each number of the index file that has a range, within it.")
]

_FORM = 'WHAT=LAW, as in "weights=within 0.25" or "aggregate.EGDI=mean|geometric"'
_EXAMPLE = '--vary "weights=within 0.25"'
# kinds of doubts, by what may be said of them in a word
_NEED_A_NAME = {"points": "points.status.drafted=uniform 0.2 0.6", "nothing": "nothing.unknown=skip|0"}
_OF_THE_WHOLE = {"rules": "rules=strict|graded", "include": "include=mobile|internet"}
_IN_FILES = {
    "values": "values: {internet: {error: {sd: 2}}}",
    "recipes": "recipes: {edition: {plain: {}, steep: {aggregate: geometric}}}",
}
_ALTERNATIVES = ("rules", "normalise", "steps", "aggregate")
_OF_SEVERAL = {"weights": "equal|services-first", "points": "0.2|0.5", "nothing": "skip|0"}

# how the library asks for what is written in Python, or in a file
_WORDS = {
    "write it in long form, as in": "write it in a file (--doubt), as in",
    "as in within(0.25)": "as in within 0.25",
    ". Leave one out with without(...)": "; keep one",
    'write rules=["strict", "graded"]': "name no record",
    'as in {"status.drafted": (0.2, 0.6)}': "as in points.status.drafted",
}
# faults of a doubt that are for the data to mend
_OF_THE_DATA = ("no_deviation", "outside_limits")


@dataclass(frozen=True)
class Asked:
    """What is doubted, and where each part of it was said.

    Parameters
    ----------
    doubt
        All of it together.
    places
        The option or the file, by the label of the part.
    """

    doubt: Doubt
    places: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Faults of the parts, with the place where each was said.

        A part that does not fit the index is wrong usage where an option says it, and a fault of its file where
        that does.
        """
        try:
            with reworded(_WORDS):
                yield
        except MethodError as error:
            faults = [self._placed(fault) for fault in error.faults]
            by_option = all((fault.file or "--").startswith("--") for fault in faults)
            raise (MethodError if by_option else SpecError)(faults) from None

    def _placed(self, fault: Fault) -> Fault:
        if fault.check in _OF_THE_DATA:
            return replace(fault, file=None, line=None)
        place = self.places.get(fault.path or "")
        return fault if place is None or fault.file is not None else replace(fault, file=place)


def asked_doubt(index: ei.Index, file: Path | None, words: list[str] | None, *, declared: bool) -> Asked:
    """The doubts of a file, of words and of the ranges in the index, put together.

    Raises
    ------
    UsageFault
        There are none, a word has another form, or something is doubted twice.
    SpecError
        The file cannot be read, or says something it may not.
    """
    found: list[tuple[str, Doubt]] = []
    if words:
        found.append(("--vary", doubt_from_words(words)))
    with reworded(_WORDS):
        if file is not None:
            found.insert(0, (file.name, ei.load_doubt(file)))
        if declared:
            found.append(("--declared", ei.Doubt.declared(index)))
        if not found:
            raise UsageFault(
                f"nothing could have been otherwise: give {_EXAMPLE} (may be repeated), --doubt FILE or --declared"
            )
        doubt = reduce(add, (one for _, one in found))
    return Asked(doubt, {part.label: place for place, one in found for part in one.parts})


def doubt_from_words(words: list[str]) -> Doubt:
    """A doubt out of ``WHAT=LAW``, one word for each part of it.

    Parameters
    ----------
    words
        The last ``=`` parts the two: a line of points may hold one (``value >= 3``), a law never does. WHAT is a kind
        of doubt, and behind its first point a node, record or address. Alternatives are parted by ``|``.

    Raises
    ------
    UsageFault
        With every word that has another form, or whose law is none.

    Examples
    --------
    >>> doubt_from_words(["weights.EGDI=within 0.25", "points.age.value >= 3=uniform 0 1", "nothing.unknown=skip|0"])
    <Doubt> 3 doubts
      weights.EGDI           within 0.25
      points.age.value >= 3  uniform 0 1
      nothing.unknown        one of skip, 0
    """
    parts: list[Doubt] = []
    faults: list[Fault] = []
    for word in words:
        try:
            parts.append(_doubt_of(word))
        except EgovindexError as error:
            faults += [Fault(f'--vary "{word}": {fault.message}', check=fault.check) for fault in error.faults]
    if faults:
        raise UsageFault(faults)
    with reworded(_WORDS):
        return reduce(add, parts)


def _doubt_of(word: str) -> Doubt:
    """One part of a doubt."""
    from egovindex.sensitivity.doubt import ALL

    what, _, law = (text.strip() for text in word.rpartition("="))
    if not what or not law:
        raise UsageFault(f"write {_FORM}")
    kind, dot, key = (text.strip() for text in what.partition("."))
    _refuse_kind(kind)
    _refuse_key(kind, key, dotted=bool(dot))
    raw = _law_of(kind, law)
    said: dict[str, Any] = {kind: raw if kind == "include" else {key or ALL: raw}}
    try:
        with reworded(_WORDS):
            return ei.Doubt(**said)
    except MethodError as error:
        raise UsageFault([_without_label(fault, kind, key) for fault in error.faults]) from None


def _refuse_kind(kind: str) -> None:
    """Refuse what is no kind of doubt, or more than a word can say."""
    from egovindex.sensitivity.doubt import KINDS

    if kind not in KINDS:
        hint = did_you_mean(kind, KINDS, otherwise=".")
        raise UsageFault(f'there is no kind of doubt "{kind}"{hint} Kinds: {listed(KINDS, most=len(KINDS))}')
    if kind in _IN_FILES:
        raise UsageFault(f"{kind} are doubted in a file (--doubt), as in {_IN_FILES[kind]}")


def _refuse_key(kind: str, key: str, *, dotted: bool) -> None:
    """Refuse a name where none is meant, and none where one is."""
    if kind in _OF_THE_WHOLE and dotted:
        raise UsageFault(f"{kind} has no dot and no name behind it; write it as in {_OF_THE_WHOLE[kind]}")
    if not key and (dotted or kind in _NEED_A_NAME):
        raise UsageFault(f"name what is meant behind a dot, as in {_NEED_A_NAME.get(kind, f'{kind}.EGDI=...')}")


def _without_label(fault: Fault, kind: str, key: str) -> Fault:
    """A fault of a law, whose label stands in the word already; with a hint where a bar may be missing."""
    message = fault.message.removeprefix(f"{kind}.{key}: " if key else f"{kind}: ")
    if "is no law here" in message and kind in _OF_SEVERAL:
        message += f"; alternatives are parted by |, as in {_OF_SEVERAL[kind]}"
    return replace(fault, message=message)


def _law_of(kind: str, law: str) -> Any:
    """A law as a file has it: alternatives as a list."""
    several = [one.strip() for one in law.split("|")]
    if not all(several):
        raise UsageFault("an alternative is empty; write them as in mean|geometric")
    if kind == "rules":  # as for --rules, those that are laid over together stand behind a comma
        together = [tuple(rule.strip() for rule in one.split(",") if rule.strip()) for one in several]
        return [one if len(one) > 1 else "".join(one) for one in together]
    if kind in _ALTERNATIVES or len(several) > 1:
        return several
    return law if kind != "include" or law == "leave_one_out" else several
