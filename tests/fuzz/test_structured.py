"""Files that have the right form and any content, drawn by Hypothesis and made small where one is no good."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.forms import READERS as FORMS
from tests.fuzz.mutate import POISON
from tests.fuzz.running import outcome_of
from tests.fuzz.tables import READERS as TABLES
from tests.fuzz.tables import book
from tests.fuzz.yamls import READERS as YAMLS

BY_NAME = {reader.name: reader for reader in (*YAMLS, *TABLES, *FORMS)}
WORDS = (
    "unit",
    "period",
    "item",
    "answer",
    "mark",
    "text",
    "kind",
    "id",
    "in",
    "a",
    "b",
    "c",
    "q3",
    "Country",
    "Staff",
    "path",
    "label",
)
text = st.sampled_from(POISON) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(WORDS)
keys = st.sampled_from(BY_NAME["index"].words) | text
trees = st.recursive(
    text, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)
heads = st.sampled_from(("index", "instrument", "weights", "doubt", "binding", "codebook"))
rows = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(text, min_size=width, max_size=width), min_size=1, max_size=5)
)
in_sheets = st.lists(
    st.lists(
        st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
        | st.datetimes() | text.map(lambda word: "".join(c for c in word if c.isprintable())),
        max_size=5,
    ),
    max_size=5,
)  # fmt: skip


def refuses_or_reads(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        outcome = outcome_of(BY_NAME[name], content, Path(folder))
    assert not outcome.is_crash, f"{name}: {outcome.check} {outcome.detail}"


@given(heads, st.dictionaries(keys, trees, max_size=6))
def test_any_map(head: str, tree: dict[str, Any]):
    content = yaml.safe_dump({head: "small", **tree}, sort_keys=False, allow_unicode=True).encode()
    refuses_or_reads(head, content)


@given(
    st.sampled_from(("table_csv", "compute_csv", "tidy_csv", "wide_csv", "index_table", "labels", "changes_file")), rows
)
def test_any_cells(name: str, cells: list[list[str]]):
    file = io.StringIO()
    csv.writer(file).writerows(cells)
    refuses_or_reads(name, file.getvalue().encode())


@given(
    st.sampled_from(("table_xlsx", "compute_xlsx", "tidy_xlsx", "coders_xlsx")),
    st.lists(st.sampled_from(WORDS), max_size=5),
    in_sheets,
)
def test_any_sheet(name: str, headings: list[str], cells: list[list[Any]]):
    refuses_or_reads(name, book(headings, *cells))


@given(st.lists(text | st.sampled_from(("1.", "2. ", "(x)", "[ ]", "?", "Yes", "No", "\f", "")), max_size=40))
def test_any_lines(lines: list[str]):
    refuses_or_reads("forms_print", "\n".join(lines).encode())
