"""Data in, result out: the verbs most people need."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Collection, Iterator
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import pandas as pd

from egovindex import questionnaire
from egovindex.columns import Columns
from egovindex.errors import DataError, Fault, MethodError, did_you_mean, listed
from egovindex.evaluate import evaluate
from egovindex.files import faults_of_files
from egovindex.findings import findings_in_data, findings_in_index, flags_without_answers
from egovindex.headings import headings_read
from egovindex.index import Index
from egovindex.keep.manifest import Original
from egovindex.loading import load_index
from egovindex.packaged import is_file
from egovindex.responses.unpacking import refuse_unsafe_gzip, refuse_unsafe_workbook
from egovindex.result import IndexResult
from egovindex.tables import further_columns, not_a_table, read_rows, row_headings, widened
from egovindex.tableschema import table_schema

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema


__all__ = ["check", "compute", "read_for", "read_table", "schema"]

AnyIndex = str | Path | Index
AnyTable = pd.DataFrame | str | Path

# no leading zeros: 004 is a code
_NUMBER = r"[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_INTEGER = r"[-+]?\d{1,15}"
# a spreadsheet has no more; each column of a table takes time of its own
_MOST_COLUMNS = 16_384
FINDINGS = ("severity", "check", "column", "units", "message")


def read_table(table: AnyTable, *, text: Collection[str] = ()) -> pd.DataFrame:
    """A table out of a CSV (or ``.csv.gz``), XLSX or Parquet file; a DataFrame is returned as it is.

    CSV, packed or not, is read as text wherever a column is not all numbers, and nothing but an empty cell is
    blank: ``NA`` is Namibia, ``NO`` is Norway. Of a workbook the first sheet is read; the first row names the
    columns.

    Parameters
    ----------
    table
        Path, a DataFrame, or responses: what :func:`read_responses` and :func:`code` return.
    text
        Headings of a CSV file that stay text even if all their cells look like numbers.

    Raises
    ------
    DataError
        The file is missing, empty, not UTF-8, of an unknown kind, or not readable; a cell of a workbook holds an
        error; or it is neither a path nor a DataFrame.

    Examples
    --------
    >>> read_table(pd.DataFrame({"unit": ["NA"]})).iloc[0, 0]
    'NA'
    """
    if isinstance(table, pd.DataFrame):
        return table
    if hasattr(table, "as_table"):  # responses, or what coders made of them
        found: pd.DataFrame = table.as_table()
        return found
    if not isinstance(table, (str, PathLike)):
        raise not_a_table(table)
    path = Path(table)
    if not is_file(path):
        raise DataError(Fault("there is no such file", file=path.name, check="missing_file"))
    with faults_of_files(path, "the file cannot be read", check="unreadable_file"):
        size = path.stat().st_size
    if size == 0:
        raise DataError(Fault("the file is empty", file=path.name, check="empty_file"))
    of_csv = partial(_read_csv, text=text)
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        ".csv": of_csv, ".csv.gz": of_csv, ".xlsx": _read_excel, ".parquet": _read_parquet
    }  # fmt: skip
    kind = path.suffix if path.suffix.lower() != ".gz" else "".join(path.suffixes[-2:])
    if kind.lower() not in readers:
        raise DataError(Fault(f'"{kind}" is not read; use {", ".join(readers)}', file=path.name, check="unknown_kind"))
    with faults_of_files(path, "the file cannot be read", check="unreadable_file"):
        return readers[kind.lower()](path)


def read_for(index: Index, data: AnyTable) -> pd.DataFrame:
    """A table for an index: its units are names, also where they look like numbers.

    Raises
    ------
    DataError
        As for :func:`read_table`; it is a coding table, or coded responses of which items are not settled.
    """
    given: Any = data
    if not isinstance(given, pd.DataFrame) and hasattr(given, "table_for"):
        # coded responses: what the index does not read may be open
        found: pd.DataFrame = given.table_for({*index.file.columns.values(), *headings_read(index.file, index.tree)})
        return found
    table = read_table(data, text=(row_headings(index.file).get("unit", "unit"),))
    faults = list(table_of_codes(table))
    if faults:
        raise DataError(faults)
    return table


def table_of_codes(table: pd.DataFrame) -> Iterator[Fault]:
    """Categories by axis and coder, as :func:`reconcile` and :func:`read_coding` give them: there is no one answer."""
    if {"item", "axis", "coder", "category"} <= set(map(str, table.columns)):
        message = "a coding table has a row for each axis and coder, and is not scored as it is; put it beside coded "
        message += "responses, as in egovindex.code(responses).with_coding(table), and name the coder: .long(coder=...)"
        yield Fault(message, check="coding_table")


def _read_csv(path: Path, text: Collection[str]) -> pd.DataFrame:
    try:
        if path.suffix.lower() == ".gz":
            refuse_unsafe_gzip(path)
        header = _csv_header(path)
        table = pd.read_csv(
            path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig", header=None, skiprows=1,
            names=range(len(header)), index_col=False,
        )  # fmt: skip
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        raise DataError(Fault(message, file=path.name, check="not_utf8")) from None
    except (csv.Error, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(Fault(f"not CSV: {error}", file=path.name, check="not_csv")) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(Fault(f"not gzip, or cut off: {error}", file=path.name, check="not_gzip")) from None
    columns = [table[at] if name in text else _numbers_where_all_are(table[at]) for at, name in enumerate(header)]
    table = pd.concat(columns, axis=1).copy()  # in few blocks: pandas warns of a table in hundreds
    table.columns = pd.Index(header)
    return table


def _csv_header(path: Path) -> list[str]:
    """The first line; a line with more or fewer cells would move values under another heading."""
    with _opened(path) as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        if not header:
            raise csv.Error("the first line, which names the columns, is empty")
        if len(header) > _MOST_COLUMNS:
            message = f"the first line names {len(header):,} columns, and at most {_MOST_COLUMNS:,} are read; write a "
            message += "long table with the columns unit, item, answer"
            raise DataError(Fault(message, file=path.name, line=1, check="too_many_columns"))
        wrong = [(reader.line_num, len(row)) for row in reader if row and len(row) != len(header)]
    if wrong:
        lines = listed(f"line {line}: {cells}" for line, cells in wrong)
        message = f"{len(wrong)} lines do not have {len(header)} cells as the first line has ({lines}); mend the commas"
        raise DataError(Fault(message, file=path.name, line=wrong[0][0], check="cells_missing"))
    return header


def _opened(path: Path) -> TextIO:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _numbers_where_all_are(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column of numbers as numbers; codes with leading zeros and words stay text."""
    given = column.dropna().str.strip()
    if len(given) == 0 or not given.str.fullmatch(_NUMBER).all():
        return column
    if given.str.fullmatch(_INTEGER).all() and len(given) == len(column):
        return given.astype("int64")
    return column.str.strip().astype(float)


