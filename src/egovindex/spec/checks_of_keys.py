"""Faults of single keys: names that are taken, keys without effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from egovindex.errors import Fault
from egovindex.spec import language
from egovindex.spec.model import IndexFile, Record
from egovindex.spec.places import IndexCheck, Place, no_effect, records
from egovindex.spec.words import RESERVED

__all__ = ["CHECKS", "empty_keys", "reserved_categories"]


def direction_without_effect(file: IndexFile, place: Place) -> Iterator[Fault]:
    for kind, name, _, keys in records(file):
        steps = keys.get("steps") or ()
        if keys.get("direction") != "down" or any(s.name in ("zscore", "minmax", "rank") for s in steps):
            continue
        goalposts = next((s for s in steps if s.name == "goalposts"), None)
        cap = next((s for s in steps if s.name == "cap"), None)
        if goalposts is not None:
            ends = [language.number_text(q.value) for q in reversed(goalposts.numbers)]
            example = f"goalposts {' '.join(ends)}"
        else:
            example = f"goalposts {language.number_text(cap.numbers[0].value) if cap else '120'} 0"
        yield place(
            "direction_without_effect",
            (kind, name, "direction"),
            f"{name}: direction down has no effect: none of its steps is zscore, minmax or rank. "
            f"For fixed limits write {example}",
        )


def tilde_without_effect(file: IndexFile, place: Place) -> Iterator[Fault]:
    defaults: dict[str, Record] = {"indicators": file.defaults.indicators, "nodes": file.defaults.nodes}
    for path, field in empty_keys(file):
        if path[0] not in defaults:
            yield place("tilde_without_effect", path, no_effect(".".join(path), "nothing is inherited here"))
        elif getattr(defaults[path[0]], field) is None:
            why = f"defaults.{path[0]} has no {path[-1]}"
            yield place("tilde_without_effect", path, no_effect(f"{path[1]}.{path[-1]}", why))


def empty_keys(record: BaseModel, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Keys of records that hold a written ``~``: place, and name of the model's field."""
    for field, about in type(record).model_fields.items():
        value = getattr(record, field)
        here = (*path, about.alias or field)
        if value is None and field in record.model_fields_set:
            yield here, field
        for name, inner in {"": value}.items() if isinstance(value, BaseModel) else _records_of(value):
            yield from empty_keys(inner, (*here, name) if name else here)


def _records_of(value: Any) -> Iterator[tuple[str, BaseModel]]:
    if isinstance(value, Mapping):
        yield from ((name, inner) for name, inner in value.items() if isinstance(inner, BaseModel))


def reserved_name(file: IndexFile, place: Place) -> Iterator[Fault]:
    for key in ("points", "rules"):
        for name in getattr(file, key):
            if name in RESERVED:
                yield place("reserved_name", (key, name), f'{key}: "{name}" is a reserved word; choose another name')
    yield from reserved_categories(file.own_answers, ("answers",), place)


def reserved_categories(answers: Mapping[str, Any], at: tuple[str, ...], place: Place) -> Iterator[Fault]:
    """Scales and categories that are called by a word of the language, in the scales that stand at a path."""
    for scale, categories in answers.items():
        if scale in RESERVED:
            yield place("reserved_name", (*at, scale), f'answers: "{scale}" is a reserved word; choose another name')
        for category in categories:
            if category in (*RESERVED, "else"):
                yield place(
                    "reserved_name",
                    (*at, scale, category),
                    f'scale "{scale}": "{category}" is a reserved word and cannot be a category; keep it as a spelling',
                )


def rows_without_unit(file: IndexFile, place: Place) -> Iterator[Fault]:
    if file.rows and file.rows[0] != "unit":
        yield place("rows_without_unit", ("rows",), f"rows begins with unit, found {file.rows[0]}")
    for name, count in Counter(file.rows or ()).items():
        if count > 1:
            yield place("rows_without_unit", ("rows",), f'rows names "{name}" twice')


CHECKS: tuple[IndexCheck, ...] = (
    direction_without_effect,
    tilde_without_effect,
    reserved_name,
    rows_without_unit,
)
