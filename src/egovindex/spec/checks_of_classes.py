"""Faults of classes: bands that never hold, and tests that cannot be computed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from egovindex.errors import Fault
from egovindex.spec import language, values
from egovindex.spec.model import IndexFile
from egovindex.spec.places import IndexCheck, Place, records, written_at

__all__ = ["CHECKS"]


def classes_out_of_order(file: IndexFile, place: Place) -> Iterator[Fault]:
    seen: set[int] = set()
    for kind, name, record, keys in records(file):
        classes = keys.get("classes")
        if not classes or id(classes) in seen:
            continue
        seen.add(id(classes))
        own = "classes" in record.model_fields_set
        path: tuple[str | int, ...] = (kind, name, "classes") if own else ("defaults", kind, "classes")
        labels = list(classes)
        for at, (label, bound) in enumerate(classes.items()):
            if isinstance(bound, language.Else) and at < len(labels) - 1:
                yield place("classes_out_of_order", (*path, label), f'class "{label}: else" must be the last one')
        for (label, earlier), (after, later) in pairwise(classes.items()):
            if _covers(earlier, later):
                shown = [
                    language.number_text(b.value) if isinstance(b, values.Quantity) else str(b)
                    for b in (later, earlier)
                ]
                message = (
                    f'class "{after}" ({shown[0]}) stands after "{label}" ({shown[1]}) and can never hold; '
                    "lower bounds fall from first to last, upper bounds rise"
                )
                yield place("classes_out_of_order", (*path, after), message)


def _covers(earlier: Any, later: Any) -> bool:
    """Whether a class takes all that a later one could: of two lower bounds the first is no higher."""
    one, two = _band(earlier), _band(later)
    if one is None or two is None or one[0] != two[0]:
        return False
    turn = 1 if one[0] == ">" else -1
    (_, bound, strict), (_, other, other_strict) = one, two
    return turn * other > turn * bound or (other == bound and (other_strict or not strict))


def _band(bound: Any) -> tuple[str, float, bool] | None:
    """A class as a comparison of value with a number: which way, the number, without the number itself."""
    if isinstance(bound, values.Quantity):
        return ">", bound.value, False
    if not isinstance(bound, language.Compare) or bound.left != language.Name("value"):
        return None
    try:
        number = language.parse_number(str(bound.right))
    except ValueError:
        return None
    return bound.op[0], number, bound.op in "<>"


def unknown_name_in_class(file: IndexFile, place: Place) -> Iterator[Fault]:
    known = ["value", *file.indicators, *file.nodes]
    for path, where, _, test in _tests_of_classes(file):
        for used in language.names_in(test):
            if used not in known:
                message = f'{where}: a class reads "{used}", which is neither value, an indicator nor a node'
                yield place("unknown_name_in_class", path, message + language.hint_for_name(used, known))


def category_in_class(file: IndexFile, place: Place) -> Iterator[Fault]:
    for path, where, label, test in _tests_of_classes(file):
        for found in language.categories_in(test):
            message = (
                f'{where}: class "{label}" asks for a category ("{found}"), and a class is a band of scores; compare '
                "numbers, as in value >= 0.5. Who has no score has no class"
            )
            yield place("category_in_class", path, message)


def _tests_of_classes(file: IndexFile) -> Iterator[tuple[tuple[str, ...], str, str, language.Test]]:
    """Classes that are tests: place, how the record is called, label, test; those of defaults once."""
    seen: set[tuple[str, ...]] = set()
    for kind, name, record, keys in records(file):
        written, where = written_at(kind, name, record, "classes")
        if written in seen:
            continue
        seen.add(written)
        for label, bound in (keys.get("classes") or {}).items():
            if not isinstance(bound, (values.Quantity, language.Else)):
                yield (*written, label), where, label, bound


CHECKS: tuple[IndexCheck, ...] = (
    classes_out_of_order,
    unknown_name_in_class,
    category_in_class,
)
