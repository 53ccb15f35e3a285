"""Bindings out of YAML, read strictly: every fault with its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from egovindex.errors import Fault, SpecError, did_you_mean, listed
from egovindex.responses.binding import Binding, Bound, Column, Delimited, Fixed, OneHot, faults_of
from egovindex.spec.strictyaml import Document

__all__ = ["binding_of"]

_ABOUT = ("title", "note", "source")
_KEYS = ("binding", *_ABOUT, "instrument", "profile", "unit", "period", "items", "missing", "technical", "separator")
_ITEM_KEYS = ("column", "heading", "shape", "values")
_SHAPE_KEYS = {"onehot": ("columns", "true", "false"), "delimited": ("sep", "of")}
_EXAMPLE = "as in items: {q001: {column: 7}}"

Path = tuple[str | int, ...]


def binding_of(document: Document) -> Binding:
    """A binding out of what a file says.

    Raises
    ------
    SpecError
        With every fault.
    """
    data = document.data
    if not isinstance(data, dict) or next(iter(data), None) != "binding":
        message = "a file of a binding is a map whose first key is binding, its name"
        raise SpecError(Fault(message, file=document.file, line=1, check="not_a_binding"))
    return _Reader(document).binding(data)


class _Reader:
    """Reads one file, and gathers its faults."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults: list[Fault] = []

    def binding(self, data: dict[str, Any]) -> Binding:
        self.only(data, (), _KEYS)
        for key in ("instrument", "items"):
            if key not in data:
                self.fault((), f"the key {key} is missing" + (f", {_EXAMPLE}" if key == "items" else ""), "missing_key")
        items = {name: self.item(raw, ("items", name)) for name, raw in self.map(data.get("items", {}), ("items",))}
        read: dict[str, Any] = {
            "name": self.text(data.get("binding"), ("binding",)),
            "instrument": self.text(data.get("instrument", ""), ("instrument",)),
            "items": items,
            "profile": self.text(data.get("profile", "wide"), ("profile",)),
            "unit": self.who(data.get("unit"), ("unit",)),
            "period": self.who(data.get("period"), ("period",)),
            "missing": self.texts(data.get("missing", {}), ("missing",)),
            "technical": tuple(
                self.column(one, ("technical", at))
                for at, one in enumerate(self.list(data.get("technical", []), ("technical",)))
            ),
            "separator": None if data.get("separator") is None else self.text(data["separator"], ("separator",)),
        }
        if self.faults:
            raise SpecError(self.faults)
        return self.made(read)

    def made(self, read: dict[str, Any]) -> Binding:
        """The binding; what is wrong with the whole of it is told with lines, too."""
        try:
            return Binding(**read)
        except SpecError:
            unchecked = object.__new__(Binding)
            for key, value in read.items():
                object.__setattr__(unchecked, key, value)
            raise SpecError([self.placed(path, fault) for path, fault in faults_of(unchecked)]) from None

    def placed(self, path: tuple[str, ...], fault: Fault) -> Fault:
        keys: Path = tuple(int(key) if path[0] == "technical" and key.isdigit() else key for key in path)
        if path[0] == "items" and len(path) == 3:
            keys = (*path[:2], "shape", "onehot", "columns", path[2])
        origin = self.document.origin(keys)
        return Fault(fault.message, origin.file, origin.line, ".".join(path), fault.check)

    def fault(self, path: Path, message: str, check: str) -> None:
        origin = self.document.origin(path)
        where = ".".join(map(str, path))
        self.faults.append(
            Fault(f"{where}: {message}" if where else message, origin.file, origin.line, where or None, check)
        )

    # --- kinds of values
    def text(self, raw: Any, path: Path) -> str:
        if isinstance(raw, str):
            return raw
        self.fault(path, "a text is expected here", "not_text")
        return ""

    def map(self, raw: Any, path: Path) -> list[tuple[str, Any]]:
        if isinstance(raw, Mapping):
            return list(raw.items())
        self.fault(path, "a map is expected here, as in {key: value}", "not_a_map")
        return []

    def list(self, raw: Any, path: Path) -> list[Any]:
        if isinstance(raw, list):
            return raw
        self.fault(path, "a list is expected here, as in [a, b]", "not_a_list")
        return []

    def texts(self, raw: Any, path: Path) -> dict[str, str]:
        return {key: self.text(value, (*path, key)) for key, value in self.map(raw, path)}

    def only(self, raw: Mapping[str, Any], path: Path, allowed: tuple[str, ...]) -> None:
        for key in raw:
            if key not in allowed:
                hint = did_you_mean(key, allowed, otherwise=".")
                message = f'unknown key "{key}"{hint} Allowed: {listed(allowed, most=20)}'
                origin = self.document.origin((*path, key))
                where = ".".join(map(str, (*path, key)))
                self.faults.append(Fault(message, origin.file, origin.line, where, "unknown_key"))

    # --- parts of a binding
    def column(self, raw: Any, path: Path) -> Column:
        if isinstance(raw, Mapping) and set(raw) == {"heading"}:
            return self.text(raw["heading"], (*path, "heading"))
        written = self.text(raw, path)
        return int(written) if written.isascii() and written.isdigit() else written

    def who(self, raw: Any, path: Path) -> Column | Fixed | None:
        if raw is None:
            return None
        if not isinstance(raw, Mapping):
            return self.column(raw, path)
        self.only(raw, path, ("column", "heading", "value"))
        if len(raw) != 1:
            self.fault(path, "one of column, heading and value is expected", "one_of_several")
        if "value" in raw:
            return Fixed(self.text(raw["value"], (*path, "value")))
        return self.column(raw["column"], (*path, "column")) if "column" in raw else self.column(dict(raw), path)

    def item(self, raw: Any, path: Path) -> Bound:
        if not isinstance(raw, Mapping):
            return Bound(self.column(raw, path))
        self.only(raw, path, _ITEM_KEYS)
        if "column" in raw and "heading" in raw:
            self.fault(
                path, "column and heading both stand here; one of them says where the answers are", "two_columns"
            )
        column = self.column(raw["column"], (*path, "column")) if "column" in raw else None
        if "heading" in raw:
            column = self.text(raw["heading"], (*path, "heading"))
        shape = self.shape(raw.get("shape", "single"), (*path, "shape"))
        return Bound(column, shape, self.texts(raw.get("values", {}), (*path, "values")))

    def shape(self, raw: Any, path: Path) -> str | OneHot | Delimited:
        if isinstance(raw, str):
            if raw in _SHAPE_KEYS:
                self.fault(path, f"{raw} says how, as in {raw}: {{{_SHAPE_KEYS[raw][0]}: ...}}", "shape_without_keys")
                return "single"
            return raw
        named = self.map(raw, path)
        if len(named) != 1 or named[0][0] not in _SHAPE_KEYS:
            self.fault(path, "a shape is single, onehot: {columns: ...} or delimited: {sep: ...}", "unknown_shape")
            return "single"
        kind, keys = named[0][0], dict(self.map(named[0][1], (*path, named[0][0])))
        path = (*path, kind)
        self.only(keys, path, _SHAPE_KEYS[kind])
        if kind == "delimited":
            return Delimited(self.text(keys.get("sep", ";"), (*path, "sep")), self.text(keys.get("of", "label"), path))
        columns = {
            choice: self.column(one, (*path, "columns", choice))
            for choice, one in self.map(keys.get("columns", {}), (*path, "columns"))
        }
        words = {
            key: tuple(
                self.text(one, (*path, key, at)) for at, one in enumerate(self.list(keys.get(key, standard), path))
            )
            for key, standard in (("true", ["1"]), ("false", ["0"]))
        }
        return OneHot(columns, words["true"], words["false"])
