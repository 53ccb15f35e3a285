"""Tables: CSV, packed CSV, XLSX and Parquet, as data of an index and as what the commands take beside them."""

from __future__ import annotations

import atexit
import gzip
import io
import random
import shutil
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

import egovindex as ei
from egovindex.errors import DataError, Fault
from tests.fuzz.archives import mutated_archive
from tests.fuzz.mutate import mutated
from tests.fuzz.reader import Reader
from tests.fuzz.yamls import small

__all__ = ["READERS", "book", "of_command"]

_DATA = (
    b'unit,period,a,b,c,remark\nAlva,2024,Yes,1.5,3,"x, y"\nBorland,2024,Draft,2,4,\n'
    b'"Cesta ""Major""",2024,No,-1e3,5.5,"two\nlines"\nNA,2024,Ja,0,6,=1+1\n'
)
_LONG = b"unit,item,answer\nAlva,a,Yes\nAlva,b,1\nAlva,c,2\nBorland,a,No\nBorland,b,2\nBorland,c,5\n"
_WIDE = b"unit;a;b;c\nAlva;Yes;1;2\nBorland;No;2;3\n"
_WORDS = (
    "unit",
    "period",
    "item",
    "answer",
    "a",
    "b",
    "c",
    "Yes",
    "Ja",
    "No",
    "draft",
    "Alva",
    "NA",
    "2024",
    "not applicable",
)
_CHANGES = b"unit,column,answer\nAlva,a,Draft\nBorland,b,3\n"
_COSTS = b"item,answer,cost\na,Yes,2\nb,,1.5\nc,,3\n"
_RANKING = b"unit,rank\nAlva,1\nBorland,2\nNA,3\n"
_CODING = (
    b"unit,item,axis,coder,category\nAlva,a,s,first,yes\nAlva,a,s,second,no\nBorland,a,s,first,no\n"
    b"Borland,a,s,second,no\n"
)
_PLAIN = b"unit,a,b,c\nAlva,Yes,1.5,3\nBorland,Draft,2,4\nNA,Ja,0,6\n"


def book(*rows: list[Any], name: str = "answers") -> bytes:
    """A workbook of one sheet."""
    from openpyxl import Workbook

    made = Workbook()
    sheet = made.active
    sheet.title = name
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


# --- readers
def _table(path: Path) -> object:
    table = ei.read_table(path)
    return table, ei.read_table(path, text=("unit",)).dtypes


def _scored(path: Path) -> object:
    """What reads the table, and what tells its faults, agree whether there is one."""
    found = ei.check(small(), path)
    try:
        result = ei.compute(small(), path)
    except ei.EgovindexError:
        if not (found["severity"] == "error").any():
            raise AssertionError("compute tells an error, and check none") from None
        raise
    if (found["severity"] == "error").any():
        raise AssertionError(f"check tells an error, and compute none: {found.to_dict('records')}")
    return result, result.ranking


def _agreement(path: Path) -> object:
    return ei.agreement(ei.read_table(path, text=("unit", "period", "item")))


def of_command(*words: str) -> Callable[[Path], object]:
    """A command that is given the file for ``FILE``, and a small index and table for ``INDEX`` and ``DATA``."""

    def read(path: Path) -> object:
        from typer.testing import CliRunner

        from egovindex.cli.app import app

        index, data = _beside()
        known = {"INDEX": str(index), "DATA": str(data), "FILE": str(path)}
        done = CliRunner().invoke(app, [known.get(word, word) for word in words])
        if done.exit_code not in range(5):
            raise AssertionError(f"exit code {done.exit_code}\n{done.output[-1500:]}")
        if done.exit_code and not done.output.strip():
            raise AssertionError(f"exit code {done.exit_code} without a word")
        if len(done.stderr) > 40_000 + 100 * path.stat().st_size:
            raise AssertionError(f"{len(done.stderr)} characters of faults: {done.stderr[:300]}")
        if done.exit_code:
            raise DataError(Fault("refused", check=f"exit_{done.exit_code}"))
        return done.output

    return read


@cache
def _beside() -> tuple[Path, Path]:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-beside-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    index, data = folder / "small.yaml", folder / "data.csv"
    index.write_text(small().to_yaml(), encoding="utf-8")
    data.write_bytes(_PLAIN)
    return index, data


# --- inputs
def _packed(content: bytes, rng: random.Random, words: tuple[str, ...]) -> bytes:
    """Changed before it is packed, or after."""
    if rng.random() < 0.5:
        return gzip.compress(mutated(gzip.decompress(content), rng, words), mtime=0)
    return mutated(content, rng)


def _of_commands(seed: bytes) -> list[bytes]:
    _beside()  # before the process parts: the one that made them removes them
    return [seed]


@cache
def _books() -> list[bytes]:
    rows = [["unit", "period", "a", "b", "c"], ["Alva", 2024, "Yes", 1.5, 3], ["Borland", 2024, "Draft", 2, 4]]
    dates = [
        ["unit", "a", "b", "c"],
        ["Alva", pd.Timestamp("2024-02-29"), "=1+1", True],
        ["Borland", "#DIV/0!", None, -1e300],
    ]
    return [book(*rows), book(*rows), book(*dates)]


@cache
def _parquets() -> list[bytes]:
    table = pd.read_csv(io.BytesIO(_PLAIN), keep_default_na=False)
    content = io.BytesIO()
    table.to_parquet(content)
    return [content.getvalue()]


_COMMANDS = {
    "changes_file": (("what-if", "--changes", "FILE"), _CHANGES, ("column",)),
    "costs_file": (("levers", "--unit", "NA", "--rank", "2", "--costs", "FILE"), _COSTS, ("cost",)),
    "ranking_file": (("audit", "--ranking", "FILE", "--digits", "1"), _RANKING, ("rank", "3", "-1", "0.5")),
}
_OF_CODERS = ("unit", "item", "axis", "coder", "category", "yes", "no", "first", "unknown")
_OF_SHEETS = (*_WORDS, "s", "v", "r", "t", "A1", "XFD1048576")

READERS = [
    Reader("table_csv", ".csv", _table, lambda: [_DATA, _DATA, _LONG, _WIDE], words=_WORDS, share=2),
    Reader("compute_csv", ".csv", _scored, lambda: [_PLAIN, _PLAIN, _LONG], words=_WORDS, share=2),
    Reader("table_gz", ".csv.gz", _table, lambda: [gzip.compress(_DATA, mtime=0)], _packed, _WORDS, 0.5),
    Reader("table_xlsx", ".xlsx", _table, _books, mutated_archive, _OF_SHEETS, 2),
    Reader("compute_xlsx", ".xlsx", _scored, lambda: _books()[:1], mutated_archive, _WORDS),
    Reader("table_parquet", ".parquet", _table, _parquets),
    Reader("coding_csv", ".csv", _agreement, lambda: [_CODING], words=_OF_CODERS),
    *(
        Reader(
            name, ".csv", of_command(command[0], "INDEX", "DATA", *command[1:], "--json"), partial(_of_commands, seed),
            words=(*_WORDS, *words),
        )
        for name, (command, seed, words) in _COMMANDS.items()
    ),
]  # fmt: skip
