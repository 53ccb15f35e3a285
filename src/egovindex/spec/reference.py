"""The reference of the spec language: prose out of ``reference.md``, tables out of the models and lists."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from egovindex.spec import language, values
from egovindex.spec.schema import VALUES, json_schema
from egovindex.spec.words import AGGREGATES, RESERVED

__all__ = ["markdown"]

# [[keys index Node]]: the keys of a record; [[keys index]]: those of the file itself; [[steps]], ...
_PLACE = re.compile(r"^\[\[(?P<what>\w+)(?: (?P<kind>\w+))?(?: (?P<record>\w+))?\]\]$", re.MULTILINE)


def markdown() -> str:
    """The reference as Markdown; its headings begin at the second level.

    Examples
    --------
    >>> markdown().splitlines()[0]
    '## An index file'
    """
    text = Path(__file__).with_name("reference.md").read_text(encoding="utf-8")
    return _PLACE.sub(_made, text)


def _made(place: re.Match[str]) -> str:
    """What stands in a place of the template."""
    if place["what"] == "keys":
        schema = json_schema(place["kind"])  # type: ignore[arg-type] # the template names one of three
        return _keys(schema["$defs"][place["record"]] if place["record"] else schema)
    return {"steps": _steps, "aggregates": _aggregates, "values": _values}[place["what"]]()


def _steps() -> str:
    return _table(("step", "effect", "learns", "moves", "source"), [_step(form) for form in values.STEPS.values()])


def _aggregates() -> str:
    return _table(("aggregate", "value"), [(f"`{name}`", meaning) for name, meaning in AGGREGATES.items()])


def _values() -> str:
    kinds = _table(("type", "written"), [(name, str(value["description"])) for name, value in VALUES.items()])
    reserved = ", ".join(f"`{word}`" for word in RESERVED)
    return f"{kinds}\n\nReserved, and no names of maps, rules or categories: {reserved}."


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _keys(schema: Mapping[str, Any]) -> str:
    """The table of a record's keys."""
    required = schema.get("required", ())
    if "anyOf" in schema:  # an index: complete, or a variant
        required = (*required, *schema["anyOf"][-1]["required"])
    rows = []
    for key, value in schema["properties"].items():
        default = "required" if key in required else f"`{_flow(value['default'])}`" if "default" in value else "–"
        rows.append((f"`{key}`", _type(value), default, str(value["description"])))
    return _table(("key", "type", "default", "meaning"), rows)


def _flow(value: Any) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1].lower()
    if "anyOf" in schema:
        options = [_type(option) for option in schema["anyOf"] if option != {"type": "null"}]
        return ", or ".join(dict.fromkeys(options))
    if "allOf" in schema:  # a reference with a description, as pydantic before 2.9 writes it
        return _type(schema["allOf"][0])
    if "enum" in schema:
        return " ".join(f"`{word}`" for word in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if schema.get("type") == "object":
        return f"map to {_type(schema['additionalProperties'])}"
    return str(schema["title"])


def _step(form: values.StepForm) -> tuple[str, ...]:
    numbers = [f"{p.name}: {p.meaning}{_default(p)}" for p in form.parameters]
    effect = f"{form.effect} ({'; '.join(numbers)})" if numbers else form.effect
    written = values.usage(form).removeprefix("Write: ")
    return (f"`{written}`", effect, "yes" if form.learns else "–", form.moves, form.source or "–")


def _default(parameter: values.Parameter) -> str:
    if parameter.default is None or math.isnan(parameter.default):
        return ""
    return f", {language.number_text(parameter.default)} if not written"
