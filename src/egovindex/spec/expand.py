"""From the compact written form to one plain form: ranges, lists and tables spelled out.

After this, every record has its own key, every ``of`` is a map of child to weight, every list of
records is a map, and a rule's patches over named maps stand under its ``points``. Nothing is judged
here but what cannot be spelled out.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from egovindex.errors import EgovindexError, Fault
from egovindex.spec import language
from egovindex.spec.model import Rule
from egovindex.spec.strictyaml import Document, Origin, read_text
from egovindex.spec.values import expand_range

__all__ = ["expand_index", "expand_instrument", "expand_weights"]

Path_ = tuple[str | int, ...]
_RULE_KEYS = frozenset(Rule.model_fields) - {"points"}


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

    def names(self, text: str, path: Path_) -> list[str]:
        """The ids in ``I-1, I-3..I-5``."""
        found: list[str] = []
        for part in text.split(","):
            try:
                found += expand_range(part)
            except ValueError as error:
                self.fault(path, "bad_range", str(error))
        return [name for name in found if name]

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
                    self.fault(
                        (key, written),
                        "duplicate_record",
                        f'"{name}" stands twice in {key} (first on line {self.origins[key, name].line})',
                    )
                    continue
                self.origins[key, name] = self.source.origin((key, written))
                result[name] = record(inner, (key, written), (key, name))
        return result

    def table(self, text: str, path: Path_, record: Callable[[Any, Path_, Path_], Any]) -> Any:
        """Records out of CSV, written in place or in a file beside this one."""
        key = str(path[0])
        start = self.source.origin(path)
        if text.strip().lower().endswith(".csv") and "\n" not in text.strip():
            name = text.strip()
            if "/" in name or "\\" in name or self.folder is None:
                self.fault(path, "table_elsewhere", f'"{name}": a table stands beside its file; write only its name')
                return {}
            try:
                text = read_text(self.folder / name)
            except EgovindexError as error:
                self.faults += error.faults
                return {}
            start = Origin(name, 0)
        lines = text.splitlines()
        reader = csv.reader(lines, skipinitialspace=True, strict=True)
        result: dict[str, Any] = {}
        header: list[str] = []
        try:
            for cells in reader:
                origin = Origin(start.file, start.line + reader.line_num)
                cells = [cell.strip() for cell in cells]
                if not any(cells) or cells[0].startswith("#"):
                    continue
                if not header:
                    header = cells
                    self.header_faults(header, path, origin)
                    continue
                self.table_row(header, cells, origin, key, result, record)
        except csv.Error as error:
            self.fault(path, "bad_table", f"not CSV: {error}", Origin(start.file, start.line + reader.line_num))
        if not header:
            self.fault(path, "bad_table", "the table is empty; its first line names the columns", start)
        return result

    def header_faults(self, header: list[str], path: Path_, origin: Origin) -> None:
        if "id" not in header:
            self.fault(path, "table_without_id", f"the table needs a column id; it has {', '.join(header)}", origin)
        for name in sorted({name for name in header if header.count(name) > 1}):
            self.fault(path, "duplicate_column", f'column "{name}" stands twice in the table', origin)

    def table_row(
        self,
        header: list[str],
        cells: list[str],
        origin: Origin,
        key: str,
        result: dict[str, Any],
        record: Callable[[Any, Path_, Path_], Any],
    ) -> None:
        if len(cells) > len(header):
            self.fault(
                (key,),
                "table_row_too_long",
                f"{len(cells)} cells under {len(header)} columns; quote text that contains a comma",
                origin,
            )
            return
        row: dict[str, Any] = {name: cell for name, cell in zip(header, cells, strict=False) if cell != ""}
        written = row.pop("id", "")
        if not written:
            self.fault((key,), "table_without_id", "a row of the table has no id", origin)
        for cell in ("steps",):
            if cell in row:
                row[cell] = [part.strip() for part in row[cell].split(";") if part.strip()]
        for cell, value in row.items():
            if value == "~":
                row[cell] = None
        for name in self.names(written, (key,)):
            if name in result:
                self.fault((key, name), "duplicate_record", f'"{name}" stands twice in {key}', origin)
                continue
            self.source.origins[key, name] = origin
            self.origins[key, name] = origin
            result[name] = record(dict(row), (key, name), (key, name))

    def record(self, value: Any, old: Path_, new: Path_) -> Any:
        if not isinstance(value, dict):
            return self.copy(value, old, new)
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
            pairs: Iterable[tuple[str, Any, Path_]] = [(value, "1", old)]
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
                    self.fault(path, "child_twice", f'{new[-2]} names its child "{name}" twice')
                    continue
                result[name] = self.copy(weight, path, (*new, name))
        return result

    def rules(self, value: Any) -> Any:
        """A rule's patches over named maps go under ``points``."""
        path: Path_ = ("rules",)
        if not isinstance(value, dict):
            return self.copy(value, path, path)
        self.origins[path] = self.source.origin(path)
        result: dict[str, Any] = {}
        for name, patch in value.items():
            here: Path_ = (*path, name)
            self.origins[here] = self.source.origin(here)
            if not isinstance(patch, dict):
                result[name] = patch
                continue
            rule: dict[str, Any] = {}
            for key, inner in patch.items():
                if key == "points" and isinstance(inner, dict):
                    rule.setdefault("points", {}).update(self.copy(inner, (*here, key), (*here, key)))
                elif key in _RULE_KEYS or not isinstance(inner, dict):
                    rule[key] = self.copy(inner, (*here, key), (*here, key))
                else:
                    rule.setdefault("points", {})[key] = self.copy(inner, (*here, key), (*here, "points", key))
            result[name] = rule
        return result


def _canonical_lines(value: Any) -> Any:
    """Points lines under one spelling, so that equal lines meet when files are merged."""
    if not isinstance(value, dict):
        return value
    result = {}
    for line, outcome in value.items():
        try:
            result[str(language.parse_line(line))] = outcome
        except ValueError:
            result[line] = outcome
    return result


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
    return Document(result, document.file, expander.origins), expander.faults


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
