"""Files of comma-separated values, read as text and refused where they can be read in two ways.

What is checked is the frame of the file: its encoding, its separator, its quotes, and that every row has the cells of
the first. All of it is done on the bytes at once, so that a million rows cost little more than their reading.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault, listed
from egovindex.responses.cells import Cells, existing_file, object_table, refuse_headings_that_are_answers

__all__ = ["MAX_BYTES", "first_row", "read_cells"]

MAX_BYTES = 500_000_000
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_QUOTE, _APOSTROPHE, _LF, _CR = 34, 39, 10, 13

Positions = npt.NDArray[np.int64]


def read_cells(path: Path, separator: str | None = None, *, most: int = MAX_BYTES) -> Cells:
    """A file of comma-separated values; its first row names the columns.

    Parameters
    ----------
    path
        UTF-8, or UTF-16 with a byte-order mark.
    separator
        ``","``, ``";"`` or a tab. If left out, the one of them that stands in the first row outside of quotes.
    most
        Bytes that are read at most.

    Raises
    ------
    DataError
        The file is missing, empty, too large or in another encoding; has a NUL; the first row has several separators,
        or names nothing; quotes are not closed or stand inside of text; rows have too few or too many cells.
    """
    existing_file(path, most=most)
    raw = _as_utf8(path.read_bytes(), path.name)
    _refuse_nul(raw, path.name)
    end = _end_of_first_row(raw)
    chosen = separator if separator is not None else _separator(raw[:end], path.name)
    headings = _headings(raw[:end], chosen, path.name)
    if not any(heading.strip() for heading in headings):
        raise DataError(Fault("the first row names no column", file=path.name, line=1, check="no_headings"))
    rows = _rows(raw, chosen, path.name)
    _refuse_ragged(rows, len(headings), path.name)
    kept = np.flatnonzero(~rows.blank)[1:]
    table = _parsed(raw, end, len(kept), chosen, len(headings), path.name)
    if len(table) != len(kept):
        message = f"{len(kept)} rows stand in the file, and {len(table)} could be read; save it again as CSV UTF-8"
        raise DataError(Fault(message, file=path.name, check="not_csv"))
    found = Cells(
        path.name,
        headings,
        table,
        rows=kept + 1,
        lines=rows.lines[kept],
        notes={"separator": SEPARATORS[chosen]},
        apostrophes=rows.signs.reshape(-1, len(headings))[1:],
    )
    refuse_headings_that_are_answers(found)
    return found


def first_row(path: Path) -> tuple[str, ...]:
    """The first row alone, for a look at the file.

    Raises
    ------
    DataError
        As for :func:`read_cells`.
    """
    existing_file(path, most=MAX_BYTES)
    with path.open("rb") as file:
        piece = file.read(1_000_000)
    raw = _as_utf8(piece[: piece.rfind(b"\n") + 1] or piece, path.name)
    _refuse_nul(raw, path.name)
    head = raw[: _end_of_first_row(raw)]
    return _headings(head, _separator(head, path.name), path.name)


# --- encoding
def _as_utf8(raw: bytes, file: str) -> bytes:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            raw = raw.decode("utf-16").encode("utf-8")
        except UnicodeDecodeError as error:
            message = f"byte {error.start} is not UTF-16, as the first two say; save the file as UTF-8"
            raise DataError(Fault(message, file=file, check="not_utf8")) from None
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if not raw[:1000].strip() and not raw.strip():
        raise DataError(Fault("the file is empty", file=file, check="empty_file"))
    return raw


def _not_utf8(raw: bytes, file: str) -> DataError:
    """The error of bytes that are not UTF-8; the reading itself has found that there are some."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as CSV UTF-8"
        return DataError(_at_byte(raw, error.start, message, "not_utf8", file))
    return DataError(Fault("not UTF-8; save the file as CSV UTF-8", file=file, check="not_utf8"))