def _read_excel(path: Path) -> pd.DataFrame:
    has_errors = refuse_unsafe_workbook(path)
    try:
        # the first row is read as a row: pandas would rename a heading that stands twice
        sheet = pd.read_excel(
            path, engine="calamine", keep_default_na=False, na_values=[""], dtype=object, header=None
        )  # fmt: skip
        errors = _error_cells(path) if has_errors else []
    except ImportError:
        raise DataError(
            Fault('reading Excel needs the extra "excel": pip install egovindex[excel]', file=path.name)
        ) from None
    except Exception as error:  # noqa: BLE001 - the reader has no error family of its own
        raise DataError(Fault(f"not an Excel workbook: {error}", file=path.name, check="not_excel")) from None
    if errors:
        message = f"{len(errors)} cells hold an error ({listed(errors)}); correct their formulas, or leave them blank"
        raise DataError(Fault(message, file=path.name, check="error_cells"))
    if sheet.empty:
        raise DataError(Fault("the first sheet is empty", file=path.name, check="empty_file"))
    table = sheet.iloc[1:].reset_index(drop=True).infer_objects()
    table.columns = pd.Index([_heading(cell, at) for at, cell in enumerate(sheet.iloc[0])], dtype=object)
    return table


def _error_cells(path: Path) -> list[str]:
    """Cells of the first sheet such as ``#DIV/0!``, which the reader takes for blanks."""
    from openpyxl import load_workbook

    with path.open("rb") as stream:  # closed also where the reader fails
        rows = load_workbook(stream, read_only=True, data_only=True).worksheets[0].iter_rows()
        return [f"{cell.coordinate} {cell.value}" for row in rows for cell in row if cell.data_type == "e"]


def _heading(cell: Any, at: int) -> Any:
    """A cell of the first row; a blank one is named as pandas names it."""
    return f"Unnamed: {at}" if pd.isna(cell) else cell


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except ImportError:
        raise DataError(
            Fault('reading Parquet needs the extra "parquet": pip install egovindex[parquet]', file=path.name)
        ) from None
    except Exception as error:  # noqa: BLE001 - the reader has no error family of its own
        raise DataError(Fault(f"not a Parquet file: {error}", file=path.name, check="not_parquet")) from None


def compute(index: AnyIndex, data: AnyTable) -> IndexResult:
    """Score every unit.

    Parameters
    ----------
    index
        An index, the name of a packaged one, or the path of a YAML file.
    data
        Wide: one row per unit, or per unit and period, a column per indicator. Long: ``unit, item,
        answer``. A DataFrame, or the path of a CSV, XLSX or Parquet file. Columns the index does not use
        are allowed; :func:`check` lists them.

    Returns
    -------
    IndexResult

    Raises
    ------
    SpecError
        The index has a fault.
    DataError
        The data do not fit the index: every unit and column concerned is named.
    MethodError
        A method is not defined for the data: a constant column under ``zscore``, a logarithm of zero.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    >>> result.ranking["unit"].head(3).tolist()
    ['DNK', 'EST', 'SGP']
    """
    chosen = load_index(index)
    plan = chosen.plan(read_for(chosen, data))
    original = Original.of(Path(data)) if isinstance(data, (str, PathLike)) else None
    return IndexResult(index=chosen, plan=plan, nominal=evaluate(plan), original=original)


