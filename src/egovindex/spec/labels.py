"""Labels in another language: ``<id>.<language>.csv``, rows of ``path,label``. Ids and categories stay as they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from egovindex.errors import Fault, SpecError, did_you_mean, listed
from egovindex.packaged import indicators_folder
from egovindex.spec.load import validated_index
from egovindex.spec.model import IndexFile, Record
from egovindex.spec.strictyaml import Document, Origin, read_text
from egovindex.spec.tree import effective
from egovindex.spec.vary import Origins, Varied, expanded

__all__ = ["label_file", "label_languages", "label_paths", "labelled"]

COLUMNS = ("path", "label")
KINDS = ("title", "indicators", "nodes", "rules", "answers", "classes")
# as in fr, pt-BR, zh-Hant; longer words name other tables of an index, as in un-msq-2022.items.csv
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_CALL = "with_labels(...)"


@dataclass(frozen=True)
class Row:
    """One label, and where it is written."""

    path: str
    label: Any
    origin: Origin


def label_paths(file: IndexFile) -> dict[str, str]:
    """Every path that can have a label, and the label it has in the index itself.

    Examples
    --------
    >>> from egovindex.spec.load import read_index
    >>> paths = label_paths(read_index("un-egdi-2024")[0])
    >>> paths["nodes.OSI"], paths["classes.EGDI.Very high"]
    ('Online Service Index', 'Very high')
    """
    found = {"title": file.title or file.index}
    records: dict[str, Mapping[str, Record]] = {"indicators": file.indicators, "nodes": file.nodes}
    for kind, of_kind in records.items():
        found |= {f"{kind}.{name}": record.label or name for name, record in of_kind.items()}
    found |= {f"rules.{name}": rule.label or name for name, rule in file.rules.items()}
    for scale, categories in file.answers.items():
        found |= {f"answers.{scale}.{category}": category for category in categories}
    for kind, of_kind in records.items():
        default: Record = file.defaults.nodes if kind == "nodes" else file.defaults.indicators
        for name, record in of_kind.items():
            bands: Mapping[str, Any] = effective(record, default).get("classes") or {}
            found |= {f"classes.{name}.{band}": band for band in bands}
    return found


# --- the file of a language
def label_languages(index: str, folder: Path | None) -> list[str]:
    """Languages there are label files of, beside the index file and among the packaged."""
    found = {path.name[len(index) + 1 : -4] for place in _places(folder) for path in place.glob(f"{index}.*.csv")}
    return sorted(name for name in found if _LANGUAGE.fullmatch(name))


def _places(folder: Path | None) -> list[Path]:
    return [place for place in (folder, indicators_folder()) if place is not None]


def label_file(index: str, labels: str | Path, folder: Path | None) -> Path:
    """The label file of a language, or of a path.

    Raises
    ------
    SpecError
        No such language; the message says where was looked.
    """
    if isinstance(labels, Path) or labels.lower().endswith(".csv") or "/" in labels:
        return Path(labels)
    name = f"{index}.{labels}.csv"
    if _LANGUAGE.fullmatch(labels):
        for place in _places(folder):
            if (place / name).is_file():
                return place / name
    known = label_languages(index, folder)
    where = "among the packaged" if folder is None else "beside the index file and among the packaged"
    hint = did_you_mean(labels, known, otherwise=".")
    message = (
        f'there are no labels "{labels}" of {index}{hint} Looked for {name} {where}; '
        f"there are: {listed(known) or 'none'}. For a file of another name give its path, ending in .csv"
    )
    raise SpecError(Fault(message, check="unknown_labels"))


# --- its rows
def _read(path: Path) -> tuple[list[Row], list[Fault]]:
    reader = csv.reader(io.StringIO(read_text(path), newline=""), skipinitialspace=True, strict=True)
    rows: list[Row] = []
    faults: list[Fault] = []
    header: list[str] = []
    line = 1
    try:
        for written in reader:
            origin, line = Origin(path.name, line), reader.line_num + 1
            cells = [cell.strip() for cell in written]
            if not any(cells) or cells[0].startswith("#"):
                continue
            if not header:
                header = cells
                if sorted(header) != sorted(COLUMNS):
                    return [], [_wrong_columns(header, origin)]
            elif len(cells) != len(header):
                faults.append(_wrong_row(cells, origin))
            else:
                row = dict(zip(header, cells, strict=True))
                rows.append(Row(row["path"], row["label"], origin))
    except csv.Error as error:
        faults.append(Fault(f"not CSV: {error}", path.name, line, check="not_csv"))
    if not rows and not faults:
        faults.append(Fault("there is no label in the file", path.name, line=1, check="no_labels"))
    return rows, faults


def _wrong_columns(header: list[str], origin: Origin) -> Fault:
    message = f"the first line of a label file is path,label; found {listed(header)}"
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        message += ". Save the table with commas between its columns"
    return Fault(message, origin.file, origin.line, check="label_columns")


def _wrong_row(cells: list[str], origin: Origin) -> Fault:
    way = "quote text that contains a comma" if len(cells) > len(COLUMNS) else "write path,label"
    return Fault(
        f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'} where path and label are expected; {way}",
        origin.file,
        origin.line,
        check="label_row",
    )


def _faults(rows: list[Row], file: IndexFile, known: Mapping[str, str]) -> Iterator[Fault]:
    first: dict[str, Origin] = {}
    for row in rows:
        for check, message in (
            *_unknown_path(row, file, known),
            *_empty_label(row),
            *_not_one_line(row),
            *_path_twice(row, first),
        ):
            yield Fault(message, row.origin.file, row.origin.line, row.path, check)
        first.setdefault(row.path, row.origin)


def _unknown_path(row: Row, file: IndexFile, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if row.path in known:
        return
    kind = row.path.partition(".")[0]
    near = [path for path in known if path.partition(".")[0] == kind] or list(known)
    hint = did_you_mean(row.path, near) or did_you_mean(row.path, known)
    way = hint or f"; a path begins with {', '.join(KINDS[:-1])} or {KINDS[-1]}, as in {_example(near)}"
    yield "unknown_path", f'"{row.path}" is nothing in {file.index} that has a label{way}'


def _example(paths: list[str]) -> str:
    return next((path for path in reversed(paths) if path.startswith("nodes.")), paths[0])


def _empty_label(row: Row) -> Iterator[tuple[str, str]]:
    if not isinstance(row.label, str):
        yield "label_not_text", f"{row.path}: a label is text, found {row.label!r:.40}"
    elif not row.label.strip():
        yield "empty_label", f"{row.path}: the label is empty; write one, or leave the line out to keep the index's own"


def _not_one_line(row: Row) -> Iterator[tuple[str, str]]:
    if isinstance(row.label, str) and len(row.label.strip().splitlines()) > 1:
        yield "label_of_lines", f"{row.path}: a label stands on one line; is a quotation mark not closed?"


def _path_twice(row: Row, first: Mapping[str, Origin]) -> Iterator[tuple[str, str]]:
    if row.path in first:
        yield "path_twice", f"{row.path} has a label already (first{first[row.path].on_line}); keep one of them"


# --- laid over
def labelled(
    file: IndexFile, origins: Origins, labels: str | Path | Mapping[str, str], folder: Path | None
) -> tuple[Varied, dict[str, str], str]:
    """The index with other labels; see :meth:`egovindex.Index.with_labels`.

    Returns
    -------
    Varied
        The file whose title, records and rules have the labels.
    dict
        Labels of classes and categories, by path: an index file has no place for them.
    str
        What to call the labels.
    """
    rows: list[Row]
    faults: list[Fault] = []
    if isinstance(labels, Mapping):
        rows, name = [Row(str(path), label, Origin(_CALL, None)) for path, label in labels.items()], "given"
    else:
        path = label_file(file.index, labels, folder)
        (rows, faults), name = _read(path), path.stem.removeprefix(f"{file.index}.")
    known = label_paths(file)
    faults = [*faults, *_faults(rows, file, known)]
    if faults:
        raise SpecError(sorted(faults, key=lambda fault: fault.line or 0))
    words = {row.path: row.label.strip() for row in rows if row.path.startswith(("answers.", "classes."))}
    document = expanded(file, origins)
    _write(rows, document)
    return (validated_index(document), document.origins), words, name


def _write(rows: list[Row], document: Document) -> None:
    """Labels of what has a place for one in an index file."""
    for row in rows:
        kind, _, name = row.path.partition(".")
        label = row.label.strip()
        if kind == "title":
            document.data["title"] = label
            document.origins["title",] = row.origin
        elif kind in ("indicators", "nodes", "rules"):
            document.data[kind][name]["label"] = label
            document.origins[kind, name, "label"] = row.origin
