"""From the compact written form to one plain form: ranges, lists and tables spelled out.

After this, every record has its own key, every ``of`` is a map of child to weight, every list of
records is a map, and a rule's patches over named maps stand under its ``points``. Nothing is judged
here but what cannot be spelled out.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from egovindex.errors import EgovindexError, Fault
from egovindex.spec import language
from egovindex.spec.cells import read_cell
from egovindex.spec.model import Rule
from egovindex.spec.strictyaml import Document, Origin, read_text
from egovindex.spec.values import expand_range

__all__ = ["expand_index", "expand_instrument", "expand_weights"]

Path_ = tuple[str | int, ...]
_RULE_KEYS = frozenset(Rule.model_fields)


class _Expander:
    def __init__(self, document: Document, folder: Path | None) -> None:
        self.source = document
        self.folder = folder
        self.origins: dict[Path_, Origin] = {}
        self.faults: list[Fault] = []

    def fault(self, path: Path_, check: str, message: str, origin: Origin | None = None) -> None:
        origin = origin or self.source.origin(path)
        place = ".".join(str(part) for part in path)
        self.faults.append(Fault(message, origin.file, origin.line, place, check))

    def copy(self, value: Any, old: Path_, new: Path_) -> Any:
        """The value, with the places of all it holds carried to its new path."""
        self.origins[new] = self.source.origin(old)
        if isinstance(value, dict):
            return {key: self.copy(inner, (*old, key), (*new, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.copy(inner, (*old, n), (*new, n)) for n, inner in enumerate(value)]
        return value

    def names(self, text: str, path: Path_, origin: Origin | None = None) -> list[str]:
        """The ids in ``I-1, I-3..I-5``."""
        found: list[str] = []
        for part in text.split(","):
            if not part.strip():
                self.fault(path, "name_missing", f'"{text}": a name is missing beside the comma', origin)
                continue
            try:
                found += expand_range(part)
            except ValueError as error:
                self.fault(path, "bad_range", str(error), origin)
        return found

    # --- parts of a file
    def records(self, value: Any, key: str, record: Callable[[Any, Path_, Path_], Any]) -> Any:
        path: Path_ = (key,)
        self.origins[path] = self.source.origin(path)
        if isinstance(value, str):
            return self.table(value, path, record)
        if not isinstance(value, dict):
            return self.copy(value, path, path)
        result: dict[str, Any] = {}
        for written, inner in value.items():
            names = self.names(written, (key, written)) if "," in written or ".." in written else [written]
            for name in names:
                if name in result:
                    first = self.origins[key, name].on_line or " in the same call"
                    self.fault((key, written), "duplicate_record", f'"{name}" stands twice in {key} (first{first})')
                    continue
                self.origins[key, name] = self.source.origin((key, written))
                result[name] = record(inner, (key, written), (key, name))
        return result

    def table(self, text: str, path: Path_, record: Callable[[Any, Path_, Path_], Any]) -> Any:
        """Records out of CSV, written in place or in a file beside this one."""
        key = str(path[0])
        start = self.source.origin(path)
        if text.strip().lower().endswith(".csv") and "\n" not in text.strip():
            start = Origin(text.strip(), 0)
            text = self.table_file(text.strip(), path)
            if not text:
                return {}
        lines = text.splitlines()
        reader = csv.reader(lines, skipinitialspace=True, strict=True)
        result: dict[str, Any] = {}
        header: list[str] = []
        try:
            for row in reader:
                origin = start.below(reader.line_num)
                cells = [cell.strip() for cell in row]
                if not any(cells) or cells[0].startswith("#"):
                    continue
                if not header:
                    header = cells
                    if self.header_faults(header, path, origin):
                        return {}
                    continue
                for name, found in self.table_row(header, cells, origin, key):
                    if name in result:
                        self.fault((key, name), "duplicate_record", f'"{name}" stands twice in {key}', origin)
                        continue
                    self.source.origins[key, name] = origin
                    self.origins[key, name] = origin
                    result[name] = record(found, (key, name), (key, name))
        except csv.Error as error:
            self.fault(path, "bad_table", f"not CSV: {error}", start.below(reader.line_num))
        if not header:
            self.fault(path, "bad_table", "the table is empty; its first line names the columns", start)
        return result

    def table_file(self, name: str, path: Path_) -> str:
        """The text of a table beside this file; none if it cannot be read."""
        if "/" in name or "\\" in name or self.folder is None:
            self.fault(path, "table_elsewhere", f'"{name}": a table stands beside its file; write only its name')
            return ""
        try:
            return read_text(self.folder / name)
        except EgovindexError as error:
            for fault in error.faults:
                place = None if fault.line is None else Origin(name, fault.line)
                self.fault(path, fault.check, f'"{name}": {fault.message}', place)
            return ""

    def header_faults(self, header: list[str], path: Path_, origin: Origin) -> bool:
        if "id" not in header:
            self.fault(path, "table_without_id", f"the table needs a column id; it has {', '.join(header)}", origin)
        twice = sorted({name for name in header if header.count(name) > 1})
        for name in twice:
            self.fault(path, "duplicate_column", f'column "{name}" stands twice in the table', origin)
        return bool(twice) or "id" not in header

    def table_row(
        self, header: list[str], cells: list[str], origin: Origin, key: str
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """The records of one row: a range in its id names several."""
        if len(cells) > len(header):
            self.fault(
                (key,),
                "table_row_too_long",
                f"{len(cells)} cells under {len(header)} columns; quote text that contains a comma",
                origin,
            )
            return
        row: dict[str, Any] = {}
        for name, cell in zip(header, cells, strict=False):
            if cell == "":
                continue
            try:
                row[name] = read_cell(name, cell)
            except EgovindexError as error:
                self.fault((key,), "bad_cell", f"{name}: {error.faults[0].message}", origin)
        written = row.pop("id", None)
        if not written:
            self.fault((key,), "table_without_id", "a row of the table has no id", origin)
            return
        for name in self.names(str(written), (key,), origin):
            yield name, dict(row)

    def record(self, value: Any, old: Path_, new: Path_) -> Any:
        if not isinstance(value, dict):
            return self.copy(value, old, new)
        self.origins.setdefault(new, self.source.origin(old))
        result: dict[str, Any] = {}
        for key, inner in value.items():
            if key == "of":
                result[key] = self.children(inner, (*old, key), (*new, key))
            else:
                result[key] = self.copy(inner, (*old, key), (*new, key))
        return result

    def children(self, value: Any, old: Path_, new: Path_) -> Any:
        """``of`` as a map of child to weight, ranges spelled out."""
        self.origins[new] = self.source.origin(old)
        if isinstance(value, str):
            pairs: Iterable[tuple[Any, Any, Path_]] = [(value, "1", old)]
        elif isinstance(value, list):
            pairs = [(item, "1", (*old, n)) for n, item in enumerate(value)]
        elif isinstance(value, dict):
            pairs = [(child, weight, (*old, child)) for child, weight in value.items()]
        else:
            return value
        result: dict[str, Any] = {}
        for child, weight, path in pairs:
            if not isinstance(child, str):
                self.fault(path, "child_not_text", f"a child is the name of a record, found {child}")
                continue
            for name in self.names(child, path):
                if name in result:
                    self.fault(path, "child_twice", f'{new[1]} names its child "{name}" twice')
                    continue
                result[name] = self.copy(weight, path, (*new, name))
        return result

    def rules(self, value: Any) -> Any:
        """A rule's patches over named maps go under ``points``."""
        path: Path_ = ("rules",)
        if not isinstance(value, dict):
            return self.copy(value, path, path)
        self.origins[path] = self.source.origin(path)
        maps = self.source.data.get("points")
        result: dict[str, Any] = {}
        for name, patch in value.items():
            here: Path_ = (*path, name)
            self.origins[here] = self.source.origin(here)
            if not isinstance(patch, dict):
                result[name] = patch
                continue
            rule: dict[str, Any] = {}
            for key, inner in sorted(patch.items(), key=lambda item: item[0] != "points"):
                of_a_map = isinstance(inner, dict) or (isinstance(maps, dict) and key in maps)
                if key in _RULE_KEYS or not of_a_map:
                    rule[key] = self.copy(inner, (*here, key), (*here, key))
                    continue
                under = rule.setdefault("points", {})
                self.origins.setdefault((*here, "points"), self.origins[here])
                if isinstance(under, dict) and key not in under:
                    under[key] = self.copy(inner, (*here, key), (*here, "points", key))
                else:
                    self.fault((*here, key), "map_twice", f'rule "{name}" sets "{key}" both under points and beside it')
            result[name] = rule
        return result

    def instruments(self, value: dict[str, Any]) -> dict[str, Any]:
        """Questionnaires that stand in the index itself: their items spelled out."""
        self.origins["instrument",] = self.source.origin(("instrument",))
        result: dict[str, Any] = {}
        for name, body in value.items():
            path: Path_ = ("instrument", name)
            if not isinstance(body, dict):
                result[name] = self.copy(body, path, path)
                continue
            below = {known[2:]: origin for known, origin in self.source.origins.items() if known[:2] == path}
            plain, faults = expand_instrument(Document(body, self.source.file, below), self.folder)
            result[name] = plain.data
            self.origins.update({(*path, *known): origin for known, origin in plain.origins.items()})
            self.faults += faults
        return result