def check(index: AnyIndex, data: AnyTable | None = None) -> pd.DataFrame:
    """Everything that is wrong or worth knowing about data for an index, in one table.

    An instrument that the index names is held against the answers, too: its checks, its routing, its scales.

    Parameters
    ----------
    index, data
        As for :func:`compute`; without data only the index is looked at.

    Returns
    -------
    DataFrame
        Columns ``severity, check, column, units, message``; no row of severity ``error`` means that
        :func:`compute` will run.

    Raises
    ------
    SpecError
        The index itself has a fault.

    Examples
    --------
    >>> import egovindex as ei
    >>> found = ei.check("un-egdi-2024", ei.sample("un-egdi-2024").drop(columns="adult_literacy_pct"))
    >>> found.loc[found["severity"] == "error", "column"].tolist()
    ['adult_literacy_pct']
    """
    chosen = load_index(index)
    found: list[tuple[str, Fault]] = []
    table = None
    try:
        table = None if data is None else read_for(chosen, data)
    except DataError as error:
        if {fault.check for fault in error.faults} != {"not_settled"}:
            raise
        found += (("error", fault) for fault in error.faults)
    if table is not None:
        found += _findings_in_data(chosen, table)
    found += questionnaire.findings(chosen, table)
    found += (("note", note) for note in findings_in_index(chosen))
    rows = [(severity, f.check, f.column or "", ", ".join(f.units), f.message) for severity, f in found]
    return pd.DataFrame(rows, columns=list(FINDINGS))


def _findings_in_data(index: Index, table: pd.DataFrame) -> Iterator[tuple[str, Fault]]:
    missing: list[str] = []
    try:
        plan = index.plan(table)
        yield from (("note", note) for note in findings_in_data(plan, evaluate(plan)))
    except (DataError, MethodError) as error:
        yield from (("error", fault) for fault in error.faults)
        missing = [fault.column or "" for fault in error.faults if fault.check == "missing_column"]
    yield from (("note", note) for note in _flags(index, table))
    for heading in _unused_columns(index, table):
        message = f'column "{heading}" is not used by {index.id}{did_you_mean(heading, missing)}'
        yield "note", Fault(message, check="unused_column", column=heading)
    for heading in further_columns(table, index.file):
        message = f'column "{heading}" of the long table differs among the items of a row, and is not read'
        yield "note", Fault(message, check="unused_column", column=heading)


def _flags(index: Index, table: pd.DataFrame) -> Iterator[Fault]:
    """Attributes without an answer; told also where the answers have faults."""
    if any("*" in heading for heading in index.file.columns.values()):
        try:
            wide = widened(table, index.file)
            columns = Columns(index.file, index.tree, wide, read_rows(wide, index.file))
        except DataError:  # told already
            return
        yield from flags_without_answers(columns)


def _unused_columns(index: Index, table: pd.DataFrame) -> list[str]:
    """Columns of the wide table, or items of a long one, that the index does not read."""
    try:
        wide = widened(table, index.file)
    except DataError:  # told already
        return []
    if wide.columns.nlevels > 1:
        return []
    file, tree = index.file, index.tree
    read = {*row_headings(file).values(), *file.columns.values(), *headings_read(file, tree)}
    read |= set(questionnaire.item_headings(index).values())  # told together
    stars = [star for star in file.columns.values() if "*" in star]
    read |= {star.replace("*", heading) for star in stars for heading in read}  # attributes of what is read
    return [str(heading) for heading in wide.columns if str(heading) not in read]


def schema(index: AnyIndex) -> DataFrameSchema:
    """The pandera schema of the wide table an index takes, for pipelines of your own.

    It reads every cell as :func:`compute` does, so that ``"1/2"`` is a number and ``unknown`` a kind of nothing,
    and leaves the table as it is. What it refuses, :func:`compute` refuses. It does not see what only
    :func:`compute` and :func:`check` do: methods that are not defined for the data (a constant column under
    ``zscore``), names and periods of the reference population and of nodes' own lines that the data lack,
    misspelt categories in those. Nor is pandera as lenient about headings: they must be text, and a long table
    must be made wide first. Pandera names cells where an indicator reads one column, rows where it reads several.

    Raises
    ------
    SpecError
        The index has a fault.

    Examples
    --------
    >>> import egovindex as ei
    >>> sorted(ei.schema("un-egdi-parts-2024").columns)
    ['hci', 'iso3', 'osi', 'tii', 'year']
    """
    chosen = load_index(index)
    return table_schema(chosen.file, chosen.tree)