def _refuse_nul(raw: bytes, file: str) -> None:
    at = raw.find(b"\0")
    if at >= 0:
        message = f"{raw.count(bytes(1))} NUL characters stand in the file; it is no text, or damaged: save it again"
        raise DataError(Fault(message, file=file, line=raw.count(b"\n", 0, at) + 1, check="nul"))


# --- separator and headings
def _separator(head: bytes, file: str) -> str:
    """The one separator of the first row."""
    outside = b"".join(head.split(b'"')[::2])
    found = [separator for separator in SEPARATORS if separator.encode() in outside]
    if len(found) > 1:
        words = " and ".join(SEPARATORS[one] for one in found)
        message = (
            f"the first row has {words} outside of quotes, so the separator is not certain; put the headings in "
            'quotes, or say it in the binding, as in separator: ";"'
        )
        raise DataError(Fault(message, file=file, line=1, check="separator_unclear"))
    return found[0] if found else ","


def _headings(head: bytes, separator: str, file: str) -> tuple[str, ...]:
    try:
        text = head.decode("utf-8").strip("\r\n")
    except UnicodeDecodeError:
        raise _not_utf8(head, file) from None
    limit = csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        return tuple(next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), []))
    finally:
        csv.field_size_limit(limit)


# --- rows
@dataclass(frozen=True)
class _Rows:
    """Of each row the number of cells, its line, and whether it is blank; which cells begin with an apostrophe."""

    cells: Positions
    lines: Positions
    blank: npt.NDArray[np.bool_]
    signs: npt.NDArray[np.bool_]


def _end_of_first_row(raw: bytes) -> int:
    """Place behind the first line end outside of quotes."""
    quotes, begin = 0, 0
    for found in re.finditer(rb"\r\n|\n|\r", raw):
        quotes += raw.count(b'"', begin, found.start())
        begin = found.end()
        if quotes % 2 == 0:
            return begin
    return len(raw)


def _rows(raw: bytes, separator: str, file: str) -> _Rows:
    """The frame of the file: only bytes that can be part of it are looked at."""
    letters = np.frombuffer(raw, dtype=np.uint8)
    at = np.flatnonzero((letters == ord(separator)) | (letters == _LF) | (letters == _QUOTE) | (letters == _CR))
    what = letters[at]
    outside = _outside_of_quotes(letters, at, what, separator, raw, file)
    if outside is not None:
        at, what = at[outside], what[outside]
    if b"\r" in raw:  # of CR and LF together, the LF ends the row
        with_lf = (what[:-1] == _CR) & (what[1:] == _LF) & (at[1:] == at[:-1] + 1)
        kept = np.append(~with_lf, np.ones(min(1, len(what)), dtype=bool))
        at, what = at[kept], what[kept]
    of_ends = np.flatnonzero(what != ord(separator))
    ends = at[of_ends] + 1
    if not len(ends) or ends[-1] != len(raw):  # the last row has no line end
        of_ends, ends = np.append(of_ends, len(what)), np.append(ends, len(raw))
    begins = np.concatenate([[0], ends[:-1]])
    blank, counts = _blank(raw, begins, ends), np.diff(of_ends, prepend=-1)
    first = np.append(0, at + 1)[: of_ends[-1] + 1]
    return _Rows(counts, _lines(raw, letters, begins, ends), blank, _signs(letters, first, counts, blank))


