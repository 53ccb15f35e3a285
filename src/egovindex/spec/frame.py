"""The index as a table of edges, for people who live in spreadsheets, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from egovindex.errors import Fault, SpecError, listed
from egovindex.spec.expand import expand_index
from egovindex.spec.merge import lay_over
from egovindex.spec.model import IndexFile
from egovindex.spec.strictyaml import Document, Origin
from egovindex.spec.tree import edges_of
from egovindex.spec.values import write_quantity
from egovindex.spec.write import flow_text

__all__ = ["COLUMNS", "document_from", "frame_of"]

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
    if key == "steps":
        return "; ".join(flow_text(step) if isinstance(step, Mapping) else str(step) for step in value)
    return value if isinstance(value, str) else flow_text(value)


def frame_of(file: IndexFile, document: Mapping[str, Any]) -> pd.DataFrame:
    """See :meth:`egovindex.index.Index.to_frame`."""
    edges = edges_of(file)
    rows: list[dict[str, Any]] = []
    for key, kind in (("nodes", "node"), ("indicators", "indicator")):
        for name, record in document.get(key, {}).items():
            keys = {k: _cell(v, k) for k, v in record.items() if k not in ("of", "in", "weight")}
            parents = [(node, children[name]) for node, children in edges.items() if name in children]
            for node, weight in parents or [(None, None)]:
                written = None if weight is None else write_quantity(weight)
                rows.append(
                    {
                        "id": name,
                        "in": node,
                        "weight": written if written is None or isinstance(written, str) else flow_text(written),
                        "kind": kind,
                        **keys,
                    }
                )
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    frame = frame.where(frame.notna(), None)
    rest = {key: value for key, value in document.items() if key not in ("indicators", "nodes")}
    order = {node: list(children) for node, children in edges.items()}
    frame.attrs["index"] = rest
    frame.attrs["order"] = order
    return frame


def document_from(frame: pd.DataFrame, name: str, keys: Mapping[str, Any]) -> tuple[Document, list[Fault]]:
    """The plain document that a table of edges stands for, with the faults of the table."""
    table, faults = _renamed(frame)
    file = "frame"
    if faults:
        raise SpecError(faults)
    records: dict[str, dict[str, dict[str, Any]]] = {"indicators": {}, "nodes": {}}
    edges: dict[str, dict[str, Any]] = {}
    origins: dict[tuple[str | int, ...], Origin] = {(): Origin(file, 1)}
    parents = set(table["in"].dropna())
    for line, row in enumerate(table.to_dict("records"), start=1):
        record_id = str(row["id"])
        kind = row.get("kind") or ("node" if record_id in parents else "indicator")
        key = "nodes" if kind == "node" else "indicators"
        record = {k: _value(k, v) for k, v in row.items() if k not in ("id", "in", "weight", "kind") and v is not None}
        known = records[key].setdefault(record_id, record)
        origins.setdefault((key, record_id), Origin(file, line))
        if known != record:
            faults.append(
                Fault(f'"{record_id}" stands in several rows that differ in more than in and weight', file, line)
            )
        parent = row.get("in")
        if parent is None:
            continue
        children = edges.setdefault(str(parent), {})
        if record_id in children:
            faults.append(Fault(f'{parent} names its child "{record_id}" twice', file, line, check="child_twice"))
        children[record_id] = _value("weight", row["weight"]) if row.get("weight") is not None else "1"
        origins["nodes", str(parent), "of", record_id] = Origin(file, line)
    order = frame.attrs.get("order", {})
    for parent, children in edges.items():
        if parent not in records["nodes"]:
            line = origins["nodes", parent, "of", next(iter(children))].line
            what = "is an indicator" if parent in records["indicators"] else "has no row of its own"
            faults.append(Fault(f'"{parent}" is a parent and {what}', file, line, check="unknown_parent"))
            continue
        wanted = [child for child in order.get(parent, ()) if child in children]
        children = {child: children[child] for child in [*wanted, *(c for c in children if c not in wanted)]}
        records["nodes"][parent]["of"] = children
    content: dict[str, Any] = {"index": name, **records}
    rest = {key: value for key, value in frame.attrs.get("index", {}).items() if key != "index"}
    base, more = expand_index(Document({**content, **rest}, file, origins))
    patch, further = expand_index(Document(dict(keys), file, {(): Origin(file, 1)}))
    return lay_over(base, patch), [*faults, *more, *further]


def _value(key: str, value: Any) -> Any:
    """A cell as the reader of files would give it."""
    from egovindex.spec.strictyaml import read_yaml

    text = str(value).strip()
    if text == "~":
        return None
    if key == "steps":
        return [_value("step", part) for part in _split(text)]
    if text.startswith(("{", "[")):
        return read_yaml(text, file=key).data
    if key == "weight" and isinstance(value, float):
        return repr(value)
    return text


def _split(text: str) -> list[str]:
    """Steps of a cell; a semicolon inside brackets does not part them."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += letter in "{["
        depth -= letter in "}]"
        if letter == ";" and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [part for part in [*parts, text[start:].strip()] if part]


def _renamed(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    """The table under this library's headings, blanks as ``None``."""
    imeta = "iCode" in frame.columns
    table = frame.rename(columns=_IMETA) if imeta else frame
    if "id" not in table.columns:
        return table, [
            Fault(
                f"the table needs a column id (or COINr's iCode); it has {listed(frame.columns)}",
                check="table_without_id",
            )
        ]
    if imeta:
        table = table[~table["kind"].isin(_IMETA_LEFT_OUT)] if "kind" in table else table
        table = table[[c for c in table.columns if c in COLUMNS]]
    unknown = [str(c) for c in table.columns if c not in COLUMNS]
    if unknown:
        return table, [
            Fault(f"unknown columns {listed(unknown)}. Allowed: {', '.join(COLUMNS)}", check="unknown_column")
        ]
    table = table.astype(object)
    table = table.where(table.notna() & (table.astype(str).map(str.strip) != ""), None)
    if "in" not in table.columns:
        table["in"] = None
    if "weight" not in table.columns:
        table["weight"] = None
    if imeta:
        table["kind"] = table["kind"].map(lambda k: _IMETA_KINDS.get(k, k)) if "kind" in table else None
        if "direction" in table:
            table["direction"] = [
                _DIRECTIONS.get(str(d), d) if k != "node" and d is not None else None
                for d, k in zip(table["direction"], table["kind"], strict=True)
            ]
            # iMeta writes 1 for every indicator; "up" is the default and needs no line
            table["direction"] = table["direction"].map(lambda d: None if d == "up" else d)
    table = table.where(table.notna(), None)
    bad = [at + 1 for at, value in enumerate(table["id"]) if value is None]
    if bad:
        return table, [Fault(f"rows without an id: {listed(bad)}", check="table_without_id")]
    return table, []
