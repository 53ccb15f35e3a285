"""A result as a workbook for people: every number beside what it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pandas as pd

from egovindex.errors import DataError, Fault, listed
from egovindex.files import faults_of_files, fill_sheet, plain_column, save_book, whole_or_not_at_all
from egovindex.keep.folder import path_of
from egovindex.keep.tables import Result, data_cells, frame_of
from egovindex.spec.values import write_source

if TYPE_CHECKING:
    from egovindex.spec.values import Source

__all__ = ["write_workbook"]

_MOST_ROWS, _MOST_COLUMNS, _LONGEST = 1_048_576, 16_384, 32_767  # limits of the file format
_NARROW, _WIDE = 8, 48
_AS_IN_THE_FILE = "as in the file"


class Shown(Result, Protocol):
    """A result with the tables that only a workbook shows."""

    @property
    def points(self) -> pd.DataFrame:
        """Every indicator after its points."""

    def effective_weights(self, node: str | None = None) -> pd.DataFrame:
        """Share that every record has in a node."""


class Sheet(NamedTuple):
    """A sheet: its name, what it is about, the table, and how many columns stay in sight."""

    name: str
    about: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    keys: int = 1


# --- faults
def no_workbook(name: str) -> DataError:
    return DataError(Fault("a workbook ends in .xlsx", file=name, check="unknown_kind"))


def file_exists(name: str) -> DataError:
    return DataError(Fault("the file exists; overwrite=True replaces it", file=name, check="target_exists"))


def extra_missing(name: str) -> DataError:
    message = 'writing Excel needs the extra "excel": pip install "egovindex[excel]"'
    return DataError(Fault(message, file=name, check="extra_missing"))


def what_no_sheet_holds(sheets: Iterable[Sheet], name: str, illegal: Any) -> Iterator[Fault]:
    for sheet in sheets:
        if len(sheet.rows) >= _MOST_ROWS or len(sheet.headings) > _MOST_COLUMNS:
            message = f'sheet "{sheet.name}" would have {len(sheet.rows)} rows and {len(sheet.headings)} columns'
            yield Fault(f"{message}; save() has no such limit", file=name, check="too_large")
        texts = {text for row in (sheet.headings, *sheet.rows) for text in row if isinstance(text, str)}
        bad = sorted(ascii(text)[:60] for text in texts if len(text) > _LONGEST or illegal.search(text))
        if bad:
            message = f'sheet "{sheet.name}": text with a control character or of more than {_LONGEST} characters'
            yield Fault(f"{message}: {listed(bad)}; a workbook cannot hold it", file=name, check="illegal_text")


# --- sheets
def _table(table: pd.DataFrame) -> tuple[list[str], list[Sequence[Any]]]:
    columns = [list(plain_column(table.iloc[:, at])) for at in range(table.shape[1])]
    return [str(heading) for heading in table.columns], list(zip(*columns, strict=True))


def _of_rows(result: Result, name: str, about: str, table: pd.DataFrame) -> Sheet:
    """A sheet with unit (and period) at the left."""
    plan = result.plan
    found = (plan.rows if len(table) == len(plan.rows) else plan.records).keys
    keys = [pd.Series(values) for values in found.values()]
    headings, rows = _table(pd.concat([*keys, table.reset_index(drop=True)], axis=1))
    return Sheet(name, about, [*found, *headings[len(keys) :]], rows, len(keys))


def _inputs(result: Result) -> Sheet:
    cells, kinds = data_cells(result.index, result.plan)
    headings, rows = _table(frame_of(cells, kinds, "inputs"))
    keys = len(result.plan.records.keys)
    return Sheet("inputs", "the columns of the data that the index reads, as they were", headings, rows, keys)


def _weights(result: Shown) -> Sheet:
    share = result.effective_weights()["share"]
    rows = [
        (node, child, result.index.labels[child], float(weight), float(share[child]) if child in share.index else None)
        for (node, child), weight in zip(result.plan.edges, result.plan.weights, strict=True)
    ]
    about = f"weight of each child as written, and the share of the child in {result.index.headline}"
    return Sheet("weights", about, ["node", "child", "label", "weight", f"share in {result.index.headline}"], rows, 2)


def _sources(result: Result) -> Sheet:
    file, tree = result.index.file, result.index.tree
    found: list[tuple[str, str, Source | None]] = [(file.index, result.index.title, file.source)]
    found += [(name, leaf.label, leaf.record.source) for name, leaf in tree.leaves.items()]
    found += [(name, branch.label, branch.record.source) for name, branch in tree.branches.items()]
    written = [(name, label, write_source(source)) for name, label, source in found if source is not None]
    maps = [(name, label, {"title": s} if isinstance(s, str) else dict(s)) for name, label, s in written]
    keys = list(dict.fromkeys(key for *_, source in maps for key in source)) or ["title"]
    rows = [(name, label, *(source.get(key) for key in keys)) for name, label, source in maps]
    return Sheet("sources", "where the index and its parts come from", ["id", "label", *keys], rows)


def _read_me(result: Result, sheets: Iterable[Sheet]) -> Sheet:
    manifest = result.manifest
    original = manifest.original
    # with other weights or points it may not go by the publisher's name
    points = any(kind == "points" for kind, _ in manifest.history)
    style = "" if manifest.weights == _AS_IN_THE_FILE and not points else "In the style of: "
    rows: list[Sequence[Any]] = [
        ("index", manifest.index),
        ("edition", manifest.edition),
        ("weights", manifest.weights),
        ("rules", ", ".join(manifest.rules) or "none"),
        ("rows", manifest.rows),
        ("units", manifest.units),
        ("learned values", manifest.learned),
        ("original file", original.name if original else None),
        ("sha256 of the original file", original.sha256 if original else None),
        ("sha256 of the columns read", manifest.data_sha256),
        ("sha256 of the merged index", manifest.index_sha256),
        *((f"version of {name}", getattr(manifest, name)) for name in ("egovindex", "python", "numpy", "pandas")),
        (None, None),
        *((f"sheet {sheet.name}", sheet.about) for sheet in sheets),
        (None, None),
        ("an empty cell", "no answer, or no score"),
        ("to run it again", "the digests fit a folder that IndexResult.save writes and egovindex verify checks"),
    ]
    return Sheet("read me", "", [style + manifest.title, ""], rows)


def _sheets(result: Shown) -> list[Sheet]:
    sheets = [
        _inputs(result),
        _of_rows(result, "points", "every indicator after its points, before its steps", result.points),
        _of_rows(result, "scores", "score of every node", result.scores),
        _of_rows(result, "ranks", "rank within the period: 1 is best, ties share the smaller", result.ranks),
        _weights(result),
        _sources(result),
    ]
    return [_read_me(result, sheets), *sheets]


# --- written
def write_workbook(result: Shown, path: str | Path, *, overwrite: bool) -> None:
    """Write a workbook; see :meth:`egovindex.IndexResult.to_excel`."""
    target = path_of(path)
    if target.suffix.lower() != ".xlsx":
        raise no_workbook(target.name)
    with faults_of_files(target):
        if target.exists() and not overwrite:
            raise file_exists(target.name)
    try:
        from openpyxl import Workbook
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    except ImportError:
        raise extra_missing(target.name) from None
    sheets = _sheets(result)
    faults = list(what_no_sheet_holds(sheets, target.name, ILLEGAL_CHARACTERS_RE))
    if faults:
        raise DataError(faults)
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    try:
        with whole_or_not_at_all(target, overwrite=overwrite) as beside:
            save_book(book, beside)
    except FileExistsError:
        raise file_exists(target.name) from None
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        raise DataError(Fault(message, file=target.name, check="unwritable_file")) from None


def _fill(target: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    fill_sheet(target, sheet.headings, sheet.rows)
    for cell in target[1]:
        cell.font = Font(bold=True)
    target.freeze_panes = target.cell(2, sheet.keys + 1)
    for at, heading in enumerate(sheet.headings):
        texts = [heading if at or sheet.name != "read me" else "", *(str(row[at]) for row in sheet.rows[:1000])]
        widest = max(len(line) for text in texts for line in text.split("\n"))
        target.column_dimensions[get_column_letter(at + 1)].width = min(max(widest + 2, _NARROW), _WIDE)
    if sheet.name == "read me":
        for (cell,) in target.iter_rows(min_row=2, min_col=2, max_col=2):
            cell.alignment = Alignment(wrap_text=True, horizontal="left", vertical="top")