def _maps_of_points(data: dict[str, Any]) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Every map of points lines in a plain document, with its place."""

    def inside(value: Any, path: Path_) -> Iterator[tuple[Path_, dict[str, Any]]]:
        for here, part in [(path, value)] if isinstance(value, dict) else _items(value, path):
            if isinstance(part, dict):
                yield here, part

    yield from inside(data.get("nothing"), ("nothing",))
    for path, lines in _items(data.get("points"), ("points",)):
        yield from inside(lines, path)
    for key in ("indicators", "nodes", "defaults"):
        for path, record in _items(data.get(key), (key,)):
            if isinstance(record, dict):
                yield from inside(record.get("points"), (*path, "points"))
    for path, rule in _items(data.get("rules"), ("rules",)):
        if isinstance(rule, dict):
            yield from inside(rule.get("nothing"), (*path, "nothing"))
            for below, lines in _items(rule.get("points"), (*path, "points")):
                yield from inside(lines, below)


def _items(value: Any, path: Path_) -> Iterator[tuple[Path_, Any]]:
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*path, key), inner


def _lines_said_twice(document: Document) -> Iterator[Fault]:
    for path, lines in _maps_of_points(document.data):
        first: dict[Any, str] = {}
        for line in lines:
            said = first.setdefault(language.line_key(line), line)
            if said is not line:
                origin, where = document.origin((*path, line)), document.origin((*path, said))
                message = f'line "{line}" says the same as "{said}"{where.on_line}; keep one of them'
                place = ".".join(str(part) for part in (*path, line))
                yield Fault(message, origin.file, origin.line, place, "line_twice")


def expand_index(document: Document, folder: Path | None = None) -> tuple[Document, list[Fault]]:
    """The plain form of an index file.

    Parameters
    ----------
    document
        What was read.
    folder
        Where tables named in the file stand.

    Returns
    -------
    Document
        The same content, spelled out; places carried along.
    list of Fault
        What could not be spelled out.
    """
    expander = _Expander(document, folder)
    expander.origins[()] = document.origin(())
    result: dict[str, Any] = {}
    for key, value in document.data.items():
        if key in ("indicators", "nodes"):
            result[key] = expander.records(value, key, expander.record)
        elif key == "rules":
            result[key] = expander.rules(value)
        elif key == "instrument" and isinstance(value, dict):
            result[key] = expander.instruments(value)
        elif key == "defaults" and isinstance(value, dict):
            expander.origins[key,] = document.origin((key,))
            result[key] = {
                part: expander.record(inner, (key, part), (key, part))
                if isinstance(inner, dict)
                else expander.copy(inner, (key, part), (key, part))
                for part, inner in value.items()
            }
        else:
            result[key] = expander.copy(value, (key,), (key,))
    plain = Document(result, document.file, expander.origins)
    return plain, [*expander.faults, *_lines_said_twice(plain)]


def expand_weights(document: Document) -> tuple[Document, list[Fault]]:
    """The plain form of a weight set."""
    expander = _Expander(document, None)
    expander.origins[()] = document.origin(())
    result: dict[str, Any] = {}
    for key, value in document.data.items():
        if key == "nodes" and isinstance(value, dict):
            expander.origins[key,] = document.origin((key,))
            result[key] = {
                node: expander.children(inner, (key, node), (key, node))
                if isinstance(inner, (dict, list))
                else expander.copy(inner, (key, node), (key, node))
                for node, inner in value.items()
            }
        else:
            result[key] = expander.copy(value, (key,), (key,))
    return Document(result, document.file, expander.origins), expander.faults


def expand_instrument(document: Document, folder: Path | None = None) -> tuple[Document, list[Fault]]:
    """The plain form of an instrument file."""
    expander = _Expander(document, folder)
    expander.origins[()] = document.origin(())
    result: dict[str, Any] = {}
    for key, value in document.data.items():
        if key == "items":
            result[key] = expander.records(value, key, expander.record)
        else:
            result[key] = expander.copy(value, (key,), (key,))
    return Document(result, document.file, expander.origins), expander.faults
