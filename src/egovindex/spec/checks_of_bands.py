"""Faults of bands: lines of points that earlier lines cover, holes between them.

A band is a line that compares ``value``, or one other name, with numbers. What else a line asks is not judged:
of a line that also asks for a law nobody can say that it never holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from egovindex.errors import Fault, listed
from egovindex.spec import language, tree, values
from egovindex.spec.bands import NONE, Band, Reach, exact, reach, union, written
from egovindex.spec.model import IndexFile
from egovindex.spec.places import IndexCheck, Place, lines_in_force, records, written_at
from egovindex.spec.words import KINDS

__all__ = ["CHECKS"]

Lines = Mapping[Any, values.Outcome]
_OWN = frozenset({"value", "answer"})


# --- lines that never hold


def line_covered(file: IndexFile, place: Place) -> Iterator[Fault]:
    """A line whose numbers earlier lines of the same map have taken, or that holds for no number."""
    for path, where, lines in _maps(file):
        for line, earlier in _covered(lines):
            if not earlier:
                message = f'{where}: "{line}" can never hold: no number is both'
            else:
                covering = ", ".join(f'"{one}"' for one in earlier)
                message = (
                    f'{where}: "{line}" can never hold: {covering} above it {"take" if len(earlier) > 1 else "takes"} '
                    "all its numbers, and the first line that holds decides; move it up, or change its limit"
                )
            yield place("line_covered", (*path, str(line)), message)


def _maps(file: IndexFile) -> Iterator[tuple[tuple[str, ...], str, Lines]]:
    """Every map of points as it is written, of the file, a rule or a record, or as a default."""
    for name, lines in file.points.items():
        yield ("points", name), f'points "{name}"', lines
    for rule, patch in file.rules.items():
        for name, layer in patch.points.items():
            lines = {line: outcome for line, outcome in layer.items() if outcome is not None}
            yield ("rules", rule, "points", name), f'rule "{rule}", points "{name}"', lines
    told: set[tuple[str, ...]] = set()
    for kind, name, record, keys in records(file):
        path, where = written_at(kind, name, record, "points")
        if path not in told:
            told.add(path)
            yield from ((path, where, part) for part in keys.get("points") or () if not isinstance(part, str))


def _covered(lines: Lines) -> Iterator[tuple[Any, list[Any]]]:
    """Lines that can hold for no number that is left, each with the earlier lines that have them."""
    taken: dict[str, list[tuple[Any, Band]]] = {}
    for line, outcome in lines.items():
        if isinstance(line, language.Else):
            continue
        found = {name: _reach(line, name) for name in _names_of(line)}
        for name, numbers in found.items():
            earlier = _by_others(line, taken.get(name, []))
            if _anchored(line, name) and numbers.most <= union(band for _, band in earlier):
                alone = [one for one, band in earlier if numbers.most <= band][:1]
                yield line, (alone or [one for one, _ in earlier]) if numbers.most else []
                break
        for name, numbers in found.items():
            # a formula for want of another column's number is passed over, and its line covers nothing
            passed = isinstance(outcome, language.Formula) and set(language.names_in(outcome)) - {name}
            if numbers.sure and not passed:
                taken.setdefault(name, []).append((line, numbers.sure))


def _by_others(line: Any, earlier: list[tuple[Any, Band]]) -> list[tuple[Any, Band]]:
    """Without literals for a literal: a line that stands twice is told as that."""
    literal = isinstance(line, language.Literal)
    return [(one, band) for one, band in earlier if not (literal and isinstance(one, language.Literal))]


def _names_of(line: Any) -> tuple[str, ...]:
    """Names whose numbers a line is about; a literal is about the value."""
    if isinstance(line, language.Literal):
        return ("value",) if language.is_number(line.text) else ()
    own = ("value" if test.name in _OWN else test.name for test in language.categories_in(line))
    return tuple(dict.fromkeys((*language.names_in(line), *own)))


def _reach(line: Any, name: str) -> Reach:
    if isinstance(line, language.Literal):
        point = Band.of("=", exact(line.text))
        return Reach(point, point)
    return reach(line, name)


def _anchored(line: Any, name: str) -> bool:
    """Whether a line holds for numbers of a name only: ``not`` and words may hold for kinds of nothing too."""
    if isinstance(line, language.Literal):
        return True
    if language.has_not(line):
        return False
    own = _OWN if name == "value" else {name}
    asked = [test for test in language.categories_in(line) if test.name in own]
    return not any(test.negated or not all(map(language.is_number, test.categories)) for test in asked)


# --- holes


def hole_between_bands(file: IndexFile, place: Place) -> Iterator[Fault]:
    """Numbers of no band, in a map of constants without ``else``: they would stay as they are, among points."""
    maps = lines_in_force(file)
    kinds = {kind.casefold() for kind in (*KINDS, *(file.nothing or {}))}
    for kind, name, record, keys in records(file):
        parts: tuple[Any, ...] = keys.get("points") or ()
        lines = [pair for part in parts for pair in (maps.get(part, {}) if isinstance(part, str) else part).items()]
        hole, bands = _hole(lines, kinds, closes=kind == "indicators")
        if not hole:
            continue
        path, where = written_at(kind, name, record, "points")
        if len(parts) == 1 and isinstance(parts[0], str):
            path, where = ("points", parts[0]), f'points "{parts[0]}"'
        yield place("hole_between_bands", path, f"{where}: {_told(hole, bands)}")


def _told(hole: Band, bands: list[str]) -> str:
    one = hole.is_a_number
    are, they, stay = ("is", "it", "it is") if one else ("are", "they", "they are")
    meet = f"let a band take it (value >= {hole})" if one else "let the bands meet"
    return (
        f"{hole} {are} in no line ({listed(bands)}), so {they} would stay as {stay}, a number among points. "
        f"Write else: 0, or {meet}; if that is meant, write else: value"
    )


def _hole(lines: list[tuple[Any, values.Outcome]], kinds: set[str], *, closes: bool) -> tuple[Band, list[str]]:
    """The numbers that no line catches and the bands beside them; none where that cannot be said or is loud."""
    taken: list[tuple[str, Band, values.Outcome]] = []
    for line, outcome in lines:
        if isinstance(line, language.Else):
            return NONE, []
        if isinstance(line, language.Literal):
            if line.text.casefold() in kinds:
                continue
            if closes or not language.is_number(line.text):
                return NONE, []  # a closed map: what no line catches is an error of the data
        elif _about_nothing(line, kinds) or (not taken and _OWN.isdisjoint(tree.names_read(line, values.Word("skip")))):
            continue  # a gate before the bands: they are for those that pass it
        found = _reach(line, "value")
        if found.sure != found.most or not _is_constant(outcome):
            return NONE, []
        if found.sure:  # words are no band
            taken.append((str(line), found.sure, outcome))
    if sum(isinstance(outcome, values.Quantity) for _, _, outcome in taken) < 2:
        return NONE, []  # one constant band is a limit: the others stay as they are
    free = ~union(band for _, band, _ in taken)
    holes = Band(tuple(span for span in free.spans if not _stays(*span, taken)))
    return holes, [line for line, _, _ in taken]


def _about_nothing(line: Any, kinds: set[str]) -> bool:
    """``value is missing``, ``answer in (unknown, missing)``: a line for kinds of nothing."""
    if not isinstance(line, language.Is) or line.name not in _OWN or line.negated:
        return False
    return all(category.casefold() in kinds for category in line.categories)


def _is_constant(outcome: values.Outcome) -> bool:
    return isinstance(outcome, values.Quantity) or outcome in (values.Word("skip"), values.Word("void"))


def _stays(low: Any, high: Any, taken: list[tuple[str, Band, values.Outcome]]) -> bool:
    """Whether a hole may well be meant: the bands beside it are limits (``value > 100: 100``) or leave rows out."""
    below = next((outcome for _, band, outcome in taken if band.ends_at(low)), None)
    above = next((outcome for _, band, outcome in taken if band.begins_at(high)), None)
    return all(
        not isinstance(outcome, values.Quantity) or written(outcome.value) == cut[0]
        for cut, outcome in ((low, below), (high, above))
    )


CHECKS: tuple[IndexCheck, ...] = (
    line_covered,
    hole_between_bands,
)
