"""From the model's complaints to faults an author can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from egovindex.errors import Fault, did_you_mean
from egovindex.spec import model
from egovindex.spec.strictyaml import Document

__all__ = ["follows", "in_order", "named_otherwise", "validate"]

_M = TypeVar("_M", bound=BaseModel)
Path_ = tuple[Any, ...]
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
        "instrument/*": model.InstrumentBody,
        "instrument/*/items/*": model.Item,
        "instrument/*/checks/*": model.Check,
    },
    "InstrumentFile": {"items/*": model.Item, "checks/*": model.Check},
}
# removing one bad value can uncover another; three rounds were never exceeded by a broken file
_ROUNDS = 8


def _allowed_keys(root: type[BaseModel], path: Path_) -> list[str]:
    found: type[BaseModel] | None = root if not path else None
    for pattern, record in _INNER.get(root.__name__, {}).items():
        parts = pattern.split("/")
        if len(parts) == len(path) and all(p in ("*", str(here)) for p, here in zip(parts, path, strict=True)):
            found = record
    if found is None:
        return []
    return [field.alias or name for name, field in found.model_fields.items()]


def _accepted(data: Any, loc: Path_) -> Path_:
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


def _at(data: Any, path: Path_) -> Any:
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


def _message(root: type[BaseModel], data: Any, error: Any, path: Path_) -> str:
    message = _complaint(root, data, error, path)
    if error["type"] not in ("extra_forbidden", "missing") and _at(data, path) is None:
        message += "; ~ removes what is inherited, and nothing is inherited here"
    return message


def _complaint(root: type[BaseModel], data: Any, error: Any, path: Path_) -> str:
    where = ".".join(str(part) for part in path)
    kind = error["type"]
    if kind == "extra_forbidden":
        key, parent = path[-1], path[:-1]
        allowed = _allowed_keys(root, parent)
        inside = f" in {'.'.join(str(p) for p in parent)}" if parent else ""
        hint = did_you_mean(str(key), allowed, otherwise=".")
        return f'unknown key "{key}"{inside}{hint} Allowed: {", ".join(sorted(allowed))}'
    if kind == "missing":
        inside = f" in {where}" if where else ""
        return f'required key "{error["loc"][-1]}" is missing{inside}'
    if kind == "literal_error":
        allowed = [word.strip("'") for word in error["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        found = _at(data, path)
        neither = "neither a map of child to weight nor" if root is model.WeightSet else "not"
        return f"{where}: {_found(found)} is {neither} one of {', '.join(allowed)}{did_you_mean(str(found), allowed)}"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return f"{where or 'the file'}: a map is expected, found {_found(_at(data, path))}"
    if kind in ("tuple_type", "list_type", "iterable_type"):
        return f"{where}: a list is expected, found {_found(_at(data, path))}"
    text = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {text}" if where else text


_LEFT_OUT: Any = object()
# the value that stands in for one of the wrong kind, so that what names the record still finds it
_STAND_IN: dict[str, Any] = {
    "dict_type": {},
    "model_type": {},
    "model_attributes_type": {},
    "tuple_type": [],
    "list_type": [],
    "iterable_type": [],
}


def _changed(data: Any, path: Path_, value: Any) -> Any:
    """The data with another value at ``path``, or with none."""
    head, *rest = path
    new = _changed(data[head], tuple(rest), value) if rest else value
    if isinstance(data, Mapping):
        return {key: new if key == head else old for key, old in data.items() if key != head or new is not _LEFT_OUT}
    return [*data[:head], *([] if new is _LEFT_OUT else [new]), *data[head + 1 :]]


def validate(root: type[_M], document: Document) -> tuple[_M | None, list[Fault], list[Path_]]:
    """The model of a document, every fault on the way, and the paths that were left out.

    Where values are wrong, the model is made without them, so that checks over the whole file can
    still find what else is wrong; a model returned beside faults is for that only.
    """
    data = document.data
    faults: dict[tuple[int, Path_, str], Fault] = {}
    bad: dict[Path_, Any] = {}
    for _ in range(_ROUNDS):
        try:
            return root.model_validate(data), list(faults.values()), list(bad)
        except ValidationError as error:
            complaints = error.errors(include_url=False)
        places = [_accepted(data, complaint["loc"]) for complaint in complaints]
        messages = [_message(root, data, c, path) for c, path in zip(complaints, places, strict=True)]
        now: dict[Path_, Any] = {}
        for complaint, path, message in zip(complaints, places, messages, strict=True):
            key_is_wrong = bool(complaint["loc"]) and complaint["loc"][-1] == "[key]"
            now[path] = _LEFT_OUT if key_is_wrong else _STAND_IN.get(complaint["type"], _LEFT_OUT)
            if complaint["type"] == "missing" and _told(path, complaint["loc"][-1], bad, messages):
                continue
            origin = document.origin(path)
            fault = Fault(message, origin.file, origin.line, ".".join(map(str, path)), complaint["type"])
            # records out of one range share what is written, and are told once
            record = ".".join(map(str, path[:2]))
            faults.setdefault((id(origin), path[2:], message.replace(record, "", 1)), fault)
        bad |= now
        if () in now:
            break
        # last positions first: a list gets shorter
        for path in sorted(now, key=lambda p: (len(p), [f"{part:>9}" for part in p]), reverse=True):
            try:
                data = _changed(data, path, now[path])
            except (KeyError, IndexError, TypeError):
                continue  # went with a value around it
    return None, list(faults.values()), list(bad)


def _told(path: Path_, key: Any, bad: Mapping[Path_, Any], messages: list[str]) -> bool:
    """Whether a required key is missing for a reason told already: it was refused, or it is misspelt."""
    return path in bad or (*path, key) in bad or any(f'did you mean "{key}"?' in message for message in messages)


def follows(fault: Fault, bad: list[Path_]) -> bool:
    """Whether a fault may be there only because something wrong was left out."""
    for path in bad:
        if path in (("indicators",), ("nodes",)):
            return True  # whatever names a record would be wrong
        near = ".".join(str(part) for part in path[:2])
        if fault.path is not None and (fault.path == near or fault.path.startswith(f"{near}.")):
            return True
    return False


def named_otherwise(key: str, written: str, name: str | None, what: str, document: Document) -> list[Fault]:
    """The fault of a file that is not named after what it holds."""
    if name is None or written == name:
        return []
    origin = document.origin((key,))
    message = f'{key} is "{written}" and the file is "{name}.yaml"; a file is named after its {what}'
    return [Fault(message, origin.file, origin.line, key, "name_not_file")]


def in_order(faults: list[Fault]) -> list[Fault]:
    """Faults in the order of files and lines, each once."""
    unique = list({(f.file, f.line, f.message): f for f in faults}.values())
    return sorted(unique, key=lambda fault: (fault.file or "", fault.line or 0))
