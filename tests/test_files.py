"""Tables as text."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

import egovindex as ei
from egovindex.files import csv_text


@pytest.mark.parametrize("text", ["a\rb", "\r", "a\r\nb", "a\nb", 'a "b", c', "x"])
def test_a_cell_stays_one_cell(text, tmp_path):
    """A lone carriage return was written without quotes by Python before 3.13, and ended the row for its readers."""
    table = pd.DataFrame({"unit": [text, "b"], "score": [1.5, None], "note": [None, "7"]})
    rows = list(csv.reader(io.StringIO(csv_text(table), newline="")))
    assert rows == [["unit", "score", "note"], [text, "1.5", ""], ["b", "", "7"]]
    (tmp_path / "a.csv").write_text(csv_text(table), encoding="utf-8", newline="")
    assert ei.read_table(tmp_path / "a.csv")["unit"].tolist() == [text, "b"]
