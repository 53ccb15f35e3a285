"""Faults of answers and points: maps, scales, lines, kinds of nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from egovindex.errors import Fault, did_you_mean, listed
from egovindex.spec import language, tree, values
from egovindex.spec.model import IndexFile
from egovindex.spec.places import IndexCheck, Place, records, written_at
from egovindex.spec.words import KINDS, RESERVED

__all__ = ["CHECKS", "spellings_twice"]

# how alike a new kind of nothing and a known one may be; "not_relevant" and "not_applicable" are 0.69
_SAME_WORD = 0.85


def unknown_points_map(file: IndexFile, place: Place) -> Iterator[Fault]:
    for kind, name, record, keys in records(file):
        for part in keys.get("points") or ():
            if isinstance(part, str) and part not in file.points:
                path, where = written_at(kind, name, record, "points")
                hint = did_you_mean(part, file.points, otherwise=".")
                message = f'{where}: there is no points map "{part}"{hint} Maps: {listed(file.points) or "none"}'
                yield place("unknown_points_map", path, message)


def unknown_scale(file: IndexFile, place: Place) -> Iterator[Fault]:
    for kind, name, record, keys in records(file):
        scale = keys.get("answers")
        if scale is not None and scale not in file.answers:
            path, where = written_at(kind, name, record, "answers")
            hint = did_you_mean(scale, file.answers, otherwise=".")
            message = f'{where}: there is no scale "{scale}"{hint} Scales: {listed(file.answers) or "none"}'
            yield place("unknown_scale", path, message)


def spelling_twice(file: IndexFile, place: Place) -> Iterator[Fault]:
    yield from spellings_twice(file.own_answers, ("answers",), place)


def spellings_twice(answers: Mapping[str, Any], at: tuple[str, ...], place: Place) -> Iterator[Fault]:
    """Two categories of a scale that share a spelling, in the scales that stand at a path."""
    for scale, categories in answers.items():
        owner: dict[str, str] = {}
        for category, spellings in categories.items():
            for spelling in dict.fromkeys(s.casefold() for s in (category, *spellings)):
                first = owner.setdefault(spelling, category)
                if first != category:
                    yield place(
                        "spelling_twice",
                        (*at, scale, category),
                        f'scale "{scale}": "{spelling}" is a spelling of both {first} and {category}',
                    )


def kind_in_another_category(file: IndexFile, place: Place) -> Iterator[Fault]:
    """A kind of nothing that a scale reads as a category: the policy for it would never be asked."""
    kinds = {kind.casefold() for kind in (*KINDS, *(file.nothing or {}))}
    for scale, categories in file.answers.items():
        for category, spellings in categories.items():
            for kind in dict.fromkeys(s.strip() for s in spellings if s.strip().casefold() in kinds):
                if kind.casefold() != category.casefold():
                    message = (
                        f'scale "{scale}": "{kind}" is a kind of nothing, and no spelling of {category}; if it counts '
                        f'like {category}, give it a line in points ("{kind}: ...") or under nothing'
                    )
                    yield place("kind_in_another_category", ("answers", scale, category), message)


def scale_unclear(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name in file.indicators:
        keys = tree.keys_of_indicator(file, name)
        if any(isinstance(p, str) and p not in file.points for p in keys.get("points") or ()):
            continue
        found = tree.scale_for(keys, file, file.points)
        if len(found) > 1:
            yield place(
                "scale_unclear",
                ("indicators", name),
                f"{name}: its points fit the scales {listed(found)} equally; write answers: NAME",
            )


def category_not_in_scale(file: IndexFile, place: Place) -> Iterator[Fault]:
    kinds = {*KINDS, *(file.nothing or {}), *(k for r in file.rules.values() for k in r.nothing or ())}
    for path, (line, scales) in _lines_on_scales(file).items():
        allowed = {category.casefold() for scale in scales for category in file.answers[scale]} | kinds
        if line.text.casefold() not in allowed:
            hint = did_you_mean(line.text, allowed, otherwise=".")
            several = " and ".join(f'"{scale}"' for scale in scales)
            categories = listed(dict.fromkeys(category for scale in scales for category in file.answers[scale]))
            yield place(
                "category_not_in_scale",
                path,
                f'{".".join(path[:-1])}: "{line.text}" is not a category of scale {several}{hint} '
                f"Categories: {categories}",
            )


def _lines_on_scales(file: IndexFile) -> dict[tuple[str, ...], tuple[language.Literal, list[str]]]:
    """Every line for a category with its place, and the scales of the indicators that read it."""
    found: dict[tuple[str, ...], tuple[language.Literal, list[str]]] = {}
    for name in file.indicators:
        keys = tree.keys_of_indicator(file, name)
        scales = tree.scale_for(keys, file, file.points)
        if len(scales) != 1 or scales[0] not in file.answers:
            continue
        for part in keys.get("points") or ():
            where = ("points", part) if isinstance(part, str) else ("indicators", name, "points")
            for line in file.points.get(part, {}) if isinstance(part, str) else part:
                if isinstance(line, language.Literal):
                    known = found.setdefault((*where, str(line)), (line, []))[1]
                    known += [] if scales[0] in known else [scales[0]]
    return found


def line_after_else(file: IndexFile, place: Place) -> Iterator[Fault]:
    kinds = {kind.casefold() for kind in (*KINDS, *(file.nothing or {}))}

    def never_holds(line: Any) -> bool:
        if isinstance(line, language.Literal):
            return line.text.casefold() not in kinds
        names = {*language.names_in(line), *(test.name for test in language.categories_in(line))}
        # "not" and a kind that is named may hold for a kind of nothing, which else leaves
        open_ = language.has_not(line) or any(
            category.casefold() in kinds for test in language.categories_in(line) for category in test.categories
        )
        return names <= {"value", "answer"} and not open_

    def late(lines: Mapping[Any, values.Outcome]) -> list[str]:
        after = False
        found = []
        for line, outcome in lines.items():
            if after and not isinstance(line, language.Else) and never_holds(line):
                found.append(str(line))
            # an else whose formula has no number for want of another column is passed over
            passed = isinstance(outcome, language.Formula) and set(language.names_in(outcome)) - {"value"}
            after = after or (isinstance(line, language.Else) and not passed)
        return found

    for name, lines in file.points.items():
        for line in late(lines):
            yield place(
                "line_after_else",
                ("points", name, line),
                f'points "{name}": line "{line}" stands after else; move it up',
            )
    for kind, name, record, _ in records(file):
        for part in record.points or ():
            for line in late(part) if not isinstance(part, str) else ():
                yield place(
                    "line_after_else",
                    (kind, name, "points", line),
                    f'{name}: points line "{line}" stands after else and can never hold; move it up',
                )


def word_on_a_node(file: IndexFile, place: Place) -> Iterator[Fault]:
    told: set[tuple[str, ...]] = set()
    for path, where, line in _lines_of_nodes(file):
        if path not in told and (word := _word_of(line, file)):
            told.add(path)
            message = (
                f'{where}: "{line}" can never hold: a node is a number, or missing where it has no score, and never '
                f'"{word}". Write a number, missing, a comparison (value >= 0.5), or ask a column (COLUMN is {word})'
            )
            yield place("word_on_a_node", path, message)


def _word_of(line: Any, file: IndexFile) -> str | None:
    """The first word that a line asks of a node, where only numbers and ``missing`` can be found."""
    if isinstance(line, language.Else):
        return None
    if isinstance(line, language.Literal):
        asked = [line.text]
    else:
        of_nodes = (test for test in language.categories_in(line) if test.name in ("value", "answer", *file.nodes))
        asked = [category for test in of_nodes for category in test.categories]
    return next((word for word in asked if word.casefold() != "missing" and not language.is_number(word)), None)


def _lines_of_nodes(file: IndexFile) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Every line of points that a node reads, its own, of a named map or of a rule over that: place, owner, line."""
    for name, node in file.nodes.items():
        written, where = written_at("nodes", name, node, "points")
        for part in tree.effective(node, file.defaults.nodes).get("points") or ():
            if not isinstance(part, str):
                yield from (((*written, str(line)), where, line) for line in part)
                continue
            of_map = f'points "{part}", which {where} uses'
            yield from ((("points", part, str(line)), of_map, line) for line in file.points.get(part, ()))
            for rule, patch in file.rules.items():
                of_rule = f'rule "{rule}" over {of_map}'
                for line in patch.points.get(part, ()):
                    yield ("rules", rule, "points", part, str(line)), of_rule, line


