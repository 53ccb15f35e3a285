"""The index as a table of edges, for people who live in spreadsheets, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from egovindex.errors import Fault, SpecError, listed
from egovindex.spec.cells import read_cell
from egovindex.spec.expand import expand_index
from egovindex.spec.instruments import inlined
from egovindex.spec.merge import lay_over
from egovindex.spec.model import IndexFile
from egovindex.spec.strictyaml import Document, Origin
from egovindex.spec.tree import edges_of
from egovindex.spec.values import Quantity, write_quantity
from egovindex.spec.vary import given_in
from egovindex.spec.write import flow_text

__all__ = ["COLUMNS", "document_from", "frame_of"]

Path_ = tuple[str | int, ...]
COLUMNS = (
    "id",
    "in",
    "weight",
    "kind",
    "label",
    "from",
    "answers",
    "points",
    "steps",
    "direction",
    "aggregate",
    "need",
    "classes",
    "over",
    "where",
    "measured_in",
    "note",
    "source",
)
# COINr's iMeta: https://bluefoxr.github.io/COINr/, new_coin()
_IMETA = {
    "iCode": "id",
    "Parent": "in",
    "Weight": "weight",
    "Direction": "direction",
    "Type": "kind",
    "iName": "label",
    "Unit": "measured_in",
}
_IMETA_KINDS = {"Indicator": "indicator", "Aggregate": "node"}
_IMETA_LEFT_OUT = ("Group", "Denominator", "Other")
_DIRECTIONS = {"1": "up", "-1": "down", "1.0": "up", "-1.0": "down"}


def _cell(value: Any, key: str) -> Any:
    if value is None:
        return "~"
    if key == "steps" and value:
        return "; ".join(flow_text(step) if isinstance(step, Mapping) else str(step) for step in value)
    return _text_cell(value, key) if isinstance(value, str) else flow_text(value)


def _text_cell(text: str, key: str) -> str:
    """Text as it is, or in quotes where it would be read as something else: ``~``, a list, no text at all."""
    try:
        if text and read_cell(key, text) == text:
            return text
    except SpecError:
        pass  # it begins like a list or a map
    return flow_text(text)


def frame_of(file: IndexFile, document: Mapping[str, Any]) -> pd.DataFrame:
    """See :meth:`egovindex.index.Index.to_frame`."""
    edges = edges_of(file)
    rows: list[dict[str, Any]] = []
    shown: set[str] = set()

    def add(name: str, parent: str | None, weight: Quantity | None) -> None:
        kind = "node" if name in edges else "indicator"
        record = document[f"{kind}s"][name]
        keys = {key: _cell(value, key) for key, value in record.items() if key not in ("of", "in", "weight")}
        written = None if weight is None else flow_text(write_quantity(weight))
        rows.append({"id": name, "in": parent, "weight": written, "kind": kind, **keys})
        if name not in shown:  # what is below a node follows it, in the order of its children
            shown.add(name)
            for child, share in edges.get(name, {}).items():
                add(child, name, share)

    below = {child for children in edges.values() for child in children}
    for name in (*edges, *file.indicators):
        if name not in below:
            add(name, None, None)
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    frame = frame.where(frame.notna(), None)
    frame.attrs["index"] = _without_edges(
        {key: value for key, value in document.items() if key not in ("indicators", "nodes")}
    )
    frame.attrs["order"] = [*edges, *file.indicators]
    return frame


def _without_edges(keys: dict[str, Any]) -> dict[str, Any]:
    """Keys of the file whose defaults say no edge: the table has them all."""
    if "defaults" in keys:
        keys["defaults"] = {
            part: {key: value for key, value in record.items() if key not in ("of", "in", "weight")}
            for part, record in keys["defaults"].items()
        }
    return keys


def document_from(frame: pd.DataFrame, name: str, keys: Mapping[str, Any]) -> tuple[Document, list[Fault]]:
    """The plain document that a table of edges stands for, with the faults of the table."""
    rows, faults = _renamed(frame)
    if faults:
        raise SpecError(faults)
    file = "frame"
    records: dict[str, dict[str, dict[str, Any]]] = {"indicators": {}, "nodes": {}}
    edges: dict[str, dict[str, Any]] = {}
    origins: dict[Path_, Origin] = {(): Origin(file, 1)}
    parents = {str(row["in"]) for row in rows.values() if "in" in row}
    for line, row in rows.items():
        record_id = str(row["id"])
        kind = row.get("kind") or ("node" if record_id in parents else "indicator")
        key = "nodes" if kind == "node" else "indicators"
        if kind not in ("node", "indicator"):
            faults.append(Fault(f'kind is indicator or node, found "{kind}"', file, line, check="unknown_kind"))
        cells = _read(row, Origin(file, line), faults)
        record = {column: cell for column, cell in cells.items() if column not in ("id", "in", "weight", "kind")}
        known = records[key].setdefault(record_id, record)
        origins.setdefault((key, record_id), Origin(file, line))
        if known != record:
            message = f'"{record_id}" stands in several rows that differ in more than in and weight'
            faults.append(Fault(message, file, line, check="duplicate_record"))
        if "in" not in row:
            if "weight" in row:
                message = (
                    f"{record_id} has a weight but no parent: write its parent in column in, or leave weight blank"
                )
                faults.append(Fault(message, file, line, check="weight_without_parent"))
            continue
        parent = str(row["in"])
        children = edges.setdefault(parent, {})
        if record_id in children:
            faults.append(Fault(f'{parent} names its child "{record_id}" twice', file, line, check="child_twice"))
        children[record_id] = cells.get("weight", "1")
        origins["nodes", parent, "of", record_id] = Origin(file, line)
    faults += _children_in_place(records, edges, origins)
    order = {record: at for at, record in enumerate(frame.attrs.get("order", ()))}
    for key, found in records.items():
        records[key] = dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))
    content: dict[str, Any] = {"index": name, **records}
    rest = {key: value for key, value in frame.attrs.get("index", {}).items() if key != "index"}
    base, more = expand_index(Document({**content, **rest}, file, origins))
    patch, further = expand_index(given_in("from_frame(...)", keys))
    document = lay_over(base, inlined(patch, None, further))
    if "iCode" in frame.columns:
        faults += _turned_without_steps(document)
    return document, [*faults, *more, *further]


def _children_in_place(
    records: dict[str, dict[str, dict[str, Any]]], edges: dict[str, dict[str, Any]], origins: dict[Path_, Origin]
) -> list[Fault]:
    """Every node gets its children; a parent that is no node is told at its first child."""
    faults = []
    for parent, children in edges.items():
        if parent in records["nodes"]:
            records["nodes"][parent]["of"] = children
            continue
        first = origins["nodes", parent, "of", next(iter(children))]
        what = "is an indicator" if parent in records["indicators"] else "has no row of its own"
        faults.append(Fault(f'"{parent}" is a parent and {what}', first.file, first.line, check="unknown_parent"))
    return faults


def _turned_without_steps(document: Document) -> list[Fault]:
    """Indicators that iMeta turns and no step turns: COINr normalises outside of iMeta."""
    default = (document.data.get("defaults") or {}).get("indicators") or {}
    records = document.data["indicators"].items()
    stepless = {n: r for n, r in records if isinstance(r, dict) and not (r.get("steps") or default.get("steps"))}
    turned = [name for name, record in stepless.items() if record.get("direction") == "down"]
    if not turned:
        return []
    for name in turned:
        del document.data["indicators"][name]["direction"]  # told here, with the way out
    message = (
        f"{listed(turned)}: Direction is -1, and iMeta names no step that could turn a number; say how to normalise. "
        'COINr\'s own choice is defaults={"indicators": {"steps": ["minmax 0 100"]}}'
    )
    return [Fault(message, document.file, check="direction_without_steps")]


def _read(row: Mapping[str, Any], origin: Origin, faults: list[Fault]) -> dict[str, Any]:
    """The cells of a row as a file would have them."""
    cells: dict[str, Any] = {}
    for column, cell in row.items():
        try:
            cells[column] = read_cell(column, _text(cell))
        except SpecError as error:
            message = f"{column}: {error.faults[0].message}"
            faults.append(Fault(message, origin.file, origin.line, check="bad_cell"))
    return cells


def _text(cell: Any) -> str:
    return repr(float(cell)) if isinstance(cell, float) else str(cell)


def _renamed(frame: pd.DataFrame) -> tuple[dict[int, dict[str, Any]], list[Fault]]:
    """The rows under this library's headings, by their number in the table; a blank cell is left out."""
    imeta = "iCode" in frame.columns
    table = frame.rename(columns=_IMETA) if imeta else frame
    if "id" not in table.columns:
        message = f"the table needs a column id (or COINr's iCode); it has {listed(frame.columns)}"
        return {}, [Fault(message, check="table_without_id")]
    twice = sorted({str(c) for c in table.columns[table.columns.duplicated()] if c in COLUMNS})
    if twice:
        return {}, [Fault(f"columns that stand twice in the table: {listed(twice)}", check="duplicate_column")]
    unknown = [str(c) for c in table.columns if c not in COLUMNS]
    if unknown and not imeta:  # iMeta carries columns of COINr's own, such as Level
        message = f"unknown columns {listed(unknown)}. Allowed: {', '.join(COLUMNS)}"
        return {}, [Fault(message, check="unknown_column")]
    rows: dict[int, dict[str, Any]] = {}
    faults: list[Fault] = []
    for line, cells in enumerate(table[[c for c in table.columns if c in COLUMNS]].to_dict("records"), start=1):
        row: dict[str, Any] = {
            str(key): cell.strip() if isinstance(cell, str) else cell for key, cell in cells.items() if not _blank(cell)
        }
        if imeta:
            row = _from_imeta(row, line, faults)
        if row:
            rows[line] = row
    bad = [line for line, row in rows.items() if "id" not in row]
    if bad:
        faults.append(Fault(f"rows without an id: {listed(bad)}", check="table_without_id"))
    return rows, faults


def _blank(cell: Any) -> bool:
    return cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)) or str(cell).strip() == ""


def _from_imeta(row: dict[str, Any], line: int, faults: list[Fault]) -> dict[str, Any]:
    """A row of iMeta: directions are 1 and -1, and act on indicators only (COINr issue #66)."""
    kind = row.get("kind")
    if kind in _IMETA_LEFT_OUT:
        return {}
    if kind in _IMETA_KINDS:
        row["kind"] = _IMETA_KINDS[kind]
    if "in" not in row:
        row.pop("weight", None)  # iMeta gives every row a weight, the top one too
    direction = str(row.pop("direction", "1"))
    if direction not in _DIRECTIONS:
        message = f"Direction is 1 or -1 in iMeta, found {direction}"
        faults.append(Fault(message, "frame", line, check="unknown_direction"))
    elif _DIRECTIONS[direction] == "down" and row.get("kind") != "node":
        row["direction"] = "down"
    return row
