"""The JSON Schema of the files, made from the models that read them: for editors, hooks and other tools.

A schema is looser than the reader: it knows keys, words and numbers, not what one record asks of
another. It takes the compact forms, too: ranges as keys, lists of children, records as CSV, rules
with names of maps as keys, numbers as numbers or as text, ``~``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import Literal as OneOf

from egovindex.spec import model
from egovindex.spec.frozen import Frozen
from egovindex.spec.quantities import BASES
from egovindex.spec.steps import STEPS
from egovindex.spec.words import LEARNED_WEIGHTS

__all__ = ["VALUES", "Kind", "json_schema"]

Kind = OneOf["index", "weights", "instrument"]
Schema = dict[str, Any]

_ROOTS: dict[str, type[Frozen]] = {
    "index": model.IndexFile,
    "weights": model.WeightSet,
    "instrument": model.InstrumentFile,
}
_DECIMAL = r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
# looser than the reader's, and alike in Python and JavaScript, where \w is ASCII only
_ID = r"[^\s\d_.,-][^\s,]*"
_IDS = rf"{_ID}(\s*,\s*{_ID})*"
_STEP = rf"({'|'.join(STEPS)})"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _map(inner: Schema, *, keys: str | None = None) -> Schema:
    """A map; ``~`` as a value removes an inherited entry."""
    names: Schema = {} if keys is None else {"propertyNames": {"pattern": f"^{keys}$"}}
    return {"type": "object", **names, "additionalProperties": _either(inner, {"type": "null"})}


def _list(inner: Schema, **more: int) -> Schema:
    return {"type": "array", "items": inner, **more}


# kinds of value, by the name the models know them by
VALUES: dict[str, Schema] = {
    "text": {
        "description": "text; a number or true stays as it is written",
        "type": ["string", "number", "boolean"],
    },
    "id": {
        "description": "a letter, then letters, digits, `_`, `.` and `-`",
        "type": "string",
        "pattern": f"^{_ID}$",
    },
    "names": {"description": "a name, or a list of names", **_either(_ref("text"), _list(_ref("text")))},
    "flag": {"description": "`true` or `false`", "enum": ["true", "false", True, False]},
    "source": {
        "description": f"text, or `{{title, page, url, date, basis, note}}`; basis: {', '.join(BASES)}",
        **_either(
            _ref("text"),
            {
                "type": "object",
                "required": ["title"],
                "additionalProperties": False,
                "properties": {
                    **{key: _ref("text") for key in ("title", "page", "url", "date", "note")},
                    "basis": {"enum": list(BASES)},
                },
            },
        ),
    },
    "number": {
        "description": "a number such as `0.5`, a fraction such as `1/3`, or the long form "
        "`{value, source, basis, range, note}`",
        **_either(
            {"type": "number"},
            {"type": "string", "pattern": rf"^\s*{_DECIMAL}(\s*/\s*{_DECIMAL})?\s*$"},
            {
                "type": "object",
                "required": ["value"],
                "additionalProperties": False,
                "properties": {
                    "value": _ref("number"),
                    "source": _ref("source"),
                    "basis": {"enum": list(BASES)},
                    "range": _list(_ref("number"), minItems=2, maxItems=2),
                    "note": _ref("text"),
                },
            },
        ),
    },
    "test": {"description": "a sentence: `weeks >= 14 or F1 is not yes`", "type": "string"},
    "formula": {"description": "arithmetic: `(a + b) / 2`", "type": ["string", "number"]},
    "line": {"description": "a category, code or kind of nothing, a test, or `else`", "type": "string"},
    "outcome": {
        "description": "a number, a formula, or `skip`, `void`, `last`, `parent`, `mean`, `median`",
        **_either({"type": "string"}, _ref("number")),
    },
    "lines": {"description": "map of line to outcome; the first that holds decides", **_map(_ref("outcome"))},
    "points": {
        "description": "map of line to outcome, the name of a map, or a list of these",
        **_either(_ref("text"), _ref("lines"), _list(_either(_ref("text"), _ref("lines")))),
    },
    "policy": {
        "description": "an outcome, or map of kind of nothing to outcome",
        **_either(_ref("outcome"), _map(_ref("outcome"))),
    },
    "scale": {"description": "map of category to its spellings, in the order of the scale", **_map(_ref("names"))},
    "bound": {
        "description": "a lower bound such as `0.75`, a test such as `value <= 2.5`, or `else`",
        **_either({"type": "string"}, _ref("number")),
    },
    "step": {
        "description": "a name with its numbers, `cap 120`, or long: `{cap: {value: 120, basis: ours}}`",
        **_either(
            {"type": "string", "pattern": rf"^\s*{_STEP}(\s|$)"},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "propertyNames": {"pattern": rf"^\s*{_STEP}(\s|$)"},
                "additionalProperties": _either(_ref("number"), _list(_ref("number"))),
            },
        ),
    },
    "need": {
        "description": "a count such as `3`, or a share such as `80%`",
        **_either(
            {"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^\s*(\d+(\.0*)?|\d+(\.\d+)?\s*%)\s*$"}
        ),
    },
    "columns": {
        "description": "a column, a formula over columns, or a list of columns",
        **_either(_ref("text"), _list(_ref("text"), minItems=1)),
    },
    "children": {
        "description": "a list of records, or map of record to weight; `a1..a9` is a range",
        **_either(
            {"type": "string"},
            _list({"type": "string", "pattern": f"^{_IDS}$"}),
            {**_map(_ref("number"), keys=_IDS), "additionalProperties": _ref("number")},
        ),
    },
    "weights": {
        "description": f"map of child to weight, or one of {', '.join(f'`{word}`' for word in LEARNED_WEIGHTS)}",
        **_either(
            {"enum": list(LEARNED_WEIGHTS)},
            {**_map(_ref("number"), keys=_IDS), "additionalProperties": _ref("number")},
            _list({"type": "string", "pattern": f"^{_IDS}$"}),
        ),
    },
    "layers": {
        "description": "a name, or a list of names",
        **_either(_ref("names"), _list(_ref("names"))),
    },
}
_NULL: Schema = {"type": "null"}
_SAID = ("description", "default")
_CSV: Schema = {"type": "string", "title": "CSV, or the name of a CSV file"}


def json_schema(kind: Kind) -> Schema:
    """The JSON Schema (draft 2020-12) of one kind of file.

    Parameters
    ----------
    kind
        ``"index"``, ``"weights"`` or ``"instrument"``.

    Examples
    --------
    >>> schema = json_schema("weights")
    >>> schema["title"], schema["required"]
    ('egovindex weights', ['weights', 'index', 'nodes'])
    """
    made: Schema = _ROOTS[kind].model_json_schema(by_alias=True)
    models = {name: _plain(inner) for name, inner in made.pop("$defs", {}).items()}
    root = _plain(made)
    if kind == "index":
        _index(root, models)
    elif kind == "instrument":
        root["properties"]["items"] = _records(root["properties"]["items"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"egovindex {kind}",
        **root,
        "$defs": {**models, **VALUES},
    }


def _plain(schema: Any) -> Any:
    """The schema that pydantic makes, with this library's kinds of value and without its noise."""
    if isinstance(schema, list):
        return [_plain(inner) for inner in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "x-value" in schema:
        kept = {key: value for key, value in schema.items() if key in _SAID}
        return {**_ref(str(schema["x-value"])), **kept}
    plain = {
        key: {name: _plain(inner) for name, inner in value.items()} if key == "properties" else _plain(value)
        for key, value in schema.items()
        if key not in ("title", "propertyNames") and (key, value) != ("default", None)
    }
    if "description" in plain:
        plain["description"] = str(plain["description"]).split("\n\n")[0].replace("\n", " ").replace("``", "`")
    return plain


def _index(root: Schema, models: dict[str, Schema]) -> None:
    properties = root["properties"]
    for key in ("indicators", "nodes"):
        properties[key] = _records(properties[key])
    # an instrument is named, or stands in place
    models["Instrument"] = models.pop("InstrumentBody")
    models["Instrument"]["properties"]["items"] = _records(models["Instrument"]["properties"]["items"])
    said = {"description": properties["instrument"]["description"]}
    properties["instrument"] = {**_either(_ref("names"), _map(_ref("Instrument"), keys=_ID)), **said}
    # a rule's patches stand under the names of maps
    models["Rule"]["additionalProperties"] = _ref("lines")
    # a variant removes what it inherits, whole or by name
    for key in ("columns", "answers", "points", "rules"):
        properties[key]["additionalProperties"] = _or_null(properties[key]["additionalProperties"])
    for key, value in properties.items():
        properties[key] = value if key == "index" else _or_null(value)
    root["required"] = ["index"]
    root["anyOf"] = [{"required": ["like"]}, {"required": ["indicators", "nodes"]}]


def _or_null(schema: Schema) -> Schema:
    options = schema.get("anyOf", [{key: value for key, value in schema.items() if key not in _SAID}])
    said = {key: value for key, value in schema.items() if key in _SAID}
    return {**_either(*options, *([] if _NULL in options else [_NULL])), **said}


def _records(schema: Schema) -> Schema:
    """Records by id, by ids, or as CSV."""
    description = {"description": schema["description"]}
    return {**_either(_map(schema["additionalProperties"], keys=_IDS), _CSV), **description}