def _signs(
    letters: npt.NDArray[np.uint8], first: Positions, counts: Positions, blank: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Which cells begin with an apostrophe, quoted or not; those of blank rows are left out."""
    last = len(letters) - 1
    first[-1] = min(first[-1], last)  # the last cell may be empty, with nothing behind it
    here = letters[first]
    found: npt.NDArray[np.bool_] = here == _APOSTROPHE
    quoted = np.flatnonzero(here == _QUOTE)
    found[quoted] = letters[np.minimum(first[quoted] + 1, last)] == _APOSTROPHE
    return found[np.repeat(~blank, counts)] if blank.any() else found


def _outside_of_quotes(
    letters: npt.NDArray[np.uint8],
    at: Positions,
    what: npt.NDArray[np.uint8],
    separator: str,
    raw: bytes,
    file: str,
) -> npt.NDArray[np.bool_] | None:
    """Which bytes of the frame stand outside of quotes, and are no quotes; ``None``: all do."""
    if b'"' not in raw:
        return None
    is_quote = what == _QUOTE
    _refuse_stray_quotes(letters, at[is_quote], separator, raw, file)
    inside = np.bitwise_xor.accumulate(is_quote)
    return ~(inside | is_quote)


def _lines(raw: bytes, letters: npt.NDArray[np.uint8], begins: Positions, ends: Positions) -> Positions:
    """The line on which each row begins."""
    if raw.count(b"\n") == len(ends) - (not raw.endswith(b"\n")):
        return np.arange(1, len(ends) + 1)
    return np.searchsorted(np.flatnonzero(letters == _LF), begins) + 1


def _blank(raw: bytes, begins: Positions, ends: Positions) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(ends), dtype=bool)
    for row in np.flatnonzero(ends - begins <= 2):
        found[row] = not raw[begins[row] : ends[row]].strip(b"\r\n")
    return found


def _refuse_stray_quotes(
    letters: npt.NDArray[np.uint8], quotes: Positions, separator: str, raw: bytes, file: str
) -> None:
    """A quote opens at the beginning of a cell and closes at its end; within it stands twice."""
    if len(quotes) % 2:
        message = "a quote that is opened here, or further up, is never closed; a quote within text is written twice"
        raise DataError(_at_byte(raw, int(quotes[-1]), message, "quote_not_closed", file))
    edges = np.zeros(256, dtype=bool)
    edges[[_LF, _CR, _QUOTE, ord(separator)]] = True
    opening, closing = quotes[::2], quotes[1::2]
    before = edges[letters[np.maximum(opening - 1, 0)]] | (opening == 0)
    behind = edges[letters[np.minimum(closing + 1, len(letters) - 1)]] | (closing == len(letters) - 1)
    wrong = np.sort(np.concatenate([opening[~before], closing[~behind]]))
    if len(wrong):
        lines = listed(sorted({raw.count(b"\n", 0, int(at)) + 1 for at in wrong[:50]}))
        message = (
            f"{len(wrong)} quotes stand within text (lines {lines}); put such a cell in quotes, and write the quote in "
            "it twice"
        )
        raise DataError(_at_byte(raw, int(wrong[0]), message, "stray_quote", file))


def _at_byte(raw: bytes, at: int, message: str, check: str, file: str) -> Fault:
    return Fault(message, file=file, line=raw.count(b"\n", 0, at) + 1, check=check)


def _refuse_ragged(rows: _Rows, width: int, file: str) -> None:
    wrong = np.flatnonzero((rows.cells != width) & ~rows.blank)
    if len(wrong):
        told = listed(f"line {rows.lines[at]}: {rows.cells[at]}" for at in wrong[:20])
        message = (
            f"{len(wrong)} rows do not have {width} cells as the first has ({told}); a cell with a separator in it "
            "stands in quotes"
        )
        raise DataError(Fault(message, file=file, line=int(rows.lines[wrong[0]]), check="cells_missing"))


def _parsed(raw: bytes, begin: int, count: int, separator: str, width: int, file: str) -> pd.DataFrame:
    """Rows below the first, by pandas' reader in C; nothing but an empty cell is blank."""
    if not count:
        return object_table([[]] * width)
    stream = io.BytesIO(raw)
    stream.seek(begin)
    try:
        table = pd.read_csv(
            stream, sep=separator, header=None, names=range(width), index_col=False, dtype=object,
            keep_default_na=False, na_filter=False, low_memory=False, encoding="utf-8",
        )  # fmt: skip
    except UnicodeDecodeError:
        raise _not_utf8(raw, file) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(Fault(f"not CSV: {error}", file=file, check="not_csv")) from None
    return object_table([_none_where_empty(table[at].to_numpy(dtype=object)) for at in range(width)])


def _none_where_empty(values: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    empty = values == ""
    if empty.any():
        values = values.copy()
        values[empty] = None
    return values
