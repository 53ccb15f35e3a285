"""From the model's complaints to faults an author can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from egovindex.errors import Fault, did_you_mean
from egovindex.spec import model
from egovindex.spec.strictyaml import Document

__all__ = ["validate"]

_M = TypeVar("_M", bound=BaseModel)
_INNER: dict[str, dict[str, type[BaseModel]]] = {
    "IndexFile": {
        "indicators/*": model.Indicator,
        "nodes/*": model.Node,
        "defaults/indicators": model.Indicator,
        "defaults/nodes": model.Node,
        "defaults": model.Defaults,
        "rules/*": model.Rule,
        "reference": model.Reference,
        "best": model.Best,
    },
    "InstrumentFile": {"items/*": model.Item, "checks/*": model.Check},
}
# removing one bad value can uncover another; three rounds were never exceeded by a broken file
_ROUNDS = 8


def _allowed_keys(root: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    inner = _INNER.get(root.__name__, {})
    found: type[BaseModel] | None = root if not path else None
    if path:
        found = inner.get("/".join(str(p) for p in path)) or inner.get(f"{path[0]}/*")
    if found is None:
        return []
    return [field.alias or name for name, field in found.model_fields.items()]


def _accepted(data: Any, loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """The part of a complaint's location that is a path of the data; tags of unions fall out."""
    path: list[Any] = []
    at = data
    for part in loc:
        if (isinstance(at, Mapping) and part in at) or (
            isinstance(at, (list, tuple)) and isinstance(part, int) and part < len(at)
        ):
            at = at[part]
        elif not isinstance(at, (list, tuple, Mapping)) and part == 0:
            continue  # one value written without a list
        else:
            continue
        path.append(part)
    return tuple(path)


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


def _found(value: Any) -> str:
    if value is None:
        return "~"
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f'"{value}"'


def _message(root: type[BaseModel], data: Any, error: Any, path: tuple[Any, ...]) -> str:
    where = ".".join(str(part) for part in path)
    kind = error["type"]
    if kind == "extra_forbidden":
        key, parent = path[-1], path[:-1]
        allowed = _allowed_keys(root, parent)
        inside = f" in {'.'.join(str(p) for p in parent)}" if parent else ""
        return f'unknown key "{key}"{inside}{did_you_mean(str(key), allowed)} Allowed: {", ".join(sorted(allowed))}'
    if kind == "missing":
        inside = f" in {where}" if where else ""
        return f'required key "{error["loc"][-1]}" is missing{inside}'
    if kind == "literal_error":
        allowed = [word.strip("'") for word in error["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        found = _at(data, path)
        return f"{where}: {_found(found)} is not one of {', '.join(allowed)}{did_you_mean(str(found), allowed)}"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return f"{where or 'the file'}: a map is expected, found {_found(_at(data, path))}"
    if kind in ("tuple_type", "list_type", "iterable_type"):
        return f"{where}: a list is expected, found {_found(_at(data, path))}"
    text = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {text}" if where else text


def _without(data: Any, path: tuple[Any, ...]) -> Any:
    """The data without the value at ``path``; a bad weight becomes 1 so that its child stays."""
    head, *rest = path
    if isinstance(data, Mapping):
        if rest:
            return {key: _without(value, tuple(rest)) if key == head else value for key, value in data.items()}
        return {key: value for key, value in data.items() if key != head}
    items = list(data)
    if rest:
        items[head] = _without(items[head], tuple(rest))
    else:
        del items[head]
    return items


def validate(root: type[_M], document: Document) -> tuple[_M | None, list[Fault]]:
    """The model of a document, and every fault on the way.

    Where values are wrong, the model is made without them, so that checks over the whole file can
    still find what else is wrong; a model returned beside faults is for that only.
    """
    data = document.data
    faults: list[Fault] = []
    told: set[tuple[Any, str]] = set()
    for _ in range(_ROUNDS):
        try:
            return root.model_validate(data), faults
        except ValidationError as error:
            bad: list[tuple[Any, ...]] = []
            for complaint in error.errors(include_url=False):
                path = _accepted(data, complaint["loc"])
                message = _message(root, data, complaint, path)
                if (path, message) not in told:
                    told.add((path, message))
                    origin = document.origin(path)
                    faults.append(Fault(message, origin.file, origin.line, ".".join(map(str, path)), complaint["type"]))
                bad.append(path)
        for path in sorted(set(bad), key=len, reverse=True):
            if not path:
                return None, faults
            try:
                if len(path) == 4 and path[2] == "of":
                    data = _replaced(data, path, "1")
                else:
                    data = _without(data, path)
            except (KeyError, IndexError, TypeError):
                continue  # went with a value around it
    return None, faults


def _replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    head, *rest = path
    return {key: (_replaced(v, tuple(rest), value) if rest else value) if key == head else v for key, v in data.items()}
