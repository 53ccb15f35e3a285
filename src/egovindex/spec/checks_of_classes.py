"""Faults of classes: bands that never hold, and tests that cannot be computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from egovindex.errors import Fault, listed
from egovindex.spec import language, values
from egovindex.spec.bands import class_reach, union
from egovindex.spec.model import IndexFile
from egovindex.spec.places import IndexCheck, Place, records, written_at

__all__ = ["CHECKS"]

Bound = values.Quantity | language.Test | language.Else


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
        yield from _covered(classes, path, place)


def _covered(classes: Mapping[str, Bound], path: tuple[str | int, ...], place: Place) -> Iterator[Fault]:
    """Classes of which earlier ones take every score; the one just before is named, if it alone does."""
    bands = {label: class_reach(bound) for label, bound in classes.items() if not isinstance(bound, language.Else)}
    for at, (after, band) in enumerate(bands.items()):
        before = list(bands)[:at]
        if not band.most <= union(bands[label].sure for label in before):
            continue
        alone = next(([label] for label in reversed(before) if band.most <= bands[label].sure), before)
        shown = " and ".join(f'"{label}" ({_text(classes[label])})' for label in alone)
        message = f'class "{after}" ({_text(classes[after])}) stands after {shown} and can never hold'
        if not band.most:
            message = f'class "{after}" ({_text(classes[after])}) can never hold: no number is both'
        yield place(
            "classes_out_of_order",
            (*path, after),
            f"{message}; lower bounds fall from first to last, upper bounds rise",
        )


def hole_between_classes(file: IndexFile, place: Place) -> Iterator[Fault]:
    """Scores between two classes that are in neither."""
    told: set[tuple[str, ...]] = set()
    for kind, name, record, keys in records(file):
        path, where = written_at(kind, name, record, "classes")
        classes = keys.get("classes") or {}
        bands = [class_reach(bound) for bound in classes.values()]
        if path in told or any(band.sure != band.most for band in bands):
            continue  # a class that reads another score takes some of it, nobody can say which
        told.add(path)
        if hole := union(band.sure for band in bands).inner_holes():
            shown = listed(f"{label}: {_text(bound)}" for label, bound in classes.items())
            are = "is" if hole.is_a_number else "are"
            message = f"{where}: {hole} {are} in no class ({shown}). Let the classes meet, or end with LABEL: else"
            yield place("hole_between_classes", path, message)


def _text(bound: Bound) -> str:
    return language.number_text(bound.value) if isinstance(bound, values.Quantity) else str(bound)


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
    hole_between_classes,
    unknown_name_in_class,
    category_in_class,
)