def _policies(file: IndexFile) -> Iterator[tuple[tuple[str, ...], str, str, values.Outcome | None]]:
    """Lines for kinds of nothing, of the file and of its rules: place, owner, kind, outcome."""
    yield from ((("nothing", kind), "nothing", kind, outcome) for kind, outcome in (file.nothing or {}).items())
    for name, rule in file.rules.items():
        for kind, outcome in (rule.nothing or {}).items():
            yield ("rules", name, "nothing", kind), f'rule "{name}", nothing', kind, outcome


def nothing_with_formula(file: IndexFile, place: Place) -> Iterator[Fault]:
    told: set[tuple[str, str]] = set()  # one outcome written for all stands under every kind
    for path, where, _, outcome in _policies(file):
        written = str(outcome)
        if isinstance(outcome, language.Formula) and (where, written) not in told:
            told.add((where, written))
            hint = did_you_mean(written, values.WORDS, otherwise=".")
            message = f'{where}: "{written}" is not a policy{hint} Write skip, void or a number'
            yield place("nothing_with_formula", path, message)


def no_kind_of_nothing(file: IndexFile, place: Place) -> Iterator[Fault]:
    for path, where, kind, _ in _policies(file):
        if language.is_sentence(kind) or language.is_number(kind) or kind.casefold() in ("else", *RESERVED):
            message = f'{where}: "{kind}" cannot be a kind of nothing; a kind is a word, such as {", ".join(KINDS)}'
            yield place("no_kind_of_nothing", path, message)


def kind_misspelt(file: IndexFile, place: Place) -> Iterator[Fault]:
    declared = [*KINDS, *(file.nothing or {})]
    for path, where, kind, _ in _policies(file):
        known = KINDS if path[0] == "nothing" else declared
        near = [] if kind in known else difflib.get_close_matches(kind.casefold(), known, n=1, cutoff=_SAME_WORD)
        if near:
            message = (
                f'{where}: "{kind}" would be a kind of its own, beside "{near[0]}"; did you mean "{near[0]}"? '
                "Give another kind a name that is not so close"
            )
            yield place("kind_misspelt", path, message)


CHECKS: tuple[IndexCheck, ...] = (
    unknown_points_map,
    unknown_scale,
    spelling_twice,
    kind_in_another_category,
    scale_unclear,
    category_not_in_scale,
    line_after_else,
    nothing_with_formula,
    no_kind_of_nothing,
    kind_misspelt,
    word_on_a_node,
)
